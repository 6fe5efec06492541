/*
 * worker.h - the other side of the box: what runs inside the jail
 *
 * worker_main prepares the codecs, closes the jail and serves one job after
 * the other until the program goes away.  What a job means is told by the
 * functions in `calls`; they hand results out through the functions below, in
 * any order an honest worker may (facts, then frames; a part, then its bytes).
 *
 * Those return WARD_OK, or why the job should end now: LIMIT when the budget
 * is used up, CONFLICT when the program wants no more.  A decoder passes that
 * on; it does not judge.  There is no other error handling in here: when
 * something cannot be, the process exits, and the program says so.
 */
#ifndef BOX_WORKER_H
#define BOX_WORKER_H

#include <ward/base.h>
#include <ward/box.h>
#include <ward/media.h>

struct worker;

typedef ward_err worker_job(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error);

struct worker_calls {
	bool threads;          /* codecs cannot do without threads of their own */
	void (*prepare)(void); /* before the jail closes: load, warm up; may be NULL */
	worker_job *picture;
	worker_job *archive;
	worker_job *view;
	worker_job *frames; /* NULL: this worker reads no videos */
};

/* Returns the process's exit status. */
int worker_main(const struct worker_calls *calls);

/*
 * Memory for a frame's pixels, page-aligned, with what was there before.  What
 * an earlier call gave is gone; it waits until the program has read the last
 * frame.  NULL when `len` is beyond the job's memory, or nothing more is wanted.
 */
uint8_t *worker_canvas(struct worker *worker, size_t len);

ward_err worker_facts(struct worker *worker, const struct ward_picture_facts *facts) WARD_MUST_USE;
/*
 * The pixels lie in the canvas.  They may be written again only after the next
 * worker_canvas or worker_frame_wait.
 */
ward_err worker_frame(struct worker *worker, const struct ward_frame *frame) WARD_MUST_USE;
ward_err worker_frame_wait(struct worker *worker) WARD_MUST_USE;
/* A name longer than 4096 bytes is cut. */
ward_err worker_part(struct worker *worker, ward_str name, bool encrypted) WARD_MUST_USE;
ward_err worker_data(struct worker *worker, ward_bytes bytes) WARD_MUST_USE;
/* All of a view job's answer: `encoded` is the view.  LIMIT beyond WARD_VIEW_BYTES. */
ward_err worker_view(struct worker *worker, const struct ward_view_facts *facts,
		ward_bytes encoded) WARD_MUST_USE;

#endif
