#include "workspace/rules.h"

#include <inttypes.h>

#include "workspace/titled.h"

enum { RULES_MAX = 1000, PRIORITY_MAX = 100, DISTANCE_MAX = 256, DISPUTED_MAX = 1000000 };

/* ---- values ---- */

static ward_err read_number(const struct conf_node *node, uint64_t max, int *value,
		struct ward_error *error)
{
	uint64_t number;

	if (!ward_u64_parse(node->value, &number) || number > max)
		return conf_fail(node, error, "%.*s wants a whole number from 0 to %" PRIu64,
				WARD_FMT(node->name), max);
	*value = (int)number;
	return WARD_OK;
}

static ward_err read_findings(const struct conf_node *node, uint32_t *findings,
		struct ward_error *error)
{
	ward_str rest = node->value;

	while (rest.len > 0) {
		ward_str word = ward_str_cut(&rest, ' ');
		int kind = 0;

		while (kind < WARD_FINDING_KIND_COUNT &&
				!ward_str_eq(word, ward_str_from(ward_finding_kind_name(
								   (ward_finding_kind)kind))))
			kind++;
		if (word.len > 0 && kind == WARD_FINDING_KIND_COUNT)
			return conf_fail(node, error,
					"a finding is one of known near allowed excluded "
					"unreadable limit encrypted score");
		if (word.len > 0)
			*findings |= 1U << kind;
	}
	return WARD_OK;
}

static ward_err read_verdict(const struct conf_node *node, ward_verdict_kind *verdict,
		struct ward_error *error)
{
	for (int kind = 0; kind < WARD_VERDICT_KIND_COUNT; kind++) {
		const char *name = ward_verdict_name((ward_verdict_kind)kind);

		if (ward_str_eq(node->value, ward_str_from(name))) {
			*verdict = (ward_verdict_kind)kind;
			return WARD_OK;
		}
	}
	return conf_fail(node, error, "a verdict is allow, hold or block");
}

/* Digits with at most one point: 0.75. No exponent, no locale. */
static ward_err read_score(const struct conf_node *node, double *score, struct ward_error *error)
{
	ward_str fraction = node->value;
	ward_str whole = ward_str_cut(&fraction, '.');
	uint64_t number, parts = 0;
	double scale = 1;

	if (!ward_u64_parse(whole, &number) || number > 1 || fraction.len > 9 ||
			(fraction.len > 0 && !ward_u64_parse(fraction, &parts)))
		return conf_fail(node, error, "score_min wants a number from 0 to 1, as 0.75");
	for (size_t i = 0; i < fraction.len; i++)
		scale *= 10;
	*score = (double)number + (double)parts / scale;
	return *score <= 1 ? WARD_OK
			   : conf_fail(node, error, "score_min wants a number from 0 to 1");
}

/* ---- one rule ---- */

/* The conditions and the outcome, in the order in which they are written. */
static const char *const names[] = { "finding", "list", "label", "distance_max", "disputed_max",
	"score_min", "verdict", "queue", "priority" };

enum { NAMES = sizeof(names) / sizeof(*names), VERDICT = 6 };

static ward_err read_part(const struct conf_node *node, size_t which, void *into,
		struct ward_error *error)
{
	struct ward_rule *rule = into;

	switch (which) {
	case 0:
		return read_findings(node, &rule->findings, error);
	case 1:
		return titled_text(node, &rule->list, error);
	case 2:
		return titled_text(node, &rule->label, error);
	case 3:
		return read_number(node, DISTANCE_MAX, &rule->distance_max, error);
	case 4:
		return read_number(node, DISPUTED_MAX, &rule->disputed_max, error);
	case 5:
		return read_score(node, &rule->score_min, error);
	case VERDICT:
		return read_verdict(node, &rule->verdict, error);
	case 7:
		return titled_text(node, &rule->queue, error);
	default:
		return read_number(node, PRIORITY_MAX, &rule->priority, error);
	}
}

static const struct titled rule_section = { "rule", "a rule", names, NAMES, read_part };

static ward_err read_rule(const struct conf_node *first, const struct conf_node *section,
		struct ward_rule *rule, struct ward_error *error)
{
	const struct conf_node *given[TITLED_NAMES_MAX];
	ward_err err;

	*rule = (struct ward_rule){ .name = section->title,
		.distance_max = -1,
		.disputed_max = -1 };
	err = titled_read(&rule_section, first, section, rule, given, error);
	/* The name a verdict bears when no rule matched. */
	if (!err && ward_str_eq(section->title, WARD_STR("default")))
		err = conf_fail(section, error,
				"\"default\" means that no rule matched; take another name");
	if (!err && !given[VERDICT])
		err = conf_fail(section, error, "this rule needs a verdict: allow, hold or block");
	return err;
}

ward_err rules_read(const struct conf_node *first, struct ward_policy **policy,
		struct ward_error *error)
{
	struct ward_rule *rules = calloc(RULES_MAX, sizeof(*rules));
	ward_err err = WARD_OK;
	size_t count = 0;

	if (!rules)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the rules");
	for (const struct conf_node *node = first; node && !err; node = node->next) {
		if (!titled_is(&rule_section, node))
			continue;
		if (count == RULES_MAX)
			err = conf_fail(node, error, "more than %d rules", RULES_MAX);
		if (!err)
			err = read_rule(first, node, &rules[count], error);
		count += !err;
	}
	if (!err && count > 0) {
		err = ward_policy_new(rules, count, policy, error);
	} else if (!err) {
		struct ward_policy *made = ward_policy_default();

		if (made)
			*policy = made;
		else
			err = ward_fail(error, WARD_E_NOMEM, "no memory for the policy");
	}
	free(rules);
	return err;
}

/* ---- writing ---- */

static void format_quoted(struct ward_buf *out, ward_str text)
{
	ward_buf_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			ward_buf_char(out, '\\');
		ward_buf_char(out, text.ptr[i]);
	}
	ward_buf_char(out, '"');
}

static void format_text(struct ward_buf *out, const char *name, ward_str text)
{
	if (text.len == 0)
		return;
	ward_buf_printf(out, "\t%s = ", name);
	format_quoted(out, text);
	ward_buf_char(out, '\n');
}

static void format_number(struct ward_buf *out, const char *name, int value)
{
	if (value >= 0)
		ward_buf_printf(out, "\t%s = %d\n", name, value);
}

void rule_format(struct ward_buf *out, const struct ward_rule *rule)
{
	bool first = true;

	ward_buf_str(out, WARD_STR("rule "));
	format_quoted(out, rule->name);
	ward_buf_str(out, WARD_STR(" {\n"));
	for (int kind = 0; kind < WARD_FINDING_KIND_COUNT; kind++) {
		if (!(rule->findings & 1U << kind))
			continue;
		ward_buf_printf(out, "%s%s", first ? "\tfinding = " : " ",
				ward_finding_kind_name((ward_finding_kind)kind));
		first = false;
	}
	if (!first)
		ward_buf_char(out, '\n');
	format_text(out, "list", rule->list);
	format_text(out, "label", rule->label);
	format_number(out, "distance_max", rule->distance_max);
	format_number(out, "disputed_max", rule->disputed_max);
	if (rule->score_min > 0)
		ward_buf_printf(out, "\tscore_min = %g\n", rule->score_min);
	ward_buf_printf(out, "\tverdict = %s\n", ward_verdict_name(rule->verdict));
	format_text(out, "queue", rule->queue);
	ward_buf_printf(out, "\tpriority = %d\n}\n", rule->priority);
}
