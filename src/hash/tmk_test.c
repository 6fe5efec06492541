/*
 * TMK+PDQF: made from drawn frames, written, read and compared; and the
 * published tool's files, scores and sums, from the folder $WARD_GOLDEN.
 */
#include <ward/tmk.h>

#include <math.h>

#include "base/file.h"
#include "base/test.h"

static struct ward_error error;
static struct ward_tmk one, two;

/* ---- drawn videos ---- */

enum { SIDE = WARD_TMK_SIDE };

/* A bright spot that goes around, on a slope of grey. */
static struct ward_image draw(uint32_t number)
{
	static uint8_t rgb[SIDE * SIDE * 3];
	int cx = (int)(number * 7 % SIDE), cy = (int)(number * number % SIDE);

	for (int y = 0; y < SIDE; y++) {
		for (int x = 0; x < SIDE; x++) {
			int far = (x - cx) * (x - cx) + (y - cy) * (y - cy);
			uint8_t *at = rgb + 3 * (y * SIDE + x);

			at[0] = (uint8_t)(far < 200 ? 250 : 2 * x);
			at[1] = (uint8_t)(far < 90 ? 220 : x + y);
			at[2] = (uint8_t)(y * 3);
		}
	}
	return (struct ward_image){ rgb, SIDE * 3, SIDE, SIDE, 3 };
}

static ward_err make(uint32_t from, uint32_t to, struct ward_tmk *tmk)
{
	struct ward_tmk_maker *maker = ward_tmk_maker_new();
	ward_err err = WARD_OK;

	for (uint32_t i = from; !err && i < to; i++) {
		struct ward_image image = draw(i);

		err = ward_tmk_add(maker, &image, &error);
	}
	if (!err)
		err = ward_tmk_finish(maker, tmk, &error);
	ward_tmk_maker_free(maker);
	return err;
}

static void a_video_is_like_itself_and_like_what_begins_later(void)
{
	CHECK_EQ(make(0, 60, &one), WARD_OK);
	CHECK_EQ(one.frames, 60);
	CHECK(fabs(ward_tmk_level1(&one, &one) - 1) < 1e-5);
	CHECK(fabs(ward_tmk_level2(&one, &one) - 1) < 1e-5);
	CHECK_EQ(make(10, 60, &two), WARD_OK);
	printf("# begun later: %.4f, %.4f\n", ward_tmk_level1(&one, &two),
			ward_tmk_level2(&one, &two));
	CHECK(ward_tmk_level1(&one, &two) > 0.5 && ward_tmk_level1(&one, &two) < 0.999);
	CHECK(ward_tmk_level2(&one, &two) > WARD_TMK_ALIKE);
	CHECK(ward_tmk_level2(&one, &two) < 0.999);
}

static void no_frames_make_nothing(void)
{
	struct ward_tmk_maker *maker = ward_tmk_maker_new();
	struct ward_image image = draw(0);

	CHECK_EQ(ward_tmk_finish(maker, &one, &error), WARD_E_FORMAT);
	image.width = 63;
	CHECK_EQ(ward_tmk_add(maker, &image, &error), WARD_E_ARGUMENT);
	image.width = 64;
	image.channels = 1;
	CHECK_EQ(ward_tmk_add(maker, &image, &error), WARD_E_ARGUMENT);
	ward_tmk_maker_free(maker);
}

/* Black has no length: it counts as a frame and adds nothing. */
static void black_frames_are_no_division_by_nothing(void)
{
	static const uint8_t black[SIDE * SIDE * 3];
	const struct ward_image image = { black, SIDE * 3, SIDE, SIDE, 3 };
	struct ward_tmk_maker *maker = ward_tmk_maker_new();

	for (int i = 0; i < 3; i++)
		CHECK_EQ(ward_tmk_add(maker, &image, &error), WARD_OK);
	CHECK_EQ(ward_tmk_finish(maker, &one, &error), WARD_OK);
	CHECK_EQ(one.frames, 3);
	CHECK(ward_tmk_level1(&one, &one) == 0);
	CHECK(ward_tmk_level2(&one, &one) == 0);
	ward_tmk_maker_free(maker);
}

/* ---- files ---- */

static void a_file_is_read_as_it_was_written(void)
{
	struct ward_buf out, again;

	CHECK_EQ(make(0, 20, &one), WARD_OK);
	ward_buf_init(&out, 1 << 20);
	ward_tmk_write(&one, &out);
	CHECK_EQ(out.len, WARD_TMK_BYTES);
	ward_bytes file = { (const uint8_t *)out.ptr, out.len };

	CHECK_EQ(ward_tmk_read(file, &two, &error), WARD_OK);
	ward_buf_init(&again, 1 << 20);
	ward_tmk_write(&two, &again);
	CHECK(ward_str_eq(ward_buf_text(&out), ward_buf_text(&again)));
	ward_buf_free(&again);
	CHECK_EQ(two.frames, 20);
	for (size_t len = 0; len < out.len; len += len < 300 ? 1 : 20011)
		CHECK_EQ(ward_tmk_read((ward_bytes){ file.ptr, len }, &two, &error), WARD_E_FORMAT);
	ward_buf_char(&out, 'x');
	CHECK_EQ(ward_tmk_read((ward_bytes){ (const uint8_t *)out.ptr, out.len }, &two, &error),
			WARD_E_FORMAT);
	ward_buf_free(&out);
}

static void other_numbers_in_the_header_are_refused(void)
{
	struct ward_buf out;

	memset(&one, 0, sizeof(one));
	ward_buf_init(&out, 1 << 20);
	ward_tmk_write(&one, &out);
	for (size_t at = 0; at < 176; at += 4) {
		const ward_err want = at < 12    ? WARD_E_FORMAT
				      : at == 28 ? WARD_OK
						 : WARD_E_UNSUPPORTED;

		out.ptr[at + 2] ^= 0x41;
		CHECK_EQ(ward_tmk_read((ward_bytes){ (const uint8_t *)out.ptr, out.len }, &two,
					 &error),
				want);
		out.ptr[at + 2] ^= 0x41;
	}
	/* Neither is a feature that is no number. */
	memset(out.ptr + 200000, 0xff, 4);
	CHECK_EQ(ward_tmk_read((ward_bytes){ (const uint8_t *)out.ptr, out.len }, &two, &error),
			WARD_E_FORMAT);
	CHECK_STR(error.message, "there is a number in it that is none");
	ward_buf_free(&out);
}

/* ---- the published tool ---- */

static char *golden(const char *name, const char *ending, size_t *len)
{
	const char *folder = getenv("WARD_GOLDEN");
	char path[512], *text = NULL;

	snprintf(path, sizeof(path), "%s/tmk/%s%s", folder ? folder : "", name, ending);
	if (!folder || file_read(path, 1 << 24, &text, len, NULL) != WARD_OK)
		return NULL;
	return text;
}

static bool read_golden(ward_str name, struct ward_tmk *tmk)
{
	char own[128];
	size_t len = 0;

	snprintf(own, sizeof(own), "%.*s", WARD_FMT(name));
	char *text = golden(own, ".tmk", &len);
	bool ok = text &&
		  ward_tmk_read((ward_bytes){ (const uint8_t *)text, len }, tmk, &error) == WARD_OK;
	struct ward_buf out;

	ward_buf_init(&out, 1 << 20);
	if (ok)
		ward_tmk_write(tmk, &out);
	if (ok && !ward_str_eq(ward_buf_text(&out), (ward_str){ text, len })) {
		printf("# %s is written otherwise\n", own);
		ok = false;
	}
	ward_buf_free(&out);
	free(text);
	return ok;
}

static bool is_score(ward_str text, double score)
{
	char own[32];

	snprintf(own, sizeof(own), "%.*s", WARD_FMT(text));
	bool same = fabs(strtod(own, NULL) - score) < 1e-5;

	if (!same)
		printf("# %.7f should be %s\n", score, own);
	return same;
}

/* Of the pairs of the table, those whose files there are. */
static void the_published_scores_come_out(void)
{
	size_t len = 0;
	char *text = golden("pairs", ".tsv", &len);
	int read = 0, wrong = 0;

	if (!text)
		CHECK_SKIP("there is no $WARD_GOLDEN/tmk");
	ward_str rest = { text, len };

	(void)ward_str_cut(&rest, '\n');
	while (rest.len > 0) {
		ward_str row = ward_str_cut(&rest, '\n');

		if (!read_golden(ward_str_cut(&row, '\t'), &one) ||
				!read_golden(ward_str_cut(&row, '\t'), &two))
			continue;
		read++;
		wrong += !is_score(ward_str_cut(&row, '\t'), ward_tmk_level1(&one, &two));
		wrong += !is_score(row, ward_tmk_level2(&one, &two));
	}
	free(text);
	printf("# %d pairs\n", read);
	CHECK_EQ(wrong, 0);
	CHECK(read >= 6);
}

static const struct test_case cases[] = {
	{ "a video is like itself, and like what begins later",
			a_video_is_like_itself_and_like_what_begins_later },
	{ "no frames make nothing", no_frames_make_nothing },
	{ "black frames are no division by nothing", black_frames_are_no_division_by_nothing },
	{ "a file is read as it was written", a_file_is_read_as_it_was_written },
	{ "other numbers in the header are refused", other_numbers_in_the_header_are_refused },
	{ "the published scores come out", the_published_scores_come_out },
};
TEST_MAIN(cases)
