/*
 * people_discovery.h - what a provider says of itself, and what it gives for a code
 *
 * The document at ISSUER/.well-known/openid-configuration (OpenID Connect
 * Discovery 1.0) names the addresses where a log-in begins, where a code is
 * redeemed, and where the keys lie.  It is believed when it speaks of the very
 * issuer that the operator has named, and when all its addresses are such as
 * we ask (net/inquire.h): then no later answer can send us elsewhere.
 *
 * It takes memory alone.
 */
#ifndef PEOPLE_DISCOVERY_H
#define PEOPLE_DISCOVERY_H

#include <ward/base.h>

enum {
	PEOPLE_URL_MAX = 1024,
	PEOPLE_DISCOVERY_TEXT_MAX = 64 << 10,
	PEOPLE_GRANT_TEXT_MAX = 64 << 10,
	PEOPLE_ACCESS_MAX = 8192, /* of an access token */
};

struct people_discovery {
	char authorization[PEOPLE_URL_MAX], token[PEOPLE_URL_MAX], keys[PEOPLE_URL_MAX];
	char logout[PEOPLE_URL_MAX]; /* "": it has none */
	bool basic;                  /* client_secret_basic is taken; else client_secret_post */
	bool says_issuer;            /* with each answer (RFC 9207) */
};

/* FORMAT for what is no such document, UNSUPPORTED when the provider cannot do what we need. */
ward_err people_discovery_read(ward_str text, ward_str issuer, struct people_discovery *discovery,
		struct ward_error *error) WARD_MUST_USE;

/* What a code was redeemed for; lies in the arena. */
struct people_grant {
	ward_str id_token;
	ward_str access_token; /* "": none */
};

ward_err people_grant_read(ward_str text, struct ward_arena *arena, struct people_grant *grant,
		struct ward_error *error) WARD_MUST_USE;

#endif
