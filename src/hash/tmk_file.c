/*
 * TMK's file, all of it little endian, offsets in bytes:
 *
 *      0  "TMK1" "FVEC" "PDQF"
 *     12  int32: frames a second (15), periods (4), coefficients (32), values (256), frames
 *     32  int32 periods[4]
 *     48  float32 coefficients[32], those of the series, not their roots
 *    176  float32 average[256]
 *   1200  float32 cosines[4][32][256]
 * 132272  float32 sines[4][32][256]
 * 263344  its end
 */
#include "hash/tmk_code.h"

#include <math.h>

static const char magic[] = "TMK1FVECPDQF";

_Static_assert(sizeof(float) == 4, "float32");

/* ---- writing ---- */

static void put_u32(uint8_t to[4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static void write_u32(struct ward_buf *out, uint32_t value)
{
	uint8_t bytes[4];

	put_u32(bytes, value);
	ward_buf_add(out, bytes, sizeof(bytes));
}

static void write_floats(struct ward_buf *out, const float *values, size_t count)
{
	uint8_t *to = (uint8_t *)ward_buf_reserve(out, 4 * count);

	for (size_t i = 0; to && i < count; i++) {
		uint32_t bits;

		memcpy(&bits, &values[i], sizeof(bits));
		put_u32(to + 4 * i, bits);
	}
	out->len += to ? 4 * count : 0;
}

void ward_tmk_write(const struct ward_tmk *tmk, struct ward_buf *out)
{
	ward_buf_str(out, ward_str_from(magic));
	write_u32(out, WARD_TMK_RATE);
	write_u32(out, WARD_TMK_PERIODS);
	write_u32(out, WARD_TMK_COEFFICIENTS);
	write_u32(out, WARD_TMK_VALUES);
	write_u32(out, tmk->frames);
	for (int i = 0; i < WARD_TMK_PERIODS; i++)
		write_u32(out, ward_tmk_periods[i]);
	write_floats(out, ward_tmk_coefficients, WARD_TMK_COEFFICIENTS);
	write_floats(out, tmk->average, WARD_TMK_VALUES);
	write_floats(out, tmk->cosines[0][0], sizeof(tmk->cosines) / sizeof(float));
	write_floats(out, tmk->sines[0][0], sizeof(tmk->sines) / sizeof(float));
}

/* ---- reading ---- */

static float read_float(struct ward_reader *reader)
{
	uint32_t bits = ward_read_u32le(reader);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* False when one of them is no number. */
static bool read_floats(struct ward_reader *reader, float *values, size_t count)
{
	bool numbers = true;

	for (size_t i = 0; i < count; i++) {
		values[i] = read_float(reader);
		numbers = numbers && isfinite(values[i]);
	}
	return numbers;
}

/* What it was made with; the count of frames goes to `frames`. */
static bool read_ours(struct ward_reader *reader, uint32_t *frames)
{
	bool ours = ward_read_u32le(reader) == WARD_TMK_RATE;

	ours = ward_read_u32le(reader) == WARD_TMK_PERIODS && ours;
	ours = ward_read_u32le(reader) == WARD_TMK_COEFFICIENTS && ours;
	ours = ward_read_u32le(reader) == WARD_TMK_VALUES && ours;
	*frames = ward_read_u32le(reader);
	for (int i = 0; ours && i < WARD_TMK_PERIODS; i++)
		ours = ward_read_u32le(reader) == ward_tmk_periods[i];
	for (int i = 0; ours && i < WARD_TMK_COEFFICIENTS; i++) {
		float wanted = ward_tmk_coefficients[i], off = read_float(reader) - wanted;

		/* As the tool compares them; what is no number is not near. */
		ours = fabsf(off) <= 1e-6f * wanted;
	}
	return ours;
}

ward_err ward_tmk_read(ward_bytes file, struct ward_tmk *tmk, struct ward_error *error)
{
	struct ward_reader reader = ward_reader_from(file);
	ward_bytes name = ward_read_bytes(&reader, sizeof(magic) - 1);
	uint32_t frames;

	if (reader.failed || memcmp(name.ptr, magic, sizeof(magic) - 1) != 0)
		return ward_fail(error, WARD_E_FORMAT, "this is no TMK+PDQF file");
	bool ours = read_ours(&reader, &frames);

	if (!reader.failed && !ours)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"made with another rate, other periods or coefficients");
	if (file.len != WARD_TMK_BYTES)
		return ward_fail(error, WARD_E_FORMAT,
				"a TMK+PDQF file has %d bytes, and this one %zu", WARD_TMK_BYTES,
				file.len);
	struct ward_tmk *made = malloc(sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a TMK+PDQF file");
	made->frames = frames;
	bool numbers = read_floats(&reader, made->average, WARD_TMK_VALUES) &&
		       read_floats(&reader, made->cosines[0][0],
				       sizeof(made->cosines) / sizeof(float)) &&
		       read_floats(&reader, made->sines[0][0], sizeof(made->sines) / sizeof(float));

	if (numbers)
		*tmk = *made;
	free(made);
	return numbers ? WARD_OK
		       : ward_fail(error, WARD_E_FORMAT, "there is a number in it that is none");
}
