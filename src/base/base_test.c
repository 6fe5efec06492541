/* The words of base: text, numbers, codecs, memory, reader, JSON, time. */
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "base/test.h"

#include <unistd.h>

/* In the place of the system's: how often something was made durable. */
static int syncs;

int fsync(int fd)
{
	(void)fd;
	syncs++;
	return 0;
}

static void cuts_a_line_into_its_fields(void)
{
	ward_str rest = WARD_STR("a,,b");

	CHECK(ward_str_eq(ward_str_cut(&rest, ','), WARD_STR("a")));
	CHECK_EQ(ward_str_cut(&rest, ',').len, 0);
	CHECK(ward_str_eq(ward_str_cut(&rest, ','), WARD_STR("b")));
	CHECK_EQ(rest.len, 0);
}

static void refuses_numbers_that_do_not_fit(void)
{
	uint64_t u = 7;
	int64_t i = 7;

	CHECK(ward_u64_parse(WARD_STR("18446744073709551615"), &u));
	CHECK(u == UINT64_MAX);
	CHECK(!ward_u64_parse(WARD_STR("18446744073709551616"), &u));
	CHECK(!ward_u64_parse(WARD_STR(""), &u));
	CHECK(!ward_u64_parse(WARD_STR("1 "), &u));
	CHECK(u == UINT64_MAX);
	CHECK(ward_i64_parse(WARD_STR("-9223372036854775808"), &i));
	CHECK(i == INT64_MIN);
	CHECK(!ward_i64_parse(WARD_STR("9223372036854775808"), &i));
}

static void reads_hex_of_the_right_length_only(void)
{
	uint8_t out[2] = { 9, 9 };
	char text[5];

	CHECK(!ward_hex_parse(WARD_STR("00f"), out, 2));
	CHECK(!ward_hex_parse(WARD_STR("00fg"), out, 2));
	CHECK(!ward_hex_parse(WARD_STR("00ff00"), out, 2));
	CHECK_EQ(out[0], 9);
	CHECK(ward_hex_parse(WARD_STR("0aFf"), out, 2));
	ward_hex_format(out, 2, text);
	CHECK_STR(text, "0aff");
}

static void base64_goes_round_for_every_length(void)
{
	for (size_t len = 0; len < 40; len++) {
		uint8_t in[40], out[40];
		char text[64];

		id_random(in, sizeof(in));
		ward_base64_format(in, len, text);
		CHECK(ward_base64_parse(ward_str_from(text), out, len));
		CHECK(memcmp(in, out, len) == 0);
		CHECK(!ward_base64_parse(ward_str_from(text), out, len + 1));
	}
}

static void base32_is_rfc_4648s_and_goes_round_for_every_length(void)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "MY" }, { "fo", "MZXQ" },
		{ "foo", "MZXW6" }, { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" },
		{ "foobar", "MZXW6YTBOI" } };
	uint8_t in[41], out[41];
	char text[80];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		ward_base32_format((const uint8_t *)pairs[i][0], i, text);
		CHECK_STR(text, pairs[i][1]);
	}
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 77 + 13);
	for (size_t len = 0; len < sizeof(in); len++) {
		ward_base32_format(in, len, text);
		CHECK(ward_base32_parse(ward_str_from(text), out, len));
		CHECK(memcmp(in, out, len) == 0);
		CHECK(!ward_base32_parse(ward_str_from(text), out, len + 1));
	}
	CHECK(ward_base32_parse(WARD_STR("mzxw6"), out, 3));
	CHECK(!ward_base32_parse(WARD_STR("MZ"), out, 1));
	CHECK(!ward_base32_parse(WARD_STR("M1"), out, 1));
	CHECK(!ward_base32_parse(WARD_STR("MY======"), out, 1));
}

static void base64_refuses_bits_that_would_be_lost(void)
{
	uint8_t out[1];

	CHECK(ward_base64_parse(WARD_STR("/w=="), out, 1));
	CHECK(ward_base64_parse(WARD_STR("/w"), out, 1));
	CHECK(!ward_base64_parse(WARD_STR("/x=="), out, 1));
	CHECK(!ward_base64_parse(WARD_STR("/w="), out, 1));
}

static void tells_well_formed_utf8(void)
{
	CHECK(ward_utf8_valid(WARD_STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
	CHECK(!ward_utf8_valid(WARD_STR("\xc0\x80")));
	CHECK(!ward_utf8_valid(WARD_STR("\xed\xa0\x80")));
	CHECK(!ward_utf8_valid(WARD_STR("\xf4\x90\x80\x80")));
	CHECK(!ward_utf8_valid(WARD_STR("\xe2\x82")));
}

static void an_arena_keeps_to_its_cap(void)
{
	struct ward_arena arena;

	ward_arena_init(&arena, 10000);
	CHECK(ward_new(&arena, char, 9000) != NULL);
	CHECK(ward_new(&arena, char, 2000) == NULL);
	CHECK(ward_new(&arena, uint64_t, SIZE_MAX / 4) == NULL);
	ward_arena_free(&arena);
	CHECK(ward_new(&arena, char, 9000) != NULL);
	ward_arena_free(&arena);
}

static void arena_memory_is_zero_and_aligned(void)
{
	struct ward_arena arena;

	ward_arena_init(&arena, 1 << 20);
	for (size_t i = 1; i < 300; i++) {
		uint8_t *piece = ward_new(&arena, uint8_t, i);

		CHECK(piece && (uintptr_t)piece % _Alignof(max_align_t) == 0);
		for (size_t k = 0; k < i; k++)
			CHECK_EQ(piece[k], 0);
		memset(piece, 0xff, i);
	}
	ward_arena_free(&arena);
}

static void a_buffer_remembers_that_it_overflowed(void)
{
	struct ward_buf buf;

	ward_buf_init(&buf, 5);
	ward_buf_str(&buf, WARD_STR("1234"));
	CHECK(!buf.failed);
	ward_buf_str(&buf, WARD_STR("56"));
	ward_buf_str(&buf, WARD_STR("7"));
	CHECK(buf.failed);
	CHECK_STR(ward_buf_text(&buf).ptr, "1234");
	ward_buf_free(&buf);
}

static void a_reader_fails_once_and_for_all(void)
{
	const uint8_t bytes[] = { 1, 2, 3, 4, 5 };
	struct ward_reader reader = ward_reader_from((ward_bytes){ bytes, sizeof(bytes) });

	CHECK_EQ(ward_read_u16le(&reader), 0x0201);
	CHECK_EQ(ward_read_u16be(&reader), 0x0304);
	CHECK(!reader.failed);
	CHECK_EQ(ward_read_u32le(&reader), 0);
	CHECK(reader.failed);
	CHECK_EQ(ward_read_u8(&reader), 0);
}

static void json_is_valid_whatever_the_text(void)
{
	struct ward_buf buf;

	ward_buf_init(&buf, 1000);
	struct json json = json_to(&buf);

	json_object(&json);
	json_key_str(&json, "a\"", WARD_STR("x\n\x01\xff\xc3\xa9"));
	json_key(&json, "b");
	json_array(&json);
	json_int(&json, -1);
	json_bool(&json, true);
	json_null(&json);
	json_array_end(&json);
	json_object_end(&json);
	CHECK_STR(ward_buf_text(&buf).ptr,
			"{\"a\\\"\":\"x\\u000a\\u0001\xef\xbf\xbd\xc3\xa9\",\"b\":[-1,true,null]}");
	ward_buf_free(&buf);
}

static void times_go_round_as_text(void)
{
	char text[CLOCK_TEXT_MAX];
	int64_t when = 1;

	CHECK(clock_parse(WARD_STR("1970-01-01"), &when));
	CHECK_EQ(when, 0);
	CHECK(clock_parse(WARD_STR("2024-02-29T12:30:15.5+02:00"), &when));
	CHECK_STR(clock_format(when, text), "2024-02-29T10:30:15Z");
	CHECK(clock_parse(ward_str_from(text), &when));
	CHECK(!clock_parse(WARD_STR("2023-02-29"), &when));
	CHECK(!clock_parse(WARD_STR("2023-13-01"), &when));
	CHECK(!clock_parse(WARD_STR("2023-01-01T"), &when));
	CHECK(!clock_parse(WARD_STR("2023-01-01T00:00:00Zx"), &when));
}

static void the_time_is_not_behind_a_time_that_was_read_before(void)
{
	struct timespec begun, read;
	int64_t now;

	clock_gettime(CLOCK_REALTIME, &begun);
	/* Over the beginning of a second, which is where a coarse clock is late. */
	do {
		clock_gettime(CLOCK_REALTIME, &read);
		now = clock_now();
		CHECK(now >= (int64_t)read.tv_sec);
	} while (read.tv_sec < begun.tv_sec + 1 || read.tv_nsec < 20000000);
}

static void years_have_four_digits(void)
{
	char text[CLOCK_TEXT_MAX];
	int64_t when;

	CHECK(clock_parse(WARD_STR("0022-10-29"), &when));
	CHECK_STR(clock_format(when, text), "0022-10-29T00:00:00Z");
	CHECK(clock_parse(WARD_STR("9999-12-31T23:59:59Z"), &when));
	CHECK_STR(clock_format(when, text), "9999-12-31T23:59:59Z");
	CHECK_STR(clock_format(when + 1, text), "?");
	CHECK(!clock_parse(WARD_STR("9999-12-31T23:59:59-00:01"), &when));
	CHECK(!clock_parse(WARD_STR("0000-01-01T00:00:00+00:01"), &when));
}

static void ids_are_versioned_and_differ(void)
{
	char a[ID_TEXT_MAX], b[ID_TEXT_MAX];

	id_new(a);
	id_new(b);
	CHECK_EQ(strlen(a), 36);
	CHECK_EQ(a[14], '7');
	CHECK(strcmp(a, b) != 0);
}

static void of_two_ids_the_later_one_is_greater(void)
{
	char ids[2][ID_TEXT_MAX];

	id_new(ids[0]);
	for (int i = 1; i < 5000; i++) {
		id_new(ids[i % 2]);
		CHECK(strcmp(ids[i % 2], ids[(i + 1) % 2]) > 0);
	}
}

static void a_file_is_replaced_whole(void)
{
	char folder[] = "/tmp/ward-base-XXXXXX";
	char path[64], deep[80];
	char *text = NULL;
	size_t len = 0;
	struct file_map map;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(deep, sizeof(deep), "%s/a/b", folder);
	snprintf(path, sizeof(path), "%s/a/b/f", folder);
	CHECK_EQ(file_make_folders(deep, 0700, NULL), WARD_OK);
	CHECK_EQ(file_make_folders(deep, 0700, NULL), WARD_OK);
	CHECK_EQ(file_read(path, 10, &text, &len, NULL), WARD_E_NOT_FOUND);
	CHECK_EQ(file_replace(path, (ward_bytes){ (const uint8_t *)"one", 3 }, 0600, NULL),
			WARD_OK);
	CHECK_EQ(file_map_open(path, &map, NULL), WARD_OK);
	CHECK_EQ(file_replace(path, (ward_bytes){ (const uint8_t *)"two!", 4 }, 0600, NULL),
			WARD_OK);
	CHECK(map.len == 3 && memcmp(map.ptr, "one", 3) == 0);
	file_map_close(&map);
	CHECK_EQ(file_read(path, 3, &text, &len, NULL), WARD_E_LIMIT);
	CHECK_EQ(file_read(path, 4, &text, &len, NULL), WARD_OK);
	CHECK_STR(text, "two!");
	free(text);
	unlink(path);
	rmdir(deep);
	deep[strlen(deep) - 2] = '\0';
	rmdir(deep);
	CHECK_EQ(rmdir(folder), 0);
}

/* Each one's name stands in its parent: a file in it is lost when that is. */
static void a_folder_that_is_made_is_durable(void)
{
	char folder[] = "/tmp/ward-base-XXXXXX", deep[80];

	CHECK(mkdtemp(folder) != NULL);
	snprintf(deep, sizeof(deep), "%s/a/b", folder);
	syncs = 0;
	CHECK_EQ(file_make_folders(deep, 0700, NULL), WARD_OK);
	CHECK_EQ(syncs, 2);
	CHECK_EQ(file_make_folders(deep, 0700, NULL), WARD_OK);
	CHECK_EQ(syncs, 2);
	rmdir(deep);
	deep[strlen(deep) - 2] = '\0';
	rmdir(deep);
	CHECK_EQ(rmdir(folder), 0);
}

static void a_file_of_proc_is_read_though_it_states_no_size(void)
{
	char *text;
	size_t len;

	CHECK_EQ(file_read("/proc/self/statm", 4096, &text, &len, NULL), WARD_OK);
	bool is_number = len > 0 && text[0] >= '1' && text[0] <= '9';

	free(text);
	CHECK(is_number);
}

static void an_error_says_its_sentence(void)
{
	struct ward_error error = { 0 };

	CHECK_EQ(ward_fail(&error, WARD_E_LIMIT, "at most %d", 3), WARD_E_LIMIT);
	CHECK_STR(error.message, "at most 3");
	for (int code = 0; code < WARD_ERR_COUNT; code++)
		CHECK(strcmp(ward_err_name((ward_err)code), "unknown") != 0);
}

static void numbers_come_back_as_they_were_written(void)
{
	static const double numbers[] = { 0, 1, -1, .5, .1, 1.0 / 3, 1e-9, 1e300, 5e-324,
		.9999999999999999, 123456789012345680.0 };
	struct ward_buf buf;
	struct json json;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		ward_buf_init(&buf, 100);
		json = json_to(&buf);
		json_real(&json, numbers[i]);
		ward_buf_char(&buf, '\0');
		CHECK(strtod(buf.ptr, NULL) == numbers[i]);
		CHECK(strpbrk(buf.ptr, ".e"));
		ward_buf_free(&buf);
	}
	ward_buf_init(&buf, 100);
	json = json_to(&buf);
	json_array(&json);
	json_real(&json, 1);
	json_real(&json, .25);
	json_real(&json, strtod("inf", NULL));
	json_array_end(&json);
	CHECK(ward_str_eq(ward_buf_text(&buf), WARD_STR("[1.0,0.25,null]")));
	ward_buf_free(&buf);
}

static const struct test_case cases[] = {
	{ "cuts a line into its fields", cuts_a_line_into_its_fields },
	{ "refuses numbers that do not fit", refuses_numbers_that_do_not_fit },
	{ "reads hex of the right length only", reads_hex_of_the_right_length_only },
	{ "base32 is RFC 4648's and goes round for every length",
			base32_is_rfc_4648s_and_goes_round_for_every_length },
	{ "base64 goes round for every length", base64_goes_round_for_every_length },
	{ "base64 refuses bits that would be lost", base64_refuses_bits_that_would_be_lost },
	{ "tells well-formed UTF-8", tells_well_formed_utf8 },
	{ "an arena keeps to its cap", an_arena_keeps_to_its_cap },
	{ "arena memory is zero and aligned", arena_memory_is_zero_and_aligned },
	{ "a buffer remembers that it overflowed", a_buffer_remembers_that_it_overflowed },
	{ "a reader fails once and for all", a_reader_fails_once_and_for_all },
	{ "JSON is valid whatever the text", json_is_valid_whatever_the_text },
	{ "times go round as text", times_go_round_as_text },
	{ "the time is not behind a time that was read before",
			the_time_is_not_behind_a_time_that_was_read_before },
	{ "years have four digits", years_have_four_digits },
	{ "ids are versioned and differ", ids_are_versioned_and_differ },
	{ "of two ids the later one is greater", of_two_ids_the_later_one_is_greater },
	{ "a file is replaced whole", a_file_is_replaced_whole },
	{ "a folder that is made is durable", a_folder_that_is_made_is_durable },
	{ "a file of /proc is read though it states no size",
			a_file_of_proc_is_read_though_it_states_no_size },
	{ "an error says its sentence", an_error_says_its_sentence },
	{ "numbers come back as they were written", numbers_come_back_as_they_were_written },
};
TEST_MAIN(cases)
