#include "workspace/network.h"

#include "base/test.h"

static struct ward_error error;
static struct ward_arena tree, arena;
static const struct gate_rules *rules;

static ward_err read_text(const char *text)
{
	struct conf_node *first = NULL;
	ward_err err;

	ward_arena_free(&arena);
	ward_arena_init(&tree, (size_t)1 << 20);
	ward_arena_init(&arena, (size_t)1 << 20);
	error = (struct ward_error){ 0 };
	rules = NULL;
	err = conf_parse(&tree, "ward.conf", ward_str_from(text), NULL, NULL, &first, &error);
	if (!err)
		err = network_rules_read(first, WARD_STR("adult"), &arena, &rules, &error);
	/* Nothing of the tree may be needed behind this. */
	ward_arena_free(&tree);
	return err;
}

static void nothing_said_is_the_built_in_profiles_and_no_rule(void)
{
	CHECK_EQ(read_text("scan { }"), WARD_OK);
	CHECK_EQ(rules->rule_count, 0);
	CHECK_EQ(rules->group_count, 0);
	CHECK_EQ(rules->profile_count, 3);
	CHECK_STR(gate_profile_of(rules, SIZE_MAX)->name, "adult");
}

static void a_profile_changes_a_built_in_one_or_adds_one(void)
{
	CHECK_EQ(read_text("profile \"child\" { scores_block = yes }\n"
			   "profile \"staff\" { note_from = 300; block_from = 500; holds_block = "
			   "no }"),
			WARD_OK);
	CHECK_EQ(rules->profile_count, 4);
	CHECK(rules->profiles[0].scores_block);
	CHECK(rules->profiles[0].block_from == 50);
	CHECK_STR(rules->profiles[3].name, "staff");
	CHECK(rules->profiles[3].note_from == 300);
	CHECK(!rules->profiles[3].holds_block);
	CHECK(!rules->profiles[3].scores_block);
}

static void groups_and_rules_have_all_their_parts_in_any_order_of_the_file(void)
{
	struct gate_client client = { .user = WARD_STR("class7-jo") };

	CHECK_EQ(read_text("site_rule \"lessons\" { list = l; category = games; class = "
			   "\"age:12\"; "
			   "group = seven; days = mon-fri; hours = \"08:00-15:30\"; answer = block "
			   "}\n"
			   "group \"seven\" { networks = [10.7.0.0/16, 192.0.2.1]; users = "
			   "[class7-*, "
			   "ada]; "
			   "profile = strict }\n"
			   "profile \"strict\" { block_from = 90 }"),
			WARD_OK);
	CHECK_EQ(rules->group_count, 1);
	CHECK_EQ(rules->groups[0].network_count, 2);
	CHECK_EQ(rules->groups[0].networks[1].bits, 32);
	CHECK_EQ(rules->groups[0].user_count, 2);
	CHECK_EQ(gate_group_of(rules, &client), 0);
	CHECK_STR(gate_profile_of(rules, 0)->name, "strict");
	CHECK_EQ(rules->rule_count, 1);
	CHECK_STR(rules->rules[0].name, "lessons");
	CHECK(ward_str_eq(rules->rules[0].list, WARD_STR("l")));
	CHECK(ward_str_eq(rules->rules[0].category, WARD_STR("games")));
	CHECK(ward_str_eq(rules->rules[0].class_code, WARD_STR("age:12")));
	CHECK(ward_str_eq(rules->rules[0].group, WARD_STR("seven")));
	CHECK_EQ(rules->rules[0].hours.days, 31);
	CHECK_EQ(rules->rules[0].hours.from, 480);
	CHECK_EQ(rules->rules[0].act, GATE_BLOCK);
}

static void a_mistake_is_told_with_its_line_and_what_to_write(void)
{
	static const struct {
		const char *text, *says;
	} mistakes[] = {
		{ "site_rule \"a\" { list = x }",
				"ward.conf:1: this rule needs an answer: pass, note or block" },
		{ "\nsite_rule \"a\" { answer = hold }",
				"ward.conf:2: an answer is pass, note or block" },
		{ "site_rule \"a\" { answer = block; group = b }",
				"ward.conf:1: there is no group of this name" },
		{ "site_rule \"a\" { answer = block; days = someday }",
				"ward.conf:1: days are mon to sun, as mon-fri or sat sun" },
		{ "site_rule \"a\" { answer = block; hours = noon }",
				"ward.conf:1: hours are from and to, as 08:00-15:30" },
		{ "site_rule \"a\" { answr = block }",
				"ward.conf:1: a rule of sites has no setting of this name; is it "
				"\"answer\"?" },
		{ "site_rule { answer = block }",
				"ward.conf:1: a rule of sites has a name: site_rule \"name\" { }" },
		{ "group \"a\" { profile = child }",
				"ward.conf:1: this group has nobody; give it networks or users" },
		{ "group \"a\" { networks = [10.0.0.0/33] }",
				"ward.conf:1: networks are addresses with or without a length, as "
				"10.7.0.0/16 or fd00:7::/64" },
		{ "group \"a\" { users = [x*y] }",
				"ward.conf:1: in users a '*' stands at the end of a name, as in "
				"class7-*" },
		{ "group \"a\" { users = [x]; profile = none }",
				"ward.conf:1: there is no profile of "
				"this name; built in are child, "
				"teen and adult" },
		{ "group \"a\" { users = [x] }\ngroup \"a\" { users = [y] }",
				"ward.conf:2: another group has this name: ward.conf:1" },
		{ "profile \"p\" { note_from = 10; block_from = 5 }",
				"ward.conf:1: note_from is at most block_from, here 5" },
		{ "profile \"p\" { scores_block = maybe }",
				"ward.conf:1: scores_block is yes or no" },
	};

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		CHECK_EQ(read_text(mistakes[i].text), WARD_E_FORMAT);
		CHECK_STR(error.message, mistakes[i].says);
	}
	ward_arena_free(&arena);
}

static const struct test_case cases[] = {
	{ "nothing said is the built-in profiles and no rule",
			nothing_said_is_the_built_in_profiles_and_no_rule },
	{ "a profile changes a built-in one or adds one",
			a_profile_changes_a_built_in_one_or_adds_one },
	{ "groups and rules have all their parts, in any order of the file",
			groups_and_rules_have_all_their_parts_in_any_order_of_the_file },
	{ "a mistake is told with its line and what to write",
			a_mistake_is_told_with_its_line_and_what_to_write },
};
TEST_MAIN(cases)
