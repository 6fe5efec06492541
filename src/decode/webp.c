/*
 * WebP, by libwebp and its demuxer, still and animated, lossy and lossless.
 *
 * The demuxer reads files that break off, and the decoder is the incremental
 * one, which says how many rows it has: so the frame in which a file breaks
 * off is told as far as it goes.  libwebp's own player of animations reads
 * whole files only; composing is done here, by the container's specification,
 * on a canvas that is transparent black at first.
 */
#include "decode/format.h"

#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

struct webp {
	struct decode_job *job;
	WebPDemuxer *demuxer;
	uint8_t *canvas; /* RGBA, of an animation */
	uint32_t width;
	uint32_t height;
	uint64_t time_ms;
	bool whole;      /* as far as the container says */
	ward_err damage; /* job->error says what */
};

static bool open_webp(struct webp *webp, struct decode_job *job)
{
	const WebPData file = { job->file.ptr, job->file.len };
	WebPDemuxState state;

	*webp = (struct webp){ .job = job };
	webp->demuxer = WebPDemuxPartial(&file, &state);
	if (!webp->demuxer || state < WEBP_DEMUX_PARSED_HEADER) {
		(void)ward_fail(job->error, WARD_E_FORMAT, "the webp picture's header is not %s",
				webp->demuxer ? "whole" : "one");
		WebPDemuxDelete(webp->demuxer);
		return false;
	}
	webp->width = WebPDemuxGetI(webp->demuxer, WEBP_FF_CANVAS_WIDTH);
	webp->height = WebPDemuxGetI(webp->demuxer, WEBP_FF_CANVAS_HEIGHT);
	webp->whole = state == WEBP_DEMUX_DONE;
	return true;
}

/* ---- facts ---- */

/* Bytes of the file itself. */
static ward_bytes find_exif(WebPDemuxer *demuxer)
{
	static const uint8_t mark[6] = "Exif\0";
	ward_bytes exif = { NULL, 0 };
	WebPChunkIterator chunk;

	if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
		exif = (ward_bytes){ chunk.chunk.bytes, chunk.chunk.size };
		/* Some writers put JPEG's mark before it. */
		if (exif.len > sizeof(mark) && memcmp(exif.ptr, mark, sizeof(mark)) == 0) {
			exif.ptr += sizeof(mark);
			exif.len -= sizeof(mark);
		}
	}
	WebPDemuxReleaseChunkIterator(&chunk);
	return exif;
}

ward_err webp_facts(struct decode_job *job)
{
	struct webp webp;

	if (!open_webp(&webp, job))
		return job->error->code;
	uint32_t frames = WebPDemuxGetI(webp.demuxer, WEBP_FF_FRAME_COUNT);

	job->facts.width = webp.width;
	job->facts.height = webp.height;
	job->facts.bits = 8;
	job->facts.frames = frames > 0 ? frames : 1;
	job->facts.has_alpha =
			(WebPDemuxGetI(webp.demuxer, WEBP_FF_FORMAT_FLAGS) & ALPHA_FLAG) != 0;
	job->exif = find_exif(webp.demuxer);
	job->facts.orientation = exif_orientation(job->exif);
	WebPDemuxDelete(webp.demuxer);
	return WARD_OK;
}

/* ---- one frame's samples ---- */

static void note_damage(struct webp *webp, VP8StatusCode status, uint32_t index)
{
	if (webp->damage)
		return;
	if (status == VP8_STATUS_OUT_OF_MEMORY)
		webp->damage = ward_fail(webp->job->error, WARD_E_NOMEM,
				"no memory to decode a webp picture of %u x %u", webp->width,
				webp->height);
	else if (status == VP8_STATUS_UNSUPPORTED_FEATURE)
		webp->damage = ward_fail(webp->job->error, WARD_E_UNSUPPORTED,
				"the webp picture uses what libwebp does not know");
	else if (status == VP8_STATUS_SUSPENDED || status == VP8_STATUS_NOT_ENOUGH_DATA)
		webp->damage = ward_fail(webp->job->error, WARD_E_FORMAT,
				"the webp picture breaks off in frame %u", index);
	else
		webp->damage = ward_fail(webp->job->error, WARD_E_FORMAT,
				"the webp picture is damaged in frame %u", index);
}

/*
 * Decodes a frame's rows of `channels` (3 or 4) samples, tightly packed, and answers how
 * many there are; damage is noted when not all.
 */
static uint32_t decode_rows(struct webp *webp, const WebPIterator *frame, uint32_t channels,
		uint8_t *to)
{
	WebPDecoderConfig config;
	int rows = 0, width, height, stride;

	if (!WebPInitDecoderConfig(&config))
		return 0;
	config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
	config.output.is_external_memory = 1;
	config.output.u.RGBA.rgba = to;
	config.output.u.RGBA.stride = frame->width * (int)channels;
	config.output.u.RGBA.size = (size_t)frame->width * channels * (size_t)frame->height;
	WebPIDecoder *decoder = WebPIDecode(NULL, 0, &config);
	VP8StatusCode status =
			decoder ? WebPIUpdate(decoder, frame->fragment.bytes, frame->fragment.size)
				: VP8_STATUS_OUT_OF_MEMORY;

	if (status == VP8_STATUS_OK)
		rows = frame->height;
	else if (!decoder || !WebPIDecGetRGB(decoder, &rows, &width, &height, &stride))
		rows = 0;
	WebPIDelete(decoder);
	if (status != VP8_STATUS_OK)
		note_damage(webp, status, (uint32_t)frame->frame_num - 1);
	return (uint32_t)rows;
}

/* ---- a still picture ---- */

static ward_err tell_still(struct webp *webp, const WebPIterator *frame)
{
	uint32_t channels = frame->has_alpha ? 4 : 3;
	size_t row = (size_t)webp->width * channels;
	uint8_t *pixels = frame->has_alpha ? decode_memory(webp->job, webp->width, webp->height, 4)
					   : decode_canvas(webp->job, webp->width, webp->height, 3);
	ward_err err = WARD_OK;

	if (!pixels)
		return webp->job->error->code;
	uint32_t rows = decode_rows(webp, frame, channels, pixels);

	memset(pixels + rows * row, 0, (webp->height - rows) * row);
	if (rows > 0 && frame->has_alpha)
		err = decode_tell_rgba(webp->job, pixels, webp->width, webp->height, 0, 0);
	else if (rows > 0)
		err = decode_tell(webp->job, pixels, webp->width, webp->height, 3, 1, 0, 0);
	if (frame->has_alpha)
		free(pixels);
	return err;
}

/* ---- an animation ---- */

/* One pixel over another, neither of them multiplied by its alpha. */
static void blend(uint8_t *under, const uint8_t *over)
{
	uint32_t shown = over[3] * 255u, through = under[3] * (255u - over[3]);
	uint32_t alpha = shown + through;

	if (alpha == 0)
		return;
	for (int i = 0; i < 3; i++)
		under[i] = (uint8_t)((over[i] * shown + under[i] * through + alpha / 2) / alpha);
	under[3] = (uint8_t)((alpha + 127) / 255);
}

static void compose(struct webp *webp, const WebPIterator *frame, const uint8_t *patch,
		uint32_t rows)
{
	size_t width = (size_t)frame->width;

	for (uint32_t y = 0; y < rows; y++) {
		const uint8_t *from = patch + y * width * 4;
		uint8_t *to = webp->canvas + (((size_t)frame->y_offset + y) * webp->width +
							     (size_t)frame->x_offset) *
							     4;

		if (frame->blend_method == WEBP_MUX_NO_BLEND || !frame->has_alpha) {
			memcpy(to, from, width * 4);
			continue;
		}
		for (size_t x = 0; x < width; x++)
			blend(to + 4 * x, from + 4 * x);
	}
}

static void clear(struct webp *webp, const WebPIterator *frame)
{
	for (int y = 0; y < frame->height; y++)
		memset(webp->canvas + ((size_t)(frame->y_offset + y) * webp->width +
						      (size_t)frame->x_offset) *
								4,
				0, (size_t)frame->width * 4);
}

/* The demuxer has checked this; what it means for memory is worth a second look. */
static bool is_inside(const struct webp *webp, const WebPIterator *frame)
{
	return frame->x_offset >= 0 && frame->y_offset >= 0 && frame->width > 0 &&
	       frame->height > 0 &&
	       (uint64_t)frame->x_offset + (uint64_t)frame->width <= webp->width &&
	       (uint64_t)frame->y_offset + (uint64_t)frame->height <= webp->height;
}

static ward_err tell_animated(struct webp *webp, const WebPIterator *frame)
{
	uint32_t index = (uint32_t)frame->frame_num - 1;
	uint32_t time_ms = webp->time_ms < UINT32_MAX ? (uint32_t)webp->time_ms : UINT32_MAX;
	ward_err err = decode_frame_allowed(webp->job, index);

	if (err)
		return err;
	uint8_t *patch = decode_memory(webp->job, (uint32_t)frame->width, (uint32_t)frame->height,
			4);

	if (!patch)
		return webp->job->error->code;
	uint32_t rows = decode_rows(webp, frame, 4, patch);

	/*
	 * One in the middle of which nothing can be read shows what was there before: those behind
	 * it are told as well, and numbers have no gaps.
	 */
	if (rows > 0 || frame->complete) {
		compose(webp, frame, patch, rows);
		err = decode_tell_rgba(webp->job, webp->canvas, webp->width, webp->height, index,
				time_ms);
	}
	free(patch);
	if (frame->dispose_method == WEBP_MUX_DISPOSE_BACKGROUND)
		clear(webp, frame);
	webp->time_ms += (uint64_t)frame->duration;
	return err;
}

/* ---- all frames ---- */

static ward_err tell_frames(struct webp *webp)
{
	bool animated = (WebPDemuxGetI(webp->demuxer, WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG) != 0;
	WebPIterator frame;
	ward_err err = WARD_OK;

	if (animated) {
		webp->canvas = decode_memory(webp->job, webp->width, webp->height, 4);
		if (!webp->canvas)
			return webp->job->error->code;
	}
	if (!WebPDemuxGetFrame(webp->demuxer, 1, &frame))
		return ward_fail(webp->job->error, WARD_E_FORMAT,
				"the webp picture has no whole frame");
	do {
		if (!is_inside(webp, &frame))
			err = ward_fail(webp->job->error, WARD_E_FORMAT,
					"frame %d of the webp picture is outside of it",
					frame.frame_num - 1);
		else
			err = animated ? tell_animated(webp, &frame) : tell_still(webp, &frame);
	} while (!err && !webp->job->options->first_frame_only && WebPDemuxNextFrame(&frame));
	WebPDemuxReleaseIterator(&frame);
	if (!err && !webp->whole && !webp->damage && !webp->job->options->first_frame_only)
		webp->damage = ward_fail(webp->job->error, WARD_E_FORMAT,
				"the webp picture breaks off");
	return err;
}

ward_err webp_paint(struct decode_job *job)
{
	struct webp webp;

	if (!open_webp(&webp, job))
		return job->error->code;
	ward_err err = tell_frames(&webp);

	free(webp.canvas);
	WebPDemuxDelete(webp.demuxer);
	return err ? err : webp.damage;
}
