/*
 * ward key - who may ask the service what, and how often
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/json.h"
#include "bin/cli.h"
#include "bin/known.h"
#include "workspace/keys.h"

enum { SCOPES_TEXT = 64 };

/* ---- add ---- */

/* False, with a complaint made, when the options make no sense. */
static bool read_like(const struct cli *cli, struct key *key)
{
	const char *scopes = cli_text(cli, "scope");
	const char *expires = cli_text(cli, "expires");
	size_t len = strlen(cli->args[0]);

	*key = (struct key){ .rate = (uint32_t)cli_number(cli, "rate", 0) };
	/* A name that is too long is left without its NUL, and keys_add says what is wrong. */
	memcpy(key->name, cli->args[0], len < sizeof(key->name) ? len : sizeof(key->name));
	if (!key_scopes_parse(ward_str_from(scopes ? scopes : "scan"), &key->scopes)) {
		cli_usage(cli, "--scope wants some of scan, read, write, metrics, report, ask, or "
			       "all, "
			       "with commas between");
		return false;
	}
	if (expires && strcmp(expires, "never") != 0 &&
			!clock_parse(ward_str_from(expires), &key->expires)) {
		cli_usage(cli, "--expires wants a date as 2027-03-01, a date and time, or never");
		return false;
	}
	if (key->expires != 0 && key->expires <= clock_now()) {
		cli_usage(cli, "--expires lies in the past");
		return false;
	}
	return true;
}

static int run_add(struct cli *cli)
{
	char token[KEY_TOKEN_MAX], scopes[SCOPES_TEXT];
	struct workspace *workspace;
	struct ward_error error;
	struct key key;

	if (cli->arg_count != 1)
		return cli_usage(cli, "one name is wanted: who will use the key?");
	if (!read_like(cli, &key))
		return CLI_TROUBLE;
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = keys_add(workspace_keys(workspace), &key, token, &error);

	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	key_scopes_format(key.scopes, scopes, sizeof(scopes));
	printf("%s\n", token);
	fflush(stdout);
	fprintf(stderr,
			"This is the key \"%s\" (%s).  It is not kept and cannot be shown again.\n"
			"Clients send it as  Authorization: Bearer KEY\n",
			key.name, scopes);
	return CLI_OK;
}

/* ---- ls ---- */

static void print_key_json(const struct key *key)
{
	char scopes[SCOPES_TEXT], when[CLOCK_TEXT_MAX];
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, 4096);
	json = json_to(&text);
	key_scopes_format(key->scopes, scopes, sizeof(scopes));
	ward_str rest = ward_str_from(scopes);

	json_object(&json);
	json_key_text(&json, "name", key->name);
	json_key(&json, "scopes");
	json_array(&json);
	while (rest.len > 0)
		json_str(&json, ward_str_cut(&rest, ','));
	json_array_end(&json);
	json_key_uint(&json, "rate", key->rate);
	json_key_text(&json, "created", clock_format(key->created, when));
	json_key_text(&json, "expires", key->expires ? clock_format(key->expires, when) : NULL);
	json_object_end(&json);
	puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static void print_key(const struct key *key)
{
	char scopes[SCOPES_TEXT], rate[32] = "-", created[CLOCK_TEXT_MAX], expires[CLOCK_TEXT_MAX];
	bool over = key->expires != 0 && key->expires <= clock_now();

	key_scopes_format(key->scopes, scopes, sizeof(scopes));
	if (key->rate > 0)
		snprintf(rate, sizeof(rate), "%" PRIu32 "/min", key->rate);
	clock_format(key->created, created);
	clock_format(key->expires, expires);
	printf("%-20s  %-23s  %9s  %.10s  %s%s\n", key->name, scopes, rate, created,
			key->expires ? expires : "never", over ? " (over)" : "");
}

static int run_ls(struct cli *cli)
{
	struct workspace *workspace;
	struct ward_error error;
	struct keys *keys;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = keys_read(workspace_keys(workspace), &keys, &error);

	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	bool json = cli_flag(cli, "json");

	if (!json && keys_count(keys) > 0)
		printf("%-20s  %-23s  %9s  %-10s  %s\n", "NAME", "SCOPES", "RATE", "MADE",
				"EXPIRES");
	for (size_t i = 0; i < keys_count(keys); i++) {
		if (json)
			print_key_json(keys_at(keys, i));
		else
			print_key(keys_at(keys, i));
	}
	if (!json && keys_count(keys) == 0)
		fprintf(stderr, "There are no keys; \"ward key add NAME\" makes one.\n");
	keys_free(keys);
	return CLI_OK;
}

/* ---- remove ---- */

static int run_remove(struct cli *cli)
{
	struct workspace *workspace;
	struct ward_error error;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which key?");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = keys_remove(workspace_keys(workspace), ward_str_from(cli->args[0]), &error);

	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	fprintf(stderr, "The key \"%s\" opens nothing any more.\n", cli->args[0]);
	return CLI_OK;
}

/* ---- the verb ---- */

static const struct cli_option add_options[] = {
	{ "scope", 's', CLI_TEXT, "SCOPES",
			"scan, read, write, metrics, report, ask or all (default: scan)", 0, 0 },
	{ "rate", 'r', CLI_NUMBER, "N", "requests a minute (default: no limit)", 0, 1000000 },
	{ "expires", 'e', CLI_TEXT, "DATE", "when it ends to work (default: never)", 0, 0 },
	{ 0 },
};
static const struct cli_option ls_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ .name = "add",
			.arguments = "NAME",
			.says = "Make a key and print it, once",
			.options = add_options,
			.run = run_add },
	{ .name = "ls",
			.arguments = "",
			.says = "Show the keys, without what opens",
			.options = ls_options,
			.run = run_ls },
	{ .name = "remove", .arguments = "NAME", .says = "Take a key away", .run = run_remove },
	{ 0 },
};

const struct cli_verb verb_key = {
	.name = "key",
	.arguments = "",
	.actions = actions,
};
