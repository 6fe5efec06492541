/*
 * people_provider.h - the OpenID Connect provider that says who somebody is
 *
 * A browser is sent to the provider with a question, and comes back with a
 * code; the code is redeemed by us, over TLS and with our own secret, for an
 * ID token (authorization code with PKCE).  What the provider says of itself
 * and its keys are asked for when they are wanted, kept for ten minutes, and
 * asked for at once when a token is signed with a key that we do not have: so
 * keys may change at any time.  Two askers never wait for the same answer, and
 * a provider that is away is not asked by everybody who comes.
 *
 * Any thread may use one.
 */
#ifndef PEOPLE_PROVIDER_H
#define PEOPLE_PROVIDER_H

#include "people/people_discovery.h"
#include "people/people_flows.h"
#include "people/people_id_token.h"

struct people_provider;

struct people_provider_options {
	const char *issuer;      /* https://..., as it calls itself */
	const char *client_id;   /* what it calls us */
	const char *secret_path; /* a file that is its owner's alone */
	const char *name;        /* what people call it */
	const char *acr, *amr;   /* words: what counts as its own second factor */
	bool trust_second;       /* is its own second factor enough? */
	uint32_t time_ms;        /* for each question */
	int64_t skew_s;
};

/* ARGUMENT for an issuer that is no address we ask, or words that are too long. */
ward_err people_provider_new(const struct people_provider_options *options,
		struct people_provider **provider, struct ward_error *error) WARD_MUST_USE;
void people_provider_free(struct people_provider *provider);

/* Can the secret be read, and by nobody else? */
ward_err people_provider_check(const struct people_provider *provider,
		struct ward_error *error) WARD_MUST_USE;

const char *people_provider_issuer(const struct people_provider *provider);
const char *people_provider_name(const struct people_provider *provider);
/* Where a browser is logged out there; false while that is not known. */
bool people_provider_logout(struct people_provider *provider, struct ward_buf *address);

/* Where the browser goes.  IO, TIMEOUT, LIMIT, FORMAT or UNSUPPORTED when the provider is amiss. */
ward_err people_provider_address(struct people_provider *provider, const struct people_flow *flow,
		struct ward_buf *address, struct ward_error *error) WARD_MUST_USE;

/* What a browser came back with; each "" when it is not there. */
struct people_return {
	ward_str code, state, issuer, trouble;
};

/*
 * Redeems the code.  DENIED for what does not hold; else as above.  `second` of the id is false
 * unless the operator trusts the provider's second factor.
 */
ward_err people_provider_redeem(struct people_provider *provider, const struct people_flow *flow,
		const struct people_return *came, struct people_id *id,
		struct ward_error *error) WARD_MUST_USE;

#endif
