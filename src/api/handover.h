/*
 * handover.h - packages for other authorities, made by the service (filing/handover.h)
 *
 * Whoever approved such a report does not wait for its pages: the sender's
 * thread makes the package, seals it, and keeps both in one work.  A kill
 * before that work leaves a file without a row, which the vault sweeps, and a
 * report that is approved, which is made again.
 */
#ifndef API_HANDOVER_H
#define API_HANDOVER_H

#include "api/filings.h"

/* Makes what is due, until `stop` says so.  An error is of the store alone. */
ward_err handover_make(struct server *server, const struct snapshot *snapshot,
		bool (*stop)(void *context), void *context, struct ward_error *error) WARD_MUST_USE;

#endif
