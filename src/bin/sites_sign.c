/*
 * ward site key, ward site sign - the publisher's side of signed pages
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/known.h"
#include "bin/sites.h"
#include "exchange/site_pages.h"

enum { BITS_DEFAULT = 256, LIFE_DAYS = 7, DAY_S = 86400 };

/* ---- the key ---- */

static ward_err key_path(const struct workspace *workspace, char path[SITES_PATH],
		struct ward_error *error)
{
	int len = snprintf(path, SITES_PATH, "%s/keys/site.key", workspace_folder(workspace));

	return len > 0 && len < SITES_PATH ? WARD_OK
					   : ward_fail(error, WARD_E_ARGUMENT,
							     "the workspace's path is too long");
}

/* The secret, in a file that is its owner's alone. */
static ward_err read_key(const struct workspace *workspace, uint8_t seed[32],
		struct ward_error *error)
{
	char path[SITES_PATH], *text = NULL;
	size_t len = 0;
	ward_err err = key_path(workspace, path, error);

	if (!err && access(path, F_OK) < 0)
		return ward_fail(error, WARD_E_NOT_FOUND,
				"there is no key to sign lists with: \"ward site key --make\" "
				"makes "
				"one");
	if (!err)
		err = file_read(path, 4096, &text, &len, error);
	if (!err && !exchange_key_parse(ward_str_trim((ward_str){ text, len }), seed))
		err = ward_fail(error, WARD_E_CORRUPT, "%s holds no key", path);
	if (text)
		explicit_bzero(text, len);
	free(text);
	return err;
}

/* A file that is there and holds half a key would keep another from being made. */
static ward_err write_key(const char *path, const char *text, struct ward_error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ward_err err;

	if (fd < 0)
		return ward_fail(error, errno == EEXIST ? WARD_E_EXISTS : WARD_E_IO,
				errno == EEXIST ? "there is a key already: whoever takes the lists "
						  "knows it (%s)"
						: "cannot make %s",
				path);
	err = file_write_all(fd, text, strlen(text), error);
	if (!err && fsync(fd) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
	close(fd);
	if (err)
		unlink(path);
	return err;
}

static ward_err make_key(const struct workspace *workspace, struct ward_error *error)
{
	char path[SITES_PATH], folder[SITES_PATH], text[EXCHANGE_KEY_TEXT + 1];
	uint8_t seed[32];
	ward_err err = key_path(workspace, path, error);

	if (!err)
		err = exchange_key_make(seed, error);
	if (err)
		return err;
	exchange_key_format(seed, text);
	strncat(text, "\n", 1);
	err = write_key(path, text, error);
	explicit_bzero(seed, sizeof(seed));
	explicit_bzero(text, sizeof(text));
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	return err ? err : file_sync_folder(folder, error);
}

int sites_key(struct cli *cli)
{
	struct workspace *workspace;
	struct ward_error error;
	uint8_t seed[32], key[32];
	char text[EXCHANGE_KEY_TEXT];
	ward_err err;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no argument is wanted");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	err = cli_flag(cli, "make") ? make_key(workspace, &error) : WARD_OK;
	if (!err)
		err = read_key(workspace, seed, &error);
	if (!err)
		err = exchange_key_public(seed, key, &error);
	explicit_bzero(seed, sizeof(seed));
	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	exchange_key_format(key, text);
	printf("%s\n", text);
	return CLI_OK;
}

/* ---- pages ---- */

static bool take_wants(const struct cli *cli, struct exchange_pages_signing *wants)
{
	wants->urn = cli_text(cli, "urn");
	wants->now = clock_now();
	wants->life_s = cli_number(cli, "life", LIFE_DAYS) * DAY_S;
	wants->snapshot = cli_flag(cli, "snapshot");
	wants->hashed = cli_flag(cli, "hashed");
	wants->hashing.bits = (uint32_t)cli_number(cli, "bits", BITS_DEFAULT);
	if (!wants->urn || !cli_text(cli, "output")) {
		cli_usage(cli, "--urn and --output are wanted");
		return false;
	}
	if (strlen(wants->urn) >= WARD_SITE_TEXT_MAX) {
		cli_usage(cli, "--urn is too long");
		return false;
	}
	if (wants->hashing.bits % 8 != 0) {
		cli_usage(cli, "--bits is a multiple of 8");
		return false;
	}
	return sites_take_salt(cli, wants->hashing.salt, &wants->hashing.salt_len);
}

static ward_err sign(const struct cli *cli, const struct workspace *workspace,
		struct exchange_pages_signing *wants, struct exchange_pages_signed *result,
		struct ward_error *error)
{
	char folder[SITES_PATH];
	uint8_t seed[32];
	struct ward_site_list *list;
	ward_err err = workspace_site_folder(workspace, ward_str_from(cli->args[0]), folder,
			sizeof(folder), error);

	if (!err)
		err = ward_site_list_open(folder, &list, error);
	if (err)
		return err;
	err = read_key(workspace, seed, error);
	if (err) {
		ward_site_list_free(list);
		return err;
	}
	wants->seed = seed;
	err = exchange_pages_sign(list, cli_text(cli, "output"), wants, result, error);
	wants->seed = NULL;
	explicit_bzero(seed, sizeof(seed));
	ward_site_list_free(list);
	return err;
}

int sites_sign(struct cli *cli)
{
	struct exchange_pages_signing wants = { 0 };
	struct exchange_pages_signed result;
	struct workspace *workspace;
	struct ward_error error;
	ward_err err;

	if (cli->arg_count != 1)
		return cli_usage(cli, "a list's name is wanted");
	if (!take_wants(cli, &wants))
		return CLI_TROUBLE;
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	err = sign(cli, workspace, &wants, &result, &error);
	workspace_free(workspace);
	if (err)
		return cli_fail_error(cli, &error);
	fprintf(stderr,
			"%s: %" PRIu64 " pages made, %" PRIu64 " added, %" PRIu64
			" retracted, %" PRIu64 " left out; the feed ends with page %" PRIu64 "\n",
			cli->args[0], result.pages, result.added, result.retracted, result.left_out,
			result.sequence);
	return CLI_OK;
}
