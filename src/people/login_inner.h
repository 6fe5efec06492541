/*
 * login_inner.h - what the ways to log in share
 */
#ifndef PEOPLE_LOGIN_INNER_H
#define PEOPLE_LOGIN_INNER_H

#include "people/people_flows.h"
#include "people/people_login.h"
#include "people/people_provider.h"
#include "people/people_throttle.h"
#include "people/people_tickets.h"

struct people_login {
	struct store *store;
	struct people_times times;
	char site[PEOPLE_SITE_MAX];
	uint8_t secret[32]; /* seals the secrets of devices */
	struct people_throttle *throttle;
	struct people_tickets *tickets;
	struct people_ring *ring;
	struct people_provider *provider; /* NULL: none */
	struct people_flows *flows;       /* NULL without a provider */
};

enum { PEOPLE_RING_KEYS = 256 };

/* The one answer to every proof that fails. */
ward_err login_denied(struct ward_error *error) WARD_MUST_USE;
/* Counts a try; LIMIT with `wait_s` set when it is too early. */
ward_err login_try(struct people_login *login, ward_str name, ward_str place, unsigned *wait_s,
		struct ward_error *error) WARD_MUST_USE;
void login_well(struct people_login *login, ward_str name, ward_str place);

/* The invitation is used up, and ten recovery codes are the person's. */
ward_err login_enrolled(struct store_tx *tx, ward_str person, struct people_codes *codes,
		struct ward_error *error) WARD_MUST_USE;
/* Opens a session, in the work that has proved who it is, and tells the audit. */
ward_err login_open(struct people_login *login, struct store_tx *tx, ward_str person,
		const char *how, struct people_step *step, struct ward_error *error) WARD_MUST_USE;

/* The person of a good invitation, with name and login; DENIED for one that is not. */
struct login_invited {
	char person[ID_TEXT_MAX], login[PEOPLE_LOGIN_MAX], name[PEOPLE_NAME_MAX + 1];
	bool anew;
};
ward_err login_invitation(struct store_tx *tx, ward_str code, struct login_invited *invited,
		struct ward_error *error) WARD_MUST_USE;
/* What somebody had who is invited anew. */
ward_err login_forget_proofs(struct store_tx *tx, ward_str person,
		struct ward_error *error) WARD_MUST_USE;
/* What is left of earlier beginnings of one who has not joined: all but linked accounts. */
ward_err login_forget_words(struct store_tx *tx, ward_str person,
		struct ward_error *error) WARD_MUST_USE;

#endif
