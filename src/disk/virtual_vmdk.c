/*
 * VMDK, as VMware writes it: one file with tables of grains (plain, or packed in
 * a stream), or a text that names parts, each a file of either kind or plain.
 *
 * The files of the parts were opened before by their usual names, in the order
 * of the text; here they are told apart by that order, so that a text from a
 * stranger names no file.
 */
#include "disk/virtual_kind.h"

#include <inttypes.h>

enum {
	SECTOR = 512,
	HEAD = 512,
	TEXT_MAX = 64 << 10,
	EXTENTS_MAX = 1024,
	GRAIN_MAX = 4096, /* sectors */
	PER_TABLE_MAX = 65536,
	PACKED_HEAD = 12, /* before a packed grain: its place and length */
};

/* Of a head's flags. */
enum { ZEROED_GRAINS = 1 << 2, PACKED = 1 << 16 };

#define AT_END UINT64_MAX

/* In sectors; beyond it, bytes would not fit. */
#define SECTORS_MAX ((uint64_t)INT64_MAX / SECTOR)

static const char text_magic[] = "# Disk DescriptorFile";

static bool is_vmdk(const struct disk_source *source)
{
	return virtual_begins(source, "KDMV", 4) ||
	       virtual_begins(source, text_magic, sizeof(text_magic) - 1);
}

/* ---- reading ---- */

static const struct virtual_extent *extent_at(const struct virtual *disk, uint64_t at)
{
	const struct virtual_extent *extents = disk->vmdk.extents;
	size_t low = 0, high = disk->vmdk.count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (extents[middle].from <= at)
			low = middle;
		else
			high = middle;
	}
	return &extents[low];
}

/* A packed grain begins with its sector and its length. */
static bool find_packed(struct virtual *disk, const struct virtual_extent *extent,
		struct virtual_piece *piece)
{
	uint8_t head[PACKED_HEAD];

	if (!virtual_bytes(disk, extent->file, piece->at, head, sizeof(head)) ||
			virtual_u64le(head) != (piece->from - extent->from) / SECTOR)
		return false;
	piece->packing = VIRTUAL_ZLIB;
	piece->at += PACKED_HEAD;
	piece->stored = virtual_u32le(head + 8);
	piece->whole = extent->grain;
	return piece->stored > 0;
}

static bool find_grain(struct virtual *disk, const struct virtual_extent *extent, uint64_t within,
		struct virtual_piece *piece)
{
	uint64_t number = within / extent->grain;
	uint8_t bytes[4];

	piece->from = extent->from + number * extent->grain;
	piece->len = extent->grain;
	if (!virtual_table(disk, extent->file, extent->tables_at + number / extent->per_table * 4,
			    bytes, 4))
		return false;
	uint64_t table = virtual_u32le(bytes);

	if (table == 0)
		return true;
	if (!virtual_table(disk, extent->file, table * SECTOR + number % extent->per_table * 4,
			    bytes, 4))
		return false;
	uint64_t sector = virtual_u32le(bytes);

	if (sector == 0 || (sector == 1 && extent->zeroes))
		return true;
	piece->at = sector * SECTOR;
	piece->packing = VIRTUAL_PLAIN;
	return !extent->packed || find_packed(disk, extent, piece);
}

static bool find(struct virtual *disk, uint64_t at, struct virtual_piece *piece)
{
	const struct virtual_extent *extent = extent_at(disk, at);
	uint64_t within = at - extent->from;

	*piece = (struct virtual_piece){ .from = extent->from,
		.len = extent->len,
		.file = extent->file,
		.at = extent->at };
	if (within >= extent->len)
		return false;
	if (!extent->sparse) {
		piece->packing = extent->zero ? VIRTUAL_ZERO : VIRTUAL_PLAIN;
		return true;
	}
	if (!find_grain(disk, extent, within, piece))
		return false;
	/* The last grain may be stored whole, and does not reach into the next part. */
	if (piece->len > extent->from + extent->len - piece->from)
		piece->len = extent->from + extent->len - piece->from;
	return true;
}

/* ---- parts ---- */

static ward_err add_extent(struct virtual *disk, struct virtual_extent extent,
		struct ward_error *error)
{
	struct virtual_vmdk *vmdk = &disk->vmdk;

	if (extent.len == 0)
		return WARD_OK;
	if (vmdk->count == EXTENTS_MAX || extent.len > INT64_MAX - disk->size)
		return ward_fail(error, WARD_E_LIMIT, "the VMDK image has too many parts");
	struct virtual_extent *grown = realloc(vmdk->extents, (vmdk->count + 1) * sizeof(*grown));

	if (!grown)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	extent.from = disk->size;
	vmdk->extents = grown;
	vmdk->extents[vmdk->count++] = extent;
	disk->size += extent.len;
	return WARD_OK;
}

/* A stream's head lies a second time at its end, with the place of the tables. */
static bool read_foot(const struct virtual *disk, size_t file, uint8_t head[HEAD])
{
	uint64_t len = virtual_file_len(disk, file);

	return len >= 2 * SECTOR &&
	       virtual_bytes(disk, file, len - (uint64_t)2 * SECTOR, head, HEAD) &&
	       memcmp(head, "KDMV", 4) == 0 && virtual_u64le(head + 56) != AT_END;
}

static ward_err take_sparse(struct virtual *disk, size_t file, uint64_t sectors,
		struct ward_error *error)
{
	uint8_t head[HEAD];

	if (!virtual_bytes(disk, file, 0, head, HEAD) || memcmp(head, "KDMV", 4) != 0)
		return ward_fail(error, WARD_E_FORMAT,
				"part %zu of the VMDK image has another head than it should", file);
	if (virtual_u64le(head + 56) == AT_END && !read_foot(disk, file, head))
		return ward_fail(error, WARD_E_FORMAT, "the VMDK image is cut off: it has no end");
	uint32_t flags = virtual_u32le(head + 8), per_table = virtual_u32le(head + 44);
	uint64_t capacity = virtual_u64le(head + 12), grain = virtual_u64le(head + 20);
	uint64_t tables = virtual_u64le(head + 56);

	if (virtual_u32le(head + 4) < 1 || virtual_u32le(head + 4) > 3 || grain == 0 ||
			grain > GRAIN_MAX || (grain & (grain - 1)) || per_table == 0 ||
			per_table > PER_TABLE_MAX || capacity > SECTORS_MAX ||
			tables > SECTORS_MAX || (sectors && capacity < sectors))
		return ward_fail(error, WARD_E_FORMAT, "the VMDK image's head makes no sense");
	return add_extent(disk,
			(struct virtual_extent){
					.len = (sectors ? sectors : capacity) * SECTOR,
					.file = file,
					.sparse = true,
					.packed = (flags & PACKED) != 0,
					.zeroes = (flags & ZEROED_GRAINS) != 0,
					.grain = grain * SECTOR,
					.tables_at = tables * SECTOR,
					.per_table = per_table,
			},
			error);
}

/* ---- the text ---- */

static ward_str next_word(ward_str *line)
{
	*line = ward_str_trim(*line);
	return ward_str_cut(line, ' ');
}

static bool says(ward_str line, const char *name, ward_str *value)
{
	ward_str head = ward_str_trim(ward_str_cut(&line, '='));

	*value = ward_str_trim(line);
	return ward_str_eq_nocase(head, ward_str_from(name));
}

/* A disk over another names its parent; without one that is all ones. */
static ward_err check_parent(ward_str text, struct ward_error *error)
{
	while (text.len > 0) {
		ward_str value, line = ward_str_cut(&text, '\n');

		if (says(line, "parentCID", &value) &&
				!ward_str_eq_nocase(value, WARD_STR("ffffffff")))
			return ward_fail(error, WARD_E_UNSUPPORTED,
					"the VMDK image lies over another: consolidate them");
	}
	return WARD_OK;
}

/* The quoted name is passed over: `file` is which of those that were opened. */
static ward_err take_flat(struct virtual *disk, size_t file, uint64_t sectors, ward_str rest,
		struct ward_error *error)
{
	uint64_t offset = 0, len = virtual_file_len(disk, file);

	(void)ward_str_cut(&rest, '"');
	(void)ward_str_cut(&rest, '"');
	ward_str word = next_word(&rest);

	if (word.len > 0 && (!ward_u64_parse(word, &offset) || offset > SECTORS_MAX))
		return ward_fail(error, WARD_E_FORMAT, "a part of the VMDK image makes no sense");
	if (offset * SECTOR > len || sectors * SECTOR > len - offset * SECTOR)
		return ward_fail(error, WARD_E_FORMAT,
				"part %zu of the VMDK image is cut off: it is not whole", file);
	return add_extent(disk,
			(struct virtual_extent){ .len = sectors * SECTOR,
					.file = file,
					.at = offset * SECTOR },
			error);
}

/* "RW 4192256 SPARSE "disk-s001.vmdk"" */
static ward_err take_line(struct virtual *disk, ward_str line, size_t *file,
		struct ward_error *error)
{
	ward_str access = next_word(&line), count = next_word(&line), kind = next_word(&line);
	uint64_t sectors;

	if (!ward_str_eq(access, WARD_STR("RW")) && !ward_str_eq(access, WARD_STR("RDONLY")) &&
			!ward_str_eq(access, WARD_STR("NOACCESS")))
		return WARD_OK;
	if (!ward_u64_parse(count, &sectors) || sectors > SECTORS_MAX)
		return ward_fail(error, WARD_E_FORMAT, "a part of the VMDK image makes no sense");
	if (ward_str_eq(kind, WARD_STR("ZERO")))
		return add_extent(disk,
				(struct virtual_extent){ .len = sectors * SECTOR, .zero = true },
				error);
	if (++*file >= disk->source.files)
		return ward_fail(error, WARD_E_FORMAT,
				"files of the VMDK image are missing: they should lie beside it, "
				"under its name with -flat, -f001 or -s001");
	if (ward_str_eq(kind, WARD_STR("FLAT")) || ward_str_eq(kind, WARD_STR("VMFS")))
		return take_flat(disk, *file, sectors, line, error);
	if (ward_str_eq(kind, WARD_STR("SPARSE")) && sectors > 0)
		return take_sparse(disk, *file, sectors, error);
	return ward_fail(error, WARD_E_UNSUPPORTED,
			"VMDK images with parts of the kind %.*s are not read", WARD_FMT(kind));
}

static ward_err take_text(struct virtual *disk, ward_str text, struct ward_error *error)
{
	size_t file = 0;
	ward_err err = check_parent(text, error);

	while (!err && text.len > 0)
		err = take_line(disk, ward_str_cut(&text, '\n'), &file, error);
	if (!err && file + 1 < disk->source.files)
		disk->remark = "more files lie beside the VMDK image than it names";
	return err;
}

/* The text within a single file is of use for its parent alone. */
static ward_err take_single(struct virtual *disk, char *text, struct ward_error *error)
{
	uint8_t head[HEAD];
	ward_err err = WARD_OK;

	if (!virtual_bytes(disk, 0, 0, head, HEAD))
		return ward_fail(error, WARD_E_FORMAT, "the VMDK image is cut off");
	uint64_t at = virtual_u64le(head + 28), len = virtual_u64le(head + 36);

	if (at > 0 && at <= SECTORS_MAX && len > 0) {
		len = len > TEXT_MAX / SECTOR ? TEXT_MAX : len * SECTOR;
		if (!virtual_bytes(disk, 0, at * SECTOR, (uint8_t *)text, (size_t)len))
			return ward_fail(error, WARD_E_FORMAT, "the VMDK image is cut off");
		err = check_parent((ward_str){ text, strnlen(text, (size_t)len) }, error);
	}
	if (disk->source.files > 1)
		disk->remark = "the VMDK image is one file of several: give the one that lists "
			       "them";
	return err ? err : take_sparse(disk, 0, 0, error);
}

static ward_err open_vmdk(struct virtual *disk, struct ward_error *error)
{
	char *text = calloc(1, TEXT_MAX);
	uint64_t len = virtual_file_len(disk, 0);
	ward_err err = WARD_OK;

	disk->find = find;
	if (!text)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (virtual_begins(&disk->source, "KDMV", 4))
		err = take_single(disk, text, error);
	else if (len > TEXT_MAX || !virtual_bytes(disk, 0, 0, (uint8_t *)text, (size_t)len))
		err = ward_fail(error, WARD_E_FORMAT, "the VMDK image's text is too long");
	else
		err = take_text(disk, (ward_str){ text, strnlen(text, (size_t)len) }, error);
	free(text);
	return err;
}

static void close_vmdk(struct virtual *disk)
{
	free(disk->vmdk.extents);
}

const struct virtual_kind virtual_vmdk = { is_vmdk, open_vmdk, close_vmdk };
