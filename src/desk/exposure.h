/*
 * exposure.h - what a person has had to look at, and how much they may
 *
 * Before a view is made its step is opened: the rules say whether the person
 * may (exposure_policy.h), and what it takes of their day is taken.  When the
 * view was sent the step is marked as shown, with its size; when it could not
 * be made it is marked as failed, and nothing was taken.  A step lasts for the
 * seconds it was granted and no longer: whoever looks on extends it, and who
 * closes it gets back what is left.  So a browser that dies, a program that is
 * killed and a clock that jumps cost seconds, and never give any.
 *
 * The count is also the only source of what a report says about whether a
 * person of ours saw the file, and its metadata: exposure_viewed.
 *
 * All of this is done within a work of the store.  Every clear step has its
 * reason and its audit row; others are steps alone.
 */
#ifndef DESK_EXPOSURE_H
#define DESK_EXPOSURE_H

#include "desk/desk.h"
#include "desk/exposure_policy.h"

/* ---- a step ---- */

struct exposure_asked {
	ward_str item;    /* the vault's id of the content */
	ward_str session; /* the person's */
	enum exposure_what what;
	ward_view_level level; /* of a picture */
	bool severe;           /* as far as is known before it is seen */
	ward_str reason;       /* needed for what is clear, and for metadata */
};

struct exposure_step {
	char id[ID_TEXT_MAX];
	enum exposure_why why; /* EXPOSURE_MAY, or why not */
	int64_t until;         /* then it is over */
	bool warn;             /* most of the day's budget is used */
	bool rest;             /* a break is due */
};

/* DENIED with `step->why` when the rules say no; then nothing was counted. */
ward_err exposure_open(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, const struct exposure_asked *asked,
		struct exposure_step *step, struct ward_error *error) WARD_MUST_USE;

struct exposure_shown {
	uint32_t width, height;
	bool whole; /* the view is of all of the file: no sheet of some frames, no part of it */
	const struct ward_picture_facts *picture; /* what it is of; NULL: not said */
};

/* It was sent.  NOT_FOUND for a step that is not this person's; CONFLICT for one that is over. */
ward_err exposure_shown(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		const struct exposure_shown *shown, struct ward_error *error) WARD_MUST_USE;
/* It could not be made.  CONFLICT when it was shown. */
ward_err exposure_failed(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;
/*
 * The person looks on.  DENIED as exposure_open; CONFLICT when the step is over, was not shown, or
 * the day is: open another.
 */
ward_err exposure_extend(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str id, struct exposure_step *step,
		struct ward_error *error) WARD_MUST_USE;
/* One that is over already is fine. */
ward_err exposure_close(struct store_tx *tx, const struct desk_actor *actor, ward_str id,
		struct ward_error *error) WARD_MUST_USE;

/*
 * The quiet key: all that this person has open, in any session, ends, and
 * nothing more is opened until they lift it.  No reason is asked.
 */
ward_err exposure_quiet(struct store_tx *tx, const struct desk_actor *actor, uint64_t *ended,
		struct ward_error *error) WARD_MUST_USE;
ward_err exposure_lift(struct store_tx *tx, const struct desk_actor *actor,
		struct ward_error *error) WARD_MUST_USE;
/* A break is taken. */
ward_err exposure_break(struct store_tx *tx, const struct desk_actor *actor,
		struct ward_error *error) WARD_MUST_USE;

/* ---- a person ---- */

struct exposure_today {
	int64_t day;
	struct exposure_amount used, budget;
	struct exposure_amount raised;
	ward_view_level level_max; /* that may be opened now, of something that is not severe */
	bool may_severe;           /* and of something that is: what routing asks */
	bool warn, rest;
	int64_t shift_until;
	int64_t severe_row;  /* severe items that came one behind the other */
	int64_t break_at;    /* when a break is due; 0: they are not looking */
	int64_t quiet_since; /* 0: it is not quiet */
	bool is_new;         /* mosaics only */
};

/* Where a person stands.  Reads only. */
ward_err exposure_today(struct store_tx *tx, ward_str person, const struct exposure_rules *rules,
		struct exposure_today *today, struct ward_error *error) WARD_MUST_USE;

/* The highest level at which this person was shown the item; L0 when they were not. */
ward_err exposure_highest(struct store_tx *tx, ward_str person, ward_str item,
		ward_view_level *level, struct ward_error *error) WARD_MUST_USE;

/* What exposure_open would say of an item now, step by step.  Reads only. */
struct exposure_ladder {
	enum exposure_why picture[WARD_LEVEL_COUNT]; /* from L1 on */
	enum exposure_why reveal, metadata;
};
ward_err exposure_ladder(struct store_tx *tx, ward_str person, const struct exposure_rules *rules,
		ward_str item, bool severe, struct exposure_ladder *ladder,
		struct ward_error *error) WARD_MUST_USE;

/* What this person was shown of the item so far; the steps of the last while (exposure_forget). */
struct exposure_looks {
	int64_t count, last_at;
	ward_view_level highest;
};
ward_err exposure_looks(struct store_tx *tx, ward_str person, ward_str item,
		struct exposure_looks *looks, struct ward_error *error) WARD_MUST_USE;

/* When the person's shift ends; 0 takes it back. */
ward_err exposure_shift(struct store_tx *tx, const struct desk_actor *actor, int64_t until,
		struct ward_error *error) WARD_MUST_USE;

/*
 * A supervisor adds to a person's budget of today, with a reason.  DENIED for
 * one's own; EXISTS when it was done today; ARGUMENT for more than the rules allow.
 */
ward_err exposure_raise(struct store_tx *tx, const struct desk_actor *actor,
		const struct exposure_rules *rules, ward_str person,
		const struct exposure_amount *more, ward_str reason,
		struct ward_error *error) WARD_MUST_USE;

/* A supervisor says since when somebody has done this work, here or elsewhere.  Not of oneself. */
ward_err exposure_started(struct store_tx *tx, const struct desk_actor *actor, ward_str person,
		int64_t started_at, ward_str reason, struct ward_error *error) WARD_MUST_USE;

/* ---- themes ---- */

/* The person's own choice; nobody is asked, told, or able to look. */
ward_err exposure_opt_out(struct store_tx *tx, ward_str person, ward_str theme, bool out,
		struct ward_error *error) WARD_MUST_USE;
struct exposure_themes {
	ward_str *at;
	size_t count;
};
ward_err exposure_themes(struct store_tx *tx, ward_str person, struct ward_arena *arena,
		struct exposure_themes *themes, struct ward_error *error) WARD_MUST_USE;
/* Whether any of the labels ("scheme:code,scheme:code") is a theme they do not want. */
ward_err exposure_unwanted(struct store_tx *tx, ward_str person, ward_str labels, bool *unwanted,
		struct ward_error *error) WARD_MUST_USE;

/* ---- a file ---- */

struct exposure_viewed {
	int64_t file_at;     /* when a person of ours first saw all of it clear; 0: nobody has */
	int64_t metadata_at; /* the same of its metadata */
};

/*
 * What a report may say: fileViewedByEsp is `file_at` not 0, exifViewedByEsp is both not 0
 * (the second needs the first).  A disc, a blurred view, a sheet of frames and a part of a damaged
 * file are not the file.
 */
ward_err exposure_viewed(struct store_tx *tx, ward_str item, struct exposure_viewed *viewed,
		struct ward_error *error) WARD_MUST_USE;

/* What the worker saw when it made the first view of it, or when it came; NOT_FOUND before that. */
ward_err exposure_picture(struct store_tx *tx, ward_str item, struct ward_picture_facts *picture,
		struct ward_error *error) WARD_MUST_USE;

/* What was seen of it when it came in.  What is known already stays. */
ward_err exposure_know(struct store_tx *tx, ward_str item, const struct ward_picture_facts *picture,
		struct ward_error *error) WARD_MUST_USE;

/* ---- all ---- */

struct exposure_team {
	int64_t people;
	struct exposure_amount used;
};
/* Of a day, as totals. */
ward_err exposure_team(struct store_tx *tx, int64_t day, struct exposure_team *team,
		struct ward_error *error) WARD_MUST_USE;

/* Removes what speaks of people and is older than that. */
ward_err exposure_forget(struct store_tx *tx, const struct exposure_rules *rules, int64_t before,
		struct ward_error *error) WARD_MUST_USE;
/* And what is kept of people who were forgotten (people_forget). */
ward_err exposure_forget_gone(struct store_tx *tx, struct ward_error *error) WARD_MUST_USE;
/* Removes all that is kept of one person, open steps included. */
ward_err exposure_forget_person(struct store_tx *tx, ward_str person,
		struct ward_error *error) WARD_MUST_USE;

#endif
