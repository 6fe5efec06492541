/*
 * ward watch, agent, milter - done by programs of their own, which load what ward itself does not
 */
#include "bin/agent_options.h"
#include "bin/become.h"
#include "bin/milter.h"
#include "bin/watch.h"

static int run_far(struct cli *cli)
{
	char program[64];

	snprintf(program, sizeof(program), "ward-%s", cli->verb->name);
	return become(cli, program, cli->verb->name, NULL);
}

const struct cli_verb verb_watch = {
	.name = "watch",
	.arguments = WATCH_ARGUMENTS,
	.options = watch_options,
	.run = run_far,
};

const struct cli_verb verb_milter = {
	.name = "milter",
	.arguments = MILTER_ARGUMENTS,
	.options = milter_options,
	.run = run_far,
};

const struct cli_verb verb_agent = {
	.name = "agent",
	.arguments = AGENT_ARGUMENTS,
	.options = agent_options,
	.run = run_far,
};
