/*
 * What lies in the blocks of files in use and is not the files': behind a file's end in its last
 * block, in blocks that it was given and never filled, and behind what NTFS calls the
 * valid length.  An earlier file may have left it, or somebody put it there.
 */
#include "disk/work.h"

enum { SECTOR = 512 };

/* Each is 16 bytes of memory. */
#define PIECES_MAX ((size_t)16 << 20)

/* Pieces that together are larger than the disk are no slack of a sound file system. */
static void add_piece(struct work *work, struct work_volume *volume, uint64_t offset, uint64_t len)
{
	/* Up to the sector's end, systems write zeroes; and what is carved begins with a sector. */
	uint64_t skip = (SECTOR - offset % SECTOR) % SECTOR;

	if (offset > work->size || len > work->size - offset || len < skip + SECTOR)
		return;
	offset += skip;
	len -= skip;
	if (volume->slack_count == PIECES_MAX || volume->slack_size + len > work->size) {
		volume->slack_full = true;
		return;
	}
	if (volume->slack_count == volume->slack_room) {
		size_t room = volume->slack_room ? volume->slack_room * 2 : 256;
		struct disk_run *slack = realloc(volume->slack, room * sizeof(*slack));

		if (!slack) {
			volume->slack_full = true;
			return;
		}
		volume->slack = slack;
		volume->slack_room = room;
	}
	volume->slack[volume->slack_count++] = (struct disk_run){ offset, len };
	volume->slack_size += len;
}

void work_slack_note(struct work *work, struct work_volume *volume, const TSK_FS_ATTR *attr,
		uint32_t block_size)
{
	uint64_t used = attr->size > 0 ? (uint64_t)attr->size : 0;

	if (volume->listed)
		return;
	if (attr->nrd.initsize >= 0 && (uint64_t)attr->nrd.initsize < used)
		used = (uint64_t)attr->nrd.initsize;
	for (const TSK_FS_ATTR_RUN *run = attr->nrd.run; run; run = run->next) {
		uint64_t at, len, offset;

		if (run->flags & (TSK_FS_ATTR_RUN_FLAG_SPARSE | TSK_FS_ATTR_RUN_FLAG_FILLER |
						 TSK_FS_ATTR_RUN_FLAG_ENCRYPTED))
			continue;
		if (ckd_mul(&at, run->offset, (uint64_t)block_size) ||
				ckd_mul(&len, run->len, (uint64_t)block_size) ||
				ckd_mul(&offset, run->addr, (uint64_t)block_size) ||
				ckd_add(&offset, offset, volume->offset) || len > UINT64_MAX - at)
			return;
		if (at + len <= used)
			continue;
		uint64_t full = used > at ? used - at : 0;

		if (offset <= UINT64_MAX - full)
			add_piece(work, volume, offset + full, len - full);
	}
}

static int by_offset(const void *a, const void *b)
{
	const struct disk_run *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

void work_slack_find(struct work *work, struct work_volume *volume)
{
	if (!volume->listed) {
		work->quiet = true;
		/* Why it could not be listed to its end was told when that was asked for. */
		ward_err err = work_list(work, volume, NULL);

		(void)err;
		work->quiet = false;
	}
	if (volume->slack_full)
		work_trouble(work, WARD_E_LIMIT, WARD_STR(""),
				"what lies behind the ends of files is too much: not all of it is "
				"looked through");
	volume->slack_full = false;
	if (volume->slack_count > 0)
		qsort(volume->slack, volume->slack_count, sizeof(*volume->slack), by_offset);
}
