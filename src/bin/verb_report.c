/*
 * ward report - reports to authorities: check, draft, approve, send, look, take back
 */
#include "bin/report.h"

#include "base/clock.h"

#include <inttypes.h>
#include <unistd.h>

enum { PAGE = 200, ARENA_MAX = 256 << 20 };

/* ---- drafts ---- */

static ward_err read_draft(const struct cli *cli, char **text, size_t *len,
		struct ward_error *error)
{
	return report_read(cli->args[0], FILING_DRAFT_MAX, text, len, error);
}

/* What is wrong with it; true when nothing is. */
static ward_err check(ward_str text, bool json, bool *sound, struct ward_error *error)
{
	struct filing_check options = { clock_now(), false, 0 };
	struct filing_findings findings;
	struct filing_draft draft;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	findings = (struct filing_findings){ .arena = &arena };
	ward_err err = filing_draft_read(&arena, text, &draft, &findings, error);

	if (!err) {
		filing_check_draft(&draft, &options, &findings);
		report_print_findings(&findings, json);
		*sound = filing_sound(&findings);
	}
	ward_arena_free(&arena);
	return err;
}

static int run_check(struct cli *cli)
{
	struct ward_error error;
	bool sound = false;
	char *text;
	size_t len;

	if (cli->arg_count != 1)
		return cli_usage(cli, "one draft is wanted, as JSON");
	if (read_draft(cli, &text, &len, &error))
		return cli_fail_error(cli, &error);
	ward_err err = check((ward_str){ text, len }, cli_flag(cli, "json"), &sound, &error);

	free(text);
	if (err)
		return cli_fail_error(cli, &error);
	if (sound)
		fprintf(stderr, "Nothing of it breaks a rule.\n");
	return sound ? CLI_OK : CLI_FOUND;
}

static ward_err keep_draft(const struct cli *cli, ward_str text, char id[ID_TEXT_MAX],
		struct ward_error *error)
{
	const char *named = cli_text(cli, "authority"), *authority = named ? named : "ncmec";
	struct report_scene scene;
	bool made;
	ward_err err = report_open(cli, REPORT_LOOKS, &scene, error);

	if (err)
		return err;
	struct filing_actor actor = report_actor(&scene);

	if (strcmp(authority, "ncmec") != 0)
		err = report_know_authority(&scene, authority, error);
	if (!err)
		err = filing_draft_keep(scene.filing, &actor,
				&(struct filing_draft_new){ .reference = ward_str_from(cli_text(cli,
									    "reference")),
						.draft = text,
						.authority = ward_str_from(authority) },
				id, &made, error);
	report_close(&scene);
	return err;
}

static int run_draft(struct cli *cli)
{
	char id[ID_TEXT_MAX];
	struct ward_error error;
	bool sound = false;
	char *text;
	size_t len;

	if (cli->arg_count != 1 || !cli_text(cli, "reference"))
		return cli_usage(cli, "one draft and its --reference are wanted");
	if (read_draft(cli, &text, &len, &error))
		return cli_fail_error(cli, &error);
	ward_err err = keep_draft(cli, (ward_str){ text, len }, id, &error);

	if (!err) {
		printf("%s\n", id);
		fflush(stdout);
		/* The id alone is data here; what is wrong with it is for whoever reads along. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		err = check((ward_str){ text, len }, false, &sound, &error);
	}
	free(text);
	return err ? cli_fail_error(cli, &error) : sound ? CLI_OK : CLI_FOUND;
}

/* ---- approving, taking back ---- */

static int run_approve(struct cli *cli)
{
	struct filing_approval approval = { ward_str_from(cli_text(cli, "person")),
		ward_str_from(cli_text(cli, "reason")), ward_str_from(cli_text(cli, "sha256")),
		WARD_STR("") };
	struct report_scene scene;
	struct ward_error error;
	unsigned left = 0;

	if (cli->arg_count != 1 || approval.person.len == 0)
		return cli_usage(cli, "one report and the --person who approves it are wanted");
	if (report_open(cli, REPORT_LOOKS, &scene, &error))
		return cli_fail_error(cli, &error);
	struct filing_actor actor = report_actor(&scene);
	ward_err err = filing_approve(scene.filing, &actor, ward_str_from(cli->args[0]), &approval,
			&left, &error);

	report_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	if (left > 0)
		fprintf(stderr, "Another person must approve it, too.\n");
	else
		fprintf(stderr, "It can be sent: ward report send, or ward report package for "
				"another authority\n");
	return CLI_OK;
}

static int run_retract(struct cli *cli)
{
	struct report_scene scene;
	struct ward_error error;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which report?");
	if (report_open(cli, REPORT_LOOKS, &scene, &error))
		return cli_fail_error(cli, &error);
	struct filing_actor actor = report_actor(&scene);
	ward_err err = filing_retract(scene.filing, &actor, ward_str_from(cli->args[0]),
			ward_str_from(cli_text(cli, "reason")), &error);

	report_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	fprintf(stderr, "What is open at NCMEC is retracted by the next: ward report send\n");
	return CLI_OK;
}

/* ---- sending ---- */

static ward_err print_one(struct report_scene *scene, ward_str id, bool json, bool *well,
		struct ward_error *error)
{
	struct ward_arena arena;
	struct filing_row row;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = filing_get(scene->filing, id, &arena, &row, error);

	if (!err) {
		report_print_row(&row, json);
		*well &= row.alert.len == 0 && filing_state_final(row.state);
	}
	ward_arena_free(&arena);
	return err;
}

/* Until it is done, or has to wait. */
static ward_err send_one(struct report_scene *scene, const struct cli *cli, ward_str id, bool *well,
		struct ward_error *error)
{
	bool more = true;
	ward_err err = WARD_OK;

	while (!err && more)
		err = filing_step(scene->filing, id, &more, error);
	return err ? err : print_one(scene, id, cli_flag(cli, "json"), well, error);
}

static ward_err send_named(struct report_scene *scene, const struct cli *cli, bool *well,
		struct ward_error *error)
{
	struct filing_actor actor = report_actor(scene);
	ward_err err = WARD_OK;

	for (int i = 0; i < cli->arg_count && !err; i++) {
		ward_str id = ward_str_from(cli->args[i]);

		if (cli_flag(cli, "again"))
			err = filing_again(scene->filing, &actor, id, error);
		if (!err)
			err = send_one(scene, cli, id, well, error);
	}
	return err;
}

static ward_err send_due(struct report_scene *scene, const struct cli *cli, bool *well,
		struct ward_error *error)
{
	char id[ID_TEXT_MAX], before[ID_TEXT_MAX] = "";
	ward_err err;

	while ((err = filing_due(scene->filing, id, error)) == WARD_OK) {
		/* One that stays due is one that cannot be worked on. */
		if (strcmp(id, before) == 0)
			break;
		memcpy(before, id, sizeof(id));
		err = send_one(scene, cli, ward_str_from(id), well, error);
		if (err)
			return err;
	}
	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static int run_send(struct cli *cli)
{
	struct report_scene scene;
	struct ward_error error;
	bool well = true;

	if (cli_flag(cli, "again") && cli->arg_count == 0)
		return cli_usage(cli, "which report is to be sent --again?");
	if (report_open(cli, REPORT_SENDS, &scene, &error))
		return cli_fail_error(cli, &error);
	ward_err err = cli->arg_count > 0 ? send_named(&scene, cli, &well, &error)
					  : send_due(&scene, cli, &well, &error);

	report_close(&scene);
	return err ? cli_fail_error(cli, &error) : well ? CLI_OK : CLI_FOUND;
}

/* ---- looking ---- */

static ward_err print_page(struct report_scene *scene, char before[ID_TEXT_MAX], bool json,
		size_t *count, struct ward_error *error)
{
	struct ward_arena arena;
	struct filing_row *rows;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = filing_list(scene->filing, ward_str_from(before), PAGE, &arena, &rows, count,
			error);

	for (size_t i = 0; i < *count && !err; i++) {
		report_print_row(&rows[i], json);
		snprintf(before, ID_TEXT_MAX, "%.*s", WARD_FMT(rows[i].id));
	}
	ward_arena_free(&arena);
	return err;
}

static int run_ls(struct cli *cli)
{
	char before[ID_TEXT_MAX] = "";
	struct report_scene scene;
	struct ward_error error;
	size_t count = PAGE;
	ward_err err;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (report_open(cli, REPORT_LOOKS, &scene, &error))
		return cli_fail_error(cli, &error);
	do {
		count = 0;
		err = print_page(&scene, before, cli_flag(cli, "json"), &count, &error);
	} while (!err && count == PAGE);
	report_close(&scene);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* The receipt is the answer to the finish, as it came. */
static bool print_receipt(const struct filing_call_row *calls, size_t count)
{
	for (size_t i = count; i > 0; i--) {
		const struct filing_call_row *call = &calls[i - 1];

		if (ward_str_eq(call->call, WARD_STR("finish")) && call->code == 0) {
			fwrite(call->reply.ptr, 1, call->reply.len, stdout);
			return true;
		}
	}
	return false;
}

static ward_err show(struct report_scene *scene, const struct cli *cli, bool *found,
		struct ward_error *error)
{
	ward_str id = ward_str_from(cli->args[0]);
	struct filing_call_row *calls;
	struct ward_arena arena;
	struct filing_row row;
	size_t count = 0;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = filing_get(scene->filing, id, &arena, &row, error);

	if (!err)
		err = filing_calls(scene->filing, id, &arena, &calls, &count, error);
	if (!err && cli_flag(cli, "draft")) {
		printf("%.*s\n", WARD_FMT(row.draft));
	} else if (!err && cli_flag(cli, "receipt")) {
		*found = filing_row_is_ncmec(&row) ? print_receipt(calls, count)
						   : report_print_answer(scene, id);
	} else if (!err) {
		report_print_row(&row, cli_flag(cli, "json"));
		if (!cli_flag(cli, "json"))
			report_print_calls(calls, count);
	}
	ward_arena_free(&arena);
	return err;
}

static int run_show(struct cli *cli)
{
	struct report_scene scene;
	struct ward_error error;
	bool found = true;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which report?");
	if (report_open(cli, REPORT_LOOKS, &scene, &error))
		return cli_fail_error(cli, &error);
	ward_err err = show(&scene, cli, &found, &error);

	report_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	return found ? CLI_OK : cli_fail(cli, "there is no receipt of this report");
}

/* ---- asking NCMEC ---- */

static int run_status(struct cli *cli)
{
	struct report_scene scene;
	struct filing_reply reply;
	struct ward_arena arena;
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (report_open(cli, REPORT_ASKS, &scene, &error))
		return cli_fail_error(cli, &error);
	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = filing_status(scene.wire, &arena, &reply, &error);

	if (!err)
		printf("%sNCMEC answers with code %" PRId64 " (%s)\n",
				report_band(filing_wire_environment(scene.wire)), reply.code,
				filing_code_of(reply.code).means);
	ward_arena_free(&arena);
	report_close(&scene);
	return err ? cli_fail_error(cli, &error) : reply.code == 0 ? CLI_OK : CLI_FOUND;
}

static int run_drift(struct cli *cli)
{
	struct report_scene scene;
	struct ward_error error;
	char sha256[65];
	bool same = true;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (report_open(cli, REPORT_ASKS, &scene, &error))
		return cli_fail_error(cli, &error);
	ward_err err = filing_drift(scene.wire, &same, sha256, &error);
	const char *band = report_band(filing_wire_environment(scene.wire));

	if (!err && same)
		printf("%sNCMEC's schema is the one that this ward was made of\n", band);
	else if (!err)
		printf("%sNCMEC's schema has changed: %s, and this ward was made of %s\n", band,
				sha256, filing_schema_sha256);
	report_close(&scene);
	return err ? cli_fail_error(cli, &error) : same ? CLI_OK : CLI_FOUND;
}

/* ---- the verb ---- */

#define JSON_OPTION                                                  \
	{                                                            \
		"json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 \
	}

static const struct cli_option check_options[] = { JSON_OPTION, { 0 } };
static const struct cli_option draft_options[] = {
	{ "authority", 0, CLI_TEXT, "NAME", "ncmec (default), or who gets a package of it", 0, 0 },
	{ "reference", 'r', CLI_TEXT, "TEXT", "your own name of it: one name is one report", 0, 0 },
	{ 0 },
};
static const struct cli_option approve_options[] = {
	{ "person", 'p', CLI_TEXT, "NAME", "who approves it", 0, 0 },
	{ "reason", 0, CLI_TEXT, "WORDS", "why, for the log", 0, 0 },
	{ "sha256", 0, CLI_TEXT, "HEX", "of the draft that was looked at", 0, 0 },
	{ 0 },
};
static const struct cli_option send_options[] = {
	{ "files", 'f', CLI_TEXT, "DIR", "where the items lie, by their names", 0, 0 },
	{ "again", 0, CLI_FLAG, NULL, "also one that failed", 0, 0 },
	JSON_OPTION,
	{ 0 },
};
static const struct cli_option show_options[] = {
	{ "receipt", 0, CLI_FLAG, NULL, "NCMEC's answer to the finish, byte for byte", 0, 0 },
	{ "draft", 0, CLI_FLAG, NULL, "the draft as it was kept", 0, 0 },
	JSON_OPTION,
	{ 0 },
};
static const struct cli_option retract_options[] = {
	{ "reason", 0, CLI_TEXT, "WORDS", "why, for the log", 0, 0 },
	{ 0 },
};

static const struct cli_option package_options[] = {
	{ "for", 0, CLI_TEXT, "NAME", "generic (default), ncecc, accce, nca, or a file's path", 0,
			0 },
	{ "output", 'o', CLI_TEXT, "DIR", "the folder, which is made", 0, 0 },
	{ 0 },
};

static const struct cli_option sent_options[] = {
	{ "at", 0, CLI_TEXT, "TIME", "when: 2026-03-01, or 2026-03-01T12:00:00Z", 0, 0 },
	{ "number", 0, CLI_TEXT, "TEXT", "the number that it has there, or here", 0, 0 },
	{ "way", 0, CLI_TEXT, "WORDS", "how it was sent", 0, 0 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ "check", "DRAFT|-", "Say what is wrong with a draft", check_options, run_check, NULL },
	{ "draft", "DRAFT|-", "Keep a draft and print its id", draft_options, run_draft, NULL },
	{ "approve", "ID", "Say that it may be sent", approve_options, run_approve, NULL },
	{ "send", "[ID...]", "Send what is approved and due", send_options, run_send, NULL },
	{ "ls", "", "Show the reports, newest first", check_options, run_ls, NULL },
	{ "show", "ID", "Show a report and its calls", show_options, run_show, NULL },
	{ "retract", "ID", "Take a report back before it is finished", retract_options, run_retract,
			NULL },
	{ "package", "ID", "Write a report as a folder for another authority", package_options,
			report_run_package, NULL },
	{ "sent", "ID", "Say that a person sent a package", sent_options, report_run_sent, NULL },
	{ "answered", "ID FILE|-", "Keep what the authority answered", NULL, report_run_answered,
			NULL },
	{ "status", "", "Ask NCMEC whether the account is let in", NULL, run_status, NULL },
	{ "drift", "", "Ask whether NCMEC's schema has changed", NULL, run_drift, NULL },
	{ 0 },
};

const struct cli_verb verb_report = {
	.name = "report",
	.arguments = "",
	.actions = actions,
};
