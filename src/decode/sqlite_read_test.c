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
static bool build(const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_int64 len = 0;
	unsigned char *made = NULL;

	free(file);
	file = NULL;
	bool ok = sqlite3_open(":memory:", &db) == SQLITE_OK &&
		  sqlite3_exec(db, "PRAGMA page_size=512", NULL, NULL, NULL) == SQLITE_OK &&
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
		{ "limits of parts and bytes hold", limits_hold },
	};

	collect_init(&got);
	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	free(file);
	collect_clear(&got);
	return failed;
}
