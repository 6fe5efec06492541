#include "agent/basis.h"

#include "agent/inner.h"
#include "workspace/rules.h"

#include <inttypes.h>
#include <sodium.h>

enum { RULE_MAX = 1 << 16 };

static void add(crypto_generichash_state *state, const void *bytes, size_t len)
{
	crypto_generichash_update(state, bytes, len);
}

/* With its NUL, so that where one ends and the next begins is part of it. */
static void add_text(crypto_generichash_state *state, const char *text)
{
	add(state, text, strlen(text) + 1);
}

static void add_acts(crypto_generichash_state *state, const struct agent_settings *settings)
{
	const int acts[] = { (int)settings->on_block, (int)settings->on_hold,
		settings->key_count > 0, (int)settings->media.most };

	add(state, acts, sizeof(acts));
	for (size_t i = 0; i < settings->watch_count; i++) {
		const struct agent_watch *watch = &settings->watches[i];
		const int most = (int)watch->most;

		add_text(state, watch->folder);
		add(state, &most, sizeof(most));
	}
}

/* As they stand in ward.conf; a score's threshold to its last bit. */
static void add_rules(crypto_generichash_state *state, const struct ward_policy *policy)
{
	struct ward_buf text;

	ward_buf_init(&text, RULE_MAX);
	for (size_t i = 0; i < ward_policy_rules(policy); i++) {
		const struct ward_rule *rule = ward_policy_rule(policy, i);

		ward_buf_clear(&text);
		rule_format(&text, rule);
		add_text(state, ward_buf_text(&text).ptr);
		add(state, &rule->score_min, sizeof(rule->score_min));
	}
	ward_buf_free(&text);
}

static void add_lists(crypto_generichash_state *state, const struct ward_bank_view *view)
{
	for (size_t i = 0; i < ward_bank_list_count(view); i++) {
		const struct ward_list *list = ward_bank_list(view, i);
		const struct ward_list_info *info = ward_list_info(list);
		char text[512];

		snprintf(text, sizeof(text), "%s %s %d %d %" PRIu32 " %" PRId64 " %d\n", info->name,
				ward_list_version(list), (int)info->sense, info->radius,
				info->photodna_distance_max, info->expires, info->enabled);
		add_text(state, text);
	}
}

uint64_t basis_of(const struct agent *agent)
{
	const struct agent_known *known = &agent->options.known;
	struct ward_bank_view *view = ward_bank_acquire(known->bank);
	crypto_generichash_state state;
	uint8_t digest[16];
	uint64_t basis;

	crypto_generichash_init(&state, NULL, 0, sizeof(digest));
	add(&state, &known->basis, sizeof(known->basis));
	add_acts(&state, agent->settings);
	add_rules(&state, known->policy);
	add_lists(&state, view);
	crypto_generichash_final(&state, digest, sizeof(digest));
	ward_bank_release(view);
	memcpy(&basis, digest, sizeof(basis));
	return basis;
}

void basis_renew(struct agent *agent)
{
	uint64_t basis = basis_of(agent);

	pthread_mutex_lock(&agent->mutex);
	agent->generation++;
	looked_forget(agent->looked, basis);
	pthread_mutex_unlock(&agent->mutex);
}

uint64_t basis_generation(struct agent *agent)
{
	pthread_mutex_lock(&agent->mutex);
	uint64_t generation = agent->generation;

	pthread_mutex_unlock(&agent->mutex);
	return generation;
}

void basis_remember(struct agent *agent, uint64_t key, uint64_t generation)
{
	pthread_mutex_lock(&agent->mutex);
	if (generation == agent->generation)
		looked_add(agent->looked, key);
	pthread_mutex_unlock(&agent->mutex);
}
