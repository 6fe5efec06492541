/*
 * ward vault sender - the key of the program that sends reports
 */
#include "bin/vaults.h"
#include "vault/release.h"

static ward_err make(const struct cli *cli, struct vault_scene *scene, struct ward_error *error)
{
	const char *reason = cli_text(cli, "reason");
	char path[4096];
	struct vault_two two;
	ward_err err = vault_scene_path(scene, "keys/sender.key", path, sizeof(path), error);

	if (!err)
		err = vault_two_prove(cli, scene, PEOPLE_VAULT_KEYS, PEOPLE_VAULT_KEYS_SECOND, &two,
				error);
	if (err)
		return err;
	err = vault_sender_make(scene->vault, path, &two.pair, ward_str_from(reason), error);
	vault_two_leave(&two);
	return err;
}

int vault_run_sender(struct cli *cli)
{
	int status;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	status = vault_scene_do(cli, make);
	if (status != CLI_OK)
		return status;
	fprintf(stderr, "The service can send what is released to it from now on.  What was "
			"released "
			"to an older key is not, any more: send such reports again.\n");
	return CLI_OK;
}
