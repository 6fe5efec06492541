/*
 * jobs.h - a thing to decide, with everything that came in about it
 *
 * A report becomes a job, or joins the open one about the same subject: the
 * same account, else the same picture (by digest or near hash: intake has
 * joined those), else the same address.  A job waits in one queue, by priority
 * and then by age.  Taking a job makes it one person's for a while (a lease);
 * nobody else gets it until it is decided, given back, or the time is over.
 *
 * A subject that was decided before comes back as a job that says so: nobody
 * has to look again to confirm.
 */
#ifndef DESK_JOBS_H
#define DESK_JOBS_H

#include "desk/desk.h"
#include "desk/exposure_policy.h"

/* ---- what comes in ---- */

struct desk_arrival_item {
	ward_str item;  /* intake's id */
	ward_str first; /* of the things that are alike: the item that was there first; or the same
			 */
	ward_str kind;
	ward_str sha256; /* hexadecimal; or "" */
	ward_str account;
	ward_str url; /* in its canonical form */
	ward_str host;
};

struct desk_arrival {
	ward_str report; /* intake's id */
	int64_t at;
	const struct desk_arrival_item *items;
	size_t item_count;
	struct desk_facts facts;
	int64_t priority; /* what the policy said; negative: nothing */
};

struct desk_received {
	char job[ID_TEXT_MAX];
	char queue[DESK_NAME_MAX];
	bool joined; /* there was an open job about the same */
	bool known;  /* it was decided before */
};

/* In the same work that keeps the report, so that none is without its job. */
ward_err desk_receive(struct store_tx *tx, const struct desk_arrival *arrival,
		struct desk_received *received, struct ward_error *error) WARD_MUST_USE;

/* ---- looking ---- */

enum desk_job_state { DESK_JOB_OPEN = 0, DESK_JOB_DECIDED, DESK_JOB_CLOSED };
const char *desk_job_state_name(enum desk_job_state state); /* "open", "decided", "closed" */
bool desk_job_state_parse(ward_str text, enum desk_job_state *state) WARD_MUST_USE;

struct desk_job {
	ward_str id, queue;
	enum desk_job_state state;
	ward_str waits; /* for whom: "first", "second" (blind), "opinion", "between" */
	int64_t priority, created_at, changed_at;
	bool urgent;
	ward_str subject;
	ward_str facts; /* route.h's JSON */
	int64_t reports;
	ward_str known_decision;
	ward_str lease_person; /* "" when nobody has it now */
	int64_t lease_until;
	bool starred;
};

/* A page of a queue: what waits first comes first. */
struct desk_page {
	ward_str queue; /* "" is all those the person may see */
	enum desk_job_state state;
	ward_str after; /* the `next` of the page before; "" for the first */
	unsigned jobs_max;
	ward_str person;
};

#define DESK_PLACE_MAX 100

struct desk_job_list {
	struct desk_job *at;
	size_t count;
	char next[DESK_PLACE_MAX]; /* "" when this is the last */
};

ward_err desk_job_page(struct store_tx *tx, const struct desk_page *page, struct ward_arena *arena,
		struct desk_job_list *list, struct ward_error *error) WARD_MUST_USE;
/* NOT_FOUND also when it lies in a queue that this person may not see. */
ward_err desk_job_get(struct store_tx *tx, ward_str id, ward_str person, struct ward_arena *arena,
		struct desk_job *job, struct ward_error *error) WARD_MUST_USE;

struct desk_names {
	ward_str *at;
	size_t count;
};

ward_err desk_job_items(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_names *items, struct ward_error *error) WARD_MUST_USE;
ward_err desk_job_reports(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_names *reports, struct ward_error *error) WARD_MUST_USE;

/* Why two jobs are related: "sha256", "account", "host", "url", "item". */
struct desk_related {
	struct desk_job job;
	ward_str by;
};
ward_err desk_job_related(struct store_tx *tx, ward_str job, ward_str person, unsigned jobs_max,
		struct ward_arena *arena, struct desk_related **related, size_t *count,
		struct ward_error *error) WARD_MUST_USE;
/* Jobs by a key: kind as above or "report"; or "job" itself. */
ward_err desk_job_search(struct store_tx *tx, ward_str kind, ward_str value, ward_str person,
		unsigned jobs_max, struct ward_arena *arena, struct desk_job_list *list,
		struct ward_error *error) WARD_MUST_USE;

/* ---- working ---- */

/*
 * The next job of the queue that is one for this person (fit.h), now theirs.
 * NOT_FOUND when none waits for them.
 */
ward_err desk_job_take(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str queue, char job[ID_TEXT_MAX],
		struct ward_error *error) WARD_MUST_USE;
/*
 * This one.  CONFLICT while it is another's; DENIED when it is none for them, unless `rules` is
 * NULL: for what is decided without a look.
 */
ward_err desk_job_take_one(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str job,
		struct ward_error *error) WARD_MUST_USE;
/* For as long again.  CONFLICT when it is not theirs any more. */
ward_err desk_job_renew(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		int64_t *until, struct ward_error *error) WARD_MUST_USE;
/* Gives it back, undecided. */
ward_err desk_job_release(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		struct ward_error *error) WARD_MUST_USE;
ward_err desk_job_move(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		ward_str queue, ward_str reason, struct ward_error *error) WARD_MUST_USE;
/* CONFLICT unless the job is open and this person's: for what only the holder may do. */
ward_err desk_job_hold(struct store_tx *tx, ward_str job, ward_str person,
		struct ward_error *error) WARD_MUST_USE;

/* ---- words to colleagues ---- */

struct desk_comment {
	ward_str id, person;
	int64_t at;
	ward_str words;
};

ward_err desk_comment_add(struct store_tx *tx, const struct desk_actor *actor, ward_str job,
		ward_str words, char id[ID_TEXT_MAX], struct ward_error *error) WARD_MUST_USE;
ward_err desk_comment_list(struct store_tx *tx, ward_str job, struct ward_arena *arena,
		struct desk_comment **comments, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

#endif
