#include "audit/signer.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/test.h"

static struct ward_error error;

static const char *new_folder(void)
{
	static char folder[64];

	snprintf(folder, sizeof(folder), "/tmp/ward-signer-XXXXXX");
	return mkdtemp(folder);
}

static const char *in(const char *folder, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void forget(const char *folder)
{
	unlink(in(folder, "signing.key"));
	unlink(in(folder, "signing.pub"));
	rmdir(folder);
}

static ward_bytes bytes(const char *text)
{
	return (ward_bytes){ (const uint8_t *)text, strlen(text) };
}

static void is_made_once(void)
{
	const char *folder = new_folder();
	struct signer *first, *second;
	struct stat st;

	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_open(folder, &first, &error), WARD_OK);
	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_open(folder, &second, &error), WARD_OK);
	CHECK(memcmp(signer_public(first), signer_public(second), SIGNER_KEY_SIZE) == 0);
	CHECK(stat(in(folder, "signing.key"), &st) == 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	signer_free(first);
	signer_free(second);
	forget(folder);
}

static void a_public_half_that_is_lost_is_made_again(void)
{
	const char *folder = new_folder();
	uint8_t before[SIGNER_KEY_SIZE], after[SIGNER_KEY_SIZE];

	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_read_public(in(folder, "signing.pub"), before, &error), WARD_OK);
	unlink(in(folder, "signing.pub"));
	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_read_public(in(folder, "signing.pub"), after, &error), WARD_OK);
	CHECK(memcmp(before, after, sizeof(before)) == 0);
	forget(folder);
}

static void a_key_that_others_can_read_is_refused(void)
{
	const char *folder = new_folder();
	struct signer *signer;

	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK(chmod(in(folder, "signing.key"), 0640) == 0);
	CHECK_EQ(signer_open(folder, &signer, &error), WARD_E_DENIED);
	CHECK(chmod(in(folder, "signing.key"), 0600) == 0);
	CHECK_EQ(signer_open(folder, &signer, &error), WARD_OK);
	signer_free(signer);
	forget(folder);
}

static void a_key_that_is_none_is_refused(void)
{
	static const char *const wrong[] = { "", "ed25519:", "ed25519:AAAA\n", "lighthouse\n",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" };
	const char *folder = new_folder();
	struct signer *signer;

	CHECK_EQ(signer_open(folder, &signer, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		CHECK_EQ(file_replace(in(folder, "signing.key"), bytes(wrong[i]), 0600, &error),
				WARD_OK);
		CHECK_EQ(signer_open(folder, &signer, &error), WARD_E_CORRUPT);
	}
	forget(folder);
}

static void another_public_half_is_told(void)
{
	const char *folder = new_folder();
	struct signer *signer;

	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(file_replace(in(folder, "signing.pub"),
				 bytes("ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
				 0600, &error),
			WARD_OK);
	CHECK_EQ(signer_open(folder, &signer, &error), WARD_E_CORRUPT);
	forget(folder);
}

static void a_signature_is_of_one_message_one_kind_and_one_key(void)
{
	uint8_t signature[SIGNER_SIGNATURE_SIZE], key[SIGNER_KEY_SIZE];
	const char *folder = new_folder();
	struct signer *signer;

	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_open(folder, &signer, &error), WARD_OK);
	memcpy(key, signer_public(signer), sizeof(key));
	signer_sign(signer, "ward.call", bytes("a bridge"), signature);
	CHECK(signer_check(key, "ward.call", bytes("a bridge"), signature));
	CHECK(!signer_check(key, "ward.call", bytes("a bridge "), signature));
	CHECK(!signer_check(key, "ward.call", bytes(""), signature));
	CHECK(!signer_check(key, "ward.package", bytes("a bridge"), signature));
	for (size_t i = 0; i < sizeof(key); i++) {
		key[i] ^= 1;
		CHECK(!signer_check(key, "ward.call", bytes("a bridge"), signature));
		key[i] ^= 1;
	}
	for (size_t i = 0; i < sizeof(signature); i++) {
		signature[i] ^= 1;
		CHECK(!signer_check(key, "ward.call", bytes("a bridge"), signature));
		signature[i] ^= 1;
	}
	signer_free(signer);
	forget(folder);
}

/* What signer.c says is signed, put together by hand. */
static void a_stranger_can_check_with_ed25519_alone(void)
{
	uint8_t signature[SIGNER_SIGNATURE_SIZE], said[10 + 32];
	const char *folder = new_folder();
	struct signer *signer;

	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_open(folder, &signer, &error), WARD_OK);
	signer_sign(signer, "ward.call", bytes("a bridge"), signature);
	memcpy(said, "ward.call", 10);
	crypto_hash_sha256(said + 10, (const uint8_t *)"a bridge", 8);
	CHECK_EQ(crypto_sign_verify_detached(signature, said, sizeof(said), signer_public(signer)),
			0);
	signer_free(signer);
	forget(folder);
}

static const struct test_case cases[] = {
	{ "a key is made once, for its owner alone", is_made_once },
	{ "a public half that is lost is made again", a_public_half_that_is_lost_is_made_again },
	{ "a key that others can read is refused", a_key_that_others_can_read_is_refused },
	{ "a file that holds no key is refused", a_key_that_is_none_is_refused },
	{ "a public half of another key is told", another_public_half_is_told },
	{ "a signature is of one message, one kind and one key",
			a_signature_is_of_one_message_one_kind_and_one_key },
	{ "a stranger can check a signature with Ed25519 alone",
			a_stranger_can_check_with_ed25519_alone },
};
TEST_MAIN(cases)
