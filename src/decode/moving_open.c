#include <iconv.h>

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "decode/moving_formats.h"
#include "decode/moving_inner.h"
#include "decode/moving_plan.h"

/* Of a file's streams; what has more is no recording. */
#define STREAMS_MAX 64

/* What is looked at before the facts are told, where the header does not tell. */
#define PROBE_BYTES ((int64_t)8 << 20)
#define PROBE_US    ((int64_t)10 * AV_TIME_BASE)

/* A piece of the file, copied for the demuxer. */
#define PIECE_BYTES 65536

/* ---- bytes ---- */

bool moving_time_is_up(const struct moving *moving)
{
	return clock_ticks_us() >= moving->deadline_us;
}

static int read_piece(void *context, uint8_t *to, int room)
{
	struct moving *moving = context;
	size_t left = moving->file.len - moving->at;
	size_t len = left < (size_t)room ? left : (size_t)room;

	if (moving_time_is_up(moving))
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
	return moving_time_is_up(context);
}

/* Nothing is said; but that a decoder complained is kept. */
static void say_nothing(void *context, int level, const char *format, va_list arguments)
{
	const AVClass *class = context ? *(AVClass **)context : NULL;

	(void)format;
	(void)arguments;
	if (level > AV_LOG_ERROR || class != avcodec_get_class())
		return;
	struct moving *moving = ((AVCodecContext *)context)->opaque;

	if (moving)
		moving->complained = true;
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

ward_err moving_fail(struct moving *moving, int code, const char *what, struct ward_error *error)
{
	if (moving_time_is_up(moving) || code == AVERROR_EXIT)
		return ward_fail(error, WARD_E_LIMIT, "reading the moving picture took too long");
	if (code == AVERROR(ENOMEM))
		return ward_fail(error, WARD_E_NOMEM, "no memory to read the moving picture");
	return ward_fail(error, WARD_E_FORMAT, "%s", what);
}

ward_err moving_no_memory(struct ward_error *error)
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
			       : moving_no_memory(error);
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
		return moving_no_memory(error);
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

	return code < 0 ? moving_fail(moving, code, "the moving picture's header is broken", error)
			: WARD_OK;
}

/* ---- its streams ---- */

static bool is_moving(const AVStream *stream)
{
	return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
	       !(stream->disposition &
			       (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS));
}

/* Only this one's packets are wanted from here on: not sound, not words. */
static void choose(struct moving *moving, unsigned chosen)
{
	AVFormatContext *format = moving->format;

	for (unsigned i = 0; i < format->nb_streams; i++)
		format->streams[i]->discard = i == chosen ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	moving->stream = format->streams[chosen];
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
	choose(moving, (unsigned)chosen);
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
		return moving_no_memory(error);
	int code = avcodec_parameters_to_context(moving->codec, stated);

	moving->codec->opaque = moving;
	moving->codec->thread_count = 1;
	moving->codec->pkt_timebase = moving->stream->time_base;
	moving->codec->max_pixels = (int64_t)(most < INT32_MAX ? most : INT32_MAX);
	if (code >= 0)
		code = avcodec_open2(moving->codec, decoder, NULL);
	return code < 0 ? moving_fail(moving, code, "the moving picture's codec refuses it", error)
			: WARD_OK;
}

/* ---- facts ---- */

static int64_t to_us(const struct moving *moving, int64_t time)
{
	return av_rescale_q(time, moving->stream->time_base, AV_TIME_BASE_Q);
}

int64_t moving_shown_us(const struct moving *moving, int64_t time)
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

uint64_t moving_to_ms(int64_t us)
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
	moving->said_ms = us != AV_NOPTS_VALUE ? moving_to_ms(us) : 0;
	moving->picture_us = av_rescale_q(1, av_inv_q(rate_of(stream)), AV_TIME_BASE_Q);
	if (moving->picture_us <= 0 || moving->picture_us > (int64_t)10 * AV_TIME_BASE)
		moving->picture_us = AV_TIME_BASE / 25;
}

uint32_t moving_count_pictures(const struct moving *moving)
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
			.frames = moving_count_pictures(moving),
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

/* ---- all of it ---- */

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
		return moving_fail(moving, code, "the moving picture's streams are broken", error);
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
		return moving_no_memory(error);
	made->file = file;
	made->limits = options->limits;
	made->fresh_us = made->kept_us = -1;
	made->streaming = options->streaming;
	made->all = options->all;
	set_deadline(made);
	ward_err err = open_all(made, options->stream, facts, error);

	if (err)
		moving_free(made);
	else
		*moving = made;
	return err;
}

ward_err moving_open_again(const struct moving *moving, struct moving **again,
		struct ward_error *error)
{
	struct moving *made = calloc(1, sizeof(*made));
	unsigned index = (unsigned)moving->stream->index;

	if (!made)
		return moving_no_memory(error);
	made->file = moving->file;
	made->limits = moving->limits;
	made->deadline_us = moving->deadline_us;
	made->streaming = moving->streaming;
	ward_err err = make_reader(made, error);

	if (!err)
		err = open_container(made, error);
	if (!err && index >= made->format->nb_streams)
		err = ward_fail(error, WARD_E_NOT_FOUND, "the file has no such stream");
	if (err) {
		moving_free(made);
		return err;
	}
	choose(made, index);
	*again = made;
	return WARD_OK;
}

/* Its reader becomes `moving`'s, and the other's is its own. */
static void trade_readers(struct moving *moving, struct moving *again)
{
	struct moving old = *moving;

	moving->format = again->format;
	moving->io = again->io;
	moving->stream = again->stream;
	moving->codec = again->codec;
	moving->at = again->at;
	again->format = old.format;
	again->io = old.io;
	again->codec = old.codec;
	moving->io->opaque = moving->codec->opaque = moving;
	moving->format->interrupt_callback.opaque = moving;
	again->io->opaque = again->codec->opaque = again;
	again->format->interrupt_callback.opaque = again;
}

ward_err moving_begin_again(struct moving *moving, struct ward_error *error)
{
	struct moving *again = NULL;
	ward_err err = moving_open_again(moving, &again, error);

	if (err)
		return err;
	int code = avformat_find_stream_info(again->format, NULL);

	err = code < 0 ? moving_fail(moving, code, "the moving picture's streams are broken", error)
		       : open_codec(again, error);
	if (!err) {
		trade_readers(moving, again);
		moving_plan_free(moving->plan);
		moving->plan = NULL;
		moving->draining = moving->over = moving->damaged = moving->complained = false;
		moving->fresh_us = -1;
	}
	moving_free(again);
	return err;
}

void moving_free(struct moving *moving)
{
	if (!moving)
		return;
	moving_plan_free(moving->plan);
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
