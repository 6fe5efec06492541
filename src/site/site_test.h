/*
 * site_test.h - lists in a folder of the test's own
 */
#ifndef SITE_TEST_H
#define SITE_TEST_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ward/site.h>

#include "base/test.h"
#include <ward/hash.h>

static char folder[64]; /* of lists */
static char path_of_list[128];
static struct ward_error error;
static struct ward_buf entry_memory, link_memory;
static struct ward_site_hits hits;

static void remove_folder(void)
{
	char command[96];
	FILE *done;

	if (!folder[0])
		return;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	done = popen(command, "r");
	if (done)
		pclose(done);
	ward_buf_free(&entry_memory);
	ward_buf_free(&link_memory);
}

static inline void fresh_folder(void)
{
	static bool registered;

	remove_folder();
	if (!registered)
		atexit(remove_folder);
	registered = true;
	snprintf(folder, sizeof(folder), "%s/ward-site-XXXXXX",
			getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(folder))
		abort();
	ward_buf_init(&entry_memory, (size_t)4 * WARD_LINK_MAX);
	ward_buf_init(&link_memory, (size_t)4 * WARD_LINK_MAX);
	error = (struct ward_error){ 0 };
}

static inline const char *in_folder(const char *name)
{
	snprintf(path_of_list, sizeof(path_of_list), "%s/%s", folder, name);
	return path_of_list;
}

static inline struct ward_site_info info_of(const char *name)
{
	struct ward_site_info info;

	if (!ward_site_info_init(&info, ward_str_from(name)))
		abort();
	return info;
}

static inline struct ward_site_writer *begin(const char *name)
{
	struct ward_site_info info = info_of(name);
	struct ward_site_writer *writer = NULL;

	return ward_site_create(in_folder(name), &info, &writer, &error) ? NULL : writer;
}

static inline struct ward_site_writer *change(const char *name)
{
	struct ward_site_writer *writer = NULL;

	return ward_site_change(in_folder(name), NULL, &writer, &error) ? NULL : writer;
}

static inline bool read_entry(const char *text, struct ward_site_entry *entry)
{
	*entry = (struct ward_site_entry){ 0 };
	return !ward_site_entry_read(ward_str_from(text), WARD_SITE_BARE_DOMAIN, &entry_memory,
			entry, &error);
}

static inline bool add(struct ward_site_writer *writer, const char *text)
{
	struct ward_site_entry entry;

	if (!read_entry(text, &entry))
		return false;
	entry.original = WARD_STR("");
	return !ward_site_writer_add(writer, &entry, &error);
}

static inline bool take_back(struct ward_site_writer *writer, const char *text, bool *removed)
{
	struct ward_site_entry entry;

	return read_entry(text, &entry) &&
	       !ward_site_writer_remove(writer, &entry, removed, &error);
}

static inline bool commit(struct ward_site_writer *writer)
{
	return !ward_site_writer_commit(writer, &error);
}

/* A list of these places; the last is NULL. */
static inline bool make(const char *name, const char *const *places)
{
	struct ward_site_writer *writer = begin(name);
	bool good = writer;

	for (; good && *places; places++)
		good = add(writer, *places);
	if (!good) {
		ward_site_writer_cancel(writer);
		return false;
	}
	return commit(writer);
}

static inline struct ward_site_list *open_list(const char *name)
{
	struct ward_site_list *list = NULL;

	return ward_site_list_open(in_folder(name), &list, &error) ? NULL : list;
}

static inline struct ward_site_view *open_view(void)
{
	struct ward_site_view *view = NULL;

	return ward_site_view_open(folder, NULL, NULL, &view, &error) ? NULL : view;
}

/* How many entries hold the link, which are then in `hits`; -1 when it is none. */
static inline int ask(const struct ward_site_view *view, const char *text, int64_t now)
{
	struct ward_link link;

	hits.count = 0;
	if (ward_link_read(ward_str_from(text), WARD_LINK_LOOKUP, &link_memory, &link, &error))
		return -1;
	ward_site_ask(view, &link, now, &hits);
	return (int)hits.total;
}

/* The entry behind a hit, as it is written. */
static inline const char *written(size_t hit)
{
	static struct ward_site_cursor cursor;
	static char text[4096];
	struct ward_site_entry entry;
	struct ward_buf out;

	if (hit >= hits.count)
		return "";
	ward_buf_init(&out, sizeof(text));
	ward_site_hit_entry(&hits.at[hit], &cursor, &entry);
	ward_site_entry_write(&entry, &out);
	snprintf(text, sizeof(text), "%.*s", WARD_FMT(ward_buf_text(&out)));
	ward_buf_free(&out);
	return text;
}

#endif
