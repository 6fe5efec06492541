/*
 * connection.h - one connection of a client: bytes in, bytes out, and no socket
 *
 * The protocol itself.  Whoever has a socket gives what arrives to icap_connection_take and sends
 * what lies in `out`; tests and fuzz targets do the same without one.  How the bytes are cut makes
 * no difference.
 *
 *     HEAD    the ICAP head arrives              }  limited by head_ms
 *     HEADS   the HTTP heads inside arrive       }
 *     BUSY    an exchange (exchange.h) has them: its body arrives, is held, drained or sent back,
 *             a verdict is waited for
 *     DONE    close when `out` is sent
 *
 * There is one exchange at a time, so answers come in the order of the requests, and what is
 * pipelined waits.  Idle, a connection has no buffer and no exchange.
 */
#ifndef ICAP_CONNECTION_H
#define ICAP_CONNECTION_H

#include "icap/exchange.h"

/* What is sent but not taken, in memory: beyond the first nothing more is read, below the second
 * more is made. */
enum { ICAP_OUT_HIGH = 262144, ICAP_OUT_LOW = 131072 };

/* Of all connections of one thread. */
struct icap_engine {
	const struct icap_options *options; /* without zeroes: icap_options_fill */
	struct icap_counters counters;      /* written by this thread alone, by icap_count */
	struct icap_home *home;             /* where tickets come back to */
	uint64_t now_us;                    /* set before each call */
	bool stopping;
};

enum icap_state { ICAP_STATE_HEAD, ICAP_STATE_HEADS, ICAP_STATE_BUSY, ICAP_STATE_DONE };

struct icap_connection {
	struct icap_engine *engine;
	enum icap_state state;
	bool eof;             /* the client has said all it will */
	bool linger;          /* it may still be sending: let it read the answer before closing */
	bool cut;             /* close without sending what is left */
	struct ward_buf in;   /* the heads of the request at hand */
	struct ward_buf rest; /* what arrived behind a request that is not answered yet */
	struct ward_buf out;
	size_t out_at; /* sent of it */
	uint64_t last_us, began_us;
	struct icap_exchange *exchange; /* made when needed */
};

void icap_options_fill(struct icap_options *options);

static inline void icap_count(uint64_t *counter, uint64_t more)
{
	__atomic_store_n(counter, *counter + more, __ATOMIC_RELAXED);
}

void icap_connection_init(struct icap_connection *connection, struct icap_engine *engine);
/* Also in the midst of an exchange. */
void icap_connection_clear(struct icap_connection *connection);

/* All of them are taken, and answered as far as can be. */
void icap_connection_take(struct icap_connection *connection, ward_bytes bytes);
void icap_connection_eof(struct icap_connection *connection);
/* Is there a use for more bytes now? */
bool icap_connection_wants(const struct icap_connection *connection);

/* To be sent; then say how much was, which makes more of it where there is more. */
ward_bytes icap_connection_out(const struct icap_connection *connection);
void icap_connection_sent(struct icap_connection *connection, size_t len);

/* Looks at the time: at least once a second; where a verdict is waited for (icap_connection_waits),
 * more often. */
void icap_connection_tick(struct icap_connection *connection);
bool icap_connection_waits(const struct icap_connection *connection);
/* Nothing is begun: it can be closed without harm. */
bool icap_connection_is_idle(const struct icap_connection *connection);

/* Gives back what an idle one does not need. */
void icap_connection_slim(struct icap_connection *connection);

/* A verdict came by a ticket. */
void icap_connection_settle(struct icap_connection *connection, const struct icap_verdict *verdict);

/* Says so, and closes: the framing is lost, or was never there. */
void icap_connection_refuse(struct icap_connection *connection, unsigned status);

#endif
