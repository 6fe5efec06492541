#include "jpeg.h"

#include <jpeglib.h>

struct jpeg_memory jpeg_encode(const struct ward_image *rgb, int quality)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned char *ptr = NULL;
	unsigned long len = 0;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg_mem_dest(&jpeg, &ptr, &len);
	jpeg.image_width = rgb->width;
	jpeg.image_height = rgb->height;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, quality, TRUE);
	jpeg_start_compress(&jpeg, TRUE);
	while (jpeg.next_scanline < jpeg.image_height) {
		uint8_t *row = (uint8_t *)(uintptr_t)rgb->pixels + jpeg.next_scanline * rgb->stride;

		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	return (struct jpeg_memory){ ptr, len };
}

void jpeg_memory_free(struct jpeg_memory *memory)
{
	free(memory->ptr);
}

void jpeg_decode(const struct jpeg_memory *memory, int scale, struct jpeg_picture *picture)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	uint8_t *rows[16];

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, memory->ptr, memory->len);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.scale_num = 1;
	jpeg.scale_denom = (unsigned)scale;
	jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	if (jpeg.num_components == 4) {
		static const uint8_t white[3] = { 255, 255, 255 };

		picture->image = (struct ward_image){ white, 3, 1, 1, 3 };
		jpeg_destroy_decompress(&jpeg);
		return;
	}
	jpeg_start_decompress(&jpeg);
	uint32_t channels = jpeg.num_components == 1 ? 1 : 3;
	size_t stride = (size_t)jpeg.output_width * channels, len = stride * jpeg.output_height;

	if (len > picture->room) {
		free(picture->pixels);
		picture->pixels = malloc(len);
		picture->room = len;
	}
	picture->image = (struct ward_image){ picture->pixels, stride, jpeg.output_width,
		jpeg.output_height, channels };
	while (jpeg.output_scanline < jpeg.output_height) {
		uint32_t count = 0;

		for (; count < 16 && jpeg.output_scanline + count < jpeg.output_height; count++)
			rows[count] = picture->pixels + (jpeg.output_scanline + count) * stride;
		jpeg_read_scanlines(&jpeg, rows, count);
	}
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
}

void jpeg_picture_free(struct jpeg_picture *picture)
{
	free(picture->pixels);
}

int jpeg_fast_scale(uint32_t width, uint32_t height)
{
	uint32_t side = width < height ? width : height;

	for (uint32_t scale = 8; scale > 1; scale /= 2) {
		if ((side + scale - 1) / scale >= 256)
			return (int)scale;
	}
	return 1;
}

#define TEXT(x)  #x
#define VALUE(x) TEXT(x)

const char *jpeg_version(void)
{
	return "libjpeg-turbo " VALUE(LIBJPEG_TURBO_VERSION);
}
