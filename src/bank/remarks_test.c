#include "bank/list_test.h"
#include "bank/remarks.h"

static const int64_t now = 1800000000;

static ward_signal signal_of(uint64_t seed)
{
	return seed % 2 ? digest_of(WARD_SIGNAL_SHA1, seed) : ward_pdq_signal(pdq_of(seed));
}

/* Entries 0 to 9; `shift` makes other signals of them. */
static void make_ten(uint64_t shift)
{
	struct ward_list_writer *writer = begin("a");

	for (uint64_t i = 0; i < 10; i++) {
		if (!add(writer, i, signal_of(i + shift), ""))
			abort();
	}
	if (!commit(writer))
		abort();
}

static ward_err remark(uint64_t entry, int64_t off_until, const char *note)
{
	struct ward_remark said = { entry, off_until, note };

	return ward_list_remark(in_folder("a"), &said, &error);
}

/* How the bank finds the entry's signal: 'f'ound, 'o'ff, or '-' for not at all. */
static char found(uint64_t entry, int64_t at)
{
	struct ward_search search = ward_search_default();
	struct ward_hits hits = { 0 };
	ward_signal signal = signal_of(entry);
	struct ward_bank *bank = NULL;
	char word = '?';

	search.now = at;
	if (ward_bank_open(folder, &bank, &error))
		return word;
	struct ward_bank_view *view = ward_bank_acquire(bank);

	if (!ward_bank_search(view, &signal, &search, &hits, &error))
		word = hits.count == 0 ? '-' : hits.at[0].off ? 'o' : 'f';
	if (hits.count > 0 && hits.at[0].off != hits.at[0].excluded)
		word = '!';
	ward_hits_free(&hits);
	ward_bank_release(view);
	ward_bank_free(bank);
	return word;
}

static struct ward_remark read_back(uint64_t entry, char note[1024])
{
	struct ward_list *list = open_list("a");
	struct ward_remark said = ward_list_remark_on(list, entry);

	snprintf(note, 1024, "%s", said.note);
	said.note = note;
	ward_list_free(list);
	return said;
}

static void an_entry_is_off_until_the_time_has_come(void)
{
	fresh_list_folder();
	make_ten(0);
	for (uint64_t entry = 3; entry < 5; entry++) {
		CHECK_EQ(remark(entry, now + 60, ""), WARD_OK);
		CHECK_EQ(found(entry, now), 'o');
		CHECK_EQ(found(entry, now + 59), 'o');
		CHECK_EQ(found(entry, now + 60), 'f');
		CHECK_EQ(found(entry + 2, now), 'f');
		/* Without a clock nothing is left out for a time. */
		CHECK_EQ(found(entry, 0), 'f');
		CHECK_EQ(remark(entry, 0, ""), WARD_OK);
		CHECK_EQ(found(entry, now), 'f');
	}
}

static void an_entry_that_is_off_for_good_stays_so(void)
{
	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(remark(4, WARD_OFF_FOR_GOOD, ""), WARD_OK);
	CHECK_EQ(found(4, now), 'o');
	CHECK_EQ(found(4, INT64_MAX), 'o');
	CHECK_EQ(found(4, 0), 'o');
}

static void an_entry_that_is_off_lets_no_file_pass_on_an_allow_list(void)
{
	struct ward_list_info info = info_of("a");

	fresh_list_folder();
	make_ten(0);
	info.sense = WARD_SENSE_ALLOW;
	CHECK_EQ(ward_list_set_info(in_folder("a"), &info, &error), WARD_OK);
	CHECK_EQ(remark(3, now + 60, ""), WARD_OK);
	CHECK_EQ(found(3, now), 'o');
}

static void searching_the_list_itself_heeds_no_remark(void)
{
	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(remark(4, WARD_OFF_FOR_GOOD, ""), WARD_OK);
	CHECK_EQ(count_hits("a", signal_of(4)), 1);
}

static void a_remark_comes_back_as_it_was_given(void)
{
	static const char note[] = "a \"boat\",\nnot a lighthouse \xe2\x9b\xb5";
	char text[1024];

	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(remark(9, now + 5, note), WARD_OK);
	CHECK_EQ(remark(2, 0, "seen"), WARD_OK);
	CHECK_EQ(read_back(9, text).off_until, now + 5);
	CHECK_STR(text, note);
	CHECK_EQ(read_back(2, text).off_until, 0);
	CHECK_STR(text, "seen");
	CHECK_EQ(read_back(3, text).off_until, 0);
	CHECK_STR(text, "");
	CHECK_EQ(remark(9, 2, ""), WARD_OK);
	CHECK_EQ(read_back(9, text).off_until, 2);
	CHECK_STR(text, "");
}

static void a_remark_stays_through_changes_and_is_gone_with_its_entry(void)
{
	struct ward_list_writer *writer;
	ward_signal third = signal_of(3);
	uint64_t removed;

	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(remark(3, WARD_OFF_FOR_GOOD, ""), WARD_OK);
	CHECK_EQ(remark(4, WARD_OFF_FOR_GOOD, ""), WARD_OK);
	writer = change("a");
	CHECK_EQ(ward_list_writer_remove_signal(writer, &third, &removed, &error), WARD_OK);
	CHECK(add(writer, ward_list_writer_next(writer), third, ""));
	CHECK(commit(writer));
	CHECK_EQ(found(3, now), 'f');
	CHECK_EQ(ward_list_compact(in_folder("a"), &error), WARD_OK);
	CHECK_EQ(found(3, now), 'f');
	CHECK_EQ(found(4, now), 'o');
}

static void a_remark_never_lies_on_what_has_the_number_later(void)
{
	char text[1024];

	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(remark(4, WARD_OFF_FOR_GOOD, "wrong"), WARD_OK);
	make_ten(0);
	CHECK_EQ(found(4, now), 'o');
	make_ten(100);
	CHECK_EQ(found(104, now), 'f');
	CHECK_STR((read_back(4, text), text), "");
	/* And the next remark forgets the old one. */
	CHECK_EQ(remark(5, now + 1, ""), WARD_OK);
	make_ten(0);
	CHECK_EQ(found(4, now), 'f');
}

static void refuses_what_is_no_remark(void)
{
	static char long_note[WARD_NOTE_CHARS_MAX * 3 + 4];

	fresh_list_folder();
	CHECK_EQ(remark(0, 5, ""), WARD_E_NOT_FOUND);
	make_ten(0);
	CHECK_EQ(remark(10, 5, ""), WARD_E_NOT_FOUND);
	CHECK_EQ(remark(UINT64_MAX, 5, ""), WARD_E_ARGUMENT);
	CHECK_EQ(remark(0, -1, ""), WARD_E_ARGUMENT);
	CHECK_EQ(remark(0, 5, "\xff"), WARD_E_ARGUMENT);
	for (int i = 0; i < WARD_NOTE_CHARS_MAX; i++)
		memcpy(long_note + i * 3, "\xe2\x9b\xb5", 3);
	CHECK_EQ(remark(0, 5, long_note), WARD_OK);
	memcpy(long_note + WARD_NOTE_CHARS_MAX * 3, "x", 2);
	CHECK_EQ(remark(0, 5, long_note), WARD_E_ARGUMENT);
}

static void damaged_remarks_are_told(void)
{
	struct ward_list *list = NULL;
	FILE *file;

	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(remark(4, 5, ""), WARD_OK);
	file = fopen(in_folder("a/" REMARKS_NAME), "a");
	CHECK(file && fputs("not a remark\n", file) >= 0 && fclose(file) == 0);
	CHECK_EQ(ward_list_open(in_folder("a"), &list, &error), WARD_E_CORRUPT);
	CHECK(strstr(error.message, "remarks.jsonl: line 2: this is not a remark"));
}

static void a_list_is_deleted_with_its_remarks(void)
{
	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(remark(4, 5, ""), WARD_OK);
	CHECK_EQ(ward_list_delete(in_folder("a"), &error), WARD_OK);
	CHECK(access(in_folder("a"), F_OK) < 0);
}

static void a_view_notices_a_new_remark(void)
{
	struct ward_bank *bank = NULL;
	bool changed = false;

	fresh_list_folder();
	make_ten(0);
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	CHECK(!changed);
	CHECK_EQ(remark(4, 5, ""), WARD_OK);
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	CHECK(changed);
	ward_bank_free(bank);
}

static const struct test_case cases[] = {
	{ "an entry is off until the time has come", an_entry_is_off_until_the_time_has_come },
	{ "an entry that is off for good stays so", an_entry_that_is_off_for_good_stays_so },
	{ "an entry that is off lets no file pass on an allow list",
			an_entry_that_is_off_lets_no_file_pass_on_an_allow_list },
	{ "searching the list itself heeds no remark", searching_the_list_itself_heeds_no_remark },
	{ "a remark comes back as it was given", a_remark_comes_back_as_it_was_given },
	{ "a remark stays through changes and is gone with its entry",
			a_remark_stays_through_changes_and_is_gone_with_its_entry },
	{ "a remark never lies on what has the number later",
			a_remark_never_lies_on_what_has_the_number_later },
	{ "refuses what is no remark", refuses_what_is_no_remark },
	{ "damaged remarks are told", damaged_remarks_are_told },
	{ "a list is deleted with its remarks", a_list_is_deleted_with_its_remarks },
	{ "a view notices a new remark", a_view_notices_a_new_remark },
};
TEST_MAIN(cases)
