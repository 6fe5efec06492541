/*
 * digest_table.h - which of many digests are equal to one
 *
 * The digests stay in the order in which they were added.  Beside them lies
 * their sorted order: a row for each, with its place and the 32 bits that
 * follow those that chose its bucket; and where each bucket begins.  There is
 * a bucket for four digests or so, so a question reads one bucket's rows, which
 * lie together, and then, as good as always, only a digest that is equal.
 */
#ifndef BANK_DIGEST_TABLE_H
#define BANK_DIGEST_TABLE_H

#include <ward/bank.h>

struct digest_row {
	uint32_t tag;
	uint32_t place;
};

struct digest_table {
	const uint8_t *digests;
	size_t size; /* of one */
	uint32_t count;
	const struct digest_row *order;
	const uint32_t *starts;
	int bits; /* of a digest that choose its bucket, 1 to 31 */
};

/* For a table of `count` digests. */
int digest_table_bits(uint32_t count);

/* The first row that holds `digest`; the equal ones follow.  `count` when there is none. */
uint32_t digest_table_find(const struct digest_table *table, const uint8_t *digest);
/* Whether the row is there and holds it. */
bool digest_table_is(const struct digest_table *table, uint32_t row, const uint8_t *digest);

/* Takes the next rows, in order; called many times.  A failure ends the build. */
typedef ward_err digest_table_write(void *context, const struct digest_row *rows, size_t count,
		struct ward_error *error);

/*
 * Sorts.  `digests`, `size`, `count` and `bits` are given, `starts` is room for
 * 2^bits + 1 numbers and is filled.  Memory is bounded: a large table is sorted a range of
 * buckets at a time, each with a walk over all digests.
 */
ward_err digest_table_build(const struct digest_table *table, uint32_t *starts,
		digest_table_write *write, void *context, struct ward_error *error) WARD_MUST_USE;

#endif
