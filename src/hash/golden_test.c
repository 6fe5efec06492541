/*
 * The published reference's hashes, row by row: golden.tsv (pdq512 and its 8
 * looks) and golden-full.tsv (pdq) in the folder $WARD_GOLDEN.  Pictures are
 * read here with libjpeg and libpng alone, so that a difference is the hash's.
 * Rows of formats this test does not read are left to the decoders' own tests.
 */
#include "base/file.h"
#include "base/test.h"

#include <jpeglib.h>
#include <png.h>
#include <ward/hash.h>

static uint8_t *pixels; /* of the picture read last */

static struct ward_image image_of(uint32_t width, uint32_t height, uint32_t channels)
{
	free(pixels);
	pixels = malloc((size_t)width * height * channels);
	return (struct ward_image){ pixels, (size_t)width * channels, width, height, channels };
}

/* An Adobe CMYK JPEG stores its inks inverted: red is C * K / 255 of what is stored. */
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++) {
		for (int c = 0; c < 3; c++)
			rgb[3 * x + c] = (uint8_t)((cmyk[4 * x + c] * cmyk[4 * x + 3] + 127) / 255);
	}
}

static bool read_jpeg(FILE *file, struct ward_image *image)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_stdio_src(&jpeg, file);
	jpeg_read_header(&jpeg, TRUE);
	bool cmyk = jpeg.num_components == 4;

	jpeg.out_color_space = cmyk ? JCS_CMYK : jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_start_decompress(&jpeg);
	uint32_t width = jpeg.output_width, channels = jpeg.num_components == 1 ? 1 : 3;
	uint8_t *line = malloc((size_t)width * 4);

	*image = image_of(width, jpeg.output_height, channels);
	while (jpeg.output_scanline < jpeg.output_height) {
		uint8_t *to = pixels + jpeg.output_scanline * image->stride;

		jpeg_read_scanlines(&jpeg, &line, 1);
		if (cmyk)
			cmyk_to_rgb(line, to, width);
		else
			memcpy(to, line, image->stride);
	}
	free(line);
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	return true;
}

/* The stored colours: alpha dropped, 16 bits by their high byte. */
static bool read_png(FILE *file, struct ward_image *image)
{
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);

	png_init_io(png, file);
	png_read_info(png, info);
	png_set_strip_16(png);
	png_set_palette_to_rgb(png);
	png_set_expand_gray_1_2_4_to_8(png);
	png_set_strip_alpha(png);
	png_set_interlace_handling(png);
	png_read_update_info(png, info);
	*image = image_of(png_get_image_width(png, info), png_get_image_height(png, info),
			png_get_channels(png, info));
	uint8_t **rows = malloc(image->height * sizeof(*rows));

	for (uint32_t y = 0; y < image->height; y++)
		rows[y] = pixels + y * image->stride;
	png_read_image(png, rows);
	free(rows);
	png_destroy_read_struct(&png, &info, NULL);
	return true;
}

static bool read_ppm(FILE *file, struct ward_image *image)
{
	unsigned width, height;

	if (fscanf(file, "P6 %u %u 255", &width, &height) != 2 || fgetc(file) == EOF)
		return false;
	*image = image_of(width, height, 3);
	return fread(pixels, image->stride, height, file) == height;
}

/* 24 bits, bottom row first, blue first, rows padded to 4 bytes: the one kind in the set. */
static bool read_bmp(FILE *file, struct ward_image *image)
{
	uint8_t head[54];

	if (fread(head, sizeof(head), 1, file) != 1)
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ head + 10, 20 });
	uint32_t offset = ward_read_u32le(&reader);

	ward_read_u32le(&reader);
	uint32_t width = ward_read_u32le(&reader), height = ward_read_u32le(&reader);

	ward_read_u16le(&reader);
	if (ward_read_u16le(&reader) != 24 || fseek(file, (long)offset, SEEK_SET) != 0)
		return false;
	*image = image_of(width, height, 3);
	for (uint32_t y = height; y-- > 0;) {
		uint8_t *row = pixels + y * image->stride, padding[4];

		if (fread(row, image->stride, 1, file) != 1 ||
				fread(padding, 1, -image->stride & 3, file) != (-image->stride & 3))
			return false;
		for (uint32_t x = 0; x < width; x++) {
			uint8_t blue = row[3 * x];

			row[3 * x] = row[3 * x + 2];
			row[3 * x + 2] = blue;
		}
	}
	return true;
}

/* False when this test has no reader for it. */
static bool read_picture(ward_str name, struct ward_image *image)
{
	static const struct reader {
		const char *ending;
		bool (*read)(FILE *file, struct ward_image *image);
	} readers[] = {
		{ ".jpg", read_jpeg },
		{ ".png", read_png },
		{ ".ppm", read_ppm },
		{ ".bmp", read_bmp },
	};
	char path[4096];
	bool ok = false;

	snprintf(path, sizeof(path), "%s/%.*s", getenv("WARD_GOLDEN"), WARD_FMT(name));
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		FILE *file;

		if (!ward_str_ends(name, ward_str_from(readers[i].ending)))
			continue;
		file = fopen(path, "rb");
		ok = file && readers[i].read(file, image);
		if (file)
			fclose(file);
		if (!ok)
			printf("# cannot read %.*s\n", WARD_FMT(name));
	}
	return ok;
}

#define FIELDS_MAX 24

struct row {
	ward_str field[FIELDS_MAX];
};

static char *table_text;

/* The rows of a table after its heading. */
static ward_str open_table(const char *name)
{
	char path[4096];
	long size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", getenv("WARD_GOLDEN"), name);
	file = fopen(path, "rb");
	if (!file)
		return (ward_str){ NULL, 0 };
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	free(table_text);
	table_text = malloc((size_t)size);
	ward_str text = { table_text, fread(table_text, 1, (size_t)size, file) };

	fclose(file);
	ward_str_cut(&text, '\n');
	return text;
}

static bool next_row(ward_str *text, struct row *row)
{
	ward_str line = ward_str_cut(text, '\n');

	for (int i = 0; i < FIELDS_MAX; i++)
		row->field[i] = ward_str_cut(&line, '\t');
	return row->field[0].len > 0;
}

static bool is(ward_pdq hash, ward_str text, ward_str name, const char *what)
{
	char hex[65];
	bool same = ward_str_eq(ward_str_from(ward_pdq_format(hash, hex)), text);

	if (!same)
		printf("# %.*s: %s is %s\n# and should be %.*s\n", WARD_FMT(name), what, hex,
				WARD_FMT(text));
	return same;
}

static struct ward_pdq_hasher *hasher;

static void pdq512_and_its_8_looks(void)
{
	ward_str text = open_table("golden.tsv");
	struct ward_image image;
	struct row row;
	int rows = 0, read = 0;

	while (next_row(&text, &row)) {
		struct ward_pdq_result got;
		ward_pdq all[WARD_DIHEDRAL_COUNT];
		uint64_t quality;
		int again;

		rows++;
		/* Three rows show a fault of the reference: the low byte of 16-bit samples. */
		if (ward_str_eq(row.field[19], WARD_STR("16bit_low_byte_truncation")) ||
				!read_picture(row.field[0], &image))
			continue;
		read++;
		CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_512, &got, NULL), WARD_OK);
		CHECK(is(got.hash, row.field[10], row.field[0], "pdq512"));
		CHECK(ward_u64_parse(row.field[9], &quality));
		CHECK_EQ(got.quality, quality);
		CHECK_EQ(ward_pdq_hash_dihedral(hasher, &image, WARD_PDQ_512, all, &again, NULL),
				WARD_OK);
		CHECK_EQ(again, quality);
		for (int i = 0; i < WARD_DIHEDRAL_COUNT; i++)
			CHECK(is(all[i], row.field[11 + i], row.field[0],
					ward_dihedral_name((ward_dihedral)i)));
	}
	printf("# %d of %d rows read and equal\n", read, rows);
	CHECK(read >= 100);
}

static void pdq_over_the_full_size(void)
{
	ward_str text = open_table("golden-full.tsv");
	struct ward_image image;
	struct row row;
	int rows = 0, read = 0;

	while (next_row(&text, &row)) {
		struct ward_pdq_result got;
		uint64_t quality;

		rows++;
		if (!read_picture(row.field[0], &image))
			continue;
		read++;
		CHECK_EQ(ward_pdq_hash(hasher, &image, WARD_PDQ_FULL, &got, NULL), WARD_OK);
		CHECK(is(got.hash, row.field[2], row.field[0], "pdq"));
		CHECK(ward_u64_parse(row.field[1], &quality));
		CHECK_EQ(got.quality, quality);
	}
	printf("# %d of %d rows read and equal\n", read, rows);
	CHECK(read >= 100);
}

static void plain_pdq512(void)
{
	ward_hash_cpu_limit("plain");
	pdq512_and_its_8_looks();
	ward_hash_cpu_limit(NULL);
}

static void plain_pdq(void)
{
	ward_hash_cpu_limit("plain");
	pdq_over_the_full_size();
	ward_hash_cpu_limit(NULL);
}

static const struct test_case cases[] = {
	{ "pdq512 and its 8 looks are the reference's", pdq512_and_its_8_looks },
	{ "pdq over the full size is the reference's", pdq_over_the_full_size },
	{ "pdq512 by the plain code as well", plain_pdq512 },
	{ "pdq by the plain code as well", plain_pdq },
};

int main(void)
{
	const char *folder = getenv("WARD_GOLDEN");
	char path[4096];

	snprintf(path, sizeof(path), "%s/golden.tsv", folder ? folder : "");
	FILE *file = folder ? fopen(path, "rb") : NULL;

	if (!file) {
		printf("1..0 # SKIP no golden data at $WARD_GOLDEN\n");
		return 0;
	}
	fclose(file);
	hasher = ward_pdq_hasher_new();
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	ward_pdq_hasher_free(hasher);
	free(table_text);
	free(pixels);
	return failed;
}
