/*
 * Findings in, verdict out.  Nothing here can fail once a policy is made, and
 * nothing here acts: a verdict is advice to whoever holds the file.
 */
#include <ward/scan.h>

#include <assert.h>

struct ward_policy {
	struct ward_arena arena;
	struct ward_rule *rules;
	size_t count;
};

const char *ward_finding_kind_name(ward_finding_kind kind)
{
	static const char *const names[WARD_FINDING_KIND_COUNT] = {
		[WARD_FINDING_KNOWN] = "known",
		[WARD_FINDING_NEAR] = "near",
		[WARD_FINDING_ALLOWED] = "allowed",
		[WARD_FINDING_EXCLUDED] = "excluded",
		[WARD_FINDING_UNREADABLE] = "unreadable",
		[WARD_FINDING_LIMIT] = "limit",
		[WARD_FINDING_ENCRYPTED] = "encrypted",
		[WARD_FINDING_SCORE] = "score",
		[WARD_FINDING_LINK] = "link",
	};

	assert((unsigned)kind < WARD_FINDING_KIND_COUNT);
	return names[kind];
}

const char *ward_verdict_name(ward_verdict_kind kind)
{
	static const char *const names[WARD_VERDICT_KIND_COUNT] = { "allow", "hold", "block" };

	assert((unsigned)kind < WARD_VERDICT_KIND_COUNT);
	return names[kind];
}

static ward_err check_rule(const struct ward_rule *rule, struct ward_error *error)
{
	if (rule->name.len == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "a rule needs a name");
	if (rule->findings >= 1U << WARD_FINDING_KIND_COUNT)
		return ward_fail(error, WARD_E_ARGUMENT, "rule %.*s: unknown finding",
				WARD_FMT(rule->name));
	if ((unsigned)rule->verdict >= WARD_VERDICT_KIND_COUNT)
		return ward_fail(error, WARD_E_ARGUMENT,
				"rule %.*s: a verdict is allow, hold or block",
				WARD_FMT(rule->name));
	if (rule->priority < 0 || rule->priority > 100)
		return ward_fail(error, WARD_E_ARGUMENT, "rule %.*s: a priority is 0 to 100",
				WARD_FMT(rule->name));
	return WARD_OK;
}

static bool copy_rule(struct ward_arena *arena, struct ward_rule *copy,
		const struct ward_rule *rule)
{
	*copy = *rule;
	copy->name = ward_arena_str(arena, rule->name);
	copy->list = ward_arena_str(arena, rule->list);
	copy->label = ward_arena_str(arena, rule->label);
	copy->queue = ward_arena_str(arena, rule->queue);
	return copy->name.ptr && copy->list.ptr && copy->label.ptr && copy->queue.ptr;
}

/* More rules than anybody reads are a mistake. */
enum { POLICY_MEMORY = 1 << 20 };

ward_err ward_policy_new(const struct ward_rule *rules, size_t count, struct ward_policy **policy,
		struct ward_error *error)
{
	struct ward_policy *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "no memory for a policy");
	ward_arena_init(&made->arena, POLICY_MEMORY);
	made->count = count;
	made->rules = ward_new(&made->arena, struct ward_rule, count);
	if (!made->rules)
		err = ward_fail(error, WARD_E_NOMEM, "no memory for %zu rules", count);
	for (size_t i = 0; !err && i < count; i++) {
		err = check_rule(&rules[i], error);
		if (!err && !copy_rule(&made->arena, &made->rules[i], &rules[i]))
			err = ward_fail(error, WARD_E_NOMEM, "no memory for %zu rules", count);
	}
	if (err) {
		ward_policy_free(made);
		return err;
	}
	*policy = made;
	return WARD_OK;
}

#define FINDING(kind) (1U << WARD_FINDING_##kind)

struct ward_policy *ward_policy_default(void)
{
	static const struct ward_rule rules[] = {
		{ .name = { "known", 5 },
				.findings = FINDING(KNOWN),
				.distance_max = -1,
				.disputed_max = -1,
				.verdict = WARD_BLOCK,
				.queue = { "known", 5 },
				.priority = 90 },
		{ .name = { "near", 4 },
				.findings = FINDING(NEAR),
				.distance_max = -1,
				.disputed_max = -1,
				.verdict = WARD_HOLD,
				.queue = { "near", 4 },
				.priority = 70 },
		{ .name = { "link", 4 },
				.findings = FINDING(LINK),
				.distance_max = -1,
				.disputed_max = -1,
				.verdict = WARD_HOLD,
				.queue = { "link", 4 },
				.priority = 50 },
		{ .name = { "score", 5 },
				.findings = FINDING(SCORE),
				.distance_max = -1,
				.disputed_max = -1,
				.score_min = 0.5,
				.verdict = WARD_HOLD,
				.queue = { "score", 5 },
				.priority = 40 },
		{ .name = { "unreadable", 10 },
				.findings = FINDING(UNREADABLE) | FINDING(LIMIT) |
					    FINDING(ENCRYPTED),
				.distance_max = -1,
				.disputed_max = -1,
				.verdict = WARD_HOLD,
				.priority = 20 },
	};
	struct ward_policy *policy = NULL;

	if (ward_policy_new(rules, sizeof(rules) / sizeof(*rules), &policy, NULL) != WARD_OK)
		return NULL;
	return policy;
}

void ward_policy_free(struct ward_policy *policy)
{
	if (!policy)
		return;
	ward_arena_free(&policy->arena);
	free(policy);
}

size_t ward_policy_rules(const struct ward_policy *policy)
{
	return policy->count;
}

const struct ward_rule *ward_policy_rule(const struct ward_policy *policy, size_t index)
{
	return index < policy->count ? &policy->rules[index] : NULL;
}

/* "industry:A1" is one of the words; "industry:" is the beginning of one. */
static bool has_label(ward_str labels, ward_str wanted)
{
	while (labels.len > 0) {
		ward_str word = ward_str_cut(&labels, ' ');

		if (ward_str_eq(word, wanted) || (ward_str_ends(wanted, WARD_STR(":")) &&
								 ward_str_starts(word, wanted)))
			return true;
	}
	return false;
}

static bool is_hit(ward_finding_kind kind)
{
	return kind == WARD_FINDING_KNOWN || kind == WARD_FINDING_NEAR ||
	       kind == WARD_FINDING_ALLOWED || kind == WARD_FINDING_EXCLUDED ||
	       kind == WARD_FINDING_LINK;
}

const char *ward_rule_misses(const struct ward_rule *rule, const struct ward_finding *finding)
{
	bool hit = is_hit(finding->kind);

	if (rule->findings && !(rule->findings & 1U << finding->kind))
		return "finding";
	if (rule->list.len > 0 && !(hit && ward_str_eq(rule->list, finding->list)))
		return "list";
	if (rule->label.len > 0 && !(hit && has_label(finding->labels, rule->label)))
		return "label";
	if (rule->distance_max >= 0 && !(hit && finding->distance <= (uint32_t)rule->distance_max))
		return "distance";
	if (rule->disputed_max >= 0 && finding->disputed > (uint32_t)rule->disputed_max)
		return "disputed";
	if (finding->kind == WARD_FINDING_SCORE && finding->score < rule->score_min)
		return "score";
	return NULL;
}

struct ward_verdict ward_policy_judge(const struct ward_policy *policy,
		const struct ward_finding *findings, size_t count)
{
	for (size_t r = 0; r < policy->count; r++) {
		const struct ward_rule *rule = &policy->rules[r];

		for (size_t f = 0; f < count; f++) {
			if (ward_rule_misses(rule, &findings[f]))
				continue;
			/* A machine's guess may hold a file for a person, never more. */
			bool softened = findings[f].kind == WARD_FINDING_SCORE &&
					rule->verdict == WARD_BLOCK;

			return (struct ward_verdict){
				.kind = softened ? WARD_HOLD : rule->verdict,
				.queue = rule->queue,
				.priority = rule->priority,
				.rule = rule->name,
				.finding = f,
				.softened = softened,
			};
		}
	}
	return (struct ward_verdict){
		.kind = WARD_ALLOW,
		.queue = WARD_STR(""),
		.rule = WARD_STR("default"),
		.finding = SIZE_MAX,
	};
}
