/*
 * mail.h - a mail as items of a report: its texts, and what is attached
 *
 * A mail is a stranger's bytes.  It is taken apart by ward-mail, a process of
 * its own for each mail in the same jail as a decoder's (box/jail.h), with
 * what it was given, little memory and little time, whose answer is believed
 * as little as the mail: pieces are counted, bounded and sealed as they are,
 * and nothing in them is acted upon.  A mail that
 * cannot be taken apart, or has more parts or deeper ones than are looked at,
 * is one item, itself: of what was taken nothing is left out.
 *
 * Who sent it is not kept: no header is read but what says how parts are
 * put together.
 */
#ifndef INTAKE_MAIL_H
#define INTAKE_MAIL_H

#include "intake/intake.h"

/* Behind the mail in the shared memory (box/errand.h) is room for the parts. */
enum {
	MAIL_ANSWER_MAX = (64 << 20) + 200 * 256,
};

enum {
	MAIL_BYTES_MAX = 64 << 20, /* of one mail; a larger one is an item as it is, up to 1 GiB */
	MAIL_PARTS_MAX = 200,
	MAIL_TIME_S = 20,
};

struct mail_part {
	bool text; /* UTF-8, to be read; else an attachment */
	ward_str type;
	ward_bytes bytes;
};

struct mail_parts {
	struct mail_part at[MAIL_PARTS_MAX];
	size_t count;
	char *memory; /* that all lie in; mail_parts_free */
};

/* FORMAT when it is no mail, or the process did not come to an end with it.  For any thread. */
ward_err mail_take_apart(ward_bytes mail, struct mail_parts *parts,
		struct ward_error *error) WARD_MUST_USE;
void mail_parts_free(struct mail_parts *parts);

/*
 * The parts within what the process wrote: each "T" or "A", two lengths of 4
 * bytes with the low one first, a media type and bytes; then "E".  False for anything else.
 */
bool mail_parts_read(ward_bytes written, struct mail_parts *parts) WARD_MUST_USE;

/* ---- a Maildir ---- */

struct mail_counts {
	uint64_t added, again, failed;
};

/*
 * Takes each mail in new/, and moves it to cur/ once its report is durable: a
 * kill between the two makes the next one move it.  A mail that cannot be
 * taken stays, is told by `failed` and tried again next time.  The error is of
 * the folder itself.
 */
ward_err intake_maildir(struct intake *intake, const char *folder,
		void (*failed)(void *context, const char *why), void *context,
		struct mail_counts *counts, struct ward_error *error) WARD_MUST_USE;

/* The same for who may be told to stop: `stop` is asked before each mail. */
struct mail_watch {
	void (*failed)(void *context, const char *why);
	bool (*stop)(void *context);
	void *context;
};
ward_err intake_maildir_watch(struct intake *intake, const char *folder,
		const struct mail_watch *watch, struct mail_counts *counts,
		struct ward_error *error) WARD_MUST_USE;

#endif
