/*
 * A chunked body in two cuts is the same body: the first byte says where to cut.
 */
#include <assert.h>

#include "icap/chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	struct icap_chunks chunks;
	struct ward_buf body;
	enum icap_chunk_event last;
	size_t left;
};

static void take(struct told *told, ward_bytes input)
{
	ward_bytes piece;

	while ((told->last = icap_chunks_next(&told->chunks, &input, &piece)) == ICAP_CHUNK_DATA) {
		assert(piece.len > 0);
		ward_buf_add(&told->body, piece.ptr, piece.len);
	}
	told->left += input.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told whole = { 0 }, cut = { 0 };

	if (size < 1)
		return 0;
	ward_bytes body = { data + 1, size - 1 };
	size_t at = body.len * data[0] / 256;

	ward_buf_init(&whole.body, (size_t)1 << 24);
	ward_buf_init(&cut.body, (size_t)1 << 24);
	take(&whole, body);
	take(&cut, (ward_bytes){ body.ptr, at });
	take(&cut, (ward_bytes){ body.ptr + at, body.len - at });
	assert(whole.last == cut.last && whole.chunks.ieof == cut.chunks.ieof);
	assert(whole.left == cut.left || whole.last != ICAP_CHUNK_MORE);
	assert(ward_str_eq(ward_buf_text(&whole.body), ward_buf_text(&cut.body)));
	ward_buf_free(&whole.body);
	ward_buf_free(&cut.body);
	return 0;
}
