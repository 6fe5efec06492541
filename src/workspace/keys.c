/*
 * The file is lines of text, a key each: name, scopes, rate, expiry, birth and
 * the SHA-256 of the token, with blanks between.  The tokens have 256 random
 * bits, so a plain hash is enough: there is nothing to guess offline.
 */
#include "workspace/keys.h"

#include <ward/hash.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"

enum { KEYS_MAX = 10000, FILE_MAX = 4 << 20 };

struct keys {
	struct key *at;
	size_t count;
};

static const char head[] = "# ward API keys: name scopes rate expires created sha256-of-token\n";

/* ---- scopes and names ---- */

static const struct {
	const char *name;
	uint32_t bit;
} scopes_known[] = {
	{ "scan", KEY_SCAN },
	{ "read", KEY_READ },
	{ "write", KEY_WRITE },
	{ "metrics", KEY_METRICS },
	{ "report", KEY_REPORT },
	{ "ask", KEY_ASK },
	{ "all", KEY_ALL },
};

enum { SCOPES_KNOWN = sizeof(scopes_known) / sizeof(*scopes_known) };

bool key_scopes_parse(ward_str text, uint32_t *scopes)
{
	uint32_t read = 0;

	do {
		ward_str word = ward_str_trim(ward_str_cut(&text, ','));
		size_t i = 0;

		while (i < SCOPES_KNOWN && !ward_str_eq(word, ward_str_from(scopes_known[i].name)))
			i++;
		if (i == SCOPES_KNOWN)
			return false;
		read |= scopes_known[i].bit;
	} while (text.len > 0);
	*scopes = read;
	return true;
}

void key_scopes_format(uint32_t scopes, char *out, size_t room)
{
	size_t len = 0;

	if (room > 0)
		out[0] = '\0';
	for (size_t i = 0; i < SCOPES_KNOWN && len < room; i++) {
		if (scopes_known[i].bit == KEY_ALL || !(scopes & scopes_known[i].bit))
			continue;
		len += (size_t)snprintf(out + len, room - len, "%s%s", len > 0 ? "," : "",
				scopes_known[i].name);
	}
}

static bool name_is_good(ward_str name)
{
	bool good = name.len > 0 && name.len < KEY_NAME_MAX;

	for (size_t i = 0; good && i < name.len; i++) {
		char c = name.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			      (c >= '0' && c <= '9');

		good = letter || (i > 0 && (c == '.' || c == '_' || c == '-'));
	}
	return good;
}

/* ---- the table ---- */

static const struct key *find(const struct keys *keys, ward_str name)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (ward_str_eq(ward_str_from(keys->at[i].name), name))
			return &keys->at[i];
	}
	return NULL;
}

static bool parse_line(ward_str line, struct key *key)
{
	ward_str name = ward_str_cut(&line, ' ');
	ward_str scopes = ward_str_cut(&line, ' ');
	ward_str rate_text = ward_str_cut(&line, ' ');
	ward_str expires = ward_str_cut(&line, ' ');
	ward_str created = ward_str_cut(&line, ' ');
	struct key read = { 0 };
	uint64_t rate;

	if (!name_is_good(name) || !key_scopes_parse(scopes, &read.scopes) ||
			!ward_u64_parse(rate_text, &rate) || rate > UINT32_MAX ||
			!ward_i64_parse(expires, &read.expires) || read.expires < 0 ||
			!ward_i64_parse(created, &read.created) ||
			!ward_hex_parse(line, read.digest, sizeof(read.digest)))
		return false;
	memcpy(read.name, name.ptr, name.len);
	read.rate = (uint32_t)rate;
	*key = read;
	return true;
}

static size_t count_lines(ward_str text)
{
	size_t count = 0;

	while (text.len > 0) {
		(void)ward_str_cut(&text, '\n');
		count++;
	}
	return count;
}

/* Room for one more than the text has, which keys_add may fill. */
ward_err keys_parse(ward_str text, const char *path, struct keys **keys, struct ward_error *error)
{
	size_t lines = count_lines(text);
	struct keys *made;

	if (lines > KEYS_MAX)
		return ward_fail(error, WARD_E_LIMIT, "%s has more than %d lines", path, KEYS_MAX);
	made = calloc(1, sizeof(*made));
	if (made)
		made->at = calloc(lines + 1, sizeof(*made->at));
	if (!made || !made->at) {
		keys_free(made);
		return ward_fail(error, WARD_E_NOMEM, "no memory for the keys");
	}
	for (size_t number = 1; number <= lines; number++) {
		ward_str line = ward_str_cut(&text, '\n');
		struct key *key = &made->at[made->count];

		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (!parse_line(line, key) || find(made, ward_str_from(key->name))) {
			keys_free(made);
			return ward_fail(error, WARD_E_CORRUPT,
					"%s, line %zu: this is no key, or one name twice; take the "
					"line out and make the key again",
					path, number);
		}
		made->count++;
	}
	*keys = made;
	return WARD_OK;
}

void keys_format(const struct keys *keys, struct ward_buf *out)
{
	char scopes[64], digest[65];

	ward_buf_str(out, ward_str_from(head));
	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->at[i];

		key_scopes_format(key->scopes, scopes, sizeof(scopes));
		ward_hex_format(key->digest, sizeof(key->digest), digest);
		ward_buf_printf(out, "%s %s %" PRIu32 " %" PRId64 " %" PRId64 " %s\n", key->name,
				scopes, key->rate, key->expires, key->created, digest);
	}
}

ward_err keys_read(const char *path, struct keys **keys, struct ward_error *error)
{
	char *text = NULL;
	size_t len = 0;
	ward_err err = file_read(path, FILE_MAX, &text, &len, error);

	if (err && err != WARD_E_NOT_FOUND)
		return err;
	err = keys_parse((ward_str){ text, len }, path, keys, error);
	free(text);
	return err;
}

void keys_free(struct keys *keys)
{
	if (!keys)
		return;
	free(keys->at);
	free(keys);
}

size_t keys_count(const struct keys *keys)
{
	return keys->count;
}

const struct key *keys_at(const struct keys *keys, size_t index)
{
	return index < keys->count ? &keys->at[index] : NULL;
}

/* ---- tokens ---- */

static ward_err digest_of(ward_str token, uint8_t digest[32])
{
	struct ward_digests digests;
	ward_err err = ward_digest((ward_bytes){ (const uint8_t *)token.ptr, token.len }, &digests);

	if (!err)
		memcpy(digest, digests.sha256, sizeof(digests.sha256));
	return err;
}

/*
 * What is compared are hashes, which a guess cannot steer; all the same every
 * byte of every key is looked at, so that the time tells nothing.
 */
const struct key *keys_check(const struct keys *keys, ward_str token, int64_t now)
{
	const struct key *found = NULL;
	uint8_t digest[32];

	if (token.len == 0 || token.len >= KEY_TOKEN_MAX || digest_of(token, digest) != WARD_OK)
		return NULL;
	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->at[i];
		unsigned differs = 0;

		for (size_t k = 0; k < sizeof(digest); k++)
			differs |= (unsigned)(key->digest[k] ^ digest[k]);
		if (differs == 0)
			found = key;
	}
	return found && (found->expires == 0 || now < found->expires) ? found : NULL;
}

static void make_token(char token[KEY_TOKEN_MAX])
{
	uint8_t secret[32];
	char text[48];

	id_random(secret, sizeof(secret));
	ward_base64_format(secret, sizeof(secret), text);
	/* In the alphabet of URLs, without the padding. */
	for (char *at = text; *at; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at == '=' ? '\0' : *at;
	snprintf(token, KEY_TOKEN_MAX, "ward_%s", text);
}

/* ---- changing the file ---- */

/* One writer at a time; the lock goes with the descriptor. */
static ward_err lock(const char *path, int *fd, struct ward_error *error)
{
	char beside[4096];
	int len = snprintf(beside, sizeof(beside), "%s.lock", path);

	if (len < 0 || (size_t)len >= sizeof(beside))
		return ward_fail(error, WARD_E_ARGUMENT, "the path of the keys is too long");
	int opened = open(beside, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (opened < 0)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", beside, strerror(errno));
	while (flock(opened, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		ward_err err = ward_fail(error, WARD_E_IO, "cannot lock %s: %s", beside,
				strerror(errno));

		close(opened);
		return err;
	}
	*fd = opened;
	return WARD_OK;
}

static ward_err replace(const char *path, const struct keys *keys, struct ward_error *error)
{
	struct ward_buf text;
	ward_err err;

	ward_buf_init(&text, FILE_MAX);
	keys_format(keys, &text);
	if (text.failed)
		err = ward_fail(error, WARD_E_LIMIT, "there are too many keys");
	else
		err = file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0600,
				error);
	ward_buf_free(&text);
	return err;
}

static ward_err check_like(const struct key *like, struct ward_error *error)
{
	if (!memchr(like->name, '\0', sizeof(like->name)) ||
			!name_is_good(ward_str_from(like->name)))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a key's name is up to %d letters, digits, dots, dashes and "
				"underscores, and begins with a letter or digit",
				KEY_NAME_MAX - 1);
	if (like->scopes == 0 || (like->scopes & ~(uint32_t)KEY_ALL))
		return ward_fail(error, WARD_E_ARGUMENT,
				"a key needs a scope: scan, read, write, metrics, report, ask or "
				"all");
	if (like->expires < 0)
		return ward_fail(error, WARD_E_ARGUMENT, "a key cannot expire before 1970");
	return WARD_OK;
}

static ward_err add_locked(const char *path, const struct key *like, char token[KEY_TOKEN_MAX],
		struct ward_error *error)
{
	char made[KEY_TOKEN_MAX];
	struct keys *keys;
	ward_err err = keys_read(path, &keys, error);

	if (err)
		return err;
	if (find(keys, ward_str_from(like->name)))
		err = ward_fail(error, WARD_E_EXISTS,
				"there is a key named %s; remove it first, or take another name",
				like->name);
	if (!err) {
		struct key *key = &keys->at[keys->count++];

		make_token(made);
		*key = *like;
		key->created = clock_now();
		if (digest_of(ward_str_from(made), key->digest) != WARD_OK)
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the key");
	}
	if (!err)
		err = replace(path, keys, error);
	if (!err)
		memcpy(token, made, sizeof(made));
	keys_free(keys);
	return err;
}

ward_err keys_add(const char *path, const struct key *like, char token[KEY_TOKEN_MAX],
		struct ward_error *error)
{
	ward_err err = check_like(like, error);
	int fd;

	if (!err)
		err = lock(path, &fd, error);
	if (err)
		return err;
	err = add_locked(path, like, token, error);
	close(fd);
	return err;
}

static ward_err remove_locked(const char *path, ward_str name, struct ward_error *error)
{
	struct keys *keys;
	ward_err err = keys_read(path, &keys, error);

	if (err)
		return err;
	const struct key *key = find(keys, name);

	if (key) {
		size_t index = (size_t)(key - keys->at);

		memmove(&keys->at[index], &keys->at[index + 1],
				(keys->count - index - 1) * sizeof(*keys->at));
		keys->count--;
		err = replace(path, keys, error);
	} else {
		err = ward_fail(error, WARD_E_NOT_FOUND,
				"there is no key of this name; \"ward key ls\" shows them");
	}
	keys_free(keys);
	return err;
}

ward_err keys_remove(const char *path, ward_str name, struct ward_error *error)
{
	int fd;
	ward_err err = lock(path, &fd, error);

	if (err)
		return err;
	err = remove_locked(path, name, error);
	close(fd);
	return err;
}
