/*
 * access.h - who asks, what they may, and how often
 *
 * A key comes as "Authorization: Bearer KEY", as "X-Api-Key: KEY", or as the
 * password of Basic authorisation (any name), which is what a browser can do.
 * Each key has a bucket of as many requests as it may make in a minute; it
 * fills steadily, and who finds it empty is told when to come back.
 */
#ifndef API_ACCESS_H
#define API_ACCESS_H

#include <ward/base.h>

#include "workspace/keys.h"

/* The key in the two headers (either may be empty); "" when there is none that could be one. */
const char *access_token(ward_str authorization, ward_str api_key, char token[KEY_TOKEN_MAX]);

/*
 * Without a key, as the demonstration allows it: may this request come from a
 * program or a person on this machine?  A page of another site that makes a
 * browser send it may not: `host` must name this machine, `origin` (may be
 * empty) must be it, and `fetch_site` not be a stranger's.
 */
bool access_is_local(ward_str host, ward_str origin, ward_str fetch_site);

/* ---- rates ---- */

struct rates;

struct rates *rates_new(void); /* NULL without memory; any thread may use it */
void rates_free(struct rates *rates);
/* Takes one request of this key; 0 when it was there, else the seconds until one is. */
unsigned rates_take(struct rates *rates, const struct key *key, uint64_t now_us);

#endif
