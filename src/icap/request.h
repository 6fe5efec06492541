/*
 * request.h - what an ICAP request's own head says: method, service, what is encapsulated where
 */
#ifndef ICAP_REQUEST_H
#define ICAP_REQUEST_H

#include "icap/head.h"

enum icap_verb { ICAP_VERB_OPTIONS, ICAP_VERB_REQMOD, ICAP_VERB_RESPMOD };

struct icap_request {
	struct icap_head head;
	enum icap_verb verb;
	ward_str path; /* without its first '/', and without a query */
	bool allow_204, close;
	int64_t preview; /* -1: none */
	/* Lengths of the heads that follow, 0 for one that is not there, and whether a body does.
	 */
	size_t request_len, response_len;
	bool has_body;
};

/*
 * `text` is a whole head.  0, or the ICAP status that says what is wrong with it: 400, 414, 501,
 * 505.  `encapsulated_max` bounds each head inside.
 */
unsigned icap_request_parse(char *text, size_t len, size_t encapsulated_max,
		struct icap_request *request) WARD_MUST_USE;

#endif
