/*
 * exchange.h - one request with its answer, from its heads to its end
 *
 * Two things are known of it at any time.  How far the body has come (`phase`), which the client
 * decides; and what is done with its bytes (`mode`), which the verdicts decide.  Everything that
 * can happen is a change of one of them, and exchange.c is the table of what follows.
 */
#ifndef ICAP_EXCHANGE_H
#define ICAP_EXCHANGE_H

#include "icap/chunk.h"
#include "icap/hold.h"
#include "icap/request.h"

struct icap_connection;

enum icap_phase {
	ICAP_PHASE_NONE,    /* there is no body */
	ICAP_PHASE_PREVIEW, /* its beginning arrives; then the client stops and waits */
	ICAP_PHASE_ASKED,   /* the client waits to hear whether to go on */
	ICAP_PHASE_REST,    /* the rest arrives, or all of it where there was no preview */
	ICAP_PHASE_ENDED,
};

enum icap_mode {
	ICAP_MODE_HOLD,  /* kept, and shown to the owner */
	ICAP_MODE_DRAIN, /* dropped; `then` says what is answered */
	ICAP_MODE_ECHO,  /* sent back */
};

enum icap_look { ICAP_LOOK_NONE, ICAP_LOOK_PREVIEW, ICAP_LOOK_WHOLE };
enum icap_then { ICAP_THEN_NOTHING, ICAP_THEN_204, ICAP_THEN_REPLY };

struct icap_exchange {
	struct icap_connection *connection;
	struct icap_request request;
	const struct icap_service *service;
	struct icap_message message;
	ward_str request_head, response_head; /* as they came */
	/* Of the message, where they are not in the heads; each its own, as it moves when it grows.
	 */
	struct ward_buf url_words, user_words;
	struct ward_buf reply; /* what is said when the body is drained; or the rewritten head */
	void *own;
	struct icap_ticket *ticket;
	enum icap_phase phase;
	enum icap_mode mode;
	enum icap_look look;
	enum icap_then then;
	bool called; /* the owner is being asked: a ticket may be taken */
	bool waiting;
	bool begun;             /* a response with a body has been begun */
	bool previewed;         /* the body ended within its preview */
	bool rewritten;         /* `reply` is the head to send */
	bool broken;            /* the hold is */
	uint64_t seen, drained; /* bytes of the body, and of them those dropped */
	uint64_t wait_until_us, trickle_us;
	struct icap_chunks chunks;
	struct icap_hold hold;
};

/* The heads are in connection->in: asks the owner, or answers at once. */
void icap_exchange_start(struct icap_exchange *exchange);
/* The body's next bytes, its end as the chunks have it. */
void icap_exchange_piece(struct icap_exchange *exchange, ward_bytes piece);
void icap_exchange_stop(struct icap_exchange *exchange);
void icap_exchange_settle(struct icap_exchange *exchange, const struct icap_verdict *verdict);
/* No verdict in time. */
void icap_exchange_late(struct icap_exchange *exchange);
/* The body stalls: sends the head of the response, in case the client waits for something. */
void icap_exchange_nudge(struct icap_exchange *exchange);
/* One more byte of what is held, so that the client sees that somebody lives. */
void icap_exchange_trickle(struct icap_exchange *exchange);
/* Puts more behind `out`, where a body is being sent back. */
void icap_exchange_pump(struct icap_exchange *exchange);
/* Gives everything back; the owner is told. */
void icap_exchange_clear(struct icap_exchange *exchange);

#endif
