#include "people/people_flows.h"

#include <sodium.h>

#include "base/test.h"

static struct people_flows *flows;

#define SECOND ((uint64_t)1000000)

static struct people_flow begin(uint64_t now_us, char token[PEOPLE_TOKEN_MAX])
{
	struct people_flow flow = { .kind = PEOPLE_FLOW_INVITED, .invitation = "a-code" };

	people_flow_begin(flows, &flow, now_us, token);
	return flow;
}

static bool take(const char *token, const char *state, uint64_t now_us, struct people_flow *flow)
{
	return people_flow_take(flows, ward_str_from(token), ward_str_from(state), now_us, flow);
}

static void a_flow_is_taken_once_by_its_browser(void)
{
	char token[PEOPLE_TOKEN_MAX], other[PEOPLE_TOKEN_MAX];
	struct people_flow flow = begin(1, token), second = begin(1, other), got;

	CHECK(strcmp(flow.state, second.state) != 0 && strcmp(flow.nonce, flow.state) != 0 &&
			strcmp(flow.verifier, flow.state) != 0);
	CHECK(!take(other, flow.state, 2, &got));
	CHECK(!take(token, second.state, 2, &got));
	CHECK(!take(token, "", 2, &got));
	CHECK(!take("", flow.state, 2, &got));
	CHECK(take(token, flow.state, 2, &got));
	CHECK_STR(got.nonce, flow.nonce);
	CHECK_STR(got.invitation, "a-code");
	CHECK(!take(token, flow.state, 2, &got));
	/* What served is gone: nothing without a state fits it, either. */
	CHECK(!take(token, "", 2, &got));
	CHECK(take(other, second.state, 2, &got));
}

static void a_flow_is_over_after_ten_minutes(void)
{
	char token[PEOPLE_TOKEN_MAX];
	struct people_flow_end end;
	struct people_flow flow = begin(SECOND, token), got;

	CHECK(people_flow_look(flows, ward_str_from(token), 600 * SECOND, &end));
	CHECK(!take(token, flow.state, 601 * SECOND, &got));
	CHECK(!people_flow_look(flows, ward_str_from(token), 2 * SECOND, &end));
}

static void what_came_of_it_is_kept_for_its_browser(void)
{
	char token[PEOPLE_TOKEN_MAX];
	struct people_flow_end end = { .stage = PEOPLE_FLOW_SECOND, .ticket = "t", .totp = true };
	struct people_flow_end got;

	(void)begin(1, token);
	CHECK(people_flow_look(flows, ward_str_from(token), 2, &got));
	CHECK_EQ(got.stage, PEOPLE_FLOW_WAITING);
	people_flow_end(flows, ward_str_from(token), &end);
	CHECK(people_flow_look(flows, ward_str_from(token), 2, &got));
	CHECK_EQ(got.stage, PEOPLE_FLOW_SECOND);
	CHECK_STR(got.ticket, "t");
	/* Who is in needs it no more. */
	end.stage = PEOPLE_FLOW_IN;
	people_flow_end(flows, ward_str_from(token), &end);
	CHECK(!people_flow_look(flows, ward_str_from(token), 2, &got));
	people_flow_end(flows, WARD_STR("x"), &end);
}

static void the_oldest_makes_room(void)
{
	char first[PEOPLE_TOKEN_MAX], last[PEOPLE_TOKEN_MAX];
	struct people_flow_end end;

	(void)begin(1, first);
	for (unsigned i = 0; i < PEOPLE_FLOWS_MAX; i++)
		(void)begin(1, last);
	CHECK(!people_flow_look(flows, ward_str_from(first), 2, &end));
	CHECK(people_flow_look(flows, ward_str_from(last), 2, &end));
}

static const struct test_case cases[] = {
	{ "a flow is taken once, by the browser that began it, with its own state",
			a_flow_is_taken_once_by_its_browser },
	{ "a flow is over after ten minutes", a_flow_is_over_after_ten_minutes },
	{ "what came of it is kept for its browser, until the person is in",
			what_came_of_it_is_kept_for_its_browser },
	{ "there are so many and no more: the oldest makes room", the_oldest_makes_room },
};

int main(void)
{
	flows = sodium_init() < 0 ? NULL : people_flows_new();
	if (!flows)
		return 1;
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	people_flows_free(flows);
	return failed;
}
