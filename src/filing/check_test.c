/* Every rule of data/ncmec/constraints.json has a document that breaks it and no other. */
#include "filing/check.h"

#include "base/clock.h"

#include <jansson.h>

#include "base/test.h"

enum { REPORT = 4564654 };

static struct ward_arena arena;
static json_t *rules; /* of constraints.json */

static json_t *load(const char *path)
{
	char name[4096];
	json_error_t error;

	snprintf(name, sizeof(name), "%s/%s", getenv("WARD_SOURCE_ROOT"), path);
	json_t *value = json_load_file(name, 0, &error);

	if (!value)
		printf("# %s: %s\n", path, error.text);
	return value;
}

static int64_t test_now(void)
{
	int64_t now = 0;

	return clock_parse(WARD_STR("2026-03-01T00:00:00Z"), &now) ? now : 0;
}

/* Reads and checks as what is sent, or as a draft. */
static ward_err check_text(ward_str text, bool complete, struct filing_draft *draft,
		struct filing_findings *findings)
{
	struct filing_check check = { test_now(), complete, complete ? REPORT : 0 };
	struct ward_error error;

	ward_arena_free(&arena);
	ward_arena_init(&arena, (size_t)64 << 20);
	*findings = (struct filing_findings){ .arena = &arena };
	ward_err err = filing_draft_read(&arena, text, draft, findings, &error);

	if (err)
		printf("# %s\n", error.message);
	else
		filing_check_draft(draft, &check, findings);
	return err;
}

static struct filing_findings check_json(json_t *value, bool complete)
{
	char *text = json_dumps(value, 0);
	struct filing_findings findings;
	struct filing_draft draft;

	if (check_text(ward_str_from(text), complete, &draft, &findings))
		findings.errors = 9999;
	free(text);
	return findings;
}

static void print_findings(const struct filing_findings *findings)
{
	for (const struct filing_finding *each = findings->first; each; each = each->next)
		printf("# %s: %s: %s\n", each->rule, each->path, each->says);
}

/* ---- where a rule applies first ---- */

struct spot {
	json_t *holder;  /* the object that has the field */
	const char *key; /* its name there; "@name" of an attribute; "#" or the field for a text */
	bool attribute;
	const struct filing_type *type;
	const struct filing_attribute *row;
};

static bool find_in(json_t *object, const struct filing_type *type, unsigned rule,
		struct spot *spot);

static bool find_value(json_t *holder, const char *key, json_t *value,
		const struct filing_type *type, unsigned rule, struct spot *spot)
{
	if (type->rule == rule) {
		*spot = (struct spot){ holder, key, false, type, NULL };
		return true;
	}
	return json_is_object(value) && find_in(value, type, rule, spot);
}

static bool find_in(json_t *object, const struct filing_type *type, unsigned rule,
		struct spot *spot)
{
	static char names[64][64];

	for (unsigned i = 0; i < type->attribute_count; i++) {
		snprintf(names[i], sizeof(names[i]), "@%s", type->attributes[i].name);
		if (type->attributes[i].rule == rule && json_object_get(object, names[i])) {
			*spot = (struct spot){ object, names[i], true, type, &type->attributes[i] };
			return true;
		}
	}
	for (unsigned i = 0; i < type->part_count; i++) {
		const struct filing_part *part = &type->parts[i];
		json_t *value = json_object_get(object, part->name);

		if (!value)
			continue;
		if (part->rule == rule) {
			*spot = (struct spot){ object, part->name, false, part->type, NULL };
			return true;
		}
		for (size_t j = 0; j < (json_is_array(value) ? json_array_size(value) : 1); j++) {
			json_t *each = json_is_array(value) ? json_array_get(value, j) : value;

			if (find_value(object, part->name, each, part->type, rule, spot))
				return true;
		}
	}
	return false;
}

static bool find_rule(json_t *document, const char *id, struct spot *spot)
{
	json_t *files = json_object_get(document, "files");
	unsigned rule = 0;

	while (rule < filing_rule_count && strcmp(filing_rules[rule].id, id) != 0)
		rule++;
	if (find_in(json_object_get(document, "report"), filing_type_report, rule, spot))
		return true;
	for (size_t i = 0; i < json_array_size(files); i++) {
		if (find_in(json_object_get(json_array_get(files, i), "details"),
				    filing_type_details, rule, spot))
			return true;
	}
	return false;
}

/* ---- changing it there ---- */

static json_t *first_value(const struct spot *spot)
{
	json_t *value = json_object_get(spot->holder, spot->key);

	return json_is_array(value) ? json_array_get(value, 0) : value;
}

static void set(const struct spot *spot, json_t *value)
{
	json_t *old = json_object_get(spot->holder, spot->key);

	if (json_is_array(old))
		json_array_set_new(old, 0, value);
	else
		json_object_set_new(spot->holder, spot->key, value);
}

/* An object with the text as "#", so that it can hold attributes. */
static json_t *as_object(const struct spot *spot)
{
	json_t *value = first_value(spot);

	if (!json_is_object(value)) {
		set(spot, json_pack("{s:O}", "#", value));
		value = first_value(spot);
	}
	return value;
}

static void set_text(const struct spot *spot, const char *text)
{
	json_t *value = first_value(spot);

	if (json_is_object(value))
		json_object_set_new(value, "#", json_string(text));
	else
		set(spot, json_string(text));
}

/* So many characters, of the form that the rule wants. */
static void set_length(const struct spot *spot, const char *format, size_t length)
{
	bool email = strcmp(format, "email") == 0;
	const char *head = strcmp(format, "url") == 0 ? "https://h.example/" : email ? "a@" : "";
	static char text[8192];
	size_t at = strlen(head);

	memcpy(text, head, at);
	for (size_t run = 0; at < length; at++) {
		/* Labels of a host are at most 63 long, and one dot is not the last. */
		bool dot = email && ++run % 50 == 0 && at + 2 < length;

		text[at] = dot ? '.' : spot->attribute ? '7' : 'a';
	}
	text[at] = '\0';
	/* As characters, not as bytes: a two-byte one counts once. */
	if (format[0] == '\0' && !spot->attribute && length > 0)
		memcpy(text + at - 1, "\xc3\xa9", 3);
	set_text(spot, text);
}

/* A rule without a slash is of a kind of text, wherever it stands. */
static void shape(const struct spot *spot, const char *id)
{
	if (!strchr(id, '/'))
		set_text(spot, " ");
	else
		json_object_set_new(as_object(spot), "@colour", json_string("grey"));
}

static void break_card(const struct spot *spot, const char *card)
{
	json_t *value = first_value(spot);

	if (card[0] == '1' || card[0] == '+')
		json_object_del(spot->holder, spot->key);
	else
		json_object_set_new(spot->holder, spot->key, json_pack("[OO]", value, value));
}

static void break_type(const struct spot *spot, const char *id, const char *type)
{
	enum filing_value value = spot->attribute ? spot->row->value : spot->type->value;

	if (type[0] == '<' || (value == FILING_TEXT && !spot->attribute))
		shape(spot, id);
	else if (value == FILING_TOKEN)
		set_text(spot, "two words");
	else
		set_text(spot, "made-up");
}

static const char *bad_format(const char *format)
{
	static const char *const table[][2] = { { "ip", "300.1.2.3" }, { "email", "nobody" },
		{ "url", "host.example/page" }, { "us-state", "ZZ" }, { "iso3166-1-alpha2", "ZZ" },
		{ "report-id", "-5" }, { "file-id-of-report", "two words" } };

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strcmp(format, table[i][0]) == 0)
			return table[i][1];
	}
	return NULL;
}

static void break_phone(const struct spot *spot)
{
	json_object_set_new(as_object(spot), "@countryCallingCode", json_string("+31"));
	set_text(spot, "+31600000000");
}

static void break_true_if(const struct spot *spot, const char *when)
{
	if (when[0] == '@') {
		json_object_set_new(spot->holder, "@verificationDate",
				json_string("2025-12-01T00:00:00Z"));
		json_object_set_new(spot->holder, "@verified", json_false());
	} else {
		json_object_set_new(spot->holder, "exifViewedByEsp", json_true());
		json_object_set_new(spot->holder, "fileViewedByEsp", json_false());
	}
}

/* False when the test knows no way, which is a failure of the test. */
static bool break_aspect(const char *id, json_t *rule, const char *aspect, struct spot *spot)
{
	json_t *value = json_object_get(rule, aspect);
	const char *text = json_string_value(value);
	const char *format = json_string_value(json_object_get(rule, "format"));
	char number[32];

	if (strcmp(aspect, "card") == 0)
		break_card(spot, text);
	else if (strcmp(aspect, "type") == 0)
		break_type(spot, id, text);
	else if (strcmp(aspect, "max") == 0)
		set_length(spot, format ? format : "", (size_t)json_integer_value(value) + 1);
	else if (strcmp(aspect, "nonblank") == 0)
		set_text(spot, " \t ");
	else if (strcmp(aspect, "range") == 0) {
		snprintf(number, sizeof(number), "%lld",
				(long long)json_integer_value(json_array_get(value, 1)) + 1);
		set_text(spot, number);
	} else if (strcmp(aspect, "past") == 0)
		set_text(spot, spot->type->value == FILING_DATE && !spot->attribute
						? "2026-03-02"
						: "2026-03-01T00:00:01Z");
	else if (strcmp(aspect, "format") == 0 && bad_format(text))
		set_text(spot, bad_format(text));
	else if (strcmp(aspect, "regex") == 0)
		set_text(spot, "+x1");
	else if (strcmp(aspect, "local_max") == 0)
		set_text(spot, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			       "@h.example");
	else if (strcmp(aspect, "must_not_start_with") == 0)
		break_phone(spot);
	else if (strcmp(aspect, "true_if") == 0)
		break_true_if(spot, text);
	else if (strcmp(aspect, "required_if") == 0)
		json_object_del(spot->holder, spot->key);
	else if (strcmp(aspect, "format_if_US") == 0)
		set_text(spot, "Coast");
	else if (strcmp(aspect, "must_also_appear_as") == 0)
		set_text(spot, "stranger@h.example");
	else if (strcmp(aspect, "requires_child") == 0)
		json_object_del(first_value(spot), text);
	else if (strcmp(aspect, "on_or_after") == 0)
		set_text(spot, "2026-01-02T23:59:59Z");
	else if (strcmp(aspect, "after") == 0)
		set_text(spot, "2026-01-03T00:00:00Z");
	else if (strcmp(aspect, "excludes") == 0)
		json_object_set_new(spot->holder, text,
				strcmp(text, "dateOfBirth") == 0 ? json_string("1985-01-01")
								 : json_integer(41));
	else if (strcmp(aspect, "authz") == 0)
		set_text(spot, "4564655");
	else if (strcmp(aspect, "not_supplemental_with") == 0)
		set_text(spot, "Supplemental Reported");
	else
		return false;
	return true;
}

/* What is said of a value that is not of its kind. */
static const char *said_of_kind(const struct spot *spot)
{
	enum filing_value value = spot->attribute ? spot->row->value : spot->type->value;

	switch (value) {
	case FILING_PARTS:
		return "There is no attribute";
	case FILING_TEXT:
		return spot->attribute ? "digits" : "There is no attribute";
	case FILING_TOKEN:
		return "an id without blanks";
	case FILING_WORD:
		return "one of the schema's words";
	case FILING_BOOLEAN:
		return "true or false";
	case FILING_MARK:
		return "true, or to be left out";
	case FILING_INT:
	case FILING_LONG:
		return "a whole number";
	case FILING_DOUBLE:
		return "a number of degrees";
	case FILING_DATE:
		return "a date as";
	case FILING_DATETIME:
		return "a date and time";
	}
	return "?";
}

static const char *said_of_format(const struct spot *spot, const char *format)
{
	static const char *const table[][2] = { { "ip", "an IPv4 or IPv6 address" },
		{ "email", "an e-mail address" }, { "url", "a whole URL" },
		{ "report-id", "the number of a report" } };

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strcmp(format, table[i][0]) == 0)
			return table[i][1];
	}
	/* Of states, countries and ids of files the schema itself has the form. */
	return said_of_kind(spot);
}

/*
 * What must be said when a rule is broken in this way alone, so that another check that happens to
 * refuse the same document does not pass for the one that is tested.
 */
static const char *said(const char *id, json_t *rule, const char *aspect, const struct spot *spot)
{
	static const char *const table[][2] = { { "max", "At most " }, { "range", "a number from" },
		{ "past", "in the future" }, { "regex", "digits" },
		{ "local_max", "before the \"@\"" },
		{ "must_not_start_with", "the country's calling code" },
		{ "true_if", "true is wanted" }, { "required_if", "wants its state here" },
		{ "format_if_US", "the two letters of a state" },
		{ "must_also_appear_as", "must also stand on" },
		{ "requires_child", "whoever reports is wanted" },
		{ "on_or_after", "before @disabledDate" }, { "after", "behind @disabledDate" },
		{ "excludes", "not both" }, { "authz", "of another report" },
		{ "not_supplemental_with", "A supplemental file" } };
	const char *format = json_string_value(json_object_get(rule, "format"));
	const char *card = json_string_value(json_object_get(rule, "card"));

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strcmp(aspect, table[i][0]) == 0)
			return table[i][1];
	}
	if (strcmp(aspect, "card") == 0)
		return card[0] == '?' ? "once only" : "This is wanted.";
	if (strcmp(aspect, "type") == 0 && !strchr(id, '/'))
		return "something other than blanks";
	if (strcmp(aspect, "type") == 0)
		return json_string_value(json_object_get(rule, aspect))[0] == '<'
				       ? "There is no attribute"
				       : said_of_kind(spot);
	/* Blanks are no address, either: the form is looked at first. */
	return format ? said_of_format(spot, format) : "something other than blanks";
}

/* There is one finding, and it is of this rule. */
static bool breaks_only(const struct filing_findings *findings, const char *id, const char *or_id)
{
	const struct filing_finding *only = findings->first;

	return findings->errors == 1 && findings->warnings == 0 && !filing_sound(findings) &&
	       (strcmp(only->rule, id) == 0 || strcmp(only->rule, or_id) == 0) &&
	       only->severity == FILING_ERROR && only->says[0] != '\0';
}

static bool try_aspect(const char *id, json_t *rule, const char *aspect)
{
	bool batch = strncmp(id, "report/batchedReport", 20) == 0;
	json_t *document = load(
			batch ? "tests/vectors/ncmec/batch.json" : "tests/vectors/ncmec/full.json");
	const char *or_id = strcmp(aspect, "excludes") == 0 ? "associatedAccount/dateOfBirth" : id;
	/* What may stand any number of times is not broken by that: twice is sound. */
	bool any = strcmp(aspect, "card") == 0 &&
		   json_string_value(json_object_get(rule, aspect))[0] == '*';
	struct spot spot;
	bool good = false;

	/* "May be left out" and "is a text" are nothing an attribute could break. */
	if (!find_rule(document, id, &spot))
		printf("# %s: no document has it\n", id);
	else if (spot.attribute && strcmp(aspect, "card") == 0 &&
			json_string_value(json_object_get(rule, aspect))[0] == '?')
		good = true;
	else if (spot.attribute && strcmp(aspect, "type") == 0 && spot.row->value == FILING_TEXT &&
			spot.row->pattern == FILING_PATTERN_NONE)
		good = true;
	else if (!break_aspect(id, rule, aspect, &spot))
		printf("# %s: nothing here breaks its \"%s\"\n", id, aspect);
	else {
		struct filing_findings findings = check_json(document, true);

		const char *says = said(id, rule, aspect, &spot);

		good = any ? filing_sound(&findings)
			   : breaks_only(&findings, id, or_id) &&
						       strstr(findings.first->says, says);
		if (!good) {
			printf("# %s %s (%s): %u errors\n", id, aspect, says, findings.errors);
			print_findings(&findings);
		}
	}
	json_decref(document);
	return good;
}

/* A rule that says what may not be told of a reply is tested with the replies. */
static bool of_reply(const char *id)
{
	return strncmp(id, "reportResponse/", 15) == 0 ||
	       strncmp(id, "reportDoneResponse/", 19) == 0;
}

static void every_rule_is_broken_by_a_document_and_refused(void)
{
	unsigned broken = 0, tried = 0, bad = 0;
	const char *id, *aspect;
	json_t *rule, *value;

	json_object_foreach(rules, id, rule)
	{
		unsigned before = tried;

		if (of_reply(id))
			continue;
		json_object_foreach(rule, aspect, value)
		{
			if (strcmp(aspect, "note") == 0)
				continue;
			tried++;
			bad += !try_aspect(id, rule, aspect);
		}
		/* A rule that has nothing but its occurrence is broken by that. */
		broken += tried > before;
	}
	printf("# %u rules, %u ways\n", broken, tried);
	CHECK_EQ(bad, 0);
	CHECK_EQ(broken + 9, json_object_size(rules));
}

static void there_are_as_many_rules_as_the_data_has(void)
{
	CHECK_EQ(json_object_size(rules), 255);
	CHECK_EQ(filing_rules_stated, 255);
	for (unsigned i = 0; i < filing_rules_stated; i++)
		CHECK(json_object_get(rules, filing_rules[i].id));
}

static void a_full_document_and_a_batch_are_sound(void)
{
	json_t *full = load("tests/vectors/ncmec/full.json");
	json_t *batch = load("tests/vectors/ncmec/batch.json");
	struct filing_findings findings = check_json(full, true);

	print_findings(&findings);
	CHECK(filing_sound(&findings) && findings.warnings == 0);
	findings = check_json(batch, true);
	print_findings(&findings);
	CHECK(filing_sound(&findings) && findings.warnings == 0);
	json_decref(full);
	json_decref(batch);
}

/* A value of a rule, set in the full document; what is found then. */
static struct filing_findings check_value(const char *id, json_t *rule, const char *number,
		size_t length)
{
	const char *format = json_string_value(json_object_get(rule, "format"));
	json_t *document = load("tests/vectors/ncmec/full.json");
	struct filing_findings findings = { .errors = 9999 };
	struct spot spot;

	if (!find_rule(document, id, &spot)) {
		printf("# %s: no document has it\n", id);
	} else {
		if (number)
			set_text(&spot, number);
		else
			set_length(&spot, format ? format : "", length);
		findings = check_json(document, true);
	}
	json_decref(document);
	return findings;
}

/* At the bound a value is taken; the test above shows that one more is not. */
static void a_value_at_its_bound_is_sound(void)
{
	unsigned lengths = 0, bounds = 0;
	const char *id;
	json_t *rule;

	json_object_foreach(rules, id, rule)
	{
		json_t *max = json_object_get(rule, "max"), *range = json_object_get(rule, "range");

		if (max && !json_object_get(rule, "format_if_US")) {
			struct filing_findings findings = check_value(id, rule, NULL,
					(size_t)json_integer_value(max));

			/* An incident's address that changes is on nobody any more: another rule.
			 */
			bool moved = strcmp(id, "email") == 0;

			if (!filing_sound(&findings) && !moved)
				print_findings(&findings);
			CHECK(moved ? breaks_only(&findings, "emailIncident/emailAddress", "")
				    : filing_sound(&findings));
			lengths++;
		}
		for (size_t i = 0; i < json_array_size(range); i++) {
			char number[32];

			snprintf(number, sizeof(number), "%lld",
					(long long)json_integer_value(json_array_get(range, i)));
			struct filing_findings findings = check_value(id, rule, number, 0);

			CHECK(filing_sound(&findings));
			bounds++;
		}
	}
	CHECK(lengths > 50);
	CHECK_EQ(bounds, 6);
}

static void a_number_below_its_bound_is_refused(void)
{
	unsigned tried = 0;
	const char *id;
	json_t *rule;

	json_object_foreach(rules, id, rule)
	{
		json_t *range = json_object_get(rule, "range");
		char number[32];

		if (!range)
			continue;
		snprintf(number, sizeof(number), "%lld",
				(long long)json_integer_value(json_array_get(range, 0)) - 1);
		struct filing_findings findings = check_value(id, rule, number, 0);

		CHECK(breaks_only(&findings, id, ""));
		CHECK(strstr(findings.first->says, "a number from"));
		tried++;
	}
	CHECK_EQ(tried, 3);
}

/* Each of the two marks and the classification is enough by itself. */
static void a_supplemental_file_carries_no_mark_at_all(void)
{
	static const char *const marks[] = { "{\"potentialMeme\":true}",
		"{\"fileAnnotations\":{\"potentialMeme\":true}}",
		"{\"industryClassification\":\"B2\"}",
		"{\"potentialMeme\":false,\"fileAnnotations\":null}",
		"{\"fileAnnotations\":{\"viral\":true}}" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		json_t *document = load("tests/vectors/ncmec/full.json");
		json_t *mark = json_loads(marks[i], 0, NULL);
		json_t *details = json_object_get(json_array_get(json_object_get(document, "files"),
								  2),
				"details");

		CHECK_STR(json_string_value(json_object_get(details, "fileRelevance")),
				"Supplemental Reported");
		json_object_update(details, mark);
		struct filing_findings findings = check_json(document, true);

		json_decref(mark);
		json_decref(document);
		CHECK(i < 3 ? breaks_only(&findings, "fileDetails/fileRelevance", "")
			    : filing_sound(&findings));
	}
}

/* Nor does leaving it out say that the file was viewed. */
static void viewed_exif_data_want_a_viewed_file(void)
{
	static const char *const words[] = { "{}", "{\"fileViewedByEsp\":false}",
		"{\"fileViewedByEsp\":\"made-up\"}", "{\"fileViewedByEsp\":true}" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		json_t *document = load("tests/vectors/ncmec/full.json");
		json_t *viewed = json_loads(words[i], 0, NULL);
		json_t *details = json_object_get(json_array_get(json_object_get(document, "files"),
								  0),
				"details");

		CHECK(json_is_true(json_object_get(details, "exifViewedByEsp")));
		json_object_del(details, "fileViewedByEsp");
		json_object_update(details, viewed);
		struct filing_findings findings = check_json(document, true);

		json_decref(viewed);
		json_decref(document);
		CHECK(i < 3 ? breaks_only(&findings, "fileDetails/fileViewedByEsp", "")
			    : filing_sound(&findings));
	}
}

/* ---- what a draft may not say ---- */

static void a_draft_does_not_say_who_viewed_what(void)
{
	static const char *const names[] = { "reportId", "fileId", "fileViewedByEsp",
		"exifViewedByEsp" };
	static const char *const values[] = { "5", "\"a\"", "true", "false" };
	struct filing_findings findings;
	struct filing_draft draft;
	char text[1024];

	for (size_t i = 0; i < 4; i++) {
		char rule[64];

		snprintf(text, sizeof(text),
				"{\"report\":{\"incidentSummary\":{\"incidentType\":\"Misleading "
				"Domain "
				"Name\",\"incidentDateTime\":\"2026-01-01T00:00:00Z\"},"
				"\"reporter\":{"
				"\"reportingPerson\":{\"email\":\"a@h.example\"}}},\"files\":[{"
				"\"item\":\"i\",\"details\":{\"%s\":%s}}]}",
				names[i], values[i]);
		snprintf(rule, sizeof(rule), "fileDetails/%s", names[i]);
		CHECK_EQ(check_text(ward_str_from(text), false, &draft, &findings), WARD_OK);
		CHECK(breaks_only(&findings, rule, rule));
		CHECK_EQ(findings.errors, 1);
	}
}

static void what_a_batch_may_not_hold_is_named(void)
{
	static const char *const changes[][3] = {
		{ "report", "{\"internetDetails\":[{\"webPageIncident\":{}}]}", "batched/report" },
		{ "report", "{\"lawEnforcement\":{\"agencyName\":\"A\"}}", "batched/report" },
		{ "report", "{\"intendedRecipient\":[{}]}", "batched/report" },
		{ "report", "{\"victim\":[{\"victimPerson\":{}}]}", "batched/report" },
		{ "report", "{\"additionalInfo\":\"x\"}", "batched/report" },
		{ "report", "{\"personOrUserReported\":[]}", "batched/personOrUserReported" },
		{ "report", "{\"personOrUserReported\":[{}]}", "batched/personOrUserReported" },
		{ "report",
				"{\"personOrUserReported\":[{\"espIdentifier\":\"u\","
				"\"screenName\":"
				"\"x\"}]}",
				"batched/personOrUserReported" },
		{ "report",
				"{\"incidentSummary\":{\"incidentType\":\"Misleading Domain Name\","
				"\"incidentDateTime\":\"2026-01-01T00:00:00Z\","
				"\"escalateToHighPriority\":\"x\"}}",
				"batched/escalateToHighPriority" },
		{ "details", "{\"originalFileName\":\"x\"}", "batched/fileDetails" },
		{ "details", "{\"locationOfFile\":\"https://h.example/\"}", "batched/fileDetails" },
		{ "details", "{\"originalFileHash\":[{\"@hashType\":\"MD5\",\"#\":\"0\"}]}",
				"batched/fileDetails" },
		{ "details", "{\"ipCaptureEvent\":{\"ipAddress\":\"192.0.2.1\"}}",
				"batched/fileDetails" },
		{ "details", "{\"deviceId\":[{\"idType\":\"a\",\"idValue\":\"b\"}]}",
				"batched/fileDetails" },
		{ "details",
				"{\"details\":[{\"nameValuePair\":[{\"name\":\"a\",\"value\":\"b\"}"
				"]}]}",
				"batched/fileDetails" },
		{ "details", "{\"additionalInfo\":[\"x\"]}", "batched/fileDetails" },
		{ "details", "{\"fileAnnotations\":{\"viral\":true,\"generativeAi\":true}}",
				"batched/fileAnnotations" },
		{ "details", "{\"fileAnnotations\":{}}", "batched/fileAnnotations" },
		{ "files", "[]", "batched/files" },
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		json_t *document = load("tests/vectors/ncmec/batch.json");
		json_t *change = json_loads(changes[i][1], 0, NULL);
		json_t *at = json_object_get(document, "report");

		if (strcmp(changes[i][0], "details") == 0)
			at = json_object_get(json_array_get(json_object_get(document, "files"), 0),
					"details");
		if (strcmp(changes[i][0], "files") == 0)
			json_object_set(document, "files", change);
		else
			json_object_update(at, change);
		struct filing_findings findings = check_json(document, true);
		bool only = breaks_only(&findings, changes[i][2], changes[i][2]);

		if (!only)
			print_findings(&findings);
		json_decref(change);
		json_decref(document);
		CHECK(only);
	}
}

static void one_kind_of_incident_stands_in_one_detail(void)
{
	static const char *const details[] = { "[{}]",
		"[{\"webPageIncident\":{},\"chatImIncident\":{}}]" };

	for (size_t i = 0; i < 2; i++) {
		json_t *document = load("tests/vectors/ncmec/full.json");

		json_object_set_new(json_object_get(document, "report"), "internetDetails",
				json_loads(details[i], 0, NULL));
		struct filing_findings findings = check_json(document, true);

		json_decref(document);
		CHECK(breaks_only(&findings, "schema/choice", "schema/choice"));
	}
}

static void control_characters_are_told_and_left_out(void)
{
	static const char text[] = "{\"report\":{\"incidentSummary\":{\"incidentType\":"
				   "\"Misleading Domain Name\",\"platform\":\"a\\u0001\\uffffb\","
				   "\"incidentDateTime\":\"2026-01-01T00:00:00Z\"},\"reporter\":{"
				   "\"reportingPerson\":{\"email\":\"a@h.example\"}}}}";
	struct filing_findings findings;
	struct filing_draft draft;
	struct ward_buf xml;

	CHECK_EQ(check_text(ward_str_from(text), false, &draft, &findings), WARD_OK);
	CHECK(filing_sound(&findings));
	CHECK_EQ(findings.warnings, 1);
	CHECK_STR(findings.first->rule, "draft/characters");
	CHECK_STR(findings.first->path, "report.incidentSummary.platform");
	ward_buf_init(&xml, 1 << 20);
	filing_write(draft.report, &xml);
	CHECK(strstr(ward_buf_text(&xml).ptr, "<platform>ab</platform>") != NULL);
	ward_buf_free(&xml);
}

static void running_out_of_memory_is_never_sound(void)
{
	json_t *document = load("tests/vectors/ncmec/full.json");
	char *text = json_dumps(document, 0);
	struct filing_check check = { test_now(), true, REPORT };
	bool sound = false;

	for (size_t cap = 1024; !sound && cap < ((size_t)4 << 20); cap += 37 * 1024) {
		struct filing_findings findings = { .arena = &arena };
		struct filing_draft draft;
		struct ward_error error;

		ward_arena_free(&arena);
		ward_arena_init(&arena, cap);
		ward_err err = filing_draft_read(&arena, ward_str_from(text), &draft, &findings,
				&error);

		CHECK(err == WARD_OK || err == WARD_E_NOMEM);
		if (!err)
			filing_check_draft(&draft, &check, &findings);
		sound = !err && filing_sound(&findings);
	}
	CHECK(sound);
	free(text);
	json_decref(document);
}

static const struct test_case cases[] = {
	{ "there are as many rules as the data has", there_are_as_many_rules_as_the_data_has },
	{ "a full document and a batch are sound", a_full_document_and_a_batch_are_sound },
	{ "every rule is broken by a document, and that is refused for this rule alone",
			every_rule_is_broken_by_a_document_and_refused },
	{ "a value at its bound is sound", a_value_at_its_bound_is_sound },
	{ "a number below its bound is refused", a_number_below_its_bound_is_refused },
	{ "a supplemental file carries no mark at all",
			a_supplemental_file_carries_no_mark_at_all },
	{ "viewed EXIF data want a viewed file", viewed_exif_data_want_a_viewed_file },
	{ "a draft does not say who viewed what, nor NCMEC's ids",
			a_draft_does_not_say_who_viewed_what },
	{ "what a batch may not hold is named", what_a_batch_may_not_hold_is_named },
	{ "one kind of incident stands in one detail", one_kind_of_incident_stands_in_one_detail },
	{ "control characters are told, and left out", control_characters_are_told_and_left_out },
	{ "running out of memory is never sound", running_out_of_memory_is_never_sound },
};

int main(void)
{
	json_t *document = load("data/ncmec/constraints.json");

	ward_arena_init(&arena, (size_t)64 << 20);
	rules = json_object_get(document, "rules");
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ward_arena_free(&arena);
	json_decref(document);
	return status;
}
