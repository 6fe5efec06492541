/*
 * JPEG, by libjpeg-turbo.  Pixels are what its defaults give (accurate integer
 * DCT, fancy upsampling), which is what the published hashes were computed
 * from, and they are decoded right into the sink's canvas.
 *
 * Warnings: libjpeg decodes on past damage and fills in grey.  Damage to the
 * samples makes the job end with FORMAT after the frame was told; oddities
 * that cost no pixel (bytes between markers, an unknown JFIF version) do not.
 */
#include "decode/format.h"
#include "decode/guard.h"

#include <limits.h>

#include <jpeglib.h>

/* After jpeglib.h: the numbers of messages depend on what it was built with. */
#include <jerror.h>

/*
 * A progressive picture has about ten scans.  Each one walks over all of its
 * coefficients, however few bytes it has, so their number has an end.
 */
#define SCANS_MAX 500

/* Rows handed to libjpeg at once; it gives at most 4 of them, by the vertical sampling. */
#define ROWS_AT_ONCE 16

/* Both sides of a fast decode stay at least so long: the side of pdq512. */
#define FAST_SIDE_MIN 512

struct jpeg {
	struct jpeg_decompress_struct turbo;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	struct guard guard;
	struct decode_job *job;
	ward_bytes file;
	bool told;    /* the frame was */
	bool damaged; /* samples were lost; job->error says how */
	/* Where the pixels go. */
	uint8_t *canvas;
	size_t stride;
	JSAMPARRAY inks; /* one row of CMYK, where the picture has four components */
};

/* ---- errors ---- */

static ward_err code_of(int message)
{
	switch (message) {
	case JERR_BAD_PRECISION:
	case JERR_SOF_UNSUPPORTED:
	case JERR_CONVERSION_NOTIMPL:
	case JERR_CCIR601_NOTIMPL:
	case JERR_FRACT_SAMPLE_NOTIMPL:
	case JERR_NOTIMPL:
	case JERR_NOT_COMPILED:
	case JERR_ARITH_NOTIMPL:
		return WARD_E_UNSUPPORTED;
	case JERR_OUT_OF_MEMORY:
		return WARD_E_NOMEM;
	case JERR_NO_BACKING_STORE: /* more than max_memory_to_use */
	case JERR_WIDTH_OVERFLOW:
	case JERR_IMAGE_TOO_BIG:
		return WARD_E_LIMIT;
	default:
		return WARD_E_FORMAT;
	}
}

static ward_err say(j_common_ptr turbo, ward_err code)
{
	const struct jpeg *jpeg = turbo->client_data;
	char words[JMSG_LENGTH_MAX];

	turbo->err->format_message(turbo, words);
	if (turbo->err->msg_code == JERR_BAD_PRECISION)
		return ward_fail(jpeg->job->error, code,
				"the jpeg picture has %d bits a sample; only 8 are read",
				jpeg->turbo.data_precision);
	if (turbo->err->msg_code == JERR_NO_BACKING_STORE)
		return ward_fail(jpeg->job->error, code,
				"the jpeg picture's scans need more memory than allowed");
	return ward_fail(jpeg->job->error, code, "the jpeg picture cannot be read: %s", words);
}

static void on_error(j_common_ptr turbo)
{
	struct jpeg *jpeg = turbo->client_data;

	/* Behind a damage lies only what follows from it. */
	if (!jpeg->damaged)
		(void)say(turbo, code_of(turbo->err->msg_code));
	guard_leave(&jpeg->guard);
}

static void on_message(j_common_ptr turbo, int level)
{
	struct jpeg *jpeg = turbo->client_data;

	/* Level -1 is a warning, others are traces. */
	if (level >= 0 || jpeg->damaged)
		return;
	switch (turbo->err->msg_code) {
	case JWRN_JPEG_EOF:
		jpeg->damaged = true;
		(void)ward_fail(jpeg->job->error, WARD_E_FORMAT, "the jpeg picture breaks off");
		break;
	case JWRN_HIT_MARKER:
	case JWRN_MUST_RESYNC:
	case JWRN_HUFF_BAD_CODE:
	case JWRN_ARITH_BAD_CODE:
		jpeg->damaged = true;
		(void)say(turbo, WARD_E_FORMAT);
		break;
	default:
		break;
	}
}

static void on_progress(j_common_ptr turbo)
{
	struct jpeg *jpeg = turbo->client_data;

	if (jpeg->turbo.input_scan_number <= SCANS_MAX)
		return;
	(void)ward_fail(jpeg->job->error, WARD_E_LIMIT,
			"the jpeg picture has more scans than the limit of %d", SCANS_MAX);
	guard_leave(&jpeg->guard);
}

static void no_words(j_common_ptr turbo)
{
	(void)turbo;
}

/* ---- the header ---- */

static void read_header(void *context)
{
	struct jpeg *jpeg = context;
	const struct decode_job *job = jpeg->job;
	uint64_t memory_max = job->options->limits.memory_max;

	jpeg_create_decompress(&jpeg->turbo);
	/* Counts the coefficients of a progressive picture; 0 would be no limit. */
	jpeg->turbo.mem->max_memory_to_use = memory_max == 0         ? 1
					     : memory_max < LONG_MAX ? (long)memory_max
								     : LONG_MAX;
	jpeg->turbo.progress = &jpeg->progress;
	jpeg_mem_src(&jpeg->turbo, jpeg->file.ptr, jpeg->file.len);
	jpeg_read_header(&jpeg->turbo, TRUE);
}

static bool start(struct jpeg *jpeg, struct decode_job *job, ward_bytes file)
{
	*jpeg = (struct jpeg){ .job = job, .file = file };
	jpeg->turbo.err = jpeg_std_error(&jpeg->errors);
	jpeg->turbo.client_data = jpeg;
	jpeg->errors.error_exit = on_error;
	jpeg->errors.emit_message = on_message;
	jpeg->errors.output_message = no_words;
	jpeg->progress.progress_monitor = on_progress;
	return guard_run(&jpeg->guard, read_header, jpeg);
}

/* A marker and what belongs to it. */
struct segment {
	uint8_t marker;
	const uint8_t *start; /* its 0xff */
	ward_bytes body;
};

/*
 * The next marker that has a body.  Samples and whatever else is between
 * segments is passed over, as libjpeg does.  False at the end; reader->failed
 * tells whether that is within this segment.
 */
static bool next_segment(struct ward_reader *reader, struct segment *segment)
{
	while (ward_reader_left(reader) > 0) {
		segment->start = reader->next;
		if (ward_read_u8(reader) != 0xff)
			continue;
		do
			segment->marker = ward_read_u8(reader);
		while (!reader->failed && segment->marker == 0xff);
		/* A stuffed byte, or one of the markers that stand alone. */
		if (segment->marker <= 1 || (segment->marker >= 0xd0 && segment->marker <= 0xd9))
			continue;
		uint16_t len = ward_read_u16be(reader);

		segment->body = ward_read_bytes(reader, len < 2 ? 0 : len - 2u);
		return !reader->failed;
	}
	return false;
}

/* The Exif block of the first APP1 that has one. */
static ward_bytes find_exif(ward_bytes file)
{
	static const uint8_t mark[6] = "Exif\0";
	struct ward_reader reader = ward_reader_from(file);
	struct segment segment;

	while (next_segment(&reader, &segment) && segment.marker != 0xda) {
		const ward_bytes *body = &segment.body;

		if (segment.marker == 0xe1 && body->len > sizeof(mark) &&
				memcmp(body->ptr, mark, sizeof(mark)) == 0)
			return (ward_bytes){ body->ptr + sizeof(mark), body->len - sizeof(mark) };
	}
	return (ward_bytes){ NULL, 0 };
}

/* The file up to the segment in which it breaks off; all of it where that is not in a segment. */
static ward_bytes whole_segments(ward_bytes file)
{
	struct ward_reader reader = ward_reader_from(file);
	struct segment segment = { 0 };

	while (next_segment(&reader, &segment))
		;
	if (reader.failed)
		file.len = (size_t)(segment.start - file.ptr);
	return file;
}

/*
 * Every block of 8x8 samples takes a bit at least (arithmetic coding less):
 * a header that claims more than the file can hold is not worth the memory.
 */
static bool can_hold(const struct jpeg *jpeg)
{
	uint64_t blocks = 0;

	for (int i = 0; i < jpeg->turbo.num_components; i++) {
		const jpeg_component_info *component = &jpeg->turbo.comp_info[i];

		blocks += (uint64_t)component->width_in_blocks * component->height_in_blocks;
	}
	return jpeg->turbo.arith_code || blocks / 8 <= jpeg->job->file.len;
}

static ward_err check_header(const struct jpeg *jpeg)
{
	const struct jpeg_decompress_struct *turbo = &jpeg->turbo;

	if (turbo->data_precision != 8)
		return ward_fail(jpeg->job->error, WARD_E_UNSUPPORTED,
				"the jpeg picture has %d bits a sample; only 8 are read",
				turbo->data_precision);
	if (turbo->num_components != 1 && turbo->num_components != 3 && turbo->num_components != 4)
		return ward_fail(jpeg->job->error, WARD_E_UNSUPPORTED,
				"the jpeg picture has %d components; 1, 3 and 4 are read",
				turbo->num_components);
	if (!can_hold(jpeg))
		return ward_fail(jpeg->job->error, WARD_E_FORMAT,
				"the jpeg picture says %u x %u, more than its %zu bytes can hold",
				turbo->image_width, turbo->image_height, jpeg->job->file.len);
	return WARD_OK;
}

ward_err jpeg_facts(struct decode_job *job)
{
	struct jpeg jpeg;
	ward_err err = start(&jpeg, job, job->file) ? check_header(&jpeg) : job->error->code;

	if (!err) {
		job->facts.width = jpeg.turbo.image_width;
		job->facts.height = jpeg.turbo.image_height;
		job->facts.bits = 8;
		job->facts.is_cmyk = jpeg.turbo.num_components == 4;
		job->exif = find_exif(job->file);
		job->facts.orientation = exif_orientation(job->exif);
	}
	jpeg_destroy_decompress(&jpeg.turbo);
	return err;
}

/* ---- pixels ---- */

/* The largest of 8, 4, 2 that leaves both sides long enough, or 1. */
static uint32_t fast_scale(uint32_t width, uint32_t height)
{
	uint32_t scale = 8;

	while (scale > 1 && ((width + scale - 1) / scale < FAST_SIDE_MIN ||
					    (height + scale - 1) / scale < FAST_SIDE_MIN))
		scale /= 2;
	return scale;
}

/* The largest of 8, 4, 2 that leaves the longer side as long as a view wants it, or 1. */
static uint32_t view_scale(uint32_t width, uint32_t height, uint32_t side)
{
	uint32_t longer = width > height ? width : height;
	uint32_t scale = 8;

	while (scale > 1 && longer / scale < side)
		scale /= 2;
	return scale;
}

static void choose_output(void *context)
{
	struct jpeg *jpeg = context;
	struct jpeg_decompress_struct *turbo = &jpeg->turbo;
	const struct decode_wish *wish = jpeg->job->wish;
	bool grey = false;

	if (wish) {
		turbo->scale_denom =
				view_scale(turbo->image_width, turbo->image_height, wish->side);
		grey = wish->grey;
	} else if (jpeg->job->options->size == WARD_DECODE_FAST) {
		turbo->scale_denom = fast_scale(turbo->image_width, turbo->image_height);
		grey = turbo->scale_denom > 1; /* a near hash needs no colour */
	}
	turbo->dct_method = JDCT_ISLOW;
	if (turbo->num_components == 4)
		turbo->out_color_space = JCS_CMYK;
	else if (turbo->num_components == 1)
		turbo->out_color_space = JCS_GRAYSCALE;
	else if (grey && turbo->jpeg_color_space == JCS_YCbCr)
		turbo->out_color_space = JCS_GRAYSCALE;
	else
		turbo->out_color_space = JCS_RGB;
	jpeg_calc_output_dimensions(turbo);
}

/*
 * Four inks are stored inverted, as Adobe's programs write them and as viewers
 * read them, with their marker or without: red is C * K / 255 of what is stored.
 */
static void rgb_of_inks(const JSAMPLE *inks, uint8_t *rgb, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++) {
		for (int i = 0; i < 3; i++)
			rgb[3 * x + i] = (uint8_t)((inks[4 * x + i] * inks[4 * x + 3] + 127) / 255);
	}
}

static void paint_inks(struct jpeg *jpeg)
{
	struct jpeg_decompress_struct *turbo = &jpeg->turbo;

	while (turbo->output_scanline < turbo->output_height) {
		uint8_t *to = jpeg->canvas + turbo->output_scanline * jpeg->stride;

		jpeg_read_scanlines(turbo, jpeg->inks, 1);
		rgb_of_inks(jpeg->inks[0], to, turbo->output_width);
	}
}

static void paint_rows(struct jpeg *jpeg)
{
	struct jpeg_decompress_struct *turbo = &jpeg->turbo;

	while (turbo->output_scanline < turbo->output_height) {
		uint8_t *to = jpeg->canvas + turbo->output_scanline * jpeg->stride;
		JDIMENSION left = turbo->output_height - turbo->output_scanline;
		JDIMENSION count = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
		JSAMPROW rows[ROWS_AT_ONCE];

		for (JDIMENSION i = 0; i < count; i++)
			rows[i] = to + i * jpeg->stride;
		jpeg_read_scanlines(turbo, rows, count);
	}
}

static void paint(void *context)
{
	struct jpeg *jpeg = context;
	struct jpeg_decompress_struct *turbo = &jpeg->turbo;

	jpeg_start_decompress(turbo);
	if (turbo->num_components == 4) {
		jpeg->inks = turbo->mem->alloc_sarray((j_common_ptr)turbo, JPOOL_IMAGE,
				turbo->output_width * 4, 1);
		paint_inks(jpeg);
	} else {
		paint_rows(jpeg);
	}
	jpeg_finish_decompress(turbo);
}

/* Paints and tells; where libjpeg gave up part-way, the rest is black. */
static ward_err paint_and_tell(struct jpeg *jpeg)
{
	struct jpeg_decompress_struct *turbo = &jpeg->turbo;
	struct decode_job *job = jpeg->job;
	uint32_t channels = turbo->out_color_space == JCS_GRAYSCALE ? 1 : 3;
	ward_err err = WARD_OK;

	jpeg->stride = (size_t)turbo->output_width * channels;
	jpeg->canvas = decode_canvas(job, turbo->output_width, turbo->output_height, channels);
	if (!jpeg->canvas)
		return job->error->code;
	if (!guard_run(&jpeg->guard, paint, jpeg) || jpeg->damaged)
		err = job->error->code;
	uint32_t done = turbo->output_scanline;

	if (err && done == 0)
		return err;
	memset(jpeg->canvas + done * jpeg->stride, 0, (turbo->output_height - done) * jpeg->stride);

	struct ward_error trouble = *job->error;
	ward_err told = decode_tell(job, jpeg->canvas, turbo->output_width, turbo->output_height,
			channels, turbo->scale_denom, 0, 0);

	if (told)
		return told;
	jpeg->told = true;
	*job->error = trouble;
	return err;
}

static ward_err paint_file(struct decode_job *job, ward_bytes file, bool *told)
{
	struct jpeg jpeg;
	bool ready = start(&jpeg, job, file) && guard_run(&jpeg.guard, choose_output, &jpeg);
	ward_err err = ready ? paint_and_tell(&jpeg) : job->error->code;

	jpeg_destroy_decompress(&jpeg.turbo);
	*told = jpeg.told;
	return err;
}

ward_err jpeg_paint(struct decode_job *job)
{
	bool told;
	ward_err err = paint_file(job, job->file, &told);

	if (err != WARD_E_FORMAT || told)
		return err;
	/* Where a progressive picture breaks off within a table, its scans before that are good. */
	ward_bytes whole = whole_segments(job->file);

	return whole.len < job->file.len ? paint_file(job, whole, &told) : err;
}
