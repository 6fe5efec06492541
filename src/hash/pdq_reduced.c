/*
 * PDQ of a picture that was decoded smaller than it is.
 *
 * Up to the transform PDQ is linear: each of the 64x64 samples is a weighted
 * sum of the picture's pixels, and its weight for a pixel is one for the column
 * times one for the row, because a box along rows and one down columns may
 * change places.  So the weights are worked out for the full size, and a small
 * pixel is given those of all the pixels it stands for.
 *
 * To hash the small picture as one of its own would be nearer at hand, but
 * picks samples up to `scale` pixels beside the right ones, in a window rounded
 * to another width.  bench/hash, part "near", prints what either is off.
 */
#include "hash/pdq_reduced.h"

/* One direction: output i is the sum of `span` small samples from first[i] on, each weighted. */
struct side {
	uint32_t first[PDQ_SIDE];
	uint32_t span;
	float *weight; /* PDQ_SIDE rows of `span` */
};

/* Two boxes reach over 2 * window - 1 pixels. */
static uint32_t span_of(uint32_t full, uint32_t scale)
{
	uint64_t span = 2 * ward_pdq_box(full).window / scale + 2;
	uint64_t small = ((uint64_t)full + scale - 1) / scale;

	return (uint32_t)(span < small ? span : small);
}

/* The pixels begin ... end - 1 in the window of output i. */
struct window {
	uint64_t begin;
	uint64_t end;
};

static struct window window_of(const struct pdq_box *box, uint64_t i)
{
	uint64_t end = i + box->lead + 1;

	return (struct window){ end > box->window ? end - box->window : 0,
		end < box->n ? end : box->n };
}

/* Gives each small sample the pixels of the window that it stands for, `weight` each. */
static void add_window(struct window window, uint32_t scale, float weight, float *to)
{
	while (window.begin < window.end) {
		uint64_t small = window.begin / scale, next = (small + 1) * scale;
		uint64_t end = next < window.end ? next : window.end;

		to[small] += weight * (float)(end - window.begin);
		window.begin = end;
	}
}

/* `small` is the samples there are, full / scale rounded up. */
static float *side_fill(struct side *side, uint32_t full, uint32_t scale, uint32_t small,
		float *scratch)
{
	struct pdq_box box = ward_pdq_box(full);

	side->span = span_of(full, scale);
	side->weight = scratch;
	memset(scratch, 0, (size_t)PDQ_SIDE * side->span * sizeof(float));
	for (uint32_t i = 0; i < PDQ_SIDE; i++, scratch += side->span) {
		struct window outer = window_of(&box, pdq_pick(i, full));
		uint64_t first = window_of(&box, outer.begin).begin / scale;

		if (first > small - side->span)
			first = small - side->span;
		side->first[i] = (uint32_t)first;
		for (uint64_t k = outer.begin; k < outer.end; k++) {
			struct window inner = window_of(&box, k);
			float share = 1 / ((float)(outer.end - outer.begin) *
							  (float)(inner.end - inner.begin));

			inner.begin -= first * scale;
			inner.end -= first * scale;
			add_window(inner, scale, share, scratch);
		}
	}
	return scratch;
}

uint64_t ward_pdq_reduced_scratch(const struct ward_reduced_image *reduced)
{
	const struct ward_image *image = &reduced->image;

	return (uint64_t)PDQ_SIDE * span_of(reduced->width, reduced->scale) +
	       (uint64_t)PDQ_SIDE * span_of(reduced->height, reduced->scale) +
	       (uint64_t)image->width * image->channels;
}

/* The weighted sum of rows, sample by sample; colours are still apart. */
static void sum_rows(const struct ward_image *image, const struct side *down, uint32_t i,
		float *sum)
{
	const float *weight = down->weight + (size_t)i * down->span;
	size_t samples = (size_t)image->width * image->channels;

	memset(sum, 0, samples * sizeof(*sum));
	for (uint32_t k = 0; k < down->span; k++) {
		const uint8_t *row = image->pixels + (down->first[i] + k) * image->stride;

		for (size_t x = 0; x < samples; x++)
			sum[x] += weight[k] * (float)row[x];
	}
}

static float sum_along(const float *sum, uint32_t channels, const struct side *across, uint32_t j)
{
	const float *weight = across->weight + (size_t)j * across->span;
	const float *at = sum + (size_t)across->first[j] * channels;
	float red = 0, green = 0, blue = 0;

	if (channels == 1) {
		for (uint32_t k = 0; k < across->span; k++)
			red += weight[k] * at[k];
		return red;
	}
	for (uint32_t k = 0; k < across->span; k++, at += 3) {
		red += weight[k] * at[0];
		green += weight[k] * at[1];
		blue += weight[k] * at[2];
	}
	return 0.299f * red + 0.587f * green + 0.114f * blue;
}

void ward_pdq_reduced_filter(const struct ward_reduced_image *reduced, float *scratch,
		struct pdq_small *small)
{
	const struct ward_image *image = &reduced->image;
	struct side across, down;

	scratch = side_fill(&across, reduced->width, reduced->scale, image->width, scratch);
	scratch = side_fill(&down, reduced->height, reduced->scale, image->height, scratch);
	for (uint32_t i = 0; i < PDQ_SIDE; i++) {
		sum_rows(image, &down, i, scratch);
		for (uint32_t j = 0; j < PDQ_SIDE; j++)
			small->at[i][j] = sum_along(scratch, image->channels, &across, j);
	}
}
