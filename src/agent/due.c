#include "agent/due.h"

#include <limits.h>
#include <stdlib.h>

enum { BUCKETS = 4096, PATIENCE = 10 };

struct entry {
	struct entry *next, *before; /* in the order they were heard of, the oldest first */
	struct entry *chain;
	uint64_t first_ms, last_ms;
	uint64_t hash;
	char path[];
};

struct due {
	struct entry *first, *last;
	struct entry *buckets[BUCKETS];
	size_t count, max;
	uint32_t settle_ms;
};

struct due *due_new(uint32_t settle_ms, size_t max)
{
	struct due *due = calloc(1, sizeof(*due));

	if (due) {
		due->settle_ms = settle_ms;
		due->max = max;
	}
	return due;
}

void due_free(struct due *due)
{
	while (due && due->first) {
		struct entry *next = due->first->next;

		free(due->first);
		due->first = next;
	}
	free(due);
}

/* FNV-1a: a chain that somebody makes long on purpose is bounded by `max`. */
static uint64_t hash_of(const char *path)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *path; path++)
		hash = (hash ^ (uint8_t)*path) * 0x100000001b3;
	return hash;
}

static void unlink_entry(struct due *due, struct entry *entry)
{
	*(entry->before ? &entry->before->next : &due->first) = entry->next;
	*(entry->next ? &entry->next->before : &due->last) = entry->before;
}

static void put_last(struct due *due, struct entry *entry)
{
	entry->next = NULL;
	entry->before = due->last;
	*(due->last ? &due->last->next : &due->first) = entry;
	due->last = entry;
}

bool due_touch(struct due *due, const char *path, uint64_t now_ms)
{
	uint64_t hash = hash_of(path);
	struct entry **bucket = &due->buckets[hash % BUCKETS];
	struct entry *entry = *bucket;

	while (entry && (entry->hash != hash || strcmp(entry->path, path) != 0))
		entry = entry->chain;
	if (entry) {
		/* One that never rests keeps its place, and so comes up. */
		if (now_ms - entry->first_ms < (uint64_t)PATIENCE * due->settle_ms) {
			entry->last_ms = now_ms;
			unlink_entry(due, entry);
			put_last(due, entry);
		}
		return true;
	}
	size_t len = strlen(path) + 1;

	if (due->count == due->max || (entry = malloc(sizeof(*entry) + len)) == NULL)
		return false;
	*entry = (struct entry){ .chain = *bucket,
		.first_ms = now_ms,
		.last_ms = now_ms,
		.hash = hash };
	memcpy(entry->path, path, len);
	*bucket = entry;
	put_last(due, entry);
	due->count++;
	return true;
}

int due_wait(const struct due *due, uint64_t now_ms)
{
	if (!due->first)
		return -1;
	uint64_t at = due->first->last_ms + due->settle_ms;
	uint64_t left = at > now_ms ? at - now_ms : 0;

	return left < INT_MAX ? (int)left : INT_MAX;
}

char *due_take(struct due *due, uint64_t now_ms)
{
	struct entry *entry = due->first;

	if (!entry || due_wait(due, now_ms) > 0)
		return NULL;
	char *path = strdup(entry->path);

	/* Without memory it stays. */
	if (!path)
		return NULL;
	struct entry **link = &due->buckets[entry->hash % BUCKETS];

	while (*link != entry)
		link = &(*link)->chain;
	*link = entry->chain;
	unlink_entry(due, entry);
	due->count--;
	free(entry);
	return path;
}

size_t due_count(const struct due *due)
{
	return due->count;
}
