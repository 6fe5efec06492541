/*
 * spool.h - reports on their way to wardd: kept until it has said that it has them
 *
 * A spool is a folder with a file for each report, named by its number.  What
 * was added is durable before agent_spool_add returns, and leaves the folder
 * when the service has it (agent_spool_done), so a report survives a kill and
 * a loss of power, and is sent twice rather than never.  That a second time
 * counts nothing twice is the idempotency key's work: the same report is added
 * under the same one, with the same text.
 *
 *     NNNNNNNNNNNNNNNN.ready     will be true in an instant (agent_spool_prepare), or is taken back
 *     NNNNNNNNNNNNNNNN.report    waits; sent in the order of numbers
 *     NNNNNNNNNNNNNNNN.refused   the service will never take it; for a person to look at
 *     NNNNNNNNNNNNNNNN.damaged   does not hold what was written
 *     NNNNNNNNNNNNNNNN.unread    the disk does not give it; waits again from the next opening on
 *
 * A report is a head of one line ("ward-report 1 KEY LENGTH CHECKSUM", the
 * last XXH64 in hexadecimal) and the JSON text of POST /v1/reports.
 *
 * One process has a spool open; its threads may all use it.  What sends is
 * sender.h.
 */
#ifndef AGENT_SPOOL_H
#define AGENT_SPOOL_H

#include <ward/base.h>

struct agent_spool;

enum {
	AGENT_SPOOL_KEY_MAX = 100,      /* of an idempotency key: visible ASCII */
	AGENT_SPOOL_BODY_MAX = 1 << 20, /* of one report */
};

struct agent_spool_entry {
	uint64_t number;
	char key[AGENT_SPOOL_KEY_MAX + 1];
	char *body; /* from malloc, for free(); NUL-terminated behind its length */
	size_t body_len;
};

struct agent_spool_counts {
	uint64_t waiting, refused, damaged, unread;
	uint64_t bytes; /* of all that wait */
};

/*
 * Makes the folder when it is not there, and clears away what a killed writer
 * left half written.  `bytes_max` bounds all that waits; 0 is as much as the
 * disk holds.  CONFLICT when another process has it open.
 */
ward_err agent_spool_open(const char *folder, uint64_t bytes_max, struct agent_spool **spool,
		struct ward_error *error) WARD_MUST_USE;
/* NULL is fine. */
void agent_spool_close(struct agent_spool *spool);

/*
 * Durable when it returns.  ARGUMENT for a key or a body that is none; LIMIT
 * when the spool is full, IO when the disk is: then nothing was added, and
 * whoever reports must go on as if nobody had been told.
 */
ward_err agent_spool_add(struct agent_spool *spool, ward_str key, ward_str body,
		struct ward_error *error) WARD_MUST_USE;

/*
 * A report of what is about to be done: durable like one that was added, and not sent before it
 * is committed.  The work done, committing wants no room and no memory; not done, it is abandoned.
 * Whoever was killed in between is taken to have done it: the next opening commits.
 */
ward_err agent_spool_prepare(struct agent_spool *spool, ward_str key, ward_str body,
		uint64_t *number, struct ward_error *error) WARD_MUST_USE;
ward_err agent_spool_commit(struct agent_spool *spool, uint64_t number,
		struct ward_error *error) WARD_MUST_USE;
/* Durably, so that it does not come back behind what is told instead. */
ward_err agent_spool_abandon(struct agent_spool *spool, uint64_t number,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The oldest that waits, read and left where it is.  NOT_FOUND when none does.
 * One that is damaged, or that the disk does not give while it gives the
 * folder, is put aside, counted and passed over.
 */
ward_err agent_spool_next(struct agent_spool *spool, struct agent_spool_entry *entry,
		struct ward_error *error) WARD_MUST_USE;
/* Those behind it are read first, and then it again. */
void agent_spool_pass(struct agent_spool *spool, uint64_t number);
/* The service has it: it is gone. */
ward_err agent_spool_done(struct agent_spool *spool, uint64_t number,
		struct ward_error *error) WARD_MUST_USE;
/* The service will never take it: it is put aside, and those behind it go on. */
ward_err agent_spool_refuse(struct agent_spool *spool, uint64_t number,
		struct ward_error *error) WARD_MUST_USE;

struct agent_spool_counts agent_spool_count(struct agent_spool *spool);
/* The same of a folder that another process may have open. */
ward_err agent_spool_look(const char *folder, struct agent_spool_counts *counts,
		struct ward_error *error) WARD_MUST_USE;

#endif
