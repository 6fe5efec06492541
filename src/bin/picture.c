#include "bin/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bin/files.h"

ward_err picture_reader_open(struct picture_reader *reader, bool exact, struct ward_error *error)
{
	*reader = (struct picture_reader){
		.scanner = ward_scanner_new(NULL),
		.policy = ward_policy_default(),
		.options = ward_scan_options_default(),
	};
	reader->options.hash_only = true;
	reader->options.archives = false;
	reader->options.size = exact ? WARD_DECODE_FULL : WARD_DECODE_FAST;
	reader->options.both_paths = exact;
	if (reader->scanner && reader->policy)
		return WARD_OK;
	picture_reader_close(reader);
	return ward_fail(error, WARD_E_NOMEM, "out of memory");
}

void picture_reader_close(struct picture_reader *reader)
{
	ward_scanner_free(reader->scanner);
	ward_policy_free(reader->policy);
	*reader = (struct picture_reader){ 0 };
}

static ward_err read_fd(struct picture_reader *reader, int fd, const struct ward_item **item,
		struct ward_error *error)
{
	const struct ward_report *report;
	struct stat st;
	ward_err err;

	if (fstat(fd, &st) < 0)
		return ward_fail(error, WARD_E_IO, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ward_fail(error, WARD_E_ARGUMENT, "not a regular file");
	err = ward_scan_fd(reader->scanner, fd, (uint64_t)st.st_size, NULL, reader->policy,
			&reader->options, &report, error);
	if (err)
		return err;
	*item = &report->items[0];
	if (reader->also)
		reader->also(reader->context, *item, fd, (uint64_t)st.st_size);
	return WARD_OK;
}

/* A pipe is copied to a nameless file first: the worker wants one it can map. */
static ward_err read_stream(struct picture_reader *reader, const struct ward_item **item,
		struct ward_error *error)
{
	static char chunk[1 << 16];
	uint64_t left = reader->options.limits.bytes_max;
	FILE *copy = tmpfile();
	bool ok = copy != NULL;
	size_t got = 0;

	while (ok && (got = fread(chunk, 1, sizeof(chunk), stdin)) > 0) {
		ok = got <= left && fwrite(chunk, 1, got, copy) == got;
		left -= got <= left ? got : left;
	}
	if (ok && !ferror(stdin) && fflush(copy) == 0) {
		ward_err err = read_fd(reader, fileno(copy), item, error);

		fclose(copy);
		return err;
	}
	if (copy)
		fclose(copy);
	if (left == 0 || got > left)
		return ward_fail(error, WARD_E_LIMIT, "standard input is larger than allowed");
	return ward_fail(error, WARD_E_IO, "standard input cannot be kept: %s", strerror(errno));
}

ward_err picture_read(struct picture_reader *reader, const char *path,
		const struct ward_item **item, struct ward_error *error)
{
	struct stat st;
	ward_err err;

	if (strcmp(path, "-") == 0) {
		if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
			return read_fd(reader, STDIN_FILENO, item, error);
		return read_stream(reader, item, error);
	}
	int fd = files_open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO, "%s",
				strerror(errno));
	err = read_fd(reader, fd, item, error);
	close(fd);
	return err;
}

const struct ward_frame_hash *picture_first(const struct ward_item *item)
{
	return item->frame_count > 0 ? &item->frames[0] : NULL;
}
