#include "agent/looked.h"

#include "base/file.h"
#include "base/id.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY = crypto_shorthash_KEYBYTES, HEAD = 8 + KEY + 8, PENDING = 512, SLOTS_MIN = 1024 };

static const char magic[8] = { 'W', 'A', 'R', 'D', 'L', 'O', 'O', 'K' };

/* Open addressing, at most three quarters full; 0 is an empty slot. */
struct generation {
	uint64_t *slots;
	size_t slot_count, count;
};

struct looked {
	pthread_mutex_t mutex;
	char path[4096];
	uint8_t key[KEY];
	uint64_t basis, max;
	struct generation young, old;
	uint64_t pending[PENDING];
	size_t pending_count;
	int fd;
};

/* ---- a generation ---- */

static size_t slot_of(const struct generation *generation, uint64_t key)
{
	size_t at = (size_t)(key & (generation->slot_count - 1));

	while (generation->slots[at] != 0 && generation->slots[at] != key)
		at = (at + 1) & (generation->slot_count - 1);
	return at;
}

static bool has(const struct generation *generation, uint64_t key)
{
	return generation->slot_count > 0 && generation->slots[slot_of(generation, key)] == key;
}

static bool grow(struct generation *generation)
{
	struct generation larger = { .count = generation->count };

	larger.slot_count = generation->slot_count ? 2 * generation->slot_count : SLOTS_MIN;
	larger.slots = calloc(larger.slot_count, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < generation->slot_count; i++) {
		uint64_t key = generation->slots[i];

		if (key != 0)
			larger.slots[slot_of(&larger, key)] = key;
	}
	free(generation->slots);
	*generation = larger;
	return true;
}

/* False when it was there, or there is no memory: then it is looked at again. */
static bool add(struct generation *generation, uint64_t key)
{
	if (has(generation, key) ||
			(4 * generation->count >= 3 * generation->slot_count && !grow(generation)))
		return false;
	generation->slots[slot_of(generation, key)] = key;
	generation->count++;
	return true;
}

static void clear(struct generation *generation)
{
	free(generation->slots);
	*generation = (struct generation){ 0 };
}

/* ---- the file ---- */

static void put_le(uint8_t *to, uint64_t value)
{
	for (size_t i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_le(const uint8_t *from)
{
	uint64_t value = 0;

	for (size_t i = 0; i < 8; i++)
		value |= (uint64_t)from[i] << 8 * i;
	return value;
}

/* Without the file nothing is remembered, and all goes on. */
static void begin_file(struct looked *looked)
{
	uint8_t head[HEAD];

	memcpy(head, magic, sizeof(magic));
	memcpy(head + 8, looked->key, KEY);
	put_le(head + 8 + KEY, looked->basis);
	if (looked->fd >= 0)
		close(looked->fd);
	(void)unlink(looked->path);
	looked->fd = open(looked->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (looked->fd >= 0 && file_write_all(looked->fd, head, sizeof(head), NULL) != WARD_OK) {
		close(looked->fd);
		looked->fd = -1;
	}
	looked->pending_count = 0;
}

static void flush(struct looked *looked)
{
	uint8_t bytes[PENDING * 8];

	for (size_t i = 0; i < looked->pending_count; i++)
		put_le(bytes + 8 * i, looked->pending[i]);
	if (looked->fd >= 0 && looked->pending_count > 0 &&
			file_write_all(looked->fd, bytes, 8 * looked->pending_count, NULL) !=
					WARD_OK) {
		/* Half a key would shift all behind it. */
		close(looked->fd);
		looked->fd = -1;
		(void)unlink(looked->path);
	}
	looked->pending_count = 0;
}

static void append(struct looked *looked, uint64_t key)
{
	looked->pending[looked->pending_count++] = key;
	if (looked->pending_count == PENDING)
		flush(looked);
}

/* The young becomes the old, and the file holds what is left. */
static void turn(struct looked *looked)
{
	clear(&looked->old);
	looked->old = looked->young;
	looked->young = (struct generation){ 0 };
	begin_file(looked);
	for (size_t i = 0; i < looked->old.slot_count; i++) {
		if (looked->old.slots[i] != 0)
			append(looked, looked->old.slots[i]);
	}
	flush(looked);
}

static void add_locked(struct looked *looked, uint64_t key, bool write)
{
	if (!add(&looked->young, key))
		return;
	if (write)
		append(looked, key);
	if (looked->young.count > looked->max / 2)
		turn(looked);
}

static bool load(struct looked *looked)
{
	struct file_map map;

	if (file_map_open(looked->path, &map, NULL) != WARD_OK)
		return false;
	bool good = map.len >= HEAD && memcmp(map.ptr, magic, sizeof(magic)) == 0 &&
		    get_le(map.ptr + 8 + KEY) == looked->basis;

	if (good)
		memcpy(looked->key, map.ptr + 8, KEY);
	for (size_t at = HEAD; good && at + 8 <= map.len; at += 8) {
		uint64_t key = get_le(map.ptr + at);

		if (key == 0 || !add(&looked->young, key) || looked->young.count <= looked->max / 2)
			continue;
		/* Older ones stand first. */
		clear(&looked->old);
		looked->old = looked->young;
		looked->young = (struct generation){ 0 };
	}
	off_t whole = (off_t)(HEAD + (map.len - HEAD) / 8 * 8);

	file_map_close(&map);
	if (!good)
		return false;
	/* A torn last key is cut off. */
	looked->fd = open(looked->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	return looked->fd >= 0 && ftruncate(looked->fd, whole) == 0;
}

/* ---- life ---- */

ward_err looked_open(const char *path, uint64_t basis, uint64_t max, struct looked **looked,
		struct ward_error *error)
{
	struct looked *made = calloc(1, sizeof(*made));

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (strlen(path) >= sizeof(made->path)) {
		free(made);
		return ward_fail(error, WARD_E_LIMIT, "the agent's folder has too long a path");
	}
	memcpy(made->path, path, strlen(path) + 1);
	pthread_mutex_init(&made->mutex, NULL);
	made->fd = -1;
	made->max = max;
	made->basis = basis;
	if (!load(made)) {
		clear(&made->young);
		id_random(made->key, KEY);
		begin_file(made);
	}
	*looked = made;
	return WARD_OK;
}

void looked_close(struct looked *looked)
{
	if (!looked)
		return;
	flush(looked);
	if (looked->fd >= 0)
		close(looked->fd);
	clear(&looked->young);
	clear(&looked->old);
	pthread_mutex_destroy(&looked->mutex);
	free(looked);
}

/* ---- use ---- */

uint64_t looked_key(const struct looked *looked, const char *path, const struct stat *st)
{
	uint8_t of_path[8], facts[7 * 8], out[8];

	static_assert(crypto_shorthash_BYTES == 8, "SipHash-2-4");
	crypto_shorthash(of_path, (const uint8_t *)path, strlen(path), looked->key);
	put_le(facts, get_le(of_path));
	put_le(facts + 8, (uint64_t)st->st_ino);
	put_le(facts + 16, (uint64_t)st->st_size);
	put_le(facts + 24, (uint64_t)st->st_mtim.tv_sec);
	put_le(facts + 32, (uint64_t)st->st_mtim.tv_nsec);
	put_le(facts + 40, (uint64_t)st->st_ctim.tv_sec);
	put_le(facts + 48, (uint64_t)st->st_ctim.tv_nsec);
	crypto_shorthash(out, facts, sizeof(facts), looked->key);
	uint64_t key = get_le(out);

	return key != 0 ? key : 1;
}

bool looked_has(struct looked *looked, uint64_t key)
{
	pthread_mutex_lock(&looked->mutex);
	bool young = has(&looked->young, key);
	bool old = !young && has(&looked->old, key);

	if (old)
		add_locked(looked, key, true);
	pthread_mutex_unlock(&looked->mutex);
	return young || old;
}

void looked_add(struct looked *looked, uint64_t key)
{
	pthread_mutex_lock(&looked->mutex);
	add_locked(looked, key, true);
	pthread_mutex_unlock(&looked->mutex);
}

void looked_forget(struct looked *looked, uint64_t basis)
{
	pthread_mutex_lock(&looked->mutex);
	clear(&looked->young);
	clear(&looked->old);
	looked->basis = basis;
	begin_file(looked);
	pthread_mutex_unlock(&looked->mutex);
}

void looked_flush(struct looked *looked)
{
	pthread_mutex_lock(&looked->mutex);
	flush(looked);
	pthread_mutex_unlock(&looked->mutex);
}

uint64_t looked_count(struct looked *looked)
{
	pthread_mutex_lock(&looked->mutex);
	uint64_t count = looked->young.count + looked->old.count;

	pthread_mutex_unlock(&looked->mutex);
	return count;
}
