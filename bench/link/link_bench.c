/*
 * link_bench - nanoseconds a link, and megabytes a second of text searched for links
 *
 * Prints one JSON line for each set of links: ordinary ones as a proxy sees
 * them, and those that take the long way.  Beside each, libcurl's URL API
 * (CURLU: parse, host lower-cased by hand, path and query taken out), which
 * undoes no escapes and no spellings of addresses.  Medians of seven rounds, in turns.
 */
#include <ward/link.h>

#include <curl/curl.h>

#include "base/clock.h"

enum { LINKS = 4096, ROUNDS = 7, LINK_ROOM = 256 };

static char links[LINKS][LINK_ROOM];
static uint64_t state = 1;

static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static const char *word(void)
{
	static const char *const words[] = { "news", "pages", "index", "media", "article", "list",
		"photo", "archive", "en", "blog", "item", "search", "2026", "static", "api",
		"view" };

	return words[draw() % (sizeof(words) / sizeof(*words))];
}

static void draw_ordinary(char *out)
{
	snprintf(out, LINK_ROOM, "https://www.%s%d.example.org/%s/%s-%d/%s.html%s%d", word(),
			(int)(draw() % 1000), word(), word(), (int)(draw() % 100000), word(),
			draw() % 2 ? "?id=" : "#p", (int)(draw() % 1000));
}

static void draw_port(char *out)
{
	snprintf(out, LINK_ROOM, "http://%s.example.org:8080/%s/%s?x=%d", word(), word(), word(),
			(int)(draw() % 1000));
}

static void draw_escapes(char *out)
{
	snprintf(out, LINK_ROOM,
			"http://WWW.%s.example.org/%s/%%70%%61%%67e%%20%d/../%s?q=%%C3%%BC", word(),
			word(), (int)(draw() % 1000), word());
}

static void draw_address(char *out)
{
	snprintf(out, LINK_ROOM, "http://%d.%d.%d.%d/%s/%s", (int)(draw() % 256),
			(int)(draw() % 256), (int)(draw() % 256), (int)(draw() % 256), word(),
			word());
}

static void draw_letters(char *out)
{
	snprintf(out, LINK_ROOM,
			"http://%s-m\xc3\xbcnchen.example/%s/stra\xc3\x9f"
			"e%d",
			word(), word(), (int)(draw() % 1000));
}

static void draw_hostile(char *out)
{
	snprintf(out, LINK_ROOM,
			" HTTP:\\\\u:p@0x%02x.0%o.%d//./%%252525252e%%2e/%%2525%%32%%35/"
			"..\\%s%%00%%5c?%%2523#",
			(int)(draw() % 256), (unsigned)(draw() % 256), (int)(draw() % 65536),
			word());
}

static const struct set {
	const char *name;
	void (*one)(char *out);
} sets[] = {
	{ "ordinary", draw_ordinary },
	{ "with a port", draw_port },
	{ "with escapes", draw_escapes },
	{ "addresses", draw_address },
	{ "letters", draw_letters },
	{ "hostile", draw_hostile },
};

static double ns_of(uint64_t us)
{
	return (double)us * 1000 / LINKS;
}

static struct ward_buf memory;
static uint64_t sum; /* of what was read, so that it is not left out */

static double ours(ward_link_rules rules)
{
	uint64_t start = clock_ticks_us();

	for (size_t i = 0; i < LINKS; i++) {
		struct ward_link link;

		if (ward_link_read(ward_str_from(links[i]), rules, &memory, &link, NULL) == WARD_OK)
			sum += link.url.len;
	}
	return ns_of(clock_ticks_us() - start);
}

static double curls(void)
{
	uint64_t start = clock_ticks_us();

	for (size_t i = 0; i < LINKS; i++) {
		CURLU *url = curl_url();
		char *host = NULL;
		char *path = NULL;
		char *query = NULL;

		if (curl_url_set(url, CURLUPART_URL, links[i], 0) == CURLUE_OK) {
			curl_url_get(url, CURLUPART_HOST, &host, 0);
			curl_url_get(url, CURLUPART_PATH, &path, 0);
			curl_url_get(url, CURLUPART_QUERY, &query, 0);
			sum += host ? strlen(host) : 0;
		}
		curl_free(host);
		curl_free(path);
		curl_free(query);
		curl_url_cleanup(url);
	}
	return ns_of(clock_ticks_us() - start);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *times)
{
	qsort(times, ROUNDS, sizeof(*times), by_value);
	return times[ROUNDS / 2];
}

static void measure(const struct set *set)
{
	double lookup[ROUNDS];
	double whatwg[ROUNDS];
	double peer[ROUNDS];

	for (size_t i = 0; i < LINKS; i++)
		set->one(links[i]);
	for (int round = 0; round < ROUNDS; round++) {
		lookup[round] = ours(WARD_LINK_LOOKUP);
		whatwg[round] = ours(WARD_LINK_WHATWG);
		peer[round] = curls();
	}
	printf("{\"bench\":\"link\",\"set\":\"%s\",\"ns\":%.1f,\"whatwg_ns\":%.1f,\"curl_ns\":%.1f,"
	       "\"curl\":\"%s\"}\n",
			set->name, median(lookup), median(whatwg), median(peer),
			curl_version_info(CURLVERSION_NOW)->version);
}

static bool found(void *context, const struct ward_found_link *link)
{
	(void)link;
	++*(size_t *)context;
	return true;
}

/* Prose and pages with a link in every hundred words or so. */
static void measure_find(const char *name, ward_links_in in, const char *between,
		const char *before, const char *behind)
{
	struct ward_buf text;
	double times[ROUNDS];
	size_t count = 0;

	ward_buf_init(&text, (size_t)1 << 23);
	while (text.len < (size_t)4 << 20) {
		if (draw() % 100 > 0)
			ward_buf_printf(&text, "%s%s", word(), draw() % 12 ? " " : between);
		else
			ward_buf_printf(&text, "%s%s/%d%s", before, word(), (int)(draw() % 1000),
					behind);
	}
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = clock_ticks_us();

		count = 0;
		if (ward_links_find((ward_str){ text.ptr, text.len }, in, found, &count, NULL))
			count = 0;
		times[round] = (double)text.len / (double)(clock_ticks_us() - start);
	}
	printf("{\"bench\":\"link find\",\"set\":\"%s\",\"mb_per_s\":%.1f,\"links\":%zu}\n", name,
			median(times), count);
	ward_buf_free(&text);
}

int main(void)
{
	ward_buf_init(&memory, WARD_LINK_MEMORY_MAX);
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		measure(&sets[i]);
	measure_find("text", WARD_LINKS_IN_TEXT, ". ", "http://www.example.org/", ", ");
	measure_find("HTML", WARD_LINKS_IN_HTML, "</p>\n<p class=\"a\">", "<a href=\"/",
			"?a&amp;b\">it</a> ");
	ward_buf_free(&memory);
	return sum == 0;
}
