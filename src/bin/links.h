/*
 * links.h - the verb `ward link`: canonical forms, links in files, expressions
 */
#ifndef BIN_LINKS_H
#define BIN_LINKS_H

#include <ward/link.h>

#include "bin/cli.h"

/* "lookup", "safe-browsing", "whatwg"; NULL is the first.  False for another word. */
bool links_rules(const char *word, ward_link_rules *rules) WARD_MUST_USE;

int links_run_find(struct cli *cli); /* links_find.c */

extern const struct cli_option links_find_options[];

#endif
