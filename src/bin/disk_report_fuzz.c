/*
 * Any names in a report: each format stays what it is.  Lines are finds, by turns their path,
 * member, list, labels and message; the first byte of each says of which kind it is.
 */
#include "bin/disk_report_test.h"

#include <assert.h>
#include <yajl/yajl_parse.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ward_str next(ward_str *rest)
{
	return ward_str_cut(rest, '\n');
}

static void add(struct disk_report *report, ward_str *rest)
{
	uint8_t first = (uint8_t)rest->ptr[0];
	struct disk_find find = test_find("", first & 3);

	find.kind = (ward_finding_kind)(first % WARD_FINDING_KIND_COUNT);
	find.flags = first >> 4;
	find.has_inode = first & 4;
	find.has_digests = first & 8;
	find.path = next(rest);
	find.member = next(rest);
	find.list = next(rest);
	find.labels = next(rest);
	find.message = next(rest);
	find.image_name = find.list;
	disk_report_add_find(report, &find);
}

/* Text, without signs that steer a terminal or turn the writing; tags are ours alone. */
static void check_html(const char *text, size_t len)
{
	assert(ward_utf8_valid((ward_str){ text, len }));
	assert(!strstr(text, "<script"));
	/* U+202E. */
	for (size_t i = 0; i + 2 < len; i++)
		assert((uint8_t)text[i] != 0xe2 || (uint8_t)text[i + 1] != 0x80 ||
				(uint8_t)text[i + 2] != 0xae);
	for (size_t i = 0; i < len; i++)
		assert((uint8_t)text[i] >= ' ' || text[i] == '\n' || text[i] == '\t');
	assert(strcmp(text + len - 8, "</html>\n") == 0);
}

static void check_json(const char *text, size_t len)
{
	yajl_handle yajl = yajl_alloc(NULL, NULL, NULL);

	assert(yajl && yajl_parse(yajl, (const uint8_t *)text, len) == yajl_status_ok);
	assert(yajl_complete_parse(yajl) == yajl_status_ok);
	yajl_free(yajl);
}

static void check(struct disk_report *report)
{
	size_t len;
	char *text = test_written(test_html, report, &len);

	assert(text);
	check_html(text, len);
	free(text);
	text = test_written(test_csv, report, &len);
	assert(text && ward_utf8_valid((ward_str){ text, len }));
	free(text);
	text = test_written(disk_report_vics, report, &len);
	assert(text);
	check_json(text, len);
	free(text);
	text = test_written(disk_report_icse, report, &len);
	assert(text);
	for (size_t i = 0; i < len; i++)
		assert((uint8_t)text[i] < 0x80);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ward_str rest = { (const char *)data, size };
	struct disk_report report;

	test_report_begin(&report);
	while (rest.len > 0)
		add(&report, &rest);
	disk_report_settle(&report);
	check(&report);
	disk_report_free(&report);
	return 0;
}
