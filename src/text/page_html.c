/* What of HTML is text to its reader: what is shown, what is said of pictures, what is hidden. */
#include "text/page.h"

/* ---- text with its places ---- */

void page_text_init(struct page_text *text, size_t bytes_max)
{
	*text = (struct page_text){ 0 };
	ward_buf_init(&text->text, bytes_max);
}

void page_text_clear(struct page_text *text)
{
	ward_buf_clear(&text->text);
	text->piece_count = 0;
}

void page_text_free(struct page_text *text)
{
	ward_buf_free(&text->text);
	free(text->pieces);
}

static bool goes_on(const struct page_piece *last, struct page_piece piece)
{
	return last->source_len == 0 && piece.source_len == 0 && last->where == piece.where &&
	       piece.source - last->source == piece.at - last->at;
}

void page_text_add(struct page_text *text, ward_str more, struct page_piece piece)
{
	piece.at = text->text.len;
	ward_buf_str(&text->text, more);
	if (more.len == 0 || (text->piece_count > 0 &&
					     goes_on(&text->pieces[text->piece_count - 1], piece)))
		return;
	if (text->piece_count == text->piece_room) {
		size_t room = text->piece_room ? text->piece_room * 2 : 256;
		struct page_piece *pieces = realloc(text->pieces, room * sizeof(*pieces));

		if (!pieces) {
			text->text.failed = true;
			return;
		}
		text->pieces = pieces;
		text->piece_room = room;
	}
	text->pieces[text->piece_count++] = piece;
}

void page_text_break(struct page_text *text)
{
	if (text->text.len > 0 && text->text.ptr[text->text.len - 1] != '\n')
		ward_buf_char(&text->text, '\n');
}

struct page_piece page_text_place(const struct page_text *text, size_t at)
{
	size_t low = 0, high = text->piece_count;
	struct page_piece piece = { 0 };

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (text->pieces[middle].at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return piece;
	piece = text->pieces[low - 1];
	if (piece.source_len == 0)
		piece.source += at - piece.at;
	return piece;
}

/* ---- tags ---- */

/* All that is looked at below. */
const char *const page_attributes[] = { "style", "hidden", "name", "property", "content", "alt",
	"title", "aria-label", "placeholder", "type", "value", "href", "src", "action", "poster",
	"data", "formaction", NULL };

static bool is_one_of(ward_str name, const char *const *names)
{
	for (; *names; names++) {
		if (ward_str_eq(name, ward_str_from(*names)))
			return true;
	}
	return false;
}

/* In the midst of a word they leave it one; all other tags end it. */
static bool is_inline(ward_str name)
{
	static const char *const names[] = { "a", "abbr", "acronym", "b", "bdi", "bdo", "big",
		"cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
		"nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time",
		"tt", "u", "var", "wbr", NULL };

	return is_one_of(name, names);
}

static bool is_void(ward_str name)
{
	static const char *const names[] = { "area", "base", "br", "col", "embed", "hr", "img",
		"input", "link", "meta", "param", "source", "track", "wbr", NULL };

	return is_one_of(name, names);
}

/* Does an inline style say `name`: `value`?  Spaces and case do not matter. */
static bool style_says(ward_str style, const char *name, const char *value)
{
	while (style.len > 0) {
		ward_str is = ward_str_cut(&style, ';');
		ward_str key = ward_str_trim(ward_str_cut(&is, ':'));

		/* "none !important" begins so, too. */
		is = ward_str_trim(is);
		if (is.len > strlen(value))
			is.len = strlen(value);
		if (ward_str_eq_nocase(key, ward_str_from(name)) &&
				ward_str_eq_nocase(is, ward_str_from(value)))
			return true;
	}
	return false;
}

static bool hides(const struct html_tag *tag)
{
	ward_str style = ward_html_attribute(tag, "style");

	return ward_html_attribute(tag, "hidden").ptr ||
	       ward_str_eq(tag->name, WARD_STR("template")) ||
	       style_says(style, "display", "none") || style_says(style, "visibility", "hidden") ||
	       style_says(style, "font-size", "0");
}

/*
 * Without a tree what is hidden ends with as many ends as beginnings of the
 * tag that hides it.  One that never ends hides the rest, which is counted all
 * the same.
 */
static void follow_hidden(struct ward_page *page, const struct html_tag *tag)
{
	bool same = page->hidden_depth > 0 &&
		    ward_str_eq(tag->name, ward_str_from(page->hidden_by));

	if (tag->end) {
		page->hidden_depth -= same;
	} else if (same) {
		page->hidden_depth++;
	} else if (page->hidden_depth == 0 && !is_void(tag->name) && hides(tag)) {
		snprintf(page->hidden_by, sizeof(page->hidden_by), "%.*s", WARD_FMT(tag->name));
		page->hidden_depth = 1;
	}
}

static void add_aside(struct ward_page *page, const struct html_tag *tag, const char *name,
		ward_page_where where)
{
	for (size_t i = 0; i < tag->attribute_count; i++) {
		const struct html_attribute *attribute = &tag->attributes[i];
		struct page_piece piece = { .source = attribute->offset, .where = where };

		if (!ward_str_eq(attribute->name, ward_str_from(name)))
			continue;
		page_text_break(&page->aside);
		page_text_add(&page->aside, attribute->value, piece);
		page_text_break(&page->aside);
	}
}

static void see_meta(struct ward_page *page, const struct html_tag *tag)
{
	static const char *const names[] = { "description", "keywords", "og:title",
		"og:description", "og:site_name", "twitter:title", "twitter:description", NULL };
	ward_str name = ward_html_attribute(tag, "name");

	if (!name.ptr)
		name = ward_html_attribute(tag, "property");
	for (size_t i = 0; names[i]; i++) {
		if (ward_str_eq_nocase(name, ward_str_from(names[i])))
			add_aside(page, tag, "content", WARD_PAGE_DESCRIPTION);
	}
}

static void see_attributes(struct ward_page *page, const struct html_tag *tag)
{
	static const char *const said[] = { "alt", "title", "aria-label", "placeholder", NULL };
	ward_str type = ward_html_attribute(tag, "type");

	for (size_t i = 0; said[i]; i++)
		add_aside(page, tag, said[i], WARD_PAGE_ALT);
	if (ward_str_eq(tag->name, WARD_STR("input")) &&
			(ward_str_eq_nocase(type, WARD_STR("submit")) ||
					ward_str_eq_nocase(type, WARD_STR("button"))))
		add_aside(page, tag, "value", WARD_PAGE_ALT);
}

static void see_links(struct ward_page *page, const struct html_tag *tag)
{
	static const char *const leads[] = { "href", "src", "action", "poster", "data",
		"formaction", NULL };
	char name[HTML_NAME_MAX + 1];

	if (!page->options.link)
		return;
	snprintf(name, sizeof(name), "%.*s", WARD_FMT(tag->name));
	for (size_t i = 0; i < tag->attribute_count; i++) {
		const struct html_attribute *attribute = &tag->attributes[i];

		for (size_t k = 0; leads[k]; k++) {
			if (ward_str_eq(attribute->name, ward_str_from(leads[k])))
				page->options.link(page->options.context, attribute->value, name,
						leads[k], attribute->offset);
		}
	}
}

void page_see_tag(void *context, const struct html_tag *tag)
{
	struct ward_page *page = context;

	follow_hidden(page, tag);
	if (!is_inline(tag->name))
		page_text_break(&page->seen);
	if (tag->end)
		return;
	if (ward_str_eq(tag->name, WARD_STR("meta")))
		see_meta(page, tag);
	else
		see_attributes(page, tag);
	see_links(page, tag);
}

void page_see_text(void *context, const struct html_text *text)
{
	struct ward_page *page = context;
	struct page_piece piece = {
		.source = text->offset,
		.source_len = text->reference ? text->source_len : 0,
		.where = text->kind == HTML_TITLE ? WARD_PAGE_TITLE
			 : page->hidden_depth > 0 ? WARD_PAGE_HIDDEN
						  : WARD_PAGE_TEXT,
	};

	if (text->kind != HTML_RAW)
		page_text_add(&page->seen, text->text, piece);
}
