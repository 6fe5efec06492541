#include "api/route.h"

#include "base/test.h"

static const struct route *found;
static struct route_parameters parameters;
static char allow[64];

static enum route_outcome ask(const char *method, const char *path)
{
	found = NULL;
	memset(&parameters, 0, sizeof(parameters));
	return route_find(method, path, &found, &parameters, allow, sizeof(allow));
}

static void every_row_is_found_by_its_path(void)
{
	for (size_t i = 0; i < routes_count(); i++) {
		CHECK_EQ(ask(routes[i].method, routes[i].path), ROUTE_FOUND);
		CHECK_STR(found->path, routes[i].path);
		CHECK_STR(found->method, routes[i].method);
	}
}

static void braces_take_one_segment(void)
{
	CHECK_EQ(ask("GET", "/hma/c/bank/LIGHT_1/content/77"), ROUTE_FOUND);
	CHECK_STR(parameters.at[0], "LIGHT_1");
	CHECK_STR(parameters.at[1], "77");
	CHECK_EQ(ask("GET", "/v1/lists/"), ROUTE_NO_PATH);
	CHECK_EQ(ask("GET", "/v1/lists/a/b"), ROUTE_NO_PATH);
	CHECK_EQ(ask("GET", "/v1/lists/a/entries/"), ROUTE_NO_PATH);
	CHECK_EQ(ask("GET", "v1/lists"), ROUTE_NO_PATH);
	CHECK_EQ(ask("GET", ""), ROUTE_NO_PATH);
	CHECK_EQ(ask("GET", "*"), ROUTE_NO_PATH);
}

static void a_segment_longer_than_any_name_is_no_path(void)
{
	char path[512];

	snprintf(path, sizeof(path), "/v1/lists/%0300d", 7);
	CHECK_EQ(ask("GET", path), ROUTE_NO_PATH);
}

static void a_wrong_method_learns_the_right_ones(void)
{
	CHECK_EQ(ask("PUT", "/v1/lists/a"), ROUTE_NO_METHOD);
	CHECK_STR(allow, "GET, PATCH, DELETE");
	CHECK_EQ(ask("get", "/v1/scan"), ROUTE_NO_METHOD);
	CHECK_STR(allow, "POST");
	CHECK_EQ(ask("HEAD", "/v1/health/live"), ROUTE_FOUND);
}

static void only_watching_the_contract_and_logging_in_are_open(void)
{
	for (size_t i = 0; i < routes_count(); i++) {
		bool open = strstr(routes[i].path, "/health/") ||
			    strncmp(routes[i].path, "/hma/s", 6) == 0 ||
			    strcmp(routes[i].path, "/hma/livez") == 0 ||
			    strcmp(routes[i].path, "/hma/readyz") == 0 ||
			    strcmp(routes[i].path, "/status.css") == 0 ||
			    strncmp(routes[i].path, "/console", 8) == 0 ||
			    strcmp(routes[i].path, "/v1/session/challenge") == 0 ||
			    strcmp(routes[i].path, "/v1/session/providers") == 0 ||
			    strcmp(routes[i].path, "/v1/session/oidc") == 0 ||
			    strcmp(routes[i].path, "/v1/session/oidc/return") == 0 ||
			    (strcmp(routes[i].path, "/v1/session") == 0 &&
					    strcmp(routes[i].method, "POST") == 0) ||
			    strcmp(routes[i].path, "/v1/openapi.yaml") == 0;

		CHECK_EQ(route_is_open(&routes[i]), open);
		/* A session is looked up by a thread that may wait for the store. */
		CHECK(routes[i].permission == PEOPLE_NOBODY || routes[i].lane != ROUTE_AT_ONCE);
		/* What changes lists is done by the one thread that does. */
		CHECK_EQ(routes[i].lane == ROUTE_LISTS, routes[i].scope == KEY_WRITE);
	}
}

static const struct test_case cases[] = {
	{ "every row is found by its path", every_row_is_found_by_its_path },
	{ "braces take one segment", braces_take_one_segment },
	{ "a segment longer than any name is no path", a_segment_longer_than_any_name_is_no_path },
	{ "a wrong method learns the right ones", a_wrong_method_learns_the_right_ones },
	{ "only watching, the contract and logging in are open",
			only_watching_the_contract_and_logging_in_are_open },
};
TEST_MAIN(cases)
