/*
 * migrate.h - how a store comes to the version that this program knows
 *
 * A migration is a file sql/NNNN_name.sql, built into the program.  The store
 * keeps the number, name and digest of each that it has seen.  What it has
 * must be the beginning of what the program knows: a store with more was
 * written by a newer ward, and one whose old migration has another digest is
 * not what this program takes it for; both are refused.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/engine.h"

struct migration {
	unsigned number;
	const char *name;
	const char *sql;
};

struct migrations {
	const struct migration *at;
	size_t count;
};

/* Those of src/store/sql, in their order. */
extern const struct migrations migrations_known;

/*
 * Brings the store to the last of `known`, in one transaction; when `allowed`
 * is not set, a store that is older is UNSUPPORTED.  Safe while other
 * programs do the same.
 */
ward_err migrate(struct store_link *link, struct migrations known, bool allowed, unsigned *version,
		struct ward_error *error) WARD_MUST_USE;

#endif
