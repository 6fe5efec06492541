#include "store/store_test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/test.h"
#include "store/inner.h"

static const struct migration first_two[] = {
	{ 1, "thing",
			"CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, bytes BLOB,"
			" size INTEGER CHECK (size >= 0)) STRICT;"
			"CREATE TABLE part (id INTEGER PRIMARY KEY,"
			" thing INTEGER NOT NULL REFERENCES thing (id)) STRICT;" },
	{ 2, "count",
			"CREATE TABLE count (name TEXT PRIMARY KEY, number INTEGER NOT NULL) "
			"STRICT;" },
};
static const struct migration first_changed[] = {
	{ 1, "thing", "CREATE TABLE thing (id INTEGER PRIMARY KEY) STRICT;" },
	{ 2, "count", "CREATE TABLE count (name TEXT PRIMARY KEY, number INTEGER) STRICT;" },
};
static const struct migration second_broken[] = {
	{ 1, "thing", "CREATE TABLE thing (id INTEGER PRIMARY KEY) STRICT;" },
	{ 2, "broken",
			"CREATE TABLE fine (id INTEGER PRIMARY KEY) STRICT;"
			"CREATE TABLE wrong (id INTEGER PRIMARY) STRICT;" },
};

static struct ward_error error;

static ward_err open_at(const char *place, const struct migration *at, size_t count, bool bring_up,
		struct store **store)
{
	struct store_options options = { .place = place, .create = true, .migrate = bring_up };

	error = (struct ward_error){ 0 };
	return store_open_with(&options, (struct migrations){ at, count }, store, &error);
}

static struct store *fresh(void)
{
	struct store *store = NULL;

	if (open_at(store_fresh_place(), first_two, 2, true, &store))
		printf("# %s\n", error.message);
	return store;
}

/* ---- small works ---- */

struct one {
	const char *sql;
	struct store_values values;
	uint64_t changed;
};

static ward_err run_one(void *context, struct store_tx *tx, struct ward_error *why)
{
	struct one *one = context;

	return store_run(tx, one->sql, one->values, &one->changed, why);
}

static ward_err write_values(struct store *store, const char *sql, struct store_values values)
{
	struct one one = { sql, values, 0 };

	error = (struct ward_error){ 0 };
	return store_write(store, run_one, &one, &error);
}

static ward_err write_sql(struct store *store, const char *sql)
{
	return write_values(store, sql, STORE_NO_VALUES);
}

static int64_t number_of(struct store *store, const char *sql)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int64_t number = -1;

	if (store_read(store, &tx, &error))
		return -1;
	if (!store_one(tx, sql, STORE_NO_VALUES, &rows, &error)) {
		number = store_get_int(rows, 0);
		if (store_rows_end(rows, &error))
			number = -1;
	}
	store_read_end(tx);
	return number;
}

/* ---- values ---- */

static void keeps_what_it_is_given(void)
{
	struct store *store = fresh();
	static const uint8_t bytes[] = { 0, 255, 0, 1 };
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(write_values(store,
				 "INSERT INTO thing (name, id, bytes, size) VALUES ($2, $1, $3, "
				 "$4)",
				 STORE_VALUES(store_int(INT64_MIN), store_string("näme"),
						 store_blob((ward_bytes){ bytes, 4 }),
						 store_int(INT64_MAX))),
			WARD_OK);
	CHECK_EQ(write_values(store, "INSERT INTO thing VALUES ($1, $2, $3, $4)",
				 STORE_VALUES(store_int(2), store_string(NULL), store_null(),
						 store_null())),
			WARD_OK);
	CHECK_EQ(write_values(store, "INSERT INTO thing VALUES ($1, $2, $3, $4)",
				 STORE_VALUES(store_int(3), store_text((ward_str){ NULL, 0 }),
						 store_blob((ward_bytes){ NULL, 0 }),
						 store_int(0))),
			WARD_OK);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(store_query(tx, "SELECT id, name, bytes, size FROM thing ORDER BY id",
				 STORE_NO_VALUES, &rows, &error),
			WARD_OK);
	CHECK(store_next(rows));
	CHECK_EQ(store_get_int(rows, 0), INT64_MIN);
	CHECK(ward_str_eq(store_get_text(rows, 1), WARD_STR("näme")));
	CHECK_EQ(store_get_blob(rows, 2).len, 4);
	CHECK(memcmp(store_get_blob(rows, 2).ptr, bytes, 4) == 0);
	CHECK_EQ(store_get_int(rows, 3), INT64_MAX);
	CHECK(store_next(rows));
	CHECK(store_get_null(rows, 1) && store_get_null(rows, 2) && store_get_null(rows, 3));
	CHECK_EQ(store_get_int(rows, 3), 0);
	CHECK_EQ(store_get_text(rows, 1).len, 0);
	CHECK(store_next(rows));
	CHECK(!store_get_null(rows, 1) && !store_get_null(rows, 2));
	CHECK_EQ(store_get_text(rows, 1).len, 0);
	CHECK_EQ(store_get_blob(rows, 2).len, 0);
	CHECK(!store_next(rows));
	CHECK(!store_next(rows));
	CHECK_EQ(store_rows_end(rows, &error), WARD_OK);
	store_read_end(tx);
	store_free(store);
}

static void refuses_texts_that_no_store_keeps(void)
{
	struct store *store = fresh();
	static const char sql[] = "INSERT INTO count VALUES ($1, 1)";

	CHECK(store);
	CHECK_EQ(write_values(store, sql, STORE_VALUES(store_text(WARD_STR("a\0b")))),
			WARD_E_ARGUMENT);
	CHECK_STR(error.message, "value 1 is a text with a NUL in it, which no store keeps");
	CHECK_EQ(write_values(store, sql, STORE_VALUES(store_string("a\xff"))), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "value 1 is a text that is not UTF-8");
	CHECK_EQ(number_of(store, "SELECT count(*) FROM count"), 0);
	store_free(store);
}

static void bounds_the_size_of_a_value(void)
{
	struct store *store = fresh();
	static const char sql[] = "INSERT INTO thing (id, bytes) VALUES ($1, $2)";

	CHECK(store);
	uint8_t *bytes = calloc(STORE_BYTES_MAX + 1, 1);

	CHECK(bytes);
	bytes[STORE_BYTES_MAX - 1] = 7;
	CHECK_EQ(write_values(store, sql,
				 STORE_VALUES(store_int(1),
						 store_blob((ward_bytes){ bytes,
								 STORE_BYTES_MAX + 1 }))),
			WARD_E_LIMIT);
	CHECK_EQ(write_values(store, sql,
				 STORE_VALUES(store_int(1), store_blob((ward_bytes){ bytes,
									    STORE_BYTES_MAX }))),
			WARD_OK);
	CHECK_EQ(number_of(store, "SELECT length(bytes) FROM thing"), STORE_BYTES_MAX);
	free(bytes);
	store_free(store);
}

static void wants_a_value_for_each_parameter(void)
{
	struct store *store = fresh();

	CHECK(store);
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ($1, 1)"), WARD_E_ARGUMENT);
	CHECK_EQ(write_values(store, "INSERT INTO count VALUES ('a', 1)",
				 STORE_VALUES(store_int(1))),
			WARD_E_ARGUMENT);
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('a', 1); DELETE FROM count"),
			WARD_E_ARGUMENT);
	CHECK_EQ(write_sql(store, "INSERT INTO missing VALUES (1)"), WARD_E_ARGUMENT);
	store_free(store);
}

static void tells_a_column_of_another_kind(void)
{
	struct store *store = fresh();
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('a', 1)"), WARD_OK);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(store_one(tx, "SELECT name FROM count", STORE_NO_VALUES, &rows, &error), WARD_OK);
	CHECK_EQ(store_get_int(rows, 0), 0);
	CHECK_EQ(store_rows_end(rows, &error), WARD_E_CORRUPT);
	store_read_end(tx);
	store_free(store);
}

/* ---- constraints ---- */

static void tells_which_constraint_forbids(void)
{
	struct store *store = fresh();

	CHECK(store);
	CHECK_EQ(write_sql(store, "INSERT INTO thing (id, name) VALUES (1, 'secret')"), WARD_OK);
	CHECK_EQ(write_sql(store, "INSERT INTO thing (id, name) VALUES (1, 'other')"),
			WARD_E_EXISTS);
	CHECK_EQ(write_sql(store, "INSERT INTO thing (id, name) VALUES (2, 'secret')"),
			WARD_E_EXISTS);
	CHECK(!strstr(error.message, "secret"));
	CHECK_EQ(write_sql(store, "INSERT INTO thing (id, size) VALUES (3, -77)"), WARD_E_CONFLICT);
	CHECK(!strstr(error.message, "77"));
	CHECK_EQ(write_sql(store, "INSERT INTO part VALUES (1, 99)"), WARD_E_CONFLICT);
	CHECK(!strstr(error.message, "99"));
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('a', NULL)"), WARD_E_CONFLICT);
	CHECK_EQ(write_sql(store, "INSERT INTO part VALUES (1, 1)"), WARD_OK);
	CHECK_EQ(write_sql(store, "DELETE FROM thing WHERE id = 1"), WARD_E_CONFLICT);
	store_free(store);
}

static void tells_how_many_rows_changed(void)
{
	struct store *store = fresh();
	struct one one = { "INSERT INTO count VALUES ('a', 1), ('b', 2)", STORE_NO_VALUES, 7 };

	CHECK(store);
	CHECK_EQ(store_write(store, run_one, &one, &error), WARD_OK);
	CHECK_EQ(one.changed, 2);
	one.sql = "UPDATE count SET number = 5 WHERE name = 'c'";
	CHECK_EQ(store_write(store, run_one, &one, &error), WARD_OK);
	CHECK_EQ(one.changed, 0);
	one.sql = "INSERT INTO count VALUES ('a', 1) ON CONFLICT (name) DO NOTHING";
	CHECK_EQ(store_write(store, run_one, &one, &error), WARD_OK);
	CHECK_EQ(one.changed, 0);
	one.sql = "DELETE FROM count";
	CHECK_EQ(store_write(store, run_one, &one, &error), WARD_OK);
	CHECK_EQ(one.changed, 2);
	store_free(store);
}

/* ---- rows ---- */

static ward_err insert_returning(void *context, struct store_tx *tx, struct ward_error *why)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"INSERT INTO count VALUES ('a', 1), ('b', 2) RETURNING number",
			STORE_NO_VALUES, &rows, why);

	if (err)
		return err;
	*(int64_t *)context = store_next(rows) ? store_get_int(rows, 0) : -1;
	return store_rows_end(rows, why);
}

static void does_all_of_a_returning_though_one_row_is_read(void)
{
	struct store *store = fresh();
	int64_t number;

	CHECK(store);
	CHECK_EQ(store_write(store, insert_returning, &number, &error), WARD_OK);
	CHECK_EQ(number, 1);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM count"), 2);
	store_free(store);
}

static ward_err insert_many(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = WARD_OK;

	for (int64_t i = 0; i < *(int *)context && !err; i++)
		err = store_run(tx, "INSERT INTO thing (id, size) VALUES ($1, $2)",
				STORE_VALUES(store_int(i), store_int(i * 2)), NULL, why);
	return err;
}

static void reads_rows_within_rows(void)
{
	struct store *store = fresh();
	struct store_rows *outer, *inner;
	struct store_tx *tx;
	static const char sql[] = "SELECT id FROM thing WHERE id >= $1 ORDER BY id";
	int64_t seen = 0;

	CHECK(store);
	CHECK_EQ(store_write(store, insert_many, &(int){ 50 }, &error), WARD_OK);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(store_query(tx, sql, STORE_VALUES(store_int(0)), &outer, &error), WARD_OK);
	while (store_next(outer)) {
		int64_t id = store_get_int(outer, 0);

		CHECK_EQ(store_one(tx, sql, STORE_VALUES(store_int(id)), &inner, &error), WARD_OK);
		CHECK_EQ(store_get_int(inner, 0), id);
		CHECK_EQ(store_rows_end(inner, &error), WARD_OK);
		CHECK_EQ(store_get_int(outer, 0), id);
		seen++;
	}
	CHECK_EQ(store_rows_end(outer, &error), WARD_OK);
	CHECK_EQ(seen, 50);
	store_read_end(tx);
	store_free(store);
}

static void ends_rows_before_the_last(void)
{
	struct store *store = fresh();
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(store_write(store, insert_many, &(int){ 5000 }, &error), WARD_OK);
	for (int i = 0; i < 20; i++) {
		CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
		CHECK_EQ(store_query(tx, "SELECT id FROM thing", STORE_NO_VALUES, &rows, &error),
				WARD_OK);
		CHECK(store_next(rows));
		CHECK_EQ(store_rows_end(rows, &error), WARD_OK);
		CHECK_EQ(store_one(tx, "SELECT id FROM thing WHERE id = 4999", STORE_NO_VALUES,
					 &rows, &error),
				WARD_OK);
		CHECK_EQ(store_get_int(rows, 0), 4999);
		/* Left open: the end of the transaction ends them. */
		store_read_end(tx);
	}
	CHECK_EQ(store_rows_end(NULL, NULL), WARD_OK);
	store_free(store);
}

static void says_when_there_is_no_row(void)
{
	struct store *store = fresh();
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(store_one(tx, "SELECT id FROM thing", STORE_NO_VALUES, &rows, &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(store_one(tx, "SELECT count(*) FROM thing", STORE_NO_VALUES, &rows, &error),
			WARD_OK);
	CHECK_EQ(store_get_int(rows, 0), 0);
	store_read_end(tx);
	store_read_end(NULL);
	store_free(store);
}

static void sorts_texts_by_their_bytes(void)
{
	struct store *store = fresh();
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('b', 1), ('A', 2), ('a-b', 3), "
				  "('aa', 4), ('B', 5), ('é', 6)"),
			WARD_OK);
	static const int order[] = { 2, 5, 3, 4, 1, 6 };

	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(store_query(tx, "SELECT number FROM count ORDER BY name", STORE_NO_VALUES, &rows,
				 &error),
			WARD_OK);
	for (int i = 0; i < 6; i++) {
		CHECK(store_next(rows));
		CHECK_EQ(store_get_int(rows, 0), order[i]);
	}
	store_read_end(tx);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM count WHERE name LIKE 'A%'"), 1);
	store_free(store);
}

/* ---- transactions ---- */

static void reads_one_state(void)
{
	struct store *store = fresh();
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	/* Written behind the begin and before the first statement: not seen. */
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('a', 1)"), WARD_OK);
	CHECK_EQ(store_one(tx, "SELECT number FROM count", STORE_NO_VALUES, &rows, &error),
			WARD_E_NOT_FOUND);
	store_read_end(tx);
	CHECK_EQ(number_of(store, "SELECT number FROM count"), 1);
	store_free(store);
}

static void does_not_write_in_a_read(void)
{
	struct store *store = fresh();
	struct store_tx *tx;

	CHECK(store);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK(store_run(tx, "INSERT INTO count VALUES ('a', 1)", STORE_NO_VALUES, NULL, &error) !=
			WARD_OK);
	store_read_end(tx);
	/* Nor does one that nobody waits for go under without a word. */
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK(store_send(tx, "INSERT INTO count VALUES ('a', 1)", STORE_NO_VALUES, &error) !=
			WARD_OK);
	store_read_end(tx);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM count"), 0);
	store_free(store);
}

static ward_err insert_then_refuse(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = store_run(tx, "INSERT INTO count VALUES ('gone', 1)", STORE_NO_VALUES, NULL,
			why);

	(void)context;
	return err ? err : ward_fail(why, WARD_E_DENIED, "thought better of it");
}

static void undoes_a_work_that_fails(void)
{
	struct store *store = fresh();

	CHECK(store);
	CHECK_EQ(store_write(store, insert_then_refuse, NULL, &error), WARD_E_DENIED);
	CHECK_STR(error.message, "thought better of it");
	CHECK_EQ(number_of(store, "SELECT count(*) FROM count"), 0);
	store_free(store);
}

/* What went wrong is not looked at, and the work goes on and says that all is well. */
static ward_err stumble_and_go_on(void *context, struct store_tx *tx, struct ward_error *why)
{
	(void)context;
	(void)why;
	for (int i = 0; i < 2; i++) {
		if (store_run(tx, "INSERT INTO count VALUES ('twice', 1)", STORE_NO_VALUES, NULL,
				    NULL) == WARD_OK)
			continue;
	}
	if (store_run(tx, "INSERT INTO count VALUES ('behind', 1)", STORE_NO_VALUES, NULL, NULL))
		return WARD_OK;
	return WARD_OK;
}

static void acknowledges_no_work_whose_statement_failed(void)
{
	struct store *store = fresh();

	CHECK(store);
	CHECK_EQ(store_write(store, stumble_and_go_on, NULL, &error), WARD_E_EXISTS);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM count"), 0);
	store_free(store);
}

/* ---- statements that nobody waits for ---- */

static ward_err send_many(void *context, struct store_tx *tx, struct ward_error *why)
{
	struct store_rows *rows = NULL, *inner = NULL;
	ward_err err = WARD_OK;
	int64_t *seen = context;

	*seen = 0;
	for (int i = 0; !err && i < 600; i++)
		err = store_send(tx, "INSERT INTO thing (id, size) VALUES ($1, $2)",
				STORE_VALUES(store_int(i), store_int(i)), why);
	if (!err)
		err = store_query(tx, "SELECT id FROM thing ORDER BY id", STORE_NO_VALUES, &rows,
				why);
	/* Also while rows are open, and read again at once. */
	while (!err && store_next(rows)) {
		int64_t id = store_get_int(rows, 0);

		err = store_send(tx, "INSERT INTO part VALUES ($1, $1)",
				STORE_VALUES(store_int(id)), why);
		if (!err)
			err = store_one(tx, "SELECT thing FROM part WHERE id = $1",
					STORE_VALUES(store_int(id)), &inner, why);
		if (!err) {
			*seen += store_get_int(inner, 0) == id;
			err = store_rows_end(inner, why);
		}
	}
	return err ? err : store_rows_end(rows, why);
}

static void sees_what_was_sent_before(void)
{
	struct store *store = fresh();
	int64_t seen;

	CHECK(store);
	CHECK_EQ(store_write(store, send_many, &seen, &error), WARD_OK);
	CHECK_EQ(seen, 600);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM part"), 600);
	store_free(store);
}

static ward_err send_twice(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = store_send(tx, "INSERT INTO count VALUES ('twice', 1)", STORE_NO_VALUES,
			why);

	(void)context;
	return err ? err
		   : store_send(tx, "INSERT INTO count VALUES ('twice', 1)", STORE_NO_VALUES, why);
}

/* The first that is waited for, of whatever kind, tells what failed before. */
static ward_err send_twice_and_read(void *context, struct store_tx *tx, struct ward_error *why)
{
	struct store_rows *rows;
	ward_err err = send_twice(context, tx, why);

	if (!err)
		err = store_one(tx, "SELECT 1", STORE_NO_VALUES, &rows, why);
	return err ? err : store_rows_end(rows, why);
}

static ward_err send_twice_and_run(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = send_twice(context, tx, why);

	return err ? err
		   : store_run(tx, "INSERT INTO count VALUES ('behind', 1)", STORE_NO_VALUES, NULL,
				     why);
}

static void tells_what_was_sent_and_failed(void)
{
	static store_work *const works[] = { send_twice, send_twice_and_read, send_twice_and_run };
	struct store *store = fresh();

	CHECK(store);
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		CHECK_EQ(store_write(store, works[i], NULL, &error), WARD_E_EXISTS);
		CHECK(strstr(error.message, "count"));
		CHECK_EQ(number_of(store, "SELECT count(*) FROM count"), 0);
	}
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('twice', 1)"), WARD_OK);
	store_free(store);
}

/* ---- many threads ---- */

enum { THREADS = 16, EACH = 40 };

struct crowd {
	struct store *store;
	int number;
	int failures;
};

/* Reads, adds one, writes: loses one when two do so at a time. */
static ward_err add_one(void *context, struct store_tx *tx, struct ward_error *why)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT number FROM count WHERE name = 'sum'", STORE_NO_VALUES,
			&rows, why);

	(void)context;
	if (err)
		return err;
	int64_t number = store_get_int(rows, 0);

	err = store_rows_end(rows, why);
	return err ? err
		   : store_run(tx, "UPDATE count SET number = $1 WHERE name = 'sum'",
				     STORE_VALUES(store_int(number + 1)), NULL, why);
}

static ward_err add_one_and_refuse(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = add_one(context, tx, why);

	return err ? err : ward_fail(why, WARD_E_DENIED, "no");
}

static ward_err add_one_and_stumble(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = add_one(context, tx, why);

	return err ? err
		   : store_run(tx, "INSERT INTO count VALUES ('sum', 0)", STORE_NO_VALUES, NULL,
				     why);
}

/* Heard of behind its end; what comes next in the transaction is not blamed for it. */
static ward_err add_one_and_send(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = add_one(context, tx, why);

	return err ? err
		   : store_send(tx, "INSERT INTO count VALUES ('sum', 0)", STORE_NO_VALUES, why);
}

/* Heard of by the next statement, one that was prepared before; works before it stay. */
static ward_err add_one_and_send_more(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = add_one_and_send(context, tx, why);

	return err ? err : add_one(context, tx, why);
}

static ward_err add_one_and_send_run(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = add_one_and_send(context, tx, why);

	return err ? err
		   : store_run(tx, "UPDATE count SET number = $1 WHERE name = 'sum'",
				     STORE_VALUES(store_int(0)), NULL, why);
}

static void *write_along(void *context)
{
	struct crowd *crowd = context;
	struct ward_error why;

	for (int i = 0; i < EACH; i++) {
		if (store_write(crowd->store, add_one, NULL, &why) != WARD_OK)
			crowd->failures++;
		if (i % 4 == 1 && store_write(crowd->store, add_one_and_refuse, NULL, &why) !=
						  WARD_E_DENIED)
			crowd->failures++;
		if (i % 4 == 3 && store_write(crowd->store, add_one_and_stumble, NULL, &why) !=
						  WARD_E_EXISTS)
			crowd->failures++;
		if (i % 4 == 2 && store_write(crowd->store, add_one_and_send, NULL, &why) !=
						  WARD_E_EXISTS)
			crowd->failures++;
		if (i % 4 == 0 && store_write(crowd->store, add_one_and_send_more, NULL, &why) !=
						  WARD_E_EXISTS)
			crowd->failures++;
		if (i % 4 == 1 && store_write(crowd->store, add_one_and_send_run, NULL, &why) !=
						  WARD_E_EXISTS)
			crowd->failures++;
	}
	return NULL;
}

static void does_the_works_of_many_threads(void)
{
	struct store *store = fresh();
	pthread_t threads[THREADS];
	struct crowd crowds[THREADS];

	CHECK(store);
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('sum', 0)"), WARD_OK);
	for (int i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){ .store = store, .number = i };
		CHECK_EQ(pthread_create(&threads[i], NULL, write_along, &crowds[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
		CHECK_EQ(crowds[i].failures, 0);
	}
	CHECK_EQ(number_of(store, "SELECT number FROM count WHERE name = 'sum'"), THREADS * EACH);
	store_free(store);
}

static void *read_along(void *context)
{
	struct crowd *crowd = context;

	for (int i = 0; i < EACH; i++) {
		struct store_rows *rows;
		struct ward_error why;
		struct store_tx *tx;

		if (store_read(crowd->store, &tx, &why)) {
			crowd->failures++;
			continue;
		}
		/* Both are written in one work, so nobody sees them differ. */
		if (store_one(tx, "SELECT max(number) - min(number) FROM count", STORE_NO_VALUES,
				    &rows, &why) ||
				store_get_int(rows, 0) != 0)
			crowd->failures++;
		store_read_end(tx);
	}
	return NULL;
}

static ward_err add_to_both(void *context, struct store_tx *tx, struct ward_error *why)
{
	ward_err err = store_run(tx, "UPDATE count SET number = number + 1 WHERE name = 'a'",
			STORE_NO_VALUES, NULL, why);

	(void)context;
	return err ? err
		   : store_run(tx, "UPDATE count SET number = number + 1 WHERE name = 'b'",
				     STORE_NO_VALUES, NULL, why);
}

/* More threads than readers, too: one more waits for its turn. */
static void reads_while_others_write(void)
{
	struct store *store = fresh();
	pthread_t threads[THREADS];
	struct crowd crowds[THREADS];

	CHECK(store);
	CHECK_EQ(write_sql(store, "INSERT INTO count VALUES ('a', 0), ('b', 0)"), WARD_OK);
	for (int i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){ .store = store, .number = i };
		CHECK_EQ(pthread_create(&threads[i], NULL, read_along, &crowds[i]), 0);
	}
	for (int i = 0; i < EACH; i++)
		CHECK_EQ(store_write(store, add_to_both, NULL, &error), WARD_OK);
	for (int i = 0; i < THREADS; i++) {
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
		CHECK_EQ(crowds[i].failures, 0);
	}
	store_free(store);
}

/* ---- versions ---- */

static void says_what_is_not_there(void)
{
	struct store_options options = { .place = "/nonexistent/ward.db", .migrate = true };
	struct store *store;

	CHECK_EQ(store_open(&options, &store, &error), WARD_E_NOT_FOUND);
}

static void comes_to_the_version_it_is_asked_for(void)
{
	const char *place = store_fresh_place();
	struct store *store;

	CHECK_EQ(open_at(place, first_two, 1, true, &store), WARD_OK);
	CHECK_EQ(store_version(store), 1);
	CHECK_EQ(write_sql(store, "INSERT INTO thing (id) VALUES (1)"), WARD_OK);
	store_free(store);
	CHECK_EQ(open_at(place, first_two, 2, false, &store), WARD_E_UNSUPPORTED);
	CHECK(strstr(error.message, "ward db migrate"));
	CHECK_EQ(open_at(place, first_two, 2, true, &store), WARD_OK);
	CHECK_EQ(store_version(store), 2);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM thing"), 1);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM count"), 0);
	store_free(store);
	CHECK_EQ(open_at(place, first_two, 2, false, &store), WARD_OK);
	store_free(store);
}

static void refuses_a_store_of_a_newer_ward(void)
{
	const char *place = store_fresh_place();
	struct store *store;

	CHECK_EQ(open_at(place, first_two, 2, true, &store), WARD_OK);
	store_free(store);
	CHECK_EQ(open_at(place, first_two, 1, true, &store), WARD_E_UNSUPPORTED);
	CHECK(strstr(error.message, "newer ward"));
	CHECK_EQ(open_at(place, first_two, 2, true, &store), WARD_OK);
	store_free(store);
}

static void refuses_an_old_migration_that_was_changed(void)
{
	const char *place = store_fresh_place();
	struct store *store;

	CHECK_EQ(open_at(place, first_two, 1, true, &store), WARD_OK);
	store_free(store);
	CHECK_EQ(open_at(place, first_changed, 2, true, &store), WARD_E_UNSUPPORTED);
	CHECK(strstr(error.message, "0001_thing"));
	CHECK_EQ(open_at(place, first_two, 2, true, &store), WARD_OK);
	store_free(store);
}

static void undoes_a_migration_that_fails(void)
{
	const char *place = store_fresh_place();
	struct store *store;

	CHECK_EQ(open_at(place, second_broken, 2, true, &store), WARD_E_ARGUMENT);
	CHECK(strstr(error.message, "0002_broken"));
	/* Nothing is left, not even of the first. */
	CHECK_EQ(open_at(place, first_two, 2, true, &store), WARD_OK);
	CHECK_EQ(number_of(store, "SELECT count(*) FROM ward_migration"), 2);
	store_free(store);
}

static void *open_along(void *context)
{
	struct store_options options = { .place = context, .create = true, .migrate = true };
	struct store *store = NULL;
	struct ward_error why;

	if (store_open_with(&options, (struct migrations){ first_two, 2 }, &store, &why))
		printf("# %s\n", why.message);
	return store;
}

static void is_migrated_by_many_at_once(void)
{
	const char *place = store_fresh_place();
	pthread_t threads[8];
	bool good = true;

	for (int i = 0; i < 8; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, open_along, (void *)(uintptr_t)place),
				0);
	for (int i = 0; i < 8; i++) {
		void *store;

		CHECK_EQ(pthread_join(threads[i], &store), 0);
		good = good && store && store_version(store) == 2;
		store_free(store);
	}
	CHECK(good);
}

static void a_good_store_is_found_good(void)
{
	struct store *store = fresh();

	CHECK(store);
	CHECK_EQ(store_write(store, insert_many, &(int){ 100 }, &error), WARD_OK);
	CHECK_EQ(store_check(store, &error), WARD_OK);
	store_free(store);
}

static const struct test_case cases[] = {
	{ "values come back as they were given: 64 bits, UTF-8, bytes, NULL, nothing",
			keeps_what_it_is_given },
	{ "a text with a NUL or broken UTF-8 is refused", refuses_texts_that_no_store_keeps },
	{ "a value has at most 64 MiB", bounds_the_size_of_a_value },
	{ "a statement wants its values, and comes alone", wants_a_value_for_each_parameter },
	{ "a column of another kind is told at the end of the rows",
			tells_a_column_of_another_kind },
	{ "an error says which kind of constraint forbids, and repeats no value",
			tells_which_constraint_forbids },
	{ "a statement says how many rows it changed", tells_how_many_rows_changed },
	{ "a RETURNING is done whole though one row of it is read",
			does_all_of_a_returning_though_one_row_is_read },
	{ "rows may be read within rows, of the same statement too", reads_rows_within_rows },
	{ "rows may be ended before the last", ends_rows_before_the_last },
	{ "no row is NOT_FOUND, and the transaction goes on", says_when_there_is_no_row },
	{ "texts are sorted by bytes, and LIKE knows capitals", sorts_texts_by_their_bytes },
	{ "a reader sees one state from its begin", reads_one_state },
	{ "a reader cannot write", does_not_write_in_a_read },
	{ "a work that fails is undone", undoes_a_work_that_fails },
	{ "a work whose statement failed is not acknowledged, whatever it says",
			acknowledges_no_work_whose_statement_failed },
	{ "a statement sees what was sent before it", sees_what_was_sent_before },
	{ "what was sent and failed is told by the next statement, or with the work",
			tells_what_was_sent_and_failed },
	{ "the works of many threads are done one behind the other, failures undone alone",
			does_the_works_of_many_threads },
	{ "readers see whole works while others write", reads_while_others_write },
	{ "a store that is not there is NOT_FOUND", says_what_is_not_there },
	{ "an older store is migrated when that is allowed", comes_to_the_version_it_is_asked_for },
	{ "a newer ward's store is refused and stays", refuses_a_store_of_a_newer_ward },
	{ "a changed old migration is refused", refuses_an_old_migration_that_was_changed },
	{ "a migration that fails leaves nothing", undoes_a_migration_that_fails },
	{ "many may migrate one store at once", is_migrated_by_many_at_once },
	{ "a good store is found good", a_good_store_is_found_good },
};
TEST_MAIN(cases)
