/*
 * ward - the command
 */
#include "bin/verbs.h"

#define HERE(verb, says) { #verb, says, &verb_##verb },
#define DESK(verb, says) { #verb, says, NULL },

static const struct verb_row rows[] = { WARD_VERBS(HERE, DESK){ 0 } };

int main(int argc, char **argv)
{
	return verbs_main(rows, argc, argv);
}
