#include "workspace/settings.h"

#include "base/test.h"

static struct ward_error error;

static ward_err read_text(const char *text, struct settings *settings)
{
	struct conf_node *first = NULL;
	struct ward_arena arena;

	error = (struct ward_error){ 0 };
	ward_arena_init(&arena, (size_t)1 << 20);
	ward_err err = conf_parse(&arena, "ward.conf", ward_str_from(text), NULL, NULL, &first,
			&error);

	*settings = settings_default();
	if (!err)
		err = settings_read(first, settings, &error);
	ward_arena_free(&arena);
	return err;
}

static void an_empty_file_is_the_defaults(void)
{
	struct settings settings, defaults = settings_default();

	CHECK_EQ(read_text("", &settings), WARD_OK);
	CHECK_EQ(settings.port, 8750);
	CHECK_EQ(settings.radius, -1);
	CHECK_EQ(settings.body_max, 104857600);
	CHECK_EQ(settings.limits.time_ms, defaults.limits.time_ms);
	CHECK_STR(settings.address, "127.0.0.1");
	CHECK(settings.archives && !settings.fetch && !settings.exact);
}

static void values_are_read_in_any_of_the_usual_spellings(void)
{
	struct settings settings;

	CHECK_EQ(read_text("# mine\n"
			   "server { port = 9000; address: \"0.0.0.0\", queue_max 12 }\n"
			   "scan {\n"
			   "\ttime_max = 10s # short\n"
			   "\tbytes_max = 2 GB\n"
			   "\tpixels_max = 5m;\n"
			   "\tradius = 20\n"
			   "\texact = on\n"
			   "\t/* not now: /* at all */\n"
			   "\tarchives = no */\n"
			   "}\n"
			   "\"fetch\" = { \"enabled\": true, \"time_max\": 1500ms }\n",
				 &settings),
			WARD_OK);
	CHECK_EQ(settings.port, 9000);
	CHECK_STR(settings.address, "0.0.0.0");
	CHECK_EQ(settings.queue_max, 12);
	CHECK_EQ(settings.limits.time_ms, 10000);
	CHECK_EQ(settings.limits.bytes_max, (uint64_t)2 << 30);
	CHECK_EQ(settings.limits.pixels_max, 5000000);
	CHECK_EQ(settings.radius, 20);
	CHECK(settings.exact && settings.archives && settings.fetch);
	CHECK_EQ(settings.fetch_ms, 1500);
}

static void an_unknown_name_is_told_with_its_line_and_the_nearest_one(void)
{
	struct settings settings;

	CHECK_EQ(read_text("scan {\n\tradus = 3\n}\n", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message,
			"ward.conf:2: there is no setting of this name in scan; is it \"radius\"?");
	CHECK_EQ(read_text("\n\nsever { }\n", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message,
			"ward.conf:3: there is no section of this name; is it \"server\"?");
	CHECK_EQ(read_text("scan { lighthouse = 3 }", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:1: there is no setting of this name in scan; \"man "
				 "ward.conf\" has them all");
}

static void values_out_of_bounds_are_told_with_the_bounds(void)
{
	struct settings settings;

	CHECK_EQ(read_text("server {\nport = 70000\n}", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:2: server.port wants 0 to 65535");
	CHECK_EQ(read_text("scan { radius = 64 }", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:1: scan.radius wants 0 to 63, or \"lists\"");
	CHECK_EQ(read_text("scan { time_max = 2d }", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:1: scan.time_max wants 10ms to 1d");
	CHECK_EQ(read_text("scan { exact = perhaps }", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:1: scan.exact wants yes or no");
	CHECK_EQ(read_text("scan { bytes_max = 99999999999TB }", &settings), WARD_E_FORMAT);
	CHECK_EQ(read_text("server { address = \"\" }", &settings), WARD_E_FORMAT);
	CHECK_EQ(settings.port, 8750);
}

static void a_setting_given_twice_is_told_with_both_lines(void)
{
	struct settings settings;

	CHECK_EQ(read_text("server { port = 1 }\nserver {\nport = 2\n}", &settings), WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:3: server.port is set a second time; the first is "
				 "ward.conf:1");
}

static void a_certificate_needs_its_key(void)
{
	struct settings settings;

	CHECK_EQ(read_text("server { certificate = cert.pem }", &settings), WARD_E_FORMAT);
	CHECK_EQ(read_text("server { certificate = cert.pem; private_key = key.pem }", &settings),
			WARD_OK);
	CHECK_STR(settings.private_key, "key.pem");
}

static void broken_syntax_is_told_with_its_line(void)
{
	static const struct {
		const char *text, *says;
	} broken[] = {
		{ "scan {\n", "ward.conf:1: this section has no end; write }" },
		{ "scan { }\n}\n", "ward.conf:2: this } closes nothing" },
		{ "scan { exact = }", "ward.conf:1: a value is missing here" },
		{ "server {\naddress = \"x\n}", "ward.conf:2: a text has no end; write \"" },
		{ "server { address = \"\\q\" }",
				"ward.conf:1: after \\ in a text comes one of n r t \\ / \" '" },
		{ "/* \n\n", "ward.conf:3: a comment has no end; write */" },
		{ "scan { exact = \"yes\" no }",
				"ward.conf:1: one value is enough; end it with a semicolon" },
		{ ".lua \"x\"", "ward.conf:1: the only word with a dot before it is .include" },
		{ ".include \"x\"", "ward.conf:1: other files cannot be included here" },
		{ "%", "ward.conf:1: a setting's name or a closing } is expected here" },
		{ "scan = 3", "ward.conf:1: scan is a section: scan { }" },
		{ "scan { exact { } }", "ward.conf:1: scan.exact is a value, not a section" },
		{ "a{a{a{a{a{a{a{a{a{", "ward.conf:1: sections go 8 deep, not deeper" },
	};
	struct settings settings;

	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		CHECK_EQ(read_text(broken[i].text, &settings), WARD_E_FORMAT);
		CHECK_STR(error.message, broken[i].says);
	}
}

static ward_err include_itself(void *context, ward_str path, struct ward_arena *arena,
		ward_str *text, struct ward_error *why)
{
	(void)arena;
	if (!ward_str_eq(path, WARD_STR("more.conf")))
		return ward_fail(why, WARD_E_DENIED, "not this one");
	*text = *(const ward_str *)context;
	return WARD_OK;
}

static void an_included_file_stands_in_place_of_its_line(void)
{
	ward_str more = WARD_STR("server { port = 1 }\nscan { exact = yes; archives = 5 }\n");
	struct settings settings = settings_default();
	struct conf_node *first = NULL;
	struct ward_arena arena;

	ward_arena_init(&arena, (size_t)1 << 20);
	CHECK_EQ(conf_parse(&arena, "ward.conf", WARD_STR(".include \"more.conf\"\nserver { }"),
				 include_itself, &more, &first, &error),
			WARD_OK);
	CHECK_EQ(settings_read(first, &settings, &error), WARD_E_FORMAT);
	CHECK_STR(error.message, "more.conf:2: scan.archives wants yes or no");
	CHECK_EQ(conf_parse(&arena, "ward.conf", WARD_STR("\n.include other.conf"), include_itself,
				 &more, &first, &error),
			WARD_E_FORMAT);
	CHECK_STR(error.message, "ward.conf:2: not this one");
	ward_arena_free(&arena);
}

static void files_that_include_each_other_come_to_an_end(void)
{
	ward_str itself = WARD_STR(".include more.conf\n");
	struct conf_node *first = NULL;
	struct ward_arena arena;

	ward_arena_init(&arena, (size_t)1 << 20);
	CHECK_EQ(conf_parse(&arena, "ward.conf", itself, include_itself, &itself, &first, &error),
			WARD_E_FORMAT);
	CHECK_STR(error.message, "more.conf:1: files include each other more than 8 deep");
	ward_arena_free(&arena);
}

static void every_default_is_within_its_bounds(void)
{
	struct setting_words words;
	struct settings settings;
	size_t count = 0;

	for (; settings_row(count, &words); count++) {
		char text[512];

		CHECK(words.says[0] != '\0');
		/* An empty text is what holds when nothing is said, and may be said. */
		snprintf(text, sizeof(text), "%s { %s = %s }", words.section, words.name,
				words.value);
		CHECK_EQ(read_text(text, &settings), WARD_OK);
	}
	CHECK(count > 20);
	CHECK(!settings_row(count, &words));
}

static const struct test_case cases[] = {
	{ "an empty file is the defaults", an_empty_file_is_the_defaults },
	{ "values are read in any of the usual spellings",
			values_are_read_in_any_of_the_usual_spellings },
	{ "an unknown name is told with its line and the nearest one",
			an_unknown_name_is_told_with_its_line_and_the_nearest_one },
	{ "values out of bounds are told with the bounds",
			values_out_of_bounds_are_told_with_the_bounds },
	{ "a setting given twice is told with both lines",
			a_setting_given_twice_is_told_with_both_lines },
	{ "a certificate needs its key", a_certificate_needs_its_key },
	{ "broken syntax is told with its line", broken_syntax_is_told_with_its_line },
	{ "an included file stands in place of its line",
			an_included_file_stands_in_place_of_its_line },
	{ "files that include each other come to an end",
			files_that_include_each_other_come_to_an_end },
	{ "every default is within its bounds", every_default_is_within_its_bounds },
};
TEST_MAIN(cases)
