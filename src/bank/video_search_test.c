/* Which listed videos are found, and where they are the same; films are drawn by code. */
#include "bank/list_test.h"

#include <math.h>

/* ---- films: shots of some seconds, in each of which the picture changes a little ---- */

enum { SHOT_S = 5 };

/* What a film shows at a time. */
static ward_pdq picture_at(uint64_t film, double time_s)
{
	uint64_t shot = (uint64_t)(time_s / SHOT_S);
	ward_pdq hash = pdq_of(film * 100003 + shot);
	/* Four times a second three more bits change. */
	int steps = (int)((time_s - (double)shot * SHOT_S) * 4);

	for (int i = 0; i < steps * 3; i++)
		hash.word[(unsigned)i % 4] ^= (uint64_t)1 << (i * 11 % 64);
	return hash;
}

static ward_pdq noisy(ward_pdq hash, uint64_t seed, int bits)
{
	ward_pdq noise = pdq_of(seed);

	for (int i = 0; i < bits; i++)
		hash.word[(unsigned)i % 4] ^= (uint64_t)1
					      << (noise.word[(unsigned)i % 4] >> (i * 3 % 60)) % 64;
	return hash;
}

/* A stretch of a film, a frame a second at this speed, encoded anew; behind what is there. */
static void append(struct ward_vpdq *video, uint64_t film, double from, double to, double speed)
{
	uint32_t at = video->count > 0 ? video->frames[video->count - 1].number / 25 + 1 : 0;

	for (int i = 0; from + i * speed < to; i++, at++) {
		struct ward_vpdq_frame frame = {
			.hash = noisy(picture_at(film, from + i * speed), at * 31 + film, 8),
			.quality = 80,
			.number = at * 25,
			.time_s = at,
		};

		if (ward_vpdq_add(video, &frame, NULL))
			abort();
	}
}

static struct ward_vpdq cut(uint64_t film, double from, double to)
{
	struct ward_vpdq video = { 0 };

	append(&video, film, from, to, 1);
	return video;
}

/* ---- a bank of films ---- */

static struct ward_bank *bank;
static struct ward_bank_view *view;

static void open_bank(void)
{
	if (ward_bank_open(in_folder(""), &bank, &error))
		abort();
	view = ward_bank_acquire(bank);
}

static struct ward_video_hits found;

static void close_bank(void)
{
	ward_video_hits_free(&found);
	ward_bank_release(view);
	ward_bank_free(bank);
}

static bool put(struct ward_list_writer *writer, uint64_t number, struct ward_vpdq video)
{
	struct ward_record record = { .number = number, .quality = 255, .frames = &video };
	bool ok = !ward_list_writer_add(writer, &record, &error);

	ward_vpdq_free(&video);
	return ok;
}

/* Films 1 to `count`, of a minute each, under their numbers. */
static bool list_films(const char *name, uint64_t count)
{
	struct ward_list_writer *writer = begin(name);
	bool ok = true;

	for (uint64_t film = 1; film <= count; film++)
		ok &= put(writer, film, cut(film, 0, 60));
	return ok && commit(writer);
}

/* Asks, and forgets what was asked. */
static size_t ask(struct ward_vpdq video)
{
	struct ward_search search = ward_search_default();
	const struct ward_video_question question = { &video, NULL, false };

	ward_video_hits_free(&found);
	if (ward_bank_search_video(view, &question, &search, &found, &error)) {
		printf("# %s\n", error.message);
		return SIZE_MAX;
	}
	ward_vpdq_free(&video);
	return found.count;
}

static bool is_near(double got, double want)
{
	bool ok = fabs(got - want) <= 1.5;

	if (!ok)
		printf("# got %f, want about %f\n", got, want);
	return ok;
}

static bool span_is(size_t at, double asked_from, double asked_to, double listed_from,
		double listed_to)
{
	const struct ward_video_span *span = &found.at[0].spans[at];

	return at < found.at[0].span_count && is_near(span->asked_from, asked_from) &&
	       is_near(span->asked_to, asked_to) && is_near(span->listed_from, listed_from) &&
	       is_near(span->listed_to, listed_to);
}

/* ---- cases ---- */

static void a_copy_is_found_whole(void)
{
	fresh_list_folder();
	CHECK(list_films("films", 50));
	open_bank();
	CHECK_EQ(ask(cut(7, 0, 60)), 1);
	CHECK_EQ(found.at[0].entry, 7);
	CHECK(ward_vpdq_percent(&found.at[0].match, 0) == 100);
	CHECK(ward_vpdq_percent(&found.at[0].match, 1) == 100);
	CHECK_EQ(found.at[0].span_count, 1);
	CHECK(span_is(0, 0, 59, 0, 59));
	CHECK_EQ(found.at[0].spans[0].frames, 60);
	CHECK_EQ(ask(cut(999, 0, 60)), 0);
	close_bank();
}

static void a_clip_is_found_in_a_longer_film_and_a_film_by_a_clip(void)
{
	struct ward_list_writer *writer;

	fresh_list_folder();
	writer = begin("films");
	CHECK(put(writer, 0, cut(3, 100, 120)) && put(writer, 1, cut(4, 0, 600)) && commit(writer));
	open_bank();
	CHECK_EQ(ask(cut(3, 0, 300)), 1);
	CHECK_EQ(found.at[0].entry, 0);
	CHECK(ward_vpdq_percent(&found.at[0].match, 1) == 100);
	CHECK(ward_vpdq_percent(&found.at[0].match, 0) < 10);
	CHECK(span_is(0, 100, 119, 0, 19));
	CHECK_EQ(ask(cut(4, 200, 215)), 1);
	CHECK(ward_vpdq_percent(&found.at[0].match, 0) == 100);
	CHECK(span_is(0, 0, 14, 200, 214));
	/* A part of either, within something else. */
	struct ward_vpdq mixed = cut(90, 0, 100);

	append(&mixed, 4, 300, 320, 1);
	append(&mixed, 91, 0, 100, 1);
	CHECK_EQ(ask(mixed), 1);
	CHECK(span_is(0, 100, 119, 300, 319));
	close_bank();
}

static void a_film_with_a_part_taken_out_or_turned_around_is_found_in_pieces(void)
{
	struct ward_vpdq video = cut(5, 0, 20);

	fresh_list_folder();
	CHECK(list_films("films", 9));
	open_bank();
	append(&video, 5, 35, 60, 1);
	CHECK_EQ(ask(video), 1);
	CHECK_EQ(found.at[0].span_count, 2);
	CHECK(span_is(0, 20, 44, 35, 59));
	CHECK(span_is(1, 0, 19, 0, 19));
	video = cut(6, 30, 60);
	append(&video, 6, 0, 28, 1);
	CHECK_EQ(ask(video), 1);
	CHECK(span_is(0, 0, 29, 30, 59));
	CHECK(span_is(1, 30, 57, 0, 27));
	close_bank();
}

static void what_plays_a_tenth_faster_or_slower_is_found_as_one_stretch(void)
{
	static const double speeds[] = { .9, .96, 1.0427, 1.1 };
	struct ward_list_writer *writer;

	fresh_list_folder();
	writer = begin("films");
	CHECK(put(writer, 0, cut(8, 0, 300)) && commit(writer));
	open_bank();
	for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++) {
		struct ward_vpdq video = { 0 };

		append(&video, 8, 0, 300, speeds[i]);
		CHECK_EQ(ask(video), 1);
		CHECK(ward_vpdq_percent(&found.at[0].match, 0) > 95);
		CHECK_EQ(found.at[0].span_count, 1);
		CHECK(is_near(found.at[0].spans[0].asked_to * speeds[i], 299));
		CHECK(is_near(found.at[0].spans[0].listed_to, 299));
	}
	close_bank();
}

static void a_picture_in_common_is_not_a_video_in_common(void)
{
	struct ward_list_writer *writer;
	struct ward_vpdq video;

	fresh_list_folder();
	writer = begin("films");
	for (uint64_t film = 1; film <= 20; film++) {
		/* All begin with the same two pictures, for ten seconds. */
		video = cut(1000, 0, 10);
		append(&video, film, 0, 50, 1);
		CHECK(put(writer, film, video));
	}
	CHECK(commit(writer));
	open_bank();
	video = cut(1000, 0, 4);
	append(&video, 500, 0, 50, 1);
	CHECK_EQ(ask(video), 0);
	/* Alone, that beginning is a part of all. */
	CHECK_EQ(ask(cut(1000, 0, 10)), 20);
	close_bank();
}

static void what_everybody_has_counts_for_nothing(void)
{
	struct ward_list_writer *writer;
	struct ward_vpdq video;

	fresh_list_folder();
	writer = begin("films");
	for (uint64_t film = 1; film <= 40; film++) {
		video = cut(1000, 0, 20);
		append(&video, film, 0, 40, 1);
		CHECK(put(writer, film, video));
	}
	CHECK(commit(writer));
	open_bank();
	/* Beside something else it says nothing, though four pictures are the same. */
	video = cut(1000, 0, 20);
	append(&video, 500, 0, 60, 1);
	CHECK_EQ(ask(video), 0);
	/* With something of its own it is found, and all that is the same is shown. */
	video = cut(1000, 0, 20);
	append(&video, 17, 0, 40, 1);
	CHECK_EQ(ask(video), 1);
	CHECK_EQ(found.at[0].entry, 17);
	CHECK(ward_vpdq_percent(&found.at[0].match, 0) == 100);
	close_bank();
}

static void many_copies_on_a_list_do_not_hide_each_other(void)
{
	struct ward_list_writer *writer;

	fresh_list_folder();
	writer = begin("films");
	for (uint64_t copy = 1; copy <= 40; copy++)
		CHECK(put(writer, copy, cut(7, 0, 60)));
	CHECK(commit(writer));
	open_bank();
	CHECK_EQ(ask(cut(7, 0, 60)), 40);
	CHECK_EQ(ask(cut(7, 20, 40)), 40);
	close_bank();
}

static void a_still_picture_of_an_hour_is_found_and_is_one_picture(void)
{
	struct ward_vpdq still = { 0 };
	struct ward_list_writer *writer;

	for (uint32_t i = 0; i < 3600; i++) {
		const struct ward_vpdq_frame frame = { pdq_of(77), 90, i * 25, i };

		CHECK(!ward_vpdq_add(&still, &frame, NULL));
	}
	fresh_list_folder();
	writer = begin("films");
	CHECK(put(writer, 4, still) && commit(writer));
	open_bank();
	still = (struct ward_vpdq){ 0 };
	for (uint32_t i = 0; i < 100; i++) {
		const struct ward_vpdq_frame frame = { noisy(pdq_of(77), 5, 12), 90, i * 25, i };

		CHECK(!ward_vpdq_add(&still, &frame, NULL));
	}
	CHECK_EQ(ask(still), 1);
	CHECK_EQ(found.at[0].match.frames[0], 1);
	CHECK(ward_vpdq_percent(&found.at[0].match, 1) == 100);
	CHECK(found.at[0].span_count > 0);
	close_bank();
}

static void the_shares_are_those_of_comparing_the_two(void)
{
	struct ward_vpdq_rule rule = ward_vpdq_rule_default();

	fresh_list_folder();
	CHECK(list_films("films", 30));
	open_bank();
	for (uint64_t i = 1; i <= 30; i++) {
		struct ward_vpdq video = cut(i, (double)(i % 40), 50), again = { 0 }, listed;
		struct ward_vpdq_match match;

		append(&video, i + 1, 0, 30, 1);
		append(&again, i, (double)(i % 40), 50, 1);
		append(&again, i + 1, 0, 30, 1);
		CHECK(ask(video) >= 1);
		for (size_t j = 0; j < found.count; j++) {
			listed = cut(found.at[j].entry, 0, 60);
			CHECK(!ward_vpdq_compare(&again, &listed, &rule, &match, &error));
			CHECK(memcmp(&match, &found.at[j].match, sizeof(match)) == 0);
			ward_vpdq_free(&listed);
		}
		ward_vpdq_free(&again);
	}
	close_bank();
}

static void an_excluded_video_is_marked_and_an_excluded_picture_does_not_count(void)
{
	struct ward_list_info info = info_of("mistakes");
	struct ward_list_writer *writer = NULL;
	struct ward_vpdq video = cut(2, 0, 60);

	fresh_list_folder();
	CHECK(list_films("films", 5));
	info.sense = WARD_SENSE_EXCLUDE;
	CHECK(!ward_list_create(in_folder("mistakes"), &info, &writer, &error));
	CHECK(put(writer, 0, cut(3, 0, 60)));
	/* Every picture of film 2 as the asked video has it. */
	for (size_t i = 0; i < video.count; i++)
		CHECK(add(writer, i + 1, ward_pdq_signal(video.frames[i].hash), ""));
	CHECK(commit(writer));
	open_bank();
	CHECK_EQ(ask(cut(3, 0, 60)), 1);
	CHECK(found.at[0].excluded && !found.at[0].off);
	CHECK_EQ(ask(cut(3, 10, 40)), 1);
	CHECK(found.at[0].excluded);
	CHECK_EQ(ask(cut(4, 0, 60)), 1);
	CHECK(!found.at[0].excluded);
	CHECK_EQ(ask(video), 0);
	close_bank();
}

static void an_entry_that_is_off_is_marked_and_a_removed_one_is_gone(void)
{
	const struct ward_remark remark = { 2, WARD_OFF_FOR_GOOD, "not this one" };
	struct ward_list_writer *writer = NULL;
	struct ward_vpdq video = cut(50, 0, 60);
	struct ward_record record = { .number = 9, .quality = 255, .frames = &video };
	uint64_t removed = 0;

	fresh_list_folder();
	CHECK(list_films("films", 5));
	CHECK(!ward_list_remark(in_folder("films"), &remark, &error));
	record.ref = WARD_STR("film 50");
	writer = change("films");
	CHECK(!ward_list_writer_add(writer, &record, &error));
	CHECK(commit(writer));
	ward_vpdq_free(&video);
	open_bank();
	CHECK_EQ(ask(cut(2, 0, 60)), 1);
	CHECK(found.at[0].excluded && found.at[0].off);
	CHECK_EQ(ask(cut(50, 0, 60)), 1);
	close_bank();
	writer = change("films");
	CHECK(!ward_list_writer_remove_ref(writer, WARD_STR("film 50"), &removed, &error));
	CHECK(commit(writer));
	open_bank();
	CHECK_EQ(ask(cut(50, 0, 60)), 0);
	close_bank();
}

static void the_most_alike_are_kept_when_there_are_more(void)
{
	struct ward_search search = ward_search_default();
	struct ward_vpdq video = cut(1, 0, 60);
	const struct ward_video_question question = { &video, NULL, false };
	struct ward_video_hits few = { .max = 3 };
	struct ward_list_writer *writer;

	fresh_list_folder();
	writer = begin("films");
	for (uint64_t i = 0; i < 20; i++) {
		struct ward_vpdq part = cut(1, 0, 20 + (double)i * 2);

		append(&part, 100 + i, 0, 100, 1);
		CHECK(put(writer, i, part));
	}
	CHECK(commit(writer));
	open_bank();
	CHECK(!ward_bank_search_video(view, &question, &search, &few, &error));
	CHECK_EQ(few.count, 3);
	CHECK_EQ(few.total, 20);
	for (size_t i = 0; i < 3; i++)
		CHECK_EQ(few.at[i].entry, 19 - i);
	ward_video_hits_free(&few);
	ward_vpdq_free(&video);
	close_bank();
}

/* ---- TMK ---- */

/* A feature of `frames` 64x64 pictures of changing stripes; `from` is where it begins. */
static struct ward_tmk *feature_of(unsigned film, unsigned from, unsigned frames)
{
	static uint8_t pixels[64 * 64 * 3];
	struct ward_image image = { pixels, (size_t)64 * 3, 64, 64, 3 };
	struct ward_tmk_maker *maker = ward_tmk_maker_new();
	struct ward_tmk *tmk = malloc(sizeof(*tmk));

	for (unsigned i = from; i < from + frames; i++) {
		for (unsigned at = 0; at < sizeof(pixels); at++) {
			unsigned x = at / 3 % 64, y = at / 192;

			pixels[at] = (uint8_t)(128 + 90 * sin((x * (1 + film % 5) + y * (film % 7) +
									      i / 8 * 13 % 50) /
									  7.0));
		}
		if (ward_tmk_add(maker, &image, &error))
			abort();
	}
	if (ward_tmk_finish(maker, tmk, &error))
		abort();
	ward_tmk_maker_free(maker);
	return tmk;
}

static void a_feature_finds_its_like_with_the_scores_of_comparing(void)
{
	struct ward_search search = ward_search_default();
	struct ward_list_writer *writer;
	struct ward_tmk *asked = feature_of(3, 2, 60), *features[8];
	const struct ward_video_question question = { NULL, asked, false };

	fresh_list_folder();
	writer = begin("films");
	for (unsigned i = 0; i < 8; i++) {
		struct ward_record record = { .number = i, .quality = 255 };

		features[i] = feature_of(i, 0, 60);
		record.tmk = features[i];
		CHECK(!ward_list_writer_add(writer, &record, &error));
	}
	CHECK(commit(writer));
	open_bank();
	ward_video_hits_free(&found);
	CHECK(!ward_bank_search_video(view, &question, &search, &found, &error));
	for (unsigned i = 0; i < 8; i++) {
		double level1 = ward_tmk_level1(asked, features[i]);
		double level2 = ward_tmk_level2(asked, features[i]);
		bool want = level1 >= WARD_TMK_ALIKE && level2 >= WARD_TMK_ALIKE, got = false;

		for (size_t j = 0; j < found.count; j++) {
			if (found.at[j].entry != i)
				continue;
			got = true;
			CHECK(fabs(found.at[j].level1 - level1) < 1e-9);
			CHECK(fabs(found.at[j].level2 - level2) < 1e-9);
		}
		CHECK_EQ(got, want);
		free(features[i]);
	}
	CHECK(found.count >= 1);
	CHECK_EQ(found.at[0].entry, 3);
	free(asked);
	close_bank();
}

static const struct test_case cases[] = {
	{ "a copy is found whole", a_copy_is_found_whole },
	{ "a clip is found in a longer film, and a film by a clip",
			a_clip_is_found_in_a_longer_film_and_a_film_by_a_clip },
	{ "a film with a part taken out, or turned around, is found in pieces",
			a_film_with_a_part_taken_out_or_turned_around_is_found_in_pieces },
	{ "what plays a tenth faster or slower is found as one stretch",
			what_plays_a_tenth_faster_or_slower_is_found_as_one_stretch },
	{ "a picture in common is not a video in common",
			a_picture_in_common_is_not_a_video_in_common },
	{ "what everybody has counts for nothing beside other things",
			what_everybody_has_counts_for_nothing },
	{ "many copies on a list do not hide each other",
			many_copies_on_a_list_do_not_hide_each_other },
	{ "a still picture of an hour is found, and is one picture",
			a_still_picture_of_an_hour_is_found_and_is_one_picture },
	{ "the shares are those of comparing the two", the_shares_are_those_of_comparing_the_two },
	{ "an excluded video is marked, and an excluded picture does not count",
			an_excluded_video_is_marked_and_an_excluded_picture_does_not_count },
	{ "an entry that is off is marked, and a removed one is gone",
			an_entry_that_is_off_is_marked_and_a_removed_one_is_gone },
	{ "the most alike are kept when there are more",
			the_most_alike_are_kept_when_there_are_more },
	{ "a feature finds its like, with the scores of comparing",
			a_feature_finds_its_like_with_the_scores_of_comparing },
};
TEST_MAIN(cases)
