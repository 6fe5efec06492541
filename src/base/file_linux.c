#include "base/file.h"

#include <errno.h>
#include <sys/mman.h>

int file_memory(const char *name, struct ward_error *error)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		(void)ward_fail(error, WARD_E_NOMEM, "cannot make a memory file: %s",
				strerror(errno));
	return fd;
}
