/*
 * people_code.h - secrets that people copy by hand
 *
 * An invitation or a recovery code is random, written in 32 letters and digits
 * that are not mistaken for each other, in groups of four.  Whoever types it
 * may use capitals, leave the dashes out, or write O for 0 and I for 1.  Only a
 * digest is kept; the codes are long enough that none is found by trying.
 */
#ifndef PEOPLE_CODE_H
#define PEOPLE_CODE_H

#include <ward/base.h>

enum {
	PEOPLE_CODE_INVITATION = 24, /* letters: 120 bits */
	PEOPLE_CODE_RECOVERY = 16,   /* 80 bits */
	PEOPLE_CODE_TEXT_MAX = 32,   /* with dashes and the NUL */
	PEOPLE_CODE_DIGEST = 32,
};

/* "7k3m-…"; `letters` is one of the two lengths. */
void people_code_new(unsigned letters, char out[PEOPLE_CODE_TEXT_MAX]);
/* SHA-256 over `kind` ("invitation", "recovery") and the code; false when it cannot be one. */
bool people_code_digest(const char *kind, unsigned letters, ward_str typed,
		uint8_t digest[PEOPLE_CODE_DIGEST]) WARD_MUST_USE;

#endif
