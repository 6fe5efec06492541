#include "base/clock.h"
#include "base/log.h"
#include "portal/visit.h"

/*
 * Whoever gave the right words gets a page with a sealed text in it that stands
 * for them, good as long as a form is; so the words themselves are in no page.
 */
static ward_str seal_receipt(struct visit *visit, const struct receipt *receipt)
{
	struct draft draft = draft_new();
	char text[RECEIPT_TEXT_MAX];

	draft.words = ward_str_from(receipt_format(receipt, text));
	return draft_seal(&draft, visit->portal->visit_key, &visit->arena);
}

static bool open_receipt(struct visit *visit)
{
	struct draft draft;
	struct ward_error error = { 0 };

	if (draft_open(form_value(&visit->form, "token"), visit->portal->visit_key, clock_now(),
			    &visit->arena, &draft, &error) != WARD_OK ||
			!receipt_from_text(draft.words, &visit->receipts[0]))
		return false;
	visit->receipt_count = 1;
	visit->draft = draft;
	return true;
}

/* ---- pages ---- */

static void write_back(struct visit *visit, unsigned status, const enum say *notice)
{
	struct frame frame = visit_frame(visit, SAY_BACK_TITLE);
	ward_str typed = form_value(&visit->form, "code");
	struct page_back page = {
		.noticed = notice != NULL,
		.notice = notice ? *notice : SAY_BACK_WRONG,
		.code = typed.len <= 400 ? typed : WARD_STR(""),
	};

	visit_begin(visit, status);
	page_back(&visit->page, &frame, &page);
}

static const struct message_line *message_lines(struct visit *visit,
		const struct portal_message *messages, size_t count)
{
	struct message_line *lines = ward_new(&visit->arena, struct message_line, count + 1);

	for (size_t i = 0; lines && i < count; i++) {
		char when[CLOCK_TEXT_MAX];

		clock_format(messages[i].at, when);
		/* The day is enough, and is the same in every language. */
		lines[i].text = messages[i].text;
		lines[i].date = ward_arena_str(&visit->arena,
				(ward_str){ when, strlen(when) < 10 ? strlen(when) : 10 });
	}
	return lines;
}

static void write_answer(struct visit *visit, const struct receipt *receipt,
		const struct portal_answer *answer, const enum say *notice)
{
	static const enum say states[] = { SAY_ANSWER_RECEIVED, SAY_ANSWER_READING, SAY_ANSWER_DONE,
		SAY_ANSWER_WITHDRAWN };
	struct frame frame = visit_frame(visit, SAY_ANSWER_TITLE);
	struct page_answer page = {
		.noticed = notice != NULL,
		.notice = notice ? *notice : SAY_ANSWER_ADDED,
		.state = states[answer->state],
		.unanswered = answer->answer_count == 0,
		.added = answer->addition_count > 0,
		.open = answer->state != PORTAL_WITHDRAWN,
		.answers = message_lines(visit, answer->answers, answer->answer_count),
		.answers_count = answer->answer_count,
		.additions = message_lines(visit, answer->additions, answer->addition_count),
		.additions_count = answer->addition_count,
		.token = seal_receipt(visit, receipt),
		/* Words that were not taken are still there. */
		.too_long = visit->too_long,
		.words = visit->too_long ? visit->words : WARD_STR(""),
		.words_max = visit_number(visit, DRAFT_WORDS_MAX),
	};

	if (!page.answers || !page.additions || !page.token.ptr) {
		visit_problem(visit, 503, SAY_PROBLEM_BUSY);
		return;
	}
	frame.sealed = true;
	visit_begin(visit, 200);
	page_answer(&visit->page, &frame, &page);
}

/* ---- on the clerk's thread ---- */

/* Adds or takes back what the form says; `notice` says how it went. */
static ward_err act(struct visit *visit, const char *receipt, enum say *notice,
		struct ward_error *error)
{
	const struct portal_intake *intake = &visit->portal->intake;

	if (visit->withdraw)
		return intake->withdraw(intake->context, receipt, error);
	*notice = SAY_ANSWER_ADDED;
	return intake->add(intake->context, receipt, visit->once, visit->words, error);
}

static ward_err look(struct visit *visit, const struct receipt *receipt, const enum say *said,
		struct ward_error *error)
{
	const struct portal_intake *intake = &visit->portal->intake;
	char text[RECEIPT_TEXT_MAX];
	struct portal_answer answer = { 0 };
	enum say notice = SAY_ANSWER_WITHDRAWN;
	ward_err err = WARD_OK;

	receipt_format(receipt, text);
	if (visit->add || visit->withdraw)
		err = act(visit, text, &notice, error);
	if (!err)
		err = intake->read(intake->context, text, &visit->arena, &answer, error);
	if (!err)
		write_answer(visit, receipt, &answer,
				visit->add || visit->withdraw ? &notice : said);
	return err;
}

static void open_report(struct visit *visit, const enum say *said)
{
	static const enum say wrong = SAY_BACK_WRONG, failed = SAY_BACK_FAILED;
	struct ward_error error = { 0 };
	ward_err err = WARD_E_NOT_FOUND;

	for (size_t i = 0; err == WARD_E_NOT_FOUND && i < visit->receipt_count; i++)
		err = look(visit, &visit->receipts[i], said, &error);
	if (!err && visit->guessed)
		gate_give(&visit->portal->guesses); /* it was no guess */
	if (err == WARD_E_NOT_FOUND) {
		write_back(visit, 200, &wrong);
	} else if (err) {
		log_error("portal_intake", "what=read code=%s", ward_err_name(err));
		write_back(visit, 503, &failed);
	}
}

static void errand_open(struct visit *visit)
{
	open_report(visit, NULL);
}

static void errand_need_words(struct visit *visit)
{
	static const enum say need = SAY_ANSWER_ADD_NEED;

	open_report(visit, &need);
}

static void errand_need_sure(struct visit *visit)
{
	static const enum say need = SAY_ANSWER_WITHDRAW_NEED;

	open_report(visit, &need);
}

/* ---- on a network thread ---- */

void handle_back(struct visit *visit)
{
	write_back(visit, 200, NULL);
}

static void begin_add(struct visit *visit)
{
	visit->words = ward_str_trim(form_value(&visit->form, "words"));
	visit->too_long = form_length(visit->words) > DRAFT_WORDS_MAX;
	visit->add = visit->words.len > 0 && !visit->too_long;
	if (!visit->add)
		visit->errand = visit->too_long ? errand_open : errand_need_words;
	else if (visit_sends(visit, &visit->draft,
				 (ward_bytes){ (const uint8_t *)visit->words.ptr,
						 visit->words.len }))
		visit->errand = errand_open;
}

static void begin_withdraw(struct visit *visit)
{
	visit->withdraw = ward_str_eq(form_value(&visit->form, "sure"), WARD_STR("yes"));
	visit->errand = visit->withdraw ? errand_open : errand_need_sure;
}

void handle_back_form(struct visit *visit)
{
	static const enum say wrong = SAY_BACK_WRONG, old = SAY_STEP_OLD, many = SAY_BACK_MANY;
	ward_str go = form_value(&visit->form, "go");
	bool add = ward_str_eq(go, WARD_STR("add"));
	bool withdraw = ward_str_eq(go, WARD_STR("withdraw"));

	if (add || withdraw) {
		if (!open_receipt(visit))
			write_back(visit, 200, &old);
		else if (add)
			begin_add(visit);
		else
			begin_withdraw(visit);
		return;
	}
	visit->receipt_count = receipt_hear(form_value(&visit->form, "code"), visit->receipts);
	/* Before it is looked up: that takes intake some ten milliseconds, on purpose. */
	if (visit->receipt_count == 0) {
		write_back(visit, 200, &wrong);
	} else if (gate_take(&visit->portal->guesses, 0) > 0) {
		visit_is_full(visit, "guesses");
		write_back(visit, 503, &many);
		visit->retry_after_s = 1;
	} else {
		visit->guessed = true;
		visit->errand = errand_open;
	}
}
