/*
 * match_bench COUNT [SET [FOLDER]] - how fast all near hashes are found
 * match_bench --write FOLDER COUNT - the uniform set, for other engines to answer
 *
 * Makes a list of COUNT hashes, builds its index into a file in FOLDER (/var/tmp),
 * maps it read-only as a list is, and asks 10 000 queries, one by one and in
 * batches.  Prints one JSON line.  The sets are drawn by code (splitmix64);
 * "uniform" is the one that the peers are measured on, and its right answers
 * are known.  The others are skewed:
 *
 *   sharedN   N of the 16 chunks (1, 3, 5) are alike in all hashes and queries
 *   words     each chunk is one of 4096 values
 *   narrow    half of the chunks are one of 16 values
 *   clusters  a tenth of the hashes lie in groups of 10 000 within 12 bits
 *   edge      the same, asked from 60 bits away from a group's centre
 *   copies    half of the hashes are copies of 1000 others
 *   sparse    a tenth of the hashes have about 16 ones
 */
#include "bank/index/pdq_index.h"
#include "bank/index/pdq_layout.h"
#include "base/clock.h"
#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define QUERIES 10000
#define RADIUS  31
#define GROUP   10000

/* ---- the sets ---- */

static uint64_t state;

static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void draw_hashes(ward_pdq *hashes, size_t count, uint64_t seed)
{
	state = seed;
	for (size_t i = 0; i < count; i++) {
		for (int word = 0; word < 4; word++)
			hashes[i].word[word] = draw();
	}
}

static ward_pdq flipped(ward_pdq hash, uint64_t flips)
{
	ward_pdq out = hash;

	while (flips > 0) {
		uint64_t bit = draw() & 255, one = (uint64_t)1 << bit % 64;

		if ((out.word[bit / 64] ^ hash.word[bit / 64]) & one)
			continue;
		out.word[bit / 64] ^= one;
		flips--;
	}
	return out;
}

static void set_chunk(ward_pdq *hash, unsigned chunk, uint64_t value)
{
	unsigned shift = chunk % 4 * 16;

	hash->word[chunk / 4] =
			(hash->word[chunk / 4] & ~((uint64_t)0xffff << shift)) | value << shift;
}

static void share_chunks(ward_pdq *hash, unsigned count)
{
	for (unsigned chunk = 0; chunk < count; chunk++)
		set_chunk(hash, chunk, 0x5a00 + chunk * 29);
}

static void share_1(ward_pdq *hash)
{
	share_chunks(hash, 1);
}

static void share_3(ward_pdq *hash)
{
	share_chunks(hash, 3);
}

static void share_5(ward_pdq *hash)
{
	share_chunks(hash, 5);
}

static void draw_words(ward_pdq *hash)
{
	for (unsigned chunk = 0; chunk < 16; chunk++)
		set_chunk(hash, chunk, pdq_chunk(hash, chunk) % 4096 * 40503 & 0xffff);
}

static void narrow_chunks(ward_pdq *hash)
{
	for (unsigned chunk = 0; chunk < 16; chunk += 2)
		set_chunk(hash, chunk, pdq_chunk(hash, chunk) & 0x1111);
}

static void empty_chunks(ward_pdq *hash)
{
	for (int word = 0; word < 4; word++)
		hash->word[word] &= draw() & draw() & draw();
}

struct set {
	const char *name;
	void (*shape)(ward_pdq *hash); /* every hash and query */
	enum { ALL, CLUSTERS, EDGE, COPIES, SPARSE } kind;
};

static const struct set sets[] = {
	{ "uniform", NULL, ALL },
	{ "shared1", share_1, ALL },
	{ "shared3", share_3, ALL },
	{ "shared5", share_5, ALL },
	{ "words", draw_words, ALL },
	{ "narrow", narrow_chunks, ALL },
	{ "clusters", NULL, CLUSTERS },
	{ "edge", NULL, EDGE },
	{ "copies", NULL, COPIES },
	{ "sparse", NULL, SPARSE },
};

static void draw_list(const struct set *set, ward_pdq *hashes, size_t count)
{
	size_t some = count / 10 / GROUP * GROUP;

	draw_hashes(hashes, count, 0x5eed0001);
	state = 0x5eed0004;
	for (size_t i = 0; i < count && set->shape; i++)
		set->shape(&hashes[i]);
	for (size_t i = 0; i < some && (set->kind == CLUSTERS || set->kind == EDGE); i++) {
		if (i % GROUP > 0)
			hashes[i] = flipped(hashes[i / GROUP * GROUP], 1 + draw() % 12);
	}
	for (size_t i = 0; i < count / 2 && set->kind == COPIES; i++)
		hashes[i] = hashes[i % 1000];
	for (size_t i = 0; i < some && set->kind == SPARSE; i++)
		empty_chunks(&hashes[i]);
}

/* Every query is near one hash (i mod 32 flips), which is put over another's place. */
static void draw_queries(const struct set *set, ward_pdq *queries, ward_pdq *hashes, size_t count)
{
	size_t step = count / QUERIES;

	draw_hashes(queries, QUERIES, 0x5eed0002);
	for (size_t i = 0; i < QUERIES && set->shape; i++)
		set->shape(&queries[i]);
	state = 0x5eed0003;
	if (set->kind == EDGE) {
		size_t groups = count / 10 / GROUP;

		for (size_t i = 0; i < QUERIES && groups > 0; i++)
			queries[i] = flipped(hashes[i % groups * GROUP], 60);
		return;
	}
	for (size_t i = 0; i < QUERIES; i++) {
		hashes[i * step] = flipped(queries[i], i % 32);
		hashes[i * step + 1] = flipped(queries[i], 32 + i % 8);
	}
}

/* ---- the file ---- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Written in whole pieces of 4 MB, a file of ext4 or XFS is kept in huge pages by newer kernels. */
#define PIECE ((size_t)4 << 20)

struct output {
	int fd;
	size_t len;
	uint8_t piece[PIECE];
};

static ward_err write_file(void *context, ward_bytes bytes, struct ward_error *error)
{
	struct output *output = context;
	ward_err err = WARD_OK;

	while (bytes.len > 0 && !err) {
		size_t room = PIECE - output->len, some = bytes.len < room ? bytes.len : room;

		memcpy(output->piece + output->len, bytes.ptr, some);
		output->len += some;
		bytes.ptr += some;
		bytes.len -= some;
		if (output->len == PIECE) {
			err = file_write_all(output->fd, output->piece, output->len, error);
			output->len = 0;
		}
	}
	return err;
}

static void stop(const struct ward_error *error)
{
	fprintf(stderr, "match_bench: %s\n", error->message);
	exit(2);
}

static uint64_t build_file(const char *path, const ward_pdq *hashes, size_t count)
{
	struct ward_error error = { 0 };
	static struct output output;
	struct pdq_index_build build = { .hashes = hashes,
		.count = (uint32_t)count,
		.write = write_file,
		.write_context = &output };
	uint64_t start = now_ns();

	output.fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (output.fd < 0 || pdq_index_build(&build, &error) ||
			file_write_all(output.fd, output.piece, output.len, &error))
		stop(&error);
	output.len = 0;
	close(output.fd);
	return now_ns() - start;
}

/* ---- measuring ---- */

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

struct times {
	uint64_t ns[QUERIES];
	double median_us;
	double p99_us;
	double mean_us;
	size_t found;
	double batch_per_s;
};

#define PASSES 5

static int by_time(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* The median of five passes, a sixth before them having warmed the memory. */
static void ask_singly(const struct pdq_index *index, const ward_pdq *queries, size_t count,
		struct times *times)
{
	struct pdq_found found = { 0 };
	struct ward_error error = { 0 };
	double median[PASSES], p99[PASSES], mean[PASSES];

	for (int pass = -1; pass < PASSES; pass++) {
		int kept = pass < 0 ? 0 : pass;
		uint64_t sum = 0;

		found.count = 0;
		for (size_t i = 0; i < count; i++) {
			uint64_t start = now_ns();

			if (pdq_index_search(index, queries[i], RADIUS, &found, &error))
				stop(&error);
			times->ns[i] = now_ns() - start;
			sum += times->ns[i];
		}
		qsort(times->ns, count, sizeof(*times->ns), by_value);
		median[kept] = (double)times->ns[count / 2] / 1e3;
		p99[kept] = (double)times->ns[count * 99 / 100] / 1e3;
		mean[kept] = (double)sum / 1e3 / (double)count;
	}
	times->found = found.count;
	qsort(median, PASSES, sizeof(*median), by_time);
	qsort(p99, PASSES, sizeof(*p99), by_time);
	qsort(mean, PASSES, sizeof(*mean), by_time);
	times->mean_us = mean[PASSES / 2];
	times->median_us = median[PASSES / 2];
	times->p99_us = p99[PASSES / 2];
	pdq_found_free(&found);
}

static void ask_in_batches(const struct pdq_index *index, const ward_pdq *queries, size_t count,
		struct times *times)
{
	uint64_t ns[PASSES];

	for (int pass = 0; pass < PASSES; pass++) {
		struct pdq_found found = { 0 };
		struct ward_error error = { 0 };
		uint64_t start = now_ns();

		if (pdq_index_search_batch(index, queries, count, RADIUS, &found, &error))
			stop(&error);
		ns[pass] = now_ns() - start;
		if (found.count != times->found) {
			fprintf(stderr, "match_bench: %zu found in a batch, %zu singly\n",
					found.count, times->found);
			exit(2);
		}
		pdq_found_free(&found);
	}
	qsort(ns, PASSES, sizeof(*ns), by_value);
	times->batch_per_s = (double)count * 1e9 / (double)ns[PASSES / 2];
}

/* Wrong or missing answers, in the uniform set by knowledge, in others by a scan for 20 queries. */
static size_t wrong_answers(const struct set *set, const struct pdq_index *index,
		const ward_pdq *queries)
{
	struct pdq_index plain = *index;
	size_t wrong = 0, asked = set->kind == ALL && !set->shape ? QUERIES : 20;

	plain.postings = 0;
	for (size_t i = 0; i < asked; i++) {
		struct pdq_found found = { 0 }, scanned = { 0 };
		struct ward_error error = { 0 };
		struct pdq_match known = { 0, (uint32_t)(i * (index->count / QUERIES)),
			(uint32_t)(i % 32) };

		if (pdq_index_search(index, queries[i], RADIUS, &found, &error))
			stop(&error);
		if (asked == QUERIES) {
			wrong += found.count != 1 || memcmp(found.at, &known, sizeof(known)) != 0;
		} else {
			if (pdq_index_search(&plain, queries[i], RADIUS, &scanned, &error))
				stop(&error);
			wrong += found.count != scanned.count ||
				 (found.count > 0 &&
						 memcmp(found.at, scanned.at,
								 found.count * sizeof(*found.at)) !=
								 0);
		}
		pdq_found_free(&found);
		pdq_found_free(&scanned);
	}
	return wrong;
}

static double resident_mb(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long size = 0, resident = 0;

	if (!file || fscanf(file, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void measure(const struct set *set, size_t count, const char *path)
{
	static ward_pdq queries[QUERIES];
	static struct times times;
	struct ward_error error = { 0 };
	struct pdq_index index;
	struct file_map map;
	ward_pdq *hashes = mmap(NULL, count * sizeof(*hashes), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* A set that is slow is asked less: the times are of one query anyhow. */
	size_t asked = set->kind == ALL && !set->shape ? QUERIES : 1000;
	uint64_t build_ns, open_ns;

	if (hashes == MAP_FAILED)
		exit(2);
	draw_list(set, hashes, count);
	draw_queries(set, queries, hashes, count);
	build_ns = build_file(path, hashes, count);
	munmap(hashes, count * sizeof(*hashes));

	open_ns = now_ns();
	if (file_map_open(path, &map, &error) ||
			pdq_index_open((ward_bytes){ map.ptr, map.len }, &index, &error))
		stop(&error);
	madvise((void *)(uintptr_t)map.ptr, map.len, MADV_HUGEPAGE);
	open_ns = now_ns() - open_ns;
	ask_singly(&index, queries, asked, &times);
	ask_in_batches(&index, queries, asked, &times);
	printf("{\"bench\":\"match\",\"set\":\"%s\",\"count\":%zu,\"cpu\":\"%s\",\"radius\":%d,"
	       "\"build_s\":%.2f,\"bytes_per_entry\":%.1f,\"open_ms\":%.3f,"
	       "\"median_us\":%.2f,\"p99_us\":%.2f,\"mean_us\":%.2f,\"batch_us\":%.2f,"
	       "\"batch_per_s\":%.0f,\"found\":%zu,\"wrong\":%zu,\"resident_mb\":%.0f}\n",
			set->name, count, pdq_index_cpu(), RADIUS, (double)build_ns / 1e9,
			(double)map.len / (double)count, (double)open_ns / 1e6, times.median_us,
			times.p99_us, times.mean_us, 1e6 / times.batch_per_s, times.batch_per_s,
			times.found, wrong_answers(set, &index, queries), resident_mb());
	fflush(stdout);
	file_map_close(&map);
}

/* FOLDER/hashes and FOLDER/queries: 32 bytes each, nothing else. */
static int write_set(const char *folder, size_t count)
{
	static ward_pdq queries[QUERIES];
	ward_pdq *hashes = malloc(count * sizeof(*hashes));
	const struct {
		const char *name;
		const ward_pdq *at;
		size_t count;
	} files[] = { { "hashes", hashes, count }, { "queries", queries, QUERIES } };

	if (!hashes)
		return 2;
	draw_list(&sets[0], hashes, count);
	draw_queries(&sets[0], queries, hashes, count);
	for (size_t i = 0; i < 2; i++) {
		struct ward_error error = { 0 };
		char path[4096];
		int fd;

		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0 || file_write_all(fd, files[i].at, files[i].count * sizeof(ward_pdq),
					      &error))
			stop(&error);
		close(fd);
	}
	free(hashes);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count = 0;
	char path[4096];

	if (argc == 4 && strcmp(argv[1], "--write") == 0 &&
			ward_u64_parse(ward_str_from(argv[3]), &count) && count >= 2 * QUERIES)
		return write_set(argv[2], count);
	if (argc < 2 || !ward_u64_parse(ward_str_from(argv[1]), &count) || count < 2 * QUERIES ||
			count > UINT32_MAX) {
		fprintf(stderr, "usage: match_bench COUNT [SET|all [FOLDER]]  (COUNT from %d)\n",
				2 * QUERIES);
		return 2;
	}
	snprintf(path, sizeof(path), "%s/ward-match-bench.%ld", argc > 3 ? argv[3] : "/var/tmp",
			(long)getpid());
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		const char *name = argc > 2 ? argv[2] : "uniform";

		if (strcmp(name, "all") == 0 || strcmp(name, sets[i].name) == 0)
			measure(&sets[i], count, path);
	}
	unlink(path);
	return 0;
}
