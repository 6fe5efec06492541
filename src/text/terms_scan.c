/*
 * Looking for all terms at once: the words of a text by their hashes, what
 * counts anywhere by the bytes it begins with.
 */
#include "text/terms.h"
#include "text/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* A table, ready to be asked. */
struct lookup {
	const uint64_t *bits;
	const struct terms_slot *slots;
	uint32_t bits_log, slots_log, bytes;
	bool joined;
};

struct scan {
	const struct ward_terms *terms;
	struct lookup words, parts[TERMS_GRAMS];
	unsigned parts_used; /* bits by enum terms_gram */
	const struct ward_fold *fold;
	const char *text; /* folded; FOLD_SLACK bytes more can be read */
	size_t len;
	terms_visit *visit;
	void *context;
	bool stopped;
	uint32_t spelled; /* how often it was looked whether a spelling was the text's own */
};

static struct lookup lookup_of(const struct ward_terms *terms, const struct terms_table *table,
		bool joined)
{
	return (struct lookup){
		.bits = (const uint64_t *)(const void *)(terms->block + table->bits_at),
		.slots = (const struct terms_slot *)(const void *)(terms->block + table->slots_at),
		.bits_log = table->bits_log,
		.slots_log = table->slots_log,
		.bytes = table->bytes,
		.joined = joined,
	};
}

static inline bool maybe(const struct lookup *lookup, uint64_t key)
{
	uint64_t bit = terms_place(key, lookup->bits_log);

	return lookup->bits[bit / 64] >> bit % 64 & 1;
}

/* The pattern that a chain of those with this key begins with. */
static uint32_t chain_of(const struct lookup *lookup, uint64_t key)
{
	uint64_t mask = (UINT64_C(1) << lookup->slots_log) - 1;

	for (uint64_t at = terms_place(key, lookup->slots_log);; at = (at + 1) & mask) {
		if (lookup->slots[at].first == TERMS_NONE || lookup->slots[at].key == key)
			return lookup->slots[at].first;
	}
}

/* ---- is it one ---- */

/* In a row of joined letters words may begin and end anywhere. */
static const struct fold_range *range_of(const struct ward_fold *fold, size_t at)
{
	size_t low = 0, high = fold->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (fold->ranges[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < fold->range_count && fold->ranges[low].start <= at ? &fold->ranges[low] : NULL;
}

static bool is_edge(const struct scan *scan, size_t at)
{
	const struct fold_range *range;

	if (at == 0 || at >= scan->len || scan->text[at - 1] == ' ' || scan->text[at] == ' ')
		return true;
	range = range_of(scan->fold, at - 1);
	return range && at <= range->end;
}

static bool stood_for(const uint8_t *at, size_t len, char spelled)
{
	if (spelled == 'i')
		return len > 0 && (*at == '1' || *at == '|' || *at == '!' || *at == 'I');
	/* Capitals of Cyrillic: U+0410..U+042F */
	return len == 2 && at[0] == 0xd0 && at[1] >= 0x90 && at[1] <= 0xaf;
}

/*
 * A different spelling counts only where the text had it.  To see that, a piece of the text is
 * folded again, some 9 us each time; a text that is nothing but such places ("ioi ioi ioi") would
 * keep a thread for seconds.  Whoever writes one is taken at the word, from the 16 384th on.
 */
enum { SPELLED_MAX = 1 << 14 };

static bool was_spelled(struct scan *scan, const struct terms_pattern *pattern, size_t at)
{
	if (scan->spelled == SPELLED_MAX)
		return true;
	scan->spelled++;
	for (uint64_t left = pattern->spelled; left; left &= left - 1) {
		size_t place = at + (size_t)__builtin_ctzll(left);
		struct ward_fold_span span = ward_fold_source(scan->fold, place, 1);

		if (!stood_for(scan->fold->text + span.offset, span.len, scan->text[place]))
			return false;
	}
	return true;
}

static void tell(struct scan *scan, const struct terms_pattern *pattern, size_t at)
{
	const struct terms_use *uses =
			(const struct terms_use *)(const void *)(scan->terms->block +
								 scan->terms->header.uses_at) +
			pattern->use_first;

	for (uint32_t i = 0; i < pattern->use_count && !scan->stopped; i++) {
		const struct terms_found found = { uses[i].term, uses[i].part, at,
			pattern->text.len };

		scan->stopped = !scan->visit(scan->context, &found);
	}
}

/* 8 bytes behind both can be read: most are short, and the call of memcmp would cost more. */
static bool same_bytes(const char *a, const char *b, size_t len)
{
	for (; len > 8; len -= 8, a += 8, b += 8) {
		if (terms_load(a) != terms_load(b))
			return false;
	}
	return terms_gram_key(a, len) == terms_gram_key(b, len);
}

static bool is_there(struct scan *scan, const struct terms_pattern *pattern, size_t at)
{
	const char *text = (const char *)scan->terms->block + scan->terms->header.strings_at +
			   pattern->text.at;
	size_t len = pattern->text.len;

	if (len > scan->len - at || !same_bytes(scan->text + at, text, len))
		return false;
	if (!(pattern->flags & TERMS_PART)) {
		if (!(pattern->flags & TERMS_WIDE_START) && !is_edge(scan, at))
			return false;
		if (!(pattern->flags & TERMS_WIDE_END) && !is_edge(scan, at + len))
			return false;
	}
	return !pattern->spelled || was_spelled(scan, pattern, at);
}

/* In a row, what is a word of its own was found as one. */
static bool found_before(const struct scan *scan, const struct terms_pattern *pattern, size_t at)
{
	size_t end = at + pattern->text.len;

	return (at == 0 || scan->text[at - 1] == ' ') &&
	       (end >= scan->len || scan->text[end] == ' ');
}

static void try_chain(struct scan *scan, const struct lookup *lookup, uint64_t key, size_t at)
{
	const struct terms_pattern *patterns = (const struct terms_pattern *)(const void
					*)(scan->terms->block + scan->terms->header.patterns_at);
	uint32_t number = chain_of(lookup, key);

	while (number != TERMS_NONE && !scan->stopped) {
		const struct terms_pattern *pattern = &patterns[number];

		if (is_there(scan, pattern, at) &&
				!(lookup->joined && found_before(scan, pattern, at)))
			tell(scan, pattern, at);
		number = lookup->joined ? pattern->next_joined : pattern->next;
	}
}

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
 * begins.  First all are asked about, then the few that may be some are looked at: words are as
 * long as they like, and a branch for each would be guessed wrong too often.
 */
static size_t scan_words(struct scan *scan, size_t start, size_t at, uint64_t ends)
{
	const struct lookup *words = &scan->words;
	uint64_t keys[64];
	size_t starts[64], count = 0;

	for (; ends; ends &= ends - 1) {
		size_t end = at + (size_t)__builtin_ctzll(ends);

		keys[count] = terms_word_key(scan->text + start, end - start);
		starts[count] = start;
		count += maybe(words, keys[count]);
		start = end + 1;
	}
	for (size_t i = 0; i < count && !scan->stopped; i++)
		try_chain(scan, words, keys[i], starts[i]);
	return start;
}

/* ---- anywhere ---- */

static void try_gram(struct scan *scan, enum terms_gram gram, size_t at)
{
	const struct lookup *lookup = &scan->parts[gram];

	if (lookup->bytes <= scan->len - at)
		try_chain(scan, lookup, terms_gram_key(scan->text + at, lookup->bytes), at);
}

static void try_grams(struct scan *scan, size_t at, unsigned grams)
{
	for (; grams && !scan->stopped; grams &= grams - 1)
		try_gram(scan, (enum terms_gram)__builtin_ctz(grams), at);
}

/* As with words: first all are asked about. */
static void try_sixes(struct scan *scan, size_t at, uint8_t *places, size_t count)
{
	uint8_t grams[64];
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		grams[kept] = (uint8_t)(terms_grams_at(&scan->terms->filter,
							scan->text + at + places[i]) &
					scan->parts_used);
		places[kept] = places[i];
		kept += grams[kept] != 0;
	}
	for (size_t i = 0; i < kept && !scan->stopped; i++)
		try_grams(scan, at + places[i], grams[i]);
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

/* What begins at one of `places`, of 64 bytes. */
static void scan_places(struct scan *scan, enum terms_start start, size_t at, uint64_t places)
{
	uint8_t found[64];
	size_t count = terms_starts_among(scan->terms->filter.starts[start], start, scan->text + at,
			places, found);

	if (start == TERMS_SIXES) {
		try_sixes(scan, at, found, count);
		return;
	}
	for (size_t i = 0; i < count && !scan->stopped; i++)
		try_gram(scan, start == TERMS_FOURS ? TERMS_4 : TERMS_2, at + found[i]);
}

static void scan_starts(struct scan *scan, size_t at, const struct places *places,
		const struct places *next)
{
	const struct terms_filter *filter = &scan->terms->filter;
	const uint64_t letters = ~places->spaces & ~places->inside;
	uint64_t asked[TERMS_STARTS] = { letters, letters, letters };

	if (!filter->spaced) {
		for (enum terms_start start = 0; start < TERMS_STARTS; start++)
			asked[start] &= without_spaces(places->spaces, next->spaces,
					terms_start_bytes(start));
	}
	if (filter->used[TERMS_SIXES])
		scan_places(scan, TERMS_SIXES, at, asked[TERMS_SIXES]);
	if (filter->used[TERMS_FOURS])
		scan_places(scan, TERMS_FOURS, at, asked[TERMS_FOURS]);
	if (filter->used[TERMS_TWOS])
		scan_places(scan, TERMS_TWOS, at, asked[TERMS_TWOS]);
}

static void scan_blocks(struct scan *scan)
{
	struct places next = places_at(scan, 0);
	size_t start = 0;

	for (size_t at = 0; at < scan->len && !scan->stopped; at += 64) {
		struct places places = next;
		uint64_t ends = places.spaces;

		next = places_at(scan, at + 64);
		if (scan->len - at < 64)
			ends &= (UINT64_C(1) << (scan->len - at)) - 1;
		start = scan_words(scan, start, at, ends);
		scan_starts(scan, at, &places, &next);
	}
	/* The last word ends with the text. */
	if (start < scan->len && !scan->stopped)
		scan_words(scan, start, scan->len, 1);
}

/* ---- in rows of joined letters ---- */

static void scan_range(struct scan *scan, const struct terms_table *table, size_t at, size_t end)
{
	const struct lookup lookup = lookup_of(scan->terms, table, true);

	if (table->used == 0 || scan->len < lookup.bytes)
		return;
	if (end > scan->len - lookup.bytes + 1)
		end = scan->len - lookup.bytes + 1;
	for (; at < end && !scan->stopped; at++) {
		uint64_t key = terms_gram_key(scan->text + at, lookup.bytes);

		if (maybe(&lookup, key))
			try_chain(scan, &lookup, key, at);
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
		scan.parts_used |= (unsigned)(terms->header.parts[gram].used > 0) << gram;
	}
	scan_blocks(&scan);
	for (enum terms_gram gram = 0; gram < TERMS_GRAMS; gram++) {
		for (size_t range = 0; range < fold->range_count; range++)
			scan_range(&scan, &terms->header.joined[gram], fold->ranges[range].start,
					fold->ranges[range].end);
	}
}
