#include "text/fold_map.h"

#include "text/fold_block.h"
#include "text/fold_tables.h"
#include <stdatomic.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- which bytes begin a letter ---- */

#if defined(__SSE2__)

static inline uint64_t mask_of(__m128i bytes, unsigned shift)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(bytes) << shift;
}

static inline uint64_t overlong_at(const uint8_t *at)
{
	uint64_t found = 0;

	for (unsigned i = 0; i < FOLD_BLOCK; i += 16) {
		__m128i head = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
		__m128i trail = _mm_loadu_si128((const __m128i *)(const void *)(at + i + 1));

		head = _mm_cmpeq_epi8(head, _mm_set1_epi8((char)0xe0));
		trail = _mm_cmplt_epi8(trail, _mm_set1_epi8((char)0xa0));
		found |= mask_of(_mm_and_si128(head, trail), i);
	}
	return found;
}

static inline struct fold_heads heads_at(const uint8_t *at)
{
	struct fold_heads heads = { 0 };
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
	heads.overlong = heads.threes ? overlong_at(at) : 0;
	return heads;
}

#else

static inline struct fold_heads heads_at(const uint8_t *at)
{
	struct fold_heads heads = { 0 };

	for (unsigned i = 0; i < FOLD_BLOCK; i++) {
		uint8_t c = at[i];

		heads.all |= (uint64_t)((c & 0xc0) != 0x80) << i;
		heads.twos |= (uint64_t)(c >= 0xc2 && c <= 0xdf) << i;
		heads.threes |= (uint64_t)(c >= 0xe0 && c <= 0xef) << i;
		heads.broken |= (uint64_t)(c == 0xc0 || c == 0xc1 || c >= 0xf0) << i;
		heads.overlong |= (uint64_t)(c == 0xe0 && at[i + 1] < 0xa0) << i;
	}
	return heads;
}

#endif

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
static inline bool map_heads(struct fold_row *row, const uint8_t *at, uint64_t heads, bool longs,
		struct fold_stop *stop)
{
	uint32_t before = fold_kind_before(row, stop->count);
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
		if (entry & FOLD_SLOW) {
			if (fold_class(entry) != FOLD_GONE)
				break;
			row->heads[row->blocks - 1] ^= heads & -heads;
			continue;
		}
		bytes = fold_to_little(bytes);
		memcpy(out, &bytes, 4);
		here = entry >> 24;
		out += fold_kind_len(here, before);
		*kind++ = (uint8_t)here;
		before = here;
	}
	stop->written = (size_t)(out - row->out);
	stop->count = (size_t)(kind - row->kinds);
	return heads == 0;
}

static bool plain_usable(void)
{
	return true;
}

static void plain_map(struct fold_row *row, size_t blocks)
{
	fold_map_row(row, blocks, heads_at, map_heads);
}

const struct fold_mapper fold_mapper_plain = { "plain", plain_usable, plain_map };

/* ---- which form is used ---- */

static const struct fold_mapper *const mappers[] = {
#ifdef FOLD_MAP_X86
	&fold_mapper_avx512,
#endif
	&fold_mapper_plain,
};

static _Atomic(const struct fold_mapper *) chosen;

const struct fold_mapper *fold_mapper(void)
{
	const struct fold_mapper *mapper = atomic_load_explicit(&chosen, memory_order_acquire);

	if (!mapper) {
		fold_mapper_limit(NULL);
		mapper = atomic_load_explicit(&chosen, memory_order_acquire);
	}
	return mapper;
}

bool fold_mapper_limit(const char *name)
{
	for (size_t i = 0; i < sizeof(mappers) / sizeof(*mappers); i++) {
		if ((name && strcmp(name, mappers[i]->name) != 0) || !mappers[i]->usable())
			continue;
		atomic_store_explicit(&chosen, mappers[i], memory_order_release);
		return true;
	}
	return false;
}
