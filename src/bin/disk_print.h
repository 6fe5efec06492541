/*
 * disk_print.h - what `ward disk` says of each file of an image, and of the image itself
 *
 * As `ward scan` says it, and where the file lies: its volume, its number in the file
 * system, its first byte's place, its times, and whether it was deleted.
 */
#ifndef BIN_DISK_PRINT_H
#define BIN_DISK_PRINT_H

#include "bin/disk_digest.h"
#include "bin/disk_found.h"
#include "bin/scan_print.h"

/* The file's rows or object; nothing when `found_only` and nothing was found. */
void disk_print_report(struct ward_buf *out, enum scan_format format, bool found_only,
		const char *image, const struct disk_file *file, const struct ward_report *report);

/* What became of the image as a whole. */
struct disk_account {
	const char *path;
	uint64_t bytes;
	size_t segments;
	size_t volumes;
	uint64_t files, deleted, carved; /* that were told */
	uint64_t again;                  /* carved, and a deleted file's very bytes */
	bool has_digests;
	struct ward_digests digests;
	const char *expected; /* the digest it should have, as text; NULL: none is known */
	enum disk_fit fit;
	bool changed; /* while it was read */
	bool verify;  /* it was to be read twice */
	bool verified;
};

void disk_print_account(struct ward_buf *out, enum scan_format format,
		const struct disk_account *account);

#endif
