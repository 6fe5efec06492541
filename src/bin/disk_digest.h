/*
 * disk_digest.h - the digests of a whole image, and which it should have
 *
 * The image is read once, from its first byte to its last, on a thread of its
 * own beside the scan.  What it should be is said on the command line, or in
 * files that lie beside the image (disk_expected.h).
 */
#ifndef BIN_DISK_DIGEST_H
#define BIN_DISK_DIGEST_H

#include <pthread.h>
#include <stdatomic.h>

#include <ward/hash.h>

#include "bin/disk_expected.h"
#include "disk/disk.h"

struct disk_digest {
	const struct disk_image *image;
	struct disk_facts facts;
	uint64_t from;              /* its first byte, of one that is not packed */
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

enum disk_fit {
	DISK_FIT_UNKNOWN, /* nothing was expected */
	DISK_FIT_NOT,
	DISK_FIT_SOME, /* some of its files are as expected, and of the others nothing is known */
	DISK_FIT_WHOLE,
};

/*
 * Is it what was expected, in all that was?  A digest may be the disk's; of one packed file (E01,
 * QCOW2) the file's own, as `sha256sum` makes it; and of an image in several files the first one's,
 * or that of the file which it names.  Files are read for it only when the disk's is another.
 */
enum disk_fit disk_digest_fits(const struct disk_digest *digest,
		const struct disk_expected *expected);
/* The disk's alone. */
bool disk_digest_is(const struct ward_digests *digests, const char *expected);

#endif
