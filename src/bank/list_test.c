#include "bank/list_test.h"

#include "bank/segment.h"
#include "base/checksum.h"

#include <fcntl.h>
#include <glob.h>
#include <stddef.h>
#include <unistd.h>

static void finds_what_was_listed(void)
{
	struct ward_list_writer *writer;
	struct ward_list *list = NULL;
	struct ward_hits hits = { 0 };
	ward_signal pdq = ward_pdq_signal(pdq_of(1)), md5 = digest_of(WARD_SIGNAL_MD5, 2);
	ward_signal near = ward_pdq_signal(flipped(pdq_of(1), 9));
	struct ward_record record;

	fresh_list_folder();
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

static void a_delta_adds_and_removes(void)
{
	struct ward_list_writer *writer;
	struct ward_list *list;
	uint64_t removed = 0, next;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add_with_ref(writer, 0, digest_of(WARD_SIGNAL_MD5, 1), "one"));
	CHECK(add_with_ref(writer, 1, digest_of(WARD_SIGNAL_MD5, 2), "two"));
	CHECK(add_with_ref(writer, 2, digest_of(WARD_SIGNAL_MD5, 2), "three"));
	CHECK(add_with_ref(writer, 3, ward_pdq_signal(pdq_of(4)), "one"));
	CHECK(commit(writer));

	writer = change("a");
	next = ward_list_writer_next(writer);
	CHECK_EQ(next, 4);
	CHECK(add(writer, next, ward_pdq_signal(pdq_of(9)), ""));
	CHECK_EQ(ward_list_writer_remove_ref(writer, WARD_STR("one"), &removed, &error), WARD_OK);
	CHECK_EQ(removed, 2);
	CHECK_EQ(ward_list_writer_remove_ref(writer, WARD_STR("one"), &removed, &error), WARD_OK);
	CHECK_EQ(removed, 0);
	CHECK_EQ(ward_list_writer_remove_ref(writer, WARD_STR("none"), &removed, &error), WARD_OK);
	CHECK_EQ(removed, 0);
	CHECK(commit(writer));
	list = open_list("a");
	CHECK_EQ(ward_list_deltas(list), 1);
	CHECK_EQ(ward_list_entries(list), 3);
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_MD5), 2);
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_PDQ), 1);
	ward_list_free(list);
	CHECK_EQ(count_hits("a", digest_of(WARD_SIGNAL_MD5, 1)), 0);
	CHECK_EQ(count_hits("a", ward_pdq_signal(pdq_of(4))), 0);
	CHECK_EQ(count_hits("a", ward_pdq_signal(pdq_of(9))), 1);

	writer = change("a");
	ward_signal two = digest_of(WARD_SIGNAL_MD5, 2);

	CHECK_EQ(ward_list_writer_remove_signal(writer, &two, &removed, &error), WARD_OK);
	CHECK_EQ(removed, 2);
	CHECK(commit(writer));
	CHECK_EQ(count_hits("a", two), 0);
}

static void what_a_delta_adds_it_does_not_remove(void)
{
	struct ward_list_writer *writer;
	ward_signal signal = digest_of(WARD_SIGNAL_SHA1, 1);
	uint64_t removed = 9;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add(writer, 0, signal, "ward:old"));
	CHECK(commit(writer));
	writer = change("a");
	CHECK(add(writer, 1, signal, "ward:new"));
	CHECK_EQ(ward_list_writer_remove_signal(writer, &signal, &removed, &error), WARD_OK);
	CHECK_EQ(removed, 1);
	CHECK(commit(writer));
	CHECK_EQ(count_hits("a", signal), 1);
}

static void a_delta_that_changes_nothing_is_no_version(void)
{
	struct ward_list_writer *writer;
	struct ward_list *before, *after;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add(writer, 0, digest_of(WARD_SIGNAL_MD5, 1), ""));
	CHECK(commit(writer));
	before = open_list("a");
	CHECK(commit(change("a")));
	after = open_list("a");
	CHECK_STR(ward_list_version(before), ward_list_version(after));
	CHECK_EQ(ward_list_deltas(after), 0);
	ward_list_free(before);
	ward_list_free(after);
}

static void compacting_keeps_entries_and_numbers(void)
{
	struct ward_list_writer *writer;
	struct ward_list *list;
	struct ward_record record;
	uint64_t removed = 0, cursor = 0;

	fresh_list_folder();
	writer = begin("a");
	for (uint64_t i = 0; i < 10; i++)
		CHECK(add_with_ref(writer, i, ward_pdq_signal(pdq_of(i)), i == 9 ? "last" : "x"));
	CHECK(commit(writer));
	writer = change("a");
	CHECK_EQ(ward_list_writer_remove_ref(writer, WARD_STR("last"), &removed, &error), WARD_OK);
	CHECK_EQ(removed, 1);
	CHECK(commit(writer));
	CHECK_EQ(ward_list_compact(in_folder("a"), &error), WARD_OK);
	list = open_list("a");
	CHECK_EQ(ward_list_deltas(list), 0);
	CHECK_EQ(ward_list_entries(list), 9);
	for (uint64_t i = 0; i < 9; i++) {
		CHECK(ward_list_next(list, &cursor, &record));
		CHECK_EQ(record.number, i);
		CHECK(ward_str_eq(record.ref, WARD_STR("x")));
	}
	CHECK(!ward_list_next(list, &cursor, &record));
	CHECK_EQ(ward_list_verify(list, NULL, NULL, &error), WARD_OK);
	ward_list_free(list);
	/* The number of the removed last one is not given again. */
	writer = change("a");
	CHECK_EQ(ward_list_writer_next(writer), 10);
	ward_list_writer_free(writer);
}

static void many_deltas_are_folded_into_few(void)
{
	struct ward_list_writer *writer;
	struct ward_list *list;
	uint64_t removed = 0;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add(writer, 0, digest_of(WARD_SIGNAL_MD5, 0), ""));
	CHECK(commit(writer));
	for (uint64_t i = 1; i <= 100; i++) {
		ward_signal before = digest_of(WARD_SIGNAL_MD5, i - 1);

		writer = change("a");
		CHECK(add(writer, i, digest_of(WARD_SIGNAL_MD5, i), ""));
		if (i % 3 == 0) {
			CHECK_EQ(ward_list_writer_remove_signal(writer, &before, &removed, &error),
					WARD_OK);
			CHECK_EQ(removed, 1);
		}
		CHECK(commit(writer));
	}
	list = open_list("a");
	CHECK(ward_list_deltas(list) <= 8);
	CHECK_EQ(ward_list_entries(list), 101 - 33);
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_MD5), 101 - 33);
	CHECK_EQ(ward_list_verify(list, NULL, NULL, &error), WARD_OK);
	ward_list_free(list);
	for (uint64_t i = 0; i <= 100; i++)
		CHECK_EQ(count_hits("a", digest_of(WARD_SIGNAL_MD5, i)), i % 3 != 2);
}

static void says_what_a_list_is_in_its_own_words(void)
{
	struct ward_list_info info = info_of("a");
	struct ward_list_writer *writer;
	struct ward_list *list;
	int64_t created;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add(writer, 0, digest_of(WARD_SIGNAL_MD5, 0), ""));
	CHECK(commit(writer));
	list = open_list("a");
	created = ward_list_info(list)->created;
	CHECK(created > 0);
	ward_list_free(list);

	snprintf(info.source, sizeof(info.source), "the harbour \"office\"\n");
	snprintf(info.default_label, sizeof(info.default_label), "ward:boat");
	info.sense = WARD_SENSE_ALLOW;
	info.radius = 17;
	info.photodna_distance_max = 4000000000;
	info.expires = 12345;
	info.enabled = false;
	CHECK_EQ(ward_list_set_info(in_folder("a"), &info, &error), WARD_OK);
	list = open_list("a");
	CHECK_STR(ward_list_info(list)->source, info.source);
	CHECK_STR(ward_list_info(list)->default_label, "ward:boat");
	CHECK_EQ(ward_list_info(list)->sense, WARD_SENSE_ALLOW);
	CHECK_EQ(ward_list_info(list)->radius, 17);
	CHECK_EQ(ward_list_info(list)->photodna_distance_max, 4000000000);
	CHECK_EQ(ward_list_info(list)->expires, 12345);
	CHECK(!ward_list_info(list)->enabled);
	CHECK_EQ(ward_list_info(list)->created, created);
	CHECK_EQ(ward_list_entries(list), 1);
	ward_list_free(list);

	info.radius = 64;
	CHECK_EQ(ward_list_set_info(in_folder("a"), &info, &error), WARD_E_ARGUMENT);
	CHECK_EQ(ward_list_set_info(in_folder("none"), &info, &error), WARD_E_ARGUMENT);
	info.radius = 31;
	CHECK_EQ(ward_list_set_info(in_folder("none"), &info, &error), WARD_E_NOT_FOUND);
}

static void a_deleted_list_is_gone(void)
{
	struct ward_list_writer *writer;
	struct ward_list *list = NULL;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add(writer, 0, digest_of(WARD_SIGNAL_MD5, 0), ""));
	CHECK(commit(writer));
	CHECK_EQ(ward_list_delete(in_folder("a"), &error), WARD_OK);
	CHECK_EQ(ward_list_open(in_folder("a"), &list, &error), WARD_E_NOT_FOUND);
	CHECK(access(in_folder("a"), F_OK) < 0);
	CHECK_EQ(ward_list_delete(in_folder("a"), &error), WARD_E_NOT_FOUND);
}

static void the_second_writer_is_told_to_wait(void)
{
	struct ward_list_writer *first, *second = NULL;
	struct ward_list_info info = info_of("a");

	fresh_list_folder();
	first = begin("a");
	CHECK(first);
	CHECK_EQ(ward_list_create(in_folder("a"), &info, &second, &error), WARD_E_CONFLICT);
	CHECK_EQ(ward_list_change(in_folder("a"), &second, &error), WARD_E_CONFLICT);
	CHECK(add(first, 0, digest_of(WARD_SIGNAL_MD5, 0), ""));
	CHECK(commit(first));
	second = change("a");
	CHECK(second);
	CHECK_EQ(ward_list_set_info(in_folder("a"), &info, &error), WARD_E_CONFLICT);
	CHECK_EQ(ward_list_compact(in_folder("a"), &error), WARD_E_CONFLICT);
	CHECK_EQ(ward_list_delete(in_folder("a"), &error), WARD_E_CONFLICT);
	ward_list_writer_free(second);
}

static void without_a_commit_nothing_changes(void)
{
	struct ward_list_writer *writer;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add(writer, 0, digest_of(WARD_SIGNAL_MD5, 0), ""));
	CHECK(commit(writer));
	writer = begin("a");
	CHECK(add(writer, 0, digest_of(WARD_SIGNAL_MD5, 1), ""));
	ward_list_writer_free(writer);
	writer = change("a");
	CHECK(add(writer, 1, digest_of(WARD_SIGNAL_MD5, 1), ""));
	ward_list_writer_free(writer);
	CHECK_EQ(count_hits("a", digest_of(WARD_SIGNAL_MD5, 0)), 1);
	CHECK_EQ(count_hits("a", digest_of(WARD_SIGNAL_MD5, 1)), 0);
}

static void refuses_what_is_no_record(void)
{
	struct ward_list_writer *writer;
	struct ward_record record = { .number = 5, .quality = 255 };

	fresh_list_folder();
	writer = begin("a");
	CHECK_EQ(ward_list_writer_add(writer, &record, &error), WARD_E_ARGUMENT);
	record.signal_count = WARD_RECORD_SIGNALS_MAX + 1;
	CHECK_EQ(ward_list_writer_add(writer, &record, &error), WARD_E_ARGUMENT);
	record.signal_count = 1;
	CHECK_EQ(ward_list_writer_add(writer, &record, &error), WARD_E_ARGUMENT);
	record.signals[0] = digest_of(WARD_SIGNAL_MD5, 1);
	CHECK_EQ(ward_list_writer_add(writer, &record, &error), WARD_OK);
	CHECK_EQ(ward_list_writer_add(writer, &record, &error), WARD_E_ARGUMENT);
	CHECK_STR(error.message, "record numbers ascend: 5 is below 6, the first free one");
	record.number = 4;
	CHECK_EQ(ward_list_writer_add(writer, &record, &error), WARD_E_ARGUMENT);
	/* A refused record leaves the rest as it was. */
	CHECK(commit(writer));
	CHECK_EQ(count_hits("a", record.signals[0]), 1);
}

static void a_record_keeps_all_it_had(void)
{
	struct ward_record record = { .number = 70, .quality = 88, .signal_count = 8 }, read;
	struct ward_list_writer *writer;
	struct ward_list *list;

	fresh_list_folder();
	for (int i = 0; i < 5; i++)
		record.signals[i] = digest_of((ward_signal_kind)(i + 1), 3);
	for (int i = 5; i < 8; i++)
		record.signals[i] = digest_of(WARD_SIGNAL_PHOTODNA, (uint64_t)i);
	record.labels = WARD_STR("ward:boat ward:harbour");
	record.ref = WARD_STR("office-1");
	writer = begin("a");
	CHECK(add(writer, 3, digest_of(WARD_SIGNAL_MD5, 77), "ward:boat"));
	CHECK_EQ(ward_list_writer_add(writer, &record, &error), WARD_OK);
	CHECK(commit(writer));
	list = open_list("a");
	CHECK(ward_list_entry(list, 70, &read));
	CHECK_EQ(read.signal_count, 8);
	for (int i = 0; i < 8; i++)
		CHECK(ward_signal_eq(&read.signals[i], &record.signals[i]));
	CHECK(ward_str_eq(read.labels, record.labels));
	CHECK(ward_str_eq(read.ref, record.ref));
	CHECK_EQ(read.quality, 88);
	CHECK(ward_list_entry(list, 3, &read));
	CHECK_EQ(read.quality, 255);
	CHECK_EQ(read.ref.len, 0);
	CHECK(ward_str_eq(read.labels, WARD_STR("ward:boat")));
	ward_list_free(list);
}

static void the_default_label_stands_for_none(void)
{
	struct ward_list_info info = info_of("a");
	struct ward_list_writer *writer = NULL;
	struct ward_hits hits = { 0 };
	ward_signal signal = digest_of(WARD_SIGNAL_SHA256, 1);
	struct ward_list *list;
	struct ward_record record;

	fresh_list_folder();
	snprintf(info.default_label, sizeof(info.default_label), "ward:any");
	CHECK_EQ(ward_list_create(in_folder("a"), &info, &writer, &error), WARD_OK);
	CHECK(add(writer, 0, signal, ""));
	CHECK(commit(writer));
	list = open_list("a");
	CHECK_EQ(ward_list_search(list, &signal, -1, &hits, &error), WARD_OK);
	CHECK(ward_str_eq(hits.at[0].labels, WARD_STR("ward:any")));
	CHECK(ward_list_entry(list, 0, &record));
	CHECK_EQ(record.labels.len, 0);
	ward_hits_free(&hits);
	ward_list_free(list);
}

/* A list's one file, as the first version wrote it: the head was shorter, the parts lay where they
 * lie. */
static bool make_old(const char *name)
{
	struct segment_head head;
	struct segment_head_1 old = { .version = 1 };
	glob_t found = { 0 };
	char pattern[4200];
	bool made = false;

	snprintf(pattern, sizeof(pattern), "%s/*.seg", in_folder(name));
	FILE *file = glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1
				     ? fopen(found.gl_pathv[0], "r+b")
				     : NULL;

	if (file && fread(&head, sizeof(head), 1, file) == 1) {
		memcpy(old.magic, head.magic, sizeof(old.magic));
		old.byte_order = head.byte_order;
		old.size = head.size;
		old.entries = head.entries;
		old.labels = head.labels;
		old.removed = head.removed;
		memcpy(old.signals, head.signals, sizeof(old.signals));
		memcpy(old.removed_signals, head.removed_signals, sizeof(old.removed_signals));
		memcpy(old.part, head.part, sizeof(old.part));
		old.checksum = checksum_of(&old, offsetof(struct segment_head_1, checksum));
		rewind(file);
		made = fwrite(&old, sizeof(old), 1, file) == 1;
	}
	if (file)
		made = fclose(file) == 0 && made;
	globfree(&found);
	return made;
}

static void a_list_of_the_first_version_is_read_changed_and_renewed(void)
{
	ward_signal pdq = ward_pdq_signal(pdq_of(1)), md5 = digest_of(WARD_SIGNAL_MD5, 2);
	ward_signal tth = digest_of(WARD_SIGNAL_TTH, 3);
	struct ward_list_writer *writer;
	struct ward_list *list;

	fresh_list_folder();
	writer = begin("old");
	CHECK(writer && add(writer, 0, pdq, "ward:lighthouse") && add(writer, 1, md5, ""));
	CHECK(commit(writer));
	CHECK(make_old("old"));
	CHECK_EQ(count_hits("old", pdq), 1);
	CHECK_EQ(count_hits("old", md5), 1);
	CHECK_EQ(count_hits("old", tth), 0);
	list = open_list("old");
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_MD5), 1);
	CHECK_EQ(ward_list_verify(list, NULL, NULL, &error), WARD_OK);
	ward_list_free(list);
	writer = change("old");
	CHECK(writer && add(writer, 2, tth, ""));
	CHECK(commit(writer));
	CHECK_EQ(count_hits("old", tth), 1);
	CHECK_EQ(ward_list_compact(in_folder("old"), &error), WARD_OK);
	CHECK_EQ(count_hits("old", pdq), 1);
	CHECK_EQ(count_hits("old", md5), 1);
	CHECK_EQ(count_hits("old", tth), 1);
}

static void a_file_of_a_later_version_is_refused_with_both_numbers(void)
{
	glob_t found = { 0 };
	char pattern[4200];
	uint32_t version = 3;
	struct ward_list *list = NULL;

	fresh_list_folder();
	struct ward_list_writer *writer = begin("later");

	CHECK(writer && add(writer, 0, digest_of(WARD_SIGNAL_MD5, 2), ""));
	CHECK(commit(writer));
	snprintf(pattern, sizeof(pattern), "%s/*.seg", in_folder("later"));
	CHECK_EQ(glob(pattern, 0, NULL, &found), 0);
	int fd = found.gl_pathc == 1 ? open(found.gl_pathv[0], O_WRONLY) : -1;

	CHECK_EQ(pwrite(fd, &version, sizeof(version), offsetof(struct segment_head, version)),
			(ssize_t)sizeof(version));
	if (fd >= 0)
		close(fd);
	globfree(&found);
	CHECK_EQ(ward_list_open(in_folder("later"), &list, &error), WARD_E_UNSUPPORTED);
	CHECK(strstr(error.message, "version 3") && strstr(error.message, "up to 2"));
	ward_list_free(list);
}

static void a_bound_keeps_the_nearest(void)
{
	struct ward_list_writer *writer;
	struct ward_hits hits = { .max = 4 };
	ward_signal asked = ward_pdq_signal(pdq_of(1));
	struct ward_list *list;

	fresh_list_folder();
	writer = begin("a");
	for (uint64_t i = 0; i < 20; i++)
		CHECK(add(writer, i, ward_pdq_signal(flipped(pdq_of(1), 20 - (int)i)), ""));
	CHECK(commit(writer));
	list = open_list("a");
	for (int turn = 1; turn <= 2; turn++) {
		CHECK_EQ(ward_list_search(list, &asked, -1, &hits, &error), WARD_OK);
		CHECK_EQ(hits.count, 4);
		CHECK_EQ(hits.total, 20 * turn);
	}
	for (size_t i = 1; i < hits.count; i++)
		CHECK(hits.at[i].distance >= hits.at[i - 1].distance);
	CHECK_EQ(hits.at[0].distance, 1);
	CHECK_EQ(hits.at[3].distance, 2);
	ward_hits_free(&hits);
	ward_list_free(list);
}

static void photodna_is_compared_by_distance(void)
{
	struct ward_list_info info = info_of("a");
	struct ward_list_writer *writer = NULL;
	struct ward_hits hits = { 0 };
	ward_signal asked = { .kind = WARD_SIGNAL_PHOTODNA }, listed = asked;
	struct ward_list *list;

	fresh_list_folder();
	info.photodna_distance_max = 100;
	CHECK_EQ(ward_list_create(in_folder("a"), &info, &writer, &error), WARD_OK);
	for (uint64_t i = 0; i < 20; i++) {
		listed.bytes[143] = (uint8_t)i;
		CHECK(add(writer, i, listed, ""));
	}
	CHECK(commit(writer));
	list = open_list("a");
	CHECK_EQ(ward_list_search(list, &asked, -1, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 11);
	CHECK_EQ(hits.at[10].distance, 100);
	CHECK_EQ(hits.at[10].entry, 10);
	ward_hits_free(&hits);
	ward_list_free(list);
}

/* The same things told again while a version is made: each once, as told last. */
static void what_is_dropped_is_not_in_the_version(void)
{
	struct ward_list_writer *writer;
	struct ward_record record;
	struct ward_list *list;

	fresh_list_folder();
	writer = begin("a");
	for (uint64_t i = 0; i < 6; i++)
		CHECK(add(writer, i, ward_pdq_signal(pdq_of(i)), ""));
	CHECK_EQ(ward_list_writer_drop(writer, 1, &error), WARD_OK);
	CHECK_EQ(ward_list_writer_drop(writer, 5, &error), WARD_OK);
	CHECK_EQ(ward_list_writer_drop(writer, 5, &error), WARD_OK);
	CHECK(commit(writer));
	CHECK_EQ(count_hits("a", ward_pdq_signal(pdq_of(1))), 0);
	CHECK_EQ(count_hits("a", ward_pdq_signal(pdq_of(2))), 1);
	list = open_list("a");
	CHECK_EQ(ward_list_entries(list), 4);
	CHECK_EQ(ward_list_signals(list, WARD_SIGNAL_PDQ), 4);
	CHECK(!ward_list_entry(list, 5, &record));
	CHECK_EQ(ward_list_verify(list, NULL, NULL, &error), WARD_OK);
	ward_list_free(list);

	writer = change("a");
	CHECK(add(writer, 6, ward_pdq_signal(pdq_of(1)), ""));
	CHECK(add(writer, 7, ward_pdq_signal(pdq_of(1)), ""));
	CHECK_EQ(ward_list_writer_drop(writer, 6, &error), WARD_OK);
	CHECK(commit(writer));
	CHECK_EQ(ward_list_compact(in_folder("a"), &error), WARD_OK);
	list = open_list("a");
	CHECK_EQ(ward_list_entries(list), 5);
	CHECK_EQ(ward_list_deltas(list), 0);
	CHECK(ward_list_entry(list, 7, &record) && !ward_list_entry(list, 6, &record));
	ward_list_free(list);
}

static void what_was_not_added_cannot_be_dropped(void)
{
	struct ward_list_writer *writer;

	fresh_list_folder();
	writer = begin("a");
	CHECK(add(writer, 0, ward_pdq_signal(pdq_of(1)), ""));
	CHECK(commit(writer));
	writer = change("a");
	CHECK(add(writer, 3, ward_pdq_signal(pdq_of(2)), ""));
	CHECK_EQ(ward_list_writer_drop(writer, 0, &error), WARD_OK);
	CHECK_EQ(ward_list_writer_commit(writer, &error), WARD_E_ARGUMENT);
	ward_list_writer_free(writer);
	CHECK_EQ(count_hits("a", ward_pdq_signal(pdq_of(1))), 1);
	CHECK_EQ(count_hits("a", ward_pdq_signal(pdq_of(2))), 0);
}

static const struct test_case cases[] = {
	{ "finds what was listed", finds_what_was_listed },
	{ "a delta adds and removes", a_delta_adds_and_removes },
	{ "what a delta adds it does not remove", what_a_delta_adds_it_does_not_remove },
	{ "a delta that changes nothing is no version",
			a_delta_that_changes_nothing_is_no_version },
	{ "what is dropped is not in the version", what_is_dropped_is_not_in_the_version },
	{ "what was not added cannot be dropped", what_was_not_added_cannot_be_dropped },
	{ "compacting keeps entries and numbers", compacting_keeps_entries_and_numbers },
	{ "many deltas are folded into few", many_deltas_are_folded_into_few },
	{ "says what a list is in its own words", says_what_a_list_is_in_its_own_words },
	{ "a deleted list is gone", a_deleted_list_is_gone },
	{ "the second writer is told to wait", the_second_writer_is_told_to_wait },
	{ "without a commit nothing changes", without_a_commit_nothing_changes },
	{ "refuses what is no record", refuses_what_is_no_record },
	{ "a record keeps all it had", a_record_keeps_all_it_had },
	{ "the default label stands for none", the_default_label_stands_for_none },
	{ "a list of the first version is read, changed and renewed",
			a_list_of_the_first_version_is_read_changed_and_renewed },
	{ "a file of a later version is refused with both numbers",
			a_file_of_a_later_version_is_refused_with_both_numbers },
	{ "a bound keeps the nearest", a_bound_keeps_the_nearest },
	{ "PhotoDNA is compared by distance", photodna_is_compared_by_distance },
};
TEST_MAIN(cases)
