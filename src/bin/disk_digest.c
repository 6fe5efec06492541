#include "bin/disk_digest.h"

#include <errno.h>

#include "base/file.h"

#define CHUNK ((size_t)1 << 20)

static void digest_all(struct disk_digest *digest, struct ward_digester *digester, uint8_t *chunk)
{
	uint64_t size = disk_image_size(digest->image), at = 0;

	while (at < size && !*digest->stopped) {
		size_t len = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (disk_image_read(digest->image, at, chunk, len, &digest->error) != WARD_OK)
			return;
		ward_digester_update(digester, (ward_bytes){ chunk, len });
		at += len;
	}
	digest->done = at == size;
	ward_digester_finish(digester, &digest->digests);
}

static void *digest_thread(void *context)
{
	struct disk_digest *digest = context;
	struct ward_digester *digester = ward_digester_new();
	uint8_t *chunk = malloc(CHUNK);

	if (digester && chunk)
		digest_all(digest, digester, chunk);
	else
		(void)ward_fail(&digest->error, WARD_E_NOMEM, "out of memory");
	free(chunk);
	ward_digester_free(digester);
	return NULL;
}

ward_err disk_digest_start(struct disk_digest *digest, const struct disk_image *image,
		const atomic_bool *stopped, struct ward_error *error)
{
	*digest = (struct disk_digest){ .image = image, .stopped = stopped };
	int number = pthread_create(&digest->thread, NULL, digest_thread, digest);

	if (number != 0)
		return ward_fail(error, WARD_E_IO, "cannot start a thread: %s", strerror(number));
	digest->started = true;
	return WARD_OK;
}

void disk_digest_wait(struct disk_digest *digest)
{
	if (digest->started)
		pthread_join(digest->thread, NULL);
	digest->started = false;
}

/* ---- which it should have ---- */

bool disk_expected_parse(ward_str text, char expected[DISK_EXPECTED_MAX])
{
	uint8_t bytes[32];
	size_t len = text.len / 2;

	if ((len != 16 && len != 20 && len != 32) || !ward_hex_parse(text, bytes, len))
		return false;
	ward_hex_format(bytes, len, expected);
	return true;
}

static bool read_beside(const char *path, const char *suffix, char expected[DISK_EXPECTED_MAX])
{
	size_t room = strlen(path) + strlen(suffix) + 1;
	char *name = malloc(room), *text = NULL;
	size_t len = 0;
	bool got = false;

	if (name) {
		snprintf(name, room, "%s%s", path, suffix);
		if (file_read(name, 65536, &text, &len, NULL) == WARD_OK) {
			ward_str rest = { text, strcspn(text, " \t\r\n") };

			got = disk_expected_parse(rest, expected);
		}
	}
	free(text);
	free(name);
	return got;
}

bool disk_expected_beside(const char *path, char expected[DISK_EXPECTED_MAX])
{
	return read_beside(path, ".sha256", expected) || read_beside(path, ".sha1", expected) ||
	       read_beside(path, ".md5", expected);
}

bool disk_is_expected(const struct ward_digests *digests, const char *expected)
{
	char text[DISK_EXPECTED_MAX];
	size_t digits = strlen(expected);

	if (digits == 32)
		ward_hex_format(digests->md5, 16, text);
	else if (digits == 40)
		ward_hex_format(digests->sha1, 20, text);
	else
		ward_hex_format(digests->sha256, 32, text);
	return strcmp(text, expected) == 0;
}
