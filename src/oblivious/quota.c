#include "oblivious/quota.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct count {
	char name[OBLIVIOUS_QUOTA_NAME]; /* "" is a free place */
	int64_t since;
	uint32_t asked;
};

struct oblivious_quota {
	pthread_mutex_t mutex;
	uint32_t per_hour;
	struct count counts[OBLIVIOUS_QUOTA_KEYS];
};

struct oblivious_quota *oblivious_quota_new(uint32_t per_hour)
{
	struct oblivious_quota *quota = calloc(1, sizeof(*quota));

	if (!quota)
		return NULL;
	quota->per_hour = per_hour;
	pthread_mutex_init(&quota->mutex, NULL);
	return quota;
}

void oblivious_quota_free(struct oblivious_quota *quota)
{
	if (!quota)
		return;
	pthread_mutex_destroy(&quota->mutex);
	free(quota);
}

/* A clock that was set back begins the hour again, rather than make it a long one. */
static bool is_over(const struct count *count, int64_t now)
{
	return now < count->since || now - count->since >= OBLIVIOUS_QUOTA_S;
}

/* The key's count, or a place for one; NULL when there is none. */
static struct count *find(struct oblivious_quota *quota, const char *name, int64_t now)
{
	struct count *free_place = NULL;

	for (size_t i = 0; i < OBLIVIOUS_QUOTA_KEYS; i++) {
		struct count *count = &quota->counts[i];

		if (strncmp(count->name, name, OBLIVIOUS_QUOTA_NAME - 1) == 0)
			return count;
		if (!free_place && (!count->name[0] || is_over(count, now)))
			free_place = count;
	}
	if (free_place) {
		*free_place = (struct count){ .since = now };
		size_t len = strnlen(name, OBLIVIOUS_QUOTA_NAME - 1);

		memcpy(free_place->name, name, len);
	}
	return free_place;
}

uint32_t oblivious_quota_take(struct oblivious_quota *quota, const char *name, int64_t now)
{
	uint32_t wait = 0;

	pthread_mutex_lock(&quota->mutex);
	struct count *count = find(quota, name, now);

	if (count && is_over(count, now)) {
		count->since = now;
		count->asked = 0;
	}
	if (!count)
		wait = 60;
	else if (count->asked >= quota->per_hour)
		wait = (uint32_t)(OBLIVIOUS_QUOTA_S - (now - count->since));
	else
		count->asked++;
	pthread_mutex_unlock(&quota->mutex);
	return wait;
}
