/* Videos drawn here, read back: what they are, what is shown when, and what is refused. */
#include "decode/moving.h"

#include "base/clock.h"
#include "base/test.h"
#include "decode/collect.h"
#include "decode/moving_make.h"
#include "decode/moving_view.h"

static struct moving_options plain;
static struct ward_error error;
static struct moving_facts facts;

static const char *const names[] = { "a.mp4", "a.webm", "a.avi", "a.mov", "a.ts", "a.flv", "a.wmv",
	"a.mkv", "fast.mp4" };
#define NAMES (sizeof(names) / sizeof(*names))

/* A copy of exactly the file's size, so that a sanitizer sees a read past it. */
static struct moving *open_bytes(ward_bytes file, ward_err *err)
{
	struct moving *moving = NULL;

	*err = moving_open(file, &plain, &moving, &facts, &error);
	return *err ? NULL : moving;
}

/* The second a frame says it is of, by the grey at its left. */
static int second_of(const struct ward_frame *frame)
{
	const struct ward_image *image = &frame->image;
	int sum = 0, count = 0;

	for (uint32_t y = 8; y < image->height - 8; y++) {
		for (uint32_t x = 6; x < image->width / 4 - 8; x++, count++)
			sum += image->pixels[y * image->stride + (size_t)x * 3 + 1];
	}
	return count > 0 ? (sum / count - moving_grey(0) + 15) / 30 : -1;
}

static void each_container_tells_its_facts(void)
{
	static const bool sounds[NAMES] = { true, false, true, false, true };

	for (size_t i = 0; i < NAMES; i++) {
		char *text;
		ward_bytes file = moving_read(names[i], &text);
		ward_err err;

		CHECK_EQ(ward_media_identify(file), WARD_MEDIA_VIDEO);
		struct moving *moving = open_bytes(file, &err);

		printf("# %s: %s %llu ms, %u pictures\n", names[i], ward_err_name(err),
				(unsigned long long)facts.picture.duration_ms,
				facts.picture.frames);
		CHECK_EQ(err, WARD_OK);
		CHECK_EQ(facts.picture.width, MOVING_WIDTH);
		CHECK_EQ(facts.picture.height, MOVING_HEIGHT);
		CHECK_EQ(facts.picture.has_sound, sounds[i]);
		CHECK(facts.picture.duration_ms >= 5800 && facts.picture.duration_ms <= 6200);
		CHECK(facts.picture.frames >= 58);
		CHECK_EQ(facts.streams, strcmp(names[i], "a.mkv") == 0 ? 2 : 1);
		moving_free(moving);
		free(text);
	}
}

static void frames_come_by_the_time_they_are_shown(void)
{
	for (size_t i = 0; i < NAMES; i++) {
		char *text;
		ward_bytes file = moving_read(names[i], &text);
		struct ward_frame frame;
		ward_err err;
		struct moving *moving = open_bytes(file, &err);

		CHECK_EQ(err, WARD_OK);
		for (int s = MOVING_SECONDS - 1; s >= 0; s--) {
			err = moving_at(moving, (uint64_t)s * 1000 + 500, &frame, &error);
			if (err)
				printf("# %s, second %d: %s\n", names[i], s, error.message);
			CHECK_EQ(err, WARD_OK);
			CHECK_EQ(frame.image.width, MOVING_WIDTH);
			if (second_of(&frame) != s ||
					abs((int)frame.time_ms - s * 1000 - 500) > 110)
				printf("# %s: second %d is of %d, at %u ms\n", names[i], s,
						second_of(&frame), frame.time_ms);
			CHECK_EQ(second_of(&frame), s);
			CHECK(abs((int)frame.time_ms - s * 1000 - 500) <= 110);
		}
		moving_free(moving);
		free(text);
	}
}

static void frames_come_at_a_rate(void)
{
	char *text;
	ward_bytes file = moving_read("a.mp4", &text);
	struct ward_frame frame;
	ward_err err;
	struct moving *moving = open_bytes(file, &err);
	uint32_t k = 0;

	CHECK_EQ(err, WARD_OK);
	while (moving_next(moving, (uint64_t)k * 1000 / 2, &frame, &error) == WARD_OK) {
		CHECK_EQ(frame.index, k);
		CHECK(abs((int)frame.time_ms - (int)k * 500) <= 60);
		CHECK_EQ(second_of(&frame), k / 2);
		k++;
	}
	CHECK_EQ(error.code, WARD_E_NOT_FOUND);
	CHECK_EQ(k, 2 * MOVING_SECONDS);
	CHECK(!moving_is_damaged(moving));
	moving_free(moving);
	free(text);
}

/* ---- bounds ---- */

static void limits_hold(void)
{
	char *text;
	ward_bytes file = moving_read("a.mp4", &text);
	struct ward_frame frame;
	ward_err err;

	plain.limits.pixels_max = MOVING_WIDTH * MOVING_HEIGHT - 1;
	CHECK(!open_bytes(file, &err));
	CHECK_EQ(err, WARD_E_LIMIT);
	plain.limits = ward_limits_default();
	plain.limits.frames_max = 2;
	struct moving *moving = open_bytes(file, &err);

	CHECK_EQ(moving_at(moving, 0, &frame, &error), WARD_OK);
	CHECK_EQ(moving_at(moving, 0, &frame, &error), WARD_OK);
	CHECK_EQ(moving_at(moving, 0, &frame, &error), WARD_E_LIMIT);
	moving_free(moving);
	plain.limits = ward_limits_default();
	plain.limits.memory_max = 1000;
	moving = open_bytes(file, &err);
	CHECK_EQ(moving_at(moving, 0, &frame, &error), WARD_E_LIMIT);
	moving_free(moving);
	plain.limits = ward_limits_default();
	plain.limits.time_ms = 0;
	CHECK(!open_bytes(file, &err));
	CHECK_EQ(err, WARD_E_LIMIT);
	plain.limits = ward_limits_default();
	plain.stream = 1;
	CHECK(!open_bytes(file, &err));
	CHECK_EQ(err, WARD_E_NOT_FOUND);
	free(text);
	file = moving_read("a.mkv", &text);
	moving = open_bytes(file, &err);
	CHECK_EQ(err, WARD_OK);
	CHECK_EQ(moving_at(moving, 2500, &frame, &error), WARD_OK);
	CHECK_EQ(second_of(&frame), 2);
	moving_free(moving);
	plain.stream = 0;
	free(text);
}

static void what_names_other_files_is_no_video(void)
{
	static const char *const lists[] = {
		"#EXTM3U\n#EXT-X-TARGETDURATION:5\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
		"ffconcat version 1.0\nfile /etc/passwd\n",
		"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n",
		"<?xml version=\"1.0\"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>",
		"<?xml version=\"1.0\"?><SmoothStreamingMedia MajorVersion=\"2\"/>",
		"[playlist]\nFile1=/etc/passwd\n",
		"<ASX version=\"3.0\"><Entry><Ref href=\"file:///etc/passwd\"/></Entry></ASX>",
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		ward_bytes file = { (const uint8_t *)lists[i], strlen(lists[i]) };
		ward_err err;

		CHECK(!open_bytes(file, &err));
		CHECK_EQ(err, WARD_E_UNSUPPORTED);
	}
}

/* Cut anywhere: an error with words, or what came before the cut. */
static void a_video_cut_anywhere_is_bounded(void)
{
	int read = 0;

	for (size_t i = 0; i < NAMES; i++) {
		char *text;
		ward_bytes file = moving_read(names[i], &text);

		for (size_t part = 1; part < 8; part++) {
			struct ward_frame frame;
			ward_err err;
			struct moving *moving =
					open_bytes((ward_bytes){ file.ptr, file.len * part / 8 },
							&err);

			for (uint64_t at = 0; moving && at < 6000; at += 1500)
				read += moving_at(moving, at, &frame, &error) == WARD_OK;
			CHECK(moving || error.message[0] != 0);
			moving_free(moving);
		}
		free(text);
	}
	printf("# %d frames of cut files\n", read);
	CHECK(read > 60);
}

static void any_byte_changed_is_bounded(void)
{
	char *text;
	ward_bytes file = moving_read("fast.mp4", &text);
	uint8_t *bytes = (uint8_t *)text;
	uint64_t start = clock_ticks_us();

	for (size_t at = 4; at < file.len && at < 4000; at += 61) {
		struct ward_frame frame;
		ward_err err;
		uint8_t kept = bytes[at];

		bytes[at] ^= 0xff;
		struct moving *moving = open_bytes(file, &err);

		if (moving && moving_at(moving, 3000, &frame, &error) == WARD_OK)
			CHECK(ward_image_fits(&frame.image, plain.limits.memory_max));
		moving_free(moving);
		bytes[at] = kept;
	}
	CHECK(clock_ticks_us() - start < 20u * 1000 * 1000);
	free(text);
}

static void sound_alone_is_no_video(void)
{
	char *text;
	ward_bytes file = moving_read("sound.mp4", &text);
	ward_err err;

	CHECK(file.len > 0);
	CHECK(!open_bytes(file, &err));
	CHECK_EQ(err, WARD_E_FORMAT);
	free(text);
}

/* ---- views ---- */

static struct collected shown;
static struct decode_view view;
static struct ward_buf encoded;

static ward_err look(ward_bytes file, struct ward_view_options want)
{
	const struct ward_decode_options options = { .limits = plain.limits, .view = want };

	ward_buf_free(&encoded);
	ward_buf_init(&encoded, WARD_VIEW_BYTES);
	ward_err err = moving_view(file, &options, &view, &encoded, &error);

	if (err)
		return err;
	err = collect_picture(&shown, view.view.kind,
			(ward_bytes){ (const uint8_t *)encoded.ptr, encoded.len });
	if (err || shown.facts.width != view.view.width || shown.facts.height != view.view.height)
		abort();
	return WARD_OK;
}

static int shown_at(uint32_t x, uint32_t y)
{
	const struct ward_image *image = &shown.frames[0].image;

	return image->pixels[y * image->stride + (size_t)x * image->channels];
}

static void a_video_is_a_sheet_of_twelve_frames_with_their_times(void)
{
	static const uint32_t sides[] = { 0, 384, 384, 384, 318, 384 };
	char *text;
	ward_bytes file = moving_read("a.mp4", &text);

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		struct ward_view_options want = { .level = (ward_view_level)level, .colour = true };

		CHECK_EQ(look(file, want), WARD_OK);
		CHECK_EQ(view.view.frames, 12);
		CHECK_EQ(view.view.columns, 3);
		CHECK(!view.view.partial);
		CHECK_EQ(view.view.width, sides[level]);
		CHECK(shown.frames[0].image.channels == (level < WARD_LEVEL_SMALL ? 1 : 3));
		for (uint32_t i = 0; i < 12; i++)
			CHECK(abs((int)view.view.times_ms[i] - (int)(250 + 500 * i)) <= 60);
	}
	/* The greys at the left of each frame are those of its second. */
	for (uint32_t i = 0; i < 12; i++)
		CHECK(abs(shown_at(i % 3 * 128 + 12, i / 3 * 96 + 48) - moving_grey(i / 2)) < 8);
	free(text);
}

static void one_frame_is_as_large_as_a_picture_at_its_level(void)
{
	char *text;
	ward_bytes file = moving_read("a.webm", &text);
	struct ward_view_options want = { .level = WARD_LEVEL_CLEAR,
		.single = true,
		.single_ms = 4500 };

	CHECK_EQ(look(file, want), WARD_OK);
	CHECK_EQ(view.view.frames, 1);
	CHECK_EQ(view.view.width, MOVING_WIDTH);
	CHECK(abs(shown_at(12, 48) - moving_grey(4)) < 8);
	want.single_ms = view.view.times_ms[0];
	CHECK_EQ(look(file, want), WARD_OK);
	CHECK_EQ(view.view.times_ms[0], want.single_ms);
	want.level = WARD_LEVEL_REDUCED;
	CHECK_EQ(look(file, want), WARD_E_ARGUMENT);
	free(text);
}

static void a_turned_video_is_shown_upright(void)
{
	char *text;
	ward_bytes file = moving_read("turned.mp4", &text);
	struct ward_view_options want = { .level = WARD_LEVEL_CLEAR,
		.single = true,
		.single_ms = 3500 };

	CHECK_EQ(look(file, want), WARD_OK);
	/* As ffmpeg itself shows it, a quarter turn against the clock: what is left goes down. */
	CHECK_EQ(view.picture.orientation, 8);
	CHECK_EQ(view.view.width, MOVING_HEIGHT);
	CHECK_EQ(view.view.height, MOVING_WIDTH);
	CHECK(abs(shown_at(48, MOVING_WIDTH - 12) - moving_grey(3)) < 8);
	CHECK_EQ(look(file, (struct ward_view_options){ .level = WARD_LEVEL_BLURRED }), WARD_OK);
	CHECK_EQ(view.view.columns, 4);
	free(text);
}

static void a_disc_is_clear_in_the_frame_that_it_lies_in(void)
{
	char *text;
	ward_bytes file = moving_read("a.mp4", &text);
	struct ward_view_options want = { .level = WARD_LEVEL_BLURRED };
	static uint8_t before[400 * 400];
	uint32_t changed = 0;

	CHECK_EQ(look(file, want), WARD_OK);
	memcpy(before, shown.frames[0].image.pixels, (size_t)384 * 384);
	want.reveal = true;
	want.reveal_x = 128 + 64;
	want.reveal_y = 96 + 48;
	CHECK_EQ(look(file, want), WARD_OK);
	for (uint32_t y = 0; y < 384; y++) {
		for (uint32_t x = 0; x < 384; x++) {
			bool apart = abs(before[y * 384 + x] - shown_at(x, y)) > 12;

			changed += apart;
			if (apart)
				CHECK(x >= 128 && x < 256 && y >= 96 && y < 192);
		}
	}
	CHECK(changed > 0);
	free(text);
}

/* Four pictures in sixteen seconds: there are fewer frames on the sheet than there might have been.
 */
static void a_disc_is_where_it_was_asked_for_on_a_short_sheet(void)
{
	struct ward_view_options want = { .level = WARD_LEVEL_BLURRED };
	static uint8_t before[256 * 192];
	uint32_t changed = 0, elsewhere = 0;
	char *text;

	CHECK(moving_run("-f lavfi -i testsrc=s=128x96:r=1/4:d=16 -map 2 -c:v libx264 "
			 "-preset ultrafast -pix_fmt yuv420p slow.mp4"));
	ward_bytes file = moving_read("slow.mp4", &text);

	CHECK_EQ(look(file, want), WARD_OK);
	CHECK_EQ(view.view.frames, 4);
	CHECK_EQ(view.view.width, 256);
	CHECK_EQ(view.view.height, 192);
	memcpy(before, shown.frames[0].image.pixels, sizeof(before));
	want.reveal = true;
	want.reveal_x = 64;
	want.reveal_y = 96 + 48;
	CHECK_EQ(look(file, want), WARD_OK);
	for (uint32_t y = 0; y < 192; y++) {
		for (uint32_t x = 0; x < 256; x++) {
			if (abs(before[y * 256 + x] - shown_at(x, y)) <= 12)
				continue;
			changed++;
			elsewhere += x >= 128 || y < 96;
		}
	}
	CHECK(changed > 0);
	CHECK_EQ(elsewhere, 0);
	free(text);
}

/* The box that says how long it is: a number is put there that no file has. */
static void a_length_that_is_a_lie_is_found_out(void)
{
	char *text;
	ward_bytes file = moving_read("a.webm", &text);
	uint8_t *bytes = (uint8_t *)text;
	bool changed = false;

	for (size_t i = 0; i + 11 < file.len && !changed; i++) {
		/* Duration: an element of 8 bytes, a double in units of a millisecond. */
		if (bytes[i] == 0x44 && bytes[i + 1] == 0x89 && bytes[i + 2] == 0x88) {
			bytes[i + 3] = 0x41; /* 2^21 and more: over half an hour */
			changed = true;
		}
	}
	CHECK(changed);
	CHECK_EQ(look(file, (struct ward_view_options){ .level = WARD_LEVEL_CLEAR }), WARD_OK);
	CHECK(view.view.partial);
	CHECK(view.view.frames >= 11);
	CHECK(view.view.times_ms[view.view.frames - 1] < 6000);
	CHECK(view.picture.duration_ms <= 6200);
	free(text);
}

/* It says that it ends in its first second: what comes behind is shown all the same. */
static void a_length_that_is_too_short_hides_nothing(void)
{
	char *text;
	ward_bytes file = moving_read("a.webm", &text);
	uint8_t *bytes = (uint8_t *)text;
	bool changed = false;

	for (size_t i = 0; i + 11 < file.len && !changed; i++) {
		if (bytes[i] == 0x44 && bytes[i + 1] == 0x89 && bytes[i + 2] == 0x88) {
			bytes[i + 3] = 0x40;
			bytes[i + 4] = 0x80; /* 512 and a little */
			changed = true;
		}
	}
	CHECK(changed);
	CHECK_EQ(look(file, (struct ward_view_options){ .level = WARD_LEVEL_CLEAR }), WARD_OK);
	CHECK_EQ(view.view.frames, 12);
	CHECK(view.view.times_ms[view.view.frames - 1] > 5000);
	CHECK(view.picture.duration_ms >= 5800 && view.picture.duration_ms <= 6200);
	free(text);
}

/* One key picture at its beginning: what is too far behind it is not decoded, and that is told. */
static void what_lies_too_far_is_told(void)
{
	char *text;

	CHECK(moving_run("-f lavfi -i color=gray:s=1920x1080:r=10:d=13 -map 2 -c:v libx264 "
			 "-preset ultrafast -g 1000 -pix_fmt yuv420p far.mp4"));
	ward_bytes file = moving_read("far.mp4", &text);

	CHECK_EQ(look(file, (struct ward_view_options){ .level = WARD_LEVEL_SMALL,
					    .single = true,
					    .single_ms = 12000 }),
			WARD_OK);
	CHECK(view.view.times_ms[0] > 8000 && view.view.times_ms[0] < 11000);
	CHECK(view.view.partial);
	free(text);
}

static void what_is_whole_is_called_so(void)
{
	for (size_t i = 0; i < NAMES; i++) {
		char *text;
		ward_bytes file = moving_read(names[i], &text);

		CHECK_EQ(look(file, (struct ward_view_options){ .level = WARD_LEVEL_CLEAR }),
				WARD_OK);
		if (view.view.partial)
			printf("# %s\n", names[i]);
		CHECK(!view.view.partial);
		free(text);
	}
}

/* The last of it is gone, behind the last frame of the sheet: that not all was there is told. */
static void what_is_missing_at_the_very_end_is_told(void)
{
	char *text;
	ward_bytes file = moving_read("fast.mp4", &text);

	CHECK_EQ(look((ward_bytes){ file.ptr, file.len - 40 },
				 (struct ward_view_options){ .level = WARD_LEVEL_CLEAR }),
			WARD_OK);
	CHECK_EQ(view.view.frames, 12);
	CHECK(view.view.partial);
	free(text);
}

static void a_cut_video_is_shown_as_far_as_it_goes(void)
{
	char *text;
	ward_bytes file = moving_read("fast.mp4", &text);

	CHECK_EQ(look((ward_bytes){ file.ptr, file.len / 2 },
				 (struct ward_view_options){ .level = WARD_LEVEL_CLEAR }),
			WARD_OK);
	printf("# %u frames, up to %u ms\n", view.view.frames,
			view.view.times_ms[view.view.frames - 1]);
	CHECK(view.view.partial);
	CHECK(view.view.frames >= 3);
	free(text);
	file = moving_read("one.mp4", &text);
	CHECK_EQ(look(file, (struct ward_view_options){ .level = WARD_LEVEL_CLEAR }), WARD_OK);
	CHECK_EQ(view.view.frames, 1);
	CHECK_EQ(view.view.columns, 1);
	free(text);
}

static bool has_words(const void *bytes, size_t len, const char *words)
{
	const char *at = bytes;
	size_t want = strlen(words);

	for (size_t i = 0; i + want <= len; i++) {
		if (memcmp(at + i, words, want) == 0)
			return true;
	}
	return false;
}

static void nothing_but_pixels_leaves(void)
{
	char *text;
	ward_bytes file = moving_read("a.mp4", &text);

	CHECK(has_words(file.ptr, file.len, "HARBOUR") && has_words(file.ptr, file.len, "+48.1"));
	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		CHECK_EQ(look(file, (struct ward_view_options){ .level = (ward_view_level)level }),
				WARD_OK);
		CHECK(!has_words(encoded.ptr, encoded.len, "HARBOUR"));
		CHECK(!has_words(encoded.ptr, encoded.len, "+48.1"));
	}
	free(text);
}

static const struct test_case cases[] = {
	{ "each container tells its facts", each_container_tells_its_facts },
	{ "frames come by the time they are shown", frames_come_by_the_time_they_are_shown },
	{ "frames come at a rate", frames_come_at_a_rate },
	{ "limits hold, and another stream can be had", limits_hold },
	{ "what names other files is no video", what_names_other_files_is_no_video },
	{ "a video cut anywhere is bounded", a_video_cut_anywhere_is_bounded },
	{ "any byte changed is bounded", any_byte_changed_is_bounded },
	{ "sound alone is no video", sound_alone_is_no_video },
	{ "a video is a sheet of twelve frames, with their times",
			a_video_is_a_sheet_of_twelve_frames_with_their_times },
	{ "one frame is as large as a picture at its level",
			one_frame_is_as_large_as_a_picture_at_its_level },
	{ "a turned video is shown upright", a_turned_video_is_shown_upright },
	{ "a disc is clear in the frame that it lies in",
			a_disc_is_clear_in_the_frame_that_it_lies_in },
	{ "a length that is a lie is found out", a_length_that_is_a_lie_is_found_out },
	{ "a disc is where it was asked for on a short sheet",
			a_disc_is_where_it_was_asked_for_on_a_short_sheet },
	{ "a length that is too short hides nothing", a_length_that_is_too_short_hides_nothing },
	{ "what lies too far is told", what_lies_too_far_is_told },
	{ "what is whole is called so", what_is_whole_is_called_so },
	{ "what is missing at the very end is told", what_is_missing_at_the_very_end_is_told },
	{ "a cut video is shown as far as it goes", a_cut_video_is_shown_as_far_as_it_goes },
	{ "nothing but pixels leaves", nothing_but_pixels_leaves },
};

int main(void)
{
	plain.limits = ward_limits_default();
	moving_prepare();
	collect_init(&shown);
	if (!moving_make_all()) {
		printf("Bail out! ffmpeg wrote no videos\n");
		return 1;
	}
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	moving_remove_all();
	collect_clear(&shown);
	ward_buf_free(&encoded);
	return failed;
}
