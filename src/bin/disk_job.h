/*
 * disk_job.h - one run of ward disk: its images, and what is done with each
 *
 * disk_walk.c asks the jailed worker for volumes, files and lost files, and puts them in order, in
 * one thread; disk_scan.c scans them, in several, each with a worker of its own; verb_disk.c reads
 * what is wanted, and tells of each image as a whole.
 */
#ifndef BIN_DISK_JOB_H
#define BIN_DISK_JOB_H

#include "bin/disk_digest.h"
#include "bin/disk_kept.h"
#include "bin/scan_run.h"

struct disk_job;

enum { VOLUME_NAME_MAX = 24 };

struct disk_job_volume {
	char name[VOLUME_NAME_MAX]; /* "p2" */
	bool readable, gap;
	char *trouble; /* from malloc; NULL for none */
};

/* One image, while its turn is. */
struct disk_job_image {
	struct disk_job *run;
	const char *path;
	struct disk_image *files;
	struct disk *disk; /* the walker's */
	struct disk_facts facts;
	struct disk_found found;
	struct disk_places *places;
	struct disk_job_volume *volumes;
	size_t volume_count, partitions, gaps;
	size_t volume; /* that is asked of now */
	struct disk_account account;
	struct disk_digest digest;
	struct disk_expected expected;
	bool full; /* there is no room for more files */
};

struct disk_job {
	struct scan_run scan;
	bool deleted, carve, digest, raw, verify;
	unsigned volume_time_s;
	const char *expect;
	struct disk_job_image *images;
	size_t image_count;
	struct disk_keep *keep; /* with --state */
	bool reports;           /* are wanted */
	struct disk_report report;
};

/* Of an image; NULL without memory. */
struct disk *disk_job_worker(struct disk_job_image *image);

/* For scan_run.h: these are a run's `begin`, `end`, `open`, `print`, `failed` and `walk`. */
void disk_scan_begin(struct scan_hand *hand);
void disk_scan_end(struct scan_hand *hand);
void disk_scan_open(struct scan_hand *hand, struct scan_task *task);
void disk_scan_print(struct scan_run *scan, struct ward_buf *out, const struct scan_opened *file,
		const struct ward_report *report);
void disk_scan_failed(struct scan_run *scan, const char *path, const struct ward_error *error);
void disk_walk(struct scan_run *scan);

/* What was found and cannot be kept would be missing from a report: the run stops. */
void disk_job_check_kept(struct disk_job *run, ward_err err, const struct ward_error *error);

#endif
