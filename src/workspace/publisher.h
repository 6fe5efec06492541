/*
 * publisher.h - which page of a publisher's list was in force here, also when the list has gone
 *
 * A list that is removed takes its page's number with it, and whoever keeps old
 * pages could give them as new to one who takes the list again.  So the newest
 * page is noted outside of the list, for each key and URN in a file of its own:
 * "publishers/HEX" with a line "SEQUENCE SHA-256 NAME" for each local list.  A
 * list that is there speaks for itself alone (one may take a feed of names and one of
 * hashes); those that have gone speak for whoever takes the list again, by any name.
 */
#ifndef WORKSPACE_PUBLISHER_H
#define WORKSPACE_PUBLISHER_H

#include "workspace/workspace.h"

struct workspace_page {
	uint64_t sequence; /* 0: none was ever in force here */
	uint8_t digest[32];
};

/* Of the publisher and URN that `info` names.  CORRUPT when what is noted cannot be read. */
ward_err workspace_page_seen(const struct workspace *workspace, const struct ward_site_info *info,
		struct workspace_page *page, struct ward_error *error) WARD_MUST_USE;
/* Notes the page that `info` says is in force, unless a newer one is noted. */
ward_err workspace_page_note(const struct workspace *workspace, const struct ward_site_info *info,
		struct ward_error *error) WARD_MUST_USE;
/* The publisher begins anew. */
ward_err workspace_page_forget(const struct workspace *workspace, const struct ward_site_info *info,
		struct ward_error *error) WARD_MUST_USE;

#endif
