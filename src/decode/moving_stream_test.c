/*
 * A video's frames one after the other: at a rate they are those of the ffmpeg
 * command, byte for byte; as they are stored their pixels are those of FFmpeg's
 * plain code.
 */
#include "decode/moving_stream.h"

#include <libavutil/cpu.h>
#include <libswscale/swscale.h>

#include <math.h>

#include "base/test.h"
#include "decode/moving_make.h"
#include "decode/moving_rate.h"
#include "decode/yuv.h"

enum { SMALL = 64 * 64 * 3, FRAMES_MAX = 400 };

static struct ward_error error;
static uint8_t ours[FRAMES_MAX][SMALL + MOVING_SPARE], theirs[FRAMES_MAX][SMALL];

/* ---- at a rate ---- */

static int read_ours(ward_bytes file)
{
	const struct moving_options open = { .limits = ward_limits_default(), .streaming = true };
	const struct ward_decode_options options = { .limits = open.limits,
		.frames = { .kind = WARD_FRAMES_TMK } };
	struct moving_stream *stream = NULL;
	struct moving *moving = NULL;
	struct moving_facts facts;
	struct moving_due due;
	int count = 0;

	if (moving_open(file, &open, &moving, &facts, &error) == WARD_OK &&
			moving_stream_open(moving, &facts, &options, &stream, &error) == WARD_OK) {
		while (count < FRAMES_MAX && moving_stream_next(stream, &due, &error) == WARD_OK) {
			if (due.again && count > 0)
				memcpy(ours[count], ours[count - 1], SMALL);
			else if (moving_stream_draw(stream, ours[count], &error) != WARD_OK)
				break;
			count++;
		}
	}
	if (error.code != WARD_E_NOT_FOUND)
		count = -1;
	moving_stream_free(stream);
	moving_free(moving);
	return count;
}

/* What the published tool has the command do. */
static int read_theirs(const char *name)
{
	char command[512];
	int count = 0;

	snprintf(command, sizeof(command),
			"cd %s && ffmpeg -nostdin -v error -i %s -s 64:64 -an -f rawvideo -c:v "
			"rawvideo "
			"-pix_fmt rgb24 -r 15 pipe:1",
			moving_folder, name);
	FILE *pipe = popen(command, "r"); /* NOLINT: a fixed command of ours */

	if (!pipe)
		return -2;
	while (count < FRAMES_MAX && fread(theirs[count], SMALL, 1, pipe) == 1)
		count++;
	return pclose(pipe) == 0 ? count : -2;
}

static bool are_same(const char *name)
{
	char *text;
	ward_bytes file = moving_read(name, &text);
	int count = read_ours(file), wanted = read_theirs(name), other = 0;

	for (int i = 0; i < count && i < wanted; i++)
		other += memcmp(ours[i], theirs[i], SMALL) != 0;
	printf("# %s: %d frames", name, count);
	if (count != wanted || other > 0)
		printf(" and not %d, %d of them others (%s)", wanted, other, error.message);
	printf("\n");
	free(text);
	return count > 0 && count == wanted && other == 0;
}

static void at_a_rate_frames_are_those_of_the_command(void)
{
	static const char *const names[] = { "a.mp4", "a.webm", "a.avi", "a.mov", "a.flv", "a.wmv",
		"a.ts", "a.mkv", "turned.mp4", "one.mp4" };
	int wrong = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		wrong += !are_same(names[i]);
	CHECK_EQ(wrong, 0);
}

/* Rates that do not divide, gaps, other layouts, a matrix of HD, every way to turn. */
static void also_of_odd_videos(void)
{
	static const char *const names[] = { "r24.mp4", "r60.mp4", "r3.mkv", "gap.mkv", "bt709.mkv",
		"l422.mkv", "l444.mkv", "t180.mp4", "t270.mp4" };
	int wrong = 0;

	CHECK(moving_run(
			"-map 0 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -r 24000/1001 "
			"r24.mp4 "
			"-map 0 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -r 60 -t 2 r60.mp4 "
			"-map 0 -c:v ffv1 -pix_fmt yuv420p -r 3 r3.mkv "
			"-map 0 -c:v ffv1 -pix_fmt yuv420p -vf "
			"select='lt(n\\,7)+gt(n\\,31)*lt(mod(n\\,5)\\,2)' -vsync vfr gap.mkv "
			"-map 0 -c:v ffv1 -pix_fmt yuv420p -colorspace bt709 -color_range pc -t 1 "
			"bt709.mkv "
			"-map 0 -c:v ffv1 -pix_fmt yuv422p10le -t 1 l422.mkv "
			"-map 0 -c:v ffv1 -pix_fmt yuv444p -t 1 l444.mkv"));
	CHECK(moving_run("-i fast.mp4 -map 2 -c copy -metadata:s:v:0 rotate=180 t180.mp4 "
			 "-map 2 -c copy -metadata:s:v:0 rotate=270 t270.mp4"));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[256];

		wrong += !are_same(names[i]);
		snprintf(path, sizeof(path), "%s/%s", moving_folder, names[i]);
		(void)unlink(path);
	}
	CHECK_EQ(wrong, 0);
}

/* The examples are the command's, by the numbers of its frames. */
static void the_rule_of_rates_is_the_commands(void)
{
	static const struct {
		double rate;
		uint32_t numbers[10];
	} rows[] = {
		{ 30, { 0, 1, 2, 3, 5, 7, 9, 11, 13, 15 } },
		{ 25, { 0, 1, 2, 3, 4, 5, 7, 9, 10, 12 } },
		{ 24, { 0, 1, 2, 3, 4, 5, 7, 8, 10, 12 } },
		{ 10, { 0, 0, 1, 1, 2, 3, 3, 4, 5, 5 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct moving_rate rate;
		uint32_t count = 0;

		moving_rate_begin(&rate, 15 / rows[i].rate);
		for (uint32_t n = 0; count < 10; n++) {
			double at = n * 15 / rows[i].rate;
			int64_t lasts = rows[i].rate < 30 && rows[i].rate > 15 ? 1 : 0;
			struct moving_copies copies;

			if (rows[i].rate < 15)
				lasts = 2;
			copies = moving_rate_next(&rate, n > 0 ? at + 1.0 / (1 << 17) : 0, lasts);
			for (; copies.this > 0 && count < 10; copies.this --)
				CHECK_EQ(n, rows[i].numbers[count++]);
		}
	}
}

static void times_that_are_none_are_passed_over(void)
{
	static const double never[] = { -1e300, 1e300, -HUGE_VAL, HUGE_VAL, (double)NAN };
	struct moving_rate rate;

	moving_rate_begin(&rate, 0.5);
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		struct moving_copies copies = moving_rate_next(&rate, never[i], 0);

		CHECK(copies.earlier == 0 && copies.this == 0);
	}
	CHECK_EQ(rate.given, 0);
	CHECK_EQ(moving_rate_end(&rate), 0);
}

/* ---- as they are stored ---- */

/* FFmpeg's own, without its vector code. */
static bool convert_plainly(const struct yuv_planes *planes, int width, int height, bool full,
		uint8_t *rgb)
{
	uint8_t *to[4] = { rgb };
	int to_stride[4] = { width * 3 };
	int stride[4] = { (int)planes->stride[0], (int)planes->stride[1], (int)planes->stride[2] };

	av_force_cpu_flags(0);
	struct SwsContext *scaler = sws_getContext(width, height,
			full ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P, width, height,
			AV_PIX_FMT_RGB24, SWS_AREA, NULL, NULL, NULL);
	bool ok = scaler &&
		  sws_scale(scaler, planes->plane, stride, 0, height, to, to_stride) == height;

	av_force_cpu_flags(-1);
	sws_freeContext(scaler);
	return ok;
}

/* Every Y with every U, and every V: the colours there are, and more. */
static void pixels_are_those_of_ffmpegs_plain_code(void)
{
	enum { WIDTH = 512, HEIGHT = 512 };
	static uint8_t y[WIDTH * HEIGHT], u[WIDTH * HEIGHT / 4], v[WIDTH * HEIGHT / 4];
	static uint8_t a[WIDTH * HEIGHT * 3 + MOVING_SPARE], b[WIDTH * HEIGHT * 3 + MOVING_SPARE];
	const struct yuv_planes planes = { { y, u, v }, { WIDTH, WIDTH / 2, WIDTH / 2 } };

	for (size_t i = 0; i < sizeof(u); i++) {
		u[i] = (uint8_t)(i % 256);
		v[i] = (uint8_t)(i / 256 * 77 + i);
	}
	for (size_t i = 0; i < sizeof(y); i++)
		y[i] = (uint8_t)(i * 2654435761u >> 13);
	for (int full = 0; full < 2; full++) {
		yuv_to_rgb(&planes, WIDTH, HEIGHT, full == 1, a);
		CHECK(convert_plainly(&planes, WIDTH, HEIGHT, full == 1, b));
		CHECK_EQ(memcmp(a, b, (size_t)WIDTH * HEIGHT * 3), 0);
	}
}

static void every_nth_frame_is_due(void)
{
	const struct moving_options open = { .limits = ward_limits_default(), .streaming = true };
	const struct ward_decode_options options = { .limits = open.limits,
		.frames = { .kind = WARD_FRAMES_VPDQ, .seconds = 0.75f } };
	struct moving_stream *stream = NULL;
	struct moving *moving = NULL;
	struct moving_facts facts;
	struct moving_due due;
	char *text;
	uint32_t count = 0;

	CHECK_EQ(moving_open(moving_read("a.mp4", &text), &open, &moving, &facts, &error), WARD_OK);
	CHECK_EQ(facts.picture.rate_num, (uint32_t)MOVING_RATE * facts.picture.rate_den);
	CHECK_EQ(moving_stream_open(moving, &facts, &options, &stream, &error), WARD_OK);
	while (moving_stream_next(stream, &due, &error) == WARD_OK) {
		CHECK_EQ(due.number, 7 * count);
		CHECK_EQ(due.width, MOVING_WIDTH);
		CHECK_EQ(due.height, MOVING_HEIGHT);
		CHECK(!due.again);
		count++;
	}
	CHECK_EQ(error.code, WARD_E_NOT_FOUND);
	CHECK_EQ(count, 9);
	moving_stream_free(stream);
	moving_free(moving);
	free(text);
}

static const struct test_case cases[] = {
	{ "at a rate frames are those of the command", at_a_rate_frames_are_those_of_the_command },
	{ "also of odd videos", also_of_odd_videos },
	{ "the rule of rates is the command's", the_rule_of_rates_is_the_commands },
	{ "times that are none are passed over", times_that_are_none_are_passed_over },
	{ "pixels are those of FFmpeg's plain code", pixels_are_those_of_ffmpegs_plain_code },
	{ "every nth frame is due", every_nth_frame_is_due },
};

int main(void)
{
	moving_prepare();
	if (!moving_make_all()) {
		printf("Bail out! ffmpeg cannot write the videos\n");
		return 1;
	}
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	moving_remove_all();
	return failed;
}
