#include "api/access.h"

#include "base/test.h"

#define KEY "ward_0123456789abcdefghijklmnopqrstuvwxyzABCDE-_"

static const char *token_of(const char *authorization, const char *api_key)
{
	static char token[KEY_TOKEN_MAX];

	return access_token(ward_str_from(authorization), ward_str_from(api_key), token);
}

static void a_key_is_found_in_each_place(void)
{
	char basic[256], text[200];

	CHECK_STR(token_of("Bearer " KEY, ""), KEY);
	CHECK_STR(token_of("bearer   " KEY " ", ""), KEY);
	CHECK_STR(token_of("", KEY), KEY);
	CHECK_STR(token_of("", " " KEY " "), KEY);
	for (size_t name = 0; name < 4; name++) {
		int len = snprintf(text, sizeof(text), "%.*s:" KEY, (int)name, "you");

		memcpy(basic, "Basic ", 6);
		ward_base64_format((const uint8_t *)text, (size_t)len, basic + 6);
		CHECK_STR(token_of(basic, ""), KEY);
	}
}

static void what_cannot_be_a_key_is_none(void)
{
	CHECK_STR(token_of("", ""), "");
	CHECK_STR(token_of("Digest username=you", ""), "");
	CHECK_STR(token_of("Bearer", ""), "");
	CHECK_STR(token_of("Bearer a b", ""), "");
	CHECK_STR(token_of("Bearer " KEY KEY, ""), "");
	CHECK_STR(token_of("Basic ====", ""), "");
	CHECK_STR(token_of("Basic !", ""), "");
	CHECK_STR(token_of("", "a;b"), "");
}

static bool local(const char *host, const char *origin, const char *site)
{
	return access_is_local(ward_str_from(host), ward_str_from(origin), ward_str_from(site));
}

static void the_demonstration_answers_this_machine_alone(void)
{
	CHECK(local("127.0.0.1:8750", "", ""));
	CHECK(local("localhost", "", ""));
	CHECK(local("LocalHost:1", "", "none"));
	CHECK(local("[::1]:8750", "http://[::1]:8750", "same-origin"));
	CHECK(local("", "", ""));
	CHECK(!local("evil.example", "", ""));
	CHECK(!local("localhost.evil.example:8750", "", ""));
	CHECK(!local("localhost:80@evil.example", "", ""));
	CHECK(!local("127.0.0.1.evil.example", "", ""));
	CHECK(!local("127.0.0.1:8750", "https://evil.example", ""));
	CHECK(!local("127.0.0.1:8750", "null", ""));
	CHECK(!local("127.0.0.1:8750", "http://127.0.0.1:99", ""));
	CHECK(!local("127.0.0.1:8750", "", "cross-site"));
	CHECK(!local("127.0.0.1:8750", "", "same-site"));
}

static void a_key_may_ask_so_often_and_is_told_when_again(void)
{
	struct rates *rates = rates_new();
	struct key key = { .rate = 6, .digest = { 1 } }, other = { .rate = 6, .digest = { 2 } };
	uint64_t now = 1000000;

	for (int i = 0; i < 6; i++)
		CHECK_EQ(rates_take(rates, &key, now), 0);
	CHECK_EQ(rates_take(rates, &key, now), 11);
	CHECK_EQ(rates_take(rates, &key, now + 5000000), 6);
	CHECK_EQ(rates_take(rates, &other, now), 0);
	CHECK_EQ(rates_take(rates, &key, now + 10000001), 0);
	CHECK(rates_take(rates, &key, now + 10000002) > 0);
	/* A long rest fills the bucket and no more. */
	for (int i = 0; i < 6; i++)
		CHECK_EQ(rates_take(rates, &key, now + 3600000000), 0);
	CHECK(rates_take(rates, &key, now + 3600000000) > 0);
	rates_free(rates);
}

static void without_a_rate_there_is_no_bound(void)
{
	struct rates *rates = rates_new();
	struct key key = { .digest = { 3 } };

	for (int i = 0; i < 10000; i++)
		CHECK_EQ(rates_take(rates, &key, 1), 0);
	rates_free(rates);
}

static const struct test_case cases[] = {
	{ "a key is found in each place", a_key_is_found_in_each_place },
	{ "what cannot be a key is none", what_cannot_be_a_key_is_none },
	{ "the demonstration answers this machine alone",
			the_demonstration_answers_this_machine_alone },
	{ "a key may ask so often, and is told when again",
			a_key_may_ask_so_often_and_is_told_when_again },
	{ "without a rate there is no bound", without_a_rate_there_is_no_bound },
};
TEST_MAIN(cases)
