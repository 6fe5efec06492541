/* A small server of our own on 127.0.0.1; 127.0.0.2 stands for a private address. */
#include "net/fetch.h"

#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"

static unsigned port;
static int listener;
static _Atomic int asked_private; /* requests that reached the address that is not allowed */

/* The answer to each path; "%u" is the port. */
struct page {
	const char *path, *answer;
};

static const struct page pages[] = {
	{ "/file", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
	{ "/empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
	{ "/gone", "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nsecret" },
	{ "/here", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/file\r\n"
		   "Content-Length: 0\r\n\r\n" },
	{ "/inside", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:%u/file\r\n"
		     "Content-Length: 0\r\n\r\n" },
	{ "/disk", "HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\n"
		   "Content-Length: 0\r\n\r\n" },
	{ "/round", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/round\r\n"
		    "Content-Length: 0\r\n\r\n" },
	{ "/lying", "HTTP/1.1 200 OK\r\n\r\nmore than was asked for" },
};

static void answer(int fd)
{
	char request[2048], text[512];
	ssize_t len = read(fd, request, sizeof(request) - 1);
	struct sockaddr_in own;
	socklen_t size = sizeof(own);

	request[len > 0 ? len : 0] = '\0';
	getsockname(fd, (struct sockaddr *)(void *)&own, &size);
	if (own.sin_addr.s_addr != htonl(INADDR_LOOPBACK))
		asked_private++;
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		size_t path_len = strlen(pages[i].path);

		if (strncmp(request + 4, pages[i].path, path_len) != 0 ||
				request[4 + path_len] != ' ')
			continue;
		const char *mark = strstr(pages[i].answer, "%u");
		int head = mark ? (int)(mark - pages[i].answer) : (int)strlen(pages[i].answer);
		int total = mark ? snprintf(text, sizeof(text), "%.*s%u%s", head, pages[i].answer,
						   port, mark + 2)
				 : snprintf(text, sizeof(text), "%s", pages[i].answer);

		if (send(fd, text, (size_t)total, MSG_NOSIGNAL) != total)
			return;
	}
	if (strncmp(request + 4, "/slow ", 6) == 0)
		sleep(3);
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

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)(void *)&address, size) < 0 ||
			listen(listener, 16) < 0 ||
			getsockname(listener, (struct sockaddr *)(void *)&address, &size) < 0)
		return false;
	port = ntohs(address.sin_port);
	return pthread_create(&thread, NULL, serve, NULL) == 0;
}

static bool only_first(const struct sockaddr *address)
{
	struct sockaddr_in in;

	memcpy(&in, address, sizeof(in));
	return in.sin_family == AF_INET && in.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

static struct spill_place place = { .folder = "/tmp", .small_max = 1 << 20, .memory_max = 1 << 24 };
static struct spill spill;
static struct ward_error told;

static ward_err get(const char *host, const char *path, bool (*allow)(const struct sockaddr *))
{
	struct fetch_options options = { .bytes_max = 10,
		.time_ms = 1000,
		.redirects_max = 3,
		.allow = allow };
	char url[256];

	snprintf(url, sizeof(url), "http://%s:%u%s", host, port, path);
	spill_close(&spill);
	spill_init(&spill, &place);
	return fetch(url, &options, &spill, &told);
}

static void a_file_is_fetched(void)
{
	char text[16] = "";

	CHECK_EQ(get("127.0.0.1", "/file", only_first), WARD_OK);
	CHECK_EQ(spill.size, 5);
	CHECK_EQ(pread(spill.fd, text, sizeof(text), 0), 5);
	CHECK_STR(text, "hello");
	CHECK_EQ(get("127.0.0.1", "/here", only_first), WARD_OK);
	CHECK_EQ(spill.size, 5);
	CHECK_EQ(get("127.0.0.1", "/empty", only_first), WARD_OK);
	CHECK_EQ(spill.size, 0);
	CHECK(spill.fd >= 0);
}

static void loopback_is_refused_in_every_spelling(void)
{
	static const char *const hosts[] = { "127.0.0.1", "127.1", "2130706433", "0x7f000001",
		"0177.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]" };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		ward_err err = get(hosts[i], "/file", NULL);

		printf("# %s: %s\n", hosts[i], told.message);
		CHECK(err == WARD_E_DENIED || err == WARD_E_ARGUMENT);
	}
}

static void a_redirect_inside_is_refused_before_it_is_asked(void)
{
	asked_private = 0;
	CHECK_EQ(get("127.0.0.1", "/inside", only_first), WARD_E_DENIED);
	CHECK_EQ(asked_private, 0);
	CHECK_EQ(spill.size, 0);
}

static void other_schemes_are_refused(void)
{
	struct fetch_options options = { .bytes_max = 1 << 20, .time_ms = 1000 };

	CHECK_EQ(get("127.0.0.1", "/disk", only_first), WARD_E_ARGUMENT);
	CHECK_EQ(fetch("file:///etc/hostname", &options, &spill, &told), WARD_E_ARGUMENT);
	CHECK_EQ(fetch("gopher://1.1.1.1/", &options, &spill, &told), WARD_E_ARGUMENT);
	CHECK_EQ(fetch("", &options, &spill, &told), WARD_E_ARGUMENT);
	CHECK_EQ(fetch("http:", &options, &spill, &told), WARD_E_ARGUMENT);
	/* Nor is one guessed. */
	CHECK_EQ(fetch("lighthouse.example/a.png", &options, &spill, &told), WARD_E_ARGUMENT);
}

static void redirects_bytes_and_time_are_bounded(void)
{
	CHECK_EQ(get("127.0.0.1", "/round", only_first), WARD_E_LIMIT);
	CHECK_EQ(get("127.0.0.1", "/lying", only_first), WARD_E_LIMIT);
	CHECK_EQ(get("127.0.0.1", "/slow", only_first), WARD_E_TIMEOUT);
}

static void an_error_page_is_not_the_file(void)
{
	CHECK_EQ(get("127.0.0.1", "/gone", only_first), WARD_E_NOT_FOUND);
	CHECK(!strstr(told.message, "secret"));
	CHECK_EQ(spill.size, 0);
}

static const struct test_case cases[] = {
	{ "a file is fetched, also by way of a redirect", a_file_is_fetched },
	{ "loopback is refused in every spelling", loopback_is_refused_in_every_spelling },
	{ "a redirect to a private address is refused before it is asked",
			a_redirect_inside_is_refused_before_it_is_asked },
	{ "other schemes are refused", other_schemes_are_refused },
	{ "an error page is not the file", an_error_page_is_not_the_file },
	{ "redirects, bytes and time are bounded", redirects_bytes_and_time_are_bounded },
};

int main(void)
{
	fetch_prepare();
	if (!start_server()) {
		printf("Bail out! no server\n");
		return 1;
	}
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	spill_close(&spill);
	return status;
}
