#include "text/terms_filter.h"

#define GRAMS_MIN ((size_t)1 << 12)
#define GRAMS_MAX ((size_t)1 << 20) /* beyond, the second cache ends */

bool terms_filter_open(struct terms_filter *filter, size_t count)
{
	size_t places = GRAMS_MIN;

	while (places < GRAMS_MAX && places < 8 * count)
		places *= 2;
	*filter = (struct terms_filter){ .grams_mask = (uint32_t)places - 1 };
	filter->grams = calloc(places, 1);
	return filter->grams != NULL;
}

void terms_filter_close(struct terms_filter *filter)
{
	free(filter->grams);
}

void terms_filter_add(struct terms_filter *filter, const char *text, size_t len)
{
	enum terms_gram gram = terms_gram_of(len);
	uint32_t bit;
	enum terms_start start = gram <= TERMS_6   ? TERMS_SIXES
				 : gram == TERMS_4 ? TERMS_FOURS
						   : TERMS_TWOS;

	filter->used[start] = true;
	filter->spaced |= memchr(text, ' ', terms_start_bytes(start)) != NULL;
	bit = terms_start_place(text, start);
	filter->starts[start][bit / 32] |= UINT32_C(1) << bit % 32;
	if (gram == TERMS_6)
		*terms_six_bits(filter, text) |= 1u << TERMS_6;
	if (gram <= TERMS_9)
		*terms_nine_bits(filter, text) |= (uint8_t)(1u << gram);
	if (gram <= TERMS_12)
		*terms_long_bits(filter, text, gram) |= (uint8_t)(1u << gram << TERMS_LONG_SHIFT);
}
