/*
 * vPDQ's frames, its two written forms, and how two videos compare; and the
 * published tools' own files and tables, from the folder $WARD_GOLDEN.
 */
#include <ward/vpdq.h>

#include "base/file.h"
#include "base/test.h"

#define A "00000000000000000000000000000000000000000000000000000000000000ff"
#define B "ffffffffffffffffffffffffffffffff00000000000000000000000000000000"

static struct ward_error error;

static struct ward_vpdq list_of(const char *text)
{
	struct ward_vpdq list = { 0 };

	if (ward_vpdq_read(ward_str_from(text), &list, &error) != WARD_OK)
		printf("# %s\n", error.message);
	return list;
}

/* ---- frames ---- */

static void every_nth_frame_is_hashed_as_the_tool_counts(void)
{
	CHECK_EQ(ward_vpdq_step(0, 30), 1);
	CHECK_EQ(ward_vpdq_step(1, 30), 30);
	CHECK_EQ(ward_vpdq_step(1, 30000.0 / 1001), 29);
	CHECK_EQ(ward_vpdq_step(0.25f, 25), 6);
	CHECK_EQ(ward_vpdq_step(1, 0.5), 1);
	CHECK_EQ(ward_vpdq_step(-1, 30), 1);
	CHECK_EQ(ward_vpdq_step(1, 0.0 / 1.0), 1);
	CHECK_EQ(ward_vpdq_step(1e30f, 1e30), INT32_MAX);
}

/* A frame that is grey all over is summed from three colours, which rounds otherwise. */
static void a_grey_frame_is_three_colours(void)
{
	static uint8_t rgb[96 * 80 * 3];
	const struct ward_image image = { rgb, 96 * 3, 96, 80, 3 };
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_pdq_result picture;
	struct ward_vpdq_frame frame;

	int other = 0;

	for (int grey = 1; grey < 255; grey++) {
		memset(rgb, grey, sizeof(rgb));
		CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &picture, &error), WARD_OK);
		CHECK_EQ(ward_vpdq_hash(hasher, &image, 7, 30, &frame, &error), WARD_OK);
		other += ward_pdq_distance(frame.hash, picture.hash) > 0;
	}
	CHECK(other > 0);
	CHECK_EQ(frame.number, 7);
	CHECK(frame.time_s == (double)(7.0f / 30.0f));
	CHECK_EQ(frame.quality, 0);
	/* With one colour in it, a picture's hash is a frame's. */
	for (size_t i = 0; i < sizeof(rgb); i++)
		rgb[i] = (uint8_t)(i * i / 300);
	CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &picture, &error), WARD_OK);
	CHECK_EQ(ward_vpdq_hash(hasher, &image, 7, 0, &frame, &error), WARD_OK);
	CHECK_EQ(ward_pdq_distance(frame.hash, picture.hash), 0);
	CHECK(frame.time_s == 0);
	ward_pdq_hasher_free(hasher);
}

static void a_frame_of_four_pixels_has_no_hash(void)
{
	static const uint8_t rgb[4 * 100 * 3];
	const struct ward_image image = { rgb, 12, 4, 100, 3 };
	struct ward_pdq_hasher *hasher = ward_pdq_hasher_new();
	struct ward_vpdq_frame frame;

	CHECK_EQ(ward_vpdq_hash(hasher, &image, 0, 30, &frame, &error), WARD_E_FORMAT);
	CHECK_STR(error.message, "a frame of 4x100 is too small to hash");
	ward_pdq_hasher_free(hasher);
}

/* ---- text ---- */

static void a_file_is_written_as_it_was_read(void)
{
	static const char text[] = "0,100," A ",0.000\n29,7," B ",1.001\n100000,0," A ",3336.670\n";
	struct ward_vpdq list = list_of(text);
	struct ward_buf out;

	CHECK_EQ(list.count, 3);
	CHECK_EQ(list.frames[1].number, 29);
	CHECK_EQ(list.frames[1].quality, 7);
	ward_buf_init(&out, 4096);
	ward_vpdq_write(&list, &out);
	CHECK_STR(ward_buf_text(&out).ptr, text);
	ward_buf_free(&out);
	ward_vpdq_free(&list);
	list = list_of("5,50," A ",1.5,and more\r\n");
	CHECK_EQ(list.count, 1);
	ward_vpdq_free(&list);
}

static void says_which_line_is_wrong(void)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
		{ "", "there is no frame in it" },
		{ "\n", "line 1: a frame's line begins with its number" },
		{ "-1,50," A ",0\n", "line 1: a frame's line begins with its number" },
		{ "4294967296,50," A ",0\n", "line 1: a frame's line begins with its number" },
		{ "0,50," A ",0\n1,101," A ",0\n", "line 2: a quality is from 0 to 100" },
		{ "0,50,ff,0\n", "line 1: a hash is 64 hex digits" },
		{ "0,50," A "\n", "line 1: a time is seconds, as 12.345" },
		{ "0,50," A ",nan\n", "line 1: a time is seconds, as 12.345" },
		{ "0,50," A ",1e999\n", "line 1: a time is seconds, as 12.345" },
		{ "0,50," A ",1234567890.123456\n", "line 1: a time is seconds, as 12.345" },
	};
	struct ward_vpdq list = { 0 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		CHECK_EQ(ward_vpdq_read(ward_str_from(wrong[i].text), &list, &error),
				WARD_E_FORMAT);
		CHECK_STR(error.message, wrong[i].says);
		CHECK(!list.frames);
	}
}

/* The numbers on the right are Python's format(x, ".3"). */
static void a_signal_has_times_of_three_digits(void)
{
	static const struct {
		double time_s;
		const char *text;
	} times[] = { { 0, "0.0" }, { 1, "1.0" }, { 12, "12.0" }, { 123, "1.23e+02" },
		{ 1234, "1.23e+03" }, { 0.25, "0.25" }, { 0.966667, "0.967" }, { 99.95, "1e+02" },
		{ 9.996, "10.0" }, { 1e-5, "1e-05" }, { 0.0001, "0.0001" }, { 29.999, "30.0" },
		{ 0.0333, "0.0333" }, { 10.2, "10.2" } };
	struct ward_buf out;
	char want[256];

	ward_buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct ward_vpdq_frame frame = { .quality = 99, .time_s = times[i].time_s };
		const struct ward_vpdq list = { &frame, 1, 1 };
		struct ward_vpdq again = { 0 };

		CHECK(ward_pdq_parse(WARD_STR(A), &frame.hash));
		ward_buf_clear(&out);
		ward_vpdq_write_signal(&list, &out);
		snprintf(want, sizeof(want), "[\"" A ",99,%s\"]", times[i].text);
		CHECK_STR(ward_buf_text(&out).ptr, want);
		CHECK_EQ(ward_vpdq_read_signal(ward_buf_text(&out), &again, &error), WARD_OK);
		CHECK_EQ(again.count, 1);
		ward_vpdq_free(&again);
	}
	ward_buf_free(&out);
}

static void a_signal_is_an_array_of_strings_and_nothing_more(void)
{
	static const char *const wrong[] = { "", "[]", "[", "[\"" A ",1,0.0\"", "[\"" A ",1,0.0",
		"[\"" A ",1\"]", "[\"" A ",1,0.0\",]", "[\"" A ",1,0.0\"] x", "{}", "[1]" };
	struct ward_vpdq list = { 0 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK_EQ(ward_vpdq_read_signal(ward_str_from(wrong[i]), &list, &error),
				WARD_E_FORMAT);
	CHECK_EQ(ward_vpdq_read_signal(WARD_STR(" [ \"" A ",1,0.0\" ,\"" B ",2,1.0\" ]\n"), &list,
				 &error),
			WARD_OK);
	CHECK_EQ(list.count, 2);
	CHECK_EQ(list.frames[1].number, 1);
	CHECK_EQ(list.frames[1].quality, 2);
	ward_vpdq_free(&list);
}

/* ---- comparing ---- */

static void the_quirks_of_the_tool_have_names(void)
{
	struct ward_vpdq a = list_of("0,100," A ",0.0\n1,100," A ",0.1\n2,100," B ",0.2\n"
				     "3,49," B ",0.3\n");
	/* Eight bits from the first. */
	struct ward_vpdq b = list_of(
			"0,50,0000000000000000000000000000000000000000000000000000000000000000,0."
			"0\n");
	struct ward_vpdq_rule rule = ward_vpdq_rule_default();
	struct ward_vpdq_match match = { .frames = { 0 } };

	CHECK_EQ(ward_vpdq_compare(&a, &b, &rule, &match, &error), WARD_OK);
	CHECK_EQ(match.frames[0], 2);
	CHECK_EQ(match.found[0], 1);
	CHECK(ward_vpdq_percent(&match, 0) == 50 && ward_vpdq_percent(&match, 1) == 100);
	rule.repetitions = true;
	rule.distance = 8;
	CHECK_EQ(ward_vpdq_compare(&a, &b, &rule, &match, &error), WARD_OK);
	CHECK_EQ(match.frames[0], 3);
	CHECK_EQ(match.found[0], 2);
	rule.below = true;
	CHECK_EQ(ward_vpdq_compare(&a, &b, &rule, &match, &error), WARD_OK);
	CHECK_EQ(match.found[0], 0);
	rule.quality_min = 101;
	CHECK_EQ(ward_vpdq_compare(&a, &b, &rule, &match, &error), WARD_OK);
	CHECK(ward_vpdq_percent(&match, 0) == 0 && ward_vpdq_percent(&match, 1) == 0);
	ward_vpdq_free(&a);
	ward_vpdq_free(&b);
}

/* ---- the published tools ---- */

static char *golden_text(const char *name, size_t *len)
{
	const char *folder = getenv("WARD_GOLDEN");
	char path[512], *text = NULL;

	snprintf(path, sizeof(path), "%s/vpdq/%s", folder ? folder : "", name);
	if (!folder || file_read(path, 1 << 24, &text, len, NULL) != WARD_OK)
		return NULL;
	return text;
}

static bool golden_list(ward_str name, struct ward_vpdq *list, bool *same)
{
	char file[256];
	size_t len = 0;
	struct ward_buf out;

	snprintf(file, sizeof(file), "%.*s.r1.c.txt", WARD_FMT(name));
	char *text = golden_text(file, &len);

	if (!text)
		return false;
	ward_buf_init(&out, (size_t)1 << 24);
	bool ok = ward_vpdq_read((ward_str){ text, len }, list, &error) == WARD_OK;

	if (ok)
		ward_vpdq_write(list, &out);
	*same = *same && ok && ward_str_eq(ward_buf_text(&out), (ward_str){ text, len });
	ward_buf_free(&out);
	free(text);
	return ok;
}

/* "NA" is what python says when nothing is left. */
static bool is_percent(ward_str text, double percent, int decimals)
{
	char own[32];

	snprintf(own, sizeof(own), "%.*f", decimals, percent);
	return ward_str_eq(text, ward_str_from(own)) || ward_str_eq(text, WARD_STR("NA"));
}

/* query, target, then both percents of the C++ tool and both of python's. */
static bool row_is_right(ward_str row, bool *same)
{
	static const struct ward_vpdq_rule tool = { .distance = 31,
		.quality_min = 50,
		.below = true,
		.repetitions = true };
	struct ward_vpdq_rule python = ward_vpdq_rule_default();
	struct ward_vpdq query = { 0 }, target = { 0 };
	struct ward_vpdq_match cpp = { .frames = { 0 } }, py = { .frames = { 0 } };
	bool ok = golden_list(ward_str_cut(&row, '\t'), &query, same) &&
		  golden_list(ward_str_cut(&row, '\t'), &target, same) &&
		  ward_vpdq_compare(&query, &target, &tool, &cpp, &error) == WARD_OK &&
		  ward_vpdq_compare(&query, &target, &python, &py, &error) == WARD_OK;

	for (int side = 0; side < 2; side++)
		ok = is_percent(ward_str_cut(&row, '\t'), ward_vpdq_percent(&cpp, side), 2) && ok;
	for (int side = 0; side < 2; side++)
		ok = is_percent(ward_str_cut(&row, '\t'), ward_vpdq_percent(&py, side), 4) && ok;
	ward_vpdq_free(&query);
	ward_vpdq_free(&target);
	return ok;
}

static void the_published_tables_come_out(void)
{
	size_t len = 0;
	char *text = golden_text("pairs.r1.c.D31.Q50.tsv", &len);
	int rows = 0, wrong = 0;
	bool same = true;

	if (!text)
		CHECK_SKIP("there is no $WARD_GOLDEN/vpdq");
	ward_str rest = { text, len };

	(void)ward_str_cut(&rest, '\n');
	while (rest.len > 0) {
		wrong += !row_is_right(ward_str_cut(&rest, '\n'), &same);
		rows++;
	}
	printf("# %d pairs\n", rows);
	free(text);
	CHECK_EQ(wrong, 0);
	CHECK(rows > 0 && same);
}

static const struct test_case cases[] = {
	{ "every nth frame is hashed, as the tool counts",
			every_nth_frame_is_hashed_as_the_tool_counts },
	{ "a grey frame is three colours", a_grey_frame_is_three_colours },
	{ "a frame of four pixels has no hash", a_frame_of_four_pixels_has_no_hash },
	{ "a file is written as it was read", a_file_is_written_as_it_was_read },
	{ "says which line is wrong", says_which_line_is_wrong },
	{ "a signal has times of three digits", a_signal_has_times_of_three_digits },
	{ "a signal is an array of strings and nothing more",
			a_signal_is_an_array_of_strings_and_nothing_more },
	{ "the quirks of the tool have names", the_quirks_of_the_tool_have_names },
	{ "the published tables come out", the_published_tables_come_out },
};
TEST_MAIN(cases)
