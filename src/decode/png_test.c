#include "base/test.h"
#include "decode/collect.h"
#include "decode/draw.h"

#include <png.h>
#include <zlib.h>

static struct collected got;

/* ---- files, chunk by chunk ---- */

static struct ward_buf file;

static void add_u32(uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		ward_buf_char(&file, (char)(value >> shift));
}

static void add_chunk(const char *type, const void *body, size_t len)
{
	add_u32((uint32_t)len);
	size_t at = file.len;

	ward_buf_add(&file, type, 4);
	ward_buf_add(&file, body, len);
	add_u32((uint32_t)crc32(0, (const uint8_t *)file.ptr + at, (uInt)(len + 4)));
}

#define ADD(type, literal) add_chunk((type), (literal), sizeof(literal) - 1)

static void begin(uint32_t width, uint32_t height, uint8_t depth, uint8_t colour)
{
	uint8_t ihdr[13] = { (uint8_t)(width >> 24), (uint8_t)(width >> 16), (uint8_t)(width >> 8),
		(uint8_t)width, (uint8_t)(height >> 24), (uint8_t)(height >> 16),
		(uint8_t)(height >> 8), (uint8_t)height, depth, colour };

	ward_buf_clear(&file);
	ward_buf_add(&file, "\x89PNG\r\n\x1a\n", 8);
	add_chunk("IHDR", ihdr, sizeof(ihdr));
}

/* Rows of `row` bytes each, unfiltered, as one IDAT, or as one fdAT of that number. */
static void add_samples(const void *samples, size_t row, uint32_t rows, int64_t number)
{
	uint8_t *plain = malloc((row + 1) * rows);
	uLongf len = compressBound((uLong)((row + 1) * rows));
	uint8_t *packed = malloc(len + 4);

	for (uint32_t y = 0; y < rows; y++) {
		plain[y * (row + 1)] = 0;
		memcpy(plain + y * (row + 1) + 1, (const uint8_t *)samples + y * row, row);
	}
	compress(packed + 4, &len, plain, (uLong)((row + 1) * rows));
	for (int i = 0; i < 4; i++)
		packed[i] = (uint8_t)(number >> (24 - 8 * i));
	if (number >= 0)
		add_chunk("fdAT", packed, len + 4);
	else
		add_chunk("IDAT", packed + 4, len);
	free(plain);
	free(packed);
}

static ward_bytes finish(void)
{
	ADD("IEND", "");
	return (ward_bytes){ (const uint8_t *)file.ptr, file.len };
}

/* A picture of one row. */
static ward_bytes one_row(uint32_t width, uint8_t depth, uint8_t colour, const void *samples,
		size_t len)
{
	begin(width, 1, depth, colour);
	add_samples(samples, len, 1, -1);
	return finish();
}

static ward_err decode(ward_bytes bytes)
{
	return collect_picture(&got, WARD_MEDIA_PNG, bytes);
}

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
}

static bool pixels_are(uint32_t frame, uint32_t channels, const void *want, size_t len)
{
	const struct ward_image *image = &got.frames[frame].image;
	size_t have = image->stride * image->height;
	bool same = frame < got.frame_count && image->channels == channels && have == len &&
		    memcmp(image->pixels, want, len) == 0;

	if (!same)
		printf("#   frame %u of %u: %zu bytes, %u channels\n", frame, got.frame_count, have,
				image->channels);
	for (size_t i = 0; !same && frame < got.frame_count && i < have && i < 48; i++)
		printf("#   %zu: %d\n", i, image->pixels[i]);
	return same;
}
#define PIXELS(frame, channels, literal) \
	pixels_are((frame), (channels), (literal), sizeof(literal) - 1)

/* ---- samples ---- */

static void every_depth_of_grey(void)
{
	start();
	CHECK_EQ(decode(one_row(3, 1, 0, "\xa0", 1)), WARD_OK);
	CHECK(PIXELS(0, 1, "\xff\0\xff"));
	CHECK_EQ(got.facts.bits, 1);
	CHECK_EQ(decode(one_row(4, 2, 0, "\x1b", 1)), WARD_OK);
	CHECK(PIXELS(0, 1, "\0\x55\xaa\xff"));
	CHECK_EQ(decode(one_row(2, 4, 0, "\x3f", 1)), WARD_OK);
	CHECK(PIXELS(0, 1, "\x33\xff"));
	CHECK_EQ(decode(one_row(2, 8, 0, "\x12\x34", 2)), WARD_OK);
	CHECK(PIXELS(0, 1, "\x12\x34"));
	CHECK_EQ(got.facts.frames, 1);
	CHECK_EQ(got.frame_count, 1);
}

static void sixteen_bits_are_rounded_not_cut(void)
{
	static uint8_t samples[65536 * 2], want[65536];

	start();
	for (uint32_t v = 0; v < 65536; v++) {
		samples[2 * v] = (uint8_t)(v >> 8);
		samples[2 * v + 1] = (uint8_t)v;
		want[v] = (uint8_t)((v * 255 + 32767) / 65535);
	}
	begin(256, 256, 16, 0);
	add_samples(samples, 512, 256, -1);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK_EQ(got.facts.bits, 16);
	CHECK_EQ(got.frames[0].image.stride, 256);
	for (uint32_t v = 0; v < 65536; v++)
		CHECK_EQ(got.frames[0].image.pixels[v], want[v]);
}

static void colours_and_palettes(void)
{
	start();
	CHECK_EQ(decode(one_row(2, 8, 2, "abcdef", 6)), WARD_OK);
	CHECK(PIXELS(0, 3, "abcdef"));
	CHECK(!got.facts.has_alpha);
	CHECK_EQ(decode(one_row(1, 16, 2, "\1\1\x80\x80\xff\xff", 6)), WARD_OK);
	CHECK(PIXELS(0, 3, "\1\x80\xff"));
	begin(3, 1, 2, 3);
	ADD("PLTE", "abcdefghi");
	add_samples("\x90", 1, 1, -1); /* 2 1 0 */
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK(PIXELS(0, 3, "ghidefabc"));
	CHECK_EQ(got.facts.bits, 8);
}

static void alpha_gives_stored_and_composited_where_they_differ(void)
{
	start();
	CHECK_EQ(decode(one_row(2, 8, 6,
				 "\x64\x96\xc8\x80"
				 "def\xff",
				 8)),
			WARD_OK);
	CHECK(got.facts.has_alpha);
	CHECK_EQ(got.frame_count, 2);
	CHECK(PIXELS(0, 3,
			"\x64\x96\xc8"
			"def"));
	CHECK_EQ(got.frames[0].view, WARD_VIEW_STORED);
	CHECK(PIXELS(1, 3,
			"\xb1\xca\xe3"
			"def")); /* v * 128/255 + 255 * 127/255 */
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
	CHECK_EQ(got.frames[1].index, 0);

	/* Opaque, or white below what is seen through: the same look. */
	CHECK_EQ(decode(one_row(2, 8, 6, "abc\xff\xff\xff\xff\0", 8)), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	/* Grey with alpha. */
	CHECK_EQ(decode(one_row(2, 8, 4, "\x10\0\x20\xff", 4)), WARD_OK);
	CHECK(PIXELS(0, 3, "\x10\x10\x10\x20\x20\x20"));
	CHECK(PIXELS(1, 3, "\xff\xff\xff\x20\x20\x20"));
}

static void transparent_colours_count_as_alpha(void)
{
	start();
	begin(2, 1, 8, 0);
	ADD("tRNS", "\0\7");
	add_samples("\7\x08", 2, 1, -1);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK(got.facts.has_alpha);
	CHECK(PIXELS(0, 3, "\7\7\7\x08\x08\x08"));
	CHECK(PIXELS(1, 3, "\xff\xff\xff\x08\x08\x08"));

	begin(2, 1, 8, 3);
	ADD("PLTE", "abcdef");
	ADD("tRNS", "\0");
	add_samples("\0\1", 2, 1, -1);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK(PIXELS(0, 3, "abcdef"));
	CHECK(PIXELS(1, 3,
			"\xff\xff\xff"
			"def"));

	/* All 16 bits must be the colour's: its neighbour is opaque. */
	begin(2, 1, 16, 2);
	ADD("tRNS", "\1\1\1\1\1\1");
	add_samples("\1\1\1\1\1\1\1\1\1\1\1\2", 12, 1, -1);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK(PIXELS(1, 3, "\xff\xff\xff\1\1\1"));
}

static ward_bytes drawn(uint32_t width, uint32_t height, uint32_t channels, int interlace)
{
	static char memory[1 << 20];
	uint8_t *pixels = malloc((size_t)width * height * channels);
	FILE *out = fmemopen(memory, sizeof(memory), "wb");
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);

	draw_lighthouse(pixels, width, height, channels, 1);
	png_init_io(png, out);
	png_set_IHDR(png, info, width, height, 8,
			channels == 1   ? PNG_COLOR_TYPE_GRAY
			: channels == 3 ? PNG_COLOR_TYPE_RGB
					: PNG_COLOR_TYPE_RGB_ALPHA,
			interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (int pass = png_set_interlace_handling(png); pass > 0; pass--) {
		for (uint32_t y = 0; y < height; y++)
			png_write_row(png, pixels + (size_t)y * width * channels);
	}
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	free(pixels);
	size_t len = (size_t)ftell(out);

	fclose(out);
	return (ward_bytes){ (const uint8_t *)memory, len };
}

static void interlaced_pictures_are_the_same(void)
{
	static const uint32_t sides[] = { 1, 2, 3, 5, 8, 9, 33 };

	start();
	for (size_t i = 0; i < sizeof(sides) / sizeof(*sides); i++) {
		for (uint32_t channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1) {
			uint32_t side = sides[i];
			uint8_t want[33 * 34 * 4], plain[33 * 34 * 3];
			size_t at = 0;

			draw_lighthouse(want, side, side + 1, channels, 1);
			for (size_t p = 0; p < side * (side + 1) * channels; p++) {
				if (channels < 4 || p % 4 != 3)
					plain[at++] = want[p];
			}
			for (int interlace = 0; interlace < 2; interlace++) {
				CHECK_EQ(decode(drawn(side, side + 1, channels, interlace)),
						WARD_OK);
				CHECK(pixels_are(0, channels == 1 ? 1 : 3, plain, at));
			}
		}
	}
}

/* ---- what is between ---- */

static void orientation_is_read_from_exif(void)
{
	start();
	begin(1, 1, 8, 0);
	add_samples("a", 1, 1, -1);
	ADD("eXIf", "MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\x03\0\0");
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK_EQ(got.facts.orientation, 3);
}

static void gamma_profiles_and_words_change_nothing(void)
{
	start();
	begin(1, 1, 8, 0);
	ADD("gAMA", "\0\0\x10\0");
	ADD("iCCP", "no profile at all");
	ADD("sPLT", "x");
	ADD("zTXt", "words\0\0not deflated");
	ADD("cHRM", "");
	ADD("abCd", "of nobody");
	add_samples("a", 1, 1, -1);
	ADD("tEXt", "Comment\0x");
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK(PIXELS(0, 1, "a"));
}

/* ---- trouble ---- */

static void wherever_it_breaks_off_that_is_told(void)
{
	ward_bytes whole;

	start();
	for (int interlace = 0; interlace < 2; interlace++) {
		whole = drawn(16, 12, 3, interlace);
		for (size_t len = 8; len < whole.len; len++) {
			CHECK_EQ(decode((ward_bytes){ whole.ptr, len }), WARD_E_FORMAT);
			if (len > 60)
				CHECK_STR(got.error.message, "the png picture breaks off");
			CHECK(got.frame_count <= 1);
		}
		CHECK_EQ(got.frame_count, 1);
		CHECK_EQ(decode(whole), WARD_OK);
	}
}

static void rows_that_are_missing_are_black(void)
{
	static uint8_t noise[200 * 200];
	uint32_t v = 1;

	start();
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24) | 1;
	begin(200, 200, 8, 0);
	add_samples(noise, 200, 200, -1);
	CHECK_EQ(decode((ward_bytes){ (const uint8_t *)file.ptr, file.len / 2 }), WARD_E_FORMAT);
	CHECK_EQ(got.frame_count, 1);
	CHECK(memcmp(got.frames[0].image.pixels, noise, 200 * 50) == 0);
	for (size_t i = 200 * 150; i < 200 * 200; i++)
		CHECK_EQ(got.frames[0].image.pixels[i], 0);
}

static void a_wrong_checksum_of_samples_is_told_after_the_frame(void)
{
	start();
	one_row(2, 8, 0, "ab", 2);
	file.ptr[file.len - 13] ^= 1;
	CHECK_EQ(decode((ward_bytes){ (const uint8_t *)file.ptr, file.len }), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture is damaged: IDAT: CRC error");
	CHECK(PIXELS(0, 1, "ab"));
	/* In words it costs nothing. */
	begin(1, 1, 8, 0);
	ADD("tEXt", "Comment\0x");
	file.ptr[file.len - 1] ^= 1;
	add_samples("a", 1, 1, -1);
	CHECK_EQ(decode(finish()), WARD_OK);
}

static void samples_that_do_not_unpack_are_told(void)
{
	start();
	begin(2, 2, 8, 0);
	ADD("IDAT", "never deflated");
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "the png picture cannot be read: IDAT: ") != NULL);
	CHECK_EQ(got.frame_count, 0);
	/* Too few of them. */
	begin(2, 3, 8, 0);
	add_samples("abcd", 2, 2, -1);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK(PIXELS(0, 1, "abcd\0\0"));
}

static void a_header_that_claims_what_the_file_cannot_hold_is_a_lie(void)
{
	start();
	begin(30000, 30000, 8, 6);
	add_samples("abcd", 4, 1, -1);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "says 30000 x 30000, more than its") != NULL);
	CHECK(got.canvas == NULL);
	begin(UINT32_MAX, UINT32_MAX, 16, 6);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
}

static void a_bomb_meets_the_limit_of_pixels(void)
{
	static uint8_t zeroes[1000 * 125];

	start();
	begin(1000, 1000, 1, 0);
	add_samples(zeroes, 125, 1000, -1);
	CHECK(file.len < 1000);
	got.options.limits.pixels_max = 999999;
	CHECK_EQ(decode(finish()), WARD_E_LIMIT);
	CHECK_STR(got.error.message,
			"the png picture is 1000 x 1000, more than the limit of 999999 pixels");
	got.options.limits.pixels_max++;
	CHECK_EQ(decode((ward_bytes){ (const uint8_t *)file.ptr, file.len }), WARD_OK);
}

static void headers_that_make_no_sense(void)
{
	start();
	CHECK_EQ(decode((ward_bytes){ (const uint8_t *)"\x89PNG\r\n\x1a\n", 8 }), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture does not begin with a header");
	begin(1, 1, 8, 5);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture has a header that makes no sense");
	begin(1, 1, 3, 0);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	begin(0, 1, 8, 0);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	begin(1, 1, 8, 3); /* no palette */
	add_samples("a", 1, 1, -1);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK_EQ(got.frame_count, 0);
}

/* ---- animations: 2 x 1 pixels, RGBA ---- */

#define RED   "\xff\0\0\xff"
#define GREEN "\0\xff\0\xff"
#define BLUE  "\0\0\xff\xff"
#define NONE  "\0\0\0\0"

static uint32_t sequence;

static void begin_animation(uint32_t frames)
{
	sequence = 0;
	begin(2, 1, 8, 6);
	uint8_t body[8] = { 0, 0, (uint8_t)(frames >> 8), (uint8_t)frames };

	add_chunk("acTL", body, sizeof(body));
}

static void add_control(uint8_t width, uint8_t x, uint8_t tenths, uint8_t dispose, uint8_t blend)
{
	const uint8_t body[26] = { 0, 0, 0, (uint8_t)sequence++, 0, 0, 0, width, 0, 0, 0, 1, 0, 0,
		0, x, 0, 0, 0, 0, 0, tenths, 0, 10, dispose, blend };

	add_chunk("fcTL", body, sizeof(body));
}

static void add_frame(const char *pixels, uint8_t width)
{
	add_samples(pixels, 4u * width, 1, sequence++);
}

static void an_animation_gives_each_frame_on_its_canvas(void)
{
	start();
	begin_animation(4);
	add_control(2, 0, 1, 0, 0);
	add_samples(RED GREEN, 8, 1, -1);
	add_control(1, 1, 2, 0, 0); /* replaces one pixel */
	add_frame(BLUE, 1);
	add_control(2, 0, 0, 0, 1); /* over: what is clear leaves what is below */
	add_frame(NONE GREEN, 2);
	add_control(1, 0, 5, 0, 1);
	add_frame("\0\0\xff\x80", 1);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK_EQ(got.facts.frames, 4);
	CHECK_EQ(got.frame_count, 4);
	CHECK(PIXELS(0, 3, "\xff\0\0\0\xff\0"));
	CHECK(PIXELS(1, 3, "\xff\0\0\0\0\xff"));
	CHECK(PIXELS(2, 3, "\xff\0\0\0\xff\0"));
	CHECK(PIXELS(3, 3, "\x7f\0\x80\0\xff\0"));
	CHECK_EQ(got.frames[1].time_ms, 100);
	CHECK_EQ(got.frames[2].time_ms, 300);
	CHECK_EQ(got.frames[3].time_ms, 300);
	CHECK_EQ(got.frames[3].index, 3);
}

static void frames_leave_what_their_control_says(void)
{
	start();
	begin_animation(4);
	add_control(2, 0, 1, 0, 0);
	add_samples(RED GREEN, 8, 1, -1);
	add_control(1, 0, 1, 2, 0); /* then as before it */
	add_frame(BLUE, 1);
	add_control(1, 1, 1, 1, 0); /* then clear */
	add_frame(BLUE, 1);
	add_control(1, 0, 1, 0, 1);
	add_frame(NONE, 1);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK_EQ(got.frame_count, 5); /* the last one is seen through, so it is told twice */
	CHECK(PIXELS(1, 3, "\0\0\xff\0\xff\0"));
	CHECK(PIXELS(2, 3, "\xff\0\0\0\0\xff"));
	CHECK(PIXELS(3, 3, "\xff\0\0\0\0\0"));
	CHECK(PIXELS(4, 3, "\xff\0\0\xff\xff\xff"));
	CHECK_EQ(got.frames[4].index, 3);
}

static void a_picture_beside_the_animation_is_told_first(void)
{
	start();
	begin_animation(1);
	add_samples(GREEN GREEN, 8, 1, -1);
	add_control(1, 0, 1, 0, 0);
	add_frame(BLUE, 1);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK_EQ(got.facts.frames, 2);
	CHECK_EQ(got.frame_count, 3);
	CHECK(PIXELS(0, 3, "\0\xff\0\0\xff\0"));
	/* It leaves nothing on the animation's canvas. */
	CHECK(PIXELS(1, 3, "\0\0\xff\0\0\0"));
	CHECK_EQ(got.frames[1].index, 1);
	CHECK_EQ(got.frames[1].time_ms, 0);
}

static void two_frames(void)
{
	begin_animation(2);
	add_control(2, 0, 1, 0, 0);
	add_samples(RED GREEN, 8, 1, -1);
	add_control(2, 0, 1, 0, 0);
	add_frame(BLUE BLUE, 2);
}

static void only_the_first_frame_where_that_is_asked(void)
{
	start();
	got.options.first_frame_only = true;
	two_frames();
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.facts.frames, 2);
}

static void more_frames_than_agreed_end_the_job_after_those(void)
{
	start();
	got.options.limits.frames_max = 1;
	two_frames();
	CHECK_EQ(decode(finish()), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the png picture has more frames than the limit of 1");
	CHECK_EQ(got.frame_count, 1);
}

static void any_less_memory_is_a_limit_and_no_harm(void)
{
	start();
	/* The two pixels are 8 bytes of RGBA, or 6 of RGB. */
	for (uint64_t bytes = 0; bytes <= 8; bytes++) {
		got.options.limits.memory_max = bytes;
		two_frames();
		CHECK_EQ(decode(finish()), bytes < 8 ? WARD_E_LIMIT : WARD_OK);
		CHECK_EQ(got.frame_count, bytes < 8 ? 0 : 2);
		CHECK_EQ(decode(one_row(2, 8, 6,
					 "abc\x80"
					 "def\xff",
					 8)),
				bytes < 8 ? WARD_E_LIMIT : WARD_OK);
		CHECK_EQ(decode(one_row(2, 8, 2, "abcdef", 6)), bytes < 6 ? WARD_E_LIMIT : WARD_OK);
	}
}

/* With exactly the bytes there are in memory, so that a sanitizer sees one read too many. */
static void an_animation_that_breaks_off_anywhere_is_told(void)
{
	two_frames();
	ward_bytes whole = finish();

	for (size_t len = 8; len < whole.len; len++)
		CHECK(decode((ward_bytes){ whole.ptr, len }) != WARD_OK);
}

static void palettes_hold_for_every_frame(void)
{
	start();
	sequence = 0;
	begin(2, 1, 1, 3);
	ADD("acTL", "\0\0\0\2\0\0\0\0");
	ADD("PLTE", "abcdef");
	add_control(2, 0, 1, 0, 0);
	add_samples("\x40", 1, 1, -1);
	add_control(1, 1, 1, 0, 0);
	add_samples("\0", 1, 1, sequence++);
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK(PIXELS(0, 3, "abcdef"));
	CHECK(PIXELS(1, 3, "abcabc"));
}

static void broken_animations_keep_their_whole_frames(void)
{
	start();
	two_frames();
	CHECK_EQ(decode((ward_bytes){ (const uint8_t *)file.ptr, file.len - 30 }), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture breaks off");
	CHECK_EQ(got.frame_count, 1);
	/* All of its samples, and the chunk not whole. */
	CHECK_EQ(decode((ward_bytes){ (const uint8_t *)file.ptr, file.len - 3 }), WARD_E_FORMAT);
	CHECK(PIXELS(1, 3, "\0\0\xff\0\0\xff"));
	CHECK_EQ(decode((ward_bytes){ (const uint8_t *)file.ptr, file.len }), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture breaks off");
	CHECK_EQ(got.frame_count, 2);

	two_frames();
	file.ptr[file.len - 1] ^= 1;
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture is damaged: CRC error");
	CHECK_EQ(got.frame_count, 2);

	begin_animation(2);
	add_control(2, 0, 1, 0, 0);
	add_samples(RED GREEN, 8, 1, -1);
	add_control(2, 1, 1, 0, 0);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture reaches beyond the picture in frame 1");

	begin_animation(2);
	add_control(2, 0, 1, 0, 0);
	add_samples(RED GREEN, 8, 1, -1);
	sequence++;
	add_control(1, 0, 1, 0, 0);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture is out of order in frame 1");

	begin_animation(2);
	add_samples(RED GREEN, 8, 1, -1);
	add_frame(BLUE BLUE, 2);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture has samples without a place in frame 0");

	begin_animation(2);
	CHECK_EQ(decode(finish()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the png picture has no samples");
}

static const struct test_case cases[] = {
	{ "every depth of grey", every_depth_of_grey },
	{ "16 bits are rounded, not cut", sixteen_bits_are_rounded_not_cut },
	{ "colours and palettes", colours_and_palettes },
	{ "alpha gives stored and composited where they differ",
			alpha_gives_stored_and_composited_where_they_differ },
	{ "transparent colours count as alpha", transparent_colours_count_as_alpha },
	{ "interlaced pictures are the same", interlaced_pictures_are_the_same },
	{ "orientation is read from EXIF", orientation_is_read_from_exif },
	{ "gamma, profiles and words change nothing", gamma_profiles_and_words_change_nothing },
	{ "wherever it breaks off, that is told", wherever_it_breaks_off_that_is_told },
	{ "rows that are missing are black", rows_that_are_missing_are_black },
	{ "a wrong checksum of samples is told after the frame",
			a_wrong_checksum_of_samples_is_told_after_the_frame },
	{ "samples that do not unpack are told", samples_that_do_not_unpack_are_told },
	{ "a header that claims what the file cannot hold is a lie",
			a_header_that_claims_what_the_file_cannot_hold_is_a_lie },
	{ "a bomb meets the limit of pixels", a_bomb_meets_the_limit_of_pixels },
	{ "headers that make no sense", headers_that_make_no_sense },
	{ "an animation gives each frame on its canvas",
			an_animation_gives_each_frame_on_its_canvas },
	{ "frames leave what their control says", frames_leave_what_their_control_says },
	{ "a picture beside the animation is told first",
			a_picture_beside_the_animation_is_told_first },
	{ "only the first frame where that is asked", only_the_first_frame_where_that_is_asked },
	{ "more frames than agreed end the job after those",
			more_frames_than_agreed_end_the_job_after_those },
	{ "any less memory is a limit, and no harm", any_less_memory_is_a_limit_and_no_harm },
	{ "an animation that breaks off anywhere is told",
			an_animation_that_breaks_off_anywhere_is_told },
	{ "palettes hold for every frame", palettes_hold_for_every_frame },
	{ "broken animations keep their whole frames", broken_animations_keep_their_whole_frames },
};

int main(void)
{
	collect_init(&got);
	ward_buf_init(&file, (size_t)16 << 20);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	ward_buf_free(&file);
	collect_clear(&got);
	return failed;
}
