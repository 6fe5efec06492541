#include "vault/vault_test.h"

#include <errno.h>

/* ---- coming in ---- */

static void what_comes_in_is_opened_by_who_holds_its_role(void)
{
	CHECK(start());
	const char *id = keep("a drawing of a lighthouse");

	CHECK(id[0] != '\0');
	CHECK_STR(see(&anna, id), "a drawing of a lighthouse");
	CHECK_STR(see(&boris, id), "a drawing of a lighthouse");
	CHECK_STR(see(&carol, id), "denied");
	end();
}

static void its_facts_are_known_without_opening_it(void)
{
	struct vault_facts facts;
	struct ward_digests digests;
	struct store_tx *tx;

	CHECK(start());
	const char *id = keep("two boats");

	CHECK_EQ(ward_digest((ward_bytes){ (const uint8_t *)"two boats", 9 }, &digests), WARD_OK);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(vault_facts_get(tx, ward_str_from(id), &facts, &error), WARD_OK);
	CHECK_EQ(vault_facts_get(tx, WARD_STR("nothing"), &facts, &error), WARD_E_NOT_FOUND);
	store_read_end(tx);
	CHECK_STR(facts.id, id);
	CHECK_STR(facts.kind, "text/plain");
	CHECK_STR(facts.origin, "report:7");
	CHECK_EQ(facts.digests.bytes, 9);
	CHECK(memcmp(facts.digests.md5, digests.md5, 16) == 0);
	CHECK(memcmp(facts.digests.sha1, digests.sha1, 20) == 0);
	CHECK(memcmp(facts.digests.sha256, digests.sha256, 32) == 0);
	CHECK_EQ(facts.sealed_at, NOW);
	CHECK_EQ(facts.destroyed_at, 0);
	end();
}

static void the_file_is_the_owners_alone_and_tells_nothing(void)
{
	char text[200];
	struct stat st;

	CHECK(start());
	const char *id = keep("a very particular sentence about a harbour");
	int fd = open(path_of(id, ".sealed"), O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text));

	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0600);
	CHECK(len == st.st_size && len > 42);
	for (ssize_t i = 0; i + 4 <= len; i++)
		CHECK(memcmp(text + i, "very", 4) != 0 && memcmp(text + i, "harb", 4) != 0);
	close(fd);
	CHECK(!is_there(path_of(id, ".new")));
	end();
}

static void what_was_never_put_leaves_no_file(void)
{
	struct vault_arrival arrival = { .bytes = { (const uint8_t *)"x", 1 } };
	struct vault_sealed *sealed;
	char id[ID_TEXT_MAX];

	CHECK(start());
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_OK);
	memcpy(id, vault_sealed_facts(sealed)->id, sizeof(id));
	CHECK(is_there(path_of(id, ".sealed")));
	vault_sealed_free(sealed);
	CHECK(!is_there(path_of(id, ".sealed")));
	end();
}

static void a_work_that_fails_leaves_a_file_without_a_row_for_the_sweep(void)
{
	struct vault_arrival arrival = { .bytes = { (const uint8_t *)"x", 1 } };
	struct put put = { .fail = WARD_E_ARGUMENT };
	struct vault_swept swept;
	char id[ID_TEXT_MAX];

	CHECK(start());
	const char *kept = keep("this stays");

	CHECK_EQ(vault_seal(vault, &arrival, &put.sealed, &error), WARD_OK);
	CHECK_EQ(store_write(store, put_work, &put, &error), WARD_E_ARGUMENT);
	memcpy(id, vault_sealed_facts(put.sealed)->id, sizeof(id));
	vault_sealed_free(put.sealed);
	CHECK(is_there(path_of(id, ".sealed")));
	CHECK_EQ(ask("SELECT count(*) FROM vault_items"), 1);
	CHECK_EQ(ask("SELECT count(*) FROM vault_holds"), 1);
	CHECK_EQ(log_of("item", id).rows, 0);

	/* Young files wait: the clock of the file system is the real one. */
	clock_fake_set((int64_t)time(NULL));
	CHECK_EQ(vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error), WARD_OK);
	CHECK_EQ(swept.files, 2);
	CHECK_EQ(swept.younger, 1);
	CHECK_EQ(swept.orphans, 0);
	clock_fake_pass(VAULT_ORPHAN_S + 60);
	CHECK_EQ(vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error), WARD_OK);
	CHECK_EQ(swept.orphans, 1);
	CHECK(!is_there(path_of(id, ".sealed")));
	CHECK_STR(log_of("item", id).action, "item.swept");
	CHECK_STR(see(&anna, kept), "this stays");
	end();
}

/* As a clock that jumps ahead would do it: the file is swept before its row is added. */
static void a_row_whose_file_was_swept_meanwhile_is_refused(void)
{
	struct vault_arrival arrival = { .bytes = { (const uint8_t *)"x", 1 } };
	struct put put = { .fail = WARD_OK };
	struct vault_swept swept;

	CHECK(start());
	CHECK_EQ(vault_seal(vault, &arrival, &put.sealed, &error), WARD_OK);
	clock_fake_set((int64_t)time(NULL) + 10 * VAULT_ORPHAN_S);
	CHECK_EQ(vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error), WARD_OK);
	CHECK_EQ(swept.orphans, 1);
	CHECK_EQ(store_write(store, put_work, &put, &error), WARD_E_CONFLICT);
	CHECK_EQ(ask("SELECT count(*) FROM vault_items"), 0);
	vault_sealed_free(put.sealed);
	end();
}

static void a_vault_without_keys_takes_nothing(void)
{
	struct vault_arrival arrival = { .bytes = { (const uint8_t *)"x", 1 } };
	struct vault_sealed *sealed;

	CHECK(open_vault());
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_NOT_FOUND);
	CHECK_STR(error.message, "the vault has no keys yet: \"ward vault init\" makes them");
	end();
}

static void what_makes_no_sense_is_refused_before_a_file_is_made(void)
{
	struct vault_arrival arrival = { .bytes = { (const uint8_t *)"x", 1 } };
	struct vault_sealed *sealed;
	struct vault_swept swept;
	char wide[300];

	memset(wide, 'a', sizeof(wide));
	CHECK(start());
	arrival.basis = WARD_STR("forever");
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_NOT_FOUND);
	arrival.basis = WARD_STR("");
	arrival.roles = WARD_STR("review,everybody");
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_NOT_FOUND);
	arrival.roles = WARD_STR("master");
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_NOT_FOUND);
	arrival.roles = WARD_STR("");
	arrival.kind = (ward_str){ wide, sizeof(wide) };
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_ARGUMENT);
	arrival.kind = WARD_STR("text\0plain");
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_ARGUMENT);
	arrival.kind = WARD_STR("\xff");
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_ARGUMENT);
	arrival.kind = WARD_STR("");
	arrival.bytes_max = 1;
	arrival.bytes = (ward_bytes){ (const uint8_t *)"xy", 2 };
	CHECK_EQ(vault_seal(vault, &arrival, &sealed, &error), WARD_E_LIMIT);
	CHECK_EQ(vault_sweep(vault, 0, &swept, &error), WARD_OK);
	CHECK_EQ(swept.files, 0);
	end();
}

static void an_item_may_be_for_one_role_alone(void)
{
	struct vault_arrival arrival = { .roles = WARD_STR("filing") };

	CHECK(start());
	const char *id = keep_like(arrival, (ward_bytes){ (const uint8_t *)"for Boris", 9 });

	CHECK_STR(see(&boris, id), "for Boris");
	CHECK_STR(see(&anna, id), "denied");
	end();
}

/* ---- opening ---- */

static void each_opening_is_a_row_of_the_log_with_its_reason(void)
{
	CHECK(start());
	const char *id = keep("a lighthouse");
	struct last last = log_of("item", id);

	CHECK_EQ(last.rows, 1);
	CHECK_STR(last.action, "item.sealed");
	CHECK_STR(last.actor, "key:platform");
	CHECK_STR(see(&anna, id), "a lighthouse");
	last = log_of("item", id);
	CHECK_EQ(last.rows, 2);
	CHECK_STR(last.action, "item.opened");
	CHECK_STR(last.actor, "person:anna");
	CHECK_STR(last.reason, "report 7 is about a harbour");
	CHECK_STR(last.detail, "{\"level\":\"L2\",\"key\":\"review\"}");
	CHECK_EQ(strlen(last.digest), 64);
	end();
}

static void who_holds_no_key_of_it_is_refused_and_that_is_logged(void)
{
	struct vault_arrival arrival = { .roles = WARD_STR("filing") };

	CHECK(start());
	const char *id = keep_like(arrival, (ward_bytes){ (const uint8_t *)"x", 1 });

	CHECK_STR(see(&anna, id), "denied");
	CHECK_STR(log_of("item", id).action, "item.refused");
	CHECK_STR(log_of("item", id).actor, "person:anna");
	end();
}

static void without_a_reason_nothing_is_opened(void)
{
	struct ward_buf plain;

	CHECK(start());
	const char *id = keep("x");
	struct vault_access *access = unlock(&anna);
	struct vault_opening opening = { ward_str_from(id), WARD_STR("L5"), WARD_STR("  ") };

	ward_buf_init(&plain, 100);
	CHECK_EQ(vault_open(vault, access, &opening, collect, &plain, &error), WARD_E_ARGUMENT);
	CHECK_EQ(plain.len, 0);
	CHECK_EQ(log_of("item", id).rows, 1);
	opening.reason = WARD_STR("why not");
	opening.item = WARD_STR("../../etc/passwd");
	CHECK_EQ(vault_open(vault, access, &opening, collect, &plain, &error), WARD_E_NOT_FOUND);
	vault_access_free(access);
	ward_buf_free(&plain);
	end();
}

static void an_item_opens_into_memory_that_cannot_be_changed(void)
{
	char text[32] = "";
	int fd = -1;

	CHECK(start());
	const char *id = keep("a lighthouse");
	struct vault_access *access = unlock(&anna);
	struct vault_opening opening = { ward_str_from(id), WARD_STR("L2"), WARD_STR("to see") };

	CHECK_EQ(vault_open_memory(vault, access, &opening, 11, &fd, &error), WARD_E_LIMIT);
	CHECK_EQ(log_of("item", id).rows, 1);
	CHECK_EQ(vault_open_memory(vault, access, &opening, 12, &fd, &error), WARD_OK);
	CHECK_EQ(read(fd, text, sizeof(text)), 12);
	CHECK_STR(text, "a lighthouse");
	CHECK_EQ(pwrite(fd, "b", 1, 0), -1);
	CHECK_EQ(ftruncate(fd, 3), -1);
	close(fd);
	vault_access_free(access);
	end();
}

/* ---- damage ---- */

static bool change_byte(const char *path, off_t at, int with)
{
	int fd = open(path, O_RDWR);
	uint8_t byte = 0;
	bool ok = fd >= 0 && pread(fd, &byte, 1, at) == 1;

	byte ^= (uint8_t)with;
	ok = ok && pwrite(fd, &byte, 1, at) == 1;
	if (fd >= 0)
		close(fd);
	return ok;
}

static void every_byte_changed_of_a_sealed_file_is_told_and_nothing_is_handed_out(void)
{
	struct ward_buf plain;
	struct stat st;
	int fd = 77;

	CHECK(start());
	const char *id = keep("a short sentence");
	const char *path = path_of(id, ".sealed");
	struct vault_access *access = unlock(&anna);
	struct vault_opening opening = { ward_str_from(id), WARD_STR("L2"), WARD_STR("to see") };

	ward_buf_init(&plain, 1000);
	CHECK_EQ(stat(path, &st), 0);
	for (off_t at = 0; at < st.st_size; at++) {
		CHECK(change_byte(path, at, 1 << at % 8));
		ward_err err = open_with(access, id, &plain);

		CHECK(err == WARD_E_CORRUPT || (at == 8 && err == WARD_E_UNSUPPORTED));
		CHECK_EQ(plain.len, 0);
		CHECK(vault_open_memory(vault, access, &opening, 1000, &fd, &error) == err);
		CHECK_EQ(fd, 77);
		CHECK(change_byte(path, at, 1 << at % 8));
	}
	CHECK_STR(log_of("item", id).action, "item.damaged");
	CHECK_EQ(open_with(access, id, &plain), WARD_OK);
	CHECK_STR(ward_buf_text(&plain).ptr, "a short sentence");
	ward_buf_free(&plain);
	vault_access_free(access);
	end();
}

static void a_file_in_anothers_place_does_not_open(void)
{
	char first[4096], second[4096];

	CHECK(start());
	const char *a = keep("one"), *b = keep("two");

	snprintf(first, sizeof(first), "%s", path_of(a, ".sealed"));
	snprintf(second, sizeof(second), "%s", path_of(b, ".sealed"));
	CHECK_EQ(rename(first, second), 0);
	CHECK_STR(see(&anna, b), "corrupt");
	CHECK_STR(see(&anna, a), "corrupt");
	/* Nor do keys that were exchanged in the store. */
	const char *c = keep("three"), *d = keep("four");
	char sql[400];

	snprintf(sql, sizeof(sql),
			"UPDATE vault_wraps SET wrap = (SELECT w.wrap FROM vault_wraps w WHERE "
			"w.item = '%s' AND w.key = vault_wraps.key) WHERE item = '%s'",
			c, d);
	CHECK(run(sql));
	CHECK_STR(see(&anna, d), "denied");
	CHECK_STR(see(&anna, c), "three");
	end();
}

struct told {
	char lines[10][80];
	unsigned count;
};

static void tell(void *context, const char *what, const char *id)
{
	struct told *told = context;

	if (told->count < 10)
		snprintf(told->lines[told->count], sizeof(told->lines[0]), "%s %s", what, id);
	told->count++;
}

static bool was_told(const struct told *told, const char *what, const char *id)
{
	char line[80];

	snprintf(line, sizeof(line), "%s %s", what, id);
	for (unsigned i = 0; i < told->count; i++) {
		if (strcmp(told->lines[i], line) == 0)
			return true;
	}
	return false;
}

static void checking_finds_what_is_missing_damaged_unwrapped_strange_or_left_over(void)
{
	char ids[6][ID_TEXT_MAX], orphan[4096], sql[400];
	struct vault_checked checked;
	struct told told = { .count = 0 };

	CHECK(start());
	for (int i = 0; i < 6; i++)
		memcpy(ids[i], keep("a boat"), ID_TEXT_MAX);
	CHECK_EQ(vault_check(vault, tell, &told, &checked, &error), WARD_OK);
	CHECK_EQ(told.count, 0);
	CHECK_EQ(checked.items, 6);
	CHECK_EQ(checked.bytes, 6 * (56 + 17 + 6));

	CHECK_EQ(unlink(path_of(ids[0], ".sealed")), 0);
	CHECK(change_byte(path_of(ids[1], ".sealed"), 60, 1));
	snprintf(sql, sizeof(sql),
			"DELETE FROM vault_wraps WHERE item = '%s' AND key = "
			"(SELECT id FROM vault_keys WHERE name = 'backup')",
			ids[2]);
	CHECK(run(sql));
	snprintf(sql, sizeof(sql), "UPDATE vault_items SET sha256 = sealed_sha256 WHERE id = '%s'",
			ids[3]);
	CHECK(run(sql));
	snprintf(orphan, sizeof(orphan), "%s", path_of(ids[4], ".sealed"));
	/* Another digit: what is no id is no orphan. */
	char *digit = &orphan[strlen(orphan) - strlen(".sealed") - 4];

	*digit = *digit == '0' ? '1' : '0';
	CHECK_EQ(link(path_of(ids[4], ".sealed"), orphan), 0);
	CHECK_EQ(vault_check(vault, tell, &told, &checked, &error), WARD_OK);
	CHECK(was_told(&told, "missing", ids[0]));
	CHECK(was_told(&told, "damaged", ids[1]));
	CHECK(was_told(&told, "unwrapped", ids[2]));
	CHECK(was_told(&told, "strange", ids[3]));
	CHECK_EQ(checked.orphans, 1);
	CHECK_EQ(told.count, 5);
	end();
}

static void a_check_ends_whatever_the_rows_say(void)
{
	struct vault_checked checked;
	struct told told = { .count = 0 };

	CHECK(start());
	CHECK(keep("a boat")[0] != '\0');
	CHECK(run("INSERT INTO vault_items (id, kind, origin, bytes, md5, sha1, sha256, "
		  "sealed_bytes, sealed_sha256, sealed_at, keep_until, destroyed_at) "
		  "SELECT id || '-and-more', kind, origin, bytes, md5, sha1, sha256, sealed_bytes, "
		  "sealed_sha256, sealed_at, keep_until, 0 FROM vault_items"));
	CHECK_EQ(vault_check(vault, tell, &told, &checked, &error), WARD_E_CORRUPT);
	end();
}

/* ---- listing ---- */

struct listed {
	char ids[10][ID_TEXT_MAX];
	size_t count;
};

static bool take_facts(void *context, const struct vault_facts *facts)
{
	struct listed *listed = context;

	memcpy(listed->ids[listed->count++], facts->id, ID_TEXT_MAX);
	return true;
}

static void items_are_listed_newest_first_by_pages_and_by_origin(void)
{
	struct vault_question question = { .items_max = 2 };
	struct listed listed = { .count = 0 };
	struct store_tx *tx;
	char ids[3][ID_TEXT_MAX];

	CHECK(start());
	for (int i = 0; i < 3; i++) {
		memcpy(ids[i], keep("x"), ID_TEXT_MAX);
		usleep(2000); /* ids sort by the millisecond */
	}
	CHECK(keep_like((struct vault_arrival){ .origin = WARD_STR("report:8") },
			      (ward_bytes){ NULL, 0 })[0] != '\0');
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	question.origin = WARD_STR("report:7");
	CHECK_EQ(vault_list(tx, &question, take_facts, &listed, &error), WARD_OK);
	CHECK_EQ(listed.count, 2);
	question.before = ward_str_from(listed.ids[1]);
	CHECK_EQ(vault_list(tx, &question, take_facts, &listed, &error), WARD_OK);
	CHECK_EQ(listed.count, 3);
	CHECK_STR(listed.ids[0], ids[2]);
	CHECK_STR(listed.ids[1], ids[1]);
	CHECK_STR(listed.ids[2], ids[0]);
	listed.count = 0;
	question = (struct vault_question){ .items_max = 10 };
	CHECK_EQ(vault_list(tx, &question, take_facts, &listed, &error), WARD_OK);
	CHECK_EQ(listed.count, 4);
	store_read_end(tx);
	end();
}

static const struct test_case cases[] = {
	{ "what comes in is opened by who holds its role",
			what_comes_in_is_opened_by_who_holds_its_role },
	{ "its facts are known without opening it", its_facts_are_known_without_opening_it },
	{ "the file is the owner's alone, and tells nothing",
			the_file_is_the_owners_alone_and_tells_nothing },
	{ "what was never put leaves no file", what_was_never_put_leaves_no_file },
	{ "a work that fails leaves a file without a row, for the sweep",
			a_work_that_fails_leaves_a_file_without_a_row_for_the_sweep },
	{ "a row whose file was swept meanwhile is refused",
			a_row_whose_file_was_swept_meanwhile_is_refused },
	{ "a vault without keys takes nothing", a_vault_without_keys_takes_nothing },
	{ "what makes no sense is refused before a file is made",
			what_makes_no_sense_is_refused_before_a_file_is_made },
	{ "an item may be for one role alone", an_item_may_be_for_one_role_alone },
	{ "each opening is a row of the log, with its reason",
			each_opening_is_a_row_of_the_log_with_its_reason },
	{ "who holds no key of it is refused, and that is logged",
			who_holds_no_key_of_it_is_refused_and_that_is_logged },
	{ "without a reason nothing is opened", without_a_reason_nothing_is_opened },
	{ "an item opens into memory that cannot be changed",
			an_item_opens_into_memory_that_cannot_be_changed },
	{ "every byte changed of a sealed file is told, and nothing is handed out",
			every_byte_changed_of_a_sealed_file_is_told_and_nothing_is_handed_out },
	{ "a file in another's place does not open", a_file_in_anothers_place_does_not_open },
	{ "checking finds what is missing, damaged, unwrapped, strange or left over",
			checking_finds_what_is_missing_damaged_unwrapped_strange_or_left_over },
	{ "a check ends whatever the rows say", a_check_ends_whatever_the_rows_say },
	{ "items are listed newest first, by pages and by origin",
			items_are_listed_newest_first_by_pages_and_by_origin },
};
TEST_MAIN(cases)
