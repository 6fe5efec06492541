/*
 * ward-worker - the one program that parses untrusted bytes, in a jail
 *
 * Wiring only: the box's side of the pipe (box/worker.h) on one end, the
 * decoders (decode/decode.h) on the other.
 */
#include "box/worker.h"
#include "decode/decode.h"
#include "decode/view.h"

struct job {
	struct worker *worker;
	bool animated;
	bool is_picture;
};

static uint8_t *give_canvas(void *context, size_t len)
{
	return worker_canvas(((struct job *)context)->worker, len);
}

static ward_err tell_facts(void *context, const struct ward_picture_facts *facts)
{
	struct job *job = context;

	job->animated = facts->frames > 1;
	return worker_facts(job->worker, facts);
}

/*
 * An animation paints its next frame over the last one, so it waits until that
 * was read; a still picture asks for a new canvas or is done.
 */
static ward_err tell_frame(void *context, const struct ward_frame *frame)
{
	struct job *job = context;
	ward_err err = worker_frame(job->worker, frame);

	return !err && job->animated ? worker_frame_wait(job->worker) : err;
}

static ward_err tell_part(void *context, ward_str name, bool encrypted)
{
	struct job *job = context;
	/* A part's bytes lie where the frame's pixels did. */
	ward_err err = job->is_picture ? worker_frame_wait(job->worker) : WARD_OK;

	return err ? err : worker_part(job->worker, name, encrypted);
}

static ward_err tell_data(void *context, ward_bytes bytes)
{
	return worker_data(((struct job *)context)->worker, bytes);
}

static struct decode_sink sink_of(struct job *job)
{
	return (struct decode_sink){
		.context = job,
		.canvas = give_canvas,
		.facts = tell_facts,
		.frame = tell_frame,
		.part = tell_part,
		.data = tell_data,
	};
}

static ward_err picture(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	struct job job = { .worker = worker, .is_picture = true };
	struct decode_sink sink = sink_of(&job);

	return decode_picture(kind, file, options, &sink, error);
}

static ward_err archive(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	struct job job = { .worker = worker };
	struct decode_sink sink = sink_of(&job);

	return decode_archive(kind, file, options, &sink, error);
}

static ward_err view(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	struct decode_view made;
	struct ward_buf out;

	ward_buf_init(&out, WARD_VIEW_BYTES);
	ward_err err = decode_view(kind, file, options, &made, &out, error);

	if (!err)
		err = worker_facts(worker, &made.picture);
	if (!err)
		err = worker_view(worker, &made.view,
				(ward_bytes){ (const uint8_t *)out.ptr, out.len });
	ward_buf_free(&out);
	return err;
}

int main(void)
{
	static const struct worker_calls calls = {
		.prepare = decode_prepare,
		.picture = picture,
		.archive = archive,
		.view = view,
	};

	return worker_main(&calls);
}
