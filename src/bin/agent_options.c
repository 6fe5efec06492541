#include "bin/agent_options.h"

const struct cli_option agent_options[] = {
	{ "settings", 0, CLI_TEXT, "FILE", "what to watch (default: " AGENT_SETTINGS ")", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "status and held list: one object, one object a line", 0, 0 },
	{ "key", 0, CLI_TEXT, "FILE", "held: the secret key that the quarantine is sealed to", 0,
			0 },
	{ "to", 0, CLI_TEXT, "PATH", "held restore: there, not where it was", 0, 0 },
	{ "keep", 0, CLI_FLAG, NULL, "held restore: the sealed copy stays, too", 0, 0 },
	{ 0 },
};
