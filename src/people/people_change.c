#include "people/people.h"

#include <inttypes.h>

#include "base/clock.h"
#include "people/inner.h"
#include "people/people_code.h"

_Static_assert((int)PEOPLE_CODE_MAX >= (int)PEOPLE_CODE_TEXT_MAX, "a code fits");

/* ---- what a change must hold to ---- */

static ward_err check_login(ward_str login, struct ward_error *error)
{
	bool fine = login.len > 0 && login.len < PEOPLE_LOGIN_MAX;

	for (size_t i = 0; fine && i < login.len; i++) {
		char c = login.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		fine = plain || (i > 0 && c && strchr("._-@", c));
	}
	if (!fine)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a login is a-z and 0-9, with . _ - and @ behind the first, and at "
				"most %d characters",
				PEOPLE_LOGIN_MAX - 1);
	return WARD_OK;
}

static ward_err not_oneself(const struct people_actor *actor, ward_str id, const char *what,
		struct ward_error *error)
{
	if (actor->person.len > 0 && ward_str_eq(actor->person, id))
		return ward_fail(error, WARD_E_DENIED, "nobody %s; ask a colleague", what);
	return WARD_OK;
}

/* After the change: somebody must be left who can let people in. */
static ward_err check_somebody_left(struct store_tx *tx, const struct people_actor *actor,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct people_list list = { 0 };

	/* At the machine itself one can always add somebody. */
	if (actor->person.len == 0)
		return WARD_OK;
	ward_arena_init(&arena, (size_t)16 << 20);
	ward_err err = people_who_may(tx, PEOPLE_PEOPLE_CHANGE, &arena, &list, error);

	ward_arena_free(&arena);
	if (!err && list.count == 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"this is the last person who can let people in");
	return err;
}

/* ---- roles ---- */

static ward_err replace_roles(struct store_tx *tx, ward_str id, ward_str roles,
		people_permissions *set, struct ward_error *error)
{
	ward_err err = people_roles_permissions(tx, roles, set, error);

	if (!err && *set == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "a person has at least one role");
	if (!err)
		err = people_permissions_check(*set, error);
	if (!err)
		err = store_run(tx, "DELETE FROM people_roles WHERE person = $1",
				STORE_VALUES(store_text(id)), NULL, error);
	while (!err && roles.len > 0) {
		ward_str role = ward_str_cut(&roles, ',');

		err = store_run(tx,
				"INSERT INTO people_roles (person, role) VALUES ($1, $2) "
				"ON CONFLICT (person, role) DO NOTHING",
				STORE_VALUES(store_text(id), store_text(role)), NULL, error);
	}
	return err;
}

ward_err people_set_roles(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		ward_str roles, struct ward_error *error)
{
	char detail[PEOPLE_ROLES_MAX * PEOPLE_ROLE_NAME_MAX + 32];
	people_permissions set;
	ward_err err = not_oneself(actor, id, "changes their own roles", error);

	if (!err)
		err = people_need(tx, id, error);
	if (!err)
		err = replace_roles(tx, id, roles, &set, error);
	if (!err)
		err = check_somebody_left(tx, actor, error);
	if (!err)
		err = people_end_sessions(tx, id, WARD_STR(""), error);
	if (!err)
		err = people_touch(tx, id, error);
	/* Names of roles need no escapes. */
	snprintf(detail, sizeof(detail), "{\"roles\":\"%.*s\"}", WARD_FMT(roles));
	return err ? err
		   : people_tell(tx, actor, "person.roles", "person", id, WARD_STR(""),
				     ward_str_from(detail), error);
}

/* ---- invitations ---- */

enum { INVITATION_S = 7 * 24 * 3600 };

static ward_err invite(struct store_tx *tx, ward_str id, bool anew, char code[PEOPLE_CODE_MAX],
		struct ward_error *error)
{
	uint8_t digest[PEOPLE_CODE_DIGEST];

	people_code_new(PEOPLE_CODE_INVITATION, code);
	if (!people_code_digest("invitation", PEOPLE_CODE_INVITATION, ward_str_from(code), digest))
		return ward_fail(error, WARD_E_CORRUPT, "a code of our own cannot be read");
	return store_run(tx,
			"INSERT INTO people_invitations (person, digest, ends_at, anew) "
			"VALUES ($1, $2, $3, $4) ON CONFLICT (person) DO UPDATE "
			"SET digest = $2, ends_at = $3, anew = $4",
			STORE_VALUES(store_text(id),
					store_blob((ward_bytes){ digest, sizeof(digest) }),
					store_int(clock_now() + INVITATION_S), store_int(anew)),
			NULL, error);
}

/*
 * Nor must an account that was linked by the older one, of a person who has not joined.  One that
 * an admin has linked and nobody has used stays.
 */
static ward_err forget_beginnings(struct store_tx *tx, ward_str id, struct ward_error *error)
{
	return store_run(tx,
			"DELETE FROM people_identities WHERE person = $1 AND used_at > 0 AND "
			"second = 0 AND NOT EXISTS (SELECT 1 FROM people_passkeys k "
			"WHERE k.person = $1) AND NOT EXISTS (SELECT 1 FROM people_totp t "
			"WHERE t.person = $1 AND t.confirmed = 1)",
			STORE_VALUES(store_text(id)), NULL, error);
}

ward_err people_reset(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		char code[PEOPLE_CODE_MAX], struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = not_oneself(actor, id, "invites themselves", error);

	if (!err)
		err = store_one(tx, "SELECT off FROM people WHERE id = $1",
				STORE_VALUES(store_text(id)), &rows, error);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "there is no such person");
	if (err)
		return err;
	bool off = store_get_int(rows, 0) != 0;

	err = store_rows_end(rows, error);
	if (!err && off)
		return ward_fail(error, WARD_E_CONFLICT,
				"this person is switched off; switch them on first");
	/* What was begun with an older invitation must not use the new one up. */
	if (!err)
		err = store_run(tx,
				"DELETE FROM people_sessions WHERE person = $1 AND enrolling = 1",
				STORE_VALUES(store_text(id)), NULL, error);
	if (!err)
		err = forget_beginnings(tx, id, error);
	if (!err)
		err = invite(tx, id, true, code, error);
	return err ? err
		   : people_tell(tx, actor, "person.reset", "person", id, WARD_STR(""),
				     WARD_STR(""), error);
}

/* ---- adding ---- */

static ward_err next_number(struct store_tx *tx, int64_t *number, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT COALESCE(MAX(number), 0) + 1 FROM people",
			STORE_NO_VALUES, &rows, error);

	if (err)
		return err;
	*number = store_get_int(rows, 0);
	return store_rows_end(rows, error);
}

static ward_err is_pseudonym_free(struct store_tx *tx, ward_str pseudonym, ward_str but,
		bool *is_free, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT COUNT(*) FROM people WHERE pseudonym = $1 AND id <> $2",
			STORE_VALUES(store_text(pseudonym), store_text(but)), &rows, error);

	if (err)
		return err;
	*is_free = store_get_int(rows, 0) == 0;
	return store_rows_end(rows, error);
}

/* The role and a number; one that somebody chose for a name is passed over. */
static ward_err next_pseudonym(struct store_tx *tx, ward_str role, int64_t *number,
		char pseudonym[PEOPLE_PSEUDONYM_MAX], struct ward_error *error)
{
	bool is_free = false;
	ward_err err = next_number(tx, number, error);

	while (!err) {
		snprintf(pseudonym, PEOPLE_PSEUDONYM_MAX, "%.*s %" PRId64, WARD_FMT(role), *number);
		err = is_pseudonym_free(tx, ward_str_from(pseudonym), WARD_STR(""), &is_free,
				error);
		if (err || is_free)
			break;
		++*number;
	}
	return err;
}

static ward_err insert(struct store_tx *tx, const struct people_new *person, const char *id,
		struct ward_error *error)
{
	ward_str roles = person->roles;
	ward_str first = ward_str_cut(&roles, ',');
	char pseudonym[PEOPLE_PSEUDONYM_MAX];
	uint64_t changed = 0;
	int64_t number;

	if (!people_role_name_valid(first))
		return ward_fail(error, WARD_E_ARGUMENT,
				"roles are words with commas between, as \"lists,reviewer\"");
	ward_err err = next_pseudonym(tx, first, &number, pseudonym, error);

	if (err)
		return err;
	err = store_run(tx,
			"INSERT INTO people (id, login, name, number, pseudonym, off, created_at, "
			"changed_at, seen_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $6, 0) "
			"ON CONFLICT (login) DO NOTHING",
			STORE_VALUES(store_string(id), store_text(person->login),
					store_text(person->name), store_int(number),
					store_string(pseudonym), store_int(clock_now())),
			&changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_EXISTS, "there is a person with this login already");
	return err;
}

ward_err people_add(struct store_tx *tx, const struct people_actor *actor,
		const struct people_new *person, char id[ID_TEXT_MAX], char code[PEOPLE_CODE_MAX],
		struct ward_error *error)
{
	char detail[PEOPLE_ROLES_MAX * PEOPLE_ROLE_NAME_MAX + 32];
	people_permissions set;
	ward_err err = check_login(person->login, error);

	if (!err)
		err = people_check_text(person->name, PEOPLE_NAME_MAX, "a name", error);
	id_new(id);
	if (!err)
		err = insert(tx, person, id, error);
	if (!err)
		err = replace_roles(tx, ward_str_from(id), person->roles, &set, error);
	if (!err)
		err = invite(tx, ward_str_from(id), false, code, error);
	snprintf(detail, sizeof(detail), "{\"roles\":\"%.*s\"}", WARD_FMT(person->roles));
	return err ? err
		   : people_tell(tx, actor, "person.invited", "person", ward_str_from(id),
				     WARD_STR(""), ward_str_from(detail), error);
}

/* ---- names, on and off ---- */

static ward_err set_text(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		const char *sql, const char *action, ward_str text, struct ward_error *error)
{
	ward_err err = people_need(tx, id, error);

	if (!err)
		err = store_run(tx, sql,
				STORE_VALUES(store_text(id), store_text(text),
						store_int(clock_now())),
				NULL, error);
	/* What it is now is private: the audit tells that it changed. */
	return err ? err
		   : people_tell(tx, actor, action, "person", id, WARD_STR(""), WARD_STR(""),
				     error);
}

ward_err people_set_name(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		ward_str name, struct ward_error *error)
{
	ward_err err = people_check_text(name, PEOPLE_NAME_MAX, "a name", error);

	return err ? err
		   : set_text(tx, actor, id,
				     "UPDATE people SET name = $2, changed_at = $3 WHERE id = $1",
				     "person.name", name, error);
}

ward_err people_set_pseudonym(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		ward_str pseudonym, struct ward_error *error)
{
	bool is_free = false;
	ward_err err = people_check_text(pseudonym, PEOPLE_PSEUDONYM_MAX - 1, "a pseudonym", error);

	if (!err)
		err = is_pseudonym_free(tx, pseudonym, id, &is_free, error);
	if (!err && !is_free)
		return ward_fail(error, WARD_E_EXISTS, "somebody has this pseudonym");
	return err ? err
		   : set_text(tx, actor, id,
				     "UPDATE people SET pseudonym = $2, changed_at = $3 "
				     "WHERE id = $1",
				     "person.pseudonym", pseudonym, error);
}

ward_err people_set_off(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		bool off, struct ward_error *error)
{
	ward_err err = not_oneself(actor, id, "switches themselves on or off", error);

	if (!err)
		err = people_need(tx, id, error);
	if (!err)
		err = store_run(tx, "UPDATE people SET off = $2, changed_at = $3 WHERE id = $1",
				STORE_VALUES(store_text(id), store_int(off),
						store_int(clock_now())),
				NULL, error);
	if (!err && off)
		err = check_somebody_left(tx, actor, error);
	if (!err && off)
		err = people_end_sessions(tx, id, WARD_STR(""), error);
	/* An invitation that is still out must not bring them back in. */
	if (!err && off)
		err = store_run(tx, "DELETE FROM people_invitations WHERE person = $1",
				STORE_VALUES(store_text(id)), NULL, error);
	return err ? err
		   : people_tell(tx, actor, off ? "person.off" : "person.on", "person", id,
				     WARD_STR(""), WARD_STR(""), error);
}

/* ---- forgetting ---- */

static const char *const proofs[] = {
	"DELETE FROM people_invitations WHERE person = $1",
	"DELETE FROM people_passwords WHERE person = $1",
	"DELETE FROM people_totp WHERE person = $1",
	"DELETE FROM people_recovery WHERE person = $1",
	"DELETE FROM people_passkeys WHERE person = $1",
	"DELETE FROM people_identities WHERE person = $1",
	"DELETE FROM people_keys WHERE person = $1",
	"DELETE FROM people_roles WHERE person = $1",
};

static ward_err forget(struct store_tx *tx, const char *id, struct ward_error *error)
{
	ward_err err = store_run(tx, "UPDATE people SET login = NULL, name = NULL WHERE id = $1",
			STORE_VALUES(store_string(id)), NULL, error);

	for (size_t i = 0; !err && i < sizeof(proofs) / sizeof(*proofs); i++)
		err = store_run(tx, proofs[i], STORE_VALUES(store_string(id)), NULL, error);
	return err ? err
		   : people_tell(tx, &(struct people_actor){ 0 }, "person.forgotten", "person",
				     ward_str_from(id), WARD_STR(""), WARD_STR(""), error);
}

ward_err people_forget(struct store_tx *tx, int64_t off_before, unsigned *forgotten,
		struct ward_error *error)
{
	char id[ID_TEXT_MAX];
	struct store_rows *rows;
	unsigned count = 0;
	ward_err err;

	while (!(err = store_one(tx,
				 "SELECT id FROM people WHERE off = 1 AND changed_at < $1 "
				 "AND name IS NOT NULL LIMIT 1",
				 STORE_VALUES(store_int(off_before)), &rows, error))) {
		snprintf(id, sizeof(id), "%.*s", WARD_FMT(store_get_text(rows, 0)));
		err = store_rows_end(rows, error);
		if (!err)
			err = forget(tx, id, error);
		if (err)
			return err;
		count++;
	}
	if (err != WARD_E_NOT_FOUND)
		return err;
	*forgotten = count;
	return WARD_OK;
}
