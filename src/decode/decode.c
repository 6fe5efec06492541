#include "decode/find_picture.h"
#include "decode/format.h"

/*
 * Every picture format.  A kind without a row is told as UNSUPPORTED.
 */
static const struct format {
	decode_facts *facts;
	decode_paint *paint;
	decode_ready *ready; /* NULL: nothing to set up */
} formats[WARD_MEDIA_KIND_COUNT] = {
	[WARD_MEDIA_JPEG] = { jpeg_facts, jpeg_paint, NULL },
	[WARD_MEDIA_PNG] = { png_facts, png_paint, NULL },
	[WARD_MEDIA_PNM] = { pnm_facts, pnm_paint, NULL },
	[WARD_MEDIA_GIF] = { gif_facts, gif_paint, NULL },
	[WARD_MEDIA_WEBP] = { webp_facts, webp_paint, NULL },
	[WARD_MEDIA_BMP] = { bmp_facts, bmp_paint, NULL },
	[WARD_MEDIA_TIFF] = { tiff_facts, tiff_paint, NULL },
	[WARD_MEDIA_HEIF] = { heif_facts, heif_paint, heif_ready },
	[WARD_MEDIA_AVIF] = { heif_facts, heif_paint, NULL }, /* heif_ready is for both */
	[WARD_MEDIA_ZIP] = { NULL, NULL, archive_ready },
};

void decode_prepare(void)
{
	for (size_t i = 0; i < WARD_MEDIA_KIND_COUNT; i++) {
		if (formats[i].ready)
			formats[i].ready();
	}
}

/* What the header claims, held against what we agreed to, before any memory is asked for. */
static ward_err check_facts(const struct decode_job *job)
{
	const struct ward_picture_facts *facts = &job->facts;
	const struct ward_limits *limits = &job->options->limits;
	const char *name = ward_media_name(facts->kind);

	if (facts->width == 0 || facts->height == 0)
		return ward_fail(job->error, WARD_E_FORMAT, "the %s picture has no width or height",
				name);
	/* Two 32-bit numbers: the product fits. */
	if ((uint64_t)facts->width * facts->height > limits->pixels_max)
		return ward_fail(job->error, WARD_E_LIMIT,
				"the %s picture is %u x %u, more than the limit of %llu pixels",
				name, facts->width, facts->height,
				(unsigned long long)limits->pixels_max);
	return WARD_OK;
}

/*
 * A picture that was changed often keeps the thumbnail that it had before.  Whatever became of the
 * picture itself, this is told.
 */
static ward_err tell_thumbnail(const struct decode_job *job, ward_err err)
{
	const struct decode_sink *sink = job->sink;
	ward_bytes thumbnail = exif_thumbnail(job->exif);

	if (thumbnail.len == 0 || job->wish)
		return err;
	ward_err told = sink->part(sink->context, WARD_STR("thumbnail"), false);

	if (!told)
		told = sink->data(sink->context, thumbnail);
	return err || !told ? err : ward_fail(job->error, told, "the thumbnail was not taken");
}

/* Cameras write three or four. */
#define BEHIND_MAX 32

/* Kinds whose end is known (find_length.h); the rest may be as long as their file. */
static bool has_end(ward_media_kind kind)
{
	return kind == WARD_MEDIA_JPEG || kind == WARD_MEDIA_PNG || kind == WARD_MEDIA_GIF ||
	       kind == WARD_MEDIA_WEBP || kind == WARD_MEDIA_BMP || kind == WARD_MEDIA_HEIF ||
	       kind == WARD_MEDIA_AVIF || kind == WARD_MEDIA_TIFF;
}

/* At what may be behind the picture; of one that is put together oddly, also within it, where its
 * `end` is told right behind its mark. */
static struct find behind(const struct decode_job *job, size_t *end)
{
	struct find find = find_in(job->file);
	struct found_picture found;
	bool is_known = find_here(&find, &found);

	*end = is_known && found.is_whole ? found.len : 2;
	/* Within a TIFF there are JPEG that are pieces of it. */
	if (!is_known)
		find.at = job->facts.kind == WARD_MEDIA_TIFF ? job->file.len : 2;
	return find;
}

static bool is_archive(ward_media_kind kind)
{
	return kind == WARD_MEDIA_ZIP || kind == WARD_MEDIA_RAR || kind == WARD_MEDIA_SEVENZIP ||
	       kind == WARD_MEDIA_GZIP || kind == WARD_MEDIA_CAB || kind == WARD_MEDIA_OLE ||
	       kind == WARD_MEDIA_SQLITE;
}

/* Marks that are none by chance.  A first member's version and method are small numbers. */
static bool has_archive_mark(ward_bytes bytes)
{
	static const struct {
		uint8_t len;
		char mark[17];
	} marks[] = {
		{ 4, "PK\x03\x04" },
		{ 6, "Rar!\x1a\x07" },
		{ 6, "7z\xbc\xaf\x27\x1c" },
		{ 8, "MSCF\0\0\0\0" },
		{ 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" },
		{ 16, "SQLite format 3\0" },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks) && bytes.len >= 30; i++) {
		if (bytes.ptr[0] == (uint8_t)marks[i].mark[0] &&
				memcmp(bytes.ptr, marks[i].mark, marks[i].len) == 0)
			return i > 0 || (bytes.ptr[5] == 0 && bytes.ptr[9] == 0);
	}
	return false;
}

/* Where the first archive is that begins at `from` or behind it; the end when there is none. */
static size_t find_archive(ward_bytes bytes, size_t from)
{
	ward_bytes rest = { bytes.ptr + from, bytes.len - from };

	if (is_archive(ward_media_identify((ward_bytes){ rest.ptr,
			    rest.len < WARD_MEDIA_HEAD ? rest.len : WARD_MEDIA_HEAD })))
		return from;
	for (; rest.len > 0; rest.ptr++, rest.len--) {
		if (has_archive_mark(rest))
			return (size_t)(rest.ptr - bytes.ptr);
	}
	return bytes.len;
}

/*
 * An archive or a document that was put behind the picture, as by "copy /b": a picture to whoever
 * looks, and an archive to who knows, also with some bytes between.  It takes all the rest;
 * pictures that lie whole in it are told as well.
 */
static ward_err tell_archive(const struct decode_job *job, size_t end)
{
	const struct decode_sink *sink = job->sink;
	size_t at = find_archive(job->file, end);

	if (at >= job->file.len)
		return WARD_OK;
	ward_err err = sink->part(sink->context, WARD_STR("behind"), false);

	return err ? err
		   : sink->data(sink->context,
				     (ward_bytes){ job->file.ptr + at, job->file.len - at });
}

/*
 * What is behind the end of a picture: the other pictures of a multi-picture file (CIPA DC-007:
 * large previews, the other eye's view, depth), the film of a "motion photo", or what somebody put
 * there.
 */
static ward_err tell_behind(const struct decode_job *job, ward_err err)
{
	const struct decode_sink *sink = job->sink;
	struct found_picture found;
	char name[32];
	size_t end;

	if (!has_end(job->facts.kind) || job->wish)
		return err;
	struct find find = behind(job, &end);
	ward_err told = tell_archive(job, end);

	for (unsigned number = 2; !told; number++) {
		if (!find_next(&find, &found))
			return err;
		if (number > BEHIND_MAX + 1)
			return err ? err
				   : ward_fail(job->error, WARD_E_LIMIT,
						     "more than 32 pictures are behind the %s "
						     "picture",
						     ward_media_name(job->facts.kind));
		snprintf(name, sizeof(name), "picture %u%s", number, found.extension);
		told = sink->part(sink->context, ward_str_from(name), false);
		if (!told)
			told = sink->data(sink->context,
					(ward_bytes){ job->file.ptr + found.at, found.len });
	}
	return err ? err : ward_fail(job->error, told, "a picture behind another was not taken");
}

ward_err decode_for_view(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_wish *wish,
		const struct decode_sink *sink, struct ward_error *error)
{
	static const struct format none;
	struct ward_error unheard;
	const struct format *format =
			(unsigned)kind < WARD_MEDIA_KIND_COUNT ? &formats[kind] : &none;
	struct decode_job job = {
		.file = file,
		.options = options,
		.wish = wish,
		.sink = sink,
		.facts = { .kind = kind, .frames = 1 },
		.error = error ? error : &unheard,
	};

	if (!format->facts)
		return ward_fail(job.error, WARD_E_UNSUPPORTED, "there is no decoder for %s here",
				ward_media_name(kind));
	ward_err err = format->facts(&job);

	if (!err)
		err = check_facts(&job);
	if (!err)
		err = sink->facts(sink->context, &job.facts);
	if (!err && !options->facts_only)
		err = tell_behind(&job, tell_thumbnail(&job, format->paint(&job)));
	return err;
}

ward_err decode_picture(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options, const struct decode_sink *sink,
		struct ward_error *error)
{
	return decode_for_view(kind, file, options, NULL, sink, error);
}

/* ---- what formats share ---- */

/* True, with `len` set, when so many bytes are within the memory a job may have. */
static bool pixel_bytes(struct decode_job *job, uint32_t width, uint32_t height, uint32_t bytes,
		size_t *len)
{
	size_t row;
	bool fits = !ckd_mul(&row, (size_t)width, bytes) && !ckd_mul(len, row, (size_t)height) &&
		    *len <= job->options->limits.memory_max;

	if (!fits)
		(void)ward_fail(job->error, WARD_E_LIMIT,
				"%u x %u pixels need more memory than the limit of %llu bytes",
				width, height, (unsigned long long)job->options->limits.memory_max);
	return fits;
}

void *decode_memory(struct decode_job *job, uint32_t width, uint32_t height, uint32_t bytes)
{
	size_t len;

	if (!pixel_bytes(job, width, height, bytes, &len))
		return NULL;
	void *memory = calloc(1, len);

	if (!memory)
		(void)ward_fail(job->error, WARD_E_NOMEM, "no memory for %u x %u pixels", width,
				height);
	return memory;
}

uint8_t *decode_canvas(struct decode_job *job, uint32_t width, uint32_t height, uint32_t channels)
{
	size_t len;

	if (!pixel_bytes(job, width, height, channels, &len))
		return NULL;
	uint8_t *canvas = job->sink->canvas(job->sink->context, len);

	if (!canvas)
		(void)ward_fail(job->error, WARD_E_LIMIT, "no room for the pixels of %u x %u",
				width, height);
	return canvas;
}

ward_err decode_frame_allowed(struct decode_job *job, uint32_t index)
{
	uint32_t frames_max = job->options->limits.frames_max;

	return index < frames_max ? WARD_OK
				  : ward_fail(job->error, WARD_E_LIMIT,
						    "the %s picture has more frames than the limit "
						    "of %u",
						    ward_media_name(job->facts.kind), frames_max);
}

static ward_err tell(struct decode_job *job, const struct ward_frame *frame)
{
	ward_err err = decode_frame_allowed(job, frame->index);

	if (err)
		return err;
	err = job->sink->frame(job->sink->context, frame);
	return err ? ward_fail(job->error, err, "frame %u was not taken", frame->index) : WARD_OK;
}

ward_err decode_tell(struct decode_job *job, const uint8_t *pixels, uint32_t width, uint32_t height,
		uint32_t channels, uint32_t scale, uint32_t index, uint32_t time_ms)
{
	const struct ward_frame frame = {
		.image = { pixels, (size_t)width * channels, width, height, channels },
		.index = index,
		.time_ms = time_ms,
		.scale = scale,
		.view = WARD_VIEW_STORED,
	};

	return tell(job, &frame);
}

/* Drops alpha; true when the picture would look different over white. */
static bool drop_alpha(const uint8_t *rgba, size_t count, uint8_t *rgb)
{
	unsigned differs = 0;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *from = rgba + 4 * i;

		rgb[3 * i] = from[0];
		rgb[3 * i + 1] = from[1];
		rgb[3 * i + 2] = from[2];
		/* Where it is opaque or white already, compositing changes nothing. */
		differs |= (unsigned)(255 - from[3]) &
			   (unsigned)-((from[0] & from[1] & from[2]) != 255);
	}
	return differs != 0;
}

static uint8_t over(uint32_t colour, uint32_t alpha, uint32_t ground)
{
	return (uint8_t)((colour * alpha + ground * (255 - alpha) + 127) / 255);
}

/* The colour was multiplied by alpha already; a damaged one may be more than that allows. */
static uint8_t added_to(uint32_t colour, uint32_t alpha, uint32_t ground)
{
	uint32_t sum = (colour < alpha ? colour : alpha) + (ground * (255 - alpha) + 127) / 255;

	return (uint8_t)(sum < 255 ? sum : 255);
}

typedef uint8_t blending(uint32_t colour, uint32_t alpha, uint32_t ground);

static void composite(const uint8_t *rgba, size_t count, blending *blend, uint32_t ground,
		uint8_t *rgb)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *from = rgba + 4 * i;

		rgb[3 * i] = blend(from[0], from[3], ground);
		rgb[3 * i + 1] = blend(from[1], from[3], ground);
		rgb[3 * i + 2] = blend(from[2], from[3], ground);
	}
}

static ward_err tell_composited(struct decode_job *job, const uint8_t *rgba, uint32_t width,
		uint32_t height, uint32_t index, uint32_t time_ms, blending *blend)
{
	uint8_t *rgb = decode_canvas(job, width, height, 3);

	if (!rgb)
		return job->error->code;
	composite(rgba, (size_t)width * height, blend, job->wish ? DECODE_GROUND : 255, rgb);
	const struct ward_frame frame = {
		.image = { rgb, (size_t)width * 3, width, height, 3 },
		.index = index,
		.time_ms = time_ms,
		.scale = 1,
		.view = WARD_VIEW_COMPOSITED,
	};

	return tell(job, &frame);
}

static ward_err tell_views(struct decode_job *job, const uint8_t *rgba, uint32_t width,
		uint32_t height, uint32_t index, uint32_t time_ms, blending *blend)
{
	size_t count = (size_t)width * height;

	if (job->wish)
		return tell_composited(job, rgba, width, height, index, time_ms, blend);
	uint8_t *rgb = decode_canvas(job, width, height, 3);

	if (!rgb)
		return job->error->code;
	bool differs = drop_alpha(rgba, count, rgb);
	ward_err err = decode_tell(job, rgb, width, height, 3, 1, index, time_ms);

	return err || !differs ? err
			       : tell_composited(job, rgba, width, height, index, time_ms, blend);
}

ward_err decode_tell_rgba(struct decode_job *job, const uint8_t *rgba, uint32_t width,
		uint32_t height, uint32_t index, uint32_t time_ms)
{
	return tell_views(job, rgba, width, height, index, time_ms, over);
}

ward_err decode_tell_premultiplied(struct decode_job *job, const uint8_t *rgba, uint32_t width,
		uint32_t height, uint32_t index)
{
	return tell_views(job, rgba, width, height, index, 0, added_to);
}
