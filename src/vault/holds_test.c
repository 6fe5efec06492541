#include "vault/vault_test.h"

#define DAY 86400

/* ---- works ---- */

struct place {
	struct hold_wish wish;
	char id[ID_TEXT_MAX];
};

static ward_err place_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct place *place = context;
	struct vault_actor actor = actor_of(&anna);

	return hold_place(vault, tx, &place->wish, &actor, place->id, failure);
}

static ward_err place(const char *item, const char *basis, const char *reference, int64_t until,
		char id[ID_TEXT_MAX])
{
	struct place wish = { .wish = { ward_str_from(item), ward_str_from(basis),
					      ward_str_from(reference), WARD_STR("a letter came"),
					      until } };
	ward_err err = store_write(store, place_work, &wish, &error);

	if (!err)
		memcpy(id, wish.id, ID_TEXT_MAX);
	return err;
}

/* As one who goes on when it is gone. */
static ward_err place_if_there(void *context, struct store_tx *tx, struct ward_error *failure)
{
	ward_err err = place_work(context, tx, failure);

	return err == WARD_E_NOT_FOUND ? WARD_OK : err;
}

static ward_err renew_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct vault_actor actor = actor_of(&anna);

	return hold_renew(vault, tx, ward_str_from(context), WARD_STR("letter 9b"), &actor,
			failure);
}

static ward_err renew(char *id)
{
	return store_write(store, renew_work, id, &error);
}

struct release {
	const char *id;
	struct vault_pair persons;
};

static ward_err release_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct release *release = context;

	return hold_release(tx, ward_str_from(release->id), &release->persons,
			WARD_STR("they wrote that it is over"), failure);
}

static ward_err release(const char *id, const struct who *first, const struct who *second)
{
	struct release work = { id, pair_of(first, second) };

	return store_write(store, release_work, &work, &error);
}

/* ---- asking ---- */

struct holds {
	struct hold at[10];
	size_t count;
};

static bool take_hold(void *context, const struct hold *hold)
{
	struct holds *holds = context;

	holds->at[holds->count++] = *hold;
	return holds->count < 10;
}

static struct holds holds_of(const char *item, bool active)
{
	struct holds holds = { .count = 0 };
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return holds;
	if (hold_list(tx,
			    &(struct hold_question){ .item = ward_str_from(item),
					    .active = active,
					    .holds_max = 10 },
			    take_hold, &holds, &error) != WARD_OK)
		holds.count = 99;
	store_read_end(tx);
	return holds;
}

/* The hold of this basis. */
static struct hold hold_by(const char *item, const char *basis)
{
	struct holds holds = holds_of(item, false);

	for (size_t i = 0; i < holds.count && i < 10; i++) {
		if (strcmp(holds.at[i].basis, basis) == 0)
			return holds.at[i];
	}
	return (struct hold){ .id = "" };
}

static bool take_due(void *context, const struct vault_facts *facts)
{
	(void)facts;
	(*(size_t *)context)++;
	return true;
}

static size_t count_due(void)
{
	size_t count = 0;
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return 99;
	if (vault_due(tx, WARD_STR(""), 100, take_due, &count, &error) != WARD_OK)
		count = 99;
	store_read_end(tx);
	return count;
}

static bool forbids(const char *item_or_origin)
{
	bool forbidden = true;
	struct store_tx *tx;

	if (store_read(store, &tx, &error) != WARD_OK)
		return true;
	if (hold_forbids_notice(tx, ward_str_from(item_or_origin), &forbidden, &error) != WARD_OK)
		forbidden = true;
	store_read_end(tx);
	return forbidden;
}

static ward_err destroy(const char *item, const struct who *first, const struct who *second)
{
	struct vault_pair persons = pair_of(first, second);
	ward_str items[] = { ward_str_from(item) };

	return vault_destroy(vault, items, 1, &persons, WARD_STR("its time is over"), &error);
}

/* ---- holding ---- */

static void every_item_is_held_from_its_first_second_on(void)
{
	char when[CLOCK_TEXT_MAX];

	CHECK(start());
	const char *own = keep("x");
	const char *reported = keep_like((struct vault_arrival){ .basis = WARD_STR("us-2258a-h") },
			(ward_bytes){ NULL, 0 });
	struct holds holds = holds_of(own, true);

	CHECK_EQ(holds.count, 1);
	CHECK_STR(holds.at[0].basis, "own");
	CHECK_STR(clock_format(holds.at[0].end_at, when), "2026-05-30T23:59:59Z");
	holds = holds_of(reported, true);
	CHECK_STR(clock_format(holds.at[0].end_at, when), "2027-03-01T23:59:59Z");
	CHECK_EQ(holds_of("", true).count, 2);
	CHECK_EQ(count_due(), 0);
	end();
}

/* A workspace whose table keeps what comes in for ten years, and not for 90 days. */
static bool write_clocks(const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/legal-clocks.json", folder);
	FILE *file = fopen(path, "w");
	bool good = file && fputs(text, file) >= 0;

	return file && fclose(file) == 0 && good;
}

static void what_comes_into_a_workspace_is_kept_by_its_own_table(void)
{
	static const char table[] =
			"{\"format\":\"ward.legal-clocks\",\"version\":1,\"notice\":\"n\","
			"\"clocks\":[{\"code\":\"own\",\"title\":\"t\",\"place\":\"\","
			"\"trigger\":\"x\",\"keep\":\"P10Y\",\"renew\":\"\",\"renewals_max\":0,"
			"\"authority\":false,\"source\":\"s\",\"note\":\"\"}]}";
	char when[CLOCK_TEXT_MAX];
	struct vault *shipped;

	CHECK(start());
	shipped = vault;
	CHECK_EQ(vault_of_workspace(folder, store, &vault, &error), WARD_OK);
	CHECK_STR(clock_format(hold_by(keep("x"), "own").end_at, when), "2026-05-30T23:59:59Z");
	vault_free(vault);
	CHECK(write_clocks(table));
	CHECK_EQ(vault_of_workspace(folder, store, &vault, &error), WARD_OK);
	CHECK_STR(clock_format(hold_by(keep("x"), "own").end_at, when), "2036-03-01T23:59:59Z");
	vault_free(vault);
	vault = shipped;
	/* A table that cannot be read is no reason to go by another one. */
	struct vault *none = NULL;

	CHECK(write_clocks("{}"));
	CHECK_EQ(vault_of_workspace(folder, store, &none, &error), WARD_E_FORMAT);
	CHECK(none == NULL);
	end();
}

static void an_item_is_due_when_its_last_hold_is_over(void)
{
	char id[ID_TEXT_MAX];

	CHECK(start());
	const char *item = keep("x");

	clock_fake_pass(80 * DAY);
	CHECK_EQ(place(item, "us-2703-f", "letter 9", 0, id), WARD_OK);
	CHECK_STR(log_of("item", item).action, "item.held");
	CHECK_STR(log_of("item", item).reason, "a letter came");
	clock_fake_set(hold_by(item, "own").end_at);
	CHECK_EQ(holds_of(item, true).count, 2); /* its last second is within */
	clock_fake_pass(1);
	CHECK_EQ(holds_of(item, false).count, 2);
	CHECK_EQ(hold_by(item, "own").state, HOLD_EXPIRED);
	CHECK_EQ(hold_by(item, "us-2703-f").state, HOLD_ACTIVE);
	CHECK_EQ(count_due(), 0);
	CHECK_EQ(destroy(item, &anna, &boris), WARD_E_CONFLICT);
	clock_fake_set(hold_by(item, "us-2703-f").end_at + 1);
	CHECK_EQ(holds_of(item, true).count, 0);
	CHECK_EQ(count_due(), 1);
	end();
}

static void a_hold_for_an_authority_names_its_letter(void)
{
	char id[ID_TEXT_MAX];

	CHECK(start());
	const char *item = keep("x");

	CHECK_EQ(place(item, "us-2703-f", "", 0, id), WARD_E_ARGUMENT);
	CHECK_EQ(place(item, "us-2703-f", " ", 0, id), WARD_E_ARGUMENT);
	CHECK_EQ(place(item, "forever", "", 0, id), WARD_E_NOT_FOUND);
	CHECK_EQ(place("nothing", "own", "", 0, id), WARD_E_NOT_FOUND);
	CHECK_EQ(place(item, "authority", "letter 1", NOW, id), WARD_E_ARGUMENT);
	CHECK_EQ(place(item, "authority", "letter 1", NOW + 1000 * DAY, id), WARD_OK);
	CHECK_EQ(hold_by(item, "authority").end_at, NOW + (int64_t)1000 * DAY);
	CHECK_EQ(holds_of(item, true).count, 2);
	end();
}

static void while_an_authority_holds_it_nobody_outside_is_told(void)
{
	char id[ID_TEXT_MAX];

	CHECK(start());
	const char *item = keep("x");

	CHECK(!forbids(item));
	CHECK_EQ(place(item, "authority", "letter 1", 0, id), WARD_OK);
	CHECK(forbids(item));
	CHECK(forbids("report:7"));
	CHECK(!forbids("report:8"));
	CHECK_EQ(release(id, &anna, &anna), WARD_E_DENIED);
	CHECK(forbids(item));
	CHECK_EQ(release(id, &anna, &boris), WARD_OK);
	CHECK(!forbids(item));
	CHECK_STR(log_of("item", item).action, "item.hold_released");
	CHECK(strstr(log_of("item", item).detail, "\"second\":\"person:boris\"") != NULL);
	CHECK_EQ(release(id, &anna, &boris), WARD_E_CONFLICT);
	CHECK_EQ(place(item, "authority", "letter 2", 0, id), WARD_OK);
	clock_fake_pass(91 * DAY);
	CHECK(!forbids(item));
	end();
}

static void a_hold_is_renewed_from_its_end_while_it_is_active(void)
{
	char id[ID_TEXT_MAX], once[ID_TEXT_MAX];

	CHECK(start());
	const char *item = keep("x");

	CHECK_EQ(place(item, "us-2703-f", "letter 9", 0, id), WARD_OK);
	int64_t end_at = hold_by(item, "us-2703-f").end_at;

	CHECK_EQ(renew(id), WARD_OK);
	struct hold hold = hold_by(item, "us-2703-f");

	CHECK_EQ(hold.end_at, end_at + 90 * DAY);
	CHECK_EQ(hold.renewals, 1);
	CHECK_STR(hold.reference, "letter 9b");
	CHECK_STR(log_of("item", item).action, "item.hold_renewed");
	clock_fake_set(hold.end_at + 1);
	CHECK_EQ(renew(id), WARD_E_CONFLICT);
	/* One that the law does not prolong, and one that it prolongs once. */
	CHECK_EQ(place(item, "ca-2011-c4", "notice 3", 0, id), WARD_OK);
	CHECK_EQ(renew(id), WARD_E_CONFLICT);
	CHECK_EQ(place(item, "appeal", "", 0, once), WARD_OK);
	CHECK_EQ(renew(once), WARD_OK);
	CHECK_EQ(renew(once), WARD_E_CONFLICT);
	id[0] = 'x';
	CHECK_EQ(renew(id), WARD_E_NOT_FOUND);
	end();
}

/* ---- the end ---- */

static void destroying_takes_the_key_and_the_file_and_leaves_a_record(void)
{
	struct vault_destruction record;
	struct vault_facts facts;
	struct store_tx *tx;
	char kept[ID_TEXT_MAX];

	CHECK(start());
	const char *item = keep("it was here");
	const char *other = keep("x");

	memcpy(kept, other, sizeof(kept));
	clock_fake_pass(91 * DAY);
	CHECK_EQ(destroy(item, &anna, &anna), WARD_E_DENIED);
	CHECK_EQ(destroy(item, &anna, &boris), WARD_OK);
	CHECK(!is_there(path_of(item, ".sealed")));
	CHECK(is_there(path_of(kept, ".sealed")));
	CHECK_EQ(ask("SELECT count(*) FROM vault_wraps"), 4);
	CHECK_STR(see(&anna, item), "not_found");
	struct last last = log_of("item", item);

	CHECK_STR(last.action, "item.destroyed");
	CHECK_STR(last.reason, "its time is over");
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(vault_facts_get(tx, ward_str_from(item), &facts, &error), WARD_OK);
	CHECK_EQ(facts.destroyed_at, NOW + 91 * DAY);
	CHECK_EQ(facts.digests.bytes, 11);
	CHECK_EQ(vault_destruction_get(tx, ward_str_from(item), &record, &error), WARD_OK);
	CHECK_EQ(vault_destruction_get(tx, ward_str_from(kept), &record, &error), WARD_E_NOT_FOUND);
	store_read_end(tx);
	CHECK_EQ(record.at, facts.destroyed_at);
	CHECK_STR(record.first, "person:anna");
	CHECK_STR(record.second, "person:boris");
	CHECK_STR(record.reason, "its time is over");
	CHECK_STR(record.bases, "own");
	CHECK_STR(record.method, "key deleted; file overwritten and removed");
	CHECK_EQ(destroy(item, &anna, &boris), WARD_E_CONFLICT);
	CHECK_EQ(place(item, "own", "", 0, kept), WARD_E_NOT_FOUND);
	struct place late = { .wish = { ward_str_from(item), WARD_STR("own"), WARD_STR(""),
					      WARD_STR("a letter came"), 0 } };

	CHECK_EQ(store_write(store, place_if_there, &late, &error), WARD_OK);
	CHECK_STR(log_of("item", item).action, "item.destroyed");
	end();
}

static void all_are_destroyed_or_none(void)
{
	struct vault_pair persons = pair_of(&anna, &boris);
	char id[ID_TEXT_MAX], items[3][ID_TEXT_MAX];
	ward_str names[3];

	CHECK(start());
	for (int i = 0; i < 3; i++) {
		memcpy(items[i], keep("x"), ID_TEXT_MAX);
		names[i] = ward_str_from(items[i]);
	}
	clock_fake_pass(91 * DAY);
	CHECK_EQ(place(items[2], "authority", "letter 1", 0, id), WARD_OK);
	CHECK_EQ(count_due(), 2);
	CHECK_EQ(vault_destroy(vault, names, 3, &persons, WARD_STR("over"), &error),
			WARD_E_CONFLICT);
	CHECK_EQ(ask("SELECT count(*) FROM vault_destructions"), 0);
	CHECK_STR(see(&anna, items[0]), "x");
	CHECK_EQ(vault_destroy(vault, names, 2, &persons, WARD_STR(""), &error), WARD_E_ARGUMENT);
	CHECK_EQ(vault_destroy(vault, names, 2, &persons, WARD_STR("over"), &error), WARD_OK);
	CHECK_EQ(count_due(), 0);
	end();
}

static ward_err destroy_early(const char *item, const struct who *second)
{
	struct vault_pair persons = pair_of(&anna, second);
	ward_str name = ward_str_from(item);

	return vault_destroy_early(vault, &name, 1, &persons, WARD_STR("sent by mistake"), &error);
}

static void ahead_of_time_two_persons_end_ones_own_clocks_and_no_other(void)
{
	struct vault_destruction record;
	char law[ID_TEXT_MAX], letter[ID_TEXT_MAX], own[ID_TEXT_MAX];
	struct store_tx *tx;

	CHECK(start());
	const char *item = keep("it was here");

	CHECK_EQ(place(item, "own", "", NOW + 900 * DAY, own), WARD_OK);
	CHECK_EQ(place(item, "us-2258a-h", "", 0, law), WARD_OK);
	CHECK_EQ(place(item, "authority", "letter 1", 0, letter), WARD_OK);
	CHECK_EQ(destroy_early(item, &boris), WARD_E_CONFLICT);
	CHECK_EQ(release(letter, &anna, &boris), WARD_OK);
	CHECK_EQ(destroy_early(item, &boris), WARD_E_CONFLICT);
	CHECK_STR(error.message,
			"an item is held by \"us-2258a-h\", which is no rule of one's own: "
			"release that first, or wait for its end");
	/* What was refused has ended nothing. */
	CHECK_EQ(ask("SELECT count(*) FROM vault_holds WHERE released_at = 0"), 3);
	CHECK_EQ(release(law, &anna, &boris), WARD_OK);
	CHECK_EQ(destroy_early(item, &anna), WARD_E_DENIED);
	CHECK_EQ(destroy_early(item, &boris), WARD_OK);
	CHECK(!is_there(path_of(item, ".sealed")));
	CHECK_EQ(ask("SELECT count(*) FROM vault_wraps"), 0);
	CHECK_EQ(ask("SELECT count(*) FROM vault_holds WHERE released_at = 0"), 0);
	CHECK_STR(log_of("item", item).action, "item.destroyed");
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(vault_destruction_get(tx, ward_str_from(item), &record, &error), WARD_OK);
	store_read_end(tx);
	CHECK_EQ(record.at, NOW);
	CHECK_STR(record.bases, "authority, own, us-2258a-h");
	CHECK_EQ(destroy_early(item, &boris), WARD_E_CONFLICT);
	end();
}

static void a_file_that_cannot_be_removed_does_not_keep_the_others(void)
{
	struct vault_pair persons = pair_of(&anna, &boris);
	char items[2][ID_TEXT_MAX];
	ward_str names[2];

	CHECK(start());
	for (int i = 0; i < 2; i++) {
		memcpy(items[i], keep("x"), ID_TEXT_MAX);
		names[i] = ward_str_from(items[i]);
	}
	/* A folder in the first one's place. */
	CHECK_EQ(unlink(path_of(items[0], ".sealed")), 0);
	CHECK_EQ(mkdir(path_of(items[0], ".sealed"), 0700), 0);
	clock_fake_pass(91 * DAY);
	CHECK_EQ(vault_destroy(vault, names, 2, &persons, WARD_STR("over"), &error), WARD_E_IO);
	CHECK_EQ(ask("SELECT count(*) FROM vault_wraps"), 0);
	CHECK(!is_there(path_of(items[1], ".sealed")));
	end();
}

/* As a crash between the record and the file leaves it. */
static void the_sweep_ends_what_an_interrupted_destruction_left(void)
{
	struct vault_swept swept;
	char path[4096], aside[4200];

	CHECK(start());
	const char *item = keep("x");

	snprintf(path, sizeof(path), "%s", path_of(item, ".sealed"));
	snprintf(aside, sizeof(aside), "%s.aside", path);
	CHECK_EQ(link(path, aside), 0);
	clock_fake_pass(91 * DAY);
	CHECK_EQ(destroy(item, &anna, &boris), WARD_OK);
	CHECK_EQ(rename(aside, path), 0);
	CHECK_EQ(vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error), WARD_OK);
	CHECK_EQ(swept.finished, 1);
	CHECK(!is_there(path));
	end();
}

static void the_file_is_overwritten_before_it_is_removed(void)
{
	uint8_t before[100], after[100];
	char aside[4200];

	CHECK(start());
	const char *item = keep("something to be gone");

	snprintf(aside, sizeof(aside), "%s.aside", path_of(item, ".sealed"));
	CHECK_EQ(link(path_of(item, ".sealed"), aside), 0);
	int fd = open(aside, O_RDONLY);
	ssize_t len = pread(fd, before, sizeof(before), 0);

	clock_fake_pass(91 * DAY);
	CHECK_EQ(destroy(item, &anna, &boris), WARD_OK);
	CHECK_EQ(pread(fd, after, sizeof(after), 0), len);
	CHECK(memcmp(before, after, 8) != 0);
	CHECK(memcmp(before + len - 16, after + len - 16, 16) != 0);
	close(fd);
	end();
}

/* ---- clocks ---- */

static void a_clock_that_goes_back_destroys_nothing(void)
{
	CHECK(start());
	const char *item = keep("x");

	clock_fake_pass(92 * DAY);
	CHECK_EQ(count_due(), 1);
	CHECK_STR(see(&anna, item), "x"); /* a row of the log at this time */
	clock_fake_set(NOW + 92 * DAY - 3600);
	CHECK_EQ(count_due(), 1);
	CHECK_EQ(destroy(item, &anna, &boris), WARD_E_CONFLICT);
	CHECK(strstr(error.message, "clock") != NULL);
	clock_fake_set(NOW);
	CHECK_EQ(count_due(), 0);
	CHECK_EQ(holds_of(item, true).count, 1);
	clock_fake_set(0);
	CHECK_EQ(count_due(), 0);
	CHECK_STR(see(&anna, item), "x");
	clock_fake_set(NOW + 92 * DAY);
	CHECK_EQ(destroy(item, &anna, &boris), WARD_OK);
	end();
}

static void a_clock_that_jumps_ahead_destroys_nothing_by_itself(void)
{
	struct vault_swept swept;

	CHECK(start());
	const char *item = keep("x");

	clock_fake_set(NOW + (int64_t)10000 * DAY);
	CHECK_EQ(count_due(), 1);
	CHECK_EQ(vault_sweep(vault, VAULT_ORPHAN_S, &swept, &error), WARD_OK);
	CHECK_EQ(swept.orphans + swept.finished, 0);
	CHECK_STR(see(&anna, item), "x");
	clock_fake_set(NOW);
	CHECK_EQ(count_due(), 0);
	clock_fake_set(INT64_MAX);
	CHECK_STR(see(&anna, item), "x");
	end();
}

static const struct test_case cases[] = {
	{ "every item is held from its first second on",
			every_item_is_held_from_its_first_second_on },
	{ "what comes into a workspace is kept by its own table",
			what_comes_into_a_workspace_is_kept_by_its_own_table },
	{ "an item is due when its last hold is over", an_item_is_due_when_its_last_hold_is_over },
	{ "a hold for an authority names its letter", a_hold_for_an_authority_names_its_letter },
	{ "while an authority holds it nobody outside is told",
			while_an_authority_holds_it_nobody_outside_is_told },
	{ "a hold is renewed from its end while it is active",
			a_hold_is_renewed_from_its_end_while_it_is_active },
	{ "destroying takes the key and the file, and leaves a record",
			destroying_takes_the_key_and_the_file_and_leaves_a_record },
	{ "all are destroyed, or none", all_are_destroyed_or_none },
	{ "ahead of time two persons end one's own clocks and no other",
			ahead_of_time_two_persons_end_ones_own_clocks_and_no_other },
	{ "a file that cannot be removed does not keep the others",
			a_file_that_cannot_be_removed_does_not_keep_the_others },
	{ "the sweep ends what an interrupted destruction left",
			the_sweep_ends_what_an_interrupted_destruction_left },
	{ "the file is overwritten before it is removed",
			the_file_is_overwritten_before_it_is_removed },
	{ "a clock that goes back destroys nothing", a_clock_that_goes_back_destroys_nothing },
	{ "a clock that jumps ahead destroys nothing by itself",
			a_clock_that_jumps_ahead_destroys_nothing_by_itself },
};
TEST_MAIN(cases)
