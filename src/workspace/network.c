#include "workspace/network.h"

#include <stdio.h>
#include <string.h>

#include "workspace/titled.h"

enum { PROFILES_MAX = 32, GROUPS_MAX = 256, RULES_MAX = 1000, SCORE_MAX = 1000000 };

/* What is being read: rooms are counted beforehand. */
struct reading {
	struct ward_arena *arena;
	struct gate_profile *profiles;
	struct gate_group *groups;
	struct gate_rule *rules;
	size_t profile_count, group_count, rule_count;
};

struct group_parts {
	struct reading *reading;
	struct gate_group *group;
};

/* The tree's text goes when it has been read. */
static bool keep(struct reading *reading, ward_str *text)
{
	*text = ward_arena_str(reading->arena, *text);
	return text->ptr != NULL;
}

/* ---- profiles ---- */

static const char *const profile_names[] = { "note_from", "block_from", "scores_block",
	"holds_block" };

static ward_err read_score(const struct conf_node *node, double *score, struct ward_error *error)
{
	uint64_t number;

	if (!ward_u64_parse(node->value, &number) || number > SCORE_MAX)
		return conf_fail(node, error, "%.*s wants a whole number from 0 to %d",
				WARD_FMT(node->name), SCORE_MAX);
	*score = (double)number;
	return WARD_OK;
}

static ward_err read_profile_part(const struct conf_node *node, size_t which, void *into,
		struct ward_error *error)
{
	struct gate_profile *profile = into;

	switch (which) {
	case 0:
		return read_score(node, &profile->note_from, error);
	case 1:
		return read_score(node, &profile->block_from, error);
	case 2:
		return titled_switch(node, &profile->scores_block, error);
	default:
		return titled_switch(node, &profile->holds_block, error);
	}
}

static const struct titled profile_section = { "profile", "a profile", profile_names, 4,
	read_profile_part };

static size_t profile_of(const struct reading *reading, ward_str name)
{
	size_t i = 0;

	while (i < reading->profile_count &&
			!ward_str_eq(name, ward_str_from(reading->profiles[i].name)))
		i++;
	return i;
}

/* One that is built in is changed; another begins as "adult". */
static ward_err read_profile(struct reading *reading, const struct conf_node *first,
		const struct conf_node *node, struct ward_error *error)
{
	const struct gate_rules *built_in = gate_rules_default();
	const struct conf_node *given[TITLED_NAMES_MAX];
	size_t at = profile_of(reading, node->title);
	struct gate_profile profile = at < reading->profile_count
						      ? reading->profiles[at]
						      : built_in->profiles[built_in->profile];
	ward_err err = titled_read(&profile_section, first, node, &profile, given, error);

	if (err)
		return err;
	if (profile.note_from > profile.block_from)
		return conf_fail(node, error, "note_from is at most block_from, here %.0f",
				profile.block_from);
	snprintf(profile.name, sizeof(profile.name), "%.*s", WARD_FMT(node->title));
	reading->profiles[at] = profile;
	reading->profile_count += at == reading->profile_count;
	return WARD_OK;
}

/* ---- groups ---- */

static const char *const group_names[] = { "networks", "users", "profile" };

static size_t count_words(ward_str rest)
{
	size_t count = 0;

	while (rest.len > 0)
		count += ward_str_cut(&rest, ' ').len > 0;
	return count;
}

static ward_err read_networks(const struct conf_node *node, struct group_parts *parts,
		struct ward_error *error)
{
	size_t room = count_words(node->value);
	struct ward_network *networks =
			ward_new(parts->reading->arena, struct ward_network, room + 1);
	ward_str rest = node->value;
	size_t count = 0;

	if (!networks)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the groups");
	while (rest.len > 0) {
		ward_str word = ward_str_cut(&rest, ' ');

		if (word.len > 0 && !ward_network_read(word, &networks[count++]))
			return conf_fail(node, error,
					"networks are addresses with or without a length, as "
					"10.7.0.0/16 or fd00:7::/64");
	}
	parts->group->networks = networks;
	parts->group->network_count = count;
	return WARD_OK;
}

static ward_err read_users(const struct conf_node *node, struct group_parts *parts,
		struct ward_error *error)
{
	ward_str *users = ward_new(parts->reading->arena, ward_str, count_words(node->value) + 1);
	ward_str rest = node->value;
	size_t count = 0;

	if (!users)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the groups");
	while (rest.len > 0) {
		ward_str word = ward_str_cut(&rest, ' ');

		if (word.len == 0)
			continue;
		if (memchr(word.ptr, '*', word.len - 1))
			return conf_fail(node, error,
					"in users a '*' stands at the end of a name, as in "
					"class7-*");
		users[count++] = ward_arena_str(parts->reading->arena, word);
		if (!users[count - 1].ptr)
			return ward_fail(error, WARD_E_NOMEM, "no memory for the groups");
	}
	parts->group->users = users;
	parts->group->user_count = count;
	return WARD_OK;
}

static ward_err read_group_part(const struct conf_node *node, size_t which, void *into,
		struct ward_error *error)
{
	struct group_parts *parts = into;

	if (which == 0)
		return read_networks(node, parts, error);
	if (which == 1)
		return read_users(node, parts, error);
	parts->group->profile = profile_of(parts->reading, node->value);
	if (parts->group->profile == parts->reading->profile_count)
		return conf_fail(node, error,
				"there is no profile of this name; built in are child, "
				"teen and adult");
	return WARD_OK;
}

static const struct titled group_section = { "group", "a group", group_names, 3, read_group_part };

static ward_err read_group(struct reading *reading, const struct conf_node *first,
		const struct conf_node *node, size_t profile, struct ward_error *error)
{
	struct gate_group *group = &reading->groups[reading->group_count];
	struct group_parts parts = { reading, group };
	const struct conf_node *given[TITLED_NAMES_MAX];
	ward_err err;

	group->profile = profile;
	err = titled_read(&group_section, first, node, &parts, given, error);
	if (err)
		return err;
	if (group->network_count + group->user_count == 0)
		return conf_fail(node, error, "this group has nobody; give it networks or users");
	snprintf(group->name, sizeof(group->name), "%.*s", WARD_FMT(node->title));
	reading->group_count++;
	return WARD_OK;
}

/* ---- rules ---- */

static const char *const rule_names[] = { "list", "category", "class", "group", "days", "hours",
	"answer" };

enum { ANSWER = 6 };

static ward_err read_rule_part(const struct conf_node *node, size_t which, void *into,
		struct ward_error *error)
{
	struct gate_rule *rule = into;

	switch (which) {
	case 0:
		return titled_text(node, &rule->list, error);
	case 1:
		return titled_text(node, &rule->category, error);
	case 2:
		return titled_text(node, &rule->class_code, error);
	case 3:
		return titled_text(node, &rule->group, error);
	case 4:
		return gate_days_read(node->value, &rule->hours.days) && rule->hours.days != 0
				       ? WARD_OK
				       : conf_fail(node, error,
							 "days are mon to sun, as mon-fri or sat "
							 "sun");
	case 5:
		return gate_span_read(node->value, &rule->hours.from, &rule->hours.to)
				       ? WARD_OK
				       : conf_fail(node, error,
							 "hours are from and to, as 08:00-15:30");
	default:
		return gate_act_from(node->value, &rule->act)
				       ? WARD_OK
				       : conf_fail(node, error, "an answer is pass, note or block");
	}
}

static const struct titled rule_section = { "site_rule", "a rule of sites", rule_names, 7,
	read_rule_part };

static bool has_group(const struct reading *reading, ward_str name)
{
	for (size_t i = 0; i < reading->group_count; i++) {
		if (ward_str_eq(name, ward_str_from(reading->groups[i].name)))
			return true;
	}
	return false;
}

static ward_err read_rule(struct reading *reading, const struct conf_node *first,
		const struct conf_node *node, struct ward_error *error)
{
	struct gate_rule *rule = &reading->rules[reading->rule_count];
	const struct conf_node *given[TITLED_NAMES_MAX];
	ward_err err = titled_read(&rule_section, first, node, rule, given, error);

	if (err)
		return err;
	if (!given[ANSWER])
		return conf_fail(node, error, "this rule needs an answer: pass, note or block");
	if (rule->group.len > 0 && !has_group(reading, rule->group))
		return conf_fail(given[3], error, "there is no group of this name");
	if (!keep(reading, &rule->list) || !keep(reading, &rule->category) ||
			!keep(reading, &rule->class_code) || !keep(reading, &rule->group))
		return ward_fail(error, WARD_E_NOMEM, "no memory for the rules of sites");
	snprintf(rule->name, sizeof(rule->name), "%.*s", WARD_FMT(node->title));
	reading->rule_count++;
	return WARD_OK;
}

/* ---- all of them ---- */

bool network_is_section(const struct conf_node *node)
{
	return titled_is(&profile_section, node) || titled_is(&group_section, node) ||
	       titled_is(&rule_section, node);
}

static ward_err make_room(struct reading *reading, const struct conf_node *first,
		struct ward_error *error)
{
	const struct gate_rules *built_in = gate_rules_default();
	size_t profiles = built_in->profile_count, groups = 0, rules = 0;

	for (const struct conf_node *node = first; node; node = node->next) {
		profiles += titled_is(&profile_section, node);
		groups += titled_is(&group_section, node);
		rules += titled_is(&rule_section, node);
	}
	if (profiles > PROFILES_MAX || groups > GROUPS_MAX || rules > RULES_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"ward.conf has more than %d profiles, %d groups or %d rules of "
				"sites",
				PROFILES_MAX, GROUPS_MAX, RULES_MAX);
	reading->profiles = ward_new(reading->arena, struct gate_profile, profiles);
	reading->groups = ward_new(reading->arena, struct gate_group, groups + 1);
	reading->rules = ward_new(reading->arena, struct gate_rule, rules + 1);
	if (!reading->profiles || !reading->groups || !reading->rules)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the rules of sites");
	memcpy(reading->profiles, built_in->profiles,
			built_in->profile_count * sizeof(*built_in->profiles));
	reading->profile_count = built_in->profile_count;
	return WARD_OK;
}

/* What others name is read before them, in whatever order the file has it. */
static ward_err read_all(struct reading *reading, const struct conf_node *first, ward_str profile,
		size_t *normal, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (const struct conf_node *node = first; node && !err; node = node->next) {
		if (titled_is(&profile_section, node))
			err = read_profile(reading, first, node, error);
	}
	*normal = profile_of(reading, profile);
	if (!err && *normal == reading->profile_count)
		err = ward_fail(error, WARD_E_FORMAT,
				"network.profile names no profile; built in are child, teen and "
				"adult");
	for (const struct conf_node *node = first; node && !err; node = node->next) {
		if (titled_is(&group_section, node))
			err = read_group(reading, first, node, *normal, error);
	}
	for (const struct conf_node *node = first; node && !err; node = node->next) {
		if (titled_is(&rule_section, node))
			err = read_rule(reading, first, node, error);
	}
	return err;
}

ward_err network_rules_read(const struct conf_node *first, ward_str profile,
		struct ward_arena *arena, const struct gate_rules **rules, struct ward_error *error)
{
	struct reading reading = { .arena = arena };
	struct gate_rules *made = ward_new(arena, struct gate_rules, 1);
	size_t normal = 0;
	ward_err err = made ? make_room(&reading, first, error)
			    : ward_fail(error, WARD_E_NOMEM, "no memory for the rules of sites");

	if (!err)
		err = read_all(&reading, first, profile, &normal, error);
	if (err)
		return err;
	*made = (struct gate_rules){
		.profiles = reading.profiles,
		.profile_count = reading.profile_count,
		.profile = normal,
		.groups = reading.groups,
		.group_count = reading.group_count,
		.rules = reading.rules,
		.rule_count = reading.rule_count,
	};
	*rules = made;
	return WARD_OK;
}
