/*
 * site_counts.h - what the gate has counted goes into the store, and onto /metrics
 */
#ifndef API_SITE_COUNTS_H
#define API_SITE_COUNTS_H

#include "api/serve.h"

/* Today's and yesterday's, as they are now.  The store is there. */
void site_counts_keep(struct server *server);
/* What is too old is forgotten. */
void site_counts_forget(struct server *server);
/* Lists that are older than they may be, each once an hour in the log. */
void site_lists_warn(struct server *server);

/* Lines for /metrics: answers by list and cause, and how old lists are. */
void site_metrics_write(const struct server_network *network, struct ward_buf *out);

#endif
