#include "box/watch.h"

void watch_begin(struct watch *watch, ward_job job, uint64_t number,
		const struct ward_decode_options *options)
{
	watch->job = job;
	watch->number = number;
	watch->options = *options;
	watch->facts_seen = false;
	watch->part_open = false;
	watch->frame_next = 0;
	watch->number_next = 0;
	watch->views = 0;
	watch->parts = 0;
	watch->bytes = 0;
	bool has_parts = job == WARD_JOB_ARCHIVE || job == WARD_JOB_PICTURE;

	watch->bytes_max = has_parts ? options->limits.bytes_max : 0;
	watch->view_seen = false;
}

static ward_err lied(struct ward_error *error, const char *about)
{
	return ward_fail(error, WARD_E_WORKER, "the worker sent nonsense (%s) and was killed",
			about);
}

static ward_err read_facts(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error)
{
	struct wire_facts facts;

	if (!wire_read(message, &facts, sizeof(facts)) || facts.media >= WARD_MEDIA_KIND_COUNT ||
			facts.orientation > 8 || facts.bits > 64 || facts.frames == 0 ||
			facts.has_alpha > 1 || facts.is_cmyk > 1 || facts.has_sound > 1 ||
			(facts.rate_num == 0) != (facts.rate_den == 0) || facts.zero != 0)
		return lied(error, "facts");
	if (watch->job == WARD_JOB_ARCHIVE || watch->facts_seen)
		return lied(error, "facts out of order");
	watch->facts_seen = true;
	event->kind = WARD_EVENT_FACTS;
	event->facts = (struct ward_picture_facts){
		.kind = (ward_media_kind)facts.media,
		.width = facts.width,
		.height = facts.height,
		.orientation = facts.orientation,
		.frames = facts.frames,
		.bits = facts.bits,
		.has_alpha = facts.has_alpha == 1,
		.is_cmyk = facts.is_cmyk == 1,
		.has_sound = facts.has_sound == 1,
		.duration_ms = facts.duration_ms,
		.rate_num = facts.rate_num,
		.rate_den = facts.rate_den,
	};
	return WARD_OK;
}

static bool is_scale(const struct watch *watch, uint32_t scale)
{
	if (watch->options.size == WARD_DECODE_FULL)
		return scale == 1;
	return scale == 1 || scale == 2 || scale == 4 || scale == 8;
}

/* Numbers go up; where frames are at a rate, one may be given more than once. */
static bool moment_is_due(struct watch *watch, const struct wire_frame *frame)
{
	const struct ward_decode_options *options = &watch->options;
	bool tmk = options->frames.kind == WARD_FRAMES_TMK;

	if (!watch->facts_seen || frame->index != watch->frame_next ||
			frame->index >= options->limits.frames_max ||
			frame->view != WARD_VIEW_STORED || frame->scale != 1 ||
			frame->channels != 3 || frame->number < watch->number_next)
		return false;
	if (tmk && (frame->width != WATCH_TMK_SIDE || frame->height != WATCH_TMK_SIDE))
		return false;
	watch->frame_next++;
	watch->number_next = frame->number + (tmk ? 0 : 1);
	return true;
}

/* A frame has one view or two; then the next index. */
static bool frame_is_due(struct watch *watch, const struct wire_frame *frame)
{
	const struct ward_decode_options *options = &watch->options;

	if (watch->job == WARD_JOB_FRAMES)
		return moment_is_due(watch, frame);
	if (watch->job != WARD_JOB_PICTURE || !watch->facts_seen || options->facts_only ||
			frame->number != 0)
		return false;
	if (watch->views > 0 && frame->index == watch->frame_next - 1) {
		watch->views++;
		return watch->views <= 2;
	}
	if (frame->index != watch->frame_next || frame->index >= options->limits.frames_max ||
			(options->first_frame_only && frame->index > 0))
		return false;
	watch->frame_next++;
	watch->views = 1;
	return true;
}

static ward_err read_frame(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error)
{
	struct wire_frame frame;

	if (!wire_read(message, &frame, sizeof(frame)) || frame.number == UINT32_MAX ||
			frame.view > WARD_VIEW_COMPOSITED || !is_scale(watch, frame.scale))
		return lied(error, "a frame");
	if (!frame_is_due(watch, &frame))
		return lied(error, "a frame out of order");
	if (frame.offset > watch->shared_len || frame.stride > watch->shared_len ||
			(uint64_t)frame.width * frame.height > watch->options.limits.pixels_max)
		return lied(error, "a frame's size");

	const struct ward_image image = {
		.pixels = watch->shared + frame.offset,
		.stride = (size_t)frame.stride,
		.width = frame.width,
		.height = frame.height,
		.channels = frame.channels,
	};

	if (!ward_image_fits(&image, watch->shared_len - (size_t)frame.offset))
		return lied(error, "a frame's size");
	event->kind = WARD_EVENT_FRAME;
	event->frame = (struct ward_frame){
		.image = image,
		.index = frame.index,
		.time_ms = frame.time_ms,
		.scale = frame.scale,
		.view = (ward_frame_view)frame.view,
		.number = frame.number,
	};
	return WARD_OK;
}

static ward_err read_part(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error)
{
	struct wire_part part;
	ward_str name;

	if (!wire_read_text(message, &part, sizeof(part), &name) || part.encrypted > 1 ||
			part.zero != 0)
		return lied(error, "a member");
	if (watch->job != WARD_JOB_ARCHIVE &&
			(watch->job != WARD_JOB_PICTURE || !watch->facts_seen || part.encrypted ||
					watch->options.facts_only ||
					watch->parts >= WIRE_PICTURE_PARTS))
		return lied(error, "a member of a picture");
	if (watch->parts >= watch->options.limits.parts_max)
		return lied(error, "more members than allowed");
	watch->parts++;
	watch->part_open = part.encrypted == 0;
	if (name.len > 0)
		memcpy(watch->text, name.ptr, name.len);
	watch->text[name.len] = '\0';
	event->kind = WARD_EVENT_PART;
	event->part_name = (ward_str){ watch->text, name.len };
	event->part_encrypted = part.encrypted == 1;
	return WARD_OK;
}

static ward_err read_data(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error)
{
	struct wire_data data;

	if (!wire_read(message, &data, sizeof(data)) || data.len == 0 || data.len > WIRE_SLOT_BYTES)
		return lied(error, "member bytes");
	if (!watch->part_open && !watch->view_seen)
		return lied(error, "member bytes out of order");
	if (data.offset > watch->shared_len || data.len > watch->shared_len - data.offset)
		return lied(error, "member bytes outside the shared memory");
	if (data.len > watch->bytes_max - watch->bytes)
		return lied(error, "more member bytes than allowed");
	watch->bytes += data.len;
	event->kind = WARD_EVENT_DATA;
	event->data = (ward_bytes){ watch->shared + data.offset, (size_t)data.len };
	return WARD_OK;
}

/* Whatever the level, a view is no larger than was asked, and a format that browsers know well. */
static ward_err read_view(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error)
{
	uint32_t side = ward_view_side(&watch->options.view);
	struct wire_view view;

	if (!wire_read(message, &view, sizeof(view)) || view.partial > 1 ||
			(view.media != WARD_MEDIA_PNG && view.media != WARD_MEDIA_JPEG))
		return lied(error, "a view");
	if (watch->job != WARD_JOB_VIEW || !watch->facts_seen || watch->view_seen)
		return lied(error, "a view out of order");
	if (view.width == 0 || view.width > side || view.height == 0 || view.height > side ||
			view.frames == 0 || view.frames > WARD_VIEW_MOMENTS || view.columns == 0 ||
			view.columns > view.frames || view.bytes == 0 ||
			view.bytes > WARD_VIEW_BYTES)
		return lied(error, "a view's size");
	watch->view_seen = true;
	watch->bytes_max = view.bytes;
	event->kind = WARD_EVENT_VIEW;
	event->view_bytes = (size_t)view.bytes;
	event->view = (struct ward_view_facts){
		.kind = (ward_media_kind)view.media,
		.width = view.width,
		.height = view.height,
		.frames = view.frames,
		.partial = view.partial == 1,
		.columns = view.columns,
	};
	memcpy(event->view.times_ms, view.times_ms, sizeof(view.times_ms));
	return WARD_OK;
}

static bool is_end(uint32_t err)
{
	return err == WARD_OK || err == WARD_E_NOMEM || err == WARD_E_FORMAT ||
	       err == WARD_E_LIMIT || err == WARD_E_UNSUPPORTED;
}

/* Only plain characters get through: the sentence ends up on terminals and in logs. */
static void keep_sentence(struct watch *watch, ward_str text)
{
	size_t len = text.len < 255 ? text.len : 255;

	for (size_t i = 0; i < len; i++) {
		char c = text.ptr[i];

		watch->text[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	watch->text[len] = '\0';
}

static ward_err read_end(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error)
{
	struct wire_end end;
	ward_str text;

	if (!wire_read_text(message, &end, sizeof(end), &text) || !is_end(end.err) || end.zero != 0)
		return lied(error, "an end");
	if (watch->job == WARD_JOB_VIEW && end.err == WARD_OK &&
			(!watch->view_seen || watch->bytes < watch->bytes_max))
		return lied(error, "an end before the whole view");
	keep_sentence(watch, text);
	event->kind = WARD_EVENT_END;
	event->err = (ward_err)end.err;
	event->message = watch->text;
	return WARD_OK;
}

ward_err watch_event(struct watch *watch, ward_bytes message, struct ward_event *event,
		struct ward_error *error)
{
	struct ward_event got = { 0 };
	struct wire_head head;
	ward_err err;

	switch (wire_kind(message)) {
	case WIRE_FACTS:
		err = read_facts(watch, message, &got, error);
		break;
	case WIRE_FRAME:
		err = read_frame(watch, message, &got, error);
		break;
	case WIRE_PART:
		err = read_part(watch, message, &got, error);
		break;
	case WIRE_DATA:
		err = read_data(watch, message, &got, error);
		break;
	case WIRE_VIEW:
		err = read_view(watch, message, &got, error);
		break;
	case WIRE_END:
		err = read_end(watch, message, &got, error);
		break;
	default:
		err = lied(error, "a message of no known kind");
		break;
	}
	if (err)
		return err;
	memcpy(&head, message.ptr, sizeof(head));
	if (head.job != watch->number)
		return lied(error, "an answer to another job");
	*event = got;
	return WARD_OK;
}
