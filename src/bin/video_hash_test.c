/*
 * vPDQ and TMK of videos that came out of ward-worker-video's jail (the
 * argument is ward-worker's path): equal to the published tools' on the videos of
 * $WARD_GOLDEN, and of drawn ones that are cut, too long, or none.
 */
#include <ward/video.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "decode/moving_make.h"

static struct ward_box *box;
static struct ward_error error;
static struct ward_tmk tmk;
static struct ward_video_facts facts;

/* A video's bytes in memory, as a file. */
static struct ward_video video_of(ward_bytes bytes)
{
	struct ward_video video = { ward_box_memory(bytes, &error), bytes.len,
		ward_limits_default() };

	video.limits.frames_max = 100000;
	return video;
}

static struct ward_video drawn(const char *name)
{
	char *text;
	struct ward_video video = video_of(moving_read(name, &text));

	free(text);
	return video;
}

/* ---- the published tools ---- */

static const char *golden(char path[512], const char *folder, const char *name, const char *ending)
{
	const char *root = getenv("WARD_GOLDEN");

	snprintf(path, 512, "%s/%s/%s%s", root ? root : "/nowhere", folder, name, ending);
	return path;
}

static bool golden_video(const char *name, struct ward_video *video)
{
	char path[512];
	struct stat st;

	*video = (struct ward_video){ .limits = ward_limits_default() };
	video->limits.frames_max = 100000;
	video->fd = open(golden(path, "videos", name, ".mp4"), O_RDONLY | O_CLOEXEC);
	if (video->fd < 0 || fstat(video->fd, &st) < 0)
		return false;
	video->size = (uint64_t)st.st_size;
	return true;
}

static bool hash_golden(const char *name, float seconds, struct ward_vpdq *list)
{
	struct ward_video video;
	bool ok = golden_video(name, &video) &&
		  ward_video_vpdq(box, &video, seconds, list, &facts, &error) == WARD_OK &&
		  !facts.partial;

	close(video.fd);
	return ok;
}

static bool is_file(const struct ward_vpdq *list, const char *name, const char *rate)
{
	char path[512], ending[32], *text = NULL;
	struct ward_buf out;
	size_t len = 0;

	snprintf(ending, sizeof(ending), ".r%s.c.txt", rate);
	if (file_read(golden(path, "vpdq", name, ending), 1 << 24, &text, &len, NULL) != WARD_OK)
		return false;
	ward_buf_init(&out, 1 << 24);
	ward_vpdq_write(list, &out);
	bool same = ward_str_eq(ward_buf_text(&out), (ward_str){ text, len });

	printf("# %s every %s s: %zu frames%s\n", name, rate, list->count,
			same ? "" : ", which are others");
	ward_buf_free(&out);
	free(text);
	return same;
}

static void vpdq_is_the_published_tools_line_for_line(void)
{
	/* The second has a frame all black; every frame of the third. */
	static const struct {
		const char *name, *rate;
		float seconds;
	} rows[] = {
		{ "derived-pattern-25fps-240x360", "1", 1 },
		{ "doorknob-hd-no-bar", "1", 1 },
		{ "pattern-sd-grey-bar", "0", 0 },
		{ "derived-pattern-rot90meta", "0.25", 0.25f },
	};
	struct ward_video video;

	if (!golden_video(rows[0].name, &video))
		CHECK_SKIP("there is no $WARD_GOLDEN/videos");
	close(video.fd);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ward_vpdq list = { 0 };

		CHECK(hash_golden(rows[i].name, rows[i].seconds, &list));
		CHECK(is_file(&list, rows[i].name, rows[i].rate));
		ward_vpdq_free(&list);
	}
}

static bool same_tmk(ward_str name, ward_str sha256, uint64_t frames)
{
	char own[128], hex[65];
	uint8_t digest[32];
	struct ward_video video;
	struct ward_buf out;

	snprintf(own, sizeof(own), "%.*s", WARD_FMT(name));
	ward_buf_init(&out, 1 << 20);
	bool ok = golden_video(own, &video) &&
		  ward_video_tmk(box, &video, &tmk, &facts, &error) == WARD_OK && !facts.partial;

	if (ok)
		ward_tmk_write(&tmk, &out);
	const ward_bytes file = { (const uint8_t *)out.ptr, out.len };

	ward_sha256(&file, 1, digest);
	ward_hex_format(digest, 32, hex);
	ok = ok && tmk.frames == frames && ward_str_eq(ward_str_from(hex), sha256);
	printf("# %s: %u frames%s\n", own, ok ? (unsigned)tmk.frames : 0,
			ok ? "" : ", and another file");
	close(video.fd);
	ward_buf_free(&out);
	return ok;
}

static void tmk_files_are_the_published_tools_byte_for_byte(void)
{
	char path[512], *text = NULL;
	size_t len = 0;
	int rows = 0, wrong = 0;

	if (file_read(golden(path, "tmk", "tmk_sha256", ".tsv"), 1 << 20, &text, &len, NULL) !=
			WARD_OK)
		CHECK_SKIP("there is no $WARD_GOLDEN/tmk");
	ward_str rest = { text, len };

	(void)ward_str_cut(&rest, '\n');
	while (rest.len > 0) {
		ward_str row = ward_str_cut(&rest, '\n');
		ward_str name = ward_str_cut(&row, '\t'), sha256 = ward_str_cut(&row, '\t');
		uint64_t frames = 0;

		CHECK(ward_u64_parse(row, &frames));
		wrong += !same_tmk(name, sha256, frames);
		rows++;
	}
	free(text);
	CHECK_EQ(wrong, 0);
	CHECK(rows >= 7);
}

/* ---- drawn ones ---- */

static void a_drawn_video_has_a_hash_each_second(void)
{
	static const char *const names[] = { "a.mp4", "a.webm", "a.avi", "a.mov", "a.flv", "a.wmv",
		"fast.mp4" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct ward_video video = drawn(names[i]);
		struct ward_vpdq list = { 0 };

		ward_err err = ward_video_vpdq(box, &video, 1, &list, &facts, &error);

		printf("# %s: %s, %zu frames%s %s\n", names[i], ward_err_name(err), list.count,
				facts.partial ? ", partial:" : "", facts.why.message);
		CHECK_EQ(err, WARD_OK);
		CHECK(list.count == MOVING_SECONDS || list.count == MOVING_SECONDS + 1);
		CHECK_EQ(facts.frames, list.count);
		CHECK_EQ(facts.picture.width, MOVING_WIDTH);
		CHECK(!facts.partial);
		for (size_t k = 0; k < list.count; k++)
			CHECK_EQ(list.frames[k].number, k * MOVING_RATE);
		ward_vpdq_free(&list);
		close(video.fd);
	}
}

/* Two containers of one video, and one that is shown turned. */
static void copies_are_alike_and_a_turned_one_is_not(void)
{
	static struct ward_tmk other;
	struct ward_video a = drawn("a.mp4"), b = drawn("a.webm"), turned = drawn("turned.mp4");

	CHECK_EQ(ward_video_tmk(box, &a, &tmk, &facts, &error), WARD_OK);
	CHECK(tmk.frames >= MOVING_SECONDS * WARD_TMK_RATE &&
			tmk.frames <= MOVING_SECONDS * WARD_TMK_RATE + 1);
	CHECK_EQ(facts.frames, tmk.frames);
	CHECK_EQ(ward_video_tmk(box, &b, &other, &facts, &error), WARD_OK);
	printf("# %.4f, %.4f\n", ward_tmk_level1(&tmk, &other), ward_tmk_level2(&tmk, &other));
	CHECK(ward_tmk_level1(&tmk, &other) > 0.95 && ward_tmk_level2(&tmk, &other) > 0.9);
	CHECK_EQ(ward_video_tmk(box, &turned, &other, &facts, &error), WARD_OK);
	CHECK(!facts.partial);
	CHECK(ward_tmk_level1(&tmk, &other) < WARD_TMK_ALIKE);
	close(a.fd);
	close(b.fd);
	close(turned.fd);
}

/* Of a file that is cut in the middle, the first half is hashed as it is in the whole one. */
static void a_cut_video_has_the_hashes_of_what_is_there(void)
{
	static const char *const names[] = { "fast.mp4", "a.webm", "a.ts", "a.avi" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *text;
		ward_bytes bytes = moving_read(names[i], &text);
		struct ward_video whole = video_of(bytes);
		struct ward_video half = video_of((ward_bytes){ bytes.ptr, bytes.len / 2 });
		struct ward_vpdq all = { 0 }, some = { 0 };

		CHECK_EQ(ward_video_vpdq(box, &whole, 0, &all, &facts, &error), WARD_OK);
		ward_err err = ward_video_vpdq(box, &half, 0, &some, &facts, &error);

		printf("# %s: %zu of %zu frames, %s\n", names[i], some.count, all.count,
				facts.why.message);
		CHECK_EQ(err, WARD_OK);
		/* A broadcast does not say how long it is: nothing is missing that anybody knows.
		 */
		CHECK(facts.partial || strcmp(names[i], "a.ts") == 0);
		CHECK(some.count > all.count / 5 && some.count < all.count);
		for (size_t k = 0; k + 2 < some.count; k++)
			CHECK_EQ(ward_pdq_distance(all.frames[k].hash, some.frames[k].hash), 0);
		ward_vpdq_free(&all);
		ward_vpdq_free(&some);
		close(whole.fd);
		close(half.fd);
		free(text);
	}
}

static void a_limit_of_frames_ends_it_and_says_so(void)
{
	struct ward_video video = drawn("a.mp4");
	struct ward_vpdq list = { 0 };

	video.limits.frames_max = 3;
	CHECK_EQ(ward_video_vpdq(box, &video, 1, &list, &facts, &error), WARD_OK);
	CHECK_EQ(list.count, 3);
	CHECK(facts.partial);
	CHECK_EQ(facts.why.code, WARD_E_LIMIT);
	CHECK_STR(facts.why.message, "it has more frames than the limit of 3");
	CHECK_EQ(ward_video_tmk(box, &video, &tmk, &facts, &error), WARD_OK);
	CHECK_EQ(tmk.frames, 3);
	CHECK(facts.partial);
	ward_vpdq_free(&list);
	close(video.fd);
}

static void what_is_beyond_the_limits_or_no_video_has_no_hash(void)
{
	struct ward_video video = drawn("a.mp4"), sound = drawn("sound.mp4");
	struct ward_video words = video_of((ward_bytes){ (const uint8_t *)"a lighthouse", 12 });
	struct ward_vpdq list = { 0 };

	video.limits.pixels_max = MOVING_WIDTH * MOVING_HEIGHT - 1;
	CHECK_EQ(ward_video_vpdq(box, &video, 1, &list, &facts, &error), WARD_E_LIMIT);
	CHECK_EQ(ward_video_tmk(box, &video, &tmk, &facts, &error), WARD_E_LIMIT);
	video.limits = ward_limits_default();
	video.limits.time_ms = 0;
	ward_err err = ward_video_vpdq(box, &video, 1, &list, &facts, &error);

	CHECK(err == WARD_E_TIMEOUT || err == WARD_E_LIMIT);
	CHECK_EQ(ward_video_vpdq(box, &sound, 1, &list, &facts, &error), WARD_E_FORMAT);
	CHECK_EQ(ward_video_vpdq(box, &words, 1, &list, &facts, &error), WARD_E_UNSUPPORTED);
	CHECK(error.message[0] != 0 && !list.frames);
	close(video.fd);
	close(sound.fd);
	close(words.fd);
}

/* The worker dies in the middle of a job: the next job has a new one. */
static void a_worker_that_dies_leaves_what_it_gave(void)
{
	struct ward_video video = drawn("a.mp4");
	const struct ward_decode_options options = { .limits = video.limits };
	struct ward_vpdq list = { 0 };
	struct ward_event event;
	int frames = 0;

	CHECK_EQ(ward_box_start(box, WARD_JOB_FRAMES, WARD_MEDIA_VIDEO, video.fd, video.size,
				 &options, &error),
			WARD_OK);
	int pid = ward_box_pid(box);

	while (ward_box_next(box, &event, &error) == WARD_OK) {
		CHECK(event.kind != WARD_EVENT_END);
		frames += event.kind == WARD_EVENT_FRAME;
		if (frames == 5)
			CHECK_EQ(kill(pid, SIGKILL), 0);
	}
	CHECK_EQ(error.code, WARD_E_WORKER);
	CHECK(frames >= 5 && frames <= 7);
	CHECK_EQ(ward_video_vpdq(box, &video, 1, &list, &facts, &error), WARD_OK);
	CHECK(list.count == MOVING_SECONDS && ward_box_pid(box) != pid);
	ward_vpdq_free(&list);
	close(video.fd);
}

static const struct test_case cases[] = {
	{ "vPDQ is the published tool's, line for line",
			vpdq_is_the_published_tools_line_for_line },
	{ "TMK files are the published tool's, byte for byte",
			tmk_files_are_the_published_tools_byte_for_byte },
	{ "a drawn video has a hash each second", a_drawn_video_has_a_hash_each_second },
	{ "copies are alike, and a turned one is not", copies_are_alike_and_a_turned_one_is_not },
	{ "a cut video has the hashes of what is there",
			a_cut_video_has_the_hashes_of_what_is_there },
	{ "a limit of frames ends it, and says so", a_limit_of_frames_ends_it_and_says_so },
	{ "what is beyond the limits, or no video, has no hash",
			what_is_beyond_the_limits_or_no_video_has_no_hash },
	{ "a worker that dies leaves what it gave", a_worker_that_dies_leaves_what_it_gave },
};

int main(int argc, char **argv)
{
	const struct ward_box_options options = { .worker = argc > 1 ? argv[1] : NULL };

	box = ward_box_new(&options);
	if (!box || !moving_make_all()) {
		printf("Bail out! there is no worker, or no ffmpeg\n");
		return 1;
	}
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	moving_remove_all();
	ward_box_free(box);
	return failed;
}
