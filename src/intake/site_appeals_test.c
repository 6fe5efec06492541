#include "intake/site_appeals.h"

#include "base/clock_fake.h"
#include "base/test.h"
#include "store/store_test.h"

enum { DAY_S = 24 * 3600 };

static struct store *store;
static struct ward_error error;
static struct ward_arena arena;

static struct intake_site_appeal_new appeal_of(const char *once, const char *words)
{
	return (struct intake_site_appeal_new){ .once = ward_str_from(once),
		.blocked = WARD_STR("category"),
		.list = WARD_STR("games"),
		.entry = WARD_STR("=lighthouse.example"),
		.host = WARD_STR("lighthouse.example"),
		.language = WARD_STR("en"),
		.words = ward_str_from(words),
		.contact = WARD_STR("keeper@example.org") };
}

struct adding {
	const struct intake_site_appeal_new *appeal;
	char id[ID_TEXT_MAX];
};

static ward_err add_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct adding *adding = context;

	return intake_site_appeal_add(tx, adding->appeal, adding->id, failure);
}

static ward_err add(struct adding *adding, const struct intake_site_appeal_new *appeal)
{
	adding->appeal = appeal;
	return store_write(store, add_work, adding, &error);
}

struct settling {
	const char *id;
	bool lift;
};

static ward_err settle_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct settling *settling = context;
	const struct vault_actor anna = { WARD_STR("person:anna"), WARD_STR("reviewer") };

	return intake_site_appeal_settle(tx, &anna, ward_str_from(settling->id), settling->lift,
			WARD_STR("it is a lighthouse"), failure);
}

static ward_err settle(const char *id, bool lift)
{
	return store_write(store, settle_work, &(struct settling){ id, lift }, &error);
}

static ward_err tidy_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return intake_site_appeal_tidy(tx, clock_now(), context, failure);
}

static uint64_t tidy(void)
{
	uint64_t removed = 0;

	return store_write(store, tidy_work, &removed, &error) == WARD_OK ? removed : 99;
}

static size_t list(enum intake_site_state state, struct intake_site_appeal **appeals)
{
	struct store_tx *tx;
	size_t count = 0;

	if (store_read(store, &tx, &error) != WARD_OK)
		return 99;
	ward_err err = intake_site_appeal_list(tx, state, WARD_STR(""), 50, &arena, appeals, &count,
			&error);

	store_read_end(tx);
	return err ? 99 : count;
}

static void begin(void)
{
	store_free(store);
	store = store_fresh();
	ward_arena_free(&arena);
	ward_arena_init(&arena, 8 << 20);
}

static void what_was_written_is_there_once(void)
{
	struct intake_site_appeal_new appeal = appeal_of("one", "there are only lamps on it");
	struct adding first, again;
	struct intake_site_appeal *appeals;

	begin();
	CHECK_EQ(add(&first, &appeal), WARD_OK);
	CHECK_EQ(add(&again, &appeal), WARD_OK);
	CHECK_STR(first.id, again.id);
	CHECK_EQ(list(INTAKE_SITE_OPEN, &appeals), 1);
	CHECK(ward_str_eq(appeals[0].words, appeal.words));
	CHECK(ward_str_eq(appeals[0].entry, appeal.entry));
	CHECK(ward_str_eq(appeals[0].contact, appeal.contact));
	CHECK(!appeals[0].ordered && appeals[0].settled_at == 0);
	appeal = appeal_of("two", "");
	CHECK_EQ(add(&first, &appeal), WARD_E_ARGUMENT);
}

static void a_person_settles_it_once_and_the_contact_goes(void)
{
	struct intake_site_appeal_new appeal = appeal_of("one", "lamps");
	struct intake_site_appeal *appeals;
	struct adding one;

	begin();
	CHECK_EQ(add(&one, &appeal), WARD_OK);
	CHECK_EQ(settle(one.id, true), WARD_OK);
	CHECK_EQ(settle(one.id, false), WARD_E_CONFLICT);
	CHECK_EQ(settle("none", false), WARD_E_NOT_FOUND);
	CHECK_EQ(list(INTAKE_SITE_OPEN, &appeals), 0);
	CHECK_EQ(list(INTAKE_SITE_LIFTED, &appeals), 1);
	CHECK(ward_str_eq(appeals[0].person, WARD_STR("person:anna")));
	CHECK(ward_str_eq(appeals[0].reason, WARD_STR("it is a lighthouse")));
	CHECK_EQ(appeals[0].contact.len, 0);
}

static void what_is_ordered_is_not_lifted(void)
{
	struct intake_site_appeal_new appeal = appeal_of("one", "lamps");
	struct adding one;

	begin();
	appeal.ordered = true;
	CHECK_EQ(add(&one, &appeal), WARD_OK);
	CHECK_EQ(settle(one.id, true), WARD_E_DENIED);
	CHECK_EQ(settle(one.id, false), WARD_OK);
}

static void contacts_go_first_and_then_the_rest(void)
{
	struct intake_site_appeal_new one = appeal_of("one", "lamps"),
				      two = appeal_of("two", "light");
	struct intake_site_appeal *appeals;
	struct adding first, second;

	begin();
	CHECK_EQ(add(&first, &one), WARD_OK);
	CHECK_EQ(add(&second, &two), WARD_OK);
	CHECK_EQ(tidy(), 0);
	clock_fake_pass(INTAKE_SITE_CONTACT_DAYS * DAY_S + 1);
	CHECK_EQ(tidy(), 2);
	CHECK_EQ(list(INTAKE_SITE_OPEN, &appeals), 2);
	CHECK_EQ(appeals[0].contact.len, 0);
	CHECK_EQ(settle(second.id, false), WARD_OK);
	clock_fake_pass((INTAKE_SITE_DAYS - INTAKE_SITE_CONTACT_DAYS) * DAY_S);
	CHECK_EQ(tidy(), 1);
	CHECK_EQ(list(INTAKE_SITE_OPEN, &appeals), 0);
	CHECK_EQ(list(INTAKE_SITE_KEPT, &appeals), 1);
	clock_fake_pass(INTAKE_SITE_CONTACT_DAYS * DAY_S + 1);
	CHECK_EQ(tidy(), 1);
}

static const struct test_case cases[] = {
	{ "what was written is there, once", what_was_written_is_there_once },
	{ "a person settles it once, and the contact goes",
			a_person_settles_it_once_and_the_contact_goes },
	{ "what is ordered is not lifted", what_is_ordered_is_not_lifted },
	{ "contacts go first, and then the rest", contacts_go_first_and_then_the_rest },
};

int main(void)
{
	int failed = test_run(cases, sizeof(cases) / sizeof(*cases));

	store_free(store);
	ward_arena_free(&arena);
	return failed;
}
