/*
 * disk_digest.h - the digests of a whole image, and which it should have
 *
 * The image is read once, from its first byte to its last, on a thread of its
 * own beside the scan.  What it should be is said on the command line, or in a
 * file that lies beside the image: IMAGE.sha256, IMAGE.sha1 or IMAGE.md5,
 * whose first word is the digest, as sha256sum and imaging programs write it.
 */
#ifndef BIN_DISK_DIGEST_H
#define BIN_DISK_DIGEST_H

#include <pthread.h>
#include <stdatomic.h>

#include <ward/hash.h>

#include "disk/disk.h"

struct disk_digest {
	const struct disk_image *image;
	struct disk_facts facts;
	const atomic_bool *stopped; /* the rest is not wanted */
	pthread_t thread;
	bool started, done;
	struct ward_digests digests;
	struct ward_error error; /* when it is not done and was not stopped */
};

/* NOMEM or IO when no thread can be had. */
ward_err disk_digest_start(struct disk_digest *digest, const struct disk_image *image,
		const struct disk_facts *facts, const atomic_bool *stopped,
		struct ward_error *error) WARD_MUST_USE;
/* Waits for it; `done` then says whether there are digests. */
void disk_digest_wait(struct disk_digest *digest);

/*
 * Reads all of it once more, past what memory still holds of it, and compares: so that what was
 * read in between lay there at the beginning and at the end.  CORRUPT when it is another; CONFLICT
 * when it was not done the first time.
 */
ward_err disk_digest_again(const struct disk_digest *digest,
		struct ward_error *error) WARD_MUST_USE;

/* Room for 64 digits. */
#define DISK_EXPECTED_MAX 65

/* A digest of one of the three lengths, in lower case; false when the text is none. */
bool disk_expected_parse(ward_str text, char expected[DISK_EXPECTED_MAX]) WARD_MUST_USE;
/* The one that lies beside the image; false when there is none. */
bool disk_expected_beside(const char *path, char expected[DISK_EXPECTED_MAX]) WARD_MUST_USE;
/*
 * Is it what was expected?  Of one packed file (E01, QCOW2), the digest may also be the file's own,
 * as `sha256sum` makes it; that is read for it when the disk's is another.
 */
bool disk_digest_fits(const struct disk_digest *digest, const char *expected);

#endif
