/* site_expression.h - what a hashed list holds in place of an entry (site_write.h) */
#ifndef EXCHANGE_SITE_EXPRESSION_H
#define EXCHANGE_SITE_EXPRESSION_H

#include <ward/site.h>

#include "exchange/site_write.h"

/*
 * The expression of an entry: "host/" of a domain, "host/path" of a page,
 * "host/path/" of a prefix.  False for those that have none of their own: the
 * expression of a host or a front page would hold more than they do.
 */
bool exchange_site_expression(const struct ward_site_entry *entry, struct ward_buf *out);
/*
 * False for what is asked about only in part: below a path of more than four
 * folders, the root being one, and below a host of more than five labels, the
 * expression is found of the path and the host themselves alone.
 */
bool exchange_site_expression_is_whole(const struct ward_site_entry *entry);
/* SHA-256 of the salt and the text: its first bytes as lower-case hex. */
void exchange_site_expression_hash(const struct exchange_site_hashing *hashing, ward_str expression,
		char out[65]);

#endif
