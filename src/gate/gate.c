#include "gate/gate.h"

#include <string.h>

static const char *const act_names[GATE_ACT_COUNT] = { "pass", "note", "block" };
static const char *const cause_names[GATE_CAUSE_COUNT] = { "none", "order", "listed", "hours",
	"words", "picture", "unjudged" };

const char *gate_act_name(enum gate_act act)
{
	return act_names[act];
}

bool gate_act_from(ward_str name, enum gate_act *act)
{
	for (int i = 0; i < GATE_ACT_COUNT; i++) {
		if (ward_str_eq(name, ward_str_from(act_names[i]))) {
			*act = (enum gate_act)i;
			return true;
		}
	}
	return false;
}

const char *gate_cause_name(enum gate_cause cause)
{
	return cause_names[cause];
}

/*
 * The thresholds are those that people know from e2guardian's naughtynesslimit: 50 for young
 * children, 100 for older ones, 160 for young adults.  A page is noted from half of it on.
 */
static const struct gate_profile built_in[] = {
	{ "child", 25, 50, false, true },
	{ "teen", 50, 100, false, true },
	{ "adult", 80, 160, false, true },
};

enum { ADULT = 2 };

const struct gate_rules *gate_rules_default(void)
{
	static const struct gate_rules rules = {
		.profiles = built_in,
		.profile_count = sizeof(built_in) / sizeof(*built_in),
		.profile = ADULT,
	};

	return &rules;
}

/* ---- who ---- */

static bool is_user(ward_str pattern, ward_str user)
{
	if (user.len == 0)
		return false;
	if (!ward_str_ends(pattern, WARD_STR("*")))
		return ward_str_eq_nocase(pattern, user);
	pattern.len--;
	return user.len >= pattern.len &&
	       ward_str_eq_nocase(pattern, (ward_str){ user.ptr, pattern.len });
}

static bool has_client(const struct gate_group *group, const struct gate_client *client)
{
	for (size_t i = 0; i < group->user_count; i++) {
		if (is_user(group->users[i], client->user))
			return true;
	}
	for (size_t i = 0; client->kind != WARD_HOST_NONE && i < group->network_count; i++) {
		if (ward_network_has(&group->networks[i], client->kind, client->address))
			return true;
	}
	return false;
}

size_t gate_group_of(const struct gate_rules *rules, const struct gate_client *client)
{
	for (size_t i = 0; i < rules->group_count; i++) {
		if (has_client(&rules->groups[i], client))
			return i;
	}
	return SIZE_MAX;
}

const struct gate_profile *gate_profile_of(const struct gate_rules *rules, size_t group)
{
	return &rules->profiles[group < rules->group_count ? rules->groups[group].profile
							   : rules->profile];
}

/* ---- what a rule matches ---- */

static bool is_class(ward_str wanted, ward_str code)
{
	return ward_str_eq(wanted, code) ||
	       (ward_str_ends(wanted, WARD_STR(":")) && ward_str_starts(code, wanted));
}

static bool asks_for_hit(const struct gate_rule *rule)
{
	return rule->list.len > 0 || rule->category.len > 0 || rule->class_code.len > 0;
}

static const char *hit_misses(const struct gate_rule *rule, const struct ward_site_hit *hit)
{
	const struct ward_site_info *info = ward_site_list_info(hit->list);

	if (rule->list.len > 0 && !ward_str_eq(rule->list, ward_str_from(info->name)))
		return "list";
	if (rule->category.len > 0 && !ward_str_eq(rule->category, hit->category))
		return "category";
	if (rule->class_code.len > 0 && !is_class(rule->class_code, hit->class_code))
		return "class";
	return hit->certain ? NULL : "certain";
}

const char *gate_rule_misses(const struct gate_rules *rules, const struct gate_rule *rule,
		const struct ward_site_hit *hit, size_t group, struct gate_time time)
{
	if (rule->group.len > 0 &&
			(group >= rules->group_count ||
					!ward_str_eq(rule->group,
							ward_str_from(rules->groups[group].name))))
		return "group";
	if (!gate_hours_hold(&rule->hours, time))
		return "hours";
	if (!asks_for_hit(rule))
		return NULL;
	return hit ? hit_misses(rule, hit) : "hit";
}

bool gate_rules_soften(const struct gate_rules *rules, ward_str list, ward_str category,
		ward_str class_code)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct gate_rule *rule = &rules->rules[i];

		if (rule->act != GATE_BLOCK &&
				(rule->list.len == 0 || ward_str_eq(rule->list, list)) &&
				(rule->category.len == 0 ||
						ward_str_eq(rule->category, category)) &&
				(rule->class_code.len == 0 ||
						is_class(rule->class_code, class_code)))
			return true;
	}
	return false;
}

/* ---- judging ---- */

static const struct ward_site_info *info_of(const struct ward_site_hits *hits, size_t i)
{
	return ward_site_list_info(hits->at[i].list);
}

/* The first certain hit on a list of this sense; of mandatory ones only, if so asked. */
static size_t first_of(const struct ward_site_hits *hits, ward_site_sense sense, bool mandatory)
{
	for (size_t i = 0; i < hits->count; i++) {
		const struct ward_site_info *info = info_of(hits, i);

		if (hits->at[i].certain && info->sense == sense && (!mandatory || info->mandatory))
			return i;
	}
	return SIZE_MAX;
}

static bool rule_decides(const struct gate_rules *rules, size_t which,
		const struct ward_site_hits *hits, size_t group, struct gate_time time, size_t *hit)
{
	const struct gate_rule *rule = &rules->rules[which];

	*hit = SIZE_MAX;
	if (!gate_rule_misses(rules, rule, NULL, group, time))
		return true;
	for (size_t i = 0; i < hits->count; i++) {
		if (!gate_rule_misses(rules, rule, &hits->at[i], group, time)) {
			*hit = i;
			return true;
		}
	}
	return false;
}

static struct gate_answer by_lists(const struct ward_site_hits *hits)
{
	struct gate_answer answer = { GATE_PASS, GATE_CAUSE_NONE, SIZE_MAX, SIZE_MAX };
	size_t allowed = first_of(hits, WARD_SITE_ALLOW, false);
	size_t blocked = first_of(hits, WARD_SITE_BLOCK, false);

	if (allowed != SIZE_MAX) {
		answer.hit = allowed;
	} else if (blocked != SIZE_MAX) {
		answer.act = GATE_BLOCK;
		answer.hit = blocked;
	} else if (hits->count > 0) {
		answer.act = GATE_NOTE;
		answer.hit = 0;
	}
	if (answer.hit != SIZE_MAX)
		answer.cause = GATE_CAUSE_LISTED;
	return answer;
}

struct gate_answer gate_judge(const struct gate_rules *rules, const struct ward_site_hits *hits,
		size_t group, struct gate_time time)
{
	size_t ordered = first_of(hits, WARD_SITE_BLOCK, true), hit;

	if (ordered != SIZE_MAX)
		return (struct gate_answer){ GATE_BLOCK, GATE_CAUSE_ORDER, SIZE_MAX, ordered };
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct gate_rule *rule = &rules->rules[i];

		if (rule_decides(rules, i, hits, group, time, &hit))
			return (struct gate_answer){ rule->act,
				gate_hours_set(&rule->hours) ? GATE_CAUSE_HOURS : GATE_CAUSE_LISTED,
				i, hit };
	}
	return by_lists(hits);
}

struct gate_answer gate_judge_score(const struct gate_rules *rules, size_t group, double score,
		bool banned)
{
	const struct gate_profile *profile = gate_profile_of(rules, group);
	struct gate_answer answer = { GATE_PASS, GATE_CAUSE_NONE, SIZE_MAX, SIZE_MAX };

	if (banned && score < profile->block_from)
		score = profile->block_from;
	if (score >= profile->note_from)
		answer.act = GATE_NOTE;
	if (score >= profile->block_from && profile->scores_block)
		answer.act = GATE_BLOCK;
	if (answer.act != GATE_PASS)
		answer.cause = GATE_CAUSE_WORDS;
	return answer;
}
