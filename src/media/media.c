#include <ward/media.h>

static const struct kind {
	const char *name;
	const char *mime;
	bool is_picture;
	bool is_archive;
} kinds[WARD_MEDIA_KIND_COUNT] = {
	[WARD_MEDIA_UNKNOWN] = { "unknown", "application/octet-stream", false, false },
	[WARD_MEDIA_EMPTY] = { "empty", "application/x-empty", false, false },
	[WARD_MEDIA_JPEG] = { "jpeg", "image/jpeg", true, false },
	[WARD_MEDIA_PNG] = { "png", "image/png", true, false },
	[WARD_MEDIA_GIF] = { "gif", "image/gif", true, false },
	[WARD_MEDIA_WEBP] = { "webp", "image/webp", true, false },
	[WARD_MEDIA_BMP] = { "bmp", "image/bmp", true, false },
	[WARD_MEDIA_TIFF] = { "tiff", "image/tiff", true, false },
	[WARD_MEDIA_HEIF] = { "heif", "image/heif", true, false },
	[WARD_MEDIA_AVIF] = { "avif", "image/avif", true, false },
	[WARD_MEDIA_PNM] = { "pnm", "image/x-portable-anymap", true, false },
	[WARD_MEDIA_ZIP] = { "zip", "application/zip", false, true },
	[WARD_MEDIA_TAR] = { "tar", "application/x-tar", false, true },
	[WARD_MEDIA_SEVENZIP] = { "7z", "application/x-7z-compressed", false, true },
	[WARD_MEDIA_GZIP] = { "compressed", "application/x-compressed", false, true },
	[WARD_MEDIA_VIDEO] = { "video", "video/x-unspecified", false, false },
	[WARD_MEDIA_AUDIO] = { "audio", "audio/x-unspecified", false, false },
	[WARD_MEDIA_PDF] = { "pdf", "application/pdf", false, true },
	[WARD_MEDIA_RAR] = { "rar", "application/vnd.rar", false, true },
	[WARD_MEDIA_TEXT] = { "text", "text/plain", false, false },
	[WARD_MEDIA_TORRENT] = { "torrent", "application/x-bittorrent", false, false },
	[WARD_MEDIA_MAIL] = { "mail", "message/rfc822", false, true },
	[WARD_MEDIA_MBOX] = { "mbox", "application/mbox", false, true },
	[WARD_MEDIA_PST] = { "pst", "application/vnd.ms-outlook", false, true },
	[WARD_MEDIA_ISO] = { "iso", "application/x-iso9660-image", false, true },
	[WARD_MEDIA_CAB] = { "cab", "application/vnd.ms-cab-compressed", false, true },
	[WARD_MEDIA_LHA] = { "lha", "application/x-lzh-compressed", false, true },
	[WARD_MEDIA_CPIO] = { "cpio", "application/x-cpio", false, true },
	[WARD_MEDIA_AR] = { "ar", "application/x-archive", false, true },
	[WARD_MEDIA_OLE] = { "ole", "application/x-ole-storage", false, true },
	[WARD_MEDIA_THUMBCACHE] = { "thumbcache", "application/x-thumbcache", false, true },
	[WARD_MEDIA_SQLITE] = { "sqlite", "application/vnd.sqlite3", false, true },
	[WARD_MEDIA_DS_STORE] = { "ds_store", "application/x-apple-dsstore", false, true },
	[WARD_MEDIA_RTF] = { "rtf", "application/rtf", false, true },
	[WARD_MEDIA_UDF] = { "udf", "application/x-udf-image", false, false },
};

/* A kind may have come over a wire: what is beyond the table is unknown. */
static const struct kind *row(ward_media_kind kind)
{
	return &kinds[(unsigned)kind < WARD_MEDIA_KIND_COUNT ? kind : WARD_MEDIA_UNKNOWN];
}

const char *ward_media_name(ward_media_kind kind)
{
	return row(kind)->name;
}

const char *ward_media_mime(ward_media_kind kind)
{
	return row(kind)->mime;
}

bool ward_media_is_picture(ward_media_kind kind)
{
	return row(kind)->is_picture;
}

bool ward_media_is_archive(ward_media_kind kind)
{
	return row(kind)->is_archive;
}

bool ward_media_is_document(ward_media_kind kind)
{
	return kind == WARD_MEDIA_PDF || kind == WARD_MEDIA_MAIL || kind == WARD_MEDIA_MBOX ||
	       kind == WARD_MEDIA_OLE || kind == WARD_MEDIA_THUMBCACHE ||
	       kind == WARD_MEDIA_SQLITE || kind == WARD_MEDIA_DS_STORE || kind == WARD_MEDIA_RTF ||
	       kind == WARD_MEDIA_PST;
}

struct ward_limits ward_limits_default(void)
{
	return (struct ward_limits){
		.bytes_max = (uint64_t)4 << 30,
		.pixels_max = 1000 * 1000 * 1000,
		.memory_max = (uint64_t)6 << 30,
		.frames_max = 1000,
		.parts_max = 100 * 1000,
		.depth_max = 8,
		.time_ms = 60 * 1000,
	};
}

bool ward_image_fits(const struct ward_image *image, size_t len)
{
	size_t row_bytes, before_last, end;

	if (!image->pixels || image->width == 0 || image->height == 0)
		return false;
	if (image->channels != 1 && image->channels != 3)
		return false;
	return !ckd_mul(&row_bytes, image->width, (size_t)image->channels) &&
	       image->stride >= row_bytes &&
	       !ckd_mul(&before_last, image->stride, (size_t)image->height - 1) &&
	       !ckd_add(&end, before_last, row_bytes) && end <= len;
}

/* ---- views ---- */

static const char level_names[WARD_LEVEL_COUNT][3] = { "L0", "L1", "L2", "L3", "L4", "L5" };

const char *ward_view_level_name(ward_view_level level)
{
	return (unsigned)level < WARD_LEVEL_COUNT ? level_names[level] : "?";
}

bool ward_view_level_parse(ward_str text, ward_view_level *level)
{
	for (int i = 0; i < WARD_LEVEL_COUNT; i++) {
		if (ward_str_eq_nocase(text, ward_str_from(level_names[i]))) {
			*level = (ward_view_level)i;
			return true;
		}
	}
	return false;
}

/* True when `value` is 0 or lies within. */
static bool is_within(uint32_t value, uint32_t least, uint32_t most)
{
	return value == 0 || (value >= least && value <= most);
}

uint32_t ward_view_side(const struct ward_view_options *options)
{
	uint32_t own = options->level == WARD_LEVEL_CLEAR   ? WARD_VIEW_SIDE_CLEAR
		       : options->level == WARD_LEVEL_SMALL ? WARD_VIEW_SIDE_SMALL
							    : WARD_VIEW_SIDE;

	if (options->level <= WARD_LEVEL_FACTS || options->level >= WARD_LEVEL_COUNT ||
			!is_within(options->side_max, WARD_VIEW_SIDE_LEAST, UINT32_MAX) ||
			!is_within(options->cells, 4, WARD_VIEW_CELLS_MOST) ||
			!is_within(options->blur, WARD_VIEW_BLUR, WARD_VIEW_BLUR_MOST) ||
			(options->reveal && options->level != WARD_LEVEL_BLURRED) ||
			(options->single && options->level < WARD_LEVEL_SMALL))
		return 0;
	return options->side_max > 0 && options->side_max < own ? options->side_max : own;
}
