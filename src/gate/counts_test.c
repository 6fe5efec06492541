#include "gate/counts.h"

#include <stdlib.h>

#include "gate/gate_scene.h"

enum { LEAST = 3, DAY = 20000, NOW = DAY * 86400 };

static const struct scene_list lists[] = {
	{ "games", WARD_SITE_BLOCK, false, false, "games", { "play.example", "other.example" } },
	{ "secret", WARD_SITE_BLOCK, true, true, "order", { "hidden.example" } },
};

static struct ward_site_view *view;
static struct gate_counts *counts;

static void make_scene(void)
{
	gate_counts_free(counts);
	counts = gate_counts_new(LEAST);
	if (view || !counts)
		return;
	fresh_folder();
	for (size_t i = 0; i < 2; i++) {
		if (!scene_make(&lists[i]))
			abort();
	}
	view = scene_view();
	if (!view)
		abort();
}

/* Somebody, by the last part of their address, asks for a host. */
static void somebody_asks(const char *host, unsigned who, int64_t now)
{
	struct gate_client client = { .kind = WARD_HOST_IPV4,
		.address = { 10, 0, (uint8_t)(who >> 8), (uint8_t)who } };
	struct ward_site_hits hits;
	struct gate_answer answer;

	ward_site_ask_host(view, ward_str_from(host), WARD_HOST_NAME, client.address, now, &hits);
	answer = gate_judge(gate_rules_default(), &hits, SIZE_MAX, (struct gate_time){ 0 });
	gate_counts_add(counts, &answer, &hits, ward_str_from(host), &client, now);
}

static uint64_t hosts_on(int64_t day, struct gate_host_count *first)
{
	struct gate_host_count rows[10];
	size_t count = gate_counts_hosts(counts, day, rows, 10);

	*first = rows[0];
	return count;
}

static void answers_are_counted_by_list_and_cause(void)
{
	struct gate_count rows[10];

	make_scene();
	somebody_asks("play.example", 1, NOW);
	somebody_asks("other.example", 1, NOW);
	somebody_asks("hidden.example", 1, NOW);
	CHECK_EQ(gate_counts_rows(counts, DAY, rows, 10), 2);
	CHECK_STR(rows[0].list, "games");
	CHECK_EQ(rows[0].count, 2);
	CHECK_EQ(rows[0].act, GATE_BLOCK);
	CHECK_EQ(rows[0].cause, GATE_CAUSE_LISTED);
	CHECK_STR(rows[1].list, "secret");
	CHECK_EQ(rows[1].cause, GATE_CAUSE_ORDER);
}

static void a_host_that_few_asked_for_is_not_told(void)
{
	struct gate_host_count first;
	uint64_t hosts, asked;

	make_scene();
	for (int i = 0; i < 100; i++)
		somebody_asks("play.example", 1, NOW);
	somebody_asks("play.example", 2, NOW);
	CHECK_EQ(hosts_on(DAY, &first), 0);
	gate_counts_few(counts, DAY, &hosts, &asked);
	CHECK_EQ(hosts, 1);
	CHECK_EQ(asked, 101);
	somebody_asks("play.example", 3, NOW);
	CHECK_EQ(hosts_on(DAY, &first), 1);
	CHECK_STR(first.host, "play.example");
	CHECK_STR(first.list, "games");
	CHECK_EQ(first.count, 102);
	gate_counts_few(counts, DAY, &hosts, &asked);
	CHECK_EQ(hosts, 0);
}

static void a_host_of_a_hidden_list_is_never_told(void)
{
	struct gate_host_count first;
	uint64_t hosts, asked;

	make_scene();
	for (unsigned i = 0; i < 100; i++)
		somebody_asks("hidden.example", i, NOW);
	CHECK_EQ(hosts_on(DAY, &first), 0);
	gate_counts_few(counts, DAY, &hosts, &asked);
	CHECK_EQ(hosts, 0);
	CHECK_EQ(asked, 0);
}

static void each_day_begins_anew_and_the_one_before_can_still_be_read(void)
{
	struct gate_host_count first;
	struct gate_count rows[4];

	make_scene();
	for (unsigned i = 0; i < LEAST; i++)
		somebody_asks("play.example", i, NOW);
	somebody_asks("play.example", 9, NOW + 86400);
	CHECK_EQ(hosts_on(DAY, &first), 1);
	CHECK_EQ(hosts_on(DAY + 1, &first), 0);
	CHECK_EQ(gate_counts_rows(counts, DAY, rows, 4), 1);
	CHECK_EQ(rows[0].count, LEAST);
	somebody_asks("play.example", 9, NOW + 2 * 86400);
	CHECK_EQ(hosts_on(DAY, &first), 0);
	CHECK_EQ(gate_counts_rows(counts, DAY, rows, 4), 0);
	/* A clock that goes back brings no day back. */
	somebody_asks("play.example", 9, NOW);
	CHECK_EQ(gate_counts_rows(counts, DAY + 2, rows, 4), 1);
	CHECK_EQ(gate_counts_total(counts, rows, 4), 1);
	CHECK_EQ(rows[0].count, LEAST + 3);
}

static void more_hosts_than_there_is_room_for_are_counted_together(void)
{
	struct gate_answer answer = { GATE_BLOCK, GATE_CAUSE_HOURS, SIZE_MAX, SIZE_MAX };
	struct ward_site_hits none = { .count = 0 };
	struct gate_client client = { .kind = WARD_HOST_IPV4 };
	uint64_t hosts, asked;
	char host[32];

	make_scene();
	for (int i = 0; i < 70000; i++) {
		snprintf(host, sizeof(host), "h%d.example", i);
		gate_counts_add(counts, &answer, &none, ward_str_from(host), &client, NOW);
	}
	gate_counts_few(counts, DAY, &hosts, &asked);
	CHECK_EQ(hosts, 65536);
	CHECK_EQ(asked, 70000);
	gate_counts_free(counts);
	ward_site_view_free(view);
	counts = NULL;
	view = NULL;
}

static const struct test_case cases[] = {
	{ "answers are counted by list and cause", answers_are_counted_by_list_and_cause },
	{ "a host that few asked for is not told", a_host_that_few_asked_for_is_not_told },
	{ "a host of a hidden list is never told", a_host_of_a_hidden_list_is_never_told },
	{ "each day begins anew, and the one before can still be read",
			each_day_begins_anew_and_the_one_before_can_still_be_read },
	{ "more hosts than there is room for are counted together",
			more_hosts_than_there_is_room_for_are_counted_together },
};
TEST_MAIN(cases)
