/* become.h - a verb that another program does, which this process goes on as */
#ifndef BIN_BECOME_H
#define BIN_BECOME_H

#include "bin/cli.h"

/*
 * `program` lies beside this one, or in the libexec folder; it gets the verb, the action (NULL:
 * none) and all words of the command line.  Returns only when it is not there: the exit status.
 */
int become(const struct cli *cli, const char *program, const char *verb, const char *action);

#endif
