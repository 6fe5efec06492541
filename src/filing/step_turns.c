#include "filing/step.h"

void step_later(struct step *step)
{
	int64_t max = step->row.state == FILING_RETRACTING ? FILING_RETRACT_TRIES_MAX
							   : FILING_TRIES_MAX;

	step->row.tries++;
	step->row.due_at = step->now + filing_wait_s(step->row.tries);
	step->row.message = step->why;
	if (step->row.tries >= max)
		step_fail(step, "tries", step->why);
}

void step_restart(struct step *step, const char *message)
{
	step->row.tries++;
	step->row.message = ward_str_from(message);
	if (step->row.tries >= FILING_TRIES_MAX) {
		step_fail(step, "tries", step->row.message);
		return;
	}
	step->row.state = FILING_RETRACTING;
	step->row.after_retract = WARD_STR("again");
	step->row.due_at = step->now;
}

/*
 * A report that we may not touch is left: NCMEC deletes it unfinished.  Its
 * number is kept, so that sending again asks for it to be retracted first.
 */
void step_fail(struct step *step, const char *alert, ward_str message)
{
	bool open = step->row.report > 0 && step->row.state != FILING_RETRACTING &&
		    strcmp(alert, "access") != 0;

	step->row.alert = ward_str_from(alert);
	step->row.message = message;
	step->row.state = open ? FILING_RETRACTING : FILING_FAILED;
	step->row.after_retract = open ? WARD_STR("failed") : WARD_STR("");
	step->row.due_at = step->now;
	if (open) {
		step->row.tries = 0;
		return;
	}
	/* Nothing is done by itself any more, so what a person wants next is what counts: a wish
	 * that was kept would give up the report that somebody sends again. */
	step->row.wish = WARD_STR("");
	step->log = "report.failed";
}

void step_finished(struct step *step, const char *alert)
{
	bool wanted_back = step->row.wish.len > 0 ||
			   ward_str_eq(step->row.after_retract, WARD_STR("retracted"));

	step->row.state = FILING_FINISHED;
	step->row.finished_at = step->now;
	step->row.alert = ward_str_from(alert);
	step->row.message = wanted_back ? WARD_STR("It was finished before it could be retracted.")
					: WARD_STR("");
	step->row.wish = step->row.after_retract = WARD_STR("");
	step->log = "report.filed";
}

ward_err step_clear(struct step *step, struct store_tx *tx, struct ward_error *error)
{
	step->row.report = 0;
	step->row.opened_at = step->row.touched_at = 0;
	return rows_files_reset(tx, step->row.id, error);
}
