#include "bin/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ward_err open_one(const char *path, struct workspace_source *source,
		struct ward_error *error)
{
	struct stat st;
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);

	*source = (struct workspace_source){ .fd = fd, .name = path };
	if (fd < 0 || fstat(fd, &st) < 0)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return ward_fail(error, WARD_E_ARGUMENT, "%s is a folder", path);
	if (S_ISREG(st.st_mode))
		source->size = (uint64_t)st.st_size;
	return WARD_OK;
}

ward_err sources_open(const struct cli *cli, struct sources *sources, struct ward_error *error)
{
	ward_err err = WARD_OK;

	*sources = (struct sources){ .at = calloc((size_t)cli->arg_count, sizeof(*sources->at)) };
	if (!sources->at)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the names");
	for (int i = 1; i < cli->arg_count && !err; i++)
		err = open_one(cli->args[i], &sources->at[sources->count++], error);
	return err;
}

void sources_close(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (sources->at[i].fd >= 0)
			close(sources->at[i].fd);
	}
	free(sources->at);
	*sources = (struct sources){ 0 };
}
