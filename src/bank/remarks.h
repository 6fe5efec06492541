/*
 * remarks.h - what an operator says of single entries
 *
 * A file of JSON lines in the order of entries, replaced as a whole
 * (base/file.h) under the writer's lock.  An entry has its number for good,
 * but a new version of the whole list counts from the start, and a switch that
 * then lay on another entry would keep known material from being found: so a
 * remark says by a checksum which signals its entry has.
 */
#ifndef BANK_REMARKS_H
#define BANK_REMARKS_H

#include <ward/bank.h>

#define REMARKS_NAME      "remarks.jsonl"
#define REMARKS_BYTES_MAX ((size_t)1 << 26)

struct remark {
	uint64_t entry;
	uint64_t signals; /* remark_signals */
	int64_t off_until;
	char *note; /* from malloc */
};

struct remarks {
	struct remark *at; /* in the order of entries */
	size_t count;
};

/* The same for the same signals in any order. */
uint64_t remark_signals(const struct ward_record *record);

/* One line, without its end. */
void remark_format(const struct remark *remark, struct ward_buf *buf);
/* The note is the caller's to free. */
ward_err remark_parse(ward_str line, struct remark *remark, struct ward_error *error) WARD_MUST_USE;
/* CORRUPT says the line. */
ward_err remarks_parse(ward_str text, struct remarks *remarks,
		struct ward_error *error) WARD_MUST_USE;
void remarks_free(struct remarks *remarks);

/* NULL when nothing was said of the entry. */
const struct remark *remarks_find(const struct remarks *remarks, uint64_t entry);
/* In the place of the entry's former one; one that says nothing is none. */
ward_err remarks_put(struct remarks *remarks, const struct ward_remark *remark, uint64_t signals,
		struct ward_error *error) WARD_MUST_USE;

/* ---- in the list's folder ---- */

/* No file is no remarks. */
ward_err remarks_read(const char *folder, struct remarks *remarks,
		struct ward_error *error) WARD_MUST_USE;
/* LIMIT when there are too many. */
ward_err remarks_write(const char *folder, const struct remarks *remarks,
		struct ward_error *error) WARD_MUST_USE;

#endif
