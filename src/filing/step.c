#include "filing/step.h"

#include "base/clock.h"

/* Longer than a small call may take; a file's call says how it goes by itself. */
enum { BUSY_S = 300, BUSY_FILE_S = 6 * 3600, CONCLUDE_TRIES = 8 };

static const struct filing_actor itself = { { "system", 6 }, { "", 0 } };

/* ---- a change without a call ---- */

struct changing {
	struct step *step;
	step_after *after;
};

static ward_err log_step(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	return step->log ? filing_log(tx, &itself, step->log, &step->row,
					   &(struct filing_log_words){ .digest = step->log_digest },
					   error)
			 : WARD_OK;
}

static ward_err change_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct changing *changing = context;
	struct step *step = changing->step;
	struct filing_row before = step->row;

	step->log = NULL;
	step->log_digest = WARD_STR("");
	ward_err err = rows_calls_lost(tx, step->row.id, error);

	step->row.busy_until = 0;
	if (!err)
		err = changing->after(step, tx, error);
	if (!err)
		err = rows_update(tx, &step->row, error);
	if (!err)
		err = log_step(step, tx, error);
	/* It may be called again, and begins from the same row then. */
	step->row = before;
	return err;
}

ward_err step_change(struct step *step, step_after *after, struct ward_error *error)
{
	struct changing changing = { step, after };

	return store_write(step->filing->options.store, change_work, &changing, error);
}

/* ---- a call: what is about to be done ---- */

static ward_err begin_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct step *step = context;
	struct filing_row row = step->row;

	row.busy_until = step->now +
			 (step->request.call == FILING_CALL_UPLOAD ? BUSY_FILE_S : BUSY_S);
	ward_err err = rows_update(tx, &row, error);

	if (!err && step->has_file)
		err = rows_file_update(tx, row.id, &step->file, error);
	if (!err)
		err = rows_calls_lost(tx, row.id, error);
	return err ? err : rows_call_begin(tx, row.id, &step->call, &step->call.number, error);
}

/* ---- what came of it ---- */

static enum verdict judge(struct step *step)
{
	enum verdict unknown =
			step->answer.outcome == FILING_NOT_SENT ? VERDICT_LATER : VERDICT_UNKNOWN;
	struct ward_error error = { 0 };

	if (filing_answer_read(step->arena, step->request.call, &step->answer, &step->reply,
			    &error)) {
		char *why = ward_arena_printf(step->arena, "%s", error.message);

		step->why = ward_str_from(why);
		return unknown;
	}
	struct filing_code code = filing_code_of(step->reply.code);

	/* Whatever it says, it is not of what we asked for. */
	if (step->request.report_id > 0 && step->reply.report_id > 0 &&
			step->reply.report_id != step->request.report_id) {
		step->why = WARD_STR("the answer is about another report");
		return unknown;
	}
	step->why = ward_str_from(ward_arena_printf(step->arena, "NCMEC answered %d: %s", code.code,
			code.means));
	if (code.class == FILING_CODE_OK)
		return VERDICT_OK;
	if (code.class == FILING_CODE_SERVER)
		return VERDICT_LATER;
	if (code.class == FILING_CODE_AUTH)
		return VERDICT_ACCESS;
	if (code.code == FILING_CODE_NO_REPORT || code.code == FILING_CODE_RETRACTED)
		return VERDICT_GONE;
	return code.code == FILING_CODE_FINISHED ? VERDICT_DONE : VERDICT_REFUSED;
}

static void fill_call(struct step *step)
{
	const struct filing_answer *answer = &step->answer;

	step->call.outcome = ward_str_from(filing_outcome_name(answer->outcome));
	step->call.status = answer->status;
	step->call.code = step->verdict == VERDICT_UNKNOWN || answer->outcome != FILING_ANSWERED
					  ? -1
					  : step->reply.code;
	step->call.request_id = ward_str_from(answer->request_id);
	step->call.reply = (ward_bytes){ (const uint8_t *)answer->body.ptr, answer->body.len };
	if (step->request.call == FILING_CALL_SUBMIT && step->verdict == VERDICT_OK)
		step->call.report = (int64_t)step->reply.report_id;
}

struct concluding {
	struct step *step;
	bool ours; /* nobody has called the call lost meanwhile */
};

/*
 * Begins from the row as it is now, because a person may have asked for it
 * back meanwhile.  When somebody else has taken the report over, the answer is
 * kept with its call and nothing else is changed.
 */
static ward_err conclude_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct concluding *concluding = context;
	struct step *step = concluding->step;
	ward_err err = rows_call_end(tx, step->row.id, &step->call, &concluding->ours, error);

	step->log = NULL;
	step->log_digest = WARD_STR("");
	if (err || !concluding->ours)
		return err;
	err = rows_get(tx, step->row.id, step->arena, &step->row, error);
	if (err)
		return err;
	step->row.busy_until = 0;
	if (step->verdict != VERDICT_OK && step->call.code > 0)
		step->row.code = step->call.code;
	err = step->after(step, tx, error);
	if (!err)
		err = rows_update(tx, &step->row, error);
	return err ? err : log_step(step, tx, error);
}

static ward_err conclude(struct step *step, struct ward_error *error)
{
	struct concluding concluding = { step, false };
	ward_err err = WARD_E_CONFLICT;

	step->now = clock_now();
	for (int i = 0; i < CONCLUDE_TRIES && err == WARD_E_CONFLICT; i++)
		err = store_write(step->filing->options.store, conclude_work, &concluding, error);
	if (!err && !concluding.ours)
		return ward_fail(error, WARD_E_CONFLICT, "somebody else is at this report");
	return err;
}

ward_err step_call(struct step *step, struct ward_error *error)
{
	struct sending *sending = NULL;
	ward_err err = WARD_OK;

	if (step->request.call == FILING_CALL_UPLOAD)
		err = sending_open(step, &sending, error);
	if (!err)
		err = store_write(step->filing->options.store, begin_work, step, error);
	if (err) {
		sending_close(step, sending);
		return err;
	}
	step->request.read = sending_read;
	step->request.context = sending;
	filing_wire_call(step->filing->options.wire, &step->request, &step->answer);
	sending_close(step, sending);
	step->verdict = judge(step);
	fill_call(step);
	err = conclude(step, error);
	filing_answer_free(&step->answer);
	return err;
}

/* ---- which step ---- */

static ward_err cut_off_while_opening(struct step *step, struct store_tx *tx,
		struct ward_error *error)
{
	(void)tx;
	(void)error;
	step->row.state = FILING_APPROVED;
	step->row.tries++;
	step->row.message = WARD_STR("A report may be open at NCMEC whose number never reached us; "
				     "NCMEC deletes it unfinished.");
	step->row.due_at = step->now;
	if (step->row.tries >= FILING_TRIES_MAX)
		step_fail(step, "tries", step->row.message);
	return WARD_OK;
}

static ward_err cut_off_while_filling(struct step *step, struct store_tx *tx,
		struct ward_error *error)
{
	(void)tx;
	(void)error;
	step_restart(step, "A call was cut off, so what the report holds is not known.");
	return WARD_OK;
}

static ward_err too_old(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	step_restart(step, "The report was open for too long.");
	return WARD_OK;
}

static ward_err abandon(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	step->row.state = FILING_ABANDONED;
	step->row.wish = WARD_STR("");
	step->log = "report.abandoned";
	return WARD_OK;
}

static ward_err take_back(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	step->row.state = FILING_RETRACTING;
	step->row.after_retract = WARD_STR("retracted");
	/* From here on it is what the report is about, and waits like any other try. */
	step->row.wish = WARD_STR("");
	step->row.due_at = step->now;
	step->row.tries = 0;
	return WARD_OK;
}

static ward_err move_on(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	step->row.state = step->row.files_sent < step->row.files   ? FILING_UPLOADING
			  : step->row.files_told < step->row.files ? FILING_DETAILING
								   : FILING_FINISHING;
	return WARD_OK;
}

/* A file whose call was begun and has no end: the program was cut off in between. */
static ward_err find_cut_off(struct step *step, bool *cut_off, struct ward_error *error)
{
	struct filing_file_row file;
	struct store_tx *tx;
	ward_err err = store_read(step->filing->options.store, &tx, error);

	if (err)
		return err;
	err = rows_file(tx, step->row.id, "sending", step->arena, &file, error);
	if (err == WARD_E_NOT_FOUND)
		err = rows_file(tx, step->row.id, "telling", step->arena, &file, error);
	store_read_end(tx);
	*cut_off = err == WARD_OK;
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static ward_err step_open(struct step *step, struct ward_error *error)
{
	bool cut_off = false;
	ward_err err = find_cut_off(step, &cut_off, error);

	if (err)
		return err;
	if (step->row.wish.len > 0)
		return step_change(step, take_back, error);
	if (cut_off)
		return step_change(step, cut_off_while_filling, error);
	if (step->now >= filing_expires_at(step->row.opened_at, step->row.touched_at))
		return step_change(step, too_old, error);
	if (step->row.state == FILING_UPLOADING && step->row.files_sent < step->row.files)
		return step_upload(step, error);
	if (step->row.state == FILING_DETAILING && step->row.files_told < step->row.files)
		return step_fileinfo(step, error);
	return step_change(step, move_on, error);
}

static ward_err choose(struct step *step, struct ward_error *error)
{
	switch (step->row.state) {
	case FILING_APPROVED:
		return step->row.wish.len > 0 ? step_change(step, abandon, error)
					      : step_submit(step, error);
	case FILING_OPENING:
		return step_change(step, cut_off_while_opening, error);
	case FILING_OPEN:
	case FILING_UPLOADING:
	case FILING_DETAILING:
		return step_open(step, error);
	case FILING_FINISHING:
		return step->row.wish.len > 0 ? step_change(step, take_back, error)
					      : step_finish(step, error);
	case FILING_RETRACTING:
		return step->row.wish.len > 0 ? step_change(step, take_back, error)
					      : step_retract(step, error);
	case FILING_DRAFT:
	case FILING_FINISHED:
	case FILING_RETRACTED:
	case FILING_ABANDONED:
	case FILING_FAILED:
	case FILING_READY:
	case FILING_DOWNLOADED:
	case FILING_SENT:
	case FILING_ACKNOWLEDGED:
	case FILING_STATE_COUNT:
		break;
	}
	return WARD_OK;
}

/* Times far ahead were written by a clock that was wrong, and hold nothing up. */
static bool is_due(const struct step *step)
{
	int64_t due = step->row.due_at;

	return step->row.wish.len > 0 || due <= step->now ||
	       due > step->now + filing_wait_s(FILING_TRIES_MAX);
}

static bool is_busy(const struct step *step)
{
	int64_t until = step->row.busy_until;

	return !step->filing->options.alone && until > step->now &&
	       until <= step->now + BUSY_FILE_S;
}

static bool is_ours(const struct step *step)
{
	enum filing_share share = step->filing->options.share;

	return share == FILING_ALL || (share == FILING_OF_JOBS) == (step->row.job.len > 0);
}

static ward_err read_step(struct step *step, ward_str id, struct ward_error *error)
{
	struct filing_findings findings = { .arena = step->arena };
	ward_err err = filing_get(step->filing, id, step->arena, &step->row, error);

	if (err)
		return err;
	/* Whatever state it is in: it is not NCMEC's to learn of. */
	if (!filing_row_is_ncmec(&step->row))
		return ward_fail(error, WARD_E_CONFLICT,
				"this report is for another authority: it is handed over by a "
				"person");
	if (step->row.environment != step->filing->options.environment)
		return ward_fail(error, WARD_E_CONFLICT, "this report is of the %s environment",
				filing_environment_name(step->row.environment));
	if (!is_ours(step))
		return ward_fail(error, WARD_E_CONFLICT,
				step->row.job.len > 0
						? "this report is of a job: wardd sends it"
						: "this report was made by hand: \"ward report "
						  "send\" sends it");
	return filing_draft_read(step->arena, step->row.draft, &step->draft, &findings, error);
}

ward_err filing_step(struct filing *filing, ward_str id, bool *more, struct ward_error *error)
{
	struct ward_arena arena;
	struct step step = { .filing = filing,
		.arena = &arena,
		.now = clock_now(),
		.why = WARD_STR("") };

	if (!filing->options.wire)
		return ward_fail(error, WARD_E_ARGUMENT, "nothing is sent without an account");
	ward_arena_init(&arena, (size_t)256 << 20);
	ward_err err = read_step(&step, id, error);

	*more = false;
	if (!err && is_busy(&step))
		err = ward_fail(error, WARD_E_CONFLICT, "somebody else is at this report");
	else if (!err && !filing_state_final(step.row.state) && is_due(&step))
		err = choose(&step, error);
	if (!err)
		err = filing_get(filing, id, &arena, &step.row, error);
	step.now = clock_now();
	if (!err)
		*more = !filing_state_final(step.row.state) && is_due(&step);
	ward_arena_free(&arena);
	return err;
}
