/*
 * verbs.h - the verbs of `ward`, in the order of help, and which program has them
 *
 * `ward` itself looks at files and lists.  What works on the store, the vault
 * and reports is `ward-desk`, which `ward` becomes when such a verb is asked
 * for: a scan then starts without a client of a database, a mail parser and a
 * maker of pages in its address space (docs/decisions/0026-two-programs.md).
 */
#ifndef VERBS_H
#define VERBS_H

#include "bin/cli.h"

/* HERE or DESK of the name and one line about it, without a full stop. */
#define WARD_VERBS(HERE, DESK)                                                       \
	DESK(init, "Make a workspace: settings, lists and keys in one folder")       \
	HERE(scan, "Compare files with the lists of known signals")                  \
	HERE(disk, "Compare the files of a disk image with the lists")               \
	HERE(hash, "Print the signals of files")                                     \
	HERE(match, "Look signals up in the lists")                                  \
	HERE(compare, "Tell how far apart two pictures or hashes are")               \
	HERE(watch, "Look at a live stream as it runs, some pictures a second")      \
	HERE(agent, "Watch folders and media, hold what is known, tell the service") \
	HERE(milter, "Look at the mails of a mail server before it takes them")      \
	HERE(view, "Show a picture as a reviewer would see it")                      \
	HERE(list, "Lists of known signals: import, look, change")                   \
	HERE(site, "Lists of places on the web: keep them, look, ask")               \
	HERE(link, "Links: one form of each, and where they stand in files")         \
	HERE(text, "Words of a page: folded, and which terms are among them")        \
	HERE(policy, "Rules of the workspace: what a finding comes to")              \
	HERE(key, "Keys of the service's API: who may ask what")                     \
	DESK(person, "People: who works here, and what they may")                    \
	DESK(audit, "The log of what was done: read it, sign it, prove it")          \
	DESK(vault, "What is kept sealed: keys, holds, exports")                     \
	DESK(verify, "Check a package of evidence, without anything else")           \
	DESK(report, "Reports to NCMEC: check, draft, approve, send, look")          \
	DESK(db, "The store of reports, cases and the log: check, back up, move")    \
	DESK(intake, "Reports: those that came in, and more by hand, table or mail") \
	DESK(stats, "The work in numbers: what came in, what was decided, what became of it")

struct verb_row {
	const char *name;
	const char *says;
	const struct cli_verb *verb; /* NULL: it is ward-desk's */
};

/* Finds the verb, reads its options, runs it; `rows` ends with a name that is NULL. */
int verbs_main(const struct verb_row *rows, int argc, char **argv);

#endif
