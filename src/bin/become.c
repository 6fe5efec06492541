#include "bin/become.h"

#include <unistd.h>

#include "base/file.h"

/* The program, the verb, the action, "--", and the end. */
enum { WORDS_MORE = 5 };

static char **words_of(const struct cli *cli, const char *program, const char *verb,
		const char *action)
{
	size_t count = 0;
	char **words = calloc((size_t)(cli->word_count + cli->arg_count) + WORDS_MORE,
			sizeof(*words));

	if (!words)
		return NULL;
	words[count++] = (char *)(uintptr_t)program;
	words[count++] = (char *)(uintptr_t)verb;
	if (action)
		words[count++] = (char *)(uintptr_t)action;
	for (int i = 0; i < cli->word_count; i++)
		words[count++] = cli->words[i];
	words[count++] = (char *)(uintptr_t) "--";
	for (int i = 0; i < cli->arg_count; i++)
		words[count++] = cli->args[i];
	return words;
}

int become(const struct cli *cli, const char *program, const char *verb, const char *action)
{
	char **words = words_of(cli, program, verb, action);
	char *path = file_beside_program(program);
	char elsewhere[sizeof(WARD_LIBEXECDIR) + 64];

	if (!words) {
		free(path);
		return cli_fail(cli, "out of memory");
	}
	snprintf(elsewhere, sizeof(elsewhere), "%s/%s", WARD_LIBEXECDIR, program);
	(void)fflush(stdout);
	execv(path ? path : elsewhere, words);
	free(path);
	free(words);
	return cli_fail(cli,
			"this is done by %s, which is not at " WARD_LIBEXECDIR "; install it again",
			program);
}
