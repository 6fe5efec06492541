/*
 * login_oidc.h - what linked accounts and the log-in through a provider share
 */
#ifndef PEOPLE_LOGIN_OIDC_INNER_H
#define PEOPLE_LOGIN_OIDC_INNER_H

#include "people/people_identity.h"

struct login_identity {
	char id[ID_TEXT_MAX], person[ID_TEXT_MAX];
	bool second; /* at the log-in before */
	bool off;
};

/* NOT_FOUND when the account is nobody's. */
ward_err login_identity_find(struct store_tx *tx, const struct people_account *account,
		struct login_identity *found, struct ward_error *error) WARD_MUST_USE;
/* It opened a log-in; `second`: with the provider's second factor. */
ward_err login_identity_used(struct store_tx *tx, const char *id, bool second,
		struct ward_error *error) WARD_MUST_USE;
/* The account is the person's from now on; EXISTS when it is another's.  One's own stays as it is.
 */
ward_err login_identity_keep(struct store_tx *tx, const struct people_actor *actor, ward_str person,
		const struct people_account *account, struct ward_error *error) WARD_MUST_USE;

#endif
