#include "base/file.h"
#include "base/test.h"
#include <ward/bank.h>

#include <dirent.h>
#include <unistd.h>

static char folder[256]; /* of this test program, removed at the end of each case */
static struct ward_error error;

static const char *in_folder(const char *name)
{
	static char path[4][512];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void fresh_folder(void)
{
	snprintf(folder, sizeof(folder), "%s/ward-list-test-XXXXXX",
			getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(folder))
		abort();
	error = (struct ward_error){ 0 };
}

static struct ward_list_info info_of(const char *name)
{
	struct ward_list_info info;

	if (!ward_list_info_init(&info, ward_str_from(name)))
		abort();
	return info;
}

static ward_pdq pdq_of(uint64_t seed)
{
	ward_pdq hash;

	for (int i = 0; i < 4; i++) {
		uint64_t z = seed = seed * 4 + (uint64_t)i + 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		hash.word[i] = z ^ z >> 31;
	}
	return hash;
}

static ward_pdq flipped(ward_pdq hash, int bits)
{
	for (int i = 0; i < bits; i++)
		hash.word[i % 4] ^= (uint64_t)1 << (i * 7 % 61);
	return hash;
}

static ward_signal digest_of(ward_signal_kind kind, uint64_t seed)
{
	ward_signal signal = { .kind = kind };
	ward_pdq bits = pdq_of(seed * 31 + kind);

	memcpy(signal.bytes, &bits, ward_signal_size(kind) < 32 ? ward_signal_size(kind) : 32);
	return signal;
}

static struct ward_list_writer *begin(const char *name)
{
	struct ward_list_writer *writer = NULL;
	struct ward_list_info info = info_of(name);

	if (ward_list_create(in_folder(name), &info, &writer, &error))
		printf("# %s\n", error.message);
	return writer;
}

static bool add(struct ward_list_writer *writer, uint64_t number, ward_signal signal,
		const char *labels)
{
	struct ward_record record = { .number = number, .signal_count = 1, .quality = 255 };

	record.signals[0] = signal;
	record.labels = ward_str_from(labels);
	return !ward_list_writer_add(writer, &record, &error);
}

static bool commit(struct ward_list_writer *writer)
{
	ward_err err = ward_list_writer_commit(writer, &error);

	if (err)
		printf("# %s\n", error.message);
	ward_list_writer_free(writer);
	return !err;
}

static void finds_what_was_listed(void)
{
	struct ward_list_writer *writer;
	struct ward_list *list = NULL;
	struct ward_hits hits = { 0 };
	ward_signal pdq = ward_pdq_signal(pdq_of(1)), md5 = digest_of(WARD_SIGNAL_MD5, 2);
	ward_signal near = ward_pdq_signal(flipped(pdq_of(1), 9));
	struct ward_record record;

	fresh_folder();
	writer = begin("harbour");
	CHECK(writer);
	CHECK(add(writer, 3, pdq, "ward:lighthouse"));
	CHECK(add(writer, 4, md5, ""));
	CHECK(add(writer, 9, ward_pdq_signal(pdq_of(5)), "ward:bridge"));
	CHECK(commit(writer));

	CHECK_EQ(ward_list_open(in_folder("harbour"), &list, &error), WARD_OK);
	CHECK_EQ(ward_list_entries(list), 3);
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_PDQ), 2);
	CHECK_EQ(ward_list_search(list, &near, -1, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 1);
	CHECK_EQ(hits.at[0].entry, 3);
	CHECK_EQ(hits.at[0].distance, 9);
	CHECK(ward_str_eq(hits.at[0].labels, WARD_STR("ward:lighthouse")));
	ward_hits_clear(&hits);
	CHECK_EQ(ward_list_search(list, &near, 8, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 0);
	CHECK_EQ(ward_list_search(list, &md5, -1, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 1);
	CHECK_EQ(hits.at[0].entry, 4);
	CHECK(ward_list_entry(list, 9, &record));
	CHECK_EQ(record.signal_count, 1);
	CHECK(!ward_list_entry(list, 5, &record));
	ward_hits_free(&hits);
	ward_list_free(list);
}

static void a_bank_asks_all_its_lists(void)
{
	struct ward_bank *bank = NULL;
	struct ward_bank_view *view;
	struct ward_list_writer *writer;
	struct ward_hits hits = { 0 };
	struct ward_search search = ward_search_default();
	ward_signal pdq = ward_pdq_signal(pdq_of(1));
	bool changed = true;

	fresh_folder();
	writer = begin("one");
	CHECK(add(writer, 0, pdq, ""));
	CHECK(commit(writer));
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	CHECK(!changed);
	writer = begin("two");
	CHECK(add(writer, 7, ward_pdq_signal(flipped(pdq_of(1), 3)), ""));
	CHECK(commit(writer));
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	CHECK(changed);
	view = ward_bank_acquire(bank);
	CHECK_EQ(ward_bank_list_count(view), 2);
	CHECK_EQ(ward_bank_search(view, &pdq, &search, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 2);
	CHECK_EQ(hits.at[0].entry, 0);
	CHECK_EQ(hits.at[1].entry, 7);
	CHECK_EQ(hits.at[1].distance, 3);
	ward_hits_free(&hits);
	ward_bank_release(view);
	ward_bank_free(bank);
}

static const struct test_case cases[] = {
	{ "finds what was listed", finds_what_was_listed },
	{ "a bank asks all its lists", a_bank_asks_all_its_lists },
};
TEST_MAIN(cases)
