/* The pages of a report, drawn; for ward-pages and its tests alone. */
#include "filing/pages_order.h"

#include "base/clock.h"
#include "base/tree.h"
#include "filing/check.h"
#include "filing/pages.h"

/* A mark of two bytes is named by eight, so a line may be four times a draft: none is ever cut. */
enum { ARENA_MAX = 128 << 20, LINE_MAX = (32 << 20) + (2 << 20), WORDS_MAX = 4096 };

static ward_str label(const struct filing_authority *words, const char *name)
{
	ward_str own = tree_text(tree_member(words->labels, name));

	return own.len > 0 ? own : ward_str_from(name);
}

/* ---- a value, which is a stranger's text ---- */

static bool ends_line(uint32_t c)
{
	return (c >= 0x0a && c <= 0x0d) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* They change where the text around them stands, so that a line could be made to say another. */
static bool turns_around(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
	       c == 0x200f || c == 0x061c;
}

/*
 * The next line of a value: without what no XML holds, and with what would
 * turn its neighbours around in its number's place.  The files for programs have it as it was.
 */
static void take_line(ward_str *text, struct ward_buf *line)
{
	while (text->len > 0) {
		const char *from = text->ptr;
		uint32_t c = filing_next_char(text);

		if (c == 0x0d && text->len > 0 && text->ptr[0] == '\n')
			continue;
		if (ends_line(c))
			return;
		if (turns_around(c))
			ward_buf_printf(line, "[U+%04X]", (unsigned)c);
		else if (filing_xml_char(c))
			ward_buf_add(line, from, (size_t)(text->ptr - from));
	}
}

static void add_attributes(struct ward_buf *line, const struct filing_node *node)
{
	for (unsigned i = 0; i < node->type->attribute_count; i++) {
		ward_str value = node->attributes[i];

		if (!value.ptr)
			continue;
		ward_buf_printf(line, " (%s: ", node->type->attributes[i].name);
		while (value.len > 0)
			take_line(&value, line);
		ward_buf_char(line, ')');
	}
}

/*
 * An attribute is said in brackets behind the text.  A further line of the text stands behind a
 * bar, so that none can be taken for a field of its own.
 */
static void put_value(struct pages *pages, const struct filing_authority *words,
		const struct filing_node *node, unsigned indent)
{
	ward_str name = label(words, node->part->name);
	ward_str text = node->text.ptr ? node->text : WARD_STR("");
	struct ward_buf line;

	ward_buf_init(&line, LINE_MAX);
	ward_buf_printf(&line, "%.*s: ", WARD_FMT(name));
	take_line(&text, &line);
	while (text.len > 0) {
		pages_add(pages, PAGES_TEXT, indent, ward_buf_text(&line));
		ward_buf_clear(&line);
		ward_buf_str(&line, WARD_STR("| "));
		take_line(&text, &line);
	}
	add_attributes(&line, node);
	pages_add(pages, PAGES_TEXT, indent, ward_buf_text(&line));
	ward_buf_free(&line);
}

/* ---- the report ---- */

static void put_node(struct pages *pages,
		const struct filing_authority *words, // NOLINT(misc-no-recursion)
		const struct filing_node *node, unsigned depth)
{
	for (unsigned i = 0; i < node->type->part_count; i++) {
		for (const struct filing_node *child = node->slots[i].first; child;
				child = child->next) {
			if (child->type->value != FILING_PARTS) {
				put_value(pages, words, child, depth);
				continue;
			}
			pages_add(pages, depth == 0 ? PAGES_HEADING : PAGES_TEXT, depth,
					label(words, child->part->name));
			put_node(pages, words, child, depth + 1);
		}
	}
}

static void put_file(struct pages *pages, const struct filing_authority *words,
		const struct filing_file *file)
{
	ward_str item = file->item, digest = file->sha256;
	struct ward_buf line;

	ward_buf_init(&line, WORDS_MAX);
	pages_add(pages, PAGES_HEADING, 0, label(words, "fileDetails"));
	while (item.len > 0)
		take_line(&item, &line);
	pages_add(pages, PAGES_TEXT, 1, ward_buf_text(&line));
	if (digest.len > 0) {
		ward_buf_clear(&line);
		ward_buf_str(&line, WARD_STR("SHA-256: "));
		while (digest.len > 0)
			take_line(&digest, &line);
		pages_add(pages, PAGES_TEXT, 1, ward_buf_text(&line));
	}
	ward_buf_free(&line);
	put_node(pages, words, file->details, 1);
}

struct facts {
	ward_str id;
	int64_t at;
	bool test;
};

static ward_err draw(const struct filing_authority *words, const struct filing_draft *draft,
		const struct facts *facts, struct ward_buf *out, struct ward_error *error)
{
	char footer[300], when[CLOCK_TEXT_MAX];

	snprintf(footer, sizeof(footer), "%s%.*s, %s", facts->test ? "TEST - " : "",
			(int)(facts->id.len < 64 ? facts->id.len : 64), facts->id.ptr,
			clock_format(facts->at, when));
	struct pages *pages = pages_new(out, words->title, ward_str_from(footer), facts->at);

	if (!pages)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (facts->test)
		pages_add(pages, PAGES_HEADING, 0, WARD_STR("TEST: this is no real report"));
	pages_add(pages, PAGES_TITLE, 0, words->title);
	pages_add(pages, PAGES_SMALL, 0, words->authority);
	pages_add(pages, PAGES_SMALL, 0, words->intro);
	put_node(pages, words, draft->report, 0);
	for (const struct filing_file *file = draft->files; file; file = file->next)
		put_file(pages, words, file);
	return pages_end(pages, error);
}

/* ---- the order ---- */

static ward_str read_text(struct ward_reader *reader)
{
	size_t len = ward_read_u32le(reader);
	ward_bytes bytes = ward_read_bytes(reader, len);

	return (ward_str){ (const char *)bytes.ptr, bytes.len };
}

static ward_err draw_for(const struct filing_authority *words, const struct facts *facts,
		ward_str text, struct ward_buf *out, struct ward_error *error)
{
	struct filing_findings findings;
	struct filing_draft draft;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	findings = (struct filing_findings){ .arena = &arena };
	ward_err err = filing_draft_read(&arena, text, &draft, &findings, error);

	if (!err)
		err = draw(words, &draft, facts, out, error);
	ward_arena_free(&arena);
	return err;
}

ward_err pages_draw(ward_bytes order, struct ward_buf *out, struct ward_error *error)
{
	struct ward_reader reader = ward_reader_from(order);
	ward_str told = read_text(&reader), file = read_text(&reader), draft = read_text(&reader);
	struct filing_authority *words = NULL;
	struct facts facts = { .at = 0 };

	if (reader.failed || ward_reader_left(&reader) > 0)
		return ward_fail(error, WARD_E_FORMAT, "this is no order for pages");
	struct json_t *root = tree_read(told, error);
	ward_err err = root ? filing_authority_read(file, &words, error) : WARD_E_FORMAT;

	facts.id = tree_text(tree_member(root, "id"));
	if (!err && (!tree_int(tree_member(root, "at"), 0, INT64_MAX, &facts.at) ||
				    !tree_bool(tree_member(root, "test"), &facts.test)))
		err = ward_fail(error, WARD_E_FORMAT, "the facts of an order are id, at and test");
	if (!err)
		err = draw_for(words, &facts, draft, out, error);
	filing_authority_free(words);
	tree_free(root);
	return err;
}
