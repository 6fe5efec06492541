#include "decode/moving.h"

#include <iconv.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "decode/moving_formats.h"
#include "decode/moving_raw.h"

/* Of a file's streams; what has more is no recording. */
#define STREAMS_MAX 64

/* What is looked at before the facts are told, where the header does not tell. */
#define PROBE_BYTES ((int64_t)8 << 20)
#define PROBE_US    ((int64_t)10 * AV_TIME_BASE)

/* A piece of the file, copied for the demuxer. */
#define PIECE_BYTES 65536

/*
 * Decoded to reach one moment: 96 pictures of 1920 x 1080, 860 of 640 x 360.
 * Twelve moments of a video with one key picture then take some seconds, not minutes.
 */
#define MOMENT_PIXELS ((uint64_t)200 << 20)

/* The file ends so much earlier than it says: it was cut. */
#define CUT_MS 1500

/* No video of ours is longer: what is beyond is a lie, and fits no uint32_t. */
#define TIME_MS_MAX ((uint64_t)UINT32_MAX)
#define TIME_US_MAX ((int64_t)TIME_MS_MAX * 1000)

struct moving {
	ward_bytes file;
	size_t at; /* the demuxer's place in it */
	struct ward_limits limits;
	uint64_t deadline_us;
	AVIOContext *io;
	AVFormatContext *format;
	AVCodecContext *codec;
	AVStream *stream;
	AVPacket *packet;
	AVFrame *fresh, *kept; /* what was decoded last, and the last that will do */
	struct SwsContext *scaler;
	uint8_t *canvas;
	size_t canvas_len;
	uint64_t said_ms;   /* how long the file says it is */
	int64_t start;      /* of the stream, in its own units */
	int64_t picture_us; /* how long a picture is shown */
	int64_t fresh_us;   /* when the fresh one is shown */
	int64_t kept_us;
	uint64_t budget; /* pixels that may be decoded before the next frame is given */
	uint32_t given;
	bool streaming;
	bool draining, over, damaged;
};

/* ---- bytes ---- */

static bool time_is_up(const struct moving *moving)
{
	return clock_ticks_us() >= moving->deadline_us;
}

static int read_piece(void *context, uint8_t *to, int room)
{
	struct moving *moving = context;
	size_t left = moving->file.len - moving->at;
	size_t len = left < (size_t)room ? left : (size_t)room;

	if (time_is_up(moving))
		return AVERROR_EXIT;
	if (len == 0)
		return AVERROR_EOF;
	memcpy(to, moving->file.ptr + moving->at, len);
	moving->at += len;
	return (int)len;
}

static int64_t seek_to(void *context, int64_t offset, int whence)
{
	struct moving *moving = context;
	int64_t size = (int64_t)moving->file.len;

	if (whence == AVSEEK_SIZE)
		return size;
	if (whence == SEEK_CUR && ckd_add(&offset, offset, (int64_t)moving->at))
		return AVERROR(EINVAL);
	if (whence == SEEK_END && ckd_add(&offset, offset, size))
		return AVERROR(EINVAL);
	if (offset < 0 || offset > size)
		return AVERROR(EINVAL);
	moving->at = (size_t)offset;
	return offset;
}

/* A file may name others.  It gets none. */
static int open_nothing(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
		AVDictionary **options)
{
	(void)format;
	(void)io;
	(void)url;
	(void)flags;
	(void)options;
	return AVERROR(EACCES);
}

static int asks_to_stop(void *context)
{
	return time_is_up(context);
}

static void say_nothing(void *context, int level, const char *format, va_list arguments)
{
	(void)context;
	(void)level;
	(void)format;
	(void)arguments;
}

/*
 * The names of broadcasts in a transport stream are in old character sets, for which the C library
 * would load files.  Nobody is shown those names: there is no other character set in this program.
 * It takes the place of the library's own because a program's symbols come first.
 */
WARD_API iconv_t iconv_open(const char *to, const char *from)
{
	(void)to;
	(void)from;
	errno = EINVAL;
	return (iconv_t)-1; /* NOLINT(performance-no-int-to-ptr): iconv_open's own way to say no */
}

void moving_prepare(void)
{
	/* Times in a header are printed by the C library, which then looks for the place's zone. */
	(void)setenv("TZ", "UTC0", 1);
	tzset();
	av_log_set_callback(say_nothing);
}

/* ---- what went wrong ---- */

static ward_err fail(struct moving *moving, int code, const char *what, struct ward_error *error)
{
	if (time_is_up(moving) || code == AVERROR_EXIT)
		return ward_fail(error, WARD_E_LIMIT, "reading the moving picture took too long");
	if (code == AVERROR(ENOMEM))
		return ward_fail(error, WARD_E_NOMEM, "no memory to read the moving picture");
	return ward_fail(error, WARD_E_FORMAT, "%s", what);
}

static ward_err no_memory(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "no memory to read the moving picture");
}

/* ---- opening the container ---- */

static ward_err make_reader(struct moving *moving, struct ward_error *error)
{
	uint8_t *piece = av_malloc(PIECE_BYTES);

	moving->packet = av_packet_alloc();
	moving->fresh = av_frame_alloc();
	moving->kept = av_frame_alloc();
	moving->format = avformat_alloc_context();
	if (piece)
		moving->io = avio_alloc_context(piece, PIECE_BYTES, 0, moving, read_piece, NULL,
				seek_to);
	if (!moving->io)
		av_free(piece);
	return moving->io && moving->packet && moving->fresh && moving->kept && moving->format
			       ? WARD_OK
			       : no_memory(error);
}

static ward_err open_container(struct moving *moving, struct ward_error *error)
{
	const char *name = moving_container(moving->file);
	const AVInputFormat *input = name ? av_find_input_format(name) : NULL;
	AVFormatContext *format = moving->format;

	if (!input)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"moving pictures of this kind are not read here");
	/* No protocol at all, and of formats the one that was found. */
	if (!moving_allow(format, input->name, ""))
		return no_memory(error);
	format->pb = moving->io;
	format->flags |= AVFMT_FLAG_CUSTOM_IO;
	format->interrupt_callback = (AVIOInterruptCB){ asks_to_stop, moving };
	format->io_open = open_nothing;
	format->max_streams = STREAMS_MAX;
	if (!moving->streaming) {
		format->probesize = PROBE_BYTES;
		format->max_analyze_duration = PROBE_US;
	}
	/* It frees the context when it fails. */
	int code = avformat_open_input(&moving->format, "", input, NULL);

	return code < 0 ? fail(moving, code, "the moving picture's header is broken", error)
			: WARD_OK;
}

/* ---- its streams ---- */

static bool is_moving(const AVStream *stream)
{
	return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
	       !(stream->disposition &
			       (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS));
}

/* The first is what a player shows; the others follow in the file's order. */
static ward_err choose_stream(struct moving *moving, uint32_t wanted, uint32_t *count,
		struct ward_error *error)
{
	AVFormatContext *format = moving->format;
	int best = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
	int chosen = -1;

	*count = 0;
	if (best >= 0 && is_moving(format->streams[best])) {
		chosen = wanted == 0 ? best : -1;
		*count = 1;
	}
	for (int i = 0; i < (int)format->nb_streams; i++) {
		if (!is_moving(format->streams[i]) || (i == best && *count > 0))
			continue;
		if (*count == wanted)
			chosen = i;
		++*count;
	}
	if (*count == 0)
		return ward_fail(error, WARD_E_FORMAT, "there is no moving picture in the file");
	if (chosen < 0)
		return ward_fail(error, WARD_E_NOT_FOUND, "the file has no such stream");
	/* Only this one's packets are wanted from here on: not sound, not words. */
	for (int i = 0; i < (int)format->nb_streams; i++)
		format->streams[i]->discard = i == chosen ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	moving->stream = format->streams[chosen];
	return WARD_OK;
}

static bool has_sound(const AVFormatContext *format)
{
	for (unsigned i = 0; i < format->nb_streams; i++) {
		if (format->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
			return true;
	}
	return false;
}

/* The first decoder of this codec that is on our list. */
static ward_err open_codec(struct moving *moving, struct ward_error *error)
{
	const AVCodecParameters *stated = moving->stream->codecpar;
	const AVCodec *decoder = moving_decoder(stated->codec_id);
	uint64_t most = moving->limits.pixels_max;

	if (!decoder)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"moving pictures coded like this are not read here");
	if (stated->width <= 0 || stated->height <= 0)
		return ward_fail(error, WARD_E_FORMAT, "the moving picture has no width or height");
	if ((uint64_t)stated->width * (uint64_t)stated->height > most)
		return ward_fail(error, WARD_E_LIMIT,
				"the moving picture is %d x %d, more than the limit of %llu pixels",
				stated->width, stated->height, (unsigned long long)most);
	moving->codec = avcodec_alloc_context3(decoder);
	if (!moving->codec)
		return no_memory(error);
	int code = avcodec_parameters_to_context(moving->codec, stated);

	moving->codec->thread_count = 1;
	moving->codec->pkt_timebase = moving->stream->time_base;
	moving->codec->max_pixels = (int64_t)(most < INT32_MAX ? most : INT32_MAX);
	if (code >= 0)
		code = avcodec_open2(moving->codec, decoder, NULL);
	return code < 0 ? fail(moving, code, "the moving picture's codec refuses it", error)
			: WARD_OK;
}

/* ---- facts ---- */

static int64_t to_us(const struct moving *moving, int64_t time)
{
	return av_rescale_q(time, moving->stream->time_base, AV_TIME_BASE_Q);
}

/*
 * When a picture is shown, by the time that its file gives it: whatever that says, it can be
 * reckoned with.
 */
static int64_t shown_us(const struct moving *moving, int64_t time)
{
	int64_t since, us;

	if (ckd_sub(&since, time, moving->start))
		return time < moving->start ? 0 : TIME_US_MAX;
	us = to_us(moving, since);
	/* What does not fit is told as the smallest number there is. */
	if (us == INT64_MIN && since > 0)
		return TIME_US_MAX;
	return us < 0 ? 0 : us < TIME_US_MAX ? us : TIME_US_MAX;
}

static uint64_t to_ms(int64_t us)
{
	uint64_t ms = us > 0 ? (uint64_t)us / 1000 : 0;

	return ms < TIME_MS_MAX ? ms : TIME_MS_MAX;
}

/* 0, 0 when it says nothing. */
static AVRational stated_rate(const AVStream *stream)
{
	AVRational rate = stream->avg_frame_rate;

	if (rate.num <= 0 || rate.den <= 0)
		rate = stream->r_frame_rate;
	return rate.num > 0 && rate.den > 0 ? rate : (AVRational){ 0, 0 };
}

static AVRational rate_of(const AVStream *stream)
{
	AVRational rate = stated_rate(stream);

	return rate.num > 0 ? rate : (AVRational){ 25, 1 };
}

static void learn_times(struct moving *moving)
{
	const AVStream *stream = moving->stream;
	const AVFormatContext *format = moving->format;
	int64_t us = stream->duration != AV_NOPTS_VALUE ? to_us(moving, stream->duration)
							: format->duration;

	moving->start = stream->start_time != AV_NOPTS_VALUE ? stream->start_time : 0;
	moving->said_ms = us != AV_NOPTS_VALUE ? to_ms(us) : 0;
	moving->picture_us = av_rescale_q(1, av_inv_q(rate_of(stream)), AV_TIME_BASE_Q);
	if (moving->picture_us <= 0 || moving->picture_us > (int64_t)10 * AV_TIME_BASE)
		moving->picture_us = AV_TIME_BASE / 25;
}

static uint32_t count_pictures(const struct moving *moving)
{
	int64_t count = moving->stream->nb_frames;

	if (count <= 0)
		count = av_rescale((int64_t)moving->said_ms, 1000, moving->picture_us);
	return count < 1 ? 1 : count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

/*
 * A matrix of the container turns the picture: x' = a x + c y, y' = b x + d y.
 * Eight of them are whole quarter turns and mirrors, which EXIF has numbers for;
 * what lies between is taken for the nearest.
 */
static uint32_t orientation_of(const AVStream *stream)
{
	size_t size = 0;
	const int32_t *matrix = (const int32_t *)(const void *)av_stream_get_side_data(stream,
			AV_PKT_DATA_DISPLAYMATRIX, &size);

	if (!matrix || size < 9 * sizeof(*matrix))
		return 0;
	int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];

	if (llabs(a) + llabs(d) >= llabs(b) + llabs(c))
		return a >= 0 ? (d >= 0 ? 1 : 4) : (d >= 0 ? 2 : 3);
	return b >= 0 ? (c >= 0 ? 5 : 6) : (c >= 0 ? 8 : 7);
}

static void tell_facts(const struct moving *moving, uint32_t streams, struct moving_facts *facts)
{
	const AVCodecParameters *stated = moving->stream->codecpar;
	AVRational shape = av_guess_sample_aspect_ratio(moving->format, moving->stream, NULL);
	AVRational rate = stated_rate(moving->stream);
	bool odd = shape.num > 0 && shape.den > 0 && shape.num / shape.den < 16 &&
		   shape.den / shape.num < 16;

	*facts = (struct moving_facts){
		.picture = {
			.kind = WARD_MEDIA_VIDEO,
			.width = (uint32_t)stated->width,
			.height = (uint32_t)stated->height,
			.orientation = orientation_of(moving->stream),
			.frames = count_pictures(moving),
			.bits = 8,
			.duration_ms = moving->said_ms,
			.has_sound = has_sound(moving->format),
			.rate_num = (uint32_t)rate.num,
			.rate_den = (uint32_t)rate.den,
		},
		.streams = streams,
		.across = odd ? (uint32_t)shape.num : 1,
		.down = odd ? (uint32_t)shape.den : 1,
	};
}

/* ---- from bytes to frames ---- */

/* Half of the time is for what is made of the frames, unless that is done meanwhile. */
static void set_deadline(struct moving *moving)
{
	uint64_t us = (uint64_t)moving->limits.time_ms * 1000;

	moving->deadline_us = clock_ticks_us() + (moving->streaming ? us - us / 8 : us / 2);
}

static ward_err open_all(struct moving *moving, uint32_t wanted, struct moving_facts *facts,
		struct ward_error *error)
{
	uint32_t streams;
	ward_err err = make_reader(moving, error);

	if (!err)
		err = open_container(moving, error);
	if (err)
		return err;
	int code = avformat_find_stream_info(moving->format, NULL);

	if (code < 0)
		return fail(moving, code, "the moving picture's streams are broken", error);
	err = choose_stream(moving, wanted, &streams, error);
	if (!err)
		err = open_codec(moving, error);
	if (err)
		return err;
	learn_times(moving);
	tell_facts(moving, streams, facts);
	return WARD_OK;
}

ward_err moving_open(ward_bytes file, const struct moving_options *options, struct moving **moving,
		struct moving_facts *facts, struct ward_error *error)
{
	struct moving *made = calloc(1, sizeof(*made));

	if (!made)
		return no_memory(error);
	made->file = file;
	made->limits = options->limits;
	made->fresh_us = made->kept_us = -1;
	made->streaming = options->streaming;
	set_deadline(made);
	ward_err err = open_all(made, options->stream, facts, error);

	if (err)
		moving_free(made);
	else
		*moving = made;
	return err;
}

void moving_free(struct moving *moving)
{
	if (!moving)
		return;
	sws_freeContext(moving->scaler);
	free(moving->canvas);
	av_frame_free(&moving->fresh);
	av_frame_free(&moving->kept);
	av_packet_free(&moving->packet);
	avcodec_free_context(&moving->codec);
	avformat_close_input(&moving->format);
	if (moving->io)
		av_freep(&moving->io->buffer);
	avio_context_free(&moving->io);
	free(moving);
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
	if (moving->packet->stream_index == moving->stream->index) {
		if (moving->packet->flags & AV_PKT_FLAG_CORRUPT)
			moving->damaged = true;
		code = avcodec_send_packet(moving->codec, moving->packet);
		moving->damaged = moving->damaged || code < 0;
	}
	av_packet_unref(moving->packet);
}

static bool is_broken(const AVFrame *frame)
{
	return frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

static void note_fresh(struct moving *moving)
{
	const AVFrame *frame = moving->fresh;
	int64_t time = frame->best_effort_timestamp, before = moving->fresh_us;

	moving->fresh_us = time != AV_NOPTS_VALUE ? shown_us(moving, time)
			   : before >= 0          ? before + moving->picture_us
						  : 0;
	if (moving->fresh_us > TIME_US_MAX)
		moving->fresh_us = TIME_US_MAX;
	moving->damaged = moving->damaged || is_broken(frame);
}

/* The next picture in the order they are shown; false at the end, or when a bound is reached. */
static bool decode_one(struct moving *moving)
{
	while (!moving->over && !time_is_up(moving)) {
		int code = avcodec_receive_frame(moving->codec, moving->fresh);

		if (code >= 0) {
			uint64_t pixels = (uint64_t)moving->fresh->width *
					  (uint64_t)moving->fresh->height;

			moving->budget -= pixels < moving->budget ? pixels : moving->budget;
			note_fresh(moving);
			return true;
		}
		if (code == AVERROR_EOF || (code != AVERROR(EAGAIN) && moving->draining))
			moving->over = true;
		else if (code != AVERROR(EAGAIN))
			moving->damaged = true;
		if (!moving->over)
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
		return no_memory(error);
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
		.time_ms = (uint32_t)to_ms(moving->kept_us),
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
	if (moving->over && (moving->said_ms > to_ms(moving->kept_us) + CUT_MS ||
					    is_cut_avi(moving->file)))
		moving->damaged = true;
}

/* Why there is nothing to give. */
static ward_err nothing(struct moving *moving, struct ward_error *error)
{
	if (time_is_up(moving))
		return fail(moving, AVERROR_EXIT, "", error);
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
			(moving->budget == 0 || time_is_up(moving)))
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

AVFrame *moving_raw_next(struct moving *moving)
{
	moving->budget = UINT64_MAX;
	if (decode_one(moving)) {
		moving->kept_us = moving->fresh_us;
		return moving->fresh;
	}
	note_cut(moving);
	return NULL;
}

uint32_t moving_raw_ms(const struct moving *moving)
{
	return (uint32_t)to_ms(moving->fresh_us);
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
			int64_t us = time != AV_NOPTS_VALUE ? shown_us(moving, time)
							    : last_us + moving->picture_us;

			last_us = us > last_us ? us : last_us;
			if (packet->flags & AV_PKT_FLAG_CORRUPT)
				moving->damaged = true;
		}
		av_packet_unref(moving->packet);
		if (time_is_up(moving))
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

	return last_us < 0 ? 0 : to_ms(last_us + moving->picture_us);
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
	facts->picture.frames = count_pictures(moving);
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
