/*
 * ward site - lists of places on the web; each action is in a sites_*.c
 */
#include "bin/sites.h"
#include "bin/sites_exchange.h"
#include "bin/sites_far.h"

static const struct cli_option check_options[] = {
	{ "group", 0, CLI_TEXT, "NAME", "as somebody of this group of ward.conf", 0, 0 },
	{ "client", 0, CLI_TEXT, "ADDRESS", "as somebody at this address", 0, 0 },
	{ "user", 0, CLI_TEXT, "NAME", "as this user, as the proxy tells them", 0, 0 },
	{ "at", 0, CLI_TEXT, "TIME", "as if it were then (default: now)", 0, 0 },
	{ "tunnel", 0, CLI_FLAG, NULL, "as a proxy sees HTTPS: the host alone", 0, 0 },
	{ "hidden", 0, CLI_FLAG, NULL, "show entries of hidden lists, too", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_option top_options[] = {
	{ "days", 0, CLI_NUMBER, "N", "so many days, today the last (default: 30)", 1, 400 },
	{ "count", 'n', CLI_NUMBER, "N", "so many hosts (default: 20)", 1, 1000 },
	{ "json", 0, CLI_FLAG, NULL, "one object", 0, 0 },
	{ 0 },
};

static const struct cli_option json_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_option show_options[] = {
	{ "entries", 0, CLI_FLAG, NULL, "also its entries, unless it is hidden", 0, 0 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line: the list, then its entries", 0, 0 },
	{ 0 },
};

static const struct cli_option add_options[] = {
	{ "category", 0, CLI_TEXT, "WORD", "what it is about (default: the list's)", 0, 0 },
	{ "class", 0, CLI_TEXT, "CLASS", "as scheme:code (default: the list's)", 0, 0 },
	{ "reason", 0, CLI_TEXT, "WORDS", "why it is listed", 0, 0 },
	{ "ref", 0, CLI_TEXT, "ID", "the source's own id", 0, 0 },
	{ "expires", 0, CLI_TEXT, "DATE", "holds nothing from then on (default: the list's rule)",
			0, 0 },
	{ "bare", 0, CLI_TEXT, "KIND", "a name alone is a domain (default), host or page", 0, 0 },
	{ 0 },
};

static const struct cli_option remove_options[] = {
	{ "bare", 0, CLI_TEXT, "KIND", "a name alone is a domain (default), host or page", 0, 0 },
	{ 0 },
};

static const struct cli_option rm_options[] = {
	{ "yes", 'y', CLI_FLAG, NULL, "do not ask", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ "check", "LINK|-...", "Tell what a link gets, and why", check_options, sites_check,
			NULL },
	{ "top", "", "Tell what was blocked, in numbers", top_options, sites_top, NULL },
	{ "import", "LIST FILE...", "Read files of places into a list", sites_import_options,
			sites_import, NULL },
	{ "export", "FORMAT [LIST...]", "Write lists for resolvers, proxies and people",
			sites_export_options, sites_export, NULL },
	{ "update", "LIST FILE|URL...", "Apply a publisher's signed pages", sites_update_options,
			sites_update, NULL },
	{ "key", "", "Show the key that lists are signed with", sites_key_options, sites_key,
			NULL },
	{ "sign", "LIST", "Make signed pages of a list", sites_sign_options, sites_sign, NULL },
	{ "ls", "", "Show the lists", json_options, sites_ls, NULL },
	{ "show", "NAME", "Show a list", show_options, sites_show, NULL },
	{ "add", "NAME PLACE|-...", "Add places to a list", add_options, sites_add, NULL },
	{ "remove", "NAME PLACE|-...", "Take places back", remove_options, sites_remove, NULL },
	{ "set", "NAME KEY=VALUE...", "Change what a list says about itself", NULL, sites_set,
			NULL },
	{ "audit", "[NAME]", "Find entries that take down too much, or nothing", json_options,
			sites_audit, NULL },
	{ "verify", "[NAME...]", "Read lists whole and check that they are sound", NULL,
			sites_verify, NULL },
	{ "compact", "NAME", "Make one file of a list and its changes", NULL, sites_compact, NULL },
	{ "rm", "NAME", "Remove a list", rm_options, sites_rm, NULL },
	{ "serve", SITES_SERVE_ARGUMENTS, SITES_SERVE_SAYS, sites_serve_options, sites_serve,
			NULL },
	{ "appeals", SITES_APPEALS_ARGUMENTS, SITES_APPEALS_SAYS, sites_appeals_options,
			sites_appeals, NULL },
	{ "ask", SITES_ASK_ARGUMENTS, SITES_ASK_SAYS, sites_ask_options, sites_ask, NULL },
	{ 0 },
};

const struct cli_verb verb_site = {
	.name = "site",
	.arguments = "",
	.actions = actions,
};
