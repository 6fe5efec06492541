/*
 * ward db - care for the store: look, keep aside, bring back, bring up, move
 */
#include "bin/cli.h"
#include "bin/known.h"
#include "bin/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { PATH_ROOM = 4096 };

enum opened {
	OPEN_CURRENT,  /* one that is there, and of this version */
	OPEN_AS_IT_IS, /* or older, and stays so */
	OPEN_MADE      /* made where it is not there, brought to this version where it is older */
};

static ward_err open_store(const struct cli *cli, enum opened how, struct store **store,
		struct ward_error *error)
{
	struct workspace *workspace;
	ward_err err = known_workspace(cli, &workspace, error);

	if (err)
		return err;
	err = how == OPEN_AS_IT_IS ? workspace_store_as_it_is(workspace, store, error)
				   : workspace_store(workspace, how == OPEN_MADE, store, error);
	workspace_free(workspace);
	return err;
}

/* ---- how far it is ---- */

struct shown {
	struct progress progress;
	const char *doing;
};

static struct shown begin_showing(const char *doing)
{
	struct shown shown = { .doing = doing };

	progress_begin(&shown.progress, isatty(STDERR_FILENO));
	return shown;
}

static void show(void *context, uint64_t rows, uint64_t bytes)
{
	struct shown *shown = context;

	if (bytes > 0)
		progress_draw_share(&shown->progress, bytes, 0, true, shown->doing);
	else
		progress_draw_share(&shown->progress, rows, 0, false, shown->doing);
}

static void tell(const char *what, const struct store_copied *copied)
{
	char at[CLOCK_TEXT_MAX], size[PROGRESS_TEXT_MAX];

	fprintf(stderr, "%s: %" PRIu64 " rows of %" PRIu64 " tables", what, copied->rows,
			copied->tables);
	if (copied->bytes > 0)
		fprintf(stderr, ", %s", progress_bytes(copied->bytes, size));
	fprintf(stderr, ", version %u, as of %s.\n", copied->version, clock_format(copied->at, at));
}

/* ---- check ---- */

static int run_check(struct cli *cli)
{
	struct ward_error error;
	struct store *store;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (open_store(cli, OPEN_CURRENT, &store, &error))
		return cli_fail_error(cli, &error);
	ward_err err = store_check(store, &error);
	unsigned version = store_version(store);
	bool server = store_engine_of(store) == STORE_POSTGRESQL;

	store_free(store);
	if (err)
		return cli_fail_error(cli, &error);
	fprintf(stderr, "The store is good: %s, version %u.\n", server ? "PostgreSQL" : "SQLite",
			version);
	return CLI_OK;
}

/* ---- backup ---- */

static ward_err finish_file(int fd, const char *part, const char *path, struct ward_error *error)
{
	char folder[PATH_ROOM];
	struct stat st;

	if (fsync(fd) != 0)
		return ward_fail(error, WARD_E_IO, "%s: %s", part, strerror(errno));
	/* Looked at again, for a backup takes its time. */
	if (lstat(path, &st) == 0)
		return ward_fail(error, WARD_E_EXISTS, "%s has come to be meanwhile", path);
	if (rename(part, path) != 0)
		return ward_fail(error, WARD_E_IO, "%s: %s", path, strerror(errno));
	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');

	if (slash)
		slash[slash == folder] = '\0';
	return file_sync_folder(slash ? folder : ".", error);
}

static ward_err backup_to_file(struct store *store, const char *path, struct shown *shown,
		struct store_copied *copied, struct ward_error *error)
{
	char part[PATH_ROOM];
	struct stat st;
	int len = snprintf(part, sizeof(part), "%s.part", path);

	if (len < 0 || (size_t)len >= sizeof(part))
		return ward_fail(error, WARD_E_ARGUMENT, "the path is too long");
	if (lstat(path, &st) == 0)
		return ward_fail(error, WARD_E_EXISTS,
				"%s is there already; a backup overwrites nothing", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return ward_fail(error, errno == EEXIST ? WARD_E_EXISTS : WARD_E_IO,
				errno == EEXIST ? "%s is there: another backup runs, or one was "
						  "broken off; remove it then"
						: "%s cannot be made",
				part);
	ward_err err = store_backup(store, fd, show, shown, copied, error);

	if (!err)
		err = finish_file(fd, part, path, error);
	close(fd);
	if (err)
		unlink(part);
	return err;
}

static int run_backup(struct cli *cli)
{
	struct shown shown = begin_showing("backing up");
	struct store_copied copied;
	struct ward_error error;
	struct store *store;

	if (cli->arg_count != 1)
		return cli_usage(cli, "one file is wanted; \"-\" is standard output");
	bool out = strcmp(cli->args[0], "-") == 0;

	if (out && isatty(STDOUT_FILENO))
		return cli_usage(cli, "a backup is not for a terminal");
	if (open_store(cli, OPEN_AS_IT_IS, &store, &error))
		return cli_fail_error(cli, &error);
	ward_err err = out ? store_backup(store, STDOUT_FILENO, show, &shown, &copied, &error)
			   : backup_to_file(store, cli->args[0], &shown, &copied, &error);

	progress_clear(&shown.progress);
	store_free(store);
	if (err)
		return cli_fail_error(cli, &error);
	tell("Backed up", &copied);
	return CLI_OK;
}

/* ---- restore ---- */

static int run_restore(struct cli *cli)
{
	struct shown shown = begin_showing("restoring");
	struct store_copied copied;
	struct ward_error error;
	struct store *store;

	if (cli->arg_count != 1)
		return cli_usage(cli, "one file is wanted; \"-\" is standard input");
	bool in = strcmp(cli->args[0], "-") == 0;
	int fd = in ? STDIN_FILENO : open(cli->args[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return cli_fail(cli, "%s: %s", cli->args[0], strerror(errno));
	ward_err err = open_store(cli, OPEN_MADE, &store, &error);

	if (!err) {
		err = store_restore(store, fd, show, &shown, &copied, &error);
		store_free(store);
	}
	progress_clear(&shown.progress);
	if (!in)
		close(fd);
	if (err)
		return cli_fail_error(cli, &error);
	tell("Restored", &copied);
	return CLI_OK;
}

/* ---- migrate ---- */

static int run_migrate(struct cli *cli)
{
	struct ward_error error;
	struct store *store;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (open_store(cli, OPEN_MADE, &store, &error))
		return cli_fail_error(cli, &error);
	fprintf(stderr, "The store is at version %u.\n", store_version(store));
	store_free(store);
	return CLI_OK;
}

/* ---- migrate-to ---- */

static ward_err copy_to(struct store *from, const char *place, struct shown *shown,
		struct store_copied *copied, struct ward_error *error)
{
	struct store_options options = { .place = place, .create = true, .migrate = true };
	struct store *to;
	ward_err err = store_open(&options, &to, error);

	if (err)
		return err;
	err = store_copy(from, to, show, shown, copied, error);
	store_free(to);
	return err;
}

static int run_migrate_to(struct cli *cli)
{
	struct shown shown = begin_showing("copying rows");
	struct store_copied copied;
	struct ward_error error;
	struct store *from;

	if (cli->arg_count != 1)
		return cli_usage(cli, "one place is wanted: postgresql://... or a file");
	if (open_store(cli, OPEN_CURRENT, &from, &error))
		return cli_fail_error(cli, &error);
	ward_err err = copy_to(from, cli->args[0], &shown, &copied, &error);

	progress_clear(&shown.progress);
	store_free(from);
	if (err)
		return cli_fail_error(cli, &error);
	tell("Copied, and compared", &copied);
	fprintf(stderr, "Now say in ward.conf where the store is (store.place), and start ward "
			"again.\nThe old store is as it was; what is written to it from now on "
			"is not in the new one.\n");
	return CLI_OK;
}

/* ---- the verb ---- */

static const struct cli_verb actions[] = {
	{ .name = "check",
			.arguments = "",
			.says = "Read all of the store and look for damage",
			.run = run_check },
	{ .name = "backup",
			.arguments = "FILE",
			.says = "Write all that the store holds to a new file",
			.run = run_backup },
	{ .name = "restore",
			.arguments = "FILE",
			.says = "Fill an empty store from a backup",
			.run = run_restore },
	{ .name = "migrate",
			.arguments = "",
			.says = "Make the store, or bring an older one to this version",
			.run = run_migrate },
	{ .name = "migrate-to",
			.arguments = "PLACE",
			.says = "Copy the store into an empty one elsewhere",
			.run = run_migrate_to },
	{ 0 },
};

const struct cli_verb verb_db = {
	.name = "db",
	.arguments = "",
	.actions = actions,
};
