/*
 * input.h - a stream of text from a stranger, as UTF-8
 *
 * Takes bytes from any source, drops a byte order mark, and turns UTF-16 (told
 * by its mark, or by a zero in every other byte of the beginning) into UTF-8.
 * What is not valid stays as it is: the readers judge.
 */
#ifndef EXCHANGE_INPUT_H
#define EXCHANGE_INPUT_H

#include "exchange/exchange.h"

struct input {
	exchange_source *source;
	void *context;
	uint8_t *text; /* start..end is read and not consumed */
	size_t start;
	size_t end;
	size_t room;
	uint64_t taken; /* bytes that came from the source */
	bool ended;     /* the source has no more */
	enum { INPUT_UNTOLD, INPUT_UTF8, INPUT_UTF16_LE, INPUT_UTF16_BE } encoding;
	char shown[1024]; /* the beginning of a line that is too long */
	uint8_t odd[4];   /* bytes of UTF-16 that wait for the rest of a character */
	size_t odd_len;
};

/* `most` is how much can be looked at without being consumed. */
ward_err input_init(struct input *input, exchange_source *source, void *context, size_t most,
		struct ward_error *error) WARD_MUST_USE;
void input_free(struct input *input);

/* What is there, read on until it is at least `want` bytes or the end. */
ward_err input_see(struct input *input, size_t want, ward_bytes *seen,
		struct ward_error *error) WARD_MUST_USE;
void input_consume(struct input *input, size_t len);

/*
 * The next line without its end, borrowed until the next call; *more is false
 * behind the last.  `whole` is false for one longer than `most`: then `line`
 * is its beginning, and the rest is passed over.
 */
ward_err input_line(struct input *input, size_t most, ward_str *line, bool *whole, bool *more,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Copies the next piece of a document for a strict parser, at most `room` bytes:
 * control characters as blanks, bytes that are no UTF-8 as "?", so that one odd
 * file name in a stranger's file of gigabytes does not end the reading of it.
 * Sets *len, 0 at the end.
 */
ward_err input_piece(struct input *input, uint8_t *piece, size_t room, size_t *len,
		struct ward_error *error) WARD_MUST_USE;

#endif
