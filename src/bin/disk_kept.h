/*
 * disk_kept.h - what `ward disk --state FILE` found, kept in FILE.finds, so that reports can be
 * made of it anew
 *
 * A scan takes days and the image may be back in its safe when another report is asked for.  So
 * with a state, each file with a finding is kept as soon as it is known: what the reports say of
 * it, and its rows as they were printed.  FILE.finds is a word and records, each with its length
 * and kind before it, appended by one write each; what was torn at the end is cut off.  A run that
 * was stopped or killed leaves what it had found, and the next one adds to it; one that came to its
 * end has told everything, and then the file holds that run alone.
 *
 * It is for its owner alone (0600), and locked by the state file (seen.h) while a scan adds.
 */
#ifndef BIN_DISK_KEPT_H
#define BIN_DISK_KEPT_H

#include "bin/disk_report.h"

/* ---- keeping; from any thread, but for begin and end ---- */

struct disk_keep;

/*
 * Opens STATE.finds, emptied when the state began `anew`, and begins a run with what `report` says
 * of it: when, how, which lists, which images.
 */
ward_err disk_keep_open(const char *state, bool anew, const struct disk_report *report,
		struct disk_keep **keep, struct ward_error *error) WARD_MUST_USE;
ward_err disk_keep_file(struct disk_keep *keep, uint32_t image, const char *name,
		const struct disk_file *file, const struct ward_report *scanned,
		struct ward_error *error) WARD_MUST_USE;
ward_err disk_keep_unread(struct disk_keep *keep, const char *path, const struct ward_error *why,
		struct ward_error *error) WARD_MUST_USE;
ward_err disk_keep_image(struct disk_keep *keep, uint32_t image, const struct disk_account *account,
		struct ward_error *error) WARD_MUST_USE;
/* The run came to its end, or was stopped; of `report` only when, why, and the totals. */
ward_err disk_keep_end(struct disk_keep *keep, const struct disk_report *report,
		struct ward_error *error) WARD_MUST_USE;
/* NULL is fine. */
void disk_keep_free(struct disk_keep *keep);

/* ---- taking it out again ---- */

/* One file, or one thing that could not be read. */
struct disk_kept_row {
	size_t run; /* of those in the file, by number */
	bool unread, replaced;
	uint32_t image;
	ward_str path;
	ward_str json, table; /* its rows */
	uint64_t inode, offset;
	const struct disk_find *finds; /* the arena's */
	size_t find_count;
	ward_err err; /* unread */
	ward_str message;
};

struct disk_kept {
	struct ward_arena arena;    /* of all that is no text */
	struct disk_kept_row *rows; /* from malloc; only those that are not `replaced` count */
	size_t row_count, row_room;
	size_t run; /* the last one's number */
	bool any;   /* there is one */
	/* The last run's, settled by whoever reports: with finds and what is unread in it. */
	struct disk_report report;
	struct disk_account *images;
	bool *told; /* is an image's account there? */
	struct disk_report_list *lists;
};

/*
 * What stands in the bytes of a FILE.finds, which must outlive it.  Of runs behind each other the
 * last one's rows count, and those of earlier ones for the same images and by the same lists as far
 * as it did not come to them.  FORMAT when it is something else.
 */
ward_err disk_kept_read(ward_bytes bytes, struct disk_kept *kept,
		struct ward_error *error) WARD_MUST_USE;
void disk_kept_free(struct disk_kept *kept);

/* How far whole records reach; 0 when it is no FILE.finds at all. */
size_t disk_kept_whole(ward_bytes bytes);

#endif
