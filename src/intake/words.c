/* The words that are fixed, each list in the order of its enum. */
#include "intake/intake.h"

static const char *const channels[INTAKE_CHANNELS] = { "api", "scan", "portal", "csv", "mail",
	"console" };
static const char *const reporters[INTAKE_REPORTERS] = { "public", "member", "trusted", "helpline",
	"police", "hotline", "automatic", "child", "parent", "teacher" };
static const char *const kinds[INTAKE_KINDS] = { "media", "text", "account", "url",
	"conversation" };
static const char *const urgencies[INTAKE_URGENCIES] = { "any", "soon", "now" };
static const char *const states[INTAKE_STATES] = { "received", "reading", "done", "withdrawn" };

const char *intake_channel_name(enum intake_channel channel)
{
	return channels[channel];
}

const char *intake_reporter_name(enum intake_reporter reporter)
{
	return reporters[reporter];
}

const char *intake_kind_name(enum intake_kind kind)
{
	return kinds[kind];
}

const char *intake_urgency_name(enum intake_urgency urgency)
{
	return urgencies[urgency];
}

const char *intake_state_name(enum intake_state state)
{
	return states[state];
}

static bool find(const char *const *words, int count, ward_str text, int *index)
{
	for (int i = 0; i < count; i++) {
		if (!ward_str_eq(text, ward_str_from(words[i])))
			continue;
		*index = i;
		return true;
	}
	return false;
}

bool intake_channel_parse(ward_str text, enum intake_channel *channel)
{
	int index;
	bool good = find(channels, INTAKE_CHANNELS, text, &index);

	if (good)
		*channel = (enum intake_channel)index;
	return good;
}

bool intake_reporter_parse(ward_str text, enum intake_reporter *reporter)
{
	int index;
	bool good = find(reporters, INTAKE_REPORTERS, text, &index);

	if (good)
		*reporter = (enum intake_reporter)index;
	return good;
}

bool intake_kind_parse(ward_str text, enum intake_kind *kind)
{
	int index;
	bool good = find(kinds, INTAKE_KINDS, text, &index);

	if (good)
		*kind = (enum intake_kind)index;
	return good;
}

bool intake_urgency_parse(ward_str text, enum intake_urgency *urgency)
{
	int index;
	bool good = find(urgencies, INTAKE_URGENCIES, text, &index);

	if (good)
		*urgency = (enum intake_urgency)index;
	return good;
}
