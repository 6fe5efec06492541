/*
 * live_wire.h - what a program and its jailed reader of live streams say to each other
 *
 * One struct a message, over a SOCK_SEQPACKET pair, with text behind it.  Both
 * ends are the same release on the same machine.  The program says START once,
 * answers each OPEN and DIAL with a REPLY that carries a descriptor or a
 * failure, and says TAKEN when it has done with a frame.  The reader says HELLO
 * once, asks with OPEN and DIAL, one at a time, and tells FRAMES and an END.  A
 * frame's pixels lie at the beginning of the shared memory, and are the
 * program's until it says TAKEN.
 */
#ifndef LIVE_WIRE_H
#define LIVE_WIRE_H

#include <ward/base.h>

#define LIVE_MAGIC 0x3156494cu /* "LIV1" */

/* Room for a playlist's longest address. */
#define LIVE_TEXT_MAX 4096

/* A frame of 4096 x 2304; larger ones end the stream. */
#define LIVE_PIXELS_MAX ((uint64_t)4096 * 2304)

/* The scaler writes in steps of its registers. */
#define LIVE_MEMORY (LIVE_PIXELS_MAX * 3 + 4096)

enum live_kind {
	LIVE_HELLO = 1,
	LIVE_OPEN,  /* text: an http or https address; from, until: bytes of it, 0 is all */
	LIVE_DIAL,  /* text: a host; number: its port */
	LIVE_FRAME, /* RGB, rows without gaps */
	LIVE_END,   /* err, text: a sentence */
	LIVE_START, /* from here on: what the program says.  text: the address */
	LIVE_REPLY, /* err */
	LIVE_TAKEN,
	LIVE_KIND_COUNT
};

struct live_word {
	uint32_t magic;
	uint32_t kind;
	uint32_t err; /* a ward_err */
	uint32_t text_len;
	uint32_t width, height;
	uint64_t number;     /* START: ms between frames; HELLO: walls */
	uint64_t stream_ms;  /* FRAME: since the first picture */
	uint64_t arrived_us; /* FRAME: when its bytes had come, on the clock of both */
	uint64_t behind_ms;  /* FRAME: so much of the stream waits to be read */
	uint64_t dropped;    /* FRAME: that were due and not given, so far */
	uint64_t from, until;
};

struct live_message {
	struct live_word word;
	char text[LIVE_TEXT_MAX + 1]; /* the last byte is never sent */
};

/*
 * Sends; `fd` goes along unless it is -1.  False when the other end is gone, or does not listen:
 * of what is said by the rules above, a few messages wait at any time, which the socket has room
 * for, so nobody is waited for.
 */
bool live_say(int socket, const struct live_word *word, ward_str text, int fd) WARD_MUST_USE;

enum live_heard { LIVE_HEARD, LIVE_NOTHING, LIVE_GONE };

/*
 * Receives one message whose lengths are right, with NUL behind its text; what is not is GONE.
 * `fd` gets the descriptor that came along, or -1; NULL lets none in.
 */
enum live_heard live_hear(int socket, bool wait, struct live_message *message,
		int *fd) WARD_MUST_USE;

#endif
