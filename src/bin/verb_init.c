/*
 * ward init - a new workspace
 */
#include "bin/cli.h"
#include "workspace/workspace.h"

static int run_init(struct cli *cli)
{
	const char *folder = cli->arg_count > 0 ? cli->args[0] : cli->workspace;
	struct ward_error error;

	if (cli->arg_count > 1 || !folder)
		return cli_usage(cli, "which folder? One is made when it is not there");
	if (workspace_init(folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	fprintf(stderr,
			"%s is a workspace now.\n"
			"  its settings and rules:  %s/ward.conf\n"
			"  a list of known signals: ward list import -w %s NAME FILE\n"
			"  what lies on the lists:  ward scan -w %s FOLDER\n",
			folder, folder, folder, folder);
	return CLI_OK;
}

const struct cli_verb verb_init = {
	.name = "init",
	.arguments = "DIR",
	.run = run_init,
};
