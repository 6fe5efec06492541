/*
 * format.h - what each format's file gives to exchange.c, and what they share
 *
 * A format is three functions in one row of exchange.c's table.  `next` fills
 * a record and says whether there was one; a bad record is one with `bad` set.
 * Record numbers are counted in exchange.c.
 */
#ifndef EXCHANGE_FORMAT_H
#define EXCHANGE_FORMAT_H

#include "exchange/input.h"

#define RECORD_MAX_DEFAULT ((size_t)32 << 20)
#define QUALITY_UNKNOWN    255

struct exchange_reader;

struct exchange_reading {
	/* May be NULL. */
	ward_err (*begin)(struct exchange_reader *reader, struct ward_error *error);
	ward_err (*next)(struct exchange_reader *reader, struct exchange_record *record, bool *more,
			struct ward_error *error);
	void (*end)(struct exchange_reader *reader);
};

struct exchange_reader {
	enum exchange_format format;
	struct exchange_read_options options;
	const struct exchange_reading *reading;
	struct input input;
	uint64_t number;
	uint64_t line;
	bool guessed; /* a signal of the record being read: 64 digits were taken for PDQ */
	struct ward_buf labels;  /* of the record being read */
	struct ward_buf text;    /* other words of it */
	struct ward_vpdq frames; /* its video's */
	struct ward_tmk *tmk;
	void *state; /* the format's own */
};

extern const struct exchange_reading reading_lines; /* TEXT, MD5SUM, THREATEXCHANGE local files */
extern const struct exchange_reading reading_table; /* CSV, TSV, NSRL, HASHKEEPER */
extern const struct exchange_reading reading_jsonl;
extern const struct exchange_reading reading_vics;
extern const struct exchange_reading reading_ncmec;
extern const struct exchange_reading reading_vpdq;
extern const struct exchange_reading reading_tmk;

/* Whether a first line is a table's header: it names at least one column of signals. */
bool table_is_header(ward_str line, char separator);

/* What a signal is when neither prefix, column nor form tells: PDQ, as everywhere in ward. */
bool record_signal(struct exchange_reader *reader, ward_signal_kind kind, ward_str text,
		ward_signal *signal);
/* Adds a signal; false when the record holds no more (then it is bad). */
bool record_add(struct exchange_record *record, const ward_signal *signal);
/*
 * Adds words of labels, between spaces, commas, semicolons or bars.  One
 * without a scheme gets `scheme`.  The record's labels are set in record_done.
 */
void record_labels(struct exchange_reader *reader, ward_str words, ward_str scheme);
/*
 * The end of a record: sets its labels.  `why` is NULL, or says what was wrong
 * with a part of it; without any signal the record as a whole is bad.
 */
void record_done(struct exchange_reader *reader, struct exchange_record *record, const char *why);

/* The record's video: a signal of vPDQ, a TMK file in base64.  False when it is none. */
bool record_vpdq(struct exchange_reader *reader, struct exchange_record *record, ward_str signal);
bool record_tmk(struct exchange_reader *reader, struct exchange_record *record, ward_str base64);
void record_forget_video(struct exchange_reader *reader);

/* Whether a file that begins so is one of the tools'. */
bool video_is_vpdq(ward_str text);
bool video_is_tmk(ward_str text);
/* A line of threatexchange's local files: "vpdq [...]". */
bool video_is_line(ward_str line);

/* "0".."100"; false for anything else. */
bool record_quality(ward_str text, uint8_t *quality);

#endif
