/*
 * How an item ends.  Its key is what is destroyed: without it the sealed file
 * is noise.  The wraps of the key are deleted in the work that adds the record
 * (SQLite overwrites deleted rows, secure_delete; for PostgreSQL see
 * docs/guide/vault.md), and then the file is overwritten and removed as well.
 */
#include <inttypes.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/file.h"
#include "vault/inner.h"

static const char method[] = "key deleted; file overwritten and removed";

/* ---- what is due ---- */

ward_err vault_due(struct store_tx *tx, ward_str after, unsigned items_max,
		bool (*each)(void *context, const struct vault_facts *facts), void *context,
		struct ward_error *error)
{
	struct vault_facts facts;
	struct store_rows *rows;
	bool good = true;
	ward_err err = store_query(tx,
			"SELECT " VAULT_FACTS_COLUMNS " FROM vault_items "
			"WHERE destroyed_at = 0 AND keep_until < $1 AND id > $2 ORDER BY id LIMIT "
			"$3",
			STORE_VALUES(store_int(clock_now()), store_text(after),
					store_int(items_max)),
			&rows, error);

	if (err)
		return err;
	while (store_next(rows)) {
		good = vault_facts_take(rows, &facts);
		if (!good || !each(context, &facts))
			break;
	}
	err = store_rows_end(rows, error);
	return err || good ? err
			   : ward_fail(error, WARD_E_CORRUPT, "the row of an item makes no sense");
}

/* ---- destroying ---- */

struct destroy_work {
	const struct vault *early; /* whose own clocks end with it; NULL: what is due alone */
	const ward_str *items;
	size_t count;
	const struct vault_pair *persons;
	ward_str reason;
};

static bool take_time(void *context, const struct audit_row *row)
{
	*(int64_t *)context = row->at;
	return false;
}

/*
 * A clock that stands before the newest row of the log was set back; what was
 * due by it is due later, too, and until it is right nothing is destroyed.
 */
static ward_err check_clock(struct store_tx *tx, struct ward_error *error)
{
	int64_t newest = 0;
	ward_err err = audit_read(tx, &(struct audit_question){ .rows_max = 1 }, take_time, &newest,
			error);

	if (!err && clock_now() < newest)
		err = ward_fail(error, WARD_E_CONFLICT,
				"the clock stands before the newest row of the log: set it right, "
				"then destroy");
	return err;
}

static ward_err check_due(struct store_tx *tx, ward_str item, struct vault_facts *facts,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = vault_facts_get(tx, item, facts, error);

	if (err)
		return err;
	if (facts->destroyed_at != 0)
		return ward_fail(error, WARD_E_CONFLICT, "the item %s was destroyed already",
				facts->id);
	err = store_one(tx,
			"SELECT count(*) FROM vault_holds WHERE item = $1 AND released_at = 0 "
			"AND end_at >= $2",
			STORE_VALUES(store_text(item), store_int(clock_now())), &rows, error);
	if (err)
		return err;
	int64_t active = store_get_int(rows, 0);

	err = store_rows_end(rows, error);
	if (!err && active > 0)
		err = ward_fail(error, WARD_E_CONFLICT, "the item %s is held: it is not due",
				facts->id);
	return err;
}

/* The bases of its holds, each once. */
static ward_err read_bases(struct store_tx *tx, ward_str item, struct ward_buf *bases,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_query(tx,
			"SELECT DISTINCT basis FROM vault_holds WHERE item = $1 ORDER BY basis",
			STORE_VALUES(store_text(item)), &rows, error);

	if (err)
		return err;
	while (store_next(rows)) {
		if (bases->len > 0)
			ward_buf_str(bases, WARD_STR(", "));
		ward_buf_str(bases, store_get_text(rows, 0));
	}
	err = store_rows_end(rows, error);
	return err || !bases->failed ? err : ward_fail(error, WARD_E_LIMIT, "too many holds");
}

static ward_err log_destroyed(struct store_tx *tx, const struct destroy_work *work,
		const struct vault_facts *facts, ward_str bases, struct ward_error *error)
{
	struct ward_buf detail;
	char sealed[65];

	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	ward_hex_format(facts->sealed_sha256, 32, sealed);
	json_object(&json);
	json_key_str(&json, "second", work->persons->second.actor);
	json_key_text(&json, "method", method);
	json_key_str(&json, "bases", bases);
	json_key_uint(&json, "bytes", facts->digests.bytes);
	json_key_text(&json, "sealed_sha256", sealed);
	json_object_end(&json);
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = &work->persons->first,
					.action = "item.destroyed",
					.noun = "item",
					.object = ward_str_from(facts->id),
					.digest = facts->digests.sha256,
					.reason = work->reason,
					.detail = &detail },
			error);

	ward_buf_free(&detail);
	return err;
}

static ward_err add_record(struct store_tx *tx, const struct destroy_work *work,
		const struct vault_facts *facts, ward_str bases, struct ward_error *error)
{
	int64_t now = clock_now();
	ward_err err = store_run(tx,
			"INSERT INTO vault_destructions (item, at, method, first_approver, "
			"second_approver, reason, bases) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			STORE_VALUES(store_string(facts->id), store_int(now), store_string(method),
					store_text(work->persons->first.actor),
					store_text(work->persons->second.actor),
					store_text(work->reason), store_text(bases)),
			NULL, error);

	if (!err)
		err = store_run(tx, "UPDATE vault_items SET destroyed_at = $1 WHERE id = $2",
				STORE_VALUES(store_int(now), store_string(facts->id)), NULL, error);
	if (!err)
		err = store_run(tx, "DELETE FROM vault_releases WHERE item = $1",
				STORE_VALUES(store_string(facts->id)), NULL, error);
	return err ? err
		   : store_run(tx, "DELETE FROM vault_wraps WHERE item = $1",
				     STORE_VALUES(store_string(facts->id)), NULL, error);
}

static ward_err destroy_one(struct store_tx *tx, const struct destroy_work *work, ward_str item,
		struct ward_error *error)
{
	struct vault_facts facts;
	struct ward_buf bases;
	ward_err err = WARD_OK;

	if (work->early)
		err = hold_end_own(work->early, tx, item, work->persons, work->reason, error);
	if (!err)
		err = check_due(tx, item, &facts, error);
	if (err)
		return err;
	ward_buf_init(&bases, 4096);
	err = read_bases(tx, item, &bases, error);
	if (!err)
		err = log_destroyed(tx, work, &facts, ward_buf_text(&bases), error);
	if (!err)
		err = add_record(tx, work, &facts, ward_buf_text(&bases), error);
	ward_buf_free(&bases);
	return err;
}

static ward_err destroy_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct destroy_work *work = context;
	ward_err err = check_clock(tx, error);

	if (!err)
		err = vault_pair_check(work->persons, tx, error);
	for (size_t i = 0; !err && i < work->count; i++)
		err = destroy_one(tx, work, work->items[i], error);
	return err;
}

/* The first error of all; one file that cannot be removed does not keep the others. */
static ward_err shred_all(const struct vault *vault, const ward_str *items, size_t count,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < count; i++) {
		char id[ID_TEXT_MAX], path[VAULT_PATH_MAX];

		if (!vault_copy(id, sizeof(id), items[i]) ||
				!vault_path(vault, id, ".sealed", path))
			continue;
		ward_err one = vault_shred(path, err ? NULL : error);

		err = err ? err : one;
	}
	return err;
}

static ward_err destroy(struct vault *vault, struct destroy_work *work, struct ward_error *error)
{
	ward_err err = vault_reason_check(work->reason, error);

	if (!err)
		err = store_write(vault->store, destroy_work, work, error);
	return err ? err : shred_all(vault, work->items, work->count, error);
}

ward_err vault_destroy(struct vault *vault, const ward_str *items, size_t count,
		const struct vault_pair *persons, ward_str reason, struct ward_error *error)
{
	struct destroy_work work = { NULL, items, count, persons, reason };

	return destroy(vault, &work, error);
}

ward_err vault_destroy_early(struct vault *vault, const ward_str *items, size_t count,
		const struct vault_pair *persons, ward_str reason, struct ward_error *error)
{
	struct destroy_work work = { vault, items, count, persons, reason };

	return destroy(vault, &work, error);
}

/* ---- the record ---- */

ward_err vault_destruction_get(struct store_tx *tx, ward_str item,
		struct vault_destruction *destruction, struct ward_error *error)
{
	struct vault_destruction read = { 0 };
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT at, method, first_approver, second_approver, reason, bases "
			"FROM vault_destructions WHERE item = $1",
			STORE_VALUES(store_text(item)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no record that this item was destroyed");
	if (err)
		return err;
	read.at = store_get_int(rows, 0);
	bool good = vault_copy(read.method, sizeof(read.method), store_get_text(rows, 1)) &&
		    vault_copy(read.first, sizeof(read.first), store_get_text(rows, 2)) &&
		    vault_copy(read.second, sizeof(read.second), store_get_text(rows, 3)) &&
		    vault_copy(read.reason, sizeof(read.reason), store_get_text(rows, 4)) &&
		    vault_copy(read.bases, sizeof(read.bases), store_get_text(rows, 5));

	err = store_rows_end(rows, error);
	if (!err && !good)
		err = ward_fail(error, WARD_E_CORRUPT,
				"the record of a destruction makes no sense");
	if (!err)
		*destruction = read;
	return err;
}
