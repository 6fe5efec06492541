#include "site/place.h"

#include "base/id.h"

#include <string.h>

#define PRIME ((UINT64_C(1) << 61) - 1)
#define PIECE 7

__extension__ typedef unsigned __int128 wide;

struct site_seed site_seed_new(void)
{
	struct site_seed seed;

	do {
		id_random(&seed, sizeof(seed));
		seed.key &= PRIME;
	} while (!site_seed_valid(seed));
	return seed;
}

bool site_seed_valid(struct site_seed seed)
{
	return seed.key >= UINT64_C(1) << 32 && seed.key < PRIME;
}

struct site_seed site_seed_mend(struct site_seed seed)
{
	seed.key &= PRIME;
	return site_seed_valid(seed) ? seed : (struct site_seed){ PRIME / 3, seed.mix };
}

/* Below 2^61 + 1 on return; both factors are below 2^62. */
static uint64_t multiply(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;
	uint64_t sum = ((uint64_t)product & PRIME) + (uint64_t)(product >> 61);

	return (sum & PRIME) + (sum >> 61);
}

static uint64_t take(uint64_t state, struct site_seed seed, uint64_t piece)
{
	return multiply(state + piece, seed.key);
}

/* Compilers make one load of it. */
static uint64_t four(const char *at)
{
	const uint8_t *bytes = (const uint8_t *)at;

	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* Up to seven bytes with their number, and whether the part ends with them: below 2^60. */
static uint64_t piece_of(const char *text, size_t len, bool last)
{
	uint64_t bytes = 0;

	/* Of four and more, some bytes are read twice rather than each by itself. */
	if (len >= 4) {
		bytes = four(text) | four(text + len - 4) >> (8 * (8 - len)) << 32;
	} else {
		for (size_t i = 0; i < len; i++)
			bytes |= (uint64_t)(uint8_t)text[i] << (8 * i);
	}
	return bytes | (uint64_t)len << 56 | (uint64_t)last << 59;
}

uint64_t site_state_part(uint64_t state, struct site_seed seed, const char *text, size_t len)
{
	while (len > PIECE) {
		state = take(state, seed, piece_of(text, PIECE, false));
		text += PIECE;
		len -= PIECE;
	}
	return take(state, seed, piece_of(text, len, true));
}

uint64_t site_state_path(uint64_t host, struct site_seed seed)
{
	return take(host, seed, UINT64_C(1) << 60);
}

uint64_t site_state_place(uint64_t state, struct site_seed seed, enum site_thing thing)
{
	uint64_t x = (state % PRIME) ^ (seed.mix + (uint64_t)thing * 0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

uint64_t site_host_state(ward_str reversed, struct site_seed seed)
{
	uint64_t state = SITE_STATE_FIRST;

	for (size_t begin = 0, end;; begin = end + 1) {
		for (end = begin; end < reversed.len && reversed.ptr[end] != SITE_LABEL_SEP; end++)
			continue;
		state = site_state_part(state, seed, reversed.ptr + begin, end - begin);
		if (end == reversed.len)
			return state;
	}
}

uint64_t site_page_place(uint64_t host, struct site_seed seed, ward_str path, ward_str query,
		bool has_query)
{
	uint64_t state = site_state_path(host, seed);

	state = site_state_part(state, seed, path.ptr, path.len);
	if (has_query)
		state = site_state_part(state, seed, query.ptr, query.len);
	return site_state_place(state, seed, SITE_THING_PAGE);
}

static uint64_t prefix_place(uint64_t host, struct site_seed seed, ward_str path)
{
	uint64_t state = site_state_path(host, seed);

	for (size_t begin = 0, end; begin < path.len; begin = end) {
		for (end = begin + 1; end < path.len && path.ptr[end - 1] != '/'; end++)
			continue;
		state = site_state_part(state, seed, path.ptr + begin, end - begin);
	}
	return site_state_place(state, seed, SITE_THING_PREFIX);
}

static uint64_t path_place(ward_site_kind kind, ward_str word, struct site_seed seed)
{
	size_t host_len = site_word_host(word);
	size_t begin = host_len < word.len ? host_len + 1 : word.len;
	uint64_t host = site_host_state((ward_str){ word.ptr, host_len }, seed);
	ward_str path = { word.ptr + begin, word.len - begin };
	ward_str query = path;

	if (kind == WARD_SITE_PREFIX)
		return prefix_place(host, seed, path);
	path = ward_str_cut(&query, '?');
	return site_page_place(host, seed, path, query, path.len < word.len - begin);
}

uint64_t site_word_name(ward_str word, struct site_seed seed)
{
	uint64_t state = site_host_state((ward_str){ word.ptr, site_word_host(word) }, seed);

	return site_state_place(state, seed, SITE_NAME);
}

uint64_t site_word_place(ward_site_kind kind, ward_str word, struct site_seed seed)
{
	uint64_t state = SITE_STATE_FIRST;

	if (kind == WARD_SITE_PAGE || kind == WARD_SITE_PREFIX)
		return path_place(kind, word, seed);
	if (kind == WARD_SITE_HOST || kind == WARD_SITE_DOMAIN)
		return site_word_name(word, seed);
	state = site_state_part(state, seed, word.ptr, word.len);
	return site_state_place(state, seed,
			kind == WARD_SITE_HASH ? SITE_THING_HASH : SITE_THING_NETWORK);
}
