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

		go_on = disk_image_read(digest->image, digest->from + work->at, chunk, len,
					&digest->error) == WARD_OK &&
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

bool disk_digest_is(const struct ward_digests *digests, const char *expected)
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

/* The image's files, each read when it is asked for. */
struct parts {
	const struct disk_digest *digest;
	size_t count;
	struct part {
		bool read, good, fits;
		struct ward_digests digests;
	} * parts; /* from malloc */
};

static bool part_is(struct parts *parts, size_t index, const char *expected)
{
	struct disk_digest file = { .image = parts->digest->image, .stopped = &never };
	struct part *part = &parts->parts[index];

	if (!part->read) {
		for (size_t i = 0; i <= index; i++) {
			file.from += file.facts.size;
			(void)disk_image_segment(file.image, i, &file.facts.size);
		}
		digest_all(&file);
		part->read = true;
		part->good = file.done;
		part->digests = file.digests;
	}
	bool is = part->good && disk_digest_is(&part->digests, expected);

	part->fits |= is;
	return is;
}

/* Of a raw image in one file, file and disk are the same. */
static bool fits(struct parts *parts, const struct disk_expected_digest *expected, bool *whole)
{
	bool alone = parts->count == 1;
	size_t file = expected->file == DISK_EXPECTED_WHOLE ? 0 : expected->file;

	if (file == 0 && disk_digest_is(&parts->digest->digests, expected->text)) {
		*whole = true;
		return true;
	}
	if ((alone && !parts->digest->facts.packed) || file >= parts->count ||
			!part_is(parts, file, expected->text))
		return false;
	*whole |= alone;
	return true;
}

enum disk_fit disk_digest_fits(const struct disk_digest *digest,
		const struct disk_expected *expected)
{
	struct parts parts = { .digest = digest, .count = disk_image_segments(digest->image) };
	bool all = true, whole = false, every = true;

	if (expected->count == 0)
		return DISK_FIT_UNKNOWN;
	parts.parts = calloc(parts.count, sizeof(*parts.parts));
	for (size_t i = 0; parts.parts && i < expected->count && all; i++)
		all = fits(&parts, &expected->digests[i], &whole);
	for (size_t i = 0; parts.parts && i < parts.count; i++)
		every &= parts.parts[i].fits;
	all &= parts.parts != NULL;
	free(parts.parts);
	if (!all)
		return DISK_FIT_NOT;
	return whole || every ? DISK_FIT_WHOLE : DISK_FIT_SOME;
}
