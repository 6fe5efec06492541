/*
 * ward-worker-video - the one program that reads videos, in a jail
 *
 * Beside ward-worker because of what it links: FFmpeg brings a hundred libraries
 * along, which take 120 ms to load (docs/decisions/0031-moving-pictures.md).
 */
#include "box/worker.h"
#include "decode/moving.h"
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
	return ward_fail(error, WARD_E_UNSUPPORTED, "videos are not compared yet, only shown");
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

int main(void)
{
	static const struct worker_calls calls = {
		.prepare = moving_prepare,
		.picture = picture,
		.archive = archive,
		.view = view,
	};

	return worker_main(&calls);
}
