/*
 * step.h - one step of sending; for this module alone
 *
 * A step is: a work that says what is about to be done, the call, and a work
 * that says what came of it (step.c); which call, and what its answer means
 * for the report, is in step_calls.c; what is sent in step_send.c.
 */
#ifndef FILING_STEP_H
#define FILING_STEP_H

#include "filing/log.h"
#include "filing/rows.h"

/* What an answer means for whoever waits for it. */
enum verdict {
	VERDICT_OK,
	VERDICT_LATER,   /* it was not done; try again */
	VERDICT_UNKNOWN, /* it may have been done */
	VERDICT_ACCESS,  /* we are not let in */
	VERDICT_REFUSED, /* it was not done and will not be */
	VERDICT_GONE,    /* there is no such report any more */
	VERDICT_DONE,    /* it is finished already */
};

struct step;
/* Says in `step->row` what is to be written; within the work, and repeated with it. */
typedef ward_err step_after(struct step *step, struct store_tx *tx, struct ward_error *error);

struct step {
	struct filing *filing;
	struct ward_arena *arena;
	struct filing_row row;
	struct filing_draft draft;
	int64_t now;

	struct filing_call_row call;
	struct filing_request request;
	step_after *after;
	bool has_file;
	struct filing_file_row file;
	ward_str md5, sha256; /* of what was sent */

	struct filing_answer answer;
	struct filing_reply reply;
	enum verdict verdict;
	ward_str why; /* a sentence; "" */

	const char *log; /* the audit log's word for what came of it; NULL: none */
	ward_str log_digest;
};

/* ---- step.c ---- */

/* Makes a change without a call. */
ward_err step_change(struct step *step, step_after *after, struct ward_error *error) WARD_MUST_USE;
/* Makes the call that `step->request` says, its row before it and `step->after` behind it. */
ward_err step_call(struct step *step, struct ward_error *error) WARD_MUST_USE;

/* ---- step_calls.c ---- */

ward_err step_submit(struct step *step, struct ward_error *error) WARD_MUST_USE;
ward_err step_upload(struct step *step, struct ward_error *error) WARD_MUST_USE;
ward_err step_fileinfo(struct step *step, struct ward_error *error) WARD_MUST_USE;
ward_err step_finish(struct step *step, struct ward_error *error) WARD_MUST_USE;
ward_err step_retract(struct step *step, struct ward_error *error) WARD_MUST_USE;

/* ---- what becomes of a row: step_turns.c ---- */

void step_later(struct step *step);
/* Whatever is open is retracted, and it is begun anew. */
void step_restart(struct step *step, const char *message);
/* A person has to look at it; what is open is retracted first, when we may. */
void step_fail(struct step *step, const char *alert, ward_str message);
void step_finished(struct step *step, const char *alert);
/* Within a work: nothing of it is at NCMEC any more. */
ward_err step_clear(struct step *step, struct store_tx *tx, struct ward_error *error) WARD_MUST_USE;

/* ---- step_send.c ---- */

/* The documents, checked a last time; a broken rule is FORMAT with the sentence. */
ward_err send_report(struct step *step, ward_str *document, struct ward_error *error) WARD_MUST_USE;
ward_err send_details(struct step *step, ward_str *document,
		struct ward_error *error) WARD_MUST_USE;
/* Whether every item can be opened now. */
ward_err send_probe(struct step *step, struct ward_error *error) WARD_MUST_USE;

/* An item on its way: its bytes are digested as they go. */
struct sending;
ward_err sending_open(struct step *step, struct sending **sending,
		struct ward_error *error) WARD_MUST_USE;
filing_read sending_read;
/* Closes; sets the step's digests and the file's size. */
void sending_close(struct step *step, struct sending *sending);

#endif
