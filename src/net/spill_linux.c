#include "net/spill.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/sendfile.h>
#include <unistd.h>

void spill_init(struct spill *spill, struct spill_place *place)
{
	*spill = (struct spill){ .place = place, .fd = -1 };
}

void spill_close(struct spill *spill)
{
	if (spill->fd >= 0)
		close(spill->fd);
	if (spill->place)
		atomic_fetch_sub(&spill->place->memory_used, spill->in_memory);
	spill_init(spill, spill->place);
}

static int open_on_disk(const struct spill_place *place, struct ward_error *error)
{
	int fd = open(place->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		(void)ward_fail(error, WARD_E_IO, "cannot keep what arrives: %s", strerror(errno));
	return fd;
}

/* Takes so many bytes of the memory all may use; false when they are not to be had. */
static bool take_memory(struct spill *spill, uint64_t bytes)
{
	struct spill_place *place = spill->place;

	if (atomic_fetch_add(&place->memory_used, bytes) + bytes <= place->memory_max) {
		spill->in_memory += bytes;
		return true;
	}
	atomic_fetch_sub(&place->memory_used, bytes);
	return false;
}

ward_err spill_open(struct spill *spill, uint64_t expected, struct ward_error *error)
{
	struct ward_error own = { 0 };
	/* A file in memory grows by what is written; its first page is counted now. */
	bool in_memory = expected <= spill->place->small_max &&
			 take_memory(spill, expected > 0 ? expected : 4096);

	spill->fd = in_memory ? file_memory("ward", &own) : open_on_disk(spill->place, &own);
	if (spill->fd < 0)
		return ward_fail(error, own.code, "%s", own.message);
	return WARD_OK;
}

/* What is in memory goes to disk, through the kernel, and the memory is given back. */
static ward_err move_to_disk(struct spill *spill, struct ward_error *error)
{
	struct ward_error own = { 0 };
	int fd = open_on_disk(spill->place, &own);
	off_t at = 0;

	if (fd < 0)
		return ward_fail(error, own.code, "%s", own.message);
	while ((uint64_t)at < spill->size) {
		ssize_t sent = sendfile(fd, spill->fd, &at, (size_t)(spill->size - (uint64_t)at));

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			close(fd);
			return ward_fail(error, WARD_E_IO, "cannot keep what arrives: %s",
					strerror(errno));
		}
	}
	close(spill->fd);
	spill->fd = fd;
	atomic_fetch_sub(&spill->place->memory_used, spill->in_memory);
	spill->in_memory = 0;
	return WARD_OK;
}

ward_err spill_write(struct spill *spill, ward_bytes bytes, struct ward_error *error)
{
	uint64_t size = spill->size + bytes.len;
	ward_err err = spill->fd < 0 ? spill_open(spill, size, error) : WARD_OK;

	if (err)
		return err;
	if (spill->in_memory > 0 && size > spill->in_memory &&
			(size > spill->place->small_max ||
					!take_memory(spill, size - spill->in_memory)))
		err = move_to_disk(spill, error);
	if (!err)
		err = file_write_all(spill->fd, bytes.ptr, bytes.len, error);
	if (!err)
		spill->size = size;
	return err;
}
