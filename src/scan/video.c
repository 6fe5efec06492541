#include <ward/video.h>

/* A hash under way: one of the two is made. */
struct making {
	struct ward_pdq_hasher *hasher;
	struct ward_vpdq *list;
	struct ward_tmk_maker *maker;
	struct ward_video_facts facts;
};

static double rate_of(const struct ward_picture_facts *picture)
{
	return picture->rate_den > 0 ? (double)picture->rate_num / picture->rate_den : 0;
}

static ward_err add_frame(struct making *making, const struct ward_frame *frame,
		struct ward_error *error)
{
	double rate = rate_of(&making->facts.picture);
	struct ward_vpdq_frame hashed;

	if (making->maker)
		return ward_tmk_add(making->maker, &frame->image, error);
	ward_err err = ward_vpdq_hash(making->hasher, &frame->image, frame->number, rate, &hashed,
			error);

	/* Where no rate is known, when it is shown is the time there is. */
	if (!err && rate <= 0)
		hashed.time_s = frame->time_ms / 1000.0;
	return err ? err : ward_vpdq_add(making->list, &hashed, error);
}

/* One event; `over` when there are no more.  What fails is why there are none. */
static ward_err take(struct ward_box *box, struct making *making, bool *over,
		struct ward_error *error)
{
	struct ward_event event = { .kind = WARD_EVENT_END };
	ward_err err = ward_box_next(box, &event, error);

	if (err)
		return err;
	if (event.kind == WARD_EVENT_FACTS)
		making->facts.picture = event.facts;
	if (event.kind == WARD_EVENT_FRAME) {
		err = add_frame(making, &event.frame, error);
		making->facts.frames += !err;
	}
	if (event.kind == WARD_EVENT_END) {
		*over = true;
		if (event.err)
			err = ward_fail(error, event.err, "%s", event.message);
	}
	return err;
}

/* Our own trouble is none of the file's. */
static bool is_ours(ward_err err)
{
	return err == WARD_E_NOMEM || err == WARD_E_ARGUMENT || err == WARD_E_IO;
}

static ward_err run(struct ward_box *box, const struct ward_video *video,
		const struct ward_frames_options *frames, struct making *making,
		struct ward_error *error)
{
	const struct ward_decode_options options = { .limits = video->limits, .frames = *frames };
	struct ward_error why = { 0 };
	bool over = false;
	ward_err err = ward_box_start(box, WARD_JOB_FRAMES, WARD_MEDIA_VIDEO, video->fd,
			video->size, &options, &why);

	while (!err && !over)
		err = take(box, making, &over, &why);
	ward_box_cancel(box);
	if (err && (making->facts.frames == 0 || is_ours(err)))
		return ward_fail(error, err, "%s", why.message);
	if (!err && making->facts.frames == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is no frame in it");
	making->facts.partial = err != WARD_OK;
	making->facts.why = why;
	return WARD_OK;
}

ward_err ward_video_vpdq(struct ward_box *box, const struct ward_video *video, float seconds,
		struct ward_vpdq *list, struct ward_video_facts *facts, struct ward_error *error)
{
	const struct ward_frames_options frames = { .kind = WARD_FRAMES_VPDQ, .seconds = seconds };
	struct ward_vpdq made = { 0 };
	struct making making = { .hasher = ward_pdq_hasher_new(), .list = &made };
	ward_err err = making.hasher ? run(box, video, &frames, &making, error)
				     : ward_fail(error, WARD_E_NOMEM, "no memory to hash a video");

	ward_pdq_hasher_free(making.hasher);
	if (err) {
		ward_vpdq_free(&made);
		return err;
	}
	*list = made;
	*facts = making.facts;
	return WARD_OK;
}

ward_err ward_video_tmk(struct ward_box *box, const struct ward_video *video, struct ward_tmk *tmk,
		struct ward_video_facts *facts, struct ward_error *error)
{
	const struct ward_frames_options frames = { .kind = WARD_FRAMES_TMK };
	struct making making = { .maker = ward_tmk_maker_new() };
	ward_err err = making.maker ? run(box, video, &frames, &making, error)
				    : ward_fail(error, WARD_E_NOMEM, "no memory to hash a video");

	if (!err)
		err = ward_tmk_finish(making.maker, tmk, error);
	if (!err)
		*facts = making.facts;
	ward_tmk_maker_free(making.maker);
	return err;
}
