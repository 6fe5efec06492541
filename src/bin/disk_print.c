#include "bin/disk_print.h"

#include <inttypes.h>

#include "base/clock.h"
#include "bin/progress.h"
#include "scan/report_json.h"

static const char *state_of(const struct disk_file *file)
{
	return file->entry.flags & DISK_CARVED    ? "carved"
	       : file->entry.flags & DISK_DELETED ? "deleted"
						  : "allocated";
}

/* ---- JSON ---- */

static void write_time(struct json *json, const char *name, int64_t when)
{
	char text[CLOCK_TEXT_MAX];

	if (when != 0)
		json_key_text(json, name, clock_format(when, text));
}

static void write_place(struct json *json, const struct disk_file *file)
{
	const struct disk_entry *entry = &file->entry;
	uint64_t offset = disk_file_offset(file);

	json_key_text(json, "state", state_of(file));
	if (entry->flags & DISK_PARTIAL)
		json_key_bool(json, "partial", true);
	json_key_uint(json, "volume", file->volume);
	if (!(entry->flags & DISK_CARVED))
		json_key_uint(json, "inode", entry->inode);
	if (offset != DISK_NOWHERE)
		json_key_uint(json, "offset", offset);
	json_key_uint(json, "size", entry->size);
	write_time(json, "modified", entry->modified);
	write_time(json, "accessed", entry->accessed);
	write_time(json, "changed", entry->changed);
	write_time(json, "created", entry->created);
}

static void print_object(struct ward_buf *out, const struct disk_file *file,
		const struct ward_report *report)
{
	struct json json = json_to(out);

	json_object(&json);
	scan_print_path(&json, file->path);
	write_place(&json, file);
	report_json(&json, report);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

/* ---- CSV: RFC 4180 ---- */

/*
 * A cell that begins like a formula is run as one by the programs that open
 * such tables; names come from a stranger's disk, so it gets a quote before it.
 */
static void put_cell(struct ward_buf *out, ward_str text, bool last)
{
	ward_buf_char(out, '"');
	if (text.len > 0 && text.ptr[0] != 0 && strchr("=+-@\t\r", text.ptr[0]))
		ward_buf_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			ward_buf_char(out, '"');
		ward_buf_char(out, text.ptr[i]);
	}
	ward_buf_str(out, last ? WARD_STR("\"\r\n") : WARD_STR("\","));
}

static void put_text(struct ward_buf *out, const char *text)
{
	put_cell(out, ward_str_from(text), false);
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

static void put_hex(struct ward_buf *out, const uint8_t *bytes, size_t len, bool last)
{
	char text[2 * 32 + 1];

	ward_hex_format(bytes, len, text);
	ward_buf_str(out, ward_str_from(text));
	ward_buf_str(out, last ? WARD_STR("\r\n") : WARD_STR(","));
}

static const struct ward_item *item_of(const struct ward_report *report, ward_str path)
{
	for (size_t i = 0; i < report->item_count; i++) {
		if (ward_str_eq(report->items[i].path, path))
			return &report->items[i];
	}
	return NULL;
}

static void put_digests(struct ward_buf *out, const struct ward_item *item)
{
	if (!item || !item->has_digests) {
		ward_buf_str(out, WARD_STR(",,\r\n"));
		return;
	}
	put_hex(out, item->digests.md5, 16, false);
	put_hex(out, item->digests.sha1, 20, false);
	put_hex(out, item->digests.sha256, 32, true);
}

void disk_print_csv_head(struct ward_buf *out)
{
	ward_buf_str(out, WARD_STR("verdict,finding,distance,list,labels,message,path,member,frame,"
				   "state,inode,offset,size,modified,accessed,changed,created,md5,"
				   "sha1,sha256\r\n"));
}

static void print_line(struct ward_buf *out, const struct disk_file *file,
		const struct ward_report *report, const struct ward_finding *finding)
{
	const struct disk_entry *entry = &file->entry;
	uint64_t offset = disk_file_offset(file);

	put_text(out, ward_verdict_name(report->verdict.kind));
	put_text(out, ward_finding_kind_name(finding->kind));
	put_number(out, finding->distance, finding->list.len > 0);
	put_cell(out, finding->list, false);
	put_cell(out, finding->labels, false);
	put_cell(out, finding->message, false);
	put_text(out, file->path);
	put_cell(out, finding->path, false);
	put_number(out, finding->frame, finding->frame > 0);
	put_text(out, state_of(file));
	put_number(out, entry->inode, !(entry->flags & DISK_CARVED));
	put_number(out, offset, offset != DISK_NOWHERE);
	put_number(out, entry->size, true);
	put_time(out, entry->modified);
	put_time(out, entry->accessed);
	put_time(out, entry->changed);
	put_time(out, entry->created);
	put_digests(out, item_of(report, finding->path));
}

/* ---- a file ---- */

/* Where it lies, behind its row; of a carved one the name says it. */
static void print_table(struct ward_buf *out, const struct disk_file *file,
		const struct ward_report *report)
{
	uint64_t offset = disk_file_offset(file);
	char place[48] = "", note[128] = "";

	if (offset != DISK_NOWHERE)
		snprintf(place, sizeof(place), ", byte %" PRIu64, offset);
	if (!(file->entry.flags & DISK_CARVED))
		snprintf(note, sizeof(note), " [%sinode %" PRIu64 "%s]",
				file->entry.flags & DISK_DELETED ? "deleted, " : "",
				file->entry.inode, place);
	else if (file->entry.flags & DISK_PARTIAL)
		snprintf(note, sizeof(note), " [a part]");
	scan_print_rows(out, file->path, note, report);
}

void disk_print_report(struct ward_buf *out, enum scan_format format, bool found_only,
		const struct disk_file *file, const struct ward_report *report)
{
	if (format == SCAN_QUIET || (found_only && report->finding_count == 0))
		return;
	if (format == SCAN_JSON) {
		print_object(out, file, report);
		return;
	}
	if (format == SCAN_TABLE) {
		print_table(out, file, report);
		return;
	}
	for (size_t i = 0; i < report->finding_count; i++) {
		if (report->findings[i].kind != WARD_FINDING_ALLOWED)
			print_line(out, file, report, &report->findings[i]);
	}
}

/* ---- the image ---- */

static void write_hex(struct json *json, const char *name, const uint8_t *bytes, size_t len)
{
	char text[2 * 32 + 1];

	ward_hex_format(bytes, len, text);
	json_key_text(json, name, text);
}

static void print_account_json(struct ward_buf *out, const struct disk_account *account)
{
	struct json json = json_to(out);

	json_object(&json);
	json_key_text(&json, "image", account->path);
	json_key_uint(&json, "bytes", account->bytes);
	json_key_uint(&json, "segments", account->segments);
	json_key_uint(&json, "volumes", account->volumes);
	json_key_uint(&json, "files", account->files);
	json_key_uint(&json, "deleted", account->deleted);
	json_key_uint(&json, "carved", account->carved);
	json_key_uint(&json, "carved_again", account->again);
	if (account->has_digests) {
		write_hex(&json, "md5", account->digests.md5, 16);
		write_hex(&json, "sha1", account->digests.sha1, 20);
		write_hex(&json, "sha256", account->digests.sha256, 32);
	}
	if (account->expected) {
		json_key_text(&json, "expected", account->expected);
		json_key_bool(&json, "as_expected", account->as_expected);
	}
	json_key_bool(&json, "changed", account->changed);
	if (account->verify)
		json_key_bool(&json, "verified", account->verified);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

void disk_print_account(struct ward_buf *out, enum scan_format format,
		const struct disk_account *account)
{
	char bytes[PROGRESS_TEXT_MAX], text[2 * 32 + 1];

	if (format == SCAN_JSON) {
		print_account_json(out, account);
		return;
	}
	scan_print_text(out, ward_str_from(account->path));
	ward_buf_printf(out,
			": %s, %zu volumes; %" PRIu64 " files, %" PRIu64 " deleted, %" PRIu64
			" carved (%" PRIu64 " more were deleted files)\n",
			progress_bytes(account->bytes, bytes), account->volumes, account->files,
			account->deleted, account->carved, account->again);
	if (account->has_digests) {
		ward_hex_format(account->digests.sha256, 32, text);
		ward_buf_printf(out, "  SHA-256 %s%s\n", text,
				!account->expected     ? ""
				: account->as_expected ? ", as expected"
						       : ", NOT as expected");
	}
	if (account->verify)
		ward_buf_str(out, account->verified ? WARD_STR("  read a second time, it was the "
							       "same\n")
						    : WARD_STR("  it was not verified\n"));
	if (account->changed)
		ward_buf_str(out, WARD_STR("  the image was changed while it was read\n"));
}
