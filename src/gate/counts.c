#include "gate/counts.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

/*
 * ROWS: lists times causes times acts, of which few come together.  HOSTS: 64 k a day;
 * what comes when they are full is counted with the few, so that nobody can make it grow.
 */
enum { ROWS_MAX = 2048, HOSTS_MAX = 1 << 16, SLOTS = 2 * HOSTS_MAX, DAY_S = 86400, DAYS = 2 };

struct rows {
	struct gate_count *at;
	size_t count, room;
};

struct host {
	char *name;
	char list[WARD_SITE_NAME_MAX];
	uint64_t count;
	uint32_t seen[GATE_LEAST_MAX]; /* who, under the day's key, until there are enough */
	uint8_t clients;
};

struct day {
	int64_t number;
	struct rows rows;
	struct host *hosts; /* in the order in which they came */
	size_t host_count, host_room;
	uint32_t *slots; /* index + 1 by the hash of the name; 0 is free */
	uint64_t overflow;
	uint8_t key[crypto_shorthash_KEYBYTES];
};

struct gate_counts {
	pthread_mutex_t lock;
	unsigned least;
	struct rows total;
	struct day days[DAYS]; /* by number % DAYS */
};

/* A keyed hash that nobody can aim at: libsodium's SipHash-2-4. */
static uint64_t sip(const uint8_t key[crypto_shorthash_KEYBYTES], ward_bytes bytes)
{
	uint64_t hash;

	crypto_shorthash((uint8_t *)&hash, bytes.ptr, bytes.len, key);
	return hash;
}

/* ---- rows ---- */

static void count_row(struct rows *rows, const char *list, const struct gate_answer *answer)
{
	struct gate_count *grown;
	size_t room;

	for (size_t i = 0; i < rows->count; i++) {
		struct gate_count *row = &rows->at[i];

		if (row->cause == answer->cause && row->act == answer->act &&
				strcmp(row->list, list) == 0) {
			row->count++;
			return;
		}
	}
	if (rows->count == ROWS_MAX)
		return;
	if (rows->count == rows->room) {
		room = rows->room ? 2 * rows->room : 16;
		grown = realloc(rows->at, room * sizeof(*grown));
		if (!grown)
			return;
		rows->at = grown;
		rows->room = room;
	}
	rows->at[rows->count] = (struct gate_count){ .cause = answer->cause,
		.act = answer->act,
		.count = 1 };
	snprintf(rows->at[rows->count].list, sizeof(rows->at->list), "%s", list);
	rows->count++;
}

static size_t copy_rows(const struct rows *rows, struct gate_count *out, size_t max)
{
	size_t count = rows->count < max ? rows->count : max;

	if (count > 0)
		memcpy(out, rows->at, count * sizeof(*out));
	return rows->count;
}

/* ---- days ---- */

static void day_free(struct day *day)
{
	for (size_t i = 0; i < day->host_count; i++)
		free(day->hosts[i].name);
	free(day->hosts);
	free(day->slots);
	free(day->rows.at);
	explicit_bzero(day->key, sizeof(day->key));
	*day = (struct day){ .number = -1 };
}

/* The day's, begun anew when the place is another day's; NULL of a day that has gone by. */
static struct day *day_of(struct gate_counts *counts, int64_t number)
{
	struct day *day = &counts->days[(uint64_t)number % DAYS];

	if (number < 0 || number < day->number)
		return NULL;
	if (day->number != number) {
		day_free(day);
		day->number = number;
		id_random(day->key, sizeof(day->key));
	}
	return day;
}

static const struct day *day_to_read(struct gate_counts *counts, int64_t number)
{
	const struct day *day = &counts->days[(uint64_t)number % DAYS];

	return number >= 0 && day->number == number ? day : NULL;
}

/* ---- hosts ---- */

static uint32_t *slot_of(const struct day *day, ward_str name)
{
	size_t at = sip(day->key, (ward_bytes){ (const uint8_t *)name.ptr, name.len }) % SLOTS;

	while (day->slots[at] != 0 &&
			!ward_str_eq(name, ward_str_from(day->hosts[day->slots[at] - 1].name)))
		at = (at + 1) % SLOTS;
	return &day->slots[at];
}

static bool make_room(struct day *day)
{
	size_t room = day->host_room ? 2 * day->host_room : 64;
	struct host *grown;

	if (!day->slots)
		day->slots = calloc(SLOTS, sizeof(*day->slots));
	if (!day->slots || day->host_count < day->host_room)
		return day->slots != NULL;
	grown = day->host_count < HOSTS_MAX ? realloc(day->hosts, room * sizeof(*grown)) : NULL;
	if (!grown)
		return false;
	day->hosts = grown;
	day->host_room = room;
	return true;
}

static struct host *host_of(struct day *day, ward_str name, const char *list)
{
	bool room = make_room(day);
	uint32_t *slot = day->slots ? slot_of(day, name) : NULL;
	struct host host = { 0 };

	if (!slot)
		return NULL;
	if (*slot != 0)
		return &day->hosts[*slot - 1];
	host.name = room ? strndup(name.ptr, name.len) : NULL;
	if (!host.name)
		return NULL;
	snprintf(host.list, sizeof(host.list), "%s", list);
	day->hosts[day->host_count] = host;
	*slot = (uint32_t)++day->host_count;
	return &day->hosts[day->host_count - 1];
}

static void note_client(const struct day *day, struct host *host, const struct gate_client *client,
		unsigned least)
{
	uint8_t who[17 + GATE_NAME_MAX] = { (uint8_t)client->kind };
	size_t len = client->user.len < GATE_NAME_MAX ? client->user.len : GATE_NAME_MAX;
	uint32_t hash;

	if (host->clients == least)
		return;
	memcpy(who + 1, client->address, 16);
	if (len > 0)
		memcpy(who + 17, client->user.ptr, len);
	hash = (uint32_t)sip(day->key, (ward_bytes){ who, 17 + len });
	for (uint8_t i = 0; i < host->clients; i++) {
		if (host->seen[i] == hash)
			return;
	}
	host->seen[host->clients++] = hash;
	/* Enough: who they were is no longer wanted. */
	if (host->clients == least)
		memset(host->seen, 0, sizeof(host->seen));
}

static void count_host(struct gate_counts *counts, struct day *day, ward_str name, const char *list,
		const struct gate_client *client)
{
	struct host *host = name.len <= GATE_HOST_MAX ? host_of(day, name, list) : NULL;

	if (!host) {
		day->overflow++;
		return;
	}
	host->count++;
	note_client(day, host, client, counts->least);
}

/* ---- the life of it ---- */

struct gate_counts *gate_counts_new(unsigned least)
{
	struct gate_counts *counts = calloc(1, sizeof(*counts));

	if (!counts)
		return NULL;
	pthread_mutex_init(&counts->lock, NULL);
	counts->least = least < 2 ? 2 : least > GATE_LEAST_MAX ? GATE_LEAST_MAX : least;
	for (int i = 0; i < DAYS; i++)
		counts->days[i].number = -1;
	return counts;
}

void gate_counts_free(struct gate_counts *counts)
{
	if (!counts)
		return;
	for (int i = 0; i < DAYS; i++)
		day_free(&counts->days[i]);
	free(counts->total.at);
	pthread_mutex_destroy(&counts->lock);
	free(counts);
}

void gate_counts_add(struct gate_counts *counts, const struct gate_answer *answer,
		const struct ward_site_hits *hits, ward_str host, const struct gate_client *client,
		int64_t now)
{
	const struct ward_site_info *info =
			answer->hit < hits->count ? ward_site_list_info(hits->at[answer->hit].list)
						  : NULL;
	const char *list = info ? info->name : "";
	struct day *day;

	pthread_mutex_lock(&counts->lock);
	day = day_of(counts, now / DAY_S);
	count_row(&counts->total, list, answer);
	if (day) {
		count_row(&day->rows, list, answer);
		if (answer->act == GATE_BLOCK && host.len > 0 && !(info && info->hidden))
			count_host(counts, day, host, list, client);
	}
	pthread_mutex_unlock(&counts->lock);
}

/* ---- reading ---- */

size_t gate_counts_total(struct gate_counts *counts, struct gate_count *rows, size_t max)
{
	size_t count;

	pthread_mutex_lock(&counts->lock);
	count = copy_rows(&counts->total, rows, max);
	pthread_mutex_unlock(&counts->lock);
	return count;
}

size_t gate_counts_rows(struct gate_counts *counts, int64_t day, struct gate_count *rows,
		size_t max)
{
	const struct day *found;
	size_t count;

	pthread_mutex_lock(&counts->lock);
	found = day_to_read(counts, day);
	count = found ? copy_rows(&found->rows, rows, max) : 0;
	pthread_mutex_unlock(&counts->lock);
	return count;
}

static int by_count(const void *a, const void *b)
{
	const struct host *x = *(const struct host *const *)a, *y = *(const struct host *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

static size_t copy_hosts(const struct day *day, unsigned least, struct gate_host_count *rows,
		size_t max)
{
	const struct host **order = calloc(day->host_count + 1, sizeof(const struct host *));
	size_t count = 0;

	if (!order)
		return 0;
	for (size_t i = 0; i < day->host_count; i++) {
		if (day->hosts[i].clients == least)
			order[count++] = &day->hosts[i];
	}
	qsort(order, count, sizeof(*order), by_count);
	for (size_t i = 0; i < count && i < max; i++) {
		rows[i] = (struct gate_host_count){ .count = order[i]->count };
		snprintf(rows[i].host, sizeof(rows[i].host), "%s", order[i]->name);
		snprintf(rows[i].list, sizeof(rows[i].list), "%s", order[i]->list);
	}
	free(order);
	return count;
}

size_t gate_counts_hosts(struct gate_counts *counts, int64_t day, struct gate_host_count *rows,
		size_t max)
{
	const struct day *found;
	size_t count;

	pthread_mutex_lock(&counts->lock);
	found = day_to_read(counts, day);
	count = found ? copy_hosts(found, counts->least, rows, max) : 0;
	pthread_mutex_unlock(&counts->lock);
	return count;
}

void gate_counts_few(struct gate_counts *counts, int64_t day, uint64_t *hosts, uint64_t *asked)
{
	const struct day *found;

	*hosts = *asked = 0;
	pthread_mutex_lock(&counts->lock);
	found = day_to_read(counts, day);
	for (size_t i = 0; found && i < found->host_count; i++) {
		if (found->hosts[i].clients < counts->least) {
			(*hosts)++;
			*asked += found->hosts[i].count;
		}
	}
	*asked += found ? found->overflow : 0;
	pthread_mutex_unlock(&counts->lock);
}
