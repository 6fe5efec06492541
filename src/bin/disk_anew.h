/*
 * disk_anew.h - `ward disk report STATE`: the reports of a run, made anew without its image
 *
 * What the run found is in STATE.finds (disk_kept.h).  Of a run that was stopped or killed it is
 * what had been found until then, and the reports say so.
 */
#ifndef BIN_DISK_ANEW_H
#define BIN_DISK_ANEW_H

#include "bin/cli.h"

/* The action's row. */
extern const struct cli_option disk_anew_options[];
int disk_anew_run(struct cli *cli);

#endif
