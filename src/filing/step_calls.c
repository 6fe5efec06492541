/* The calls, and what their answers mean for the report. */
#include "filing/step.h"

static void begin(struct step *step, enum filing_call call, const char *name, step_after *after)
{
	step->request.call = call;
	step->request.report_id = (uint64_t)step->row.report;
	step->after = after;
	step->call = (struct filing_call_row){ .call = ward_str_from(name),
		.report = step->row.report,
		.file = step->has_file ? step->file.number : -1 };
}

/* What is the same for all: our access, and a refusal. */
static void refused(struct step *step)
{
	step_fail(step, step->verdict == VERDICT_ACCESS ? "access" : "refused", step->why);
}

/* ---- submit ---- */

static ward_err after_submit(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	ward_err err = step_clear(step, tx, error);

	step->row.state = FILING_APPROVED;
	switch (step->verdict) {
	case VERDICT_OK:
		step->row.state = FILING_OPEN;
		step->row.report = (int64_t)step->reply.report_id;
		step->row.opened_at = step->row.touched_at = step->now;
		step->row.message = WARD_STR("");
		step->log = "report.opened";
		break;
	case VERDICT_LATER:
	case VERDICT_UNKNOWN: /* one that was opened ends unfinished */
		step_later(step);
		break;
	case VERDICT_ACCESS:
	case VERDICT_REFUSED:
	case VERDICT_GONE:
	case VERDICT_DONE:
		refused(step);
		break;
	}
	return err;
}

static ward_err evidence_missing(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	step->row.alert = WARD_STR("evidence");
	step->row.message = step->why;
	step->row.due_at = step->now + filing_wait_s(1);
	return WARD_OK;
}

static ward_err rule_broken(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	step_fail(step, "check", step->why);
	return WARD_OK;
}

static ward_err give_way(struct step *step, step_after *after, const struct ward_error *cause,
		struct ward_error *error)
{
	step->why = ward_str_from(ward_arena_printf(step->arena, "%s", cause->message));
	return step_change(step, after, error);
}

ward_err step_submit(struct step *step, struct ward_error *error)
{
	struct ward_error cause;

	if (send_report(step, &step->request.document, &cause))
		return give_way(step, rule_broken, &cause, error);
	/* Nothing is opened that could not be filled. */
	if (send_probe(step, &cause))
		return give_way(step, evidence_missing, &cause, error);
	step->row.state = FILING_OPENING;
	if (ward_str_eq(step->row.alert, WARD_STR("evidence")))
		step->row.alert = WARD_STR("");
	begin(step, FILING_CALL_SUBMIT, "submit", after_submit);
	step->call.sent = (ward_bytes){ (const uint8_t *)step->request.document.ptr,
		step->request.document.len };
	return step_call(step, error);
}

/* ---- upload ---- */

static const struct filing_file *file_of(const struct step *step)
{
	const struct filing_file *file = step->draft.files;

	while (file && file->index != (unsigned)step->file.number)
		file = file->next;
	return file;
}

/* The bytes that were sent are those that the draft speaks of. */
static bool same_as_draft(const struct step *step)
{
	const struct filing_file *file = file_of(step);

	return file && (file->md5.len == 0 || ward_str_eq_nocase(file->md5, step->md5)) &&
	       (file->sha256.len == 0 || ward_str_eq_nocase(file->sha256, step->sha256));
}

static ward_err keep_file(struct step *step, struct store_tx *tx, const char *state,
		struct ward_error *error)
{
	step->file.state = ward_str_from(state);
	step->row.touched_at = step->now;
	return rows_file_update(tx, step->row.id, &step->file, error);
}

static ward_err uploaded(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	step->row.message = WARD_STR("");
	step->file.file = step->reply.file_id;
	step->file.md5 = step->md5;
	ward_err err = keep_file(step, tx, "sent", error);

	if (!same_as_draft(step))
		step_fail(step, "evidence",
				WARD_STR("An item is not what it was when the report was "
					 "written."));
	else if (!ward_str_eq_nocase(step->reply.hash, step->md5))
		step_restart(step, "NCMEC received other bytes than were sent.");
	return err;
}

/* What is the same while a report is being filled; `again` is the state in which to try again. */
static ward_err not_filled(struct step *step, struct store_tx *tx, const char *again,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	switch (step->verdict) {
	case VERDICT_LATER:
		step->file.state = ward_str_from(again);
		err = rows_file_update(tx, step->row.id, &step->file, error);
		step_later(step);
		break;
	case VERDICT_OK:
	case VERDICT_UNKNOWN:
		step_restart(step, step->answer.read_failed
						   ? "An item could not be read to its end."
						   : "An answer was lost, so what the report holds "
						     "is not "
						     "known.");
		break;
	case VERDICT_GONE:
		step_restart(step, "NCMEC has no such report any more.");
		break;
	case VERDICT_ACCESS:
	case VERDICT_REFUSED:
		refused(step);
		break;
	case VERDICT_DONE:
		step_finished(step, "receipt_missing");
		break;
	}
	return err;
}

static ward_err after_upload(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	return step->verdict == VERDICT_OK ? uploaded(step, tx, error)
					   : not_filled(step, tx, "waiting", error);
}

/* The next file in this state, to be written in another before the call. */
static ward_err next_file(struct step *step, const char *state, const char *then,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(step->filing->options.store, &tx, error);

	if (err)
		return err;
	err = rows_file(tx, step->row.id, state, step->arena, &step->file, error);
	store_read_end(tx);
	step->file.state = ward_str_from(then);
	step->has_file = !err;
	return err;
}

static ward_err evidence_gone(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	step_later(step);
	return WARD_OK;
}

ward_err step_upload(struct step *step, struct ward_error *error)
{
	struct ward_error cause;
	ward_err err = next_file(step, "waiting", "sending", error);

	if (err)
		return err;
	if (send_probe(step, &cause))
		return give_way(step, evidence_gone, &cause, error);
	begin(step, FILING_CALL_UPLOAD, "upload", after_upload);
	return step_call(step, error);
}

/* ---- fileinfo ---- */

static ward_err after_fileinfo(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	if (step->verdict != VERDICT_OK)
		return not_filled(step, tx, "sent", error);
	step->row.message = WARD_STR("");
	return keep_file(step, tx, "told", error);
}

ward_err step_fileinfo(struct step *step, struct ward_error *error)
{
	const struct filing_source *source = &step->filing->options.source;
	struct ward_error cause;
	ward_err err = next_file(step, "sent", "telling", error);

	if (err)
		return err;
	/* Asked now, not when the draft was written: what counts is what was seen by this moment.
	 */
	if (source->exposure(source->context, step->file.item, &step->file.viewed,
			    &step->file.exif_viewed, &cause))
		return give_way(step, evidence_gone, &cause, error);
	if (send_details(step, &step->request.document, &cause))
		return give_way(step, rule_broken, &cause, error);
	begin(step, FILING_CALL_FILEINFO, "fileinfo", after_fileinfo);
	step->call.sent = (ward_bytes){ (const uint8_t *)step->request.document.ptr,
		step->request.document.len };
	return step_call(step, error);
}

/* ---- finish ---- */

static ward_err after_finish(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	(void)tx;
	(void)error;
	switch (step->verdict) {
	case VERDICT_OK:
		step->log_digest = filing_sha256(step->arena, step->call.reply);
		step_finished(step, "");
		break;
	case VERDICT_DONE:
		step_finished(step, "receipt_missing");
		break;
	case VERDICT_LATER:
	case VERDICT_UNKNOWN: /* asked again, which does nothing twice */
		step_later(step);
		break;
	case VERDICT_GONE: /* one that was finished would say so, and so would its retraction */
		step_restart(step, "NCMEC has no such report any more.");
		break;
	case VERDICT_ACCESS:
	case VERDICT_REFUSED:
		refused(step);
		break;
	}
	return WARD_OK;
}

ward_err step_finish(struct step *step, struct ward_error *error)
{
	begin(step, FILING_CALL_FINISH, "finish", after_finish);
	return step_call(step, error);
}

/* ---- retract ---- */

static ward_err retracted(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	ward_str then = step->row.wish.len > 0 ? WARD_STR("retracted") : step->row.after_retract;
	ward_err err = step_clear(step, tx, error);

	step->row.wish = step->row.after_retract = WARD_STR("");
	if (ward_str_eq(then, WARD_STR("again")) && step->row.tries < FILING_TRIES_MAX) {
		step->row.state = FILING_APPROVED;
		/* Once at once; an installation that fails again and again waits longer. */
		step->row.due_at = step->row.tries <= 1
						   ? step->now
						   : step->now + filing_wait_s(step->row.tries - 1);
		step->log = "report.begun_anew";
	} else if (ward_str_eq(then, WARD_STR("retracted"))) {
		step->row.state = FILING_RETRACTED;
		step->log = "report.retracted";
	} else {
		step->row.state = FILING_FAILED;
		if (step->row.alert.len == 0)
			step->row.alert = WARD_STR("tries");
		step->log = "report.failed";
	}
	return err;
}

static ward_err after_retract(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	switch (step->verdict) {
	case VERDICT_OK:
	case VERDICT_GONE:
		return retracted(step, tx, error);
	case VERDICT_DONE:
		step_finished(step, "receipt_missing");
		break;
	case VERDICT_LATER:
	case VERDICT_UNKNOWN:
		step_later(step);
		break;
	case VERDICT_ACCESS:
	case VERDICT_REFUSED:
		refused(step);
		break;
	}
	return WARD_OK;
}

ward_err step_retract(struct step *step, struct ward_error *error)
{
	begin(step, FILING_CALL_RETRACT, "retract", after_retract);
	return step_call(step, error);
}
