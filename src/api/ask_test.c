#include "api/ask.h"

#include "base/test.h"

#define MD5 "00112233445566778899aabbccddeeff"
#define HEX MD5 MD5

static struct ask asked;
static struct ward_error told;

static ward_err ask(const char *json)
{
	ask_free(&asked);
	return ask_read(ward_str_from(json), &asked, &told);
}

static void signals_come_as_text_or_with_their_type(void)
{
	CHECK_EQ(ask("{\"signals\":[\"" MD5 "\",\"pdq:" HEX "\","
		     "{\"type\":\"sha256\",\"signal\":\"" HEX "\"}]}"),
			WARD_OK);
	CHECK_EQ(asked.count, 3);
	CHECK_EQ(asked.signals[0].kind, WARD_SIGNAL_MD5);
	CHECK_EQ(asked.signals[1].kind, WARD_SIGNAL_PDQ);
	CHECK_EQ(asked.signals[2].kind, WARD_SIGNAL_SHA256);
	CHECK_EQ(asked.radius, -1);
	CHECK_EQ(asked.list_count, 0);
	CHECK_EQ(asked.hits_max, ASK_HITS_DEFAULT);
}

static void lists_radius_and_bound_are_read(void)
{
	CHECK_EQ(ask("{\"signals\":[\"" MD5 "\"],\"lists\":[\"a\",\"b-2\"],\"radius\":0,"
		     "\"max\":7}"),
			WARD_OK);
	CHECK_EQ(asked.list_count, 2);
	CHECK_STR(asked.lists[1], "b-2");
	CHECK_EQ(asked.radius, 0);
	CHECK_EQ(asked.hits_max, 7);
	ask_free(&asked);
	asked = (struct ask){ 0 };
	CHECK_EQ(ask_lists(WARD_STR("a, b"), &asked, NULL), WARD_OK);
	CHECK_EQ(asked.list_count, 2);
	CHECK_EQ(ask_lists(WARD_STR("a,,b"), &asked, NULL), WARD_E_ARGUMENT);
}

static void what_is_wrong_is_told_without_repeating_it(void)
{
	CHECK_EQ(ask("{\"signals\":[\"" MD5 "\",\"secret\"]}"), WARD_E_ARGUMENT);
	CHECK(strstr(told.message, "signal 1 (counted from 0)"));
	CHECK(!strstr(told.message, "secret"));
	CHECK_EQ(ask("{\"signals\":[\"" HEX "\"]}"), WARD_E_ARGUMENT);
	CHECK(strstr(told.message, "pdq:"));
	CHECK_EQ(ask("{\"signals\":[{\"type\":\"secret\",\"signal\":\"" MD5 "\"}]}"),
			WARD_E_ARGUMENT);
	CHECK(!strstr(told.message, "secret"));
	CHECK_EQ(ask("{\"signals\":[\"" MD5 "\"],\"lists\":[\"../secret\"]}"), WARD_E_ARGUMENT);
	CHECK(!strstr(told.message, "secret"));
	CHECK_EQ(ask("secret"), WARD_E_FORMAT);
	CHECK(!strstr(told.message, "secret"));
}

static void nonsense_is_refused(void)
{
	static const char *const bad[] = { "", "[]", "7", "{}", "{\"signals\":{}}",
		"{\"signals\":[]}", "{\"signals\":[7]}", "{\"signals\":[null]}",
		"{\"signals\":[\"" MD5 "\"],\"radius\":64}",
		"{\"signals\":[\"" MD5 "\"],\"radius\":-1}",
		"{\"signals\":[\"" MD5 "\"],\"radius\":\"3\"}",
		"{\"signals\":[\"" MD5 "\"],\"radius\":1.5}",
		"{\"signals\":[\"" MD5 "\"],\"max\":1e300}",
		"{\"signals\":[{\"type\":7,\"signal\":\"" MD5 "\"}]}",
		"{\"signals\":[\"" MD5 "\"],\"max\":0}",
		"{\"signals\":[\"" MD5 "\"],\"lists\":\"a\"}",
		"{\"signals\":[\"" MD5 "\"],\"signals\":[\"" MD5 "\"]}",
		"{\"signals\":[\"" MD5 "\"]} trailing" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ward_err err = ask(bad[i]);

		printf("# %zu\n", i);
		CHECK(err == WARD_E_ARGUMENT || err == WARD_E_FORMAT);
	}
}

static void a_whole_number_may_be_written_with_a_point(void)
{
	CHECK_EQ(ask("{\"signals\":[\"" MD5 "\"],\"radius\":20.0,\"max\":1e2}"), WARD_OK);
	CHECK_EQ(asked.radius, 20);
	CHECK_EQ(asked.hits_max, 100);
}

static void a_pair_is_two_signals(void)
{
	ward_signal pair[2];

	CHECK_EQ(ask_pair(WARD_STR("{\"a\":\"pdq:" HEX
				   "\",\"b\":{\"type\":\"pdq\",\"signal\":\"" HEX "\"}}"),
				 pair, &told),
			WARD_OK);
	CHECK(ward_signal_eq(&pair[0], &pair[1]));
	CHECK_EQ(ask_pair(WARD_STR("{\"a\":\"" MD5 "\"}"), pair, &told), WARD_E_ARGUMENT);
	CHECK(strstr(told.message, "\"b\""));
}

static const struct test_case cases[] = {
	{ "signals come as text or with their type", signals_come_as_text_or_with_their_type },
	{ "lists, radius and bound are read", lists_radius_and_bound_are_read },
	{ "what is wrong is told without repeating it",
			what_is_wrong_is_told_without_repeating_it },
	{ "nonsense is refused", nonsense_is_refused },
	{ "a whole number may be written with a point",
			a_whole_number_may_be_written_with_a_point },
	{ "a pair is two signals", a_pair_is_two_signals },
};

int main(void)
{
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ask_free(&asked);
	return status;
}
