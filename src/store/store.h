/*
 * store.h - what ward keeps in tables: SQLite by default, PostgreSQL by one setting
 *
 * One set of SQL serves both engines: parameters are $1, $2, ...; RETURNING and
 * ON CONFLICT are at hand; columns are INTEGER (64 bits), TEXT (UTF-8) or BLOB,
 * and times are Unix seconds.  What one engine alone knows is not used.
 *
 * What to mind, so that one text serves both: a type that is written in a CAST
 * is BIGINT; what is a condition is compared (`flag = 1`, never `flag` alone);
 * NULLS FIRST or LAST is said where it matters; a parameter that may be NULL
 * is not asked about with IS NULL; substr and its like want small numbers
 * written, not given as parameters.  LIKE knows capitals, and texts are sorted
 * by their bytes.
 *
 * Reading is a transaction of the caller's own: it sees one state of the
 * store, from its begin to its end.  Writing is a piece of work that the store
 * calls: the works of many threads are done one behind the other in one
 * transaction, each within a savepoint, and are made durable by one sync.  A
 * work that fails is undone alone.  When store_write has returned WARD_OK, the
 * work's rows survive a kill and a loss of power.
 *
 * Any thread may use a store; a transaction and its rows belong to the thread
 * that has it.  Text and bytes of a row are borrowed until the next step.
 */
#ifndef STORE_H
#define STORE_H

#include <ward/base.h>

struct store;
struct store_tx;

/* ---- opening ---- */

enum store_engine { STORE_SQLITE = 0, STORE_POSTGRESQL };

struct store_options {
	/* A path of a file, or "postgresql://…" in the words of libpq. */
	const char *place;
	unsigned readers; /* transactions that read at once; 0 is 4; one more waits for its turn */
	bool create;      /* a file that is not there is made; else NOT_FOUND */
	bool migrate;  /* an older store is brought to this version; else UNSUPPORTED, and says how
			*/
	bool as_it_is; /* an older store stays older: to back it up before it is brought up */
};

/*
 * Opens and checks the version: a store that a newer ward has written is
 * refused (UNSUPPORTED), and stays as it is.  A server that does not answer is
 * IO.  Behind that, a server that goes away makes every call fail with IO, and
 * the next one connects again.
 */
ward_err store_open(const struct store_options *options, struct store **store,
		struct ward_error *error) WARD_MUST_USE;
/* Waits for the work that runs. */
void store_free(struct store *store);
enum store_engine store_engine_of(const struct store *store);
/* The number of the last migration. */
unsigned store_version(const struct store *store);

/* ---- writing ---- */

/*
 * Does a piece of work.  It may be called again when others' work or the
 * server made the transaction fail, so it changes nothing but the store and
 * `context`, and sets what it hands back anew each time.  Its error undoes
 * what it did, and is returned.  It must not call store_write or store_read.
 *
 * A statement that failed ends its work: every statement behind it fails with
 * the same error, and the work is undone, whatever it returns.  (What may be
 * there already is asked for with ON CONFLICT DO NOTHING and `changed`;
 * store_one's NOT_FOUND is no failure of a statement.)
 */
typedef ward_err store_work(void *context, struct store_tx *tx, struct ward_error *error);

ward_err store_write(struct store *store, store_work *work, void *context,
		struct ward_error *error) WARD_MUST_USE;

/* ---- reading ---- */

ward_err store_read(struct store *store, struct store_tx **tx,
		struct ward_error *error) WARD_MUST_USE;
/* NULL is fine. */
void store_read_end(struct store_tx *tx);

/* ---- statements ---- */

enum store_type { STORE_NULL = 0, STORE_INT, STORE_TEXT, STORE_BLOB };

struct store_value {
	enum store_type type;
	int64_t number;
	ward_bytes bytes; /* TEXT and BLOB */
};

struct store_value store_int(int64_t number);
struct store_value store_text(ward_str text);      /* a NULL pointer is the empty text */
struct store_value store_string(const char *text); /* NULL is NULL */
struct store_value store_blob(ward_bytes bytes);
struct store_value store_null(void);

/* The values of a statement: STORE_VALUES(store_int(1), store_text(name)). */
struct store_values {
	const struct store_value *at;
	size_t count;
};
#define STORE_VALUES(...)                                                     \
	((struct store_values){ (const struct store_value[]){ __VA_ARGS__ },  \
			sizeof((const struct store_value[]){ __VA_ARGS__ }) / \
					sizeof(struct store_value) })
#define STORE_NO_VALUES ((struct store_values){ NULL, 0 })

/*
 * Runs a statement whose rows, if any, are not wanted.  `changed` may be NULL.
 * A value has at most 64 MiB, a text neither a NUL nor broken UTF-8
 * (ARGUMENT), a statement at most 300 values and exactly those it uses.
 * What a constraint forbids is EXISTS (UNIQUE, PRIMARY KEY) or CONFLICT (the
 * others); a full disk is IO with a sentence that says so.  An error never
 * repeats a value.
 */
ward_err store_run(struct store_tx *tx, const char *sql, struct store_values values,
		uint64_t *changed, struct ward_error *error) WARD_MUST_USE;

/*
 * As store_run, for a statement whose outcome its work does not ask about.  A
 * server is told of it with the next statement that is waited for, or at the
 * work's end, and the work waits once for all.  So its failure may be told by
 * a later statement, or by store_write alone.  Outside of a work it is store_run.
 */
ward_err store_send(struct store_tx *tx, const char *sql, struct store_values values,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Rows of a SELECT or a RETURNING.  Other statements may run while rows are
 * open, also to read rows within rows; but what a SELECT still has to read is
 * not changed meanwhile.  Rows left open end with their work or transaction.
 */
struct store_rows;

ward_err store_query(struct store_tx *tx, const char *sql, struct store_values values,
		struct store_rows **rows, struct ward_error *error) WARD_MUST_USE;
/* The next row; false behind the last one, or on a failure, which store_rows_end tells. */
bool store_next(struct store_rows *rows);
/* Ends, also before the last row.  NULL is fine, and WARD_OK. */
ward_err store_rows_end(struct store_rows *rows, struct ward_error *error) WARD_MUST_USE;

/* Of NULL: 0, or nothing.  A column of another kind is CORRUPT at the end of the rows. */
int64_t store_get_int(const struct store_rows *rows, unsigned column);
ward_str store_get_text(const struct store_rows *rows, unsigned column);
ward_bytes store_get_blob(const struct store_rows *rows, unsigned column);
bool store_get_null(const struct store_rows *rows, unsigned column);

/*
 * One row or none.  NOT_FOUND when there is none; the rows stand on it, and
 * are ended by the caller.
 */
ward_err store_one(struct store_tx *tx, const char *sql, struct store_values values,
		struct store_rows **rows, struct ward_error *error) WARD_MUST_USE;

/* ---- care ---- */

/* Reads every page and checks every reference; CORRUPT says what is wrong. */
ward_err store_check(struct store *store, struct ward_error *error) WARD_MUST_USE;

/* Called now and then while much is read or written. */
typedef void store_watch(void *context, uint64_t rows, uint64_t bytes);

struct store_copied {
	uint64_t tables, rows, bytes;
	unsigned version; /* of what was copied */
	int64_t at;       /* when it was the store's state */
};

/*
 * Writes what the store holds at one moment to a file or pipe, while others go
 * on; what one engine gave the other can take (dump.h).  The caller makes it
 * durable.  `watch` may be NULL.
 */
ward_err store_backup(struct store *store, int fd, store_watch *watch, void *context,
		struct store_copied *copied, struct ward_error *error) WARD_MUST_USE;

/*
 * Fills a store that holds no row yet (else EXISTS) from a backup, in one
 * transaction: all of it, compared with its digests, or nothing.  A backup of
 * an older version is migrated, one of a newer is UNSUPPORTED; one that is cut
 * or changed is CORRUPT.
 */
ward_err store_restore(struct store *store, int fd, store_watch *watch, void *context,
		struct store_copied *copied, struct ward_error *error) WARD_MUST_USE;

/*
 * The same from one store into another, without a file between.  Nobody writes
 * to either meanwhile; what is written to the old one afterwards is lost.
 */
ward_err store_copy(struct store *from, struct store *to, store_watch *watch, void *context,
		struct store_copied *copied, struct ward_error *error) WARD_MUST_USE;

#endif
