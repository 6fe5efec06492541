/*
 * Jobs with a picture like this one.  What is sent is hashed by the scan thread's worker and gone
 * with the request.
 */
#include "api/desk_json.h"
#include "api/door.h"
#include "api/handlers.h"
#include "api/scanning.h"
#include "desk/looking.h"

enum { NEAR_TOLD = 50 };

struct search {
	ward_pdq pdq;
	int64_t quality; /* negative: it was a hash that was sent */
};

/* ---- what is searched for ---- */

static bool read_hash(struct request *request, struct search *search)
{
	struct json_t *body = door_object(request);
	ward_str text = WARD_STR("");
	bool fine = body && door_text(request, body, "pdq", &text);

	if (fine && !ward_pdq_parse(text, &search->pdq)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"pdq\" is 64 hexadecimal digits; or send a picture as the part "
				"\"file\" of a form.");
		fine = false;
	}
	search->quality = -1;
	tree_free(body);
	return fine;
}

static bool find_hash(struct request *request, const struct ward_report *report,
		struct search *search)
{
	const struct ward_item *item = report->item_count > 0 ? &report->items[0] : NULL;

	if (!item || item->frame_count == 0) {
		request_trouble(request, PROBLEM_NO_VIEW,
				"This is no picture that could be read, so nothing is like it.");
		return false;
	}
	search->pdq = item->frames[0].pdq.hash;
	search->quality = item->frames[0].pdq.quality;
	return true;
}

static bool read_picture(struct request *request, struct search *search)
{
	const struct ward_report *report;
	struct ward_scan_options options;
	struct ward_error error;

	if (!scanning_has_files(request) || !scanning_options(request, &options))
		return false;
	options.hash_only = true;
	options.archives = false;
	options.size = WARD_DECODE_FULL;
	if (scanning_file(request, &request->parts[0], NULL, &options, &report, &error) == WARD_OK)
		return find_hash(request, report, search);
	request_failure(request, &error);
	return false;
}

/* ---- what was found ---- */

struct found {
	int64_t distance;
	ward_str item;
	struct desk_job job;
};

static void write_found(struct request *request, const struct search *search,
		const struct found *found, size_t count)
{
	ward_signal pdq = ward_pdq_signal(search->pdq);
	char text[65];
	struct json json = request_json(request);

	ward_hex_format(pdq.bytes, 32, text);
	json_object(&json);
	json_key_text(&json, "pdq", text);
	json_key(&json, "quality");
	if (search->quality >= 0)
		json_int(&json, search->quality);
	else
		json_null(&json);
	json_key(&json, "jobs");
	json_array(&json);
	for (size_t i = 0; i < count; i++) {
		json_object(&json);
		json_key_int(&json, "distance", found[i].distance);
		json_key_str(&json, "item", found[i].item);
		json_key(&json, "job");
		json_object(&json);
		desk_json_job(&json, &found[i].job);
		json_object_end(&json);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
}

static void answer(struct request *request, const struct search *search)
{
	ward_str person = door_actor(request).person;
	struct desk_near_list near = { .count = 0 };
	struct found *found = NULL;
	struct door_look look;
	size_t count = 0;

	if (!door_look(request, &look))
		return;
	ward_err err = desk_near(look.tx, search->pdq, person, NEAR_TOLD, &look.arena, &near,
			&look.error);

	if (!err)
		found = ward_new(&look.arena, struct found, near.count + 1);
	if (!err && !found)
		err = ward_fail(&look.error, WARD_E_NOMEM, "the jobs do not fit");
	for (; !err && count < near.count; count++) {
		found[count].distance = near.at[count].distance;
		found[count].item = near.at[count].item;
		err = desk_job_get(look.tx, near.at[count].job, person, &look.arena,
				&found[count].job, &look.error);
	}
	if (!err)
		write_found(request, search, found, count);
	door_look_end(request, &look, err);
}

void handle_near(struct request *request)
{
	struct search search;

	if (request->multipart ? read_picture(request, &search) : read_hash(request, &search))
		answer(request, &search);
}
