#include "base/test.h"
#include "icap/icap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static struct spill_place place = { .folder = "/tmp", .small_max = 1 << 20, .memory_max = 1 << 24 };
static struct icap_ticket *ticket;

static struct icap_verdict begin(void *context, const struct icap_message *message, void **own)
{
	(void)context;
	(void)own;
	if (message->service->number == 0)
		return (struct icap_verdict){ .kind = ICAP_PASS };
	__atomic_store_n(&ticket, icap_exchange_ticket(message->exchange), __ATOMIC_SEQ_CST);
	return (struct icap_verdict){ .kind = ICAP_WAIT };
}

static const struct icap_owner owner = { .begin = begin };
static const struct icap_service services[] = {
	{ .path = "quick", .preview = -1 },
	{ .path = "slow", .preview = -1, .number = 1 },
};

static struct icap_server *server;
static struct ward_error error;

static bool start(unsigned connections_max, uint32_t head_ms)
{
	struct icap_options options = { .listen = "127.0.0.1:0",
		.services = services,
		.service_count = 2,
		.owner = &owner,
		.place = &place,
		.connections_max = connections_max,
		.head_ms = head_ms };

	ticket = NULL;
	return icap_server_new(&options, &server, &error) == WARD_OK &&
	       icap_server_start(server, &error) == WARD_OK;
}

static int dial(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(icap_server_port(server)) };
	struct timeval limit = { .tv_sec = 5 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -1 : fd;
}

static void ask(int fd, const char *service)
{
	char text[512];
	int len = snprintf(text, sizeof(text),
			"REQMOD icap://a/%s ICAP/1.0\r\nAllow: 204\r\n"
			"Encapsulated: req-hdr=0, null-body=38\r\n\r\n"
			"GET / HTTP/1.1\r\nHost: host.example\r\n\r\n",
			service);

	if (send(fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		printf("# a request could not be sent\n");
}

/* The status of the next answer; 0 at the end, -1 when nothing comes. */
static int hear(int fd)
{
	char text[1024];
	ssize_t got = recv(fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		return (int)got;
	text[got] = '\0';
	return got > 12 ? (int)strtoul(text + 9, NULL, 10) : -1;
}

static struct icap_ticket *wait_for_ticket(void)
{
	for (int i = 0; i < 1000; i++) {
		struct icap_ticket *found = __atomic_load_n(&ticket, __ATOMIC_SEQ_CST);

		if (found)
			return found;
		usleep(1000);
	}
	return NULL;
}

static void it_answers_and_counts(void)
{
	struct icap_counters counters;

	CHECK(start(0, 0));
	int fd = dial();

	ask(fd, "quick");
	CHECK_EQ(hear(fd), 204);
	ask(fd, "quick");
	CHECK_EQ(hear(fd), 204);
	icap_server_count(server, &counters);
	CHECK_EQ(counters.reqmod, 2);
	CHECK_EQ(counters.connections, 1);
	close(fd);
	icap_server_free(server);
}

/* Until the server has so many: several of its threads take them, in no order. */
static void wait_for_clients(uint64_t count)
{
	struct icap_counters counters;

	for (int i = 0; i < 5000; i++) {
		icap_server_count(server, &counters);
		if (counters.connections == count)
			break;
		usleep(1000);
	}
}

static void one_client_too_many_is_told_so(void)
{
	struct icap_counters counters;
	int fds[3];

	CHECK(start(2, 0));
	fds[0] = dial();
	fds[1] = dial();
	wait_for_clients(2);
	fds[2] = dial();
	CHECK_EQ(hear(fds[2]), 503);
	ask(fds[0], "quick");
	CHECK_EQ(hear(fds[0]), 204);
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
	wait_for_clients(0);
	fds[0] = dial();
	ask(fds[0], "quick");
	CHECK_EQ(hear(fds[0]), 204);
	icap_server_count(server, &counters);
	CHECK_EQ(counters.refused, 1);
	close(fds[0]);
	icap_server_free(server);
}

static void a_head_that_takes_too_long_is_not_waited_for(void)
{
	CHECK(start(0, 200));
	int fd = dial();

	CHECK_EQ(send(fd, "REQMOD ", 7, MSG_NOSIGNAL), 7);
	CHECK_EQ(hear(fd), 408);
	CHECK_EQ(hear(fd), 0);
	close(fd);
	icap_server_free(server);
}

static void *stop_it(void *drained)
{
	*(bool *)drained = icap_server_stop(server, 5000);
	return NULL;
}

static void stopping_ends_what_was_begun(void)
{
	pthread_t stopping;
	bool drained = false;

	CHECK(start(0, 0));
	int busy = dial(), idle = dial();

	ask(idle, "quick");
	CHECK_EQ(hear(idle), 204);
	ask(busy, "slow");
	struct icap_ticket *waiting = wait_for_ticket();

	CHECK(waiting != NULL);
	CHECK_EQ(pthread_create(&stopping, NULL, stop_it, &drained), 0);
	CHECK_EQ(hear(idle), 0);
	icap_ticket_answer(waiting, &(struct icap_verdict){ .kind = ICAP_PASS });
	CHECK_EQ(hear(busy), 204);
	CHECK_EQ(hear(busy), 0);
	pthread_join(stopping, NULL);
	CHECK(drained);
	close(idle);
	close(busy);
	icap_server_free(server);
}

static void what_does_not_end_is_cut_and_its_verdict_comes_too_late(void)
{
	CHECK(start(0, 0));
	int fd = dial();

	ask(fd, "slow");
	struct icap_ticket *waiting = wait_for_ticket();

	CHECK(waiting != NULL);
	CHECK(!icap_server_stop(server, 50));
	CHECK(hear(fd) <= 0);
	icap_server_free(server);
	icap_ticket_answer(waiting, &(struct icap_verdict){ .kind = ICAP_PASS });
	close(fd);
}

static void an_address_that_is_none_is_refused(void)
{
	struct icap_options options = { .listen = "localhost:1344",
		.services = services,
		.service_count = 2,
		.owner = &owner,
		.place = &place };

	CHECK_EQ(icap_server_new(&options, &server, &error), WARD_E_ARGUMENT);
	options.listen = "127.0.0.1:0";
	options.service_count = 0;
	CHECK_EQ(icap_server_new(&options, &server, &error), WARD_E_ARGUMENT);
}

static ward_err listen_on(const char *listen)
{
	struct icap_options options = { .listen = listen,
		.services = services,
		.service_count = 2,
		.owner = &owner,
		.place = &place };

	return icap_server_new(&options, &server, &error);
}

static void a_server_that_was_never_started_can_be_freed(void)
{
	CHECK_EQ(listen_on("127.0.0.1:0"), WARD_OK);
	CHECK(icap_server_port(server) > 0);
	icap_server_free(server);
	icap_server_free(NULL);
}

/* Asked of the system itself, so that a fault of the server's is not taken for its absence. */
static bool has_ipv6(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	return bound;
}

static void it_listens_on_an_address_of_ipv6(void)
{
	if (!has_ipv6())
		CHECK_SKIP("there is no IPv6 here");
	CHECK_EQ(listen_on("[::1]:0"), WARD_OK);
	CHECK(icap_server_port(server) > 0);
	icap_server_free(server);
}

static const struct test_case cases[] = {
	{ "it answers, and counts", it_answers_and_counts },
	{ "one client too many is told so", one_client_too_many_is_told_so },
	{ "a head that takes too long is not waited for",
			a_head_that_takes_too_long_is_not_waited_for },
	{ "stopping ends what was begun", stopping_ends_what_was_begun },
	{ "what does not end is cut, and its verdict comes too late",
			what_does_not_end_is_cut_and_its_verdict_comes_too_late },
	{ "an address that is none is refused", an_address_that_is_none_is_refused },
	{ "a server that was never started can be freed",
			a_server_that_was_never_started_can_be_freed },
	{ "it listens on an address of IPv6", it_listens_on_an_address_of_ipv6 },
};
TEST_MAIN(cases)
