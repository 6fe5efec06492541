/*
 * Animated PNG: each frame is a picture of its own inside the file, painted
 * onto one canvas.  libpng knows still pictures only, so every frame's samples
 * are put together as a PNG stream (its own size, the file's palette) and read
 * as such.  The chunks are those of the PNG specification, third edition.
 *
 * A picture that is only shown by viewers who know no animation is told, too,
 * as the first frame: it is in the file.
 */
#include "decode/apng.h"

#include <stdlib.h>
#include <zlib.h>

/* Any other value leaves the frame there, and replaces what is below it. */
enum { DISPOSE_CLEAR = 1, DISPOSE_PREVIOUS = 2 };
enum { BLEND_OVER = 1 };

/* What an fcTL chunk says of the frame behind it. */
struct control {
	uint32_t width;
	uint32_t height;
	uint32_t x;
	uint32_t y;
	uint32_t delay_ms;
	uint8_t dispose;
	uint8_t blend;
};

struct apng {
	struct decode_job *job;
	ward_bytes ihdr;
	struct png_chunk palette, transparency; /* body.ptr is NULL when there is none */
	uint8_t *canvas;                        /* RGBA */
	struct control control;
	bool has_control;
	bool is_aside; /* the samples are of a picture outside the animation */
	bool has_samples;
	bool damaged;           /* a checksum was wrong */
	struct ward_buf stream; /* the frame's samples as a PNG of its own */
	uint32_t sequence;      /* the number that the next fcTL or fdAT should have */
	uint32_t index;
	uint64_t time_ms;
};

static ward_err broken(const struct apng *apng, const char *what)
{
	return ward_fail(apng->job->error, WARD_E_FORMAT, "the png picture %s in frame %u", what,
			apng->index);
}

/* ---- a frame as a stream ---- */

static void add_u32(struct ward_buf *buf, uint32_t value)
{
	const uint8_t bytes[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
		(uint8_t)(value >> 8), (uint8_t)value };

	ward_buf_add(buf, bytes, sizeof(bytes));
}

static uint32_t checksum(const void *type, ward_bytes body)
{
	uLong crc = crc32_z(0, type, 4);

	/* With NULL it would begin anew. */
	return (uint32_t)(body.len > 0 ? crc32_z(crc, body.ptr, body.len) : crc);
}

static void add_chunk(struct apng *apng, const char *type, ward_bytes body)
{
	add_u32(&apng->stream, (uint32_t)body.len);
	ward_buf_add(&apng->stream, type, 4);
	ward_buf_add(&apng->stream, body.ptr, body.len);
	add_u32(&apng->stream, checksum(type, body));
}

static void begin_stream(struct apng *apng)
{
	uint8_t ihdr[13];
	const uint32_t size[2] = { apng->control.width, apng->control.height };

	memcpy(ihdr, apng->ihdr.ptr, sizeof(ihdr));
	for (int i = 0; i < 8; i++)
		ihdr[i] = (uint8_t)(size[i / 4] >> (24 - 8 * (i % 4)));
	ward_buf_clear(&apng->stream);
	ward_buf_add(&apng->stream, apng->job->file.ptr, PNG_MARK_LEN);
	add_chunk(apng, "IHDR", (ward_bytes){ ihdr, sizeof(ihdr) });
	if (apng->palette.body.ptr)
		add_chunk(apng, "PLTE", apng->palette.body);
	if (apng->transparency.body.ptr)
		add_chunk(apng, "tRNS", apng->transparency.body);
}

static void add_samples(struct apng *apng, ward_bytes samples)
{
	if (!apng->has_samples)
		begin_stream(apng);
	apng->has_samples = true;
	add_chunk(apng, "IDAT", samples);
}

/* ---- the canvas ---- */

static uint8_t *region_row(const struct apng *apng, uint32_t y)
{
	size_t width = apng->job->facts.width;

	return apng->canvas + ((apng->control.y + y) * width + apng->control.x) * 4;
}

static void blend_over(uint8_t *to, const uint8_t *from, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++, to += 4, from += 4) {
		uint32_t above = from[3] * 255u, below = (255u - from[3]) * to[3];

		if (above == 0)
			continue;
		for (int c = 0; c < 3; c++)
			to[c] = (uint8_t)((from[c] * above + to[c] * below) / (above + below));
		to[3] = (uint8_t)((above + below) / 255);
	}
}

static void blend(const struct apng *apng, const uint8_t *frame)
{
	const struct control *control = &apng->control;

	for (uint32_t y = 0; y < control->height; y++) {
		const uint8_t *from = frame + (size_t)y * control->width * 4;

		if (control->blend == BLEND_OVER)
			blend_over(region_row(apng, y), from, control->width);
		else
			memcpy(region_row(apng, y), from, (size_t)control->width * 4);
	}
}

static void save_region(const struct apng *apng, uint8_t *saved)
{
	size_t len = (size_t)apng->control.width * 4;

	for (uint32_t y = 0; y < apng->control.height; y++)
		memcpy(saved + y * len, region_row(apng, y), len);
}

static void restore_region(const struct apng *apng, const uint8_t *saved)
{
	size_t len = (size_t)apng->control.width * 4;

	for (uint32_t y = 0; y < apng->control.height; y++)
		memcpy(region_row(apng, y), saved + y * len, len);
}

static ward_err tell_canvas(const struct apng *apng)
{
	const struct ward_picture_facts *facts = &apng->job->facts;
	uint32_t time_ms = apng->time_ms < UINT32_MAX ? (uint32_t)apng->time_ms : UINT32_MAX;

	return decode_tell_rgba(apng->job, apng->canvas, facts->width, facts->height, apng->index,
			time_ms);
}

/*
 * Blends the frame and tells; then the region is what the frame's control wants to be left:
 * `saved` holds that, or is NULL where the frame stays.
 */
static ward_err show(const struct apng *apng, const uint8_t *frame, uint8_t *saved)
{
	if (saved && apng->control.dispose == DISPOSE_PREVIOUS && apng->index > 0)
		save_region(apng, saved);
	blend(apng, frame);
	ward_err err = tell_canvas(apng);

	if (saved)
		restore_region(apng, saved);
	return err;
}

/* What was decoded of a broken frame is shown, and then the trouble is told. */
static ward_err decode_frame(struct apng *apng, uint8_t *frame, uint8_t *saved)
{
	const struct control *control = &apng->control;
	struct decode_job *job = apng->job;
	ward_str stream = ward_buf_text(&apng->stream);

	if (apng->stream.failed)
		return ward_fail(job->error, WARD_E_NOMEM, "no memory for frame %u", apng->index);
	ward_err err = png_read_rgba(job, (ward_bytes){ (const uint8_t *)stream.ptr, stream.len },
			control->width, control->height, frame);
	struct ward_error trouble = *job->error;
	ward_err told = show(apng, frame, saved);

	if (told || !err)
		return told;
	*job->error = trouble;
	return err;
}

static ward_err finish_frame(struct apng *apng)
{
	const struct control *control = &apng->control;
	struct decode_job *job = apng->job;

	if (!apng->has_samples)
		return apng->has_control ? broken(apng, "has no samples") : WARD_OK;
	ward_err err = decode_frame_allowed(job, apng->index);

	if (err)
		return err;
	bool stays = !apng->is_aside && control->dispose != DISPOSE_CLEAR &&
		     control->dispose != DISPOSE_PREVIOUS;
	uint8_t *frame = decode_memory(job, control->width, control->height, 4);
	uint8_t *saved = stays ? NULL : decode_memory(job, control->width, control->height, 4);

	add_chunk(apng, "IEND", (ward_bytes){ NULL, 0 });
	if (!frame || (!stays && !saved))
		err = job->error->code;
	else
		err = decode_frame(apng, frame, saved);
	free(frame);
	free(saved);
	if (!apng->is_aside)
		apng->time_ms += control->delay_ms;
	apng->index++;
	apng->has_control = apng->has_samples = apng->is_aside = false;
	return err;
}

/* ---- chunks ---- */

static ward_err check_sequence(struct apng *apng, uint32_t number)
{
	return number == apng->sequence++ ? WARD_OK : broken(apng, "is out of order");
}

static ward_err read_control(struct apng *apng, ward_bytes body)
{
	const struct ward_picture_facts *facts = &apng->job->facts;
	struct ward_reader reader = ward_reader_from(body);
	struct control *control = &apng->control;
	uint32_t sequence = ward_read_u32be(&reader), right, bottom;

	control->width = ward_read_u32be(&reader);
	control->height = ward_read_u32be(&reader);
	control->x = ward_read_u32be(&reader);
	control->y = ward_read_u32be(&reader);
	uint32_t part = ward_read_u16be(&reader), whole = ward_read_u16be(&reader);

	control->delay_ms = part * 1000 / (whole > 0 ? whole : 100);
	control->dispose = ward_read_u8(&reader);
	control->blend = ward_read_u8(&reader);
	bool inside = !reader.failed && control->width > 0 && control->height > 0 &&
		      !ckd_add(&right, control->x, control->width) && right <= facts->width &&
		      !ckd_add(&bottom, control->y, control->height) && bottom <= facts->height;

	if (!inside)
		return broken(apng, "reaches beyond the picture");
	apng->has_control = true;
	return check_sequence(apng, sequence);
}

/* The picture's own samples: the first frame, or one beside the animation. */
static ward_err read_still(struct apng *apng, ward_bytes body)
{
	const struct ward_picture_facts *facts = &apng->job->facts;
	struct control *control = &apng->control;

	if (apng->index > 0)
		return broken(apng, "has samples of another");
	if (!apng->has_control && !apng->has_samples) {
		*control = (struct control){ .width = facts->width, .height = facts->height };
		apng->is_aside = true;
	}
	if (control->width != facts->width || control->height != facts->height)
		return broken(apng, "does not fill the picture");
	add_samples(apng, body);
	return WARD_OK;
}

static ward_err read_frame(struct apng *apng, ward_bytes body)
{
	struct ward_reader reader = ward_reader_from(body);
	uint32_t sequence = ward_read_u32be(&reader);

	if (reader.failed || !apng->has_control)
		return broken(apng, "has samples without a place");
	add_samples(apng, (ward_bytes){ body.ptr + 4, body.len - 4 });
	return check_sequence(apng, sequence);
}

static ward_err read_chunk(struct apng *apng, const struct png_chunk *chunk)
{
	ward_err err = WARD_OK;

	if (png_chunk_is(chunk, "PLTE"))
		apng->palette = *chunk;
	else if (png_chunk_is(chunk, "tRNS"))
		apng->transparency = *chunk;
	else if (png_chunk_is(chunk, "IDAT"))
		err = read_still(apng, chunk->body);
	else if (png_chunk_is(chunk, "fdAT"))
		err = read_frame(apng, chunk->body);
	else if (png_chunk_is(chunk, "fcTL")) {
		err = finish_frame(apng);
		if (!err)
			err = read_control(apng, chunk->body);
	} else {
		return WARD_OK;
	}
	if (checksum(chunk->type, chunk->body) != chunk->crc)
		apng->damaged = true;
	return err;
}

static bool is_samples(const struct png_chunk *chunk)
{
	return chunk->type && (png_chunk_is(chunk, "IDAT") || png_chunk_is(chunk, "fdAT"));
}

/* A frame in which the file breaks off is told as far as it goes. */
static ward_err break_off(struct apng *apng, const struct png_chunk *last)
{
	ward_err err = is_samples(last) ? read_chunk(apng, last) : WARD_OK;

	if (!err && apng->has_samples)
		err = finish_frame(apng);
	return err && err != WARD_E_FORMAT ? err
					   : ward_fail(apng->job->error, WARD_E_FORMAT,
							     "the png picture breaks off");
}

static ward_err read_chunks(struct apng *apng)
{
	struct ward_reader reader = ward_reader_from(apng->job->file);
	struct png_chunk chunk;
	ward_err err = WARD_OK;
	bool more;

	ward_read_bytes(&reader, PNG_MARK_LEN);
	if (!png_next_chunk(&reader, &chunk))
		return break_off(apng, &chunk);
	apng->ihdr = chunk.body;
	while (!err && (more = png_next_chunk(&reader, &chunk)) && !png_chunk_is(&chunk, "IEND"))
		err = read_chunk(apng, &chunk);
	if (err)
		return err;
	if (!more)
		return break_off(apng, &chunk);
	err = finish_frame(apng);
	if (!err && apng->index == 0)
		err = ward_fail(apng->job->error, WARD_E_FORMAT, "the png picture has no samples");
	if (!err && apng->damaged)
		err = ward_fail(apng->job->error, WARD_E_FORMAT,
				"the png picture is damaged: CRC error");
	return err;
}

ward_err apng_paint(struct decode_job *job)
{
	struct apng apng = { .job = job };
	ward_err err;

	/* A frame's stream is the file's samples and a few chunks around each piece of them. */
	ward_buf_init(&apng.stream, job->file.len + 4096);
	apng.canvas = decode_memory(job, job->facts.width, job->facts.height, 4);
	err = apng.canvas ? read_chunks(&apng) : job->error->code;
	free(apng.canvas);
	ward_buf_free(&apng.stream);
	return err;
}
