/*
 * people.h - who works here
 *
 *     permissions.h    what may be done, and by which role
 *     people.h         persons, their roles, their invitations
 *     people_login.h   how a person proves who they are
 *     people_session.h what a person who has proved it holds in their hand
 *     people_second.h  what one person proposes and another confirms
 *     people_keys.h    a person's own key pair, with which the vault is opened
 *
 * A person has a name, which stays within, and a pseudonym ("reviewer 7"),
 * which is what colleagues, logs, the audit and the outside see.  The two are
 * in one table only.  Nobody is deleted while the audit speaks of them: a
 * person who leaves is switched off, and their name is forgotten when its time
 * is over (0002_people.sql).
 *
 * All of this is done within a work of the store, with its audit row.  Text in
 * what is handed out lies in the caller's arena.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "base/id.h"
#include "people/permissions.h"
#include "store/store.h"

enum {
	PEOPLE_NAME_MAX = 100,
	PEOPLE_LOGIN_MAX = 64,
	PEOPLE_PSEUDONYM_MAX = 48,
	PEOPLE_ROLES_MAX = 16, /* of one person */
	PEOPLE_CODE_MAX = 64,  /* an invitation's code, as text */
	PEOPLE_REASON_MAX = 500,
};

/* Who acts, for the audit: a person, or the operator at the machine itself ("operator"). */
struct people_actor {
	ward_str person; /* their id; "" for the operator */
	ward_str roles;  /* at this time: "reviewer" or "lists,reviewer" */
};

enum people_state { PEOPLE_INVITED = 0, PEOPLE_ACTIVE, PEOPLE_OFF };
const char *people_state_name(enum people_state state); /* "invited", "active", "off" */

struct person {
	ward_str id;
	ward_str login;     /* what is typed to log in; lower case */
	ward_str name;      /* private */
	ward_str pseudonym; /* "reviewer 7" */
	enum people_state state;
	ward_str roles;                 /* "lists,reviewer", in the order of the alphabet */
	people_permissions permissions; /* of all the roles together */
	bool has_password, has_totp, has_key;
	int64_t passkeys, identities, recovery_left;
	int64_t created_at, changed_at, seen_at;
};

/* ---- asking ---- */

/* NOT_FOUND when there is none. */
ward_err people_get(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct person *person, struct ward_error *error) WARD_MUST_USE;
/* By what is typed to log in. */
ward_err people_find(struct store_tx *tx, ward_str login, struct ward_arena *arena,
		struct person *person, struct ward_error *error) WARD_MUST_USE;

struct people_list {
	struct person *at;
	size_t count;
};

/* All, by pseudonym; those who are off come last. */
ward_err people_list(struct store_tx *tx, struct ward_arena *arena, struct people_list *list,
		struct ward_error *error) WARD_MUST_USE;
/* What is told outward, also of somebody whose name is forgotten: "reviewer 7". */
ward_err people_pseudonym(struct store_tx *tx, ward_str id, char pseudonym[PEOPLE_PSEUDONYM_MAX],
		struct ward_error *error) WARD_MUST_USE;
/* Those who may, and are active: whom to ask for a second opinion. */
ward_err people_who_may(struct store_tx *tx, enum people_permission permission,
		struct ward_arena *arena, struct people_list *list,
		struct ward_error *error) WARD_MUST_USE;

/* ---- changing ---- */

struct people_new {
	ward_str login; /* a-z, 0-9, and . _ - @ between */
	ward_str name;
	ward_str roles; /* "reviewer" or "lists,reviewer" */
};

/*
 * Adds a person and an invitation, whose code is told once and not kept.
 * EXISTS for a login that is taken; ARGUMENT for roles that do not go together.
 */
ward_err people_add(struct store_tx *tx, const struct people_actor *actor,
		const struct people_new *person, char id[ID_TEXT_MAX], char code[PEOPLE_CODE_MAX],
		struct ward_error *error) WARD_MUST_USE;

/*
 * Replaces the roles.  DENIED for one's own.  The person's sessions get new
 * tokens at their next log-in only: all of them end.
 */
ward_err people_set_roles(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		ward_str roles, struct ward_error *error) WARD_MUST_USE;
ward_err people_set_name(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		ward_str name, struct ward_error *error) WARD_MUST_USE;
/* EXISTS when somebody else has it. */
ward_err people_set_pseudonym(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		ward_str pseudonym, struct ward_error *error) WARD_MUST_USE;
/* Nobody switches themselves off, nor the last active one who may change people (CONFLICT). */
ward_err people_set_off(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		bool off, struct ward_error *error) WARD_MUST_USE;

/*
 * A new invitation: whoever brings its code sets a password and a second
 * factor anew.  What they had works until then.  The vault phrase is not
 * touched, so that nobody gets at content in this way.
 */
ward_err people_reset(struct store_tx *tx, const struct people_actor *actor, ward_str id,
		char code[PEOPLE_CODE_MAX], struct ward_error *error) WARD_MUST_USE;

/* Forgets names, logins, proofs and roles of those who were switched off before then. */
ward_err people_forget(struct store_tx *tx, int64_t off_before, unsigned *forgotten,
		struct ward_error *error) WARD_MUST_USE;

/* ---- roles of an operator's own ---- */

struct people_own_role {
	ward_str name;
	people_permissions permissions;
	ward_str says;
};

/* EXISTS for a name that comes with ward; ARGUMENT as people_permissions_check. */
ward_err people_role_set(struct store_tx *tx, const struct people_actor *actor,
		const struct people_own_role *role, struct ward_error *error) WARD_MUST_USE;
/* CONFLICT while somebody has it. */
ward_err people_role_remove(struct store_tx *tx, const struct people_actor *actor, ward_str name,
		struct ward_error *error) WARD_MUST_USE;
ward_err people_role_list(struct store_tx *tx, struct ward_arena *arena,
		struct people_own_role **roles, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* What a list of roles ("lists,reviewer") allows together; ARGUMENT for one there is not. */
ward_err people_roles_permissions(struct store_tx *tx, ward_str roles, people_permissions *set,
		struct ward_error *error) WARD_MUST_USE;

#endif
