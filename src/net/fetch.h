/*
 * fetch.h - one file from the web, named by a stranger
 *
 * Only http and https, no proxy, no credentials, and a bound on bytes, time
 * and redirects.  Each connection, also of a redirect, is made only to an
 * address that the options allow; the check is on the very address that is
 * connected to, so that a name which answers differently twice gains nothing.
 *
 * Errors name neither the URL nor what the other side said.
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "net/spill.h"

struct sockaddr;

struct fetch_options {
	uint64_t bytes_max;
	uint32_t time_ms;
	uint32_t redirects_max;
	bool (*allow)(const struct sockaddr *address); /* NULL: address_is_public */
};

/* Once, before threads are started. */
void fetch_prepare(void);

/*
 * Writes the file into `to`.  DENIED for an address that is not allowed,
 * ARGUMENT for what is no http URL, LIMIT, TIMEOUT, NOT_FOUND when the other
 * side answers with anything but success, else IO.
 */
ward_err fetch(const char *url, const struct fetch_options *options, struct spill *to,
		struct ward_error *error) WARD_MUST_USE;

#endif
