/* Partitions, and the file system in each. */
#include "disk/work.h"

#include <inttypes.h>

static void add_volume(struct work *work, uint64_t offset, uint64_t len, bool gap, bool part)
{
	work->beyond += len > 0 && offset >= work->size;
	work->too_many += len > 0 && offset < work->size && work->volume_count == DISK_VOLUMES_MAX;
	if (work->volume_count == DISK_VOLUMES_MAX || offset >= work->size || len == 0)
		return;
	if (len > work->size - offset)
		len = work->size - offset;
	work->volumes[work->volume_count++] = (struct work_volume){ .offset = offset,
		.len = len,
		.gap = gap,
		.part = part };
}

/* The Macintosh's table is an entry of itself, and so are pieces of the CD around its volume. */
static bool is_part(const TSK_VS_INFO *table, const TSK_VS_PART_INFO *part)
{
	return table->vstype == TSK_VS_TYPE_MAC && part->desc &&
	       (strcmp(part->desc, "Apple_partition_map") == 0 ||
			       strcmp(part->desc, "ISO9660_data") == 0);
}

static void add_partitions(struct work *work, const TSK_VS_INFO *table)
{
	for (const TSK_VS_PART_INFO *part = table->part_list; part; part = part->next) {
		uint64_t offset, len;

		if ((part->flags & TSK_VS_PART_FLAG_META) ||
				ckd_mul(&offset, part->start, (uint64_t)table->block_size) ||
				ckd_mul(&len, part->len, (uint64_t)table->block_size) ||
				ckd_add(&offset, offset, (uint64_t)table->offset))
			continue;
		add_volume(work, offset, len, !(part->flags & TSK_VS_PART_FLAG_ALLOC),
				is_part(table, part));
	}
}

/* A container has no file system itself, and is what the table said. */
static bool is_readable(struct work *work, struct work_volume *volume)
{
	return work_open(work, volume) || volume->pool;
}

/*
 * A table that names no partition with a file system may be none: the boot
 * sector of a disk without partitions looks like one at times.
 */
static bool any_readable(struct work *work)
{
	for (size_t i = 0; i < work->volume_count; i++) {
		if (!work->volumes[i].gap && is_readable(work, &work->volumes[i]))
			return true;
	}
	return false;
}

/* Does a table that counts in sectors of this size name anything that can be read? */
static bool find_table(struct work *work, unsigned sector)
{
	unsigned usual = work->image->sector_size;

	work->image->sector_size = sector;
	TSK_VS_INFO *table = tsk_vs_open(work->image, 0, TSK_VS_TYPE_DETECT);

	work->image->sector_size = usual;
	work->volume_count = 0;
	work->beyond = work->too_many = 0;
	if (table)
		add_partitions(work, table);
	return any_readable(work);
}

/* A CD that is a Macintosh's disk too has files of its own beside the volume in its table. */
static void add_whole_cd(struct work *work)
{
	struct work_volume whole = { .offset = 0, .len = work->size };
	bool any = false;

	for (size_t i = 0; i < work->volume_count; i++)
		any |= work->volumes[i].part;
	if (any && work->volume_count < DISK_VOLUMES_MAX && work_open(work, &whole))
		work->volumes[work->volume_count++] = whole;
}

static void find_partitions(struct work *work)
{
	/* A GPT says by its place how large a sector is; a boot sector's table does not. */
	if (find_table(work, 512) || find_table(work, 4096)) {
		add_whole_cd(work);
		return;
	}
	(void)find_table(work, 512);
	struct work_volume whole = { .offset = 0, .len = work->size };

	if (work->volume_count > 0 && !is_readable(work, &whole))
		return;
	work->volumes[0] = whole;
	work->volume_count = 1;
	/* They were no partitions then. */
	work->beyond = work->too_many = 0;
}

void work_find_volumes(struct work *work)
{
	if (work->have_volumes)
		return;
	work->have_volumes = true;
	find_partitions(work);
	for (size_t i = 0; i < work->volume_count; i++) {
		if (!work->volumes[i].gap && work_apfs_is(work, &work->volumes[i]))
			(void)work_open(work, &work->volumes[i]);
	}
	work_apfs_add(work);
}

static const char *why_not(void)
{
	uint32_t number = tsk_error_get_errno();

	tsk_error_reset();
	if (number == TSK_ERR_FS_ENCRYPTED || number == TSK_ERR_FS_POSSIBLY_ENCRYPTED)
		return "it is encrypted, or looks so";
	if (number == TSK_ERR_FS_READ || number == TSK_ERR_IMG_READ ||
			number == TSK_ERR_IMG_READ_OFF)
		return "its file system reaches behind the end of the image, or cannot be read";
	if (number == TSK_ERR_FS_UNKTYPE)
		return "it has no file system that is known here";
	return "its file system is damaged";
}

/* The disk as a whole is no entry of the table. */
static size_t index_of(const struct work *work, const struct work_volume *volume)
{
	return volume >= work->volumes && volume < work->volumes + DISK_VOLUMES_MAX
			       ? (size_t)(volume - work->volumes)
			       : DISK_WHOLE;
}

TSK_FS_INFO *work_open(struct work *work, struct work_volume *volume)
{
	if (volume->tried)
		return volume->system;
	volume->tried = true;
	if (volume->gap)
		return NULL;
	size_t index = index_of(work, volume);

	if (work->shut[index]) {
		volume->trouble = "what reads its file system crashed on it, or did not end";
		volume->lost = true;
		return NULL;
	}
	/* What was told of others is not lost if this is the end. */
	work_flush(work, true);
	work_opening(index);
	if (work_apfs_is(work, volume) && !volume->member) {
		work_apfs_open(work, volume);
		return NULL;
	}
	volume->system = volume->member ? work_apfs_volume(work, volume)
					: tsk_fs_open_img(work->image, (TSK_OFF_T)volume->offset,
							  TSK_FS_TYPE_DETECT);
	if (!volume->system) {
		/* What its table has for a piece of a CD is no volume that is lost. */
		volume->gap = volume->part && !volume->trouble &&
			      tsk_error_get_errno() == TSK_ERR_FS_UNKTYPE;
		const char *why = why_not();

		volume->lost = volume->trouble == NULL && !volume->gap;
		if (!volume->trouble && !volume->gap)
			volume->trouble = why;
		return NULL;
	}
	/* What a file system says of its block is multiplied by everything else. */
	if (volume->system->block_size == 0 || volume->system->block_size > 1u << 26) {
		volume->system = NULL;
		volume->trouble = "its file system is damaged";
	}
	if (volume->system)
		work_mend_ext4(volume->system);
	return volume->system;
}

/* What the table names, and is not in the image: a part of it is missing, or the table lies. */
static void tell_missing(struct work *work)
{
	char text[128];

	if (work->beyond > 0) {
		snprintf(text, sizeof(text),
				"%zu of its partitions lie behind its end: is it whole, and are "
				"all its "
				"parts there?",
				work->beyond);
		work_trouble(work, WARD_E_FORMAT, WARD_STR(""), text);
	}
	if (work->ewf && ewf_unread(work->ewf) > 0) {
		snprintf(text, sizeof(text),
				"%" PRIu64
				" sectors could not be read when the image was made, and "
				"are zeroes in it",
				ewf_unread(work->ewf));
		work_trouble(work, WARD_E_IO, WARD_STR(""), text);
	}
	if (work->too_many > 0) {
		snprintf(text, sizeof(text), "%zu partitions more than the %d that are read",
				work->too_many, DISK_VOLUMES_MAX);
		work_trouble(work, WARD_E_LIMIT, WARD_STR(""), text);
	}
}

ward_err work_volumes(struct work *work, struct ward_error *error)
{
	(void)error;
	tell_missing(work);
	if (work->remark)
		work_trouble(work, WARD_E_UNSUPPORTED, WARD_STR(""), work->remark);
	for (size_t i = 0; i < work->volume_count; i++) {
		struct work_volume *volume = &work->volumes[i];
		TSK_FS_INFO *system = work_open(work, volume);
		const char *name = system ? tsk_fs_type_toname(system->ftype) : NULL;

		if (volume->pool)
			name = "apfs container";

		disk_answer_volume(&work->batch,
				&(struct disk_volume){
						.offset = volume->offset,
						.len = volume->len,
						.readable = system != NULL,
						.gap = volume->gap,
						.container = (uint32_t)volume->container,
						.number = volume->number,
						.system = ward_str_from(name),
						.trouble = ward_str_from(volume->trouble),
				});
		work_flush(work, false);
	}
	return WARD_OK;
}
