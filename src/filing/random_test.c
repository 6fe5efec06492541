/* Whatever our rules let pass, the schema lets pass: random documents, asked of xmllint. */
#include "filing/check.h"

#include "base/clock.h"
#include "base/file.h"

#include <jansson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

extern char **environ;

enum { DOCUMENTS = 300, FAULTS = 1500 };

static struct ward_arena arena;
static char folder[] = "/tmp/ward-filing-XXXXXX";
static unsigned written;
static uint64_t state = 88172645463325252u;

/* xorshift: the same documents in every run. */
static unsigned pick(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 11) % below);
}

static int64_t test_now(void)
{
	int64_t now = 0;

	return clock_parse(WARD_STR("2026-03-01T00:00:00Z"), &now) ? now : 0;
}

/* ---- random values ---- */

static ward_str some_text(uint32_t max)
{
	static const char *const bits[] = { "a", "lamp ", "<", "&", ">", "\"", "'", "\r", "\n",
		"\t", "]]>", "\xc3\xa9", "\xd9\x85", "\xd7\xa9", "\xf0\x9f\x94\xa6", "\x01", "\x7f",
		"&amp;", "\xe2\x80\xae", "\xef\xbf\xbf" };
	unsigned count = 1 + pick(max > 0 && max < 40 ? max : 40);
	struct ward_buf text;

	ward_buf_init(&text, 1 << 12);
	ward_buf_char(&text, 'x');
	for (unsigned i = 1; i < count / 5 + 1; i++)
		ward_buf_str(&text, ward_str_from(bits[pick(sizeof(bits) / sizeof(*bits))]));
	ward_str kept = ward_arena_str(&arena, ward_buf_text(&text));

	ward_buf_free(&text);
	return kept;
}

static ward_str some_value(enum filing_value value, const char *const *words,
		const struct filing_rule *rule)
{
	static const char *const emails[] = { "ada@h.example", "keeper.two@harbour.example" };
	static const char *const ips[] = { "192.0.2.1", "2001:db8::5", "::1" };
	unsigned count = 0;

	while (words && words[count])
		count++;
	if (rule->format == FILING_FORMAT_IP)
		return ward_str_from(ips[pick(3)]);
	if (rule->format == FILING_FORMAT_EMAIL)
		return ward_str_from(emails[pick(2)]);
	if (rule->format == FILING_FORMAT_URL)
		return WARD_STR("https://h.example/a?b=1&c=2#d");
	if (rule->pattern == FILING_PATTERN_CALLING_CODE)
		return WARD_STR("+31");
	if (rule->pattern == FILING_PATTERN_DIGITS)
		return WARD_STR("0123456789");
	switch (value) {
	case FILING_WORD:
		return ward_str_from(words[pick(count)]);
	case FILING_BOOLEAN:
		return pick(2) ? WARD_STR("true") : WARD_STR("0");
	case FILING_MARK:
		return pick(2) ? WARD_STR("true") : WARD_STR("");
	case FILING_INT:
	case FILING_LONG:
		return rule->ranged && pick(2) ? WARD_STR("150") : WARD_STR("7");
	case FILING_DOUBLE:
		return pick(2) ? WARD_STR("-12.5") : WARD_STR("+90");
	case FILING_DATE:
		return WARD_STR("1990-02-28");
	case FILING_DATETIME:
		return pick(2) ? WARD_STR("2026-01-01T10:00:00.123+14:00")
			       : WARD_STR("2025-12-31T23:59:59Z");
	case FILING_TOKEN:
		return WARD_STR("b0754af7");
	case FILING_TEXT:
	case FILING_PARTS:
		break;
	}
	return some_text(rule->max);
}

/* ---- random documents ---- */

static struct ward_error error;

static void fill_attributes(struct filing_node *node)
{
	for (unsigned i = 0; i < node->type->attribute_count; i++) {
		const struct filing_attribute *attribute = &node->type->attributes[i];
		const struct filing_rule *rule = &filing_rules[attribute->rule];
		ward_str value = some_value(attribute->value, attribute->words, rule);

		if (!attribute->required && pick(2))
			continue;
		if (attribute->pattern == FILING_PATTERN_DIGITS)
			value = WARD_STR("42");
		/* Times that say something of one another. */
		if (strcmp(attribute->name, "disabledDate") == 0)
			value = WARD_STR("2025-06-01T00:00:00Z");
		if (rule->cross == FILING_CROSS_ON_OR_AFTER || rule->cross == FILING_CROSS_AFTER)
			value = WARD_STR("2025-07-01T00:00:00Z");
		if (rule->cross == FILING_CROSS_DATED)
			value = WARD_STR("true");
		node->attributes[i] = value;
	}
	/* What has a date is verified. */
	if (filing_attribute_of(node, "verificationDate").ptr &&
			filing_set_attribute(&arena, node, "verified", WARD_STR("true"), &error))
		test_failed = true;
}

static void fill(struct filing_node *node);

static bool wanted(const struct filing_node *node, const struct filing_part *part)
{
	static const char *const never[] = { "batchedReport", "approximateAge" };

	for (size_t i = 0; i < 2; i++) {
		if (strcmp(part->name, never[i]) == 0)
			return false;
	}
	/* Of a choice the one that was drawn; of the two that exclude each other the second. */
	if (part->choice != 0 && !node->type->one_of)
		return strcmp(part->name, "fileAnnotations") == 0 && pick(2);
	return part->required || strcmp(part->name, "region") == 0 || pick(3) == 0;
}

static void add_filled(struct filing_node *node, const struct filing_part *part)
{
	struct filing_node *child;

	if (filing_add(&arena, node, part->name, &child, &error))
		test_failed = true;
	else
		fill(child);
}

static void fill(struct filing_node *node)
{
	unsigned chosen = node->type->part_count > 0 ? pick(node->type->part_count) : 0;

	fill_attributes(node);
	if (node->type->value != FILING_PARTS) {
		unsigned rule = node->type->rule == FILING_NO_RULE ? node->part->rule
								   : node->type->rule;

		node->text = some_value(node->type->value, node->type->words, &filing_rules[rule]);
		if (filing_rules[rule].cross == FILING_CROSS_REGION)
			node->text = WARD_STR("NY");
		if (filing_rules[rule].cross == FILING_CROSS_SUPPLEMENTAL)
			node->text = WARD_STR("Reported");
		if (filing_rules[rule].cross == FILING_CROSS_VIEWED)
			node->text = WARD_STR("true");
		if (filing_rules[rule].cross == FILING_CROSS_OURS)
			node->text = WARD_STR("5");
		return;
	}
	/* In an order of no meaning: the writer has its own. */
	for (unsigned n = 0; n < node->type->part_count; n++) {
		unsigned i = (n * 7 + chosen) % node->type->part_count;

		if (node->type->part_count % 7 == 0)
			i = n;
		const struct filing_part *part = &node->type->parts[i];
		bool many = part->many && !filing_rules[part->rule].once_unless_batched;

		if (node->type->one_of ? i != chosen : !wanted(node, part))
			continue;
		for (unsigned count = many ? 1 + pick(3) : 1; count > 0; count--)
			add_filled(node, part);
	}
}

/* Whoever reports can be written to, an incident's addresses are a recipient's, exif is of files
 * that were viewed. */
static void mend(struct filing_draft *draft)
{
	struct filing_node *recipient, *person, *email;
	const struct filing_node *reporter = filing_find(draft->report, "reporter/reportingPerson");

	(void)(filing_add(&arena, (struct filing_node *)(uintptr_t)reporter, "email", &email,
			       &error) ||
			filing_set_text(&arena, email, WARD_STR("desk@h.example"), &error) ||
			filing_add(&arena, draft->report, "intendedRecipient", &recipient,
					&error) ||
			filing_add(&arena, recipient, "intendedRecipientPerson", &person, &error) ||
			filing_add_text(&arena, person, "email", WARD_STR("ada@h.example"),
					&error) ||
			filing_add_text(&arena, person, "email",
					WARD_STR("keeper.two@harbour.example"), &error));
	for (struct filing_file *file = draft->files; file; file = file->next) {
		filing_remove(file->details, "fileViewedByEsp");
		if (filing_add_text(&arena, file->details, "fileViewedByEsp", WARD_STR("true"),
				    &error))
			test_failed = true;
	}
}

static void make_draft(struct filing_draft *draft)
{
	struct filing_file *file;

	ward_arena_free(&arena);
	ward_arena_init(&arena, (size_t)256 << 20);
	file = ward_new(&arena, struct filing_file, 1);
	*draft = (struct filing_draft){ filing_tree_new(&arena, filing_type_report), file, 1 };
	file->item = WARD_STR("item");
	file->details = filing_tree_new(&arena, filing_type_details);
	fill(draft->report);
	fill(file->details);
	mend(draft);
}

/* ---- xmllint ---- */

static void keep_xml(const struct filing_node *root)
{
	char path[256];
	struct ward_buf xml;

	ward_buf_init(&xml, (size_t)16 << 20);
	filing_write(root, &xml);
	snprintf(path, sizeof(path), "%s/%06u.xml", folder, written++);
	ward_str text = ward_buf_text(&xml);

	if (file_replace(path, (ward_bytes){ (const uint8_t *)text.ptr, text.len }, 0600, &error))
		test_failed = true;
	ward_buf_free(&xml);
}

static void keep_draft(const struct filing_draft *draft)
{
	keep_xml(draft->report);
	for (const struct filing_file *file = draft->files; file; file = file->next)
		keep_xml(file->details);
}

/* 0 when every document in the folder is valid, 127 where there is no xmllint. */
static int run_xmllint(void)
{
	static char schema[4096], command[8192];
	static char sh[] = "sh", dash_c[] = "-c";
	char *words[] = { sh, dash_c, command, NULL };
	int status;
	pid_t pid;

	snprintf(schema, sizeof(schema), "%s/tests/vectors/ncmec/cybertip_ispws.xsd",
			getenv("WARD_SOURCE_ROOT"));
	snprintf(command, sizeof(command),
			"command -v xmllint >/dev/null || exit 127; cd %s && ls | grep xml$ | "
			"xargs -n 400 xmllint "
			"--nonet --noout --schema '%s' >out 2>&1 || { grep -v ' validates' out | "
			"head "
			"-5 | sed 's/^/# /'; exit 1; }; rm -f out *.xml",
			folder, schema);
	if (posix_spawnp(&pid, "sh", NULL, NULL, words, environ) != 0 ||
			waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 126;
	return WEXITSTATUS(status);
}

/* Before and behind: a checker that approves of everything would approve of this, too. */
static bool finds_what_is_wrong(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/wrong.xml", folder);
	FILE *file = fopen(path, "w");

	if (!file)
		return false;
	fputs("<report><lighthouse/></report>", file);
	if (fclose(file) != 0)
		return false;
	bool found = run_xmllint() == 1;

	return unlink(path) == 0 && found;
}

static bool check(const struct filing_draft *draft, bool tell)
{
	struct filing_check options = { test_now(), true, 0 };
	struct filing_findings findings = { .arena = &arena };

	filing_check_draft(draft, &options, &findings);
	for (const struct filing_finding *each = findings.first; tell && each; each = each->next) {
		if (each->severity == FILING_ERROR)
			printf("# %s: %s: %s\n", each->rule, each->path, each->says);
	}
	return filing_sound(&findings);
}

/* ---- cases ---- */

static void random_documents_that_pass_are_valid(void)
{
	for (unsigned i = 0; i < DOCUMENTS && !test_failed; i++) {
		struct filing_draft draft;

		make_draft(&draft);
		CHECK(check(&draft, true));
		keep_draft(&draft);
	}
	CHECK(written >= 2 * DOCUMENTS);
	int status = run_xmllint();

	if (status == 127)
		CHECK_SKIP("xmllint is not installed");
	CHECK_EQ(status, 0);
	CHECK(finds_what_is_wrong());
}

static void a_draft_comes_back_as_it_was(void)
{
	for (unsigned i = 0; i < 100; i++) {
		struct filing_findings findings = { .arena = &arena };
		struct filing_draft draft, again;
		struct ward_buf first, second;

		ward_buf_init(&first, (size_t)16 << 20);
		ward_buf_init(&second, (size_t)16 << 20);
		make_draft(&draft);
		filing_draft_write(&draft, &first);
		CHECK_EQ(filing_draft_read(&arena, ward_buf_text(&first), &again, &findings,
					 &error),
				WARD_OK);
		CHECK_EQ(findings.errors, 0);
		filing_draft_write(&again, &second);
		CHECK(ward_str_eq(ward_buf_text(&first), ward_buf_text(&second)));
		ward_buf_free(&first);
		ward_buf_free(&second);
	}
}

/* The same object with its fields in another order, all the way down. */
static json_t *shuffled(json_t *value)
{
	const char *names[64];
	json_t *out, *each;
	unsigned count = 0;
	const char *name;
	size_t index;

	if (json_is_array(value)) {
		out = json_pack("[]");
		json_array_foreach(value, index, each) json_array_append_new(out, shuffled(each));
		return out;
	}
	if (!json_is_object(value))
		return json_incref(value);
	json_object_foreach(value, name, each) names[count++] = name;
	out = json_pack("{}");
	for (; count > 0; count--) {
		unsigned at = pick(count);

		json_object_set_new(out, names[at], shuffled(json_object_get(value, names[at])));
		names[at] = names[count - 1];
	}
	return out;
}

static json_t *load_full(void)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/vectors/ncmec/full.json",
			getenv("WARD_SOURCE_ROOT"));
	return json_load_file(path, 0, NULL);
}

static bool read_json(json_t *value, struct filing_draft *draft, struct filing_findings *findings)
{
	char *text = json_dumps(value, 0);

	ward_arena_free(&arena);
	ward_arena_init(&arena, (size_t)64 << 20);
	*findings = (struct filing_findings){ .arena = &arena };
	ward_err err = filing_draft_read(&arena, ward_str_from(text), draft, findings, &error);

	free(text);
	return err == WARD_OK;
}

static void the_order_of_a_draft_does_not_show(void)
{
	json_t *full = load_full();
	struct ward_buf first, other;

	ward_buf_init(&first, (size_t)4 << 20);
	ward_buf_init(&other, (size_t)4 << 20);
	for (unsigned i = 0; i < 50; i++) {
		struct ward_buf *out = i == 0 ? &first : &other;
		struct filing_findings findings;
		json_t *value = shuffled(full);
		struct filing_draft draft;

		CHECK(read_json(value, &draft, &findings));
		json_decref(value);
		ward_buf_clear(out);
		filing_write(draft.report, out);
		filing_write(draft.files->details, out);
		CHECK(i == 0 || ward_str_eq(ward_buf_text(&first), ward_buf_text(&other)));
	}
	ward_buf_free(&first);
	ward_buf_free(&other);
	json_decref(full);
}

/* One random change somewhere: taken out, doubled, emptied, or made something else. */
static void damage(json_t *value)
{
	static const char *const odd[] = { "", " ", "lamp", "-1", "2030-01-01T00:00:00Z", "true",
		"1", "\xf0\x9f\x94\xa6", "<x/>", "2026-02-30", "9223372036854775808" };
	size_t count = json_is_array(value) ? json_array_size(value) : json_object_size(value);

	if (count == 0)
		return;
	unsigned at = pick((unsigned)count);
	void *iter = json_object_iter(value);

	for (unsigned i = 0; iter && i < at; i++)
		iter = json_object_iter_next(value, iter);
	json_t *child = iter ? json_object_iter_value(iter) : json_array_get(value, at);

	if ((json_is_object(child) || json_is_array(child)) && pick(6) > 0) {
		damage(child);
		return;
	}
	json_t *with = pick(3) == 0 ? json_pack("[OO]", child, child)
				    : json_string(odd[pick(sizeof(odd) / sizeof(*odd))]);

	if (!iter)
		json_array_set_new(value, at, with);
	else if (pick(3) == 0)
		json_object_del(value, json_object_iter_key(iter)), json_decref(with);
	else
		json_object_set_new(value, json_object_iter_key(iter), with);
}

static void what_a_fault_leaves_sound_is_valid(void)
{
	unsigned refused = 0, sound = 0;

	for (unsigned i = 0; i < FAULTS && !test_failed; i++) {
		struct filing_findings findings;
		struct filing_draft draft;
		json_t *full = load_full();

		damage(full);
		CHECK(read_json(full, &draft, &findings));
		json_decref(full);
		if (!filing_sound(&findings) || !check(&draft, false)) {
			refused++;
			continue;
		}
		sound++;
		keep_draft(&draft);
	}
	printf("# %u refused, %u sound\n", refused, sound);
	CHECK(refused > FAULTS / 4);
	CHECK(sound > FAULTS / 20);
	int status = run_xmllint();

	if (status == 127)
		CHECK_SKIP("xmllint is not installed");
	CHECK_EQ(status, 0);
	CHECK(finds_what_is_wrong());
}

static const struct test_case cases[] = {
	{ "random documents that pass our rules are valid", random_documents_that_pass_are_valid },
	{ "a draft comes back as it was", a_draft_comes_back_as_it_was },
	{ "the order of a draft's fields does not show in what is sent",
			the_order_of_a_draft_does_not_show },
	{ "what a random fault leaves sound is valid", what_a_fault_leaves_sound_is_valid },
};

int main(void)
{
	static char rm[] = "rm", dash_rf[] = "-rf";
	char *words[] = { rm, dash_rf, folder, NULL };
	pid_t pid;

	if (!mkdtemp(folder))
		return 1;
	ward_arena_init(&arena, (size_t)64 << 20);
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ward_arena_free(&arena);
	if (posix_spawnp(&pid, "rm", NULL, NULL, words, environ) == 0)
		waitpid(pid, NULL, 0);
	return status;
}
