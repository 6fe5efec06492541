#include "people/people_cbor.h"

struct people_cbor people_cbor_from(ward_bytes bytes)
{
	return (struct people_cbor){ .next = bytes.ptr, .end = bytes.ptr + bytes.len };
}

static uint64_t fail(struct people_cbor *cbor)
{
	cbor->failed = true;
	cbor->next = cbor->end;
	return 0;
}

static uint8_t byte(struct people_cbor *cbor)
{
	return cbor->next < cbor->end ? *cbor->next++ : (uint8_t)fail(cbor);
}

/* The number in or behind the first byte; lengths that are not known before are not read. */
static uint64_t argument(struct people_cbor *cbor, uint8_t low)
{
	uint64_t value = 0;

	if (low < 24)
		return low;
	if (low > 27)
		return fail(cbor);
	for (unsigned i = 0; i < 1u << (low - 24); i++)
		value = value << 8 | byte(cbor);
	return value;
}

static struct people_cbor_item string(struct people_cbor *cbor, enum people_cbor_kind kind,
		uint64_t len)
{
	struct people_cbor_item item = { .kind = kind };

	if (len > (uint64_t)(cbor->end - cbor->next)) {
		fail(cbor);
		return (struct people_cbor_item){ .kind = PEOPLE_CBOR_NONE };
	}
	item.bytes = (ward_bytes){ cbor->next, (size_t)len };
	cbor->next += len;
	return item;
}

struct people_cbor_item people_cbor_next(struct people_cbor *cbor)
{
	static const enum people_cbor_kind kinds[8] = { PEOPLE_CBOR_INT, PEOPLE_CBOR_INT,
		PEOPLE_CBOR_BYTES, PEOPLE_CBOR_TEXT, PEOPLE_CBOR_ARRAY, PEOPLE_CBOR_MAP,
		PEOPLE_CBOR_NONE, PEOPLE_CBOR_OTHER };
	uint8_t first = byte(cbor), major = first >> 5;
	struct people_cbor_item item = { .kind = kinds[major] };
	uint64_t value = cbor->failed ? 0 : argument(cbor, first & 31);

	if (item.kind == PEOPLE_CBOR_BYTES || item.kind == PEOPLE_CBOR_TEXT)
		return string(cbor, item.kind, value);
	if ((item.kind == PEOPLE_CBOR_ARRAY || item.kind == PEOPLE_CBOR_MAP) &&
			value > PEOPLE_CBOR_ITEMS)
		fail(cbor);
	if (item.kind == PEOPLE_CBOR_INT && value > INT64_MAX)
		fail(cbor);
	/* Tags and fractions do not come here. */
	if (item.kind == PEOPLE_CBOR_NONE || (major == 7 && (first & 31) > 23))
		fail(cbor);
	if (cbor->failed)
		return (struct people_cbor_item){ .kind = PEOPLE_CBOR_NONE };
	item.number = major == 1 ? -1 - (int64_t)value : (int64_t)value;
	return item;
}

void people_cbor_skip(struct people_cbor *cbor)
{
	/* How many items are still to come, level by level. */
	int64_t left[PEOPLE_CBOR_DEPTH] = { 1 };
	unsigned depth = 0;

	while (!cbor->failed) {
		while (left[depth] == 0) {
			if (depth-- == 0)
				return;
		}
		left[depth]--;
		struct people_cbor_item item = people_cbor_next(cbor);

		if (item.kind != PEOPLE_CBOR_ARRAY && item.kind != PEOPLE_CBOR_MAP)
			continue;
		if (++depth == PEOPLE_CBOR_DEPTH) {
			fail(cbor);
			return;
		}
		left[depth] = item.kind == PEOPLE_CBOR_MAP ? 2 * item.number : item.number;
	}
}
