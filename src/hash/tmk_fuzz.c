/*
 * Any bytes as a TMK file.  A short input is laid over the beginning of a whole
 * one, so that what lies behind the header is reached, too.  What is read is written the same but
 * for the coefficients, and is like itself.
 */
#include <ward/tmk.h>

#include <assert.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ward_tmk tmk, again;
static uint8_t file[WARD_TMK_BYTES];

static void goes_round(struct ward_buf *out)
{
	struct ward_error error = { 0 };
	struct ward_buf second;

	ward_buf_clear(out);
	ward_tmk_write(&tmk, out);
	assert(!out->failed && out->len == WARD_TMK_BYTES);
	assert(ward_tmk_read((ward_bytes){ (const uint8_t *)out->ptr, out->len }, &again, &error) ==
			WARD_OK);
	ward_buf_init(&second, WARD_TMK_BYTES);
	ward_tmk_write(&again, &second);
	assert(ward_str_eq(ward_buf_text(out), ward_buf_text(&second)));
	ward_buf_free(&second);
}

static void read_one(ward_bytes bytes, struct ward_buf *out)
{
	struct ward_error error = { 0 };

	if (ward_tmk_read(bytes, &tmk, &error) != WARD_OK) {
		assert(error.message[0] != 0);
		return;
	}
	goes_round(out);
	double score = ward_tmk_level1(&tmk, &again);

	/* Finite numbers may be too large for their product. */
	assert(!(score > 1.001) && !(score < -1.001));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ward_buf out;
	static bool begun;

	if (!begun)
		ward_buf_init(&out, 1 << 20);
	begun = true;
	read_one((ward_bytes){ data, size }, &out);
	if (size == 0 || size > WARD_TMK_BYTES)
		return 0;
	memset(&tmk, 0, sizeof(tmk));
	ward_buf_clear(&out);
	ward_tmk_write(&tmk, &out);
	memcpy(file, out.ptr, sizeof(file));
	memcpy(file + (data[0] % 8) * 30000, data + 1, size - 1 < 30000 ? size - 1 : 30000);
	read_one((ward_bytes){ file, sizeof(file) }, &out);
	return 0;
}
