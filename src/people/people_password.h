/*
 * people_password.h - passwords and phrases: what is good enough, and how they are kept
 *
 * A password has at least 12 characters and is not made of the person's own
 * name or login; nothing else is asked of it, because rules about kinds of
 * characters make people choose alike.  It is kept as Argon2id (RFC 9106) with
 * libsodium's interactive costs: 64 MiB and two passes, which take 170 ms of a
 * processor here (docs/decisions/0015-log-in.md has the numbers).
 *
 * Hashing takes memory: the caller bounds how many run at once.
 */
#ifndef PEOPLE_PASSWORD_H
#define PEOPLE_PASSWORD_H

#include <ward/base.h>

enum {
	PEOPLE_PASSWORD_MIN = 12,  /* characters */
	PEOPLE_PASSWORD_MAX = 256, /* bytes */
	PEOPLE_HASH_MAX = 128,     /* as text, with the NUL */
};

/*
 * ARGUMENT, in a sentence, when it is shorter than `characters_min`, longer than
 * PEOPLE_PASSWORD_MAX, no UTF-8, all one character, or little else than the login or a part of the
 * name.  `what` begins the sentence: "a password".
 */
ward_err people_password_check(ward_str password, size_t characters_min, ward_str login,
		ward_str name, const char *what, struct ward_error *error) WARD_MUST_USE;

/* NOMEM without the memory that it takes. */
ward_err people_password_hash(ward_str password, char hash[PEOPLE_HASH_MAX],
		struct ward_error *error) WARD_MUST_USE;
/*
 * True when it is the one.  With a NULL hash it takes as long, and is false: whoever asks cannot
 * tell an unknown name from a wrong password.
 */
bool people_password_fits(ward_str password, const char *hash) WARD_MUST_USE;
/* Was it made with other costs than today's?  Then it is made anew at the next log-in. */
bool people_password_is_old(const char *hash);

#endif
