/*
 * inner.h - what intake's own files share
 */
#ifndef INTAKE_INNER_H
#define INTAKE_INNER_H

#include "intake/intake.h"

struct intake {
	struct store *store;
	struct vault *vault;
	intake_also *also;
	void *context;
	uint8_t secret[INTAKE_RECEIPT_SECRET_SIZE];
};

/* Keyed with the installation's secret: what it is for, and texts with a NUL behind each. */
void intake_digest(const struct intake *intake, const char *kind, const ward_str *texts,
		size_t count, uint8_t digest[32]);

/* Seals a text of ours in the vault; the row is the work's (vault_put). */
ward_err intake_seal_text(const struct intake *intake, ward_str text, ward_str type,
		ward_str report, struct vault_sealed **sealed,
		struct ward_error *error) WARD_MUST_USE;

#endif
