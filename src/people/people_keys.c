/*
 * The secret half as it is kept:
 *
 *     1 byte     version, 1
 *     4 bytes    passes of Argon2id, the low byte first
 *     4 bytes    its memory in KiB
 *     16 bytes   salt
 *     24 bytes   nonce
 *     48 bytes   XChaCha20-Poly1305 of the secret half; what stands before the nonce, and the
 *                public half, are bound to it
 *
 * The costs stand with it, so that they can grow; what is read is held to
 * bounds, so that a row that somebody changed does not take all memory.
 */
#include "people/people_keys.h"

#include <pthread.h>
#include <sodium.h>

#include "base/clock.h"
#include "people/inner.h"
#include "people/people_password.h"

enum {
	VERSION = 1,
	PASSES = 3,
	MEMORY_KIB = 128 * 1024,
	PASSES_MAX = 16,
	MEMORY_KIB_MAX = 1024 * 1024,
	SALT = crypto_pwhash_SALTBYTES,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	HEAD = 1 + 4 + 4 + SALT,
	BODY = PEOPLE_KEY_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
	SEALED = HEAD + NONCE + BODY,
};

_Static_assert((int)SEALED <= (int)PEOPLE_SEALED_MAX, "it fits");
_Static_assert((int)PEOPLE_KEY_SIZE == (int)crypto_box_PUBLICKEYBYTES, "X25519");

/* ---- sealing ---- */

static void put_u32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* The key that the phrase makes with these costs and this salt. */
static ward_err derive(ward_str phrase, const uint8_t head[HEAD],
		uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], struct ward_error *error)
{
	uint32_t passes = get_u32(head + 1), memory_kib = get_u32(head + 5);

	if (head[0] != VERSION || passes == 0 || passes > PASSES_MAX || memory_kib < 8 ||
			memory_kib > MEMORY_KIB_MAX)
		return ward_fail(error, WARD_E_CORRUPT,
				"a person's sealed key is not as ward writes it");
	if (crypto_pwhash(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, phrase.ptr, phrase.len,
			    head + 9, passes, (size_t)memory_kib * 1024,
			    crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ward_fail(error, WARD_E_NOMEM,
				"there is not the memory for a vault phrase (%u MiB)",
				memory_kib / 1024);
	return WARD_OK;
}

/* What is bound to the sealed half: the head and the public half. */
static void bind_to(const struct people_sealed *sealed, uint8_t bound[HEAD + PEOPLE_KEY_SIZE])
{
	memcpy(bound, sealed->bytes, HEAD);
	memcpy(bound + HEAD, sealed->public_key, PEOPLE_KEY_SIZE);
}

static ward_err seal(const uint8_t secret[PEOPLE_KEY_SIZE],
		const uint8_t public_key[PEOPLE_KEY_SIZE], ward_str phrase,
		struct people_sealed *sealed, struct ward_error *error)
{
	uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], bound[HEAD + PEOPLE_KEY_SIZE];
	struct people_sealed made = { .len = SEALED };

	memcpy(made.public_key, public_key, PEOPLE_KEY_SIZE);
	made.bytes[0] = VERSION;
	put_u32(made.bytes + 1, PASSES);
	put_u32(made.bytes + 5, MEMORY_KIB);
	randombytes_buf(made.bytes + 9, SALT + NONCE);
	ward_err err = derive(phrase, made.bytes, key, error);

	if (err)
		return err;
	bind_to(&made, bound);
	crypto_aead_xchacha20poly1305_ietf_encrypt(made.bytes + HEAD + NONCE, NULL, secret,
			PEOPLE_KEY_SIZE, bound, sizeof(bound), NULL, made.bytes + HEAD, key);
	sodium_memzero(key, sizeof(key));
	*sealed = made;
	return WARD_OK;
}

static ward_err unseal(const struct people_sealed *sealed, ward_str phrase,
		uint8_t secret[PEOPLE_KEY_SIZE], struct ward_error *error)
{
	uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES], bound[HEAD + PEOPLE_KEY_SIZE];

	if (sealed->len != SEALED)
		return ward_fail(error, WARD_E_CORRUPT,
				"a person's sealed key is not as ward writes it");
	/* No longer phrase was ever taken. */
	if (phrase.len > PEOPLE_PHRASE_MAX)
		return ward_fail(error, WARD_E_DENIED, "this is not the vault phrase");
	ward_err err = derive(phrase, sealed->bytes, key, error);

	if (err)
		return err;
	bind_to(sealed, bound);
	int wrong = crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL,
			sealed->bytes + HEAD + NONCE, BODY, bound, sizeof(bound),
			sealed->bytes + HEAD, key);

	sodium_memzero(key, sizeof(key));
	return wrong ? ward_fail(error, WARD_E_DENIED, "this is not the vault phrase") : WARD_OK;
}

/* ---- in the store ---- */

static ward_err check_phrase(ward_str phrase, const struct person *person, struct ward_error *error)
{
	return people_password_check(phrase, PEOPLE_PHRASE_MIN, person->login, person->name,
			"a vault phrase", error);
}

ward_err people_keys_make(ward_str phrase, const struct person *person,
		struct people_sealed *sealed, struct ward_error *error)
{
	uint8_t public_key[PEOPLE_KEY_SIZE], secret[PEOPLE_KEY_SIZE];
	ward_err err = check_phrase(phrase, person, error);

	if (err)
		return err;
	crypto_box_keypair(public_key, secret);
	err = seal(secret, public_key, phrase, sealed, error);
	sodium_memzero(secret, sizeof(secret));
	return err;
}

ward_err people_keys_change(const struct people_sealed *old, ward_str phrase, ward_str new_phrase,
		const struct person *person, struct people_sealed *sealed, struct ward_error *error)
{
	uint8_t secret[PEOPLE_KEY_SIZE];
	ward_err err = check_phrase(new_phrase, person, error);

	if (!err)
		err = unseal(old, phrase, secret, error);
	if (!err)
		err = seal(secret, old->public_key, new_phrase, sealed, error);
	sodium_memzero(secret, sizeof(secret));
	return err;
}

ward_err people_keys_keep(struct store_tx *tx, const struct people_actor *actor, ward_str person,
		const struct people_sealed *sealed, bool replace, struct ward_error *error)
{
	char digits[2 * PEOPLE_KEY_SIZE + 1], detail[2 * PEOPLE_KEY_SIZE + 32];
	uint64_t changed = 0;
	ward_err err = people_need(tx, person, error);

	if (!err)
		err = store_run(tx,
				replace ? "INSERT INTO people_keys (person, public_key, sealed, "
					  "changed_at) VALUES ($1, $2, $3, $4) ON CONFLICT "
					  "(person) DO UPDATE SET public_key = $2, sealed = $3, "
					  "changed_at = $4"
					: "INSERT INTO people_keys (person, public_key, sealed, "
					  "changed_at) VALUES ($1, $2, $3, $4) ON CONFLICT "
					  "(person) DO NOTHING",
				STORE_VALUES(store_text(person),
						store_blob((ward_bytes){ sealed->public_key,
								PEOPLE_KEY_SIZE }),
						store_blob((ward_bytes){ sealed->bytes,
								sealed->len }),
						store_int(clock_now())),
				&changed, error);
	if (!err && changed == 0)
		return ward_fail(error, WARD_E_EXISTS,
				"this person has a key; a new one would not open what was wrapped "
				"to the old");
	ward_hex_format(sealed->public_key, PEOPLE_KEY_SIZE, digits);
	snprintf(detail, sizeof(detail), "{\"public_key\":\"%s\"}", digits);
	return err ? err
		   : people_tell(tx, actor, "person.key", "person", person, WARD_STR(""),
				     ward_str_from(detail), error);
}

ward_err people_keys_load(struct store_tx *tx, ward_str person, struct people_sealed *sealed,
		struct ward_error *error)
{
	struct people_sealed read = { 0 };
	struct store_rows *rows;
	ward_err err = store_one(tx, "SELECT public_key, sealed FROM people_keys WHERE person = $1",
			STORE_VALUES(store_text(person)), &rows, error);

	if (err == WARD_E_NOT_FOUND)
		return ward_fail(error, err, "this person has no vault key yet");
	if (err)
		return err;
	ward_bytes public_key = store_get_blob(rows, 0), bytes = store_get_blob(rows, 1);
	bool fits = public_key.len == PEOPLE_KEY_SIZE && bytes.len <= PEOPLE_SEALED_MAX;

	if (fits) {
		memcpy(read.public_key, public_key.ptr, PEOPLE_KEY_SIZE);
		memcpy(read.bytes, bytes.ptr, bytes.len);
		read.len = bytes.len;
	}
	err = store_rows_end(rows, error);
	if (!err && !fits)
		return ward_fail(error, WARD_E_CORRUPT,
				"a person's sealed key is not as ward writes it");
	if (!err)
		*sealed = read;
	return err;
}

/* ---- unlocked ---- */

struct slot {
	char session[ID_TEXT_MAX]; /* "": free */
	uint8_t public_key[PEOPLE_KEY_SIZE];
	uint64_t used_us;
};

/*
 * The secret halves lie in one piece of memory that is locked, surrounded by
 * guard pages, and readable only while a key is lent or put in.
 */
struct people_ring {
	pthread_mutex_t mutex;
	size_t count;
	uint8_t *secrets;
	struct slot slots[];
};

struct people_ring *people_ring_new(size_t keys_max)
{
	struct people_ring *ring = calloc(1, sizeof(*ring) + keys_max * sizeof(struct slot));

	if (!ring)
		return NULL;
	ring->secrets = sodium_allocarray(keys_max, PEOPLE_KEY_SIZE);
	if (!ring->secrets) {
		free(ring);
		return NULL;
	}
	ring->count = keys_max;
	pthread_mutex_init(&ring->mutex, NULL);
	sodium_mprotect_noaccess(ring->secrets);
	return ring;
}

void people_ring_free(struct people_ring *ring)
{
	if (!ring)
		return;
	sodium_free(ring->secrets);
	pthread_mutex_destroy(&ring->mutex);
	free(ring);
}

/* With the mutex held; an empty session finds a free one. */
static struct slot *find(struct people_ring *ring, ward_str session)
{
	for (size_t i = 0; i < ring->count; i++) {
		if (ward_str_eq(ward_str_from(ring->slots[i].session), session))
			return &ring->slots[i];
	}
	return NULL;
}

static uint8_t *secret_of(struct people_ring *ring, const struct slot *slot)
{
	return ring->secrets + (size_t)(slot - ring->slots) * PEOPLE_KEY_SIZE;
}

static void wipe(struct people_ring *ring, struct slot *slot)
{
	sodium_mprotect_readwrite(ring->secrets);
	sodium_memzero(secret_of(ring, slot), PEOPLE_KEY_SIZE);
	sodium_mprotect_noaccess(ring->secrets);
	sodium_memzero(slot, sizeof(*slot));
}

static bool is_over(const struct slot *slot, uint64_t now_us)
{
	return slot->session[0] && now_us - slot->used_us >= (uint64_t)PEOPLE_UNLOCK_S * 1000000;
}

ward_err people_ring_unlock(struct people_ring *ring, ward_str session,
		const struct people_sealed *sealed, ward_str phrase, struct ward_error *error)
{
	uint8_t secret[PEOPLE_KEY_SIZE];
	ward_err err = WARD_OK;

	if (session.len == 0 || session.len >= ID_TEXT_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a key is unlocked for a session");
	err = unseal(sealed, phrase, secret, error);
	if (err)
		return err;
	pthread_mutex_lock(&ring->mutex);
	struct slot *slot = find(ring, session);

	if (!slot)
		slot = find(ring, WARD_STR(""));
	if (slot) {
		snprintf(slot->session, sizeof(slot->session), "%.*s", WARD_FMT(session));
		memcpy(slot->public_key, sealed->public_key, PEOPLE_KEY_SIZE);
		slot->used_us = clock_ticks_us();
		sodium_mprotect_readwrite(ring->secrets);
		memcpy(secret_of(ring, slot), secret, PEOPLE_KEY_SIZE);
		sodium_mprotect_noaccess(ring->secrets);
	} else {
		err = ward_fail(error, WARD_E_LIMIT,
				"%zu people have the vault unlocked, and no more may at once",
				ring->count);
	}
	pthread_mutex_unlock(&ring->mutex);
	sodium_memzero(secret, sizeof(secret));
	return err;
}

ward_err people_ring_borrow(struct people_ring *ring, ward_str session,
		ward_err (*use)(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
				const uint8_t secret_key[PEOPLE_KEY_SIZE],
				struct ward_error *error),
		void *context, struct ward_error *error)
{
	ward_err err;

	pthread_mutex_lock(&ring->mutex);
	struct slot *slot = session.len > 0 ? find(ring, session) : NULL;

	if (slot && is_over(slot, clock_ticks_us())) {
		wipe(ring, slot);
		slot = NULL;
	}
	if (slot) {
		slot->used_us = clock_ticks_us();
		sodium_mprotect_readonly(ring->secrets);
		err = use(context, slot->public_key, secret_of(ring, slot), error);
		sodium_mprotect_noaccess(ring->secrets);
	} else {
		err = ward_fail(error, WARD_E_DENIED,
				"the vault is locked; unlock it with your vault phrase");
	}
	pthread_mutex_unlock(&ring->mutex);
	return err;
}

unsigned people_ring_left(struct people_ring *ring, ward_str session)
{
	uint64_t now_us = clock_ticks_us();
	unsigned left = 0;

	pthread_mutex_lock(&ring->mutex);
	struct slot *slot = session.len > 0 ? find(ring, session) : NULL;

	if (slot && !is_over(slot, now_us))
		left = PEOPLE_UNLOCK_S - (unsigned)((now_us - slot->used_us) / 1000000);
	pthread_mutex_unlock(&ring->mutex);
	return left;
}

bool people_ring_wipe(struct people_ring *ring, ward_str session)
{
	pthread_mutex_lock(&ring->mutex);
	struct slot *slot = session.len > 0 ? find(ring, session) : NULL;

	if (slot)
		wipe(ring, slot);
	pthread_mutex_unlock(&ring->mutex);
	return slot != NULL;
}

void people_ring_tick(struct people_ring *ring)
{
	uint64_t now_us = clock_ticks_us();

	pthread_mutex_lock(&ring->mutex);
	for (size_t i = 0; i < ring->count; i++) {
		if (is_over(&ring->slots[i], now_us))
			wipe(ring, &ring->slots[i]);
	}
	pthread_mutex_unlock(&ring->mutex);
}

size_t people_ring_sessions(struct people_ring *ring, char (*sessions)[ID_TEXT_MAX], size_t max)
{
	size_t count = 0;

	pthread_mutex_lock(&ring->mutex);
	for (size_t i = 0; i < ring->count && count < max; i++) {
		if (ring->slots[i].session[0])
			memcpy(sessions[count++], ring->slots[i].session, ID_TEXT_MAX);
	}
	pthread_mutex_unlock(&ring->mutex);
	return count;
}
