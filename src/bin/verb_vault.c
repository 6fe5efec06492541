/*
 * ward vault - what is kept sealed: its keys, its holds, its end, its way out
 */
#include "bin/vaults.h"

#define AS                                                                                      \
	{                                                                                       \
		"as", 0, CLI_TEXT, "LOGIN", "who does this; their vault phrase proves it", 0, 0 \
	}
#define SECOND                                                            \
	{                                                                 \
		"second", 0, CLI_TEXT, "LOGIN", "the second person", 0, 0 \
	}
#define REASON                                                           \
	{                                                                \
		"reason", 0, CLI_TEXT, "WORDS", "why, for the log", 0, 0 \
	}
#define SHARE                                                                                 \
	{                                                                                     \
		"share", 0, CLI_MANY, "FILE", "a share of the master or the backup key", 0, 0 \
	}
#define JSON                                                         \
	{                                                            \
		"json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 \
	}
#define MAX_ROWS                                                                        \
	{                                                                               \
		"max", 'n', CLI_NUMBER, "N", "at most so many (default: 50)", 1, 100000 \
	}

static const struct cli_option init_options[] = {
	{ "roles", 0, CLI_TEXT, "NAMES", "with commas between (default: review,filing)", 0, 0 },
	{ "master", 0, CLI_TEXT, "K/N", "shares of the master key (default: 2/3)", 0, 0 },
	{ "backup", 0, CLI_TEXT, "K/N", "shares of the backup key (default: 3/5)", 0, 0 },
	{ "give", 0, CLI_MANY, "ROLE=LOGIN", "who holds a role from the start", 0, 0 },
	{ 0 },
};
static const struct cli_option keys_options[] = { JSON, { 0 } };
static const struct cli_option give_options[] = { AS, { 0 } };
static const struct cli_option take_options[] = { AS, REASON, { 0 } };
static const struct cli_option unlock_options[] = {
	SHARE,
	AS,
	SECOND,
	REASON,
	{ "new-role", 0, CLI_FLAG, NULL, "the role is a new one", 0, 0 },
	{ 0 },
};
static const struct cli_option rotate_options[] = {
	AS,
	{ "without", 0, CLI_TEXT, "LOGIN", "who holds it no more", 0, 0 },
	SHARE,
	SECOND,
	REASON,
	{ 0 },
};
static const struct cli_option sender_options[] = { AS, SECOND, REASON, { 0 } };
static const struct cli_option ls_options[] = {
	{ "origin", 0, CLI_TEXT, "NAME", "that came with this: report:ID", 0, 0 },
	{ "before", 0, CLI_TEXT, "ID", "older than this item", 0, 0 },
	MAX_ROWS,
	JSON,
	{ 0 },
};
static const struct cli_option holds_options[] = {
	{ "all", 'a', CLI_FLAG, NULL, "also what is over", 0, 0 },
	{ "ends-before", 0, CLI_TEXT, "DATE", "that end before this", 0, 0 },
	{ "after", 0, CLI_TEXT, "ID", "behind this hold", 0, 0 },
	MAX_ROWS,
	JSON,
	{ 0 },
};
static const struct cli_option hold_options[] = {
	{ "basis", 'b', CLI_TEXT, "CODE", "the legal clock", 0, 0 },
	{ "reference", 0, CLI_TEXT, "WORDS", "the authority's: the number of the letter", 0, 0 },
	{ "until", 0, CLI_TEXT, "DATE", "another end than the clock's", 0, 0 },
	AS,
	REASON,
	{ 0 },
};
static const struct cli_option renew_options[] = {
	{ "reference", 0, CLI_TEXT, "WORDS", "of the letter that asks for it", 0, 0 },
	AS,
	{ 0 },
};
static const struct cli_option release_options[] = { AS, SECOND, REASON, { 0 } };
static const struct cli_option purge_options[] = {
	{ "destroy", 0, CLI_FLAG, NULL, "destroy what is due, or the items named", 0, 0 },
	AS,
	SECOND,
	REASON,
	{ 0 },
};
static const struct cli_option check_options[] = {
	{ "sweep", 0, CLI_FLAG, NULL, "first remove files that have no row for a day", 0, 0 },
	JSON,
	{ 0 },
};
static const struct cli_option export_options[] = {
	{ "output", 'o', CLI_TEXT, "FILE", "the package", 0, 0 },
	{ "recipient", 0, CLI_TEXT, "NAME", "who it is for", 0, 0 },
	{ "to", 0, CLI_TEXT, "KEY", "their public key, x25519:... or a file with it", 0, 0 },
	{ "clear", 0, CLI_FLAG, NULL, "payloads in the clear", 0, 0 },
	AS,
	SECOND,
	REASON,
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ "init", "", "Make the keys and print the shares, once", init_options, vault_run_init,
			NULL },
	{ "keys", "", "Show the keys and who holds them", keys_options, vault_run_keys, NULL },
	{ "give", "ROLE LOGIN", "Give somebody a role that you hold", give_options, vault_run_give,
			NULL },
	{ "take", "ROLE LOGIN", "Take a role away from somebody", take_options, vault_run_take,
			NULL },
	{ "unlock", "ROLE LOGIN", "Give a role with shares, by two persons", unlock_options,
			vault_run_unlock, NULL },
	{ "rotate", "KEY", "Replace a key", rotate_options, vault_run_rotate, NULL },
	{ "sender", "", "Make the key of the program that sends reports, by two persons",
			sender_options, vault_run_sender, NULL },
	{ "shares", "FILE...", "Tell what shares are of, and whether they are whole", NULL,
			vault_run_shares, NULL },
	{ "ls", "", "Show what is kept, newest first", ls_options, vault_run_ls, NULL },
	{ "show", "ITEM", "Show all that is known of an item", NULL, vault_run_show, NULL },
	{ "holds", "[ITEM]", "Show why items are kept, and until when", holds_options,
			vault_run_holds, NULL },
	{ "clocks", "", "Show the legal clocks", NULL, vault_run_clocks, NULL },
	{ "hold", "ITEM", "Keep an item for a reason", hold_options, vault_run_hold, NULL },
	{ "renew", "HOLD", "Prolong a hold", renew_options, vault_run_renew, NULL },
	{ "release", "HOLD", "End a hold before its time, by two persons", release_options,
			vault_run_release, NULL },
	{ "purge", "[ITEM...]", "List what is due, or destroy it, by two persons", purge_options,
			vault_run_purge, NULL },
	{ "check", "", "Compare every file with its row", check_options, vault_run_check, NULL },
	{ "export", "ITEM...", "Write a signed package, by two persons", export_options,
			vault_run_export, NULL },
	{ 0 },
};

const struct cli_verb verb_vault = {
	.name = "vault",
	.arguments = "",
	.actions = actions,
};
