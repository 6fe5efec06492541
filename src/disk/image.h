/*
 * image.h - the files of a disk image, opened to be read and nothing else
 *
 * An image is one file, a block device, or a row of files that follow each
 * other: NAME.001, NAME.002, ... (or from .000), NAME.aa, NAME.ab, ..., or beside
 * NAME.vmdk the parts NAME-flat, NAME-f001, ... or NAME-s001, ....vmdk.  The
 * first is named; the others are looked for beside it.  Each is opened
 * O_RDONLY, once; nothing here can write, and nothing looks at a byte of it.
 *
 * Shared by threads once open.
 */
#ifndef DISK_IMAGE_H
#define DISK_IMAGE_H

#include <ward/base.h>

struct disk_image;

/* Fails with NOT_FOUND, DENIED, IO; ARGUMENT when it is neither file nor block device, or empty. */
ward_err disk_image_open(const char *path, struct disk_image **image,
		struct ward_error *error) WARD_MUST_USE;
void disk_image_free(struct disk_image *image);

/* It is to be read as it lies, even when it begins as E01 or a virtual disk does. */
void disk_image_take_raw(struct disk_image *image);
bool disk_image_is_raw(const struct disk_image *image);

uint64_t disk_image_size(const struct disk_image *image);
size_t disk_image_segments(const struct disk_image *image);
/* The path that the index-th one was opened by. */
const char *disk_image_path(const struct disk_image *image, size_t index);
/* Its descriptor and length. */
int disk_image_segment(const struct disk_image *image, size_t index, uint64_t *len);

/* Exactly `len` bytes; IO when the medium cannot be read there. */
ward_err disk_image_read(const struct disk_image *image, uint64_t offset, uint8_t *to, size_t len,
		struct ward_error *error) WARD_MUST_USE;

/* Asks the system to keep nothing of it in memory, so that the next reading is from the medium. */
void disk_image_forget(const struct disk_image *image);

/* Has a file of it another size or time than when it was opened?  The inode's counts, too. */
bool disk_image_changed(const struct disk_image *image);

/* Its files with their sizes and times, as bytes that stand for it in a state file. */
void disk_image_identity(const struct disk_image *image, struct ward_buf *out);

#endif
