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

static ward_err copy_run(const struct disk_image *image, struct disk_run run, uint64_t at, int to,
		uint8_t *chunk, struct ward_error *error)
{
	ward_err err = WARD_OK;

	while (run.len > 0 && !err) {
		size_t len = run.len < CHUNK ? (size_t)run.len : CHUNK;
		size_t done = 0;

		err = disk_image_read(image, run.offset, chunk, len, error);
		while (!err && done < len) {
			ssize_t got = pwrite(to, chunk + done, len - done, (off_t)(at + done));

			if (got < 0 && errno == EINTR)
				continue;
			if (got <= 0)
				err = ward_fail(error, WARD_E_IO, "no place for the file: %s",
						strerror(errno));
			else
				done += (size_t)got;
		}
		run.offset += len;
		run.len -= len;
		at += len;
	}
	return err;
}

/* Zeroes that lie nowhere are the holes of the copy. */
static ward_err copy_runs(const struct disk_image *image, const struct disk_entry *entry, int to,
		struct ward_error *error)
{
	uint8_t *chunk = malloc(CHUNK);
	ward_err err = chunk ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");
	uint64_t at = 0;

	if (!err && ftruncate(to, (off_t)entry->size) != 0)
		err = ward_fail(error, WARD_E_IO, "no place for the file: %s", strerror(errno));
	for (uint32_t i = 0; i < entry->run_count && !err; i++) {
		struct disk_run run = disk_run_at(entry, i);

		if (run.offset != DISK_NOWHERE)
			err = copy_run(image, run, at, to, chunk, error);
		at += run.len;
	}
	free(chunk);
	return err;
}

int disk_content(struct disk *disk, const struct disk_image *image, uint64_t volume,
		const struct disk_entry *entry, struct ward_error *error)
{
	/* Holes can make a file of any length; to read it all would never end. */
	if (entry->size > IN_MEMORY && entry->size / 8 > disk_image_size(image)) {
		(void)ward_fail(error, WARD_E_LIMIT, "it says to be larger than the disk, by far");
		return -1;
	}
	int fd = entry->size <= IN_MEMORY ? file_memory("ward-disk", error) : nameless(error);

	if (fd < 0)
		return -1;
	ward_err err = entry->flags & DISK_PLAIN ? copy_runs(image, entry, fd, error)
						 : disk_fetch(disk, volume, entry, fd, error);

	if (err) {
		close(fd);
		return -1;
	}
	return fd;
}
