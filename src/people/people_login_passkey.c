/*
 * Passkeys of persons: added to what they log in with, used, removed.
 */
#include <sodium.h>

#include "base/clock.h"
#include "people/inner.h"
#include "people/login_inner.h"

void people_passkey_ask(struct people_login *login, const struct people_session *session,
		struct people_challenge *challenge)
{
	struct people_ticket ticket = { .person = "" };

	id_random(challenge->bytes, sizeof(challenge->bytes));
	memcpy(ticket.challenge, challenge->bytes, sizeof(ticket.challenge));
	if (session)
		memcpy(ticket.person, session->person, sizeof(ticket.person));
	people_ticket_give(login->tickets, session ? PEOPLE_TICKET_REGISTER : PEOPLE_TICKET_ASSERT,
			&ticket, clock_ticks_us(), challenge->ticket);
}

static ward_err take_ticket(struct people_login *login, enum people_ticket_kind kind, ward_str word,
		const char *person, struct people_ticket *ticket, struct ward_error *error)
{
	if (people_ticket_look(login->tickets, kind, word, true, clock_ticks_us(), ticket) &&
			strcmp(ticket->person, person) == 0)
		return WARD_OK;
	return ward_fail(error, WARD_E_DENIED, "this took too long; begin anew");
}

/* ---- a new one ---- */

struct adding {
	struct people_login *login;
	const struct people_session *session;
	const struct people_credential *credential;
	ward_str label;
	struct people_step *step;
	struct people_codes *codes;
};

static ward_err check_count(struct store_tx *tx, ward_str person, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT COUNT(*) FROM people_passkeys WHERE person = $1",
			STORE_VALUES(store_text(person)), &rows, error);

	if (err)
		return err;
	int64_t count = store_get_int(rows, 0);

	err = store_rows_end(rows, error);
	return !err && count >= PEOPLE_PASSKEYS_MAX
			       ? ward_fail(error, WARD_E_CONFLICT,
						 "a person has at most %d passkeys; remove one",
						 PEOPLE_PASSKEYS_MAX)
			       : err;
}

static ward_err insert(struct store_tx *tx, const struct adding *adding, ward_str person,
		struct ward_error *error)
{
	const struct people_credential *credential = adding->credential;
	char id[ID_TEXT_MAX];
	uint64_t changed = 0;

	id_new(id);
	ward_err err = store_run(tx,
			"INSERT INTO people_passkeys (id, person, credential, public_key, counter, "
			"label, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0) "
			"ON CONFLICT (credential) DO NOTHING",
			STORE_VALUES(store_string(id), store_text(person),
					store_blob((ward_bytes){ credential->id,
							credential->id_len }),
					store_blob((ward_bytes){ credential->key,
							credential->key_len }),
					store_int(credential->counter), store_text(adding->label),
					store_int(clock_now())),
			&changed, error);

	return !err && changed == 0
			       ? ward_fail(error, WARD_E_EXISTS, "this passkey is known already")
			       : err;
}

static ward_err add_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct adding *adding = context;
	struct people_actor actor = people_session_actor(adding->session);
	ward_err err = people_session_need(tx, adding->session->id, error);

	if (!err)
		err = check_count(tx, actor.person, error);
	if (!err)
		err = insert(tx, adding, actor.person, error);
	if (!err && adding->session->enrolling)
		err = login_enrolled(tx, actor.person, adding->codes, error);
	if (!err && adding->session->enrolling)
		err = people_session_renew(tx, adding->session, "passkey", &adding->login->times,
				adding->step->token, &adding->step->session, error);
	if (!err)
		err = people_touch(tx, actor.person, error);
	return err ? err
		   : people_tell(tx, &actor, "person.passkey", "person", actor.person, WARD_STR(""),
				     WARD_STR(""), error);
}

ward_err people_passkey_add(struct people_login *login, const struct people_session *session,
		const struct people_place *place, ward_str ticket, ward_str label,
		ward_bytes client_data, ward_bytes attestation, struct people_step *step,
		struct people_codes *codes, struct ward_error *error)
{
	struct people_credential credential;
	struct people_ticket kept;
	struct adding adding = { login, session, &credential, label, step, codes };

	memset(step, 0, sizeof(*step));
	ward_err err = people_check_text(label, PEOPLE_LABEL_MAX, "a passkey's label", error);

	if (!err)
		err = take_ticket(login, PEOPLE_TICKET_REGISTER, ticket, session->person, &kept,
				error);
	if (!err)
		err = people_passkey_register(place, kept.challenge, client_data, attestation,
				&credential, error);
	return err ? err : store_write(login->store, add_work, &adding, error);
}

/* ---- using one ---- */

struct using
{
	struct people_login *login;
	const struct people_place *place;
	const struct people_ticket *ticket;
	ward_bytes id;
	const struct people_assertion *assertion;
	struct people_step *step;
};

struct known {
	char id[ID_TEXT_MAX], person[ID_TEXT_MAX];
	uint8_t key[PEOPLE_COSE_MAX];
	size_t key_len;
	uint32_t counter;
};

static ward_err load(struct store_tx *tx, ward_bytes id, struct known *known,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT id, person, public_key, counter FROM people_passkeys "
			"WHERE credential = $1",
			STORE_VALUES(store_blob(id)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return login_denied(error);
	if (err)
		return err;
	ward_bytes key = store_get_blob(rows, 2);

	snprintf(known->id, sizeof(known->id), "%.*s", WARD_FMT(store_get_text(rows, 0)));
	snprintf(known->person, sizeof(known->person), "%.*s", WARD_FMT(store_get_text(rows, 1)));
	known->key_len = key.len <= sizeof(known->key) ? key.len : 0;
	if (known->key_len > 0)
		memcpy(known->key, key.ptr, known->key_len);
	known->counter = (uint32_t)store_get_int(rows, 3);
	return store_rows_end(rows, error);
}

static ward_err use_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct using *using = context;
	struct known known;
	uint32_t counter = 0;
	ward_err err = load(tx, using->id, &known, error);

	if (!err)
		err = people_passkey_assert(using->place, using->ticket->challenge,
				using->assertion, (ward_bytes){ known.key, known.key_len },
				known.counter, &counter, error);
	if (!err)
		err = store_run(tx,
				"UPDATE people_passkeys SET counter = $2, used_at = $3 "
				"WHERE id = $1",
				STORE_VALUES(store_string(known.id), store_int(counter),
						store_int(clock_now())),
				NULL, error);
	return err ? err
		   : login_open(using->login, tx, ward_str_from(known.person), "passkey",
				     using->step, error);
}

ward_err people_login_passkey(struct people_login *login, ward_str from,
		const struct people_place *place, ward_str ticket, ward_bytes id,
		const struct people_assertion *assertion, struct people_step *step,
		struct ward_error *error)
{
	struct people_ticket kept;
	struct using using = { login, place, &kept, id, assertion, step };

	memset(step, 0, sizeof(*step));
	ward_err err = login_try(login, WARD_STR(""), from, &step->wait_s, error);

	if (!err)
		err = take_ticket(login, PEOPLE_TICKET_ASSERT, ticket, "", &kept, error);
	if (!err)
		err = store_write(login->store, use_work, &using, error);
	if (!err)
		login_well(login, WARD_STR(""), from);
	return err;
}

/* ---- seeing and removing ---- */

ward_err people_passkey_list(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct people_passkey_row **rows, size_t *count, struct ward_error *error)
{
	struct people_passkey_row *at =
			ward_new(arena, struct people_passkey_row, PEOPLE_PASSKEYS_MAX);
	struct store_rows *found;
	size_t got = 0;
	ward_err err = at ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = store_query(tx,
				"SELECT id, label, credential, created_at, used_at FROM "
				"people_passkeys WHERE person = $1 ORDER BY created_at, id",
				STORE_VALUES(store_text(person)), &found, error);
	if (err)
		return err;
	while (!err && got < PEOPLE_PASSKEYS_MAX && store_next(found)) {
		struct people_passkey_row *row = &at[got++];
		ward_bytes bytes = store_get_blob(found, 2);
		ward_str copy = ward_arena_str(arena,
				(ward_str){ (const char *)bytes.ptr, bytes.len });

		err = people_keep_text(found, 0, arena, &row->id, error);
		if (!err)
			err = people_keep_text(found, 1, arena, &row->label, error);
		if (!err && !copy.ptr)
			err = ward_fail(error, WARD_E_NOMEM, "out of memory");
		row->credential = (ward_bytes){ (const uint8_t *)copy.ptr, copy.len };
		row->created_at = store_get_int(found, 3);
		row->used_at = store_get_int(found, 4);
	}
	ward_err end = store_rows_end(found, err ? NULL : error);

	err = err ? err : end;
	if (!err) {
		*rows = at;
		*count = got;
	}
	return err;
}

ward_err people_passkey_remove(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		struct ward_error *error)
{
	struct person person = { 0 };
	struct ward_arena arena;
	uint64_t changed = 0;
	ward_err err = store_run(tx, "DELETE FROM people_passkeys WHERE person = $1 AND id = $2",
			STORE_VALUES(store_text(actor->person), store_text(id)), &changed, error);

	if (!err && changed == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such passkey");
	ward_arena_init(&arena, 64 * 1024);
	if (!err)
		err = people_get(tx, actor->person, &arena, &person, error);
	ward_arena_free(&arena);
	if (!err && person.state != PEOPLE_ACTIVE)
		return ward_fail(error, WARD_E_CONFLICT,
				"this is the last thing you log in with; add another first");
	return err ? err
		   : people_tell(tx, actor, "person.passkey-removed", "person", actor->person,
				     WARD_STR(""), WARD_STR(""), error);
}
