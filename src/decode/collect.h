/*
 * collect.h - for tests: a sink that keeps what a decoder tells
 *
 * Canvases are of exactly the size asked for, so that a sanitizer sees a write
 * past them, and hold 0xa5, so that a pixel nobody painted shows.
 */
#ifndef DECODE_COLLECT_H
#define DECODE_COLLECT_H

#include <stdlib.h>

#include "decode/decode.h"

#define COLLECT_FRAMES_MAX 64
#define COLLECT_PARTS_MAX  16

struct collected {
	struct ward_decode_options options; /* set before decoding */
	struct decode_sink sink;
	struct ward_error error;

	int facts_told;
	struct ward_picture_facts facts;
	/* Frames in the order they were told; pixels are copies. */
	uint32_t frame_count; /* may be more than are kept */
	struct ward_frame frames[COLLECT_FRAMES_MAX];
	uint32_t part_count; /* likewise */
	char part_names[COLLECT_PARTS_MAX][256];
	bool part_encrypted[COLLECT_PARTS_MAX];
	struct ward_buf part_bytes[COLLECT_PARTS_MAX];

	uint8_t *canvas;
	size_t canvas_len;
};

static inline uint8_t *collect_canvas(void *context, size_t len)
{
	struct collected *all = context;

	free(all->canvas);
	all->canvas = len <= all->options.limits.memory_max ? malloc(len) : NULL;
	all->canvas_len = len;
	if (all->canvas)
		memset(all->canvas, 0xa5, len);
	return all->canvas;
}

static inline ward_err collect_facts(void *context, const struct ward_picture_facts *facts)
{
	struct collected *all = context;

	all->facts_told++;
	all->facts = *facts;
	return WARD_OK;
}

static inline ward_err collect_frame(void *context, const struct ward_frame *frame)
{
	struct collected *all = context;
	size_t before = (size_t)(frame->image.pixels - all->canvas);

	/* A frame outside the canvas is a bug, and nothing can be kept of it. */
	if (!all->canvas || before > all->canvas_len ||
			!ward_image_fits(&frame->image, all->canvas_len - before))
		abort();
	if (all->frame_count < COLLECT_FRAMES_MAX) {
		size_t len = frame->image.stride * frame->image.height;
		uint8_t *copy = malloc(len);
		struct ward_frame *kept = &all->frames[all->frame_count];

		if (!copy)
			return WARD_E_NOMEM;
		memcpy(copy, frame->image.pixels, len);
		*kept = *frame;
		kept->image.pixels = copy;
	}
	all->frame_count++;
	return WARD_OK;
}

static inline ward_err collect_part(void *context, ward_str name, bool encrypted)
{
	struct collected *all = context;

	if (all->part_count < COLLECT_PARTS_MAX) {
		snprintf(all->part_names[all->part_count], sizeof(all->part_names[0]), "%.*s",
				WARD_FMT(name));
		all->part_encrypted[all->part_count] = encrypted;
	}
	all->part_count++;
	return WARD_OK;
}

static inline ward_err collect_data(void *context, ward_bytes bytes)
{
	struct collected *all = context;

	/* Bytes before any part are a bug. */
	if (all->part_count == 0)
		abort();
	if (all->part_count <= COLLECT_PARTS_MAX)
		ward_buf_add(&all->part_bytes[all->part_count - 1], bytes.ptr, bytes.len);
	return WARD_OK;
}

/* Empty, with the default limits. */
static inline void collect_init(struct collected *all)
{
	*all = (struct collected){
		.options = { .limits = ward_limits_default() },
		.sink = { all, collect_canvas, collect_facts, collect_frame, collect_part,
				collect_data },
	};
	for (int i = 0; i < COLLECT_PARTS_MAX; i++)
		ward_buf_init(&all->part_bytes[i], (size_t)64 << 20);
}

/* Forgets what was told; options stay. */
static inline void collect_clear(struct collected *all)
{
	struct ward_decode_options options = all->options;

	for (uint32_t i = 0; i < all->frame_count && i < COLLECT_FRAMES_MAX; i++)
		free((void *)(uintptr_t)all->frames[i].image.pixels);
	for (int i = 0; i < COLLECT_PARTS_MAX; i++)
		ward_buf_free(&all->part_bytes[i]);
	free(all->canvas);
	collect_init(all);
	all->options = options;
}

/* A copy of exactly the file's size, so that a sanitizer sees a read past it. */
static inline ward_bytes collect_copy(ward_bytes file, uint8_t **copy)
{
	*copy = malloc(file.len > 0 ? file.len : 1);
	if (!*copy)
		abort();
	if (file.len > 0)
		memcpy(*copy, file.ptr, file.len);
	return (ward_bytes){ *copy, file.len };
}

/*
 * For fuzz targets: what holds for whatever has parts, whose reading ended with `err`.  Limits of
 * bytes and parts are not passed, a part that is encrypted has no bytes, and a failure says why.
 */
static inline void collect_assert_parts(const struct collected *all, ward_err err)
{
	uint64_t bytes = 0;
	bool ok = (!err || all->error.message[0] != '\0') && all->part_count <= COLLECT_PARTS_MAX;

	for (uint32_t i = 0; ok && i < all->part_count; i++) {
		ok = !all->part_encrypted[i] || all->part_bytes[i].len == 0;
		bytes += all->part_bytes[i].len;
	}
	if (!ok || bytes > all->options.limits.bytes_max)
		abort();
}

static inline ward_err collect_picture(struct collected *all, ward_media_kind kind, ward_bytes file)
{
	uint8_t *copy;
	ward_bytes bytes = collect_copy(file, &copy);

	collect_clear(all);
	ward_err err = decode_picture(kind, bytes, &all->options, &all->sink, &all->error);

	free(copy);
	return err;
}

static inline ward_err collect_archive(struct collected *all, ward_media_kind kind, ward_bytes file)
{
	uint8_t *copy;
	ward_bytes bytes = collect_copy(file, &copy);

	collect_clear(all);
	ward_err err = decode_archive(kind, bytes, &all->options, &all->sink, &all->error);

	free(copy);
	return err;
}

#endif
