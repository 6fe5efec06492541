#include "text/fold_letters.h"

#include "text/fold_block.h"
#include "text/fold_tables.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- which bytes begin a letter ---- */

struct heads {
	uint64_t all, twos, threes;
	uint64_t broken; /* what begins no letter of up to three bytes */
};

#if defined(__SSE2__)

static inline uint64_t mask_of(__m128i bytes, unsigned shift)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << shift;
}

static inline struct heads heads_at(const uint8_t *at)
{
	struct heads heads = { 0 };
	uint64_t beyond = 0, from_c2 = 0, from_e0 = 0, from_f0 = 0;

	for (unsigned i = 0; i < FOLD_BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));

		/* As signed bytes those beyond ASCII are in order, and below it. */
		beyond |= mask_of(bytes, i);
		heads.all |= mask_of(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xbf)), i);
		from_c2 |= mask_of(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xc1)), i);
		from_e0 |= mask_of(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xdf)), i);
		from_f0 |= mask_of(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xef)), i);
	}
	heads.twos = from_c2 & ~from_e0;
	heads.threes = from_e0 & ~from_f0;
	heads.broken = (heads.all & ~from_c2) | (from_f0 & beyond);
	return heads;
}

#else

static inline struct heads heads_at(const uint8_t *at)
{
	struct heads heads = { 0 };

	for (unsigned i = 0; i < FOLD_BLOCK; i++) {
		uint8_t c = at[i];

		heads.all |= (uint64_t)((c & 0xc0) != 0x80) << i;
		heads.twos |= (uint64_t)(c >= 0xc2 && c <= 0xdf) << i;
		heads.threes |= (uint64_t)(c >= 0xe0 && c <= 0xef) << i;
		heads.broken |= (uint64_t)(c == 0xc0 || c == 0xc1 || c >= 0xf0) << i;
	}
	return heads;
}

#endif

/* Heads of three bytes for what needs but two: E0 and less than A0. */
static inline uint64_t overlong_at(const uint8_t *at)
{
	uint64_t found = 0;

#if defined(__SSE2__)
	for (unsigned i = 0; i < FOLD_BLOCK; i += 16) {
		__m128i head = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
		__m128i trail = _mm_loadu_si128((const __m128i *)(const void *)(at + i + 1));

		head = _mm_cmpeq_epi8(head, _mm_set1_epi8((char)0xe0));
		trail = _mm_cmplt_epi8(trail, _mm_set1_epi8((char)0xa0));
		found |= mask_of(_mm_and_si128(head, trail), i);
	}
#else
	for (unsigned i = 0; i < FOLD_BLOCK; i++)
		found |= (uint64_t)(at[i] == 0xe0 && at[i + 1] < 0xa0) << i;
#endif
	return found;
}

static uint64_t below(unsigned bit)
{
	return bit < 64 ? (UINT64_C(1) << bit) - 1 : ~UINT64_C(0);
}

/* ---- mapping ---- */

/*
 * The code points of letters that begin at each of the 64 bytes at `at`; of other bytes something
 * that is not used.  `longs`: letters of three bytes are among them; 2 bytes more can be read.
 */
#if defined(__SSE2__)

static inline __m128i choose(__m128i mask, __m128i one, __m128i other)
{
	return _mm_or_si128(_mm_and_si128(mask, one), _mm_andnot_si128(mask, other));
}

/* Of 8 bytes, each in 16 bits, and those behind them. */
static inline __m128i points_of(__m128i first, __m128i second, __m128i third, bool longs)
{
	const __m128i trail = _mm_set1_epi16(0x3f);
	__m128i low = _mm_and_si128(second, trail);
	__m128i two = _mm_or_si128(_mm_slli_epi16(_mm_and_si128(first, _mm_set1_epi16(0x1f)), 6),
			low);
	__m128i point = choose(_mm_cmpgt_epi16(first, _mm_set1_epi16(0x7f)), two, first);

	if (longs) {
		__m128i three = _mm_or_si128(_mm_slli_epi16(first, 12), _mm_slli_epi16(low, 6));

		three = _mm_or_si128(three, _mm_and_si128(third, trail));
		point = choose(_mm_cmpgt_epi16(first, _mm_set1_epi16(0xdf)), three, point);
	}
	return point;
}

static inline void read_points(const uint8_t *at, bool longs, uint16_t points[FOLD_BLOCK])
{
	const __m128i zero = _mm_setzero_si128();

	for (unsigned i = 0; i < FOLD_BLOCK; i += 16) {
		__m128i one = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
		__m128i two = _mm_loadu_si128((const __m128i *)(const void *)(at + i + 1));
		__m128i three = _mm_loadu_si128((const __m128i *)(const void *)(at + i + 2));

		_mm_storeu_si128((__m128i *)(void *)(points + i),
				points_of(_mm_unpacklo_epi8(one, zero),
						_mm_unpacklo_epi8(two, zero),
						_mm_unpacklo_epi8(three, zero), longs));
		_mm_storeu_si128((__m128i *)(void *)(points + i + 8),
				points_of(_mm_unpackhi_epi8(one, zero),
						_mm_unpackhi_epi8(two, zero),
						_mm_unpackhi_epi8(three, zero), longs));
	}
}

#else

static inline void read_points(const uint8_t *at, bool longs, uint16_t points[FOLD_BLOCK])
{
	(void)longs;
	for (unsigned i = 0; i < FOLD_BLOCK; i++) {
		unsigned one = at[i], two = at[i + 1] & 0x3fu, three = at[i + 2] & 0x3fu;

		points[i] = (uint16_t)(one < 0x80   ? one
				       : one < 0xe0 ? (one & 0x1f) << 6 | two
						    : (one & 0xf) << 12 | two << 6 | three);
	}
}

#endif

static inline uint32_t load_four(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, 4);
	return fold_to_little(value);
}

/* Where a block begins. */
struct stop {
	size_t place, written, count;
};

/* What was mapped, in order. */
struct row {
	const uint8_t *at;
	char *out;
	bool behind_space;
	struct stop stops[FOLD_LETTERS_BLOCKS + 1]; /* the last is where it ends */
	size_t blocks;
	uint8_t kinds[(FOLD_LETTERS_BLOCKS + 1) * FOLD_BLOCK]; /* class << 2 | bytes written */
};

#define KIND_CLASS 0x1cu

/* Bytes that are written of an entry; a gap behind a gap is nothing. */
static inline uint32_t len_of(uint32_t kind, uint32_t before)
{
	return (kind & 3) - (((kind | before) & KIND_CLASS) == 0);
}

static inline uint32_t kind_before(const struct row *row, size_t count)
{
	return count > 0 ? row->kinds[count - 1] : row->behind_space ? 0 : KIND_CLASS;
}

/* A '!' or '|' before a space or a mark of ASCII is a gap; before all else the plain way looks at
 * it. */
static inline void make_gaps(const uint8_t *at, uint16_t points[FOLD_BLOCK])
{
	uint64_t signs = 0;

#if defined(__SSE2__)
	for (unsigned i = 0; i < FOLD_BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));

		signs |= mask_of(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('!')),
						 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('|'))),
				i);
	}
#else
	for (unsigned i = 0; i < FOLD_BLOCK; i++)
		signs |= (uint64_t)(at[i] == '!' || at[i] == '|') << i;
#endif
	for (; signs; signs &= signs - 1) {
		unsigned place = (unsigned)__builtin_ctzll(signs);
		uint8_t next = at[place + 1];

		if (next < 0x80 && fold_class(fold_short[next]) == FOLD_SEP)
			points[place] = ' ';
	}
}

/* The letters that begin at `heads` of a block; false when one is SLOW. */
static inline bool map_heads(struct row *row, const uint8_t *at, uint64_t heads, bool longs,
		struct stop *stop)
{
	uint32_t before = kind_before(row, stop->count);
	char *out = row->out + stop->written;
	uint8_t *kind = row->kinds + stop->count;
	uint16_t points[FOLD_BLOCK];

	read_points(at, longs, points);
	make_gaps(at, points);
	for (; heads; heads &= heads - 1) {
		size_t place = (size_t)__builtin_ctzll(heads);
		uint32_t point = points[place], entry, bytes, here;

		if (longs) {
			entry = fold_entries[fold_index[point >> 6]][point & 63];
			bytes = entry | (load_four(at + place) & (0u - (entry >> 30 & 1)));
		} else {
			bytes = entry = fold_short[point];
		}
		if (entry & FOLD_SLOW)
			break;
		bytes = fold_to_little(bytes);
		memcpy(out, &bytes, 4);
		here = entry >> 24;
		out += len_of(here, before);
		*kind++ = (uint8_t)here;
		before = here;
	}
	stop->written = (size_t)(out - row->out);
	stop->count = (size_t)(kind - row->kinds);
	return heads == 0;
}

/* Maps up to `blocks` of them, until one has something that is not whole, or SLOW. */
static void map(struct row *row, size_t blocks)
{
	struct stop stop = { 0 };
	uint64_t owed = 0; /* bytes of the last block's last letter, at the beginning of this one */
	bool more = true;

	for (row->blocks = 0; row->blocks < blocks && more; stop.place += FOLD_BLOCK) {
		const uint8_t *at = row->at + stop.place;
		struct heads heads = heads_at(at);
		uint64_t trails = heads.twos << 1 | heads.threes << 1 | heads.threes << 2 | owed;
		uint64_t broken = (~heads.all ^ trails) | heads.broken;
		uint64_t whole = heads.all;

		if (heads.threes)
			broken |= overlong_at(at);
		row->stops[row->blocks++] = stop;
		owed = heads.twos >> 63 | heads.threes >> 63 | heads.threes >> 62;
		if (broken) {
			unsigned first = (unsigned)__builtin_ctzll(broken);

			/* The letter before it may be what is broken. */
			if (first < 2 && stop.count > 0)
				stop.count--;
			whole &= below(first > 2 ? first - 2 : 0);
			more = false;
		}
		if (heads.threes & whole)
			more &= map_heads(row, at, whole, true, &stop);
		else
			more &= map_heads(row, at, whole, false, &stop);
	}
	/* Whether its last bytes are there was not seen. */
	if (more && owed)
		stop.count--;
	row->stops[row->blocks] = stop;
}

static size_t letter_len(uint8_t head)
{
	return head < 0x80 ? 1 : head < 0xe0 ? 2 : 3;
}

/* Where the letter `count` begins, and what is written before it. */
static struct stop stop_at(const struct row *row, size_t count)
{
	size_t block = row->blocks - 1;
	struct stop stop;
	uint32_t before;

	while (row->stops[block].count > count)
		block--;
	stop = row->stops[block];
	before = kind_before(row, stop.count);
	/* A letter of the block before may reach into it. */
	while ((row->at[stop.place] & 0xc0) == 0x80)
		stop.place++;
	for (; stop.count < count; stop.count++) {
		uint32_t kind = row->kinds[stop.count];

		stop.written += len_of(kind, before);
		stop.place += letter_len(row->at[stop.place]);
		before = kind;
	}
	return stop;
}

/* ---- what stands ---- */

/* A bit for each letter. */
struct classes {
	uint64_t gaps, letters, leets, digits, signs, wides;
};

static struct classes classes_of(const uint8_t *kinds, unsigned count)
{
	const uint64_t within = below(count);
	uint64_t ones = 0, twos = 0, fours = 0; /* the bits of enum fold_class */

#if defined(__SSE2__)
	for (unsigned i = 0; i < FOLD_BLOCK; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(kinds + i));

		ones |= mask_of(_mm_slli_epi16(bytes, 5), i);
		twos |= mask_of(_mm_slli_epi16(bytes, 4), i);
		fours |= mask_of(_mm_slli_epi16(bytes, 3), i);
	}
#else
	for (unsigned i = 0; i < count; i++) {
		ones |= (uint64_t)(kinds[i] >> 2 & 1) << i;
		twos |= (uint64_t)(kinds[i] >> 3 & 1) << i;
		fours |= (uint64_t)(kinds[i] >> 4 & 1) << i;
	}
#endif
	return (struct classes){
		.gaps = ~(ones | twos | fours) & within,
		.letters = ones & ~twos & ~fours & within,
		.leets = twos & ~ones & within,
		.digits = twos & ones & within,
		.signs = fours & ~ones & within,
		.wides = fours & ones & within,
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
	cuts = classes->gaps & (seconds << 1 | before->second) & below(*limit);
	if (*limit > 0)
		cuts |= seconds & (classes->letters | classes->wides) & below(*limit - 1);
	before->word = words >> 63;
	before->second = seconds >> 63;
	before->narrow = narrow >> 63;
	before->leet = classes->leets >> 63;
	before->digit = classes->digits >> 63;
	before->wide = classes->wides >> 63;
	return cuts;
}

/* How many letters stand: up to the last place where the text may be cut; 0: none. */
static size_t count_standing(const struct row *row, const struct fold_letters *letters)
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

	for (size_t i = 0; i < count; i += 64) {
		unsigned here = count - i < 64 ? (unsigned)(count - i) : 64, limit = here;
		struct classes classes = classes_of(row->kinds + i, here);
		bool word_follows = i + 64 < count && (row->kinds[i + 64] & KIND_CLASS) != 0;
		uint64_t cuts = cuts_among(&classes, &before, word_follows, &limit);

		if (cuts)
			standing = i + 64 - (size_t)__builtin_clzll(cuts);
		if (limit < here)
			break;
	}
	return standing;
}

size_t fold_letters_put(const uint8_t *at, size_t blocks, struct fold_letters *letters, char *out)
{
	struct row row;
	struct stop stop;
	size_t count;

	row.at = at;
	row.out = out;
	row.behind_space = letters->behind_space;
	map(&row, blocks);
	count = count_standing(&row, letters);
	if (count == 0)
		return 0;
	stop = stop_at(&row, count);
	letters->singles = 0;
	letters->inside = (row.kinds[count - 1] & KIND_CLASS) != FOLD_SEP << 2;
	letters->wide = (row.kinds[count - 1] & KIND_CLASS) == FOLD_WIDE << 2;
	letters->written = stop.written;
	return stop.place;
}
