#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/test.h"

static bool ask(const char *text, bool (*question)(const struct sockaddr *))
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return question((const struct sockaddr *)(const void *)&in);
	test_check(inet_pton(AF_INET6, text, &in6.sin6_addr) == 1, __FILE__, __LINE__, text);
	return question((const struct sockaddr *)(const void *)&in6);
}

static void private_addresses_are_told(void)
{
	static const char *const private[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255",
		"100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.88.99.1",
		"192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
		"224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::a00:1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "3fff::1", "4000::1" };

	for (size_t i = 0; i < sizeof(private) / sizeof(*private); i++) {
		if (ask(private[i], address_is_public))
			printf("# %s\n", private[i]);
		CHECK(!ask(private[i], address_is_public));
	}
}

static void public_addresses_pass(void)
{
	static const char *const public[] = { "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "169.253.255.255",
		"169.255.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255",
		"192.169.0.1", "198.17.255.255", "198.20.0.1", "223.255.255.255", "168.63.129.17",
		"2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00::1", "3ffe::1" };

	for (size_t i = 0; i < sizeof(public) / sizeof(*public); i++) {
		if (!ask(public[i], address_is_public))
			printf("# %s\n", public[i]);
		CHECK(ask(public[i], address_is_public));
	}
}

static void other_families_are_not_public(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	CHECK(!address_is_public((const struct sockaddr *)(const void *)&un));
	CHECK(!address_is_loopback((const struct sockaddr *)(const void *)&un));
}

static void the_machine_itself_is_told(void)
{
	CHECK(ask("127.0.0.1", address_is_loopback));
	CHECK(ask("127.1.2.3", address_is_loopback));
	CHECK(ask("::1", address_is_loopback));
	CHECK(ask("::ffff:127.0.0.1", address_is_loopback));
	CHECK(!ask("10.0.0.1", address_is_loopback));
	CHECK(!ask("::2", address_is_loopback));
	CHECK(!ask("::ffff:10.0.0.1", address_is_loopback));
}

static void listening_addresses_are_numbers(void)
{
	char host[64];
	uint16_t port;

	CHECK(address_parse(WARD_STR("127.0.0.1:8750"), host, sizeof(host), &port));
	CHECK_STR(host, "127.0.0.1");
	CHECK_EQ(port, 8750);
	CHECK(address_parse(WARD_STR("[::1]:0"), host, sizeof(host), &port));
	CHECK_STR(host, "::1");
	CHECK_EQ(port, 0);
	CHECK(!address_parse(WARD_STR("localhost:1"), host, sizeof(host), &port));
	CHECK(!address_parse(WARD_STR("127.0.0.1"), host, sizeof(host), &port));
	CHECK(!address_parse(WARD_STR("127.0.0.1:"), host, sizeof(host), &port));
	CHECK(!address_parse(WARD_STR("127.0.0.1:65536"), host, sizeof(host), &port));
	CHECK(!address_parse(WARD_STR("::1:80"), host, sizeof(host), &port));
	CHECK(!address_parse(WARD_STR("[127.0.0.1]:80"), host, sizeof(host), &port));
	CHECK(!address_parse(WARD_STR(":80"), host, sizeof(host), &port));
	CHECK(!address_parse(WARD_STR(""), host, sizeof(host), &port));
}

static const struct test_case cases[] = {
	{ "private addresses are told, in every form", private_addresses_are_told },
	{ "public addresses pass", public_addresses_pass },
	{ "other families are not public", other_families_are_not_public },
	{ "the machine itself is told", the_machine_itself_is_told },
	{ "listening addresses are numbers", listening_addresses_are_numbers },
};
TEST_MAIN(cases)
