/*
 * ward site serve, ask, appeals - done by other programs
 */
#include "bin/sites_far.h"

#include "bin/become.h"

static int become_oblivious(const struct cli *cli, const char *action)
{
	return become(cli, "ward-oblivious", "site", action);
}

int sites_appeals(struct cli *cli)
{
	return become(cli, "ward-desk", "site", "appeals");
}

int sites_serve(struct cli *cli)
{
	return become_oblivious(cli, "serve");
}

int sites_ask(struct cli *cli)
{
	return become_oblivious(cli, "ask");
}
