#include "base/test.h"
#include "portal/form.h"

static struct ward_arena arena;
static struct form form;

static ward_err parse(ward_str body)
{
	struct ward_error error;

	ward_arena_free(&arena);
	ward_arena_init(&arena, 1 << 20);
	return form_parse(body, &arena, &form, &error);
}

static bool value_is(const char *name, ward_str want)
{
	return ward_str_eq(form_value(&form, name), want);
}

static void fields_are_found_by_name(void)
{
	CHECK_EQ(parse(WARD_STR("a=1&bb=two+words&c=%41%2bB&a=2&empty=&bare&=x&&")), WARD_OK);
	CHECK(value_is("a", WARD_STR("1")));
	CHECK(value_is("bb", WARD_STR("two words")));
	CHECK(value_is("c", WARD_STR("A+B")));
	CHECK(value_is("empty", WARD_STR("")));
	CHECK(value_is("bare", WARD_STR("")));
	CHECK(value_is("other", WARD_STR("")));
	CHECK_EQ(form.count, 6);
	CHECK_EQ(parse(WARD_STR("")), WARD_OK);
	CHECK_EQ(form.count, 0);
}

static void bad_escapes_stay_as_they_stand(void)
{
	CHECK_EQ(parse(WARD_STR("a=%&b=%4&c=%zz&d=%%41")), WARD_OK);
	CHECK(value_is("a", WARD_STR("%")));
	CHECK(value_is("b", WARD_STR("%4")));
	CHECK(value_is("c", WARD_STR("%zz")));
	CHECK(value_is("d", WARD_STR("%A")));
}

static void text_comes_out_clean(void)
{
	CHECK_EQ(parse(WARD_STR("a=one%0d%0atwo%09%00%1b%7f%c2%85.&b=%d8%b4&c=x%ff%c0%80y"
				"&d=%e2%80%aeevil%e2%81%a6&e=%ed%a0%80&f=%f0%9f%8c%8a&g=%f4%90%80%"
				"80")),
			WARD_OK);
	CHECK(value_is("a", WARD_STR("one\ntwo\t.")));
	CHECK(value_is("b", WARD_STR("\xd8\xb4")));
	CHECK(value_is("c", WARD_STR("x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy")));
	CHECK(value_is("d", WARD_STR("evil")));
	CHECK(value_is("e", WARD_STR("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")));
	CHECK(value_is("f", WARD_STR("\xf0\x9f\x8c\x8a")));
	CHECK(ward_utf8_valid(form_value(&form, "g")));
	CHECK_EQ(form_length(WARD_STR("a\xd8\xb4\xf0\x9f\x8c\x8a")), 3);
}

static void too_many_fields_are_refused(void)
{
	char body[4 * (FORM_FIELDS_MAX + 1) + 1];
	size_t len = 0;

	for (int i = 0; i <= FORM_FIELDS_MAX; i++)
		len += (size_t)snprintf(body + len, sizeof(body) - len, "a=1&");
	CHECK_EQ(parse((ward_str){ body, len }), WARD_E_LIMIT);
	CHECK_EQ(parse((ward_str){ body, len - 4 }), WARD_OK);
	CHECK_EQ(form.count, FORM_FIELDS_MAX);
}

static void without_memory_it_fails_cleanly(void)
{
	struct ward_error error;
	ward_err err = WARD_E_NOMEM;
	size_t cap = 0;

	for (; err == WARD_E_NOMEM && cap < 100000; cap += 64) {
		ward_arena_free(&arena);
		ward_arena_init(&arena, cap);
		err = form_parse(WARD_STR("name=some+value&other=%41"), &arena, &form, &error);
	}
	CHECK_EQ(err, WARD_OK);
	CHECK(cap > 64);
	ward_arena_free(&arena);
}

static const struct test_case cases[] = {
	{ "fields are found by name, the first of two", fields_are_found_by_name },
	{ "bad escapes stay as they stand", bad_escapes_stay_as_they_stand },
	{ "text comes out as UTF-8 without controls and turned directions", text_comes_out_clean },
	{ "too many fields are refused", too_many_fields_are_refused },
	{ "without memory it fails cleanly", without_memory_it_fails_cleanly },
};
TEST_MAIN(cases)
