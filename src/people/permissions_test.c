#include "people/permissions.h"

#include "base/test.h"

static people_permissions of_role(const char *name)
{
	const struct people_role_row *role = people_role_find(ward_str_from(name));

	return role ? role->permissions : 0;
}

static people_permissions reaching(enum people_reach reach)
{
	const struct people_permission_row *row;
	people_permissions set = 0;

	for (size_t i = 0; (row = people_permission_at(i)); i++)
		set |= row->reach == reach ? PEOPLE_BIT(row->permission) : 0;
	return set;
}

static void every_permission_has_its_row_its_name_and_a_sentence(void)
{
	const struct people_permission_row *row;
	enum people_permission permission;
	size_t count = 0;

	for (; (row = people_permission_at(count)); count++) {
		CHECK_EQ(row->permission, count + 1);
		CHECK_STR(people_permission_name(row->permission), row->name);
		CHECK(people_permission_parse(ward_str_from(row->name), &permission));
		CHECK_EQ(permission, row->permission);
		CHECK(strchr(row->name, '.'));
		CHECK(row->says[0] >= 'A' && row->says[0] <= 'Z');
		CHECK_EQ(row->says[strlen(row->says) - 1], '.');
		CHECK(!people_may(row->with, row->permission));
	}
	CHECK_EQ(count, PEOPLE_PERMISSION_COUNT - 1);
	CHECK(!people_permission_parse(WARD_STR("nobody"), &permission));
	CHECK(!people_permission_parse(WARD_STR("anyone"), &permission));
	CHECK(!people_permission_parse(WARD_STR("queue"), &permission));
}

static void every_role_holds_together_and_every_permission_is_in_one(void)
{
	const struct people_role_row *role;
	people_permissions all = 0;
	struct ward_error error;

	for (size_t i = 0; (role = people_role_at(i)); i++) {
		CHECK(people_role_name_valid(ward_str_from(role->name)));
		CHECK_EQ(people_permissions_check(role->permissions, &error), WARD_OK);
		CHECK(people_role_find(ward_str_from(role->name)) == role);
		all |= role->permissions;
	}
	for (size_t i = 0; people_permission_at(i); i++)
		CHECK(people_may(all, people_permission_at(i)->permission));
	CHECK(!people_may(all, PEOPLE_NOBODY));
	CHECK(!people_may(all, PEOPLE_ANYONE));
	CHECK(!people_may(all, PEOPLE_ENROLLING));
}

static void who_lets_people_in_sees_nothing(void)
{
	people_permissions content = reaching(PEOPLE_REACH_CONTENT);
	people_permissions people = reaching(PEOPLE_REACH_PEOPLE);
	struct ward_error error;

	CHECK(people_may(content, PEOPLE_ITEM_VIEW_CLEAR));
	CHECK(people_may(content, PEOPLE_VAULT_EXPORT));
	CHECK(people_may(people, PEOPLE_PEOPLE_CHANGE));
	CHECK_EQ(of_role("admin") & content, 0);
	CHECK_EQ(of_role("supervisor") & content, 0);
	CHECK_EQ(of_role("auditor") & content, 0);
	CHECK_EQ(of_role("lists") & content, 0);
	CHECK_EQ(of_role("senior") & people, 0);
	CHECK_EQ(people_permissions_check(of_role("admin") | of_role("trainee"), &error),
			WARD_E_ARGUMENT);
	CHECK(strstr(error.message, "never go to one person"));
	CHECK_EQ(people_permissions_check(of_role("admin") | of_role("supervisor"), &error),
			WARD_OK);
	/* Every single one that reaches content, with every one that reaches people. */
	for (size_t i = 0; people_permission_at(i); i++) {
		people_permissions one = PEOPLE_BIT(people_permission_at(i)->permission);

		if (one & content)
			CHECK_EQ(people_permissions_check(one | people, &error), WARD_E_ARGUMENT);
	}
}

static void a_step_of_the_ladder_wants_the_one_below(void)
{
	people_permissions set = PEOPLE_BIT(PEOPLE_ITEM_FACTS);
	struct ward_error error;

	CHECK_EQ(people_permissions_check(set | PEOPLE_BIT(PEOPLE_ITEM_VIEW_CLEAR), &error),
			WARD_E_ARGUMENT);
	CHECK_STR(error.message, "\"item.view.clear\" makes no sense without \"item.view.L4\"");
	for (int step = PEOPLE_ITEM_VIEW_L1; step <= PEOPLE_ITEM_VIEW_SEVERE; step++) {
		set |= PEOPLE_BIT(step);
		CHECK_EQ(people_permissions_check(set, &error), WARD_OK);
	}
}

static void a_trainee_sees_a_mosaic_and_decides_nothing(void)
{
	people_permissions trainee = of_role("trainee");

	CHECK(people_may(trainee, PEOPLE_ITEM_VIEW_L1));
	CHECK(!people_may(trainee, PEOPLE_ITEM_VIEW_L2));
	CHECK(!people_may(trainee, PEOPLE_JOB_DECIDE));
	CHECK(!people_may(trainee, PEOPLE_JOB_TAKE));
}

static void a_set_is_written_and_read_by_names(void)
{
	people_permissions set = of_role("senior"), read = 0;
	struct ward_error error;
	struct ward_buf text;

	ward_buf_init(&text, 8192);
	people_permissions_format(set, &text);
	CHECK_EQ(people_permissions_parse(ward_buf_text(&text), &read, &error), WARD_OK);
	CHECK(read == set);
	ward_buf_free(&text);
	CHECK_EQ(people_permissions_parse(WARD_STR(" queue.see  job.take "), &read, &error),
			WARD_OK);
	CHECK(read == (PEOPLE_BIT(PEOPLE_QUEUE_SEE) | PEOPLE_BIT(PEOPLE_JOB_TAKE)));
	CHECK_EQ(people_permissions_parse(WARD_STR("queue.see lamp.light"), &read, &error),
			WARD_E_ARGUMENT);
	CHECK(strstr(error.message, "number 2"));
	CHECK_EQ(people_permissions_parse(WARD_STR("anyone"), &read, &error), WARD_E_ARGUMENT);
}

static void names_of_roles_are_plain_words(void)
{
	CHECK(people_role_name_valid(WARD_STR("night-shift2")));
	CHECK(!people_role_name_valid(WARD_STR("")));
	CHECK(!people_role_name_valid(WARD_STR("2nd")));
	CHECK(!people_role_name_valid(WARD_STR("a,b")));
	CHECK(!people_role_name_valid(WARD_STR("Night")));
	CHECK(!people_role_name_valid(WARD_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
}

static void the_table_is_told_as_json(void)
{
	struct ward_buf text;

	ward_buf_init(&text, 1 << 20);
	people_permissions_json(&text);
	CHECK(!text.failed);
	CHECK(strstr(ward_buf_text(&text).ptr, "{\"name\":\"item.view.L1\",\"reach\":\"content\","
					       "\"with\":[\"item.facts\"],"));
	CHECK(strstr(text.ptr, "{\"name\":\"trainee\",\"permissions\":[\"queue.see\","));
	ward_buf_free(&text);
}

static const struct test_case cases[] = {
	{ "every permission has its row, its name and a sentence",
			every_permission_has_its_row_its_name_and_a_sentence },
	{ "every role holds together, and every permission is in one",
			every_role_holds_together_and_every_permission_is_in_one },
	{ "who lets people in sees nothing", who_lets_people_in_sees_nothing },
	{ "a step of the ladder wants the one below", a_step_of_the_ladder_wants_the_one_below },
	{ "a trainee sees a mosaic and decides nothing",
			a_trainee_sees_a_mosaic_and_decides_nothing },
	{ "a set is written and read by names", a_set_is_written_and_read_by_names },
	{ "names of roles are plain words", names_of_roles_are_plain_words },
	{ "the table is told as JSON", the_table_is_told_as_json },
};
TEST_MAIN(cases)
