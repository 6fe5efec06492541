/*
 * BMP, by our own code: the headers of OS/2 1 and 2 and of Windows 3, 4 and 5,
 * palettes of 1, 2, 4 and 8 bits, colours of 16, 24 and 32 bits with whatever
 * masks, and run lengths of 4, 8 and 24 bits.  The formats are described in
 * Microsoft's "Bitmap Storage" and the OS/2 Presentation Manager reference.
 *
 * Alpha is there only where a header's mask says so; a fourth byte without a
 * mask is padding.  A mask under which every pixel is 0 is taken for padding
 * too, as viewers do.
 *
 * Run lengths may pass over pixels.  Viewers show those as the palette's first
 * colour or let the background through, so they are transparent here, and
 * their stored colour is the first.
 */
#include "decode/format.h"

#include <assert.h>
#include <stdlib.h>

#define FILE_HEADER_LEN 14
#define CORE_HEADER_LEN 12 /* OS/2 1 */
#define INFO_HEADER_LEN 40 /* Windows 3; what longer headers begin with */
#define OS2_HEADER_LEN  64
#define HEADER_LEN_MAX  124 /* Windows 5 */

/*
 * A header may say more than the file holds, since files break off and run lengths pass
 * over pixels.  But below this part of them nothing can be recognised, and the memory is
 * not worth it.
 */
#define LEAST_PART 128
/* Two bytes repeat a pixel up to 255 times. */
#define RUN_PIXELS_A_BYTE 128

enum compression {
	BI_RGB = 0,
	BI_RLE8 = 1,
	BI_RLE4 = 2,
	BI_BITFIELDS = 3,
	BI_JPEG = 4,
	BI_PNG = 5,
	BI_ALPHABITFIELDS = 6,
	/* OS/2 gave 3 and 4 other meanings; these numbers are ours. */
	BI_HUFFMAN = 100,
	BI_RLE24,
};

/* Where in a pixel a sample is: (pixel & mask) >> shift, from 0 to `most`. */
struct channel {
	uint32_t mask;
	uint32_t shift;
	uint32_t most;
};

struct bmp {
	struct decode_job *job;
	uint32_t header_len;
	uint32_t width;
	uint32_t height;
	bool top_down;
	uint32_t bits; /* a pixel */
	uint32_t compression;
	uint32_t colours_used;
	struct channel channel[4]; /* red, green, blue, alpha */
	uint8_t colours[256][3];
	struct ward_reader rest; /* the samples */
	uint8_t alpha_seen;      /* of all pixels together */
};

static ward_err broken(const struct bmp *bmp, const char *what)
{
	return ward_fail(bmp->job->error, WARD_E_FORMAT, "the bmp picture %s", what);
}

static ward_err unsupported(const struct bmp *bmp, const char *what)
{
	return ward_fail(bmp->job->error, WARD_E_UNSUPPORTED,
			"the bmp picture is %s, which is not read", what);
}

/* ---- the header ---- */

static bool is_os2(const struct bmp *bmp)
{
	return bmp->header_len == OS2_HEADER_LEN || bmp->header_len < INFO_HEADER_LEN;
}

static bool has_runs(const struct bmp *bmp)
{
	return bmp->compression == BI_RLE8 || bmp->compression == BI_RLE4 ||
	       bmp->compression == BI_RLE24;
}

static void set_channel(struct bmp *bmp, int which, uint32_t mask)
{
	uint32_t shift = mask ? (uint32_t)__builtin_ctz(mask) : 0;

	/* What is beyond 16 bits cannot be seen in 8, and would not fit when scaled. */
	while (mask >> shift > UINT16_MAX)
		shift++;
	bmp->channel[which] = (struct channel){ mask, shift, mask >> shift };
}

/* Fields that an OS/2 header leaves off are 0. */
static void read_sizes(struct bmp *bmp, struct ward_reader *header)
{
	if (bmp->header_len == CORE_HEADER_LEN) {
		bmp->width = ward_read_u16le(header);
		bmp->height = ward_read_u16le(header);
	} else {
		bmp->width = ward_read_u32le(header);
		bmp->height = ward_read_u32le(header);
	}
	ward_read_u16le(header); /* planes: always 1 */
	bmp->bits = ward_read_u16le(header);
	bmp->compression = ward_read_u32le(header);
	ward_read_bytes(header, 12); /* the samples' length, pixels a metre */
	bmp->colours_used = ward_read_u32le(header);
	ward_read_u32le(header); /* colours that matter */

	if (is_os2(bmp) && bmp->compression == BI_BITFIELDS)
		bmp->compression = BI_HUFFMAN;
	else if (is_os2(bmp) && bmp->compression == BI_JPEG)
		bmp->compression = BI_RLE24;
	/* Rows go upwards, unless the height is negative. */
	if (bmp->height >> 31) {
		bmp->height = 0u - bmp->height;
		bmp->top_down = true;
	}
}

/* Masks are the end of a long header, or follow one of 40 bytes. */
static void read_masks(struct bmp *bmp, struct ward_reader *header, struct ward_reader *file)
{
	uint32_t plain[3] = { 0xff0000, 0xff00, 0xff };
	bool stated = bmp->compression == BI_BITFIELDS || bmp->compression == BI_ALPHABITFIELDS;
	uint32_t mask[4] = { 0 };

	if (bmp->header_len > INFO_HEADER_LEN && bmp->header_len != OS2_HEADER_LEN) {
		for (int i = 0; i < 4; i++)
			mask[i] = ward_read_u32le(header);
	} else if (stated) {
		for (int i = 0; i < (bmp->compression == BI_ALPHABITFIELDS ? 4 : 3); i++)
			mask[i] = ward_read_u32le(file);
	}
	if (bmp->bits == 16) { /* five bits each */
		plain[0] = 0x7c00;
		plain[1] = 0x3e0;
		plain[2] = 0x1f;
	}
	if (bmp->bits == 24 || !stated || (mask[0] | mask[1] | mask[2]) == 0)
		memcpy(mask, plain, sizeof(plain));
	for (int i = 0; i < 3; i++)
		set_channel(bmp, i, mask[i]);
	set_channel(bmp, 3, bmp->bits == 16 || bmp->bits == 32 ? mask[3] : 0);
}

static bool is_plain(const struct bmp *bmp)
{
	bool has_colours = bmp->bits == 1 || bmp->bits == 2 || bmp->bits == 4 || bmp->bits == 8;
	bool has_samples = bmp->bits == 16 || bmp->bits == 24 || bmp->bits == 32;

	return has_samples || (has_colours && bmp->compression == BI_RGB);
}

static ward_err check_form(const struct bmp *bmp)
{
	bool known;

	switch (bmp->compression) {
	case BI_JPEG:
		return unsupported(bmp, "a JPEG for a printer");
	case BI_PNG:
		return unsupported(bmp, "a PNG for a printer");
	case BI_HUFFMAN:
		return unsupported(bmp, "packed as for fax");
	case BI_RLE8:
		known = bmp->bits == 8;
		break;
	case BI_RLE4:
		known = bmp->bits == 4;
		break;
	case BI_RLE24:
		known = bmp->bits == 24;
		break;
	case BI_RGB:
	case BI_BITFIELDS:
	case BI_ALPHABITFIELDS:
		known = is_plain(bmp);
		break;
	default:
		known = false;
	}
	return known ? WARD_OK
		     : ward_fail(bmp->job->error, WARD_E_UNSUPPORTED,
				       "the bmp picture has %u bits a pixel in compression %u, "
				       "which is not read",
				       bmp->bits, bmp->compression);
}

/* Colours are black where the file has fewer than it says, and greys where it has none. */
static void read_palette(struct bmp *bmp, struct ward_reader *file, uint32_t pixels_at)
{
	uint32_t each = bmp->header_len == CORE_HEADER_LEN ? 3 : 4;
	uint32_t most = bmp->bits <= 8 ? 1u << bmp->bits : 0;
	uint32_t at = (uint32_t)(file->next - bmp->job->file.ptr), count = bmp->colours_used;

	if (count == 0 || count > most)
		count = most;
	/* Samples that are said to begin before the palette follow it. */
	if (pixels_at >= at && (pixels_at - at) / each < count)
		count = (pixels_at - at) / each;
	for (uint32_t i = 0; i < count; i++) {
		ward_bytes colour = ward_read_bytes(file, each);

		for (size_t j = 0; j < 3 && colour.len > 0; j++)
			bmp->colours[i][j] = colour.ptr[2 - j];
	}
	for (uint32_t i = 0; count == 0 && i < most; i++)
		memset(bmp->colours[i], decode_8_of(i, most - 1), 3);
}

static ward_err read_header(struct bmp *bmp, struct decode_job *job)
{
	struct ward_reader file = ward_reader_from(job->file);

	*bmp = (struct bmp){ .job = job };
	ward_bytes mark = ward_read_bytes(&file, 10);
	uint32_t pixels_at = ward_read_u32le(&file);

	bmp->header_len = ward_read_u32le(&file);
	if (file.failed || mark.ptr[0] != 'B' || mark.ptr[1] != 'M')
		return broken(bmp, "does not begin with a header");
	if ((bmp->header_len != CORE_HEADER_LEN && bmp->header_len < 16) ||
			bmp->header_len > HEADER_LEN_MAX)
		return broken(bmp, "has a header of a length there is not");
	struct ward_reader header = ward_reader_from(ward_read_bytes(&file, bmp->header_len - 4));

	if (file.failed)
		return broken(bmp, "breaks off in its header");
	read_sizes(bmp, &header);
	if (bmp->width >> 31)
		return broken(bmp, "has a width below nothing");
	ward_err err = check_form(bmp);

	if (err)
		return err;
	read_masks(bmp, &header, &file);
	read_palette(bmp, &file, pixels_at);
	size_t at = pixels_at < FILE_HEADER_LEN + bmp->header_len
				    ? job->file.len - ward_reader_left(&file)
				    : pixels_at;

	if (file.failed || at > job->file.len)
		at = job->file.len;
	bmp->rest = ward_reader_from((ward_bytes){ job->file.ptr + at, job->file.len - at });
	return WARD_OK;
}

/* ---- facts ---- */

/* Of the widest mask; a palette's colours have 8 as well. */
static uint32_t sample_bits(const struct bmp *bmp)
{
	uint32_t bits = 0, most = 0;

	for (int i = 0; i < 4; i++)
		most |= bmp->channel[i].most;
	for (; most > 0; most >>= 1)
		bits++;
	return bits;
}

/* See LEAST_PART. */
static bool can_hold(const struct bmp *bmp)
{
	uint64_t len = bmp->job->file.len, pixels = (uint64_t)bmp->width * bmp->height;
	uint64_t held;

	assert(bmp->bits > 0); /* check_form saw to it */
	held = has_runs(bmp) ? len * RUN_PIXELS_A_BYTE : len * 8 / bmp->bits;

	return pixels / LEAST_PART <= held;
}

ward_err bmp_facts(struct decode_job *job)
{
	struct bmp bmp;
	ward_err err = read_header(&bmp, job);

	if (err)
		return err;
	job->facts.width = bmp.width;
	job->facts.height = bmp.height;
	job->facts.bits = sample_bits(&bmp);
	job->facts.has_alpha = bmp.channel[3].mask != 0;
	if (!can_hold(&bmp))
		return ward_fail(job->error, WARD_E_FORMAT,
				"the bmp picture says %u x %u, more than its %zu bytes can hold",
				bmp.width, bmp.height, job->file.len);
	return WARD_OK;
}

/* ---- rows of samples: each becomes pixels of `channels` bytes ---- */

static void paint_indices(const struct bmp *bmp, const uint8_t *from, uint8_t *to)
{
	uint32_t bits = bmp->bits, a_byte = 8 / bits;

	for (uint32_t x = 0; x < bmp->width; x++) {
		uint32_t shift = (a_byte - 1 - x % a_byte) * bits;
		uint32_t index = (uint32_t)from[x / a_byte] >> shift & ((1u << bits) - 1);

		memcpy(to + (size_t)x * 3, bmp->colours[index], 3);
	}
}

static void paint_bgr(const struct bmp *bmp, const uint8_t *from, uint8_t *to)
{
	for (uint32_t x = 0; x < bmp->width; x++, from += 3, to += 3) {
		to[0] = from[2];
		to[1] = from[1];
		to[2] = from[0];
	}
}

static uint8_t sample_of(const struct channel *channel, uint32_t pixel)
{
	uint32_t value = (pixel & channel->mask) >> channel->shift;

	if (channel->most == 255)
		return (uint8_t)value;
	return channel->most ? decode_8_of(value, channel->most) : 0;
}

static void paint_masked(struct bmp *bmp, const uint8_t *from, uint8_t *to, uint32_t channels)
{
	uint32_t each = bmp->bits / 8;

	for (uint32_t x = 0; x < bmp->width; x++, from += each, to += channels) {
		uint32_t pixel = (uint32_t)from[0] | (uint32_t)from[1] << 8;

		if (each == 4)
			pixel |= (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
		for (uint32_t i = 0; i < channels; i++)
			to[i] = sample_of(&bmp->channel[i], pixel);
		if (channels == 4)
			bmp->alpha_seen |= to[3];
	}
}

static uint8_t *row_at(const struct bmp *bmp, uint8_t *pixels, uint32_t y, uint32_t channels)
{
	return pixels + (size_t)(bmp->top_down ? y : bmp->height - 1 - y) * bmp->width * channels;
}

/* Answers how many rows there were; the others are black. */
static uint32_t paint_rows(struct bmp *bmp, uint8_t *pixels, uint32_t channels)
{
	size_t need = (size_t)(((uint64_t)bmp->width * bmp->bits + 7) / 8), pad = -need & 3;
	uint32_t rows = 0;

	for (; rows < bmp->height; rows++) {
		ward_bytes from = ward_read_bytes(&bmp->rest, need);
		uint8_t *to = row_at(bmp, pixels, rows, channels);

		if (from.len < need)
			break;
		if (bmp->bits <= 8)
			paint_indices(bmp, from.ptr, to);
		else if (bmp->bits == 24)
			paint_bgr(bmp, from.ptr, to);
		else
			paint_masked(bmp, from.ptr, to, channels);
		/* Some writers leave off the last row's padding. */
		ward_read_bytes(&bmp->rest, pad);
	}
	for (uint32_t y = rows; y < bmp->height; y++)
		memset(row_at(bmp, pixels, y, channels), 0, (size_t)bmp->width * channels);
	return rows;
}

static ward_err after_telling(const struct bmp *bmp, ward_err told, uint32_t rows)
{
	if (told || rows == bmp->height)
		return told;
	return ward_fail(bmp->job->error, WARD_E_FORMAT,
			"the bmp picture breaks off in row %u of %u", rows, bmp->height);
}

static ward_err paint_opaque(struct bmp *bmp)
{
	uint8_t *canvas = decode_canvas(bmp->job, bmp->width, bmp->height, 3);
	ward_err told = WARD_OK;

	if (!canvas)
		return bmp->job->error->code;
	uint32_t rows = paint_rows(bmp, canvas, 3);

	if (rows > 0)
		told = decode_tell(bmp->job, canvas, bmp->width, bmp->height, 3, 1, 0, 0);
	return after_telling(bmp, told, rows);
}

static ward_err paint_alpha(struct bmp *bmp)
{
	uint8_t *rgba = decode_memory(bmp->job, bmp->width, bmp->height, 4);
	size_t count = (size_t)bmp->width * bmp->height;
	ward_err told = WARD_OK;

	if (!rgba)
		return bmp->job->error->code;
	uint32_t rows = paint_rows(bmp, rgba, 4);

	for (size_t i = 0; bmp->alpha_seen == 0 && i < count; i++)
		rgba[4 * i + 3] = 255;
	if (rows > 0)
		told = decode_tell_rgba(bmp->job, rgba, bmp->width, bmp->height, 0, 0);
	free(rgba);
	return after_telling(bmp, told, rows);
}

/* ---- run lengths ---- */

/* Where the next pixel goes, in a picture of RGBA. */
struct pen {
	struct bmp *bmp;
	uint8_t *rgba;
	uint32_t x, y;
	bool ended; /* the file says that nothing follows */
};

/* Pixels beyond a row's end are nowhere. */
static void put(struct pen *pen, const uint8_t *rgb)
{
	struct bmp *bmp = pen->bmp;

	if (pen->x < bmp->width && pen->y < bmp->height) {
		uint8_t *to = row_at(bmp, pen->rgba, pen->y, 4) + (size_t)pen->x * 4;

		memcpy(to, rgb, 3);
		to[3] = 255;
		pen->x++;
	}
}

/* `count` pixels from samples that are repeated after `samples` of them. */
static void put_pixels(struct pen *pen, const uint8_t *from, uint32_t count, uint32_t samples)
{
	const struct bmp *bmp = pen->bmp;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = i % samples;

		if (bmp->bits == 24)
			put(pen, (uint8_t[3]){ from[3 * at + 2], from[3 * at + 1], from[3 * at] });
		else if (bmp->bits == 8)
			put(pen, bmp->colours[from[at]]);
		else
			put(pen, bmp->colours[from[at / 2] >> (at % 2 ? 0 : 4) & 15]);
	}
}

/* Adds without coming round to the beginning. */
static uint32_t moved(uint32_t at, uint32_t by)
{
	uint32_t sum;

	return ckd_add(&sum, at, by) ? UINT32_MAX : sum;
}

/* What follows a zero: the end of a row, of all, a step, or as many pixels as it says. */
static void read_escape(struct pen *pen, struct ward_reader *reader)
{
	uint32_t code = ward_read_u8(reader), bits = pen->bmp->bits;
	ward_bytes bytes;

	if (reader->failed)
		return;
	switch (code) {
	case 0:
		pen->x = 0;
		pen->y++;
		break;
	case 1:
		pen->ended = true;
		break;
	case 2:
		bytes = ward_read_bytes(reader, 2);
		if (bytes.len == 2) {
			pen->x = moved(pen->x, bytes.ptr[0]);
			pen->y = moved(pen->y, bytes.ptr[1]);
		}
		break;
	default:
		bytes = ward_read_bytes(reader, (code * bits + 7) / 8);
		if (bytes.len > 0)
			put_pixels(pen, bytes.ptr, code, code);
		if (bytes.len % 2)
			ward_read_u8(reader);
	}
}

static void read_run(struct pen *pen, struct ward_reader *reader)
{
	uint32_t count = ward_read_u8(reader), bits = pen->bmp->bits;

	if (count == 0) {
		read_escape(pen, reader);
		return;
	}
	ward_bytes bytes = ward_read_bytes(reader, bits == 24 ? 3 : 1);

	/* With four bits two colours take turns. */
	if (bytes.len > 0)
		put_pixels(pen, bytes.ptr, count, bits == 4 ? 2 : 1);
}

/* Answers how many rows are done. */
static uint32_t paint_runs(struct bmp *bmp, uint8_t *rgba)
{
	struct pen pen = { .bmp = bmp, .rgba = rgba };
	size_t count = (size_t)bmp->width * bmp->height;

	for (size_t i = 0; i < count; i++)
		memcpy(rgba + 4 * i, bmp->colours[0], 3);
	while (!pen.ended && pen.y < bmp->height && !bmp->rest.failed)
		read_run(&pen, &bmp->rest);
	if (pen.ended || pen.y >= bmp->height || (pen.y + 1 == bmp->height && pen.x >= bmp->width))
		return bmp->height;
	return pen.y;
}

static ward_err paint_run_lengths(struct bmp *bmp)
{
	struct decode_job *job = bmp->job;
	uint8_t *rgba = decode_memory(job, bmp->width, bmp->height, 4);

	if (!rgba)
		return job->error->code;
	uint32_t rows = paint_runs(bmp, rgba);
	ward_err told = WARD_OK;

	if (rows > 0)
		told = decode_tell_rgba(job, rgba, bmp->width, bmp->height, 0, 0);
	free(rgba);
	return after_telling(bmp, told, rows);
}

ward_err bmp_paint(struct decode_job *job)
{
	struct bmp bmp;
	ward_err err = read_header(&bmp, job);

	if (err)
		return err;
	if (has_runs(&bmp))
		return paint_run_lengths(&bmp);
	return bmp.channel[3].mask ? paint_alpha(&bmp) : paint_opaque(&bmp);
}
