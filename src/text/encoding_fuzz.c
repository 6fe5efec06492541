/* Whatever the bytes and the label, what comes out is the same however they are cut. */
#include "text/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const struct encoding *encoding, ward_bytes bytes, size_t piece,
		struct ward_buf *out)
{
	struct ward_decoder *decoder = ward_decoder_new(encoding);

	ward_buf_init(out, SIZE_MAX / 2);
	if (!decoder)
		abort();
	for (size_t at = 0; at < bytes.len; at += piece) {
		size_t len = bytes.len - at < piece ? bytes.len - at : piece;

		ward_decoder_feed(decoder, (ward_bytes){ bytes.ptr + at, len }, out);
	}
	ward_decoder_end(decoder, out);
	ward_decoder_free(decoder);
}

/* The first line is a content type. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str rest = { (const char *)data, size };
	ward_str type = ward_str_cut(&rest, '\n');
	ward_bytes body = { (const uint8_t *)rest.ptr, rest.len };
	ward_bytes head = { body.ptr, body.len < ENCODING_HEAD ? body.len : ENCODING_HEAD };
	struct encoding encoding = encoding_choose(head, type, true);
	struct ward_buf whole, cut;

	decode(&encoding, body, size + 1, &whole);
	decode(&encoding, body, 1, &cut);
	if (!ward_str_eq(ward_buf_text(&whole), ward_buf_text(&cut)))
		abort();
	if (encoding.system && !ward_utf8_valid(ward_buf_text(&whole)))
		abort();
	ward_buf_free(&whole);
	ward_buf_free(&cut);
	return 0;
}
