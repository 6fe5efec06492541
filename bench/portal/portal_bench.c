/*
 * portal_bench [SECONDS] - how many of the portal's pages a second
 *
 * Starts the portal in this process, before an intake that only says yes, and
 * asks it over loopback with kept-alive connections, each a thread that asks,
 * waits for the whole answer, and asks again.  Both sides share the machine's
 * processors.  For each page the bare libmicrohttpd then answers the very same
 * bytes from memory, with the same threads: that is the limit.  One JSON line a
 * page; the median of five runs.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "portal/portal.h"

enum { CONNECTIONS = 16, RUNS = 5, ANSWER_MAX = 1 << 18, THREADS = 2 };

static struct {
	struct sockaddr_in to;
	char request[1 << 16];
	size_t request_len;
	uint64_t until_us;
	atomic_uint_fast64_t answers;
} load;

static _Noreturn void stop(const char *why)
{
	fprintf(stderr, "portal_bench: %s\n", why);
	exit(2);
}

/* ---- asking ---- */

static int connect_one(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&load.to, sizeof(load.to)) < 0)
		stop("cannot connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* Asks once; the answer's length, with its head.  It must be a 200. */
static size_t ask(int fd, char *text)
{
	size_t len = 0, whole = 0;

	if (send(fd, load.request, load.request_len, MSG_NOSIGNAL) != (ssize_t)load.request_len)
		stop("the connection broke while a request was sent");
	while (whole == 0 || len < whole) {
		ssize_t got = read(fd, text + len, ANSWER_MAX - 1 - len);

		if (got <= 0)
			stop("the connection broke while an answer was read");
		len += (size_t)got;
		text[len] = '\0';
		const char *end = strstr(text, "\r\n\r\n");
		const char *field = end ? strstr(text, "Content-Length: ") : NULL;

		if (end && !field)
			stop("an answer does not state its length");
		if (end)
			whole = (size_t)(end - text) + 4 + strtoul(field + 16, NULL, 10);
	}
	if (memcmp(text + 9, "200", 3) != 0)
		stop("an answer is not 200");
	return len;
}

static void *work(void *ignored)
{
	char *text = malloc(ANSWER_MAX);
	int fd = connect_one();

	if (!text)
		stop("no memory");
	while (clock_ticks_us() < load.until_us) {
		ask(fd, text);
		atomic_fetch_add(&load.answers, 1);
	}
	close(fd);
	free(text);
	return ignored;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* Answers a second, the median of the runs. */
static double measure(uint16_t port, double seconds)
{
	double per_s[RUNS];

	load.to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	load.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int run = 0; run < RUNS; run++) {
		pthread_t threads[CONNECTIONS];
		uint64_t start = clock_ticks_us();

		load.answers = 0;
		load.until_us = start + (uint64_t)(seconds * 1e6);
		for (int i = 0; i < CONNECTIONS; i++) {
			if (pthread_create(&threads[i], NULL, work, NULL))
				stop("no thread");
		}
		for (int i = 0; i < CONNECTIONS; i++)
			pthread_join(threads[i], NULL);
		per_s[run] = (double)load.answers / ((double)(clock_ticks_us() - start) / 1e6);
	}
	qsort(per_s, RUNS, sizeof(*per_s), by_value);
	return per_s[RUNS / 2];
}

/* ---- the limit: the library, and the same bytes ---- */

struct bare {
	char *body;
	size_t len;
};

static enum MHD_Result answer_bare(void *context, struct MHD_Connection *connection,
		const char *url, const char *method, const char *version, const char *upload,
		size_t *upload_size, void **kept)
{
	const struct bare *bare = context;

	(void)url, (void)method, (void)version, (void)upload;
	if (!*kept) {
		*kept = connection;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	struct MHD_Response *response = MHD_create_response_from_buffer(bare->len, bare->body,
			MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result = MHD_queue_response(connection, 200, response);

	MHD_destroy_response(response);
	return result;
}

static double measure_bare(char *answer, size_t len, double seconds)
{
	char *body = strstr(answer, "\r\n\r\n") + 4;
	struct bare bare = { body, len - (size_t)(body - answer) };
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL,
			answer_bare, &bare, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
			MHD_OPTION_END);

	if (!daemon)
		stop("libmicrohttpd does not start");
	double per_s = measure(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port,
			seconds);

	MHD_stop_daemon(daemon);
	return per_s;
}

/* ---- an intake that only says yes ---- */

static ward_err yes_file(void *context, const struct portal_report *report,
		struct ward_error *error)
{
	(void)context, (void)report, (void)error;
	return WARD_OK;
}

static ward_err yes_read(void *context, const char *receipt, struct ward_arena *arena,
		struct portal_answer *answer, struct ward_error *error)
{
	(void)context, (void)receipt, (void)arena, (void)error;
	*answer = (struct portal_answer){ 0 };
	return WARD_OK;
}

static ward_err yes_add(void *context, const char *receipt, const char *key, ward_str words,
		struct ward_error *error)
{
	(void)context, (void)receipt, (void)key, (void)words, (void)error;
	return WARD_OK;
}

static ward_err yes_withdraw(void *context, const char *receipt, struct ward_error *error)
{
	(void)context, (void)receipt, (void)error;
	return WARD_OK;
}

static ward_err yes_count(void *context, struct portal_counts *counts, struct ward_error *error)
{
	(void)context, (void)error;
	*counts = (struct portal_counts){ .days = 90, .reports = 100, .done = 50, .withdrawn = 10 };
	return WARD_OK;
}

/* ---- the pages ---- */

static void request_get(const char *path)
{
	load.request_len = (size_t)snprintf(load.request, sizeof(load.request),
			"GET %s HTTP/1.1\r\nHost: portal\r\n\r\n", path);
}

static void request_post(const char *path, const char *body)
{
	load.request_len = (size_t)snprintf(load.request, sizeof(load.request),
			"POST %s HTTP/1.1\r\nHost: portal\r\n"
			"Content-Type: application/x-www-form-urlencoded\r\n"
			"Content-Length: %zu\r\n\r\n%s",
			path, strlen(body), body);
}

/* The sealed draft of a step's page. */
static void take_token(uint16_t port, char *answer, char *token, size_t room)
{
	load.to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	load.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = connect_one();

	request_get("/en/report");
	ask(fd, answer);
	close(fd);
	const char *from = strstr(answer, "name=\"token\" value=\"");

	if (!from)
		stop("the first step has no token");
	snprintf(token, room, "%.*s", (int)strcspn(from + 20, "\""), from + 20);
}

static void bench(const char *name, uint16_t port, double seconds)
{
	char *answer = malloc(ANSWER_MAX);
	double per_s = measure(port, seconds);

	if (!answer)
		stop("no memory");
	int fd = connect_one();
	size_t len = ask(fd, answer);

	close(fd);
	double bare = measure_bare(answer, len, seconds);

	printf("{\"bench\":\"portal\",\"page\":\"%s\",\"bytes\":%zu,\"connections\":%d,"
	       "\"per_s\":%.0f,\"bare_per_s\":%.0f}\n",
			name, len, CONNECTIONS, per_s, bare);
	fflush(stdout);
	free(answer);
}

int main(int argc, char **argv)
{
	static char answer[ANSWER_MAX], token[8192], body[16384];
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
	struct portal_options options = {
		.listen = "127.0.0.1:0",
		.key = { 1 },
		.intake = { .file = yes_file,
				.read = yes_read,
				.add = yes_add,
				.withdraw = yes_withdraw,
				.count = yes_count },
	};
	struct portal *portal;
	struct ward_error error;
	uint64_t port = 0;

	if (portal_start(&options, &portal, &error) != WARD_OK)
		stop(error.message);
	if (!ward_u64_parse(ward_str_from(strrchr(portal_address(portal), ':') + 1), &port))
		stop("the portal has no port");
	request_get("/en/");
	bench("first page", (uint16_t)port, seconds);
	request_get("/ar/help?country=FR");
	bench("help by country", (uint16_t)port, seconds);
	request_get("/en/report");
	bench("first step, a draft sealed", (uint16_t)port, seconds);
	take_token((uint16_t)port, answer, token, sizeof(token));
	snprintf(body, sizeof(body), "token=%s&step=seen&go=next&topic=other&words=%0*d", token,
			2000, 0);
	request_post("/en/report", body);
	bench("a step sent, opened and sealed again", (uint16_t)port, seconds);
	request_post("/en/back", "code=apple+bridge+anchor+violin+stone+oak&go=open");
	bench("come back, through the clerk", (uint16_t)port, seconds);
	portal_free(portal);
	return 0;
}
