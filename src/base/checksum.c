#include "base/checksum.h"

#define P1 0x9e3779b185ebca87u
#define P2 0xc2b2ae3d27d4eb4fu
#define P3 0x165667b19e3779f9u
#define P4 0x85ebca77c2b2ae63u
#define P5 0x27d4eb2f165667c5u

#define STRIPE 32

static uint64_t rotate(uint64_t value, int by)
{
	return value << by | value >> (64 - by);
}

/* The specification reads little-endian; compilers make one load of it. */
static uint64_t read_le(const uint8_t *at, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
	return rotate(lane + input * P2, 31) * P1;
}

struct checksum checksum_begin(void)
{
	return (struct checksum){ .lane = { P1 + P2, P2, 0, 0 - P1 } };
}

static void add_stripes(struct checksum *sum, const uint8_t *at, size_t stripes)
{
	uint64_t a = sum->lane[0], b = sum->lane[1], c = sum->lane[2], d = sum->lane[3];

	for (size_t i = 0; i < stripes; i++, at += STRIPE) {
		a = mix(a, read_le(at, 8));
		b = mix(b, read_le(at + 8, 8));
		c = mix(c, read_le(at + 16, 8));
		d = mix(d, read_le(at + 24, 8));
	}
	sum->lane[0] = a;
	sum->lane[1] = b;
	sum->lane[2] = c;
	sum->lane[3] = d;
}

void checksum_add(struct checksum *sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	if (len == 0)
		return;
	sum->total += len;
	if (sum->rest_len > 0) {
		size_t room = STRIPE - sum->rest_len, some = len < room ? len : room;

		memcpy(sum->rest + sum->rest_len, at, some);
		sum->rest_len += some;
		at += some;
		len -= some;
		if (sum->rest_len < STRIPE)
			return;
		add_stripes(sum, sum->rest, 1);
		sum->rest_len = 0;
	}
	add_stripes(sum, at, len / STRIPE);
	sum->rest_len = len % STRIPE;
	memcpy(sum->rest, at + len - sum->rest_len, sum->rest_len);
}

uint64_t checksum_end(const struct checksum *sum)
{
	const uint8_t *at = sum->rest, *end = at + sum->rest_len;
	uint64_t hash = sum->lane[2] + P5;

	if (sum->total >= STRIPE) {
		hash = rotate(sum->lane[0], 1) + rotate(sum->lane[1], 7) +
		       rotate(sum->lane[2], 12) + rotate(sum->lane[3], 18);
		for (int i = 0; i < 4; i++)
			hash = (hash ^ mix(0, sum->lane[i])) * P1 + P4;
	}
	hash += sum->total;
	for (; end - at >= 8; at += 8)
		hash = rotate(hash ^ mix(0, read_le(at, 8)), 27) * P1 + P4;
	if (end - at >= 4) {
		hash = rotate(hash ^ read_le(at, 4) * P1, 23) * P2 + P3;
		at += 4;
	}
	for (; at < end; at++)
		hash = rotate(hash ^ *at * P5, 11) * P1;
	hash = (hash ^ hash >> 33) * P2;
	hash = (hash ^ hash >> 29) * P3;
	return hash ^ hash >> 32;
}

uint64_t checksum_of(const void *bytes, size_t len)
{
	struct checksum sum = checksum_begin();

	checksum_add(&sum, bytes, len);
	return checksum_end(&sum);
}
