#include "vault/vault_test.h"

#include "vault/release.h"

static char key_file[4096];

static const char *sender_file(void)
{
	snprintf(key_file, sizeof(key_file), "%s/sender.key", folder);
	return key_file;
}

static bool make_sender(const struct who *first, const struct who *second)
{
	struct vault_pair pair = pair_of(first, second);

	return vault_sender_make(vault, sender_file(), &pair, WARD_STR("reports leave at night"),
			       &error) == WARD_OK;
}

static ward_err release(const struct who *who, const char *id, const char *purpose)
{
	struct vault_access *access = unlock(who);
	ward_str item = ward_str_from(id);

	if (!access)
		return error.code;
	ward_err err = vault_release(vault, access, &item, 1, ward_str_from(purpose),
			WARD_STR("looked at"), &error);

	vault_access_free(access);
	return err;
}

/* What the program gets to see, piece by piece; or the name of the error. */
static const char *pull(const char *id, const char *purpose)
{
	static char text[4096];
	struct vault_actor actor = { WARD_STR("system"), WARD_STR("") };
	struct vault_opening opening = { ward_str_from(id), WARD_STR("filing"),
		WARD_STR("a report of it is sent") };
	struct vault_sender *sender = NULL;
	struct vault_access *access = NULL;
	struct vault_pull *pull = NULL;
	size_t len = 0, got = 0;
	ward_err err = vault_sender_read(vault, sender_file(), &sender, &error);

	if (!err)
		err = vault_sender_access(sender, &actor, ward_str_from(purpose), &access, &error);
	if (!err)
		err = vault_pull_open(vault, access, &opening, &pull, &error);
	do {
		if (!err)
			err = vault_pull_read(pull, (uint8_t *)text + len, 7, &got, &error);
		len += err ? 0 : got;
	} while (!err && got > 0 && len < sizeof(text) - 8);
	text[len] = '\0';
	vault_pull_close(pull);
	vault_access_free(access);
	vault_sender_free(sender);
	return err ? ward_err_name(err) : text;
}

static ward_err end_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return vault_release_end(tx, ward_str_from(context), failure);
}

static void a_sender_opens_what_was_released_for_that_report_and_nothing_else(void)
{
	CHECK(start());
	const char *one = keep("a lighthouse"), *two = keep("another lighthouse");

	CHECK(make_sender(&anna, &boris));
	CHECK_STR(pull(one, "filing:1"), "denied");
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	CHECK_STR(pull(one, "filing:1"), "a lighthouse");
	CHECK_STR(pull(one, "filing:2"), "denied");
	CHECK_STR(pull(two, "filing:1"), "denied");
	CHECK_STR(log_of("item", one).action, "item.opened");
	CHECK_STR(log_of("item", one).actor, "system");
	end();
}

static void a_release_is_a_row_of_the_log_and_ends(void)
{
	char purpose[] = "filing:1";

	CHECK(start());
	const char *one = keep("a lighthouse");

	CHECK(make_sender(&anna, &boris));
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	CHECK_STR(log_of("item", one).action, "item.released");
	CHECK_STR(log_of("item", one).actor, "person:anna");
	CHECK(store_write(store, end_work, purpose, &error) == WARD_OK);
	CHECK_EQ(ask("SELECT count(*) FROM vault_releases"), 0);
	CHECK_STR(pull(one, "filing:1"), "denied");
	end();
}

static void nobody_releases_what_they_cannot_open(void)
{
	CHECK(start());
	const char *one = keep("a lighthouse");

	CHECK_EQ(release(&anna, one, "filing:1"), WARD_E_NOT_FOUND);
	CHECK(make_sender(&anna, &boris));
	CHECK_EQ(release(&carol, one, "filing:1"), WARD_E_DENIED);
	CHECK_EQ(ask("SELECT count(*) FROM vault_releases"), 0);
	end();
}

static void a_sender_is_made_by_two_persons_and_its_file_is_its_own(void)
{
	struct stat about;

	CHECK(start());
	const char *one = keep("a lighthouse");

	CHECK(!make_sender(&anna, &anna));
	CHECK(!is_there(sender_file()));
	CHECK(make_sender(&anna, &boris));
	CHECK(stat(sender_file(), &about) == 0 && (about.st_mode & 0777) == 0600);
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	CHECK(chmod(sender_file(), 0640) == 0);
	CHECK_STR(pull(one, "filing:1"), "denied");
	CHECK(chmod(sender_file(), 0600) == 0);
	CHECK_STR(pull(one, "filing:1"), "a lighthouse");
	end();
}

static void a_new_sender_ends_what_the_old_one_had(void)
{
	char old[4096];

	CHECK(start());
	const char *one = keep("a lighthouse");

	CHECK(make_sender(&anna, &boris));
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	snprintf(old, sizeof(old), "%s/old.key", folder);
	CHECK(rename(sender_file(), old) == 0);
	CHECK(make_sender(&boris, &anna));
	CHECK_STR(pull(one, "filing:1"), "denied");
	CHECK_EQ(release(&boris, one, "filing:1"), WARD_OK);
	CHECK_STR(pull(one, "filing:1"), "a lighthouse");
	/* The stolen file is no sender any more. */
	CHECK(rename(old, sender_file()) == 0);
	CHECK_STR(pull(one, "filing:1"), "denied");
	end();
}

static void an_item_that_is_destroyed_is_released_no_more(void)
{
	struct vault_pair pair = pair_of(&anna, &boris);

	CHECK(start());
	const char *one = keep("a lighthouse");
	ward_str item = ward_str_from(one);

	CHECK(make_sender(&anna, &boris));
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	clock_fake_pass((int64_t)400 * 86400);
	CHECK(vault_destroy(vault, &item, 1, &pair, WARD_STR("its time is over"), &error) ==
			WARD_OK);
	CHECK_EQ(ask("SELECT count(*) FROM vault_releases"), 0);
	CHECK_STR(pull(one, "filing:1"), "not_found");
	end();
}

static void who_stops_reading_is_not_waited_for(void)
{
	static char large[400000];
	struct vault_actor actor = { WARD_STR("system"), WARD_STR("") };
	struct vault_sender *sender = NULL;
	struct vault_access *access = NULL;
	struct vault_pull *begun = NULL, *unread = NULL;
	uint8_t some[10];
	size_t len = 0;

	memset(large, 'x', sizeof(large) - 1);
	CHECK(start());
	const char *one = keep(large);
	struct vault_opening opening = { ward_str_from(one), WARD_STR("filing"),
		WARD_STR("a report of it is sent") };

	CHECK(make_sender(&anna, &boris));
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	CHECK(vault_sender_read(vault, sender_file(), &sender, &error) == WARD_OK);
	CHECK(vault_sender_access(sender, &actor, WARD_STR("filing:1"), &access, &error) ==
			WARD_OK);
	CHECK(vault_pull_open(vault, access, &opening, &begun, &error) == WARD_OK);
	CHECK(vault_pull_read(begun, some, sizeof(some), &len, &error) == WARD_OK);
	CHECK_EQ(len, 10);
	CHECK(vault_pull_open(vault, access, &opening, &unread, &error) == WARD_OK);
	vault_pull_close(begun);
	vault_pull_close(unread);
	vault_access_free(access);
	vault_sender_free(sender);
	end();
}

static void a_wrap_in_anothers_place_opens_nothing(void)
{
	CHECK(start());
	const char *one = keep("a lighthouse"), *two = keep("another lighthouse");

	CHECK(make_sender(&anna, &boris));
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	CHECK_EQ(release(&anna, two, "filing:2"), WARD_OK);
	CHECK(run("UPDATE vault_releases SET purpose = 'filing:3' WHERE purpose = 'filing:1'"));
	CHECK_STR(pull(one, "filing:3"), "denied");
	end();
}

static void a_damaged_item_is_no_whole_one(void)
{
	CHECK(start());
	const char *one = keep("a lighthouse");

	CHECK(make_sender(&anna, &boris));
	CHECK_EQ(release(&anna, one, "filing:1"), WARD_OK);
	int fd = open(path_of(one, ".sealed"), O_WRONLY);

	CHECK(fd >= 0 && pwrite(fd, "!", 1, 70) == 1);
	close(fd);
	CHECK_STR(pull(one, "filing:1"), "corrupt");
	end();
}

/* clang-format off */
static const struct test_case cases[] = {
	{ "a sender opens what was released for that report and nothing else", a_sender_opens_what_was_released_for_that_report_and_nothing_else },
	{ "a release is a row of the log and ends", a_release_is_a_row_of_the_log_and_ends },
	{ "nobody releases what they cannot open", nobody_releases_what_they_cannot_open },
	{ "a sender is made by two persons and its file is its own", a_sender_is_made_by_two_persons_and_its_file_is_its_own },
	{ "a new sender ends what the old one had", a_new_sender_ends_what_the_old_one_had },
	{ "an item that is destroyed is released no more", an_item_that_is_destroyed_is_released_no_more },
	{ "who stops reading is not waited for", who_stops_reading_is_not_waited_for },
	{ "a wrap in anothers place opens nothing", a_wrap_in_anothers_place_opens_nothing },
	{ "a damaged item is no whole one", a_damaged_item_is_no_whole_one },
};
/* clang-format on */

TEST_MAIN(cases)
