/*
 * site_format.h - what each format of site lists gives to site_read.c, and what they share
 *
 * A format is a function that is given a line and says whether a record came of
 * it.  What is left of a line for more records it puts into `rest`; then it is
 * called again with that before another line is read.
 */
#ifndef EXCHANGE_SITE_FORMAT_H
#define EXCHANGE_SITE_FORMAT_H

#include "exchange/input.h"
#include "exchange/site_read.h"

struct exchange_site_reading {
	bool (*line)(struct exchange_site_reader *reader, ward_str line,
			struct exchange_site_record *record);
	/* What waits when the file has ended; may be NULL. */
	bool (*end)(struct exchange_site_reader *reader, struct exchange_site_record *record);
	void (*free)(struct exchange_site_reader *reader); /* may be NULL */
};

struct exchange_site_reader {
	enum exchange_site_format format;
	struct exchange_site_options options;
	const struct exchange_site_reading *reading;
	struct input input;
	uint64_t number;
	uint64_t line;
	ward_str rest; /* of the line, for more records */
	bool has_rest;
	bool going_on;          /* the line that is handed in is such a rest */
	struct ward_buf memory; /* the entry's text */
	struct ward_buf text;   /* a format's own, of the record */
	struct ward_error why;  /* of a bad record */
	uint32_t serial;
	uint8_t salt[32];
	size_t salt_len;
	void *state; /* the format's own, from malloc */
};

extern const struct exchange_site_reading
		exchange_site_reading_lines; /* LINES, DOMAINS, URLS, DSTDOMAIN */
extern const struct exchange_site_reading exchange_site_reading_hosts;
extern const struct exchange_site_reading exchange_site_reading_adblock;
extern const struct exchange_site_reading exchange_site_reading_regex;
extern const struct exchange_site_reading exchange_site_reading_rpz;
extern const struct exchange_site_reading exchange_site_reading_csv;
extern const struct exchange_site_reading exchange_site_reading_jsonl;

/* Reads an entry into the record, or says why it is none; true: it is a record either way. */
bool exchange_site_record_entry(struct exchange_site_reader *reader, ward_str text,
		ward_site_bare bare, struct exchange_site_record *record);
/* The record makes no sense; it makes sense, and has no place in a site list. */
bool exchange_site_record_bad(struct exchange_site_record *record, const char *why);
bool exchange_site_record_unsupported(struct exchange_site_record *record, const char *why);
/* How this format takes a bare name, unless the caller has said. */
ward_site_bare exchange_site_record_bare(const struct exchange_site_reader *reader,
		ward_site_bare otherwise);

/* Takes a word and the white space behind it off the front. */
ward_str exchange_site_word(ward_str *rest);
/* 0.0.0.0, 127.0.0.0/8, :: and ::1: where a hosts file sends what shall not be reached. */
bool exchange_site_is_sink(ward_str word);
/* Names that stand in every hosts file and are no sites. */
bool exchange_site_is_own(ward_str name);
/* What a file is, by its beginning. */
enum exchange_site_format exchange_site_guess(ward_str beginning);
/* Whether a line is a table's header; `separator` is its own then. */
bool exchange_site_csv_is_header(ward_str line, char *separator);

#endif
