#include "milter/tell.h"

#include <stdio.h>
#include <string.h>

#include <ward/hash.h>

#include "base/json.h"

/*
 * "<keeper@lighthouse.example>" without its brackets.  One with other signs than visible ASCII, or
 * too long, would be somebody else's if it were changed: it is not told.
 */
static void take_address(char *to, size_t room, const char *from)
{
	size_t len = 0;

	for (; *from != '\0'; from++) {
		if (*from == '<' || *from == '>')
			continue;
		if (*from <= ' ' || *from >= 0x7f || len + 1 >= room) {
			len = 0;
			break;
		}
		to[len++] = *from;
	}
	to[len] = '\0';
}

/* Added up, as one number: what comes twice does not go away. */
static void take_digest(struct milter_envelope *envelope, const char *what, const char *text)
{
	ward_bytes pieces[] = { { (const uint8_t *)what, strlen(what) + 1 },
		{ (const uint8_t *)text, strlen(text) } };
	unsigned carried = 0;
	uint8_t digest[32];

	ward_sha256(pieces, 2, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		carried += envelope->others[i] + digest[i];
		envelope->others[i] = (uint8_t)carried;
		carried >>= 8;
	}
}

void milter_envelope_begin(struct milter_envelope *envelope, const char *sender)
{
	*envelope = (struct milter_envelope){ .count = 0 };
	take_address(envelope->sender, sizeof(envelope->sender), sender);
	take_digest(envelope, "from", sender);
}

void milter_envelope_add(struct milter_envelope *envelope, const char *recipient)
{
	take_digest(envelope, "to", recipient);
	envelope->count++;
}

void milter_envelope_field(struct milter_envelope *envelope, const char *name, const char *value)
{
	ward_str field = ward_str_from(name);

	if (ward_str_eq_nocase(field, WARD_STR("message-id")))
		take_digest(envelope, "message-id", value);
	else if (ward_str_eq_nocase(field, WARD_STR("date")))
		take_digest(envelope, "date", value);
}

void milter_key(const struct milter_envelope *envelope, ward_str told, char key[MILTER_KEY_MAX])
{
	ward_bytes pieces[] = {
		{ envelope->body, sizeof(envelope->body) },
		{ envelope->others, sizeof(envelope->others) },
		{ (const uint8_t *)told.ptr, told.len },
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
	/* The id of a mail that was not taken is nothing to look for, and another the next time. */
	bool kept = action == MILTER_HOLD || action == MILTER_PASS;
	const char *id = kept && envelope->id[0] != '\0' ? envelope->id : "none";
	char words[200];

	snprintf(words, sizeof(words),
			"A mail with a listed file. Action: %s. Id: %s. Recipients: %u.",
			milter_action_name(action), id, (unsigned)envelope->count);
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

	ward_buf_init(&body, AGENT_SPOOL_BODY_MAX);
	write_report(&body, envelope, outcome, action);
	milter_key(envelope, ward_buf_text(&body), key);
	ward_err err = body.failed ? ward_fail(error, WARD_E_NOMEM, "no memory for a report")
				   : agent_spool_add(spool, ward_str_from(key),
						     ward_buf_text(&body), error);

	ward_buf_free(&body);
	return err;
}
