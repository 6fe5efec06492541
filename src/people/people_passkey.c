#include "people/people_passkey.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>

#include "base/tree.h"
#include "people/people_cbor.h"

enum {
	FLAG_UP = 0x01,
	FLAG_UV = 0x04,
	FLAG_BE = 0x08,
	FLAG_BS = 0x10,
	FLAG_AT = 0x40,
	FLAG_ED = 0x80
};
enum { HASH = 32, HEAD = HASH + 1 + 4, AAGUID = 16 };
enum { ES256 = -7, EDDSA = -8, RS256 = -257 };

/* ---- the client's data: JSON that the browser made ---- */

static bool same_text(const struct json_t *root, const char *name, const char *wanted)
{
	const struct json_t *value = tree_member(root, name);

	return tree_is_text(value) && ward_str_eq(tree_text(value), ward_str_from(wanted));
}

static ward_err check_client(const struct people_place *place, const char *type,
		const uint8_t challenge[32], ward_bytes data, struct ward_error *error)
{
	char wanted[64];
	struct ward_error why;
	bool cross = false;

	if (data.len > PEOPLE_CLIENT_DATA_MAX)
		return ward_fail(error, WARD_E_DENIED, "what the browser says is too long");
	struct json_t *root = tree_read((ward_str){ (const char *)data.ptr, data.len }, &why);

	if (!root)
		return ward_fail(error, WARD_E_DENIED, "what the browser says is no JSON object");
	sodium_bin2base64(wanted, sizeof(wanted), challenge, 32,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	bool fits = same_text(root, "type", type) && same_text(root, "challenge", wanted);
	bool ours = same_text(root, "origin", place->origin);

	if (tree_bool(tree_member(root, "crossOrigin"), &cross) && cross)
		ours = false;
	tree_free(root);
	if (!ours)
		return ward_fail(error, WARD_E_DENIED,
				"the passkey was used on a page of another origin");
	return fits ? WARD_OK
		    : ward_fail(error, WARD_E_DENIED,
				      "the passkey answers another question than ours");
}

/* ---- the authenticator's data ---- */

struct authenticator {
	uint8_t flags;
	uint32_t counter;
	ward_bytes id, key; /* of a new credential */
};

/* Id and key of a new credential: the key is one CBOR item, whose end it tells itself. */
static bool read_attested(struct ward_reader *reader, struct authenticator *read)
{
	(void)ward_read_bytes(reader, AAGUID);
	uint16_t len = ward_read_u16be(reader);

	read->id = ward_read_bytes(reader, len);
	if (reader->failed || len == 0 || len > PEOPLE_CREDENTIAL_MAX)
		return false;
	struct people_cbor cbor =
			people_cbor_from((ward_bytes){ reader->next, ward_reader_left(reader) });

	people_cbor_skip(&cbor);
	if (cbor.failed)
		return false;
	read->key = ward_read_bytes(reader, (size_t)(cbor.next - reader->next));
	return read->key.len <= PEOPLE_COSE_MAX;
}

static bool read_extensions(struct ward_reader *reader)
{
	struct people_cbor cbor =
			people_cbor_from((ward_bytes){ reader->next, ward_reader_left(reader) });

	people_cbor_skip(&cbor);
	if (cbor.failed)
		return false;
	(void)ward_read_bytes(reader, (size_t)(cbor.next - reader->next));
	return true;
}

static ward_err read_authenticator(const struct people_place *place, ward_bytes data,
		struct authenticator *read, struct ward_error *error)
{
	struct ward_reader reader = ward_reader_from(data);
	ward_bytes hash = ward_read_bytes(&reader, HASH);
	uint8_t wanted[HASH];

	read->flags = ward_read_u8(&reader);
	read->counter = ward_read_u32be(&reader);
	bool whole = !reader.failed;

	if (whole && (read->flags & FLAG_AT))
		whole = read_attested(&reader, read);
	if (whole && (read->flags & FLAG_ED))
		whole = read_extensions(&reader);
	if (!whole || ward_reader_left(&reader) > 0)
		return ward_fail(error, WARD_E_DENIED,
				"what the authenticator says is not as the standard has it");
	crypto_hash_sha256(wanted, (const uint8_t *)place->rp_id, strlen(place->rp_id));
	if (memcmp(hash.ptr, wanted, HASH) != 0)
		return ward_fail(error, WARD_E_DENIED, "the passkey is of another service");
	if (!(read->flags & FLAG_UP) || !(read->flags & FLAG_UV) ||
			((read->flags & FLAG_BS) && !(read->flags & FLAG_BE)))
		return ward_fail(error, WARD_E_DENIED,
				"the authenticator has not verified the person; set up its PIN, "
				"finger or face");
	return WARD_OK;
}

/* ---- public keys (RFC 9052, RFC 8812) ---- */

struct cose {
	int64_t type, algorithm, curve;
	ward_bytes x, y; /* of RSA: n and e */
};

/* What -1, -2 and -3 name depends on the type, which may come behind them. */
static void sort_out(struct cose *cose, const struct people_cbor_item own[3])
{
	bool rsa = cose->type == 3;

	cose->curve = rsa ? 0 : own[0].number;
	cose->x = own[rsa ? 0 : 1].bytes;
	cose->y = own[rsa ? 1 : 2].bytes;
}

static bool read_cose(ward_bytes key, struct cose *cose)
{
	struct people_cbor cbor = people_cbor_from(key);
	struct people_cbor_item map = people_cbor_next(&cbor);
	struct people_cbor_item own[3] = { { .kind = PEOPLE_CBOR_NONE } };

	*cose = (struct cose){ 0 };
	if (map.kind != PEOPLE_CBOR_MAP)
		return false;
	for (int64_t i = 0; i < map.number && !cbor.failed; i++) {
		struct people_cbor_item name = people_cbor_next(&cbor);
		struct people_cbor_item value = people_cbor_next(&cbor);

		if (name.kind != PEOPLE_CBOR_INT ||
				(value.kind != PEOPLE_CBOR_INT && value.kind != PEOPLE_CBOR_BYTES))
			return false;
		if (name.number == 1)
			cose->type = value.number;
		else if (name.number == 3)
			cose->algorithm = value.number;
		else if (name.number >= -3 && name.number <= -1)
			own[-1 - name.number] = value;
	}
	sort_out(cose, own);
	return !cbor.failed && cbor.next == cbor.end;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!context || EVP_PKEY_fromdata_init(context) <= 0 ||
			EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

/* A point on P-256; one that is not on the curve makes no key. */
static EVP_PKEY *ec_key(const struct cose *cose)
{
	uint8_t point[65] = { 4 };
	char group[] = "prime256v1";

	if (cose->type != 2 || cose->curve != 1 || cose->x.len != 32 || cose->y.len != 32)
		return NULL;
	memcpy(point + 1, cose->x.ptr, 32);
	memcpy(point + 33, cose->y.ptr, 32);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};

	return from_params("EC", params);
}

/* 2048 to 4096 bits, an exponent that is odd and small. */
static EVP_PKEY *rsa_key(const struct cose *cose)
{
	EVP_PKEY *key = NULL;

	if (cose->type != 3 || cose->x.len < 256 || cose->x.len > 512 || cose->y.len == 0 ||
			cose->y.len > 4 || !(cose->x.ptr[0] & 0x80) ||
			!(cose->y.ptr[cose->y.len - 1] & 1))
		return NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(cose->x.ptr, (int)cose->x.len, NULL);
	BIGNUM *e = BN_bin2bn(cose->y.ptr, (int)cose->y.len, NULL);

	if (builder && n && e && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
			OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e)) {
		OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);

		key = params ? from_params("RSA", params) : NULL;
		OSSL_PARAM_free(params);
	}
	OSSL_PARAM_BLD_free(builder);
	BN_free(n);
	BN_free(e);
	return key;
}

/* NULL for a key that is none of the three kinds. */
static EVP_PKEY *open_key(ward_bytes bytes, int64_t *algorithm)
{
	struct cose cose;

	if (!read_cose(bytes, &cose))
		return NULL;
	*algorithm = cose.algorithm;
	if (cose.algorithm == ES256)
		return ec_key(&cose);
	if (cose.algorithm == RS256)
		return rsa_key(&cose);
	if (cose.algorithm == EDDSA && cose.type == 1 && cose.curve == 6 && cose.x.len == 32)
		return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, cose.x.ptr, cose.x.len);
	return NULL;
}

static bool verifies(ward_bytes key_bytes, ward_bytes message, ward_bytes signature)
{
	int64_t algorithm = 0;
	EVP_PKEY *key = open_key(key_bytes, &algorithm);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fits = key && context &&
		    EVP_DigestVerifyInit(context, NULL, algorithm == EDDSA ? NULL : EVP_sha256(),
				    NULL, key) == 1 &&
		    EVP_DigestVerify(context, signature.ptr, signature.len, message.ptr,
				    message.len) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return fits;
}

/* ---- a new passkey ---- */

/* {"fmt": text, "attStmt": …, "authData": bytes} */
static bool read_attestation(ward_bytes object, ward_bytes *authenticator)
{
	struct people_cbor cbor = people_cbor_from(object);
	struct people_cbor_item map = people_cbor_next(&cbor);
	bool found = false;

	if (map.kind != PEOPLE_CBOR_MAP)
		return false;
	for (int64_t i = 0; i < map.number && !cbor.failed; i++) {
		struct people_cbor_item name = people_cbor_next(&cbor);

		if (name.kind != PEOPLE_CBOR_TEXT)
			return false;
		if (name.bytes.len != 8 || memcmp(name.bytes.ptr, "authData", 8) != 0) {
			people_cbor_skip(&cbor);
			continue;
		}
		struct people_cbor_item value = people_cbor_next(&cbor);

		if (value.kind != PEOPLE_CBOR_BYTES || found)
			return false;
		found = true;
		*authenticator = value.bytes;
	}
	return found && !cbor.failed && cbor.next == cbor.end;
}

ward_err people_passkey_register(const struct people_place *place, const uint8_t challenge[32],
		ward_bytes client_data, ward_bytes attestation,
		struct people_credential *credential, struct ward_error *error)
{
	struct authenticator read = { 0 };
	ward_bytes data;
	int64_t algorithm;
	ward_err err = check_client(place, "webauthn.create", challenge, client_data, error);

	if (err)
		return err;
	if (attestation.len > PEOPLE_ATTESTATION_MAX || !read_attestation(attestation, &data))
		return ward_fail(error, WARD_E_DENIED,
				"what the authenticator says is not as the standard has it");
	err = read_authenticator(place, data, &read, error);
	if (err)
		return err;
	EVP_PKEY *key = (read.flags & FLAG_AT) ? open_key(read.key, &algorithm) : NULL;

	if (!key)
		return ward_fail(error, WARD_E_DENIED,
				"the authenticator gives no key of a kind that is taken here "
				"(ES256, EdDSA, RS256)");
	EVP_PKEY_free(key);
	credential->id_len = read.id.len;
	memcpy(credential->id, read.id.ptr, read.id.len);
	credential->key_len = read.key.len;
	memcpy(credential->key, read.key.ptr, read.key.len);
	credential->counter = read.counter;
	return WARD_OK;
}

/* ---- using one ---- */

ward_err people_passkey_assert(const struct people_place *place, const uint8_t challenge[32],
		const struct people_assertion *assertion, ward_bytes key, uint32_t counter_before,
		uint32_t *counter, struct ward_error *error)
{
	uint8_t message[HEAD + 1024 + HASH];
	ward_bytes data = assertion->authenticator_data;
	struct authenticator read = { 0 };
	ward_err err = check_client(place, "webauthn.get", challenge, assertion->client_data,
			error);

	if (err)
		return err;
	if (data.len > sizeof(message) - HASH)
		return ward_fail(error, WARD_E_DENIED,
				"what the authenticator says is not as the standard has it");
	err = read_authenticator(place, data, &read, error);
	if (err)
		return err;
	memcpy(message, data.ptr, data.len);
	crypto_hash_sha256(message + data.len, assertion->client_data.ptr,
			assertion->client_data.len);
	if (!verifies(key, (ward_bytes){ message, data.len + HASH }, assertion->signature))
		return ward_fail(error, WARD_E_DENIED, "the passkey's signature is not right");
	/* One that counts, counts up; a copy of it does not know how far it was. */
	if ((counter_before > 0 || read.counter > 0) && read.counter <= counter_before)
		return ward_fail(error, WARD_E_DENIED,
				"the passkey's counter did not go up: there may be a copy of it");
	*counter = read.counter;
	return WARD_OK;
}
