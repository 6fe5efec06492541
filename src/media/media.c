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
	[WARD_MEDIA_PDF] = { "pdf", "application/pdf", false, false },
	[WARD_MEDIA_RAR] = { "rar", "application/vnd.rar", false, false },
	[WARD_MEDIA_TEXT] = { "text", "text/plain", false, false },
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
