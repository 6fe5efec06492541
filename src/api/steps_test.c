#include "api/steps.h"

#include "base/test.h"
#include "base/tree.h"

static void each_step_wants_what_the_rules_count(void)
{
	for (size_t i = 0; i < STEPS_COUNT; i++) {
		const struct exposure_ask ask = { .what = steps[i].reveal ? EXPOSURE_REVEAL
									  : EXPOSURE_PICTURE,
			.level = steps[i].level };

		CHECK_EQ(steps[i].clear, exposure_is_clear(&ask));
		CHECK(step_find(steps[i].level, steps[i].reveal) == &steps[i]);
		CHECK(steps[i].permission != PEOPLE_NOBODY && steps[i].permission < PEOPLE_ANYONE);
	}
	CHECK(step_find(WARD_LEVEL_FACTS, false) == NULL);
	CHECK(step_find(WARD_LEVEL_CLEAR, true) == NULL);
	/* Every picture there is has its step. */
	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++)
		CHECK(step_find((ward_view_level)level, false) != NULL);
}

static void a_disc_that_is_clear_is_no_blur(void)
{
	const struct exposure_ladder ladder = { .reveal = EXPOSURE_ITEMS };

	CHECK_EQ(step_why(step_find(WARD_LEVEL_BLURRED, true), &ladder), EXPOSURE_ITEMS);
	CHECK_EQ(step_why(step_find(WARD_LEVEL_BLURRED, false), &ladder), EXPOSURE_MAY);
	CHECK(step_find(WARD_LEVEL_BLURRED, true)->permission ==
			step_find(WARD_LEVEL_SMALL, false)->permission);
}

static struct desk_looking grave(ward_str labels)
{
	return (struct desk_looking){ .item = { .id = WARD_STR("i-1") },
		.job = WARD_STR("j-1"),
		.facts = { .labels = labels, .finding = WARD_STR("near") },
		.severe = true };
}

static void what_is_grave_wants_a_second_person_where_it_is_clear(void)
{
	struct desk_looking looking = grave(WARD_STR("own:grave"));

	for (size_t i = 0; i < STEPS_COUNT; i++)
		CHECK_EQ(step_needs_second(&steps[i], &looking), steps[i].clear);
	looking.severe = false;
	for (size_t i = 0; i < STEPS_COUNT; i++)
		CHECK(!step_needs_second(&steps[i], &looking));
}

static void the_act_names_the_step_and_fits_whatever_was_labelled(void)
{
	char labels[6000], object[STEP_OBJECT_MAX];
	struct ward_buf detail;
	struct people_act act;
	struct ward_error error;

	for (size_t i = 0; i < sizeof(labels); i++)
		labels[i] = i % 10 == 9 ? ',' : i % 10 == 3 ? ':' : 'a';
	struct desk_looking looking = grave((ward_str){ labels, sizeof(labels) });

	ward_buf_init(&detail, STEP_DETAIL_MAX);
	CHECK_EQ(step_act(step_find(WARD_LEVEL_CLEAR, false), &looking, object, &detail, &act,
				 &error),
			WARD_OK);
	CHECK_STR(object, "item:i-1");
	CHECK(ward_str_eq(act.kind, WARD_STR("item.severe")));
	CHECK_EQ(act.second, PEOPLE_ITEM_SEVERE_SECOND);
	struct json_t *root = tree_read(act.detail, &error);
	ward_str told = tree_text(tree_member(root, "labels"));

	CHECK(ward_str_eq(tree_text(tree_member(root, "step")), WARD_STR("L5")));
	CHECK(told.len > 900 && told.len <= 1000 && told.ptr[told.len - 1] == 'a');
	tree_free(root);
	ward_buf_free(&detail);
}

static const struct test_case cases[] = {
	{ "each step wants what the rules count", each_step_wants_what_the_rules_count },
	{ "a disc that is clear is no blur", a_disc_that_is_clear_is_no_blur },
	{ "what is grave wants a second person where it is clear",
			what_is_grave_wants_a_second_person_where_it_is_clear },
	{ "the act names the step, and fits whatever was labelled",
			the_act_names_the_step_and_fits_whatever_was_labelled },
};
TEST_MAIN(cases)
