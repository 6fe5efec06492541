#include "text/terms_filter.h"

#define GRAMS_MIN ((size_t)1 << 12)
#define GRAMS_MAX ((size_t)1 << 23) /* a megabyte: beyond, the second cache ends */

bool terms_filter_open(struct terms_filter *filter, size_t count)
{
	size_t bits = GRAMS_MIN;

	while (bits < GRAMS_MAX && bits < 32 * count)
		bits *= 2;
	*filter = (struct terms_filter){ .grams_mask = (uint32_t)bits - 1 };
	filter->grams = calloc(bits / 32, sizeof(*filter->grams));
	return filter->grams != NULL;
}

void terms_filter_close(struct terms_filter *filter)
{
	free(filter->grams);
}

void terms_filter_add(struct terms_filter *filter, const char *text, size_t len)
{
	enum terms_gram gram = terms_gram_of(len);
	enum terms_start start = gram <= TERMS_6   ? TERMS_SIXES
				 : gram == TERMS_4 ? TERMS_FOURS
						   : TERMS_TWOS;
	uint32_t bit = terms_start_bit(text, start);

	filter->used[start] = true;
	filter->spaced |= memchr(text, ' ', terms_start_bytes(start)) != NULL;
	filter->starts[start][bit / 32] |= 1u << bit % 32;
	if (start == TERMS_SIXES) {
		uint32_t bits[TERMS_4];

		terms_gram_bits(filter, text, bits);
		filter->grams[bits[gram] / 32] |= 1u << bits[gram] % 32;
	}
}
