/*
 * icap_load ADDRESS PORT SERVICE KIND CONNECTIONS REQUESTS - ICAP clients that know each answer
 *
 * KIND is
 *     pass     REQMOD of pages, all to pass (204)
 *     known    REQMOD of http://site.example/page/N, where every N of 0 to 19999 that ends with 3
 * is listed (403) preview  RESPMOD of a page of a kilobyte, all within its preview, to pass (204)
 *     picture  RESPMOD of images in two pieces, where every N that ends with 3 is a "lighthouse"
 *
 * CONNECTIONS at once, each asks again when it was answered, all on one thread.  Prints one JSON
 * line: requests a second, the median and the 99th of a hundred of the time to an answer, and how
 * many answers were wrong; then its exit status is 1.
 */
#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, ANSWER_MAX = 8192, PAGES = 20000 };

struct client {
	int fd;
	uint64_t number;
	uint64_t began_us;
	size_t len;
	bool asked_more; /* the rest behind the preview was sent */
	char answer[ANSWER_MAX];
};

static struct {
	struct sockaddr_in to;
	const char *service, *kind;
	uint64_t connections, requests, begun, done, wrong;
	uint32_t *times_us;
	int epoll;
	struct client clients[CONNECTIONS_MAX];
} load;

static _Noreturn void stop(const char *why)
{
	fprintf(stderr, "icap_load: %s\n", why);
	exit(2);
}

static bool is_kind(const char *kind)
{
	return strcmp(load.kind, kind) == 0;
}

static bool is_listed(uint64_t number)
{
	return (is_kind("known") || is_kind("picture")) && number % 10 == 3;
}

static void send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent <= 0)
			stop("a connection broke while a request was sent");
		bytes += sent;
		len -= (size_t)sent;
	}
}

/* What Squid sends for a browser, in size and kind. */
static int write_request(char *to, size_t room, uint64_t number)
{
	char head[1024];
	int len = snprintf(head, sizeof(head),
			"GET http://site.example/page/%llu HTTP/1.1\r\nAccept: "
			"text/html,*/*;q=0.8\r\n"
			"Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n"
			"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 "
			"Firefox/115.0\r\n"
			"Host: site.example\r\n\r\n",
			(unsigned long long)number);

	return snprintf(to, room,
			"REQMOD icap://127.0.0.1:1344/%s ICAP/1.0\r\nHost: 127.0.0.1:1344\r\n"
			"Date: Thu, 26 Nov 2026 12:00:00 GMT\r\n"
			"Encapsulated: req-hdr=0, null-body=%d\r\nAllow: 204\r\n"
			"X-Client-IP: 127.0.0.1\r\n\r\n%s",
			load.service, len, head);
}

static int write_response(char *to, size_t room, uint64_t number)
{
	bool picture = is_kind("picture");
	char request[256], response[512], body[1001];
	int request_len = snprintf(request, sizeof(request),
			"GET http://site.example/page/%llu HTTP/1.1\r\nHost: site.example\r\n\r\n",
			(unsigned long long)number);
	int response_len = snprintf(response, sizeof(response),
			"HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Thu, 26 Nov 2026 12:00:00 "
			"GMT\r\n"
			"Content-Type: %s\r\nContent-Length: %d\r\n\r\n",
			picture ? "image/png" : "text/html", picture ? 1100 : 1000);

	memset(body, 'x', 1000);
	body[1000] = '\0';
	if (picture)
		memcpy(body, is_listed(number) ? "lighthouse" : "bridge    ", 10);
	return snprintf(to, room,
			"RESPMOD icap://127.0.0.1:1344/%s ICAP/1.0\r\nHost: 127.0.0.1:1344\r\n"
			"Date: Thu, 26 Nov 2026 12:00:00 GMT\r\n"
			"Encapsulated: req-hdr=0, res-hdr=%d, res-body=%d\r\nPreview: %d\r\n"
			"Allow: 204\r\nX-Client-IP: 127.0.0.1\r\n\r\n%s%s3e8\r\n%s\r\n%s\r\n\r\n",
			load.service, request_len, request_len + response_len,
			picture ? 1000 : 1024, request, response, body, picture ? "0" : "0; ieof");
}

static void ask(struct client *client)
{
	char text[4096];
	int len;

	if (load.begun >= load.requests)
		return;
	client->number = load.begun++ % PAGES;
	client->len = 0;
	client->asked_more = false;
	client->began_us = clock_ticks_us();
	if (is_kind("pass") || is_kind("known"))
		len = write_request(text, sizeof(text), client->number);
	else
		len = write_response(text, sizeof(text), client->number);
	send_all(client->fd, text, (size_t)len);
}

/* The rest of a picture, which is asked for behind its preview. */
static void send_more(struct client *client)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "64\r\n%0100d\r\n0\r\n\r\n", 0);

	client->asked_more = true;
	client->len = 0;
	send_all(client->fd, text, (size_t)len);
}

/* Is all of the answer here?  A 200 ends with its last chunk, or says that it has none. */
static bool is_whole(const struct client *client)
{
	const char *text = client->answer, *end = strstr(text, "\r\n\r\n");

	if (!end)
		return false;
	if (strncmp(text + 9, "200", 3) != 0)
		return true;
	return client->len > 5 && memcmp(text + client->len - 5, "0\r\n\r\n", 5) == 0;
}

static bool is_right(const struct client *client)
{
	if (is_listed(client->number))
		return strncmp(client->answer, "ICAP/1.0 200 ", 13) == 0 &&
		       strstr(client->answer, "\r\n\r\nHTTP/1.1 403 ") != NULL &&
		       strstr(client->answer, "listed") != NULL;
	/* A page passes with its words, too. */
	if (is_kind("preview") && strstr(client->answer, "\r\n\r\nHTTP/1.1 200 OK\r\n"))
		return true;
	return strncmp(client->answer, "ICAP/1.0 204 ", 13) == 0;
}

static void hear(struct client *client)
{
	ssize_t got = recv(client->fd, client->answer + client->len, ANSWER_MAX - 1 - client->len,
			0);

	if (got <= 0)
		stop("a connection broke while an answer was read");
	client->len += (size_t)got;
	client->answer[client->len] = '\0';
	if (!is_whole(client)) {
		if (client->len == ANSWER_MAX - 1)
			stop("an answer is too long");
		return;
	}
	if (!client->asked_more && strncmp(client->answer + 9, "100", 3) == 0) {
		send_more(client);
		return;
	}
	load.times_us[load.done++] = (uint32_t)(clock_ticks_us() - client->began_us);
	load.wrong += !is_right(client);
	ask(client);
}

static void connect_one(struct client *client)
{
	int one = 1;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

	client->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (client->fd < 0 ||
			connect(client->fd, (const struct sockaddr *)&load.to, sizeof(load.to)) < 0)
		stop("cannot connect");
	(void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, client->fd, &event) < 0)
		stop("cannot watch a connection");
}

static int by_value(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

static void read_arguments(int argc, char **argv)
{
	uint64_t port = 0;

	if (argc != 7 || !ward_u64_parse(ward_str_from(argv[2]), &port) || port > 65535 ||
			inet_pton(AF_INET, argv[1], &load.to.sin_addr) != 1 ||
			!ward_u64_parse(ward_str_from(argv[5]), &load.connections) ||
			load.connections < 1 || load.connections > CONNECTIONS_MAX ||
			!ward_u64_parse(ward_str_from(argv[6]), &load.requests) ||
			load.requests < 1 || load.requests > 100000000)
		stop("usage: icap_load ADDRESS PORT SERVICE KIND CONNECTIONS REQUESTS");
	load.to.sin_family = AF_INET;
	load.to.sin_port = htons((uint16_t)port);
	load.service = argv[3];
	load.kind = argv[4];
	if (!is_kind("pass") && !is_kind("known") && !is_kind("preview") && !is_kind("picture"))
		stop("a kind is pass, known, preview or picture");
}

int main(int argc, char **argv)
{
	struct epoll_event events[64];
	uint64_t began;

	read_arguments(argc, argv);
	load.epoll = epoll_create1(0);
	load.times_us = calloc(load.requests, sizeof(*load.times_us));
	if (load.epoll < 0 || !load.times_us)
		stop("no memory");
	for (uint64_t i = 0; i < load.connections; i++)
		connect_one(&load.clients[i]);
	began = clock_ticks_us();
	for (uint64_t i = 0; i < load.connections; i++)
		ask(&load.clients[i]);
	while (load.done < load.requests) {
		int count = epoll_wait(load.epoll, events, 64, 10000);

		if (count <= 0)
			stop("no answer for ten seconds");
		for (int i = 0; i < count; i++)
			hear(events[i].data.ptr);
	}
	double seconds = (double)(clock_ticks_us() - began) / 1e6;

	qsort(load.times_us, load.requests, sizeof(*load.times_us), by_value);
	uint32_t middle = load.times_us[load.requests / 2];
	uint32_t late = load.times_us[load.requests * 99 / 100];

	printf("{\"kind\":\"%s\",\"connections\":%llu,\"requests\":%llu,\"wrong\":%llu,\"per_s\":%."
	       "0f,"
	       "\"median_ms\":%.3f,\"p99_ms\":%.3f,\"most_ms\":%.3f}\n",
			load.kind, (unsigned long long)load.connections,
			(unsigned long long)load.requests, (unsigned long long)load.wrong,
			(double)load.requests / seconds, middle / 1e3, late / 1e3,
			load.times_us[load.requests - 1] / 1e3);
	free(load.times_us);
	return load.wrong > 0;
}
