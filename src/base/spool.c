#include "base/spool.h"
#include "base/id.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM_FIRST 4096
#define ROOM_MAX   ((size_t)1 << 20)

void spool_init(struct spool *spool, const char *folder)
{
	*spool = (struct spool){ .folder = folder, .fd = -1 };
}

void spool_free(struct spool *spool)
{
	free(spool->buf);
	file_map_close(&spool->map);
	if (spool->fd >= 0)
		close(spool->fd);
	spool_init(spool, spool->folder);
}

uint64_t spool_size(const struct spool *spool)
{
	return spool->spilled + spool->len;
}

/* The name is gone at once; should the program be killed before, the next writer sweeps it. */
static ward_err open_unnamed(struct spool *spool, struct ward_error *error)
{
	char id[ID_TEXT_MAX], path[4096];
	int len = snprintf(path, sizeof(path), "%s/%s.tmp", spool->folder, id_new(id));

	if (len < 0 || (size_t)len >= sizeof(path))
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", spool->folder);
	spool->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (spool->fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot make a file in %s: %s", spool->folder,
				strerror(errno));
	unlink(path);
	return WARD_OK;
}

static ward_err spill(struct spool *spool, const void *bytes, size_t len, struct ward_error *error)
{
	ward_err err = spool->fd < 0 ? open_unnamed(spool, error) : WARD_OK;

	if (!err && file_write_all(spool->fd, bytes, len, NULL))
		err = ward_fail(error, WARD_E_IO, "cannot write in %s: %s", spool->folder,
				strerror(errno));
	if (!err)
		spool->spilled += len;
	return err;
}

static bool grow(struct spool *spool, size_t want)
{
	size_t room = spool->room ? spool->room : ROOM_FIRST;
	uint8_t *buf;

	while (room < want)
		room *= 2;
	buf = realloc(spool->buf, room);
	if (!buf)
		return false;
	spool->buf = buf;
	spool->room = room;
	return true;
}

/* The buffer cannot take it as it is. */
static ward_err make_room(struct spool *spool, size_t len, struct ward_error *error)
{
	ward_err err;

	if (spool->len + len <= ROOM_MAX)
		return grow(spool, spool->len + len)
				       ? WARD_OK
				       : ward_fail(error, WARD_E_NOMEM,
							 "no memory to gather a list");
	err = spill(spool, spool->buf, spool->len, error);
	if (!err)
		spool->len = 0;
	return err;
}

ward_err spool_add(struct spool *spool, const void *bytes, size_t len, struct ward_error *error)
{
	if (len == 0)
		return WARD_OK;
	if (len > spool->room - spool->len) {
		ward_err err = make_room(spool, len, error);

		if (err)
			return err;
		if (len > ROOM_MAX)
			return spill(spool, bytes, len, error);
		if (len > spool->room - spool->len && !grow(spool, len))
			return ward_fail(error, WARD_E_NOMEM, "no memory to gather a list");
	}
	memcpy(spool->buf + spool->len, bytes, len);
	spool->len += len;
	return WARD_OK;
}

ward_err spool_read(struct spool *spool, ward_bytes *all, struct ward_error *error)
{
	ward_err err;
	void *mapped;

	if (spool->fd < 0) {
		*all = (ward_bytes){ spool->buf, spool->len };
		return WARD_OK;
	}
	err = spill(spool, spool->buf, spool->len, error);
	if (err)
		return err;
	spool->len = 0;
	mapped = mmap(NULL, spool->spilled, PROT_READ, MAP_SHARED, spool->fd, 0);
	if (mapped == MAP_FAILED)
		return ward_fail(error, WARD_E_NOMEM, "cannot map %llu bytes of a list: %s",
				(unsigned long long)spool->spilled, strerror(errno));
	spool->map = (struct file_map){ mapped, spool->spilled };
	*all = (ward_bytes){ mapped, spool->spilled };
	return WARD_OK;
}
