/*
 * dump.h - a store as a stream of bytes: what a backup holds
 *
 * One format for both engines, so that what one gave the other can take:
 *
 *     "ward-db1"
 *     V  when it was made; the migrations of the store: number and digest of each
 *     T  a table: its name and the names of its columns
 *     R  a row: a value for each column
 *     C  the end of a table: how many rows, and the sum of their digests
 *     E  the end: how many rows, and the digest of every byte before
 *
 * A frame is its letter, the length of what follows (four bytes, the lowest
 * first), and that.  A row's digest is the BLAKE2b of its frame; the sum adds
 * digests as four numbers of 64 bits, so the order of rows does not matter,
 * and a copy is compared with it however the other engine hands the rows out.
 *
 * The reader believes nothing: lengths are bounded, memory grows with what has
 * come and not with what was promised, frames come in their order, and the end
 * is there and right, or it is an error.
 */
#ifndef STORE_DUMP_H
#define STORE_DUMP_H

#include <sodium.h>

#include "store/engine.h"

enum {
	DUMP_DIGEST = 32,
	DUMP_NAME_MAX = 63, /* of a table or column; PostgreSQL's own bound */
	DUMP_MIGRATIONS_MAX = 10000,
};

struct dump_sum {
	uint64_t rows;
	uint64_t lanes[4];
};

struct dump_table {
	char name[DUMP_NAME_MAX + 1];
	unsigned column_count;
	char columns[STORE_VALUES_MAX][DUMP_NAME_MAX + 1];
};

struct dump_migration {
	uint32_t number;
	uint8_t digest[DUMP_DIGEST];
};

/* ---- writing ---- */

typedef ward_err dump_sink(void *context, ward_bytes bytes, struct ward_error *error);

struct dump_writer {
	dump_sink *sink;
	void *context;
	struct ward_buf frame;
	crypto_generichash_state digest;
	struct dump_sum table; /* of the table that is written */
	uint64_t rows, bytes;
};

void dump_begin(struct dump_writer *writer, dump_sink *sink, void *context);
ward_err dump_write_version(struct dump_writer *writer, int64_t at,
		const struct dump_migration *migrations, size_t count,
		struct ward_error *error) WARD_MUST_USE;
ward_err dump_write_table(struct dump_writer *writer, const struct dump_table *table,
		struct ward_error *error) WARD_MUST_USE;
ward_err dump_write_row(struct dump_writer *writer, struct store_values values,
		struct ward_error *error) WARD_MUST_USE;
ward_err dump_write_table_end(struct dump_writer *writer, struct ward_error *error) WARD_MUST_USE;
ward_err dump_write_end(struct dump_writer *writer, struct ward_error *error) WARD_MUST_USE;
void dump_writer_free(struct dump_writer *writer);

/* Adds a row to a sum, as writing it would. */
ward_err dump_sum_row(struct dump_sum *sum, struct store_values values, struct ward_buf *scratch,
		struct ward_error *error) WARD_MUST_USE;

/* ---- reading ---- */

/* Sets how many bytes it gave: 0 at the end. */
typedef ward_err dump_source(void *context, uint8_t *bytes, size_t room, size_t *len,
		struct ward_error *error);

enum dump_kind { DUMP_VERSION, DUMP_TABLE, DUMP_ROW, DUMP_TABLE_END, DUMP_END };

/* What was read; borrowed until the next. */
struct dump_frame {
	enum dump_kind kind;
	int64_t at;
	const struct dump_migration *migrations;
	size_t migration_count;
	const struct dump_table *table; /* also of a row and of a table's end */
	struct store_values values;
	struct dump_sum sum;
};

struct dump_reader;

struct dump_reader *dump_reader_new(dump_source *source, void *context);
/* FORMAT for what is no backup, CORRUPT for one that is cut or changed; nothing behind DUMP_END. */
ward_err dump_next(struct dump_reader *reader, struct dump_frame *frame,
		struct ward_error *error) WARD_MUST_USE;
uint64_t dump_reader_bytes(const struct dump_reader *reader);
void dump_reader_free(struct dump_reader *reader);

#endif
