/*
 * text_pages TERMS PAGE... - megabytes a second of given pages, on one core
 *
 * TERMS is a list of terms as text.  One line of JSON: folded and looked through
 * as text, as text_bench does; read as HTML pages with encoding and score, as the
 * door for proxies does; and with each hit's place and excerpt told, as "ward text scan"
 * does.  Medians of RUNS, of the thread's CPU.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "text/terms.h"

enum { RUNS = 7, PIECE = 16384, FILE_MAX = 64 << 20 };

static struct ward_error error;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "text_pages: %s\n", error.message);
	exit(2);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, two = *(const double *)b;

	return one < two ? -1 : one > two;
}

static double median(double values[RUNS])
{
	qsort(values, RUNS, sizeof(*values), by_value);
	return values[RUNS / 2];
}

/* The caller frees it. */
static ward_str read_file(const char *path)
{
	char *text = NULL;
	size_t len = 0;

	stop_on(file_read(path, FILE_MAX, &text, &len, &error));
	return (ward_str){ text, len };
}

static struct ward_terms *read_terms(const char *path)
{
	struct ward_term_list *list = ward_term_list_new(0);
	struct ward_terms *terms = NULL;
	ward_str text;

	stop_on(list ? WARD_OK : ward_fail(&error, WARD_E_NOMEM, "no memory"));
	text = read_file(path);
	stop_on(ward_term_list_read(list, text, WARD_TERM_FORMAT_WARD, &error));
	stop_on(ward_terms_compile(list, &terms, &error));
	ward_term_list_free(list);
	free((void *)(uintptr_t)text.ptr);
	return terms;
}

static bool count_hit(void *context, const struct terms_found *found)
{
	uint64_t *hits = context;

	*hits += found->part == 0;
	return true;
}

static uint64_t look(const struct ward_terms *terms, struct ward_fold *fold, ward_str text)
{
	uint64_t hits = 0;
	ward_str folded;

	if (ward_fold_text(fold, text, &folded, NULL))
		stop_on(ward_fail(&error, WARD_E_NOMEM, "no memory"));
	terms_scan(terms, fold, count_hit, &hits);
	return hits;
}

static uint64_t read_page(struct ward_page *page, ward_str text)
{
	const struct ward_page_result *result = NULL;
	struct ward_page_facts facts = { 0 };

	ward_page_begin(page, WARD_STR("text/html; charset=utf-8"));
	for (size_t at = 0; at < text.len; at += PIECE) {
		size_t len = text.len - at < PIECE ? text.len - at : PIECE;

		stop_on(ward_page_feed(page, (ward_bytes){ (const uint8_t *)text.ptr + at, len },
				&error));
	}
	stop_on(ward_page_end(page, &facts, &result, &error));
	return result->hit_total;
}

int main(int argc, char **argv)
{
	const struct ward_page_options score_only = { .score_only = true };
	double texts[RUNS], pages[RUNS], told[RUNS], mega = 0;
	uint64_t text_hits = 0, page_hits = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: text_pages TERMS PAGE...\n");
		return 2;
	}
	struct ward_terms *terms = read_terms(argv[1]);
	struct ward_page *page = ward_page_new(terms, &score_only);
	struct ward_page *teller = ward_page_new(terms, NULL);
	struct ward_fold *fold = ward_fold_new(0);
	ward_str *files = calloc((size_t)argc - 2, sizeof(*files));

	stop_on(page && teller && fold && files ? WARD_OK
						: ward_fail(&error, WARD_E_NOMEM, "no memory"));
	for (int i = 2; i < argc; i++) {
		files[i - 2] = read_file(argv[i]);
		mega += (double)files[i - 2].len / 1e6;
	}
	for (int run = 0; run < RUNS; run++) {
		double start = now();

		text_hits = page_hits = 0;
		for (int i = 0; i < argc - 2; i++)
			text_hits += look(terms, fold, files[i]);
		texts[run] = now() - start;
		start = now();
		for (int i = 0; i < argc - 2; i++)
			page_hits += read_page(page, files[i]);
		pages[run] = now() - start;
		start = now();
		for (int i = 0; i < argc - 2; i++)
			(void)read_page(teller, files[i]);
		told[run] = now() - start;
	}
	printf("{\"text_mb_s\": %.1f, \"page_mb_s\": %.1f, \"told_mb_s\": %.1f, \"text_hits\": "
	       "%llu, "
	       "\"page_hits\": %llu}\n",
			mega / median(texts), mega / median(pages), mega / median(told),
			(unsigned long long)text_hits, (unsigned long long)page_hits);
	for (int i = 0; i < argc - 2; i++)
		free((void *)(uintptr_t)files[i].ptr);
	free(files);
	ward_fold_free(fold);
	ward_page_free(teller);
	ward_page_free(page);
	ward_terms_free(terms);
	return 0;
}
