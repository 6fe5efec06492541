/*
 * Looking for all terms at once: the words of a text by their hashes, what
 * counts anywhere by the bytes it begins with.
 */
#include "text/terms.h"
#include "text/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct scan {
	const struct ward_terms *terms;
	const struct ward_fold *fold;
	const char *text; /* folded; FOLD_SLACK bytes more can be read */
	size_t len;
	terms_visit *visit;
	void *context;
	bool stopped;
	uint32_t spelled; /* how often it was looked whether a spelling was the text's own */
};

/* A table, ready to be asked. */
struct lookup {
	const uint8_t *bits;
	const struct terms_slot *slots;
	uint32_t bits_log, slots_log, bytes;
	bool joined;
};

static struct lookup lookup_of(const struct ward_terms *terms, const struct terms_table *table,
		bool joined)
{
	return (struct lookup){
		.bits = terms->block + table->bits_at,
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

	return lookup->bits[bit / 8] >> bit % 8 & 1;
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

static bool is_there(struct scan *scan, const struct terms_pattern *pattern, size_t at)
{
	const char *text = (const char *)scan->terms->block + scan->terms->header.strings_at +
			   pattern->text.at;
	size_t len = pattern->text.len;

	if (len > scan->len - at || memcmp(scan->text + at, text, len) != 0)
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

static inline void try_word(struct scan *scan, const struct lookup *words, size_t start, size_t end)
{
	uint64_t key = terms_word_hash(scan->text + start, end - start);

	if (maybe(words, key))
		try_chain(scan, words, key, start);
}

/* The spaces among 64 bytes. */
static uint64_t spaces_at(const char *text)
{
	uint64_t mask = 0;

#if defined(__SSE2__)
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + i));

		bytes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
		mask |= (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << i;
	}
#else
	for (unsigned i = 0; i < 64; i++)
		mask |= (uint64_t)(text[i] == ' ') << i;
#endif
	return mask;
}

static void scan_words(struct scan *scan)
{
	const struct lookup words = lookup_of(scan->terms, &scan->terms->header.words, false);
	size_t start = 0;

	for (size_t at = 0; at < scan->len && !scan->stopped; at += 64) {
		uint64_t spaces = spaces_at(scan->text + at);

		if (scan->len - at < 64)
			spaces &= (UINT64_C(1) << (scan->len - at)) - 1;
		for (; spaces; spaces &= spaces - 1) {
			size_t end = at + (size_t)__builtin_ctzll(spaces);

			try_word(scan, &words, start, end);
			start = end + 1;
		}
	}
	if (start < scan->len && !scan->stopped)
		try_word(scan, &words, start, scan->len);
}

/* ---- anywhere ---- */

/* The next place, from `at` on, that may begin a pattern of this table; `end` when there is none.
 */
static inline size_t next_place(const char *text, size_t at, size_t end, const uint8_t *bits,
		uint32_t log, size_t bytes)
{
	const uint64_t mask = bytes < 8 ? ~(~UINT64_C(0) << 8 * bytes) : ~UINT64_C(0);

	for (; at < end; at++) {
		uint64_t key = bytes == 16 ? terms_long_gram(text + at)
					   : terms_load(text + at) & mask;
		uint64_t bit = terms_place(key, log);

		if (bits[bit / 8] >> bit % 8 & 1)
			break;
	}
	return at;
}

/* The loop for each number of bytes is one of its own: in it the number is known. */
static size_t next_of(const struct scan *scan, const struct lookup *lookup, size_t at, size_t end)
{
	switch (lookup->bytes) {
	case 16:
		return next_place(scan->text, at, end, lookup->bits, lookup->bits_log, 16);
	case 8:
		return next_place(scan->text, at, end, lookup->bits, lookup->bits_log, 8);
	case 4:
		return next_place(scan->text, at, end, lookup->bits, lookup->bits_log, 4);
	default:
		return next_place(scan->text, at, end, lookup->bits, lookup->bits_log, 2);
	}
}

static uint64_t key_at(const char *text, size_t bytes)
{
	return bytes == 16 ? terms_long_gram(text) : terms_gram(text, bytes);
}

static void scan_bytes(struct scan *scan, const struct terms_table *table, bool joined,
		size_t start, size_t end)
{
	const struct lookup lookup = lookup_of(scan->terms, table, joined);

	if (table->used == 0 || scan->len < lookup.bytes)
		return;
	if (end > scan->len - lookup.bytes + 1)
		end = scan->len - lookup.bytes + 1;
	for (size_t at = start; !scan->stopped; at++) {
		at = next_of(scan, &lookup, at, end);
		if (at >= end)
			return;
		try_chain(scan, &lookup, key_at(scan->text + at, lookup.bytes), at);
	}
}

#define FOURS (TERMS_GRAMS - 1) /* tables of four bytes and more */

/* What has four bytes or more, in one pass. */
static void scan_fours(struct scan *scan)
{
	const uint8_t *starts = scan->terms->starts;
	const char *text = scan->text;
	const size_t end = scan->len < 4 ? 0 : scan->len - 3;
	struct lookup lookups[FOURS];
	int used = 0;

	for (int i = 0; i < FOURS; i++) {
		if (scan->terms->header.parts[i].used > 0)
			lookups[used++] = lookup_of(scan->terms, &scan->terms->header.parts[i],
					false);
	}
	for (size_t at = 0; used > 0 && at < end && !scan->stopped; at++) {
		uint32_t bit;

		do {
			bit = terms_start(text + at);
		} while (!(starts[bit / 8] >> bit % 8 & 1) && ++at < end);
		for (int i = 0; i < used && at < end; i++) {
			uint64_t key;

			if (lookups[i].bytes > scan->len - at)
				continue;
			key = key_at(text + at, lookups[i].bytes);
			if (maybe(&lookups[i], key))
				try_chain(scan, &lookups[i], key, at);
		}
	}
}

void terms_scan(const struct ward_terms *terms, const struct ward_fold *fold, terms_visit *visit,
		void *context)
{
	struct scan scan = {
		.terms = terms,
		.fold = fold,
		.text = fold->out,
		.len = fold->out_len,
		.visit = visit,
		.context = context,
	};

	if (terms->header.words.used > 0)
		scan_words(&scan);
	scan_fours(&scan);
	scan_bytes(&scan, &terms->header.parts[FOURS], false, 0, scan.len);
	for (int i = 0; i < TERMS_GRAMS; i++) {
		for (size_t range = 0; range < fold->range_count; range++)
			scan_bytes(&scan, &terms->header.joined[i], true, fold->ranges[range].start,
					fold->ranges[range].end);
	}
}
