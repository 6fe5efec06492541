/*
 * An object a line: ward's own export.
 *
 *   {"entry":"host.example/page","category":"games","class":"local:a","reason":"…",
 *    "ref":"…","expires":"2026-04-01T00:00:00Z","original":"…","op":"add"}
 *   {"salt":"00ff…"}      of the hashes that follow
 *
 * "url", "host" and "domain" stand for "entry" as well.
 */
#include "exchange/site_format.h"

#include <jansson.h>

#include "base/clock.h"

/* The text is put into the reader's own, since the tree goes: a place in it until all are there. */
static size_t keep(struct exchange_site_reader *reader, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_string(value))
		return 0;
	ward_buf_add(&reader->text, json_string_value(value), json_string_length(value));
	return json_string_length(value);
}

static ward_str take(const char **at, size_t len)
{
	ward_str text = { *at, len };

	*at += len;
	return text;
}

static bool read_end(const json_t *object, int64_t *when)
{
	const json_t *value = json_object_get(object, "expires");

	*when = 0;
	if (json_is_integer(value)) {
		*when = json_integer_value(value);
		return *when >= 0;
	}
	if (!json_is_string(value))
		return !value || json_is_null(value);
	return json_string_length(value) == 0 ||
	       clock_parse((ward_str){ json_string_value(value), json_string_length(value) }, when);
}

static enum exchange_site_op op_of(const json_t *object)
{
	ward_str op = ward_str_from(json_string_value(json_object_get(object, "op")));

	if (ward_str_eq(op, WARD_STR("remove")) || ward_str_eq(op, WARD_STR("retract")))
		return EXCHANGE_SITE_REMOVE;
	return ward_str_eq(op, WARD_STR("except")) ? EXCHANGE_SITE_EXCEPT : EXCHANGE_SITE_ADD;
}

static const struct {
	const char *name;
	ward_site_bare bare;
} places[] = {
	{ "entry", WARD_SITE_BARE_DOMAIN },
	{ "url", WARD_SITE_BARE_PAGE },
	{ "host", WARD_SITE_BARE_HOST },
	{ "domain", WARD_SITE_BARE_DOMAIN },
};

static bool take_object(struct exchange_site_reader *reader, const json_t *object,
		struct exchange_site_record *record)
{
	static const char *const words[] = { "category", "class", "reason", "ref", "original" };
	ward_str *const to[] = { &record->entry.category, &record->entry.class_code,
		&record->entry.reason, &record->entry.ref, &record->entry.original };
	size_t lens[5], place = 0, which = 0;

	while (which < 4 && place == 0)
		place = keep(reader, object, places[which++].name);
	if (place == 0)
		return exchange_site_record_bad(record, "the object names no place");
	for (size_t i = 0; i < 5; i++)
		lens[i] = keep(reader, object, words[i]);
	const char *at = ward_buf_text(&reader->text).ptr;
	ward_str text = take(&at, place);

	for (size_t i = 0; i < 5; i++)
		*to[i] = take(&at, lens[i]);
	record->op = op_of(object);
	if (!read_end(object, &record->entry.expires))
		return exchange_site_record_bad(record, "its end is no date");
	ward_str original = record->entry.original;
	bool came = exchange_site_record_entry(reader, text,
			which == 1 || places[which - 1].bare == WARD_SITE_BARE_DOMAIN
					? exchange_site_record_bare(reader, WARD_SITE_BARE_DOMAIN)
					: places[which - 1].bare,
			record);

	if (original.len > 0)
		record->entry.original = original;
	return came;
}

static bool take_salt(struct exchange_site_reader *reader, const json_t *value,
		struct exchange_site_record *record)
{
	ward_str hex = ward_str_from(json_string_value(value));

	if (hex.len > 2 * sizeof(reader->salt) || hex.len % 2 != 0 ||
			!ward_hex_parse(hex, reader->salt, hex.len / 2))
		return exchange_site_record_bad(record, "a salt is up to 64 hex digits");
	reader->salt_len = hex.len / 2;
	return false;
}

static bool next_object(struct exchange_site_reader *reader, ward_str line,
		struct exchange_site_record *record)
{
	ward_str text = ward_str_trim(line);
	json_error_t why;
	json_t *object;
	const json_t *salt;
	bool came;

	if (text.len == 0 || text.ptr[0] == '#')
		return false;
	object = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(object)) {
		json_decref(object);
		return exchange_site_record_bad(record, "the line is no JSON object");
	}
	salt = json_object_get(object, "salt");
	came = salt ? take_salt(reader, salt, record) : take_object(reader, object, record);
	json_decref(object);
	return came;
}

const struct exchange_site_reading exchange_site_reading_jsonl = { .line = next_object };
