#include "desk/desk_test.h"

static const struct desk_facts facts = {
	.channel = TEXT("portal"),
	.reporter = TEXT("child"),
	.kind = TEXT("url"),
	.labels = TEXT("ward:a,other:x.y"),
	.country = TEXT("NL"),
	.urgent = true,
	.strikes = 3,
};

static void conditions_hold_when_all_of_them_do(void)
{
	static const struct {
		const char *conditions;
		bool holds;
	} rows[] = {
		{ "{}", true },
		{ "{\"channel\":\"portal\"}", true },
		{ "{\"channel\":[\"api\",\"portal\"]}", true },
		{ "{\"channel\":[\"api\",\"csv\"]}", false },
		{ "{\"channel\":\"portal\",\"reporter\":\"police\"}", false },
		{ "{\"label\":\"ward:a\"}", true },
		{ "{\"label\":\"ward:\"}", true },
		{ "{\"label\":[\"ward:b\",\"other:x.y\"]}", true },
		{ "{\"label\":\"ward\"}", false },
		{ "{\"list\":\"any\"}", false },
		{ "{\"urgent\":true,\"country\":\"NL\"}", true },
		{ "{\"urgent\":false}", false },
		{ "{\"strikes_min\":3}", true },
		{ "{\"strikes_min\":4}", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ward_str conditions = ward_str_from(rows[i].conditions);

		CHECK_EQ(desk_conditions_check(conditions, &error), WARD_OK);
		CHECK_EQ(desk_conditions_hold(conditions, &facts), rows[i].holds);
	}
}

static void says_what_is_wrong_with_conditions(void)
{
	static const char *const wrong[] = { "", "[]", "{", "{\"colour\":\"red\"}",
		"{\"channel\":[]}", "{\"channel\":3}", "{\"channel\":[3]}", "{\"urgent\":\"yes\"}",
		"{\"strikes_min\":-1}", "{\"channel\":\"a\",\"channel\":\"b\"}" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK(desk_conditions_check(ward_str_from(wrong[i]), &error) != WARD_OK);
		CHECK(error.message[0] != '\0');
	}
}

static void facts_come_back_as_they_were(void)
{
	struct ward_arena memory;
	struct desk_facts read;
	struct ward_buf text;

	ward_arena_init(&memory, 65536);
	ward_buf_init(&text, 65536);
	desk_facts_format(&facts, &text);
	CHECK_EQ(desk_facts_parse(ward_buf_text(&text), &memory, &read, &error), WARD_OK);
	CHECK(ward_str_eq(read.labels, facts.labels) && ward_str_eq(read.country, facts.country));
	CHECK(ward_str_eq(read.channel, facts.channel) &&
			ward_str_eq(read.reporter, facts.reporter));
	CHECK(read.urgent && read.strikes == 3 && read.list.len == 0);
	ward_buf_free(&text);
	ward_arena_free(&memory);
}

static ward_err put(struct store_tx *tx, const char *conditions, const char *queue,
		enum desk_route_mode mode, int64_t place, char id[ID_TEXT_MAX])
{
	struct desk_route route = { .place = place,
		.mode = mode,
		.conditions = ward_str_from(conditions),
		.queue = ward_str_from(queue),
		.priority = 30 };

	return desk_route_put(tx, &cleo, &route, id, &error);
}

static void first_match(struct store_tx *tx)
{
	struct desk_queue one = plain_queue("one"), two = plain_queue("two");
	char draft[ID_TEXT_MAX], test[ID_TEXT_MAX], live[ID_TEXT_MAX], last[ID_TEXT_MAX];
	struct desk_route *routes;
	struct desk_routed routed;
	size_t count;

	CHECK_EQ(desk_queue_put(tx, &cleo, &one, &error), WARD_OK);
	CHECK_EQ(desk_queue_put(tx, &cleo, &two, &error), WARD_OK);
	CHECK_EQ(put(tx, "{}", "none", DESK_ROUTE_LIVE, 1, draft), WARD_E_ARGUMENT);
	CHECK_EQ(put(tx, "{}", "one", DESK_ROUTE_DRAFT, 1, draft), WARD_OK);
	CHECK_EQ(put(tx, "{}", "one", DESK_ROUTE_TEST, 2, test), WARD_OK);
	CHECK_EQ(put(tx, "{\"reporter\":\"child\"}", "two", DESK_ROUTE_LIVE, 3, live), WARD_OK);
	CHECK_EQ(put(tx, "{}", "one", DESK_ROUTE_LIVE, 4, last), WARD_OK);
	CHECK_EQ(desk_route_find(tx, &facts, &routed, &error), WARD_OK);
	CHECK_STR(routed.queue, "two");
	CHECK_STR(routed.route, live);
	CHECK_EQ(routed.priority, 30);
	CHECK_EQ(desk_route_list(tx, &arena, &routes, &count, &error), WARD_OK);
	CHECK_EQ(count, 4);
	CHECK_EQ(routes[0].matched, 0);
	CHECK_EQ(routes[1].matched, 1);
	CHECK_EQ(routes[2].matched, 1);
	CHECK_EQ(routes[3].matched, 0);
	CHECK_EQ(desk_route_remove(tx, &cleo, ward_str_from(live), &error), WARD_OK);
	CHECK_EQ(desk_route_remove(tx, &cleo, ward_str_from(live), &error), WARD_E_NOT_FOUND);
	CHECK_EQ(desk_route_find(tx, &facts, &routed, &error), WARD_OK);
	CHECK_STR(routed.route, last);
}

static void the_first_live_rule_that_matches_routes(void)
{
	in_store(first_match);
}

static void off(struct store_tx *tx)
{
	struct desk_queue queue = plain_queue("one");
	char id[ID_TEXT_MAX];

	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	CHECK_EQ(put(tx, "{}", "one", DESK_ROUTE_LIVE, 1, id), WARD_OK);
	CHECK_STR(arrive(tx, "a", "", 50, false).queue, "one");
	queue.active = false;
	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	CHECK_STR(arrive(tx, "b", "", 50, false).queue, DESK_INBOX);
	CHECK_EQ(desk_job_take(tx, &anna, &rules, WARD_STR("one"), id, &error), WARD_E_NOT_FOUND);
}

static void a_queue_that_is_off_gets_nothing(void)
{
	in_store(off);
}

static void trial(struct store_tx *tx)
{
	struct desk_queue queue = plain_queue("one");
	struct desk_route_trial tried;

	CHECK_EQ(desk_queue_put(tx, &cleo, &queue, &error), WARD_OK);
	arrive(tx, "a", "", 50, true);
	arrive(tx, "b", "", 50, false);
	CHECK_EQ(desk_route_try(tx, WARD_STR("{\"urgent\":true}"), WARD_STR("one"), 100, &tried,
				 &error),
			WARD_OK);
	CHECK_EQ(tried.looked_at, 2);
	CHECK_EQ(tried.matched, 1);
	CHECK_EQ(tried.moved, 1);
	CHECK_EQ(desk_route_try(tx, WARD_STR("{}"), WARD_STR(DESK_INBOX), 100, &tried, &error),
			WARD_OK);
	CHECK_EQ(tried.matched, 2);
	CHECK_EQ(tried.moved, 0);
}

static void a_rule_can_be_tried_on_what_was(void)
{
	in_store(trial);
}

static const struct test_case cases[] = {
	{ "conditions hold when all of them do", conditions_hold_when_all_of_them_do },
	{ "conditions that make no sense are refused in a sentence",
			says_what_is_wrong_with_conditions },
	{ "facts come back as they were", facts_come_back_as_they_were },
	{ "the first live rule that matches routes; tests are counted, drafts are not asked",
			the_first_live_rule_that_matches_routes },
	{ "a queue that is switched off gets nothing and gives nothing",
			a_queue_that_is_off_gets_nothing },
	{ "a rule can be tried on what came in before", a_rule_can_be_tried_on_what_was },
};
TEST_MAIN(cases)
