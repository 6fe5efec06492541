/*
 * call.h - one call to an address that the operator has named
 *
 * A POST with a small body, to https, or to http on this machine; no proxy, no
 * redirect, no credentials, the certificate is checked.  What comes back is
 * its status; its body is read up to a bound and dropped.
 *
 * Errors name neither the address nor what the other side said.
 */
#ifndef NET_CALL_H
#define NET_CALL_H

#include <ward/base.h>

struct call {
	const char *url;
	const char *type; /* of the body */
	ward_str body;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	uint32_t time_ms;
};

/*
 * WARD_OK with the status when the other side answered, whatever it said.
 * ARGUMENT for an address we do not call, TIMEOUT, else IO.
 */
ward_err call_post(const struct call *call, unsigned *status,
		struct ward_error *error) WARD_MUST_USE;

#endif
