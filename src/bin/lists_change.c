/*
 * ward list remove, set, rename, compact - lists change
 */
#include <inttypes.h>
#include <unistd.h>

#include "bin/lists.h"

/* ---- remove ---- */

/* What was given is checked before anything is changed. */
static ward_err remove_entries(const struct cli *cli, const char *folder, uint64_t *removed,
		struct ward_error *error)
{
	struct ward_list_writer *writer;
	const char *text;
	ward_err err = ward_list_change(folder, &writer, error);

	if (err)
		return err;
	*removed = 0;
	for (int i = 0; !err && (text = cli_many(cli, "signal", i)); i++) {
		ward_signal signal;
		uint64_t count = 0;

		if (!lists_signal(text, &signal))
			err = ward_fail(error, WARD_E_ARGUMENT, "--signal wants a signal");
		else
			err = ward_list_writer_remove_signal(writer, &signal, &count, error);
		*removed += count;
	}
	for (int i = 0; !err && (text = cli_many(cli, "ref", i)); i++) {
		uint64_t count = 0;

		err = ward_list_writer_remove_ref(writer, ward_str_from(text), &count, error);
		*removed += count;
	}
	if (!err && *removed > 0)
		err = ward_list_writer_commit(writer, error);
	ward_list_writer_free(writer);
	return err;
}

static bool ask(const char *name)
{
	char answer[8] = "";

	fprintf(stderr, "Remove the list %s with all its entries and opinions? [y/N] ", name);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int remove_list(const struct cli *cli, const char *folder)
{
	struct ward_error error;

	if (!cli_flag(cli, "yes") && !isatty(STDIN_FILENO))
		return cli_usage(cli, "this removes the whole list; --yes says that it is meant");
	if (!cli_flag(cli, "yes") && !ask(cli->args[0]))
		return cli_fail(cli, "nothing was removed");
	if (ward_list_delete(folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	fprintf(stderr, "The list %s is gone.\n", cli->args[0]);
	return CLI_OK;
}

int lists_remove(struct cli *cli)
{
	char folder[LIST_PATH];
	struct ward_error error;
	uint64_t removed;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward list ls\" shows their names");
	if (lists_find_first(cli, folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (!cli_flag(cli, "signal") && !cli_flag(cli, "ref"))
		return remove_list(cli, folder);
	if (remove_entries(cli, folder, &removed, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	printf("%" PRIu64 " %s removed\n", removed, removed == 1 ? "entry" : "entries");
	return CLI_OK;
}

/* ---- set ---- */

int lists_set(struct cli *cli)
{
	char folder[LIST_PATH];
	struct ward_list_info info;
	struct ward_error error;
	struct ward_list *list;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward list ls\" shows their names");
	if (lists_find_first(cli, folder, &error) != WARD_OK ||
			ward_list_open(folder, &list, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	info = *ward_list_info(list);
	ward_list_free(list);
	if (!lists_info_options(cli, &info))
		return CLI_TROUBLE;
	if (ward_list_set_info(folder, &info, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	return CLI_OK;
}

/* ---- rename ---- */

static ward_err rename_list(const struct cli *cli, struct ward_error *error)
{
	struct workspace *workspace;
	char folder[LIST_PATH];
	ward_err err = known_workspace(cli, &workspace, error);

	if (err)
		return err;
	err = lists_find(workspace, cli->args[0], folder, error);
	if (!err)
		err = workspace_list_rename(workspace, ward_str_from(cli->args[0]),
				ward_str_from(cli->args[1]), error);
	workspace_free(workspace);
	return err;
}

int lists_rename(struct cli *cli)
{
	struct ward_error error;

	if (cli->arg_count != 2)
		return cli_usage(cli, "a list's name, and the one it is to have");
	return rename_list(cli, &error) == WARD_OK ? CLI_OK : cli_fail_error(cli, &error);
}

/* ---- compact ---- */

int lists_compact(struct cli *cli)
{
	char folder[LIST_PATH];
	struct ward_error error;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which list? \"ward list ls\" shows their names");
	if (lists_find_first(cli, folder, &error) != WARD_OK ||
			ward_list_compact(folder, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	return CLI_OK;
}
