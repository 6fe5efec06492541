#include "net/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"

static struct ward_error error;

static void what_is_no_address_is_told_with_who_wants_it(void)
{
	static const char *const wrong[] = { NULL, "", "here:80", "127.0.0.1", "127.0.0.1:99999",
		"::1:80" };
	struct listening listening = { .fd = 7 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		CHECK_EQ(listening_parse(wrong[i], "the portal", &listening, &error),
				WARD_E_ARGUMENT);
		CHECK_STR(error.message, "the portal listens on an address like 127.0.0.1:8750 or "
					 "[::1]:8750");
	}
	CHECK_EQ(listening.fd, 7);
}

static void port_zero_is_the_system_s_choice_and_is_told(void)
{
	struct listening listening;
	char text[LISTENING_TEXT], wants[LISTENING_TEXT];

	CHECK_EQ(listening_parse("127.0.0.1:0", "it", &listening, &error), WARD_OK);
	CHECK_EQ(listening_open(&listening, "it", &error), WARD_OK);
	CHECK(listening.port > 0);
	snprintf(wants, sizeof(wants), "127.0.0.1:%u", listening.port);
	CHECK_STR(listening_text(&listening, text), wants);
	listening_close(&listening);
	CHECK_EQ(listening.fd, -1);
}

static void where_another_listens_it_says_so_and_leaves_nothing_open(void)
{
	struct listening first, second;

	CHECK_EQ(listening_parse("127.0.0.1:0", "it", &first, &error), WARD_OK);
	CHECK_EQ(listening_open(&first, "it", &error), WARD_OK);
	second = first;
	second.fd = -1;
	CHECK_EQ(listening_open(&second, "the door", &error), WARD_E_IO);
	CHECK(strstr(error.message, "the door cannot listen on 127.0.0.1 port"));
	CHECK(strstr(error.message, "another program does"));
	CHECK_EQ(second.fd, -1);
	listening_close(&first);
}

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

/* Else "[::]" would be everybody's of IPv4, too, beside what the operator wrote. */
static void an_address_of_ipv6_is_of_that_family_alone(void)
{
	struct listening six, four;
	char text[64];

	if (!has_ipv6())
		CHECK_SKIP("there is no IPv6 here");
	CHECK_EQ(listening_parse("[::]:0", "it", &six, &error), WARD_OK);
	CHECK_EQ(listening_open(&six, "it", &error), WARD_OK);
	snprintf(text, sizeof(text), "0.0.0.0:%u", six.port);
	CHECK_EQ(listening_parse(text, "it", &four, &error), WARD_OK);
	CHECK_EQ(listening_open(&four, "it", &error), WARD_OK);
	listening_close(&four);
	listening_close(&six);
}

static const struct test_case cases[] = {
	{ "what is no address is told with who wants it",
			what_is_no_address_is_told_with_who_wants_it },
	{ "port zero is the system's choice, and is told",
			port_zero_is_the_system_s_choice_and_is_told },
	{ "where another listens it says so, and leaves nothing open",
			where_another_listens_it_says_so_and_leaves_nothing_open },
	{ "an address of IPv6 is of that family alone",
			an_address_of_ipv6_is_of_that_family_alone },
};
TEST_MAIN(cases)
