/*
 * wire.h - one call to NCMEC, and what is known of it afterwards
 *
 * A call is one request on a connection of its own: libcurl sends a request
 * again by itself when a kept connection turns out dead, and these are not
 * requests to send twice.  No proxy, no redirect; TLS with the certificate
 * checked, or plain HTTP to this machine (for tests).  Files are streamed.
 *
 * There are three ways it can end, and they are kept apart: it was answered;
 * it never reached the other side; or nobody can know.
 *
 * A wire is immutable; share it between threads.
 */
#ifndef FILING_WIRE_H
#define FILING_WIRE_H

#include "filing/reply.h"

struct filing_wire;

enum filing_environment { FILING_TEST = 0, FILING_PRODUCTION };
const char *filing_environment_name(enum filing_environment environment);

struct filing_wire_options {
	enum filing_environment environment;
	/* "" is NCMEC's own for the environment.  Another one is for tests, and never production.
	 */
	ward_str url;
	ward_str user, password;
	uint32_t connect_ms; /* 0: 30 000 */
	uint32_t call_ms;    /* for a call without a file; 0: 120 000 */
	uint32_t stall_ms;   /* a file's upload in which nothing moves for so long, the wait for the
			      * answer included; 0: 600 000 */
	/* Asked now and then during a call; true cuts it, and what came of it is not known.  NULL:
	 * never. */
	bool (*stop)(void *context);
	void *context;
};

/* ARGUMENT for an address that is not called. */
ward_err filing_wire_new(const struct filing_wire_options *options, struct filing_wire **wire,
		struct ward_error *error) WARD_MUST_USE;
/* Wipes the password.  NULL is fine. */
void filing_wire_free(struct filing_wire *wire);
enum filing_environment filing_wire_environment(const struct filing_wire *wire);

/* Gives the next bytes of a file; *len 0 is its end. */
typedef ward_err filing_read(void *context, uint8_t *into, size_t room, size_t *len,
		struct ward_error *error);

struct filing_request {
	enum filing_call call;
	ward_str document;  /* of submit and fileinfo */
	uint64_t report_id; /* of upload, finish, retract */
	filing_read *read;  /* of upload */
	void *context;
};

enum filing_outcome {
	FILING_ANSWERED = 0,
	FILING_NOT_SENT, /* nothing reached the other side */
	FILING_UNKNOWN,  /* it may have been done, or not */
};
const char *filing_outcome_name(enum filing_outcome outcome);

enum { FILING_REQUEST_ID_MAX = 128 };

struct filing_answer {
	enum filing_outcome outcome;
	unsigned status;                        /* of HTTP; 0: none */
	char request_id[FILING_REQUEST_ID_MAX]; /* cut and cleaned; "" without */
	struct ward_buf body;                   /* as it came; whoever asked frees it */
	struct ward_error error; /* why it is no answer; of the reader when that failed */
	bool read_failed;
};

/* Always fills `answer`, which the caller frees with filing_answer_free. */
void filing_wire_call(const struct filing_wire *wire, const struct filing_request *request,
		struct filing_answer *answer);
void filing_answer_free(struct filing_answer *answer);

/*
 * What the answer says.  A refusal to let us in (401) is code 2000 also when its body is empty.
 * WARD_OK with `reply`; FORMAT when it says nothing we understand: then it is unknown, too.
 */
ward_err filing_answer_read(struct ward_arena *arena, enum filing_call call,
		const struct filing_answer *answer, struct filing_reply *reply,
		struct ward_error *error) WARD_MUST_USE;

#endif
