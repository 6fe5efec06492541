/*
 * ward-milter - looks at the mails of a mail server before it takes them
 *
 * Wiring: options and the workspace's lists and policy in, the milter module's
 * door in the middle, log lines out.  Nothing of a mail is parsed here: that is
 * ward-worker-document's, in its jail.
 */
#include <grp.h>
#include <inttypes.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "bin/known.h"
#include "bin/milter.h"
#include "bin/verbs.h"
#include "milter/door.h"

enum { MESSAGE_MIB = 64, TIME_S = 60, CONNECTIONS = 200 };

#define SOCKET         "inet:8891@127.0.0.1"
#define SPOOL_MAX      ((uint64_t)256 << 20)
#define LINE_MAX_BYTES ((size_t)64 << 10)

struct gate {
	const struct cli *cli;
	struct known known;
	struct milter_door door;
	struct spill_place place;
	pthread_mutex_t out_lock;
	bool json;
};

/* ---- what became of a mail ---- */

static const char *state_name(enum milter_state state)
{
	static const char *const names[] = { "looked", "large", "failed" };

	return names[state];
}

static void write_event(struct ward_buf *out, const struct milter_event *event)
{
	struct json json = json_to(out);
	char text[CLOCK_TEXT_MAX];

	json_object(&json);
	json_key_text(&json, "time", clock_format(clock_now(), text));
	json_key_text(&json, "id", event->id);
	json_key_uint(&json, "bytes", event->bytes);
	json_key_text(&json, "state", state_name(event->outcome->state));
	json_key_text(&json, "verdict", ward_verdict_name(event->outcome->verdict));
	json_key_text(&json, "action", milter_action_name(event->action));
	json_key_bool(&json, "told", event->told);
	json_key_uint(&json, "time_us", event->time_us);
	if (event->outcome->findings.len > 0 && !event->outcome->findings.failed) {
		json_key(&json, "findings");
		json_raw(&json, (ward_str){ event->outcome->findings.ptr,
						event->outcome->findings.len });
	}
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

static void put_event(struct gate *gate, const struct milter_event *event)
{
	struct ward_buf out;

	ward_buf_init(&out, LINE_MAX_BYTES);
	write_event(&out, event);
	if (!out.failed) {
		pthread_mutex_lock(&gate->out_lock);
		(void)fwrite(out.ptr, 1, out.len, stdout);
		(void)fflush(stdout);
		pthread_mutex_unlock(&gate->out_lock);
	}
	ward_buf_free(&out);
}

static void on_event(void *context, const struct milter_event *event)
{
	struct gate *gate = context;
	const struct milter_outcome *outcome = event->outcome;

	if (event->action == MILTER_PASS && outcome->state == MILTER_LOOKED &&
			outcome->verdict == WARD_ALLOW) {
		log_debug("mail", "id=%s bytes=%" PRIu64 " ms=%" PRIu64, event->id, event->bytes,
				event->time_us / 1000);
		return;
	}
	log_info("mail",
			"id=%s bytes=%" PRIu64 " ms=%" PRIu64 " state=%s verdict=%s action=%s"
			" told=%d code=%d",
			event->id, event->bytes, event->time_us / 1000, state_name(outcome->state),
			ward_verdict_name(outcome->verdict), milter_action_name(event->action),
			event->told, (int)outcome->error.code);
	if (gate->json)
		put_event(gate, event);
}

/* ---- options ---- */

static ward_err take_action(const struct cli *cli, const char *name, enum milter_action *action,
		struct ward_error *error)
{
	const char *word = cli_text(cli, name);

	if (word && !milter_action_from(ward_str_from(word), action))
		return ward_fail(error, WARD_E_ARGUMENT,
				"--%s is pass, hold, reject or defer, and not \"%s\"", name, word);
	return WARD_OK;
}

static ward_err take_rules(const struct cli *cli, struct milter_rules *rules,
		struct ward_error *error)
{
	*rules = milter_rules_default();
	ward_err err = take_action(cli, "block", &rules->block, error);

	if (!err)
		err = take_action(cli, "hold", &rules->hold, error);
	if (!err)
		err = take_action(cli, "large", &rules->large, error);
	if (!err)
		err = take_action(cli, "fail", &rules->failed, error);
	/* Our own trouble must not send somebody's mail back for good. */
	if (!err && rules->failed == MILTER_REJECT)
		err = ward_fail(error, WARD_E_ARGUMENT, "--fail is pass, hold or defer");
	return err;
}

static ward_err become(const char *name, struct ward_error *error)
{
	const struct passwd *user;

	if (!name || getuid() != 0)
		return WARD_OK;
	/* There is one thread yet. */
	/* cppcheck-suppress getpwnamCalled */
	user = getpwnam(name);
	if (!user || user->pw_uid == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "there is no user %s but root's like",
				name);
	if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
			setuid(user->pw_uid) != 0)
		return ward_fail(error, WARD_E_DENIED, "cannot become the user %s", name);
	return WARD_OK;
}

/* ---- from beginning to end ---- */

static ward_err open_spool(struct gate *gate, struct ward_error *error)
{
	const struct cli *cli = gate->cli;
	const char *folder = cli_text(cli, "spool"), *url = cli_text(cli, "wardd"),
		   *key = cli_text(cli, "key");

	if ((url || key) && (!url || !key || !folder))
		return ward_fail(error, WARD_E_ARGUMENT,
				"--wardd, --key and --spool are given together");
	if (!folder)
		return WARD_OK;
	ward_err err = agent_spool_open(folder, SPOOL_MAX, &gate->door.spool, error);

	if (err || !url)
		return err;
	agent_sender_prepare();
	return agent_sender_new(gate->door.spool,
			&(struct agent_sender_options){ .url = url, .token_file = key },
			&gate->door.sender, error);
}

static ward_err open_pool(struct gate *gate, struct ward_error *error)
{
	const struct cli *cli = gate->cli;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct milter_pool_options options = { .bank = gate->known.bank,
		.policy = gate->known.policy,
		.scan = known_scan_options(&gate->known),
		.time_ms = (uint32_t)cli_number(cli, "time", TIME_S) * 1000,
		.threads = (unsigned)cli_number(cli, "scans",
				cpus < 1    ? 1
				: cpus > 64 ? 64
					    : cpus) };
	ward_err err = known_set(cli, &options.scan, error);

	return err ? err : milter_pool_new(&options, &gate->door.pool, error);
}

static ward_err prepare(struct gate *gate, struct ward_error *error)
{
	const struct cli *cli = gate->cli;
	const char *folder = getenv("TMPDIR");
	ward_err err = take_rules(cli, &gate->door.rules, error);

	gate->json = cli_flag(cli, "json");
	gate->door.field = !cli_flag(cli, "no-header");
	gate->door.bytes_max = (uint64_t)cli_number(cli, "max-message", MESSAGE_MIB) << 20;
	gate->door.connections_max = (unsigned)cli_number(cli, "connections", CONNECTIONS);
	gate->door.event = on_event;
	gate->door.context = gate;
	gate->door.place = &gate->place;
	/* Most mails are in memory, large ones and too many in a nameless file. */
	gate->place.small_max = (uint64_t)1 << 20;
	gate->place.memory_max = (uint64_t)64 << 20;
	snprintf(gate->place.folder, sizeof(gate->place.folder), "%s",
			folder ? folder : "/var/tmp");
	if (!err)
		err = become(cli_text(cli, "user"), error);
	if (!err)
		err = known_open(cli, &gate->known, error);
	if (!err) {
		/* Each scan asks for its own, so that lists can be swapped. */
		ward_bank_release(gate->known.view);
		gate->known.view = NULL;
	}
	if (!err)
		err = open_spool(gate, error);
	if (!err)
		err = open_pool(gate, error);
	return err;
}

/* Before there is any thread; libmilter has one that waits for them. */
static void block_signals(void)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &ending, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int run_milter(struct cli *cli)
{
	static struct gate gate = { .out_lock = PTHREAD_MUTEX_INITIALIZER };
	const char *socket = cli_text(cli, "listen");
	struct ward_error error;
	bool idle = true;

	if (cli->arg_count != 0)
		return cli_usage(cli, "it takes no arguments");
	gate.cli = cli;
	block_signals();
	ward_err err = prepare(&gate, &error);

	if (!err)
		err = milter_door_open(&gate.door, socket ? socket : SOCKET, &error);
	if (!err) {
		log_info("ready", "socket=%s", socket ? socket : SOCKET);
		err = milter_door_run(&idle, &error);
	}
	/* Mails that are still on their way use all of this; they are tried again by who sent them.
	 */
	if (!idle)
		_exit(CLI_OK);
	milter_pool_free(gate.door.pool);
	agent_sender_free(gate.door.sender);
	agent_spool_close(gate.door.spool);
	known_close(&gate.known);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}

static const struct cli_verb verb = {
	.name = "milter",
	.arguments = MILTER_ARGUMENTS,
	.options = milter_options,
	.run = run_milter,
};
static const struct verb_row rows[] = {
	{ "milter", "Look at the mails of a mail server before it takes them", &verb }, { 0 }
};

int main(int argc, char **argv)
{
	return verbs_main(rows, argc, argv);
}
