/*
 * oblivious_bench ENTRIES THREADS - what a private look-up costs each side
 *
 * Makes a table of so many made-up domains, then asks for links of four hosts
 * and three directories, half of them listed.  Prints one JSON line:
 *
 *     build_s                  the table, once
 *     blind_us, judge_us       the client, a link: making the question, reading the answer
 *     answer_us                the server, a link: all points of the batch and the proof
 *     evaluate_us, finalize_us one point of those, server and client
 *     sent, received           bytes of a question, without HTTP
 *     common                   bytes every client fetches once a table
 *
 * Times are medians of ROUNDS rounds, each of LINKS links, and of the thread's CPU but for build_s.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "oblivious/question.h"
#include "oblivious/table.h"

enum { ROUNDS = 7, LINKS = 50, POINTS = 500 };

static struct ward_error error;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "oblivious_bench: %s\n", error.message);
	exit(2);
}

/* Of the thread: what others do on this machine is not measured. */
static uint64_t cpu_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(*values), by_size);
	return values[ROUNDS / 2];
}

static struct oblivious_table *make_table(size_t entries, unsigned threads)
{
	static uint8_t identity[32], secret[64];
	struct oblivious_table_options options = { secret, 1, 2, threads };
	struct oblivious_draft *draft = oblivious_draft_new();
	struct oblivious_table *table;
	char host[64];

	crypto_sign_keypair(identity, secret);
	if (!draft)
		exit(2);
	for (size_t i = 0; i < entries; i++) {
		/* Each a site of its own, as most entries of lists of domains are. */
		snprintf(host, sizeof(host), "lamp.keeper%zu.example", i);
		stop_on(oblivious_draft_add(draft, ward_str_from(host), WARD_STR("/"),
				OBLIVIOUS_DOMAIN, &error));
	}
	stop_on(oblivious_table_new(draft, &options, &table, &error));
	oblivious_draft_free(draft);
	return table;
}

struct times {
	double blind[ROUNDS], answer[ROUNDS], judge[ROUNDS];
};

static void ask_links(const struct oblivious_table *table, struct times *times, int round)
{
	const struct oblivious_info *info = oblivious_table_info(table);
	size_t len = oblivious_answer_len(info);
	uint8_t *answer = malloc(len);
	uint64_t spent[3] = { 0 };

	if (!answer)
		exit(2);
	for (int i = 0; i < LINKS; i++) {
		struct oblivious_question *question;
		struct oblivious_verdict verdict;
		char host[64];

		snprintf(host, sizeof(host), "a.b.%s.keeper%d.example", i % 2 ? "lamp" : "tower",
				i);
		struct ward_link link = { .host = ward_str_from(host),
			.path = WARD_STR("/one/two/three.html"),
			.query = WARD_STR("q=4"),
			.host_kind = WARD_HOST_NAME };
		uint64_t at = cpu_us();

		stop_on(oblivious_question_new(&link, info, &question, &error));
		spent[0] += cpu_us() - at;
		at = cpu_us();
		stop_on(oblivious_table_answer(table, oblivious_question_request(question), answer,
				&error));
		spent[1] += cpu_us() - at;
		at = cpu_us();
		stop_on(oblivious_question_judge(question, info, oblivious_table_common(table),
				(ward_bytes){ answer, len }, &verdict, &error));
		spent[2] += cpu_us() - at;
		oblivious_question_free(question);
		if ((verdict.marks != 0) != (i % 2 == 1)) {
			fprintf(stderr, "oblivious_bench: a wrong answer\n");
			exit(2);
		}
	}
	free(answer);
	times->blind[round] = (double)spent[0] / LINKS;
	times->answer[round] = (double)spent[1] / LINKS;
	times->judge[round] = (double)spent[2] / LINKS;
}

/* One point, by the server and by the client. */
static void time_points(double *evaluate_us, double *finalize_us)
{
	double evaluate[ROUNDS], finalize[ROUNDS];
	uint8_t seed[OPRF_SEED] = { 1 }, blind[OPRF_SCALAR], point[OPRF_POINT];
	uint8_t evaluated[OPRF_POINT], output[OPRF_OUTPUT];
	ward_bytes input = { seed, sizeof(seed) };
	struct oprf_key key;

	stop_on(oprf_key_derive(OPRF_VERIFIABLE, seed, input, &key, &error));
	oprf_blind_random(blind);
	stop_on(oprf_blind(OPRF_VERIFIABLE, input, blind, point, &error));
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t at = cpu_us();

		for (int i = 0; i < POINTS; i++)
			stop_on(oprf_evaluate(&key, point, evaluated, &error));
		evaluate[round] = (double)(cpu_us() - at) / POINTS;
		at = cpu_us();
		for (int i = 0; i < POINTS; i++)
			stop_on(oprf_finalize(input, blind, evaluated, output, &error));
		finalize[round] = (double)(cpu_us() - at) / POINTS;
	}
	*evaluate_us = median(evaluate);
	*finalize_us = median(finalize);
}

int main(int argc, char **argv)
{
	uint64_t entries = 100000, threads = 1;
	double evaluate_us, finalize_us;
	struct times times;

	if (argc > 3 || (argc > 1 && !ward_u64_parse(ward_str_from(argv[1]), &entries)) ||
			(argc > 2 && !ward_u64_parse(ward_str_from(argv[2]), &threads)) ||
			!oprf_prepare()) {
		fprintf(stderr, "usage: oblivious_bench [ENTRIES [THREADS]]\n");
		return 2;
	}
	uint64_t at = clock_ticks_us();
	struct oblivious_table *table = make_table(entries, (unsigned)threads);
	double build_s = (double)(clock_ticks_us() - at) / 1e6;
	const struct oblivious_info *info = oblivious_table_info(table);

	for (int round = 0; round < ROUNDS; round++)
		ask_links(table, &times, round);
	time_points(&evaluate_us, &finalize_us);
	printf("{\"entries\":%" PRIu64 ",\"threads\":%" PRIu64
	       ",\"build_s\":%.2f,\"blind_us\":%.0f,\"answer_us\":%.0f,\"judge_us\":%.0f,"
	       "\"evaluate_us\":%.1f,\"finalize_us\":%.1f,\"sent\":%d,\"received\":%zu,"
	       "\"common\":%zu,\"shelves\":%u,\"slots\":%u,\"fullest\":%zu}\n",
			entries, threads, build_s, median(times.blind), median(times.answer),
			median(times.judge), evaluate_us, finalize_us, OBLIVIOUS_REQUEST,
			oblivious_answer_len(info), (size_t)info->common * OBLIVIOUS_SLOT,
			1u << info->bits, (unsigned)info->slots,
			oblivious_table_facts(table).fullest);
	oblivious_table_free(table);
	return 0;
}
