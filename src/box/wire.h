/*
 * wire.h - what a program and its worker say to each other
 *
 * Messages travel over a SOCK_SEQPACKET pair, one struct a message, some with
 * text behind it.  Both ends are the same release on the same machine, so the
 * structs are as the compiler lays them out (without padding, asserted below);
 * the HELLO carries a version and the structs' sizes in case they are not.
 * Nobody believes a length: a message is the size its kind says or it is refused.
 *
 * The program asks (JOB, NEXT, CANCEL), the worker answers (HELLO once, then
 * for each job FACTS, FRAME, PART, VIEW, DATA in their order, and END).  Pixels and
 * member bytes lie in the shared memory; FRAME and DATA say where.  What is
 * there belongs to the program until it says NEXT: a worker has at most
 * WIRE_SLOTS unanswered DATA, each in a slot of its own, and one FRAME.  NEXT
 * is said when the program would otherwise wait, so a job whose answers are
 * all there already is over without any.
 */
#ifndef BOX_WIRE_H
#define BOX_WIRE_H

#include <ward/media.h>

#define WIRE_MAGIC   0x31584257u /* "WBX1" */
#define WIRE_VERSION 4u

/* Descriptors a worker is started with; 0, 1 and 2 are /dev/null. */
#define WIRE_SOCKET_FD 3
#define WIRE_MEMORY_FD 4

/*
 * The part of the shared memory that is kept between jobs.  A picture of 20
 * million pixels fits; what larger ones touched is given back after their job.
 */
#define WIRE_WINDOW ((size_t)64 << 20)

#define WIRE_SLOTS      4
#define WIRE_SLOT_BYTES ((size_t)1 << 20)

#define WIRE_TEXT_MAX 4096
/* Members of a picture: its thumbnail, and what is behind it (decode.c tells 32 of those). */
#define WIRE_PICTURE_PARTS 64
#define WIRE_MESSAGE_MAX   (160 + WIRE_TEXT_MAX)

enum wire_kind {
	WIRE_HELLO = 1,
	WIRE_FACTS,
	WIRE_FRAME,
	WIRE_PART,
	WIRE_DATA,
	WIRE_END,
	WIRE_JOB, /* from here on: what the program says */
	WIRE_NEXT,
	WIRE_CANCEL,
	WIRE_VIEW, /* the worker's again: added later, at the end */
	WIRE_KIND_COUNT
};

struct wire_head {
	uint32_t magic;
	uint32_t kind;
	uint64_t job; /* its number, counted by the program from 1 */
};

enum { WIRE_WALL_SECCOMP = 1, WIRE_WALL_LANDLOCK = 2, WIRE_WALL_LIMITS = 4 };

struct wire_hello {
	struct wire_head head;
	uint32_t version;
	uint32_t walls;       /* what the jail is made of */
	uint64_t space_bytes; /* address space taken before any job */
	uint32_t job_size;    /* sizeof(struct wire_job), and so on: */
	uint32_t sanitized;   /* 1: built with a sanitizer, whose shadow no limit fits */
};

enum {
	WIRE_FIRST_FRAME_ONLY = 1,
	WIRE_FACTS_ONLY = 2,
	WIRE_VIEW_COLOUR = 4,
	WIRE_VIEW_REVEAL = 8,
	WIRE_VIEW_SINGLE = 16,
	WIRE_FLAGS = 31,
};

/* Carries the file's descriptor. */
struct wire_job {
	struct wire_head head;
	uint64_t bytes;
	uint64_t bytes_max;
	uint64_t pixels_max;
	uint64_t memory_max;
	uint32_t frames_max;
	uint32_t parts_max;
	uint32_t depth_max;
	uint32_t time_ms;
	uint32_t job;   /* ward_job */
	uint32_t media; /* ward_media_kind */
	uint32_t size;  /* ward_decode_size */
	uint32_t flags;
	uint32_t level; /* struct ward_view_options, from here on */
	uint32_t side_max;
	uint32_t cells;
	uint32_t blur;
	uint32_t reveal_x;
	uint32_t reveal_y;
	uint32_t single_ms;
	uint32_t frames; /* ward_frames_kind */
	float seconds;
	uint32_t zero;
};

struct wire_facts {
	struct wire_head head;
	uint32_t media;
	uint32_t width;
	uint32_t height;
	uint32_t orientation;
	uint32_t frames;
	uint32_t bits;
	uint32_t has_alpha;
	uint32_t is_cmyk;
	uint64_t duration_ms;
	uint32_t has_sound;
	uint32_t rate_num;
	uint32_t rate_den;
	uint32_t zero;
};

struct wire_frame {
	struct wire_head head;
	uint64_t offset;
	uint64_t stride;
	uint32_t width;
	uint32_t height;
	uint32_t channels;
	uint32_t index;
	uint32_t time_ms;
	uint32_t scale;
	uint32_t view;
	uint32_t number;
};

/* The member's name follows. */
struct wire_part {
	struct wire_head head;
	uint32_t encrypted;
	uint32_t zero;
};

struct wire_data {
	struct wire_head head;
	uint64_t offset;
	uint64_t len;
};

struct wire_view {
	struct wire_head head;
	uint64_t bytes;
	uint32_t media;
	uint32_t width;
	uint32_t height;
	uint32_t frames;
	uint32_t partial;
	uint32_t columns;
	uint32_t times_ms[WARD_VIEW_MOMENTS];
};

/* So many FRAME and DATA were read, and their memory may be used again. */
struct wire_next {
	struct wire_head head;
	uint32_t count;
	uint32_t zero;
};

/* A sentence about the file follows. */
struct wire_end {
	struct wire_head head;
	uint32_t err;
	uint32_t zero;
};

_Static_assert(sizeof(struct wire_head) == 16, "no padding");
_Static_assert(sizeof(struct wire_hello) == 40, "no padding");
_Static_assert(sizeof(struct wire_job) == 120, "no padding");
_Static_assert(sizeof(struct wire_facts) == 72, "no padding");
_Static_assert(sizeof(struct wire_frame) == 64, "no padding");
_Static_assert(sizeof(struct wire_part) == 24, "no padding");
_Static_assert(sizeof(struct wire_data) == 32, "no padding");
_Static_assert(sizeof(struct wire_view) == 96, "no padding");
_Static_assert(sizeof(struct wire_next) == 24, "no padding");
_Static_assert(sizeof(struct wire_end) == 24, "no padding");

struct wire_head wire_head(enum wire_kind kind, uint64_t job);

/* The kind of a message, when it has a head of ours; 0 when it has not. */
unsigned wire_kind(ward_bytes message);

/* Copies out a message of exactly `size` bytes; false when it has another length. */
bool wire_read(ward_bytes message, void *out, size_t size) WARD_MUST_USE;

/* The same for one with text behind it, which stays where it is. */
bool wire_read_text(ward_bytes message, void *out, size_t size, ward_str *text) WARD_MUST_USE;

#endif
