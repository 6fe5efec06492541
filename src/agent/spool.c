#include "agent/spool.h"

#include "base/checksum.h"
#include "base/file.h"
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_MAX = 200, DIGITS = 16, NAME_ROOM = DIGITS + 8, PATH_ROOM = 4096 };

static const char head_word[] = "ward-report 1";

struct agent_spool {
	pthread_mutex_t mutex;
	char folder[PATH_ROOM];
	uint64_t bytes_max;
	struct agent_spool_counts counts;
	uint64_t first;  /* no report that waits has a smaller number */
	uint64_t next;   /* of the next one that is added */
	uint64_t passed; /* those behind it first; 0: none */
	int lock;
};

/* ---- names ---- */

/* "00000000000000ab.report" */
static bool name_parse(const char *name, uint64_t *number, const char **state)
{
	*number = 0;
	for (int i = 0; i < DIGITS; i++) {
		char c = name[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		*number = *number << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*state = name + DIGITS;
	return true;
}

static ward_err path_of(const struct agent_spool *spool, uint64_t number, const char *state,
		char path[PATH_ROOM], struct ward_error *error)
{
	char name[64];

	snprintf(name, sizeof(name), "%016" PRIx64 "%s", number, state);
	return folder_path(spool->folder, name, path, error);
}

/* ---- looking ---- */

struct looking {
	struct agent_spool_counts counts;
	uint64_t first, next;
	const char *clear; /* the folder, when what is half written is removed */
};

/* What was done or not when we were killed, and what could not be read then, waits from now on. */
static bool begins_to_wait(int folder, const char *name, const char *state, char waits[NAME_ROOM])
{
	if (strcmp(state, ".ready") != 0 && strcmp(state, ".unread") != 0)
		return false;
	snprintf(waits, NAME_ROOM, "%.*s.report", DIGITS, name);
	return renameat(folder, name, folder, waits) == 0;
}

static void look_at(struct looking *looking, int folder, const char *name)
{
	char waits[NAME_ROOM];
	const char *state;
	uint64_t number;
	struct stat st;

	if (!name_parse(name, &number, &state))
		return;
	if (number >= looking->next)
		looking->next = number + 1;
	if (looking->clear && begins_to_wait(folder, name, state, waits)) {
		name = waits;
		state = name + DIGITS;
	}
	if (strcmp(state, ".report") == 0) {
		looking->counts.waiting++;
		if (number < looking->first)
			looking->first = number;
		if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			looking->counts.bytes += (uint64_t)st.st_size;
	} else if (strcmp(state, ".refused") == 0) {
		looking->counts.refused++;
	} else if (strcmp(state, ".damaged") == 0) {
		looking->counts.damaged++;
	} else if (strcmp(state, ".unread") == 0) {
		looking->counts.unread++;
	} else if (looking->clear && strcmp(state, ".ready") != 0) {
		(void)unlinkat(folder, name, 0);
	}
}

static ward_err look_into(const char *folder, struct looking *looking, struct ward_error *error)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO,
				"cannot open the spool %s: %s", folder, strerror(errno));
	looking->first = UINT64_MAX;
	while ((entry = readdir(entries)) != NULL) {
		if (strlen(entry->d_name) > DIGITS)
			look_at(looking, dirfd(entries), entry->d_name);
	}
	closedir(entries);
	return WARD_OK;
}

ward_err agent_spool_look(const char *folder, struct agent_spool_counts *counts,
		struct ward_error *error)
{
	struct looking looking = { .clear = NULL };
	ward_err err = look_into(folder, &looking, error);

	if (!err)
		*counts = looking.counts;
	return err;
}

/* ---- life ---- */

static ward_err begin(struct agent_spool *spool, struct ward_error *error)
{
	struct looking looking = { .next = 1, .clear = spool->folder };
	ward_err err = file_make_folders(spool->folder, 0700, error);

	if (!err)
		err = folder_lock(spool->folder, &spool->lock, error);
	if (err == WARD_E_CONFLICT)
		return ward_fail(error, err, "another process has the spool %s open",
				spool->folder);
	if (!err)
		err = look_into(spool->folder, &looking, error);
	spool->counts = looking.counts;
	spool->first = looking.first;
	spool->next = looking.next;
	return err;
}

ward_err agent_spool_open(const char *folder, uint64_t bytes_max, struct agent_spool **spool,
		struct ward_error *error)
{
	struct agent_spool *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->lock = -1;
	made->bytes_max = bytes_max;
	pthread_mutex_init(&made->mutex, NULL);
	int len = snprintf(made->folder, sizeof(made->folder), "%s", folder);
	ward_err err = len < 0 || (size_t)len >= sizeof(made->folder)
				       ? ward_fail(error, WARD_E_LIMIT,
							 "the spool's path is too long")
				       : begin(made, error);

	if (err)
		agent_spool_close(made);
	else
		*spool = made;
	return err;
}

void agent_spool_close(struct agent_spool *spool)
{
	if (!spool)
		return;
	if (spool->lock >= 0)
		close(spool->lock);
	pthread_mutex_destroy(&spool->mutex);
	free(spool);
}

/* ---- adding ---- */

static bool is_key(ward_str key)
{
	bool good = key.len > 0 && key.len <= AGENT_SPOOL_KEY_MAX;

	for (size_t i = 0; good && i < key.len; i++)
		good = key.ptr[i] > 0x20 && key.ptr[i] < 0x7f;
	return good;
}

/* It waits from now on. */
static void count_in(struct agent_spool *spool, uint64_t number, uint64_t size)
{
	if (number < spool->first)
		spool->first = number;
	spool->counts.waiting++;
	spool->counts.bytes += size;
}

static ward_err add_locked(struct agent_spool *spool, const char *state, ward_str text,
		uint64_t *number, struct ward_error *error)
{
	char path[PATH_ROOM];

	if (spool->bytes_max > 0 && spool->counts.bytes + text.len > spool->bytes_max)
		return ward_fail(error, WARD_E_LIMIT,
				"the spool holds as much as it may: %" PRIu64 " reports wait",
				spool->counts.waiting);
	ward_err err = path_of(spool, spool->next, state, path, error);

	if (!err)
		err = file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0600,
				error);
	/* Its number is used up either way: after a failed sync of the folder it may be there. */
	if (spool->next < spool->first)
		spool->first = spool->next;
	*number = spool->next++;
	return err;
}

static ward_err add_as(struct agent_spool *spool, const char *state, ward_str key, ward_str body,
		uint64_t *number, struct ward_error *error)
{
	struct ward_buf text;
	ward_err err;

	if (!is_key(key) || body.len == 0 || body.len > AGENT_SPOOL_BODY_MAX)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a report has a key of 1 to %d visible characters and a text of at "
				"most %d bytes",
				AGENT_SPOOL_KEY_MAX, AGENT_SPOOL_BODY_MAX);
	ward_buf_init(&text, HEAD_MAX + AGENT_SPOOL_BODY_MAX);
	ward_buf_printf(&text, "%s %.*s %zu %016" PRIx64 "\n", head_word, WARD_FMT(key), body.len,
			checksum_of(body.ptr, body.len));
	ward_buf_str(&text, body);
	if (text.failed) {
		err = ward_fail(error, WARD_E_NOMEM, "no memory for a report");
	} else {
		pthread_mutex_lock(&spool->mutex);
		err = add_locked(spool, state, ward_buf_text(&text), number, error);
		if (!err && strcmp(state, ".report") == 0)
			count_in(spool, *number, text.len);
		pthread_mutex_unlock(&spool->mutex);
	}
	ward_buf_free(&text);
	return err;
}

ward_err agent_spool_add(struct agent_spool *spool, ward_str key, ward_str body,
		struct ward_error *error)
{
	uint64_t number;

	return add_as(spool, ".report", key, body, &number, error);
}

ward_err agent_spool_prepare(struct agent_spool *spool, ward_str key, ward_str body,
		uint64_t *number, struct ward_error *error)
{
	return add_as(spool, ".ready", key, body, number, error);
}

/* ---- reading ---- */

/* Is it what agent_spool_add wrote?  Moves the body to the front of its text. */
static bool entry_read(char *text, size_t len, struct agent_spool_entry *entry)
{
	ward_str rest = { text, len };
	ward_str head = ward_str_cut(&rest, '\n');
	uint8_t sum[8];
	uint64_t stated = 0, want = 0;

	if (!ward_str_starts(head, ward_str_from(head_word)) || rest.len == 0)
		return false;
	head.ptr += sizeof(head_word) - 1;
	head.len -= sizeof(head_word) - 1;
	head = ward_str_trim(head);
	ward_str key = ward_str_cut(&head, ' ');

	if (!is_key(key) || !ward_u64_parse(ward_str_cut(&head, ' '), &stated) ||
			stated != rest.len || !ward_hex_parse(head, sum, sizeof(sum)))
		return false;
	for (size_t i = 0; i < sizeof(sum); i++)
		want = want << 8 | sum[i];
	if (checksum_of(rest.ptr, rest.len) != want)
		return false;
	memcpy(entry->key, key.ptr, key.len);
	entry->key[key.len] = '\0';
	memmove(text, rest.ptr, rest.len);
	text[rest.len] = '\0';
	entry->body = text;
	entry->body_len = rest.len;
	return true;
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Not synced: after a loss of power it is ready still, and committed by the next opening. */
ward_err agent_spool_commit(struct agent_spool *spool, uint64_t number, struct ward_error *error)
{
	char from[PATH_ROOM], to[PATH_ROOM];
	ward_err err = path_of(spool, number, ".ready", from, error);

	if (!err)
		err = path_of(spool, number, ".report", to, error);
	if (err)
		return err;
	pthread_mutex_lock(&spool->mutex);
	if (rename(from, to) < 0)
		err = ward_fail(error, WARD_E_IO, "a report that is ready cannot wait: %s",
				strerror(errno));
	else
		count_in(spool, number, size_of(to));
	pthread_mutex_unlock(&spool->mutex);
	return err;
}

ward_err agent_spool_abandon(struct agent_spool *spool, uint64_t number, struct ward_error *error)
{
	char path[PATH_ROOM];
	ward_err err = path_of(spool, number, ".ready", path, error);

	if (!err && unlink(path) < 0)
		err = ward_fail(error, WARD_E_IO, "a report cannot be taken back: %s",
				strerror(errno));
	return err ? err : file_sync_folder(spool->folder, error);
}

/* It does not wait any more. */
static void forget(struct agent_spool *spool, uint64_t size)
{
	spool->counts.bytes -= size < spool->counts.bytes ? size : spool->counts.bytes;
	if (spool->counts.waiting > 0)
		spool->counts.waiting--;
}

/* Renames a report, so that it is not sent. */
static ward_err put_aside(struct agent_spool *spool, uint64_t number, const char *state,
		uint64_t *count, struct ward_error *error)
{
	char from[PATH_ROOM], to[PATH_ROOM];
	ward_err err = path_of(spool, number, ".report", from, error);

	if (!err)
		err = path_of(spool, number, state, to, error);
	if (err)
		return err;
	uint64_t size = size_of(from);

	if (rename(from, to) < 0)
		return ward_fail(error, WARD_E_IO, "a report cannot be put aside: %s",
				strerror(errno));
	forget(spool, size);
	(*count)++;
	return file_sync_folder(spool->folder, error);
}

/* Else it is us who cannot read now: no descriptors are left, or the disk has gone. */
static bool can_read_folder(const struct agent_spool *spool)
{
	int folder = open(spool->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0)
		close(folder);
	return folder >= 0;
}

/* One file; NOT_FOUND when there is none of that number, CORRUPT when it is put aside. */
static ward_err read_one(struct agent_spool *spool, uint64_t number,
		struct agent_spool_entry *entry, struct ward_error *error)
{
	char path[PATH_ROOM];
	char *text = NULL;
	size_t len = 0;
	ward_err err = path_of(spool, number, ".report", path, error);

	if (!err)
		err = file_read(path, HEAD_MAX + AGENT_SPOOL_BODY_MAX, &text, &len, error);
	if (err == WARD_E_NOMEM)
		return err;
	if (err && err != WARD_E_LIMIT && err != WARD_E_ARGUMENT) {
		if (!can_read_folder(spool))
			return ward_fail(error, WARD_E_IO, "the spool cannot be read now");
		if (err == WARD_E_NOT_FOUND)
			return err;
		err = put_aside(spool, number, ".unread", &spool->counts.unread, error);
		return err ? err
			   : ward_fail(error, WARD_E_CORRUPT,
					     "a report cannot be read, and was put aside");
	}
	entry->number = number;
	if (!err && entry_read(text, len, entry))
		return WARD_OK;
	free(text);
	err = put_aside(spool, number, ".damaged", &spool->counts.damaged, error);
	return err ? err : ward_fail(error, WARD_E_CORRUPT, "a report was damaged, and put aside");
}

/* One that cannot be read now stays, and is passed over when another one can. */
static ward_err next_from(struct agent_spool *spool, uint64_t from, struct agent_spool_entry *entry,
		struct ward_error *error)
{
	uint64_t waits = spool->next;
	ward_err trouble = WARD_OK;

	for (uint64_t number = from; number < spool->next; number++) {
		struct ward_error why;
		ward_err err = read_one(spool, number, entry, &why);

		if (err == WARD_E_NOT_FOUND || err == WARD_E_CORRUPT)
			continue;
		if (number < waits)
			waits = number;
		if (!err) {
			trouble = WARD_OK;
			break;
		}
		if (!trouble)
			trouble = ward_fail(error, err, "%s", why.message);
	}
	if (from == spool->first)
		spool->first = waits;
	if (waits == spool->next)
		return ward_fail(error, WARD_E_NOT_FOUND, "no report waits");
	return trouble;
}

static ward_err next_locked(struct agent_spool *spool, struct agent_spool_entry *entry,
		struct ward_error *error)
{
	if (spool->passed >= spool->first) {
		struct ward_error none;

		if (next_from(spool, spool->passed + 1, entry, &none) == WARD_OK)
			return WARD_OK;
	}
	spool->passed = 0;
	return next_from(spool, spool->first, entry, error);
}

void agent_spool_pass(struct agent_spool *spool, uint64_t number)
{
	pthread_mutex_lock(&spool->mutex);
	spool->passed = number;
	pthread_mutex_unlock(&spool->mutex);
}

ward_err agent_spool_next(struct agent_spool *spool, struct agent_spool_entry *entry,
		struct ward_error *error)
{
	struct agent_spool_entry found;

	pthread_mutex_lock(&spool->mutex);
	ward_err err = next_locked(spool, &found, error);

	pthread_mutex_unlock(&spool->mutex);
	if (!err)
		*entry = found;
	return err;
}

/*
 * Not synced: one that is back after a loss of power is sent once more, under
 * its key.
 */
ward_err agent_spool_done(struct agent_spool *spool, uint64_t number, struct ward_error *error)
{
	char path[PATH_ROOM];

	pthread_mutex_lock(&spool->mutex);
	ward_err err = path_of(spool, number, ".report", path, error);

	if (!err) {
		uint64_t size = size_of(path);

		if (unlink(path) < 0)
			err = ward_fail(error, WARD_E_IO, "a sent report cannot be removed: %s",
					strerror(errno));
		else
			forget(spool, size);
	}
	pthread_mutex_unlock(&spool->mutex);
	return err;
}

ward_err agent_spool_refuse(struct agent_spool *spool, uint64_t number, struct ward_error *error)
{
	pthread_mutex_lock(&spool->mutex);
	ward_err err = put_aside(spool, number, ".refused", &spool->counts.refused, error);

	pthread_mutex_unlock(&spool->mutex);
	return err;
}

struct agent_spool_counts agent_spool_count(struct agent_spool *spool)
{
	pthread_mutex_lock(&spool->mutex);
	struct agent_spool_counts counts = spool->counts;

	pthread_mutex_unlock(&spool->mutex);
	return counts;
}
