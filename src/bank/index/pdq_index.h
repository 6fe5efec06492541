/*
 * pdq_index.h - every listed PDQ hash within a radius, and none missed
 *
 * The index answers one question about a set of 256-bit hashes: which lie
 * within `radius` bits (0..63) of a given one.  Recall is exactly 1.  It is
 * one run of bytes without pointers, so that it can be a part of a file and
 * be searched where it is mapped; whoever writes the file adds its header and
 * checksum.  The hashes themselves are in it, in the caller's order, and an
 * answer names a hash by its position in that order, its id.
 *
 * How it works is told, and proved, in pdq_index.c; in one sentence: the hash
 * is cut into 16 chunks, a hash within the radius must be almost equal in some
 * chunk and nearly so in that chunk and the next one together, and there is a
 * table for each chunk that finds those few hashes.  Hashes that occur many
 * times are indexed once.
 *
 * A view owns nothing, may be copied, and may be searched by any number of
 * threads at once.  Bytes that are not what the builder wrote give wrong
 * answers, never a read outside of the section or a search without end.
 * The layout is in the byte order of the machine that built it.
 */
#ifndef BANK_INDEX_PDQ_INDEX_H
#define BANK_INDEX_PDQ_INDEX_H

#include <ward/bank.h>

/* ---- building ---- */

/* Takes the next bytes of the section; called many times, in order.  A failure ends the build. */
typedef ward_err pdq_index_write(void *context, ward_bytes bytes, struct ward_error *error);

struct pdq_index_build {
	const ward_pdq *hashes; /* only read, in order; may be a mapped file */
	uint32_t count;
	pdq_index_write *write;
	void *write_context;
	ward_progress *progress; /* may be NULL; parts done of parts total */
	void *progress_context;
	uint32_t scan_below; /* fewer hashes than this are scanned, without tables; 0: 20 000 */
};

/*
 * Writes the section, a multiple of 64 bytes.  Uses 12 bytes of memory a hash beside the
 * hashes.  Fails with NOMEM, or as `write` does.
 */
ward_err pdq_index_build(const struct pdq_index_build *build,
		struct ward_error *error) WARD_MUST_USE;

/* ---- searching ---- */

#define PDQ_INDEX_ALIGN  64 /* where the section must begin in memory (so, in the file) */
#define PDQ_INDEX_CHUNKS 16

struct pdq_index_table {
	const uint32_t *starts;    /* where each bucket begins, and where the last one ends */
	const uint16_t *following; /* of each posting, the hash's next chunk */
	const uint8_t *ids;        /* of each posting, the hash's id, in `id_bytes` */
};

/* A view over a section, which must outlive it. */
struct pdq_index {
	const ward_pdq *hashes;
	uint32_t count;
	uint32_t postings; /* in every table: the distinct hashes; 0 when there are no tables */
	uint32_t copies;   /* hashes that are equal to one before them */
	uint32_t id_bytes; /* 3 or 4 */
	const uint32_t *copied;          /* pairs {first id, copy's id}, ascending */
	uint8_t chunk[PDQ_INDEX_CHUNKS]; /* which chunk each table is for */
	uint8_t next[PDQ_INDEX_CHUNKS];  /* the table whose chunk its `following` holds */
	bool never_scan;                 /* tests set it, to send small sets through the tables */
	struct pdq_index_table table[PDQ_INDEX_CHUNKS];
};

/* At once, at any size.  CORRUPT says what is wrong with the section; ARGUMENT: not aligned. */
ward_err pdq_index_open(ward_bytes section, struct pdq_index *index,
		struct ward_error *error) WARD_MUST_USE;

struct pdq_match {
	uint32_t query; /* which of the batch; 0 for a single search */
	uint32_t id;
	uint32_t distance;
};

/* Zero it before the first use.  A search appends; it may be used for many. */
struct pdq_found {
	struct pdq_match *at;
	size_t count;
	size_t room;
};

void pdq_found_free(struct pdq_found *found); /* and empty again */

/*
 * Appends every hash within the radius, once, in ascending order of id.  Fails
 * with NOMEM, or with ARGUMENT when the radius is not 0..63.
 */
ward_err pdq_index_search(const struct pdq_index *index, ward_pdq query, int radius,
		struct pdq_found *found, struct ward_error *error) WARD_MUST_USE;

/* The same for many queries, faster than one by one; ascending by query, then by id. */
ward_err pdq_index_search_batch(const struct pdq_index *index, const ward_pdq *queries,
		size_t count, int radius, struct pdq_found *found,
		struct ward_error *error) WARD_MUST_USE;

/* ---- for tests and benchmarks ---- */

/* Which code runs: "avx512", "avx2", "neon" or "plain". */
const char *pdq_index_cpu(void);
/* At most this one from now on; NULL is the best again.  False when the CPU has no such path. */
bool pdq_index_cpu_limit(const char *name);

#endif
