/*
 * video_layout.h - where everything lies in a section of videos' frames
 *
 *   head, hashes, gaps, qualities, rows, details, starts, ids
 *
 * Every part begins at a multiple of 64 bytes; all of it follows from the head's numbers.
 */
#ifndef BANK_INDEX_VIDEO_LAYOUT_H
#define BANK_INDEX_VIDEO_LAYOUT_H

#include "bank/index/video_index.h"

#define VIDEO_MAGIC      "wardVIDi"
#define VIDEO_BYTE_ORDER 0x01020304u
#define VIDEO_VERSION    1u
/* 2^22 buckets in each of four tables are 64 MiB; at 100 million frames six to a bucket. */
#define VIDEO_BITS_MAX 22

struct video_head {
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
	uint64_t size; /* of the whole section */
	uint32_t frames;
	uint32_t videos;
	uint32_t details;
	uint32_t postings;
	uint32_t bits;
	uint8_t unused[84];
};

_Static_assert(sizeof(struct video_head) == 128, "the head is two lines");

struct video_layout {
	uint64_t hashes, gaps, qualities, rows, details, starts, ids, size;
};

/* Cannot overflow: every count is below 2^32. */
static inline struct video_layout video_layout_of(const struct video_head *head)
{
	uint64_t buckets = head->bits > 0 ? ((uint64_t)VIDEO_INDEX_TABLES << head->bits) + 1 : 0;
	const uint64_t sizes[] = {
		sizeof(*head),
		(uint64_t)head->frames * sizeof(ward_pdq),
		(uint64_t)head->frames * sizeof(uint16_t),
		head->frames,
		((uint64_t)head->videos + 1) * sizeof(struct video_row),
		(uint64_t)head->details * sizeof(struct video_detail),
		buckets * sizeof(uint32_t),
		(uint64_t)head->postings * sizeof(uint32_t),
	};
	uint64_t at[sizeof(sizes) / sizeof(*sizes) + 1] = { 0 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		at[i + 1] = at[i] +
			    (sizes[i] + PDQ_INDEX_ALIGN - 1) / PDQ_INDEX_ALIGN * PDQ_INDEX_ALIGN;
	return (struct video_layout){ at[1], at[2], at[3], at[4], at[5], at[6], at[7], at[8] };
}

/*
 * Which table a frame is in: neighbours, which often are nearly the same picture, are in different
 * ones, so that what one part of the hash misses another finds.
 */
static inline unsigned video_table_of(uint32_t frame)
{
	return frame % VIDEO_INDEX_TABLES;
}

/* Each table's key is from another quarter of the hash. */
static inline uint32_t video_key(const ward_pdq *hash, unsigned table, uint32_t bits)
{
	return (uint32_t)(hash->word[table] & ((1u << bits) - 1));
}

#endif
