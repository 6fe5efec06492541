/*
 * mounts.h - what is mounted where, and of which kinds changes are seen
 *
 * The kernel tells (inotify, fanotify) what programs on this machine do.  What
 * another machine does to a folder that it shares is told by nobody: such
 * mounts are known by their file system's type, and swept again and again.
 */
#ifndef AGENT_MOUNTS_H
#define AGENT_MOUNTS_H

#include <ward/base.h>

struct mount {
	uint64_t id;
	char *path;
	char type[32];
	bool remote; /* others may change it unseen */
	bool pseudo; /* the kernel's own: there are no files of people in it */
};

struct mounts {
	struct mount *at;
	size_t count;
};

/* A text as /proc/self/mountinfo; lines that make no sense are passed over.  At most 100 000. */
ward_err mounts_parse(ward_str text, struct mounts *mounts, struct ward_error *error) WARD_MUST_USE;
/* Of this process. */
ward_err mounts_read(struct mounts *mounts, struct ward_error *error) WARD_MUST_USE;
void mounts_free(struct mounts *mounts);

/* The innermost mount around a path; the latest of several on one place.  NULL: none. */
const struct mount *mounts_find(const struct mounts *mounts, const char *path);
bool mounts_has(const struct mounts *mounts, uint64_t id, const char *path);

#endif
