/* What people had to look at is counted, whatever they, their browsers and the clock do. */
#include "desk/exposure.h"

#include <pthread.h>
#include <stdlib.h>

#include "desk/desk_test.h"
#include "desk/rows.h"

#define DAY ((int64_t)86400)

/* Anna has done this work for long, as far as Cleo knows. */
static void settle(struct store_tx *tx, const struct desk_actor *who)
{
	rules = exposure_rules_default();
	test_check(exposure_started(tx, &cleo, who->person, clock_now() - 400 * DAY,
				   WARD_STR("from another team"), &error) == WARD_OK,
			__FILE__, __LINE__, error.message);
}

static struct exposure_asked clear_of(const char *item, bool severe)
{
	return (struct exposure_asked){
		.item = ward_str_from(item),
		.session = WARD_STR("s-1"),
		.level = WARD_LEVEL_CLEAR,
		.severe = severe,
		.reason = WARD_STR("to decide"),
	};
}

static ward_err open_step(struct store_tx *tx, struct exposure_asked asked,
		struct exposure_step *step)
{
	return exposure_open(tx, &anna, &rules, &asked, step, &error);
}

static ward_err was_shown(struct store_tx *tx, const struct exposure_step *step, bool whole)
{
	const struct exposure_shown shown = { .width = 1024, .height = 768, .whole = whole };

	return exposure_shown(tx, &anna, ward_str_from(step->id), &shown, &error);
}

static struct exposure_today where(struct store_tx *tx)
{
	struct exposure_today today = { .day = -1 };

	test_check(exposure_today(tx, anna.person, &rules, &today, &error) == WARD_OK, __FILE__,
			__LINE__, error.message);
	return today;
}

static struct exposure_viewed seen(struct store_tx *tx, const char *item)
{
	struct exposure_viewed viewed = { -1, -1 };

	test_check(exposure_viewed(tx, ward_str_from(item), &viewed, &error) == WARD_OK, __FILE__,
			__LINE__, error.message);
	return viewed;
}

/* ---- one step ---- */

static void a_clear_look_takes_an_item_and_its_seconds(struct store_tx *tx)
{
	struct exposure_step step;

	settle(tx, &anna);
	CHECK_EQ(open_step(tx, clear_of("i-1", true), &step), WARD_OK);
	CHECK_EQ(step.until, clock_now() + 60);
	CHECK_EQ(where(tx).used.seconds, 60);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	clock_fake_pass(12);
	CHECK_EQ(exposure_close(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.items, 1);
	CHECK_EQ(where(tx).used.severe, 1);
	CHECK_EQ(where(tx).used.seconds, 12);
	/* Closed again it gives nothing back again. */
	CHECK_EQ(exposure_close(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.seconds, 12);
	/* The same item is one item, and other seconds. */
	CHECK_EQ(open_step(tx, clear_of("i-1", true), &step), WARD_OK);
	CHECK_EQ(where(tx).used.items, 1);
	CHECK_EQ(where(tx).used.seconds, 72);
}

static void a_step_that_nobody_closes_takes_all_it_was_granted(struct store_tx *tx)
{
	struct exposure_step step;

	settle(tx, &anna);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	clock_fake_pass(3600);
	CHECK_EQ(exposure_close(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.seconds, 60);
}

static void what_could_not_be_shown_takes_nothing(struct store_tx *tx)
{
	struct exposure_step step, other;

	settle(tx, &anna);
	CHECK_EQ(open_step(tx, clear_of("i-1", true), &step), WARD_OK);
	CHECK_EQ(exposure_failed(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.items, 0);
	CHECK_EQ(where(tx).used.severe, 0);
	CHECK_EQ(where(tx).used.seconds, 0);
	CHECK_EQ(seen(tx, "i-1").file_at, 0);
	CHECK_EQ(exposure_failed(tx, &anna, ward_str_from(step.id), &error), WARD_E_CONFLICT);
	CHECK_EQ(was_shown(tx, &step, true), WARD_E_CONFLICT);
	/* Two at once, the one that counted fails: the other counts in its place. */
	CHECK_EQ(open_step(tx, clear_of("i-2", true), &step), WARD_OK);
	CHECK_EQ(open_step(tx, clear_of("i-2", true), &other), WARD_OK);
	CHECK_EQ(was_shown(tx, &other, true), WARD_OK);
	CHECK_EQ(exposure_failed(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.items, 1);
	CHECK_EQ(where(tx).used.severe, 1);
	CHECK_EQ(where(tx).used.seconds, 60);
	CHECK_EQ(exposure_failed(tx, &anna, ward_str_from(other.id), &error), WARD_E_CONFLICT);
}

static void a_step_belongs_to_who_opened_it(struct store_tx *tx)
{
	const struct exposure_shown shown = { .width = 1, .height = 1, .whole = true };
	struct exposure_step step;
	ward_str id;

	settle(tx, &anna);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
	id = ward_str_from(step.id);
	CHECK_EQ(exposure_shown(tx, &bert, id, &shown, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(exposure_close(tx, &bert, id, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(exposure_failed(tx, &bert, id, &error), WARD_E_NOT_FOUND);
	CHECK_EQ(exposure_extend(tx, &bert, &rules, id, &step, &error), WARD_E_NOT_FOUND);
}

static void what_is_clear_wants_a_reason(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-1", false);
	struct exposure_step step;

	settle(tx, &anna);
	asked.reason = WARD_STR("");
	CHECK_EQ(open_step(tx, asked, &step), WARD_E_ARGUMENT);
	asked.level = WARD_LEVEL_REDUCED;
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	asked.what = EXPOSURE_REVEAL;
	CHECK_EQ(open_step(tx, asked, &step), WARD_E_ARGUMENT);
	asked.what = EXPOSURE_METADATA;
	CHECK_EQ(open_step(tx, asked, &step), WARD_E_ARGUMENT);
	asked = clear_of("i-1", false);
	asked.level = WARD_LEVEL_FACTS;
	CHECK_EQ(open_step(tx, asked, &step), WARD_E_ARGUMENT);
	asked = clear_of("", false);
	CHECK_EQ(open_step(tx, asked, &step), WARD_E_ARGUMENT);
}

/* Only what is clear, and metadata, is worth a row of the audit. */
static void each_clear_step_has_its_audit_row(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-1", false);
	struct exposure_step step;
	int64_t before = 0, after = 0;

	settle(tx, &anna);
	CHECK_EQ(desk_number(tx, "SELECT COUNT(*) FROM audit_rows WHERE action = 'item.opened'",
				 STORE_NO_VALUES, &before, &error),
			WARD_OK);
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	asked.level = WARD_LEVEL_BLURRED;
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	asked.what = EXPOSURE_REVEAL;
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	asked.what = EXPOSURE_METADATA;
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(desk_number(tx, "SELECT COUNT(*) FROM audit_rows WHERE action = 'item.opened'",
				 STORE_NO_VALUES, &after, &error),
			WARD_OK);
	CHECK_EQ(after - before, 3);
}

static void looking_on_takes_only_what_is_new(struct store_tx *tx)
{
	struct exposure_step step, more;

	settle(tx, &anna);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
	/* Before it is there nobody looks on. */
	CHECK_EQ(exposure_extend(tx, &anna, &rules, ward_str_from(step.id), &more, &error),
			WARD_E_CONFLICT);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	clock_fake_pass(50);
	CHECK_EQ(exposure_extend(tx, &anna, &rules, ward_str_from(step.id), &more, &error),
			WARD_OK);
	CHECK_EQ(more.until, clock_now() + 60);
	CHECK_EQ(where(tx).used.seconds, 110);
	clock_fake_pass(20);
	CHECK_EQ(exposure_close(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.seconds, 70);
	CHECK_EQ(exposure_extend(tx, &anna, &rules, ward_str_from(step.id), &more, &error),
			WARD_E_CONFLICT);
}

static void over_midnight_a_step_is_opened_anew(struct store_tx *tx)
{
	struct exposure_step step, more;

	settle(tx, &anna);
	clock_fake_set((clock_now() / DAY + 1) * DAY - 30);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	clock_fake_pass(40);
	CHECK_EQ(exposure_extend(tx, &anna, &rules, ward_str_from(step.id), &more, &error),
			WARD_E_CONFLICT);
	CHECK_EQ(exposure_close(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.seconds, 0); /* it was the other day's */
}

static void the_quiet_key_ends_all_sessions(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-2", false);
	struct exposure_step one, two, other;
	uint64_t ended = 0;

	settle(tx, &anna);
	settle(tx, &bert);
	asked.session = WARD_STR("s-2");
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &one), WARD_OK);
	CHECK_EQ(open_step(tx, asked, &two), WARD_OK);
	CHECK_EQ(exposure_open(tx, &bert, &rules, &asked, &other, &error), WARD_OK);
	clock_fake_pass(5);
	CHECK_EQ(exposure_quiet(tx, &anna, &ended, &error), WARD_OK);
	CHECK_EQ(ended, 2);
	CHECK_EQ(where(tx).used.seconds, 10);
	CHECK_EQ(was_shown(tx, &one, true), WARD_E_CONFLICT);
	CHECK_EQ(exposure_quiet(tx, &anna, &ended, &error), WARD_OK);
	CHECK_EQ(ended, 0);
}

static void what_the_quiet_key_kept_from_being_shown_counts_nothing(struct store_tx *tx)
{
	struct exposure_step step, seen_one;
	uint64_t ended = 0;

	settle(tx, &anna);
	CHECK_EQ(open_step(tx, clear_of("i-1", true), &step), WARD_OK);
	CHECK_EQ(open_step(tx, clear_of("i-2", false), &seen_one), WARD_OK);
	CHECK_EQ(was_shown(tx, &seen_one, true), WARD_OK);
	clock_fake_pass(7);
	CHECK_EQ(exposure_quiet(tx, &anna, &ended, &error), WARD_OK);
	CHECK_EQ(ended, 2);
	CHECK_EQ(was_shown(tx, &step, true), WARD_E_CONFLICT);
	CHECK_EQ(exposure_failed(tx, &anna, ward_str_from(step.id), &error), WARD_OK);
	CHECK_EQ(where(tx).used.items, 1);
	CHECK_EQ(where(tx).used.severe, 0);
	CHECK_EQ(where(tx).used.seconds, 7);
	CHECK_EQ(exposure_failed(tx, &anna, ward_str_from(step.id), &error), WARD_E_CONFLICT);
	CHECK_EQ(exposure_failed(tx, &anna, ward_str_from(seen_one.id), &error), WARD_E_CONFLICT);
}

static void nothing_is_shown_while_it_is_quiet(struct store_tx *tx)
{
	struct exposure_asked mosaic = clear_of("i-1", false);
	struct exposure_step step, other;
	struct exposure_ladder ladder;
	uint64_t ended = 0;

	settle(tx, &anna);
	settle(tx, &bert);
	mosaic.level = WARD_LEVEL_MOSAIC;
	/* Also who never looked can press it. */
	CHECK_EQ(exposure_quiet(tx, &anna, &ended, &error), WARD_OK);
	int64_t since = where(tx).quiet_since;

	CHECK_EQ(since, clock_now());
	clock_fake_pass(5);
	CHECK_EQ(exposure_quiet(tx, &anna, &ended, &error), WARD_OK);
	CHECK_EQ(where(tx).quiet_since, since);
	CHECK_EQ(open_step(tx, mosaic, &step), WARD_E_DENIED);
	CHECK_EQ(step.why, EXPOSURE_QUIET);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_E_DENIED);
	CHECK_EQ(step.why, EXPOSURE_QUIET);
	CHECK_EQ(where(tx).level_max, WARD_LEVEL_FACTS);
	CHECK(!where(tx).may_severe);
	CHECK_EQ(exposure_ladder(tx, anna.person, &rules, mosaic.item, false, &ladder, &error),
			WARD_OK);
	CHECK_EQ(ladder.picture[WARD_LEVEL_MOSAIC], EXPOSURE_QUIET);
	CHECK_EQ(exposure_open(tx, &bert, &rules, &mosaic, &other, &error), WARD_OK);
	CHECK_EQ(exposure_lift(tx, &anna, &error), WARD_OK);
	CHECK_EQ(where(tx).quiet_since, 0);
	CHECK_EQ(open_step(tx, mosaic, &step), WARD_OK);
}

static void the_ladder_says_what_opening_would(struct store_tx *tx)
{
	struct exposure_looks looks;
	struct exposure_ladder ladder;
	struct exposure_step step;
	char item[16] = "";

	settle(tx, &anna);
	rules.day.items = 2;
	rules.day.severe = 1;
	for (int i = 0; i < 4; i++) {
		bool severe = i != 1;

		(void)snprintf(item, sizeof(item), "i-%d", i);
		CHECK_EQ(exposure_ladder(tx, anna.person, &rules, ward_str_from(item), severe,
					 &ladder, &error),
				WARD_OK);
		CHECK_EQ(ladder.picture[WARD_LEVEL_REDUCED], EXPOSURE_MAY);
		CHECK_EQ(ladder.picture[WARD_LEVEL_SMALL], ladder.picture[WARD_LEVEL_CLEAR]);
		CHECK_EQ(ladder.reveal, ladder.picture[WARD_LEVEL_CLEAR]);
		(void)!open_step(tx, clear_of(item, severe), &step);
		CHECK_EQ(ladder.picture[WARD_LEVEL_CLEAR], step.why);
	}
	CHECK_EQ(step.why, EXPOSURE_ITEMS);
	/* What counts already costs nothing more. */
	CHECK_EQ(exposure_ladder(tx, anna.person, &rules, WARD_STR("i-0"), true, &ladder, &error),
			WARD_OK);
	CHECK_EQ(ladder.picture[WARD_LEVEL_CLEAR], EXPOSURE_MAY);
	CHECK_EQ(exposure_looks(tx, anna.person, WARD_STR("i-0"), &looks, &error), WARD_OK);
	CHECK_EQ(looks.count, 0);
	CHECK_EQ(open_step(tx, clear_of("i-0", true), &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	CHECK_EQ(exposure_looks(tx, anna.person, WARD_STR("i-0"), &looks, &error), WARD_OK);
	CHECK_EQ(looks.count, 1);
	CHECK_EQ(looks.last_at, clock_now());
	CHECK_EQ(looks.highest, WARD_LEVEL_CLEAR);
	CHECK_EQ(exposure_looks(tx, bert.person, WARD_STR("i-0"), &looks, &error), WARD_OK);
	CHECK_EQ(looks.count, 0);
}

static void what_a_picture_is_is_known_from_its_first_view_on(struct store_tx *tx)
{
	const struct ward_picture_facts facts = { .kind = WARD_MEDIA_PNG,
		.width = 1500,
		.height = 1000,
		.frames = 1 };
	const struct exposure_shown shown = { .width = 1024, .height = 683, .picture = &facts };
	struct ward_picture_facts told;
	struct exposure_step step;

	settle(tx, &anna);
	CHECK_EQ(exposure_picture(tx, WARD_STR("i-1"), &told, &error), WARD_E_NOT_FOUND);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
		CHECK_EQ(exposure_shown(tx, &anna, ward_str_from(step.id), &shown, &error),
				WARD_OK);
	}
	CHECK_EQ(exposure_picture(tx, WARD_STR("i-1"), &told, &error), WARD_OK);
	CHECK_EQ(told.kind, WARD_MEDIA_PNG);
	CHECK_EQ(told.width, 1500);
	CHECK_EQ(told.height, 1000);
	CHECK_EQ(told.frames, 1);
}

static void who_is_forgotten_is_forgotten_here_too(struct store_tx *tx)
{
	struct exposure_step step;

	settle(tx, &anna);
	settle(tx, &bert);
	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR("own:kite"), true, &error), WARD_OK);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
	CHECK_EQ(store_run(tx,
				 "INSERT INTO people (id, login, name, number, pseudonym, off, "
				 "created_at, changed_at, seen_at) VALUES "
				 "($1, NULL, NULL, 1, 'reviewer 1', 1, 0, 0, 0), "
				 "($2, 'bert', 'Bert', 2, 'reviewer 2', 0, 0, 0, 0)",
				 STORE_VALUES(store_text(anna.person), store_text(bert.person)),
				 NULL, &error),
			WARD_OK);
	CHECK_EQ(exposure_forget_gone(tx, &error), WARD_OK);
	static const char *const tables[] = { "exposure_people", "exposure_days", "exposure_steps",
		"exposure_opt_outs" };

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		char sql[64];
		int64_t rows = -1;

		(void)snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", tables[i]);
		CHECK_EQ(desk_number(tx, sql, STORE_NO_VALUES, &rows, &error), WARD_OK);
		CHECK_EQ(rows, i == 0 ? 1 : 0); /* Bert's */
	}
}

static void a_break_is_due_at_a_time_that_is_told(struct store_tx *tx)
{
	struct exposure_step step;

	settle(tx, &anna);
	CHECK_EQ(where(tx).break_at, 0);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
	int64_t since = clock_now();

	clock_fake_pass(60);
	CHECK_EQ(where(tx).break_at, since + rules.break_every_s);
	clock_fake_pass(rules.break_least_s);
	CHECK_EQ(where(tx).break_at, 0);
}

/* ---- what a report may say ---- */

static void a_file_was_viewed_when_all_of_it_was_clear_and_shown(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-1", false);
	struct exposure_step step;

	settle(tx, &anna);
	CHECK_EQ(seen(tx, "i-1").file_at, 0);
	for (int level = WARD_LEVEL_MOSAIC; level < WARD_LEVEL_SMALL; level++) {
		asked.level = (ward_view_level)level;
		CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
		CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	}
	asked.what = EXPOSURE_REVEAL;
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	asked = clear_of("i-1", false);
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK); /* opened, and never sent */
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, false), WARD_OK); /* a sheet of some frames */
	CHECK_EQ(seen(tx, "i-1").file_at, 0);
	asked.level = WARD_LEVEL_SMALL;
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	int64_t first = clock_now();

	CHECK_EQ(seen(tx, "i-1").file_at, first);
	CHECK_EQ(seen(tx, "i-1").metadata_at, 0);
	CHECK_EQ(seen(tx, "i-2").file_at, 0);
	clock_fake_pass(100);
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	CHECK_EQ(seen(tx, "i-1").file_at, first);
}

static void metadata_that_was_shown_is_told_apart(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-1", false);
	struct exposure_step step;

	settle(tx, &anna);
	asked.what = EXPOSURE_METADATA;
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(seen(tx, "i-1").metadata_at, 0);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	CHECK_EQ(seen(tx, "i-1").metadata_at, clock_now());
	CHECK_EQ(seen(tx, "i-1").file_at, 0);
	CHECK_EQ(where(tx).used.items, 0);
}

static void what_a_report_may_say_outlives_the_people(struct store_tx *tx)
{
	struct exposure_step step;
	ward_view_level level = WARD_LEVEL_FACTS;

	settle(tx, &anna);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
	CHECK_EQ(was_shown(tx, &step, true), WARD_OK);
	CHECK_EQ(exposure_highest(tx, anna.person, WARD_STR("i-1"), &level, &error), WARD_OK);
	CHECK_EQ(level, WARD_LEVEL_CLEAR);
	CHECK_EQ(exposure_forget(tx, &rules, clock_now() + 1, &error), WARD_OK);
	CHECK_EQ(exposure_forget_person(tx, anna.person, &error), WARD_OK);
	CHECK_EQ(exposure_highest(tx, anna.person, WARD_STR("i-1"), &level, &error), WARD_OK);
	CHECK_EQ(level, WARD_LEVEL_FACTS);
	CHECK(seen(tx, "i-1").file_at != 0);
}

/* ---- budgets ---- */

static ward_err look_at_many(struct store_tx *tx, int from, int count, bool severe,
		struct exposure_step *step)
{
	ward_err err = WARD_OK;

	for (int i = from; !err && i < from + count; i++) {
		char item[16];

		snprintf(item, sizeof(item), "i-%d", i);
		err = open_step(tx, clear_of(item, severe), step);
		if (!err)
			err = exposure_failed(tx, &bert, ward_str_from(step->id), &error) ==
							      WARD_E_NOT_FOUND
					      ? exposure_close(tx, &anna, ward_str_from(step->id),
								&error)
					      : WARD_E_CORRUPT;
	}
	return err;
}

static void the_sixty_first_item_is_one_too_many(struct store_tx *tx)
{
	struct exposure_step step;

	settle(tx, &anna);
	CHECK_EQ(look_at_many(tx, 0, 47, false, &step), WARD_OK);
	CHECK(!step.warn);
	CHECK_EQ(look_at_many(tx, 47, 1, false, &step), WARD_OK);
	CHECK(step.warn);
	CHECK_EQ(look_at_many(tx, 48, 12, false, &step), WARD_OK);
	CHECK_EQ(look_at_many(tx, 60, 1, false, &step), WARD_E_DENIED);
	CHECK_EQ(step.why, EXPOSURE_ITEMS);
	CHECK(strstr(error.message, "enough for today"));
	CHECK_EQ(where(tx).level_max, WARD_LEVEL_REDUCED);
	CHECK_EQ(look_at_many(tx, 5, 1, false, &step), WARD_OK); /* one of the sixty */
	clock_fake_pass(DAY);
	CHECK_EQ(look_at_many(tx, 60, 1, false, &step), WARD_OK);
}

static void a_supervisor_adds_once_a_day_and_never_for_themselves(struct store_tx *tx)
{
	const struct exposure_amount more = { .items = 2 };
	const struct exposure_amount much = { .items = 31 };
	struct exposure_step step;
	ward_str why = WARD_STR("one case to finish");

	settle(tx, &anna);
	CHECK_EQ(look_at_many(tx, 0, 60, false, &step), WARD_OK);
	CHECK_EQ(exposure_raise(tx, &anna, &rules, anna.person, &more, why, &error), WARD_E_DENIED);
	CHECK_EQ(exposure_raise(tx, &cleo, &rules, anna.person, &more, WARD_STR(""), &error),
			WARD_E_ARGUMENT);
	CHECK_EQ(exposure_raise(tx, &cleo, &rules, anna.person, &much, why, &error),
			WARD_E_ARGUMENT);
	CHECK_EQ(exposure_raise(tx, &cleo, &rules, anna.person, &more, why, &error), WARD_OK);
	CHECK_EQ(exposure_raise(tx, &cleo, &rules, anna.person, &more, why, &error), WARD_E_EXISTS);
	CHECK_EQ(where(tx).budget.items, 62);
	CHECK_EQ(look_at_many(tx, 60, 2, false, &step), WARD_OK);
	CHECK_EQ(look_at_many(tx, 62, 1, false, &step), WARD_E_DENIED);
	clock_fake_pass(DAY);
	CHECK_EQ(where(tx).budget.items, 60);
}

static void severe_items_are_spaced(struct store_tx *tx)
{
	struct exposure_asked blurred = clear_of("i-3", true);
	struct exposure_step step;

	settle(tx, &anna);
	CHECK_EQ(look_at_many(tx, 0, 3, true, &step), WARD_OK);
	CHECK(!where(tx).may_severe);
	CHECK_EQ(look_at_many(tx, 3, 1, true, &step), WARD_E_DENIED);
	CHECK_EQ(step.why, EXPOSURE_ROW);
	/* A blurred look at it first makes it none of the row. */
	blurred.level = WARD_LEVEL_BLURRED;
	CHECK_EQ(open_step(tx, blurred, &step), WARD_OK);
	CHECK_EQ(look_at_many(tx, 3, 1, true, &step), WARD_E_DENIED);
	/* Back and forth between two of them is a row as well. */
	CHECK_EQ(look_at_many(tx, 2, 1, true, &step), WARD_OK);
	CHECK_EQ(look_at_many(tx, 1, 1, true, &step), WARD_E_DENIED);
	CHECK_EQ(look_at_many(tx, 9, 1, false, &step), WARD_OK);
	CHECK_EQ(look_at_many(tx, 3, 1, true, &step), WARD_OK);
	CHECK_EQ(exposure_shift(tx, &anna, clock_now() + 1800, &error), WARD_OK);
	CHECK_EQ(look_at_many(tx, 4, 1, true, &step), WARD_E_DENIED);
	CHECK_EQ(step.why, EXPOSURE_SHIFT);
	CHECK_EQ(exposure_shift(tx, &anna, 0, &error), WARD_OK);
	CHECK_EQ(look_at_many(tx, 4, 1, true, &step), WARD_OK);
}

static void a_break_is_asked_for_and_is_over_when_it_was_taken(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-1", false);
	struct exposure_step step;

	settle(tx, &anna);
	asked.level = WARD_LEVEL_MOSAIC;
	for (int minute = 0; minute < 46; minute++) {
		CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
		CHECK_EQ(step.rest, minute >= 45);
		clock_fake_pass(60);
	}
	CHECK(where(tx).rest);
	CHECK_EQ(exposure_break(tx, &anna, &error), WARD_OK);
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK(!step.rest);
}

static void who_is_new_begins_with_mosaics(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-1", false);
	struct exposure_step step;

	rules = exposure_rules_default();
	asked.level = WARD_LEVEL_MOSAIC;
	CHECK_EQ(where(tx).level_max, WARD_LEVEL_MOSAIC);
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_E_DENIED);
	CHECK_EQ(step.why, EXPOSURE_NEW);
	CHECK_EQ(exposure_started(tx, &anna, anna.person, 0, WARD_STR("I know it"), &error),
			WARD_E_DENIED);
	clock_fake_pass(3 * DAY);
	CHECK_EQ(where(tx).budget.items, 15);
	CHECK_EQ(open_step(tx, clear_of("i-1", false), &step), WARD_OK);
}

static void a_team_is_told_as_totals(struct store_tx *tx)
{
	struct exposure_asked asked = clear_of("i-1", true);
	struct exposure_team team = { .people = -1 };
	struct exposure_step step;

	settle(tx, &anna);
	settle(tx, &bert);
	CHECK_EQ(open_step(tx, asked, &step), WARD_OK);
	CHECK_EQ(exposure_open(tx, &bert, &rules, &asked, &step, &error), WARD_OK);
	CHECK_EQ(exposure_team(tx, clock_now() / DAY, &team, &error), WARD_OK);
	CHECK_EQ(team.people, 2);
	CHECK_EQ(team.used.items, 2);
	CHECK_EQ(team.used.severe, 2);
	CHECK_EQ(team.used.seconds, 120);
	CHECK_EQ(exposure_team(tx, clock_now() / DAY - 1, &team, &error), WARD_OK);
	CHECK_EQ(team.people, 0);
}

static void a_person_says_what_they_do_not_want_to_see(struct store_tx *tx)
{
	struct exposure_themes themes = { .count = 9 };
	bool unwanted = true;

	CHECK_EQ(exposure_unwanted(tx, anna.person, WARD_STR("a:one,b:two"), &unwanted, &error),
			WARD_OK);
	CHECK(!unwanted);
	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR("b:two"), true, &error), WARD_OK);
	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR("b:two"), true, &error), WARD_OK);
	CHECK_EQ(exposure_unwanted(tx, anna.person, WARD_STR("a:one, b:two"), &unwanted, &error),
			WARD_OK);
	CHECK(unwanted);
	CHECK_EQ(exposure_unwanted(tx, anna.person, WARD_STR("b:twofold"), &unwanted, &error),
			WARD_OK);
	CHECK(!unwanted);
	CHECK_EQ(exposure_unwanted(tx, bert.person, WARD_STR("b:two"), &unwanted, &error), WARD_OK);
	CHECK(!unwanted);
	CHECK_EQ(exposure_themes(tx, anna.person, &arena, &themes, &error), WARD_OK);
	CHECK_EQ(themes.count, 1);
	CHECK(ward_str_eq(themes.at[0], WARD_STR("b:two")));
	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR("b:two"), false, &error), WARD_OK);
	CHECK_EQ(exposure_unwanted(tx, anna.person, WARD_STR("b:two"), &unwanted, &error), WARD_OK);
	CHECK(!unwanted);
	CHECK_EQ(exposure_opt_out(tx, anna.person, WARD_STR(""), true, &error), WARD_E_ARGUMENT);
}

/* ---- no sequence of calls goes beyond a budget ---- */

/*
 * A person with two sessions does anything in any order, while the wall clock
 * jumps.  The model knows the time that really went by, and what was really on
 * the screen: a view is there from being shown until it is closed, or until
 * the seconds it was granted are over.  It sums this up for the day the step
 * belongs to, and nothing of it may be more than that day's budget.
 */

enum { STEPS = 4, ITEMS = 12, DAYS = 64, MOVES = 1000 };

static struct {
	uint32_t random;
	int64_t real; /* seconds that went by, whatever the clock says */
	struct {
		char id[ID_TEXT_MAX];
		bool open, shown, clear;
		int item;
		int64_t day, granted, until; /* real time */
	} steps[STEPS];
	struct {
		int64_t day, seconds;
		bool items[ITEMS], severe[ITEMS];
		struct exposure_amount budget;
	} days[DAYS];
	int day_count;
} model;

static uint32_t dice(uint32_t sides)
{
	model.random = model.random * 1664525 + 1013904223;
	return (model.random >> 8) % sides;
}

static int find_day(int64_t day)
{
	for (int i = 0; i < model.day_count; i++) {
		if (model.days[i].day == day)
			return i;
	}
	if (model.day_count == DAYS)
		abort();
	model.days[model.day_count].day = day;
	return model.day_count++;
}

/* The view leaves the screen now, or left it when its time was over. */
static void leave_screen(int slot)
{
	int64_t end = model.real < model.steps[slot].until ? model.real : model.steps[slot].until;

	if (model.steps[slot].open && model.steps[slot].shown && model.steps[slot].clear)
		model.days[find_day(model.steps[slot].day)].seconds +=
				end - model.steps[slot].granted;
	model.steps[slot].open = false;
}

static void move_open(struct store_tx *tx, int slot)
{
	int number = (int)dice(ITEMS);
	char item[16];
	struct exposure_step step;

	if (model.steps[slot].open)
		return;
	snprintf(item, sizeof(item), "i-%d", number);
	struct exposure_asked asked = clear_of(item, number % 3 == 0);

	asked.what = dice(4) == 0 ? EXPOSURE_REVEAL : EXPOSURE_PICTURE;
	asked.level = (ward_view_level)(1 + dice(5));
	asked.session = dice(2) ? WARD_STR("s-1") : WARD_STR("s-2");
	if (open_step(tx, asked, &step))
		return;
	const struct exposure_ask ask = { .what = asked.what, .level = asked.level };
	struct exposure_today today = where(tx);

	memcpy(model.steps[slot].id, step.id, ID_TEXT_MAX);
	model.steps[slot].open = true;
	model.steps[slot].shown = false;
	model.steps[slot].clear = exposure_is_clear(&ask);
	model.steps[slot].item = number;
	model.steps[slot].day = today.day;
	model.steps[slot].granted = model.real;
	model.steps[slot].until = model.real + step.until - clock_now();
	model.days[find_day(today.day)].budget = today.budget;
}

static void move_show(struct store_tx *tx, int slot)
{
	const struct exposure_step step = { .why = EXPOSURE_MAY };
	struct exposure_step named = step;
	int day, item = model.steps[slot].item;

	if (!model.steps[slot].open || model.steps[slot].shown)
		return;
	memcpy(named.id, model.steps[slot].id, ID_TEXT_MAX);
	if (was_shown(tx, &named, true)) {
		model.steps[slot].open = false;
		return;
	}
	model.steps[slot].shown = true;
	if (!model.steps[slot].clear)
		return;
	day = find_day(model.steps[slot].day);
	model.days[day].items[item] = true;
	model.days[day].severe[item] = model.days[day].severe[item] || item % 3 == 0;
}

static void move_extend(struct store_tx *tx, int slot)
{
	struct exposure_step more;

	if (!model.steps[slot].open || model.real >= model.steps[slot].until)
		return;
	if (exposure_extend(tx, &anna, &rules, ward_str_from(model.steps[slot].id), &more, &error))
		return;
	if (model.steps[slot].clear)
		model.days[find_day(model.steps[slot].day)].seconds +=
				model.real - model.steps[slot].granted;
	model.steps[slot].granted = model.real;
	model.steps[slot].until = model.real + more.until - clock_now();
}

static void move_end(struct store_tx *tx, int slot, uint32_t how)
{
	ward_str id = ward_str_from(model.steps[slot].id);
	uint64_t ended;

	if (how == 2) {
		if (exposure_quiet(tx, &anna, &ended, &error) == WARD_OK) {
			for (int i = 0; i < STEPS; i++)
				leave_screen(i);
		}
		(void)!exposure_lift(tx, &anna, &error);
		return;
	}
	if (!model.steps[slot].open)
		return;
	if (how == 1 && !model.steps[slot].shown) {
		(void)!exposure_failed(tx, &anna, id, &error);
		model.steps[slot].open = false;
		return;
	}
	(void)!exposure_close(tx, &anna, id, &error);
	leave_screen(slot);
}

static void pass(void)
{
	int64_t seconds = dice(3) == 0 ? dice(40) : dice(4);

	model.real += seconds;
	clock_fake_pass(seconds);
	if (dice(12) == 0) /* the wall clock jumps, by seconds or by hours, to and fro */
		clock_fake_set(clock_now() + (int64_t)dice(121) - 60);
	if (dice(90) == 0)
		clock_fake_set(clock_now() + ((int64_t)dice(61) - 30) * 3600);
	for (int i = 0; i < STEPS; i++) {
		if (model.steps[i].open && model.real >= model.steps[i].until &&
				model.steps[i].shown)
			leave_screen(i);
	}
}

static bool within_budgets(void)
{
	for (int i = 0; i < model.day_count; i++) {
		struct exposure_amount used = { .seconds = model.days[i].seconds };
		const struct exposure_amount *budget = &model.days[i].budget;

		for (int item = 0; item < ITEMS; item++) {
			used.items += model.days[i].items[item];
			used.severe += model.days[i].severe[item];
		}
		if (used.items <= budget->items && used.seconds <= budget->seconds &&
				used.severe <= budget->severe)
			continue;
		printf("# day %d: %d of %d items, %d of %d seconds, %d of %d severe\n",
				(int)model.days[i].day, (int)used.items, (int)budget->items,
				(int)used.seconds, (int)budget->seconds, (int)used.severe,
				(int)budget->severe);
		return false;
	}
	return true;
}

static void no_sequence_of_calls_goes_beyond_a_budget(struct store_tx *tx)
{
	/* A server is asked over a socket, some fifty thousand times a seed. */
	uint32_t seeds = store_fresh_on_server() ? 1 : 4;

	for (uint32_t seed = 1; seed <= seeds; seed++) {
		int full = 0;

		memset(&model, 0, sizeof(model));
		model.random = seed;
		clock_fake_set(1800000000 + (int64_t)seed * 400 * DAY);
		CHECK_EQ(exposure_forget_person(tx, anna.person, &error), WARD_OK);
		settle(tx, &anna);
		/* Small, so that they are reached. */
		rules.day = (struct exposure_amount){ .items = 5, .seconds = 150, .severe = 2 };
		for (int i = 0; i < MOVES; i++) {
			int slot = (int)dice(STEPS);

			if (i % 200 == 199)
				clock_fake_pass(DAY);
			uint32_t move = dice(13);

			if (move < 4)
				move_open(tx, slot);
			else if (move < 7)
				move_show(tx, slot);
			else if (move == 7)
				move_extend(tx, slot);
			else if (move == 8)
				move_end(tx, slot, dice(8) == 0 ? 2 : dice(2));
			else
				pass();
			CHECK(within_budgets());
			struct exposure_today today = where(tx);

			CHECK(today.used.items >= 0 && today.used.items <= today.budget.items);
			CHECK(today.used.seconds >= 0 &&
					today.used.seconds <= today.budget.seconds);
			CHECK(today.used.severe >= 0 && today.used.severe <= today.budget.severe);
		}
		for (int i = 0; i < model.day_count; i++)
			full += model.days[i].seconds > 100;
		printf("# seed %u: %d days, %d of them nearly used up\n", seed, model.day_count,
				full);
		CHECK(model.day_count > 1 && full > 0);
	}
}

/* ---- at once ---- */

enum { THREADS = 4, LOOKS = 12 };

struct looker {
	pthread_t thread;
	struct store *store;
	int number, granted, denied, troubles;
};

struct look {
	char item[16];
	struct exposure_step step;
};

static ward_err look_once(void *context, struct store_tx *tx, struct ward_error *failure)
{
	struct look *look = context;
	const struct exposure_asked asked = clear_of(look->item, false);

	return exposure_open(tx, &anna, &rules, &asked, &look->step, failure);
}

static void *look_on(void *context)
{
	struct looker *looker = context;

	for (int i = 0; i < LOOKS; i++) {
		struct look look;
		struct ward_error trouble;

		snprintf(look.item, sizeof(look.item), "i-%d-%d", looker->number, i);
		ward_err err = store_write(looker->store, look_once, &look, &trouble);

		looker->granted += !err;
		looker->denied += err == WARD_E_DENIED;
		looker->troubles += err && err != WARD_E_DENIED;
	}
	return NULL;
}

static ward_err settle_anna(void *context, struct store_tx *tx, struct ward_error *failure)
{
	(void)context, (void)failure;
	settle(tx, &anna);
	return WARD_OK;
}

static void sessions_at_once_share_one_budget(void)
{
	struct store *store = store_fresh();
	struct looker lookers[THREADS] = { 0 };
	int granted = 0, denied = 0, troubles = 0;

	clock_fake_set(1800000000);
	CHECK_EQ(store_write(store, settle_anna, NULL, &error), WARD_OK);
	rules.day = (struct exposure_amount){ .items = 20, .seconds = 100000, .severe = 2 };
	for (int i = 0; i < THREADS; i++) {
		lookers[i].store = store;
		lookers[i].number = i;
		CHECK_EQ(pthread_create(&lookers[i].thread, NULL, look_on, &lookers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(lookers[i].thread, NULL);
		granted += lookers[i].granted;
		denied += lookers[i].denied;
		troubles += lookers[i].troubles;
	}
	store_free(store);
	CHECK_EQ(troubles, 0);
	CHECK_EQ(granted, 20);
	CHECK_EQ(denied, THREADS * LOOKS - 20);
}

/* ---- each in a store of its own ---- */

#define IN_STORE(name)                    \
	static void name##_in_store(void) \
	{                                 \
		in_store(name);           \
	}
IN_STORE(a_clear_look_takes_an_item_and_its_seconds)
IN_STORE(a_step_that_nobody_closes_takes_all_it_was_granted)
IN_STORE(what_could_not_be_shown_takes_nothing)
IN_STORE(a_step_belongs_to_who_opened_it)
IN_STORE(what_is_clear_wants_a_reason)
IN_STORE(each_clear_step_has_its_audit_row)
IN_STORE(looking_on_takes_only_what_is_new)
IN_STORE(over_midnight_a_step_is_opened_anew)
IN_STORE(the_quiet_key_ends_all_sessions)
IN_STORE(nothing_is_shown_while_it_is_quiet)
IN_STORE(what_the_quiet_key_kept_from_being_shown_counts_nothing)
IN_STORE(the_ladder_says_what_opening_would)
IN_STORE(what_a_picture_is_is_known_from_its_first_view_on)
IN_STORE(a_break_is_due_at_a_time_that_is_told)
IN_STORE(who_is_forgotten_is_forgotten_here_too)
IN_STORE(a_file_was_viewed_when_all_of_it_was_clear_and_shown)
IN_STORE(metadata_that_was_shown_is_told_apart)
IN_STORE(what_a_report_may_say_outlives_the_people)
IN_STORE(the_sixty_first_item_is_one_too_many)
IN_STORE(a_supervisor_adds_once_a_day_and_never_for_themselves)
IN_STORE(severe_items_are_spaced)
IN_STORE(a_break_is_asked_for_and_is_over_when_it_was_taken)
IN_STORE(who_is_new_begins_with_mosaics)
IN_STORE(a_team_is_told_as_totals)
IN_STORE(a_person_says_what_they_do_not_want_to_see)
IN_STORE(no_sequence_of_calls_goes_beyond_a_budget)

static const struct test_case cases[] = {
	{ "sessions at once share one budget", sessions_at_once_share_one_budget },
	{ "a clear look takes an item and its seconds",
			a_clear_look_takes_an_item_and_its_seconds_in_store },
	{ "a step that nobody closes takes all it was granted",
			a_step_that_nobody_closes_takes_all_it_was_granted_in_store },
	{ "what could not be shown takes nothing", what_could_not_be_shown_takes_nothing_in_store },
	{ "a step belongs to who opened it", a_step_belongs_to_who_opened_it_in_store },
	{ "what is clear wants a reason", what_is_clear_wants_a_reason_in_store },
	{ "each clear step has its audit row", each_clear_step_has_its_audit_row_in_store },
	{ "looking on takes only what is new", looking_on_takes_only_what_is_new_in_store },
	{ "over midnight a step is opened anew", over_midnight_a_step_is_opened_anew_in_store },
	{ "the quiet key ends all sessions", the_quiet_key_ends_all_sessions_in_store },
	{ "what the quiet key kept from being shown counts nothing",
			what_the_quiet_key_kept_from_being_shown_counts_nothing_in_store },
	{ "nothing is shown while it is quiet", nothing_is_shown_while_it_is_quiet_in_store },
	{ "the ladder says what opening would", the_ladder_says_what_opening_would_in_store },
	{ "what a picture is is known from its first view on",
			what_a_picture_is_is_known_from_its_first_view_on_in_store },
	{ "who is forgotten is forgotten here, too",
			who_is_forgotten_is_forgotten_here_too_in_store },
	{ "a break is due at a time that is told", a_break_is_due_at_a_time_that_is_told_in_store },
	{ "a file was viewed when all of it was clear and shown",
			a_file_was_viewed_when_all_of_it_was_clear_and_shown_in_store },
	{ "metadata that was shown is told apart", metadata_that_was_shown_is_told_apart_in_store },
	{ "what a report may say outlives the people",
			what_a_report_may_say_outlives_the_people_in_store },
	{ "the sixty first item is one too many", the_sixty_first_item_is_one_too_many_in_store },
	{ "a supervisor adds once a day and never for themselves",
			a_supervisor_adds_once_a_day_and_never_for_themselves_in_store },
	{ "severe items are spaced", severe_items_are_spaced_in_store },
	{ "a break is asked for and is over when it was taken",
			a_break_is_asked_for_and_is_over_when_it_was_taken_in_store },
	{ "who is new begins with mosaics", who_is_new_begins_with_mosaics_in_store },
	{ "a team is told as totals", a_team_is_told_as_totals_in_store },
	{ "a person says what they do not want to see",
			a_person_says_what_they_do_not_want_to_see_in_store },
	{ "no sequence of calls goes beyond a budget",
			no_sequence_of_calls_goes_beyond_a_budget_in_store },
};
TEST_MAIN(cases)
