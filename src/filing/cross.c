#include "filing/checker.h"
#include "filing/value.h"

#define VIEWED_SAYS "Whoever viewed the EXIF data viewed the file: true is wanted."

/* The text of a part, or nothing. */
static ward_str text_at(const struct filing_node *node, const char *path)
{
	const struct filing_node *found = filing_find(node, path);

	return found && found->text.ptr ? found->text : WARD_STR("");
}

static bool is_true(ward_str text)
{
	bool yes;

	return text.ptr && filing_boolean(text, &yes) && yes;
}

/* A time that is sound by itself; others are told elsewhere. */
static bool sound_time(const struct checker *checker, ward_str text, int64_t *when)
{
	return text.ptr && filing_datetime(text, when) && *when <= checker->check->now;
}

/* Whoever viewed the EXIF data viewed the file. */
static bool unlikely_viewed(const struct filing_node *details)
{
	return is_true(text_at(details, "exifViewedByEsp")) &&
	       !is_true(text_at(details, "fileViewedByEsp"));
}

static bool in_us(const struct filing_node *location)
{
	return ward_str_eq(text_at(location, "countryCode"), WARD_STR("US"));
}

/* The schema knows the codes by the type of an address's state. */
static bool is_us_state(ward_str text)
{
	const struct filing_type *person =
			filing_find_type(filing_type_report, "reporter/reportingPerson");
	const struct filing_type *state = filing_find_type(person, "address/state");

	return !filing_value_wrong(state->value, state->words, text);
}

/* ---- of a value ---- */

static bool repeats_code(const struct filing_node *node)
{
	ward_str code = filing_attribute_of(node, "countryCallingCode");

	return code.len > 0 && node->text.ptr && ward_str_starts(node->text, code);
}

static bool has_email(const struct filing_node *person, ward_str email)
{
	const struct filing_node *each = person ? filing_find(person, "email") : NULL;

	for (; each; each = each->next) {
		if (each->text.ptr && ward_str_eq_nocase(each->text, email))
			return true;
	}
	return false;
}

/* NCMEC wants an incident's addresses on the reported person, a recipient or a victim, too. */
static bool on_person(const struct filing_node *report, ward_str email)
{
	static const char *const people[][2] = {
		{ "personOrUserReported", "personOrUserReportedPerson" },
		{ "intendedRecipient", "intendedRecipientPerson" },
		{ "victim", "victimPerson" },
	};

	for (size_t i = 0; i < sizeof(people) / sizeof(*people); i++) {
		const struct filing_node *each = filing_find(report, people[i][0]);

		for (; each; each = each->next) {
			if (has_email(filing_find(each, people[i][1]), email))
				return true;
		}
	}
	return false;
}

static bool supplemental_marked(const struct filing_node *details)
{
	return filing_find(details, "fileAnnotations/potentialMeme") ||
	       is_true(text_at(details, "potentialMeme")) ||
	       filing_find(details, "industryClassification");
}

static bool is_other_report(const struct checker *checker, ward_str text)
{
	int64_t id;

	return checker->check->report_id != 0 && ward_i64_parse(text, &id) &&
	       (uint64_t)id != checker->check->report_id;
}

bool checker_cross(const struct checker *checker, const struct place *place,
		const struct filing_node *node)
{
	const char *says = NULL;
	enum filing_cross cross = place->rule == FILING_NO_RULE ? FILING_CROSS_NONE
								: filing_rules[place->rule].cross;

	if (cross == FILING_CROSS_CALLING_CODE && repeats_code(node))
		says = "The number begins with the country's calling code, which is already in "
		       "@countryCallingCode.";
	else if (cross == FILING_CROSS_ON_PERSON && !on_person(checker->draft->report, node->text))
		says = "This address must also stand on the reported person, a recipient or a "
		       "victim.";
	else if (cross == FILING_CROSS_HAS_EMAIL && !filing_find(node, "email"))
		says = "An e-mail address of whoever reports is wanted.";
	else if (cross == FILING_CROSS_OURS && is_other_report(checker, node->text))
		says = "This is the number of another report.";
	else if (cross == FILING_CROSS_SUPPLEMENTAL &&
			ward_str_eq(node->text, WARD_STR("Supplemental Reported")) &&
			supplemental_marked(node->parent))
		says = "A supplemental file carries neither a potential-meme mark nor a "
		       "classification.";
	else if (cross == FILING_CROSS_AGE_OR_BIRTH &&
			strcmp(node->part->name, "dateOfBirth") == 0 &&
			filing_find(node->parent, "approximateAge"))
		says = "Either an approximate age or a date of birth is taken, not both.";
	else if (cross == FILING_CROSS_REGION && in_us(node->parent) && !is_us_state(node->text))
		says = "In the US this is the two letters of a state.";
	else if (cross == FILING_CROSS_VIEWED && unlikely_viewed(node->parent))
		says = VIEWED_SAYS;
	if (says)
		checker_say(checker, place, says);
	return !says;
}

/* ---- of an attribute ---- */

void checker_cross_attribute(const struct checker *checker, const struct place *place,
		ward_str text)
{
	enum filing_cross cross = filing_rules[place->rule].cross;
	int64_t own, other;

	if (cross == FILING_CROSS_DATED) {
		if (filing_attribute_of(place->node, "verificationDate").ptr && !is_true(text))
			checker_say(checker, place,
					"What has a date of verification is verified: true is "
					"wanted.");
		return;
	}
	if ((cross != FILING_CROSS_ON_OR_AFTER && cross != FILING_CROSS_AFTER) || !text.ptr ||
			!filing_datetime(text, &own) ||
			!sound_time(checker, filing_attribute_of(place->node, "disabledDate"),
					&other))
		return;
	if (cross == FILING_CROSS_ON_OR_AFTER && own < other)
		checker_say(checker, place, "This lies before @disabledDate.");
	if (cross == FILING_CROSS_AFTER && own <= other)
		checker_say(checker, place, "This does not lie behind @disabledDate.");
}

/* ---- of a part that is missing ---- */

void checker_cross_missing(const struct checker *checker, const struct filing_node *node,
		const struct filing_part *part)
{
	enum filing_cross cross = filing_rules[part->rule].cross;
	const char *says = NULL;

	if (cross == FILING_CROSS_REGION && in_us(node) && filing_find(node, "city"))
		says = "A city in the US wants its state here.";
	else if (cross == FILING_CROSS_VIEWED && unlikely_viewed(node))
		says = VIEWED_SAYS;
	if (says)
		checker_say_part(checker, node, part, says);
}
