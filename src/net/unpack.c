#include "net/unpack.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum {
	PIECE = 1 << 15,
	GZIP_FIRST = 0x1f,
	BOTH = 32,                /* zlib's words for "gzip or zlib, whatever its head says" */
	ZSTD_WINDOW_LOG_MAX = 23, /* 8 MiB: RFC 9659 lets the web use no more */
};

enum kind { PLAIN, ZLIB, BROTLI, ZSTD };

struct unpack {
	enum kind kind;
	uint64_t out_max, in, out;
	bool begun, over; /* the stream has its end behind it */
	bool gzip;
	bool raw; /* deflate without zlib's head, as some servers send it */
	z_stream zlib;
	BrotliDecoderState *brotli;
	ZSTD_DStream *zstd;
	uint8_t piece[PIECE];
};

static const struct {
	const char *coding;
	enum kind kind;
} codings[] = { { "", PLAIN }, { "identity", PLAIN }, { "gzip", ZLIB }, { "x-gzip", ZLIB },
	{ "deflate", ZLIB }, { "br", BROTLI }, { "zstd", ZSTD } };

static bool begin(struct unpack *unpack)
{
	switch (unpack->kind) {
	case ZLIB:
		return inflateInit2(&unpack->zlib, MAX_WBITS + BOTH) == Z_OK;
	case BROTLI:
		unpack->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
		return unpack->brotli != NULL;
	case ZSTD:
		unpack->zstd = ZSTD_createDStream();
		return unpack->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(unpack->zstd,
						       ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX));
	case PLAIN:
	default:
		return true;
	}
}

ward_err unpack_new(ward_str coding, uint64_t out_max, struct unpack **made,
		struct ward_error *error)
{
	struct unpack *unpack;
	size_t i = 0;

	coding = ward_str_trim(coding);
	while (i < sizeof(codings) / sizeof(*codings) &&
			!ward_str_eq_nocase(coding, ward_str_from(codings[i].coding)))
		i++;
	if (i == sizeof(codings) / sizeof(*codings))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"it is packed in a way that is not read here");
	unpack = calloc(1, sizeof(*unpack));
	if (unpack) {
		unpack->kind = codings[i].kind;
		unpack->out_max = out_max;
	}
	if (!unpack || !begin(unpack)) {
		unpack_free(unpack);
		return ward_fail(error, WARD_E_NOMEM, "no memory to unpack");
	}
	*made = unpack;
	return WARD_OK;
}

void unpack_free(struct unpack *unpack)
{
	if (!unpack)
		return;
	if (unpack->kind == ZLIB)
		inflateEnd(&unpack->zlib);
	BrotliDecoderDestroyInstance(unpack->brotli);
	ZSTD_freeDStream(unpack->zstd);
	free(unpack);
}

/* Bounded before it is told. */
static ward_err tell(struct unpack *unpack, const uint8_t *bytes, size_t len, unpack_out *out,
		void *context, struct ward_error *error)
{
	if (len == 0)
		return WARD_OK;
	unpack->out += len;
	if (unpack->out > unpack->out_max)
		return ward_fail(error, WARD_E_LIMIT,
				"more comes out of it than we agreed to read");
	return out(context, (ward_bytes){ bytes, len }, error);
}

static ward_err broken(struct ward_error *error)
{
	return ward_fail(error, WARD_E_FORMAT,
			"it cannot be unpacked: it is not what it claims to be");
}

/* The first two bytes say whether there is a head: RFC 1950's, RFC 1952's, or none. */
static ward_err choose_raw(struct unpack *unpack, ward_bytes piece, struct ward_error *error)
{
	bool gzip = piece.ptr[0] == GZIP_FIRST;
	bool zlib = (piece.ptr[0] & 0x0f) == Z_DEFLATED &&
		    (piece.len < 2 || (piece.ptr[0] * 256 + piece.ptr[1]) % 31 == 0);

	unpack->begun = true;
	unpack->gzip = gzip;
	if (gzip || zlib)
		return WARD_OK;
	unpack->raw = true;
	return inflateReset2(&unpack->zlib, -MAX_WBITS) == Z_OK ? WARD_OK : broken(error);
}

/* gzip may have members one behind the other; what else stands behind an end is nobody's. */
static bool goes_on(struct unpack *unpack)
{
	if (!unpack->over)
		return true;
	if (unpack->raw || !unpack->gzip || unpack->zlib.avail_in == 0 ||
			*unpack->zlib.next_in != GZIP_FIRST)
		return false;
	unpack->over = inflateReset(&unpack->zlib) != Z_OK;
	return !unpack->over;
}

static ward_err feed_zlib(struct unpack *unpack, ward_bytes piece, unpack_out *out, void *context,
		struct ward_error *error)
{
	ward_err err = unpack->begun ? WARD_OK : choose_raw(unpack, piece, error);
	bool full = true;

	unpack->zlib.next_in = (Bytef *)(uintptr_t)piece.ptr;
	unpack->zlib.avail_in = (uInt)piece.len;
	while (!err && full && goes_on(unpack)) {
		int did;

		unpack->zlib.next_out = unpack->piece;
		unpack->zlib.avail_out = PIECE;
		did = inflate(&unpack->zlib, Z_NO_FLUSH);
		err = tell(unpack, unpack->piece, PIECE - unpack->zlib.avail_out, out, context,
				error);
		if (!err && did != Z_OK && did != Z_STREAM_END && did != Z_BUF_ERROR)
			err = broken(error);
		unpack->over = did == Z_STREAM_END;
		full = unpack->over || unpack->zlib.avail_out == 0;
	}
	return err;
}

static ward_err feed_brotli(struct unpack *unpack, ward_bytes piece, unpack_out *out, void *context,
		struct ward_error *error)
{
	const uint8_t *next = piece.ptr;
	size_t left = piece.len;
	BrotliDecoderResult did = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	ward_err err = WARD_OK;

	while (!err && did == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
		uint8_t *to = unpack->piece;
		size_t room = PIECE;

		did = BrotliDecoderDecompressStream(unpack->brotli, &left, &next, &room, &to, NULL);
		err = tell(unpack, unpack->piece, PIECE - room, out, context, error);
	}
	unpack->over = did == BROTLI_DECODER_RESULT_SUCCESS;
	return !err && did == BROTLI_DECODER_RESULT_ERROR ? broken(error) : err;
}

static ward_err feed_zstd(struct unpack *unpack, ward_bytes piece, unpack_out *out, void *context,
		struct ward_error *error)
{
	ZSTD_inBuffer in = { piece.ptr, piece.len, 0 };
	ZSTD_outBuffer to = { unpack->piece, PIECE, PIECE };
	ward_err err = WARD_OK;

	while (!err && (in.pos < in.size || to.pos == to.size)) {
		size_t did;

		to.pos = 0;
		did = ZSTD_decompressStream(unpack->zstd, &to, &in);
		if (ZSTD_isError(did))
			return broken(error);
		unpack->over = did == 0;
		err = tell(unpack, unpack->piece, to.pos, out, context, error);
		if (unpack->over && in.pos == in.size)
			break;
	}
	return err;
}

ward_err unpack_feed(struct unpack *unpack, ward_bytes piece, unpack_out *out, void *context,
		struct ward_error *error)
{
	if (piece.len == 0)
		return WARD_OK;
	unpack->in += piece.len;
	if (unpack->kind == BROTLI && unpack->over)
		return WARD_OK;
	switch (unpack->kind) {
	case ZLIB:
		return feed_zlib(unpack, piece, out, context, error);
	case BROTLI:
		return feed_brotli(unpack, piece, out, context, error);
	case ZSTD:
		return feed_zstd(unpack, piece, out, context, error);
	case PLAIN:
	default:
		return tell(unpack, piece.ptr, piece.len, out, context, error);
	}
}

ward_err unpack_end(struct unpack *unpack, struct ward_error *error)
{
	if (unpack->kind == PLAIN || unpack->over || unpack->in == 0)
		return WARD_OK;
	return ward_fail(error, WARD_E_FORMAT, "it breaks off before its end");
}
