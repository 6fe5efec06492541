/*
 * disk_csv.h - finds of `ward disk` as a table for spreadsheets: RFC 4180, UTF-8
 *
 * A cell that begins like a formula is run as one by programs that open such tables, and names
 * come from a stranger's disk: such a cell gets ' before it.  A name that is no UTF-8 has U+FFFD
 * for each bad byte, and its bytes in the column path_hex.
 */
#ifndef BIN_DISK_CSV_H
#define BIN_DISK_CSV_H

#include "bin/disk_report.h"

void disk_csv_head(struct ward_buf *out);
void disk_csv_row(struct ward_buf *out, const struct disk_find *find);

#endif
