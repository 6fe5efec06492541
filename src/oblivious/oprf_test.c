#include "oblivious/oprf.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/test.h"

enum { MEMBERS = 2, INPUT_MAX = 64, VECTORS = 5 };

/* One published vector, and the key it is for. */
struct vector {
	size_t count, input_len[MEMBERS];
	struct oprf_key key;
	uint8_t input[MEMBERS][INPUT_MAX], blind[MEMBERS][OPRF_SCALAR];
	uint8_t blinded[MEMBERS * OPRF_POINT], evaluated[MEMBERS * OPRF_POINT];
	uint8_t output[MEMBERS][OPRF_OUTPUT];
	uint8_t random[OPRF_SCALAR], proof[OPRF_PROOF];
	uint8_t secret[OPRF_SCALAR], public_point[OPRF_POINT];
	bool has_public;
};

static struct vector vectors[VECTORS];
static size_t vector_count;

static bool take_inputs(struct vector *vector, ward_str values)
{
	for (vector->count = 0; values.len > 0 && vector->count < MEMBERS; vector->count++) {
		ward_str value = ward_str_cut(&values, ',');

		vector->input_len[vector->count] = value.len / 2;
		if (value.len > (size_t)INPUT_MAX * 2 ||
				!ward_hex_parse(value, vector->input[vector->count], value.len / 2))
			return false;
	}
	return values.len == 0;
}

static bool take_each(const struct vector *vector, ward_str values, uint8_t *to, size_t each)
{
	for (size_t i = 0; i < vector->count; i++)
		if (!ward_hex_parse(ward_str_cut(&values, ','), to + i * each, each))
			return false;
	return values.len == 0;
}

static bool take(struct vector *vector, uint8_t seed[OPRF_SEED], ward_str word, ward_str value)
{
	uint8_t info[8];

	if (ward_str_eq(word, WARD_STR("mode")))
		return vector->has_public = false,
		       vector->key.mode = value.ptr[0] == '1' ? OPRF_VERIFIABLE : OPRF_BASE, true;
	if (ward_str_eq(word, WARD_STR("seed")))
		return ward_hex_parse(value, seed, OPRF_SEED);
	if (ward_str_eq(word, WARD_STR("info")))
		return ward_hex_parse(value, info, sizeof(info)) &&
		       oprf_key_derive(vector->key.mode, seed, (ward_bytes){ info, sizeof(info) },
				       &vector->key, NULL) == WARD_OK;
	if (ward_str_eq(word, WARD_STR("secret")))
		return ward_hex_parse(value, vector->secret, OPRF_SCALAR);
	if (ward_str_eq(word, WARD_STR("public")))
		return vector->has_public = true,
		       ward_hex_parse(value, vector->public_point, OPRF_POINT);
	if (ward_str_eq(word, WARD_STR("input")))
		return take_inputs(vector, value);
	if (ward_str_eq(word, WARD_STR("blind")))
		return take_each(vector, value, vector->blind[0], OPRF_SCALAR);
	if (ward_str_eq(word, WARD_STR("blinded")))
		return take_each(vector, value, vector->blinded, OPRF_POINT);
	if (ward_str_eq(word, WARD_STR("evaluated")))
		return take_each(vector, value, vector->evaluated, OPRF_POINT);
	if (ward_str_eq(word, WARD_STR("random")))
		return ward_hex_parse(value, vector->random, OPRF_SCALAR);
	if (ward_str_eq(word, WARD_STR("proof")))
		return ward_hex_parse(value, vector->proof, OPRF_PROOF);
	return ward_str_eq(word, WARD_STR("output")) &&
	       take_each(vector, value, vector->output[0], OPRF_OUTPUT);
}

/* Output is each vector's last line. */
static bool read_vectors(ward_str text)
{
	struct vector now = { 0 };
	uint8_t seed[OPRF_SEED];

	while (text.len > 0) {
		ward_str value = ward_str_cut(&text, '\n'), word = ward_str_cut(&value, ' ');

		if (word.len == 0 || ward_str_eq(word, WARD_STR("vector")))
			continue;
		if (!take(&now, seed, word, value))
			return false;
		if (ward_str_eq(word, WARD_STR("output"))) {
			if (vector_count == VECTORS)
				return false;
			vectors[vector_count++] = now;
		}
	}
	return true;
}

static bool have_vectors(void)
{
	char path[4096], *text = NULL;
	size_t len = 0;
	const char *root = getenv("WARD_SOURCE_ROOT");

	if (vector_count > 0)
		return true;
	snprintf(path, sizeof(path), "%s/tests/vectors/rfc9497/ristretto255.txt", root ? root : "");
	bool ok = oprf_prepare() && file_read(path, 1 << 20, &text, &len, NULL) == WARD_OK &&
		  read_vectors((ward_str){ text, len }) && vector_count == VECTORS;

	free(text);
	return ok;
}

static ward_bytes input_of(const struct vector *vector, size_t index)
{
	return (ward_bytes){ vector->input[index], vector->input_len[index] };
}

static struct oprf_batch batch_of(const struct vector *vector)
{
	return (struct oprf_batch){ vector->blinded, vector->evaluated, vector->count };
}

static void keys_are_those_published(void)
{
	CHECK(have_vectors());
	for (size_t i = 0; i < vector_count; i++) {
		const struct vector *vector = &vectors[i];

		CHECK(memcmp(vector->key.secret, vector->secret, OPRF_SCALAR) == 0);
		CHECK(!vector->has_public || memcmp(vector->key.public_point, vector->public_point,
							     OPRF_POINT) == 0);
	}
	CHECK(vectors[VECTORS - 1].has_public);
}

static void inputs_are_blinded_as_published(void)
{
	uint8_t got[OPRF_POINT];

	CHECK(have_vectors());
	for (size_t i = 0; i < vector_count; i++)
		for (size_t j = 0; j < vectors[i].count; j++) {
			CHECK_EQ(oprf_blind(vectors[i].key.mode, input_of(&vectors[i], j),
						 vectors[i].blind[j], got, NULL),
					WARD_OK);
			CHECK(memcmp(got, vectors[i].blinded + j * OPRF_POINT, OPRF_POINT) == 0);
		}
}

static void points_are_evaluated_as_published(void)
{
	uint8_t got[OPRF_POINT];

	CHECK(have_vectors());
	for (size_t i = 0; i < vector_count; i++)
		for (size_t j = 0; j < vectors[i].count; j++) {
			CHECK_EQ(oprf_evaluate(&vectors[i].key, vectors[i].blinded + j * OPRF_POINT,
						 got, NULL),
					WARD_OK);
			CHECK(memcmp(got, vectors[i].evaluated + j * OPRF_POINT, OPRF_POINT) == 0);
		}
}

static void outputs_are_those_published_with_and_without_the_key(void)
{
	uint8_t asked[OPRF_OUTPUT], computed[OPRF_OUTPUT];

	CHECK(have_vectors());
	for (size_t i = 0; i < vector_count; i++)
		for (size_t j = 0; j < vectors[i].count; j++) {
			const struct vector *vector = &vectors[i];

			CHECK_EQ(oprf_finalize(input_of(vector, j), vector->blind[j],
						 vector->evaluated + j * OPRF_POINT, asked, NULL),
					WARD_OK);
			CHECK_EQ(oprf_compute(&vector->key, input_of(vector, j), computed, NULL),
					WARD_OK);
			CHECK(memcmp(asked, vector->output[j], OPRF_OUTPUT) == 0);
			CHECK(memcmp(computed, vector->output[j], OPRF_OUTPUT) == 0);
		}
}

static void proofs_are_those_published(void)
{
	uint8_t proof[OPRF_PROOF];
	size_t seen = 0;

	CHECK(have_vectors());
	for (size_t i = 0; i < vector_count; i++) {
		struct oprf_batch batch = batch_of(&vectors[i]);

		if (vectors[i].key.mode != OPRF_VERIFIABLE)
			continue;
		CHECK_EQ(oprf_prove_with(&vectors[i].key, &batch, vectors[i].random, proof, NULL),
				WARD_OK);
		CHECK(memcmp(proof, vectors[i].proof, OPRF_PROOF) == 0);
		CHECK_EQ(oprf_verify(vectors[i].public_point, &batch, proof, NULL), WARD_OK);
		seen++;
	}
	CHECK_EQ(seen, 3);
}

static void a_proof_holds_for_no_other_point_key_or_order(void)
{
	struct vector vector;
	struct oprf_batch batch;
	struct ward_error error;
	uint8_t proof[OPRF_PROOF];

	CHECK(have_vectors());
	vector = vectors[VECTORS - 1];
	batch = batch_of(&vector);
	CHECK_EQ(oprf_prove(&vector.key, &batch, proof, NULL), WARD_OK);
	CHECK_EQ(oprf_verify(vector.public_point, &batch, proof, NULL), WARD_OK);
	for (size_t i = 0; i < OPRF_PROOF; i++) {
		proof[i] ^= 1;
		CHECK_EQ(oprf_verify(vector.public_point, &batch, proof, &error), WARD_E_DENIED);
		proof[i] ^= 1;
	}
	batch.count = 1;
	CHECK_EQ(oprf_verify(vector.public_point, &batch, proof, NULL), WARD_E_DENIED);
	batch = (struct oprf_batch){ vector.evaluated, vector.blinded, 2 };
	CHECK_EQ(oprf_verify(vector.public_point, &batch, proof, NULL), WARD_E_DENIED);
	batch = batch_of(&vector);
	CHECK_EQ(oprf_verify(vector.blinded, &batch, proof, NULL), WARD_E_DENIED);
	CHECK_STR(error.message, "the server did not use the key that it has published");
}

/* c + order is the same number, written in a way that no honest server writes. */
static void a_proof_has_one_spelling(void)
{
	static const uint8_t order[OPRF_SCALAR] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };
	struct vector vector;
	unsigned carry = 0;

	CHECK(have_vectors());
	vector = vectors[2];
	struct oprf_batch batch = batch_of(&vector);

	CHECK_EQ(oprf_verify(vector.public_point, &batch, vector.proof, NULL), WARD_OK);
	for (size_t i = 0; i < OPRF_SCALAR; i++) {
		carry += (unsigned)vector.proof[OPRF_SCALAR + i] + order[i];
		vector.proof[OPRF_SCALAR + i] = (uint8_t)carry;
		carry >>= 8;
	}
	CHECK_EQ(oprf_verify(vector.public_point, &batch, vector.proof, NULL), WARD_E_DENIED);
}

static void what_is_no_point_is_refused_everywhere(void)
{
	uint8_t neutral[OPRF_POINT] = { 0 }, odd[OPRF_POINT] = { 1 }, out[OPRF_OUTPUT];

	CHECK(have_vectors());
	struct vector vector = vectors[2];
	struct oprf_batch batch = batch_of(&vector);

	CHECK(!oprf_point_is_valid(neutral));
	CHECK(!oprf_point_is_valid(odd));
	CHECK_EQ(oprf_evaluate(&vector.key, neutral, out, NULL), WARD_E_FORMAT);
	CHECK_EQ(oprf_evaluate(&vector.key, odd, out, NULL), WARD_E_FORMAT);
	CHECK_EQ(oprf_finalize(input_of(&vector, 0), vector.blind[0], odd, out, NULL),
			WARD_E_FORMAT);
	CHECK_EQ(oprf_finalize(input_of(&vector, 0), vector.blind[0], neutral, out, NULL),
			WARD_E_FORMAT);
	CHECK_EQ(oprf_verify(neutral, &batch, vector.proof, NULL), WARD_E_FORMAT);
	memcpy(vector.evaluated, odd, OPRF_POINT);
	CHECK_EQ(oprf_verify(vector.public_point, &batch, vector.proof, NULL), WARD_E_DENIED);
}

static void a_blind_hides_the_input_and_leaves_the_output(void)
{
	ward_bytes input = { (const uint8_t *)"lighthouse", 10 };
	uint8_t blind[2][OPRF_SCALAR], blinded[2][OPRF_POINT], point[OPRF_POINT];
	uint8_t output[2][OPRF_OUTPUT], direct[OPRF_OUTPUT];

	CHECK(have_vectors());
	const struct oprf_key *key = &vectors[2].key;

	CHECK_EQ(oprf_compute(key, input, direct, NULL), WARD_OK);
	for (int i = 0; i < 2; i++) {
		oprf_blind_random(blind[i]);
		CHECK_EQ(oprf_blind(OPRF_VERIFIABLE, input, blind[i], blinded[i], NULL), WARD_OK);
		CHECK_EQ(oprf_evaluate(key, blinded[i], point, NULL), WARD_OK);
		CHECK_EQ(oprf_finalize(input, blind[i], point, output[i], NULL), WARD_OK);
		CHECK(memcmp(output[i], direct, OPRF_OUTPUT) == 0);
	}
	CHECK(memcmp(blinded[0], blinded[1], OPRF_POINT) != 0);
}

static const struct test_case cases[] = {
	{ "keys derived from a seed are those of RFC 9497", keys_are_those_published },
	{ "inputs are blinded as in RFC 9497", inputs_are_blinded_as_published },
	{ "points are evaluated as in RFC 9497", points_are_evaluated_as_published },
	{ "outputs are those of RFC 9497, asked for or computed with the key",
			outputs_are_those_published_with_and_without_the_key },
	{ "proofs are those of RFC 9497, for one and for a batch", proofs_are_those_published },
	{ "a proof holds for no other point, key, count or order",
			a_proof_holds_for_no_other_point_key_or_order },
	{ "a proof has one spelling", a_proof_has_one_spelling },
	{ "what is no point is refused everywhere", what_is_no_point_is_refused_everywhere },
	{ "a blind hides the input and leaves the output",
			a_blind_hides_the_input_and_leaves_the_output },
};
TEST_MAIN(cases)
