/*
 * What becomes of a question when the program does not answer, or lies; what does answer is
 * intake's and filing's.  The liar is this program, started as ward starts one of its own.
 */
#include "box/errand.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "box/wire.h"

#include "base/test.h"

enum { ANSWER_MAX = 4096 };

static struct ward_error error;
static char *answer;
static size_t answer_len;

/* Of what comes back `answer` is kept, to be freed. */
static ward_err ask_for(const char *program, const char *question)
{
	const struct errand errand = { "WARD_ERRAND", "ward-none", "a test", ANSWER_MAX, 1,
		1 << 28 };

	answer = NULL;
	answer_len = 0;
	if (setenv("WARD_ERRAND", program, 1) != 0)
		return WARD_E_ARGUMENT;
	return errand_run(&errand, (ward_bytes){ (const uint8_t *)question, strlen(question) },
			&answer, &answer_len, &error);
}

static ward_err ask(const char *program)
{
	ward_err err = ask_for(program, "x");

	free(answer);
	return err;
}

/* ---- the liar ---- */

/* Says so long a word, of `size` bytes, and stays there. */
static void tell(uint64_t len, size_t size)
{
	if (send(WIRE_SOCKET_FD, &len, size, 0) == (ssize_t)size)
		pause();
}

static int lie(void)
{
	uint64_t len = 0;
	char question = 0;

	if (recv(WIRE_SOCKET_FD, &len, sizeof(len), 0) != sizeof(len) ||
			pread(WIRE_MEMORY_FD, &question, 1, 0) != 1)
		return 1;
	switch (question) {
	case 'a': /* it answers */
		if (pwrite(WIRE_MEMORY_FD, "light", 5, (off_t)len) == 5)
			tell(5, sizeof(len));
		break;
	case 'n': /* nothing */
		tell(0, sizeof(len));
		break;
	case 'm': /* more than there is room for */
		tell(ANSWER_MAX + 1, sizeof(len));
		break;
	case 'h': /* with the length of the question it would be none */
		tell(UINT64_MAX - len + 1, sizeof(len));
		break;
	case 's': /* half a word */
		tell(1, 3);
		break;
	case 'c': /* the room is gone that it speaks of */
		if (ftruncate(WIRE_MEMORY_FD, 1) == 0)
			tell(ANSWER_MAX, sizeof(len));
		break;
	default:
		break;
	}
	return 1;
}

static void an_answer_is_copied_and_its_program_ended(void)
{
	CHECK_EQ(ask_for("/proc/self/exe", "a light?"), WARD_OK);
	bool right = answer_len == 5 && memcmp(answer, "light", 5) == 0;

	free(answer);
	CHECK(right);
}

static void a_length_that_is_a_lie_is_no_answer(void)
{
	static const struct {
		const char *question;
		ward_err err;
	} lies[] = { { "none", WARD_E_FORMAT }, { "more", WARD_E_FORMAT },
		{ "huge", WARD_E_FORMAT }, { "short", WARD_E_WORKER }, { "cut", WARD_E_NOMEM } };

	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		printf("# %s\n", lies[i].question);
		CHECK_EQ(ask_for("/proc/self/exe", lies[i].question), lies[i].err);
		CHECK(!answer);
	}
}

/* ---- what does not answer ---- */

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
	{ "an answer is copied, and its program ended", an_answer_is_copied_and_its_program_ended },
	{ "a length that is a lie is no answer", a_length_that_is_a_lie_is_no_answer },
	{ "a program that hangs is ended in time", a_program_that_hangs_is_ended_in_time },
	{ "a program that ends without a word is told",
			a_program_that_ends_without_a_word_is_told },
	{ "a program that is not there is told", a_program_that_is_not_there_is_told },
};

int main(int argc, char **argv)
{
	(void)argc;
	if (strcmp(argv[0], "ward-worker") == 0)
		return lie();
	return test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));
}
