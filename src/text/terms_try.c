/* What may stand in the text: is it a term? */
#include "text/terms_try.h"

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

/* ---- batches ---- */

static inline const struct terms_slot *slot_of(const struct terms_candidate *candidate)
{
	return &candidate->lookup->slots[terms_place(candidate->key, candidate->lookup->slots_log)];
}

static const struct terms_pattern *pattern_at(const struct scan *scan, uint32_t number)
{
	return (const struct terms_pattern *)(const void *)(scan->terms->block +
							    scan->terms->header.patterns_at) +
	       number;
}

/* The first pattern with its key. */
static uint32_t chain_of(const struct terms_candidate *candidate)
{
	const struct terms_slot *slots = candidate->lookup->slots, *slot = slot_of(candidate);
	const struct terms_slot *end = slots + ((size_t)1 << candidate->lookup->slots_log);

	while (slot->first != TERMS_NONE && slot->key != candidate->key)
		slot = slot + 1 < end ? slot + 1 : slots;
	return slot->first;
}

static void try_chain(struct scan *scan, const struct terms_candidate *candidate)
{
	const bool joined = candidate->lookup->joined;
	uint32_t number = candidate->number;

	while (number != TERMS_NONE && !scan->stopped) {
		const struct terms_pattern *pattern = pattern_at(scan, number);

		if (is_there(scan, pattern, candidate->at) &&
				!(joined && found_before(scan, pattern, candidate->at)))
			tell(scan, pattern, candidate->at);
		number = joined ? pattern->next_joined : pattern->next;
	}
}

void terms_candidates_try(struct scan *scan)
{
	const char *block = (const char *)scan->terms->block;
	struct terms_candidate *all = scan->candidates;
	size_t count = 0;

	for (size_t i = 0; i < scan->count; i++)
		__builtin_prefetch(slot_of(&all[i]));
	for (size_t i = 0; i < scan->count; i++) {
		struct terms_candidate candidate = all[i];

		candidate.number = chain_of(&candidate);
		all[count] = candidate;
		if (candidate.number == TERMS_NONE)
			continue;
		__builtin_prefetch(pattern_at(scan, candidate.number));
		count++;
	}
	for (size_t i = 0; i < count; i++) {
		const struct terms_pattern *pattern = pattern_at(scan, all[i].number);

		__builtin_prefetch(block + scan->terms->header.strings_at + pattern->text.at);
		__builtin_prefetch(block + scan->terms->header.uses_at +
				   pattern->use_first * sizeof(struct terms_use));
	}
	for (size_t i = 0; i < count && !scan->stopped; i++)
		try_chain(scan, &all[i]);
	scan->count = 0;
}
