/* What becomes of a question when the program does not answer; what does is intake's and filing's.
 */
#include "box/errand.h"

#include "base/clock.h"

#include "base/test.h"

static struct ward_error error;

static ward_err ask(const char *program)
{
	const struct errand errand = { "WARD_ERRAND", "ward-none", "a test", 4096, 1, 1 << 28 };
	char *answer = NULL;
	size_t len = 0;

	if (setenv("WARD_ERRAND", program, 1) != 0)
		return WARD_E_ARGUMENT;
	ward_err err = errand_run(&errand, (ward_bytes){ (const uint8_t *)"x", 1 }, &answer, &len,
			&error);

	if (!err)
		free(answer);
	return err;
}

static void a_program_that_hangs_is_ended_in_time(void)
{
	uint64_t from = clock_ticks_us();

	/* It writes into /dev/null for ever: its own time and the processor's are the same second.
	 */
	ward_err err = ask("/usr/bin/yes");

	CHECK(err == WARD_E_TIMEOUT || err == WARD_E_WORKER);
	CHECK(clock_ticks_us() - from < 5000000);
}

static void a_program_that_ends_without_a_word_is_told(void)
{
	CHECK_EQ(ask("/bin/false"), WARD_E_WORKER);
	CHECK_STR(error.message, "ward-none stopped with status 1 over a test");
}

static void a_program_that_is_not_there_is_told(void)
{
	CHECK_EQ(ask("/nonexistent/ward-none"), WARD_E_NOT_FOUND);
}

static const struct test_case cases[] = {
	{ "a program that hangs is ended in time", a_program_that_hangs_is_ended_in_time },
	{ "a program that ends without a word is told",
			a_program_that_ends_without_a_word_is_told },
	{ "a program that is not there is told", a_program_that_is_not_there_is_told },
};
TEST_MAIN(cases)
