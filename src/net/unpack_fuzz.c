/*
 * The first byte says the coding and how the rest is cut into pieces: nothing is read or written
 * where it may not be, and no more comes out than was agreed.
 */
#include <stdlib.h>

#include "net/unpack.h"

enum { OUT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ward_err take(void *context, ward_bytes piece, struct ward_error *error)
{
	uint64_t *sum = context;

	(void)error;
	for (size_t i = 0; i < piece.len; i++)
		*sum += piece.ptr[i] + 1U;
	return WARD_OK;
}

static uint64_t run(const char *coding, const uint8_t *data, size_t size, size_t step)
{
	struct unpack *unpack = NULL;
	struct ward_error error;
	uint64_t sum = 0;
	ward_err err = unpack_new(ward_str_from(coding), OUT_MAX, &unpack, &error);

	for (size_t at = 0; !err && at < size; at += step) {
		size_t len = size - at < step ? size - at : step;

		err = unpack_feed(unpack, (ward_bytes){ data + at, len }, take, &sum, &error);
	}
	if (!err)
		err = unpack_end(unpack, &error);
	unpack_free(unpack);
	return err ? UINT64_MAX : sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const codings[] = { "gzip", "deflate", "br", "zstd", "" };

	if (size == 0)
		return 0;
	const char *coding = codings[data[0] % 5];
	uint64_t whole = run(coding, data + 1, size - 1, size);

	/* What is whole in one piece is the same in many. */
	if (whole != UINT64_MAX && size < 4096 &&
			run(coding, data + 1, size - 1, 1 + data[0] / 5U) != whole)
		abort();
	return 0;
}
