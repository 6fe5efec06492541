/* text.h - the actions of `ward text`, each with its options */
#ifndef BIN_TEXT_H
#define BIN_TEXT_H

#include <ward/text.h>

#include "bin/cli.h"

extern const struct cli_option text_compile_options[];
extern const struct cli_option text_check_options[];

int text_run_compile(struct cli *cli);
int text_run_check(struct cli *cli);

/* A list as text, or compiled; each is what its first bytes say. */
ward_err text_load_terms(const char *path, struct ward_terms **terms,
		struct ward_error *error) WARD_MUST_USE;
/* The whole of a file, or of standard input ("-"); the caller frees. */
ward_err text_read_file(const char *path, char **bytes, size_t *len,
		struct ward_error *error) WARD_MUST_USE;

#endif
