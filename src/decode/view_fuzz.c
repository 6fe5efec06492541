/*
 * Any bytes as a picture of any kind, shown at any level.  The first eight
 * bytes choose, the rest is the file.  What comes out is a view within its
 * bounds, which decodes.
 */
#include <assert.h>

#include "decode/collect.h"
#include "decode/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ward_view_options choose(struct ward_reader *reader)
{
	uint8_t flags = ward_read_u8(reader);

	return (struct ward_view_options){
		.level = (ward_view_level)(ward_read_u8(reader) % (WARD_LEVEL_COUNT + 1)),
		.side_max = ward_read_u8(reader) * 2u,
		.cells = ward_read_u8(reader) % 80,
		.blur = ward_read_u8(reader),
		.colour = flags & 1,
		.reveal = flags & 2,
		.reveal_x = ward_read_u8(reader),
		.reveal_y = flags & 4 ? UINT32_MAX : ward_read_u8(reader),
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct collected shown;
	struct ward_reader reader = ward_reader_from((ward_bytes){ data, size });
	struct ward_decode_options options = { .limits = ward_limits_default() };
	ward_media_kind kind = (ward_media_kind)(ward_read_u8(&reader) % WARD_MEDIA_KIND_COUNT);
	struct ward_error error = { 0 };
	struct decode_view view;
	struct ward_buf out;

	options.view = choose(&reader);
	options.limits.pixels_max = 1 << 20;
	options.limits.memory_max = 16 << 20;
	options.limits.frames_max = 12;
	ward_buf_init(&out, WARD_VIEW_BYTES);

	ward_err err = decode_view(kind, (ward_bytes){ reader.next, ward_reader_left(&reader) },
			&options, &view, &out, &error);
	uint32_t side = ward_view_side(&options.view);

	assert(!err || error.message[0] != 0);
	assert(side > 0 || err == WARD_E_ARGUMENT);
	if (!err) {
		assert(view.view.width > 0 && view.view.width <= side);
		assert(view.view.height > 0 && view.view.height <= side);
		assert(view.view.frames > 0 && view.view.frames <= WARD_VIEW_FRAMES);
		collect_init(&shown);
		err = collect_picture(&shown, view.view.kind,
				(ward_bytes){ (const uint8_t *)out.ptr, out.len });
		assert(!err);
		assert(shown.facts.width == view.view.width);
		assert(shown.facts.height == view.view.height);
		assert(options.view.colour || shown.frames[0].image.channels == 1);
		collect_clear(&shown);
	}
	ward_buf_free(&out);
	return 0;
}
