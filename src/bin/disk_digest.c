#include "bin/disk_digest.h"

#include <errno.h>
#include <limits.h>

#include "base/file.h"

#define CHUNK ((size_t)1 << 20)

struct work {
	struct disk_digest *digest;
	struct ward_digester *digester;
	uint64_t at;
};

static bool digest_piece(void *context, ward_bytes bytes)
{
	struct work *work = context;

	ward_digester_update(work->digester, bytes);
	work->at += bytes.len;
	return !*work->digest->stopped;
}

static void digest_raw(struct work *work)
{
	struct disk_digest *digest = work->digest;
	uint8_t *chunk = malloc(CHUNK);
	bool go_on = chunk != NULL;

	if (!chunk)
		(void)ward_fail(&digest->error, WARD_E_NOMEM, "out of memory");
	while (go_on && work->at < digest->facts.size) {
		uint64_t left = digest->facts.size - work->at;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		go_on = disk_image_read(digest->image, work->at, chunk, len, &digest->error) ==
					WARD_OK &&
			digest_piece(work, (ward_bytes){ chunk, len });
	}
	free(chunk);
}

/* By a worker of its own, so that unpacking does not wait for anybody. */
static void digest_packed(struct work *work)
{
	struct disk_digest *digest = work->digest;
	/* As long as it takes: a worker that is silent is noticed all the same. */
	struct disk *disk = disk_new(digest->image, UINT_MAX);

	if (disk)
		disk_heed(disk, digest->stopped);
	ward_err err = disk ? disk_bytes(disk, 0, digest->facts.size, digest_piece, work,
					      &digest->error)
			    : ward_fail(&digest->error, WARD_E_NOMEM, "out of memory");

	(void)err; /* it is in digest->error */
	disk_free(disk);
}

static void digest_all(struct disk_digest *digest)
{
	struct work work = { .digest = digest, .digester = ward_digester_new() };

	if (!work.digester)
		(void)ward_fail(&digest->error, WARD_E_NOMEM, "out of memory");
	else if (digest->facts.packed)
		digest_packed(&work);
	else
		digest_raw(&work);
	digest->done = !digest->error.code && work.at == digest->facts.size;
	if (work.digester)
		ward_digester_finish(work.digester, &digest->digests);
	ward_digester_free(work.digester);
}

static void *digest_thread(void *context)
{
	digest_all(context);
	return NULL;
}

ward_err disk_digest_start(struct disk_digest *digest, const struct disk_image *image,
		const struct disk_facts *facts, const atomic_bool *stopped,
		struct ward_error *error)
{
	*digest = (struct disk_digest){ .image = image, .facts = *facts, .stopped = stopped };
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

/* ---- a second time ---- */

/* What is read when all else is done is stopped by ending the program. */
static const atomic_bool never;

ward_err disk_digest_again(const struct disk_digest *digest, struct ward_error *error)
{
	struct disk_digest again = { .image = digest->image,
		.facts = digest->facts,
		.stopped = &never };

	if (!digest->done)
		return ward_fail(error, WARD_E_CONFLICT,
				"the image cannot be verified: it was not read to its end before");
	disk_image_forget(digest->image);
	digest_all(&again);
	if (again.error.code)
		return ward_fail(error, again.error.code, "%s", again.error.message);
	if (!again.done || memcmp(again.digests.sha256, digest->digests.sha256,
					   sizeof(again.digests.sha256)) != 0)
		return ward_fail(error, WARD_E_CORRUPT,
				"read a second time, the image was another: it changes, or what "
				"reads it cannot be relied upon");
	return WARD_OK;
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

static bool is_expected(const struct ward_digests *digests, const char *expected)
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

bool disk_digest_fits(const struct disk_digest *digest, const char *expected)
{
	struct disk_digest file = { .image = digest->image, .stopped = &never };

	if (is_expected(&digest->digests, expected))
		return true;
	if (!digest->facts.packed || disk_image_segments(digest->image) != 1)
		return false;
	file.facts.size = disk_image_size(digest->image);
	digest_all(&file);
	return file.done && is_expected(&file.digests, expected);
}
