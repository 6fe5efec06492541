#include "people/people_flows.h"

#include <pthread.h>
#include <sodium.h>

struct kept {
	bool used, taken;
	uint8_t digest[32];
	uint64_t until_us;
	struct people_flow flow;
	struct people_flow_end end;
};

struct people_flows {
	pthread_mutex_t mutex;
	size_t next;
	struct kept at[PEOPLE_FLOWS_MAX]; /* in a ring */
};

const char *people_flow_stage_name(enum people_flow_stage stage)
{
	static const char *const names[] = { "waiting", "in", "second", "refused", "linked" };

	return names[stage];
}

struct people_flows *people_flows_new(void)
{
	struct people_flows *flows = calloc(1, sizeof(*flows));

	if (flows)
		pthread_mutex_init(&flows->mutex, NULL);
	return flows;
}

void people_flows_free(struct people_flows *flows)
{
	if (!flows)
		return;
	pthread_mutex_destroy(&flows->mutex);
	sodium_memzero(flows, sizeof(*flows));
	free(flows);
}

static void new_word(char word[PEOPLE_TOKEN_MAX])
{
	uint8_t bytes[32];

	id_random(bytes, sizeof(bytes));
	sodium_bin2base64(word, PEOPLE_TOKEN_MAX, bytes, sizeof(bytes),
			sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bytes, sizeof(bytes));
}

static void digest_of(ward_str token, uint8_t digest[32])
{
	crypto_hash_sha256(digest, (const uint8_t *)token.ptr, token.len);
}

void people_flow_begin(struct people_flows *flows, struct people_flow *flow, uint64_t now_us,
		char token[PEOPLE_TOKEN_MAX])
{
	new_word(flow->state);
	new_word(flow->nonce);
	new_word(flow->verifier);
	new_word(token);
	pthread_mutex_lock(&flows->mutex);
	struct kept *kept = &flows->at[flows->next];

	flows->next = (flows->next + 1) % PEOPLE_FLOWS_MAX;
	*kept = (struct kept){
		.used = true,
		.until_us = now_us + (uint64_t)PEOPLE_FLOW_S * 1000000,
		.flow = *flow,
	};
	digest_of(ward_str_from(token), kept->digest);
	pthread_mutex_unlock(&flows->mutex);
}

/* With the mutex held.  The digests are of what nobody can guess: their order tells nothing. */
static struct kept *find(struct people_flows *flows, ward_str token, uint64_t now_us)
{
	uint8_t digest[32];

	if (!people_token_valid(token))
		return NULL;
	digest_of(token, digest);
	for (size_t i = 0; i < PEOPLE_FLOWS_MAX; i++) {
		struct kept *kept = &flows->at[i];

		if (!kept->used || memcmp(kept->digest, digest, sizeof(digest)) != 0)
			continue;
		if (now_us < kept->until_us)
			return kept;
		sodium_memzero(kept, sizeof(*kept));
		return NULL;
	}
	return NULL;
}

bool people_flow_take(struct people_flows *flows, ward_str token, ward_str state, uint64_t now_us,
		struct people_flow *flow)
{
	pthread_mutex_lock(&flows->mutex);
	struct kept *kept = find(flows, token, now_us);
	bool fits = kept && !kept->taken && state.len == strlen(kept->flow.state) &&
		    sodium_memcmp(state.ptr, kept->flow.state, state.len) == 0;

	if (fits) {
		*flow = kept->flow;
		kept->taken = true;
		/* Nothing of it serves again. */
		sodium_memzero(&kept->flow, sizeof(kept->flow));
	}
	pthread_mutex_unlock(&flows->mutex);
	return fits;
}

void people_flow_end(struct people_flows *flows, ward_str token, const struct people_flow_end *end)
{
	pthread_mutex_lock(&flows->mutex);
	struct kept *kept = find(flows, token, 0);

	if (kept && end->stage == PEOPLE_FLOW_IN)
		sodium_memzero(kept, sizeof(*kept));
	else if (kept)
		kept->end = *end;
	pthread_mutex_unlock(&flows->mutex);
}

bool people_flow_look(struct people_flows *flows, ward_str token, uint64_t now_us,
		struct people_flow_end *end)
{
	pthread_mutex_lock(&flows->mutex);
	struct kept *kept = find(flows, token, now_us);

	if (kept)
		*end = kept->end;
	pthread_mutex_unlock(&flows->mutex);
	return kept != NULL;
}
