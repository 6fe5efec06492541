/*
 * SQLite: one file in the workspace
 *
 * WAL with synchronous=FULL: a commit is one append to the log and one fsync,
 * and readers go on meanwhile.  Whoever writes begins with BEGIN IMMEDIATE, so
 * that a transaction waits at its begin and never fails for a lock in its
 * middle.  Some settings make SQLite as strict as the other engine is: LIKE
 * tells upper case from lower, a name in double quotes is never a text, and
 * the schema's own functions are not trusted.
 */
#include "store/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

/* "WARD", 0x57415244, in the header of the file: whose it is. */
#define APPLICATION_ID "1463898692"

struct sqlite_link {
	struct store_link base;
	sqlite3 *db;
	uint64_t waiting_since_us; /* of the lock that is waited for */
};

struct sqlite_rows {
	struct store_rows base;
	struct sqlite_link *link;
	struct statement *statement;
};

static struct sqlite_link *own(struct store_link *link)
{
	return (struct sqlite_link *)link;
}

static sqlite3_stmt *handle_of(const struct sqlite_rows *rows)
{
	return rows->statement->handle;
}

/* ---- what a failure means ---- */

static ward_err fail_constraint(struct sqlite_link *link, int rc, struct ward_error *error)
{
	bool there = rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
		     rc == SQLITE_CONSTRAINT_ROWID;

	/* SQLite's words name columns, never values. */
	return ward_fail(error, there ? WARD_E_EXISTS : WARD_E_CONFLICT, "the store refuses it: %s",
			sqlite3_errmsg(link->db));
}

static ward_err fail_io(struct sqlite_link *link, struct ward_error *error)
{
	int number = sqlite3_system_errno(link->db);

	if (number == ENOSPC || number == EDQUOT)
		return ward_fail(error, WARD_E_IO, "the disk that holds the store is full");
	return ward_fail(error, WARD_E_IO, "the store could not be read or written: %s",
			number ? strerror(number) : sqlite3_errmsg(link->db));
}

/* Records what `rc`, an extended code, means, and what became of the transaction. */
static ward_err fail(struct sqlite_link *link, int rc, struct ward_error *error)
{
	link->base.lost = sqlite3_get_autocommit(link->db) != 0;
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT:
		return fail_constraint(link, rc, error);
	case SQLITE_FULL:
		return ward_fail(error, WARD_E_IO, "the disk that holds the store is full");
	case SQLITE_IOERR:
		return fail_io(link, error);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		link->base.again = rc != SQLITE_BUSY;
		return ward_fail(error, WARD_E_TIMEOUT,
				"another program has kept the store busy for %d seconds",
				link->base.wait_ms / 1000);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ward_fail(error, WARD_E_CORRUPT,
				"the store's file is damaged, or is no SQLite file: %s",
				sqlite3_errmsg(link->db));
	case SQLITE_NOMEM:
		return ward_fail(error, WARD_E_NOMEM, "no memory for the store");
	case SQLITE_TOOBIG:
		return ward_fail(error, WARD_E_LIMIT, "a row is too large for the store");
	case SQLITE_READONLY:
		if (link->base.use == LINK_READ)
			return ward_fail(error, WARD_E_ARGUMENT, "a reader does not write");
		return ward_fail(error, WARD_E_IO, "the store cannot be opened for writing");
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ward_fail(error, WARD_E_IO, "the store cannot be opened for writing: %s",
				sqlite3_errmsg(link->db));
	default:
		return ward_fail(error, WARD_E_ARGUMENT, "a statement is wrong: %s",
				sqlite3_errmsg(link->db));
	}
}

/* ---- waiting for another program ---- */

/*
 * SQLite's own handler sleeps up to 100 ms between looks, and a transaction
 * here takes a few: whoever comes late would starve.  Up to 4 ms it is.
 */
static int wait_a_little(void *context, int looks)
{
	struct sqlite_link *link = context;
	uint64_t now = clock_ticks_us();
	long us = looks < 6 ? 125L << looks : 4000;

	if (looks == 0)
		link->waiting_since_us = now;
	if (now - link->waiting_since_us > (uint64_t)link->base.wait_ms * 1000)
		return 0;
	nanosleep(&(struct timespec){ 0, us * 1000 }, NULL);
	return 1;
}

/* ---- plain statements ---- */

static int execute(struct sqlite_link *link, const char *sql)
{
	return sqlite3_exec(link->db, sql, NULL, NULL, NULL);
}

static ward_err execute_or_fail(struct sqlite_link *link, const char *sql, struct ward_error *error)
{
	int rc = execute(link, sql);

	return rc == SQLITE_OK ? WARD_OK : fail(link, rc, error);
}

/* The first column of the first row; the outputs stay when there is none. */
static int ask(struct sqlite_link *link, const char *sql, int64_t *number, char *text, size_t room)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(link->db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		const char *got = (const char *)sqlite3_column_text(stmt, 0);

		if (number)
			*number = sqlite3_column_int64(stmt, 0);
		if (text)
			snprintf(text, room, "%s", got ? got : "");
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* ---- connecting ---- */

/* SQLite would make the file with the umask's rights; here it is its owner's alone. */
static ward_err make_file(const char *place, struct ward_error *error)
{
	int fd = open(place, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char folder[4096];

	if (fd < 0)
		return errno == EEXIST ? WARD_OK
				       : ward_fail(error, WARD_E_IO, "%s: %s", place,
							 strerror(errno));
	close(fd);
	int len = snprintf(folder, sizeof(folder), "%s", place);

	if (len < 0 || (size_t)len >= sizeof(folder))
		return ward_fail(error, WARD_E_ARGUMENT, "the store's path is too long");
	char *slash = strrchr(folder, '/');

	if (!slash)
		return file_sync_folder(".", error);
	slash[slash == folder] = '\0';
	return file_sync_folder(folder, error);
}

/* Turning WAL on wants the file for itself, and does not always ask the busy handler. */
static ward_err turn_on_wal(struct sqlite_link *link, struct ward_error *error)
{
	char mode[16] = "";
	int rc;

	for (int looks = 0;; looks++) {
		rc = ask(link, "PRAGMA journal_mode = WAL", NULL, mode, sizeof(mode));
		if (rc == SQLITE_OK && strcmp(mode, "wal") == 0)
			return WARD_OK;
		if ((rc & 0xff) != SQLITE_BUSY || !wait_a_little(link, looks))
			break;
	}
	if (rc != SQLITE_OK)
		return fail(link, rc, error);
	return ward_fail(error, WARD_E_UNSUPPORTED,
			"the store's file system cannot share memory between programs; keep the "
			"store on a local disk");
}

/* A file with tables that bears another's mark is left alone; an empty one gets ours. */
static ward_err look_whose(struct sqlite_link *link, const char *place, struct ward_error *error)
{
	char id[24] = "";
	int64_t tables = 0;
	int rc = ask(link, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0);

	if (rc == SQLITE_OK)
		rc = ask(link, "PRAGMA application_id", NULL, id, sizeof(id));
	if (rc != SQLITE_OK)
		return fail(link, rc, error);
	if (tables > 0 && strcmp(id, APPLICATION_ID) != 0)
		return ward_fail(error, WARD_E_UNSUPPORTED, "%s is another program's database",
				place);
	return tables == 0 && link->base.use == LINK_WRITE
			       ? execute_or_fail(link, "PRAGMA application_id = " APPLICATION_ID,
						 error)
			       : WARD_OK;
}

static ward_err set_up(struct sqlite_link *link, const char *place, struct ward_error *error)
{
	sqlite3_extended_result_codes(link->db, 1);
	sqlite3_busy_handler(link->db, wait_a_little, link);
	sqlite3_limit(link->db, SQLITE_LIMIT_LENGTH, 4 * STORE_BYTES_MAX);
	sqlite3_db_config(link->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(link->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(link->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(link->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	ward_err err = look_whose(link, place, error);

	if (!err)
		err = turn_on_wal(link, error);
	/* What is deleted is overwritten; a mapped file would make a bad disk a crash. */
	if (!err)
		err = execute_or_fail(link,
				"PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
				"PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
				"PRAGMA case_sensitive_like = ON; PRAGMA mmap_size = 0;"
				"PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864",
				error);
	if (!err && link->base.use == LINK_READ)
		err = execute_or_fail(link, "PRAGMA query_only = ON", error);
	return err;
}

static void sqlite_disconnect(struct store_link *base)
{
	struct sqlite_link *link = own(base);

	while (base->cache.count > 0) {
		sqlite3_finalize(base->cache.at[0]->handle);
		cache_remove(&base->cache, base->cache.at[0]);
	}
	sqlite3_close(link->db);
	free(link);
}

static ward_err sqlite_connect(const char *place, enum link_use use, bool create,
		struct store_link **link, struct ward_error *error)
{
	struct sqlite_link *made;

	if (create) {
		ward_err err = make_file(place, error);

		if (err)
			return err;
	} else if (access(place, F_OK) != 0) {
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no store at %s", place);
	}
	made = calloc(1, sizeof(*made));
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the store");
	made->base.engine = &engine_sqlite;
	made->base.use = use;
	made->base.wait_ms = STORE_WAIT_MS;
	int rc = sqlite3_open_v2(place, &made->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			NULL);
	ward_err err = !made->db         ? ward_fail(error, WARD_E_NOMEM, "no memory for the store")
		       : rc != SQLITE_OK ? fail(made, rc, error)
					 : set_up(made, place, error);

	if (err) {
		sqlite_disconnect(&made->base);
		return err;
	}
	*link = &made->base;
	return WARD_OK;
}

/* ---- statements ---- */

static ward_err prepare(struct sqlite_link *link, const char *sql, struct statement **out,
		struct ward_error *error)
{
	struct statement *statement = cache_find(&link->base.cache, sql, "");
	sqlite3_stmt *stmt = NULL;
	const char *tail = "";
	bool full;

	if (statement) {
		*out = statement;
		return WARD_OK;
	}
	struct statement *oldest = cache_oldest(&link->base.cache, &full);

	if (full)
		return ward_fail(error, WARD_E_LIMIT, "%d statements have their rows open",
				CACHE_MAX);
	if (oldest) {
		sqlite3_finalize(oldest->handle);
		cache_remove(&link->base.cache, oldest);
	}
	int rc = sqlite3_prepare_v3(link->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, &tail);

	if (rc != SQLITE_OK)
		return fail(link, rc, error);
	if (!stmt || tail[strspn(tail, " \t\n;")]) {
		sqlite3_finalize(stmt);
		return ward_fail(error, WARD_E_ARGUMENT, "one statement at a time");
	}
	statement = cache_add(&link->base.cache, sql, "");
	if (!statement) {
		sqlite3_finalize(stmt);
		return ward_fail(error, WARD_E_NOMEM, "no memory for a statement");
	}
	statement->handle = stmt;
	*out = statement;
	return WARD_OK;
}

/* `keep`: what sqlite3 shall do with the bytes, SQLITE_STATIC or SQLITE_TRANSIENT. */
static int bind_one(sqlite3_stmt *stmt, int at, const struct store_value *value,
		sqlite3_destructor_type keep)
{
	/* A NULL pointer would be a NULL. */
	const char *bytes = value->bytes.ptr ? (const char *)value->bytes.ptr : "";

	switch (value->type) {
	case STORE_INT:
		return sqlite3_bind_int64(stmt, at, value->number);
	case STORE_TEXT:
		return sqlite3_bind_text64(stmt, at, bytes, value->bytes.len, keep, SQLITE_UTF8);
	case STORE_BLOB:
		return sqlite3_bind_blob64(stmt, at, bytes, value->bytes.len, keep);
	case STORE_NULL:
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

static ward_err bind(struct sqlite_link *link, sqlite3_stmt *stmt, struct store_values values,
		sqlite3_destructor_type keep, struct ward_error *error)
{
	if ((size_t)sqlite3_bind_parameter_count(stmt) != values.count)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a statement with %d parameters was given %zu values",
				sqlite3_bind_parameter_count(stmt), values.count);
	for (size_t i = 0; i < values.count; i++) {
		char name[24];

		snprintf(name, sizeof(name), "$%zu", i + 1);
		int at = sqlite3_bind_parameter_index(stmt, name);

		if (at == 0)
			return ward_fail(error, WARD_E_ARGUMENT, "a statement does not use %s",
					name);
		int rc = bind_one(stmt, at, &values.at[i], keep);

		if (rc != SQLITE_OK)
			return fail(link, rc, error);
	}
	return WARD_OK;
}

static void reset(struct statement *statement)
{
	sqlite3_reset(statement->handle);
	sqlite3_clear_bindings(statement->handle);
	statement->busy = false;
}

static ward_err sqlite_run(struct store_link *base, const char *sql, struct store_values values,
		uint64_t *changed, struct ward_error *error)
{
	struct sqlite_link *link = own(base);
	sqlite3_int64 before = sqlite3_total_changes64(link->db);
	struct statement *statement;
	ward_err err = prepare(link, sql, &statement, error);

	if (err)
		return err;
	err = bind(link, statement->handle, values, SQLITE_STATIC, error);
	if (!err) {
		int rc;

		do
			rc = sqlite3_step(statement->handle);
		while (rc == SQLITE_ROW);
		if (rc != SQLITE_DONE)
			err = fail(link, rc, error);
	}
	reset(statement);
	/* sqlite3_changes tells of the last statement that changed something, be it an older one.
	 */
	if (!err && changed)
		*changed = sqlite3_total_changes64(link->db) == before
					   ? 0
					   : (uint64_t)sqlite3_changes64(link->db);
	return err;
}

/* There is nobody to send to. */
static ward_err sqlite_send(struct store_link *base, const char *sql, struct store_values values,
		struct ward_error *error)
{
	return sqlite_run(base, sql, values, NULL, error);
}

static ward_err sqlite_settle(struct store_link *base, struct ward_error *error)
{
	(void)base;
	(void)error;
	return WARD_OK;
}

static ward_err sqlite_step(struct store_rows *base, struct ward_error *error)
{
	struct sqlite_rows *rows = (struct sqlite_rows *)base;
	int rc = sqlite3_step(handle_of(rows));

	base->ended = rc != SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? WARD_OK : fail(rows->link, rc, error);
}

static void sqlite_finish(struct store_rows *base)
{
	reset(((struct sqlite_rows *)base)->statement);
	free(base);
}

static ward_err sqlite_query(struct store_link *base, const char *sql, struct store_values values,
		struct store_rows **out, struct ward_error *error)
{
	struct sqlite_link *link = own(base);
	struct sqlite_rows *rows = calloc(1, sizeof(*rows));
	ward_err err;

	if (!rows)
		return ward_fail(error, WARD_E_NOMEM, "no memory for rows");
	rows->link = link;
	err = prepare(link, sql, &rows->statement, error);
	if (err) {
		free(rows);
		return err;
	}
	rows->statement->busy = true;
	err = bind(link, handle_of(rows), values, SQLITE_TRANSIENT, error);
	if (!err)
		err = sqlite_step(&rows->base, error);
	if (err) {
		sqlite_finish(&rows->base);
		return err;
	}
	rows->base.ready = !rows->base.ended;
	*out = &rows->base;
	return WARD_OK;
}

static unsigned sqlite_columns(const struct store_rows *base)
{
	return (unsigned)sqlite3_column_count(handle_of((const struct sqlite_rows *)base));
}

static bool sqlite_column(const struct store_rows *base, unsigned column, struct store_value *value)
{
	sqlite3_stmt *stmt = handle_of((const struct sqlite_rows *)base);
	int at = (int)column;

	if (column >= (unsigned)sqlite3_column_count(stmt))
		return false;
	*value = (struct store_value){ .type = STORE_NULL };
	switch (sqlite3_column_type(stmt, at)) {
	case SQLITE_INTEGER:
		*value = store_int(sqlite3_column_int64(stmt, at));
		return true;
	case SQLITE_TEXT:
		value->type = STORE_TEXT;
		value->bytes.ptr = sqlite3_column_text(stmt, at);
		break;
	case SQLITE_BLOB:
		value->type = STORE_BLOB;
		value->bytes.ptr = sqlite3_column_blob(stmt, at);
		break;
	case SQLITE_NULL:
		return true;
	default: /* a REAL: no column of ours holds one */
		return false;
	}
	value->bytes.len = (size_t)sqlite3_column_bytes(stmt, at);
	return true;
}

/* ---- references ---- */

static ward_err check_references(struct sqlite_link *link, struct ward_error *error)
{
	char table[160] = "";
	int rc = ask(link, "PRAGMA foreign_key_check", NULL, table, sizeof(table));

	if (rc != SQLITE_OK)
		return fail(link, rc, error);
	if (table[0])
		return ward_fail(error, WARD_E_CORRUPT,
				"the store is damaged: a row of %s refers to one that is not there",
				table);
	return WARD_OK;
}

/*
 * While a store is filled.  To put the look off until the COMMIT instead
 * (defer_foreign_keys) made each insert search all rows that may refer to it:
 * 3000 rows took 0.3 s and ten times as many would take a hundred times as long.
 * The switch does nothing within a transaction.
 */
static ward_err switch_references(struct sqlite_link *link, bool on, struct ward_error *error)
{
	return execute_or_fail(link, on ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF",
			error);
}

/* ---- transactions ---- */

static ward_err run_plain(struct store_link *base, const char *sql, struct ward_error *error)
{
	return sqlite_run(base, sql, STORE_NO_VALUES, NULL, error);
}

static ward_err sqlite_begin(struct store_link *base, struct ward_error *error)
{
	ward_err err = WARD_OK;

	base->lost = false;
	base->again = false;
	if (base->filling)
		err = switch_references(own(base), false, error);
	if (!err)
		err = run_plain(base, base->use == LINK_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", error);
	/* A reader's state is that of its first look, so it looks at once. */
	if (!err && base->use == LINK_READ)
		err = run_plain(base, "SELECT rootpage FROM sqlite_schema LIMIT 1", error);
	if (err)
		engine_sqlite.rollback(base);
	return err;
}

static ward_err sqlite_commit(struct store_link *base, struct ward_error *error)
{
	ward_err err = base->filling ? check_references(own(base), error) : WARD_OK;

	if (!err)
		err = run_plain(base, "COMMIT", error);
	if (err)
		engine_sqlite.rollback(base);
	else if (base->filling && switch_references(own(base), true, NULL))
		base->broken = true;
	return err;
}

static void sqlite_rollback(struct store_link *base)
{
	if (sqlite3_get_autocommit(own(base)->db) == 0 && run_plain(base, "ROLLBACK", NULL))
		base->broken = true;
	if (base->filling && switch_references(own(base), true, NULL))
		base->broken = true;
}

static ward_err sqlite_mark(struct store_link *base, struct ward_error *error)
{
	return run_plain(base, "SAVEPOINT work", error);
}

static ward_err sqlite_keep(struct store_link *base, struct ward_error *error)
{
	return run_plain(base, "RELEASE work", error);
}

static ward_err sqlite_undo(struct store_link *base, struct ward_error *error)
{
	ward_err err = run_plain(base, "ROLLBACK TO work", error);

	return err ? err : run_plain(base, "RELEASE work", error);
}

static ward_err sqlite_script(struct store_link *base, const char *sql, struct ward_error *error)
{
	return execute_or_fail(own(base), sql, error);
}

/* ---- care ---- */

static ward_err sqlite_check(struct store_link *base, struct ward_error *error)
{
	struct sqlite_link *link = own(base);
	char says[160] = "";
	int rc = ask(link, "PRAGMA integrity_check(1)", NULL, says, sizeof(says));

	if (rc != SQLITE_OK)
		return fail(link, rc, error);
	if (strcmp(says, "ok") != 0)
		return ward_fail(error, WARD_E_CORRUPT, "the store is damaged: %s", says);
	return check_references(link, error);
}

/* ---- copying and filling ---- */

/* There is no limit but that of waiting for the begin. */
static ward_err sqlite_take_time(struct store_link *base, struct ward_error *error)
{
	(void)base;
	(void)error;
	return WARD_OK;
}

/* The begin has turned references off; the commit looks at them, and the end turns them on. */
static ward_err sqlite_loosen(struct store_link *base, struct ward_error *error)
{
	(void)base;
	(void)error;
	return WARD_OK;
}

static ward_err sqlite_tighten(struct store_link *base, struct ward_error *error)
{
	(void)base;
	(void)error;
	return WARD_OK;
}

const struct engine engine_sqlite = {
	.which = STORE_SQLITE,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.mark = sqlite_mark,
	.keep = sqlite_keep,
	.undo = sqlite_undo,
	.run = sqlite_run,
	.send = sqlite_send,
	.settle = sqlite_settle,
	.query = sqlite_query,
	.step = sqlite_step,
	.finish = sqlite_finish,
	.column = sqlite_column,
	.columns = sqlite_columns,
	.script = sqlite_script,
	.check = sqlite_check,
	.columns_sql = "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) "
		       "AS c"
		       " WHERE t.type = 'table' AND substr(t.name, 1, 7) <> 'sqlite_'"
		       " ORDER BY t.name, c.cid",
	.take_time = sqlite_take_time,
	.loosen = sqlite_loosen,
	.tighten = sqlite_tighten,
};
