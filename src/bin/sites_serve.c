/*
 * ward site serve - answers private look-ups in lists (oblivious/door.h)
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "bin/known.h"
#include "bin/sites_far.h"
#include "oblivious/door.h"
#include "oblivious/lists.h"
#include "workspace/keys.h"

enum {
	PATH_ROOM = 8192,
	PEM_MAX = 1 << 20,
	TICK_MS = 500,
	LOOK_TICKS = 10, /* between two looks at lists and keys */
	QUOTA = 600,
	HOUR_S = 3600,
	VERSION_MAX = 256,
};

struct server {
	const struct cli *cli;
	struct workspace *workspace;
	uint8_t secret[64]; /* Ed25519 */
	char *certificate, *private_key;
	struct oblivious_door *door;
	char (*versions)[VERSION_MAX]; /* of the lists, as they are in the table in force */
	int64_t made;
	uint64_t over_quota;   /* as told last */
	pthread_rwlock_t lock; /* of keys */
	struct keys *keys;
};

/* ---- who we are ---- */

/* The seed of the key that signs tables; made when it is asked for first. */
static ward_err read_seed(const char *path, uint8_t seed[32], struct ward_error *error)
{
	struct stat there;
	char *text = NULL;
	size_t len = 0;

	if (stat(path, &there) < 0 && errno == ENOENT) {
		randombytes_buf(seed, 32);
		return file_replace(path, (ward_bytes){ seed, 32 }, 0600, error);
	}
	ward_err err = file_read(path, 32, &text, &len, error);

	if (!err && len != 32)
		err = ward_fail(error, WARD_E_CORRUPT,
				"keys/oblivious.key holds %zu bytes, not 32; clients know the "
				"server by it: get it back from a backup",
				len);
	if (!err)
		memcpy(seed, text, 32);
	if (text)
		sodium_memzero(text, len);
	free(text);
	return err;
}

static ward_err path_in(const struct server *server, const char *name, char path[PATH_ROOM],
		struct ward_error *error)
{
	bool whole = name[0] == '/';
	int len = snprintf(path, PATH_ROOM, "%s%s%s",
			whole ? "" : workspace_folder(server->workspace), whole ? "" : "/", name);

	return len > 0 && len < PATH_ROOM ? WARD_OK
					  : ward_fail(error, WARD_E_LIMIT,
							    "the path %.40s... is too long", name);
}

static ward_err read_identity(struct server *server, struct ward_error *error)
{
	uint8_t seed[32], identity[32];
	char path[PATH_ROOM];
	ward_err err = path_in(server, "keys", path, error);

	if (!err)
		err = file_make_folders(path, 0700, error);
	if (!err)
		err = path_in(server, "keys/oblivious.key", path, error);
	if (!err)
		err = read_seed(path, seed, error);
	if (!err)
		crypto_sign_seed_keypair(identity, server->secret, seed);
	sodium_memzero(seed, sizeof(seed));
	return err;
}

static ward_err read_pem(const struct server *server, const char *name, char **text,
		struct ward_error *error)
{
	char path[PATH_ROOM];
	size_t len;

	if (!name[0])
		return WARD_OK;
	ward_err err = path_in(server, name, path, error);

	return err ? err : file_read(path, PEM_MAX, text, &len, error);
}

/* ---- who asks ---- */

static ward_err read_keys(struct server *server, struct ward_error *error)
{
	struct keys *keys, *last;
	ward_err err = keys_read(workspace_keys(server->workspace), &keys, error);

	if (err)
		return err;
	pthread_rwlock_wrlock(&server->lock);
	last = server->keys;
	server->keys = keys;
	pthread_rwlock_unlock(&server->lock);
	keys_free(last);
	return WARD_OK;
}

static bool who(void *context, ward_str token, char name[OBLIVIOUS_QUOTA_NAME])
{
	struct server *server = context;

	pthread_rwlock_rdlock(&server->lock);
	const struct key *key = keys_check(server->keys, token, clock_now());
	bool may = key && (key->scopes & KEY_ASK);

	if (may)
		snprintf(name, OBLIVIOUS_QUOTA_NAME, "%s", key->name);
	pthread_rwlock_unlock(&server->lock);
	return may;
}

/* ---- the table ---- */

static ward_err open_list(const struct server *server, int index, struct ward_site_list **list,
		struct ward_error *error)
{
	char path[PATH_ROOM];
	ward_err err = workspace_site_folder(server->workspace,
			ward_str_from(server->cli->args[index]), path, sizeof(path), error);

	return err ? err : ward_site_list_open(path, list, error);
}

/* Is a list another than it is in the table?  One that cannot be opened now is as it was. */
static bool lists_changed(const struct server *server)
{
	bool changed = false;

	for (int i = 0; i < server->cli->arg_count && !changed; i++) {
		struct ward_site_list *list;

		if (open_list(server, i, &list, NULL) != WARD_OK)
			continue;
		changed = strncmp(ward_site_list_version(list), server->versions[i],
					  VERSION_MAX - 1) != 0;
		ward_site_list_free(list);
	}
	return changed;
}

static ward_err gather(struct server *server, struct oblivious_draft *draft,
		struct oblivious_listed *listed, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (int i = 0; i < server->cli->arg_count && !err; i++) {
		struct ward_site_list *list;

		err = open_list(server, i, &list, error);
		if (err)
			break;
		snprintf(server->versions[i], VERSION_MAX, "%s", ward_site_list_version(list));
		err = oblivious_lists_add(draft, list, clock_now(), listed, error);
		ward_site_list_free(list);
	}
	return err;
}

static unsigned thread_count(const struct cli *cli)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return (unsigned)cli_number(cli, "threads", processors < 1 ? 1 : processors);
}

static void tell(const struct oblivious_table *table, const struct oblivious_listed *listed,
		uint64_t took_us)
{
	struct oblivious_table_facts facts = oblivious_table_facts(table);
	const struct oblivious_info *info = oblivious_table_info(table);

	log_info("table",
			"entries=%zu shelves=%u slots=%u fullest=%zu common=%" PRIu32
			" held=%zu ms=%" PRIu64,
			facts.entries, 1u << info->bits, (unsigned)info->slots, facts.fullest,
			info->common, facts.common_held, took_us / 1000);
	if (listed->networks + listed->hashes > 0)
		log_warn("left_out", "networks=%zu hashes=%zu", listed->networks, listed->hashes);
}

/* Lives a quarter longer than until the next one, so that a client's question falls into no gap. */
static ward_err make_table(struct server *server, struct oblivious_table **table,
		struct ward_error *error)
{
	int64_t now = clock_now(), life = cli_number(server->cli, "hours", 24) * HOUR_S;
	struct oblivious_table_options options = { server->secret, now, now + life + life / 4,
		thread_count(server->cli) };
	struct oblivious_draft *draft = oblivious_draft_new();
	struct oblivious_listed listed = { 0 };
	uint64_t begun = clock_ticks_us();
	ward_err err = draft ? gather(server, draft, &listed, error)
			     : ward_fail(error, WARD_E_NOMEM, "out of memory");

	if (!err)
		err = oblivious_table_new(draft, &options, table, error);
	oblivious_draft_free(draft);
	if (err)
		return err;
	server->made = now;
	tell(*table, &listed, clock_ticks_us() - begun);
	return WARD_OK;
}

/* ---- the loop ---- */

/* Making a table takes a while, in which a signal to end ends the program as it stands. */
static void renew(struct server *server)
{
	struct oblivious_table *table;
	struct ward_error error;
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
	ward_err err = make_table(server, &table, &error);

	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	if (err) {
		log_warn("no_table", "code=%s", ward_err_name(err));
		server->versions[0][0] = '\0'; /* so that it is tried again */
	} else {
		oblivious_door_put(server->door, table);
	}
}

/* Somebody who goes through a dictionary is to be seen while they do it. */
static void tell_over_quota(struct server *server)
{
	uint64_t over_quota = oblivious_door_stats(server->door).over_quota;

	if (over_quota != server->over_quota)
		log_warn("over_quota", "questions=%" PRIu64, over_quota - server->over_quota);
	server->over_quota = over_quota;
}

static void look(struct server *server)
{
	int64_t life = cli_number(server->cli, "hours", 24) * HOUR_S;
	struct ward_error error;

	tell_over_quota(server);
	if (read_keys(server, &error) != WARD_OK)
		log_warn("keys", "code=%s", ward_err_name(error.code));
	if (lists_changed(server) || clock_now() - server->made >= life)
		renew(server);
}

static void run(struct server *server, const sigset_t *signals)
{
	int got, ticks = 0;

	do {
		struct timespec time = { .tv_nsec = TICK_MS * 1000000L };

		got = sigtimedwait(signals, NULL, &time);
		oblivious_door_tick(server->door);
		if (got == SIGHUP || ++ticks >= LOOK_TICKS) {
			ticks = 0;
			look(server);
		}
	} while (got != SIGTERM && got != SIGINT);
	struct oblivious_door_stats stats = oblivious_door_stats(server->door);

	log_info("stopped",
			"answered=%" PRIu64 " refused=%" PRIu64 " over_quota=%" PRIu64
			" too_slow=%" PRIu64,
			stats.answered, stats.refused, stats.over_quota, stats.too_slow);
}

/* ---- start ---- */

static ward_err prepare(struct server *server, struct ward_error *error)
{
	const struct settings *settings = workspace_settings(server->workspace);
	ward_err err = read_identity(server, error);

	if (!err)
		err = read_keys(server, error);
	if (!err)
		err = read_pem(server, settings->certificate, &server->certificate, error);
	if (!err)
		err = read_pem(server, settings->private_key, &server->private_key, error);
	server->versions = calloc((size_t)server->cli->arg_count, sizeof(*server->versions));
	if (!err && !server->versions)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	return err;
}

static ward_err start(struct server *server, const sigset_t *signals, struct ward_error *error)
{
	const char *listen = cli_text(server->cli, "listen");
	struct oblivious_table *table = NULL;
	struct oblivious_door_options options = {
		.listen = listen ? listen : "127.0.0.1:8760",
		.who = who,
		.context = server,
		.quota = (uint32_t)cli_number(server->cli, "quota", QUOTA),
	};
	char identity[2 * OBLIVIOUS_IDENTITY + 1];
	ward_err err = prepare(server, error);

	if (!err)
		err = make_table(server, &table, error);
	if (err)
		return err;
	options.certificate = server->certificate;
	options.private_key = server->private_key;
	/* Before any thread is made that stays: they all take it over. */
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	err = oblivious_door_start(&options, table, &server->door, error);
	if (err) {
		oblivious_table_free(table);
		return err;
	}
	ward_hex_format(server->secret + 32, OBLIVIOUS_IDENTITY, identity);
	log_info("ready", "address=%s identity=%s", oblivious_door_address(server->door), identity);
	return WARD_OK;
}

static void end(struct server *server)
{
	oblivious_door_free(server->door);
	keys_free(server->keys);
	pthread_rwlock_destroy(&server->lock);
	free(server->versions);
	free(server->certificate);
	if (server->private_key)
		sodium_memzero(server->private_key, strlen(server->private_key));
	free(server->private_key);
	workspace_free(server->workspace);
	sodium_memzero(server, sizeof(*server));
}

int sites_far_serve(struct cli *cli)
{
	struct server server = { .cli = cli, .lock = PTHREAD_RWLOCK_INITIALIZER };
	struct ward_error error;
	sigset_t signals;

	if (!cli_flag(cli, "oblivious"))
		return cli_usage(cli, "--oblivious is the one way there is to serve a list");
	if (cli->arg_count < 1)
		return cli_usage(cli, "which list?");
	if (!oprf_prepare())
		return cli_fail(cli, "there is no source of randomness");
	if (known_workspace(cli, &server.workspace, &error) != WARD_OK)
		return cli_fail_error(cli, &error);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	ward_err err = start(&server, &signals, &error);

	if (!err)
		run(&server, &signals);
	end(&server);
	return err ? cli_fail_error(cli, &error) : CLI_OK;
}
