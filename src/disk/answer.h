/*
 * answer.h - the records that ward-worker-disk tells, written there and read here
 *
 * The worker has read a hostile file system and may have been taken over, so a
 * record is checked to the last byte before anything is made of it: lengths,
 * flags, and that each run of a file's bytes lies within the image and all
 * runs together are the file.  Numbers are little-endian.
 */
#ifndef DISK_ANSWER_H
#define DISK_ANSWER_H

#include <ward/base.h>

/* Longer than any path that a file system of ours can hold is of use for. */
#define DISK_PATH_MAX ((size_t)16 << 10)

enum disk_record_kind { DISK_VOLUME = 1, DISK_ENTRY, DISK_TROUBLE };

enum {
	DISK_DELETED = 1, /* its name is not in use any more */
	DISK_CARVED = 2,  /* it has no name: found by its first bytes */
	DISK_PLAIN = 4,   /* its bytes lie in the image as they are, where the runs say */
	DISK_PARTIAL = 8, /* carved: its end is not there, or not where it should be */
	DISK_SLACK = 16,  /* carved: from behind a file's end, in the file's own last block */
	DISK_FLAGS = 31,
};

/* Zeroes that lie nowhere. */
#define DISK_NOWHERE UINT64_MAX

/* Bytes of the image, or DISK_NOWHERE. */
struct disk_run {
	uint64_t offset;
	uint64_t len;
};

struct disk_volume {
	uint64_t offset, len; /* in the image */
	bool readable;        /* it has a file system that can be listed */
	bool gap;             /* no partition: what lies between them */
	/* Of a volume in a container: that container's place in the row plus 1, and its own number
	 * in it from 1 on; both 0: it is none. */
	uint32_t container, number;
	ward_str system;  /* "ntfs", "ext4"; "" when there is none */
	ward_str trouble; /* why it cannot be listed */
};

struct disk_entry {
	uint64_t inode;
	uint64_t size;
	int64_t modified, accessed, changed, created; /* Unix seconds; 0: not known */
	unsigned flags;                               /* DISK_DELETED, ... */
	uint32_t attr_type, attr_id;                  /* by which the worker reads it again */
	ward_str path; /* within the volume, with a slash before it; of a carved one "jpg" */
	uint32_t run_count;
	const uint8_t *runs; /* read with disk_run_at */
};

/* What could not be read: a folder, a file's list of blocks, the rest of a volume. */
struct disk_trouble {
	ward_err err;
	ward_str path;
	ward_str message;
};

struct disk_record {
	enum disk_record_kind kind;
	struct disk_volume volume;
	struct disk_entry entry;
	struct disk_trouble trouble;
};

struct disk_run disk_run_at(const struct disk_entry *entry, uint32_t index);

/*
 * Takes the next record off the front of `rest`.  Everything is borrowed from
 * there.  FORMAT when it is not what a worker of ours writes; `image_size` bounds the runs.
 */
ward_err disk_answer_read(ward_bytes *rest, uint64_t image_size, struct disk_record *record,
		struct ward_error *error) WARD_MUST_USE;

/* ---- the worker's half: each appends one record ---- */

void disk_answer_volume(struct ward_buf *out, const struct disk_volume *volume);
/* `runs` in place of the entry's own. */
void disk_answer_entry(struct ward_buf *out, const struct disk_entry *entry,
		const struct disk_run *runs);
void disk_answer_trouble(struct ward_buf *out, const struct disk_trouble *trouble);

#endif
