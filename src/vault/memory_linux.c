#include <errno.h>
#include <fcntl.h>

#include "vault/inner.h"

ward_err vault_memory_freeze(int fd, struct ward_error *error)
{
	int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

	return fcntl(fd, F_ADD_SEALS, seals) == 0
			       ? WARD_OK
			       : ward_fail(error, WARD_E_IO, "a memory file cannot be frozen: %s",
						 strerror(errno));
}
