/*
 * terms_filter.h - may a pattern that counts anywhere begin here?
 *
 * Asked of every letter of a text, in three steps, each over all places of a block that are left
 * before the next.  The first is a bit that the first six bytes are hashed to (four and two bytes
 * for patterns that have no more, where there are such): nearly always no, save where a script has
 * few letters.  The second asks for the grams of six bytes, and by the first nine for all longer
 * ones at once; the third for each of these by all its bytes.
 *
 * The bits of the first step lie close, that they stay in the first cache beside the rest; those
 * of the others are the bits of a byte for each place.
 *
 * A filter is made of the patterns when they are loaded, and not kept in the
 * file: a forged one cannot hide any.
 */
#ifndef TEXT_TERMS_FILTER_H
#define TEXT_TERMS_FILTER_H

#include <ward/base.h>

#define TERMS_ODD UINT64_C(0x9e3779b97f4a7c15)

/* A pattern's gram is as many of its first bytes as one of these lengths, the longest that fits. */
enum terms_gram {
	TERMS_24 = 0,
	TERMS_16,
	TERMS_12,
	TERMS_9,
	TERMS_6,
	TERMS_4,
	TERMS_2,
	TERMS_GRAMS
};

static inline uint32_t terms_gram_bytes(enum terms_gram gram)
{
	static const uint8_t bytes[TERMS_GRAMS] = { 24, 16, 12, 9, 6, 4, 2 };

	return bytes[gram];
}

static inline enum terms_gram terms_gram_of(size_t len)
{
	enum terms_gram gram = TERMS_24;

	while (gram < TERMS_2 && terms_gram_bytes(gram) > len)
		gram++;
	return gram;
}

static inline uint64_t terms_load(const void *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value = __builtin_bswap64(value);
#endif
	return value;
}

/* 1 to 24 bytes as a number; 16 can be read.  Of more than 8 it is a hash, without a branch. */
static inline uint64_t terms_gram_key(const char *bytes, size_t len)
{
	const uint64_t three = 0u - (uint64_t)(len > 16);
	uint64_t key = terms_load(bytes);

	if (len <= 8)
		return key & (~UINT64_C(0) >> (64 - 8 * len));
	key *= TERMS_ODD;
	key = (key ^ (terms_load(bytes + 8) & three)) * (1 + ((TERMS_ODD - 1) & three));
	return key ^ terms_load(bytes + len - 8);
}

#define TERMS_FILTER_LOG 16

/* For each place that is asked about a bit: of the grams of six bytes and more, of four, of two. */
enum terms_start { TERMS_SIXES = 0, TERMS_FOURS, TERMS_TWOS, TERMS_STARTS };

struct terms_filter {
	bool used[TERMS_STARTS];
	bool spaced; /* one has a space among the bytes that are asked about */
	uint32_t starts[TERMS_STARTS][1u << (TERMS_FILTER_LOG - 5)]; /* bits */
	/*
	 * A byte for each of a power of two of places: bits by enum terms_gram of what may stand
	 * where these six or nine bytes do; and of the three longest, where their own do.
	 */
	uint8_t *grams;
	uint32_t grams_mask;
};

static inline unsigned terms_start_bytes(enum terms_start start)
{
	return start == TERMS_SIXES ? 6 : start == TERMS_FOURS ? 4 : 2;
}

/* Which of the starts. */
static inline uint32_t terms_start_place(const char *bytes, enum terms_start start)
{
	uint64_t value = terms_load(bytes) << (64 - 8 * terms_start_bytes(start));

	return (uint32_t)(value * TERMS_ODD >> (64 - TERMS_FILTER_LOG));
}

/*
 * The places at `text` that have their bit set, of `places`, bits of 64 bytes; writes them with
 * `from` added, and returns how many.
 */
static inline size_t terms_starts_among(const uint32_t *starts, enum terms_start start,
		const char *text, uint64_t places, unsigned from, uint16_t *found)
{
	size_t count = 0;

	for (; places; places &= places - 1) {
		unsigned place = (unsigned)__builtin_ctzll(places);
		uint32_t bit = terms_start_place(text + place, start);

		found[count] = (uint16_t)(from + place);
		count += starts[bit / 32] >> bit % 32 & 1;
	}
	return count;
}

/* Of a product. */
static inline uint8_t *terms_gram_bits(const struct terms_filter *filter, uint64_t product)
{
	return &filter->grams[(uint32_t)(product >> 40) & filter->grams_mask];
}

#define TERMS_MIX_ODD UINT64_C(0xd6e8feb86659fd93)

/* The bits of the six bytes at `bytes`, of the nine, and of `gram`, one of the longer. */
static inline uint8_t *terms_six_bits(const struct terms_filter *filter, const char *bytes)
{
	return terms_gram_bits(filter, (terms_load(bytes) << 16) * TERMS_MIX_ODD);
}

static inline uint8_t *terms_nine_bits(const struct terms_filter *filter, const char *bytes)
{
	uint64_t hash = terms_load(bytes) * TERMS_ODD;

	return terms_gram_bits(filter, (hash ^ terms_load(bytes + 1)) * TERMS_MIX_ODD);
}

static inline uint8_t *terms_long_bits(const struct terms_filter *filter, const char *bytes,
		enum terms_gram gram)
{
	uint64_t hash = terms_load(bytes) * TERMS_ODD;

	if (gram == TERMS_12)
		return terms_gram_bits(filter, (hash ^ terms_load(bytes + 4)) * TERMS_MIX_ODD);
	hash = (hash ^ terms_load(bytes + 8)) * TERMS_MIX_ODD;
	if (gram == TERMS_16)
		return terms_gram_bits(filter, hash);
	return terms_gram_bits(filter, (hash ^ terms_load(bytes + 16)) * TERMS_MIX_ODD);
}

/* Which grams of six bytes and more may stand at `bytes`, of which 24 can be read: bits. */
static inline unsigned terms_grams_at(const struct terms_filter *filter, const char *bytes)
{
	const unsigned six = 1u << TERMS_6, longer = six - 1;

	return (*terms_six_bits(filter, bytes) & six) | (*terms_nine_bits(filter, bytes) & longer);
}

#define TERMS_LONG_SHIFT 5 /* from a gram's bit to that of its own bytes */

/* Of those the ones of which all bytes may stand there. */
static inline unsigned terms_longs_at(const struct terms_filter *filter, const char *bytes)
{
	unsigned found = 1u << TERMS_6 | 1u << TERMS_9;

	for (enum terms_gram gram = TERMS_24; gram <= TERMS_12; gram++)
		found |= *terms_long_bits(filter, bytes, gram) >> TERMS_LONG_SHIFT & 1u << gram;
	return found;
}

/* Makes room for `count` patterns of six bytes and more; false without memory. */
bool terms_filter_open(struct terms_filter *filter, size_t count);
void terms_filter_close(struct terms_filter *filter);
/* A pattern of two bytes or more; 24 can be read. */
void terms_filter_add(struct terms_filter *filter, const char *text, size_t len);

#endif
