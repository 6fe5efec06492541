/*
 * disk.h - partitions, files and lost files of a disk image, as a worker in a jail tells them
 *
 * A file system of a seized disk may have been made to break whoever reads it.
 * So no byte of an image is parsed here: that is done by `ward-worker-disk`
 * (The Sleuth Kit, behind the same walls as ward-worker), which gets the
 * image's descriptors and tells volumes, entries and troubles.  Of most files it
 * tells where their bytes lie in the image, and they are read here from there,
 * at the disk's speed; what is compressed or kept within the file system's own
 * tables it reads and hands over.
 *
 * A worker that dies or says nothing for long is a WORKER or TIMEOUT, and the
 * next question starts a new one.  A `struct disk` belongs to one thread at a
 * time; several may share an image.
 */
#ifndef DISK_H
#define DISK_H

#include <stdatomic.h>

#include "disk/answer.h"
#include "disk/image.h"

struct disk;

/*
 * `time_s` bounds each answer, from the question to its END, without the time that is spent on
 * what was told; 0 is four hours.
 * NULL without memory.  The image must outlive it.
 */
struct disk *disk_new(const struct disk_image *image, unsigned time_s);
void disk_free(struct disk *disk);

/* When it becomes true, whoever waits for an answer waits no longer: TIMEOUT. */
void disk_heed(struct disk *disk, const atomic_bool *stopped);

/*
 * How the disk lies in its files: its size, whether it is packed (then its bytes come from
 * disk_bytes, not from disk_image_read), and the digest that was stored with it.
 */
struct disk_facts {
	uint64_t size;
	bool packed;
	char stored[41]; /* MD5 or SHA-1 in hexadecimal; "": none */
};

ward_err disk_facts(struct disk *disk, struct disk_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

/* The next bytes; false: no more are wanted. */
typedef bool disk_piece(void *context, ward_bytes bytes);

/* Exactly `len` bytes of a packed disk, in pieces. */
ward_err disk_bytes(struct disk *disk, uint64_t at, uint64_t len, disk_piece *piece, void *context,
		struct ward_error *error) WARD_MUST_USE;

/* One record; false: no more are wanted. */
typedef bool disk_told(void *context, const struct disk_record *record);

/*
 * The volumes, in order; their index is how the other calls name them.  One whose file system makes
 * the worker fall is told as that, and not opened again.  Troubles with their table come in
 * between.
 */
ward_err disk_volumes(struct disk *disk, disk_told *told, void *context,
		struct ward_error *error) WARD_MUST_USE;
/* Every file of a volume's file system, deleted ones too.  What was told before a failure is good.
 */
ward_err disk_list(struct disk *disk, uint64_t volume, disk_told *told, void *context,
		struct ward_error *error) WARD_MUST_USE;
/* Pictures and videos in what no file holds: all of it when there is no file system. */
ward_err disk_carve(struct disk *disk, uint64_t volume, disk_told *told, void *context,
		struct ward_error *error) WARD_MUST_USE;

/* The content of an entry that is not DISK_PLAIN, to a file's beginning; exactly its size. */
ward_err disk_fetch(struct disk *disk, uint64_t volume, const struct disk_entry *entry, int to,
		struct ward_error *error) WARD_MUST_USE;

/* The worker's process id, 0 when none runs; for tests that kill it. */
int disk_pid(const struct disk *disk);

#endif
