/*
 * inquire.h - a question to an address that the operator has named, and its answer
 *
 * A GET, or the POST of a form or of bytes, to https, or to http on this machine; no
 * proxy, no redirect, no cookies; TLS 1.2 at least, and the certificate is
 * checked.  The answer is kept up to a bound.
 *
 * Errors name neither the address nor what the other side said.
 */
#ifndef NET_INQUIRE_H
#define NET_INQUIRE_H

#include <ward/base.h>

struct inquiry {
	const char *url;
	ward_str form;             /* application/x-www-form-urlencoded; "": a GET */
	ward_bytes bytes;          /* application/octet-stream, when there is no form; "": a GET */
	const char *authorization; /* of that header; NULL: none */
	uint32_t time_ms;
};

/*
 * Is this an address that we ask: https, or http with a host that is this machine itself, without
 * a name or a password in it, and without a fragment?
 */
bool inquire_may(const char *url);

/*
 * WARD_OK with the status when the other side answered, whatever it said.  ARGUMENT for an address
 * we do not ask, LIMIT when the answer is longer than `body` may become, TIMEOUT, else IO.
 */
ward_err inquire(const struct inquiry *inquiry, unsigned *status, struct ward_buf *body,
		struct ward_error *error) WARD_MUST_USE;

#endif
