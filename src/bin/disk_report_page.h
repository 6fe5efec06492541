/*
 * disk_report_page.h - the page of `ward disk` while it is written
 *
 * disk_report_html.c tells what the run was and what it came to, disk_report_rows.c each find.
 */
#ifndef BIN_DISK_REPORT_PAGE_H
#define BIN_DISK_REPORT_PAGE_H

#include "bin/disk_report.h"

struct page {
	FILE *out;
	const struct disk_report *report;
};

void page_put(struct page *page, const char *html); /* as it is */
void page_text(struct page *page, const char *words);
void page_time(struct page *page, int64_t when);
void page_hex(struct page *page, const char *name, const uint8_t *bytes, size_t len); /* <= 32 */
void page_cell(struct page *page, uint64_t number);
void page_head(struct page *page, const char *words, bool number); /* of a column */
/* A name and what stands behind it, begun and ended. */
void page_term(struct page *page, const char *name);
void page_term_end(struct page *page);

/* How many things could not be read. */
size_t page_unread(const struct disk_report *report);
void page_unread_rows(struct page *page); /* with its heading; nothing when there are none */
void page_finds(struct page *page);

#endif
