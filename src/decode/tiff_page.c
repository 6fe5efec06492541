/*
 * One page of a TIFF: its samples, row by row or tile by tile, become grey, RGB,
 * or RGB with alpha, each rounded to 8 bits.  libtiff's own conversion to RGBA
 * cuts 16 bits to 8 and multiplies by alpha, so only the rare forms go through
 * it: Lab, logarithms, YCbCr outside of JPEG, and codecs that hand out whole
 * strips.
 */
#include "decode/tiff.h"

#include <stdlib.h>

/* A page where so many rows or tiles are broken has nothing more to say. */
#define FAILURES_MAX 1000

/* One page while it is read. */
struct reading {
	struct tiff *tiff;
	const struct tiff_page *page;
	uint32_t most;          /* the greatest sample */
	uint32_t step;          /* samples from one pixel to the next in what libtiff hands out */
	uint32_t planes;        /* 1 when samples lie together */
	const uint16_t *map[3]; /* a palette's colours, */
	bool map_is_8_bits;     /* as some old writers have it */
	uint8_t *pixels;
	uint32_t channels; /* 1: grey, 3: RGB, 4: with alpha, or inks */
	uint32_t good;     /* rows or tiles */
	uint32_t failures;
};

/* ---- what can be read ---- */

static bool is_grey(const struct tiff_page *page)
{
	return page->photometric == PHOTOMETRIC_MINISWHITE ||
	       page->photometric == PHOTOMETRIC_MINISBLACK || page->photometric == PHOTOMETRIC_MASK;
}

/* True when libtiff is to convert the page; see above. */
static bool is_rare(const struct tiff_page *page)
{
	switch (page->photometric) {
	case PHOTOMETRIC_YCBCR:
	case PHOTOMETRIC_CIELAB:
	case PHOTOMETRIC_ICCLAB:
	case PHOTOMETRIC_ITULAB:
	case PHOTOMETRIC_LOGL:
	case PHOTOMETRIC_LOGLUV:
		return true;
	default:
		return page->compression == COMPRESSION_OJPEG ||
		       page->compression == COMPRESSION_JBIG;
	}
}

/* libjpeg makes RGB of YCbCr while it decodes. */
static void ask_for_rgb(struct tiff *tiff, struct tiff_page *page)
{
	if (page->compression == COMPRESSION_JPEG && page->photometric == PHOTOMETRIC_YCBCR &&
			page->planar == PLANARCONFIG_CONTIG && page->samples == 3 &&
			TIFFSetField(tiff->file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB))
		page->photometric = PHOTOMETRIC_RGB;
}

static ward_err check_compression(struct tiff *tiff, const struct tiff_page *page)
{
	if (!TIFFIsCODECConfigured(page->compression))
		return tiff_fail(tiff, page, WARD_E_UNSUPPORTED,
				"is packed in a way (%u) that is not read", page->compression);
	if (page->compression == COMPRESSION_JPEG && page->bits != 8)
		return tiff_fail(tiff, page, WARD_E_UNSUPPORTED,
				"is a JPEG of %u bits, which is not read", page->bits);
	return WARD_OK;
}

static ward_err check_samples(struct tiff *tiff, const struct tiff_page *page)
{
	if (page->photometric != PHOTOMETRIC_RGB && page->photometric != PHOTOMETRIC_PALETTE &&
			page->photometric != PHOTOMETRIC_SEPARATED && !is_grey(page))
		return tiff_fail(tiff, page, WARD_E_UNSUPPORTED,
				"has samples of a kind (%u) that is not read", page->photometric);
	if (page->photometric == PHOTOMETRIC_SEPARATED && page->inks != INKSET_CMYK)
		return tiff_fail(tiff, page, WARD_E_UNSUPPORTED,
				"has other inks than CMYK, which are not read");
	if (page->format != SAMPLEFORMAT_UINT && page->format != SAMPLEFORMAT_VOID)
		return tiff_fail(tiff, page, WARD_E_UNSUPPORTED,
				"has samples that are no whole numbers of 0 and more, which are "
				"not read");
	if (page->bits == 0 || (page->bits > 16 && page->bits != 32))
		return tiff_fail(tiff, page, WARD_E_UNSUPPORTED,
				"has samples of %u bits, which are not read", page->bits);
	if (page->samples < page->colours)
		return tiff_fail(tiff, page, WARD_E_FORMAT,
				"has fewer samples a pixel (%u) than colours", page->samples);
	return WARD_OK;
}

/*
 * How many bytes at most come of one.  Of no compression a part is enough, since files
 * break off; below one in 128 there is nothing to recognise.
 */
static uint64_t expansion_of(uint16_t compression)
{
	switch (compression) {
	case COMPRESSION_NONE:
	case COMPRESSION_PACKBITS: /* two bytes are a run of 128 */
		return 128;
	case COMPRESSION_LZW: /* strings of up to 4096 by codes of 9 bits and more */
		return 4096;
	case COMPRESSION_DEFLATE:
	case COMPRESSION_ADOBE_DEFLATE:
		return 1032;
	default: /* a flat picture can be very small */
		return 65536;
	}
}

static bool is_fax(uint16_t compression)
{
	return compression == COMPRESSION_CCITTRLE || compression == COMPRESSION_CCITTRLEW ||
	       compression == COMPRESSION_CCITTFAX3 || compression == COMPRESSION_CCITTFAX4 ||
	       compression == COMPRESSION_JBIG;
}

/* A page that claims more than the file can hold is not worth the memory. */
static bool can_hold(const struct tiff *tiff, const struct tiff_page *page, uint32_t width,
		uint32_t height)
{
	uint64_t row = ((uint64_t)width * page->bits * page->samples + 7) / 8;
	uint64_t bytes, most;

	/* A row that is as the one above is one bit. */
	if (is_fax(page->compression))
		return height / 8 <= tiff->job->file.len;
	return !ckd_mul(&bytes, row, (uint64_t)height) &&
	       !ckd_mul(&most, (uint64_t)tiff->job->file.len, expansion_of(page->compression)) &&
	       bytes <= most;
}

static ward_err check_size(struct tiff *tiff, const struct tiff_page *page)
{
	uint64_t pixels_max = tiff->job->options->limits.pixels_max;
	uint32_t width = page->width, height = page->height;

	if (width == 0 || height == 0)
		return tiff_fail(tiff, page, WARD_E_FORMAT, "has no width or height");
	if ((uint64_t)width * height > pixels_max)
		return tiff_fail(tiff, page, WARD_E_LIMIT,
				"is %u x %u, more than the limit of %llu pixels", width, height,
				(unsigned long long)pixels_max);
	if (TIFFIsTiled(tiff->file) &&
			(!TIFFGetField(tiff->file, TIFFTAG_TILEWIDTH, &width) ||
					!TIFFGetField(tiff->file, TIFFTAG_TILELENGTH, &height)))
		return tiff_fail(tiff, page, WARD_E_FORMAT, "has tiles without a size");
	if (!can_hold(tiff, page, page->width, page->height) ||
			!can_hold(tiff, page, width, height))
		return tiff_fail(tiff, page, WARD_E_FORMAT,
				"says %u x %u, more than the file's %zu bytes can hold",
				page->width, page->height, tiff->job->file.len);
	return WARD_OK;
}

/* ---- samples ---- */

/* Sample `n` of what libtiff handed out: packed from the high bits, or numbers of this machine. */
static uint32_t sample_at(const uint8_t *row, size_t n, uint32_t bits)
{
	uint32_t value = 0;
	uint16_t two;

	switch (bits) {
	case 8:
		return row[n];
	case 16:
		memcpy(&two, row + 2 * n, sizeof(two));
		return two;
	case 32: /* what is beyond 16 bits cannot be seen in 8 */
		memcpy(&value, row + 4 * n, sizeof(value));
		return value >> 16;
	default:
		for (size_t bit = n * bits; bit < (n + 1) * bits; bit++)
			value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
		return value;
	}
}

static bool read_palette(struct reading *reading)
{
	uint16_t *map[3] = { NULL, NULL, NULL };
	uint32_t all = 0;

	if (!TIFFGetField(reading->tiff->file, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]) ||
			!map[0] || !map[1] || !map[2])
		return false;
	for (int i = 0; i < 3; i++) {
		for (uint32_t j = 0; j <= reading->most; j++)
			all |= map[i][j];
		reading->map[i] = map[i];
	}
	reading->map_is_8_bits = all < 256;
	return true;
}

static void put_palette(const struct reading *reading, uint32_t value, uint8_t *to)
{
	for (int i = 0; i < 3; i++) {
		uint16_t colour = reading->map[i][value];

		to[i] = reading->map_is_8_bits ? (uint8_t)colour : decode_8_of_16(colour);
	}
}

static void put_grey(const struct reading *reading, uint8_t value, uint8_t *to)
{
	if (reading->page->photometric == PHOTOMETRIC_MINISWHITE)
		value = (uint8_t)~value;
	memset(to, value, reading->channels == 4 ? 3 : 1);
}

/* One sample of each of `count` pixels; in `row` they begin with sample `first`. */
static void put_samples(const struct reading *reading, uint32_t sample, const uint8_t *row,
		uint32_t first, uint32_t count, uint8_t *to)
{
	const struct tiff_page *page = reading->page;
	bool is_alpha = sample > 0 && sample == page->alpha;

	for (uint32_t i = 0; i < count; i++, to += reading->channels) {
		uint32_t value = sample_at(row, first + (size_t)i * reading->step, page->bits);

		if (is_alpha)
			to[3] = decode_8_of(value, reading->most);
		else if (page->photometric == PHOTOMETRIC_PALETTE)
			put_palette(reading, value, to);
		else if (page->colours == 1)
			put_grey(reading, decode_8_of(value, reading->most), to);
		else
			to[sample] = decode_8_of(value, reading->most);
	}
}

/* `count` pixels of one plane, or of all samples when they lie together. */
static void put_row(const struct reading *reading, uint32_t plane, const uint8_t *row,
		uint32_t count, uint8_t *to)
{
	const struct tiff_page *page = reading->page;
	bool as_it_is = page->bits == 8 && reading->step == page->samples &&
			reading->channels == page->samples &&
			page->photometric != PHOTOMETRIC_MINISWHITE &&
			page->photometric != PHOTOMETRIC_PALETTE;

	if (as_it_is) {
		memcpy(to, row, (size_t)count * reading->channels);
		return;
	}
	if (reading->planes > 1) {
		put_samples(reading, plane, row, 0, count, to);
		return;
	}
	for (uint32_t sample = 0; sample < page->colours; sample++)
		put_samples(reading, sample, row, sample, count, to);
	if (page->alpha > 0)
		put_samples(reading, page->alpha, row, page->alpha, count, to);
}

static uint8_t *pixel_at(const struct reading *reading, uint32_t x, uint32_t y)
{
	return reading->pixels + ((size_t)y * reading->page->width + x) * reading->channels;
}

static void count_failure(struct reading *reading)
{
	char *words = reading->tiff->words;

	reading->failures++;
	if (words[0] == 0)
		snprintf(words, sizeof(reading->tiff->words), "libtiff does not say how");
}

static bool is_wanted(const struct tiff_page *page, uint32_t plane)
{
	return plane < page->colours || (plane > 0 && plane == page->alpha);
}

static uint32_t bytes_a_pixel(const struct reading *reading)
{
	return ((uint32_t)reading->page->bits * reading->step + 7) / 8;
}

/* ---- rows, and tiles of rows ---- */

static void read_plane_by_rows(struct reading *reading, uint32_t plane, uint32_t strip,
		uint8_t *row)
{
	const struct tiff_page *page = reading->page;
	uint32_t y = 0;

	while (y < page->height && reading->failures < FAILURES_MAX) {
		if (TIFFReadScanline(reading->tiff->file, row, y, (uint16_t)plane) == 1) {
			put_row(reading, plane, row, page->width, pixel_at(reading, 0, y));
			reading->good++;
			y++;
		} else {
			count_failure(reading);
			/* The next strip may be whole. */
			y = strip < page->height - y ? y - y % strip + strip : page->height;
		}
	}
}

static void read_rows(struct reading *reading, uint8_t *row)
{
	uint32_t strip = 0;

	if (!TIFFGetField(reading->tiff->file, TIFFTAG_ROWSPERSTRIP, &strip) || strip == 0)
		strip = reading->page->height;
	for (uint32_t plane = 0; plane < reading->planes; plane++) {
		if (is_wanted(reading->page, plane))
			read_plane_by_rows(reading, plane, strip, row);
	}
}

struct tile_size {
	uint32_t width;
	uint32_t height;
	size_t stride;
};

static void put_tile(const struct reading *reading, uint32_t plane, const uint8_t *tile,
		const struct tile_size *size, uint32_t x, uint32_t y)
{
	const struct tiff_page *page = reading->page;
	uint32_t right = page->width - x, below = page->height - y;
	uint32_t width = size->width < right ? size->width : right;
	uint32_t height = size->height < below ? size->height : below;

	for (uint32_t i = 0; i < height; i++)
		put_row(reading, plane, tile + i * size->stride, width,
				pixel_at(reading, x, y + i));
}

static void read_plane_by_tiles(struct reading *reading, uint32_t plane,
		const struct tile_size *size, uint8_t *tile)
{
	const struct tiff_page *page = reading->page;

	/* 64 bits, so that a step behind the last tile does not come round. */
	for (uint64_t y = 0; y < page->height; y += size->height) {
		for (uint64_t x = 0; x < page->width && reading->failures < FAILURES_MAX;
				x += size->width) {
			if (TIFFReadTile(reading->tiff->file, tile, (uint32_t)x, (uint32_t)y, 0,
					    (uint16_t)plane) > 0) {
				put_tile(reading, plane, tile, size, (uint32_t)x, (uint32_t)y);
				reading->good++;
			} else {
				count_failure(reading);
			}
		}
	}
}

static void read_tiles(struct reading *reading, const struct tile_size *size, uint8_t *tile)
{
	for (uint32_t plane = 0; plane < reading->planes; plane++) {
		if (is_wanted(reading->page, plane))
			read_plane_by_tiles(reading, plane, size, tile);
	}
}

/*
 * Reads every sample that can be read into reading->pixels.  libtiff's rows must be of the
 * length that the page's numbers give: memory is asked for by those.
 */
static ward_err read_samples(struct reading *reading)
{
	struct tiff *tiff = reading->tiff;
	const struct tiff_page *page = reading->page;
	bool tiled = TIFFIsTiled(tiff->file);
	struct tile_size size = { page->width, 1, 0 };

	if (tiled) {
		TIFFGetField(tiff->file, TIFFTAG_TILEWIDTH, &size.width);
		TIFFGetField(tiff->file, TIFFTAG_TILELENGTH, &size.height);
	}
	tmsize_t stride = tiled ? TIFFTileRowSize(tiff->file) : TIFFScanlineSize(tiff->file);
	uint64_t bits = (uint64_t)size.width * page->bits * reading->step;

	if (stride <= 0 || (uint64_t)stride != (bits + 7) / 8 ||
			(tiled && (uint64_t)TIFFTileSize(tiff->file) !=
							(uint64_t)stride * size.height))
		return tiff_fail(tiff, page, WARD_E_UNSUPPORTED,
				"has samples that are laid out in a way that is not read");
	uint8_t *memory = decode_memory(tiff->job, size.width, size.height, bytes_a_pixel(reading));

	if (!memory)
		return tiff->job->error->code;
	size.stride = (size_t)stride;
	tiff->goes_on = true;
	if (tiled)
		read_tiles(reading, &size, memory);
	else
		read_rows(reading, memory);
	tiff->goes_on = false;
	free(memory);
	return WARD_OK;
}

/* ---- pages out ---- */

/* As decode.h has it, of inks that were inverted. */
static void inks_to_rgb(const uint8_t *inks, size_t count, uint8_t *rgb)
{
	for (size_t i = 0; i < count; i++, inks += 4, rgb += 3) {
		uint32_t white = 255u - inks[3];

		for (int j = 0; j < 3; j++)
			rgb[j] = (uint8_t)(((255u - inks[j]) * white + 127) / 255);
	}
}

static ward_err tell_grey_or_rgb(struct reading *reading, uint32_t index, bool *told)
{
	struct decode_job *job = reading->tiff->job;
	const struct tiff_page *page = reading->page;

	reading->pixels = decode_canvas(job, page->width, page->height, reading->channels);
	if (!reading->pixels)
		return job->error->code;
	memset(reading->pixels, 0, (size_t)page->width * page->height * reading->channels);
	if (read_samples(reading))
		tiff_note_trouble(reading->tiff);
	*told = reading->good > 0 && reading->tiff->some;
	return *told ? decode_tell(job, reading->pixels, page->width, page->height,
				       reading->channels, 1, index, 0)
		     : WARD_OK;
}

static ward_err tell_inks(const struct reading *reading, uint32_t index)
{
	struct decode_job *job = reading->tiff->job;
	const struct tiff_page *page = reading->page;
	uint8_t *rgb = decode_canvas(job, page->width, page->height, 3);

	if (!rgb)
		return job->error->code;
	inks_to_rgb(reading->pixels, (size_t)page->width * page->height, rgb);
	return decode_tell(job, rgb, page->width, page->height, 3, 1, index, 0);
}

static ward_err tell_four_channels(struct reading *reading, uint32_t index, bool *told)
{
	struct decode_job *job = reading->tiff->job;
	const struct tiff_page *page = reading->page;
	ward_err err = WARD_OK;

	reading->pixels = decode_memory(job, page->width, page->height, 4);
	if (!reading->pixels || read_samples(reading))
		tiff_note_trouble(reading->tiff);
	*told = reading->good > 0 && reading->tiff->some;
	if (*told && page->colours == 4)
		err = tell_inks(reading, index);
	else if (*told && page->premultiplied)
		err = decode_tell_premultiplied(job, reading->pixels, page->width, page->height,
				index);
	else if (*told)
		err = decode_tell_rgba(job, reading->pixels, page->width, page->height, index, 0);
	free(reading->pixels);
	return err;
}

static ward_err tell_samples(struct tiff *tiff, const struct tiff_page *page, uint32_t index,
		bool *told)
{
	struct reading reading = {
		.tiff = tiff,
		.page = page,
		.most = page->bits < 16 ? (1u << page->bits) - 1 : 65535,
		.step = page->planar == PLANARCONFIG_SEPARATE ? 1 : page->samples,
		.planes = page->planar == PLANARCONFIG_SEPARATE ? page->samples : 1,
	};
	bool is_palette = page->photometric == PHOTOMETRIC_PALETTE;

	if (is_palette && (page->bits > 16 || !read_palette(&reading))) {
		tiff_fail(tiff, page, WARD_E_FORMAT, "has no palette for its samples");
		tiff_note_trouble(tiff);
		return WARD_OK;
	}
	reading.channels = page->alpha > 0 || page->colours == 4 ? 4
			   : page->colours == 3 || is_palette    ? 3
								 : 1;
	return reading.channels == 4 ? tell_four_channels(&reading, index, told)
				     : tell_grey_or_rgb(&reading, index, told);
}

/* ---- what libtiff converts ---- */

/* Rows from the top as they are stored; what could not be decoded is 0.  False when nothing was. */
static bool convert(struct tiff *tiff, const struct tiff_page *page, uint32_t *raster)
{
	TIFFRGBAImage image;
	char words[1024] = "";

	if (!TIFFRGBAImageOK(tiff->file, words) ||
			!TIFFRGBAImageBegin(&image, tiff->file, 0, words)) {
		tiff_fail(tiff, page, WARD_E_UNSUPPORTED, "is not read: %.150s", words);
		return false;
	}
	/* What is asked for is what is there: nothing is turned. */
	image.req_orientation = image.orientation;
	tiff->goes_on = true;
	if (!TIFFRGBAImageGet(&image, raster, page->width, page->height) && tiff->words[0] == 0)
		snprintf(tiff->words, sizeof(tiff->words), "libtiff does not say how");
	tiff->goes_on = false;
	TIFFRGBAImageEnd(&image);
	return true;
}

static ward_err tell_raster(struct tiff *tiff, const struct tiff_page *page, const uint32_t *raster,
		uint32_t index)
{
	size_t count = (size_t)page->width * page->height;
	uint8_t *rgb = decode_canvas(tiff->job, page->width, page->height, 3);

	if (!rgb)
		return tiff->job->error->code;
	for (size_t i = 0; i < count; i++) {
		rgb[3 * i] = (uint8_t)TIFFGetR(raster[i]);
		rgb[3 * i + 1] = (uint8_t)TIFFGetG(raster[i]);
		rgb[3 * i + 2] = (uint8_t)TIFFGetB(raster[i]);
	}
	return decode_tell(tiff->job, rgb, page->width, page->height, 3, 1, index, 0);
}

static ward_err tell_converted(struct tiff *tiff, const struct tiff_page *page, uint32_t index,
		bool *told)
{
	size_t count = (size_t)page->width * page->height;
	uint32_t *raster = decode_memory(tiff->job, page->width, page->height, 4);
	ward_err err = WARD_OK;

	if (!raster || !convert(tiff, page, raster))
		tiff_note_trouble(tiff);
	for (size_t i = 0; raster && i < count && !*told; i++)
		*told = raster[i] != 0 && tiff->some;
	if (*told)
		err = tell_raster(tiff, page, raster, index);
	free(raster);
	return err;
}

ward_err tiff_tell_page(struct tiff *tiff, struct tiff_page *page, uint32_t index, bool *told)
{
	ward_err err = check_size(tiff, page);
	bool rare;

	tiff->cut = tiff->some = false;
	tiff->words[0] = 0;
	if (!err)
		err = check_compression(tiff, page);
	if (!err)
		ask_for_rgb(tiff, page);
	rare = is_rare(page);
	if (!err && !rare)
		err = check_samples(tiff, page);
	if (err) {
		tiff_note_trouble(tiff);
		return WARD_OK;
	}
	err = rare ? tell_converted(tiff, page, index, told)
		   : tell_samples(tiff, page, index, told);
	if (err || (!tiff->cut && tiff->words[0] == 0))
		return err;
	if (tiff->cut)
		tiff_fail(tiff, page, WARD_E_FORMAT, "breaks off");
	else
		tiff_fail_in_words(tiff, page, "is damaged");
	tiff_note_trouble(tiff);
	return WARD_OK;
}
