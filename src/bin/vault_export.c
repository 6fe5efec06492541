/*
 * ward vault export: evidence handed on, as one signed file
 *
 * The file is written under another name, synced, and named at the end: half a
 * package is never there.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "bin/vaults.h"

enum { PATH_ROOM = 4096 };

static ward_err open_signer(struct vault_scene *scene, struct signer **signer,
		struct ward_error *error)
{
	char keys[PATH_ROOM];
	ward_err err = vault_scene_path(scene, "keys", keys, sizeof(keys), error);

	if (!err)
		err = signer_make(keys, error);
	return err ? err : signer_open(keys, signer, error);
}

static ward_err write_file(struct vault_scene *scene, const struct vault_access *access,
		const struct package_wish *wish, const struct signer *signer, const char *path,
		struct ward_error *error)
{
	char temporary[PATH_ROOM];
	int len = snprintf(temporary, sizeof(temporary), "%s.new", path);

	if (len < 0 || len >= PATH_ROOM)
		return ward_fail(error, WARD_E_ARGUMENT, "the output's path is too long");
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return ward_fail(error, errno == EEXIST ? WARD_E_EXISTS : WARD_E_IO,
				"cannot make %s: %s", temporary, strerror(errno));
	ward_err err = package_write(scene->vault, access, wish, signer, fd, error);

	if (!err && fsync(fd) != 0)
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", temporary,
				strerror(errno));
	close(fd);
	/* Not over another file: link fails where rename would not. */
	if (!err && link(temporary, path) != 0)
		err = ward_fail(error, errno == EEXIST ? WARD_E_EXISTS : WARD_E_IO,
				"cannot make %s: %s", path, strerror(errno));
	unlink(temporary);
	return err;
}

static ward_err export(const struct cli *cli, struct vault_scene *scene,
		const struct package_wish *wish, struct ward_error *error)
{
	struct package_wish whole = *wish;
	struct vault_access *access = NULL;
	struct signer *signer = NULL;
	char checkpoints[PATH_ROOM];
	struct vault_two two;
	ward_err err = vault_scene_path(scene, "audit/checkpoints", checkpoints,
			sizeof(checkpoints), error);

	if (!err)
		err = vault_two_prove(cli, scene, PEOPLE_VAULT_EXPORT, PEOPLE_VAULT_EXPORT_SECOND,
				&two, error);

	if (err)
		return err;
	whole.persons = two.pair;
	whole.checkpoints = checkpoints;
	err = vault_person_access(scene, &two.first, &access, error);
	if (!err)
		err = open_signer(scene, &signer, error);
	if (!err)
		err = write_file(scene, access, &whole, signer, cli_text(cli, "output"), error);
	signer_free(signer);
	vault_access_free(access);
	vault_two_leave(&two);
	return err;
}

int vault_run_export(struct cli *cli)
{
	const char *to = cli_text(cli, "to"), *name = cli_text(cli, "recipient");
	struct package_wish wish = { .clear = cli_flag(cli, "clear"),
		.recipient_name = ward_str_from(name),
		.reason = ward_str_from(cli_text(cli, "reason")) };
	struct vault_scene scene;
	struct ward_error error;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which items?");
	if (!cli_text(cli, "output") || !name)
		return cli_usage(cli, "-o FILE and --recipient NAME are wanted");
	if (wish.clear == (to != NULL))
		return cli_usage(cli, "either --to KEY, the recipient's public key, or --clear");
	if (to && vault_recipient_read(to, wish.recipient, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_str *items = calloc((size_t)cli->arg_count, sizeof(*items));

	if (!items)
		return cli_fail(cli, "no memory");
	for (int i = 0; i < cli->arg_count; i++)
		items[i] = ward_str_from(cli->args[i]);
	wish.items = items;
	wish.item_count = (size_t)cli->arg_count;
	ward_err err = vault_scene_open(cli, &scene, &error);

	if (!err) {
		err = export(cli, &scene, &wish, &error);
		vault_scene_close(&scene);
	}
	free(items);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}
