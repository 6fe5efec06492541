/*
 * ward-oblivious - private look-up: the server and the client of `ward site serve` and `ask`
 */
#include "bin/sites_far.h"
#include "bin/verbs.h"

static const struct cli_verb actions[] = {
	{ "serve", SITES_SERVE_ARGUMENTS, SITES_SERVE_SAYS, sites_serve_options, sites_far_serve,
			NULL },
	{ "ask", SITES_ASK_ARGUMENTS, SITES_ASK_SAYS, sites_ask_options, sites_far_ask, NULL },
	{ 0 },
};

static const struct cli_verb verb = { .name = "site", .arguments = "", .actions = actions };
static const struct verb_row rows[] = { { "site", "Private look-up in lists of places", &verb },
	{ 0 } };

int main(int argc, char **argv)
{
	return verbs_main(rows, argc, argv);
}
