#include "vault/holds.h"

#include "base/clock.h"
#include "vault/inner.h"

const char *hold_state_name(enum hold_state state)
{
	static const char *const names[] = { "active", "expired", "released" };

	return names[state];
}

/* ---- rows ---- */

#define HOLD_COLUMNS \
	"id, item, basis, reference, authority, start_at, end_at, renewals, released_at"

static bool take_hold(const struct store_rows *rows, int64_t now, struct hold *hold)
{
	*hold = (struct hold){ .authority = store_get_int(rows, 4) != 0,
		.start_at = store_get_int(rows, 5),
		.end_at = store_get_int(rows, 6),
		.renewals = (unsigned)store_get_int(rows, 7),
		.released_at = store_get_int(rows, 8) };
	hold->state = hold->released_at != 0 ? HOLD_RELEASED
		      : hold->end_at < now   ? HOLD_EXPIRED
					     : HOLD_ACTIVE;
	return vault_copy(hold->id, sizeof(hold->id), store_get_text(rows, 0)) &&
	       vault_copy(hold->item, sizeof(hold->item), store_get_text(rows, 1)) &&
	       vault_copy(hold->basis, sizeof(hold->basis), store_get_text(rows, 2)) &&
	       vault_copy(hold->reference, sizeof(hold->reference), store_get_text(rows, 3));
}

static ward_err fail_row(struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "the row of a hold makes no sense");
}

static ward_err read_hold(struct store_tx *tx, ward_str id, struct hold *hold,
		struct ward_error *error)
{
	struct hold read;
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT " HOLD_COLUMNS " FROM vault_holds WHERE id = $1",
			STORE_VALUES(store_text(id)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such hold");
	if (err)
		return err;
	bool good = take_hold(rows, clock_now(), &read);

	err = store_rows_end(rows, error);
	if (!err && !good)
		err = fail_row(error);
	if (!err)
		*hold = read;
	return err;
}

/* An item is kept until the last of its holds ends: told in its own row, for what is due. */
static ward_err settle(struct store_tx *tx, ward_str item, struct ward_error *error)
{
	return store_run(tx,
			"UPDATE vault_items SET keep_until = (SELECT coalesce(max(end_at), 0) "
			"FROM vault_holds WHERE item = $1 AND released_at = 0) WHERE id = $2",
			STORE_VALUES(store_text(item), store_text(item)), NULL, error);
}

static ward_err log_hold(struct store_tx *tx, const struct vault_actor *actor, const char *action,
		const struct hold *hold, ward_str second, ward_str reason, struct ward_error *error)
{
	struct ward_buf detail;
	char when[CLOCK_TEXT_MAX];

	ward_buf_init(&detail, VAULT_DETAIL_MAX);
	struct json json = json_to(&detail);

	json_object(&json);
	json_key_text(&json, "hold", hold->id);
	json_key_text(&json, "basis", hold->basis);
	json_key_text(&json, "reference", hold->reference);
	json_key_text(&json, "until", clock_format(hold->end_at, when));
	if (second.len > 0)
		json_key_str(&json, "second", second);
	json_object_end(&json);
	ward_err err = vault_log(tx,
			&(struct vault_deed){ .actor = actor,
					.action = action,
					.noun = "item",
					.object = ward_str_from(hold->item),
					.reason = reason,
					.detail = &detail },
			error);

	ward_buf_free(&detail);
	return err;
}

ward_err hold_add(struct store_tx *tx, const struct hold *hold, struct ward_error *error)
{
	return store_send(tx,
			"INSERT INTO vault_holds (" HOLD_COLUMNS ") "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)",
			STORE_VALUES(store_string(hold->id), store_string(hold->item),
					store_string(hold->basis), store_string(hold->reference),
					store_int(hold->authority), store_int(hold->start_at),
					store_int(hold->end_at)),
			error);
}

/* ---- placing ---- */

static ward_err start_hold(const struct vault *vault, ward_str item, ward_str basis,
		struct hold *hold, const struct legal_clock **clock, struct ward_error *error)
{
	*hold = (struct hold){ .start_at = clock_now() };
	*clock = legal_find(vault->legal, basis);
	if (!*clock || !vault_copy(hold->basis, sizeof(hold->basis), basis))
		return ward_fail(error, WARD_E_NOT_FOUND,
				"there is no such legal clock; \"ward vault clocks\" shows them");
	if (!vault_copy(hold->item, sizeof(hold->item), item))
		return ward_fail(error, WARD_E_NOT_FOUND, "the vault has no such item");
	id_new(hold->id);
	hold->authority = (*clock)->authority;
	hold->end_at = legal_period_end(hold->start_at, (*clock)->keep);
	return WARD_OK;
}

ward_err hold_first(struct vault *vault, ward_str item, ward_str basis, struct hold *hold,
		struct ward_error *error)
{
	const struct legal_clock *clock;

	return start_hold(vault, item, basis, hold, &clock, error);
}

static ward_err check_there(struct store_tx *tx, ward_str item, struct ward_error *error)
{
	struct vault_facts facts;
	ward_err err = vault_facts_get(tx, item, &facts, error);

	if (!err && facts.destroyed_at != 0)
		err = ward_fail(error, WARD_E_NOT_FOUND, "this item was destroyed");
	return err;
}

ward_err hold_place(struct vault *vault, struct store_tx *tx, const struct hold_wish *wish,
		const struct vault_actor *actor, char id[ID_TEXT_MAX], struct ward_error *error)
{
	const struct legal_clock *clock;
	struct hold hold;
	ward_err err = start_hold(vault, wish->item, wish->basis, &hold, &clock, error);

	if (!err && (!vault_copy(hold.reference, sizeof(hold.reference), wish->reference) ||
				    !ward_utf8_valid(wish->reference)))
		err = ward_fail(error, WARD_E_ARGUMENT, "a reference has at most %d bytes",
				HOLD_REFERENCE_MAX - 1);
	if (!err && clock->authority && ward_str_trim(wish->reference).len == 0)
		err = ward_fail(error, WARD_E_ARGUMENT,
				"a hold for an authority names its reference: the number of the "
				"letter");
	if (!err && wish->until != 0 && wish->until <= hold.start_at)
		err = ward_fail(error, WARD_E_ARGUMENT, "a hold ends in the time ahead");
	if (err)
		return err;
	if (wish->until != 0)
		hold.end_at = wish->until;
	/* First: whoever goes on without the hold has no row of the log that says it was placed. */
	err = check_there(tx, wish->item, error);
	if (!err)
		err = log_hold(tx, actor, "item.held", &hold, WARD_STR(""), wish->reason, error);
	if (!err)
		err = hold_add(tx, &hold, error);
	if (!err)
		err = settle(tx, wish->item, error);
	if (!err)
		memcpy(id, hold.id, sizeof(hold.id));
	return err;
}

/* ---- renewing and releasing ---- */

static bool is_nothing(struct legal_period period)
{
	return period.years == 0 && period.months == 0 && period.days == 0;
}

static ward_err check_renewal(const struct hold *hold, const struct legal_clock *clock,
		struct ward_error *error)
{
	if (hold->state != HOLD_ACTIVE)
		return ward_fail(error, WARD_E_CONFLICT,
				"this hold is over: place a new one while the item is there");
	if (!clock || is_nothing(clock->renew))
		return ward_fail(error, WARD_E_CONFLICT, "holds by \"%s\" cannot be renewed",
				hold->basis);
	if (clock->renewals_max > 0 && hold->renewals >= clock->renewals_max)
		return ward_fail(error, WARD_E_CONFLICT,
				"holds by \"%s\" are renewed at most %u times", hold->basis,
				clock->renewals_max);
	return WARD_OK;
}

ward_err hold_renew(struct vault *vault, struct store_tx *tx, ward_str id, ward_str reference,
		const struct vault_actor *actor, struct ward_error *error)
{
	struct hold hold;
	ward_err err = read_hold(tx, id, &hold, error);

	if (err)
		return err;
	const struct legal_clock *clock = legal_find(vault->legal, ward_str_from(hold.basis));

	err = check_renewal(&hold, clock, error);
	if (!err && reference.len > 0 &&
			(!vault_copy(hold.reference, sizeof(hold.reference), reference) ||
					!ward_utf8_valid(reference)))
		err = ward_fail(error, WARD_E_ARGUMENT, "a reference has at most %d bytes",
				HOLD_REFERENCE_MAX - 1);
	if (err)
		return err;
	hold.end_at = legal_period_end(hold.end_at, clock->renew);
	err = log_hold(tx, actor, "item.hold_renewed", &hold, WARD_STR(""), WARD_STR(""), error);
	if (!err)
		err = store_run(tx,
				"UPDATE vault_holds SET end_at = $1, reference = $2, "
				"renewals = renewals + 1 WHERE id = $3",
				STORE_VALUES(store_int(hold.end_at), store_string(hold.reference),
						store_text(id)),
				NULL, error);
	return err ? err : settle(tx, ward_str_from(hold.item), error);
}

static ward_err end_hold(struct store_tx *tx, const struct hold *hold,
		const struct vault_pair *persons, ward_str reason, struct ward_error *error)
{
	ward_err err = log_hold(tx, &persons->first, "item.hold_released", hold,
			persons->second.actor, reason, error);

	if (!err)
		err = store_run(tx, "UPDATE vault_holds SET released_at = $1 WHERE id = $2",
				STORE_VALUES(store_int(clock_now()), store_string(hold->id)), NULL,
				error);
	return err ? err : settle(tx, ward_str_from(hold->item), error);
}

ward_err hold_release(struct store_tx *tx, ward_str id, const struct vault_pair *persons,
		ward_str reason, struct ward_error *error)
{
	struct hold hold;
	ward_err err = vault_reason_check(reason, error);

	if (!err)
		err = vault_pair_check(persons, tx, error);
	if (!err)
		err = read_hold(tx, id, &hold, error);
	if (!err && hold.state != HOLD_ACTIVE)
		err = ward_fail(error, WARD_E_CONFLICT, "this hold is over already");
	return err ? err : end_hold(tx, &hold, persons, reason, error);
}

/* ---- ending what is the operator's own ---- */

enum { OWN_MAX = 1000 };

bool hold_basis_is_own(const struct vault *vault, ward_str basis)
{
	const struct legal_clock *clock = legal_find(vault->legal, basis);

	return clock && !clock->authority && clock->place[0] == '\0';
}

struct own_holds {
	const struct vault *vault;
	struct hold *at;
	size_t count;
	bool full;
	char other[LEGAL_CODE_MAX]; /* the basis of one that is not the operator's to end; or "" */
};

static bool take_own(void *context, const struct hold *hold)
{
	struct own_holds *own = context;
	const struct legal_clock *clock = legal_find(own->vault->legal, ward_str_from(hold->basis));

	/* A clock that is in the table no more may have been a law's. */
	if (!clock || clock->authority || hold->authority || clock->place[0] != '\0') {
		memcpy(own->other, hold->basis, sizeof(own->other));
		return false;
	}
	own->full = own->count == OWN_MAX;
	if (!own->full)
		own->at[own->count++] = *hold;
	return !own->full;
}

ward_err hold_end_own(const struct vault *vault, struct store_tx *tx, ward_str item,
		const struct vault_pair *persons, ward_str reason, struct ward_error *error)
{
	struct own_holds own = { .vault = vault, .at = calloc(OWN_MAX, sizeof(*own.at)) };
	const struct hold_question question = { .item = item,
		.active = true,
		.holds_max = OWN_MAX + 1 };
	ward_err err = own.at ? hold_list(tx, &question, take_own, &own, error)
			      : ward_fail(error, WARD_E_NOMEM, "no memory for holds");

	if (!err && own.other[0])
		err = ward_fail(error, WARD_E_CONFLICT,
				"an item is held by \"%s\", which is no rule of one's own: release "
				"that first, or wait for its end",
				own.other);
	if (!err && own.full)
		err = ward_fail(error, WARD_E_LIMIT, "an item has too many holds");
	for (size_t i = 0; !err && i < own.count; i++)
		err = end_hold(tx, &own.at[i], persons, reason, error);
	free(own.at);
	return err;
}

/* ---- asking ---- */

ward_err hold_list(struct store_tx *tx, const struct hold_question *question,
		bool (*each)(void *context, const struct hold *hold), void *context,
		struct ward_error *error)
{
	int64_t now = clock_now();
	int64_t before = question->ends_before != 0 ? question->ends_before : INT64_MAX;
	struct store_rows *rows;
	struct hold hold;
	bool good = true;
	/* An empty text is less than every id; "" as an item is any, by the test before it. */
	ward_err err = store_query(tx,
			"SELECT " HOLD_COLUMNS " FROM vault_holds WHERE id > $1 "
			"AND ($2 = 1 OR item = $3) AND end_at < $4 "
			"AND ($5 = 0 OR (released_at = 0 AND end_at >= $6)) ORDER BY id LIMIT $7",
			STORE_VALUES(store_text(question->after),
					store_int(question->item.len == 0),
					store_text(question->item), store_int(before),
					store_int(question->active), store_int(now),
					store_int(question->holds_max)),
			&rows, error);

	if (err)
		return err;
	while (store_next(rows)) {
		good = take_hold(rows, now, &hold);
		if (!good || !each(context, &hold))
			break;
	}
	err = store_rows_end(rows, error);
	return err || good ? err : fail_row(error);
}

ward_err hold_forbids_notice(struct store_tx *tx, ward_str item_or_origin, bool *forbidden,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT count(*) FROM vault_holds h JOIN vault_items i ON i.id = h.item "
			"WHERE (i.id = $1 OR i.origin = $2) AND h.authority = 1 "
			"AND h.released_at = 0 AND h.end_at >= $3",
			STORE_VALUES(store_text(item_or_origin), store_text(item_or_origin),
					store_int(clock_now())),
			&rows, error);

	if (err)
		return err;
	bool found = store_get_int(rows, 0) > 0;

	err = store_rows_end(rows, error);
	if (!err)
		*forbidden = found;
	return err;
}
