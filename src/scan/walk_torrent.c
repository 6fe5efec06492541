/* A .torrent: nothing is in it, but what it tells of files is looked up. */
#include "scan/job.h"

#include "base/file.h"

#include <stdlib.h>

static ward_err ask_file(struct scan_job *job, size_t item, const struct ward_torrent_file *file,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < file->signal_count && !err; i++)
		err = scan_look_up_signal(job, item, &file->signals[i], error);
	return err;
}

static ward_err ask_all(struct scan_job *job, size_t item, const struct ward_torrent *torrent,
		struct ward_error *error)
{
	ward_signal own[2];
	size_t count = ward_torrent_signals(torrent, own);
	ward_err err = WARD_OK;

	for (size_t i = 0; i < count && !err; i++)
		err = scan_look_up_signal(job, item, &own[i], error);
	for (size_t i = 0; i < ward_torrent_file_count(torrent) && !err; i++)
		err = ask_file(job, item, ward_torrent_file(torrent, i), error);
	return err;
}

ward_err scan_torrent(struct scan_job *job, size_t item, int fd, uint64_t size,
		struct ward_error *error)
{
	struct ward_torrent *torrent = NULL;
	struct ward_error why = { 0 };
	uint8_t *bytes;
	ward_err err;

	if (!job->view)
		return WARD_OK;
	if (size > WARD_TORRENT_BYTES_MAX)
		return scan_add_trouble(job, item, WARD_E_LIMIT,
				"the torrent is larger than allowed", error);
	bytes = malloc((size_t)size + 1);
	if (!bytes)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a torrent");
	err = file_read_at(fd, 0, bytes, (size_t)size, error);
	if (!err) {
		err = ward_torrent_read((ward_bytes){ bytes, (size_t)size }, &torrent, &why);
		if (err == WARD_E_NOMEM)
			(void)ward_fail(error, err, "%s", why.message);
		else if (err)
			err = scan_add_trouble(job, item, err, why.message, error);
		else
			err = ask_all(job, item, torrent, error);
		if (!err && torrent && ward_torrent_trouble(torrent))
			err = scan_add_trouble(job, item, ward_torrent_trouble(torrent)->code,
					ward_torrent_trouble(torrent)->message, error);
	}
	ward_torrent_free(torrent);
	free(bytes);
	return err;
}
