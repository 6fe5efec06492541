#include "store/script.h"

#include "base/test.h"

static struct ward_buf out;
static struct ward_error error;

/* The statements of a script, one a line. */
static const char *told(enum store_engine engine, const char *sql)
{
	static char all[4096];
	ward_str rest = ward_str_from(sql);
	ward_err err;

	all[0] = '\0';
	error = (struct ward_error){ 0 };
	ward_buf_free(&out);
	ward_buf_init(&out, 2048);
	while (!(err = script_next(&rest, engine, &out, &error))) {
		size_t len = strlen(all);

		snprintf(all + len, sizeof(all) - len, "%s|\n", ward_buf_text(&out).ptr);
	}
	if (err != WARD_E_NOT_FOUND)
		snprintf(all, sizeof(all), "%s", ward_err_name(err));
	return all;
}

static void cuts_at_semicolons(void)
{
	CHECK_STR(told(STORE_SQLITE, "SELECT 1; SELECT 2 ;\n"), "SELECT 1|\nSELECT 2|\n");
}

static void passes_semicolons_in_texts(void)
{
	CHECK_STR(told(STORE_SQLITE, "SELECT 'a;b''c--d', \"e;f\";"),
			"SELECT 'a;b''c--d', \"e;f\"|\n");
}

static void drops_comments(void)
{
	CHECK_STR(told(STORE_SQLITE, "-- one; two\nSELECT /* ; */ 1 -- end\n;-- last"),
			"SELECT 1|\n");
}

static const char table[] = "CREATE TABLE thing ( -- a thing\n"
			    "\tid TEXT PRIMARY KEY,\n"
			    "\ttext TEXT NOT NULL DEFAULT 'INTEGER',\n"
			    "\tnumber INTEGER,\n"
			    "\tbytes BLOB\n"
			    ") STRICT;\n";

static void leaves_a_table_to_sqlite_as_it_is(void)
{
	CHECK_STR(told(STORE_SQLITE, table),
			"CREATE TABLE thing ( id TEXT PRIMARY KEY, text TEXT NOT NULL DEFAULT "
			"'INTEGER', number INTEGER, bytes BLOB ) STRICT|\n");
}

static void tells_a_table_to_postgresql(void)
{
	CHECK_STR(told(STORE_POSTGRESQL, table),
			"CREATE TABLE thing ( id TEXT COLLATE \"C\" PRIMARY KEY, text TEXT COLLATE "
			"\"C\" NOT NULL DEFAULT 'INTEGER', number BIGINT, bytes BYTEA )|\n");
}

static void translates_types_in_tables_alone(void)
{
	CHECK_STR(told(STORE_POSTGRESQL, "UPDATE a SET TEXT = 'b';"), "UPDATE a SET TEXT = 'b'|\n");
	CHECK_STR(told(STORE_POSTGRESQL, "ALTER TABLE a ADD COLUMN b INTEGER;"),
			"ALTER TABLE a ADD COLUMN b BIGINT|\n");
}

static void refuses_what_one_engine_alone_knows(void)
{
	CHECK_STR(told(STORE_SQLITE,
				  "CREATE TABLE a (b INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;"),
			"format");
	CHECK(strstr(error.message, "AUTOINCREMENT"));
	CHECK_STR(told(STORE_SQLITE, "CREATE TABLE a (b integer) STRICT;"), "format");
	CHECK_STR(told(STORE_SQLITE, "CREATE TRIGGER a;"), "format");
	CHECK_STR(told(STORE_SQLITE, "SELECT $$a$$;"), "format");
	CHECK_STR(told(STORE_SQLITE, "COMMIT;"), "format");
}

static void refuses_a_table_that_is_not_strict(void)
{
	CHECK_STR(told(STORE_SQLITE, "CREATE TABLE a (b INTEGER);"), "format");
	CHECK_STR(told(STORE_POSTGRESQL, "CREATE TABLE a (b INTEGER);"), "format");
	CHECK_STR(told(STORE_POSTGRESQL, "CREATE TABLE a (STRICT INTEGER);"), "format");
	CHECK_STR(told(STORE_SQLITE, "CREATE INDEX a ON b (c);"), "CREATE INDEX a ON b (c)|\n");
}

static void refuses_what_does_not_end(void)
{
	CHECK_STR(told(STORE_SQLITE, "SELECT 1"), "format");
	CHECK_STR(told(STORE_SQLITE, "SELECT 'a"), "format");
	CHECK_STR(told(STORE_SQLITE, "/* SELECT 1;"), "format");
	CHECK_STR(told(STORE_SQLITE, ""), "");
	CHECK_STR(told(STORE_SQLITE, " -- nothing"), "");
}

static void refuses_a_statement_beyond_the_buffer(void)
{
	char sql[3000];

	memset(sql, 'a', sizeof(sql) - 2);
	memcpy(sql + sizeof(sql) - 2, ";", 2);
	CHECK_STR(told(STORE_SQLITE, sql), "limit");
}

static const struct test_case cases[] = {
	{ "a script is cut at its semicolons", cuts_at_semicolons },
	{ "semicolons in texts and names cut nothing", passes_semicolons_in_texts },
	{ "comments are dropped", drops_comments },
	{ "SQLite is told a table as it is written", leaves_a_table_to_sqlite_as_it_is },
	{ "PostgreSQL is told its own types, and texts sorted by bytes",
			tells_a_table_to_postgresql },
	{ "types are translated in tables alone", translates_types_in_tables_alone },
	{ "what one engine alone knows is refused", refuses_what_one_engine_alone_knows },
	{ "a table that is not strict is refused", refuses_a_table_that_is_not_strict },
	{ "what does not end is refused", refuses_what_does_not_end },
	{ "a statement beyond the buffer is refused", refuses_a_statement_beyond_the_buffer },
};
TEST_MAIN(cases)
