/*
 * A job's items leave the house: one signed package, made by two persons, and fetched by the one
 * who asked for it.
 *
 * It is made whole in the workspace's exports/, so that whoever fetches it over a line that breaks
 * does not need two persons again, and half a package is never sent.  What lies there is sealed to
 * its recipient alone, and is removed after a day (exports_sweep).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/exports.h"
#include "api/handlers.h"
#include "api/kept.h"
#include "api/opening.h"
#include "api/two.h"
#include "audit/audit.h"
#include "base/clock.h"
#include "base/file.h"
#include "seal/pair.h"
#include "vault/package.h"

enum { PATH_ROOM = 4096, NAME_MAX_BYTES = 127 };

static const struct two_kind kind = { "vault.export", "job", PEOPLE_VAULT_EXPORT_SECOND };

/* ---- where ---- */

static bool is_id(ward_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'))
			return false;
	}
	return text.len > 0 && text.len < ID_TEXT_MAX;
}

static ward_err path_of(const struct request *request, const char *name, char path[PATH_ROOM],
		struct ward_error *error)
{
	int len = snprintf(path, PATH_ROOM, "%s/%s%s%s",
			workspace_folder(request->snapshot->workspace), EXPORTS_FOLDER,
			name[0] ? "/" : "", name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_ARGUMENT,
							    "the workspace's path is too long");
}

/* ---- making ---- */

struct making {
	struct request *request;
	const struct kept_job *job;
	struct package_wish wish;
	char checkpoints[PATH_ROOM];
	int64_t bytes;
};

/* Makes the file under a name of its own, and gives it its right one when all of it is durable. */
static ward_err write_whole(struct making *making, const struct vault_access *access,
		const char *path, struct ward_error *error)
{
	char temporary[PATH_ROOM + 64], own[ID_TEXT_MAX];
	struct stat st = { .st_size = 0 };

	id_new(own);
	(void)snprintf(temporary, sizeof(temporary), "%s.%s.new", path, own);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot make a package: %s", strerror(errno));
	ward_err err = package_write(request_vault(making->request), access, &making->wish,
			request_signer(making->request), fd, error);

	if (!err && (fsync(fd) != 0 || fstat(fd, &st) != 0 || rename(temporary, path) != 0))
		err = ward_fail(error, WARD_E_IO, "cannot keep a package: %s", strerror(errno));
	close(fd);
	if (err)
		(void)unlink(temporary);
	making->bytes = (int64_t)st.st_size;
	return err;
}

static ward_err make_file(struct making *making, const struct vault_access *access, const char *id,
		struct ward_error *error)
{
	char folder[PATH_ROOM], path[PATH_ROOM], name[ID_TEXT_MAX + 8];
	ward_err err = path_of(making->request, "", folder, error);

	(void)snprintf(name, sizeof(name), "%s.tar", id);
	if (!err)
		err = path_of(making->request, name, path, error);
	if (!err)
		err = file_make_folders(folder, 0700, error);
	if (!err)
		err = write_whole(making, access, path, error);
	return err ? err : file_sync_folder(folder, error);
}

static void answer_made(const struct making *making, const char *id)
{
	struct json json = request_json(making->request);

	making->request->answer.status = 201;
	json_object(&json);
	json_key_text(&json, "export", id);
	json_key_int(&json, "bytes", making->bytes);
	door_key_time(&json, "ends", clock_now() + EXPORTS_KEPT_S);
	json_object_end(&json);
}

static void make(struct making *making, const struct vault_access *access, struct two *two)
{
	struct request *request = making->request;
	struct ward_error error;

	(void)snprintf(making->checkpoints, sizeof(making->checkpoints), "%s/audit/checkpoints",
			workspace_folder(request->snapshot->workspace));
	making->wish.checkpoints = making->checkpoints;
	making->wish.items = making->job->payloads;
	making->wish.item_count = making->job->count;
	making->wish.persons = two_pair(two);
	ward_err err = make_file(making, access, two->id, &error);

	if (err)
		door_failed(request, &error);
	else
		answer_made(making, two->id);
}

static void ask(struct making *making)
{
	struct request *request = making->request;
	char actor[OPENING_ACTOR_MAX], key[96];
	struct two two;

	/* Before a colleague is asked: who asks will need it. */
	if (!opening_may(request))
		return;
	struct vault_access *access = opening_access(request, actor);

	if (!access)
		return;
	struct json json = two_begin(&two, request, &kind, making->job->id);

	ward_hex_format(making->wish.recipient, 32, key);
	json_key_str(&json, "recipient", making->wish.recipient_name);
	json_key_text(&json, "key", key);
	kept_job_detail(&json, making->job);
	if (two_ask(&two, &json, making->wish.reason))
		make(making, access, &two);
	two_end(&two);
	vault_access_free(access);
}

/* "x25519:" and 32 bytes as base64, as "ward verify --new-secret" prints it; or as 64 digits. */
static bool read_key(ward_str text, uint8_t key[32])
{
	return pair_public_parse(text, key) || ward_hex_parse(text, key, 32);
}

static bool read_wish(struct request *request, const struct json_t *body, struct package_wish *wish)
{
	ward_str key = WARD_STR(""), name = WARD_STR("");

	if (!kept_reason(request, body, &wish->reason) ||
			!door_text(request, body, "recipient", &name) ||
			!door_text(request, body, "key", &key))
		return false;
	wish->recipient_name = ward_str_trim(name);
	if (wish->recipient_name.len == 0 || wish->recipient_name.len > NAME_MAX_BYTES ||
			!ward_utf8_valid(name)) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"\"recipient\" says who it is for, in at most %d bytes.",
				NAME_MAX_BYTES);
		return false;
	}
	if (read_key(ward_str_trim(key), wish->recipient))
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"\"key\" is the recipient's public key: x25519: and 32 bytes as base64, as "
			"\"ward verify --new-secret\" prints it.");
	return false;
}

void handle_job_export(struct request *request)
{
	struct json_t *body = door_object(request);
	struct making making = { .request = request };
	struct kept_job job;

	if (read_wish(request, body, &making.wish)) {
		making.job = &job;
		if (kept_job_begin(request, NULL, &job))
			ask(&making);
		kept_job_end(&job);
	}
	tree_free(body);
}

/* ---- fetching ---- */

/* It was this person's to make, and is of a job that they still may see. */
static ward_err check_own(struct request *request, struct door_look *look, ward_str id,
		struct people_second *second)
{
	ward_str person = ward_str_from(request->person.id);
	bool told = false;
	ward_err err = people_second_get(look->tx, id, &look->arena, second, &look->error);

	if (!err)
		err = two_is_told(request, look->tx, second->object, &look->arena, &told,
				&look->error);
	if (!err && !(told && ward_str_eq(second->proposed_by, person) &&
				    second->state == PEOPLE_SECOND_USED &&
				    ward_str_eq(second->kind, ward_str_from(kind.kind))))
		err = WARD_E_NOT_FOUND;
	if (err == WARD_E_NOT_FOUND)
		err = ward_fail(&look->error, err, "there is no such package of yours");
	return err;
}

struct fetching {
	const struct request *request;
	ward_str export, object;
};

static ward_err log_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct fetching *fetching = context;
	char actor[ID_TEXT_MAX + 8], detail[ID_TEXT_MAX + 32];

	(void)snprintf(actor, sizeof(actor), "person:%s", fetching->request->person.id);
	(void)snprintf(detail, sizeof(detail), "{\"export\":\"%.*s\"}", WARD_FMT(fetching->export));
	return audit_add(tx,
			&(struct audit_entry){ .actor = ward_str_from(actor),
					.role = ward_str_from(fetching->request->person.roles),
					.action = WARD_STR("export.fetched"),
					.object = fetching->object,
					.detail = ward_str_from(detail) },
			error);
}

static int open_file(struct request *request, const char *name, uint64_t *bytes)
{
	char path[PATH_ROOM];
	struct stat st;
	int fd = path_of(request, name, path, NULL) ? -1
						    : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		*bytes = (uint64_t)st.st_size;
	return fd;
}

static void send_file(struct request *request, const struct fetching *fetching)
{
	struct fetching logged = *fetching;
	char name[ID_TEXT_MAX + 8];
	uint64_t bytes = 0;

	(void)snprintf(name, sizeof(name), "%.*s.tar", WARD_FMT(fetching->export));
	int fd = open_file(request, name, &bytes);

	if (fd < 0)
		request_trouble(request, PROBLEM_NOT_FOUND,
				"It is kept for a day, and was removed: ask for it anew.");
	else if (door_write(request, log_work, &logged))
		request_file(request, fd, bytes, "application/x-tar", name);
	else
		close(fd);
}

void handle_export(struct request *request)
{
	ward_str id = door_path(request, 0);
	struct people_second second;
	struct door_look look;

	if (!door_look(request, &look))
		return;
	ward_err err = is_id(id) ? check_own(request, &look, id, &second)
				 : ward_fail(&look.error, WARD_E_NOT_FOUND,
						   "there is no such package of yours");

	store_read_end(look.tx);
	if (err)
		door_failed(request, &look.error);
	else
		send_file(request, &(struct fetching){ request, second.id, second.object });
	ward_arena_free(&look.arena);
}

/* ---- and gone ---- */

void exports_sweep(const char *workspace)
{
	char path[PATH_ROOM];
	struct dirent *entry;
	struct stat st;
	int len = snprintf(path, sizeof(path), "%s/%s", workspace, EXPORTS_FOLDER);
	DIR *entries = len > 0 && len < PATH_ROOM ? opendir(path) : NULL;

	while (entries && (entry = readdir(entries))) {
		int folder = dirfd(entries);

		if (fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
				S_ISREG(st.st_mode) &&
				clock_now() - (int64_t)st.st_mtime > EXPORTS_KEPT_S)
			(void)unlinkat(folder, entry->d_name, 0);
	}
	if (entries)
		closedir(entries);
}
