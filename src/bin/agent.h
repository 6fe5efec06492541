/* agent.h - what ward-agent.c, agent_held.c and agent_status.c share */
#ifndef BIN_AGENT_H
#define BIN_AGENT_H

#include "agent/agent.h"
#include "bin/cli.h"

int agent_held(struct cli *cli, const struct agent_settings *settings);
int agent_status(struct cli *cli, const struct agent_settings *settings);

#endif
