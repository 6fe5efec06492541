/* One line: 32 bytes in hexadecimal. */
#include "intake/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"

enum { PATH_ROOM = 4096, DIGITS = 2 * INTAKE_RECEIPT_SECRET_SIZE };

/* Under a name of its own first: of two who make it at once both then read the same. */
static ward_err make(const char *folder, const char *path, struct ward_error *error)
{
	uint8_t bytes[INTAKE_RECEIPT_SECRET_SIZE];
	char temporary[PATH_ROOM], id[ID_TEXT_MAX], line[DIGITS + 2];
	int len = snprintf(temporary, sizeof(temporary), "%s.%s", path, id_new(id));

	if (len < 0 || len >= PATH_ROOM)
		return ward_fail(error, WARD_E_ARGUMENT, "the folder's path is too long");
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
	id_random(bytes, sizeof(bytes));
	ward_hex_format(bytes, sizeof(bytes), line);
	line[DIGITS] = '\n';
	ward_err err = file_write_all(fd, line, DIGITS + 1, error);

	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(line, sizeof(line));
	if (!err && fsync(fd) != 0)
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
	close(fd);
	if (!err && link(temporary, path) != 0 && errno != EEXIST)
		err = ward_fail(error, WARD_E_IO, "cannot make %s: %s", path, strerror(errno));
	unlink(temporary);
	return err ? err : file_sync_folder(folder, error);
}

ward_err intake_secret(const char *folder, uint8_t secret[INTAKE_RECEIPT_SECRET_SIZE],
		struct ward_error *error)
{
	char path[PATH_ROOM];
	struct stat st;
	char *text;
	size_t len;
	int room = snprintf(path, sizeof(path), "%s/intake.key", folder);

	if (room < 0 || room >= PATH_ROOM)
		return ward_fail(error, WARD_E_ARGUMENT, "the folder's path is too long");
	ward_err err = lstat(path, &st) == 0 ? WARD_OK : make(folder, path, error);

	if (!err && stat(path, &st) == 0 && st.st_mode & 077)
		err = ward_fail(error, WARD_E_DENIED,
				"%s can be read by others than its owner; \"chmod 600\" it", path);
	if (!err)
		err = file_read(path, DIGITS + 2, &text, &len, error);
	if (err)
		return err;
	bool good = ward_hex_parse(ward_str_trim((ward_str){ text, len }), secret,
			INTAKE_RECEIPT_SECRET_SIZE);

	sodium_memzero(text, len);
	free(text);
	return good ? WARD_OK : ward_fail(error, WARD_E_CORRUPT, "%s is no secret of ward's", path);
}
