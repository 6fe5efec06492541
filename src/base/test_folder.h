/*
 * test_folder.h - a folder of a test's own, removed when the next one begins and at the end
 */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256];

/* FOLDER/NAME; four of them at a time. */
static inline const char *in_folder(const char *name)
{
	static char path[4][512];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static inline void remove_folder(const char *path)
{
	DIR *entries = opendir(path);
	struct dirent *entry;
	char inside[1024];

	while (entries && (entry = readdir(entries))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name) < 1000 &&
				unlink(inside) < 0)
			remove_folder(inside);
	}
	if (entries)
		closedir(entries);
	rmdir(path);
}

static inline void remove_last_folder(void)
{
	if (folder[0])
		remove_folder(folder);
}

static inline void fresh_folder(void)
{
	if (folder[0])
		remove_last_folder();
	else
		atexit(remove_last_folder);
	snprintf(folder, sizeof(folder), "%s/ward-test-XXXXXX",
			getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(folder))
		abort();
}

#endif
