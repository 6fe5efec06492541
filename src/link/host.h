/*
 * host.h - what stands between "//" and the path, without user and port
 */
#ifndef LINK_HOST_H
#define LINK_HOST_H

#include <ward/link.h>

/* Bytes of a host as it comes: a DNS name has 253, which escapes and letters may make longer. */
enum { LINK_HOST_MAX = 4096 };

/* All of these append the host to `out` and set what kind it is. */

/* The URL Standard's host parser, of schemes whose hosts are names ("special" ones). */
ward_err link_host_special(ward_str text, struct ward_buf *out, ward_host_kind *kind,
		uint8_t address[16], struct ward_error *error) WARD_MUST_USE;
/* LOOKUP's: as that; without dots at its ends, runs of them one; a mapped address is IPv4. */
ward_err link_host_lookup(ward_str text, struct ward_buf *out, ward_host_kind *kind,
		uint8_t address[16], struct ward_error *error) WARD_MUST_USE;
/* Safe Browsing's, of a host whose escapes are undone. */
ward_err link_host_safe_browsing(ward_str text, struct ward_buf *out, ward_host_kind *kind,
		uint8_t address[16], struct ward_error *error) WARD_MUST_USE;

#endif
