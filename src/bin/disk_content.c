#include "bin/disk_content.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

/* What one thread holds in memory of one file. */
#define IN_MEMORY ((uint64_t)64 << 20)

/* Fits a processor's cache, so that a copy is read and written there. */
#define CHUNK ((size_t)256 << 10)

static int nameless(struct ward_error *error)
{
	FILE *file = tmpfile();
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;

	if (fd < 0)
		(void)ward_fail(error, WARD_E_IO, "no place for a large file: %s", strerror(errno));
	if (file)
		fclose(file);
	return fd;
}

/* Where the next bytes of the copy go. */
struct copy {
	int to;
	uint64_t at;
	struct ward_error error;
};

static bool copy_piece(void *context, ward_bytes bytes)
{
	struct copy *copy = context;

	while (bytes.len > 0) {
		ssize_t got = pwrite(copy->to, bytes.ptr, bytes.len, (off_t)copy->at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			(void)ward_fail(&copy->error, WARD_E_IO, "no place for the file: %s",
					strerror(errno));
			return false;
		}
		bytes.ptr += got;
		bytes.len -= (size_t)got;
		copy->at += (uint64_t)got;
	}
	return true;
}

static ward_err read_run(const struct disk_image *image, struct disk_run run, struct copy *copy,
		uint8_t *chunk, struct ward_error *error)
{
	while (run.len > 0) {
		size_t len = run.len < CHUNK ? (size_t)run.len : CHUNK;
		ward_err err = disk_image_read(image, run.offset, chunk, len, error);

		if (err)
			return err;
		if (!copy_piece(copy, (ward_bytes){ chunk, len }))
			return WARD_OK;
		run.offset += len;
		run.len -= len;
	}
	return WARD_OK;
}

/* Zeroes that lie nowhere are the holes of the copy. */
static ward_err copy_runs(struct disk *disk, const struct disk_image *image,
		const struct disk_facts *facts, const struct disk_entry *entry, int to,
		struct ward_error *error)
{
	uint8_t *chunk = malloc(CHUNK);
	struct copy copy = { .to = to };
	ward_err err = chunk ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
	uint64_t at = 0;

	if (!err && ftruncate(to, (off_t)entry->size) != 0)
		err = ward_fail(error, WARD_E_IO, "no place for the file: %s", strerror(errno));
	for (uint32_t i = 0; i < entry->run_count && !err; i++) {
		struct disk_run run = disk_run_at(entry, i);

		copy.at = at;
		at += run.len;
		if (run.offset == DISK_NOWHERE)
			continue;
		err = facts->packed ? disk_bytes(disk, run.offset, run.len, copy_piece, &copy,
						      error)
				    : read_run(image, run, &copy, chunk, error);
		if (!err && copy.error.code)
			err = ward_fail(error, copy.error.code, "%s", copy.error.message);
	}
	free(chunk);
	return err;
}

int disk_content(struct disk *disk, const struct disk_image *image, const struct disk_facts *facts,
		uint64_t volume, const struct disk_entry *entry, struct ward_error *error)
{
	/* Holes can make a file of any length; to read it all would never end. */
	if (entry->size > IN_MEMORY && entry->size / 8 > facts->size) {
		(void)ward_fail(error, WARD_E_LIMIT, "it says to be larger than the disk, by far");
		return -1;
	}
	int fd = entry->size <= IN_MEMORY ? file_memory("ward-disk", error) : nameless(error);

	if (fd < 0)
		return -1;
	ward_err err = entry->flags & DISK_PLAIN ? copy_runs(disk, image, facts, entry, fd, error)
						 : disk_fetch(disk, volume, entry, fd, error);

	if (err) {
		close(fd);
		return -1;
	}
	return fd;
}
