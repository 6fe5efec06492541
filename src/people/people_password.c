#include "people/people_password.h"

#include <sodium.h>

_Static_assert(PEOPLE_HASH_MAX >= crypto_pwhash_STRBYTES, "a hash fits");

/* ---- what is good enough ---- */

static size_t characters(ward_str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return count;
}

static bool is_one_character(ward_str text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] != text.ptr[0])
			return false;
	}
	return true;
}

/* Where `word` begins in `text`, whatever the case of ASCII letters; or text.len. */
static size_t find_word(ward_str text, ward_str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++) {
		if (ward_str_eq_nocase((ward_str){ text.ptr + i, word.len }, word))
			return i;
	}
	return text.len;
}

enum { WORD_MIN = 3, REST_MIN = 8 };

/* Is it little else than this word, over and over? */
static bool is_made_of(ward_str text, ward_str word)
{
	size_t rest = characters(text);
	size_t at;

	if (word.len < WORD_MIN)
		return false;
	bool found = false;

	while ((at = find_word(text, word)) < text.len) {
		found = true;
		rest -= characters(word);
		text = (ward_str){ text.ptr + at + word.len, text.len - at - word.len };
	}
	return found && rest < REST_MIN;
}

static bool is_made_of_name(ward_str password, ward_str name)
{
	while (name.len > 0) {
		if (is_made_of(password, ward_str_cut(&name, ' ')))
			return true;
	}
	return false;
}

ward_err people_password_check(ward_str password, size_t characters_min, ward_str login,
		ward_str name, const char *what, struct ward_error *error)
{
	if (password.len > PEOPLE_PASSWORD_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "%s has at most %d bytes", what,
				PEOPLE_PASSWORD_MAX);
	if (!ward_utf8_valid(password) ||
			(password.len > 0 && memchr(password.ptr, '\0', password.len)))
		return ward_fail(error, WARD_E_ARGUMENT, "%s is text in UTF-8", what);
	if (characters(password) < characters_min)
		return ward_fail(error, WARD_E_ARGUMENT,
				"%s has at least %zu characters; a few words in a row are easy to "
				"keep in mind",
				what, characters_min);
	if (is_one_character(password))
		return ward_fail(error, WARD_E_ARGUMENT, "%s is more than one character, repeated",
				what);
	if (is_made_of(password, login) || is_made_of_name(password, name))
		return ward_fail(error, WARD_E_ARGUMENT,
				"%s is not made of one's own name; whoever wants in tries that "
				"first",
				what);
	return WARD_OK;
}

/* ---- how it is kept ---- */

ward_err people_password_hash(ward_str password, char hash[PEOPLE_HASH_MAX],
		struct ward_error *error)
{
	if (crypto_pwhash_str_alg(hash, password.ptr, password.len,
			    crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
			    crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ward_fail(error, WARD_E_NOMEM,
				"there is not the memory for hashing a password (64 MiB)");
	return WARD_OK;
}

/* A hash that no password is known for, with today's costs. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$"
			     "tzRPkBLMkSZXPDqKIyJIPA$"
			     "wCFvHIcTOdC0kRlSVAv2eYYGGMcSjTRp2GJRvV3GdZA";

bool people_password_fits(ward_str password, const char *hash)
{
	bool fits;

	/* No password that is longer was ever kept, and its time would tell nothing. */
	if (password.len > PEOPLE_PASSWORD_MAX)
		password.len = 0;
	fits = crypto_pwhash_str_verify(hash ? hash : nobody, password.ptr, password.len) == 0;
	return fits && hash;
}

bool people_password_is_old(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_INTERACTIVE,
			       crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0;
}
