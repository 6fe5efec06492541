/*
 * wardd_portal.h - the public's pages, beside the service
 *
 * What ward.conf says under portal { }, with the key, the certificate and the
 * files it names.  Its intake is its own: sealing a report wants no secret, so
 * nothing that the portal can reach can open one.
 */
#ifndef WARDD_PORTAL_H
#define WARDD_PORTAL_H

#include "intake/intake.h"
#include "portal/portal.h"

struct gate_live;
struct wardd_portal;

/*
 * NULL in `portal` when ward.conf names no address for it.  `also` is what
 * intake_open's is: the desk's part of the work (may be NULL).  `gate` says why a host is closed.
 */
ward_err wardd_portal_start(const char *folder, intake_also *also, void *context,
		struct gate_live *gate, struct wardd_portal **portal,
		struct ward_error *error) WARD_MUST_USE;
/* What --check says of it, without a socket. */
ward_err wardd_portal_check(const char *folder, struct ward_error *error) WARD_MUST_USE;
/* A few times a second; NULL does nothing. */
void wardd_portal_tick(struct wardd_portal *portal);
/* What it has counted; false without a portal. */
bool wardd_portal_stats(const struct wardd_portal *portal, struct portal_stats *stats);
void wardd_portal_free(struct wardd_portal *portal);

#endif
