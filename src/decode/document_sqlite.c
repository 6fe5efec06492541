/*
 * Databases: chat programs keep pictures in columns, as they are or within
 * records of their own.  A value that is a picture or another thing that scans
 * know goes out as "TABLE!ROW!COLUMN"; of any other bytes, the pictures that
 * lie in them.  SQLite keeps any bytes as text, so text is looked at, too.
 *
 * Names come from the list of tables, whose SQL is read as far as names of
 * columns go.  A table that the list lacks, and rows in pages that were given
 * up, are told as "lost"; pictures in bytes that no row has as "lost!page 7 picture 1.jpg".
 */
#include "decode/document_ole.h"
#include "decode/sqlite_read.h"

#include <stdlib.h>

/* Shorter is no picture that could be compared. */
#define VALUE_BYTES_MIN 64

/* SQLite's own limit; its default is 2000. */
#define COLUMNS_MAX 32767

struct table {
	struct ward_buf name, sql; /* UTF-8 */
	uint32_t root;
};

struct tables {
	struct sqlite_file *db;
	struct table *at;
	size_t count, room;
};

/* ---- the list of tables ---- */

static void text_of(const struct sqlite_file *db, ward_bytes bytes, struct ward_buf *out)
{
	struct ward_buf swapped;

	ward_buf_init(out, SIZE_MAX);
	if (db->encoding == 2) {
		ole_text(bytes, out);
	} else if (db->encoding == 3) {
		ward_buf_init(&swapped, SIZE_MAX);
		for (size_t i = 0; i + 1 < bytes.len; i += 2) {
			ward_buf_char(&swapped, (char)bytes.ptr[i + 1]);
			ward_buf_char(&swapped, (char)bytes.ptr[i]);
		}
		ole_text((ward_bytes){ (const uint8_t *)swapped.ptr, swapped.len }, out);
		ward_buf_free(&swapped);
	} else if (ward_utf8_valid((ward_str){ (const char *)bytes.ptr, bytes.len })) {
		ward_buf_add(out, bytes.ptr, bytes.len);
	}
}

/* type, name, tbl_name, rootpage, sql */
static ward_err take_table(void *context, const struct sqlite_row *row)
{
	struct tables *tables = context;
	struct sqlite_columns columns = sqlite_columns_of(row->record);
	struct sqlite_value values[5];

	for (size_t i = 0; i < 5; i++) {
		if (!sqlite_next_column(&columns, &values[i]))
			return WARD_OK;
	}
	/* Of views it is 0; of a table whose page is gone, beyond the end. */
	if (values[3].number > tables->db->pages)
		tables->db->is_damaged = true;
	if (values[3].number <= 0 || values[3].number > tables->db->pages)
		return WARD_OK;
	if (tables->count == tables->room) {
		size_t room = tables->room ? tables->room * 2 : 16;
		struct table *grown = realloc(tables->at, room * sizeof(*grown));

		if (!grown)
			return WARD_E_NOMEM;
		tables->at = grown;
		tables->room = room;
	}
	struct table *table = &tables->at[tables->count];

	text_of(tables->db, values[0].bytes, &table->name);
	bool is_table = ward_str_eq(ward_buf_text(&table->name), WARD_STR("table"));

	ward_buf_free(&table->name);
	if (!is_table)
		return WARD_OK;
	table->root = (uint32_t)values[3].number;
	text_of(tables->db, values[1].bytes, &table->name);
	text_of(tables->db, values[4].bytes, &table->sql);
	tables->count++;
	return WARD_OK;
}

/* ---- names of columns ---- */

/* Behind what is quoted, or in brackets, from its first character on. */
static size_t behind_quoted(ward_str sql, size_t at)
{
	char end = sql.ptr[at] == '[' ? ']' : sql.ptr[at];

	for (at++; at < sql.len && sql.ptr[at] != end; at++)
		;
	return at < sql.len ? at + 1 : at;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`' || c == '[';
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Behind the comma that ends a column's definition, or at the end. */
static size_t behind_definition(ward_str sql, size_t at)
{
	for (int deep = 0; at < sql.len; at++) {
		char c = sql.ptr[at];

		if (is_quote(c)) {
			at = behind_quoted(sql, at) - 1;
			continue;
		}
		deep += c == '(';
		if (c == ')' && deep-- == 0)
			return sql.len;
		if (c == ',' && deep == 0)
			return at + 1;
	}
	return at;
}

/* The name that begins at `at`; "" when there is none to be read. */
static ward_str name_at(ward_str sql, size_t at)
{
	while (at < sql.len && is_blank(sql.ptr[at]))
		at++;
	if (at >= sql.len)
		return WARD_STR("");
	size_t end = at;

	if (is_quote(sql.ptr[at])) {
		end = behind_quoted(sql, at);
		return end - at > 2 ? (ward_str){ sql.ptr + at + 1, end - at - 2 } : WARD_STR("");
	}
	while (end < sql.len && !is_blank(sql.ptr[end]) && sql.ptr[end] != ',' &&
			sql.ptr[end] != '(' && sql.ptr[end] != ')')
		end++;
	return (ward_str){ sql.ptr + at, end - at };
}

/* Appends the names of a table's columns, each a ward_str within `sql`. */
static void read_names(ward_str sql, struct ward_buf *names)
{
	size_t at = 0;

	while (at < sql.len && sql.ptr[at] != '(')
		at = is_quote(sql.ptr[at]) ? behind_quoted(sql, at) : at + 1;
	at++;
	for (unsigned i = 0; i < COLUMNS_MAX && at < sql.len; i++) {
		ward_str name = name_at(sql, at);

		ward_buf_add(names, &name, sizeof(name));
		at = behind_definition(sql, at);
	}
}

/* ---- rows ---- */

struct telling {
	struct document *document;
	struct sqlite_file *db;
	ward_str table;
	struct ward_buf columns; /* their names */
	struct ward_buf name;
};

static ward_err tell_value(struct telling *telling, const struct sqlite_row *row, unsigned column,
		const struct sqlite_value *value)
{
	const ward_str *names = (const ward_str *)(const void *)telling->columns.ptr;
	ward_str said = WARD_STR("");

	if (row->has_rowid && column < telling->columns.len / sizeof(*names))
		said = names[column];
	ward_buf_clear(&telling->name);
	ward_buf_str(&telling->name, telling->table);
	ward_buf_printf(&telling->name, "!%lld!", (long long)row->number);
	if (said.len > 0)
		ward_buf_str(&telling->name, said);
	else
		ward_buf_printf(&telling->name, "column %u", column + 1);
	return document_value(telling->document, ward_buf_text(&telling->name), value->bytes);
}

static ward_err take_row(void *context, const struct sqlite_row *row)
{
	struct telling *telling = context;
	struct sqlite_columns columns = sqlite_columns_of(row->record);
	struct sqlite_value value;
	ward_err err = WARD_OK;

	for (unsigned i = 0; !err && sqlite_next_column(&columns, &value); i++) {
		if (i == COLUMNS_MAX) {
			telling->db->is_damaged = true;
			break;
		}
		if (value.type != COLUMN_NUMBER && value.bytes.len >= VALUE_BYTES_MIN)
			err = tell_value(telling, row, i, &value);
	}
	return err;
}

static ward_err take_lost(void *context, uint32_t page, ward_bytes bytes)
{
	struct telling *telling = context;

	ward_buf_clear(&telling->name);
	ward_buf_printf(&telling->name, "lost!page %u", page);
	return document_carve_lost(telling->document, ward_buf_text(&telling->name), bytes);
}

static ward_err tell_lost(struct telling *telling)
{
	telling->table = WARD_STR("lost");
	ward_buf_clear(&telling->columns);
	ward_err err = sqlite_walk_rest(telling->db, take_row, telling);

	return err ? err : sqlite_walk_lost(telling->db, take_lost, telling);
}

static ward_err tell_tables(struct document *document, struct sqlite_file *db,
		struct tables *tables)
{
	struct telling telling = { .document = document, .db = db };
	ward_err err = WARD_OK;

	ward_buf_init(&telling.name, SIZE_MAX);
	ward_buf_init(&telling.columns, SIZE_MAX);
	for (size_t i = 0; i < tables->count && !err; i++) {
		telling.table = ward_buf_text(&tables->at[i].name);
		ward_buf_clear(&telling.columns);
		read_names(ward_buf_text(&tables->at[i].sql), &telling.columns);
		err = sqlite_walk(db, tables->at[i].root, take_row, &telling);
	}
	if (!err)
		err = tell_lost(&telling);
	ward_buf_free(&telling.name);
	ward_buf_free(&telling.columns);
	return err;
}

/* Most pages of a log's database are not in it: what is missing is no damage. */
ward_err document_sqlite(struct document *document)
{
	struct sqlite_file db;
	struct tables tables = { .db = &db };
	bool is_log = sqlite_is_log(document->file);
	ward_err err = is_log ? sqlite_log_open(&db, document->file, document->error)
			      : sqlite_file_open(&db, document->file, document->error);

	if (!err)
		err = sqlite_walk(&db, 1, take_table, &tables);
	if (!err)
		err = tell_tables(document, &db, &tables);
	if (err == WARD_E_NOMEM)
		(void)ward_fail(document->error, err, "no memory for the tables of the database");
	if (!err && db.is_damaged && !is_log)
		document_trouble(document, WARD_E_FORMAT, "the database is damaged");
	for (size_t i = 0; i < tables.count; i++) {
		ward_buf_free(&tables.at[i].name);
		ward_buf_free(&tables.at[i].sql);
	}
	free(tables.at);
	sqlite_file_close(&db);
	return err;
}
