#include "store/migrate.h"

#include <sodium.h>

#include "base/clock.h"
#include "store/script.h"

enum { STATEMENT_MAX = 1 << 20 };

/* The store's own table, told to script.h like any other. */
static const char own_table[] = "CREATE TABLE IF NOT EXISTS ward_migration ("
				"number INTEGER PRIMARY KEY," /* of the file, from 1 */
				"name TEXT NOT NULL,"         /* of the file */
				"digest BLOB NOT NULL,"       /* BLAKE2b of its statements */
				"at INTEGER NOT NULL"         /* when it was applied */
				") STRICT;";

ward_err migrate_digest(const struct migration *migration, uint8_t digest[MIGRATION_DIGEST],
		struct ward_error *error)
{
	ward_str rest = ward_str_from(migration->sql);
	struct ward_buf statement;
	crypto_generichash_state state;
	ward_err err;

	ward_buf_init(&statement, STATEMENT_MAX);
	crypto_generichash_init(&state, NULL, 0, MIGRATION_DIGEST);
	while (!(err = script_next(&rest, STORE_SQLITE, &statement, error))) {
		/* With the NUL behind it, so that where one ends is part of it. */
		ward_str text = ward_buf_text(&statement);

		crypto_generichash_update(&state, (const uint8_t *)text.ptr, text.len + 1);
	}
	crypto_generichash_final(&state, digest, MIGRATION_DIGEST);
	ward_buf_free(&statement);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static ward_err run_script(struct store_link *link, const char *sql, struct ward_error *error)
{
	ward_str rest = ward_str_from(sql);
	struct ward_buf statement;
	ward_err err;

	ward_buf_init(&statement, STATEMENT_MAX);
	while (!(err = script_next(&rest, link->engine->which, &statement, error))) {
		err = link->engine->script(link, ward_buf_text(&statement).ptr, error);
		if (err)
			break;
	}
	ward_buf_free(&statement);
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

/* ---- what the store has ---- */

static ward_err compare(const struct migration *migration, const struct store_rows *rows,
		struct ward_error *error)
{
	ward_bytes kept = store_get_blob(rows, 1);
	uint8_t digest[MIGRATION_DIGEST];
	ward_err err = migrate_digest(migration, digest, error);

	if (err)
		return err;
	if (store_get_int(rows, 0) != (int64_t)migration->number || kept.len != MIGRATION_DIGEST ||
			memcmp(kept.ptr, digest, MIGRATION_DIGEST) != 0)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the store's migration %lld is not the one this ward knows as "
				"%04u_%s; the store is left as it is",
				(long long)store_get_int(rows, 0), migration->number,
				migration->name);
	return WARD_OK;
}

/* Sets how many of `known` the store has. */
static ward_err look(struct store_tx *tx, struct migrations known, size_t *have,
		struct ward_error *error)
{
	struct store_rows *rows;
	size_t count = 0;
	ward_err err = store_query(tx, "SELECT number, digest FROM ward_migration ORDER BY number",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	while (!err && store_next(rows)) {
		if (count == known.count)
			err = ward_fail(error, WARD_E_UNSUPPORTED,
					"a newer ward has written this store: it has migration "
					"%lld, and this ward knows %u; use the newer ward",
					(long long)store_get_int(rows, 0),
					count ? known.at[count - 1].number : 0);
		else
			err = compare(&known.at[count], rows, error);
		count++;
	}
	ward_err ended = store_rows_end(rows, err ? NULL : error);

	if (!err && !ended)
		*have = count;
	return err ? err : ended;
}

/* ---- applying ---- */

ward_err migrate_apply(struct store_tx *tx, const struct migration *migration,
		struct ward_error *error)
{
	struct ward_error why;
	uint8_t digest[MIGRATION_DIGEST];
	ward_err err = migrate_digest(migration, digest, &why);

	if (!err)
		err = run_script(tx->link, migration->sql, &why);
	if (err)
		return ward_fail(error, err, "migration %04u_%s: %.180s", migration->number,
				migration->name, why.message);
	return store_run(tx,
			"INSERT INTO ward_migration (number, name, digest, at) "
			"VALUES ($1, $2, $3, $4)",
			STORE_VALUES(store_int(migration->number), store_string(migration->name),
					store_blob((ward_bytes){ digest, MIGRATION_DIGEST }),
					store_int(clock_now())),
			NULL, error);
}

ward_err migrate_own_table(struct store_tx *tx, struct ward_error *error)
{
	return run_script(tx->link, own_table, error);
}

static ward_err bring_up(struct store_tx *tx, struct migrations known, enum migrate_older older,
		unsigned *version, struct ward_error *error)
{
	ward_err err = migrate_own_table(tx, error);
	size_t have = 0;

	if (!err)
		err = look(tx, known, &have, error);
	if (!err && have < known.count && older == MIGRATE_REFUSES)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the store is at version %u, and this ward wants %u: run \"ward "
				"db migrate\", after a \"ward db backup\"",
				have ? known.at[have - 1].number : 0,
				known.at[known.count - 1].number);
	for (; !err && have < known.count && older == MIGRATE_BRINGS_UP; have++)
		err = migrate_apply(tx, &known.at[have], error);
	*version = have ? known.at[have - 1].number : 0;
	return err;
}

/* What is there is read and written in one transaction of the one that writes. */
ward_err migrate(struct store_link *link, struct migrations known, enum migrate_older older,
		unsigned *version, struct ward_error *error)
{
	struct store_tx tx = { .link = link };
	unsigned reached = 0;
	ward_err err = link->engine->begin(link, error);

	if (err)
		return err;
	err = bring_up(&tx, known, older, &reached, error);
	store_rows_abandon(&tx);
	if (err)
		link->engine->rollback(link);
	else
		err = link->engine->commit(link, error);
	if (!err)
		*version = reached;
	return err;
}
