/* Networks of addresses: where one begins, and what lies in it. */
#include <ward/link.h>

#include "link/address.h"

/* Clears what does not count, so that equal networks are equal bytes. */
static void clear_after(uint8_t address[16], unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = bits > 8 * i ? bits - 8 * i : 0;

		if (keep < 8)
			address[i] &= (uint8_t)(0xff00 >> keep);
	}
}

static unsigned dots(ward_str text)
{
	unsigned count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '.';
	return count;
}

bool ward_network_read(ward_str text, struct ward_network *network)
{
	struct ward_network read = { .kind = WARD_HOST_IPV4, .bits = 32 };
	ward_str rest = text;
	ward_str address = ward_str_cut(&rest, '/');
	bool has_bits = address.len < text.len;
	uint64_t bits;

	if (address.len > 2 && address.ptr[0] == '[' && address.ptr[address.len - 1] == ']')
		address = (ward_str){ address.ptr + 1, address.len - 2 };
	if (memchr(address.ptr ? address.ptr : "", ':', address.len)) {
		read.kind = WARD_HOST_IPV6;
		read.bits = 128;
		if (!link_ipv6_read(address, read.address))
			return false;
	} else if (!link_ipv4_read(address, read.address)) {
		return false;
	}
	if (has_bits) {
		/* "10/8" means 10.0.0.0/8 to people and 0.0.0.10 to a URL: neither is guessed. */
		if (read.kind == WARD_HOST_IPV4 && dots(address) != 3)
			return false;
		if (!ward_u64_parse(rest, &bits) || bits > read.bits)
			return false;
		read.bits = (uint8_t)bits;
	}
	/* A link to a mapped address is asked by its IPv4 address, and so is a list. */
	if (read.kind == WARD_HOST_IPV6 && read.bits >= 96 && link_ipv6_is_mapped(read.address)) {
		read.kind = WARD_HOST_IPV4;
		read.bits = (uint8_t)(read.bits - 96);
		memmove(read.address, read.address + 12, 4);
		memset(read.address + 4, 0, 12);
	}
	clear_after(read.address, read.bits);
	*network = read;
	return true;
}

bool ward_network_has(const struct ward_network *network, ward_host_kind kind,
		const uint8_t address[16])
{
	unsigned whole = network->bits / 8;
	unsigned rest = network->bits % 8;

	if (kind != network->kind || memcmp(network->address, address, whole) != 0)
		return false;
	return rest == 0 || (network->address[whole] ^ address[whole]) >> (8 - rest) == 0;
}
