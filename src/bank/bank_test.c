#include "bank/list_test.h"

#include <sys/stat.h>

static bool make_list(const char *name, struct ward_list_info info, const ward_signal *signals,
		size_t count)
{
	struct ward_list_writer *writer = NULL;

	if (ward_list_create(in_folder(name), &info, &writer, &error))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!add(writer, i, signals[i], ""))
			return false;
	}
	return commit(writer);
}

static bool make_plain(const char *name, ward_signal signal)
{
	return make_list(name, info_of(name), &signal, 1);
}

/* The hits of one question to the bank as it is now; SIZE_MAX when it fails. */
static size_t ask(const struct ward_search *search, ward_signal signal, struct ward_hits *hits)
{
	struct ward_bank *bank = NULL;
	struct ward_bank_view *view;
	size_t count = SIZE_MAX;

	ward_hits_clear(hits);
	if (ward_bank_open(folder, &bank, &error))
		return count;
	view = ward_bank_acquire(bank);
	if (!ward_bank_search(view, &signal, search, hits, &error))
		count = hits->count;
	for (size_t i = 0; i < hits->count; i++)
		hits->at[i].list = NULL; /* gone with the bank */
	ward_bank_release(view);
	ward_bank_free(bank);
	return count;
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

	fresh_list_folder();
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

static void an_empty_or_missing_folder_is_a_bank_without_lists(void)
{
	struct ward_search search = ward_search_default();
	struct ward_hits hits = { 0 };
	struct ward_bank *bank = NULL;

	fresh_list_folder();
	CHECK_EQ(ask(&search, ward_pdq_signal(pdq_of(1)), &hits), 0);
	CHECK_EQ(ward_bank_open(in_folder("none"), &bank, &error), WARD_OK);
	ward_bank_free(bank);
	/* An import that died before its first commit leaves a folder without a manifest. */
	ward_list_writer_free(begin("unfinished"));
	CHECK_EQ(ask(&search, ward_pdq_signal(pdq_of(1)), &hits), 0);
}

static void an_exclusion_list_marks_the_listed_signal(void)
{
	struct ward_search search = ward_search_default();
	struct ward_list_info info = info_of("out");
	struct ward_hits hits = { 0 };
	ward_signal listed = ward_pdq_signal(pdq_of(1)),
		    near = ward_pdq_signal(flipped(pdq_of(1), 5));
	ward_signal other = ward_pdq_signal(flipped(pdq_of(1), 2));
	ward_signal both[2] = { listed, other };

	fresh_list_folder();
	info.sense = WARD_SENSE_EXCLUDE;
	CHECK(make_list("known", info_of("known"), both, 2));
	CHECK(make_list("out", info, &listed, 1));
	CHECK_EQ(ask(&search, near, &hits), 2);
	for (size_t i = 0; i < 2; i++)
		CHECK_EQ(hits.at[i].excluded, ward_signal_eq(&hits.at[i].signal, &listed));
	ward_hits_free(&hits);
}

static void an_exclusion_list_marks_all_hits_of_the_asked_signal(void)
{
	struct ward_search search = ward_search_default();
	struct ward_list_info info = info_of("out");
	struct ward_hits hits = { 0 };
	ward_signal near = ward_pdq_signal(flipped(pdq_of(1), 5));

	fresh_list_folder();
	info.sense = WARD_SENSE_EXCLUDE;
	CHECK(make_plain("known", ward_pdq_signal(pdq_of(1))));
	CHECK(make_list("out", info, &near, 1));
	CHECK_EQ(ask(&search, near, &hits), 1);
	CHECK(hits.at[0].excluded);
	/* It excludes just that signal, not what lies near it. */
	CHECK_EQ(ask(&search, ward_pdq_signal(flipped(pdq_of(1), 6)), &hits), 1);
	CHECK(!hits.at[0].excluded);
	ward_hits_free(&hits);
}

static void an_exclusion_list_that_is_off_or_expired_excludes_nothing(void)
{
	struct ward_search search = ward_search_default();
	struct ward_list_info info = info_of("out");
	struct ward_hits hits = { 0 };
	ward_signal md5 = digest_of(WARD_SIGNAL_MD5, 1);

	fresh_list_folder();
	info.sense = WARD_SENSE_EXCLUDE;
	info.enabled = false;
	CHECK(make_plain("known", md5));
	CHECK(make_list("out", info, &md5, 1));
	CHECK_EQ(ask(&search, md5, &hits), 1);
	CHECK(!hits.at[0].excluded);
	info.enabled = true;
	info.expires = 1000;
	CHECK_EQ(ward_list_set_info(in_folder("out"), &info, &error), WARD_OK);
	search.now = 1000;
	CHECK_EQ(ask(&search, md5, &hits), 1);
	CHECK(!hits.at[0].excluded);
	search.now = 999;
	CHECK_EQ(ask(&search, md5, &hits), 1);
	CHECK(hits.at[0].excluded);
	ward_hits_free(&hits);
}

static void a_removed_exclusion_does_not_exclude(void)
{
	struct ward_search search = ward_search_default();
	struct ward_list_info info = info_of("out");
	struct ward_list_writer *writer;
	struct ward_hits hits = { 0 };
	ward_signal md5 = digest_of(WARD_SIGNAL_MD5, 1);
	uint64_t removed = 0;

	fresh_list_folder();
	info.sense = WARD_SENSE_EXCLUDE;
	CHECK(make_plain("known", md5));
	CHECK(make_list("out", info, &md5, 1));
	writer = change("out");
	CHECK_EQ(ward_list_writer_remove_signal(writer, &md5, &removed, &error), WARD_OK);
	CHECK(commit(writer));
	CHECK_EQ(ask(&search, md5, &hits), 1);
	CHECK(!hits.at[0].excluded);
	ward_hits_free(&hits);
}

static void lists_that_are_off_or_expired_are_not_asked(void)
{
	struct ward_search search = ward_search_default();
	struct ward_list_info off = info_of("off"), old = info_of("old");
	struct ward_hits hits = { 0 };
	ward_signal md5 = digest_of(WARD_SIGNAL_MD5, 1);
	ward_str names[] = { WARD_STR("off"), WARD_STR("old") };

	fresh_list_folder();
	off.enabled = false;
	old.expires = 500;
	CHECK(make_list("off", off, &md5, 1));
	CHECK(make_list("old", old, &md5, 1));
	CHECK_EQ(ask(&search, md5, &hits), 1); /* now is 0: expiry is not looked at */
	search.now = 499;
	CHECK_EQ(ask(&search, md5, &hits), 1);
	search.now = 500;
	CHECK_EQ(ask(&search, md5, &hits), 0);
	/* A list that is named is asked although it is off. */
	search.lists = names;
	search.list_count = 1;
	CHECK_EQ(ask(&search, md5, &hits), 1);
	search.list_count = 2;
	CHECK_EQ(ask(&search, md5, &hits), 1);
	search.now = 0;
	CHECK_EQ(ask(&search, md5, &hits), 2);
	names[1] = WARD_STR("none");
	CHECK_EQ(ask(&search, md5, &hits), SIZE_MAX);
	CHECK_EQ(error.code, WARD_E_NOT_FOUND);
	CHECK_STR(error.message, "there is no list none");
	ward_hits_free(&hits);
}

static void each_list_has_its_own_radius(void)
{
	struct ward_search search = ward_search_default();
	struct ward_list_info narrow = info_of("narrow"), wide = info_of("wide");
	struct ward_hits hits = { 0 };
	ward_signal listed = ward_pdq_signal(pdq_of(1));
	ward_signal near = ward_pdq_signal(flipped(pdq_of(1), 12));

	fresh_list_folder();
	narrow.radius = 11;
	wide.radius = 12;
	CHECK(make_list("narrow", narrow, &listed, 1));
	CHECK(make_list("wide", wide, &listed, 1));
	CHECK_EQ(ask(&search, near, &hits), 1);
	search.radius = 12;
	CHECK_EQ(ask(&search, near, &hits), 2);
	search.radius = 11;
	CHECK_EQ(ask(&search, near, &hits), 0);
	search.radius = 64;
	CHECK_EQ(ask(&search, near, &hits), SIZE_MAX);
	CHECK_EQ(error.code, WARD_E_ARGUMENT);
	ward_hits_free(&hits);
}

static void finds_any_orientation_once_and_the_nearest(void)
{
	struct ward_search search = ward_search_default();
	struct ward_hits hits = { 0 };
	ward_pdq looks[WARD_DIHEDRAL_COUNT];
	ward_signal listed[3];

	fresh_list_folder();
	for (uint64_t i = 0; i < WARD_DIHEDRAL_COUNT; i++)
		looks[i] = pdq_of(i);
	looks[3] = flipped(looks[5], 4); /* two looks that are near each other */
	listed[0] = ward_pdq_signal(flipped(looks[5], 1));
	listed[1] = ward_pdq_signal(flipped(looks[7], 9));
	listed[2] = ward_pdq_signal(pdq_of(99));
	CHECK(make_list("known", info_of("known"), listed, 3));
	CHECK_EQ(ask(&search, ward_pdq_signal(looks[0]), &hits), 0);
	search.all_orientations = true;
	CHECK_EQ(ask(&search, ward_pdq_signal(looks[0]), &hits), SIZE_MAX);
	search.dihedral = looks;
	CHECK_EQ(ask(&search, ward_pdq_signal(looks[0]), &hits), 2);
	CHECK_EQ(hits.at[0].entry, 0);
	CHECK_EQ(hits.at[0].distance, 1);
	CHECK_EQ(hits.at[1].entry, 1);
	CHECK_EQ(hits.at[1].distance, 9);
	ward_hits_free(&hits);
}

/* Many questions at once, of all kinds, in one orientation and in all. */
static void a_batch_answers_as_single_questions_do(void)
{
	enum { LISTED = 300, ASKED = 90 };
	static ward_signal listed[LISTED], asked[ASKED];
	static ward_pdq looks[ASKED * WARD_DIHEDRAL_COUNT];
	static struct ward_hits found[ASKED];
	struct ward_list_info out = info_of("out");
	struct ward_search search = ward_search_default();
	struct ward_bank *bank = NULL;
	struct ward_bank_view *view;
	struct ward_hits single = { 0 };

	fresh_list_folder();
	for (uint64_t i = 0; i < LISTED; i++)
		listed[i] = i % 3 ? ward_pdq_signal(flipped(pdq_of(i % 40), (int)(i % 9)))
				  : digest_of((ward_signal_kind)(1 + i % 2), i % 20);
	for (uint64_t i = 0; i < ASKED; i++) {
		asked[i] = listed[i * 3 + i % 3];
		for (uint64_t j = 0; j < WARD_DIHEDRAL_COUNT; j++)
			looks[i * WARD_DIHEDRAL_COUNT + j] = pdq_of(i + j * 5);
		if (asked[i].kind == WARD_SIGNAL_PDQ)
			looks[i * WARD_DIHEDRAL_COUNT] = ward_pdq_from_signal(&asked[i]);
	}
	out.sense = WARD_SENSE_EXCLUDE;
	CHECK(make_list("one", info_of("one"), listed, LISTED / 2));
	CHECK(make_list("two", info_of("two"), listed + LISTED / 2, LISTED / 2));
	CHECK(make_list("out", out, listed, 20));
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	view = ward_bank_acquire(bank);
	for (int turn = 0; turn < 2; turn++) {
		search.all_orientations = turn == 1;
		search.dihedral = looks;
		CHECK_EQ(ward_bank_search_batch(view, asked, ASKED, &search, found, &error),
				WARD_OK);
		for (size_t i = 0; i < ASKED; i++) {
			search.dihedral = looks + i * WARD_DIHEDRAL_COUNT;
			ward_hits_clear(&single);
			CHECK_EQ(ward_bank_search(view, &asked[i], &search, &single, &error),
					WARD_OK);
			CHECK(single.count > 0);
			CHECK_EQ(found[i].count, single.count);
			for (size_t j = 0; j < single.count; j++) {
				CHECK_EQ(found[i].at[j].entry, single.at[j].entry);
				CHECK_EQ(found[i].at[j].distance, single.at[j].distance);
				CHECK_EQ(found[i].at[j].excluded, single.at[j].excluded);
				CHECK(found[i].at[j].list == single.at[j].list);
			}
			ward_hits_free(&found[i]);
		}
	}
	ward_hits_free(&single);
	ward_bank_release(view);
	ward_bank_free(bank);
}

static void an_old_view_stays_as_it_was(void)
{
	struct ward_search search = ward_search_default();
	struct ward_hits hits = { 0 };
	struct ward_bank *bank = NULL;
	struct ward_bank_view *old, *now;
	ward_signal first = digest_of(WARD_SIGNAL_MD5, 1), second = digest_of(WARD_SIGNAL_MD5, 2);
	bool changed = false;

	fresh_list_folder();
	CHECK(make_plain("a", first));
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	old = ward_bank_acquire(bank);
	CHECK(make_plain("a", second));
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	CHECK(changed);
	now = ward_bank_acquire(bank);
	ward_bank_free(bank);
	CHECK_EQ(ward_bank_search(old, &first, &search, &hits, &error), WARD_OK);
	CHECK_EQ(ward_bank_search(now, &second, &search, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 2);
	CHECK_EQ(ward_bank_search(now, &first, &search, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 2);
	ward_hits_free(&hits);
	ward_bank_release(old);
	ward_bank_release(now);
}

static void a_list_that_broke_keeps_its_old_version(void)
{
	struct ward_bank *bank = NULL;
	struct ward_bank_view *view;
	ward_signal first = digest_of(WARD_SIGNAL_MD5, 1);
	bool changed = false;
	char path[1024];
	FILE *file;

	fresh_list_folder();
	CHECK(make_plain("a", first));
	CHECK(make_plain("b", first));
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	snprintf(path, sizeof(path), "%s/a/manifest.json", folder);
	file = fopen(path, "w");
	CHECK(file);
	fclose(file);
	CHECK(make_plain("c", first));
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_E_CORRUPT);
	CHECK(strstr(error.message, "list a: "));
	view = ward_bank_acquire(bank);
	CHECK_EQ(ward_bank_list_count(view), 3);
	CHECK(ward_bank_find(view, WARD_STR("a")));
	ward_bank_release(view);
	/* It is told each time, until it is mended or gone. */
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_E_CORRUPT);
	CHECK_EQ(ward_list_delete(in_folder("a"), &error), WARD_OK);
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	CHECK(changed);
	view = ward_bank_acquire(bank);
	CHECK_EQ(ward_bank_list_count(view), 2);
	ward_bank_release(view);
	ward_bank_free(bank);
	/* A bank that is opened afresh has no old version to go on with. */
	CHECK_EQ(mkdir(in_folder("a"), 0700), 0);
	file = fopen(path, "w");
	CHECK(file);
	fclose(file);
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_E_CORRUPT);
}

static void opinions_come_with_the_hits(void)
{
	struct ward_opinion opinion = { .kind = WARD_OPINION_AFFIRM, .when = 5 };
	struct ward_search search = ward_search_default();
	struct ward_hits hits = { 0 };
	struct ward_bank *bank = NULL;
	struct ward_bank_view *view;
	bool changed = false;

	fresh_list_folder();
	opinion.signal = digest_of(WARD_SIGNAL_MD5, 1);
	CHECK(make_plain("a", opinion.signal));
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	snprintf(opinion.who, sizeof(opinion.who), "ada");
	CHECK_EQ(ward_list_opine(in_folder("a"), &opinion, &error), WARD_OK);
	CHECK_EQ(ward_bank_refresh(bank, &changed, &error), WARD_OK);
	CHECK(changed);
	view = ward_bank_acquire(bank);
	CHECK_EQ(ward_bank_search(view, &opinion.signal, &search, &hits, &error), WARD_OK);
	CHECK_EQ(hits.at[0].affirmed, 1);
	CHECK_EQ(hits.at[0].disputed, 0);
	ward_hits_free(&hits);
	ward_bank_release(view);
	ward_bank_free(bank);
}

static const struct test_case cases[] = {
	{ "a bank asks all its lists", a_bank_asks_all_its_lists },
	{ "an empty or missing folder is a bank without lists",
			an_empty_or_missing_folder_is_a_bank_without_lists },
	{ "an exclusion list marks the listed signal", an_exclusion_list_marks_the_listed_signal },
	{ "an exclusion list marks all hits of the asked signal",
			an_exclusion_list_marks_all_hits_of_the_asked_signal },
	{ "an exclusion list that is off or expired excludes nothing",
			an_exclusion_list_that_is_off_or_expired_excludes_nothing },
	{ "a removed exclusion does not exclude", a_removed_exclusion_does_not_exclude },
	{ "lists that are off or expired are not asked",
			lists_that_are_off_or_expired_are_not_asked },
	{ "each list has its own radius", each_list_has_its_own_radius },
	{ "finds any orientation, once and the nearest",
			finds_any_orientation_once_and_the_nearest },
	{ "a batch answers as single questions do", a_batch_answers_as_single_questions_do },
	{ "an old view stays as it was", an_old_view_stays_as_it_was },
	{ "a list that broke keeps its old version", a_list_that_broke_keeps_its_old_version },
	{ "opinions come with the hits", opinions_come_with_the_hits },
};
TEST_MAIN(cases)
