/*
 * legal.h - how long the law says that something is kept: a table of clocks, as data
 *
 * A clock has a code ("us-2258a-h"), a period ("P1Y"), what starts it, whether
 * and by how much it can be renewed, and whether it comes from an authority
 * that works on the matter: such a hold also keeps the customer from being
 * told.  The table is share/legal-clocks.json, built into the programs; a
 * file of the same form in the workspace replaces it.  It names its sources and
 * is no legal advice.
 *
 * A table is immutable; share it.
 */
#ifndef LEGAL_H
#define LEGAL_H

#include <ward/base.h>

enum { LEGAL_CODE_MAX = 32 };

/* A period of the calendar, "P1Y", "P6M", "P90D", "P2W"; none is "". */
struct legal_period {
	unsigned years, months, days;
};

struct legal_clock {
	const char *code;
	const char *title;
	const char *place;   /* a country's code, "EU", or "" for anywhere */
	const char *trigger; /* what starts it, in words */
	struct legal_period keep;
	struct legal_period renew; /* all 0: cannot be renewed */
	unsigned renewals_max;     /* 0: as often as asked */
	bool authority;            /* asked for by police or a court: nobody is told of it */
	const char *source;
	const char *note; /* or "" */
};

struct legal;

/* The table that is built in. */
ward_err legal_default(struct legal **legal, struct ward_error *error) WARD_MUST_USE;
/* Text of a table; FORMAT says where it is wrong. */
ward_err legal_parse(ward_str text, struct legal **legal, struct ward_error *error) WARD_MUST_USE;
void legal_free(struct legal *legal); /* NULL is fine */

size_t legal_count(const struct legal *legal);
const struct legal_clock *legal_at(const struct legal *legal, size_t index);
/* NULL when there is none of this code. */
const struct legal_clock *legal_find(const struct legal *legal, ward_str code);
const char *legal_notice(const struct legal *legal); /* that it is no legal advice */

bool legal_period_parse(ward_str text, struct legal_period *period) WARD_MUST_USE;

/*
 * When a period that starts at `start` is over: with the last hour (UTC) of
 * the day that has the same number in the last month, or of that month's last
 * day when it has none, as Regulation 1182/71 article 3 counts.  A period of
 * nothing ends with its own day; what no calendar holds is INT64_MAX.
 */
int64_t legal_period_end(int64_t start, struct legal_period period);

#endif
