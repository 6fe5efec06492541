#include "decode/moving_ahead.h"

#include "decode/moving_units.h"

#include <libavutil/avstring.h>

/* False where it has no record, or none that is read here. */
static bool units_of(const AVCodecParameters *stated, struct moving_units *units)
{
	const ward_bytes record = { stated->extradata, (size_t)stated->extradata_size };
	bool h265 = stated->codec_id == AV_CODEC_ID_HEVC;

	return (h265 || stated->codec_id == AV_CODEC_ID_H264) && stated->extradata_size > 0 &&
	       moving_units_begin(units, h265, record);
}

static bool is_of_packets(const struct moving *moving)
{
	const char *name = moving->format->iformat->name;

	return av_match_name("mov", name) || av_match_name("matroska", name);
}

/* With another record, or another size, from here on. */
static bool changes(const AVPacket *packet)
{
	return av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, NULL) ||
	       av_packet_get_side_data(packet, AV_PKT_DATA_PARAM_CHANGE, NULL);
}

static bool tell(struct moving_plan *plan, struct moving_units *units, const AVPacket *packet)
{
	struct moving_packet told = {
		.time = packet->pts,
		.size = (uint32_t)packet->size,
		.not_shown = packet->flags & AV_PKT_FLAG_DISCARD,
	};

	return packet->pts != AV_NOPTS_VALUE && packet->size > 0 &&
	       !(packet->flags & AV_PKT_FLAG_CORRUPT) && !changes(packet) &&
	       moving_units_look(units, (ward_bytes){ packet->data, (size_t)packet->size },
			       &told) &&
	       moving_plan_tell(plan, &told);
}

/* Whether all of it could be told. */
static bool read_through(struct moving *again, struct moving_units *units, struct moving_plan *plan)
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
	struct moving_units units;
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
