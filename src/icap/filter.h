/*
 * filter.h - the owner of the proxies' door: asks the gate, reads pages, scans pictures
 *
 *     request    its link is asked of the site lists, and the gate judges
 *     answer     the same once more (lists may have changed), and then, if it has a body:
 *                a page's words are read as it streams by, and scored;
 *                a picture is scanned by a jailed worker, as an upload is; what is one is
 *                said by its type or by its first bytes, as browsers do not believe types
 *
 * A link that is tunnelled (CONNECT) shows its host alone, so only what is said of hosts counts
 * for it: a listed page never takes down its host.  What an allowing list lets pass is not read
 * for words; pictures are scanned wherever they come from.
 *
 * What could not be looked at (a broken picture, a coding nobody knows, a part of a whole, no
 * scanner free in time) is no verdict: the service's fail mode decides.  A link that cannot be read
 * is never asked for.
 *
 * Nobody's asking is kept: what is blocked is counted (gate/counts.h), and that is all.  A scan
 * here makes no report, whatever the policy's queues are: who came upon a page is not whom ward
 * looks for.
 */
#ifndef ICAP_FILTER_H
#define ICAP_FILTER_H

#include <ward/scan.h>

#include "gate/counts.h"
#include "gate/gate_live.h"
#include "icap/icap.h"

/* What is shown in place of what was blocked.  Borrowed for the call. */
struct icap_blocked {
	const struct gate_state *state;
	struct gate_answer answer;
	const struct ward_site_hit *hit;     /* NULL: no list's entry was the cause */
	const struct ward_page_score *score; /* NULL: not for its words */
	const struct ward_link *link;        /* that was asked for */
	ward_str host;                       /* "" for entries of hidden lists */
	ward_str languages;                  /* as Accept-Language has them; "" */
	bool page; /* a person looks at it; else it is a picture or a script in a page */
};

/* `reply->headers` and `body` are borrowed from `memory`, which is the caller's and empty. */
typedef void icap_block_page(void *context, const struct icap_blocked *blocked,
		struct ward_buf *memory, struct icap_answer *reply);

struct icap_filter_options {
	struct gate_live *gate;
	struct gate_counts *counts;
	struct ward_bank *bank; /* for pictures; NULL: they are not looked at */
	const struct ward_policy *(*policy)(const struct gate_state *state);
	struct ward_scan_options scan; /* its `now` is set for each */
	unsigned scanners;             /* threads, each with a worker; 0: one */
	unsigned waiting_max;          /* pictures that wait for one */
	struct spill_place *place;     /* for pictures that were packed, unpacked */
	bool pages;                    /* are words read, when there are terms */
	uint64_t page_max;             /* bytes of a page, unpacked */
	icap_block_page *block_page;
	/* Another host to ask instead, as search engines' safe ones; "" is none.  May be NULL; what
	 * it gives lives as long as the filter. */
	ward_str (*safe_host)(void *context, const struct gate_state *state, ward_str host);
	void *context;
};

struct icap_filter;

ward_err icap_filter_new(const struct icap_filter_options *options, struct icap_filter **filter,
		struct ward_error *error) WARD_MUST_USE;
/* After its server has stopped.  Waits for what is being scanned. */
void icap_filter_free(struct icap_filter *filter);

/* For icap_options; lives as long as the filter. */
const struct icap_owner *icap_filter_owner(const struct icap_filter *filter);

#endif
