/* Pictures and videos in what no file holds. */
#include "disk/carve.h"
#include "disk/work.h"

#include <inttypes.h>

/* What is allocated begins with a sector everywhere. */
enum { SECTOR = 512 };

/* Read at a time; the last bytes of it are looked at with the next. */
#define CHUNK ((size_t)1 << 20)

/* Free ranges of a volume; each is 24 bytes of memory. */
#define RANGES_MAX ((size_t)16 << 20)

/* Free bytes, in order, as one stream: a file around somebody else's blocks lies in one piece. */
struct range {
	uint64_t at;     /* in the stream */
	uint64_t offset; /* in the image */
	uint64_t len;
};

struct space {
	struct work *work;
	struct work_volume *volume;
	struct range *ranges;
	size_t count, room;
	uint64_t size; /* of the stream */
	bool too_many, slack;
	uint32_t block_size;
	uint64_t told; /* bytes of all finds */
};

/*
 * Finds may overlap: what breaks off, and what lies within another's bytes.  Bytes made for it
 * would make each sector begin one that reaches to the end; so many times the disk's size is
 * enough.
 */
#define TOLD_TIMES 16

/* ---- what is free ---- */

static bool add_free(struct space *space, uint64_t offset, uint64_t len)
{
	struct range *last = space->count ? &space->ranges[space->count - 1] : NULL;

	if (offset >= space->work->size)
		return true;
	if (len > space->work->size - offset)
		len = space->work->size - offset;
	if (last && last->offset + last->len == offset) {
		last->len += len;
		space->size += len;
		return true;
	}
	if (space->count == space->room) {
		size_t room = space->room ? space->room * 2 : 1024;
		struct range *ranges =
				room > RANGES_MAX ? NULL
						  : realloc(space->ranges, room * sizeof(*ranges));

		if (!ranges) {
			space->too_many = true;
			return false;
		}
		space->ranges = ranges;
		space->room = room;
	}
	space->ranges[space->count++] = (struct range){ space->size, offset, len };
	space->size += len;
	return true;
}

static TSK_WALK_RET_ENUM meet_block(const TSK_FS_BLOCK *block, void *context)
{
	struct space *space = context;
	uint64_t offset;

	if ((block->addr & 0xffff) == 0)
		work_alive(space->work);
	if (ckd_mul(&offset, block->addr, (uint64_t)space->block_size) ||
			ckd_add(&offset, offset, space->volume->offset))
		return TSK_WALK_CONT;
	return add_free(space, offset, space->block_size) ? TSK_WALK_CONT : TSK_WALK_STOP;
}

/* Behind the file system's last block, where an earlier one may have been. */
static void add_tail(struct space *space, const TSK_FS_INFO *system)
{
	uint64_t used, volume = space->volume->len;

	if (ckd_mul(&used, system->block_count, (uint64_t)system->block_size) || used >= volume)
		return;
	(void)add_free(space, space->volume->offset + used, volume - used);
}

/* Of a container; what a partition has behind its last block as well. */
static bool meet_range(void *context, uint64_t offset, uint64_t len)
{
	struct space *space = context;

	work_alive(space->work);
	return add_free(space, space->volume->offset + offset, len);
}

static bool find_free_of_container(struct space *space)
{
	uint64_t used;

	if (!work_apfs_is_whole(space->work, space->volume) ||
			!work_apfs_free(space->work, space->volume, meet_range, space))
		return false;
	if (!ckd_mul(&used, space->volume->pool->num_blocks,
			    (uint64_t)space->volume->pool->block_size) &&
			used < space->volume->len)
		(void)add_free(space, space->volume->offset + used, space->volume->len - used);
	return true;
}

/* False when the list of free blocks cannot be read: then all of the volume is looked through. */
static bool find_free(struct space *space, TSK_FS_INFO *system)
{
	space->block_size = system->block_size;
	uint8_t failed = tsk_fs_block_walk(system, system->first_block, system->last_block_act,
			TSK_FS_BLOCK_WALK_FLAG_UNALLOC | TSK_FS_BLOCK_WALK_FLAG_META |
					TSK_FS_BLOCK_WALK_FLAG_CONT | TSK_FS_BLOCK_WALK_FLAG_AONLY,
			meet_block, space);

	tsk_error_reset();
	if (failed)
		return false;
	add_tail(space, system);
	return true;
}

/* ---- reading it ---- */

static size_t range_at(const struct space *space, uint64_t at)
{
	size_t low = 0, high = space->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (space->ranges[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool read_space(void *context, uint64_t at, uint8_t *to, size_t len)
{
	struct space *space = context;

	if (at > space->size || len > space->size - at)
		return false;
	for (size_t i = range_at(space, at); len > 0; i++) {
		const struct range *range = &space->ranges[i];
		uint64_t within = at - range->at;
		size_t want = len < range->len - within ? len : (size_t)(range->len - within);

		if (!work_read(space->work, range->offset + within, to, want))
			return false;
		to += want;
		at += want;
		len -= want;
	}
	return true;
}

/* ---- what is found ---- */

static uint64_t place_of(const struct space *space, uint64_t at)
{
	const struct range *range = &space->ranges[range_at(space, at)];

	return range->offset + at - range->at;
}

static void tell_scattered(struct space *space, uint64_t at)
{
	char text[128];

	snprintf(text, sizeof(text),
			"a lost file around byte %" PRIu64
			" lies in more pieces than are put together",
			place_of(space, at));
	work_trouble(space->work, WARD_E_LIMIT, WARD_STR(""), text);
}

static void tell(struct space *space, uint64_t at, const struct carved *carved)
{
	static struct disk_run runs[DISK_WINDOW / 32];
	struct disk_entry entry = {
		.inode = 0,
		.size = carved->len,
		.flags = DISK_CARVED | DISK_PLAIN | (carved->partial ? DISK_PARTIAL : 0) |
			 (space->slack ? DISK_SLACK : 0),
		.path = ward_str_from(carved->extension),
	};
	uint64_t left = carved->len;

	for (size_t i = range_at(space, at); left > 0; i++) {
		const struct range *range = &space->ranges[i];
		uint64_t within = at - range->at;
		uint64_t len = left < range->len - within ? left : range->len - within;

		if (entry.run_count == sizeof(runs) / sizeof(*runs)) {
			tell_scattered(space, at);
			return;
		}
		runs[entry.run_count++] = (struct disk_run){ range->offset + within, len };
		at += len;
		left -= len;
	}
	disk_answer_entry(&space->work->batch, &entry, runs);
	work_flush(space->work, false);
}

/*
 * Returns where to look on.  Only where every byte belongs to the picture nothing else can lie
 * within: of a format that states lengths, its boxes and chunks may hold anything.
 */
static uint64_t look_at(struct space *space, uint64_t at)
{
	const struct carve_source source = { space, read_space, space->size };
	struct carved carved;

	if (!carve_at(&source, at, &carved))
		return at + SECTOR;
	space->told += carved.len;
	tell(space, at, &carved);
	return carved.partial || !carved.dense ? at + SECTOR
					       : at + (carved.len + SECTOR - 1) / SECTOR * SECTOR;
}

/* A chunk that cannot be read is told once, and passed over. */
static void tell_unread(struct space *space, uint64_t at)
{
	char text[96];

	snprintf(text, sizeof(text), "the image cannot be read at byte %" PRIu64,
			place_of(space, at));
	work_trouble(space->work, WARD_E_IO, WARD_STR(""), text);
}

/* True, once told, when there are more bytes in finds than any disk has lost files. */
static bool is_flooded(struct space *space, uint64_t at)
{
	char text[128];

	if (space->told / TOLD_TIMES <= space->size)
		return false;
	snprintf(text, sizeof(text),
			"lost files are %d times what is free: from byte %" PRIu64
			" on they are not looked for",
			TOLD_TIMES, place_of(space, at));
	work_trouble(space->work, WARD_E_LIMIT, WARD_STR(""), text);
	return true;
}

static void look_through(struct space *space, uint8_t *chunk)
{
	uint64_t at = 0;

	while (at + SECTOR <= space->size && !space->work->stopped) {
		size_t len = space->size - at < CHUNK ? (size_t)(space->size - at) : CHUNK;
		uint64_t from = at;

		if (is_flooded(space, at))
			return;
		if (!read_space(space, from, chunk, len)) {
			tell_unread(space, from);
			at += len;
			continue;
		}
		while (at < from + len && from + len - at >= CARVE_HEAD && !space->work->stopped)
			at = carve_begins(chunk + (at - from)) ? look_at(space, at) : at + SECTOR;
		/* The last sector may be half a one. */
		if (at < from + len)
			at = from + len;
	}
}

/* Each piece for itself: what lies behind one file's end does not go on behind another's. */
static void look_through_slack(struct work *work, struct work_volume *volume, uint8_t *chunk)
{
	work_slack_find(work, volume);
	for (size_t i = 0; i < volume->slack_count && !work->stopped; i++) {
		const struct disk_run *run = &volume->slack[i];
		struct range range = { 0, run->offset, run->len };
		struct space space = {
			.work = work,
			.volume = volume,
			.ranges = &range,
			.count = 1,
			.size = run->len,
			.slack = true,
		};

		look_through(&space, chunk);
	}
}

ward_err work_carve(struct work *work, struct work_volume *volume, struct ward_error *error)
{
	struct space space = { .work = work, .volume = volume };
	TSK_FS_INFO *system = work_open(work, volume);
	uint8_t *chunk = malloc(CHUNK);
	bool is_system = system || volume->pool, known = false;

	if (chunk && volume->pool)
		known = find_free_of_container(&space);
	else if (chunk && system)
		known = volume->member || find_free(&space, system);
	/* Blocks of a container's volume that cannot be read are looked through with the container.
	 */
	if (volume->member && !system)
		known = true;

	if (chunk && !known) {
		space.count = 0;
		space.size = 0;
		(void)add_free(&space, volume->offset, volume->len);
	}
	if (chunk && is_system && !known)
		work_trouble(work, WARD_E_FORMAT, WARD_STR(""),
				"which blocks are free cannot be read: all of them are looked "
				"through");
	if (chunk && space.count > 0)
		look_through(&space, chunk);
	if (chunk && known && system)
		look_through_slack(work, volume, chunk);
	free(space.ranges);
	free(chunk);
	if (!chunk)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (space.too_many)
		return ward_fail(error, WARD_E_LIMIT, "what is free lies in too many pieces");
	return WARD_OK;
}
