#include "base/test.h"

#include <ward/link.h>

#include "link/place.h"

static struct ward_buf memory;
static struct ward_buf again;

static const char *read_by(const char *text, size_t len, ward_link_rules rules)
{
	static char out[4][2048];
	static int turn;
	struct ward_link link;
	struct ward_error error;

	turn = (turn + 1) % 4;
	if (ward_link_read((ward_str){ text, len }, rules, &memory, &link, &error))
		snprintf(out[turn], sizeof(out[turn]), "%s: %s", ward_err_name(error.code),
				error.message);
	else
		snprintf(out[turn], sizeof(out[turn]), "%.*s", WARD_FMT(link.url));
	return out[turn];
}

static const char *canonical(const char *text)
{
	return read_by(text, strlen(text), WARD_LINK_LOOKUP);
}

static void spellings_of_one_page_are_one(void)
{
	static const char *const same[] = {
		"http://www.example.org/a/b?q",
		"HTTP://WWW.example.ORG/a/b?q",
		"http://www.example.org:80/a/b?q",
		"www.example.org/a/b?q",
		"//www.example.org/a/b?q",
		"http:www.example.org/a/b?q",
		"http:\\\\www.example.org\\a\\b?q",
		"http://user:word@www.example.org/a/b?q#part",
		"http://www.example.org./a/b?q",
		"http://.www..example.org../a/b?q",
		"http://www.example.org//a/./c/../b?q",
		"http://www.example.org/%61/%2562?%71",
		"http://www.example.org/a%2Fb?q",
		"http://www.example.org/a%5cb?q",
		"  http://www.exa\tmple.org/a/\r\nb?q ",
		"http://www%2Eexample.org/a/b?q",
		"http://www\343\200\202example\xef\xbc\x8eorg/a/b?q",
		"http://\xef\xbd\x97ww.example.org/a/b?q",
		"http://www.exam\xc2\xadple.org/a/b?q",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		CHECK_STR(canonical(same[i]), "http://www.example.org/a/b?q");
}

static void spellings_of_one_name_are_one(void)
{
	static const char *const same[] = {
		"http://xn--mnchen-3ya.example/",
		"http://XN--MNCHEN-3YA.example/",
		"http://m\xc3\xbcnchen.example/",
		"http://M\xc3\x9cNCHEN.EXAMPLE/",
		"http://mu\xcc\x88nchen.example/",
		"http://m%C3%BCnchen.example/",
		"http://m%c3%bcn%63hen%2eexample",
		"m\xc3\xbcnchen.example",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		CHECK_STR(canonical(same[i]), "http://xn--mnchen-3ya.example/");
	/* Marks above and below a letter, either one first; and one already on it. */
	CHECK_STR(canonical("http://q\xcc\x87\xcc\xa3.example/"), "http://xn--q-9bb7f.example/");
	CHECK_STR(canonical("http://q\xcc\xa3\xcc\x87.example/"), "http://xn--q-9bb7f.example/");
	CHECK_STR(canonical("http://a\xcc\xa3\xcc\x87.example/"), "http://xn--rsa542l.example/");
	CHECK_STR(canonical("http://\xc8\xa7\xcc\xa3.example/"), "http://xn--rsa542l.example/");
	/* The four letters in which IDNA 2008 differs from its first edition are kept apart. */
	CHECK_STR(canonical("http://stra\303\237e.example/"), "http://xn--strae-oqa.example/");
	CHECK_STR(canonical("http://strasse.example/"), "http://strasse.example/");
	CHECK_STR(canonical("http://\xe2\x98\x95.example/"), "http://xn--53h.example/");
}

static void spellings_of_one_address_are_one(void)
{
	static const char *const four[] = { "http://192.0.2.1/", "http://192.0.513/",
		"http://192.513/", "http://3221225985/", "http://0xC0000201/",
		"http://0xc0.0x0.0x2.0x1/", "http://0300.0.02.01/", "http://0300.0.513./",
		"http://%31%392.0.2.1/", "http://\357\274\22192.0.2.1/",
		"http://192\343\200\2020.2.1/", "http://[::ffff:192.0.2.1]/",
		"http://[::FFFF:c000:0201]/", "http://user@192.0.2.1:80/" };
	static const char *const six[] = { "http://[2001:db8::1]/", "http://[2001:DB8:0:0:0:0:0:1]",
		"http://[2001:0db8::0001]/", "http://[2001:db8::0.0.0.1]:80/" };

	for (size_t i = 0; i < sizeof(four) / sizeof(*four); i++)
		CHECK_STR(canonical(four[i]), "http://192.0.2.1/");
	for (size_t i = 0; i < sizeof(six) / sizeof(*six); i++)
		CHECK_STR(canonical(six[i]), "http://[2001:db8::1]/");
}

static void what_is_no_link_says_why_and_not_what(void)
{
	static const char *const none[] = { "", " ", "http://", "http:///", "/secretword/b",
		"mailto:secretword@example.org", "javascript:secretword", "data:,secretword",
		"http://1.2.3.4.5/secretword", "http://secret word/", "http://a:99999/secretword",
		"http://[secretword]/", "http://[fe80::1%25secretword]/", "http://secretword@/",
		"http://\xff.secretword/", "http://a%00secretword/", "secretword:x", "http://...",
		"http://xn--secretword-\xc3\xbc.example/" };

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		const char *said = canonical(none[i]);

		CHECK(strncmp(said, "format: ", 8) == 0);
		CHECK(!strstr(said, "secretword"));
	}
}

static void a_mark_that_was_escaped_does_not_begin_a_query(void)
{
	struct ward_link link;

	CHECK_EQ(ward_link_read(WARD_STR("http://h/a%253Fb?c%3Fd%23"), WARD_LINK_LOOKUP, &memory,
				 &link, NULL),
			WARD_OK);
	CHECK(ward_str_eq(link.path, WARD_STR("/a%3Fb")));
	CHECK(ward_str_eq(link.query, WARD_STR("c?d%23")));
	CHECK(link.has_query);
}

static void a_link_too_long_is_a_limit(void)
{
	static char text[WARD_LINK_MAX + 1];

	memset(text, '%', sizeof(text));
	memcpy(text, "http://h/", 9);
	CHECK_STR(read_by(text, sizeof(text), WARD_LINK_LOOKUP),
			"limit: a link has at most 65536 bytes");
	CHECK(strncmp(read_by(text, sizeof(text) - 1, WARD_LINK_LOOKUP), "http://h/%25%25", 15) ==
			0);
	/* Escapes of escapes: the time is that of the length, not of its square. */
	for (size_t i = 10; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "25", 2);
	text[9] = '%';
	CHECK_STR(read_by(text, sizeof(text) - 1, WARD_LINK_LOOKUP), "http://h/%25");
	/* And a host that is longer than names are. */
	memset(text + 7, 'a', sizeof(text) - 7);
	CHECK(strncmp(read_by(text, sizeof(text) - 1, WARD_LINK_LOOKUP), "limit: ", 7) == 0);
}

static void memory_that_ends_is_an_error_and_nothing_else(void)
{
	static const char text[] = "http://m\xc3\xbcnchen.example:8080/%61/../b c?d e";

	for (size_t cap = 0; cap < 400; cap++) {
		struct ward_buf small;
		struct ward_link link = { .port = 7 };

		for (int rules = WARD_LINK_LOOKUP; rules <= WARD_LINK_WHATWG; rules++) {
			ward_buf_init(&small, cap);
			ward_err err = ward_link_read(WARD_STR(text), (ward_link_rules)rules,
					&small, &link, NULL);

			ward_buf_free(&small);
			CHECK(err == WARD_OK || err == WARD_E_NOMEM);
			CHECK(err == WARD_OK || link.port == 7);
			link.port = 7;
		}
	}
}

/* Memory that is grown moves: what is read from must not lie in it then. */
static void a_first_link_reads_as_a_later_one(void)
{
	for (size_t len = 1; len < 600; len++) {
		char text[700] = "";
		struct ward_buf fresh;
		struct ward_link link;

		memset(text, 'a', len);
		memcpy(text + len, "://b.example:8/%63?d e", 23);
		ward_buf_init(&fresh, WARD_LINK_MEMORY_MAX);
		ward_err err = ward_link_read(ward_str_from(text), WARD_LINK_LOOKUP, &fresh, &link,
				NULL);
		bool same = !err && link.scheme.len == len &&
			    ward_str_ends(link.url, WARD_STR("a://b.example:8/c?d%20e"));

		ward_buf_free(&fresh);
		CHECK(same);
	}
}

/* Random links of what is odd in links: the same again when read again, by either way. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static size_t random_link(uint32_t *state, char *out, size_t room)
{
	static const char *const pieces[] = { "http://", "https://", "example", ".", "..", "/",
		"//", "\\", "?", "#", "%", "%25", "%2e", "%2F", "%3f", "%5C", "%00", "a", "B",
		"0x1", "127", ":", ":80", "@", " ", "\t", "\xc3\xbc", "\xe3\x80\x82", "xn--",
		"xn--mnchen-3ya", "[::1]", "[::ffff:1.2.3.4]", "\xff", "-", "_", "41", "&", "=",
		"ftp:", "\xf0\x9f\x98\x80" };
	uint32_t count = 1 + next_random(state) % 12;
	size_t len = 0;

	if (next_random(state) % 4 > 0)
		len = (size_t)snprintf(out, room, "http://a%s", next_random(state) % 2 ? "/" : "");
	while (count-- > 0) {
		const char *piece = pieces[next_random(state) % (sizeof(pieces) / sizeof(*pieces))];

		len += (size_t)snprintf(out + len, room - len, "%s", piece);
	}
	return len;
}

static void reading_again_gives_the_same_parts(void)
{
	uint32_t state = 1;
	int links = 0;

	for (int i = 0; i < 200000; i++) {
		char text[256];
		size_t len = random_link(&state, text, sizeof(text));
		struct ward_link first;
		struct ward_link second;

		if (ward_link_read((ward_str){ text, len }, WARD_LINK_LOOKUP, &memory, &first,
				    NULL))
			continue;
		links++;
		if (ward_link_read(first.url, WARD_LINK_LOOKUP, &again, &second, NULL) ||
				!ward_str_eq(first.url, second.url) ||
				!ward_str_eq(first.host, second.host) ||
				!ward_str_eq(first.path, second.path) ||
				!ward_str_eq(first.query, second.query) ||
				first.port != second.port || first.host_kind != second.host_kind ||
				memcmp(first.address, second.address, 16) != 0) {
			printf("# %s: %.*s, then %.*s\n", text, WARD_FMT(first.url),
					WARD_FMT(second.url));
			CHECK(false);
		}
	}
	CHECK(links > 50000);
}

static void the_short_way_answers_as_the_long_one(void)
{
	uint32_t state = 7;
	int links = 0;

	for (int i = 0; i < 200000; i++) {
		char text[256];
		size_t len = random_link(&state, text, sizeof(text));
		struct ward_link quick;
		struct ward_link slow;

		ward_buf_clear(&memory);
		ward_buf_clear(&again);
		if (!link_read_plain((ward_str){ text, len }, &memory, &quick))
			continue;
		links++;
		CHECK_EQ(link_read_lookup((ward_str){ text, len }, &again, &slow, NULL), WARD_OK);
		CHECK(ward_str_eq(quick.url, slow.url) && ward_str_eq(quick.scheme, slow.scheme) &&
				ward_str_eq(quick.host, slow.host) &&
				ward_str_eq(quick.path, slow.path) &&
				ward_str_eq(quick.query, slow.query) &&
				quick.has_query == slow.has_query && quick.port == slow.port &&
				quick.host_kind == slow.host_kind);
	}
	CHECK(links > 1000);
}

/* ---- hosts and networks ---- */

static const char *host_of(const char *text)
{
	static char out[512];
	ward_host_kind kind;
	uint8_t address[16];
	ward_str host;
	struct ward_error error;

	if (ward_host_read(ward_str_from(text), &memory, &host, &kind, address, &error))
		snprintf(out, sizeof(out), "%s", ward_err_name(error.code));
	else
		snprintf(out, sizeof(out), "%d %.*s", (int)kind, WARD_FMT(host));
	return out;
}

static void hosts_of_lists_are_read_as_links_are(void)
{
	CHECK_STR(host_of("WWW.Example.ORG."), "1 www.example.org");
	CHECK_STR(host_of("m\xc3\xbcnchen.example"), "1 xn--mnchen-3ya.example");
	CHECK_STR(host_of("0300.0.513"), "2 192.0.2.1");
	CHECK_STR(host_of("2001:DB8::1"), "3 [2001:db8::1]");
	CHECK_STR(host_of("[2001:db8::1]"), "3 [2001:db8::1]");
	CHECK_STR(host_of("::ffff:192.0.2.1"), "2 192.0.2.1");
	CHECK_STR(host_of("a_b.example.org"), "1 a_b.example.org");
	CHECK_STR(host_of(""), "format");
	CHECK_STR(host_of("a/b"), "format");
	CHECK_STR(host_of("a b"), "format");
	CHECK_STR(host_of("1.2.3.256"), "format");
}

static bool parent_is(const char *host, const char *parent)
{
	return ward_str_eq(ward_host_parent(ward_str_from(host)), ward_str_from(parent));
}

static bool registered_is(const char *host, const char *registered)
{
	return ward_str_eq(ward_host_registered(ward_str_from(host)), ward_str_from(registered));
}

static void hosts_have_a_parent_and_a_registered_part(void)
{
	CHECK(parent_is("a.b.c", "b.c"));
	CHECK(parent_is("b.c", "c"));
	CHECK(parent_is("c", ""));
	CHECK(parent_is("192.0.2.1", ""));
	CHECK(parent_is("[2001:db8::1]", ""));
	CHECK(registered_is("www.example.co.uk", "example.co.uk"));
	CHECK(registered_is("a.b.github.io", "b.github.io"));
	CHECK(registered_is("co.uk", ""));
	CHECK(registered_is("192.0.2.1", ""));
	CHECK(registered_is("[::1]", ""));
	CHECK(registered_is("", ""));
	CHECK(ward_host_is_suffix(WARD_STR("co.uk")));
	CHECK(ward_host_is_suffix(WARD_STR("github.io")));
	CHECK(ward_host_is_suffix(WARD_STR("uk")));
	CHECK(!ward_host_is_suffix(WARD_STR("lighthouse")));
	CHECK(!ward_host_is_suffix(WARD_STR("example.co.uk")));
	CHECK(!ward_host_is_suffix(WARD_STR("192.0.2.1")));
	CHECK(!ward_host_is_suffix(WARD_STR("")));
}

static const char *shown(const char *host)
{
	static char out[256];
	ward_str display;

	if (ward_host_display(ward_str_from(host), &memory, &display, NULL))
		return "failed";
	snprintf(out, sizeof(out), "%.*s", WARD_FMT(display));
	return out;
}

static void hosts_are_shown_in_letters_where_that_misleads_nobody(void)
{
	CHECK_STR(shown("xn--mnchen-3ya.example"), "m\xc3\xbcnchen.example");
	CHECK_STR(shown("www.xn--e1afmkfd.xn--p1ai"),
			"www.\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84");
	CHECK_STR(shown("xn--fsqu00a.xn--0zwm56d"),
			"\xe4\xbe\x8b\xe5\xad\x90.\xe6\xb5\x8b\xe8\xaf\x95");
	/* Cyrillic letters that look like "apple"; one among Latin ones; a sign; broken. */
	CHECK_STR(shown("xn--80ak6aa92e.com"), "xn--80ak6aa92e.com");
	CHECK_STR(shown("xn--pple-43d.com"), "xn--pple-43d.com");
	CHECK_STR(shown("xn--53h.example"), "xn--53h.example");
	CHECK_STR(shown("xn--a.example"), "xn--a.example");
	CHECK_STR(shown("example.org"), "example.org");
	CHECK_STR(shown("[2001:db8::1]"), "[2001:db8::1]");
	CHECK_STR(shown(""), "");
}

static bool network_has(const char *network, const char *address)
{
	struct ward_network net;
	struct ward_network one;

	return ward_network_read(ward_str_from(network), &net) &&
	       ward_network_read(ward_str_from(address), &one) &&
	       ward_network_has(&net, one.kind, one.address);
}

static void networks_hold_their_addresses(void)
{
	static const char *const none[] = { "", "/", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x",
		"10/8", "10.1/16", "2001:db8::/129", "2001:db8/32", "example.org", "192.0.2.0/-1",
		"1.2.3.4.5", "192.0.2.0/ 8", ":::/8" };
	struct ward_network network;

	CHECK(network_has("192.0.2.0/24", "192.0.2.255"));
	CHECK(!network_has("192.0.2.0/24", "192.0.3.0"));
	CHECK(network_has("192.0.2.7", "0300.0.519"));
	CHECK(network_has("0.0.0.0/0", "203.0.113.9"));
	CHECK(network_has("192.0.2.128/25", "192.0.2.200"));
	CHECK(!network_has("192.0.2.128/25", "192.0.2.127"));
	CHECK(network_has("2001:db8::/32", "2001:db8:ffff::1"));
	CHECK(network_has("[2001:db8::]/33", "[2001:db8:7fff::1]"));
	CHECK(!network_has("2001:db8::/33", "2001:db8:8000::1"));
	CHECK(!network_has("::/0", "192.0.2.1"));
	CHECK(network_has("::ffff:192.0.2.0/120", "192.0.2.9"));
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		CHECK(!ward_network_read(ward_str_from(none[i]), &network));
	CHECK(ward_network_read(WARD_STR("192.0.2.7/24"), &network));
	CHECK_EQ(network.address[3], 0);
}

/* ---- expressions ---- */

static char told[4096];

static void tell(void *context, ward_str host, ward_str path)
{
	size_t len = strlen(told);

	(void)context;
	snprintf(told + len, sizeof(told) - len, "%s%.*s%.*s", len ? " " : "", WARD_FMT(host),
			WARD_FMT(path));
}

static const char *expressions(const char *text)
{
	struct ward_link link;

	told[0] = 0;
	if (ward_link_read(ward_str_from(text), WARD_LINK_LOOKUP, &memory, &link, NULL))
		return "no link";
	ward_link_expressions(&link, tell, NULL);
	return told;
}

static void expressions_go_from_the_page_to_the_domain(void)
{
	CHECK_STR(expressions("http://a.b.c/1/2.html?q"),
			"a.b.c/1/2.html?q a.b.c/1/2.html a.b.c/ a.b.c/1/ "
			"b.c/1/2.html?q b.c/1/2.html b.c/ b.c/1/");
	CHECK_STR(expressions("http://b.c/?"), "b.c/");
	CHECK_STR(expressions("http://1.2.3.4:81/a"), "1.2.3.4/a 1.2.3.4/");
	CHECK_STR(expressions("http://c/"), "c/");
	CHECK_STR(expressions("http://1.b.c.d.e.f/"),
			"1.b.c.d.e.f/ b.c.d.e.f/ c.d.e.f/ d.e.f/ e.f/");
}

static const struct test_case cases[] = {
	{ "spellings of one page are one", spellings_of_one_page_are_one },
	{ "spellings of one name are one", spellings_of_one_name_are_one },
	{ "spellings of one address are one", spellings_of_one_address_are_one },
	{ "what is no link says why, and not what it was", what_is_no_link_says_why_and_not_what },
	{ "a question mark that was escaped does not begin a query",
			a_mark_that_was_escaped_does_not_begin_a_query },
	{ "a link too long is a limit", a_link_too_long_is_a_limit },
	{ "memory that ends is an error and nothing else",
			memory_that_ends_is_an_error_and_nothing_else },
	{ "a first link reads as a later one", a_first_link_reads_as_a_later_one },
	{ "reading again gives the same parts", reading_again_gives_the_same_parts },
	{ "the short way answers as the long one", the_short_way_answers_as_the_long_one },
	{ "hosts of lists are read as links are", hosts_of_lists_are_read_as_links_are },
	{ "hosts have a parent and a registered part", hosts_have_a_parent_and_a_registered_part },
	{ "hosts are shown in letters where that misleads nobody",
			hosts_are_shown_in_letters_where_that_misleads_nobody },
	{ "networks hold their addresses", networks_hold_their_addresses },
	{ "expressions go from the page to the domain",
			expressions_go_from_the_page_to_the_domain },
};

int main(void)
{
	ward_buf_init(&memory, WARD_LINK_MEMORY_MAX);
	ward_buf_init(&again, WARD_LINK_MEMORY_MAX);

	int failed = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ward_buf_free(&memory);
	ward_buf_free(&again);
	return failed;
}
