/*
 * engine.h - what an engine can do, told to the rest of the store
 *
 * A link is one connection to the store with the statements it has prepared.
 * It belongs to one thread at a time.  What is the same for both engines
 * (groups of works, savepoints, doing it again, readers that wait, checks of
 * values) is in store.c, write.c and statement.c; an engine knows how to begin,
 * run and end, and what its failures mean.
 */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store/cache.h"
#include "store/store.h"

enum {
	STORE_VALUES_MAX = 300,     /* of one statement */
	STORE_BYTES_MAX = 64 << 20, /* of one value */
	STORE_WAIT_MS = 30000,      /* for another program's transaction, or the server's answer */
	STORE_CONNECT_SECONDS = 10, /* for a server */
};

/* What a link is for: it decides how its transactions begin. */
enum link_use {
	LINK_WRITE, /* one writes at a time, in all programs */
	LINK_READ,  /* sees one state, and changes nothing */
};

struct store_link {
	const struct engine *engine;
	enum link_use use;
	struct cache cache;
	int wait_ms;  /* for others' locks, or a silent server; a test sets less */
	bool filling; /* the transaction that begins next is one of loosen and tighten */
	/* Set by a failure, cleared by begin. */
	bool lost;   /* the transaction is no more, with all that was done in it */
	bool again;  /* doing it again may succeed */
	bool broken; /* the link is of no use any more: connect a new one */
};

struct store_rows {
	struct store_tx *tx;
	struct store_rows *next; /* of those the transaction has open */
	bool ready;              /* stands on a row that store_next has not given out */
	bool ended;              /* behind the last row */
	ward_err err;
	struct ward_error error;
};

struct store_tx {
	struct store_link *link;
	struct store_rows *rows; /* open ones */
	bool in_work;
	/* The first statement that failed: nothing can follow it, and the work is undone. */
	struct ward_error failed;
};

struct engine {
	enum store_engine which;

	/* `create` as in store_options; at most once for a store. */
	ward_err (*connect)(const char *place, enum link_use use, bool create,
			struct store_link **link, struct ward_error *error);
	void (*disconnect)(struct store_link *link);

	ward_err (*begin)(struct store_link *link, struct ward_error *error);
	/*
	 * WARD_OK: it is durable.  An error: it is not there, or (and then the
	 * sentence says so, and `again` is not set) nobody knows.
	 */
	ward_err (*commit)(struct store_link *link, struct ward_error *error);
	void (*rollback)(struct store_link *link);

	/* A savepoint around one work: begun, kept, undone.  They are not nested. */
	ward_err (*mark)(struct store_link *link, struct ward_error *error);
	ward_err (*keep)(struct store_link *link, struct ward_error *error);
	ward_err (*undo)(struct store_link *link, struct ward_error *error);

	/* The values are checked already. */
	ward_err (*run)(struct store_link *link, const char *sql, struct store_values values,
			uint64_t *changed, struct ward_error *error);
	/*
	 * As run, but a server may answer later: the failure is then that of the next
	 * run or query, or of settle, which waits for all answers.
	 */
	ward_err (*send)(struct store_link *link, const char *sql, struct store_values values,
			struct ward_error *error);
	ward_err (*settle)(struct store_link *link, struct ward_error *error);
	/* Runs up to the first row, and stands on it (`ready`) or is `ended`. */
	ward_err (*query)(struct store_link *link, const char *sql, struct store_values values,
			struct store_rows **rows, struct ward_error *error);
	/* The next row: `ended` is set behind the last. */
	ward_err (*step)(struct store_rows *rows, struct ward_error *error);
	void (*finish)(struct store_rows *rows);

	/* False when there is no such column. */
	bool (*column)(const struct store_rows *rows, unsigned column, struct store_value *value);
	unsigned (*columns)(const struct store_rows *rows);

	/* One statement without values, as a migration has them; not kept prepared. */
	ward_err (*script)(struct store_link *link, const char *sql, struct ward_error *error);
	/* A transaction is begun; see store_check. */
	ward_err (*check)(struct store_link *link, struct ward_error *error);

	/* A SELECT of the name of each table and column, tables by name, columns in their order. */
	const char *columns_sql;
	/* The transaction that is begun may take, and be silent, as long as its work lasts. */
	ward_err (*take_time)(struct store_link *link, struct ward_error *error);
	/*
	 * References between rows are looked at when the tables are full: from
	 * loosen to tighten rows come in any order, and time limits are off.  The
	 * link's `filling` is set before the transaction's begin and until its end.
	 */
	ward_err (*loosen)(struct store_link *link, struct ward_error *error);
	ward_err (*tighten)(struct store_link *link, struct ward_error *error);
};

extern const struct engine engine_sqlite;
extern const struct engine engine_postgresql;

/* Ends rows that a work or a reader left open. */
void store_rows_abandon(struct store_tx *tx);

#endif
