#include "exchange/site_read.h"

#include <errno.h>
#include <unistd.h>

#include "exchange/site_format.h"

#define SITE_RECORD_MAX ((size_t)128 << 10)
#define SITE_LOOK_AHEAD ((size_t)32 << 10)

static const struct {
	const char *name;
	const struct exchange_site_reading *reading;
} formats[EXCHANGE_SITE_FORMAT_COUNT] = {
	[EXCHANGE_SITE_AUTO] = { "auto", NULL },
	[EXCHANGE_SITE_LINES] = { "lines", &exchange_site_reading_lines },
	[EXCHANGE_SITE_HOSTS] = { "hosts", &exchange_site_reading_hosts },
	[EXCHANGE_SITE_ADBLOCK] = { "adblock", &exchange_site_reading_adblock },
	[EXCHANGE_SITE_RPZ] = { "rpz", &exchange_site_reading_rpz },
	[EXCHANGE_SITE_DSTDOMAIN] = { "dstdomain", &exchange_site_reading_lines },
	[EXCHANGE_SITE_REGEX] = { "regex", &exchange_site_reading_regex },
	[EXCHANGE_SITE_DOMAINS] = { "domains", &exchange_site_reading_lines },
	[EXCHANGE_SITE_URLS] = { "urls", &exchange_site_reading_lines },
	[EXCHANGE_SITE_CSV] = { "csv", &exchange_site_reading_csv },
	[EXCHANGE_SITE_JSONL] = { "jsonl", &exchange_site_reading_jsonl },
	[EXCHANGE_SITE_PAGES] = { "pages", NULL },
};

const char *exchange_site_format_name(enum exchange_site_format format)
{
	return format < EXCHANGE_SITE_FORMAT_COUNT ? formats[format].name : "?";
}

enum exchange_site_format exchange_site_format_from(ward_str name)
{
	int format = 0;

	while (format < EXCHANGE_SITE_FORMAT_COUNT &&
			!ward_str_eq(name, ward_str_from(formats[format].name)))
		format++;
	return (enum exchange_site_format)format;
}

/* ---- what the formats share ---- */

bool exchange_site_record_bad(struct exchange_site_record *record, const char *why)
{
	record->bad = why;
	return true;
}

bool exchange_site_record_unsupported(struct exchange_site_record *record, const char *why)
{
	record->bad = why;
	record->unsupported = true;
	return true;
}

bool exchange_site_record_entry(struct exchange_site_reader *reader, ward_str text,
		ward_site_bare bare, struct exchange_site_record *record)
{
	if (ward_site_entry_read(text, bare, &reader->memory, &record->entry, &reader->why))
		return exchange_site_record_bad(record, reader->why.message);
	return true;
}

ward_site_bare exchange_site_record_bare(const struct exchange_site_reader *reader,
		ward_site_bare otherwise)
{
	return reader->options.bare_given ? reader->options.bare : otherwise;
}

ward_str exchange_site_word(ward_str *rest)
{
	ward_str word = { rest->ptr, 0 };

	while (word.len < rest->len && rest->ptr[word.len] != ' ' && rest->ptr[word.len] != '\t')
		word.len++;
	rest->ptr += word.len;
	rest->len -= word.len;
	*rest = ward_str_trim(*rest);
	return word;
}

/* ---- reading ---- */

static ward_err read_descriptor(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error)
{
	const int *fd = context;
	ssize_t len;

	do {
		len = read(*fd, to, room);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return ward_fail(error, WARD_E_IO, "cannot read: %s", strerror(errno));
	*got = (size_t)len;
	return WARD_OK;
}

struct from_descriptor {
	struct exchange_site_reader reader; /* first: what is handed out is this */
	int fd;
};

static ward_err begin(struct exchange_site_reader *reader, struct ward_error *error)
{
	ward_bytes seen;
	ward_err err = input_see(&reader->input, SITE_LOOK_AHEAD, &seen, error);

	if (err)
		return err;
	if (reader->format == EXCHANGE_SITE_AUTO)
		reader->format =
				exchange_site_guess((ward_str){ (const char *)seen.ptr, seen.len });
	if (reader->format == EXCHANGE_SITE_PAGES)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"these are signed pages: \"ward site update\" checks and applies "
				"them");
	reader->reading = formats[reader->format].reading;
	return WARD_OK;
}

static ward_err init(struct exchange_site_reader *reader, exchange_source *source, void *context,
		const struct exchange_site_options *options, struct ward_error *error)
{
	reader->options = *options;
	reader->format = options->format;
	if (reader->options.record_max == 0)
		reader->options.record_max = SITE_RECORD_MAX;
	ward_buf_init(&reader->memory, (size_t)4 << 20);
	ward_buf_init(&reader->text, (size_t)4 << 20);
	ward_err err = input_init(&reader->input, source, context,
			reader->options.record_max + SITE_LOOK_AHEAD, error);

	return err ? err : begin(reader, error);
}

ward_err exchange_site_reader_from(exchange_source *source, void *context,
		const struct exchange_site_options *options, struct exchange_site_reader **reader,
		struct ward_error *error)
{
	struct from_descriptor *made = calloc(1, sizeof(*made));
	ward_err err = made ? init(&made->reader, source, context, options, error)
			    : ward_fail(error, WARD_E_NOMEM, "no memory for a reader");

	if (err) {
		exchange_site_reader_free(made ? &made->reader : NULL);
		return err;
	}
	*reader = &made->reader;
	return WARD_OK;
}

ward_err exchange_site_reader_open(int fd, const struct exchange_site_options *options,
		struct exchange_site_reader **reader, struct ward_error *error)
{
	struct from_descriptor *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a reader");
	made->fd = fd;
	ward_err err = init(&made->reader, read_descriptor, &made->fd, options, error);

	if (err) {
		exchange_site_reader_free(&made->reader);
		return err;
	}
	*reader = &made->reader;
	return WARD_OK;
}

void exchange_site_reader_free(struct exchange_site_reader *reader)
{
	if (!reader)
		return;
	if (reader->reading && reader->reading->free)
		reader->reading->free(reader);
	input_free(&reader->input);
	ward_buf_free(&reader->memory);
	ward_buf_free(&reader->text);
	free(reader->state);
	free(reader);
}

enum exchange_site_format exchange_site_reader_format(const struct exchange_site_reader *reader)
{
	return reader->format;
}

uint64_t exchange_site_reader_at(const struct exchange_site_reader *reader)
{
	return reader->input.taken - (reader->input.end - reader->input.start);
}

uint32_t exchange_site_reader_serial(const struct exchange_site_reader *reader)
{
	return reader->serial;
}

size_t exchange_site_reader_salt(const struct exchange_site_reader *reader, uint8_t salt[32])
{
	memcpy(salt, reader->salt, sizeof(reader->salt));
	return reader->salt_len;
}

/* One more line, or what is left of the last; *came: a record came of it. */
static ward_err step(struct exchange_site_reader *reader, struct exchange_site_record *record,
		bool *more, bool *came, struct ward_error *error)
{
	ward_str line = reader->rest;
	bool whole = true;

	*more = true;
	if (!reader->has_rest) {
		ward_err err = input_line(&reader->input, reader->options.record_max, &line, &whole,
				more, error);

		if (err)
			return err;
		reader->line += *more;
	}
	reader->going_on = reader->has_rest;
	reader->has_rest = false;
	record->line = reader->line;
	record->raw = (ward_bytes){ (const uint8_t *)line.ptr, line.len };
	if (!*more)
		*came = reader->reading->end && reader->reading->end(reader, record);
	else if (!whole)
		*came = exchange_site_record_bad(record, "the line is too long");
	else
		*came = reader->reading->line(reader, line, record);
	if (reader->memory.failed || reader->text.failed)
		*came = exchange_site_record_bad(record, "the record is too long");
	return WARD_OK;
}

ward_err exchange_site_reader_next(struct exchange_site_reader *reader,
		struct exchange_site_record *record, bool *more, struct ward_error *error)
{
	bool came = false, going = true;

	while (going && !came) {
		*record = (struct exchange_site_record){ .number = reader->number };
		ward_buf_clear(&reader->text);
		ward_buf_clear(&reader->memory);
		ward_err err = step(reader, record, &going, &came, error);

		if (err)
			return err;
	}
	reader->number += came;
	*more = came;
	return WARD_OK;
}
