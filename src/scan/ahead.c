#include "scan/ahead.h"

#include <errno.h>
#include <unistd.h>

/* All of it, or false: it became shorter, or cannot be read. */
static bool read_whole(int fd, uint8_t *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, to + done, size - done, (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static ward_media_kind kind_of(ward_bytes file)
{
	if (file.len > WARD_MEDIA_HEAD_DISC)
		file.len = WARD_MEDIA_HEAD_DISC;
	return file.len > 0 ? ward_media_identify(file) : WARD_MEDIA_EMPTY;
}

size_t scan_read_ahead(const struct ward_scan_file *files, size_t count, uint8_t *room,
		struct scan_ahead ahead[SCAN_AHEAD_FILES])
{
	ward_bytes inputs[SCAN_AHEAD_FILES] = { { NULL, 0 } };
	struct ward_digests digests[SCAN_AHEAD_FILES];
	size_t used = 0, read = 0, passed = 0;

	for (; passed < count && passed < SCAN_AHEAD_FILES; passed++) {
		const struct ward_scan_file *file = &files[passed];
		bool small = file->size <= SCAN_AHEAD_FILE;

		if (small && file->size > SCAN_AHEAD_BYTES - used)
			break;
		ahead[passed].ready = small && read_whole(file->fd, room + used, file->size);
		if (!ahead[passed].ready)
			continue;
		inputs[read] = (ward_bytes){ room + used, file->size };
		ahead[passed].kind = kind_of(inputs[read++]);
		used += file->size;
	}
	bool digested = ward_digest_many(inputs, read, digests) == WARD_OK;

	for (size_t i = 0, next = 0; i < passed; i++) {
		if (ahead[i].ready)
			ahead[i].digests = digests[next++];
		ahead[i].ready = ahead[i].ready && digested;
	}
	return passed;
}
