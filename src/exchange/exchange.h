/*
 * exchange.h - other people's files of signals: read record by record, and written
 *
 * A reader turns a file of any format below into ward_records, one at a time,
 * streaming, in bounded memory at any size.  A record that makes no sense is
 * not fatal: it is told as bad, with its number, and reading goes on.  Record
 * numbers are 0-based and count bad records too, so that a number means the
 * same line in the file as here.
 *
 * Readers parse what strangers wrote; nothing read is repeated in an error.
 * A reader belongs to one thread.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <ward/bank.h>

enum exchange_format {
	EXCHANGE_AUTO = 0, /* by content (and never by the file's name) */
	EXCHANGE_TEXT,     /* one signal a line; "#" begins a comment */
	EXCHANGE_CSV,      /* with or without a header line that names the columns */
	EXCHANGE_TSV,
	EXCHANGE_JSONL,          /* one object a line: ward's own export, and "ward hash --json" */
	EXCHANGE_THREATEXCHANGE, /* local files and state CSV of the threatexchange client */
	EXCHANGE_VICS,           /* Project VIC JSON 1.x and 2.0, also inside ODATA */
	EXCHANGE_NCMEC,          /* hash-sharing v2 XML */
	EXCHANGE_NSRL,           /* RDS CSV: NSRLFile.txt, and the modern minimal CSV */
	EXCHANGE_HASHKEEPER,
	EXCHANGE_MD5SUM, /* md5sum, sha1sum, sha256sum and their --tag form */
	EXCHANGE_VPDQ,   /* one video: the file of vPDQ's tool, or its signal, a JSON array */
	EXCHANGE_TMK,    /* one video: the file of TMK+PDQF's tools */
	EXCHANGE_FORMAT_COUNT
};

const char *exchange_format_name(enum exchange_format format); /* "auto", "text", ... */
/* EXCHANGE_FORMAT_COUNT when there is none of this name. */
enum exchange_format exchange_format_from(ward_str name);

struct exchange_read_options {
	enum exchange_format format;
	/* What a column of hex is when the file does not say; WARD_SIGNAL_NONE: by its length. */
	ward_signal_kind kind;
	size_t record_max;  /* bytes of one record; 0 is 32 MiB, a video of days */
	const char *scheme; /* of labels that do not name theirs; NULL is "local" */
};

/* Reads more bytes into `to`; sets *got, 0 at the end. */
typedef ward_err exchange_source(void *context, uint8_t *to, size_t room, size_t *got,
		struct ward_error *error);

struct exchange_reader;

/* From a descriptor (which stays the caller's), or from any source of bytes. */
ward_err exchange_reader_open(int fd, const struct exchange_read_options *options,
		struct exchange_reader **reader, struct ward_error *error) WARD_MUST_USE;
ward_err exchange_reader_from(exchange_source *source, void *context,
		const struct exchange_read_options *options, struct exchange_reader **reader,
		struct ward_error *error) WARD_MUST_USE;
void exchange_reader_free(struct exchange_reader *reader);
/* The format in use, after AUTO was settled. */
enum exchange_format exchange_reader_format(const struct exchange_reader *reader);
/* Bytes consumed, for progress. */
uint64_t exchange_reader_at(const struct exchange_reader *reader);

struct exchange_record {
	struct ward_record record; /* text and video borrowed until the next call */
	uint64_t line;             /* 1-based line of the file, 0 where lines mean nothing */
	const char *bad;           /* why it cannot be used; NULL: it can */
	bool guessed;              /* 64 digits of no kind that anybody said were taken for PDQ */
	bool removed;              /* a tombstone: the source takes back what has this ref */
	bool keyed;                /* a later record of this ref takes its place, by its source */
	const char *partly;        /* why a part of it cannot be used, and the rest can; or NULL */
	ward_bytes raw;            /* as read, for the quarantine file */
};

/*
 * The next record; *more is false at the end.  Fails only when the file as a
 * whole cannot be read on (IO, FORMAT: "the JSON ends in the middle", NOMEM).
 */
ward_err exchange_reader_next(struct exchange_reader *reader, struct exchange_record *record,
		bool *more, struct ward_error *error) WARD_MUST_USE;

/* ---- writing ---- */

/* TEXT, CSV, TSV, JSONL, THREATEXCHANGE, VICS, NCMEC; UNSUPPORTED for the others. */
struct exchange_writer;
typedef ward_err exchange_sink(void *context, ward_bytes bytes, struct ward_error *error);

ward_err exchange_writer_new(enum exchange_format format, const struct ward_list_info *info,
		exchange_sink *sink, void *context, struct exchange_writer **writer,
		struct ward_error *error) WARD_MUST_USE;
ward_err exchange_writer_add(struct exchange_writer *writer, const struct ward_record *record,
		struct ward_error *error) WARD_MUST_USE;
/* Records, signals of them, and videos, that the format has no place for. */
uint64_t exchange_writer_left_out(const struct exchange_writer *writer);
/* Writes the end of the file. */
ward_err exchange_writer_finish(struct exchange_writer *writer,
		struct ward_error *error) WARD_MUST_USE;
void exchange_writer_free(struct exchange_writer *writer);

#endif
