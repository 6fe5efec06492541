#include "text/html.h"

#include "base/test.h"

/* What is told of `html`, one event behind the other: text, «tag attribute=value», kinds by letter.
 */
struct told {
	struct ward_buf out;
	char kind;
};

static void told_text(void *context, const struct html_text *text)
{
	static const char kinds[] = { 0, 't', 'a', 'r' };
	struct told *told = context;

	if (kinds[text->kind] && told->kind != kinds[text->kind])
		ward_buf_printf(&told->out, "%c:", kinds[text->kind]);
	told->kind = kinds[text->kind];
	ward_buf_str(&told->out, text->text);
}

static void told_tag(void *context, const struct html_tag *tag)
{
	struct told *told = context;

	told->kind = 0;
	ward_buf_printf(&told->out, "<%s%.*s", tag->end ? "/" : "", WARD_FMT(tag->name));
	for (size_t i = 0; i < tag->attribute_count; i++)
		ward_buf_printf(&told->out, " %.*s=[%.*s]", WARD_FMT(tag->attributes[i].name),
				WARD_FMT(tag->attributes[i].value));
	ward_buf_str(&told->out, tag->self_closing ? WARD_STR("/>") : WARD_STR(">"));
}

/* Read whole and byte by byte, which must be the same; borrowed until the next call. */
static const char *read_html(const char *html)
{
	static char answer[8192];
	struct told told = { 0 };
	const struct html_sink sink = { told_text, told_tag, &told };
	struct ward_html *reader = ward_html_new(&sink);

	if (!reader)
		return "no memory";
	ward_buf_init(&told.out, 4096);
	ward_html_feed(reader, (ward_bytes){ (const uint8_t *)html, strlen(html) });
	ward_html_end(reader);
	snprintf(answer, sizeof(answer), "%s", ward_buf_text(&told.out).ptr);
	ward_buf_clear(&told.out);
	told.kind = 0;
	for (const char *at = html; *at; at++)
		ward_html_feed(reader, (ward_bytes){ (const uint8_t *)at, 1 });
	ward_html_end(reader);
	if (strcmp(answer, ward_buf_text(&told.out).ptr) != 0)
		snprintf(answer, sizeof(answer), "in pieces: %s", ward_buf_text(&told.out).ptr);
	ward_buf_free(&told.out);
	ward_html_free(reader);
	return answer;
}

#define CHECK_HTML(html, want) CHECK_STR(read_html(html), want)

static void tells_tags_and_text(void)
{
	CHECK_HTML("<P>a <b>boat</B>", "<p>a <b>boat</b>");
	CHECK_HTML("<a href=/x TITLE='A b' c>y", "<a href=[/x] title=[A b] c=[]>y");
	CHECK_HTML("<br/><img src=\"x\"/ alt=y />", "<br/><img src=[x] alt=[y]/>");
	CHECK_HTML("<a x=1 X=2>", "<a x=[1]>");
	CHECK_HTML("<a =x y = z>", "<a =x=[] y=[z]>");
	CHECK_HTML("<a b/c=d>", "<a b=[] c=[d]>");
	CHECK_HTML("<a b='1'c=2>", "<a b=[1] c=[2]>");
	CHECK_HTML("<a b=/>", "<a b=[/]>");
}

static void broken_html_is_html(void)
{
	CHECK_HTML("1 < 2 <3 a<", "1 < 2 <3 a<");
	CHECK_HTML("a</>b</ x>c</", "abc</");
	CHECK_HTML("a<b", "a");
	CHECK_HTML("a<b c='d>e", "a");
	CHECK_HTML("<<b>", "<<b>");
	CHECK_HTML("</b x=y>", "</b x=[y]>");
	CHECK_HTML("<a\"b>", "<a\"b>");
}

static void passes_over_what_is_no_content(void)
{
	CHECK_HTML("<!DOCTYPE html>a<!-- b -->c", "ac");
	CHECK_HTML("a<!-->b<!--->c<!---->d", "abcd");
	CHECK_HTML("a<!-- x --!>b<!-- x -- y --->c", "abc");
	CHECK_HTML("a<!--x--!-->b", "ab");
	CHECK_HTML("a<?php echo ?>b<!x>c<!-x>d", "abcd");
	CHECK_HTML("a<!-- <!--> b", "a b");
	CHECK_HTML("a<!-- open", "a");
	CHECK_HTML("a<![CDATA[b]]>c", "ac");
}

static void text_of_svg_may_be_cdata(void)
{
	CHECK_HTML("<svg><![CDATA[<b>]]]>x</svg>", "<svg><b>]x</svg>");
	CHECK_HTML("<svg><![CDATA[a]b]]c]]>", "<svg>a]b]]c");
	CHECK_HTML("<svg><![CDATA[a]]", "<svg>a]]");
	CHECK_HTML("<svg>a<![CDA", "<svg>a");
	CHECK_HTML("<svg><p><![CDATA[a]]>b", "<svg><p>b");
	CHECK_HTML("<svg><style><b></svg><style><b>", "<svg><style><b></svg><style>r:<b>");
}

static void raw_text_ends_at_its_own_end_tag(void)
{
	CHECK_HTML("<script>a<b></x></scripty></SCRIPT >c",
			"<script>r:a<b></x></scripty></script>c");
	CHECK_HTML("<style>&amp;</style>&amp;", "<style>r:&amp;</style>&");
	CHECK_HTML("<title>a<b>&amp;</title>", "<title>t:a<b>&</title>");
	CHECK_HTML("<textarea><p>&lt;</textarea><p>", "<textarea>a:<p><</textarea><p>");
	CHECK_HTML("<title>a</titl", "<title>t:a</titl");
	CHECK_HTML("<plaintext></plaintext>&amp;", "<plaintext>r:</plaintext>&amp;");
	CHECK_HTML("<iframe><a></iframe x=y>", "<iframe>r:<a></iframe x=[y]>");
}

static void scripts_may_hold_scripts_in_comments(void)
{
	CHECK_HTML("<script><!--<script></script>--></script>b",
			"<script>r:<!--<script></script>--></script>b");
	CHECK_HTML("<script><!--</script>b", "<script>r:<!--</script>b");
	CHECK_HTML("<script><!--><script></script>b", "<script>r:<!--><script></script>b");
	CHECK_HTML("<script><!-<script></script>b", "<script>r:<!-<script></script>b");
	CHECK_HTML("<script><!--<script>--></script>b", "<script>r:<!--<script>--></script>b");
}

static void undoes_references(void)
{
	CHECK_HTML("&auml;&#228;&#xE4;&#XE4", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
	CHECK_HTML("&notit;&notin;&amp", "\xc2\xacit;\xe2\x88\x89&");
	CHECK_HTML("&nothing &;&#;&#x;&#xg & &", "\xc2\xaching &;&#;&#x;&#xg & &");
	CHECK_HTML("&#0;&#xd800;&#x110000;&#99999999999;",
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_HTML("&#x80;&#x81;", "\xe2\x82\xac\xc2\x81");
	CHECK_HTML("&CounterClockwiseContourIntegral;&CounterClockwiseContourIntegraly",
			"\xe2\x88\xb3&CounterClockwiseContourIntegraly");
	CHECK_HTML("<a b='?x&copy=1&copy;&amp&lt' c=&lt;>", "<a b=[?x&copy=1\xc2\xa9&<] c=[<]>");
	CHECK_HTML("<a b='&copy2 &copy'>", "<a b=[&copy2 \xc2\xa9]>");
}

static void undoes_references_of_values(void)
{
	struct ward_buf out;

	ward_buf_init(&out, 256);
	ward_html_undo_references(WARD_STR("a&amp;b &#65;&#x42; &# &x; &"), &out);
	CHECK_STR(ward_buf_text(&out).ptr, "a&b AB &# &x; &");
	ward_buf_free(&out);
}

struct offsets {
	size_t tag, value, text, reference, reference_len;
};

static void see_text(void *context, const struct html_text *text)
{
	struct offsets *seen = context;

	*(text->reference ? &seen->reference : &seen->text) = text->offset;
	if (text->reference)
		seen->reference_len = text->source_len;
}

static void see_tag(void *context, const struct html_tag *tag)
{
	struct offsets *seen = context;

	seen->tag = tag->offset;
	seen->value = tag->attribute_count ? tag->attributes[0].offset : 0;
}

static void says_where_things_stood(void)
{
	struct offsets seen = { 0 };
	const struct html_sink sink = { see_text, see_tag, &seen };
	struct ward_html *html = ward_html_new(&sink);
	const char text[] = "ab <a href=\"x\">&amp;yz";

	CHECK(html);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		ward_html_feed(html, (ward_bytes){ (const uint8_t *)text + i, 1 });
	ward_html_end(html);
	ward_html_free(html);
	CHECK_EQ(seen.tag, 3);
	CHECK_EQ(seen.value, 12);
	CHECK_EQ(seen.reference, 15);
	CHECK_EQ(seen.reference_len, 5);
	CHECK_EQ(seen.text, 21);
}

static size_t longest;
static bool was_cut;

static void measure_tag(void *context, const struct html_tag *tag)
{
	(void)context;
	longest = tag->attribute_count ? tag->attributes[0].value.len : 0;
	was_cut = tag->attribute_count && tag->attributes[0].cut;
}

static void keeps_the_beginning_of_what_is_too_long(void)
{
	const struct html_sink sink = { NULL, measure_tag, NULL };
	struct ward_html *html = ward_html_new(&sink);
	const char head[] = "<img src='", tail[] = "' alt=x>";
	uint8_t a = 'a';

	CHECK(html);
	ward_html_feed(html, (ward_bytes){ (const uint8_t *)head, sizeof(head) - 1 });
	for (int i = 0; i < 200000; i++)
		ward_html_feed(html, (ward_bytes){ &a, 1 });
	ward_html_feed(html, (ward_bytes){ (const uint8_t *)tail, sizeof(tail) - 1 });
	ward_html_free(html);
	CHECK_EQ(longest, 65536);
	CHECK(was_cut);
}

static void what_is_wanted_is_told_wherever_it_stands_and_nothing_else_is(void)
{
	static const char *const names[] = { "href", "alt", NULL };
	struct told told = { 0 };
	const struct html_sink sink = { NULL, told_tag, &told };
	struct ward_html *html = ward_html_new(&sink);
	char text[4096] = "<a x=1 href=a";
	size_t len = strlen(text);

	CHECK(html);
	ward_buf_init(&told.out, 1 << 12);
	ward_html_want(html, names);
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " y%d", i);
	len += (size_t)snprintf(text + len, sizeof(text) - len, " href=b alt=c z alt>");
	for (size_t i = 0; i < len; i++)
		ward_html_feed(html, (ward_bytes){ (const uint8_t *)text + i, 1 });
	ward_html_end(html);
	ward_html_free(html);
	CHECK(strstr(ward_buf_text(&told.out).ptr, "a href=[a] alt=[c]"));
	CHECK(!strstr(ward_buf_text(&told.out).ptr, "y99"));
	ward_buf_free(&told.out);
}

static const struct test_case cases[] = {
	{ "tells tags and text", tells_tags_and_text },
	{ "broken HTML is HTML", broken_html_is_html },
	{ "passes over what is no content", passes_over_what_is_no_content },
	{ "text of svg may be CDATA", text_of_svg_may_be_cdata },
	{ "raw text ends at its own end tag", raw_text_ends_at_its_own_end_tag },
	{ "scripts may hold scripts in comments", scripts_may_hold_scripts_in_comments },
	{ "undoes references", undoes_references },
	{ "undoes references of values", undoes_references_of_values },
	{ "says where things stood", says_where_things_stood },
	{ "what is wanted is told wherever it stands, and nothing else is",
			what_is_wanted_is_told_wherever_it_stands_and_nothing_else_is },
	{ "keeps the beginning of what is too long", keeps_the_beginning_of_what_is_too_long },
};
TEST_MAIN(cases)
