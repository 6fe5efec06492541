#include "decode/moving_stream.h"

#include <libavutil/cpu.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <ward/tmk.h>
#include <ward/vpdq.h>

#include <math.h>

#include "decode/moving_rate.h"
#include "decode/moving_raw.h"
#include "decode/yuv.h"

/* A picture that may be due: FFmpeg's own, by reference. */
struct shot {
	AVFrame *frame;
	uint32_t number;
	uint32_t time_ms;
};

struct moving_stream {
	struct moving *moving;
	ward_frames_kind kind;
	uint64_t pixels_max;
	uint32_t orientation;
	uint32_t decoded; /* so far */
	struct shot now, before;
	bool drawn; /* the last that was due was of a number: */
	uint32_t drawn_number;
	const struct shot *due;
	/* VPDQ */
	uint32_t step;
	/* TMK */
	struct moving_raw_times times;
	struct moving_rate rate;
	struct moving_copies copies; /* still to be given */
	bool over;
	/* pixels */
	struct SwsContext *scaler;
	AVFrame *turned;
};

/* ---- life ---- */

static double rate_of(const struct moving_facts *facts)
{
	const struct ward_picture_facts *picture = &facts->picture;

	return picture->rate_den > 0 ? (double)picture->rate_num / picture->rate_den : 25;
}

static void begin_rate(struct moving_stream *stream)
{
	AVRational rate = stream->times.rate;
	double lasts = rate.num > 0 && rate.den > 0 ? WARD_TMK_RATE / av_q2d(rate) : 0;

	moving_rate_begin(&stream->rate, lasts);
}

ward_err moving_stream_open(struct moving *moving, const struct moving_facts *facts,
		const struct ward_decode_options *options, struct moving_stream **stream,
		struct ward_error *error)
{
	struct moving_stream *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory to read the moving picture");
	made->moving = moving;
	made->kind = options->frames.kind;
	made->pixels_max = options->limits.pixels_max;
	made->orientation = facts->picture.orientation;
	made->step = ward_vpdq_step(options->frames.seconds, rate_of(facts));
	made->times = moving_raw_times(moving);
	begin_rate(made);
	made->now.frame = av_frame_alloc();
	made->before.frame = av_frame_alloc();
	made->turned = av_frame_alloc();
	if (!made->now.frame || !made->before.frame || !made->turned) {
		moving_stream_free(made);
		return ward_fail(error, WARD_E_NOMEM, "no memory to read the moving picture");
	}
	if (made->kind == WARD_FRAMES_VPDQ)
		moving_raw_plan(moving, made->step);
	*stream = made;
	return WARD_OK;
}

void moving_stream_free(struct moving_stream *stream)
{
	if (!stream)
		return;
	sws_freeContext(stream->scaler);
	av_frame_free(&stream->now.frame);
	av_frame_free(&stream->before.frame);
	av_frame_free(&stream->turned);
	free(stream);
}

/* ---- which are due ---- */

/* The next picture becomes `now`, and what was that `before`. */
static ward_err decode_next(struct moving_stream *stream, struct ward_error *error)
{
	AVFrame *fresh = moving_raw_next(stream->moving);
	struct shot spare = stream->before;

	if (!fresh)
		return moving_raw_end(stream->moving, error);
	if (stream->decoded == UINT32_MAX - 1)
		return ward_fail(error, WARD_E_LIMIT, "the video has too many pictures");
	stream->before = stream->now;
	stream->now = spare;
	av_frame_unref(stream->now.frame);
	if (av_frame_ref(stream->now.frame, fresh) < 0)
		return ward_fail(error, WARD_E_NOMEM, "no memory to read the moving picture");
	stream->decoded++;
	stream->now.number = moving_raw_number(stream->moving);
	stream->now.time_ms = moving_raw_ms(stream->moving);
	return WARD_OK;
}

static ward_err next_of_steps(struct moving_stream *stream, struct ward_error *error)
{
	ward_err err;

	do
		err = decode_next(stream, error);
	while (!err && stream->now.number % stream->step != 0);
	stream->due = &stream->now;
	return err;
}

/*
 * In frames of the new rate.  The command reckons in 65536ths of one, and keeps off what lies
 * exactly between two.
 */
static double time_at_rate(const struct moving_stream *stream, const AVFrame *frame)
{
	AVRational fine = { 1, WARD_TMK_RATE << 16 };
	int64_t time = frame->best_effort_timestamp, since;

	if (time == AV_NOPTS_VALUE)
		return (double)NAN;
	since = av_rescale_q(stream->times.start_us, AV_TIME_BASE_Q, stream->times.time_base);
	if (ckd_sub(&since, time, since))
		return (double)NAN;
	double at = (double)av_rescale_q(since, stream->times.time_base, fine) / 65536;

	return at == 0 ? at : at + (at > 0 ? 1.0 : -1.0) / (1 << 17);
}

/* How long it says it is shown, in whole frames of the new rate. */
static int64_t lasts_at_rate(const struct moving_stream *stream, const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_MAJOR >= 58
	int64_t lasts = frame->duration;
#else
	int64_t lasts = frame->pkt_duration;
#endif
	double frames = (double)lasts * av_q2d(stream->times.time_base) * WARD_TMK_RATE;

	return frames > 0 && frames < (double)INT32_MAX ? lrintf((float)frames) : 0;
}

static ward_err next_at_rate(struct moving_stream *stream, struct ward_error *error)
{
	struct moving_copies *copies = &stream->copies;

	while (copies->earlier == 0 && copies->this == 0) {
		ward_err err = stream->over ? moving_raw_end(stream->moving, error)
					    : decode_next(stream, error);

		if (err == WARD_E_NOT_FOUND && !stream->over) {
			/* The last picture is now the one before. */
			stream->over = true;
			copies->this = moving_rate_end(&stream->rate);
			continue;
		}
		if (err)
			return err;
		*copies = moving_rate_next(&stream->rate, time_at_rate(stream, stream->now.frame),
				lasts_at_rate(stream, stream->now.frame));
		/* Before the first there is none. */
		if (stream->decoded == 1) {
			copies->this += copies->earlier;
			copies->earlier = 0;
		}
	}
	stream->due = copies->earlier > 0 ? &stream->before : &stream->now;
	if (copies->earlier > 0)
		copies->earlier--;
	else
		copies->this --;
	return WARD_OK;
}

ward_err moving_stream_next(struct moving_stream *stream, struct moving_due *due,
		struct ward_error *error)
{
	bool tmk = stream->kind == WARD_FRAMES_TMK;
	ward_err err = tmk ? next_at_rate(stream, error) : next_of_steps(stream, error);

	if (err)
		return err;
	const AVFrame *frame = stream->due->frame;

	if (frame->width <= 0 || frame->height <= 0 || frame->format < 0)
		return ward_fail(error, WARD_E_FORMAT, "the decoder gave no picture");
	if ((uint64_t)frame->width * (uint64_t)frame->height > stream->pixels_max)
		return ward_fail(error, WARD_E_LIMIT, "a picture of %d x %d is beyond the limits",
				frame->width, frame->height);
	*due = (struct moving_due){
		.width = tmk ? WARD_TMK_SIDE : (uint32_t)frame->width,
		.height = tmk ? WARD_TMK_SIDE : (uint32_t)frame->height,
		.number = stream->due->number,
		.time_ms = stream->due->time_ms,
		.again = stream->drawn && stream->drawn_number == stream->due->number,
	};
	return WARD_OK;
}

/* ---- turned as they are shown ---- */

/* Where the pixel at x, y of a turned plane comes from; EXIF's eight ways. */
static void source_of(uint32_t orientation, int width, int height, int x, int y, int *from_x,
		int *from_y)
{
	bool swapped = orientation >= 5;
	bool back_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
	bool back_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
	int along = swapped ? y : x, down = swapped ? x : y;
	int along_most = (swapped ? height : width) - 1, down_most = (swapped ? width : height) - 1;

	*from_x = back_x ? along_most - along : along;
	*from_y = back_y ? down_most - down : down;
}

static void turn_plane(const AVFrame *from, AVFrame *to, int plane, int width, int height,
		size_t step, uint32_t orientation)
{
	for (int y = 0; y < height; y++) {
		uint8_t *out = to->data[plane] + (ptrdiff_t)y * to->linesize[plane];

		for (int x = 0; x < width; x++, out += step) {
			int from_x, from_y;

			source_of(orientation, width, height, x, y, &from_x, &from_y);
			memcpy(out,
					from->data[plane] +
							(ptrdiff_t)from_y * from->linesize[plane] +
							from_x * (ptrdiff_t)step,
					step);
		}
	}
}

static bool can_turn(const AVPixFmtDescriptor *layout)
{
	const uint64_t never =
			AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL;

	return layout && (layout->flags & never) == 0 &&
	       layout->log2_chroma_w == layout->log2_chroma_h;
}

/* The first of each plane's components says how many bytes lie between its pixels. */
static void turn_planes(const AVFrame *from, AVFrame *to, const AVPixFmtDescriptor *layout,
		uint32_t orientation)
{
	int planes = av_pix_fmt_count_planes((enum AVPixelFormat)from->format);
	int steps[4] = { 0 };

	av_image_fill_max_pixsteps(steps, NULL, layout);
	for (int plane = 0; plane < planes && steps[plane] > 0; plane++) {
		bool colour = plane == 1 || plane == 2;
		int shift = colour ? layout->log2_chroma_w : 0;

		turn_plane(from, to, plane, AV_CEIL_RSHIFT(to->width, shift),
				AV_CEIL_RSHIFT(to->height, shift), (size_t)steps[plane],
				orientation);
	}
}

/* A copy of `frame` as it is shown, kept in the stream. */
static ward_err turn(struct moving_stream *stream, const AVFrame *frame, struct ward_error *error)
{
	const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
	bool swapped = stream->orientation >= 5;
	AVFrame *turned = stream->turned;

	if (!can_turn(layout))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"turned pictures of this layout are not read here");
	av_frame_unref(turned);
	turned->format = frame->format;
	turned->width = swapped ? frame->height : frame->width;
	turned->height = swapped ? frame->width : frame->height;
	turned->colorspace = frame->colorspace;
	turned->color_range = frame->color_range;
	if (av_frame_get_buffer(turned, 0) < 0)
		return ward_fail(error, WARD_E_NOMEM, "no memory to turn a picture");
	turn_planes(frame, turned, layout, stream->orientation);
	return WARD_OK;
}

/* ---- pixels ---- */

static ward_err scale(struct moving_stream *stream, const AVFrame *frame, uint8_t *rgb, int width,
		struct ward_error *error)
{
	uint8_t *planes[4] = { rgb };
	int strides[4] = { 3 * width };

	if (!stream->scaler)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"pixels of this kind are not read here");
	if (sws_scale(stream->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
			    frame->height, planes, strides) <= 0)
		return ward_fail(error, WARD_E_FORMAT, "the decoder gave no whole picture");
	return WARD_OK;
}

/* Its vector code is chosen when it is made: there is none while the processor has no features. */
static void make_plain_scaler(struct moving_stream *stream, const AVFrame *frame)
{
	av_force_cpu_flags(0);
	stream->scaler = sws_getCachedContext(stream->scaler, frame->width, frame->height,
			(enum AVPixelFormat)frame->format, frame->width, frame->height,
			AV_PIX_FMT_RGB24, SWS_AREA, NULL, NULL, NULL);
	av_force_cpu_flags(-1);
}

static ward_err draw_as_stored(struct moving_stream *stream, const AVFrame *frame, uint8_t *rgb,
		struct ward_error *error)
{
	bool full = frame->format == AV_PIX_FMT_YUVJ420P;
	const struct yuv_planes planes = {
		.plane = { frame->data[0], frame->data[1], frame->data[2] },
		.stride = { frame->linesize[0], frame->linesize[1], frame->linesize[2] },
	};

	if ((full || frame->format == AV_PIX_FMT_YUV420P) && frame->width % 2 == 0 &&
			frame->height % 2 == 0) {
		yuv_to_rgb(&planes, (uint32_t)frame->width, (uint32_t)frame->height, full, rgb);
		return WARD_OK;
	}
	make_plain_scaler(stream, frame);
	return scale(stream, frame, rgb, frame->width, error);
}

/* As the command's own filter sets it: bicubic, 4:2:0 with MPEG-2's place of colours. */
static bool set_small(struct SwsContext *scaler, const AVFrame *frame)
{
	bool is_420 = frame->format == AV_PIX_FMT_YUV420P;

	return av_opt_set_int(scaler, "srcw", frame->width, 0) >= 0 &&
	       av_opt_set_int(scaler, "srch", frame->height, 0) >= 0 &&
	       av_opt_set_int(scaler, "src_format", frame->format, 0) >= 0 &&
	       av_opt_set_int(scaler, "dstw", WARD_TMK_SIDE, 0) >= 0 &&
	       av_opt_set_int(scaler, "dsth", WARD_TMK_SIDE, 0) >= 0 &&
	       av_opt_set_int(scaler, "dst_format", AV_PIX_FMT_RGB24, 0) >= 0 &&
	       av_opt_set_int(scaler, "sws_flags", SWS_BICUBIC, 0) >= 0 &&
	       av_opt_set_int(scaler, "src_v_chr_pos", is_420 ? 128 : -513, 0) >= 0 &&
	       sws_init_context(scaler, NULL, NULL) >= 0;
}

/* The matrix and range that the frame names; where it names none, those of BT.601. */
static void set_colours(struct SwsContext *scaler, const AVFrame *frame)
{
	int space = frame->colorspace, *inverse, *forward;
	int full, full_out, brightness, contrast, saturation;

	if (sws_getColorspaceDetails(scaler, &inverse, &full, &forward, &full_out, &brightness,
			    &contrast, &saturation) < 0)
		return;
	if (space < 1 || space > 10 || space == AVCOL_SPC_YCGCO)
		space = AVCOL_SPC_BT470BG;
	if (frame->color_range != AVCOL_RANGE_UNSPECIFIED)
		full = frame->color_range == AVCOL_RANGE_JPEG;
	(void)sws_setColorspaceDetails(scaler, sws_getCoefficients(space), full,
			sws_getCoefficients(space), full_out, brightness, contrast, saturation);
}

/* Made anew for each frame only where frames change: the options say what it was made for. */
static bool is_made_for(struct SwsContext *scaler, const AVFrame *frame)
{
	int64_t width, height, format;

	return av_opt_get_int(scaler, "srcw", 0, &width) >= 0 && width == frame->width &&
	       av_opt_get_int(scaler, "srch", 0, &height) >= 0 && height == frame->height &&
	       av_opt_get_int(scaler, "src_format", 0, &format) >= 0 && format == frame->format;
}

static void make_small_scaler(struct moving_stream *stream, const AVFrame *frame)
{
	if (stream->scaler && !is_made_for(stream->scaler, frame)) {
		sws_freeContext(stream->scaler);
		stream->scaler = NULL;
	}
	if (!stream->scaler) {
		stream->scaler = sws_alloc_context();
		if (stream->scaler && !set_small(stream->scaler, frame)) {
			sws_freeContext(stream->scaler);
			stream->scaler = NULL;
		}
	}
	if (stream->scaler)
		set_colours(stream->scaler, frame);
}

static ward_err draw_small(struct moving_stream *stream, const AVFrame *frame, uint8_t *rgb,
		struct ward_error *error)
{
	if (stream->orientation > 1) {
		ward_err err = turn(stream, frame, error);

		if (err)
			return err;
		frame = stream->turned;
	}
	make_small_scaler(stream, frame);
	return scale(stream, frame, rgb, WARD_TMK_SIDE, error);
}

ward_err moving_stream_draw(struct moving_stream *stream, uint8_t *rgb, struct ward_error *error)
{
	const AVFrame *frame = stream->due->frame;
	ward_err err = stream->kind == WARD_FRAMES_TMK ? draw_small(stream, frame, rgb, error)
						       : draw_as_stored(stream, frame, rgb, error);

	stream->drawn = !err;
	stream->drawn_number = stream->due->number;
	return err;
}
