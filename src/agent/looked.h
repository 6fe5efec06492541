/*
 * looked.h - which files were looked at as they are now, kept over restarts
 *
 * A file is a key of 64 bits: SipHash, under a key of the file's own that
 * nobody else knows, of its path, number, size and times.  A key is added when
 * nothing is left to do about the file.  What two files of one key would come
 * to (one in 10^7 with a million files) is one file that is not looked at.
 *
 * At most `max` are kept, in two generations of half of that: when the young
 * one is full it becomes the old one, and the old one is forgotten, so what is
 * met in every sweep stays.  Keys on disk are not synced: what is lost is
 * looked at again.  When lists or options change (`basis`), all is forgotten.
 *
 * Any thread may call.
 */
#ifndef AGENT_LOOKED_H
#define AGENT_LOOKED_H

#include <ward/base.h>

#include <sys/stat.h>

struct looked;

/* A file that cannot be read, or of another basis, begins empty. */
ward_err looked_open(const char *path, uint64_t basis, uint64_t max, struct looked **looked,
		struct ward_error *error) WARD_MUST_USE;
void looked_close(struct looked *looked); /* writes what it has; NULL is fine */

uint64_t looked_key(const struct looked *looked, const char *path, const struct stat *st);
bool looked_has(struct looked *looked, uint64_t key);
void looked_add(struct looked *looked, uint64_t key);
/* Other lists, other answers. */
void looked_forget(struct looked *looked, uint64_t basis);
/* Writes what was added. */
void looked_flush(struct looked *looked);
uint64_t looked_count(struct looked *looked);

#endif
