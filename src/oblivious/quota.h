/*
 * quota.h - how many questions a key may ask in an hour
 *
 * Each question is as many guesses at the list as a batch has places, whatever
 * the asker does with them; so the quota, and nothing else, is what makes
 * copying the list by guessing slow.  A key has its own count, which begins
 * with its first question and is empty again an hour later.  Counts are kept
 * in memory by the key's name alone; with the table of keys full, those whose
 * hour is over go first, and then a new key has to wait.
 *
 * Any thread may call.
 */
#ifndef OBLIVIOUS_QUOTA_H
#define OBLIVIOUS_QUOTA_H

#include <ward/base.h>

enum { OBLIVIOUS_QUOTA_KEYS = 1024, OBLIVIOUS_QUOTA_NAME = 64, OBLIVIOUS_QUOTA_S = 3600 };

struct oblivious_quota;

struct oblivious_quota *oblivious_quota_new(uint32_t per_hour); /* NULL without memory */
void oblivious_quota_free(struct oblivious_quota *quota);
/* Takes one question; 0, or the seconds until there is one again. */
uint32_t oblivious_quota_take(struct oblivious_quota *quota, const char *name, int64_t now);

#endif
