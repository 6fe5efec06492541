/*
 * ward-agent - watches folders, media and mounts, holds what is known and tells wardd
 *
 * SIGTERM and SIGINT end it behind the files in hand.  What it heard of and has not looked at is
 * found by the first sweep of the next start.
 */
#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#include "agent/ease.h"
#include "agent/mounts.h"
#include "agent/place.h"
#include "agent/s3.h"
#include "base/checksum.h"
#include "base/clock.h"
#include "base/log.h"
#include "bin/agent.h"
#include "bin/agent_options.h"
#include "bin/known.h"
#include "bin/verbs.h"

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* ---- running ---- */

/* Text of what decides, besides lists, what is found in the same bytes. */
static uint64_t basis_of(const struct ward_scan_options *options)
{
	const struct ward_limits *limits = &options->limits;
	char text[512];
	int len = snprintf(text, sizeof(text),
			WARD_VERSION " %d %d %d %d %d %d %" PRIu32 " %" PRIu64 " %" PRIu64
				     " %" PRIu64 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32,
			(int)options->size, options->all_orientations, options->borders,
			options->archives, options->radius, options->videos, options->video_time_ms,
			limits->bytes_max, limits->pixels_max, limits->memory_max,
			limits->frames_max, limits->parts_max, limits->depth_max, limits->time_ms);

	return checksum_of(text, len > 0 ? (size_t)len : 0);
}

static void say(void *context, const char *event, const char *what)
{
	(void)context;
	if (what[0])
		log_info(event, "what=\"%s\"", what);
	else
		log_info(event, "pid=%ld", (long)getpid());
}

/* Each is swept beside the folders, and told of; its objects stay where they are. */
static ward_err add_buckets(struct agent *agent, const struct agent_settings *settings,
		struct ward_error *error)
{
	static struct s3_bucket buckets[AGENT_BUCKETS_MAX];
	ward_err err = WARD_OK;

	for (size_t i = 0; i < settings->bucket_count && !err; i++) {
		const struct agent_bucket *of = &settings->buckets[i];

		buckets[i] = (struct s3_bucket){ .name = of->name,
			.url = of->url,
			.region = of->region,
			.prefix = of->prefix,
			.keys = of->keys,
			.bytes_max = of->bytes_max,
			.time_ms = of->time_ms };
		err = agent_add_source(agent,
				&(struct source){ of->name, AGENT_TELL, &buckets[i], s3_sweep,
						s3_open },
				of->every_ms ? of->every_ms : settings->every_ms, error);
	}
	return err;
}

static ward_err run_with(const struct agent_settings *settings, const struct known *known,
		struct ward_error *error)
{
	const struct ward_scan_options scan = known_scan_options(known);
	const struct agent_options options = {
		.settings = settings,
		.known = { known->bank, known->policy, scan, basis_of(&scan) },
		.says = say,
	};
	struct agent *agent;

	agent_sender_prepare();
	ease_begin();
	ease_children();
	ward_err err = agent_new(&options, &agent, error);

	if (err)
		return err;
	err = add_buckets(agent, settings, error);
	if (err) {
		agent_free(agent);
		return err;
	}
	struct sigaction action = { .sa_handler = stop };

	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGINT, &action, NULL);
	agent_run(agent, &stopped);
	agent_free(agent);
	log_info("ended", "pid=%ld", (long)getpid());
	return WARD_OK;
}

static int run(struct cli *cli, const struct agent_settings *settings)
{
	struct ward_error error;
	struct known known;
	ward_err err = known_open(cli, &known, &error);

	if (err)
		return cli_fail_error(cli, &error);
	/* Each view is asked for when it is used, so that lists can be swapped. */
	ward_bank_release(known.view);
	known.view = NULL;
	err = run_with(settings, &known, &error);
	known_close(&known);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

/* ---- check ---- */

/* As the agent opens it: it follows no link. */
static const char *as_it_is(const char *folder)
{
	int fd;
	ward_err err = place_open_folder(folder, &fd, NULL);

	if (err)
		return err == WARD_E_NOT_FOUND ? " (missing now, or a link is in its place)"
					       : " (cannot be read now)";
	close(fd);
	return "";
}

static void print_watch(const struct agent_watch *watch, const char *folder,
		const struct mounts *mounts, const struct agent_settings *settings)
{
	const struct mount *mount = mounts_find(mounts, folder);
	bool remote = mount && mount->remote;

	printf("%-16s %s%s%s", watch->name, folder, watch->maildir ? ", as a Maildir" : "",
			watch->most == AGENT_TELL ? ", nothing is taken" : "");
	if (remote || watch->every_ms > 0)
		printf(", swept every %" PRIu32 " s",
				(watch->every_ms ? watch->every_ms : settings->every_ms) / 1000);
	printf("%s\n", as_it_is(folder));
}

static const char *act_word(enum agent_act act)
{
	return act == AGENT_HOLD ? "hold" : act == AGENT_TELL ? "tell" : "nothing";
}

static int check(struct cli *cli, const struct agent_settings *settings)
{
	struct ward_error error;
	struct mounts mounts;
	struct known known;

	if (known_open(cli, &known, &error) != WARD_OK || mounts_read(&mounts, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	for (size_t i = 0; i < settings->watch_count; i++)
		print_watch(&settings->watches[i], settings->watches[i].folder, &mounts, settings);
	for (size_t i = 0; i < settings->bucket_count; i++)
		printf("%-16s %s, nothing is taken, swept every %" PRIu32 " s%s\n",
				settings->buckets[i].name, settings->buckets[i].url,
				(settings->buckets[i].every_ms ? settings->buckets[i].every_ms
							       : settings->every_ms) /
						1000,
				access(settings->buckets[i].keys, R_OK) == 0
						? ""
						: " (its keys cannot be read now)");
	for (size_t i = 0; i < settings->root_count; i++)
		printf("%-16s what is mounted below %s\n", "media", settings->roots[i]);
	printf("%-16s %zu\n", "lists", ward_bank_list_count(known.view));
	printf("%-16s block: %s, hold: %s\n", "act", act_word(settings->on_block),
			act_word(settings->on_hold));
	printf("%-16s %s, %zu keys\n", "quarantine", settings->quarantine, settings->key_count);
	printf("%-16s %s\n", "wardd", settings->url ? settings->url : "is not told");
	if (settings->token && access(settings->token, R_OK) != 0)
		cli_fail(cli, "%s cannot be read now", settings->token);
	mounts_free(&mounts);
	known_close(&known);
	return CLI_OK;
}

/* ---- the verb ---- */

static bool is_word(const struct cli *cli, int index, const char *word)
{
	return index < cli->arg_count && strcmp(cli->args[index], word) == 0;
}

static int choose(struct cli *cli, const struct agent_settings *settings)
{
	if (cli->arg_count == 0)
		return run(cli, settings);
	if (is_word(cli, 0, "check") && cli->arg_count == 1)
		return check(cli, settings);
	if (is_word(cli, 0, "status") && cli->arg_count == 1)
		return agent_status(cli, settings);
	if (is_word(cli, 0, "held"))
		return agent_held(cli, settings);
	return cli_usage(cli, "it is check, status, held list or held restore ID");
}

static int run_agent(struct cli *cli)
{
	const char *path = cli_text(cli, "settings");
	struct agent_settings settings;
	struct ward_arena arena;
	struct ward_error error;
	int status;

	ward_arena_init(&arena, (size_t)8 << 20);
	if (agent_settings_open(&arena, path ? path : AGENT_SETTINGS, &settings, &error) !=
			WARD_OK) {
		status = cli_fail_error(cli, &error);
	} else {
		if (!cli->workspace)
			cli->workspace = settings.workspace;
		status = choose(cli, &settings);
	}
	ward_arena_free(&arena);
	return status;
}

static const struct cli_verb verb = {
	.name = "agent",
	.arguments = AGENT_ARGUMENTS,
	.options = agent_options,
	.run = run_agent,
};
static const struct verb_row rows[] = {
	{ "agent", "Watch folders and media, hold what is known, tell the service", &verb }, { 0 }
};

int main(int argc, char **argv)
{
	return verbs_main(rows, argc, argv);
}
