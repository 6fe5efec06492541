/* Whom a report can be for, and of what: what a form offers. */
#include "api/filings.h"
#include "api/handlers.h"
#include "filing/authority.h"

static bool write_authority(void *context, const struct filing_authority *authority)
{
	struct json *json = context;

	json_object(json);
	json_key_str(json, "id", authority->id);
	json_key_str(json, "name", authority->authority);
	json_key_str(json, "delivery", authority->delivery);
	json_object_end(json);
	return true;
}

static void write_ncmec(struct json *json)
{
	json_object(json);
	json_key_text(json, "id", "ncmec");
	json_key_text(json, "name", "NCMEC");
	json_key_text(json, "delivery", NULL);
	json_object_end(json);
}

void handle_authorities(struct request *request)
{
	struct json json = request_json(request);

	json_object(&json);
	json_key(&json, "authorities");
	json_array(&json);
	write_ncmec(&json);
	filing_authority_each(workspace_folder(request->snapshot->workspace), write_authority,
			&json);
	json_array_end(&json);
	json_key(&json, "incidents");
	json_array(&json);
	for (const char *const *word = filing_incidents(); *word; word++)
		json_str(&json, ward_str_from(*word));
	json_array_end(&json);
	json_object_end(&json);
}
