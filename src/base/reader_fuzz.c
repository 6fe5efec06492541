/*
 * The first half of the input is a sequence of reads, the second what is read.
 * Each is compared with picking the bytes by hand.
 */
#include <ward/base.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t by_hand(const uint8_t *at, size_t len, bool big)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | at[big ? i : len - 1 - i];
	return value;
}

static uint64_t read_one(struct ward_reader *reader, int what, size_t *len, bool *big)
{
	static const size_t lens[] = { 1, 2, 4, 8, 2, 4 };

	*len = lens[what];
	*big = what >= 4;
	switch (what) {
	case 0:
		return ward_read_u8(reader);
	case 1:
		return ward_read_u16le(reader);
	case 2:
		return ward_read_u32le(reader);
	case 3:
		return ward_read_u64le(reader);
	case 4:
		return ward_read_u16be(reader);
	default:
		return ward_read_u32be(reader);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size / 2, at = 0, len;
	ward_bytes input = { data + half, size - half };
	struct ward_reader reader = ward_reader_from(input);
	bool failed = false, big = false;

	for (size_t i = 0; i < half; i++) {
		if (data[i] >= 128) { /* a run of bytes, its length from the input itself */
			len = (size_t)(data[i] - 128) * 3;
			ward_bytes run = ward_read_bytes(&reader, len);

			failed = failed || len > input.len - at;
			assert(run.len == (failed ? 0 : len));
			assert(failed || run.ptr == input.ptr + at);
		} else {
			uint64_t value = read_one(&reader, data[i] % 6, &len, &big);

			failed = failed || len > input.len - at;
			assert(value == (failed ? 0 : by_hand(input.ptr + at, len, big)));
		}
		at += failed ? 0 : len;
		assert(reader.failed == failed);
		assert(ward_reader_left(&reader) == input.len - at);
	}
	return 0;
}
