/* What a file holds that does not lie in the image as it is. */
#include "disk/work.h"

static ward_err read_all(struct work *work, const TSK_FS_ATTR *attr, uint64_t size,
		struct ward_error *error)
{
	for (uint64_t at = 0; at < size && !work->stopped;) {
		size_t len = size - at < DISK_WINDOW ? (size_t)(size - at) : DISK_WINDOW;
		ssize_t got = tsk_fs_attr_read(attr, (TSK_OFF_T)at, (char *)work->window, len,
				TSK_FS_FILE_READ_FLAG_NONE);

		if (got <= 0 || (size_t)got > len)
			return ward_fail(error, WARD_E_FORMAT,
					"its bytes cannot be read: the file system is damaged");
		work_send(work, (size_t)got);
		at += (uint64_t)got;
	}
	return WARD_OK;
}

ward_err work_content(struct work *work, struct work_volume *volume, const struct disk_ask *ask,
		struct ward_error *error)
{
	TSK_FS_INFO *system = work_open(work, volume);
	ward_err err = WARD_OK;

	if (!system)
		return ward_fail(error, WARD_E_NOT_FOUND, "the file system cannot be read");
	TSK_FS_FILE *file = tsk_fs_file_open_meta(system, NULL, ask->inode);
	const TSK_FS_ATTR *attr = file ? tsk_fs_file_attr_get_type(file,
							 (TSK_FS_ATTR_TYPE_ENUM)ask->attr_type,
							 (uint16_t)ask->attr_id, 1)
				       : NULL;

	if (!attr || attr->size < 0 || (uint64_t)attr->size != ask->len)
		err = ward_fail(error, WARD_E_FORMAT,
				"where its bytes lie cannot be read: the file system is damaged");
	else
		err = read_all(work, attr, ask->len, error);
	tsk_error_reset();
	tsk_fs_file_close(file);
	return err;
}
