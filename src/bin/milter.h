/*
 * milter.h - the options of `ward milter`, which ward and ward-milter share
 *
 * The work is ward-milter's, so that ward itself loads nothing that listens to
 * mail servers.
 */
#ifndef BIN_MILTER_H
#define BIN_MILTER_H

#include "bin/cli.h"

#define MILTER_ARGUMENTS ""

extern const struct cli_option milter_options[];

#endif
