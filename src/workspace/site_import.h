/*
 * site_import.h - files of places into a site list
 *
 * Sources in, one new version out, in force in one step at the end.  What could
 * not be used is put into the quarantine, which is durable before; of a hidden
 * list only why, and from which line.  A file of
 * the wrong kind, or half a download, must not make a full list an empty one: an
 * empty version, and one that is much smaller, come to be only when that is meant.
 */
#ifndef WORKSPACE_SITE_IMPORT_H
#define WORKSPACE_SITE_IMPORT_H

#include "exchange/site_read.h"
#include "workspace/workspace.h"

struct workspace_site_import {
	struct exchange_site_options read;
	struct ward_site_info info; /* of the list; its name says which */
	bool delta;                 /* add to what is there, instead of replacing it */
	bool dry_run;               /* all but the last step */
	bool allow_empty;
	bool force;          /* also one that is smaller by more than `shrink_max` */
	unsigned shrink_max; /* percent */
	/* For each record that was left out: `record->bad` is why. */
	void (*bad)(void *context, size_t source, const struct exchange_site_record *record);
	ward_progress *progress; /* bytes done of total (0: unknown) */
	void *context;
};

struct workspace_site_imported {
	uint64_t records;     /* read, bad ones included */
	uint64_t added;       /* entries */
	uint64_t bad;         /* that make no sense */
	uint64_t unsupported; /* that a site list has no place for */
	uint64_t removed;     /* entries taken back by the source */
	uint64_t excepted;    /* entries that the source excepts from its own, and were taken out */
	uint64_t exceptions;  /* other exceptions: they belong on an allowing list */
	uint64_t widened;     /* names taken with the wildcard below them */
	uint64_t walled;      /* names for which their zone shows a page of its own */
	uint64_t before;      /* entries in force */
	uint64_t after;       /* of a dry run, those that were added at most */
	enum exchange_site_format format; /* of the last source */
	char quarantine[4096];            /* "" when nothing was left out */
};

/*
 * FORMAT when no record of any could be used, when nothing would be left of a
 * list, or too little, with what says that it is meant.  The list stays then.
 */
ward_err workspace_site_import(const struct workspace *workspace,
		const struct workspace_site_import *import, const struct workspace_source *sources,
		size_t count, struct workspace_site_imported *result,
		struct ward_error *error) WARD_MUST_USE;

#endif
