#include "intake/intake.h"

#include <pthread.h>
#include <sys/resource.h>

#include "intake/intake_test.h"

static void a_report_is_kept_with_all_that_came(void)
{
	struct intake_item_new items[] = { media_item("a bridge"),
		text_item(INTAKE_TEXT, "there is a boat"), text_item(INTAKE_ACCOUNT, "harbour/ann"),
		text_item(INTAKE_URL, "http://example.org/"),
		text_item(INTAKE_CONVERSATION, "[{\"from\":\"ann\"}]") };
	struct intake_new report = report_of(items, 5);
	struct intake_report read;
	struct intake_added done;
	struct ward_arena arena;
	struct store_tx *tx;

	report.urgency = INTAKE_NOW;
	report.jurisdiction = WARD_STR("FR");
	report.language = WARD_STR("fr");
	report.context = WARD_STR("{\"room\":7}");
	report.contact = WARD_STR("ann@example.org");
	CHECK(open_intake(NULL, NULL));
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	CHECK(!done.again && done.items == 5 && done.receipt[0] == '\0');

	ward_arena_init(&arena, 1 << 20);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(intake_get(tx, ward_str_from(done.report), &arena, &read, &error), WARD_OK);
	store_read_end(tx);
	CHECK(ward_str_eq(read.channel, WARD_STR("api")));
	CHECK(ward_str_eq(read.reporter, WARD_STR("member")));
	CHECK(ward_str_eq(read.jurisdiction, WARD_STR("FR")));
	CHECK(ward_str_eq(read.context, WARD_STR("{\"room\":7}")));
	CHECK(read.urgency == INTAKE_NOW && read.state == INTAKE_RECEIVED && !read.has_receipt);
	CHECK_EQ(read.at, NOW);
	char contact[ID_TEXT_MAX];

	snprintf(contact, sizeof(contact), "%.*s", WARD_FMT(read.contact));
	CHECK_STR(see(&anna, contact), "ann@example.org");
	ward_arena_free(&arena);

	struct intake_item_list list = items_of(done.report);

	CHECK_EQ(list.count, 5);
	for (size_t i = 0; i < 5; i++) {
		char id[ID_TEXT_MAX];

		CHECK(ward_str_eq(list.at[i].kind,
				ward_str_from(intake_kind_name((enum intake_kind)i))));
		CHECK(list.at[i].has_digests && list.at[i].bytes > 0);
		CHECK(ward_str_eq(list.at[i].id, list.at[i].payload));
		snprintf(id, sizeof(id), "%.*s", WARD_FMT(list.at[i].payload));
		const char *want = i == 0 ? "a bridge" : items[i].text.ptr;

		CHECK_STR(see(&anna, id), want);
	}
	CHECK_EQ(log_of("report", done.report).rows, 1);
	CHECK_STR(log_of("report", done.report).actor, "key:platform");
	close_intake();
}

static void the_same_key_is_the_same_report(void)
{
	struct intake_item_new item = text_item(INTAKE_URL, "http://example.org/");
	struct intake_new report = report_of(&item, 1);
	uint8_t body[32] = { 1 }, other[32] = { 2 };
	struct intake_added first, second, third;

	report.once = WARD_STR("k-1");
	report.body_sha256 = body;
	report.receipt_wanted = true;
	CHECK(open_intake(NULL, NULL));
	CHECK_EQ(intake_add(intake, &report, &first, &error), WARD_OK);
	CHECK_EQ(intake_add(intake, &report, &second, &error), WARD_OK);
	CHECK(!first.again && second.again);
	CHECK_STR(second.report, first.report);
	CHECK(first.receipt[0]);
	CHECK_STR(second.receipt, first.receipt);
	report.body_sha256 = other;
	CHECK_EQ(intake_add(intake, &report, &third, &error), WARD_E_CONFLICT);
	/* Another's key of the same word is another key; so is one by another way. */
	report.holder = WARD_STR("elsewhere");
	CHECK_EQ(intake_add(intake, &report, &third, &error), WARD_OK);
	CHECK(!third.again);
	report.channel = INTAKE_CONSOLE;
	CHECK_EQ(intake_add(intake, &report, &third, &error), WARD_OK);
	CHECK(!third.again);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports"), 3);
	CHECK_EQ(ask("SELECT COUNT(*) FROM vault_items"), 3);
	close_intake();
}

static void a_report_without_a_receipt_gets_none_by_being_sent_again(void)
{
	struct intake_item_new item = text_item(INTAKE_URL, "http://example.org/");
	struct intake_new report = report_of(&item, 1);
	struct intake_added done;

	report.once = WARD_STR("k-1");
	CHECK(open_intake(NULL, NULL));
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	report.receipt_wanted = true;
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	CHECK(done.again);
	CHECK_STR(done.receipt, "");
	close_intake();
}

static void a_hash_alone_is_an_item_without_a_payload(void)
{
	struct intake_item_new item = { .kind = INTAKE_MEDIA, .has_pdq = true, .pdq_quality = 80 };

	for (int i = 0; i < 4; i++)
		item.pdq.word[i] = 0x0f0f33aa5533cc01u << i;
	CHECK(open_intake(NULL, NULL));
	struct intake_item_list list = items_of(added(item));

	CHECK_EQ(list.count, 1);
	CHECK(list.at[0].has_pdq && !list.at[0].has_digests && list.at[0].payload.len == 0);
	CHECK_EQ(ward_pdq_distance(list.at[0].pdq, item.pdq), 0);
	CHECK_EQ(list.at[0].pdq_quality, 80);
	close_intake();
}

static void what_makes_no_sense_is_refused_without_repeating_it(void)
{
	static char longer[INTAKE_TEXT_MAX + 1];
	struct intake_item_new good = text_item(INTAKE_URL, "http://example.org/"), bad[8];
	struct intake_new wrong[9];
	struct intake_added done;

	memset(longer, 'a', sizeof(longer));
	for (size_t i = 0; i < 9; i++)
		wrong[i] = report_of(&good, 1);
	wrong[0].item_count = 0;
	wrong[1].item_count = INTAKE_ITEMS_MAX + 1;
	wrong[2].context = WARD_STR("[\"lighthouse\"]");
	wrong[3].context = WARD_STR("{\"lighthouse\"");
	wrong[4].jurisdiction = WARD_STR("lighthouse");
	wrong[5].language = WARD_STR("light house");
	wrong[6].contact = (ward_str){ longer, INTAKE_CONTACT_MAX + 1 };
	wrong[7].once = (ward_str){ longer, INTAKE_ONCE_MAX + 1 };
	wrong[8].contact = WARD_STR("lighthouse\xff");
	CHECK(open_intake(NULL, NULL));
	for (size_t i = 0; i < 9; i++) {
		ward_err err = intake_add(intake, &wrong[i], &done, &error);

		CHECK(err == WARD_E_ARGUMENT || err == WARD_E_LIMIT);
		CHECK(!strstr(error.message, "lighthouse"));
	}
	bad[0] = text_item(INTAKE_URL, "");
	bad[1] = text_item(INTAKE_TEXT, " \n");
	bad[2] = (struct intake_item_new){ .kind = INTAKE_MEDIA };
	bad[3] = text_item(INTAKE_MEDIA, "lighthouse");
	bad[4] = (struct intake_item_new){ .kind = INTAKE_URL,
		.text = { longer, INTAKE_URL_MAX + 1 } };
	bad[5] = (struct intake_item_new){ .kind = INTAKE_TEXT,
		.text = { longer, INTAKE_TEXT_MAX + 1 } };
	bad[6] = good;
	bad[6].has_pdq = true;
	bad[7] = media_item("a bridge");
	bad[7].type = WARD_STR("image/png\nlighthouse");
	for (size_t i = 0; i < 8; i++) {
		struct intake_new report = report_of(&bad[i], 1);
		ward_err err = intake_add(intake, &report, &done, &error);

		CHECK(err == WARD_E_ARGUMENT || err == WARD_E_LIMIT);
		CHECK(strstr(error.message, "item 1") && !strstr(error.message, "lighthouse"));
	}
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports"), 0);
	CHECK_EQ(ask("SELECT COUNT(*) FROM vault_items"), 0);
	close_intake();
}

/* ---- what belongs to the same work ---- */

struct also {
	unsigned calls;
	ward_err fail;
	size_t items;
};

static ward_err also_work(void *context, struct store_tx *tx, ward_str report,
		struct ward_error *failure)
{
	struct intake_item_list list;
	struct also *also = context;
	struct ward_arena arena;

	also->calls++;
	ward_arena_init(&arena, 8 << 20);
	ward_err err = intake_items(tx, report, &arena, &list, failure);

	also->items = list.count;
	ward_arena_free(&arena);
	return err || !also->fail ? err : ward_fail(failure, also->fail, "no queue takes it");
}

static void what_also_belongs_to_it_is_done_with_it_or_neither_is(void)
{
	struct also also = { .fail = WARD_OK };
	struct intake_item_new item = text_item(INTAKE_URL, "http://example.org/");
	struct intake_new report = report_of(&item, 1);
	struct intake_added done;

	report.once = WARD_STR("k-1");
	CHECK(open_intake(also_work, &also));
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	CHECK(also.calls == 1 && also.items == 1);
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	CHECK_EQ(also.calls, 1);
	also.fail = WARD_E_DENIED;
	report.once = WARD_STR("k-2");
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_E_DENIED);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports"), 1);
	CHECK_EQ(ask("SELECT COUNT(*) FROM vault_items"), 1);
	/* What could not be kept is taken when it comes again. */
	also.fail = WARD_OK;
	CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
	CHECK(!done.again);
	close_intake();
}

/* ---- lists ---- */

static bool count_one(void *context, const struct intake_report *report)
{
	++*(unsigned *)context;
	return report->id.len > 0;
}

static unsigned listed(struct intake_question question)
{
	unsigned count = 0;
	struct store_tx *tx;

	question.reports_max = question.reports_max ? question.reports_max : 100;
	if (store_read(store, &tx, &error) != WARD_OK ||
			intake_list(tx, &question, count_one, &count, &error) != WARD_OK)
		count = 99999;
	store_read_end(tx);
	return count;
}

static void reports_are_listed_by_what_they_are(void)
{
	struct intake_item_new item = text_item(INTAKE_URL, "http://example.org/");
	struct intake_counts counts;
	struct intake_added done;
	struct store_tx *tx;

	CHECK(open_intake(NULL, NULL));
	for (int i = 0; i < 12; i++) {
		struct intake_new report = report_of(&item, 1);

		report.channel = i % 3 ? INTAKE_API : INTAKE_MAIL;
		report.reporter = i % 2 ? INTAKE_CHILD : INTAKE_POLICE;
		CHECK_EQ(intake_add(intake, &report, &done, &error), WARD_OK);
		clock_fake_pass(10);
	}
	CHECK_EQ(listed((struct intake_question){ .reports_max = 100 }), 12);
	CHECK_EQ(listed((struct intake_question){ .reports_max = 5 }), 5);
	CHECK_EQ(listed((struct intake_question){ .channel = WARD_STR("mail") }), 4);
	CHECK_EQ(listed((struct intake_question){ .reporter = WARD_STR("child") }), 6);
	CHECK_EQ(listed((struct intake_question){ .holder = WARD_STR("nobody") }), 0);
	CHECK_EQ(listed((struct intake_question){ .since = NOW + 20, .until = NOW + 50 }), 3);
	CHECK_EQ(listed((struct intake_question){ .before = ward_str_from(done.report) }), 11);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(intake_count(tx, WARD_STR("mail"), 0, &counts, &error), WARD_OK);
	CHECK_EQ(counts.reports, 4);
	CHECK_EQ(intake_count(tx, WARD_STR(""), NOW + 100, &counts, &error), WARD_OK);
	CHECK_EQ(counts.reports, 2);
	store_read_end(tx);
	close_intake();
}

/* ---- many at once ---- */

enum { THREADS = 8, EACH = 12 };

/* All threads send the same reports, each with its key. */
static void *send_all(void *context)
{
	unsigned *failed = context;

	for (int i = 0; i < EACH; i++) {
		struct intake_item_new item = text_item(INTAKE_URL, "http://example.org/");
		struct intake_new report = report_of(&item, 1);
		struct intake_added done;
		char once[20];

		snprintf(once, sizeof(once), "k-%d", i);
		report.once = ward_str_from(once);
		*failed += intake_add(intake, &report, &done, NULL) != WARD_OK;
	}
	return NULL;
}

static void many_who_send_the_same_at_once_make_one(void)
{
	unsigned failed[THREADS] = { 0 };
	pthread_t threads[THREADS];
	struct audit_verified found;

	CHECK(open_intake(NULL, NULL));
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, send_all, &failed[i]) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(failed[i], 0);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_reports"), EACH);
	CHECK_EQ(ask("SELECT COUNT(*) FROM intake_items"), EACH);
	CHECK_EQ(ask("SELECT COUNT(*) FROM vault_items"), EACH);
	CHECK_EQ(audit_verify(store, NULL, NULL, &found, &error), WARD_OK);
	CHECK_STR(found.what, "");
	close_intake();
}

static void the_secret_is_made_once_for_its_owner_alone(void)
{
	struct intake *other;
	struct stat st;
	char path[120];

	CHECK(open_intake(NULL, NULL));
	snprintf(path, sizeof(path), "%s/intake.key", keys);
	CHECK(stat(path, &st) == 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	CHECK(chmod(path, 0644) == 0);
	CHECK_EQ(intake_open(keys, store, vault, NULL, NULL, &other, &error), WARD_E_DENIED);
	CHECK(chmod(path, 0600) == 0);
	CHECK(truncate(path, 10) == 0);
	CHECK_EQ(intake_open(keys, store, vault, NULL, NULL, &other, &error), WARD_E_CORRUPT);
	close_intake();
}

static const struct test_case cases[] = {
	{ "a report is kept with all that came", a_report_is_kept_with_all_that_came },
	{ "the same key is the same report", the_same_key_is_the_same_report },
	{ "a report without a receipt gets none by being sent again",
			a_report_without_a_receipt_gets_none_by_being_sent_again },
	{ "a hash alone is an item without a payload", a_hash_alone_is_an_item_without_a_payload },
	{ "what makes no sense is refused without repeating it",
			what_makes_no_sense_is_refused_without_repeating_it },
	{ "what also belongs to it is done with it, or neither is",
			what_also_belongs_to_it_is_done_with_it_or_neither_is },
	{ "reports are listed by what they are", reports_are_listed_by_what_they_are },
	{ "many who send the same at once make one", many_who_send_the_same_at_once_make_one },
	{ "the secret is made once, for its owner alone",
			the_secret_is_made_once_for_its_owner_alone },
};
TEST_MAIN(cases)
