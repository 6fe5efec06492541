#include "decode/view_filter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool view_image_make(struct view_image *image, uint32_t width, uint32_t height, uint32_t channels)
{
	size_t len = (size_t)width * height * channels;
	uint8_t *pixels = malloc(len > 0 ? len : 1);

	if (!pixels)
		return false;
	memset(pixels, 128, len);
	*image = (struct view_image){ pixels, width, height, channels };
	return true;
}

void view_image_free(struct view_image *image)
{
	free(image->pixels);
	*image = (struct view_image){ 0 };
}

void view_fit(uint32_t *width, uint32_t *height, uint32_t width_most, uint32_t height_most)
{
	uint64_t w = *width, h = *height;

	if (w > width_most) {
		h = (h * width_most + w / 2) / w;
		w = width_most;
	}
	if (h > height_most) {
		w = (w * height_most + h / 2) / h;
		h = height_most;
	}
	*width = w > 0 ? (uint32_t)w : 1;
	*height = h > 0 ? (uint32_t)h : 1;
}

/* ---- resizing ---- */

/* What one sample of a row covers of another, in units of 1 / `to` of a sample. */
struct span {
	uint32_t first, last;
	uint32_t head, tail; /* of the first, and of the last when that is another */
};

static void find_spans(uint32_t from, uint32_t to, struct span *spans)
{
	for (uint32_t x = 0; x < to; x++) {
		uint64_t begin = (uint64_t)x * from, end = begin + from;
		uint64_t first = begin / to, last = (end - 1) / to;

		spans[x] = (struct span){
			.first = (uint32_t)first,
			.last = (uint32_t)last,
			.head = (uint32_t)((first < last ? (first + 1) * to : end) - begin),
			.tail = first < last ? (uint32_t)(end - last * to) : 0,
		};
	}
}

/*
 * One row brought to another width, in sums of samples times units: nothing
 * is rounded yet, and a sum is at most 255 * VIEW_WIDTH_MOST.
 */
static void gather_grey(const uint8_t *row, const struct span *spans, uint32_t width,
		uint32_t *sums)
{
	for (uint32_t x = 0; x < width; x++) {
		const struct span span = spans[x];
		uint32_t inner = 0;

		for (uint32_t s = span.first + 1; s < span.last; s++)
			inner += row[s];
		sums[x] = row[span.first] * span.head + inner * width + row[span.last] * span.tail;
	}
}

static void gather_rgb(const uint8_t *row, const struct span *spans, uint32_t width, uint32_t *sums)
{
	for (uint32_t x = 0; x < width; x++, sums += 3) {
		const struct span span = spans[x];
		const uint8_t *first = row + (size_t)span.first * 3;
		const uint8_t *last = row + (size_t)span.last * 3;
		uint32_t inner[3] = { 0, 0, 0 };

		for (const uint8_t *at = first + 3; at < last; at += 3) {
			inner[0] += at[0];
			inner[1] += at[1];
			inner[2] += at[2];
		}
		for (int c = 0; c < 3; c++)
			sums[c] = first[c] * span.head + inner[c] * width + last[c] * span.tail;
	}
}

static void add_row(uint64_t *total, const uint32_t *sums, size_t count, uint32_t times)
{
	for (size_t i = 0; i < count; i++)
		total[i] += (uint64_t)sums[i] * times;
}

/* round(total / area), by a multiplication and, where that is off by one, a correction. */
static void round_row(const uint64_t *total, size_t count, uint64_t area, uint8_t *out)
{
	double per = 1.0 / (double)area;

	for (size_t i = 0; i < count; i++) {
		uint64_t sum = total[i] + area / 2;
		uint64_t mean = (uint64_t)((double)sum * per);

		mean -= mean * area > sum;
		mean += (mean + 1) * area <= sum;
		out[i] = (uint8_t)mean;
	}
}

struct resizing {
	const struct ward_image *from;
	struct view_image *to;
	struct span *spans;
	uint32_t *sums;  /* of one row of `from` */
	uint64_t *total; /* of one of `to` */
};

/* The same in the other direction, row by row: each row of `from` is gathered once. */
static void resize(struct resizing *it)
{
	const struct ward_image *from = it->from;
	size_t count = (size_t)it->to->width * it->to->channels;
	uint64_t at = 0; /* the first unit of the height that is in no row of `to` yet */
	uint32_t y = 0;

	for (uint32_t s = 0; s < from->height; s++) {
		uint64_t end = ((uint64_t)s + 1) * it->to->height;

		(from->channels == 1 ? gather_grey : gather_rgb)(from->pixels + s * from->stride,
				it->spans, it->to->width, it->sums);
		while (at < end) {
			uint64_t row_end = ((uint64_t)y + 1) * from->height;
			uint64_t until = row_end < end ? row_end : end;

			add_row(it->total, it->sums, count, (uint32_t)(until - at));
			at = until;
			if (at < row_end)
				break;
			round_row(it->total, count, (uint64_t)from->width * from->height,
					it->to->pixels + y * count);
			memset(it->total, 0, count * sizeof(*it->total));
			y++;
		}
	}
}

bool view_resize(const struct ward_image *from, struct view_image *to)
{
	size_t count = (size_t)to->width * to->channels;
	struct resizing it = {
		.from = from,
		.to = to,
		.spans = calloc(to->width, sizeof(*it.spans)),
		.sums = calloc(count, sizeof(*it.sums)),
		.total = calloc(count, sizeof(*it.total)),
	};
	bool ready = it.spans && it.sums && it.total;

	assert(from->channels == to->channels && from->width <= VIEW_WIDTH_MOST &&
			to->width <= VIEW_WIDTH_MOST);
	if (ready) {
		find_spans(from->width, to->width, it.spans);
		resize(&it);
	}
	free(it.spans);
	free(it.sums);
	free(it.total);
	return ready;
}

void view_to_grey(struct view_image *image)
{
	size_t count = (size_t)image->width * image->height;
	uint8_t *pixels = image->pixels;

	if (image->channels == 1)
		return;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *rgb = pixels + 3 * i;

		pixels[i] = (uint8_t)((rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000);
	}
	image->channels = 1;
}

/* ---- turning ---- */

bool view_turn(struct view_image *image, uint32_t orientation)
{
	bool swaps = orientation >= 5;
	struct view_image out;

	if (orientation < 2 || orientation > 8)
		return true;
	if (!view_image_make(&out, swaps ? image->height : image->width,
			    swaps ? image->width : image->height, image->channels))
		return false;
	for (uint32_t y = 0; y < out.height; y++) {
		for (uint32_t x = 0; x < out.width; x++) {
			/* Where the sample shown at (x, y) is stored. */
			uint32_t sx = swaps ? y : x, sy = swaps ? x : y;

			if (orientation == 2 || orientation == 3 || orientation >= 7)
				sx = image->width - 1 - sx;
			if (orientation == 3 || orientation == 4 || orientation == 6 ||
					orientation == 7)
				sy = image->height - 1 - sy;
			memcpy(out.pixels + ((size_t)y * out.width + x) * out.channels,
					image->pixels + ((size_t)sy * image->width + sx) *
									image->channels,
					out.channels);
		}
	}
	view_image_free(image);
	*image = out;
	return true;
}

/* ---- mosaic ---- */

static void even_out(struct view_image *image, uint32_t left, uint32_t top, uint32_t side)
{
	uint32_t right = image->width - left < side ? image->width : left + side;
	uint32_t bottom = image->height - top < side ? image->height : top + side;
	uint64_t count = (uint64_t)(right - left) * (bottom - top);

	for (uint32_t c = 0; c < image->channels; c++) {
		uint64_t sum = count / 2;

		for (uint32_t y = top; y < bottom; y++) {
			for (uint32_t x = left; x < right; x++)
				sum += image->pixels[((size_t)y * image->width + x) *
								     image->channels +
						     c];
		}
		for (uint32_t y = top; y < bottom; y++) {
			for (uint32_t x = left; x < right; x++)
				image->pixels[((size_t)y * image->width + x) * image->channels +
						c] = (uint8_t)(sum / count);
		}
	}
}

void view_mosaic(struct view_image *image, uint32_t side)
{
	for (uint32_t y = 0; y < image->height; y += side) {
		for (uint32_t x = 0; x < image->width; x += side)
			even_out(image, x, y, side);
	}
}

/* ---- blur ---- */

/* Three times over: rows within the picture, then columns into a second one, which takes its place.
 */
struct blurring {
	size_t reach; /* a box is the mean of 2 * reach + 1 samples */
	uint8_t *line;
	uint32_t *sums;
	uint8_t *other;
};

/*
 * round(sum / width): 2^32 / width, rounded up, is exact for sums up to 255.5 * width while
 * width^2 < 2^24.  A view is at most 2048 wide and the blur a quarter of that.
 */
static uint64_t one_over(uint32_t width)
{
	return ((uint64_t)1 << 32) / width + 1;
}

static uint8_t mean(uint32_t sum, uint32_t width, uint64_t per)
{
	return (uint8_t)(((sum + width / 2) * per) >> 32);
}

/* Beyond an end its sample is repeated. */
static void box_across(uint8_t *samples, size_t count, size_t step, const struct blurring *it)
{
	size_t reach = it->reach;
	uint32_t width = (uint32_t)(2 * reach + 1), sum = 0;
	uint64_t per = one_over(width);
	uint8_t *line = it->line;

	memset(line, samples[0], reach);
	for (size_t i = 0; i < count; i++)
		line[reach + i] = samples[i * step];
	memset(line + reach + count, samples[(count - 1) * step], reach + 1);
	for (size_t i = 0; i < width; i++)
		sum += line[i];
	for (size_t i = 0; i < count; i++) {
		samples[i * step] = mean(sum, width, per);
		sum += line[i + width];
		sum -= line[i];
	}
}

static void box_down(const struct view_image *image, const struct blurring *it)
{
	size_t row = (size_t)image->width * image->channels, reach = it->reach;
	size_t last = image->height - 1;
	uint32_t width = (uint32_t)(2 * reach + 1), *sums = it->sums;
	uint64_t per = one_over(width);

	for (size_t x = 0; x < row; x++)
		sums[x] = image->pixels[x] * (uint32_t)reach;
	for (size_t i = 0; i <= reach; i++) {
		const uint8_t *next = image->pixels + (i < last ? i : last) * row;

		for (size_t x = 0; x < row; x++)
			sums[x] += next[x];
	}
	for (size_t y = 0; y <= last; y++) {
		size_t in = y + reach + 1, out = y < reach ? 0 : y - reach;
		const uint8_t *next = image->pixels + (in < last ? in : last) * row;
		const uint8_t *gone = image->pixels + out * row;
		uint8_t *to = it->other + y * row;

		for (size_t x = 0; x < row; x++) {
			to[x] = mean(sums[x], width, per);
			sums[x] += (uint32_t)next[x] - gone[x];
		}
	}
}

static void box_both(struct view_image *image, struct blurring *it)
{
	size_t row = (size_t)image->width * image->channels;
	uint8_t *pixels = image->pixels;

	for (uint32_t y = 0; y < image->height; y++) {
		for (uint32_t c = 0; c < image->channels; c++)
			box_across(pixels + y * row + c, image->width, image->channels, it);
	}
	box_down(image, it);
	image->pixels = it->other;
	it->other = pixels;
}

bool view_blur(struct view_image *image, double sigma)
{
	size_t row = (size_t)image->width * image->channels;
	struct blurring it = { .reach = 0 };

	/*
	 * A box of width w has the variance (w * w - 1) / 12, and those of three add
	 * up: w * w = 4 * sigma^2 + 1.  The reach is rounded up, never down.
	 */
	while ((2 * (double)it.reach + 1) * (2 * (double)it.reach + 1) < 4 * sigma * sigma + 1)
		it.reach++;
	it.line = malloc(image->width + 2 * it.reach + 1);
	it.sums = calloc(row, sizeof(*it.sums));
	it.other = malloc(row * image->height);
	bool ready = it.line && it.sums && it.other;

	for (int pass = 0; ready && pass < 3 && it.reach > 0; pass++)
		box_both(image, &it);
	free(it.line);
	free(it.sums);
	free(it.other);
	return ready;
}

/* ---- reduced detail ---- */

/*
 * A step in brightness that makes an edge.  Blurred, a step of h has the slope
 * h / (sigma * sqrt(2 pi)), and Sobel's sum is eight times that: 3.2 h / sigma.
 */
#define EDGE_STEP 64
#define SOBEL_OF  3.2

static int sobel(const struct view_image *image, uint32_t x, uint32_t y)
{
	const uint8_t *above = image->pixels + (size_t)(y - 1) * image->width + x;
	const uint8_t *here = above + image->width, *below = here + image->width;
	int across = above[1] + 2 * here[1] + below[1] - above[-1] - 2 * here[-1] - below[-1];
	int down = below[-1] + 2 * below[0] + below[1] - above[-1] - 2 * above[0] - above[1];

	return abs(across) + abs(down);
}

bool view_reduce(struct view_image *image, double sigma)
{
	struct view_image out;
	double edge = SOBEL_OF * EDGE_STEP / sigma;

	assert(image->channels == 1);
	if (!view_blur(image, sigma) ||
			!view_image_make(&out, image->width, image->height, image->channels))
		return false;
	for (uint32_t y = 0; y < out.height; y++) {
		for (uint32_t x = 0; x < out.width; x++) {
			size_t at = (size_t)y * out.width + x;
			bool inside = x > 0 && y > 0 && x + 1 < out.width && y + 1 < out.height;

			out.pixels[at] = inside && sobel(image, x, y) >= edge
							 ? 0
							 : (uint8_t)(60 + image->pixels[at] / 64 *
											   65);
		}
	}
	view_image_free(image);
	*image = out;
	return true;
}

/* ---- putting together ---- */

void view_copy_disc(struct view_image *to, const struct view_image *from, uint32_t x, uint32_t y,
		double radius)
{
	assert(to->width == from->width && to->height == from->height &&
			to->channels == from->channels);
	for (uint32_t v = 0; v < to->height; v++) {
		for (uint32_t u = 0; u < to->width; u++) {
			double across = (double)u - x, down = (double)v - y;
			size_t at = ((size_t)v * to->width + u) * to->channels;

			if (across * across + down * down <= radius * radius)
				memcpy(to->pixels + at, from->pixels + at, to->channels);
		}
	}
}

void view_paste(struct view_image *to, const struct view_image *from, uint32_t x, uint32_t y)
{
	assert(to->channels == from->channels && x <= to->width && y <= to->height &&
			from->width <= to->width - x && from->height <= to->height - y);
	for (uint32_t row = 0; row < from->height; row++)
		memcpy(to->pixels + ((size_t)(y + row) * to->width + x) * to->channels,
				from->pixels + (size_t)row * from->width * from->channels,
				(size_t)from->width * from->channels);
}
