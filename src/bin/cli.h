/*
 * cli.h - the frame of the `ward` command: verbs, their options, and how they are read
 *
 * A verb is one row: its name, one line about it, its options, and a function.
 * Help, shell completion and the test of the man pages read the same rows, so
 * an option cannot exist in one place only.  Data goes to standard output,
 * words for people to standard error.  A verb returns its exit status: 0
 * nothing found, 1 something found, 2 trouble.
 *
 * A verb with actions of its own (`ward list import`) names them in `actions`;
 * each action is a verb again.  One that also does something without an action (`ward disk`) has
 * both: what is no action is its first argument.
 */
#ifndef CLI_H
#define CLI_H

#include <ward/base.h>

enum { CLI_OK = 0, CLI_FOUND = 1, CLI_TROUBLE = 2 };

enum cli_type {
	CLI_FLAG,   /* no value: true when given */
	CLI_TEXT,   /* a value; the last one counts */
	CLI_NUMBER, /* a whole number within min..max */
	CLI_MANY,   /* a value; may be given again, all count */
};

struct cli_option {
	const char *name; /* without dashes */
	char letter;      /* 0 when it has no short form */
	enum cli_type type;
	const char *value; /* what the value is called in help: "DIR" */
	const char *says;  /* one line for help */
	int64_t min, max;  /* of a number; both 0 is any that is not negative */
};

struct cli;

struct cli_verb {
	const char *name;
	const char *arguments; /* as in help: "FILE..." */
	const char *says;      /* of an action: one line, no full stop; a verb's is in verbs.h */
	const struct cli_option *options; /* ends with a row whose name is NULL; NULL is none */
	int (*run)(struct cli *cli);
	const struct cli_verb *actions; /* ends with a row whose name is NULL */
};

/* What a verb is given. */
struct cli {
	const struct cli_verb *verb;
	const char *says;      /* one line about it */
	char title[64];        /* "list import", for messages */
	const char *workspace; /* -w or $WARD_HOME; NULL when neither is given */
	int arg_count;         /* arguments that are not options */
	char **args;
	int word_count;
	char **words; /* the command line behind the verb, where options are looked up */
};

bool cli_flag(const struct cli *cli, const char *name);
/* NULL when not given. */
const char *cli_text(const struct cli *cli, const char *name);
int64_t cli_number(const struct cli *cli, const char *name, int64_t otherwise);
/* The index-th value of an option that may be given again; NULL behind the last. */
const char *cli_many(const struct cli *cli, const char *name, int index);

/* "ward list import: …" on standard error; returns CLI_TROUBLE. */
int cli_fail(const struct cli *cli, const char *fmt, ...) WARD_PRINTF(2, 3);
/* The same for a recorded failure. */
int cli_fail_error(const struct cli *cli, const struct ward_error *error);
/* The same for a wrong call, with a hint at the help. */
int cli_usage(const struct cli *cli, const char *fmt, ...) WARD_PRINTF(2, 3);

/* The verbs, each in its verb_*.c. */
extern const struct cli_verb verb_init;
extern const struct cli_verb verb_scan;
extern const struct cli_verb verb_disk;
extern const struct cli_verb verb_hash;
extern const struct cli_verb verb_match;
extern const struct cli_verb verb_compare;
extern const struct cli_verb verb_link;
extern const struct cli_verb verb_list;
extern const struct cli_verb verb_text;
extern const struct cli_verb verb_site;
extern const struct cli_verb verb_policy;
extern const struct cli_verb verb_key;
extern const struct cli_verb verb_person;
extern const struct cli_verb verb_audit;
extern const struct cli_verb verb_intake;
extern const struct cli_verb verb_vault;
extern const struct cli_verb verb_verify;
extern const struct cli_verb verb_report;
extern const struct cli_verb verb_view;
extern const struct cli_verb verb_db;
extern const struct cli_verb verb_stats;
extern const struct cli_verb verb_watch;
extern const struct cli_verb verb_agent;
extern const struct cli_verb verb_milter;

#endif
