/*
 * pdq_seek.h - the work of a search, for one query or for many
 *
 * Buckets to look through are collected as runs, what passes the filter as
 * candidates, and each stage asks the memory for all it needs before it uses
 * any.  A pdq_seek is about 30 kB and lives on the stack of one search.
 */
#ifndef BANK_INDEX_PDQ_SEEK_H
#define BANK_INDEX_PDQ_SEEK_H

#include "bank/index/pdq_kernel.h"
#include "bank/index/pdq_plan.h"

#define PDQ_RUN_MAX        512 /* postings; a longer bucket is several runs */
#define PDQ_RUNS_MAX       512
#define PDQ_CANDIDATES_MAX 1024

struct pdq_seek_run {
	uint32_t start;
	uint32_t query;
	uint16_t length;
	uint16_t want;
	uint8_t limit;
	uint8_t at;
};

struct pdq_candidate {
	uint32_t query;
	uint32_t posting;
	uint32_t id;
	uint8_t at;
};

struct pdq_seek {
	const struct pdq_index *index;
	const struct pdq_kernel *kernel;
	const ward_pdq *queries;
	const struct pdq_plan *plans; /* of each query */
	unsigned radius;
	struct pdq_found *found;
	bool failed; /* out of memory */
	size_t run_count;
	size_t candidate_count;
	struct pdq_seek_run runs[PDQ_RUNS_MAX];
	struct pdq_candidate candidates[PDQ_CANDIDATES_MAX];
};

void pdq_seek_init(struct pdq_seek *seek, const struct pdq_index *index, const ward_pdq *queries,
		int radius, struct pdq_found *found);
/* Looks through a bucket of the table at `at` for the query, soon. */
void pdq_seek_bucket(struct pdq_seek *seek, uint32_t query, unsigned at, struct pdq_run bucket,
		int limit);
/* Does what is left to do. */
void pdq_seek_finish(struct pdq_seek *seek);
/* Compares every hash with each of the queries asked. */
void pdq_seek_scan(struct pdq_seek *seek, const uint32_t *asked, size_t count);

/* ARGUMENT when it is no radius. */
ward_err pdq_seek_check(int radius, struct ward_error *error);
/* Sorts what was found since `from`; NOMEM when the search had to stop. */
ward_err pdq_seek_result(const struct pdq_seek *seek, size_t from, struct ward_error *error);

#endif
