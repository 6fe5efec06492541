/*
 * table.h - a list as it may be shown to anyone: in slots that only its server can explain
 *
 * A table holds the list's expressions evaluated under a key that is made with
 * it and ends with it, on shelves of a fixed number of slots filled up with
 * random ones.  Who has seen a shelf before and after the list changed can
 * compare nothing, because with each table all slots are others.
 *
 *     shelves   as many as give each SHELF_MEAN entries in the mean, a power of two
 *     common    what has no shelf, and what a shelf has no room for; rounded up
 *               to a power of two, so that its size tells the magnitude alone
 *
 * A draft collects expressions and belongs to one thread; a table is immutable
 * and may be asked by any number.
 */
#ifndef OBLIVIOUS_TABLE_H
#define OBLIVIOUS_TABLE_H

#include "oblivious/wire.h"

struct oblivious_draft;

struct oblivious_draft *oblivious_draft_new(void); /* NULL without memory */
void oblivious_draft_free(struct oblivious_draft *draft);
/*
 * `host` and `path` (which begins with '/') hold what the mark says.  LIMIT when there are more
 * than a table may have.
 */
ward_err oblivious_draft_add(struct oblivious_draft *draft, ward_str host, ward_str path,
		enum oblivious_mark mark, struct ward_error *error) WARD_MUST_USE;
/* An expression of which only the SHA-256 is known. */
ward_err oblivious_draft_add_hash(struct oblivious_draft *draft,
		const uint8_t input[OBLIVIOUS_INPUT], struct ward_error *error) WARD_MUST_USE;
size_t oblivious_draft_count(const struct oblivious_draft *draft); /* with those given twice */

struct oblivious_table;

struct oblivious_table_options {
	const uint8_t *identity_secret; /* Ed25519, 64 bytes */
	int64_t starts, ends;
	unsigned threads; /* that work on it; at least 1 */
};

/* Evaluates all of the draft: about as long as the header of oprf_compute times entries. */
ward_err oblivious_table_new(struct oblivious_draft *draft,
		const struct oblivious_table_options *options, struct oblivious_table **table,
		struct ward_error *error) WARD_MUST_USE;
void oblivious_table_free(struct oblivious_table *table);

const struct oblivious_info *oblivious_table_info(const struct oblivious_table *table);
/* The signed message. */
const uint8_t *oblivious_table_message(const struct oblivious_table *table);
/* The common part: info's `common` slots. */
ward_bytes oblivious_table_common(const struct oblivious_table *table);

struct oblivious_table_facts {
	size_t entries;     /* different expressions */
	size_t common_held; /* of them in the common part */
	size_t fullest;     /* entries of the fullest shelf */
};
struct oblivious_table_facts oblivious_table_facts(const struct oblivious_table *table);

/*
 * The answer to a request, oblivious_answer_len bytes.  FORMAT for what is no request, CONFLICT
 * for one of another table.
 */
ward_err oblivious_table_answer(const struct oblivious_table *table, ward_bytes request,
		uint8_t *answer, struct ward_error *error) WARD_MUST_USE;

#endif
