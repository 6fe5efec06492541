/*
 * people_flows.h - log-ins that are on their way to a provider and back
 *
 * Whoever begins gets a token, in a cookie of that browser, and everything that
 * the answer must fit stays here: the state that it repeats, the nonce that the
 * ID token repeats, the word whose digest went ahead (PKCE), where it must come
 * back to, and what it is for.  An answer in another browser, a second answer,
 * and an answer to a question that was not asked find nothing.
 *
 * What came of it is kept for the page that asks, in that browser, until the
 * flow is over.  All of it is in memory alone; only digests of tokens are kept.
 *
 * Any thread may use them.
 */
#ifndef PEOPLE_FLOWS_H
#define PEOPLE_FLOWS_H

#include "people/people_tickets.h"

enum {
	PEOPLE_FLOW_S = 600,
	PEOPLE_FLOWS_MAX = 1024, /* the oldest makes room */
	PEOPLE_REDIRECT_MAX = 512,
	PEOPLE_DETAIL_MAX = 240,
};

enum people_flow_kind {
	PEOPLE_FLOW_LOGIN = 0,
	PEOPLE_FLOW_INVITED, /* by the code of an invitation */
	PEOPLE_FLOW_LINK,    /* within a session */
};

struct people_flow {
	enum people_flow_kind kind;
	bool fresh; /* the provider must ask anew */
	int64_t begun_at;
	char state[PEOPLE_TOKEN_MAX], nonce[PEOPLE_TOKEN_MAX], verifier[PEOPLE_TOKEN_MAX];
	char redirect[PEOPLE_REDIRECT_MAX];
	char invitation[PEOPLE_CODE_MAX];
	char person[ID_TEXT_MAX], session[ID_TEXT_MAX]; /* of LINK */
};

enum people_flow_stage {
	PEOPLE_FLOW_WAITING = 0,
	PEOPLE_FLOW_IN,     /* the person is logged in */
	PEOPLE_FLOW_SECOND, /* a second factor is wanted */
	PEOPLE_FLOW_REFUSED,
	PEOPLE_FLOW_LINKED,
};
/* "waiting", "in", "second", "refused", "linked" */
const char *people_flow_stage_name(enum people_flow_stage stage);

struct people_flow_end {
	enum people_flow_stage stage;
	char detail[PEOPLE_DETAIL_MAX]; /* when refused: a sentence for the person */
	char ticket[PEOPLE_TOKEN_MAX];  /* when a second factor is wanted */
	bool totp, recovery, passkey;
};

struct people_flows;

/* NULL without memory. */
struct people_flows *people_flows_new(void);
void people_flows_free(struct people_flows *flows);

/* Sets state, nonce and verifier of the flow, and gives the browser's token. */
void people_flow_begin(struct people_flows *flows, struct people_flow *flow, uint64_t now_us,
		char token[PEOPLE_TOKEN_MAX]);
/*
 * True, once, for the answer to a flow that this browser has begun: from here on it is taken.  An
 * answer with another state takes nothing.
 */
bool people_flow_take(struct people_flows *flows, ward_str token, ward_str state, uint64_t now_us,
		struct people_flow *flow) WARD_MUST_USE;
/* What came of it. */
void people_flow_end(struct people_flows *flows, ward_str token, const struct people_flow_end *end);
/* False when there is none, or its time is over, or the person is logged in by it. */
bool people_flow_look(struct people_flows *flows, ward_str token, uint64_t now_us,
		struct people_flow_end *end) WARD_MUST_USE;

#endif
