/*
 * Held files as they are found, by anybody who can write to the folder: every number is checked.
 */
#include "agent/held_form.h"
#include "agent/place.h"

#include "base/file.h"
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 65, BLOCK = 1000 * LINE };

static uint64_t get_le(const uint8_t *from, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

static ward_err fail_form(struct ward_error *error)
{
	return ward_fail(error, WARD_E_CORRUPT, "the held file is not as it was sealed");
}

/* ---- the head ---- */

static ward_err open_held(const char *folder, const char *id, int *fd, uint8_t head[HELD_HEAD],
		struct ward_error *error)
{
	uint8_t raw[SEALED_ID];
	char path[HELD_PATH_MAX];

	if (!ward_hex_parse(ward_str_from(id), raw, sizeof(raw)))
		return ward_fail(error, WARD_E_ARGUMENT, "an id is 32 hexadecimal digits");
	ward_err err = held_path(folder, id, ".held", path, error);

	if (err)
		return err;
	int opened = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (opened < 0)
		return ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO,
				"nothing is held under this id: %s", strerror(errno));
	if (file_read_at(opened, 0, head, HELD_HEAD, error) != WARD_OK ||
			memcmp(head, held_magic, sizeof(held_magic)) != 0 ||
			head[HELD_VERSION_AT] == 0 || head[HELD_VERSION_AT] > HELD_VERSION ||
			head[HELD_COUNT_AT] == 0 || head[HELD_COUNT_AT] > HELD_KEYS_MAX ||
			memcmp(head + HELD_ID_AT, raw, SEALED_ID) != 0) {
		close(opened);
		return fail_form(error);
	}
	*fd = opened;
	return WARD_OK;
}

static int by_age(const void *a, const void *b)
{
	const struct held_facts *left = a, *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return strcmp(left->id, right->id);
}

/* Adds one to a growing array; false without memory. */
static bool add_facts(struct held_facts **at, size_t *count, size_t *room,
		const struct held_facts *facts)
{
	if (*count == *room) {
		size_t more = *room ? 2 * *room : 64;
		struct held_facts *grown = realloc(*at, more * sizeof(**at));

		if (!grown)
			return false;
		*at = grown;
		*room = more;
	}
	(*at)[(*count)++] = *facts;
	return true;
}

ward_err held_list(const char *folder, bool (*each)(void *context, const struct held_facts *facts),
		void *context, struct ward_error *error)
{
	DIR *entries = opendir(folder);
	struct held_facts *all = NULL;
	size_t count = 0, room = 0;
	struct dirent *entry;
	ward_err err = WARD_OK;

	if (!entries)
		return ward_fail(error, errno == ENOENT ? WARD_E_NOT_FOUND : WARD_E_IO,
				"cannot open the quarantine %s: %s", folder, strerror(errno));
	while (!err && (entry = readdir(entries)) != NULL) {
		struct held_facts facts = { .at = 0 };
		uint8_t head[HELD_HEAD];
		int fd;

		if (strlen(entry->d_name) != HELD_ID_TEXT - 1 + 5 ||
				strcmp(entry->d_name + HELD_ID_TEXT - 1, ".held") != 0)
			continue;
		memcpy(facts.id, entry->d_name, HELD_ID_TEXT - 1);
		if (open_held(folder, facts.id, &fd, head, NULL) != WARD_OK)
			continue;
		close(fd);
		facts.at = (int64_t)get_le(head + HELD_TIME_AT, 8);
		facts.bytes = get_le(head + HELD_SIZE_AT, 8);
		if (!add_facts(&all, &count, &room, &facts))
			err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	closedir(entries);
	if (!err && count > 0)
		qsort(all, count, sizeof(*all), by_age);
	for (size_t i = 0; !err && i < count && each(context, &all[i]); i++)
		;
	free(all);
	return err;
}

/* ---- opening ---- */

static ward_err unwrap(int fd, const uint8_t head[HELD_HEAD], const char *id,
		const uint8_t secret[PAIR_KEY], struct sealed_name *name, struct ward_error *error)
{
	uint8_t public_key[PAIR_KEY], wrapped[HELD_WRAPPED];

	crypto_scalarmult_base(public_key, secret);
	for (size_t i = 0; i < head[HELD_COUNT_AT]; i++) {
		struct held_purpose purpose;
		ward_err err = file_read_at(fd, HELD_HEAD + i * HELD_WRAPPED, wrapped,
				sizeof(wrapped), error);

		if (err)
			return fail_form(error);
		held_purpose_of(&purpose, id, public_key);
		if (memcmp(wrapped, public_key, PAIR_KEY) == 0 &&
				wrap_open((ward_bytes){ wrapped + PAIR_KEY, WRAP_SIZE },
						&purpose.purpose, public_key, secret, name->key)) {
			memcpy(name->id, head + HELD_ID_AT, SEALED_ID);
			return WARD_OK;
		}
	}
	return ward_fail(error, WARD_E_DENIED, "this key opens none of what is held under this id");
}

/* Takes the plain bytes apart: the meta first, and the rest is the original. */
struct opening {
	struct held_bytes from;
	int to; /* -1: nowhere */
	uint8_t meta[HELD_META_MAX];
	size_t fixed; /* so long is the part of it that is always as long */
	size_t meta_len;
	bool meta_done;
	uint64_t bytes;
	EVP_MD_CTX *sha256;
};

ward_err held_bytes_read(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error)
{
	struct held_bytes *bytes = context;
	ssize_t got;

	do {
		got = pread(bytes->fd, into, room, (off_t)bytes->at);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return ward_fail(error, WARD_E_IO, "the held file cannot be read: %s",
				strerror(errno));
	bytes->at += (uint64_t)got;
	*len = (size_t)got;
	return WARD_OK;
}

static size_t path_len(const struct opening *opening)
{
	return (size_t)get_le(opening->meta + 36, 4);
}

static ward_bytes attributes_of(const struct opening *opening)
{
	size_t from = opening->fixed + path_len(opening);

	return (ward_bytes){ opening->meta + from, opening->meta_len - from };
}

/* How long the meta is, once its fixed part is there; 0: it makes no sense. */
static size_t meta_size(const struct opening *opening)
{
	size_t path = path_len(opening);
	uint64_t attributes = opening->fixed < HELD_META ? 0 : get_le(opening->meta + 40, 4);

	if (path == 0 || path >= HELD_PATH_MAX || attributes > HELD_ATTRIBUTES_MAX)
		return 0;
	return opening->fixed + path + (size_t)attributes;
}

static ward_err take_plain(void *context, ward_bytes plain, struct ward_error *error)
{
	struct opening *opening = context;

	while (!opening->meta_done && plain.len > 0) {
		size_t want = opening->meta_len < opening->fixed ? opening->fixed
								 : meta_size(opening);

		if (want == 0)
			return fail_form(error);
		size_t some = want - opening->meta_len;

		if (some > plain.len)
			some = plain.len;
		memcpy(opening->meta + opening->meta_len, plain.ptr, some);
		opening->meta_len += some;
		plain.ptr += some;
		plain.len -= some;
		opening->meta_done = opening->meta_len > opening->fixed &&
				     opening->meta_len == meta_size(opening);
	}
	opening->bytes += plain.len;
	EVP_DigestUpdate(opening->sha256, plain.ptr, plain.len);
	return opening->to < 0 || plain.len == 0
			       ? WARD_OK
			       : file_write_all(opening->to, plain.ptr, plain.len, error);
}

static ward_err take_meta(const struct opening *opening, struct held_meta *meta,
		struct ward_error *error)
{
	const uint8_t *from = opening->meta;
	struct held_meta read = { .mode = (uint32_t)get_le(from, 4) & 07777,
		.uid = (uint32_t)get_le(from + 4, 4),
		.gid = (uint32_t)get_le(from + 8, 4),
		.mtime_s = (int64_t)get_le(from + 12, 8),
		.mtime_ns = (int64_t)get_le(from + 20, 4),
		.atime_s = (int64_t)get_le(from + 24, 8),
		.atime_ns = (int64_t)get_le(from + 32, 4) };

	if (!opening->meta_done || memchr(from + opening->fixed, '\0', path_len(opening)))
		return fail_form(error);
	memcpy(read.path, from + opening->fixed, path_len(opening));
	if (opening->fixed == HELD_META)
		read.attributes_lost = (uint32_t)get_le(from + 44, 4);
	*meta = read;
	return WARD_OK;
}

/* `attributes`, from malloc, when it is given. */
static ward_err open_sealed(const char *folder, const char *id, const uint8_t secret[PAIR_KEY],
		int to, struct held_meta *meta, struct ward_buf *attributes, uint8_t sha256[32],
		struct ward_error *error)
{
	struct opening *opening = calloc(1, sizeof(*opening));
	struct sealed_totals totals;
	struct sealed_name name;
	uint8_t head[HELD_HEAD];
	int fd = -1;
	ward_err err = WARD_OK;

	if (!opening || (opening->sha256 = EVP_MD_CTX_new()) == NULL)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err)
		err = open_held(folder, id, &fd, head, error);
	if (!err)
		err = unwrap(fd, head, id, secret, &name, error);
	if (!err) {
		opening->from.fd = fd;
		opening->to = to;
		opening->fixed = head[HELD_VERSION_AT] == 1 ? HELD_META_1 : HELD_META;
		opening->from.at = HELD_HEAD + (uint64_t)head[HELD_COUNT_AT] * HELD_WRAPPED;
		EVP_DigestInit_ex(opening->sha256, EVP_sha256(), NULL);
		err = sealed_open(&name, held_bytes_read, &opening->from, take_plain, opening,
				&totals, error);
		sodium_memzero(&name, sizeof(name));
	}
	if (!err && opening->bytes != get_le(head + HELD_SIZE_AT, 8))
		err = fail_form(error);
	if (!err)
		err = take_meta(opening, meta, error);
	if (!err && attributes)
		ward_buf_add(attributes, attributes_of(opening).ptr, attributes_of(opening).len);
	if (!err)
		EVP_DigestFinal_ex(opening->sha256, sha256, NULL);
	if (fd >= 0)
		close(fd);
	if (opening)
		EVP_MD_CTX_free(opening->sha256);
	free(opening);
	return err;
}

ward_err held_read(const char *folder, const char *id, const uint8_t secret[PAIR_KEY], int fd,
		struct held_meta *meta, struct ward_error *error)
{
	uint8_t sha256[32];

	if (sodium_init() < 0)
		return ward_fail(error, WARD_E_NOMEM, "libsodium does not start");
	return open_sealed(folder, id, secret, fd, meta, NULL, sha256, error);
}

/* ---- giving back ---- */

/* Looks through the lines of a file however long it has grown, a block at a time. */
static bool has_line(int fd, ward_str line)
{
	static const size_t room = BLOCK;
	char *block = malloc(room);
	struct held_bytes from = { fd, 0 };
	size_t kept = 0, len = 0;
	bool found = false;

	while (block && !found &&
			held_bytes_read(&from, (uint8_t *)block + kept, room - kept, &len, NULL) ==
					WARD_OK &&
			len > 0) {
		ward_str rest = { block, kept + len };

		while (!found && rest.len > 0 && memchr(rest.ptr, '\n', rest.len))
			found = ward_str_eq(ward_str_cut(&rest, '\n'), line);
		/* What begins a line is read on; a line that no block holds is none of ours. */
		kept = rest.len < room ? rest.len : 0;
		memmove(block, rest.ptr, kept);
	}
	free(block);
	return found;
}

bool held_is_restored(const char *folder, const uint8_t sha256[32])
{
	char path[HELD_PATH_MAX], digits[LINE];

	if (folder_path(folder, "restored", path, NULL) != WARD_OK)
		return false;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return false;
	ward_hex_format(sha256, 32, digits);
	bool found = has_line(fd, ward_str_from(digits));

	close(fd);
	return found;
}

/* A line that was cut off by a loss of power would swallow the next one. */
static bool ends_torn(int fd)
{
	char last = '\n';
	off_t size = lseek(fd, 0, SEEK_END);

	return size > 0 && (pread(fd, &last, 1, size - 1) != 1 || last != '\n');
}

static ward_err say_restored(const char *folder, const uint8_t sha256[32], struct ward_error *error)
{
	char path[HELD_PATH_MAX], line[1 + LINE + 1] = "\n";
	ward_err err = folder_path(folder, "restored", path, error);

	if (err || held_is_restored(folder, sha256))
		return err;
	ward_hex_format(sha256, 32, line + 1);
	memcpy(line + LINE, "\n", 2);
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return ward_fail(error, WARD_E_IO, "cannot write %s: %s", path, strerror(errno));
	size_t from = ends_torn(fd) ? 0 : 1;

	err = file_write_all(fd, line + from, LINE + 1 - from, error);
	if (!err && fsync(fd) < 0)
		err = ward_fail(error, WARD_E_IO, "cannot sync %s: %s", path, strerror(errno));
	close(fd);
	return err;
}

static ward_err settle(int fd, struct held_meta *meta, const struct ward_buf *attributes,
		struct ward_error *error)
{
	const struct timespec times[2] = {
		{ .tv_sec = meta->atime_s, .tv_nsec = (long)meta->atime_ns % 1000000000 },
		{ .tv_sec = meta->mtime_s, .tv_nsec = (long)meta->mtime_ns % 1000000000 },
	};
	/* Who is not root can give a file to nobody else; the bytes are what matters.  Bits that
	 * lend the owner's rights go only with the owner. */
	bool owned = fchown(fd, meta->uid, meta->gid) == 0;

	/* The access list before the mode, which is the last word on what it lets in. */
	meta->attributes_lost += held_attributes_give(fd,
			(ward_bytes){ (const uint8_t *)attributes->ptr, attributes->len }, owned);
	if (fchmod(fd, (mode_t)(owned ? meta->mode : meta->mode & 0777)) < 0 ||
			futimens(fd, times) < 0 || fsync(fd) < 0)
		return ward_fail(error, WARD_E_IO, "the file cannot be made as it was: %s",
				strerror(errno));
	return WARD_OK;
}

struct giving {
	int folder; /* of the place it goes to */
	const char *name;
	int fd;
};

static ward_err open_place(struct giving *giving, const char *path, bool chosen,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	/* A place that the person named is theirs to answer for. */
	if (chosen) {
		giving->folder = AT_FDCWD;
		giving->name = path;
	} else {
		err = place_folder(path, &giving->folder, &giving->name, error);
	}
	if (err)
		return err;
	giving->fd = openat(giving->folder, giving->name,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (giving->fd >= 0)
		return WARD_OK;
	err = ward_fail(error, errno == EEXIST ? WARD_E_EXISTS : WARD_E_IO,
			"the file cannot be made at its place: %s", strerror(errno));
	if (giving->folder >= 0)
		close(giving->folder);
	return err;
}

/* The new name is there after a loss of power as well. */
static ward_err sync_place(const struct giving *giving, struct ward_error *error)
{
	char parent[HELD_PATH_MAX] = ".";
	const char *slash = strrchr(giving->name, '/');

	if (giving->folder >= 0)
		return fsync(giving->folder) == 0
				       ? WARD_OK
				       : ward_fail(error, WARD_E_IO,
							 "the file's folder cannot be synced: %s",
							 strerror(errno));
	if (slash) {
		size_t len = slash == giving->name ? 1 : (size_t)(slash - giving->name);

		if (len >= sizeof(parent))
			return ward_fail(error, WARD_E_LIMIT, "the path is too long");
		memcpy(parent, giving->name, len);
		parent[len] = '\0';
	}
	return file_sync_folder(parent, error);
}

static void close_place(struct giving *giving, bool good)
{
	close(giving->fd);
	if (!good)
		(void)unlinkat(giving->folder, giving->name, 0);
	if (giving->folder >= 0)
		close(giving->folder);
}

ward_err held_restore(const char *folder, const char *id, const uint8_t secret[PAIR_KEY],
		const char *to, bool keep, struct held_meta *meta, struct ward_error *error)
{
	struct giving giving;
	struct ward_buf attributes;
	uint8_t sha256[32];
	char path[HELD_PATH_MAX];
	ward_err err = held_read(folder, id, secret, -1, meta, error);

	if (!err)
		err = held_path(folder, id, ".held", path, error);
	if (!err)
		err = open_place(&giving, to ? to : meta->path, to != NULL, error);
	if (err)
		return err;
	ward_buf_init(&attributes, HELD_ATTRIBUTES_MAX);
	err = open_sealed(folder, id, secret, giving.fd, meta, &attributes, sha256, error);
	/* Before it is whole on the disk, which takes its time: an agent that looks is told. */
	if (!err)
		err = say_restored(folder, sha256, error);
	if (!err)
		err = settle(giving.fd, meta, &attributes, error);
	ward_buf_free(&attributes);
	if (!err)
		err = sync_place(&giving, error);
	close_place(&giving, !err);
	if (!err && !keep && unlink(path) < 0)
		err = ward_fail(error, WARD_E_IO, "the sealed copy cannot be removed: %s",
				strerror(errno));
	return err;
}
