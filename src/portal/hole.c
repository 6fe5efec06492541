#include "portal/hole.h"

#include "portal/embedded.h"

void hole_put(struct ward_buf *out, ward_str markup)
{
	ward_buf_add(out, markup.ptr, markup.len);
}

/* What stands for a character in text and in quoted attributes; empty when it may stay. */
static ward_str instead_of(unsigned char c)
{
	switch (c) {
	case '&':
		return WARD_STR("&amp;");
	case '<':
		return WARD_STR("&lt;");
	case '>':
		return WARD_STR("&gt;");
	case '"':
		return WARD_STR("&quot;");
	case '\'':
		return WARD_STR("&#39;");
	case '\t':
	case '\n':
		return WARD_STR("");
	default:
		return c < 32 || c == 127 ? WARD_STR("\xef\xbf\xbd") : WARD_STR("");
	}
}

void hole_text(struct ward_buf *out, ward_str text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		ward_str instead = instead_of((unsigned char)text.ptr[i]);

		if (instead.len == 0)
			continue;
		ward_buf_add(out, text.ptr + from, i - from);
		ward_buf_str(out, instead);
		from = i + 1;
	}
	if (text.len > from)
		ward_buf_add(out, text.ptr + from, text.len - from);
}

static bool is_path(ward_str url)
{
	/* "//host" and "/\host" are other sites' addresses. */
	return url.len > 0 && url.ptr[0] == '/' &&
	       (url.len == 1 || (url.ptr[1] != '/' && url.ptr[1] != '\\'));
}

void hole_url(struct ward_buf *out, ward_str url)
{
	bool good = is_path(url) || ward_str_starts(url, WARD_STR("https://")) ||
		    ward_str_starts(url, WARD_STR("http://"));

	hole_text(out, good ? url : WARD_STR("#"));
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void hole_style(struct ward_buf *out)
{
	hole_put(out, WARD_STR("<style>"));
	ward_buf_add(out, portal_css, portal_css_len);
	hole_put(out, WARD_STR("</style>"));
}

void hole_segment(struct ward_buf *out, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_unreserved(text.ptr[i]))
			ward_buf_char(out, text.ptr[i]);
		else
			ward_buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
	}
}

void hole_say(struct ward_buf *out, const struct frame *frame, enum say which)
{
	hole_text(out, frame->language->says[which]);
}

void hole_said(struct ward_buf *out, const struct frame *frame, enum say which, ward_str value)
{
	ward_str rest = frame->language->says[which];
	ward_str before = ward_str_cut(&rest, '{');

	hole_text(out, before);
	hole_text(out, value);
	(void)ward_str_cut(&rest, '}');
	hole_text(out, rest);
}
