/*
 * PDQ in plain C, and how to write it again if this file were lost.
 *
 * All arithmetic is IEEE binary32, left to right, one rounding an operation:
 * no fused multiply-add (the build says -ffp-contract=off), no reordering.
 * A vector unit may do many rows or columns at once, never one sum in parts.
 *
 *  1. Luma: ((0.299f * R) + (0.587f * G)) + (0.114f * B); a grey sample is itself, and so is
 *     one of three equal channels when the whole picture is grey.
 *  2. Twice: a box filter along every row, then along every column.  The
 *     window is ceil(side / 128) samples: a running sum takes in the next
 *     sample, then gives up the one that left, and is divided by the count of
 *     samples in it.  The sum is never begun anew, so its rounding errors
 *     travel along the whole row, and a window of 1 is not the identity.
 *  3. From the result, 64x64 samples: row and column floor((i + 0.5) * n / 64).
 *  4. Quality: the sum over all neighbours, up-down and left-right, of
 *     |trunc(((u - v) * 100) / 255)|, divided by 90 in integers, at most 100.
 *  5. DCT: T = D * A, then B = T * transpose(D), each sum over k ascending.
 *     D is pdq_dct.h.
 *  6. Bit 16*i + j is set where B[i][j] exceeds the lower median, the 128th
 *     smallest of the 256.
 *
 * The reference keeps two float copies of the picture.  Here rows flow: a
 * filtered row is handed to the column sums, which remember as many rows as
 * their window has; and only the picked 64 columns reach the last sums.
 */
#include "hash/pdq_code.h"
#include "hash/pdq_dct.h"

struct pdq_box ward_pdq_box(uint32_t n)
{
	uint64_t window = ((uint64_t)n + 127) / 128;

	return (struct pdq_box){ .n = n, .window = window, .lead = (window + 2) / 2 - 1 };
}

/* Output i covers the inputs i + lead - window + 1 ... i + lead, as far as they exist. */
uint64_t ward_pdq_box_count(const struct pdq_box *box, uint64_t i)
{
	uint64_t end = i + box->lead + 1;
	uint64_t begin = end > box->window ? end - box->window : 0;

	return (end < box->n ? end : box->n) - begin;
}

void ward_pdq_luma(const struct pdq_source *source, const uint8_t *row, float *out)
{
	const float *weight = source->weight;

	if (source->image->channels == 1) {
		for (size_t i = 0; i < source->width; i++)
			out[i] = (float)row[i];
		return;
	}
	for (size_t i = 0; i < source->width; i++) {
		const uint8_t *rgb = row + 3 * i;

		out[i] = weight[0] * (float)rgb[0] + weight[1] * (float)rgb[1] +
			 weight[2] * (float)rgb[2];
	}
}

/* Add first, then subtract: two roundings.  Beyond the end there is nothing to add. */
static void box_row(const struct pdq_box *box, const float *in, float *out)
{
	float sum = 0;

	for (uint64_t t = 0; t < box->n + box->lead; t++) {
		if (t < box->n)
			sum += in[t];
		if (t >= box->window)
			sum -= in[t - box->window];
		if (t >= box->lead)
			out[t - box->lead] = sum / (float)ward_pdq_box_count(box, t - box->lead);
	}
}

/* The same along columns, `width` of them side by side, fed row by row. */
struct columns {
	struct pdq_box box;
	size_t width;
	uint64_t fed;
	float *sum;
	float *past; /* the last `window` rows; row t lies in slot t % window */
};

static float *columns_init(struct columns *columns, uint32_t height, size_t width, float *scratch)
{
	*columns = (struct columns){ .box = ward_pdq_box(height), .width = width, .sum = scratch };
	columns->past = scratch + width;
	scratch = columns->past + width * columns->box.window;
	memset(columns->sum, 0, (size_t)(scratch - columns->sum) * sizeof(float));
	return scratch;
}

/*
 * One step; `row` is NULL below the last row.  True when a row came out (into
 * `out`), which is row number fed - 1 - lead.
 */
static bool columns_feed(struct columns *columns, const float *row, float *out)
{
	const struct pdq_box *box = &columns->box;
	float *sum = columns->sum;
	uint64_t t = columns->fed++;
	float *past = columns->past + t % box->window * columns->width;

	for (size_t x = 0; row && x < columns->width; x++)
		sum[x] += row[x];
	for (size_t x = 0; t >= box->window && x < columns->width; x++)
		sum[x] -= past[x];
	if (row)
		memcpy(past, row, columns->width * sizeof(float));
	if (t < box->lead)
		return false;
	float count = (float)ward_pdq_box_count(box, t - box->lead);

	for (size_t x = 0; x < columns->width; x++)
		out[x] = sum[x] / count;
	return true;
}

struct flow {
	struct pdq_box rows; /* the box along a row */
	struct columns first;
	struct columns second;
	float *luma; /* width floats each */
	float *filtered;
	struct pdq_small *small;
	uint32_t picked; /* rows of `small` that are done */
};

static void feed_second(struct flow *flow, const float *row)
{
	uint32_t height = (uint32_t)flow->second.box.n;
	float out[PDQ_SIDE];

	if (!columns_feed(&flow->second, row, out))
		return;
	uint64_t y = flow->second.fed - 1 - flow->second.box.lead;

	/* A picture of fewer than 64 rows gives some of them more than once. */
	for (; flow->picked < PDQ_SIDE && pdq_pick(flow->picked, height) == y; flow->picked++)
		memcpy(flow->small->at[flow->picked], out, sizeof(out));
}

static void feed_first(struct flow *flow, const float *row)
{
	uint32_t width = (uint32_t)flow->rows.n;
	float picked[PDQ_SIDE];

	if (!columns_feed(&flow->first, row, flow->luma))
		return;
	box_row(&flow->rows, flow->luma, flow->filtered);
	for (uint32_t j = 0; j < PDQ_SIDE; j++)
		picked[j] = flow->filtered[pdq_pick(j, width)];
	feed_second(flow, picked);
}

static uint64_t plain_scratch(const struct pdq_source *source)
{
	uint64_t window = ward_pdq_box(source->height).window;

	return (window + 3) * source->width + (window + 1) * PDQ_SIDE;
}

static void plain_filter(const struct pdq_source *source, float *scratch, struct pdq_small *small)
{
	struct flow flow = { .rows = ward_pdq_box(source->width), .small = small };
	uint8_t sampled[PDQ_SAMPLED_ROW_BYTES];

	flow.luma = scratch;
	flow.filtered = flow.luma + source->width;
	scratch = flow.filtered + source->width;
	scratch = columns_init(&flow.first, source->height, source->width, scratch);
	columns_init(&flow.second, source->height, PDQ_SIDE, scratch);

	for (uint32_t y = 0; y < source->height; y++) {
		const uint8_t *row = ward_pdq_row(source, y, sampled);

		ward_pdq_luma(source, row, flow.luma);
		box_row(&flow.rows, flow.luma, flow.filtered);
		feed_first(&flow, flow.filtered);
	}
	for (uint64_t i = 0; i < flow.first.box.lead; i++)
		feed_first(&flow, NULL);
	for (uint64_t i = 0; i < flow.second.box.lead; i++)
		feed_second(&flow, NULL);
}

static int step(float u, float v)
{
	int d = (int)(((u - v) * 100) / 255);

	return d < 0 ? -d : d;
}

static int plain_quality(const struct pdq_small *small)
{
	int sum = 0;

	for (int i = 0; i < PDQ_SIDE; i++) {
		for (int j = 0; j < PDQ_SIDE; j++) {
			if (i + 1 < PDQ_SIDE)
				sum += step(small->at[i][j], small->at[i + 1][j]);
			if (j + 1 < PDQ_SIDE)
				sum += step(small->at[i][j], small->at[i][j + 1]);
		}
	}
	return sum / 90 < 100 ? sum / 90 : 100;
}

static void plain_dct(const struct pdq_small *small, struct pdq_values *values)
{
	float half[16][PDQ_SIDE];

	for (int i = 0; i < 16; i++) {
		for (int j = 0; j < PDQ_SIDE; j++) {
			float sum = 0;

			for (int k = 0; k < PDQ_SIDE; k++)
				sum += pdq_dct[i][k] * small->at[k][j];
			half[i][j] = sum;
		}
	}
	for (int i = 0; i < 16; i++) {
		for (int j = 0; j < 16; j++) {
			float sum = 0;

			for (int k = 0; k < PDQ_SIDE; k++)
				sum += half[i][k] * pdq_dct[j][k];
			values->at[16 * i + j] = sum;
		}
	}
}

const struct pdq_code ward_pdq_plain = {
	.name = "plain",
	.scratch = plain_scratch,
	.filter = plain_filter,
	.quality = plain_quality,
	.dct = plain_dct,
};
