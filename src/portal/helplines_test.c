#include "base/test.h"
#include "portal/helplines.h"

#define NAMES "\"names\":{\"en\":\"A\",\"fr\":\"B\",\"es\":\"C\",\"ar\":\"D\"}"
#define GOOD  "{\"number\":\"112\",\"source\":\"https://www.example.org/x\"}"

static ward_err read_text(const char *text, struct ward_error *error)
{
	struct helplines *helplines = NULL;
	ward_err err = helplines_read(ward_str_from(text), &helplines, error);

	helplines_free(helplines);
	return err;
}

static ward_err read_one(const char *code, const char *emergency, const char *children)
{
	char text[1024];
	struct ward_error error;

	snprintf(text, sizeof(text),
			"{\"countries\":[{\"code\":\"%s\"," NAMES
			",\"emergency\":[%s],\"children\":[%s]}]}",
			code, emergency, children);
	return read_text(text, &error);
}

static void the_built_in_ones_are_good(void)
{
	struct helplines *helplines;
	struct ward_error error;

	CHECK_EQ(helplines_read((ward_str){ (const char *)helplines_builtin,
						helplines_builtin_len },
				 &helplines, &error),
			WARD_OK);
	CHECK(helplines_count(helplines) >= 40);
	const struct country *france = helplines_find(helplines, WARD_STR("FR"));

	CHECK(france != NULL);
	CHECK(ward_str_eq(france->children[0].number, WARD_STR("119")));
	CHECK(ward_str_eq(france->children[0].host, WARD_STR("allo119.gouv.fr")));
	const struct country *states = helplines_find(helplines, WARD_STR("US"));

	CHECK(ward_str_eq(states->children[0].digits, WARD_STR("18004224453")));
	CHECK(helplines_find(helplines, WARD_STR("XX")) == NULL);
	CHECK(helplines_find(helplines, WARD_STR("")) == NULL);
	helplines_free(helplines);
}

static void what_could_mislead_is_refused(void)
{
	struct ward_error error;

	CHECK_EQ(read_one("AA", GOOD, ""), WARD_OK);
	CHECK_EQ(read_one("AAA", GOOD, ""), WARD_E_FORMAT);
	CHECK_EQ(read_one("AA", "", ""), WARD_E_FORMAT);
	CHECK_EQ(read_one("AA", "{\"number\":\"112\"}", ""), WARD_E_FORMAT);
	CHECK_EQ(read_one("AA", "{\"number\":\"112\",\"source\":\"x\"}", ""), WARD_E_FORMAT);
	CHECK_EQ(read_one("AA", "{\"number\":\"one\",\"source\":\"https://x.org\"}", ""),
			WARD_E_FORMAT);
	CHECK_EQ(read_one("AA", "{\"number\":112,\"source\":\"https://x.org\"}", ""),
			WARD_E_FORMAT);
	CHECK_EQ(read_one("AA", "7", ""), WARD_E_FORMAT);
	/* A helpline has a name, and its name a language. */
	CHECK_EQ(read_one("AA", GOOD, GOOD), WARD_E_FORMAT);
	CHECK_EQ(read_text("", &error), WARD_E_FORMAT);
	CHECK_EQ(read_text("{", &error), WARD_E_FORMAT);
	CHECK_EQ(read_text("[]", &error), WARD_E_FORMAT);
	CHECK_EQ(read_text("{\"countries\":[]}", &error), WARD_E_FORMAT);
	CHECK_EQ(read_text("{\"countries\":[{\"code\":\"AA\"," NAMES ",\"emergency\":[" GOOD
			   "],\"children\":[]},{\"code\":\"AA\"," NAMES ",\"emergency\":[" GOOD
			   "],\"children\":[]}]}",
				 &error),
			WARD_E_FORMAT);
	CHECK_STR(error.message, "helplines: AA is there twice");
}

static const struct test_case cases[] = {
	{ "the built-in ones are good", the_built_in_ones_are_good },
	{ "what could mislead somebody is refused", what_could_mislead_is_refused },
};
TEST_MAIN(cases)
