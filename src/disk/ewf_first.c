/*
 * E01, as EnCase wrote it up to version 6: each section begins with its name and says where the
 * next is.  The volume says how large the disk and a chunk are.
 */
#include "disk/ewf_kind.h"

#include <zlib.h>

enum {
	FILE_HEAD = 13,
	SECTION_HEAD = 76,
	TABLE_HEAD = 24,
	ERRORS_HEAD = 520,
};

/* ---- sections ---- */

struct section {
	char type[17];
	size_t file;
	uint64_t at;   /* of its content */
	uint64_t len;  /* of that */
	uint64_t next; /* 0: the last of its file */
};

static bool read_section(const struct ewf *ewf, size_t file, uint64_t at, struct section *section)
{
	uint8_t head[SECTION_HEAD];
	uint64_t file_len = ewf->source.file_len(ewf->source.context, file);

	if (!ewf_read_at(ewf, file, at, head, sizeof(head)))
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ head, sizeof(head) });
	ward_bytes type = ward_read_bytes(&reader, 16);
	uint64_t next = ward_read_u64le(&reader);
	uint64_t size = ward_read_u64le(&reader);

	(void)ward_read_bytes(&reader, 40);
	if (ward_read_u32le(&reader) != adler32(1, head, SECTION_HEAD - 4))
		return false;
	*section = (struct section){ .file = file, .at = at + SECTION_HEAD };
	memcpy(section->type, type.ptr, 16);
	/* Some writers leave the size of the last one away. */
	if (size >= SECTION_HEAD)
		section->len = size - SECTION_HEAD;
	if (section->at > file_len)
		return false;
	if (section->len > file_len - section->at)
		section->len = file_len - section->at;
	section->next = next > at ? next : 0;
	return true;
}

static ward_err take_volume(struct ewf *ewf, const struct section *section,
		struct ward_error *error)
{
	uint8_t head[24];

	if (ewf->chunk_size)
		return WARD_OK;
	if (section->len < sizeof(head) ||
			!ewf_read_at(ewf, section->file, section->at, head, sizeof(head)))
		return ward_fail(error, WARD_E_FORMAT, "the E01 file's volume is cut off");
	struct ward_reader reader = ward_reader_from((ward_bytes){ head + 8, 16 });
	uint64_t per_chunk = ward_read_u32le(&reader);
	uint64_t sector = ward_read_u32le(&reader);
	uint64_t sectors = ward_read_u64le(&reader);

	return ewf_take_size(ewf, sectors, sector, per_chunk, error);
}

static ward_err take_table(struct ewf *ewf, const struct section *section, struct ward_error *error)
{
	uint8_t head[TABLE_HEAD];

	if (section->len < sizeof(head) ||
			!ewf_read_at(ewf, section->file, section->at, head, sizeof(head)))
		return ward_fail(error, WARD_E_FORMAT, "a table of the E01 file is cut off");
	struct ward_reader reader = ward_reader_from((ward_bytes){ head, sizeof(head) });
	struct ewf_table table = { .file = section->file,
		.entries_at = section->at + TABLE_HEAD,
		.end = ewf->sectors_end,
		.first = ewf->chunks };

	table.count = ward_read_u32le(&reader);
	(void)ward_read_u32le(&reader);
	table.base = ward_read_u64le(&reader);
	if (table.count == 0)
		return WARD_OK;
	if (table.count > EWF_ENTRIES_MAX || table.count > (section->len - TABLE_HEAD) / 4)
		return ward_fail(error, WARD_E_FORMAT, "a table of the E01 file makes no sense");
	return ewf_add_table(ewf, &table, error);
}

/* "digest" has MD5 and SHA-1, "hash" MD5 alone; zeroes are none. */
static void take_digest(struct ewf *ewf, const struct section *section, size_t at, size_t len)
{
	uint8_t bytes[36];

	if (section->len >= at + len &&
			ewf_read_at(ewf, section->file, section->at, bytes, at + len))
		ewf_take_digest(ewf, bytes + at, len);
}

/* First sector and number, of four bytes each. */
static void take_errors(struct ewf *ewf, const struct section *section)
{
	static const struct ewf_span span = { 8, 4 };
	uint8_t count[4];

	if (section->len < ERRORS_HEAD ||
			!ewf_read_at(ewf, section->file, section->at, count, sizeof(count)))
		return;
	struct ward_reader reader = ward_reader_from((ward_bytes){ count, sizeof(count) });
	uint64_t wanted = ward_read_u32le(&reader), room = (section->len - ERRORS_HEAD) / span.len;

	ewf_take_unread(ewf, section->file, section->at + ERRORS_HEAD,
			wanted < room ? wanted : room, &span);
}

static ward_err take_section(struct ewf *ewf, const struct section *section,
		struct ward_error *error)
{
	const char *type = section->type;

	if (strcmp(type, "volume") == 0 || strcmp(type, "disk") == 0 || strcmp(type, "data") == 0)
		return take_volume(ewf, section, error);
	if (strcmp(type, "sectors") == 0)
		ewf->sectors_end = section->at + section->len;
	if (strcmp(type, "table") == 0)
		return take_table(ewf, section, error);
	if (strcmp(type, "error2") == 0)
		take_errors(ewf, section);
	if (strcmp(type, "hash") == 0)
		take_digest(ewf, section, 0, 16);
	if (strcmp(type, "digest") == 0)
		take_digest(ewf, section, 16, 20);
	return WARD_OK;
}

static ward_err read_file(struct ewf *ewf, size_t file, struct ward_error *error)
{
	uint8_t head[FILE_HEAD];
	uint64_t at = FILE_HEAD;
	ward_err err = WARD_OK;

	if (!ewf_read_at(ewf, file, 0, head, sizeof(head)) ||
			memcmp(head, ewf->kind->magic, sizeof(ewf->kind->magic)) != 0 ||
			(head[9] | head[10] << 8) != (int)((file + 1) & 0xffff))
		return ward_fail(error, WARD_E_FORMAT, "file %zu of the E01 image is another's",
				file + 1);
	ewf->sectors_end = 0;
	while (!err && at != 0) {
		struct section section;

		if (++ewf->sections > EWF_SECTIONS_MAX)
			return ward_fail(error, WARD_E_LIMIT, "the E01 file has too many sections");
		if (!read_section(ewf, file, at, &section))
			return ward_fail(error, WARD_E_FORMAT,
					"file %zu of the E01 image is damaged or cut off",
					file + 1);
		err = take_section(ewf, &section, error);
		at = section.next;
	}
	return err;
}

/* Where a chunk lies, and how many bytes at most are its. */
static bool find(const struct ewf *ewf, const struct ewf_table *table, uint64_t index,
		struct ewf_chunk *chunk)
{
	uint8_t bytes[8] = { 0 };

	bool last = index + 1 == table->count;

	if (!ewf_read_at(ewf, table->file, table->entries_at + index * 4, bytes, last ? 4 : 8))
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ bytes, sizeof(bytes) });
	uint32_t entry = ward_read_u32le(&reader);
	uint32_t next = ward_read_u32le(&reader);
	uint64_t end = last ? table->end : table->base + (next & 0x7fffffff);

	chunk->deflated = entry & 0x80000000;
	chunk->checked = !chunk->deflated;
	chunk->at = table->base + (entry & 0x7fffffff);
	/* Beyond 2 GB in one file the flag is a digit more, in a way that writers differ about. */
	if (end <= chunk->at)
		return false;
	chunk->len = end - chunk->at;
	/* The last of a table is followed by other things. */
	if (chunk->checked && chunk->len > (uint64_t)ewf->chunk_size + 4)
		chunk->len = (uint64_t)ewf->chunk_size + 4;
	return true;
}

const struct ewf_kind ewf_first = {
	{ 'E', 'V', 'F', 0x09, 0x0d, 0x0a, 0xff, 0x00 },
	read_file,
	find,
};
