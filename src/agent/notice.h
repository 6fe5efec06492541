/*
 * notice.h - hearing of files that changed, from the kernel
 *
 * By inotify, which anybody may use: a watch for each folder, so a new folder
 * is watched first and listed then, and what came into it before is found by
 * the list, what comes later by the watch.  By fanotify, where the system lets
 * us (CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH): one mark for a file system, no
 * folder is missed and none costs anything.
 *
 * What is told is a path by its name at that time.  Whoever opens it follows
 * no link (place.h) and looks what it is.
 *
 * One thread at a time.
 */
#ifndef AGENT_NOTICE_H
#define AGENT_NOTICE_H

#include <ward/base.h>

struct notice_to {
	void *context;
	/* A file was written to and closed, moved here, linked or made. */
	void (*file)(void *context, const char *path);
	/* A folder came with what is in it (fanotify): list it. */
	void (*folder)(void *context, const char *path);
	/* Is this folder of interest? */
	bool (*enters)(void *context, const char *path);
	/* The kernel dropped something: sweep everything. */
	void (*lost)(void *context);
	/*
	 * What comes into this folder, or to below it, is not heard of: it has to be swept for, and
	 * to be added again later.  LIMIT when the system has too few watches, UNSUPPORTED for a
	 * path that is too long for us, else what hindered (DENIED, IO).
	 */
	void (*deaf)(void *context, const char *folder, const struct ward_error *error);
	/* Of fanotify alone: can files in this folder be of interest?  Its answer is remembered
	 * until folders are moved. */
	bool (*concerns)(void *context, const char *path);
};

/* ---- inotify ---- */

struct notice;

ward_err notice_new(const struct notice_to *to, struct notice **notice,
		struct ward_error *error) WARD_MUST_USE;
void notice_free(struct notice *notice); /* NULL is fine */
int notice_fd(const struct notice *notice);
/*
 * Watches a folder and all below it; with `tell`, tells the files that are
 * there.  What could not be watched is told as `deaf`, and what has gone is
 * not; adding once more adds what is wanting.  The folder's own watch; 0: it is
 * not there, or not watched.
 */
int notice_add(struct notice *notice, const char *folder, bool tell);
/* Does this watch still stand?  It falls with its folder, however soon another has that name. */
bool notice_has(const struct notice *notice, int watch);
/* Forgets a folder and all below it. */
void notice_remove(struct notice *notice, const char *folder);
/* Takes what is there to be read. */
void notice_read(struct notice *notice);
size_t notice_count(const struct notice *notice);

/* ---- fanotify ---- */

struct notice_whole;

/* UNSUPPORTED when the system does not let us. */
ward_err notice_whole_new(const struct notice_to *to, struct notice_whole **whole,
		struct ward_error *error) WARD_MUST_USE;
void notice_whole_free(struct notice_whole *whole); /* NULL is fine */
int notice_whole_fd(const struct notice_whole *whole);
/*
 * Hears of the whole file system that the folder is on; `mark` is to be given
 * back.  UNSUPPORTED when it cannot tell.  What is told are paths below the
 * mounts of the folders that were added: a file system that is mounted twice
 * wants both.
 */
ward_err notice_whole_add(struct notice_whole *whole, const char *folder, int *mark,
		struct ward_error *error) WARD_MUST_USE;
/* With the last one that was given for a mount it is let go of, and can be unmounted. */
void notice_whole_remove(struct notice_whole *whole, int mark);
void notice_whole_read(struct notice_whole *whole);
/* File systems. */
size_t notice_whole_count(const struct notice_whole *whole);

#endif
