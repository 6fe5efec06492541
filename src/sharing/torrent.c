/* A .torrent file, by BEP 3 and BEP 52; what is no part of them is passed over. */
#include <ward/sharing.h>

#include "sharing/bencode.h"

#include <stdlib.h>

#define FILES_MAX    ((size_t)1 << 20)
#define PATH_MAX_LEN 4096
#define MEMORY_MAX   ((size_t)512 << 20)
/* A piece is 16 KiB to some megabytes; what is more is no torrent that anybody could use. */
#define ALL_MAX   ((uint64_t)1 << 50) /* bytes of all files */
#define PIECE_MAX ((uint64_t)256 << 20)

struct ward_torrent {
	struct ward_arena arena;
	struct ward_torrent_file *files;
	size_t count, room;
	uint64_t piece;  /* length of one; 0 without version 1 */
	ward_str pieces; /* 20 bytes each */
	ward_signal signals[2];
	size_t signal_count;
	uint64_t offset; /* of the next file */
	struct ward_error why;
};

static ward_err no_torrent(const char *why, struct ward_error *error)
{
	return ward_fail(error, WARD_E_FORMAT, "this is no torrent: %s", why);
}

/* ---- files ---- */

static ward_err add_file(struct ward_torrent *torrent, struct ward_torrent_file **file,
		struct ward_error *error)
{
	if (torrent->count == FILES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "the torrent has more than %zu files",
				FILES_MAX);
	if (torrent->count == torrent->room) {
		size_t room = torrent->room ? torrent->room * 2 : 16;
		struct ward_torrent_file *grown =
				realloc(torrent->files, room * sizeof(*torrent->files));

		if (!grown)
			return ward_fail(error, WARD_E_NOMEM, "no memory for a torrent");
		torrent->files = grown;
		torrent->room = room;
	}
	*file = &torrent->files[torrent->count++];
	**file = (struct ward_torrent_file){ .path = WARD_STR("") };
	return WARD_OK;
}

static ward_err set_path(struct ward_torrent *torrent, struct ward_torrent_file *file,
		struct ward_buf *path, struct ward_error *error)
{
	file->path = ward_arena_str(&torrent->arena, ward_buf_text(path));
	return file->path.ptr ? WARD_OK
			      : ward_fail(error, WARD_E_NOMEM, "no memory for a torrent's names");
}

static void add_step(struct ward_buf *path, ward_str step)
{
	if (path->len > 0)
		ward_buf_char(path, '/');
	if (path->len + step.len < PATH_MAX_LEN)
		ward_buf_str(path, step);
}

static void add_signal(struct ward_torrent_file *file, ward_signal_kind kind, ward_str bytes)
{
	ward_signal *signal = &file->signals[file->signal_count];

	if (file->signal_count == 4 || bytes.len != ward_signal_size(kind))
		return;
	*signal = (ward_signal){ .kind = kind };
	memcpy(signal->bytes, bytes.ptr, bytes.len);
	file->signal_count++;
}

/* Clients put these beside a file's length: bytes, but of md5sum, which is 32 digits. */
static void add_digests(struct ward_torrent_file *file, struct bencode of)
{
	ward_str text = { "", 0 };
	uint8_t md5[16];

	if (bencode_text(bencode_get(of, "md5sum"), &text) && text.len == 32 &&
			ward_hex_parse(text, md5, sizeof(md5)))
		add_signal(file, WARD_SIGNAL_MD5, (ward_str){ (const char *)md5, sizeof(md5) });
	if (bencode_text(bencode_get(of, "sha1"), &text))
		add_signal(file, WARD_SIGNAL_SHA1, text);
	if (bencode_text(bencode_get(of, "ed2k"), &text))
		add_signal(file, WARD_SIGNAL_ED2K, text);
}

/* ---- version 1 ---- */

static ward_err add_file_1(struct ward_torrent *torrent, struct bencode of, ward_str name,
		struct ward_error *error)
{
	struct ward_torrent_file *file = NULL;
	struct bencode steps = bencode_get(of, "path"), step;
	struct bencode_walk walk = { NULL };
	struct ward_buf path;
	ward_str text = { "", 0 }, key = { "", 0 };
	uint64_t bytes;
	ward_err err;

	if (!bencode_size(bencode_get(of, "length"), &bytes) || bytes > ALL_MAX ||
			torrent->offset + bytes > ALL_MAX)
		return no_torrent("a file has no length, or too much of it", error);
	err = add_file(torrent, &file, error);
	if (err)
		return err;
	ward_buf_init(&path, 2 * PATH_MAX_LEN);
	if (name.len > 0)
		add_step(&path, name);
	while (path.len < PATH_MAX_LEN && bencode_next(steps, &walk, &key, &step)) {
		if (bencode_text(step, &text))
			add_step(&path, text);
	}
	err = set_path(torrent, file, &path, error);
	ward_buf_free(&path);
	file->bytes = bytes;
	file->offset = torrent->offset;
	/* BEP 47: attributes, of which p is padding. */
	file->padding = bencode_text(bencode_get(of, "attr"), &text) &&
			memchr(text.ptr, 'p', text.len);
	if (!file->padding)
		add_digests(file, of);
	torrent->offset += bytes;
	return err;
}

static ward_err read_1(struct ward_torrent *torrent, struct bencode info, ward_str name,
		struct ward_error *error)
{
	struct bencode files = bencode_get(info, "files"), one;
	struct bencode_walk walk = { NULL };
	ward_str key = { "", 0 };
	ward_err err = WARD_OK;

	if (!bencode_size(bencode_get(info, "piece length"), &torrent->piece) ||
			torrent->piece == 0 || torrent->piece > PIECE_MAX) {
		torrent->piece = 0;
		return no_torrent("its pieces have no length", error);
	}
	if (!bencode_is_list(files))
		return add_file_1(torrent, info, name, error);
	while (!err && bencode_next(files, &walk, &key, &one))
		err = add_file_1(torrent, one, WARD_STR(""), error);
	return err;
}

/* ---- version 2 ---- */

static ward_err add_file_2(struct ward_torrent *torrent, struct bencode of, struct ward_buf *path,
		struct ward_error *error)
{
	struct ward_torrent_file *file = NULL;
	ward_str root = { "", 0 };
	uint64_t bytes;
	ward_err err;

	if (!bencode_size(bencode_get(of, "length"), &bytes))
		return no_torrent("a file has no length", error);
	err = add_file(torrent, &file, error);
	if (!err)
		err = set_path(torrent, file, path, error);
	if (err)
		return err;
	file->bytes = bytes;
	if (bencode_text(bencode_get(of, "pieces root"), &root))
		add_signal(file, WARD_SIGNAL_BTROOT, root);
	return WARD_OK;
}

/*
 * A tree of names, at most BENCODE_DEPTH_MAX deep: under the empty name lies what is told of the
 * file.  `walks` and `trees` are the way down to here.
 */
static ward_err read_tree(struct ward_torrent *torrent, struct bencode tree,
		struct ward_error *error)
{
	struct bencode trees[BENCODE_DEPTH_MAX + 1] = { tree };
	struct bencode_walk walks[BENCODE_DEPTH_MAX + 1] = { { NULL } };
	size_t lengths[BENCODE_DEPTH_MAX + 1] = { 0 };
	struct ward_buf path;
	int depth = 0;
	ward_err err = WARD_OK;

	ward_buf_init(&path, 2 * PATH_MAX_LEN);
	while (!err && depth >= 0) {
		struct bencode value;
		ward_str name = { "", 0 };

		path.len = lengths[depth];
		if (!bencode_next(trees[depth], &walks[depth], &name, &value)) {
			depth--;
		} else if (name.len == 0) {
			err = add_file_2(torrent, value, &path, error);
		} else if (bencode_is_dict(value) && depth < BENCODE_DEPTH_MAX) {
			add_step(&path, name);
			depth++;
			trees[depth] = value;
			walks[depth].next = NULL;
			lengths[depth] = path.len;
		}
	}
	ward_buf_free(&path);
	return err;
}

/* ---- both ---- */

/* The next file of version 1 that is nobody's padding. */
static size_t next_real(const struct ward_torrent *torrent, size_t at, size_t end)
{
	while (at < end && torrent->files[at].padding)
		at++;
	return at;
}

/* Whether version 2 tells of the same files in the same order. */
static bool are_same(const struct ward_torrent *torrent, size_t first_2)
{
	size_t at = next_real(torrent, 0, first_2);

	for (size_t i = first_2; i < torrent->count; i++) {
		const struct ward_torrent_file *told = &torrent->files[i];

		if (at == first_2 || torrent->files[at].bytes != told->bytes ||
				!ward_str_eq(torrent->files[at].path, told->path))
			return false;
		at = next_real(torrent, at + 1, first_2);
	}
	return at == first_2;
}

/* A torrent of both versions tells of its files twice: the roots go to those of version 1. */
static void join_versions(struct ward_torrent *torrent, size_t first_2)
{
	size_t at = next_real(torrent, 0, first_2);

	if (!are_same(torrent, first_2))
		return;
	for (size_t i = first_2; i < torrent->count; i++) {
		const struct ward_torrent_file *told = &torrent->files[i];

		if (told->signal_count > 0)
			add_signal(&torrent->files[at], WARD_SIGNAL_BTROOT,
					(ward_str){ (const char *)told->signals[0].bytes, 32 });
		at = next_real(torrent, at + 1, first_2);
	}
	torrent->count = first_2;
}

static void add_own(struct ward_torrent *torrent, ward_signal_kind kind, const uint8_t *bytes)
{
	ward_signal *signal = &torrent->signals[torrent->signal_count++];

	*signal = (ward_signal){ .kind = kind };
	memcpy(signal->bytes, bytes, ward_signal_size(kind));
}

static ward_err read_info(struct ward_torrent *torrent, struct bencode info,
		struct ward_error *error)
{
	struct ward_digests digests;
	ward_str name = { "", 0 };
	uint64_t version = 1;
	struct bencode tree = bencode_get(info, "file tree");
	bool is_2 = bencode_size(bencode_get(info, "meta version"), &version) && version == 2 &&
		    bencode_is_dict(tree);
	bool is_1 = bencode_text(bencode_get(info, "pieces"), &torrent->pieces);
	size_t first_2;
	ward_err err;

	if (!is_1 && !is_2)
		return no_torrent("it has no pieces", error);
	err = ward_digest((ward_bytes){ info.at, (size_t)(info.end - info.at) }, &digests)
			      ? ward_fail(error, WARD_E_NOMEM, "no memory to hash a torrent")
			      : WARD_OK;
	if (!err && is_1)
		add_own(torrent, WARD_SIGNAL_BTIH, digests.sha1);
	if (!err && is_2)
		add_own(torrent, WARD_SIGNAL_BTMH, digests.sha256);
	if (!bencode_text(bencode_get(info, "name"), &name))
		name = WARD_STR("");
	if (!err && is_1)
		err = read_1(torrent, info, name, error);
	first_2 = torrent->count;
	if (!err && is_2)
		err = read_tree(torrent, tree, error);
	if (!err && is_1 && is_2)
		join_versions(torrent, first_2);
	return err;
}

ward_err ward_torrent_read(ward_bytes bytes, struct ward_torrent **torrent,
		struct ward_error *error)
{
	struct ward_torrent *made;
	struct bencode whole, info;
	ward_err err;

	if (bytes.len > WARD_TORRENT_BYTES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "a torrent is at most %zu bytes",
				WARD_TORRENT_BYTES_MAX);
	if (!bencode_read(bytes, &whole))
		return no_torrent("it is not well-formed", error);
	info = bencode_get(whole, "info");
	if (!bencode_is_dict(info))
		return no_torrent("it has no description", error);
	made = calloc(1, sizeof(*made));
	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a torrent");
	ward_arena_init(&made->arena, MEMORY_MAX);
	err = read_info(made, info, &made->why);
	if (err && (err == WARD_E_NOMEM || made->signal_count == 0)) {
		(void)ward_fail(error, err, "%s", made->why.message);
		ward_torrent_free(made);
		return err;
	}
	*torrent = made;
	return WARD_OK;
}

void ward_torrent_free(struct ward_torrent *torrent)
{
	if (!torrent)
		return;
	ward_arena_free(&torrent->arena);
	free(torrent->files);
	free(torrent);
}

const struct ward_error *ward_torrent_trouble(const struct ward_torrent *torrent)
{
	return torrent->why.code ? &torrent->why : NULL;
}

size_t ward_torrent_signals(const struct ward_torrent *torrent, ward_signal out[2])
{
	memcpy(out, torrent->signals, sizeof(torrent->signals));
	return torrent->signal_count;
}

size_t ward_torrent_file_count(const struct ward_torrent *torrent)
{
	return torrent->count;
}

const struct ward_torrent_file *ward_torrent_file(const struct ward_torrent *torrent, size_t at)
{
	return &torrent->files[at];
}

/* ---- is this file in it? ---- */

struct finding {
	const struct ward_torrent *torrent;
	ward_torrent_source *source;
	void *context;
	uint64_t size;
	uint8_t *piece;
	bool rooted; /* the file's own btroot is known */
	uint8_t root[32];
};

/* SHA-1 of every whole piece within the file, until one differs. */
static ward_err compare_pieces(struct finding *finding, const struct ward_torrent_file *file,
		struct ward_torrent_match *match, struct ward_error *error)
{
	uint64_t length = finding->torrent->piece;
	uint64_t piece = (file->offset + length - 1) / length;

	for (; (piece + 1) * length <= file->offset + file->bytes; piece++) {
		struct ward_digests digests;
		ward_err err;

		if (piece >= finding->torrent->pieces.len / 20)
			return WARD_OK;
		err = finding->source(finding->context, piece * length - file->offset,
				finding->piece, (size_t)length, error);
		if (!err && ward_digest((ward_bytes){ finding->piece, (size_t)length }, &digests))
			err = ward_fail(error, WARD_E_NOMEM, "no memory to hash a file");
		if (err)
			return err;
		match->pieces++;
		if (memcmp(digests.sha1, finding->torrent->pieces.ptr + piece * 20, 20) != 0)
			return WARD_OK;
		match->equal++;
	}
	return WARD_OK;
}

static ward_err find_root(struct finding *finding, struct ward_error *error)
{
	enum { STEP = 1 << 16 };
	struct ward_sharing_hasher *hasher = ward_sharing_hasher_new();
	uint8_t *step = malloc(STEP);
	struct ward_sharing_hashes hashes;
	ward_err err = hasher && step ? WARD_OK
				      : ward_fail(error, WARD_E_NOMEM, "no memory to hash a file");

	for (uint64_t at = 0; !err && at < finding->size; at += STEP) {
		size_t len = finding->size - at < STEP ? (size_t)(finding->size - at) : STEP;

		err = finding->source(finding->context, at, step, len, error);
		if (!err)
			ward_sharing_hasher_update(hasher, (ward_bytes){ step, len });
	}
	if (!err) {
		ward_sharing_hasher_finish(hasher, &hashes);
		memcpy(finding->root, hashes.btroot, sizeof(finding->root));
		finding->rooted = true;
	}
	ward_sharing_hasher_free(hasher);
	free(step);
	return err;
}

static ward_err compare_root(struct finding *finding, const struct ward_torrent_file *file,
		struct ward_torrent_match *match, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < file->signal_count && !err; i++) {
		if (file->signals[i].kind != WARD_SIGNAL_BTROOT)
			continue;
		if (!finding->rooted)
			err = find_root(finding, error);
		match->root = !err && memcmp(finding->root, file->signals[i].bytes, 32) == 0;
	}
	return err;
}

static bool is_same(const struct ward_torrent_match *match)
{
	return match->root || (match->pieces > 0 && match->equal == match->pieces);
}

ward_err ward_torrent_find(const struct ward_torrent *torrent, uint64_t size,
		ward_torrent_source *source, void *context, struct ward_torrent_match *match,
		bool *found, struct ward_error *error)
{
	struct finding finding = { torrent, source, context, size, NULL, false, { 0 } };
	struct ward_torrent_match best = { .file = SIZE_MAX };
	ward_err err = WARD_OK;

	*found = false;
	if (torrent->piece > 0 && size >= torrent->piece) {
		finding.piece = malloc((size_t)torrent->piece);
		if (!finding.piece)
			return ward_fail(error, WARD_E_NOMEM, "no memory for a piece");
	}
	for (size_t i = 0; i < torrent->count && !err && !*found; i++) {
		const struct ward_torrent_file *file = &torrent->files[i];
		struct ward_torrent_match one = { .file = i };

		if (file->bytes != size || file->padding)
			continue;
		err = compare_root(&finding, file, &one, error);
		if (!err && !one.root && finding.piece)
			err = compare_pieces(&finding, file, &one, error);
		*found = !err && is_same(&one);
		if (best.file == SIZE_MAX || *found || one.equal > best.equal)
			best = one;
	}
	free(finding.piece);
	*match = best;
	return err;
}
