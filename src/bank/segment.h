/*
 * segment.h - one immutable file of a list: a base, or a delta on top of one
 *
 * A segment is a head and its parts, each at a multiple of 64 bytes, in the
 * byte order of the machine that wrote it.  The head says where each part
 * lies, how long it is and what its checksum is, and has a checksum itself;
 * so opening looks at the head alone, and only `verify` reads everything.
 *
 *   numbers       runs of record numbers: where each begins, among the entries
 *   labels        of each entry, the id of its label set; none: all have the default
 *   quality       of each entry; none: unknown
 *   label starts, label text    the interned label sets; the first one is empty
 *   ref bases, ref starts, ref text    of each entry, the source's own id
 *   removed       of a delta: the numbers it takes from the segments before it
 *
 * and for each kind of signal, in the order in which they were added:
 *
 *   signals       the bytes; PDQ: the index section, which holds the hashes
 *   owners        which entry each belongs to; none: one to one
 *   order, buckets    digests only: see digest_table.h
 *
 * Two slots for kinds, from the end, are for what is known of videos: in one, signals are the index
 * section with all frames (index/video_index.h) and owners the entries; in the other, signals
 * are TMK averages of length 1, and order the TMK files.
 *
 * A segment's content is not trusted: any bytes give some answer or none,
 * never a read outside of the file.  (A file that somebody makes shorter while
 * it is mapped is beyond that: ward itself never changes one in place.)
 *
 * A segment may be read by any number of threads.
 */
#ifndef BANK_SEGMENT_H
#define BANK_SEGMENT_H

#include "bank/digest_table.h"
#include "bank/index/video_index.h"
#include "base/file.h"

enum segment_part {
	SEGMENT_NUMBERS = 0,
	SEGMENT_LABELS,
	SEGMENT_QUALITY,
	SEGMENT_LABEL_STARTS,
	SEGMENT_LABEL_TEXT,
	SEGMENT_REF_BASES,
	SEGMENT_REF_STARTS,
	SEGMENT_REF_TEXT,
	SEGMENT_REMOVED,
	SEGMENT_KINDS, /* here the four parts of each kind begin */
};

enum segment_kind_part {
	SEGMENT_SIGNALS = 0,
	SEGMENT_OWNERS,
	SEGMENT_ORDER,
	SEGMENT_BUCKETS,
	SEGMENT_KIND_PARTS
};

/* Room for kinds to come, so that a file outlives them. */
#define SEGMENT_KIND_SLOTS 32
#define SEGMENT_FRAMES     31
#define SEGMENT_TMK        30
#define SEGMENT_PARTS      (SEGMENT_KINDS + SEGMENT_KIND_PARTS * SEGMENT_KIND_SLOTS)

#define SEGMENT_MAGIC      "wardLIST"
#define SEGMENT_VERSION    2u
#define SEGMENT_BYTE_ORDER 0x01020304u
#define SEGMENT_ALIGN      64

/* Refs are counted in 32 bits from a base that is given once for so many entries. */
#define SEGMENT_REF_BLOCK 65536

struct segment_place {
	uint64_t offset;
	uint64_t size;
	uint64_t checksum;
};

struct segment_head {
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
	uint64_t size; /* of the file */
	uint32_t entries;
	uint32_t labels; /* label sets, with the empty one */
	uint64_t removed;
	uint32_t signals[SEGMENT_KIND_SLOTS];
	uint64_t removed_signals[SEGMENT_KIND_SLOTS]; /* of the entries it removes */
	struct segment_place part[SEGMENT_PARTS];
	uint64_t checksum; /* of all before it */
};

/* Version 1 had room for the five kinds that there were; it is read, and no longer written. */
#define SEGMENT_KIND_SLOTS_1 6

struct segment_head_1 {
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
	uint64_t size;
	uint32_t entries;
	uint32_t labels;
	uint64_t removed;
	uint32_t signals[SEGMENT_KIND_SLOTS_1];
	uint64_t removed_signals[SEGMENT_KIND_SLOTS_1];
	struct segment_place part[SEGMENT_KINDS + SEGMENT_KIND_PARTS * SEGMENT_KIND_SLOTS_1];
	uint64_t checksum;
};

/* From entry `index` on, numbers ascend by one from `number`. */
struct segment_run {
	uint64_t number;
	uint64_t index;
};

struct segment_signals {
	uint32_t count;
	const uint8_t *bytes;   /* rows; of PDQ, the index's hashes are used */
	const uint32_t *owners; /* NULL: one to one */
	struct digest_table digests;
};

struct segment_videos {
	uint32_t count;
	const uint32_t *owners;
	struct video_index index;
};

struct segment_tmks {
	uint32_t count;
	const uint32_t *owners;
	const float *averages; /* WARD_TMK_VALUES each */
	const uint8_t *files;  /* WARD_TMK_BYTES each */
};

struct segment {
	struct file_map map;
	ward_bytes bytes;
	struct segment_head head;
	const struct segment_run *runs;
	size_t run_count;
	const uint32_t *labels;
	const uint8_t *quality;
	const uint64_t *label_starts;
	ward_bytes label_text;
	const uint64_t *ref_bases;
	const uint32_t *ref_starts;
	ward_bytes ref_text;
	const uint64_t *removed;
	struct segment_signals signals[WARD_SIGNAL_KIND_COUNT];
	struct pdq_index pdq;
	struct segment_videos videos;
	struct segment_tmks tmks;
};

/* Where a part of a kind, or of SEGMENT_FRAMES or SEGMENT_TMK, stands in the head. */
static inline unsigned segment_part_at(unsigned slot, enum segment_kind_part part)
{
	return SEGMENT_KINDS + slot * SEGMENT_KIND_PARTS + part;
}

/* Reads the head.  The bytes are borrowed and aligned to SEGMENT_ALIGN. */
ward_err segment_read(ward_bytes bytes, struct segment *segment,
		struct ward_error *error) WARD_MUST_USE;
/* Maps a file and reads it. */
ward_err segment_open(const char *path, struct segment *segment,
		struct ward_error *error) WARD_MUST_USE;
void segment_close(struct segment *segment);

/* ---- entries, by their index ---- */

uint64_t segment_number(const struct segment *segment, uint32_t index);
/* True, with `index` set, when an entry has the number. */
bool segment_find(const struct segment *segment, uint64_t number, uint32_t *index) WARD_MUST_USE;
ward_str segment_labels(const struct segment *segment, uint32_t index); /* empty: the default */
ward_str segment_ref(const struct segment *segment, uint32_t index);
uint8_t segment_quality(const struct segment *segment, uint32_t index);
/* All of an entry; the number of its signals is at most WARD_RECORD_SIGNALS_MAX. */
void segment_record(const struct segment *segment, uint32_t index, struct ward_record *record);
/* Whether the delta removes the number. */
bool segment_removes(const struct segment *segment, uint64_t number);

/* ---- signals, by their place among those of their kind ---- */

/* The entry's index, or `head.entries` when the file is damaged. */
uint32_t segment_owner(const struct segment *segment, ward_signal_kind kind, uint32_t place);
ward_signal segment_signal(const struct segment *segment, ward_signal_kind kind, uint32_t place);

/* ---- videos, by the entry's index ---- */

/* After the entries were read. */
ward_err segment_read_videos(struct segment *segment, struct ward_error *error) WARD_MUST_USE;
/* True, with `place` set, when the entry has frames; or a TMK feature. */
bool segment_has_frames(const struct segment *segment, uint32_t index, uint32_t *place);
bool segment_has_tmk(const struct segment *segment, uint32_t index, uint32_t *place);
/* Numbers of what the entry has that tell it from others; 0: nothing.  Of both,
 * `ward_record.video`. */
uint64_t segment_frames_number(const struct segment *segment, uint32_t index);
uint64_t segment_tmk_number(const struct segment *segment, uint32_t index);
uint64_t segment_video_number(const struct segment *segment, uint32_t index);
ward_err segment_tmk(const struct segment *segment, uint32_t place, struct ward_tmk *tmk,
		struct ward_error *error) WARD_MUST_USE;
/* The average with length 1, so that an inner product is a cosine; of zeroes, as it is. */
void segment_tmk_unit(const struct ward_tmk *tmk, float average[WARD_TMK_VALUES]);
ward_err segment_verify_videos(const struct segment *segment,
		struct ward_error *error) WARD_MUST_USE;

/* The part as an array of `count` things of `size` bytes; NULL with `error` set when it is not. */
const void *segment_part(const struct segment *segment, unsigned part, uint64_t count, size_t size,
		struct ward_error *error) WARD_MUST_USE;
/* The part's bytes, whatever they are. */
ward_bytes segment_part_bytes(const struct segment *segment, unsigned part);

/* Compares checksums and structure of all of it; `done` grows by its bytes. */
ward_err segment_verify(const struct segment *segment, ward_progress *progress, void *context,
		uint64_t *done, uint64_t total, struct ward_error *error) WARD_MUST_USE;

/* A word for messages: "numbers", "md5 order", ... */
const char *segment_part_name(unsigned part, char out[32]);

#endif
