/* Links in what is no HTML itself but stands in its attributes: styles, srcset, refresh. */
#include "link/find.h"

#include <utf8proc.h>

#include "link/chars.h"

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t skip_blanks(ward_str text, size_t at)
{
	while (at < text.len && is_blank(text.ptr[at]))
		at++;
	return at;
}

static bool stands_at(ward_str text, size_t at, ward_str word)
{
	return text.len - at >= word.len &&
	       ward_str_eq_nocase((ward_str){ text.ptr + at, word.len }, word);
}

/* "\68", "\(": what an escape of CSS stands for; `at` moves from behind the '\' to behind it. */
static void put_css_escape(ward_str css, size_t *at, struct ward_buf *out)
{
	int32_t point = 0;
	size_t digits = 0;
	uint8_t bytes[4];

	while (digits < 6 && *at < css.len && link_hex(css.ptr[*at]) >= 0) {
		point = point * 16 + link_hex(css.ptr[(*at)++]);
		digits++;
	}
	if (digits == 0) {
		if (*at < css.len)
			ward_buf_char(out, css.ptr[(*at)++]);
		return;
	}
	if (*at < css.len && is_blank(css.ptr[*at]))
		++*at;
	if (utf8proc_codepoint_valid(point))
		ward_buf_add(out, bytes, (size_t)utf8proc_encode_char(point, bytes));
}

/* A string up to `end`, or up to a blank where that is ')'; `at` moves behind it. */
static void css_string(struct link_search *search, ward_str css, size_t *at, char end,
		struct ward_buf *text)
{
	size_t start = *at;

	ward_buf_clear(text);
	while (*at < css.len && css.ptr[*at] != end) {
		char c = css.ptr[(*at)++];

		if (c == '\\')
			put_css_escape(css, at, text);
		else if (c == '\n' && end != ')')
			return; /* a string that does not end is none */
		else
			ward_buf_char(text, c);
	}
	if (!text->failed)
		link_found(search, (ward_str){ text->ptr, text->len }, start);
}

void link_find_in_css(struct link_search *search, ward_str css)
{
	static const ward_str url = { "url(", 4 };
	static const ward_str import = { "@import", 7 };
	struct ward_buf text;

	ward_buf_init(&text, WARD_LINK_MAX);
	for (size_t at = 0; at < css.len && !search->stopped;) {
		bool is_import = css.ptr[at] == '@' && stands_at(css, at, import);

		if (!is_import && !(link_lower(css.ptr[at]) == 'u' && stands_at(css, at, url))) {
			at++;
			continue;
		}
		at = skip_blanks(css, at + (is_import ? import.len : url.len));
		if (at < css.len && (css.ptr[at] == '"' || css.ptr[at] == '\'')) {
			char quote = css.ptr[at++];

			css_string(search, css, &at, quote, &text);
		} else if (!is_import) {
			css_string(search, css, &at, ')', &text);
		}
	}
	ward_buf_free(&text);
}

/* The HTML Standard's "parse a srcset attribute", without what the descriptors say. */
void link_find_in_srcset(struct link_search *search, ward_str list)
{
	for (size_t at = 0; at < list.len && !search->stopped;) {
		size_t start;
		size_t end;

		while (at < list.len && (is_blank(list.ptr[at]) || list.ptr[at] == ','))
			at++;
		start = at;
		while (at < list.len && !is_blank(list.ptr[at]))
			at++;
		end = at;
		while (end > start && list.ptr[end - 1] == ',')
			end--;
		link_found(search, (ward_str){ list.ptr + start, end - start }, start);
		if (end < at)
			continue;
		for (int depth = 0; at < list.len && (depth > 0 || list.ptr[at] != ','); at++) {
			depth += list.ptr[at] == '(';
			depth -= list.ptr[at] == ')' && depth > 0;
		}
	}
}

/* "0;URL='page'": the HTML Standard's "shared declarative refresh steps". */
void link_find_in_refresh(struct link_search *search, ward_str content)
{
	size_t at = skip_blanks(content, 0);
	size_t end;

	while (at < content.len && (link_is_digit(content.ptr[at]) || content.ptr[at] == '.'))
		at++;
	at = skip_blanks(content, at);
	if (at < content.len && (content.ptr[at] == ';' || content.ptr[at] == ','))
		at = skip_blanks(content, at + 1);
	if (stands_at(content, at, WARD_STR("url"))) {
		size_t equals = skip_blanks(content, at + 3);

		if (equals < content.len && content.ptr[equals] == '=')
			at = skip_blanks(content, equals + 1);
	}
	end = content.len;
	if (at < content.len && (content.ptr[at] == '"' || content.ptr[at] == '\'')) {
		const char *quote =
				memchr(content.ptr + at + 1, content.ptr[at], content.len - at - 1);

		at++;
		end = quote ? (size_t)(quote - content.ptr) : content.len;
	}
	if (at < end)
		link_found(search, (ward_str){ content.ptr + at, end - at }, at);
}

void link_find_in_list(struct link_search *search, ward_str list)
{
	for (size_t at = 0; at < list.len && !search->stopped;) {
		size_t start = at = skip_blanks(list, at);

		while (at < list.len && !is_blank(list.ptr[at]))
			at++;
		link_found(search, (ward_str){ list.ptr + start, at - start }, start);
	}
}
