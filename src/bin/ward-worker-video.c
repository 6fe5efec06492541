/*
 * ward-worker-video - the one program that reads videos, in a jail
 *
 * Beside ward-worker because of what it links: FFmpeg brings a hundred libraries
 * along, which take 120 ms to load (docs/decisions/0031-moving-pictures.md).
 */
#include "box/worker.h"
#include "decode/moving.h"
#include "decode/moving_stream.h"
#include "decode/moving_view.h"

static ward_err picture(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	const struct moving_options open = { .limits = options->limits };
	struct moving *moving;
	struct moving_facts facts;
	ward_err err = kind == WARD_MEDIA_VIDEO
				       ? moving_open(file, &open, &moving, &facts, error)
				       : ward_fail(error, WARD_E_UNSUPPORTED, "this is no video");

	if (err)
		return err;
	moving_free(moving);
	err = worker_facts(worker, &facts.picture);
	if (err || options->facts_only)
		return err;
	return ward_fail(error, WARD_E_UNSUPPORTED,
			"a video has no picture of its own, only frames");
}

static ward_err archive(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	(void)worker;
	(void)kind;
	(void)file;
	(void)options;
	return ward_fail(error, WARD_E_UNSUPPORTED, "this is no video");
}

static ward_err view(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	struct decode_view made;
	struct ward_buf out;

	if (kind != WARD_MEDIA_VIDEO)
		return ward_fail(error, WARD_E_UNSUPPORTED, "this is no video");
	ward_buf_init(&out, WARD_VIEW_BYTES);
	ward_err err = moving_view(file, options, &made, &out, error);

	if (!err)
		err = worker_facts(worker, &made.picture);
	if (!err)
		err = worker_view(worker, &made.view,
				(ward_bytes){ (const uint8_t *)out.ptr, out.len });
	ward_buf_free(&out);
	return err;
}

static ward_err draw(struct worker *worker, struct moving_stream *stream,
		const struct moving_due *due, const uint8_t **pixels, struct ward_error *error)
{
	size_t len;

	if (ckd_mul(&len, (size_t)due->width * 3, (size_t)due->height) ||
			ckd_add(&len, len, (size_t)MOVING_SPARE))
		return ward_fail(error, WARD_E_LIMIT, "a picture is beyond the limits");
	/* It waits until the frame before was read; the next was decoded meanwhile. */
	uint8_t *canvas = worker_canvas(worker, len);

	if (!canvas)
		return ward_fail(error, WARD_E_LIMIT, "a picture of %u x %u is beyond the limits",
				(unsigned)due->width, (unsigned)due->height);
	*pixels = canvas;
	return moving_stream_draw(stream, canvas, error);
}

static ward_err give_all(struct worker *worker, struct moving_stream *stream,
		struct ward_error *error)
{
	const uint8_t *pixels = NULL;
	ward_err err = WARD_OK;

	for (uint32_t index = 0; !err; index++) {
		struct moving_due due = { 0 };

		err = moving_stream_next(stream, &due, error);
		if (!err && !due.again)
			err = draw(worker, stream, &due, &pixels, error);
		if (err)
			break;
		const struct ward_frame frame = {
			.image = { pixels, (size_t)due.width * 3, due.width, due.height, 3 },
			.index = index,
			.time_ms = due.time_ms,
			.scale = 1,
			.number = due.number,
		};

		err = worker_frame(worker, &frame);
		if (err == WARD_E_LIMIT)
			return ward_fail(error, err, "it has more frames than the limit of %u",
					(unsigned)index);
	}
	return err;
}

static ward_err frames(struct worker *worker, ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, struct ward_error *error)
{
	const struct moving_options open = { .limits = options->limits, .streaming = true };
	struct moving *moving;
	struct moving_stream *stream = NULL;
	struct moving_facts facts;
	ward_err err = kind == WARD_MEDIA_VIDEO
				       ? moving_open(file, &open, &moving, &facts, error)
				       : ward_fail(error, WARD_E_UNSUPPORTED, "this is no video");

	if (err)
		return err;
	err = worker_facts(worker, &facts.picture);
	if (!err)
		err = moving_stream_open(moving, &facts, options, &stream, error);
	if (!err)
		err = give_all(worker, stream, error);
	if (err == WARD_E_NOT_FOUND)
		err = moving_is_damaged(moving)
				      ? ward_fail(error, WARD_E_FORMAT,
							"a part of it is broken or missing")
				      : WARD_OK;
	moving_stream_free(stream);
	moving_free(moving);
	return err;
}

int main(void)
{
	static const struct worker_calls calls = {
		.prepare = moving_prepare,
		.picture = picture,
		.archive = archive,
		.view = view,
		.frames = frames,
	};

	return worker_main(&calls);
}
