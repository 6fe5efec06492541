#include <ward/view.h>

#include "view/encoded.h"

/* Takes the job's events up to its end. */
static ward_err hear(struct ward_box *box, struct ward_view *view, struct ward_buf *out,
		struct ward_error *error)
{
	struct ward_event event = { .kind = WARD_EVENT_FACTS };
	ward_err err = WARD_OK;

	while (!err && event.kind != WARD_EVENT_END) {
		err = ward_box_next(box, &event, error);
		if (!err && event.kind == WARD_EVENT_FACTS)
			view->picture = event.facts;
		if (!err && event.kind == WARD_EVENT_VIEW)
			view->view = event.view;
		if (!err && event.kind == WARD_EVENT_DATA)
			ward_buf_add(out, event.data.ptr, event.data.len);
		if (out->failed)
			err = ward_fail(error, WARD_E_LIMIT, "the view is larger than %zu bytes",
					out->cap);
	}
	if (!err && event.err)
		err = ward_fail(error, event.err, "%s", event.message);
	return err;
}

ward_err ward_view_render(struct ward_box *box, int fd, uint64_t size, ward_media_kind kind,
		const struct ward_limits *limits, const struct ward_view_options *options,
		struct ward_view *view, struct ward_buf *out, struct ward_error *error)
{
	const struct ward_decode_options decode = { .limits = *limits, .view = *options };
	struct ward_view made = { .view = { .frames = 0 } };

	ward_buf_clear(out);
	ward_err err = ward_box_start(box, WARD_JOB_VIEW, kind, fd, size, &decode, error);

	if (err)
		return err;
	err = hear(box, &made, out, error);
	if (!err)
		err = encoded_check((ward_bytes){ (const uint8_t *)out->ptr, out->len }, &made.view,
				error);
	if (err) {
		ward_box_cancel(box);
		ward_buf_clear(out);
		return err;
	}
	*view = made;
	return WARD_OK;
}
