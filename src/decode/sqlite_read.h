/*
 * sqlite_read.h - the rows of an SQLite database, straight from its pages
 *
 * Nothing of SQL is run: no view, trigger, index or function of the file's
 * making has a say.  A tree of pages is walked from its root, and each row's
 * record handed out, with its overflow pages.
 *
 * Bytes are hostile.  A page is read once, whichever trees and chains name it;
 * all records together have no more bytes than the file, since in a sound one
 * no byte is in two.  So a circle or a lie about a size ends.
 *
 * A struct sqlite_file borrows the bytes, and belongs to one thread.  Facts:
 * sqlite.org/fileformat2.html.  What a write-ahead log beside the file holds
 * is not seen.
 */
#ifndef DECODE_SQLITE_READ_H
#define DECODE_SQLITE_READ_H

#include <ward/base.h>

struct sqlite_file {
	ward_bytes file;
	uint32_t page_bytes;
	uint32_t usable;  /* less what is reserved at each page's end */
	uint32_t pages;   /* numbered from 1 */
	uint8_t encoding; /* of text: 1 UTF-8, 2 UTF-16 little endian, 3 big endian */
	uint8_t *seen;    /* a bit a page */
	uint64_t left;    /* bytes that records may still have */
	bool is_damaged;  /* something was not as it should be; what was read stands */
	struct ward_buf record;
};

/* A row on its way: borrowed until the function returns. */
struct sqlite_row {
	int64_t number; /* its rowid; counted from 1 where the table has none */
	bool has_rowid;
	ward_bytes record;
};

/* What a row is told to; an error ends the walk. */
typedef ward_err sqlite_take_row(void *context, const struct sqlite_row *row);

/* FORMAT when it has no page; NOMEM.  On success, end with sqlite_file_close. */
ward_err sqlite_file_open(struct sqlite_file *db, ward_bytes file,
		struct ward_error *error) WARD_MUST_USE;
void sqlite_file_close(struct sqlite_file *db);

/* All rows of the tree at that root. */
ward_err sqlite_walk(struct sqlite_file *db, uint32_t root, sqlite_take_row *take,
		void *context) WARD_MUST_USE;

/*
 * Rows of pages that no tree has: what was deleted, and not written over.
 * Ask when all trees were walked.  Damage there is none of the file's.
 */
ward_err sqlite_walk_rest(struct sqlite_file *db, sqlite_take_row *take,
		void *context) WARD_MUST_USE;

/* ---- a record: its columns, one after the other ---- */

enum sqlite_column { COLUMN_NUMBER, COLUMN_TEXT, COLUMN_BYTES };

struct sqlite_columns {
	struct ward_reader types, values;
};

struct sqlite_value {
	enum sqlite_column type;
	int64_t number; /* of a whole number */
	ward_bytes bytes;
};

struct sqlite_columns sqlite_columns_of(ward_bytes record);
/* False behind the last one, and where the record breaks off. */
bool sqlite_next_column(struct sqlite_columns *columns, struct sqlite_value *value);

#endif
