#include "decode/sqlite_read.h"

#include <stdlib.h>

enum { HEADER_BYTES = 100, AT_PAGE_SIZE = 16, AT_RESERVED = 20, AT_ENCODING = 56 };

/* ---- numbers ---- */

/* One to nine bytes, seven bits each, the last one eight. */
static uint64_t read_varint(struct ward_reader *reader)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++) {
		uint8_t byte = ward_read_u8(reader);

		value = value << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return value;
	}
	return value << 8 | ward_read_u8(reader);
}

static int64_t whole_number(ward_bytes bytes)
{
	uint64_t value = bytes.len > 0 && bytes.ptr[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | bytes.ptr[i];
	return (int64_t)value;
}

/* ---- records ---- */

struct sqlite_columns sqlite_columns_of(ward_bytes record)
{
	struct ward_reader reader = ward_reader_from(record);
	struct sqlite_columns columns = { .types = reader, .values = reader };
	uint64_t len = read_varint(&columns.types);
	size_t read = record.len - ward_reader_left(&columns.types);

	if (columns.types.failed || len < read || len > record.len)
		len = read;
	columns.types = ward_reader_from((ward_bytes){ record.ptr + read, (size_t)len - read });
	(void)ward_read_bytes(&columns.values, (size_t)len);
	return columns;
}

bool sqlite_next_column(struct sqlite_columns *columns, struct sqlite_value *value)
{
	static const uint8_t lengths[12] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };

	if (ward_reader_left(&columns->types) == 0)
		return false;
	uint64_t type = read_varint(&columns->types);
	uint64_t len = type < 12 ? lengths[type] : (type - 12) / 2;

	if (columns->types.failed || len > ward_reader_left(&columns->values))
		return false;
	*value = (struct sqlite_value){
		.type = type < 12  ? COLUMN_NUMBER
			: type & 1 ? COLUMN_TEXT
				   : COLUMN_BYTES,
		.bytes = ward_read_bytes(&columns->values, (size_t)len),
	};
	if (type >= 1 && type <= 6)
		value->number = whole_number(value->bytes);
	else if (type == 9)
		value->number = 1;
	return true;
}

/* ---- pages ---- */

ward_bytes sqlite_page(const struct sqlite_file *db, uint32_t number)
{
	if (number == 0 || number > db->pages || (db->at && !db->at[number]))
		return (ward_bytes){ NULL, 0 };
	return (ward_bytes){ db->at ? db->at[number]
				    : db->file.ptr + (size_t)(number - 1) * db->page_bytes,
		db->usable };
}

bool sqlite_is_seen(const struct sqlite_file *db, uint32_t number)
{
	return (db->seen[number >> 3] >> (number & 7)) & 1;
}

bool sqlite_see_page(struct sqlite_file *db, uint32_t number)
{
	if (sqlite_page(db, number).len == 0 || sqlite_is_seen(db, number))
		return false;
	db->seen[number >> 3] |= (uint8_t)(1u << (number & 7));
	return true;
}

ward_err sqlite_file_open(struct sqlite_file *db, ward_bytes file, struct ward_error *error)
{
	*db = (struct sqlite_file){ .file = file, .left = file.len };
	ward_buf_init(&db->record, SIZE_MAX);
	if (file.len < HEADER_BYTES)
		return ward_fail(error, WARD_E_FORMAT, "the database ends within its header");
	uint32_t stated = (uint32_t)file.ptr[AT_PAGE_SIZE] << 8 | file.ptr[AT_PAGE_SIZE + 1];

	db->page_bytes = stated == 1 ? 65536 : stated;
	db->usable = db->page_bytes - file.ptr[AT_RESERVED];
	db->encoding = file.ptr[AT_ENCODING + 3];
	if (db->page_bytes < 512 || (db->page_bytes & (db->page_bytes - 1)) != 0 ||
			db->page_bytes < file.ptr[AT_RESERVED] + 480u)
		return ward_fail(error, WARD_E_FORMAT, "the database has pages of no known size");
	uint64_t pages = file.len / db->page_bytes;

	db->pages = pages < UINT32_MAX ? (uint32_t)pages : UINT32_MAX - 1;
	if (db->pages == 0)
		return ward_fail(error, WARD_E_FORMAT, "the database ends within its first page");
	db->seen = calloc((size_t)db->pages / 8 + 1, 1);
	if (!db->seen)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the pages of the database");
	return WARD_OK;
}

void sqlite_file_close(struct sqlite_file *db)
{
	free(db->seen);
	free(db->at);
	free(db->read);
	ward_buf_free(&db->record);
	*db = (struct sqlite_file){ .pages = 0 };
}

/* ---- cells ---- */

/* How much of a record is on its own page. */
static uint64_t local_bytes(const struct sqlite_file *db, uint64_t len, bool is_index)
{
	uint64_t usable = db->usable;
	uint64_t most = is_index ? (usable - 12) * 64 / 255 - 23 : usable - 35;
	uint64_t least = (usable - 12) * 32 / 255 - 23;

	if (len <= most)
		return len;
	uint64_t kept = least + (len - least) % (usable - 4);

	return kept <= most ? kept : least;
}

/* Appends what overflow pages have of a record; false when something is missing. */
static bool read_overflow(struct sqlite_file *db, uint32_t number, uint64_t left)
{
	while (left > 0) {
		if (!sqlite_see_page(db, number) &&
				(!db->is_replayed || sqlite_page(db, number).len == 0))
			return false;
		struct ward_reader reader = ward_reader_from(sqlite_page(db, number));

		number = ward_read_u32be(&reader);
		size_t part = ward_reader_left(&reader);
		ward_bytes bytes = ward_read_bytes(&reader, part < left ? part : (size_t)left);

		ward_buf_add(&db->record, bytes.ptr, bytes.len);
		left -= bytes.len;
	}
	return !db->record.failed;
}

/* False when the record is not whole; what there is of it is in db->record. */
static bool read_record(struct sqlite_file *db, struct ward_reader *reader, uint64_t len,
		bool is_index)
{
	uint64_t local = local_bytes(db, len, is_index);

	ward_buf_clear(&db->record);
	if (len > (db->is_replayed ? db->left : db->file.len) || local > db->left ||
			local > ward_reader_left(reader))
		return false;
	ward_bytes bytes = ward_read_bytes(reader, (size_t)local);

	ward_buf_add(&db->record, bytes.ptr, bytes.len);
	bool ok = local == len || read_overflow(db, ward_read_u32be(reader), len - local);

	db->left -= db->record.len < db->left ? db->record.len : db->left;
	return ok;
}

struct walk {
	struct sqlite_file *db;
	sqlite_take_row *take;
	void *context;
	int64_t count;  /* of rows without a rowid */
	uint32_t *pile; /* pages that are still to be read */
	size_t height, room;
	bool is_lost; /* pages of no tree: their damage is not the file's */
};

static void damaged(struct walk *walk)
{
	walk->db->is_damaged = walk->db->is_damaged || !walk->is_lost;
}

/*
 * A log has the same page again for each change of it, with all other rows as they were: true of a
 * cell that was read before.  Cells of the same sum are compared; one replaces the other.
 */
static bool is_read(struct sqlite_file *db, ward_bytes cell)
{
	uint64_t sum = 0xcbf29ce484222325u;

	if (!db->read)
		return false;
	for (size_t i = 0; i < cell.len; i++)
		sum = (sum ^ cell.ptr[i]) * 0x100000001b3u;
	struct sqlite_read_cell *before = &db->read[(sum >> 20) % SQLITE_READ_CELLS];

	if (before->cell.len == cell.len && memcmp(before->cell.ptr, cell.ptr, cell.len) == 0)
		return true;
	before->cell = cell;
	return false;
}

static ward_err take_cell(struct walk *walk, ward_bytes bytes, size_t at, uint8_t type)
{
	struct sqlite_file *db = walk->db;
	struct ward_reader reader =
			ward_reader_from((ward_bytes){ bytes.ptr + at, bytes.len - at });
	bool is_index = type == INDEX_LEAF || type == INDEX_INNER;
	struct sqlite_row row = { .has_rowid = !is_index };

	if (type == INDEX_INNER)
		(void)ward_read_u32be(&reader);
	uint64_t len = read_varint(&reader);

	row.number = is_index ? ++walk->count : (int64_t)read_varint(&reader);
	uint64_t local = local_bytes(db, len, is_index);
	size_t left = ward_reader_left(&reader), head = bytes.len - at - left;

	if (reader.failed || local > left) {
		damaged(walk);
		return WARD_OK;
	}
	/* With the number of its first overflow page, where it has one. */
	if (is_read(db, (ward_bytes){ bytes.ptr + at,
					head + (local < len && left - local >= 4
									       ? (size_t)local + 4
									       : (size_t)local) }))
		return WARD_OK;
	if (!read_record(db, &reader, len, is_index))
		damaged(walk);
	row.record = (ward_bytes){ (const uint8_t *)db->record.ptr, db->record.len };
	return row.record.len > 0 ? walk->take(walk->context, &row) : WARD_OK;
}

static void pile_up(struct walk *walk, uint32_t number)
{
	if (walk->height == walk->room) {
		size_t room = walk->room ? walk->room * 2 : 64;
		uint32_t *grown = room <= SIZE_MAX / sizeof(*grown) / 2
						  ? realloc(walk->pile, room * sizeof(*grown))
						  : NULL;

		if (!grown) {
			damaged(walk);
			return;
		}
		walk->pile = grown;
		walk->room = room;
	}
	walk->pile[walk->height++] = number;
}

bool sqlite_read_head(ward_bytes page, size_t at, struct sqlite_head *head)
{
	if (at > page.len)
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ page.ptr + at, page.len - at });

	head->type = ward_read_u8(&reader);
	head->free = ward_read_u16be(&reader);
	head->cells = ward_read_u16be(&reader);
	uint16_t content = ward_read_u16be(&reader);

	head->content = content == 0 ? 65536 : content;
	(void)ward_read_u8(&reader);
	bool is_inner = head->type == INDEX_INNER || head->type == TABLE_INNER;

	head->right = is_inner ? ward_read_u32be(&reader) : 0;
	head->list = page.len - ward_reader_left(&reader);
	return (is_inner || head->type == INDEX_LEAF || head->type == TABLE_LEAF) &&
	       !reader.failed && head->cells * 2 <= ward_reader_left(&reader);
}

/* `at` is where the page's head is. */
static ward_err read_page(struct walk *walk, ward_bytes bytes, size_t at)
{
	struct sqlite_head head;
	ward_err err = WARD_OK;

	if (!sqlite_read_head(bytes, at, &head)) {
		damaged(walk);
		return WARD_OK;
	}
	if (head.right > 0 && !walk->is_lost)
		pile_up(walk, head.right);
	/* Children from the last to the first, so that the first is on top. */
	for (size_t i = head.cells; i > 0 && !err; i--) {
		bool is_leaf = head.type == TABLE_LEAF || head.type == INDEX_LEAF;
		const uint8_t *list =
				bytes.ptr + head.list + 2 * (is_leaf ? head.cells - i : i - 1);
		size_t cell = (size_t)list[0] << 8 | list[1];

		if (cell + 4 > bytes.len) {
			damaged(walk);
			continue;
		}
		if (!is_leaf && !walk->is_lost) {
			struct ward_reader reader =
					ward_reader_from((ward_bytes){ bytes.ptr + cell, 4 });

			pile_up(walk, ward_read_u32be(&reader));
		}
		if (head.type != TABLE_INNER)
			err = take_cell(walk, bytes, cell, head.type);
	}
	return err;
}

ward_err sqlite_walk(struct sqlite_file *db, uint32_t root, sqlite_take_row *take, void *context)
{
	struct walk walk = { .db = db, .take = take, .context = context };
	ward_err err = WARD_OK;

	pile_up(&walk, root);
	while (walk.height > 0 && !err) {
		uint32_t number = walk.pile[--walk.height];

		if (sqlite_see_page(db, number))
			err = read_page(&walk, sqlite_page(db, number),
					number == 1 ? HEADER_BYTES : 0);
		else
			damaged(&walk);
	}
	free(walk.pile);
	return err;
}

static ward_err read_image(void *context, ward_bytes page)
{
	return page.ptr[0] == TABLE_LEAF ? read_page(context, page, 0) : WARD_OK;
}

ward_err sqlite_walk_rest(struct sqlite_file *db, sqlite_take_row *take, void *context)
{
	struct walk walk = { .db = db, .take = take, .context = context, .is_lost = true };
	ward_err err = WARD_OK;

	for (uint32_t number = 2; number <= db->pages && !err; number++) {
		ward_bytes page = sqlite_page(db, number);

		if (page.len > 0 && page.ptr[0] == TABLE_LEAF && sqlite_see_page(db, number))
			err = read_page(&walk, page, 0);
	}
	if (!err && db->at)
		err = sqlite_log_replay(db, read_image, &walk);
	free(walk.pile);
	return err;
}
