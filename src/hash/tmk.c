/*
 * TMK+PDQF, made and compared.
 *
 * With B the 256 values of frame t, F is B divided by its length.  For each period T and
 * coefficient j the sums of F * cos(2 pi j t / T) and F * sin(2 pi j t / T) are kept
 * as float32; the products are of doubles, and each sum is rounded once a frame, so the
 * order of frames is part of the result.  At the end each sum is brought to
 * length sqrt(a_j), and the average is that of B, not of F.
 *
 * The score of a shift d is a_0 and the series of cos(j d) and sin(j d) with
 * the products of both videos' sums, divided by what it would be for equal ones.
 */
#include "hash/tmk_code.h"

#include <math.h>

#include "hash/pdq_code.h"

const uint32_t ward_tmk_periods[WARD_TMK_PERIODS] = { 2731, 4391, 9767, 14653 };

const float ward_tmk_coefficients[WARD_TMK_COEFFICIENTS] = { 0.0708041893112f, 0.13937789309f,
	0.132897260304f, 0.122765735552f, 0.109878684888f, 0.09529606433f, 0.0800986647852f,
	0.0652590650356f, 0.0515478238322f, 0.0394851531195f, 0.0293374252025f, 0.0211492623679f,
	0.0147973073245f, 0.0100512818746f, 0.0066306408014f, 0.00424947117334f, 0.0026467615764f,
	0.00160270959695f, 0.000943882629639f, 0.000540841638603f, 0.000301633183798f,
	0.000163800158855f, 8.66454753015e-05f, 4.46626303151e-05f, 2.24429442235e-05f,
	1.09982139799e-05f, 5.25823487999e-06f, 2.45358229988e-06f, 1.11781474895e-06f,
	4.97406489221e-07f, 2.16265487234e-07f, 9.19087006565e-08f };

struct ward_tmk_maker {
	struct ward_pdq_hasher *hasher;
	struct ward_tmk sums; /* so far */
};

struct ward_tmk_maker *ward_tmk_maker_new(void)
{
	struct ward_tmk_maker *maker = calloc(1, sizeof(*maker));

	if (maker)
		maker->hasher = ward_pdq_hasher_new();
	if (maker && !maker->hasher) {
		free(maker);
		maker = NULL;
	}
	return maker;
}

void ward_tmk_maker_free(struct ward_tmk_maker *maker)
{
	if (!maker)
		return;
	ward_pdq_hasher_free(maker->hasher);
	free(maker);
}

/* ---- making ---- */

float ward_tmk_dot(const float *a, const float *b)
{
	float sum = 0;

	for (int k = 0; k < WARD_TMK_VALUES; k++)
		sum += a[k] * b[k];
	return sum;
}

/* To length 1; what has none stays as it is. */
static void normalize(float *values)
{
	float length = sqrtf(ward_tmk_dot(values, values));

	for (int k = 0; k < WARD_TMK_VALUES && length > 0; k++)
		values[k] /= length;
}

/* Sums of a period grow by this frame, each rounded once. */
static void turn(float *sums, const float *values, double by)
{
	for (int k = 0; k < WARD_TMK_VALUES; k++)
		sums[k] = (float)((double)sums[k] + (double)values[k] * by);
}

static void add_to_period(struct ward_tmk *sums, int period, const float *values)
{
	for (int k = 0; k < WARD_TMK_VALUES; k++)
		sums->cosines[period][0][k] += values[k];
	for (int j = 1; j < WARD_TMK_COEFFICIENTS; j++) {
		double angle = 2 * TMK_PI * j * sums->frames / ward_tmk_periods[period];

		turn(sums->cosines[period][j], values, cos(angle));
		turn(sums->sines[period][j], values, sin(angle));
	}
}

ward_err ward_tmk_add(struct ward_tmk_maker *maker, const struct ward_image *image,
		struct ward_error *error)
{
	struct ward_tmk *sums = &maker->sums;
	struct ward_pdq_result result;
	struct pdq_values values = { .at = { 0 } };

	if (image->width != WARD_TMK_SIDE || image->height != WARD_TMK_SIDE || image->channels != 3)
		return ward_fail(error, WARD_E_ARGUMENT, "TMK wants frames of 64x64 in RGB");
	if (sums->frames == INT32_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the video has too many frames");
	ward_err err = ward_pdq_hash_colours(maker->hasher, image, &result, &values, error);

	if (err)
		return err;
	for (int k = 0; k < WARD_TMK_VALUES; k++)
		sums->average[k] += values.at[k];
	normalize(values.at);
	for (int period = 0; period < WARD_TMK_PERIODS; period++)
		add_to_period(sums, period, values.at);
	sums->frames++;
	return WARD_OK;
}

static void finish_one(float *values, int coefficient)
{
	float weight = sqrtf(ward_tmk_coefficients[coefficient]);

	normalize(values);
	for (int k = 0; k < WARD_TMK_VALUES; k++)
		values[k] *= weight;
}

ward_err ward_tmk_finish(struct ward_tmk_maker *maker, struct ward_tmk *tmk,
		struct ward_error *error)
{
	struct ward_tmk *sums = &maker->sums;

	if (sums->frames == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is no frame in it");
	for (int k = 0; k < WARD_TMK_VALUES; k++)
		sums->average[k] /= (float)sums->frames;
	for (int period = 0; period < WARD_TMK_PERIODS; period++) {
		for (int j = 0; j < WARD_TMK_COEFFICIENTS; j++) {
			finish_one(sums->cosines[period][j], j);
			finish_one(sums->sines[period][j], j);
		}
	}
	*tmk = *sums;
	memset(sums, 0, sizeof(*sums));
	return WARD_OK;
}

/* ---- comparing ---- */

double ward_tmk_level1(const struct ward_tmk *a, const struct ward_tmk *b)
{
	float aa = ward_tmk_dot(a->average, a->average);
	float bb = ward_tmk_dot(b->average, b->average);
	float both = sqrtf(aa) * sqrtf(bb);

	return both > 0 ? (double)(ward_tmk_dot(a->average, b->average) / both) : 0;
}

/* What the series of one period has at each coefficient. */
struct series {
	float even[WARD_TMK_COEFFICIENTS]; /* of the cosine */
	float odd[WARD_TMK_COEFFICIENTS];  /* of the sine */
};

static struct series series_of(const struct ward_tmk *a, const struct ward_tmk *b, int period)
{
	struct series series;

	for (int j = 0; j < WARD_TMK_COEFFICIENTS; j++) {
		const float *ac = a->cosines[period][j], *as = a->sines[period][j];
		const float *bc = b->cosines[period][j], *bs = b->sines[period][j];

		series.even[j] = ward_tmk_dot(ac, bc) + ward_tmk_dot(as, bs);
		series.odd[j] = ward_tmk_dot(as, bc) - ward_tmk_dot(ac, bs);
	}
	return series;
}

/* Sine and cosine of j * shift from those of (j - 1) * shift, in float as the tool has them. */
static float score_at(const struct series *series, float shift)
{
	float half = (float)sin((double)shift / 2), beta = (float)sin((double)shift);
	float alpha = 2 * half * half, c = 1, s = 0, sum = series->even[0];

	for (int j = 1; j < WARD_TMK_COEFFICIENTS; j++) {
		float dc = alpha * c + beta * s, ds = alpha * s - beta * c;

		c -= dc;
		s -= ds;
		sum += c * series->even[j] + s * series->odd[j];
	}
	return sum;
}

double ward_tmk_level2(const struct ward_tmk *a, const struct ward_tmk *b)
{
	float best = 0, whole = ward_tmk_coefficients[0];
	bool first = true;

	for (int j = 1; j < WARD_TMK_COEFFICIENTS; j++)
		whole += 2 * ward_tmk_coefficients[j];
	for (int period = 0; period < WARD_TMK_PERIODS; period++) {
		const struct series series = series_of(a, b, period);

		for (uint32_t shift = 0; shift < ward_tmk_periods[period]; shift++) {
			float score = score_at(&series,
					(float)(2 * TMK_PI * shift / ward_tmk_periods[period]));

			best = first || score > best ? score : best;
			first = false;
		}
	}
	return (double)(best / whole);
}
