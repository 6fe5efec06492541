/*
 * VDI, as VirtualBox writes it: a head, a table of blocks, and the blocks.  Facts are from
 * the structures in VirtualBox's published VDICore.h.
 */
#include "disk/virtual_kind.h"

enum {
	HEAD = 512,
	VERSION = 0x00010001,
	DYNAMIC = 1,
	FIXED = 2,
	BLOCK_MAX = 256 << 20,
	/* Of the table: the block lies nowhere; it was given back. */
	NONE = -1,
	DISCARDED = -2,
};

static const uint8_t magic[4] = { 0x7f, 0x10, 0xda, 0xbe };

static bool is_vdi(const struct disk_source *source)
{
	uint8_t bytes[4];

	return source->files > 0 && source->read(source->context, 0, 64, bytes, 4) &&
	       memcmp(bytes, magic, 4) == 0 && virtual_begins(source, "<<< ", 4);
}

static bool find_block(struct virtual *disk, uint64_t at, struct virtual_piece *piece)
{
	const struct virtual_vdi *vdi = &disk->vdi;
	uint64_t number = at / vdi->block;
	uint8_t bytes[4];

	*piece = (struct virtual_piece){ .from = number * vdi->block, .len = vdi->block };
	if (number >= vdi->entries || !virtual_table(disk, 0, vdi->table_at + number * 4, bytes, 4))
		return false;
	uint32_t entry = virtual_u32le(bytes);

	if (entry == (uint32_t)NONE || entry == (uint32_t)DISCARDED)
		return true;
	piece->packing = VIRTUAL_PLAIN;
	piece->at = vdi->blocks_at + entry * ((uint64_t)vdi->block + vdi->extra) + vdi->extra;
	return true;
}

static ward_err open_vdi(struct virtual *disk, struct ward_error *error)
{
	uint8_t head[HEAD];

	if (!virtual_bytes(disk, 0, 0, head, HEAD))
		return ward_fail(error, WARD_E_FORMAT, "the VDI image is cut off");
	if (virtual_u32le(head + 68) != VERSION)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"VDI images of this version are not read: convert it");
	uint32_t type = virtual_u32le(head + 76);

	if (type != DYNAMIC && type != FIXED)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the VDI image is the difference to another: merge them");
	disk->size = virtual_u64le(head + 368);
	disk->vdi = (struct virtual_vdi){
		.table_at = virtual_u32le(head + 340),
		.blocks_at = virtual_u32le(head + 344),
		.block = virtual_u32le(head + 376),
		.extra = virtual_u32le(head + 380),
		.entries = virtual_u32le(head + 384),
	};
	const struct virtual_vdi *vdi = &disk->vdi;

	if (vdi->block < 512 || vdi->block > BLOCK_MAX || (vdi->block & (vdi->block - 1)) ||
			vdi->extra > BLOCK_MAX || disk->size > INT64_MAX ||
			(disk->size + vdi->block - 1) / vdi->block > vdi->entries)
		return ward_fail(error, WARD_E_FORMAT, "the VDI image's head makes no sense");
	disk->find = find_block;
	return WARD_OK;
}

const struct virtual_kind virtual_vdi = { is_vdi, open_vdi, NULL };
