#include "base/clock.h"
#include "decode/moving_ahead.h"
#include "decode/moving_raw.h"

/*
 * Decoded to reach one moment: 96 pictures of 1920 x 1080, 860 of 640 x 360.
 * Twelve moments of a video with one key picture then take some seconds, not minutes.
 */
#define MOMENT_PIXELS ((uint64_t)200 << 20)

/* The file ends so much earlier than it says: it was cut. */
#define CUT_MS 1500

/* ---- from bytes to frames ---- */

static void send(struct moving *moving)
{
	int code = avcodec_send_packet(moving->codec, moving->packet);

	moving->damaged = moving->damaged || code < 0;
	av_packet_unref(moving->packet);
}

/* What a plan says of the packet that was read; without one all of them are wanted. */
static enum moving_need need(const struct moving *moving)
{
	return moving->plan ? moving_plan_next(moving->plan, moving->packet->pts,
					      (uint32_t)moving->packet->size)
			    : MOVING_DECODE;
}

/* Gives the decoder its next packet; at the end of the file, the word that it is one. */
static void feed(struct moving *moving)
{
	int code = av_read_frame(moving->format, moving->packet);

	if (code < 0) {
		moving->damaged = moving->damaged || code != AVERROR_EOF;
		moving->draining = true;
		(void)avcodec_send_packet(moving->codec, NULL);
		return;
	}
	if (moving->packet->stream_index != moving->stream->index) {
		av_packet_unref(moving->packet);
		return;
	}
	if (moving->packet->flags & AV_PKT_FLAG_CORRUPT)
		moving->damaged = true;
	enum moving_need needed = need(moving);

	if (needed == MOVING_OTHER)
		moving->complained = true;
	if (needed == MOVING_SKIP)
		av_packet_unref(moving->packet);
	else
		send(moving);
}

static bool is_broken(const AVFrame *frame)
{
	return frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

static void note_fresh(struct moving *moving)
{
	const AVFrame *frame = moving->fresh;
	int64_t time = frame->best_effort_timestamp, before = moving->fresh_us;

	moving->fresh_us = time != AV_NOPTS_VALUE ? moving_shown_us(moving, time)
			   : before >= 0          ? before + moving->picture_us
						  : 0;
	if (moving->fresh_us > TIME_US_MAX)
		moving->fresh_us = TIME_US_MAX;
	moving->damaged = moving->damaged || is_broken(frame);
}

/* The next picture in the order they are shown; false at the end, or when a bound is reached. */
static bool decode_one(struct moving *moving)
{
	while (!moving->over && !moving_time_is_up(moving)) {
		int code = avcodec_receive_frame(moving->codec, moving->fresh);

		if (code >= 0) {
			uint64_t pixels = (uint64_t)moving->fresh->width *
					  (uint64_t)moving->fresh->height;

			moving->budget -= pixels < moving->budget ? pixels : moving->budget;
			note_fresh(moving);
			return true;
		}
		bool waits = code == AVERROR(EAGAIN);

		if (!waits && code != AVERROR_EOF && !moving->draining)
			moving->damaged = true;
		if (code == AVERROR_EOF || (!waits && moving->draining))
			moving->over = true;
		else
			feed(moving);
	}
	return false;
}

static void keep_fresh(struct moving *moving)
{
	av_frame_unref(moving->kept);
	av_frame_move_ref(moving->kept, moving->fresh);
	moving->kept_us = moving->fresh_us;
}

/* ---- from frames to pixels ---- */

static ward_err make_canvas(struct moving *moving, int width, int height, struct ward_error *error)
{
	size_t len;

	if ((uint64_t)width * (uint64_t)height > moving->limits.pixels_max ||
			ckd_mul(&len, (size_t)width * 3, (size_t)height) ||
			len > moving->limits.memory_max)
		return ward_fail(error, WARD_E_LIMIT, "a picture of %d x %d is beyond the limits",
				width, height);
	if (len <= moving->canvas_len)
		return WARD_OK;
	free(moving->canvas);
	moving->canvas_len = 0;
	moving->canvas = calloc(1, len + 64); /* the scaler writes in steps of its registers */
	if (!moving->canvas)
		return moving_no_memory(error);
	moving->canvas_len = len;
	return WARD_OK;
}

/* The frame says how its colours are meant; what it does not say is guessed by its size, as players
 * do. */
static bool set_scaler(struct moving *moving, const AVFrame *frame)
{
	int space = frame->colorspace;
	int full = frame->color_range == AVCOL_RANGE_JPEG;

	moving->scaler = sws_getCachedContext(moving->scaler, frame->width, frame->height,
			(enum AVPixelFormat)frame->format, frame->width, frame->height,
			AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT,
			NULL, NULL, NULL);
	if (!moving->scaler)
		return false;
	if (space == AVCOL_SPC_UNSPECIFIED)
		space = frame->height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;
	(void)sws_setColorspaceDetails(moving->scaler, sws_getCoefficients(space), full,
			sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
	return true;
}

static ward_err give_kept(struct moving *moving, struct ward_frame *frame, struct ward_error *error)
{
	const AVFrame *kept = moving->kept;

	if (moving->given >= moving->limits.frames_max)
		return ward_fail(error, WARD_E_LIMIT, "more frames are wanted than the limit of %u",
				moving->limits.frames_max);
	if (kept->width <= 0 || kept->height <= 0 || kept->format < 0)
		return ward_fail(error, WARD_E_FORMAT, "the decoder gave no picture");
	ward_err err = make_canvas(moving, kept->width, kept->height, error);

	if (err)
		return err;
	if (!set_scaler(moving, kept))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"pixels of this kind are not read here");
	size_t stride = (size_t)kept->width * 3;
	uint8_t *planes[4] = { moving->canvas };
	int strides[4] = { (int)stride };

	if (sws_scale(moving->scaler, (const uint8_t *const *)kept->data, kept->linesize, 0,
			    kept->height, planes, strides) != kept->height)
		return ward_fail(error, WARD_E_FORMAT, "the decoder gave no whole picture");
	*frame = (struct ward_frame){
		.image = { moving->canvas, stride, (uint32_t)kept->width, (uint32_t)kept->height,
				3 },
		.index = moving->given++,
		.time_ms = (uint32_t)moving_to_ms(moving->kept_us),
		.scale = 1,
		.view = WARD_VIEW_STORED,
	};
	return WARD_OK;
}

/* ---- moments ---- */

/* FFmpeg takes the length of a cut AVI for what is left of it; its first eight bytes know better.
 */
static bool is_cut_avi(ward_bytes file)
{
	struct ward_reader reader = ward_reader_from(file);
	ward_bytes name = ward_read_bytes(&reader, 4);
	uint64_t size = ward_read_u32le(&reader);

	return !reader.failed && memcmp(name.ptr, "RIFF", 4) == 0 &&
	       size > ward_reader_left(&reader);
}

static void note_cut(struct moving *moving)
{
	if (moving->over && (moving->said_ms > moving_to_ms(moving->kept_us) + CUT_MS ||
					    is_cut_avi(moving->file)))
		moving->damaged = true;
}

/* Why there is nothing to give. */
static ward_err nothing(struct moving *moving, struct ward_error *error)
{
	if (moving_time_is_up(moving))
		return moving_fail(moving, AVERROR_EXIT, "", error);
	if (moving->given == 0 && moving->kept_us < 0)
		return ward_fail(error, WARD_E_FORMAT, "no picture of it could be read");
	return ward_fail(error, WARD_E_NOT_FOUND, "the moving picture ends earlier");
}

static bool seek_before(struct moving *moving, int64_t us)
{
	int64_t time = av_rescale_q(us, AV_TIME_BASE_Q, moving->stream->time_base);
	int index = moving->stream->index;

	if (ckd_add(&time, time, moving->start))
		return false;
	return avformat_seek_file(moving->format, index, INT64_MIN, time, time, 0) >= 0 ||
	       av_seek_frame(moving->format, index, time, AVSEEK_FLAG_BACKWARD) >= 0;
}

/* Pictures may be stored before the first that is shown: the beginning is earlier than 0. */
#define BEFORE_ALL_US ((int64_t)-10 * AV_TIME_BASE)

/* To where decoding may begin before this time; it goes on where a file cannot be searched. */
static void go_to(struct moving *moving, int64_t us)
{
	bool there = (us <= 0 && seek_before(moving, BEFORE_ALL_US)) ||
		     seek_before(moving, us > 0 ? us : 0);

	if (!there && moving->kept_us <= us)
		return;
	avcodec_flush_buffers(moving->codec);
	moving->draining = moving->over = false;
	moving->fresh_us = -1;
}

/* Decodes from there to the last picture that is shown at this time; false when there was none. */
static bool reach(struct moving *moving, int64_t from_us, int64_t at_us)
{
	bool found = false;

	go_to(moving, from_us);
	while (moving->budget > 0 && decode_one(moving)) {
		/* Of what is too late the first will do, when nothing came before it. */
		if (found && moving->fresh_us > at_us + moving->picture_us / 2)
			break;
		keep_fresh(moving);
		found = true;
		if (moving->kept_us + moving->picture_us / 2 > at_us)
			break;
	}
	return found;
}

/*
 * Where a file has no index, decoding begins anywhere, and what comes before the next key picture
 * is lost: then it begins further back.
 */
static bool reach_from_further_back(struct moving *moving, int64_t at_us)
{
	static const int64_t back_s[] = { 0, 2, 10, INT32_MAX };
	bool found = false;

	for (size_t i = 0; i < sizeof(back_s) / sizeof(*back_s); i++) {
		found = reach(moving, at_us - back_s[i] * AV_TIME_BASE, at_us);
		if ((found && moving->kept_us <= at_us + moving->picture_us) ||
				moving->budget == 0 || at_us <= back_s[i] * AV_TIME_BASE)
			break;
	}
	return found;
}

ward_err moving_at(struct moving *moving, uint64_t at_ms, struct ward_frame *frame,
		struct ward_error *error)
{
	int64_t at_us = (int64_t)(at_ms < TIME_MS_MAX ? at_ms : TIME_MS_MAX) * 1000;

	moving->budget = MOMENT_PIXELS;
	bool found = reach_from_further_back(moving, at_us);

	note_cut(moving);
	/* A bound ended it, not what lies there. */
	if (found && moving->kept_us + moving->picture_us / 2 <= at_us &&
			(moving->budget == 0 || moving_time_is_up(moving)))
		moving->damaged = true;
	if (!found || (moving->over && moving->kept_us + 2 * moving->picture_us < at_us))
		return nothing(moving, error);
	return give_kept(moving, frame, error);
}

ward_err moving_next(struct moving *moving, uint64_t from_ms, struct ward_frame *frame,
		struct ward_error *error)
{
	int64_t from_us = (int64_t)(from_ms < TIME_MS_MAX ? from_ms : TIME_MS_MAX) * 1000;

	moving->budget = UINT64_MAX;
	while (decode_one(moving)) {
		if (moving->fresh_us + moving->picture_us / 2 < from_us)
			continue;
		keep_fresh(moving);
		return give_kept(moving, frame, error);
	}
	note_cut(moving);
	return nothing(moving, error);
}

/* ---- for moving_stream.c ---- */

void moving_raw_plan(struct moving *moving, uint32_t step)
{
	if (!moving->all)
		moving->plan = moving_ahead(moving, step);
}

/* With a plan, whether what came (or that nothing more comes) is as the file said it would be. */
static bool is_as_planned(struct moving *moving, bool came)
{
	if (!moving->plan || moving_time_is_up(moving))
		return true;
	if (moving->complained || moving->damaged)
		return false;
	return came ? moving_plan_came(moving->plan, moving->fresh->pts, &moving->number)
		    : moving_plan_is_whole(moving->plan);
}

/*
 * The next, and its number: as planned, or else one more than the one before.  Where the file is
 * not what it said, all of it is decoded after all; what was given before is not given again.
 */
static bool count_next(struct moving *moving)
{
	uint32_t next = moving->counted ? moving->number + 1 : 0;
	bool came = decode_one(moving);

	if (!is_as_planned(moving, came)) {
		struct ward_error error = { 0 };

		moving->passed = next;
		moving->counted = false;
		next = 0;
		if (moving_begin_again(moving, &error) != WARD_OK) {
			moving->damaged = moving->over = true;
			return false;
		}
		came = decode_one(moving);
	}
	if (came && !moving->plan)
		moving->number = next;
	moving->counted |= came;
	return came;
}

AVFrame *moving_raw_next(struct moving *moving)
{
	bool came;

	moving->budget = UINT64_MAX;
	do
		came = count_next(moving);
	while (came && moving->number < moving->passed);
	if (came) {
		moving->kept_us = moving->fresh_us;
		return moving->fresh;
	}
	/* The last is there, whether or not it was wanted. */
	if (moving->plan && moving->over && moving->counted)
		moving->kept_us = moving_shown_us(moving, moving_plan_last(moving->plan));
	note_cut(moving);
	return NULL;
}

uint32_t moving_raw_number(const struct moving *moving)
{
	return moving->number;
}

uint32_t moving_raw_ms(const struct moving *moving)
{
	return (uint32_t)moving_to_ms(moving->fresh_us);
}

ward_err moving_raw_end(struct moving *moving, struct ward_error *error)
{
	return nothing(moving, error);
}

struct moving_raw_times moving_raw_times(const struct moving *moving)
{
	const AVFormatContext *format = moving->format;

	return (struct moving_raw_times){
		.time_base = moving->stream->time_base,
		.rate = av_guess_frame_rate(moving->format, moving->stream, NULL),
		.start_us = format->start_time != AV_NOPTS_VALUE ? format->start_time : 0,
	};
}

/* ---- where it ends ---- */

/* Reads on to the end of the file; when its last picture begins to be shown, or -1. */
static int64_t read_through(struct moving *moving)
{
	int64_t last_us = -1;
	int code;

	while ((code = av_read_frame(moving->format, moving->packet)) >= 0) {
		const AVPacket *packet = moving->packet;
		int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

		if (packet->stream_index == moving->stream->index) {
			int64_t us = time != AV_NOPTS_VALUE ? moving_shown_us(moving, time)
							    : last_us + moving->picture_us;

			last_us = us > last_us ? us : last_us;
			if (packet->flags & AV_PKT_FLAG_CORRUPT)
				moving->damaged = true;
		}
		av_packet_unref(moving->packet);
		if (moving_time_is_up(moving))
			break;
	}
	/* Whatever else ends it, what lies behind was not read.  Some formats say EIO for the end.
	 */
	if (code != AVERROR_EOF && !(code == AVERROR(EIO) && avio_feof(moving->io)))
		moving->damaged = true;
	return last_us < TIME_US_MAX ? last_us : TIME_US_MAX;
}

static uint64_t end_from(struct moving *moving, int64_t from_us)
{
	go_to(moving, from_us);
	int64_t last_us = read_through(moving);

	return last_us < 0 ? 0 : moving_to_ms(last_us + moving->picture_us);
}

uint64_t moving_end(struct moving *moving)
{
	return end_from(moving, 0);
}

bool moving_goes_on(struct moving *moving, struct moving_facts *facts)
{
	uint64_t end = end_from(moving, TIME_US_MAX);

	if (end > 0 && moving->said_ms > end + CUT_MS)
		moving->damaged = true;
	if (end <= moving->said_ms + CUT_MS)
		return false;
	moving->said_ms = end;
	facts->picture.duration_ms = end;
	facts->picture.frames = moving_count_pictures(moving);
	return true;
}

uint64_t moving_spread(uint64_t duration_ms, uint32_t count, uint32_t index)
{
	uint64_t most = duration_ms < TIME_MS_MAX ? duration_ms : TIME_MS_MAX;

	return count > 0 ? most * (2 * (uint64_t)index + 1) / (2 * (uint64_t)count) : 0;
}

bool moving_is_damaged(const struct moving *moving)
{
	return moving->damaged;
}
