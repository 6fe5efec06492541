/*
 * virtual_kind.h - what each kind of virtual disk does for virtual.c
 *
 * A kind is known by its first bytes, opens itself into a `struct virtual`, and
 * from then on answers one question: which piece of the files holds the byte
 * at `at`.  Its tables are read through a cache of pages, never whole.
 */
#ifndef DISK_VIRTUAL_KIND_H
#define DISK_VIRTUAL_KIND_H

#include "disk/virtual.h"

/* A packed piece is at most this large: QCOW2's largest cluster. */
#define VIRTUAL_PACKED_MAX ((uint64_t)2 << 20)

enum virtual_packing {
	VIRTUAL_ZERO,    /* it lies nowhere */
	VIRTUAL_PLAIN,   /* as it is */
	VIRTUAL_DEFLATE, /* RFC 1951 */
	VIRTUAL_ZLIB,    /* RFC 1950 */
	VIRTUAL_ZSTD,
};

struct virtual_piece {
	uint64_t from, len; /* of the disk; not more than are this piece's */
	enum virtual_packing packing;
	size_t file;
	uint64_t at;     /* of its first byte there */
	uint64_t stored; /* when packed: how many bytes at most */
	uint64_t whole;  /* when packed: how many these may become, `len` or more */
};

struct virtual_qcow {
	uint64_t l1_at;
	uint32_t l1_count;
	unsigned cluster_bits;
	bool zstd, zeroes;
};

/* A part of a VMDK, in a file of its own or not. */
struct virtual_extent {
	uint64_t from, len; /* of the disk */
	size_t file;
	bool zero, sparse, packed, zeroes;
	uint64_t at; /* when not sparse: of its first byte */
	uint64_t grain, tables_at;
	uint32_t per_table;
};

struct virtual_vmdk {
	struct virtual_extent *extents; /* from malloc */
	size_t count;
};

struct virtual_vhd {
	bool fixed;
	uint64_t table_at;
	uint32_t entries, block, bitmap;
};

struct virtual_vhdx {
	uint64_t table_at, table_len;
	uint32_t block;
	uint64_t ratio; /* blocks between two bitmaps in the table */
};

struct virtual_vdi {
	uint64_t table_at, blocks_at;
	uint32_t entries, block, extra; /* bytes before each block */
};

struct page; /* of the cache */

struct virtual
{
	const struct virtual_kind *kind; /* what it was opened as */
	struct disk_source source;
	uint64_t size;
	const char *remark;
	/* The piece with byte `at`, which lies in the disk; false when the tables are damaged. */
	bool (*find)(struct virtual * disk, uint64_t at, struct virtual_piece * piece);
	union {
		struct virtual_qcow qcow;
		struct virtual_vmdk vmdk;
		struct virtual_vhd vhd;
		struct virtual_vhdx vhdx;
		struct virtual_vdi vdi;
	};
	struct page *pages;
	uint8_t *stored, *plain;   /* one packed piece, and what became of it */
	struct virtual_piece last; /* which `plain` holds; len 0: none */
};

struct virtual_kind {
	bool (*is)(const struct disk_source *source);
	ward_err (*open)(struct virtual *disk, struct ward_error *error);
	void (*close)(struct virtual *disk); /* NULL: nothing to free */
};

extern const struct virtual_kind virtual_qcow, virtual_vmdk, virtual_vhd, virtual_vhdx, virtual_vdi;

/* Bytes of a file, for heads. */
bool virtual_bytes(const struct virtual *disk, size_t file, uint64_t at, uint8_t *to,
		size_t len) WARD_MUST_USE;
/* Bytes of a table, through the cache; they may lie across pages. */
bool virtual_table(struct virtual *disk, size_t file, uint64_t at, uint8_t *to,
		size_t len) WARD_MUST_USE;
uint64_t virtual_file_len(const struct virtual *disk, size_t file);
/* Does the first file begin with these? */
bool virtual_begins(const struct disk_source *source, const void *magic, size_t len);

uint32_t virtual_u32be(const uint8_t *bytes);
uint64_t virtual_u64be(const uint8_t *bytes);
uint32_t virtual_u32le(const uint8_t *bytes);
uint64_t virtual_u64le(const uint8_t *bytes);

/* The check of VHDX's heads (Castagnoli's), with the four bytes at `hole` taken for zeroes. */
uint32_t virtual_crc32c(const uint8_t *bytes, size_t len, size_t hole);

#endif
