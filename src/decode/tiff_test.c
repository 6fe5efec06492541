#include "base/test.h"
#include "decode/collect.h"
#include "decode/draw.h"

#include <tiffio.h>

static struct collected got;

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
}

static ward_err decode(ward_bytes file)
{
	return collect_picture(&got, WARD_MEDIA_TIFF, file);
}

/* ---- files that libtiff writes, in memory ---- */

static struct {
	uint8_t bytes[1 << 20];
	size_t len, at;
} out;

static tmsize_t on_read(thandle_t handle, void *to, tmsize_t len)
{
	size_t left = out.at < out.len ? out.len - out.at : 0;

	(void)handle;
	if ((size_t)len > left)
		len = (tmsize_t)left;
	memcpy(to, out.bytes + out.at, (size_t)len);
	out.at += (size_t)len;
	return len;
}

static tmsize_t on_write(thandle_t handle, void *from, tmsize_t len)
{
	(void)handle;
	if (out.at + (size_t)len > sizeof(out.bytes))
		return -1;
	memcpy(out.bytes + out.at, from, (size_t)len);
	out.at += (size_t)len;
	if (out.at > out.len)
		out.len = out.at;
	return len;
}

static toff_t on_seek(thandle_t handle, toff_t to, int whence)
{
	(void)handle;
	out.at = (size_t)to + (whence == SEEK_CUR ? out.at : whence == SEEK_END ? out.len : 0);
	return out.at;
}

static int on_close(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t on_size(thandle_t handle)
{
	(void)handle;
	return out.len;
}

static TIFF *writer;

/* `mode`: "w", "wb" with the most significant byte first, "w8" for BigTIFF. */
static void begin(const char *mode)
{
	memset(&out, 0, sizeof(out));
	writer = TIFFClientOpen("test", mode, NULL, on_read, on_write, on_seek, on_close, on_size,
			NULL, NULL);
}

struct page {
	uint32_t width, height;
	uint16_t bits, samples, photometric;
	uint16_t compression; /* 0: none */
	bool separate;
	uint32_t strip; /* rows; 0: all */
	uint32_t tile;  /* both sides; 0: strips */
	uint16_t extra; /* what the last sample is, when it is no colour */
	uint16_t orientation, predictor, format, inks, subfile;
};

static void set_fields(const struct page *page)
{
	TIFFSetField(writer, TIFFTAG_IMAGEWIDTH, page->width);
	TIFFSetField(writer, TIFFTAG_IMAGELENGTH, page->height);
	TIFFSetField(writer, TIFFTAG_BITSPERSAMPLE, page->bits);
	TIFFSetField(writer, TIFFTAG_SAMPLESPERPIXEL, page->samples);
	TIFFSetField(writer, TIFFTAG_PHOTOMETRIC, page->photometric);
	TIFFSetField(writer, TIFFTAG_COMPRESSION,
			page->compression ? page->compression : COMPRESSION_NONE);
	TIFFSetField(writer, TIFFTAG_PLANARCONFIG,
			page->separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
	if (page->tile) {
		TIFFSetField(writer, TIFFTAG_TILEWIDTH, page->tile);
		TIFFSetField(writer, TIFFTAG_TILELENGTH, page->tile);
	} else {
		TIFFSetField(writer, TIFFTAG_ROWSPERSTRIP,
				page->strip ? page->strip : page->height);
	}
	if (page->extra)
		TIFFSetField(writer, TIFFTAG_EXTRASAMPLES, 1, &page->extra);
	if (page->orientation)
		TIFFSetField(writer, TIFFTAG_ORIENTATION, page->orientation);
	if (page->predictor)
		TIFFSetField(writer, TIFFTAG_PREDICTOR, page->predictor);
	if (page->format)
		TIFFSetField(writer, TIFFTAG_SAMPLEFORMAT, page->format);
	if (page->inks)
		TIFFSetField(writer, TIFFTAG_INKSET, page->inks);
	if (page->subfile)
		TIFFSetField(writer, TIFFTAG_SUBFILETYPE, (uint32_t)page->subfile);
	/* The samples of a JPEG in a TIFF are given as RGB. */
	if (page->compression == COMPRESSION_JPEG && page->photometric == PHOTOMETRIC_YCBCR) {
		TIFFSetField(writer, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
		TIFFSetField(writer, TIFFTAG_JPEGQUALITY, 95);
	}
}

/* Rows of samples that lie together; each sample is a whole byte or two in this machine's order. */
static void write_separate(const struct page *page, const uint8_t *samples)
{
	size_t each = page->bits / 8;
	uint8_t *row = malloc(page->width * each);

	for (uint32_t plane = 0; plane < page->samples; plane++) {
		for (uint32_t y = 0; y < page->height; y++) {
			for (uint32_t x = 0; x < page->width; x++)
				memcpy(row + x * each,
						samples + ((y * page->width + x) * page->samples +
									  plane) *
										each,
						each);
			TIFFWriteScanline(writer, row, y, (uint16_t)plane);
		}
	}
	free(row);
}

static void write_tiles(const struct page *page, const uint8_t *samples)
{
	size_t pixel = (size_t)page->samples * page->bits / 8;
	uint8_t *tile = calloc((size_t)page->tile * page->tile, pixel);

	for (uint32_t y = 0; y < page->height; y += page->tile) {
		for (uint32_t x = 0; x < page->width; x += page->tile) {
			for (uint32_t i = 0; i < page->tile && y + i < page->height; i++) {
				uint32_t right = page->width - x;

				memcpy(tile + (size_t)i * page->tile * pixel,
						samples + ((size_t)(y + i) * page->width + x) *
										pixel,
						(right < page->tile ? right : page->tile) * pixel);
			}
			TIFFWriteTile(writer, tile, x, y, 0, 0);
		}
	}
	free(tile);
}

static void add_page(const struct page *page, const void *samples)
{
	size_t row = ((size_t)page->width * page->samples * page->bits + 7) / 8;
	uint8_t *copy = malloc(row * page->height); /* libtiff may swap bytes in it */

	memcpy(copy, samples, row * page->height);
	set_fields(page);
	if (page->separate)
		write_separate(page, copy);
	else if (page->tile)
		write_tiles(page, copy);
	else
		for (uint32_t y = 0; y < page->height; y++)
			TIFFWriteScanline(writer, copy + y * row, y, 0);
	TIFFWriteDirectory(writer);
	free(copy);
}

static ward_bytes finish(void)
{
	TIFFClose(writer);
	return (ward_bytes){ out.bytes, out.len };
}

static ward_bytes one_page(const struct page *page, const void *samples)
{
	begin("w");
	add_page(page, samples);
	return finish();
}
#define ONE_PAGE(samples, ...) one_page(&(struct page){ __VA_ARGS__ }, (samples))

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

#define WIDTH  50
#define HEIGHT 40

static uint8_t drawing[WIDTH * HEIGHT * 4];

static bool is_drawing(uint32_t frame, uint32_t channels)
{
	return pixels_are(frame, channels, drawing, (size_t)WIDTH * HEIGHT * channels);
}

/* How far a told frame's samples are from `drawing`, on the average. */
static double distance(uint32_t frame)
{
	const struct ward_image *image = &got.frames[frame].image;
	size_t len = image->stride * image->height;
	double sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += abs(image->pixels[i] - drawing[i]);
	return sum / (double)len;
}

/* ---- samples ---- */

static void grey_of_every_depth_in_both_senses(void)
{
	start();
	CHECK_EQ(decode(ONE_PAGE("\xa0", .width = 3, .height = 1, .bits = 1, .samples = 1,
				 .photometric = PHOTOMETRIC_MINISBLACK)),
			WARD_OK);
	CHECK(PIXELS(0, 1, "\xff\0\xff"));
	CHECK_EQ(got.facts.bits, 1);
	CHECK_EQ(decode(ONE_PAGE("\xa0", .width = 3, .height = 1, .bits = 1, .samples = 1,
				 .photometric = PHOTOMETRIC_MINISWHITE)),
			WARD_OK);
	CHECK(PIXELS(0, 1, "\0\xff\0"));
	CHECK_EQ(decode(ONE_PAGE("\x1b", .width = 4, .height = 1, .bits = 2, .samples = 1,
				 .photometric = PHOTOMETRIC_MINISBLACK)),
			WARD_OK);
	CHECK(PIXELS(0, 1, "\0\x55\xaa\xff"));
	CHECK_EQ(decode(ONE_PAGE("\x3f", .width = 2, .height = 1, .bits = 4, .samples = 1,
				 .photometric = PHOTOMETRIC_MINISWHITE)),
			WARD_OK);
	CHECK(PIXELS(0, 1, "\xcc\0"));
	CHECK_EQ(decode(ONE_PAGE("\x12\x34", .width = 2, .height = 1, .bits = 8, .samples = 1,
				 .photometric = PHOTOMETRIC_MINISBLACK)),
			WARD_OK);
	CHECK(PIXELS(0, 1, "\x12\x34"));
	CHECK_EQ(decode(ONE_PAGE("\xff\xf0\0\x80\0\0", .width = 4, .height = 1, .bits = 12,
				 .samples = 1, .photometric = PHOTOMETRIC_MINISBLACK)),
			WARD_OK);
	CHECK(PIXELS(0, 1, "\xff\0\x80\0")); /* 2048 of 4095 */
	CHECK_EQ(decode(ONE_PAGE(((uint32_t[2]){ 0x80800000, UINT32_MAX }), .width = 2, .height = 1,
				 .bits = 32, .samples = 1, .photometric = PHOTOMETRIC_MINISBLACK)),
			WARD_OK);
	CHECK(PIXELS(0, 1, "\x80\xff"));
	CHECK_EQ(got.facts.bits, 16);
}

static void sixteen_bits_are_rounded_not_cut(void)
{
	static uint16_t samples[65536];
	static const char *const modes[] = { "wl", "wb", "w8" };

	start();
	for (uint32_t v = 0; v < 65536; v++)
		samples[v] = (uint16_t)v;
	for (int i = 0; i < 3; i++) {
		begin(modes[i]);
		add_page(&(struct page){ .width = 256,
					 .height = 256,
					 .bits = 16,
					 .samples = 1,
					 .photometric = PHOTOMETRIC_MINISBLACK },
				samples);
		CHECK_EQ(decode(finish()), WARD_OK);
		CHECK_EQ(got.facts.bits, 16);
		for (uint32_t v = 0; v < 65536; v++)
			CHECK_EQ(got.frames[0].image.pixels[v], (v * 255 + 32767) / 65535);
	}
}

static void palettes_are_looked_up(void)
{
	uint16_t map[3][4] = { { 0, 65535, 0x8080, 0 }, { 0, 0, 0x8080, 65535 },
		{ 0, 0, 0, 0x101 } };
	const struct page page = { .width = 4,
		.height = 1,
		.bits = 2,
		.samples = 1,
		.photometric = PHOTOMETRIC_PALETTE };

	start();
	for (int old = 0; old <= 1; old++) {
		begin("w");
		set_fields(&page);
		/* Old writers took 8 bits for enough. */
		for (int i = 0; i < 12; i++)
			map[i / 4][i % 4] = (uint16_t)(map[i / 4][i % 4] >> (old ? 8 : 0));
		TIFFSetField(writer, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
		TIFFWriteScanline(writer, (char[1]){ 0x1b }, 0, 0);
		CHECK_EQ(decode(finish()), WARD_OK);
		CHECK(PIXELS(0, 3, "\0\0\0\xff\0\0\x80\x80\0\0\xff\1"));
		CHECK_EQ(got.facts.bits, 8);
	}
}

static void every_layout_and_compression_gives_the_same_pixels(void)
{
	static const uint16_t compressions[] = { COMPRESSION_NONE, COMPRESSION_LZW,
		COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE, COMPRESSION_PACKBITS,
		COMPRESSION_LZMA, COMPRESSION_ZSTD };
	int seen = 0;

	start();
	for (size_t i = 0; i < sizeof(compressions) / sizeof(*compressions); i++) {
		struct page page = { .width = WIDTH,
			.height = HEIGHT,
			.bits = 8,
			.samples = 3,
			.photometric = PHOTOMETRIC_RGB,
			.compression = compressions[i] };

		if (!TIFFIsCODECConfigured(compressions[i]))
			continue;
		CHECK_EQ(decode(one_page(&page, drawing)), WARD_OK);
		CHECK(is_drawing(0, 3));
		page.strip = 7;
		CHECK_EQ(decode(one_page(&page, drawing)), WARD_OK);
		CHECK(is_drawing(0, 3));
		page.separate = true;
		CHECK_EQ(decode(one_page(&page, drawing)), WARD_OK);
		CHECK(is_drawing(0, 3));
		page.separate = false;
		page.tile = 16;
		CHECK_EQ(decode(one_page(&page, drawing)), WARD_OK);
		CHECK(is_drawing(0, 3));
		if (compressions[i] == COMPRESSION_LZW ||
				compressions[i] == COMPRESSION_ADOBE_DEFLATE) {
			page.predictor = PREDICTOR_HORIZONTAL;
			CHECK_EQ(decode(one_page(&page, drawing)), WARD_OK);
			CHECK(is_drawing(0, 3));
		}
		seen++;
	}
	printf("# %d compressions\n", seen);
	CHECK(seen >= 5);
}

static void fax_pages_are_black_on_white(void)
{
	static const uint16_t compressions[] = { COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3,
		COMPRESSION_CCITTFAX4 };

	start();
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(decode(ONE_PAGE("\x0f\x80\xf0\0", .width = 9, .height = 2, .bits = 1,
					 .samples = 1, .photometric = PHOTOMETRIC_MINISWHITE,
					 .compression = compressions[i])),
				WARD_OK);
		CHECK(PIXELS(0, 1,
				"\xff\xff\xff\xff\0\0\0\0\0"
				"\0\0\0\0\xff\xff\xff\xff\xff"));
	}
}

static void jpeg_in_tiff_comes_out_as_rgb(void)
{
	start();
	for (uint32_t tile = 0; tile <= 16; tile += 16) {
		CHECK_EQ(decode(ONE_PAGE(drawing, .width = WIDTH, .height = HEIGHT, .bits = 8,
					 .samples = 3, .photometric = PHOTOMETRIC_YCBCR,
					 .compression = COMPRESSION_JPEG, .tile = tile,
					 .strip = 16)),
				WARD_OK);
		CHECK_EQ(got.frames[0].image.channels, 3);
		printf("# %.2f\n", distance(0));
		CHECK(distance(0) < 9); /* chroma has half the rows and columns */
	}
}

static void inks_become_rgb(void)
{
	start();
	CHECK_EQ(decode(ONE_PAGE("\0\0\0\0\xff\0\0\0\0\x80\0\x80\1\2\3\xff", .width = 4,
				 .height = 1, .bits = 8, .samples = 4,
				 .photometric = PHOTOMETRIC_SEPARATED)),
			WARD_OK);
	CHECK(got.facts.is_cmyk);
	/* 127 * 127 / 255 is 63. */
	CHECK(PIXELS(0, 3, "\xff\xff\xff\0\xff\xff\x7f\x3f\x7f\0\0\0"));
	CHECK_EQ(decode(ONE_PAGE("\0\0\0\0", .width = 1, .height = 1, .bits = 8, .samples = 4,
				 .photometric = PHOTOMETRIC_SEPARATED, .inks = INKSET_MULTIINK)),
			WARD_E_UNSUPPORTED);
}

/* YCbCr that is not JPEG's, and Lab: by libtiff's conversion, neither turned nor mirrored. */
static void rare_forms_are_converted(void)
{
	static uint8_t luma[16 * 16 * 3];

	start();
	for (int i = 0; i < 256; i++) {
		luma[3 * i] = (uint8_t)i;
		luma[3 * i + 1] = luma[3 * i + 2] = 128;
	}
	begin("w");
	set_fields(&(struct page){ .width = 16,
			.height = 16,
			.bits = 8,
			.samples = 3,
			.photometric = PHOTOMETRIC_YCBCR,
			.orientation = 3 });
	TIFFSetField(writer, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
	TIFFWriteEncodedStrip(writer, 0, luma, sizeof(luma));
	CHECK_EQ(decode(finish()), WARD_OK);
	CHECK_EQ(got.facts.orientation, 3);
	for (uint32_t i = 0; i < 256; i++)
		CHECK_EQ(got.frames[0].image.pixels[3 * i], i);

	for (int i = 0; i < 256; i++)
		luma[3 * i + 1] = luma[3 * i + 2] = 0;
	CHECK_EQ(decode(ONE_PAGE(luma, .width = 16, .height = 16, .bits = 8, .samples = 3,
				 .photometric = PHOTOMETRIC_CIELAB)),
			WARD_OK);
	const uint8_t *pixels = got.frames[0].image.pixels;

	CHECK(pixels[0] < 3 && pixels[765] > 252);
	for (uint32_t i = 1; i < 256; i++)
		CHECK(pixels[3 * i] >= pixels[3 * i - 3]);
}

/* ---- alpha ---- */

static void alpha_is_told_as_stored_and_over_white(void)
{
	start();
	CHECK_EQ(decode(ONE_PAGE("\x64\x96\xc8\x80"
				 "def\xff",
				 .width = 2, .height = 1, .bits = 8, .samples = 4,
				 .photometric = PHOTOMETRIC_RGB, .extra = EXTRASAMPLE_UNASSALPHA)),
			WARD_OK);
	CHECK(got.facts.has_alpha);
	CHECK_EQ(got.frame_count, 2);
	CHECK(PIXELS(0, 3,
			"\x64\x96\xc8"
			"def"));
	CHECK(PIXELS(1, 3,
			"\xb1\xca\xe3"
			"def")); /* v * 128/255 + 255 * 127/255 */
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
	CHECK_EQ(got.frames[1].index, 0);
	/* Grey, in planes. */
	CHECK_EQ(decode(ONE_PAGE("\x10\0\x20\xff", .width = 2, .height = 1, .bits = 8, .samples = 2,
				 .photometric = PHOTOMETRIC_MINISBLACK, .separate = true,
				 .extra = EXTRASAMPLE_UNASSALPHA)),
			WARD_OK);
	CHECK(PIXELS(0, 3, "\x10\x10\x10\x20\x20\x20"));
	CHECK(PIXELS(1, 3, "\xff\xff\xff\x20\x20\x20"));
}

static void premultiplied_colour_is_told_as_it_is_stored(void)
{
	start();
	/* The last one is more than its alpha allows. */
	CHECK_EQ(decode(ONE_PAGE("\x32\x4b\x64\x80"
				 "\0\0\0\0"
				 "abc\xff"
				 "\xff\xc0\0\x40",
				 .width = 4, .height = 1, .bits = 8, .samples = 4,
				 .photometric = PHOTOMETRIC_RGB, .extra = EXTRASAMPLE_ASSOCALPHA)),
			WARD_OK);
	CHECK_EQ(got.frame_count, 2);
	CHECK(PIXELS(0, 3,
			"\x32\x4b\x64\0\0\0"
			"abc"
			"\xff\xc0\0"));
	CHECK(PIXELS(1, 3,
			"\xb1\xca\xe3\xff\xff\xff"
			"abc"
			"\xff\xff\xbf"));
}

static void a_sample_too_many_is_no_alpha(void)
{
	start();
	CHECK_EQ(decode(ONE_PAGE("abc\0def\0", .width = 2, .height = 1, .bits = 8, .samples = 4,
				 .photometric = PHOTOMETRIC_RGB)),
			WARD_OK);
	CHECK(!got.facts.has_alpha);
	CHECK_EQ(got.frame_count, 1);
	CHECK(PIXELS(0, 3, "abcdef"));
}

/* ---- pages ---- */

static const struct page small = { .width = 2,
	.height = 1,
	.bits = 8,
	.samples = 1,
	.photometric = PHOTOMETRIC_MINISBLACK };

static void the_orientation_is_told_and_not_applied(void)
{
	struct page page = small;

	start();
	for (uint16_t orientation = 1; orientation <= 8; orientation++) {
		page.orientation = orientation;
		CHECK_EQ(decode(one_page(&page, "ab")), WARD_OK);
		CHECK_EQ(got.facts.orientation, orientation);
		CHECK(PIXELS(0, 1, "ab"));
	}
	CHECK_EQ(decode(one_page(&small, "ab")), WARD_OK);
	CHECK_EQ(got.facts.orientation, 0);
}

static ward_bytes three_pages(void)
{
	struct page reduced = small;

	reduced.subfile = FILETYPE_REDUCEDIMAGE;
	begin("w");
	add_page(&small, "ab");
	add_page(&reduced, "cd");
	add_page(&(struct page){ .width = 1,
				 .height = 2,
				 .bits = 8,
				 .samples = 3,
				 .photometric = PHOTOMETRIC_RGB },
			"efghij");
	return finish();
}

static void every_page_is_a_frame(void)
{
	start();
	CHECK_EQ(decode(three_pages()), WARD_OK);
	CHECK_EQ(got.facts.frames, 3);
	CHECK_EQ(got.facts.width, 2);
	CHECK_EQ(got.frame_count, 3);
	CHECK(PIXELS(0, 1, "ab"));
	CHECK(PIXELS(1, 1, "cd"));
	CHECK(PIXELS(2, 3, "efghij"));
	CHECK_EQ(got.frames[2].index, 2);
	CHECK_EQ(got.frames[2].image.width, 1);

	got.options.first_frame_only = true;
	CHECK_EQ(decode(three_pages()), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	got.options.first_frame_only = false;
	got.options.facts_only = true;
	CHECK_EQ(decode(three_pages()), WARD_OK);
	CHECK_EQ(got.facts.frames, 3);
	CHECK_EQ(got.frame_count, 0);
}

static void more_pages_than_agreed_are_a_limit(void)
{
	start();
	got.options.limits.frames_max = 2;
	CHECK_EQ(decode(three_pages()), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the tiff picture has more frames than the limit of 2");
	CHECK_EQ(got.frame_count, 2);
}

static void a_page_that_cannot_be_read_does_not_hide_the_next(void)
{
	struct page page = small;

	start();
	page.bits = 32;
	page.format = SAMPLEFORMAT_IEEEFP;
	begin("w");
	add_page(&page, "12345678");
	add_page(&small, "ab");
	CHECK_EQ(decode(finish()), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "page 1 of the tiff picture has samples that are no whole "
				     "numbers of 0 and more, which are not read");
	CHECK_EQ(got.facts.frames, 2);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.frames[0].index, 0);
	CHECK(PIXELS(0, 1, "ab"));

	/* One that is too large. */
	begin("w");
	add_page(&small, "ab");
	page = small;
	page.height = 3;
	add_page(&page, "cdefgh");
	add_page(&small, "ij");
	got.options.limits.pixels_max = 5;
	CHECK_EQ(decode(finish()), WARD_E_LIMIT);
	CHECK_STR(got.error.message,
			"page 2 of the tiff picture is 2 x 3, more than the limit of 5 pixels");
	CHECK_EQ(got.frame_count, 2);
	CHECK(PIXELS(1, 1, "ij"));
}

/* ---- files made by hand ---- */

static void put(size_t at, uint32_t value, int len)
{
	for (int i = 0; i < len; i++)
		out.bytes[at + (size_t)i] = (uint8_t)(value >> (8 * i));
	if (at + (size_t)len > out.len)
		out.len = at + (size_t)len;
}

static void put_entry(size_t at, uint32_t tag, uint32_t value)
{
	put(at, tag, 2);
	put(at + 2, TIFF_LONG, 2);
	put(at + 4, 1, 4);
	put(at + 8, value, 4);
}

/*
 * A directory of grey, 8 bits, one strip, that begins at `at`; another may follow.
 * Answers where its link to the next one is.
 */
static size_t put_directory(size_t at, uint32_t width, uint32_t height, uint32_t compression,
		uint32_t strip, uint32_t strip_len)
{
	const uint32_t entries[][2] = { { TIFFTAG_IMAGEWIDTH, width },
		{ TIFFTAG_IMAGELENGTH, height }, { TIFFTAG_BITSPERSAMPLE, 8 },
		{ TIFFTAG_COMPRESSION, compression },
		{ TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK }, { TIFFTAG_STRIPOFFSETS, strip },
		{ TIFFTAG_ROWSPERSTRIP, height }, { TIFFTAG_STRIPBYTECOUNTS, strip_len } };
	const size_t count = sizeof(entries) / sizeof(*entries);

	put(at, (uint32_t)count, 2);
	for (size_t i = 0; i < count; i++)
		put_entry(at + 2 + 12 * i, entries[i][0], entries[i][1]);
	put(at + 2 + 12 * count, 0, 4);
	return at + 2 + 12 * count;
}
#define DIRECTORY_LEN (2 + 12 * 8 + 4)

static void put_header(uint32_t first)
{
	memset(&out, 0, sizeof(out));
	memcpy(out.bytes, "II*", 4);
	put(4, first, 4);
}

static ward_bytes by_hand(void)
{
	return (ward_bytes){ out.bytes, out.len };
}

static void pages_in_a_circle_are_told_once(void)
{
	start();
	put_header(10);
	put(8, 'a' | 'b' << 8, 2);
	size_t link = put_directory(10, 2, 1, COMPRESSION_NONE, 8, 2);

	put(link, 10 + DIRECTORY_LEN, 4);
	link = put_directory(10 + DIRECTORY_LEN, 1, 2, COMPRESSION_NONE, 8, 2);
	for (uint32_t page = 1; page <= 2; page++) {
		put(link, page == 1 ? 10 : 10 + DIRECTORY_LEN, 4);
		CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
		CHECK_STR(got.error.message,
				"the tiff picture has pages that go in a circle behind page 2");
		CHECK_EQ(got.facts.frames, 2);
		CHECK_EQ(got.frame_count, 2);
		CHECK(PIXELS(1, 1, "ab"));
	}
	/* Backwards is fine. */
	put(4, 10 + DIRECTORY_LEN, 4);
	put(link, 10, 4);
	put(10 + DIRECTORY_LEN - 4, 0, 4);
	CHECK_EQ(decode(by_hand()), WARD_OK);
	CHECK_EQ(got.frame_count, 2);
	/* Nowhere is not. */
	put(link, 0xfffffff0, 4);
	CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "page 2 of the tiff picture has a broken directory: ") !=
			NULL);
	CHECK_EQ(got.frame_count, 1);
}

/* A million directories without anything in them take no time. */
static void a_long_chain_of_nothing_ends_at_the_limit(void)
{
	start();
	put_header(8);
	for (uint32_t at = 8; at + 12 < sizeof(out.bytes); at += 6)
		put(at + 2, at + 6, 4);
	CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
	CHECK_EQ(got.facts_told, 0);
	CHECK(strstr(got.error.message, "the tiff picture has a broken directory: ") != NULL);
	put(4, 0, 4);
	CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the tiff picture holds no page");
}

/* ---- trouble ---- */

static void what_is_not_read_is_said(void)
{
	struct page page = small;

	start();
	page.format = SAMPLEFORMAT_INT;
	CHECK_EQ(decode(one_page(&page, "ab")), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message,
			"the tiff picture has samples that are no whole numbers of 0 and more, "
			"which are not read");
	page = small;
	page.photometric = PHOTOMETRIC_CFA;
	CHECK_EQ(decode(one_page(&page, "ab")), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message,
			"the tiff picture has samples of a kind (32803) that is not read");
	put_header(8);
	put_directory(8, 4, 4, COMPRESSION_JP2000, 8, 64);
	CHECK_EQ(decode(by_hand()), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message,
			"the tiff picture is packed in a way (34712) that is not read");
	put_directory(8, 4, 4, COMPRESSION_JPEG, 8, 64);
	put_entry(8 + 2 + 24, TIFFTAG_BITSPERSAMPLE, 12);
	CHECK_EQ(decode(by_hand()), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "the tiff picture is a JPEG of 12 bits, which is not read");
	CHECK_EQ(got.frame_count, 0);
	CHECK_EQ(got.facts_told, 1);
}

static void a_strip_that_breaks_off_is_told_with_black_below(void)
{
	static const uint16_t compressions[] = { COMPRESSION_NONE, COMPRESSION_LZW,
		COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS };
	static uint8_t strip[1 << 20];

	start();
	for (size_t i = 0; i < sizeof(compressions) / sizeof(*compressions); i++) {
		struct page page = { .width = WIDTH,
			.height = HEIGHT,
			.bits = 8,
			.samples = 1,
			.photometric = PHOTOMETRIC_MINISBLACK,
			.compression = compressions[i] };
		uint64_t *at, *len;

		begin("w");
		add_page(&page, drawing);
		TIFFSetDirectory(writer, 0);
		TIFFGetField(writer, TIFFTAG_STRIPOFFSETS, &at);
		TIFFGetField(writer, TIFFTAG_STRIPBYTECOUNTS, &len);
		size_t strip_len = (size_t)*len;

		memcpy(strip, out.bytes + *at, strip_len);
		finish();
		/* The directory first, as scanners write it. */
		put_header(8);
		put_directory(8, WIDTH, HEIGHT, compressions[i], 8 + DIRECTORY_LEN,
				(uint32_t)strip_len);
		memcpy(out.bytes + out.len, strip, strip_len);
		out.len += strip_len;
		CHECK_EQ(decode(by_hand()), WARD_OK);
		CHECK(is_drawing(0, 1));

		out.len -= strip_len / 4;
		CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
		CHECK(strcmp(got.error.message, "the tiff picture breaks off") == 0 ||
				compressions[i] == COMPRESSION_PACKBITS);
		CHECK_EQ(got.frame_count, 1);
		const uint8_t *pixels = got.frames[0].image.pixels;

		CHECK(got.frame_count == 1 &&
				memcmp(pixels, drawing, (size_t)WIDTH * (HEIGHT / 2)) == 0);
	}
}

static void a_strip_that_is_not_there_is_no_picture(void)
{
	start();
	put_header(8);
	put_directory(8, 4, 4, COMPRESSION_NONE, 8 + DIRECTORY_LEN, 16);
	CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the tiff picture breaks off");
	CHECK_EQ(got.frame_count, 0);
}

static void a_file_cut_anywhere_ends_in_a_sentence(void)
{
	start();
	ward_bytes file = three_pages();

	for (size_t len = 0; len < file.len; len++) {
		CHECK_EQ(decode((ward_bytes){ file.ptr, len }), WARD_E_FORMAT);
		CHECK(got.error.message[0] != 0);
	}
}

static void damage_in_one_strip_leaves_the_others(void)
{
	const struct page page = { .width = WIDTH,
		.height = HEIGHT,
		.bits = 8,
		.samples = 1,
		.photometric = PHOTOMETRIC_MINISBLACK,
		.compression = COMPRESSION_ADOBE_DEFLATE,
		.strip = 10 };

	start();
	ward_bytes file = one_page(&page, drawing);

	/* The first strip follows the header. */
	memset(out.bytes + 8, 0xff, 20);
	CHECK_EQ(decode(file), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "the tiff picture is damaged: ") != NULL);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.frames[0].image.pixels[0], 0);
	CHECK(memcmp(got.frames[0].image.pixels + (size_t)WIDTH * 10, drawing + (size_t)WIDTH * 10,
			      (size_t)WIDTH * 30) == 0);
}

/* What libjpeg and the fax decoders get over is damage all the same. */
static void damage_that_a_codec_gets_over_is_told(void)
{
	start();
	ward_bytes file = ONE_PAGE(drawing, .width = WIDTH, .height = HEIGHT, .bits = 8,
			.samples = 3, .photometric = PHOTOMETRIC_YCBCR,
			.compression = COMPRESSION_JPEG);

	memset(out.bytes + 600, 0x5a, 60);
	CHECK_EQ(decode(file), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "the tiff picture is damaged: Corrupt JPEG data") != NULL);
	CHECK_EQ(got.frame_count, 1);
	file = ONE_PAGE(drawing, .width = 200, .height = 20, .bits = 1, .samples = 1,
			.photometric = PHOTOMETRIC_MINISWHITE,
			.compression = COMPRESSION_CCITTFAX3);
	memset(out.bytes + 60, 0x11, 20);
	CHECK_EQ(decode(file), WARD_E_FORMAT);
	CHECK(strstr(got.error.message, "the tiff picture is damaged: ") != NULL);
	CHECK_EQ(got.frame_count, 1);
}

static void a_header_that_claims_more_than_the_file_can_hold(void)
{
	static const uint16_t compressions[] = { COMPRESSION_NONE, COMPRESSION_LZW,
		COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS, COMPRESSION_CCITTFAX4 };

	start();
	for (size_t i = 0; i < sizeof(compressions) / sizeof(*compressions); i++) {
		put_header(8);
		put_directory(8, 30000, 30000, compressions[i], 8, 64);
		CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
		CHECK_STR(got.error.message, "the tiff picture says 30000 x 30000, more than the "
					     "file's 110 bytes can hold");
		CHECK(got.canvas == NULL);
	}
	put_directory(8, UINT32_MAX, UINT32_MAX, COMPRESSION_NONE, 8, 64);
	CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
	put_directory(8, 0, 5, COMPRESSION_NONE, 8, 64);
	CHECK_EQ(decode(by_hand()), WARD_E_FORMAT);
}

static void more_memory_than_agreed_is_not_asked_for(void)
{
	start();
	for (uint64_t most = 0; most < 14000; most += 400) {
		got.options.limits.memory_max = most;
		ward_err err = decode(ONE_PAGE(drawing, .width = WIDTH, .height = HEIGHT, .bits = 8,
				.samples = 3, .photometric = PHOTOMETRIC_RGB, .tile = 64));

		CHECK_EQ(err, most < 12288 ? WARD_E_LIMIT : WARD_OK);
		CHECK(got.canvas_len <= most || got.canvas == NULL);
		CHECK(err == WARD_OK || got.error.message[0] != 0);
	}
}

static const struct test_case cases[] = {
	{ "grey of every depth in both senses", grey_of_every_depth_in_both_senses },
	{ "16 bits are rounded, not cut", sixteen_bits_are_rounded_not_cut },
	{ "palettes are looked up", palettes_are_looked_up },
	{ "every layout and compression gives the same pixels",
			every_layout_and_compression_gives_the_same_pixels },
	{ "fax pages are black on white", fax_pages_are_black_on_white },
	{ "JPEG in TIFF comes out as RGB", jpeg_in_tiff_comes_out_as_rgb },
	{ "inks become RGB", inks_become_rgb },
	{ "rare forms are converted", rare_forms_are_converted },
	{ "alpha is told as stored and over white", alpha_is_told_as_stored_and_over_white },
	{ "premultiplied colour is told as it is stored",
			premultiplied_colour_is_told_as_it_is_stored },
	{ "a sample too many is no alpha", a_sample_too_many_is_no_alpha },
	{ "the orientation is told and not applied", the_orientation_is_told_and_not_applied },
	{ "every page is a frame", every_page_is_a_frame },
	{ "more pages than agreed are a limit", more_pages_than_agreed_are_a_limit },
	{ "a page that cannot be read does not hide the next",
			a_page_that_cannot_be_read_does_not_hide_the_next },
	{ "pages in a circle are told once", pages_in_a_circle_are_told_once },
	{ "a long chain of nothing ends at the limit", a_long_chain_of_nothing_ends_at_the_limit },
	{ "what is not read is said", what_is_not_read_is_said },
	{ "a strip that breaks off is told with black below",
			a_strip_that_breaks_off_is_told_with_black_below },
	{ "a strip that is not there is no picture", a_strip_that_is_not_there_is_no_picture },
	{ "a file cut anywhere ends in a sentence", a_file_cut_anywhere_ends_in_a_sentence },
	{ "damage in one strip leaves the others", damage_in_one_strip_leaves_the_others },
	{ "damage that a codec gets over is told", damage_that_a_codec_gets_over_is_told },
	{ "a header that claims more than the file can hold",
			a_header_that_claims_more_than_the_file_can_hold },
	{ "more memory than agreed is not asked for", more_memory_than_agreed_is_not_asked_for },
};

int main(void)
{
	collect_init(&got);
	TIFFSetWarningHandler(NULL);
	TIFFSetErrorHandler(NULL);
	draw_lighthouse(drawing, WIDTH, HEIGHT, 3, 1);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	return failed;
}
