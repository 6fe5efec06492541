/*
 * known.h - what a verb asks against: the workspace's lists and its policy
 */
#ifndef BIN_KNOWN_H
#define BIN_KNOWN_H

#include <ward/scan.h>

#include "bin/cli.h"

struct known {
	struct ward_bank *bank;
	struct ward_bank_view *view;
	struct ward_policy *policy;
};

/* Opens the workspace the verb was given.  On failure nothing is left open. */
ward_err known_open(const struct cli *cli, struct known *known,
		struct ward_error *error) WARD_MUST_USE;
void known_close(struct known *known);

/* Opens the lists below one folder, without a policy. */
ward_err known_open_folder(const char *folder, struct known *known,
		struct ward_error *error) WARD_MUST_USE;

#endif
