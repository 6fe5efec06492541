/*
 * The second factor: codes of a device, and the recovery codes for when it is
 * lost.
 */
#include <inttypes.h>
#include <sodium.h>

#include "base/clock.h"
#include "people/inner.h"
#include "people/login_inner.h"
#include "people/people_code.h"
#include "people/people_totp.h"

enum {
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	SEALED = NONCE + PEOPLE_TOTP_SECRET + crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

/* ---- the secret, sealed ---- */

static void seal(const struct people_login *login, const char *person,
		const uint8_t secret[PEOPLE_TOTP_SECRET], uint8_t sealed[SEALED])
{
	id_random(sealed, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, NULL, secret, PEOPLE_TOTP_SECRET,
			(const uint8_t *)person, strlen(person), NULL, sealed, login->secret);
}

static ward_err unseal(const struct people_login *login, const char *person, ward_bytes sealed,
		uint8_t secret[PEOPLE_TOTP_SECRET], struct ward_error *error)
{
	if (sealed.len != SEALED ||
			crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL,
					sealed.ptr + NONCE, SEALED - NONCE, (const uint8_t *)person,
					strlen(person), sealed.ptr, login->secret) != 0)
		return ward_fail(error, WARD_E_CORRUPT,
				"the secret of a person's device does not open with "
				"keys/people.key");
	return WARD_OK;
}

/* ---- a code ---- */

/*
 * The code of the device, taken: its step is the last one from here on.
 * DENIED when it does not fit; also for one who has no device.
 */
static ward_err take_code(struct people_login *login, struct store_tx *tx, const char *person,
		ward_str code, bool confirmed, struct ward_error *error)
{
	uint8_t secret[PEOPLE_TOTP_SECRET];
	struct store_rows *rows;
	int64_t step = 0;
	uint64_t changed = 0;
	ward_err err = store_one(tx,
			"SELECT sealed, last_step FROM people_totp WHERE person = $1 AND "
			"confirmed = $2",
			STORE_VALUES(store_string(person), store_int(confirmed)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return login_denied(error);
	if (err)
		return err;
	err = unseal(login, person, store_get_blob(rows, 0), secret, error);
	bool fits = !err &&
		    people_totp_fits(secret, code, clock_now(), store_get_int(rows, 1), &step);

	sodium_memzero(secret, sizeof(secret));
	ward_err end = store_rows_end(rows, err ? NULL : error);

	err = err ? err : end;
	if (!err && !fits)
		return login_denied(error);
	/* Where two come at once, one is first. */
	if (!err)
		err = store_run(tx,
				"UPDATE people_totp SET last_step = $3 WHERE person = $1 AND "
				"confirmed = $2 AND last_step < $3",
				STORE_VALUES(store_string(person), store_int(confirmed),
						store_int(step)),
				&changed, error);
	return !err && changed == 0 ? login_denied(error) : err;
}

struct proof {
	struct people_login *login;
	const struct people_ticket *ticket;
	ward_str code;
	struct people_step *step;
};

static ward_err totp_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct proof *proof = context;
	const char *person = proof->ticket->person;
	ward_err err = take_code(proof->login, tx, person, proof->code, true, error);

	return err ? err
		   : login_open(proof->login, tx, ward_str_from(person),
				     proof->ticket->oidc ? "oidc+totp" : "password+totp",
				     proof->step, error);
}

static ward_err recovery_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct proof *proof = context;
	const char *person = proof->ticket->person;
	uint8_t digest[PEOPLE_CODE_DIGEST];
	uint64_t changed = 0;

	if (!people_code_digest("recovery", PEOPLE_CODE_RECOVERY, proof->code, digest))
		return login_denied(error);
	ward_err err = store_run(tx,
			"UPDATE people_recovery SET used_at = $3 WHERE person = $1 AND "
			"digest = $2 AND used_at = 0",
			STORE_VALUES(store_string(person),
					store_blob((ward_bytes){ digest, sizeof(digest) }),
					store_int(clock_now())),
			&changed, error);

	if (!err && changed == 0)
		return login_denied(error);
	return err ? err
		   : login_open(proof->login, tx, ward_str_from(person),
				     proof->ticket->oidc ? "oidc+recovery" : "password+recovery",
				     proof->step, error);
}

static ward_err second_step(struct people_login *login, ward_str place, ward_str ticket,
		ward_str code, store_work *work, struct people_step *step, struct ward_error *error)
{
	struct people_ticket kept;
	struct proof proof = { .login = login, .ticket = &kept, .code = code, .step = step };

	memset(step, 0, sizeof(*step));
	if (!people_ticket_look(login->tickets, PEOPLE_TICKET_PASSWORD, ticket, false,
			    clock_ticks_us(), &kept))
		return ward_fail(error, WARD_E_DENIED,
				"this log-in took too long, or too many tries; begin with your "
				"password");
	ward_str name = ward_str_from(kept.login);
	ward_err err = login_try(login, name, place, &step->wait_s, error);

	if (!err)
		err = store_write(login->store, work, &proof, error);
	if (!err) {
		people_ticket_take(login->tickets, PEOPLE_TICKET_PASSWORD, ticket);
		login_well(login, name, place);
	}
	return err;
}

ward_err people_login_totp(struct people_login *login, ward_str place, ward_str ticket,
		ward_str code, struct people_step *step, struct ward_error *error)
{
	return second_step(login, place, ticket, code, totp_work, step, error);
}

ward_err people_login_recovery(struct people_login *login, ward_str place, ward_str ticket,
		ward_str code, struct people_step *step, struct ward_error *error)
{
	return second_step(login, place, ticket, code, recovery_work, step, error);
}

/* ---- a new device ---- */

struct device_work {
	struct people_login *login;
	const struct people_session *session;
	uint8_t sealed[SEALED];
	ward_str code;
	char login_name[PEOPLE_LOGIN_MAX];
	struct people_step *step;
	struct people_codes *codes;
};

static ward_err begin_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct device_work *work = context;
	const char *person = work->session->person;
	struct store_rows *rows;
	ward_err err = people_session_need(tx, work->session->id, error);

	if (!err)
		err = store_run(tx,
				"INSERT INTO people_totp (person, sealed, confirmed, last_step) "
				"VALUES ($1, $2, 0, 0) ON CONFLICT (person, confirmed) DO UPDATE "
				"SET sealed = $2, last_step = 0",
				STORE_VALUES(store_string(person),
						store_blob((ward_bytes){ work->sealed, SEALED })),
				NULL, error);

	if (!err)
		err = store_one(tx, "SELECT login FROM people WHERE id = $1",
				STORE_VALUES(store_string(person)), &rows, error);
	if (err)
		return err;
	snprintf(work->login_name, sizeof(work->login_name), "%.*s",
			WARD_FMT(store_get_text(rows, 0)));
	return store_rows_end(rows, error);
}

ward_err people_totp_begin(struct people_login *login, const struct people_session *session,
		struct people_device *device, struct ward_error *error)
{
	struct device_work work = { .login = login, .session = session };
	uint8_t secret[PEOPLE_TOTP_SECRET];
	struct ward_buf uri;

	id_random(secret, sizeof(secret));
	seal(login, session->person, secret, work.sealed);
	ward_err err = store_write(login->store, begin_work, &work, error);

	ward_buf_init(&uri, PEOPLE_URI_MAX);
	if (!err) {
		people_totp_uri(secret, ward_str_from(login->site), ward_str_from(work.login_name),
				&uri);
		people_totp_text(secret, device->secret);
		if (uri.failed)
			err = ward_fail(error, WARD_E_NOMEM, "out of memory");
		else
			snprintf(device->uri, sizeof(device->uri), "%s", ward_buf_text(&uri).ptr);
	}
	if (uri.ptr)
		sodium_memzero(uri.ptr, uri.len);
	ward_buf_free(&uri);
	sodium_memzero(secret, sizeof(secret));
	return err;
}

/* ---- recovery codes ---- */

static ward_err new_codes(struct store_tx *tx, ward_str person, struct people_codes *codes,
		struct ward_error *error)
{
	uint8_t digest[PEOPLE_CODE_DIGEST];
	ward_err err = store_run(tx, "DELETE FROM people_recovery WHERE person = $1",
			STORE_VALUES(store_text(person)), NULL, error);

	for (size_t i = 0; !err && i < PEOPLE_RECOVERY_CODES; i++) {
		people_code_new(PEOPLE_CODE_RECOVERY, codes->at[i]);
		if (!people_code_digest("recovery", PEOPLE_CODE_RECOVERY,
				    ward_str_from(codes->at[i]), digest))
			return ward_fail(error, WARD_E_CORRUPT, "a code of our own cannot be read");
		err = store_run(tx,
				"INSERT INTO people_recovery (person, digest, used_at) "
				"VALUES ($1, $2, 0)",
				STORE_VALUES(store_text(person),
						store_blob((ward_bytes){ digest, sizeof(digest) })),
				NULL, error);
	}
	return err;
}

ward_err login_enrolled(struct store_tx *tx, ward_str person, struct people_codes *codes,
		struct ward_error *error)
{
	ward_err err = store_run(tx, "DELETE FROM people_invitations WHERE person = $1",
			STORE_VALUES(store_text(person)), NULL, error);

	return err ? err : new_codes(tx, person, codes, error);
}

static ward_err confirm_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct device_work *work = context;
	const char *id = work->session->person;
	struct people_actor actor = people_session_actor(work->session);
	ward_err err = people_session_need(tx, work->session->id, error);

	if (!err)
		err = take_code(work->login, tx, id, work->code, false, error);
	if (!err)
		err = store_run(tx, "DELETE FROM people_totp WHERE person = $1 AND confirmed = 1",
				STORE_VALUES(store_string(id)), NULL, error);
	if (!err)
		err = store_run(tx, "UPDATE people_totp SET confirmed = 1 WHERE person = $1",
				STORE_VALUES(store_string(id)), NULL, error);
	if (!err)
		err = login_enrolled(tx, actor.person, work->codes, error);
	if (!err)
		err = people_end_sessions(tx, actor.person, WARD_STR(""), error);
	if (!err)
		err = people_session_renew(tx, work->session,
				people_session_is_oidc(work->session) ? "oidc+totp"
								      : "password+totp",
				&work->login->times, work->step->token, &work->step->session,
				error);
	if (!err)
		err = people_touch(tx, actor.person, error);
	return err ? err
		   : people_tell(tx, &actor, "person.totp", "person", actor.person, WARD_STR(""),
				     WARD_STR(""), error);
}

ward_err people_totp_confirm(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str code, struct people_step *step,
		struct people_codes *codes, struct ward_error *error)
{
	struct device_work work = { .login = login,
		.session = session,
		.code = code,
		.step = step,
		.codes = codes };
	ward_str who = ward_str_from(session->person);

	memset(step, 0, sizeof(*step));
	ward_err err = login_try(login, who, place, &step->wait_s, error);

	if (!err)
		err = store_write(login->store, confirm_work, &work, error);
	if (!err) {
		login_well(login, who, place);
		people_ring_wipe(login->ring, ward_str_from(session->id));
	}
	return err;
}

static ward_err renew_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct device_work *work = context;
	struct people_actor actor = people_session_actor(work->session);
	ward_err err = people_session_need(tx, work->session->id, error);

	if (!err)
		err = new_codes(tx, actor.person, work->codes, error);
	return err ? err
		   : people_tell(tx, &actor, "person.recovery", "person", actor.person,
				     WARD_STR(""), WARD_STR(""), error);
}

ward_err people_recovery_renew(struct people_login *login, const struct people_session *session,
		struct people_codes *codes, struct ward_error *error)
{
	struct device_work work = { .login = login, .session = session, .codes = codes };

	return store_write(login->store, renew_work, &work, error);
}
