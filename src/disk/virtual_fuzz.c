/*
 * A virtual disk's file: opened, and read where that makes sense.
 *
 * Such files are megabytes with holes, so an input is a row of pieces: the place as four bytes in
 * units of 64, the length as two, the bytes; what no piece covers is zero.  The first
 * four bytes are the file's length in units of 64.  The checks of VHDX are made to fit.
 */
#include <assert.h>

#include "disk/virtual_kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LEN_MAX = 4 << 20 };

static uint8_t file[LEN_MAX];
static size_t file_size;

static bool read_bytes(void *context, size_t number, uint64_t at, uint8_t *to, size_t len)
{
	(void)context;
	if (number != 0 || at > file_size || len > file_size - at)
		return false;
	memcpy(to, file + at, len);
	return true;
}

static uint64_t length(void *context, size_t number)
{
	(void)context;
	(void)number;
	return file_size;
}

static void lay_out(ward_bytes input)
{
	struct ward_reader reader = ward_reader_from(input);
	uint64_t len = (uint64_t)ward_read_u32le(&reader) * 64;

	file_size = len < LEN_MAX ? (size_t)len : LEN_MAX;
	memset(file, 0, file_size);
	while (ward_reader_left(&reader) > 6) {
		uint64_t at = (uint64_t)ward_read_u32le(&reader) * 64;
		size_t want = ward_read_u16le(&reader), left = ward_reader_left(&reader);
		ward_bytes bytes = ward_read_bytes(&reader, want < left ? want : left);

		if (at <= file_size && bytes.len <= file_size - at)
			memcpy(file + at, bytes.ptr, bytes.len);
	}
}

static void make_fit(size_t at, size_t len)
{
	if (at + len > file_size || memcmp(file, "vhdxfile", 8) != 0)
		return;
	uint32_t sum = virtual_crc32c(file + at, len, 4);

	for (int i = 0; i < 4; i++)
		file[at + 4 + (size_t)i] = (uint8_t)(sum >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct disk_source source = { NULL, read_bytes, 1, length };
	static uint8_t out[65536];
	struct virtual *disk;

	lay_out((ward_bytes){ data, size });
	make_fit(64 << 10, 4096);
	make_fit(128 << 10, 4096);
	make_fit(192 << 10, 65536);
	if (!virtual_is(&source) || virtual_open(&source, &disk, NULL) != WARD_OK)
		return 0;
	assert(virtual_size(disk) > 0);
	for (uint64_t at = 0; at < virtual_size(disk) && at < (uint64_t)1 << 20;
			at += sizeof(out)) {
		uint64_t left = virtual_size(disk) - at;

		if (!virtual_read(disk, at, out, left < sizeof(out) ? (size_t)left : sizeof(out)))
			break;
	}
	virtual_free(disk);
	return 0;
}
