#include "decode/moving_formats.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

static const struct mark {
	uint8_t at;
	uint8_t len;
	char bytes[17];
	const char *name;
} marks[] = {
	{ 4, 4, "ftyp", "mov" }, { 4, 4, "moov", "mov" }, { 4, 4, "mdat", "mov" },
	{ 4, 4, "wide", "mov" }, { 0, 4, "\x1a\x45\xdf\xa3", "matroska" }, /* WebM, too */
	{ 8, 4, "AVI ", "avi" }, { 0, 4, "FLV\x01", "flv" }, { 0, 4, "\0\0\x01\xba", "mpeg" },
	{ 0, 4, "\0\0\x01\xb3", "mpegvideo" },
	{ 0, 16, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", "asf" },
	{ 0, 4, ".RMF", "rm" }, { 0, 4, "OggS", "ogg" }, { 0, 1, "\x47", "mpegts" },
	{ 4, 1, "\x47", "mpegts" }, /* with a time before each packet */
};

/* Only what ward_media_identify calls a video is looked up here, so short marks do. */
const char *moving_container(ward_bytes head)
{
	if (head.len > WARD_MEDIA_HEAD)
		head.len = WARD_MEDIA_HEAD;
	if (ward_media_identify(head) != WARD_MEDIA_VIDEO)
		return NULL;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const struct mark *mark = &marks[i];

		if (head.len >= (size_t)mark->at + mark->len &&
				memcmp(head.ptr + mark->at, mark->bytes, mark->len) == 0)
			return mark->name;
	}
	return NULL;
}

static const char codecs[] =
		/* phones, messengers, browsers */
		"h264,hevc,vp8,vp9,libdav1d,mpeg4,h263,theora,"
		/* discs, broadcasts, camcorders */
		"mpeg1video,mpeg2video,dvvideo,vc1,mjpeg,mjpegb,"
		/* cutting rooms, screens, archives */
		"prores,dnxhd,cfhd,ffv1,huffyuv,ffvhuff,utvideo,rawvideo,png,qtrle,rpza,msrle,"
		"msvideo1,camtasia,flashsv,"
		/* the web before 2010 */
		"flv,vp6,vp6f,vp6a,msmpeg4v1,msmpeg4v2,msmpeg4,wmv1,wmv2,wmv3,h263i,svq1,svq3,"
		"cinepak,"
		"indeo3,indeo4,indeo5,rv10,rv20,rv30,rv40";

const AVCodec *moving_decoder(unsigned codec_id)
{
	const AVCodec *codec;
	void *place = NULL;

	while ((codec = av_codec_iterate(&place)) != NULL) {
		if (codec->id == codec_id && av_codec_is_decoder(codec) &&
				av_match_list(codec->name, codecs, ',') > 0)
			return codec;
	}
	return NULL;
}

bool moving_allow(AVFormatContext *format, const char *containers, const char *protocols)
{
	format->protocol_whitelist = av_strdup(protocols);
	format->codec_whitelist = av_strdup(codecs);
	format->format_whitelist = av_strdup(containers);
	return format->protocol_whitelist && format->codec_whitelist && format->format_whitelist;
}
