#include "people/people_throttle.h"

#include <pthread.h>
#include <sodium.h>

/*
 * Sets of four entries; which set a name falls into depends on a key that is
 * made at start, so that nobody can choose names that push another's out.
 */
enum { SETS = 4096, WAYS = 4 };

struct entry {
	uint64_t tag; /* 0: free */
	uint32_t failures;
	uint64_t since_us; /* when they were last halved */
	uint64_t next_us;  /* not before */
};

struct people_throttle {
	pthread_mutex_t mutex;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct entry entries[SETS][WAYS];
};

struct people_throttle *people_throttle_new(void)
{
	struct people_throttle *throttle = calloc(1, sizeof(*throttle));

	if (!throttle)
		return NULL;
	pthread_mutex_init(&throttle->mutex, NULL);
	crypto_shorthash_keygen(throttle->key);
	return throttle;
}

void people_throttle_free(struct people_throttle *throttle)
{
	if (!throttle)
		return;
	pthread_mutex_destroy(&throttle->mutex);
	free(throttle);
}

static uint64_t tag_of(const struct people_throttle *throttle, char kind, ward_str text)
{
	uint8_t message[260], digest[crypto_shorthash_BYTES];
	uint64_t tag;
	size_t len = text.len < sizeof(message) - 1 ? text.len : sizeof(message) - 1;

	message[0] = (uint8_t)kind;
	if (len > 0)
		memcpy(message + 1, text.ptr, len);
	crypto_shorthash(digest, message, len + 1, throttle->key);
	memcpy(&tag, digest, sizeof(tag));
	return tag ? tag : 1;
}

static void fade(struct entry *entry, uint64_t now_us)
{
	uint64_t fade_us = (uint64_t)PEOPLE_THROTTLE_FADE_S * 1000000;

	while (entry->failures > 0 && now_us - entry->since_us >= fade_us) {
		entry->failures /= 2;
		entry->since_us += fade_us;
	}
	if (entry->failures == 0)
		entry->since_us = now_us;
}

/* The entry of this tag; made, in the place of the one that failed least, when there is none. */
static struct entry *find(struct people_throttle *throttle, uint64_t tag, uint64_t now_us)
{
	struct entry *set = throttle->entries[tag % SETS], *least = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		fade(&set[i], now_us);
		if (set[i].tag == tag)
			return &set[i];
		if (set[i].failures < least->failures)
			least = &set[i];
	}
	*least = (struct entry){ .tag = tag, .since_us = now_us };
	return least;
}

/* Behind the free ones: 1, 2, 4, ... seconds. */
static uint64_t wait_us(uint32_t failures, uint32_t free_ones)
{
	uint32_t over = failures > free_ones ? failures - free_ones : 0;
	uint64_t seconds = over == 0 ? 0 : over > 9 ? PEOPLE_THROTTLE_WAIT_MAX_S : 1u << (over - 1);

	if (seconds > PEOPLE_THROTTLE_WAIT_MAX_S)
		seconds = PEOPLE_THROTTLE_WAIT_MAX_S;
	return seconds * 1000000;
}

static void count(struct entry *entry, uint32_t free_ones, uint64_t now_us)
{
	if (entry->failures < UINT32_MAX)
		entry->failures++;
	entry->next_us = now_us + wait_us(entry->failures, free_ones);
}

unsigned people_throttle_begin(struct people_throttle *throttle, const struct people_try *what,
		uint64_t now_us)
{
	uint64_t next_us = 0;

	pthread_mutex_lock(&throttle->mutex);
	struct entry *name = what->name.len > 0 ? find(throttle, tag_of(throttle, 'n', what->name),
								  now_us)
						: NULL;
	struct entry *place =
			what->place.len > 0
					? find(throttle, tag_of(throttle, 'p', what->place), now_us)
					: NULL;

	/* Of one set, the second may have taken the first one's place: then it is that one alone.
	 */
	if (name && place && name == place)
		name = NULL;
	if (name && name->next_us > now_us)
		next_us = name->next_us;
	if (place && place->next_us > now_us && place->next_us > next_us)
		next_us = place->next_us;
	if (next_us == 0 && name)
		count(name, PEOPLE_THROTTLE_NAME_FREE, now_us);
	if (next_us == 0 && place)
		count(place, PEOPLE_THROTTLE_PLACE_FREE, now_us);
	pthread_mutex_unlock(&throttle->mutex);
	return next_us == 0 ? 0 : (unsigned)((next_us - now_us + 999999) / 1000000);
}

void people_throttle_success(struct people_throttle *throttle, const struct people_try *what)
{
	uint64_t tags[2] = { what->name.len > 0 ? tag_of(throttle, 'n', what->name) : 0,
		what->place.len > 0 ? tag_of(throttle, 'p', what->place) : 0 };

	pthread_mutex_lock(&throttle->mutex);
	for (size_t t = 0; t < 2; t++) {
		struct entry *set = throttle->entries[tags[t] % SETS];

		for (size_t i = 0; tags[t] && i < WAYS; i++) {
			if (set[i].tag != tags[t])
				continue;
			set[i].failures -= set[i].failures > 0;
			if (t == 0)
				set[i].failures = 0;
			set[i].next_us = 0;
		}
	}
	pthread_mutex_unlock(&throttle->mutex);
}
