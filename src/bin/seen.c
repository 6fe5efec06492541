#include "bin/seen.h"

#include <ward/hash.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static const char magic[16] = "ward-state 1\n";

enum { HEADER = sizeof(magic) + sizeof(seen_key) };

struct seen {
	int fd;
	bool was_reset, is_new;
	seen_key *slots; /* of what was there; a power of two, half empty; zero is free */
	size_t mask;
	size_t count;
};

seen_key seen_key_of(ward_bytes bytes)
{
	struct ward_digests digests;
	seen_key key = { { 0 } };

	/* Without memory for a digest the key is one that never was seen: the file is scanned. */
	if (ward_digest(bytes, &digests) == WARD_OK)
		memcpy(key.bytes, digests.sha256, sizeof(key.bytes));
	return key;
}

static bool is_free(const seen_key *key)
{
	static const seen_key none;

	return memcmp(key, &none, sizeof(none)) == 0;
}

/* Where the key is, or the free place where it would be.  Keys are digests: any bits will do. */
static seen_key *find(const struct seen *seen, const seen_key *key)
{
	uint64_t start;

	memcpy(&start, key->bytes, sizeof(start));
	for (size_t i = (size_t)start & seen->mask;; i = (i + 1) & seen->mask) {
		seen_key *slot = &seen->slots[i];

		if (is_free(slot) || memcmp(slot, key, sizeof(*key)) == 0)
			return slot;
	}
}

bool seen_has(const struct seen *seen, seen_key key)
{
	return !is_free(&key) && !is_free(find(seen, &key));
}

bool seen_was_reset(const struct seen *seen)
{
	return seen->was_reset;
}

bool seen_is_new(const struct seen *seen)
{
	return seen->is_new;
}

static ward_err fail_io(struct ward_error *error, const char *what)
{
	return ward_fail(error, WARD_E_IO, "cannot %s the state file: %s", what, strerror(errno));
}

static ward_err start_afresh(struct seen *seen, const seen_key *basis, struct ward_error *error)
{
	uint8_t header[HEADER];

	memcpy(header, magic, sizeof(magic));
	memcpy(header + sizeof(magic), basis, sizeof(*basis));
	if (ftruncate(seen->fd, 0) < 0)
		return fail_io(error, "empty");
	return file_write_all(seen->fd, header, sizeof(header), error);
}

static bool read_exactly(int fd, void *out, size_t len, off_t at)
{
	size_t have = 0;

	while (have < len) {
		ssize_t got = pread(fd, (uint8_t *)out + have, len - have, at + (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

static ward_err make_slots(struct seen *seen, size_t keys, struct ward_error *error)
{
	size_t slots = 16;

	while (slots / 2 < keys)
		slots *= 2;
	seen->slots = calloc(slots, sizeof(*seen->slots));
	seen->mask = slots - 1;
	return seen->slots ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory for the state");
}

static ward_err load(struct seen *seen, size_t keys, struct ward_error *error)
{
	seen_key chunk[1024];
	off_t at = HEADER;

	while (keys > 0) {
		size_t count = keys < 1024 ? keys : 1024;

		if (!read_exactly(seen->fd, chunk, count * sizeof(*chunk), at))
			return fail_io(error, "read");
		for (size_t i = 0; i < count; i++) {
			if (!is_free(&chunk[i]))
				*find(seen, &chunk[i]) = chunk[i];
		}
		keys -= count;
		at += (off_t)(count * sizeof(*chunk));
	}
	return WARD_OK;
}

static ward_err take_up(struct seen *seen, const seen_key *basis, struct ward_error *error)
{
	uint8_t header[HEADER] = { 0 };
	struct stat st;

	if (fstat(seen->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return ward_fail(error, WARD_E_ARGUMENT, "a state file is a regular file");
	/* A header torn in its middle is ours when what is there agrees. */
	size_t have = st.st_size < HEADER ? (size_t)st.st_size : HEADER;
	bool whole = have == HEADER;

	if (!read_exactly(seen->fd, header, have, 0))
		return fail_io(error, "read");
	if (memcmp(header, magic, have < sizeof(magic) ? have : sizeof(magic)) != 0)
		return ward_fail(error, WARD_E_FORMAT,
				"the state file is something else; name another");
	if (!whole || memcmp(header + sizeof(magic), basis, sizeof(*basis)) != 0) {
		seen->was_reset = whole;
		seen->is_new = true;
		ward_err err = start_afresh(seen, basis, error);

		return err ? err : make_slots(seen, 0, error);
	}
	size_t keys = (size_t)(st.st_size - HEADER) / sizeof(seen_key);
	ward_err err = make_slots(seen, keys, error);

	if (!err)
		err = load(seen, keys, error);
	if (!err && ftruncate(seen->fd, (off_t)(HEADER + keys * sizeof(seen_key))) < 0)
		err = fail_io(error, "mend");
	return err;
}

ward_err seen_open(const char *path, seen_key basis, struct seen **seen, struct ward_error *error)
{
	struct seen *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (made->fd < 0)
		err = ward_fail(error, WARD_E_IO, "cannot open %s: %s", path, strerror(errno));
	else if (flock(made->fd, LOCK_EX | LOCK_NB) < 0)
		err = ward_fail(error, WARD_E_CONFLICT, "another scan is using %s", path);
	else
		err = take_up(made, &basis, error);
	if (err) {
		if (made->fd >= 0)
			close(made->fd);
		free(made->slots);
		free(made);
		return err;
	}
	*seen = made;
	return WARD_OK;
}

ward_err seen_add(struct seen *seen, seen_key key, struct ward_error *error)
{
	/* One write of a few bytes with O_APPEND is whole or absent to whoever reads later. */
	return file_write_all(seen->fd, &key, sizeof(key), error);
}

ward_err seen_close(struct seen *seen, struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (!seen)
		return WARD_OK;
	if (fsync(seen->fd) < 0)
		err = fail_io(error, "sync");
	close(seen->fd);
	free(seen->slots);
	free(seen);
	return err;
}
