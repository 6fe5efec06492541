/* few_watches.h - for tests: a system that has only so many inotify watches left for us */
#ifndef AGENT_FEW_WATCHES_H
#define AGENT_FEW_WATCHES_H

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

static int watches_left = -1;     /* -1: as many as one likes */
static const char *watch_refused; /* a name of which none may be had */

/* In libc's place; a folder that is watched already takes no other one, but tests mind that. */
int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (watch_refused && strstr(path, watch_refused)) {
		errno = EACCES;
		return -1;
	}
	if (watches_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	watches_left -= watches_left > 0;
	return (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}

#endif
