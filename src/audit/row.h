/*
 * row.h - a row of the log as a SELECT hands it out, and as the bytes that are digested
 */
#ifndef AUDIT_ROW_H
#define AUDIT_ROW_H

#include "audit/audit.h"

#define AUDIT_ROW_COLUMNS \
	"number, at, actor, role, action, object, digest, reason, detail, previous, self"

/* Takes AUDIT_ROW_COLUMNS; text is borrowed.  False when a digest has not 32 bytes. */
bool audit_row_take(const struct store_rows *rows, struct audit_row *row);

/* Hands out the bytes of a row's digest (audit.c), piece by piece. */
typedef void audit_row_sink(void *context, const void *bytes, size_t len);
void audit_row_give(const struct audit_row *row, audit_row_sink *sink, void *context);

#endif
