#include "gate/gate.h"

#include <stdlib.h>

#include "gate/gate_scene.h"

enum { TUE = 1, SAT = 5, MORNING = 10 * 60, NIGHT = 23 * 60 };

static const struct scene_list lists[] = {
	{ "court", WARD_SITE_BLOCK, true, true, "order", { "bad.example", "shop.example/listed" } },
	{ "games", WARD_SITE_BLOCK, false, false, "games", { "play.example", "both.example" } },
	{ "fine", WARD_SITE_ALLOW, false, false, NULL, { "both.example", "bad.example" } },
	{ "seen", WARD_SITE_LOG, false, false, NULL, { "watched.example", "play.example" } },
};

static struct ward_site_view *view;

static void make_scene(void)
{
	fresh_folder();
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (!scene_make(&lists[i]))
			abort();
	}
	ward_site_view_free(view);
	view = scene_view();
	if (!view)
		abort();
}

/* What is judged of a link, as "block order court". */
static const char *judge_at(const struct gate_rules *rules, const char *text, size_t group,
		unsigned day, unsigned minute)
{
	static char told[200];
	struct ward_site_hits hits;
	struct gate_answer answer;
	struct ward_link link;
	struct ward_buf memory;

	ward_buf_init(&memory, 1 << 20);
	snprintf(told, sizeof(told), "no link");
	if (ward_link_read(ward_str_from(text), WARD_LINK_LOOKUP, &memory, &link, &error) ==
			WARD_OK) {
		ward_site_ask(view, &link, 1772323200, &hits);
		answer = gate_judge(rules, &hits, group,
				(struct gate_time){ (uint8_t)day, (uint16_t)minute });
		snprintf(told, sizeof(told), "%s %s %s%s%s", gate_act_name(answer.act),
				gate_cause_name(answer.cause),
				answer.hit < hits.count
						? ward_site_list_info(hits.at[answer.hit].list)
								  ->name
						: "-",
				answer.rule < rules->rule_count ? " by " : "",
				answer.rule < rules->rule_count ? rules->rules[answer.rule].name
								: "");
	}
	ward_buf_free(&memory);
	return told;
}

static const char *judge(const struct gate_rules *rules, const char *text)
{
	return judge_at(rules, text, SIZE_MAX, TUE, MORNING);
}

static void without_rules_lists_do_as_they_say(void)
{
	const struct gate_rules *rules = gate_rules_default();

	make_scene();
	CHECK_STR(judge(rules, "http://free.example/"), "pass none -");
	CHECK_STR(judge(rules, "http://www.play.example/now"), "block listed games");
	CHECK_STR(judge(rules, "https://both.example/"), "pass listed fine");
	CHECK_STR(judge(rules, "https://watched.example/"), "note listed seen");
}

static void no_list_and_no_rule_is_stronger_than_a_mandatory_one(void)
{
	struct gate_rule all = { .name = "all", .act = GATE_PASS };
	struct gate_rules rules = *gate_rules_default();

	rules.rules = &all;
	rules.rule_count = 1;
	CHECK_STR(judge(gate_rules_default(), "http://bad.example/"), "block order court");
	CHECK_STR(judge(&rules, "http://bad.example/"), "block order court");
	CHECK_STR(judge(&rules, "http://play.example/"), "pass listed - by all");
}

static void a_listed_page_leaves_the_rest_of_its_host_alone(void)
{
	const struct gate_rules *rules = gate_rules_default();

	CHECK_STR(judge(rules, "http://shop.example/listed"), "block order court");
	CHECK_STR(judge(rules, "http://shop.example/listed?x=1"), "block order court");
	CHECK_STR(judge(rules, "http://shop.example/"), "pass none -");
	CHECK_STR(judge(rules, "http://shop.example/listed/other"), "pass none -");
	CHECK_STR(judge(rules, "http://www.shop.example/listed"), "pass none -");
}

/* Each list has a name of its own, and they are read in the order of names: "z" would come last. */
static void a_mandatory_entry_is_seen_among_more_hits_than_there_is_room_for(void)
{
	struct ward_site_hits hits;
	struct ward_link link;
	struct ward_buf memory;
	char name[16];

	make_scene();
	for (int i = 0; i < WARD_SITE_HITS_MAX + 8; i++) {
		struct scene_list list = { name, WARD_SITE_LOG, false, false, NULL,
			{ "many.example" } };

		snprintf(name, sizeof(name), "a%02d", i);
		CHECK(scene_make(&list));
	}
	CHECK(scene_make(&(struct scene_list){ "zallow", WARD_SITE_ALLOW, false, false, NULL,
			{ "many.example" } }));
	CHECK(scene_make(&(struct scene_list){ "zorder", WARD_SITE_BLOCK, true, false, NULL,
			{ "many.example/page" } }));
	ward_site_view_free(view);
	view = scene_view();
	CHECK(view);
	ward_buf_init(&memory, 1 << 20);
	CHECK_EQ(ward_link_read(WARD_STR("http://many.example/page"), WARD_LINK_LOOKUP, &memory,
				 &link, &error),
			WARD_OK);
	ward_site_ask(view, &link, 1, &hits);
	ward_buf_free(&memory);
	CHECK_EQ(hits.count, WARD_SITE_HITS_MAX);
	CHECK_EQ(hits.total, WARD_SITE_HITS_MAX + 10);
	CHECK_STR(judge(gate_rules_default(), "http://many.example/page"), "block order zorder");
	CHECK_STR(judge(gate_rules_default(), "http://many.example/"), "pass listed zallow");
}

static void the_first_rule_that_matches_decides(void)
{
	static const struct gate_rule both[] = {
		{ .name = "games at night",
				.category = { "games", 5 },
				.act = GATE_PASS,
				.hours = { 0, 22 * 60, 6 * 60 } },
		{ .name = "games", .list = { "games", 5 }, .act = GATE_NOTE },
		{ .name = "late", .act = GATE_BLOCK, .hours = { 0x60, 0, 0 } },
	};
	struct gate_rules rules = *gate_rules_default();

	make_scene();
	rules.rules = both;
	rules.rule_count = 3;
	CHECK_STR(judge(&rules, "http://play.example/"), "note listed games by games");
	CHECK_STR(judge_at(&rules, "http://play.example/", SIZE_MAX, TUE, NIGHT),
			"pass hours games by games at night");
	CHECK_STR(judge_at(&rules, "http://free.example/", SIZE_MAX, SAT, MORNING),
			"block hours - by late");
	CHECK_STR(judge(&rules, "http://free.example/"), "pass none -");
}

static void a_rule_that_passes_softens_what_it_names_and_one_that_blocks_does_not(void)
{
	static const struct gate_rule both[] = {
		{ .name = "games late",
				.category = { "games", 5 },
				.act = GATE_PASS,
				.hours = { 0, 22 * 60, 6 * 60 } },
		{ .name = "news", .category = { "news", 4 }, .act = GATE_BLOCK },
	};
	struct gate_rules rules = *gate_rules_default();

	rules.rules = both;
	rules.rule_count = 2;
	CHECK(gate_rules_soften(&rules, WARD_STR("any"), WARD_STR("games"), WARD_STR("")));
	CHECK(!gate_rules_soften(&rules, WARD_STR("any"), WARD_STR("news"), WARD_STR("")));
	CHECK(!gate_rules_soften(gate_rules_default(), WARD_STR("any"), WARD_STR("games"),
			WARD_STR("")));
}

static void people_are_in_the_first_group_that_has_them(void)
{
	static const ward_str users[] = { { "class7-*", 8 }, { "Ada", 3 } };
	struct ward_network networks[2];
	struct gate_group groups[2] = {
		{ .name = "seven", .users = users, .user_count = 2, .profile = 0 },
		{ .name = "house", .networks = networks, .network_count = 2, .profile = 1 },
	};
	struct gate_rules rules = *gate_rules_default();
	struct gate_client client = { .kind = WARD_HOST_IPV4, .address = { 10, 7, 3, 4 } };

	CHECK(ward_network_read(WARD_STR("10.7.0.0/16"), &networks[0]));
	CHECK(ward_network_read(WARD_STR("fd00:7::/64"), &networks[1]));
	rules.groups = groups;
	rules.group_count = 2;
	CHECK_EQ(gate_group_of(&rules, &client), 1);
	CHECK_STR(gate_profile_of(&rules, 1)->name, "teen");
	client.user = WARD_STR("CLASS7-jo");
	CHECK_EQ(gate_group_of(&rules, &client), 0);
	client.user = WARD_STR("class70");
	CHECK_EQ(gate_group_of(&rules, &client), 1);
	client.user = WARD_STR("ada");
	CHECK_EQ(gate_group_of(&rules, &client), 0);
	client = (struct gate_client){ .kind = WARD_HOST_IPV4, .address = { 10, 8, 0, 1 } };
	CHECK_EQ(gate_group_of(&rules, &client), SIZE_MAX);
	CHECK_STR(gate_profile_of(&rules, SIZE_MAX)->name, "adult");
	/* An address that is not known is in no network, whatever its bytes are. */
	client = (struct gate_client){ .kind = WARD_HOST_NONE, .address = { 10, 7, 3, 4 } };
	CHECK_EQ(gate_group_of(&rules, &client), SIZE_MAX);
}

static void a_rule_of_a_group_is_nobody_else_s(void)
{
	static const ward_str users[] = { { "jo", 2 } };
	static const struct gate_group group = { .name = "seven", .users = users, .user_count = 1 };
	static const struct gate_rule rule = { .name = "no games",
		.category = { "games", 5 },
		.group = { "seven", 5 },
		.act = GATE_BLOCK };
	static const struct gate_rule pass = { .name = "games", .category = { "games", 5 } };
	const struct gate_rule both[] = { rule, pass };
	struct gate_rules rules = *gate_rules_default();

	rules.groups = &group;
	rules.group_count = 1;
	rules.rules = both;
	rules.rule_count = 2;
	CHECK_STR(judge_at(&rules, "http://play.example/", 0, TUE, MORNING),
			"block listed games by no games");
	CHECK_STR(judge_at(&rules, "http://play.example/", SIZE_MAX, TUE, MORNING),
			"pass listed games by games");
}

static void a_score_blocks_only_where_the_operator_says_so(void)
{
	struct gate_profile profile = gate_rules_default()->profiles[0];
	struct gate_rules rules = *gate_rules_default();

	CHECK_STR(profile.name, "child");
	rules.profiles = &profile;
	rules.profile_count = 1;
	rules.profile = 0;
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 24.9, false).act, GATE_PASS);
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 25, false).act, GATE_NOTE);
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 5000, false).act, GATE_NOTE);
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 0, true).act, GATE_NOTE);
	profile.scores_block = true;
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 49.9, false).act, GATE_NOTE);
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 50, false).act, GATE_BLOCK);
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 0, true).act, GATE_BLOCK);
	CHECK_EQ(gate_judge_score(&rules, SIZE_MAX, 50, false).cause, GATE_CAUSE_WORDS);
	ward_site_view_free(view);
	view = NULL;
}

static const struct test_case cases[] = {
	{ "without rules lists do as they say", without_rules_lists_do_as_they_say },
	{ "no list and no rule is stronger than a mandatory one",
			no_list_and_no_rule_is_stronger_than_a_mandatory_one },
	{ "a listed page leaves the rest of its host alone",
			a_listed_page_leaves_the_rest_of_its_host_alone },
	{ "a mandatory entry is seen among more hits than there is room for",
			a_mandatory_entry_is_seen_among_more_hits_than_there_is_room_for },
	{ "the first rule that matches decides", the_first_rule_that_matches_decides },
	{ "a rule that passes softens what it names, and one that blocks does not",
			a_rule_that_passes_softens_what_it_names_and_one_that_blocks_does_not },
	{ "people are in the first group that has them",
			people_are_in_the_first_group_that_has_them },
	{ "a rule of a group is nobody else's", a_rule_of_a_group_is_nobody_else_s },
	{ "a score blocks only where the operator says so",
			a_score_blocks_only_where_the_operator_says_so },
};
TEST_MAIN(cases)
