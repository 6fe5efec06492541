/*
 * The hasher of the page "Stop my picture": PDQ for a browser.
 *
 * The very sources of src/hash, plain path, built to a WebAssembly module that
 * imports nothing: it can compute, and can reach neither the network nor the
 * page.  The page's script writes pixels in and reads 32 bytes out.
 *
 *   pixels(width, height)  where the picture's RGBA samples go; 0: too many, or no memory
 *   hash()                 the quality, 0 to 100; below 0: no picture was given, or no memory
 *   result()               where the hash lies, in the order of its text form
 *
 * The samples are taken as they stand; what lies behind a transparent one is
 * the script's to decide.  They are wiped when they are hashed.
 */
#include <ward/hash.h>

#include <stdlib.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(name), visibility("default")))

/* A quarter of what a module can address. */
enum { PIXELS_MAX = 100000000 };

static struct ward_pdq_hasher *hasher;
static struct ward_image image;
static uint8_t *samples;
static size_t room;
static ward_signal result;

EXPORT("pixels") uint8_t *pdq_pixels(uint32_t width, uint32_t height)
{
	uint64_t count = (uint64_t)width * height;

	image = (struct ward_image){ 0 };
	if (count == 0 || count > PIXELS_MAX)
		return NULL;
	if (count * 4 > room) {
		free(samples);
		samples = malloc((size_t)count * 4);
		room = samples ? (size_t)count * 4 : 0;
	}
	if (!samples)
		return NULL;
	image = (struct ward_image){ samples, (size_t)width * 3, width, height, 3 };
	return samples;
}

/* The hasher takes RGB: the fourth sample of each pixel goes, in place. */
static void drop_alpha(void)
{
	size_t count = (size_t)image.width * image.height;

	for (size_t i = 0; i < count; i++)
		memmove(samples + 3 * i, samples + 4 * i, 3);
}

EXPORT("hash") int pdq_hash(void)
{
	struct ward_pdq_result found = { 0 };
	ward_err err;

	if (!image.pixels)
		return -1;
	if (!hasher)
		hasher = ward_pdq_hasher_new();
	drop_alpha();
	err = hasher ? ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &found, NULL) : WARD_E_NOMEM;
	memset(samples, 0, room);
	image = (struct ward_image){ 0 };
	if (err)
		return -1;
	result = ward_pdq_signal(found.hash);
	return found.quality;
}

EXPORT("result") const uint8_t *pdq_result(void)
{
	return result.bytes;
}
