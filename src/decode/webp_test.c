/* WebP, shown on pictures that libwebp wrote: still and animated, with alpha and without. */
#include "base/test.h"
#include "decode/collect.h"
#include "decode/draw.h"

#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>

static struct collected got;

#define WIDTH  120u
#define HEIGHT 90u

static uint8_t drawn[WIDTH * HEIGHT * 4];

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
}

/* ---- writing ---- */

static struct {
	uint8_t bytes[1 << 20];
	size_t len;
} out;

static ward_bytes keep(const uint8_t *bytes, size_t len)
{
	if (len == 0 || len > sizeof(out.bytes))
		abort();
	memcpy(out.bytes, bytes, len);
	out.len = len;
	return (ward_bytes){ out.bytes, len };
}

static ward_bytes lossless(uint32_t channels)
{
	uint8_t *file;
	int row = (int)(WIDTH * channels);

	draw_lighthouse(drawn, WIDTH, HEIGHT, channels, 1);
	size_t len = channels == 4 ? WebPEncodeLosslessRGBA(drawn, WIDTH, HEIGHT, row, &file)
				   : WebPEncodeLosslessRGB(drawn, WIDTH, HEIGHT, row, &file);

	keep(file, len);
	WebPFree(file);
	return (ward_bytes){ out.bytes, out.len };
}

static ward_bytes lossy(uint32_t channels)
{
	uint8_t *file;
	int row = (int)(WIDTH * channels);

	draw_lighthouse(drawn, WIDTH, HEIGHT, channels, 1);
	size_t len = channels == 4 ? WebPEncodeRGBA(drawn, WIDTH, HEIGHT, row, 90, &file)
				   : WebPEncodeRGB(drawn, WIDTH, HEIGHT, row, 90, &file);

	keep(file, len);
	WebPFree(file);
	return (ward_bytes){ out.bytes, out.len };
}

static ward_bytes with_exif(const char *mark, size_t mark_len)
{
	static const uint8_t tiff[26] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0,
		1, 0, 6 };
	uint8_t exif[32];
	WebPData whole, chunk = { exif, mark_len + sizeof(tiff) };
	ward_bytes plain = lossy(3);
	const WebPData file = { plain.ptr, plain.len };
	WebPMux *mux = WebPMuxCreate(&file, 1);

	memcpy(exif, mark, mark_len);
	memcpy(exif + mark_len, tiff, sizeof(tiff));
	if (!mux || WebPMuxSetChunk(mux, "EXIF", &chunk, 1) != WEBP_MUX_OK ||
			WebPMuxAssemble(mux, &whole) != WEBP_MUX_OK)
		abort();
	keep(whole.bytes, whole.size);
	WebPDataClear(&whole);
	WebPMuxDelete(mux);
	return (ward_bytes){ out.bytes, out.len };
}

/* ---- an animation, frame by frame, of single-coloured rectangles ---- */

static WebPMux *animation;

static void begin_animation(int width, int height)
{
	const WebPMuxAnimParams params = { .bgcolor = 0xff00ff00, .loop_count = 0 };

	start();
	animation = WebPMuxNew();
	if (!animation || WebPMuxSetCanvasSize(animation, width, height) != WEBP_MUX_OK ||
			WebPMuxSetAnimationParams(animation, &params) != WEBP_MUX_OK)
		abort();
}

struct rectangle {
	int left, top, width, height;
};

static void add_frame(struct rectangle at, uint32_t rgba, WebPMuxAnimDispose dispose,
		WebPMuxAnimBlend blend)
{
	uint8_t pixels[8 * 8 * 4], *file;

	for (int i = 0; i < at.width * at.height; i++) {
		for (int c = 0; c < 4; c++)
			pixels[4 * i + c] = (uint8_t)(rgba >> (24 - 8 * c));
	}
	size_t len = WebPEncodeLosslessRGBA(pixels, at.width, at.height, at.width * 4, &file);
	const WebPMuxFrameInfo info = {
		.bitstream = { file, len },
		.x_offset = at.left,
		.y_offset = at.top,
		.duration = 40,
		.id = WEBP_CHUNK_ANMF,
		.dispose_method = dispose,
		.blend_method = blend,
	};

	if (WebPMuxPushFrame(animation, &info, 1) != WEBP_MUX_OK)
		abort();
	WebPFree(file);
}

static ward_bytes animated(void)
{
	WebPData file;

	if (WebPMuxAssemble(animation, &file) != WEBP_MUX_OK)
		abort();
	keep(file.bytes, file.size);
	WebPDataClear(&file);
	WebPMuxDelete(animation);
	return (ward_bytes){ out.bytes, out.len };
}

#define RED   0xff0000ffu
#define GREEN 0x00ff00ffu
#define CLEAR 0x00000000u

/* What the first row of a told frame shows, a letter a pixel. */
static const char *row_of(uint32_t number)
{
	static char letters[64];
	const struct ward_image *picture = &got.frames[number].image;

	if (number >= got.frame_count)
		return "nothing";
	for (uint32_t x = 0; x < picture->width; x++) {
		const uint8_t *rgb = picture->pixels + (size_t)x * 3;
		uint32_t colour = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];

		letters[x] = colour == 0xff0000   ? 'R'
			     : colour == 0x00ff00 ? 'G'
			     : colour == 0xffffff ? 'W'
			     : colour == 0x000000 ? '0'
						  : '?';
	}
	letters[picture->width] = 0;
	return letters;
}

/* ---- still ---- */

static void lossless_comes_out_as_drawn(void)
{
	start();
	CHECK_EQ(ward_media_identify(lossless(3)), WARD_MEDIA_WEBP);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, (ward_bytes){ out.bytes, out.len }),
			WARD_OK);
	CHECK_EQ(got.facts.width, WIDTH);
	CHECK_EQ(got.facts.height, HEIGHT);
	CHECK_EQ(got.facts.bits, 8);
	CHECK_EQ(got.facts.frames, 1);
	CHECK_EQ(got.facts.has_alpha, false);
	CHECK_EQ(got.facts.orientation, 0);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.frames[0].image.channels, 3);
	CHECK_EQ(memcmp(got.frames[0].image.pixels, drawn, (size_t)WIDTH * HEIGHT * 3), 0);
}

static void lossy_comes_out_as_libwebp_decodes_it(void)
{
	int width, height;

	start();
	ward_bytes file = lossy(3);
	uint8_t *want = WebPDecodeRGB(file.ptr, file.len, &width, &height);

	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_OK);
	CHECK_EQ(memcmp(got.frames[0].image.pixels, want, (size_t)WIDTH * HEIGHT * 3), 0);
	WebPFree(want);
}

static void alpha_is_told_as_stored_and_over_white(void)
{
	start();
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, lossless(4)), WARD_OK);
	CHECK_EQ(got.facts.has_alpha, true);
	CHECK_EQ(got.frame_count, 2);
	CHECK_EQ(got.frames[0].view, WARD_VIEW_STORED);
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
	for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
		int colour = drawn[4 * i], alpha = drawn[4 * i + 3];
		int over = (colour * alpha + 255 * (255 - alpha) + 127) / 255;

		/* The encoder may forget colours that cannot be seen. */
		CHECK(alpha == 0 || got.frames[0].image.pixels[3 * i] == colour);
		CHECK_EQ(got.frames[1].image.pixels[3 * i], over);
	}
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, lossy(4)), WARD_OK);
	CHECK_EQ(got.frame_count, 2);
}

static void the_orientation_is_told_and_not_applied(void)
{
	start();
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, with_exif("", 0)), WARD_OK);
	CHECK_EQ(got.facts.orientation, 6);
	CHECK_EQ(got.frames[0].image.width, WIDTH);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, with_exif("Exif\0\0", 6)), WARD_OK);
	CHECK_EQ(got.facts.orientation, 6);
}

/* ---- animated ---- */

static void frames_are_composed_on_the_canvas(void)
{
	begin_animation(6, 2);
	add_frame((struct rectangle){ 0, 0, 4, 2 }, RED, WEBP_MUX_DISPOSE_NONE, WEBP_MUX_BLEND);
	add_frame((struct rectangle){ 2, 0, 4, 2 }, GREEN, WEBP_MUX_DISPOSE_BACKGROUND,
			WEBP_MUX_BLEND);
	add_frame((struct rectangle){ 0, 0, 2, 2 }, CLEAR, WEBP_MUX_DISPOSE_NONE, WEBP_MUX_BLEND);
	add_frame((struct rectangle){ 0, 0, 2, 2 }, CLEAR, WEBP_MUX_DISPOSE_NONE,
			WEBP_MUX_NO_BLEND);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, animated()), WARD_OK);
	CHECK_EQ(got.facts.frames, 4);
	CHECK_EQ(got.facts.width, 6);
	/* Where nothing is, the colour is black as stored; white as composited. */
	CHECK_STR(row_of(0), "RRRR00");
	CHECK_STR(row_of(1), "RRRRWW");
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
	CHECK_STR(row_of(2), "RRGGGG");
	CHECK_EQ(got.frames[2].index, 1);
	CHECK_EQ(got.frames[2].time_ms, 40);
	CHECK_STR(row_of(3), "RR0000");
	CHECK_STR(row_of(4), "RRWWWW");
	CHECK_STR(row_of(5), "000000");
	CHECK_STR(row_of(6), "WWWWWW");
	CHECK_EQ(got.frames[6].index, 3);
	CHECK_EQ(got.frames[6].time_ms, 120);
}

static void half_transparent_pixels_are_blended(void)
{
	begin_animation(2, 2);
	add_frame((struct rectangle){ 0, 0, 2, 2 }, RED, WEBP_MUX_DISPOSE_NONE, WEBP_MUX_BLEND);
	add_frame((struct rectangle){ 0, 0, 2, 2 }, 0x0000ff80u, WEBP_MUX_DISPOSE_NONE,
			WEBP_MUX_BLEND);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, animated()), WARD_OK);
	CHECK_EQ(got.frame_count, 2);
	CHECK_EQ(got.frames[1].image.pixels[0], 127);
	CHECK_EQ(got.frames[1].image.pixels[1], 0);
	CHECK_EQ(got.frames[1].image.pixels[2], 128);
}

static void only_the_first_frame_is_decoded_when_that_is_all(void)
{
	begin_animation(2, 2);
	for (uint32_t i = 0; i < 3; i++)
		add_frame((struct rectangle){ 0, 0, 2, 2 }, RED + (i << 16), WEBP_MUX_DISPOSE_NONE,
				WEBP_MUX_BLEND);
	got.options.first_frame_only = true;
	ward_bytes file = animated();

	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.facts.frames, 3);
	/* What is missing behind it does no harm. */
	file.len -= 5;
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_OK);
	got.options.first_frame_only = false;
	got.options.limits.frames_max = 2;
	file.len += 5;
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_E_LIMIT);
	CHECK_EQ(got.frame_count, 2);
}

/* ---- trouble ---- */

static void a_still_that_breaks_off_is_told_with_black_below(void)
{
	for (int form = 0; form < 4; form++) {
		start();
		ward_bytes file = form & 1 ? lossless(form & 2 ? 4 : 3) : lossy(form & 2 ? 4 : 3);

		file.len -= file.len / 4;
		CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_E_FORMAT);
		CHECK_STR(got.error.message, "the webp picture breaks off in frame 0");
		CHECK(got.frame_count >= 1);
		const struct ward_image *image = &got.frames[0].image;
		const uint8_t *last = image->pixels + image->stride * (image->height - 1);

		CHECK(image->pixels[0] != 0);
		CHECK_EQ(last[0] + last[1] + last[2], 0);
	}
}

static void an_animation_that_breaks_off_gives_what_was_before(void)
{
	begin_animation(8, 8);
	for (uint32_t i = 0; i < 4; i++)
		add_frame((struct rectangle){ 0, 0, 8, 8 }, RED + (i << 16), WEBP_MUX_DISPOSE_NONE,
				WEBP_MUX_BLEND);
	ward_bytes file = animated();

	for (size_t len = 0; len < file.len; len++) {
		CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, (ward_bytes){ file.ptr, len }),
				WARD_E_FORMAT);
		CHECK(got.error.message[0] != 0);
	}
	CHECK_EQ(got.frame_count, 3);
	CHECK_STR(row_of(0), "RRRRRRRR");
}

static void frames_behind_one_that_is_damaged_are_told_by_their_numbers(void)
{
	static const uint8_t mark[] = "ANMF";
	size_t at = 0;

	begin_animation(8, 8);
	for (uint32_t i = 0; i < 3; i++)
		add_frame((struct rectangle){ 0, 0, 8, 8 }, i == 2 ? 0xffffffffu : RED,
				WEBP_MUX_DISPOSE_NONE, WEBP_MUX_BLEND);
	ward_bytes file = animated();

	for (int seen = 0; seen < 2; at++)
		seen += memcmp(out.bytes + at, mark, 4) == 0;
	/* Its header, its place, its bitstream's header, its mark and size: then transforms and
	 * codes. */
	memset(out.bytes + at - 1 + 8 + 16 + 8 + 5, 0xff, 4);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the webp picture is damaged in frame 1");
	CHECK_EQ(got.frame_count, 3);
	CHECK_EQ(got.frames[1].index, 1);
	CHECK_STR(row_of(1), "RRRRRRRR");
	CHECK_EQ(got.frames[2].index, 2);
	CHECK_STR(row_of(2), "WWWWWWWW");
}

static void damage_inside_is_an_error(void)
{
	start();
	ward_bytes file = lossless(3);

	memset(out.bytes + 40, 0xff, 40);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_E_FORMAT);
	file = lossy(3);
	memset(out.bytes + 20, 0, 10);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP, file), WARD_E_FORMAT);
	CHECK_EQ(collect_picture(&got, WARD_MEDIA_WEBP,
				 (ward_bytes){ (const uint8_t *)"RIFF\4\0\0\0WEBP", 12 }),
			WARD_E_FORMAT);
	CHECK_EQ(got.facts_told, 0);
}

static const struct test_case cases[] = {
	{ "lossless comes out as drawn", lossless_comes_out_as_drawn },
	{ "lossy comes out as libwebp decodes it", lossy_comes_out_as_libwebp_decodes_it },
	{ "alpha is told as stored and over white", alpha_is_told_as_stored_and_over_white },
	{ "the orientation is told and not applied", the_orientation_is_told_and_not_applied },
	{ "frames are composed on the canvas", frames_are_composed_on_the_canvas },
	{ "half transparent pixels are blended", half_transparent_pixels_are_blended },
	{ "only the first frame is decoded when that is all",
			only_the_first_frame_is_decoded_when_that_is_all },
	{ "a still that breaks off is told with black below",
			a_still_that_breaks_off_is_told_with_black_below },
	{ "an animation that breaks off gives what was before",
			an_animation_that_breaks_off_gives_what_was_before },
	{ "frames behind one that is damaged are told by their numbers",
			frames_behind_one_that_is_damaged_are_told_by_their_numbers },
	{ "damage inside is an error", damage_inside_is_an_error },
};

int main(void)
{
	collect_init(&got);
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	collect_clear(&got);
	return failed;
}
