/*
 * known.h - what a verb asks against: the workspace with its lists, settings and policy
 */
#ifndef BIN_KNOWN_H
#define BIN_KNOWN_H

#include <ward/scan.h>

#include "bin/cli.h"
#include "store/store.h"
#include "workspace/workspace.h"

struct known {
	struct workspace *workspace;
	struct ward_bank *bank;
	struct ward_bank_view *view;
	const struct ward_policy *policy; /* the workspace's */
};

/* Opens the workspace the verb was given, without its lists. */
ward_err known_workspace(const struct cli *cli, struct workspace **workspace,
		struct ward_error *error) WARD_MUST_USE;

/* Opens the workspace the verb was given, and its lists.  On failure nothing is left open. */
ward_err known_open(const struct cli *cli, struct known *known,
		struct ward_error *error) WARD_MUST_USE;
void known_close(struct known *known);

/* The options of a scan as ward.conf has them. */
struct ward_scan_options known_scan_options(const struct known *known);

/* Takes what `--set NAME=VALUE` says over what is in `options`. */
ward_err known_set(const struct cli *cli, struct ward_scan_options *options,
		struct ward_error *error) WARD_MUST_USE;

#endif
