/*
 * VHDX, as Hyper-V writes it: two heads of which the newer counts, a list of
 * regions, among them a table of blocks and one of facts.  Its log is not
 * replayed; when one waits, that is a remark.
 */
#include "disk/virtual_kind.h"

enum {
	HEAD = 4096,
	REGIONS = 64 << 10,
	FACTS = 64 << 10,
	BLOCK_MAX = 256 << 20,
	BLOCK_MIN = 1 << 20,
	/* Of both lists, in the description. */
	ENTRIES_MAX = 2047,
};

enum { BLOCK_PRESENT = 6, BLOCK_PARTLY = 7, HAS_PARENT = 2 };

#define MEGABYTES (~(((uint64_t)1 << 20) - 1))

static const uint8_t guid_table[16] = { 0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64,
	0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08 };
static const uint8_t guid_facts[16] = { 0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe,
	0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e };
static const uint8_t guid_file[16] = { 0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6,
	0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b };
static const uint8_t guid_size[16] = { 0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11,
	0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8 };
static const uint8_t guid_sector[16] = { 0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47, 0xba, 0x47,
	0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f };

uint32_t virtual_crc32c(const uint8_t *bytes, size_t len, size_t hole)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= i >= hole && i < hole + 4 ? 0 : bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static bool is_vhdx(const struct disk_source *source)
{
	return virtual_begins(source, "vhdxfile", 8);
}

static bool read_checked(const struct virtual *disk, uint64_t at, const char *sign, uint8_t *to,
		size_t len)
{
	return virtual_bytes(disk, 0, at, to, len) && memcmp(to, sign, 4) == 0 &&
	       virtual_crc32c(to, len, 4) == virtual_u32le(to + 4);
}

static ward_err take_head(struct virtual *disk, struct ward_error *error)
{
	static const uint8_t no_log[16];
	uint8_t heads[2][HEAD];
	bool first = read_checked(disk, 64 << 10, "head", heads[0], HEAD);
	bool second = read_checked(disk, 128 << 10, "head", heads[1], HEAD);

	if (!first && !second)
		return ward_fail(error, WARD_E_FORMAT, "the VHDX image's heads are damaged");
	bool newer = second &&
		     (!first || virtual_u64le(heads[1] + 8) > virtual_u64le(heads[0] + 8));
	const uint8_t *head = heads[newer];

	if ((head[66] | head[67] << 8) != 1)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"VHDX images of this version are not read: convert it");
	if (memcmp(head + 48, no_log, 16) != 0)
		disk->remark = "the VHDX image was not closed: its log holds what was written "
			       "last, and is not read";
	return WARD_OK;
}

/* Where an entry with this name begins, in a list whose names are 16 bytes. */
static const uint8_t *entry_of(const uint8_t *list, uint32_t count, const uint8_t *guid)
{
	for (uint32_t i = 0; i < count; i++) {
		if (memcmp(list + (size_t)i * 32, guid, 16) == 0)
			return list + (size_t)i * 32;
	}
	return NULL;
}

/* A fact's bytes; false when it is not there or shorter. */
static bool fact(const struct virtual *disk, uint64_t from, const uint8_t *list, uint32_t count,
		const uint8_t *guid, uint8_t *to, size_t len)
{
	const uint8_t *entry = entry_of(list, count, guid);

	return entry && virtual_u32le(entry + 20) >= len &&
	       virtual_bytes(disk, 0, from + virtual_u32le(entry + 16), to, len);
}

static ward_err take_facts(struct virtual *disk, uint64_t from, uint8_t *list,
		struct ward_error *error)
{
	uint8_t file[8], size[8], sector[4];

	if (!virtual_bytes(disk, 0, from, list, FACTS) || memcmp(list, "metadata", 8) != 0)
		return ward_fail(error, WARD_E_FORMAT, "the VHDX image's list of facts is damaged");
	uint32_t count = list[10] | (uint32_t)list[11] << 8;

	if (count > ENTRIES_MAX || !fact(disk, from, list + 32, count, guid_file, file, 8) ||
			!fact(disk, from, list + 32, count, guid_size, size, 8) ||
			!fact(disk, from, list + 32, count, guid_sector, sector, 4))
		return ward_fail(error, WARD_E_FORMAT, "the VHDX image's list of facts is damaged");
	if (virtual_u32le(file + 4) & HAS_PARENT)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the VHDX image is the difference to another: merge them");
	uint32_t block = virtual_u32le(file), bytes = virtual_u32le(sector);

	disk->size = virtual_u64le(size);
	if (block < BLOCK_MIN || block > BLOCK_MAX || (block & (block - 1)) ||
			(bytes != 512 && bytes != 4096) || disk->size > (uint64_t)1 << 46)
		return ward_fail(error, WARD_E_FORMAT, "the VHDX image's facts make no sense");
	disk->vhdx.block = block;
	disk->vhdx.ratio = ((uint64_t)bytes << 23) / block;
	return WARD_OK;
}

static bool find_block(struct virtual *disk, uint64_t at, struct virtual_piece *piece)
{
	const struct virtual_vhdx *vhdx = &disk->vhdx;
	uint64_t number = at / vhdx->block;
	uint64_t place = (number + number / vhdx->ratio) * 8;
	uint8_t bytes[8];

	*piece = (struct virtual_piece){ .from = number * vhdx->block, .len = vhdx->block };
	if (place + 8 > vhdx->table_len ||
			!virtual_table(disk, 0, vhdx->table_at + place, bytes, 8))
		return false;
	uint64_t entry = virtual_u64le(bytes);

	if ((entry & 7) == BLOCK_PARTLY)
		return false;
	if ((entry & 7) != BLOCK_PRESENT)
		return true;
	piece->packing = VIRTUAL_PLAIN;
	piece->at = entry & MEGABYTES;
	return true;
}

static ward_err take_regions(struct virtual *disk, uint8_t *list, struct ward_error *error)
{
	if (!read_checked(disk, 192 << 10, "regi", list, REGIONS) &&
			!read_checked(disk, 256 << 10, "regi", list, REGIONS))
		return ward_fail(error, WARD_E_FORMAT,
				"the VHDX image's list of regions is damaged");
	uint32_t count = virtual_u32le(list + 8);
	const uint8_t *table = NULL, *facts = NULL;

	if (count <= ENTRIES_MAX) {
		table = entry_of(list + 16, count, guid_table);
		facts = entry_of(list + 16, count, guid_facts);
	}
	if (!table || !facts)
		return ward_fail(error, WARD_E_FORMAT,
				"the VHDX image's list of regions is damaged");
	disk->vhdx.table_at = virtual_u64le(table + 16);
	disk->vhdx.table_len = virtual_u32le(table + 24);
	return take_facts(disk, virtual_u64le(facts + 16), list, error);
}

static ward_err open_vhdx(struct virtual *disk, struct ward_error *error)
{
	uint8_t *list = malloc(REGIONS);
	ward_err err = list ? take_head(disk, error)
			    : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = take_regions(disk, list, error);
	free(list);
	disk->find = find_block;
	return err;
}

const struct virtual_kind virtual_vhdx = { is_vhdx, open_vhdx, NULL };
