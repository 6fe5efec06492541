/*
 * message.h - a mail as it arrives from a mail server, put together for the scan
 *
 * A milter is told a mail's header a field at a time, then its body in pieces.
 * They are written one behind the other into a nameless file, as a message
 * within a message of ours: so it is read as a mail whatever its own header
 * holds, and nothing in it decides whether it is looked into.
 *
 * Failure sticks, and is asked about once, at the end: what is added behind a
 * failure, or behind the bound, is not kept.  Belongs to one thread at a time.
 */
#ifndef MILTER_MESSAGE_H
#define MILTER_MESSAGE_H

#include "net/spill.h"

/* The field that says that we looked; one that came with the mail is forged. */
#define MILTER_FIELD "X-Ward"

struct milter_message {
	struct spill spill;
	struct ward_buf head;      /* fields not yet written */
	uint64_t bytes, bytes_max; /* of the mail: without what is ours */
	unsigned forged;           /* MILTER_FIELDs that it came with */
	bool head_done;
	uint64_t body_at; /* where in the file its body begins, when head_done */
	bool over;
	ward_err failed;
	struct ward_error error;
};

/* Makes one that milter_message_free may be given. */
void milter_message_init(struct milter_message *message, struct spill_place *place,
		uint64_t bytes_max);
/* Back to the beginning: the file and its memory are given back.  Any number of times. */
void milter_message_free(struct milter_message *message);

/* `value` has its leading space, when the server sent it; "\n" in it begins another line. */
void milter_message_field(struct milter_message *message, const char *name, const char *value);
void milter_message_body(struct milter_message *message, ward_bytes bytes);

/*
 * All has come: spill.fd and spill.size are the file for the scan.  LIMIT when
 * the mail was over the bound (the file is closed then), else what went wrong.
 */
ward_err milter_message_end(struct milter_message *message, struct ward_error *error) WARD_MUST_USE;

/*
 * SHA-256 of the body alone, of one that milter_message_end was glad of: a mail server adds fields
 * of its own, new ones each time the same mail is handed in.
 */
ward_err milter_message_digest(const struct milter_message *message, uint8_t digest[32],
		struct ward_error *error) WARD_MUST_USE;

#endif
