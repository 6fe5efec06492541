#include "people/people_passkey.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "base/test.h"
#include "people/people_cbor.h"

/*
 * An authenticator in a few lines: it makes a pair, says what the standard
 * says, and signs.  The case that is tested changes one thing of it.
 */
static const struct people_place place = { "https://ward.example.org", "ward.example.org" };
static const uint8_t challenge[32] = { 1, 2, 3 };
static struct ward_error error;

struct device {
	EVP_PKEY *pair;
	int algorithm;
	uint8_t flags;
	uint32_t counter;
	const char *rp_id, *origin, *type;
	uint8_t cose[PEOPLE_COSE_MAX];
	size_t cose_len;
	uint8_t data[2048], object[4096];
	size_t data_len, object_len;
	char client[512];
	uint8_t signature[600];
	size_t signature_len;
};

static void put(uint8_t *out, size_t *len, const void *bytes, size_t count)
{
	memcpy(out + *len, bytes, count);
	*len += count;
}

static void put_cose_ec(struct device *device)
{
	uint8_t point[65];
	size_t len = 0, *at = &device->cose_len;

	EVP_PKEY_get_octet_string_param(device->pair, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point,
			sizeof(point), &len);
	put(device->cose, at, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
	put(device->cose, at, point + 1, 32);
	put(device->cose, at, "\x22\x58\x20", 3);
	put(device->cose, at, point + 33, 32);
}

static void put_cose_okp(struct device *device)
{
	uint8_t key[32];
	size_t len = sizeof(key);

	EVP_PKEY_get_raw_public_key(device->pair, key, &len);
	put(device->cose, &device->cose_len, "\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", 10);
	put(device->cose, &device->cose_len, key, 32);
}

static void put_cose_rsa(struct device *device)
{
	uint8_t n[256];
	BIGNUM *number = NULL;

	EVP_PKEY_get_bn_param(device->pair, OSSL_PKEY_PARAM_RSA_N, &number);
	BN_bn2binpad(number, n, sizeof(n));
	BN_free(number);
	put(device->cose, &device->cose_len, "\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00", 11);
	put(device->cose, &device->cose_len, n, sizeof(n));
	put(device->cose, &device->cose_len, "\x21\x43\x01\x00\x01", 5);
}

static void begin(struct device *device, int algorithm)
{
	*device = (struct device){ .algorithm = algorithm,
		.flags = 0x45,
		.rp_id = place.rp_id,
		.origin = place.origin,
		.type = "webauthn.create" };
	if (algorithm == -7) {
		device->pair = EVP_EC_gen("P-256");
		put_cose_ec(device);
	} else if (algorithm == -8) {
		device->pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		put_cose_okp(device);
	} else {
		device->pair = EVP_RSA_gen(2048);
		put_cose_rsa(device);
	}
}

static void end(struct device *device)
{
	EVP_PKEY_free(device->pair);
}

static void speak(struct device *device)
{
	char word[64];
	uint8_t hash[32];
	uint8_t counter[4] = { (uint8_t)(device->counter >> 24), (uint8_t)(device->counter >> 16),
		(uint8_t)(device->counter >> 8), (uint8_t)device->counter };

	sodium_bin2base64(word, sizeof(word), challenge, 32,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(device->client, sizeof(device->client),
			"{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\","
			"\"crossOrigin\":false}",
			device->type, word, device->origin);
	crypto_hash_sha256(hash, (const uint8_t *)device->rp_id, strlen(device->rp_id));
	device->data_len = 0;
	put(device->data, &device->data_len, hash, 32);
	put(device->data, &device->data_len, &device->flags, 1);
	put(device->data, &device->data_len, counter, 4);
	if (device->flags & 0x40) {
		put(device->data, &device->data_len, (uint8_t[16]){ 0 }, 16);
		put(device->data, &device->data_len, "\x00\x05lamp1", 7);
		put(device->data, &device->data_len, device->cose, device->cose_len);
	}
}

static ward_bytes client_of(const struct device *device)
{
	return (ward_bytes){ (const uint8_t *)device->client, strlen(device->client) };
}

static ward_err enrol(struct device *device, struct people_credential *credential)
{
	uint8_t head[] = { 0x59, (uint8_t)(device->data_len >> 8), (uint8_t)device->data_len };

	device->object_len = 0;
	put(device->object, &device->object_len,
			"\xa3\x63"
			"fmt\x64none\x67"
			"attStmt\xa0\x68"
			"authData",
			1 + 4 + 5 + 8 + 1 + 9);
	put(device->object, &device->object_len, head, 3);
	put(device->object, &device->object_len, device->data, device->data_len);
	return people_passkey_register(&place, challenge, client_of(device),
			(ward_bytes){ device->object, device->object_len }, credential, &error);
}

static void sign(struct device *device)
{
	uint8_t message[2048 + 32];
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	memcpy(message, device->data, device->data_len);
	crypto_hash_sha256(message + device->data_len, (const uint8_t *)device->client,
			strlen(device->client));
	device->signature_len = sizeof(device->signature);
	EVP_DigestSignInit(context, NULL, device->algorithm == -8 ? NULL : EVP_sha256(), NULL,
			device->pair);
	EVP_DigestSign(context, device->signature, &device->signature_len, message,
			device->data_len + 32);
	EVP_MD_CTX_free(context);
}

static ward_err use(struct device *device, uint32_t before, uint32_t *counter)
{
	struct people_assertion assertion = { client_of(device), { device->data, device->data_len },
		{ device->signature, device->signature_len } };

	return people_passkey_assert(&place, challenge, &assertion,
			(ward_bytes){ device->cose, device->cose_len }, before, counter, &error);
}

static void answer(struct device *device)
{
	device->flags = 0x05;
	device->type = "webauthn.get";
	speak(device);
	sign(device);
}

static void each_kind_of_key_is_enrolled_and_used(void)
{
	static const int algorithms[] = { -7, -8, -257 };

	for (size_t i = 0; i < 3; i++) {
		struct people_credential credential;
		struct device device;
		uint32_t counter;

		begin(&device, algorithms[i]);
		speak(&device);
		CHECK_EQ(enrol(&device, &credential), WARD_OK);
		CHECK_EQ(credential.id_len, 5);
		CHECK(memcmp(credential.id, "lamp1", 5) == 0);
		CHECK_EQ(credential.key_len, device.cose_len);
		answer(&device);
		CHECK_EQ(use(&device, 0, &counter), WARD_OK);
		device.signature[device.signature_len - 3] ^= 1;
		CHECK_EQ(use(&device, 0, &counter), WARD_E_DENIED);
		end(&device);
	}
}

static void another_page_another_service_another_question_are_refused(void)
{
	static const uint8_t other[32] = { 9 };
	struct people_credential credential;
	struct device device;

	begin(&device, -7);
	device.origin = "https://ward.example.org.example.com";
	speak(&device);
	CHECK_EQ(enrol(&device, &credential), WARD_E_DENIED);
	device.origin = place.origin;
	device.rp_id = "example.org";
	speak(&device);
	CHECK_EQ(enrol(&device, &credential), WARD_E_DENIED);
	device.rp_id = place.rp_id;
	device.type = "webauthn.get";
	speak(&device);
	CHECK_EQ(enrol(&device, &credential), WARD_E_DENIED);
	device.type = "webauthn.create";
	speak(&device);
	CHECK_EQ(enrol(&device, &credential), WARD_OK);
	CHECK_EQ(people_passkey_register(&place, other, client_of(&device),
				 (ward_bytes){ device.object, device.object_len }, &credential,
				 &error),
			WARD_E_DENIED);
	end(&device);
}

static void the_person_must_have_been_verified(void)
{
	struct people_credential credential;
	struct device device;
	uint32_t counter;

	begin(&device, -7);
	/* Touched alone; verified without a touch; backed up though it cannot be. */
	for (int i = 0; i < 3; i++) {
		device.flags = (uint8_t[]){ 0x41, 0x44, 0x55 }[i];
		speak(&device);
		CHECK_EQ(enrol(&device, &credential), WARD_E_DENIED);
	}
	answer(&device);
	device.flags = 0x01;
	speak(&device);
	sign(&device);
	CHECK_EQ(use(&device, 0, &counter), WARD_E_DENIED);
	end(&device);
}

static void a_copy_is_told_by_its_counter(void)
{
	struct device device;
	uint32_t counter = 0;

	begin(&device, -8);
	device.counter = 7;
	answer(&device);
	CHECK_EQ(use(&device, 6, &counter), WARD_OK);
	CHECK_EQ(counter, 7);
	CHECK_EQ(use(&device, 7, &counter), WARD_E_DENIED);
	CHECK_EQ(use(&device, 8, &counter), WARD_E_DENIED);
	device.counter = 0;
	answer(&device);
	CHECK_EQ(use(&device, 0, &counter), WARD_OK);
	CHECK_EQ(use(&device, 1, &counter), WARD_E_DENIED);
	end(&device);
}

static void every_cut_and_every_changed_byte_is_refused_or_the_same(void)
{
	struct people_credential credential;
	struct device device;
	uint32_t counter;

	begin(&device, -7);
	speak(&device);
	CHECK_EQ(enrol(&device, &credential), WARD_OK);
	for (size_t len = 0; len < device.object_len; len++)
		CHECK_EQ(people_passkey_register(&place, challenge, client_of(&device),
					 (ward_bytes){ device.object, len }, &credential, &error),
				WARD_E_DENIED);
	answer(&device);
	CHECK_EQ(use(&device, 0, &counter), WARD_OK);
	for (size_t i = 0; i < device.data_len; i++) {
		device.data[i] ^= 0x20;
		CHECK_EQ(use(&device, 0, &counter), WARD_E_DENIED);
		device.data[i] ^= 0x20;
	}
	for (size_t i = 0; i < device.cose_len; i++) {
		device.cose[i] ^= 1;
		CHECK_EQ(use(&device, 0, &counter), WARD_E_DENIED);
		device.cose[i] ^= 1;
	}
	end(&device);
}

static void cbor_is_read_within_bounds(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool fine;
	} texts[] = {
		{ "\x00", 1, true },
		{ "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", 9, false },
		{ "\x42"
		  "a",
				2, false },
		{ "\x5f\x41"
		  "a\xff",
				4, false },
		{ "\x9a\xff\xff\xff\xff", 5, false },
		{ "\x81\x81\x81\x81\x81\x81\x00", 7, true },
		{ "\x81\x81\x81\x81\x81\x81\x81\x81\x81\x00", 10, false },
		{ "\xc0\x00", 2, false },
		{ "\xf9\x00\x00", 3, false },
		{ "\xf5", 1, true },
		{ "\xa1\x01", 2, false },
		{ "", 0, false },
		{ "\x1c", 1, false },
		{ "\x80", 1, true },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct people_cbor cbor = people_cbor_from(
				(ward_bytes){ (const uint8_t *)texts[i].bytes, texts[i].len });

		people_cbor_skip(&cbor);
		CHECK_EQ(!cbor.failed, texts[i].fine);
		CHECK(cbor.next == cbor.end);
	}
}

static const struct test_case cases[] = {
	{ "each kind of key is enrolled and used", each_kind_of_key_is_enrolled_and_used },
	{ "another page, another service, another question are refused",
			another_page_another_service_another_question_are_refused },
	{ "the person must have been verified", the_person_must_have_been_verified },
	{ "a copy is told by its counter", a_copy_is_told_by_its_counter },
	{ "every cut and every changed byte is refused",
			every_cut_and_every_changed_byte_is_refused_or_the_same },
	{ "CBOR is read within bounds", cbor_is_read_within_bounds },
};

int main(void)
{
	if (sodium_init() < 0)
		return 1;
	return test_run(cases, sizeof(cases) / sizeof(*cases));
}
