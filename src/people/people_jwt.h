/*
 * people_jwt.h - a signed token, and the keys of whoever may have signed it
 *
 * A token is three parts in base64url with points between: what it is signed
 * with, what it says, the signature (RFC 7515).  It is believed only when one
 * of four signatures fits a key of the provider's own set (RFC 7517): RS256,
 * PS256, ES256, EdDSA with Ed25519.  There is no "none", and nothing that is
 * made with a secret both sides know (HS256 and its kin): whoever can check
 * such a signature can make one.  What a token says of where its key lies
 * ("jku", "jwk", "x5u", "x5c") is never followed.
 *
 * All of it is a stranger's bytes, and bounded.  It takes memory alone.  A set
 * that is read does not change: threads may share it.
 */
#ifndef PEOPLE_JWT_H
#define PEOPLE_JWT_H

#include <ward/base.h>

struct json_t;
struct people_keyset;

enum {
	PEOPLE_JWT_MAX = 16384,             /* characters of a token */
	PEOPLE_KEYSET_TEXT_MAX = 128 << 10, /* bytes of a set */
	PEOPLE_KEYSET_MAX = 64,             /* keys that are kept of it */
	PEOPLE_KID_MAX = 256,
};

enum people_jwt_algorithm {
	PEOPLE_JWT_RS256 = 0,
	PEOPLE_JWT_PS256,
	PEOPLE_JWT_ES256,
	PEOPLE_JWT_EDDSA,
	PEOPLE_JWT_ALGORITHMS
};

/* "RS256"; NULL behind the last. */
const char *people_jwt_algorithm_name(enum people_jwt_algorithm algorithm);

/*
 * Reads a set.  Keys of other kinds, for other uses, or too weak (RSA below 2048 bits) are passed
 * over; FORMAT when it is no set, or none is left; LIMIT when it is too large.
 */
ward_err people_keyset_read(ward_str text, struct people_keyset **set,
		struct ward_error *error) WARD_MUST_USE;
/* NULL is fine. */
void people_keyset_free(struct people_keyset *set);
size_t people_keyset_count(const struct people_keyset *set);

/*
 * What a token says, when its signature is right: an object for tree_free.  NOT_FOUND when the set
 * has no key of its name: the set may be an old one.  DENIED, in a sentence, for all else.
 */
ward_err people_jwt_open(const struct people_keyset *set, ward_str token, struct json_t **claims,
		enum people_jwt_algorithm *algorithm, struct ward_error *error) WARD_MUST_USE;

#endif
