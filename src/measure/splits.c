#include "measure/splits.h"

#include <string.h>

#include "base/tree.h"

enum { CODE_MAX = 32 };

/* ---- of labels ---- */

static bool has_label(ward_str labels, const char *wanted)
{
	while (labels.len > 0) {
		ward_str label = ward_str_trim(ward_str_cut(&labels, ','));

		if (ward_str_eq(label, ward_str_from(wanted)))
			return true;
	}
	return false;
}

/* "scheme:code" rows, the one that counts first; what is not there is not said. */
static ward_str first_of(ward_str labels, const char *const *order, bool with_scheme)
{
	for (size_t i = 0; order[i]; i++) {
		if (has_label(labels, order[i]))
			return ward_str_from(with_scheme ? order[i] : strchr(order[i], ':') + 1);
	}
	return WARD_STR("");
}

static const char *const ages[] = { "age:0-2", "age:3-6", "age:7-10", "age:11-13", "age:14-15",
	"age:16-17", NULL };
static const char *const age_keys[] = { "0-2", "3-6", "7-10", "11-13", "14-15", "16-17",
	MEASURE_NOT_SAID, NULL };

static ward_str youngest(ward_str labels)
{
	return first_of(labels, ages, false);
}

static const char *const sex_keys[] = { "girls", "boys", "both", MEASURE_NOT_SAID, NULL };

static ward_str sex_of(ward_str labels)
{
	bool girls = has_label(labels, "sex:girls"), boys = has_label(labels, "sex:boys");

	if (has_label(labels, "sex:both") || (girls && boys))
		return WARD_STR("both");
	return girls ? WARD_STR("girls") : boys ? WARD_STR("boys") : WARD_STR("");
}

static const char *const makings[] = { "made:self-generated", "made:live", "made:synthetic", NULL };
static const char *const made_keys[] = { "self-generated", "live", "synthetic", MEASURE_NOT_SAID,
	NULL };

static ward_str made_of(ward_str labels)
{
	return first_of(labels, makings, false);
}

/* Scales are not compared with each other; where a label of two is there, this is the order. */
static const char *const gravest_first[] = { "uk_sentencing_council:A", "uk_sentencing_council:B",
	"uk_sentencing_council:C", "industry:A1", "industry:A2", "industry:B1", "industry:B2",
	"iccam:baseline", "interpol_baseline:yes", "interpol_baseline:baseline", "iccam:national",
	NULL };

static ward_str gravest(ward_str labels)
{
	return first_of(labels, gravest_first, true);
}

/* ---- of actions ---- */

static bool is_code(ward_str text)
{
	bool code = text.len > 0 && text.len <= CODE_MAX;

	for (size_t i = 0; code && i < text.len; i++)
		code = strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", text.ptr[i]) &&
		       text.ptr[i] != '\0';
	return code;
}

/* Of a code, as it stands in the text, where nothing of it is escaped. */
static ward_str as_it_stands(ward_str text, ward_str code)
{
	for (size_t i = 0; i + code.len <= text.len; i++) {
		if (memcmp(text.ptr + i, code.ptr, code.len) == 0)
			return (ward_str){ text.ptr + i, code.len };
	}
	return WARD_STR("");
}

/* People may have typed it: words that are no code are told to nobody. */
static ward_str named_list(ward_str parameters)
{
	struct ward_error error;
	struct json_t *root = tree_read(parameters, &error);
	ward_str named = tree_text(tree_member(root, "list"));
	ward_str code = is_code(named) ? as_it_stands(parameters, named) : WARD_STR("");

	tree_free(root);
	return code;
}

/* ---- the table ---- */

static const char *const reporter_keys[] = { "public", "child", "parent", "teacher", "member",
	"trusted", "helpline", "police", "hotline", "automatic", MEASURE_NOT_SAID, NULL };
static const char *const country_keys[] = { MEASURE_NOT_SAID, NULL };

/* clang-format off */
const struct measure_split
	measure_by_channel = { "channel", "the way by which reports came in", false, NULL, NULL },
	measure_by_kind = { "kind", "what an item is: media, text, account, url, conversation", false, NULL, NULL },
	measure_by_urgency = { "urgency", "what the reporter said: a child may be in danger now, soon, or not", false, NULL, NULL },
	measure_by_reporter = { "reporter", "who reports: the public, a child, the police, ...", true, reporter_keys, NULL },
	measure_by_country = { "country", "the country that the report names", true, country_keys, NULL },
	measure_by_queue = { "queue", "the queue that the job is in now", false, NULL, NULL },
	measure_by_policy = { "policy", "the policy that is broken", false, NULL, NULL },
	measure_by_outcome = { "outcome", "violation, none, or handed up", false, NULL, NULL },
	measure_by_urgent = { "urgent", "whether a child may be in danger now", false, NULL, NULL },
	measure_by_severity = { "severity", "the gravest class among the labels, in its own scale", false, NULL, gravest },
	measure_by_age = { "age", "the band of the youngest child, under 18", true, age_keys, youngest },
	measure_by_sex = { "sex", "the sex of the children", true, sex_keys, sex_of },
	measure_by_made = { "made", "how it was made, where that is known", true, made_keys, made_of },
	measure_by_action = { "action", "the kind of action", false, NULL, NULL },
	measure_by_method = { "method", "how it was destroyed", false, NULL, NULL },
	measure_by_recipient = { "recipient", "the authority that it went to", false, NULL, NULL },
	measure_by_basis = { "basis", "the legal clock", false, NULL, NULL },
	measure_by_authority = { "authority", "whether an authority asked for it", false, NULL, NULL },
	measure_by_named = { "to", "the list that an action names, where it is a code", false, NULL, named_list },
	measure_by_list = { "list", "the list", false, NULL, NULL };
/* clang-format on */

static const struct measure_split *const splits[] = { &measure_by_channel, &measure_by_kind,
	&measure_by_reporter, &measure_by_country, &measure_by_urgency, &measure_by_queue,
	&measure_by_urgent, &measure_by_policy, &measure_by_outcome, &measure_by_severity,
	&measure_by_age, &measure_by_sex, &measure_by_made, &measure_by_action, &measure_by_method,
	&measure_by_basis, &measure_by_authority, &measure_by_recipient, &measure_by_named,
	&measure_by_list };

const struct measure_split *measure_split_at(size_t index)
{
	return index < sizeof(splits) / sizeof(*splits) ? splits[index] : NULL;
}

const struct measure_split *measure_split_find(ward_str name)
{
	for (size_t i = 0; i < sizeof(splits) / sizeof(*splits); i++) {
		if (ward_str_eq(name, ward_str_from(splits[i]->name)))
			return splits[i];
	}
	return NULL;
}
