/*
 * metrics.h - what is counted: one table, and what the numbers are split by: another
 *
 * A row of the first says what a number means and which rows of the store it
 * counts (rows.h).  `ward stats`, GET /v1/stats, the page and its
 * manual read the same rows.  Where a body that publishes such numbers has the
 * same one, the id is a plain word for it and `published_by` names the body:
 * Internet Watch Foundation and INHOPE (annual reports), NCMEC (CyberTipline
 * data), and the reports of Regulation (EU) 2022/2065 (DSA) and 2021/1232.
 */
#ifndef MEASURE_METRICS_H
#define MEASURE_METRICS_H

#include <ward/base.h>

struct measure_rows;

/* What a row's numbers are; the names are those of the API. */
enum measure_kind {
	MEASURE_COUNT = 0, /* how many */
	MEASURE_SHARE,     /* how many of how many */
	MEASURE_TIME,      /* how long it took: median, 75 and 90 of a hundred */
	MEASURE_LEVEL,     /* how many there were at the end of the period (count.c) */
};
const char *measure_kind_name(enum measure_kind kind); /* "count", "share", "time", "level" */

struct measure_split {
	const char *name; /* "channel" */
	const char *says;
	bool guarded;            /* tells of children or reporters (guard.h) */
	const char *const *keys; /* those there are always, in their order; NULL: as they occur */
	/* The key of what the column holds; NULL: as it is.  "" is not said. */
	ward_str (*key_of)(ward_str column);
};

enum { MEASURE_SPLITS_OF_ONE = 6, MEASURE_FEEDS_OF_ONE = 4 };

/* Of a metric: what it can be split by, and the text of its rows for that. */
struct measure_way {
	const struct measure_split *split; /* NULL: the end */
	unsigned text;
};

/* Which rows a metric counts, and how. */
struct measure_feed {
	const struct measure_rows *rows; /* NULL: the end */
	unsigned only;                   /* bits: those that have them all */
	unsigned share;                  /* SHARE: bits of those that are the part */
	unsigned number;                 /* what a row counts; of a TIME, its seconds; 0: one */
	unsigned day;                    /* LEVEL: the number that says when; 0: the row's day */
	bool less;                       /* LEVEL: it goes */
};

struct measure_metric {
	const char *id, *group, *name, *definition, *unit;
	const char *published_by; /* "IWF, INHOPE"; "" where nobody does */
	enum measure_kind kind;
	bool people; /* it is of people who work here: guarded, and never split */
	struct measure_feed feeds[MEASURE_FEEDS_OF_ONE];
	struct measure_way ways[MEASURE_SPLITS_OF_ONE];
};

extern const struct measure_metric measure_metrics[];
size_t measure_metric_count(void);
/* NULL when there is none. */
const struct measure_metric *measure_metric_find(ward_str id);

/* In the order they are told in. */
const struct measure_split *measure_split_at(size_t index);
const struct measure_split *measure_split_find(ward_str name);
/* NULL when the metric is not split by it. */
const struct measure_way *measure_way_find(const struct measure_metric *metric,
		const struct measure_split *split);

/* What stands for a key that is not said. */
#define MEASURE_NOT_SAID "not said"

#endif
