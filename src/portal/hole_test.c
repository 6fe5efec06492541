#include "base/test.h"
#include "portal/hole.h"

static struct ward_buf out;
static const struct frame frame = { .language = &languages[0] };

static const char *text(const char *value)
{
	ward_buf_clear(&out);
	hole_text(&out, ward_str_from(value));
	return ward_buf_text(&out).ptr;
}

static const char *url(const char *value)
{
	ward_buf_clear(&out);
	hole_url(&out, ward_str_from(value));
	return ward_buf_text(&out).ptr;
}

static const char *segment(const char *value)
{
	ward_buf_clear(&out);
	hole_segment(&out, ward_str_from(value));
	return ward_buf_text(&out).ptr;
}

static void a_value_is_never_markup(void)
{
	CHECK_STR(text("plain"), "plain");
	CHECK_STR(text("<b a='1' c=\"2\">&amp;"),
			"&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;");
	CHECK_STR(text("&"), "&amp;");
	CHECK_STR(text("end<"), "end&lt;");
	CHECK_STR(text("line\n\ttab"), "line\n\ttab");
	CHECK_STR(text("\x01\x1b\x7f"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(text("\xd8\xb4"), "\xd8\xb4");
	CHECK_STR(text(""), "");
}

static void an_address_leads_to_the_web_or_nowhere(void)
{
	CHECK_STR(url("https://example.org/a?b=1&c=2"), "https://example.org/a?b=1&amp;c=2");
	CHECK_STR(url("http://example.org/\""), "http://example.org/&quot;");
	CHECK_STR(url("/en/report"), "/en/report");
	CHECK_STR(url("/"), "/");
	CHECK_STR(url("//example.org"), "#");
	CHECK_STR(url("/\\example.org"), "#");
	CHECK_STR(url("javascript:alert(1)"), "#");
	CHECK_STR(url(" https://example.org"), "#");
	CHECK_STR(url("data:text/html,x"), "#");
	CHECK_STR(url("HTTPS://example.org"), "#");
	CHECK_STR(url(""), "#");
}

static void a_segment_ends_nothing(void)
{
	CHECK_STR(segment("aZ09-._~"), "aZ09-._~");
	CHECK_STR(segment("a/b?c#d\"e e%"), "a%2Fb%3Fc%23d%22e%20e%25");
	CHECK_STR(segment("\xd8\xb4+"), "%D8%B4%2B");
}

static void a_sentence_takes_a_value(void)
{
	ward_buf_clear(&out);
	hole_said(&out, &frame, SAY_STEP_OF, WARD_STR("<2>"));
	CHECK_STR(ward_buf_text(&out).ptr, "Step &lt;2&gt; of 4");
	ward_buf_clear(&out);
	hole_say(&out, &frame, SAY_STEP_NEXT);
	CHECK_STR(ward_buf_text(&out).ptr, "Next");
}

static const struct test_case cases[] = {
	{ "a value is never markup", a_value_is_never_markup },
	{ "an address leads to the web or nowhere", an_address_leads_to_the_web_or_nowhere },
	{ "a segment ends nothing", a_segment_ends_nothing },
	{ "a sentence takes a value in its hole", a_sentence_takes_a_value },
};

int main(void)
{
	ward_buf_init(&out, 1 << 16);
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ward_buf_free(&out);
	return status;
}
