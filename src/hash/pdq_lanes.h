/*
 * pdq_lanes.h - PDQ for a CPU with vectors of LANES floats; see pdq.c for what is computed
 *
 * Included once each by pdq_avx2.c, pdq_avx512.c and pdq_neon.c, which first
 * define LANES, `vec`, and what differs: loading pixels, transposing, fused
 * multiply-add.  Every lane does what pdq.c does, in its order.
 *
 * A running sum cannot be split, so the lanes run across it: LANES rows are
 * filtered along at once, and LANES columns down at once.  The picture is
 * taken in tiles of LANES x LANES.  A tile's pixels become luma, are turned
 * (a vector is then a column of LANES rows), filtered along the rows, turned
 * back, filtered down the columns, turned again, and filtered along the rows
 * a second time, without leaving the first-level cache.  What must be kept is
 * small: per band of LANES rows the last `window` columns; per picture one sum
 * for each column and the last `window` rows, 1/128 of the picture as floats.
 * Of the second filter along rows only 64 columns are wanted, so the last
 * filter, down the columns, is over those alone.
 *
 * Edges need no code of their own.  Time runs over the picture's side and
 * twice the filter's lead beyond it; samples that are not there are zero, and
 * adding or subtracting zero is exact.  At time u the first filter gives
 * column u - lead and the second u - 2 * lead.  Results for columns that are
 * not there are made zero by their entry in the table of reciprocals.
 *
 * The division sum / count is not done with the slow instruction, but gives
 * the same bits: with y = 1/count and q = sum * y, each rounded, the
 * remainder r = sum - count * q is exact in a fused multiply-add, and
 * q + r * y, fused, is the rounded quotient.  For: q is off by at most 1.5
 * units in the last place, so q + r * y lies within 1.5 * 2^-24 units of the
 * true quotient; and that cannot lie nearer than 1 / (2 * count) units to
 * the middle between two floats, because count times such a middle has more
 * bits than a float, so it differs from sum by half a unit at least.  Hence
 * it rounds alike for every count below 2^22.  (Side at most 2^29; a longer
 * one is left to the plain code.)
 */
#ifndef HASH_PDQ_LANES_H
#define HASH_PDQ_LANES_H

#include "hash/pdq_code.h"
#include "hash/pdq_dct.h"

#define LANES_SIDE_MAX (1u << 29)

/* A vector of integers for each vector of floats. */
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));

static uint64_t round_up(uint64_t n)
{
	return (n + LANES - 1) / LANES * LANES;
}

/* Scratch memory given out piece by piece; with no memory it only counts. */
struct room {
	float *memory;
	uint64_t used;
};

static float *take(struct room *room, uint64_t floats)
{
	float *taken = room->memory ? room->memory + room->used : NULL;

	room->used += (floats + 15) / 16 * 16;
	return taken;
}

/* What is known of one direction: how far time runs, and what to divide by when. */
struct span {
	struct pdq_box box;
	uint64_t end;   /* a multiple of LANES, beyond the last picked output */
	float *count;   /* of the first filter's output at each time */
	float *inverse; /* its reciprocal; zero where there is no output */
};

static struct span span_of(uint32_t n, struct room *room)
{
	struct span span = { .box = ward_pdq_box(n) };

	span.end = round_up(pdq_pick(PDQ_SIDE - 1, n) + 2 * span.box.lead + 1);
	span.count = take(room, span.end);
	span.inverse = take(room, span.end);
	return span;
}

static void span_fill(struct span *span)
{
	for (uint64_t t = 0; t < span->end; t++) {
		uint64_t i = t - span->box.lead;
		bool there = t >= span->box.lead && i < span->box.n;

		span->count[t] = there ? (float)ward_pdq_box_count(&span->box, i) : 1;
		span->inverse[t] = there ? 1 / span->count[t] : 0;
	}
}

static inline vec quotient(vec sum, vec count, vec inverse)
{
	vec q = sum * inverse;

	return fused(fused_minus(q, count, sum), inverse, q);
}

/* Filtering along LANES rows: the sums, and the last columns, a power of two of them. */
struct line {
	float *past;
	uint64_t mask;
	vec sum;
};

static struct line line_of(uint64_t window, struct room *room)
{
	uint64_t columns = LANES;

	while (columns <= window)
		columns *= 2;
	return (struct line){ .past = take(room, columns * LANES), .mask = columns - 1 };
}

static void line_begin(struct line *line)
{
	memset(line->past, 0, (line->mask + 1) * LANES * sizeof(float));
	line->sum = all(0);
}

/* LANES columns go in, beginning with time u, and the running sums come out in their place. */
static inline void line_feed(struct line *line, uint64_t u, uint64_t window, vec tile[LANES])
{
	float *here = line->past + (u & line->mask) * LANES;
	uint64_t old = u - window;
	vec sum = line->sum;

	for (int k = 0; k < LANES; k++, old++) {
		store(here + k * LANES, tile[k]);
		sum = sum + tile[k];
		sum = sum - load(line->past + (old & line->mask) * LANES);
		tile[k] = sum;
	}
	line->sum = sum;
}

struct work {
	const struct pdq_source *source;
	struct span across;
	struct span down;
	struct line first; /* along rows, the first time and the second */
	struct line second;
	float *sums;        /* down columns, the first time: a sum for each column */
	float *past;        /* and rows: row v in slot v % window, `across.end` floats each */
	float *picked_sums; /* the same for the second time, over the picked columns alone */
	float *picked_past;
	float *picked;    /* the picked columns of a band: PDQ_SIDE times LANES rows */
	uint8_t *sampled; /* a band of the sampled picture */
	uint32_t rows_done;
};

static uint64_t lay_out(struct work *work, const struct pdq_source *source, float *memory)
{
	struct room room = { .memory = memory };
	uint64_t window;

	*work = (struct work){ .source = source };
	work->across = span_of(source->width, &room);
	work->down = span_of(source->height, &room);
	window = work->down.box.window;
	work->first = line_of(work->across.box.window, &room);
	work->second = line_of(work->across.box.window, &room);
	work->picked = take(&room, PDQ_SIDE * LANES);
	work->sampled = (uint8_t *)take(&room, LANES * PDQ_SAMPLED_ROW_BYTES / sizeof(float));
	/* These four begin at zero, and lie together. */
	work->sums = take(&room, work->across.end);
	work->picked_sums = take(&room, PDQ_SIDE);
	work->past = take(&room, window * work->across.end);
	work->picked_past = take(&room, window * PDQ_SIDE);
	if (memory)
		memset(work->sums, 0, (size_t)(memory + room.used - work->sums) * sizeof(float));
	return room.used;
}

static bool too_long(const struct pdq_source *source)
{
	return source->width > LANES_SIDE_MAX || source->height > LANES_SIDE_MAX;
}

static uint64_t lanes_scratch(const struct pdq_source *source)
{
	struct work work;

	return too_long(source) ? ward_pdq_plain.scratch(source) : lay_out(&work, source, NULL);
}

/* A band's rows of pixels; NULL below the picture. */
static void band_rows(struct work *work, uint64_t v, const uint8_t *rows[LANES])
{
	for (int i = 0; i < LANES; i++) {
		rows[i] = NULL;
		if (v + i < work->source->height)
			rows[i] = ward_pdq_row(work->source, (uint32_t)(v + i),
					work->sampled + i * PDQ_SAMPLED_ROW_BYTES);
	}
}

/* The luma of a tile, where all of it and the bytes a load takes beyond it are in the picture. */
static inline void tile_inside(const struct weights *weights, const uint8_t *rows[LANES],
		uint64_t u, uint32_t channels, vec tile[LANES])
{
	if (channels == 1) {
		for (int i = 0; i < LANES; i++)
			tile[i] = grey(rows[i] + u);
	} else {
		for (int i = 0; i < LANES; i++)
			tile[i] = luma(rows[i] + 3 * u, weights);
	}
}

/* The luma of a tile at an edge: what is not there is zero. */
static void tile_at_edge(const struct work *work, const struct weights *weights,
		const uint8_t *rows[LANES], uint64_t u, vec tile[LANES])
{
	uint32_t channels = work->source->image->channels;
	uint64_t left = u < work->source->width ? work->source->width - u : 0;

	for (int i = 0; i < LANES; i++) {
		uint8_t copy[4 * LANES] = { 0 };

		if (rows[i] && left > 0)
			memcpy(copy, rows[i] + u * channels,
					(left < LANES ? left : LANES) * channels);
		tile[i] = channels == 1 ? grey(copy) : luma(copy, weights);
	}
}

/* The first filter down LANES columns: a band of their rows in, a band out `lead` later. */
static inline void columns_feed(struct work *work, float *slots[LANES], uint64_t u, uint64_t v,
		vec tile[LANES])
{
	const float *count = work->down.count + v, *inverse = work->down.inverse + v;
	vec sum = load(work->sums + u);

	for (int k = 0; k < LANES; k++) {
		float *slot = slots[k] + u;

		sum = sum + tile[k];
		sum = sum - load(slot);
		store(slot, tile[k]);
		tile[k] = quotient(sum, all(count[k]), all(inverse[k]));
	}
	store(work->sums + u, sum);
}

/* All of the first three filters, for a band; of the third the picked columns are kept. */
static void band(struct work *work, uint64_t v)
{
	const struct pdq_source *source = work->source;
	struct span *across = &work->across;
	uint64_t window = across->box.window, lead = across->box.lead;
	uint64_t whole = v + LANES <= source->height ? source->width : 0;
	struct weights weights = weights_of(source->weight);
	const uint8_t *rows[LANES];
	float *slots[LANES];
	uint32_t picked = 0;
	uint64_t pick = pdq_pick(0, source->width);

	band_rows(work, v, rows);
	for (int k = 0; k < LANES; k++)
		slots[k] = work->past + (v + k) % work->down.box.window * across->end;
	line_begin(&work->first);
	line_begin(&work->second);
	for (uint64_t u = 0; u < across->end; u += LANES) {
		vec tile[LANES];

		if (u + 2 * LANES <= whole)
			tile_inside(&weights, rows, u, source->image->channels, tile);
		else
			tile_at_edge(work, &weights, rows, u, tile);
		transpose(tile);
		line_feed(&work->first, u, window, tile);
		for (int k = 0; k < LANES; k++)
			tile[k] = quotient(tile[k], all(across->count[u + k]),
					all(across->inverse[u + k]));
		transpose(tile);
		columns_feed(work, slots, u, v, tile);
		transpose(tile);
		line_feed(&work->second, u, window, tile);
		while (picked < PDQ_SIDE && pick + 2 * lead < u + LANES) {
			vec count = all((float)ward_pdq_box_count(&across->box, pick));

			store(work->picked + picked * LANES, tile[pick + 2 * lead - u] / count);
			if (++picked < PDQ_SIDE)
				pick = pdq_pick(picked, source->width);
		}
	}
}

/* The last filter, down the picked columns, and the pick of rows. */
static void picked_feed(struct work *work, uint64_t v, const float *row, struct pdq_small *small)
{
	const struct pdq_box *box = &work->down.box;
	float *past = work->picked_past + v % box->window * PDQ_SIDE;
	uint64_t y = v - 2 * box->lead;
	bool wanted = v >= 2 * box->lead && work->rows_done < PDQ_SIDE &&
		      pdq_pick(work->rows_done, work->source->height) == y;
	vec count = all(wanted ? (float)ward_pdq_box_count(box, y) : 1);

	for (int j = 0; j < PDQ_SIDE; j += LANES) {
		vec in = load(row + j);
		vec sum = load(work->picked_sums + j) + in - load(past + j);

		store(past + j, in);
		store(work->picked_sums + j, sum);
		if (wanted)
			store(small->at[work->rows_done] + j, sum / count);
	}
	if (!wanted)
		return;
	/* A picture of fewer than 64 rows gives some of them more than once. */
	for (work->rows_done++; work->rows_done < PDQ_SIDE; work->rows_done++) {
		if (pdq_pick(work->rows_done, work->source->height) != y)
			break;
		memcpy(small->at[work->rows_done], small->at[work->rows_done - 1],
				sizeof(small->at[0]));
	}
}

static void lanes_filter(const struct pdq_source *source, float *scratch, struct pdq_small *small)
{
	struct work work;

	if (too_long(source)) {
		ward_pdq_plain.filter(source, scratch, small);
		return;
	}
	lay_out(&work, source, scratch);
	span_fill(&work.across);
	span_fill(&work.down);
	for (uint64_t v = 0; v < work.down.end; v += LANES) {
		_Alignas(64) float rows[LANES][PDQ_SIDE];
		vec tile[LANES];

		band(&work, v);
		for (int j = 0; j < PDQ_SIDE; j += LANES) {
			for (int k = 0; k < LANES; k++)
				tile[k] = load(work.picked + (j + k) * LANES);
			transpose(tile);
			for (int k = 0; k < LANES; k++)
				store(&rows[k][j], tile[k]);
		}
		for (int k = 0; k < LANES; k++)
			picked_feed(&work, v + k, rows[k], small);
	}
}

static inline ivec steps(vec u, vec v)
{
	ivec d = __builtin_convertvector((u - v) * all(100) / all(255), ivec);
	ivec sign = d >> 31;

	return (d ^ sign) - sign;
}

/* Sums of integers: their order does not matter. */
static int lanes_quality(const struct pdq_small *small)
{
	ivec sums = { 0 };
	int sum = 0;

	for (int i = 0; i < PDQ_SIDE; i++) {
		float line[PDQ_SIDE + 1];

		/* The last sample has no neighbour to the right, and no step to itself. */
		memcpy(line, small->at[i], sizeof(small->at[i]));
		line[PDQ_SIDE] = line[PDQ_SIDE - 1];
		for (int j = 0; j < PDQ_SIDE; j += LANES) {
			vec here = load(small->at[i] + j);

			sums += steps(here, load_any(line + j + 1));
			if (i + 1 < PDQ_SIDE)
				sums += steps(here, load(small->at[i + 1] + j));
		}
	}
	for (int k = 0; k < LANES; k++)
		sum += sums[k];
	return sum / 90 < 100 ? sum / 90 : 100;
}

/* Sums side by side, eight vectors of them, so that one's latency hides behind the others. */
#define SIDE_BY_SIDE 8

static void lanes_dct(const struct pdq_small *small, struct pdq_values *values)
{
	_Alignas(64) float half[16][PDQ_SIDE];

	for (int i = 0; i < 16; i += SIDE_BY_SIDE) {
		for (int j = 0; j < PDQ_SIDE; j += LANES) {
			vec sum[SIDE_BY_SIDE];

			for (int n = 0; n < SIDE_BY_SIDE; n++)
				sum[n] = all(0);
			for (int k = 0; k < PDQ_SIDE; k++) {
				vec row = load(small->at[k] + j);

				for (int n = 0; n < SIDE_BY_SIDE; n++)
					sum[n] = sum[n] + all(pdq_dct[i + n][k]) * row;
			}
			for (int n = 0; n < SIDE_BY_SIDE; n++)
				store(&half[i + n][j], sum[n]);
		}
	}
	for (int i = 0; i < 16; i += SIDE_BY_SIDE) {
		for (int j = 0; j < 16; j += LANES) {
			vec sum[SIDE_BY_SIDE];

			for (int n = 0; n < SIDE_BY_SIDE; n++)
				sum[n] = all(0);
			for (int k = 0; k < PDQ_SIDE; k++) {
				vec row = load_any(pdq_dct_turned[k] + j);

				for (int n = 0; n < SIDE_BY_SIDE; n++)
					sum[n] = sum[n] + all(half[i + n][k]) * row;
			}
			for (int n = 0; n < SIDE_BY_SIDE; n++)
				store(&values->at[16 * (i + n) + j], sum[n]);
		}
	}
}

#endif
