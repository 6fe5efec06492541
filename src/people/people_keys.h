/*
 * people_keys.h - a person's own key pair, with which the vault is opened
 *
 * The pair is X25519.  Its public half is in the store, and the vault wraps the
 * keys of roles to it (a sealed box).  Its secret half is in the store, too,
 * sealed under a key that Argon2id makes of the person's vault phrase, which
 * is not their password and is kept nowhere: without the phrase neither the
 * operator nor the database nor a backup opens anything.  A phrase that is
 * forgotten is a key that is lost; others wrap the role's key to a new one.
 *
 * Unlocked, the secret half is held in locked memory of the daemon, bound to
 * one session, and is wiped when that session logs out, runs out, is revoked,
 * or when the person presses the quiet key.  It is lent for one call at a time
 * and never copied out.
 *
 * Any thread may use a ring.
 */
#ifndef PEOPLE_KEYS_H
#define PEOPLE_KEYS_H

#include "people/people.h"

enum {
	PEOPLE_KEY_SIZE = 32,
	PEOPLE_PHRASE_MIN = 16, /* characters */
	PEOPLE_PHRASE_MAX = 256,
	PEOPLE_UNLOCK_S = 15 * 60, /* unused so long, it is locked again */
};

/* ---- in the store ---- */

/*
 * Argon2id is slow on purpose (people_password.h), so sealing and opening are done outside the
 * store's works: `sealed` goes in between.
 */
enum { PEOPLE_SEALED_MAX = 128 };

struct people_sealed {
	uint8_t public_key[PEOPLE_KEY_SIZE];
	uint8_t bytes[PEOPLE_SEALED_MAX]; /* version, salt, costs, nonce, sealed secret half */
	size_t len;
};

/* A new pair.  ARGUMENT for a phrase that is too short, or holds the person's name. */
ward_err people_keys_make(ward_str phrase, const struct person *person,
		struct people_sealed *sealed, struct ward_error *error) WARD_MUST_USE;
/* The same pair under a new phrase.  DENIED when the old one is wrong. */
ward_err people_keys_change(const struct people_sealed *old, ward_str phrase, ward_str new_phrase,
		const struct person *person, struct people_sealed *sealed,
		struct ward_error *error) WARD_MUST_USE;

/* Keeps it; a new pair replaces an old one only when `replace` says so, else EXISTS. */
ward_err people_keys_keep(struct store_tx *tx, const struct people_actor *actor, ward_str person,
		const struct people_sealed *sealed, bool replace,
		struct ward_error *error) WARD_MUST_USE;
/* NOT_FOUND for a person who has no pair. */
ward_err people_keys_load(struct store_tx *tx, ward_str person, struct people_sealed *sealed,
		struct ward_error *error) WARD_MUST_USE;

/* ---- unlocked ---- */

struct people_ring;

/* NULL without (lockable) memory. */
struct people_ring *people_ring_new(size_t keys_max);
/* Wipes all. */
void people_ring_free(struct people_ring *ring);

/* DENIED for a wrong phrase.  LIMIT when the ring is full. */
ward_err people_ring_unlock(struct people_ring *ring, ward_str session,
		const struct people_sealed *sealed, ward_str phrase,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Lends the pair to `use` for the length of its call; DENIED when this session has not unlocked.
 * `use` must not call the ring.
 */
ward_err people_ring_borrow(struct people_ring *ring, ward_str session,
		ward_err (*use)(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
				const uint8_t secret_key[PEOPLE_KEY_SIZE],
				struct ward_error *error),
		void *context, struct ward_error *error) WARD_MUST_USE;

/* Seconds until it is locked by itself; 0: it is locked. */
unsigned people_ring_left(struct people_ring *ring, ward_str session);
/* Log-out, time-out, quiet key.  True when there was something to wipe. */
bool people_ring_wipe(struct people_ring *ring, ward_str session);
/* Now and then: wipes what was not used for PEOPLE_UNLOCK_S. */
void people_ring_tick(struct people_ring *ring);
/* The sessions that have unlocked, to look which of them are over; returns how many. */
size_t people_ring_sessions(struct people_ring *ring, char (*sessions)[ID_TEXT_MAX], size_t max);

#endif
