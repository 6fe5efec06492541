/*
 * source.h - a place where files come from: a folder, a medium, a bucket
 *
 * A source can be swept: it tells every file it has, by a name and what it
 * looks like from outside, so that those that were looked at before are passed
 * over without being opened.  A file is opened by its name, later and by
 * another thread, and may have gone or changed by then.
 *
 * `sweep` and `open` may be called at once, by different threads.
 */
#ifndef AGENT_SOURCE_H
#define AGENT_SOURCE_H

#include "agent/settings.h"

#include <sys/stat.h>

/* False ends the sweep. */
typedef bool source_visit(void *to, const char *name, const struct stat *st);

struct source_file {
	int fd;           /* open for reading from its beginning; close(2) */
	struct stat st;   /* of a thing that is no file: number, size and times that say when it is
			   * another one */
	int folder;       /* where it can be taken away from; -1: it cannot.  close(2) */
	const char *name; /* in that folder; borrowed from the name that was asked for */
};

struct source {
	const char *name;    /* for status: the watch's */
	enum agent_act most; /* what may be done about its files */
	void *context;
	/* Its own failure is returned, and what was told before it stands; LIMIT when all was told
	 * but what is larger than we look at. */
	ward_err (*sweep)(void *context, source_visit *visit, void *to, struct ward_error *error);
	/* NOT_FOUND when it has gone, UNSUPPORTED when it is no regular file, DENIED; else it may
	 * be had another time. */
	ward_err (*open)(void *context, const char *name, struct source_file *file,
			struct ward_error *error);
};

/*
 * A folder with all that is below it.  `enters` says which folders are looked
 * into, `covers` which files, and `missed` (NULL is fine) is told of what the
 * sweep passed over: DENIED, IO, or UNSUPPORTED for a path that is too long
 * for us, which no other time makes shorter.  All may be called by the
 * sweeping thread.
 */
struct source_folder {
	const char *folder;
	void *context;
	bool (*enters)(void *context, const char *path);
	bool (*covers)(void *context, const char *path);
	void (*missed)(void *context, const char *path, const struct ward_error *error);
};

ward_err source_folder_sweep(void *source_folder, source_visit *visit, void *to,
		struct ward_error *error) WARD_MUST_USE;
ward_err source_folder_open(void *source_folder, const char *name, struct source_file *file,
		struct ward_error *error) WARD_MUST_USE;

#endif
