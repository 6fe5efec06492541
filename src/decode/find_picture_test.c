/* Where pictures and films among other bytes begin and end; and that none of them hides another. */
#include "base/test.h"
#include "decode/find_picture.h"

#include <stdlib.h>

#define BYTES(literal) ((ward_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })
#define SOI            "\xff\xd8"
#define APP0           "\xff\xe0\0\4ab"
#define FRAME          "\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0"
#define SCAN           "\xff\xda\0\x08\1\1\0\0\x3f\0"
#define EOI            "\xff\xd9"
#define JPEG           SOI APP0 FRAME SCAN "data" EOI
#define JPEG_LEN       (sizeof(JPEG) - 1)
#define GIF            "GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
#define GIF_LEN        (sizeof(GIF) - 1)
#define PNG_HEAD       "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0crc."
#define PNG            PNG_HEAD "\0\0\0\4IDATdatacrc.\0\0\0\0IEND\xae\x42\x60\x82"
#define PNG_LEN        (sizeof(PNG) - 1)
#define FILM                   \
	"\0\0\0\x14"           \
	"ftypisom\0\0\0\0isom" \
	"\0\0\0\x0c"           \
	"moovmoov"             \
	"\0\0\0\x10"           \
	"mdatmdatmdat"
#define FILM_LEN (sizeof(FILM) - 1)

/* The kinds of all that is found, a letter each; small letters for what is not whole. */
static const char *all_in(ward_bytes bytes)
{
	static char letters[64];
	static const char of_kind[WARD_MEDIA_KIND_COUNT] = { [WARD_MEDIA_JPEG] = 'J',
		[WARD_MEDIA_PNG] = 'P',
		[WARD_MEDIA_GIF] = 'G',
		[WARD_MEDIA_BMP] = 'B',
		[WARD_MEDIA_WEBP] = 'W',
		[WARD_MEDIA_HEIF] = 'H',
		[WARD_MEDIA_AVIF] = 'A',
		[WARD_MEDIA_VIDEO] = 'V' };
	/* Of exactly its size, so that a sanitizer sees what is read past it. */
	uint8_t *copy = malloc(bytes.len);
	struct found_picture found;
	size_t count = 0, end = 0;

	if (!copy)
		return "no memory";
	memcpy(copy, bytes.ptr, bytes.len);
	struct find find = find_in((ward_bytes){ copy, bytes.len });

	while (count + 1 < sizeof(letters) && find_next(&find, &found)) {
		bool fits = found.at >= end && found.len > 0 && found.len <= bytes.len - found.at;

		end = found.at + found.len;
		letters[count++] = fits ? (char)(of_kind[found.kind] | (found.is_whole ? 0 : 0x20))
					: '?';
	}
	letters[count] = 0;
	free(copy);
	return letters;
}

static size_t first_len(ward_bytes bytes, size_t *at)
{
	struct find find = find_in(bytes);
	struct found_picture found;

	if (!find_next(&find, &found))
		return 0;
	*at = found.at;
	return found.len;
}

static void pictures_end_where_they_say(void)
{
	size_t at = 0;

	CHECK_EQ(first_len(BYTES("junk" SOI APP0 FRAME SCAN "data\xff\0\xff\xd0" EOI " more of it"),
				 &at),
			JPEG_LEN + 4);
	CHECK_EQ(at, 4);
	/* A thumbnail within a segment is none of its own. */
	CHECK_EQ(first_len(BYTES(SOI "\xff\xe1\0\6" SOI EOI FRAME SCAN "data" EOI "rest"), &at),
			JPEG_LEN + 2);
	/* What breaks off is a picture to the end. */
	CHECK_EQ(first_len(BYTES(SOI APP0 FRAME SCAN "data"), &at), JPEG_LEN - 2);
	/* A mark alone is none, nor are segments without a picture. */
	CHECK_EQ(first_len(BYTES(SOI "\xff and other words"), &at), 0);
	CHECK_EQ(first_len(BYTES(SOI APP0 EOI " and other words"), &at), 0);
	CHECK_EQ(first_len(BYTES("GIF89a is what this text is about, it says"), &at), 0);
	CHECK_EQ(first_len(BYTES("BM is what this text is about, it says so"), &at), 0);
	CHECK_EQ(first_len(BYTES("....ftyp is what this text is about, it says"), &at), 0);
	CHECK_EQ(first_len(BYTES("RIFF....WAVE is what this text is about"), &at), 0);
}

/* As libjpeg reads them. */
static void what_libjpeg_passes_over_is_passed_over(void)
{
	size_t at = 0;
	struct ward_buf many;

	CHECK_EQ(first_len(BYTES(SOI APP0 "junk" FRAME "\xff\0\xff\xff\1" SCAN "data" EOI "rest"),
				 &at),
			JPEG_LEN + 9);
	CHECK_EQ(first_len(BYTES(SOI APP0 "\xff\xd3" FRAME "\xff\1" SCAN "data\xff\1" SCAN
					  "data" EOI),
				 &at),
			JPEG_LEN + 6 + 14);
	/* A thousand comments. */
	ward_buf_init(&many, 1 << 20);
	ward_buf_add(&many, SOI, 2);
	for (int i = 0; i < 1000; i++)
		ward_buf_add(&many, "\xff\xfe\0\2", 4);
	ward_buf_add(&many, APP0 FRAME SCAN "data" EOI GIF, JPEG_LEN - 2 + GIF_LEN);
	CHECK_STR(all_in((ward_bytes){ (const uint8_t *)many.ptr, many.len }), "JG");
	ward_buf_free(&many);
}

static void each_kind_ends_where_the_next_begins(void)
{
	CHECK_STR(all_in(BYTES(PNG GIF JPEG FILM PNG)), "PGJVP");
	CHECK_STR(all_in(BYTES("RIFF\x0e\0\0\0WEBPVP8 \1\0\0\0x\0" GIF)), "WG");
	CHECK_STR(all_in(BYTES("RIFF\x0c\0\0\0AVI datadataRIFF\x0c\0\0\0AVIXdatadata" GIF)), "VG");
	CHECK_STR(all_in(BYTES("\x1a\x45\xdf\xa3\x84webm\x18\x53\x80\x67\x84" JPEG GIF)), "VG");
	CHECK_STR(all_in(BYTES("\x1a\x45\xdf\xa3\x84webm\x18\x53\x80\x67\xff" GIF)), "V");
	CHECK_STR(all_in(BYTES("BM....\0\0\0\0\x1a\0\0\0\x0c\0\0\0\1\0\1\0\1\0\x18\0rgb." GIF)),
			"BG");
	CHECK_STR(all_in(BYTES("\0\0\0\x14"
			       "ftypheic\0\0\0\0heic\0\0\0\x0cmetameta" GIF)),
			"HG");
	CHECK_STR(all_in(BYTES("\0\0\0\x14"
			       "ftypavif\0\0\0\0avif\0\0\0\x0cmetameta"
			       "\0\0\0\x14"
			       "ftypavif\0\0\0\0avif\0\0\0\x0cmdatmdat")),
			"AA");
	/* The last box may be all that is left; a sound file is none of these. */
	CHECK_STR(all_in(BYTES("\0\0\0\x14"
			       "ftypisom\0\0\0\0isom\0\0\0\0mdat" GIF)),
			"V");
	CHECK_STR(all_in(BYTES("\0\0\0\x14"
			       "ftypM4A \0\0\0\0M4A \0\0\0\0mdat" GIF)),
			"G");
}

static void a_length_that_lies_hides_nothing(void)
{
	size_t at = 0;

	CHECK_STR(all_in(BYTES(PNG_HEAD "\0\xff\0\0IDATdata" JPEG)), "pJ");
	CHECK_EQ(first_len(BYTES(PNG_HEAD "\0\xff\0\0IDATdata" JPEG), &at),
			sizeof(PNG_HEAD) - 1 + 12);
	CHECK_STR(all_in(BYTES("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\xff" PNG "data")), "gP");
	CHECK_STR(all_in(BYTES("RIFF\0\0\1\0WEBPVP8 data" GIF)), "wG");
	CHECK_STR(all_in(BYTES("\0\0\0\x14"
			       "ftypisom\0\0\0\0isom\0\1\0\0mdat" GIF JPEG)),
			"vGJ");
	CHECK_STR(all_in(BYTES("\x1a\x45\xdf\xa3\x84webm\x18\x53\x80\x67\x08\xff\xff\xff\xff" GIF)),
			"vG");
	/* A JPEG without an end, and what is behind the marker that ended it. */
	CHECK_STR(all_in(BYTES(SOI APP0 FRAME SCAN "data" PNG)), "jP");
	CHECK_STR(all_in(BYTES(SOI APP0 FRAME SCAN "data" JPEG)), "jJ");
	/* What is in segments before the break is not taken for what is behind it. */
	CHECK_STR(all_in(BYTES(SOI "\xff\xe1\0\x27" JPEG FRAME SCAN "data")), "j");
}

static size_t tiff_len(ward_bytes bytes)
{
	struct find find = find_in(bytes);
	struct found_picture found;

	return find_here(&find, &found) && found.kind == WARD_MEDIA_TIFF ? found.len : 0;
}

/* One strip, a value elsewhere, a directory below. */
static void a_tiff_ends_where_its_directories_lead(void)
{
#define TIFF_OF(strip, below)                                           \
	"II*\0\x08\0\0\0\3\0"                                           \
	"\x11\1\4\0\1\0\0\0" strip "\0\0\0\x17\1\3\0\1\0\0\0\x0a\0\0\0" \
	"\x4a\1\4\0\1\0\0\0" below "\0\0\0\0\0\0\0"                     \
	"\1\0\x0e\1\2\0\x08\0\0\0\x44\0\0\0\0\0\0\0" /* at 50 */        \
	"a lamp.."                                                      \
	"and what is behind it, not of it"

	CHECK_EQ(tiff_len(BYTES(TIFF_OF("\0", "\0"))), 50);
	CHECK_EQ(tiff_len(BYTES(TIFF_OF("\x30", "\0"))), 58);
	CHECK_EQ(tiff_len(BYTES(TIFF_OF("\x30", "\x32"))), 76);
	/* Beyond the end, and in a circle. */
	CHECK_EQ(tiff_len(BYTES(TIFF_OF("\xf0", "\x32"))), 0);
	CHECK_EQ(tiff_len(BYTES(TIFF_OF("\x30", "\x08"))), 0);
	CHECK_STR(all_in(BYTES(TIFF_OF("\x30", "\x32") GIF)), "G");
}

/* Each is a beginning, and leads through all that are behind it to no picture. */
static void hostile_beginnings_take_steps_in_proportion(void)
{
	enum { COUNT = 4000 };
	uint8_t *bytes = malloc(8 * COUNT);
	struct found_picture found;

	if (!bytes)
		return;
	for (size_t i = 0; i < COUNT; i++)
		memcpy(bytes + 8 * i, SOI "\xff\xfe\0\6..", 8);
	struct find find = find_in((ward_bytes){ bytes, 8 * COUNT });

	CHECK_EQ(find.spare, 8 * 8 * COUNT);
	CHECK(!find_next(&find, &found));
	CHECK_EQ(find.at, 8 * COUNT);
	CHECK_EQ(find.spare, 0);
	free(bytes);
}

static const struct test_case cases[] = {
	{ "pictures end where they say", pictures_end_where_they_say },
	{ "what libjpeg passes over is passed over", what_libjpeg_passes_over_is_passed_over },
	{ "each kind ends where the next begins", each_kind_ends_where_the_next_begins },
	{ "a length that lies hides nothing", a_length_that_lies_hides_nothing },
	{ "a TIFF ends where its directories lead", a_tiff_ends_where_its_directories_lead },
	{ "hostile beginnings take steps in proportion",
			hostile_beginnings_take_steps_in_proportion },
};
TEST_MAIN(cases)
