/*
 * APFS: a partition is a container, and its volumes share its blocks.  The container is a volume
 * to ward whose free blocks are carved, once; each volume in it is one whose files are listed.
 *
 * Places of files are blocks of the container, so they count from its beginning.  The Sleuth Kit
 * opens no file for it: it reads through the image that it was given.
 */
#include "disk/apfs.h"
#include "disk/work.h"

/* Within a volume's superblock (Apple File System Reference, "Volume"). */
enum { INCOMPATIBLE = 0x38, SNAPSHOTS = 0xd8 };

#define SEALED 0x20u

struct part {
	struct work *work;
	const struct work_volume *volume;
};

static bool read_part(void *context, uint64_t at, uint8_t *to, size_t len)
{
	const struct part *part = context;

	return at <= part->volume->len && len <= part->volume->len - at &&
	       work_read(part->work, part->volume->offset + at, to, len);
}

bool work_apfs_is(struct work *work, const struct work_volume *volume)
{
	struct part part = { work, volume };
	const struct apfs_source source = { &part, read_part, volume->len, false };
	struct apfs_facts facts;

	return apfs_is(&source, &facts);
}

void work_apfs_open(struct work *work, struct work_volume *volume)
{
	struct part part = { work, volume };
	const struct apfs_source source = { &part, read_part, volume->len, false };
	struct apfs_facts facts;

	if (!apfs_is(&source, &facts))
		return;
	if (facts.fusion) {
		volume->trouble = "it is one half of a Fusion drive (APFS), which is not read";
		return;
	}
	volume->pool = tsk_pool_open_img_sing(work->image, (TSK_OFF_T)volume->offset,
			TSK_POOL_TYPE_APFS);
	tsk_error_reset();
	if (volume->pool && volume->pool->block_size != APFS_BLOCK)
		volume->pool = NULL;
	if (!volume->pool)
		volume->trouble = "its APFS container is damaged";
}

/* Behind all partitions, so that their numbers do not depend on what can be opened. */
void work_apfs_add(struct work *work)
{
	size_t partitions = work->volume_count;

	for (size_t i = 0; i < partitions; i++) {
		const TSK_POOL_INFO *pool = work->volumes[i].pool;
		const TSK_POOL_VOLUME_INFO *member = pool ? pool->vol_list : NULL;

		for (unsigned n = 1; member && (int)n <= pool->num_vols; n++) {
			work->too_many += work->volume_count == DISK_VOLUMES_MAX;
			if (work->volume_count < DISK_VOLUMES_MAX)
				work->volumes[work->volume_count++] = (struct work_volume){
					.offset = work->volumes[i].offset,
					.len = work->volumes[i].len,
					.container = i + 1,
					.number = n,
					.member = member,
				};
			member = member->next;
		}
	}
}

/* A number of `len` bytes in the volume's superblock; 0 when it cannot be read. */
static uint64_t fact_of(struct work *work, const struct work_volume *volume, unsigned at)
{
	struct part part = { work, volume };
	uint8_t bytes[8];
	uint64_t from;

	if (ckd_mul(&from, volume->member->block, (uint64_t)APFS_BLOCK) ||
			ckd_add(&from, from, (uint64_t)at) ||
			!read_part(&part, from, bytes, sizeof(bytes)))
		return 0;
	struct ward_reader reader = ward_reader_from((ward_bytes){ bytes, sizeof(bytes) });

	return ward_read_u64le(&reader);
}

TSK_FS_INFO *work_apfs_volume(struct work *work, struct work_volume *volume)
{
	const TSK_POOL_INFO *pool = work->volumes[volume->container - 1].pool;
	TSK_IMG_INFO *image;

	if (volume->member->flags & TSK_POOL_VOLUME_FLAG_ENCRYPTED) {
		volume->trouble = "it is encrypted (FileVault): its files cannot be read";
		return NULL;
	}
	if (fact_of(work, volume, INCOMPATIBLE) & SEALED) {
		volume->trouble = "it is a sealed volume of the system's own files, whose places "
				  "are not read";
		return NULL;
	}
	image = pool->get_img_info(pool, volume->member->block);
	if (!image)
		return NULL;
	return tsk_fs_open_img(image, (TSK_OFF_T)volume->offset, TSK_FS_TYPE_APFS);
}

/* Blocks that snapshots alone hold are neither a file's nor free. */
void work_apfs_tell_snapshots(struct work *work, const struct work_volume *volume)
{
	uint64_t count = volume->member ? fact_of(work, volume, SNAPSHOTS) : 0;
	char text[128];

	if (count == 0)
		return;
	snprintf(text, sizeof(text),
			"%llu snapshots of it are not read: files that only they hold are not seen",
			(unsigned long long)count);
	work_trouble(work, WARD_E_UNSUPPORTED, WARD_STR(""), text);
}

/* It unpacks deflate and LZVN; of what is packed otherwise, or damaged, it tells no content. */
bool work_apfs_is_packed(const TSK_FS_FILE *file)
{
	return (file->meta->flags & TSK_FS_META_FLAG_COMP) &&
	       TSK_FS_TYPE_ISAPFS(file->fs_info->ftype) &&
	       !tsk_fs_file_attr_get_type((TSK_FS_FILE *)(uintptr_t)file,
			       TSK_FS_ATTR_TYPE_APFS_DATA, 0, 0);
}

bool work_apfs_free(struct work *work, const struct work_volume *volume,
		bool (*range)(void *context, uint64_t offset, uint64_t len), void *context)
{
	struct part part = { work, volume };
	const struct apfs_source source = { &part, read_part, volume->len, false };

	return apfs_free(&source, range, context);
}

bool work_apfs_is_whole(struct work *work, const struct work_volume *volume)
{
	size_t container = (size_t)(volume - work->volumes) + 1;

	for (size_t i = 0; i < work->volume_count; i++) {
		if (work->volumes[i].container == container &&
				!work_open(work, &work->volumes[i]) && work->volumes[i].lost)
			return false;
	}
	return true;
}
