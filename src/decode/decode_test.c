/*
 * What every format owes: limits before memory, a sentence for each trouble,
 * and what was decoded before it.  PNM is the format it is shown on, and its
 * own rules follow.
 */
#include "base/test.h"
#include "decode/collect.h"

static struct collected got;

#define BYTES(literal) ((ward_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })

static ward_err decode_pnm(ward_bytes file)
{
	return collect_picture(&got, WARD_MEDIA_PNM, file);
}

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
}

static void a_kind_without_decoder_is_unsupported(void)
{
	start();
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_TEXT, BYTES("words")), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "there is no decoder for text here");
	CHECK_EQ(got.facts_told, 0);
	CHECK_EQ(collect_picture(&got, (ward_media_kind)999, BYTES("")), WARD_E_UNSUPPORTED);
}

static void no_error_to_fill_is_no_trouble(void)
{
	start();
	CHECK_EQ(decode_picture(WARD_MEDIA_PNM, BYTES("P6"), &got.options, &got.sink, NULL),
			WARD_E_FORMAT);
	CHECK_EQ(decode_picture(WARD_MEDIA_TEXT, BYTES("P6"), &got.options, &got.sink, NULL),
			WARD_E_UNSUPPORTED);
}

static void more_pixels_than_agreed_end_before_memory_is_asked_for(void)
{
	start();
	got.options.limits.pixels_max = 24;
	CHECK_EQ(decode_pnm(BYTES("P5 5 5 255 ")), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the pnm picture is 5 x 5, more than the limit of 24 pixels");
	CHECK_EQ(got.facts_told, 0);
	CHECK(got.canvas == NULL);
	CHECK_EQ(decode_pnm(BYTES("P5 4294967295 4294967295 255 ")), WARD_E_LIMIT);
}

static void more_memory_than_agreed_is_not_asked_for(void)
{
	start();
	got.options.limits.memory_max = 74;
	CHECK_EQ(decode_pnm(BYTES("P6 5 5 255 ")), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "5 x 5 pixels need more memory than the limit of 74 bytes");
	CHECK_EQ(got.facts_told, 1);
	CHECK(got.canvas == NULL);
}

static void no_frames_allowed_means_none(void)
{
	start();
	got.options.limits.frames_max = 0;
	CHECK_EQ(decode_pnm(BYTES("P5 1 1 255 x")), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the pnm picture has more frames than the limit of 0");
	CHECK_EQ(got.frame_count, 0);
}

static void facts_alone_need_no_pixels(void)
{
	start();
	got.options.facts_only = true;
	CHECK_EQ(decode_pnm(BYTES("P6 5000 4000 65535 ")), WARD_OK);
	CHECK_EQ(got.facts_told, 1);
	CHECK_EQ(got.facts.kind, WARD_MEDIA_PNM);
	CHECK_EQ(got.facts.width, 5000);
	CHECK_EQ(got.facts.height, 4000);
	CHECK_EQ(got.facts.bits, 16);
	CHECK_EQ(got.facts.frames, 1);
	CHECK_EQ(got.facts.orientation, 0);
	CHECK_EQ(got.frame_count, 0);
}

static void a_picture_without_width_is_no_picture(void)
{
	start();
	CHECK_EQ(decode_pnm(BYTES("P5 0 5 255 ")), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the pnm picture has no width or height");
}

/* ---- PNM's own ---- */

static bool pixels_are(const char *want, size_t len)
{
	const struct ward_image *image = &got.frames[0].image;
	bool same = got.frame_count == 1 && image->stride * image->height == len &&
		    memcmp(image->pixels, want, len) == 0;

	for (size_t i = 0; !same && got.frame_count > 0 && i < image->stride * image->height; i++)
		printf("#   %zu: %d\n", i, image->pixels[i]);
	return same;
}

static void all_six_forms_of_pnm(void)
{
	start();
	CHECK_EQ(decode_pnm(BYTES("P1\n3 2\n101\n0 1 0")), WARD_OK);
	CHECK(pixels_are("\0\xff\0\xff\0\xff", 6));
	CHECK_EQ(got.facts.bits, 1);
	CHECK_EQ(decode_pnm(BYTES("P2 2 1 10 0 5")), WARD_OK);
	CHECK(pixels_are("\0\x80", 2));
	CHECK_EQ(got.frames[0].image.channels, 1);
	CHECK_EQ(decode_pnm(BYTES("P3 1 1 255 1 2 3")), WARD_OK);
	CHECK(pixels_are("\1\2\3", 3));
	CHECK_EQ(got.frames[0].image.channels, 3);
	CHECK_EQ(decode_pnm(BYTES("P4 9 2\n\xaa\x80\x55\x00")), WARD_OK);
	CHECK(pixels_are("\0\xff\0\xff\0\xff\0\xff\0\xff\0\xff\0\xff\0\xff\0\xff", 18));
	CHECK_EQ(decode_pnm(BYTES("P5 2 2 255\nabcd")), WARD_OK);
	CHECK(pixels_are("abcd", 4));
	CHECK_EQ(got.frames[0].scale, 1);
	CHECK_EQ(decode_pnm(BYTES("P6 1 2 255\nabcdef")), WARD_OK);
	CHECK(pixels_are("abcdef", 6));
}

static void sixteen_bits_and_odd_whites_are_scaled(void)
{
	start();
	CHECK_EQ(decode_pnm(BYTES("P5 4 1 65535\n\x00\x00\x00\x80\x00\x81\xff\xff")), WARD_OK);
	CHECK(pixels_are("\0\0\1\xff", 4));
	CHECK_EQ(decode_pnm(BYTES("P5 3 1 3\n\1\2\3")), WARD_OK);
	CHECK(pixels_are("\x55\xaa\xff", 3));
	CHECK_EQ(got.facts.bits, 2);
	/* Brighter than white is white. */
	CHECK_EQ(decode_pnm(BYTES("P5 1 1 100\n\xc8")), WARD_OK);
	CHECK(pixels_are("\xff", 1));
}

static void comments_may_stand_anywhere_in_words(void)
{
	start();
	CHECK_EQ(decode_pnm(BYTES("P2#a\n1 # b\n#c\r1\t255 #d\n 7#e")), WARD_OK);
	CHECK(pixels_are("\7", 1));
}

static void a_truncated_picture_is_told_and_then_the_trouble(void)
{
	start();
	CHECK_EQ(decode_pnm(BYTES("P5 2 3 255\nabcde")), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the pnm picture breaks off in row 2 of 3");
	CHECK(pixels_are("abcd\0\0", 6));
	CHECK_EQ(decode_pnm(BYTES("P3 1 2 255 1 2 3 4")), WARD_E_FORMAT);
	CHECK(pixels_are("\1\2\3\0\0\0", 6));
}

static void headers_that_make_no_sense(void)
{
	start();
	CHECK_EQ(decode_pnm(BYTES("P7 1 1 255\n")), WARD_E_FORMAT);
	CHECK_EQ(decode_pnm(BYTES("P5 1")), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the pnm picture's header is not whole");
	CHECK_EQ(decode_pnm(BYTES("P5 1 99999999999 255\n")), WARD_E_FORMAT);
	CHECK_EQ(decode_pnm(BYTES("P5 1 1 70000\n")), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the pnm picture says white is 70000; it must be 1 to 65535");
	CHECK_EQ(decode_pnm(BYTES("P5 1 1 0\n")), WARD_E_FORMAT);
	CHECK_EQ(got.facts_told, 0);
}

static const struct test_case cases[] = {
	{ "a kind without decoder is unsupported", a_kind_without_decoder_is_unsupported },
	{ "no error to fill is no trouble", no_error_to_fill_is_no_trouble },
	{ "more pixels than agreed end before memory is asked for",
			more_pixels_than_agreed_end_before_memory_is_asked_for },
	{ "more memory than agreed is not asked for", more_memory_than_agreed_is_not_asked_for },
	{ "no frames allowed means none", no_frames_allowed_means_none },
	{ "facts alone need no pixels", facts_alone_need_no_pixels },
	{ "a picture without width is no picture", a_picture_without_width_is_no_picture },
	{ "all six forms of PNM", all_six_forms_of_pnm },
	{ "16 bits and odd whites are scaled", sixteen_bits_and_odd_whites_are_scaled },
	{ "comments may stand anywhere in words", comments_may_stand_anywhere_in_words },
	{ "a truncated picture is told, and then the trouble",
			a_truncated_picture_is_told_and_then_the_trouble },
	{ "headers that make no sense", headers_that_make_no_sense },
};

int main(void)
{
	collect_init(&got);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	return failed;
}
