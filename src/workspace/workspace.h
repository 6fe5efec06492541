/*
 * workspace.h - one folder that holds an installation
 *
 *     ward.conf     settings and policy rules
 *     lists/NAME/   compiled lists (ward/bank.h)
 *     quarantine/   records an import could not use, one file an import
 *     keys/         API keys, hashed
 *
 * Everything is made with mode 0700 or 0600.  A workspace is opened by every
 * program; changing lists while a daemon runs is safe, it notices.
 *
 * A workspace handle belongs to one thread; what it hands out is immutable.
 */
#ifndef WORKSPACE_H
#define WORKSPACE_H

#include <ward/scan.h>

#include "exchange/exchange.h"
#include "workspace/settings.h"

struct workspace;

/* Makes a workspace with a commented ward.conf.  EXISTS when there is one; other files stay. */
ward_err workspace_init(const char *folder, struct ward_error *error) WARD_MUST_USE;

/* Reads ward.conf.  A mistake in it is an error that says where (line) and what to write instead.
 */
ward_err workspace_open(const char *folder, struct workspace **workspace,
		struct ward_error *error) WARD_MUST_USE;
void workspace_free(struct workspace *workspace);
const char *workspace_folder(const struct workspace *workspace);
const char *workspace_lists(const struct workspace *workspace); /* the folder of lists */
const char *workspace_keys(const struct workspace *workspace);  /* the file of keys */
const struct settings *workspace_settings(const struct workspace *workspace);
/* From ward.conf's rules, or the default; shared, lives as long as the workspace. */
const struct ward_policy *workspace_policy(const struct workspace *workspace);

/* "WORKSPACE/lists/NAME"; ARGUMENT when the name is not a list's name. */
ward_err workspace_list_folder(const struct workspace *workspace, ward_str name, char *path,
		size_t room, struct ward_error *error) WARD_MUST_USE;

/* ---- importing ---- */

struct workspace_import {
	struct exchange_read_options read;
	struct ward_list_info info; /* of a list that is made or replaced; its name says which */
	bool delta;                 /* add to what is there, instead of replacing it */
	bool keep_degenerate;       /* PDQ hashes of low quality or far from 128 ones, too */
	/* Called for each bad record (say one clear line), and now and then with bytes done of
	 * total. */
	void (*bad)(void *context, const struct exchange_record *record);
	ward_progress *progress;
	void *context;
};

struct workspace_imported {
	uint64_t records; /* read, bad ones included */
	uint64_t added;
	uint64_t bad;                /* could not be parsed */
	uint64_t degenerate;         /* PDQ far from 128 ones, or all zero */
	uint64_t low_quality;        /* PDQ below 50 */
	enum exchange_format format; /* of the last source */
	char quarantine[4096]; /* the file that holds what was left out; "" when nothing was */
};

/* One thing to import: a descriptor with its size (0: unknown), or any source of bytes. */
struct workspace_source {
	int fd; /* -1: `read` is used */
	uint64_t size;
	exchange_source *read;
	void *context;
};

/* Imports sources one behind the other into one version; nothing is visible before all is durable.
 */
ward_err workspace_import(const struct workspace *workspace, const struct workspace_import *import,
		const struct workspace_source *sources, size_t count,
		struct workspace_imported *result, struct ward_error *error) WARD_MUST_USE;

#endif
