/*
 * sources.h - the files that an import is given, from its second argument on; "-" is standard input
 */
#ifndef BIN_SOURCES_H
#define BIN_SOURCES_H

#include "bin/cli.h"
#include "workspace/workspace.h"

struct sources {
	struct workspace_source *at;
	size_t count;
};

/*
 * All of them: a file that is not there stops the import before anything is read.  What was
 * opened is closed by sources_close, also after a failure.
 */
ward_err sources_open(const struct cli *cli, struct sources *sources,
		struct ward_error *error) WARD_MUST_USE;
void sources_close(struct sources *sources);

#endif
