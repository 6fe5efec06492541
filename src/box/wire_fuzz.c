/*
 * The program's side of the wire against a worker that says anything: a
 * series of messages, each two bytes of length and so many bytes.  What is
 * accepted must lie within the shared memory.
 */
#include <assert.h>

#include "box/watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHARED_LEN 65536

static volatile unsigned touched; /* so that the reads are not left out */

/* The first and last byte of what was lent; a sanitizer sees when they are outside. */
static unsigned touch(const struct ward_event *event)
{
	unsigned sum = 0;

	if (event->kind == WARD_EVENT_FRAME) {
		const struct ward_image *image = &event->frame.image;
		size_t last = image->stride * (image->height - 1) +
			      (size_t)image->width * image->channels - 1;

		sum += image->pixels[0] + image->pixels[last];
	}
	if (event->kind == WARD_EVENT_DATA)
		sum += event->data.ptr[0] + event->data.ptr[event->data.len - 1];
	if (event->kind == WARD_EVENT_VIEW)
		assert(event->view.width <= WARD_VIEW_SIDE_CLEAR &&
				event->view.height <= WARD_VIEW_SIDE_CLEAR &&
				event->view_bytes <= WARD_VIEW_BYTES);
	if (event->kind == WARD_EVENT_PART && event->part_name.len > 0)
		sum += (unsigned char)event->part_name.ptr[event->part_name.len - 1];
	if (event->kind == WARD_EVENT_END)
		sum += (unsigned)strlen(event->message);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_reader reader = ward_reader_from((ward_bytes){ data, size });
	struct ward_decode_options options = { .limits = ward_limits_default() };
	uint8_t flags = ward_read_u8(&reader);
	uint8_t *shared = calloc(1, SHARED_LEN);
	static struct watch watch;

	if (!shared)
		return 0;
	watch.shared = shared;
	watch.shared_len = SHARED_LEN;
	options.size = flags & 2 ? WARD_DECODE_FAST : WARD_DECODE_FULL;
	options.limits.bytes_max = 1 << 20;
	options.view.level = (ward_view_level)(flags >> 3 & 7);
	options.frames.kind = flags & 128 ? WARD_FRAMES_TMK : WARD_FRAMES_VPDQ;
	watch_begin(&watch,
			flags & 64  ? WARD_JOB_FRAMES
			: flags & 4 ? WARD_JOB_VIEW
			: flags & 1 ? WARD_JOB_ARCHIVE
				    : WARD_JOB_PICTURE,
			1, &options);
	while (ward_reader_left(&reader) > 0 && !reader.failed) {
		uint16_t len = ward_read_u16le(&reader);
		ward_bytes message = ward_read_bytes(&reader, len);
		struct ward_event event;

		if (reader.failed || watch_event(&watch, message, &event, NULL))
			break;
		touched += touch(&event);
		assert(watch.bytes <= (flags & 4 ? WARD_VIEW_BYTES : options.limits.bytes_max));
	}
	free(shared);
	return 0;
}
