/*
 * MD5, SHA-1 and SHA-256 in one pass.
 *
 * Bytes go through in pieces that stay in the first-level cache, so that the
 * second and third digest read them from there.
 */
#include <ward/hash.h>

#include <openssl/evp.h>

#define PIECE 8192

struct ward_digester {
	EVP_MD_CTX *context[3];
	uint64_t bytes;
};

static const EVP_MD *algorithm(int which)
{
	return which == 0 ? EVP_md5() : which == 1 ? EVP_sha1() : EVP_sha256();
}

static bool start(struct ward_digester *digester)
{
	digester->bytes = 0;
	for (int i = 0; i < 3; i++) {
		if (!EVP_DigestInit_ex(digester->context[i], algorithm(i), NULL))
			return false;
	}
	return true;
}

struct ward_digester *ward_digester_new(void)
{
	struct ward_digester *digester = calloc(1, sizeof(*digester));
	bool ok = digester != NULL;

	for (int i = 0; ok && i < 3; i++)
		ok = (digester->context[i] = EVP_MD_CTX_new()) != NULL;
	if (ok && start(digester))
		return digester;
	ward_digester_free(digester);
	return NULL;
}

void ward_digester_free(struct ward_digester *digester)
{
	if (!digester)
		return;
	for (int i = 0; i < 3; i++)
		EVP_MD_CTX_free(digester->context[i]);
	free(digester);
}

void ward_digester_update(struct ward_digester *digester, ward_bytes bytes)
{
	digester->bytes += bytes.len;
	while (bytes.len > 0) {
		size_t piece = bytes.len < PIECE ? bytes.len : PIECE;

		for (int i = 0; i < 3; i++)
			EVP_DigestUpdate(digester->context[i], bytes.ptr, piece);
		bytes.ptr += piece;
		bytes.len -= piece;
	}
}

void ward_digester_finish(struct ward_digester *digester, struct ward_digests *digests)
{
	EVP_DigestFinal_ex(digester->context[0], digests->md5, NULL);
	EVP_DigestFinal_ex(digester->context[1], digests->sha1, NULL);
	EVP_DigestFinal_ex(digester->context[2], digests->sha256, NULL);
	digests->bytes = digester->bytes;
	start(digester);
}

ward_err ward_digest(ward_bytes bytes, struct ward_digests *digests)
{
	struct ward_digester *digester = ward_digester_new();

	if (!digester)
		return WARD_E_NOMEM;
	ward_digester_update(digester, bytes);
	ward_digester_finish(digester, digests);
	ward_digester_free(digester);
	return WARD_OK;
}

ward_signal ward_digests_signal(const struct ward_digests *digests, ward_signal_kind kind)
{
	ward_signal signal = { .kind = kind };

	if (kind == WARD_SIGNAL_MD5)
		memcpy(signal.bytes, digests->md5, 16);
	else if (kind == WARD_SIGNAL_SHA1)
		memcpy(signal.bytes, digests->sha1, 20);
	else if (kind == WARD_SIGNAL_SHA256)
		memcpy(signal.bytes, digests->sha256, 32);
	else
		signal.kind = WARD_SIGNAL_NONE;
	return signal;
}
