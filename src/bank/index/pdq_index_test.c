#include "bank/index/pdq_index.h"
#include "bank/index/pdq_layout.h"
#include "base/test.h"

static uint64_t state = 1;

static uint64_t random64(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static ward_pdq random_hash(void)
{
	return (ward_pdq){ { random64(), random64(), random64(), random64() } };
}

static ward_pdq flipped(ward_pdq hash, int flips)
{
	ward_pdq out = hash;

	while (flips > 0) {
		unsigned bit = random64() & 255;
		uint64_t one = (uint64_t)1 << bit % 64;

		if ((out.word[bit / 64] ^ hash.word[bit / 64]) & one)
			continue;
		out.word[bit / 64] ^= one;
		flips--;
	}
	return out;
}

static unsigned distance(const ward_pdq *a, const ward_pdq *b)
{
	unsigned sum = 0;

	for (int i = 0; i < 4; i++)
		sum += (unsigned)__builtin_popcountll(a->word[i] ^ b->word[i]);
	return sum;
}

/* ---- a section in memory, of exactly its size ---- */

struct section {
	uint8_t *bytes;
	size_t len;
	struct pdq_index index;
};

static ward_err add_bytes(void *context, ward_bytes bytes, struct ward_error *error)
{
	struct ward_buf *buf = context;

	ward_buf_add(buf, bytes.ptr, bytes.len);
	return buf->failed ? ward_fail(error, WARD_E_NOMEM, "the buffer is full") : WARD_OK;
}

static bool build(struct section *section, const ward_pdq *hashes, size_t count,
		uint32_t scan_below)
{
	struct ward_error error = { 0 };
	struct ward_buf buf;
	struct pdq_index_build plan = {
		.hashes = hashes,
		.count = (uint32_t)count,
		.write = add_bytes,
		.write_context = &buf,
		.scan_below = scan_below,
	};
	ward_err err;

	ward_buf_init(&buf, (size_t)1 << 30);
	err = pdq_index_build(&plan, &error);
	section->len = buf.len;
	section->bytes = aligned_alloc(PDQ_INDEX_ALIGN, buf.len);
	if (!err) {
		memcpy(section->bytes, buf.ptr, buf.len);
		err = pdq_index_open((ward_bytes){ section->bytes, section->len }, &section->index,
				&error);
	}
	ward_buf_free(&buf);
	if (err)
		printf("# %s\n", error.message);
	return !err;
}

static void drop(struct section *section)
{
	free(section->bytes);
	*section = (struct section){ 0 };
}

/* ---- the property: what a straight scan finds, and nothing else ---- */

static bool finds_what_a_scan_finds(const struct pdq_index *index, const ward_pdq *hashes,
		size_t count, const ward_pdq *query, int radius)
{
	struct pdq_found found = { 0 };
	size_t next = 0;
	bool same = pdq_index_search(index, *query, radius, &found, NULL) == WARD_OK;

	for (size_t id = 0; id < count && same; id++) {
		unsigned bits = distance(&hashes[id], query);

		if (bits > (unsigned)radius)
			continue;
		same = next < found.count && found.at[next].id == id &&
		       found.at[next].distance == bits && found.at[next].query == 0;
		if (!same)
			printf("# id %zu at distance %u, radius %d\n", id, bits, radius);
		next++;
	}
	if (same && next != found.count) {
		printf("# %zu found, %zu there\n", found.count, next);
		same = false;
	}
	pdq_found_free(&found);
	return same;
}

/* Queries near a listed hash, at every distance around the radius, and far from all. */
static bool property_holds(const ward_pdq *hashes, size_t count, int step)
{
	static const uint32_t scan_below[] = { 1, 1, UINT32_MAX };
	bool holds = true;

	/* By the tables alone, by what is cheaper, and without tables. */
	for (int form = 0; form < 3 && holds; form++) {
		struct section section;

		holds = build(&section, hashes, count, scan_below[form]);
		section.index.never_scan = form == 0;
		for (int radius = 0; radius <= WARD_PDQ_RADIUS_MAX && holds; radius += step) {
			for (int i = -2; i <= 2 && holds; i++) {
				ward_pdq query = random_hash();

				if (count > 0)
					query = hashes[random64() % count];
				query = flipped(query, radius + i < 0 ? 0 : radius + i);
				holds = finds_what_a_scan_finds(&section.index, hashes, count,
						&query, radius);
			}
		}
		drop(&section);
	}
	return holds;
}

static ward_pdq *random_hashes(size_t count)
{
	ward_pdq *hashes = malloc((count + 1) * sizeof(*hashes));

	for (size_t i = 0; i < count; i++)
		hashes[i] = random_hash();
	return hashes;
}

static void uniform_data(void)
{
	static const size_t counts[] = { 0, 1, 2, 3, 63, 1000, 30000 };

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		ward_pdq *hashes = random_hashes(counts[i]);
		bool holds = property_holds(hashes, counts[i], counts[i] > 1000 ? 7 : 1);

		free(hashes);
		CHECK(holds);
	}
}

/* The first `same` chunks alike in all hashes. */
static void shared_chunks(void)
{
	for (unsigned same = 1; same <= 16; same++) {
		ward_pdq *hashes = random_hashes(8000);
		bool holds;

		for (size_t i = 1; i < 8000; i++) {
			for (unsigned chunk = 0; chunk < same; chunk++) {
				uint64_t mask = (uint64_t)0xffff << chunk % 4 * 16;
				unsigned word = chunk / 4;

				hashes[i].word[word] = (hashes[i].word[word] & ~mask) |
						       (hashes[0].word[word] & mask);
			}
		}
		holds = property_holds(hashes, same == 16 ? 100 : 8000, 9);
		free(hashes);
		CHECK(holds);
	}
}

/* Every chunk has only a few values, in half of the hashes' bits. */
static void chunks_of_few_values(void)
{
	ward_pdq *hashes = random_hashes(5000);
	bool holds;

	for (size_t i = 0; i < 5000; i++) {
		for (int word = 0; word < 4; word++)
			hashes[i].word[word] &= word < 2 ? 0x0003000300030003 : UINT64_MAX;
	}
	holds = property_holds(hashes, 5000, 3);
	free(hashes);
	CHECK(holds);
}

static void dense_clusters(void)
{
	ward_pdq *hashes = random_hashes(6000);
	bool holds;

	for (size_t i = 0; i < 6000; i++)
		hashes[i] = i % 2000 < 1500 && i % 2000 > 0
					    ? flipped(hashes[i / 2000 * 2000],
							      (int)(random64() % 20))
					    : hashes[i];
	holds = property_holds(hashes, 6000, 3);
	free(hashes);
	CHECK(holds);
}

static void hashes_with_few_ones(void)
{
	ward_pdq *hashes = random_hashes(3000);
	bool holds;

	for (size_t i = 0; i < 3000; i++) {
		for (int word = 0; word < 4; word++)
			hashes[i].word[word] &= random64() & random64() & random64();
	}
	holds = property_holds(hashes, 3000, 5);
	free(hashes);
	CHECK(holds);
}

static void equal_hashes(void)
{
	ward_pdq *hashes = random_hashes(50000);
	struct section section;
	bool holds;

	for (size_t i = 0; i < 50000; i++)
		hashes[i] = hashes[i % 3 == 0 ? i : i % 7];
	holds = property_holds(hashes, 50000, 21);
	CHECK(build(&section, hashes, 50000, 0));
	free(hashes);
	CHECK(holds);
	CHECK_EQ(section.index.postings, 16667 + 4);
	CHECK_EQ(section.index.copies, 50000 - 16667 - 4);
	drop(&section);
}

/* ---- many queries ---- */

static bool batch_equals_singles(const struct section *section, const ward_pdq *queries,
		size_t count, int radius)
{
	struct pdq_found many = { 0 }, one = { 0 };
	size_t next = 0;
	bool same = pdq_index_search_batch(&section->index, queries, count, radius, &many, NULL) ==
		    WARD_OK;

	for (size_t i = 0; i < count && same; i++) {
		one.count = 0;
		same = pdq_index_search(&section->index, queries[i], radius, &one, NULL) == WARD_OK;
		for (size_t j = 0; j < one.count && same; j++, next++) {
			same = next < many.count && many.at[next].query == i &&
			       many.at[next].id == one.at[j].id &&
			       many.at[next].distance == one.at[j].distance;
		}
	}
	same &= next == many.count;
	pdq_found_free(&many);
	pdq_found_free(&one);
	return same;
}

#define QUERIES 9000

static void batches(void)
{
	ward_pdq *hashes = random_hashes(30000), *queries = random_hashes(QUERIES);
	struct section section, scanned;

	for (size_t i = 0; i < QUERIES; i++)
		queries[i] = flipped(hashes[random64() % 1000], (int)(random64() % 40));
	for (size_t i = 0; i < 6000; i++)
		hashes[i] = flipped(hashes[i % 500], (int)(random64() % 40));
	CHECK(build(&section, hashes, 30000, 1));
	section.index.never_scan = true;
	CHECK(build(&scanned, hashes, 2000, 0));
	CHECK(batch_equals_singles(&section, queries, QUERIES, 31));
	CHECK(batch_equals_singles(&section, queries, 300, 0));
	CHECK(batch_equals_singles(&section, queries, 300, 63));
	CHECK(batch_equals_singles(&section, queries, 33, 20));
	CHECK(batch_equals_singles(&section, queries, 31, 31));
	CHECK(batch_equals_singles(&section, queries, 0, 31));
	CHECK(batch_equals_singles(&scanned, queries, 1000, 31));
	drop(&section);
	drop(&scanned);
	free(hashes);
	free(queries);
}

static void every_cpu_path(void)
{
	static const char *const names[] = { "plain", "avx2", "avx512", "neon" };
	ward_pdq *hashes = random_hashes(3000);
	bool holds = true;

	for (int i = 0; i < 4 && holds; i++) {
		if (pdq_index_cpu_limit(names[i]))
			holds = property_holds(hashes, 3000, 5);
	}
	(void)pdq_index_cpu_limit(NULL);
	free(hashes);
	CHECK(holds);
}

/* ---- the published set ---- */

#define GOLDEN_MAX 4000

static size_t read_hashes(const char *name, ward_pdq hashes[GOLDEN_MAX])
{
	const char *folder = getenv("WARD_GOLDEN");
	char path[512], line[128];
	size_t count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/matching/%s", folder ? folder : ".", name);
	file = fopen(path, "r");
	while (file && count < GOLDEN_MAX && fgets(line, sizeof(line), file)) {
		uint8_t bytes[32];

		/* The text form prints bit 255 first. */
		if (!ward_hex_parse(ward_str_trim(ward_str_from(line)), bytes, sizeof(bytes)))
			break;
		hashes[count] = (ward_pdq){ { 0 } };
		for (int i = 0; i < 32; i++)
			hashes[count].word[3 - i / 8] |= (uint64_t)bytes[i] << (56 - i % 8 * 8);
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

static bool equals_expected(const struct pdq_found *found)
{
	char path[512], line[128];
	size_t next = 0;
	bool same = true;
	FILE *file;

	snprintf(path, sizeof(path), "%s/matching/expected_le31.tsv", getenv("WARD_GOLDEN"));
	file = fopen(path, "r");
	while (file && same && fgets(line, sizeof(line), file)) {
		unsigned query, id, bits;

		if (sscanf(line, "%u %u %u", &query, &id, &bits) != 3)
			continue;
		same = next < found->count && found->at[next].query == query &&
		       found->at[next].id == id && found->at[next].distance == bits;
		next++;
	}
	if (file)
		fclose(file);
	return same && next == found->count && next > 0;
}

static void golden_set(void)
{
	static ward_pdq hashes[GOLDEN_MAX], queries[GOLDEN_MAX];
	size_t count = read_hashes("db.txt", hashes), asked = read_hashes("queries.txt", queries);
	static const uint32_t scan_below[] = { 1, UINT32_MAX };

	if (count == 0) {
		printf("# the golden set is not here: not compared\n");
		return;
	}
	for (int form = 0; form < 2; form++) {
		struct section section;
		struct pdq_found found = { 0 };
		bool same;

		CHECK(build(&section, hashes, count, scan_below[form]));
		section.index.never_scan = true;
		CHECK_EQ(pdq_index_search_batch(&section.index, queries, asked, 31, &found, NULL),
				WARD_OK);
		same = equals_expected(&found);
		pdq_found_free(&found);
		CHECK(same);
		CHECK(batch_equals_singles(&section, queries, asked, 31));
		drop(&section);
	}
}

/* ---- trouble ---- */

static void damaged_sections(void)
{
	ward_pdq *hashes = random_hashes(2000);
	struct section section;
	int opened = 0;

	for (size_t i = 1500; i < 2000; i++)
		hashes[i] = hashes[i - 1000];
	CHECK(build(&section, hashes, 2000, 1));
	for (int round = 0; round < 400; round++) {
		struct section bad = { aligned_alloc(PDQ_INDEX_ALIGN, section.len), section.len,
			{ 0 } };
		struct pdq_found found = { 0 };

		memcpy(bad.bytes, section.bytes, section.len);
		for (int i = 0; i < 2000; i++) {
			/* A head that is refused would hide the rest. */
			size_t from = round % 8 ? 128 : 0;

			bad.bytes[from + random64() % (section.len - from)] = (uint8_t)random64();
		}
		if (!pdq_index_open((ward_bytes){ bad.bytes, bad.len }, &bad.index, NULL)) {
			opened++;
			bad.index.never_scan = round % 2;
			CHECK_EQ(pdq_index_search(&bad.index, hashes[round], 31, &found, NULL),
					WARD_OK);
			CHECK_EQ(pdq_index_search_batch(&bad.index, hashes, 64, 31, &found, NULL),
					WARD_OK);
			for (size_t i = 0; i < found.count; i++)
				CHECK(found.at[i].id < 2000);
		}
		pdq_found_free(&found);
		drop(&bad);
	}
	CHECK(opened > 300);
	drop(&section);
	free(hashes);
}

static void sections_cut_short(void)
{
	ward_pdq *hashes = random_hashes(100);
	struct section section;
	struct ward_error error = { 0 };
	struct pdq_index index;

	CHECK(build(&section, hashes, 100, 0));
	CHECK_EQ(section.len, 128 + 100 * 32);
	for (size_t len = 0; len < section.len; len++)
		CHECK_EQ(pdq_index_open((ward_bytes){ section.bytes, len }, &index, &error),
				WARD_E_CORRUPT);
	CHECK_STR(error.message, "the PDQ index has 3327 bytes where its 100 hashes take 3328");
	CHECK_EQ(pdq_index_open((ward_bytes){ section.bytes + 8, section.len - 8 }, &index, &error),
			WARD_E_ARGUMENT);
	section.bytes[0] ^= 1;
	CHECK_EQ(pdq_index_open((ward_bytes){ section.bytes, section.len }, &index, &error),
			WARD_E_CORRUPT);
	CHECK_STR(error.message, "this is not a PDQ index");
	drop(&section);
	free(hashes);
}

static void radius_out_of_range(void)
{
	struct section section;
	struct pdq_found found = { 0 };
	struct ward_error error = { 0 };
	ward_pdq zero = { { 0 } };

	CHECK(build(&section, &zero, 1, 0));
	CHECK_EQ(pdq_index_search(&section.index, zero, 64, &found, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "a PDQ radius is 0 to 63, not 64");
	CHECK_EQ(pdq_index_search(&section.index, zero, -1, &found, &error), WARD_E_ARGUMENT);
	CHECK_EQ(pdq_index_search_batch(&section.index, &zero, 1, 64, &found, &error),
			WARD_E_ARGUMENT);
	drop(&section);
}

struct short_disk {
	size_t left;
};

static ward_err write_some(void *context, ward_bytes bytes, struct ward_error *error)
{
	struct short_disk *disk = context;

	if (bytes.len > disk->left)
		return ward_fail(error, WARD_E_IO, "the disk is full");
	disk->left -= bytes.len;
	return WARD_OK;
}

static void a_full_disk(void)
{
	ward_pdq *hashes = random_hashes(1000);
	struct pdq_layout layout = pdq_layout_of(1000, 1000, 0);

	for (size_t left = 0; left < layout.size; left += layout.size / 50) {
		struct short_disk disk = { left };
		struct ward_error error = { 0 };
		struct pdq_index_build plan = { .hashes = hashes,
			.count = 1000,
			.write = write_some,
			.write_context = &disk,
			.scan_below = 1 };

		CHECK_EQ(pdq_index_build(&plan, &error), WARD_E_IO);
		CHECK_STR(error.message, "the disk is full");
	}
	free(hashes);
}

static uint64_t parts_done, parts_total;

static void note_progress(void *context, uint64_t done, uint64_t total)
{
	bool *backwards = context;

	*backwards |= done < parts_done;
	parts_done = done;
	parts_total = total;
}

static void progress(void)
{
	ward_pdq *hashes = random_hashes(100);
	bool backwards = false;
	struct short_disk disk = { SIZE_MAX };
	struct pdq_index_build plan = { .hashes = hashes,
		.count = 100,
		.write = write_some,
		.write_context = &disk,
		.progress = note_progress,
		.progress_context = &backwards,
		.scan_below = 1 };

	CHECK_EQ(pdq_index_build(&plan, NULL), WARD_OK);
	CHECK(!backwards);
	CHECK_EQ(parts_done, parts_total);
	CHECK(parts_total > 0);
	free(hashes);
}

static const struct test_case cases[] = {
	{ "uniform data: finds what a straight scan finds, at every radius", uniform_data },
	{ "shared chunks: finds what a straight scan finds", shared_chunks },
	{ "chunks of few values: finds what a straight scan finds", chunks_of_few_values },
	{ "dense clusters: finds what a straight scan finds", dense_clusters },
	{ "hashes with few ones: finds what a straight scan finds", hashes_with_few_ones },
	{ "equal hashes are indexed once and all reported", equal_hashes },
	{ "a batch gives what its queries give one by one", batches },
	{ "every CPU path finds what a straight scan finds", every_cpu_path },
	{ "the golden set's pairs are found, and no others", golden_set },
	{ "a damaged section never leads outside of it", damaged_sections },
	{ "a section cut short, misaligned or of another kind is refused", sections_cut_short },
	{ "a radius out of range is refused", radius_out_of_range },
	{ "a full disk ends the build with the writer's error", a_full_disk },
	{ "progress goes forwards and ends at the total", progress },
};
TEST_MAIN(cases)
