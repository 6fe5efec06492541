/* Videos in a list: what goes in comes back, through deltas, folding and damage. */
#include "bank/list.h"
#include "bank/list_test.h"

#include <math.h>

/* Frames drawn by code: `count` of them, one every `gap_s`. */
static struct ward_vpdq video_of(uint64_t seed, size_t count, double gap_s)
{
	struct ward_vpdq video = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct ward_vpdq_frame frame = {
			.hash = pdq_of(seed * 1000 + i),
			.quality = 90 - (int)(i % 7),
			.number = (uint32_t)i * 25,
			.time_s = (double)i * gap_s,
		};

		if (ward_vpdq_add(&video, &frame, NULL))
			abort();
	}
	return video;
}

static bool add_video(struct ward_list_writer *writer, uint64_t number,
		const struct ward_vpdq *frames, const struct ward_tmk *tmk)
{
	struct ward_record record = { .number = number, .quality = 255 };

	record.ref = WARD_STR("a film");
	record.frames = frames;
	record.tmk = tmk;
	return !ward_list_writer_add(writer, &record, &error);
}

static struct ward_tmk *tmk_of(uint64_t seed)
{
	struct ward_tmk *tmk = calloc(1, sizeof(*tmk));
	ward_pdq bits = pdq_of(seed);

	tmk->frames = 30 + (uint32_t)seed;
	for (int i = 0; i < WARD_TMK_VALUES; i++) {
		tmk->average[i] = (float)((bits.word[i % 4] >> i / 4 & 0xff) + 1) - 100;
		for (int p = 0; p < WARD_TMK_PERIODS; p++) {
			for (int c = 0; c < WARD_TMK_COEFFICIENTS; c++) {
				tmk->cosines[p][c][i] = tmk->average[i] / (float)(c + 1);
				tmk->sines[p][c][i] = (float)c;
			}
		}
	}
	return tmk;
}

static bool same_frames(const struct ward_vpdq *a, const struct ward_vpdq *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = memcmp(&a->frames[i].hash, &b->frames[i].hash, sizeof(ward_pdq)) == 0 &&
		       a->frames[i].quality == b->frames[i].quality &&
		       a->frames[i].number == b->frames[i].number &&
		       fabs(a->frames[i].time_s - b->frames[i].time_s) < 0.00051;
	return same;
}

static bool same_tmk(const struct ward_tmk *a, const struct ward_tmk *b)
{
	struct ward_buf files[2];
	bool same;

	for (int i = 0; i < 2; i++) {
		ward_buf_init(&files[i], WARD_TMK_BYTES);
		ward_tmk_write(i ? b : a, &files[i]);
	}
	same = ward_str_eq(ward_buf_text(&files[0]), ward_buf_text(&files[1]));
	ward_buf_free(&files[0]);
	ward_buf_free(&files[1]);
	return same;
}

/* Whether the entry of the list as it is now has just these. */
static bool has(const char *name, uint64_t number, const struct ward_vpdq *frames,
		const struct ward_tmk *tmk)
{
	struct ward_list *list = open_list(name);
	struct ward_vpdq got = { 0 };
	struct ward_tmk *got_tmk = calloc(1, sizeof(*got_tmk));
	ward_err frames_err = ward_list_frames(list, number, &got, &error);
	ward_err tmk_err = ward_list_tmk(list, number, got_tmk, &error);
	bool ok = frames ? !frames_err && same_frames(frames, &got)
			 : frames_err == WARD_E_NOT_FOUND;

	ok &= tmk ? !tmk_err && same_tmk(tmk, got_tmk) : tmk_err == WARD_E_NOT_FOUND;
	ward_vpdq_free(&got);
	free(got_tmk);
	ward_list_free(list);
	return ok;
}

static void a_video_comes_back_as_it_went_in(void)
{
	struct ward_vpdq one = video_of(1, 40, 1), odd = video_of(2, 3, 100);
	struct ward_tmk *tmk = tmk_of(3);
	struct ward_list_writer *writer;
	struct ward_record record;

	fresh_list_folder();
	odd.frames[1].number = 7;
	writer = begin("films");
	CHECK(add(writer, 0, ward_pdq_signal(pdq_of(9)), ""));
	CHECK(add_video(writer, 5, &one, NULL));
	CHECK(add_video(writer, 6, &odd, tmk));
	CHECK(add_video(writer, 7, NULL, tmk));
	CHECK(commit(writer));
	CHECK(has("films", 0, NULL, NULL));
	CHECK(has("films", 5, &one, NULL));
	CHECK(has("films", 6, &odd, tmk));
	CHECK(has("films", 7, NULL, tmk));
	CHECK(has("films", 99, NULL, NULL));

	struct ward_list *list = open_list("films");

	CHECK_EQ(ward_list_videos(list), 2);
	CHECK_EQ(ward_list_tmks(list), 2);
	CHECK(ward_list_entry(list, 0, &record) && record.video == 0);
	CHECK(ward_list_entry(list, 5, &record) && record.video != 0);
	CHECK_EQ(record.signal_count, 0);
	CHECK(!ward_list_verify(list, NULL, NULL, &error));
	ward_list_free(list);
	ward_vpdq_free(&one);
	ward_vpdq_free(&odd);
	free(tmk);
}

static void deltas_add_and_take_videos_and_folding_keeps_what_is_left(void)
{
	struct ward_vpdq films[12];
	struct ward_tmk *tmk = tmk_of(5);
	struct ward_list_writer *writer;

	fresh_list_folder();
	for (size_t i = 0; i < 12; i++)
		films[i] = video_of(i, 10 + i, 1.001);
	writer = begin("films");
	CHECK(add_video(writer, 0, &films[0], tmk));
	CHECK(commit(writer));
	/* More deltas than are kept, so that some are folded. */
	for (uint64_t i = 1; i < 12; i++) {
		struct ward_record record = { .number = i, .quality = 255 };
		char ref[16];

		snprintf(ref, sizeof(ref), "film %d", (int)i);
		record.ref = ward_str_from(ref);
		record.frames = &films[i];
		writer = change("films");
		CHECK(!ward_list_writer_add(writer, &record, &error));
		CHECK(commit(writer));
	}
	for (uint64_t i = 1; i < 12; i++)
		CHECK(has("films", i, &films[i], NULL));

	uint64_t removed = 0;

	writer = change("films");
	CHECK(!ward_list_writer_remove_ref(writer, WARD_STR("film 4"), &removed, &error));
	CHECK_EQ(removed, 1);
	CHECK(!ward_list_writer_remove_ref(writer, WARD_STR("a film"), &removed, &error));
	CHECK(commit(writer));
	for (int compacted = 0; compacted < 2; compacted++) {
		struct ward_list *list = open_list("films");

		CHECK_EQ(ward_list_videos(list), 10);
		CHECK_EQ(ward_list_tmks(list), 0);
		CHECK(!ward_list_verify(list, NULL, NULL, &error));
		ward_list_free(list);
		CHECK(has("films", 0, NULL, NULL));
		CHECK(has("films", 3, &films[3], NULL));
		CHECK(has("films", 4, NULL, NULL));
		CHECK(has("films", 11, &films[11], NULL));
		CHECK(!ward_list_compact(in_folder("films"), &error));
	}
	for (size_t i = 0; i < 12; i++)
		ward_vpdq_free(&films[i]);
	free(tmk);
}

static void what_is_no_video_is_refused_and_the_writer_goes_on(void)
{
	struct ward_vpdq none = { 0 }, bad = video_of(1, 4, 1), good = video_of(2, 4, 1);
	struct ward_list_writer *writer;

	fresh_list_folder();
	writer = begin("films");
	CHECK(!add_video(writer, 0, &none, NULL));
	CHECK_EQ(error.code, WARD_E_ARGUMENT);
	bad.frames[2].time_s = -1;
	CHECK(!add_video(writer, 0, &bad, NULL));
	bad.frames[2].time_s = 5e6;
	CHECK(!add_video(writer, 0, &bad, NULL));
	bad.frames[2].time_s = nan("");
	CHECK(!add_video(writer, 0, &bad, NULL));
	bad.frames[2].time_s = 2;
	bad.frames[2].quality = 101;
	CHECK(!add_video(writer, 0, &bad, NULL));
	CHECK(add_video(writer, 0, &good, NULL));
	CHECK(commit(writer));
	CHECK(has("films", 0, &good, NULL));
	ward_vpdq_free(&bad);
	ward_vpdq_free(&good);
}

static void a_remark_goes_when_the_entry_is_of_another_video(void)
{
	struct ward_vpdq one = video_of(1, 4, 1), other = video_of(2, 4, 1);
	const struct ward_remark remark = { 0, WARD_OFF_FOR_GOOD, "a mistake" };

	fresh_list_folder();
	for (int i = 0; i < 3; i++) {
		struct ward_list_writer *writer = begin("films");

		CHECK(add_video(writer, 0, i < 2 ? &one : &other, NULL));
		CHECK(commit(writer));
		if (i == 0)
			CHECK(!ward_list_remark(in_folder("films"), &remark, &error));

		struct ward_list *list = open_list("films");
		struct ward_remark told = ward_list_remark_on(list, 0);

		CHECK_STR(told.note, i < 2 ? "a mistake" : "");
		ward_list_free(list);
	}
	ward_vpdq_free(&one);
	ward_vpdq_free(&other);
}

static const struct test_case cases[] = {
	{ "a video comes back as it went in", a_video_comes_back_as_it_went_in },
	{ "deltas add and take videos, and folding keeps what is left",
			deltas_add_and_take_videos_and_folding_keeps_what_is_left },
	{ "what is no video is refused, and the writer goes on",
			what_is_no_video_is_refused_and_the_writer_goes_on },
	{ "a remark goes when the entry is of another video",
			a_remark_goes_when_the_entry_is_of_another_video },
};
TEST_MAIN(cases)
