/*
 * pdq_layout.h - where everything lies in an index section
 *
 *   head, hashes, copies, table 0, ..., table 15
 *
 * Every part begins at a multiple of 64 bytes and is padded with zeroes to
 * one; a table is its starts, its following chunks and its ids.  All of it
 * follows from four numbers in the head, so there are no offsets to distrust.
 */
#ifndef BANK_INDEX_PDQ_LAYOUT_H
#define BANK_INDEX_PDQ_LAYOUT_H

#include "bank/index/pdq_index.h"

#define PDQ_BUCKETS 65536 /* the values of a chunk */

/* A chunk of a hash: 0 is bits 0..15. */
static inline uint16_t pdq_chunk(const ward_pdq *hash, unsigned chunk)
{
	return (uint16_t)(hash->word[chunk / 4] >> (chunk % 4 * 16));
}

struct pdq_head {
	char magic[8];
	uint32_t byte_order; /* PDQ_BYTE_ORDER as the builder's machine writes it */
	uint32_t version;
	uint64_t size; /* of the whole section */
	uint32_t count;
	uint32_t postings;
	uint32_t copies;
	uint32_t id_bytes;
	uint8_t chunk[PDQ_INDEX_CHUNKS]; /* the chunk of each table */
	uint32_t ring_size;              /* so many tables make a ring, and the rest another */
	uint8_t unused[68];
};

#define PDQ_MAGIC      "wardPDQi"
#define PDQ_BYTE_ORDER 0x01020304u
#define PDQ_VERSION    1u

/* The table after this one in its ring. */
static inline unsigned pdq_next_table(unsigned at, unsigned ring_size)
{
	unsigned last = at < ring_size ? ring_size : PDQ_INDEX_CHUNKS;

	return at + 1 < last ? at + 1 : at < ring_size ? 0 : ring_size;
}

struct pdq_layout {
	uint64_t hashes; /* from the section's start */
	uint64_t copied;
	uint64_t tables;
	uint64_t following; /* from a table's start */
	uint64_t ids;
	uint64_t table_size;
	uint64_t size;
};

static inline uint64_t pdq_padded(uint64_t size)
{
	return (size + PDQ_INDEX_ALIGN - 1) / PDQ_INDEX_ALIGN * PDQ_INDEX_ALIGN;
}

/* 24 bits name 16 million hashes, and save a byte in each of the 16 tables. */
static inline uint32_t pdq_id_bytes(uint32_t count)
{
	return count <= 1u << 24 ? 3 : 4;
}

/* Cannot overflow: counts are below 2^32, so every part is below 2^40 bytes. */
struct pdq_layout pdq_layout_of(uint32_t count, uint32_t postings, uint32_t copies);

#endif
