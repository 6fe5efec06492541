/*
 * ward-desk - those verbs of ward that work on the store, the vault and reports
 */
#include "bin/sites_far.h"
#include "bin/verbs.h"

#define HERE(verb, says)
#define DESK(verb, says) { #verb, says, &verb_##verb },

static const struct verb_row rows[] = { WARD_VERBS(HERE, DESK){ 0 } };

/* What `ward site` does with the store; the other actions of that verb are ward's own. */
static const struct verb_row site_rows[] = {
	{ "site", "What people say of blocked pages", &verb_site_desk }, { 0 }
};

int main(int argc, char **argv)
{
	bool site = argc > 1 && strcmp(argv[1], "site") == 0;

	return verbs_main(site ? site_rows : rows, argc, argv);
}
