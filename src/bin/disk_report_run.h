/*
 * disk_report_run.h - from a run of `ward disk` to its reports: who, when, with what, against what
 */
#ifndef BIN_DISK_REPORT_RUN_H
#define BIN_DISK_REPORT_RUN_H

#include "bin/disk_report.h"
#include "bin/scan_run.h"

/* At the run's beginning; `scan` has its options and lists. */
void disk_report_begin(struct disk_report *report, const struct scan_run *scan);
/* Settles and writes what --report wants; `images` in the run's order.  False with trouble told. */
bool disk_report_end(struct disk_report *report, const struct scan_run *scan,
		const struct disk_account *images, size_t image_count) WARD_MUST_USE;

#endif
