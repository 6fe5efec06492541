#include "text/fold_block.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

struct masks {
	uint64_t letters, digits, signs, dollars, beyond; /* beyond ASCII */
};

#if defined(__SSE2__)

static __m128i at_most(__m128i value, char most)
{
	return _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(most)), value);
}

static void read_16(const uint8_t *at, unsigned shift, struct masks *masks, char *mapped)
{
	const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
	const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
	const __m128i letters = at_most(_mm_sub_epi8(lower, _mm_set1_epi8('a')), 25);
	const __m128i digits = at_most(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), 9);
	const __m128i dollars = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('$'));
	__m128i signs = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('@'));

	signs = _mm_or_si128(signs, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('!')));
	signs = _mm_or_si128(signs, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('|')));
	signs = _mm_or_si128(signs, dollars);
	masks->letters |= (uint64_t)(unsigned)_mm_movemask_epi8(letters) << shift;
	masks->digits |= (uint64_t)(unsigned)_mm_movemask_epi8(digits) << shift;
	masks->signs |= (uint64_t)(unsigned)_mm_movemask_epi8(signs) << shift;
	masks->dollars |= (uint64_t)(unsigned)_mm_movemask_epi8(dollars) << shift;
	masks->beyond |= (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << shift;
	/* A letter is in lower case, a digit has that bit set already, all else is a space. */
	_mm_storeu_si128((__m128i *)(void *)mapped,
			_mm_or_si128(_mm_and_si128(_mm_or_si128(letters, digits), lower),
					_mm_andnot_si128(_mm_or_si128(letters, digits),
							_mm_set1_epi8(' '))));
}

static void read_masks(const uint8_t *at, struct masks *masks, char *mapped)
{
	for (unsigned i = 0; i < FOLD_BLOCK; i += 16)
		read_16(at + i, i, masks, mapped + i);
}

#else

static void read_masks(const uint8_t *at, struct masks *masks, char *mapped)
{
	for (unsigned i = 0; i < FOLD_BLOCK; i++) {
		uint8_t c = at[i], lower = c | 0x20;
		uint64_t letter = (uint8_t)(lower - 'a') < 26, digit = utf8_is_digit(c);
		uint64_t dollar = c == '$';

		masks->letters |= letter << i;
		masks->digits |= digit << i;
		masks->dollars |= dollar << i;
		masks->signs |= (dollar | (c == '@') | (c == '!') | (c == '|')) << i;
		masks->beyond |= (uint64_t)(c >> 7) << i;
		mapped[i] = (char)(letter | digit ? lower : ' ');
	}
}

#endif

/* Everything below the highest bit of `mask`, and it; `mask` is not 0. */
static uint64_t up_to_last(uint64_t mask)
{
	return ~UINT64_C(0) >> __builtin_clzll(mask);
}

/* Do three single letters follow each other, the `singles` before the block included? */
static bool has_row(uint64_t starts, uint64_t single, unsigned singles)
{
	for (; starts; starts &= starts - 1) {
		singles = single & (starts & -starts) ? singles + 1 : 0;
		if (singles == 3)
			return true;
	}
	return false;
}

uint64_t fold_block_beyond(const uint8_t *at)
{
	uint64_t beyond = 0;

#if defined(__SSE2__)
	for (unsigned i = 0; i < FOLD_BLOCK; i += 16)
		beyond |= (uint64_t)(unsigned)_mm_movemask_epi8(
					  _mm_loadu_si128((const __m128i *)(const void *)(at + i)))
			  << i;
#else
	for (unsigned i = 0; i < FOLD_BLOCK; i++)
		beyond |= (uint64_t)(at[i] >> 7) << i;
#endif
	return beyond;
}

size_t fold_block_read(const uint8_t *at, unsigned singles, struct fold_block *block)
{
	struct masks masks = { 0 };
	uint64_t words, gaps, within, beside, starts, single, many;
	unsigned count;

	read_masks(at, &masks, block->mapped);
	/* Up to the last gap before the first byte beyond ASCII; a sign may be more than a gap. */
	within = masks.beyond ? (masks.beyond & -masks.beyond) - 1 : ~UINT64_C(0);
	words = masks.letters | masks.digits;
	gaps = ~words & ~masks.signs & within;
	if (gaps == 0)
		return 0;
	within = up_to_last(gaps);
	words &= within;
	beside = words | masks.signs;
	if (((masks.letters & masks.digits << 1) | (masks.digits & masks.letters << 1) |
			    (masks.signs & beside << 1 & beside >> 1) |
			    (masks.dollars & (masks.letters << 1 | masks.letters >> 1))) &
			within)
		return 0;
	starts = words & ~(words << 1);
	single = starts & ~(words >> 1);
	many = starts & ~single;
	count = (unsigned)__builtin_popcountll(single);
	if (count + singles >= 3 && has_row(starts, single, singles))
		return 0;
	block->singles_behind = many ? (unsigned)__builtin_popcountll(single & ~up_to_last(many))
				     : singles + count;
	block->gaps = ~words & within;
	return (size_t)(64 - __builtin_clzll(within));
}

char *fold_block_write(const struct fold_block *block, size_t taken, bool behind_space, char *out)
{
	uint64_t again = block->gaps & (block->gaps << 1 | behind_space);
	size_t from = 0;

	for (; again; again &= again - 1) {
		size_t to = (size_t)__builtin_ctzll(again);

		memcpy(out, block->mapped + from, FOLD_BLOCK);
		out += to - from;
		from = to + 1;
	}
	memcpy(out, block->mapped + from, FOLD_BLOCK);
	return out + (taken - from);
}
