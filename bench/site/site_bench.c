/*
 * site_bench COUNT [FOLDER] - a list of COUNT places: made, opened, asked, changed
 *
 * Entries and links are drawn by code: 70 % domains, 20 % pages (four on a
 * host), 5 % prefixes, 5 % hosts; of the links one in a hundred is listed, one
 * more lies on a host of which pages are listed, and the rest nobody knows.
 * Reading a link is part of a verdict.  Beside ward, in the same run, the same
 * links against two plain ways to keep the same entries: sorted strings, and a
 * hash table of strings.  The limit is what the memory gives: as many lines of
 * the same size read at random places as a verdict needs, asked for at once.
 * Prints one JSON line; times of many rounds are medians, and rates are of CPU
 * time, so that who else is on the machine counts for little.
 */
#include <ward/site.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define ROUNDS 5
#define LINKS  ((size_t)1 << 20)
#define FEWER  (LINKS / 8) /* of the plain ways, which take long */

static struct ward_error error;

static void stop_on(ward_err err)
{
	if (!err)
		return;
	fprintf(stderr, "site_bench: %s\n", error.message);
	exit(2);
}

static double seconds_since(uint64_t start_us)
{
	return (double)(clock_ticks_us() - start_us) / 1e6;
}

/* Seconds of CPU that the program has had. */
static double cpu_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

/* ---- drawing ---- */

static uint64_t mixed(uint64_t z)
{
	z += 0x9e3779b97f4a7c15;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void draw_word(uint64_t *z, struct ward_buf *out)
{
	static const char *const syllables[] = { "ba", "bel", "ca", "co", "da", "del", "di", "en",
		"fa", "for", "ga", "gra", "in", "ka", "la", "li", "lo", "ma", "mer", "mi", "na",
		"ne", "no", "or", "pa", "per", "pro", "ra", "ri", "sa", "sol", "ta" };
	unsigned count = 3 + (unsigned)(*z % 3);

	for (unsigned i = 0; i < count; i++) {
		*z = mixed(*z);
		ward_buf_str(out, ward_str_from(syllables[*z % 32]));
	}
}

/* The number in a name keeps two of them from being drawn alike. */
static void draw_host(uint64_t number, bool below, struct ward_buf *out)
{
	static const char *const suffixes[] = { "com", "com", "com", "com", "com", "com", "com",
		"net", "org", "de", "ru", "co.uk", "info", "nl", "fr", "com.br" };
	static const char *const subs[] = { "www", "m", "img", "blog" };
	uint64_t z = mixed(number ^ 0x5eed);
	const char *suffix = suffixes[z >> 60];

	if (below)
		ward_buf_printf(out, "%s.", subs[z >> 48 & 3]);
	draw_word(&z, out);
	ward_buf_printf(out, "%u.%s", (unsigned)(number % 997), suffix);
}

static void draw_path(uint64_t number, int words, struct ward_buf *out)
{
	uint64_t z = mixed(number ^ 0x9a9e);

	for (int i = 0; i < words; i++) {
		ward_buf_char(out, '/');
		draw_word(&z, out);
	}
}

/* Hosts of domains are even numbers, those of pages odd ones, of nothing those from 2^40 on. */
static void draw_entry(uint64_t number, struct ward_site_entry *entry, struct ward_buf *text)
{
	unsigned kind = (unsigned)(number % 20);
	bool path = kind >= 14 && kind < 19;

	ward_buf_clear(text);
	draw_host(path ? number / 80 * 2 + 1 : 2 * number, mixed(number) % 4 == 0 && !path, text);
	if (path)
		draw_path(number, kind == 18 ? 1 : 2, text);
	if (kind == 18)
		ward_buf_char(text, '/');
	else if (path)
		ward_buf_printf(text, "-%u.html", (unsigned)(number % 9973));
	*entry = (struct ward_site_entry){ .kind = kind == 18   ? WARD_SITE_PREFIX
						   : path       ? WARD_SITE_PAGE
						   : kind == 19 ? WARD_SITE_HOST
								: WARD_SITE_DOMAIN,
		.key = ward_buf_text(text) };
}

struct links {
	struct ward_buf text;
	size_t at[LINKS + 1];
	size_t listed;
};

static void draw_link(uint64_t number, uint64_t count, struct links *links, struct ward_buf *text)
{
	uint64_t z = mixed(number ^ 0x11) >> 8, chance = z % 100;
	struct ward_site_entry entry;

	ward_buf_printf(&links->text, "%s://", z >> 20 & 1 ? "https" : "http");
	if (chance == 0) {
		draw_entry(mixed(number) % count, &entry, text);
		ward_buf_str(&links->text, entry.key);
		links->listed++;
	} else {
		uint64_t host = chance == 1 ? mixed(number) % (count / 80 + 1) * 2 + 1
					    : ((uint64_t)1 << 40) + number;

		draw_host(host, chance > 1 && (z >> 22) % 2, &links->text);
		draw_path(number, 1 + (int)(z >> 24) % 3, &links->text);
		if ((z >> 30) % 4 == 0)
			ward_buf_printf(&links->text, "?id=%u", (unsigned)(z >> 32) % 100000);
	}
}

static struct links *draw_links(uint64_t count)
{
	struct links *links = calloc(1, sizeof(*links));
	struct ward_buf text;

	if (!links)
		exit(2);
	ward_buf_init(&links->text, SIZE_MAX);
	ward_buf_init(&text, 4096);
	for (size_t i = 0; i < LINKS; i++) {
		links->at[i] = links->text.len;
		draw_link(i, count, links, &text);
	}
	links->at[LINKS] = links->text.len;
	ward_buf_free(&text);
	return links;
}

static ward_str link_at(const struct links *links, size_t index)
{
	return (ward_str){ links->text.ptr + links->at[index],
		links->at[index + 1] - links->at[index] };
}

/* ---- a list ---- */

struct result {
	double create_s, open_ms, delta_s, verify_s, compact_s;
	double read_m, ask_m, verdict_m, limit_m;
	double bytes;
	size_t found, found_fewer;
	double sorted_m, sorted_bytes, hashed_m, hashed_bytes;
	double peak_mb;
};

static void make(const char *folder, uint64_t count, struct result *result)
{
	struct ward_site_writer *writer = NULL;
	struct ward_site_entry entry;
	struct ward_site_info info;
	uint64_t start = clock_ticks_us();
	struct ward_buf text;

	ward_buf_init(&text, 4096);
	if (!ward_site_info_init(&info, WARD_STR("bench")))
		exit(2);
	stop_on(ward_site_create(folder, &info, &writer, &error));
	for (uint64_t i = 0; i < count; i++) {
		draw_entry(i, &entry, &text);
		stop_on(ward_site_writer_add(writer, &entry, &error));
	}
	stop_on(ward_site_writer_commit(writer, &error));
	result->create_s = seconds_since(start);
	ward_buf_free(&text);
}

static struct ward_site_view *open_view(const char *folder)
{
	struct ward_site_list *list = NULL;
	struct ward_site_view *view = NULL;

	stop_on(ward_site_list_open(folder, &list, &error));
	stop_on(ward_site_view_new(&list, 1, &view, &error));
	return view;
}

static void open_many(const char *folder, struct result *result)
{
	double ms[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = clock_ticks_us();
		struct ward_site_view *view = open_view(folder);

		ms[i] = seconds_since(start) * 1e3;
		ward_site_view_free(view);
	}
	result->open_ms = median(ms);
}

/* 900 come, 100 go, and a view shows them. */
static void change(const char *folder, uint64_t count, struct result *result)
{
	struct ward_site_writer *writer = NULL;
	struct ward_site_entry entry;
	uint64_t start = clock_ticks_us();
	struct ward_buf text;

	ward_buf_init(&text, 4096);
	stop_on(ward_site_change(folder, NULL, &writer, &error));
	for (uint64_t i = 0; i < 900; i++) {
		draw_entry(((uint64_t)1 << 34) + i, &entry, &text);
		stop_on(ward_site_writer_add(writer, &entry, &error));
	}
	for (uint64_t i = 0; i < 100; i++) {
		bool removed = false;

		draw_entry(mixed(i) % count, &entry, &text);
		stop_on(ward_site_writer_remove(writer, &entry, &removed, &error));
	}
	stop_on(ward_site_writer_commit(writer, &error));
	ward_site_view_free(open_view(folder));
	result->delta_s = seconds_since(start);
	ward_buf_free(&text);
}

/* ---- asking ---- */

typedef bool ask_one(const void *what, const struct ward_link *link);

static bool ask_ward(const void *what, const struct ward_link *link)
{
	struct ward_site_hits hits;

	ward_site_ask(what, link, 0, &hits);
	return hits.total > 0;
}

static bool ask_nothing(const void *what, const struct ward_link *link)
{
	return what && link->host.len == 0;
}

/* Millions of links a second, each read and asked. */
static double ask_all(ask_one *one, const void *what, const struct links *links, size_t count,
		size_t *found)
{
	double rates[ROUNDS];
	struct ward_buf memory;

	ward_buf_init(&memory, (size_t)4 * WARD_LINK_MAX);
	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu_now();

		*found = 0;
		for (size_t i = 0; i < count; i++) {
			struct ward_link link;

			stop_on(ward_link_read(link_at(links, i), WARD_LINK_LOOKUP, &memory, &link,
					&error));
			*found += one(what, &link);
		}
		rates[round] = (double)count / (cpu_now() - start) / 1e6;
	}
	ward_buf_free(&memory);
	return median(rates);
}

/* What memory alone would allow: so many lines at random places of a table of this size. */
static double read_lines(size_t bytes, int lines)
{
	size_t count = bytes / 64 + 1;
	uint8_t *table = aligned_alloc(64, count * 64);
	double rates[ROUNDS];
	uint64_t sum = 0;

	if (!table)
		exit(2);
	memset(table, 1, count * 64);
	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu_now();
		uint64_t z = (uint64_t)round;

		for (size_t i = 0; i < LINKS; i++) {
			const uint8_t *at[8];

			for (int j = 0; j < lines; j++) {
				z = mixed(z);
				at[j] = table + z % count * 64;
				__builtin_prefetch(at[j]);
			}
			for (int j = 0; j < lines; j++)
				sum += *at[j];
		}
		rates[round] = (double)LINKS / (cpu_now() - start) / 1e6;
	}
	free(table);
	return sum ? median(rates) : 0;
}

/* ---- the plain ways ---- */

/* Entries as they are written, one behind the other. */
struct plain {
	struct ward_buf text; /* each ends with a NUL */
	uint64_t *at;
	size_t count;
	uint64_t *slots; /* a hash table: where a string begins, and one */
	size_t slot_count;
};

static const char *sorted_text;

static int by_text(const void *left, const void *right)
{
	return strcmp(sorted_text + *(const uint64_t *)left,
			sorted_text + *(const uint64_t *)right);
}

static void plain_make(struct plain *plain, uint64_t count)
{
	struct ward_site_entry entry;
	struct ward_buf text;

	*plain = (struct plain){ .count = count, .at = calloc(count, sizeof(uint64_t)) };
	ward_buf_init(&plain->text, SIZE_MAX);
	ward_buf_init(&text, 4096);
	if (!plain->at)
		exit(2);
	for (uint64_t i = 0; i < count; i++) {
		plain->at[i] = plain->text.len;
		draw_entry(i, &entry, &text);
		if (entry.kind == WARD_SITE_HOST)
			ward_buf_char(&plain->text, '=');
		ward_buf_str(&plain->text, entry.key);
		ward_buf_char(&plain->text, '\0');
	}
	ward_buf_free(&text);
}

static uint64_t hash_of(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 0x100000001b3;
	return hash ^ hash >> 29;
}

static bool has_hashed(const struct plain *plain, const char *text)
{
	uint64_t at = hash_of(text) % plain->slot_count;

	while (plain->slots[at] && strcmp(plain->text.ptr + plain->slots[at] - 1, text) != 0)
		at = (at + 1) % plain->slot_count;
	return plain->slots[at];
}

static void plain_hash(struct plain *plain)
{
	plain->slot_count = plain->count * 10 / 7;
	plain->slots = calloc(plain->slot_count, sizeof(*plain->slots));
	if (!plain->slots)
		exit(2);
	for (size_t i = 0; i < plain->count; i++) {
		uint64_t at = hash_of(plain->text.ptr + plain->at[i]) % plain->slot_count;

		while (plain->slots[at])
			at = (at + 1) % plain->slot_count;
		plain->slots[at] = plain->at[i] + 1;
	}
}

static bool has_sorted(const struct plain *plain, const char *text)
{
	size_t low = 0, high = plain->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(plain->text.ptr + plain->at[middle], text);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The domains a link lies in, its host, its page, and what its path begins with. */
static bool ask_plain(const struct plain *plain, const struct ward_link *link,
		bool (*has)(const struct plain *, const char *))
{
	char text[4096];
	size_t host = link->host.len;

	if (host + link->path.len + 2 > sizeof(text))
		return false;
	snprintf(text, sizeof(text), "=%.*s%.*s", WARD_FMT(link->host), WARD_FMT(link->path));
	if (has(plain, text + 1))
		return true;
	for (size_t i = 1 + host + link->path.len; i > host + 1; i--) {
		text[i] = '\0';
		if (text[i - 1] == '/' && has(plain, text + 1))
			return true;
	}
	text[host + 1] = '\0';
	if (has(plain, text))
		return true;
	for (const char *at = text + 1; at; at = strchr(at, '.') ? strchr(at, '.') + 1 : NULL) {
		if (has(plain, at))
			return true;
	}
	return false;
}

static bool ask_sorted(const void *what, const struct ward_link *link)
{
	return ask_plain(what, link, has_sorted);
}

static bool ask_hashed(const void *what, const struct ward_link *link)
{
	return ask_plain(what, link, has_hashed);
}

static void ask_peers(uint64_t count, const struct links *links, struct result *result)
{
	double entries = (double)count;
	struct plain plain;
	size_t found;

	plain_make(&plain, count);
	plain_hash(&plain);
	result->hashed_m = ask_all(ask_hashed, &plain, links, FEWER, &found);
	result->hashed_bytes = (double)(plain.text.len + plain.slot_count * 8) / entries;
	if (found != result->found_fewer)
		fprintf(stderr, "site_bench: the hash finds %zu\n", found);
	sorted_text = plain.text.ptr;
	qsort(plain.at, plain.count, sizeof(*plain.at), by_text);
	result->sorted_m = ask_all(ask_sorted, &plain, links, FEWER, &found);
	result->sorted_bytes = (double)(plain.text.len + plain.count * 8) / entries;
	if (found != result->found_fewer)
		fprintf(stderr, "site_bench: the sorted strings find %zu\n", found);
	ward_buf_free(&plain.text);
	free(plain.at);
	free(plain.slots);
}

/* ---- */

static double kilobytes_of(const char *name)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	double value = 0;

	while (status && fgets(line, sizeof(line), status)) {
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtod(line + strlen(name), NULL);
	}
	if (status)
		fclose(status);
	return value;
}

static void print(uint64_t count, const struct links *links, const struct result *r)
{
	printf("{\"entries\":%llu,\"create_s\":%.2f,\"peak_mb\":%.0f,\"bytes_per_entry\":%.2f,"
	       "\"open_ms\":%.3f,",
			(unsigned long long)count, r->create_s, r->peak_mb, r->bytes, r->open_ms);
	printf("\"verdict_m\":%.2f,\"read_m\":%.2f,\"ask_m\":%.2f,\"limit_m\":%.2f,\"delta_s\":%."
	       "3f,"
	       "\"verify_s\":%.2f,\"compact_s\":%.2f,",
			r->verdict_m, r->read_m, r->ask_m, r->limit_m, r->delta_s, r->verify_s,
			r->compact_s);
	printf("\"listed\":%zu,\"found\":%zu,\"sorted_m\":%.2f,\"sorted_bytes\":%.2f,"
	       "\"hashed_m\":%.2f,\"hashed_bytes\":%.2f}\n",
			links->listed, r->found, r->sorted_m, r->sorted_bytes, r->hashed_m,
			r->hashed_bytes);
}

static void measure(const char *folder, uint64_t count)
{
	struct result result = { 0 };
	struct ward_site_view *view;
	struct links *links;
	uint64_t start;
	size_t found;

	make(folder, count, &result);
	result.peak_mb = kilobytes_of("VmHWM:") / 1024;
	open_many(folder, &result);
	links = draw_links(count);
	view = open_view(folder);
	result.bytes = (double)ward_site_list_bytes(ward_site_view_list(view, 0)) /
		       (double)ward_site_list_entries(ward_site_view_list(view, 0));
	(void)ask_all(ask_ward, view, links, FEWER, &result.found_fewer);
	result.verdict_m = ask_all(ask_ward, view, links, LINKS, &result.found);
	result.read_m = ask_all(ask_nothing, view, links, LINKS, &found);
	result.ask_m = 1 / (1 / result.verdict_m - 1 / result.read_m);
	/* 2.4 bytes of tags an entry; two names and a half of a link are looked for. */
	result.limit_m = read_lines((size_t)((double)count * 2.4), 2);
	start = clock_ticks_us();
	stop_on(ward_site_list_verify(ward_site_view_list(view, 0), &error));
	result.verify_s = seconds_since(start);
	ward_site_view_free(view);
	change(folder, count, &result);
	start = clock_ticks_us();
	stop_on(ward_site_compact(folder, &error));
	result.compact_s = seconds_since(start);
	stop_on(ward_site_delete(folder, &error));
	ask_peers(count, links, &result);
	print(count, links, &result);
	ward_buf_free(&links->text);
	free(links);
}

int main(int argc, char **argv)
{
	uint64_t count = 0;
	char folder[4096];

	if (argc < 2 || !ward_u64_parse(ward_str_from(argv[1]), &count) || count < 100) {
		fprintf(stderr, "usage: site_bench COUNT [FOLDER]\n");
		return 2;
	}
	snprintf(folder, sizeof(folder), "%s/ward-site-bench-%d", argc > 2 ? argv[2] : "/var/tmp",
			(int)getpid());
	measure(folder, count);
	return 0;
}
