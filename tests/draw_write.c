/* Pictures into files, with the reference encoders. */
#include "draw.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <gif_lib.h>
#include <jpeglib.h>
#include <png.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <webp/encode.h>

_Noreturn void draw_fail(const char *what, const char *path)
{
	fprintf(stderr, "ward-draw: %s: %s%s%s\n", path, what, errno ? ": " : "",
			errno ? strerror(errno) : "");
	exit(2);
}

void write_bytes(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
		draw_fail("cannot be written", path);
}

static void write_exif(struct jpeg_compress_struct *jpeg, int orientation)
{
	uint8_t exif[] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0";

	exif[24] = (uint8_t)orientation;
	jpeg_write_marker(jpeg, JPEG_APP0 + 1, exif, sizeof(exif) - 1);
}

void write_jpeg(const char *path, const struct picture *picture, int quality, bool progressive,
		int exif_orientation)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	FILE *file = fopen(path, "wb");

	if (!file)
		draw_fail("cannot be written", path);
	jpeg.err = jpeg_std_error(&errors); /* says what is wrong, and exits */
	jpeg_create_compress(&jpeg);
	jpeg_stdio_dest(&jpeg, file);
	jpeg.image_width = (JDIMENSION)picture->width;
	jpeg.image_height = (JDIMENSION)picture->height;
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, quality, TRUE);
	if (progressive)
		jpeg_simple_progression(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	if (exif_orientation > 0)
		write_exif(&jpeg, exif_orientation);
	while (jpeg.next_scanline < jpeg.image_height) {
		JSAMPROW row = picture->rgb +
			       (size_t)jpeg.next_scanline * (size_t)picture->width * 3;

		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
	if (fclose(file) != 0)
		draw_fail("cannot be written", path);
}

void write_png(const char *path, const struct picture *picture)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)picture->width,
		.height = (png_uint_32)picture->height,
		.format = PNG_FORMAT_RGB };

	if (!png_image_write_to_file(&image, path, 0, picture->rgb, 0, NULL))
		draw_fail(image.message, path);
}

void write_webp(const char *path, const struct picture *picture, int quality)
{
	uint8_t *bytes = NULL;
	size_t len = WebPEncodeRGB(picture->rgb, picture->width, picture->height,
			picture->width * 3, (float)quality, &bytes);

	if (len == 0)
		draw_fail("the WebP encoder refused", path);
	write_bytes(path, bytes, len);
	WebPFree(bytes);
}

/* 6 levels of red, 7 of green, 6 of blue: no palette to compute. */
static ColorMapObject *gif_colours(void)
{
	ColorMapObject *map = GifMakeMapObject(256, NULL);

	for (int i = 0; map && i < 252; i++)
		map->Colors[i] = (GifColorType){ (GifByteType)(i / 42 * 51),
			(GifByteType)(i / 6 % 7 * 42), (GifByteType)(i % 6 * 51) };
	return map;
}

static void gif_frame(GifFileType *gif, const struct picture *picture, const char *path)
{
	GifByteType delay[4] = { 4, 20, 0, 0 }; /* 0.2 s */
	GifPixelType *row = malloc((size_t)picture->width);
	bool fine = row && EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, delay) == GIF_OK &&
		    EGifPutImageDesc(gif, 0, 0, picture->width, picture->height, false, NULL) ==
				    GIF_OK;

	for (int y = 0; fine && y < picture->height; y++) {
		const uint8_t *rgb = picture->rgb + (size_t)y * (size_t)picture->width * 3;

		for (int x = 0; x < picture->width; x++, rgb += 3)
			row[x] = (GifPixelType)((rgb[0] + 25) / 51 * 42 +
						((rgb[1] + 21) / 42 > 6 ? 6 : (rgb[1] + 21) / 42) *
								6 +
						(rgb[2] + 25) / 51);
		fine = EGifPutLine(gif, row, picture->width) == GIF_OK;
	}
	free(row);
	if (!fine)
		draw_fail("the GIF encoder refused", path);
}

void write_gif(const char *path, const struct picture *frames, int count)
{
	int trouble = 0;
	GifFileType *gif = EGifOpenFileName(path, false, &trouble);
	ColorMapObject *map = gif_colours();

	if (!gif || !map)
		draw_fail("cannot be written", path);
	EGifSetGifVersion(gif, true);
	if (EGifPutScreenDesc(gif, frames->width, frames->height, 8, 0, map) != GIF_OK)
		draw_fail("the GIF encoder refused", path);
	for (int i = 0; i < count; i++)
		gif_frame(gif, frames + i, path);
	if (EGifCloseFile(gif, &trouble) != GIF_OK)
		draw_fail("cannot be written", path);
	GifFreeMapObject(map);
}

static void put_le(uint8_t *to, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

void write_bmp(const char *path, const struct picture *picture)
{
	size_t stride = ((size_t)picture->width * 3 + 3) & ~(size_t)3;
	size_t len = 54 + stride * (size_t)picture->height;
	uint8_t *bytes = calloc(1, len);

	if (!bytes)
		draw_fail("out of memory", path);
	memcpy(bytes, "BM", 2);
	put_le(bytes + 2, (uint32_t)len, 4);
	put_le(bytes + 10, 54, 4);
	put_le(bytes + 14, 40, 4);
	put_le(bytes + 18, (uint32_t)picture->width, 4);
	put_le(bytes + 22, (uint32_t)picture->height, 4);
	put_le(bytes + 26, 1, 2);
	put_le(bytes + 28, 24, 2);
	for (int y = 0; y < picture->height; y++) {
		const uint8_t *from = picture->rgb + (size_t)y * (size_t)picture->width * 3;
		uint8_t *to = bytes + 54 + stride * (size_t)(picture->height - 1 - y);

		for (int x = 0; x < picture->width; x++, from += 3, to += 3) {
			to[0] = from[2];
			to[1] = from[1];
			to[2] = from[0];
		}
	}
	write_bytes(path, bytes, len);
	free(bytes);
}

void write_tiff(const char *path, const struct picture *picture)
{
	TIFF *tiff = TIFFOpen(path, "w");
	bool fine = tiff != NULL;

	if (!tiff)
		draw_fail("cannot be written", path);
	TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)picture->width);
	TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)picture->height);
	TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
	TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
	TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
	TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
	TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
	TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 64u);
	for (int y = 0; fine && y < picture->height; y++)
		fine = TIFFWriteScanline(tiff,
				       picture->rgb + (size_t)y * (size_t)picture->width * 3,
				       (uint32_t)y, 0) == 1;
	TIFFClose(tiff);
	if (!fine)
		draw_fail("the TIFF encoder refused", path);
}

static void archive_file(struct archive *archive, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct archive_entry *entry = archive_entry_new();
	FILE *file = fopen(path, "rb");
	struct stat st;
	char chunk[8192];
	size_t got;

	if (!entry || !file || fstat(fileno(file), &st) < 0)
		draw_fail("cannot be read", path);
	archive_entry_set_pathname(entry, slash ? slash + 1 : path);
	archive_entry_set_size(entry, st.st_size);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	if (archive_write_header(archive, entry) != ARCHIVE_OK)
		draw_fail("cannot be packed", path);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
		if (archive_write_data(archive, chunk, got) != (la_ssize_t)got)
			draw_fail("cannot be packed", path);
	}
	archive_entry_free(entry);
	fclose(file);
}

void write_archive(const char *path, const char *const *files, int count)
{
	struct archive *archive = archive_write_new();
	size_t len = strlen(path);
	bool tar = len > 7 && strcmp(path + len - 7, ".tar.gz") == 0;

	if (!archive)
		draw_fail("out of memory", path);
	if (tar) {
		archive_write_add_filter_gzip(archive);
		archive_write_set_format_ustar(archive);
	} else {
		archive_write_set_format_zip(archive);
	}
	if (archive_write_open_filename(archive, path) != ARCHIVE_OK)
		draw_fail("cannot be written", path);
	for (int i = 0; i < count; i++)
		archive_file(archive, files[i]);
	if (archive_write_close(archive) != ARCHIVE_OK)
		draw_fail("cannot be written", path);
	archive_write_free(archive);
}
