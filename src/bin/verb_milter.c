/*
 * ward milter - done by ward-milter
 */
#include <unistd.h>

#include "base/file.h"
#include "bin/milter.h"

/* The program, the verb, "--", and the end. */
enum { WORDS_MORE = 4 };

static int run_milter(struct cli *cli)
{
	size_t count = 0;
	char **words = calloc((size_t)(cli->word_count + cli->arg_count) + WORDS_MORE,
			sizeof(*words));
	char *path = file_beside_program("ward-milter");

	if (!words) {
		free(path);
		return cli_fail(cli, "out of memory");
	}
	words[count++] = (char *)(uintptr_t) "ward-milter";
	words[count++] = (char *)(uintptr_t) "milter";
	for (int i = 0; i < cli->word_count; i++)
		words[count++] = cli->words[i];
	words[count++] = (char *)(uintptr_t) "--";
	for (int i = 0; i < cli->arg_count; i++)
		words[count++] = cli->args[i];
	(void)fflush(stdout);
	execv(path ? path : WARD_LIBEXECDIR "/ward-milter", words);
	free(path);
	free(words);
	return cli_fail(cli, "this is done by ward-milter, which is not at " WARD_LIBEXECDIR
			     "; install it again");
}

const struct cli_verb verb_milter = {
	.name = "milter",
	.arguments = MILTER_ARGUMENTS,
	.options = milter_options,
	.run = run_milter,
};
