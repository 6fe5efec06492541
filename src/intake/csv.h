/*
 * csv.h - reports in a table: one a line, of one item
 *
 * The first line names the columns, in any order: "kind" and "value" are
 * wanted; "key", "reporter", "urgency", "jurisdiction", "language", "contact"
 * may be there.  Quotes and line ends are RFC 4180's.  A line without a key has
 * the digest of its own content for one: the same file imported again adds
 * nothing.
 *
 * A line that cannot be used is told and passed over; the others are taken.
 */
#ifndef INTAKE_CSV_H
#define INTAKE_CSV_H

#include "intake/intake.h"

enum { CSV_BYTES_MAX = 64 << 20, CSV_COLUMNS_MAX = 32 };

/* A record's fields, unquoted; text lies in the arena. */
struct csv_record {
	ward_str fields[CSV_COLUMNS_MAX];
	size_t count;
	uint64_t line; /* where it begins */
};

/*
 * Takes a record off the front of `text`, which stands on `line`; an empty
 * line is passed over.  NOT_FOUND at the end; FORMAT for what is no CSV, behind
 * which nothing can be read; LIMIT for too many columns; NOMEM.
 */
ward_err csv_next(ward_str *text, uint64_t *line, struct ward_arena *arena,
		struct csv_record *record, struct ward_error *error) WARD_MUST_USE;

struct csv_counts {
	uint64_t added, again, bad;
};

/* Calls `bad` for each line that is not taken, with what is wrong with it. */
ward_err intake_csv(struct intake *intake, ward_str text, const struct vault_actor *actor,
		void (*bad)(void *context, uint64_t line, const char *why), void *context,
		struct csv_counts *counts, struct ward_error *error) WARD_MUST_USE;

#endif
