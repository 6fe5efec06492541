#include "people/people_password.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/test.h"

static struct ward_error error;

static ward_err check(const char *password)
{
	error.message[0] = '\0';
	return people_password_check(ward_str_from(password), PEOPLE_PASSWORD_MIN,
			WARD_STR("mkeeper"), WARD_STR("Mara van der Licht"), "a password", &error);
}

static void length_is_all_that_is_asked(void)
{
	CHECK_EQ(check("four plain words here"), WARD_OK);
	CHECK_EQ(check("lamplamplamp2"), WARD_OK);
	CHECK_EQ(check("éééééééééé éa"), WARD_OK);
	CHECK_EQ(check("short one"), WARD_E_ARGUMENT);
	CHECK(strstr(error.message, "at least 12 characters"));
	/* Twelve bytes, six characters. */
	CHECK_EQ(check("éèéèéè"), WARD_E_ARGUMENT);
	CHECK_EQ(check(""), WARD_E_ARGUMENT);
}

static void ones_own_name_is_no_password(void)
{
	CHECK_EQ(check("mkeepermkeeper"), WARD_E_ARGUMENT);
	CHECK_EQ(check("MKeeper123456"), WARD_E_ARGUMENT);
	CHECK_EQ(check("LichtLicht2024"), WARD_E_ARGUMENT);
	CHECK(strstr(error.message, "own name"));
	/* A name inside something longer gives little away. */
	CHECK_EQ(check("Licht over the grey harbour"), WARD_OK);
	CHECK_EQ(check("aaaaaaaaaaaaaaaa"), WARD_E_ARGUMENT);
}

static void what_is_no_text_is_refused(void)
{
	char longer[300];

	memset(longer, 'a', sizeof(longer));
	longer[7] = 'b';
	CHECK_EQ(people_password_check((ward_str){ longer, 257 }, 12, WARD_STR("x"), WARD_STR("y"),
				 "a password", &error),
			WARD_E_ARGUMENT);
	CHECK_EQ(people_password_check(WARD_STR("twelve bytes\0and more"), 12, WARD_STR("x"),
				 WARD_STR("y"), "a password", &error),
			WARD_E_ARGUMENT);
	CHECK_EQ(check("four plain \xff words"), WARD_E_ARGUMENT);
}

static void a_hash_fits_its_password_alone(void)
{
	char one[PEOPLE_HASH_MAX], two[PEOPLE_HASH_MAX];

	CHECK_EQ(people_password_hash(WARD_STR("a lamp on the hill"), one, &error), WARD_OK);
	CHECK_EQ(people_password_hash(WARD_STR("a lamp on the hill"), two, &error), WARD_OK);
	CHECK(strcmp(one, two) != 0);
	CHECK(strncmp(one, "$argon2id$", 10) == 0);
	CHECK(people_password_fits(WARD_STR("a lamp on the hill"), one));
	CHECK(!people_password_fits(WARD_STR("a lamp on the Hill"), one));
	CHECK(!people_password_fits(WARD_STR(""), one));
	CHECK(!people_password_fits(WARD_STR("a lamp on the hill"), "no hash"));
	CHECK(!people_password_is_old(one));
	CHECK(people_password_is_old("$argon2id$v=19$m=4096,t=3,p=1$"
				     "tzRPkBLMkSZXPDqKIyJIPA$"
				     "wCFvHIcTOdC0kRlSVAv2eYYGGMcSjTRp2GJRvV3GdZA"));
}

/* The median of a few: another program on the machine makes some of them long. */
static uint64_t median_us(const char *hash)
{
	uint64_t took[7];

	for (size_t i = 0; i < 7; i++) {
		uint64_t begun = clock_ticks_us();

		if (people_password_fits(WARD_STR("not this one, either"), hash))
			return 0;
		took[i] = clock_ticks_us() - begun;
		for (size_t j = i; j > 0 && took[j] < took[j - 1]; j--) {
			uint64_t swap = took[j];

			took[j] = took[j - 1];
			took[j - 1] = swap;
		}
	}
	return took[3];
}

static void nobodys_password_takes_as_long_as_a_wrong_one(void)
{
	char hash[PEOPLE_HASH_MAX];

	CHECK_EQ(people_password_hash(WARD_STR("a lamp on the hill"), hash, &error), WARD_OK);
	uint64_t wrong = median_us(hash), nobody = median_us(NULL);

	printf("# wrong: %" PRIu64 " us, nobody: %" PRIu64 " us\n", wrong, nobody);
	CHECK(wrong > 0 && nobody > 0);
	CHECK(nobody > wrong / 2 && nobody < wrong * 2);
}

static const struct test_case cases[] = {
	{ "length is all that is asked", length_is_all_that_is_asked },
	{ "one's own name is no password", ones_own_name_is_no_password },
	{ "what is no text is refused", what_is_no_text_is_refused },
	{ "a hash fits its password alone", a_hash_fits_its_password_alone },
	{ "nobody's password takes as long as a wrong one",
			nobodys_password_takes_as_long_as_a_wrong_one },
};

int main(void)
{
	if (sodium_init() < 0)
		return 1;
	return test_run(cases, sizeof(cases) / sizeof(*cases));
}
