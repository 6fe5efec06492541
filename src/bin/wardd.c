/*
 * wardd - the daemon: reads its options, starts the service, waits for signals
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "api/metrics.h"
#include "api/route.h"
#include "api/server.h"
#include "base/log.h"
#include "desk/arrive.h"
#include "wardd_network.h"
#include "wardd_portal.h"
#include "workspace/workspace.h"

enum { TROUBLE = 2, TICK_MS = 200, STOP_TICK_MS = 20 };

static const char help[] =
		"usage: wardd [OPTION...]\n\n"
		"Serves the workspace's lists and scans over HTTP.\n\n"
		"options:\n"
		"  -w, --workspace DIR       the workspace (default: $WARD_HOME)\n"
		"      --listen ADDR:PORT    where to listen (default: as ward.conf says)\n"
		"      --demo                programs on this machine need no key\n"
		"  -n, --check               check ward.conf, certificate and lists, then stop\n"
		"      --log LEVEL           debug, info, warn or error (default: info)\n"
		"      --routes              print the routes: method, path, scope, permission, "
		"body, lane\n"
		"      --permissions         print permissions and roles, as JSON\n"
		"      --version             print the version\n"
		"  -h, --help                show this help\n\n"
		"SIGTERM and SIGINT finish what was begun and stop; SIGHUP reads ward.conf, keys\n"
		"and lists again.  Exit status: 0 stopped, 2 trouble.\n";

struct options {
	struct server_options server;
	bool check;
};

static int usage(const char *what, const char *word)
{
	fprintf(stderr, "wardd: %s%s (see wardd --help)\n", what, word);
	return TROUBLE;
}

static int print_routes(void)
{
	char scopes[64];

	for (size_t i = 0; i < routes_count(); i++) {
		key_scopes_format(routes[i].scope, scopes, sizeof(scopes));
		printf("%s\t%s\t%s\t%s\t%s\t%s\n", routes[i].method, routes[i].path,
				routes[i].scope ? scopes : "-", route_permission_name(&routes[i]),
				route_body_name(routes[i].body), route_lane_name(routes[i].lane));
	}
	return 0;
}

static int print_permissions(void)
{
	struct ward_buf text;

	ward_buf_init(&text, 1 << 20);
	people_permissions_json(&text);
	fputs(ward_buf_text(&text).ptr, stdout);
	ward_buf_free(&text);
	return 0;
}

/* The value of an option, as "--name=VALUE" or as the next word; NULL when it is another. */
static const char *value_of(char **argv, int argc, int *at, const char *name, bool *missing)
{
	size_t len = strlen(name);

	if (strncmp(argv[*at], name, len) != 0)
		return NULL;
	if (argv[*at][len] == '=' && name[1] == '-')
		return argv[*at] + len + 1;
	if (argv[*at][len] != '\0')
		return NULL;
	*missing = *at + 1 >= argc;
	return *missing ? NULL : argv[++*at];
}

/* -1: go on; else the status to stop with. */
static int read_options(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value;
		bool missing = false;
		enum log_level level;

		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
			return fputs(help, stdout), 0;
		if (strcmp(word, "--version") == 0)
			return printf("wardd %s\n", WARD_VERSION), 0;
		if (strcmp(word, "--routes") == 0)
			return print_routes();
		if (strcmp(word, "--permissions") == 0)
			return print_permissions();
		if (strcmp(word, "--demo") == 0)
			options->server.demo = true;
		else if (strcmp(word, "--check") == 0 || strcmp(word, "-n") == 0)
			options->check = true;
		else if ((value = value_of(argv, argc, &i, "--workspace", &missing)) ||
				(value = value_of(argv, argc, &i, "-w", &missing)))
			options->server.folder = value;
		else if ((value = value_of(argv, argc, &i, "--listen", &missing)))
			options->server.listen = value;
		else if ((value = value_of(argv, argc, &i, "--log", &missing))) {
			if (!log_level_from(ward_str_from(value), &level))
				return usage("--log wants debug, info, warn or error", "");
			log_set_level(level);
		} else if (missing)
			return usage("a value is missing behind ", word);
		else
			return usage("there is no option ", word);
	}
	if (!options->server.folder)
		return usage("which workspace? Give -w DIR or set $WARD_HOME", "");
	return -1;
}

static int fail(const struct ward_error *error)
{
	fprintf(stderr, "wardd: %s\n", error->message);
	return TROUBLE;
}

static int check(const struct server_options *options)
{
	struct ward_error error;

	if (server_check(options, &error) != WARD_OK ||
			wardd_portal_check(options->folder, &error) != WARD_OK ||
			wardd_network_check(options->folder, &error) != WARD_OK)
		return fail(&error);
	printf("The configuration is fine.\n");
	return 0;
}

/* The next signal, or 0 after so many milliseconds. */
static int wait_signal(const sigset_t *signals, long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	int got = sigtimedwait(signals, NULL, &time);

	return got < 0 ? 0 : got;
}

static void count_portal(struct server *server, const struct wardd_portal *portal)
{
	struct portal_stats stats;

	if (!wardd_portal_stats(portal, &stats))
		return;
	server_count_portal(server, &(struct metrics_portal){ stats.pages, stats.refused,
						    stats.filed, stats.full, stats.too_slow });
}

static void run(struct server *server, struct wardd_portal *portal, struct wardd_network *network,
		const sigset_t *signals)
{
	int got;

	do {
		got = wait_signal(signals, TICK_MS);
		if (got == SIGHUP) {
			server_reload(server);
			wardd_network_reload(network);
		}
		server_tick(server);
		wardd_network_tick(network);
		wardd_portal_tick(portal);
		count_portal(server, portal);
	} while (got != SIGTERM && got != SIGINT);
	server_stop_begin(server);
	wardd_network_stop(network);
	got = 0;
	/* A second signal means: at once. */
	while (!server_is_idle(server) && got != SIGTERM && got != SIGINT) {
		got = wait_signal(signals, STOP_TICK_MS);
		server_tick(server);
	}
}

/*
 * Who may not be heard must be told: without the portal or the proxies' door that was asked for
 * nothing starts.
 */
static ward_err start(struct server_options *options, struct server **server,
		struct wardd_portal **portal, struct wardd_network **network,
		struct ward_error *error)
{
	ward_err err = wardd_network_open(options->folder, network, error);

	if (err)
		return err;
	options->network = wardd_network_of(*network);
	err = server_start(options, server, error);
	if (!err)
		err = wardd_portal_start(options->folder, desk_arrive, NULL, options->network.gate,
				portal, error);
	if (!err)
		err = wardd_network_start(*network, error);
	if (err) {
		wardd_portal_free(*portal);
		if (*server)
			server_free(*server);
		wardd_network_free(*network);
	}
	return err;
}

int main(int argc, char **argv)
{
	struct options options = { .server = { .folder = getenv("WARD_HOME") } };
	struct server *server = NULL;
	struct wardd_portal *portal = NULL;
	struct wardd_network *network = NULL;
	struct ward_error error;
	sigset_t signals;
	int status = read_options(argc, argv, &options);

	if (status >= 0)
		return status;
	if (options.check)
		return check(&options.server);
	signal(SIGPIPE, SIG_IGN);
	/* A file that may not grow is then a failed write, too. */
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	/* Before any thread is made: they all take it over. */
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (start(&options.server, &server, &portal, &network, &error) != WARD_OK)
		return fail(&error);
	log_info("ready", "address=%s", server_address(server));
	run(server, portal, network, &signals);
	wardd_portal_free(portal);
	server_free(server);
	wardd_network_free(network);
	log_info("stopped", "ok=1");
	return 0;
}
