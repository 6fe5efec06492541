#include "agent/sender.h"

#include "base/file.h"
#include "base/test.h"
#include "base/test_folder.h"

#include <pthread.h>
#include <unistd.h>

/* ---- a service that says what the test wants ---- */

static struct {
	pthread_mutex_t mutex;
	unsigned answers[8]; /* in turn; the last again and again; 0: it is not reached */
	size_t answer_count, calls;
	char keys[64][64]; /* as they came */
	char token[64];
} service = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static ward_err serve(const struct call *call, unsigned *status, struct ward_error *error)
{
	pthread_mutex_lock(&service.mutex);
	size_t turn = service.calls < service.answer_count ? service.calls
							   : service.answer_count - 1;
	unsigned answer = service.answers[turn];

	if (service.calls < 64)
		snprintf(service.keys[service.calls], 64, "%s", call->headers[0]);
	snprintf(service.token, sizeof(service.token), "%s", call->headers[1]);
	service.calls++;
	pthread_mutex_unlock(&service.mutex);
	if (answer == 0)
		return ward_fail(error, WARD_E_IO, "nobody answers");
	*status = answer;
	return WARD_OK;
}

static size_t calls(void)
{
	pthread_mutex_lock(&service.mutex);
	size_t count = service.calls;

	pthread_mutex_unlock(&service.mutex);
	return count;
}

static struct agent_spool *spool;
static struct agent_sender *sender;
static struct ward_error error;

static void end(void)
{
	agent_sender_free(sender);
	agent_spool_close(spool);
	sender = NULL;
	spool = NULL;
}

static bool begin(const unsigned *answers, size_t count)
{
	struct agent_sender_options options = { .url = "https://ward.example.org/",
		.pause_ms = 1,
		.pause_max_ms = 4,
		.post = serve };

	end();
	fresh_folder();
	service.calls = 0;
	service.answer_count = count;
	memcpy(service.answers, answers, count * sizeof(*answers));
	options.token_file = in_folder("token");
	return file_replace(options.token_file, (ward_bytes){ (const uint8_t *)"ward_x\n", 7 },
			       0600, &error) == WARD_OK &&
	       agent_spool_open(in_folder("spool"), 0, &spool, &error) == WARD_OK &&
	       agent_sender_new(spool, &options, &sender, &error) == WARD_OK;
}

static bool add(const char *key)
{
	bool good = agent_spool_add(spool, ward_str_from(key), WARD_STR("{}"), &error) == WARD_OK;

	agent_sender_wake(sender);
	return good;
}

static bool comes_to(uint64_t waiting)
{
	for (int i = 0; i < 5000; i++) {
		if (agent_spool_count(spool).waiting == waiting)
			return true;
		usleep(1000);
	}
	return false;
}

static void sends_what_is_added_in_order(void)
{
	CHECK(begin((const unsigned[]){ 201 }, 1));
	CHECK(add("a") && add("b") && add("c"));
	CHECK(comes_to(0));
	agent_sender_free(sender);
	sender = NULL;
	CHECK_EQ(calls(), 3);
	CHECK_STR(service.keys[0], "Idempotency-Key: a");
	CHECK_STR(service.keys[1], "Idempotency-Key: b");
	CHECK_STR(service.keys[2], "Idempotency-Key: c");
	CHECK_STR(service.token, "Authorization: Bearer ward_x");
}

static void tries_the_same_one_again_until_it_is_taken(void)
{
	CHECK(begin((const unsigned[]){ 0, 503, 429, 401, 201 }, 5));
	CHECK(add("a") && add("b"));
	CHECK(comes_to(0));
	CHECK_EQ(calls(), 6);
	CHECK_STR(service.keys[4], "Idempotency-Key: a");
	CHECK_STR(service.keys[5], "Idempotency-Key: b");
	struct agent_sender_state state;

	/* The count of the second follows its leaving the spool. */
	for (int i = 0; i < 2000; i++) {
		state = agent_sender_look(sender);
		if (state.sent == 2)
			break;
		usleep(1000);
	}
	CHECK_EQ(state.sent, 2);
	CHECK_EQ(state.failures, 4);
	CHECK_STR(state.trouble, "");
}

static void tries_again_when_somebody_was_in_the_way(void)
{
	CHECK(begin((const unsigned[]){ 409, 409, 201 }, 3));
	CHECK(add("a"));
	CHECK(comes_to(0));
	CHECK_EQ(calls(), 3);
	CHECK_EQ(agent_spool_count(spool).refused, 0);
}

static void puts_aside_what_is_always_in_conflict(void)
{
	CHECK(begin((const unsigned[]){ 409, 409, 409, 409, 409, 201 }, 6));
	CHECK(add("a") && add("b"));
	CHECK(comes_to(0));
	CHECK_EQ(calls(), 6);
	CHECK_EQ(agent_spool_count(spool).refused, 1);
}

static void passes_one_at_which_the_service_fails(void)
{
	CHECK(begin((const unsigned[]){ 0, 500, 500, 500, 500, 500, 201 }, 7));
	CHECK(add("a") && add("b"));
	CHECK(comes_to(0));
	CHECK_EQ(calls(), 8);
	CHECK_STR(service.keys[5], "Idempotency-Key: a");
	CHECK_STR(service.keys[6], "Idempotency-Key: b");
	CHECK_STR(service.keys[7], "Idempotency-Key: a");
}

static void puts_aside_what_is_refused_for_good(void)
{
	CHECK(begin((const unsigned[]){ 422, 201 }, 2));
	CHECK(add("a") && add("b"));
	CHECK(comes_to(0));
	CHECK_EQ(agent_spool_count(spool).refused, 1);
}

static void says_why_it_does_not_send(void)
{
	CHECK(begin((const unsigned[]){ 0 }, 1));
	CHECK(add("a"));
	struct agent_sender_state state = { .failures = 0 };

	for (int i = 0; i < 2000 && state.failures == 0; i++) {
		usleep(1000);
		state = agent_sender_look(sender);
	}
	CHECK_STR(state.trouble, "nobody answers");
	CHECK(!state.reached);
	CHECK_EQ(agent_spool_count(spool).waiting, 1);
	end();
}

/* The service is asked again. */
static bool goes_on_trying(void)
{
	size_t before = calls();

	for (int i = 0; i < 5000 && calls() == before; i++)
		usleep(1000);
	return calls() > before;
}

static void says_that_the_spool_cannot_be_read(void)
{
	CHECK(begin((const unsigned[]){ 0 }, 1));
	CHECK(add("a"));
	/* As a disk that has gone: it is not there, and then there is something that gives nothing.
	 */
	CHECK(rename(in_folder("spool"), in_folder("away")) == 0);
	CHECK(symlink("spool", in_folder("spool")) == 0);
	struct agent_sender_state state = { .trouble = "" };

	for (int i = 0; i < 5000 && !strstr(state.trouble, "spool cannot"); i++) {
		usleep(1000);
		state = agent_sender_look(sender);
	}
	CHECK(unlink(in_folder("spool")) == 0);
	CHECK(rename(in_folder("away"), in_folder("spool")) == 0);
	CHECK_STR(state.trouble, "the spool cannot be read now");
	CHECK_EQ(agent_spool_count(spool).unread, 0);
	CHECK_EQ(agent_spool_count(spool).waiting, 1);
	/* And the report was not forgotten. */
	CHECK(goes_on_trying());
	end();
}

static const struct test_case cases[] = {
	{ "sends what is added, in order", sends_what_is_added_in_order },
	{ "tries the same one again until it is taken",
			tries_the_same_one_again_until_it_is_taken },
	{ "tries again when somebody was in the way", tries_again_when_somebody_was_in_the_way },
	{ "puts aside what is always in conflict", puts_aside_what_is_always_in_conflict },
	{ "passes one at which the service fails", passes_one_at_which_the_service_fails },
	{ "puts aside what is refused for good", puts_aside_what_is_refused_for_good },
	{ "says why it does not send", says_why_it_does_not_send },
	{ "says that the spool cannot be read", says_that_the_spool_cannot_be_read },
};
TEST_MAIN(cases)
