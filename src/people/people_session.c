#include "people/people_session.h"

#include <sodium.h>

#include "base/clock.h"
#include "people/inner.h"

struct people_actor people_session_actor(const struct people_session *session)
{
	return (struct people_actor){ ward_str_from(session->person),
		ward_str_from(session->roles) };
}

bool people_session_is_oidc(const struct people_session *session)
{
	return ward_str_starts(ward_str_from(session->how), WARD_STR("oidc"));
}

/* ---- tokens ---- */

enum { TOKEN_BYTES = 32, TOKEN_LETTERS = 43 };

static void write_token(const uint8_t bytes[TOKEN_BYTES], char out[PEOPLE_TOKEN_MAX])
{
	sodium_bin2base64(out, PEOPLE_TOKEN_MAX, bytes, TOKEN_BYTES,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool people_token_valid(ward_str token)
{
	uint8_t bytes[TOKEN_BYTES];
	size_t len;

	return token.len == TOKEN_LETTERS &&
	       sodium_base642bin(bytes, sizeof(bytes), token.ptr, token.len, NULL, &len, NULL,
			       sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       len == TOKEN_BYTES;
}

static void digest_of(const char *word, ward_str token, uint8_t digest[32])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)word, strlen(word) + 1);
	crypto_hash_sha256_update(&state, (const uint8_t *)token.ptr, token.len);
	crypto_hash_sha256_final(&state, digest);
}

void people_csrf(ward_str token, char csrf[PEOPLE_CSRF_MAX])
{
	uint8_t digest[32];

	digest_of("ward.csrf", token, digest);
	write_token(digest, csrf);
}

bool people_csrf_fits(ward_str token, ward_str csrf)
{
	char wanted[PEOPLE_CSRF_MAX];

	people_csrf(token, wanted);
	return csrf.len == strlen(wanted) && sodium_memcmp(csrf.ptr, wanted, csrf.len) == 0;
}

static void new_token(char token[PEOPLE_TOKEN_MAX], uint8_t digest[32])
{
	uint8_t bytes[TOKEN_BYTES];

	id_random(bytes, sizeof(bytes));
	write_token(bytes, token);
	digest_of("ward.session", ward_str_from(token), digest);
	sodium_memzero(bytes, sizeof(bytes));
}

/* ---- reading ---- */

#define SESSION                                                                             \
	"SELECT s.id, s.person, p.pseudonym, s.how, s.enrolling, s.created_at, s.used_at, " \
	"s.ends_at, p.off FROM people_sessions s JOIN people p ON p.id = s.person "

static void keep(char *to, size_t room, ward_str text)
{
	snprintf(to, room, "%.*s", WARD_FMT(text));
}

static void read_session(const struct store_rows *rows, struct people_session *session)
{
	memset(session, 0, sizeof(*session));
	keep(session->id, sizeof(session->id), store_get_text(rows, 0));
	keep(session->person, sizeof(session->person), store_get_text(rows, 1));
	keep(session->pseudonym, sizeof(session->pseudonym), store_get_text(rows, 2));
	keep(session->how, sizeof(session->how), store_get_text(rows, 3));
	session->enrolling = store_get_int(rows, 4) != 0;
	session->created_at = store_get_int(rows, 5);
	session->used_at = store_get_int(rows, 6);
	session->ends_at = store_get_int(rows, 7);
}

static bool is_over(const struct people_session *session, const struct people_times *times,
		int64_t now)
{
	return now >= session->ends_at || now - session->used_at >= times->idle_s;
}

/* What the person has now: roles that were changed a moment ago count. */
static ward_err add_roles(struct store_tx *tx, struct people_session *session,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct person person = { 0 };

	ward_arena_init(&arena, 64 * 1024);
	ward_err err = people_get(tx, ward_str_from(session->person), &arena, &person, error);

	if (!err) {
		keep(session->roles, sizeof(session->roles), person.roles);
		session->permissions =
				session->enrolling ? 0
						   : person.permissions | PEOPLE_BIT(PEOPLE_ANYONE);
		session->permissions |= PEOPLE_BIT(PEOPLE_ENROLLING);
	}
	ward_arena_free(&arena);
	return err;
}

ward_err people_session_find(struct store_tx *tx, ward_str token, const struct people_times *times,
		struct people_session *session, struct ward_error *error)
{
	static const char nothing[] = "there is no such session, or it is over";
	struct people_session found;
	struct store_rows *rows;
	uint8_t digest[32];
	ward_err err;

	if (!people_token_valid(token))
		return ward_fail(error, WARD_E_NOT_FOUND, nothing);
	digest_of("ward.session", token, digest);
	err = store_one(tx, SESSION "WHERE s.digest = $1",
			STORE_VALUES(store_blob((ward_bytes){ digest, sizeof(digest) })), &rows,
			error);
	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, nothing);
	if (err)
		return err;
	bool off = store_get_int(rows, 8) != 0;

	read_session(rows, &found);
	err = store_rows_end(rows, error);
	if (!err && (off || is_over(&found, times, clock_now())))
		return ward_fail(error, WARD_E_NOT_FOUND, nothing);
	if (!err)
		err = add_roles(tx, &found, error);
	if (!err)
		*session = found;
	return err;
}

ward_err people_session_list(struct store_tx *tx, ward_str person, const struct people_times *times,
		struct ward_arena *arena, struct people_session_list *list,
		struct ward_error *error)
{
	enum { SESSIONS_MAX = 200 };
	struct people_session *at = ward_new(arena, struct people_session, SESSIONS_MAX);
	struct store_rows *rows;
	size_t count = 0;

	if (!at)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	ward_err err = store_query(tx,
			SESSION "WHERE s.person = $1 ORDER BY s.created_at DESC, s.id DESC",
			STORE_VALUES(store_text(person)), &rows, error);

	if (err)
		return err;
	while (count < SESSIONS_MAX && store_next(rows)) {
		read_session(rows, &at[count]);
		count += !is_over(&at[count], times, clock_now());
	}
	err = store_rows_end(rows, error);
	if (!err)
		*list = (struct people_session_list){ at, count };
	return err;
}

/* ---- a session's life ---- */

ward_err people_session_open(struct store_tx *tx, ward_str person, const char *how, bool enrolling,
		const struct people_times *times, char token[PEOPLE_TOKEN_MAX],
		struct people_session *session, struct ward_error *error)
{
	int64_t now = clock_now();
	uint8_t digest[32];
	char id[ID_TEXT_MAX];

	new_token(token, digest);
	id_new(id);
	ward_err err = store_run(tx, "DELETE FROM people_sessions WHERE ends_at <= $1",
			STORE_VALUES(store_int(now)), NULL, error);

	if (!err)
		err = store_run(tx,
				"INSERT INTO people_sessions (id, digest, person, how, enrolling, "
				"created_at, used_at, ends_at) "
				"VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
				STORE_VALUES(store_string(id),
						store_blob((ward_bytes){ digest, sizeof(digest) }),
						store_text(person), store_string(how),
						store_int(enrolling), store_int(now),
						store_int(now + (enrolling ? PEOPLE_ENROL_S
									   : times->all_s))),
				NULL, error);
	if (!err && !enrolling)
		err = store_run(tx, "UPDATE people SET seen_at = $2 WHERE id = $1",
				STORE_VALUES(store_text(person), store_int(now)), NULL, error);
	return err ? err : people_session_find(tx, ward_str_from(token), times, session, error);
}

ward_err people_session_used(struct store_tx *tx, const struct people_session *session,
		struct ward_error *error)
{
	return store_run(tx, "UPDATE people_sessions SET used_at = $2 WHERE id = $1",
			STORE_VALUES(store_string(session->id), store_int(clock_now())), NULL,
			error);
}

ward_err people_session_renew(struct store_tx *tx, const struct people_session *session,
		const char *how, const struct people_times *times, char token[PEOPLE_TOKEN_MAX],
		struct people_session *renewed, struct ward_error *error)
{
	ward_err err = store_run(tx, "DELETE FROM people_sessions WHERE id = $1",
			STORE_VALUES(store_string(session->id)), NULL, error);

	return err ? err
		   : people_session_open(tx, ward_str_from(session->person), how, false, times,
				     token, renewed, error);
}

ward_err people_session_need(struct store_tx *tx, const char *id, struct ward_error *error)
{
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT id FROM people_sessions WHERE id = $1",
			STORE_VALUES(store_string(id)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, WARD_E_DENIED, "this session is over");
	return err ? err : store_rows_end(rows, error);
}

ward_err people_end_sessions(struct store_tx *tx, ward_str person, ward_str keep_id,
		struct ward_error *error)
{
	return store_run(tx, "DELETE FROM people_sessions WHERE person = $1 AND id <> $2",
			STORE_VALUES(store_text(person), store_text(keep_id)), NULL, error);
}

ward_err people_session_end(struct store_tx *tx, const struct people_actor *actor, ward_str person,
		ward_str id, struct ward_error *error)
{
	uint64_t ended;
	ward_err err = store_run(tx, "DELETE FROM people_sessions WHERE person = $1 AND id = $2",
			STORE_VALUES(store_text(person), store_text(id)), &ended, error);

	if (!err && ended == 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "there is no such session");
	return err ? err
		   : people_tell(tx, actor, "session.ended", "person", person, WARD_STR(""),
				     WARD_STR(""), error);
}

ward_err people_session_end_all(struct store_tx *tx, const struct people_actor *actor,
		ward_str person, ward_str keep_id, struct ward_error *error)
{
	ward_err err = people_end_sessions(tx, person, keep_id, error);

	return err ? err
		   : people_tell(tx, actor, "session.ended", "person", person, WARD_STR(""),
				     WARD_STR("{\"all\":true}"), error);
}
