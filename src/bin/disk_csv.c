#include "bin/disk_csv.h"

#include <inttypes.h>

#include "base/clock.h"

/* ---- cells ---- */

/* OWASP's list of how a formula begins; the last four are the wide forms of the first. */
static bool is_formula(ward_str text)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
		"\xef\xbc\xa0" };

	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		if (ward_str_starts(text, ward_str_from(wide[i])))
			return true;
	}
	return text.len > 0 && text.ptr[0] != 0 && strchr("=+-@\t\r\n", text.ptr[0]);
}

/* How many bytes the first character has; 0 when they are none. */
static size_t character(ward_str text)
{
	for (size_t len = 1; len <= 4 && len <= text.len; len++) {
		if (ward_utf8_valid((ward_str){ text.ptr, len }))
			return len;
	}
	return 0;
}

static void put_quoted(struct ward_buf *out, ward_str text)
{
	ward_buf_char(out, '"');
	if (is_formula(text))
		ward_buf_char(out, '\'');
	while (text.len > 0) {
		size_t len = character(text);

		if (text.ptr[0] == '"')
			ward_buf_char(out, '"');
		if (len == 0 || text.ptr[0] == 0)
			ward_buf_str(out, WARD_STR("\xef\xbf\xbd"));
		else
			ward_buf_add(out, text.ptr, len);
		text.ptr += len ? len : 1;
		text.len -= len ? len : 1;
	}
	ward_buf_char(out, '"');
}

static void put_cell(struct ward_buf *out, ward_str text)
{
	put_quoted(out, text);
	ward_buf_char(out, ',');
}

static void put_text(struct ward_buf *out, const char *text)
{
	put_cell(out, ward_str_from(text));
}

static void put_number(struct ward_buf *out, uint64_t number, bool known)
{
	if (known)
		ward_buf_printf(out, "%" PRIu64, number);
	ward_buf_char(out, ',');
}

static void put_time(struct ward_buf *out, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	if (when != 0)
		ward_buf_str(out, ward_str_from(clock_format(when, text)));
	ward_buf_char(out, ',');
}

static void put_hex(struct ward_buf *out, const uint8_t *bytes, size_t len, bool known)
{
	char text[2 * 32 + 1];

	for (size_t at = 0; known && at < len; at += 32) {
		ward_hex_format(bytes + at, len - at < 32 ? len - at : 32, text);
		ward_buf_str(out, ward_str_from(text));
	}
	ward_buf_char(out, ',');
}

/* ---- rows ---- */

void disk_csv_head(struct ward_buf *out)
{
	ward_buf_str(out, WARD_STR("verdict,finding,distance,list,labels,message,path,member,frame,"
				   "state,inode,offset,size,modified,accessed,changed,created,md5,"
				   "sha1,sha256,member_size,partial,volume,path_hex,image\r\n"));
}

void disk_csv_row(struct ward_buf *out, const struct disk_find *find)
{
	put_text(out, ward_verdict_name(find->verdict));
	put_text(out, ward_finding_kind_name(find->kind));
	put_number(out, find->distance, find->has_distance);
	put_cell(out, find->list);
	put_cell(out, find->labels);
	put_cell(out, find->message);
	put_cell(out, find->path);
	put_cell(out, find->member);
	put_number(out, find->frame, find->frame > 0);
	put_text(out, disk_find_state(find->flags));
	put_number(out, find->inode, find->has_inode);
	put_number(out, find->offset, find->offset != DISK_NOWHERE);
	put_number(out, find->size, true);
	put_time(out, find->modified);
	put_time(out, find->accessed);
	put_time(out, find->changed);
	put_time(out, find->created);
	put_hex(out, find->digests.md5, 16, find->has_digests);
	put_hex(out, find->digests.sha1, 20, find->has_digests);
	put_hex(out, find->digests.sha256, 32, find->has_digests);
	put_number(out, find->bytes, find->member.len > 0 && find->has_digests);
	ward_buf_str(out, find->flags & DISK_PARTIAL ? WARD_STR("yes,") : WARD_STR(","));
	put_cell(out, disk_find_volume(find->path));
	put_hex(out, (const uint8_t *)find->path.ptr, find->path.len, !ward_utf8_valid(find->path));
	put_quoted(out, find->image_name);
	ward_buf_str(out, WARD_STR("\r\n"));
}

void disk_report_csv(FILE *out, const struct disk_report *report)
{
	struct ward_buf row;

	ward_buf_init(&row, SIZE_MAX);
	disk_csv_head(&row);
	for (size_t i = 0; i <= report->find_count; i++) {
		fwrite(row.ptr, 1, row.len, out);
		ward_buf_clear(&row);
		if (i < report->find_count)
			disk_csv_row(&row, &report->finds[i]);
	}
	ward_buf_free(&row);
}
