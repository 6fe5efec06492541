#include "people/people_discovery.h"

#include "base/test.h"

#define ISSUER "https://login.example.org"

static const struct claim {
	const char *name, *value;
} good[] = {
	{ "issuer", "\"" ISSUER "\"" },
	{ "authorization_endpoint", "\"" ISSUER "/auth\"" },
	{ "token_endpoint", "\"" ISSUER "/token\"" },
	{ "jwks_uri", "\"https://keys.example.org/set\"" },
	{ "response_types_supported", "[\"code\",\"id_token\"]" },
	{ "id_token_signing_alg_values_supported", "[\"HS256\",\"RS256\"]" },
};

static ward_err read_with(const char *issuer, const char *name, const char *value,
		struct people_discovery *read)
{
	static char text[8192];
	struct ward_error error;
	size_t len = (size_t)snprintf(text, sizeof(text), "{\"x\":{}");
	bool placed = false;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		bool same = strcmp(good[i].name, name) == 0;
		const char *says = same ? value : good[i].value;

		placed = placed || same;
		if (says)
			len += (size_t)snprintf(text + len, sizeof(text) - len, ",\"%s\":%s",
					good[i].name, says);
	}
	if (!placed)
		len += (size_t)snprintf(text + len, sizeof(text) - len, ",\"%s\":%s", name, value);
	snprintf(text + len, sizeof(text) - len, "}");
	return people_discovery_read(ward_str_from(text), ward_str_from(issuer), read, &error);
}

static void a_document_names_its_addresses(void)
{
	struct people_discovery read;

	CHECK_EQ(read_with(ISSUER, "end_session_endpoint", "\"" ISSUER "/end\"", &read), WARD_OK);
	CHECK_STR(read.authorization, ISSUER "/auth");
	CHECK_STR(read.token, ISSUER "/token");
	CHECK_STR(read.keys, "https://keys.example.org/set");
	CHECK_STR(read.logout, ISSUER "/end");
	CHECK(read.basic && !read.says_issuer);
	CHECK_EQ(read_with(ISSUER, "authorization_response_iss_parameter_supported", "true", &read),
			WARD_OK);
	CHECK(read.says_issuer);
	CHECK_EQ(read_with(ISSUER, "token_endpoint_auth_methods_supported",
				 "[\"private_key_jwt\",\"client_secret_post\"]", &read),
			WARD_OK);
	CHECK(!read.basic);
}

static void another_issuer_is_not_believed(void)
{
	struct people_discovery read;

	CHECK_EQ(read_with(ISSUER "/", "x", "1", &read), WARD_E_FORMAT);
	CHECK_EQ(read_with(ISSUER, "issuer", "\"https://x.example\"", &read), WARD_E_FORMAT);
	CHECK_EQ(read_with(ISSUER, "issuer", NULL, &read), WARD_E_FORMAT);
	CHECK_EQ(read_with(ISSUER, "issuer", "7", &read), WARD_E_FORMAT);
}

static void addresses_are_such_as_we_ask(void)
{
	static const char *const wrong[] = { "\"http://login.example.org/x\"",
		"\"http://127.0.0.1:8080/x\"", "\"ftp://login.example.org/x\"", "\"/x\"", "\"\"",
		"7", "null", "\"https://a:b@login.example.org/x\"",
		"\"https://login.example.org/x#y\"", "\"file:///etc/hostname\"" };
	static const char *const names[] = { "authorization_endpoint", "token_endpoint",
		"jwks_uri" };
	struct people_discovery read;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		for (size_t j = 0; j < sizeof(names) / sizeof(*names); j++)
			CHECK_EQ(read_with(ISSUER, names[j], wrong[i], &read), WARD_E_FORMAT);
		CHECK_EQ(read_with(ISSUER, "end_session_endpoint", wrong[i], &read), WARD_OK);
		CHECK_STR(read.logout, "");
	}
}

static void what_a_provider_cannot_do_is_told(void)
{
	struct people_discovery read;

	CHECK_EQ(read_with(ISSUER, "id_token_signing_alg_values_supported",
				 "[\"none\",\"HS256\",\"RS512\"]", &read),
			WARD_E_UNSUPPORTED);
	CHECK_EQ(read_with(ISSUER, "response_types_supported", "[\"id_token\"]", &read),
			WARD_E_UNSUPPORTED);
	CHECK_EQ(read_with(ISSUER, "code_challenge_methods_supported", "[\"plain\"]", &read),
			WARD_E_UNSUPPORTED);
	CHECK_EQ(read_with(ISSUER, "token_endpoint_auth_methods_supported", "[\"private_key_jwt\"]",
				 &read),
			WARD_E_UNSUPPORTED);
	CHECK_EQ(read_with(ISSUER, "code_challenge_methods_supported", "[\"plain\",\"S256\"]",
				 &read),
			WARD_OK);
}

static ward_err grant_of(const char *text)
{
	struct people_grant grant;
	struct ward_arena arena;
	struct ward_error error;

	ward_arena_init(&arena, 64 * 1024);
	ward_err err = people_grant_read(ward_str_from(text), &arena, &grant, &error);

	ward_arena_free(&arena);
	return err;
}

static void a_code_is_redeemed_for_an_id_token(void)
{
	static const char *const wrong[] = { "", "[]", "{}", "{\"id_token\":\"a.b.c\"}",
		"{\"token_type\":\"mac\",\"id_token\":\"a.b.c\"}",
		"{\"token_type\":\"Bearer\",\"id_token\":7}",
		"{\"token_type\":\"Bearer\",\"access_token\":\"x\"}",
		"{\"token_type\":\"Bearer\",\"id_token\":\"a\",\"id_token\":\"b\"}" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK_EQ(grant_of(wrong[i]), WARD_E_FORMAT);
	CHECK_EQ(grant_of("{\"token_type\":\"bearer\",\"id_token\":\"a.b.c\"}"), WARD_OK);
}

static const struct test_case cases[] = {
	{ "a provider's document names its addresses and how it takes our secret",
			a_document_names_its_addresses },
	{ "a document that speaks of another issuer is not believed",
			another_issuer_is_not_believed },
	{ "every address is https, without names in it, and is left out or refused otherwise",
			addresses_are_such_as_we_ask },
	{ "what a provider cannot do is told", what_a_provider_cannot_do_is_told },
	{ "a code is redeemed for an ID token and nothing less",
			a_code_is_redeemed_for_an_id_token },
};

TEST_MAIN(cases)
