/*
 * ward site serve, ask, appeals - done by other programs
 */
#include "bin/sites_far.h"

#include <unistd.h>

#include "base/file.h"

/* "--", the program, the verb and the action, and the end. */
enum { WORDS_MORE = 5 };

static int become(const struct cli *cli, const char *program, const char *elsewhere,
		const char *action)
{
	size_t count = 0;
	char **words = calloc((size_t)(cli->word_count + cli->arg_count) + WORDS_MORE,
			sizeof(*words));
	char *path = file_beside_program(program);

	if (!words) {
		free(path);
		return cli_fail(cli, "out of memory");
	}
	words[count++] = (char *)(uintptr_t)program;
	words[count++] = (char *)(uintptr_t) "site";
	words[count++] = (char *)(uintptr_t)action;
	for (int i = 0; i < cli->word_count; i++)
		words[count++] = cli->words[i];
	words[count++] = (char *)(uintptr_t) "--";
	for (int i = 0; i < cli->arg_count; i++)
		words[count++] = cli->args[i];
	(void)fflush(stdout);
	execv(path ? path : elsewhere, words);
	free(path);
	free(words);
	return cli_fail(cli,
			"this is done by %s, which is not at " WARD_LIBEXECDIR "; install it again",
			program);
}

static int become_oblivious(const struct cli *cli, const char *action)
{
	return become(cli, "ward-oblivious", WARD_LIBEXECDIR "/ward-oblivious", action);
}

int sites_appeals(struct cli *cli)
{
	return become(cli, "ward-desk", WARD_LIBEXECDIR "/ward-desk", "appeals");
}

int sites_serve(struct cli *cli)
{
	return become_oblivious(cli, "serve");
}

int sites_ask(struct cli *cli)
{
	return become_oblivious(cli, "ask");
}
