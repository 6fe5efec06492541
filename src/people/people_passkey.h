/*
 * people_passkey.h - passkeys: what an authenticator says, and whether it is true (WebAuthn, level
 * 2)
 *
 * An authenticator makes a key pair for one origin and one person, and signs
 * our challenge with it when it has verified the person (a finger, a face, a
 * PIN): that is two factors in one.  ES256, EdDSA and RS256 are taken.  Who
 * made the authenticator is not asked: an attestation is read past, whatever
 * its kind.
 *
 * Everything here is a stranger's bytes, and bounded.  It takes memory alone.
 */
#ifndef PEOPLE_PASSKEY_H
#define PEOPLE_PASSKEY_H

#include <ward/base.h>

enum {
	PEOPLE_CREDENTIAL_MAX = 1023, /* bytes of an id, as the standard has it */
	PEOPLE_COSE_MAX = 640,        /* of a public key; RSA of 4096 bits has some 530 */
	PEOPLE_CLIENT_DATA_MAX = 4096,
	PEOPLE_ATTESTATION_MAX = 32768,
};

/* Where browsers find us. */
struct people_place {
	char origin[256]; /* "https://ward.example.org" */
	char rp_id[256];  /* "ward.example.org" */
};

struct people_credential {
	uint8_t id[PEOPLE_CREDENTIAL_MAX];
	size_t id_len;
	uint8_t key[PEOPLE_COSE_MAX]; /* a COSE_Key */
	size_t key_len;
	uint32_t counter;
};

/* What the browser sent for a new one; DENIED, in a sentence, when it is not what we asked for. */
ward_err people_passkey_register(const struct people_place *place, const uint8_t challenge[32],
		ward_bytes client_data, ward_bytes attestation,
		struct people_credential *credential, struct ward_error *error) WARD_MUST_USE;

struct people_assertion {
	ward_bytes client_data, authenticator_data, signature;
};

/* DENIED when it was not signed by this key for this challenge; else `counter` is the new one. */
ward_err people_passkey_assert(const struct people_place *place, const uint8_t challenge[32],
		const struct people_assertion *assertion, ward_bytes key, uint32_t counter_before,
		uint32_t *counter, struct ward_error *error) WARD_MUST_USE;

#endif
