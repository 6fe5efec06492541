/*
 * people_login.h - how a person proves who they are
 *
 * A password (what one knows) and then a code of one's own device (what one
 * has); or a passkey, which is both.  Whoever is invited brings the code of the
 * invitation, sets a password, and sets up a second factor before anything
 * else.  A lost second factor is replaced by a recovery code, or by a new
 * invitation, which two persons give.
 *
 * An unknown name, a wrong password, a wrong code and a person who is off get
 * the same answer, DENIED, after the same work.  Who guesses, waits
 * (people_throttle.h); that is LIMIT, and the answer says how long.
 *
 * Hashing a password takes 64 MiB and a sixth of a second: call these from few
 * threads.  Any thread may.
 */
#ifndef PEOPLE_LOGIN_H
#define PEOPLE_LOGIN_H

#include "people/people_keys.h"
#include "people/people_passkey.h"
#include "people/people_session.h"

enum {
	PEOPLE_RECOVERY_CODES = 10,
	PEOPLE_SITE_MAX = 64,
	PEOPLE_SECRET_TEXT_MAX = 40,
	PEOPLE_URI_MAX = 512,
};

struct people_login;
struct people_provider;

struct people_login_options {
	struct store *store;     /* lives longer */
	const char *keys_folder; /* has or gets people.key, which seals the secrets of devices */
	const char *site;        /* what people's devices call this installation */
	struct people_times times;
	struct people_provider *provider; /* becomes the login's, also when that fails; or NULL */
};

ward_err people_login_new(const struct people_login_options *options, struct people_login **login,
		struct ward_error *error) WARD_MUST_USE;
/* Wipes all keys that are unlocked.  NULL is fine. */
void people_login_free(struct people_login *login);

struct store *people_login_store(const struct people_login *login);
const struct people_times *people_login_times(const struct people_login *login);
/* The keys that are unlocked, by session. */
struct people_ring *people_login_ring(const struct people_login *login);
/* Now and then: wipes keys of sessions that are over. */
void people_login_tick(struct people_login *login);

/* ---- steps ---- */

/* What a step came to. */
struct people_step {
	/* when it was the last: */
	char token[PEOPLE_TOKEN_MAX]; /* else "" */
	struct people_session session;
	/* when another one is wanted: */
	char ticket[PEOPLE_TOKEN_MAX];
	bool totp, recovery, passkey; /* what may come next */
	/* when it is too early: */
	unsigned wait_s;
};

/* `place` is where it comes from (people_throttle.h), "" for this machine. */
ward_err people_login_password(struct people_login *login, ward_str place, ward_str name,
		ward_str password, struct people_step *step,
		struct ward_error *error) WARD_MUST_USE;
ward_err people_login_totp(struct people_login *login, ward_str place, ward_str ticket,
		ward_str code, struct people_step *step, struct ward_error *error) WARD_MUST_USE;
ward_err people_login_recovery(struct people_login *login, ward_str place, ward_str ticket,
		ward_str code, struct people_step *step, struct ward_error *error) WARD_MUST_USE;
/*
 * Sets a password by an invitation: the session may set up a second factor, and with that becomes
 * a whole one.  Until then the invitation stays good.  ARGUMENT for a password that will not do.
 */
ward_err people_login_invitation(struct people_login *login, ward_str place, ward_str code,
		ward_str password, struct people_step *step,
		struct ward_error *error) WARD_MUST_USE;
/* Ends the session, and wipes its key. */
ward_err people_logout(struct people_login *login, const struct people_session *session,
		struct ward_error *error) WARD_MUST_USE;

/* ---- what a person changes of their own ---- */

enum { PEOPLE_FRESH_S = 300 };

/*
 * DENIED when it is not the password; LIMIT with `wait_s` set when it is too early.  Who has no
 * password proves it by a session that was opened through the provider within PEOPLE_FRESH_S, with
 * a second factor of ward's or because the provider had to ask anew.
 */
ward_err people_reprove(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str password, unsigned *wait_s,
		struct ward_error *error) WARD_MUST_USE;

/* After people_reprove.  All other sessions end, and this one gets a new token. */
ward_err people_change_password(struct people_login *login, const struct people_session *session,
		ward_str password, struct people_step *step,
		struct ward_error *error) WARD_MUST_USE;

struct people_device {
	char secret[PEOPLE_SECRET_TEXT_MAX]; /* to type in */
	char uri[PEOPLE_URI_MAX];            /* to show as a picture of squares */
};

/* Shows the secret of a new device; what there is stays until a code of the new one was seen. */
ward_err people_totp_begin(struct people_login *login, const struct people_session *session,
		struct people_device *device, struct ward_error *error) WARD_MUST_USE;

struct people_codes {
	char at[PEOPLE_RECOVERY_CODES][32];
};

/* A code of the new device: it is the person's from now on.  The session is a whole one, anew. */
ward_err people_totp_confirm(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str code, struct people_step *step,
		struct people_codes *codes, struct ward_error *error) WARD_MUST_USE;
/* New recovery codes; the old ones open nothing any more.  After people_reprove. */
ward_err people_recovery_renew(struct people_login *login, const struct people_session *session,
		struct people_codes *codes, struct ward_error *error) WARD_MUST_USE;

/* ---- passkeys ---- */

enum { PEOPLE_LABEL_MAX = 60, PEOPLE_PASSKEYS_MAX = 20 };

struct people_challenge {
	char ticket[PEOPLE_TOKEN_MAX];
	uint8_t bytes[32];
};

/* What an authenticator is to sign: for a new passkey (`session`), or for logging in (NULL). */
void people_passkey_ask(struct people_login *login, const struct people_session *session,
		struct people_challenge *challenge);

/*
 * A new passkey.  Who is enrolling has a whole session by it, and `codes`; for others `step` stays
 * empty.  EXISTS for one that is known, CONFLICT for one too many.
 */
ward_err people_passkey_add(struct people_login *login, const struct people_session *session,
		const struct people_place *place, ward_str ticket, ward_str label,
		ward_bytes client_data, ward_bytes attestation, struct people_step *step,
		struct people_codes *codes, struct ward_error *error) WARD_MUST_USE;
/* Logs in by the passkey of this id. */
ward_err people_login_passkey(struct people_login *login, ward_str from,
		const struct people_place *place, ward_str ticket, ward_bytes id,
		const struct people_assertion *assertion, struct people_step *step,
		struct ward_error *error) WARD_MUST_USE;

struct people_passkey_row {
	ward_str id, label;
	ward_bytes credential;
	int64_t created_at, used_at;
};
ward_err people_passkey_list(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct people_passkey_row **rows, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* CONFLICT for the last way to log in. */
ward_err people_passkey_remove(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

/* ---- the person's vault key ---- */

/* Makes it, or changes its phrase (`old` is then the one until now). */
ward_err people_key_set(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str old, ward_str phrase,
		unsigned *wait_s, struct ward_error *error) WARD_MUST_USE;
ward_err people_key_unlock(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str phrase, unsigned *wait_s,
		struct ward_error *error) WARD_MUST_USE;

#endif
