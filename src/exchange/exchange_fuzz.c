/*
 * Any bytes as a file of signals: the first byte picks the format, the second
 * the size of the pieces it comes in.  Whatever they are, the reader comes to
 * an end, counts records without a gap, and tells the same in other pieces.
 */
#include "exchange/exchange.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct piecewise {
	ward_bytes left;
	size_t piece;
};

static ward_err give(void *context, uint8_t *to, size_t room, size_t *got, struct ward_error *error)
{
	struct piecewise *from = context;
	size_t some = from->piece < room ? from->piece : room;

	(void)error;
	*got = some < from->left.len ? some : from->left.len;
	if (*got > 0)
		memcpy(to, from->left.ptr, *got);
	from->left.ptr += *got;
	from->left.len -= *got;
	return WARD_OK;
}

struct outcome {
	uint64_t records;
	uint64_t bad;
	uint64_t signals;
	ward_err err;
};

static struct outcome read_in(ward_bytes bytes, size_t piece, enum exchange_format format)
{
	struct piecewise from = { bytes, piece };
	struct exchange_read_options options = { .format = format, .record_max = 8192 };
	struct ward_error error = { 0 };
	struct exchange_reader *reader;
	struct exchange_record record;
	struct outcome outcome = { 0 };
	bool more = true;

	outcome.err = exchange_reader_from(give, &from, &options, &reader, &error);
	if (outcome.err)
		return outcome;
	while (!outcome.err) {
		outcome.err = exchange_reader_next(reader, &record, &more, &error);
		if (outcome.err || !more)
			break;
		assert(record.record.number == outcome.records);
		assert(record.bad || record.removed || record.record.signal_count > 0 ||
				record.record.frames || record.record.tmk);
		assert(record.record.signal_count <= WARD_RECORD_SIGNALS_MAX);
		assert(record.record.labels.len == 0 ||
				!memchr(record.record.labels.ptr, '\n', record.record.labels.len));
		outcome.records++;
		outcome.bad += record.bad != NULL;
		outcome.signals += record.record.signal_count;
		/* Every byte of what was read can be read. */
		for (size_t i = 0; i < record.raw.len; i++)
			outcome.signals += 0 * record.raw.ptr[i];
	}
	assert(!outcome.err || error.message[0]);
	exchange_reader_free(reader);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	/* The last two were added later, and have numbers of their own. */
	enum exchange_format format =
			data[0] >= 0xf0 ? (data[0] & 1 ? EXCHANGE_VPDQ : EXCHANGE_TMK)
					: (enum exchange_format)(data[0] % EXCHANGE_VPDQ);
	ward_bytes bytes = { data + 2, size - 2 };
	struct outcome whole = read_in(bytes, size, format);
	struct outcome parts = read_in(bytes, 1 + data[1] % 64, format);

	assert(whole.records == parts.records && whole.bad == parts.bad &&
			whole.signals == parts.signals && whole.err == parts.err);
	return 0;
}
