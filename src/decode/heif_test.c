/*
 * HEIF and AVIF, shown on drawn pictures that libheif's encoders coded, in
 * files that libheif or heif_make.h wrote.
 */
#include "base/test.h"
#include "decode/collect.h"
#include "decode/draw.h"
#include "decode/heif_make.h"

static struct collected got;

#define SIDE   64u
#define PIXELS ((size_t)SIDE * SIDE)

static uint8_t drawn[2][PIXELS * 4];
static struct coded code[2];         /* two lighthouses, in HEVC */
static struct coded av1_code;        /* the first of them */
static struct ward_buf file;         /* of the case that runs */
static uint8_t alone[2][PIXELS * 3]; /* what each comes out as by itself */

static void start(void)
{
	collect_clear(&got);
	got.options = (struct ward_decode_options){ .limits = ward_limits_default() };
	ward_buf_free(&file);
}

/*
 * With HEIF_SEEDS=FOLDER in the environment, the files of these cases are written there, as
 * seeds for heif_fuzz: that is how those in tests/corpus/heif were made.
 */
static void keep_seed(ward_media_kind kind, ward_bytes bytes)
{
	const char *folder = getenv("HEIF_SEEDS");
	static int count;
	char path[256];

	if (!folder || bytes.len != file.len || bytes.len > 8000)
		return;
	snprintf(path, sizeof(path), "%s/case-%02d", folder, ++count);
	FILE *out = fopen(path, "wb");

	if (!out || putc(kind == WARD_MEDIA_AVIF ? 32 : 0, out) == EOF ||
			fwrite(bytes.ptr, 1, bytes.len, out) != bytes.len || fclose(out) != 0)
		abort();
}

static ward_err decode(ward_media_kind kind, ward_bytes bytes)
{
	keep_seed(kind, bytes);
	return collect_picture(&got, kind, bytes);
}

static ward_bytes written(void)
{
	return (ward_bytes){ (const uint8_t *)file.ptr, file.len };
}

static ward_bytes plain(uint32_t channels, int bits, enum heif_compression_format format)
{
	start();
	draw_lighthouse(drawn[0], SIDE, SIDE, channels, 1);
	make_plain(&file, drawn[0], SIDE, SIDE, channels, bits, format);
	return written();
}

/* By how much samples differ, in hundredths. */
static int difference(const uint8_t *a, const uint8_t *b, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (size_t)abs(a[i] - b[i]);
	return (int)(sum * 100 / count);
}

static const uint8_t *pixels_of(uint32_t frame)
{
	return got.frames[frame].image.pixels;
}

/* ---- layouts ---- */

#define LIST(list) (list), sizeof(list) / sizeof(*(list))
/* clang-format off */
#define BOX(len, type, bytes) { (const uint8_t *)"\0\0\0" len type bytes, \
		sizeof("\0\0\0" len type bytes) - 1 }
/* clang-format on */

static ward_bytes layout_of(const struct make_item *items, size_t count,
		const struct make_reference *references, size_t reference_count)
{
	const struct make_layout layout = {
		.brand = items[0].coded == &av1_code ? "avif" : "heic",
		.items = items,
		.item_count = (uint16_t)count,
		.references = references,
		.reference_count = (uint16_t)reference_count,
	};

	start();
	return make_file(&file, &layout);
}

static ward_bytes single(struct make_item item)
{
	return layout_of(&item, 1, NULL, 0);
}

/* ---- still ---- */

/* With the decoders that libheif has itself. */
static void decode_by_libheif(ward_bytes bytes, const char *decoder, uint8_t *rgb)
{
	struct heif_context *context = heif_context_alloc();
	struct heif_decoding_options *options = heif_decoding_options_alloc();
	struct heif_image_handle *handle;
	struct heif_image *image;
	int stride;

	options->decoder_id = decoder;
	make_must(heif_context_read_from_memory_without_copy(context, bytes.ptr, bytes.len, NULL));
	make_must(heif_context_get_primary_image_handle(context, &handle));
	make_must(heif_decode_image(handle, &image, heif_colorspace_RGB,
			heif_chroma_interleaved_RGB, options));
	const uint8_t *plane =
			heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);

	for (uint32_t y = 0; y < SIDE; y++)
		memcpy(rgb + (size_t)y * SIDE * 3, plane + y * (size_t)stride, (size_t)SIDE * 3);
	heif_image_release(image);
	heif_image_handle_release(handle);
	heif_decoding_options_free(options);
	heif_context_free(context);
}

static void comes_out_as_libheif_decodes_it(void)
{
	static const struct {
		enum heif_compression_format format;
		ward_media_kind kind;
		const char *decoder;
	} kinds[2] = {
		{ heif_compression_HEVC, WARD_MEDIA_HEIF, "libde265" },
		{ heif_compression_AV1, WARD_MEDIA_AVIF, "dav1d" },
	};
	static uint8_t want[PIXELS * 3];

	for (int i = 0; i < 2; i++) {
		ward_bytes bytes = plain(3, 8, kinds[i].format);

		CHECK_EQ(ward_media_identify(bytes), kinds[i].kind);
		CHECK_EQ(decode(kinds[i].kind, bytes), WARD_OK);
		CHECK_EQ(got.facts.width, SIDE);
		CHECK_EQ(got.facts.height, SIDE);
		CHECK_EQ(got.facts.bits, 8);
		CHECK_EQ(got.facts.frames, 1);
		CHECK_EQ(got.facts.has_alpha, false);
		CHECK_EQ(got.frame_count, 1);
		CHECK_EQ(got.frames[0].image.channels, 3);
		decode_by_libheif(bytes, kinds[i].decoder, want);
		CHECK_EQ(memcmp(pixels_of(0), want, sizeof(want)), 0);
		CHECK(difference(pixels_of(0), drawn[0], sizeof(want)) < 800);
	}
}

static void deep_samples_are_scaled(void)
{
	CHECK_EQ(decode(WARD_MEDIA_HEIF, plain(3, 10, heif_compression_HEVC)), WARD_OK);
	CHECK_EQ(got.facts.bits, 10);
	CHECK_EQ(got.frame_count, 1);
	CHECK(difference(pixels_of(0), drawn[0], PIXELS * 3) < 800);
}

static void grey_comes_out_as_grey(void)
{
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(decode(WARD_MEDIA_HEIF, plain(1, 8,
								 i ? heif_compression_AV1
								   : heif_compression_HEVC)),
				WARD_OK);
		for (size_t p = 0; p < PIXELS; p++) {
			const uint8_t *rgb = pixels_of(0) + 3 * p;

			CHECK(rgb[0] == rgb[1] && rgb[1] == rgb[2]);
			CHECK(abs(rgb[0] - drawn[0][p]) < 60);
		}
	}
}

static void alpha_is_told_as_stored_and_over_white(void)
{
	CHECK_EQ(decode(WARD_MEDIA_HEIF, plain(4, 8, heif_compression_HEVC)), WARD_OK);
	CHECK_EQ(got.facts.has_alpha, true);
	CHECK_EQ(got.frame_count, 2);
	CHECK_EQ(got.frames[0].view, WARD_VIEW_STORED);
	CHECK_EQ(got.frames[1].view, WARD_VIEW_COMPOSITED);
	CHECK_EQ(got.frames[1].index, 0);
	int sum = 0;

	for (size_t i = 0; i < PIXELS; i++) {
		int alpha = drawn[0][4 * i + 3], stored = pixels_of(0)[3 * i];

		sum += abs(pixels_of(1)[3 * i] - (stored * alpha + 255 * (255 - alpha)) / 255);
	}
	/* Alpha itself was coded with loss. */
	CHECK(sum < 4 * (int)PIXELS);
}

static const ward_bytes is_alpha = BOX("\x27", "auxC", "\0\0\0\0urn:mpeg:hevc:2015:auxid:1\0");

/* A picture with its own lightness for alpha, multiplied by it or not. */
static ward_bytes with_alpha(bool multiplied)
{
	const struct make_item items[] = {
		{ .type = "hvc1", .coded = &code[0] },
		{ .type = "hvc1", .coded = &code[0], .properties = { is_alpha } },
	};
	const struct make_reference references[] = {
		{ "auxl", 2, 1, { 1 } },
		{ "prem", 1, 1, { 2 } },
	};

	return layout_of(LIST(items), references, multiplied ? 2 : 1);
}

static void colours_multiplied_by_alpha_are_divided_by_it(void)
{
	CHECK_EQ(decode(WARD_MEDIA_HEIF, with_alpha(false)), WARD_OK);
	CHECK_EQ(got.facts.frames, 1);
	CHECK_EQ(got.frame_count, 2);
	CHECK_EQ(memcmp(pixels_of(0), alone[0], sizeof(alone[0])), 0);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, with_alpha(true)), WARD_OK);
	CHECK_EQ(got.frame_count, 2);
	int brighter = 0;

	for (size_t i = 0; i < sizeof(alone[0]); i++) {
		CHECK(pixels_of(0)[i] >= alone[0][i] || pixels_of(1)[i] == 255);
		brighter += pixels_of(0)[i] > alone[0][i];
	}
	CHECK(brighter > (int)PIXELS);
}

/* ---- turned and cropped ---- */

#define IROT(n) BOX("\x09", "irot", n)
#define IMIR(n) BOX("\x09", "imir", n)
/* width, height, horizontal and vertical offset of the centre, as fractions */
#define CLAP                                                       \
	BOX("\x28", "clap",                                        \
			"\0\0\0\x20\0\0\0\x01\0\0\0\x10\0\0\0\x01" \
			"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x01")

static void the_files_own_turning_is_applied(void)
{
	const struct make_item turned = { .type = "hvc1",
		.coded = &code[0],
		.properties = { IROT("\x01") } };
	const struct make_item mirrored = { .type = "hvc1",
		.coded = &code[0],
		.properties = { IMIR("\x01") } };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, single(turned)), WARD_OK);
	CHECK_EQ(got.facts.orientation, 0);
	/* A quarter turn against the clock: the right edge becomes the top one. */
	for (uint32_t y = 0; y < SIDE; y++) {
		for (uint32_t x = 0; x < SIDE; x++)
			CHECK_EQ(memcmp(pixels_of(0) + 3 * ((size_t)y * SIDE + x),
						 alone[0] + 3 * ((size_t)x * SIDE + SIDE - 1 - y),
						 3),
					0);
	}
	CHECK_EQ(decode(WARD_MEDIA_HEIF, single(mirrored)), WARD_OK);
	CHECK(memcmp(pixels_of(0), alone[0], sizeof(alone[0])) != 0);
	CHECK_EQ(memcmp(pixels_of(0), alone[0] + 3 * (size_t)(SIDE - 1), 3), 0);
}

static void the_files_own_cropping_is_applied(void)
{
	const struct make_item cropped = { .type = "hvc1",
		.coded = &code[0],
		.properties = { CLAP, IROT("\x01") } };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, single(cropped)), WARD_OK);
	CHECK_EQ(got.facts.width, 16);
	CHECK_EQ(got.facts.height, 32);
	CHECK_EQ(got.frames[0].image.width, 16);
	CHECK_EQ(got.frames[0].image.height, 32);
	CHECK_EQ(memcmp(pixels_of(0), alone[0] + 3 * (24 * SIDE + 47), 3), 0);
}

static void an_exif_orientation_beside_it_is_not_told(void)
{
	static const uint8_t exif[] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0,
		1, 0, 6, 0, 0 };
	struct heif_context *context = heif_context_alloc();
	struct heif_image_handle *handle;

	start();
	handle = make_encoded(context, make_picture(drawn[0], SIDE, SIDE, 3, 8),
			heif_compression_HEVC);
	make_must(heif_context_add_exif_metadata(context, handle, exif, sizeof(exif)));
	heif_image_handle_release(handle);
	make_written(context, &file);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, written()), WARD_OK);
	CHECK_EQ(got.facts.orientation, 0);
	CHECK_EQ(got.facts.frames, 1);
}

/* ---- made of others ---- */

/* Version, flags, rows - 1, columns - 1, width, height. */
static const uint8_t grid_2_by_1[8] = { 0, 0, 0, 1, 0, 120, 0, SIDE };

static void tiles_are_put_together(void)
{
	const struct make_item items[] = {
		{ .type = "grid", .data = { grid_2_by_1, 8 }, .width = 120, .height = SIDE },
		{ .type = "hvc1", .coded = &code[0], .hidden = true },
		{ .type = "hvc1", .coded = &code[1], .hidden = true },
	};
	const struct make_reference tiles = { "dimg", 1, 2, { 2, 3 } };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &tiles, 1)), WARD_OK);
	CHECK_EQ(got.facts.width, 120);
	CHECK_EQ(got.facts.height, SIDE);
	CHECK_EQ(got.facts.frames, 1);
	CHECK_EQ(got.frame_count, 1);
	for (size_t y = 0; y < SIDE; y++) {
		const uint8_t *row = pixels_of(0) + 120 * 3 * y;

		CHECK_EQ(memcmp(row, alone[0] + SIDE * 3 * y, (size_t)SIDE * 3), 0);
		CHECK_EQ(memcmp(row + (size_t)SIDE * 3, alone[1] + SIDE * 3 * y, 56 * 3), 0);
	}
}

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true /* it has its own memory, and fills it with its own bytes */
#else
#define SANITIZED false
#endif

static void what_no_tile_covers_is_black(void)
{
	static const uint8_t grid[8] = { 0, 0, 0, 0, 4, 0, 4, 0 };
	const struct make_item items[] = {
		{ .type = "grid", .data = { grid, 8 }, .width = 1024, .height = 1024 },
		{ .type = "hvc1", .coded = &code[0], .hidden = true },
	};
	const struct make_reference tiles = { "dimg", 1, 1, { 2 } };
	ward_bytes bytes = layout_of(LIST(items), &tiles, 1);
	size_t left = 0;

	/* Memory that was something else before. */
	for (int i = 0; i < 2; i++) {
		for (size_t size = 1 << 12; size <= 1 << 22; size *= 2) {
			uint8_t *memory = malloc(size);

			if (memory)
				memset(memory, 0x5a, size);
			free(memory);
		}
		(void)decode(WARD_MEDIA_HEIF, bytes);
		CHECK_EQ(got.frame_count, 1);
		CHECK_EQ(memcmp(pixels_of(0), alone[0], (size_t)SIDE * 3), 0);
		for (size_t p = 1024 * 3 * SIDE; p < 1024 * 1024 * 3; p++)
			left += pixels_of(0)[p] != 0;
	}
	CHECK(SANITIZED || left == 0);
}

/* Version, flags, a background of 4 times 16 bits, width, height, an offset each. */
static const uint8_t overlay[] = { 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0, 80, 0, 80, 0, 8, 0,
	8 };

static void an_overlay_lies_on_its_background(void)
{
	const struct make_item items[] = {
		{ .type = "iovl", .data = { overlay, sizeof(overlay) }, .width = 80, .height = 80 },
		{ .type = "hvc1", .coded = &code[0], .hidden = true },
	};
	const struct make_reference parts = { "dimg", 1, 1, { 2 } };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &parts, 1)), WARD_OK);
	CHECK_EQ(got.facts.width, 80);
	CHECK_EQ(memcmp(pixels_of(0), "\xff\0\0", 3), 0);
	CHECK_EQ(memcmp(pixels_of(0) + 3 * (8 * 80 + 8), alone[0], (size_t)SIDE * 3), 0);
}

/* ---- several pictures ---- */

static void other_pictures_follow_as_frames(void)
{
	const struct make_item items[] = {
		{ .type = "hvc1", .coded = &code[0] },
		{ .type = "hvc1", .coded = &code[1], .hidden = true },
		{ .type = "hvc1", .coded = &code[1] },
		{ .type = "hvc1", .coded = &code[1] }, /* a thumbnail */
		{ .type = "hvc1", .coded = &code[0] },
	};
	const struct make_reference thumbnail = { "thmb", 4, 1, { 1 } };
	ward_bytes bytes = layout_of(LIST(items), &thumbnail, 1);

	CHECK_EQ(decode(WARD_MEDIA_HEIF, bytes), WARD_OK);
	CHECK_EQ(got.facts.frames, 3);
	CHECK_EQ(got.frame_count, 3);
	CHECK_EQ(got.part_count, 1); /* the thumbnail; its pixels are a PNM's */
	for (uint32_t i = 0; i < 3; i++) {
		CHECK_EQ(got.frames[i].index, i);
		CHECK_EQ(memcmp(pixels_of(i), alone[i % 2], sizeof(alone[0])), 0);
	}
	got.options.limits.frames_max = 2;
	CHECK_EQ(decode(WARD_MEDIA_HEIF, bytes), WARD_E_LIMIT);
	CHECK_EQ(got.frame_count, 2);
	got.options.first_frame_only = true;
	CHECK_EQ(decode(WARD_MEDIA_HEIF, bytes), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
}

static void a_picture_that_cannot_be_read_does_not_hide_the_next(void)
{
	static const uint8_t noise[100] = { 0, 0, 0, 96, 1, 2, 3 };
	struct coded broken = code[0];
	struct make_item items[] = {
		{ .type = "hvc1", .coded = &code[0] },
		{ .type = "hvc1", .coded = &broken },
		{ .type = "hvc1", .coded = &code[1] },
	};

	broken.data = (struct ward_buf){ .ptr = (char *)(uintptr_t)noise, .len = sizeof(noise) };
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), NULL, 0)), WARD_E_FORMAT);
		CHECK_EQ(got.frame_count, 2);
		CHECK_EQ(got.frames[1].index, 1);
		CHECK_EQ(memcmp(pixels_of(1), alone[1], sizeof(alone[1])), 0);
		/* And once more with the first one broken. */
		items[0].coded = &broken;
		items[1].coded = &code[0];
	}
}

static void a_sequence_is_told_as_one_that_cannot_be_read(void)
{
	const struct make_item still = { .type = "hvc1", .coded = &code[0] };

	single(still);
	make_end(&file, make_box(&file, "moov"));
	CHECK_EQ(decode(WARD_MEDIA_HEIF, written()), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message,
			"the heif picture is also a sequence, which cannot be read here");
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(memcmp(pixels_of(0), alone[0], sizeof(alone[0])), 0);
	got.options.first_frame_only = true;
	CHECK_EQ(decode(WARD_MEDIA_HEIF, written()), WARD_OK);
	/* Without a still. */
	start();
	ward_buf_init(&file, 1000);
	ward_buf_add(&file,
			"\0\0\0\x18"
			"ftypmsf1\0\0\0\0msf1hevc",
			24);
	make_end(&file, make_box(&file, "moov"));
	CHECK_EQ(ward_media_identify(written()), WARD_MEDIA_HEIF);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, written()), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "the heif picture is a sequence, which cannot be read here");
}

/* PNM of the pixels that the item has when it is decoded alone. */
static bool part_is(uint32_t part, const char *name, int which)
{
	static const char head[] = "P6\n64 64\n255\n";
	const struct ward_buf *bytes = &got.part_bytes[part];

	return got.part_count > part && strcmp(got.part_names[part], name) == 0 &&
	       bytes->len == sizeof(head) - 1 + sizeof(alone[0]) &&
	       memcmp(bytes->ptr, head, sizeof(head) - 1) == 0 &&
	       memcmp(bytes->ptr + sizeof(head) - 1, alone[which], sizeof(alone[0])) == 0;
}

static void thumbnails_and_companions_are_parts(void)
{
	static const uint8_t kind[32] = "\0\0\0\x20"
					"auxC\0\0\0\0urn:lamp:brightness";
	const struct make_item items[] = {
		{ .type = "hvc1", .coded = &code[0] },
		{ .type = "hvc1", .coded = &code[1] },
		{ .type = "hvc1", .coded = &code[0] },
		{ .type = "hvc1", .coded = &code[1], .properties = { { kind, sizeof(kind) } } },
	};
	const struct make_reference references[] = {
		{ "thmb", 2, 1, { 1 } },
		{ "thmb", 3, 1, { 1 } },
		{ "auxl", 4, 1, { 1 } },
	};

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), references, 3)), WARD_OK);
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(got.part_count, 3);
	CHECK(part_is(0, "thumbnail", 1));
	CHECK(part_is(1, "thumbnail 2", 0));
	CHECK(part_is(2, "companion", 1));
}

static void more_thumbnails_than_there_are_are_told(void)
{
	struct make_item items[18];
	struct make_reference references[17];

	for (uint16_t i = 0; i < 18; i++) {
		items[i] = (struct make_item){ .type = "hvc1", .coded = &code[0] };
		if (i > 0)
			references[i - 1] = (struct make_reference){ "thmb", (uint16_t)(i + 1), 1,
				{ 1 } };
	}
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(items, 17, references, 16)), WARD_OK);
	CHECK_EQ(got.part_count, 16);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(items, 18, references, 17)), WARD_E_LIMIT);
	CHECK_EQ(got.part_count, 16);
}

static void the_thumbnail_in_an_exif_block_is_a_part(void)
{
	static const uint8_t exif[] = "\0\0\0\2.."
				      "MM\0*\0\0\0\x08\0\0\0\0\0\x0e"
				      "\0\2\2\1\0\4\0\0\0\1\0\0\0\x2c\2\2\0\4\0\0\0\1\0\0\0\5"
				      "\0\0\0\0\xff\xd8\xff..";
	const struct make_item items[] = {
		{ .type = "hvc1", .coded = &code[0] },
		{ .type = "Exif", .data = { exif, sizeof(exif) - 1 } },
	};
	const struct make_reference of = { "cdsc", 2, 1, { 1 } };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &of, 1)), WARD_OK);
	CHECK_EQ(got.part_count, 1);
	CHECK_STR(got.part_names[0], "EXIF thumbnail");
	CHECK_EQ(got.part_bytes[0].len, 5);
}

static void a_picture_in_an_unknown_coding_is_told(void)
{
	const struct make_item items[] = {
		{ .type = "hvc1", .coded = &code[0] },
		{ .type = "jpeg", .data = { drawn[0], 100 }, .width = SIDE, .height = SIDE },
	};
	const struct make_reference thumbnail = { "thmb", 2, 1, { 1 } };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), NULL, 0)), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "the heif file holds a picture coded as jpeg, for which there "
				     "is no decoder here");
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &thumbnail, 1)), WARD_OK);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(&items[1], 1, NULL, 0)), WARD_E_UNSUPPORTED);
	CHECK_STR(got.error.message, "the heif picture is coded as jpeg, for which there is no "
				     "decoder here");
}

/* ---- hostile ---- */

/* libheif would end the process by an assertion. */
static void a_picture_made_of_what_is_none_is_refused(void)
{
	const struct make_item items[] = {
		{ .type = "iovl", .data = { overlay, sizeof(overlay) }, .width = 80, .height = 80 },
		{ .type = "mime", .data = { overlay, sizeof(overlay) } },
	};
	const struct make_reference parts = { "dimg", 1, 1, { 2 } };
	const struct make_item turned[] = {
		{ .type = "iden", .width = SIDE, .height = SIDE },
		{ .type = "mime", .data = { overlay, sizeof(overlay) } },
	};

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &parts, 1)), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the heif picture is made of something that is no picture");
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(turned), &parts, 1)), WARD_E_FORMAT);
}

static void pictures_made_of_each_other_are_refused(void)
{
	const struct make_item items[] = {
		{ .type = "grid", .data = { grid_2_by_1, 8 }, .width = 120, .height = SIDE },
		{ .type = "grid", .data = { grid_2_by_1, 8 }, .width = 120, .height = SIDE },
		{ .type = "iden", .width = 120, .height = SIDE },
	};
	const struct make_reference circle[] = {
		{ "dimg", 1, 2, { 2, 2 } },
		{ "dimg", 2, 2, { 3, 3 } },
		{ "dimg", 3, 1, { 1 } },
	};
	const struct make_item alphas[] = {
		{ .type = "hvc1", .coded = &code[0], .properties = { is_alpha } },
		{ .type = "hvc1", .coded = &code[1], .properties = { is_alpha } },
	};
	const struct make_reference each_others_alpha[] = {
		{ "auxl", 1, 1, { 2 } },
		{ "auxl", 2, 1, { 1 } },
	};

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), LIST(circle))), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the heif picture's parts refer to each other without end");
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(alphas), LIST(each_others_alpha))),
			WARD_E_FORMAT);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &circle[2], 1)), WARD_E_FORMAT);
	CHECK_EQ(got.frame_count, 0);
}

static void a_canvas_beyond_the_limit_takes_no_memory(void)
{
	static const uint8_t grid[8] = { 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t wide_overlay[] = { 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct make_item items[] = {
		{ .type = "grid", .data = { grid, 8 }, .width = SIDE, .height = SIDE },
		{ .type = "hvc1", .coded = &code[0], .hidden = true },
	};
	const struct make_reference tiles = { "dimg", 1, 1, { 2 } };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &tiles, 1)), WARD_E_LIMIT);
	CHECK_STR(got.error.message, "the heif picture is put together on 65535 x 65535, more than "
				     "the limit of 1000000000 pixels");
	items[0].type = "iovl";
	items[0].data = (ward_bytes){ wide_overlay, sizeof(wide_overlay) };
	CHECK_EQ(decode(WARD_MEDIA_HEIF, layout_of(LIST(items), &tiles, 1)), WARD_E_LIMIT);
}

static void what_the_header_claims_is_held_against_the_limit(void)
{
	const struct make_item claims = { .type = "hvc1",
		.coded = &code[0],
		.width = 32000,
		.height = 32000 };

	CHECK_EQ(decode(WARD_MEDIA_HEIF, single(claims)), WARD_E_LIMIT);
	CHECK_EQ(got.facts_told, 0);
	got.options.limits.pixels_max = 2000000000;
	got.options.limits.memory_max = 2000000000;
	CHECK_EQ(decode(WARD_MEDIA_HEIF, written()), WARD_E_LIMIT);
	CHECK_EQ(got.frame_count, 0);
}

static void a_coded_picture_larger_than_its_header_says_is_told_as_such(void)
{
	const struct make_item lies[] = {
		{ .type = "hvc1", .coded = &code[0], .width = 16, .height = 16 },
		{ .type = "av01", .coded = &av1_code, .width = 16, .height = 16 },
	};

	for (int i = 0; i < 2; i++) {
		ward_media_kind kind = i ? WARD_MEDIA_AVIF : WARD_MEDIA_HEIF;

		CHECK_EQ(decode(kind, single(lies[i])), WARD_E_FORMAT);
		CHECK_EQ(got.frame_count, 1);
		CHECK_EQ(got.frames[0].image.width, SIDE);
		got.options.limits.pixels_max = 1000;
		CHECK_EQ(decode(kind, written()), WARD_E_LIMIT);
		CHECK_EQ(got.frame_count, 0);
	}
}

/* ---- trouble ---- */

static void a_file_that_breaks_off_is_never_whole(void)
{
	for (int i = 0; i < 2; i++) {
		ward_media_kind kind = i ? WARD_MEDIA_AVIF : WARD_MEDIA_HEIF;
		ward_bytes bytes =
				i ? single((struct make_item){ .type = "av01", .coded = &av1_code })
				  : single((struct make_item){ .type = "hvc1", .coded = &code[0] });

		CHECK_EQ(decode(kind, bytes), WARD_OK);
		for (size_t len = 0; len < bytes.len; len++) {
			CHECK(decode(kind, (ward_bytes){ bytes.ptr, len }) != WARD_OK);
			CHECK(got.error.message[0] != 0);
		}
	}
}

static void tiles_behind_the_break_are_black(void)
{
	static const uint8_t grid[8] = { 0, 0, 0, 2, 0, 3 * SIDE, 0, SIDE };
	const struct make_item items[] = {
		{ .type = "grid", .data = { grid, 8 }, .width = 3 * SIDE, .height = SIDE },
		{ .type = "hvc1", .coded = &code[0], .hidden = true },
		{ .type = "hvc1", .coded = &code[1], .hidden = true },
		{ .type = "hvc1", .coded = &code[1], .hidden = true },
	};
	const struct make_reference tiles = { "dimg", 1, 3, { 2, 3, 4 } };
	ward_bytes bytes = layout_of(LIST(items), &tiles, 1);

	bytes.len -= 3 * code[1].data.len / 2;
	CHECK_EQ(decode(WARD_MEDIA_HEIF, bytes), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the heif picture breaks off");
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(memcmp(pixels_of(0), alone[0], (size_t)SIDE * 3), 0);
	CHECK_EQ(memcmp(pixels_of(0) + (size_t)SIDE * 3, alone[1], (size_t)SIDE * 3 / 4), 0);
	for (size_t i = 0; i < (size_t)SIDE * 3; i++)
		CHECK_EQ(pixels_of(0)[(size_t)SIDE * 6 + i], 0);
}

static void bytes_behind_the_last_unit_end_the_decoding(void)
{
	struct coded longer = { .config = code[0].config, .width = SIDE, .height = SIDE };
	const struct make_item item = { .type = "hvc1", .coded = &longer };

	for (int more = 1; more <= 4; more++) {
		ward_buf_init(&longer.data, 1 << 20);
		ward_buf_add(&longer.data, code[0].data.ptr, code[0].data.len);
		make_number(&longer.data, 0, more);
		ward_bytes bytes = single(item);

		ward_buf_free(&longer.data);
		/* Four zeros are an empty unit. */
		CHECK_EQ(decode(WARD_MEDIA_HEIF, bytes), more == 4 ? WARD_OK : WARD_E_FORMAT);
		CHECK_EQ(got.frame_count, 1);
		CHECK_EQ(memcmp(pixels_of(0), alone[0], sizeof(alone[0])), 0);
	}
}

static void damage_inside_is_an_error(void)
{
	const struct make_item item = { .type = "hvc1", .coded = &code[0] };
	ward_bytes bytes = single(item);

	/* The second half of the coded samples, then all of it. */
	memset(file.ptr + file.len - code[0].data.len / 2, 0, code[0].data.len / 2);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, bytes), WARD_E_FORMAT);
	CHECK_STR(got.error.message, "the heif picture is damaged");
	CHECK_EQ(got.frame_count, 1);
	CHECK_EQ(memcmp(pixels_of(0), alone[0], (size_t)SIDE * 3), 0);
	memset(file.ptr + file.len - code[0].data.len, 0xff, code[0].data.len);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, bytes), WARD_E_FORMAT);
	CHECK_EQ(got.frame_count, 0);
	CHECK_EQ(decode(WARD_MEDIA_HEIF, (ward_bytes){ (const uint8_t *)"\0\0\0\x10"
									"ftypheic\0\0\0\0",
							 16 }),
			WARD_E_FORMAT);
	CHECK_EQ(got.facts_told, 0);
}

static const struct test_case cases[] = {
	{ "comes out as libheif decodes it", comes_out_as_libheif_decodes_it },
	{ "deep samples are scaled", deep_samples_are_scaled },
	{ "grey comes out as grey", grey_comes_out_as_grey },
	{ "alpha is told as stored and over white", alpha_is_told_as_stored_and_over_white },
	{ "colours multiplied by alpha are divided by it",
			colours_multiplied_by_alpha_are_divided_by_it },
	{ "the file's own turning is applied", the_files_own_turning_is_applied },
	{ "the file's own cropping is applied", the_files_own_cropping_is_applied },
	{ "an EXIF orientation beside it is not told", an_exif_orientation_beside_it_is_not_told },
	{ "tiles are put together", tiles_are_put_together },
	{ "what no tile covers is black", what_no_tile_covers_is_black },
	{ "an overlay lies on its background", an_overlay_lies_on_its_background },
	{ "other pictures follow as frames", other_pictures_follow_as_frames },
	{ "a picture that cannot be read does not hide the next",
			a_picture_that_cannot_be_read_does_not_hide_the_next },
	{ "a sequence is told as one that cannot be read",
			a_sequence_is_told_as_one_that_cannot_be_read },
	{ "thumbnails and companions are parts", thumbnails_and_companions_are_parts },
	{ "more thumbnails than there are are told", more_thumbnails_than_there_are_are_told },
	{ "the thumbnail in an EXIF block is a part", the_thumbnail_in_an_exif_block_is_a_part },
	{ "a picture in an unknown coding is told", a_picture_in_an_unknown_coding_is_told },
	{ "a picture made of what is none is refused", a_picture_made_of_what_is_none_is_refused },
	{ "pictures made of each other are refused", pictures_made_of_each_other_are_refused },
	{ "a canvas beyond the limit takes no memory", a_canvas_beyond_the_limit_takes_no_memory },
	{ "what the header claims is held against the limit",
			what_the_header_claims_is_held_against_the_limit },
	{ "a coded picture larger than its header says is told as such",
			a_coded_picture_larger_than_its_header_says_is_told_as_such },
	{ "a file that breaks off is never whole", a_file_that_breaks_off_is_never_whole },
	{ "tiles behind the break are black", tiles_behind_the_break_are_black },
	{ "bytes behind the last unit end the decoding",
			bytes_behind_the_last_unit_end_the_decoding },
	{ "damage inside is an error", damage_inside_is_an_error },
};

/* The pictures that all cases are about. */
static void prepare(void)
{
	for (int i = 0; i < 2; i++) {
		draw_lighthouse(drawn[i], SIDE, SIDE, 3, i ? 4u : 1u);
		make_code(&code[i], drawn[i], SIDE, SIDE, heif_compression_HEVC);
	}
	make_code(&av1_code, drawn[0], SIDE, SIDE, heif_compression_AV1);
	for (int i = 0; i < 2; i++) {
		const struct make_item item = { .type = "hvc1", .coded = &code[i] };

		if (decode(WARD_MEDIA_HEIF, single(item)) != WARD_OK) {
			printf("Bail out! %s\n", got.error.message);
			abort();
		}
		memcpy(alone[i], pixels_of(0), sizeof(alone[i]));
	}
}

int main(void)
{
	/* First, for it may find the encoders in its folder; decode_prepare does not look there. */
	make_must(heif_init(NULL));
	decode_prepare();
	if (!heif_have_encoder_for_format(heif_compression_HEVC) ||
			!heif_have_encoder_for_format(heif_compression_AV1)) {
		printf("1..0 # skip libheif has no encoders of HEVC and AV1 here\n");
		return 0;
	}
	collect_init(&got);
	prepare();
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	start();
	collect_clear(&got);
	for (int i = 0; i < 2; i++)
		make_uncode(&code[i]);
	make_uncode(&av1_code);
	return failed;
}
