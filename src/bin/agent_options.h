/*
 * agent_options.h - `ward agent`: its options, which ward and ward-agent share
 *
 * The work is ward-agent's, so that ward itself loads nothing that speaks to a network.
 */
#ifndef BIN_AGENT_OPTIONS_H
#define BIN_AGENT_OPTIONS_H

#include "bin/cli.h"

#define AGENT_ARGUMENTS "[check | status | held list | held restore ID]"
#define AGENT_SETTINGS  "/etc/ward/agent.conf"

extern const struct cli_option agent_options[];

#endif
