/*
 * Looking for all terms at once: the words of a text by their hashes, what
 * counts anywhere by the bytes it begins with.
 */
#include "text/terms_try.h"
#include "text/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- words ---- */

/* Of 64 bytes those that are spaces; and those inside of letters of several bytes. */
struct places {
	uint64_t spaces, inside;
};

/* Behind the text all is spaces. */
static struct places places_at(const struct scan *scan, size_t at)
{
	struct places places = { 0 };
	const char *text = scan->text + at;

	if (at >= scan->len)
		return (struct places){ ~UINT64_C(0), 0 };
#if defined(__SSE2__)
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
		__m128i spaces = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
		__m128i inside = _mm_cmplt_epi8(bytes, _mm_set1_epi8(-64)); /* 0x80..0xbf */

		places.spaces |= (uint64_t)(unsigned)_mm_movemask_epi8(spaces) << i;
		places.inside |= (uint64_t)(unsigned)_mm_movemask_epi8(inside) << i;
	}
#else
	for (unsigned i = 0; i < 64; i++) {
		places.spaces |= (uint64_t)(text[i] == ' ') << i;
		places.inside |= (uint64_t)(((uint8_t)text[i] & 0xc0) == 0x80) << i;
	}
#endif
	if (scan->len - at < 64)
		places.spaces |= ~UINT64_C(0) << (scan->len - at);
	return places;
}

/*
 * The words that end at `ends`, of which the first began at `start`; returns where the next one
 * begins.
 */
static size_t scan_words(struct scan *scan, size_t start, size_t at, uint64_t ends)
{
	const struct lookup *words = &scan->words;

	for (; ends; ends &= ends - 1) {
		size_t end = at + (size_t)__builtin_ctzll(ends);
		uint64_t key = terms_word_key(scan->text + start, end - start);

		terms_candidate_add(scan, words, key, start, maybe(words, key));
		start = end + 1;
	}
	return start;
}

/* ---- anywhere ---- */

static void add_gram(struct scan *scan, enum terms_gram gram, size_t at)
{
	const struct lookup *lookup = &scan->parts[gram];

	terms_candidate_add(scan, lookup, terms_gram_key(scan->text + at, lookup->bytes), at, 1);
}

#define PIECE 512 /* bytes whose places are looked at together */

/* Where the first step of the filter says yes, from `at` on. */
struct row {
	size_t at, count;
	uint16_t places[PIECE];
};

struct rows {
	struct row of[TERMS_STARTS];
};

/* Of the places that were found those at which one of these grams may stand. */
static void try_sixes(struct scan *scan, struct row *row)
{
	const struct terms_filter *filter = &scan->terms->filter;
	const char *text = scan->text + row->at;
	uint8_t grams[PIECE];
	size_t kept = 0, left = 0;

	for (size_t i = 0; i < row->count; i++) {
		uint16_t place = row->places[i];

		grams[kept] = (uint8_t)terms_grams_at(filter, text + place);
		row->places[kept] = place;
		kept += grams[kept] != 0;
	}
	for (size_t i = 0; i < kept; i++) {
		uint16_t place = row->places[i];

		grams[left] = (uint8_t)(grams[i] & terms_longs_at(filter, text + place) &
					scan->parts_used);
		row->places[left] = place;
		left += grams[left] != 0;
	}
	for (size_t i = 0; i < left; i++) {
		/* cppcheck-suppress uninitvar */
		for (unsigned bits = grams[i]; bits; bits &= bits - 1)
			add_gram(scan, (enum terms_gram)__builtin_ctz(bits),
					row->at + row->places[i]);
	}
}

/* What was found in a piece; the next begins at `next`. */
static void try_rows(struct scan *scan, struct rows *rows, size_t next)
{
	for (enum terms_start start = 0; start < TERMS_STARTS; start++) {
		struct row *row = &rows->of[start];

		if (start == TERMS_SIXES)
			try_sixes(scan, row);
		for (size_t i = 0; i < row->count && start != TERMS_SIXES; i++)
			add_gram(scan, start == TERMS_FOURS ? TERMS_4 : TERMS_2,
					row->at + row->places[i]);
		row->at = next;
		row->count = 0;
	}
}

/* Of 64 places those at which `bytes` (2, 4 or 6) stand without a space; `behind`: spaces beyond.
 */
static uint64_t without_spaces(uint64_t spaces, uint64_t behind, unsigned bytes)
{
	uint64_t twos = ~spaces & ~(spaces >> 1 | behind << 63);
	uint64_t more = ~behind & ~(behind >> 1), fours, sixes;

	if (bytes == 2)
		return twos;
	fours = twos & (twos >> 2 | more << 62);
	sixes = fours & (twos >> 4 | more << 60);
	return bytes == 4 ? fours : sixes;
}

static void scan_starts(const struct scan *scan, size_t at, const struct places *places,
		const struct places *next, struct rows *rows)
{
	const struct terms_filter *filter = &scan->terms->filter;

	for (enum terms_start start = 0; start < TERMS_STARTS; start++) {
		struct row *row = &rows->of[start];
		uint64_t asked = ~places->spaces & ~places->inside;

		if (!filter->used[start])
			continue;
		if (!filter->spaced)
			asked &= without_spaces(places->spaces, next->spaces,
					terms_start_bytes(start));
		row->count += terms_starts_among(filter->starts[start], start, scan->text + at,
				asked, (unsigned)(at - row->at), row->places + row->count);
	}
}

static void scan_blocks(struct scan *scan)
{
	struct places next = places_at(scan, 0);
	struct rows rows;
	size_t start = 0;

	for (enum terms_start which = 0; which < TERMS_STARTS; which++)
		rows.of[which].at = rows.of[which].count = 0;
	for (size_t at = 0; at < scan->len && !scan->stopped; at += 64) {
		struct places places = next;
		uint64_t ends = places.spaces;

		next = places_at(scan, at + 64);
		if (scan->len - at < 64)
			ends &= (UINT64_C(1) << (scan->len - at)) - 1;
		start = scan_words(scan, start, at, ends);
		scan_starts(scan, at, &places, &next, &rows);
		if ((at + 64) % PIECE == 0)
			try_rows(scan, &rows, at + 64);
	}
	try_rows(scan, &rows, scan->len);
	/* The last word ends with the text. */
	if (start < scan->len)
		scan_words(scan, start, scan->len, 1);
	terms_candidates_try(scan);
}

/* ---- in rows of joined letters ---- */

static void scan_range(struct scan *scan, const struct lookup *lookup, size_t at, size_t end)
{
	if (scan->len < lookup->bytes)
		return;
	if (end > scan->len - lookup->bytes + 1)
		end = scan->len - lookup->bytes + 1;
	for (; at < end && !scan->stopped; at++) {
		uint64_t key = terms_gram_key(scan->text + at, lookup->bytes);

		terms_candidate_add(scan, lookup, key, at, maybe(lookup, key));
	}
}

void terms_scan(const struct ward_terms *terms, const struct ward_fold *fold, terms_visit *visit,
		void *context)
{
	struct scan scan = {
		.terms = terms,
		.words = lookup_of(terms, &terms->header.words, false),
		.fold = fold,
		.text = fold->out,
		.len = fold->out_len,
		.visit = visit,
		.context = context,
	};

	for (enum terms_gram gram = 0; gram < TERMS_GRAMS; gram++) {
		scan.parts[gram] = lookup_of(terms, &terms->header.parts[gram], false);
		scan.joined[gram] = lookup_of(terms, &terms->header.joined[gram], true);
		scan.parts_used |= (unsigned)(terms->header.parts[gram].used > 0) << gram;
	}
	scan_blocks(&scan);
	for (enum terms_gram gram = 0; gram < TERMS_GRAMS; gram++) {
		if (terms->header.joined[gram].used == 0)
			continue;
		for (size_t range = 0; range < fold->range_count; range++)
			scan_range(&scan, &scan.joined[gram], fold->ranges[range].start,
					fold->ranges[range].end);
	}
	terms_candidates_try(&scan);
}
