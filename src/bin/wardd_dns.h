/*
 * wardd_dns.h - the files that resolvers read, kept current beside the service
 *
 * A thread of its own writes them anew when lists have changed, and every few
 * minutes, because entries expire.  A file is replaced by a rename, so a resolver
 * reads the old one or the new one; one that cannot be written stays as it was, and
 * that is told.
 */
#ifndef WARDD_DNS_H
#define WARDD_DNS_H

#include "gate/gate_live.h"
#include "workspace/workspace.h"

struct wardd_dns;

/* NULL in `dns` when ward.conf names no file.  Written once when it returns, or it fails. */
ward_err wardd_dns_start(const struct workspace *workspace, struct gate_live *gate,
		struct wardd_dns **dns, struct ward_error *error) WARD_MUST_USE;
/* Lists have changed; NULL does nothing. */
void wardd_dns_wake(struct wardd_dns *dns);
void wardd_dns_free(struct wardd_dns *dns);

/* The settings' words as the writers of files want them; an address that is none is an error. */
struct exchange_site_dns;
ward_err wardd_dns_options(const struct settings *settings, struct exchange_site_dns *options,
		struct ward_error *error) WARD_MUST_USE;

#endif
