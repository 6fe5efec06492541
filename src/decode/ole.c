#include "decode/ole.h"

#include <stdlib.h>

/* [MS-CFB] 2.2: the header, and where in it what is. */
enum {
	HEADER_BYTES = 512,
	AT_VERSION = 26,
	AT_SHIFT = 30,
	AT_TABLES = 44,
	AT_DIRECTORY = 48,
	AT_CUTOFF = 56,
	AT_SMALL_TABLE = 60,
	AT_MORE = 68,
	AT_LISTED = 76,
	LISTED = 109,
};

/* 2.6: an entry of the directory. */
enum { ENTRY_BYTES = 128, SMALL_SHIFT = 6 };

/* 2.1: what is no sector. */
#define LAST_SECTOR 0xfffffffau

static uint32_t u32_at(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* ---- text ---- */

static void add_character(uint32_t c, struct ward_buf *out)
{
	if (c < 0x80) {
		ward_buf_char(out, (char)c);
	} else if (c < 0x800) {
		ward_buf_char(out, (char)(0xc0 | c >> 6));
		ward_buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		ward_buf_char(out, (char)(0xe0 | c >> 12));
		ward_buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ward_buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		ward_buf_char(out, (char)(0xf0 | c >> 18));
		ward_buf_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		ward_buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		ward_buf_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

void ole_text(ward_bytes units, struct ward_buf *out)
{
	struct ward_reader reader = ward_reader_from(units);

	while (ward_reader_left(&reader) >= 2) {
		uint32_t c = ward_read_u16le(&reader);

		if (c == 0)
			return;
		if (c >= 0xd800 && c < 0xdc00 && ward_reader_left(&reader) >= 2) {
			struct ward_reader ahead = reader;
			uint32_t low = ward_read_u16le(&ahead);

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				reader = ahead;
			}
		}
		add_character(c >= 0xd800 && c < 0xe000 ? 0xfffd : c, out);
	}
}

/* ---- sectors ---- */

/* What is in a sector, less where the file ends in it; nothing where it has none. */
static ward_bytes sector(const struct ole *ole, uint32_t number)
{
	uint64_t at = ((uint64_t)number + 1) << ole->shift;
	size_t len = (size_t)1 << ole->shift;

	if (number >= LAST_SECTOR || at >= ole->file.len)
		return (ward_bytes){ NULL, 0 };
	if (len > ole->file.len - (size_t)at)
		len = ole->file.len - (size_t)at;
	return (ward_bytes){ ole->file.ptr + at, len };
}

/* The sector behind this one in its chain. */
static uint32_t next_sector(const struct ole *ole, uint32_t number)
{
	unsigned a_table = ole->shift - 2; /* of how many numbers, as a shift */
	uint32_t table = number >> a_table;
	uint32_t at = (number & ((1u << a_table) - 1)) * 4;

	if (table >= ole->table_count)
		return OLE_NONE;
	ward_bytes bytes = sector(ole, ole->tables[table]);

	return bytes.len >= at + 4 ? u32_at(bytes.ptr + at) : OLE_NONE;
}

/* Appends up to `size` bytes of a chain; false when it has fewer. */
static bool read_chain(const struct ole *ole, uint32_t start, uint64_t size, struct ward_buf *out)
{
	uint64_t left = size;
	uint32_t number = start;

	while (left > 0) {
		ward_bytes bytes = sector(ole, number);

		if (bytes.len == 0)
			return false;
		if (bytes.len > left)
			bytes.len = (size_t)left;
		ward_buf_add(out, bytes.ptr, bytes.len);
		left -= bytes.len;
		if (left > 0)
			number = next_sector(ole, number);
	}
	return !out->failed;
}

/* The same for small sectors, which are in a stream that was read already. */
static bool read_small(const struct ole *ole, uint32_t start, uint64_t size, struct ward_buf *out)
{
	const uint8_t *table = (const uint8_t *)ole->small_table.ptr;
	uint64_t left = size;
	uint32_t number = start;

	while (left > 0) {
		uint64_t at = (uint64_t)number << SMALL_SHIFT;
		size_t len = (size_t)1 << SMALL_SHIFT;

		if (at >= ole->small.len)
			return false;
		if (len > ole->small.len - (size_t)at)
			len = ole->small.len - (size_t)at;
		if (len > left)
			len = (size_t)left;
		ward_buf_add(out, ole->small.ptr + at, len);
		left -= len;
		if (left == 0)
			break;
		if (((uint64_t)number + 1) * 4 > ole->small_table.len)
			return false;
		number = u32_at(table + (size_t)number * 4);
	}
	return !out->failed;
}

/* All of a chain without a stated length, once around at the most. */
static bool read_whole_chain(const struct ole *ole, uint32_t start, struct ward_buf *out)
{
	uint64_t left = ole->file.len;
	uint32_t number = start;

	while (number < LAST_SECTOR) {
		ward_bytes bytes = sector(ole, number);

		if (bytes.len == 0 || bytes.len > left)
			return false;
		ward_buf_add(out, bytes.ptr, bytes.len);
		left -= bytes.len;
		number = next_sector(ole, number);
	}
	return !out->failed;
}

/* ---- the tables ---- */

/*
 * Where the FAT is: 109 sectors are listed in the header, others in sectors of
 * numbers, the last of which is the next such sector's.  There cannot be more
 * of it than it takes to speak of each sector.
 */
static ward_err list_tables(struct ole *ole, struct ward_error *error)
{
	uint32_t a_sector = 1u << (ole->shift - 2);
	uint64_t most = (ole->file.len >> ole->shift) / a_sector + 1;
	uint32_t stated = u32_at(ole->file.ptr + AT_TABLES);
	uint32_t more = u32_at(ole->file.ptr + AT_MORE);
	uint32_t count = stated < most ? stated : (uint32_t)most;

	ole->is_damaged = stated > most;
	ole->tables = calloc(count > 0 ? count : 1, sizeof(*ole->tables));
	if (!ole->tables)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the tables of the ole file");
	for (uint32_t i = 0; i < count && i < LISTED; i++)
		ole->tables[ole->table_count++] = u32_at(ole->file.ptr + AT_LISTED + 4 * i);
	while (ole->table_count < count) {
		ward_bytes bytes = sector(ole, more);

		if (bytes.len < (size_t)a_sector * 4) {
			ole->is_damaged = true;
			break;
		}
		for (uint32_t i = 0; i + 1 < a_sector && ole->table_count < count; i++)
			ole->tables[ole->table_count++] = u32_at(bytes.ptr + 4 * (size_t)i);
		more = u32_at(bytes.ptr + 4 * ((size_t)a_sector - 1));
	}
	return WARD_OK;
}

/* ---- the directory ---- */

static void read_name(const uint8_t *at, struct ole_entry *entry)
{
	struct ward_buf text;
	size_t len = (size_t)at[64] | (size_t)at[65] << 8, kept = 0;

	ward_buf_init(&text, OLE_NAME_MAX - 1);
	ole_text((ward_bytes){ at, len < 64 ? len : 64 }, &text);
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];

		if (c < ' ' && i == 0)
			entry->mark = c;
		if (c >= ' ' && c != 0x7f)
			entry->name[kept++] = (char)(c == '/' || c == '\\' ? '_' : c);
	}
	entry->name[kept] = 0;
	ward_buf_free(&text);
}

static void read_entry(const struct ole *ole, const uint8_t *at, struct ole_entry *entry)
{
	*entry = (struct ole_entry){
		.type = at[66],
		.left = u32_at(at + 68),
		.right = u32_at(at + 72),
		.child = u32_at(at + 76),
		.start = u32_at(at + 116),
		.size = u32_at(at + 120),
		.parent = OLE_NONE,
	};
	/* Version 3 leaves the upper half as it was in memory, some programs wrote. */
	if (ole->shift == 12)
		entry->size |= (uint64_t)u32_at(at + 124) << 32;
	read_name(at, entry);
}

static ward_err read_directory(struct ole *ole, struct ward_error *error)
{
	struct ward_buf bytes;

	ward_buf_init(&bytes, SIZE_MAX);
	if (!read_whole_chain(ole, u32_at(ole->file.ptr + AT_DIRECTORY), &bytes))
		ole->is_damaged = true;
	ole->entry_count = (uint32_t)(bytes.len / ENTRY_BYTES);
	ole->entries = calloc(ole->entry_count > 0 ? ole->entry_count : 1, sizeof(*ole->entries));
	for (uint32_t i = 0; ole->entries && i < ole->entry_count; i++)
		read_entry(ole, (const uint8_t *)bytes.ptr + (size_t)i * ENTRY_BYTES,
				&ole->entries[i]);
	ward_buf_free(&bytes);
	if (!ole->entries)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the entries of the ole file");
	if (ole->entry_count == 0 || ole->entries[0].type != OLE_ROOT)
		return ward_fail(error, WARD_E_FORMAT, "the ole file has no root");
	return WARD_OK;
}

/* Puts an entry on the pile, once in its life: then its parent is known. */
static void pile_up(struct ole *ole, uint32_t entry, uint32_t parent, uint32_t *pile,
		size_t *height)
{
	if (entry == OLE_NONE)
		return;
	if (entry >= ole->entry_count || ole->entries[entry].is_reached) {
		ole->is_damaged = true;
		return;
	}
	ole->entries[entry].is_reached = true;
	ole->entries[entry].parent = parent;
	pile[(*height)++] = entry;
}

/* A storage's children are a tree of their own, by name; only whose they are is of use. */
static ward_err find_parents(struct ole *ole, struct ward_error *error)
{
	uint32_t *pile = calloc(ole->entry_count, sizeof(*pile));
	size_t height = 0;

	if (!pile)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the tree of the ole file");
	ole->entries[0].is_reached = true;
	pile_up(ole, ole->entries[0].child, 0, pile, &height);
	while (height > 0) {
		uint32_t at = pile[--height];
		const struct ole_entry *entry = &ole->entries[at];

		pile_up(ole, entry->left, entry->parent, pile, &height);
		pile_up(ole, entry->right, entry->parent, pile, &height);
		if (entry->type == OLE_STORAGE)
			pile_up(ole, entry->child, at, pile, &height);
	}
	free(pile);
	return WARD_OK;
}

static void read_small_sectors(struct ole *ole)
{
	const struct ole_entry *root = &ole->entries[0];
	uint64_t size = root->size < ole->file.len ? root->size : ole->file.len;

	if (size == 0)
		return;
	if (!read_whole_chain(ole, u32_at(ole->file.ptr + AT_SMALL_TABLE), &ole->small_table) ||
			!read_chain(ole, root->start, size, &ole->small))
		ole->is_damaged = true;
}

/* ---- from outside ---- */

ward_err ole_open(struct ole *ole, ward_bytes file, struct ward_error *error)
{
	*ole = (struct ole){ .file = file, .left = file.len };
	ward_buf_init(&ole->small_table, SIZE_MAX);
	ward_buf_init(&ole->small, SIZE_MAX);
	if (file.len < HEADER_BYTES)
		return ward_fail(error, WARD_E_FORMAT, "the ole file ends within its header");
	ole->shift = file.ptr[AT_SHIFT];
	ole->cutoff = u32_at(file.ptr + AT_CUTOFF);
	if ((ole->shift != 9 && ole->shift != 12) || file.ptr[AT_SHIFT + 1] != 0 ||
			(file.ptr[AT_VERSION] == 4) != (ole->shift == 12))
		return ward_fail(error, WARD_E_FORMAT, "the ole file is of no known version");
	ward_err err = list_tables(ole, error);

	if (!err)
		err = read_directory(ole, error);
	if (!err)
		err = find_parents(ole, error);
	if (!err)
		read_small_sectors(ole);
	if (err)
		ole_close(ole);
	return err;
}

void ole_close(struct ole *ole)
{
	free(ole->tables);
	free(ole->entries);
	ward_buf_free(&ole->small_table);
	ward_buf_free(&ole->small);
	*ole = (struct ole){ .shift = 0 };
}

bool ole_read(struct ole *ole, uint32_t entry, struct ward_buf *out)
{
	const struct ole_entry *it = &ole->entries[entry];
	uint64_t size = it->size < ole->left ? it->size : ole->left;
	size_t before = out->len;
	bool ok = it->size < ole->cutoff ? read_small(ole, it->start, size, out)
					 : read_chain(ole, it->start, size, out);

	ole->left -= out->len - before;
	return ok && size == it->size;
}

/* Names are compared as ASCII: those that are asked for are. */
uint32_t ole_find(const struct ole *ole, uint32_t parent, const char *name)
{
	for (uint32_t i = 1; i < ole->entry_count; i++) {
		const struct ole_entry *entry = &ole->entries[i];

		if (entry->is_reached && entry->parent == parent &&
				ward_str_eq_nocase(ward_str_from(entry->name), ward_str_from(name)))
			return i;
	}
	return OLE_NONE;
}

void ole_narrow_text(ward_bytes bytes, struct ward_buf *out)
{
	ward_str text = { (const char *)bytes.ptr, bytes.len };

	while (text.len > 0 && text.ptr[text.len - 1] == 0)
		text.len--;
	if (ward_utf8_valid(text)) {
		ward_buf_str(out, text);
		return;
	}
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];

		if (c >= 0x80)
			ward_buf_char(out, (char)(0xc0 | c >> 6));
		ward_buf_char(out, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
	}
}
