/*
 * listen.h - a socket that listens where the operator says
 *
 * Bound here and not by a library, which would not say what kept it from listening.  An address of
 * IPv6 is that family's alone.  What listened a moment ago may be bound anew; where another program
 * listens nothing is.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <ward/base.h>

struct listening {
	char host[64]; /* a number, without brackets */
	uint16_t port; /* 0 until it is open: the system chooses */
	bool v6;
	int fd; /* -1: not open, or handed on */
};

/* "127.0.0.1:8750", "[::1]:0"; ARGUMENT says so, with `who` ("the portal") before it. */
ward_err listening_parse(const char *where, const char *who, struct listening *listening,
		struct ward_error *error) WARD_MUST_USE;
/* Non-blocking, closed on exec; the port is the one it has. */
ward_err listening_open(struct listening *listening, const char *who,
		struct ward_error *error) WARD_MUST_USE;
void listening_close(struct listening *listening);

/* "127.0.0.1:8750" or "[::1]:8750" into `out`; returns it. */
enum { LISTENING_TEXT = 80 };
const char *listening_text(const struct listening *listening, char out[LISTENING_TEXT]);

#endif
