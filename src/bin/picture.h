/*
 * picture.h - everything ward computes from one file, without asking any list
 */
#ifndef BIN_PICTURE_H
#define BIN_PICTURE_H

#include <ward/scan.h>

/* Something more to be done with a file that was read, while it is open. */
typedef void picture_also(void *context, const struct ward_item *item, int fd, uint64_t size);

struct picture_reader {
	struct ward_scanner *scanner;
	struct ward_policy *policy;
	struct ward_scan_options options;
	picture_also *also; /* may be NULL */
	void *context;
};

/* `exact` decodes every pixel, and so also gives pdq512 and its 8 orientations. */
ward_err picture_reader_open(struct picture_reader *reader, bool exact,
		struct ward_error *error) WARD_MUST_USE;
void picture_reader_close(struct picture_reader *reader);

/*
 * Reads the file at a path, or standard input for "-".  The item and what hangs on it
 * are borrowed until the next file.  Fails when the file cannot be read at
 * all; a broken picture is an item with an error.
 */
ward_err picture_read(struct picture_reader *reader, const char *path,
		const struct ward_item **item, struct ward_error *error) WARD_MUST_USE;

/* The picture's first frame as it is stored; NULL when there is none. */
const struct ward_frame_hash *picture_first(const struct ward_item *item);

#endif
