/*
 * 64 bytes of text at a time, each letter where it stands: its first byte becomes the first of what
 * it folds to, and so on; what is not written is then pressed out.  No letter folds to more bytes
 * than it has, save some of two, which are left as if they were SLOW.
 *
 * What a letter folds to is a shuffle of the 64 entries of its page (fold_tables.h), whose bytes
 * lie in four planes; a block has one or two pages in most scripts.  Han and Hangul, which have
 * hundreds, fold to themselves.
 */
#include "text/fold_map.h"

#include "text/fold_tables.h"

#include <immintrin.h>

#define AVX512                                                                                    \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt," \
			      "lzcnt")))

static bool avx512_usable(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

AVX512 static inline __m512i of_byte(unsigned byte)
{
	return _mm512_set1_epi8((char)byte);
}

/* ---- pages ---- */

struct page {
	uint32_t number; /* of 64 code points */
	__m512i kind, first, second, third;
};

/* The bytes `plane` of 64 entries. */
AVX512 static inline __m512i plane_of(const uint32_t entries[64], unsigned plane)
{
	static const _Alignas(64) uint8_t every_fourth[64] = { 0, 4, 8, 12, 16, 20, 24, 28, 32, 36,
		40, 44, 48, 52, 56, 60, 64, 68, 72, 76, 80, 84, 88, 92, 96, 100, 104, 108, 112, 116,
		120, 124 };
	const __m512i which = _mm512_add_epi8(_mm512_load_si512(every_fourth), of_byte(plane));
	const __m512i low = _mm512_permutex2var_epi8(_mm512_loadu_si512(entries), which,
			_mm512_loadu_si512(entries + 16));
	const __m512i high = _mm512_permutex2var_epi8(_mm512_loadu_si512(entries + 32), which,
			_mm512_loadu_si512(entries + 48));

	return _mm512_inserti64x4(low, _mm512_castsi512_si256(high), 1);
}

AVX512 static void read_page(struct page *page, uint32_t number)
{
	const uint32_t *entries = fold_entries[fold_index[number]];

	page->number = number;
	page->first = plane_of(entries, 0);
	page->second = plane_of(entries, 1);
	page->third = plane_of(entries, 2);
	page->kind = plane_of(entries, 3);
}

#define PAGES 4 /* that are kept, each where its number says */

struct pages {
	struct page ascii[2], kept[PAGES];
};

AVX512 static inline const struct page *page_of(struct pages *pages, uint32_t number)
{
	struct page *page = &pages->kept[number % PAGES];

	if (page->number != number)
		read_page(page, number);
	return page;
}

/* ---- a block ---- */

struct block {
	__m512i bytes, next, third; /* each byte, the one behind it, and that behind this */
	__m512i out, kinds;         /* where letters stand */
	const uint8_t *at;
	uint64_t ascii, twos, threes;
};

/* Those of '!' and '|' before a space or a mark of ASCII are spaces. */
AVX512 static inline __m512i with_gaps(__m512i bytes, const uint8_t *at)
{
	uint64_t signs = _mm512_cmpeq_epi8_mask(bytes, of_byte('!')) |
			 _mm512_cmpeq_epi8_mask(bytes, of_byte('|'));
	uint64_t gaps = 0;

	for (; signs; signs &= signs - 1) {
		unsigned place = (unsigned)__builtin_ctzll(signs);
		uint8_t next = at[place + 1];

		if (next < 0x80 && fold_class(fold_short[next]) == FOLD_SEP)
			gaps |= UINT64_C(1) << place;
	}
	return _mm512_mask_blend_epi8(gaps, bytes, of_byte(' '));
}

/*
 * The whole letters of up to three bytes that begin in the block, up to the first thing that is
 * none; in `len` how many bytes they are, `broken` when it was less than the block.
 */
AVX512 static inline uint64_t whole_letters(struct block *block, const uint8_t *at, unsigned *len,
		bool *broken)
{
	const __m512i bytes = _mm512_loadu_si512(at);
	const uint64_t from_c0 = _mm512_cmpge_epu8_mask(bytes, of_byte(0xc0));
	const uint64_t from_c2 = _mm512_cmpge_epu8_mask(bytes, of_byte(0xc2));
	const uint64_t from_e0 = _mm512_cmpge_epu8_mask(bytes, of_byte(0xe0));
	const uint64_t from_f0 = _mm512_cmpge_epu8_mask(bytes, of_byte(0xf0));
	uint64_t bad, within, wanted, trails;

	block->at = at;
	block->bytes = with_gaps(bytes, at);
	block->next = _mm512_loadu_si512(at + 1);
	block->third = _mm512_loadu_si512(at + 2);
	block->ascii = ~_mm512_movepi8_mask(bytes);
	block->twos = from_c2 & ~from_e0;
	block->threes = from_e0 & ~from_f0;
	/* The last letter may end behind the block, and is of the next one. */
	within = block->twos >> 63 | block->threes >> 62;
	within = within ? fold_below((unsigned)__builtin_ctzll(
					  block->twos >> 63 << 63 | block->threes >> 62 << 62))
			: ~UINT64_C(0);
	block->twos &= within;
	block->threes &= within;
	trails = ~(block->ascii | from_c0);
	wanted = block->twos << 1 | block->threes << 1 | block->threes << 2;
	bad = (trails & ~wanted) | (from_c0 & ~from_c2) | from_f0;
	if (block->threes)
		bad |= _mm512_mask_cmplt_epu8_mask(_mm512_mask_cmpeq_epi8_mask(block->threes, bytes,
								   of_byte(0xe0)),
				block->next, of_byte(0xa0));
	bad = (bad & within) | (wanted & ~trails);
	*broken = bad != 0;
	if (bad) {
		unsigned first = (unsigned)__builtin_ctzll(bad);

		/* The letter before it may be what is broken. */
		within = fold_below(first > 2 ? first - 2 : 0);
	}
	*len = (unsigned)__builtin_popcountll(within);
	return (block->ascii | block->twos | block->threes) & within;
}

#define KIND_WIDE   (FOLD_WIDE << 2 | 3)
#define KIND_LETTER (FOLD_LETTER << 2 | 3)

/* U+4E00..U+9FFF and U+AC00..U+D77F: E4 B8..E9, EA B0..ED 9D. */
AVX512 static inline uint64_t map_many(struct block *block)
{
	const __m512i bytes = block->bytes, next = block->next;
	uint64_t han = _mm512_mask_cmple_epu8_mask(_mm512_cmpge_epu8_mask(bytes, of_byte(0xe4)),
			bytes, of_byte(0xe9));
	uint64_t hangul = _mm512_mask_cmple_epu8_mask(_mm512_cmpge_epu8_mask(bytes, of_byte(0xea)),
			bytes, of_byte(0xed));

	han &= ~_mm512_mask_cmplt_epu8_mask(_mm512_cmpeq_epi8_mask(bytes, of_byte(0xe4)), next,
			of_byte(0xb8));
	hangul &= ~_mm512_mask_cmplt_epu8_mask(_mm512_cmpeq_epi8_mask(bytes, of_byte(0xea)), next,
			of_byte(0xb0));
	hangul &= ~_mm512_mask_cmpge_epu8_mask(_mm512_cmpeq_epi8_mask(bytes, of_byte(0xed)), next,
			of_byte(0x9e));
	block->kinds = _mm512_mask_mov_epi8(block->kinds, han, of_byte(KIND_WIDE));
	block->kinds = _mm512_mask_mov_epi8(block->kinds, hangul, of_byte(KIND_LETTER));
	return han | hangul;
}

#define KIND_SELF (FOLD_SELF >> 24)
#define KIND_SLOW (FOLD_SLOW >> 24)

/* The letters `left` of the page of the first of them; returns which they were. */
AVX512 static inline uint64_t map_page(struct block *block, struct pages *pages, uint64_t left)
{
	const unsigned place = (unsigned)__builtin_ctzll(left);
	const uint8_t *at = block->at + place;
	uint64_t these = left & _mm512_cmpeq_epi8_mask(block->bytes, of_byte(at[0])), others;
	const bool two = at[0] < 0xe0;
	const struct page *page =
			page_of(pages, two ? at[0] & 0x1fu : (at[0] & 0xfu) << 6 | (at[1] & 0x3fu));

	/* A shuffle takes the lowest six bits, which of a last byte are those within the page. */
	if (two) {
		block->kinds = _mm512_mask_permutexvar_epi8(block->kinds, these, block->next,
				page->kind);
		block->out = _mm512_mask_permutexvar_epi8(block->out, these, block->next,
				page->first);
		block->out = _mm512_mask_permutexvar_epi8(block->out, these << 1, block->bytes,
				page->second);
		return these;
	}
	these &= _mm512_cmpeq_epi8_mask(block->next, of_byte(at[1]));
	block->kinds = _mm512_mask_permutexvar_epi8(block->kinds, these, block->third, page->kind);
	others = these & ~_mm512_test_epi8_mask(block->kinds, of_byte(KIND_SELF));
	if (others) {
		block->out = _mm512_mask_permutexvar_epi8(block->out, others, block->third,
				page->first);
		block->out = _mm512_mask_permutexvar_epi8(block->out, others << 1, block->next,
				page->second);
		block->out = _mm512_mask_permutexvar_epi8(block->out, others << 2, block->bytes,
				page->third);
	}
	return these;
}

AVX512 static inline void map_letters(struct block *block, struct pages *pages, uint64_t letters)
{
	const struct page *low = &pages->ascii[0], *high = &pages->ascii[1];
	uint64_t left = letters & ~block->ascii;

	block->kinds = _mm512_maskz_permutex2var_epi8(block->ascii, low->kind, block->bytes,
			high->kind);
	block->out = _mm512_mask_mov_epi8(block->bytes, block->ascii,
			_mm512_permutex2var_epi8(low->first, block->bytes, high->first));
	if (block->threes)
		left &= ~map_many(block);
	while (left)
		left &= ~map_page(block, pages, left);
}

/* Writes `letters` of the block and their kinds; a gap behind a gap is nothing. */
AVX512 static inline void write_letters(struct fold_row *row, const struct block *block,
		uint64_t letters, struct fold_stop *stop)
{
	const bool behind_gap = (fold_kind_before(row, stop->count) & FOLD_KIND_CLASS) == 0;
	const __m512i kinds = _mm512_maskz_compress_epi8(letters, block->kinds);
	const uint64_t gaps = _mm512_testn_epi8_mask(kinds, of_byte(FOLD_KIND_CLASS));
	const uint64_t ones = letters & _mm512_test_epi8_mask(block->kinds, of_byte(1));
	const uint64_t twos = letters & _mm512_test_epi8_mask(block->kinds, of_byte(2));
	uint64_t kept = ((ones | twos) & ~_pdep_u64(gaps & (gaps << 1 | behind_gap), letters)) |
			twos << 1 | (ones & twos) << 2;

	_mm512_storeu_si512(row->out + stop->written, _mm512_maskz_compress_epi8(kept, block->out));
	_mm512_storeu_si512(row->kinds + stop->count, kinds);
	stop->written += (size_t)__builtin_popcountll(kept);
	stop->count += (size_t)__builtin_popcountll(letters);
}

/* What is nothing: marks and the invisible. */
AVX512 static inline uint64_t gone_among(const struct block *block)
{
	return _mm512_cmpeq_epi8_mask(_mm512_and_si512(block->kinds, of_byte(FOLD_KIND_CLASS)),
			of_byte(FOLD_GONE << 2));
}

/* The letters whose entry is SLOW, or longer than they are. */
AVX512 static inline uint64_t slow_among(const struct block *block, uint64_t letters)
{
	uint64_t slow = _mm512_mask_test_epi8_mask(letters, block->kinds, of_byte(KIND_SLOW));
	uint64_t long_two = _mm512_mask_cmpeq_epi8_mask(letters & block->twos,
			_mm512_and_si512(block->kinds, of_byte(3)), of_byte(3));

	return slow | long_two;
}

AVX512 static void avx512_map(struct fold_row *row, size_t blocks)
{
	struct fold_stop stop = { 0 };
	struct pages pages;
	bool broken = false;

	read_page(&pages.ascii[0], 0);
	read_page(&pages.ascii[1], 1);
	for (unsigned i = 0; i < PAGES; i++)
		pages.kept[i].number = UINT32_MAX;
	for (row->blocks = 0; row->blocks < blocks && !broken;) {
		struct block block;
		unsigned len;
		uint64_t letters = whole_letters(&block, row->at + stop.place, &len, &broken);
		uint64_t slow;

		row->stops[row->blocks] = stop;
		map_letters(&block, &pages, letters);
		letters &= ~gone_among(&block);
		row->heads[row->blocks++] = letters;
		slow = slow_among(&block, letters);
		if (slow) {
			letters &= (slow & -slow) - 1;
			broken = true;
		}
		write_letters(row, &block, letters, &stop);
		stop.place += len;
	}
	row->stops[row->blocks] = stop;
}

const struct fold_mapper fold_mapper_avx512 = { "avx512", avx512_usable, avx512_map };
