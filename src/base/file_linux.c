#include "base/file.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int file_memory(const char *name, struct ward_error *error)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		(void)ward_fail(error, WARD_E_NOMEM, "cannot make a memory file: %s",
				strerror(errno));
	return fd;
}

char *file_beside_program(const char *name)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		return NULL;
	self[len] = '\0';
	char *slash = strrchr(self, '/');
	size_t room = (size_t)len + strlen(name) + 2;
	char *path = slash ? malloc(room) : NULL;

	if (!path)
		return NULL;
	*slash = '\0';
	snprintf(path, room, "%s/%s", self, name);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}
