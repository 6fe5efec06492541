#include "scan/upright.h"

#include <assert.h>

size_t upright_size(const struct ward_image *image)
{
	size_t size;

	if (ckd_mul(&size, (size_t)image->width, image->height) ||
			ckd_mul(&size, size, image->channels))
		return SIZE_MAX;
	return size;
}

void upright_turn(const struct ward_image *image, uint32_t orientation, uint8_t *out,
		struct ward_image *turned)
{
	bool swaps = orientation >= 5;
	uint32_t width = swaps ? image->height : image->width;
	uint32_t height = swaps ? image->width : image->height;
	uint32_t channels = image->channels;
	uint32_t last_x = image->width - 1;
	uint32_t last_y = image->height - 1;

	assert(orientation >= 1 && orientation <= 8);
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			/* Where the sample shown at (x, y) is stored. */
			uint32_t sx = swaps ? y : x;
			uint32_t sy = swaps ? x : y;

			if (orientation == 2 || orientation == 3 || orientation == 7 ||
					orientation == 8)
				sx = last_x - sx;
			if (orientation == 3 || orientation == 4 || orientation == 6 ||
					orientation == 7)
				sy = last_y - sy;
			const uint8_t *from =
					image->pixels + sy * image->stride + (size_t)sx * channels;

			for (uint32_t c = 0; c < channels; c++)
				*out++ = from[c];
		}
	}
	*turned = (struct ward_image){
		.pixels = out - (size_t)width * height * channels,
		.stride = (size_t)width * channels,
		.width = width,
		.height = height,
		.channels = channels,
	};
}
