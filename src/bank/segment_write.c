#include "bank/segment_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

/* Written in whole pieces of 4 MB, a file of ext4 or XFS is kept in huge pages by newer kernels. */
#define PIECE ((size_t)4 << 20)

static ward_err fail_io(const struct segment_writer *writer, const char *what,
		struct ward_error *error)
{
	return ward_fail(error, WARD_E_IO, "cannot %s %s: %s", what, writer->path, strerror(errno));
}

ward_err segment_write_begin(struct segment_writer *writer, const char *path,
		struct ward_error *error)
{
	*writer = (struct segment_writer){ .fd = -1, .sum = checksum_begin() };
	if (strlen(path) >= sizeof(writer->path))
		return ward_fail(error, WARD_E_LIMIT, "the path is too long: %s", path);
	memcpy(writer->path, path, strlen(path) + 1);
	writer->piece = malloc(PIECE);
	if (!writer->piece)
		return ward_fail(error, WARD_E_NOMEM, "no memory to write %s", path);
	writer->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (writer->fd < 0)
		return fail_io(writer, "make", error);
	return segment_write_add(writer, &writer->head, sizeof(writer->head), error);
}

static ward_err flush(struct segment_writer *writer, struct ward_error *error)
{
	if (file_write_all(writer->fd, writer->piece, writer->piece_len, NULL))
		return fail_io(writer, "write", error);
	writer->piece_len = 0;
	return WARD_OK;
}

ward_err segment_write_add(struct segment_writer *writer, const void *bytes, size_t len,
		struct ward_error *error)
{
	const uint8_t *next = bytes;
	ward_err err = WARD_OK;

	checksum_add(&writer->sum, bytes, len);
	writer->offset += len;
	while (len > 0 && !err) {
		size_t room = PIECE - writer->piece_len, some = len < room ? len : room;

		memcpy(writer->piece + writer->piece_len, next, some);
		writer->piece_len += some;
		next += some;
		len -= some;
		if (writer->piece_len == PIECE)
			err = flush(writer, error);
	}
	return err;
}

static ward_err pad(struct segment_writer *writer, struct ward_error *error)
{
	static const uint8_t zeroes[SEGMENT_ALIGN];
	size_t over = writer->offset % SEGMENT_ALIGN;

	return over ? segment_write_add(writer, zeroes, SEGMENT_ALIGN - over, error) : WARD_OK;
}

ward_err segment_write_part(struct segment_writer *writer, unsigned part, struct ward_error *error)
{
	ward_err err = pad(writer, error);

	writer->head.part[part].offset = writer->offset;
	writer->sum = checksum_begin();
	return err;
}

void segment_write_part_end(struct segment_writer *writer, unsigned part)
{
	struct segment_place *place = &writer->head.part[part];

	place->size = writer->offset - place->offset;
	place->checksum = checksum_end(&writer->sum);
}

ward_err segment_write_end(struct segment_writer *writer, struct ward_error *error)
{
	struct segment_head *head = &writer->head;
	ward_err err = pad(writer, error);

	if (!err)
		err = flush(writer, error);
	if (err)
		return err;
	memcpy(head->magic, SEGMENT_MAGIC, sizeof(head->magic));
	head->byte_order = SEGMENT_BYTE_ORDER;
	head->version = SEGMENT_VERSION;
	head->size = writer->offset;
	head->checksum = checksum_of(head, offsetof(struct segment_head, checksum));
	if (lseek(writer->fd, 0, SEEK_SET) < 0 ||
			file_write_all(writer->fd, head, sizeof(*head), NULL))
		return fail_io(writer, "write", error);
	if (fsync(writer->fd) < 0)
		return fail_io(writer, "sync", error);
	return WARD_OK;
}

void segment_write_close(struct segment_writer *writer, bool remove_it)
{
	if (writer->fd >= 0) {
		close(writer->fd);
		if (remove_it)
			unlink(writer->path);
	}
	free(writer->piece);
	writer->piece = NULL;
	writer->fd = -1;
}
