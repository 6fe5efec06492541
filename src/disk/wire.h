/*
 * wire.h - what ward and ward-worker-disk say to each other
 *
 * Messages of one fixed size each way travel over the SOCK_SEQPACKET pair that
 * the worker is started with.  First come the image's files, one SEGMENT with
 * a descriptor each; at BEGIN the worker closes its walls and says READY.  Then
 * each question is answered by any number of BATCH, of bytes that lie in the
 * shared memory until NEXT (or STOP) is said, and one END.  ALIVE in between
 * says that a long work goes on.
 *
 * A library that crashes on one file system must not hide the others: the worker says OPENING
 * before it opens one, and a worker that is started after a crash is told with SHUT, before
 * BEGIN, which not to open again.
 *
 * Of VOLUMES, LIST and CARVE the bytes are records (answer.h); a record never
 * lies in two batches.  Of READ and BYTES they are the content.
 */
#ifndef DISK_WIRE_H
#define DISK_WIRE_H

#include <ward/base.h>

#define DISK_MAGIC 0x314b5357u /* "WSK1" */

/* Shared memory; a record or a piece of content is at most this long. */
#define DISK_WINDOW ((size_t)4 << 20)

/* Segments of one image: what a process may have open by default, with some to spare. */
enum { DISK_SEGMENTS_MAX = 900 };

/* More partitions than any table of 128 entries has, with the gaps between them. */
enum {
	DISK_VOLUMES_MAX = 300,
	DISK_WHOLE = DISK_VOLUMES_MAX, /* in OPENING and SHUT: the disk as if it had no partitions
					*/
	DISK_OPENED_MAX,
};

enum disk_ask_kind {
	DISK_SEGMENT = 1, /* `len` bytes of the image, with a descriptor */
	DISK_BEGIN, /* `len` 1: the disk lies as it is in the files, whatever it begins with */
	DISK_VOLUMES,
	DISK_LIST,  /* `volume` */
	DISK_CARVE, /* `volume` */
	DISK_READ,  /* `volume`, `inode`, `attr_type`, `attr_id` */
	DISK_BYTES, /* `len` of the disk's own, from `at` on */
	DISK_NEXT,
	DISK_STOP, /* no more batches of this answer, but its END */
	DISK_SHUT, /* `volume` is not opened; before BEGIN */
};

struct disk_ask {
	uint32_t magic;
	uint32_t kind;
	uint64_t volume;
	uint64_t inode;
	uint32_t attr_type;
	uint32_t attr_id;
	uint64_t len;
	uint64_t at;
};

enum disk_word_kind {
	DISK_READY = 1,
	DISK_BATCH,
	DISK_ALIVE,
	DISK_END,
	DISK_OPENING, /* `len` is the volume; that it is open, any other word says */
};

struct disk_word {
	uint32_t magic;
	uint32_t kind;
	uint64_t len;    /* of a BATCH; of READY: of the disk; of OPENING: which */
	uint32_t err;    /* of an END, or of READY: a ward_err */
	uint32_t walls;  /* of READY: what the jail is made of */
	uint32_t packed; /* of READY: 1 when the disk's bytes are not the files' */
	uint32_t zero;
	/* With an error: a sentence, NUL-terminated.  Of READY without: a digest that was stored.
	 */
	char text[240];
};

_Static_assert(sizeof(struct disk_ask) == 48, "no padding");
_Static_assert(sizeof(struct disk_word) == 272, "no padding");

#endif
