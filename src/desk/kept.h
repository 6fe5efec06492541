/*
 * kept.h - what the vault keeps for jobs, as far as a person may know of it
 *
 * The vault knows items and origins; who may learn of an item is the desk's to
 * say: whoever may see the queue of its job, and nobody else.  While a job waits
 * for a blind second look, whoever may still give it learns nothing here
 * either, because a clock or a hold can tell what the first one made of it.
 *
 * Here are facts alone: sizes, times, clocks, holds and ends.  Nothing is opened.
 *
 * Text in what is handed out lies in the caller's arena.
 */
#ifndef DESK_KEPT_H
#define DESK_KEPT_H

#include "desk/desk.h"

/* Who asks. */
struct desk_kept_viewer {
	ward_str person;
	bool labels; /* may decide, and so could become the blind second */
};

/* An item of a job, as the vault has it. */
struct desk_kept {
	ward_str item;    /* intake's id */
	ward_str payload; /* the vault's */
	ward_str job;
	ward_str type; /* a media type, as claimed */
	int64_t bytes, sealed_at;
	int64_t keep_until;      /* the last end of its holds */
	int64_t authority_until; /* the last end of an authority's that is active; 0: there is none
				  */
	int64_t destroyed_at;    /* 0: it is there */
};

struct desk_kept_list {
	struct desk_kept *at;
	size_t count;
};

struct desk_kept_question {
	struct desk_kept_viewer viewer;
	int64_t ends_from, ends_before; /* whose time is over from then on, and before then */
	ward_str after;                 /* the item of the last one of the page before; or "" */
	unsigned rows_max;
};

/* What is there, by when its time is over, the soonest first. */
ward_err desk_kept_page(struct store_tx *tx, const struct desk_kept_question *question,
		struct ward_arena *arena, struct desk_kept_list *list,
		struct ward_error *error) WARD_MUST_USE;

/*
 * A job's items that the vault has or had, by payload.  NOT_FOUND for a job of a queue that
 * this person may not see; CONFLICT while it waits for a second look that they could give.
 */
ward_err desk_kept_of_job(struct store_tx *tx, const struct desk_kept_viewer *viewer, ward_str job,
		struct ward_arena *arena, struct desk_kept_list *list,
		struct ward_error *error) WARD_MUST_USE;
/* The same of one item, by intake's id. */
ward_err desk_kept_item(struct store_tx *tx, const struct desk_kept_viewer *viewer, ward_str item,
		struct ward_arena *arena, struct desk_kept *kept,
		struct ward_error *error) WARD_MUST_USE;

/* Whether another job that is still open has one of a job's items. */
ward_err desk_kept_elsewhere(struct store_tx *tx, ward_str job, bool *elsewhere,
		struct ward_error *error) WARD_MUST_USE;

/* One letter of an authority, and what it holds of a job. */
struct desk_letter {
	ward_str id; /* of its oldest hold */
	ward_str job, basis, reference;
	bool authority;
	int64_t items, start_at, end_at;
};

struct desk_letter_list {
	struct desk_letter *at;
	size_t count;
};

struct desk_letter_question {
	struct desk_kept_viewer viewer;
	ward_str job;   /* "" is any: then authorities' alone */
	ward_str after; /* the id of the last one of the page before; or "" */
	unsigned rows_max;
};

/* Active ones, oldest first. */
ward_err desk_letters(struct store_tx *tx, const struct desk_letter_question *question,
		struct ward_arena *arena, struct desk_letter_list *list,
		struct ward_error *error) WARD_MUST_USE;
/* The ids of the active holds of a job's items with this basis and reference. */
ward_err desk_letter_holds(struct store_tx *tx, ward_str job, ward_str basis, ward_str reference,
		struct ward_arena *arena, ward_str **holds, size_t *count,
		struct ward_error *error) WARD_MUST_USE;

/* That an item was destroyed. */
struct desk_destruction {
	ward_str item, payload, job;
	int64_t at, bytes;
	ward_str method, first, second, reason, bases;
};

struct desk_destruction_list {
	struct desk_destruction *at;
	size_t count;
};

/* The newest first; `after` is the item of the last one of the page before, or "". */
ward_err desk_destructions(struct store_tx *tx, const struct desk_kept_viewer *viewer,
		ward_str after, unsigned rows_max, struct ward_arena *arena,
		struct desk_destruction_list *list, struct ward_error *error) WARD_MUST_USE;

#endif
