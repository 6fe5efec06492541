#include "intake/site_appeals.h"

#include "audit/audit.h"
#include "base/clock.h"
#include "base/id.h"

enum { DAY_S = 24 * 3600 };

static const char *const states[] = { "open", "kept", "lifted" };

const char *intake_site_state_name(enum intake_site_state state)
{
	return states[state];
}

bool intake_site_state_parse(ward_str text, enum intake_site_state *state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (ward_str_eq(text, ward_str_from(states[i]))) {
			*state = (enum intake_site_state)i;
			return true;
		}
	return false;
}

static ward_err add_log(struct store_tx *tx, const struct vault_actor *actor, const char *action,
		ward_str id, ward_str reason, struct ward_error *error)
{
	char object[ID_TEXT_MAX + 32];

	snprintf(object, sizeof(object), "site-appeal:%.*s", WARD_FMT(id));
	return audit_add(tx,
			&(struct audit_entry){ .actor = actor->actor,
					.role = actor->role,
					.action = ward_str_from(action),
					.object = ward_str_from(object),
					.reason = reason },
			error);
}

/* ---- adding ---- */

static ward_err find_once(struct store_tx *tx, ward_str once, char id[ID_TEXT_MAX], bool *found,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT id FROM site_appeals WHERE once = $1",
			STORE_VALUES(store_text(once)), &rows, error);

	*found = !err;
	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err)
		return err;
	snprintf(id, ID_TEXT_MAX, "%.*s", WARD_FMT(store_get_text(rows, 0)));
	return store_rows_end(rows, error);
}

static ward_err insert(struct store_tx *tx, const struct intake_site_appeal_new *appeal,
		const char *id, struct ward_error *error)
{
	int64_t now = clock_now();
	ward_err err = store_run(tx,
			"INSERT INTO site_appeals (id, at, once, blocked, list, entry, host, "
			"ordered, language, words, state, person, reason, settled_at) "
			"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', '', '', 0)",
			STORE_VALUES(store_string(id), store_int(now), store_text(appeal->once),
					store_text(appeal->blocked), store_text(appeal->list),
					store_text(appeal->entry), store_text(appeal->host),
					store_int(appeal->ordered), store_text(appeal->language),
					store_text(appeal->words)),
			NULL, error);

	if (err || appeal->contact.len == 0)
		return err;
	return store_run(tx,
			"INSERT INTO site_appeal_contacts (appeal, contact, expires) "
			"VALUES ($1, $2, $3)",
			STORE_VALUES(store_string(id), store_text(appeal->contact),
					store_int(now + (int64_t)INTAKE_SITE_CONTACT_DAYS * DAY_S)),
			NULL, error);
}

ward_err intake_site_appeal_add(struct store_tx *tx, const struct intake_site_appeal_new *appeal,
		char id[ID_TEXT_MAX], struct ward_error *error)
{
	const struct vault_actor portal = { WARD_STR("portal"), WARD_STR("") };
	bool found = false;
	ward_err err;

	if (appeal->words.len == 0 || appeal->words.len > INTAKE_SITE_WORDS_MAX ||
			appeal->contact.len > INTAKE_SITE_CONTACT_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "no words, or too many");
	err = find_once(tx, appeal->once, id, &found, error);
	if (err || found)
		return err;
	err = insert(tx, appeal, id_new(id), error);
	return err ? err
		   : add_log(tx, &portal, "site-appeal.received", ward_str_from(id), WARD_STR(""),
				     error);
}

/* ---- reading ---- */

#define APPEAL_SELECT                                                                    \
	"SELECT a.id, a.at, a.blocked, a.list, a.entry, a.host, a.ordered, a.language, " \
	"a.words, a.state, a.person, a.reason, a.settled_at, a.applied_at, c.contact "   \
	"FROM site_appeals a LEFT JOIN site_appeal_contacts c ON c.appeal = a.id "

static ward_err read_row(struct store_rows *rows, struct ward_arena *arena,
		struct intake_site_appeal *appeal, struct ward_error *error)
{
	ward_str texts[15] = { { 0 } };

	for (unsigned i = 0; i < 15; i++) {
		if (i == 1 || i == 6 || i == 12 || i == 13)
			continue;
		bool none = i == 14 && store_get_null(rows, i);

		texts[i] = ward_arena_str(arena, none ? WARD_STR("") : store_get_text(rows, i));
		if (!texts[i].ptr)
			return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	*appeal = (struct intake_site_appeal){ .id = texts[0],
		.at = store_get_int(rows, 1),
		.blocked = texts[2],
		.list = texts[3],
		.entry = texts[4],
		.host = texts[5],
		.ordered = store_get_int(rows, 6) != 0,
		.language = texts[7],
		.words = texts[8],
		.person = texts[10],
		.reason = texts[11],
		.settled_at = store_get_int(rows, 12),
		.applied_at = store_get_int(rows, 13),
		.contact = texts[14] };
	return intake_site_state_parse(texts[9], &appeal->state)
			       ? WARD_OK
			       : ward_fail(error, WARD_E_CORRUPT, "an appeal has no state");
}

static ward_err read_rows(struct store_tx *tx, const char *query, struct store_values values,
		unsigned rows_max, struct ward_arena *arena, struct intake_site_appeal **appeals,
		size_t *count, struct ward_error *error)
{
	struct intake_site_appeal *read = ward_new(arena, struct intake_site_appeal, rows_max + 1);
	struct store_rows *rows;
	size_t taken = 0;
	ward_err err;

	if (!read)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	err = store_query(tx, query, values, &rows, error);
	if (err)
		return err;
	while (!err && taken < rows_max && store_next(rows))
		err = read_row(rows, arena, &read[taken++], error);
	ward_err ended = store_rows_end(rows, err ? NULL : error);

	if (err || ended)
		return err ? err : ended;
	*appeals = read;
	*count = taken;
	return WARD_OK;
}

ward_err intake_site_appeal_list(struct store_tx *tx, enum intake_site_state state, ward_str after,
		unsigned rows_max, struct ward_arena *arena, struct intake_site_appeal **appeals,
		size_t *count, struct ward_error *error)
{
	return read_rows(tx,
			APPEAL_SELECT "WHERE a.state = $1 AND a.id > $2 ORDER BY a.id LIMIT $3",
			STORE_VALUES(store_string(states[state]), store_text(after),
					store_int(rows_max)),
			rows_max, arena, appeals, count, error);
}

ward_err intake_site_appeal_due(struct store_tx *tx, ward_str after, unsigned rows_max,
		struct ward_arena *arena, struct intake_site_appeal **appeals, size_t *count,
		struct ward_error *error)
{
	return read_rows(tx,
			APPEAL_SELECT "WHERE a.state = 'lifted' AND a.applied_at = 0 "
				      "AND a.id > $1 ORDER BY a.id LIMIT $2",
			STORE_VALUES(store_text(after), store_int(rows_max)), rows_max, arena,
			appeals, count, error);
}

ward_err intake_site_appeal_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct intake_site_appeal *appeal, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, APPEAL_SELECT "WHERE a.id = $1", STORE_VALUES(store_text(id)),
			&rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such appeal");
	if (err)
		return err;
	err = read_row(rows, arena, appeal, error);
	ward_err ended = store_rows_end(rows, err ? NULL : error);

	return err ? err : ended;
}

/* ---- settling ---- */

ward_err intake_site_appeal_place(const struct intake_site_appeal *appeal, ward_str *place,
		bool *whole_domain, struct ward_error *error)
{
	bool listed = !ward_str_eq(appeal->list, WARD_STR("rule")) &&
		      !ward_str_eq(appeal->list, WARD_STR("dns"));
	ward_str text = listed ? appeal->entry : appeal->host;

	if (listed && ward_str_starts(text, WARD_STR("sha256:")))
		return ward_fail(error, WARD_E_CONFLICT,
				"a hash says no place: put the page itself on the list "
				"\"allowed\"");
	if (text.len == 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"a rule that names no place blocked it: change the rule");
	*place = text;
	*whole_domain = listed;
	return WARD_OK;
}

ward_err intake_site_appeal_settle(struct store_tx *tx, const struct vault_actor *actor,
		ward_str id, bool lift, ward_str reason, struct ward_error *error)
{
	struct intake_site_appeal appeal;
	struct ward_arena arena;
	ward_err err;

	ward_arena_init(&arena, 1 << 20);
	err = intake_site_appeal_get(tx, id, &arena, &appeal, error);
	if (!err && appeal.state != INTAKE_SITE_OPEN)
		err = ward_fail(error, WARD_E_CONFLICT, "the appeal is settled already");
	if (!err && lift && appeal.ordered)
		err = ward_fail(error, WARD_E_DENIED,
				"a law or an order closes it: only who gave it can lift it");
	ward_arena_free(&arena);
	if (!err)
		err = store_run(tx,
				"UPDATE site_appeals SET state = $2, person = $3, reason = $4, "
				"settled_at = $5 WHERE id = $1",
				STORE_VALUES(store_text(id),
						store_string(states[lift ? INTAKE_SITE_LIFTED
									 : INTAKE_SITE_KEPT]),
						store_text(actor->actor), store_text(reason),
						store_int(clock_now())),
				NULL, error);
	/* It was for an answer; there is none to give any more. */
	if (!err)
		err = store_run(tx, "DELETE FROM site_appeal_contacts WHERE appeal = $1",
				STORE_VALUES(store_text(id)), NULL, error);
	return err ? err
		   : add_log(tx, actor, lift ? "site-appeal.lifted" : "site-appeal.kept", id,
				     reason, error);
}

ward_err intake_site_appeal_applied(struct store_tx *tx, ward_str id, struct ward_error *error)
{
	return store_run(tx,
			"UPDATE site_appeals SET applied_at = $2 WHERE id = $1 AND "
			"state = 'lifted' AND applied_at = 0",
			STORE_VALUES(store_text(id), store_int(clock_now())), NULL, error);
}

ward_err intake_site_appeal_tidy(struct store_tx *tx, int64_t now, uint64_t *removed,
		struct ward_error *error)
{
	int64_t before = now - (int64_t)INTAKE_SITE_DAYS * DAY_S;
	uint64_t contacts = 0, appeals = 0;
	ward_err err = store_run(tx,
			"DELETE FROM site_appeal_contacts WHERE expires <= $1 OR appeal IN "
			"(SELECT id FROM site_appeals WHERE at <= $2 AND settled_at <= $2)",
			STORE_VALUES(store_int(now), store_int(before)), &contacts, error);

	if (!err)
		err = store_run(tx, "DELETE FROM site_appeals WHERE at <= $1 AND settled_at <= $1",
				STORE_VALUES(store_int(before)), &appeals, error);
	if (!err)
		*removed = contacts + appeals;
	return err;
}
