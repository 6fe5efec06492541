/*
 * disk_report.h - what `ward disk` found, gathered for reports that are written when all is done
 *
 * A report for a person has its sums before its rows, and one for a program has each file once
 * however many lists hold it.  So finds are kept while the scan goes on, put into order behind it,
 * and then each format is written from the same rows: HTML (disk_report_html.c), CSV
 * (disk_csv.c), VICS 2.0 and ICSE (disk_report_hashes.c).  What a report says is in this one
 * struct; a format asks nobody else.
 *
 * Scanners add finds from any thread.  Text of a find is copied, but for the names of
 * its image and file, which outlive the report.
 */
#ifndef BIN_DISK_REPORT_H
#define BIN_DISK_REPORT_H

#include <pthread.h>
#include <stdio.h>

#include "bin/disk_print.h"

/* One finding, and all that is known of the file it is in. */
struct disk_find {
	uint32_t image; /* index into the report's images */
	uint32_t times; /* so many findings that differ in frame and distance alone; 1 is one */
	ward_finding_kind kind;
	ward_verdict_kind verdict; /* of the file */
	unsigned flags;            /* DISK_DELETED, ... */
	ward_media_kind media;     /* of what was found */
	uint32_t distance, frame;
	bool has_distance, has_inode, has_digests, has_pdq, has_parent;
	uint64_t inode, offset; /* DISK_NOWHERE: in none of its own */
	uint64_t size;          /* of the file */
	uint64_t bytes;         /* of what was found: the file, or its member */
	int64_t modified, accessed, changed, created; /* Unix seconds; 0: not known */
	ward_str image_name;
	ward_str path;   /* "p2:/Users/a/b.zip" */
	ward_str member; /* "in/c.jpg"; "": the file itself */
	ward_str list, labels, message;
	struct ward_digests digests; /* of what was found */
	uint8_t parent_md5[16];      /* of the file, when a member was found */
	ward_signal pdq;
};

/* Borrows everything.  `image` and `image_name` are the caller's to set. */
struct disk_find disk_find_of(const struct disk_file *file, const struct ward_report *report,
		const struct ward_finding *finding);
const char *disk_find_state(unsigned flags); /* "allocated", "deleted", "carved" */
/* "p2", of "p2:/a". */
ward_str disk_find_volume(ward_str path);

/* A thing that could not be read at all. */
struct disk_unread {
	ward_str path, message;
	ward_err err;
};

struct disk_report_list {
	const struct ward_list_info *info;
	const char *version;
	uint64_t entries;
};

struct disk_report_setting {
	const char *name;
	char value[64];
};

enum { DISK_SETTINGS_MAX = 16, DISK_WORDS = 32 };

struct disk_report {
	/* set by the verb */
	const char *case_number, *examiner; /* NULL: not said */
	const char *version;                /* of ward */
	const char *command;
	int64_t began, ended; /* Unix seconds */
	int stopped;          /* by this signal; 0: by none */
	bool cut_short;       /* by that or otherwise; then the sums of images are not known */
	const struct disk_account *images;
	size_t image_count;
	const struct disk_report_list *lists;
	size_t list_count;
	struct disk_report_setting settings[DISK_SETTINGS_MAX];
	size_t setting_count;
	struct scan_totals totals;

	/* gathered */
	pthread_mutex_t lock;
	struct ward_arena arena;
	ward_str words[DISK_WORDS]; /* lists and labels that were met lately: few differ */
	unsigned word_next;
	struct disk_find *finds; /* from malloc, as `unread` */
	size_t find_count, find_room;
	struct disk_unread *unread;
	size_t unread_count, unread_room;
	bool closed; /* nothing is added any more */
	bool full;   /* there was no memory for all */
	/* When settled: hits come first, then what is set aside, then what cannot be read. */
	size_t hits, aside;
};

void disk_report_init(struct disk_report *report, size_t memory_max);
void disk_report_free(struct disk_report *report);
void disk_report_set(struct disk_report *report, const char *name, const char *fmt, ...)
		WARD_PRINTF(3, 4);

/* Every finding but "allowed" of one file; `name` is the image's, and outlives the report. */
void disk_report_add(struct disk_report *report, uint32_t image, const char *name,
		const struct disk_file *file, const struct ward_report *scanned);
void disk_report_add_find(struct disk_report *report, const struct disk_find *find);
void disk_report_add_unread(struct disk_report *report, const char *path,
		const struct ward_error *error);
/* No more is added; what was found is put into order, and made one where only frames differ. */
void disk_report_settle(struct disk_report *report);

/* ---- formats: of a settled report.  The caller asks `out` whether all was written. ---- */

void disk_report_html(FILE *out, const struct disk_report *report);
void disk_report_csv(FILE *out, const struct disk_report *report);
/* Both: files on deny lists alone, each MD5 once. False without memory. */
bool disk_report_vics(FILE *out, const struct disk_report *report) WARD_MUST_USE;
bool disk_report_icse(FILE *out, const struct disk_report *report) WARD_MUST_USE;

#endif
