/*
 * PostgreSQL: a server for many machines
 *
 * One writes at a time here as in SQLite: a writing transaction begins with a
 * lock that all wards of one schema share, so a work that reads and then
 * writes loses nothing, and no transaction fails for another's sake.  Groups
 * of works make up for the waiting.
 *
 * Statements are prepared once a link; values travel in binary.  Rows are
 * taken one by one while they arrive, so a long SELECT needs no memory; what
 * is still to come is taken into memory when another statement is run.
 *
 * Statements whose answers nobody waits for (store_send, savepoints) go down a
 * pipe, libpq's pipeline mode: they lie in libpq until one comes that is waited
 * for, and the server is then told all of them in one message.  The pipe ends
 * with that statement, or with its work.
 *
 * When the server goes away during a COMMIT, nobody has been told whether it
 * was kept.  The transaction's number, asked for at its begin, lets us ask
 * afterwards.
 */
#include "store/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <poll.h>

#include "base/clock.h"
#include "store/postgresql_value.h"

enum {
	/* Beyond the server's own limit, so that it is the one to speak. */
	SILENCE_MS = STORE_WAIT_MS + 5000,
	CHECK_MS = 24 * 3600 * 1000,
	NUMBER_ROOM = 24,
	ASK_AGAIN_MS = 100,
	OWED_MAX = 256, /* their answers lie in the socket until they are taken: 40 bytes each */
};

struct pg_rows;

struct pg_link {
	struct store_link base;
	PGconn *conn;
	char *place;
	char lock[NUMBER_ROOM];        /* of the writers of this schema */
	char transaction[NUMBER_ROOM]; /* the number of the one that writes */
	unsigned prepared;             /* statements so far: their names */
	bool marked;                   /* a savepoint is kept, and not yet released */
	bool piped;                    /* statements go down a pipe */
	unsigned owed;                 /* answers to those that nobody waits for */
	bool ending;                   /* the answer to a reader's ROLLBACK is owed */
	struct pg_rows *arriving;      /* the rows that the server is sending */
	PGresult *loosened;            /* the references that were taken off: table, name, text */
};

struct pg_rows {
	struct store_rows base;
	struct pg_link *link;
	PGresult *current;
	PGresult **kept; /* taken into memory: from `next` to `count` */
	size_t next, count, room;
	struct ward_error kept_error; /* what came behind the kept ones */
};

static struct pg_link *own(struct store_link *link)
{
	return (struct pg_link *)link;
}

/* ---- what a failure means ---- */

/* Nothing was heard of the transaction: it is gone with the link. */
static ward_err fail_lost(struct pg_link *link, struct ward_error *error)
{
	link->base.lost = true;
	link->base.broken = true;
	link->base.again = true;
	link->arriving = NULL;
	link->owed = 0;
	return ward_fail(error, WARD_E_IO, "the database server went away");
}

static ward_err fail_silent(struct pg_link *link, struct ward_error *error)
{
	link->base.lost = true;
	link->base.broken = true;
	link->arriving = NULL;
	link->owed = 0;
	return ward_fail(error, WARD_E_TIMEOUT,
			"the database server has not answered for %d seconds",
			link->base.wait_ms / 1000);
}

static const char *field(const PGresult *result, int which)
{
	const char *text = PQresultErrorField(result, which);

	return text ? text : "";
}

static ward_err fail_constraint(const PGresult *result, const char *state, struct ward_error *error)
{
	const char *name = field(result, PG_DIAG_CONSTRAINT_NAME);

	if (!name[0])
		name = field(result, PG_DIAG_COLUMN_NAME);
	return ward_fail(error, strcmp(state, "23505") == 0 ? WARD_E_EXISTS : WARD_E_CONFLICT,
			"the store refuses it: %s of %s", name, field(result, PG_DIAG_TABLE_NAME));
}

struct meaning {
	const char *state; /* a SQLSTATE, or the beginning of one */
	ward_err err;
	bool again, broken;
	const char *says;
};

/* The first row that fits.  PostgreSQL's own words may repeat values, so they are not passed on. */
static const struct meaning meanings[] = {
	{ "40", WARD_E_CONFLICT, true, false, "others' transactions stood in the way" },
	{ "55P03", WARD_E_TIMEOUT, false, false, "another program has kept the store busy" },
	{ "57014", WARD_E_TIMEOUT, false, false,
			"another program has kept the store busy, or a statement took too long" },
	{ "57P", WARD_E_IO, true, true, "the database server is stopping or starting" },
	{ "08", WARD_E_IO, true, true, "the connection to the database server broke" },
	{ "25P03", WARD_E_IO, true, true, "the database server ended an idle transaction" },
	{ "25006", WARD_E_ARGUMENT, false, false, "a reader does not write" },
	{ "53100", WARD_E_IO, false, false, "the disk that holds the store is full" },
	{ "53200", WARD_E_IO, false, false, "the database server has no memory" },
	{ "53300", WARD_E_IO, false, false, "the database server takes no more connections" },
	{ "53", WARD_E_IO, false, false, "the database server has run out of something" },
	{ "54", WARD_E_LIMIT, false, false, "a row or statement is too large for the store" },
	{ "0A000", WARD_E_UNSUPPORTED, false, true, "the tables changed under a statement" },
	{ "22", WARD_E_ARGUMENT, false, false, "a value does not fit where it was put" },
	{ "28", WARD_E_DENIED, false, false, "the database server does not let ward in" },
	{ "3D", WARD_E_NOT_FOUND, false, false, "there is no such database" },
	{ "XX", WARD_E_CORRUPT, false, false, "the database server says that its data is damaged" },
	{ "58", WARD_E_IO, false, false, "the database server cannot read or write" },
	{ "", WARD_E_IO, false, false, "the database server refused" },
};

/* What follows a statement that failed within its transaction is the savepoint's to undo. */
static void look_at_transaction(struct pg_link *link)
{
	PGTransactionStatusType status = PQtransactionStatus(link->conn);

	if (PQstatus(link->conn) != CONNECTION_OK) {
		link->base.lost = true;
		link->base.broken = true;
	} else if (status == PQTRANS_IDLE) {
		link->base.lost = true;
	}
}

static ward_err fail_result(struct pg_link *link, const PGresult *result, struct ward_error *error)
{
	const char *state = field(result, PG_DIAG_SQLSTATE);
	const struct meaning *meaning = meanings;

	if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
		return ward_fail(error, WARD_E_CONFLICT, "a statement before it failed");
	if (!state[0])
		return fail_lost(link, error);
	look_at_transaction(link);
	if (strncmp(state, "23", 2) == 0)
		return fail_constraint(result, state, error);
	/* These name tables and columns, and words of the statement, which are ours. */
	if (strncmp(state, "42", 2) == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "a statement is wrong: %.150s",
				field(result, PG_DIAG_MESSAGE_PRIMARY));
	while (strncmp(state, meaning->state, strlen(meaning->state)) != 0)
		meaning++;
	link->base.again |= meaning->again;
	link->base.lost |= meaning->again;
	link->base.broken |= meaning->broken;
	return ward_fail(error, meaning->err, "%s (%s)", meaning->says, state);
}

/* ---- waiting for the server ---- */

/* Sends what is left, and waits until a result is there. */
static ward_err wait_for_result(struct pg_link *link, struct ward_error *error)
{
	uint64_t deadline = clock_ticks_us() + (uint64_t)link->base.wait_ms * 1000;

	for (;;) {
		int unsent = PQflush(link->conn);

		if (unsent < 0)
			return fail_lost(link, error);
		if (!PQisBusy(link->conn))
			return WARD_OK;
		struct pollfd fd = { .fd = PQsocket(link->conn),
			.events = unsent ? POLLIN | POLLOUT : POLLIN };
		uint64_t now = clock_ticks_us();
		int left = now >= deadline ? 0 : (int)((deadline - now) / 1000) + 1;
		int ready = poll(&fd, 1, left);

		if (ready == 0)
			return fail_silent(link, error);
		if (ready < 0 && errno != EINTR)
			return fail_lost(link, error);
		if (ready > 0 && fd.revents != POLLOUT && !PQconsumeInput(link->conn))
			return fail_lost(link, error);
	}
}

/* The next result of what was sent; NULL behind the last. */
static ward_err take_result(struct pg_link *link, PGresult **result, struct ward_error *error)
{
	ward_err err = wait_for_result(link, error);

	if (!err)
		*result = PQgetResult(link->conn);
	return err;
}

static bool is_good(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	       status == PGRES_SINGLE_TUPLE;
}

/* Behind the last answer comes the pipe's end, and the line is as it was.  Without one: nothing. */
static ward_err end_pipe(struct pg_link *link, struct ward_error *error)
{
	PGresult *result = NULL;

	if (!link->piped || link->base.broken)
		return WARD_OK;
	ward_err err = take_result(link, &result, error);
	bool ended = PQresultStatus(result) == PGRES_PIPELINE_SYNC;

	PQclear(result);
	if (err)
		return err;
	if (!ended || !PQexitPipelineMode(link->conn))
		return fail_lost(link, error);
	link->piped = false;
	return WARD_OK;
}

/* All that is left of what was sent.  The last result is handed out; the first failure is told. */
static ward_err take_all(struct pg_link *link, PGresult **last, struct ward_error *error)
{
	PGresult *kept = NULL, *result = NULL;
	ward_err failed = WARD_OK;

	for (;;) {
		ward_err err = take_result(link, &result, failed ? NULL : error);

		if (err || !result) {
			failed = failed ? failed : err;
			break;
		}
		if (!failed && !is_good(result))
			failed = fail_result(link, result, error);
		PQclear(kept);
		kept = result;
	}
	ward_err ended = end_pipe(link, failed ? NULL : error);

	failed = failed ? failed : ended;
	if (failed || !last)
		PQclear(kept);
	else
		*last = kept;
	return failed;
}

/* ---- rows that arrive ---- */

static bool keep_row(struct pg_rows *rows, PGresult *result)
{
	if (rows->count == rows->room) {
		size_t room = rows->room ? rows->room * 2 : 64;
		PGresult **grown = realloc(rows->kept, room * sizeof(PGresult *));

		if (!grown)
			return false;
		rows->kept = grown;
		rows->room = room;
	}
	rows->kept[rows->count++] = result;
	return true;
}

/* The line to the server is wanted for another statement: what still comes is kept. */
static ward_err make_way(struct pg_link *link, struct ward_error *error)
{
	struct pg_rows *rows = link->arriving;
	PGresult *result = NULL;

	if (!rows)
		return WARD_OK;
	for (;;) {
		ward_err err = take_result(link, &result, error);

		if (err)
			return err;
		if (!result)
			break;
		if (PQresultStatus(result) == PGRES_SINGLE_TUPLE && keep_row(rows, result))
			continue;
		if (PQresultStatus(result) == PGRES_SINGLE_TUPLE)
			ward_fail(&rows->kept_error, WARD_E_NOMEM, "no memory for rows");
		else if (!is_good(result))
			fail_result(link, result, &rows->kept_error);
		PQclear(result);
	}
	link->arriving = NULL;
	return end_pipe(link, error);
}

/* ---- the pipe ---- */

/* One answer that is owed: a failure is told, unless one was before. */
static ward_err take_answer(struct pg_link *link, struct ward_error *error)
{
	ward_err failed = WARD_OK;
	PGresult *result = NULL;

	for (;;) {
		ward_err err = take_result(link, &result, failed ? NULL : error);

		if (err || !result)
			return failed ? failed : err;
		if (!failed && !is_good(result))
			failed = fail_result(link, result, error);
		PQclear(result);
	}
}

/* The pipe is at its end: takes the answers that are owed, and tells the first failure. */
static ward_err take_owed(struct pg_link *link, struct ward_error *error)
{
	ward_err failed = WARD_OK;

	if (!PQpipelineSync(link->conn))
		return fail_lost(link, error);
	while (link->owed > 0) {
		link->owed--;
		ward_err err = take_answer(link, failed ? NULL : error);

		failed = failed ? failed : err;
	}
	return failed;
}

/* Waits for all that went down the pipe. */
static ward_err settle(struct pg_link *link, struct ward_error *error)
{
	if (!link->piped || link->base.broken)
		return WARD_OK;
	ward_err err = take_owed(link, error);
	ward_err ended = end_pipe(link, err ? NULL : error);

	return err ? err : ended;
}

/* ---- statements of our own: several in one message, none with values ---- */

static ward_err simple(struct pg_link *link, const char *sql, PGresult **last,
		struct ward_error *error)
{
	ward_err err = make_way(link, error);

	if (!err)
		err = settle(link, error);
	if (err)
		return err;
	if (!PQsendQuery(link->conn, sql))
		return fail_lost(link, error);
	return take_all(link, last, error);
}

/* ---- connecting ---- */

/*
 * libpq tells hosts, ports and names, and no password; but a "%", "/" or "@" of a password that is
 * not written as %25, %2F or %40 makes of the rest of it a host, a port or a database's name.
 */
static bool is_plain(const char *place)
{
	static const char *const names[] = { "host", "port", "dbname" };
	PQconninfoOption *options = PQconninfoParse(place, NULL);
	bool plain = options != NULL;

	for (PQconninfoOption *at = options; plain && at->keyword; at++) {
		for (size_t i = 0; at->val && i < sizeof(names) / sizeof(*names); i++)
			plain = plain &&
				(strcmp(at->keyword, names[i]) != 0 || !strchr(at->val, '@'));
	}
	PQconninfoFree(options);
	return plain;
}

/* The first line of what libpq says, unless a piece of a password may be among it. */
static ward_err fail_connect(struct pg_link *link, struct ward_error *error)
{
	ward_str says = ward_str_from(PQerrorMessage(link->conn));
	ward_str line = ward_str_trim(ward_str_cut(&says, '\n'));

	if (!is_plain(link->place))
		return ward_fail(error, WARD_E_IO,
				"the database server's address cannot be read as it was meant: "
				"within a password %% is written as %%25, / as %%2F, @ as %%40; or "
				"put the password into ~/.pgpass");
	return ward_fail(error, WARD_E_IO, "the database server does not answer: %.*s",
			(int)(line.len < 180 ? line.len : 180), line.ptr);
}

/* The server's remarks may repeat values, and a library does not speak. */
static void pass_over(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

static ward_err open_connection(struct pg_link *link, struct ward_error *error)
{
	char seconds[16];
	/* What stands before dbname may be said otherwise by the place. */
	const char *const names[] = { "connect_timeout", "application_name", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "tcp_user_timeout",
		"target_session_attrs", "dbname", "client_encoding", NULL };
	const char *const values[] = { seconds, "ward", "30", "10", "3", "35000", "read-write",
		link->place, "UTF8", NULL };

	snprintf(seconds, sizeof(seconds), "%d", STORE_CONNECT_SECONDS);
	link->conn = PQconnectdbParams(names, values, 1);
	if (!link->conn)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the store");
	if (PQstatus(link->conn) != CONNECTION_OK)
		return fail_connect(link, error);
	PQsetNoticeReceiver(link->conn, pass_over, NULL);
	if (PQsetnonblocking(link->conn, 1) != 0)
		return fail_lost(link, error);
	return WARD_OK;
}

/* A server that would lose or bend what it is given is not taken. */
static ward_err judge_server(struct pg_link *link, const PGresult *result, struct ward_error *error)
{
	if (strcmp(PQgetvalue(result, 0, 0), "on") != 0)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the database server runs with fsync = off and would lose what it "
				"has acknowledged; turn it on");
	if (strcmp(PQgetvalue(result, 0, 1), "UTF8") != 0)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the database is not in UTF-8; make one with ENCODING 'UTF8'");
	if (PQserverVersion(link->conn) < 130000)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the database server is older than PostgreSQL 13");
	if (PQgetisnull(result, 0, 2))
		return ward_fail(error, WARD_E_NOT_FOUND,
				"the database has no schema for ward's tables");
	snprintf(link->lock, sizeof(link->lock), "%s", PQgetvalue(result, 0, 3));
	return WARD_OK;
}

/*
 * What a work runs touches a few rows, found by an index, in tables that grow: it is planned once,
 * and that way.  Left to itself the server plans for the tables of that moment, which are small or
 * not yet looked at, and a near picture among 2000 then costs 13 ms instead of 1.
 */
static const char plans_of_works[] =
		"SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
		"SET enable_hashjoin = off; SET enable_mergejoin = off;";

/* jit: its start costs more than our statements.  A dead client's lock must not stay for hours. */
static ward_err set_up(struct pg_link *link, struct ward_error *error)
{
	PGresult *result = NULL;
	char sql[900];

	snprintf(sql, sizeof(sql),
			"%sSET jit = off; SET idle_in_transaction_session_timeout = %d;"
			"SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10;"
			"SET tcp_keepalives_count = 3; SET statement_timeout = %d;"
			"SELECT set_config('synchronous_commit', 'on', false) WHERE "
			"current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');"
			"SELECT current_setting('fsync'), current_setting('server_encoding'),"
			" current_schema(), hashtextextended('ward ' || current_schema(), 0)::text",
			link->base.use == LINK_WRITE ? plans_of_works : "",
			link->base.use == LINK_WRITE ? 2 * STORE_WAIT_MS : 0,
			link->base.use == LINK_WRITE ? STORE_WAIT_MS : 0);
	ward_err err = simple(link, sql, &result, error);

	if (!err)
		err = judge_server(link, result, error);
	PQclear(result);
	return err;
}

static void pg_disconnect(struct store_link *base)
{
	struct pg_link *link = own(base);

	while (base->cache.count > 0)
		cache_remove(&base->cache, base->cache.at[0]);
	PQclear(link->loosened);
	PQfinish(link->conn);
	free(link->place);
	free(link);
}

static ward_err pg_connect(const char *place, enum link_use use, bool create,
		struct store_link **link, struct ward_error *error)
{
	struct pg_link *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	(void)create; /* a database is its administrator's to make */
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the store");
	made->base.engine = &engine_postgresql;
	made->base.use = use;
	made->base.wait_ms = SILENCE_MS;
	made->place = strdup(place);
	if (!made->place)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for the store");
	if (!err)
		err = open_connection(made, error);
	if (!err)
		err = set_up(made, error);
	if (err) {
		pg_disconnect(&made->base);
		return err;
	}
	*link = &made->base;
	return WARD_OK;
}

/* ---- statements ---- */

/* Takes one out here and there. */
static ward_err forget(struct pg_link *link, struct statement *statement, struct ward_error *error)
{
	char sql[40];

	snprintf(sql, sizeof(sql), "DEALLOCATE s%u", statement->number);
	cache_remove(&link->base.cache, statement);
	return simple(link, sql, NULL, error);
}

static ward_err prepare_new(struct pg_link *link, const char *sql, const char *kinds,
		struct statement **out, struct ward_error *error)
{
	Oid types[STORE_VALUES_MAX];
	char name[16];
	bool full;
	struct statement *oldest = cache_oldest(&link->base.cache, &full);
	ward_err err = WARD_OK;

	if (full)
		return ward_fail(error, WARD_E_LIMIT, "%d statements have their rows open",
				CACHE_MAX);
	err = settle(link, error);
	if (!err && oldest)
		err = forget(link, oldest, error);
	if (err)
		return err;
	unsigned number = ++link->prepared;

	postgresql_types(kinds, types);
	snprintf(name, sizeof(name), "s%u", number);
	if (!PQsendPrepare(link->conn, name, sql, (int)strlen(kinds), types))
		return fail_lost(link, error);
	err = take_all(link, NULL, error);
	if (err)
		return err;
	*out = cache_add(&link->base.cache, sql, kinds);
	if (!*out)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a statement");
	(*out)->number = number;
	return WARD_OK;
}

/*
 * A statement is prepared for the kinds of its values: told them, the server
 * need not guess, and says when one does not fit.  It takes values that a
 * statement does not use without a word, so they are counted here.
 */
static ward_err prepare(struct pg_link *link, const char *sql, struct store_values values,
		struct statement **out, struct ward_error *error)
{
	char kinds[STORE_VALUES_MAX + 1];
	size_t wanted = postgresql_parameters(sql);

	if (wanted != values.count)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a statement with %zu parameters was given %zu values", wanted,
				values.count);
	postgresql_kinds(values, kinds);
	*out = cache_find(&link->base.cache, sql, kinds);
	return *out ? WARD_OK : prepare_new(link, sql, kinds, out, error);
}

static ward_err send(struct pg_link *link, const struct statement *statement,
		struct store_values values, struct ward_error *error)
{
	struct postgresql_values sent;
	char name[16];

	snprintf(name, sizeof(name), "s%u", statement->number);
	postgresql_encode(values, &sent);
	if (!PQsendQueryPrepared(link->conn, name, (int)values.count, sent.at, sent.lengths,
			    sent.formats, 1))
		return fail_lost(link, error);
	return WARD_OK;
}

static ward_err prepare_and_send(struct pg_link *link, const char *sql, struct store_values values,
		struct statement **statement, struct ward_error *error)
{
	ward_err err = make_way(link, error);

	if (!err)
		err = prepare(link, sql, values, statement, error);
	if (!err)
		err = send(link, *statement, values, error);
	if (err || !link->piped)
		return err;
	err = take_owed(link, error);
	/* The server has passed over this one, and says so; the savepoint undoes the rest. */
	if (err && !link->base.broken)
		(void)take_all(link, NULL, NULL);
	return err;
}

/* What fails is told by the next that is waited for; what cannot be prepared, at once. */
static ward_err pg_send(struct store_link *base, const char *sql, struct store_values values,
		struct ward_error *error)
{
	struct pg_link *link = own(base);
	struct statement *statement = NULL;
	ward_err err = make_way(link, error);

	if (!err)
		err = prepare(link, sql, values, &statement, error);
	if (err)
		return err;
	if (!link->piped && !PQenterPipelineMode(link->conn))
		return fail_lost(link, error);
	link->piped = true;
	err = send(link, statement, values, error);
	if (err)
		return err;
	return ++link->owed < OWED_MAX ? WARD_OK : settle(link, error);
}

static ward_err pg_settle(struct store_link *base, struct ward_error *error)
{
	ward_err err = make_way(own(base), error);

	return err ? err : settle(own(base), error);
}

static ward_err pg_run(struct store_link *base, const char *sql, struct store_values values,
		uint64_t *changed, struct ward_error *error)
{
	struct pg_link *link = own(base);
	struct statement *statement;
	PGresult *result = NULL;
	ward_err err = prepare_and_send(link, sql, values, &statement, error);

	if (!err)
		err = take_all(link, &result, error);
	if (err)
		return err;
	if (changed) {
		ward_str count = ward_str_from(PQcmdTuples(result));

		if (strncmp(PQcmdStatus(result), "SELECT", 6) == 0 ||
				!ward_u64_parse(count, changed))
			*changed = 0;
	}
	PQclear(result);
	return WARD_OK;
}

/* ---- rows ---- */

static ward_err take_arriving(struct pg_rows *rows, struct ward_error *error)
{
	struct pg_link *link = rows->link;
	PGresult *result = NULL;
	ward_err err = take_result(link, &result, error);

	if (err)
		return err;
	if (result && PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
		rows->current = result;
		return WARD_OK;
	}
	rows->base.ended = true;
	err = result && !is_good(result) ? fail_result(link, result, error) : WARD_OK;
	PQclear(result);
	link->arriving = NULL;
	ward_err drained =
			result ? take_all(link, NULL, err ? NULL : error) : end_pipe(link, error);

	return err ? err : drained;
}

static ward_err pg_step(struct store_rows *base, struct ward_error *error)
{
	struct pg_rows *rows = (struct pg_rows *)base;

	PQclear(rows->current);
	rows->current = NULL;
	if (rows->next < rows->count) {
		rows->current = rows->kept[rows->next++];
		return WARD_OK;
	}
	if (rows->link->arriving == rows)
		return take_arriving(rows, error);
	base->ended = true;
	if (rows->kept_error.code)
		return ward_fail(error, rows->kept_error.code, "%s", rows->kept_error.message);
	return rows->link->base.lost ? fail_lost(rows->link, error) : WARD_OK;
}

static void pg_finish(struct store_rows *base)
{
	struct pg_rows *rows = (struct pg_rows *)base;
	struct pg_link *link = rows->link;

	/* The rest is read and thrown away: to stop the server would end the transaction. */
	if (link->arriving == rows) {
		link->arriving = NULL;
		if (take_all(link, NULL, NULL))
			link->base.lost = true;
	}
	PQclear(rows->current);
	while (rows->next < rows->count)
		PQclear(rows->kept[rows->next++]);
	free(rows->kept);
	free(rows);
}

static ward_err pg_query(struct store_link *base, const char *sql, struct store_values values,
		struct store_rows **out, struct ward_error *error)
{
	struct pg_link *link = own(base);
	struct pg_rows *rows = calloc(1, sizeof(*rows));
	struct statement *statement = NULL;

	if (!rows)
		return ward_fail(error, WARD_E_NOMEM, "no memory for rows");
	rows->link = link;
	ward_err err = prepare_and_send(link, sql, values, &statement, error);

	if (!err && !PQsetSingleRowMode(link->conn))
		err = fail_lost(link, error);
	if (!err) {
		link->arriving = rows;
		err = take_arriving(rows, error);
	}
	if (err) {
		pg_finish(&rows->base);
		return err;
	}
	rows->base.ready = !rows->base.ended;
	*out = &rows->base;
	return WARD_OK;
}

static unsigned pg_columns(const struct store_rows *base)
{
	const struct pg_rows *rows = (const struct pg_rows *)base;

	return rows->current ? (unsigned)PQnfields(rows->current) : 0;
}

static bool pg_column(const struct store_rows *base, unsigned column, struct store_value *value)
{
	const struct pg_rows *rows = (const struct pg_rows *)base;
	int at = (int)column;

	if (!rows->current || column >= (unsigned)PQnfields(rows->current))
		return false;
	if (PQgetisnull(rows->current, 0, at)) {
		*value = store_null();
		return true;
	}
	return postgresql_decode(PQftype(rows->current, at),
			(ward_bytes){ (const uint8_t *)PQgetvalue(rows->current, 0, at),
					(size_t)PQgetlength(rows->current, 0, at) },
			value);
}

/* ---- transactions ---- */

static ward_err begin_write(struct pg_link *link, struct ward_error *error)
{
	PGresult *result = NULL;
	char sql[200];

	/*
	 * READ COMMITTED, for each statement then sees what the one before us in
	 * the lock has written; a snapshot taken before the lock would not.
	 */
	snprintf(sql, sizeof(sql),
			"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
			"SELECT pg_advisory_xact_lock(%s); SELECT pg_current_xact_id()::text",
			link->lock);
	ward_err err = simple(link, sql, &result, error);

	if (err)
		return err;
	snprintf(link->transaction, sizeof(link->transaction), "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return WARD_OK;
}

static ward_err begin_read(struct pg_link *link, struct ward_error *error)
{
	ward_err err = link->ending ? take_all(link, NULL, error) : WARD_OK;

	link->ending = false;
	/* The SELECT takes the snapshot. */
	return err ? err
		   : simple(link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1", NULL,
				     error);
}

static ward_err pg_begin(struct store_link *base, struct ward_error *error)
{
	struct pg_link *link = own(base);
	ward_err err;

	base->lost = false;
	base->again = false;
	link->marked = false;
	err = base->use == LINK_WRITE ? begin_write(link, error) : begin_read(link, error);
	if (err && !base->broken)
		engine_postgresql.rollback(base);
	return err;
}

static void pg_rollback(struct store_link *base)
{
	struct pg_link *link = own(base);

	if (link->loosened)
		base->wait_ms = SILENCE_MS;
	PQclear(link->loosened);
	link->loosened = NULL;
	/* The work is undone, whatever the answers are. */
	if (pg_settle(base, NULL) && base->broken)
		return;
	if (base->broken || PQtransactionStatus(link->conn) == PQTRANS_IDLE)
		return;
	/* Nobody waits for a reader's: it changes nothing, and its answer is there at the next
	 * begin. */
	if (base->use == LINK_READ && PQsendQuery(link->conn, "ROLLBACK"))
		link->ending = true;
	else if (simple(link, "ROLLBACK", NULL, NULL))
		base->broken = true;
	if (link->ending && PQflush(link->conn) != 0)
		base->broken = true;
}

/* ---- what became of a COMMIT that nobody answered ---- */

/* "committed", "aborted", "in progress", or "" where the server cannot be asked. */
static void ask_outcome(const struct pg_link *lost, char *says, size_t room)
{
	struct store_link *base;
	PGresult *result = NULL;
	char sql[120];

	says[0] = '\0';
	if (pg_connect(lost->place, LINK_READ, false, &base, NULL))
		return;
	snprintf(sql, sizeof(sql), "SELECT pg_xact_status('%s'::xid8)", lost->transaction);
	struct ward_error error;
	ward_err err = simple(own(base), sql, &result, &error);

	if (!err)
		snprintf(says, room, "%s", PQgetvalue(result, 0, 0));
	/* A number that lies in the server's future: it fell before it wrote any of it down. */
	else if (err == WARD_E_ARGUMENT)
		snprintf(says, room, "aborted");
	PQclear(result);
	pg_disconnect(base);
}

static ward_err find_outcome(struct pg_link *link, struct ward_error *error)
{
	uint64_t deadline = clock_ticks_us() + (uint64_t)STORE_CONNECT_SECONDS * 1000000;
	char says[20] = "";

	do {
		ask_outcome(link, says, sizeof(says));
		if (strcmp(says, "committed") == 0)
			return WARD_OK;
		if (strcmp(says, "aborted") == 0) {
			link->base.again = true;
			return ward_fail(error, WARD_E_IO,
					"the database server went away, and kept nothing");
		}
		nanosleep(&(struct timespec){ 0, ASK_AGAIN_MS * 1000000L }, NULL);
	} while (clock_ticks_us() < deadline);
	link->base.again = false;
	return ward_fail(error, WARD_E_IO,
			"the database server went away while it made this durable: it may have "
			"been kept, and may not; look before doing it again");
}

static ward_err pg_commit(struct store_link *base, struct ward_error *error)
{
	struct pg_link *link = own(base);
	PGresult *result = NULL;
	ward_err err = simple(link, "COMMIT", &result, error);

	/* A COMMIT of what has failed is a ROLLBACK. */
	if (!err && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		err = ward_fail(error, WARD_E_CONFLICT, "the database server undid it");
	PQclear(result);
	if (err && base->broken)
		return find_outcome(link, error);
	if (err)
		pg_rollback(base);
	return err;
}

/* A kept savepoint is released with the next one's begin, or by the COMMIT. */
static ward_err pg_mark(struct store_link *base, struct ward_error *error)
{
	struct pg_link *link = own(base);
	ward_err err = WARD_OK;

	if (link->marked)
		err = pg_send(base, "RELEASE SAVEPOINT work", STORE_NO_VALUES, error);
	link->marked = false;
	return err ? err : pg_send(base, "SAVEPOINT work", STORE_NO_VALUES, error);
}

static ward_err pg_keep(struct store_link *base, struct ward_error *error)
{
	(void)error;
	own(base)->marked = true;
	return WARD_OK;
}

static ward_err pg_undo(struct store_link *base, struct ward_error *error)
{
	ward_err err = pg_settle(base, NULL);

	if (err && base->broken)
		return fail_lost(own(base), error);
	err = simple(own(base), "ROLLBACK TO SAVEPOINT work", NULL, error);
	own(base)->marked = !err;
	return err;
}

static ward_err pg_script(struct store_link *base, const char *sql, struct ward_error *error)
{
	return simple(own(base), sql, NULL, error);
}

/* ---- care ---- */

/* Each query tells how many rows are wrong, and of what; the first reads every row to its end. */
static const char check_list[] =
		"SELECT 'rows of ' || c.relname, format('SELECT count(length(t::text)) * 0 FROM "
		"%I.%I AS t', n.nspname, c.relname)"
		" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE n.nspname = current_schema() AND c.relkind = 'r' "
		"UNION ALL "
		"SELECT 'a row of ' || c.relname || ' refers to one that is not there: ' || "
		"k.conname,"
		" format('SELECT count(*) FROM %s AS c WHERE %s AND NOT EXISTS (SELECT 1 FROM %s "
		"AS p"
		" WHERE %s)', k.conrelid::regclass,"
		" string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '), "
		"k.confrelid::regclass,"
		" string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND '))"
		" FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
		" JOIN pg_namespace n ON n.oid = c.relnamespace"
		" CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS u(child, parent)"
		" JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.child"
		" JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.parent"
		" WHERE n.nspname = current_schema() AND k.contype = 'f'"
		" GROUP BY k.oid, k.conname, k.conrelid, k.confrelid, c.relname";

static ward_err check_one(struct pg_link *link, const char *says, const char *sql,
		struct ward_error *error)
{
	PGresult *result = NULL;
	ward_err err = simple(link, sql, &result, error);

	if (!err && strcmp(PQgetvalue(result, 0, 0), "0") != 0)
		err = ward_fail(error, WARD_E_CORRUPT, "the store is damaged: %.150s", says);
	PQclear(result);
	return err;
}

static ward_err pg_check(struct store_link *base, struct ward_error *error)
{
	struct pg_link *link = own(base);
	PGresult *list = NULL;

	base->wait_ms = CHECK_MS;
	ward_err err = simple(link, check_list, &list, error);

	for (int i = 0; !err && i < PQntuples(list); i++)
		err = check_one(link, PQgetvalue(list, i, 0), PQgetvalue(list, i, 1), error);
	PQclear(list);
	base->wait_ms = SILENCE_MS;
	return err;
}

/* ---- copying and filling ---- */

static ward_err pg_take_time(struct store_link *base, struct ward_error *error)
{
	return simple(own(base),
			"SET LOCAL statement_timeout = 0;"
			"SET LOCAL idle_in_transaction_session_timeout = 0;"
			"SET LOCAL plan_cache_mode = auto; SET LOCAL enable_seqscan = on;"
			"SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on",
			NULL, error);
}

static ward_err each_reference(struct pg_link *link, const char *form, bool with_text,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (int i = 0; !err && i < PQntuples(link->loosened); i++) {
		struct ward_buf sql;

		ward_buf_init(&sql, 1 << 16);
		/* The server has quoted the names. */
		ward_buf_printf(&sql, "ALTER TABLE %s %s %s %s", PQgetvalue(link->loosened, i, 0),
				form, PQgetvalue(link->loosened, i, 1),
				with_text ? PQgetvalue(link->loosened, i, 2) : "");
		err = sql.failed ? ward_fail(error, WARD_E_NOMEM, "no memory for a statement")
				 : simple(link, ward_buf_text(&sql).ptr, NULL, error);
		ward_buf_free(&sql);
	}
	return err;
}

/* To put off what is looked at row by row one must be a superuser; to take it off, the owner. */
static ward_err pg_loosen(struct store_link *base, struct ward_error *error)
{
	struct pg_link *link = own(base);

	PQclear(link->loosened);
	link->loosened = NULL;
	base->wait_ms = CHECK_MS;
	ward_err err = pg_take_time(base, error);

	if (!err)
		err = simple(link,
				"SELECT conrelid::regclass::text, quote_ident(conname),"
				" pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
				" AND connamespace = current_schema()::regnamespace",
				&link->loosened, error);
	return err ? err : each_reference(link, "DROP CONSTRAINT", false, error);
}

static ward_err pg_tighten(struct store_link *base, struct ward_error *error)
{
	struct pg_link *link = own(base);
	ward_err err = each_reference(link, "ADD CONSTRAINT", true, error);

	PQclear(link->loosened);
	link->loosened = NULL;
	base->wait_ms = SILENCE_MS;
	return err;
}

const struct engine engine_postgresql = {
	.which = STORE_POSTGRESQL,
	.connect = pg_connect,
	.disconnect = pg_disconnect,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.mark = pg_mark,
	.keep = pg_keep,
	.undo = pg_undo,
	.run = pg_run,
	.send = pg_send,
	.settle = pg_settle,
	.query = pg_query,
	.step = pg_step,
	.finish = pg_finish,
	.column = pg_column,
	.columns = pg_columns,
	.script = pg_script,
	.check = pg_check,
	.columns_sql = "SELECT c.relname::text, a.attname::text FROM pg_class c"
		       " JOIN pg_namespace n ON n.oid = c.relnamespace"
		       " JOIN pg_attribute a ON a.attrelid = c.oid"
		       " AND a.attnum > 0 AND NOT a.attisdropped"
		       " WHERE n.nspname = current_schema() AND c.relkind = 'r'"
		       " ORDER BY c.relname COLLATE \"C\", a.attnum",
	.take_time = pg_take_time,
	.loosen = pg_loosen,
	.tighten = pg_tighten,
};
