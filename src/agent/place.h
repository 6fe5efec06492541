/*
 * place.h - opening files by a path that others may change under our feet
 *
 * Each folder of the path is opened from the one before it, and no symbolic
 * link is followed anywhere: what is opened lies where its path says, or it is
 * not opened.  A program that may do more than its users needs no less.
 */
#ifndef AGENT_PLACE_H
#define AGENT_PLACE_H

#include <ward/base.h>

/*
 * The folder of an absolute path, open, and the path's last name, borrowed
 * from `path`.  NOT_FOUND when it has gone, DENIED for a link in the way.
 */
ward_err place_folder(const char *path, int *folder, const char **name,
		struct ward_error *error) WARD_MUST_USE;
/* The folder itself that `path` names. */
ward_err place_open_folder(const char *path, int *folder, struct ward_error *error) WARD_MUST_USE;

/* Is `path` `folder` itself, or within it?  By their names alone. */
bool place_is_within(const char *path, const char *folder);

/*
 * Shell patterns: one without a slash is compared with the last name, one with
 * a slash with the whole path.  "*" does not reach across a slash.
 */
bool place_matches(const char *path, const char *pattern);

#endif
