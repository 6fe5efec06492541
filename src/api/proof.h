/*
 * proof.h - what the handlers of one's own proofs share
 */
#ifndef API_PROOF_H
#define API_PROOF_H

#include "api/door.h"
#include "people/people_login.h"

/* A proof that fails is a 401 before there is a session, and a 403 within one. */
void proof_failed(struct request *request, const struct ward_error *error, unsigned wait_s);
/* Who logs in, and the store that knows them; NULL with a problem. */
struct people_login *proof_login(struct request *request);
/* The session that a step has opened, with its cookie; `codes` may be NULL. */
void proof_welcome(struct request *request, const struct people_step *step,
		const struct people_codes *codes);
/* The password once more, from the member "password"; false with a problem. */
bool proof_again(struct request *request, struct people_login *login,
		const struct json_t *root) WARD_MUST_USE;

/* handle_passkey.c: logs in by the member "passkey" of the body. */
void proof_by_passkey(struct request *request, struct people_login *login,
		const struct json_t *root, ward_str from);

#endif
