#include "bin/known.h"

#include "base/clock.h"

ward_err known_workspace(const struct cli *cli, struct workspace **workspace,
		struct ward_error *error)
{
	if (!cli->workspace || !cli->workspace[0])
		return ward_fail(error, WARD_E_ARGUMENT,
				"which workspace? Give it by -w DIR or $WARD_HOME (\"ward init "
				"DIR\" makes one)");
	return workspace_open(cli->workspace, workspace, error);
}

ward_err known_open(const struct cli *cli, struct known *known, struct ward_error *error)
{
	struct known opened = { 0 };
	ward_err err = known_workspace(cli, &opened.workspace, error);

	if (!err)
		err = ward_bank_open(workspace_lists(opened.workspace), &opened.bank, error);
	if (err) {
		known_close(&opened);
		return err;
	}
	opened.view = ward_bank_acquire(opened.bank);
	opened.policy = workspace_policy(opened.workspace);
	*known = opened;
	return WARD_OK;
}

void known_close(struct known *known)
{
	if (known->view)
		ward_bank_release(known->view);
	ward_bank_free(known->bank);
	if (known->words)
		gate_live_release(known->gate, known->words);
	gate_live_free(known->gate);
	workspace_free(known->workspace);
	*known = (struct known){ 0 };
}

static void take_settings(struct ward_scan_options *options, const struct settings *settings)
{
	options->limits = settings->limits;
	options->size = settings->exact ? WARD_DECODE_FULL : WARD_DECODE_FAST;
	options->all_orientations = settings->all_orientations;
	options->borders = settings->borders;
	options->archives = settings->archives;
	options->videos = settings->videos;
	options->video_time_ms = settings->video_ms;
	options->radius = settings->radius;
}

struct ward_scan_options known_scan_options(const struct known *known)
{
	struct ward_scan_options options = ward_scan_options_default();

	take_settings(&options, workspace_settings(known->workspace));
	options.now = clock_now();
	return options;
}

/* The rules are the workspace's, which is there as long as what they are given to. */
ward_err known_words(struct known *known, struct ward_scan_options *options,
		struct ward_error *error)
{
	const struct gate_rules_owner rules = { .rules = workspace_gate_rules(known->workspace) };
	ward_err err = WARD_OK;

	if (!known->gate)
		err = workspace_gate(known->workspace, rules, &known->gate, error);
	if (!err && !known->words)
		known->words = gate_live_acquire(known->gate);
	if (!err)
		workspace_scan_words(known->words, options);
	return err;
}

/* "pixels_max=50m" is read as ward.conf's own line would be, so the two cannot differ. */
static ward_err set_one(struct settings *settings, const char *word, struct ward_error *error)
{
	struct ward_arena arena;
	struct conf_node *first = NULL;
	ward_err err = WARD_OK;

	ward_arena_init(&arena, CONF_BYTES_MAX);
	char *text = ward_arena_printf(&arena, "scan { %s }", word);

	if (!strchr(word, '=') || strpbrk(word, "{};,#\n"))
		err = ward_fail(error, WARD_E_ARGUMENT, "--set wants NAME=VALUE, as %s",
				"pixels_max=100m");
	else if (!text)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err)
		err = conf_parse(&arena, "--set", ward_str_from(text), NULL, NULL, &first, error);
	if (!err)
		err = settings_read(first, settings, error);
	ward_arena_free(&arena);
	return err;
}

static ward_err set_all(const struct cli *cli, struct settings *settings, struct ward_error *error)
{
	const char *word;
	ward_err err = WARD_OK;

	for (int i = 0; !err && (word = cli_many(cli, "set", i)) != NULL; i++)
		err = set_one(settings, word, error);
	return err;
}

ward_err known_set(const struct cli *cli, struct ward_scan_options *options,
		struct ward_error *error)
{
	struct settings settings = settings_default();
	ward_err err;

	settings.limits = options->limits;
	settings.exact = options->size == WARD_DECODE_FULL;
	settings.all_orientations = options->all_orientations;
	settings.borders = options->borders;
	settings.archives = options->archives;
	settings.videos = options->videos;
	settings.video_ms = options->video_time_ms;
	settings.radius = options->radius;
	err = set_all(cli, &settings, error);
	if (!err)
		take_settings(options, &settings);
	return err;
}

ward_err known_look(const struct cli *cli, struct known *known, struct ward_scan_options *options,
		struct ward_error *error)
{
	struct settings settings = *workspace_settings(known->workspace);
	ward_err err = set_all(cli, &settings, error);

	*options = known_scan_options(known);
	take_settings(options, &settings);
	if (!err && settings.texts)
		err = known_words(known, options, error);
	if (err)
		return err;
	options->all_orientations |= cli_flag(cli, "any-orientation");
	options->borders |= cli_flag(cli, "borders");
	options->borders &= !cli_flag(cli, "no-borders");
	options->archives &= !cli_flag(cli, "no-archives");
	options->videos &= !cli_flag(cli, "no-videos");
	options->radius = (int)cli_number(cli, "radius", options->radius);
	if (cli_flag(cli, "time-limit"))
		options->limits.time_ms = (uint32_t)cli_number(cli, "time-limit", 0) * 1000;
	return WARD_OK;
}
