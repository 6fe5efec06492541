/*
 * Bits of a list's files are turned over, one or several at a time.  Whatever
 * the list then answers, it goes on; and the checksums see every such bit.
 */
#include "bank/list_test.h"
#include "base/file.h"

#define ENTRIES 400

static uint64_t state;

static uint64_t draw(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

/* The list's file that ends so, in `path`. */
static bool find_file(const char *suffix, char path[1024])
{
	DIR *entries = opendir(in_folder("a"));
	struct dirent *entry;
	bool found = false;

	while (entries && !found && (entry = readdir(entries))) {
		found = ward_str_ends(ward_str_from(entry->d_name), ward_str_from(suffix));
		snprintf(path, 1024, "%s/a/%s", folder, entry->d_name);
	}
	if (entries)
		closedir(entries);
	return found;
}

static bool make_list(void)
{
	struct ward_list_writer *writer = begin("a");
	struct ward_record record = { .quality = 80 };

	for (uint64_t i = 0; writer && i < ENTRIES; i++) {
		record.number = i + i / 50;
		record.signal_count = 1 + i % 3;
		for (uint64_t j = 0; j < record.signal_count; j++)
			record.signals[j] = digest_of((ward_signal_kind)(1 + (i + j) % 5), i / 2);
		record.labels = i % 7 ? WARD_STR("ward:boat") : WARD_STR("");
		record.ref = i % 3 ? WARD_STR("a ref") : WARD_STR("b");
		if (ward_list_writer_add(writer, &record, &error))
			return false;
	}
	return writer && commit(writer);
}

static bool write_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");
	bool ok = file && fwrite(bytes, 1, len, file) == len;

	return file && fclose(file) == 0 && ok;
}

/* Asks what there is to ask; the answers may be wrong. */
static void ask_everything(const struct ward_list *list)
{
	struct ward_hits hits = { 0 };
	struct ward_record record;
	uint64_t cursor = 0;

	for (uint64_t i = 0; i < 40; i++) {
		ward_signal signal = digest_of((ward_signal_kind)(1 + i % 5), i);

		(void)!ward_list_search(list, &signal, 31, &hits, NULL);
	}
	while (ward_list_next(list, &cursor, &record))
		(void)!ward_list_entry(list, record.number, &record);
	ward_hits_free(&hits);
}

/* How it ends with so many bits turned over: the failure of opening or verifying. */
static ward_err damage(const char *path, const char *sound, size_t len, int bits)
{
	static char bytes[1 << 20];
	struct ward_list *list = NULL;
	ward_err err;

	memcpy(bytes, sound, len);
	for (int i = 0; i < bits; i++) {
		size_t bit = draw(8 * len);

		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
	}
	if (!write_file(path, bytes, len))
		return WARD_OK;
	err = ward_list_open(in_folder("a"), &list, &error);
	if (!err) {
		ask_everything(list);
		err = ward_list_verify(list, NULL, NULL, &error);
	}
	ward_list_free(list);
	return err;
}

static void no_damaged_segment_is_read_past_or_called_sound(void)
{
	char path[1024], *sound = NULL;
	size_t len = 0, padding = 0;

	fresh_list_folder();
	state = 11;
	CHECK(make_list() && find_file(".seg", path));
	CHECK_EQ(file_read(path, 1 << 20, &sound, &len, &error), WARD_OK);
	for (int i = 0; i < 1500; i++) {
		ward_err err = damage(path, sound, len, i % 10 ? 1 : 30);

		CHECK(err == WARD_OK || err == WARD_E_CORRUPT || err == WARD_E_UNSUPPORTED);
		padding += err == WARD_OK;
	}
	/* Between its parts there are some bytes of padding, which nothing reads. */
	printf("# %d of 1500 fell on padding\n", (int)padding);
	CHECK(padding < 60);
	free(sound);
}

static void a_shorter_or_longer_segment_is_told(void)
{
	char path[1024], *sound = NULL;
	struct ward_list *list = NULL;
	size_t len = 0;

	fresh_list_folder();
	CHECK(make_list() && find_file(".seg", path));
	CHECK_EQ(file_read(path, 1 << 20, &sound, &len, &error), WARD_OK);
	for (size_t cut = 1; cut <= len; cut = cut * 2 + 1) {
		CHECK(write_file(path, sound, len - cut));
		CHECK_EQ(ward_list_open(in_folder("a"), &list, &error), WARD_E_CORRUPT);
	}
	CHECK(write_file(path, "", 0));
	CHECK_EQ(ward_list_open(in_folder("a"), &list, &error), WARD_E_CORRUPT);
	CHECK(write_file(path, sound, len + 1)); /* the NUL behind it */
	CHECK_EQ(ward_list_open(in_folder("a"), &list, &error), WARD_E_CORRUPT);
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(ward_list_open(in_folder("a"), &list, &error), WARD_E_CORRUPT);
	CHECK(strstr(error.message, "cannot open"));
	free(sound);
}

static void every_damaged_manifest_is_told(void)
{
	char path[1024], *sound = NULL;
	size_t len = 0;

	fresh_list_folder();
	state = 12;
	CHECK(make_list() && find_file("manifest.json", path));
	CHECK_EQ(file_read(path, 1 << 20, &sound, &len, &error), WARD_OK);
	for (int i = 0; i < 500; i++)
		CHECK_EQ(damage(path, sound, len, 1 + i % 3 * 2), WARD_E_CORRUPT);
	free(sound);
}

static void a_broken_list_can_be_replaced_or_deleted(void)
{
	char path[1024];

	fresh_list_folder();
	CHECK(make_list() && find_file("manifest.json", path));
	CHECK(write_file(path, "{", 1));
	CHECK(make_list());
	CHECK_EQ(count_hits("a", digest_of(WARD_SIGNAL_MD5, 0)), 1);
	CHECK(write_file(path, "{", 1));
	CHECK_EQ(ward_list_delete(in_folder("a"), &error), WARD_OK);
}

static const struct test_case cases[] = {
	{ "no damaged segment is read past or called sound",
			no_damaged_segment_is_read_past_or_called_sound },
	{ "a shorter or longer segment is told", a_shorter_or_longer_segment_is_told },
	{ "every damaged manifest is told", every_damaged_manifest_is_told },
	{ "a broken list can be replaced or deleted", a_broken_list_can_be_replaced_or_deleted },
};
TEST_MAIN(cases)
