#include "decode/moving_ahead.h"

#include <libavutil/avstring.h>

/* ---- what a packet's picture is to others ---- */

/* A codec's units, each behind its length, as ISO/IEC 14496-15 has them. */
struct units {
	enum AVCodecID codec;
	int length_bytes; /* 1 to 4 */
};

/* Of one packet, so far. */
struct kind {
	bool any, all_anew, all_spare, settings;
	uint8_t layer;
};

/* ITU-T H.264, table 7-1. */
enum { H264_SLICE = 1, H264_ANEW = 5, H264_SPS = 7, H264_PPS = 8 };

static void take_h264(ward_bytes unit, struct kind *kind)
{
	int type = unit.ptr[0] & 31, used = unit.ptr[0] >> 5 & 3;

	if (type == H264_SPS || type == H264_PPS || type > 12)
		kind->settings = true;
	if (type < H264_SLICE || type > H264_ANEW)
		return;
	kind->any = true;
	kind->all_anew &= type == H264_ANEW;
	kind->all_spare &= used == 0;
}

/* ITU-T H.265, table 7-1: up to 14 the even ones are not used by their own layer. */
enum {
	H265_SPARE_MAX = 14,
	H265_ANEW = 19,
	H265_ANEW_LAST = 20,
	H265_SLICES = 32,
	H265_SETS_LAST = 34
};

static void take_h265(ward_bytes unit, struct kind *kind)
{
	int type = unit.ptr[0] >> 1 & 63, layer = (unit.ptr[1] & 7) - 1;
	bool other_view = (unit.ptr[0] & 1) != 0 || unit.ptr[1] >> 3 != 0;

	if ((type >= H265_SLICES && type <= H265_SETS_LAST) || other_view)
		kind->settings = true;
	if (type >= H265_SLICES)
		return;
	kind->any = true;
	kind->all_anew &= type >= H265_ANEW && type <= H265_ANEW_LAST;
	kind->all_spare &= type <= H265_SPARE_MAX && type % 2 == 0;
	if (layer > kind->layer)
		kind->layer = (uint8_t)layer;
}

/* False where the units are not as they should be. */
static bool look_at_units(const struct units *units, ward_bytes packet, struct kind *kind)
{
	struct ward_reader reader = ward_reader_from(packet);

	*kind = (struct kind){ .all_anew = true, .all_spare = true };
	while (ward_reader_left(&reader) > 0) {
		size_t len = 0;

		for (int i = 0; i < units->length_bytes; i++)
			len = len << 8 | ward_read_u8(&reader);
		ward_bytes unit = ward_read_bytes(&reader, len);

		if (reader.failed || len < 2)
			return false;
		if (units->codec == AV_CODEC_ID_H264)
			take_h264(unit, kind);
		else
			take_h265(unit, kind);
	}
	return kind->any;
}

/* In the codec's own record: avcC and hvcC, both of version 1. */
static bool units_of(const AVCodecParameters *stated, struct units *units)
{
	bool h264 = stated->codec_id == AV_CODEC_ID_H264;
	int at = h264 ? 4 : 21;

	if (!h264 && stated->codec_id != AV_CODEC_ID_HEVC)
		return false;
	if (stated->extradata_size <= at || stated->extradata[0] != 1)
		return false;
	*units = (struct units){ stated->codec_id, (stated->extradata[at] & 3) + 1 };
	return true;
}

/* ---- the whole file ---- */

static bool is_of_packets(const struct moving *moving)
{
	const char *name = moving->format->iformat->name;

	return av_match_name("mov", name) || av_match_name("matroska", name);
}

static bool tell(struct moving_plan *plan, const struct units *units, const AVPacket *packet)
{
	struct kind kind;

	if (packet->pts == AV_NOPTS_VALUE || packet->size <= 0 ||
			packet->flags & AV_PKT_FLAG_CORRUPT ||
			!look_at_units(units, (ward_bytes){ packet->data, (size_t)packet->size },
					&kind))
		return false;
	const struct moving_packet told = {
		.time = packet->pts,
		.size = (uint32_t)packet->size,
		.layer = kind.layer,
		.anew = kind.all_anew,
		.spare = kind.all_spare && !kind.settings,
		.not_shown = packet->flags & AV_PKT_FLAG_DISCARD,
	};

	return moving_plan_tell(plan, &told);
}

/* Whether all of it could be told. */
static bool read_through(struct moving *again, const struct units *units, struct moving_plan *plan)
{
	bool told = true;
	int code = 0;

	while (told && (code = av_read_frame(again->format, again->packet)) >= 0) {
		if (again->packet->stream_index == again->stream->index)
			told = tell(plan, units, again->packet);
		av_packet_unref(again->packet);
	}
	return told && code == AVERROR_EOF;
}

struct moving_plan *moving_ahead(const struct moving *moving, uint32_t step)
{
	struct moving *again = NULL;
	struct moving_plan *plan = NULL;
	struct units units;
	bool made = false;

	if (step > 1 && is_of_packets(moving) && units_of(moving->stream->codecpar, &units) &&
			moving_open_again(moving, &again, NULL) == WARD_OK)
		plan = moving_plan_new();
	if (plan)
		made = read_through(again, &units, plan) && moving_plan_make(plan, step);
	moving_free(again);
	if (made)
		return plan;
	moving_plan_free(plan);
	return NULL;
}
