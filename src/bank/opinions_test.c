#include "bank/list_test.h"
#include "bank/opinions.h"

static struct ward_opinion said_by(const char *who, ward_opinion_kind kind, uint64_t seed)
{
	struct ward_opinion opinion = { .kind = kind, .when = 1700000000 };

	opinion.signal = digest_of(WARD_SIGNAL_SHA1, seed);
	snprintf(opinion.who, sizeof(opinion.who), "%s", who);
	if (kind == WARD_OPINION_DISPUTE)
		snprintf(opinion.reason, sizeof(opinion.reason), "a \"boat\",\nnot a lighthouse");
	return opinion;
}

static void make_one(void)
{
	struct ward_list_writer *writer = begin("a");

	if (!add(writer, 0, digest_of(WARD_SIGNAL_SHA1, 1), "") || !commit(writer))
		abort();
}

static bool opine(const char *who, ward_opinion_kind kind, uint64_t seed)
{
	struct ward_opinion opinion = said_by(who, kind, seed);

	return !ward_list_opine(in_folder("a"), &opinion, &error);
}

/* Affirmed in the upper, disputed in the lower half; -1 when the journal is broken. */
static int said_of(uint64_t seed)
{
	ward_signal signal = digest_of(WARD_SIGNAL_SHA1, seed);
	struct opinions opinions = { 0 };
	const struct opinion_count *count;
	int said = 0;

	if (opinions_read(in_folder("a"), &opinions, &error))
		return -1;
	count = opinions_find(&opinions, &signal);
	if (count)
		said = (int)(count->affirmed * 10 + count->disputed);
	opinions_free(&opinions);
	return said;
}

static void append_to_journal(const char *text)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/a/" OPINIONS_NAME, folder);
	file = fopen(path, "a");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

static void the_last_opinion_of_each_person_counts(void)
{
	fresh_list_folder();
	make_one();
	CHECK(opine("ada", WARD_OPINION_AFFIRM, 1));
	CHECK(opine("bob", WARD_OPINION_DISPUTE, 1));
	CHECK(opine("cleo", WARD_OPINION_AFFIRM, 1));
	CHECK(opine("bob", WARD_OPINION_AFFIRM, 2));
	CHECK_EQ(said_of(1), 21);
	CHECK_EQ(said_of(2), 10);
	CHECK_EQ(said_of(3), 0);
	CHECK(opine("ada", WARD_OPINION_DISPUTE, 1));
	CHECK(opine("bob", WARD_OPINION_AFFIRM, 1));
	CHECK_EQ(said_of(1), 21);
	CHECK(opine("cleo", WARD_OPINION_DISPUTE, 1));
	CHECK_EQ(said_of(1), 12);
}

static void an_opinion_comes_back_as_it_was_given(void)
{
	struct ward_opinion opinion = said_by("ada", WARD_OPINION_DISPUTE, 7), read;
	struct ward_buf buf;

	for (int i = WARD_SIGNAL_NONE + 1; i < WARD_SIGNAL_KIND_COUNT; i++) {
		opinion.signal = digest_of((ward_signal_kind)i, 7);
		ward_buf_init(&buf, 4096);
		opinion_format(&opinion, &buf);
		CHECK_EQ(opinion_parse(ward_buf_text(&buf), &read, &error), WARD_OK);
		ward_buf_free(&buf);
		CHECK(ward_signal_eq(&read.signal, &opinion.signal));
		CHECK_STR(read.who, opinion.who);
		CHECK_STR(read.reason, opinion.reason);
		CHECK_EQ(read.kind, opinion.kind);
		CHECK_EQ(read.when, opinion.when);
	}
}

static void a_torn_last_line_is_passed_over_and_then_mended(void)
{
	fresh_list_folder();
	make_one();
	CHECK(opine("ada", WARD_OPINION_AFFIRM, 1));
	append_to_journal("{\"opinion\":\"affirm\",\"kind\":\"sha");
	CHECK_EQ(said_of(1), 10);
	CHECK(opine("bob", WARD_OPINION_AFFIRM, 1));
	CHECK_EQ(said_of(1), 20);
}

static void a_journal_that_is_one_torn_line_is_mended(void)
{
	static char torn[9001];

	fresh_list_folder();
	make_one();
	memset(torn, 'x', sizeof(torn) - 1);
	append_to_journal(torn);
	CHECK_EQ(said_of(1), 0);
	CHECK(opine("ada", WARD_OPINION_AFFIRM, 1));
	CHECK_EQ(said_of(1), 10);
}

static void a_broken_line_in_the_middle_is_told(void)
{
	struct ward_list *list = NULL;

	fresh_list_folder();
	make_one();
	CHECK(opine("ada", WARD_OPINION_AFFIRM, 1));
	append_to_journal("not an opinion\n");
	CHECK(opine("bob", WARD_OPINION_AFFIRM, 1));
	CHECK_EQ(ward_list_open(in_folder("a"), &list, &error), WARD_E_CORRUPT);
	CHECK(strstr(error.message, "opinions.jsonl: line 2: this is not an opinion"));
}

static void refuses_what_is_no_opinion(void)
{
	struct ward_opinion opinion = said_by("ada", WARD_OPINION_DISPUTE, 1);

	fresh_list_folder();
	CHECK_EQ(ward_list_opine(in_folder("a"), &opinion, &error), WARD_E_NOT_FOUND);
	make_one();
	opinion.reason[0] = '\0';
	CHECK_EQ(ward_list_opine(in_folder("a"), &opinion, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "a dispute gives its reason");
	opinion = said_by("", WARD_OPINION_AFFIRM, 1);
	CHECK_EQ(ward_list_opine(in_folder("a"), &opinion, &error), WARD_E_ARGUMENT);
	opinion = said_by("ada", WARD_OPINION_AFFIRM, 1);
	opinion.signal.kind = WARD_SIGNAL_NONE;
	CHECK_EQ(ward_list_opine(in_folder("a"), &opinion, &error), WARD_E_ARGUMENT);
	opinion = said_by("\xff", WARD_OPINION_AFFIRM, 1);
	CHECK_EQ(ward_list_opine(in_folder("a"), &opinion, &error), WARD_E_ARGUMENT);
}

static void opinions_outlive_a_version(void)
{
	struct ward_hits hits = { 0 };
	ward_signal signal = digest_of(WARD_SIGNAL_SHA1, 1);
	struct ward_list *list;

	fresh_list_folder();
	make_one();
	CHECK(opine("ada", WARD_OPINION_DISPUTE, 1));
	make_one();
	list = open_list("a");
	CHECK_EQ(ward_list_search(list, &signal, -1, &hits, &error), WARD_OK);
	CHECK_EQ(hits.at[0].disputed, 1);
	ward_hits_free(&hits);
	ward_list_free(list);
}

static const struct test_case cases[] = {
	{ "the last opinion of each person counts", the_last_opinion_of_each_person_counts },
	{ "an opinion comes back as it was given", an_opinion_comes_back_as_it_was_given },
	{ "a torn last line is passed over and then mended",
			a_torn_last_line_is_passed_over_and_then_mended },
	{ "a journal that is one torn line is mended", a_journal_that_is_one_torn_line_is_mended },
	{ "a broken line in the middle is told", a_broken_line_in_the_middle_is_told },
	{ "refuses what is no opinion", refuses_what_is_no_opinion },
	{ "opinions outlive a version", opinions_outlive_a_version },
};
TEST_MAIN(cases)
