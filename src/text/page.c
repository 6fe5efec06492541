/* A page from its first byte to its result: encoding, tokenizer, and when which is asked. */
#include "text/page.h"
#include "text/utf8.h"

#define BYTES_MAX   ((size_t)4 << 20)
#define EXCERPT_MAX 120
#define PIECE       4096

static const char *const where_names[WARD_PAGE_WHERE_COUNT] = { "text", "title", "description",
	"alt", "hidden" };

const char *ward_page_where_name(ward_page_where where)
{
	return (unsigned)where < WARD_PAGE_WHERE_COUNT ? where_names[where] : "?";
}

struct ward_page *ward_page_new(const struct ward_terms *terms,
		const struct ward_page_options *options)
{
	struct ward_page *page = calloc(1, sizeof(*page));
	const struct html_sink sink = { page_see_text, page_see_tag, page };
	size_t count = terms ? ward_terms_count(terms) : 0;

	if (!page)
		return NULL;
	page->terms = terms;
	if (options)
		page->options = *options;
	if (page->options.bytes_max == 0)
		page->options.bytes_max = BYTES_MAX;
	if (page->options.excerpt_max == 0)
		page->options.excerpt_max = EXCERPT_MAX;
	page_text_init(&page->seen, SIZE_MAX / 4);
	page_text_init(&page->aside, SIZE_MAX / 4);
	ward_buf_init(&page->decoded, SIZE_MAX / 4);
	ward_buf_init(&page->excerpts, SIZE_MAX / 4);
	page->fold = ward_fold_new(terms ? terms->header.fold_options : 0);
	page->html = ward_html_new(&sink);
	if (page->html)
		ward_html_want(page->html, page_attributes);
	page->counts = calloc((count + 1) * WARD_TERM_PARTS_MAX, sizeof(*page->counts));
	page->found = malloc(PAGE_FOUND_MAX * sizeof(*page->found));
	if (!page->fold || !page->html || !page->counts || !page->found) {
		ward_page_free(page);
		return NULL;
	}
	ward_page_begin(page, WARD_STR(""));
	return page;
}

void ward_page_free(struct ward_page *page)
{
	if (!page)
		return;
	page_text_free(&page->seen);
	page_text_free(&page->aside);
	ward_buf_free(&page->decoded);
	ward_buf_free(&page->excerpts);
	ward_decoder_free(page->decoder);
	ward_fold_free(page->fold);
	ward_html_free(page->html);
	free(page->counts);
	free(page->found);
	free(page);
}

void ward_page_begin(struct ward_page *page, ward_str content_type)
{
	if (content_type.len >= sizeof(page->content_type))
		content_type.len = sizeof(page->content_type) - 1;
	memcpy(page->content_type, content_type.ptr ? content_type.ptr : "", content_type.len);
	page->content_type[content_type.len] = 0;
	page->head_len = page->decoded_before = 0;
	page->begun = page->is_html = page->is_text = page->failed = false;
	page->hidden_depth = 0;
	ward_decoder_free(page->decoder);
	page->decoder = NULL;
	ward_html_reset(page->html);
	page_text_clear(&page->seen);
	page_text_clear(&page->aside);
	ward_buf_clear(&page->decoded);
	ward_buf_clear(&page->excerpts);
	page->found_count = 0;
	page->result = (struct ward_page_result){ .hits = page->hits, .encoding_by = "default" };
}

/* ---- what it is ---- */

static bool begins_with(ward_bytes head, const char *text)
{
	size_t len = strlen(text);

	return head.len >= len &&
	       ward_str_eq_nocase((ward_str){ (const char *)head.ptr, len }, ward_str_from(text));
}

/* As the WHATWG's "MIME Sniffing" knows HTML by its first tag; a byte of control is no text. */
static void sniff(struct ward_page *page, ward_bytes head)
{
	static const char *const tags[] = { "<!doctype html", "<html", "<head", "<script",
		"<iframe", "<h1", "<div", "<font", "<table", "<a", "<style", "<title", "<b",
		"<body", "<br", "<p", "<!--", "<meta" };
	struct encoding encoding = encoding_choose(head, WARD_STR(""), false);

	page->is_text = encoding.mark_len > 0 || !memchr(head.ptr, 0, head.len);
	while (head.len > 0 && (utf8_is_space(*head.ptr) || encoding.mark_len > 0)) {
		head.ptr++;
		head.len--;
		encoding.mark_len -= encoding.mark_len > 0;
	}
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		page->is_html |= begins_with(head, tags[i]);
}

/* No type, what is none, and those that say nothing: browsers look at the bytes then. */
static bool says_nothing(ward_str type)
{
	return !memchr(type.ptr, '/', type.len) || ward_str_eq(type, WARD_STR("*/*")) ||
	       ward_str_eq_nocase(type, WARD_STR("unknown/unknown")) ||
	       ward_str_eq_nocase(type, WARD_STR("application/unknown"));
}

static void choose_kind(struct ward_page *page, ward_bytes head)
{
	ward_str type = ward_str_from(page->content_type);

	type = ward_str_trim(ward_str_cut(&type, ';'));
	if (says_nothing(type)) {
		sniff(page, head);
	} else if (ward_str_eq_nocase(type, WARD_STR("text/html")) ||
			ward_str_eq_nocase(type, WARD_STR("application/xhtml+xml"))) {
		page->is_html = true;
	} else {
		type.len = type.len > 5 ? 5 : type.len;
		page->is_text = ward_str_eq_nocase(type, WARD_STR("text/"));
	}
}

/* ---- bytes ---- */

static void read_decoded(struct ward_page *page, ward_bytes text)
{
	if (page->is_html) {
		ward_html_feed(page->html, text);
	} else if (page->is_text) {
		struct page_piece piece = { .source = page->decoded_before };

		page_text_add(&page->seen, (ward_str){ (const char *)text.ptr, text.len }, piece);
	}
	page->decoded_before += text.len;
}

static void read_bytes(struct ward_page *page, ward_bytes bytes)
{
	while (bytes.len > 0 && !page->failed && (page->is_html || page->is_text)) {
		size_t len = bytes.len > PIECE ? PIECE : bytes.len;

		ward_buf_clear(&page->decoded);
		ward_decoder_feed(page->decoder, (ward_bytes){ bytes.ptr, len }, &page->decoded);
		read_decoded(page, (ward_bytes){ (const uint8_t *)page->decoded.ptr,
						   page->decoded.len });
		page->failed |= page->decoded.failed || page->seen.text.failed ||
				page->aside.text.failed;
		bytes = (ward_bytes){ bytes.ptr + len, bytes.len - len };
	}
}

/* The first bytes are there, or all: what kind of page in which encoding? */
static void begin_reading(struct ward_page *page)
{
	ward_bytes head = { page->head, page->head_len };
	struct encoding encoding;

	choose_kind(page, head);
	encoding = encoding_choose(head, ward_str_from(page->content_type), page->is_html);
	page->begun = true;
	page->decoder = ward_decoder_new(&encoding);
	page->result.html = page->is_html;
	page->result.encoding_by = encoding.by;
	snprintf(page->result.encoding, sizeof(page->result.encoding), "%s", encoding.name);
	if (!page->decoder) {
		page->failed = true;
		return;
	}
	/* Offsets of UTF-8 are those of the page, its mark included. */
	if (!encoding.system)
		encoding.mark_len = 0;
	read_bytes(page,
			(ward_bytes){ head.ptr + encoding.mark_len, head.len - encoding.mark_len });
}

static ward_err failed(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "no memory to read the page in");
}

ward_err ward_page_feed(struct ward_page *page, ward_bytes piece, struct ward_error *error)
{
	size_t taken = page->options.bytes_max - (size_t)page->result.bytes;

	if (piece.len > taken) {
		page->result.cut = true;
		piece.len = taken;
	}
	page->result.bytes += piece.len;
	if (!page->begun) {
		size_t room = sizeof(page->head) - page->head_len;
		size_t len = piece.len < room ? piece.len : room;

		if (len > 0)
			memcpy(page->head + page->head_len, piece.ptr, len);
		page->head_len += len;
		piece = (ward_bytes){ piece.ptr + len, piece.len - len };
		if (page->head_len == sizeof(page->head))
			begin_reading(page);
	}
	read_bytes(page, piece);
	return page->failed ? failed(error) : WARD_OK;
}

ward_err ward_page_end(struct ward_page *page, const struct ward_page_facts *facts,
		const struct ward_page_result **result, struct ward_error *error)
{
	static const struct ward_page_facts none;
	ward_err err;

	if (!page->begun)
		begin_reading(page);
	if (page->decoder) {
		ward_buf_clear(&page->decoded);
		ward_decoder_end(page->decoder, &page->decoded);
		read_decoded(page, (ward_bytes){ (const uint8_t *)page->decoded.ptr,
						   page->decoded.len });
	}
	if (page->is_html)
		ward_html_end(page->html);
	/* What is said of pictures stands behind what is seen. */
	page_text_break(&page->seen);
	for (size_t i = 0; i < page->aside.piece_count; i++) {
		const struct page_piece *piece = &page->aside.pieces[i];
		size_t end = i + 1 < page->aside.piece_count ? page->aside.pieces[i + 1].at
							     : page->aside.text.len;

		page_text_add(&page->seen,
				(ward_str){ page->aside.text.ptr + piece->at, end - piece->at },
				*piece);
	}
	if (page->failed || page->seen.text.failed || page->aside.text.failed)
		return failed(error);
	err = page_judge(page, facts ? facts : &none, error);
	if (err)
		return err;
	*result = &page->result;
	return WARD_OK;
}
