/* The part of a picture within its even borders, as a picture of its own. */
#include <ward/hash.h>

static uint64_t reduced_length(uint64_t full, uint32_t scale)
{
	return (full + scale - 1) / scale;
}

static bool sides_agree(const struct ward_reduced_image *reduced)
{
	uint32_t scale = reduced->scale;

	return scale > 0 && reduced->image.width == reduced_length(reduced->width, scale) &&
	       reduced->image.height == reduced_length(reduced->height, scale);
}

/* Full pixels of a part that starts `from` and is `count` long; the last pixel may show fewer. */
static uint32_t full_length(uint32_t from, uint32_t count, uint32_t scale, uint32_t full)
{
	uint64_t end = ((uint64_t)from + count) * scale;

	return (uint32_t)((end < full ? end : full) - (uint64_t)from * scale);
}

bool ward_reduced_image_find_inner(const struct ward_reduced_image *reduced,
		struct ward_reduced_image *inner)
{
	const struct ward_image *image = &reduced->image;
	struct ward_rectangle in;

	if (!sides_agree(reduced) || !ward_image_find_inner(image, &in))
		return false;
	*inner = (struct ward_reduced_image){
		.image = { image->pixels + in.y * image->stride + (size_t)in.x * image->channels,
				image->stride, in.width, in.height, image->channels },
		.scale = reduced->scale,
		.width = full_length(in.x, in.width, reduced->scale, reduced->width),
		.height = full_length(in.y, in.height, reduced->scale, reduced->height),
	};
	return true;
}
