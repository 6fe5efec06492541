#include "bin/sites_far.h"

const struct cli_option sites_serve_options[] = {
	{ "oblivious", 0, CLI_FLAG, NULL, "private look-up: who asks does not tell what for", 0,
			0 },
	{ "listen", 'l', CLI_TEXT, "ADDRESS", "address and port (default: 127.0.0.1:8760)", 0, 0 },
	{ "quota", 0, CLI_NUMBER, "N", "links a key may ask for in an hour (default: 600)", 1,
			1000000 },
	{ "hours", 0, CLI_NUMBER, "N", "a table and its key live so long (default: 24)", 1, 168 },
	{ "threads", 0, CLI_NUMBER, "N", "that make a table (default: one a processor)", 1, 64 },
	{ 0 },
};

const struct cli_option sites_appeals_options[] = {
	{ "state", 0, CLI_TEXT, "STATE", "open (default), kept or lifted", 0, 0 },
	{ "keep", 0, CLI_TEXT, "ID", "answer this one: the block stays", 0, 0 },
	{ "lift", 0, CLI_TEXT, "ID", "answer this one: its place is allowed from now on", 0, 0 },
	{ "reason", 0, CLI_TEXT, "WORDS", "why, for --keep and --lift; the log keeps it", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

const struct cli_option sites_ask_options[] = {
	{ "server", 0, CLI_TEXT, "URL", "whom to ask: https, or http on this machine", 0, 0 },
	{ "identity", 0, CLI_TEXT, "HEX", "the server's public key, as its operator told it", 0,
			0 },
	{ "key", 'k', CLI_TEXT, "FILE", "our API key (default: $WARD_KEY)", 0, 0 },
	{ "cache", 0, CLI_TEXT, "DIR", "where the common part is kept from one time to the next", 0,
			0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};
