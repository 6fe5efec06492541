#include "disk/ewf.h"

#include <zlib.h>

enum {
	FILE_HEAD = 13,
	SECTION_HEAD = 76,
	TABLE_HEAD = 24,
	/* A chunk is 32 KiB by default; EnCase offers up to 16 MiB. */
	CHUNK_MAX = 16 << 20,
	/* A table has 65 534 entries at most in what EnCase 7 writes. */
	ENTRIES_MAX = 1 << 17,
	/* Of 16 375 entries of 32 KiB each, these are 500 TB. */
	TABLES_MAX = 1 << 20,
	SECTIONS_MAX = 1 << 21,
	CACHE = 16,
};

struct table {
	size_t file;
	uint64_t entries_at; /* in its file */
	uint64_t base;       /* what its entries count from */
	uint64_t end;        /* of its last chunk */
	uint64_t first;      /* chunk */
	uint32_t count;
};

struct slot {
	uint64_t chunk; /* UINT64_MAX: none */
	size_t len;
	uint8_t *bytes;
};

struct ewf {
	struct disk_source source;
	uint64_t size;
	uint32_t chunk_size;
	struct table *tables;
	size_t count, room;
	uint64_t chunks; /* in all tables */
	uint8_t digest[20];
	size_t digest_len;
	uint8_t *packed; /* one chunk as it is stored */
	struct slot cache[CACHE];
	/* while it is opened */
	uint64_t sectors_end; /* of the last section of chunks in this file */
	size_t sections;
};

static const uint8_t magic[8] = { 'E', 'V', 'F', 0x09, 0x0d, 0x0a, 0xff, 0x00 };

static bool read_at(const struct ewf *ewf, size_t file, uint64_t at, uint8_t *to, size_t len)
{
	return ewf->source.read(ewf->source.context, file, at, to, len);
}

bool ewf_is(const struct disk_source *source)
{
	uint8_t head[sizeof(magic)];

	return source->files > 0 && source->read(source->context, 0, 0, head, sizeof(head)) &&
	       memcmp(head, magic, sizeof(magic)) == 0;
}

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

	if (!read_at(ewf, file, at, head, sizeof(head)))
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
			!read_at(ewf, section->file, section->at, head, sizeof(head)))
		return ward_fail(error, WARD_E_FORMAT, "the E01 file's volume is cut off");
	struct ward_reader reader = ward_reader_from((ward_bytes){ head + 8, 16 });
	uint64_t per_chunk = ward_read_u32le(&reader);
	uint64_t sector = ward_read_u32le(&reader);
	uint64_t sectors = ward_read_u64le(&reader);
	uint64_t chunk = per_chunk * sector;

	if (chunk < 512 || chunk > CHUNK_MAX || ckd_mul(&ewf->size, sectors, sector) ||
			ewf->size == 0 || ewf->size > INT64_MAX)
		return ward_fail(error, WARD_E_FORMAT, "the E01 file's volume makes no sense");
	ewf->chunk_size = (uint32_t)chunk;
	return WARD_OK;
}

static ward_err take_table(struct ewf *ewf, const struct section *section, struct ward_error *error)
{
	uint8_t head[TABLE_HEAD];

	if (section->len < sizeof(head) ||
			!read_at(ewf, section->file, section->at, head, sizeof(head)))
		return ward_fail(error, WARD_E_FORMAT, "a table of the E01 file is cut off");
	struct ward_reader reader = ward_reader_from((ward_bytes){ head, sizeof(head) });
	struct table table = { .file = section->file,
		.entries_at = section->at + TABLE_HEAD,
		.end = ewf->sectors_end,
		.first = ewf->chunks };

	table.count = ward_read_u32le(&reader);
	(void)ward_read_u32le(&reader);
	table.base = ward_read_u64le(&reader);
	if (table.count == 0)
		return WARD_OK;
	if (table.count > ENTRIES_MAX || table.count > (section->len - TABLE_HEAD) / 4 ||
			ewf->count == TABLES_MAX)
		return ward_fail(error, WARD_E_FORMAT, "a table of the E01 file makes no sense");
	if (ewf->count == ewf->room) {
		size_t room = ewf->room ? ewf->room * 2 : 64;
		struct table *tables = realloc(ewf->tables, room * sizeof(*tables));

		if (!tables)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
		ewf->tables = tables;
		ewf->room = room;
	}
	ewf->tables[ewf->count++] = table;
	ewf->chunks += table.count;
	return WARD_OK;
}

/* "digest" has MD5 and SHA-1, "hash" MD5 alone; zeroes are none. */
static void take_digest(struct ewf *ewf, const struct section *section, size_t at, size_t len)
{
	static const uint8_t none[20];
	uint8_t bytes[36];

	if (len <= ewf->digest_len || section->len < at + len ||
			!read_at(ewf, section->file, section->at, bytes, at + len) ||
			memcmp(bytes + at, none, len) == 0)
		return;
	memcpy(ewf->digest, bytes + at, len);
	ewf->digest_len = len;
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

	if (!read_at(ewf, file, 0, head, sizeof(head)) || memcmp(head, magic, sizeof(magic)) != 0 ||
			(head[9] | head[10] << 8) != (int)((file + 1) & 0xffff))
		return ward_fail(error, WARD_E_FORMAT, "file %zu of the E01 image is another's",
				file + 1);
	ewf->sectors_end = 0;
	while (!err && at != 0) {
		struct section section;

		if (++ewf->sections > SECTIONS_MAX)
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

/* ---- from open to free ---- */

static ward_err finish(struct ewf *ewf, struct ward_error *error)
{
	if (!ewf->chunk_size)
		return ward_fail(error, WARD_E_FORMAT, "the E01 file says no size");
	if ((ewf->size + ewf->chunk_size - 1) / ewf->chunk_size > ewf->chunks)
		return ward_fail(error, WARD_E_FORMAT,
				"files of the E01 image are missing: it is not whole");
	/* A deflated chunk that did not become smaller is stored as it is, with its check. */
	ewf->packed = malloc((size_t)ewf->chunk_size + 4096);
	for (size_t i = 0; i < CACHE; i++) {
		ewf->cache[i].chunk = UINT64_MAX;
		ewf->cache[i].bytes = malloc(ewf->chunk_size);
		if (!ewf->cache[i].bytes)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	return ewf->packed ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
}

ward_err ewf_open(const struct disk_source *source, struct ewf **ewf, struct ward_error *error)
{
	struct ewf *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->source = *source;
	for (size_t i = 0; i < source->files && !err; i++)
		err = read_file(made, i, error);
	if (!err)
		err = finish(made, error);
	if (err)
		ewf_free(made);
	else
		*ewf = made;
	return err;
}

void ewf_free(struct ewf *ewf)
{
	for (size_t i = 0; ewf && i < CACHE; i++)
		free(ewf->cache[i].bytes);
	if (ewf) {
		free(ewf->tables);
		free(ewf->packed);
	}
	free(ewf);
}

uint64_t ewf_size(const struct ewf *ewf)
{
	return ewf->size;
}

size_t ewf_stored(const struct ewf *ewf, uint8_t digest[20])
{
	memcpy(digest, ewf->digest, ewf->digest_len);
	return ewf->digest_len;
}

/* ---- chunks ---- */

static const struct table *table_of(const struct ewf *ewf, uint64_t chunk)
{
	size_t low = 0, high = ewf->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (ewf->tables[middle].first <= chunk)
			low = middle;
		else
			high = middle;
	}
	return &ewf->tables[low];
}

/* Where a chunk lies, and how many bytes at most are its. */
static bool find(const struct ewf *ewf, uint64_t chunk, const struct table **table, uint64_t *at,
		uint64_t *len, bool *deflated)
{
	uint8_t bytes[8] = { 0 };

	*table = table_of(ewf, chunk);
	uint64_t index = chunk - (*table)->first;
	bool last = index + 1 == (*table)->count;

	if (index >= (*table)->count ||
			!read_at(ewf, (*table)->file, (*table)->entries_at + index * 4, bytes,
					last ? 4 : 8))
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ bytes, sizeof(bytes) });
	uint32_t entry = ward_read_u32le(&reader);
	uint32_t next = ward_read_u32le(&reader);
	uint64_t end = last ? (*table)->end : (*table)->base + (next & 0x7fffffff);

	*deflated = entry & 0x80000000;
	*at = (*table)->base + (entry & 0x7fffffff);
	/* Beyond 2 GB in one file the flag is a digit more, in a way that writers differ about. */
	if (end <= *at)
		return false;
	*len = end - *at;
	return true;
}

static bool unpack(struct ewf *ewf, uint64_t stored, bool deflated, uint8_t *to, size_t want)
{
	uLongf got = ewf->chunk_size;

	if (deflated)
		return uncompress(to, &got, ewf->packed, (uLong)stored) == Z_OK && got >= want;
	if (stored < want + 4)
		return false;
	size_t len = stored - 4 < ewf->chunk_size ? (size_t)stored - 4 : ewf->chunk_size;
	struct ward_reader check = ward_reader_from((ward_bytes){ ewf->packed + len, 4 });

	if (ward_read_u32le(&check) != adler32(1, ewf->packed, (uInt)len))
		return false;
	memcpy(to, ewf->packed, len);
	return true;
}

static struct slot *load(struct ewf *ewf, uint64_t chunk)
{
	struct slot *slot = &ewf->cache[chunk % CACHE];
	uint64_t left = ewf->size - chunk * ewf->chunk_size;
	size_t want = left < ewf->chunk_size ? (size_t)left : ewf->chunk_size;
	const struct table *table;
	uint64_t at, len;
	bool deflated;

	if (slot->chunk == chunk)
		return slot;
	slot->chunk = UINT64_MAX;
	if (!find(ewf, chunk, &table, &at, &len, &deflated))
		return NULL;
	/* The last of a table is followed by other things. */
	if (len > (uint64_t)ewf->chunk_size + 4096)
		len = (uint64_t)ewf->chunk_size + 4096;
	if (!deflated && len > (uint64_t)ewf->chunk_size + 4)
		len = (uint64_t)ewf->chunk_size + 4;
	if (!read_at(ewf, table->file, at, ewf->packed, (size_t)len) ||
			!unpack(ewf, len, deflated, slot->bytes, want))
		return NULL;
	slot->chunk = chunk;
	slot->len = want;
	return slot;
}

bool ewf_read(struct ewf *ewf, uint64_t at, uint8_t *to, size_t len)
{
	if (at > ewf->size || len > ewf->size - at)
		return false;
	while (len > 0) {
		const struct slot *slot = load(ewf, at / ewf->chunk_size);
		size_t within = (size_t)(at % ewf->chunk_size);

		if (!slot || within >= slot->len)
			return false;
		size_t some = len < slot->len - within ? len : slot->len - within;

		memcpy(to, slot->bytes + within, some);
		to += some;
		at += some;
		len -= some;
	}
	return true;
}
