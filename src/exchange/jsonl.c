/*
 * One JSON object a line: ward's own export, and what "ward hash --json" writes.
 *
 *   {"number":0,"signals":[{"kind":"pdq","value":"…"}],"quality":90,"labels":["a:b"],"ref":"…"}
 *   {"path":"…","md5":"…","sha1":"…","sha256":"…","pdq":"…","quality":90,"pdq512":"…",…}
 *
 * A video's frames are "vpdq":["hash,quality,seconds",…], its TMK feature "tmk":"base64 of the
 * file". A signal under the name of its kind counts as well ("photodna":"…"), and so do the words
 * that "ward list show --json" and other tools use: "type", "signal", "hash", "indicator", "tags",
 * "id".  A path is not kept: it is the business of who hashed the file.
 */
#include "exchange/format.h"

#include <jansson.h>

static ward_str string_of(const json_t *value)
{
	return json_is_string(value)
			       ? (ward_str){ json_string_value(value), json_string_length(value) }
			       : WARD_STR("");
}

/* The text under the first of the names that has one. */
static ward_str find_string(const json_t *object, const char *const *names)
{
	ward_str found = WARD_STR("");

	for (; *names && found.len == 0; names++)
		found = string_of(json_object_get(object, *names));
	return found;
}

static const char *const kind_names[] = { "kind", "type", "signal_type", "hash_type", "algorithm",
	NULL };
static const char *const signal_names[] = { "value", "signal", "hash", "indicator", "signal_str",
	NULL };

static const char *add_signal(struct exchange_reader *reader, struct exchange_record *record,
		ward_signal_kind kind, ward_str text)
{
	ward_signal signal;

	if (!record_signal(reader, kind, text, &signal))
		return "a signal is not of its kind";
	return record_add(record, &signal) ? NULL : "the record has too many signals";
}

/* "kind" and "value", or what others call them. */
static const char *read_signal(struct exchange_reader *reader, struct exchange_record *record,
		const json_t *object)
{
	ward_str name = find_string(object, kind_names);
	ward_signal_kind kind = ward_signal_kind_from(name);

	if (name.len > 0 && kind == WARD_SIGNAL_NONE)
		return "this kind of signal is not known";
	return add_signal(reader, record, kind, find_string(object, signal_names));
}

static const char *read_signals(struct exchange_reader *reader, struct exchange_record *record,
		const json_t *signals)
{
	const char *why = NULL;
	const json_t *one;
	size_t i;

	json_array_foreach(signals, i, one)
	{
		const char *wrong = read_signal(reader, record, one);

		why = why ? why : wrong;
	}
	return why;
}

static void read_labels(struct exchange_reader *reader, const json_t *labels)
{
	const json_t *one;
	size_t i;

	record_labels(reader, string_of(labels), WARD_STR(""));
	json_array_foreach(labels, i, one) record_labels(reader, string_of(one), WARD_STR(""));
}

static const char *read_quality(struct exchange_record *record, const json_t *quality)
{
	if (!quality || json_is_null(quality))
		return NULL;
	if (!json_is_integer(quality) || json_integer_value(quality) < 0 ||
			json_integer_value(quality) > 100)
		return "the quality is not 0 to 100";
	record->record.quality = (uint8_t)json_integer_value(quality);
	return NULL;
}

/* "ref" may be a number in other people's files. */
static void read_ref(struct exchange_reader *reader, struct exchange_record *record,
		const json_t *ref)
{
	ward_buf_clear(&reader->text);
	if (json_is_integer(ref))
		ward_buf_printf(&reader->text, "%" JSON_INTEGER_FORMAT, json_integer_value(ref));
	else
		ward_buf_str(&reader->text, string_of(ref));
	record->record.ref = ward_buf_text(&reader->text);
}

/* "vpdq": the array of strings, or text that holds it; "tmk": the file in base64. */
static const char *read_video(struct exchange_reader *reader, struct exchange_record *record,
		const json_t *object)
{
	const json_t *vpdq = json_object_get(object, "vpdq");
	ward_str tmk = string_of(json_object_get(object, "tmk"));
	bool good = true;

	if (json_is_array(vpdq)) {
		char *text = json_dumps(vpdq, JSON_COMPACT);

		good = text && record_vpdq(reader, record, ward_str_from(text));
		free(text);
	} else if (json_is_string(vpdq)) {
		good = record_vpdq(reader, record, string_of(vpdq));
	}
	if (!good)
		return "its vpdq is no array of \"hash,quality,seconds\"";
	if (tmk.len > 0 && !record_tmk(reader, record, tmk))
		return "its tmk is no TMK file in base64";
	return NULL;
}

static const char *read_object(struct exchange_reader *reader, struct exchange_record *record,
		json_t *object)
{
	const char *why = read_signals(reader, record, json_object_get(object, "signals"));
	const char *of_video = read_video(reader, record, object);
	const json_t *value;
	const char *name;

	why = why ? why : of_video;

	json_object_foreach(object, name, value)
	{
		ward_str key = ward_str_from(name);
		/* The same picture scaled to 512 x 512 first: another PDQ hash of it. */
		ward_signal_kind kind = ward_str_eq(key, WARD_STR("pdq512"))
							? WARD_SIGNAL_PDQ
							: ward_signal_kind_from(key);
		const char *wrong = NULL;

		if (kind != WARD_SIGNAL_NONE && json_is_string(value))
			wrong = add_signal(reader, record, kind, string_of(value));
		why = why ? why : wrong;
	}
	if (find_string(object, signal_names).len > 0) {
		const char *wrong = read_signal(reader, record, object);

		why = why ? why : wrong;
	}
	const char *wrong = read_quality(record, json_object_get(object, "quality"));

	read_labels(reader, json_object_get(object, "labels"));
	read_labels(reader, json_object_get(object, "tags"));
	read_ref(reader, record,
			json_object_get(object, json_object_get(object, "ref") ? "ref" : "id"));
	return why ? why : wrong;
}

static ward_err jsonl_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	ward_str line;
	bool whole;

	do {
		ward_err err = input_line(&reader->input, reader->options.record_max, &line, &whole,
				more, error);

		if (err || !*more)
			return err;
		record->line = ++reader->line;
	} while (whole && ward_str_trim(line).len == 0);
	record->raw = (ward_bytes){ (const uint8_t *)line.ptr, line.len };
	if (!whole) {
		record->bad = "the line is too long";
		return WARD_OK;
	}
	json_t *object = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(object))
		record_done(reader, record, read_object(reader, record, object));
	else
		record->bad = "the line is no JSON object";
	json_decref(object);
	return WARD_OK;
}

const struct exchange_reading reading_jsonl = { .next = jsonl_next };
