#include "disk/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk/wire.h"

struct segment {
	int fd;
	uint64_t from, len;
	struct stat st;
};

struct disk_image {
	struct segment segments[DISK_SEGMENTS_MAX];
	size_t count;
	uint64_t size;
	char first[4096]; /* the path of the first, absolute */
};

static ward_err fail_path(struct ward_error *error, const char *path, int number)
{
	ward_err err = number == ENOENT                      ? WARD_E_NOT_FOUND
		       : number == EACCES || number == EPERM ? WARD_E_DENIED
							     : WARD_E_IO;

	return ward_fail(error, err, "%.150s: %s", path, strerror(number));
}

static bool length_of(int fd, const struct stat *st, uint64_t *len)
{
	if (S_ISREG(st->st_mode)) {
		*len = (uint64_t)st->st_size;
		return true;
	}
	off_t end = S_ISBLK(st->st_mode) ? lseek(fd, 0, SEEK_END) : -1;

	if (end < 0)
		return false;
	*len = (uint64_t)end;
	return true;
}

static ward_err add(struct disk_image *image, const char *path, struct ward_error *error)
{
	struct segment segment = { .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK),
		.from = image->size };

	if (segment.fd < 0)
		return fail_path(error, path, errno);
	if (fstat(segment.fd, &segment.st) < 0 ||
			!length_of(segment.fd, &segment.st, &segment.len) || segment.len == 0 ||
			segment.len > INT64_MAX - image->size) {
		close(segment.fd);
		return ward_fail(error, WARD_E_ARGUMENT,
				"%.150s: neither an image nor a block device, or empty", path);
	}
	/* Read from its beginning to its end at least once. */
	(void)posix_fadvise(segment.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	image->segments[image->count++] = segment;
	image->size += segment.len;
	return WARD_OK;
}

/*
 * The next name of a row, in place: 001 to 002, aa to ab, E01 to E02, E99 to
 * EAA (then FAA behind EZZ).  False behind the last.
 */
static bool next_name(char *suffix)
{
	size_t len = strlen(suffix);
	bool mixed = suffix[0] > '9' && suffix[1] <= '9'; /* E01 */
	char first = suffix[len - 1] <= '9' ? '0' : suffix[len - 1] >= 'a' ? 'a' : 'A';

	for (size_t i = len; i-- > (mixed ? 1 : 0);) {
		char last = suffix[i] <= '9' ? '9' : suffix[i] >= 'a' ? 'z' : 'Z';

		if (suffix[i] < last) {
			suffix[i]++;
			return true;
		}
		suffix[i] = first;
	}
	if (mixed)
		memset(suffix + 1, suffix[0] >= 'a' ? 'a' : 'A', 2);
	return mixed;
}

static bool begins_row(const char *suffix)
{
	static const char *const firsts[] = { "001", "000", "aa", "aaa", "E01", "e01", NULL };

	for (const char *const *first = firsts; *first; first++) {
		if (strcmp(suffix, *first) == 0)
			return true;
	}
	return false;
}

/* Adds what follows the first of a row. */
static ward_err add_row(struct disk_image *image, char *path, struct ward_error *error)
{
	char *dot = strrchr(path, '.');
	ward_err err = WARD_OK;

	if (!dot || !begins_row(dot + 1))
		return WARD_OK;
	while (!err && next_name(dot + 1) && access(path, F_OK) == 0)
		err = image->count < DISK_SEGMENTS_MAX
				      ? add(image, path, error)
				      : ward_fail(error, WARD_E_LIMIT,
							"an image is at most %d files",
							DISK_SEGMENTS_MAX);
	return err;
}

ward_err disk_image_open(const char *path, struct disk_image **image, struct ward_error *error)
{
	struct disk_image *made = calloc(1, sizeof(*made));
	char *name = strdup(path);
	ward_err err = made && name ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = add(made, path, error);
	if (!err && !realpath(path, made->first))
		err = fail_path(error, path, errno);
	if (!err)
		err = add_row(made, name, error);
	free(name);
	if (err)
		disk_image_free(made);
	else
		*image = made;
	return err;
}

void disk_image_free(struct disk_image *image)
{
	for (size_t i = 0; image && i < image->count; i++)
		close(image->segments[i].fd);
	free(image);
}

uint64_t disk_image_size(const struct disk_image *image)
{
	return image->size;
}

size_t disk_image_segments(const struct disk_image *image)
{
	return image->count;
}

int disk_image_segment(const struct disk_image *image, size_t index, uint64_t *len)
{
	*len = image->segments[index].len;
	return image->segments[index].fd;
}

static const struct segment *segment_at(const struct disk_image *image, uint64_t offset)
{
	size_t low = 0, high = image->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (image->segments[middle].from <= offset)
			low = middle;
		else
			high = middle;
	}
	return &image->segments[low];
}

ward_err disk_image_read(const struct disk_image *image, uint64_t offset, uint8_t *to, size_t len,
		struct ward_error *error)
{
	if (offset > image->size || len > image->size - offset)
		return ward_fail(error, WARD_E_IO, "the image ends before byte %" PRIu64,
				offset + len);
	while (len > 0) {
		const struct segment *segment = segment_at(image, offset);
		uint64_t within = offset - segment->from;
		size_t want = len < segment->len - within ? len : (size_t)(segment->len - within);
		ssize_t got = pread(segment->fd, to, want, (off_t)within);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ward_fail(error, WARD_E_IO,
					"the image cannot be read at byte %" PRIu64 ": %s", offset,
					got < 0 ? strerror(errno) : "it became shorter");
		to += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return WARD_OK;
}

bool disk_image_changed(const struct disk_image *image)
{
	for (size_t i = 0; i < image->count; i++) {
		const struct stat *then = &image->segments[i].st;
		struct stat now;

		if (fstat(image->segments[i].fd, &now) < 0 || now.st_size != then->st_size ||
				now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
				now.st_mtim.tv_nsec != then->st_mtim.tv_nsec)
			return true;
	}
	return false;
}

void disk_image_identity(const struct disk_image *image, struct ward_buf *out)
{
	ward_buf_printf(out, "%s%c", image->first, 0);
	for (size_t i = 0; i < image->count; i++) {
		const struct stat *st = &image->segments[i].st;

		ward_buf_printf(out, "%" PRIu64 " %jd.%09ld\n", image->segments[i].len,
				(intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	}
}
