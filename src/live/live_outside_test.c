/* A server of one answer, and another beside it that nobody may speak to. */
#include "base/test.h"
#include "live/live_outside.h"

#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live/live.h"

static uint16_t open_port, closed_port;
static int open_socket, closed_socket;
static char answer[512];
static int pair[2];
static struct live_message asked, heard;

static int listen_at(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert(fd >= 0 && bind(fd, (struct sockaddr *)(void *)&at, sizeof(at)) == 0 &&
			listen(fd, 8) == 0 &&
			getsockname(fd, (struct sockaddr *)(void *)&at, &len) == 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static bool allow(const struct sockaddr *address)
{
	const struct sockaddr_in *at = (const struct sockaddr_in *)(const void *)address;

	return address->sa_family == AF_INET && ntohs(at->sin_port) == open_port;
}

static void *serve(void *context)
{
	char request[4096];
	int fd = accept(open_socket, NULL, NULL);

	(void)context;
	assert(fd >= 0 && recv(fd, request, sizeof(request), 0) > 0);
	assert(send(fd, answer, strlen(answer), MSG_NOSIGNAL) == (ssize_t)strlen(answer));
	close(fd);
	return NULL;
}

static struct live_outside *begin(bool dials)
{
	live_prepare();
	open_socket = listen_at(&open_port);
	closed_socket = listen_at(&closed_port);
	assert(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	return live_outside_new(&(struct live_outside_options){ .socket = pair[0],
			.dials = dials,
			.allow = allow });
}

static void end(struct live_outside *outside)
{
	struct pollfd closed = { .fd = closed_socket, .events = POLLIN };

	/* Nobody ever came there. */
	CHECK_EQ(poll(&closed, 1, 0), 0);
	live_outside_free(outside);
	close(pair[0]);
	close(pair[1]);
	close(open_socket);
	close(closed_socket);
}

static bool ask(struct live_outside *outside, uint32_t kind, uint64_t number, const char *text)
{
	asked.word = (struct live_word){ .magic = LIVE_MAGIC, .kind = kind, .number = number };
	snprintf(asked.text, sizeof(asked.text), "%s", text);
	asked.word.text_len = (uint32_t)strlen(asked.text);
	return live_outside_ask(outside, &asked);
}

static bool ask_web(struct live_outside *outside, uint16_t port)
{
	char address[64];

	snprintf(address, sizeof(address), "http://127.0.0.1:%u/a", port);
	return ask(outside, LIVE_OPEN, 0, address);
}

static void a_file_comes_through_a_descriptor(void)
{
	struct live_outside *outside = begin(false);
	pthread_t thread;
	char text[16] = "";
	int fd = -1;

	snprintf(answer, sizeof(answer), "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nabcde");
	CHECK_EQ(pthread_create(&thread, NULL, serve, NULL), 0);
	CHECK(ask_web(outside, open_port));
	CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
	CHECK_EQ(heard.word.err, WARD_OK);
	CHECK_EQ(recv(fd, text, sizeof(text), MSG_WAITALL), 5);
	CHECK_STR(text, "abcde");
	close(fd);
	pthread_join(thread, NULL);
	end(outside);
}

/* What the reader gets of bytes 2 and 3 (`until` 0: of all from 2 on), when the server says this.
 */
static void part_of(const char *said, uint64_t until, const char *want)
{
	struct live_outside *outside = begin(false);
	pthread_t thread;
	char text[16] = "";
	int fd = -1;

	snprintf(answer, sizeof(answer), "%s", said);
	CHECK_EQ(pthread_create(&thread, NULL, serve, NULL), 0);
	asked.word = (struct live_word){ .magic = LIVE_MAGIC,
		.kind = LIVE_OPEN,
		.from = 2,
		.until = until };
	snprintf(asked.text, sizeof(asked.text), "http://127.0.0.1:%u/a", open_port);
	asked.word.text_len = (uint32_t)strlen(asked.text);
	CHECK(live_outside_ask(outside, &asked));
	CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
	CHECK_EQ(heard.word.err, WARD_OK);
	CHECK_EQ(recv(fd, text, sizeof(text), MSG_WAITALL), (ssize_t)strlen(want));
	CHECK_STR(text, want);
	close(fd);
	pthread_join(thread, NULL);
	end(outside);
}

static void a_part_is_that_part_whether_the_server_knows_ranges_or_not(void)
{
	part_of("HTTP/1.0 206 Part\r\nContent-Range: bytes 2-3/6\r\nContent-Length: 2\r\n\r\ncd", 4,
			"cd");
	part_of("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nabcdef", 4, "cd");
	part_of("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nabcdef", 0, "cdef");
	part_of("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nabcdef", 99, "cdef");
	part_of("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", 4, "");
}

static void a_redirect_to_an_address_that_is_not_allowed_is_not_followed(void)
{
	struct live_outside *outside = begin(false);
	pthread_t thread;
	int fd;

	snprintf(answer, sizeof(answer),
			"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:%u/\r\n"
			"Content-Length: 0\r\n\r\n",
			closed_port);
	CHECK_EQ(pthread_create(&thread, NULL, serve, NULL), 0);
	CHECK(ask_web(outside, open_port));
	CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
	CHECK_EQ(heard.word.err, WARD_E_DENIED);
	CHECK_EQ(fd, -1);
	CHECK(live_outside_denied(outside));
	pthread_join(thread, NULL);
	end(outside);
}

static void a_connection_is_made_where_it_is_allowed_alone(void)
{
	struct live_outside *outside = begin(true);
	int fd;

	CHECK(ask(outside, LIVE_DIAL, open_port, "127.0.0.1"));
	CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
	CHECK_EQ(heard.word.err, WARD_OK);
	CHECK(fd >= 0);
	close(fd);
	CHECK(ask(outside, LIVE_DIAL, closed_port, "127.0.0.1"));
	CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
	CHECK_EQ(heard.word.err, WARD_E_DENIED);
	end(outside);
	outside = begin(false);
	CHECK(ask(outside, LIVE_DIAL, open_port, "127.0.0.1"));
	CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
	CHECK_EQ(heard.word.err, WARD_E_DENIED);
	end(outside);
}

static void what_makes_no_sense_is_no_question(void)
{
	struct live_outside *outside = begin(true);

	CHECK(!ask(outside, LIVE_OPEN, 0, "file:///etc/passwd"));
	CHECK(!ask(outside, LIVE_OPEN, 0, "a.example/b"));
	CHECK(!ask(outside, LIVE_OPEN, 0, ""));
	CHECK(!ask(outside, LIVE_DIAL, 0, "127.0.0.1"));
	CHECK(!ask(outside, LIVE_DIAL, 65536, "127.0.0.1"));
	CHECK(!ask(outside, LIVE_FRAME, 1, "127.0.0.1"));
	asked.word = (struct live_word){ .kind = LIVE_OPEN, .text_len = 12 };
	memcpy(asked.text, "http://a\0/bc", 13);
	CHECK(!live_outside_ask(outside, &asked));
	end(outside);
}

static void more_questions_than_a_stream_has_are_refused(void)
{
	struct live_outside *outside = begin(true);
	uint32_t last = WARD_OK;
	int fd, count = 0;

	while (last != WARD_E_LIMIT && count++ < 500) {
		CHECK(ask(outside, LIVE_DIAL, closed_port, "127.0.0.1"));
		CHECK_EQ(live_hear(pair[1], true, &heard, &fd), LIVE_HEARD);
		last = heard.word.err;
	}
	CHECK(count >= 200 && count < 400);
	end(outside);
}

static const struct test_case cases[] = {
	{ "a file comes through a descriptor", a_file_comes_through_a_descriptor },
	{ "a part is that part, whether the server knows ranges or not",
			a_part_is_that_part_whether_the_server_knows_ranges_or_not },
	{ "a redirect to an address that is not allowed is not followed",
			a_redirect_to_an_address_that_is_not_allowed_is_not_followed },
	{ "a connection is made where it is allowed alone",
			a_connection_is_made_where_it_is_allowed_alone },
	{ "what makes no sense is no question", what_makes_no_sense_is_no_question },
	{ "more questions than a stream has are refused",
			more_questions_than_a_stream_has_are_refused },
};
TEST_MAIN(cases)
