/*
 * audit.h - what was done, by whom, to what: rows that nobody can change unseen
 *
 * Every act that matters adds a row in the transaction that does it, so there
 * is no act without its row and no row without its act.  Rows are numbered
 * without gaps; each holds the SHA-256 of the one before it and of itself, and
 * now and then the newest is signed (a checkpoint), within the store and into
 * a file beside it.  Verifying walks from the first row to the last and finds
 * any that was changed, removed, added or put elsewhere; a checkpoint kept
 * outside finds a log that was cut short or written anew from its beginning.
 *
 * The custody of a thing is its rows: there is no second log.
 *
 * A row holds ids, codes and digests, and a person's reason; never content.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include <ward/base.h>

#include "audit/signer.h"
#include "store/store.h"

struct audit_entry {
	ward_str actor;  /* "person:ID", "key:NAME", "portal", "system" */
	ward_str role;   /* of a person, at that time; "" for others */
	ward_str action; /* "report.received": a noun and what happened to it */
	ward_str object; /* "item:ID" */
	ward_str digest; /* of what was acted upon, in hexadecimal; or "" */
	ward_str reason; /* a person's own words; or "" */
	ward_str detail; /* a JSON object of ids, numbers and codes; or "" */
};

/* A row as it is kept. */
struct audit_row {
	uint64_t number; /* from 1 */
	int64_t at;      /* Unix seconds; a clock that went back is told by no later row's time */
	struct audit_entry entry;
	uint8_t previous[32];
	uint8_t self[32];
};

/* What a row holds at most, in bytes: a row is a line about an act, and no place to keep things. */
enum { AUDIT_WORD_MAX = 200, AUDIT_REASON_MAX = 4000, AUDIT_DETAIL_MAX = 8000 };

/*
 * Adds a row to the caller's work.  Concurrent works are put one behind the other, also those of
 * other processes on one server: from the first row of a transaction to its end.  ARGUMENT when the
 * entry has no actor or action, is longer than above, or is not UTF-8.
 */
ward_err audit_add(struct store_tx *tx, const struct audit_entry *entry,
		struct ward_error *error) WARD_MUST_USE;

/* ---- reading: newest first ---- */

struct audit_question {
	ward_str object, actor,
			action; /* "" is any; an action that ends in "." is all of its noun */
	int64_t since, until;   /* 0 is open */
	uint64_t before;        /* rows with a smaller number; 0 is all: the next page */
	unsigned rows_max;
};

/* Calls for each row; text is borrowed until `each` returns.  False from it ends. */
ward_err audit_read(struct store_tx *tx, const struct audit_question *question,
		bool (*each)(void *context, const struct audit_row *row), void *context,
		struct ward_error *error) WARD_MUST_USE;

/* ---- proving ---- */

/* The digest of a row: SHA-256 over its fields, each with its length before it (audit.c). */
void audit_digest(const struct audit_row *row, uint8_t digest[32]);

/*
 * Signs the newest row, keeps the signature in the store, and appends it durably to the file `path`
 * (may be NULL; its folder is made).  A row that is signed already is not signed again, and an
 * empty log is not signed.  Any process may call it, at any time.  checkpoint.h has what is kept.
 */
ward_err audit_checkpoint(struct store *store, const struct signer *signer, const char *path,
		struct ward_error *error) WARD_MUST_USE;

struct audit_verified {
	uint64_t rows, checkpoints;
	uint64_t bad_row; /* the first that is wrong; 0: none */
	char what[200];   /* what is wrong with it, as a sentence; "": all is well */
	/* What is no damage, and worth knowing. */
	uint64_t newest_signed;  /* the last row a checkpoint signs; those behind it are only linked
				  */
	uint64_t clock_back;     /* rows whose time lies before that of the row ahead of them */
	uint64_t clock_back_row; /* the first of them: the clock was set back */
	uint64_t filed;          /* checkpoints in the file */
	bool torn;               /* the file's last line was not written to its end */
};

/*
 * WARD_OK with what was found, also when something is wrong: then `what` says it, and `bad_row`
 * where it is about a row.  The walk ends there, and `rows` is how many are well before it.
 * `path` (may be NULL) is the file of checkpoints; `public_key` (may be NULL) the one to trust:
 * without it all checkpoints must be by one key, whichever it is.
 */
ward_err audit_verify(struct store *store, const char *path, const uint8_t public_key[32],
		struct audit_verified *verified, struct ward_error *error) WARD_MUST_USE;

#endif
