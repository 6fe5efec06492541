/*
 * An mbox: messages, each behind a line "From ", which only the first line of
 * the file and a line behind an empty one can be.  Some programs quote such
 * lines of a text with ">"; those are left as they are.
 */
#include "decode/document_job.h"
#include "media/identify_mail.h"

/* The length of the line at `at`, without its end. */
static size_t line_at(ward_bytes file, size_t at, size_t *next)
{
	const uint8_t *end = memchr(file.ptr + at, '\n', file.len - at);
	size_t stop = end ? (size_t)(end - file.ptr) : file.len;

	*next = end ? stop + 1 : file.len;
	return stop > at && file.ptr[stop - 1] == '\r' ? stop - 1 - at : stop - at;
}

/* Where the next message's "From " line is, from `at` on, which is behind another; or the end. */
static size_t next_from(ward_bytes file, size_t at)
{
	bool free_line = false;
	size_t next = at;

	for (; at < file.len; at = next) {
		size_t len = line_at(file, at, &next);

		if (free_line && identify_mail_from((ward_bytes){ file.ptr + at, len }))
			return at;
		free_line = len == 0;
	}
	return file.len;
}

ward_err document_mbox(struct document *document)
{
	ward_bytes file = document->file;
	ward_err err = WARD_OK;
	size_t at = 0;

	for (unsigned number = 1; at < file.len && !err; number++) {
		char prefix[16];
		size_t from;

		(void)line_at(file, at, &from);
		at = next_from(file, from);
		snprintf(prefix, sizeof(prefix), "%u!", number);
		err = document_mail(document, (ward_bytes){ file.ptr + from, at - from },
				ward_str_from(prefix));
	}
	return err;
}
