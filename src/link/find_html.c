/*
 * Links in HTML: attributes that lead somewhere or load something, styles, scripts, and the
 * text that a reader sees.
 */
#include "link/find.h"

#include <assert.h>

#include "link/chars.h"
#include "text/html.h"

enum { PIECE = 16384, TEXT_MAX = 1 << 18 };

enum kind { ONE, SRCSET, LIST, STYLE };

/* Of any element that has it, unless a row before names the element. */
static const struct row {
	const char *tag; /* NULL: any */
	const char *attribute;
	bool loads;
	enum kind kind;
} rows[] = {
	{ "a", "href", false, ONE },
	{ "area", "href", false, ONE },
	{ "base", "href", false, ONE },
	{ NULL, "href", true, ONE }, /* link, and what SVG draws */
	{ NULL, "xlink:href", true, ONE },
	{ NULL, "src", true, ONE },
	{ NULL, "data-src", true, ONE }, /* loaded by a script when it is scrolled to */
	{ NULL, "data-original", true, ONE },
	{ NULL, "lowsrc", true, ONE },
	{ NULL, "dynsrc", true, ONE },
	{ NULL, "poster", true, ONE },
	{ NULL, "background", true, ONE },
	{ NULL, "srcset", true, SRCSET },
	{ NULL, "data-srcset", true, SRCSET },
	{ NULL, "imagesrcset", true, SRCSET },
	{ "object", "data", true, ONE },
	{ "object", "codebase", true, ONE },
	{ "applet", "codebase", true, ONE },
	{ "html", "manifest", true, ONE },
	{ NULL, "action", false, ONE },
	{ NULL, "formaction", false, ONE },
	{ NULL, "cite", false, ONE },
	{ NULL, "longdesc", false, ONE },
	{ NULL, "ping", false, LIST },
	{ NULL, "style", true, STYLE },
};

/* Tags that do not end a word: a link may be written across them. */
static const char *const inlines[] = { "b", "i", "em", "strong", "span", "font", "wbr", "u", "s",
	"small", "big", "mark", "code", "tt" };

/* From here on in the gathered text, source stands from there on. */
struct piece {
	size_t at, offset;
};

struct page {
	struct link_search search;
	struct ward_buf text;
	struct ward_buf pieces; /* struct piece, one behind the other */
	enum { SEEN, SCRIPT, SHEET } of;
	char element[HTML_NAME_MAX + 1]; /* whose raw text comes next */
	bool failed;                     /* there was no memory for some of its text */
};

static size_t place_in_page(const struct link_search *search, size_t at)
{
	/* `search` is the first member. */
	const struct page *page = (const struct page *)(const void *)search;
	const struct piece *pieces = (const struct piece *)(const void *)page->pieces.ptr;
	size_t low = 0;
	size_t high = page->pieces.len / sizeof(*pieces);

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (pieces[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return pieces[low].offset + (at - pieces[low].at);
}

/* Searches the text that was gathered. */
static void flush(struct page *page)
{
	ward_str text = { page->text.ptr, page->text.len };

	if (text.len > 0 && !page->text.failed && !page->pieces.failed) {
		page->search.place = place_in_page;
		page->search.loads = page->of == SHEET;
		page->search.where = page->of == SHEET    ? "style url"
				     : page->of == SCRIPT ? "script"
							  : "text";
		if (page->of == SHEET)
			link_find_in_css(&page->search, text);
		else
			link_find_in_text(&page->search, text, page->of == SCRIPT);
		page->search.place = NULL;
	}
	page->failed = page->failed || page->text.failed || page->pieces.failed;
	ward_buf_clear(&page->text);
	ward_buf_clear(&page->pieces);
}

static void on_text(void *context, const struct html_text *text)
{
	struct page *page = context;
	struct piece piece = { page->text.len, text->offset };

	if (text->text.len == 0)
		return;
	/* A page of one word does not fill the memory: it is cut where it is full. */
	if (page->text.len + text->text.len > TEXT_MAX)
		flush(page);
	piece.at = page->text.len;
	page->of = text->kind != HTML_RAW                 ? SEEN
		   : strcmp(page->element, "style") == 0  ? SHEET
		   : strcmp(page->element, "script") == 0 ? SCRIPT
							  : SEEN;
	ward_buf_add(&page->pieces, &piece, sizeof(piece));
	ward_buf_str(&page->text, text->text);
}

static bool is_inline(ward_str tag)
{
	for (size_t i = 0; i < sizeof(inlines) / sizeof(*inlines); i++) {
		if (ward_str_eq(tag, ward_str_from(inlines[i])))
			return true;
	}
	return false;
}

static const struct row *row_of(ward_str tag, ward_str attribute)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (ward_str_eq(attribute, ward_str_from(rows[i].attribute)) &&
				(!rows[i].tag || ward_str_eq(tag, ward_str_from(rows[i].tag))))
			return &rows[i];
	}
	return NULL;
}

static void one_attribute(struct link_search *search, const struct html_attribute *attribute,
		const struct row *row)
{
	search->offset = attribute->offset;
	search->loads = row->loads;
	if (row->kind == SRCSET)
		link_find_in_srcset(search, attribute->value);
	else if (row->kind == LIST)
		link_find_in_list(search, attribute->value);
	else if (row->kind == STYLE)
		link_find_in_css(search, attribute->value);
	else if (attribute->value.len >= 11 &&
			ward_str_eq_nocase((ward_str){ attribute->value.ptr, 11 },
					WARD_STR("javascript:")))
		link_find_in_text(search, attribute->value, true);
	else if (!attribute->cut)
		link_found(search, attribute->value, 0);
}

/* Where else the page leads, and what others are to show for it ("og:image"). */
static void meta(struct link_search *search, const struct html_tag *tag)
{
	ward_str kind = ward_html_attribute(tag, "http-equiv");
	const struct html_attribute *content = NULL;

	for (size_t i = 0; i < tag->attribute_count; i++) {
		if (ward_str_eq(tag->attributes[i].name, WARD_STR("content")))
			content = &tag->attributes[i];
	}
	if (!content)
		return;
	search->offset = content->offset;
	search->loads = false;
	if (ward_str_eq_nocase(ward_str_trim(kind), WARD_STR("refresh"))) {
		search->where = "meta refresh";
		link_find_in_refresh(search, content->value);
	} else {
		search->where = "meta content";
		link_find_in_text(search, content->value, false);
	}
}

static void on_tag(void *context, const struct html_tag *tag)
{
	struct page *page = context;
	char where[2 * HTML_NAME_MAX + 2];

	if (!is_inline(tag->name))
		flush(page);
	if (tag->end)
		return;
	snprintf(page->element, sizeof(page->element), "%.*s", WARD_FMT(tag->name));
	if (ward_str_eq(tag->name, WARD_STR("meta")))
		meta(&page->search, tag);
	for (size_t i = 0; i < tag->attribute_count && !page->search.stopped; i++) {
		const struct html_attribute *attribute = &tag->attributes[i];
		const struct row *row = row_of(tag->name, attribute->name);

		if (!row || attribute->value.len == 0)
			continue;
		snprintf(where, sizeof(where), "%.*s %.*s", WARD_FMT(tag->name),
				WARD_FMT(attribute->name));
		page->search.where = row->kind == STYLE ? "style url" : where;
		one_attribute(&page->search, attribute, row);
	}
	page->search.where = "text";
}

static void add_name(const char *names[HTML_WANTED_MAX + 1], const char *name)
{
	size_t i = 0;

	while (names[i] && strcmp(names[i], name) != 0)
		i++;
	assert(i < HTML_WANTED_MAX);
	names[i] = name;
}

/* The attributes of the rows, and of meta. */
static void wanted(const char *names[HTML_WANTED_MAX + 1])
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		add_name(names, rows[i].attribute);
	add_name(names, "http-equiv");
	add_name(names, "content");
}

ward_err link_find_in_html(struct link_search *search, ward_str html, struct ward_error *error)
{
	struct page page = { .search = *search };
	struct html_sink sink = { .text = on_text, .tag = on_tag, .context = &page };
	const char *names[HTML_WANTED_MAX + 1] = { NULL };
	struct ward_html *reader = ward_html_new(&sink);

	if (!reader)
		return ward_fail(error, WARD_E_NOMEM, "no memory to read HTML");
	wanted(names);
	ward_html_want(reader, names);
	ward_buf_init(&page.text, 2 * TEXT_MAX);
	ward_buf_init(&page.pieces, TEXT_MAX * sizeof(struct piece));
	for (size_t at = 0; at < html.len && !page.search.stopped; at += PIECE) {
		size_t len = html.len - at < PIECE ? html.len - at : PIECE;

		ward_html_feed(reader, (ward_bytes){ (const uint8_t *)html.ptr + at, len });
	}
	if (!page.search.stopped)
		ward_html_end(reader);
	flush(&page);
	ward_buf_free(&page.text);
	ward_buf_free(&page.pieces);
	ward_html_free(reader);
	return page.failed ? ward_fail(error, WARD_E_NOMEM, "no memory to read HTML") : WARD_OK;
}
