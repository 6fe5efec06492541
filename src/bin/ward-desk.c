/*
 * ward-desk - those verbs of ward that work on the store, the vault and reports
 */
#include "bin/verbs.h"

#define HERE(verb, says)
#define DESK(verb, says) { #verb, says, &verb_##verb },

static const struct verb_row rows[] = { WARD_VERBS(HERE, DESK){ 0 } };

int main(int argc, char **argv)
{
	return verbs_main(rows, argc, argv);
}
