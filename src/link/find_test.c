#include "base/test.h"

#include <stdlib.h>
#include <ward/link.h>

/* What was found, one behind the other: "offset:where:text". */
static char told[8192];

static bool tell(void *context, const struct ward_found_link *found)
{
	size_t len = strlen(told);
	const bool *with_where = context;

	snprintf(told + len, sizeof(told) - len, "%s", len ? " " : "");
	len = strlen(told);
	if (*with_where)
		snprintf(told + len, sizeof(told) - len, "%zu:%.*s%s:%.*s", found->offset,
				WARD_FMT(found->where), found->loads ? "!" : "",
				WARD_FMT(found->text));
	else
		snprintf(told + len, sizeof(told) - len, "%.*s", WARD_FMT(found->text));
	return true;
}

static const char *in_text(const char *text)
{
	bool with_where = false;
	static struct ward_error error;

	told[0] = 0;
	if (ward_links_find(ward_str_from(text), WARD_LINKS_IN_TEXT, tell, &with_where, &error))
		return error.message;
	return told;
}

static const char *in_html(const char *html)
{
	bool with_where = true;
	static struct ward_error error;

	told[0] = 0;
	if (ward_links_find(ward_str_from(html), WARD_LINKS_IN_HTML, tell, &with_where, &error))
		return error.message;
	return told;
}

static void a_link_ends_before_what_closes_the_sentence(void)
{
	CHECK_STR(in_text("see http://example.org/a, and"), "http://example.org/a");
	CHECK_STR(in_text("see http://example.org/a."), "http://example.org/a");
	CHECK_STR(in_text("(see http://example.org/a)."), "http://example.org/a");
	CHECK_STR(in_text("http://example.org/a_(b) it"), "http://example.org/a_(b)");
	CHECK_STR(in_text("[x](https://example.org/a) y"), "https://example.org/a");
	CHECK_STR(in_text("[url=http://example.org/a]x[/url]"), "http://example.org/a");
	CHECK_STR(in_text("<http://example.org/a>"), "http://example.org/a");
	CHECK_STR(in_text("\"http://example.org/a\"?"), "http://example.org/a");
	CHECK_STR(in_text("**http://example.org/a**!!!"), "http://example.org/a");
	CHECK_STR(in_text("http://[2001:db8::1]/a]"), "http://[2001:db8::1]/a");
	CHECK_STR(in_text("HTTPS://EXAMPLE.ORG:8443/a?b=c&d#e;"),
			"HTTPS://EXAMPLE.ORG:8443/a?b=c&d#e");
	CHECK_STR(in_text("http://example.org/a,http://example.com/b;www.example.net"),
			"http://example.org/a http://example.com/b www.example.net");
	CHECK_STR(in_text("http://example.org/?to=http://example.com/"),
			"http://example.org/?to=http://example.com/");
}

static void links_without_a_scheme_are_found_where_they_are_sure(void)
{
	CHECK_STR(in_text("at www.example.org today"), "www.example.org");
	CHECK_STR(in_text("at WWW.Example.org."), "WWW.Example.org");
	CHECK_STR(in_text("at example.org/page."), "example.org/page");
	CHECK_STR(in_text("at example.co.uk:8080/page"), "example.co.uk:8080/page");
	CHECK_STR(in_text("203.0.113.5/page"), "203.0.113.5/page");
	CHECK_STR(in_text("\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84/x"),
			"\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84/x");
	/* None of these is a link. */
	CHECK_STR(in_text("example.org"), "");
	CHECK_STR(in_text("and/or 1.5/2 file.c.zz/x src/a.h"), "");
	CHECK_STR(in_text("203.0.113.0/24 on port 80"), "");
	CHECK_STR(in_text("write to ann@example.org/x or ann@www.example.org"), "");
	CHECK_STR(in_text("wwww.example.org http:// https://, www. http:x"), "");
}

static void letters_of_any_script_may_stand_around_and_in_it(void)
{
	/* "请看http://example.org/a。然后" */
	CHECK_STR(in_text("\xe8\xaf\xb7\xe7\x9c\x8bhttp://example.org/a\xe3\x80\x82\xe7\x84\xb6"),
			"http://example.org/a");
	/* "请看www.example.org/a这" */
	CHECK_STR(in_text("\xe8\xaf\xb7\xe7\x9c\x8bwww.example.org/a\xe8\xbf\x99"),
			"www.example.org/a");
	/* "请看example.org/a，" */
	CHECK_STR(in_text("\xe8\xaf\xb7\xe7\x9c\x8b"
			  "example.org/a\xef\xbc\x8c"),
			"example.org/a");
	/* A host with an ideographic full stop, and one that ends a sentence. */
	CHECK_STR(in_text("http://example\xe3\x80\x82org/a"), "http://example\xe3\x80\x82org/a");
	CHECK_STR(in_text("http://example.org\xe3\x80\x82\xe7\x84\xb6"), "http://example.org");
	/* "「http://example.org/é」", a danda, an Arabic comma */
	CHECK_STR(in_text("\xe3\x80\x8chttp://example.org/\xc3\xa9\xe3\x80\x8d"),
			"http://example.org/\xc3\xa9");
	CHECK_STR(in_text("http://example.org/a\xe0\xa5\xa4"), "http://example.org/a");
	CHECK_STR(in_text("http://example.org/a\xd8\x8c http://example.com/"),
			"http://example.org/a http://example.com/");
	/* Broken UTF-8 ends it and hides nothing behind it. */
	CHECK_STR(in_text("http://example.org/a\xff\xfehttp://example.com/b"),
			"http://example.org/a http://example.com/b");
	CHECK_STR(in_text("xhttp://example.org/"), "http://example.org/");
}

static void html_leads_and_loads(void)
{
	CHECK_STR(in_html("<a href=' /a?b&amp;c '>x</a>"), "10:a href:/a?b&c");
	CHECK_STR(in_html("<IMG SRC=a.png srcset=\"b.png 1x, c,d.png 2x,e.png\">"),
			"9:img src!:a.png 23:img srcset!:b.png 33:img srcset!:c,d.png "
			"44:img srcset!:e.png");
	CHECK_STR(in_html("<base href=\"http://example.org/d/\"><a href=x>"),
			"12:base href:http://example.org/d/ 43:a href:x");
	CHECK_STR(in_html("<meta http-equiv=Refresh content=\"0; url='/next'\">"),
			"42:meta refresh:/next");
	CHECK_STR(in_html("<form action=/f><button formaction=/g>"),
			"13:form action:/f 35:button formaction:/g");
	CHECK_STR(in_html("<object data=o.swf></object><video poster=p.jpg>"),
			"13:object data!:o.swf 42:video poster!:p.jpg");
	CHECK_STR(in_html("<blockquote cite=/c><body background=b.gif><link href=l.css>"),
			"17:blockquote cite:/c 37:body background!:b.gif 54:link href!:l.css");
	CHECK_STR(in_html("<a href='#top'><a href='mailto:a@example.org'><img src='data:,x'>"), "");
}

static void html_styles_are_read_with_their_escapes(void)
{
	CHECK_STR(in_html("<p style=\"background:url( 'a.png' )\">"), "27:style url!:a.png");
	CHECK_STR(in_html("<style>@import \"x.css\"; a{b:URL(\\68ttp://example.org/y)}</style>"),
			"16:style url!:x.css 32:style url!:http://example.org/y");
	CHECK_STR(in_html("<style>p{content:\"url\"} url(\"never ends\n)</style>"), "");
}

static void html_text_is_read_across_the_tags_of_a_word(void)
{
	CHECK_STR(in_html("<p>go to http://exam<b>ple.org/a</b>, now</p>"),
			"9:text:http://example.org/a");
	CHECK_STR(in_html("<p>www.example.org</p><p>www.example.com</p>"),
			"3:text:www.example.org 25:text:www.example.com");
	CHECK_STR(in_html("<p>&#119;ww.example.org/a&amp;b</p>"), "3:text:www.example.org/a&b");
	CHECK_STR(in_html("<p>&lt;&lt; www.example.org"), "12:text:www.example.org");
	CHECK_STR(in_html("<script>go('http://example.org/a');</script>"),
			"12:script:http://example.org/a");
	CHECK_STR(in_html("<!-- http://example.org/hidden --><a href=\"javascript:go('http://"
			  "example.com/x')\">"),
			"58:a href:http://example.com/x");
}

static bool stop(void *context, const struct ward_found_link *found)
{
	(void)found;
	return ++*(int *)context < 2;
}

static void a_visitor_may_have_enough(void)
{
	int count = 0;

	CHECK_EQ(ward_links_find(WARD_STR("www.a.org www.b.org www.c.org"), WARD_LINKS_IN_TEXT,
				 stop, &count, NULL),
			WARD_OK);
	CHECK_EQ(count, 2);
	count = 0;
	CHECK_EQ(ward_links_find(WARD_STR("<a href=1><a href=2><a href=3>www.a.org"),
				 WARD_LINKS_IN_HTML, stop, &count, NULL),
			WARD_OK);
	CHECK_EQ(count, 2);
}

static bool count_one(void *context, const struct ward_found_link *found)
{
	(void)found;
	++*(size_t *)context;
	return true;
}

/* Time would show a square: each is over a megabyte. */
static void text_made_to_be_slow_is_not(void)
{
	static const char *const units[] = { "www.a.", "http", "a.b/", "((((", "a.org:", "url(",
		"http://a,", "<b>w", "\xe3\x80\x82", "&amp;", "@import ", "\\68 " };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t unit = strlen(units[i]);
		size_t len = (1 << 20) / unit * unit;
		char *text = calloc(1, len + 8);
		size_t count = 0;

		CHECK(text);
		snprintf(text, 8, "<style>");
		for (size_t at = 0; at < len; at += unit)
			memcpy(text + 7 + at, units[i], unit);
		CHECK_EQ(ward_links_find((ward_str){ text + 7, len }, WARD_LINKS_IN_TEXT, count_one,
					 &count, NULL),
				WARD_OK);
		CHECK_EQ(ward_links_find((ward_str){ text, len + 7 }, WARD_LINKS_IN_HTML, count_one,
					 &count, NULL),
				WARD_OK);
		CHECK(count <= len);
		free(text);
	}
}

/* Is the link found, and where it stands, behind so many attributes and blanks within its quotes?
 */
static bool found_behind(size_t attributes, const char *value, size_t blanks)
{
	static char html[1 << 20], wanted[80];
	size_t len = (size_t)snprintf(html, sizeof(html), "<a");

	for (size_t i = 0; i < attributes; i++)
		len += (size_t)snprintf(html + len, sizeof(html) - len, " n%zu='%s'", i, value);
	len += (size_t)snprintf(html + len, sizeof(html) - len, " href='%*s", (int)blanks, "");
	snprintf(html + len, sizeof(html) - len, "http://example.org/a' href='/b'>");
	snprintf(wanted, sizeof(wanted), "%zu:a href:http://example.org/a", len);
	return strcmp(in_html(html), wanted) == 0;
}

static void no_number_of_attributes_hides_a_link(void)
{
	static char value[60001];

	memset(value, 'x', sizeof(value) - 1);
	CHECK(found_behind(0, "", 0));
	CHECK(found_behind(64, "", 0));
	CHECK(found_behind(10000, "", 0));
	CHECK(found_behind(4, value, 0));
	/* Nor what a tag may well have, or blanks, which browsers take away. */
	CHECK_STR(in_html("<img style=\"--x:url(s)\" src=p alt=x>"),
			"20:style url!:s 28:img src!:p");
	CHECK(found_behind(0, "", 70000));
}

static const struct test_case cases[] = {
	{ "no number of attributes hides a link", no_number_of_attributes_hides_a_link },
	{ "a link ends before what closes the sentence",
			a_link_ends_before_what_closes_the_sentence },
	{ "links without a scheme are found where they are sure",
			links_without_a_scheme_are_found_where_they_are_sure },
	{ "letters of any script may stand around it and in it",
			letters_of_any_script_may_stand_around_and_in_it },
	{ "HTML leads and loads", html_leads_and_loads },
	{ "styles are read with their escapes", html_styles_are_read_with_their_escapes },
	{ "text of HTML is read across the tags of a word",
			html_text_is_read_across_the_tags_of_a_word },
	{ "a visitor may have enough", a_visitor_may_have_enough },
	{ "text made to be slow is not", text_made_to_be_slow_is_not },
};

TEST_MAIN(cases)
