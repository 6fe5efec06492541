/*
 * A video: what it is, and what of it is on the lists.
 *
 * A frame a second comes out of the worker.  Each is looked up like a picture, where lists hold
 * pictures; all of them together where lists hold videos, and the whole's TMK feature, for
 * which the video is decoded a second time, where lists hold features.
 */
#include "base/clock.h"
#include "scan/job.h"

#include <ward/video.h>

/* A frame a second is what lists are made with; a day of them. */
#define SECONDS_A_FRAME 1
#define FRAMES_MAX      86400

/* What there is on lists to be found. */
struct wanted {
	bool pictures, frames, tmk;
};

static struct wanted wanted_by(const struct scan_job *job)
{
	struct wanted wanted = { false, false, false };

	if (!job->view || !job->options->videos)
		return wanted;
	for (size_t i = 0; i < ward_bank_list_count(job->view); i++) {
		const struct ward_list *list = ward_bank_list(job->view, i);
		const struct ward_list_info *info = ward_list_info(list);

		if (!info->enabled || info->sense != WARD_SENSE_DENY)
			continue;
		wanted.pictures |= ward_list_signals(list, WARD_SIGNAL_PDQ) > 0;
		wanted.frames |= ward_list_videos(list) > 0;
		wanted.tmk |= ward_list_tmks(list) > 0;
	}
	return wanted;
}

/* As stored, turned and mirrored in each way when those are asked; and within borders the same. */
enum { LOOK_INNER = WARD_DIHEDRAL_COUNT, LOOKS = 2 * WARD_DIHEDRAL_COUNT };

static const char *look_name(int which)
{
	if (which >= LOOK_INNER)
		return scan_inner_names[which - LOOK_INNER];
	return which == WARD_ORIG ? "" : ward_dihedral_name((ward_dihedral)which);
}

struct watching {
	struct scan_job *job;
	size_t item;
	struct wanted wanted;
	uint64_t begun_us;
	uint32_t frames;
	struct ward_vpdq looks[LOOKS];
};

/* With the time that is left of the video's own, or of the file's where it has none. */
static struct ward_decode_options options_for(const struct watching *watching)
{
	const struct scan_job *job = watching->job;
	struct ward_decode_options decode = scan_decode_options(job);
	uint64_t spent_ms = (clock_ticks_us() - watching->begun_us) / 1000;
	uint32_t all_ms = job->options->video_time_ms;

	if (all_ms > 0)
		decode.limits.time_ms = spent_ms < all_ms ? (uint32_t)(all_ms - spent_ms) : 0;
	return decode;
}

/* ---- facts alone ---- */

/*
 * For whoever will be shown it.  Nothing is compared, so it makes no trouble when it cannot be
 * read: its digests were looked up, and nothing else is said of it.
 */
static void tell_facts(struct scan_job *job, size_t item, int fd, uint64_t size, uint32_t depth)
{
	struct ward_box *box = scanner_box(job->scanner, depth);
	struct ward_decode_options decode = scan_decode_options(job);
	struct ward_event event = { 0 };

	decode.facts_only = true;
	if (!box || decode.limits.time_ms == 0 ||
			ward_box_start(box, WARD_JOB_PICTURE, WARD_MEDIA_VIDEO, fd, size, &decode,
					NULL))
		return;
	while (ward_box_next(box, &event, NULL) == WARD_OK && event.kind != WARD_EVENT_END) {
		if (event.kind == WARD_EVENT_FACTS)
			job->items.at[item].facts = event.facts;
	}
}

/* ---- frames ---- */

static bool says_something(const struct ward_vpdq_frame *frame)
{
	return frame->quality >= WARD_PDQ_QUALITY_MIN && !ward_pdq_is_degenerate(frame->hash);
}

static ward_err take_look(struct watching *watching, int which, const struct ward_vpdq_frame *frame,
		ward_pdq hash, struct ward_error *error)
{
	struct ward_vpdq_frame look = *frame;
	ward_err err = WARD_OK;

	look.hash = hash;
	if (watching->wanted.pictures && says_something(&look))
		err = scan_look_up_shown(watching->job, watching->item, frame, hash,
				look_name(which), error);
	if (!err && watching->wanted.frames)
		err = ward_vpdq_add(&watching->looks[which], &look, error);
	return err;
}

/* One form of a frame: `first` is its look as stored, the others follow it. */
static ward_err take_form(struct watching *watching, const struct ward_image *image, int first,
		const struct ward_vpdq_frame *frame, struct ward_error *error)
{
	struct scan_job *job = watching->job;
	ward_pdq all[WARD_DIHEDRAL_COUNT];
	int quality;
	ward_err err = take_look(watching, first, frame, frame->hash, error);

	if (err || !job->options->all_orientations)
		return err;
	err = ward_pdq_hash_dihedral(scanner_hasher(job->scanner), image, WARD_PDQ_FULL, all,
			&quality, error);
	for (int which = WARD_ROT90; !err && which < WARD_DIHEDRAL_COUNT; which++)
		err = take_look(watching, first + which, frame, all[which], error);
	return err;
}

/* A letterbox goes, and what it says; its quality is of the inside alone. */
static ward_err take_inner(struct watching *watching, const struct ward_image *image,
		const struct ward_vpdq_frame *frame, double rate, struct ward_error *error)
{
	const struct ward_reduced_image whole = { *image, 1, image->width, image->height };
	struct ward_reduced_image inner;
	struct ward_vpdq_frame within;
	ward_err err;

	if (!watching->job->options->borders || !ward_reduced_image_find_inner(&whole, &inner))
		return WARD_OK;
	err = ward_vpdq_hash(scanner_hasher(watching->job->scanner), &inner.image, frame->number,
			rate, &within, error);
	if (err)
		return err;
	within.time_s = frame->time_s;
	return take_form(watching, &inner.image, LOOK_INNER, &within, error);
}

/* One too small for a hash has nothing to compare, as a picture of that size has not. */
static ward_err take_frame(struct watching *watching, const struct ward_frame *from,
		struct ward_error *error)
{
	struct scan_job *job = watching->job;
	const struct ward_picture_facts *facts = &job->items.at[watching->item].facts;
	double rate = facts->rate_den > 0 ? (double)facts->rate_num / facts->rate_den : 0;
	struct ward_vpdq_frame frame;

	watching->frames++;
	if (from->image.width < WARD_VPDQ_SIDE_MIN || from->image.height < WARD_VPDQ_SIDE_MIN)
		return WARD_OK;
	ward_err err = ward_vpdq_hash(scanner_hasher(job->scanner), &from->image, from->number,
			rate, &frame, error);

	if (err)
		return err;
	if (rate <= 0)
		frame.time_s = from->time_ms / 1000.0;
	err = take_form(watching, &from->image, WARD_ORIG, &frame, error);
	return err ? err : take_inner(watching, &from->image, &frame, rate, error);
}

/* Gives why the video could not be read, or not all of it, in `why`; what fails is the scan. */
static ward_err watch(struct watching *watching, struct ward_box *box, int fd, uint64_t size,
		struct ward_error *why, struct ward_error *error)
{
	struct scan_job *job = watching->job;
	struct ward_decode_options decode = options_for(watching);
	struct ward_event event = { .kind = WARD_EVENT_FACTS };
	ward_err err = WARD_OK, bad;

	decode.frames = (struct ward_frames_options){ .kind = WARD_FRAMES_VPDQ,
		.seconds = SECONDS_A_FRAME };
	if (decode.limits.frames_max < FRAMES_MAX)
		decode.limits.frames_max = FRAMES_MAX;
	bad = ward_box_start(box, WARD_JOB_FRAMES, WARD_MEDIA_VIDEO, fd, size, &decode, why);
	while (!err && !bad && event.kind != WARD_EVENT_END) {
		bad = ward_box_next(box, &event, why);
		if (bad)
			break;
		if (event.kind == WARD_EVENT_FACTS)
			job->items.at[watching->item].facts = event.facts;
		if (event.kind == WARD_EVENT_FRAME)
			err = take_frame(watching, &event.frame, error);
		if (event.kind == WARD_EVENT_END && event.err)
			bad = ward_fail(why, event.err, "%s", event.message);
	}
	ward_box_cancel(box);
	return err;
}

/*
 * Whatever was seen is looked up; that there is more which was not seen is told behind it.  A
 * worker that is not installed is the same to a file as one that cannot read it.
 */
static ward_err tell_trouble(const struct watching *watching, const struct ward_error *why,
		struct ward_error *error)
{
	char message[sizeof(why->message)];
	ward_err err = why->code == WARD_E_NOT_FOUND ? WARD_E_UNSUPPORTED : why->code;

	if (!scan_is_the_files_fault(err))
		return ward_fail(error, err, "%s", why->message);
	if (watching->frames == 0)
		return scan_add_trouble(watching->job, watching->item, err, why->message, error);
	snprintf(message, sizeof(message), "seen as far as %u of its frames: %.180s",
			watching->frames, why->message);
	return scan_add_trouble(watching->job, watching->item, err, message, error);
}

/* ---- the whole ---- */

/*
 * The feature of the whole: a video of which a part is missing has another.  Without one, what
 * lists of features could tell of it stays unknown, and that is told.
 */
static ward_err feature_of(const struct watching *watching, struct ward_box *box, int fd,
		uint64_t size, struct ward_tmk **tmk, struct ward_error *why,
		struct ward_error *error)
{
	const struct ward_video video = { fd, size, options_for(watching).limits };
	struct ward_video_facts facts = { .partial = false };
	struct ward_tmk *made = malloc(sizeof(*made));
	ward_err err;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory to hash a video");
	if (video.limits.time_ms == 0)
		err = ward_fail(why, WARD_E_TIMEOUT, "the time for its TMK feature was spent");
	else
		err = ward_video_tmk(box, &video, made, &facts, why);
	if (!err && !facts.partial) {
		*tmk = made;
		return WARD_OK;
	}
	free(made);
	if (!err)
		*why = facts.why;
	return !err || scan_is_the_files_fault(err) ? WARD_OK
						    : ward_fail(error, err, "%s", why->message);
}

static ward_err ask_videos(struct watching *watching, const struct ward_tmk *tmk,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (int i = WARD_ORIG; i < LOOKS && !err; i++) {
		const struct ward_video_question question = {
			.frames = watching->looks[i].count > 0 ? &watching->looks[i] : NULL,
			.tmk = i == WARD_ORIG ? tmk : NULL,
		};

		if (question.frames || question.tmk)
			err = scan_look_up_video(watching->job, watching->item, &question,
					look_name(i), error);
	}
	return err;
}

ward_err scan_video(struct scan_job *job, size_t item, int fd, uint64_t size, uint32_t depth,
		struct ward_error *error)
{
	struct watching watching = { .job = job,
		.item = item,
		.wanted = wanted_by(job),
		.begun_us = clock_ticks_us() };
	struct ward_box *box = scanner_box(job->scanner, depth);
	struct ward_error why = { 0 };
	struct ward_tmk *tmk = NULL;
	ward_err err;

	if (!watching.wanted.pictures && !watching.wanted.frames && !watching.wanted.tmk) {
		if (size <= job->options->limits.bytes_max)
			tell_facts(job, item, fd, size, depth);
		return WARD_OK;
	}
	if (size > job->options->limits.bytes_max)
		return scan_add_trouble(job, item, WARD_E_LIMIT, "the file is larger than allowed",
				error);
	if (!box)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a worker");
	if (scan_time_left(job) == 0)
		return scan_add_trouble(job, item, WARD_E_TIMEOUT,
				"the time for this file was spent", error);
	err = watch(&watching, box, fd, size, &why, error);
	if (!err && !why.code && watching.wanted.tmk)
		err = feature_of(&watching, box, fd, size, &tmk, &why, error);
	if (!err)
		err = ask_videos(&watching, tmk, error);
	if (!err && why.code)
		err = tell_trouble(&watching, &why, error);
	for (int i = 0; i < LOOKS; i++)
		ward_vpdq_free(&watching.looks[i]);
	free(tmk);
	return err;
}
