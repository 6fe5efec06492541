#include "api/hma_coin.h"

#include "base/id.h"

#include <openssl/sha.h>

/* The Mersenne Twister MT19937 of Matsumoto and Nishimura (2002). */
enum { WORDS = 624, SHIFT = 397 };

static void seed_with_number(uint32_t state[WORDS], uint32_t number)
{
	state[0] = number;
	for (uint32_t i = 1; i < WORDS; i++)
		state[i] = 1812433253U * (state[i - 1] ^ state[i - 1] >> 30) + i;
}

static uint32_t last_mixed(const uint32_t state[WORDS], size_t at, uint32_t factor)
{
	uint32_t before = state[at - 1];

	return state[at] ^ (before ^ before >> 30) * factor;
}

/* At the end of the state the first word takes the last one's value. */
static void go_on(uint32_t state[WORDS], size_t *at)
{
	if (++*at == WORDS) {
		state[0] = state[WORDS - 1];
		*at = 1;
	}
}

static void seed_with_key(uint32_t state[WORDS], const uint32_t *key, size_t len)
{
	size_t at = 1, place = 0;

	seed_with_number(state, 19650218U);
	for (size_t left = len > WORDS ? len : WORDS; left > 0; left--) {
		state[at] = last_mixed(state, at, 1664525U) + key[place] + (uint32_t)place;
		go_on(state, &at);
		place = (place + 1) % len;
	}
	for (size_t left = WORDS - 1; left > 0; left--) {
		state[at] = last_mixed(state, at, 1566083941U) - (uint32_t)at;
		go_on(state, &at);
	}
	state[0] = 0x80000000U;
}

/* The generator's first round makes word `at` of these three; only two words are wanted. */
static uint32_t draw(const uint32_t state[WORDS], size_t at)
{
	uint32_t joined = (state[at] & 0x80000000U) | (state[at + 1] & 0x7fffffffU);
	uint32_t word = state[at + SHIFT] ^ joined >> 1 ^ (joined & 1 ? 0x9908b0dfU : 0);

	word ^= word >> 11;
	word ^= word << 7 & 0x9d2c5680U;
	word ^= word << 15 & 0xefc60000U;
	return word ^ word >> 18;
}

/*
 * Python seeds with a text as with one whole number, whose bytes, the highest
 * first, are the text's and behind them its SHA-512.  The number's words are
 * the key, the lowest first, without zeros above.
 */
static size_t make_key(ward_bytes number, uint32_t *key)
{
	size_t len = (number.len + 3) / 4;

	memset(key, 0, len * sizeof(*key));
	for (size_t i = 0; i < number.len; i++)
		key[i / 4] |= (uint32_t)number.ptr[number.len - 1 - i] << i % 4 * 8;
	while (len > 1 && key[len - 1] == 0)
		len--;
	return len;
}

/* A seed is an id of some content; a longer one is cut. */
enum { SEED_MAX = 4096, NUMBER_MAX = SEED_MAX + SHA512_DIGEST_LENGTH };

double hma_coin_of(ward_str seed)
{
	uint8_t number[NUMBER_MAX];
	uint32_t key[NUMBER_MAX / 4], state[WORDS];
	size_t len = seed.len < SEED_MAX ? seed.len : SEED_MAX;

	if (len > 0)
		memcpy(number, seed.ptr, len);
	SHA512(number, len, number + len);
	seed_with_key(state, key,
			make_key((ward_bytes){ number, len + SHA512_DIGEST_LENGTH }, key));
	return ((draw(state, 0) >> 5) * 67108864.0 + (draw(state, 1) >> 6)) / 9007199254740992.0;
}

double hma_coin(void)
{
	uint64_t bits;

	id_random(&bits, sizeof(bits));
	return (double)(bits >> 11) / 9007199254740992.0;
}
