/* What is let through to a browser, and what is not. */
#include "view/encoded.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>

#include "base/test.h"

enum { WIDTH = 40, HEIGHT = 30 };

static const struct ward_view_facts png_facts = { .kind = WARD_MEDIA_PNG,
	.width = WIDTH,
	.height = HEIGHT,
	.frames = 1 };
static const struct ward_view_facts jpeg_facts = { .kind = WARD_MEDIA_JPEG,
	.width = WIDTH,
	.height = HEIGHT,
	.frames = 1 };

static struct {
	uint8_t bytes[65536];
	size_t len;
} made;

static ward_bytes all(void)
{
	return (ward_bytes){ made.bytes, made.len };
}

static void draw_row(uint8_t *row, uint32_t y, size_t len)
{
	for (size_t i = 0; i < len; i++)
		row[i] = (uint8_t)(i * 5 + y * 3);
}

static void write_bytes(png_structp png, png_bytep bytes, size_t len)
{
	(void)png;
	if (len > sizeof(made.bytes) - made.len)
		abort();
	memcpy(made.bytes + made.len, bytes, len);
	made.len += len;
}

static void flush(png_structp png)
{
	(void)png;
}

struct png_wish {
	int type, bits, interlace;
	bool words, gamma;
};

static ward_bytes make_png(struct png_wish wish)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	char key[] = "Comment", value[] = "seen at the lighthouse";
	png_text text = { .compression = PNG_TEXT_COMPRESSION_NONE, .key = key, .text = value };
	uint8_t row[WIDTH * 8];

	made.len = 0;
	png_set_write_fn(png, NULL, write_bytes, flush);
	png_set_IHDR(png, info, WIDTH, HEIGHT, wish.bits, wish.type, wish.interlace,
			PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
	if (wish.words)
		png_set_text(png, info, &text, 1);
	if (wish.gamma)
		png_set_gAMA(png, info, 0.45);
	png_write_info(png, info);
	for (int pass = png_set_interlace_handling(png); pass > 0; pass--) {
		for (uint32_t y = 0; y < HEIGHT; y++) {
			draw_row(row, y, sizeof(row));
			png_write_row(png, row);
		}
	}
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	return all();
}

struct jpeg_wish {
	int channels;
	bool jfif, comment, progressive;
};

static ward_bytes make_jpeg(struct jpeg_wish wish)
{
	struct jpeg_compress_struct turbo;
	struct jpeg_error_mgr errors;
	unsigned char *memory = NULL;
	unsigned long len = 0;
	uint8_t pixels[WIDTH * 3], *row = pixels;

	turbo.err = jpeg_std_error(&errors);
	jpeg_create_compress(&turbo);
	jpeg_mem_dest(&turbo, &memory, &len);
	turbo.image_width = WIDTH;
	turbo.image_height = HEIGHT;
	turbo.input_components = wish.channels;
	turbo.in_color_space = wish.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(&turbo);
	turbo.write_JFIF_header = wish.jfif;
	if (wish.progressive)
		jpeg_simple_progression(&turbo);
	jpeg_start_compress(&turbo, TRUE);
	if (wish.comment)
		jpeg_write_marker(&turbo, JPEG_COM, (const JOCTET *)"seen", 4);
	while (turbo.next_scanline < HEIGHT) {
		draw_row(pixels, turbo.next_scanline, sizeof(pixels));
		jpeg_write_scanlines(&turbo, &row, 1);
	}
	jpeg_finish_compress(&turbo);
	jpeg_destroy_compress(&turbo);
	made.len = 0;
	write_bytes(NULL, memory, len);
	free(memory);
	return all();
}

static ward_err check(ward_bytes bytes, const struct ward_view_facts *facts)
{
	struct ward_error error = { 0 };
	ward_err err = encoded_check(bytes, facts, &error);

	if (err && error.message[0] == 0)
		return WARD_OK;
	return err;
}

static void pixels_alone_are_let_through(void)
{
	CHECK_EQ(check(make_png((struct png_wish){ PNG_COLOR_TYPE_GRAY, 8, 0, 0, 0 }), &png_facts),
			WARD_OK);
	CHECK_EQ(check(make_png((struct png_wish){ PNG_COLOR_TYPE_RGB, 8, 0, 0, 0 }), &png_facts),
			WARD_OK);
	CHECK_EQ(check(make_jpeg((struct jpeg_wish){ .channels = 1 }), &jpeg_facts), WARD_OK);
	CHECK_EQ(check(make_jpeg((struct jpeg_wish){ .channels = 3 }), &jpeg_facts), WARD_OK);
}

static void another_kind_of_picture_is_refused(void)
{
	static const struct png_wish pngs[] = {
		{ PNG_COLOR_TYPE_RGB_ALPHA, 8, 0, 0, 0 },
		{ PNG_COLOR_TYPE_GRAY, 16, 0, 0, 0 },
		{ PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_ADAM7, 0, 0 },
		{ PNG_COLOR_TYPE_GRAY, 8, 0, 1, 0 },
		{ PNG_COLOR_TYPE_GRAY, 8, 0, 0, 1 },
	};
	static const struct jpeg_wish jpegs[] = {
		{ .channels = 3, .jfif = true },
		{ .channels = 3, .comment = true },
		{ .channels = 3, .progressive = true },
	};

	for (size_t i = 0; i < sizeof(pngs) / sizeof(*pngs); i++)
		CHECK_EQ(check(make_png(pngs[i]), &png_facts), WARD_E_WORKER);
	for (size_t i = 0; i < sizeof(jpegs) / sizeof(*jpegs); i++)
		CHECK_EQ(check(make_jpeg(jpegs[i]), &jpeg_facts), WARD_E_WORKER);
	CHECK_EQ(check(make_jpeg((struct jpeg_wish){ .channels = 3 }), &png_facts), WARD_E_WORKER);
	CHECK_EQ(check(make_png((struct png_wish){ PNG_COLOR_TYPE_GRAY, 8, 0, 0, 0 }), &jpeg_facts),
			WARD_E_WORKER);
}

static void another_size_than_was_said_is_refused(void)
{
	struct ward_view_facts facts = png_facts;

	facts.width++;
	CHECK_EQ(check(make_png((struct png_wish){ PNG_COLOR_TYPE_GRAY, 8, 0, 0, 0 }), &facts),
			WARD_E_WORKER);
	facts = jpeg_facts;
	facts.height--;
	CHECK_EQ(check(make_jpeg((struct jpeg_wish){ .channels = 1 }), &facts), WARD_E_WORKER);
}

static void bytes_behind_the_end_are_refused(void)
{
	(void)make_png((struct png_wish){ PNG_COLOR_TYPE_GRAY, 8, 0, 0, 0 });
	write_bytes(NULL, (uint8_t[]){ 0 }, 1);
	CHECK_EQ(check(all(), &png_facts), WARD_E_WORKER);
	(void)make_jpeg((struct jpeg_wish){ .channels = 1 });
	write_bytes(NULL, (uint8_t[]){ 0 }, 1);
	CHECK_EQ(check(all(), &jpeg_facts), WARD_E_WORKER);
}

static void a_view_cut_anywhere_is_refused(void)
{
	for (int jpeg = 0; jpeg < 2; jpeg++) {
		const struct ward_view_facts *facts = jpeg ? &jpeg_facts : &png_facts;
		ward_bytes bytes = jpeg ? make_jpeg((struct jpeg_wish){ .channels = 3 })
					: make_png((struct png_wish){ PNG_COLOR_TYPE_RGB, 8, 0, 0,
							  0 });

		for (size_t len = 0; len < bytes.len; len++) {
			uint8_t *copy = malloc(len + 1);

			CHECK(copy);
			memcpy(copy, bytes.ptr, len);
			ward_err err = check((ward_bytes){ copy, len }, facts);

			free(copy);
			CHECK_EQ(err, WARD_E_WORKER);
		}
	}
}

/* A PNG has a checksum over all that matters. */
static void a_png_with_any_byte_changed_is_refused(void)
{
	ward_bytes bytes = make_png((struct png_wish){ PNG_COLOR_TYPE_GRAY, 8, 0, 0, 0 });

	for (size_t i = 0; i < bytes.len; i++) {
		made.bytes[i] ^= 0x10;
		CHECK_EQ(check(bytes, &png_facts), WARD_E_WORKER);
		made.bytes[i] ^= 0x10;
	}
	CHECK_EQ(check(bytes, &png_facts), WARD_OK);
}

static const struct test_case cases[] = {
	{ "pixels alone are let through", pixels_alone_are_let_through },
	{ "another kind of picture, or metadata, is refused", another_kind_of_picture_is_refused },
	{ "another size than was said is refused", another_size_than_was_said_is_refused },
	{ "bytes behind the end are refused", bytes_behind_the_end_are_refused },
	{ "a view cut anywhere is refused", a_view_cut_anywhere_is_refused },
	{ "a PNG with any byte changed is refused", a_png_with_any_byte_changed_is_refused },
};
TEST_MAIN(cases)
