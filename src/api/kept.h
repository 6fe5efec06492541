/*
 * kept.h - what the handlers of the vault's routes share: a job's items, before something is done
 */
#ifndef API_KEPT_H
#define API_KEPT_H

#include "api/door.h"
#include "desk/kept.h"

/* Who asks. */
struct desk_kept_viewer kept_viewer(const struct request *request);

/* The reason of the body; false with a problem. */
bool kept_reason(struct request *request, const struct json_t *body,
		ward_str *reason) WARD_MUST_USE;

/* What is there of a job, of which something is to be made or done. */
struct kept_job {
	struct ward_arena arena;
	ward_str id;
	ward_str *payloads; /* in the order of their ids */
	size_t count;
	int64_t bytes;
	char sha256[65]; /* of the payloads' ids, a line each: just these are meant */
};

/*
 * The job of the path; `more` (may be NULL) is asked besides, in the same transaction.  False with
 * a problem, also when nothing of it is there.  kept_job_end in either case.
 */
typedef ward_err kept_check(struct request *request, struct store_tx *tx,
		const struct kept_job *job, struct ward_error *error);
bool kept_job_begin(struct request *request, kept_check *more, struct kept_job *job) WARD_MUST_USE;
void kept_job_end(struct kept_job *job);

/* Its items as members of what a second person confirms. */
void kept_job_detail(struct json *json, const struct kept_job *job);

#endif
