/*
 * states.h - how far a report has come
 *
 *     draft → approved → opening → open → uploading → detailing → finishing → finished
 *                 ↑                  └───────┴────┬────┴──────────────┘
 *                 └──────── again ───────── retracting → retracted, failed
 *
 * Each step is a row that was durable before the call it stands for.  So
 * whoever finds a report in the middle knows what may have happened:
 *
 *   opening     a report may be open whose number never reached us.  It ends
 *               by itself at NCMEC, unfinished; we open another.
 *   uploading,  when the answer to a call was lost, what the report holds is
 *   detailing   not known: it is retracted, and begun anew.
 *   finishing   asked again: an answer that it is finished already (5102)
 *               is the truth, and only the receipt is missing.
 *   retracting  asked again, too; the answer 5102 says that it was finished.
 *
 * NCMEC deletes an open report 24 hours after it was opened or an hour after
 * the last file, whichever is later; one that old is retracted and begun anew,
 * so no report is left open that we do not know of.
 *
 * A report that failed waits for a person, who sends it again or gives it up.
 *
 * One for another authority is never called for.  Its package is made and
 * sealed, and what follows is a person's doing:
 *
 *     draft → approved → ready → downloaded → sent → acknowledged
 */
#ifndef FILING_STATES_H
#define FILING_STATES_H

#include <ward/base.h>

enum filing_state {
	FILING_DRAFT = 0,
	FILING_APPROVED,
	FILING_OPENING,
	FILING_OPEN,
	FILING_UPLOADING,
	FILING_DETAILING,
	FILING_FINISHING,
	FILING_FINISHED,
	FILING_RETRACTING,
	FILING_RETRACTED,
	FILING_ABANDONED,
	FILING_FAILED,
	FILING_READY,
	FILING_DOWNLOADED,
	FILING_SENT,
	FILING_ACKNOWLEDGED,
	FILING_STATE_COUNT
};

const char *filing_state_name(enum filing_state state);
bool filing_state_parse(ward_str text, enum filing_state *state) WARD_MUST_USE;
/* Nothing is left to be done by itself. */
bool filing_state_final(enum filing_state state);

/*
 * What a person has to look at: "receipt_missing" (finished, and the answer
 * never reached us), "refused" (NCMEC does not take it: see the code),
 * "access" (the account may not), "tries" (too many failed), "check" (a rule
 * is broken), "evidence" (an item cannot be read, or is not what it was),
 * "pages" (a package has no pages for people), "seal" (it cannot be kept).
 */
enum { FILING_ALERT_MAX = 24 };

/* Seconds until the next try, of so many that failed: 1, 5, then 25 minutes. */
int64_t filing_wait_s(int64_t tries);
enum { FILING_TRIES_MAX = 10, FILING_RETRACT_TRIES_MAX = 20 };

/* When NCMEC deletes a report that is open. */
int64_t filing_expires_at(int64_t opened_at, int64_t touched_at);

#endif
