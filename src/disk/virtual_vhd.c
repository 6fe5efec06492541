/*
 * VHD, as Virtual PC and Hyper-V write it.  A fixed one is the disk with a foot
 * of 512 bytes; a dynamic one begins with a copy of that foot and has a table
 * of blocks.
 *
 * The foot alone is believed only when the file is as long as it says: the last
 * sector of a disk is its owner's to write, and might otherwise name another disk.
 */
#include "disk/virtual_kind.h"

enum {
	FOOT = 512,
	HEAD = 1024,
	FIXED = 2,
	DYNAMIC = 3,
	BLOCK_MAX = 256 << 20,
};

static const char magic[] = "conectix";

/* Ones' complement of the sum of all bytes but the sum itself. */
static bool sum_fits(const uint8_t *bytes, size_t len, size_t place)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i >= place && i < place + 4 ? 0 : bytes[i];
	return ~sum == virtual_u32be(bytes + place);
}

static bool read_foot(const struct disk_source *source, uint64_t at, uint8_t foot[FOOT])
{
	return source->read(source->context, 0, at, foot, FOOT) && memcmp(foot, magic, 8) == 0 &&
	       sum_fits(foot, FOOT, 64);
}

static bool is_fixed(const struct disk_source *source, uint8_t foot[FOOT])
{
	uint64_t len = source->file_len(source->context, 0);

	return source->files == 1 && len > FOOT && read_foot(source, len - FOOT, foot) &&
	       virtual_u32be(foot + 60) == FIXED && virtual_u64be(foot + 48) == len - FOOT;
}

static bool is_vhd(const struct disk_source *source)
{
	uint8_t foot[FOOT];

	return virtual_begins(source, magic, 8) || (source->files > 0 && is_fixed(source, foot));
}

static bool find_fixed(struct virtual *disk, uint64_t at, struct virtual_piece *piece)
{
	(void)at;
	*piece = (struct virtual_piece){ .len = disk->size, .packing = VIRTUAL_PLAIN };
	return true;
}

static bool find_block(struct virtual *disk, uint64_t at, struct virtual_piece *piece)
{
	const struct virtual_vhd *vhd = &disk->vhd;
	uint64_t number = at / vhd->block;
	uint8_t bytes[4];

	*piece = (struct virtual_piece){ .from = number * vhd->block, .len = vhd->block };
	if (number >= vhd->entries || !virtual_table(disk, 0, vhd->table_at + number * 4, bytes, 4))
		return false;
	if (virtual_u32be(bytes) == UINT32_MAX)
		return true;
	piece->packing = VIRTUAL_PLAIN;
	/* Of a disk without parent, what its bitmap leaves out was never written. */
	piece->at = (uint64_t)virtual_u32be(bytes) * 512 + vhd->bitmap;
	return true;
}

static ward_err open_dynamic(struct virtual *disk, const uint8_t *foot, struct ward_error *error)
{
	uint64_t at = virtual_u64be(foot + 16);
	uint8_t head[HEAD];

	if (!virtual_bytes(disk, 0, at, head, HEAD) || memcmp(head, "cxsparse", 8) != 0 ||
			!sum_fits(head, HEAD, 36))
		return ward_fail(error, WARD_E_FORMAT, "the VHD image's second head is damaged");
	struct virtual_vhd vhd = {
		.table_at = virtual_u64be(head + 16),
		.entries = virtual_u32be(head + 28),
		.block = virtual_u32be(head + 32),
	};

	if (vhd.block < 512 || vhd.block > BLOCK_MAX || (vhd.block & (vhd.block - 1)) ||
			(disk->size + vhd.block - 1) / vhd.block > vhd.entries)
		return ward_fail(error, WARD_E_FORMAT, "the VHD image's table makes no sense");
	vhd.bitmap = (vhd.block / 512 / 8 + 511) / 512 * 512;
	disk->vhd = vhd;
	disk->find = find_block;
	return WARD_OK;
}

static ward_err open_vhd(struct virtual *disk, struct ward_error *error)
{
	uint8_t foot[FOOT];

	if (is_fixed(&disk->source, foot)) {
		disk->size = virtual_u64be(foot + 48);
		disk->find = find_fixed;
		disk->vhd.fixed = true;
		return WARD_OK;
	}
	if (!read_foot(&disk->source, 0, foot))
		return ward_fail(error, WARD_E_FORMAT, "the VHD image's head is damaged");
	disk->size = virtual_u64be(foot + 48);
	if (disk->size > (uint64_t)UINT32_MAX * 512)
		return ward_fail(error, WARD_E_FORMAT, "the VHD image's size makes no sense");
	if (virtual_u32be(foot + 60) != DYNAMIC)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the VHD image is the difference to another: merge them");
	return open_dynamic(disk, foot, error);
}

const struct virtual_kind virtual_vhd = { is_vhd, open_vhd, NULL };
