/*
 * ward site update - a publisher's signed pages into a list
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "bin/known.h"
#include "bin/sites.h"
#include "exchange/site_pages.h"
#include "workspace/publisher.h"

struct update {
	const struct cli *cli;
	const struct workspace *workspace;
	char folder[SITES_PATH];
	struct ward_site_info info;
	char version[WARD_SITE_VERSION_MAX]; /* that says so; "" is none */
};

/* ---- the list ---- */

static bool take_publisher(const struct cli *cli, struct ward_site_info *info)
{
	const char *key = cli_text(cli, "publisher"), *urn = cli_text(cli, "urn");

	if (key && !exchange_key_parse(ward_str_from(key), info->publisher)) {
		cli_usage(cli, "--publisher is \"ed25519:\" and 64 hex digits");
		return false;
	}
	if (urn && strlen(urn) >= sizeof(info->urn)) {
		cli_usage(cli, "--urn is too long");
		return false;
	}
	info->has_publisher = info->has_publisher || key;
	if (urn)
		memcpy(info->urn, urn, strlen(urn) + 1);
	info->hidden = info->hidden || cli_flag(cli, "hidden");
	info->mandatory = info->mandatory || cli_flag(cli, "mandatory");
	if (!info->has_publisher || !info->urn[0]) {
		cli_usage(cli, "the list has no publisher yet: give --publisher KEY and --urn URN, "
			       "which its publisher tells you");
		return false;
	}
	return true;
}

static ward_err read_info(struct update *update, struct ward_error *error)
{
	ward_str name = ward_str_from(update->cli->args[0]);
	struct ward_site_list *list;
	ward_err err = workspace_site_folder(update->workspace, name, update->folder,
			sizeof(update->folder), error);

	if (err)
		return err;
	update->version[0] = '\0';
	err = ward_site_list_open(update->folder, &list, error);
	if (!err) {
		update->info = *ward_site_list_info(list);
		snprintf(update->version, sizeof(update->version), "%s",
				ward_site_list_version(list));
		ward_site_list_free(list);
	} else if (err == WARD_E_NOT_FOUND) {
		err = ward_site_info_init(&update->info, name) ? WARD_OK : err;
	}
	return err;
}

/* ---- pages ---- */

static void tell_bad(void *context, uint64_t sequence, size_t change, const char *why)
{
	(void)context;
	fprintf(stderr, "page %" PRIu64 ", change %zu: left out: %s\n", sequence, change, why);
}

static void print_applied(const struct update *update, const struct exchange_pages_applied *applied,
		const char *word)
{
	if (!cli_flag(update->cli, "json")) {
		printf("%s: %s: page %" PRIu64 " is in force; %" PRIu64 " added, %" PRIu64
		       " retracted, %" PRIu64 " left out\n",
				update->info.name, word, applied->sequence, applied->added,
				applied->retracted, applied->bad);
		return;
	}
	printf("{\"list\":\"%s\",\"outcome\":\"%s\",\"sequence\":%" PRIu64 ",\"pages\":%" PRIu64
	       ",\"added\":%" PRIu64 ",\"retracted\":%" PRIu64 ",\"bad\":%" PRIu64
	       ",\"snapshot\":%s}\n",
			update->info.name, word, applied->sequence, applied->pages, applied->added,
			applied->retracted, applied->bad, applied->snapshot ? "true" : "false");
}

/* With --anew, what was noted of a list that has gone is forgotten; what is in force is not. */
static ward_err apply_pages(struct update *update, int fd, struct exchange_pages_applied *applied,
		struct ward_error *error)
{
	struct exchange_pages_options options = { .now = clock_now(),
		.version = update->version,
		.bad = tell_bad };
	struct workspace_page seen = { 0 };
	ward_err err = WARD_OK;

	if (cli_flag(update->cli, "anew"))
		err = workspace_page_forget(update->workspace, &update->info, error);
	if (!err)
		err = workspace_page_seen(update->workspace, &update->info, &seen, error);
	if (err)
		return err;
	options.seen = seen.sequence;
	memcpy(options.seen_page, seen.digest, sizeof(options.seen_page));
	return exchange_pages_apply(update->folder, &update->info, fd, &options, applied, error);
}

/* Outside of the list, which may be removed.  Also of what was in force already: the last note may
 * have been cut off. */
static int note_page(struct update *update)
{
	struct ward_error error;
	ward_err err = read_info(update, &error);

	if (!err)
		err = workspace_page_note(update->workspace, &update->info, &error);
	if (err)
		return cli_fail(update->cli,
				"the list is updated, but which page is in force could not be "
				"noted: %s",
				error.message);
	return CLI_OK;
}

/* What is in force already is no failure: whoever asks every hour mostly hears that. */
static int apply(struct update *update, int fd)
{
	struct exchange_pages_applied applied = { 0 };
	struct ward_error error;
	ward_err err = apply_pages(update, fd, &applied, &error);

	if (err == WARD_E_EXISTS) {
		applied.sequence = update->info.sequence;
		print_applied(update, &applied, "nothing new");
		return note_page(update);
	}
	if (err)
		return cli_fail(update->cli, "refused, and the list stays as it is: %s",
				error.message);
	print_applied(update, &applied, "updated");
	return note_page(update);
}

/* ward-fetch writes it; what it could not fetch it says itself. */
static bool run_fetch(const struct update *update, const char *url, int to)
{
	bool private = cli_flag(update->cli, "private");
	char *path = file_beside_program("ward-fetch");
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		const char *program = path ? path : WARD_LIBEXECDIR "/ward-fetch";

		if (dup2(to, STDOUT_FILENO) < 0)
			_exit(CLI_TROUBLE);
		if (private)
			execl(program, program, "--private", url, (char *)NULL);
		else
			execl(program, program, url, (char *)NULL);
		_exit(CLI_TROUBLE);
	}
	free(path);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int apply_url(struct update *update, const char *url)
{
	FILE *file = tmpfile();
	int status;

	if (!file)
		return cli_fail(update->cli, "cannot make a file: %s", strerror(errno));
	status = run_fetch(update, url, fileno(file))
				 ? apply(update, fileno(file))
				 : cli_fail(update->cli, "the pages could not be fetched, and the "
							 "list stays as it is");
	(void)fclose(file);
	return status;
}

static int apply_file(struct update *update, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status;

	if (fd < 0)
		return cli_fail(update->cli, "cannot open %s: %s", path, strerror(errno));
	status = apply(update, fd);
	close(fd);
	return status;
}

static int apply_all(struct update *update)
{
	int status = CLI_OK;

	for (int i = 1; i < update->cli->arg_count && status == CLI_OK; i++) {
		const char *from = update->cli->args[i];
		struct ward_error error;

		/* Each begins with what the one before it brought. */
		if (read_info(update, &error) != WARD_OK)
			return cli_fail_error(update->cli, &error);
		if (!take_publisher(update->cli, &update->info))
			return CLI_TROUBLE;
		status = strncmp(from, "http://", 7) == 0 || strncmp(from, "https://", 8) == 0
					 ? apply_url(update, from)
					 : apply_file(update, from);
	}
	return status;
}

int sites_update(struct cli *cli)
{
	struct update update = { .cli = cli };
	struct workspace *workspace;
	struct ward_error error;
	int status;

	if (cli->arg_count < 2)
		return cli_usage(cli, "a list's name and files or addresses of pages are wanted");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	update.workspace = workspace;
	status = apply_all(&update);
	workspace_free(workspace);
	return status;
}
