/*
 * seen.h - which files a scan has finished with, kept so that it can be taken up again
 *
 * The state file is a header and 16-byte keys, appended one by one.  A key
 * stands for a path, a size and a time of change; the header for the lists and
 * options that were asked.  Only a file without any finding gets a key: one
 * with findings is scanned and told again, so that the last run's report is
 * whole.  When lists or options have changed, the file starts afresh.
 *
 * A key is written after the file's result was put out, in one write at the
 * end of the file: a scan killed at any moment has told about every file whose
 * key is there.  A torn last key is cut off at the next start.  Adding is safe
 * from several threads; one scan at a time holds a state file.
 */
#ifndef BIN_SEEN_H
#define BIN_SEEN_H

#include <ward/base.h>

typedef struct {
	uint8_t bytes[16];
} seen_key;

struct seen;

/* `basis` stands for all that decides what a scan would find. */
ward_err seen_open(const char *path, seen_key basis, struct seen **seen,
		struct ward_error *error) WARD_MUST_USE;
/* Syncs what was added.  NULL is fine. */
ward_err seen_close(struct seen *seen, struct ward_error *error) WARD_MUST_USE;

/* True when the file had been started on another basis, and was emptied. */
bool seen_was_reset(const struct seen *seen);
/* True then, and when there had been none: what was kept beside it is of no use. */
bool seen_is_new(const struct seen *seen);

/* A key of any bytes. */
seen_key seen_key_of(ward_bytes bytes);

/* Was it there when the state was opened? */
bool seen_has(const struct seen *seen, seen_key key);
ward_err seen_add(struct seen *seen, seen_key key, struct ward_error *error) WARD_MUST_USE;

#endif
