#include "intake/csv.h"

#include "intake/intake_test.h"

static struct csv_counts counts;
static uint64_t bad_lines[16];
static unsigned bad_count;

static void note_bad(void *context, uint64_t line, const char *why)
{
	(void)context;
	if (strstr(why, "lighthouse"))
		line = 999;
	if (bad_count < 16)
		bad_lines[bad_count++] = line;
}

static ward_err take(const char *text)
{
	struct vault_actor actor = { WARD_STR("system"), WARD_STR("") };

	bad_count = 0;
	return intake_csv(intake, ward_str_from(text), &actor, note_bad, NULL, &counts, &error);
}

static void a_table_is_reports_once(void)
{
	static const char table[] = "\xef\xbb\xbf"
				    "value,Kind,reporter,urgency,jurisdiction,key\r\n"
				    "http://example.org/1,url,police,now,FR,\r\n"
				    "\"a \"\"bridge\"\",\nand a boat\",text,,,,k-7\r\n"
				    "\r\n"
				    "harbour/ann,account\n";

	CHECK(open_intake(NULL, NULL));
	CHECK_EQ(take(table), WARD_OK);
	CHECK_EQ(counts.added, 3);
	CHECK_EQ(counts.again, 0);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports WHERE channel = 'csv' AND reporter = "
		     "'police' AND urgency = 2 AND jurisdiction = 'FR'"),
			1);
	CHECK_EQ(ask("SELECT bytes FROM intake_items WHERE kind = 'text'"), 22);
	CHECK_EQ(take(table), WARD_OK);
	CHECK_EQ(counts.added, 0);
	CHECK_EQ(counts.again, 3);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports"), 3);
	close_intake();
}

static void a_line_that_cannot_be_used_is_told_and_the_others_are_taken(void)
{
	CHECK(open_intake(NULL, NULL));
	CHECK_EQ(take("kind,value,reporter,urgency,jurisdiction\n"
		      "lighthouse,x\n"
		      "media,x\n"
		      "url,\n"
		      "url,http://example.org/,lighthouse\n"
		      "url,http://example.org/,,lighthouse\n"
		      "url,http://example.org/,,,lighthouse\n"
		      "url,http://example.org/\n"),
			WARD_OK);
	CHECK_EQ(counts.added, 1);
	CHECK_EQ(counts.bad, 6);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(bad_lines[i], i + 2);
	close_intake();
}

static void the_same_key_with_another_line_is_told(void)
{
	CHECK(open_intake(NULL, NULL));
	CHECK_EQ(take("kind,value,key\nurl,http://example.org/1,k\nurl,http://example.org/2,k\n"),
			WARD_OK);
	CHECK_EQ(counts.added, 1);
	CHECK_EQ(counts.bad, 1);
	close_intake();
}

static void what_is_no_table_is_refused(void)
{
	static const char *const wrong[] = { "kind\nurl\n", "kind,value,lighthouse\n",
		"kind,value,kind\n", "kind,value\nurl,\"http://example.org\n",
		"kind,value\nurl,\"a\"b\n", "kind,value\nurl,\xff\n",
		"kind,value\nurl,a,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n" };

	CHECK(open_intake(NULL, NULL));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ward_err err = take(wrong[i]);

		CHECK(err == WARD_E_FORMAT || err == WARD_E_LIMIT);
		CHECK(!strstr(error.message, "lighthouse"));
	}
	CHECK_EQ(take(""), WARD_OK);
	CHECK_EQ(counts.added, 0);
	close_intake();
}

/* What the vault fails with is no end of the table. */
static void a_vault_without_keys_takes_no_table(void)
{
	CHECK(open_vault() && open_intake_of_vault(NULL, NULL));
	CHECK_EQ(take("kind,value\nurl,http://example.org/\n"), WARD_E_NOT_FOUND);
	CHECK(strstr(error.message, "no keys") != NULL);
	CHECK_EQ(counts.added + counts.again + counts.bad, 0);
	close_intake();
}

static const struct test_case cases[] = {
	{ "a table is reports, once", a_table_is_reports_once },
	{ "a line that cannot be used is told, and the others are taken",
			a_line_that_cannot_be_used_is_told_and_the_others_are_taken },
	{ "the same key with another line is told", the_same_key_with_another_line_is_told },
	{ "what is no table is refused", what_is_no_table_is_refused },
	{ "a vault without keys takes no table", a_vault_without_keys_takes_no_table },
};
TEST_MAIN(cases)
