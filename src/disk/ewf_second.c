/*
 * Ex01, as EnCase writes it since version 7: each section ends with its description, which says
 * where the one before it ended, so a file is read from its end.  What a person reads (the device,
 * the case) is a table of text in UTF-16, deflated: among it the sizes.  A chunk may be stored
 * nowhere, and is eight bytes again and again.
 *
 * Not read, and told: what is enciphered, and bzip2, which EnCase has a number for and no button.
 */
#include "disk/ewf_kind.h"

#include <zlib.h>

enum {
	FILE_HEAD = 32,
	FOOT = 64, /* of a section */
	TABLE_HEAD = 32,
	TABLE_ENTRY = 16,
	/* Of a text as it is stored, and plain: EnCase bounds each of its some ten words by 3000
	   signs. */
	TEXT_STORED_MAX = 256 << 10,
	TEXT_MAX = 1 << 20,
};

enum { METHOD_BZIP2 = 2 };

enum section_type {
	DEVICE = 0x01,
	CASE = 0x02,
	TABLE = 0x04,
	ERRORS = 0x05,
	MD5 = 0x08,
	SHA1 = 0x09,
	KEYS = 0x0b,
};

enum { SECTION_ENCIPHERED = 2 };
enum { CHUNK_PACKED = 1, CHUNK_CHECKED = 2, CHUNK_FILLED = 4 };

struct section {
	uint32_t type, flags;
	size_t file;
	uint64_t at, len; /* of its content */
	uint64_t before;  /* where the foot of the one before it is; 0: it is the first */
};

/* ---- text ---- */

/* Of a row of words between tabs. */
static ward_str nth_word(ward_str row, size_t index)
{
	ward_str word = ward_str_cut(&row, '\t');

	while (index-- > 0)
		word = ward_str_cut(&row, '\t');
	return word;
}

/* The number that stands below its name; 0: none does. */
static uint64_t number_named(ward_str names, ward_str values, const char *name)
{
	uint64_t number;

	for (size_t i = 0; names.len > 0; i++) {
		if (ward_str_eq(ward_str_cut(&names, '\t'), ward_str_from(name)))
			return ward_u64_parse(nth_word(values, i), &number) ? number : 0;
	}
	return 0;
}

/* In place, from two bytes a sign; what is no ASCII is not asked for. */
static ward_str narrow(char *text, size_t len)
{
	size_t signs = 0;

	for (size_t i = 2; i + 1 < len; i += 2)
		text[signs++] = text[i + 1] ? '?' : text[i];
	return (ward_str){ text, signs };
}

static bool unpack_text(uint8_t *stored, size_t stored_len, char *plain, uLongf *len)
{
	if (stored_len >= 2 && memcmp(stored, "\xff\xfe", 2) == 0) {
		memcpy(plain, stored, stored_len);
		*len = stored_len;
		return true;
	}
	return uncompress((Bytef *)plain, len, stored, stored_len) == Z_OK && *len >= 2 &&
	       memcmp(plain, "\xff\xfe", 2) == 0;
}

/* The third line has the names, the fourth what they are. */
static void take_words(struct ewf *ewf, ward_str text)
{
	(void)ward_str_cut(&text, '\n');
	(void)ward_str_cut(&text, '\n');
	ward_str names = ward_str_cut(&text, '\n'), values = ward_str_cut(&text, '\n');
	uint64_t sectors = number_named(names, values, "ts");
	uint64_t sector = number_named(names, values, "bp");
	uint64_t per_chunk = number_named(names, values, "sb");

	if (sectors)
		ewf->sectors = sectors;
	if (sector && sector <= UINT32_MAX)
		ewf->sector = (uint32_t)sector;
	if (per_chunk && per_chunk <= UINT32_MAX)
		ewf->per_chunk = (uint32_t)per_chunk;
}

static ward_err take_text(struct ewf *ewf, const struct section *section, struct ward_error *error)
{
	uint8_t *stored = malloc(TEXT_STORED_MAX);
	char *plain = malloc(TEXT_MAX);
	uLongf len = TEXT_MAX;
	ward_err err = WARD_OK;

	if (!stored || !plain)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	else if (section->len > TEXT_STORED_MAX ||
			!ewf_read_at(ewf, section->file, section->at, stored,
					(size_t)section->len) ||
			!unpack_text(stored, (size_t)section->len, plain, &len))
		err = ward_fail(error, WARD_E_FORMAT,
				"what the Ex01 file says of its disk is damaged");
	else
		take_words(ewf, narrow(plain, len));
	free(stored);
	free(plain);
	if (!err && !ewf->chunk_size && ewf->sectors && ewf->sector && ewf->per_chunk)
		err = ewf_take_size(ewf, ewf->sectors, ewf->sector, ewf->per_chunk, error);
	return err;
}

/* ---- other sections ---- */

static bool is_checked(const uint8_t *bytes, size_t len)
{
	struct ward_reader reader = ward_reader_from((ward_bytes){ bytes + len, 4 });

	return ward_read_u32le(&reader) == adler32(1, bytes, (uInt)len);
}

static ward_err take_table(struct ewf *ewf, const struct section *section, struct ward_error *error)
{
	uint8_t head[TABLE_HEAD];

	if (section->len < sizeof(head) ||
			!ewf_read_at(ewf, section->file, section->at, head, sizeof(head)) ||
			!is_checked(head, 16))
		return ward_fail(error, WARD_E_FORMAT, "a table of the Ex01 file is damaged");
	struct ward_reader reader = ward_reader_from((ward_bytes){ head, 12 });
	struct ewf_table table = { .file = section->file, .entries_at = section->at + TABLE_HEAD };

	table.first = ward_read_u64le(&reader);
	table.count = ward_read_u32le(&reader);
	if (table.count == 0)
		return WARD_OK;
	if (table.count > EWF_ENTRIES_MAX || table.first > INT64_MAX ||
			table.count > (section->len - TABLE_HEAD) / TABLE_ENTRY)
		return ward_fail(error, WARD_E_FORMAT, "a table of the Ex01 file makes no sense");
	return ewf_add_table(ewf, &table, error);
}

/* First sector of eight bytes, number of four; their table's head is as long as the chunks'. */
static void take_errors(struct ewf *ewf, const struct section *section)
{
	static const struct ewf_span span = { TABLE_ENTRY, 8 };
	uint8_t head[TABLE_HEAD];

	if (section->len < sizeof(head) ||
			!ewf_read_at(ewf, section->file, section->at, head, sizeof(head)) ||
			!is_checked(head, 16))
		return;
	struct ward_reader reader = ward_reader_from((ward_bytes){ head, 4 });
	uint64_t wanted = ward_read_u32le(&reader), room = (section->len - TABLE_HEAD) / span.len;

	ewf_take_unread(ewf, section->file, section->at + TABLE_HEAD, wanted < room ? wanted : room,
			&span);
}

static void take_digest(struct ewf *ewf, const struct section *section, size_t len)
{
	uint8_t bytes[20 + 4];

	if (section->len >= len + 4 &&
			ewf_read_at(ewf, section->file, section->at, bytes, len + 4) &&
			is_checked(bytes, len))
		ewf_take_digest(ewf, bytes, len);
}

static ward_err take_section(struct ewf *ewf, const struct section *section,
		struct ward_error *error)
{
	if ((section->flags & SECTION_ENCIPHERED) || section->type == KEYS)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the Ex01 image is encrypted: make one of it that is not");
	if (section->type == DEVICE || section->type == CASE)
		return take_text(ewf, section, error);
	if (section->type == TABLE)
		return take_table(ewf, section, error);
	if (section->type == ERRORS)
		take_errors(ewf, section);
	if (section->type == MD5)
		take_digest(ewf, section, 16);
	if (section->type == SHA1)
		take_digest(ewf, section, 20);
	return WARD_OK;
}

/* The one whose foot is at `at`. */
static bool read_section(const struct ewf *ewf, size_t file, uint64_t at, struct section *section)
{
	uint8_t foot[FOOT];

	if (!ewf_read_at(ewf, file, at, foot, sizeof(foot)) || !is_checked(foot, FOOT - 4))
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ foot, sizeof(foot) });

	*section = (struct section){ .file = file };
	section->type = ward_read_u32le(&reader);
	section->flags = ward_read_u32le(&reader);
	section->before = ward_read_u64le(&reader);
	section->len = ward_read_u64le(&reader);
	if (section->before >= at || (section->before > 0 && section->before < FILE_HEAD))
		return false;
	section->at = section->before ? section->before + FOOT : FILE_HEAD;
	return section->at <= at && section->len <= at - section->at;
}

static ward_err read_sections(struct ewf *ewf, size_t file, struct ward_error *error)
{
	uint64_t len = ewf->source.file_len(ewf->source.context, file);
	uint64_t at = len > FOOT ? len - FOOT : 0;
	ward_err err = WARD_OK;

	do {
		struct section section;

		if (++ewf->sections > EWF_SECTIONS_MAX)
			return ward_fail(error, WARD_E_LIMIT,
					"the Ex01 file has too many sections");
		if (at < FILE_HEAD || !read_section(ewf, file, at, &section))
			return ward_fail(error, WARD_E_FORMAT,
					"file %zu of the Ex01 image is damaged or cut off",
					file + 1);
		err = take_section(ewf, &section, error);
		at = section.before;
	} while (!err && at > 0);
	return err;
}

static ward_err read_file(struct ewf *ewf, size_t file, struct ward_error *error)
{
	uint8_t head[FILE_HEAD];

	if (!ewf_read_at(ewf, file, 0, head, sizeof(head)))
		return ward_fail(error, WARD_E_FORMAT, "file %zu of the Ex01 image is cut off",
				file + 1);
	struct ward_reader reader = ward_reader_from((ward_bytes){ head + 10, 6 });
	uint16_t method = ward_read_u16le(&reader);
	uint32_t number = ward_read_u32le(&reader);

	if (file == 0)
		memcpy(ewf->set, head + 16, sizeof(ewf->set));
	if (memcmp(head, ewf->kind->magic, sizeof(ewf->kind->magic)) != 0 || number != file + 1 ||
			memcmp(ewf->set, head + 16, sizeof(ewf->set)) != 0)
		return ward_fail(error, WARD_E_FORMAT, "file %zu of the Ex01 image is another's",
				file + 1);
	if (head[8] != 2 || method >= METHOD_BZIP2)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"Ex01 images of this version, or packed with bzip2, are not read");
	return read_sections(ewf, file, error);
}

/* ---- chunks ---- */

static bool find(const struct ewf *ewf, const struct ewf_table *table, uint64_t index,
		struct ewf_chunk *chunk)
{
	uint8_t bytes[TABLE_ENTRY];

	if (!ewf_read_at(ewf, table->file, table->entries_at + index * TABLE_ENTRY, bytes,
			    sizeof(bytes)))
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ bytes, sizeof(bytes) });

	chunk->at = ward_read_u64le(&reader);
	chunk->len = ward_read_u32le(&reader);
	uint32_t flags = ward_read_u32le(&reader);

	chunk->deflated = flags & CHUNK_PACKED;
	chunk->checked = !chunk->deflated && (flags & CHUNK_CHECKED);
	chunk->filled = chunk->deflated && (flags & CHUNK_FILLED);
	memcpy(chunk->pattern, bytes, sizeof(chunk->pattern));
	return true;
}

const struct ewf_kind ewf_second = {
	{ 'E', 'V', 'F', '2', 0x0d, 0x0a, 0x81, 0x00 },
	read_file,
	find,
};
