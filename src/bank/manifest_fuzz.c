/*
 * Reads damaged manifests.  When the first byte is odd, the last line is made
 * the right checksum, which a fuzzer could not.  What is read is written and
 * read again, and must be the same.
 */
#include "bank/manifest.h"
#include "base/checksum.h"

#include <inttypes.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_twice(ward_str text)
{
	static struct manifest first, second;
	struct ward_buf buf;

	memset(&first, 0, sizeof(first));
	if (manifest_parse(text, &first, NULL))
		return;
	memset(&second, 0, sizeof(second));
	ward_buf_init(&buf, MANIFEST_BYTES_MAX);
	manifest_format(&first, &buf);
	check(!buf.failed);
	check(!manifest_parse(ward_buf_text(&buf), &second, NULL));
	/* Both began as zeroes, padding too, so that they are equal byte for byte. */
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
	check(memcmp(&first, &second, sizeof(first)) == 0);
	ward_buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ward_buf buf;

	if (size == 0)
		return 0;
	ward_buf_init(&buf, MANIFEST_BYTES_MAX);
	ward_buf_add(&buf, data + 1, size - 1);
	if (data[0] % 2)
		ward_buf_printf(&buf, "%016" PRIx64 "\n", checksum_of(data + 1, size - 1));
	if (!buf.failed)
		read_twice(ward_buf_text(&buf));
	ward_buf_free(&buf);
	return 0;
}
