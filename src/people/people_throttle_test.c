#include "people/people_throttle.h"

#include "base/test.h"

enum { SECOND = 1000000 };

static struct people_throttle *throttle;
static uint64_t now;

static void begin(void)
{
	people_throttle_free(throttle);
	throttle = people_throttle_new();
	now = (uint64_t)1000 * SECOND;
}

static unsigned attempt(const char *name, const char *place)
{
	return people_throttle_begin(throttle,
			&(struct people_try){ ward_str_from(name), ward_str_from(place) }, now);
}

static void a_few_failures_are_free_and_each_further_one_waits_longer(void)
{
	unsigned waits[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };

	begin();
	for (int i = 0; i < PEOPLE_THROTTLE_NAME_FREE; i++)
		CHECK_EQ(attempt("mara", ""), 0);
	CHECK_EQ(attempt("mara", ""), 0);
	for (size_t i = 0; i < 3; i++) {
		CHECK_EQ(attempt("mara", ""), waits[i]);
		/* Asking while waiting changes nothing. */
		CHECK_EQ(attempt("mara", ""), waits[i]);
		now += (uint64_t)waits[i] * SECOND;
		CHECK_EQ(attempt("mara", ""), 0);
	}
	CHECK_EQ(attempt("jon", ""), 0);
}

static void nobody_waits_longer_than_a_few_minutes(void)
{
	begin();
	for (int i = 0; i < 100; i++) {
		unsigned wait = attempt("mara", "");

		CHECK(wait <= PEOPLE_THROTTLE_WAIT_MAX_S);
		now += (uint64_t)wait * SECOND;
	}
}

static void a_success_forgets_the_failures_of_the_name(void)
{
	begin();
	for (int i = 0; i < PEOPLE_THROTTLE_NAME_FREE + 1; i++)
		CHECK_EQ(attempt("mara", ""), 0);
	CHECK(attempt("mara", "") > 0);
	people_throttle_success(throttle, &(struct people_try){ WARD_STR("mara"), WARD_STR("") });
	CHECK_EQ(attempt("mara", ""), 0);
	CHECK_EQ(attempt("mara", ""), 0);
}

static void a_place_that_tries_many_names_waits_too(void)
{
	char name[16];
	unsigned wait = 0;

	begin();
	for (int i = 0; i < PEOPLE_THROTTLE_PLACE_FREE + 2; i++) {
		snprintf(name, sizeof(name), "name%d", i);
		wait = attempt(name, "192.0.2.7");
	}
	CHECK(wait > 0);
	CHECK_EQ(attempt("mara", "192.0.2.8"), 0);
	/* A success of one who sits there takes one failure back, not all. */
	people_throttle_success(throttle,
			&(struct people_try){ WARD_STR("x"), WARD_STR("192.0.2.7") });
	CHECK_EQ(attempt("a", "192.0.2.7"), 0);
	CHECK(attempt("b", "192.0.2.7") > 0);
}

static void failures_fade(void)
{
	begin();
	for (int i = 0; i < PEOPLE_THROTTLE_NAME_FREE + 1; i++)
		CHECK_EQ(attempt("mara", ""), 0);
	CHECK(attempt("mara", "") > 0);
	now += (uint64_t)PEOPLE_THROTTLE_FADE_S * SECOND;
	/* Six became three. */
	CHECK_EQ(attempt("mara", ""), 0);
	CHECK_EQ(attempt("mara", ""), 0);
	CHECK_EQ(attempt("mara", ""), 0);
	CHECK(attempt("mara", "") > 0);
}

static void many_other_names_do_not_wash_a_guessed_one_away(void)
{
	char name[16];

	begin();
	for (int i = 0; i < PEOPLE_THROTTLE_NAME_FREE + 1; i++)
		CHECK_EQ(attempt("mara", ""), 0);
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK_EQ(attempt(name, ""), 0);
	}
	CHECK(attempt("mara", "") > 0);
}

static const struct test_case cases[] = {
	{ "a few failures are free, and each further one waits longer",
			a_few_failures_are_free_and_each_further_one_waits_longer },
	{ "nobody waits longer than a few minutes", nobody_waits_longer_than_a_few_minutes },
	{ "a success forgets the failures of the name",
			a_success_forgets_the_failures_of_the_name },
	{ "a place that tries many names waits, too", a_place_that_tries_many_names_waits_too },
	{ "failures fade", failures_fade },
	{ "many other names do not wash a guessed one away",
			many_other_names_do_not_wash_a_guessed_one_away },
};

int main(void)
{
	int status = test_run(cases, sizeof(cases) / sizeof(*cases));

	people_throttle_free(throttle);
	return status;
}
