/*
 * icap_stage OPTION... - the ICAP server with an owner that tests know by heart
 *
 *   --listen ADDRESS:PORT   (127.0.0.1:0)
 *   --list FILE             URLs that are listed, one a line; read again on SIGHUP, with another
 * ISTag
 *   --swap MS               ... and by itself so often
 *   --delay MS              how long a verdict on a picture takes, on a thread of its own (20)
 *   --threads N             of the server (2)
 *   --stop MS               what was begun may take so long to end on SIGTERM (5000)
 *
 * Services: req and reqopen answer listed URLs with a page; "safe.example" goes in place of
 * "search.example".  res and resopen look at images: one that begins with "lighthouse" is listed,
 * one that begins with "silence" never gets a verdict, and "trouble" fails.  Others pass when their
 * preview is there.  whole looks at every body, through a sink and a file, up to a megabyte; echo
 * passes all.  Prints "ready PORT"; at the end its counters, as JSON.
 */
#include "icap/icap.h"

#include "base/file.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { SLOTS = 1 << 16, JOBS = 4096 };

/* The listed URLs of one version.  Versions are kept until the end: they are small, and few. */
struct list {
	struct list *before;
	unsigned version;
	char *text;
	ward_str slots[SLOTS];
};

struct job {
	struct icap_ticket *ticket;
	uint64_t size;
};

static struct stage {
	const char *path;
	unsigned delay_ms, swap_ms, stop_ms, threads;
	const char *listen;
	_Atomic(struct list *) list;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job jobs[JOBS];
	size_t first, count;
	bool stopping;
} stage = { .delay_ms = 20,
	.stop_ms = 5000,
	.listen = "127.0.0.1:0",
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.more = PTHREAD_COND_INITIALIZER };

#define TEXT(literal)                          \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

static const struct icap_answer blocked = { 403, TEXT("Forbidden"),
	TEXT("Content-Type: text/html; charset=utf-8\r\nReferrer-Policy: no-referrer\r\n"),
	TEXT("<!doctype html><title>Stopped</title><p>This page is listed.\n") };

enum { REQ, REQ_OPEN, RES, RES_OPEN, WHOLE, ECHO_REQ, ECHO_RES };

static const struct icap_service services[] = {
	{ .path = "req", .method = ICAP_REQMOD, .preview = 0, .number = REQ },
	{ .path = "reqopen",
			.method = ICAP_REQMOD,
			.fail = ICAP_FAIL_OPEN,
			.preview = 0,
			.number = REQ_OPEN },
	{ .path = "res",
			.method = ICAP_RESPMOD,
			.body_max = 8 << 20,
			.preview = 1024,
			.over = ICAP_OVER_PASS,
			.wait_ms = 400,
			.nudge_ms = 200,
			.number = RES },
	{ .path = "resopen",
			.method = ICAP_RESPMOD,
			.fail = ICAP_FAIL_OPEN,
			.body_max = 8 << 20,
			.preview = 1024,
			.over = ICAP_OVER_PASS,
			.wait_ms = 400,
			.nudge_ms = 200,
			.number = RES_OPEN },
	{ .path = "whole",
			.method = ICAP_RESPMOD,
			.body_max = 1 << 20,
			.preview = -1,
			.over = ICAP_OVER_BLOCK,
			.nudge_ms = 200,
			.number = WHOLE },
	{ .path = "echo", .method = ICAP_REQMOD, .preview = 1024, .number = ECHO_REQ },
	{ .path = "echores", .method = ICAP_RESPMOD, .preview = 1024, .number = ECHO_RES },
};

static _Noreturn void stop(const char *why)
{
	fprintf(stderr, "icap_stage: %s\n", why);
	exit(2);
}

/* ---- the list ---- */

static size_t slot_of(ward_str url)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < url.len; i++)
		hash = (hash ^ (unsigned char)url.ptr[i]) * 1099511628211U;
	return (size_t)(hash ^ hash >> 32) % SLOTS;
}

static bool is_listed(const struct list *list, ward_str url)
{
	for (size_t at = slot_of(url); list->slots[at].len > 0; at = (at + 1) % SLOTS) {
		if (ward_str_eq(list->slots[at], url))
			return true;
	}
	return false;
}

static void read_list(void)
{
	struct list *list = calloc(1, sizeof(*list)), *before = atomic_load(&stage.list);
	struct ward_error error;
	size_t len = 0, count = 0;

	if (!list)
		stop("no memory");
	if (stage.path && file_read(stage.path, 1 << 24, &list->text, &len, &error) != WARD_OK)
		stop(error.message);
	for (ward_str rest = { list->text, len }; rest.len > 0;) {
		ward_str line = ward_str_trim(ward_str_cut(&rest, '\n'));
		size_t at = slot_of(line);

		if (line.len == 0)
			continue;
		if (++count > SLOTS / 2)
			stop("the list is too long");
		while (list->slots[at].len > 0)
			at = (at + 1) % SLOTS;
		list->slots[at] = line;
	}
	list->before = before;
	list->version = before ? before->version + 1 : 1;
	atomic_store(&stage.list, list);
}

static void free_lists(void)
{
	for (struct list *list = stage.list, *before; list; list = before) {
		before = list->before;
		free(list->text);
		free(list);
	}
}

/* ---- the owner ---- */

static bool has_host(ward_str url, const char *host)
{
	size_t len = strlen(host);

	return url.len > 7 + len && memcmp(url.ptr, "http://", 7) == 0 &&
	       memcmp(url.ptr + 7, host, len) == 0 && url.ptr[7 + len] == '/';
}

static struct icap_verdict on_request(ward_str url)
{
	if (is_listed(atomic_load(&stage.list), url))
		return (struct icap_verdict){ .kind = ICAP_ANSWER, .answer = &blocked };
	if (has_host(url, "search.example"))
		return (struct icap_verdict){ .kind = ICAP_REWRITE,
			.url = WARD_STR("http://safe.example/found") };
	return (struct icap_verdict){ .kind = ICAP_PASS };
}

static struct icap_verdict begin(void *context, const struct icap_message *message, void **own)
{
	(void)context;
	switch (message->service->number) {
	case REQ:
	case REQ_OPEN:
		return on_request(message->url);
	case RES:
	case RES_OPEN:
		if (!ward_str_starts(message->content_type, WARD_STR("image/")))
			return (struct icap_verdict){ .kind = ICAP_PASS };
		*own = &stage; /* somebody, who counts nothing */
		return (struct icap_verdict){ .kind = ICAP_LOOK };
	case WHOLE:
		*own = calloc(1, sizeof(uint64_t));
		return (struct icap_verdict){ .kind = *own ? ICAP_LOOK : ICAP_FAIL };
	default:
		return (struct icap_verdict){ .kind = ICAP_PASS };
	}
}

static void piece(void *context, void *own, ward_bytes bytes)
{
	(void)context;
	if (own != &stage)
		*(uint64_t *)own += bytes.len;
}

static struct icap_verdict verdict_on(int fd, uint64_t size)
{
	char head[16] = "";

	if (pread(fd, head, sizeof(head) - 1, 0) < 0 || size == 0)
		return (struct icap_verdict){ .kind = ICAP_FAIL };
	if (strncmp(head, "lighthouse", 10) == 0)
		return (struct icap_verdict){ .kind = ICAP_ANSWER, .answer = &blocked };
	if (strncmp(head, "trouble", 7) == 0)
		return (struct icap_verdict){ .kind = ICAP_FAIL };
	return (struct icap_verdict){ .kind = ICAP_PASS };
}

/* The verdict on a picture comes later, from another thread. */
static struct icap_verdict queue(const struct icap_body *body)
{
	struct icap_ticket *ticket = icap_exchange_ticket(body->exchange);
	bool queued = false;

	if (!ticket || icap_ticket_file(ticket, NULL) < 0)
		return (struct icap_verdict){ .kind = ICAP_FAIL };
	pthread_mutex_lock(&stage.lock);
	if (stage.count < JOBS && !stage.stopping) {
		stage.jobs[(stage.first + stage.count++) % JOBS] =
				(struct job){ ticket, body->size };
		queued = true;
		pthread_cond_signal(&stage.more);
	}
	pthread_mutex_unlock(&stage.lock);
	if (!queued)
		icap_ticket_answer(ticket, &(struct icap_verdict){ .kind = ICAP_FAIL });
	return (struct icap_verdict){ .kind = ICAP_WAIT };
}

static struct icap_verdict end(void *context, void *own, const struct icap_body *body)
{
	(void)context;
	/* What the sink saw is what the body has. */
	if (own != &stage && *(const uint64_t *)own != body->size)
		return (struct icap_verdict){ .kind = ICAP_FAIL };
	return queue(body);
}

static void gone(void *context, void *own)
{
	(void)context;
	if (own != &stage)
		free(own);
}

static void istag(void *context, const struct icap_service *service, char text[ICAP_ISTAG_MAX])
{
	const struct list *list = atomic_load(&stage.list);

	(void)context;
	(void)service;
	snprintf(text, ICAP_ISTAG_MAX, "list-%u", list->version);
}

/* ---- the thread that answers tickets ---- */

static bool next_job(struct job *job)
{
	bool found;

	pthread_mutex_lock(&stage.lock);
	while (stage.count == 0 && !stage.stopping)
		pthread_cond_wait(&stage.more, &stage.lock);
	found = stage.count > 0;
	if (found) {
		*job = stage.jobs[stage.first];
		stage.first = (stage.first + 1) % JOBS;
		stage.count--;
	}
	pthread_mutex_unlock(&stage.lock);
	return found;
}

static bool is_silent(struct icap_ticket *ticket)
{
	char head[8] = "";

	return pread(icap_ticket_file(ticket, NULL), head, 7, 0) == 7 &&
	       strcmp(head, "silence") == 0;
}

static void *answer(void *ignored)
{
	struct icap_ticket *silent[64];
	size_t silent_count = 0;
	struct job job;

	while (next_job(&job)) {
		if (silent_count < 64 && is_silent(job.ticket)) {
			silent[silent_count++] = job.ticket;
			continue;
		}
		struct timespec time = { stage.delay_ms / 1000, stage.delay_ms % 1000 * 1000000L };
		struct icap_verdict verdict;

		nanosleep(&time, NULL);
		verdict = verdict_on(icap_ticket_file(job.ticket, NULL), job.size);
		icap_ticket_answer(job.ticket, &verdict);
	}
	/* Too late by now, and nobody is hurt. */
	while (silent_count > 0)
		icap_ticket_answer(silent[--silent_count],
				&(struct icap_verdict){ .kind = ICAP_PASS });
	return ignored;
}

static void stop_answering(pthread_t thread)
{
	pthread_mutex_lock(&stage.lock);
	stage.stopping = true;
	pthread_cond_signal(&stage.more);
	pthread_mutex_unlock(&stage.lock);
	pthread_join(thread, NULL);
}

/* ---- the program ---- */

static void read_options(int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		uint64_t number = 0;

		if (!value)
			stop("a value is missing");
		if (strcmp(name, "--listen") == 0)
			stage.listen = value;
		else if (strcmp(name, "--list") == 0)
			stage.path = value;
		else if (!ward_u64_parse(ward_str_from(value), &number) || number > 1000000)
			stop("that is no number");
		else if (strcmp(name, "--swap") == 0)
			stage.swap_ms = (unsigned)number;
		else if (strcmp(name, "--delay") == 0)
			stage.delay_ms = (unsigned)number;
		else if (strcmp(name, "--threads") == 0)
			stage.threads = (unsigned)number;
		else if (strcmp(name, "--stop") == 0)
			stage.stop_ms = (unsigned)number;
		else
			stop("there is no such option");
	}
}

static void print(const struct icap_server *server, bool drained)
{
	struct icap_counters counters;

	icap_server_count(server, &counters);
	printf("{\"drained\":%s,\"lists\":%u", drained ? "true" : "false",
			atomic_load(&stage.list)->version);
#define PRINT(name) printf(",\"%s\":%llu", #name, (unsigned long long)counters.name)
	PRINT(options);
	PRINT(reqmod);
	PRINT(respmod);
	PRINT(passed_204);
	PRINT(passed_200);
	PRINT(answered);
	PRINT(rewritten);
	PRINT(failed_open);
	PRINT(failed_closed);
	PRINT(late);
	PRINT(over);
	PRINT(nudged);
	PRINT(broken);
	PRINT(unknown);
	PRINT(timed_out);
	PRINT(refused);
	PRINT(bytes_in);
	PRINT(bytes_out);
	PRINT(accepted);
	PRINT(connections);
	PRINT(waiting);
	puts("}");
}

static void run(struct icap_server *server, const sigset_t *signals)
{
	for (;;) {
		struct timespec time = { stage.swap_ms / 1000, stage.swap_ms % 1000 * 1000000L };
		int got = stage.swap_ms > 0 ? sigtimedwait(signals, NULL, &time)
					    : sigwaitinfo(signals, NULL);

		if (got == SIGTERM || got == SIGINT)
			break;
		if (got == SIGUSR1)
			print(server, false);
		else
			read_list();
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	static struct spill_place place = { .folder = "/tmp",
		.small_max = 1 << 20,
		.memory_max = 64 << 20 };
	static const struct icap_owner owner = { NULL, begin, piece, end, gone, istag };
	struct icap_server *server;
	struct ward_error error;
	pthread_t answering;
	sigset_t signals;

	read_options(argc, argv);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	read_list();
	struct icap_options options = { .listen = stage.listen,
		.services = services,
		.service_count = sizeof(services) / sizeof(*services),
		.owner = &owner,
		.place = &place,
		.threads = stage.threads };

	if (icap_server_new(&options, &server, &error) != WARD_OK ||
			icap_server_start(server, &error) != WARD_OK)
		stop(error.message);
	if (pthread_create(&answering, NULL, answer, NULL) != 0)
		stop("no thread");
	printf("ready %u\n", icap_server_port(server));
	fflush(stdout);
	run(server, &signals);
	bool drained = icap_server_stop(server, stage.stop_ms);

	stop_answering(answering);
	print(server, drained);
	icap_server_free(server);
	free_lists();
	return 0;
}
