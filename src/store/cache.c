#include "store/cache.h"

#include <assert.h>

/* FNV-1a: a text of 200 bytes takes 0.2 microseconds, and the texts are our own. */
static uint64_t hash_of(const char *sql, const char *kinds)
{
	uint64_t hash = 14695981039346656037u;

	for (const char *at = sql; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 1099511628211u;
	for (const char *at = kinds; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 1099511628211u;
	return hash;
}

struct statement *cache_find(struct cache *cache, const char *sql, const char *kinds)
{
	uint64_t hash = hash_of(sql, kinds);

	for (size_t i = 0; i < cache->count; i++) {
		struct statement *statement = cache->at[i];

		if (statement->hash == hash && !statement->busy &&
				strcmp(statement->sql, sql) == 0 &&
				strcmp(statement->kinds, kinds) == 0) {
			statement->used = ++cache->turn;
			return statement;
		}
	}
	return NULL;
}

struct statement *cache_oldest(struct cache *cache, bool *full)
{
	struct statement *oldest = NULL;

	*full = false;
	if (cache->count < CACHE_MAX)
		return NULL;
	for (size_t i = 0; i < cache->count; i++) {
		struct statement *statement = cache->at[i];

		if (!statement->busy && (!oldest || statement->used < oldest->used))
			oldest = statement;
	}
	*full = !oldest;
	return oldest;
}

static void free_statement(struct statement *statement)
{
	free(statement->sql);
	free(statement->kinds);
	free(statement);
}

void cache_remove(struct cache *cache, struct statement *statement)
{
	size_t i = 0;

	while (cache->at[i] != statement)
		i++;
	cache->at[i] = cache->at[--cache->count];
	free_statement(statement);
}

struct statement *cache_add(struct cache *cache, const char *sql, const char *kinds)
{
	struct statement *made = calloc(1, sizeof(*made));

	assert(cache->count < CACHE_MAX);
	if (!made)
		return NULL;
	made->sql = strdup(sql);
	made->kinds = strdup(kinds);
	if (!made->sql || !made->kinds) {
		free_statement(made);
		return NULL;
	}
	made->hash = hash_of(sql, kinds);
	made->used = ++cache->turn;
	cache->at[cache->count++] = made;
	return made;
}
