/*
 * log.h - a report's rows in the audit log; for this module alone
 */
#ifndef FILING_LOG_H
#define FILING_LOG_H

#include "filing/filing.h"

/* A person's words. */
enum { FILING_WORDS_MAX = 4000 };

struct filing_log_words {
	ward_str digest, reason;
};

ward_err filing_log(struct store_tx *tx, const struct filing_actor *actor, const char *action,
		const struct filing_row *row, const struct filing_log_words *words,
		struct ward_error *error) WARD_MUST_USE;

/* In hexadecimal, in the arena; ptr is NULL without memory. */
ward_str filing_sha256(struct ward_arena *arena, ward_bytes bytes);

#endif
