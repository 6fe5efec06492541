/*
 * Links in running text.
 *
 * Three things are taken for one: "http://" and "https://" wherever they stand;
 * "www." at the beginning of a word; and a name at the beginning of a word whose
 * last label is a public suffix and which a path follows ("example.org/page").
 * One ends at a blank, at '<', '>' and '"', at a bracket that was not opened in
 * it, and before the punctuation that closes a sentence.  Where Chinese,
 * Japanese, Korean or Thai goes on behind a Latin letter or digit, the sentence
 * does, not the link: those are written without blanks.
 */
#include "link/find.h"

#include <libpsl.h>
#include <utf8proc.h>

#include "link/chars.h"
#include "link/idna.h"

/* The code point at the front and how long it is; a broken byte is U+FFFD. */
static int32_t point_at(ward_str text, size_t at, size_t *len)
{
	int32_t point;
	utf8proc_ssize_t used = utf8proc_iterate((const uint8_t *)text.ptr + at,
			(utf8proc_ssize_t)(text.len - at), &point);

	*len = used > 0 ? (size_t)used : 1;
	return used > 0 ? point : 0xfffd;
}

static bool is_alnum(char c)
{
	return link_is_alpha(c) || link_is_digit(c);
}

static bool is_name_char(char c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.' || (uint8_t)c >= 0x80;
}

/* Full stops of other scripts which a host may be written with. */
static bool is_host_stop(int32_t point)
{
	return point == 0x3002 || point == 0xff0e || point == 0xff61;
}

/* Blanks, quotes and punctuation that no link goes on behind. */
static bool ends_link(int32_t point)
{
	utf8proc_category_t category;

	if (point < 0x80)
		return point <= ' ' || point == 0x7f || point == '<' || point == '>' ||
		       point == '"' || point == '`';
	if (point == 0xb7) /* "paral·lel" */
		return false;
	category = utf8proc_category(point);
	return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC ||
	       category == UTF8PROC_CATEGORY_PE || category == UTF8PROC_CATEGORY_PF ||
	       category == UTF8PROC_CATEGORY_PI || category == UTF8PROC_CATEGORY_PS ||
	       category == UTF8PROC_CATEGORY_PO || point == 0xfffd;
}

/* Scripts written without blanks between words, and Korean, whose particles follow at once. */
static bool is_unspaced(int32_t point)
{
	return (point >= 0x0e00 && point <= 0x0eff) || (point >= 0x1000 && point <= 0x109f) ||
	       (point >= 0x1780 && point <= 0x17ff) || (point >= 0x3005 && point <= 0x30ff) ||
	       (point >= 0x3400 && point <= 0x9fff) || (point >= 0xac00 && point <= 0xd7a3);
}

/* "http://", "https://", with any slashes: how long; else 0. */
static size_t scheme_at(ward_str text, size_t at)
{
	static const char word[] = "http";
	size_t len = 0;

	while (len < 4) {
		if (at + len >= text.len || link_lower(text.ptr[at + len]) != word[len])
			return 0;
		len++;
	}
	if (at + len < text.len && link_lower(text.ptr[at + len]) == 's')
		len++;
	if (at + len + 2 >= text.len || text.ptr[at + len] != ':')
		return 0;
	for (size_t i = 1; i <= 2; i++) {
		if (text.ptr[at + len + i] != '/' && text.ptr[at + len + i] != '\\')
			return 0;
	}
	return len + 3;
}

/* The code point before `at`, of text whose code points are whole. */
static int32_t point_before(ward_str text, size_t at)
{
	size_t start = at - 1;
	size_t len;

	while (start > 0 && at - start < 4 && ((uint8_t)text.ptr[start] & 0xc0) == 0x80)
		start--;
	return point_at((ward_str){ text.ptr, at }, start, &len);
}

static bool begins_word(ward_str text, size_t at)
{
	char before = at > 0 ? text.ptr[at - 1] : ' ';

	if ((uint8_t)before >= 0x80) {
		int32_t point = point_before(text, at);

		return ends_link(point) || is_unspaced(point);
	}
	return !is_alnum(before) && !strchr("@.-_/=&%", before);
}

static size_t www_at(ward_str text, size_t at)
{
	if (text.len - at < 5 || !begins_word(text, at) || link_lower(text.ptr[at]) != 'w' ||
			link_lower(text.ptr[at + 1]) != 'w' ||
			link_lower(text.ptr[at + 2]) != 'w' || text.ptr[at + 3] != '.')
		return 0;
	return is_alnum(text.ptr[at + 4]) || (uint8_t)text.ptr[at + 4] >= 0x80 ? 4 : 0;
}

/* Where a link that begins at `start` cannot go on, at the latest. */
struct extent {
	size_t end;
	bool in_host, dotted;
	int round, square, curly;
};

/* Counts brackets; false at one that closes what was not opened. */
static bool bracket(struct extent *extent, int32_t point)
{
	switch (point) {
	case '(':
		extent->round++;
		return true;
	case ')':
		return --extent->round >= 0;
	case '[':
		extent->square++;
		return true;
	case ']':
		return --extent->square >= 0;
	case '{':
		extent->curly++;
		return true;
	case '}':
		return --extent->curly >= 0;
	default:
		return true;
	}
}

/* A stop of another script is a dot of the host where a name can go on behind it. */
static bool is_dot_of_host(const struct extent *extent, ward_str text, size_t behind)
{
	size_t len;

	if (!extent->in_host || behind >= text.len)
		return false;
	return is_alnum(text.ptr[behind]) ||
	       (!extent->dotted && (uint8_t)text.ptr[behind] >= 0x80 &&
			       !ends_link(point_at(text, behind, &len)));
}

/* "http://one.example/,http://two.example/": the second is one of its own. */
static bool begins_another(ward_str text, size_t at)
{
	return strchr(",;|", text.ptr[at]) && at + 1 < text.len &&
	       (scheme_at(text, at + 1) || www_at(text, at + 1));
}

static size_t extent_of(ward_str text, size_t start, size_t host, bool quotes)
{
	struct extent extent = { .end = host, .in_host = true };
	char before = 0;

	while (extent.end < text.len && extent.end - start < WARD_LINK_MAX) {
		size_t len;
		int32_t point = point_at(text, extent.end, &len);

		if (is_host_stop(point) && is_dot_of_host(&extent, text, extent.end + len))
			extent.dotted = true;
		else if (ends_link(point) || (quotes && point == '\'') ||
				!bracket(&extent, point) || begins_another(text, extent.end))
			break;
		if (!extent.in_host && is_alnum(before) && is_unspaced(point))
			break;
		extent.dotted = extent.dotted || point == '.';
		if (point == '/' || point == '?' || point == '#' || point == '\\')
			extent.in_host = false;
		before = text.ptr[extent.end];
		extent.end += len;
	}
	return extent.end;
}

/* Takes off what closes a sentence or marks a word. */
static size_t trim(ward_str text, size_t host, size_t end)
{
	while (end > host && strchr(".,;:!?'*_~|(&[{", text.ptr[end - 1]))
		end--;
	return end;
}

/* Is this the end of a name that a registry gives out ("org")?  Unknown ones are none. */
static bool is_known_suffix(ward_str label)
{
	char name[64];
	struct ward_buf ascii;
	bool fits;

	if (label.len == 0 || label.len >= sizeof(name) || link_is_digit(label.ptr[0]))
		return false;
	ward_buf_init(&ascii, sizeof(name) - 1);
	fits = link_idna_to_ascii(label, &ascii, NULL) == WARD_OK && !ascii.failed;
	memcpy(name, fits ? ascii.ptr : "", fits ? ascii.len : 0);
	name[fits ? ascii.len : 0] = 0;
	ward_buf_free(&ascii);
	return fits && psl_is_public_suffix2(psl_builtin(), name,
				       PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

/* "203.0.113.5/page", which "203.0.113.0/24" is not. */
static bool is_address_with_page(ward_str name, ward_str behind)
{
	struct ward_network network;
	size_t digits = 1;
	size_t dots = 0;

	for (size_t i = 0; i < name.len; i++)
		dots += name.ptr[i] == '.';
	while (digits < behind.len && link_is_digit(behind.ptr[digits]))
		digits++;
	return dots == 3 && digits < behind.len && ward_network_read(name, &network) &&
	       (is_alnum(behind.ptr[digits]) || behind.ptr[digits] == '/');
}

/* How far a name goes that begins at `at`; Latin behind an unspaced script begins another. */
static size_t name_len(ward_str text, size_t at)
{
	size_t end = at;
	int32_t before = 0;

	while (end < text.len && is_name_char(text.ptr[end])) {
		size_t len;

		/* Most text is ASCII: no code point is put together for it. */
		if ((uint8_t)text.ptr[end] < 0x80 && before < 0x80) {
			end++;
			continue;
		}
		int32_t point = point_at(text, end, &len);

		if (ends_link(point) ||
				(point < 0x80 && is_alnum((char)point) && is_unspaced(before)))
			break;
		before = point;
		end += len;
	}
	return end - at;
}

/* Of "xhttp://", where "http" begins: it is looked at again. */
static size_t before_scheme(ward_str text, size_t at, size_t end)
{
	for (size_t back = 4; back <= 5 && end - at > back; back++) {
		if (scheme_at(text, end - back) == back + 3)
			return end - back;
	}
	return end;
}

/*
 * The name at `at`, when a path follows it and its last label is a public suffix: its length.
 * `past` is set behind what need not be looked at again.
 */
static size_t name_at(ward_str text, size_t at, size_t *past)
{
	size_t end = at + name_len(text, at);
	size_t label = end;
	size_t port = end;

	*past = end > at ? before_scheme(text, at, end) : at + 1;
	while (label > at && text.ptr[label - 1] != '.')
		label--;
	if (port < text.len && text.ptr[port] == ':') {
		for (port++; port < text.len && link_is_digit(text.ptr[port]); port++)
			;
	}
	if (label <= at + 1 || port >= text.len || text.ptr[port] != '/')
		return 0;

	ward_str name = { text.ptr + at, end - at };
	ward_str last = { text.ptr + label, end - label };
	ward_str behind = { text.ptr + port, text.len - port };

	return is_known_suffix(last) || is_address_with_page(name, behind) ? port - at : 0;
}

void link_find_in_text(struct link_search *search, ward_str text, bool quotes)
{
	size_t at = 0;

	while (at < text.len && !search->stopped) {
		char c = link_lower(text.ptr[at]);
		size_t past = at + 1;
		size_t host = 0;

		if (c == 'h')
			host = scheme_at(text, at);
		else if (c == 'w')
			host = www_at(text, at);
		if (host == 0 && (is_alnum(c) || (uint8_t)c >= 0xc0) && begins_word(text, at))
			host = name_at(text, at, &past);
		if (host > 0) {
			size_t end = trim(text, at + host, extent_of(text, at, at + host, quotes));

			if (end > at + host)
				link_found(search, (ward_str){ text.ptr + at, end - at }, at);
			past = end > at + host ? end : at + host;
		}
		at = past;
	}
}
