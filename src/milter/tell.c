#include "milter/tell.h"

#include <stdio.h>
#include <string.h>

#include <ward/hash.h>

#include "base/json.h"

/* "<keeper@lighthouse.example>" without its brackets; what is no visible ASCII is left out. */
static void take_address(char *to, size_t room, const char *from)
{
	size_t len = 0;

	for (; *from != '\0' && len + 1 < room; from++) {
		if (*from > ' ' && *from < 0x7f && *from != '<' && *from != '>')
			to[len++] = *from;
	}
	to[len] = '\0';
}

void milter_envelope_begin(struct milter_envelope *envelope, const char *sender)
{
	*envelope = (struct milter_envelope){ .count = 0 };
	take_address(envelope->sender, sizeof(envelope->sender), sender);
}

void milter_envelope_add(struct milter_envelope *envelope, const char *recipient)
{
	ward_bytes piece = { (const uint8_t *)recipient, strlen(recipient) };
	uint8_t digest[32];

	ward_sha256(&piece, 1, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		envelope->recipients[i] ^= digest[i];
	envelope->count++;
}

void milter_key(const struct milter_envelope *envelope, char key[MILTER_KEY_MAX])
{
	ward_bytes pieces[] = {
		{ envelope->body, sizeof(envelope->body) },
		{ envelope->recipients, sizeof(envelope->recipients) },
		{ (const uint8_t *)envelope->sender, strlen(envelope->sender) },
	};
	uint8_t digest[32];
	char hex[65];

	ward_sha256(pieces, sizeof(pieces) / sizeof(*pieces), digest);
	ward_hex_format(digest, sizeof(digest), hex);
	snprintf(key, MILTER_KEY_MAX, "milter-%s", hex);
}

static void write_item(struct json *json, const char *kind, ward_str text)
{
	json_object(json);
	json_key_text(json, "kind", kind);
	json_key_str(json, "text", text);
	json_object_end(json);
}

static void write_what(struct json *json, const struct milter_envelope *envelope,
		enum milter_action action)
{
	char words[200];

	snprintf(words, sizeof(words),
			"A mail with a listed file. Action: %s. Id: %s. Recipients: %u.",
			milter_action_name(action), envelope->id[0] != '\0' ? envelope->id : "none",
			(unsigned)envelope->count);
	write_item(json, "text", ward_str_from(words));
}

static void write_report(struct ward_buf *out, const struct milter_envelope *envelope,
		struct milter_outcome *outcome, enum milter_action action)
{
	struct json json = json_to(out);

	json_object(&json);
	json_key_text(&json, "reporter", "automatic");
	json_key(&json, "items");
	json_array(&json);
	write_what(&json, envelope, action);
	if (envelope->sender[0] != '\0') {
		char account[sizeof(envelope->sender) + 5];

		snprintf(account, sizeof(account), "mail/%s", envelope->sender);
		write_item(&json, "account", ward_str_from(account));
	}
	json_array_end(&json);
	if (!outcome->context.failed) {
		json_key(&json, "context");
		json_raw(&json, ward_buf_text(&outcome->context));
	}
	json_object_end(&json);
}

ward_err milter_tell(struct agent_spool *spool, const struct milter_envelope *envelope,
		struct milter_outcome *outcome, enum milter_action action, struct ward_error *error)
{
	char key[MILTER_KEY_MAX];
	struct ward_buf body;

	milter_key(envelope, key);
	ward_buf_init(&body, AGENT_SPOOL_BODY_MAX);
	write_report(&body, envelope, outcome, action);
	ward_err err = body.failed ? ward_fail(error, WARD_E_NOMEM, "no memory for a report")
				   : agent_spool_add(spool, ward_str_from(key),
						     ward_buf_text(&body), error);

	ward_buf_free(&body);
	return err;
}
