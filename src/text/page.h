/* page.h - a page reader's insides, for the files it is made of */
#ifndef TEXT_PAGE_H
#define TEXT_PAGE_H

#include "text/encoding.h"
#include "text/html.h"
#include "text/terms.h"

/* Text that lies in one piece in the page, or stands for a piece of it. */
struct page_piece {
	size_t at;         /* in the reader's text */
	size_t source;     /* in the page */
	size_t source_len; /* 0: as long as the text */
	ward_page_where where;
};

/* The text of a page as its reader has it: what is seen, then what is not. */
struct page_text {
	struct ward_buf text;
	struct page_piece *pieces;
	size_t piece_count, piece_room;
};

struct page_found {
	uint32_t term, part;
	uint32_t at, len; /* folded */
	uint32_t word;
};

#define PAGE_FOUND_MAX  65536
#define PAGE_FOUND_EACH 256 /* of one term or part of it */

struct ward_page {
	const struct ward_terms *terms;
	struct ward_page_options options;
	struct ward_fold *fold;
	struct ward_html *html;

	/* from bytes to text */
	char content_type[256];
	uint8_t head[ENCODING_HEAD];
	size_t head_len;
	bool begun, is_html, is_text, failed;
	struct ward_decoder *decoder;
	struct ward_buf decoded;
	size_t decoded_before; /* bytes in UTF-8 that were read before this piece */
	struct page_text seen, aside;
	ward_page_where where; /* of text at hand */
	char hidden_by[HTML_NAME_MAX + 1];
	unsigned hidden_depth;

	/* from text to a result */
	struct page_found *found;
	size_t found_count;
	uint16_t *counts; /* of each term's parts: how often it was found */
	struct ward_page_hit hits[WARD_PAGE_HITS_MAX];
	struct ward_buf excerpts;
	struct ward_page_result result;
};

void page_text_init(struct page_text *text, size_t bytes_max);
void page_text_clear(struct page_text *text);
void page_text_free(struct page_text *text);
/* Adds text; false and failed without memory. */
void page_text_add(struct page_text *text, ward_str more, struct page_piece piece);
/* Ends a word. */
void page_text_break(struct page_text *text);
/* Where `at` of the text stands in the page, and in what. */
struct page_piece page_text_place(const struct page_text *text, size_t at);

/* What the tokenizer tells goes here (page_html.c). */
void page_see_text(void *context, const struct html_text *text);
void page_see_tag(void *context, const struct html_tag *tag);
/* The attributes it looks at. */
extern const char *const page_attributes[];

/* Fills `result` from the text (page_score.c). */
ward_err page_judge(struct ward_page *page, const struct ward_page_facts *facts,
		struct ward_error *error) WARD_MUST_USE;

#endif
