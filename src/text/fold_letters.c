#include "text/fold_letters.h"

#include "text/fold_map.h"
#include "text/fold_tables.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Of up to 64 letters the bits of their kinds: of the bytes that are written, and of the class. */
struct bits {
	uint64_t one, two, class_one, class_two, class_four;
};

#if defined(__SSE2__)

static inline uint64_t bit_of(const uint8_t *kinds, int bit)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < 64; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(kinds + i));
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_slli_epi16(bytes, 7 - bit));

		found |= (uint64_t)mask << i;
	}
	return found;
}

#else

static inline uint64_t bit_of(const uint8_t *kinds, int bit)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < 64; i++)
		found |= (uint64_t)(kinds[i] >> bit & 1) << i;
	return found;
}

#endif

static inline struct bits bits_of(const uint8_t *kinds, size_t count)
{
	const uint64_t within = fold_below((unsigned)count);

	return (struct bits){ bit_of(kinds, 0) & within, bit_of(kinds, 1) & within,
		bit_of(kinds, 2) & within, bit_of(kinds, 3) & within, bit_of(kinds, 4) & within };
}

/* The bytes written of `count` letters, up to 64. */
static size_t len_of(const uint8_t *kinds, size_t count, uint32_t before)
{
	const struct bits bits = bits_of(kinds, count);
	const uint64_t words = bits.class_one | bits.class_two | bits.class_four;
	const uint64_t gaps = ~words & fold_below((unsigned)count);
	const uint64_t again = gaps & (gaps << 1 | ((before & FOLD_KIND_CLASS) == 0));

	return (size_t)(__builtin_popcountll(bits.one) + 2 * __builtin_popcountll(bits.two) -
			__builtin_popcountll(again));
}

static size_t letter_len(uint8_t head)
{
	return head < 0x80 ? 1 : head < 0xe0 ? 2 : 3;
}

/* Behind `count` letters, one at least. */
static struct fold_stop stop_behind(const struct fold_row *row, size_t count)
{
	size_t block = row->blocks - 1;
	struct fold_stop stop;
	uint64_t heads;

	while (row->stops[block].count >= count)
		block--;
	stop = row->stops[block];
	heads = row->heads[block];
	stop.written += len_of(row->kinds + stop.count, count - stop.count,
			fold_kind_before(row, stop.count));
	for (; stop.count + 1 < count; stop.count++)
		heads &= heads - 1;
	stop.count++;
	stop.place += (size_t)__builtin_ctzll(heads);
	stop.place += letter_len(row->at[stop.place]);
	return stop;
}

/* ---- what stands ---- */

/* A bit for each letter. */
struct classes {
	uint64_t gaps, letters, leets, digits, signs, wides;
};

static struct classes classes_of(const uint8_t *kinds, unsigned count)
{
	const uint64_t within = fold_below(count);
	const struct bits bits = bits_of(kinds, count);
	const uint64_t ones = bits.class_one, twos = bits.class_two, fours = bits.class_four;

	return (struct classes){
		.gaps = ~(ones | twos | fours) & within,
		.letters = ones & ~twos & ~fours,
		.leets = twos & ~ones,
		.digits = twos & ones,
		.signs = fours & ~ones,
		.wides = fours & ones,
	};
}

/* What the letter before was: the lowest bit of each. */
struct before {
	uint64_t word, second; /* of a word; and not its first */
	uint64_t narrow, leet, digit, wide;
	unsigned singles;
};

/*
 * The third single letter in a row, or 64; `row`: how many there are before, and then behind.
 * Of `starts`, where words begin, those of one letter are `single`.
 */
static unsigned third_single(uint64_t starts, uint64_t single, unsigned *row)
{
	uint64_t many = starts & ~single, seen = 0;

	for (; single; single &= single - 1) {
		uint64_t before = (single & -single) - 1;

		*row = many & before & ~seen ? 1 : *row + 1;
		if (*row == 3)
			return (unsigned)__builtin_ctzll(single);
		seen = before;
	}
	if (many & ~seen)
		*row = 0;
	return 64;
}

/*
 * Of up to 64 letters those behind which the text may be cut, before anything that the plain way
 * looks at: signs, digits beside letters, two kinds of scripts in a word, three single letters in a
 * row. `limit`: how many are before it.
 */
static uint64_t cuts_among(const struct classes *classes, struct before *before, bool word_follows,
		unsigned *limit)
{
	const uint64_t narrow = classes->letters | classes->leets | classes->digits;
	const uint64_t words = narrow | classes->wides;
	const uint64_t seconds = words & (words << 1 | before->word);
	const uint64_t starts = words & ~seconds;
	const uint64_t single = starts & ~(words >> 1 | (uint64_t)word_follows << 63);
	const uint64_t trouble = classes->signs |
				 (classes->digits & (classes->leets << 1 | before->leet)) |
				 (classes->leets & (classes->digits << 1 | before->digit)) |
				 (narrow & (classes->wides << 1 | before->wide)) |
				 (classes->wides & (narrow << 1 | before->narrow));
	unsigned third = third_single(starts, single, &before->singles);
	uint64_t cuts;

	if (trouble && (unsigned)__builtin_ctzll(trouble) < *limit)
		*limit = (unsigned)__builtin_ctzll(trouble);
	if (third < *limit)
		*limit = third;
	cuts = classes->gaps & (seconds << 1 | before->second) & fold_below(*limit);
	if (*limit > 0)
		cuts |= seconds & (classes->letters | classes->wides) & fold_below(*limit - 1);
	before->word = words >> 63;
	before->second = seconds >> 63;
	before->narrow = narrow >> 63;
	before->leet = classes->leets >> 63;
	before->digit = classes->digits >> 63;
	before->wide = classes->wides >> 63;
	return cuts;
}

/*
 * How many letters stand: up to the last place where the text may be cut; 0: none.  `third` when a
 * third single one in a row is what ended them.
 */
static size_t count_standing(const struct fold_row *row, const struct fold_letters *letters,
		bool *third)
{
	const size_t count = row->stops[row->blocks].count;
	struct before before = {
		.word = letters->inside,
		.second = letters->inside,
		.narrow = letters->inside && !letters->wide,
		.wide = letters->inside && letters->wide,
		.singles = letters->singles,
	};
	size_t standing = 0;

	*third = false;
	for (size_t i = 0; i < count; i += 64) {
		unsigned here = count - i < 64 ? (unsigned)(count - i) : 64, limit = here;
		struct classes classes = classes_of(row->kinds + i, here);
		bool word_follows = i + 64 < count && (row->kinds[i + 64] & FOLD_KIND_CLASS) != 0;
		uint64_t cuts = cuts_among(&classes, &before, word_follows, &limit);

		if (cuts)
			standing = i + 64 - (size_t)__builtin_clzll(cuts);
		if (limit < here) {
			*third = before.singles == 3;
			break;
		}
	}
	return standing;
}

size_t fold_letters_put(const uint8_t *at, size_t blocks, struct fold_letters *letters, char *out)
{
	struct fold_row row;
	struct fold_stop stop;
	size_t count;

	row.at = at;
	row.out = out;
	row.behind_space = letters->behind_space;
	fold_mapper()->map(&row, blocks);
	count = count_standing(&row, letters, &letters->row);
	if (count == 0)
		return 0;
	stop = stop_behind(&row, count);
	letters->singles = 0;
	letters->inside = (row.kinds[count - 1] & FOLD_KIND_CLASS) != FOLD_SEP << 2;
	letters->wide = (row.kinds[count - 1] & FOLD_KIND_CLASS) == FOLD_WIDE << 2;
	letters->written = stop.written;
	return stop.place;
}
