#include "portal/block.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/test.h"

enum { NOW = 1800000000 };

static struct helplines *helplines;
static struct portal_stop *stop;

static bool prepare(void)
{
	if (stop)
		return true;
	return sodium_init() >= 0 &&
	       helplines_read((ward_str){ (const char *)helplines_builtin, helplines_builtin_len },
			       &helplines, NULL) == WARD_OK &&
	       portal_stop_read((ward_str){ (const char *)portal_stop_builtin,
						portal_stop_builtin_len },
			       &stop, NULL) == WARD_OK;
}

static struct portal_block block_of(enum portal_block_reason reason)
{
	return (struct portal_block){ .reason = reason,
		.owner = WARD_STR("Network of Exampleland"),
		.contact = WARD_STR("net@example.org"),
		.host = WARD_STR("lighthouse.example"),
		.token = WARD_STR("abc-_123"),
		.base = WARD_STR("https://help.example.org/"),
		.country = WARD_STR("GB"),
		.helplines = helplines,
		.stop = stop };
}

/* The page, NUL-terminated; valid until the next one. */
static const char *page(const struct portal_block *block, const char *code)
{
	static struct ward_buf out;

	if (out.cap == 0)
		ward_buf_init(&out, PORTAL_BLOCK_PAGE_MAX);
	ward_buf_clear(&out);
	portal_block_page(block, language_named(ward_str_from(code)), &out);
	return out.failed ? "" : ward_buf_text(&out).ptr;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void each_reason_has_its_page_in_each_language(void)
{
	CHECK(prepare());
	for (int reason = 0; reason < PORTAL_BLOCK_REASONS; reason++)
		for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
			struct portal_block block = block_of((enum portal_block_reason)reason);
			const char *text = page(&block, languages[i].code);

			CHECK(has(text, "<h1>") && has(text, "</html>"));
			CHECK(has(text, languages[i].right_to_left ? "dir=\"rtl\""
								   : "dir=\"ltr\""));
			CHECK(has(text, "lighthouse.example") && has(text, "net@example.org"));
			CHECK(has(text, languages[i].says[SAY_BLOCK_PROMISE].ptr));
			CHECK_EQ(has(text, languages[i].says[SAY_BLOCK_WORRIED_SAYS].ptr),
					reason == PORTAL_BLOCK_ABUSE);
			CHECK_EQ(has(text, languages[i].says[SAY_BLOCK_HELD_SAYS].ptr),
					reason == PORTAL_BLOCK_HELD);
			CHECK_EQ(has(text, languages[i].says[SAY_BLOCK_TIME_SAYS].ptr),
					reason == PORTAL_BLOCK_TIME);
		}
}

static void abuse_shows_where_help_is_for_both(void)
{
	CHECK(prepare());
	struct portal_block block = block_of(PORTAL_BLOCK_ABUSE);
	const char *text = page(&block, "en");

	CHECK(has(text, "tel:08001111") && has(text, "tel:08081000900"));
	CHECK(has(text, "Stop It Now") && has(text, "https://troubled-desire.com/"));
	CHECK(has(text, "https://help.example.org/en/help\""));
	CHECK(has(text, "https://help.example.org/en/stop\""));
	block.country = WARD_STR("FR"); /* with a line for children, and none of the other kind */
	text = page(&block, "fr");
	CHECK(has(text, "tel:119") && !has(text, "Stop It Now"));
	block.country = WARD_STR("");
	block.base = WARD_STR("");
	text = page(&block, "en");
	CHECK(!has(text, "tel:") && has(text, "childhelplineinternational.org"));
	CHECK(!has(text, "href=\"/en"));
}

static void nothing_is_fetched_and_nothing_runs(void)
{
	CHECK(prepare());
	struct portal_block block = block_of(PORTAL_BLOCK_ABUSE);
	const char *text = page(&block, "en");

	CHECK(has(text, "<style>:root") && !has(text, "stylesheet") && !has(text, "<script"));
	CHECK(!has(text, "<img") && !has(text, "<form") && !has(text, "src="));
	CHECK(strlen(text) < 12000);
	CHECK(has(portal_block_policy, "default-src 'none'"));
}

static void what_is_ordered_is_said_to_be_and_whom_to_ask(void)
{
	CHECK(prepare());
	struct portal_block block = block_of(PORTAL_BLOCK_ABUSE);

	CHECK_EQ(portal_block_status(&block), 403);
	block.ordered = true;
	block.authority = WARD_STR("Office of <Order>");
	CHECK_EQ(portal_block_status(&block), 451);
	CHECK(has(page(&block, "en"), "Office of &lt;Order&gt;"));
	block.authority = WARD_STR("");
	CHECK(has(page(&block, "en"), languages[0].says[SAY_BLOCK_ORDER_PLAIN].ptr));
}

static void what_is_not_known_is_not_said(void)
{
	struct portal_block bare = { .reason = PORTAL_BLOCK_CATEGORY };
	const char *text = page(&bare, "en");

	CHECK(!has(text, "class=\"name\"") && !has(text, "<bdi") && !has(text, "about="));
	CHECK(has(text, languages[0].says[SAY_BLOCK_ASK].ptr));
	bare.reason = PORTAL_BLOCK_ABUSE; /* without words of its own */
	CHECK(has(page(&bare, "en"), "<h1>"));
}

static void no_value_becomes_markup(void)
{
	CHECK(prepare());
	struct portal_block block = block_of(PORTAL_BLOCK_CATEGORY);

	block.host = WARD_STR("\"><script>x</script>");
	block.category = WARD_STR("<b>'\"&");
	block.owner = WARD_STR("</title><img src=x>");
	block.base = WARD_STR("javascript:alert(1)");
	const char *text = page(&block, "en");

	CHECK(has(text, "&lt;script&gt;") && has(text, "&lt;b&gt;") && has(text, "&lt;img"));
	CHECK(!has(text, "<script") && !has(text, "<b>") && !has(text, "<img"));
	CHECK(!has(text, "javascript:"));
}

static void the_stop_page_is_the_operators_to_say(void)
{
	static const char own[] = "{\"pages\":{\"en\":{\"title\":\"T\",\"text\":[\"One.\"]},"
				  "\"fr\":{\"title\":\"T\",\"text\":[\"Un.\"]},"
				  "\"es\":{\"title\":\"T\",\"text\":[\"Uno.\",\"Dos.\"]},"
				  "\"ar\":{\"title\":\"T\",\"text\":[\"1.\"]}}}";
	static const char lacks[] = "{\"pages\":{\"en\":{\"title\":\"T\",\"text\":[\"One.\"]},"
				    "\"fr\":{\"title\":\"T\",\"text\":[]}}}";
	struct portal_stop *read = NULL;
	struct ward_error error;

	CHECK(prepare());
	CHECK_EQ(portal_stop_read(ward_str_from(own), &read, NULL), WARD_OK);
	struct portal_block block = block_of(PORTAL_BLOCK_ABUSE);

	block.stop = read;
	CHECK(has(page(&block, "es"), "<p>Uno.</p>") && has(page(&block, "es"), "<p>Dos.</p>"));
	portal_stop_free(read);
	CHECK_EQ(portal_stop_read(ward_str_from(lacks), &read, &error), WARD_E_FORMAT);
	CHECK(has(error.message, "\"fr\""));
	CHECK_EQ(portal_stop_read(WARD_STR("{"), &read, NULL), WARD_E_FORMAT);
}

static void a_token_is_opened_by_its_key_alone_and_for_a_week(void)
{
	struct portal_block_about about = { PORTAL_BLOCK_HELD, true, WARD_STR("school"),
		WARD_STR("lighthouse.example/tower"), WARD_STR("lighthouse.example"),
		WARD_STR("Office") };
	struct portal_block_about got;
	uint8_t portal_key[32] = { 1 }, key[32], other[32] = { 2 };
	struct ward_arena arena;
	struct ward_buf token;

	CHECK(prepare());
	ward_arena_init(&arena, 1 << 20);
	ward_buf_init(&token, 1 << 16);
	portal_block_key(portal_key, key);
	portal_block_seal(&about, key, NOW, &token);
	ward_str text = ward_buf_text(&token);

	CHECK(!has(text.ptr, "light") &&
			strspn(text.ptr, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
					 "pqrstuvwxyz0123456789-_") == text.len);
	CHECK(portal_block_open(text, key, NOW + 6 * 24 * 3600, &arena, &got));
	CHECK_EQ(got.reason, PORTAL_BLOCK_HELD);
	CHECK(got.ordered && ward_str_eq(got.list, about.list) &&
			ward_str_eq(got.entry, about.entry) && ward_str_eq(got.host, about.host) &&
			ward_str_eq(got.authority, about.authority));
	CHECK(!portal_block_open(text, key, NOW + 8 * 24 * 3600, &arena, &got));
	CHECK(!portal_block_open(text, key, NOW - 2 * 3600, &arena, &got));
	CHECK(!portal_block_open(text, other, NOW, &arena, &got));
	CHECK(!portal_block_open((ward_str){ text.ptr, text.len - 1 }, key, NOW, &arena, &got));
	CHECK(!portal_block_open(WARD_STR(""), key, NOW, &arena, &got));
	CHECK(!portal_block_open(WARD_STR("abc"), key, NOW, &arena, &got));
	ward_buf_free(&token);
	ward_arena_free(&arena);
}

static void two_tokens_of_the_same_are_not_the_same(void)
{
	struct portal_block_about about = { .list = WARD_STR("school"), .entry = WARD_STR("=h") };
	uint8_t key[32] = { 1 };
	struct ward_buf one, two;

	CHECK(prepare());
	ward_buf_init(&one, 1 << 16);
	ward_buf_init(&two, 1 << 16);
	portal_block_seal(&about, key, NOW, &one);
	portal_block_seal(&about, key, NOW, &two);
	CHECK(!ward_str_eq(ward_buf_text(&one), ward_buf_text(&two)));
	ward_buf_free(&one);
	ward_buf_free(&two);
}

static const struct test_case cases[] = {
	{ "each reason has its page in each language", each_reason_has_its_page_in_each_language },
	{ "abuse shows where help is, for who was hurt and for who is worried about themselves",
			abuse_shows_where_help_is_for_both },
	{ "nothing is fetched and nothing runs", nothing_is_fetched_and_nothing_runs },
	{ "what is ordered is said to be, and whom to ask",
			what_is_ordered_is_said_to_be_and_whom_to_ask },
	{ "what is not known is not said", what_is_not_known_is_not_said },
	{ "no value becomes markup", no_value_becomes_markup },
	{ "the stop page is the operator's to say", the_stop_page_is_the_operators_to_say },
	{ "a token is opened by its key alone, and for a week",
			a_token_is_opened_by_its_key_alone_and_for_a_week },
	{ "two tokens of the same are not the same", two_tokens_of_the_same_are_not_the_same },
};

int main(void)
{
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	helplines_free(helplines);
	portal_stop_free(stop);
	return failed;
}
