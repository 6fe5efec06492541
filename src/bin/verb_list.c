/*
 * ward list - the lists of a workspace; each action is in a lists_*.c
 */
#include "bin/lists.h"

static const struct cli_option import_options[] = {
	{ "format", 'f', CLI_TEXT, "FORMAT",
			"auto, text, csv, tsv, jsonl, threatexchange, vics, ...", 0, 0 },
	{ "type", 't', CLI_TEXT, "TYPE", "what bare hex is: md5, sha1, sha256, pdq, photodna", 0,
			0 },
	{ "delta", 0, CLI_FLAG, NULL, "add to what is there, instead of replacing it", 0, 0 },
	{ "keep-degenerate", 0, CLI_FLAG, NULL, "also hashes of low quality or of no picture", 0,
			0 },
	{ "only", 0, CLI_MANY, "LABEL", "only records with this label, as scheme:code", 0, 0 },
	{ "allow-empty", 0, CLI_FLAG, NULL, "files without a record may empty the list", 0, 0 },
	LIST_INFO_OPTIONS,
	{ "json", 0, CLI_FLAG, NULL, "print the outcome as one object", 0, 0 },
	{ "quiet", 'q', CLI_FLAG, NULL, "no line for each bad record", 0, 0 },
	{ "progress", 0, CLI_FLAG, NULL, "show progress, also without a terminal", 0, 0 },
	{ "no-progress", 0, CLI_FLAG, NULL, "show no progress", 0, 0 },
	{ 0 },
};

static const struct cli_option ls_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_option show_options[] = {
	{ "from", 0, CLI_NUMBER, "ENTRY", "begin with this entry (default: 0)", 0, 0 },
	{ "count", 'n', CLI_NUMBER, "N", "so many entries (default: 20)", 0, 0 },
	{ "all", 'a', CLI_FLAG, NULL, "all entries", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line: the list, then its entries", 0, 0 },
	{ 0 },
};

static const struct cli_option export_options[] = {
	{ "format", 'f', CLI_TEXT, "FORMAT",
			"jsonl (default), text, csv, tsv, threatexchange, vics, ncmec", 0, 0 },
	{ "output", 'o', CLI_TEXT, "FILE", "write FILE, whole or not at all", 0, 0 },
	{ 0 },
};

static const struct cli_option diff_options[] = {
	{ "format", 'f', CLI_TEXT, "FORMAT", "of a file (default: auto)", 0, 0 },
	{ "type", 't', CLI_TEXT, "TYPE", "what bare hex in a file is", 0, 0 },
	{ "summary", 0, CLI_FLAG, NULL, "only the counts", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_option remove_options[] = {
	{ "signal", 's', CLI_MANY, "SIGNAL", "only the entries with this signal", 0, 0 },
	{ "ref", 0, CLI_MANY, "ID", "only the entries with this id of the source", 0, 0 },
	{ "yes", 'y', CLI_FLAG, NULL, "do not ask", 0, 0 },
	{ 0 },
};

static const struct cli_option verify_options[] = {
	{ "no-progress", 0, CLI_FLAG, NULL, "show no progress", 0, 0 },
	{ 0 },
};

static const struct cli_option set_options[] = { LIST_INFO_OPTIONS, { 0 } };

static const struct cli_option opine_options[] = {
	{ "who", 0, CLI_TEXT, "NAME", "whose opinion it is (default: $USER)", 0, 0 },
	{ "reason", 0, CLI_TEXT, "WORDS", "why; a dispute needs it", 0, 0 },
	{ 0 },
};

static const struct cli_option switch_options[] = {
	{ "until", 0, CLI_TEXT, "DATE", "until then (default: for good)", 0, 0 },
	{ "note", 0, CLI_TEXT, "WORDS", "why; kept with the entry", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ "import", "NAME FILE|-...", "Read files of signals into a list", import_options,
			lists_import, NULL },
	{ "ls", "", "Show the lists", ls_options, lists_ls, NULL },
	{ "show", "NAME", "Show a list and its entries", show_options, lists_show, NULL },
	{ "export", "NAME", "Write a list in a format others read", export_options, lists_export,
			NULL },
	{ "diff", "A B", "Compare two lists, or a list and a file", diff_options, lists_diff,
			NULL },
	{ "remove", "NAME", "Remove a list, or some of its entries", remove_options, lists_remove,
			NULL },
	{ "verify", "[NAME...]", "Read lists whole and check that they are sound", verify_options,
			lists_verify, NULL },
	{ "set", "NAME", "Change what a list says about itself", set_options, lists_set, NULL },
	{ "rename", "OLD NEW", "Give a list another name", NULL, lists_rename, NULL },
	{ "compact", "NAME", "Make one base of a list's deltas", NULL, lists_compact, NULL },
	{ "switch", "NAME ENTRY off|on", "Switch one entry off, and on again", switch_options,
			lists_switch, NULL },
	{ "opine", "NAME SIGNAL affirm|dispute", "Say what you think of a listed signal",
			opine_options, lists_opine, NULL },
	{ "opinions", "NAME", "Show what people said of a list's signals, and why", ls_options,
			lists_opinions, NULL },
	{ 0 },
};

const struct cli_verb verb_list = {
	.name = "list",
	.arguments = "",
	.actions = actions,
};
