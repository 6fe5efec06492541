#include "seal/pair.h"

#include "base/file.h"

#include <sodium.h>

enum { FILE_ROOM = 4096 };

#define PUBLIC_WORD "x25519:"
#define SECRET_WORD "x25519-secret:"

static bool parse(ward_str text, ward_str word, uint8_t key[PAIR_KEY])
{
	if (!ward_str_starts(text, word))
		return false;
	return ward_base64_parse((ward_str){ text.ptr + word.len, text.len - word.len }, key,
			PAIR_KEY);
}

static void format(const char *word, const uint8_t key[PAIR_KEY], char line[PAIR_LINE])
{
	size_t len = strlen(word);

	snprintf(line, PAIR_LINE, "%s", word);
	ward_base64_format(key, PAIR_KEY, line + len);
}

bool pair_public_parse(ward_str text, uint8_t key[PAIR_KEY])
{
	return parse(text, WARD_STR(PUBLIC_WORD), key);
}

void pair_public_format(const uint8_t key[PAIR_KEY], char line[PAIR_LINE])
{
	format(PUBLIC_WORD, key, line);
}

void pair_secret_format(const uint8_t secret[PAIR_KEY], char line[PAIR_LINE])
{
	format(SECRET_WORD, secret, line);
}

ward_err pair_secret_read(const char *path, uint8_t secret[PAIR_KEY], struct ward_error *error)
{
	char *text;
	size_t len;
	ward_err err = file_read(path, FILE_ROOM, &text, &len, error);

	if (err)
		return err;
	bool good = parse(ward_str_trim((ward_str){ text, len }), WARD_STR(SECRET_WORD), secret);

	sodium_memzero(text, len);
	free(text);
	return good ? WARD_OK
		    : ward_fail(error, WARD_E_FORMAT, "%s holds no secret key of ward's", path);
}
