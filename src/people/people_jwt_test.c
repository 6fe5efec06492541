#include "people/people_jwt.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "base/tree.h"
#include "people/people_jwt_make.h"

#include "base/test.h"

static EVP_PKEY *keys[PEOPLE_JWT_ALGORITHMS];
static struct people_keyset *set;

#define CLAIMS "{\"sub\":\"a lamp\"}"

static const char *head_of(enum people_jwt_algorithm algorithm, const char *more)
{
	static char head[512];
	const char *name = people_jwt_algorithm_name(algorithm);

	snprintf(head, sizeof(head), "{\"alg\":\"%s\",\"kid\":\"key-%s\"%s}", name, name, more);
	return head;
}

/* Keys of all kinds, each with a name and its algorithm. */
static bool make_set(void)
{
	static char text[5 * MAKE_TEXT_MAX], one[MAKE_TEXT_MAX];
	size_t len = (size_t)snprintf(text, sizeof(text), "{\"keys\":[");
	struct ward_error error;

	for (unsigned i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		enum people_jwt_algorithm algorithm = (enum people_jwt_algorithm)i;
		char kid[32], more[64];

		snprintf(kid, sizeof(kid), "key-%s", people_jwt_algorithm_name(algorithm));
		snprintf(more, sizeof(more), ",\"alg\":\"%s\",\"use\":\"sig\"",
				people_jwt_algorithm_name(algorithm));
		keys[i] = make_key(algorithm);
		make_jwk(keys[i], kid, more, one);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? "," : "",
				one);
	}
	snprintf(text + len, sizeof(text) - len, "]}");
	return people_keyset_read(ward_str_from(text), &set, &error) == WARD_OK;
}

static ward_err open_with(const struct people_keyset *with, const char *token)
{
	enum people_jwt_algorithm algorithm;
	struct json_t *claims;
	struct ward_error error;
	ward_err err = people_jwt_open(with, ward_str_from(token), &claims, &algorithm, &error);

	if (!err)
		tree_free(claims);
	return err;
}

static void each_signature_opens(void)
{
	char token[MAKE_TEXT_MAX];

	for (unsigned i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		enum people_jwt_algorithm algorithm = (enum people_jwt_algorithm)i, found;
		struct json_t *claims;
		struct ward_error error;

		make_token(keys[i], algorithm, head_of(algorithm, ",\"typ\":\"JWT\""), CLAIMS,
				token);
		CHECK_EQ(people_jwt_open(set, ward_str_from(token), &claims, &found, &error),
				WARD_OK);
		CHECK_EQ(found, algorithm);
		CHECK(ward_str_eq(tree_text(tree_member(claims, "sub")), WARD_STR("a lamp")));
		tree_free(claims);
	}
}

/* Flips each character of the token in turn; none may open, nor crash. */
static void every_changed_letter_is_refused(void)
{
	char token[MAKE_TEXT_MAX];

	for (unsigned i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		enum people_jwt_algorithm algorithm = (enum people_jwt_algorithm)i;

		make_token(keys[i], algorithm, head_of(algorithm, ""), CLAIMS, token);
		for (size_t at = 0; token[at]; at++) {
			char kept = token[at];

			token[at] = kept == 'A' ? 'B' : 'A';
			CHECK(open_with(set, token) != WARD_OK);
			token[at] = '=';
			CHECK(open_with(set, token) != WARD_OK);
			token[at] = kept;
		}
		CHECK_EQ(open_with(set, token), WARD_OK);
	}
}

static void no_signature_is_none(void)
{
	static const char *const heads[] = { "{\"alg\":\"none\"}", "{\"alg\":\"None\"}",
		"{\"alg\":\"\"}", "{\"alg\":null}", "{}", "{\"alg\":\"rs256\"}",
		"{\"alg\":[\"RS256\"]}", "{\"alg\":\"RS256\"}" };
	char token[MAKE_TEXT_MAX];

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		make_unsigned(heads[i], CLAIMS, token);
		CHECK_EQ(open_with(set, token), WARD_E_DENIED);
		size_t len = strlen(token);

		snprintf(token + len, sizeof(token) - len, ".");
		CHECK_EQ(open_with(set, token), WARD_E_DENIED);
		snprintf(token + len, sizeof(token) - len, ".AAAA");
		CHECK(open_with(set, token) != WARD_OK);
	}
}

/* The public key as the secret of an HMAC: the classic confusion. */
static void a_shared_secret_is_no_signature(void)
{
	char token[MAKE_TEXT_MAX], pem[MAKE_TEXT_MAX];
	uint8_t mac[32];
	unsigned len = sizeof(mac);
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PUBKEY(bio, keys[PEOPLE_JWT_RS256]);
	int pem_len = BIO_read(bio, pem, sizeof(pem));

	BIO_free(bio);
	for (size_t i = 0; i < 2; i++) {
		make_unsigned(i == 0 ? "{\"alg\":\"HS256\",\"kid\":\"key-RS256\"}"
				     : "{\"alg\":\"RS256\",\"kid\":\"key-RS256\"}",
				CLAIMS, token);
		HMAC(EVP_sha256(), pem, pem_len, (const uint8_t *)token, strlen(token), mac, &len);
		size_t at = strlen(token);

		token[at++] = '.';
		make_base64(mac, len, token + at, sizeof(token) - at);
		CHECK_EQ(open_with(set, token), WARD_E_DENIED);
	}
}

static void a_key_is_for_its_own_algorithm(void)
{
	char token[MAKE_TEXT_MAX];

	/* One RSA key signs in both ways, but says that it is for one of them. */
	make_token(keys[PEOPLE_JWT_RS256], PEOPLE_JWT_PS256,
			"{\"alg\":\"PS256\",\"kid\":\"key-RS256\"}", CLAIMS, token);
	CHECK_EQ(open_with(set, token), WARD_E_NOT_FOUND);
	/* A signature of one kind under the name of another. */
	make_token(keys[PEOPLE_JWT_RS256], PEOPLE_JWT_PS256,
			"{\"alg\":\"RS256\",\"kid\":\"key-RS256\"}", CLAIMS, token);
	CHECK_EQ(open_with(set, token), WARD_E_DENIED);
	make_token(keys[PEOPLE_JWT_ES256], PEOPLE_JWT_ES256,
			"{\"alg\":\"EdDSA\",\"kid\":\"key-EdDSA\"}", CLAIMS, token);
	CHECK_EQ(open_with(set, token), WARD_E_DENIED);
}

static void an_unknown_key_is_told_apart(void)
{
	char token[MAKE_TEXT_MAX];
	EVP_PKEY *other = make_key(PEOPLE_JWT_ES256);

	make_token(other, PEOPLE_JWT_ES256, "{\"alg\":\"ES256\",\"kid\":\"key-7\"}", CLAIMS, token);
	CHECK_EQ(open_with(set, token), WARD_E_NOT_FOUND);
	/* Without a name it could be any. */
	make_token(other, PEOPLE_JWT_ES256, "{\"alg\":\"ES256\"}", CLAIMS, token);
	CHECK_EQ(open_with(set, token), WARD_E_NOT_FOUND);
	make_token(other, PEOPLE_JWT_ES256, "{\"alg\":\"ES256\",\"kid\":\"key-ES256\"}", CLAIMS,
			token);
	CHECK_EQ(open_with(set, token), WARD_E_DENIED);
	make_token(keys[PEOPLE_JWT_ES256], PEOPLE_JWT_ES256, "{\"alg\":\"ES256\"}", CLAIMS, token);
	CHECK_EQ(open_with(set, token), WARD_OK);
	EVP_PKEY_free(other);
}

/* What a head says of where its key lies is not read: here it brings the key along. */
static void a_key_that_a_token_brings_along_is_not_taken(void)
{
	static char jwk[MAKE_TEXT_MAX], head[2 * MAKE_TEXT_MAX], token[MAKE_TEXT_MAX];
	EVP_PKEY *own = make_key(PEOPLE_JWT_ES256);

	make_jwk(own, "key-ES256", "", jwk);
	snprintf(head, sizeof(head), "{\"alg\":\"ES256\",\"kid\":\"key-ES256\",\"jwk\":%s}", jwk);
	make_token(own, PEOPLE_JWT_ES256, head, CLAIMS, token);
	CHECK_EQ(open_with(set, token), WARD_E_DENIED);
	EVP_PKEY_free(own);
}

static void tokens_of_other_kinds_are_refused(void)
{
	static const char *const more[] = { ",\"typ\":\"at+jwt\"", ",\"typ\":\"logout+jwt\"",
		",\"typ\":7", ",\"crit\":[\"exp\"]", ",\"b64\":false", ",\"zip\":\"DEF\"",
		",\"enc\":\"A256GCM\"", ",\"alg\":\"ES256\"", ",\"kid\":\"\"", ",\"kid\":7" };
	char token[MAKE_TEXT_MAX];

	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		make_token(keys[PEOPLE_JWT_ES256], PEOPLE_JWT_ES256,
				head_of(PEOPLE_JWT_ES256, more[i]), CLAIMS, token);
		CHECK_EQ(open_with(set, token), WARD_E_DENIED);
	}
}

static void what_is_no_token_is_refused(void)
{
	static const char *const texts[] = { "", ".", "..", "...", "a.b.c", "e30.e30.", ".e30.e30",
		"e30..e30", "e30.e30.e30.e30", "e30=.e30.e30", "W10.e30.e30", "bnVsbA.e30.e30" };
	static char long_one[PEOPLE_JWT_MAX + 8], token[MAKE_TEXT_MAX];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK_EQ(open_with(set, texts[i]), WARD_E_DENIED);
	memset(long_one, 'A', sizeof(long_one) - 1);
	long_one[10] = long_one[20] = '.';
	CHECK_EQ(open_with(set, long_one), WARD_E_DENIED);
	/* Signed, and still no object. */
	make_token(keys[PEOPLE_JWT_ES256], PEOPLE_JWT_ES256, head_of(PEOPLE_JWT_ES256, ""), "[1]",
			token);
	CHECK_EQ(open_with(set, token), WARD_E_DENIED);
	make_token(keys[PEOPLE_JWT_ES256], PEOPLE_JWT_ES256, head_of(PEOPLE_JWT_ES256, ""),
			"{\"sub\":\"a\",\"sub\":\"b\"}", token);
	CHECK_EQ(open_with(set, token), WARD_E_DENIED);
}

/* ---- sets of keys ---- */

static ward_err read_one(const char *jwk, size_t *count)
{
	static char text[2 * MAKE_TEXT_MAX];
	struct people_keyset *read;
	struct ward_error error;

	snprintf(text, sizeof(text), "{\"keys\":[%s]}", jwk);
	ward_err err = people_keyset_read(ward_str_from(text), &read, &error);

	*count = 0;
	if (!err) {
		*count = people_keyset_count(read);
		people_keyset_free(read);
	}
	return err;
}

static void keys_that_will_not_do_are_passed_over(void)
{
	static const char *const more[] = { ",\"use\":\"enc\"", ",\"key_ops\":[\"encrypt\"]",
		",\"key_ops\":\"verify\"", ",\"alg\":\"ES384\"", ",\"alg\":\"HS256\"",
		",\"alg\":7" };
	char jwk[MAKE_TEXT_MAX];
	size_t count;

	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		make_jwk(keys[PEOPLE_JWT_ES256], "a", more[i], jwk);
		CHECK_EQ(read_one(jwk, &count), WARD_E_FORMAT);
	}
	make_jwk(keys[PEOPLE_JWT_ES256], "a", ",\"key_ops\":[\"verify\"],\"x5c\":[\"x\"]", jwk);
	CHECK_EQ(read_one(jwk, &count), WARD_OK);
	CHECK_EQ(count, 1);
	/* A point that is not on the curve; a secret; nothing. */
	CHECK_EQ(read_one("{\"kty\":\"EC\",\"crv\":\"P-256\","
			  "\"x\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\","
			  "\"y\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"}",
				 &count),
			WARD_E_FORMAT);
	CHECK_EQ(read_one("{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\"}", &count),
			WARD_E_FORMAT);
	CHECK_EQ(read_one("", &count), WARD_E_FORMAT);
	CHECK_EQ(read_one("7,null,[],{}", &count), WARD_E_FORMAT);
}

static void weak_keys_are_passed_over(void)
{
	char jwk[MAKE_TEXT_MAX];
	EVP_PKEY *weak = EVP_RSA_gen(1024);
	size_t count;

	make_jwk(weak, "a", "", jwk);
	CHECK_EQ(read_one(jwk, &count), WARD_E_FORMAT);
	EVP_PKEY_free(weak);
	/* With an exponent of 1 everything is its own signature. */
	make_jwk(keys[PEOPLE_JWT_RS256], "a", "", jwk);
	CHECK_EQ(read_one(jwk, &count), WARD_OK);
	char *e = strstr(jwk, "\"e\":\"AQAB\"");

	CHECK(e);
	memcpy(e, "\"e\":\"AQ\"  ", 10);
	CHECK_EQ(read_one(jwk, &count), WARD_E_FORMAT);
}

static void a_set_has_an_end(void)
{
	static char text[200 * 400];
	char jwk[MAKE_TEXT_MAX];
	size_t len = 0, count;
	struct people_keyset *read;
	struct ward_error error;

	make_jwk(keys[PEOPLE_JWT_EDDSA], "a", "", jwk);
	len = (size_t)snprintf(text, sizeof(text), "{\"keys\":[%s", jwk);
	for (unsigned i = 0; i < 199; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",%s", jwk);
	snprintf(text + len, sizeof(text) - len, "]}");
	CHECK_EQ(people_keyset_read(ward_str_from(text), &read, &error), WARD_OK);
	count = people_keyset_count(read);
	people_keyset_free(read);
	CHECK_EQ(count, PEOPLE_KEYSET_MAX);
	CHECK_EQ(people_keyset_read((ward_str){ text, PEOPLE_KEYSET_TEXT_MAX + 1 }, &read, &error),
			WARD_E_LIMIT);
}

static const struct test_case cases[] = {
	{ "a token signed by RS256, PS256, ES256 or EdDSA opens", each_signature_opens },
	{ "a token of which any letter is another one is refused",
			every_changed_letter_is_refused },
	{ "no signature is none, however \"none\" is written", no_signature_is_none },
	{ "a secret that both sides know, or the key as one, signs nothing",
			a_shared_secret_is_no_signature },
	{ "a key is for the algorithm that it names, and a signature of one kind is none of "
	  "another",
			a_key_is_for_its_own_algorithm },
	{ "a token of a key that is not there is told apart from one that is wrong",
			an_unknown_key_is_told_apart },
	{ "a key that a token brings along is not taken",
			a_key_that_a_token_brings_along_is_not_taken },
	{ "tokens of other kinds, and with what we do not know, are refused",
			tokens_of_other_kinds_are_refused },
	{ "what is no token, or too long a one, is refused", what_is_no_token_is_refused },
	{ "keys for other uses, of other kinds, off the curve are passed over",
			keys_that_will_not_do_are_passed_over },
	{ "RSA keys of 1024 bits, and with an exponent of 1, are passed over",
			weak_keys_are_passed_over },
	{ "of a set 64 keys are kept, and one that is too long is not read", a_set_has_an_end },
};

int main(void)
{
	if (sodium_init() < 0 || !make_set())
		return 1;
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	people_keyset_free(set);
	for (size_t i = 0; i < PEOPLE_JWT_ALGORITHMS; i++)
		EVP_PKEY_free(keys[i]);
	return failed;
}
