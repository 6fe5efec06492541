/*
 * ewf_kind.h - what each version of EnCase's files does for ewf.c
 *
 * A version reads a file's sections when it is opened, and from then on answers one question: where
 * is the i-th chunk of this table, and how is it stored?
 */
#ifndef DISK_EWF_KIND_H
#define DISK_EWF_KIND_H

#include "disk/ewf.h"

enum {
	/* A chunk is 32 KiB by default; EnCase offers up to 16 MiB. */
	EWF_CHUNK_MAX = 16 << 20,
	/* A table has 65 534 entries at most in what EnCase 7 writes. */
	EWF_ENTRIES_MAX = 1 << 17,
	/* Of 16 375 entries of 32 KiB each, these are 500 TB. */
	EWF_TABLES_MAX = 1 << 20,
	EWF_SECTIONS_MAX = 1 << 21,
	EWF_CACHE = 16,
	/* In all: a disk with more stretches that cannot be read is not imaged. */
	EWF_UNREAD_MAX = 1 << 20,
};

struct ewf_table {
	size_t file;
	uint64_t entries_at; /* in its file */
	uint64_t base;       /* E01: what its entries count from */
	uint64_t end;        /* E01: of its last chunk */
	uint64_t first;      /* chunk */
	uint32_t count;
};

struct ewf_slot {
	uint64_t chunk; /* UINT64_MAX: none */
	size_t len;
	uint8_t *bytes;
};

struct ewf {
	struct disk_source source;
	const struct ewf_kind *kind;
	uint64_t size;
	uint32_t chunk_size;
	struct ewf_table *tables; /* in the order of their chunks, once it is open */
	size_t count, room;
	uint64_t chunks; /* in all tables */
	uint8_t digest[20];
	size_t digest_len;
	uint64_t unread; /* sectors, when the image was made */
	uint64_t spans;  /* entries that they were in: sections may lie over each other */
	uint8_t *packed; /* one chunk as it is stored */
	struct ewf_slot cache[EWF_CACHE];
	/* while it is opened */
	uint64_t sectors_end; /* E01: of the last section of chunks in this file */
	uint64_t sectors;     /* Ex01: of the disk */
	uint32_t sector, per_chunk;
	uint8_t set[16]; /* Ex01: which all files of an image have */
	size_t sections;
};

struct ewf_chunk {
	uint64_t at, len; /* as it is stored, in its table's file */
	bool deflated;
	bool checked; /* its Adler-32 stands behind it, and is in `len` */
	bool filled;  /* with these, and is stored nowhere */
	uint8_t pattern[8];
};

struct ewf_kind {
	uint8_t magic[8];
	ward_err (*read_file)(struct ewf *ewf, size_t file, struct ward_error *error);
	bool (*find)(const struct ewf *ewf, const struct ewf_table *table, uint64_t index,
			struct ewf_chunk *chunk);
};

extern const struct ewf_kind ewf_first, ewf_second; /* E01, Ex01 */

bool ewf_read_at(const struct ewf *ewf, size_t file, uint64_t at, uint8_t *to,
		size_t len) WARD_MUST_USE;
/* LIMIT or NOMEM. */
ward_err ewf_add_table(struct ewf *ewf, const struct ewf_table *table,
		struct ward_error *error) WARD_MUST_USE;
/* So many sectors of so many bytes, and so many of them a chunk; FORMAT when that makes no sense.
 */
ward_err ewf_take_size(struct ewf *ewf, uint64_t sectors, uint64_t sector, uint64_t per_chunk,
		struct ward_error *error) WARD_MUST_USE;
/* How an entry of sectors that could not be read looks: its length, and where their number is. */
struct ewf_span {
	unsigned len, count_at;
};

/* Adds up `count` of them; what cannot be read of it is passed over. */
void ewf_take_unread(struct ewf *ewf, size_t file, uint64_t at, uint64_t count,
		const struct ewf_span *span);
/* Keeps the longest that is not all zeroes. */
void ewf_take_digest(struct ewf *ewf, const uint8_t *digest, size_t len);

#endif
