#include "oblivious/wire.h"

#include <sodium.h>
#include <string.h>

enum { VERSION = 1, SIGNED = OBLIVIOUS_INFO - OBLIVIOUS_SIGNATURE };

static const char info_words[] = "ward private look-up, info";

/* ---- numbers out ---- */

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *put_number(uint8_t *at, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*at++ = (uint8_t)(value >> (8 * i));
	return at;
}

static uint8_t *put_head(uint8_t *at, const char name[4])
{
	at = put(at, name, 4);
	return put_number(at, VERSION, 4);
}

static bool head_is(struct ward_reader *reader, const char name[4])
{
	ward_bytes got = ward_read_bytes(reader, 4);
	uint32_t version = ward_read_u32le(reader);

	return !reader->failed && memcmp(got.ptr, name, 4) == 0 && version == VERSION;
}

static bool take(struct ward_reader *reader, void *to, size_t len)
{
	ward_bytes bytes = ward_read_bytes(reader, len);

	if (reader->failed)
		return false;
	memcpy(to, bytes.ptr, len);
	return true;
}

/* ---- info ---- */

/* What is signed: words that no other signature of ours begins with, and the message. */
static void add_info(crypto_sign_state *state, const uint8_t *bytes)
{
	crypto_sign_init(state);
	crypto_sign_update(state, (const uint8_t *)info_words, sizeof(info_words));
	crypto_sign_update(state, bytes, SIGNED);
}

void oblivious_info_write(const struct oblivious_info *info, const uint8_t secret[64],
		uint8_t out[OBLIVIOUS_INFO])
{
	crypto_sign_state state;
	uint8_t *at = put_head(out, "WOBI");

	at = put_number(at, info->bits, 1);
	at = put_number(at, info->hashes, 1);
	at = put_number(at, info->slots, 2);
	at = put_number(at, info->common, 4);
	at = put_number(at, (uint64_t)info->starts, 8);
	at = put_number(at, (uint64_t)info->ends, 8);
	at = put(at, info->id, OBLIVIOUS_ID);
	at = put(at, info->public_point, OPRF_POINT);
	at = put(at, info->common_digest, 32);
	at = put(at, info->identity, OBLIVIOUS_IDENTITY);
	add_info(&state, out);
	crypto_sign_final_create(&state, at, NULL, secret);
	sodium_memzero(&state, sizeof(state));
}

static bool is_power_of_two(uint32_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

static bool sizes_are_sound(const struct oblivious_info *info)
{
	return info->bits <= OBLIVIOUS_BITS_MAX && info->slots >= OBLIVIOUS_SLOTS_MIN &&
	       info->slots <= OBLIVIOUS_SLOTS_MAX && is_power_of_two(info->slots) &&
	       info->common <= OBLIVIOUS_COMMON_MAX && is_power_of_two(info->common) &&
	       info->starts > 0 && info->starts < info->ends;
}

static bool read_info(ward_bytes bytes, struct oblivious_info *info)
{
	struct ward_reader reader = ward_reader_from(bytes);

	if (bytes.len != OBLIVIOUS_INFO || !head_is(&reader, "WOBI"))
		return false;
	info->bits = ward_read_u8(&reader);
	uint8_t hashes = ward_read_u8(&reader);

	info->hashes = hashes == 1;
	info->slots = ward_read_u16le(&reader);
	info->common = ward_read_u32le(&reader);
	info->starts = (int64_t)ward_read_u64le(&reader);
	info->ends = (int64_t)ward_read_u64le(&reader);
	return hashes <= 1 && take(&reader, info->id, OBLIVIOUS_ID) &&
	       take(&reader, info->public_point, OPRF_POINT) &&
	       take(&reader, info->common_digest, 32) &&
	       take(&reader, info->identity, OBLIVIOUS_IDENTITY) && sizes_are_sound(info) &&
	       oprf_point_is_valid(info->public_point);
}

ward_err oblivious_info_read(ward_bytes bytes, const uint8_t *identity, int64_t now,
		struct oblivious_info *info, struct ward_error *error)
{
	struct oblivious_info got = { 0 };
	crypto_sign_state state;

	if (!read_info(bytes, &got))
		return ward_fail(error, WARD_E_FORMAT,
				"the server does not say what a private look-up says of itself");
	if (identity && memcmp(identity, got.identity, OBLIVIOUS_IDENTITY) != 0)
		return ward_fail(error, WARD_E_DENIED,
				"the server is not the one whose key was given");
	add_info(&state, bytes.ptr);
	if (crypto_sign_final_verify(&state, bytes.ptr + SIGNED, got.identity) != 0)
		return ward_fail(error, WARD_E_DENIED, "the server's signature does not hold");
	if (now + OBLIVIOUS_CLOCK_S < got.starts || now - OBLIVIOUS_CLOCK_S >= got.ends)
		return ward_fail(error, WARD_E_TIMEOUT,
				"the server's table is not of this time: it may be an old one that "
				"somebody keeps showing, or a clock is wrong");
	*info = got;
	return WARD_OK;
}

/* ---- request ---- */

void oblivious_request_write(const struct oblivious_request *request,
		uint8_t out[OBLIVIOUS_REQUEST])
{
	uint8_t *at = put_head(out, "WOBQ");

	at = put(at, request->id, OBLIVIOUS_ID);
	at = put_number(at, request->shelf, 8);
	put(at, request->blinded, (size_t)OBLIVIOUS_BATCH * OPRF_POINT);
}

ward_err oblivious_request_read(ward_bytes bytes, struct oblivious_request *request,
		struct ward_error *error)
{
	struct ward_reader reader = ward_reader_from(bytes);
	struct oblivious_request got;

	if (bytes.len != OBLIVIOUS_REQUEST || !head_is(&reader, "WOBQ") ||
			!take(&reader, got.id, OBLIVIOUS_ID))
		return ward_fail(error, WARD_E_FORMAT, "this is no request of %d bytes",
				OBLIVIOUS_REQUEST);
	uint64_t shelf = ward_read_u64le(&reader);

	if (shelf >> OBLIVIOUS_BITS_MAX)
		return ward_fail(error, WARD_E_FORMAT, "there is no such shelf");
	got.shelf = (uint32_t)shelf;
	got.blinded = ward_read_bytes(&reader, (size_t)OBLIVIOUS_BATCH * OPRF_POINT).ptr;
	*request = got;
	return WARD_OK;
}

/* ---- answer ---- */

size_t oblivious_answer_len(const struct oblivious_info *info)
{
	return OBLIVIOUS_ANSWER_HEAD + (size_t)info->slots * OBLIVIOUS_SLOT;
}

void oblivious_answer_write(const struct oblivious_answer *answer, uint16_t slots, uint8_t *out)
{
	uint8_t *at = put_head(out, "WOBA");

	at = put(at, answer->id, OBLIVIOUS_ID);
	at = put(at, answer->evaluated, (size_t)OBLIVIOUS_BATCH * OPRF_POINT);
	at = put(at, answer->proof, OPRF_PROOF);
	put(at, answer->shelf, (size_t)slots * OBLIVIOUS_SLOT);
}

ward_err oblivious_answer_read(ward_bytes bytes, const struct oblivious_info *info,
		struct oblivious_answer *answer, struct ward_error *error)
{
	struct ward_reader reader = ward_reader_from(bytes);
	struct oblivious_answer got;

	if (bytes.len != oblivious_answer_len(info) || !head_is(&reader, "WOBA") ||
			!take(&reader, got.id, OBLIVIOUS_ID) ||
			memcmp(got.id, info->id, OBLIVIOUS_ID) != 0)
		return ward_fail(error, WARD_E_FORMAT, "this is no answer of that table");
	got.evaluated = ward_read_bytes(&reader, (size_t)OBLIVIOUS_BATCH * OPRF_POINT).ptr;
	got.proof = ward_read_bytes(&reader, OPRF_PROOF).ptr;
	got.shelf = ward_read_bytes(&reader, (size_t)info->slots * OBLIVIOUS_SLOT).ptr;
	*answer = got;
	return WARD_OK;
}

/* ---- slots ---- */

void oblivious_slot_write(const uint8_t output[OPRF_OUTPUT], uint8_t marks,
		uint8_t slot[OBLIVIOUS_SLOT])
{
	memcpy(slot, output, OBLIVIOUS_TAG);
	slot[OBLIVIOUS_TAG] = marks ^ output[OBLIVIOUS_TAG];
}

uint8_t oblivious_slot_read(const uint8_t slot[OBLIVIOUS_SLOT], const uint8_t output[OPRF_OUTPUT])
{
	if (memcmp(slot, output, OBLIVIOUS_TAG) != 0)
		return 0;
	return (slot[OBLIVIOUS_TAG] ^ output[OBLIVIOUS_TAG]) & OBLIVIOUS_MARKS;
}
