#include "people/people_totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* RFC 4226, 5.3: the low four bits of the last byte say where the 31 bits begin. */
uint32_t people_totp_code(ward_bytes secret, uint64_t step, unsigned digits)
{
	uint8_t counter[8], digest[EVP_MAX_MD_SIZE];
	uint32_t modulus = 1;
	unsigned len = 0;

	for (unsigned i = 0; i < 8; i++)
		counter[i] = (uint8_t)(step >> 8 * (7 - i));
	for (unsigned i = 0; i < digits; i++)
		modulus *= 10;
	/* It fails for want of memory alone; then there is no code that fits. */
	if (!HMAC(EVP_sha1(), secret.ptr, (int)secret.len, counter, sizeof(counter), digest, &len))
		return UINT32_MAX;
	const uint8_t *at = digest + (digest[len - 1] & 0x0f);
	uint32_t number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 |
			  (uint32_t)at[2] << 8 | at[3];

	OPENSSL_cleanse(digest, sizeof(digest));
	return number % modulus;
}

static bool read_code(ward_str typed, uint32_t *code)
{
	unsigned digits = 0;

	*code = 0;
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (c == ' ')
			continue;
		if (c < '0' || c > '9' || digits == PEOPLE_TOTP_DIGITS)
			return false;
		*code = *code * 10 + (uint32_t)(c - '0');
		digits++;
	}
	return digits == PEOPLE_TOTP_DIGITS;
}

bool people_totp_fits(const uint8_t secret[PEOPLE_TOTP_SECRET], ward_str typed, int64_t now,
		int64_t last_step, int64_t *step)
{
	int64_t current = now / PEOPLE_TOTP_STEP_S;
	bool fits = false;
	uint32_t code;

	if (!read_code(typed, &code) || now < 0)
		return false;
	/* All are looked at, so that the time does not tell which it was. */
	for (int64_t at = current - PEOPLE_TOTP_DRIFT; at <= current + PEOPLE_TOTP_DRIFT; at++) {
		uint32_t wanted = people_totp_code((ward_bytes){ secret, PEOPLE_TOTP_SECRET },
				(uint64_t)at, PEOPLE_TOTP_DIGITS);

		if (wanted == code && at > last_step && !fits) {
			fits = true;
			*step = at;
		}
	}
	return fits;
}

/* ---- as text ---- */

void people_totp_text(const uint8_t secret[PEOPLE_TOTP_SECRET], char out[PEOPLE_TOTP_TEXT_MAX])
{
	ward_base32_format(secret, PEOPLE_TOTP_SECRET, out);
}

static void add_escaped(struct ward_buf *out, ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';

		if (plain)
			ward_buf_char(out, c);
		else
			ward_buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

void people_totp_uri(const uint8_t secret[PEOPLE_TOTP_SECRET], ward_str issuer, ward_str login,
		struct ward_buf *out)
{
	char text[PEOPLE_TOTP_TEXT_MAX];

	people_totp_text(secret, text);
	ward_buf_str(out, WARD_STR("otpauth://totp/"));
	add_escaped(out, issuer);
	ward_buf_char(out, ':');
	add_escaped(out, login);
	ward_buf_printf(out, "?secret=%s&issuer=", text);
	add_escaped(out, issuer);
	ward_buf_printf(out, "&algorithm=SHA1&digits=%d&period=%d", PEOPLE_TOTP_DIGITS,
			PEOPLE_TOTP_STEP_S);
	OPENSSL_cleanse(text, sizeof(text));
}
