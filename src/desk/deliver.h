/*
 * deliver.h - the operator's own actions leave the house: signed calls
 *
 * An action of the operator's own kind is a POST to the kind's address with
 *
 *     {"action":ID,"kind":NAME,"job":ID,"decision":ID,"subject":…,"policy":…,
 *      "labels":[…],"parameters":{…},"try":N}
 *
 * and two headers: "Ward-Action: ID", the same for each try, so that whoever
 * gets it twice does it once; and "Ward-Signature: t=SECONDS,key=HEX,sig=HEX",
 * Ed25519 (signer.h, kind "ward.call") over "SECONDS.BODY".  No reason, no
 * reporter, no name of a person who works here goes out.
 *
 * Answers of 2xx are done.  410 and other 4xx save 408, 409, 425 and 429 are
 * hopeless: asking again says the same.  The rest is tried again.
 */
#ifndef DESK_DELIVER_H
#define DESK_DELIVER_H

#include "audit/signer.h"
#include "desk/actions.h"

enum { DESK_CALL_MS = 10000, DESK_CALL_LEASE_S = 60 };

/* Does the next one that is due; NOT_FOUND when none is. */
ward_err desk_deliver(struct store *store, const struct signer *signer,
		struct ward_error *error) WARD_MUST_USE;

/* The two words for an answer's status: done, or not worth another try. */
bool desk_call_is_done(unsigned status);
bool desk_call_is_hopeless(unsigned status);

#endif
