/* A backup's bytes, from memory: frames in their order, bounded, or an error. */
#include "store/dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ward_err give(void *context, uint8_t *bytes, size_t room, size_t *len,
		struct ward_error *error)
{
	ward_bytes *left = context;

	(void)error;
	/* Little at a time, so that each value lies across a refill now and then. */
	*len = left->len < room ? left->len : room;
	*len = *len < 13 ? *len : 13;
	memcpy(bytes, left->ptr, *len);
	left->ptr += *len;
	left->len -= *len;
	return WARD_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_bytes left = { data, size };
	struct dump_reader *reader = dump_reader_new(give, &left);
	struct dump_frame frame = { 0 };
	struct ward_error error = { 0 };
	uint64_t rows = 0;
	ward_err err;

	if (!reader)
		return 0;
	do {
		err = dump_next(reader, &frame, &error);
		rows += !err && frame.kind == DUMP_ROW;
		/* Each value is ours to read. */
		for (size_t i = 0; !err && i < frame.values.count; i++) {
			const struct store_value *value = &frame.values.at[i];
			volatile uint8_t seen = 0;

			for (size_t at = 0; at < value->bytes.len; at++)
				seen = (uint8_t)(seen + value->bytes.ptr[at]);
		}
	} while (!err && frame.kind != DUMP_END);
	if (!err && (frame.sum.rows != rows || dump_reader_bytes(reader) != size))
		abort();
	if (err && !error.message[0])
		abort();
	dump_reader_free(reader);
	return 0;
}
