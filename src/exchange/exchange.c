#include "exchange/format.h"

#include <errno.h>
#include <unistd.h>

/* In the order of enum exchange_format. */
static const struct {
	const char *name;
	const struct exchange_reading *reading; /* NULL: another is used, or none */
} formats[EXCHANGE_FORMAT_COUNT] = {
	[EXCHANGE_AUTO] = { "auto", NULL },
	[EXCHANGE_TEXT] = { "text", &reading_lines },
	[EXCHANGE_CSV] = { "csv", &reading_table },
	[EXCHANGE_TSV] = { "tsv", &reading_table },
	[EXCHANGE_JSONL] = { "jsonl", &reading_jsonl },
	[EXCHANGE_THREATEXCHANGE] = { "threatexchange", &reading_lines },
	[EXCHANGE_VICS] = { "vics", &reading_vics },
	[EXCHANGE_NCMEC] = { "ncmec", &reading_ncmec },
	[EXCHANGE_NSRL] = { "nsrl", &reading_table },
	[EXCHANGE_HASHKEEPER] = { "hashkeeper", &reading_table },
	[EXCHANGE_MD5SUM] = { "md5sum", &reading_lines },
	[EXCHANGE_VPDQ] = { "vpdq", &reading_vpdq },
	[EXCHANGE_TMK] = { "tmk", &reading_tmk },
};

const char *exchange_format_name(enum exchange_format format)
{
	return (unsigned)format < EXCHANGE_FORMAT_COUNT ? formats[format].name : "?";
}

enum exchange_format exchange_format_from(ward_str name)
{
	for (int i = 0; i < EXCHANGE_FORMAT_COUNT; i++) {
		if (ward_str_eq_nocase(name, ward_str_from(formats[i].name)))
			return (enum exchange_format)i;
	}
	return EXCHANGE_FORMAT_COUNT;
}

/* ---- which format it is ---- */

static bool contains(ward_str text, ward_str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++) {
		if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
			return true;
	}
	return false;
}

/* The first line that is neither empty nor a comment. */
static ward_str first_line(ward_str text)
{
	while (text.len > 0) {
		ward_str line = ward_str_trim(ward_str_cut(&text, '\n'));

		if (line.len > 0 && line.ptr[0] != '#')
			return line;
	}
	return WARD_STR("");
}

/* An object a line, or one document of many lines. */
static enum exchange_format tell_json(ward_str text)
{
	ward_str line = first_line(text);

	if (contains(text, WARD_STR("\"MediaID\"")) || contains(text, WARD_STR("\"value\":[")) ||
			contains(text, WARD_STR("\"value\": [")) ||
			contains(text, WARD_STR("\"Cases\"")) ||
			contains(text, WARD_STR("\"Media\"")) ||
			contains(text, WARD_STR("odata.")) || line.ptr[0] == '[')
		return EXCHANGE_VICS;
	return line.ptr[line.len - 1] == '}' || line.len > 4096 ? EXCHANGE_JSONL : EXCHANGE_VICS;
}

static bool is_number(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
	}
	return text.len > 0;
}

/* threatexchange's state has no header: signal, descriptor's id, ISO time or seconds, tags. */
static bool is_state_row(ward_str line)
{
	ward_str signal = ward_str_cut(&line, ','), id = ward_str_cut(&line, ',');
	ward_str when = ward_str_cut(&line, ',');
	ward_signal parsed;

	return (ward_signal_parse(WARD_SIGNAL_NONE, signal, &parsed) ||
			       ward_signal_parse(WARD_SIGNAL_PDQ, signal, &parsed)) &&
	       is_number(id) && id.len > 3 && when.len >= 10 &&
	       is_number((ward_str){ when.ptr, 4 }) && !memchr(line.ptr, ',', line.len);
}

static enum exchange_format tell_table(ward_str line)
{
	if (contains(line, WARD_STR("OpSystemCode")) || contains(line, WARD_STR("CRC32")) ||
			contains(line, WARD_STR("crc32")))
		return EXCHANGE_NSRL;
	if (contains(line, WARD_STR("hashset_id")))
		return EXCHANGE_HASHKEEPER;
	if (contains(line, WARD_STR("first_descriptor_id")) ||
			contains(line, WARD_STR("signal_str")) ||
			contains(line, WARD_STR("indicator,type,status")) || is_state_row(line))
		return EXCHANGE_THREATEXCHANGE;
	return EXCHANGE_CSV;
}

/* HEX, then two spaces or a space and "*", then a name; or "NAME (…) = HEX". */
static bool is_sum(ward_str line)
{
	size_t digits = 0;
	ward_signal signal;

	if (contains(line, WARD_STR(") = ")))
		return true;
	if (line.len > 0 && line.ptr[0] == '\\') {
		line.ptr++;
		line.len--;
	}
	while (digits < line.len && line.ptr[digits] != ' ')
		digits++;
	return line.len > digits + 2 &&
	       (line.ptr[digits + 1] == ' ' || line.ptr[digits + 1] == '*') &&
	       (digits == 64 || ward_signal_parse(WARD_SIGNAL_NONE, (ward_str){ line.ptr, digits },
						&signal));
}

/* "HASH;…" without a header. */
static bool is_with_semicolons(ward_str line)
{
	ward_str cell = ward_str_cut(&line, ';');
	ward_signal signal;

	return line.len > 0 && (ward_signal_parse(WARD_SIGNAL_NONE, cell, &signal) ||
					       ward_signal_parse(WARD_SIGNAL_PDQ, cell, &signal));
}

static enum exchange_format tell_format(ward_str text)
{
	ward_str line = first_line(text);

	if (line.len == 0)
		return EXCHANGE_TEXT;
	if (video_is_tmk(text))
		return EXCHANGE_TMK;
	if (video_is_vpdq(line))
		return EXCHANGE_VPDQ;
	if (line.ptr[0] == '{' || line.ptr[0] == '[')
		return tell_json(text);
	if (line.ptr[0] == '<')
		return EXCHANGE_NCMEC;
	if (video_is_line(line))
		return EXCHANGE_THREATEXCHANGE;
	if (is_sum(line))
		return EXCHANGE_MD5SUM;
	if (memchr(line.ptr, '\t', line.len))
		return EXCHANGE_TSV;
	if (memchr(line.ptr, ',', line.len) || line.ptr[0] == '"' || table_is_header(line, ',') ||
			table_is_header(line, ';') || is_with_semicolons(line))
		return tell_table(line);
	return EXCHANGE_TEXT;
}

/* ---- readers ---- */

static const struct exchange_reading *reading_of(const struct exchange_reader *reader)
{
	return formats[reader->format].reading;
}

/* threatexchange has two kinds of files: its state is a table. */
static bool is_state_file(ward_str text)
{
	ward_str line = first_line(text);

	return line.len > 0 && memchr(line.ptr, ',', line.len) && !video_is_line(line);
}

/*
 * What holds a list, and is none: the way to the list in it is said, for read
 * as text it would be thousands of bad records.
 */
static const struct wrapping {
	ward_str magic;
	const char *says;
} wrappings[] = {
	{ { "\x1f\x8b", 2 }, "it is compressed: import what zcat makes of it" },
	{ { "BZh", 3 }, "it is compressed: import what bzcat makes of it" },
	{ { "\xfd"
	    "7zXZ",
			  5 },
			"it is compressed: import what xzcat makes of it" },
	{ { "\x28\xb5\x2f\xfd", 4 }, "it is compressed: import what zstdcat makes of it" },
	{ { "PK\3\4", 4 }, "it is an archive: import what \"unzip -p\" makes of it" },
	{ { "7z\xbc\xaf", 4 }, "it is an archive: import what \"7zr x -so\" makes of it" },
	/* NSRL's RDS 3: one table or view of it has the digests. */
	{ { "SQLite format 3", 15 },
			"it is a database: import what sqlite3 -csv -header FILE \"SELECT sha256, "
			"sha1, md5 FROM FILE\" makes of it" },
	{ { "HASH\r\n", 6 }, "it is a hash set of EnCase; export it as text there" },
};

static ward_err check_plain(ward_str text, struct ward_error *error)
{
	for (size_t i = 0; i < sizeof(wrappings) / sizeof(*wrappings); i++) {
		if (ward_str_starts(text, wrappings[i].magic))
			return ward_fail(error, WARD_E_UNSUPPORTED, "%s", wrappings[i].says);
	}
	return WARD_OK;
}

#define DETECT_BYTES 65536

static ward_err settle(struct exchange_reader *reader, const struct exchange_reading **reading,
		struct ward_error *error)
{
	ward_bytes seen;
	ward_err err = input_see(&reader->input, DETECT_BYTES, &seen, error);

	if (err)
		return err;
	ward_str text = { (const char *)seen.ptr, seen.len };

	err = check_plain(text, error);
	if (err)
		return err;
	if (reader->format == EXCHANGE_AUTO)
		reader->format = tell_format(text);
	*reading = reader->format == EXCHANGE_THREATEXCHANGE && is_state_file(text)
				   ? &reading_table
				   : reading_of(reader);
	return WARD_OK;
}

ward_err exchange_reader_from(exchange_source *source, void *context,
		const struct exchange_read_options *options, struct exchange_reader **reader,
		struct ward_error *error)
{
	struct exchange_reader *made = calloc(1, sizeof(*made));
	ward_err err;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->options = *options;
	if (made->options.record_max < 4096)
		made->options.record_max = made->options.record_max ? 4096 : RECORD_MAX_DEFAULT;
	made->format = options->format;
	ward_buf_init(&made->labels, made->options.record_max);
	ward_buf_init(&made->text, made->options.record_max);
	err = input_init(&made->input, source, context, made->options.record_max, error);
	if (!err)
		err = settle(made, &made->reading, error);
	if (!err && made->reading->begin)
		err = made->reading->begin(made, error);
	if (err) {
		exchange_reader_free(made);
		return err;
	}
	*reader = made;
	return WARD_OK;
}

/* A descriptor is carried in the pointer: a reader has no other use for a context then. */
static ward_err read_descriptor(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error)
{
	int fd = (int)(intptr_t)context;
	ssize_t some;

	do
		some = read(fd, to, room);
	while (some < 0 && errno == EINTR);
	if (some < 0)
		return ward_fail(error, WARD_E_IO, "the file cannot be read: %s", strerror(errno));
	*got = (size_t)some;
	return WARD_OK;
}

ward_err exchange_reader_open(int fd, const struct exchange_read_options *options,
		struct exchange_reader **reader, struct ward_error *error)
{
	return exchange_reader_from(read_descriptor, (void *)(intptr_t)fd, options, reader, error);
}

void exchange_reader_free(struct exchange_reader *reader)
{
	if (!reader)
		return;
	if (reader->reading && reader->reading->end)
		reader->reading->end(reader);
	record_forget_video(reader);
	input_free(&reader->input);
	ward_buf_free(&reader->labels);
	ward_buf_free(&reader->text);
	free(reader);
}

enum exchange_format exchange_reader_format(const struct exchange_reader *reader)
{
	return reader->format;
}

uint64_t exchange_reader_at(const struct exchange_reader *reader)
{
	return reader->input.taken - (reader->input.end - reader->input.start);
}

ward_err exchange_reader_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error)
{
	*record = (struct exchange_record){
		.record = { .number = reader->number, .quality = QUALITY_UNKNOWN },
	};
	ward_buf_clear(&reader->labels);
	record_forget_video(reader);
	reader->guessed = false;
	*more = true;
	ward_err err = reader->reading->next(reader, record, more, error);

	if (err)
		return err;
	if (reader->labels.failed)
		record->bad = "the record has too many labels";
	record->guessed = reader->guessed;
	if (*more)
		reader->number++;
	return WARD_OK;
}
