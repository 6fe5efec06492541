/* From an approved report for another authority to its receipt, each step once. */
#include "filing/handed_test.h"

static bool is_due(char id[ID_TEXT_MAX])
{
	struct store_tx *tx;

	if (store_read(store, &tx, &error))
		return false;
	ward_err err = filing_package_due(tx, id, &error);

	store_read_end(tx);
	return err == WARD_OK;
}

static struct filing_package_row package_of(const char *id)
{
	struct filing_package_row package = { .made_at = -1 };
	struct store_tx *tx;

	if (store_read(store, &tx, &error))
		return package;
	if (filing_package_of(tx, ward_str_from(id), &arena, &package, &error))
		package.made_at = -1;
	store_read_end(tx);
	return package;
}

static void a_report_for_another_authority_is_never_ncmecs(void)
{
	char id[ID_TEXT_MAX], due[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(approved("nca", id));
	CHECK_EQ(row_of(id).state, FILING_APPROVED);
	CHECK_EQ(row_of(id).environment, FILING_PRODUCTION);
	CHECK_EQ(filing_due(filing, due, &error), WARD_E_NOT_FOUND);
	CHECK(is_due(due));
	CHECK_STR(due, id);
	done();
	CHECK(fresh());
	CHECK(approved("ncmec", id));
	CHECK_EQ(filing_due(filing, due, &error), WARD_OK);
	CHECK(!is_due(due));
	CHECK_EQ(made(id, true), WARD_E_CONFLICT);
	CHECK_EQ(taken_out(id), WARD_E_CONFLICT);
	done();
}

static void a_package_is_made_taken_out_sent_and_answered(void)
{
	char id[ID_TEXT_MAX], due[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(approved("nca", id));
	/* Not before there is one. */
	CHECK_EQ(taken_out(id), WARD_E_CONFLICT);
	CHECK_EQ(made(id, true), WARD_OK);
	CHECK_EQ(row_of(id).state, FILING_READY);
	CHECK(!is_due(due));
	CHECK_EQ(sent(id, NOW, "P-1", "by hand"), WARD_E_CONFLICT);
	clock_fake_pass(60);
	CHECK_EQ(taken_out(id), WARD_OK);
	clock_fake_pass(60);
	CHECK_EQ(taken_out(id), WARD_OK);
	CHECK_EQ(row_of(id).state, FILING_DOWNLOADED);
	CHECK_EQ(package_of(id).downloaded_at, NOW + 60);
	CHECK_EQ(number_of("SELECT count(*) FROM audit_rows WHERE action = 'report.downloaded'"),
			2);
	CHECK_EQ(answered(id, "we have it"), WARD_E_CONFLICT);
	CHECK_EQ(sent(id, NOW + 100, "P-1", "by hand"), WARD_OK);
	/* The same again is fine; another word is another claim. */
	CHECK_EQ(sent(id, NOW + 100, "P-1", "by hand"), WARD_OK);
	CHECK_EQ(sent(id, NOW + 100, "P-2", "by hand"), WARD_E_CONFLICT);
	CHECK_EQ(number_of("SELECT count(*) FROM audit_rows WHERE action = 'report.sent'"), 1);
	CHECK_EQ(row_of(id).state, FILING_SENT);
	CHECK_EQ(row_of(id).finished_at, NOW + 100);
	CHECK_EQ(answered(id, "we have it"), WARD_OK);
	CHECK_EQ(answered(id, "we have it"), WARD_OK);
	CHECK_EQ(answered(id, "no, we have not"), WARD_E_CONFLICT);
	CHECK_EQ(row_of(id).state, FILING_ACKNOWLEDGED);
	CHECK(ward_str_eq(package_of(id).receipt, WARD_STR("we have it")));
	CHECK(ward_str_eq(package_of(id).their_reference, WARD_STR("P-1")));
	CHECK(ward_str_eq(package_of(id).sent_by, editor.actor));
	/* It is still there to be read. */
	CHECK_EQ(taken_out(id), WARD_OK);
	CHECK_EQ(row_of(id).state, FILING_ACKNOWLEDGED);
	CHECK_EQ(filing_retract(filing, &editor, ward_str_from(id), WARD_STR("x"), &error),
			WARD_E_CONFLICT);
	done();
}

static void what_was_changed_meanwhile_gets_no_package(void)
{
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(approved("nca", id));
	struct handing_step step = { .id = id, .row = row_of(id), .pages = true };

	/* A colleague takes it back while the package is being made. */
	CHECK_EQ(filing_retract(filing, &editor, ward_str_from(id), WARD_STR("x"), &error),
			WARD_OK);
	CHECK_EQ(store_write(store, keep_step, &step, &error), WARD_E_CONFLICT);
	CHECK_EQ(row_of(id).state, FILING_ABANDONED);
	CHECK_EQ(package_of(id).made_at, -1);
	done();
	CHECK(fresh());
	CHECK(approved("nca", id));
	step.row = row_of(id);
	CHECK_EQ(store_write(store, keep_step, &step, &error), WARD_OK);
	/* Nor is it made twice from one look. */
	CHECK_EQ(store_write(store, keep_step, &step, &error), WARD_E_CONFLICT);
	done();
}

static void a_false_date_or_no_words_are_refused(void)
{
	static char long_text[FILING_RECEIPT_MAX + 2];
	char id[ID_TEXT_MAX];

	memset(long_text, 'x', sizeof(long_text) - 1);
	CHECK(fresh());
	CHECK(approved("nca", id));
	CHECK_EQ(made(id, true), WARD_OK);
	CHECK_EQ(taken_out(id), WARD_OK);
	CHECK_EQ(sent(id, NOW + 1, "P-1", "by hand"), WARD_E_ARGUMENT);
	CHECK_EQ(sent(id, NOW - 2 * DAY, "P-1", "by hand"), WARD_E_ARGUMENT);
	CHECK_EQ(sent(id, NOW, "", "by hand"), WARD_E_ARGUMENT);
	CHECK_EQ(sent(id, NOW, "P-1", ""), WARD_E_ARGUMENT);
	CHECK_EQ(sent(id, NOW, "P-1", "\xff"), WARD_E_ARGUMENT);
	CHECK_EQ(sent(id, NOW, "P-1", long_text), WARD_E_LIMIT);
	CHECK_EQ(row_of(id).state, FILING_DOWNLOADED);
	CHECK_EQ(sent(id, NOW, "P-1", "by hand"), WARD_OK);
	CHECK_EQ(answered(id, ""), WARD_E_ARGUMENT);
	CHECK_EQ(answered(id, long_text), WARD_E_LIMIT);
	long_text[FILING_RECEIPT_MAX] = '\0';
	CHECK_EQ(answered(id, long_text), WARD_OK);
	done();
}

static ward_err again(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return filing_package_again(tx, &editor, ward_str_from(context),
			WARD_STR("it has fonts now"), failure);
}

static void one_without_pages_is_made_again_until_it_is_sent(void)
{
	char id[ID_TEXT_MAX], due[ID_TEXT_MAX];

	CHECK(fresh());
	CHECK(approved("nca", id));
	CHECK_EQ(made(id, false), WARD_OK);
	CHECK(ward_str_eq(row_of(id).alert, WARD_STR("pages")));
	CHECK_EQ(taken_out(id), WARD_OK);
	CHECK_EQ(store_write(store, again, id, &error), WARD_OK);
	CHECK(is_due(due));
	CHECK_EQ(made(id, true), WARD_OK);
	CHECK(row_of(id).alert.len == 0);
	CHECK_EQ(package_of(id).downloaded_at, 0);
	CHECK_EQ(store_write(store, again, id, &error), WARD_E_CONFLICT);
	done();
}

static void a_reference_is_one_authoritys(void)
{
	char id[ID_TEXT_MAX];
	bool made_new;

	CHECK(fresh());
	CHECK(drafted("nca", id));
	CHECK_EQ(filing_draft_keep(filing, &editor,
				 &(struct filing_draft_new){ .reference = WARD_STR("case-1"),
						 .draft = WARD_STR(DRAFT),
						 .job = row_of(id).job },
				 id, &made_new, &error),
			WARD_E_CONFLICT);
	done();
}

static void a_decision_for_one_approves_nothing_for_another(void)
{
	char id[ID_TEXT_MAX], other[ID_TEXT_MAX];
	bool made_new;

	CHECK(fresh());
	CHECK(drafted("nca", id));
	CHECK_EQ(filing_draft_keep(filing, &editor,
				 &(struct filing_draft_new){ .reference = WARD_STR("case-2"),
						 .draft = WARD_STR(DRAFT),
						 .job = row_of(id).job },
				 other, &made_new, &error),
			WARD_OK);
	CHECK_EQ(store_write(store, approve, other, &error), WARD_E_DENIED);
	CHECK_EQ(store_write(store, approve, id, &error), WARD_OK);
	done();
}

static void a_draft_of_a_test_is_approved_for_no_authority_in_production(void)
{
	struct filing_options tests = { .environment = FILING_TEST,
		.package_environment = FILING_TEST };
	char id[ID_TEXT_MAX];

	CHECK(fresh());
	struct filing *real = filing;

	tests.store = store;
	CHECK_EQ(filing_new(&tests, &filing, &error), WARD_OK);
	CHECK(drafted("nca", id));
	filing_free(filing);
	filing = real;
	CHECK_EQ(row_of(id).environment, FILING_TEST);
	CHECK_EQ(store_write(store, approve, id, &error), WARD_E_CONFLICT);
	CHECK_EQ(row_of(id).state, FILING_DRAFT);
	done();
}

static const struct test_case cases[] = {
	{ "a report for another authority is never NCMEC's, and one for NCMEC has no package",
			a_report_for_another_authority_is_never_ncmecs },
	{ "a package is made, taken out, sent and answered",
			a_package_is_made_taken_out_sent_and_answered },
	{ "what was changed meanwhile gets no package",
			what_was_changed_meanwhile_gets_no_package },
	{ "a false date or no words are refused", a_false_date_or_no_words_are_refused },
	{ "one without pages is made again, until it is sent",
			one_without_pages_is_made_again_until_it_is_sent },
	{ "a reference is one authority's", a_reference_is_one_authoritys },
	{ "a decision for one approves nothing for another",
			a_decision_for_one_approves_nothing_for_another },
	{ "a draft of a test is approved for no authority in production",
			a_draft_of_a_test_is_approved_for_no_authority_in_production },
};
TEST_MAIN(cases)
