#include "live/live_read.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libswscale/swscale.h>
#include <libxml/parser.h>

#include "base/clock.h"
#include "decode/moving.h"
#include "decode/moving_formats.h"
#include "decode/yuv.h"
#include "live/live_ask.h"
#include "live/live_pace.h"
#include "live/live_source.h"

/* Of a stream with all its renditions. */
#define STREAMS_MAX 64

/*
 * What is looked at before the first picture.  A stream by RTMP may have other streams in it at any
 * time, so it is looked at for so long whatever it says.
 */
#define PROBE_BYTES ((int64_t)2 << 20)
#define PROBE_US    ((int64_t)AV_TIME_BASE / 2)

/* Of renditions, the smallest that is at least so high: a hash looks at 64 x 64. */
#define HEIGHT_ENOUGH 240

struct reader {
	AVFormatContext *format;
	AVIOContext *io; /* of what the address names; NULL where the format opens it itself */
	AVCodecContext *codec;
	AVStream *stream;
	AVPacket *packet;
	AVFrame *frame;
	struct SwsContext *scaler;
	uint8_t *canvas;
	struct live_pace pace;
	uint64_t dropped;
	uint64_t arrived_us; /* of the last packet */
};

/* ---- opening ---- */

static void say_nothing(void *context, int level, const char *format, va_list arguments)
{
	(void)context;
	(void)level;
	(void)format;
	(void)arguments;
}

void live_read_prepare(void)
{
	moving_prepare();
	xmlInitParser();
	av_log_set_callback(say_nothing);
	(void)avformat_network_init();
}

static ward_err fail(int code, const char *what, struct ward_error *error)
{
	if (code == AVERROR(ENOMEM))
		return ward_fail(error, WARD_E_NOMEM, "no memory for the stream");
	if (code == AVERROR(EIO) || code == AVERROR(EACCES))
		return ward_fail(error, WARD_E_IO, "%s: what it names cannot be had", what);
	return ward_fail(error, WARD_E_FORMAT, "%s", what);
}

/* The lists of protocols and containers for each kind of address. */
struct kind {
	const char *input;
	const char *protocols;
	const char *inputs;
};

static const struct kind kind_hls = { "hls", "http,https",
	"hls,mpegts,mov,aac,ac3,eac3,mp3,webvtt,matroska,mpeg" };
static const struct kind kind_rtmp = { "flv", "rtmp,tcp", "flv" };
static const struct kind kind_rtsp = { "rtsp", "rtsp,tcp", "rtsp,sdp,rtp" };

static bool is_manifest(ward_bytes head)
{
	return (head.len > 1 && head.ptr[0] == '<') ||
	       (head.len > 4 && memcmp(head.ptr, "\xef\xbb\xbf<", 4) == 0);
}

/* What the web has at the address, by its first bytes. */
static ward_err look(struct reader *reader, const char *address, struct kind *kind,
		struct ward_error *error)
{
	reader->io = live_source_open(address);
	if (!reader->io)
		return ward_fail(error, WARD_E_IO, "the stream cannot be fetched");
	ward_bytes head = live_source_head(reader->io);
	const char *container = moving_container(head);

	if (is_manifest(head)) {
		*kind = kind_hls;
		return live_source_is_manifest(reader->io, address, error);
	}
	if (head.len >= 7 && memcmp(head.ptr, "#EXTM3U", 7) == 0)
		*kind = kind_hls;
	else if (container)
		*kind = (struct kind){ container, "", container };
	else
		return ward_fail(error, WARD_E_UNSUPPORTED, "this is no stream that is read here");
	return WARD_OK;
}

static ward_err dial(struct reader *reader, const char *address, struct ward_error *error)
{
	AVDictionary *options = NULL;

	av_dict_set(&options, "rtmp_live", "live", 0);
	av_dict_set(&options, "protocol_whitelist", kind_rtmp.protocols, 0);
	int code = avio_open2(&reader->io, address, AVIO_FLAG_READ, NULL, &options);

	av_dict_free(&options);
	return code < 0 ? ward_fail(error, WARD_E_IO,
					  "the stream's server cannot be reached, or "
					  "has no such stream")
			: WARD_OK;
}

static ward_err find_kind(struct reader *reader, const char *address, struct kind *kind,
		struct ward_error *error)
{
	if (av_strstart(address, "rtmp://", NULL)) {
		*kind = kind_rtmp;
		return dial(reader, address, error);
	}
	if (av_strstart(address, "rtsp://", NULL)) {
		*kind = kind_rtsp;
		return WARD_OK;
	}
	return look(reader, address, kind, error);
}

static ward_err open_format(struct reader *reader, const char *address, const struct kind *kind,
		struct ward_error *error)
{
	const AVInputFormat *input = av_find_input_format(kind->input);
	AVFormatContext *format = avformat_alloc_context();
	AVDictionary *options = NULL;

	if (!input || !format || !moving_allow(format, kind->inputs, kind->protocols)) {
		avformat_free_context(format);
		return ward_fail(error, WARD_E_UNSUPPORTED, "this FFmpeg does not read %s",
				kind->input);
	}
	format->pb = reader->io;
	live_source_serve(format);
	format->max_streams = STREAMS_MAX;
	format->probesize = PROBE_BYTES;
	format->max_analyze_duration = PROBE_US;
	if (strcmp(kind->input, "hls") == 0) {
		av_dict_set(&options, "http_persistent", "0", 0);
		av_dict_set(&options, "http_multiple", "0", 0);
		av_dict_set(&options, "live_start_index", "-1", 0);
		/* By name; what may be opened, live_source.c decides. */
		av_dict_set(&options, "allowed_extensions", "ALL", 0);
	}
	if (strcmp(kind->input, "rtsp") == 0)
		av_dict_set(&options, "rtsp_transport", "tcp", 0);
	/* It frees the context when it fails. */
	int code = avformat_open_input(&format, address, input, &options);

	av_dict_free(&options);
	if (code < 0)
		return fail(code, "the stream cannot be opened", error);
	reader->format = format;
	code = avformat_find_stream_info(format, NULL);
	return code < 0 ? fail(code, "the stream's parts are broken", error) : WARD_OK;
}

/* ---- its pictures ---- */

static bool is_better(const AVStream *than, const AVStream *stream)
{
	int height = stream->codecpar->height, other = than->codecpar->height;

	if (height < HEIGHT_ENOUGH || other < HEIGHT_ENOUGH)
		return height > other;
	return height < other;
}

static ward_err choose_stream(struct reader *reader, struct ward_error *error)
{
	AVFormatContext *format = reader->format;

	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *stream = format->streams[i];

		if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
				!(stream->disposition & AV_DISPOSITION_ATTACHED_PIC) &&
				(!reader->stream || is_better(reader->stream, stream)))
			reader->stream = stream;
	}
	if (!reader->stream)
		return ward_fail(error, WARD_E_FORMAT, "there is no moving picture in the stream");
	/* What is not wanted is not fetched either. */
	for (unsigned i = 0; i < format->nb_streams; i++)
		format->streams[i]->discard = format->streams[i] == reader->stream
							      ? AVDISCARD_DEFAULT
							      : AVDISCARD_ALL;
	return WARD_OK;
}

static ward_err open_codec(struct reader *reader, struct ward_error *error)
{
	const AVCodecParameters *stated = reader->stream->codecpar;
	const AVCodec *decoder = moving_decoder(stated->codec_id);

	if (!decoder)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"streams coded like this are not read here");
	reader->codec = avcodec_alloc_context3(decoder);
	if (!reader->codec)
		return fail(AVERROR(ENOMEM), "", error);
	int code = avcodec_parameters_to_context(reader->codec, stated);

	reader->codec->thread_count = 1;
	reader->codec->pkt_timebase = reader->stream->time_base;
	reader->codec->max_pixels = (int64_t)LIVE_PIXELS_MAX;
	if (code >= 0)
		code = avcodec_open2(reader->codec, decoder, NULL);
	return code < 0 ? fail(code, "the stream's codec refuses it", error) : WARD_OK;
}

/* ---- pixels ---- */

static ward_err draw(struct reader *reader, struct ward_error *error)
{
	const AVFrame *frame = reader->frame;
	bool full = frame->format == AV_PIX_FMT_YUVJ420P;

	if (frame->width <= 0 || frame->height <= 0 || frame->format < 0 ||
			(uint64_t)frame->width * (uint64_t)frame->height > LIVE_PIXELS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "pictures of %d x %d are beyond the limit",
				frame->width, frame->height);
	if ((full || frame->format == AV_PIX_FMT_YUV420P) && frame->width % 2 == 0 &&
			frame->height % 2 == 0) {
		const struct yuv_planes planes = {
			.plane = { frame->data[0], frame->data[1], frame->data[2] },
			.stride = { frame->linesize[0], frame->linesize[1], frame->linesize[2] },
		};

		yuv_to_rgb(&planes, (uint32_t)frame->width, (uint32_t)frame->height, full,
				reader->canvas);
		return WARD_OK;
	}
	uint8_t *planes[4] = { reader->canvas };
	int strides[4] = { 3 * frame->width };

	reader->scaler = sws_getCachedContext(reader->scaler, frame->width, frame->height,
			(enum AVPixelFormat)frame->format, frame->width, frame->height,
			AV_PIX_FMT_RGB24, SWS_AREA, NULL, NULL, NULL);
	if (!reader->scaler || sws_scale(reader->scaler, (const uint8_t *const *)frame->data,
					       frame->linesize, 0, frame->height, planes,
					       strides) != frame->height)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"pixels of this kind are not read here");
	return WARD_OK;
}

/* ---- in step ---- */

static ward_err give(struct reader *reader, struct ward_error *error)
{
	if (!live_ask_room(reader->pace.interval_ms / 4)) {
		reader->dropped++;
		return WARD_OK;
	}
	ward_err err = draw(reader, error);

	if (err)
		return err;
	const struct live_word word = {
		.kind = LIVE_FRAME,
		.width = (uint32_t)reader->frame->width,
		.height = (uint32_t)reader->frame->height,
		.stream_ms = (uint64_t)reader->pace.last_ms,
		.arrived_us = reader->arrived_us,
		.behind_ms = reader->pace.behind_ms,
		.dropped = reader->dropped,
	};

	return live_tell_frame(&word) ? WARD_OK
				      : ward_fail(error, WARD_E_IO, "nobody is there any more");
}

static ward_err meet(struct reader *reader, struct ward_error *error)
{
	int64_t time = reader->frame->best_effort_timestamp;
	int64_t own = time == AV_NOPTS_VALUE ? reader->pace.base_ms + reader->pace.last_ms + 1
					     : av_rescale_q(time, reader->stream->time_base,
							       (AVRational){ 1, 1000 });
	bool due = live_pace_meet(&reader->pace, own, reader->arrived_us / 1000);

	reader->codec->skip_frame = reader->pace.hurried ? AVDISCARD_NONKEY : AVDISCARD_DEFAULT;
	return due ? give(reader, error) : WARD_OK;
}

/* Pictures that are broken are passed over: the next key picture is soon. */
static ward_err decode(struct reader *reader, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (avcodec_send_packet(reader->codec, reader->packet) < 0)
		return WARD_OK;
	while (!err && avcodec_receive_frame(reader->codec, reader->frame) >= 0) {
		err = meet(reader, error);
		av_frame_unref(reader->frame);
	}
	return err;
}

static ward_err read_all(struct reader *reader, struct ward_error *error)
{
	ward_err err = WARD_OK;
	int code = 0;

	while (!err) {
		code = av_read_frame(reader->format, reader->packet);
		if (code < 0)
			break;
		reader->arrived_us = clock_ticks_us();
		if (reader->packet->stream_index == reader->stream->index)
			err = decode(reader, error);
		av_packet_unref(reader->packet);
	}
	if (!err && code != AVERROR_EOF && code != AVERROR(EIO))
		err = fail(code, "the stream broke off", error);
	return err;
}

ward_err live_read(const char *address, uint32_t interval_ms, uint8_t *canvas,
		struct ward_error *error)
{
	struct reader reader = { .canvas = canvas };
	struct kind kind = { 0 };
	ward_err err;

	live_pace_begin(&reader.pace, interval_ms);
	reader.packet = av_packet_alloc();
	reader.frame = av_frame_alloc();
	err = reader.packet && reader.frame ? find_kind(&reader, address, &kind, error)
					    : fail(AVERROR(ENOMEM), "", error);
	if (!err)
		err = open_format(&reader, address, &kind, error);
	if (!err)
		err = choose_stream(&reader, error);
	if (!err)
		err = open_codec(&reader, error);
	if (!err)
		err = read_all(&reader, error);
	/* The process ends here, and with it what the stream had. */
	return err;
}
