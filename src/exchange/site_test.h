/* site_test.h - lists in a temporary folder, for tests of what is written of them */
#ifndef EXCHANGE_SITE_TEST_H
#define EXCHANGE_SITE_TEST_H

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ward/site.h>

#include "base/file.h"
#include "base/test.h"

static char test_folder[64];

static inline bool test_begin(void)
{
	snprintf(test_folder, sizeof(test_folder), "%s/ward-site-XXXXXX",
			getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	return mkdtemp(test_folder) != NULL;
}

static inline void test_end(void)
{
	pid_t child = fork();

	if (child == 0) {
		execlp("rm", "rm", "-rf", test_folder, (char *)NULL);
		_exit(1);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

static inline const char *test_path(const char *name)
{
	static char paths[4][256];
	static int which;
	char *path = paths[which++ % 4];

	snprintf(path, 256, "%s/%s", test_folder, name);
	return path;
}

/* Makes a list of the entries in `text`, one a line. */
static inline ward_err test_list(const char *name, const char *text,
		void (*change)(struct ward_site_info *info))
{
	struct ward_error error;
	struct ward_site_info info;
	struct ward_site_writer *writer;
	struct ward_site_entry entry;
	struct ward_buf memory;
	ward_str rest = ward_str_from(text);
	ward_err err = ward_site_info_init(&info, ward_str_from(name)) ? WARD_OK : WARD_E_ARGUMENT;

	ward_buf_init(&memory, 1 << 20);
	(void)mkdir(test_path("sites"), 0700);
	if (change)
		change(&info);
	char path[256];

	snprintf(path, sizeof(path), "%s/sites/%s", test_folder, name);
	if (!err)
		err = ward_site_create(path, &info, &writer, &error);
	if (err)
		printf("# %s\n", error.message);
	while (!err && rest.len > 0) {
		ward_str line = ward_str_cut(&rest, '\n');

		memset(&entry, 0, sizeof(entry));
		err = ward_site_entry_read(line, WARD_SITE_BARE_DOMAIN, &memory, &entry, &error);
		if (!err)
			err = ward_site_writer_add(writer, &entry, &error);
		if (err)
			printf("# %s\n", error.message);
	}
	if (!err)
		err = ward_site_writer_commit(writer, &error);
	ward_buf_free(&memory);
	return err;
}

static inline struct ward_site_view *test_view(void)
{
	struct ward_error error;
	struct ward_site_view *view = NULL;

	if (ward_site_view_open(test_path("sites"), NULL, NULL, &view, &error))
		printf("# %s\n", error.message);
	return view;
}

/* A whole file, NUL-terminated; "" when it is not there. */
static inline const char *test_read(const char *path)
{
	static char text[4 << 20];
	struct ward_error error;
	char *read;
	size_t len;

	text[0] = '\0';
	if (file_read(path, sizeof(text) - 1, &read, &len, &error) == WARD_OK) {
		memcpy(text, read, len);
		text[len] = '\0';
		free(read);
	}
	return text;
}

#endif
