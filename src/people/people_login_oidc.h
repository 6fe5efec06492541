/*
 * people_login_oidc.h - logging in through an OpenID Connect provider
 *
 * The provider's word stands in the place of the password.  A second factor of
 * ward's own is still asked, unless the operator trusts the provider's and the
 * provider says that it asked for one.  What is unlocked in the vault is not
 * concerned: that wants the person's own phrase, as always.
 *
 * Who is let in: people_identity.h.
 */
#ifndef PEOPLE_LOGIN_OIDC_H
#define PEOPLE_LOGIN_OIDC_H

#include "people/people_login.h"
#include "people/people_provider.h"

struct people_oidc_begin {
	const char *redirect;                 /* where the browser comes back to: our own address */
	ward_str invitation;                  /* its code; "": none */
	const struct people_session *session; /* to link one's own account; NULL: to log in */
	bool fresh;                           /* the provider must ask anew */
};

/* NULL: none is set up. */
struct people_provider *people_login_provider(const struct people_login *login);

/*
 * Where the browser goes, and the token that it keeps.  NOT_FOUND without a provider, LIMIT with
 * `wait_s` set, DENIED for an invitation that is not good; else the provider is amiss.
 */
ward_err people_oidc_begin(struct people_login *login, ward_str place,
		const struct people_oidc_begin *begin, struct ward_buf *address,
		char token[PEOPLE_TOKEN_MAX], unsigned *wait_s,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The browser came back.  True, with a session in `step`, when the person is logged in; else
 * people_oidc_look has what came of it, or nothing for a browser that has begun nothing.  `why` is
 * for the log: its code is WARD_OK unless the provider or the store was amiss.
 */
bool people_oidc_finish(struct people_login *login, ward_str place, ward_str token,
		const struct people_return *came, struct people_step *step, struct ward_error *why);
bool people_oidc_look(struct people_login *login, ward_str token,
		struct people_flow_end *end) WARD_MUST_USE;

#endif
