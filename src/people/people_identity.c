#include "people/people_identity.h"

#include "base/clock.h"
#include "people/inner.h"
#include "people/login_oidc.h"

/* ---- finding ---- */

ward_err login_identity_find(struct store_tx *tx, const struct people_account *account,
		struct login_identity *found, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT i.id, i.person, i.second, p.off FROM people_identities i "
			"JOIN people p ON p.id = i.person WHERE i.issuer = $1 AND i.subject = $2",
			STORE_VALUES(store_text(account->issuer), store_text(account->subject)),
			&rows, error);

	if (err)
		return err;
	snprintf(found->id, sizeof(found->id), "%.*s", WARD_FMT(store_get_text(rows, 0)));
	snprintf(found->person, sizeof(found->person), "%.*s", WARD_FMT(store_get_text(rows, 1)));
	found->second = store_get_int(rows, 2) != 0;
	found->off = store_get_int(rows, 3) != 0;
	return store_rows_end(rows, error);
}

ward_err login_identity_used(struct store_tx *tx, const char *id, bool second,
		struct ward_error *error)
{
	return store_run(tx, "UPDATE people_identities SET second = $2, used_at = $3 WHERE id = $1",
			STORE_VALUES(store_string(id), store_int(second), store_int(clock_now())),
			NULL, error);
}

ward_err people_identity_list(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct people_identity **rows, size_t *count, struct ward_error *error)
{
	struct people_identity *at = ward_new(arena, struct people_identity, PEOPLE_IDENTITIES_MAX);
	struct store_rows *found;
	size_t got = 0;
	ward_err err = at ? people_need(tx, person, error)
			  : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = store_query(tx,
				"SELECT id, issuer, subject, second, created_at, used_at FROM "
				"people_identities WHERE person = $1 ORDER BY created_at, id",
				STORE_VALUES(store_text(person)), &found, error);
	if (err)
		return err;
	while (!err && got < PEOPLE_IDENTITIES_MAX && store_next(found)) {
		struct people_identity *row = &at[got++];
		ward_str *const texts[] = { &row->id, &row->issuer, &row->subject };

		for (unsigned i = 0; !err && i < 3; i++)
			err = people_keep_text(found, i, arena, texts[i], error);
		row->second = store_get_int(found, 3) != 0;
		row->created_at = store_get_int(found, 4);
		row->used_at = store_get_int(found, 5);
	}
	ward_err end = store_rows_end(found, err ? NULL : error);

	err = err ? err : end;
	if (!err) {
		*rows = at;
		*count = got;
	}
	return err;
}

/* ---- linking ---- */

static ward_err check_count(struct store_tx *tx, ward_str person, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT COUNT(*) FROM people_identities WHERE person = $1",
			STORE_VALUES(store_text(person)), &rows, error);

	if (err)
		return err;
	int64_t count = store_get_int(rows, 0);

	err = store_rows_end(rows, error);
	return !err && count >= PEOPLE_IDENTITIES_MAX
			       ? ward_fail(error, WARD_E_CONFLICT,
						 "a person has at most %d linked accounts; "
						 "unlink one",
						 PEOPLE_IDENTITIES_MAX)
			       : err;
}

ward_err login_identity_keep(struct store_tx *tx, const struct people_actor *actor, ward_str person,
		const struct people_account *account, struct ward_error *error)
{
	struct login_identity found;
	char id[ID_TEXT_MAX], detail[ID_TEXT_MAX + 32];
	ward_err err = login_identity_find(tx, account, &found, error);

	if (!err)
		return ward_str_eq(ward_str_from(found.person), person)
				       ? WARD_OK
				       : ward_fail(error, WARD_E_EXISTS,
							 "this account is another person's here");
	if (err != WARD_E_NOT_FOUND)
		return err;
	id_new(id);
	err = check_count(tx, person, error);
	if (!err)
		err = store_run(tx,
				"INSERT INTO people_identities (id, issuer, subject, person, "
				"second, created_at, used_at) VALUES ($1, $2, $3, $4, 0, $5, 0)",
				STORE_VALUES(store_string(id), store_text(account->issuer),
						store_text(account->subject), store_text(person),
						store_int(clock_now())),
				NULL, error);
	if (!err)
		err = people_touch(tx, person, error);
	snprintf(detail, sizeof(detail), "{\"identity\":\"%s\"}", id);
	return err ? err
		   : people_tell(tx, actor, "person.linked", "person", person, WARD_STR(""),
				     ward_str_from(detail), error);
}

static ward_err state_of(struct store_tx *tx, ward_str id, enum people_state *state,
		struct ward_error *error)
{
	struct person person = { 0 };
	struct ward_arena arena;

	ward_arena_init(&arena, 64 * 1024);
	ward_err err = people_get(tx, id, &arena, &person, error);

	if (!err)
		*state = person.state;
	ward_arena_free(&arena);
	return err;
}

ward_err people_identity_link(struct store_tx *tx, const struct people_actor *actor,
		ward_str person, const struct people_account *account, struct ward_error *error)
{
	enum people_state state = PEOPLE_OFF;
	ward_err err = people_subject_valid(account->subject)
				       ? state_of(tx, person, &state, error)
				       : ward_fail(error, WARD_E_ARGUMENT,
							 "a subject is what the provider calls "
							 "an account: 1 to 255 letters, digits "
							 "and signs, without blanks");

	if (!err && state != PEOPLE_INVITED)
		return ward_fail(error, WARD_E_CONFLICT,
				state == PEOPLE_OFF ? "this person is switched off"
						    : "this person has joined: they link their "
						      "account themselves, or are invited anew");
	return err ? err : login_identity_keep(tx, actor, person, account, error);
}

/* ---- unlinking ---- */

ward_err people_identity_unlink(struct store_tx *tx, const struct people_actor *actor,
		ward_str person, ward_str id, ward_str keep, struct ward_error *error)
{
	bool own = ward_str_eq(actor->person, person);
	enum people_state before = PEOPLE_OFF, after = PEOPLE_OFF;
	char detail[ID_TEXT_MAX + 32];
	uint64_t changed = 0;
	ward_err err = state_of(tx, person, &before, error);

	if (!err)
		err = store_run(tx, "DELETE FROM people_identities WHERE person = $1 AND id = $2",
				STORE_VALUES(store_text(person), store_text(id)), &changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such linked account");
	if (!err)
		err = state_of(tx, person, &after, error);
	if (!err && own && before == PEOPLE_ACTIVE && after != PEOPLE_ACTIVE)
		return ward_fail(error, WARD_E_CONFLICT,
				"this is the last thing you log in with; add another first");
	if (!err)
		err = store_run(tx,
				"DELETE FROM people_sessions WHERE person = $1 AND id <> $2 AND "
				"how LIKE 'oidc%'",
				STORE_VALUES(store_text(person), store_text(keep)), NULL, error);
	if (!err)
		err = people_touch(tx, person, error);
	/* It was found, so it is an id. */
	snprintf(detail, sizeof(detail), "{\"identity\":\"%.*s\"}", WARD_FMT(id));
	return err ? err
		   : people_tell(tx, actor, "person.unlinked", "person", person, WARD_STR(""),
				     ward_str_from(detail), error);
}
