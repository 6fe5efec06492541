/*
 * held.h - the quarantine: files that were taken away, sealed, each restorable byte for byte
 *
 *     FOLDER/ID.held      a file that was taken away
 *     FOLDER/ID.new       a copy that is being made; removed when the folder is opened
 *
 *     offset  bytes
 *          0      8  "WARDHELD"
 *          8      1  version: 2
 *          9      1  how many keys: 1..8
 *         10      6  zero
 *         16     16  the id
 *         32      8  when it was taken, Unix seconds, little endian
 *         40      8  bytes of the original, little endian
 *         48         each key: 32 bytes public half, then WRAP_SIZE of the wrap
 *                    (seal/wrap.h, for "held", the id, under the key's 64 digits)
 *                    then what seal/sealed.h makes of: mode, owner, group (4 bytes each), times of
 *                    change and of access (8 bytes of seconds, 4 of nanoseconds), the length of the
 *                    path (4 bytes), that of the extended attributes and how many had no room (4
 *                    each), the path, the attributes (held_attributes.h), and the original
 *
 * Version 1, which is read, has no attributes and neither of their numbers.
 *
 * Who has no secret half learns from it when, how large, and for which keys;
 * not the name.
 *
 * Nothing is ever deleted before there is a whole sealed copy: held_seal makes
 * the copy, syncs it and reads it back to the last byte, from the disk as far
 * as the system gives back its memory of it; held_keep gives it
 * its name for good; only held_take then unlinks the original, and only when
 * the name in that folder is still that very file as it was sealed.  A kill
 * between any two steps leaves the original, a whole copy, or both.  A file
 * that is written to in the very instant between the last look and the unlink
 * is lost to that writer's last bytes: there is no call that unlinks by
 * descriptor.
 *
 *     FOLDER/restored     SHA-256 of what a person gave back, one a line: it is left alone from
 *                         then on (held_is_restored)
 *
 * One thread at a time uses a quarantine;
 * one process has it open for adding.
 */
#ifndef AGENT_HELD_H
#define AGENT_HELD_H

#include <sys/stat.h>

#include "seal/pair.h"
#include "seal/sealed.h"

struct held;

enum { HELD_KEYS_MAX = 8, HELD_ID_TEXT = 33, HELD_PATH_MAX = 4096 };

/* What is to be taken: the folder it is in, its name there, and itself, open for reading. */
struct held_file {
	int folder;       /* a descriptor of the folder */
	const char *name; /* in it, without a slash */
	const char *path; /* as it was found, for whoever restores it */
	int fd;
	struct stat st; /* as it was when it was looked at */
};

/* A copy that is whole; nothing has been taken yet. */
struct held_copy {
	char id[HELD_ID_TEXT];
	uint8_t sha256[32];
	uint64_t bytes;
	bool kept, again; /* held_keep: it has its name; a copy of the same file had it before */
};

/*
 * Makes the folder (0700) when it is not there, and removes copies that were
 * never finished.  DENIED when others may enter the folder; CONFLICT when
 * another process has it open.  `keys` are `count` of PAIR_KEY bytes, one
 * behind the other; copied.
 */
ward_err held_open(const char *folder, const uint8_t *keys, size_t count, struct held **held,
		struct ward_error *error) WARD_MUST_USE;
void held_close(struct held *held); /* NULL is fine */

/*
 * Seals a copy, durable and read back.  The id depends on the file alone (its
 * name, number, size and times, and bytes), so the same file sealed again
 * after a kill gets the same one.  CONFLICT when the file changed meanwhile;
 * IO when the disk is full: then nothing is left behind.
 */
ward_err held_seal(struct held *held, const struct held_file *file, int64_t now,
		struct held_copy *copy, struct ward_error *error) WARD_MUST_USE;
/* Gives a copy its name for good, durably. */
ward_err held_keep(struct held *held, struct held_copy *copy,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Unlinks the original, durably where its folder can be synced.  NOT_FOUND when the name has gone
 * by itself. CONFLICT when it is another file by now, or the file is not as it was sealed: then it
 * stays where it is.  Where no open file can be unlinked, its descriptor stands for /dev/null from
 * then on.
 */
ward_err held_take(const struct held_file *file, struct ward_error *error) WARD_MUST_USE;
/*
 * Removes a copy whose original is to stay.  One that was there before a kill is left: somebody
 * may have been told of it.
 */
void held_drop(struct held *held, const struct held_copy *copy);

/* Did a person give a file of these bytes back?  Then it is not taken again. */
bool held_is_restored(const char *folder, const uint8_t sha256[32]);

/* ---- looking, and giving back: any process ---- */

struct held_facts {
	char id[HELD_ID_TEXT];
	int64_t at;
	uint64_t bytes;
};

/* Newest last.  False from `each` ends.  What is no held file is passed over. */
ward_err held_list(const char *folder, bool (*each)(void *context, const struct held_facts *facts),
		void *context, struct ward_error *error) WARD_MUST_USE;

/* What only the secret half tells. */
struct held_meta {
	char path[HELD_PATH_MAX];
	uint32_t mode, uid, gid;
	int64_t mtime_s, atime_s;
	int64_t mtime_ns, atime_ns;
	/* Extended attributes that were not kept, and, given back, that could not be given. */
	uint32_t attributes_lost;
};

/*
 * Opens one: its meta, and its bytes into `fd` (-1: only the meta).  DENIED
 * when the key is none of its; CORRUPT when it is not as it was sealed: what
 * was written is then not to be used.
 */
ward_err held_read(const char *folder, const char *id, const uint8_t secret[PAIR_KEY], int fd,
		struct held_meta *meta, struct ward_error *error) WARD_MUST_USE;
/*
 * Puts one back where it was, or at `to` (may be NULL): with its mode and
 * times, and its owner and extended attributes where the system lets us.  EXISTS when there is a
 * file by that name; nothing is ever overwritten.  As soon as its bytes are there they are among
 * what was restored, also when the rest then fails.  The sealed copy is removed behind it, unless
 * `keep`.
 */
ward_err held_restore(const char *folder, const char *id, const uint8_t secret[PAIR_KEY],
		const char *to, bool keep, struct held_meta *meta,
		struct ward_error *error) WARD_MUST_USE;

#endif
