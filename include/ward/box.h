/*
 * box.h - a process we do not trust, and the only place where untrusted bytes are parsed
 *
 * A box is one `ward-worker`: rlimits, no_new_privs, Landlock, seccomp.  It
 * gets one job at a time: a read-only descriptor and limits.  It answers with
 * events, pulled one by one: facts about a picture, frames of pixels, members
 * of an archive with their bytes, a view of a picture, and an end.  Pixels and member bytes arrive
 * in memory shared with the worker; all sizes are checked on this side.
 *
 * Inside the worker there is no recovery: on trouble it dies.  A job that
 * runs over its time, or a worker that dies, is reported as TIMEOUT or WORKER,
 * the process is killed, and the next job gets a new one.  A worker is also
 * replaced after a number of jobs.
 *
 * Videos have a worker of their own, `ward-worker-video` beside the other, with
 * the same walls: its libraries are large and slow to load, and are started
 * when the first video comes.  A PICTURE job of a video tells its facts, a
 * FRAMES job gives frames as long as there are any; what was given before an
 * END with an error, or before the worker died, is as good as any.  Documents
 * (ward_media_is_document) have `ward-worker-document` in the same way: an
 * ARCHIVE job gives what is in a mail or a PDF as members.  Where such a
 * program is not installed, starting a job for it fails with UNSUPPORTED.
 *
 * The process is started at the first job.  A box belongs to one thread at a
 * time; have one per thread, and one more per depth when you descend into
 * archives while their job is still running.  The worker ends with the thread
 * that started it (so that a killed program leaves none behind); the next job
 * of another thread then starts a new one.
 */
#ifndef WARD_BOX_H
#define WARD_BOX_H

#include <ward/base.h>
#include <ward/media.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ward_box;

struct ward_box_options {
	const char *worker; /* path of ward-worker; NULL: $WARD_WORKER, beside this program, libexec
			     */
	uint64_t memory_max; /* of a job, pixels included; jobs may ask less; 0 is the default's */
	uint32_t jobs_max;   /* replaced after so many; 0 is 1000 */
};

WARD_API struct ward_box *ward_box_new(
		const struct ward_box_options *options); /* NULL: no memory */
WARD_API void ward_box_free(struct ward_box *box);       /* kills the worker */

typedef enum ward_job {
	WARD_JOB_PICTURE = 1,
	WARD_JOB_ARCHIVE,
	WARD_JOB_VIEW,   /* a picture as options->view wants it; for most, <ward/view.h> is the call
			  */
	WARD_JOB_FRAMES, /* of a video, as options->frames wants them; <ward/video.h> is the call */
} ward_job;

/*
 * Hands the worker a file: `fd` stays the caller's and may be closed at once;
 * the file is read from its beginning and must not change meanwhile.  `kind`
 * is what ward_media_identify said.  A job still running is cancelled.
 */
WARD_API ward_err ward_box_start(struct ward_box *box, ward_job job, ward_media_kind kind, int fd,
		uint64_t size, const struct ward_decode_options *options,
		struct ward_error *error) WARD_MUST_USE;

typedef enum ward_event_kind {
	WARD_EVENT_END = 0, /* the job is over; `err` says how */
	WARD_EVENT_FACTS,   /* once, before the first frame */
	WARD_EVENT_FRAME,
	WARD_EVENT_PART, /* a member of an archive begins, or a picture's own thumbnail */
	WARD_EVENT_DATA, /* its next bytes, or the view's */
	WARD_EVENT_VIEW, /* of a VIEW job, behind FACTS: the encoded view follows as DATA, then END
			  */
} ward_event_kind;

struct ward_event {
	ward_event_kind kind;
	/* END: WARD_OK, or FORMAT, LIMIT, UNSUPPORTED, NOMEM and a sentence about the file. */
	ward_err err;
	const char *message;
	struct ward_picture_facts facts; /* FACTS */
	struct ward_frame frame;         /* FRAME; pixels valid until the next call */
	ward_str part_name;              /* PART; as stored, any bytes; valid until the next call */
	bool part_encrypted;             /* PART; then no DATA follows */
	struct ward_view_facts view;     /* VIEW */
	size_t view_bytes;               /* VIEW; an END without error comes after that many */
	ward_bytes data;                 /* DATA; valid until the next call */
};

/*
 * Waits for the next event.  Fails with TIMEOUT when the job's time is up and
 * WORKER when the worker died (the message says by what signal); the job is
 * then over, and the box ready for the next.  After an END the job is over too.
 */
WARD_API ward_err ward_box_next(struct ward_box *box, struct ward_event *event,
		struct ward_error *error) WARD_MUST_USE;

/* Ends a job whose rest is not wanted. */
WARD_API void ward_box_cancel(struct ward_box *box);

/* A read-only descriptor on a copy of these bytes, for jobs on memory.  -1 with `error` set. */
WARD_API int ward_box_memory(ward_bytes bytes, struct ward_error *error) WARD_MUST_USE;

/* "seccomp landlock rlimits": what the jail is made of on this machine, for status pages. */
WARD_API const char *ward_box_jail(void);

/* The worker's process id, 0 when none runs; for tests that kill it. */
WARD_API int ward_box_pid(const struct ward_box *box);

#ifdef __cplusplus
}
#endif
#endif
