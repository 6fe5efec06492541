/*
 * people_identity.h - whose account at a provider is whose
 *
 * An account is known by the provider's name and what the provider calls it
 * (issuer and subject), and by nothing else: an e-mail address can be given
 * away and given again.  It becomes a person's in three ways: they log in with
 * it by their invitation; an admin says so before they have joined; or they
 * link it themselves within a session.  An admin alone cannot link one to a
 * person who has joined: that would be a way in to what the person may see.
 */
#ifndef PEOPLE_IDENTITY_H
#define PEOPLE_IDENTITY_H

#include "people/people.h"
#include "people/people_id_token.h"

enum { PEOPLE_ISSUER_MAX = 256, PEOPLE_IDENTITIES_MAX = 8 };

struct people_account {
	ward_str issuer, subject;
};

/* What is kept of a linked account. */
struct people_identity {
	ward_str id, issuer, subject;
	bool second;
	int64_t created_at, used_at;
};

ward_err people_identity_list(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct people_identity **rows, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/* By an admin.  CONFLICT for a person who has joined, EXISTS for an account that is taken. */
ward_err people_identity_link(struct store_tx *tx, const struct people_actor *actor,
		ward_str person, const struct people_account *account,
		struct ward_error *error) WARD_MUST_USE;
/*
 * Ends the sessions that were opened through a provider, but `keep` ("": all).  CONFLICT when it is
 * one's own and the last thing one logs in with; NOT_FOUND when the person has none such.
 */
ward_err people_identity_unlink(struct store_tx *tx, const struct people_actor *actor,
		ward_str person, ward_str id, ward_str keep,
		struct ward_error *error) WARD_MUST_USE;

#endif
