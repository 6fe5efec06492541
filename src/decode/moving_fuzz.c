/*
 * Any bytes as a video, shown, read on and hashed.  The first two bytes choose, the
 * rest is the file.  What comes out lies within its bounds, and an error has words.
 */
#include <assert.h>

#include "decode/moving.h"
#include "decode/moving_stream.h"
#include "decode/moving_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_on(ward_bytes file, const struct ward_limits *limits, uint8_t flags)
{
	const struct moving_options options = { .limits = *limits, .stream = flags >> 7 };
	struct ward_error error = { 0 };
	struct moving *moving;
	struct moving_facts facts;
	struct ward_frame frame;
	ward_err err = moving_open(file, &options, &moving, &facts, &error);

	if (err) {
		assert(error.message[0] != 0);
		return;
	}
	assert(facts.streams > 0 && facts.across > 0 && facts.down > 0);
	assert((uint64_t)facts.picture.width * facts.picture.height <= limits->pixels_max);
	for (uint32_t i = 0; i < 6 && !err; i++) {
		err = i == 0 && flags & 1 ? moving_at(moving, 500, &frame, &error)
					  : moving_next(moving, i * 200, &frame, &error);
		assert(!err || error.message[0] != 0);
		if (err)
			break;
		assert(frame.index == i && frame.image.channels == 3);
		assert((uint64_t)frame.image.width * frame.image.height <= limits->pixels_max);
		assert(ward_image_fits(&frame.image, limits->memory_max));
	}
	moving_free(moving);
}

/* As its frames come out for a hash: each is drawn into exactly the room that was promised. */
static void stream_on(ward_bytes file, const struct ward_decode_options *options)
{
	const struct moving_options open = { .limits = options->limits, .streaming = true };
	struct ward_error error = { 0 };
	struct moving_stream *stream = NULL;
	struct moving *moving = NULL;
	struct moving_facts facts;
	struct moving_due due;
	ward_err err = moving_open(file, &open, &moving, &facts, &error);

	if (!err)
		err = moving_stream_open(moving, &facts, options, &stream, &error);
	for (uint32_t i = 0; i < 12 && !err; i++) {
		err = moving_stream_next(stream, &due, &error);
		if (err || due.again)
			continue;
		assert((uint64_t)due.width * due.height <= options->limits.pixels_max);
		uint8_t *rgb = malloc((size_t)due.width * due.height * 3 + MOVING_SPARE);

		err = moving_stream_draw(stream, rgb, &error);
		free(rgb);
	}
	assert(!err || error.message[0] != 0);
	moving_stream_free(stream);
	moving_free(moving);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool prepared;
	struct ward_reader reader = ward_reader_from((ward_bytes){ data, size });
	struct ward_decode_options options = { .limits = ward_limits_default() };
	uint8_t flags = ward_read_u8(&reader);
	struct ward_error error = { 0 };
	struct decode_view view;
	struct ward_buf out;

	if (!prepared)
		moving_prepare();
	prepared = true;
	options.view.level = (ward_view_level)(1 + ward_read_u8(&reader) % 5);
	options.view.side_max = 64;
	options.view.single = options.view.level >= WARD_LEVEL_SMALL && flags & 2;
	options.view.single_ms = flags * 20u;
	options.limits.pixels_max = 1 << 18;
	options.limits.memory_max = 16 << 20;
	options.limits.frames_max = 20;
	options.limits.time_ms = 2000;
	ward_bytes file = { reader.next, ward_reader_left(&reader) };

	ward_buf_init(&out, WARD_VIEW_BYTES);
	ward_err err = moving_view(file, &options, &view, &out, &error);

	assert(!err || error.message[0] != 0);
	if (!err) {
		assert(view.view.width > 0 && view.view.width <= 64);
		assert(view.view.height > 0 && view.view.height <= 64);
		assert(view.view.frames > 0 && view.view.frames <= WARD_VIEW_MOMENTS);
		assert(view.view.columns > 0 && view.view.columns <= view.view.frames);
		assert(ward_media_identify((ward_bytes){ (const uint8_t *)out.ptr, out.len }) ==
				view.view.kind);
	}
	ward_buf_free(&out);
	read_on(file, &options.limits, flags);
	options.frames.kind = flags & 4 ? WARD_FRAMES_TMK : WARD_FRAMES_VPDQ;
	options.frames.seconds = flags & 8 ? 0 : 0.5f;
	stream_on(file, &options);
	return 0;
}
