#include "people/people_keys.h"

#include <sodium.h>

#include "base/clock_fake.h"
#include "base/test.h"

#define PHRASE WARD_STR("a lamp on a distant hill")

static struct ward_error error;
static struct people_ring *ring;
static struct people_sealed sealed;
static const struct person nobody = { .login = { "mara", 4 }, .name = { "Mara Licht", 10 } };

static ward_err copy_pair(void *context, const uint8_t public_key[PEOPLE_KEY_SIZE],
		const uint8_t secret_key[PEOPLE_KEY_SIZE], struct ward_error *failure)
{
	uint8_t *pair = context;

	(void)failure;
	memcpy(pair, public_key, PEOPLE_KEY_SIZE);
	memcpy(pair + PEOPLE_KEY_SIZE, secret_key, PEOPLE_KEY_SIZE);
	return WARD_OK;
}

static bool begin(size_t keys_max)
{
	people_ring_free(ring);
	ring = people_ring_new(keys_max);
	/* One is enough for all cases: it takes its time. */
	return ring && (sealed.len > 0 || people_keys_make(PHRASE, &nobody, &sealed, &error) == 0);
}

static void an_unlocked_pair_opens_what_was_sealed_to_its_public_half(void)
{
	uint8_t message[] = "a role's key", box[sizeof(message) + crypto_box_SEALBYTES];
	uint8_t opened[sizeof(message)], pair[2 * PEOPLE_KEY_SIZE];

	CHECK(begin(2));
	CHECK_EQ(people_ring_borrow(ring, WARD_STR("s1"), copy_pair, pair, &error), WARD_E_DENIED);
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &sealed, PHRASE, &error), WARD_OK);
	CHECK_EQ(people_ring_borrow(ring, WARD_STR("s1"), copy_pair, pair, &error), WARD_OK);
	CHECK(memcmp(pair, sealed.public_key, PEOPLE_KEY_SIZE) == 0);
	crypto_box_seal(box, message, sizeof(message), sealed.public_key);
	CHECK_EQ(crypto_box_seal_open(opened, box, sizeof(box), pair, pair + PEOPLE_KEY_SIZE), 0);
	CHECK(memcmp(opened, message, sizeof(message)) == 0);
	/* Of that session alone. */
	CHECK_EQ(people_ring_borrow(ring, WARD_STR("s2"), copy_pair, pair, &error), WARD_E_DENIED);
	CHECK_EQ(people_ring_borrow(ring, WARD_STR(""), copy_pair, pair, &error), WARD_E_DENIED);
}

static void a_wrong_phrase_opens_nothing(void)
{
	uint8_t pair[2 * PEOPLE_KEY_SIZE];

	CHECK(begin(2));
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &sealed,
				 WARD_STR("a lamp on a distant Hill"), &error),
			WARD_E_DENIED);
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &sealed, WARD_STR(""), &error),
			WARD_E_DENIED);
	CHECK_EQ(people_ring_borrow(ring, WARD_STR("s1"), copy_pair, pair, &error), WARD_E_DENIED);
	CHECK_EQ(people_ring_left(ring, WARD_STR("s1")), 0);
}

static void a_changed_row_opens_nothing_and_takes_no_memory(void)
{
	struct people_sealed changed;

	CHECK(begin(2));
	/* Costs that would take all memory, or none. */
	for (size_t i = 0; i < 9; i++) {
		changed = sealed;
		changed.bytes[i] ^= 0x80;
		CHECK(people_ring_unlock(ring, WARD_STR("s1"), &changed, PHRASE, &error) !=
				WARD_OK);
	}
	changed = sealed;
	changed.bytes[sealed.len - 1] ^= 1;
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &changed, PHRASE, &error), WARD_E_DENIED);
	changed = sealed;
	changed.public_key[0] ^= 1;
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &changed, PHRASE, &error), WARD_E_DENIED);
	changed = sealed;
	changed.len--;
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &changed, PHRASE, &error),
			WARD_E_CORRUPT);
}

static void it_is_wiped_at_log_out_and_when_it_was_not_used(void)
{
	uint8_t pair[2 * PEOPLE_KEY_SIZE];

	CHECK(begin(2));
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &sealed, PHRASE, &error), WARD_OK);
	CHECK(people_ring_wipe(ring, WARD_STR("s1")));
	CHECK(!people_ring_wipe(ring, WARD_STR("s1")));
	CHECK_EQ(people_ring_borrow(ring, WARD_STR("s1"), copy_pair, pair, &error), WARD_E_DENIED);
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &sealed, PHRASE, &error), WARD_OK);
	CHECK_EQ(people_ring_left(ring, WARD_STR("s1")), PEOPLE_UNLOCK_S);
	clock_fake_pass(PEOPLE_UNLOCK_S - 1);
	CHECK_EQ(people_ring_left(ring, WARD_STR("s1")), 1);
	/* Using it begins anew. */
	CHECK_EQ(people_ring_borrow(ring, WARD_STR("s1"), copy_pair, pair, &error), WARD_OK);
	clock_fake_pass(PEOPLE_UNLOCK_S - 1);
	CHECK_EQ(people_ring_borrow(ring, WARD_STR("s1"), copy_pair, pair, &error), WARD_OK);
	clock_fake_pass(PEOPLE_UNLOCK_S);
	CHECK_EQ(people_ring_left(ring, WARD_STR("s1")), 0);
	people_ring_tick(ring);
	CHECK(!people_ring_wipe(ring, WARD_STR("s1")));
}

static void a_full_ring_says_so_and_a_place_is_used_again(void)
{
	char sessions[4][ID_TEXT_MAX];

	CHECK(begin(1));
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &sealed, PHRASE, &error), WARD_OK);
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s2"), &sealed, PHRASE, &error), WARD_E_LIMIT);
	/* Of the same session it is the same place. */
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s1"), &sealed, PHRASE, &error), WARD_OK);
	CHECK_EQ(people_ring_sessions(ring, sessions, 4), 1);
	CHECK_STR(sessions[0], "s1");
	CHECK(people_ring_wipe(ring, WARD_STR("s1")));
	CHECK_EQ(people_ring_unlock(ring, WARD_STR("s2"), &sealed, PHRASE, &error), WARD_OK);
}

static const struct test_case cases[] = {
	{ "an unlocked pair opens what was sealed to its public half",
			an_unlocked_pair_opens_what_was_sealed_to_its_public_half },
	{ "a wrong phrase opens nothing", a_wrong_phrase_opens_nothing },
	{ "a changed row opens nothing and takes no memory",
			a_changed_row_opens_nothing_and_takes_no_memory },
	{ "it is wiped at log-out, and when it was not used",
			it_is_wiped_at_log_out_and_when_it_was_not_used },
	{ "a full ring says so, and a place is used again",
			a_full_ring_says_so_and_a_place_is_used_again },
};

int main(void)
{
	if (sodium_init() < 0)
		return 1;
	int status = test_run(cases, sizeof(cases) / sizeof(*cases));

	people_ring_free(ring);
	return status;
}
