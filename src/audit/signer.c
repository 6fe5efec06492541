/*
 * Both files are one line of text, "ed25519:" and 32 bytes as base64: the seed
 * in signing.key, the public half in signing.pub.
 *
 * What is signed is the kind's word, a NUL byte, and the SHA-256 of the
 * message: short whatever the message's length, and made again with printf,
 * sha256sum and any tool that knows Ed25519.
 */
#include "audit/signer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"

enum { PATH_ROOM = 4096, LINE_ROOM = 80, KIND_MAX = 64, STATEMENT_MAX = KIND_MAX + 1 + 32 };

static const char key_word[] = "ed25519:";

struct signer {
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	uint8_t public[SIGNER_KEY_SIZE];
};

static_assert(crypto_sign_PUBLICKEYBYTES == SIGNER_KEY_SIZE, "Ed25519");
static_assert(crypto_sign_BYTES == SIGNER_SIGNATURE_SIZE, "Ed25519");
static_assert(crypto_sign_SEEDBYTES == 32, "Ed25519");

/* ---- the two files ---- */

static ward_err path_of(char path[PATH_ROOM], const char *folder, const char *name,
		struct ward_error *error)
{
	int len = snprintf(path, PATH_ROOM, "%s/%s", folder, name);

	return len > 0 && len < PATH_ROOM
			       ? WARD_OK
			       : ward_fail(error, WARD_E_ARGUMENT, "the folder's path is too long");
}

static void format_line(const uint8_t bytes[32], char line[LINE_ROOM])
{
	size_t len = sizeof(key_word) - 1;

	memcpy(line, key_word, len);
	ward_base64_format(bytes, 32, line + len);
	len = strlen(line);
	line[len] = '\n';
	line[len + 1] = '\0';
}

static ward_err read_line(const char *path, uint8_t bytes[32], struct ward_error *error)
{
	char *text;
	size_t len;
	ward_err err = file_read(path, LINE_ROOM, &text, &len, error);

	if (err)
		return err;
	ward_str line = ward_str_trim((ward_str){ text, len });
	bool good = ward_str_starts(line, ward_str_from(key_word));

	if (good) {
		line.ptr += sizeof(key_word) - 1;
		line.len -= sizeof(key_word) - 1;
		good = ward_base64_parse(line, bytes, 32);
	}
	sodium_memzero(text, len);
	free(text);
	return good ? WARD_OK
		    : ward_fail(error, WARD_E_CORRUPT,
				      "%s is no key of ward's: one line, \"ed25519:\" and 32 bytes "
				      "as base64",
				      path);
}

ward_err signer_read_public(const char *path, uint8_t key[SIGNER_KEY_SIZE],
		struct ward_error *error)
{
	uint8_t bytes[32];
	ward_err err = read_line(path, bytes, error);

	if (!err)
		memcpy(key, bytes, sizeof(bytes));
	return err;
}

/* Writes a new file and gives it its name only when no one else has taken that meanwhile. */
static ward_err write_new(const char *path, ward_str text, struct ward_error *error)
{
	char temporary[PATH_ROOM], id[ID_TEXT_MAX];
	int len = snprintf(temporary, sizeof(temporary), "%s.%s", path, id_new(id));

	if (len < 0 || len >= PATH_ROOM)
		return ward_fail(error, WARD_E_ARGUMENT, "the folder's path is too long");
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
	ward_err err = file_write_all(fd, text.ptr, text.len, error);

	if (!err && fsync(fd) != 0)
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
	close(fd);
	if (!err && link(temporary, path) != 0 && errno != EEXIST)
		err = ward_fail(error, WARD_E_IO, "cannot make %s: %s", path, strerror(errno));
	unlink(temporary);
	return err;
}

static ward_err make_secret(const char *folder, const char *path, struct ward_error *error)
{
	uint8_t seed[crypto_sign_SEEDBYTES];
	char line[LINE_ROOM];
	struct stat st;

	if (lstat(path, &st) == 0)
		return WARD_OK;
	id_random(seed, sizeof(seed));
	format_line(seed, line);
	ward_err err = write_new(path, ward_str_from(line), error);

	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(line, sizeof(line));
	return err ? err : file_sync_folder(folder, error);
}

ward_err signer_make(const char *folder, struct ward_error *error)
{
	uint8_t seed[crypto_sign_SEEDBYTES], public[SIGNER_KEY_SIZE];
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	char path[PATH_ROOM], line[LINE_ROOM];
	struct stat st;

	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_IO, "libsodium does not start");
	ward_err err = path_of(path, folder, "signing.key", error);

	if (!err)
		err = make_secret(folder, path, error);
	if (!err)
		err = read_line(path, seed, error);
	if (!err) {
		crypto_sign_seed_keypair(public, secret, seed);
		sodium_memzero(seed, sizeof(seed));
		sodium_memzero(secret, sizeof(secret));
		format_line(public, line);
		err = path_of(path, folder, "signing.pub", error);
	}
	if (!err && lstat(path, &st) != 0)
		err = file_replace(path, (ward_bytes){ (const uint8_t *)line, strlen(line) }, 0600,
				error);
	return err;
}

/* ---- a signer ---- */

/* A key that others can read is no longer one's own. */
static ward_err check_mode(const char *path, struct ward_error *error)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO,
				"cannot read %s: %s", path, strerror(errno));
	if (st.st_mode & 077)
		return ward_fail(error, WARD_E_DENIED,
				"%s can be read by others than its owner; \"chmod 600\" it, and "
				"think of who may have read it",
				path);
	return WARD_OK;
}

static ward_err read_pair(struct signer *signer, const char *folder, struct ward_error *error)
{
	uint8_t seed[crypto_sign_SEEDBYTES], public[SIGNER_KEY_SIZE];
	char path[PATH_ROOM];
	ward_err err = path_of(path, folder, "signing.key", error);

	if (!err)
		err = check_mode(path, error);
	if (!err)
		err = read_line(path, seed, error);
	if (err)
		return err;
	crypto_sign_seed_keypair(signer->public, signer->secret, seed);
	sodium_memzero(seed, sizeof(seed));
	err = path_of(path, folder, "signing.pub", error);
	if (!err)
		err = signer_read_public(path, public, error);
	if (!err && memcmp(public, signer->public, sizeof(public)) != 0)
		err = ward_fail(error, WARD_E_CORRUPT, "%s is not the public half of signing.key",
				path);
	return err;
}

ward_err signer_open(const char *folder, struct signer **signer, struct ward_error *error)
{
	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_IO, "libsodium does not start");
	/* Between guard pages, out of swap where the system allows it, and wiped when freed. */
	struct signer *made = sodium_malloc(sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the signing key");
	ward_err err = read_pair(made, folder, error);

	if (err) {
		signer_free(made);
		return err;
	}
	sodium_mprotect_readonly(made);
	*signer = made;
	return WARD_OK;
}

void signer_free(struct signer *signer)
{
	sodium_free(signer);
}

const uint8_t *signer_public(const struct signer *signer)
{
	return signer->public;
}

/* ---- signatures ---- */

static size_t statement(uint8_t out[STATEMENT_MAX], const char *kind, ward_bytes message)
{
	size_t len = strlen(kind);

	assert(len > 0 && len <= KIND_MAX);
	memcpy(out, kind, len + 1);
	crypto_hash_sha256(out + len + 1, message.ptr, message.len);
	return len + 1 + crypto_hash_sha256_BYTES;
}

void signer_sign(const struct signer *signer, const char *kind, ward_bytes message,
		uint8_t signature[SIGNER_SIGNATURE_SIZE])
{
	uint8_t said[STATEMENT_MAX];
	size_t len = statement(said, kind, message);

	crypto_sign_detached(signature, NULL, said, len, signer->secret);
}

bool signer_check(const uint8_t public_key[SIGNER_KEY_SIZE], const char *kind, ward_bytes message,
		const uint8_t signature[SIGNER_SIGNATURE_SIZE])
{
	uint8_t said[STATEMENT_MAX];
	size_t len = statement(said, kind, message);

	return crypto_sign_verify_detached(signature, said, len, public_key) == 0;
}
