#include "oblivious/oprf.h"

#include <sodium.h>
#include <string.h>

/*
 * RFC 9497 for the suite ristretto255-SHA512 (its 4.1), with hash_to_ristretto255
 * and expand_message_xmd of RFC 9380 (its appendix B and 5.3.1).  Names of
 * values are the RFC's where it gives them: M and Z are the composites.
 */

enum { BLOCK = 128, WORDS_MAX = 80 }; /* SHA-512's block; longest domain separation tag */

static const uint8_t zero[OPRF_POINT];

bool oprf_prepare(void)
{
	return sodium_init() >= 0;
}

static size_t put_text(uint8_t *tag, size_t len, const char *text)
{
	while (*text)
		tag[len++] = (uint8_t)*text++;
	return len;
}

/* "HashToGroup-OPRFV1-\x00-ristretto255-SHA512"; returns its length. */
static size_t tag_of(const char *before, oprf_mode mode, uint8_t tag[WORDS_MAX])
{
	size_t len = put_text(tag, 0, before);

	len = put_text(tag, len, "OPRFV1-");
	tag[len++] = (uint8_t)mode;
	return put_text(tag, len, "-ristretto255-SHA512");
}

/* ---- hashing ---- */

static void add(crypto_hash_sha512_state *hash, const void *bytes, size_t len)
{
	crypto_hash_sha512_update(hash, bytes, len);
}

/* I2OSP(len, 2) and the bytes. */
static void add_sized(crypto_hash_sha512_state *hash, const void *bytes, size_t len)
{
	uint8_t size[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	add(hash, size, 2);
	add(hash, bytes, len);
}

/* What expand_message_xmd hashes before the message. */
static void expand_begin(crypto_hash_sha512_state *hash)
{
	static const uint8_t pad[BLOCK];

	crypto_hash_sha512_init(hash);
	add(hash, pad, sizeof(pad));
}

/* What follows the message; 64 bytes come out, which is one block of output. */
static void expand_end(crypto_hash_sha512_state *hash, const uint8_t *tag, size_t tag_len,
		uint8_t uniform[64])
{
	static const uint8_t wanted[3] = { 0, 64, 0 };
	uint8_t first = 1, tag_size = (uint8_t)tag_len, begun[64];

	add(hash, wanted, sizeof(wanted));
	add(hash, tag, tag_len);
	add(hash, &tag_size, 1);
	crypto_hash_sha512_final(hash, begun);
	crypto_hash_sha512_init(hash);
	add(hash, begun, sizeof(begun));
	add(hash, &first, 1);
	add(hash, tag, tag_len);
	add(hash, &tag_size, 1);
	crypto_hash_sha512_final(hash, uniform);
	sodium_memzero(begun, sizeof(begun));
	sodium_memzero(hash, sizeof(*hash));
}

static void hash_to_group(oprf_mode mode, ward_bytes input, uint8_t point[OPRF_POINT])
{
	crypto_hash_sha512_state hash;
	uint8_t tag[WORDS_MAX], uniform[64];
	size_t tag_len = tag_of("HashToGroup-", mode, tag);

	expand_begin(&hash);
	add(&hash, input.ptr, input.len);
	expand_end(&hash, tag, tag_len, uniform);
	crypto_core_ristretto255_from_hash(point, uniform);
	sodium_memzero(uniform, sizeof(uniform));
}

/* Ends a hash that was begun with expand_begin. */
static void hash_to_scalar(crypto_hash_sha512_state *hash, const char *before, oprf_mode mode,
		uint8_t scalar[OPRF_SCALAR])
{
	uint8_t tag[WORDS_MAX], uniform[64];
	size_t tag_len = tag_of(before, mode, tag);

	expand_end(hash, tag, tag_len, uniform);
	crypto_core_ristretto255_scalar_reduce(scalar, uniform);
	sodium_memzero(uniform, sizeof(uniform));
}

/* ---- keys ---- */

ward_err oprf_key_derive(oprf_mode mode, const uint8_t seed[OPRF_SEED], ward_bytes info,
		struct oprf_key *key, struct ward_error *error)
{
	struct oprf_key made = { .mode = mode };

	if (info.len > OPRF_INPUT_MAX)
		return ward_fail(error, WARD_E_ARGUMENT,
				"the words a key is made for are too "
				"long");
	/* The RFC gives up after 256 tries; one that fails has not been seen and will not be. */
	for (unsigned counter = 0; counter < 256; counter++) {
		crypto_hash_sha512_state hash;
		uint8_t byte = (uint8_t)counter;

		expand_begin(&hash);
		add(&hash, seed, OPRF_SEED);
		add_sized(&hash, info.ptr, info.len);
		add(&hash, &byte, 1);
		hash_to_scalar(&hash, "DeriveKeyPair", mode, made.secret);
		if (sodium_memcmp(made.secret, zero, OPRF_SCALAR) != 0 &&
				crypto_scalarmult_ristretto255_base(made.public_point,
						made.secret) == 0) {
			*key = made;
			oprf_key_wipe(&made);
			return WARD_OK;
		}
	}
	return ward_fail(error, WARD_E_ARGUMENT, "no key comes of this seed");
}

void oprf_key_wipe(struct oprf_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

bool oprf_point_is_valid(const uint8_t point[OPRF_POINT])
{
	return sodium_memcmp(point, zero, OPRF_POINT) != 0 &&
	       crypto_core_ristretto255_is_valid_point(point) == 1;
}

static ward_err no_point(struct ward_error *error)
{
	return ward_fail(error, WARD_E_FORMAT, "what came is not the encoding of a point");
}

/* ---- the client ---- */

void oprf_blind_random(uint8_t blind[OPRF_SCALAR])
{
	crypto_core_ristretto255_scalar_random(blind);
}

ward_err oprf_blind(oprf_mode mode, ward_bytes input, const uint8_t blind[OPRF_SCALAR],
		uint8_t blinded[OPRF_POINT], struct ward_error *error)
{
	uint8_t point[OPRF_POINT];

	if (input.len > OPRF_INPUT_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the input is too long");
	hash_to_group(mode, input, point);
	bool ok = crypto_scalarmult_ristretto255(blinded, blind, point) == 0;

	sodium_memzero(point, sizeof(point));
	return ok ? WARD_OK : ward_fail(error, WARD_E_FORMAT, "the input cannot be asked for");
}

/* Finalize's last step: the hash of the input and its point under the key. */
static void output_of(ward_bytes input, const uint8_t point[OPRF_POINT],
		uint8_t output[OPRF_OUTPUT])
{
	crypto_hash_sha512_state hash;

	crypto_hash_sha512_init(&hash);
	add_sized(&hash, input.ptr, input.len);
	add_sized(&hash, point, OPRF_POINT);
	add(&hash, "Finalize", 8);
	crypto_hash_sha512_final(&hash, output);
	sodium_memzero(&hash, sizeof(hash));
}

ward_err oprf_finalize(ward_bytes input, const uint8_t blind[OPRF_SCALAR],
		const uint8_t evaluated[OPRF_POINT], uint8_t output[OPRF_OUTPUT],
		struct ward_error *error)
{
	uint8_t inverse[OPRF_SCALAR], point[OPRF_POINT];

	if (input.len > OPRF_INPUT_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the input is too long");
	bool ok = oprf_point_is_valid(evaluated) &&
		  crypto_core_ristretto255_scalar_invert(inverse, blind) == 0 &&
		  crypto_scalarmult_ristretto255(point, inverse, evaluated) == 0;

	if (ok)
		output_of(input, point, output);
	sodium_memzero(inverse, sizeof(inverse));
	sodium_memzero(point, sizeof(point));
	return ok ? WARD_OK : no_point(error);
}

/* ---- the proof ---- */

static void transcript_seed(const uint8_t public_point[OPRF_POINT], uint8_t seed[64])
{
	crypto_hash_sha512_state hash;
	uint8_t tag[WORDS_MAX];
	size_t tag_len = tag_of("Seed-", OPRF_VERIFIABLE, tag);

	crypto_hash_sha512_init(&hash);
	add_sized(&hash, public_point, OPRF_POINT);
	add_sized(&hash, tag, tag_len);
	crypto_hash_sha512_final(&hash, seed);
}

/* The weight of the index-th pair, which depends on all that was published of it. */
static void weight_of(const uint8_t seed[64], size_t index, const uint8_t *blinded,
		const uint8_t *evaluated, uint8_t weight[OPRF_SCALAR])
{
	crypto_hash_sha512_state hash;
	uint8_t place[2] = { (uint8_t)(index >> 8), (uint8_t)index };

	expand_begin(&hash);
	add_sized(&hash, seed, 64);
	add(&hash, place, 2);
	add_sized(&hash, blinded, OPRF_POINT);
	add_sized(&hash, evaluated, OPRF_POINT);
	add(&hash, "Composite", 9);
	hash_to_scalar(&hash, "HashToScalar-", OPRF_VERIFIABLE, weight);
}

/* sum += weight * point; the first makes the sum. */
static bool add_weighted(uint8_t sum[OPRF_POINT], bool first, const uint8_t weight[OPRF_SCALAR],
		const uint8_t *point)
{
	uint8_t term[OPRF_POINT];

	if (crypto_scalarmult_ristretto255(term, weight, point) != 0)
		return false;
	if (first)
		memcpy(sum, term, OPRF_POINT);
	return first || crypto_core_ristretto255_add(sum, sum, term) == 0;
}

/* ComputeComposites; with the key Z is simply k*M, which halves the work (ComputeCompositesFast).
 */
static bool composites(const uint8_t public_point[OPRF_POINT], const struct oprf_batch *batch,
		const uint8_t *secret, uint8_t m[OPRF_POINT], uint8_t z[OPRF_POINT])
{
	uint8_t seed[64], weight[OPRF_SCALAR];

	transcript_seed(public_point, seed);
	for (size_t i = 0; i < batch->count; i++) {
		const uint8_t *blinded = batch->blinded + i * OPRF_POINT;
		const uint8_t *evaluated = batch->evaluated + i * OPRF_POINT;

		weight_of(seed, i, blinded, evaluated, weight);
		if (!add_weighted(m, i == 0, weight, blinded) ||
				(!secret && !add_weighted(z, i == 0, weight, evaluated)))
			return false;
	}
	return !secret || crypto_scalarmult_ristretto255(z, secret, m) == 0;
}

static void challenge_of(const uint8_t public_point[OPRF_POINT], const uint8_t *m, const uint8_t *z,
		const uint8_t *t2, const uint8_t *t3, uint8_t challenge[OPRF_SCALAR])
{
	crypto_hash_sha512_state hash;

	expand_begin(&hash);
	add_sized(&hash, public_point, OPRF_POINT);
	add_sized(&hash, m, OPRF_POINT);
	add_sized(&hash, z, OPRF_POINT);
	add_sized(&hash, t2, OPRF_POINT);
	add_sized(&hash, t3, OPRF_POINT);
	add(&hash, "Challenge", 9);
	hash_to_scalar(&hash, "HashToScalar-", OPRF_VERIFIABLE, challenge);
}

static bool batch_is_sound(const struct oprf_batch *batch)
{
	return batch->count > 0 && batch->count <= OPRF_BATCH_MAX;
}

/* left*one + right*other */
static bool combine(const uint8_t *left, const uint8_t *one, const uint8_t *right,
		const uint8_t *other, uint8_t sum[OPRF_POINT])
{
	uint8_t term[OPRF_POINT];

	return crypto_scalarmult_ristretto255(sum, left, one) == 0 &&
	       crypto_scalarmult_ristretto255(term, right, other) == 0 &&
	       crypto_core_ristretto255_add(sum, sum, term) == 0;
}

/* Below the order of the group: of each scalar there is one encoding. */
static bool scalar_is_canonical(const uint8_t scalar[OPRF_SCALAR])
{
	uint8_t wide[64] = { 0 }, reduced[OPRF_SCALAR];

	memcpy(wide, scalar, OPRF_SCALAR);
	crypto_core_ristretto255_scalar_reduce(reduced, wide);
	return sodium_memcmp(reduced, scalar, OPRF_SCALAR) == 0;
}

ward_err oprf_verify(const uint8_t public_point[OPRF_POINT], const struct oprf_batch *batch,
		const uint8_t proof[OPRF_PROOF], struct ward_error *error)
{
	const uint8_t *c = proof, *s = proof + OPRF_SCALAR;
	uint8_t m[OPRF_POINT], z[OPRF_POINT], t2[OPRF_POINT], t3[OPRF_POINT], again[OPRF_SCALAR];
	uint8_t base[OPRF_POINT], term[OPRF_POINT];

	if (!batch_is_sound(batch))
		return ward_fail(error, WARD_E_ARGUMENT, "a batch of %zu", batch->count);
	if (!oprf_point_is_valid(public_point))
		return no_point(error);
	bool ok = scalar_is_canonical(c) && scalar_is_canonical(s) &&
		  composites(public_point, batch, NULL, m, z) &&
		  crypto_scalarmult_ristretto255_base(base, s) == 0 &&
		  crypto_scalarmult_ristretto255(term, c, public_point) == 0 &&
		  crypto_core_ristretto255_add(t2, base, term) == 0 && combine(s, m, c, z, t3);

	if (ok) {
		challenge_of(public_point, m, z, t2, t3, again);
		ok = sodium_memcmp(again, c, OPRF_SCALAR) == 0;
	}
	return ok ? WARD_OK
		  : ward_fail(error, WARD_E_DENIED,
				    "the server did not use the key that it has published");
}

ward_err oprf_prove_with(const struct oprf_key *key, const struct oprf_batch *batch,
		const uint8_t random[OPRF_SCALAR], uint8_t proof[OPRF_PROOF],
		struct ward_error *error)
{
	uint8_t m[OPRF_POINT], z[OPRF_POINT], t2[OPRF_POINT], t3[OPRF_POINT], product[OPRF_SCALAR];

	if (!batch_is_sound(batch) || key->mode != OPRF_VERIFIABLE)
		return ward_fail(error, WARD_E_ARGUMENT, "nothing to prove");
	if (!composites(key->public_point, batch, key->secret, m, z) ||
			crypto_scalarmult_ristretto255_base(t2, random) != 0 ||
			crypto_scalarmult_ristretto255(t3, random, m) != 0)
		return no_point(error);
	challenge_of(key->public_point, m, z, t2, t3, proof);
	crypto_core_ristretto255_scalar_mul(product, proof, key->secret);
	crypto_core_ristretto255_scalar_sub(proof + OPRF_SCALAR, random, product);
	sodium_memzero(product, sizeof(product));
	return WARD_OK;
}

ward_err oprf_prove(const struct oprf_key *key, const struct oprf_batch *batch,
		uint8_t proof[OPRF_PROOF], struct ward_error *error)
{
	uint8_t random[OPRF_SCALAR];

	crypto_core_ristretto255_scalar_random(random);
	ward_err err = oprf_prove_with(key, batch, random, proof, error);

	sodium_memzero(random, sizeof(random));
	return err;
}

/* ---- the server ---- */

ward_err oprf_evaluate(const struct oprf_key *key, const uint8_t blinded[OPRF_POINT],
		uint8_t evaluated[OPRF_POINT], struct ward_error *error)
{
	if (!oprf_point_is_valid(blinded) ||
			crypto_scalarmult_ristretto255(evaluated, key->secret, blinded) != 0)
		return no_point(error);
	return WARD_OK;
}

ward_err oprf_compute(const struct oprf_key *key, ward_bytes input, uint8_t output[OPRF_OUTPUT],
		struct ward_error *error)
{
	uint8_t point[OPRF_POINT], evaluated[OPRF_POINT];

	if (input.len > OPRF_INPUT_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the input is too long");
	hash_to_group(key->mode, input, point);
	if (crypto_scalarmult_ristretto255(evaluated, key->secret, point) != 0)
		return ward_fail(error, WARD_E_FORMAT, "the input has no value");
	output_of(input, evaluated, output);
	sodium_memzero(point, sizeof(point));
	sodium_memzero(evaluated, sizeof(evaluated));
	return WARD_OK;
}
