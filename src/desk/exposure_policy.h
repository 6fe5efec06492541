/*
 * exposure_policy.h - how much a person may be shown, as arithmetic
 *
 * Looking harms.  So each person has a budget a day of what they see clear
 * (L4, L5, or a disc of L2): different items, seconds, and severe items.  At
 * 80 % they are told, at 100 % it is over; a supervisor may add once a day.
 * Severe items come at most three in a row and none in the last hour of a
 * shift.  Who is new sees mosaics for some days and then has a growing share
 * of the budget.
 *
 * Nothing here asks a clock or a store: exposure.h does, and calls these.
 */
#ifndef DESK_EXPOSURE_POLICY_H
#define DESK_EXPOSURE_POLICY_H

#include <ward/media.h>

/* What is counted. */
struct exposure_amount {
	int64_t items;   /* different ones that were clear */
	int64_t seconds; /* that something was clear */
	int64_t severe;  /* of the items */
};

/* The installation's settings (ward.conf, exposure { }). */
struct exposure_rules {
	struct exposure_amount day; /* 60 items, 20 minutes, 15 severe */
	int64_t warn_percent;       /* 80 */
	int64_t raise_percent;      /* 50: what a supervisor may add, of each, once a day */
	int64_t severe_row_max;     /* 3 */
	int64_t shift_end_s;        /* one hour: no severe item before the end of a shift */
	int64_t break_every_s;      /* 45 minutes of work */
	int64_t break_least_s;      /* 5 minutes without looking are a break */
	int64_t view_s;             /* 60: then a view has to be asked for again */
	int64_t shadow_days;        /* 3: of who is new, with mosaics only */
	int64_t ramp_days;          /* 14: then the budget is whole */
	int64_t ramp_percent;       /* 25: of the budget, on the first day behind the mosaics */
	int64_t day_start_s;        /* when a day begins, after midnight UTC */
};

struct exposure_rules exposure_rules_default(void);

/* What is kept of a person between two looks. */
struct exposure_person {
	int64_t started_at;  /* when they began this work */
	int64_t shift_until; /* 0: nobody has said */
	int64_t day;         /* the last one on which they looked */
	int64_t severe_row;  /* severe items that came one behind the other */
	int64_t work_since;  /* the last break was before; 0: not at work */
	int64_t seen_at;     /* the last look */
	int64_t quiet_since; /* the quiet key is pressed; 0: it is not */
};

/* ---- time ---- */

/* The number of the day that holds `now`. */
int64_t exposure_day(const struct exposure_rules *rules, int64_t now);
/*
 * The day that counts.  It does not go back: a clock that was set back, or a
 * second one that is slow, gives nobody a day again.  Only where it would be
 * more than a week ahead was it wrong itself, and what was used on the
 * earlier day counts there.
 */
int64_t exposure_day_for(const struct exposure_rules *rules, const struct exposure_person *person,
		int64_t now);
/* A moment as both clocks have it: the wall's, which jumps, and one that only goes on. */
struct exposure_moment {
	int64_t at;       /* Unix seconds */
	int64_t ticks_ms; /* since this machine was started; another one's tell nothing */
};
/*
 * What is left of a look that was granted then, until `until`.  The clock by
 * which more time has gone counts; when the wall's went back nothing is left.
 */
int64_t exposure_left_s(struct exposure_moment granted, int64_t until, struct exposure_moment now);
/* Takes a look at `now` into account: was there a break before, how long is the work since. */
void exposure_at_work(const struct exposure_rules *rules, struct exposure_person *person,
		int64_t now);

/* ---- budgets ---- */

/* Of the whole budget, that this person has on this day: 0 to 100. */
int64_t exposure_share(const struct exposure_rules *rules, const struct exposure_person *person,
		int64_t day);
/* Their budget of the day, with what was added. */
struct exposure_amount exposure_budget(const struct exposure_rules *rules,
		const struct exposure_person *person, int64_t day,
		const struct exposure_amount *raised);
/* True when so much may be added: none of it negative, something at all, each within its part. */
bool exposure_raise_fits(const struct exposure_rules *rules, const struct exposure_amount *more);
bool exposure_warns(const struct exposure_rules *rules, const struct exposure_amount *used,
		const struct exposure_amount *budget);

/* ---- one look ---- */

enum exposure_what {
	EXPOSURE_PICTURE = 0, /* a view at a level */
	EXPOSURE_REVEAL,      /* a view of L2 with a disc that is clear */
	EXPOSURE_METADATA,    /* what the file says about itself, as text */
};
const char *exposure_what_name(enum exposure_what what); /* "picture", "reveal", "metadata" */

struct exposure_ask {
	enum exposure_what what;
	ward_view_level level; /* of a picture */
	bool severe;
	bool counted;        /* this person saw the item clear today: it is one item */
	bool severe_counted; /* and as a severe one */
	bool again;          /* it is the last of the row of severe items */
};

enum exposure_why {
	EXPOSURE_MAY = 0,
	EXPOSURE_NEW,   /* who is new sees mosaics */
	EXPOSURE_ITEMS, /* the budgets are used up */
	EXPOSURE_SECONDS,
	EXPOSURE_SEVERE,
	EXPOSURE_ROW,   /* something else first */
	EXPOSURE_SHIFT, /* not at the end of a shift */
	EXPOSURE_QUIET, /* nothing at all, until the person lifts the quiet key */
};
/* "items"; and a sentence for the person. */
const char *exposure_why_name(enum exposure_why why);
const char *exposure_why_says(enum exposure_why why);

struct exposure_answer {
	enum exposure_why why;
	struct exposure_amount
			takes; /* of the budget, now: the seconds are granted, and may return */
	int64_t severe_row;    /* behind it */
};

/* True for what is clear, all of it or a disc. */
bool exposure_is_clear(const struct exposure_ask *ask);

/* May they, and what does it take?  `person` is as of `now`; `day` is exposure_day_for's. */
struct exposure_answer exposure_judge(const struct exposure_rules *rules,
		const struct exposure_person *person, int64_t now, int64_t day,
		const struct exposure_amount *used, const struct exposure_amount *raised,
		const struct exposure_ask *ask);

#endif
