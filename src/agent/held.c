#include "agent/held_form.h"

#include "base/file.h"
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

const uint8_t held_magic[8] = { 'W', 'A', 'R', 'D', 'H', 'E', 'L', 'D' };

struct held {
	char folder[HELD_PATH_MAX];
	uint8_t keys[HELD_KEYS_MAX][PAIR_KEY];
	size_t count;
	int lock;
};

/* ---- what both halves share ---- */

void held_purpose_of(struct held_purpose *purpose, const char *id, const uint8_t key[PAIR_KEY])
{
	ward_hex_format(key, PAIR_KEY, purpose->under);
	purpose->purpose = (struct wrap_purpose){ .what = "held",
		.object = ward_str_from(id),
		.under = ward_str_from(purpose->under) };
}

ward_err held_path(const char *folder, const char *id, const char *end, char path[HELD_PATH_MAX],
		struct ward_error *error)
{
	char name[HELD_ID_TEXT + 16];

	snprintf(name, sizeof(name), "%.32s%s", id, end);
	return folder_path(folder, name, path, error);
}

static void put_le(uint8_t *to, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static ward_err fail_disk(const char *what, struct ward_error *error)
{
	return ward_fail(error, WARD_E_IO, "the quarantine cannot %s a copy: %s", what,
			strerror(errno));
}

/* ---- life ---- */

static ward_err sweep(const char *folder, struct ward_error *error)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return ward_fail(error, WARD_E_IO, "cannot open %s: %s", folder, strerror(errno));
	while ((entry = readdir(entries)) != NULL) {
		if (ward_str_ends(ward_str_from(entry->d_name), WARD_STR(".new")))
			(void)unlinkat(dirfd(entries), entry->d_name, 0);
	}
	closedir(entries);
	return WARD_OK;
}

static ward_err begin(struct held *held, struct ward_error *error)
{
	struct stat st;
	ward_err err = file_make_folders(held->folder, 0700, error);

	if (err)
		return err;
	if (lstat(held->folder, &st) < 0 || !S_ISDIR(st.st_mode) || (st.st_mode & 077) != 0)
		return ward_fail(error, WARD_E_DENIED,
				"others may enter the quarantine %s, or it is a link: chmod 700",
				held->folder);
	err = folder_lock(held->folder, &held->lock, error);
	if (err == WARD_E_CONFLICT)
		return ward_fail(error, err, "another process has the quarantine %s open",
				held->folder);
	return err ? err : sweep(held->folder, error);
}

ward_err held_open(const char *folder, const uint8_t *keys, size_t count, struct held **held,
		struct ward_error *error)
{
	struct held *made;

	if (count == 0 || count > HELD_KEYS_MAX || strlen(folder) >= HELD_PATH_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a quarantine has 1 to %d public keys",
				HELD_KEYS_MAX);
	if (sodium_init() < 0 || (made = calloc(1, sizeof(*made))) == NULL)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->lock = -1;
	made->count = count;
	memcpy(made->keys, keys, count * PAIR_KEY);
	snprintf(made->folder, sizeof(made->folder), "%s", folder);
	ward_err err = begin(made, error);

	if (err)
		held_close(made);
	else
		*held = made;
	return err;
}

void held_close(struct held *held)
{
	if (!held)
		return;
	if (held->lock >= 0)
		close(held->lock);
	free(held);
}

/* ---- what is sealed: the meta, then the file ---- */

struct original {
	uint8_t meta[HELD_META_MAX];
	size_t meta_len, meta_at;
	int fd;
	uint64_t at, left;
	EVP_MD_CTX *sha256;
};

static void make_meta(struct original *original, const struct held_file *file)
{
	size_t path_len = strlen(file->path);
	uint8_t *to = original->meta;
	uint32_t left;
	size_t attributes = held_attributes_read(file->fd, to + HELD_META + path_len, &left);

	put_le(to, file->st.st_mode & 07777, 4);
	put_le(to + 4, file->st.st_uid, 4);
	put_le(to + 8, file->st.st_gid, 4);
	put_le(to + 12, (uint64_t)file->st.st_mtim.tv_sec, 8);
	put_le(to + 20, (uint64_t)file->st.st_mtim.tv_nsec, 4);
	put_le(to + 24, (uint64_t)file->st.st_atim.tv_sec, 8);
	put_le(to + 32, (uint64_t)file->st.st_atim.tv_nsec, 4);
	put_le(to + 36, path_len, 4);
	put_le(to + 40, attributes, 4);
	put_le(to + 44, left, 4);
	memcpy(to + HELD_META, file->path, path_len);
	original->meta_len = HELD_META + path_len + attributes;
}

static ward_err read_original(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct original *original = context;
	size_t left = original->meta_len - original->meta_at;

	if (left > 0) {
		*len = left < room ? left : room;
		memcpy(into, original->meta + original->meta_at, *len);
		original->meta_at += *len;
		return WARD_OK;
	}
	*len = original->left < room ? (size_t)original->left : room;
	if (*len == 0)
		return WARD_OK;
	ward_err err = file_read_at(original->fd, original->at, into, *len, error);

	if (!err) {
		EVP_DigestUpdate(original->sha256, into, *len);
		original->at += *len;
		original->left -= *len;
	}
	return err;
}

static ward_err write_out(void *context, ward_bytes bytes, struct ward_error *error)
{
	return file_write_all(*(int *)context, bytes.ptr, bytes.len, error);
}

/* ---- the copy ---- */

/* The bytes as they are now. */
static ward_err digest_file(const struct held_file *file, uint8_t sha256[32],
		struct ward_error *error)
{
	uint64_t size = (uint64_t)file->st.st_size;
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	uint8_t some[16384];
	ward_err err = digest ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
	for (uint64_t at = 0; !err && at < size;) {
		size_t len = size - at < sizeof(some) ? (size_t)(size - at) : sizeof(some);

		err = file_read_at(file->fd, at, some, len, error);
		if (!err)
			EVP_DigestUpdate(digest, some, len);
		at += len;
	}
	if (!err)
		EVP_DigestFinal_ex(digest, sha256, NULL);
	EVP_MD_CTX_free(digest);
	return err;
}

/*
 * Of the same file, unchanged, always the same; of other bytes always another one, for it would
 * take the place of a copy that may be all that is left.  Not every file system tells them apart by
 * numbers and times.
 */
static void make_id(const struct held_file *file, const uint8_t sha256[32], uint8_t id[SEALED_ID])
{
	const struct stat *st = &file->st;
	const uint64_t numbers[] = { (uint64_t)st->st_dev, (uint64_t)st->st_ino,
		(uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
		(uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec };
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, SEALED_ID);
	crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof(numbers));
	crypto_generichash_update(&state, sha256, 32);
	crypto_generichash_update(&state, (const uint8_t *)file->path, strlen(file->path));
	crypto_generichash_final(&state, id, SEALED_ID);
}

static ward_err write_head(const struct held *held, const struct sealed_name *name, const char *id,
		const struct held_file *file, int64_t now, int fd, struct ward_error *error)
{
	uint8_t head[HELD_HEAD + HELD_KEYS_MAX * HELD_WRAPPED] = { 0 };
	uint8_t *next = head + HELD_HEAD;

	memcpy(head, held_magic, sizeof(held_magic));
	head[HELD_VERSION_AT] = HELD_VERSION;
	head[HELD_COUNT_AT] = (uint8_t)held->count;
	memcpy(head + HELD_ID_AT, name->id, SEALED_ID);
	put_le(head + HELD_TIME_AT, (uint64_t)now, 8);
	put_le(head + HELD_SIZE_AT, (uint64_t)file->st.st_size, 8);
	for (size_t i = 0; i < held->count; i++, next += HELD_WRAPPED) {
		struct held_purpose purpose;

		held_purpose_of(&purpose, id, held->keys[i]);
		memcpy(next, held->keys[i], PAIR_KEY);
		if (!wrap_make(name->key, &purpose.purpose, held->keys[i], next + PAIR_KEY))
			return ward_fail(error, WARD_E_ARGUMENT,
					"key %zu of the quarantine is none", i + 1);
	}
	return file_write_all(fd, head, (size_t)(next - head), error);
}

struct read_back {
	uint64_t skip; /* so many plain bytes of meta are left */
	EVP_MD_CTX *sha256;
};

static ward_err digest_plain(void *context, ward_bytes plain, struct ward_error *error)
{
	struct read_back *back = context;
	size_t skip = back->skip < plain.len ? (size_t)back->skip : plain.len;

	(void)error;
	back->skip -= skip;
	EVP_DigestUpdate(back->sha256, plain.ptr + skip, plain.len - skip);
	return WARD_OK;
}

/* Does the copy give the original back?  Asked of the file, not of what we meant to write. */
static ward_err verify(const struct sealed_name *name, int fd, size_t keys, size_t meta_len,
		EVP_MD_CTX *sha256, const uint8_t want[32], struct ward_error *error)
{
	struct held_bytes copy = { fd, HELD_HEAD + keys * HELD_WRAPPED };
	struct read_back back = { .skip = meta_len, .sha256 = sha256 };
	struct sealed_totals totals;
	uint8_t got[32];

	EVP_DigestInit_ex(sha256, EVP_sha256(), NULL);
	ward_err err = sealed_open(name, held_bytes_read, &copy, digest_plain, &back, &totals,
			error);

	if (err)
		return err;
	EVP_DigestFinal_ex(sha256, got, NULL);
	return memcmp(got, want, sizeof(got)) == 0
			       ? WARD_OK
			       : ward_fail(error, WARD_E_CORRUPT,
						 "the sealed copy does not give the file back");
}

/*
 * Written, and forgotten by the system's memory, so that what is read back comes from the disk.
 * A file system that lives in memory has nothing to forget.
 */
static ward_err to_disk(int fd, struct ward_error *error)
{
	if (fsync(fd) < 0)
		return fail_disk("sync", error);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return WARD_OK;
}

static bool is_same(const struct stat *st, const struct stat *was)
{
	return st->st_dev == was->st_dev && st->st_ino == was->st_ino &&
	       st->st_size == was->st_size && st->st_mtim.tv_sec == was->st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == was->st_mtim.tv_nsec &&
	       st->st_ctim.tv_sec == was->st_ctim.tv_sec &&
	       st->st_ctim.tv_nsec == was->st_ctim.tv_nsec;
}

static bool is_as_it_was(int fd, const struct stat *was)
{
	struct stat st;

	return fstat(fd, &st) == 0 && is_same(&st, was);
}

static ward_err write_copy(const struct held *held, const struct held_file *file, int64_t now,
		const struct sealed_name *name, int fd, struct held_copy *copy,
		struct ward_error *error)
{
	struct original *original = calloc(1, sizeof(*original));
	struct sealed_totals totals;
	ward_err err = WARD_OK;

	if (!original || (original->sha256 = EVP_MD_CTX_new()) == NULL) {
		free(original);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	original->fd = file->fd;
	original->left = (uint64_t)file->st.st_size;
	make_meta(original, file);
	EVP_DigestInit_ex(original->sha256, EVP_sha256(), NULL);
	const struct sealed_input input = { .read = read_original, .context = original };

	err = write_head(held, name, copy->id, file, now, fd, error);
	if (!err)
		err = sealed_make(name, &input, write_out, &fd, &totals, error);
	if (!err) {
		EVP_DigestFinal_ex(original->sha256, copy->sha256, NULL);
		copy->bytes = original->at;
	}
	if (!err)
		err = to_disk(fd, error);
	if (!err)
		err = verify(name, fd, held->count, original->meta_len, original->sha256,
				copy->sha256, error);
	if (!err && !is_as_it_was(file->fd, &file->st))
		err = ward_fail(error, WARD_E_CONFLICT, "the file changed while it was sealed");
	EVP_MD_CTX_free(original->sha256);
	free(original);
	return err;
}

ward_err held_seal(struct held *held, const struct held_file *file, int64_t now,
		struct held_copy *copy, struct ward_error *error)
{
	struct held_copy made = { .bytes = 0 };
	struct sealed_name name;
	char path[HELD_PATH_MAX];
	uint8_t sha256[32];

	if (!S_ISREG(file->st.st_mode) || strlen(file->path) >= HELD_PATH_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "only files are taken");
	ward_err err = digest_file(file, sha256, error);

	if (err)
		return err;
	make_id(file, sha256, name.id);
	randombytes_buf(name.key, sizeof(name.key));
	ward_hex_format(name.id, SEALED_ID, made.id);
	err = held_path(held->folder, made.id, ".new", path, error);

	if (err)
		return err;
	(void)unlink(path);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		sodium_memzero(&name, sizeof(name));
		return fail_disk("make", error);
	}
	err = write_copy(held, file, now, &name, fd, &made, error);
	sodium_memzero(&name, sizeof(name));
	close(fd);
	if (!err && memcmp(made.sha256, sha256, sizeof(sha256)) != 0)
		err = ward_fail(error, WARD_E_CONFLICT, "the file changed while it was sealed");
	if (err)
		(void)unlink(path);
	else
		*copy = made;
	return err;
}

ward_err held_keep(struct held *held, struct held_copy *copy, struct ward_error *error)
{
	char from[HELD_PATH_MAX], to[HELD_PATH_MAX];
	ward_err err = held_path(held->folder, copy->id, ".new", from, error);

	if (!err)
		err = held_path(held->folder, copy->id, ".held", to, error);
	if (err)
		return err;
	copy->again = access(to, F_OK) == 0;
	if (rename(from, to) < 0)
		return fail_disk("name", error);
	copy->kept = true;
	return file_sync_folder(held->folder, error);
}

void held_drop(struct held *held, const struct held_copy *copy)
{
	char path[HELD_PATH_MAX];

	if (copy->kept && copy->again)
		return;
	if (held_path(held->folder, copy->id, copy->kept ? ".held" : ".new", path, NULL) == WARD_OK)
		(void)unlink(path);
}

/*
 * On some shares (SMB, as smbnetfs has it) no file goes that is open, and it is we who have it
 * open. The number stays, for whoever closes it; behind it is nothing any more.
 */
static bool is_let_go(const struct held_file *file)
{
	struct stat st;
	int none = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (none < 0 || dup2(none, file->fd) < 0) {
		if (none >= 0)
			close(none);
		return false;
	}
	close(none);
	return fstatat(file->folder, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       is_same(&st, &file->st);
}

static bool unlink_it(const struct held_file *file)
{
	if (unlinkat(file->folder, file->name, 0) == 0)
		return true;
	if (errno != EBUSY)
		return false;
	if (is_let_go(file) && unlinkat(file->folder, file->name, 0) == 0)
		return true;
	errno = EBUSY;
	return false;
}

ward_err held_take(const struct held_file *file, struct ward_error *error)
{
	struct stat st;

	bool there = fstatat(file->folder, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (!there && errno == ENOENT)
		return ward_fail(error, WARD_E_NOT_FOUND, "the file has gone by itself");
	if (!there || !is_as_it_was(file->fd, &file->st) || st.st_dev != file->st.st_dev ||
			st.st_ino != file->st.st_ino)
		return ward_fail(error, WARD_E_CONFLICT,
				"the file is another one by now, and stays where it is");
	if (!unlink_it(file))
		return ward_fail(error,
				errno == EACCES || errno == EPERM || errno == EROFS ? WARD_E_DENIED
										    : WARD_E_IO,
				"the file cannot be taken away: %s", strerror(errno));
	/* It has gone, and whatever is told says so.  Where a folder cannot be synced it may be
	 * back after a loss of power. */
	(void)fsync(file->folder);
	return WARD_OK;
}
