#include "desk/exposure_policy.h"

#define DAY_S ((int64_t)86400)

/* A day that is further ahead was a clock's mistake. */
#define AHEAD_DAYS 7

struct exposure_rules exposure_rules_default(void)
{
	return (struct exposure_rules){
		.day = { .items = 60, .seconds = 1200, .severe = 15 },
		.warn_percent = 80,
		.raise_percent = 50,
		.severe_row_max = 3,
		.shift_end_s = 3600,
		.break_every_s = 2700,
		.break_least_s = 300,
		.view_s = 60,
		.shadow_days = 3,
		.ramp_days = 14,
		.ramp_percent = 25,
	};
}

/* ---- time ---- */

int64_t exposure_day(const struct exposure_rules *rules, int64_t now)
{
	int64_t since = now - rules->day_start_s;

	return since >= 0 ? since / DAY_S : -((-since + DAY_S - 1) / DAY_S);
}

int64_t exposure_day_for(const struct exposure_rules *rules, const struct exposure_person *person,
		int64_t now)
{
	int64_t day = exposure_day(rules, now);

	return person->day > day && person->day - day <= AHEAD_DAYS ? person->day : day;
}

int64_t exposure_left_s(struct exposure_moment granted, int64_t until, struct exposure_moment now)
{
	int64_t gone = now.at - granted.at;
	int64_t ticks_s = (now.ticks_ms - granted.ticks_ms + 999) / 1000;
	int64_t left;

	if (gone < 0)
		return 0;
	left = until - granted.at - (ticks_s > gone ? ticks_s : gone);
	return left > 0 ? left : 0;
}

void exposure_at_work(const struct exposure_rules *rules, struct exposure_person *person,
		int64_t now)
{
	bool rested = now - person->seen_at >= rules->break_least_s;

	if (person->work_since == 0 || rested || now < person->work_since)
		person->work_since = now;
	person->seen_at = now;
}

/* ---- budgets ---- */

int64_t exposure_share(const struct exposure_rules *rules, const struct exposure_person *person,
		int64_t day)
{
	int64_t days = day - exposure_day(rules, person->started_at);
	int64_t ramp = rules->ramp_days - rules->shadow_days;

	if (days < rules->shadow_days)
		return 0;
	if (days >= rules->ramp_days)
		return 100;
	return rules->ramp_percent +
	       (100 - rules->ramp_percent) * (days - rules->shadow_days) / ramp;
}

struct exposure_amount exposure_budget(const struct exposure_rules *rules,
		const struct exposure_person *person, int64_t day,
		const struct exposure_amount *raised)
{
	int64_t share = exposure_share(rules, person, day);

	/* Nothing that was added makes somebody see who should not see yet. */
	if (share == 0)
		return (struct exposure_amount){ .items = 0 };
	return (struct exposure_amount){
		.items = rules->day.items * share / 100 + raised->items,
		.seconds = rules->day.seconds * share / 100 + raised->seconds,
		.severe = rules->day.severe * share / 100 + raised->severe,
	};
}

static bool is_part(int64_t more, int64_t whole, int64_t percent)
{
	return more >= 0 && more <= whole * percent / 100;
}

bool exposure_raise_fits(const struct exposure_rules *rules, const struct exposure_amount *more)
{
	int64_t percent = rules->raise_percent;

	return is_part(more->items, rules->day.items, percent) &&
	       is_part(more->seconds, rules->day.seconds, percent) &&
	       is_part(more->severe, rules->day.severe, percent) &&
	       (more->items > 0 || more->seconds > 0 || more->severe > 0);
}

static bool is_near(int64_t used, int64_t budget, int64_t percent)
{
	return used > 0 && used * 100 >= budget * percent;
}

bool exposure_warns(const struct exposure_rules *rules, const struct exposure_amount *used,
		const struct exposure_amount *budget)
{
	return is_near(used->items, budget->items, rules->warn_percent) ||
	       is_near(used->seconds, budget->seconds, rules->warn_percent) ||
	       is_near(used->severe, budget->severe, rules->warn_percent);
}

/* ---- one look ---- */

static const char *const what_names[] = { "picture", "reveal", "metadata" };

const char *exposure_what_name(enum exposure_what what)
{
	return what_names[what];
}

static const struct {
	const char *name, *says;
} whys[] = {
	[EXPOSURE_MAY] = { "may", "it may be shown" },
	[EXPOSURE_NEW] = { "new", "on the first days everything is shown as a mosaic" },
	[EXPOSURE_ITEMS] = { "items", "enough for today: all items that one person should see "
				      "clear in a day were" },
	[EXPOSURE_SECONDS] = { "seconds", "enough for today: the time for looking is used up" },
	[EXPOSURE_SEVERE] = { "severe", "no more severe items today" },
	[EXPOSURE_ROW] = { "row", "too many severe items came one behind the other; look at "
				  "something else first" },
	[EXPOSURE_SHIFT] = { "shift", "no severe items at the end of a shift" },
	[EXPOSURE_QUIET] = { "quiet", "it is quiet; lift the quiet key to go on" },
};

const char *exposure_why_name(enum exposure_why why)
{
	return whys[why].name;
}

const char *exposure_why_says(enum exposure_why why)
{
	return whys[why].says;
}

bool exposure_is_clear(const struct exposure_ask *ask)
{
	return ask->what == EXPOSURE_REVEAL ||
	       (ask->what == EXPOSURE_PICTURE && ask->level >= WARD_LEVEL_SMALL);
}

static bool at_shifts_end(const struct exposure_rules *rules, const struct exposure_person *person,
		int64_t now)
{
	return person->shift_until != 0 && now >= person->shift_until - rules->shift_end_s;
}

/* What speaks against something clear, gravest first. */
static enum exposure_why against(const struct exposure_rules *rules,
		const struct exposure_person *person, int64_t now,
		const struct exposure_amount *left, const struct exposure_ask *ask)
{
	if (left->seconds <= 0)
		return EXPOSURE_SECONDS;
	if (!ask->counted && left->items <= 0)
		return EXPOSURE_ITEMS;
	if (!ask->severe)
		return EXPOSURE_MAY;
	if (!ask->severe_counted && left->severe <= 0)
		return EXPOSURE_SEVERE;
	if (at_shifts_end(rules, person, now))
		return EXPOSURE_SHIFT;
	if (!ask->again && person->severe_row >= rules->severe_row_max)
		return EXPOSURE_ROW;
	return EXPOSURE_MAY;
}

/* Anything else than a severe item ends a row, at whatever level it is looked at. */
static int64_t row_behind(const struct exposure_person *person, const struct exposure_ask *ask)
{
	if (!ask->severe)
		return 0;
	return exposure_is_clear(ask) && !ask->again ? person->severe_row + 1 : person->severe_row;
}

struct exposure_answer exposure_judge(const struct exposure_rules *rules,
		const struct exposure_person *person, int64_t now, int64_t day,
		const struct exposure_amount *used, const struct exposure_amount *raised,
		const struct exposure_ask *ask)
{
	struct exposure_amount budget = exposure_budget(rules, person, day, raised);
	struct exposure_amount left = {
		.items = budget.items - used->items,
		.seconds = budget.seconds - used->seconds,
		.severe = budget.severe - used->severe,
	};
	bool clear = exposure_is_clear(ask);
	bool beyond_mosaic =
			clear || (ask->what == EXPOSURE_PICTURE && ask->level > WARD_LEVEL_MOSAIC);
	struct exposure_answer answer = { .why = EXPOSURE_MAY, .severe_row = person->severe_row };

	if (person->quiet_since != 0)
		answer.why = EXPOSURE_QUIET;
	else if (beyond_mosaic && exposure_share(rules, person, day) == 0)
		answer.why = EXPOSURE_NEW;
	else if (clear)
		answer.why = against(rules, person, now, &left, ask);
	if (answer.why != EXPOSURE_MAY)
		return answer;
	answer.severe_row = row_behind(person, ask);
	if (clear)
		answer.takes = (struct exposure_amount){
			.items = ask->counted ? 0 : 1,
			.seconds = left.seconds < rules->view_s ? left.seconds : rules->view_s,
			.severe = ask->severe && !ask->severe_counted ? 1 : 0,
		};
	return answer;
}
