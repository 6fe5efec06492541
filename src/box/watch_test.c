/* What a program believes of its worker. */
#include "box/watch.h"

#include "base/test.h"

static uint8_t shared[16384];
static struct watch watch;

static void begin(ward_job job)
{
	struct ward_decode_options options = { .limits = ward_limits_default() };

	watch.shared = shared;
	watch.shared_len = sizeof(shared);
	options.limits.bytes_max = 1000;
	options.limits.parts_max = 2;
	options.limits.frames_max = 2;
	watch_begin(&watch, job, 7, &options);
}

static ward_err hears(const void *message, size_t size)
{
	struct ward_event event;

	return watch_event(&watch, (ward_bytes){ (const uint8_t *)message, size }, &event, NULL);
}
#define HEARS(message) hears(&(message), sizeof(message))

static const struct wire_facts good_facts = {
	.head = { WIRE_MAGIC, WIRE_FACTS, 7 },
	.width = 40,
	.height = 30,
	.frames = 1,
	.bits = 8,
};

static struct wire_frame frame_at(uint64_t offset, uint32_t index)
{
	return (struct wire_frame){
		.head = wire_head(WIRE_FRAME, 7),
		.offset = offset,
		.stride = 40,
		.width = 40,
		.height = 30,
		.channels = 1,
		.index = index,
		.scale = 1,
	};
}

static void a_frame_may_touch_the_last_byte_and_not_the_next(void)
{
	struct wire_frame fits = frame_at(sizeof(shared) - 1200, 0);
	struct wire_frame over = frame_at(sizeof(shared) - 1199, 0);

	begin(WARD_JOB_PICTURE);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(fits), WARD_OK);
	begin(WARD_JOB_PICTURE);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(over), WARD_E_WORKER);
}

static void frames_come_in_order_with_two_views_at_most(void)
{
	struct wire_frame first = frame_at(0, 0);
	struct wire_frame second = frame_at(0, 1);
	struct wire_frame third = frame_at(0, 2);

	begin(WARD_JOB_PICTURE);
	CHECK_EQ(HEARS(first), WARD_E_WORKER);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(second), WARD_E_WORKER);
	CHECK_EQ(HEARS(first), WARD_OK);
	CHECK_EQ(HEARS(first), WARD_OK);
	CHECK_EQ(HEARS(second), WARD_OK);
	CHECK_EQ(HEARS(first), WARD_E_WORKER);
	CHECK_EQ(HEARS(third), WARD_E_WORKER);
	CHECK_EQ(HEARS(second), WARD_OK);
	CHECK_EQ(HEARS(second), WARD_E_WORKER);
}

static void member_bytes_keep_to_their_member_and_their_budget(void)
{
	const struct wire_part part = { .head = { WIRE_MAGIC, WIRE_PART, 7 } };
	const struct wire_part locked = { .head = { WIRE_MAGIC, WIRE_PART, 7 }, .encrypted = 1 };
	const struct wire_data data = { .head = { WIRE_MAGIC, WIRE_DATA, 7 }, .len = 600 };

	begin(WARD_JOB_ARCHIVE);
	CHECK_EQ(HEARS(data), WARD_E_WORKER);
	CHECK_EQ(HEARS(part), WARD_OK);
	CHECK_EQ(HEARS(data), WARD_OK);
	CHECK_EQ(HEARS(data), WARD_E_WORKER); /* 1200 of 1000 */
	CHECK_EQ(HEARS(locked), WARD_OK);
	CHECK_EQ(HEARS(data), WARD_E_WORKER);
	CHECK_EQ(HEARS(part), WARD_E_WORKER); /* the third of 2 */
}

static void a_picture_has_few_members_behind_its_facts(void)
{
	const struct wire_part part = { .head = { WIRE_MAGIC, WIRE_PART, 7 } };
	const struct wire_part locked = { .head = { WIRE_MAGIC, WIRE_PART, 7 }, .encrypted = 1 };
	const struct wire_data data = { .head = { WIRE_MAGIC, WIRE_DATA, 7 }, .len = 600 };

	begin(WARD_JOB_PICTURE);
	CHECK_EQ(HEARS(part), WARD_E_WORKER);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(locked), WARD_E_WORKER);
	CHECK_EQ(HEARS(part), WARD_OK);
	CHECK_EQ(HEARS(data), WARD_OK);
	CHECK_EQ(HEARS(data), WARD_E_WORKER); /* 1200 of 1000 */
	CHECK_EQ(HEARS(part), WARD_OK);
	CHECK_EQ(HEARS(part), WARD_E_WORKER); /* the third of 2 */
	begin(WARD_JOB_PICTURE);
	watch.options.limits.parts_max = 100000;
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	for (int i = 0; i < WIRE_PICTURE_PARTS; i++)
		CHECK_EQ(HEARS(part), WARD_OK);
	CHECK_EQ(HEARS(part), WARD_E_WORKER);
	/* Where only facts were asked for, nothing else comes. */
	begin(WARD_JOB_PICTURE);
	watch.options.facts_only = true;
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(part), WARD_E_WORKER);
}

static void an_end_names_a_trouble_of_the_file_or_none(void)
{
	struct wire_end end = { .head = wire_head(WIRE_END, 7) };

	begin(WARD_JOB_PICTURE);
	for (uint32_t err = 0; err < 40; err++) {
		bool is_of_the_file = err == WARD_OK || err == WARD_E_NOMEM ||
				      err == WARD_E_FORMAT || err == WARD_E_LIMIT ||
				      err == WARD_E_UNSUPPORTED;

		end.err = err;
		CHECK_EQ(HEARS(end), is_of_the_file ? WARD_OK : WARD_E_WORKER);
	}
}

static void a_message_cut_anywhere_is_refused(void)
{
	struct wire_frame frame = frame_at(0, 0);

	begin(WARD_JOB_PICTURE);
	for (size_t size = 0; size < sizeof(good_facts); size++)
		CHECK_EQ(hears(&good_facts, size), WARD_E_WORKER);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	for (size_t size = 0; size < sizeof(frame); size++)
		CHECK_EQ(hears(&frame, size), WARD_E_WORKER);
}

static void facts_and_full_size_are_held_to_their_word(void)
{
	struct wire_facts facts = good_facts;
	struct wire_frame frame = frame_at(0, 0);

	begin(WARD_JOB_PICTURE);
	facts.orientation = 9;
	CHECK_EQ(HEARS(facts), WARD_E_WORKER);
	facts = good_facts;
	facts.media = WARD_MEDIA_KIND_COUNT;
	CHECK_EQ(HEARS(facts), WARD_E_WORKER);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(good_facts), WARD_E_WORKER);
	frame.scale = 2; /* nobody asked for a smaller picture */
	CHECK_EQ(HEARS(frame), WARD_E_WORKER);
}

static void begin_view(ward_view_level level)
{
	begin(WARD_JOB_VIEW);
	watch.options.view.level = level;
}

static const struct wire_view good_view = {
	.head = { WIRE_MAGIC, WIRE_VIEW, 7 },
	.bytes = 100,
	.media = WARD_MEDIA_PNG,
	.width = 320,
	.height = 200,
	.frames = 1,
	.columns = 1,
};

static void a_view_keeps_to_the_size_of_its_level(void)
{
	struct wire_view view = good_view;

	begin_view(WARD_LEVEL_SMALL);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(view), WARD_OK);
	begin_view(WARD_LEVEL_SMALL);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	view.width = 321;
	CHECK_EQ(HEARS(view), WARD_E_WORKER);
	view = good_view;
	view.height = 0;
	CHECK_EQ(HEARS(view), WARD_E_WORKER);
	view = good_view;
	view.bytes = WARD_VIEW_BYTES + 1;
	CHECK_EQ(HEARS(view), WARD_E_WORKER);
	view = good_view;
	view.frames = WARD_VIEW_MOMENTS + 1;
	CHECK_EQ(HEARS(view), WARD_E_WORKER);
	view = good_view;
	view.columns = 2;
	CHECK_EQ(HEARS(view), WARD_E_WORKER);
	view = good_view;
	view.columns = 0;
	CHECK_EQ(HEARS(view), WARD_E_WORKER);
	view = good_view;
	view.media = WARD_MEDIA_TEXT;
	CHECK_EQ(HEARS(view), WARD_E_WORKER);
}

static void a_view_comes_once_and_only_where_one_was_asked_for(void)
{
	begin(WARD_JOB_PICTURE);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(good_view), WARD_E_WORKER);
	begin_view(WARD_LEVEL_SMALL);
	CHECK_EQ(HEARS(good_view), WARD_E_WORKER);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(good_view), WARD_OK);
	CHECK_EQ(HEARS(good_view), WARD_E_WORKER);
}

/* Of whatever level was asked for, the pixels themselves never come. */
static void a_view_job_has_no_frames(void)
{
	struct wire_frame frame = frame_at(0, 0);

	begin_view(WARD_LEVEL_CLEAR);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(frame), WARD_E_WORKER);
}

static void a_views_bytes_are_as_many_as_were_said(void)
{
	const struct wire_end end = { .head = wire_head(WIRE_END, 7) };
	struct wire_data data = { .head = wire_head(WIRE_DATA, 7), .len = 60 };

	begin_view(WARD_LEVEL_SMALL);
	CHECK_EQ(HEARS(end), WARD_E_WORKER);
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(data), WARD_E_WORKER);
	CHECK_EQ(HEARS(good_view), WARD_OK);
	CHECK_EQ(HEARS(data), WARD_OK);
	CHECK_EQ(HEARS(end), WARD_E_WORKER);
	CHECK_EQ(HEARS(data), WARD_E_WORKER); /* 120 of 100 */
	data.len = 40;
	CHECK_EQ(HEARS(data), WARD_OK);
	CHECK_EQ(HEARS(end), WARD_OK);
}

/* ---- frames of a video ---- */

static struct wire_frame moment_at(uint32_t index, uint32_t number)
{
	return (struct wire_frame){
		.head = wire_head(WIRE_FRAME, 7),
		.stride = 192,
		.width = 64,
		.height = 64,
		.channels = 3,
		.index = index,
		.scale = 1,
		.number = number,
	};
}

static void frames_of_a_video_have_numbers_that_go_up(void)
{
	struct wire_frame first = moment_at(0, 0), again = moment_at(1, 0);
	struct wire_frame later = moment_at(1, 30), back = moment_at(2, 29);
	struct wire_frame last = moment_at(2, UINT32_MAX);

	begin(WARD_JOB_FRAMES);
	watch.options.limits.frames_max = 9;
	CHECK_EQ(HEARS(first), WARD_E_WORKER); /* before the facts */
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(first), WARD_OK);
	CHECK_EQ(HEARS(again), WARD_E_WORKER);
	CHECK_EQ(HEARS(later), WARD_OK);
	CHECK_EQ(HEARS(back), WARD_E_WORKER);
	CHECK_EQ(HEARS(last), WARD_E_WORKER);
}

static void frames_at_a_rate_may_come_again_and_are_small(void)
{
	struct wire_frame first = moment_at(0, 0), again = moment_at(1, 0);
	struct wire_frame wide = moment_at(2, 1), grey = moment_at(2, 1), next = moment_at(2, 1);

	begin(WARD_JOB_FRAMES);
	watch.options.frames.kind = WARD_FRAMES_TMK;
	watch.options.limits.frames_max = 9;
	wide.width = 65;
	wide.stride = 195;
	grey.channels = 1;
	CHECK_EQ(HEARS(good_facts), WARD_OK);
	CHECK_EQ(HEARS(first), WARD_OK);
	CHECK_EQ(HEARS(again), WARD_OK);
	CHECK_EQ(HEARS(wide), WARD_E_WORKER);
	CHECK_EQ(HEARS(grey), WARD_E_WORKER);
	CHECK_EQ(HEARS(next), WARD_OK);
}

static void a_rate_is_a_fraction_or_nothing(void)
{
	struct wire_facts facts = good_facts;
	struct ward_event event;

	begin(WARD_JOB_FRAMES);
	facts.rate_num = 30000;
	CHECK_EQ(HEARS(facts), WARD_E_WORKER);
	facts.rate_den = 1001;
	CHECK_EQ(watch_event(&watch, (ward_bytes){ (const uint8_t *)&facts, sizeof(facts) }, &event,
				 NULL),
			WARD_OK);
	CHECK_EQ(event.facts.rate_num, 30000);
	CHECK_EQ(event.facts.rate_den, 1001);
}

static const struct test_case cases[] = {
	{ "a frame may touch the last byte and not the next",
			a_frame_may_touch_the_last_byte_and_not_the_next },
	{ "frames come in order with two views at most",
			frames_come_in_order_with_two_views_at_most },
	{ "member bytes keep to their member and their budget",
			member_bytes_keep_to_their_member_and_their_budget },
	{ "a picture has few members, behind its facts",
			a_picture_has_few_members_behind_its_facts },
	{ "an end names a trouble of the file or none",
			an_end_names_a_trouble_of_the_file_or_none },
	{ "a message cut anywhere is refused", a_message_cut_anywhere_is_refused },
	{ "facts and full size are held to their word",
			facts_and_full_size_are_held_to_their_word },
	{ "a view keeps to the size of its level", a_view_keeps_to_the_size_of_its_level },
	{ "a view comes once, and only where one was asked for",
			a_view_comes_once_and_only_where_one_was_asked_for },
	{ "a view job has no frames", a_view_job_has_no_frames },
	{ "a view's bytes are as many as were said", a_views_bytes_are_as_many_as_were_said },
	{ "frames of a video have numbers that go up", frames_of_a_video_have_numbers_that_go_up },
	{ "frames at a rate may come again, and are small",
			frames_at_a_rate_may_come_again_and_are_small },
	{ "a rate is a fraction, or nothing", a_rate_is_a_fraction_or_nothing },
};
TEST_MAIN(cases)
