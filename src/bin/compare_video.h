/*
 * compare_video.h - for `ward compare`: two videos, or files of their hashes
 */
#ifndef BIN_COMPARE_VIDEO_H
#define BIN_COMPARE_VIDEO_H

#include "bin/cli.h"

/*
 * True when both are videos, or files of vPDQ or TMK: then all was told, and `status`
 * is the verb's.  False: one of them is something else, which others compare.
 */
bool compare_video(struct cli *cli, int *status);

#endif
