/*
 * sender.h - takes reports from a spool to wardd, in order, for as long as it takes
 *
 * A thread of its own sends the oldest report (POST /v1/reports, with its
 * idempotency key and a key of the scope "report") and takes it out of the
 * spool when the service has said that it has it: 2xx, also when it came before.
 * Whatever may pass is tried again with longer and longer breaks: no connection,
 * 401 and 403 (the key may be mended), 408, 429, 5xx, and 409 a few times: another
 * report has the key, or somebody was in the way.  What a second try does not
 * change (400, 413, 422, other 4xx) is put aside, and those behind it go on.
 *
 * The spool is borrowed, and outlives the sender.  Any thread may call.
 */
#ifndef AGENT_SENDER_H
#define AGENT_SENDER_H

#include "agent/spool.h"
#include "net/call.h"

struct agent_sender;

/* As call_post; tests have their own. */
typedef ward_err agent_post(const struct call *call, unsigned *status, struct ward_error *error);

struct agent_sender_options {
	const char *url;        /* of wardd: "https://ward.example.org"; copied */
	const char *token_file; /* read before each try, so that a new key needs no restart */
	uint32_t time_ms;       /* of one try; 0 is 30 s */
	uint32_t pause_ms;      /* before the second try; doubled each time; 0 is 1 s */
	uint32_t pause_max_ms;  /* 0 is 5 min */
	agent_post *post;       /* NULL: call_post */
};

struct agent_sender_state {
	uint64_t sent, refused, failures;
	bool reached;      /* the last try was answered */
	unsigned status;   /* the last answer's; 0: none yet */
	int64_t sent_at;   /* Unix seconds; 0: not yet */
	char trouble[240]; /* why the last try failed; "" when it did not */
};

/* Once before, from a program's first thread: curl_global_init. */
void agent_sender_prepare(void);
ward_err agent_sender_new(struct agent_spool *spool, const struct agent_sender_options *options,
		struct agent_sender **sender, struct ward_error *error) WARD_MUST_USE;
/* Something was added: look now. */
void agent_sender_wake(struct agent_sender *sender);
struct agent_sender_state agent_sender_look(struct agent_sender *sender);
/* Ends the thread behind the try in hand; what waits stays in the spool.  NULL is fine. */
void agent_sender_free(struct agent_sender *sender);

#endif
