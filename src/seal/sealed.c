#include "seal/sealed.h"

#include "base/id.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <unistd.h>

static const uint8_t magic[8] = { 'W', 'A', 'R', 'D', 'S', 'E', 'A', 'L' };

enum { VERSION = 1, CHUNK_BITS = 16, VERSION_AT = 8, ID_AT = 16, STREAM_AT = 32 };

static_assert(SEALED_CHUNK == 1 << CHUNK_BITS, "what the head says");
static_assert(SEALED_TAG == crypto_secretstream_xchacha20poly1305_ABYTES, "libsodium's");
static_assert(SEALED_HEAD == STREAM_AT + crypto_secretstream_xchacha20poly1305_HEADERBYTES,
		"libsodium's");
static_assert(SEALED_KEY == crypto_secretstream_xchacha20poly1305_KEYBYTES, "libsodium's");

bool sealed_id_parse(ward_str text, uint8_t id[SEALED_ID])
{
	char digits[2 * SEALED_ID];
	size_t len = 0;

	if (text.len != ID_TEXT_MAX - 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		char c = text.ptr[i];

		if (hyphen != (c == '-') || (c >= 'A' && c <= 'F'))
			return false;
		if (!hyphen)
			digits[len++] = c;
	}
	return ward_hex_parse((ward_str){ digits, len }, id, SEALED_ID);
}

uint64_t sealed_size(uint64_t bytes)
{
	uint64_t chunks = bytes == 0 ? 1 : (bytes - 1) / SEALED_CHUNK + 1;

	return SEALED_HEAD + bytes + chunks * SEALED_TAG;
}

/* ---- what both ways share ---- */

struct stream {
	crypto_secretstream_xchacha20poly1305_state state;
	uint8_t head[SEALED_HEAD];
	uint8_t *plain;     /* a chunk and one byte */
	uint8_t *sealed;    /* a chunk with its tag, and one byte */
	EVP_MD_CTX *sha256; /* of the sealed bytes when sealing, of the plain ones when opening */
	struct ward_digester *digester;
	uint64_t sealed_bytes, plain_bytes;
};

static void stream_end(struct stream *stream)
{
	if (stream->plain)
		sodium_memzero(stream->plain, SEALED_CHUNK + 1);
	free(stream->plain);
	free(stream->sealed);
	EVP_MD_CTX_free(stream->sha256);
	ward_digester_free(stream->digester);
	sodium_memzero(stream, sizeof(*stream));
}

static ward_err stream_begin(struct stream *stream, bool sealing, struct ward_error *error)
{
	*stream = (struct stream){ 0 };
	stream->plain = malloc(SEALED_CHUNK + 1);
	stream->sealed = malloc(SEALED_CHUNK + SEALED_TAG + 1);
	stream->sha256 = EVP_MD_CTX_new();
	bool ok = stream->plain && stream->sealed && stream->sha256 &&
		  EVP_DigestInit_ex(stream->sha256, EVP_sha256(), NULL) == 1;

	if (ok && sealing) {
		stream->digester = ward_digester_new();
		ok = stream->digester != NULL;
	}
	return ok ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory to seal or open an item");
}

/*
 * Sealed bytes are digested when they are made, for whoever checks a file without a key.  When
 * they are opened their tags say all that the digest could, and at this speed it is dear.
 */
static void count_sealed(struct stream *stream, const uint8_t *bytes, size_t len)
{
	if (stream->digester)
		EVP_DigestUpdate(stream->sha256, bytes, len);
	stream->sealed_bytes += len;
}

static void totals_of(struct stream *stream, struct sealed_totals *totals)
{
	*totals = (struct sealed_totals){ .sealed_bytes = stream->sealed_bytes };
	if (stream->digester)
		ward_digester_finish(stream->digester, &totals->plain);
	EVP_DigestFinal_ex(stream->sha256,
			stream->digester ? totals->sealed_sha256 : totals->plain.sha256, NULL);
	totals->plain.bytes = stream->plain_bytes;
}

/* Reads until `want` bytes are there or the source has no more. */
static ward_err fill(sealed_source *read, void *context, uint8_t *into, size_t want, size_t *have,
		struct ward_error *error)
{
	while (*have < want) {
		size_t got = 0;
		ward_err err = read(context, into + *have, want - *have, &got, error);

		if (err)
			return err;
		if (got == 0)
			break;
		assert(got <= want - *have);
		*have += got;
	}
	return WARD_OK;
}

/* ---- sealing ---- */

struct input_reader {
	const struct sealed_input *input;
	size_t at; /* within `bytes` */
};

static ward_err read_input(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct input_reader *reader = context;
	const struct sealed_input *input = reader->input;

	if (input->read)
		return input->read(input->context, into, room, len, error);
	if (!input->from_fd) {
		size_t left = input->bytes.len - reader->at;

		*len = left < room ? left : room;
		if (*len > 0)
			memcpy(into, input->bytes.ptr + reader->at, *len);
		reader->at += *len;
		return WARD_OK;
	}
	ssize_t got;

	do {
		got = read(input->fd, into, room);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return ward_fail(error, WARD_E_IO, "what arrives cannot be read: %s",
				strerror(errno));
	*len = (size_t)got;
	return WARD_OK;
}

static void make_head(struct stream *stream, const struct sealed_name *name)
{
	memset(stream->head, 0, sizeof(stream->head));
	memcpy(stream->head, magic, sizeof(magic));
	stream->head[VERSION_AT] = VERSION;
	stream->head[VERSION_AT + 1] = CHUNK_BITS;
	memcpy(stream->head + ID_AT, name->id, SEALED_ID);
	crypto_secretstream_xchacha20poly1305_init_push(&stream->state, stream->head + STREAM_AT,
			name->key);
}

static ward_err seal_chunk(struct stream *stream, size_t len, bool last, sealed_sink *sink,
		void *context, struct ward_error *error)
{
	unsigned long long sealed_len;

	ward_digester_update(stream->digester, (ward_bytes){ stream->plain, len });
	stream->plain_bytes += len;
	crypto_secretstream_xchacha20poly1305_push(&stream->state, stream->sealed, &sealed_len,
			stream->plain, len, stream->head, SEALED_HEAD,
			last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
			     : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
	count_sealed(stream, stream->sealed, sealed_len);
	return sink(context, (ward_bytes){ stream->sealed, sealed_len }, error);
}

/*
 * One byte more than a chunk is read, so that a full chunk is known to be the
 * last or not before it is sealed.
 */
static ward_err seal_all(struct stream *stream, const struct sealed_input *input, sealed_sink *sink,
		void *context, struct ward_error *error)
{
	struct input_reader reader = { .input = input };
	size_t have = 0;
	bool last = false;

	count_sealed(stream, stream->head, SEALED_HEAD);
	ward_err err = sink(context, (ward_bytes){ stream->head, SEALED_HEAD }, error);

	while (!err && !last) {
		err = fill(read_input, &reader, stream->plain, SEALED_CHUNK + 1, &have, error);
		if (err)
			break;
		last = have <= SEALED_CHUNK;
		if (input->bytes_max > 0 && stream->plain_bytes + have > input->bytes_max)
			return ward_fail(error, WARD_E_LIMIT,
					"what arrives is larger than %llu bytes",
					(unsigned long long)input->bytes_max);
		err = seal_chunk(stream, last ? have : SEALED_CHUNK, last, sink, context, error);
		if (!last)
			stream->plain[0] = stream->plain[SEALED_CHUNK];
		have = 1;
	}
	return err;
}

ward_err sealed_make(const struct sealed_name *name, const struct sealed_input *input,
		sealed_sink *sink, void *sink_context, struct sealed_totals *totals,
		struct ward_error *error)
{
	struct stream stream;
	ward_err err = stream_begin(&stream, true, error);

	if (!err) {
		make_head(&stream, name);
		err = seal_all(&stream, input, sink, sink_context, error);
	}
	if (!err)
		totals_of(&stream, totals);
	stream_end(&stream);
	return err;
}

/* ---- opening ---- */

static ward_err fail_damaged(struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "the sealed item is not as it was sealed");
}

static ward_err open_head(struct stream *stream, const struct sealed_name *name,
		sealed_source *read, void *context, struct ward_error *error)
{
	static const uint8_t zero[6];
	size_t have = 0;
	ward_err err = fill(read, context, stream->head, SEALED_HEAD, &have, error);

	if (err)
		return err;
	if (have < SEALED_HEAD || memcmp(stream->head, magic, sizeof(magic)) != 0)
		return fail_damaged(error);
	if (stream->head[VERSION_AT] > VERSION)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the item was sealed by a newer ward (version %u)",
				stream->head[VERSION_AT]);
	if (stream->head[VERSION_AT] != VERSION || stream->head[VERSION_AT + 1] != CHUNK_BITS ||
			memcmp(stream->head + VERSION_AT + 2, zero, sizeof(zero)) != 0 ||
			memcmp(stream->head + ID_AT, name->id, SEALED_ID) != 0 ||
			crypto_secretstream_xchacha20poly1305_init_pull(&stream->state,
					stream->head + STREAM_AT, name->key) != 0)
		return fail_damaged(error);
	count_sealed(stream, stream->head, SEALED_HEAD);
	return WARD_OK;
}

/* Reads and verifies a chunk; `last` says that it bears the final tag. */
static ward_err open_chunk(struct stream *stream, sealed_source *read, void *context, size_t *len,
		bool *last, struct ward_error *error)
{
	unsigned long long plain_len;
	unsigned char tag;
	size_t have = 0;
	ward_err err = fill(read, context, stream->sealed, SEALED_CHUNK + SEALED_TAG, &have, error);

	if (err)
		return err;
	if (have < SEALED_TAG || crypto_secretstream_xchacha20poly1305_pull(&stream->state,
						 stream->plain, &plain_len, &tag, stream->sealed,
						 have, stream->head, SEALED_HEAD) != 0)
		return fail_damaged(error);
	*last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	if (!*last && (tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE ||
				      plain_len != SEALED_CHUNK))
		return fail_damaged(error);
	count_sealed(stream, stream->sealed, have);
	*len = (size_t)plain_len;
	return WARD_OK;
}

static ward_err open_all(struct stream *stream, sealed_source *read, void *context,
		sealed_sink *sink, void *sink_context, struct ward_error *error)
{
	size_t len = 0, behind = 0;
	bool last = false;
	ward_err err = WARD_OK;

	while (!err && !last) {
		err = open_chunk(stream, read, context, &len, &last, error);
		/* Bytes behind the end are known before the last chunk is handed out. */
		if (!err && last)
			err = fill(read, context, stream->sealed, 1, &behind, error);
		if (!err && behind > 0)
			err = fail_damaged(error);
		if (err)
			break;
		EVP_DigestUpdate(stream->sha256, stream->plain, len);
		stream->plain_bytes += len;
		err = sink(sink_context, (ward_bytes){ stream->plain, len }, error);
	}
	return err;
}

ward_err sealed_open(const struct sealed_name *name, sealed_source *read, void *context,
		sealed_sink *sink, void *sink_context, struct sealed_totals *totals,
		struct ward_error *error)
{
	struct stream stream;
	ward_err err = stream_begin(&stream, false, error);

	if (!err)
		err = open_head(&stream, name, read, context, error);
	if (!err)
		err = open_all(&stream, read, context, sink, sink_context, error);
	if (!err)
		totals_of(&stream, totals);
	stream_end(&stream);
	return err;
}
