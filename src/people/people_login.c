#include "people/people_login.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "people/inner.h"
#include "people/login_inner.h"
#include "people/people_code.h"
#include "people/people_password.h"

/* ---- the key that seals the secrets of devices ---- */

enum { KEY_TEXT = 65, PATH_ROOM = 4096 };

static ward_err make_key(const char *path, struct ward_error *error)
{
	uint8_t key[32];
	char text[KEY_TEXT + 1];
	ward_err err;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return WARD_OK;
	if (fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot make keys/people.key: %s",
				strerror(errno));
	id_random(key, sizeof(key));
	ward_hex_format(key, sizeof(key), text);
	text[KEY_TEXT - 1] = '\n';
	err = file_write_all(fd, text, KEY_TEXT, error);
	if (!err && fsync(fd) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot make keys/people.key: %s",
				strerror(errno));
	close(fd);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(text, sizeof(text));
	/* Half a key would keep everybody out. */
	if (err)
		unlink(path);
	return err;
}

static ward_err read_key(const char *folder, uint8_t key[32], struct ward_error *error)
{
	char path[PATH_ROOM];
	char *text;
	size_t len;
	int room = snprintf(path, sizeof(path), "%s/people.key", folder);

	if (room < 0 || room >= PATH_ROOM)
		return ward_fail(error, WARD_E_ARGUMENT, "the workspace's path is too long");
	ward_err err = make_key(path, error);

	if (!err)
		err = file_read(path, 2 * (size_t)KEY_TEXT, &text, &len, error);
	if (err)
		return err;
	if (!ward_hex_parse(ward_str_trim((ward_str){ text, len }), key, 32))
		err = ward_fail(error, WARD_E_CORRUPT,
				"keys/people.key holds no key (64 hexadecimal digits)");
	sodium_memzero(text, len);
	free(text);
	return err;
}

/* ---- its life ---- */

ward_err people_login_new(const struct people_login_options *options, struct people_login **login,
		struct ward_error *error)
{
	struct people_login *made;

	if (sodium_init() < 0) {
		people_provider_free(options->provider);
		return ward_fail(error, WARD_E_UNSUPPORTED, "libsodium does not start");
	}
	made = calloc(1, sizeof(*made));
	if (!made) {
		people_provider_free(options->provider);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	made->provider = options->provider;
	made->flows = made->provider ? people_flows_new() : NULL;
	made->store = options->store;
	made->times = options->times;
	snprintf(made->site, sizeof(made->site), "%s", options->site);
	made->throttle = people_throttle_new();
	made->tickets = people_tickets_new();
	made->ring = people_ring_new(PEOPLE_RING_KEYS);
	ward_err err = made->throttle && made->tickets && made->ring &&
						       (made->flows || !made->provider)
				       ? read_key(options->keys_folder, made->secret, error)
				       : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (err) {
		people_login_free(made);
		return err;
	}
	*login = made;
	return WARD_OK;
}

void people_login_free(struct people_login *login)
{
	if (!login)
		return;
	people_throttle_free(login->throttle);
	people_tickets_free(login->tickets);
	people_ring_free(login->ring);
	people_flows_free(login->flows);
	people_provider_free(login->provider);
	sodium_memzero(login, sizeof(*login));
	free(login);
}

struct store *people_login_store(const struct people_login *login)
{
	return login->store;
}

const struct people_times *people_login_times(const struct people_login *login)
{
	return &login->times;
}

struct people_ring *people_login_ring(const struct people_login *login)
{
	return login->ring;
}

/* Is it there, and not over?  When the store cannot be asked, it is not known to be. */
static bool session_lives(struct people_login *login, struct store_tx *tx, const char *id)
{
	struct store_rows *rows;
	struct ward_error why;
	int64_t now = clock_now();

	return store_one(tx,
			       "SELECT 1 FROM people_sessions s JOIN people p ON p.id = s.person "
			       "WHERE s.id = $1 AND p.off = 0 AND s.ends_at > $2 AND "
			       "s.used_at > $3",
			       STORE_VALUES(store_string(id), store_int(now),
					       store_int(now - login->times.idle_s)),
			       &rows, &why) == WARD_OK &&
	       store_rows_end(rows, &why) == WARD_OK;
}

void people_login_tick(struct people_login *login)
{
	char sessions[PEOPLE_RING_KEYS][ID_TEXT_MAX];
	struct store_tx *tx = NULL;
	struct ward_error why;

	people_ring_tick(login->ring);
	size_t count = people_ring_sessions(login->ring, sessions, PEOPLE_RING_KEYS);

	if (count == 0)
		return;
	bool asked = store_read(login->store, &tx, &why) == WARD_OK;

	for (size_t i = 0; i < count; i++) {
		if (!asked || !session_lives(login, tx, sessions[i]))
			people_ring_wipe(login->ring, ward_str_from(sessions[i]));
	}
	store_read_end(tx);
}

/* ---- what the ways share ---- */

ward_err login_denied(struct ward_error *error)
{
	return ward_fail(error, WARD_E_DENIED,
			"that is not right; look at the name, the password and the code");
}

ward_err login_try(struct people_login *login, ward_str name, ward_str place, unsigned *wait_s,
		struct ward_error *error)
{
	struct people_try what = { name, place };

	*wait_s = people_throttle_begin(login->throttle, &what, clock_ticks_us());
	if (*wait_s > 0)
		return ward_fail(error, WARD_E_LIMIT,
				"there were too many tries; try again in %u seconds", *wait_s);
	return WARD_OK;
}

void login_well(struct people_login *login, ward_str name, ward_str place)
{
	people_throttle_success(login->throttle, &(struct people_try){ name, place });
}

ward_err login_open(struct people_login *login, struct store_tx *tx, ward_str person,
		const char *how, struct people_step *step, struct ward_error *error)
{
	char detail[64];
	ward_err err = people_session_open(tx, person, how, false, &login->times, step->token,
			&step->session, error);

	/* Switched off in the meantime. */
	if (err == WARD_E_NOT_FOUND)
		return login_denied(error);
	if (err)
		return err;
	struct people_actor actor = people_session_actor(&step->session);

	snprintf(detail, sizeof(detail), "{\"how\":\"%s\"}", how);
	return people_tell(tx, &actor, "person.login", "person", person, WARD_STR(""),
			ward_str_from(detail), error);
}

/* ---- the first step: a password ---- */

struct known {
	char id[ID_TEXT_MAX];
	char hash[PEOPLE_HASH_MAX];
	bool found, off, totp, recovery, passkey;
};

static ward_err look_up(struct store_tx *tx, ward_str name, struct known *known,
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx,
			"SELECT p.id, p.off, x.hash, "
			"(SELECT COUNT(*) FROM people_totp t WHERE t.person = p.id AND "
			"t.confirmed = 1), "
			"(SELECT COUNT(*) FROM people_recovery r WHERE r.person = p.id AND "
			"r.used_at = 0), "
			"(SELECT COUNT(*) FROM people_passkeys k WHERE k.person = p.id) "
			"FROM people p JOIN people_passwords x ON x.person = p.id "
			"WHERE p.login = $1",
			STORE_VALUES(store_text(name)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err)
		return err;
	known->found = true;
	snprintf(known->id, sizeof(known->id), "%.*s", WARD_FMT(store_get_text(rows, 0)));
	known->off = store_get_int(rows, 1) != 0;
	snprintf(known->hash, sizeof(known->hash), "%.*s", WARD_FMT(store_get_text(rows, 2)));
	known->totp = store_get_int(rows, 3) > 0;
	known->recovery = store_get_int(rows, 4) > 0;
	known->passkey = store_get_int(rows, 5) > 0;
	return store_rows_end(rows, error);
}

static ward_err read_known(struct people_login *login, ward_str name, struct known *known,
		struct ward_error *error)
{
	struct store_tx *tx;

	memset(known, 0, sizeof(*known));
	/* What can be nobody's name is looked up as one that nobody has. */
	if (name.len >= PEOPLE_LOGIN_MAX || !ward_utf8_valid(name) ||
			(name.len > 0 && memchr(name.ptr, '\0', name.len)))
		name.len = 0;
	ward_err err = store_read(login->store, &tx, error);

	if (err)
		return err;
	err = look_up(tx, name, known, error);
	store_read_end(tx);
	return err;
}

ward_err people_login_password(struct people_login *login, ward_str place, ward_str name,
		ward_str password, struct people_step *step, struct ward_error *error)
{
	struct people_ticket ticket = { .person = "" };
	struct known known;

	memset(step, 0, sizeof(*step));
	ward_err err = login_try(login, name, place, &step->wait_s, error);

	if (!err)
		err = read_known(login, name, &known, error);
	if (err)
		return err;
	bool fits = people_password_fits(password, known.found ? known.hash : NULL);

	sodium_memzero(known.hash, sizeof(known.hash));
	/* Who has no second factor yet has an invitation. */
	if (!fits || known.off || !(known.totp || known.passkey))
		return login_denied(error);
	memcpy(ticket.person, known.id, sizeof(ticket.person));
	snprintf(ticket.login, sizeof(ticket.login), "%.*s", WARD_FMT(name));
	people_ticket_give(login->tickets, PEOPLE_TICKET_PASSWORD, &ticket, clock_ticks_us(),
			step->ticket);
	step->totp = known.totp;
	step->recovery = known.recovery;
	step->passkey = known.passkey;
	return WARD_OK;
}

/* ---- proving it once more ---- */

static ward_err own_hash(struct store_tx *tx, const char *person, char hash[PEOPLE_HASH_MAX],
		struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT hash FROM people_passwords WHERE person = $1",
			STORE_VALUES(store_string(person)), &rows, error);

	hash[0] = '\0';
	if (err == WARD_E_NOT_FOUND)
		return WARD_OK;
	if (err)
		return err;
	snprintf(hash, PEOPLE_HASH_MAX, "%.*s", WARD_FMT(store_get_text(rows, 0)));
	return store_rows_end(rows, error);
}

/* Of one without a password: the provider's word, a moment ago, and more than its word alone. */
static bool is_fresh(const struct people_session *session)
{
	ward_str how = ward_str_from(session->how);

	return clock_now() - session->created_at < PEOPLE_FRESH_S &&
	       (ward_str_eq(how, WARD_STR("oidc+totp")) ||
			       ward_str_eq(how, WARD_STR("oidc+recovery")) ||
			       ward_str_eq(how, WARD_STR("oidc+fresh")));
}

ward_err people_reprove(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str password, unsigned *wait_s,
		struct ward_error *error)
{
	char hash[PEOPLE_HASH_MAX];
	ward_str who = ward_str_from(session->person);
	struct store_tx *tx;
	ward_err err = login_try(login, who, place, wait_s, error);

	if (!err)
		err = store_read(login->store, &tx, error);
	if (err)
		return err;
	err = own_hash(tx, session->person, hash, error);
	store_read_end(tx);
	if (err)
		return err;
	if (!(hash[0] ? people_password_fits(password, hash) : is_fresh(session)))
		return ward_fail(error, WARD_E_DENIED, "that is not your password");
	login_well(login, who, place);
	return WARD_OK;
}

/* ---- invitations ---- */

ward_err login_invitation(struct store_tx *tx, ward_str code, struct login_invited *invited,
		struct ward_error *error)
{
	static const char nothing[] = "this invitation is not good, or not any more; ask whoever "
				      "invited you for a new one";
	uint8_t digest[PEOPLE_CODE_DIGEST];
	struct store_rows *rows;

	if (!people_code_digest("invitation", PEOPLE_CODE_INVITATION, code, digest))
		return ward_fail(error, WARD_E_DENIED, nothing);
	ward_err err = store_one(tx,
			"SELECT i.person, i.anew, p.login, p.name FROM people_invitations i "
			"JOIN people p ON p.id = i.person "
			"WHERE i.digest = $1 AND i.ends_at > $2 AND p.off = 0",
			STORE_VALUES(store_blob((ward_bytes){ digest, sizeof(digest) }),
					store_int(clock_now())),
			&rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_DENIED, nothing);
	if (err)
		return err;
	snprintf(invited->person, sizeof(invited->person), "%.*s",
			WARD_FMT(store_get_text(rows, 0)));
	invited->anew = store_get_int(rows, 1) != 0;
	snprintf(invited->login, sizeof(invited->login), "%.*s", WARD_FMT(store_get_text(rows, 2)));
	snprintf(invited->name, sizeof(invited->name), "%.*s", WARD_FMT(store_get_text(rows, 3)));
	return store_rows_end(rows, error);
}

ward_err login_forget_words(struct store_tx *tx, ward_str person, struct ward_error *error)
{
	static const char *const proofs[] = {
		"DELETE FROM people_passwords WHERE person = $1",
		"DELETE FROM people_totp WHERE person = $1",
		"DELETE FROM people_recovery WHERE person = $1",
		"DELETE FROM people_passkeys WHERE person = $1",
		"DELETE FROM people_sessions WHERE person = $1",
	};
	ward_err err = WARD_OK;

	for (size_t i = 0; !err && i < sizeof(proofs) / sizeof(*proofs); i++)
		err = store_run(tx, proofs[i], STORE_VALUES(store_text(person)), NULL, error);
	return err;
}

ward_err login_forget_proofs(struct store_tx *tx, ward_str person, struct ward_error *error)
{
	ward_err err = login_forget_words(tx, person, error);

	return err ? err
		   : store_run(tx, "DELETE FROM people_identities WHERE person = $1",
				     STORE_VALUES(store_text(person)), NULL, error);
}

static ward_err keep_password(struct store_tx *tx, ward_str person, const char *hash,
		struct ward_error *error)
{
	ward_err err = store_run(tx,
			"INSERT INTO people_passwords (person, hash, changed_at) "
			"VALUES ($1, $2, $3) ON CONFLICT (person) DO UPDATE "
			"SET hash = $2, changed_at = $3",
			STORE_VALUES(store_text(person), store_string(hash),
					store_int(clock_now())),
			NULL, error);

	return err ? err : people_touch(tx, person, error);
}

struct acceptance {
	struct people_login *login;
	ward_str code;
	char hash[PEOPLE_HASH_MAX];
	struct people_step *step;
};

static ward_err accept_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct acceptance *acceptance = context;
	struct people_step *step = acceptance->step;
	struct login_invited invited;
	ward_err err = login_invitation(tx, acceptance->code, &invited, error);
	ward_str person = ward_str_from(invited.person);

	if (!err && invited.anew)
		err = login_forget_proofs(tx, person, error);
	/* Whoever began with the same code before loses what they hold. */
	if (!err)
		err = people_end_sessions(tx, person, WARD_STR(""), error);
	if (!err)
		err = keep_password(tx, person, acceptance->hash, error);
	if (!err)
		err = people_session_open(tx, person, "invitation", true, &acceptance->login->times,
				step->token, &step->session, error);
	if (err)
		return err;
	struct people_actor actor = people_session_actor(&step->session);

	return people_tell(tx, &actor, "person.accepted", "person", person, WARD_STR(""),
			WARD_STR(""), error);
}

ward_err people_login_invitation(struct people_login *login, ward_str place, ward_str code,
		ward_str password, struct people_step *step, struct ward_error *error)
{
	struct acceptance acceptance = { .login = login, .code = code, .step = step };
	struct login_invited invited;
	struct store_tx *tx;

	memset(step, 0, sizeof(*step));
	ward_err err = login_try(login, WARD_STR(""), place, &step->wait_s, error);

	if (!err)
		err = store_read(login->store, &tx, error);
	if (err)
		return err;
	err = login_invitation(tx, code, &invited, error);
	store_read_end(tx);
	if (!err)
		err = people_password_check(password, PEOPLE_PASSWORD_MIN,
				ward_str_from(invited.login), ward_str_from(invited.name),
				"a password", error);
	if (!err)
		err = people_password_hash(password, acceptance.hash, error);
	if (!err)
		err = store_write(login->store, accept_work, &acceptance, error);
	if (!err)
		login_well(login, WARD_STR(""), place);
	return err;
}

/* ---- a new password ---- */

struct change {
	struct people_login *login;
	const struct people_session *session;
	char hash[PEOPLE_HASH_MAX];
	struct people_step *step;
};

static ward_err change_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct change *change = context;
	struct people_actor actor = people_session_actor(change->session);
	ward_err err = keep_password(tx, actor.person, change->hash, error);

	if (!err)
		err = people_end_sessions(tx, actor.person, WARD_STR(""), error);
	if (!err)
		err = people_session_renew(tx, change->session, change->session->how,
				&change->login->times, change->step->token, &change->step->session,
				error);
	return err ? err
		   : people_tell(tx, &actor, "person.password", "person", actor.person,
				     WARD_STR(""), WARD_STR(""), error);
}

static ward_err check_own_password(struct people_login *login, const char *id, ward_str password,
		size_t characters_min, const char *what, struct ward_error *error)
{
	struct person person = { 0 };
	struct ward_arena arena;
	struct store_tx *tx;
	ward_err err = store_read(login->store, &tx, error);

	if (err)
		return err;
	ward_arena_init(&arena, 64 * 1024);
	err = people_get(tx, ward_str_from(id), &arena, &person, error);
	store_read_end(tx);
	if (!err)
		err = people_password_check(password, characters_min, person.login, person.name,
				what, error);
	ward_arena_free(&arena);
	return err;
}

ward_err people_change_password(struct people_login *login, const struct people_session *session,
		ward_str password, struct people_step *step, struct ward_error *error)
{
	struct change change = { .login = login, .session = session, .step = step };

	memset(step, 0, sizeof(*step));
	ward_err err = check_own_password(login, session->person, password, PEOPLE_PASSWORD_MIN,
			"a password", error);

	if (!err)
		err = people_password_hash(password, change.hash, error);
	if (!err)
		err = store_write(login->store, change_work, &change, error);
	/* Its id is another now: what it had unlocked would lie there until it is over. */
	if (!err)
		people_ring_wipe(login->ring, ward_str_from(session->id));
	return err;
}

/* ---- the end ---- */

static ward_err logout_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct people_session *session = context;
	struct people_actor actor = people_session_actor(session);

	return people_session_end(tx, &actor, actor.person, ward_str_from(session->id), error);
}

ward_err people_logout(struct people_login *login, const struct people_session *session,
		struct ward_error *error)
{
	struct people_session copy = *session;

	people_ring_wipe(login->ring, ward_str_from(session->id));
	ward_err err = store_write(login->store, logout_work, &copy, error);

	/* It ended by itself in this very moment. */
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

/* ---- the vault key ---- */

struct key_work {
	const struct people_session *session;
	struct people_sealed sealed;
	bool replace;
};

static ward_err keep_key(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct key_work *work = context;
	struct people_actor actor = people_session_actor(work->session);

	return people_keys_keep(tx, &actor, actor.person, &work->sealed, work->replace, error);
}

/* The person, and the key when they have one. */
static ward_err load_key(struct people_login *login, const struct people_session *session,
		struct ward_arena *arena, struct person *person, struct people_sealed *sealed,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(login->store, &tx, error);

	if (err)
		return err;
	err = people_get(tx, ward_str_from(session->person), arena, person, error);
	if (!err && person->has_key)
		err = people_keys_load(tx, ward_str_from(session->person), sealed, error);
	store_read_end(tx);
	return err;
}

static ward_err make_or_change(const struct people_sealed *now, ward_str old, ward_str phrase,
		const struct person *person, struct people_sealed *sealed, struct ward_error *error)
{
	if (!person->has_key)
		return people_keys_make(phrase, person, sealed, error);
	if (old.len == 0)
		return ward_fail(error, WARD_E_EXISTS,
				"you have a vault key; to change its phrase, give the old one, "
				"too");
	return people_keys_change(now, old, phrase, person, sealed, error);
}

ward_err people_key_set(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str old, ward_str phrase,
		unsigned *wait_s, struct ward_error *error)
{
	ward_str who = ward_str_from(session->person);
	struct key_work work = { .session = session };
	struct people_sealed now = { .len = 0 };
	struct person person = { 0 };
	struct ward_arena arena;

	ward_arena_init(&arena, 64 * 1024);
	ward_err err = login_try(login, who, place, wait_s, error);

	if (!err)
		err = load_key(login, session, &arena, &person, &now, error);
	if (!err)
		err = make_or_change(&now, old, phrase, &person, &work.sealed, error);
	if (!err) {
		work.replace = person.has_key;
		err = store_write(login->store, keep_key, &work, error);
	}
	if (!err)
		login_well(login, who, place);
	ward_arena_free(&arena);
	return err;
}

static ward_err tell_unlocked(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct people_session *session = context;
	struct people_actor actor = people_session_actor(session);

	return people_tell(tx, &actor, "vault.unlocked", "person", actor.person, WARD_STR(""),
			WARD_STR(""), error);
}

ward_err people_key_unlock(struct people_login *login, ward_str place,
		const struct people_session *session, ward_str phrase, unsigned *wait_s,
		struct ward_error *error)
{
	ward_str who = ward_str_from(session->person), id = ward_str_from(session->id);
	struct people_session copy = *session;
	struct people_sealed sealed = { .len = 0 };
	struct person person = { 0 };
	struct ward_arena arena;

	ward_arena_init(&arena, 64 * 1024);
	ward_err err = login_try(login, who, place, wait_s, error);

	if (!err)
		err = load_key(login, session, &arena, &person, &sealed, error);
	if (!err && !person.has_key)
		err = ward_fail(error, WARD_E_NOT_FOUND, "you have no vault key yet; set a phrase");
	if (!err)
		err = people_ring_unlock(login->ring, id, &sealed, phrase, error);
	if (!err) {
		login_well(login, who, place);
		err = store_write(login->store, tell_unlocked, &copy, error);
		/* Nothing is done that the audit does not tell. */
		if (err)
			people_ring_wipe(login->ring, id);
	}
	ward_arena_free(&arena);
	return err;
}
