/* What the tests of reports for other authorities share: one of a job, approved upon a decision. */
#ifndef FILING_HANDED_TEST_H
#define FILING_HANDED_TEST_H

#include "desk/desk_test.h"
#include "filing/handover.h"

#define DRAFT                                                                                \
	"{\"report\":{\"incidentSummary\":{\"incidentType\":\"Misleading Domain Name\","     \
	"\"incidentDateTime\":\"2026-01-01T00:00:00Z\"},\"reporter\":{\"reportingPerson\":{" \
	"\"email\":\"desk@harbour.example\"}}}}"

enum { NOW = 1800000000, DAY = 86400 };

static struct store *store;
static struct filing *filing;
static const struct filing_actor editor = { TEXT("person:p-anna"), TEXT("reviewer") };

static inline bool fresh(void)
{
	struct filing_options options = { .environment = FILING_TEST,
		.package_environment = FILING_PRODUCTION };

	clock_fake_set(NOW);
	ward_arena_init(&arena, 64 << 20);
	options.store = store = store_fresh();
	return filing_new(&options, &filing, &error) == WARD_OK;
}

static inline void done(void)
{
	filing_free(filing);
	store_free(store);
	ward_arena_free(&arena);
}

static inline struct filing_row row_of(const char *id)
{
	struct filing_row row = { .state = FILING_STATE_COUNT };

	if (filing_get(filing, ward_str_from(id), &arena, &row, &error))
		row.state = FILING_STATE_COUNT;
	return row;
}

static inline ward_err run_sql(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return store_run(tx, context, STORE_VALUES(store_int(0)), NULL, failure);
}

/* One number; -1 with an error. */
static inline int64_t number_of(const char *sql)
{
	struct store_rows *rows;
	struct store_tx *tx;
	int64_t number = -1;

	if (store_read(store, &tx, &error))
		return -1;
	if (store_one(tx, sql, (struct store_values){ 0 }, &rows, &error) == WARD_OK) {
		number = store_get_int(rows, 0);
		if (store_rows_end(rows, &error))
			number = -1;
	}
	store_read_end(tx);
	return number;
}

struct deciding {
	char parameters[128];
	char job[ID_TEXT_MAX];
};

static inline ward_err decide(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct deciding *deciding = context;
	const struct desk_asked_action report = { TEXT("report"),
		ward_str_from(deciding->parameters) };
	char decision[ID_TEXT_MAX];

	make_policy(tx, "harm", false, 0);
	arrive(tx, "a", "", 50, false);
	ward_err err = take(tx, &anna, deciding->job);
	struct desk_asked asked = violation(deciding->job, "harm");

	asked.actions = &report;
	asked.action_count = 1;
	return err ? err : desk_decide(tx, &anna, &asked, decision, failure);
}

static inline ward_err approve(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct filing_approval approval = { TEXT("p-anna"), TEXT("seen"), TEXT(""), TEXT("") };
	unsigned left;

	return filing_approve_within(filing, tx, &editor, ward_str_from(context), &approval, &left,
			failure);
}

/* A draft for the authority, of a job whose decision asks for a report to it. */
static inline bool drafted(const char *authority, char id[ID_TEXT_MAX])
{
	struct deciding deciding = { .job = "" };
	bool made;

	snprintf(deciding.parameters, sizeof(deciding.parameters),
			"{\"authority\":\"%s\",\"incident\":\"one\"}", authority);
	return store_write(store, decide, &deciding, &error) == WARD_OK &&
	       filing_draft_keep(filing, &editor,
			       &(struct filing_draft_new){ .reference = WARD_STR("case-1"),
					       .draft = WARD_STR(DRAFT),
					       .job = ward_str_from(deciding.job),
					       .authority = ward_str_from(authority) },
			       id, &made, &error) == WARD_OK;
}

static inline bool approved(const char *authority, char id[ID_TEXT_MAX])
{
	return drafted(authority, id) && store_write(store, approve, id, &error) == WARD_OK;
}

/* ---- the steps of a package, each a work of its own ---- */

struct handing_step {
	const char *id;
	struct filing_row row;
	bool pages;
	const char *text, *way;
	int64_t at;
};

static inline ward_err keep_step(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct handing_step *step = context;
	struct filing_package_made made = { TEXT("item-1"), TEXT("00ff"), 512, step->pages };

	return filing_package_keep(tx, &editor, &step->row, &made, failure);
}

static inline ward_err made(const char *id, bool pages)
{
	struct handing_step step = { .id = id, .row = row_of(id), .pages = pages };

	return store_write(store, keep_step, &step, &error);
}

static inline ward_err take_out(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct handing_step *step = context;

	return filing_downloaded(tx, &editor, ward_str_from(step->id), WARD_STR("to hand it over"),
			failure);
}

static inline ward_err taken_out(const char *id)
{
	struct handing_step step = { .id = id };

	return store_write(store, take_out, &step, &error);
}

static inline ward_err send(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct handing_step *step = context;
	struct filing_sending sending = { step->at, ward_str_from(step->text),
		ward_str_from(step->way) };

	return filing_mark_sent(tx, &editor, ward_str_from(step->id), &sending, failure);
}

static inline ward_err sent(const char *id, int64_t at, const char *reference, const char *way)
{
	struct handing_step step = { .id = id, .at = at, .text = reference, .way = way };

	return store_write(store, send, &step, &error);
}

static inline ward_err answer(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct handing_step *step = context;

	return filing_acknowledge(tx, &editor, ward_str_from(step->id), ward_str_from(step->text),
			failure);
}

static inline ward_err answered(const char *id, const char *text)
{
	struct handing_step step = { .id = id, .text = text };

	return store_write(store, answer, &step, &error);
}

#endif
