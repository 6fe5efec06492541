/*
 * A lift is decided, and then done.  A child decides and does one after another
 * and is killed at a random moment: nothing is on the list that nobody decided,
 * and what was decided is on it after the next start.
 */
#include "api/site_lift.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/test.h"

enum { KILLS = 25 };

static char folder[32];
static struct workspace *workspace;
static struct store *store;
static struct ward_error error;

static void new_workspace(void)
{
	memcpy(folder, "/tmp/ward-lifts-XXXXXX", 23);
	if (!mkdtemp(folder) || workspace_init(folder, &error) != WARD_OK ||
			workspace_open(folder, &workspace, &error) != WARD_OK)
		abort();
}

static void open_store(void)
{
	if (workspace_store(workspace, false, &store, &error) != WARD_OK)
		abort();
}

static void end_workspace(void)
{
	char command[64];
	FILE *done;

	store_free(store);
	store = NULL;
	workspace_free(workspace);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	done = popen(command, "r");
	if (done)
		pclose(done);
}

/* ---- one appeal ---- */

struct one {
	const char *list, *entry, *host;
	char id[ID_TEXT_MAX];
};

static ward_err add_work(void *context, struct store_tx *tx, struct ward_error *why)
{
	struct one *one = context;
	const struct intake_site_appeal_new appeal = { .once = ward_str_from(one->entry),
		.blocked = WARD_STR("category"),
		.list = ward_str_from(one->list),
		.entry = ward_str_from(one->entry),
		.host = ward_str_from(one->host),
		.language = WARD_STR("en"),
		.words = WARD_STR("only lamps"),
		.contact = WARD_STR("") };

	return intake_site_appeal_add(tx, &appeal, one->id, why);
}

static ward_err settle_work(void *context, struct store_tx *tx, struct ward_error *why)
{
	const struct vault_actor actor = { WARD_STR("operator"), WARD_STR("") };
	struct one *one = context;
	struct intake_site_appeal appeal;
	struct ward_arena arena;

	ward_arena_init(&arena, 1 << 20);
	ward_err err = intake_site_appeal_get(tx, ward_str_from(one->id), &arena, &appeal, why);

	if (!err)
		err = intake_site_appeal_settle(tx, &actor, ward_str_from(one->id), true,
				WARD_STR("it is a lighthouse"), why);
	if (!err)
		err = site_lift_check(workspace, &appeal, why);
	ward_arena_free(&arena);
	return err;
}

static ward_err decide(struct one *one)
{
	ward_err err = store_write(store, add_work, one, &error);

	return err ? err : store_write(store, settle_work, one, &error);
}

/* ---- what is on the list ---- */

static struct ward_site_list *open_allowed(void)
{
	struct ward_site_list *list = NULL;
	char path[4096];

	if (workspace_site_folder(workspace, WARD_STR("allowed"), path, sizeof(path), &error) ||
			ward_site_list_open(path, &list, &error))
		return NULL;
	return list;
}

static bool is_allowed(const char *entry)
{
	static struct ward_site_cursor cursor;
	struct ward_site_list *list = open_allowed();
	struct ward_site_entry at;
	bool found = false;

	memset(&cursor, 0, sizeof(cursor));
	while (list && ward_site_list_next(list, &cursor, &at))
		found |= ward_str_eq(at.key, ward_str_from(entry));
	ward_site_list_free(list);
	return found;
}

static uint64_t allowed_count(void)
{
	struct ward_site_list *list = open_allowed();
	uint64_t count = list ? ward_site_list_entries(list) : 0;

	ward_site_list_free(list);
	return count;
}

/* Appeals that are lifted, and how many of them are told to be done. */
static void count_lifted(uint64_t *lifted, uint64_t *applied)
{
	struct intake_site_appeal *appeals = NULL;
	struct ward_arena arena;
	struct store_tx *tx;
	size_t count = 0;

	ward_arena_init(&arena, 16 << 20);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(intake_site_appeal_list(tx, INTAKE_SITE_LIFTED, WARD_STR(""), 10000, &arena,
				 &appeals, &count, &error),
			WARD_OK);
	store_read_end(tx);
	*lifted = count;
	*applied = 0;
	for (size_t i = 0; i < count; i++)
		*applied += appeals[i].applied_at != 0;
	ward_arena_free(&arena);
}

/* ---- cases ---- */

static void what_is_decided_is_done_and_told_once(void)
{
	struct one one = { "games", "lighthouse.example", "", "" };
	uint64_t done, lifted, applied;

	new_workspace();
	open_store();
	CHECK_EQ(decide(&one), WARD_OK);
	CHECK(!is_allowed("lighthouse.example"));
	CHECK_EQ(site_lift_due(workspace, store, &done, &error), WARD_OK);
	CHECK_EQ(done, 1);
	CHECK(is_allowed("lighthouse.example"));
	count_lifted(&lifted, &applied);
	CHECK(lifted == 1 && applied == 1);
	CHECK_EQ(site_lift_due(workspace, store, &done, &error), WARD_OK);
	CHECK_EQ(done, 0);
	end_workspace();
}

static void what_cannot_be_done_is_not_decided(void)
{
	struct one hash = { "hashed", "sha256:00112233", "lamp.example", "" };
	struct one nowhere = { "rule", "evening", "", "" };
	uint64_t lifted, applied;

	new_workspace();
	open_store();
	CHECK_EQ(decide(&hash), WARD_E_CONFLICT);
	CHECK_STR(error.message,
			"a hash says no place: put the page itself on the list \"allowed\"");
	CHECK_EQ(decide(&nowhere), WARD_E_CONFLICT);
	count_lifted(&lifted, &applied);
	CHECK_EQ(lifted, 0);
	end_workspace();
}

static void what_cannot_be_done_now_is_done_the_next_time(void)
{
	struct one first = { "games", "lighthouse.example", "", "" };
	struct one other = { "games", "harbour.example", "", "" };
	uint64_t done;
	char path[4096];
	int lock = -1;

	new_workspace();
	open_store();
	CHECK_EQ(decide(&first), WARD_OK);
	CHECK_EQ(site_lift_due(workspace, store, &done, &error), WARD_OK);
	CHECK_EQ(workspace_site_folder(workspace, WARD_STR("allowed"), path, sizeof(path), &error),
			WARD_OK);
	CHECK_EQ(folder_lock(path, &lock, &error), WARD_OK);
	CHECK_EQ(decide(&other), WARD_OK);
	CHECK_EQ(site_lift_due(workspace, store, &done, &error), WARD_E_CONFLICT);
	CHECK(done == 0 && !is_allowed("harbour.example"));
	close(lock);
	CHECK_EQ(site_lift_due(workspace, store, &done, &error), WARD_OK);
	CHECK(done == 1 && is_allowed("harbour.example"));
	end_workspace();
}

static ward_err settle_only(void *context, struct store_tx *tx, struct ward_error *why)
{
	const struct vault_actor actor = { WARD_STR("operator"), WARD_STR("") };
	struct one *one = context;

	return intake_site_appeal_settle(tx, &actor, ward_str_from(one->id), true,
			WARD_STR("it is a lighthouse"), why);
}

static void many_that_can_never_be_done_keep_back_none(void)
{
	struct one good = { "games", "lighthouse.example", "", "" };
	uint64_t done;

	new_workspace();
	open_store();
	for (unsigned i = 0; i < 120; i++) {
		char entry[32];
		struct one hash = { "hashed", entry, "", "" };

		snprintf(entry, sizeof(entry), "sha256:%08x", i);
		CHECK_EQ(store_write(store, add_work, &hash, &error), WARD_OK);
		CHECK_EQ(store_write(store, settle_only, &hash, &error), WARD_OK);
	}
	CHECK_EQ(decide(&good), WARD_OK);
	CHECK_EQ(site_lift_due(workspace, store, &done, &error), WARD_E_CONFLICT);
	CHECK(done == 1 && is_allowed("lighthouse.example"));
	end_workspace();
}

/* Never ends by itself, unless something fails. */
static void lift_for_ever(unsigned round)
{
	open_store();
	for (unsigned i = 0;; i++) {
		char entry[64];
		struct one one = { "games", entry, "", "" };
		uint64_t done;

		snprintf(entry, sizeof(entry), "n%u-%u.example", round, i);
		if (decide(&one) != WARD_OK ||
				site_lift_due(workspace, store, &done, &error) != WARD_OK)
			_exit(1);
	}
}

static void killed_at_any_moment_no_lift_is_lost_and_none_comes_of_itself(void)
{
	uint64_t lifted, applied, done, undone = 0;

	new_workspace();
	srand((unsigned)getpid());
	for (unsigned round = 0; round < KILLS; round++) {
		pid_t child = fork();
		int status = 0;

		if (child == 0)
			lift_for_ever(round);
		usleep(10000 + (unsigned)rand() % 50000);
		kill(child, SIGKILL);
		CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
		open_store();
		count_lifted(&lifted, &applied);
		undone += lifted - applied;
		CHECK(allowed_count() >= applied && allowed_count() <= lifted);
		CHECK_EQ(site_lift_due(workspace, store, &done, &error), WARD_OK);
		CHECK_EQ(done, lifted - applied);
		CHECK_EQ(allowed_count(), lifted);
		store_free(store);
		store = NULL;
	}
	printf("# of %d kills %d left a lift to be done\n", KILLS, (int)undone);
	CHECK(lifted > 0 && undone > 0);
	end_workspace();
}

static const struct test_case cases[] = {
	{ "what is decided is done, and told once", what_is_decided_is_done_and_told_once },
	{ "what cannot be done is not decided", what_cannot_be_done_is_not_decided },
	{ "what cannot be done now is done the next time",
			what_cannot_be_done_now_is_done_the_next_time },
	{ "a hundred and more that can never be done keep back none that can",
			many_that_can_never_be_done_keep_back_none },
	{ "killed at any moment, no lift is lost and none comes of itself",
			killed_at_any_moment_no_lift_is_lost_and_none_comes_of_itself },
};
TEST_MAIN(cases)
