/*
 * report.h - what the actions of `ward report` share
 */
#ifndef BIN_REPORT_H
#define BIN_REPORT_H

#include "bin/cli.h"
#include "bin/known.h"
#include "filing/credentials.h"
#include "filing/filing.h"

struct report_scene {
	struct workspace *workspace;
	struct store *store;
	struct filing_wire *wire; /* NULL: without an account */
	struct filing *filing;
	int lock; /* held while sending; -1: none */
	const char *files;
	char actor[160]; /* "command:NAME" */
};

enum report_wants { REPORT_LOOKS = 0, REPORT_ASKS, REPORT_SENDS };

/* Opens what an action wants: the store; the account, too; and the right to send, alone. */
ward_err report_open(const struct cli *cli, enum report_wants wants, struct report_scene *scene,
		struct ward_error *error) WARD_MUST_USE;
void report_close(struct report_scene *scene);
struct filing_actor report_actor(const struct report_scene *scene);

/* All of a file, or of standard input ("-"), from malloc.  LIMIT when it is longer. */
ward_err report_read(const char *name, size_t len_max, char **text, size_t *len,
		struct ward_error *error) WARD_MUST_USE;

/* Items as files of a folder: a name without a slash that does not begin with a dot. */
extern const struct filing_source report_files;

/* "TEST " before everything of the test environment. */
const char *report_band(enum filing_environment environment);

/* ---- report_handover.c ---- */

int report_run_package(struct cli *cli);
int report_run_sent(struct cli *cli);
int report_run_answered(struct cli *cli);
/* NOT_FOUND when nobody describes it. */
ward_err report_know_authority(const struct report_scene *scene, const char *name,
		struct ward_error *error) WARD_MUST_USE;
/* What another authority answered; false when nothing is kept. */
bool report_print_answer(struct report_scene *scene, ward_str id);

void report_print_findings(const struct filing_findings *findings, bool json);
void report_print_row(const struct filing_row *row, bool json);
void report_print_calls(const struct filing_call_row *calls, size_t count);

#endif
