/*
 * oprf.h - a function that two compute: one has the key, the other the input
 *
 * OPRF and VOPRF of RFC 9497 over ristretto255 with SHA-512.  The client blinds
 * its input to a point that looks like any other, the server multiplies it by
 * its key, the client takes the blind off and has F(key, input).  The server
 * does not learn input or output; the client does not learn the key, and can
 * compute F of nothing without asking.
 *
 * In mode VERIFIABLE the server proves that it used the key whose public half
 * it has published, for all points of a batch at once (a DLEQ proof), so that it
 * cannot tell clients apart by answering each with a key of its own.
 *
 * All of it is libsodium's constant-time arithmetic; what depends on a key, a
 * blind or an input is wiped before a function returns.  Nothing is shared:
 * call from any thread, after oprf_prepare.
 */
#ifndef OBLIVIOUS_OPRF_H
#define OBLIVIOUS_OPRF_H

#include <ward/base.h>

enum {
	OPRF_SCALAR = 32, /* bytes, little-endian */
	OPRF_POINT = 32,  /* bytes of an encoded point */
	OPRF_PROOF = 64,  /* two scalars */
	OPRF_OUTPUT = 64, /* bytes of F(key, input) */
	OPRF_SEED = 32,
	OPRF_INPUT_MAX = 65535,
	OPRF_BATCH_MAX = 65535,
};

/* The numbers are those of RFC 9497, 3.1: they are part of what is hashed. */
typedef enum oprf_mode {
	OPRF_BASE = 0,
	OPRF_VERIFIABLE = 1,
} oprf_mode;

struct oprf_key {
	oprf_mode mode;
	uint8_t secret[OPRF_SCALAR];
	uint8_t public_point[OPRF_POINT];
};

/* Once, before threads are started; false when there is no source of randomness. */
bool oprf_prepare(void) WARD_MUST_USE;

/* DeriveKeyPair.  The same seed and words give the same key; ARGUMENT when info is too long. */
ward_err oprf_key_derive(oprf_mode mode, const uint8_t seed[OPRF_SEED], ward_bytes info,
		struct oprf_key *key, struct ward_error *error) WARD_MUST_USE;
void oprf_key_wipe(struct oprf_key *key);

/* Is it the encoding of a point other than the neutral one?  Asked of all that comes from outside.
 */
bool oprf_point_is_valid(const uint8_t point[OPRF_POINT]);

/* ---- the client ---- */

/* A blind for one input: to be used once. */
void oprf_blind_random(uint8_t blind[OPRF_SCALAR]);
/* FORMAT for the inputs, never met by chance, that hash to the neutral point. */
ward_err oprf_blind(oprf_mode mode, ward_bytes input, const uint8_t blind[OPRF_SCALAR],
		uint8_t blinded[OPRF_POINT], struct ward_error *error) WARD_MUST_USE;
/* FORMAT when what the server gave is no point. */
ward_err oprf_finalize(ward_bytes input, const uint8_t blind[OPRF_SCALAR],
		const uint8_t evaluated[OPRF_POINT], uint8_t output[OPRF_OUTPUT],
		struct ward_error *error) WARD_MUST_USE;

/* `count` points one behind the other, 1..OPRF_BATCH_MAX. */
struct oprf_batch {
	const uint8_t *blinded;
	const uint8_t *evaluated;
	size_t count;
};

/* DENIED when the batch was not evaluated under the key with this public half. */
ward_err oprf_verify(const uint8_t public_point[OPRF_POINT], const struct oprf_batch *batch,
		const uint8_t proof[OPRF_PROOF], struct ward_error *error) WARD_MUST_USE;

/* ---- the server ---- */

/* FORMAT when it is no point. */
ward_err oprf_evaluate(const struct oprf_key *key, const uint8_t blinded[OPRF_POINT],
		uint8_t evaluated[OPRF_POINT], struct ward_error *error) WARD_MUST_USE;
/* Of a batch that was evaluated with oprf_evaluate under a VERIFIABLE key. */
ward_err oprf_prove(const struct oprf_key *key, const struct oprf_batch *batch,
		uint8_t proof[OPRF_PROOF], struct ward_error *error) WARD_MUST_USE;
/* The same with the number that must be drawn freshly each time: only tests give it. */
ward_err oprf_prove_with(const struct oprf_key *key, const struct oprf_batch *batch,
		const uint8_t random[OPRF_SCALAR], uint8_t proof[OPRF_PROOF],
		struct ward_error *error) WARD_MUST_USE;
/* F(key, input) by who has both. */
ward_err oprf_compute(const struct oprf_key *key, ward_bytes input, uint8_t output[OPRF_OUTPUT],
		struct ward_error *error) WARD_MUST_USE;

#endif
