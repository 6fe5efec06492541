#include "people/people_id_token.h"

#include "people/people_jwt_make.h"

#include "base/test.h"

enum { NOW = 1800000000 };

static EVP_PKEY *keys[PEOPLE_JWT_ALGORITHMS];
static struct people_keyset *sets[PEOPLE_JWT_ALGORITHMS];

static bool make_sets(void)
{
	static char text[2 * MAKE_TEXT_MAX], jwk[MAKE_TEXT_MAX];
	struct ward_error error;

	for (unsigned i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		keys[i] = make_key((enum people_jwt_algorithm)i);
		make_jwk(keys[i], "a", "", jwk);
		snprintf(text, sizeof(text), "{\"keys\":[%s]}", jwk);
		if (people_keyset_read(ward_str_from(text), &sets[i], &error) != WARD_OK)
			return false;
	}
	return true;
}

static struct people_id_rules rules(void)
{
	return (struct people_id_rules){
		.issuer = WARD_STR("https://login.example.org"),
		.client_id = WARD_STR("ward"),
		.nonce = WARD_STR("the nonce"),
		.access_token = WARD_STR("an access token"),
		.now = NOW,
		.skew_s = 60,
		.acr = WARD_STR("urn:two urn:three"),
		.amr = WARD_STR("mfa hwk"),
	};
}

/* What a good token says. */
static const struct claim {
	const char *name, *value;
} good[] = {
	{ "iss", "\"https://login.example.org\"" },
	{ "aud", "\"ward\"" },
	{ "sub", "\"s-1\"" },
	{ "exp", "1800000300" },
	{ "iat", "1799999990" },
	{ "nonce", "\"the nonce\"" },
};

/* The good claims, with one in another's place, or without it (NULL), or with one more. */
static const char *claims_with(const char *name, const char *value)
{
	static char text[4096];
	size_t len = (size_t)snprintf(text, sizeof(text), "{");
	bool placed = false;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		bool same = strcmp(good[i].name, name) == 0;
		const char *says = same ? value : good[i].value;

		placed = placed || same;
		if (says)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\"%s\":%s",
					len > 1 ? "," : "", good[i].name, says);
	}
	if (!placed && value)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",\"%s\":%s", name, value);
	snprintf(text + len, sizeof(text) - len, "}");
	return text;
}

static ward_err read_as(enum people_jwt_algorithm algorithm, const char *claims,
		const struct people_id_rules *by, struct people_id *id)
{
	static char token[MAKE_TEXT_MAX];
	char head[64];
	struct ward_error error;

	snprintf(head, sizeof(head), "{\"alg\":\"%s\"}", people_jwt_algorithm_name(algorithm));
	make_token(keys[algorithm], algorithm, head, claims, token);
	return people_id_token_read(sets[algorithm], ward_str_from(token), by, id, &error);
}

static ward_err read_with(const char *name, const char *value)
{
	struct people_id_rules by = rules();
	struct people_id id;

	return read_as(PEOPLE_JWT_EDDSA, claims_with(name, value), &by, &id);
}

static void a_good_token_says_who(void)
{
	struct people_id_rules by = rules();
	struct people_id id = { .second = true };

	for (unsigned i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		CHECK_EQ(read_as((enum people_jwt_algorithm)i,
					 claims_with("email", "\"a@b.example\""), &by, &id),
				WARD_OK);
		CHECK_STR(id.subject, "s-1");
		CHECK(!id.second);
	}
}

struct wrong {
	const char *name, *value;
};

static void refuse_all(const struct wrong *wrongs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ward_err err = read_with(wrongs[i].name, wrongs[i].value);

		if (err != WARD_E_DENIED)
			printf("# %s: %s\n", wrongs[i].name,
					wrongs[i].value ? wrongs[i].value : "-");
		CHECK_EQ(err, WARD_E_DENIED);
	}
}

static void it_is_from_the_issuer_for_us_alone(void)
{
	static const struct wrong wrongs[] = {
		{ "iss", "\"https://login.example.org/\"" },
		{ "iss", "\"https://x.example\"" },
		{ "iss", "[\"https://login.example.org\"]" },
		{ "iss", NULL },
		{ "iss", "\"https://login.example.org\\u0000\"" },
		{ "aud", "\"another\"" },
		{ "aud", "[\"another\"]" },
		{ "aud", "[]" },
		{ "aud", NULL },
		{ "aud", "[\"ward\",\"another\"]" },
		{ "aud", "[[\"ward\"]]" },
		{ "aud", "{\"ward\":1}" },
		{ "aud", "\"Ward\"" },
		{ "azp", "\"another\"" },
		{ "azp", "7" },
		{ "nonce", "\"another\"" },
		{ "nonce", NULL },
		{ "nonce", "\"\"" },
		{ "nonce", "null" },
	};

	refuse_all(wrongs, sizeof(wrongs) / sizeof(*wrongs));
	CHECK_EQ(read_with("aud", "[\"ward\"]"), WARD_OK);
	CHECK_EQ(read_with("azp", "\"ward\""), WARD_OK);
}

static void it_is_said_now(void)
{
	static const struct wrong wrongs[] = {
		{ "exp", "1799999940" },
		{ "exp", "1799999000" },
		{ "exp", NULL },
		{ "exp", "\"1800000300\"" },
		{ "exp", "-1" },
		{ "exp", "1e300" },
		{ "exp", "true" },
		{ "iat", "1800000061" },
		{ "iat", "1799999339" },
		{ "iat", NULL },
		{ "iat", "null" },
		{ "nbf", "1800000061" },
		{ "nbf", "\"now\"" },
	};
	static const struct wrong rights[] = {
		{ "exp", "1799999941" },
		{ "exp", "1800000300.5" },
		{ "iat", "1800000060" },
		{ "iat", "1799999340" },
		{ "nbf", "1800000060" },
	};

	refuse_all(wrongs, sizeof(wrongs) / sizeof(*wrongs));
	for (size_t i = 0; i < sizeof(rights) / sizeof(*rights); i++)
		CHECK_EQ(read_with(rights[i].name, rights[i].value), WARD_OK);
}

static void the_person_was_asked_anew_when_we_want_it(void)
{
	struct people_id_rules by = rules();
	struct people_id id;

	CHECK_EQ(read_with("auth_time", "1"), WARD_OK);
	by.auth_after = NOW - 10;
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("auth_time", "1799999995"), &by, &id),
			WARD_OK);
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("auth_time", "1799999929"), &by, &id),
			WARD_E_DENIED);
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("auth_time", "1800000061"), &by, &id),
			WARD_E_DENIED);
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("auth_time", NULL), &by, &id),
			WARD_E_DENIED);
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("auth_time", "\"1800000000\""), &by, &id),
			WARD_E_DENIED);
}

static void it_came_with_its_access_token(void)
{
	struct people_id_rules by = rules();
	struct people_id id;
	uint8_t digest[64];
	char half[64], value[80];

	crypto_hash_sha256(digest, (const uint8_t *)"an access token", 15);
	make_base64(digest, 16, half, sizeof(half));
	snprintf(value, sizeof(value), "\"%s\"", half);
	CHECK_EQ(read_as(PEOPLE_JWT_RS256, claims_with("at_hash", value), &by, &id), WARD_OK);
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("at_hash", value), &by, &id), WARD_E_DENIED);
	crypto_hash_sha512(digest, (const uint8_t *)"an access token", 15);
	make_base64(digest, 32, half, sizeof(half));
	snprintf(value, sizeof(value), "\"%s\"", half);
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("at_hash", value), &by, &id), WARD_OK);
	by.access_token = WARD_STR("another");
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("at_hash", value), &by, &id), WARD_E_DENIED);
	by.access_token = WARD_STR("");
	CHECK_EQ(read_as(PEOPLE_JWT_EDDSA, claims_with("at_hash", value), &by, &id), WARD_E_DENIED);
	CHECK_EQ(read_with("at_hash", "7"), WARD_E_DENIED);
	CHECK_EQ(read_with("at_hash", "\"\""), WARD_E_DENIED);
}

static void it_says_of_whom(void)
{
	char value[300];
	static const struct wrong wrongs[] = {
		{ "sub", NULL },
		{ "sub", "\"\"" },
		{ "sub", "7" },
		{ "sub", "\"a b\"" },
		{ "sub", "\"a\\u0000b\"" },
		{ "sub", "\"a\\nb\"" },
		{ "sub", "\"\\u00e9\"" },
	};

	refuse_all(wrongs, sizeof(wrongs) / sizeof(*wrongs));
	snprintf(value, sizeof(value), "\"%0256d\"", 0);
	CHECK_EQ(read_with("sub", value), WARD_E_DENIED);
	snprintf(value, sizeof(value), "\"%0255d\"", 0);
	CHECK_EQ(read_with("sub", value), WARD_OK);
}

static bool second_with(const char *name, const char *value)
{
	struct people_id_rules by = rules();
	struct people_id id = { .second = false };

	return read_as(PEOPLE_JWT_EDDSA, claims_with(name, value), &by, &id) == WARD_OK &&
	       id.second;
}

static void a_second_factor_is_told_in_the_operators_words(void)
{
	CHECK(second_with("acr", "\"urn:two\""));
	CHECK(second_with("acr", "\"urn:three\""));
	CHECK(second_with("amr", "[\"pwd\",\"mfa\"]"));
	CHECK(second_with("amr", "[\"hwk\"]"));
	CHECK(!second_with("acr", "\"urn:one\""));
	CHECK(!second_with("acr", "\"urn:two urn:three\""));
	CHECK(!second_with("acr", "\"\""));
	CHECK(!second_with("acr", "[\"urn:two\"]"));
	CHECK(!second_with("amr", "\"mfa\""));
	CHECK(!second_with("amr", "[\"pwd\"]"));
	CHECK(!second_with("amr", "[[\"mfa\"],{},7,null,\"\"]"));
}

static const struct test_case cases[] = {
	{ "a good token says who it is, and nothing else is taken of it", a_good_token_says_who },
	{ "a token is of the issuer, for us alone, and answers our question",
			it_is_from_the_issuer_for_us_alone },
	{ "a token was made a moment ago and is not over, within what clocks may differ",
			it_is_said_now },
	{ "the person was asked anew when that is wanted",
			the_person_was_asked_anew_when_we_want_it },
	{ "a token that names its access token came with that one", it_came_with_its_access_token },
	{ "a token says of whom it speaks, in letters that can be seen", it_says_of_whom },
	{ "a second factor is one when the provider says so in the operator's words",
			a_second_factor_is_told_in_the_operators_words },
};

int main(void)
{
	if (sodium_init() < 0 || !make_sets())
		return 1;
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	for (size_t i = 0; i < PEOPLE_JWT_ALGORITHMS; i++) {
		people_keyset_free(sets[i]);
		EVP_PKEY_free(keys[i]);
	}
	return failed;
}
