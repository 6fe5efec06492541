#include "bin/sites_exchange.h"

/* clang-format off */
#define HASHED_OPTIONS \
	{ "hashed", 0, CLI_FLAG, NULL, "hashes in place of names, so that nobody learns them", 0, 0 }, \
	{ "bits", 0, CLI_NUMBER, "N", "so many of each hash, 32 to 256 (default: 256)", 32, 256 }, \
	{ "salt", 0, CLI_TEXT, "HEX", "before what is hashed; up to 32 bytes", 0, 0 }
/* clang-format on */

const struct cli_option sites_import_options[] = {
	{ "format", 'f', CLI_TEXT, "FORMAT",
			"auto, lines, hosts, adblock, rpz, dstdomain, regex, domains, ...", 0, 0 },
	{ "bare", 0, CLI_TEXT, "HOW", "take a name alone as domain, host or page", 0, 0 },
	{ "delta", 0, CLI_FLAG, NULL, "add to what is there, instead of replacing it", 0, 0 },
	{ "dry-run", 'n', CLI_FLAG, NULL, "read and judge, and change nothing", 0, 0 },
	{ "sense", 0, CLI_TEXT, "SENSE", "block, allow or log", 0, 0 },
	{ "category", 0, CLI_TEXT, "WORD", "of entries that name none", 0, 0 },
	{ "class", 0, CLI_TEXT, "CLASS", "of entries that name none: scheme:code", 0, 0 },
	{ "source", 0, CLI_TEXT, "WORDS", "who made the list", 0, 0 },
	{ "salt", 0, CLI_TEXT, "HEX", "of the hashes in the files", 0, 0 },
	{ "mandatory", 0, CLI_FLAG, NULL, "by law or order: nothing allows what it blocks", 0, 0 },
	{ "hidden", 0, CLI_FLAG, NULL, "tell its entries to nobody", 0, 0 },
	{ "allow-empty", 0, CLI_FLAG, NULL, "files without an entry may empty the list", 0, 0 },
	{ "max-shrink", 0, CLI_NUMBER, "PERCENT", "refuse to lose more of the list (default: 50)",
			0, 100 },
	{ "force", 0, CLI_FLAG, NULL, "lose more of it, too", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "print the outcome as one object", 0, 0 },
	{ "quiet", 'q', CLI_FLAG, NULL, "no line for each record that is left out", 0, 0 },
	{ "progress", 0, CLI_FLAG, NULL, "show progress, also without a terminal", 0, 0 },
	{ "no-progress", 0, CLI_FLAG, NULL, "show no progress", 0, 0 },
	{ 0 },
};

const struct cli_option sites_export_options[] = {
	{ "output", 'o', CLI_TEXT, "FILE", "write FILE, whole or not at all", 0, 0 },
	{ "page", 0, CLI_TEXT, "ADDRESS", "answer blocked names with the block page's address", 0,
			0 },
	{ "steer", 0, CLI_TEXT, "ADDRESS", "answer hosts with a listed page with the proxy's", 0,
			0 },
	{ "safe-search", 0, CLI_TEXT, "MODE",
			"strict or moderate: engines answer by their safe host", 0, 0 },
	{ "zone", 0, CLI_TEXT, "NAME", "of rpz (default: rpz.ward)", 0, 0 },
	{ "ttl", 0, CLI_NUMBER, "SECONDS", "of answers (default: 60)", 1, 86400 },
	{ "update", 0, CLI_TEXT, "FILE", "of rpz: also what changed, as nsupdate reads it", 0, 0 },
	{ "hidden", 0, CLI_FLAG, NULL, "hidden lists, too; for machines only", 0, 0 },
	HASHED_OPTIONS,
	{ "json", 0, CLI_FLAG, NULL, "print the outcome as one object", 0, 0 },
	{ 0 },
};

const struct cli_option sites_update_options[] = {
	{ "publisher", 0, CLI_TEXT, "KEY", "who signs the list: ed25519:HEX", 0, 0 },
	{ "urn", 0, CLI_TEXT, "URN", "the publisher's name for the list", 0, 0 },
	{ "anew", 0, CLI_FLAG, NULL, "the feed begins anew: take what is older than before", 0, 0 },
	{ "mandatory", 0, CLI_FLAG, NULL, "by law or order: nothing allows what it blocks", 0, 0 },
	{ "hidden", 0, CLI_FLAG, NULL, "tell its entries to nobody", 0, 0 },
	{ "private", 0, CLI_FLAG, NULL, "fetch also from addresses of a private network", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "print the outcome as one object a line", 0, 0 },
	{ 0 },
};

const struct cli_option sites_key_options[] = {
	{ "make", 0, CLI_FLAG, NULL, "make the key first", 0, 0 },
	{ 0 },
};

const struct cli_option sites_sign_options[] = {
	{ "output", 'o', CLI_TEXT, "FILE", "the feed: made, or brought up to the list", 0, 0 },
	{ "urn", 0, CLI_TEXT, "URN", "the list's name for those who take it", 0, 0 },
	{ "life", 0, CLI_NUMBER, "DAYS", "until the list expires (default: 7; 0: never)", 0, 3650 },
	{ "snapshot", 0, CLI_FLAG, NULL, "begin the feed anew with the whole list", 0, 0 },
	HASHED_OPTIONS,
	{ 0 },
};
