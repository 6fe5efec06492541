#include "text/page.h"

#include "base/test.h"

#define LIST                                                        \
	"zorbel\tweight=10\tcategory=sea\nlighthouse\tweight=4\n"   \
	"boat\twith=sail\twithin=3\tweight=20\nmuseum\tweight=-8\n" \
	"forbidden zorb\tkind=banned\nharbour school\tkind=exception\n"

static struct ward_terms *terms;
static struct ward_page *page;
static const struct ward_page_result *result;

static bool open_page(const struct ward_page_options *options)
{
	struct ward_term_list *list = ward_term_list_new(0);
	bool fine = list &&
		    !ward_term_list_read(list, WARD_STR(LIST), WARD_TERM_FORMAT_WARD, NULL) &&
		    !ward_terms_compile(list, &terms, NULL);

	ward_term_list_free(list);
	page = fine ? ward_page_new(terms, options) : NULL;
	return page != NULL;
}

static void close_page(void)
{
	ward_page_free(page);
	ward_terms_free(terms);
}

/* In pieces of `piece` bytes. */
static bool read_page(const char *type, ward_str bytes, size_t piece,
		const struct ward_page_facts *facts)
{
	ward_page_begin(page, ward_str_from(type));
	for (size_t at = 0; at < bytes.len; at += piece) {
		size_t len = bytes.len - at < piece ? bytes.len - at : piece;

		if (ward_page_feed(page, (ward_bytes){ (const uint8_t *)bytes.ptr + at, len },
				    NULL))
			return false;
	}
	return ward_page_end(page, facts, &result, NULL) == WARD_OK;
}

#define READ(type, text) read_page((type), WARD_STR(text), 7, NULL)

static void finds_terms_where_a_reader_finds_them(void)
{
	CHECK(open_page(NULL));
	CHECK(READ("text/html", "<title>Zorbel</title><p>a zor<b>b</b>el <img alt='Lighthouse 2'>"
				"<script>zorbel</script><p>z<p>orbel<div style='DISPLAY : none'>x "
				"<div></div>zorbel</div>"));
	CHECK_EQ(result->hit_count, 4);
	CHECK_EQ(result->hits[0].where, WARD_PAGE_TITLE);
	CHECK_EQ(result->hits[0].offset, 7);
	CHECK_EQ(result->hits[0].len, 6);
	CHECK_EQ(result->hits[1].where, WARD_PAGE_TEXT);
	CHECK_EQ(result->hits[1].offset, 26);
	CHECK_EQ(result->hits[1].len, 13);
	CHECK_EQ(result->hits[2].where, WARD_PAGE_HIDDEN);
	CHECK_EQ(result->hits[3].where, WARD_PAGE_ALT);
	CHECK(ward_str_ends(result->hits[3].excerpt, WARD_STR("x  zorbel Lighthouse 2 ")));
	CHECK(result->html);
	close_page();
}

/* 300 combinations with "harbour" in common, and one term that has nothing to do with them. */
static void what_is_everywhere_leaves_room_for_the_rest(void)
{
	struct ward_term_list *list = ward_term_list_new(0);
	struct ward_buf text;

	ward_buf_init(&text, 1 << 20);
	for (int i = 0; i < 300; i++)
		ward_buf_printf(&text, "harbour\twith=pier x%dy\n", i);
	ward_buf_str(&text, WARD_STR("zorbel\n"));
	CHECK(list != NULL);
	CHECK_EQ(ward_term_list_read(list, ward_buf_text(&text), WARD_TERM_FORMAT_WARD, NULL),
			WARD_OK);
	CHECK_EQ(ward_terms_compile(list, &terms, NULL), WARD_OK);
	ward_term_list_free(list);
	page = ward_page_new(terms, NULL);
	CHECK(page != NULL);
	ward_buf_clear(&text);
	for (int i = 0; i < 1000; i++)
		ward_buf_str(&text, WARD_STR("harbour "));
	ward_buf_str(&text, WARD_STR("zorbel"));
	CHECK(read_page("text/plain", ward_buf_text(&text), 4096, NULL));
	CHECK_EQ(result->hit_total, 1);
	CHECK_EQ(result->hits[0].offset, 8000);
	ward_buf_free(&text);
	close_page();
}

static void parts_of_a_score_add_up(void)
{
	const struct ward_page_facts facts = { .listed_links = 2,
		.pictures = 1,
		.host = WARD_HOST_FACT_DIGITS | WARD_HOST_FACT_NEW };

	CHECK(open_page(NULL));
	CHECK(read_page("text/plain", WARD_STR("zorbel Z0RBEL zorbel museum"), 100, &facts));
	CHECK(result->score.terms == 17.5);
	CHECK(result->score.density == 17.5);
	CHECK(result->score.harmless == -8);
	CHECK(result->score.links == 30);
	CHECK(result->score.pictures == 30);
	CHECK(result->score.host == 5);
	CHECK(result->score.total == 92);
	CHECK_EQ(result->words, 4);
	CHECK_EQ(result->hit_total, 4);
	close_page();
}

static void who_asks_for_the_score_alone_gets_the_same_score(void)
{
	const struct ward_page_options options = { .score_only = true };
	double total;

	CHECK(open_page(NULL));
	CHECK(READ("text/html", "<title>Zorbel</title><p>a zor<b>b</b>el, Z0RBEL museum"));
	total = result->score.total;
	CHECK(total > 0 && result->hit_count > 0);
	size_t hits = result->hit_total;

	close_page();
	CHECK(open_page(&options));
	CHECK(READ("text/html", "<title>Zorbel</title><p>a zor<b>b</b>el, Z0RBEL museum"));
	CHECK(result->score.total == total);
	CHECK_EQ(result->hit_total, hits);
	CHECK_EQ(result->hit_count, 0);
	close_page();
}

static void combinations_count_within_their_words(void)
{
	CHECK(open_page(NULL));
	CHECK(READ("text/plain", "boat one two sail"));
	CHECK_EQ(result->hit_count, 1);
	CHECK(READ("text/plain", "boat one two three sail"));
	CHECK_EQ(result->hit_count, 0);
	CHECK(READ("text/plain", "sail boat"));
	CHECK_EQ(result->hit_count, 1);
	close_page();
}

static void no_number_of_its_parts_hides_a_combination(void)
{
	static char text[400000];
	size_t len = 0;

	for (int i = 0; i < 20000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "boat . ");
	for (int i = 0; i < 400; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "one two three four ");
	len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", "sail one two boat ");
	for (int i = 0; i < 400; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "one two three four ");
	for (int i = 0; i < 20000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "sail ");
	CHECK(open_page(NULL));
	CHECK(READ("text/plain", text));
	CHECK_EQ(result->hit_count, 1);
	CHECK(memcmp(text + result->hits[0].offset, "boat", 4) == 0 &&
			result->hits[0].offset > 100000 && !result->crowded);
	/* And where there is none, none is found. */
	*strstr(text, "sail one two") = 'f';
	CHECK(READ("text/plain", text));
	CHECK(result->hit_count == 0 && !result->crowded);
	close_page();
}

static void banned_and_exceptions_are_told(void)
{
	CHECK(open_page(NULL));
	CHECK(READ("text/plain", "a forbidden zorb"));
	CHECK(result->score.banned && !result->score.exception);
	CHECK(READ("text/plain", "harbour school: zorbel"));
	CHECK(result->score.exception);
	CHECK(result->score.terms == 0);
	CHECK_EQ(result->hit_count, 2);
	close_page();
}

static void reads_a_page_in_its_encoding(void)
{
	CHECK(open_page(NULL));
	CHECK(READ("text/plain; charset=windows-1251", "z\xeer\xe1 zorbel"));
	CHECK_STR(result->encoding, "windows-1251");
	CHECK_STR(result->encoding_by, "header");
	CHECK(READ("", "<html><meta charset='Shift_JIS'><p>\x83\x7b\x81\x5b zorbel"));
	CHECK_STR(result->encoding, "shift_jis");
	CHECK_STR(result->encoding_by, "meta");
	CHECK_EQ(result->hit_count, 1);
	CHECK(READ("text/plain", "\xff\xfez\0o\0r\0b\0e\0l\0"));
	CHECK_STR(result->encoding, "utf-16le");
	CHECK_STR(result->encoding_by, "bom");
	CHECK_EQ(result->hit_count, 1);
	CHECK(READ("text/plain", "z\xc3\xb3rbel"));
	CHECK_STR(result->encoding_by, "utf-8");
	CHECK_EQ(result->hit_count, 1);
	CHECK(READ("text/plain", "z\xf3rbel"));
	CHECK_STR(result->encoding, "windows-1252");
	CHECK_EQ(result->hit_count, 1);
	close_page();
}

/* Of what a browser reads and shows, nothing may be garbage here. */
static void labels_are_found_where_browsers_find_them(void)
{
	const struct {
		ward_str bytes;
		const char *encoding;
	} pages[] = {
		{ WARD_STR("<meta http-equiv=content-type content='text/html charset = koi8-r x'>"),
				"koi8-r" },
		{ WARD_STR("<meta http-equiv=content-type content='charset=\"koi8-r'><p>\xda"),
				"windows-1252" },
		{ WARD_STR("<meta http-equiv=content-type content='charset charset=koi8-r'>"),
				"koi8-r" },
		{ WARD_STR("<?xml version='1.0' encoding = \"koi8-r\"?><p>\xda"), "koi8-r" },
		{ WARD_STR("<?xml encoding='koi8-r'?><meta charset=big5>"), "big5" },
		{ WARD_STR("<?xml encoding='utf-16'?><p>x"), "utf-8" },
		{ WARD_STR("<?xml encoding='koi8-r"), "utf-8" },
		{ WARD_STR("<?xml encoding>\xda"), "windows-1252" },
		{ WARD_STR("<?xml encoding=koi8-r>\xda"), "windows-1252" },
		{ WARD_STR("<\0?\0x\0m\0l\0?\0>\0z\0o\0"), "utf-16le" },
		{ WARD_STR("\0<\0?\0x\0m\0l\0?\0>\0z\0o"), "utf-16be" },
	};

	CHECK(open_page(NULL));
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		CHECK(read_page("text/html", pages[i].bytes, 7, NULL));
		CHECK_STR(result->encoding, pages[i].encoding);
	}
	close_page();
}

static void the_last_letter_of_a_page_is_read(void)
{
	CHECK(open_page(NULL));
	CHECK(READ("text/plain; charset=windows-1258", "a boat, a sail, a zorbel"));
	CHECK_EQ(result->hit_total, 2);
	CHECK(READ("text/plain; charset=iso-2022-jp", "zorbel\x1b$B"));
	CHECK_EQ(result->hit_total, 1);
	close_page();
}

static void a_type_that_says_nothing_is_looked_at(void)
{
	static const char *const types[] = { "*/*", "html", "unknown/unknown; charset=utf-8",
		"Application/Unknown" };

	CHECK(open_page(NULL));
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		CHECK(READ(types[i], "<p>zor<b>bel"));
		CHECK(result->html);
		CHECK_EQ(result->hit_total, 1);
	}
	close_page();
}

static void what_is_no_text_has_none(void)
{
	CHECK(open_page(NULL));
	CHECK(READ("image/png", "zorbel"));
	CHECK_EQ(result->hit_total, 0);
	CHECK(READ("", "zorbel\0zorbel"));
	CHECK_EQ(result->hit_total, 0);
	CHECK(READ("", "zorbel"));
	CHECK_EQ(result->hit_total, 1);
	CHECK(READ("", ""));
	CHECK_EQ(result->words, 0);
	close_page();
}

static void reads_no_more_than_was_agreed(void)
{
	const struct ward_page_options options = { .bytes_max = 10 };

	CHECK(open_page(&options));
	CHECK(READ("text/plain", "boat boat zorbel"));
	CHECK(result->cut);
	CHECK_EQ(result->bytes, 10);
	CHECK_EQ(result->hit_total, 0);
	CHECK(READ("text/plain", "zorbel"));
	CHECK(!result->cut);
	close_page();
}

static void a_term_that_is_everywhere_hides_no_other(void)
{
	static char text[1 << 20];
	size_t len = 0;

	CHECK(open_page(NULL));
	while (len + 32 < sizeof(text)) {
		memcpy(text + len, "museum ", 7);
		len += 7;
	}
	memcpy(text + len, "zorbel", 6);
	CHECK(read_page("text/plain", (ward_str){ text, len + 6 }, 65536, NULL));
	CHECK_EQ(result->hit_total, 257);
	CHECK(result->score.terms == 10);
	close_page();
}

static void see_link(void *context, ward_str value, const char *tag, const char *attribute,
		size_t offset)
{
	char *all = context;
	size_t len = strlen(all);

	snprintf(all + len, 256 - len, "%s %s %.*s %zu;", tag, attribute, WARD_FMT(value), offset);
}

static void links_go_to_the_caller(void)
{
	char all[256] = "";
	const struct ward_page_options options = { .link = see_link, .context = all };

	CHECK(open_page(&options));
	CHECK(READ("text/html", "<a href='/x?a=1&amp;b=2'>y</a><img src=z>"));
	CHECK_STR(all, "a href /x?a=1&b=2 9;img src z 39;");
	close_page();
}

static void hosts_have_facts(void)
{
	CHECK_EQ(ward_page_host_facts(WARD_STR("www.example.org")), 0);
	CHECK_EQ(ward_page_host_facts(WARD_STR("192.0.2.1")), WARD_HOST_FACT_ADDRESS);
	CHECK_EQ(ward_page_host_facts(WARD_STR("[2001:db8::1]")), WARD_HOST_FACT_ADDRESS);
	CHECK_EQ(ward_page_host_facts(WARD_STR("b0a7t5.example")), WARD_HOST_FACT_DIGITS);
	CHECK_EQ(ward_page_host_facts(WARD_STR("b\xd0\xbe"
					       "at.example")),
			WARD_HOST_FACT_MIXED);
	CHECK_EQ(ward_page_host_facts(WARD_STR("xn--bat-8cd.example")), WARD_HOST_FACT_MIXED);
	CHECK_EQ(ward_page_host_facts(WARD_STR("a.b.c.d.example")), WARD_HOST_FACT_DEEP);
}

static const struct test_case cases[] = {
	{ "finds terms where a reader finds them", finds_terms_where_a_reader_finds_them },
	{ "what is everywhere leaves room for the rest",
			what_is_everywhere_leaves_room_for_the_rest },
	{ "parts of a score add up", parts_of_a_score_add_up },
	{ "no number of its parts hides a combination",
			no_number_of_its_parts_hides_a_combination },
	{ "who asks for the score alone gets the same score",
			who_asks_for_the_score_alone_gets_the_same_score },
	{ "combinations count within their words", combinations_count_within_their_words },
	{ "banned and exceptions are told", banned_and_exceptions_are_told },
	{ "reads a page in its encoding", reads_a_page_in_its_encoding },
	{ "labels are found where browsers find them", labels_are_found_where_browsers_find_them },
	{ "the last letter of a page is read", the_last_letter_of_a_page_is_read },
	{ "a type that says nothing is looked at", a_type_that_says_nothing_is_looked_at },
	{ "what is no text has none", what_is_no_text_has_none },
	{ "reads no more than was agreed", reads_no_more_than_was_agreed },
	{ "a term that is everywhere hides no other", a_term_that_is_everywhere_hides_no_other },
	{ "links go to the caller", links_go_to_the_caller },
	{ "hosts have facts", hosts_have_facts },
};
TEST_MAIN(cases)
