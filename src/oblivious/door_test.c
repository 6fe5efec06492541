/* Slow peers, and many of them: they keep out nobody who has a key. */
#include "oblivious/door.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/test.h"

enum { PLACES = 12, OF_ONE = 3, REQUEST_S = 1, PEERS = 40, HOUR = 3600 };

static struct oblivious_door *door;
static uint16_t port;

static bool who(void *context, ward_str token, char name[OBLIVIOUS_QUOTA_NAME])
{
	(void)context;
	snprintf(name, OBLIVIOUS_QUOTA_NAME, "one");
	return ward_str_eq(token, WARD_STR("key"));
}

static void open_door(void)
{
	struct oblivious_door_options options = { .listen = "127.0.0.1:0",
		.who = who,
		.quota = 1000,
		.connections_max = PLACES,
		.peer_max = OF_ONE,
		.request_s = REQUEST_S };
	uint8_t identity[32], secret[64];
	struct oblivious_table *table;
	struct ward_error error;

	if (!oprf_prepare())
		abort();
	crypto_sign_seed_keypair(identity, secret, (const uint8_t[32]){ 7 });
	struct oblivious_draft *draft = oblivious_draft_new();
	struct oblivious_table_options made = { secret, clock_now(), clock_now() + HOUR, 1 };

	if (!draft || oblivious_table_new(draft, &made, &table, &error) != WARD_OK ||
			oblivious_door_start(&options, table, &door, &error) != WARD_OK)
		abort();
	oblivious_draft_free(draft);
	port = (uint16_t)strtoul(strrchr(oblivious_door_address(door), ':') + 1, NULL, 10);
}

static void close_door(void)
{
	oblivious_door_free(door);
	door = NULL;
}

/* From 127.0.0.`from`; -1 when it is not let in. */
static int come(unsigned from)
{
	struct sockaddr_in here = { .sin_family = AF_INET },
			   there = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(0x7f000000U + from);
	there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0 &&
			connect(fd, (struct sockaddr *)&there, sizeof(there)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool say(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* What there is to hear within so long; "" when nothing comes, "-" when it was closed. */
static const char *hear(int fd, int ms)
{
	static char heard[4096];
	struct pollfd wait = { fd, POLLIN, 0 };
	ssize_t got = 0;

	heard[0] = '\0';
	if (poll(&wait, 1, ms) > 0) {
		got = recv(fd, heard, sizeof(heard) - 1, 0);
		snprintf(heard + (got > 0 ? got : 0), 2, "%s", got > 0 ? "" : "-");
	}
	return heard;
}

/* Ticks as a program does; true when the door has closed it within so long. */
static bool is_closed(int fd, int ms)
{
	for (int waited = 0; waited < ms; waited += 50) {
		oblivious_door_tick(door);
		if (strcmp(hear(fd, 50), "-") == 0)
			return true;
	}
	return false;
}

#define QUESTION                                                                 \
	"GET /v1/site/oblivious HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s" \
	"\r\n\r\n"

static bool is_answered(int fd)
{
	char question[128];

	snprintf(question, sizeof(question), QUESTION, "key");
	return say(fd, question) && strncmp(hear(fd, 2000), "HTTP/1.1 200", 12) == 0;
}

static void a_request_that_comes_a_byte_at_a_time_is_cut(void)
{
	static const char head[] = "GET /v1/site/oblivious HTTP/1.1\r\nHost: x\r\nX: ";
	uint64_t begun = clock_ticks_us();
	bool closed = false;
	size_t i = 0;

	open_door();
	int slow = come(2), quick = come(3);

	CHECK(slow >= 0 && quick >= 0);
	for (; i < 100 && !closed; i++) {
		oblivious_door_tick(door);
		closed = !say(slow, i < sizeof(head) - 1 ? (const char[]){ head[i], 0 } : "x") ||
			 strcmp(hear(slow, 50), "-") == 0;
	}
	CHECK(closed);
	CHECK(clock_ticks_us() - begun < 3 * UINT64_C(1000000));
	/* Each question has its own time, and who is through with one may ask another. */
	close(quick);
	quick = come(3);
	CHECK(is_answered(quick));
	CHECK(is_answered(quick));
	CHECK(oblivious_door_stats(door).too_slow >= 1);
	close(slow);
	close(quick);
	close_door();
}

/* With a key the head comes whole, and the body a byte at a time. */
static void a_body_has_its_time_too(void)
{
	open_door();
	int slow = come(2);

	CHECK(say(slow, "POST /v1/site/oblivious HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
			"key\r\nContent-Length: 64\r\n\r\nab"));
	CHECK(is_closed(slow, 3000));
	close(slow);
	close_door();
}

static void one_address_without_a_key_holds_so_many_places_and_takes_the_next_from_itself(void)
{
	int own[OF_ONE + 2];

	open_door();
	int other = come(3);

	for (size_t i = 0; i < OF_ONE + 2; i++) {
		own[i] = come(2);
		CHECK(own[i] >= 0 && say(own[i], "GET /"));
		usleep(10000);
	}
	CHECK_STR(hear(own[0], 500), "-");
	CHECK_STR(hear(own[1], 500), "-");
	CHECK_STR(hear(own[2], 50), "");
	CHECK(is_answered(other));
	/* Who has shown a key is not counted. */
	for (size_t i = 0; i < OF_ONE + 2; i++)
		close(own[i]);
	for (size_t i = 0; i < OF_ONE + 2; i++) {
		own[i] = come(4);
		CHECK(is_answered(own[i]));
	}
	for (size_t i = 0; i < OF_ONE + 2; i++) {
		CHECK(is_answered(own[i]));
		close(own[i]);
	}
	close(other);
	close_door();
}

static void when_all_places_are_taken_who_has_shown_no_key_goes_first(void)
{
	int slow[PEERS];

	open_door();
	int known = come(2);

	CHECK(is_answered(known));
	for (unsigned i = 0; i < PEERS; i++) {
		slow[i] = come(10 + i);
		CHECK(slow[i] >= 0 && say(slow[i], "GET /v1/site"));
	}
	/* It was idle longest, and stays; and there is a place for who comes now. */
	CHECK(is_answered(known));
	int next = come(3);

	CHECK(is_answered(next));
	CHECK_STR(hear(slow[0], 500), "-");
	for (unsigned i = 0; i < PEERS; i++)
		close(slow[i]);
	close(known);
	close(next);
	close_door();
}

static const struct test_case cases[] = {
	{ "a request that comes a byte at a time is cut",
			a_request_that_comes_a_byte_at_a_time_is_cut },
	{ "a body has its time, too", a_body_has_its_time_too },
	{ "one address without a key holds so many places, and takes the next from itself",
			one_address_without_a_key_holds_so_many_places_and_takes_the_next_from_itself },
	{ "when all places are taken, who has shown no key goes first",
			when_all_places_are_taken_who_has_shown_no_key_goes_first },
};
TEST_MAIN(cases)
