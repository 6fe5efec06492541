/*
 * door.h - the portal's functions, before the real intake
 *
 * Turns a report of the portal into one of intake: what was asked about is an
 * item (an address, an account, or a text when it is neither), what was told
 * is another, each hash of a picture one more; what was chosen goes into the
 * context as codes.  A report about what may still be going on is SOON.
 */
#ifndef PORTAL_DOOR_H
#define PORTAL_DOOR_H

#include "intake/intake.h"
#include "portal/portal.h"

/* Of the time that the transparency page counts. */
enum { PORTAL_DAYS = 90 };

/* The intake is borrowed, and outlives the portal. */
struct portal_intake portal_before(struct intake *intake);

#endif
