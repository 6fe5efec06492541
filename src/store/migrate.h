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
 * What becomes of a store that is older than the last of `known`: it is UNSUPPORTED, is
 * brought there in one transaction, or stays; `version` is its own then.  Safe while other
 * programs do the same.
 */
enum migrate_older { MIGRATE_REFUSES = 0, MIGRATE_BRINGS_UP, MIGRATE_LEAVES };

ward_err migrate(struct store_link *link, struct migrations known, enum migrate_older older,
		unsigned *version, struct ward_error *error) WARD_MUST_USE;

/* Applies one, within a transaction that writes, and keeps that it did. */
ward_err migrate_apply(struct store_tx *tx, const struct migration *migration,
		struct ward_error *error) WARD_MUST_USE;

/* Makes the table in which they are kept, where it is not there. */
ward_err migrate_own_table(struct store_tx *tx, struct ward_error *error) WARD_MUST_USE;

enum { MIGRATION_DIGEST = 32 };

/* Of the statements as SQLite has them, so that it is one for both engines. */
ward_err migrate_digest(const struct migration *migration, uint8_t digest[MIGRATION_DIGEST],
		struct ward_error *error) WARD_MUST_USE;

#endif
