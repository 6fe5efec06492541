/*
 * icap.h - the door through which a proxy asks: may this request go out, may this answer come in
 *
 * A server of ICAP (RFC 3507) for Squid and others.  It speaks the protocol, holds bodies while
 * somebody looks at them, and keeps time; what is allowed is said by its owner, through the
 * callbacks of struct icap_owner:
 *
 *     begin    the heads are here: what now?             ICAP_PASS, _ANSWER, _REWRITE, _PREVIEW,
 *                                                        _LOOK, _WAIT or _FAIL
 *     piece    the next bytes of a body that is looked at (a sink; may be NULL)
 *     end      what was asked for is here: what now?     as above
 *     gone     nobody asks about this any more: give back what belongs to it
 *
 * A verdict that takes long is ICAP_WAIT: take a ticket (icap_exchange_ticket) before you return
 * it, and answer it from any thread (icap_ticket_answer).  Of every exchange the calls come one
 * after the other, on one thread of the server; those of several exchanges come from several
 * threads at once.  A callback holds up all connections of its thread, so what takes more than a
 * millisecond is a ticket.
 *
 * "Nothing was found" and "could not be looked at" are not the same.  What cannot be looked at
 * (no verdict in time, no room on the disk, ICAP_FAIL) goes by the service's fail mode.  A request
 * whose head cannot be read is never passed by REQMOD, whatever the mode: who writes it could else
 * write it around the lists.
 *
 * A body is in memory while it is small, then in a nameless file (net/spill.h), never whole in
 * memory.  One that is larger than the service looks at is passed on as a stream or blocked, as the
 * service says.  Unless `trickle_ms` is set nothing of a body leaves before its verdict.
 *
 * Squid before 6.10 may stop in the midst of a body that is held (its bug 5352): it goes on when it
 * is sent something.  With `nudge_ms` it is sent the response's head, and not a byte of the body; a
 * verdict against it then cuts the response instead of replacing it.
 *
 * Errors and counters never hold URLs, names or content.
 */
#ifndef ICAP_ICAP_H
#define ICAP_ICAP_H

#include "net/spill.h"

struct icap_exchange;
struct icap_server;
struct icap_ticket;

enum icap_method { ICAP_REQMOD, ICAP_RESPMOD };
enum icap_fail { ICAP_FAIL_CLOSED = 0, ICAP_FAIL_OPEN };
enum icap_over { ICAP_OVER_BLOCK = 0, ICAP_OVER_PASS };

/* A whole HTTP response that takes the place of what was asked for. */
struct icap_answer {
	unsigned status;  /* 403; 100 to 999 */
	ward_str reason;  /* of the status line; "": none */
	ward_str headers; /* "Name: value\r\n" lines, without Content-Length and Connection */
	ward_str body;
};

/* One row a service.  All of it must outlive the server. */
struct icap_service {
	const char *path; /* "req" for icap://host:1344/req */
	enum icap_method method;
	enum icap_fail fail;
	enum icap_over over;
	uint64_t body_max;   /* of a body that is looked at */
	int32_t preview;     /* bytes that a client is asked to show first; -1: none */
	uint32_t wait_ms;    /* how long ICAP_WAIT may take; 0: 30 s */
	uint32_t nudge_ms;   /* RESPMOD: a body that stalls so long is helped on; 0: never */
	uint32_t trickle_ms; /* 0: never; else see docs/guide/icap.md */
	const char *transfer_ignore;   /* "css, js": extensions that a client need not ask about */
	const char *transfer_complete; /* ... and those it should send without a preview */
	const struct icap_answer *closed; /* for what fails or is too large; NULL: a plain 503 */
	uint32_t number;                  /* the owner's own */
};

/* Names are compared without regard to case; a value is trimmed.  Borrowed. */
struct icap_head {
	ward_str text;  /* with its last empty line */
	ward_str lines; /* the fields alone */
	ward_str method, target;
	unsigned status; /* 0 in a request */
};

/* The first field of this name; false when there is none, or no such head. */
bool icap_head_find(const struct icap_head *head, ward_str name, ward_str *value);
/* The next field of `rest`, which begins as `head->lines`; false at the end. */
bool icap_head_next(ward_str *rest, ward_str *name, ward_str *value);

/* What is known when the heads are read.  Borrowed until `gone`, or, without it, until the return.
 */
struct icap_message {
	struct icap_exchange *exchange;
	const struct icap_service *service;
	ward_str client; /* X-Client-IP, as it was sent; "": not told */
	ward_str user; /* X-Client-Username or X-Authenticated-User, without base64; "": not told */
	ward_str method; /* of HTTP: "GET"; "" where a response came without its request */
	/*
	 * As the proxy asks for it: absolute; for CONNECT "https://host:port/"; "" without a
	 * request. Of bytes that HTTP allows in a target, not yet canonical.
	 */
	ward_str url;
	unsigned status;        /* RESPMOD; 0 without a head */
	ward_str content_type;  /* of the head that the body belongs to */
	int64_t content_length; /* -1: not told */
	bool has_body;
	struct icap_head icap, request, response; /* one that was not sent has an empty text */
};

/* What was asked for, when it is here. */
struct icap_body {
	struct icap_exchange *exchange;
	uint64_t size;    /* so far */
	bool whole;       /* false: a preview, and there is more */
	ward_bytes bytes; /* all of it so far, while it is in memory; else empty: see
			     icap_exchange_file */
};

enum icap_verdict_kind {
	ICAP_PASS,    /* as it is: 204 where the client allows that, else sent back unchanged */
	ICAP_ANSWER,  /* `answer` instead */
	ICAP_REWRITE, /* REQMOD: ask for `url` instead; all else as it is */
	ICAP_PREVIEW, /* show me the beginning: so much as the service's `preview` says */
	ICAP_LOOK,    /* show me all of it */
	ICAP_WAIT,    /* a ticket was taken; `end` is not called again */
	ICAP_FAIL,    /* it could not be looked at: the fail mode decides */
};

/* Read at once, as the callback returns; icap_ticket_answer copies. */
struct icap_verdict {
	enum icap_verdict_kind kind;
	const struct icap_answer *answer;
	ward_str url; /* absolute, http or https */
};

#define ICAP_ISTAG_MAX 33 /* 32 bytes and a NUL */

struct icap_owner {
	void *context;
	/*
	 * `own` is the owner's for this exchange, handed to the others; where it is set, `gone` is
	 * called for it once.  A message without a body is answered here, or by a ticket:
	 * ICAP_PREVIEW and ICAP_LOOK are then followed by `end` with nothing.
	 */
	struct icap_verdict (*begin)(void *context, const struct icap_message *message, void **own);
	void (*piece)(void *context, void *own, ward_bytes piece);
	/* After a preview ICAP_LOOK asks for the rest; of a whole body it would be a bug. */
	struct icap_verdict (*end)(void *context, void *own, const struct icap_body *body);
	void (*gone)(void *context, void *own);
	/*
	 * Letters, digits, '.', '-', '_': another one whenever answers may have changed, so that
	 * clients forget what they kept.  Asked for each answer: must be quick.
	 */
	void (*istag)(void *context, const struct icap_service *service,
			char istag[ICAP_ISTAG_MAX]);
};

/*
 * All of the body so far as a file to be read from its start; -1 with `error` set.  It belongs to
 * the exchange: to read it after the callback take icap_ticket_file.
 */
int icap_exchange_file(struct icap_exchange *exchange, struct ward_error *error) WARD_MUST_USE;

/* Once an exchange, within begin or end, before ICAP_WAIT is returned; NULL without memory. */
struct icap_ticket *icap_exchange_ticket(struct icap_exchange *exchange) WARD_MUST_USE;
/* A descriptor of the same file, the ticket's own until it is answered; -1 with `error` set. */
int icap_ticket_file(struct icap_ticket *ticket, struct ward_error *error) WARD_MUST_USE;
/*
 * From any thread, once; the ticket is gone then.  PASS, ANSWER, REWRITE or FAIL; anything else is
 * FAIL.  One that comes too late, or whose client has left, or whose server has stopped, changes
 * nothing.
 */
void icap_ticket_answer(struct icap_ticket *ticket, const struct icap_verdict *verdict);

/* 0 takes what stands behind it. */
struct icap_options {
	const char *listen; /* "127.0.0.1:1344", "[::1]:0" */
	const struct icap_service *services;
	size_t service_count;
	const struct icap_owner *owner;
	struct spill_place *place;   /* where bodies wait */
	const char *name;            /* "ward": the Service of OPTIONS */
	unsigned threads;            /* 2 */
	unsigned connections_max;    /* 16384; one more is told 503 */
	unsigned client_connections; /* Max-Connections of OPTIONS: 1000 */
	unsigned options_ttl_s;      /* 60 */
	/*
	 * 131072: of each head.  Squid takes 65536 of a client and adds to it: one that it took
	 * and that is refused here would pass where it is told to pass in doubt.
	 */
	uint32_t head_max;
	uint32_t idle_ms;  /* 600 000: between requests */
	uint32_t head_ms;  /* 10 000: from a request's first byte to the end of its heads */
	uint32_t stall_ms; /* 30 000: no byte of a body, or none of an answer taken */
};

/* Listens when it returns; nothing is answered before icap_server_start.  ARGUMENT, IO or NOMEM. */
ward_err icap_server_new(const struct icap_options *options, struct icap_server **server,
		struct ward_error *error) WARD_MUST_USE;
ward_err icap_server_start(struct icap_server *server, struct ward_error *error) WARD_MUST_USE;
/* Where it listens: the port that the system chose for port 0. */
uint16_t icap_server_port(const struct icap_server *server);
/*
 * No new connection, no new request; what was begun has so many milliseconds to end.  True when all
 * of it ended.  Every `gone` has been called when it returns; tickets may still be answered.
 */
bool icap_server_stop(struct icap_server *server, uint32_t drain_ms);
/* Stops at once what was not stopped. */
void icap_server_free(struct icap_server *server);

/* For /metrics: what happened since the start; `connections` and `waiting` are now. */
struct icap_counters {
	uint64_t options, reqmod, respmod; /* requests whose heads were read */
	uint64_t passed_204, passed_200;   /* unchanged, by status */
	uint64_t answered, rewritten;
	uint64_t failed_open, failed_closed; /* no verdict: by what was done */
	uint64_t late;                       /* of these: none in time */
	uint64_t over;                       /* bodies larger than the service looks at */
	uint64_t nudged;                     /* bodies that stalled, and were helped on */
	uint64_t broken;    /* not understood: 400, 413, 414, 501, 505 and the like */
	uint64_t unknown;   /* no such service, or not with that method */
	uint64_t timed_out; /* slow peers */
	uint64_t refused;   /* 503: too many connections, or stopping */
	uint64_t bytes_in, bytes_out;
	uint64_t accepted;
	uint64_t connections, waiting;
};

void icap_server_count(const struct icap_server *server, struct icap_counters *counters);

#endif
