/*
 * out.h - a file that is written beside the one it replaces, or a stream
 *
 * Whoever reads the path sees the old file or the new one, whole.  A new file is
 * always younger by a whole second than the one that it replaces: dnsdist looks
 * at the time of a CDB file in seconds, and would not see a second one within one.
 *
 * A file that others may not read can still be for a resolver, which is another user:
 * in a folder that hands on its group (mode 2750), that group may read it, whatever
 * the umask says.
 */
#ifndef EXCHANGE_OUT_H
#define EXCHANGE_OUT_H

#include <ward/base.h>

struct exchange_out {
	const char *path; /* the caller's; NULL is standard output */
	/* Set after it has begun: what is replaced stays as PATH.old, until the next time.  Who
	 * has the old file mapped would else free all its pages when letting go of it. */
	bool keep_old;
	char beside[4096];
	int fd;
	struct ward_buf text; /* not yet written */
	ward_err err;         /* of a write, which sticks */
	struct ward_error why;
};

ward_err exchange_out_begin(struct exchange_out *out, const char *path, unsigned mode,
		struct ward_error *error) WARD_MUST_USE;
void exchange_out_str(struct exchange_out *out, ward_str text);
void exchange_out_text(struct exchange_out *out, const char *text);
void exchange_out_printf(struct exchange_out *out, const char *fmt, ...) WARD_PRINTF(2, 3);
/* Writes what is gathered now, so that the file beside can be read. */
void exchange_out_flush(struct exchange_out *out);
/* Ends it: in force when `err` is 0 and nothing failed; else it is as if never begun. */
ward_err exchange_out_end(struct exchange_out *out, ward_err err,
		struct ward_error *error) WARD_MUST_USE;
/* As if never begun. */
void exchange_out_drop(struct exchange_out *out);

#endif
