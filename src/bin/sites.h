/*
 * sites.h - what the actions of `ward site` share; each action is in a sites_*.c
 */
#ifndef BIN_SITES_H
#define BIN_SITES_H

#include <ward/site.h>

#include "base/json.h"
#include "bin/cli.h"
#include "bin/names.h"
#include "workspace/workspace.h"

enum { SITES_PATH = 4096 };

/* All names, in order; for names_free.  A workspace without the folder has none. */
ward_err sites_names_read(const struct workspace *workspace, struct names *names,
		struct ward_error *error) WARD_MUST_USE;

/* --salt, as hex; false with a complaint made. */
bool sites_take_salt(const struct cli *cli, uint8_t salt[32], size_t *len);
/* Opens the list NAME of the workspace; NOT_FOUND says how to see which there are. */
ward_err sites_open(const struct workspace *workspace, const char *name,
		struct ward_site_list **list, struct ward_error *error) WARD_MUST_USE;
/* Opens the workspace and finds the folder of the list that is the first argument. */
ward_err sites_find_first(const struct cli *cli, char folder[SITES_PATH],
		struct ward_error *error) WARD_MUST_USE;

/* ---- as text ---- */

/* What a list says of itself and how much it holds, as one JSON object. */
void sites_json_info(struct json *json, const struct ward_site_list *list);
void sites_json_entry(struct json *json, const struct ward_site_entry *entry);
/* Writes the buffer's text as a line and empties it. */
void sites_put_line(struct ward_buf *text);

/* "30", "90s", "15m", "12h", "7d" in seconds; false when it is none. */
bool sites_seconds(const char *text, int64_t *seconds);

/* ---- the actions ---- */

int sites_ls(struct cli *cli);
int sites_import(struct cli *cli);
int sites_export(struct cli *cli);
int sites_update(struct cli *cli);
int sites_key(struct cli *cli);
int sites_sign(struct cli *cli);
int sites_show(struct cli *cli);
int sites_add(struct cli *cli);
int sites_remove(struct cli *cli);
int sites_set(struct cli *cli);
int sites_verify(struct cli *cli);
int sites_compact(struct cli *cli);
int sites_rm(struct cli *cli);
int sites_audit(struct cli *cli);
int sites_check(struct cli *cli);
int sites_top(struct cli *cli);

#endif
