/*
 * guard.h - which numbers are not shown, so that no child and no colleague is told of
 *
 * A small number in a table is a person: "three children of this age in May"
 * may be known to a neighbour.  So in a table that is guarded no number from 1
 * to 4 is shown, and none can be computed from those that are.  The total of a
 * period is always known (it stands in tables that are not guarded), and so
 * are the periods before and after; that is what the rules below reckon with.
 *
 * One period.  Where a cell is from 1 to 4, all cells up to 4 are hidden, the
 * zeroes too: else a row of ones would show.  What the hidden ones are in sum
 * is the total less what is shown.  So the smallest shown cell, and each that
 * is equal to it, is hidden too, when that sum is below 5, or when it could
 * only be reached by each hidden cell being a 4.  Whoever knows this rule and
 * sees its outcome still finds at least two values possible for each hidden
 * cell (guard_test.c tries all tables of a size).
 *
 * Months and years.  A month is shown when it has no cell to hide; else none
 * of its cells is.  So what the months of a year tell is its shown months, and
 * what a year's number adds to that is one thing: the sum of the hidden
 * months.  The rule for one period is applied to that sum, and a cell of the
 * year is hidden when its part of the sum is.  Where all of the sum is in one
 * cell, all of the year is hidden, for then each hidden month would be known.
 * What a year tells of its hidden months is that a cell of it is none, or that
 * one of five and more is.
 *
 * Numbers of people who work here are shown when at least 5 people are in
 * them; a year, when each month of it is shown.
 *
 * What is not kept apart: two answers of different days, between which past
 * decisions were undone; and what somebody knows from elsewhere.
 */
#ifndef MEASURE_GUARD_H
#define MEASURE_GUARD_H

#include <ward/base.h>

enum { MEASURE_HIDDEN_UNDER = 5, MEASURE_MONTHS = 12 };

/* Says which of the cells are hidden. */
void measure_guard_row(const int64_t *cells, size_t count, bool *hidden);

struct measure_guarded_year {
	const int64_t *cells; /* of a month one behind the other: [month * keys + key] */
	size_t keys;          /* at least 2 */
	bool month_hidden[MEASURE_MONTHS];
	int64_t *sums;    /* room for `keys`: of the hidden months */
	bool *key_hidden; /* of the year; room for `keys` */
};

/* All twelve months must be given; those that are not over yet may be anything. */
void measure_guard_year(struct measure_guarded_year *year);

/* Of numbers about people: how many were in each month. */
void measure_guard_people(const int64_t people[MEASURE_MONTHS], bool month_hidden[MEASURE_MONTHS],
		bool *year_hidden);

#endif
