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
 * What lies beside a database is read like one that lacks most of its pages: a
 * write-ahead log (-wal) has pages that are not in it yet, a rollback journal
 * (-journal) those that were in it before.  A page that a log has several
 * times is its newest one; of the others, rows that no newer one has are read.
 *
 * A struct sqlite_file borrows the bytes, and belongs to one thread.  Facts:
 * sqlite.org/fileformat2.html.
 */
#ifndef DECODE_SQLITE_READ_H
#define DECODE_SQLITE_READ_H

#include <ward/base.h>

/* Cells that are remembered: more than a log has pages, mostly. */
enum { SQLITE_READ_CELLS = 1 << 14 };

struct sqlite_read_cell {
	ward_bytes cell; /* what is on its page */
};

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
	/* Of a log, or NULL: where each page is, by its number; NULL: it is not there. */
	const uint8_t **at;
	bool is_replayed; /* pages are those of a moment, and may come again in the next */
	struct sqlite_read_cell *read; /* of a log: cells that were read, by a sum of theirs */
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
/* The same for a log; FORMAT also when it has no page of a known size. */
ward_err sqlite_log_open(struct sqlite_file *db, ward_bytes file,
		struct ward_error *error) WARD_MUST_USE;
bool sqlite_is_log(ward_bytes file);
/* Each page of a log, when those that its transaction wrote are what sqlite_page gives. */
typedef ward_err sqlite_take_page(void *context, ward_bytes page);
ward_err sqlite_log_replay(struct sqlite_file *db, sqlite_take_page *take,
		void *context) WARD_MUST_USE;
void sqlite_file_close(struct sqlite_file *db);

/* Of a page that there is, without what is reserved at its end; no bytes of any other. */
ward_bytes sqlite_page(const struct sqlite_file *db, uint32_t number);
/* True, and from then on false, for each page that there is. */
bool sqlite_see_page(struct sqlite_file *db, uint32_t number);
bool sqlite_is_seen(const struct sqlite_file *db, uint32_t number);

/* All rows of the tree at that root. */
ward_err sqlite_walk(struct sqlite_file *db, uint32_t root, sqlite_take_row *take,
		void *context) WARD_MUST_USE;

/*
 * Rows of pages that no tree has: what was deleted, and not written over.
 * Ask when all trees were walked.  Damage there is none of the file's.
 */
ward_err sqlite_walk_rest(struct sqlite_file *db, sqlite_take_row *take,
		void *context) WARD_MUST_USE;

/*
 * Bytes that no row has, to be looked through for what lies whole in them: what is free on a page
 * of rows, with the overflow pages that a cell there leads to, and chains of those that no cell
 * leads to.  Ask last; a page's bytes come once.
 */
typedef ward_err sqlite_take_lost(void *context, uint32_t page, ward_bytes bytes);
ward_err sqlite_walk_lost(struct sqlite_file *db, sqlite_take_lost *take,
		void *context) WARD_MUST_USE;

/* ---- a page's head ---- */

/* What a page is, by its first byte. */
enum { INDEX_INNER = 2, TABLE_INNER = 5, INDEX_LEAF = 10, TABLE_LEAF = 13 };

struct sqlite_head {
	uint8_t type;
	uint16_t free;      /* the first free block, or 0 */
	size_t cells, list; /* the list is of two bytes each */
	size_t content;     /* where cells begin */
	uint32_t right;
};

/* At its first byte, or behind the file's header on page 1; false when it is none of rows. */
bool sqlite_read_head(ward_bytes page, size_t at, struct sqlite_head *head);

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
