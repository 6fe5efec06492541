/* The digests against OpenSSL's one-shot calls: every short length, any way of splitting. */
#include "base/test.h"

#include <openssl/evp.h>
#include <ward/hash.h>

static uint8_t bytes[1 << 20];

/* A small generator, so that a failure comes again. */
static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void fill(uint32_t seed)
{
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next(&seed);
}

static struct ward_digests expected(const uint8_t *data, size_t len)
{
	struct ward_digests digests = { .bytes = len };

	EVP_Digest(data, len, digests.md5, NULL, EVP_md5(), NULL);
	EVP_Digest(data, len, digests.sha1, NULL, EVP_sha1(), NULL);
	EVP_Digest(data, len, digests.sha256, NULL, EVP_sha256(), NULL);
	return digests;
}

static bool same(const struct ward_digests *a, const struct ward_digests *b)
{
	return memcmp(a->md5, b->md5, 16) == 0 && memcmp(a->sha1, b->sha1, 20) == 0 &&
	       memcmp(a->sha256, b->sha256, 32) == 0 && a->bytes == b->bytes;
}

static void nothing_has_the_digests_everyone_knows(void)
{
	struct ward_digests digests;
	char text[WARD_SIGNAL_TEXT_MAX];
	ward_signal signal;

	CHECK_EQ(ward_digest((ward_bytes){ NULL, 0 }, &digests), WARD_OK);
	signal = ward_digests_signal(&digests, WARD_SIGNAL_MD5);
	CHECK_STR(ward_signal_format(&signal, text), "d41d8cd98f00b204e9800998ecf8427e");
	signal = ward_digests_signal(&digests, WARD_SIGNAL_SHA1);
	CHECK_STR(ward_signal_format(&signal, text), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	signal = ward_digests_signal(&digests, WARD_SIGNAL_SHA256);
	CHECK_STR(ward_signal_format(&signal, text),
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	CHECK_EQ(ward_digests_signal(&digests, WARD_SIGNAL_PDQ).kind, WARD_SIGNAL_NONE);
}

static void every_length_up_to_300_agrees(void)
{
	struct ward_digester *digester = ward_digester_new();
	struct ward_digests got, want;

	fill(1);
	for (size_t len = 0; len <= 300; len++) {
		want = expected(bytes + len, len);
		ward_digester_update(digester, (ward_bytes){ bytes + len, len });
		ward_digester_finish(digester, &got);
		CHECK(same(&got, &want));
	}
	ward_digester_free(digester);
}

static void any_split_gives_the_same(void)
{
	struct ward_digester *digester = ward_digester_new();
	uint32_t seed = 2;

	fill(3);
	for (int round = 0; round < 300; round++) {
		size_t len = next(&seed) % (round < 250 ? 5000 : sizeof(bytes));
		struct ward_digests want = expected(bytes, len), got;

		for (size_t done = 0; done < len;) {
			size_t piece = next(&seed) % (next(&seed) % 2 ? 70 : 20000);

			piece = piece < len - done ? piece : len - done;
			ward_digester_update(digester, (ward_bytes){ bytes + done, piece });
			done += piece;
		}
		ward_digester_finish(digester, &got);
		CHECK(same(&got, &want));
	}
	ward_digester_free(digester);
}

static void many_bytes_agree(void)
{
	struct ward_digester *digester = ward_digester_new();
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct ward_digests got;
	uint8_t want[32];

	fill(4);
	EVP_DigestInit_ex(context, EVP_sha256(), NULL);
	for (int i = 0; i < 32; i++) {
		ward_digester_update(digester, (ward_bytes){ bytes, sizeof(bytes) - i });
		EVP_DigestUpdate(context, bytes, sizeof(bytes) - i);
	}
	ward_digester_finish(digester, &got);
	EVP_DigestFinal_ex(context, want, NULL);
	EVP_MD_CTX_free(context);
	ward_digester_free(digester);
	CHECK(memcmp(got.sha256, want, 32) == 0);
	CHECK_EQ(got.bytes, 32 * sizeof(bytes) - 31 * 16);
}

/* The same again with the CPU's own instructions switched off. */
static void plain(void (*test)(void))
{
	CHECK(ward_hash_cpu_limit("plain"));
	test();
	CHECK(ward_hash_cpu_limit(NULL));
}

static void plain_nothing(void)
{
	plain(nothing_has_the_digests_everyone_knows);
}

static void plain_every_length(void)
{
	plain(every_length_up_to_300_agrees);
}

static void plain_any_split(void)
{
	plain(any_split_gives_the_same);
}

static void a_digester_keeps_its_code_to_its_end(void)
{
	struct ward_digester *digester = ward_digester_new();
	struct ward_digests got, want;

	fill(5);
	want = expected(bytes, 1000);
	for (int i = 0; i < 2; i++) {
		ward_digester_update(digester, (ward_bytes){ bytes, 500 });
		CHECK(ward_hash_cpu_limit(i == 0 ? "plain" : NULL));
		ward_digester_update(digester, (ward_bytes){ bytes + 500, 500 });
		ward_digester_finish(digester, &got);
		CHECK(same(&got, &want));
	}
	ward_digester_free(digester);
}

/* Inputs of every short length, some long ones, some none, in no order. */
static void many_at_once_agree(void)
{
	static const size_t counts[] = { 0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 40, 300 };
	static ward_bytes inputs[300];
	static struct ward_digests got[300];
	uint32_t seed = 6;

	fill(7);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		for (size_t k = 0; k < counts[i]; k++) {
			size_t len = next(&seed) % (k % 5 == 0 ? 40000 : 300), at = next(&seed);

			inputs[k] = (ward_bytes){ bytes + at % (sizeof(bytes) - len), len };
		}
		if (counts[i] > 9)
			inputs[9] = (ward_bytes){ NULL, 0 };
		CHECK_EQ(ward_digest_many(inputs, counts[i], got), WARD_OK);
		for (size_t k = 0; k < counts[i]; k++) {
			struct ward_digests want = expected(inputs[k].ptr, inputs[k].len);

			CHECK(same(&got[k], &want));
		}
	}
}

static void many_at_once_agree_on_every_code(void)
{
	static const char *const names[] = { "avx512", "avx2", "neon", "plain" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!ward_hash_cpu_limit(names[i])) {
			printf("# this CPU has no %s: not compared\n", names[i]);
			continue;
		}
		many_at_once_agree();
	}
	CHECK(ward_hash_cpu_limit(NULL));
}

static const struct test_case cases[] = {
	{ "nothing has the digests everyone knows", nothing_has_the_digests_everyone_knows },
	{ "every length up to 300 agrees with OpenSSL", every_length_up_to_300_agrees },
	{ "any split gives the same", any_split_gives_the_same },
	{ "many bytes agree", many_bytes_agree },
	{ "plain: nothing has the digests everyone knows", plain_nothing },
	{ "plain: every length up to 300 agrees with OpenSSL", plain_every_length },
	{ "plain: any split gives the same", plain_any_split },
	{ "many at once agree with OpenSSL", many_at_once_agree },
	{ "many at once agree on every code", many_at_once_agree_on_every_code },
	{ "a digester keeps its code to its end", a_digester_keeps_its_code_to_its_end },
};
TEST_MAIN(cases)
