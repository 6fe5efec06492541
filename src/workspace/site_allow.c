#include "workspace/workspace.h"

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

ward_err workspace_site_allow(const struct workspace *workspace, ward_str place,
		ward_site_bare bare, ward_str ref, struct ward_error *error)
{
	struct ward_site_entry entry = { .reason = WARD_STR("appeal"), .ref = ref };
	struct ward_site_writer *writer;
	struct ward_buf memory;
	char folder[PATH_ROOM];

	ward_buf_init(&memory, ENTRY_ROOM);
	ward_err err = ward_site_entry_read(place, bare, &memory, &entry, error);

	if (!err)
		err = workspace_site_folder(workspace, WARD_STR(ALLOWED), folder, sizeof(folder),
				error);
	if (!err)
		err = begin_list(folder, &writer, error);
	if (!err) {
		err = ward_site_writer_add(writer, &entry, error);
		if (err)
			ward_site_writer_cancel(writer);
		else
			err = ward_site_writer_commit(writer, error);
	}
	ward_buf_free(&memory);
	return err;
}
