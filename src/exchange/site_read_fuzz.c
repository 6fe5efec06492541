/*
 * Any bytes as a list of places: the first byte picks the format, the second
 * the size of the pieces it comes in.  Whatever they are, the reader comes to an
 * end, counts records without a gap, and tells the same in other pieces.
 */
#include "exchange/site_read.h"

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
	uint64_t records, bad, text;
	ward_err err;
};

static uint64_t sum(ward_str text)
{
	uint64_t sum = text.len;

	for (size_t i = 0; i < text.len; i++)
		sum += (uint8_t)text.ptr[i];
	return sum;
}

static void look(const struct exchange_site_record *record, struct outcome *outcome)
{
	const struct ward_site_entry *entry = &record->entry;

	assert(record->number == outcome->records);
	assert(record->line > 0);
	outcome->records++;
	outcome->bad += record->bad != NULL;
	outcome->text += sum((ward_str){ (const char *)record->raw.ptr, record->raw.len });
	if (record->bad)
		return;
	assert(entry->key.len > 0 && entry->kind < WARD_SITE_KIND_COUNT);
	outcome->text += sum(entry->key) + sum(entry->original) + sum(entry->category) +
			 sum(entry->class_code) + sum(entry->reason) + sum(entry->ref);
}

static struct outcome read_in(ward_bytes bytes, size_t piece, enum exchange_site_format format)
{
	struct piecewise from = { bytes, piece };
	struct exchange_site_options options = { .format = format, .record_max = 8192 };
	struct ward_error error = { 0 };
	struct exchange_site_reader *reader;
	struct exchange_site_record record;
	struct outcome outcome = { 0 };
	bool more = true;

	outcome.err = exchange_site_reader_from(give, &from, &options, &reader, &error);
	if (outcome.err)
		return outcome;
	while (more && !outcome.err) {
		outcome.err = exchange_site_reader_next(reader, &record, &more, &error);
		if (!outcome.err && more)
			look(&record, &outcome);
	}
	assert(!outcome.err || error.message[0]);
	exchange_site_reader_free(reader);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	enum exchange_site_format format =
			(enum exchange_site_format)(data[0] % EXCHANGE_SITE_FORMAT_COUNT);
	ward_bytes bytes = { data + 2, size - 2 };
	struct outcome whole = read_in(bytes, size, format);
	struct outcome parts = read_in(bytes, 1 + data[1] % 64, format);

	assert(whole.records == parts.records && whole.bad == parts.bad &&
			whole.text == parts.text && whole.err == parts.err);
	return 0;
}
