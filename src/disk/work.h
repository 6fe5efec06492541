/*
 * work.h - the half of a disk's reading that runs within the jail
 *
 * `work_main` takes the image's descriptors, closes the walls, and answers
 * questions until it is ended.  An image is read through The Sleuth Kit's own
 * cache, by pread on those descriptors.  Inside there is no recovery: a
 * library that crashes takes the process with it, and ward says so.
 */
#ifndef DISK_WORK_H
#define DISK_WORK_H

#include <tsk/libtsk.h>

#include "disk/answer.h"
#include "disk/ewf.h"
#include "disk/segments.h"
#include "disk/virtual.h"
#include "disk/wire.h"

struct work_volume {
	uint64_t offset, len;
	bool gap;
	bool tried; /* to open its file system */
	bool lost;  /* it has one that should be readable, and is not */
	TSK_FS_INFO *system;
	const char *trouble; /* why there is none */
	/* Of an APFS container; it has no file system, and each volume in it is one more of these.
	 */
	const TSK_POOL_INFO *pool;
	/* Of a volume in a container: which that is, plus 1 (0: it is a partition), its own number
	 * in it from 1 on, and what the container says of it. */
	size_t container;
	unsigned number;
	const TSK_POOL_VOLUME_INFO *member;
	/* What lies in blocks of files in use and is not theirs; known once it was listed. */
	struct disk_run *slack;
	size_t slack_count, slack_room;
	uint64_t slack_size;
	bool listed, slack_full;
	bool part; /* of a CD that is a Macintosh's disk too: none of its own, says its table */
};

struct work {
	uint8_t *window;
	struct ward_buf batch; /* records that wait; copied to the window */
	bool quiet;            /* of files and troubles nothing is told */
	bool stopped;          /* the rest of this answer is not wanted */
	uint64_t alive_us;     /* when anything was last said */
	struct segments files;
	/* When the disk lies in them so; at most one of the two. */
	struct ewf *ewf;
	struct virtual *virtual;
	const char *remark; /* what is not seen of it; NULL for nothing */
	bool raw;           /* it is to be read as it lies, whatever it begins with */
	uint64_t size;      /* of the disk */
	TSK_IMG_INFO *image;
	bool have_volumes;
	struct work_volume volumes[DISK_VOLUMES_MAX];
	size_t volume_count;
	size_t beyond, too_many;    /* volumes that begin behind the end, or have no room here */
	bool shut[DISK_OPENED_MAX]; /* an earlier worker fell when it opened them */
};

int work_main(void);

/* ---- for the parts of it ---- */

/* Exactly `len` bytes of the image. */
bool work_read(struct work *work, uint64_t offset, uint8_t *to, size_t len) WARD_MUST_USE;
/* Says that the work goes on, when a second has passed. */
void work_alive(struct work *work);
/* Says which volume is opened next, in case that it is the last that is done. */
void work_opening(size_t volume);
/* Hands over what waits in the batch when it is large or old; ends the process when nobody hears.
 */
void work_flush(struct work *work, bool all);
/* Hands over `len` bytes that are in the window. */
void work_send(struct work *work, size_t len);
/* A sentence about what could not be read. */
void work_trouble(struct work *work, ward_err err, ward_str path, const char *message);

/* Finds partitions, once. */
void work_find_volumes(struct work *work);
/* The file system of a volume; NULL, and volume->trouble says why. */
TSK_FS_INFO *work_open(struct work *work, struct work_volume *volume);
/* Of ext4: files in so many pieces that libtsk gives them up are read as well (work_ext4.c). */
void work_mend_ext4(TSK_FS_INFO *system);

/* ---- APFS (work_apfs.c) ---- */

/* Does a container begin here? */
bool work_apfs_is(struct work *work, const struct work_volume *volume);
/* Sets volume->pool, or says in volume->trouble why there is none. */
void work_apfs_open(struct work *work, struct work_volume *volume);
/* Adds the volumes of all containers that are open. */
void work_apfs_add(struct work *work);
/* The file system of a container's volume; NULL, and volume->trouble may say why. */
TSK_FS_INFO *work_apfs_volume(struct work *work, struct work_volume *volume);
/* Its content is packed, and The Sleuth Kit does not unpack it. */
bool work_apfs_is_packed(const TSK_FS_FILE *file);
void work_apfs_tell_snapshots(struct work *work, const struct work_volume *volume);
/* Of no volume in it the files' blocks are lost: then what is not free is a file's. */
bool work_apfs_is_whole(struct work *work, const struct work_volume *volume);
/* Free bytes of a container, counted from its beginning; false: not all could be read. */
bool work_apfs_free(struct work *work, const struct work_volume *volume,
		bool (*range)(void *context, uint64_t offset, uint64_t len), void *context);

/* Takes note of what lies in an attribute's blocks and is not of the file. */
void work_slack_note(struct work *work, struct work_volume *volume, const TSK_FS_ATTR *attr,
		uint32_t block_size);
/* In order of the disk; lists the volume for it when this process did not yet. */
void work_slack_find(struct work *work, struct work_volume *volume);

ward_err work_volumes(struct work *work, struct ward_error *error);
ward_err work_list(struct work *work, struct work_volume *volume, struct ward_error *error);
ward_err work_content(struct work *work, struct work_volume *volume, const struct disk_ask *ask,
		struct ward_error *error);
ward_err work_carve(struct work *work, struct work_volume *volume, struct ward_error *error);

#endif
