/* What there is on disk images, in order: volumes, their files, and what no file has. */
#include "bin/disk_job.h"

/* ---- troubles ---- */

static void meet(struct disk_job_image *image, const char *name, ward_str within,
		const struct ward_error *error)
{
	/* What is stopped is not broken. */
	if (image->run->scan.queue.stopped)
		return;
	size_t room = strlen(name) + within.len + 2;
	char *path = malloc(room);

	if (path)
		snprintf(path, room, "%s:%.*s", name, WARD_FMT(within));
	scan_run_meet(&image->run->scan, path ? path : name, error);
	free(path);
}

static void meet_trouble(struct disk_job_image *image, const char *name,
		const struct disk_trouble *trouble)
{
	struct ward_error error;

	(void)ward_fail(&error, trouble->err, "%.*s", WARD_FMT(trouble->message));
	meet(image, name, trouble->path, &error);
}

/* ---- volumes ---- */

static bool meet_volume(void *context, const struct disk_record *record)
{
	struct disk_job_image *image = context;
	const struct disk_volume *told = &record->volume;
	struct disk_job_volume volume = { .readable = told->readable, .gap = told->gap };
	struct disk_job_volume *grown;

	if (record->kind == DISK_TROUBLE)
		meet_trouble(image, image->path, &record->trouble);
	if (record->kind != DISK_VOLUME)
		return record->kind == DISK_TROUBLE;
	grown = realloc(image->volumes, (image->volume_count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	image->volumes = grown;
	if (told->gap)
		snprintf(volume.name, sizeof(volume.name), "gap%zu", ++image->gaps);
	else if (told->container > 0 && told->container <= image->volume_count)
		snprintf(volume.name, sizeof(volume.name), "%.12sv%u",
				image->volumes[told->container - 1].name, told->number % 1000);
	else
		snprintf(volume.name, sizeof(volume.name), "p%zu", ++image->partitions);
	if (told->trouble.len > 0)
		volume.trouble = strndup(told->trouble.ptr, told->trouble.len);
	image->volumes[image->volume_count++] = volume;
	return true;
}

/* ---- files ---- */

static bool put_file(struct disk_job_image *image, const struct disk_file *file)
{
	return scan_queue_put(&image->run->scan.queue, (struct scan_task){ .of = file });
}

static void count_ahead(struct disk_job_image *image, const struct disk_entry *entry)
{
	struct scan_run *scan = &image->run->scan;

	pthread_mutex_lock(&scan->out_lock);
	scan->ahead.files++;
	scan->ahead.bytes += entry->size;
	pthread_mutex_unlock(&scan->out_lock);
}

static const struct disk_file *keep(struct disk_job_image *image, const struct disk_entry *entry)
{
	const struct disk_file *file = disk_found_add(&image->found, image->volume,
			image->volumes[image->volume].name, entry, image);

	if (file)
		count_ahead(image, entry);
	else
		image->full = true;
	return file;
}

static bool meet_file(void *context, const struct disk_record *record)
{
	struct disk_job_image *image = context;

	if (record->kind == DISK_TROUBLE)
		meet_trouble(image, image->volumes[image->volume].name, &record->trouble);
	if (record->kind != DISK_ENTRY)
		return !image->run->scan.queue.stopped;
	bool deleted = record->entry.flags & DISK_DELETED;

	if (deleted && !image->run->deleted)
		return !image->run->scan.queue.stopped;
	if (deleted)
		image->account.deleted++;
	else
		image->account.files++;
	return keep(image, &record->entry) && !image->run->scan.queue.stopped;
}

static bool meet_carved(void *context, const struct disk_record *record)
{
	struct disk_job_image *image = context;
	const struct disk_file *file;

	if (record->kind == DISK_TROUBLE)
		meet_trouble(image, image->volumes[image->volume].name, &record->trouble);
	if (record->kind != DISK_ENTRY)
		return !image->run->scan.queue.stopped;
	if (disk_places_has(image->places, &record->entry)) {
		image->account.again++;
		return !image->run->scan.queue.stopped;
	}
	image->account.carved++;
	file = keep(image, &record->entry);
	return file && put_file(image, file);
}

static void list_all(struct disk_job_image *image)
{
	for (size_t i = 0; i < image->volume_count && !image->run->scan.queue.stopped; i++) {
		const struct disk_job_volume *volume = &image->volumes[i];
		struct ward_error error = { 0 };

		image->volume = i;
		if (!volume->readable && volume->trouble) {
			(void)ward_fail(&error, WARD_E_UNSUPPORTED, "%s", volume->trouble);
			meet(image, volume->name, WARD_STR(""), &error);
		}
		if (volume->readable &&
				disk_list(image->disk, i, meet_file, image, &error) != WARD_OK)
			meet(image, volume->name, WARD_STR(""), &error);
	}
	disk_found_sort(&image->found, 0);
}

static void put_all(struct disk_job_image *image)
{
	for (size_t i = 0; i < image->found.count; i++) {
		if (!put_file(image, image->found.files[i]))
			return;
	}
}

static void carve_all(struct disk_job_image *image)
{
	struct ward_error error = { 0 };

	image->places = disk_places_new(&image->found);
	if (!image->places) {
		(void)ward_fail(&error, WARD_E_NOMEM, "no memory to look for lost files");
		scan_run_meet(&image->run->scan, image->path, &error);
		return;
	}
	for (size_t i = 0; i < image->volume_count && !image->run->scan.queue.stopped; i++) {
		image->volume = i;
		if (disk_carve(image->disk, i, meet_carved, image, &error) != WARD_OK)
			meet(image, image->volumes[i].name, WARD_STR("unallocated"), &error);
	}
}

/* ---- one image after the other ---- */

static void walk_image(struct disk_job_image *image)
{
	struct scan_run *scan = &image->run->scan;
	struct ward_error error = { 0 };

	image->disk = disk_job_worker(image);
	ward_err err = image->disk ? WARD_OK : ward_fail(&error, WARD_E_NOMEM, "out of memory");

	/* Until the worker says otherwise. */
	image->facts.size = disk_image_size(image->files);
	if (!err)
		err = disk_facts(image->disk, &image->facts, &error);
	if (err) {
		scan_run_meet(scan, image->path, &error);
		return;
	}
	image->account.bytes = image->facts.size;
	if (!image->account.expected && image->facts.stored[0])
		image->account.expected = image->facts.stored;
	if (disk_volumes(image->disk, meet_volume, image, &error) != WARD_OK)
		scan_run_meet(scan, image->path, &error);
	/* Also of an image that nothing can be read of. */
	if (image->run->digest && disk_digest_start(&image->digest, image->files, &image->facts,
						  &scan->queue.stopped, &error) != WARD_OK)
		scan_run_meet(scan, image->path, &error);
	image->account.volumes = image->volume_count;
	list_all(image);
	put_all(image);
	if (image->run->carve)
		carve_all(image);
	if (image->full) {
		(void)ward_fail(&error, WARD_E_LIMIT, "there are more files than memory allows");
		scan_run_meet(scan, image->path, &error);
	}
	disk_digest_wait(&image->digest);
	disk_free(image->disk);
	image->disk = NULL;
}

void disk_walk(struct scan_run *scan)
{
	struct disk_job *run = scan->own;

	for (size_t i = 0; i < run->image_count && !scan->queue.stopped; i++)
		walk_image(&run->images[i]);
	pthread_mutex_lock(&scan->out_lock);
	scan->counting = false;
	pthread_mutex_unlock(&scan->out_lock);
}
