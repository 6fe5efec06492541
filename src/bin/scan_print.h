/*
 * scan_print.h - what `ward scan` says of each file, and in the end of all
 */
#ifndef BIN_SCAN_PRINT_H
#define BIN_SCAN_PRINT_H

#include <ward/scan.h>

#include "base/json.h"
#include "bin/files.h"

enum scan_format {
	SCAN_TABLE, /* a row a finding */
	SCAN_JSON,  /* an object a file */
	SCAN_QUIET, /* the totals alone */
	SCAN_CSV,   /* a row a finding, for a table of the reader's own; of `ward disk` */
};

struct scan_totals {
	uint64_t files; /* scanned, with what came of it: */
	uint64_t bytes;
	uint64_t found; /* with a known or near signal */
	uint64_t known;
	uint64_t near;
	uint64_t unreadable; /* with content that could not be read */
	uint64_t verdicts[WARD_VERDICT_KIND_COUNT];
	uint64_t failed; /* not scanned: could not be opened or read */
	uint64_t seen;   /* not scanned: an earlier run did */
	struct files_skipped skipped;
};

/* Counts a report in; true when it holds any finding but "allowed". */
bool scan_totals_add(struct scan_totals *totals, const struct ward_report *report);

/* Writes the file's rows or object to `out`; nothing when `found_only` and nothing was found. */
void scan_print_report(struct ward_buf *out, enum scan_format format, bool found_only,
		const char *path, const struct ward_report *report);
/* The rows of a table alone; each ends with the note, which may be NULL. */
void scan_print_rows(struct ward_buf *out, const char *path, const char *note,
		const struct ward_report *report);
/* A file that could not be scanned, as an object; in a table it is words on standard error. */
void scan_print_failure(struct ward_buf *out, enum scan_format format, const char *path,
		const struct ward_error *error);
/* The head of the table. */
void scan_print_head(struct ward_buf *out);
void scan_print_totals(struct ward_buf *out, bool json, const struct scan_totals *totals,
		uint64_t took_us);

/*
 * Text for a terminal: what would move the cursor, speak to the terminal or turn
 * the writing round becomes "?", and so does what is no UTF-8.
 */
void scan_print_text(struct ward_buf *out, ward_str text);
/*
 * The member "path" of an object.  A name that is not UTF-8 cannot stand in
 * JSON as it is: "path_hex" then has its bytes.
 */
void scan_print_path(struct json *json, const char *path);

#endif
