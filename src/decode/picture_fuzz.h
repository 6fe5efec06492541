/*
 * picture_fuzz.h - for fuzz targets: any bytes as one picture format
 *
 * The first byte chooses the options, the rest is the file.  Small limits, so
 * that an input takes milliseconds; what holds for every format is asserted.
 */
#ifndef DECODE_PICTURE_FUZZ_H
#define DECODE_PICTURE_FUZZ_H

#include <assert.h>

#include "decode/collect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline int fuzz_picture(ward_media_kind kind, const uint8_t *data, size_t size)
{
	static struct collected all;

	if (size == 0)
		return 0;
	if (!all.sink.context)
		collect_init(&all);
	all.options = (struct ward_decode_options){
		.limits = ward_limits_default(),
		.size = data[0] & 1 ? WARD_DECODE_FAST : WARD_DECODE_FULL,
		.first_frame_only = data[0] & 2,
		.facts_only = data[0] & 4,
	};
	all.options.limits.pixels_max = 1 << 20;
	all.options.limits.memory_max = 16 << 20;
	all.options.limits.frames_max = 8;

	ward_err err = collect_picture(&all, kind, (ward_bytes){ data + 1, size - 1 });

	assert(err || all.facts_told == 1);
	assert(err || all.options.facts_only || all.frame_count > 0);
	assert(!err || all.error.message[0] != 0);
	assert(!(all.options.facts_only && all.frame_count > 0));
	for (uint32_t i = 0; i < all.frame_count && i < COLLECT_FRAMES_MAX; i++) {
		const struct ward_frame *frame = &all.frames[i];

		assert(frame->index < all.options.limits.frames_max);
		assert(!all.options.first_frame_only || frame->index == 0);
		assert((uint64_t)frame->image.width * frame->image.height <=
				all.options.limits.pixels_max);
	}
	collect_clear(&all);
	return 0;
}

#endif
