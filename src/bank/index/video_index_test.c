/* The index of videos' frames, beside the plain way: comparing every frame. */
#include "bank/index/video_index.h"
#include "base/test.h"

static struct ward_error error;

static uint64_t state;

static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static ward_pdq draw_hash(void)
{
	ward_pdq hash;

	for (int i = 0; i < 4; i++)
		hash.word[i] = draw();
	return hash;
}

/* Another hash at just this distance. */
static ward_pdq moved(ward_pdq hash, int distance)
{
	ward_pdq made = hash;

	while (ward_pdq_distance(hash, made) < distance) {
		unsigned bit = draw() % 256;

		made.word[bit / 64] = (made.word[bit / 64] & ~((uint64_t)1 << bit % 64)) |
				      (~hash.word[bit / 64] & (uint64_t)1 << bit % 64);
	}
	return made;
}

/* ---- a section in memory ---- */

struct made {
	ward_pdq *hashes;
	uint16_t *gaps;
	uint8_t *qualities;
	struct video_row *rows;
	struct video_detail details[8];
	struct video_index_build build;
	uint8_t *bytes;
	size_t len;
	struct video_index index;
};

static ward_err keep(void *context, ward_bytes bytes, struct ward_error *why)
{
	struct made *made = context;

	(void)why;
	memcpy(made->bytes + made->len, bytes.ptr, bytes.len);
	made->len += bytes.len;
	return WARD_OK;
}

/* `videos` of `frames` frames each, one a second, no two alike. */
static struct made *make(uint32_t videos, uint32_t frames)
{
	struct made *made = calloc(1, sizeof(*made));
	uint32_t all = videos * frames;

	state = 7;
	made->hashes = calloc(all + 1, sizeof(*made->hashes));
	made->gaps = calloc(all + 1, sizeof(*made->gaps));
	made->qualities = calloc(all + 1, 1);
	made->rows = calloc(videos + 1, sizeof(*made->rows));
	for (uint32_t i = 0; i < all; i++) {
		made->hashes[i] = draw_hash();
		made->gaps[i] = i % frames > 0 ? 1000 : 0;
		made->qualities[i] = 80;
	}
	for (uint32_t i = 0; i < videos; i++)
		made->rows[i] = (struct video_row){ .first = i * frames, .step = 25 };
	made->build = (struct video_index_build){ made->hashes, made->gaps, made->qualities, all,
		made->rows, videos, made->details, 0, keep, made, 0 };
	return made;
}

static bool build(struct made *made)
{
	free(made->bytes);
	made->bytes = NULL;
	made->len = 0;
	/* Room for the hashes, what goes with them, and the largest tables. */
	if (posix_memalign((void **)&made->bytes, PDQ_INDEX_ALIGN,
			    made->build.frames * (size_t)64 + made->build.videos * (size_t)32 +
					    (2 << 20)))
		abort();
	return !video_index_build(&made->build, &error) &&
	       !video_index_open((ward_bytes){ made->bytes, made->len }, &made->index, &error) &&
	       !video_index_check(&made->index, &error);
}

static void drop(struct made *made)
{
	free(made->hashes);
	free(made->gaps);
	free(made->qualities);
	free(made->rows);
	free(made->bytes);
	free(made);
}

static bool finds(const struct made *made, ward_pdq hash, bool exhaustive, uint32_t frame)
{
	struct video_question question = { &hash, 1, WARD_PDQ_RADIUS, exhaustive, 0 };
	struct pdq_found found = { 0 };
	bool is_there = false;

	if (video_index_search(&made->index, &question, &found, &error))
		abort();
	for (size_t i = 0; i < found.count; i++)
		is_there |= found.at[i].id == frame &&
			    (int)found.at[i].distance ==
					    ward_pdq_distance(hash, made->hashes[frame]);
	pdq_found_free(&found);
	return is_there;
}

/* ---- cases ---- */

static void frames_come_back_as_they_went_in(void)
{
	struct made *made = make(3, 5);
	struct ward_vpdq frames = { 0 };

	/* The second has gaps that no step tells. */
	made->rows[1].detail = 1;
	made->build.detail_count = 5;
	for (uint32_t i = 0; i < 5; i++)
		made->details[i] = (struct video_detail){ i * i, i * 100000 };
	made->qualities[7] = 12;
	CHECK(build(made));
	CHECK(!video_index_frames(&made->index, 0, &frames, &error));
	CHECK_EQ(frames.count, 5);
	CHECK_EQ(frames.frames[4].number, 100);
	CHECK(frames.frames[4].time_s == 4.0);
	ward_vpdq_free(&frames);
	CHECK(!video_index_frames(&made->index, 1, &frames, &error));
	CHECK_EQ(frames.frames[4].number, 16);
	CHECK(frames.frames[4].time_s == 400.0);
	CHECK_EQ(frames.frames[2].quality, 12);
	CHECK(memcmp(&frames.frames[2].hash, &made->hashes[7], sizeof(ward_pdq)) == 0);
	ward_vpdq_free(&frames);
	CHECK_EQ(video_index_of(&made->index, 0), 0);
	CHECK_EQ(video_index_of(&made->index, 9), 1);
	CHECK_EQ(video_index_of(&made->index, 10), 2);
	drop(made);
}

static void a_small_set_is_compared_whole_and_nothing_is_missed(void)
{
	struct made *made = make(40, 25);

	CHECK(build(made));
	CHECK_EQ(made->index.bits, 0);
	CHECK(video_index_recall(&made->index, 31) == 1);
	for (uint32_t i = 0; i < 1000; i++)
		CHECK(finds(made, moved(made->hashes[i], (int)(i % 32)), false, i));
	CHECK(!finds(made, moved(made->hashes[3], 32), false, 3));
	drop(made);
}

/* How many of the first 2000 frames are found at a distance, by the tables. */
static int count_at(const struct made *made, int distance)
{
	int found = 0;

	for (uint32_t i = 0; i < 2000; i++)
		found += finds(made, moved(made->hashes[i], distance), false, i);
	return found;
}

static void the_tables_find_as_many_as_the_formula_says(void)
{
	struct made *made = make(1000, 20);
	static const int distances[] = { 0, 4, 8, 16, 24, 31 };
	/* With as many postings it is not worth while to look farther than 0, 1, 2 bits. */
	static const uint32_t postings[] = { 100000000, 3000000, 1000000 };

	made->build.scan_below = 1;
	CHECK(build(made));
	CHECK(made->index.bits > 0);
	made->index.never_scan = true;
	for (size_t i = 0; i < 18; i++) {
		int distance = distances[i / 3], got;
		double want;

		made->index.postings = postings[i % 3];
		want = 2000 * video_index_recall(&made->index, distance);
		got = count_at(made, distance);
		/* Four standard deviations of 2000 draws. */
		CHECK(got > want - 90 && got < want + 90);
		CHECK(distance > 0 || got == 2000);
		CHECK(distance != 31 || (got > 300 && got < 1900));
	}
	drop(made);
}

static void comparing_all_finds_what_the_tables_miss(void)
{
	struct made *made = make(100, 20);

	made->build.scan_below = 1;
	CHECK(build(made));
	for (uint32_t i = 0; i < 2000; i++)
		CHECK(finds(made, moved(made->hashes[i], 31), true, i));
	drop(made);
}

static void frames_that_say_nothing_are_not_found(void)
{
	struct made *made = make(10, 20);

	made->qualities[5] = WARD_PDQ_QUALITY_MIN - 1;
	made->hashes[6] = (ward_pdq){ { 0 } };
	made->build.scan_below = 1;
	CHECK(build(made));
	for (int exhaustive = 0; exhaustive < 2; exhaustive++) {
		CHECK(finds(made, made->hashes[4], exhaustive, 4));
		CHECK(!finds(made, made->hashes[5], exhaustive, 5));
		CHECK(!finds(made, made->hashes[6], exhaustive, 6));
	}
	drop(made);
}

static void a_still_picture_takes_few_postings_and_one_in_every_table(void)
{
	struct made *made = make(1, 1000);

	for (uint32_t i = 1; i < 1000; i++)
		made->hashes[i] = made->hashes[0];
	made->build.scan_below = 1;
	CHECK(build(made));
	CHECK_EQ(made->index.postings, VIDEO_INDEX_TABLES);
	CHECK(finds(made, made->hashes[0], false, 3));
	drop(made);
}

static void any_damage_gives_some_answer_or_none(void)
{
	struct made *made = make(10, 20);
	size_t hashes_end = 128 + 200 * sizeof(ward_pdq);

	made->build.scan_below = 1;
	CHECK(build(made));
	for (int i = 0; i < 4000; i++) {
		size_t at = (i % 2 ? hashes_end : 0) +
			    draw() % (made->len - (i % 2 ? hashes_end : 0)) / 4 * 4;
		uint32_t kept, put = i % 3 ? UINT32_MAX : (uint32_t)draw();
		struct video_index index;
		struct ward_vpdq frames = { 0 };
		struct pdq_found found = { 0 };
		struct video_question question = { made->hashes, 3, 31, i % 5 == 0, 0 };

		memcpy(&kept, made->bytes + at, 4);
		memcpy(made->bytes + at, &put, 4);
		if (!video_index_open((ward_bytes){ made->bytes, made->len }, &index, &error)) {
			index.never_scan = true;
			CHECK(!video_index_search(&index, &question, &found, &error));
			for (uint32_t video = 0; video < index.videos; video++)
				CHECK(!video_index_frames(&index, video, &frames, &error));
			(void)!video_index_check(&index, &error);
		}
		memcpy(made->bytes + at, &kept, 4);
		pdq_found_free(&found);
		ward_vpdq_free(&frames);
	}
	CHECK_EQ(video_index_open((ward_bytes){ made->bytes, 100 }, &made->index, &error),
			WARD_E_CORRUPT);
	drop(made);
}

static const struct test_case cases[] = {
	{ "frames come back as they went in", frames_come_back_as_they_went_in },
	{ "a small set is compared whole and nothing is missed",
			a_small_set_is_compared_whole_and_nothing_is_missed },
	{ "the tables find as many as the formula says",
			the_tables_find_as_many_as_the_formula_says },
	{ "comparing all finds what the tables miss", comparing_all_finds_what_the_tables_miss },
	{ "frames that say nothing are not found", frames_that_say_nothing_are_not_found },
	{ "a still picture takes few postings, and one in every table",
			a_still_picture_takes_few_postings_and_one_in_every_table },
	{ "any damage gives some answer or none", any_damage_gives_some_answer_or_none },
};
TEST_MAIN(cases)
