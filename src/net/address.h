/*
 * address.h - which addresses the service may speak to when a stranger names them
 *
 * A url= from outside must never make us ask our own network: not the machine
 * itself, not private, shared or link-local ranges (cloud metadata lives
 * there), nothing multicast or reserved, and no IPv6 form that carries such an
 * IPv4 address.  Only what is surely a public unicast address passes.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <ward/base.h>

struct sockaddr;

/* Of IPv4 or IPv6; false for every other family. */
bool address_is_public(const struct sockaddr *address);

/* Is it the machine itself: 127.0.0.0/8, ::1, or the former inside the latter's mapping? */
bool address_is_loopback(const struct sockaddr *address);

/*
 * "127.0.0.1:8750", "[::1]:8750", "0.0.0.0:0".  Numbers only: a name could
 * mean something else tomorrow.  True with the host (without brackets) in `host`.
 */
bool address_parse(ward_str text, char *host, size_t room, uint16_t *port) WARD_MUST_USE;

#endif
