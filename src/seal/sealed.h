/*
 * sealed.h - what a sealed item looks like, and how bytes become one and come back
 *
 *     offset  bytes
 *          0      8  "WARDSEAL"
 *          8      1  version: 1
 *          9      1  16: a chunk is 2^16 plain bytes
 *         10      6  zero
 *         16     16  the item's id
 *         32     24  header of libsodium's crypto_secretstream_xchacha20poly1305
 *         56         chunks, each 17 bytes longer than its plain bytes
 *
 * Every chunk is full but the last, which bears the final tag, and every chunk
 * has the 56 bytes before them as associated data: a byte changed anywhere, a
 * chunk that is missing, doubled or elsewhere, and an item under another's
 * name do not open.  A chunk is handed out once it is verified; that they
 * were all is known at the end.
 *
 * Pure: bytes in, bytes out; memory for two chunks.
 */
#ifndef SEALED_H
#define SEALED_H

#include <ward/hash.h>

enum {
	SEALED_CHUNK = 1 << 16,
	SEALED_HEAD = 56,
	SEALED_TAG = 17,
	SEALED_KEY = 32,
	SEALED_ID = 16,
};

/* Gives up to `room` bytes; *len 0 is the end.  Its error is handed on. */
typedef ward_err sealed_source(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error);
/* Its error ends the sealing or opening, and is handed on. */
typedef ward_err sealed_sink(void *context, ward_bytes bytes, struct ward_error *error);

/*
 * The bytes: `read` when it is set, else `fd` from where it stands when `from_fd`, else these.
 */
struct sealed_input {
	sealed_source *read;
	void *context;
	bool from_fd;
	int fd;
	ward_bytes bytes;
	uint64_t bytes_max; /* LIMIT beyond; 0: no limit */
};

/* What is sealed, and under what. */
struct sealed_name {
	uint8_t id[SEALED_ID];
	uint8_t key[SEALED_KEY];
};

struct sealed_totals {
	struct ward_digests plain; /* of sealed_open only bytes and sha256 */
	uint64_t sealed_bytes;
	uint8_t sealed_sha256[32]; /* of sealed_make only */
};

/* How long `bytes` are when they are sealed. */
uint64_t sealed_size(uint64_t bytes);

ward_err sealed_make(const struct sealed_name *name, const struct sealed_input *input,
		sealed_sink *sink, void *sink_context, struct sealed_totals *totals,
		struct ward_error *error) WARD_MUST_USE;

/* CORRUPT when it is not what was sealed under this name; UNSUPPORTED of a newer version. */
ward_err sealed_open(const struct sealed_name *name, sealed_source *read, void *context,
		sealed_sink *sink, void *sink_context, struct sealed_totals *totals,
		struct ward_error *error) WARD_MUST_USE;

/* The 16 bytes of an id's text; false when it is none in lower case as id_new writes it. */
bool sealed_id_parse(ward_str text, uint8_t id[SEALED_ID]) WARD_MUST_USE;

#endif
