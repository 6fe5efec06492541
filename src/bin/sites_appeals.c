/*
 * ward site appeals - what people say of blocked pages, and the operator's answer
 */
#include "api/site_lift.h"
#include "base/clock.h"
#include "base/json.h"
#include "bin/known.h"
#include "bin/scan_print.h"
#include "bin/sites_far.h"

enum { PAGE = 100, ARENA_MAX = 8 << 20, LINE_MAX_BYTES = 1 << 20 };

struct scene {
	const struct cli *cli;
	struct workspace *workspace;
	struct store *store;
	ward_str id, reason;
	bool lift;
};

/* ---- showing ---- */

static void key_or_null(struct json *json, const char *name, ward_str text)
{
	if (text.len > 0)
		json_key_str(json, name, text);
	else
		json_key_text(json, name, NULL);
}

static void key_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	json_key_text(json, name, when ? clock_format(when, text) : NULL);
}

static void print_json(const struct intake_site_appeal *appeal)
{
	struct ward_buf text;
	struct json json;

	ward_buf_init(&text, LINE_MAX_BYTES);
	json = json_to(&text);
	json_object(&json);
	json_key_str(&json, "id", appeal->id);
	key_time(&json, "at", appeal->at);
	json_key_str(&json, "blocked", appeal->blocked);
	json_key_str(&json, "list", appeal->list);
	json_key_str(&json, "entry", appeal->entry);
	key_or_null(&json, "host", appeal->host);
	json_key_bool(&json, "ordered", appeal->ordered);
	json_key_str(&json, "language", appeal->language);
	json_key_str(&json, "words", appeal->words);
	key_or_null(&json, "contact", appeal->contact);
	json_key_text(&json, "state", intake_site_state_name(appeal->state));
	key_or_null(&json, "person", appeal->person);
	key_or_null(&json, "reason", appeal->reason);
	key_time(&json, "settled_at", appeal->settled_at);
	key_time(&json, "applied_at", appeal->applied_at);
	json_object_end(&json);
	puts(ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

/* A stranger's words must not speak to the terminal. */
static void print_text(const char *before, ward_str words)
{
	struct ward_buf text;

	ward_buf_init(&text, LINE_MAX_BYTES);
	scan_print_text(&text, words);
	printf("%s%s\n", before, ward_buf_text(&text).ptr);
	ward_buf_free(&text);
}

static void print_words(const struct intake_site_appeal *appeal)
{
	char when[CLOCK_TEXT_MAX];

	printf("%.*s  %s  %s%s\n", WARD_FMT(appeal->id), clock_format(appeal->at, when),
			intake_site_state_name(appeal->state), appeal->ordered ? "  ordered" : "");
	print_text("  list:     ", appeal->list);
	print_text("  entry:    ", appeal->entry);
	print_text("  they say: ", appeal->words);
	if (appeal->contact.len > 0)
		print_text("  answer to ", appeal->contact);
	if (appeal->reason.len > 0)
		print_text("  settled:  ", appeal->reason);
	if (appeal->state == INTAKE_SITE_LIFTED && appeal->applied_at == 0)
		printf("  not on the list \"allowed\" yet\n");
}

static ward_err show_page(const struct scene *scene, enum intake_site_state state, ward_str after,
		struct ward_arena *arena, struct intake_site_appeal **appeals, size_t *count,
		struct ward_error *error)
{
	struct store_tx *tx;
	ward_err err = store_read(scene->store, &tx, error);

	if (err)
		return err;
	err = intake_site_appeal_list(tx, state, after, PAGE, arena, appeals, count, error);
	store_read_end(tx);
	return err;
}

static int show(const struct scene *scene, enum intake_site_state state)
{
	struct intake_site_appeal *appeals;
	char after[ID_TEXT_MAX] = "";
	struct ward_error error;
	size_t count = PAGE, shown = 0;

	while (count == PAGE) {
		struct ward_arena arena;

		ward_arena_init(&arena, ARENA_MAX);
		if (show_page(scene, state, ward_str_from(after), &arena, &appeals, &count,
				    &error) != WARD_OK) {
			ward_arena_free(&arena);
			return cli_fail_error(scene->cli, &error);
		}
		for (size_t i = 0; i < count; i++) {
			if (cli_flag(scene->cli, "json"))
				print_json(&appeals[i]);
			else
				print_words(&appeals[i]);
		}
		if (count > 0)
			snprintf(after, sizeof(after), "%.*s", WARD_FMT(appeals[count - 1].id));
		shown += count;
		ward_arena_free(&arena);
	}
	if (shown == 0 && !cli_flag(scene->cli, "json"))
		fprintf(stderr, "There are none.\n");
	return CLI_OK;
}

/* ---- answering ---- */

static ward_err settle(void *context, struct store_tx *tx, struct ward_error *error)
{
	const struct scene *scene = context;
	const struct vault_actor actor = { WARD_STR("operator"), WARD_STR("") };
	struct intake_site_appeal appeal;
	struct ward_arena arena;

	ward_arena_init(&arena, ARENA_MAX);
	ward_err err = intake_site_appeal_get(tx, scene->id, &arena, &appeal, error);

	if (!err)
		err = intake_site_appeal_settle(tx, &actor, scene->id, scene->lift, scene->reason,
				error);
	if (!err && scene->lift)
		err = site_lift_check(scene->workspace, &appeal, error);
	ward_arena_free(&arena);
	return err;
}

static int answer(struct scene *scene)
{
	struct ward_error error;
	uint64_t done;

	if (store_write(scene->store, settle, scene, &error) != WARD_OK)
		return cli_fail_error(scene->cli, &error);
	if (site_lift_due(scene->workspace, scene->store, &done, &error) != WARD_OK)
		return cli_fail(scene->cli,
				"it is decided, and not on the list yet: %s; wardd tries it again "
				"each minute",
				error.message);
	fprintf(stderr, "%s\n",
			scene->lift ? "It is on the list \"allowed\" now." : "The block stays.");
	return CLI_OK;
}

/* ---- the action ---- */

static int run(struct cli *cli)
{
	const char *keep = cli_text(cli, "keep"), *lift = cli_text(cli, "lift");
	const char *reason = cli_text(cli, "reason"), *word = cli_text(cli, "state");
	struct scene scene = { .cli = cli,
		.id = ward_str_from(lift ? lift : keep),
		.reason = ward_str_from(reason),
		.lift = lift != NULL };
	enum intake_site_state state = INTAKE_SITE_OPEN;
	struct ward_error error;

	if (cli->arg_count > 0)
		return cli_usage(cli, "no arguments are wanted");
	if (keep && lift)
		return cli_usage(cli, "--keep or --lift, not both");
	if ((keep || lift) && scene.reason.len == 0)
		return cli_usage(cli, "an answer wants its --reason");
	if (word && !intake_site_state_parse(ward_str_from(word), &state))
		return cli_usage(cli, "--state wants open, kept or lifted");
	if (known_workspace(cli, &scene.workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	ward_err err = workspace_store(scene.workspace, false, &scene.store, &error);
	int status = err                ? cli_fail_error(cli, &error)
		     : scene.id.len > 0 ? answer(&scene)
					: show(&scene, state);

	store_free(scene.store);
	workspace_free(scene.workspace);
	return status;
}

static const struct cli_verb actions[] = {
	{ "appeals", SITES_APPEALS_ARGUMENTS, SITES_APPEALS_SAYS, sites_appeals_options, run,
			NULL },
	{ 0 },
};

const struct cli_verb verb_site_desk = { .name = "site", .arguments = "", .actions = actions };
