/*
 * secret.h - the installation's secret of intake: what makes receipts and keys worthless elsewhere
 */
#ifndef INTAKE_SECRET_H
#define INTAKE_SECRET_H

#include "intake/receipt.h"

/* Reads keys/intake.key; made (0600) when there is none.  DENIED when others can read it. */
ward_err intake_secret(const char *folder, uint8_t secret[INTAKE_RECEIPT_SECRET_SIZE],
		struct ward_error *error) WARD_MUST_USE;

#endif
