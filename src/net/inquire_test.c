/* A small server of our own on 127.0.0.1. */
#include "net/inquire.h"

#include "net/call.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"

static unsigned port;
static int listener;
static char heard[4096]; /* the last request */

struct page {
	const char *path, *answer;
};

static const struct page pages[] = {
	{ "/set ", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
	{ "/gone ", "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone" },
	{ "/away ", "HTTP/1.1 302 Found\r\nLocation: /set\r\nContent-Length: 0\r\n\r\n" },
	{ "/long ", "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nx" },
	{ "/lying ", "HTTP/1.1 200 OK\r\n\r\nmore than was asked for, and still more" },
	{ "/token ", "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}" },
};

static void answer(int fd)
{
	ssize_t len = read(fd, heard, sizeof(heard) - 1);

	heard[len > 0 ? len : 0] = '\0';
	const char *path = strchr(heard, '/');

	for (size_t i = 0; path && i < sizeof(pages) / sizeof(*pages); i++) {
		if (strncmp(path, pages[i].path, strlen(pages[i].path)) == 0 &&
				send(fd, pages[i].answer, strlen(pages[i].answer), MSG_NOSIGNAL) <
						0)
			return;
	}
	if (path && strncmp(path, "/slow ", 6) == 0)
		sleep(1);
}

static void *serve(void *nothing)
{
	int fd;

	(void)nothing;
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		answer(fd);
		close(fd);
	}
	return NULL;
}

static bool start_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	pthread_t thread;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)(void *)&address, size) < 0 ||
			listen(listener, 16) < 0 ||
			getsockname(listener, (struct sockaddr *)(void *)&address, &size) < 0)
		return false;
	port = ntohs(address.sin_port);
	return pthread_create(&thread, NULL, serve, NULL) == 0;
}

static struct ward_buf body;
static unsigned status;

static ward_err ask(const char *path, const char *form, const char *authorization)
{
	char url[256];
	struct ward_error error;
	struct inquiry inquiry = { .url = url,
		.form = ward_str_from(form),
		.authorization = authorization,
		.time_ms = 500 };

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
	return inquire(&inquiry, &status, &body, &error);
}

static void an_answer_is_kept(void)
{
	CHECK_EQ(ask("/set", NULL, NULL), WARD_OK);
	CHECK_EQ(status, 200);
	CHECK_STR(ward_buf_text(&body).ptr, "hello");
	CHECK(strstr(heard, "GET /set HTTP/1.1\r\n") && !strstr(heard, "Authorization"));
	CHECK_EQ(ask("/gone", NULL, NULL), WARD_OK);
	CHECK_EQ(status, 404);
	CHECK_STR(ward_buf_text(&body).ptr, "none");
}

static void a_form_is_sent(void)
{
	CHECK_EQ(ask("/token", "a=b&c=%20", "Basic eDp5"), WARD_OK);
	CHECK_EQ(status, 400);
	CHECK(strstr(heard, "POST /token HTTP/1.1\r\n"));
	CHECK(strstr(heard, "Authorization: Basic eDp5\r\n"));
	CHECK(strstr(heard, "Content-Type: application/x-www-form-urlencoded\r\n"));
	CHECK(strstr(heard, "\r\n\r\na=b&c=%20"));
}

static void bytes_are_sent_as_they_are(void)
{
	char url[64];
	struct ward_error error;
	struct inquiry inquiry = { .url = url,
		.bytes = { (const uint8_t *)"a=b&c\n+", 7 },
		.time_ms = 500 };

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/token", port);
	CHECK_EQ(inquire(&inquiry, &status, &body, &error), WARD_OK);
	CHECK_EQ(status, 400);
	CHECK(strstr(heard, "POST /token HTTP/1.1\r\n"));
	CHECK(strstr(heard, "Content-Type: application/octet-stream\r\n"));
	CHECK(strstr(heard, "\r\n\r\na=b&c\n+"));
}

/* A provider that could send us elsewhere could send our secret there. */
static void nobody_leads_us_elsewhere(void)
{
	CHECK_EQ(ask("/away", "secret=x", NULL), WARD_OK);
	CHECK_EQ(status, 302);
	CHECK(strstr(heard, "/away "));
}

static void an_answer_has_an_end_in_bytes_and_in_time(void)
{
	CHECK_EQ(ask("/long", NULL, NULL), WARD_E_LIMIT);
	CHECK_EQ(ask("/lying", NULL, NULL), WARD_E_LIMIT);
	CHECK_EQ(ask("/nothing", NULL, NULL), WARD_E_IO);
	CHECK_EQ(ask("/slow", NULL, NULL), WARD_E_TIMEOUT);
	/* The server wakes up. */
	sleep(1);
}

static void only_https_or_this_machine_is_asked(void)
{
	static const char *const good[] = { "https://login.example.org",
		"https://login.example.org:8443/a?b=c", "http://127.0.0.1:80/", "http://[::1]/x",
		"http://localhost:8080/", "HTTPS://LOGIN.EXAMPLE.ORG/" };
	static const char *const bad[] = { "", "/x", "login.example.org",
		"http://login.example.org/", "http://127.0.0.1:80@login.example.org/",
		"http://127.0.0.1.example.org/", "http://127.0.0.2/",
		"http://localhost.example.org/", "http://0.0.0.0/", "https://a@login.example.org/",
		"https://a:b@login.example.org/", "https://login.example.org/#a",
		"ftp://127.0.0.1/", "file:///etc/hostname", "gopher://127.0.0.1/", "https://",
		"javascript:alert(1)" };
	struct ward_error error;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK(inquire_may(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(!inquire_may(bad[i]));
		CHECK_EQ(inquire(&(struct inquiry){ .url = bad[i], .time_ms = 500 }, &status, &body,
					 &error),
				WARD_E_ARGUMENT);
	}
}

static void a_call_does_not_mistake_a_name_for_this_machine(void)
{
	struct ward_error error;
	struct call call = { .url = "http://127.0.0.1:80@192.0.2.1/",
		.type = "application/json",
		.body = WARD_STR("{}"),
		.time_ms = 500 };
	char url[64];

	CHECK_EQ(call_post(&call, &status, &error), WARD_E_ARGUMENT);
	call.url = "http://[::1]:80@192.0.2.1/";
	CHECK_EQ(call_post(&call, &status, &error), WARD_E_ARGUMENT);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/set", port);
	call.url = url;
	CHECK_EQ(call_post(&call, &status, &error), WARD_OK);
	CHECK_EQ(status, 200);
}

static const struct test_case cases[] = {
	{ "an answer is kept, whatever its status", an_answer_is_kept },
	{ "a form is sent, with what shows who we are", a_form_is_sent },
	{ "bytes are sent as they are", bytes_are_sent_as_they_are },
	{ "a redirect leads nowhere", nobody_leads_us_elsewhere },
	{ "an answer has an end, in bytes and in time", an_answer_has_an_end_in_bytes_and_in_time },
	{ "only https is asked, or http on this machine, and no name is mistaken for a host",
			only_https_or_this_machine_is_asked },
	{ "a call, too, mistakes no name for this machine",
			a_call_does_not_mistake_a_name_for_this_machine },
};

int main(void)
{
	ward_buf_init(&body, 16);
	if (!start_server())
		return 1;
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	ward_buf_free(&body);
	return failed;
}
