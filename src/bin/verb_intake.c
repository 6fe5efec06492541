/*
 * ward intake - reports: those that came in, and more of them by hand, table or mail
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "bin/cli.h"
#include "bin/known.h"
#include "desk/arrive.h"
#include "intake/csv.h"
#include "intake/mail.h"

enum { PATH_ROOM = 4096, LINE_ROOM = 1 << 20, REPORTS_DEFAULT = 50, MEMORY = 16 << 20 };

/* What every action works on. */
struct scene {
	struct workspace *workspace;
	struct store *store;
	struct vault *vault;
	struct intake *intake;
};

static void scene_close(struct scene *scene)
{
	intake_free(scene->intake);
	vault_free(scene->vault);
	store_free(scene->store);
	workspace_free(scene->workspace);
}

static ward_err path_in(const struct scene *scene, const char *name, char path[PATH_ROOM],
		struct ward_error *error)
{
	int len = snprintf(path, PATH_ROOM, "%s/%s", workspace_folder(scene->workspace), name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_ARGUMENT,
							    "the workspace's path is too long");
}

/* With `sealing`, what comes in is sealed; else the store is only looked into. */
static ward_err scene_open(const struct cli *cli, bool sealing, struct scene *scene,
		struct ward_error *error)
{
	char keys[PATH_ROOM];

	*scene = (struct scene){ .store = NULL };
	ward_err err = known_workspace(cli, &scene->workspace, error);

	if (!err)
		err = workspace_store(scene->workspace, false, &scene->store, error);
	if (!err && sealing)
		err = path_in(scene, "keys", keys, error);
	if (!err && sealing)
		err = vault_of_workspace(workspace_folder(scene->workspace), scene->store,
				&scene->vault, error);
	if (!err && sealing)
		err = intake_open(keys, scene->store, scene->vault, desk_arrive, NULL,
				&scene->intake, error);
	if (err)
		scene_close(scene);
	return err;
}

static void put(struct ward_buf *text)
{
	puts(ward_buf_text(text).ptr);
	ward_buf_free(text);
}

static void key_or_null(struct json *json, const char *name, ward_str text)
{
	json_key(json, name);
	if (text.len > 0)
		json_str(json, text);
	else
		json_null(json);
}

/* ---- ls ---- */

static void report_members(struct json *json, const struct intake_report *report)
{
	char when[CLOCK_TEXT_MAX];

	json_key_str(json, "id", report->id);
	json_key_text(json, "at", clock_format(report->at, when));
	json_key_str(json, "channel", report->channel);
	key_or_null(json, "holder", report->holder);
	json_key_str(json, "reporter", report->reporter);
	json_key_text(json, "urgency", intake_urgency_name(report->urgency));
	key_or_null(json, "jurisdiction", report->jurisdiction);
	key_or_null(json, "language", report->language);
	json_key_text(json, "state", intake_state_name(report->state));
	json_key_bool(json, "contact", report->contact.len > 0);
	json_key_bool(json, "receipt", report->has_receipt);
}

static bool print_report_json(void *context, const struct intake_report *report)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, LINE_ROOM);
	json = json_to(&text);
	json_object(&json);
	report_members(&json, report);
	json_object_end(&json);
	put(&text);
	++*(unsigned *)context;
	return true;
}

static bool print_report(void *context, const struct intake_report *report)
{
	char when[CLOCK_TEXT_MAX];

	printf("%.*s  %s  %-7.*s  %-9.*s  %-4s  %s\n", WARD_FMT(report->id),
			clock_format(report->at, when), WARD_FMT(report->channel),
			WARD_FMT(report->reporter), intake_urgency_name(report->urgency),
			intake_state_name(report->state));
	++*(unsigned *)context;
	return true;
}

static bool read_time(const struct cli *cli, const char *name, int64_t *when)
{
	const char *text = cli_text(cli, name);

	if (!text || clock_parse(ward_str_from(text), when))
		return true;
	cli_usage(cli, "--%s wants a date as 2027-03-01, or a date and time", name);
	return false;
}

static int run_ls(struct cli *cli)
{
	struct intake_question question = {
		.channel = ward_str_from(cli_text(cli, "channel")),
		.reporter = ward_str_from(cli_text(cli, "reporter")),
		.before = ward_str_from(cli_text(cli, "before")),
		.reports_max = (unsigned)cli_number(cli, "max", REPORTS_DEFAULT),
	};
	bool json = cli_flag(cli, "json");
	struct store_tx *tx = NULL;
	struct ward_error error;
	struct scene scene;
	unsigned count = 0;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (!read_time(cli, "since", &question.since) || !read_time(cli, "until", &question.until))
		return CLI_TROUBLE;
	if (scene_open(cli, false, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err)
		err = intake_list(tx, &question, json ? print_report_json : print_report, &count,
				&error);
	store_read_end(tx);
	scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	if (count == 0 && !json)
		fprintf(stderr, "There is no such report.\n");
	return CLI_OK;
}

/* ---- show ---- */

static void item_members(struct json *json, const struct intake_item *item)
{
	char sha256[65], pdq[65];

	json_key_str(json, "id", item->id);
	json_key_str(json, "kind", item->kind);
	key_or_null(json, "type", item->type);
	json_key_int(json, "bytes", item->bytes);
	ward_hex_format(item->sha256, sizeof(item->sha256), sha256);
	json_key_text(json, "sha256", item->has_digests ? sha256 : NULL);
	json_key_text(json, "pdq", item->has_pdq ? ward_pdq_format(item->pdq, pdq) : NULL);
	json_key_bool(json, "sealed", item->payload.len > 0);
	json_key_str(json, "first", item->first);
	key_or_null(json, "alike", item->alike);
	json_key_bool(json, "open", item->closed_at == 0);
}

static void print_shown_json(const struct intake_report *report,
		const struct intake_item_list *items)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, MEMORY);
	json = json_to(&text);
	json_object(&json);
	report_members(&json, report);
	key_or_null(&json, "context", report->context);
	json_key(&json, "items");
	json_array(&json);
	for (size_t i = 0; i < items->count; i++) {
		json_object(&json);
		item_members(&json, &items->at[i]);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_object_end(&json);
	put(&text);
}

/* Addresses and accounts are not printed: a terminal keeps what it shows. */
static void print_shown(const struct intake_report *report, const struct intake_item_list *items)
{
	unsigned count = 0;

	print_report(&count, report);
	for (size_t i = 0; i < items->count; i++) {
		const struct intake_item *item = &items->at[i];

		printf("  %.*s  %-12.*s  %10" PRId64 " bytes%s%.*s\n", WARD_FMT(item->id),
				WARD_FMT(item->kind), item->bytes,
				item->alike.len > 0 ? "  alike by " : "", WARD_FMT(item->alike));
	}
}

static int run_show(struct cli *cli)
{
	struct intake_item_list items = { .count = 0 };
	struct intake_report report = { .at = 0 };
	struct store_tx *tx = NULL;
	struct ward_arena arena;
	struct ward_error error;
	struct scene scene;

	if (cli->arg_count != 1)
		return cli_usage(cli, "which report?");
	if (scene_open(cli, false, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_arena_init(&arena, MEMORY);
	ward_err err = store_read(scene.store, &tx, &error);

	if (!err)
		err = intake_get(tx, ward_str_from(cli->args[0]), &arena, &report, &error);
	if (!err)
		err = intake_items(tx, report.id, &arena, &items, &error);
	store_read_end(tx);
	scene_close(&scene);
	if (!err && cli_flag(cli, "json"))
		print_shown_json(&report, &items);
	else if (!err)
		print_shown(&report, &items);
	ward_arena_free(&arena);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- add ---- */

enum { ITEMS_MAX = 200 };

struct adding {
	struct intake_new report;
	struct intake_item_new items[ITEMS_MAX];
	int fds[ITEMS_MAX];
	size_t fd_count;
};

static bool add_texts(const struct cli *cli, const char *option, enum intake_kind kind,
		struct adding *adding)
{
	const char *text;

	for (int i = 0; (text = cli_many(cli, option, i)) != NULL; i++) {
		if (adding->report.item_count == ITEMS_MAX)
			return false;
		adding->items[adding->report.item_count++] = (struct intake_item_new){ .kind = kind,
			.text = ward_str_from(text) };
	}
	return true;
}

static ward_err add_files(const struct cli *cli, struct adding *adding, struct ward_error *error)
{
	for (int i = 0; i < cli->arg_count && adding->report.item_count < ITEMS_MAX; i++) {
		int fd = open(cli->args[i], O_RDONLY | O_CLOEXEC | O_NOCTTY);

		if (fd < 0)
			return ward_fail(error, WARD_E_IO, "cannot read %s: %s", cli->args[i],
					strerror(errno));
		adding->fds[adding->fd_count++] = fd;
		adding->items[adding->report.item_count++] = (struct intake_item_new){
			.kind = INTAKE_MEDIA,
			.from_fd = true,
			.fd = fd,
		};
	}
	return WARD_OK;
}

static bool read_options(const struct cli *cli, struct adding *adding)
{
	const char *reporter = cli_text(cli, "reporter"), *urgency = cli_text(cli, "urgency");
	struct intake_new *report = &adding->report;

	*report = (struct intake_new){ .channel = INTAKE_CONSOLE,
		.reporter = INTAKE_PUBLIC,
		.jurisdiction = ward_str_from(cli_text(cli, "country")),
		.language = ward_str_from(cli_text(cli, "language")),
		.once = ward_str_from(cli_text(cli, "key")),
		.contact = ward_str_from(cli_text(cli, "contact")),
		.receipt_wanted = cli_flag(cli, "receipt"),
		.items = adding->items,
		.actor = { WARD_STR("operator"), WARD_STR("") } };
	if (reporter && !intake_reporter_parse(ward_str_from(reporter), &report->reporter)) {
		cli_usage(cli, "--reporter is public, member, trusted, helpline, police, hotline, "
			       "automatic, child, parent or teacher");
		return false;
	}
	if (urgency && !intake_urgency_parse(ward_str_from(urgency), &report->urgency)) {
		cli_usage(cli, "--urgency is any, soon or now");
		return false;
	}
	if (!add_texts(cli, "url", INTAKE_URL, adding) ||
			!add_texts(cli, "account", INTAKE_ACCOUNT, adding) ||
			!add_texts(cli, "text", INTAKE_TEXT, adding) ||
			adding->report.item_count + (size_t)cli->arg_count > ITEMS_MAX) {
		cli_usage(cli, "at most %d things at a time", ITEMS_MAX);
		return false;
	}
	return true;
}

static ward_err add(const struct cli *cli, struct adding *adding, struct intake_added *added,
		struct ward_error *error)
{
	struct scene scene;
	ward_err err = add_files(cli, adding, error);

	if (!err)
		err = scene_open(cli, true, &scene, error);
	if (err)
		return err;
	err = intake_add(scene.intake, &adding->report, added, error);
	scene_close(&scene);
	return err;
}

static int run_add(struct cli *cli)
{
	struct adding *adding = calloc(1, sizeof(*adding));
	struct intake_added added;
	struct ward_error error;

	if (!adding)
		return cli_fail(cli, "out of memory");
	if (!read_options(cli, adding)) {
		free(adding);
		return CLI_TROUBLE;
	}
	ward_err err = add(cli, adding, &added, &error);

	for (size_t i = 0; i < adding->fd_count; i++)
		close(adding->fds[i]);
	free(adding);
	if (err)
		return cli_fail_error(cli, &error);
	printf("%s\n", added.report);
	if (added.receipt[0])
		printf("%s\n", added.receipt);
	if (added.again)
		fprintf(stderr, "This report was there already.\n");
	return CLI_OK;
}

/* ---- csv ---- */

static void tell_line(void *context, uint64_t line, const char *why)
{
	fprintf(stderr, "ward %s: line %" PRIu64 ": %s\n", (const char *)context, line, why);
}

static int run_csv(struct cli *cli)
{
	struct vault_actor actor = { WARD_STR("operator"), WARD_STR("") };
	struct csv_counts counts;
	struct ward_error error;
	struct scene scene;
	char *text;
	size_t len;

	if (cli->arg_count != 1)
		return cli_usage(cli, "one file is wanted");
	if (file_read(cli->args[0], CSV_BYTES_MAX, &text, &len, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = scene_open(cli, true, &scene, &error);

	if (!err) {
		err = intake_csv(scene.intake, (ward_str){ text, len }, &actor, tell_line,
				cli->title, &counts, &error);
		scene_close(&scene);
	}
	free(text);
	if (err)
		return cli_fail_error(cli, &error);
	printf("%" PRIu64 " added, %" PRIu64 " there already, %" PRIu64 " not taken\n",
			counts.added, counts.again, counts.bad);
	return counts.bad > 0 ? CLI_TROUBLE : CLI_OK;
}

/* ---- mail ---- */

static void tell_mail(void *context, const char *why)
{
	fprintf(stderr, "ward %s: a mail stays: %s\n", (const char *)context, why);
}

static int run_mail(struct cli *cli)
{
	const char *folder = cli->arg_count > 0 ? cli->args[0] : NULL;
	int64_t wait_s = cli_number(cli, "watch", 0);
	struct mail_counts counts;
	struct ward_error error;
	struct scene scene;

	if (cli->arg_count > 1)
		return cli_usage(cli, "one Maildir is wanted");
	if (scene_open(cli, true, &scene, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	if (!folder && workspace_settings(scene.workspace)->maildir[0])
		folder = workspace_settings(scene.workspace)->maildir;
	if (!folder) {
		scene_close(&scene);
		return cli_usage(cli, "which Maildir? Name it, or set intake.maildir in ward.conf");
	}
	ward_err err;

	do {
		err = intake_maildir(scene.intake, folder, tell_mail, cli->title, &counts, &error);
		if (!err && (wait_s == 0 || counts.added + counts.again + counts.failed > 0))
			printf("%" PRIu64 " added, %" PRIu64 " there already, %" PRIu64
			       " not taken\n",
					counts.added, counts.again, counts.failed);
		fflush(stdout);
		if (!err && wait_s > 0)
			sleep((unsigned)wait_s);
	} while (!err && wait_s > 0);
	scene_close(&scene);
	if (err)
		return cli_fail_error(cli, &error);
	return counts.failed > 0 ? CLI_TROUBLE : CLI_OK;
}

/* ---- the verb ---- */

static const struct cli_option ls_options[] = {
	{ "channel", 'c', CLI_TEXT, "WORD", "api, scan, portal, csv, mail or console", 0, 0 },
	{ "reporter", 'r', CLI_TEXT, "WORD", "by this kind of reporter", 0, 0 },
	{ "since", 0, CLI_TEXT, "DATE", "from this time on", 0, 0 },
	{ "until", 0, CLI_TEXT, "DATE", "before this time", 0, 0 },
	{ "before", 'b', CLI_TEXT, "ID", "older than this report: the next page", 0, 0 },
	{ "max", 'n', CLI_NUMBER, "N", "at most so many (default: 50)", 1, 1000000000 },
	{ "json", 0, CLI_FLAG, NULL, "one object a line", 0, 0 },
	{ 0 },
};
static const struct cli_option show_options[] = {
	{ "json", 0, CLI_FLAG, NULL, "one object", 0, 0 },
	{ 0 },
};
static const struct cli_option add_options[] = {
	{ "url", 'u', CLI_MANY, "URL", "an address", 0, 0 },
	{ "account", 'a', CLI_MANY, "SERVICE/NAME", "an account", 0, 0 },
	{ "text", 't', CLI_MANY, "TEXT", "words", 0, 0 },
	{ "reporter", 'r', CLI_TEXT, "WORD",
			"who reports: public, child, police, ... (default: public)", 0, 0 },
	{ "urgency", 0, CLI_TEXT, "WORD", "any, soon or now (default: any)", 0, 0 },
	{ "country", 0, CLI_TEXT, "CODE", "as FR", 0, 0 },
	{ "language", 0, CLI_TEXT, "TAG", "as pt-BR", 0, 0 },
	{ "contact", 0, CLI_TEXT, "TEXT", "how to reach the reporter, who said so; sealed", 0, 0 },
	{ "key", 'k', CLI_TEXT, "WORD", "the same report again has the same word", 0, 0 },
	{ "receipt", 0, CLI_FLAG, NULL, "make a receipt, and print it once", 0, 0 },
	{ 0 },
};
static const struct cli_option mail_options[] = {
	{ "watch", 0, CLI_NUMBER, "SECONDS", "look again every so often, and do not end", 1,
			86400 },
	{ 0 },
};

static const struct cli_verb actions[] = {
	{ .name = "ls",
			.arguments = "",
			.says = "Show the reports that came in, newest first",
			.options = ls_options,
			.run = run_ls },
	{ .name = "show",
			.arguments = "REPORT",
			.says = "Show one report and what is known of its items",
			.options = show_options,
			.run = run_show },
	{ .name = "add",
			.arguments = "[FILE...]",
			.says = "Take a report by hand, as by telephone",
			.options = add_options,
			.run = run_add },
	{ .name = "csv",
			.arguments = "FILE",
			.says = "Take the reports of a table",
			.run = run_csv },
	{ .name = "mail",
			.arguments = "[MAILDIR]",
			.says = "Take the mails of a Maildir as reports",
			.options = mail_options,
			.run = run_mail },
	{ 0 },
};

const struct cli_verb verb_intake = {
	.name = "intake",
	.arguments = "",
	.actions = actions,
};
