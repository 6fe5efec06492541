/*
 * A list gets another name while others look at it, while its renamer is
 * killed, and where the name is taken.
 */
#include "bank/list_test.h"
#include "bank/manifest.h"
#include "base/file.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

static ward_signal boat(void)
{
	return digest_of(WARD_SIGNAL_SHA1, 1);
}

static void make(const char *name)
{
	struct ward_list_writer *writer = begin(name);

	if (!add(writer, 0, boat(), "") || !commit(writer))
		abort();
}

static ward_err rename_to(const char *from, const char *to)
{
	return ward_list_rename(in_folder(from), to, &error);
}

static uint32_t tag_of(const char *name)
{
	struct ward_list *list = open_list(name);
	uint32_t tag = ward_list_tag(list);

	ward_list_free(list);
	return tag;
}

static void a_list_has_all_it_had_under_its_new_name(void)
{
	struct ward_opinion opinion = { .kind = WARD_OPINION_AFFIRM, .who = "ada", .when = 1 };
	struct ward_remark remark = { 0, WARD_OFF_FOR_GOOD, "seen" };
	struct ward_hits hits = { 0 };
	ward_signal signal = boat();
	struct ward_list *list;
	uint32_t tag;

	fresh_list_folder();
	make("a");
	tag = tag_of("a");
	opinion.signal = signal;
	CHECK_EQ(ward_list_opine(in_folder("a"), &opinion, &error), WARD_OK);
	CHECK_EQ(ward_list_remark(in_folder("a"), &remark, &error), WARD_OK);
	CHECK_EQ(rename_to("a", "b"), WARD_OK);
	CHECK(access(in_folder("a"), F_OK) < 0);
	list = open_list("b");
	CHECK_STR(ward_list_info(list)->name, "b");
	CHECK_EQ(ward_list_search(list, &signal, -1, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 1);
	CHECK_EQ(hits.at[0].affirmed, 1);
	CHECK_STR(ward_list_remark_on(list, 0).note, "seen");
	CHECK_EQ(ward_list_tag(list), tag);
	ward_hits_free(&hits);
	ward_list_free(list);
	/* A new list of the old name is another one. */
	make("a");
	CHECK(tag_of("a") != tag);
}

static void a_name_that_is_taken_is_refused(void)
{
	fresh_list_folder();
	make("a");
	make("b");
	CHECK_EQ(rename_to("a", "b"), WARD_E_EXISTS);
	CHECK_EQ(rename_to("a", "a"), WARD_E_EXISTS);
	CHECK_EQ(rename_to("a", "../c"), WARD_E_ARGUMENT);
	CHECK_EQ(rename_to("a", ""), WARD_E_ARGUMENT);
	CHECK_EQ(rename_to("c", "d"), WARD_E_NOT_FOUND);
	CHECK_EQ(count_hits("a", boat()), 1);
	CHECK_EQ(count_hits("b", boat()), 1);
	CHECK_EQ(mkdir(in_folder("empty"), 0700), 0);
	CHECK_EQ(rename_to("a", "empty"), WARD_OK);
	CHECK_EQ(count_hits("empty", boat()), 1);
}

static void a_list_that_is_being_changed_is_not_renamed(void)
{
	struct ward_list_writer *writer;

	fresh_list_folder();
	make("a");
	writer = change("a");
	CHECK_EQ(rename_to("a", "b"), WARD_E_CONFLICT);
	ward_list_writer_free(writer);
	CHECK_EQ(rename_to("a", "b"), WARD_OK);
}

/* Lists were told apart by their names before they had tags. */
static void a_list_without_a_tag_keeps_the_one_of_its_first_name(void)
{
	static struct manifest manifest;
	uint32_t tag;

	fresh_list_folder();
	make("a");
	CHECK_EQ(manifest_read(in_folder("a"), &manifest, &error), WARD_OK);
	manifest.info.tag = 0;
	CHECK_EQ(manifest_replace(in_folder("a"), &manifest, &error), WARD_OK);
	tag = tag_of("a");
	CHECK_EQ(tag, manifest_tag(&manifest));
	CHECK_EQ(rename_to("a", "b"), WARD_OK);
	CHECK_EQ(tag_of("b"), tag);
	CHECK_EQ(rename_to("b", "c"), WARD_OK);
	CHECK_EQ(tag_of("c"), tag);
}

static void who_has_it_open_keeps_it(void)
{
	struct ward_hits hits = { 0 };
	ward_signal signal = boat();
	struct ward_list *list;

	fresh_list_folder();
	make("a");
	list = open_list("a");
	CHECK_EQ(rename_to("a", "b"), WARD_OK);
	CHECK_EQ(ward_list_search(list, &signal, -1, &hits, &error), WARD_OK);
	CHECK_EQ(hits.count, 1);
	CHECK_STR(ward_list_info(list)->name, "a");
	ward_hits_free(&hits);
	ward_list_free(list);
}

/* ---- beside others ---- */

static atomic_bool stop;
static atomic_int renames;

static void *rename_for_ever(void *unused)
{
	struct ward_error why;

	(void)unused;
	while (!atomic_load(&stop)) {
		bool odd = atomic_load(&renames) % 2;
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", folder, odd ? "z" : "a");
		if (ward_list_rename(path, odd ? "a" : "z", &why))
			printf("# %s\n", why.message);
		else
			atomic_fetch_add(&renames, 1);
	}
	return NULL;
}

static void a_view_has_the_list_under_one_name_at_every_moment(void)
{
	struct ward_bank *bank = NULL;
	pthread_t thread;
	size_t wrong = 0;

	fresh_list_folder();
	make("a");
	for (char name[] = "b0"; name[1] <= '9'; name[1]++)
		make(name);
	atomic_store(&stop, false);
	CHECK_EQ(ward_bank_open(folder, &bank, &error), WARD_OK);
	CHECK_EQ(pthread_create(&thread, NULL, rename_for_ever, NULL), 0);
	while (atomic_load(&renames) < 1000) {
		struct ward_bank *fresh = NULL;
		bool changed;

		if (ward_bank_refresh(bank, &changed, &error) ||
				ward_bank_open(folder, &fresh, &error)) {
			printf("# %s\n", error.message);
			wrong++;
		}
		struct ward_bank_view *view = ward_bank_acquire(fresh ? fresh : bank);

		wrong += ward_bank_list_count(view) != 11;
		ward_bank_release(view);
		ward_bank_free(fresh);
	}
	atomic_store(&stop, true);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(wrong, 0);
	ward_bank_free(bank);
}

static bool has(const char *name)
{
	return access(in_folder(name), F_OK) == 0;
}

static void a_killed_renamer_leaves_one_name_or_the_other(void)
{
	int moved = 0;

	fresh_list_folder();
	make("a");
	atomic_store(&stop, false);
	for (int i = 0; i < 200; i++) {
		int status = 0;
		pid_t child = fork();

		if (child == 0) {
			atomic_store(&renames, has("z") ? 1 : 0);
			rename_for_ever(NULL);
		}
		usleep((useconds_t)(500 + i * 37 % 4000));
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		CHECK(child > 0 && WIFSIGNALED(status));
		CHECK(has("a") != has("z"));
		moved += has("z");
		CHECK_EQ(count_hits(has("a") ? "a" : "z", boat()), 1);
	}
	printf("# under the other name %d times of 200\n", moved);
	CHECK(moved > 0 && moved < 200);
}

static const struct test_case cases[] = {
	{ "a list has all it had under its new name", a_list_has_all_it_had_under_its_new_name },
	{ "a name that is taken is refused", a_name_that_is_taken_is_refused },
	{ "a list that is being changed is not renamed",
			a_list_that_is_being_changed_is_not_renamed },
	{ "a list without a tag keeps the one of its first name",
			a_list_without_a_tag_keeps_the_one_of_its_first_name },
	{ "who has it open keeps it", who_has_it_open_keeps_it },
	{ "a view has the list under one name at every moment",
			a_view_has_the_list_under_one_name_at_every_moment },
	{ "a killed renamer leaves one name or the other",
			a_killed_renamer_leaves_one_name_or_the_other },
};
TEST_MAIN(cases)
