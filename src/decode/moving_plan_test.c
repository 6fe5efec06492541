/*
 * What need not be decoded for every n-th picture of a video: a good part, and the pictures that
 * come out are those of a decoder that decodes all.
 */
#include "decode/moving_plan.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "decode/moving_ahead.h"
#include "decode/moving_raw.h"
#include "decode/moving_stream.h"

static struct ward_error error;

/* ---- the plan alone ---- */

/*
 * "I" begins anew, "P" is made from what is before, "C" names what no decoder misses, "b" is spare;
 * by the times they are shown.
 */
struct told {
	const char *kinds;
	const char *times; /* a letter each: a is 0 */
	uint32_t step;
	const char *needs; /* d: decoded; .: not */
};

static void plan_for(const struct told *told, struct moving_plan **made)
{
	struct moving_plan *plan = moving_plan_new();

	*made = plan;

	for (size_t i = 0; told->kinds[i]; i++) {
		const struct moving_packet packet = {
			.time = 100 * (told->times[i] - 'a'),
			.size = (uint32_t)i + 1,
			.anew = told->kinds[i] == 'I',
			.spare = told->kinds[i] == 'b' || told->kinds[i] == 'u',
			.layer = told->kinds[i] == 'u' || told->kinds[i] == 'U',
			.silent = told->kinds[i] == 'C',
			.not_shown = told->kinds[i] == 'h',
		};

		CHECK(moving_plan_tell(plan, &packet));
	}
	CHECK(moving_plan_make(plan, told->step));
}

static void what_no_wanted_picture_is_made_from_is_not_decoded(void)
{
	static const struct told rows[] = {
		/* all begins anew with each wanted picture */
		{ "IPPIPPIPP", "abcdefghi", 3, "d..d..d.." },
		/* or one behind it */
		{ "IPPPIPPP", "abcdefgh", 5, "d...dd.." },
		/* nothing is wanted between two beginnings */
		{ "IPIPIP", "abcdef", 5, "d...dd" },
		/* those that no other is made from */
		{ "IPbPb", "acbed", 3, "dd.dd" },
		{ "IPbPb", "acbed", 2, "dd.d." },
		{ "IbIb", "abcd", 2, "d.d." },
		/* but for the one before such as name others, and nobody misses them */
		{ "IbbCPbP", "abcdefg", 6, "ddddd.d" },
		/* the first is decoded, whatever it is */
		{ "hIP", "abc", 2, "dd." },
		/* what is shown before a beginning, and lies behind it, may be made from both */
		{ "IPbIb", "acbed", 4, "dd.d." },
		/* of no use to its own layer, but to the one above */
		{ "IbPu", "abcd", 2, "ddd." },
		{ "IPuPu", "acbed", 2, "dd.d." },
		/* what is not shown has no number */
		{ "hPbPb", "acbed", 2, "ddddd" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct moving_plan *plan;

		plan_for(&rows[i], &plan);

		for (size_t at = 0; rows[i].kinds[at]; at++) {
			enum moving_need need = moving_plan_next(plan,
					100 * (rows[i].times[at] - 'a'), (uint32_t)at + 1);
			char letter = "d.?"[need];

			if (letter != rows[i].needs[at])
				printf("# row %zu, packet %zu\n", i, at);
			CHECK_EQ(letter, rows[i].needs[at]);
		}
		moving_plan_free(plan);
	}
}

static void what_comes_is_what_is_decoded_in_the_order_it_is_shown(void)
{
	const struct told told = { "hIPbPb", "abdcfe", 4, "" };
	struct moving_plan *plan;
	uint32_t number;

	plan_for(&told, &plan);
	CHECK_EQ(moving_plan_last(plan), 500);
	CHECK(!moving_plan_came(plan, 0, &number));
	CHECK(moving_plan_came(plan, 100, &number) && number == 0);
	CHECK(!moving_plan_came(plan, 200, &number));
	CHECK(moving_plan_came(plan, 300, &number) && number == 2);
	CHECK(!moving_plan_is_whole(plan));
	CHECK(moving_plan_came(plan, 500, &number) && number == 4);
	CHECK(moving_plan_is_whole(plan));
	CHECK(!moving_plan_came(plan, 500, &number));
	moving_plan_free(plan);
}

static void what_was_not_told_is_another_packet(void)
{
	const struct told told = { "IP", "ab", 2, "" };
	struct moving_plan *plan;

	plan_for(&told, &plan);

	CHECK_EQ(moving_plan_next(plan, 0, 2), MOVING_OTHER);
	CHECK_EQ(moving_plan_next(plan, 1, 1), MOVING_OTHER);
	CHECK_EQ(moving_plan_next(plan, 0, 1), MOVING_DECODE);
	CHECK_EQ(moving_plan_next(plan, 100, 2), MOVING_SKIP);
	CHECK_EQ(moving_plan_next(plan, 100, 2), MOVING_OTHER);
	moving_plan_free(plan);
}

static void two_pictures_of_one_time_have_no_order(void)
{
	const struct moving_packet packet = { .time = 5, .size = 1 };
	struct moving_plan *plan = moving_plan_new();

	CHECK(!moving_plan_make(plan, 2));
	moving_plan_free(plan);
	plan = moving_plan_new();
	CHECK(moving_plan_tell(plan, &packet) && moving_plan_tell(plan, &packet));
	CHECK(!moving_plan_make(plan, 2));
	moving_plan_free(plan);
}

/* ---- of real videos ---- */

/* Six seconds of ten pictures that all differ; of each, how many are decoded for one a second. */
static const struct video {
	const char *name, *how;
	int decoded; /* at most; 0: there is no plan */
} videos[] = {
	{ "phone.mp4", "-c:v libx264 -g 10 -bf 0", 6 },
	{ "web.mp4", "-c:v libx264 -g 250 -bf 3", 40 },
	{ "old.mp4", "-c:v libx264 -g 7 -bf 0 -preset ultrafast", 40 },
	{ "open.mkv", "-c:v libx264 -g 7 -bf 2 -x264-params open-gop=1:scenecut=0", 55 },
	{ "lines.mp4", "-c:v libx264 -g 10 -flags +ildct+ilme -x264-params tff=1", 40 },
	{ "gaps.mp4", "-c:v libx264 -g 10 -bf 2 -vf select='mod(n\\,7)' -vsync vfr", 45 },
	{ "h265.mp4", "-c:v libx265 -x265-params log-level=none:keyint=10:open-gop=0", 20 },
	{ "h265.mkv", "-c:v libx265 -x265-params log-level=none:keyint=20:temporal-layers=1", 50 },
	{ "lie.mp4", "-c:v libx265 -x265-params log-level=none:keyint=10:open-gop=0:bframes=0", 6 },
	{ "other.avi", "-c:v mpeg4", 0 },
};

static char folder[] = "/tmp/ward-plan-XXXXXX";

static ward_bytes read_video(const char *name, char **text)
{
	char path[64];
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	*text = NULL;
	if (file_read(path, (size_t)8 << 20, text, &len, NULL) != WARD_OK)
		return (ward_bytes){ NULL, 0 };
	return (ward_bytes){ (const uint8_t *)*text, len };
}

static bool run(const char *words, const char *name)
{
	char command[1024];

	snprintf(command, sizeof(command), "cd %s && ffmpeg -nostdin -v error -y %s -threads 1 %s",
			folder, words, name);
	FILE *pipe = popen(command, "r"); /* NOLINT: a fixed command of ours */

	return pipe && pclose(pipe) == 0;
}

static bool make_videos(void)
{
	bool made = mkdtemp(folder) != NULL;

	for (size_t i = 0; i < sizeof(videos) / sizeof(*videos); i++) {
		char words[512];

		snprintf(words, sizeof(words),
				"-f lavfi -i testsrc2=size=128x96:rate=10:duration=6 "
				"-pix_fmt yuv420p %s",
				videos[i].how);
		made = made && run(words, videos[i].name);
	}
	/* Begins within a group: what is before its first picture is decoded and not shown. */
	return made && run("-ss 1.35 -i web.mp4 -c copy", "cut.mp4");
}

static void remove_videos(void)
{
	char path[64];

	for (size_t i = 0; i < sizeof(videos) / sizeof(*videos); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, videos[i].name);
		(void)unlink(path);
	}
	snprintf(path, sizeof(path), "%s/cut.mp4", folder);
	(void)unlink(path);
	(void)rmdir(folder);
}

struct frames {
	int count;
	bool damaged, kept_plan;
	struct moving_due due[64];
	uint8_t rgb[64][128 * 96 * 3 + MOVING_SPARE];
};

static struct frames planned, all;

static void read_frames(ward_bytes file, float seconds, bool every, struct frames *frames)
{
	const struct moving_options open = { .limits = ward_limits_default(),
		.streaming = true,
		.all = every };
	const struct ward_decode_options options = { .limits = open.limits,
		.frames = { .kind = WARD_FRAMES_VPDQ, .seconds = seconds } };
	struct moving_stream *stream = NULL;
	struct moving *moving = NULL;
	struct moving_facts facts;

	frames->count = 0;
	CHECK_EQ(moving_open(file, &open, &moving, &facts, &error), WARD_OK);
	CHECK_EQ(moving_stream_open(moving, &facts, &options, &stream, &error), WARD_OK);
	while (frames->count < 64 && moving_stream_next(stream, &frames->due[frames->count],
						     &error) == WARD_OK) {
		CHECK_EQ(moving_stream_draw(stream, frames->rgb[frames->count], &error), WARD_OK);
		frames->count++;
	}
	CHECK_EQ(error.code, WARD_E_NOT_FOUND);
	frames->damaged = moving_is_damaged(moving);
	frames->kept_plan = moving->plan != NULL;
	moving_stream_free(stream);
	moving_free(moving);
}

static bool are_same(const struct frames *a, const struct frames *b)
{
	bool same = a->count == b->count && a->damaged == b->damaged && a->count > 0;

	for (int i = 0; same && i < a->count; i++)
		same = a->due[i].number == b->due[i].number &&
		       a->due[i].time_ms == b->due[i].time_ms &&
		       memcmp(a->rgb[i], b->rgb[i], (size_t)128 * 96 * 3) == 0;
	return same;
}

static void check_frames_of(const char *name, bool kept_plan)
{
	static const float seconds[] = { 0.2f, 0.3f, 1, 2.5f };
	char *text;
	ward_bytes file = read_video(name, &text);

	for (size_t i = 0; i < sizeof(seconds) / sizeof(*seconds); i++) {
		read_frames(file, seconds[i], false, &planned);
		read_frames(file, seconds[i], true, &all);
		if (!are_same(&planned, &all))
			printf("# %s, each %g s: %d and %d frames\n", name, (double)seconds[i],
					planned.count, all.count);
		CHECK(are_same(&planned, &all));
		/* A step of one picture needs no plan. */
		CHECK(planned.kept_plan == kept_plan || seconds[i] < 1);
	}
	free(text);
}

static void frames_are_those_of_a_decoder_that_decodes_all(void)
{
	for (size_t i = 0; i < sizeof(videos) / sizeof(*videos); i++)
		check_frames_of(videos[i].name, videos[i].decoded > 0);
	check_frames_of("cut.mp4", true);
}

/* Every picture of H.265 that others are made from says that none is. */
static void tell_lies(uint8_t *copy, ward_bytes file, int *told)
{
	const struct moving_options open = { .limits = ward_limits_default(), .streaming = true };
	struct moving *moving = NULL, *again = NULL;
	struct moving_facts facts;

	CHECK_EQ(moving_open(file, &open, &moving, &facts, &error), WARD_OK);
	CHECK_EQ(moving_open_again(moving, &again, &error), WARD_OK);
	while (av_read_frame(again->format, again->packet) >= 0) {
		uint8_t *head = copy + again->packet->pos + 4;

		if (again->packet->pos > 0 && head[0] == 1 << 1) {
			head[0] = 0;
			++*told;
		}
		av_packet_unref(again->packet);
	}
	moving_free(again);
	moving_free(moving);
}

static void a_picture_that_is_missed_is_decoded_after_all(void)
{
	char *text;
	ward_bytes file = read_video("lie.mp4", &text);
	uint8_t *copy = malloc(file.len + 1);
	int told = 0;

	memcpy(copy, file.ptr, file.len);
	tell_lies(copy, file, &told);
	const ward_bytes lies = { copy, file.len };

	for (int i = 0; i < 2; i++) {
		read_frames(lies, i ? 0.7f : 0.3f, false, &planned);
		read_frames(lies, i ? 0.7f : 0.3f, true, &all);
		CHECK(are_same(&planned, &all));
		CHECK(!planned.kept_plan && !planned.damaged && planned.count > 5);
	}
	free(copy);
	free(text);
	CHECK_EQ(told, 54);
}

/* By the plan: as many packets as are given to the decoder. */
static void count_decoded(ward_bytes file, uint32_t step, int *count)
{
	const struct moving_options open = { .limits = ward_limits_default(), .streaming = true };
	struct moving *moving = NULL, *again = NULL;
	struct moving_facts facts;

	*count = 0;
	CHECK_EQ(moving_open(file, &open, &moving, &facts, &error), WARD_OK);
	struct moving_plan *plan = moving_ahead(moving, step);

	CHECK_EQ(moving_open_again(moving, &again, &error), WARD_OK);
	while (plan && av_read_frame(again->format, again->packet) >= 0) {
		enum moving_need need = moving_plan_next(plan, again->packet->pts,
				(uint32_t)again->packet->size);

		CHECK(need != MOVING_OTHER);
		*count += need != MOVING_SKIP;
		av_packet_unref(again->packet);
	}
	moving_plan_free(plan);
	moving_free(again);
	moving_free(moving);
}

static void of_most_videos_a_part_is_not_decoded(void)
{
	for (size_t i = 0; i < sizeof(videos) / sizeof(*videos); i++) {
		char *text;
		ward_bytes file = read_video(videos[i].name, &text);
		int count;

		count_decoded(file, 10, &count);

		printf("# %s: %d of 60\n", videos[i].name, count);
		CHECK(videos[i].decoded > 0 ? count > 0 && count <= videos[i].decoded : count == 0);
		free(text);
	}
}

/* What a plan says is the file's word: a byte that is another is another plan, or none. */
static void a_video_with_broken_bytes_ends(void)
{
	char *text;
	ward_bytes file = read_video("web.mp4", &text);
	uint8_t *copy = malloc(file.len + 1);
	uint32_t draw = 7;

	for (int round = 0; round < 60; round++) {
		memcpy(copy, file.ptr, file.len);
		for (int i = 0; i < 20; i++) {
			draw = draw * 1664525 + 1013904223;
			copy[(draw >> 8) % file.len] ^= (uint8_t)(1 + draw % 255);
		}
		const struct moving_options open = { .limits = ward_limits_default(),
			.streaming = true };
		const struct ward_decode_options options = { .limits = open.limits,
			.frames = { .kind = WARD_FRAMES_VPDQ, .seconds = 1 } };
		struct moving_stream *stream = NULL;
		struct moving *moving = NULL;
		struct moving_facts facts;
		struct moving_due due;
		uint32_t before = 0, count = 0;

		if (moving_open((ward_bytes){ copy, file.len }, &open, &moving, &facts, &error) ==
						WARD_OK &&
				moving_stream_open(moving, &facts, &options, &stream, &error) ==
						WARD_OK) {
			while (moving_stream_next(stream, &due, &error) == WARD_OK) {
				CHECK(count == 0 || due.number > before);
				before = due.number;
				count++;
			}
		}
		CHECK(error.code != WARD_OK);
		moving_stream_free(stream);
		moving_free(moving);
	}
	free(copy);
	free(text);
}

static const struct test_case cases[] = {
	{ "what no wanted picture is made from is not decoded",
			what_no_wanted_picture_is_made_from_is_not_decoded },
	{ "what comes is what is decoded, in the order it is shown",
			what_comes_is_what_is_decoded_in_the_order_it_is_shown },
	{ "what was not told is another packet", what_was_not_told_is_another_packet },
	{ "two pictures of one time have no order", two_pictures_of_one_time_have_no_order },
	{ "frames are those of a decoder that decodes all",
			frames_are_those_of_a_decoder_that_decodes_all },
	{ "a picture that is missed is decoded after all",
			a_picture_that_is_missed_is_decoded_after_all },
	{ "of most videos a part is not decoded", of_most_videos_a_part_is_not_decoded },
	{ "a video with broken bytes ends", a_video_with_broken_bytes_ends },
};

int main(void)
{
	moving_prepare();
	if (!make_videos()) {
		printf("Bail out! ffmpeg cannot write the videos\n");
		return 1;
	}
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	remove_videos();
	return failed;
}
