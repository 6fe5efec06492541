#include "base/test.h"
#include "disk/carve.h"

#include <stdlib.h>

struct bytes {
	uint8_t at[1 << 16];
	size_t len;
};

static bool read_bytes(void *context, uint64_t at, uint8_t *to, size_t len)
{
	const struct bytes *bytes = context;

	if (at > bytes->len || len > bytes->len - at)
		return false;
	memcpy(to, bytes->at + at, len);
	return true;
}

static void add(struct bytes *bytes, const char *text, size_t len)
{
	memcpy(bytes->at + bytes->len, text, len);
	bytes->len += len;
}
#define ADD(bytes, text) add((bytes), (text), sizeof(text) - 1)

static void add_many(struct bytes *bytes, uint8_t value, size_t count)
{
	memset(bytes->at + bytes->len, value, count);
	bytes->len += count;
}

/* The bytes, and other things behind them. */
static bool carve(struct bytes *bytes, struct carved *carved)
{
	const struct carve_source source = { bytes, read_bytes, sizeof(bytes->at) };
	size_t len = bytes->len;

	memset(bytes->at + len, 0x5a, sizeof(bytes->at) - len);
	bytes->len = sizeof(bytes->at);
	bool found = carve_at(&source, 0, carved);

	bytes->len = len;
	return found;
}

static struct bytes bytes;
static struct carved carved;

static void begin(void)
{
	bytes = (struct bytes){ .len = 0 };
	carved = (struct carved){ .extension = "" };
}

static void add_jpeg_head(void)
{
	ADD(&bytes, "\xff\xd8\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0");
	ADD(&bytes, "\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00");
	ADD(&bytes, "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00");
}

static void a_jpeg_ends_with_its_last_marker(void)
{
	begin();
	add_jpeg_head();
	add_many(&bytes, 0x33, 300);
	ADD(&bytes, "\xff\x00\xff\xd3");
	add_many(&bytes, 0x44, 300);
	ADD(&bytes, "\xff\xd9");
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, bytes.len);
	CHECK(!carved.partial);
	CHECK_STR(carved.extension, "jpg");
}

static void a_thumbnail_within_a_jpeg_does_not_end_it(void)
{
	begin();
	ADD(&bytes, "\xff\xd8\xff\xe1\x00\x10"
		    "\xff\xd8\xff\xd9thumbnail.");
	ADD(&bytes, "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00");
	add_many(&bytes, 0x33, 300);
	ADD(&bytes, "\xff\xd9");
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, bytes.len);
}

static void a_jpeg_that_breaks_off_is_a_part(void)
{
	begin();
	add_jpeg_head();
	add_many(&bytes, 0x33, 4000);
	ADD(&bytes, "\xff\x17");
	CHECK(carve(&bytes, &carved));
	CHECK(carved.partial);
	CHECK_EQ(carved.len, bytes.len - 2);
	begin();
	ADD(&bytes, "\xff\xd8\xff\xe0\x00\x01");
	add_many(&bytes, 0, 300);
	CHECK(!carve(&bytes, &carved));
}

static void a_png_ends_with_its_last_chunk(void)
{
	begin();
	ADD(&bytes, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR0123456789abcCRC.");
	ADD(&bytes, "\0\0\x01\0IDAT");
	add_many(&bytes, 9, 256 + 4);
	ADD(&bytes, "\0\0\0\0IEND\xae\x42\x60\x82");
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, bytes.len);
	CHECK(!carved.partial);
	CHECK_STR(carved.extension, "png");
}

static void a_gif_ends_with_its_trailer(void)
{
	begin();
	ADD(&bytes, "GIF89a\x10\0\x10\0\x80\0\0"
		    "rgbrgb");
	ADD(&bytes, "\x21\xf9\x04"
		    "\0\0\0\0"
		    "\0");
	ADD(&bytes, "\x2c"
		    "\0\0\0\0\x10\0\x10\0\0"
		    "\x08\xc8");
	add_many(&bytes, 7, 200);
	ADD(&bytes, "\0"
		    "\x3b");
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, bytes.len);
	CHECK_STR(carved.extension, "gif");
}

static void riff_tells_its_size(void)
{
	begin();
	ADD(&bytes, "RIFF\x00\x01\0\0WEBPVP8 ");
	add_many(&bytes, 3, 256 - 8);
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, 256 + 8);
	CHECK_STR(carved.extension, "webp");
	begin();
	ADD(&bytes, "RIFF\x00\x01\0\0AVI LIST");
	add_many(&bytes, 3, 256 - 8);
	ADD(&bytes, "RIFF\x40\0\0\0AVIX");
	add_many(&bytes, 3, 60);
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, bytes.len);
	CHECK_STR(carved.extension, "avi");
}

static void boxes_are_walked_to_the_first_that_is_none(void)
{
	begin();
	ADD(&bytes, "\0\0\0\x14"
		    "ftypisom\0\0\2\0mp41");
	ADD(&bytes, "\0\0\0\x10"
		    "free12345678");
	ADD(&bytes, "\0\0\0\x01"
		    "mdat"
		    "\0\0\0\0\0\0\1\0");
	add_many(&bytes, 5, 256 - 16);
	ADD(&bytes, "\0\0\0\x0c"
		    "moov1234");
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, bytes.len);
	CHECK_STR(carved.extension, "mp4");
	begin();
	ADD(&bytes, "\0\0\0\x10"
		    "ftypheic\0\0\0\0"
		    "\0\0\0\x0c"
		    "meta1234"
		    "\0\0\1\0mdat");
	add_many(&bytes, 5, 256 - 8);
	CHECK(carve(&bytes, &carved));
	CHECK_STR(carved.extension, "heic");
	begin();
	ADD(&bytes, "\0\0\0\x14"
		    "ftypisom\0\0\2\0mp41");
	add_many(&bytes, 0, 600);
	CHECK(!carve(&bytes, &carved));
}

static void a_matroska_segment_tells_its_size(void)
{
	begin();
	ADD(&bytes, "\x1a\x45\xdf\xa3\x84\1\2\3\4"
		    "\x18\x53\x80\x67\x41\0");
	add_many(&bytes, 6, 256);
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, bytes.len);
	CHECK_STR(carved.extension, "mkv");
}

static void a_bitmap_tells_its_size(void)
{
	begin();
	ADD(&bytes, "BM\0\2\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x08\0\0\0\x08\0\0\0\1\0\x18\0");
	CHECK(carve(&bytes, &carved));
	CHECK_EQ(carved.len, 512);
	CHECK_STR(carved.extension, "bmp");
}

static void other_bytes_are_nothing(void)
{
	begin();
	ADD(&bytes, "Dear keeper, the lamp is lit.");
	CHECK(!carve(&bytes, &carved));
	CHECK(!carve_begins(bytes.at));
}

static const struct test_case cases[] = {
	{ "a JPEG ends with its last marker", a_jpeg_ends_with_its_last_marker },
	{ "a thumbnail within a JPEG does not end it", a_thumbnail_within_a_jpeg_does_not_end_it },
	{ "a JPEG that breaks off is a part", a_jpeg_that_breaks_off_is_a_part },
	{ "a PNG ends with its last chunk", a_png_ends_with_its_last_chunk },
	{ "a GIF ends with its trailer", a_gif_ends_with_its_trailer },
	{ "RIFF tells its size", riff_tells_its_size },
	{ "boxes are walked to the first that is none",
			boxes_are_walked_to_the_first_that_is_none },
	{ "a Matroska segment tells its size", a_matroska_segment_tells_its_size },
	{ "a bitmap tells its size", a_bitmap_tells_its_size },
	{ "other bytes are nothing", other_bytes_are_nothing },
};
TEST_MAIN(cases)
