#include "base/test.h"
#include "decode/collect.h"
#include "decode/draw.h"

#include <jpeglib.h>

static struct collected got;

/* ---- drawn files ---- */

struct recipe {
	uint32_t width;
	uint32_t height;
	J_COLOR_SPACE colours; /* of the file */
	bool progressive;
	bool arithmetic;
	unsigned restart_rows;
	bool whole_chroma; /* 4:4:4 */
	const uint8_t *app1;
	unsigned app1_len;
};

/* One file at a time. */
static uint8_t *file_bytes;
static unsigned long file_len;

static ward_bytes encode(struct recipe recipe)
{
	struct jpeg_compress_struct turbo;
	struct jpeg_error_mgr errors;
	bool four = recipe.colours == JCS_CMYK || recipe.colours == JCS_YCCK;
	uint32_t channels = four ? 4 : recipe.colours == JCS_GRAYSCALE ? 1 : 3;
	uint8_t *pixels = malloc((size_t)recipe.width * recipe.height * channels);

	free(file_bytes);
	file_bytes = NULL;
	turbo.err = jpeg_std_error(&errors);
	jpeg_create_compress(&turbo);
	jpeg_mem_dest(&turbo, &file_bytes, &file_len);
	turbo.image_width = recipe.width;
	turbo.image_height = recipe.height;
	turbo.input_components = (int)channels;
	turbo.in_color_space = four ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(&turbo);
	jpeg_set_quality(&turbo, 90, TRUE);
	jpeg_set_colorspace(&turbo, recipe.colours);
	turbo.arith_code = recipe.arithmetic;
	turbo.restart_in_rows = (int)recipe.restart_rows;
	if (recipe.whole_chroma)
		turbo.comp_info[0].h_samp_factor = turbo.comp_info[0].v_samp_factor = 1;
	if (recipe.progressive)
		jpeg_simple_progression(&turbo);
	jpeg_start_compress(&turbo, TRUE);
	if (recipe.app1)
		jpeg_write_marker(&turbo, JPEG_APP0 + 1, recipe.app1, recipe.app1_len);
	draw_lighthouse(pixels, recipe.width, recipe.height, channels, 1);
	while (turbo.next_scanline < turbo.image_height) {
		JSAMPROW row = pixels + (size_t)turbo.next_scanline * recipe.width * channels;

		jpeg_write_scanlines(&turbo, &row, 1);
	}
	jpeg_finish_compress(&turbo);
	jpeg_destroy_compress(&turbo);
	free(pixels);
	return (ward_bytes){ file_bytes, file_len };
}

/* libjpeg by itself, as it comes: the pixels that ours should be. */
static bool is_plain_libjpeg_s(ward_bytes file, uint32_t scale)
{
	const struct ward_image *image = &got.frames[0].image;
	struct jpeg_decompress_struct turbo;
	struct jpeg_error_mgr errors;

	turbo.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&turbo);
	jpeg_mem_src(&turbo, file.ptr, file.len);
	jpeg_read_header(&turbo, TRUE);
	turbo.scale_denom = scale;
	if (image->channels == 1)
		turbo.out_color_space = JCS_GRAYSCALE;
	jpeg_start_decompress(&turbo);
	bool same = got.frame_count == 1 && turbo.output_width == image->width &&
		    turbo.output_height == image->height &&
		    (uint32_t)turbo.output_components == image->channels;
	uint8_t *line = malloc((size_t)turbo.output_width * 4);

	while (same && turbo.output_scanline < turbo.output_height) {
		const uint8_t *ours = image->pixels + turbo.output_scanline * image->stride;

		jpeg_read_scanlines(&turbo, &line, 1);
		same = memcmp(ours, line, (size_t)image->width * image->channels) == 0;
	}
	free(line);
	jpeg_destroy_decompress(&turbo);
	return same;
}

static ward_err decode(ward_bytes file)
{
	return collect_picture(&got, WARD_MEDIA_JPEG, file);
}

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
}

/* Where a marker's body begins (behind its length); the markers tried come before the samples. */
static uint8_t *marker_at(uint8_t marker)
{
	unsigned long at = 2;

	while (at + 4 < file_len && file_bytes[at + 1] != marker)
		at += 2u + (unsigned)(file_bytes[at + 2] << 8 | file_bytes[at + 3]);
	return file_bytes + at + 4;
}

/* ---- what is read ---- */

static void every_coding_gives_libjpeg_s_own_pixels(void)
{
	static const struct recipe recipes[] = {
		{ 67, 45, .colours = JCS_YCbCr },
		{ 67, 45, .colours = JCS_YCbCr, .whole_chroma = true },
		{ 67, 45, .colours = JCS_RGB },
		{ 67, 45, .colours = JCS_GRAYSCALE },
		{ 67, 45, .colours = JCS_YCbCr, .progressive = true },
		{ 67, 45, .colours = JCS_YCbCr, .arithmetic = true },
		{ 67, 45, .colours = JCS_YCbCr, .arithmetic = true, .progressive = true },
		{ 67, 45, .colours = JCS_YCbCr, .restart_rows = 1 },
		{ 1, 1, .colours = JCS_YCbCr },
	};

	start();
	for (size_t i = 0; i < sizeof(recipes) / sizeof(*recipes); i++) {
		ward_bytes file = encode(recipes[i]);

		CHECK_EQ(decode(file), WARD_OK);
		CHECK(is_plain_libjpeg_s(file, 1));
		CHECK_EQ(got.facts.bits, 8);
		CHECK(!got.facts.is_cmyk && !got.facts.has_alpha);
		CHECK_EQ(got.frames[0].scale, 1);
	}
}

static void grey_arrives_as_one_channel(void)
{
	start();
	CHECK_EQ(decode(encode((struct recipe){ 20, 10, .colours = JCS_GRAYSCALE })), WARD_OK);
	CHECK_EQ(got.frames[0].image.channels, 1);
}

static void four_inks_become_rgb(void)
{
	static const J_COLOR_SPACE spaces[] = { JCS_CMYK, JCS_YCCK };

	start();
	for (int i = 0; i < 2; i++) {
		ward_bytes file = encode((struct recipe){ 48, 16, .colours = spaces[i] });

		CHECK_EQ(decode(file), WARD_OK);
		CHECK(got.facts.is_cmyk);
		CHECK_EQ(got.frames[0].image.channels, 3);
		/* The fourth channel falls from white at the left to black at the right. */
		const uint8_t *row = got.frames[0].image.pixels;

		CHECK(row[2] > 200);
		CHECK(row[47 * 3] < 16 && row[47 * 3 + 1] < 16 && row[47 * 3 + 2] < 16);
	}
}

static void orientation_is_read_from_exif_in_both_byte_orders(void)
{
	static const uint8_t big[] = "Exif\0\0MM\0*\0\0\0\x08\0\2\x01\0\0\4\0\0\0\1\0\0\0\7"
				     "\x01\x12\0\3\0\0\0\1\0\6\0\0";
	static const uint8_t little[] = "Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x08\0\0\0";
	static const uint8_t absurd[] = "Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\x09\0\0\0";
	static const uint8_t cut[] = "Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\1";
	const struct {
		const uint8_t *app1;
		unsigned len;
		uint32_t orientation;
	} blocks[] = {
		{ big, sizeof(big) - 1, 6 },
		{ little, sizeof(little) - 1, 8 },
		{ absurd, sizeof(absurd) - 1, 0 },
		{ cut, sizeof(cut) - 1, 0 },
		{ NULL, 0, 0 },
	};

	start();
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		struct recipe recipe = { 24, 16, .colours = JCS_YCbCr, .app1 = blocks[i].app1,
			.app1_len = blocks[i].len };

		CHECK_EQ(decode(encode(recipe)), WARD_OK);
		CHECK_EQ(got.facts.orientation, blocks[i].orientation);
		/* Known, not applied. */
		CHECK_EQ(got.frames[0].image.width, 24);
	}
}

static void bytes_behind_the_end_do_not_matter(void)
{
	start();
	encode((struct recipe){ 16, 16, .colours = JCS_YCbCr });
	uint8_t *longer = calloc(1, file_len + 1000);

	memcpy(longer, file_bytes, file_len);
	ward_err err = decode((ward_bytes){ longer, file_len + 1000 });

	free(longer);
	CHECK_EQ(err, WARD_OK);
}

/* ---- fast ---- */

static void fast_keeps_both_sides_at_512_and_says_its_scale(void)
{
	static const struct {
		uint32_t width, height, scale;
	} sizes[] = {
		{ 511, 4000, 1 },
		{ 1022, 1022, 1 },
		{ 1023, 1024, 2 }, /* half of it, rounded up */
		{ 2048, 3000, 4 },
		{ 4096, 4089, 8 },
		{ 9000, 4096, 8 },
	};

	start();
	got.options.size = WARD_DECODE_FAST;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint32_t width = sizes[i].width, height = sizes[i].height, scale = sizes[i].scale;
		ward_bytes file = encode((struct recipe){ width, height, .colours = JCS_YCbCr });

		CHECK_EQ(decode(file), WARD_OK);
		CHECK_EQ(got.facts.width, width);
		CHECK_EQ(got.frames[0].scale, scale);
		CHECK_EQ(got.frames[0].image.width, (width + scale - 1) / scale);
		CHECK_EQ(got.frames[0].image.height, (height + scale - 1) / scale);
		/* Luma is all a near hash needs; at full size the colours stay, for the exact one.
		 */
		CHECK_EQ(got.frames[0].image.channels, scale == 1 ? 3 : 1);
		CHECK(is_plain_libjpeg_s(file, scale));
	}
}

/* ---- trouble ---- */

static void twelve_bits_are_refused_clearly(void)
{
	start();
	encode((struct recipe){ 16, 16, .colours = JCS_GRAYSCALE });
	uint8_t *frame = marker_at(0xc0);

	frame[-3] = 0xc1; /* extended sequential, which may have 12 bits */
	frame[0] = 12;
	CHECK_EQ(decode((ward_bytes){ file_bytes, file_len }), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "the jpeg picture has 12 bits a sample; only 8 are read");
	CHECK_EQ(got.frame_count, 0);
}

static void lossless_is_refused_clearly(void)
{
	start();
	encode((struct recipe){ 16, 16, .colours = JCS_GRAYSCALE });
	marker_at(0xc0)[-3] = 0xc3;
	CHECK_EQ(decode((ward_bytes){ file_bytes, file_len }), WARD_E_UNSUPPORTED);
	CHECK(strstr(got.error.message, "the jpeg picture cannot be read: Unsupported") != NULL);
}

static void a_truncated_picture_is_told_and_then_the_trouble(void)
{
	static const bool progressive[] = { false, true };

	start();
	for (int i = 0; i < 2; i++) {
		ward_bytes file = encode((struct recipe){ 200, 100, .colours = JCS_YCbCr,
				.progressive = progressive[i] });

		for (size_t keep = 2; keep <= 10; keep += 2) {
			size_t len = keep == 10 ? file.len - 1 : file.len * keep / 10;

			CHECK_EQ(decode((ward_bytes){ file.ptr, len }), WARD_E_FORMAT);
			CHECK(got.frame_count <= 1);
			if (keep >= 6) {
				CHECK_STR(got.error.message, "the jpeg picture breaks off");
				CHECK_EQ(got.frame_count, 1);
			}
		}
	}
}

/* Each scan of it has a table in front, and a cut there must not cost the scans before. */
static void a_progressive_picture_is_shown_wherever_it_is_cut(void)
{
	start();
	ward_bytes file = encode(
			(struct recipe){ 64, 64, .colours = JCS_YCbCr, .progressive = true });

	for (size_t len = file.len / 2; len < file.len; len++) {
		CHECK_EQ(decode((ward_bytes){ file.ptr, len }), WARD_E_FORMAT);
		CHECK_STR(got.error.message, "the jpeg picture breaks off");
		CHECK_EQ(got.frame_count, 1);
	}
}

static void damaged_samples_are_told_and_then_the_trouble(void)
{
	start();
	encode((struct recipe){ 200, 100, .colours = JCS_YCbCr, .restart_rows = 1 });
	for (size_t at = file_len * 2 / 3; at < file_len * 2 / 3 + 40; at++)
		file_bytes[at] = 0xff; /* fill bytes, and then some marker */
	CHECK_EQ(decode((ward_bytes){ file_bytes, file_len }), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "the jpeg picture cannot be read: Corrupt JPEG data") !=
			NULL);
	CHECK_EQ(got.frame_count, 1);
}

static void a_header_that_claims_what_the_file_cannot_hold_is_a_lie(void)
{
	start();
	encode((struct recipe){ 16, 16, .colours = JCS_YCbCr });
	uint8_t *frame = marker_at(0xc0);

	frame[1] = frame[3] = 0x75; /* 30000 x 30000 */
	frame[2] = frame[4] = 0x30;
	CHECK_EQ(decode((ward_bytes){ file_bytes, file_len }), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "says 30000 x 30000, more than its") != NULL);
	CHECK(got.canvas == NULL);
	CHECK_EQ(got.frame_count, 0);
}

static void more_pixels_than_agreed(void)
{
	start();
	got.options.limits.pixels_max = 255;
	CHECK_EQ(decode(encode((struct recipe){ 16, 16, .colours = JCS_YCbCr })), WARD_E_LIMIT);
	CHECK_STR(got.error.message,
			"the jpeg picture is 16 x 16, more than the limit of 255 pixels");
}

static void coefficients_count_against_the_memory(void)
{
	start();
	got.options.limits.memory_max = 400 * 400 * 3 + 1000;
	ward_bytes file = encode((struct recipe){ 400, 400, .colours = JCS_YCbCr });

	CHECK_EQ(decode(file), WARD_OK);
	file = encode((struct recipe){ 400, 400, .colours = JCS_YCbCr, .progressive = true,
			.whole_chroma = true });
	CHECK_EQ(decode(file), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the jpeg picture's scans need more memory than allowed");
}

static void endless_scans_end_at_their_limit(void)
{
	start();
	encode((struct recipe){ 16, 16, .colours = JCS_GRAYSCALE, .progressive = true });
	size_t scan = file_len - 2, count = 600;

	while (file_bytes[scan] != 0xff || file_bytes[scan + 1] != 0xda)
		scan--;
	size_t scan_len = file_len - 2 - scan;
	uint8_t *bomb = malloc(file_len + count * scan_len);

	memcpy(bomb, file_bytes, scan);
	for (size_t i = 0; i < count; i++)
		memcpy(bomb + scan + i * scan_len, file_bytes + scan, scan_len);
	ward_err err = decode((ward_bytes){ bomb, scan + count * scan_len });

	free(bomb);
	CHECK_EQ(err, WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the jpeg picture has more scans than the limit of 500");
}

static void what_is_no_jpeg_at_all(void)
{
	static const uint8_t starts[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xd9 };

	start();
	for (size_t len = 0; len <= sizeof(starts); len++) {
		CHECK_EQ(decode((ward_bytes){ starts, len }), WARD_E_FORMAT);
		CHECK(got.error.message[0] != 0);
		CHECK_EQ(got.facts_told, 0);
	}
}

/* An Exif block, little-endian, of two empty IFDs but for where the second's thumbnail is. */
static size_t exif_with(uint8_t *block, const char *thumbnail, size_t len, uint32_t stated)
{
	static const uint8_t head[] = "Exif\0\0II*\0\x08\0\0\0" /* 8: */ "\0\0\x0e\0\0\0"
				      /* 14: */ "\2\0\1\2\4\0\1\0\0\0\x2c\0\0\0"
				      "\2\2\4\0\1\0\0\0";

	memcpy(block, head, sizeof(head) - 1);
	size_t at = sizeof(head) - 1;

	for (int i = 0; i < 4; i++)
		block[at++] = (uint8_t)(stated >> 8 * i);
	memset(block + at, 0, 4); /* no third */
	memcpy(block + at + 4, thumbnail, len);
	return at + 4 + len;
}

static void a_thumbnail_comes_behind_the_picture_as_a_part_of_it(void)
{
	static const char small[] = "\xff\xd8\xff\xd9";
	uint8_t block[200];
	struct recipe recipe = { 24, 16, .colours = JCS_YCbCr, .app1 = block };

	start();
	recipe.app1_len = (unsigned)exif_with(block, small, 4, 4);
	CHECK_EQ(decode(encode(recipe)), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "thumbnail");
	CHECK_EQ(got.part_bytes[0].len, 4);
	CHECK_EQ(memcmp(got.part_bytes[0].ptr, small, 4), 0);
	/* Facts alone are facts alone. */
	got.options.facts_only = true;
	CHECK_EQ(decode(encode(recipe)), WARD_OK);
	CHECK_EQ(got.part_count, 0);
	got.options.facts_only = false;
	/* One that would end behind the block, or is no JPEG, is none. */
	for (uint32_t stated = 5; stated != 2; stated = stated == 5 ? UINT32_MAX : 2) {
		recipe.app1_len = (unsigned)exif_with(block, small, 4, stated);
		CHECK_EQ(decode(encode(recipe)), WARD_OK);
		CHECK_EQ(got.part_count, 0);
	}
	recipe.app1_len = (unsigned)exif_with(block, "lamp", 4, 4);
	CHECK_EQ(decode(encode(recipe)), WARD_OK);
	CHECK_EQ(got.part_count, 0);
}

static const struct test_case cases[] = {
	{ "every coding gives libjpeg's own pixels", every_coding_gives_libjpeg_s_own_pixels },
	{ "grey arrives as one channel", grey_arrives_as_one_channel },
	{ "four inks become RGB", four_inks_become_rgb },
	{ "orientation is read from EXIF in both byte orders",
			orientation_is_read_from_exif_in_both_byte_orders },
	{ "a thumbnail comes behind the picture, as a part of it",
			a_thumbnail_comes_behind_the_picture_as_a_part_of_it },
	{ "bytes behind the end do not matter", bytes_behind_the_end_do_not_matter },
	{ "fast keeps both sides at 512 and says its scale",
			fast_keeps_both_sides_at_512_and_says_its_scale },
	{ "12 bits are refused clearly", twelve_bits_are_refused_clearly },
	{ "lossless is refused clearly", lossless_is_refused_clearly },
	{ "a truncated picture is told, and then the trouble",
			a_truncated_picture_is_told_and_then_the_trouble },
	{ "a progressive picture is shown wherever it is cut",
			a_progressive_picture_is_shown_wherever_it_is_cut },
	{ "damaged samples are told, and then the trouble",
			damaged_samples_are_told_and_then_the_trouble },
	{ "a header that claims what the file cannot hold is a lie",
			a_header_that_claims_what_the_file_cannot_hold_is_a_lie },
	{ "more pixels than agreed", more_pixels_than_agreed },
	{ "coefficients count against the memory", coefficients_count_against_the_memory },
	{ "endless scans end at their limit", endless_scans_end_at_their_limit },
	{ "what is no JPEG at all", what_is_no_jpeg_at_all },
};

int main(void)
{
	collect_init(&got);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	free(file_bytes);
	return failed;
}
