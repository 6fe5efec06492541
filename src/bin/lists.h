/*
 * lists.h - what the actions of `ward list` share
 */
#ifndef BIN_LISTS_H
#define BIN_LISTS_H

#include "base/json.h"
#include "bin/known.h"
#include "bin/names.h"

enum { LIST_PATH = 4096 };

/* ---- a list by its name ---- */

/* Opens the list NAME of the workspace; NOT_FOUND says how to see which there are. */
ward_err lists_open(const struct workspace *workspace, const char *name, struct ward_list **list,
		struct ward_error *error) WARD_MUST_USE;
/* Its folder, when there is such a list. */
ward_err lists_find(const struct workspace *workspace, const char *name, char folder[LIST_PATH],
		struct ward_error *error) WARD_MUST_USE;

/* Opens the workspace and finds the folder of the list that is the first argument. */
ward_err lists_find_first(const struct cli *cli, char folder[LIST_PATH],
		struct ward_error *error) WARD_MUST_USE;

/* All names, in order; for names_free.  Folders that hold no list are not among them. */
ward_err lists_names_read(const struct workspace *workspace, struct names *names,
		struct ward_error *error) WARD_MUST_USE;

/* ---- what a list says about itself, on the command line ---- */

/* clang-format off */
#define LIST_INFO_OPTIONS \
	{ "source", 0, CLI_TEXT, "WORDS", "who made the list", 0, 0 }, \
	{ "scheme", 0, CLI_TEXT, "SCHEME", "of its labels: interpol_baseline, industry, ...", 0, 0 }, \
	{ "label", 0, CLI_TEXT, "LABELS", "of entries without one: scheme:code", 0, 0 }, \
	{ "licence", 0, CLI_TEXT, "WORDS", "what may be done with the list", 0, 0 }, \
	{ "sense", 0, CLI_TEXT, "SENSE", "deny (known bad), allow (known good) or exclude", 0, 0 }, \
	{ "radius", 'r', CLI_NUMBER, "BITS", "PDQ distance that is a hit (default: 31)", 0, 63 }, \
	{ "photodna-distance", 0, CLI_NUMBER, "N", "squared distance that is a hit (default: 0)", \
		0, UINT32_MAX }, \
	{ "expires", 0, CLI_TEXT, "DATE", "passed over from then on; or never", 0, 0 }, \
	{ "disable", 0, CLI_FLAG, NULL, "switch the list off", 0, 0 }, \
	{ "enable", 0, CLI_FLAG, NULL, "switch it on again", 0, 0 }
/* clang-format on */

/* --format and --type; false with a complaint made. */
bool lists_read_options(const struct cli *cli, struct exchange_read_options *read);

/* Takes those options over what is in `info`; false with a complaint made. */
bool lists_info_options(const struct cli *cli, struct ward_list_info *info);

/* ---- as JSON, one object ---- */

void lists_json_info(struct json *json, const struct ward_list *list);
/* `list` is whose the record is; NULL for a file's. */
void lists_json_record(struct json *json, const struct ward_list *list,
		const struct ward_record *record);
/* Writes the buffer's text as a line and empties it; false when that failed. */
bool lists_put_line(struct ward_buf *text);

/* Any signal in any text form; 64 digits alone are PDQ.  False when it is none. */
bool lists_signal(const char *text, ward_signal *signal);

/* ---- the actions ---- */

int lists_import(struct cli *cli);
int lists_ls(struct cli *cli);
int lists_show(struct cli *cli);
int lists_export(struct cli *cli);
int lists_diff(struct cli *cli);
int lists_verify(struct cli *cli);
int lists_remove(struct cli *cli);
int lists_set(struct cli *cli);
int lists_rename(struct cli *cli);
int lists_compact(struct cli *cli);
int lists_opine(struct cli *cli);
int lists_switch(struct cli *cli);
int lists_opinions(struct cli *cli);

#endif
