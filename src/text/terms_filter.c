#include "text/terms_filter.h"

#define GRAMS_LOG_MIN 12
#define GRAMS_LOG_MAX 23 /* a megabyte: beyond, the second cache ends */

bool terms_filter_open(struct terms_filter *filter, size_t count)
{
	*filter = (struct terms_filter){ .grams_log = GRAMS_LOG_MIN };
	while (filter->grams_log < GRAMS_LOG_MAX && (size_t)1 << filter->grams_log < 32 * count)
		filter->grams_log++;
	filter->grams = calloc((size_t)1 << filter->grams_log >> 5, sizeof(*filter->grams));
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
		uint64_t place = terms_gram_bit(filter, text, gram);

		filter->grams[place / 32] |= 1u << place % 32;
	}
}
