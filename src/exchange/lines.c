/*
 * One signal a line: plain text, the output of md5sum and its brothers, and the
 * local files of threatexchange ("TYPE SIGNAL").  X-Ways writes the kind alone
 * on the first line; any line that is only the name of a kind sets it.
 */
#include "exchange/format.h"

#include <ward/sharing.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes a word and the white space behind it off the front. */
static ward_str take_word(ward_str *rest)
{
	ward_str word = { rest->ptr, 0 };

	while (word.len < rest->len && !is_space(rest->ptr[word.len]))
		word.len++;
	rest->ptr += word.len;
	rest->len -= word.len;
	*rest = ward_str_trim(*rest);
	return word;
}

/* "MD5 (name) = hex", as BSD's tools and --tag write: the name may hold anything. */
static bool is_tagged(ward_str line, ward_str *kind, ward_str *digest)
{
	static const ward_str open = { " (", 2 }, close = { ") = ", 4 };
	ward_str rest = line;

	*kind = take_word(&rest);
	if (rest.len == 0 || rest.ptr[0] != '(' || line.len <= kind->len + open.len)
		return false;
	for (size_t i = rest.len; i >= close.len; i--) {
		ward_str tail = { rest.ptr + i - close.len, close.len };

		if (ward_str_eq(tail, close)) {
			*digest = (ward_str){ rest.ptr + i, rest.len - i };
			return true;
		}
	}
	return false;
}

/* The digest's length says which tool it was; what follows is a name, and no concern of ours. */
static bool read_sum(struct exchange_reader *reader, ward_str line, ward_signal *signal)
{
	ward_signal_kind kind = reader->options.kind;
	ward_str name, digest;

	if (is_tagged(line, &name, &digest))
		return ward_signal_parse(ward_signal_kind_from(name), digest, signal) &&
		       signal->kind != WARD_SIGNAL_NONE;
	/* A name with a line feed or a backslash is escaped, and the line says so in front. */
	if (line.len > 0 && line.ptr[0] == '\\') {
		line.ptr++;
		line.len--;
	}
	digest = take_word(&line);
	if (kind == WARD_SIGNAL_NONE && digest.len == 64)
		kind = WARD_SIGNAL_SHA256;
	return record_signal(reader, kind, digest, signal);
}

/* "[TYPE] SIGNAL [QUALITY] [LABEL...]" */
static bool read_words(struct exchange_reader *reader, ward_str line,
		struct exchange_record *record, ward_signal *signal)
{
	ward_str word = take_word(&line);
	ward_signal_kind kind = ward_signal_kind_from(word);
	ward_str before;

	if (kind != WARD_SIGNAL_NONE)
		word = take_word(&line);
	if (!record_signal(reader, kind ? kind : reader->options.kind, word, signal))
		return false;
	before = line;
	word = take_word(&line);
	if (!record_quality(word, &record->record.quality))
		line = before;
	record_labels(reader, line, WARD_STR(""));
	return true;
}

/* "ed2k://..." or "magnet:?...": all that it names is one record. */
static bool read_link(ward_str line, struct exchange_record *record, bool *good)
{
	ward_signal signals[WARD_SHARING_LINK_MAX];
	size_t count = ward_sharing_link(line, signals);

	*good = count > 0;
	for (size_t i = 0; i < count; i++)
		*good = record_add(record, &signals[i]) && *good;
	return count > 0;
}

static bool is_comment(ward_str line)
{
	return line.len == 0 || line.ptr[0] == '#';
}

static ward_err lines_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	for (;;) {
		ward_str line, trimmed;
		ward_signal signal;
		bool whole;
		ward_err err = input_line(&reader->input, reader->options.record_max, &line, &whole,
				more, error);

		if (err || !*more)
			return err;
		record->line = ++reader->line;
		record->raw = (ward_bytes){ (const uint8_t *)line.ptr, line.len };
		if (!whole) {
			record->bad = "the line is too long";
			return WARD_OK;
		}
		trimmed = ward_str_trim(line);
		if (is_comment(trimmed))
			continue;
		if (ward_signal_kind_from(trimmed) != WARD_SIGNAL_NONE) {
			reader->options.kind = ward_signal_kind_from(trimmed);
			continue;
		}
		bool good;

		ward_str signal_of_video = trimmed;

		if (ward_str_eq_nocase(take_word(&signal_of_video), WARD_STR("vpdq"))) {
			good = record_vpdq(reader, record, signal_of_video);
		} else if (!read_link(trimmed, record, &good)) {
			good = reader->format == EXCHANGE_MD5SUM
					       ? read_sum(reader, trimmed, &signal)
					       : read_words(reader, trimmed, record, &signal);
			if (good)
				(void)record_add(record, &signal);
		}
		record_done(reader, record, good ? NULL : "this is no signal of a known kind");
		return WARD_OK;
	}
}

const struct exchange_reading reading_lines = { .next = lines_next };
