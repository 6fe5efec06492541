/*
 * The states of text: where a tag may begin, and where only one end tag counts.
 * Text is told as slices of the piece; a '<' that may begin something is held,
 * with what follows it, until it is known what it is.
 */
#include "text/html_state.h"

#include <assert.h>

#include "text/utf8.h"

struct ward_html *ward_html_new(const struct html_sink *sink)
{
	struct ward_html *html = calloc(1, sizeof(*html));

	if (!html)
		return NULL;
	html->sink = *sink;
	html->values = malloc(HTML_VALUES_MAX);
	if (html->values)
		return html;
	free(html);
	return NULL;
}

void ward_html_want(struct ward_html *html, const char *const *names)
{
	html->choosy = true;
	html->wanted_count = html->wanted_lengths = html->wanted_letters = 0;
	for (size_t i = 0; names[i]; i++) {
		ward_str name = ward_str_from(names[i]);

		assert(i < HTML_WANTED_MAX && name.len > 0 && name.len < 64);
		html->wanted[html->wanted_count++] = name;
		html->wanted_lengths |= UINT64_C(1) << name.len;
		html->wanted_letters |= 1u << (name.ptr[0] & 31);
	}
}

void ward_html_free(struct ward_html *html)
{
	if (html)
		free(html->values);
	free(html);
}

void ward_html_reset(struct ward_html *html)
{
	html->state = HTML_DATA;
	html->kind = HTML_TEXT;
	html->raw = NULL;
	html->escaped = 0;
	html->dashes = html->foreign = 0;
	html->held_len = html->reference_len = 0;
	html->piece_offset = html->at = html->len = html->text_start = 0;
}

static void tell(struct ward_html *html, const char *text, size_t len, size_t offset)
{
	const struct html_text event = { { text, len }, html->kind, offset, false, len };

	if (len > 0 && html->sink.text)
		html->sink.text(html->sink.context, &event);
}

void html_tell_held(struct ward_html *html)
{
	tell(html, html->held, html->held_len, html->held_offset);
	html->held_len = 0;
}

/* What was seen up to `at`, without it. */
static void tell_seen(struct ward_html *html)
{
	tell(html, (const char *)html->piece + html->text_start, html->at - html->text_start,
			html->piece_offset + html->text_start);
	html->text_start = html->at;
}

static void hold(struct ward_html *html, uint8_t c)
{
	if (html->held_len == 0)
		html->held_offset = html_offset(html);
	html->held[html->held_len++] = (char)c;
	html->at++;
}

/* What was held is text, and the byte that showed it is looked at as such. */
static void give_back(struct ward_html *html)
{
	html_tell_held(html);
	html->state = HTML_DATA;
	html->text_start = html->at;
}

/* ---- text ---- */

static bool has_references(const struct ward_html *html)
{
	return html->kind != HTML_RAW;
}

/* A script's "-->" ends what "<!--" began. */
static void count_dashes(struct ward_html *html, uint8_t c)
{
	if (c == '>' && html->dashes >= 2)
		html->escaped = 0;
	html->dashes = c == '-' ? html->dashes + 1 : 0;
}

static void step_data(struct ward_html *html)
{
	bool plaintext = html->raw && !*html->raw;

	html->text_start = html->at;
	for (; html->at < html->len; html->at++) {
		uint8_t c = html->piece[html->at];

		if (c == '<' && !plaintext) {
			tell_seen(html);
			hold(html, c);
			html->dashes = 0;
			html->state = html->raw ? HTML_RAW_LESS : HTML_TAG_OPEN;
			return;
		}
		if (c == '&' && has_references(html)) {
			tell_seen(html);
			html->back = HTML_DATA;
			html->reference_len = 0;
			html->reference_offset = html_offset(html);
			html->reference[html->reference_len++] = (char)c;
			html->at++;
			html->state = HTML_REFERENCE;
			return;
		}
		if (html->escaped)
			count_dashes(html, c);
	}
	tell_seen(html);
}

static void step_tag_open(struct ward_html *html, uint8_t c)
{
	if (utf8_is_letter(c)) {
		html_tag_begin(html, false, html->held_offset);
	} else if (c == '/') {
		hold(html, c);
		html->state = HTML_END_TAG_OPEN;
	} else if (c == '!') {
		hold(html, c);
		html->held_len = 0;
		html->state = HTML_MARKUP;
	} else if (c == '?') {
		html->held_len = 0;
		html->state = HTML_BOGUS;
	} else {
		give_back(html);
	}
}

static void step_end_tag_open(struct ward_html *html, uint8_t c)
{
	if (utf8_is_letter(c)) {
		html_tag_begin(html, true, html->held_offset);
	} else if (c == '>') {
		html->at++;
		html->held_len = 0;
		html->state = HTML_DATA;
	} else {
		html->held_len = 0;
		html->state = HTML_BOGUS;
	}
}

/* ---- text that one end tag ends ---- */

static bool is_script(const struct ward_html *html)
{
	return html->raw && strcmp(html->raw, "script") == 0;
}

static void step_raw_less(struct ward_html *html, uint8_t c)
{
	if (c == '/') {
		hold(html, c);
		html->state = HTML_RAW_END_OPEN;
	} else if (c == '!' && is_script(html) && !html->escaped) {
		hold(html, c);
		html->state = HTML_RAW_BANG;
	} else if (utf8_is_letter(c) && html->escaped == 1) {
		html->state = HTML_DOUBLE_START;
	} else {
		give_back(html);
	}
}

/* "<!--" in a script; one dash alone is nothing. */
static void step_raw_bang(struct ward_html *html, uint8_t c)
{
	if (c != '-') {
		give_back(html);
		return;
	}
	hold(html, c);
	if (html->held_len == 4) {
		give_back(html);
		html->escaped = 1;
		html->dashes = 2;
	}
}

static bool ends_name(uint8_t c)
{
	return utf8_is_space(c) || c == '/' || c == '>';
}

/* Does `held`, behind `skip` bytes, say `name`? */
static bool held_says(const struct ward_html *html, size_t skip, const char *name)
{
	const ward_str held = { html->held + skip, html->held_len - skip };

	return ward_str_eq_nocase(held, ward_str_from(name));
}

static void step_raw_end_name(struct ward_html *html, uint8_t c)
{
	if (utf8_is_letter(c) && html->held_len < HTML_HELD_MAX) {
		hold(html, c);
	} else if (ends_name(c) && html->escaped < 2 && held_says(html, 2, html->raw)) {
		html_tag_begin(html, true, html->held_offset);
		html->name_len = strlen(html->raw);
		memcpy(html->name, html->raw, html->name_len);
		html->state = HTML_BEFORE_ATTRIBUTE;
	} else {
		if (ends_name(c) && html->escaped == 2 && held_says(html, 2, "script"))
			html->escaped = 1;
		give_back(html);
	}
}

static void step_double_start(struct ward_html *html, uint8_t c)
{
	if (utf8_is_letter(c) && html->held_len < HTML_HELD_MAX) {
		hold(html, c);
		return;
	}
	if (ends_name(c) && held_says(html, 1, "script"))
		html->escaped = 2;
	give_back(html);
	/* The byte behind the name is text, whatever it is: '>' closes no "--" here. */
	html->dashes = 0;
}

/* Text until "]]>". */
static void step_cdata(struct ward_html *html)
{
	html->text_start = html->at;
	for (; html->at < html->len; html->at++) {
		uint8_t c = html->piece[html->at];

		if (c == ']') {
			if (html->dashes == 0)
				tell_seen(html);
			if (html->dashes == 2)
				tell(html, "]", 1, html_offset(html) - 2);
			else
				html->dashes++;
			html->text_start = html->at + 1;
			continue;
		}
		if (c == '>' && html->dashes == 2) {
			html->at++;
			html->dashes = 0;
			html->state = HTML_DATA;
			return;
		}
		if (html->dashes > 0)
			tell(html, "]]", html->dashes, html_offset(html) - html->dashes);
		html->dashes = 0;
	}
	if (html->dashes == 0)
		tell_seen(html);
}

/* ---- references ---- */

static void tell_reference(struct ward_html *html, const char *text, size_t len, size_t source_len)
{
	const struct html_text event = { { text, len }, html->kind, html->reference_offset, true,
		source_len };

	if (html->back != HTML_DATA)
		html_value_add(html, text, len);
	else if (html->sink.text)
		html->sink.text(html->sink.context, &event);
}

/* The bytes of the reference from `from` on are what they are. */
static void tell_unreferenced(struct ward_html *html, size_t from)
{
	const char *text = html->reference + from;
	size_t len = html->reference_len - from;

	if (html->back != HTML_DATA)
		html_value_add(html, text, len);
	else
		tell(html, text, len, html->reference_offset + from);
	html->reference_len = 0;
}

static void resume(struct ward_html *html)
{
	html->state = html->back;
	html->text_start = html->at;
}

/* `next` is the byte behind what was collected; 0 at the end of all. */
static void end_named(struct ward_html *html, uint8_t next)
{
	const ward_str collected = { html->reference + 1, html->reference_len - 1 };
	const struct html_name *found = ward_html_name_find(collected);
	size_t used = 1 + (found ? found->len : 0);

	if (found && html->back != HTML_DATA && found->name[found->len - 1] != ';') {
		uint8_t behind = used < html->reference_len ? (uint8_t)html->reference[used] : next;

		/* "?a=b&copy=c" is no sign of copyright. */
		if (behind == '=' || utf8_is_letter(behind) || (uint8_t)(behind - '0') < 10)
			found = NULL;
	}
	if (found)
		tell_reference(html, found->text, found->text_len, used);
	tell_unreferenced(html, found ? used : 0);
	resume(html);
}

static void collect(struct ward_html *html, uint8_t c)
{
	html->reference[html->reference_len++] = (char)c;
	html->at++;
}

static void step_reference(struct ward_html *html, uint8_t c)
{
	bool full = html->reference_len == HTML_NAME_LONGEST + 1;

	if (c == '#' && html->reference_len == 1) {
		collect(html, c);
		html->number = 0;
		html->hex = false;
		html->state = HTML_REFERENCE_HEX;
	} else if (!full && (utf8_is_letter(c) || (uint8_t)(c - '0') < 10)) {
		collect(html, c);
	} else if (!full && c == ';') {
		collect(html, c);
		end_named(html, 0);
	} else {
		end_named(html, c);
	}
}

/* Digits are counted in `number` alone; there may be any number of them. */
static void step_reference_hex(struct ward_html *html, uint8_t c)
{
	int digit = utf8_hex_digit((char)c);

	if ((c | 0x20) == 'x' && !html->hex) {
		html->hex = true;
		collect(html, c);
	} else if (digit >= 0 && (html->hex || digit < 10)) {
		html->state = HTML_REFERENCE_DIGIT;
	} else {
		tell_unreferenced(html, 0);
		resume(html);
	}
}

static void end_number(struct ward_html *html)
{
	char text[4];
	size_t len = ward_html_number_text(html->number, text);

	tell_reference(html, text, len, html_offset(html) - html->reference_offset);
	html->reference_len = 0;
	resume(html);
}

static void step_reference_digit(struct ward_html *html, uint8_t c)
{
	int digit = utf8_hex_digit((char)c);

	if (digit >= 0 && (html->hex || digit < 10)) {
		if (html->number <= 0x10ffff)
			html->number = html->number * (html->hex ? 16 : 10) + (uint32_t)digit;
		html->at++;
		return;
	}
	html->at += c == ';';
	end_number(html);
}

/* ---- in and out ---- */

void html_step_text(struct ward_html *html)
{
	uint8_t c = html->piece[html->at];

	switch ((int)html->state) {
	case HTML_DATA:
		step_data(html);
		break;
	case HTML_TAG_OPEN:
		step_tag_open(html, c);
		break;
	case HTML_END_TAG_OPEN:
		step_end_tag_open(html, c);
		break;
	case HTML_RAW_LESS:
		step_raw_less(html, c);
		break;
	case HTML_RAW_END_OPEN:
		html->state = HTML_RAW_END_NAME;
		if (!utf8_is_letter(c))
			give_back(html);
		break;
	case HTML_RAW_END_NAME:
		step_raw_end_name(html, c);
		break;
	case HTML_RAW_BANG:
		step_raw_bang(html, c);
		break;
	case HTML_DOUBLE_START:
		step_double_start(html, c);
		break;
	case HTML_CDATA:
		step_cdata(html);
		break;
	case HTML_REFERENCE:
		step_reference(html, c);
		break;
	case HTML_REFERENCE_HEX:
		step_reference_hex(html, c);
		break;
	default:
		step_reference_digit(html, c);
		break;
	}
}

void ward_html_feed(struct ward_html *html, ward_bytes piece)
{
	html->piece = piece.ptr;
	html->len = piece.len;
	html->at = html->text_start = 0;
	while (html->at < html->len) {
		if (html->state < HTML_TAG_NAME)
			html_step_text(html);
		else if (html->state < HTML_MARKUP)
			html_step_tag(html);
		else
			html_step_markup(html);
	}
	html->piece_offset += piece.len;
	html->at = html->len = 0;
}

/* What was held is text; a tag or comment that never ended is none. */
void ward_html_end(struct ward_html *html)
{
	html->at = 0;
	if (html->state == HTML_REFERENCE)
		end_named(html, 0);
	else if (html->state == HTML_REFERENCE_DIGIT)
		end_number(html);
	else if (html->state == HTML_REFERENCE_HEX)
		tell_unreferenced(html, 0);
	if (html->state == HTML_CDATA && html->dashes > 0)
		tell(html, "]]", html->dashes, html_offset(html) - html->dashes);
	if (html->state != HTML_MARKUP) /* "<![CDA" is no text */
		html_tell_held(html);
	ward_html_reset(html);
}
