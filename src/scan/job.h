/*
 * job.h - one scan under way: what is known so far, and what may still be spent
 *
 * The three parts of the pipeline share it: walk.c reads files and drives the
 * worker, look_up.c asks the bank, and this one keeps items and findings in
 * the report's arena.  A failure here is the scan's own (no memory, the file
 * went away); what is wrong with the scanned file becomes a finding instead.
 */
#ifndef SCAN_JOB_H
#define SCAN_JOB_H

#include "scan/ahead.h"

struct scan_findings {
	struct ward_finding *at;
	size_t count, room;
};

struct scan_items {
	struct ward_item *at;
	size_t count, room;
};

struct scan_job {
	struct ward_scanner *scanner;
	struct ward_arena *arena; /* the report's */
	const struct ward_bank_view *view;
	const struct ward_scan_options *options;
	bool sharing; /* every file is hashed once more, as file-sharing networks do */
	uint64_t started_us;
	uint32_t parts;       /* members seen so far */
	uint64_t parts_bytes; /* and their bytes */
	struct scan_items items;
	struct scan_findings findings;
	struct ward_hits hits; /* of the question at hand */
};

/* Milliseconds of the budget left; 0 when it is spent. */
uint32_t scan_time_left(const struct scan_job *job);

/* A new item; its index stays valid while `items.at` moves. */
ward_err scan_add_item(struct scan_job *job, ward_str path, size_t *index,
		struct ward_error *error) WARD_MUST_USE;

/* A zeroed finding about an item, to be filled at once; NULL, with `error` set, without memory. */
struct ward_finding *scan_add_finding(struct scan_job *job, size_t item, ward_finding_kind kind,
		struct ward_error *error) WARD_MUST_USE;

/* The item could not be read (or is too large): keeps the reason and makes the finding. */
ward_err scan_add_trouble(struct scan_job *job, size_t item, ward_err why, const char *message,
		struct ward_error *error) WARD_MUST_USE;

/* Gravest first, then nearest, then in order of items. */
void scan_sort_findings(struct scan_findings *findings);

/* ---- look_up.c ---- */

/* Asks for the three digests of an item, and for its file-sharing hashes where it has them. */
ward_err scan_look_up_digests(struct scan_job *job, size_t item,
		struct ward_error *error) WARD_MUST_USE;
/* Asks for one exact signal that the item tells of. */
ward_err scan_look_up_signal(struct scan_job *job, size_t item, const ward_signal *signal,
		struct ward_error *error) WARD_MUST_USE;
/* Is the item on a known-good list, and on no other? */
bool scan_is_allowed(const struct scan_job *job, size_t item);

/* What a hit within borders is said to be, in each orientation: "borders cut, rot90". */
extern const char *const scan_inner_names[WARD_DIHEDRAL_COUNT];

/* Asks for one PDQ hash of one frame; `orientation` is "" for the picture as stored. */
ward_err scan_look_up_pdq(struct scan_job *job, size_t item, uint32_t frame, ward_pdq hash,
		const char *orientation, struct ward_error *error) WARD_MUST_USE;

/*
 * Asks for the hash of a video's frame that is shown at `time_s`.  What is found again of an entry
 * goes with the finding that there is: the nearest frame, and until when.
 */
ward_err scan_look_up_shown(struct scan_job *job, size_t item, const struct ward_vpdq_frame *frame,
		ward_pdq hash, const char *orientation, struct ward_error *error) WARD_MUST_USE;
/* Adds a finding for each listed video that is alike. */
ward_err scan_look_up_video(struct scan_job *job, size_t item,
		const struct ward_video_question *question, const char *orientation,
		struct ward_error *error) WARD_MUST_USE;

/* ---- walk_video.c ---- */

/* What a video is; and, when lists can tell of it, its frames, hashed and looked up. */
ward_err scan_video(struct scan_job *job, size_t item, int fd, uint64_t size, uint32_t depth,
		struct ward_error *error) WARD_MUST_USE;

/* ---- walk_torrent.c ---- */

/* Looks up what a .torrent tells of itself and of files. */
ward_err scan_torrent(struct scan_job *job, size_t item, int fd, uint64_t size,
		struct ward_error *error) WARD_MUST_USE;

/* ---- words.c ---- */

/* Looks up links of a text, and looks for terms; of what is none, nothing. */
ward_err scan_words(struct scan_job *job, size_t item, int fd, uint64_t size,
		struct ward_error *error) WARD_MUST_USE;

/* ---- walk.c ---- */

/*
 * The worker's troubles are the file's, and become findings.  ARGUMENT, IO and the like are ours:
 * the worker could not be started, and the scan fails as a whole.
 */
bool scan_is_the_files_fault(ward_err err);
/* What the worker is told to keep to. */
struct ward_decode_options scan_decode_options(const struct scan_job *job);

/*
 * The file and, when it is an archive, all of its members.  `ahead` may be NULL, or not ready:
 * the file is read then.
 */
ward_err scan_walk(struct scan_job *job, struct ward_scan_file file, const struct scan_ahead *ahead,
		struct ward_error *error) WARD_MUST_USE;

/* Hashes a frame, keeps the hashes, and looks them up. */
ward_err scan_frame(struct scan_job *job, size_t item, const struct ward_frame *frame,
		struct ward_error *error) WARD_MUST_USE;

/* ---- what a scanner owns besides ---- */

struct ward_pdq_hasher *scanner_hasher(struct ward_scanner *scanner);
struct ward_digester *scanner_digester(struct ward_scanner *scanner);
struct ward_sharing_hasher *scanner_sharing(struct ward_scanner *scanner); /* NULL without memory */
/* The worker for this depth of archives; NULL without memory. */
struct ward_box *scanner_box(struct ward_scanner *scanner, uint32_t depth);
/* SCAN_CHUNK bytes to read into. */
uint8_t *scanner_chunk(struct ward_scanner *scanner);
/* Room for `size` samples, kept for the next picture; NULL without memory. */
uint8_t *scanner_canvas(struct ward_scanner *scanner, size_t size);

/* Large enough to make system calls cheap, small enough to stay in the cache while hashed. */
enum { SCAN_CHUNK = 256 * 1024 };

#endif
