#include "reference.h"

#include <math.h>

#define SIDE 64

struct reference {
	uint32_t width;
	uint32_t height;
	float *a;
	float *b;
	float dct[16][SIDE];
};

struct reference *reference_new(uint32_t width, uint32_t height)
{
	struct reference *reference = calloc(1, sizeof(*reference));
	double scale = (double)(float)sqrt(2.0 / SIDE);

	reference->width = width;
	reference->height = height;
	reference->a = calloc((size_t)width * height, sizeof(float));
	reference->b = calloc((size_t)width * height, sizeof(float));
	for (int i = 0; i < 16; i++) {
		for (int j = 0; j < SIDE; j++)
			reference->dct[i][j] =
					(float)(scale * cos(3.14159265358979323846 / 2 / SIDE *
									(i + 1) * (2 * j + 1)));
	}
	return reference;
}

void reference_free(struct reference *reference)
{
	free(reference->a);
	free(reference->b);
	free(reference);
}

/* One line of n samples, `stride` apart: a running sum, divided by how many are in it. */
static void box(const float *in, float *out, int n, int stride, int window)
{
	int half = (window + 2) / 2, count = 0;
	ptrdiff_t right = 0, left = 0, to = 0;
	float sum = 0;

	for (int i = 0; i < half - 1; i++, right += stride, count++)
		sum += in[right];
	for (int i = 0; i < window - half + 1; i++, right += stride, to += stride) {
		sum += in[right];
		count++;
		out[to] = sum / (float)count;
	}
	for (int i = 0; i < n - window; i++, right += stride, left += stride, to += stride) {
		sum += in[right];
		sum -= in[left];
		out[to] = sum / (float)count;
	}
	for (int i = 0; i < half - 1; i++, left += stride, to += stride) {
		sum -= in[left];
		count--;
		out[to] = sum / (float)count;
	}
}

static void tent(struct reference *reference)
{
	int width = (int)reference->width, height = (int)reference->height;

	for (int pass = 0; pass < 2; pass++) {
		for (ptrdiff_t y = 0; y < height; y++)
			box(reference->a + y * width, reference->b + y * width, width, 1,
					(width + 127) / 128);
		for (ptrdiff_t x = 0; x < width; x++)
			box(reference->b + x, reference->a + x, height, width,
					(height + 127) / 128);
	}
}

static void transform(const struct reference *reference, float in[SIDE][SIDE], float out[16][16])
{
	float half[16][SIDE];

	for (int i = 0; i < 16; i++) {
		for (int j = 0; j < SIDE; j++) {
			half[i][j] = 0;
			for (int k = 0; k < SIDE; k++)
				half[i][j] += reference->dct[i][k] * in[k][j];
		}
	}
	for (int i = 0; i < 16; i++) {
		for (int j = 0; j < 16; j++) {
			out[i][j] = 0;
			for (int k = 0; k < SIDE; k++)
				out[i][j] += half[i][k] * reference->dct[j][k];
		}
	}
}

static int quality(float small[SIDE][SIDE])
{
	int sum = 0;

	for (int i = 0; i < SIDE; i++) {
		for (int j = 0; j < SIDE; j++) {
			if (i + 1 < SIDE)
				sum += abs((int)((small[i][j] - small[i + 1][j]) * 100 / 255));
			if (j + 1 < SIDE)
				sum += abs((int)((small[i][j] - small[i][j + 1]) * 100 / 255));
		}
	}
	return sum / 90 < 100 ? sum / 90 : 100;
}

/* The lower median by halving the range of values until one is left (Torben's way). */
static float median(const float *values)
{
	float low = values[0], high = values[0];

	for (int i = 1; i < 256; i++) {
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
	}
	for (;;) {
		float guess = (low + high) / 2, below = low, above = high;
		int less = 0, more = 0, equal = 0;

		for (int i = 0; i < 256; i++) {
			if (values[i] < guess) {
				less++;
				below = values[i] > below ? values[i] : below;
			} else if (values[i] > guess) {
				more++;
				above = values[i] < above ? values[i] : above;
			} else {
				equal++;
			}
		}
		if (less <= 128 && more <= 128)
			return less >= 128 ? below : less + equal >= 128 ? guess : above;
		if (less > more)
			high = below;
		else
			low = above;
	}
}

struct ward_pdq_result reference_hash(struct reference *reference, const struct ward_image *image)
{
	struct ward_pdq_result result = { 0 };
	float small[SIDE][SIDE], values[16][16], middle;
	uint32_t width = image->width, height = image->height;

	for (uint32_t y = 0; y < height; y++) {
		const uint8_t *rgb = image->pixels + y * image->stride;

		for (uint32_t x = 0; x < width; x++, rgb += 3)
			reference->a[(size_t)y * width + x] = 0.299f * (float)rgb[0] +
							      0.587f * (float)rgb[1] +
							      0.114f * (float)rgb[2];
	}
	tent(reference);
	for (int i = 0; i < SIDE; i++) {
		size_t y = (size_t)((i + 0.5) * height / SIDE);

		for (int j = 0; j < SIDE; j++)
			small[i][j] = reference->a[y * width + (size_t)((j + 0.5) * width / SIDE)];
	}
	result.quality = quality(small);
	transform(reference, small, values);
	middle = median(values[0]);
	for (int k = 0; k < 256; k++) {
		if (values[k / 16][k % 16] > middle)
			result.hash.word[k / 64] |= (uint64_t)1 << k % 64;
	}
	return result;
}
