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
	struct gate_live *gate;           /* its site lists and terms */
	const struct gate_state *words;   /* of those; NULL: not opened */
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

/*
 * Adds what is looked up in texts: as it is now, for a run that ends; whoever goes on for long has
 * to look whether it has changed.
 */
ward_err known_words(struct known *known, struct ward_scan_options *options,
		struct ward_error *error) WARD_MUST_USE;

/*
 * Both, and over them what the command line says, of KNOWN_LOOKS and KNOWN_WITHIN as far as the
 * verb has them.
 */
ward_err known_look(const struct cli *cli, struct known *known, struct ward_scan_options *options,
		struct ward_error *error) WARD_MUST_USE;

/* clang-format off: rows of tables */
/* Rows of a verb's options: how pictures are looked up. */
#define KNOWN_LOOKS                                                                              \
	{ "radius", 'r', CLI_NUMBER, "BITS", "PDQ distance (default: each list's own)", 0, 63 }, \
			{ "any-orientation", 0, CLI_FLAG, NULL,                                  \
				"also pictures turned and mirrored", 0, 0 },                     \
			{ "borders", 0, CLI_FLAG, NULL,                                          \
				"what is within even borders, whatever ward.conf says", 0, 0 },  \
			{ "no-borders", 0, CLI_FLAG, NULL, "not what is within even borders", 0, \
				0 },                                                             \
	{                                                                                        \
		"set", 0, CLI_MANY, "NAME=VALUE",                                                \
				"a setting of ward.conf's scan section, for this time", 0, 0     \
	}

/* And of one whose files hold others. */
#define KNOWN_WITHIN                                                                               \
	{ "no-archives", 0, CLI_FLAG, NULL, "do not look into archives", 0, 0 },                   \
			{ "no-videos", 0, CLI_FLAG, NULL, "do not compare frames of videos", 0,    \
				0 },                                                               \
	{                                                                                          \
		"time-limit", 0, CLI_NUMBER, "SECONDS", "for one file (default: ward.conf's, 60)", \
				1, 86400                                                           \
	}
/* clang-format on */

/* Takes what `--set NAME=VALUE` says over what is in `options`. */
ward_err known_set(const struct cli *cli, struct ward_scan_options *options,
		struct ward_error *error) WARD_MUST_USE;

#endif
