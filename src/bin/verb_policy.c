/*
 * ward policy - the rules in force, and which of them decides about what
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "bin/cli.h"
#include "bin/known.h"
#include "bin/policy_findings.h"
#include "bin/scan_print.h"
#include "scan/report_json.h"
#include "workspace/rules.h"

#define TEXT_MAX ((size_t)1 << 26)

/* ---- show ---- */

static void json_bound(struct json *json, const char *name, int value)
{
	json_key(json, name);
	if (value < 0)
		json_null(json);
	else
		json_int(json, value);
}

static void write_rule(struct json *json, const struct ward_rule *rule)
{
	json_object(json);
	json_key_str(json, "name", rule->name);
	json_key(json, "findings");
	json_array(json);
	for (int kind = 0; kind < WARD_FINDING_KIND_COUNT; kind++) {
		if (rule->findings == 0 || (rule->findings & 1U << kind))
			json_str(json, ward_str_from(ward_finding_kind_name(
						       (ward_finding_kind)kind)));
	}
	json_array_end(json);
	json_key_str(json, "list", rule->list);
	json_key_str(json, "label", rule->label);
	json_bound(json, "distance_max", rule->distance_max);
	json_bound(json, "disputed_max", rule->disputed_max);
	json_key(json, "score_min");
	json_double(json, rule->score_min, 4);
	json_key_text(json, "verdict", ward_verdict_name(rule->verdict));
	json_key_str(json, "queue", rule->queue);
	json_key_int(json, "priority", rule->priority);
	json_object_end(json);
}

static int run_show(struct cli *cli)
{
	bool as_json = cli_flag(cli, "json");
	struct workspace *workspace;
	struct ward_error error;
	struct ward_buf text;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (known_workspace(cli, &workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	const struct ward_policy *policy = workspace_policy(workspace);

	ward_buf_init(&text, TEXT_MAX);
	for (size_t i = 0; i < ward_policy_rules(policy); i++) {
		struct json json = json_to(&text);

		if (as_json)
			write_rule(&json, ward_policy_rule(policy, i));
		else
			rule_format(&text, ward_policy_rule(policy, i));
		if (as_json)
			ward_buf_char(&text, '\n');
	}
	fputs(ward_buf_text(&text).ptr, stdout);
	ward_buf_free(&text);
	workspace_free(workspace);
	return CLI_OK;
}

/* ---- test: why ---- */

struct trial {
	const struct cli *cli;
	const struct ward_policy *policy;
	bool json;
	bool found;    /* any verdict that is not allow */
	bool troubled; /* anything that could not be tried */
	struct ward_buf text;
};

/* What is tried: findings under a name. */
struct tried {
	ward_str path;
	const struct ward_finding *findings;
	size_t count;
	struct ward_verdict verdict;
};

/* The place of the rule that decided; the count of rules when none did. */
static size_t decider(const struct ward_policy *policy, const struct ward_verdict *verdict)
{
	size_t count = ward_policy_rules(policy), i = 0;

	while (i < count && (verdict->finding == SIZE_MAX ||
					    !ward_str_eq(ward_policy_rule(policy, i)->name,
							    verdict->rule)))
		i++;
	return i;
}

static void write_misses(struct json *json, const struct ward_rule *rule, const struct tried *tried)
{
	json_key(json, "misses");
	json_array(json);
	for (size_t i = 0; i < tried->count; i++)
		json_str(json, ward_str_from(ward_rule_misses(rule, &tried->findings[i])));
	json_array_end(json);
}

static void write_trial(struct trial *trial, const struct tried *tried)
{
	size_t last = decider(trial->policy, &tried->verdict);
	struct json json = json_to(&trial->text);

	json_object(&json);
	json_key_str(&json, "path", tried->path);
	json_key(&json, "verdict");
	json_object(&json);
	json_key_text(&json, "kind", ward_verdict_name(tried->verdict.kind));
	json_key_str(&json, "queue", tried->verdict.queue);
	json_key_int(&json, "priority", tried->verdict.priority);
	json_key_str(&json, "rule", tried->verdict.rule);
	json_key_bool(&json, "softened", tried->verdict.softened);
	json_object_end(&json);
	json_key(&json, "rules");
	json_array(&json);
	for (size_t i = 0; i < ward_policy_rules(trial->policy) && i <= last; i++) {
		const struct ward_rule *rule = ward_policy_rule(trial->policy, i);

		json_object(&json);
		json_key_str(&json, "name", rule->name);
		json_key_bool(&json, "matches", i == last);
		if (i == last)
			json_key_uint(&json, "finding", tried->verdict.finding);
		else
			write_misses(&json, rule, tried);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_key(&json, "findings");
	json_array(&json);
	for (size_t i = 0; i < tried->count; i++)
		report_json_finding(&json, &tried->findings[i]);
	json_array_end(&json);
	json_object_end(&json);
	ward_buf_char(&trial->text, '\n');
}

static void print_finding(struct ward_buf *out, size_t number, const struct ward_finding *finding)
{
	ward_buf_printf(out, "  finding %zu: %s", number, ward_finding_kind_name(finding->kind));
	if (finding->list.len > 0) {
		ward_buf_printf(out, ", distance %" PRIu32 ", disputed by %" PRIu32 ", list ",
				finding->distance, finding->disputed);
		scan_print_text(out, finding->list);
	}
	if (finding->labels.len > 0) {
		ward_buf_str(out, WARD_STR(", labels "));
		scan_print_text(out, finding->labels);
	}
	if (finding->kind == WARD_FINDING_SCORE)
		ward_buf_printf(out, ", score %g", finding->score);
	ward_buf_char(out, '\n');
}

/* Why no finding matches: which condition of the rule each one fails. */
static void print_misses(struct ward_buf *out, const struct ward_rule *rule,
		const struct tried *tried)
{
	ward_buf_str(out, WARD_STR("does not match ("));
	for (size_t i = 0; i < tried->count; i++)
		ward_buf_printf(out, "%sfinding %zu fails \"%s\"", i > 0 ? "; " : "", i + 1,
				ward_rule_misses(rule, &tried->findings[i]));
	ward_buf_str(out, tried->count == 0 ? WARD_STR("there is no finding)\n") : WARD_STR(")\n"));
}

static void print_trial(struct trial *trial, const struct tried *tried)
{
	const struct ward_verdict *verdict = &tried->verdict;
	size_t last = decider(trial->policy, verdict);
	size_t count = ward_policy_rules(trial->policy);
	struct ward_buf *out = &trial->text;

	scan_print_text(out, tried->path);
	ward_buf_printf(out, ": %s", ward_verdict_name(verdict->kind));
	if (verdict->queue.len > 0)
		ward_buf_printf(out, ", queue %.*s, priority %d", WARD_FMT(verdict->queue),
				verdict->priority);
	ward_buf_printf(out, ", by rule %.*s\n", WARD_FMT(verdict->rule));
	for (size_t i = 0; i < tried->count; i++)
		print_finding(out, i + 1, &tried->findings[i]);
	for (size_t i = 0; i < count; i++) {
		const struct ward_rule *rule = ward_policy_rule(trial->policy, i);

		ward_buf_printf(out, "  rule %.*s: ", WARD_FMT(rule->name));
		if (i < last)
			print_misses(out, rule, tried);
		else if (i > last)
			ward_buf_str(out, WARD_STR("not asked\n"));
		else
			ward_buf_printf(out, "decides (finding %zu)%s\n", verdict->finding + 1,
					verdict->softened ? "; it says block, and a score may only "
							    "hold"
							  : "");
	}
	if (last == count)
		ward_buf_str(out, WARD_STR("  no rule matches: allowed\n"));
}

static void judge(struct trial *trial, struct tried *tried)
{
	tried->verdict = ward_policy_judge(trial->policy, tried->findings, tried->count);
	trial->found |= tried->verdict.kind != WARD_ALLOW;
	ward_buf_clear(&trial->text);
	if (trial->json)
		write_trial(trial, tried);
	else
		print_trial(trial, tried);
	if (trial->text.failed)
		trial->troubled = cli_fail(trial->cli, "there are too many findings to print");
	else
		fwrite(trial->text.ptr, 1, trial->text.len, stdout);
}

/* ---- test: of what ---- */

static void try_findings(struct trial *trial, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	struct policy_findings findings;
	struct ward_error error;
	bool more = true;

	if (!file) {
		trial->troubled = cli_fail(trial->cli, "cannot open %s: %s", path, strerror(errno));
		return;
	}
	for (size_t number = 1; more; number++) {
		char name[32];

		if (policy_findings_read(file, &findings, &more, &error) != WARD_OK) {
			trial->troubled = cli_fail(trial->cli, "%s, value %zu: %s", path, number,
					error.message);
			break;
		}
		if (!more)
			break;
		snprintf(name, sizeof(name), "value %zu", number);
		struct tried tried = {
			.path = findings.path.len > 0 ? findings.path : ward_str_from(name),
			.findings = findings.at,
			.count = findings.count,
		};

		judge(trial, &tried);
		ward_arena_free(&findings.arena);
	}
	if (!is_stdin)
		fclose(file);
}

static void try_file(struct trial *trial, struct ward_scanner *scanner, struct known *known,
		const char *path)
{
	struct ward_scan_options options = known_scan_options(known);
	const struct ward_report *report;
	struct ward_error error;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		trial->troubled = cli_fail(trial->cli, "cannot open %s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		trial->troubled = cli_fail(trial->cli, "%s is not a regular file", path);
	} else if (workspace_settings(known->workspace)->texts &&
			known_words(known, &options, &error) != WARD_OK) {
		trial->troubled = cli_fail(trial->cli, "%s", error.message);
	} else if (ward_scan_fd(scanner, fd, (uint64_t)st.st_size, known->view, known->policy,
				   &options, &report, &error) != WARD_OK) {
		trial->troubled = cli_fail(trial->cli, "%s: %s", path, error.message);
	} else {
		struct tried tried = { .path = ward_str_from(path),
			.findings = report->findings,
			.count = report->finding_count };

		judge(trial, &tried);
	}
	if (fd >= 0)
		close(fd);
}

static bool holds_findings(const char *path)
{
	ward_str name = ward_str_from(path);

	return strcmp(path, "-") == 0 || ward_str_ends(name, WARD_STR(".json")) ||
	       ward_str_ends(name, WARD_STR(".jsonl"));
}

static int run_test(struct cli *cli)
{
	struct trial trial = { .cli = cli, .json = cli_flag(cli, "json") };
	struct ward_scanner *scanner;
	struct ward_error error;
	struct known known;

	if (cli->arg_count == 0)
		return cli_usage(cli, "which files? FILE.json and - hold findings, others are "
				      "scanned");
	if (known_open(cli, &known, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	trial.policy = known.policy;
	scanner = ward_scanner_new(NULL);
	ward_buf_init(&trial.text, TEXT_MAX);
	for (int i = 0; i < cli->arg_count && scanner; i++) {
		if (holds_findings(cli->args[i]))
			try_findings(&trial, cli->args[i]);
		else
			try_file(&trial, scanner, &known, cli->args[i]);
	}
	if (!scanner)
		trial.troubled = cli_fail(cli, "out of memory");
	ward_buf_free(&trial.text);
	ward_scanner_free(scanner);
	known_close(&known);
	return trial.troubled ? CLI_TROUBLE : trial.found ? CLI_FOUND : CLI_OK;
}

/* ---- the verb ---- */

static const struct cli_option show_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};
static const struct cli_option test_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ "show", "", "Print the rules in force, as ward.conf has them", show_options, run_show,
			NULL },
	{ "test", "FILE|FILE.json|-...", "Tell which rule decides about a file or finding, and why",
			test_options, run_test, NULL },
	{ 0 },
};

const struct cli_verb verb_policy = {
	.name = "policy",
	.arguments = "",
	.actions = actions,
};
