/*
 * people_session.h - what a person who has proved who they are holds in their hand
 *
 * A session is a random token of 256 bits, in a cookie that no script reads;
 * the store has its SHA-256.  It ends when it was not used for a while, when
 * it has lasted long enough however much it is used, when its person logs out
 * or is switched off or gets other roles, and when somebody ends it.  It is
 * looked up for every request, so that ending one is at once.
 *
 * A page that makes a browser send the cookie does not know the token, nor
 * what is made of it: every request that changes something carries that word
 * (CSRF) in a header.
 */
#ifndef PEOPLE_SESSION_H
#define PEOPLE_SESSION_H

#include "people/people.h"

enum {
	PEOPLE_TOKEN_MAX = 44, /* base64url of 32 bytes, with the NUL */
	PEOPLE_CSRF_MAX = 44,
	PEOPLE_HOW_MAX = 24,
	PEOPLE_ROLES_TEXT_MAX = PEOPLE_ROLES_MAX * PEOPLE_ROLE_NAME_MAX,
	PEOPLE_ENROL_S = 30 * 60, /* for setting up a second factor */
	PEOPLE_USED_S = 60,       /* how finely it is kept when a session was used */
};

struct people_times {
	int64_t idle_s; /* unused so long, it is over */
	int64_t all_s;  /* and so long in any case */
};

struct people_session {
	char id[ID_TEXT_MAX]; /* opens nothing */
	char person[ID_TEXT_MAX];
	char pseudonym[PEOPLE_PSEUDONYM_MAX];
	char roles[PEOPLE_ROLES_TEXT_MAX];
	/*
	 * "password+totp", "password+recovery", "passkey", "invitation"; "oidc", "oidc+fresh",
	 * "oidc+totp", "oidc+recovery", "oidc+invitation"
	 */
	char how[PEOPLE_HOW_MAX];
	bool enrolling;                 /* came by an invitation; may only set up a second factor */
	people_permissions permissions; /* none while enrolling, else with PEOPLE_ANYONE's bit */
	int64_t created_at, used_at, ends_at;
};

/* Was it opened through a provider? */
bool people_session_is_oidc(const struct people_session *session);

/* Who acts, for everything that wants to know. */
struct people_actor people_session_actor(const struct people_session *session);

/* ---- tokens ---- */

/* Could it be one? */
bool people_token_valid(ward_str token);
/* The word that goes with a token. */
void people_csrf(ward_str token, char csrf[PEOPLE_CSRF_MAX]);
/* In time that does not tell how near a guess was. */
bool people_csrf_fits(ward_str token, ward_str csrf);

/* ---- a session's life ---- */

/* Opens one, and removes those that are over. */
ward_err people_session_open(struct store_tx *tx, ward_str person, const char *how, bool enrolling,
		const struct people_times *times, char token[PEOPLE_TOKEN_MAX],
		struct people_session *session, struct ward_error *error) WARD_MUST_USE;
/* NOT_FOUND for a token that is none, or over, or of a person who is off. */
ward_err people_session_find(struct store_tx *tx, ward_str token, const struct people_times *times,
		struct people_session *session, struct ward_error *error) WARD_MUST_USE;
/* It was used now.  Worth a write when used_at is PEOPLE_USED_S ago. */
ward_err people_session_used(struct store_tx *tx, const struct people_session *session,
		struct ward_error *error) WARD_MUST_USE;
/* A new token for it, and all that it may as `how`: the old one opens nothing any more. */
ward_err people_session_renew(struct store_tx *tx, const struct people_session *session,
		const char *how, const struct people_times *times, char token[PEOPLE_TOKEN_MAX],
		struct people_session *renewed, struct ward_error *error) WARD_MUST_USE;

/* Ends one of this person; NOT_FOUND when there is none. */
ward_err people_session_end(struct store_tx *tx, const struct people_actor *actor, ward_str person,
		ward_str id, struct ward_error *error) WARD_MUST_USE;
/* Ends all of this person but `keep` ("": all). */
ward_err people_session_end_all(struct store_tx *tx, const struct people_actor *actor,
		ward_str person, ward_str keep, struct ward_error *error) WARD_MUST_USE;

struct people_session_list {
	struct people_session *at; /* without roles and permissions */
	size_t count;
};

/* Those of a person that are not over, newest first. */
ward_err people_session_list(struct store_tx *tx, ward_str person, const struct people_times *times,
		struct ward_arena *arena, struct people_session_list *list,
		struct ward_error *error) WARD_MUST_USE;

#endif
