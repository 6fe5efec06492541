/*
 * script.h - the SQL of a migration, cut into statements and told to an engine
 *
 * Migrations are written once.  For PostgreSQL a few words of CREATE TABLE and
 * ALTER TABLE are replaced: INTEGER is BIGINT, BLOB is BYTEA, TEXT is sorted
 * by its bytes (COLLATE "C") as SQLite does it, and STRICT, which every table
 * has, is left out.  Types are written in capitals, so that a column may be
 * called "text".  What has no counterpart is refused, on both engines.
 *
 * Comments are dropped and white space is folded, so that a statement's digest
 * does not hang on them.
 */
#ifndef STORE_SCRIPT_H
#define STORE_SCRIPT_H

#include "store/store.h"

/*
 * Takes the next statement off the front of `rest` and writes it, without its
 * semicolon, into `statement`.  NOT_FOUND behind the last one, FORMAT for what
 * does not end or is refused.
 */
ward_err script_next(ward_str *rest, enum store_engine engine, struct ward_buf *statement,
		struct ward_error *error) WARD_MUST_USE;

#endif
