#include "workspace/workspace.h"

#include <string.h>

enum { PATH_ROOM = 8192, ENTRY_ROOM = 256 * 1024 };

/* The operator's own list of what is never blocked. */
#define ALLOWED "allowed"

static ward_err begin_list(const char *folder, struct ward_site_writer **writer,
		struct ward_error *error)
{
	struct ward_site_info info;
	ward_err err = ward_site_change(folder, NULL, writer, error);

	if (err != WARD_E_NOT_FOUND)
		return err;
	if (!ward_site_info_init(&info, WARD_STR(ALLOWED)))
		return ward_fail(error, WARD_E_ARGUMENT, "no name of a list");
	info.sense = WARD_SITE_ALLOW;
	snprintf(info.source, sizeof(info.source), "appeals");
	return ward_site_create(folder, &info, writer, error);
}

/* One of that name which blocks, or only tells, would do the opposite of what was decided. */
static ward_err check_sense(const char *folder, struct ward_error *error)
{
	struct ward_site_list *list;
	ward_err err = ward_site_list_open(folder, &list, error);

	if (err == WARD_E_NOT_FOUND)
		return WARD_OK; /* it is being made */
	if (err)
		return err;
	if (ward_site_list_info(list)->sense != WARD_SITE_ALLOW)
		err = ward_fail(error, WARD_E_CONFLICT,
				"there is a list \"" ALLOWED
				"\" that does not allow what is on it: "
				"give it another name");
	ward_site_list_free(list);
	return err;
}

/* A whole network or domain is not what somebody meant who wrote about a host. */
static ward_err check_host(const struct ward_site_entry *entry, struct ward_error *error)
{
	bool one = entry->kind == WARD_SITE_HOST ||
		   (entry->kind == WARD_SITE_NETWORK &&
				   !memchr(entry->key.ptr, '/', entry->key.len));

	return one ? WARD_OK : ward_fail(error, WARD_E_FORMAT, "that is not the name of a host");
}

/* The entry that is meant, and the list's folder. */
static ward_err find_entry(const struct workspace *workspace, ward_str place, ward_site_bare bare,
		struct ward_buf *memory, struct ward_site_entry *entry, char folder[PATH_ROOM],
		struct ward_error *error)
{
	ward_err err = ward_site_entry_read(place, bare, memory, entry, error);

	if (!err && bare == WARD_SITE_BARE_HOST)
		err = check_host(entry, error);
	return err ? err
		   : workspace_site_folder(workspace, WARD_STR(ALLOWED), folder, PATH_ROOM, error);
}

ward_err workspace_site_may_allow(const struct workspace *workspace, ward_str place,
		ward_site_bare bare, struct ward_error *error)
{
	struct ward_site_entry entry = { .key = WARD_STR("") };
	struct ward_buf memory;
	char folder[PATH_ROOM];

	ward_buf_init(&memory, ENTRY_ROOM);
	ward_err err = find_entry(workspace, place, bare, &memory, &entry, folder, error);

	ward_buf_free(&memory);
	return err ? err : check_sense(folder, error);
}

ward_err workspace_site_allow(const struct workspace *workspace, ward_str place,
		ward_site_bare bare, ward_str ref, struct ward_error *error)
{
	struct ward_site_entry entry = { .reason = WARD_STR("appeal"), .ref = ref };
	struct ward_site_writer *writer;
	struct ward_buf memory;
	char folder[PATH_ROOM];

	ward_buf_init(&memory, ENTRY_ROOM);
	ward_err err = find_entry(workspace, place, bare, &memory, &entry, folder, error);

	if (!err)
		err = begin_list(folder, &writer, error);
	if (!err) {
		err = ward_site_writer_add(writer, &entry, error);
		if (!err)
			err = check_sense(folder, error);
		if (err)
			ward_site_writer_cancel(writer);
		else
			err = ward_site_writer_commit(writer, error);
	}
	ward_buf_free(&memory);
	return err;
}
