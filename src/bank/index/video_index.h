/*
 * video_index.h - the hashed frames of listed videos, and which of them are like a frame that is
 * asked
 *
 * A video's frames lie one behind another, 32 bytes each, and are compared there; so a hit says
 * which video and when.  With the time and the quality of a frame, and an index over all, that is
 * at most 40 bytes a frame.  Like pdq_index.h it is one run of bytes without pointers.
 *
 * Up to three million frames or so every frame is compared, and none is missed.  Beyond that the
 * index is asked, and a frame is found with a likelihood that falls with its distance
 * (video_index.c has the numbers); a video is found by any of its frames, so what is rare for a
 * frame is nothing for a video that has more than a few.  `exhaustive` compares all at any size.
 *
 * Frames below the quality from which hashes mean anything (WARD_PDQ_QUALITY_MIN: black, a plain
 * colour) are kept and not found.
 *
 * A view owns nothing, and may be searched by any number of threads at once.  Damaged bytes give
 * wrong answers or none, never a read outside of the section or a search without end.
 */
#ifndef BANK_INDEX_VIDEO_INDEX_H
#define BANK_INDEX_VIDEO_INDEX_H

#include "bank/index/pdq_index.h"

#include <ward/vpdq.h>

enum { VIDEO_INDEX_TABLES = 4 };

/* ---- rows, as they lie in the section ---- */

struct video_row {
	uint32_t first;  /* its first frame; the next row's is the end */
	uint32_t number; /* of its first frame, as a vPDQ file numbers frames */
	uint32_t step;   /* from one frame's number to the next */
	uint32_t detail; /* 0: numbers and times are regular; else one more than its first detail */
};

/* Of each frame of a video with numbers at no regular step, or a minute between two frames. */
struct video_detail {
	uint32_t number;
	uint32_t time_ms;
};

/* ---- building ---- */

/* What is gathered, video after video; each array as a writer's spool has it. */
struct video_index_build {
	const ward_pdq *hashes;
	const uint16_t *gaps; /* milliseconds since the frame before; of the first, since 0 */
	const uint8_t *qualities;
	uint32_t frames;
	const struct video_row *rows; /* one for each video */
	uint32_t videos;
	const struct video_detail *details;
	uint32_t detail_count;
	pdq_index_write *write;
	void *write_context;
	uint32_t scan_below; /* fewer frames than this get no tables; 0: 100 000 */
};

/*
 * Writes the section, a multiple of 64 bytes; takes 4 bytes of memory a frame, and 64 MiB at the
 * most beside.  Fails with NOMEM, or as `write` does.
 */
ward_err video_index_build(const struct video_index_build *build,
		struct ward_error *error) WARD_MUST_USE;

/* ---- searching ---- */

/* A view over a section, which must outlive it. */
struct video_index {
	const ward_pdq *hashes;
	const uint16_t *gaps;
	const uint8_t *qualities;
	uint32_t frames;
	const struct video_row *rows; /* and one behind the last, whose `first` is the end */
	uint32_t videos;
	const struct video_detail *details;
	uint32_t detail_count;
	uint32_t bits; /* of a key; 0 when there are no tables */
	uint32_t postings;
	bool never_scan;        /* tests set it, to send small sets through the tables */
	const uint32_t *starts; /* of each bucket of each table, and the end */
	const uint32_t *ids;
};

/* At once, at any size.  CORRUPT says what is wrong with the section; ARGUMENT: not aligned. */
ward_err video_index_open(ward_bytes section, struct video_index *index,
		struct ward_error *error) WARD_MUST_USE;

/* The frames of one video, added to an empty list; none for a damaged row. */
ward_err video_index_frames(const struct video_index *index, uint32_t video,
		struct ward_vpdq *frames, struct ward_error *error) WARD_MUST_USE;
/* From its first frame to behind its last; empty for a damaged row. */
void video_index_range(const struct video_index *index, uint32_t video, uint32_t *from,
		uint32_t *to);
/* The video that the frame belongs to. */
uint32_t video_index_of(const struct video_index *index, uint32_t frame);

struct video_question {
	const ward_pdq *hashes; /* of good quality, each once */
	size_t count;
	int radius; /* 0..63 */
	bool exhaustive;
	uint32_t most; /* frames found for a hash, then no more are looked for; 0 is no bound */
};

/*
 * Appends the listed frames within the radius: `query` is which hash, `id` which frame.  Each frame
 * once, in no order; of a still picture, not all of them.
 */
ward_err video_index_search(const struct video_index *index, const struct video_question *question,
		struct pdq_found *found, struct ward_error *error) WARD_MUST_USE;

/* ---- for tests and benchmarks ---- */

/* The share of frames at this distance that a search finds, by the formula; 1 when it compares all.
 */
double video_index_recall(const struct video_index *index, int distance);
/* Compares structure: rows that ascend, buckets in order, ids of frames of the bucket. */
ward_err video_index_check(const struct video_index *index, struct ward_error *error) WARD_MUST_USE;

#endif
