#include "bin/disk_print.h"

#include <inttypes.h>

#include "base/clock.h"
#include "bin/disk_csv.h"
#include "bin/progress.h"
#include "scan/report_json.h"

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

	json_key_text(json, "state", disk_find_state(file->entry.flags));
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
		const char *image, const struct disk_file *file, const struct ward_report *report)
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
		if (report->findings[i].kind == WARD_FINDING_ALLOWED)
			continue;
		struct disk_find find = disk_find_of(file, report, &report->findings[i]);

		find.image_name = ward_str_from(image);
		disk_csv_row(out, &find);
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
		/* Of some files of it alone this cannot be said. */
		if (account->fit == DISK_FIT_SOME)
			json_key_bool(&json, "files_as_expected", true);
		else
			json_key_bool(&json, "as_expected", account->fit == DISK_FIT_WHOLE);
	}
	json_key_bool(&json, "changed", account->changed);
	if (account->verify)
		json_key_bool(&json, "verified", account->verified);
	json_object_end(&json);
	ward_buf_char(out, '\n');
}

static const char *const fits[] = {
	[DISK_FIT_UNKNOWN] = "",
	[DISK_FIT_NOT] = ", NOT as expected",
	[DISK_FIT_SOME] = "; some of its files are as expected, of others no digest is known",
	[DISK_FIT_WHOLE] = ", as expected",
};

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
		ward_buf_printf(out, "  SHA-256 %s%s\n", text, fits[account->fit]);
	}
	if (account->verify)
		ward_buf_str(out, account->verified ? WARD_STR("  read a second time, it was the "
							       "same\n")
						    : WARD_STR("  it was not verified\n"));
	if (account->changed)
		ward_buf_str(out, WARD_STR("  the image was changed while it was read\n"));
}
