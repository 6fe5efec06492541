#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct range {
	uint8_t prefix[16];
	unsigned bits;
};

/*
 * The IANA special-purpose registries for IPv4 and IPv6, as of 2025: every
 * block that is not "globally reachable", and the relays of which that cannot
 * be known.
 */
static const struct range special4[] = {
	{ { 0 }, 8 },                 /* this network */
	{ { 10 }, 8 },                /* private */
	{ { 100, 64 }, 10 },          /* shared, behind carriers' NAT */
	{ { 127 }, 8 },               /* loopback */
	{ { 169, 254 }, 16 },         /* link-local, metadata services */
	{ { 172, 16 }, 12 },          /* private */
	{ { 192, 0, 0 }, 24 },        /* protocol assignments */
	{ { 192, 0, 2 }, 24 },        /* documentation */
	{ { 192, 31, 196 }, 24 },     /* AS112 */
	{ { 192, 52, 193 }, 24 },     /* AMT */
	{ { 192, 88, 99 }, 24 },      /* 6to4 relays */
	{ { 192, 168 }, 16 },         /* private */
	{ { 192, 175, 48 }, 24 },     /* AS112 */
	{ { 198, 18 }, 15 },          /* benchmarking */
	{ { 198, 51, 100 }, 24 },     /* documentation */
	{ { 203, 0, 113 }, 24 },      /* documentation */
	{ { 224 }, 4 },               /* multicast */
	{ { 240 }, 4 },               /* reserved, broadcast */
	{ { 168, 63, 129, 16 }, 32 }, /* a cloud's own services, though a public number */
};

static const struct range special6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },             /* protocol assignments: Teredo, ORCHID, ... */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },       /* documentation */
	{ { 0x20, 0x02 }, 16 },                   /* 6to4 */
	{ { 0x26, 0x20, 0x00, 0x4f, 0x80 }, 48 }, /* AS112 */
	{ { 0x3f, 0xff }, 20 },                   /* documentation */
};

static bool is_in(const uint8_t *address, const struct range *range)
{
	unsigned bytes = range->bits / 8, rest = range->bits % 8;

	if (memcmp(address, range->prefix, bytes) != 0)
		return false;
	return rest == 0 || (address[bytes] ^ range->prefix[bytes]) >> (8 - rest) == 0;
}

static bool is_public4(const uint8_t *address)
{
	for (size_t i = 0; i < sizeof(special4) / sizeof(*special4); i++) {
		if (is_in(address, &special4[i]))
			return false;
	}
	return true;
}

static bool is_public6(const uint8_t *address)
{
	/* Only 2000::/3 is given out for unicast; mapped, translated and local ones lie outside. */
	if (address[0] >> 5 != 1)
		return false;
	for (size_t i = 0; i < sizeof(special6) / sizeof(*special6); i++) {
		if (is_in(address, &special6[i]))
			return false;
	}
	return true;
}

bool address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		return is_public4((const uint8_t *)&in.sin_addr);
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		return is_public6(in6.sin6_addr.s6_addr);
	}
	return false;
}

bool address_is_loopback(const struct sockaddr *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t one[16] = { [15] = 1 };

	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		return ((const uint8_t *)&in.sin_addr)[0] == 127;
	}
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		const uint8_t *bytes = in6.sin6_addr.s6_addr;

		return memcmp(bytes, one, 16) == 0 ||
		       (memcmp(bytes, mapped, 12) == 0 && bytes[12] == 127);
	}
	return false;
}

bool address_parse(ward_str text, char *host, size_t room, uint16_t *port)
{
	uint8_t bytes[16];
	uint64_t number;
	size_t at = text.len;

	while (at > 0 && text.ptr[at - 1] != ':')
		at--;
	if (at == 0 || !ward_u64_parse((ward_str){ text.ptr + at, text.len - at }, &number) ||
			number > UINT16_MAX)
		return false;
	ward_str name = { text.ptr, at - 1 };
	bool bracketed = name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';

	if (bracketed)
		name = (ward_str){ name.ptr + 1, name.len - 2 };
	char copy[INET6_ADDRSTRLEN];

	if (name.len >= sizeof(copy) || name.len >= room)
		return false;
	memcpy(copy, name.ptr, name.len);
	copy[name.len] = '\0';
	if (inet_pton(bracketed ? AF_INET6 : AF_INET, copy, bytes) != 1)
		return false;
	memcpy(host, copy, name.len + 1);
	*port = (uint16_t)number;
	return true;
}
