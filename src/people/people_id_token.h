/*
 * people_id_token.h - what a provider says of who logged in, and whether it is said to us, now
 *
 * An ID token (OpenID Connect Core 1.0, section 2) is good when the provider
 * itself has signed it (people_jwt.h) for us alone, a moment ago, as the
 * answer to the one question that we asked (nonce), beside the access token
 * that came with it (at_hash).  Of all that it may say about a person only the
 * subject is taken: never a name, never an e-mail address.
 */
#ifndef PEOPLE_ID_TOKEN_H
#define PEOPLE_ID_TOKEN_H

#include "people/people_jwt.h"

enum {
	PEOPLE_SUBJECT_MAX = 256,        /* with the NUL; the standard has 255 ASCII characters */
	PEOPLE_ID_TOKEN_AGE_S = 10 * 60, /* it was made for this log-in, not for another */
};

struct people_id_rules {
	ward_str issuer, client_id;
	ward_str nonce;
	ward_str access_token; /* "": none came */
	int64_t now;
	int64_t skew_s;     /* how far clocks may lie apart */
	int64_t auth_after; /* not 0: the person must have proved who they are since then */
	ward_str acr, amr;  /* words with blanks between: what counts as a second factor */
};

struct people_id {
	char subject[PEOPLE_SUBJECT_MAX];
	bool second; /* the provider says that it asked for a second factor */
};

/* NOT_FOUND and DENIED as people_jwt_open; DENIED, in a sentence, for what does not hold. */
ward_err people_id_token_read(const struct people_keyset *set, ward_str token,
		const struct people_id_rules *rules, struct people_id *id,
		struct ward_error *error) WARD_MUST_USE;

/* 1 to 255 characters that can be seen, all of ASCII: what the standard allows, without blanks. */
bool people_subject_valid(ward_str subject);

#endif
