/*
 * ahead.h - small files read and digested together, before they are scanned one by one
 *
 * Digests of many files side by side take a fraction of the time that one
 * after another takes (ward_digest_many).  What is read ahead is the file's own
 * kind and digests; its worker reads the file again, as ever.
 */
#ifndef SCAN_AHEAD_H
#define SCAN_AHEAD_H

#include <ward/scan.h>

/* A larger file gains little, and keeps the lanes of the others waiting. */
#define SCAN_AHEAD_FILE ((size_t)1 << 20)
/* So many files, and bytes of them, at a time: enough that 16 lanes end at about the same time. */
#define SCAN_AHEAD_FILES 128
#define SCAN_AHEAD_BYTES ((size_t)16 << 20)

struct scan_ahead {
	bool ready; /* else it is read when its turn comes, and any trouble told then */
	ward_media_kind kind;
	struct ward_digests digests;
};

/*
 * Reads from the first of `files` on, into `room` of SCAN_AHEAD_BYTES, and fills `ahead`.
 * Returns how many files that is: at least one, at most SCAN_AHEAD_FILES.
 */
size_t scan_read_ahead(const struct ward_scan_file *files, size_t count, uint8_t *room,
		struct scan_ahead ahead[SCAN_AHEAD_FILES]);

#endif
