/*
 * job_rows.h - how a job is read, for the files that ask for jobs
 *
 * In each of these statements $1 is the time now and $2 the person who asks.
 */
#ifndef DESK_JOB_ROWS_H
#define DESK_JOB_ROWS_H

#include "desk/jobs.h"
#include "desk/queues.h"
#include "desk/rows.h"

#define JOB_COLUMNS                                                                            \
	"j.id, j.queue, j.state, j.waits, j.rank, j.created_at, j.changed_at, j.urgent, "      \
	"j.subject, j.facts, j.reports, j.known_decision, "                                    \
	"CASE WHEN j.lease_until > $1 THEN j.lease_person ELSE NULL END, j.lease_until, "      \
	"CASE WHEN EXISTS (SELECT 1 FROM desk_stars s WHERE s.person = $2 AND s.kind = 'job' " \
	"AND s.object = j.id) THEN 1 ELSE 0 END"
enum { JOB_COLUMN_COUNT = 15 };

#define JOB_SELECT "SELECT " JOB_COLUMNS " FROM desk_jobs j "

/* The person, a parameter's name, may see the job's queue. */
#define JOB_VISIBLE_TO(person)                                                                    \
	"EXISTS (SELECT 1 FROM desk_queues q WHERE q.id = j.queue AND (q.everyone = 1 OR EXISTS " \
	"(SELECT 1 FROM desk_queue_people p WHERE p.queue = q.id AND p.person = " person ")))"
#define JOB_VISIBLE JOB_VISIBLE_TO("$2")

/* While a job waits for a blind second look, what the first one made of it is theirs to see alone.
 */
#define DECISION_TOLD_TO(person) \
	"(j.state <> 'open' OR j.waits <> 'second' OR d.person = " person ")"

/* NOT_FOUND with `missing` when the job is in a queue that this person may not see. */
ward_err desk_job_seen(struct store_tx *tx, ward_str job, ward_str person, const char *missing,
		struct ward_error *error) WARD_MUST_USE;

ward_err desk_job_read(struct desk_reading *reading, void *job);

/* Into this state, nobody's; the queue's count follows.  Nothing when it is in it already. */
ward_err desk_job_settle(struct store_tx *tx, ward_str job, enum desk_job_state state,
		struct ward_error *error) WARD_MUST_USE;
/* An open job waits for somebody else: `waits` as in the table; `queue` "" is the same one. */
ward_err desk_job_hand_on(struct store_tx *tx, ward_str job, const char *waits, ward_str not_person,
		ward_str queue, struct ward_error *error) WARD_MUST_USE;

#endif
