/*
 * site_rpz.h - what a record of a response policy zone does to its name
 *
 *     data                                  action
 *     CNAME .                               blocks: there is no such name
 *     CNAME *.                              blocks: the name has nothing
 *     CNAME rpz-drop.                       blocks: no answer at all
 *     A 0.0.0.0, AAAA ::1 and the like      blocks: nothing is reached
 *     CNAME rpz-passthru. (or its own name) allows
 *     CNAME a search engine's safe host     rewrites; also A and AAAA of its names
 *     CNAME a host of the same site         rewrites
 *     CNAME another host, A, AAAA           walls: a page of the zone's in place of the site
 *     CNAME rpz-tcp-only.                   asks again by TCP, and blocks nothing
 *     CNAME rpz-other.                      unknown: kept for later versions of the draft
 *
 * A rewrite shows the site that was asked for, in another way, so it is no block.
 */
#ifndef EXCHANGE_SITE_RPZ_H
#define EXCHANGE_SITE_RPZ_H

#include "exchange/site_names.h"

enum exchange_rpz_action {
	EXCHANGE_RPZ_NOTHING = 0, /* the type says nothing about the name by itself */
	EXCHANGE_RPZ_BLOCKS,
	EXCHANGE_RPZ_WALLS,
	EXCHANGE_RPZ_ALLOWS,
	EXCHANGE_RPZ_SAFE_SEARCH,
	EXCHANGE_RPZ_SAME_SITE,
	EXCHANGE_RPZ_TCP_ONLY,
	EXCHANGE_RPZ_UNKNOWN,
	EXCHANGE_RPZ_NO_DOT, /* "rpz-passthru" without its last dot is a name of the zone's own */
};

/* `name` is the trigger's, without a star; data is as written. */
enum exchange_rpz_action exchange_rpz_action_of(const struct exchange_safe_pairs *safe,
		ward_str name, ward_str type, ward_str data);

#endif
