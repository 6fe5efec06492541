#include "filing/check.h"

#include "filing/checker.h"
#include "filing/value.h"

#include <inttypes.h>
#include <stdarg.h>

/* ---- findings ---- */

bool filing_sound(const struct filing_findings *findings)
{
	return findings->errors == 0 && !findings->failed;
}

static const char *sentence(struct ward_arena *arena, const char *fmt, va_list args)
		WARD_PRINTF(2, 0);

static const char *sentence(struct ward_arena *arena, const char *fmt, va_list args)
{
	char text[240];

	vsnprintf(text, sizeof(text), fmt, args);
	/* Cut within a character, a broken one is left; the writer of JSON replaces it. */
	return ward_arena_str(arena, ward_str_from(text)).ptr;
}

void filing_found(struct filing_findings *findings, const char *rule, enum filing_severity severity,
		const char *path, const char *fmt, ...)
{
	struct filing_finding *finding = NULL;
	va_list args;

	if (findings->errors + findings->warnings < FILING_FINDINGS_MAX)
		finding = ward_new(findings->arena, struct filing_finding, 1);
	if (!finding) {
		findings->failed |= severity == FILING_ERROR;
		return;
	}
	va_start(args, fmt);
	*finding = (struct filing_finding){ rule, severity, path ? path : "",
		sentence(findings->arena, fmt, args), NULL };
	va_end(args);
	if (!finding->says)
		finding->says = "This is wrong; there was no memory to tell more.";
	if (findings->last)
		findings->last->next = finding;
	else
		findings->first = finding;
	findings->last = finding;
	if (severity == FILING_ERROR)
		findings->errors++;
	else
		findings->warnings++;
}

const char *filing_path(struct ward_arena *arena, const char *prefix,
		const struct filing_node *node, const char *attribute)
{
	const struct filing_node *line[16];
	unsigned depth = 0;
	struct ward_buf text;

	for (; node->part && depth < 16; node = node->parent)
		line[depth++] = node;
	ward_buf_init(&text, 4096);
	ward_buf_str(&text, ward_str_from(prefix));
	while (depth-- > 0) {
		ward_buf_printf(&text, ".%s", line[depth]->part->name);
		if (line[depth]->part->many)
			ward_buf_printf(&text, "[%u]", line[depth]->index);
	}
	if (attribute)
		ward_buf_printf(&text, ".@%s", attribute);
	const char *path = ward_arena_str(arena, ward_buf_text(&text)).ptr;

	ward_buf_free(&text);
	return path ? path : prefix;
}

/* ---- one value ---- */

static void say(const struct checker *checker, const struct place *place, const char *fmt, ...)
		WARD_PRINTF(3, 4);

static void say(const struct checker *checker, const struct place *place, const char *fmt, ...)
{
	char text[240];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	filing_found(checker->findings, filing_rules[place->rule].id, FILING_ERROR,
			checker_path(checker, place), "%s", text);
}

const char *checker_path(const struct checker *checker, const struct place *place)
{
	return filing_path(checker->findings->arena, checker->prefix, place->node,
			place->attribute);
}

void checker_say(const struct checker *checker, const struct place *place, const char *says)
{
	say(checker, place, "%s", says);
}

/* What the rule says of a number's bounds and a text's length; NULL when it is within. */
static bool check_size(const struct checker *checker, const struct place *place,
		const struct filing_rule *rule, ward_str text)
{
	uint64_t length = filing_length(text);
	int64_t number;

	if (rule->max > 0 && length > rule->max) {
		say(checker, place, "At most %u characters are taken; this has %" PRIu64 ".",
				rule->max, length);
		return false;
	}
	if (rule->local_max > 0 && filing_length(filing_local_part(text)) > rule->local_max) {
		say(checker, place, "At most %u characters are taken before the \"@\".",
				rule->local_max);
		return false;
	}
	if (rule->ranged && ward_i64_parse(text, &number) &&
			(number < rule->low || number > rule->high)) {
		say(checker, place, "This wants a number from %" PRId64 " to %" PRId64 ".",
				rule->low, rule->high);
		return false;
	}
	return true;
}

static bool check_past(const struct checker *checker, const struct place *place,
		const struct filing_rule *rule, ward_str text)
{
	int64_t when;

	if (!rule->past || (!filing_datetime(text, &when) && !filing_date(text, &when)) ||
			when <= checker->check->now)
		return true;
	say(checker, place, "This lies in the future. Ask whoever looked, and mend it by hand.");
	return false;
}

bool checker_value(const struct checker *checker, const struct place *place,
		const struct filing_rule *rule, const struct value_kind *kind, ward_str text)
{
	const char *wrong = filing_value_wrong(kind->value, kind->words, text);

	if (!wrong)
		wrong = filing_pattern_wrong(kind->pattern, text);
	if (!wrong)
		wrong = filing_pattern_wrong(rule->pattern, text);
	if (!wrong)
		wrong = filing_format_wrong(rule->format, text);
	if (!wrong && rule->nonblank && filing_blank(text))
		wrong = "something other than blanks";
	if (wrong) {
		say(checker, place, "This wants %s.", wrong);
		return false;
	}
	return check_size(checker, place, rule, text) && check_past(checker, place, rule, text);
}

/* Told once a value, and not in the way of sending: the writer leaves such characters out. */
static void warn_characters(const struct checker *checker, const struct place *place, ward_str text)
{
	if (filing_unwritable(text))
		filing_found(checker->findings, "draft/characters", FILING_WARNING,
				checker_path(checker, place),
				"Control characters in this cannot be sent and are left out.");
}

static void check_attributes(const struct checker *checker, const struct filing_node *node)
{
	for (unsigned i = 0; i < node->type->attribute_count; i++) {
		const struct filing_attribute *attribute = &node->type->attributes[i];
		struct place place = { node, attribute->name, attribute->rule };
		struct value_kind kind = { attribute->value, attribute->words, attribute->pattern };
		ward_str text = node->attributes[i];

		if (!text.ptr && attribute->required)
			say(checker, &place, "This is wanted.");
		else if (!text.ptr || checker_value(checker, &place, &filing_rules[attribute->rule],
						      &kind, text))
			checker_cross_attribute(checker, &place, text);
		if (text.ptr)
			warn_characters(checker, &place, text);
	}
}

/* The rule of where it stands, then that of what it is. */
static void check_text(const struct checker *checker, const struct filing_node *node)
{
	struct place place = { node, NULL, node->part->rule };
	struct value_kind kind = { node->type->value, node->type->words, node->type->pattern };
	ward_str text = node->text.ptr ? node->text : WARD_STR("");

	warn_characters(checker, &place, text);
	if (node->type->rule != FILING_NO_RULE) {
		struct place own = { node, NULL, node->type->rule };

		/* A telephone number, an address or a digest that says nothing is none. */
		if (filing_blank(text))
			say(checker, &own, "This wants something other than blanks.");
		else if (checker_value(checker, &own, &filing_rules[own.rule], &kind, text) &&
				checker_cross(checker, &own, node))
			(void)checker_cross(checker, &place, node);
		return;
	}
	if (checker_value(checker, &place, &filing_rules[place.rule], &kind, text))
		(void)checker_cross(checker, &place, node);
}

/* ---- the tree ---- */

/* What only sending knows: neither wanted in a draft, nor to be set there. */
static bool set_by_sending(const struct checker *checker, const struct filing_node *node,
		const struct filing_part *part)
{
	static const char *const names[] = { "reportId", "fileId", "fileViewedByEsp",
		"exifViewedByEsp" };

	if (checker->check->complete || node->type != filing_type_details)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(part->name, names[i]) == 0)
			return true;
	}
	return false;
}

void checker_say_part(const struct checker *checker, const struct filing_node *node,
		const struct filing_part *part, const char *says)
{
	const char *path = filing_path(checker->findings->arena, checker->prefix, node, NULL);

	path = ward_arena_printf(checker->findings->arena, "%s.%s", path, part->name);
	filing_found(checker->findings, filing_rules[part->rule].id, FILING_ERROR, path, "%s",
			says);
}

/* False when nothing more is to be said of the part. */
static bool check_count(const struct checker *checker, const struct filing_node *node,
		unsigned slot)
{
	const struct filing_part *part = &node->type->parts[slot];
	bool once = !part->many ||
		    (filing_rules[part->rule].once_unless_batched && !checker->batched);
	unsigned count = node->slots[slot].count;

	if (set_by_sending(checker, node, part)) {
		if (count > 0)
			checker_say_part(checker, node, part,
					"This is set by ward when it sends: ids by NCMEC's "
					"answers, what "
					"was viewed by the count of views.");
		return false;
	}
	if (count == 0 && part->required)
		checker_say_part(checker, node, part, "This is wanted.");
	if (count > 1 && once) {
		checker_say_part(checker, node, part, "This may stand once only.");
		return false;
	}
	return true;
}

static void check_choices(const struct checker *checker, const struct filing_node *node)
{
	const struct filing_node *chosen = NULL;
	const char *path = filing_path(checker->findings->arena, checker->prefix, node, NULL);

	for (unsigned i = 0; i < node->type->part_count; i++) {
		const struct filing_part *part = &node->type->parts[i];

		if (part->choice == 0 || node->slots[i].count == 0)
			continue;
		if (chosen && chosen->part->choice == part->choice)
			filing_found(checker->findings, "schema/choice", FILING_ERROR, path,
					"Only one of %s and %s may stand here.", chosen->part->name,
					part->name);
		chosen = node->slots[i].first;
	}
	if (node->type->one_of && !chosen)
		filing_found(checker->findings, "schema/choice", FILING_ERROR, path,
				"One kind of incident is wanted here.");
}

void checker_node(const struct checker *checker,
		const struct filing_node *node) // NOLINT(misc-no-recursion)
{
	check_attributes(checker, node);
	if (node->part && node->type->value != FILING_PARTS)
		check_text(checker, node);
	else if (node->part) {
		struct place place = { node, NULL, node->part->rule };

		(void)checker_cross(checker, &place, node);
	}
	check_choices(checker, node);
	for (unsigned i = 0; i < node->type->part_count; i++) {
		if (!check_count(checker, node, i))
			continue;
		if (node->slots[i].count == 0)
			checker_cross_missing(checker, node, &node->type->parts[i]);
		for (const struct filing_node *child = node->slots[i].first; child;
				child = child->next)
			checker_node(checker, child);
	}
}

void filing_check_draft(const struct filing_draft *draft, const struct filing_check *check,
		struct filing_findings *findings)
{
	struct checker checker = { check, findings, draft, "report", filing_draft_batched(draft) };

	checker_node(&checker, draft->report);
	for (const struct filing_file *file = draft->files; file; file = file->next) {
		checker.prefix = ward_arena_printf(findings->arena, "files[%u].details",
				file->index);
		if (!checker.prefix)
			checker.prefix = "files";
		checker_node(&checker, file->details);
	}
	if (checker.batched)
		checker_batch(&checker);
}
