#include "people/people_tickets.h"

#include <pthread.h>
#include <sodium.h>

struct kept {
	bool used;
	uint8_t digest[32];
	uint64_t until_us;
	unsigned tries;
	struct people_ticket ticket;
};

struct people_tickets {
	pthread_mutex_t mutex;
	struct kept *kinds[PEOPLE_TICKET_KINDS]; /* each of PEOPLE_TICKETS_MAX, in a ring */
	size_t next[PEOPLE_TICKET_KINDS];
};

struct people_tickets *people_tickets_new(void)
{
	struct people_tickets *tickets = calloc(1, sizeof(*tickets));
	bool whole = tickets != NULL;

	if (!tickets)
		return NULL;
	pthread_mutex_init(&tickets->mutex, NULL);
	for (size_t i = 0; i < PEOPLE_TICKET_KINDS; i++) {
		tickets->kinds[i] = calloc(PEOPLE_TICKETS_MAX, sizeof(struct kept));
		whole = whole && tickets->kinds[i];
	}
	if (whole)
		return tickets;
	people_tickets_free(tickets);
	return NULL;
}

void people_tickets_free(struct people_tickets *tickets)
{
	if (!tickets)
		return;
	for (size_t i = 0; i < PEOPLE_TICKET_KINDS; i++) {
		if (tickets->kinds[i])
			sodium_memzero(tickets->kinds[i], PEOPLE_TICKETS_MAX * sizeof(struct kept));
		free(tickets->kinds[i]);
	}
	pthread_mutex_destroy(&tickets->mutex);
	free(tickets);
}

static void digest_of(ward_str token, uint8_t digest[32])
{
	crypto_hash_sha256(digest, (const uint8_t *)token.ptr, token.len);
}

void people_ticket_give(struct people_tickets *tickets, enum people_ticket_kind kind,
		const struct people_ticket *ticket, uint64_t now_us, char token[PEOPLE_TOKEN_MAX])
{
	uint8_t bytes[32];

	id_random(bytes, sizeof(bytes));
	sodium_bin2base64(token, PEOPLE_TOKEN_MAX, bytes, sizeof(bytes),
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	pthread_mutex_lock(&tickets->mutex);
	struct kept *kept = &tickets->kinds[kind][tickets->next[kind]];

	tickets->next[kind] = (tickets->next[kind] + 1) % PEOPLE_TICKETS_MAX;
	*kept = (struct kept){
		.used = true,
		.until_us = now_us + (uint64_t)PEOPLE_TICKET_S * 1000000,
		.tries = PEOPLE_TICKET_TRIES,
		.ticket = *ticket,
	};
	digest_of(ward_str_from(token), kept->digest);
	pthread_mutex_unlock(&tickets->mutex);
	sodium_memzero(bytes, sizeof(bytes));
}

/* With the mutex held.  The digests are of what nobody can guess: their order tells nothing. */
static struct kept *find(struct people_tickets *tickets, enum people_ticket_kind kind,
		ward_str token)
{
	uint8_t digest[32];

	if (!people_token_valid(token))
		return NULL;
	digest_of(token, digest);
	for (size_t i = 0; i < PEOPLE_TICKETS_MAX; i++) {
		struct kept *kept = &tickets->kinds[kind][i];

		if (kept->used && memcmp(kept->digest, digest, sizeof(digest)) == 0)
			return kept;
	}
	return NULL;
}

bool people_ticket_look(struct people_tickets *tickets, enum people_ticket_kind kind,
		ward_str token, bool once, uint64_t now_us, struct people_ticket *ticket)
{
	bool found = false;

	pthread_mutex_lock(&tickets->mutex);
	struct kept *kept = find(tickets, kind, token);

	if (kept && now_us < kept->until_us) {
		found = true;
		*ticket = kept->ticket;
	}
	if (kept && (once || --kept->tries == 0 || !found))
		sodium_memzero(kept, sizeof(*kept));
	pthread_mutex_unlock(&tickets->mutex);
	return found;
}

void people_ticket_take(struct people_tickets *tickets, enum people_ticket_kind kind,
		ward_str token)
{
	pthread_mutex_lock(&tickets->mutex);
	struct kept *kept = find(tickets, kind, token);

	if (kept)
		sodium_memzero(kept, sizeof(*kept));
	pthread_mutex_unlock(&tickets->mutex);
}
