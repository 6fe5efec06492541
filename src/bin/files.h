/*
 * files.h - from words on a command line to the regular files they mean
 *
 * A folder is walked with its entries in order of name, so that two walks of
 * the same tree meet the same files in the same order.  What cannot be looked
 * at is handed to the visitor as trouble, never passed over in silence; what
 * was left out on purpose is counted.
 */
#ifndef BIN_FILES_H
#define BIN_FILES_H

#include <ward/base.h>

struct files_options {
	bool hidden; /* also names that begin with a dot, inside folders */
	bool follow; /* also what symbolic links lead to, inside folders */
	bool sizes;  /* look at each file's size */
	bool one_file_system;
};

struct files_skipped {
	uint64_t hidden;
	uint64_t links;
	uint64_t special; /* sockets, pipes, devices; folders of other file systems */
};

/*
 * One file, or a path that could not be looked at (then `trouble` says why).
 * `size` is 0 unless asked for.  False ends the walk.
 */
typedef bool files_visit(void *context, const char *path, uint64_t size,
		const struct ward_error *trouble);

/* open(2) for reading, with O_CLOEXEC, of paths longer than PATH_MAX too. */
int files_open(const char *path, int flags);

/* An errno as a recorded failure, in the system's words. */
struct ward_error files_error(int number);

/* Walks one file or folder; false when the visitor ended it. */
bool files_walk(const char *path, const struct files_options *options, files_visit *visit,
		void *context, struct files_skipped *skipped);

/*
 * Visits the names written in a file ("-": standard input), each ended by
 * `end` ('\n' or '\0').  A name that is a folder is walked.  Fails when the
 * names cannot be read; `visit` has had those before.
 */
ward_err files_from(const char *names, char end, const struct files_options *options,
		files_visit *visit, void *context, struct files_skipped *skipped,
		struct ward_error *error) WARD_MUST_USE;

#endif
