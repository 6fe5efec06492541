#include "api/serve.h"
#include "api/site_counts.h"

#include "api/carry.h"
#include "api/chores.h"
#include "api/mailbox.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "desk/arrive.h"
#include "net/fetch.h"
#include "net/listen.h"
#include "people/people_login_oidc.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	/* They wait for the store's disk, and what many write at once is one wait. */
	DESK_THREADS = 32,
	DESK_WAITING_MAX = 1024,
	LOGIN_THREADS = 2,
	LOGIN_WAITING_MAX = 64,
	VIEW_THREADS = 2,
	VIEWS_WAITING_MAX = 64,
	STORE_AGAIN_US = 2000000,
	PEOPLE_TIDY_US = 2000000,
	FETCH_THREADS = 4, /* they wait for others, not for the processor */
	CONNECTION_MEMORY = 64 * 1024,
	/* The library stops listening at its limit; room for those who are told to come back. */
	CONNECTIONS_SPARE = 64,
	PEM_MAX = 1 << 20,
	LAST_MS = 50,
};

/* What arrives stays in memory up to here; pictures do, videos do not. */
#define SMALL_MAX  ((uint64_t)8 << 20)
#define MEMORY_MAX ((uint64_t)64 << 20)

/* ---- the scan threads' tools ---- */

static void *open_scanner(void *context)
{
	(void)context;
	return ward_scanner_new(NULL);
}

static void close_scanner(void *scanner)
{
	ward_scanner_free(scanner);
}

static void *open_box(void *context)
{
	(void)context;
	return ward_box_new(NULL);
}

static void close_box(void *box)
{
	ward_box_free(box);
}

static bool start_lanes(struct server *server, const struct settings *settings)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = settings->workers > 0 ? settings->workers
			   : processors > 0      ? (unsigned)processors
						 : 1;
	struct lane_options options = {
		.name = "scan",
		.threads = threads,
		.waiting_max = settings->queue_max,
		.context = server,
		.open = open_scanner,
		.run = serve_run,
		.close = close_scanner,
	};

	server->scans = lane_new(&options);
	options.name = "lists";
	options.threads = 1;
	server->lists = lane_new(&options);
	options.open = NULL;
	options.close = NULL;
	options.name = "desk";
	options.threads = DESK_THREADS;
	options.waiting_max = DESK_WAITING_MAX;
	server->desks = lane_new(&options);
	/* Each takes 64 MiB or 128 MiB for a tenth of a second or a few. */
	options.name = "login";
	options.threads = LOGIN_THREADS;
	options.waiting_max = LOGIN_WAITING_MAX;
	server->logins = lane_new(&options);
	/* As many as look at once, each with its worker; who waits for one has their work. */
	options.name = "views";
	options.threads = VIEW_THREADS;
	options.waiting_max = VIEWS_WAITING_MAX;
	options.open = open_box;
	options.close = close_box;
	server->views = lane_new(&options);
	options.open = NULL;
	options.close = NULL;
	options.name = "fetch";
	options.threads = FETCH_THREADS;
	options.waiting_max = settings->queue_max;
	options.run = serve_fetch;
	server->fetches = lane_new(&options);
	return server->scans && server->lists && server->desks && server->logins &&
	       server->fetches && server->views;
}

/* ---- the store ---- */

/* The provider that ward.conf names; NULL when it names none. */
static ward_err open_provider(const struct snapshot *snapshot, struct people_provider **provider,
		struct ward_error *error)
{
	const struct settings *settings = snapshot->settings;
	const char *secret = settings->oidc_secret_file;
	char path[8192];
	struct people_provider_options options = {
		.issuer = settings->oidc_issuer,
		.client_id = settings->oidc_client_id,
		.secret_path = path,
		.name = settings->oidc_name,
		.acr = settings->oidc_acr,
		.amr = settings->oidc_amr,
		.trust_second = settings->oidc_trust_second_factor,
		.time_ms = settings->oidc_ms,
		.skew_s = settings->oidc_skew_ms / 1000,
	};

	*provider = NULL;
	if (!settings->oidc_issuer[0])
		return WARD_OK;
	snprintf(path, sizeof(path), "%s%s%s",
			secret[0] == '/' ? "" : workspace_folder(snapshot->workspace),
			secret[0] == '/' ? "" : "/", secret);
	ward_err err = people_provider_new(&options, provider, error);

	return err ? err : people_provider_check(*provider, error);
}

static void open_login(struct server *server, const struct snapshot *snapshot, struct store *store)
{
	const struct settings *settings = snapshot->settings;
	char folder[4096];
	struct people_login_options options = {
		.store = store,
		.keys_folder = folder,
		.site = settings->people_site,
		.times = { settings->people_idle_ms / 1000, settings->people_session_ms / 1000 },
	};
	struct people_login *login;
	struct ward_error error;

	/* A provider that is not set up right is no reason to keep everybody out. */
	if (open_provider(snapshot, &options.provider, &error) != WARD_OK)
		log_error("no_provider", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
	snprintf(folder, sizeof(folder), "%s/keys", workspace_folder(snapshot->workspace));
	if (people_login_new(&options, &login, &error) == WARD_OK)
		server->login = login;
	else
		log_error("no_login", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
}

/* What is reported is sealed as it comes in, and becomes a job. */
static void open_intake(struct server *server, const struct snapshot *snapshot, struct store *store)
{
	const char *workspace = workspace_folder(snapshot->workspace);
	char folder[4096];
	struct intake *intake;
	struct ward_error error;
	ward_err err = WARD_OK;

	if (!server->vault)
		err = vault_of_workspace(workspace, store, &server->vault, &error);
	snprintf(folder, sizeof(folder), "%s/keys", workspace);
	if (!err)
		err = intake_open(folder, store, server->vault, desk_arrive, NULL, &intake, &error);
	if (!err)
		server->intake = intake;
	else
		log_error("no_intake", "code=%s message=\"%s\"", ward_err_name(err), error.message);
}

/*
 * Files are scanned also while the store is away: an upload is not let through, nor held up, for
 * want of a table.  What needs the store says so until it is back.
 */
static void open_store(struct server *server, const struct snapshot *snapshot)
{
	struct ward_error error;
	struct store *store;
	bool first = server->store_tried_us == 0;

	server->store_tried_us = clock_ticks_us();
	if (workspace_store(snapshot->workspace, false, &store, &error) == WARD_OK) {
		server->store = store;
		open_login(server, snapshot, store);
		open_intake(server, snapshot, store);
		log_info("store", "version=%u", store_version(store));
	} else if (first) {
		log_error("no_store", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
	}
}

static void open_signer(struct server *server, const struct snapshot *snapshot)
{
	char folder[4096];
	struct ward_error error;

	snprintf(folder, sizeof(folder), "%s/keys", workspace_folder(snapshot->workspace));
	if (signer_make(folder, &error) || signer_open(folder, &server->signer, &error))
		log_error("no_signer", "code=%s message=\"%s\"", ward_err_name(error.code),
				error.message);
}

/* ---- the daemon ---- */

/* Its words may hold what was sent; that it had some is enough. */
static void on_library_words(void *context, const char *fmt, va_list args) WARD_PRINTF(2, 0);

static void on_library_words(void *context, const char *fmt, va_list args)
{
	(void)context;
	(void)fmt;
	(void)args;
	log_debug("http", "library=1");
}

/*
 * %XX in paths and queries.  %00 stays as it stands: a path that ends for us
 * where it goes on for a proxy in front would get past the proxy's rules.
 */
static size_t unescape(void *context, struct MHD_Connection *connection, char *text)
{
	char *to = text;
	uint8_t byte;

	(void)context;
	(void)connection;
	for (const char *at = text; *at; at++) {
		if (*at == '%' && at[1] && at[2] &&
				ward_hex_parse((ward_str){ at + 1, 2 }, &byte, 1) && byte != 0) {
			*to++ = (char)byte;
			at += 2;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

/* Where it listens, and what it proves itself by. */
struct door {
	struct listening at;
	char *certificate, *private_key; /* PEM texts; NULL without TLS */
};

static ward_err read_pem(const struct snapshot *snapshot, const char *name, char **text,
		struct ward_error *error)
{
	char path[8192];
	size_t len;

	snprintf(path, sizeof(path), "%s%s%s",
			name[0] == '/' ? "" : workspace_folder(snapshot->workspace),
			name[0] == '/' ? "" : "/", name);
	return file_read(path, PEM_MAX, text, &len, error);
}

static ward_err prepare(const struct server_options *options, const struct snapshot *snapshot,
		struct door *door, struct ward_error *error)
{
	const struct settings *settings = snapshot->settings;
	char text[SETTINGS_TEXT_MAX + 32];
	bool v6 = strchr(settings->address, ':') != NULL;
	ward_err err = WARD_OK;

	snprintf(text, sizeof(text), "%s%s%s:%u", v6 ? "[" : "", settings->address, v6 ? "]" : "",
			settings->port);
	err = listening_parse(options->listen ? options->listen : text, "the service", &door->at,
			error);
	if (err)
		return err;
	if (settings->certificate[0] && settings->private_key[0]) {
		err = read_pem(snapshot, settings->certificate, &door->certificate, error);
		if (!err)
			err = read_pem(snapshot, settings->private_key, &door->private_key, error);
	}
	return err;
}

static void forget(struct door *door)
{
	listening_close(&door->at);
	free(door->certificate);
	if (door->private_key)
		explicit_bzero(door->private_key, strlen(door->private_key));
	free(door->private_key);
}

static ward_err listen_on(struct server *server, const struct settings *settings, struct door *door,
		struct ward_error *error)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_ERROR_LOG | (door->at.v6 ? MHD_USE_IPv6 : 0) |
			 (server->tls ? MHD_USE_TLS : 0);
	ward_err err = listening_open(&door->at, "the service", error);

	if (err)
		return err;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, door->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, door->private_key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
				(void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	/* The logger first: it is to be in use when the other options speak. */
	server->daemon = MHD_start_daemon(flags, door->at.port, NULL, NULL, serve, server,
			MHD_OPTION_EXTERNAL_LOGGER, on_library_words, NULL,
			MHD_OPTION_LISTEN_SOCKET, door->at.fd, MHD_OPTION_NOTIFY_COMPLETED,
			serve_completed, server, MHD_OPTION_NOTIFY_CONNECTION, serve_connection,
			server, MHD_OPTION_CONNECTION_LIMIT,
			settings->connections_max + CONNECTIONS_SPARE,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
			MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)PEER_IDLE_S,
			MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, unescape,
			NULL, MHD_OPTION_ARRAY, server->tls ? tls : none, MHD_OPTION_END);
	door->at.fd = -1; /* the library's from here on */
	if (!server->daemon)
		return ward_fail(error, server->tls ? WARD_E_ARGUMENT : WARD_E_IO, "%s",
				server->tls ? "cannot speak TLS: server.certificate and "
					      "server.private_key are no PEM texts, or do not "
					      "belong together"
					    : "cannot start the HTTP service");
	snprintf(server->address, sizeof(server->address), "%s://%s%s%s:%u",
			server->tls ? "https" : "http", door->at.v6 ? "[" : "", door->at.host,
			door->at.v6 ? "]" : "", door->at.port);
	return WARD_OK;
}

/* Each connection is a descriptor, and each file of its request one more. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static ward_err start(struct server *server, const struct server_options *options,
		const struct snapshot *snapshot, struct ward_error *error)
{
	struct door door = { .at.fd = -1 };
	const struct settings *settings = snapshot->settings;
	ward_err err = prepare(options, snapshot, &door, error);

	server->tls = door.private_key != NULL;
	server->refresh_ms = settings->refresh_ms;
	server->place.small_max = SMALL_MAX;
	server->place.memory_max = MEMORY_MAX;
	snprintf(server->place.folder, sizeof(server->place.folder), "%s",
			workspace_folder(snapshot->workspace));
	peers_init(&server->peers, settings->connections_max, settings->request_ms, server->tls);
	if (!err && !start_lanes(server, settings))
		err = ward_fail(error, WARD_E_NOMEM, "cannot start the scan threads");
	if (!err) {
		open_store(server, snapshot);
		open_signer(server, snapshot);
		err = listen_on(server, settings, &door, error);
	}
	if (!err) {
		server->chores = chores_start(server);
		server->carrier = carrier_start(server);
		server->sender = sender_start(server);
		server->mailbox = mailbox_start(server);
		if (!server->chores || !server->carrier || !server->sender || !server->mailbox)
			err = ward_fail(error, WARD_E_NOMEM,
					"cannot start the threads of the chores");
	}
	if (!err && keys_count(snapshot->keys) == 0 && !options->demo)
		log_warn("no_keys", "hint=\"ward key add makes one; without it nobody may ask\"");
	forget(&door);
	return err;
}

ward_err server_start(const struct server_options *options, struct server **started,
		struct ward_error *error)
{
	struct server *server = calloc(1, sizeof(*server));
	ward_err err;

	if (!server)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	raise_descriptors();
	fetch_prepare();
	pthread_mutex_init(&server->mutex, NULL);
	server->demo = options->demo;
	server->network = options->network;
	id_new(server->run);
	server->started = clock_now();
	server->refreshed_us = clock_ticks_us();
	server->metrics = metrics_new();
	server->rates = rates_new();
	server->seen = session_seen_new();
	err = server->metrics && server->rates && server->seen
			      ? live_open(options->folder, &server->live, error)
			      : ward_fail(error, WARD_E_NOMEM, "out of memory");
	if (!err) {
		const struct snapshot *snapshot = live_acquire(server->live);

		err = start(server, options, snapshot, error);
		live_release(server->live, snapshot);
	}
	if (err) {
		server_free(server);
		return err;
	}
	*started = server;
	return WARD_OK;
}

ward_err server_check(const struct server_options *options, struct ward_error *error)
{
	struct door door = { .at.fd = -1 };
	struct live *live = NULL;
	ward_err err = live_open(options->folder, &live, error);

	if (!err) {
		const struct snapshot *snapshot = live_acquire(live);

		struct people_provider *provider = NULL;

		err = prepare(options, snapshot, &door, error);
		if (!err)
			err = open_provider(snapshot, &provider, error);
		people_provider_free(provider);
		live_release(live, snapshot);
	}
	forget(&door);
	live_free(live);
	return err;
}

const char *server_address(const struct server *server)
{
	return server->address;
}

/* ---- now and then ---- */

static void refresh(struct server *server, bool settings)
{
	struct ward_error error;
	ward_err err = live_refresh(server->live, settings, &error);

	if (err && (!server->refresh_failed || settings))
		log_error("refresh_failed", "code=%s message=\"%s\"", ward_err_name(err),
				error.message);
	server->refresh_failed = err != WARD_OK;
	server->refreshed_us = clock_ticks_us();
}

/* Keys of sessions that are over are wiped. */
static void tidy(struct server *server)
{
	if (!server->login || clock_ticks_us() - server->people_tidied_us < PEOPLE_TIDY_US)
		return;
	people_login_tick(server->login);
	server->people_tidied_us = clock_ticks_us();
}

void serve_look_for_store(struct server *server)
{
	if (server->store || clock_ticks_us() - server->store_tried_us < STORE_AGAIN_US)
		return;
	const struct snapshot *snapshot = live_acquire(server->live);

	open_store(server, snapshot);
	live_release(server->live, snapshot);
}

void server_tick(struct server *server)
{
	unsigned cut = peers_sweep(&server->peers), evicted = peers_evicted(&server->peers);

	if (cut > 0)
		log_warn("too_slow", "connections=%u", cut);
	if (evicted > 0)
		log_warn("connections_full", "idle_closed=%u", evicted);
	if (clock_ticks_us() - server->refreshed_us >= (uint64_t)server->refresh_ms * 1000)
		refresh(server, false);
	tidy(server);
}

void server_count_portal(struct server *server, const struct metrics_portal *portal)
{
	metrics_portal(server->metrics, portal);
}

void server_reload(struct server *server)
{
	refresh(server, true);
	log_info("reloaded", "ok=%d", !server->refresh_failed);
}

/* ---- the end ---- */

void server_stop_begin(struct server *server)
{
	const struct snapshot *snapshot = live_acquire(server->live);

	server->stop_by_us = clock_ticks_us() + (uint64_t)snapshot->settings->drain_ms * 1000;
	live_release(server->live, snapshot);
	server->stopping = true;
	log_info("stopping", "in_flight=%u", (unsigned)server->in_flight);
}

bool server_is_idle(const struct server *server)
{
	return server->in_flight == 0 || clock_ticks_us() >= server->stop_by_us;
}

/*
 * No new connections.  A request that came in this very moment is still told
 * that we stop; one that has not arrived by then is nobody's.
 */
static void quiesce(struct server *server)
{
	MHD_socket listener = MHD_quiesce_daemon(server->daemon);

	if (listener != MHD_INVALID_SOCKET)
		close(listener);
	server->stopping = true;
	nanosleep(&(struct timespec){ .tv_nsec = LAST_MS * 1000000L }, NULL);
	peers_cut_arriving(&server->peers);
}

void server_free(struct server *server)
{
	if (!server)
		return;
	if (server->daemon)
		quiesce(server);
	mailbox_stop(server->mailbox);
	sender_stop(server->sender);
	carrier_stop(server->carrier);
	chores_stop(server->chores);
	/* What waits in the lanes is worked off, and wakes its connection. */
	lane_free(server->fetches);
	lane_free(server->scans);
	lane_free(server->lists);
	lane_free(server->desks);
	lane_free(server->logins);
	lane_free(server->views);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	if (server->store)
		site_counts_keep(server);
	people_login_free(server->login);
	session_seen_free(server->seen);
	intake_free(server->intake);
	vault_free(server->vault);
	store_free(server->store);
	signer_free(server->signer);
	live_free(server->live);
	metrics_free(server->metrics);
	rates_free(server->rates);
	pthread_mutex_destroy(&server->mutex);
	free(server);
}
