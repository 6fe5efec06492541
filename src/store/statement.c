/* Values, statements and rows: what is the same for both engines. */
#include "store/engine.h"

/* ---- values ---- */

struct store_value store_int(int64_t number)
{
	return (struct store_value){ .type = STORE_INT, .number = number };
}

struct store_value store_text(ward_str text)
{
	return (struct store_value){ .type = STORE_TEXT,
		.bytes = { (const uint8_t *)text.ptr, text.len } };
}

struct store_value store_string(const char *text)
{
	return text ? store_text(ward_str_from(text)) : store_null();
}

struct store_value store_blob(ward_bytes bytes)
{
	return (struct store_value){ .type = STORE_BLOB, .bytes = bytes };
}

struct store_value store_null(void)
{
	return (struct store_value){ .type = STORE_NULL };
}

/*
 * PostgreSQL takes no NUL and no broken UTF-8 in a text, and SQLite takes
 * both: here neither does, so that a store can be moved.
 */
static ward_err check_value(size_t number, const struct store_value *value,
		struct ward_error *error)
{
	ward_str text = { (const char *)value->bytes.ptr, value->bytes.len };

	if (value->type != STORE_TEXT && value->type != STORE_BLOB)
		return WARD_OK;
	if (value->bytes.len > STORE_BYTES_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"value %zu is larger than the %d MiB that the store takes", number,
				STORE_BYTES_MAX >> 20);
	if (value->type == STORE_BLOB || text.len == 0)
		return WARD_OK;
	if (memchr(text.ptr, '\0', text.len))
		return ward_fail(error, WARD_E_ARGUMENT,
				"value %zu is a text with a NUL in it, which no store keeps",
				number);
	if (!ward_utf8_valid(text))
		return ward_fail(error, WARD_E_ARGUMENT, "value %zu is a text that is not UTF-8",
				number);
	return WARD_OK;
}

static ward_err check_values(struct store_values values, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (values.count > STORE_VALUES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a statement has at most %d values",
				STORE_VALUES_MAX);
	for (size_t i = 0; i < values.count && !err; i++)
		err = check_value(i + 1, &values.at[i], error);
	return err;
}

/* ---- statements ---- */

/*
 * PostgreSQL refuses everything behind a statement that failed until the
 * savepoint; SQLite goes on.  Held to the stricter one here, a work that would
 * fail there fails in its first test.
 */
static ward_err before(struct store_tx *tx, struct store_values values, struct ward_error *error)
{
	if (tx->failed.code)
		return ward_fail(error, tx->failed.code, "%s", tx->failed.message);
	ward_err err = check_values(values, &tx->failed);

	return err ? ward_fail(error, err, "%s", tx->failed.message) : WARD_OK;
}

/* Keeps the first failure of the transaction, and tells it. */
static ward_err after(struct store_tx *tx, ward_err err, const struct ward_error *why,
		struct ward_error *error)
{
	if (err && !tx->failed.code) {
		tx->failed = *why;
		tx->failed.code = err;
	}
	if (err && error)
		*error = *why;
	return err;
}

ward_err store_run(struct store_tx *tx, const char *sql, struct store_values values,
		uint64_t *changed, struct ward_error *error)
{
	struct ward_error why;
	ward_err err = before(tx, values, error);

	if (err)
		return err;
	err = tx->link->engine->run(tx->link, sql, values, changed, &why);
	return after(tx, err, &why, error);
}

ward_err store_send(struct store_tx *tx, const char *sql, struct store_values values,
		struct ward_error *error)
{
	struct ward_error why;

	/* Behind a reader nobody asks how it ended. */
	if (!tx->in_work)
		return store_run(tx, sql, values, NULL, error);
	ward_err err = before(tx, values, error);

	if (err)
		return err;
	err = tx->link->engine->send(tx->link, sql, values, &why);
	return after(tx, err, &why, error);
}

ward_err store_query(struct store_tx *tx, const char *sql, struct store_values values,
		struct store_rows **rows, struct ward_error *error)
{
	struct store_rows *made;
	struct ward_error why;
	ward_err err = before(tx, values, error);

	if (err)
		return err;
	err = tx->link->engine->query(tx->link, sql, values, &made, &why);
	if (err)
		return after(tx, err, &why, error);
	made->tx = tx;
	made->next = tx->rows;
	tx->rows = made;
	*rows = made;
	return WARD_OK;
}

bool store_next(struct store_rows *rows)
{
	if (rows->err || (rows->ended && !rows->ready))
		return false;
	if (rows->ready) {
		rows->ready = false;
		return true;
	}
	rows->err = rows->tx->link->engine->step(rows, &rows->error);
	after(rows->tx, rows->err, &rows->error, NULL);
	return !rows->err && !rows->ended;
}

static void take_out(struct store_rows *rows)
{
	struct store_rows **at = &rows->tx->rows;

	while (*at != rows)
		at = &(*at)->next;
	*at = rows->next;
}

ward_err store_rows_end(struct store_rows *rows, struct ward_error *error)
{
	if (!rows)
		return WARD_OK;
	struct ward_error *why = rows->err ? &rows->error : &rows->tx->failed;
	ward_err err = rows->err ? rows->err : rows->tx->failed.code;

	if (err && error)
		*error = *why;
	take_out(rows);
	rows->tx->link->engine->finish(rows);
	return err;
}

void store_rows_abandon(struct store_tx *tx)
{
	while (tx->rows) {
		struct store_rows *rows = tx->rows;

		tx->rows = rows->next;
		tx->link->engine->finish(rows);
	}
}

ward_err store_one(struct store_tx *tx, const char *sql, struct store_values values,
		struct store_rows **rows, struct ward_error *error)
{
	struct store_rows *made;
	ward_err err = store_query(tx, sql, values, &made, error);

	if (err)
		return err;
	if (!store_next(made)) {
		err = store_rows_end(made, error);
		return err ? err : ward_fail(error, WARD_E_NOT_FOUND, "there is no such row");
	}
	*rows = made;
	return WARD_OK;
}

/* ---- columns ---- */

/*
 * What is not of the kind that is asked for is a wrong statement, or a damaged
 * file: told once, at the end of the rows, like a reader's failure.
 */
static struct store_value get(const struct store_rows *rows, unsigned column, enum store_type type)
{
	struct store_tx *tx = rows->tx;
	struct store_value value = { .type = STORE_NULL };

	if (tx->link->engine->column(rows, column, &value) &&
			(value.type == type || value.type == STORE_NULL))
		return value;
	if (!tx->failed.code)
		ward_fail(&tx->failed, WARD_E_CORRUPT,
				"column %u of a row is not there, or is not of the kind that is "
				"wanted",
				column);
	return store_null();
}

int64_t store_get_int(const struct store_rows *rows, unsigned column)
{
	return get(rows, column, STORE_INT).number;
}

ward_str store_get_text(const struct store_rows *rows, unsigned column)
{
	struct store_value value = get(rows, column, STORE_TEXT);

	return (ward_str){ value.bytes.ptr ? (const char *)value.bytes.ptr : "", value.bytes.len };
}

ward_bytes store_get_blob(const struct store_rows *rows, unsigned column)
{
	return get(rows, column, STORE_BLOB).bytes;
}

bool store_get_null(const struct store_rows *rows, unsigned column)
{
	struct store_value value = { .type = STORE_NULL };

	return !rows->tx->link->engine->column(rows, column, &value) || value.type == STORE_NULL;
}
