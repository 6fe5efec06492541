/*
 * A sender that is killed at any moment, again and again: every report is filed once, and every
 * report that NCMEC ever opened is known to our calls.
 */
#include "filing/server_test.h"

#include "audit/audit.h"

#include "base/test.h"

enum { ROUNDS = 320, REPORTS = 16 };

static struct server server;
static const char *place;
static uint64_t state = 88172645463325252u;

static unsigned pick(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 11) % below);
}

static struct store *open_store(void)
{
	struct store_options options = { .place = place, .create = true, .migrate = true };
	struct ward_error error;
	struct store *store;

	if (store_open(&options, &store, &error)) {
		printf("# %s\n", error.message);
		return NULL;
	}
	return store;
}

static void name_of(unsigned i, char name[32])
{
	snprintf(name, 32, "kill-%u", i);
}

/* Works on whatever is due; what failed for too many kills a person sends again. */
static void work(struct client *client)
{
	struct ward_arena arena;
	struct filing_row *rows;
	struct ward_error error;
	char id[ID_TEXT_MAX];
	size_t count = 0;

	ward_arena_init(&arena, (size_t)16 << 20);
	if (filing_list(client->filing, WARD_STR(""), 100, &arena, &rows, &count, &error))
		_exit(3);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].state == FILING_FAILED &&
				filing_again(client->filing, &test_actor, rows[i].id, &error))
			_exit(4);
	}
	for (int idle = 0; idle < 200; idle++) {
		bool more;

		if (filing_due(client->filing, id, &error) == WARD_OK) {
			if (filing_step(client->filing, ward_str_from(id), &more, &error))
				_exit(5);
			idle = 0;
		} else {
			clock_fake_pass(60);
		}
	}
	ward_arena_free(&arena);
}

/* A child that works until it is done; it is killed before that, most of the time. */
static int run_child(unsigned kill_us)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct client client;

		if (!client_on(&client, &server, open_store()))
			_exit(2);
		work(&client);
		client_free(&client);
		_exit(0);
	}
	if (pid < 0)
		return -2;
	if (kill_us > 0) {
		usleep(kill_us);
		kill(pid, SIGKILL);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool put_report(unsigned i)
{
	struct client client;
	char name[32], id[ID_TEXT_MAX];

	name_of(i, name);
	bool good = client_on(&client, &server, open_store()) &&
		    client_put(&client, name, "", FILES_TWO, id);

	client_free(&client);
	return good;
}

static bool done_with(unsigned i)
{
	char name[32];

	name_of(i, name);
	return server_count(&server, name, "finished") > 0;
}

/* Whether a call of ours opened this report; counts those whose answer never came. */
static bool accounted(struct client *client, int64_t number, unsigned *lost)
{
	struct filing_row *rows = NULL;
	struct ward_arena arena;
	struct ward_error error;
	size_t count = 0;
	bool known = false;

	*lost = 0;
	ward_arena_init(&arena, (size_t)64 << 20);
	if (filing_list(client->filing, WARD_STR(""), 1000, &arena, &rows, &count, &error))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		struct filing_call_row *calls = NULL;
		size_t n = 0;

		if (filing_calls(client->filing, rows[i].id, &arena, &calls, &n, &error))
			n = 0;
		for (size_t j = 0; j < n; j++) {
			known |= calls[j].report == number;
			*lost += ward_str_eq(calls[j].call, WARD_STR("submit")) &&
				 calls[j].code != 0;
		}
	}
	ward_arena_free(&arena);
	return known;
}

static void every_report_is_filed_once_whatever_is_killed(void)
{
	unsigned put = 0, killed = 0;
	/* However fast the machine is, some two of three are killed before they are through. */
	unsigned span_us = 100000;

	place = store_fresh_place();
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (put == 0 || (put < REPORTS && done_with(put - 1)))
			CHECK(put_report(put++));
		int status = run_child(1000 + pick(span_us));

		CHECK(status == 0 || status == -1);
		killed += status == -1;
		if (status == -1)
			span_us += span_us < 600000 ? span_us / 16 : 0;
		else
			span_us -= span_us > 4000 ? span_us / 8 : 0;
	}
	while (put < REPORTS)
		CHECK(put_report(put++));
	/* What failed for too many kills, a person sends again. */
	for (int i = 0; i < 3; i++)
		CHECK_EQ(run_child(0), 0);
	printf("# %u of %d rounds were killed\n", killed, ROUNDS);
	CHECK(killed > ROUNDS / 4);
	for (unsigned i = 0; i < REPORTS; i++) {
		char name[32];

		name_of(i, name);
		if (server_count(&server, name, "finished") != 1)
			printf("# %s: %zu times\n", name, server_count(&server, name, "finished"));
		CHECK_EQ(server_count(&server, name, "finished"), 1);
	}
}

static void what_is_left_open_is_known(void)
{
	json_t *held = server_control(&server, NULL), *report;
	struct audit_verified verified;
	struct ward_error error;
	struct client client;
	unsigned unknown = 0, lost = 0;
	size_t i;

	CHECK(json_array_size(json_object_get(held, "reports")) >= REPORTS);
	CHECK(client_on(&client, &server, open_store()));
	json_array_foreach(json_object_get(held, "reports"), i, report)
	{
		const char *is = json_string_value(json_object_get(report, "state"));
		int64_t number = json_integer_value(json_object_get(report, "number"));

		if (strcmp(is, "open") == 0)
			unknown += !accounted(&client, number, &lost);
	}
	printf("# %zu opened, %u open under a number that never reached us, %u calls say so\n",
			json_array_size(json_object_get(held, "reports")), unknown, lost);
	CHECK(unknown <= lost);
	CHECK_EQ(audit_verify(client.store, NULL, NULL, &verified, &error), WARD_OK);
	CHECK_EQ(verified.bad_row, 0);
	client_free(&client);
	json_decref(held);
}

static const struct test_case cases[] = {
	{ "every report is filed once, whatever is killed",
			every_report_is_filed_once_whatever_is_killed },
	{ "what is left open is known", what_is_left_open_is_known },
};

int main(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	clock_fake_set(1767225600);
	if (!server_can_run()) {
		printf("1..0 # SKIP python3 or xmllint is not installed\n");
		return 0;
	}
	if (!server_start(&server)) {
		printf("Bail out! tests/cybertip_server.py does not start\n");
		return 1;
	}
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	server_stop(&server);
	return status;
}
