#include "intake/receipt.h"

#include <assert.h>
#include <sodium.h>

#include "intake/receipt_words.h"

enum { WORDS = 6, WORD_BITS = 10, PREFIX = 4 };

/* Two passes over 8 MiB: 10 to 20 ms, and a graphics card gains little by its many cores. */
enum { PASSES = 2, MEMORY = 8 << 20 };

static_assert(sizeof(receipt_words) / sizeof(*receipt_words) == 1 << WORD_BITS, "bits of a word");
static_assert(INTAKE_RECEIPT_OVERHEAD == crypto_box_SEALBYTES, "sealed boxes");
static_assert(crypto_box_PUBLICKEYBYTES == 32 && crypto_box_SECRETKEYBYTES == 32, "X25519");

const char *intake_receipt_words(const uint8_t random[8], char out[INTAKE_RECEIPT_TEXT_MAX])
{
	uint64_t bits = 0;
	size_t len = 0;

	for (unsigned i = 0; i < 8; i++)
		bits = bits << 8 | random[i];
	for (unsigned i = 0; i < WORDS; i++, bits >>= WORD_BITS)
		len += (size_t)snprintf(out + len, INTAKE_RECEIPT_TEXT_MAX - len, "%s%s",
				i ? " " : "", receipt_words[bits & ((1u << WORD_BITS) - 1)]);
	return out;
}

/* ---- what was typed ---- */

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Small letters, one blank between words, none around them; false when it is no receipt. */
static bool tidy(ward_str typed, char out[INTAKE_RECEIPT_TYPED_MAX + 1])
{
	size_t len = 0;

	if (typed.len == 0 || typed.len > INTAKE_RECEIPT_TYPED_MAX)
		return false;
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (is_word_byte(c))
			out[len++] = c;
		else if (len > 0 && out[len - 1] != ' ')
			out[len++] = ' ';
	}
	if (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
	return len > 0;
}

/* The word of the list that begins with these letters; NULL when there is none. */
static const char *word_of(ward_str begun)
{
	size_t low = 0, high = sizeof(receipt_words) / sizeof(*receipt_words);

	if (begun.len < PREFIX)
		return NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (memcmp(receipt_words[middle], begun.ptr, PREFIX) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == sizeof(receipt_words) / sizeof(*receipt_words) ||
			memcmp(receipt_words[low], begun.ptr, PREFIX) != 0)
		return NULL;
	return receipt_words[low];
}

/* Six words of ours, begun right, become those six words; anything else stays as it is. */
static void complete(char text[INTAKE_RECEIPT_TYPED_MAX + 1])
{
	ward_str rest = ward_str_from(text);
	const char *words[WORDS];
	size_t count = 0, len = 0;
	char whole[INTAKE_RECEIPT_TYPED_MAX + 1];

	while (rest.len > 0) {
		const char *word = word_of(ward_str_cut(&rest, ' '));

		if (!word || count == WORDS)
			return;
		words[count++] = word;
	}
	if (count != WORDS)
		return;
	for (size_t i = 0; i < WORDS; i++)
		len += (size_t)snprintf(whole + len, sizeof(whole) - len, "%s%s", i ? " " : "",
				words[i]);
	memcpy(text, whole, len + 1);
}

/* ---- keys ---- */

ward_err intake_receipt_keys(ward_str typed, const uint8_t secret[INTAKE_RECEIPT_SECRET_SIZE],
		struct intake_receipt *keys, struct ward_error *error)
{
	char text[INTAKE_RECEIPT_TYPED_MAX + 1];
	uint8_t salt[crypto_pwhash_SALTBYTES], seed[64];

	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_IO, "libsodium does not start");
	if (!tidy(typed, text))
		return ward_fail(error, WARD_E_ARGUMENT, "that is no receipt");
	complete(text);
	crypto_generichash(salt, sizeof(salt), (const uint8_t *)"ward.receipt", 12, secret,
			INTAKE_RECEIPT_SECRET_SIZE);
	int failed = crypto_pwhash(seed, sizeof(seed), text, strlen(text), salt, PASSES, MEMORY,
			crypto_pwhash_ALG_ARGON2ID13);

	sodium_memzero(text, sizeof(text));
	if (failed)
		return ward_fail(error, WARD_E_NOMEM, "no memory to look a receipt up");
	memcpy(keys->lookup, seed, 32);
	crypto_box_seed_keypair(keys->public_key, keys->secret_key, seed + 32);
	sodium_memzero(seed, sizeof(seed));
	return WARD_OK;
}

void intake_receipt_wipe(struct intake_receipt *keys)
{
	sodium_memzero(keys, sizeof(*keys));
}

void intake_receipt_seal(const uint8_t public_key[32], ward_str text, uint8_t *sealed)
{
	crypto_box_seal(sealed, (const uint8_t *)text.ptr, text.len, public_key);
}

bool intake_receipt_unseal(const struct intake_receipt *keys, ward_bytes sealed, char *text)
{
	return sealed.len >= INTAKE_RECEIPT_OVERHEAD &&
	       crypto_box_seal_open((uint8_t *)text, sealed.ptr, sealed.len, keys->public_key,
			       keys->secret_key) == 0;
}
