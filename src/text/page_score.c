/*
 * From the text of a page to hits, and from hits to a score whose parts add up.
 *
 * The weights of what is no term are the project's own and small beside those
 * of terms (10 each unless the list says otherwise); what they mean for whom is
 * the gate's to say.
 */
#include "text/page.h"

#include <math.h>

#include "text/page_near.h"

#define WEIGHT_LINK    20.0
#define WEIGHT_PICTURE 30.0
#define WEIGHT_ADDRESS 5.0
#define WEIGHT_DIGITS  2.0
#define WEIGHT_MIXED   10.0
#define WEIGHT_DEEP    2.0
#define WEIGHT_NEW     3.0
#define DENSE          0.1 /* hits a word at which `density` is as much as `terms` */

/* In place of how often a part was found: more often than was kept. */
#define LEFT_OUT UINT16_MAX

/* ---- what was found ---- */

static uint16_t *count_of(struct ward_page *page, const struct page_found *found)
{
	return &page->counts[(size_t)found->term * WARD_TERM_PARTS_MAX + found->part];
}

/*
 * How often one is taken in, by how much room is left.  A word that hundreds of
 * combinations share is found for each of them: said often enough in front, it
 * would fill the room before the rest of the page is looked at.
 */
static uint16_t found_each(size_t found_count)
{
	if (found_count < PAGE_FOUND_MAX / 4)
		return PAGE_FOUND_EACH;
	return found_count < PAGE_FOUND_MAX / 2 ? PAGE_FOUND_EACH / 16 : 1;
}

static bool see_found(void *context, const struct terms_found *found)
{
	struct ward_page *page = context;
	uint16_t *count = &page->counts[(size_t)found->term * WARD_TERM_PARTS_MAX + found->part];

	/* One that is everywhere leaves room for the others. */
	if (*count >= found_each(page->found_count)) {
		*count = LEFT_OUT;
		return true;
	}
	if (page->found_count == PAGE_FOUND_MAX)
		return false;
	++*count;
	page->found[page->found_count++] = (struct page_found){ found->term, found->part,
		(uint32_t)found->at, (uint32_t)found->len, 0 };
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct page_found *one = a, *two = b;

	if (one->at != two->at)
		return one->at < two->at ? -1 : 1;
	if (one->term != two->term)
		return one->term < two->term ? -1 : 1;
	return one->part < two->part ? -1 : one->part > two->part;
}

static size_t count_spaces(ward_str text, size_t from, size_t to)
{
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		count += text.ptr[i] == ' ';
	return count;
}

/* Which word each stands in; returns how many words there are. */
static size_t number_words(struct ward_page *page, ward_str folded)
{
	size_t word = 0, at = 0;

	for (size_t i = 0; i < page->found_count; i++) {
		word += count_spaces(folded, at, page->found[i].at);
		at = page->found[i].at;
		page->found[i].word = (uint32_t)word;
	}
	return folded.len == 0 ? 0 : word + count_spaces(folded, at, folded.len) + 1;
}

/* ---- combinations ---- */

static int by_term(const void *a, const void *b)
{
	const struct page_found *one = a, *two = b;

	if (one->term != two->term)
		return one->term < two->term ? -1 : 1;
	if (one->part != two->part)
		return one->part < two->part ? -1 : 1;
	return one->word < two->word ? -1 : one->word > two->word;
}

/* Is one of `count` (in order of words) at most `within` words away? */
static bool one_is_near(const struct page_found *found, size_t count, uint32_t word,
		uint32_t within)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uint64_t)found[middle].word + within < word)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && found[low].word <= (uint64_t)word + within;
}

/* The finds of one combination, in order of parts: are all of it near this one of its first? */
static bool is_whole(const struct page_found *found, size_t count, const struct ward_term *term,
		uint32_t word)
{
	size_t at = 0;

	for (uint32_t part = 0; part <= term->with_count; part++) {
		size_t start = at;

		while (at < count && found[at].part == part)
			at++;
		if (at == start)
			return false;
		if (part > 0 && term->within > 0 &&
				!one_is_near(found + start, at - start, word, term->within))
			return false;
	}
	return true;
}

/* ---- those whose parts are said too often ---- */

static bool parts_left_out(struct ward_page *page, uint32_t number, const struct ward_term *term)
{
	const uint16_t *counts = &page->counts[(size_t)number * WARD_TERM_PARTS_MAX];
	bool left_out = false;

	for (size_t part = 0; part <= term->with_count; part++) {
		if (counts[part] == 0)
			return false; /* it is not there at all */
		left_out |= counts[part] == LEFT_OUT;
	}
	return left_out;
}

static bool any_is_whole(const struct page_found *found, size_t count, const struct ward_term *term)
{
	for (size_t i = 0; i < count && found[i].part == 0; i++) {
		if (is_whole(found, count, term, found[i].word))
			return true;
	}
	return false;
}

/* `*near` is made for the first. */
static void look_again(struct ward_page *page, ward_str folded, uint32_t number,
		const struct ward_term *term, struct page_near **near)
{
	if (!*near)
		*near = page_near_new(page, folded);
	if (!*near || !page_near_add(*near, number, term))
		page->result.crowded = true;
}

struct adding {
	struct ward_page *page;
	size_t count; /* behind what was found */
};

static void add_whole(void *context, const struct page_found *found)
{
	struct adding *adding = context;

	if (adding->count == PAGE_FOUND_MAX)
		adding->page->result.crowded = true;
	else
		adding->page->found[adding->count++] = *found;
}

/* Combinations that are whole, and not by what was kept, behind it: returns where they end. */
static size_t find_near(struct ward_page *page, ward_str folded)
{
	struct adding adding = { page, page->found_count };
	struct page_near *near = NULL;
	size_t end;

	for (size_t start = 0; start < page->found_count; start = end) {
		const struct page_found *found = page->found + start;
		struct ward_term term = ward_terms_at(page->terms, found->term);

		for (end = start; end < page->found_count && page->found[end].term == found->term;)
			end++;
		if (term.within > 0 && parts_left_out(page, found->term, &term) &&
				!any_is_whole(found, end - start, &term))
			look_again(page, folded, found->term, &term, &near);
	}
	if (near && !page_near_find(near, add_whole, &adding))
		page->result.crowded = true;
	page_near_free(near);
	return adding.count;
}

/* Of one term: leaves its first part where all the others are near, from `kept` on. */
static size_t keep_term(struct ward_page *page, size_t start, size_t end, size_t kept)
{
	const struct ward_term term = ward_terms_at(page->terms, page->found[start].term);

	/* What is kept is written over what was looked at: a copy of none of it is needed, as the
	 * first parts come first. */
	for (size_t i = start; i < end && page->found[i].part == 0; i++) {
		if (term.with_count > 0 && !is_whole(page->found + start, end - start, &term,
							   page->found[i].word))
			page->found[i].len = 0;
	}
	for (size_t i = start; i < end && page->found[i].part == 0; i++) {
		if (page->found[i].len > 0)
			page->found[kept++] = page->found[i];
	}
	return kept;
}

/* Leaves those that count: terms, and the first parts of combinations that are whole. */
static void keep_whole(struct ward_page *page, ward_str folded)
{
	size_t kept = 0, count = page->found_count, with_added, end;

	qsort(page->found, count, sizeof(*page->found), by_term);
	with_added = find_near(page, folded);
	for (size_t i = 0; i < count; i++)
		*count_of(page, &page->found[i]) = 0;
	for (size_t start = 0; start < count; start = end) {
		for (end = start; end < count && page->found[end].term == page->found[start].term;)
			end++;
		kept = keep_term(page, start, end, kept);
	}
	for (size_t i = count; i < with_added; i++)
		page->found[kept++] = page->found[i];
	page->found_count = kept;
	qsort(page->found, kept, sizeof(*page->found), by_place);
}

/* ---- hits ---- */

static bool is_inside(char c)
{
	return ((uint8_t)c & 0xc0) == 0x80;
}

/* A few words around, in one line. */
static ward_str excerpt(struct ward_page *page, struct ward_fold_span span)
{
	const struct ward_buf *text = &page->seen.text;
	size_t around = page->options.excerpt_max > span.len
					? (page->options.excerpt_max - span.len) / 2
					: 0;
	size_t from = span.offset > around ? span.offset - around : 0;
	size_t to = span.offset + span.len + around, start = page->excerpts.len;

	if (to > text->len)
		to = text->len;
	if (to - from > page->options.excerpt_max)
		to = from + page->options.excerpt_max;
	while (from < to && is_inside(text->ptr[from]))
		from++;
	while (to > from && to < text->len && is_inside(text->ptr[to]))
		to--;
	for (size_t i = from; i < to; i++)
		ward_buf_char(&page->excerpts, (uint8_t)text->ptr[i] < ' ' ? ' ' : text->ptr[i]);
	return (ward_str){ NULL, page->excerpts.len - start };
}

static struct ward_page_hit hit_of(struct ward_page *page, const struct page_found *found)
{
	struct ward_fold_span span = ward_fold_source(page->fold, found->at, found->len);
	struct page_piece first = page_text_place(&page->seen, span.offset);
	struct page_piece last =
			page_text_place(&page->seen, span.offset + (span.len ? span.len - 1 : 0));
	size_t end = last.source + (last.source_len ? last.source_len : 1);

	return (struct ward_page_hit){
		.term = found->term,
		.where = first.where,
		.offset = first.source,
		.len = end > first.source ? end - first.source : 0,
		.word = found->word,
		.excerpt = excerpt(page, span),
	};
}

static void make_hits(struct ward_page *page)
{
	struct ward_page_result *result = &page->result;
	size_t at = 0;

	result->hit_total = page->found_count;
	if (page->options.score_only)
		return;
	for (size_t i = 0; i < page->found_count && i < WARD_PAGE_HITS_MAX; i++)
		page->hits[result->hit_count++] = hit_of(page, &page->found[i]);
	/* The buffer is where it stays by now. */
	for (size_t i = 0; i < result->hit_count; i++) {
		page->hits[i].excerpt.ptr = page->excerpts.ptr + at;
		at += page->hits[i].excerpt.len;
	}
}

/* ---- the score ---- */

/* The weight once, and again by half for each time more: less than twice in all. */
static double diminished(double weight, uint64_t count)
{
	return count == 0 ? 0 : weight * (2 - exp2(1 - (double)(count > 64 ? 64 : count)));
}

static void add_terms(struct ward_page *page, struct ward_page_score *score)
{
	uint64_t positive = 0;

	for (size_t i = 0; i < page->found_count; i++)
		++*count_of(page, &page->found[i]);
	for (size_t i = 0; i < page->found_count; i++) {
		uint16_t *counted = count_of(page, &page->found[i]), count = *counted;
		uint32_t number = page->found[i].term;
		struct ward_term term;

		if (count == 0)
			continue;
		*counted = 0;
		term = ward_terms_at(page->terms, number);
		score->banned |= term.kind == WARD_TERM_BANNED;
		score->exception |= term.kind == WARD_TERM_EXCEPTION;
		if (term.kind == WARD_TERM_EXCEPTION)
			continue;
		if (term.weight < 0)
			score->harmless += diminished(term.weight, count);
		else
			score->terms += diminished(term.weight, count);
		positive += term.weight > 0 ? count : 0;
	}
	if (page->result.words > 0)
		score->density = score->terms *
				 fmin(1, (double)positive / (double)page->result.words / DENSE);
	if (score->exception)
		score->terms = score->density = score->harmless = 0;
}

static double host_weight(const struct ward_page_facts *facts)
{
	return (facts->host & WARD_HOST_FACT_ADDRESS ? WEIGHT_ADDRESS : 0) +
	       (facts->host & WARD_HOST_FACT_DIGITS ? WEIGHT_DIGITS : 0) +
	       (facts->host & WARD_HOST_FACT_MIXED ? WEIGHT_MIXED : 0) +
	       (facts->host & WARD_HOST_FACT_DEEP ? WEIGHT_DEEP : 0) +
	       (facts->host & WARD_HOST_FACT_NEW ? WEIGHT_NEW : 0);
}

ward_err page_judge(struct ward_page *page, const struct ward_page_facts *facts,
		struct ward_error *error)
{
	struct ward_page_score score = { 0 };
	ward_str folded;
	ward_err err = ward_fold_text(page->fold, ward_buf_text(&page->seen.text), &folded, error);

	if (err)
		return err;
	if (page->terms)
		terms_scan(page->terms, page->fold, see_found, page);
	qsort(page->found, page->found_count, sizeof(*page->found), by_place);
	page->result.words = number_words(page, folded);
	keep_whole(page, folded);
	make_hits(page);
	add_terms(page, &score);
	score.links = diminished(WEIGHT_LINK, facts->listed_links);
	score.pictures = diminished(WEIGHT_PICTURE, facts->pictures);
	score.host = host_weight(facts);
	score.total = score.terms + score.density + score.harmless + score.links + score.pictures +
		      score.host;
	page->result.score = score;
	if (page->excerpts.failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory to read the page in");
	return WARD_OK;
}

/* ---- hosts ---- */

static bool is_address(ward_str host)
{
	bool digits = host.len > 0;

	for (size_t i = 0; i < host.len; i++)
		digits &= (uint8_t)(host.ptr[i] - '0') < 10 || host.ptr[i] == '.';
	return digits || (host.len > 0 && host.ptr[0] == '[');
}

/* Latin letters beside those of Greek and Cyrillic, or an A-label, of which nobody can say. */
static bool is_mixed(ward_str label)
{
	bool latin = false, other = false;

	for (size_t i = 0; i < label.len; i++) {
		uint8_t c = (uint8_t)label.ptr[i];

		latin |= (uint8_t)((c | 0x20) - 'a') < 26;
		other |= c >= 0xcd && c <= 0xd4; /* U+0340..U+053F begin so */
	}
	return (latin && other) || ward_str_starts(label, WARD_STR("xn--"));
}

unsigned ward_page_host_facts(ward_str host)
{
	unsigned facts = 0, labels = 0;

	if (is_address(host))
		return WARD_HOST_FACT_ADDRESS;
	while (host.len > 0) {
		ward_str label = ward_str_cut(&host, '.');
		unsigned digits = 0;

		for (size_t i = 0; i < label.len; i++)
			digits += (uint8_t)(label.ptr[i] - '0') < 10;
		facts |= digits >= 3 ? WARD_HOST_FACT_DIGITS : 0;
		facts |= is_mixed(label) ? WARD_HOST_FACT_MIXED : 0;
		labels++;
	}
	return facts | (labels > 4 ? WARD_HOST_FACT_DEEP : 0);
}
