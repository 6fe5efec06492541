#include "bin/disk_found.h"

#include <inttypes.h>

void disk_found_init(struct disk_found *found, size_t memory_max)
{
	*found = (struct disk_found){ .count = 0 };
	ward_arena_init(&found->arena, memory_max);
}

void disk_found_free(struct disk_found *found)
{
	ward_arena_free(&found->arena);
	free(found->files);
	*found = (struct disk_found){ .count = 0 };
}

/* ---- how likely ---- */

static ward_str extension_of(ward_str path)
{
	for (size_t i = path.len; i-- > 0 && path.ptr[i] != '/';) {
		if (path.ptr[i] == '.')
			return (ward_str){ path.ptr + i + 1, path.len - i - 1 };
	}
	return WARD_STR("");
}

static bool is_one_of(ward_str word, const char *const *words)
{
	for (; *words; words++) {
		if (ward_str_eq_nocase(word, ward_str_from(*words)))
			return true;
	}
	return false;
}

/* Folders of people on Windows, macOS, Linux, Android, cameras. */
static bool among_people(ward_str path)
{
	static const char *const folders[] = { "users", "home", "documents and settings", "dcim",
		"pictures", "videos", "downloads", "media", "data", "$recycle.bin", "root", NULL };

	while (path.len > 0) {
		ward_str folder = ward_str_cut(&path, '/');

		if (path.len > 0 && is_one_of(folder, folders))
			return true;
	}
	return false;
}

static unsigned rank_of(const struct disk_entry *entry)
{
	static const char *const shown[] = { "jpg", "jpeg", "png", "gif", "webp", "bmp", "tif",
		"tiff", "heic", "heif", "avif", "mp4", "m4v", "mov", "avi", "mkv", "webm", "wmv",
		"mpg", "mpeg", "3gp", "flv", "ts", "mts", NULL };
	static const char *const holding[] = { "zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz",
		"docx", "pptx", "xlsx", "odt", "odp", "pdf", "eml", "mbox", "pst", "iso", "cab",
		"db", "sqlite", "doc", "ppt", "epub", NULL };
	ward_str extension = extension_of(entry->path);
	bool people = among_people(entry->path);

	if (entry->flags & DISK_CARVED)
		return 2;
	if (is_one_of(extension, shown))
		return people ? 0 : 1;
	if (is_one_of(extension, holding))
		return people ? 2 : 3;
	return people ? 4 : 5;
}

/* ---- keeping ---- */

static bool make_room(struct disk_found *found)
{
	if (found->count < found->room)
		return true;
	size_t room = found->room ? found->room * 2 : 1024;
	struct disk_file **files = realloc(found->files, room * sizeof(*files));

	if (!files)
		return false;
	found->files = files;
	found->room = room;
	return true;
}

static char *path_of(struct disk_found *found, const char *name, const struct disk_entry *entry)
{
	/* What has no name is called by where it lies. */
	if (entry->flags & DISK_CARVED)
		return ward_arena_printf(&found->arena, "%s:%s/%" PRIu64 ".%.*s", name,
				entry->flags & DISK_SLACK ? "slack" : "unallocated",
				entry->run_count ? disk_run_at(entry, 0).offset : 0,
				WARD_FMT(entry->path));
	return ward_arena_printf(&found->arena, "%s:%.*s", name, WARD_FMT(entry->path));
}

const struct disk_file *disk_found_add(struct disk_found *found, uint64_t volume, const char *name,
		const struct disk_entry *entry, void *owner)
{
	size_t runs_len = (size_t)entry->run_count * 16;
	struct disk_file *file = ward_new(&found->arena, struct disk_file, 1);
	uint8_t *runs = ward_new(&found->arena, uint8_t, runs_len ? runs_len : 1);
	char *path = path_of(found, name, entry);

	if (!file || !runs || !path || !make_room(found))
		return NULL;
	if (runs_len)
		memcpy(runs, entry->runs, runs_len);
	*file = (struct disk_file){ .volume = volume,
		.entry = *entry,
		.path = path,
		.rank = rank_of(entry),
		.owner = owner };
	file->entry.runs = runs;
	file->entry.path = ward_str_from(path + strlen(name) + 1);
	found->files[found->count++] = file;
	return file;
}

uint64_t disk_file_offset(const struct disk_file *file)
{
	for (uint32_t i = 0; i < file->entry.run_count; i++) {
		struct disk_run run = disk_run_at(&file->entry, i);

		if (run.offset != DISK_NOWHERE)
			return run.offset;
	}
	return DISK_NOWHERE;
}

static int compare(const void *a, const void *b)
{
	const struct disk_file *one = *(struct disk_file *const *)a;
	const struct disk_file *two = *(struct disk_file *const *)b;

	if (one->rank != two->rank)
		return one->rank < two->rank ? -1 : 1;
	uint64_t here = disk_file_offset(one), there = disk_file_offset(two);

	if (here != there)
		return here < there ? -1 : 1;
	return strcmp(one->path, two->path);
}

void disk_found_sort(struct disk_found *found, size_t from)
{
	if (found->count > from)
		qsort(found->files + from, found->count - from, sizeof(*found->files), compare);
}

/* ---- places ---- */

struct disk_places {
	const struct disk_file **files; /* by the place of their first byte */
	size_t count;
};

static int compare_places(const void *a, const void *b)
{
	uint64_t here = disk_file_offset(*(const struct disk_file *const *)a);
	uint64_t there = disk_file_offset(*(const struct disk_file *const *)b);

	return here < there ? -1 : here > there;
}

struct disk_places *disk_places_new(const struct disk_found *found)
{
	struct disk_places *places = calloc(1, sizeof(*places));

	if (!places)
		return NULL;
	places->files = calloc(found->count + 1, sizeof(const struct disk_file *));
	if (!places->files) {
		free(places);
		return NULL;
	}
	for (size_t i = 0; i < found->count; i++) {
		if (found->files[i]->entry.run_count > 0)
			places->files[places->count++] = found->files[i];
	}
	qsort(places->files, places->count, sizeof(const struct disk_file *), compare_places);
	return places;
}

void disk_places_free(struct disk_places *places)
{
	if (places)
		free(places->files);
	free(places);
}

/* Runs that follow each other may have been told in one piece or in several. */
static bool same_bytes(const struct disk_entry *a, const struct disk_entry *b)
{
	uint32_t i = 0, j = 0;
	uint64_t done_a = 0, done_b = 0, at = 0;

	if (a->size != b->size)
		return false;
	while (at < a->size) {
		struct disk_run one = disk_run_at(a, i), two = disk_run_at(b, j);
		uint64_t left_a = one.len - done_a, left_b = two.len - done_b;
		uint64_t step = left_a < left_b ? left_a : left_b;

		if (one.offset == DISK_NOWHERE || two.offset == DISK_NOWHERE ||
				one.offset + done_a != two.offset + done_b)
			return false;
		at += step;
		done_a += step;
		done_b += step;
		if (done_a == one.len) {
			i++;
			done_a = 0;
		}
		if (done_b == two.len) {
			j++;
			done_b = 0;
		}
	}
	return true;
}

bool disk_places_has(const struct disk_places *places, const struct disk_entry *entry)
{
	uint64_t offset = entry->run_count ? disk_run_at(entry, 0).offset : DISK_NOWHERE;
	size_t low = 0, high = places->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (disk_file_offset(places->files[middle]) < offset)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < places->count && disk_file_offset(places->files[low]) == offset; low++) {
		if (same_bytes(&places->files[low]->entry, entry))
			return true;
	}
	return false;
}
