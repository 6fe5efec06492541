#include "intake/intake_test.h"
#include "portal/door.h"

#define RECEIPT "001-002-003-004-005-006"

static struct ward_arena arena;

static struct portal_report report_of_key(const char *key)
{
	return (struct portal_report){ .key = key,
		.receipt = RECEIPT,
		.language = "ar",
		.what = "site",
		.address = WARD_STR("https://Example.ORG/lamp"),
		.place = "website",
		.topic = "grooming",
		.when = "today",
		.date = WARD_STR(""),
		.time = WARD_STR(""),
		.zone = WARD_STR("+01:00"),
		.words = WARD_STR("the lamp is lit"),
		.contact = "none",
		.mail = WARD_STR("") };
}

struct seen {
	size_t reports, items;
	struct intake_report report;
	struct intake_item_list list;
};

static bool keep_report(void *context, const struct intake_report *report)
{
	struct seen *seen = context;

	seen->reports++;
	seen->report = *report;
	seen->report.id = ward_arena_str(&arena, report->id);
	seen->report.context = ward_arena_str(&arena, report->context);
	seen->report.channel = ward_arena_str(&arena, report->channel);
	return true;
}

/* How many reports there are, and what the last one holds. */
static struct seen look(void)
{
	struct seen seen = { 0 };
	const struct intake_question question = { .channel = WARD_STR("portal"),
		.reports_max = 10 };
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return seen;
	if (intake_list(tx, &question, keep_report, &seen, &error) != WARD_OK ||
			seen.reports == 0 ||
			intake_items(tx, seen.report.id, &arena, &seen.list, &error) != WARD_OK)
		printf("# %s\n", error.message);
	store_read_end(tx);
	return seen;
}

static void a_report_arrives_with_its_items(void)
{
	CHECK(open_intake(NULL, NULL));
	struct portal_intake door = portal_before(intake);
	struct portal_report report = report_of_key("aa");

	ward_arena_init(&arena, 1 << 22);
	CHECK_EQ(door.file(door.context, &report, &error), WARD_OK);
	/* Sent again, it is the same one. */
	CHECK_EQ(door.file(door.context, &report, &error), WARD_OK);
	struct seen seen = look();

	CHECK_EQ(seen.reports, 1);
	CHECK_EQ(seen.list.count, 2);
	CHECK(ward_str_eq(seen.list.at[0].kind, WARD_STR("url")));
	CHECK(ward_str_eq(seen.list.at[0].form, WARD_STR("example.org/lamp")));
	CHECK(ward_str_eq(seen.list.at[1].kind, WARD_STR("text")));
	CHECK_EQ(seen.report.urgency, INTAKE_SOON);
	CHECK(ward_str_eq(seen.report.context,
			WARD_STR("{\"what\":\"site\",\"place\":\"website\",\"topic\":\"grooming\","
				 "\"when\":\"today\",\"zone\":\"+01:00\",\"answer\":\"none\"}")));
	ward_arena_free(&arena);
	close_intake();
}

static void an_account_a_text_and_nothing_at_all_are_items_too(void)
{
	const struct {
		const char *what;
		ward_str address, words;
		const char *kind;
	} rows[] = {
		{ "account", WARD_STR("game/keeper"), WARD_STR(""), "account" },
		{ "account", WARD_STR("https://example.org/keeper"), WARD_STR(""), "url" },
		{ "picture", WARD_STR("in the blue app"), WARD_STR(""), "text" },
		{ "site", WARD_STR("see example.org and others"), WARD_STR(""), "text" },
		{ "conversation", WARD_STR(""), WARD_STR(""), "text" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		CHECK(open_intake(NULL, NULL));
		struct portal_intake door = portal_before(intake);
		struct portal_report report = report_of_key("bb");

		report.what = rows[i].what;
		report.address = rows[i].address;
		report.words = rows[i].words;
		ward_arena_init(&arena, 1 << 22);
		CHECK_EQ(door.file(door.context, &report, &error), WARD_OK);
		struct seen seen = look();

		CHECK_EQ(seen.list.count, 1);
		CHECK(ward_str_eq(seen.list.at[0].kind, ward_str_from(rows[i].kind)));
		ward_arena_free(&arena);
		close_intake();
	}
}

static void hashes_are_pictures_without_pixels(void)
{
	CHECK(open_intake(NULL, NULL));
	struct portal_intake door = portal_before(intake);
	struct portal_hash hashes[150];
	struct portal_report report = report_of_key("cc");
	ward_pdq want;

	for (size_t i = 0; i < 150; i++) {
		memset(hashes[i].pdq, (int)i, 32);
		hashes[i].quality = 80;
	}
	hashes[0].pdq[0] = 0xf1;
	report.what = "own_picture";
	report.address = report.words = WARD_STR("");
	report.topic = report.place = report.when = "";
	report.hashes = hashes;
	report.hash_count = 150;
	ward_arena_init(&arena, 1 << 22);
	CHECK_EQ(door.file(door.context, &report, &error), WARD_OK);
	struct seen seen = look();

	CHECK_EQ(seen.list.count, 150);
	CHECK(seen.list.at[0].has_pdq);
	CHECK(seen.list.at[0].payload.len == 0);
	/* The first digit of the text is the first byte of the hash. */
	CHECK(ward_pdq_parse(WARD_STR("f10000000000000000000000000000000000000000000000000000000000"
				      "0000"),
			&want));
	CHECK(memcmp(&want, &seen.list.at[0].pdq, sizeof(want)) == 0);
	ward_arena_free(&arena);
	close_intake();
}

static void by_receipt_one_reads_adds_and_takes_back(void)
{
	CHECK(open_intake(NULL, NULL));
	struct portal_intake door = portal_before(intake);
	struct portal_report report = report_of_key("dd");
	struct portal_answer answer;
	struct portal_counts counts;

	ward_arena_init(&arena, 1 << 22);
	CHECK_EQ(door.read(door.context, RECEIPT, &arena, &answer, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(door.file(door.context, &report, &error), WARD_OK);
	CHECK_EQ(door.read(door.context, RECEIPT, &arena, &answer, &error), WARD_OK);
	CHECK_EQ(answer.state, PORTAL_RECEIVED);
	CHECK_EQ(answer.answer_count + answer.addition_count, 0);
	CHECK_EQ(door.add(door.context, RECEIPT, "once", WARD_STR("more"), &error), WARD_OK);
	CHECK_EQ(door.add(door.context, RECEIPT, "once", WARD_STR("more"), &error), WARD_OK);
	CHECK_EQ(door.read(door.context, RECEIPT, &arena, &answer, &error), WARD_OK);
	CHECK_EQ(answer.addition_count, 1);
	CHECK(ward_str_eq(answer.additions[0].text, WARD_STR("more")));
	CHECK_EQ(door.withdraw(door.context, RECEIPT, &error), WARD_OK);
	CHECK_EQ(door.read(door.context, RECEIPT, &arena, &answer, &error), WARD_OK);
	CHECK_EQ(answer.state, PORTAL_WITHDRAWN);
	CHECK_EQ(door.count(door.context, &counts, &error), WARD_OK);
	CHECK_EQ(counts.days, 90);
	CHECK_EQ(counts.reports, 1);
	CHECK_EQ(counts.withdrawn, 1);
	ward_arena_free(&arena);
	close_intake();
}

static const struct test_case cases[] = {
	{ "a report arrives with its items, once", a_report_arrives_with_its_items },
	{ "an account, a text and nothing at all are items, too",
			an_account_a_text_and_nothing_at_all_are_items_too },
	{ "hashes are pictures without pixels", hashes_are_pictures_without_pixels },
	{ "by its receipt one reads, adds and takes back",
			by_receipt_one_reads_adds_and_takes_back },
};
TEST_MAIN(cases)
