#include "net/unpack.h"

#include <brotli/encode.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/test.h"

enum { TEXT_LEN = 200000, ROOM = TEXT_LEN + 4096, OUT_MAX = 1 << 20 };

static struct ward_error error;
static uint8_t text[TEXT_LEN], packed[2 * ROOM], came[OUT_MAX];
static size_t came_len;

static void draw_text(void)
{
	uint32_t state = 7;

	for (size_t i = 0; i < TEXT_LEN; i++) {
		state = state * 1664525 + 1013904223;
		text[i] = (uint8_t)("a lighthouse stands "[i % 20] + (state >> 24) % 3);
	}
}

static ward_err take(void *context, ward_bytes piece, struct ward_error *fault)
{
	(void)context;
	if (piece.len > sizeof(came) - came_len)
		return ward_fail(fault, WARD_E_LIMIT, "the test has no room");
	memcpy(came + came_len, piece.ptr, piece.len);
	came_len += piece.len;
	return WARD_OK;
}

static ward_err unpack_all(const char *coding, const uint8_t *bytes, size_t len, size_t step,
		uint64_t out_max)
{
	struct unpack *unpack = NULL;
	ward_err err = unpack_new(ward_str_from(coding), out_max, &unpack, &error);

	came_len = 0;
	for (size_t at = 0; !err && at < len; at += step)
		err = unpack_feed(unpack,
				(ward_bytes){ bytes + at, len - at < step ? len - at : step }, take,
				NULL, &error);
	if (!err)
		err = unpack_end(unpack, &error);
	unpack_free(unpack);
	return err;
}

/* zlib's window bits say which head: +16 gzip, negative none. */
static size_t pack_zlib(int bits, uint8_t *to, size_t room)
{
	z_stream stream;

	memset(&stream, 0, sizeof(stream));
	if (deflateInit2(&stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	stream.next_in = text;
	stream.avail_in = TEXT_LEN;
	stream.next_out = to;
	stream.avail_out = (uInt)room;
	deflate(&stream, Z_FINISH);
	deflateEnd(&stream);
	return stream.total_out;
}

static size_t pack(const char *coding)
{
	size_t len = sizeof(packed);

	draw_text();
	if (strcmp(coding, "gzip") == 0)
		return pack_zlib(MAX_WBITS + 16, packed, len);
	if (strcmp(coding, "deflate") == 0)
		return pack_zlib(MAX_WBITS, packed, len);
	if (strcmp(coding, "raw") == 0)
		return pack_zlib(-MAX_WBITS, packed, len);
	if (strcmp(coding, "zstd") == 0)
		return ZSTD_compress(packed, len, text, TEXT_LEN, 3);
	if (!BrotliEncoderCompress(5, 20, BROTLI_MODE_TEXT, TEXT_LEN, text, &len, packed))
		return 0;
	return len;
}

static bool is_text(void)
{
	return came_len == TEXT_LEN && memcmp(came, text, TEXT_LEN) == 0;
}

static void every_coding_comes_out_as_it_was_in_pieces_of_any_size(void)
{
	static const char *const codings[][2] = { { "gzip", "gzip" }, { "deflate", "deflate" },
		{ "raw", "deflate" }, { "br", "br" }, { "zstd", "zstd" } };
	static const size_t steps[] = { 1, 7, 4096, SIZE_MAX / 2 };

	for (size_t i = 0; i < sizeof(codings) / sizeof(*codings); i++) {
		size_t len = pack(codings[i][0]);

		CHECK(len > 100 && len < TEXT_LEN);
		for (size_t k = 0; k < 4; k++) {
			CHECK_EQ(unpack_all(codings[i][1], packed, len, steps[k], OUT_MAX),
					WARD_OK);
			CHECK(is_text());
		}
	}
}

static void what_is_not_packed_goes_through(void)
{
	draw_text();
	CHECK_EQ(unpack_all("", text, TEXT_LEN, 1000, OUT_MAX), WARD_OK);
	CHECK(is_text());
	CHECK_EQ(unpack_all(" Identity ", text, TEXT_LEN, 1000, OUT_MAX), WARD_OK);
	CHECK(is_text());
}

static void a_stream_that_breaks_off_is_an_error(void)
{
	static const char *const codings[] = { "gzip", "deflate", "br", "zstd" };

	for (size_t i = 0; i < 4; i++) {
		size_t len = pack(codings[i]);

		CHECK_EQ(unpack_all(codings[i], packed, len - 20, 4096, OUT_MAX), WARD_E_FORMAT);
		CHECK_STR(error.message, "it breaks off before its end");
	}
}

static void other_bytes_are_an_error(void)
{
	CHECK_EQ(unpack_all("gzip", (const uint8_t *)"no gzip at all", 14, 14, OUT_MAX),
			WARD_E_FORMAT);
	CHECK_EQ(unpack_all("zstd", (const uint8_t *)"no zstd at all", 14, 14, OUT_MAX),
			WARD_E_FORMAT);
}

static void more_than_was_agreed_is_a_limit(void)
{
	static const char *const codings[] = { "gzip", "deflate", "br", "zstd" };

	for (size_t i = 0; i < 4; i++) {
		size_t len = pack(codings[i]);

		CHECK_EQ(unpack_all(codings[i], packed, len, len, TEXT_LEN - 1), WARD_E_LIMIT);
		CHECK(came_len < TEXT_LEN);
		CHECK_EQ(unpack_all(codings[i], packed, len, len, TEXT_LEN), WARD_OK);
	}
}

static void a_coding_that_is_not_known_is_unsupported(void)
{
	struct unpack *unpack = NULL;

	CHECK_EQ(unpack_new(WARD_STR("gzip, br"), 1, &unpack, &error), WARD_E_UNSUPPORTED);
	CHECK_EQ(unpack_new(WARD_STR("compress"), 1, &unpack, &error), WARD_E_UNSUPPORTED);
}

static void members_of_gzip_follow_one_another_and_the_rest_is_nobodys(void)
{
	size_t len, both;

	draw_text();
	len = pack_zlib(MAX_WBITS + 16, packed, ROOM);
	memcpy(packed + len, packed, len);
	both = 2 * len;
	for (size_t step = 1; step < 5000; step += 4998) {
		CHECK_EQ(unpack_all("gzip", packed, both, step, OUT_MAX), WARD_OK);
		CHECK_EQ(came_len, 2 * (size_t)TEXT_LEN);
	}
	memcpy(packed + len, "behind", 6);
	for (size_t step = 1; step < 5000; step += 4998) {
		CHECK_EQ(unpack_all("gzip", packed, len + 6, step, OUT_MAX), WARD_OK);
		CHECK(is_text());
	}
}

static const struct test_case cases[] = {
	{ "every coding comes out as it was, in pieces of any size",
			every_coding_comes_out_as_it_was_in_pieces_of_any_size },
	{ "what is not packed goes through", what_is_not_packed_goes_through },
	{ "a stream that breaks off is an error", a_stream_that_breaks_off_is_an_error },
	{ "other bytes are an error", other_bytes_are_an_error },
	{ "more than was agreed is a limit", more_than_was_agreed_is_a_limit },
	{ "a coding that is not known is unsupported", a_coding_that_is_not_known_is_unsupported },
	{ "members of gzip follow one another, and the rest is nobody's",
			members_of_gzip_follow_one_another_and_the_rest_is_nobodys },
};
TEST_MAIN(cases)
