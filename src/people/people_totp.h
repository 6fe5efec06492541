/*
 * people_totp.h - codes of a person's own device (RFC 6238)
 *
 * Six digits of HMAC-SHA-1 over the 30-second step that the time is in: what
 * every authenticator application can do.  A code of the step before or after
 * is taken, too, because clocks differ; none is taken twice, and none of a step
 * before one that was taken.
 */
#ifndef PEOPLE_TOTP_H
#define PEOPLE_TOTP_H

#include <ward/base.h>

enum {
	PEOPLE_TOTP_SECRET = 20, /* bytes, as the hash has */
	PEOPLE_TOTP_STEP_S = 30,
	PEOPLE_TOTP_DIGITS = 6,
	PEOPLE_TOTP_DRIFT = 1,     /* steps, either way */
	PEOPLE_TOTP_TEXT_MAX = 40, /* the secret in base32, with the NUL */
};

/* The code of a step; `digits` is 6 to 8. */
uint32_t people_totp_code(ward_bytes secret, uint64_t step, unsigned digits);

/*
 * True, with its step, when the typed digits (blanks are passed over) are the code of a step near
 * `now` that is later than `last_step`.
 */
bool people_totp_fits(const uint8_t secret[PEOPLE_TOTP_SECRET], ward_str typed, int64_t now,
		int64_t last_step, int64_t *step) WARD_MUST_USE;

/* Base32 (RFC 4648) without padding, for typing in. */
void people_totp_text(const uint8_t secret[PEOPLE_TOTP_SECRET], char out[PEOPLE_TOTP_TEXT_MAX]);
/* otpauth://totp/ISSUER:LOGIN?secret=…, for a picture of squares. */
void people_totp_uri(const uint8_t secret[PEOPLE_TOTP_SECRET], ward_str issuer, ward_str login,
		struct ward_buf *out);

#endif
