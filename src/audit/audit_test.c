#include "audit/audit.h"
#include "audit/checkpoint.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock_fake.h"
#include "base/test.h"
#include "store/store_test.h"

static struct ward_error error;
static struct store *store;
static char folder[64];
static bool start(void)
{
	clock_fake_set(1767225600);
	store = store_fresh();
	return store != NULL;
}

static void end(void)
{
	store_free(store);
}

static ward_err add_work(void *context, struct store_tx *tx, struct ward_error *failure)
{
	return audit_add(tx, context, failure);
}

static ward_err add(const char *actor, const char *action, const char *object)
{
	struct audit_entry entry = { .actor = ward_str_from(actor),
		.action = ward_str_from(action),
		.object = ward_str_from(object) };

	return store_write(store, add_work, &entry, &error);
}

static struct audit_verified verified(void)
{
	struct audit_verified found = { .what = "not verified" };

	if (audit_verify(store, NULL, NULL, &found, &error) != WARD_OK)
		printf("# %s\n", error.message);
	return found;
}

/* ---- adding ---- */

static void an_empty_log_is_well(void)
{
	CHECK(start());
	struct audit_verified found = verified();

	CHECK_STR(found.what, "");
	CHECK_EQ(found.rows, 0);
	end();
}

static ward_err add_and_fail(void *context, struct store_tx *tx, struct ward_error *failure)
{
	ward_err err = audit_add(tx, context, failure);

	return err ? err : ward_fail(failure, WARD_E_DENIED, "the act itself failed");
}

static void an_act_that_fails_leaves_no_row_and_no_gap(void)
{
	struct audit_entry entry = { .actor = WARD_STR("system"),
		.action = WARD_STR("item.sealed") };

	CHECK(start());
	CHECK_EQ(add("system", "item.sealed", "item:1"), WARD_OK);
	CHECK_EQ(store_write(store, add_and_fail, &entry, &error), WARD_E_DENIED);
	CHECK_EQ(add("system", "item.sealed", "item:2"), WARD_OK);
	struct audit_verified found = verified();

	CHECK_STR(found.what, "");
	CHECK_EQ(found.rows, 2);
	end();
}

static void a_row_that_says_nothing_or_too_much_is_refused(void)
{
	static char longer[AUDIT_DETAIL_MAX + 2];
	struct audit_entry good = { .actor = WARD_STR("system"),
		.action = WARD_STR("item.sealed") };
	struct audit_entry wrong[8];

	memset(longer, 'a', sizeof(longer) - 1);
	for (size_t i = 0; i < 8; i++)
		wrong[i] = good;
	wrong[0].actor = WARD_STR("");
	wrong[1].action = WARD_STR("");
	wrong[2].object = (ward_str){ longer, AUDIT_WORD_MAX + 1 };
	wrong[3].reason = (ward_str){ longer, AUDIT_REASON_MAX + 1 };
	wrong[4].detail = (ward_str){ longer, AUDIT_DETAIL_MAX + 1 };
	wrong[5].reason = WARD_STR("\xff");
	wrong[6].reason = WARD_STR("a\0b");
	wrong[7].role = (ward_str){ longer, AUDIT_WORD_MAX + 1 };
	CHECK(start());
	for (size_t i = 0; i < 8; i++)
		CHECK_EQ(store_write(store, add_work, &wrong[i], &error), WARD_E_ARGUMENT);
	good.reason = (ward_str){ longer, AUDIT_REASON_MAX };
	good.detail = (ward_str){ longer, AUDIT_DETAIL_MAX };
	CHECK_EQ(store_write(store, add_work, &good, &error), WARD_OK);
	CHECK_EQ(verified().rows, 1);
	end();
}

static void a_clock_that_went_back_is_told_and_is_no_damage(void)
{
	CHECK(start());
	CHECK_EQ(add("system", "item.sealed", "item:1"), WARD_OK);
	clock_fake_pass(-3600);
	CHECK_EQ(add("system", "item.sealed", "item:2"), WARD_OK);
	clock_fake_pass(10);
	CHECK_EQ(add("system", "item.sealed", "item:3"), WARD_OK);
	clock_fake_pass(-20);
	CHECK_EQ(add("system", "item.sealed", "item:4"), WARD_OK);
	struct audit_verified found = verified();

	CHECK_STR(found.what, "");
	CHECK_EQ(found.rows, 4);
	CHECK_EQ(found.clock_back, 2);
	CHECK_EQ(found.clock_back_row, 2);
	end();
}

/* ---- the digest ---- */

static void what_stands_in_another_field_is_another_row(void)
{
	struct audit_row one = { .number = 1,
		.entry = { .actor = WARD_STR("ab"), .role = WARD_STR("c") } };
	struct audit_row two = { .number = 1,
		.entry = { .actor = WARD_STR("a"), .role = WARD_STR("bc") } };
	struct audit_row three = { .number = 1, .entry = { .role = WARD_STR("abc") } };
	uint8_t first[32], second[32], third[32];

	audit_digest(&one, first);
	audit_digest(&two, second);
	audit_digest(&three, third);
	CHECK(memcmp(first, second, 32) != 0);
	CHECK(memcmp(first, third, 32) != 0);
	CHECK(memcmp(second, third, 32) != 0);
}

/* Computed once by another program from what audit.c says is digested. */
static void the_digest_of_a_row_is_what_the_words_say(void)
{
	struct audit_row row = { .number = 7,
		.at = 1767225600,
		.entry = { .actor = WARD_STR("person:ann"),
				.role = WARD_STR("analyst"),
				.action = WARD_STR("item.viewed"),
				.object = WARD_STR("item:9"),
				.digest = WARD_STR("00ff"),
				.reason = WARD_STR("it is a bridge"),
				.detail = WARD_STR("{}") } };
	uint8_t digest[32];
	char text[65];

	memset(row.previous, 0x5a, sizeof(row.previous));
	audit_digest(&row, digest);
	ward_hex_format(digest, sizeof(digest), text);
	CHECK_STR(text, "4cc91612d31acb4c70b96b6ba9e6057a1033440c53d58032bf4d7a21dd7537d3");
}

/* ---- reading ---- */

struct read {
	uint64_t numbers[64];
	unsigned count, stop_after;
};

static bool note(void *context, const struct audit_row *row)
{
	struct read *read = context;

	read->numbers[read->count++] = row->number;
	return read->count != read->stop_after;
}

static struct read asked(struct audit_question question)
{
	struct read read = { .count = 0 };
	struct store_tx *tx;

	if (question.rows_max == 0)
		question.rows_max = 50;
	if (store_read(store, &tx, &error) != WARD_OK ||
			audit_read(tx, &question, note, &read, &error) != WARD_OK)
		printf("# %s\n", error.message);
	store_read_end(tx);
	return read;
}

static bool start_with_rows(void)
{
	static const char *const actions[] = { "report.received", "item.sealed", "item.viewed",
		"items.counted" };
	static const char *const actors[] = { "person:ann", "person:bob", "system" };
	bool good = start();

	for (int i = 0; good && i < 12; i++) {
		char object[32];

		snprintf(object, sizeof(object), "item:%d", i % 5);
		clock_fake_pass(10);
		good = add(actors[i % 3], actions[i % 4], object) == WARD_OK;
	}
	return good;
}

static void rows_are_read_newest_first_and_by_the_page(void)
{
	CHECK(start_with_rows());
	struct read read = asked((struct audit_question){ .rows_max = 5 });

	CHECK_EQ(read.count, 5);
	CHECK_EQ(read.numbers[0], 12);
	CHECK_EQ(read.numbers[4], 8);
	read = asked((struct audit_question){ .rows_max = 50, .before = 8 });
	CHECK_EQ(read.count, 7);
	CHECK_EQ(read.numbers[0], 7);
	CHECK_EQ(read.numbers[6], 1);
	CHECK_EQ(asked((struct audit_question){ .before = 1 }).count, 0);
	CHECK_EQ(asked((struct audit_question){ .before = UINT64_MAX }).count, 12);
	end();
}

static void rows_are_read_by_what_they_are_about(void)
{
	CHECK(start_with_rows());
	int64_t first = clock_now() - 110;

	CHECK_EQ(asked((struct audit_question){ .object = WARD_STR("item:0") }).count, 3);
	CHECK_EQ(asked((struct audit_question){ .actor = WARD_STR("person:bob") }).count, 4);
	CHECK_EQ(asked((struct audit_question){ .action = WARD_STR("item.viewed") }).count, 3);
	/* All of a noun, and not of a noun that begins like it. */
	CHECK_EQ(asked((struct audit_question){ .action = WARD_STR("item.") }).count, 6);
	CHECK_EQ(asked((struct audit_question){ .action = WARD_STR("item") }).count, 0);
	CHECK_EQ(asked((struct audit_question){ .action = WARD_STR("ITEM.") }).count, 0);
	CHECK_EQ(asked((struct audit_question){ .since = first + 10, .until = first + 40 }).count,
			3);
	struct read read = asked((struct audit_question){ .actor = WARD_STR("system"),
			.action = WARD_STR("item."),
			.object = WARD_STR("item:1"),
			.since = first,
			.until = clock_now() + 1,
			.before = 12 });

	CHECK_EQ(read.count, 0);
	read = asked((struct audit_question){ .actor = WARD_STR("person:ann"),
			.action = WARD_STR("item."),
			.object = WARD_STR("item:1") });
	CHECK_EQ(read.count, 1);
	CHECK_EQ(read.numbers[0], 7);
	end();
}

static void reading_ends_when_it_is_told_to(void)
{
	struct read read = { .stop_after = 2 };
	struct store_tx *tx;

	CHECK(start_with_rows());
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(audit_read(tx, &(struct audit_question){ .rows_max = 50 }, note, &read, &error),
			WARD_OK);
	store_read_end(tx);
	CHECK_EQ(read.count, 2);
	end();
}

/* ---- many at once ---- */

enum { THREADS = 8, EACH = 60 };

struct adder {
	pthread_t thread;
	unsigned seed, added;
	bool failed;
};

static unsigned drawn(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

/* One to four rows in a work; one work in five fails behind them. */
struct several {
	unsigned rows, size;
	bool fails;
	char words[AUDIT_REASON_MAX];
};

static ward_err add_several(void *context, struct store_tx *tx, struct ward_error *failure)
{
	const struct several *several = context;
	ward_err err = WARD_OK;

	for (unsigned i = 0; !err && i < several->rows; i++)
		err = audit_add(tx,
				&(struct audit_entry){ .actor = WARD_STR("key:bridge"),
						.action = WARD_STR("report.received"),
						.reason = { several->words, several->size } },
				failure);
	if (!err && several->fails)
		err = ward_fail(failure, WARD_E_DENIED, "the act itself failed");
	return err;
}

static void *add_many(void *context)
{
	struct adder *adder = context;

	for (unsigned i = 0; i < EACH; i++) {
		struct several several = { .rows = 1 + drawn(&adder->seed) % 4,
			.size = drawn(&adder->seed) % AUDIT_REASON_MAX,
			.fails = drawn(&adder->seed) % 5 == 0 };

		memset(several.words, 'a' + (int)(i % 26), several.size);
		ward_err err = store_write(store, add_several, &several, NULL);

		adder->failed |= err != (several.fails ? WARD_E_DENIED : WARD_OK);
		adder->added += several.fails ? 0 : several.rows;
	}
	return NULL;
}

static void whatever_threads_add_the_log_is_one_chain(void)
{
	struct adder adders[THREADS];
	unsigned added = 0;
	bool failed = false;

	CHECK(start());
	for (unsigned i = 0; i < THREADS; i++) {
		adders[i] = (struct adder){ .seed = i };
		CHECK(pthread_create(&adders[i].thread, NULL, add_many, &adders[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(adders[i].thread, NULL);
		added += adders[i].added;
		failed |= adders[i].failed;
	}
	CHECK(!failed);
	struct audit_verified found = verified();

	CHECK_STR(found.what, "");
	CHECK_EQ(found.rows, added);
	end();
}

/* ---- checkpoints ---- */

static void a_row_is_signed_once(void)
{
	struct audit_verified found;
	struct checkpoint newest;
	struct signer *signer;
	struct store_tx *tx;
	char path[128];

	snprintf(folder, sizeof(folder), "/tmp/ward-audit-XXXXXX");
	CHECK(mkdtemp(folder));
	CHECK(start());
	CHECK_EQ(signer_make(folder, &error), WARD_OK);
	CHECK_EQ(signer_open(folder, &signer, &error), WARD_OK);
	CHECK_EQ(audit_checkpoint(store, signer, NULL, &error), WARD_OK);
	CHECK_EQ(verified().checkpoints, 0);
	CHECK_EQ(add("system", "item.sealed", "item:1"), WARD_OK);
	CHECK_EQ(audit_checkpoint(store, signer, NULL, &error), WARD_OK);
	CHECK_EQ(audit_checkpoint(store, signer, NULL, &error), WARD_OK);
	CHECK_EQ(add("system", "item.sealed", "item:2"), WARD_OK);
	CHECK_EQ(audit_checkpoint(store, signer, NULL, &error), WARD_OK);
	CHECK_EQ(audit_verify(store, NULL, signer_public(signer), &found, &error), WARD_OK);
	CHECK_STR(found.what, "");
	CHECK_EQ(found.checkpoints, 2);
	CHECK_EQ(store_read(store, &tx, &error), WARD_OK);
	CHECK_EQ(checkpoint_newest(tx, &newest, &error), WARD_OK);
	store_read_end(tx);
	CHECK_EQ(newest.number, 2);
	CHECK(checkpoint_holds(&newest));
	signer_free(signer);
	snprintf(path, sizeof(path), "%s/signing.key", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/signing.pub", folder);
	unlink(path);
	rmdir(folder);
	end();
}

static const struct test_case cases[] = {
	{ "an empty log is well", an_empty_log_is_well },
	{ "an act that fails leaves no row and no gap",
			an_act_that_fails_leaves_no_row_and_no_gap },
	{ "a row that says nothing or too much is refused",
			a_row_that_says_nothing_or_too_much_is_refused },
	{ "a clock that went back is told, and is no damage",
			a_clock_that_went_back_is_told_and_is_no_damage },
	{ "what stands in another field is another row",
			what_stands_in_another_field_is_another_row },
	{ "the digest of a row is what the words say", the_digest_of_a_row_is_what_the_words_say },
	{ "rows are read newest first, and by the page",
			rows_are_read_newest_first_and_by_the_page },
	{ "rows are read by what they are about", rows_are_read_by_what_they_are_about },
	{ "reading ends when it is told to", reading_ends_when_it_is_told_to },
	{ "whatever threads add, the log is one chain", whatever_threads_add_the_log_is_one_chain },
	{ "a row is signed once", a_row_is_signed_once },
};
TEST_MAIN(cases)
