#include "disk/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "disk/segments.h"

struct disk_image {
	struct segments segments;
	struct stat st[DISK_SEGMENTS_MAX];
	uint64_t written[DISK_SEGMENTS_MAX]; /* sectors of a block device, as the kernel counts */
	char *paths[DISK_SEGMENTS_MAX];      /* as they were opened; from malloc */
	char first[4096];                    /* the path of the first, absolute */
	bool raw;
};

/* Names behind one that is missing. */
enum { PARTS_LOOKED_FOR = 8 };

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

/*
 * How much was ever written to a block device: its node's time is of no use, for who has it mounted
 * does not write through the node.  The seventh number of the kernel's Documentation/block/stat; 0
 * for a file, or where it is not told.
 */
static uint64_t written_to(const struct stat *st)
{
	char path[64], *text = NULL;
	uint64_t number = 0;
	size_t len;

	if (!S_ISBLK(st->st_mode))
		return 0;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/stat", major(st->st_rdev),
			minor(st->st_rdev));
	if (file_read(path, 4096, &text, &len, NULL) != WARD_OK)
		return 0;
	ward_str rest = { text, len };

	for (int i = 0; i < 7; i++) {
		rest = ward_str_trim(rest);
		ward_str word = ward_str_cut(&rest, ' ');

		number = i == 6 && ward_u64_parse(word, &number) ? number : 0;
	}
	free(text);
	return number;
}

static ward_err add(struct disk_image *image, const char *path, struct ward_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t i = image->segments.count;
	uint64_t len;

	if (fd < 0)
		return fail_path(error, path, errno);
	if (i == DISK_SEGMENTS_MAX) {
		close(fd);
		return ward_fail(error, WARD_E_LIMIT, "an image is at most %d files",
				DISK_SEGMENTS_MAX);
	}
	if (fstat(fd, &image->st[i]) < 0 || !length_of(fd, &image->st[i], &len) || len == 0 ||
			!segments_add(&image->segments, fd, len)) {
		close(fd);
		return ward_fail(error, WARD_E_ARGUMENT,
				"%.150s: neither an image nor a block device, or empty", path);
	}
	/* From here on the descriptor is closed with the image. */
	image->paths[i] = strdup(path);
	if (!image->paths[i])
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	image->written[i] = written_to(&image->st[i]);
	/* Read from its beginning to its end at least once. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return WARD_OK;
}

/*
 * The next name of a row, in place: 001 to 002, aa to ab, E01 to E02, E99 to
 * EAA (then FAA behind EZZ), Ex99 to ExAA (then EyAA behind ExZZ).  False behind
 * the last.
 */
static bool next_name(char *suffix)
{
	size_t len = strlen(suffix);
	bool mixed = suffix[0] > '9' && suffix[len - 1] <= '9'; /* E01, Ex01 */
	size_t kept = mixed ? len - 2 : 0;
	char first = suffix[len - 1] <= '9' ? '0' : suffix[len - 1] >= 'a' ? 'a' : 'A';

	for (size_t i = len; i-- > kept;) {
		char last = suffix[i] <= '9' ? '9' : suffix[i] >= 'a' ? 'z' : 'Z';

		if (suffix[i] < last) {
			suffix[i]++;
			return true;
		}
		suffix[i] = first;
	}
	if (mixed)
		memset(suffix + kept, suffix[0] >= 'a' ? 'a' : 'A', 2);
	return mixed;
}

static bool begins_row(const char *suffix)
{
	static const char *const firsts[] = { "001", "000", "aa", "aaa", "E01", "e01", "Ex01",
		"ex01", "EX01", NULL };

	for (const char *const *first = firsts; *first; first++) {
		if (strcmp(suffix, *first) == 0)
			return true;
	}
	return false;
}

/* A part that is not there while later ones are: the disk behind it would be read at wrong places.
 */
static ward_err check_gap(char *suffix, const char *path, struct ward_error *error)
{
	char missing[8];

	snprintf(missing, sizeof(missing), "%s", suffix);
	for (int i = 0; i < PARTS_LOOKED_FOR && next_name(suffix); i++) {
		if (access(path, F_OK) == 0)
			return ward_fail(error, WARD_E_NOT_FOUND,
					"%.150s is there, and the part .%s before it is not", path,
					missing);
	}
	return WARD_OK;
}

/* Adds what follows the first of a row. */
static ward_err add_row(struct disk_image *image, char *path, struct ward_error *error)
{
	char *dot = strrchr(path, '.');
	ward_err err = WARD_OK;
	bool more;

	if (!dot || !begins_row(dot + 1))
		return WARD_OK;
	while ((more = next_name(dot + 1)) && !err && access(path, F_OK) == 0)
		err = add(image, path, error);
	return err || !more ? err : check_gap(dot + 1, path, error);
}

/* Adds NAME-flat.vmdk, or NAME-f001.vmdk and those that follow, for NAME.vmdk. */
static ward_err add_parts(struct disk_image *image, const char *path, struct ward_error *error)
{
	size_t len = strlen(path), room = len + 16;
	char *name = malloc(room);
	ward_err err = name ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (err || len < 5 || strcmp(path + len - 5, ".vmdk") != 0)
		goto done;
	snprintf(name, room, "%.*s-flat.vmdk", (int)(len - 5), path);
	if (access(name, F_OK) == 0)
		err = add(image, name, error);
	for (const char *kind = "fs"; *kind; kind++) {
		for (int i = 1; !err && i < 1000; i++) {
			snprintf(name, room, "%.*s-%c%03d.vmdk", (int)(len - 5), path, *kind, i);
			if (access(name, F_OK) != 0)
				break;
			err = add(image, name, error);
		}
	}
done:
	free(name);
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
	if (!err)
		err = add_parts(made, path, error);
	free(name);
	if (err)
		disk_image_free(made);
	else
		*image = made;
	return err;
}

void disk_image_free(struct disk_image *image)
{
	for (size_t i = 0; image && i < image->segments.count; i++) {
		close(image->segments.at[i].fd);
		free(image->paths[i]);
	}
	free(image);
}

void disk_image_take_raw(struct disk_image *image)
{
	image->raw = true;
}

bool disk_image_is_raw(const struct disk_image *image)
{
	return image->raw;
}

uint64_t disk_image_size(const struct disk_image *image)
{
	return image->segments.size;
}

size_t disk_image_segments(const struct disk_image *image)
{
	return image->segments.count;
}

const char *disk_image_path(const struct disk_image *image, size_t index)
{
	return image->paths[index];
}

int disk_image_segment(const struct disk_image *image, size_t index, uint64_t *len)
{
	*len = image->segments.at[index].len;
	return image->segments.at[index].fd;
}

ward_err disk_image_read(const struct disk_image *image, uint64_t offset, uint8_t *to, size_t len,
		struct ward_error *error)
{
	uint64_t size = image->segments.size, failed_at = offset;

	if (offset > size || len > size - offset)
		return ward_fail(error, WARD_E_IO, "the image ends before byte %" PRIu64,
				offset + len);
	if (!segments_read(&image->segments, offset, to, len, &failed_at))
		return ward_fail(error, WARD_E_IO,
				"the image cannot be read at byte %" PRIu64 ": %s", failed_at,
				errno ? strerror(errno) : "it became shorter");
	return WARD_OK;
}

void disk_image_forget(const struct disk_image *image)
{
	for (size_t i = 0; i < image->segments.count; i++)
		(void)posix_fadvise(image->segments.at[i].fd, 0, 0, POSIX_FADV_DONTNEED);
}

bool disk_image_changed(const struct disk_image *image)
{
	for (size_t i = 0; i < image->segments.count; i++) {
		const struct stat *then = &image->st[i];
		struct stat now;

		if (fstat(image->segments.at[i].fd, &now) < 0 || now.st_size != then->st_size ||
				now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
				now.st_mtim.tv_nsec != then->st_mtim.tv_nsec ||
				now.st_ctim.tv_sec != then->st_ctim.tv_sec ||
				now.st_ctim.tv_nsec != then->st_ctim.tv_nsec ||
				written_to(&now) != image->written[i])
			return true;
	}
	return false;
}

void disk_image_identity(const struct disk_image *image, struct ward_buf *out)
{
	ward_buf_printf(out, "%s%c", image->first, 0);
	for (size_t i = 0; i < image->segments.count; i++) {
		const struct stat *st = &image->st[i];

		ward_buf_printf(out, "%" PRIu64 " %jd.%09ld\n", image->segments.at[i].len,
				(intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	}
}
