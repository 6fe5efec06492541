#include "bin/report.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

const char *report_band(enum filing_environment environment)
{
	return environment == FILING_PRODUCTION ? "" : "TEST ";
}

/* ---- files of a folder ---- */

static ward_err open_item(void *context, ward_str item, void **stream, struct ward_error *error)
{
	const struct report_scene *scene = context;
	char path[PATH_ROOM];
	struct stat about;

	if (!scene->files)
		return ward_fail(error, WARD_E_DENIED,
				"where are the files? Say it with --files DIR");
	if (item.len == 0 || item.ptr[0] == '.' || memchr(item.ptr, '/', item.len))
		return ward_fail(error, WARD_E_ARGUMENT,
				"an item is the name of a file in --files");
	snprintf(path, sizeof(path), "%s/%.*s", scene->files, WARD_FMT(item));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
		if (fd >= 0)
			close(fd);
		return ward_fail(error, WARD_E_NOT_FOUND, "an item is no file in --files");
	}
	int *kept = malloc(sizeof(*kept));

	if (!kept) {
		close(fd);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	*kept = fd;
	*stream = kept;
	return WARD_OK;
}

static ward_err read_item(void *stream, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	ssize_t got = read(*(const int *)stream, into, room);

	if (got < 0)
		return ward_fail(error, WARD_E_IO, "an item could not be read");
	*len = (size_t)got;
	return WARD_OK;
}

static void close_item(void *stream)
{
	close(*(const int *)stream);
	free(stream);
}

/* Files that lie in a folder were shown to nobody by ward: nothing was counted. */
static ward_err exposure(void *context, ward_str item, bool *viewed, bool *exif_viewed,
		struct ward_error *error)
{
	(void)context;
	(void)item;
	(void)error;
	*viewed = *exif_viewed = false;
	return WARD_OK;
}

const struct filing_source report_files = { open_item, read_item, close_item, exposure, NULL };

/* ---- the scene ---- */

static ward_err path_in(const struct report_scene *scene, const char *name, char path[PATH_ROOM],
		struct ward_error *error)
{
	const char *folder = name[0] == '/' ? "" : workspace_folder(scene->workspace);
	int len = snprintf(path, PATH_ROOM, "%s%s%s", folder, name[0] == '/' ? "" : "/", name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_ARGUMENT,
							    "the workspace's path is too long");
}

static ward_err open_wire(struct report_scene *scene, const struct filing_credentials *account,
		enum filing_environment environment, struct ward_error *error)
{
	const struct settings *settings = workspace_settings(scene->workspace);
	struct filing_wire_options options = {
		.environment = environment,
		.url = ward_str_from(settings->cybertip_url),
		.user = ward_str_from(account->user),
		.password = ward_str_from(account->password),
	};

	if (settings->cybertip_production && environment != FILING_PRODUCTION)
		fprintf(stderr, "ward report: ward.conf says production and the account is tagged "
				"test: this goes to TEST\n");
	return filing_wire_new(&options, &scene->wire, error);
}

/* Whoever holds it is the only one who sends from this workspace; a kill gives it back. */
static ward_err take_lock(struct report_scene *scene, struct ward_error *error)
{
	char path[PATH_ROOM];
	ward_err err = path_in(scene, "filing.lock", path, error);

	if (err)
		return err;
	scene->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (scene->lock < 0)
		return ward_fail(error, WARD_E_IO, "filing.lock cannot be opened");
	if (flock(scene->lock, LOCK_EX | LOCK_NB) != 0)
		return ward_fail(error, WARD_E_CONFLICT,
				"another ward is sending from this workspace");
	return WARD_OK;
}

static void find_actor(struct report_scene *scene)
{
	struct passwd entry, *user = NULL;
	char text[4096];

	if (getpwuid_r(geteuid(), &entry, text, sizeof(text), &user) != 0)
		user = NULL;
	snprintf(scene->actor, sizeof(scene->actor), "command:%.120s", user ? user->pw_name : "?");
}

static ward_err open_filing(struct report_scene *scene, enum report_wants wants,
		const struct filing_credentials *account, struct ward_error *error)
{
	const struct settings *settings = workspace_settings(scene->workspace);
	enum filing_environment environment =
			filing_environment_of(settings->cybertip_production, account);
	ward_err err = WARD_OK;

	if (wants != REPORT_LOOKS)
		err = open_wire(scene, account, environment, error);
	if (!err && wants == REPORT_SENDS)
		err = take_lock(scene, error);
	if (err)
		return err;
	struct filing_options options = {
		.store = scene->store,
		.wire = scene->wire,
		.environment = environment,
		.package_environment =
				settings->cybertip_production ? FILING_PRODUCTION : FILING_TEST,
		.source = report_files,
		.share = FILING_BY_HAND,
		/* A server's store has other machines' senders, which our lock does not hold. */
		.alone = store_engine_of(scene->store) == STORE_SQLITE,
	};

	options.source.context = scene;
	return filing_new(&options, &scene->filing, error);
}

ward_err report_open(const struct cli *cli, enum report_wants wants, struct report_scene *scene,
		struct ward_error *error)
{
	struct filing_credentials account = { .environment = FILING_TEST };
	char path[PATH_ROOM];

	*scene = (struct report_scene){ .lock = -1, .files = cli_text(cli, "files") };
	find_actor(scene);
	ward_err err = known_workspace(cli, &scene->workspace, error);

	if (!err)
		err = path_in(scene, workspace_settings(scene->workspace)->cybertip_credentials,
				path, error);
	if (!err) {
		err = filing_credentials_read(path, &account, error);
		/* Whoever only looks needs no account. */
		if (wants == REPORT_LOOKS && err == WARD_E_NOT_FOUND)
			err = WARD_OK;
	}
	if (!err)
		err = workspace_store(scene->workspace, false, &scene->store, error);
	if (!err)
		err = open_filing(scene, wants, &account, error);
	filing_credentials_wipe(&account);
	if (err)
		report_close(scene);
	return err;
}

void report_close(struct report_scene *scene)
{
	filing_free(scene->filing);
	filing_wire_free(scene->wire);
	store_free(scene->store);
	workspace_free(scene->workspace);
	if (scene->lock >= 0)
		close(scene->lock);
}

struct filing_actor report_actor(const struct report_scene *scene)
{
	return (struct filing_actor){ ward_str_from(scene->actor), WARD_STR("") };
}

/* ---- files of text ---- */

/* A pipe has no size to go by. */
static ward_err read_input(size_t len_max, char **text, size_t *len, struct ward_error *error)
{
	char *room = malloc(len_max + 1);
	size_t done = 0;
	ssize_t got = 1;

	if (!room)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	while (got != 0 && done <= len_max) {
		got = read(STDIN_FILENO, room + done, len_max + 1 - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		done += (size_t)got;
	}
	if (got >= 0 && done <= len_max) {
		*text = room;
		*len = done;
		return WARD_OK;
	}
	free(room);
	return got < 0 ? ward_fail(error, WARD_E_IO, "standard input cannot be read: %s",
					 strerror(errno))
		       : ward_fail(error, WARD_E_LIMIT, "standard input is longer than %zu bytes",
					 len_max);
}

ward_err report_read(const char *name, size_t len_max, char **text, size_t *len,
		struct ward_error *error)
{
	return strcmp(name, "-") == 0 ? read_input(len_max, text, len, error)
				      : file_read(name, len_max, text, len, error);
}
