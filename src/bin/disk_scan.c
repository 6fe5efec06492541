/* Files of disk images, scanned: each thread has a worker of its own, which reads the image. */
#include "bin/disk_content.h"
#include "bin/disk_job.h"
#include "bin/disk_print.h"

/* What a thread holds of files that it scans together. */
#define HELD_MAX ((uint64_t)64 << 20)

/* One thread's own worker, made when a file comes that asks for it. */
struct own {
	struct disk_job_image *image; /* whose it is */
	struct disk *disk;
	uint64_t held;
};

void disk_scan_begin(struct scan_hand *hand)
{
	hand->own = calloc(1, sizeof(struct own));
}

void disk_scan_end(struct scan_hand *hand)
{
	struct own *own = hand->own;

	if (own)
		disk_free(own->disk);
	free(own);
}

struct disk *disk_job_worker(struct disk_job_image *image)
{
	struct disk *disk = disk_new(image->files, image->run->volume_time_s);

	if (disk)
		disk_heed(disk, &image->run->scan.queue.stopped);
	return disk;
}

static struct disk *worker_for(struct own *own, struct disk_job_image *image)
{
	if (own->image != image) {
		disk_free(own->disk);
		own->disk = disk_job_worker(image);
		own->image = image;
	}
	return own->disk;
}

/* False without memory. */
static bool key_of(const struct disk_job_image *image, const struct disk_file *file, seen_key *key)
{
	const struct disk_entry *entry = &file->entry;
	struct ward_buf text;

	ward_buf_init(&text, (size_t)64 << 20);
	disk_image_identity(image->files, &text);
	ward_buf_str(&text, ward_str_from(file->path));
	/* An image may be a disk in two ways, each with files at the same places. */
	ward_buf_char(&text, image->facts.packed ? 'p' : 'r');
	ward_buf_add(&text, &entry->inode, sizeof(entry->inode));
	ward_buf_add(&text, &entry->size, sizeof(entry->size));
	ward_buf_add(&text, &entry->flags, sizeof(entry->flags));
	ward_buf_add(&text, &entry->attr_id, sizeof(entry->attr_id));
	ward_buf_add(&text, entry->runs, (size_t)entry->run_count * 16);
	bool made = !text.failed;

	if (made)
		*key = seen_key_of((ward_bytes){ (const uint8_t *)text.ptr, text.len });
	ward_buf_free(&text);
	return made;
}

static bool was_seen(struct scan_hand *hand, seen_key key)
{
	struct scan_run *run = hand->run;

	if (!run->seen || !seen_has(run->seen, key))
		return false;
	pthread_mutex_lock(&run->out_lock);
	run->totals.seen++;
	pthread_mutex_unlock(&run->out_lock);
	return true;
}

void disk_scan_open(struct scan_hand *hand, struct scan_task *task)
{
	const struct disk_file *file = task->of;
	struct disk_job_image *image = file->owner;
	struct own *own = hand->own;
	struct ward_error error = { 0 };
	seen_key key = { { 0 } };
	bool keyed = !hand->run->seen || key_of(image, file, &key);
	struct disk *disk = own && keyed ? worker_for(own, image) : NULL;

	if (keyed && was_seen(hand, key))
		return;
	int fd = -1;

	if (own && hand->count == 0)
		own->held = 0;
	if (disk)
		fd = disk_content(disk, image->files, &image->facts, file->volume, &file->entry,
				&error);
	else
		(void)ward_fail(&error, WARD_E_NOMEM, "out of memory");
	if (fd < 0) {
		scan_run_fail(hand, file->path, &error);
		return;
	}
	scan_run_add(hand, (struct scan_opened){ .path = file->path, .key = key, .of = file }, fd,
			file->entry.size);
	own->held += file->entry.size;
	if (own->held >= HELD_MAX)
		scan_run_flush(hand);
}

void disk_job_check_kept(struct disk_job *run, ward_err err, const struct ward_error *error)
{
	if (!err)
		return;
	pthread_mutex_lock(&run->scan.out_lock);
	run->scan.totals.failed++;
	cli_fail_error(run->scan.cli, error);
	pthread_mutex_unlock(&run->scan.out_lock);
	scan_queue_stop(&run->scan.queue);
}

void disk_scan_print(struct scan_run *scan, struct ward_buf *out, const struct scan_opened *file,
		const struct ward_report *report)
{
	const struct disk_file *of = file->of;
	const struct disk_job_image *image = of->owner;
	struct disk_job *run = scan->own;

	disk_print_report(out, scan->format, scan->found_only, image->path, of, report);
	uint32_t number = (uint32_t)(image - run->images);
	struct ward_error error = { 0 };

	if (run->reports)
		disk_report_add(&run->report, number, image->path, of, report);
	if (run->keep && report->finding_count > 0)
		disk_job_check_kept(run,
				disk_keep_file(run->keep, number, image->path, of, report, &error),
				&error);
}

void disk_scan_failed(struct scan_run *scan, const char *path, const struct ward_error *error)
{
	struct disk_job *run = scan->own;
	struct ward_error why = { 0 };

	if (run->reports)
		disk_report_add_unread(&run->report, path, error);
	if (run->keep)
		disk_job_check_kept(run, disk_keep_unread(run->keep, path, error, &why), &why);
}
