#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"
#include "decode/sqlite_read.h"

#include <sqlite3.h>

static struct collected got;
static uint8_t *file;
static size_t file_len;

static const char little_gif[] = "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

/* The database that SQLite itself makes of these words, in pages of 512 bytes. */
static bool build_with(const char *first, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_int64 len = 0;
	unsigned char *made = NULL;

	free(file);
	file = NULL;
	bool ok = sqlite3_open(":memory:", &db) == SQLITE_OK &&
		  sqlite3_exec(db, first, NULL, NULL, NULL) == SQLITE_OK &&
		  sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

	if (ok)
		made = sqlite3_serialize(db, "main", &len, 0);
	if (made) {
		file = malloc((size_t)len);
		file_len = (size_t)len;
	}
	if (file)
		memcpy(file, made, file_len);
	sqlite3_free(made);
	sqlite3_close(db);
	return file != NULL;
}

static bool build(const char *sql)
{
	return build_with("PRAGMA page_size=512; PRAGMA secure_delete=OFF", sql);
}

struct sum {
	unsigned rows;
	int64_t numbers; /* all rowids together */
	size_t bytes;    /* of the last column */
};

static ward_err add_row(void *context, const struct sqlite_row *row)
{
	struct sum *sum = context;
	struct sqlite_columns columns = sqlite_columns_of(row->record);
	struct sqlite_value value = { .type = COLUMN_NUMBER };

	while (sqlite_next_column(&columns, &value))
		;
	sum->rows++;
	sum->numbers += row->number;
	sum->bytes += value.bytes.len;
	return WARD_OK;
}

static struct sum walk(uint32_t root, bool *is_damaged)
{
	struct sqlite_file db;
	struct ward_error error;
	struct sum sum = { .rows = 0 };

	*is_damaged = true;
	if (sqlite_file_open(&db, (ward_bytes){ file, file_len }, &error))
		return sum;
	if (!sqlite_walk(&db, root, add_row, &sum))
		*is_damaged = db.is_damaged;
	sqlite_file_close(&db);
	return sum;
}

#define MANY                                                                         \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<400) " \
	"INSERT INTO a SELECT i, zeroblob(i*7) FROM n"

static void every_row_is_read_with_its_overflow_pages(void)
{
	bool is_damaged;

	CHECK(build("CREATE TABLE a (id INTEGER PRIMARY KEY, b BLOB);" MANY));
	struct sum sum = walk(2, &is_damaged);

	CHECK(!is_damaged);
	CHECK_EQ(sum.rows, 400);
	CHECK_EQ(sum.numbers, 400 * 401 / 2);
	CHECK_EQ(sum.bytes, 7 * 400 * 401 / 2);
	CHECK(build("CREATE TABLE a (id INTEGER PRIMARY KEY, b BLOB) WITHOUT ROWID;" MANY));
	sum = walk(2, &is_damaged);
	CHECK(!is_damaged);
	CHECK_EQ(sum.rows, 400);
	CHECK_EQ(sum.bytes, 7 * 400 * 401 / 2);
}

static ward_err keep_number(void *context, const struct sqlite_row *row)
{
	struct sqlite_columns columns = sqlite_columns_of(row->record);
	struct sqlite_value value;
	int64_t *numbers = context;

	for (size_t i = 0; i < 8 && sqlite_next_column(&columns, &value); i++)
		numbers[i] = value.number;
	return WARD_OK;
}

static void whole_numbers_have_their_sign(void)
{
	static const int64_t want[8] = { 0, 1, -1, 300, -70000, 1 << 30, 1ll << 40, INT64_MIN };
	int64_t numbers[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
	struct sqlite_file db;
	struct ward_error error;

	CHECK(build("CREATE TABLE a (a,b,c,d,e,f,g,h); INSERT INTO a VALUES "
		    "(0,1,-1,300,-70000,1073741824,1099511627776,-9223372036854775808)"));
	CHECK_EQ(sqlite_file_open(&db, (ward_bytes){ file, file_len }, &error), WARD_OK);
	CHECK_EQ(sqlite_walk(&db, 2, keep_number, numbers), WARD_OK);
	sqlite_file_close(&db);
	for (int i = 0; i < 8; i++)
		CHECK_EQ(numbers[i], want[i]);
}

static void circles_and_overlaps_end(void)
{
	bool is_damaged;

	CHECK(build("CREATE TABLE a (id INTEGER PRIMARY KEY, b BLOB);" MANY));
	/* The root's last child is the root. */
	CHECK_EQ(file[512], 5);
	memcpy(file + 512 + 8, "\0\0\0\2", 4);
	struct sum sum = walk(2, &is_damaged);

	CHECK(is_damaged);
	CHECK(sum.rows > 0 && sum.rows < 400);
	/* All cells of a page are the same one, which says that it is long. */
	CHECK(build("CREATE TABLE a (b BLOB); INSERT INTO a VALUES (zeroblob(400))"));
	file[512 + 3] = 0;
	file[512 + 4] = 40;
	for (size_t i = 1; i < 40; i++)
		memcpy(file + 512 + 8 + 2 * i, file + 512 + 8, 2);
	sum = walk(2, &is_damaged);
	CHECK(is_damaged);
	CHECK(sum.bytes <= file_len);
}

static void what_has_no_page_is_refused(void)
{
	struct sqlite_file db;
	struct ward_error error;

	CHECK(build("CREATE TABLE a (b BLOB)"));
	CHECK_EQ(sqlite_file_open(&db, (ward_bytes){ file, 99 }, &error), WARD_E_FORMAT);
	CHECK_EQ(sqlite_file_open(&db, (ward_bytes){ file, 500 }, &error), WARD_E_FORMAT);
	file[17] = 3;
	CHECK_EQ(sqlite_file_open(&db, (ward_bytes){ file, file_len }, &error), WARD_E_FORMAT);
}

/* ---- as a document ---- */

static ward_err read_document(void)
{
	collect_clear(&got);
	return document_read(WARD_MEDIA_SQLITE, (ward_bytes){ file, file_len }, &got.options,
			&got.sink, &got.error);
}

/* A picture, with zeroes behind it to be long enough; as SQL. */
static const char *gif_sql(void)
{
	static char sql[256] = "x'";

	if (sql[2] == 0) {
		for (size_t i = 0; i < 80; i++)
			snprintf(sql + 2 + 2 * i, 4, "%02x'",
					i < sizeof(little_gif) ? (uint8_t)little_gif[i] : 0);
	}
	return sql;
}

static void names_are_read_from_the_sql_of_the_table(void)
{
	static const struct {
		const char *columns, *name;
	} cases[] = {
		{ "a, b", "t!1!b" },
		{ "a VARCHAR(1,2) DEFAULT (')'), \"b, \"\"c\"", "t!1!b, " },
		{ "a TEXT CHECK (a IN (1,2)),[b c] BLOB", "t!1!b c" },
		{ "a,`b`BLOB, PRIMARY KEY (a)", "t!1!b" },
	};
	char sql[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(sql, sizeof(sql), "CREATE TABLE t (%s); INSERT INTO t VALUES (1,%s)",
				cases[i].columns, gif_sql());
		CHECK(build(sql));
		CHECK_EQ(read_document(), WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK_STR(got.part_names[0], cases[i].name);
		CHECK_EQ(got.part_bytes[0].len, 80);
	}
}

static void short_values_and_plain_text_are_left_out(void)
{
	CHECK(build("CREATE TABLE t (a, b); INSERT INTO t VALUES (x'47494638396101000100', "
		    "printf('%.200c','w'))"));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 0);
}

static void views_and_triggers_are_not_asked(void)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
			"CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM t, v2; "
			"CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END; "
			"INSERT INTO t VALUES (%s)",
			gif_sql());
	CHECK(build(sql));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
}

/* Looked at before: text that is UTF-8 was not. */
static void a_picture_in_text_is_found(void)
{
	static const char *const sets[] = { "PRAGMA encoding='UTF-8'",
		"PRAGMA encoding='UTF-16le'" };
	char sql[1024];

	snprintf(sql, sizeof(sql),
			"CREATE TABLE t (a); INSERT INTO t VALUES (CAST(x'776f726473%s AS TEXT))",
			gif_sql() + 2);
	for (size_t i = 0; i < 2; i++) {
		CHECK(build_with(sets[i], sql));
		CHECK_EQ(read_document(), WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK_STR(got.part_names[0], "t!1!a picture 1.gif");
		CHECK_EQ(got.part_bytes[0].len, sizeof(little_gif) - 1);
	}
}

/* In place of the record of a value of `room` bytes: so many empty columns, then a picture. */
static bool build_columns(unsigned count, unsigned room)
{
	char sql[128];
	unsigned header = 3 + count + 2;

	snprintf(sql, sizeof(sql), "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(%u))", room);
	if (!build_with("PRAGMA page_size=65536", sql))
		return false;
	uint8_t *cell = file + 65536 + (file[65536 + 8] << 8 | file[65536 + 9]);
	uint8_t *record = cell + 4; /* behind a length of three bytes, and the row's number */

	record[0] = (uint8_t)(0x80 | header >> 14);
	record[1] = (uint8_t)(0x80 | (header >> 7 & 0x7f));
	record[2] = header & 0x7f;
	memset(record + 3, 0, count);
	record[header - 2] = 0x81; /* 12 + 2 * 80 */
	record[header - 1] = 0x2c;
	memset(record + header, 0, 80);
	memcpy(record + header, little_gif, sizeof(little_gif));
	return true;
}

static void columns_behind_many_are_read_and_more_than_there_can_be_are_damage(void)
{
	CHECK(build_columns(2500, 20000));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "t!1!column 2501");
	CHECK(build_columns(32767, 50000));
	CHECK_EQ(read_document(), WARD_E_FORMAT);
	CHECK_EQ(got.part_count, 0);
}

static void a_table_whose_root_is_behind_the_end_is_damage(void)
{
	CHECK(build("CREATE TABLE a (b); CREATE TABLE c (d); CREATE VIEW v AS SELECT 1"));
	CHECK_EQ(file_len, 3 * 512);
	CHECK_EQ(read_document(), WARD_OK);
	file_len = 2 * 512;
	CHECK_EQ(read_document(), WARD_E_FORMAT);
}

/* ---- what was deleted ---- */

/* A picture that goes on in overflow pages, as SQL. */
static const char *png_sql(void)
{
	static const char head[] =
			"x'89504e470d0a1a0a0000000d4948445200000001000000010800000000636363"
			"63000005dc49444154";
	static const char tail[] = "6363636300000000"
				   "49454e44ae426082'";
	static char sql[4096];
	size_t at = sizeof(head) - 1;

	memcpy(sql, head, at);
	for (size_t i = 0; i < 1500; i++, at += 2)
		memcpy(sql + at, "64", 2);
	memcpy(sql + at, tail, sizeof(tail));
	return sql;
}

enum { PNG_BYTES = 33 + 8 + 1500 + 4 + 12 };

static void a_deleted_row_of_a_page_that_is_still_used_is_found(void)
{
	char sql[8192];

	/* The first page that is freed is written over, with the list of those that follow. */
	snprintf(sql, sizeof(sql),
			"CREATE TABLE t (a); INSERT INTO t VALUES "
			"('one'),(zeroblob(600)),('b'),(%s),(%s),"
			"('end'); DELETE FROM t WHERE rowid=2; DELETE FROM t WHERE rowid=4;"
			"DELETE FROM t WHERE rowid=5",
			png_sql(), gif_sql());
	CHECK(build(sql));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 2);
	CHECK_STR(got.part_names[0], "lost!page 2 picture 1.gif");
	CHECK_EQ(got.part_bytes[0].len, sizeof(little_gif) - 1);
	CHECK_STR(got.part_names[1], "lost!page 2 picture 2.png");
	CHECK_EQ(got.part_bytes[1].len, PNG_BYTES);
}

static void overflow_pages_that_no_row_leads_to_are_looked_through(void)
{
	char sql[8192];

	snprintf(sql, sizeof(sql),
			"CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(600)),(x'%0900d%s); "
			"DELETE FROM "
			"t WHERE rowid=1; DELETE FROM t; INSERT INTO t VALUES ('%0400d')",
			0, png_sql() + 2, 0);
	CHECK(build(sql));
	CHECK_EQ(read_document(), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_EQ(got.part_bytes[0].len, PNG_BYTES);
}

/* ---- logs ---- */

static void put(uint8_t *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* Page images behind each other as a log; `names` has a page's number for each. */
static ward_err read_log(bool is_wal, const uint8_t *images, const char *names, size_t count)
{
	size_t head = is_wal ? 32 : 512, before = is_wal ? 24 : 4, step = 512 + (is_wal ? 24 : 8);
	uint8_t *log = calloc(1, head + count * step);

	if (!log)
		return WARD_E_NOMEM;
	if (is_wal) {
		memcpy(log, "\x37\x7f\x06\x82\0\x2d\xe2\x18\0\0\2\0\0\0\0\0saltsalt", 24);
	} else {
		memcpy(log, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
		put(log + 20, 512);
		put(log + 24, 512);
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t *at = log + head + i * step;

		put(at, (uint8_t)names[i]);
		if (is_wal)
			memcpy(at + 8, "saltsalt", 8);
		memcpy(at + before, images + 512 * i, 512);
	}
	collect_clear(&got);
	/* That it is known as what it is, too. */
	ward_err err = document_read(ward_media_identify((ward_bytes){ log, head }),
			(ward_bytes){ log, head + count * step }, &got.options, &got.sink,
			&got.error);

	free(log);
	return err;
}

static void a_log_beside_a_database_is_read_like_one(void)
{
	char sql[1024];

	snprintf(sql, sizeof(sql), "CREATE TABLE t (a, b); INSERT INTO t VALUES (1,%s)", gif_sql());
	CHECK(build(sql));
	CHECK_EQ(file_len, 1024);
	for (int is_wal = 0; is_wal < 2; is_wal++) {
		CHECK_EQ(read_log(is_wal, file, "\1\2", 2), WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK_STR(got.part_names[0], "t!1!b");
		/* Without the list of tables it is of none. */
		CHECK_EQ(read_log(is_wal, file + 512, "\5", 1), WARD_OK);
		CHECK_EQ(got.part_count, 1);
		CHECK_STR(got.part_names[0], "lost!1!column 2");
	}
	CHECK_EQ(read_log(true, file, "\1\2", 0), WARD_OK);
	CHECK_EQ(got.part_count, 0);
}

static void a_row_that_a_newer_image_lacks_is_found_once(void)
{
	uint8_t images[5 * 512];
	char sql[1024];

	snprintf(sql, sizeof(sql), "CREATE TABLE t (a, b); INSERT INTO t VALUES (1,%s)", gif_sql());
	CHECK(build(sql));
	memcpy(images, file, 1024);
	memcpy(images + 1024, file + 512, 512);
	CHECK(build("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)"));
	memcpy(images + 3 * 512, file, 1024);
	CHECK_EQ(read_log(true, images, "\1\2\2\1\2", 5), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "lost!1!column 2");
}

static void limits_hold(void)
{
	char sql[1024];

	snprintf(sql, sizeof(sql), "CREATE TABLE t (a, b); INSERT INTO t VALUES (%s,%s)", gif_sql(),
			gif_sql());
	CHECK(build(sql));
	got.options.limits.parts_max = 1;
	CHECK_EQ(read_document(), WARD_E_LIMIT);
	got.options.limits = ward_limits_default();
	got.options.limits.bytes_max = 81;
	CHECK_EQ(read_document(), WARD_E_LIMIT);
	got.options.limits = ward_limits_default();
}

int main(void)
{
	static const struct test_case cases[] = {
		{ "every row is read, with its overflow pages",
				every_row_is_read_with_its_overflow_pages },
		{ "whole numbers have their sign", whole_numbers_have_their_sign },
		{ "circles and overlaps end", circles_and_overlaps_end },
		{ "what has no page is refused", what_has_no_page_is_refused },
		{ "names are read from the SQL of the table",
				names_are_read_from_the_sql_of_the_table },
		{ "short values and plain text are left out",
				short_values_and_plain_text_are_left_out },
		{ "views and triggers are not asked", views_and_triggers_are_not_asked },
		{ "a picture in text is found", a_picture_in_text_is_found },
		{ "columns behind many are read, and more than there can be are damage",
				columns_behind_many_are_read_and_more_than_there_can_be_are_damage },
		{ "a table whose root is behind the end is damage",
				a_table_whose_root_is_behind_the_end_is_damage },
		{ "a deleted row of a page that is still used is found",
				a_deleted_row_of_a_page_that_is_still_used_is_found },
		{ "overflow pages that no row leads to are looked through",
				overflow_pages_that_no_row_leads_to_are_looked_through },
		{ "a log beside a database is read like one",
				a_log_beside_a_database_is_read_like_one },
		{ "a row that a newer image lacks is found once",
				a_row_that_a_newer_image_lacks_is_found_once },
		{ "limits of parts and bytes hold", limits_hold },
	};

	collect_init(&got);
	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	free(file);
	collect_clear(&got);
	return failed;
}
