/*
 * sites_far.h - actions of `ward site` that need a network or the store, and the programs that have
 * them
 *
 * Those of private look-up are ward-oblivious, which `ward` becomes: a scan does not load an HTTP
 * server and client for them (docs/decisions/0026-two-programs.md).  All
 * programs read the same options.
 */
#ifndef BIN_SITES_FAR_H
#define BIN_SITES_FAR_H

#include "bin/cli.h"

extern const struct cli_option sites_serve_options[];
extern const struct cli_option sites_ask_options[];

#define SITES_SERVE_ARGUMENTS "LIST..."
#define SITES_SERVE_SAYS      "Answer private look-ups in lists"
#define SITES_ASK_ARGUMENTS   "URL..."
#define SITES_ASK_SAYS        "Ask a server privately whether links are listed"

/* In ward: become the other program. */
int sites_serve(struct cli *cli);
int sites_ask(struct cli *cli);

extern const struct cli_option sites_appeals_options[];

#define SITES_APPEALS_ARGUMENTS ""
#define SITES_APPEALS_SAYS      "Show and answer what people say of blocked pages"

/* In ward: become ward-desk, which has the store. */
int sites_appeals(struct cli *cli);
/* In ward-desk. */
extern const struct cli_verb verb_site_desk;

/* In ward-oblivious. */
int sites_far_serve(struct cli *cli);
int sites_far_ask(struct cli *cli);

#endif
