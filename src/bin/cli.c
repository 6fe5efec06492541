#include "bin/cli.h"

#include "bin/scan_print.h"

#include <stdarg.h>

/*
 * Words were put in order when the command line was read (verbs.c): each option is one word
 * "--name" for a flag or "--name=value", so looking one up is a walk along them.
 */
static const char *value_in(const char *word, const char *name)
{
	size_t len = strlen(name);

	if (word[0] != '-' || word[1] != '-' || strncmp(word + 2, name, len) != 0)
		return NULL;
	word += 2 + len;
	if (*word == '=')
		return word + 1;
	return *word == '\0' ? word : NULL;
}

const char *cli_many(const struct cli *cli, const char *name, int index)
{
	for (int i = 0; i < cli->word_count; i++) {
		const char *value = value_in(cli->words[i], name);

		if (value && index-- == 0)
			return value;
	}
	return NULL;
}

const char *cli_text(const struct cli *cli, const char *name)
{
	const char *last = NULL;

	for (int i = 0; i < cli->word_count; i++) {
		const char *value = value_in(cli->words[i], name);

		if (value)
			last = value;
	}
	return last;
}

bool cli_flag(const struct cli *cli, const char *name)
{
	return cli_text(cli, name) != NULL;
}

int64_t cli_number(const struct cli *cli, const char *name, int64_t otherwise)
{
	const char *text = cli_text(cli, name);
	int64_t value = otherwise;

	/* The text was checked when the command line was read. */
	if (text && !ward_i64_parse(ward_str_from(text), &value))
		return otherwise;
	return value;
}

static void complain(const struct cli *cli, const char *fmt, va_list args) WARD_PRINTF(2, 0);

static void complain(const struct cli *cli, const char *fmt, va_list args)
{
	char words[4096];
	struct ward_buf text;

	/* The words may hold a file's name, which must not speak to the terminal. */
	vsnprintf(words, sizeof(words), fmt, args);
	ward_buf_init(&text, 4 * sizeof(words));
	scan_print_text(&text, ward_str_from(words));
	fflush(stdout);
	fprintf(stderr, "ward%s%s: %s\n", cli->title[0] ? " " : "", cli->title,
			ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

int cli_fail(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(cli, fmt, args);
	va_end(args);
	return CLI_TROUBLE;
}

int cli_fail_error(const struct cli *cli, const struct ward_error *error)
{
	return cli_fail(cli, "%s", error->message);
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(cli, fmt, args);
	va_end(args);
	fprintf(stderr, "Try: ward%s%s --help\n", cli->title[0] ? " " : "", cli->title);
	return CLI_TROUBLE;
}
