#include "intake/url_form.h"

#include "base/test.h"

static struct url_form form;

static void what_is_the_same_page_is_spelt_the_same(void)
{
	static const char *const typed[] = {
		"https://example.org/b~?x=1",
		"HTTPS://Example.ORG:443/a/../b%7e?x=1#top",
		"http://example.org:80/./b~?x=1",
		"example.org/b%7E?x=1",
		"  http://user:word@example.org/b~?x=1\n",
		"http://a@b@example.org/b~?x=1",
		"hxxps://example[.]org/b~?x=1",
		"example(.)org/b~?x=1",
		"http://example.org./b~?x=1",
		"http:\t//example.org/b~?x\n=1",
		"http://example.org\\b~?x=1",
		"ht\ntp://%65xample.org:/b~?x=1",
	};

	for (size_t i = 0; i < sizeof(typed) / sizeof(*typed); i++) {
		printf("# %zu\n", i);
		CHECK(url_form(ward_str_from(typed[i]), &form));
		CHECK_STR(form.text, "example.org/b~?x=1");
		CHECK_STR(form.host, "example.org");
	}
}

static void each_part_has_one_spelling(void)
{
	static const struct {
		const char *typed, *want;
	} pairs[] = {
		{ "http://example.org", "example.org/" },
		{ "http://example.org?", "example.org/" },
		{ "http://example.org?b=2&a=1", "example.org/?b=2&a=1" },
		{ "http://example.org:8080", "example.org:8080/" },
		{ "http://example.org:443/", "example.org:443/" },
		{ "ftp://example.org:21/", "example.org/" },
		{ "http://example.org/a/b/../../..", "example.org/" },
		{ "http://example.org/a/%2e%2E/b/", "example.org/b/" },
		{ "http://example.org/a/.", "example.org/a/" },
		{ "http://example.org/a//b", "example.org/a//b" },
		{ "http://example.org/%2f%3f", "example.org/%2F%3F" },
		{ "http://example.org/a b\"<>", "example.org/a%20b%22%3C%3E" },
		{ "http://example.org/100%", "example.org/100%25" },
		{ "http://example.org/%zz", "example.org/%25zz" },
		{ "http://example.org/\xc3\xa9", "example.org/%C3%A9" },
		{ "http://example.org/?a/../b", "example.org/?a/../b" },
		{ "http://B\xc3\x9c"
		  "CHER.example/",
				"xn--bcher-kva.example/" },
		{ "http://xn--bcher-KVA.example/", "xn--bcher-kva.example/" },
		{ "http://"
		  "\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88/",
				"xn--r8jz45g.xn--zckzah/" },
		{ "http://localhost/", "localhost/" },
		{ "http://192.0.2.7:80/x", "192.0.2.7/x" },
		{ "http://[2001:DB8:0:0::1]:80/x", "[2001:db8::1]/x" },
		{ "my_host.example.org", "my_host.example.org/" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		printf("# %s\n", pairs[i].want);
		CHECK(url_form(ward_str_from(pairs[i].typed), &form));
		CHECK_STR(form.text, pairs[i].want);
	}
}

static void what_is_no_address_of_a_host_has_no_form(void)
{
	static const char *const typed[] = {
		"",
		" \n",
		"lighthouse",
		"mailto:ann@example.org",
		"javascript://example.org/%0aalert(1)",
		"data://example.org/",
		"file:///etc/passwd",
		"http://",
		"http:///path",
		"http://exa mple.org/",
		"http://example..org/",
		"http://.org/",
		"http://example.org:x/",
		"http://example.org:0/",
		"http://example.org:65536/",
		"http://[::1/",
		"http://[lighthouse]/",
		"http://[::1]x/",
		"http://exam%00ple.org/",
		"http://exam%2fple.org/",
		"http://example.org/\x01",
		"http://example.org/\xff",
	};

	for (size_t i = 0; i < sizeof(typed) / sizeof(*typed); i++) {
		bool good = url_form(ward_str_from(typed[i]), &form);

		if (good)
			printf("# %zu: %s\n", i, form.text);
		CHECK(!good);
	}
}

static void the_longest_is_taken_and_no_longer_one(void)
{
	static char typed[URL_TYPED_MAX + 2];

	memset(typed, '"', sizeof(typed));
	memcpy(typed, "http://example.org/", 19);
	typed[URL_TYPED_MAX + 1] = '\0';
	CHECK(!url_form(ward_str_from(typed), &form));
	typed[URL_TYPED_MAX] = '\0';
	CHECK(url_form(ward_str_from(typed), &form));
	CHECK_EQ(strlen(form.text), strlen("example.org/") + 3 * (URL_TYPED_MAX - 19));
}

static const struct test_case cases[] = {
	{ "what is the same page is spelt the same", what_is_the_same_page_is_spelt_the_same },
	{ "each part has one spelling", each_part_has_one_spelling },
	{ "what is no address of a host has no form", what_is_no_address_of_a_host_has_no_form },
	{ "the longest is taken, and no longer one", the_longest_is_taken_and_no_longer_one },
};
TEST_MAIN(cases)
