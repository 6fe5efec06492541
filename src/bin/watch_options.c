#include "bin/watch.h"

#include "bin/known.h"

const struct cli_option watch_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line, for every picture looked at", 0, 0 },
	{ "found", 0, CLI_FLAG, NULL, "with --json: only pictures with findings", 0, 0 },
	{ "every", 'n', CLI_NUMBER, "MS", "from one picture to the next (default: 1000)", 40,
			3600000 },
	{ "for", 0, CLI_NUMBER, "SECONDS", "end then (default: with the stream, or Ctrl-C)", 1,
			31536000 },
	{ "tries", 0, CLI_NUMBER, "N", "give up after N failures on end (default: 10; 0: never)", 0,
			1000000 },
	{ "stall", 0, CLI_NUMBER, "SECONDS", "connect again without a picture (default: 20)", 2,
			3600 },
	{ "ca-file", 0, CLI_TEXT, "FILE", "trust the certificates in FILE alone (PEM)", 0, 0 },
	{ "private", 0, CLI_FLAG, NULL, "also addresses of private networks and this machine", 0,
			0 },
	KNOWN_LOOKS,
	{ 0 },
};
