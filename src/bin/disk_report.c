#include "bin/disk_report.h"

#include <assert.h>
#include <stdarg.h>

void disk_report_init(struct disk_report *report, size_t memory_max)
{
	*report = (struct disk_report){ .lock = PTHREAD_MUTEX_INITIALIZER };
	ward_arena_init(&report->arena, memory_max);
}

void disk_report_free(struct disk_report *report)
{
	ward_arena_free(&report->arena);
	free(report->finds);
	free(report->unread);
	report->finds = NULL;
	report->unread = NULL;
}

void disk_report_set(struct disk_report *report, const char *name, const char *fmt, ...)
{
	struct disk_report_setting *setting = &report->settings[report->setting_count];
	va_list args;

	assert(report->setting_count < DISK_SETTINGS_MAX);
	report->setting_count++;
	setting->name = name;
	va_start(args, fmt);
	vsnprintf(setting->value, sizeof(setting->value), fmt, args);
	va_end(args);
}

/* ---- one find ---- */

const char *disk_find_state(unsigned flags)
{
	return flags & DISK_CARVED ? "carved" : flags & DISK_DELETED ? "deleted" : "allocated";
}

ward_str disk_find_volume(ward_str path)
{
	return ward_str_cut(&path, ':');
}

static const struct ward_item *item_of(const struct ward_report *report, ward_str path)
{
	for (size_t i = 0; i < report->item_count; i++) {
		if (ward_str_eq(report->items[i].path, path))
			return &report->items[i];
	}
	return NULL;
}

static void take_item(struct disk_find *find, const struct ward_item *item)
{
	if (!item)
		return;
	find->media = item->kind;
	find->bytes = item->bytes;
	find->has_digests = item->has_digests;
	find->digests = item->digests;
}

struct disk_find disk_find_of(const struct disk_file *file, const struct ward_report *report,
		const struct ward_finding *finding)
{
	const struct disk_entry *entry = &file->entry;
	const struct ward_item *whole = item_of(report, WARD_STR(""));
	struct disk_find find = {
		.times = 1,
		.kind = finding->kind,
		.verdict = report->verdict.kind,
		.flags = entry->flags,
		.distance = finding->distance,
		.frame = finding->frame,
		.has_distance = finding->list.len > 0 && finding->kind != WARD_FINDING_LINK,
		.has_inode = !(entry->flags & DISK_CARVED),
		.inode = entry->inode,
		.offset = disk_file_offset(file),
		.size = entry->size,
		.modified = entry->modified,
		.accessed = entry->accessed,
		.changed = entry->changed,
		.created = entry->created,
		.path = ward_str_from(file->path),
		.member = finding->path,
		.list = finding->list,
		.labels = finding->labels,
		.message = finding->link.len > 0 ? finding->link : finding->message,
	};

	take_item(&find, item_of(report, finding->path));
	if (find.member.len > 0 && whole && whole->has_digests) {
		find.has_parent = true;
		memcpy(find.parent_md5, whole->digests.md5, sizeof(find.parent_md5));
	}
	/* A video's frame has one of its own, and it is not the video's. */
	if (finding->asked.kind == WARD_SIGNAL_PDQ && !finding->has_time && finding->frame == 0 &&
			finding->orientation.len == 0) {
		find.has_pdq = true;
		find.pdq = finding->asked;
	}
	return find;
}

/* ---- gathering ---- */

static bool grow(void *rows, size_t *room, size_t count, size_t size)
{
	void **at = rows;
	size_t wanted = *room ? *room * 2 : 256;

	if (count < *room)
		return true;
	void *grown = reallocarray(*at, wanted, size);

	if (!grown)
		return false;
	*at = grown;
	*room = wanted;
	return true;
}

/* A copy, the same for the same word where it was met lately. */
static ward_str keep_word(struct disk_report *report, ward_str word)
{
	for (size_t i = 0; i < DISK_WORDS; i++) {
		if (report->words[i].ptr && ward_str_eq(report->words[i], word))
			return report->words[i];
	}
	ward_str *kept = &report->words[report->word_next++ % DISK_WORDS];

	*kept = ward_arena_str(&report->arena, word);
	return *kept;
}

static bool is_kept(ward_str text, ward_str kept)
{
	return text.len == 0 || kept.ptr;
}

static void add_locked(struct disk_report *report, const struct disk_find *find)
{
	struct disk_find kept = *find;

	if (report->closed)
		return;
	kept.member = ward_arena_str(&report->arena, find->member);
	kept.message = keep_word(report, find->message);
	kept.list = keep_word(report, find->list);
	kept.labels = keep_word(report, find->labels);
	if (!is_kept(find->member, kept.member) || !is_kept(find->message, kept.message) ||
			!is_kept(find->list, kept.list) || !is_kept(find->labels, kept.labels) ||
			!grow(&report->finds, &report->find_room, report->find_count, sizeof(kept)))
		report->full = true;
	else
		report->finds[report->find_count++] = kept;
}

void disk_report_add_find(struct disk_report *report, const struct disk_find *find)
{
	pthread_mutex_lock(&report->lock);
	add_locked(report, find);
	pthread_mutex_unlock(&report->lock);
}

void disk_report_add(struct disk_report *report, uint32_t image, const char *name,
		const struct disk_file *file, const struct ward_report *scanned)
{
	for (size_t i = 0; i < scanned->finding_count; i++) {
		if (scanned->findings[i].kind == WARD_FINDING_ALLOWED)
			continue;
		struct disk_find find = disk_find_of(file, scanned, &scanned->findings[i]);

		find.image = image;
		find.image_name = ward_str_from(name);
		disk_report_add_find(report, &find);
	}
}

void disk_report_add_unread(struct disk_report *report, const char *path,
		const struct ward_error *error)
{
	pthread_mutex_lock(&report->lock);
	struct disk_unread unread = {
		.path = ward_arena_str(&report->arena, ward_str_from(path)),
		.message = ward_arena_str(&report->arena, ward_str_from(error->message)),
		.err = error->code,
	};

	if (report->closed || !unread.path.ptr || !unread.message.ptr ||
			!grow(&report->unread, &report->unread_room, report->unread_count,
					sizeof(unread)))
		report->full |= !report->closed;
	else
		report->unread[report->unread_count++] = unread;
	pthread_mutex_unlock(&report->lock);
}

/* ---- order ---- */

/* Hits, what an exclusion list set aside, what could not be read. */
static int group_of(const struct disk_find *find)
{
	switch (find->kind) {
	case WARD_FINDING_KNOWN:
	case WARD_FINDING_NEAR:
	case WARD_FINDING_SCORE:
	case WARD_FINDING_LINK:
		return 0;
	case WARD_FINDING_ALLOWED:
	case WARD_FINDING_EXCLUDED:
		return 1;
	case WARD_FINDING_UNREADABLE:
	case WARD_FINDING_LIMIT:
	case WARD_FINDING_ENCRYPTED:
	case WARD_FINDING_KIND_COUNT:
		break;
	}
	return 2;
}

/* What makes two finds one. */
static int compare_same(const struct disk_find *a, const struct disk_find *b)
{
	int order = group_of(a) - group_of(b);

	if (order == 0)
		order = (a->image > b->image) - (a->image < b->image);
	if (order == 0)
		order = (a->kind > b->kind) - (a->kind < b->kind);
	if (order == 0)
		order = ward_str_cmp(a->path, b->path);
	/* Two deleted files may have had one name. */
	if (order == 0)
		order = (a->inode > b->inode) - (a->inode < b->inode);
	if (order == 0)
		order = (a->offset > b->offset) - (a->offset < b->offset);
	if (order == 0)
		order = ward_str_cmp(a->member, b->member);
	if (order == 0)
		order = ward_str_cmp(a->list, b->list);
	if (order == 0)
		order = ward_str_cmp(a->labels, b->labels);
	return order ? order : ward_str_cmp(a->message, b->message);
}

static int compare(const void *one, const void *two)
{
	const struct disk_find *a = one, *b = two;
	int order = compare_same(a, b);

	if (order == 0)
		order = (a->distance > b->distance) - (a->distance < b->distance);
	return order ? order : (a->frame > b->frame) - (a->frame < b->frame);
}

void disk_report_settle(struct disk_report *report)
{
	size_t kept = 0;

	pthread_mutex_lock(&report->lock);
	report->closed = true;
	pthread_mutex_unlock(&report->lock);
	if (report->find_count > 0)
		qsort(report->finds, report->find_count, sizeof(*report->finds), compare);
	report->hits = report->aside = 0;
	for (size_t i = 0; i < report->find_count; i++) {
		struct disk_find *find = &report->finds[i];

		if (kept > 0 && compare_same(&report->finds[kept - 1], find) == 0) {
			report->finds[kept - 1].times += find->times;
			continue;
		}
		report->hits += group_of(find) == 0;
		report->aside += group_of(find) == 1;
		report->finds[kept++] = *find;
	}
	report->find_count = kept;
}
