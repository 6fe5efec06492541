/*
 * unpack.h - what a web server packed, as a stream: gzip, deflate, brotli, zstd
 *
 * Bytes go in piece by piece and come out through a callback.  What comes out is
 * bounded, in all and against what went in, so that a few bytes cannot keep a
 * machine busy.  Several codings one on another ("gzip, br") are UNSUPPORTED: no
 * server sends them.
 *
 * An unpacker belongs to one thread at a time.
 */
#ifndef NET_UNPACK_H
#define NET_UNPACK_H

#include <ward/base.h>

struct unpack;

typedef ward_err unpack_out(void *context, ward_bytes piece, struct ward_error *error);

/*
 * For a Content-Encoding, as HTTP has it; "" and "identity" are no packing at all.
 * UNSUPPORTED says that there is no such coding here.
 */
ward_err unpack_new(ward_str coding, uint64_t out_max, struct unpack **unpack,
		struct ward_error *error) WARD_MUST_USE;
void unpack_free(struct unpack *unpack);

/* FORMAT: it is not what it claims to be; LIMIT: more comes out than was agreed. */
ward_err unpack_feed(struct unpack *unpack, ward_bytes piece, unpack_out *out, void *context,
		struct ward_error *error) WARD_MUST_USE;
/* FORMAT when it breaks off. */
ward_err unpack_end(struct unpack *unpack, struct ward_error *error) WARD_MUST_USE;

#endif
