/*
 * terms_filter.h - may a pattern that counts anywhere begin here?
 *
 * Asked of every letter of a text, in two steps.  The first is a bit that the
 * first six bytes are hashed to (four and two bytes for patterns that have no
 * more, where there are such): nearly always no.  The second
 * is a bit for each gram of six bytes and more that may begin there.  All of them
 * are looked at before anything depends on one: where a script has few letters the first
 * step says yes everywhere, and the second is what time goes into.
 *
 * Bits lie in bytes of their own: to shift one out of a word took longer than to read
 * from eight times the memory.
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

/* 1 to 24 bytes as a number; 8 can be read.  Of more than 8 it is a hash. */
static inline uint64_t terms_gram_key(const char *bytes, size_t len)
{
	uint64_t key = terms_load(bytes);

	if (len <= 8)
		return key & (~UINT64_C(0) >> (64 - 8 * len));
	if (len > 16)
		key = key * TERMS_ODD ^ terms_load(bytes + 8);
	return key * TERMS_ODD ^ terms_load(bytes + len - 8);
}

#define TERMS_FILTER_LOG 15

/* For each place that is asked about a bit: of the grams of six bytes and more, of four, of two. */
enum terms_start { TERMS_SIXES = 0, TERMS_FOURS, TERMS_TWOS, TERMS_STARTS };

struct terms_filter {
	bool used[TERMS_STARTS];
	bool spaced; /* one has a space among the bytes that are asked about */
	uint8_t starts[TERMS_STARTS][1u << TERMS_FILTER_LOG]; /* 1 or 0 */
	uint8_t *grams; /* of six bytes and more: bits by enum terms_gram; a power of two */
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

/* The places at `text` that have theirs set, of `places`, bits of 64 bytes; returns how many. */
static inline size_t terms_starts_among(const uint8_t *starts, enum terms_start start,
		const char *text, uint64_t places, uint8_t found[64])
{
	size_t count = 0;

	for (; places; places &= places - 1) {
		unsigned place = (unsigned)__builtin_ctzll(places);

		found[count] = (uint8_t)place;
		count += starts[terms_start_place(text + place, start)];
	}
	return count;
}

/* Of a product. */
static inline uint32_t terms_gram_place(const struct terms_filter *filter, uint64_t product)
{
	return (uint32_t)(product >> 40) & filter->grams_mask;
}

/*
 * The places of the grams of six bytes and more that stand at `bytes`, of which 24 can be read:
 * each one multiplication more than the one before it.
 */
static inline void terms_gram_places(const struct terms_filter *filter, const char *bytes,
		uint32_t found[TERMS_4])
{
	const uint64_t odd = UINT64_C(0xd6e8feb86659fd93), first = terms_load(bytes);
	const uint64_t hash = first * TERMS_ODD, two = (hash ^ terms_load(bytes + 8)) * odd;

	found[TERMS_24] = terms_gram_place(filter, (two ^ terms_load(bytes + 16)) * odd);
	found[TERMS_16] = terms_gram_place(filter, two);
	found[TERMS_12] = terms_gram_place(filter, (hash ^ terms_load(bytes + 4)) * odd);
	found[TERMS_9] = terms_gram_place(filter, (hash ^ terms_load(bytes + 1)) * odd);
	found[TERMS_6] = terms_gram_place(filter, (first << 16) * odd);
}

/* Which of them may stand there: bits. */
static inline unsigned terms_grams_at(const struct terms_filter *filter, const char *bytes)
{
	uint32_t places[TERMS_4];
	unsigned found = 0;

	terms_gram_places(filter, bytes, places);
	for (enum terms_gram gram = TERMS_24; gram <= TERMS_6; gram++)
		found |= filter->grams[places[gram]] & 1u << gram;
	return found;
}

/* Makes room for `count` patterns of six bytes and more; false without memory. */
bool terms_filter_open(struct terms_filter *filter, size_t count);
void terms_filter_close(struct terms_filter *filter);
/* A pattern of two bytes or more; 24 can be read. */
void terms_filter_add(struct terms_filter *filter, const char *text, size_t len);

#endif
