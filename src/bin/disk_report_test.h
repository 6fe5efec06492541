/*
 * disk_report_test.h - a report about made-up finds, for its test and its fuzz target
 */
#ifndef BIN_DISK_REPORT_TEST_H
#define BIN_DISK_REPORT_TEST_H

#include <stdlib.h>

#include "bin/disk_report.h"

static inline void test_report_begin(struct disk_report *report)
{
	static const struct disk_account image = { .path = "disk7.dd",
		.bytes = 1 << 20,
		.segments = 1 };

	disk_report_init(report, (size_t)64 << 20);
	report->version = "0";
	report->command = "ward disk disk7.dd";
	report->images = &image;
	report->image_count = 1;
}

/* A known file; its digests are those of nothing real: each byte is `mark`. */
static inline struct disk_find test_find(const char *path, uint8_t mark)
{
	struct disk_find find = {
		.times = 1,
		.kind = WARD_FINDING_KNOWN,
		.verdict = WARD_BLOCK,
		.media = WARD_MEDIA_PNG,
		.has_distance = true,
		.has_inode = true,
		.has_digests = true,
		.inode = 12,
		.offset = 4096,
		.size = 100,
		.bytes = 100,
		.modified = 1767225600,
		.image_name = ward_str_from("disk7.dd"),
		.path = ward_str_from(path),
		.list = ward_str_from("harbour"),
	};

	memset(&find.digests, mark, sizeof(find.digests));
	return find;
}

/* What a format writes, as text from malloc; NULL when it failed. */
static inline char *test_written(bool (*write)(FILE *out, const struct disk_report *report),
		const struct disk_report *report, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	bool written = out && write(out, report);

	if (out && fclose(out) != 0)
		written = false;
	if (!written) {
		free(text);
		text = NULL;
	}
	return text;
}

static inline bool test_html(FILE *out, const struct disk_report *report)
{
	disk_report_html(out, report);
	return true;
}

static inline bool test_csv(FILE *out, const struct disk_report *report)
{
	disk_report_csv(out, report);
	return true;
}

#endif
