/*
 * disk_report_files.h - `--report FORMAT=FILE`: which reports `ward disk` writes, and where to
 *
 * A scan may take days, so what cannot be written in the end is told before it begins.  A report
 * is written beside its name, synced, and only then gets it, for its owner alone (0600); a file
 * that is there already stays, unless --overwrite was said.
 */
#ifndef BIN_DISK_REPORT_FILES_H
#define BIN_DISK_REPORT_FILES_H

#include "bin/cli.h"
#include "bin/disk_report.h"

/* ARGUMENT for what is no format or named twice, EXISTS, DENIED or NOT_FOUND for the file. */
ward_err disk_report_files_check(const struct cli *cli, struct ward_error *error) WARD_MUST_USE;
/* Are any wanted? */
bool disk_report_files_any(const struct cli *cli);
/* Every report that is wanted, of a settled one; each is tried, and the first failure returned. */
ward_err disk_report_files_write(const struct cli *cli, const struct disk_report *report,
		struct ward_error *error) WARD_MUST_USE;

#endif
