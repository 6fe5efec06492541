#include "bank/opinions.h"

#include <jansson.h>

static ward_str text_of(const json_t *root, const char *key)
{
	const json_t *value = json_object_get(root, key);

	return (ward_str){ json_string_value(value), json_string_length(value) };
}

/* True when the text is there and fits, with its NUL. */
static bool copy_text(const json_t *root, const char *key, char *out, size_t room)
{
	ward_str text = text_of(root, key);

	if (!text.ptr || text.len >= room)
		return false;
	memcpy(out, text.ptr, text.len);
	memset(out + text.len, 0, room - text.len);
	return true;
}

static bool read_opinion(const json_t *root, struct ward_opinion *opinion)
{
	ward_str kind = text_of(root, "opinion");
	ward_signal_kind signal_kind = WARD_SIGNAL_NONE;
	const json_t *when = json_object_get(root, "when");

	if (text_of(root, "kind").ptr)
		signal_kind = ward_signal_kind_from(text_of(root, "kind"));
	if (!kind.ptr || signal_kind == WARD_SIGNAL_NONE || !json_is_integer(when))
		return false;
	if (ward_str_eq(kind, WARD_STR("affirm")))
		opinion->kind = WARD_OPINION_AFFIRM;
	else if (ward_str_eq(kind, WARD_STR("dispute")))
		opinion->kind = WARD_OPINION_DISPUTE;
	else
		return false;
	opinion->when = json_integer_value(when);
	return text_of(root, "signal").ptr &&
	       ward_signal_parse(signal_kind, text_of(root, "signal"), &opinion->signal) &&
	       copy_text(root, "who", opinion->who, sizeof(opinion->who)) &&
	       copy_text(root, "reason", opinion->reason, sizeof(opinion->reason)) &&
	       !opinion_check(opinion, NULL);
}

ward_err opinion_parse(ward_str line, struct ward_opinion *opinion, struct ward_error *error)
{
	struct ward_opinion read = { 0 };
	json_t *root = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	bool ok = root && read_opinion(root, &read);

	json_decref(root);
	if (!ok)
		return ward_fail(error, WARD_E_CORRUPT, "this is not an opinion");
	*opinion = read;
	return WARD_OK;
}
