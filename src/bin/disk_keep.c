#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "bin/disk_kept_record.h"

/* Of one file; an archive of many thousand members has long rows. */
#define RECORD_MAX ((size_t)1 << 30)

enum { PATH_ROOM = 4096 };

struct disk_keep {
	int fd;
	pthread_mutex_t lock; /* a write may come in two pieces */
	char path[PATH_ROOM];
	uint64_t from; /* where this run begins */
	bool failed;   /* something is missing: nothing may stand behind it, nor an end */
};

static ward_err fail_io(const struct disk_keep *keep, const char *what, struct ward_error *error)
{
	return ward_fail(error, WARD_E_IO, "cannot %s %s: %s", what, keep->path, strerror(errno));
}

/* ---- records ---- */

struct record {
	struct ward_buf text;
	struct disk_codec codec;
};

static void begin_record(struct record *record, enum disk_kept_kind kind)
{
	ward_buf_init(&record->text, RECORD_MAX);
	record->codec = (struct disk_codec){ .out = &record->text };
	ward_buf_add(&record->text, "\0\0\0", DISK_KEPT_HEAD - 1);
	ward_buf_char(&record->text, (char)kind);
}

/* What is torn would take what stands behind it for its own. */
static ward_err write_record(struct disk_keep *keep, const struct ward_buf *text,
		struct ward_error *error)
{
	off_t end = lseek(keep->fd, 0, SEEK_END);

	if (keep->failed)
		return ward_fail(error, WARD_E_IO, "%s lacks what could not be written to it",
				keep->path);
	ward_err err = end < 0 ? fail_io(keep, "write", error)
			       : file_write_all(keep->fd, text->ptr, text->len, error);

	keep->failed = err != WARD_OK;
	if (err && end >= 0 && ftruncate(keep->fd, end) != 0)
		return fail_io(keep, "mend", error);
	return err;
}

/* One write at the file's end, whole or torn there. */
static ward_err end_record(struct disk_keep *keep, struct record *record, struct ward_error *error)
{
	ward_err err = WARD_OK;
	size_t len = record->text.len - DISK_KEPT_HEAD;

	if (record->text.failed)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	for (unsigned i = 0; !err && i < 4; i++)
		record->text.ptr[i] = (char)(len >> 8 * i);
	pthread_mutex_lock(&keep->lock);
	if (!err)
		err = write_record(keep, &record->text, error);
	keep->failed |= err != WARD_OK;
	pthread_mutex_unlock(&keep->lock);
	ward_buf_free(&record->text);
	return err;
}

static void add_finds(struct disk_codec *codec, const struct disk_file *file,
		const struct ward_report *scanned)
{
	size_t count = 0;

	for (size_t i = 0; i < scanned->finding_count; i++)
		count += scanned->findings[i].kind != WARD_FINDING_ALLOWED;
	disk_pass_count(codec, &count);
	for (size_t i = 0; i < scanned->finding_count; i++) {
		struct disk_find find = disk_find_of(file, scanned, &scanned->findings[i]);

		if (find.kind != WARD_FINDING_ALLOWED)
			disk_pass_find(codec, &find);
	}
}

ward_err disk_keep_file(struct disk_keep *keep, uint32_t image, const char *name,
		const struct disk_file *file, const struct ward_report *scanned,
		struct ward_error *error)
{
	struct disk_kept_row row = { .image = image,
		.path = ward_str_from(file->path),
		.inode = file->entry.inode,
		.offset = disk_file_offset(file) };
	struct ward_buf json, table;
	struct record record;

	ward_buf_init(&json, RECORD_MAX);
	ward_buf_init(&table, RECORD_MAX);
	disk_print_report(&json, SCAN_JSON, true, name, file, scanned);
	disk_print_report(&table, SCAN_TABLE, true, name, file, scanned);
	row.json = ward_buf_text(&json);
	row.table = ward_buf_text(&table);
	begin_record(&record, DISK_KEPT_FILE);
	disk_pass_row(&record.codec, &row);
	add_finds(&record.codec, file, scanned);
	record.text.failed |= json.failed || table.failed;
	ward_buf_free(&json);
	ward_buf_free(&table);
	return end_record(keep, &record, error);
}

ward_err disk_keep_unread(struct disk_keep *keep, const char *path, const struct ward_error *why,
		struct ward_error *error)
{
	struct disk_kept_row row = { .path = ward_str_from(path),
		.message = ward_str_from(why->message),
		.err = why->code };
	struct record record;

	begin_record(&record, DISK_KEPT_UNREAD);
	disk_pass_unread(&record.codec, &row);
	return end_record(keep, &record, error);
}

ward_err disk_keep_image(struct disk_keep *keep, uint32_t image, const struct disk_account *account,
		struct ward_error *error)
{
	struct disk_account copy = *account;
	struct record record;

	begin_record(&record, DISK_KEPT_IMAGE);
	disk_pass_image(&record.codec, &image, &copy);
	return end_record(keep, &record, error);
}

/* ---- begin and end ---- */

/* Behind the last whole record, or at the very beginning. */
static ward_err find_end(struct disk_keep *keep, struct ward_error *error)
{
	struct file_map map;
	ward_err err = file_map_open(keep->path, &map, error);

	if (err)
		return err;
	keep->from = disk_kept_whole((ward_bytes){ map.ptr, map.len });
	if (keep->from == 0 && map.len >= DISK_KEPT_MAGIC_LEN)
		err = ward_fail(error, WARD_E_FORMAT,
				"%s is something else; name another state file", keep->path);
	file_map_close(&map);
	return err;
}

static ward_err open_file(struct disk_keep *keep, bool anew, struct ward_error *error)
{
	struct stat st;

	keep->fd = open(keep->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (keep->fd < 0)
		return fail_io(keep, "open", error);
	if (fstat(keep->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return ward_fail(error, WARD_E_ARGUMENT, "%s is no file", keep->path);
	ward_err err = find_end(keep, error);

	if (err)
		return err;
	if (anew)
		keep->from = 0;
	if (ftruncate(keep->fd, (off_t)keep->from) != 0)
		return fail_io(keep, "mend", error);
	if (keep->from > 0)
		return WARD_OK;
	keep->from = DISK_KEPT_MAGIC_LEN;
	return file_write_all(keep->fd, DISK_KEPT_MAGIC, DISK_KEPT_MAGIC_LEN, error);
}

static ward_err begin_run(struct disk_keep *keep, const struct disk_report *report,
		struct ward_error *error)
{
	struct disk_report copy = *report;
	struct disk_account *images = calloc(report->image_count + 1, sizeof(*images));
	struct disk_report_list *lists = calloc(report->list_count + 1, sizeof(*lists));
	struct record record;

	if (!images || !lists) {
		free(images);
		free(lists);
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < report->image_count; i++)
		images[i] = report->images[i];
	for (size_t i = 0; i < report->list_count; i++)
		lists[i] = report->lists[i];
	begin_record(&record, DISK_KEPT_RUN);
	disk_pass_run(&record.codec, &copy, &images, &lists);
	free(images);
	free(lists);
	return end_record(keep, &record, error);
}

ward_err disk_keep_open(const char *state, bool anew, const struct disk_report *report,
		struct disk_keep **keep, struct ward_error *error)
{
	struct disk_keep *made = calloc(1, sizeof(*made));
	ward_err err = WARD_OK;

	if (!made)
		return ward_fail(error, WARD_E_NOMEM, "out of memory");
	made->fd = -1;
	made->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	if (strlen(state) + sizeof(".finds") > sizeof(made->path))
		err = ward_fail(error, WARD_E_ARGUMENT, "--state: the path is too long");
	snprintf(made->path, sizeof(made->path), "%s.finds", state);
	if (!err)
		err = open_file(made, anew, error);
	if (!err)
		err = begin_run(made, report, error);
	if (err)
		disk_keep_free(made);
	else
		*keep = made;
	return err;
}

void disk_keep_free(struct disk_keep *keep)
{
	if (keep && keep->fd >= 0)
		close(keep->fd);
	free(keep);
}

/* This run has told all that those before it had. */
static ward_err drop_earlier(struct disk_keep *keep, struct ward_error *error)
{
	struct file_map map;
	struct ward_buf text;
	ward_err err = file_map_open(keep->path, &map, error);

	if (err)
		return err;
	ward_buf_init(&text, SIZE_MAX);
	ward_buf_add(&text, DISK_KEPT_MAGIC, DISK_KEPT_MAGIC_LEN);
	if (map.len >= keep->from)
		ward_buf_add(&text, map.ptr + keep->from, map.len - (size_t)keep->from);
	file_map_close(&map);
	if (text.failed)
		err = ward_fail(error, WARD_E_NOMEM, "out of memory");
	else
		err = file_replace(keep->path, (ward_bytes){ (const uint8_t *)text.ptr, text.len },
				0600, error);
	ward_buf_free(&text);
	return err;
}

ward_err disk_keep_end(struct disk_keep *keep, const struct disk_report *report,
		struct ward_error *error)
{
	struct disk_report copy = *report;
	struct record record;

	begin_record(&record, DISK_KEPT_END);
	disk_pass_end(&record.codec, &copy);
	ward_err err = end_record(keep, &record, error);

	if (!err && fsync(keep->fd) != 0)
		err = fail_io(keep, "sync", error);
	if (!err && !report->cut_short && keep->from > DISK_KEPT_MAGIC_LEN)
		err = drop_earlier(keep, error);
	return err;
}
