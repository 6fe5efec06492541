#include "decode/find_picture.h"
#include "decode/find_length.h"

/* Steps that a beginning may take at any rate: 512 segments, more than cameras and profiles need.
 */
#define STEPS_FREE (512 * FIND_SEGMENT)
/* And that all together may take beyond it, for each byte: one that is a picture is walked through,
 * however short its segments are. */
#define STEPS_A_BYTE 8
/* Nothing shorter is a picture or a film. */
#define LEN_MIN 16

struct find find_in(ward_bytes bytes)
{
	return (struct find){ .bytes = bytes, .spare = (uint64_t)bytes.len * STEPS_A_BYTE };
}

static const struct beginning {
	uint8_t len;
	char mark[7];
	size_t (*length)(struct find_walk *walk);
	ward_media_kind kind; /* UNKNOWN: the walk says which */
} beginnings[] = {
	{ 3, "\xff\xd8\xff", find_jpeg_len, WARD_MEDIA_JPEG },
	{ 4, "\x89PNG", find_png_len, WARD_MEDIA_PNG },
	{ 6, "GIF89a", find_gif_len, WARD_MEDIA_GIF },
	{ 6, "GIF87a", find_gif_len, WARD_MEDIA_GIF },
	{ 2, "BM", find_bmp_len, WARD_MEDIA_BMP },
	{ 4, "RIFF", find_riff_len, WARD_MEDIA_UNKNOWN },
	{ 4, "\x1a\x45\xdf\xa3", find_matroska_len, WARD_MEDIA_UNKNOWN },
};

/* What begins at `at`: sets all of `found`, and `go_on` where something else may begin. */
static bool begins(struct find *find, size_t at, const struct beginning *as,
		struct found_picture *found, size_t *go_on)
{
	struct find_walk walk = {
		.bytes = { find->bytes.ptr + at, find->bytes.len - at },
		.steps = STEPS_FREE + find->spare,
		.kind = as->kind,
		.extension = find_picture_extension(as->kind),
	};
	uint64_t allowed = walk.steps;
	size_t len = as->length(&walk);

	/* What was walked to its end is not walked through again. */
	if (!walk.is_whole && allowed - walk.steps > STEPS_FREE)
		find->spare -= allowed - walk.steps - STEPS_FREE;
	if (len == 0)
		return false;
	*found = (struct found_picture){ at, len, walk.kind, walk.extension, walk.is_whole };
	*go_on = at + (walk.is_whole ? len : walk.go_on);
	return true;
}

/* ISO 14496-12: these begin with a box of this name, behind the box's length. */
static const struct beginning boxes = { 4, "ftyp", find_boxes_len, WARD_MEDIA_UNKNOWN };

static bool look_at(struct find *find, size_t at, struct found_picture *found, size_t *go_on)
{
	size_t left = find->bytes.len - at;
	const uint8_t *here = find->bytes.ptr + at;

	if (left < LEN_MIN)
		return false;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		const struct beginning *as = &beginnings[i];

		if (here[0] == (uint8_t)as->mark[0] && memcmp(here, as->mark, as->len) == 0)
			return begins(find, at, as, found, go_on);
	}
	return here[0] == 0 && here[1] == 0 && memcmp(here + 4, boxes.mark, boxes.len) == 0 &&
	       begins(find, at, &boxes, found, go_on);
}

/* The first that begins at `from` or behind it; the search then goes on at find->at. */
static bool look(struct find *find, size_t from, struct found_picture *found)
{
	static const bool is_first[256] = { [0] = true,
		[0x1a] = true,
		['B'] = true,
		['G'] = true,
		['R'] = true,
		[0x89] = true,
		[0xff] = true };

	ward_bytes bytes = find->bytes;

	for (size_t at = from; at < bytes.len; at++) {
		uint8_t first = bytes.ptr[at];

		/* Nulls are many: of boxes the name is asked first. */
		if (!is_first[first] || (first == 0 && (bytes.len - at < LEN_MIN ||
								       bytes.ptr[at + 4] != 'f')))
			continue;
		if (look_at(find, at, found, &find->at))
			return true;
	}
	find->at = find->bytes.len;
	return false;
}

/* What breaks off ends where the next one begins. */
static void cut(struct find *find, struct found_picture *found)
{
	if (found->is_whole)
		return;
	find->has_ahead = look(find, find->at, &find->ahead);
	if (find->has_ahead && find->ahead.at < found->at + found->len)
		found->len = find->ahead.at - found->at;
}

/* Its mark is too short to be looked for among other bytes. */
static const struct beginning tiffs[] = {
	{ 4, "II*\0", find_tiff_len, WARD_MEDIA_TIFF },
	{ 4, "MM\0*", find_tiff_len, WARD_MEDIA_TIFF },
};

static bool tiff_at(struct find *find, size_t at, struct found_picture *found)
{
	for (size_t i = 0; i < 2 && find->bytes.len - at >= LEN_MIN; i++) {
		if (memcmp(find->bytes.ptr + at, tiffs[i].mark, tiffs[i].len) == 0)
			return begins(find, at, &tiffs[i], found, &find->at);
	}
	return false;
}

bool find_here(struct find *find, struct found_picture *found)
{
	size_t at = find->at;

	if (at >= find->bytes.len ||
			(!tiff_at(find, at, found) && !look_at(find, at, found, &find->at)))
		return false;
	cut(find, found);
	return true;
}

bool find_next(struct find *find, struct found_picture *found)
{
	bool is_found = find->has_ahead || look(find, find->at, &find->ahead);

	if (!is_found)
		return false;
	find->has_ahead = false;
	*found = find->ahead;
	cut(find, found);
	return true;
}

const char *find_picture_extension(ward_media_kind kind)
{
	static const char *const extensions[WARD_MEDIA_KIND_COUNT] = {
		[WARD_MEDIA_JPEG] = ".jpg",
		[WARD_MEDIA_PNG] = ".png",
		[WARD_MEDIA_GIF] = ".gif",
		[WARD_MEDIA_BMP] = ".bmp",
		[WARD_MEDIA_TIFF] = ".tif",
		[WARD_MEDIA_WEBP] = ".webp",
		[WARD_MEDIA_HEIF] = ".heic",
		[WARD_MEDIA_AVIF] = ".avif",
		[WARD_MEDIA_VIDEO] = ".mp4",
	};

	return (unsigned)kind < WARD_MEDIA_KIND_COUNT && extensions[kind] ? extensions[kind] : "";
}
