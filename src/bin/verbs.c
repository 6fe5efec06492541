#include "bin/verbs.h"

#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"

static const struct verb_row *verbs;

/* Options every verb has. */
static const struct cli_option common[] = {
	{ "workspace", 'w', CLI_TEXT, "DIR", "the workspace (default: $WARD_HOME)", 0, 0 },
	{ "help", 'h', CLI_FLAG, NULL, "show this help", 0, 0 },
	{ 0 },
};
static const struct cli_verb common_options = { .options = common };

static void print_option(const struct cli_option *option)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
			option->letter ? option->letter : ' ', option->letter ? ", " : "  ",
			option->name, option->value ? " " : "", option->value ? option->value : "");
	printf("  %-28s %s%s\n", left, option->says,
			option->type == CLI_MANY ? " (may be given again)" : "");
}

static int print_help(const struct cli *cli)
{
	const struct cli_verb *verb = cli->verb;

	printf("usage: ward %s%s%s\n\n%s.\n\n", cli->title,
			!verb->run ? " ACTION [OPTION...]" : " [OPTION...] ",
			!verb->run ? "" : verb->arguments, cli->says);
	if (verb->actions) {
		printf("actions:\n");
		for (const struct cli_verb *action = verb->actions; action->name; action++)
			printf("  %-10s %-28s %s\n", action->name, action->arguments, action->says);
		printf("\n");
	}
	printf("options:\n");
	for (const struct cli_option *option = verb->options; option && option->name; option++)
		print_option(option);
	for (const struct cli_option *option = common; option->name; option++)
		print_option(option);
	return CLI_OK;
}

static int print_overview(void)
{
	printf("usage: ward VERB [OPTION...] [ARGUMENT...]\n\n"
	       "Finds files whose signals lie on or near lists of known ones.\n\nverbs:\n");
	for (const struct verb_row *row = verbs; row->name; row++)
		printf("  %-10s %s\n", row->name, row->says);
	printf("\nExit status: 0 nothing found, 1 something found, 2 trouble.\n"
	       "Help on a verb: ward VERB --help\n");
	return CLI_OK;
}

/* One line a verb, action and option: verb TAB action TAB --name TAB -l TAB value TAB text. */
static void list_options(const char *verb, const char *action, const struct cli_option *options)
{
	for (const struct cli_option *option = options; option && option->name; option++)
		printf("%s\t%s\t--%s\t%s%c\t%s\t%s\n", verb, action, option->name,
				option->letter ? "-" : "", option->letter ? option->letter : ' ',
				option->value ? option->value : "", option->says);
}

static void list_verb(const struct verb_row *row)
{
	const struct cli_verb *verb = row->verb;

	printf("%s\t\t\t\t%s\t%s\n", row->name, verb->arguments ? verb->arguments : "", row->says);
	list_options(row->name, "", verb->options);
	list_options(row->name, "", common);
	for (const struct cli_verb *action = verb->actions; action && action->name; action++) {
		printf("%s\t%s\t\t\t%s\t%s\n", row->name, action->name, action->arguments,
				action->says);
		list_options(row->name, action->name, action->options);
		list_options(row->name, action->name, common);
	}
}

/* Goes on as ward-desk, with the same words. */
static int become_desk(const struct cli *cli, char **argv)
{
	char *path = file_beside_program("ward-desk");

	(void)fflush(stdout);
	execv(path ? path : WARD_LIBEXECDIR "/ward-desk", argv);
	free(path);
	return cli_fail(cli, "this is done by ward-desk, which is not at " WARD_LIBEXECDIR
			     "; install it again");
}

static int print_table(char **argv)
{
	bool elsewhere = false;

	for (const struct verb_row *row = verbs; row->name; row++) {
		elsewhere = elsewhere || !row->verb;
		if (row->verb)
			list_verb(row);
	}
	return elsewhere ? become_desk(&(struct cli){ .title = "--table" }, argv) : CLI_OK;
}

static const struct cli_option *find_option(const struct cli_verb *verb, ward_str name, char letter)
{
	const struct cli_verb *places[] = { verb, &common_options };

	for (int i = 0; i < 2; i++) {
		for (const struct cli_option *option = places[i]->options; option && option->name;
				option++) {
			if (letter ? option->letter == letter
				   : ward_str_eq(ward_str_from(option->name), name))
				return option;
		}
	}
	return NULL;
}

static bool value_fits(const struct cli *cli, const struct cli_option *option, const char *value)
{
	int64_t max = option->min == 0 && option->max == 0 ? INT64_MAX : option->max;
	int64_t number;

	if (option->type != CLI_NUMBER)
		return true;
	if (ward_i64_parse(ward_str_from(value), &number) && number >= option->min && number <= max)
		return true;
	if (max == INT64_MAX)
		cli_usage(cli, "--%s wants a whole number", option->name);
	else
		cli_usage(cli, "--%s wants a whole number from %" PRId64 " to %" PRId64,
				option->name, option->min, max);
	return false;
}

static void keep_word(struct cli *cli, const struct cli_option *option, const char *value)
{
	size_t room = strlen(option->name) + (value ? strlen(value) : 0) + 4;
	char *word = malloc(room);

	if (!word)
		abort();
	snprintf(word, room, "--%s%s%s", option->name, value ? "=" : "", value ? value : "");
	cli->words[cli->word_count++] = word;
}

/* Takes one option off the front of `argv`; returns how many words it was, 0 when it is wrong. */
static int take_long(struct cli *cli, char **argv, int left)
{
	const char *equals = strchr(argv[0], '=');
	ward_str name = ward_str_from(argv[0] + 2);

	if (equals)
		name.len = (size_t)(equals - name.ptr);
	const struct cli_option *option = find_option(cli->verb, name, 0);

	if (!option)
		return cli_usage(cli, "there is no option --%.*s", WARD_FMT(name)), 0;
	if (option->type == CLI_FLAG) {
		if (equals)
			return cli_usage(cli, "--%s takes no value", option->name), 0;
		keep_word(cli, option, NULL);
		return 1;
	}
	if (!equals && left < 2)
		return cli_usage(cli, "--%s wants a value: %s", option->name, option->value), 0;
	const char *value = equals ? equals + 1 : argv[1];

	if (!value_fits(cli, option, value))
		return 0;
	keep_word(cli, option, value);
	return equals ? 1 : 2;
}

static int take_short(struct cli *cli, char **argv, int left)
{
	for (const char *at = argv[0] + 1; *at; at++) {
		const struct cli_option *option = find_option(cli->verb, WARD_STR(""), *at);

		if (!option)
			return cli_usage(cli, "there is no option -%c", *at), 0;
		if (option->type == CLI_FLAG) {
			keep_word(cli, option, NULL);
			continue;
		}
		if (!at[1] && left < 2)
			return cli_usage(cli, "-%c wants a value: %s", *at, option->value), 0;
		const char *value = at[1] ? at + 1 : argv[1];

		if (!value_fits(cli, option, value))
			return 0;
		keep_word(cli, option, value);
		return at[1] ? 1 : 2;
	}
	return 1;
}

/* Options and arguments may be mixed; behind "--" everything is an argument. */
static bool read_words(struct cli *cli, int argc, char **argv)
{
	bool options_end = false;

	for (int i = 0; i < argc;) {
		int taken = 1;

		if (options_end || argv[i][0] != '-' || argv[i][1] == '\0')
			cli->args[cli->arg_count++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			options_end = true;
		else if (argv[i][1] == '-')
			taken = take_long(cli, argv + i, argc - i);
		else
			taken = take_short(cli, argv + i, argc - i);
		if (taken == 0)
			return false;
		i += taken;
	}
	return true;
}

static const struct verb_row *find_verb(const char *name)
{
	for (const struct verb_row *row = verbs; row->name; row++) {
		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static bool descend(struct cli *cli, int *argc, char ***argv)
{
	if (!cli->verb->actions || *argc < 1 || (*argv)[0][0] == '-')
		return true;
	for (const struct cli_verb *action = cli->verb->actions; action->name; action++) {
		if (strcmp(action->name, (*argv)[0]) != 0)
			continue;
		snprintf(cli->title, sizeof(cli->title), "%s %s", cli->verb->name, action->name);
		cli->verb = action;
		cli->says = action->says;
		(*argc)--;
		(*argv)++;
		return true;
	}
	if (cli->verb->run)
		return true;
	cli_usage(cli, "there is no action \"%s\"", (*argv)[0]);
	return false;
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
	if (!descend(cli, &argc, &argv) || !read_words(cli, argc, argv))
		return CLI_TROUBLE;
	if (cli_flag(cli, "help"))
		return print_help(cli);
	if (!cli->verb->run)
		return cli_usage(cli, "which action?");
	cli->workspace = cli_text(cli, "workspace");
	if (!cli->workspace)
		cli->workspace = getenv("WARD_HOME");

	int status = cli->verb->run(cli);

	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_fail(cli, "the output could not be written");
	return status;
}

int verbs_main(const struct verb_row *rows, int argc, char **argv)
{
	struct cli cli = { 0 };

	verbs = rows;

	/* A closed pipe is then a failed write, which each verb's end notices. */
	signal(SIGPIPE, SIG_IGN);
	/* So is a file that may not grow. */
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 2)
		return print_overview(), CLI_TROUBLE;
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
			strcmp(argv[1], "help") == 0)
		return print_overview();
	if (strcmp(argv[1], "--version") == 0)
		return printf("ward %s\n", WARD_VERSION), CLI_OK;
	if (strcmp(argv[1], "--table") == 0)
		return print_table(argv);
	const struct verb_row *row = find_verb(argv[1]);

	if (!row)
		return cli_usage(&cli, "there is no verb \"%s\"", argv[1]);
	snprintf(cli.title, sizeof(cli.title), "%s", row->name);
	if (!row->verb)
		return become_desk(&cli, argv);
	cli.verb = row->verb;
	cli.says = row->says;
	/* A cluster of letters ("-abc") becomes a word each, so count letters. */
	size_t room = 1;

	for (int i = 2; i < argc; i++)
		room += strlen(argv[i]) + 1;
	cli.args = calloc(room, sizeof(*cli.args));
	cli.words = calloc(room, sizeof(*cli.words));
	if (!cli.args || !cli.words)
		return cli_fail(&cli, "out of memory");
	int status = run_verb(&cli, argc - 2, argv + 2);

	for (int i = 0; i < cli.word_count; i++)
		free(cli.words[i]);
	free(cli.words);
	free(cli.args);
	return status;
}
