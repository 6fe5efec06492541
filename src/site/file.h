/*
 * file.h - one immutable file of a list: the base, or the delta on top of it
 *
 *     head          what the list says about itself, counts, where each part lies
 *     text          entries in order, front-coded in blocks of 16
 *     blocks        where each block begins in the text, and where the last ends
 *     tags, slots   the table: groups of 8 tags of 16 bits, beside them 8 entries
 *     metas, words  combinations of category, class and reason, and their text
 *     extras, extra blocks   refs and originals of the entries that have some
 *
 * An entry in its block: a byte of kind and flags; how many bytes it shares with
 * the one before it and how many follow (LEB128); its meta's number and its
 * expiry, when the flags say so; the bytes that follow.
 *
 * The table holds every host of which anything is listed, with the first entry
 * of it, and every page, prefix, network and hash with its own.  A place's home
 * is a group by the high bits of its 64 (place.h), its tag the low 16; what
 * finds its home full lies in the next group that is not.  So a group with a
 * free tag ends a search, and an absent place costs one line of memory in the
 * tags, which are a third of the table, and almost never more.
 *
 * The head has a checksum and is read on opening; each part has one that
 * site_file_verify compares.  The content is not trusted: any bytes give some
 * answer or none, never a read outside of the file.  (A file that somebody makes
 * shorter while it is mapped is beyond that: ward never changes one in place.)
 * Files are in the byte order of the machine that wrote them.
 */
#ifndef SITE_FILE_H
#define SITE_FILE_H

#include "base/file.h"
#include "site/metas.h"
#include "site/place.h"

enum site_part {
	SITE_TEXT = 0,
	SITE_BLOCKS,
	SITE_TAGS,
	SITE_SLOTS,
	SITE_METAS,
	SITE_WORDS,
	SITE_EXTRA_BLOCKS,
	SITE_EXTRAS,
	SITE_PARTS
};

#define SITE_MAGIC       "wardSITE"
#define SITE_VERSION     1u
#define SITE_BYTE_ORDER  0x01020304u
#define SITE_ALIGN       64
#define SITE_BLOCK       16
#define SITE_GROUP       8
#define SITE_ENTRIES_MAX UINT32_MAX
#define SITE_NONE        UINT32_MAX

#define SITE_ID_BYTES 16

/* ward_site_info in bytes that may be anything. */
struct site_said {
	char text[5][WARD_SITE_TEXT_MAX]; /* name, source, licence, category, class */
	char urn[WARD_SITE_TEXT_MAX];
	uint8_t publisher[32], last[32], salt[32];
	uint8_t sense, mandatory, hidden, enabled, has_publisher, salt_len;
	uint8_t unused[2];
	uint64_t sequence;
	int64_t issued, expires, stale_after_s, entry_life_s, created, changed;
};

struct site_part_place {
	uint64_t offset, size, checksum;
};

struct site_head {
	char magic[8];
	uint32_t byte_order, version;
	uint64_t size; /* of the file */
	uint8_t id[SITE_ID_BYTES];
	uint8_t base[SITE_ID_BYTES]; /* of a delta: the id of the base it lies on; else zero */
	struct site_seed seed;
	uint64_t entries;       /* in this file, also those that a delta takes back */
	uint64_t groups, homes; /* homes are the first so many groups */
	uint64_t metas;
	/* What is in force with this file: of a delta, together with its base. */
	uint64_t in_force[WARD_SITE_KIND_COUNT];
	int64_t expiry; /* entries' are counted from here */
	/* What there is to look for in this file. */
	uint32_t labels_min, labels_max, parts_max;
	uint32_t unused;
	uint64_t hash_sizes; /* bit n: hashes of n bytes */
	uint64_t bits_4[1];  /* bit n: IPv4 networks of n bits */
	uint64_t bits_6[3];
	struct site_said said;
	struct site_part_place part[SITE_PARTS];
	uint64_t checksum; /* of all before it */
};

struct site_file {
	struct file_map map;
	ward_bytes bytes;
	struct site_head head;
	struct site_seed seed;
	ward_bytes part[SITE_PARTS];
	uint64_t block_count;
};

/* Reads the head.  The bytes are borrowed and aligned to SITE_ALIGN. */
ward_err site_file_read(ward_bytes bytes, struct site_file *file,
		struct ward_error *error) WARD_MUST_USE;
ward_err site_file_open(const char *path, struct site_file *file,
		struct ward_error *error) WARD_MUST_USE;
void site_file_close(struct site_file *file);
const char *site_part_name(unsigned part);

/* False when the bytes are none that a list could have said. */
bool site_said_read(const struct site_said *said, struct ward_site_info *info) WARD_MUST_USE;
struct site_said site_said_write(const struct ward_site_info *info);

/* ---- entries in their order ---- */

enum { SITE_HAS_META = 8, SITE_HAS_EXPIRY = 16, SITE_HAS_EXTRA = 32, SITE_REMOVED = 64 };

/* One entry after another; what `bytes` points at is the file's. */
struct site_step {
	const struct site_file *file;
	uint32_t next; /* the entry that the next step gives */
	const uint8_t *at, *end;
	/* The entry. */
	uint32_t entry;
	ward_site_kind kind;
	uint8_t flags;
	size_t shared; /* with the entry before it */
	ward_bytes bytes;
	size_t len; /* of the whole word */
	uint32_t meta;
	int64_t expires;
	unsigned extra; /* how many in its block have extras before it */
};

/* Before the first entry of a block. */
void site_step_block(struct site_step *step, const struct site_file *file, uint64_t block);
/* False at the end, and where the file is damaged. */
bool site_step_next(struct site_step *step) WARD_MUST_USE;

/* Entries with their words, which are put together in `word`, room SITE_KEY_MAX + 8. */
struct site_walk {
	struct site_step step;
	char *word;
};

#define SITE_WORD_ROOM (SITE_KEY_MAX + 8)

void site_walk_begin(struct site_walk *walk, const struct site_file *file, char *word);
/* The entry `entry` will be the next. */
void site_walk_to(struct site_walk *walk, uint32_t entry);
bool site_walk_next(struct site_walk *walk) WARD_MUST_USE;
ward_str site_walk_word(const struct site_walk *walk);

/* ---- what is said of an entry ---- */

struct site_meta site_file_meta(const struct site_file *file, uint32_t meta);
void site_file_extra(const struct site_step *step, ward_str *ref, ward_str *original);

/* ---- one place ---- */

/* A word in pieces, one behind the other. */
struct site_target {
	ward_str piece[4];
	size_t len;
};

/* Asks for the memory that a search begins with. */
void site_file_expect(const struct site_file *file, uint64_t place);
/* False when the table alone tells that there is no such place. */
bool site_file_may(const struct site_file *file, uint64_t place) WARD_MUST_USE;
/* Finds the entry with the kind and word; `step` is then at it. */
bool site_file_find(const struct site_file *file, uint64_t place, ward_site_kind kind,
		const struct site_target *target, struct site_step *step) WARD_MUST_USE;

/* What is listed of exactly one host. */
struct site_group {
	bool has_domain, has_host, has_paths;
	struct site_step domain, host;
	uint32_t paths; /* the first of them */
};

/* `host` is reversed; false when there is nothing. */
bool site_file_group(const struct site_file *file, uint64_t place, ward_str host,
		struct site_group *group) WARD_MUST_USE;

/* Compares checksums and structure of all of it. */
ward_err site_file_verify(const struct site_file *file, struct ward_error *error) WARD_MUST_USE;

#endif
