#include "api/console.h"

#include "base/test.h"

static bool takes(const char *accept)
{
	return console_takes_gzip(ward_str_from(accept));
}

static void gzip_goes_to_those_who_take_it(void)
{
	CHECK(takes("gzip"));
	CHECK(takes("br, gzip;q=0.5"));
	CHECK(takes("deflate,gzip , br"));
	CHECK(takes("*"));
	CHECK(!takes(""));
	CHECK(!takes("br"));
	CHECK(!takes("gzip;q=0"));
	CHECK(!takes("gzip; q=0.000, br"));
	CHECK(!takes("xgzip"));
	CHECK(!takes(",,;;"));
}

static bool matches(const char *wanted)
{
	return console_tag_matches(ward_str_from(wanted), "lamp");
}

static void a_tag_is_found_among_those_that_a_browser_has(void)
{
	CHECK(matches("\"lamp\""));
	CHECK(matches("\"tower\", W/\"lamp\""));
	CHECK(matches("*"));
	CHECK(!matches(""));
	CHECK(!matches("lamp"));
	CHECK(!matches("\"lam\""));
	CHECK(!matches("\""));
}

static void each_file_is_found_by_its_path_and_no_other(void)
{
	CHECK(console_file_count > 0);
	for (size_t i = 0; i < console_file_count; i++) {
		const struct console_file *file = &console_files[i];

		CHECK(console_find(ward_str_from(file->path)) == file);
		CHECK(file->plain.len > 0 && file->gzip.len > 18);
		CHECK(file->gzip.ptr[0] == 0x1f && file->gzip.ptr[1] == 0x8b);
	}
	CHECK(console_find(WARD_STR("index.html")) != NULL);
	CHECK(console_find(WARD_STR("assets/")) == NULL);
	CHECK(console_find(WARD_STR("")) == NULL);
}

static const struct test_case cases[] = {
	{ "gzip goes to those who take it", gzip_goes_to_those_who_take_it },
	{ "a tag is found among those that a browser has",
			a_tag_is_found_among_those_that_a_browser_has },
	{ "each file is found by its path, and no other",
			each_file_is_found_by_its_path_and_no_other },
};
TEST_MAIN(cases)
