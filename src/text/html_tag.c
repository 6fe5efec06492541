/* The states of a tag: its name, its attributes, and what it makes of the text behind it. */
#include "text/html_state.h"
#include "text/utf8.h"

/* In front of an attribute's value. */
#define BLANKS_MAX 64

static char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

void html_tag_begin(struct ward_html *html, bool end, size_t offset)
{
	html->held_len = 0;
	html->end_tag = end;
	html->self_closing = false;
	html->tag_offset = offset;
	html->name_len = 0;
	html->attribute_open = false;
	html->attribute_count = 0;
	html->values_len = 0;
	html->state = HTML_TAG_NAME;
}

/* ---- attributes: name and value lie behind each other in `values` ---- */

static void attribute_begin(struct ward_html *html)
{
	html->attribute_open = true;
	html->attribute_cut = html->attribute_named = false;
	html->attribute_leads = true;
	html->attribute_blanks = 0;
	html->attribute_dropped = !html->choosy && html->attribute_count == HTML_ATTRIBUTES_MAX;
	html->attribute_name = (struct html_piece){ html->values_len, 0 };
	html->attribute_value = (struct html_piece){ html->values_len, 0 };
	html->attribute_offset = html_offset(html);
	html->state = HTML_ATTRIBUTE_NAME;
}

static void name_add(struct ward_html *html, uint8_t c)
{
	struct html_piece *name = &html->attribute_name;

	if (name->len == HTML_NAME_MAX || html->values_len == HTML_VALUES_MAX)
		html->attribute_dropped = true;
	if (html->attribute_dropped)
		return;
	html->values[html->values_len++] = lower(c);
	name->len++;
}

static ward_str piece_text(const struct ward_html *html, struct html_piece piece)
{
	return (ward_str){ html->values + piece.start, piece.len };
}

static bool is_wanted(const struct ward_html *html, ward_str name)
{
	if (!html->choosy)
		return true;
	if (name.len == 0 || name.len > 63 || !(html->wanted_lengths >> name.len & 1) ||
			!(html->wanted_letters >> (name.ptr[0] & 31) & 1))
		return false;
	for (size_t i = 0; i < html->wanted_count; i++) {
		if (ward_str_eq(name, html->wanted[i]))
			return true;
	}
	return false;
}

/* Of two of one name the first counts, and what nobody asks for takes no room. */
static void name_end(struct ward_html *html)
{
	ward_str name = piece_text(html, html->attribute_name);

	if (html->attribute_named)
		return;
	html->attribute_named = true;
	html->attribute_dropped = html->attribute_dropped || !is_wanted(html, name);
	for (size_t i = 0; i < html->attribute_count && !html->attribute_dropped; i++)
		html->attribute_dropped = ward_str_eq(html->attributes[i].name, name);
	if (html->attribute_dropped)
		html->values_len = html->attribute_name.start;
}

static void value_begin(struct ward_html *html, enum html_state state)
{
	name_end(html);
	html->attribute_value = (struct html_piece){ html->values_len, 0 };
	html->attribute_offset = html_offset(html);
	html->state = state;
}

static void put_value(struct ward_html *html, const char *bytes, size_t len)
{
	struct html_piece *value = &html->attribute_value;
	size_t room = HTML_VALUES_MAX - html->values_len;

	if (room > HTML_VALUE_MAX - value->len)
		room = HTML_VALUE_MAX - value->len;
	if (len > room) {
		html->attribute_cut = true;
		len = room;
	}
	memcpy(html->values + html->values_len, bytes, len);
	html->values_len += len;
	value->len += len;
}

/*
 * Blanks in front mean nothing: of a few the value begins with them, of many without, so that
 * no number of them pushes out what they stand before.  Returns how many of the bytes those are.
 */
static size_t put_blanks(struct ward_html *html, const char *bytes, size_t len)
{
	struct html_piece *value = &html->attribute_value;
	size_t i = 0;

	for (; i < len && utf8_is_space((uint8_t)bytes[i]); i++) {
		if (html->attribute_blanks == BLANKS_MAX) {
			html->values_len = value->start;
			value->len = 0;
			continue;
		}
		html->attribute_blanks++;
		put_value(html, bytes + i, 1);
	}
	return i;
}

void html_value_add(struct ward_html *html, const char *bytes, size_t len)
{
	struct html_piece *value = &html->attribute_value;
	size_t blanks;

	if (html->attribute_dropped)
		return;
	if (html->attribute_leads) {
		blanks = put_blanks(html, bytes, len);
		bytes += blanks;
		len -= blanks;
		html->attribute_leads = len == 0;
		if (len > 0 && value->len == 0 && html->attribute_blanks > 0)
			html->attribute_offset = html_offset(html) - len;
	}
	put_value(html, bytes, len);
}

static void attribute_end(struct ward_html *html)
{
	if (!html->attribute_open)
		return;
	html->attribute_open = false;
	name_end(html);
	if (html->attribute_dropped)
		return;
	html->attributes[html->attribute_count++] = (struct html_attribute){
		.name = piece_text(html, html->attribute_name),
		.value = piece_text(html, html->attribute_value),
		.offset = html->attribute_offset,
		.cut = html->attribute_cut,
	};
}

/* ---- the whole tag ---- */

static const struct {
	const char *name;
	html_text_kind kind;
} raw_elements[] = {
	{ "script", HTML_RAW },
	{ "style", HTML_RAW },
	{ "title", HTML_TITLE },
	{ "textarea", HTML_TEXTAREA },
	{ "xmp", HTML_RAW },
	{ "iframe", HTML_RAW },
	{ "noembed", HTML_RAW },
	{ "noframes", HTML_RAW },
};

static bool named(const struct ward_html *html, const char *name)
{
	return ward_str_eq((ward_str){ html->name, html->name_len }, ward_str_from(name));
}

/* Tags that end <svg> and <math> when they stand inside of them (13.2.6.5). */
static const char *const breakouts[] = { "b", "big", "blockquote", "body", "br", "center", "code",
	"dd", "div", "dl", "dt", "em", "embed", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr",
	"i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small",
	"span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var" };

static bool breaks_out(const struct ward_html *html)
{
	for (size_t i = 0; i < sizeof(breakouts) / sizeof(*breakouts); i++) {
		if (named(html, breakouts[i]))
			return true;
	}
	return false;
}

/*
 * The tree builder of a browser says what the text behind a tag is; without
 * one the tag's name does.  Inside of <svg> and <math> these names mean nothing
 * of the kind.  noscript is read as by who has scripts switched off.
 */
static void set_text(struct ward_html *html)
{
	bool svg = named(html, "svg") || named(html, "math");

	html->kind = HTML_TEXT;
	html->raw = NULL;
	html->escaped = 0;
	if (html->end_tag) {
		html->foreign -= svg && html->foreign > 0;
		return;
	}
	html->foreign += svg && !html->self_closing;
	if (html->foreign && breaks_out(html))
		html->foreign = 0;
	if (html->foreign)
		return;
	if (named(html, "plaintext")) {
		html->kind = HTML_RAW;
		html->raw = "";
	}
	for (size_t i = 0; i < sizeof(raw_elements) / sizeof(*raw_elements); i++) {
		if (named(html, raw_elements[i].name)) {
			html->kind = raw_elements[i].kind;
			html->raw = raw_elements[i].name;
		}
	}
}

void html_tag_tell(struct ward_html *html)
{
	attribute_end(html);
	const struct html_tag tag = {
		.name = { html->name, html->name_len },
		.end = html->end_tag,
		.self_closing = html->self_closing,
		.attributes = html->attributes,
		.attribute_count = html->attribute_count,
		.offset = html->tag_offset,
	};

	html->at++;
	html->state = HTML_DATA;
	set_text(html);
	if (html->sink.tag)
		html->sink.tag(html->sink.context, &tag);
}

ward_str ward_html_attribute(const struct html_tag *tag, const char *name)
{
	for (size_t i = 0; i < tag->attribute_count; i++) {
		if (ward_str_eq(tag->attributes[i].name, ward_str_from(name)))
			return tag->attributes[i].value;
	}
	return (ward_str){ NULL, 0 };
}

/* ---- states ---- */

static void step_name(struct ward_html *html, uint8_t c)
{
	if (utf8_is_space(c)) {
		html->at++;
		html->state = HTML_BEFORE_ATTRIBUTE;
	} else if (c == '/') {
		html->at++;
		html->state = HTML_SELF_CLOSING;
	} else if (c == '>') {
		html_tag_tell(html);
	} else {
		if (html->name_len < HTML_NAME_MAX)
			html->name[html->name_len++] = lower(c);
		html->at++;
	}
}

static void step_before_attribute(struct ward_html *html, uint8_t c)
{
	if (utf8_is_space(c)) {
		html->at++;
	} else if (c == '/' || c == '>') {
		html->state = HTML_AFTER_ATTRIBUTE_NAME;
	} else {
		attribute_begin(html);
		if (c == '=') {
			name_add(html, c);
			html->at++;
		}
	}
}

static void step_attribute_name(struct ward_html *html, uint8_t c)
{
	if (utf8_is_space(c) || c == '/' || c == '>') {
		html->state = HTML_AFTER_ATTRIBUTE_NAME;
		return;
	}
	html->at++;
	if (c == '=')
		html->state = HTML_BEFORE_VALUE;
	else
		name_add(html, c);
}

static void step_after_attribute_name(struct ward_html *html, uint8_t c)
{
	if (c == '>') {
		html_tag_tell(html);
		return;
	}
	if (utf8_is_space(c)) {
		html->at++;
	} else if (c == '/') {
		html->at++;
		attribute_end(html);
		html->state = HTML_SELF_CLOSING;
	} else if (c == '=' && html->attribute_open) {
		html->at++;
		html->state = HTML_BEFORE_VALUE;
	} else {
		attribute_end(html);
		html->state = HTML_BEFORE_ATTRIBUTE;
	}
}

static void step_before_value(struct ward_html *html, uint8_t c)
{
	if (utf8_is_space(c)) {
		html->at++;
	} else if (c == '>') {
		html_tag_tell(html);
	} else {
		html->at += c == '"' || c == '\'';
		value_begin(html, c == '"'    ? HTML_VALUE_DOUBLE
				  : c == '\'' ? HTML_VALUE_SINGLE
					      : HTML_VALUE_BARE);
	}
}

static bool ends_value(enum html_state state, uint8_t c)
{
	if (state == HTML_VALUE_BARE)
		return utf8_is_space(c) || c == '>';
	return c == (state == HTML_VALUE_DOUBLE ? '"' : '\'');
}

static void begin_reference(struct ward_html *html)
{
	html->back = html->state;
	html->reference_offset = html_offset(html);
	html->reference[0] = '&';
	html->reference_len = 1;
	html->at++;
	html->state = HTML_REFERENCE;
}

static void step_value(struct ward_html *html)
{
	size_t start = html->at;

	while (html->at < html->len && html->piece[html->at] != '&' &&
			!ends_value(html->state, html->piece[html->at]))
		html->at++;
	html_value_add(html, (const char *)html->piece + start, html->at - start);
	if (html->at == html->len)
		return;
	if (html->piece[html->at] == '&') {
		begin_reference(html);
	} else if (html->state != HTML_VALUE_BARE) {
		html->at++;
		attribute_end(html);
		html->state = HTML_AFTER_VALUE;
	} else {
		attribute_end(html);
		html->state = HTML_BEFORE_ATTRIBUTE;
	}
}

static void step_after_value(struct ward_html *html, uint8_t c)
{
	html->state = HTML_BEFORE_ATTRIBUTE;
	if (c == '/') {
		html->at++;
		html->state = HTML_SELF_CLOSING;
	}
}

static void step_self_closing(struct ward_html *html, uint8_t c)
{
	html->state = HTML_BEFORE_ATTRIBUTE;
	if (c == '>') {
		html->self_closing = true;
		html_tag_tell(html);
	}
}

void html_step_tag(struct ward_html *html)
{
	uint8_t c = html->piece[html->at];

	switch ((int)html->state) {
	case HTML_TAG_NAME:
		step_name(html, c);
		break;
	case HTML_BEFORE_ATTRIBUTE:
		step_before_attribute(html, c);
		break;
	case HTML_ATTRIBUTE_NAME:
		step_attribute_name(html, c);
		break;
	case HTML_AFTER_ATTRIBUTE_NAME:
		step_after_attribute_name(html, c);
		break;
	case HTML_BEFORE_VALUE:
		step_before_value(html, c);
		break;
	case HTML_AFTER_VALUE:
		step_after_value(html, c);
		break;
	case HTML_SELF_CLOSING:
		step_self_closing(html, c);
		break;
	default:
		step_value(html);
		break;
	}
}
