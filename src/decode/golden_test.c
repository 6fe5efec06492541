/*
 * From file to fingerprint: every picture of $WARD_GOLDEN is identified,
 * decoded and hashed, and each step equals what the published reference made
 * of the file (golden.tsv and golden-full.tsv there; the README.txt beside
 * them says what the columns are).
 */
#include "base/file.h"
#include "base/test.h"
#include "decode/collect.h"

#include <ward/hash.h>

static struct collected got;
static struct ward_pdq_hasher *hasher;

/* ---- tables ---- */

enum column { FILE_NAME = 0, FORM = 3, PAYLOAD = 7, QUALITY = 9, PDQ = 10, NOTE = 19, COLUMNS };

struct row {
	ward_str field[COLUMNS];
};

struct table {
	char *text;
	ward_str rest;
};

static bool open_table(struct table *table, const char *name)
{
	char path[4096];
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", getenv("WARD_GOLDEN"), name);
	if (file_read(path, 1 << 20, &table->text, &len, NULL))
		return false;
	table->rest = (ward_str){ table->text, len };
	ward_str_cut(&table->rest, '\n');
	return true;
}

static bool next_row(struct table *table, struct row *row)
{
	ward_str line = ward_str_cut(&table->rest, '\n');

	for (int i = 0; i < COLUMNS; i++)
		row->field[i] = ward_str_cut(&line, '\t');
	return row->field[0].len > 0;
}

/* ---- pictures ---- */

/* Decodes into `got`; false, with words, when that fails. */
static bool decode_file(ward_str name)
{
	struct ward_error error = { 0 };
	char path[4096], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/%.*s", getenv("WARD_GOLDEN"), WARD_FMT(name));
	ward_err err = file_read(path, 64 << 20, &text, &len, &error);

	if (!err) {
		ward_bytes file = { (const uint8_t *)text, len };

		err = collect_picture(&got, ward_media_identify(file), file);
		error = got.error;
		free(text);
	}
	if (err)
		printf("# %.*s: %s\n", WARD_FMT(name), error.message);
	return err == WARD_OK;
}

/* The payload of a PNM file as the reference's tools would write it, in `form` P4, P5 or P6. */
static void payload(const struct ward_image *image, ward_str form, struct ward_buf *buf)
{
	ward_buf_clear(buf);
	for (uint32_t y = 0; y < image->height; y++) {
		const uint8_t *row = image->pixels + y * image->stride;
		uint8_t bits = 0;

		for (uint32_t x = 0; x < image->width; x++) {
			const uint8_t *pixel = row + (size_t)x * image->channels;
			char rgb[3] = { (char)pixel[0], (char)pixel[image->channels / 2],
				(char)pixel[image->channels - 1] };

			bits = (uint8_t)(bits << 1 | (pixel[0] < 128));
			if (form.ptr[1] != '4')
				ward_buf_add(buf, rgb, form.ptr[1] == '5' ? 1 : 3);
			else if (x % 8 == 7 || x + 1 == image->width)
				ward_buf_char(buf, (char)(bits << (7 - x % 8)));
		}
	}
}

static bool is_payload(const struct row *row)
{
	struct ward_buf buf;
	char hex[65];
	struct ward_digests digests;

	ward_buf_init(&buf, (size_t)64 << 20);
	payload(&got.frames[0].image, row->field[FORM], &buf);
	ward_str text = ward_buf_text(&buf);

	ward_err err = ward_digest((ward_bytes){ (const uint8_t *)text.ptr, text.len }, &digests);

	ward_buf_free(&buf);
	ward_hex_format(digests.sha256, sizeof(digests.sha256), hex);
	bool same = !err && ward_str_eq(ward_str_from(hex), row->field[PAYLOAD]);

	if (!same)
		printf("# %.*s: other pixels\n", WARD_FMT(row->field[FILE_NAME]));
	return same;
}

static bool is_hash(ward_pdq_path path, ward_str name, ward_str pdq, ward_str quality)
{
	struct ward_pdq_result result;
	char hex[65];
	uint64_t want;

	if (ward_pdq_hash(hasher, &got.frames[0].image, path, &result, NULL) ||
			!ward_u64_parse(quality, &want))
		return false;
	bool same = ward_str_eq(ward_str_from(ward_pdq_format(result.hash, hex)), pdq) &&
		    result.quality == (int)want;

	if (!same)
		printf("# %.*s: %s, quality %d\n", WARD_FMT(name), hex, result.quality);
	return same;
}

/* Three rows show a fault of the reference: the low byte of 16-bit samples. */
static bool is_fault(const struct row *row)
{
	return ward_str_eq(row->field[NOTE], WARD_STR("16bit_low_byte_truncation"));
}

static void pixels_and_pdq512_are_the_reference_s(void)
{
	struct table table;
	struct row row;
	int rows = 0, wrong = 0;

	CHECK(open_table(&table, "golden.tsv"));
	while (next_row(&table, &row)) {
		bool decoded = decode_file(row.field[FILE_NAME]);

		if (is_fault(&row))
			continue;
		rows++;
		wrong += !decoded || !is_payload(&row) ||
			 !is_hash(WARD_PDQ_512, row.field[FILE_NAME], row.field[PDQ],
					 row.field[QUALITY]);
	}
	free(table.text);
	printf("# %d rows\n", rows);
	CHECK_EQ(wrong, 0);
	CHECK(rows >= 146);
}

static void pdq_over_the_full_size_is_the_reference_s(void)
{
	struct table table;
	struct row row;
	int rows = 0, wrong = 0;

	CHECK(open_table(&table, "golden-full.tsv"));
	while (next_row(&table, &row)) {
		bool decoded = decode_file(row.field[0]);

		rows++;
		wrong += !decoded ||
			 !is_hash(WARD_PDQ_FULL, row.field[0], row.field[2], row.field[1]);
	}
	free(table.text);
	printf("# %d rows\n", rows);
	CHECK_EQ(wrong, 0);
	CHECK(rows >= 148);
}

static const struct test_case cases[] = {
	{ "pixels and pdq512 of each file are the reference's",
			pixels_and_pdq512_are_the_reference_s },
	{ "pdq over the full size of each file is the reference's",
			pdq_over_the_full_size_is_the_reference_s },
};

int main(void)
{
	const char *folder = getenv("WARD_GOLDEN");
	struct table table;

	if (!folder || !open_table(&table, "golden.tsv")) {
		printf("1..0 # SKIP no golden data at $WARD_GOLDEN\n");
		return 0;
	}
	free(table.text);
	collect_init(&got);
	hasher = ward_pdq_hasher_new();
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	ward_pdq_hasher_free(hasher);
	collect_clear(&got);
	return failed;
}
