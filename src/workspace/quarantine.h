/*
 * quarantine.h - the file of what an import left out, one object a line
 *
 *     {"source":0,"record":17,"line":18,"reason":"...","raw":"..."}
 *
 * Bytes that are not text stand in "raw_base64".  A signal that was left out
 * of a record that stays in stands in "signal" instead.  The file is made when
 * the first thing is put in, and nobody but its owner may read it.
 */
#ifndef QUARANTINE_H
#define QUARANTINE_H

#include "exchange/exchange.h"

struct quarantine {
	const char *folder; /* borrowed: where the file is made ... */
	const char *name;   /* ... as NAME-20260301T000000Z.jsonl */
	char path[4096];    /* "" until something is put in */
	int fd;
	struct ward_buf text; /* not yet written */
};

void quarantine_begin(struct quarantine *quarantine, const char *folder, const char *name);
/* `record->bad` is the reason; with a signal it is only this that is left out. */
ward_err quarantine_add(struct quarantine *quarantine, size_t source,
		const struct exchange_record *record, const ward_signal *signal,
		struct ward_error *error) WARD_MUST_USE;
/* The same of what is no record of signals; `line` 0 is none. */
struct quarantine_line {
	size_t source;
	uint64_t record, line;
	const char *reason;
	ward_bytes raw;
};
ward_err quarantine_add_line(struct quarantine *quarantine, const struct quarantine_line *line,
		struct ward_error *error) WARD_MUST_USE;
/* Writes what is left and makes it durable. */
ward_err quarantine_finish(struct quarantine *quarantine, struct ward_error *error) WARD_MUST_USE;
/* Gives everything back; without `keep` the file goes, too: what it tells did not happen. */
void quarantine_end(struct quarantine *quarantine, bool keep);

#endif
