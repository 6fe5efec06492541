/*
 * wardd_block.h - the block page as ward.conf has it: from a gate's answer to the portal's words
 */
#ifndef WARDD_BLOCK_H
#define WARDD_BLOCK_H

#include "icap/filter.h"
#include "portal/portal.h"
#include "workspace/workspace.h"

struct wardd_block;

/* Reads helplines, the words of the stop page, and the portal's key, which is made when missing. */
ward_err wardd_block_new(const struct workspace *workspace, struct wardd_block **block,
		struct ward_error *error) WARD_MUST_USE;
void wardd_block_free(struct wardd_block *block);

/* As icap_block_page; any thread may call it. */
void wardd_block_page(const struct wardd_block *block, const struct icap_blocked *blocked,
		struct ward_buf *memory, struct icap_answer *reply);

/*
 * As portal_options.why: what the gate says of a host that a resolver led to the portal, for
 * somebody in no group.  `context` is a struct gate_live.  The texts are the calling thread's,
 * until it asks again.
 */
bool wardd_block_why(void *context, ward_str host, struct portal_why *why);

#endif
