/*
 * ward-worker in its jail (its path is the argument) says of every file what
 * the decoders say outside of it: the jail takes nothing from them that they
 * need.  The files are those of tests/corpus, whole and broken ones, and large
 * pictures drawn here.
 */
#include <ward/view.h>

#include <dirent.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"
#include "decode/collect.h"
#include "decode/document.h"
#include "decode/heif_make.h"
#include "decode/view.h"

static struct ward_box *box;

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED true /* freed memory stays for a while, so that its use is seen */
#else
#define SANITIZED false
#endif

/* ---- what came out of it ---- */

/* Everything that was told, in a form that can be compared. */
struct told {
	ward_err err;
	char message[240];
	uint32_t frames, parts;
	uint64_t sum; /* of facts, frames, pixels, names and bytes */
};

static void add(struct told *told, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		told->sum = (told->sum ^ at[i]) * 1099511628211u;
}

static void add_number(struct told *told, uint64_t number)
{
	add(told, &number, sizeof(number));
}

static void add_facts(struct told *told, const struct ward_picture_facts *facts)
{
	add_number(told, facts->kind);
	add_number(told, (uint64_t)facts->width << 32 | facts->height);
	add_number(told, (uint64_t)facts->orientation << 32 | facts->frames);
	add_number(told, (uint64_t)facts->bits << 2 | (uint64_t)facts->has_alpha << 1 |
					 facts->is_cmyk);
}

static void add_frame(struct told *told, const struct ward_frame *frame)
{
	const struct ward_image *image = &frame->image;

	told->frames++;
	add_number(told, (uint64_t)image->width << 32 | image->height);
	add_number(told, (uint64_t)frame->index << 32 | frame->time_ms);
	add_number(told,
			(uint64_t)frame->scale << 8 | (unsigned)frame->view << 4 | image->channels);
	for (uint32_t y = 0; y < image->height; y++)
		add(told, image->pixels + y * image->stride,
				(size_t)image->width * image->channels);
}

static void add_part(struct told *told, ward_str name, bool encrypted)
{
	told->parts++;
	add(told, name.ptr, name.len);
	add_number(told, encrypted);
}

/* ---- outside: the decoders themselves ---- */

struct outside {
	struct told told;
	uint8_t *canvas;
};

static uint8_t *give_canvas(void *context, size_t len)
{
	struct outside *outside = context;

	free(outside->canvas);
	outside->canvas = malloc(len);
	return outside->canvas;
}

static ward_err hear_facts(void *context, const struct ward_picture_facts *facts)
{
	add_facts(&((struct outside *)context)->told, facts);
	return WARD_OK;
}

static ward_err hear_frame(void *context, const struct ward_frame *frame)
{
	add_frame(&((struct outside *)context)->told, frame);
	return WARD_OK;
}

static ward_err hear_part(void *context, ward_str name, bool encrypted)
{
	add_part(&((struct outside *)context)->told, name, encrypted);
	return WARD_OK;
}

static ward_err hear_data(void *context, ward_bytes bytes)
{
	add(&((struct outside *)context)->told, bytes.ptr, bytes.len);
	return WARD_OK;
}

static struct told decode_outside(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options)
{
	struct outside outside = { 0 };
	const struct decode_sink sink = { &outside, give_canvas, hear_facts, hear_frame, hear_part,
		hear_data };
	struct ward_error error = { 0 };

	if (ward_media_is_picture(kind))
		outside.told.err = decode_picture(kind, file, options, &sink, &error);
	else if (ward_media_is_document(kind))
		outside.told.err = document_read(kind, file, options, &sink, &error);
	else
		outside.told.err = decode_archive(kind, file, options, &sink, &error);
	if (outside.told.err)
		snprintf(outside.told.message, sizeof(outside.told.message), "%s", error.message);
	free(outside.canvas);
	return outside.told;
}

/* ---- inside: the same through the box ---- */

static struct told decode_inside(ward_media_kind kind, ward_bytes file,
		const struct ward_decode_options *options)
{
	struct told told = { 0 };
	struct ward_error error = { 0 };
	struct ward_event event = { .kind = WARD_EVENT_FACTS };
	int fd = ward_box_memory(file, &error);

	told.err = ward_box_start(box,
			ward_media_is_picture(kind) ? WARD_JOB_PICTURE : WARD_JOB_ARCHIVE, kind, fd,
			file.len, options, &error);
	close(fd);
	while (!told.err && event.kind != WARD_EVENT_END) {
		told.err = ward_box_next(box, &event, &error);
		if (told.err)
			break;
		if (event.kind == WARD_EVENT_FACTS)
			add_facts(&told, &event.facts);
		else if (event.kind == WARD_EVENT_FRAME)
			add_frame(&told, &event.frame);
		else if (event.kind == WARD_EVENT_PART)
			add_part(&told, event.part_name, event.part_encrypted);
		else if (event.kind == WARD_EVENT_DATA)
			add(&told, event.data.ptr, event.data.len);
		else if (event.err)
			told.err = ward_fail(&error, event.err, "%s", event.message);
	}
	if (told.err)
		snprintf(told.message, sizeof(told.message), "%s", error.message);
	return told;
}

static bool is_same(const struct told *inside, const struct told *outside, const char *name)
{
	bool same = inside->err == outside->err && inside->frames == outside->frames &&
		    inside->parts == outside->parts && inside->sum == outside->sum &&
		    strcmp(inside->message, outside->message) == 0;

	if (!same)
		printf("# %s: %s, %u frames, %u parts: %s\n#   in the jail %s, %u frames, %u "
		       "parts: %s\n",
				name, ward_err_name(outside->err), outside->frames, outside->parts,
				outside->message, ward_err_name(inside->err), inside->frames,
				inside->parts, inside->message);
	return same;
}

static struct ward_decode_options plain_options(void)
{
	struct ward_decode_options options = { .limits = ward_limits_default() };

	/* A kind of trouble that depends on the machine's memory is not looked for here. */
	options.limits.pixels_max = 200 * 1000 * 1000;
	options.limits.bytes_max = 64 << 20;
	return options;
}

static bool same_in_the_jail(ward_bytes file, const char *name)
{
	struct ward_decode_options options = plain_options();
	ward_media_kind kind = ward_media_identify(file);

	if (!ward_media_is_picture(kind) && !ward_media_is_archive(kind))
		return true;
	struct told outside = decode_outside(kind, file, &options);
	struct told inside = decode_inside(kind, file, &options);

	return is_same(&inside, &outside, name);
}

/* ---- small files ---- */

/* How many files below tests/corpus come out otherwise; `seen` counts them by kind. */
static int differences(unsigned seen[WARD_MEDIA_KIND_COUNT], const char *folder)
{
	char path[4096];
	struct dirent *entry;
	int wrong = 0;

	snprintf(path, sizeof(path), "%s/tests/corpus/%s", getenv("WARD_SOURCE_ROOT"), folder);
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir))) {
		char file[8192], *text;
		size_t len;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (file_read(file, 16 << 20, &text, &len, NULL))
			continue;
		/* A fuzz target's first byte is options, and behind it is the file. */
		for (size_t skip = 0; skip <= 1 && skip <= len; skip++) {
			ward_bytes bytes = { (const uint8_t *)text + skip, len - skip };

			seen[ward_media_identify(bytes)]++;
			wrong += !same_in_the_jail(bytes, entry->d_name);
		}
		free(text);
	}
	if (dir)
		closedir(dir);
	return wrong;
}

static void each_file_of_the_corpora_comes_out_the_same(void)
{
	static const char *const folders[] = { "document", "pdf", "pst", "jpeg", "png", "pnm",
		"gif", "webp", "bmp", "tiff", "heif", "archive", "media" };
	unsigned seen[WARD_MEDIA_KIND_COUNT] = { 0 };
	int wrong = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		wrong += differences(seen, folders[i]);
	for (int kind = 0; kind < WARD_MEDIA_KIND_COUNT; kind++) {
		if (ward_media_is_picture((ward_media_kind)kind) ||
				ward_media_is_archive((ward_media_kind)kind))
			printf("# %s: %u files\n", ward_media_name((ward_media_kind)kind),
					seen[kind]);
	}
	CHECK_EQ(wrong, 0);
	CHECK(seen[WARD_MEDIA_JPEG] > 5 && seen[WARD_MEDIA_PNG] > 5 && seen[WARD_MEDIA_PNM] > 5);
	CHECK(seen[WARD_MEDIA_BMP] > 5 && seen[WARD_MEDIA_TIFF] > 5);
	CHECK(seen[WARD_MEDIA_HEIF] > 5 && seen[WARD_MEDIA_AVIF] > 5);
	CHECK(seen[WARD_MEDIA_PDF] > 5 && seen[WARD_MEDIA_MAIL] > 3);
}

/* ---- large files ---- */

/* Stripes: quick to draw, and not flat. */
static void draw_row(uint8_t *row, uint32_t y, size_t len)
{
	for (size_t i = 0; i < len; i++)
		row[i] = (uint8_t)(i / 7 + y / 5);
}

static ward_bytes large_jpeg(uint32_t width, uint32_t height, bool progressive, uint8_t **memory)
{
	struct jpeg_compress_struct turbo;
	struct jpeg_error_mgr errors;
	unsigned long len = 0;
	uint8_t *row = malloc((size_t)width * 3);

	*memory = NULL;
	turbo.err = jpeg_std_error(&errors);
	jpeg_create_compress(&turbo);
	jpeg_mem_dest(&turbo, memory, &len);
	turbo.image_width = width;
	turbo.image_height = height;
	turbo.input_components = 3;
	turbo.in_color_space = JCS_RGB;
	jpeg_set_defaults(&turbo);
	if (progressive)
		jpeg_simple_progression(&turbo);
	jpeg_start_compress(&turbo, TRUE);
	while (turbo.next_scanline < height) {
		draw_row(row, turbo.next_scanline, (size_t)width * 3);
		jpeg_write_scanlines(&turbo, &row, 1);
	}
	jpeg_finish_compress(&turbo);
	jpeg_destroy_compress(&turbo);
	free(row);
	return (ward_bytes){ *memory, len };
}

static ward_bytes large_png(uint32_t width, uint32_t height, char **memory)
{
	size_t len = 0;
	FILE *out = open_memstream(memory, &len);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	uint8_t *row = malloc((size_t)width * 4);

	png_init_io(png, out);
	png_set_compression_level(png, 1);
	png_set_filter(png, 0, PNG_FILTER_NONE);
	png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
			PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (uint32_t y = 0; y < height; y++) {
		draw_row(row, y, (size_t)width * 4);
		png_write_row(png, row);
	}
	png_write_end(png, NULL);
	png_destroy_write_struct(&png, &info);
	free(row);
	fclose(out);
	return (ward_bytes){ (const uint8_t *)*memory, len };
}

/* Red, green and blue bytes, and no alpha. */
static ward_bytes large_bmp(uint32_t width, uint32_t height, uint8_t **memory)
{
	size_t stride = (size_t)width * 4, len = 54 + stride * height;
	uint8_t *bytes = calloc(1, len);
	const uint32_t fields[] = { (uint32_t)len, 0, 54, 40, width, height, 1 | 32 << 16 };

	memcpy(bytes, "BM", 2);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		for (int j = 0; j < 4; j++)
			bytes[2 + 4 * i + (size_t)j] = (uint8_t)(fields[i] >> (8 * j));
	}
	for (uint32_t y = 0; y < height; y++)
		draw_row(bytes + 54 + stride * y, y, stride);
	*memory = bytes;
	return (ward_bytes){ bytes, len };
}

/* Sixteen bits of red, green, blue and alpha, all in one strip. */
static ward_bytes large_tiff(uint32_t width, uint32_t height, uint16_t compression,
		uint8_t **memory)
{
	const uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
	FILE *file = tmpfile();
	TIFF *tiff = TIFFFdOpen(dup(fileno(file)), "large", "w");
	uint8_t *row = malloc((size_t)width * 8);

	TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
	TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
	TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
	TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 4);
	TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
	TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
	TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
	TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, height);
	for (uint32_t y = 0; y < height; y++) {
		draw_row(row, y, (size_t)width * 8);
		TIFFWriteScanline(tiff, row, y, 0);
	}
	TIFFClose(tiff);
	free(row);

	size_t len = (size_t)lseek(fileno(file), 0, SEEK_END);

	*memory = malloc(len);
	len = pread(fileno(file), *memory, len, 0) == (ssize_t)len ? len : 0;
	fclose(file);
	return (ward_bytes){ *memory, len };
}

/* As telephones write it: tiles of 512 x 512 (all of them the same one here), 12 megapixels. */
static ward_bytes large_heif(enum heif_compression_format format, struct ward_buf *memory)
{
	static uint8_t tile[512 * 512 * 3];
	static const uint8_t grid[8] = { 0, 0, 5, 7, 4000 >> 8, 4000 & 255, 3000 >> 8, 3000 & 255 };
	bool is_hevc = format == heif_compression_HEVC;
	struct coded code;
	struct make_reference tiles = { .type = "dimg", .from = 1, .count = 48 };

	for (uint32_t y = 0; y < 512; y++)
		draw_row(tile + (size_t)y * 512 * 3, y, 512 * 3);
	make_code(&code, tile, 512, 512, format);
	for (int i = 0; i < 48; i++)
		tiles.to[i] = 2;
	const struct make_item items[] = {
		{ .type = "grid", .data = { grid, 8 }, .width = 4000, .height = 3000 },
		{ .type = is_hevc ? "hvc1" : "av01", .coded = &code, .hidden = true },
	};
	const struct make_layout layout = { is_hevc ? "heic" : "avif", items, 2, &tiles, 1 };
	ward_bytes file = make_file(memory, &layout);

	make_uncode(&code);
	return file;
}

static ward_bytes heif_in_one_piece(struct ward_buf *memory)
{
	uint8_t *pixels = malloc((size_t)1200 * 900 * 3);

	for (uint32_t y = 0; y < 900; y++)
		draw_row(pixels + (size_t)y * 1200 * 3, y, 1200 * 3);
	make_plain(memory, pixels, 1200, 900, 3, 8, heif_compression_HEVC);
	free(pixels);
	return (ward_bytes){ (const uint8_t *)memory->ptr, memory->len };
}

static bool large_heifs_are_the_same(void)
{
	static const enum heif_compression_format formats[2] = { heif_compression_HEVC,
		heif_compression_AV1 };
	bool same = true;

	for (int i = 0; i < 2; i++) {
		struct ward_buf memory;

		if (!heif_have_encoder_for_format(formats[i])) {
			printf("# libheif has no encoder here: no large heif\n");
			continue;
		}
		same = same_in_the_jail(large_heif(formats[i], &memory), "large heif") && same;
		ward_buf_free(&memory);
	}
	return same;
}

static void pictures_beyond_the_window_come_out_the_same(void)
{
	uint8_t *jpeg, *other;
	char *png;
	int pid = ward_box_pid(box);
	bool same = same_in_the_jail(large_jpeg(8000, 5000, false, &jpeg), "large jpeg");

	free(jpeg);
	same = same_in_the_jail(large_jpeg(6000, 4500, true, &jpeg), "large progressive jpeg") &&
	       same;
	free(jpeg);
	same = same_in_the_jail(large_png(5000, 5000, &png), "large png") && same;
	free(png);
	same = same_in_the_jail(large_bmp(5000, 3000, &other), "large bmp") && same;
	free(other);
	same = same_in_the_jail(large_tiff(3000, 2500, COMPRESSION_NONE, &other), "large tiff") &&
	       same;
	free(other);
	same = same_in_the_jail(large_tiff(3000, 2500, COMPRESSION_LZW, &other),
			       "large packed tiff") &&
	       same;
	free(other);
	same = large_heifs_are_the_same() && same;
	CHECK(same);
	CHECK_EQ(ward_box_pid(box), pid);
}

/* A job that does not get the memory it needs ends with a sentence, and the worker lives on. */
static void a_job_without_enough_memory_ends_with_a_sentence(void)
{
	struct ward_decode_options options = plain_options();
	uint8_t *jpeg;
	ward_bytes file = large_jpeg(4000, 3000, true, &jpeg);

	CHECK(same_in_the_jail(file, "progressive jpeg"));
	int pid = ward_box_pid(box);

	for (uint64_t megabytes = 1; megabytes < 64; megabytes *= 2) {
		options.limits.memory_max = megabytes << 20;
		struct told told = decode_inside(WARD_MEDIA_JPEG, file, &options);

		CHECK(told.err == WARD_E_LIMIT || told.err == WARD_E_NOMEM);
		CHECK(told.message[0] != 0);
	}
	free(jpeg);
	file = large_tiff(2000, 1500, COMPRESSION_LZW, &jpeg);
	CHECK(same_in_the_jail(file, "packed tiff"));
	for (uint64_t megabytes = 1; megabytes < 16; megabytes *= 2) {
		options.limits.memory_max = megabytes << 20;
		struct told told = decode_inside(WARD_MEDIA_TIFF, file, &options);

		CHECK(told.err == WARD_E_LIMIT || told.err == WARD_E_NOMEM);
		CHECK(told.message[0] != 0);
	}
	free(jpeg);
	CHECK_EQ(ward_box_pid(box), pid);
}

/*
 * libheif is written in C++, where memory that is not there may be the end of the process:
 * the limits are asked before, so that it is not.
 */
static void a_heif_without_enough_memory_ends_with_a_sentence(void)
{
	struct ward_decode_options options = plain_options();
	struct ward_buf memory;
	int pid = 0;

	if (!heif_have_encoder_for_format(heif_compression_HEVC)) {
		printf("# libheif has no encoder here\n");
		return;
	}
	for (int one_piece = 0; one_piece < 2; one_piece++) {
		ward_bytes file = one_piece ? heif_in_one_piece(&memory)
					    : large_heif(heif_compression_HEVC, &memory);

		CHECK(same_in_the_jail(file, "heif"));
		pid = one_piece ? pid : ward_box_pid(box);
		for (uint64_t megabytes = 1; megabytes <= 64; megabytes += megabytes / 4 + 1) {
			options.limits.memory_max = megabytes << 20;
			struct told told = decode_inside(WARD_MEDIA_HEIF, file, &options);

			CHECK(told.err == WARD_E_LIMIT || told.err == WARD_E_NOMEM ||
					(one_piece && megabytes >= 8 && !told.err));
			CHECK(!told.err || told.message[0] != 0);
		}
		ward_buf_free(&memory);
	}
	CHECK_EQ(ward_box_pid(box), pid);
}

/* ---- views ---- */

/* The view of this file from inside the jail is, byte for byte, that from outside. */
static bool same_view(ward_bytes file, ward_media_kind kind, const struct ward_view_options *want,
		const char *name)
{
	struct ward_decode_options options = plain_options();
	struct ward_error outside_error = { 0 }, inside_error = { 0 };
	struct decode_view outside;
	struct ward_view inside;
	struct ward_buf outside_bytes, inside_bytes;
	int fd = ward_box_memory(file, &inside_error);

	options.view = *want;
	ward_buf_init(&outside_bytes, WARD_VIEW_BYTES);
	ward_buf_init(&inside_bytes, WARD_VIEW_BYTES);
	ward_err err = decode_view(kind, file, &options, &outside, &outside_bytes, &outside_error);
	ward_err inside_err = ward_view_render(box, fd, file.len, kind, &options.limits, want,
			&inside, &inside_bytes, &inside_error);
	bool same = err == inside_err && outside_bytes.len == inside_bytes.len &&
		    (err ? strcmp(outside_error.message, inside_error.message)
			 : memcmp(outside_bytes.ptr, inside_bytes.ptr, outside_bytes.len)) == 0;

	if (!err && same)
		same = inside.view.width == outside.view.width &&
		       inside.view.frames == outside.view.frames &&
		       inside.view.partial == outside.view.partial &&
		       inside.picture.orientation == outside.picture.orientation;
	if (!same)
		printf("# %s, %s: %s (%s), in the jail %s (%s)\n", name,
				ward_view_level_name(want->level), ward_err_name(err),
				outside_error.message, ward_err_name(inside_err),
				inside_error.message);
	close(fd);
	ward_buf_free(&outside_bytes);
	ward_buf_free(&inside_bytes);
	return same;
}

static bool same_views(ward_bytes file, const char *name)
{
	ward_media_kind kind = ward_media_identify(file);
	bool same = true;

	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_COUNT; level++) {
		struct ward_view_options want = { .level = (ward_view_level)level };

		same = same_view(file, kind, &want, name) && same;
		want.colour = true;
		want.reveal = level == WARD_LEVEL_BLURRED;
		want.reveal_x = 40;
		same = same_view(file, kind, &want, name) && same;
	}
	return same;
}

/* Those of each kind's corpus, at each level: no encoder asks the kernel for what it may not have.
 */
static void each_view_comes_out_the_same(void)
{
	static const char *const folders[] = { "document", "pdf", "jpeg", "png", "pnm", "gif",
		"webp", "bmp", "tiff", "heif" };
	int wrong = 0, pid = 0, shown = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char path[4096];
		struct dirent *entry;

		snprintf(path, sizeof(path), "%s/tests/corpus/%s", getenv("WARD_SOURCE_ROOT"),
				folders[i]);
		DIR *dir = opendir(path);

		for (int n = 0; dir && n < 15 && (entry = readdir(dir)); n++) {
			char file[8192], *text;
			size_t len;

			snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
			if (entry->d_name[0] == '.' || file_read(file, 1 << 20, &text, &len, NULL))
				continue;
			ward_bytes bytes = { (const uint8_t *)text + 1, len > 0 ? len - 1 : 0 };

			if (ward_media_is_picture(ward_media_identify(bytes))) {
				wrong += !same_views(bytes, entry->d_name);
				shown++;
			}
			free(text);
			pid = pid ? pid : ward_box_pid(box);
		}
		if (dir)
			closedir(dir);
	}
	printf("# %d files at 5 levels\n", shown);
	CHECK_EQ(wrong, 0);
	CHECK(shown > 40);
	CHECK_EQ(ward_box_pid(box), pid);
}

static void large_pictures_are_shown_too(void)
{
	static const struct ward_view_options wants[] = { { .level = WARD_LEVEL_MOSAIC },
		{ .level = WARD_LEVEL_CLEAR, .colour = true } };
	uint8_t *jpeg;
	char *png;
	int pid = ward_box_pid(box);
	ward_bytes file = large_jpeg(6000, 4500, true, &jpeg);

	for (int i = 0; i < 2; i++)
		CHECK(same_view(file, WARD_MEDIA_JPEG, &wants[i], "large progressive jpeg"));
	free(jpeg);
	file = large_png(5000, 5000, &png);
	for (int i = 0; i < 2; i++)
		CHECK(same_view(file, WARD_MEDIA_PNG, &wants[i], "large png"));
	free(png);
	CHECK_EQ(ward_box_pid(box), pid);
}

/* ---- many jobs ---- */

static uint64_t resident_pages(void)
{
	char path[64], *text;
	size_t len;
	uint64_t pages = 0;

	snprintf(path, sizeof(path), "/proc/%d/statm", ward_box_pid(box));
	if (file_read(path, 4096, &text, &len, NULL))
		return 0;
	ward_str rest = { text, len };

	ward_str_cut(&rest, ' ');
	if (!ward_u64_parse(ward_str_cut(&rest, ' '), &pages))
		pages = 0;
	free(text);
	return pages;
}

static void the_two_thousandth_job_is_like_the_first(void)
{
	struct ward_decode_options options = plain_options();
	uint8_t *jpeg, *bmp, *tiff;
	char *png;
	ward_bytes files[6];
	struct told first[6];

	files[0] = large_jpeg(300, 200, false, &jpeg);
	files[1] = large_png(300, 200, &png);
	files[2] = (ward_bytes){ files[0].ptr, files[0].len / 2 }; /* ends in an error every time */
	files[3] = large_bmp(300, 200, &bmp);
	files[4] = large_tiff(300, 200, COMPRESSION_LZW, &tiff);
	files[5] = (ward_bytes){ files[4].ptr, files[4].len - 9 };
	for (int i = 0; i < 6; i++)
		first[i] = decode_inside(ward_media_identify(files[i]), files[i], &options);
	uint64_t pages = 0;
	int pid = ward_box_pid(box);

	for (int job = 0; job < 2000; job++) {
		int i = job % 6;
		struct told told = decode_inside(ward_media_identify(files[i]), files[i], &options);

		CHECK(is_same(&told, &first[i], "a small file"));
		if (job == 200)
			pages = resident_pages();
	}
	free(jpeg);
	free(png);
	free(bmp);
	free(tiff);
	printf("# %u pages resident after 200 jobs, %u after 2000\n", (unsigned)pages,
			(unsigned)resident_pages());
	CHECK_EQ(ward_box_pid(box), pid);
	CHECK(pages > 0);
	CHECK(SANITIZED || resident_pages() < pages + 1024);
}

static const struct test_case cases[] = {
	{ "each file of the corpora comes out of the jail as it does without",
			each_file_of_the_corpora_comes_out_the_same },
	{ "pictures beyond the window come out the same",
			pictures_beyond_the_window_come_out_the_same },
	{ "a job without enough memory ends with a sentence",
			a_job_without_enough_memory_ends_with_a_sentence },
	{ "a heif without enough memory ends with a sentence",
			a_heif_without_enough_memory_ends_with_a_sentence },
	{ "each view comes out of the jail as it does without", each_view_comes_out_the_same },
	{ "large pictures are shown, too", large_pictures_are_shown_too },
	{ "the two thousandth job is like the first", the_two_thousandth_job_is_like_the_first },
};

int main(int argc, char **argv)
{
	/* One worker for all of it. */
	const struct ward_box_options options = { .worker = argc > 1 ? argv[1] : NULL,
		.jobs_max = 10000 };

	decode_prepare();
	document_prepare();
	box = ward_box_new(&options);
	if (!box) {
		printf("Bail out! there is no ward-worker\n");
		return 1;
	}
	printf("# %s\n", ward_box_jail());
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	ward_box_free(box);
	return failed;
}
