/*
 * cache.h - the statements that a link has prepared
 *
 * The modules run a few hundred different statements; parsing one costs more
 * than running it.  A statement is found by its text and, where the engine
 * wants it, by the kinds of its values.  One that is busy is not handed out a
 * second time: in SQLite a statement stands on its own rows, so a nested one
 * of the same text is prepared anew.
 */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include <ward/base.h>

enum { CACHE_MAX = 256 };

struct statement {
	char *sql;
	char *kinds;     /* one letter a value; "" where the engine does without */
	void *handle;    /* SQLite: the statement */
	unsigned number; /* PostgreSQL: its name there is "s" and this number */
	bool busy;
	uint64_t hash, used;
};

struct cache {
	struct statement *at[CACHE_MAX];
	size_t count;
	uint64_t turn;
};

/* One that is not busy; NULL when there is none. */
struct statement *cache_find(struct cache *cache, const char *sql, const char *kinds);
/*
 * The one that must go before another is added: the longest unused; NULL when
 * there is room.  `full` is set when all are busy.
 */
struct statement *cache_oldest(struct cache *cache, bool *full);
/* Takes it out and frees it; its handle is the engine's to end. */
void cache_remove(struct cache *cache, struct statement *statement);
/* An empty one; NULL without memory.  There is room. */
struct statement *cache_add(struct cache *cache, const char *sql, const char *kinds);

#endif
