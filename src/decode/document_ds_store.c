/*
 * .DS_Store, what macOS's Finder keeps in each folder that was looked at: a
 * tree of records, each of the name of a file that is or was there, and one
 * thing about how it is shown.  The names go out as a text, a line each; there
 * are no pictures.
 *
 * The tree is in blocks, whose places are in a list; numbers are big endian,
 * places count from the fifth byte.  Each block is read once.  Facts: the
 * format as described with Mac::Finder::DSStore and by others since.
 */
#include "decode/document_job.h"
#include "decode/ole.h"

#include <stdlib.h>

/* Nodes that are not leaves are few: a folder of a million files has three levels. */
#define BLOCKS_MAX 65536

struct ds_store {
	ward_bytes file; /* from the fifth byte on */
	uint32_t blocks; /* how many there are, and their places: of 27 bits, with a size in five */
	const uint8_t *places;
	uint8_t seen[BLOCKS_MAX / 8];
	uint32_t pile[BLOCKS_MAX]; /* blocks that are still to be read, each once */
	size_t height;
	struct ward_buf name, before; /* UTF-8: of this record, and of the one before */
	struct ward_buf lines;
	bool is_damaged;
};

static ward_bytes block(const struct ds_store *store, uint32_t number)
{
	struct ward_reader reader =
			ward_reader_from((ward_bytes){ store->places + 4 * (size_t)number, 4 });
	uint32_t place = ward_read_u32be(&reader);
	size_t at = place & ~31u, len = (size_t)1 << (place & 31);

	if (at > store->file.len)
		return (ward_bytes){ store->file.ptr, 0 };
	return (ward_bytes){ store->file.ptr + at,
		len < store->file.len - at ? len : store->file.len - at };
}

static void pile_up(struct ds_store *store, uint32_t number)
{
	if (number >= store->blocks || (store->seen[number >> 3] & 1u << (number & 7)) != 0) {
		store->is_damaged = true;
		return;
	}
	store->seen[number >> 3] |= (uint8_t)(1u << (number & 7));
	store->pile[store->height++] = number;
}

/* Characters that a line cannot have become spaces. */
static void add_line(struct ds_store *store)
{
	ward_str name = ward_buf_text(&store->name);

	if (name.len == 0 || ward_str_eq(name, ward_buf_text(&store->before)))
		return;
	for (size_t i = 0; i < name.len; i++)
		ward_buf_char(&store->lines, (uint8_t)name.ptr[i] < ' ' ? ' ' : name.ptr[i]);
	ward_buf_char(&store->lines, '\n');
	ward_buf_clear(&store->before);
	ward_buf_str(&store->before, name);
}

/* How many bytes a value of that type has; of some, it says so itself. */
static size_t value_bytes(struct ward_reader *reader, ward_bytes type)
{
	static const struct {
		char type[5];
		uint8_t len;
	} known[] = { { "bool", 1 }, { "shor", 4 }, { "long", 4 }, { "type", 4 }, { "comp", 8 },
		{ "dutc", 8 } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (type.len == 4 && memcmp(type.ptr, known[i].type, 4) == 0)
			return known[i].len;
	}
	if (type.len == 4 && memcmp(type.ptr, "blob", 4) == 0)
		return ward_read_u32be(reader);
	if (type.len == 4 && memcmp(type.ptr, "ustr", 4) == 0)
		return (size_t)ward_read_u32be(reader) * 2;
	reader->failed = true;
	return 0;
}

static void read_record(struct ds_store *store, struct ward_reader *reader)
{
	ward_bytes units = ward_read_bytes(reader, (size_t)ward_read_u32be(reader) * 2);
	struct ward_buf swapped;

	(void)ward_read_bytes(reader, 4);
	ward_bytes type = ward_read_bytes(reader, 4);

	(void)ward_read_bytes(reader, value_bytes(reader, type));
	if (reader->failed)
		return;
	ward_buf_init(&swapped, SIZE_MAX);
	for (size_t i = 0; i + 1 < units.len; i += 2) {
		ward_buf_char(&swapped, (char)units.ptr[i + 1]);
		ward_buf_char(&swapped, (char)units.ptr[i]);
	}
	ward_buf_clear(&store->name);
	ole_text((ward_bytes){ (const uint8_t *)swapped.ptr, swapped.len }, &store->name);
	ward_buf_free(&swapped);
	add_line(store);
}

/* A node: its last child, or 0 in a leaf, and records, each behind a child where there are such. */
static void read_node(struct ds_store *store, uint32_t number)
{
	struct ward_reader reader = ward_reader_from(block(store, number));
	uint32_t last = ward_read_u32be(&reader), count = ward_read_u32be(&reader);

	for (uint32_t i = 0; i < count && !reader.failed; i++) {
		if (last > 0)
			pile_up(store, ward_read_u32be(&reader));
		if (!reader.failed)
			read_record(store, &reader);
	}
	store->is_damaged = store->is_damaged || reader.failed;
	if (last > 0)
		pile_up(store, last);
}

/* False when there is no tree: the list of places, then names of trees and their first blocks. */
static bool find_tree(struct ds_store *store, uint32_t *first)
{
	struct ward_reader reader = ward_reader_from(store->file);

	(void)ward_read_u32be(&reader); /* "Bud1" */
	size_t at = ward_read_u32be(&reader);

	if (reader.failed || at > store->file.len)
		return false;
	reader = ward_reader_from((ward_bytes){ store->file.ptr + at, store->file.len - at });
	store->blocks = ward_read_u32be(&reader);
	(void)ward_read_u32be(&reader);
	if (store->blocks > BLOCKS_MAX)
		return false;
	/* Room for a multiple of 256 of them. */
	store->places = ward_read_bytes(&reader, ((size_t)store->blocks + 255) / 256 * 1024).ptr;
	for (uint32_t left = ward_read_u32be(&reader); left > 0 && !reader.failed; left--) {
		ward_bytes name = ward_read_bytes(&reader, ward_read_u8(&reader));

		*first = ward_read_u32be(&reader);
		if (!reader.failed && name.len == 4 && memcmp(name.ptr, "DSDB", 4) == 0)
			return *first < store->blocks;
	}
	return false;
}

static ward_err tell_names(struct document *document, struct ds_store *store)
{
	uint32_t first = 0;

	store->file = (ward_bytes){ document->file.ptr, 0 };
	if (document->file.len > 4)
		store->file = (ward_bytes){ document->file.ptr + 4, document->file.len - 4 };
	if (!find_tree(store, &first))
		return ward_fail(document->error, WARD_E_FORMAT,
				"the .DS_Store has no tree of records");
	struct ward_reader reader = ward_reader_from(block(store, first));

	pile_up(store, ward_read_u32be(&reader));
	while (store->height > 0)
		read_node(store, store->pile[--store->height]);
	if (store->is_damaged)
		document_trouble(document, WARD_E_FORMAT, "the .DS_Store is damaged");
	if (store->lines.len == 0)
		return WARD_OK;
	ward_err err = document_part(document, WARD_STR("names.txt"), false);

	return err ? err
		   : document_data(document, (ward_bytes){ (const uint8_t *)store->lines.ptr,
							     store->lines.len });
}

ward_err document_ds_store(struct document *document)
{
	struct ds_store *store = calloc(1, sizeof(*store));

	if (!store)
		return ward_fail(document->error, WARD_E_NOMEM, "no memory to read the .DS_Store");
	ward_buf_init(&store->name, SIZE_MAX);
	ward_buf_init(&store->before, SIZE_MAX);
	/* Overlapping blocks may give names again and again. */
	ward_buf_init(&store->lines, 4 * document->file.len);
	ward_err err = tell_names(document, store);

	ward_buf_free(&store->name);
	ward_buf_free(&store->before);
	ward_buf_free(&store->lines);
	free(store);
	return err;
}
