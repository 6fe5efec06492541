/*
 * filing.h - reports to NCMEC: taken once, sent once, and proved
 *
 * The law has a provider tell NCMEC what it found; a report that is lost is a
 * child not helped, and one that is sent twice is an hour taken from another.
 * So a report is a row before it is a call (states.h), and every call is a row
 * before it is made, with its answer kept byte for byte.
 *
 * Only a decision sends a report.  A draft lies still until it is approved,
 * and what is approved is the text of one draft by its SHA-256: changing it
 * takes the approval away.  filing_take approves by desk's action, which it
 * asks desk for within its own work, so an action that no person's decision
 * made is DENIED.  filing_approve is for installations that work by hand at
 * the command line; it says so in the log.  A report that is escalated or a
 * batch wants two persons.
 *
 * Whether a file was viewed is never the caller's word: it is asked of
 * `exposure` at the moment its details are sent.
 *
 * Reports of the test environment and of production do not mix: a report is of
 * one for its whole life, and a handle works on its own alone.
 *
 * A handle belongs to one thread at a time.
 */
#ifndef FILING_H
#define FILING_H

#include "base/id.h"
#include "desk/actions.h"
#include "filing/check.h"
#include "filing/states.h"
#include "filing/wire.h"
#include "store/store.h"

struct filing;

/* Where the files come from: the vault.  Each fails with a sentence that names nothing. */
struct filing_source {
	ward_err (*open)(void *context, ward_str item, void **stream, struct ward_error *error);
	filing_read *read; /* of the stream; *len 0 is its end */
	void (*close)(void *stream);
	/* Whether a person of ours has seen the item in clear, and its metadata. */
	ward_err (*exposure)(void *context, ward_str item, bool *viewed, bool *exif_viewed,
			struct ward_error *error);
	void *context;
};

/* A report of a job has items of the vault, one that was made by hand has files of a folder. */
enum filing_share { FILING_ALL = 0, FILING_OF_JOBS, FILING_BY_HAND };

struct filing_options {
	struct store *store;            /* borrowed */
	const struct filing_wire *wire; /* borrowed; NULL: nothing is sent through this handle */
	enum filing_environment environment; /* the wire's, where there is one */
	/* Of reports for other authorities: they need no account. */
	enum filing_environment package_environment;
	struct filing_source source;
	bool alone; /* nobody else sends from this store (a lock is held): a call that is under way
		     * in the store is one that a kill has cut off */
	enum filing_share share; /* what is sent through this handle: the source has no other items
				  */
};

ward_err filing_new(const struct filing_options *options, struct filing **filing,
		struct ward_error *error) WARD_MUST_USE;
void filing_free(struct filing *filing);

/* ---- who acts ---- */

struct filing_actor {
	ward_str actor; /* as the log names it: "person:ID", "command:NAME", "system" */
	ward_str role;
};

/* ---- drafts ---- */

/*
 * Keeps a draft under the caller's reference; the same reference and the same draft again give the
 * same id, another draft takes the place of the old one and its approvals away.  CONFLICT when it
 * is on its way.  FORMAT when it is no draft; one with faults is kept.
 */
ward_err filing_draft_put(struct filing *filing, const struct filing_actor *actor,
		ward_str reference, ward_str draft, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;

struct filing_draft_new {
	ward_str reference, draft;
	ward_str job;        /* of desk; "" is none */
	ward_str was_sha256; /* change this draft and no other; "" is whichever is there */
	bool only_new;       /* one that is there stays as it is */
	ward_str authority;  /* "" is "ncmec"; another's is known to the caller (authority.h) */
};

/* The same, of a job.  CONFLICT also when the reference is another job's, or the draft another. */
ward_err filing_draft_keep(struct filing *filing, const struct filing_actor *actor,
		const struct filing_draft_new *draft, char id[ID_TEXT_MAX], bool *made,
		struct ward_error *error) WARD_MUST_USE;

/* ---- approval ---- */

/*
 * Approves the draft that the parameters of an action of the kind "report" name:
 * {"authority":"ncmec","incident":…,"filing":ID,"sha256":HEX}.  DENIED when desk has no such
 * action due, when the draft is another by now or another authority's, or when two persons are
 * wanted and one decided; FORMAT when a rule is broken.  Taking an action again changes nothing.
 * Whoever calls says so to desk then (desk_action_tried).
 */
ward_err filing_take(struct filing *filing, const struct desk_action *action,
		struct ward_error *error) WARD_MUST_USE;

/* Whether the action asks for a report to NCMEC, and not for another authority's. */
bool filing_is_ncmec(const struct desk_action *action);

struct filing_approval {
	ward_str person;
	ward_str reason;
	ward_str sha256; /* of the draft that was looked at; "" is the one that is there */
	ward_str second; /* another person, who confirmed it; "" is none */
};

/* By hand.  `*left` is how many more persons are wanted. */
ward_err filing_approve(struct filing *filing, const struct filing_actor *actor, ward_str id,
		const struct filing_approval *approval, unsigned *left,
		struct ward_error *error) WARD_MUST_USE;

/* Whether filing_approve_within would let it go, as things stand, with as many persons as it wants.
 */
ward_err filing_approvable(struct filing *filing, struct store_tx *tx, ward_str id,
		const struct filing_approval *approval, struct ward_error *error) WARD_MUST_USE;
/*
 * Within the caller's work, of a report of a job, upon a decision: DENIED when no action of the
 * kind "report" stands that asks NCMEC for one.  With `left` above 0 nothing was let go.
 */
ward_err filing_approve_within(struct filing *filing, struct store_tx *tx,
		const struct filing_actor *actor, ward_str id,
		const struct filing_approval *approval, unsigned *left,
		struct ward_error *error) WARD_MUST_USE;

/* A person wants it back: what was not sent is given up, what is open is retracted.  CONFLICT when
 * it is finished. */
ward_err filing_retract(struct filing *filing, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* One that failed is sent again; `reason` are a person's words. */
ward_err filing_repeat(struct filing *filing, const struct filing_actor *actor, ward_str id,
		ward_str reason, struct ward_error *error) WARD_MUST_USE;
/* The same without words. */
ward_err filing_again(struct filing *filing, const struct filing_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

/* ---- sending ---- */

/* The id of a report that has something due; NOT_FOUND when none has. */
ward_err filing_due(struct filing *filing, char id[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;

/*
 * Does what is due of a report: one step, which is at most one call.  `*more` is true when the
 * next one is due at once.  What NCMEC said is in the row; an error is of the store alone.
 * CONFLICT when somebody else is at it.
 */
ward_err filing_step(struct filing *filing, ward_str id, bool *more,
		struct ward_error *error) WARD_MUST_USE;

/* ---- looking ---- */

struct filing_row {
	ward_str id, reference, action, job, draft, draft_sha256, after_retract, wish, alert,
			message, authority;
	enum filing_environment environment;
	enum filing_state state;
	int64_t turn, persons, report, opened_at, touched_at, tries, due_at, busy_until, code;
	int64_t created_at, approved_at, finished_at, changed_at;
	int64_t files, files_sent, files_told;
	int64_t approvals;
};

/* Whether a report goes to NCMEC, and not to another authority. */
bool filing_row_is_ncmec(const struct filing_row *row);

/* The texts live in the arena. */
ward_err filing_get(struct filing *filing, ward_str id, struct ward_arena *arena,
		struct filing_row *row, struct ward_error *error) WARD_MUST_USE;

/* Newest first; without drafts' texts.  `before` is the last id of the page before; "" is none. */
ward_err filing_list(struct filing *filing, ward_str before, unsigned rows_max,
		struct ward_arena *arena, struct filing_row **rows, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

struct filing_question {
	ward_str viewer; /* a person: jobs that they may see, and what is of no job; "" is all */
	bool labels;  /* they label jobs: what a blind second labelling must not learn is not shown
		       */
	ward_str job; /* "" is any */
	bool has_state;
	enum filing_state state;
	bool alerts; /* those alone that a person has to look at */
	ward_str before;
	unsigned rows_max;
};
/* As filing_list, of those that are asked for. */
ward_err filing_find_rows(struct store_tx *tx, const struct filing_question *question,
		struct ward_arena *arena, struct filing_row **rows, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* One, with its draft; NOT_FOUND also when the viewer may not see it (of `question`, who asks). */
ward_err filing_see(struct store_tx *tx, const struct filing_question *question, ward_str id,
		struct ward_arena *arena, struct filing_row *row,
		struct ward_error *error) WARD_MUST_USE;

/* Whether who asks may see a report of this job, if there were one. */
ward_err filing_job_seen(struct store_tx *tx, const struct filing_question *question, ward_str job,
		bool *seen, struct ward_error *error) WARD_MUST_USE;

struct filing_file_row {
	int64_t number, size;
	ward_str item, state, md5, file;
	bool viewed, exif_viewed;
};
ward_err filing_files(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_file_row **files, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

struct filing_approval_row {
	ward_str person, sha256, reason;
	int64_t at;
};
ward_err filing_approvals(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_approval_row **approvals, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

struct filing_call_row {
	int64_t number, report, file, begun_at, ended_at, status, code;
	ward_str call, outcome, request_id;
	ward_bytes sent, reply;
};

ward_err filing_calls(struct filing *filing, ward_str id, struct ward_arena *arena,
		struct filing_call_row **calls, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/* The same, within what is read already. */
ward_err filing_calls_of(struct store_tx *tx, ward_str id, struct ward_arena *arena,
		struct filing_call_row **calls, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/* ---- asking NCMEC ---- */

/* The account and whether it is let in; `reply` lives in the arena. */
ward_err filing_status(const struct filing_wire *wire, struct ward_arena *arena,
		struct filing_reply *reply, struct ward_error *error) WARD_MUST_USE;

/* Whether the schema that NCMEC serves is the one we were made of; its SHA-256 in hexadecimal. */
ward_err filing_drift(const struct filing_wire *wire, bool *same, char sha256[65],
		struct ward_error *error) WARD_MUST_USE;

#endif
