#include "intake/talk.h"

#include "intake/intake_test.h"

static struct ward_arena arena;

static bool start_with_report(struct intake_added *done)
{
	struct intake_item_new item = text_item(INTAKE_URL, "http://example.org/");
	struct intake_new report = report_of(&item, 1);

	ward_arena_free(&arena);
	ward_arena_init(&arena, 8 << 20);
	report.receipt_wanted = true;
	return open_intake(NULL, NULL) && intake_add(intake, &report, done, &error) == WARD_OK;
}

static ward_err talk(const char *receipt, struct intake_talk *read)
{
	return intake_talk(intake, ward_str_from(receipt), &arena, read, &error);
}

struct answer {
	const char *report, *words;
};

static ward_err answer_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct answer *answer = context;
	struct vault_actor actor = actor_of(&anna);

	return intake_answer(tx, &actor, ward_str_from(answer->report),
			ward_str_from(answer->words), failure);
}

static ward_err answer(const char *report, const char *words)
{
	return store_write(store, answer_work, &(struct answer){ report, words }, &error);
}

static void both_read_what_was_written_in_its_order(void)
{
	struct intake_added done;
	struct intake_talk read;

	CHECK(start_with_report(&done));
	CHECK_EQ(talk(done.receipt, &read), WARD_OK);
	CHECK_EQ(read.count, 0);
	CHECK_EQ(read.state, INTAKE_RECEIVED);
	CHECK(ward_str_eq(read.report, ward_str_from(done.report)));
	CHECK_EQ(intake_talk_add(intake, ward_str_from(done.receipt), WARD_STR("1"),
				 WARD_STR("there is a boat, too"), &error),
			WARD_OK);
	clock_fake_pass(60);
	CHECK_EQ(answer(done.report, "thank you"), WARD_OK);
	CHECK_EQ(talk(done.receipt, &read), WARD_OK);
	CHECK_EQ(read.count, 2);
	CHECK(read.at[0].by_reporter && !read.at[1].by_reporter);
	CHECK(ward_str_eq(read.at[0].text, WARD_STR("there is a boat, too")));
	CHECK(ward_str_eq(read.at[1].text, WARD_STR("thank you")));
	CHECK_EQ(read.at[1].at, NOW + 60);
	close_intake();
}

/* The desk reads the vault's copy, which is the reporter's words. */
static void the_desk_finds_the_words_in_the_vault(void)
{
	struct intake_added done;
	char payload[ID_TEXT_MAX] = "";
	struct store_rows *rows;
	struct store_tx *tx;

	CHECK(start_with_report(&done));
	CHECK_EQ(intake_talk_add(intake, ward_str_from(done.receipt), WARD_STR(""),
				 WARD_STR("there is a boat, too"), &error),
			WARD_OK);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(store_one(tx, "SELECT payload FROM intake_words", STORE_NO_VALUES, &rows, &error),
			WARD_OK);
	snprintf(payload, sizeof(payload), "%.*s", WARD_FMT(store_get_text(rows, 0)));
	CHECK_EQ(store_rows_end(rows, &error), WARD_OK);
	store_read_end(tx);
	CHECK_STR(see(&anna, payload), "there is a boat, too");
	close_intake();
}

static void words_of_one_key_are_added_once(void)
{
	struct intake_added done;
	struct intake_talk read;

	CHECK(start_with_report(&done));
	for (int i = 0; i < 3; i++)
		CHECK_EQ(intake_talk_add(intake, ward_str_from(done.receipt), WARD_STR("same"),
					 WARD_STR("a boat"), &error),
				WARD_OK);
	CHECK_EQ(talk(done.receipt, &read), WARD_OK);
	CHECK_EQ(read.count, 1);
	CHECK_EQ(ask("SELECT COUNT(*) FROM vault_items"), 2);
	CHECK_EQ(intake_talk_add(intake, ward_str_from(done.receipt), WARD_STR("other"),
				 WARD_STR("a boat"), &error),
			WARD_OK);
	CHECK_EQ(talk(done.receipt, &read), WARD_OK);
	CHECK_EQ(read.count, 2);
	close_intake();
}

static void a_receipt_that_is_not_known_opens_nothing(void)
{
	struct intake_added done;
	struct intake_talk read;
	ward_str wrong = WARD_STR("abacus abacus abacus abacus abacus abacus");

	CHECK(start_with_report(&done));
	CHECK_EQ(intake_talk(intake, wrong, &arena, &read, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(intake_talk_add(intake, wrong, WARD_STR(""), WARD_STR("a boat"), &error),
			WARD_E_NOT_FOUND);
	CHECK_EQ(intake_withdraw(intake, wrong, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(ask("SELECT COUNT(*) FROM vault_items"), 1);
	close_intake();
}

/* How many there are, when none holds the text; -1 when one does. */
static int count_blobs(const char *sql, const char *text)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int count = 0;

	if (store_read(store, &tx, &error) != WARD_OK)
		return -2;
	if (store_query(tx, sql, STORE_NO_VALUES, &rows, &error) == WARD_OK) {
		while (count >= 0 && store_next(rows)) {
			ward_bytes blob = store_get_blob(rows, 0);

			/* By its first four bytes, so that half of it is found as well. */
			count++;
			for (size_t at = 0; at + 4 <= blob.len; at++)
				count = memcmp(blob.ptr + at, text, 4) == 0 ? -1 : count;
		}
		if (store_rows_end(rows, &error) != WARD_OK)
			count = -2;
	}
	store_read_end(tx);
	return count;
}

static void the_store_holds_neither_receipt_nor_words(void)
{
	static const char words[] = "there is a boat, too";
	struct intake_added done;

	CHECK(start_with_report(&done));
	CHECK_EQ(answer(done.report, "thank you"), WARD_OK);
	CHECK_EQ(intake_talk_add(intake, ward_str_from(done.receipt), WARD_STR("1"),
				 WARD_STR(words), &error),
			WARD_OK);
	CHECK_EQ(count_blobs("SELECT sealed FROM intake_words", "thank you"), 2);
	CHECK_EQ(count_blobs("SELECT sealed FROM intake_words", words), 2);
	CHECK_EQ(count_blobs("SELECT once FROM intake_words WHERE once IS NOT NULL", words), 1);
	CHECK_EQ(count_blobs("SELECT receipt FROM intake_reports", done.receipt), 1);
	CHECK_EQ(count_blobs("SELECT receipt_key FROM intake_reports", done.receipt), 1);
	close_intake();
}

static void what_is_withdrawn_is_forgotten_and_stays_so(void)
{
	struct intake_added done;
	struct intake_talk read;

	CHECK(start_with_report(&done));
	CHECK_EQ(answer(done.report, "thank you"), WARD_OK);
	CHECK_EQ(intake_withdraw(intake, ward_str_from(done.receipt), &error), WARD_OK);
	CHECK_EQ(intake_withdraw(intake, ward_str_from(done.receipt), &error), WARD_OK);
	CHECK_EQ(talk(done.receipt, &read), WARD_OK);
	CHECK_EQ(read.state, INTAKE_WITHDRAWN);
	CHECK_EQ(read.count, 0);
	CHECK_EQ(intake_talk_add(intake, ward_str_from(done.receipt), WARD_STR(""),
				 WARD_STR("a boat"), &error),
			WARD_E_CONFLICT);
	CHECK_EQ(answer(done.report, "thank you"), WARD_E_NOT_FOUND);
	CHECK_EQ(log_of("report", done.report).rows, 3);
	close_intake();
}

static void a_report_without_a_receipt_gets_no_answer(void)
{
	CHECK(open_intake(NULL, NULL));
	CHECK_EQ(answer(added(text_item(INTAKE_URL, "http://example.org/")), "thank you"),
			WARD_E_NOT_FOUND);
	close_intake();
}

static void a_talk_has_an_end(void)
{
	struct intake_added done;

	CHECK(start_with_report(&done));
	for (int i = 0; i < INTAKE_TALK_MAX; i++)
		CHECK_EQ(answer(done.report, "thank you"), WARD_OK);
	CHECK_EQ(answer(done.report, "thank you"), WARD_E_LIMIT);
	close_intake();
}

static const struct test_case cases[] = {
	{ "both read what was written, in its order", both_read_what_was_written_in_its_order },
	{ "the desk finds the words in the vault", the_desk_finds_the_words_in_the_vault },
	{ "words of one key are added once", words_of_one_key_are_added_once },
	{ "a receipt that is not known opens nothing", a_receipt_that_is_not_known_opens_nothing },
	{ "the store holds neither receipt nor words", the_store_holds_neither_receipt_nor_words },
	{ "what is withdrawn is forgotten, and stays so",
			what_is_withdrawn_is_forgotten_and_stays_so },
	{ "a report without a receipt gets no answer", a_report_without_a_receipt_gets_no_answer },
	{ "a talk has an end", a_talk_has_an_end },
};
TEST_MAIN(cases)
