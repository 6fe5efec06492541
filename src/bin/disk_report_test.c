#include "bin/disk_report_test.h"

#include "base/test.h"

/* U+202E, which turns what follows round. */
static const char rlo[] = { (char)0xe2, (char)0x80, (char)0xae, '\0' };

static struct disk_report report;

static const char *write_one(const struct disk_find *find,
		bool (*write)(FILE *out, const struct disk_report *report))
{
	static char *text;
	size_t len;

	free(text);
	test_report_begin(&report);
	disk_report_add_find(&report, find);
	disk_report_settle(&report);
	text = test_written(write, &report, &len);
	disk_report_free(&report);
	return text ? text : "";
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* ---- CSV ---- */

static void a_cell_that_begins_like_a_formula_is_none(void)
{
	static const char *const bad[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d",
		"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct disk_find find = test_find("p1:/a.zip", 1);
		char name[32], want[40];

		snprintf(name, sizeof(name), "%s1+1", bad[i]);
		snprintf(want, sizeof(want), ",\"'%s\",", name);
		find.member = ward_str_from(name);
		CHECK(has(write_one(&find, test_csv), want));
	}
}

static void a_cell_keeps_its_quotes_commas_and_lines(void)
{
	struct disk_find find = test_find("p1:/a \"b\",\r\nc.png", 1);

	CHECK(has(write_one(&find, test_csv), ",\"p1:/a \"\"b\"\",\r\nc.png\","));
}

static void a_name_that_is_no_text_has_its_bytes_beside_it(void)
{
	struct disk_find find = test_find("p1:/\xff.png", 1);
	const char *text = write_one(&find, test_csv);

	CHECK(has(text, ",\"p1:/\xef\xbf\xbd.png\",") && has(text, ",70313a2fff2e706e67,"));
}

/* ---- HTML ---- */

static void a_name_is_no_markup(void)
{
	struct disk_find find = test_find("p1:/<script>x</script>&amp;\"'.png", 1);
	const char *text = write_one(&find, test_html);

	CHECK(has(text, "&lt;script&gt;x&lt;/script&gt;&amp;amp;&quot;"));
	CHECK(!has(text, "<script"));
}

static void what_turns_the_writing_or_is_not_seen_is_shown_by_its_number(void)
{
	char name[32];

	snprintf(name, sizeof(name), "p1:/a%sgnp.exe", rlo);
	struct disk_find find = test_find(name, 1);
	const char *text = write_one(&find, test_html);

	CHECK(has(text, "<bdi dir=ltr>a<i>U+202E</i>gnp.exe</bdi>") && !has(text, rlo));
	find = test_find("p1:/a\xe2\x80\x8b\xc2\xa0\x01"
			 "b\xf3\xa0\x81\x81\xff",
			1);
	CHECK(has(write_one(&find, test_html),
			"a<i>U+200B</i><i>U+00A0</i><i>U+0001</i>b<i>U+E0041</i><i>0xff</i>"));
}

static void each_part_of_a_path_is_held_apart(void)
{
	struct disk_find find = test_find("p1:/\xd8\xa3/b/\xd8\xa8.png", 1);

	CHECK(has(write_one(&find, test_html), "p1:/<bdi dir=ltr>\xd8\xa3</bdi>/b/<bdi "
					       "dir=ltr>\xd8\xa8.png</bdi>"));
}

static void what_could_not_be_read_is_told_before_all(void)
{
	struct disk_find find = test_find("p1:/a.png", 1);
	const char *text;

	find.kind = WARD_FINDING_UNREADABLE;
	find.message = WARD_STR("the png picture breaks off");
	text = write_one(&find, test_html);
	CHECK(has(text, "What could not be read: 1.") && has(text, "breaks off"));
	CHECK(has(text, "Nothing that a list holds was found"));
}

/* ---- finds ---- */

static void frames_of_one_file_are_one_find_and_its_nearest(void)
{
	struct disk_find find = test_find("p1:/a.gif", 1);

	test_report_begin(&report);
	find.kind = WARD_FINDING_NEAR;
	for (uint32_t i = 0; i < 10; i++) {
		find.frame = i;
		find.distance = 20 - i;
		disk_report_add_find(&report, &find);
	}
	find = test_find("p1:/b.png", 2);
	disk_report_add_find(&report, &find);
	disk_report_settle(&report);
	CHECK_EQ(report.find_count, 2);
	CHECK_EQ(report.hits, 2);
	CHECK_EQ(report.finds[0].kind, WARD_FINDING_KNOWN);
	CHECK_EQ(report.finds[1].times, 10);
	CHECK_EQ(report.finds[1].distance, 11);
	disk_report_add_find(&report, &find);
	CHECK_EQ(report.find_count, 2);
	disk_report_free(&report);
}

static void a_report_without_room_says_so(void)
{
	struct disk_find find = test_find("p1:/a.zip", 1);
	char name[4096];
	size_t len;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	find.member = ward_str_from(name);
	test_report_begin(&report);
	ward_arena_init(&report.arena, 8192);
	for (int i = 0; i < 10; i++)
		disk_report_add_find(&report, &find);
	disk_report_settle(&report);
	char *text = test_written(test_html, &report, &len);

	CHECK(report.full && text && has(text, "no memory for all finds"));
	free(text);
	disk_report_free(&report);
}

/* ---- VICS, ICSE ---- */

static const char *case_of(const struct disk_find *finds, size_t count)
{
	static char *text;
	size_t len;

	free(text);
	test_report_begin(&report);
	for (size_t i = 0; i < count; i++)
		disk_report_add_find(&report, &finds[i]);
	disk_report_settle(&report);
	text = test_written(disk_report_vics, &report, &len);
	disk_report_free(&report);
	return text ? text : "";
}

static void a_category_is_a_list_s_own_or_none(void)
{
	struct disk_find find = test_find("p1:/a.png", 1);
	const char *text = case_of(&find, 1);

	CHECK(has(text, "\"Category\":null") && !has(text, "IsPrecategorized"));
	CHECK(has(text, "/2.0.xml/Default/$metadata#Cases"));
	find.labels = WARD_STR("industry:lamp vics-us:2 vics-us:IsDistributed");
	text = case_of(&find, 1);
	CHECK(has(text, "\"Category\":2,") && has(text, "/2.0.xml/US/$metadata#Cases"));
	CHECK(has(text, "\"PrecategorizationSource\":\"harbour\""));
	CHECK(has(text, "\"IsDistributed\":\"true\"") && !has(text, "VictimIdentified"));
	find.labels = WARD_STR("vics:0");
	text = case_of(&find, 1);
	CHECK(has(text, "\"Category\":0,") && has(text, "/2.0.xml/Default/"));
}

static void a_near_picture_s_category_is_not_the_file_s(void)
{
	struct disk_find find = test_find("p1:/a.png", 1);

	find.kind = WARD_FINDING_NEAR;
	find.labels = WARD_STR("vics-us:2 vics-us:IsDistributed");
	const char *text = case_of(&find, 1);

	CHECK(has(text, "\"Category\":null") && !has(text, "\"IsDistributed\":"));
}

static void lists_or_countries_that_disagree_say_no_category(void)
{
	struct disk_find finds[2] = { test_find("p1:/a.png", 1), test_find("p1:/a.png", 1) };

	finds[0].labels = WARD_STR("vics-us:2");
	finds[1].labels = WARD_STR("vics-us:3");
	const char *text = case_of(finds, 2);

	CHECK(has(text, "\"Category\":null") && has(text, "/US/"));
	finds[1].labels = WARD_STR("vics-uk:2");
	text = case_of(finds, 2);
	CHECK(has(text, "\"Category\":null") && has(text, "/Default/"));
}

static void bytes_are_one_media_with_all_their_places(void)
{
	struct disk_find finds[4] = { test_find("p1:/b.png", 1), test_find("p1:/a.zip", 1),
		test_find("p1:/b.png", 1), test_find("p1:/c.png", 2) };

	finds[1].member = WARD_STR("in/a.png");
	finds[1].has_parent = true;
	memset(finds[1].parent_md5, 0xab, 16);
	finds[2].list = WARD_STR("lamps");
	const char *text = case_of(finds, 4);

	CHECK(has(text, "\"TotalMediaFiles\":2}") &&
			has(text, "\"known on harbour; known on lamps\""));
	CHECK(has(text, "\"FileName\":\"a.png\",\"FilePath\":\"in/"
			"\",\"Written\":\"2026-01-01T00:00:00Z\","
			"\"SourceID\":\"disk7.dd\",\"ParentMD5\":"
			"\"abababababababababababababababab\","
			"\"ParentFileName\":\"a.zip\",\"ParentFilePath\":\"p1:/\","
			"\"ParentPhysicalLocation\":4096},{"));
	const char *first = strstr(text, "\"FileName\":\"b.png\"");

	CHECK(first && !strstr(first + 1, "\"FileName\":\"b.png\""));
}

static void what_has_no_digests_is_no_media(void)
{
	struct disk_find find = test_find("p1:/a.png", 1);

	find.has_digests = false;
	CHECK(has(case_of(&find, 1), "\"Media\":[],\"TotalMediaFiles\":0"));
}

static void what_is_not_known_of_a_file_is_empty_in_icse(void)
{
	struct disk_find find = test_find("p1:/a.png", 1);

	CHECK(has(write_one(&find, disk_report_icse),
			"01010101010101010101010101010101;"
			"0101010101010101010101010101010101010101;;;;;;;;;image;\r\n"));
	find.labels = WARD_STR("interpol_baseline:yes vics-us:VictimIdentified");
	CHECK(has(write_one(&find, disk_report_icse), ";;;;y;;;;;image;y\r\n"));
}

static const struct test_case cases[] = {
	{ "a cell that begins like a formula is none", a_cell_that_begins_like_a_formula_is_none },
	{ "a cell keeps its quotes, commas and lines", a_cell_keeps_its_quotes_commas_and_lines },
	{ "a name that is no text has its bytes beside it",
			a_name_that_is_no_text_has_its_bytes_beside_it },
	{ "a name is no markup", a_name_is_no_markup },
	{ "what turns the writing or is not seen is shown by its number",
			what_turns_the_writing_or_is_not_seen_is_shown_by_its_number },
	{ "each part of a path is held apart", each_part_of_a_path_is_held_apart },
	{ "what could not be read is told before all", what_could_not_be_read_is_told_before_all },
	{ "frames of one file are one find, and its nearest",
			frames_of_one_file_are_one_find_and_its_nearest },
	{ "a report without room says so", a_report_without_room_says_so },
	{ "a category is a list's own or none", a_category_is_a_list_s_own_or_none },
	{ "a near picture's category is not the file's",
			a_near_picture_s_category_is_not_the_file_s },
	{ "lists or countries that disagree say no category",
			lists_or_countries_that_disagree_say_no_category },
	{ "bytes are one media with all their places", bytes_are_one_media_with_all_their_places },
	{ "what has no digests is no media", what_has_no_digests_is_no_media },
	{ "what is not known of a file is empty in ICSE",
			what_is_not_known_of_a_file_is_empty_in_icse },
};
TEST_MAIN(cases)
