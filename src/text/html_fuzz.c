/*
 * How a document is cut into pieces changes nothing; text lies where it is said
 * to lie; what is told is bounded.
 */
#include "text/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Everything that was told, with runs of text joined as they may be cut anywhere. */
struct told {
	struct ward_buf out;
	const uint8_t *data;
	size_t size;
	size_t text_end; /* of the text that was told last; SIZE_MAX behind a tag */
};

static void told_text(void *context, const struct html_text *text)
{
	struct told *told = context;

	if (text->offset > told->size || text->source_len > told->size - text->offset)
		abort();
	if (!text->reference &&
			memcmp(told->data + text->offset, text->text.ptr, text->text.len) != 0)
		abort();
	if (text->reference || told->text_end != text->offset)
		ward_buf_printf(&told->out, "\n%c%d %zu ", text->reference ? 'R' : 'T',
				(int)text->kind, text->offset);
	ward_buf_str(&told->out, text->text);
	told->text_end = text->reference ? SIZE_MAX : text->offset + text->text.len;
}

static void told_tag(void *context, const struct html_tag *tag)
{
	struct told *told = context;

	if (tag->attribute_count > HTML_ATTRIBUTES_MAX || tag->name.len > HTML_NAME_MAX)
		abort();
	if (tag->offset >= told->size || told->data[tag->offset] != '<')
		abort();
	ward_buf_printf(&told->out, "\n<%d%d %zu ", tag->end, tag->self_closing, tag->offset);
	ward_buf_str(&told->out, tag->name);
	for (size_t i = 0; i < tag->attribute_count; i++) {
		ward_buf_printf(&told->out, "\n  %zu %d ", tag->attributes[i].offset,
				tag->attributes[i].cut);
		ward_buf_str(&told->out, tag->attributes[i].name);
		ward_buf_char(&told->out, '=');
		ward_buf_str(&told->out, tag->attributes[i].value);
	}
	told->text_end = SIZE_MAX;
}

static void now_text(void *context, const struct html_text *text)
{
	struct told **now = context;

	told_text(*now, text);
}

static void now_tag(void *context, const struct html_tag *tag)
{
	struct told **now = context;

	told_tag(*now, tag);
}

/* The last byte says whether all attributes are told, or these. */
static const char *const wanted[] = { "href", "src", "a", "style", NULL };

/* One tokenizer for all inputs: its memory is large, and what it keeps of one must not matter. */
static struct ward_html *reader_of(struct told *told)
{
	static struct told *now;
	static struct ward_html *all, *few;
	static const struct html_sink sink = { now_text, now_tag, &now };

	if (!all) {
		all = ward_html_new(&sink);
		few = ward_html_new(&sink);
		if (!all || !few)
			abort();
		ward_html_want(few, wanted);
	}
	now = told;
	return told->data[told->size - 1] & 1 ? few : all;
}

static void read_in_pieces(struct told *told, size_t piece)
{
	struct ward_html *html = reader_of(told);

	ward_buf_init(&told->out, SIZE_MAX / 2);
	told->text_end = SIZE_MAX;
	for (size_t at = 0; at < told->size; at += piece) {
		size_t len = told->size - at < piece ? told->size - at : piece;

		ward_html_feed(html, (ward_bytes){ told->data + at, len });
	}
	ward_html_end(html);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 64 };
	struct told whole = { .data = data, .size = size };

	if (size == 0)
		return 0;
	read_in_pieces(&whole, size);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct told cut = { .data = data, .size = size };

		read_in_pieces(&cut, pieces[i]);
		if (!ward_str_eq(ward_buf_text(&cut.out), ward_buf_text(&whole.out)))
			abort();
		ward_buf_free(&cut.out);
	}
	ward_buf_free(&whole.out);
	return 0;
}
