/* Files of a file system, those in use and those that were deleted. */
#include "disk/work.h"

#include <limits.h>

/* Folders within folders; deeper ones are told as trouble. */
enum { DEPTH_MAX = 128 };

/* Runs that fit one record beside its path. */
#define RUNS_MAX ((DISK_WINDOW - DISK_PATH_MAX - 4096) / 16)

/* Up to this number NTFS's files are its own tables: $MFT, $LogFile, $Bitmap and the like. */
#define NTFS_LAST_TABLE 11

/* Streams that every NTFS has for itself: of the size of the disk, or a log of all that happens. */
static const char *const ntfs_streams[] = { "$Bad", "$SDS", "$J", "$Max", "$Info", "$Config",
	"$Verify", "$T", NULL };

/* The first numbers that are not a file system's own. */
enum { EXT_FIRST_USER = 11, HFS_FIRST_USER = 16 };

/* APFS's folder in no folder: of files that were deleted while a program had them open. */
enum { APFS_PRIVATE = 3 };

/* More files than this are not checked for having a name: a gigabyte of bits. */
#define INODES_MAX ((uint64_t)1 << 33)

struct walk {
	struct work *work;
	struct work_volume *volume;
	TSK_FS_INFO *system;
	struct ward_buf path;
	struct disk_run *runs;
	size_t run_count, run_room;
	uint64_t *seen; /* folders, open addressing; 0 is none */
	size_t seen_count, seen_room;
	int depth;
	bool no_memory;
	bool torn;       /* of this file a part is read as zeroes because its place is lost */
	uint8_t *named;  /* a bit for each file that has a name; NULL: not looked for */
	uint64_t inodes; /* bits in it */
};

/* ---- folders that were walked ---- */

static size_t slot_of(const uint64_t *seen, size_t room, uint64_t inode)
{
	size_t slot = (size_t)(inode * 0x9e3779b97f4a7c15u >> 20) & (room - 1);

	while (seen[slot] != 0 && seen[slot] != inode)
		slot = (slot + 1) & (room - 1);
	return slot;
}

static bool grow_seen(struct walk *walk)
{
	size_t room = walk->seen_room ? walk->seen_room * 2 : 1024;
	uint64_t *seen = calloc(room, sizeof(*seen));

	if (!seen)
		return false;
	for (size_t i = 0; i < walk->seen_room; i++) {
		if (walk->seen[i])
			seen[slot_of(seen, room, walk->seen[i])] = walk->seen[i];
	}
	free(walk->seen);
	walk->seen = seen;
	walk->seen_room = room;
	return true;
}

/* True when it is new. */
static bool see(struct walk *walk, uint64_t inode)
{
	if (walk->seen_count * 2 >= walk->seen_room && !grow_seen(walk)) {
		walk->no_memory = true;
		return false;
	}
	size_t slot = slot_of(walk->seen, walk->seen_room, inode + 1);

	if (walk->seen[slot])
		return false;
	walk->seen[slot] = inode + 1;
	walk->seen_count++;
	return true;
}

/* ---- where a file's bytes lie ---- */

static bool add_run(struct walk *walk, uint64_t offset, uint64_t len)
{
	struct disk_run *last = walk->run_count ? &walk->runs[walk->run_count - 1] : NULL;

	if (len == 0)
		return true;
	if (last && (offset == DISK_NOWHERE ? last->offset == DISK_NOWHERE
					    : last->offset != DISK_NOWHERE &&
								    last->offset + last->len ==
										    offset)) {
		last->len += len;
		return true;
	}
	if (walk->run_count == RUNS_MAX)
		return false;
	if (walk->run_count == walk->run_room) {
		size_t room = walk->run_room ? walk->run_room * 2 : 64;
		struct disk_run *runs = realloc(walk->runs, room * sizeof(*runs));

		if (!runs)
			return false;
		walk->runs = runs;
		walk->run_room = room;
	}
	walk->runs[walk->run_count++] = (struct disk_run){ offset, len };
	return true;
}

/* As they are, in the image itself: neither packed, nor enciphered, nor in a table. */
static bool lies_plain(const struct walk *walk, const TSK_FS_ATTR *attr)
{
	return (attr->flags & TSK_FS_ATTR_NONRES) &&
	       !(attr->flags & (TSK_FS_ATTR_RES | TSK_FS_ATTR_COMP | TSK_FS_ATTR_ENC)) &&
	       attr->nrd.skiplen == 0 && walk->system->block_pre_size == 0 &&
	       walk->system->block_post_size == 0 &&
	       !(walk->system->flags & TSK_FS_INFO_FLAG_ENCRYPTED);
}

/* One run of blocks; what was never written of the file reads as zeroes. */
static bool add_blocks(struct walk *walk, const TSK_FS_ATTR_RUN *run, uint64_t len,
		uint64_t written)
{
	bool nowhere = run->flags & (TSK_FS_ATTR_RUN_FLAG_SPARSE | TSK_FS_ATTR_RUN_FLAG_FILLER);
	uint64_t offset = 0;

	walk->torn = walk->torn || (run->flags & TSK_FS_ATTR_RUN_FLAG_FILLER);

	if (nowhere)
		return add_run(walk, DISK_NOWHERE, len);
	if (ckd_mul(&offset, run->addr, (uint64_t)walk->system->block_size) ||
			ckd_add(&offset, offset, walk->volume->offset) ||
			offset > walk->work->size || len > walk->work->size - offset)
		return false;
	if (written > len)
		written = len;
	return add_run(walk, offset, written) && add_run(walk, DISK_NOWHERE, len - written);
}

/* False when they make no sense, or are too many for a record: then it is read by the worker. */
static bool collect_runs(struct walk *walk, const TSK_FS_ATTR *attr)
{
	uint64_t size = (uint64_t)attr->size, at = 0;
	uint64_t init = attr->nrd.initsize > 0 ? (uint64_t)attr->nrd.initsize : 0;

	walk->run_count = 0;
	walk->torn = false;
	for (const TSK_FS_ATTR_RUN *run = attr->nrd.run; run && at < size; run = run->next) {
		uint64_t from, len;

		if (run->flags & TSK_FS_ATTR_RUN_FLAG_ENCRYPTED ||
				ckd_mul(&from, run->offset, (uint64_t)walk->system->block_size) ||
				ckd_mul(&len, run->len, (uint64_t)walk->system->block_size) ||
				from < at)
			return false;
		if (from > size)
			from = size;
		if (!add_run(walk, DISK_NOWHERE, from - at))
			return false;
		at = from;
		if (len > size - at)
			len = size - at;
		if (len > 0 && !add_blocks(walk, run, len, init > at ? init - at : 0))
			return false;
		at += len;
	}
	/* Where a list of blocks may end in a hole, that it is one cannot be told from a loss. */
	walk->torn = walk->torn ||
		     (at < size && (TSK_FS_TYPE_ISNTFS(walk->system->ftype) ||
						   TSK_FS_TYPE_ISFAT(walk->system->ftype)));
	return add_run(walk, DISK_NOWHERE, size - at);
}

/* ---- one file ---- */

static bool is_content(const TSK_FS_ATTR *attr)
{
	return attr->type == TSK_FS_ATTR_TYPE_DEFAULT || attr->type == TSK_FS_ATTR_TYPE_NTFS_DATA ||
	       attr->type == TSK_FS_ATTR_TYPE_HFS_DATA || attr->type == TSK_FS_ATTR_TYPE_HFS_RSRC;
}

static ward_str path_of(const struct walk *walk)
{
	size_t len = walk->path.len < DISK_PATH_MAX ? walk->path.len : DISK_PATH_MAX;

	return (ward_str){ walk->path.ptr, len };
}

static void tell_content(struct walk *walk, const TSK_FS_FILE *file, const TSK_FS_ATTR *attr,
		unsigned flags)
{
	const TSK_FS_META *meta = file->meta;
	struct disk_entry entry = {
		.inode = meta->addr,
		.size = attr->size > 0 ? (uint64_t)attr->size : 0,
		.modified = meta->mtime,
		.accessed = meta->atime,
		.changed = meta->ctime,
		.created = meta->crtime,
		.flags = flags,
		.attr_type = attr->type,
		.attr_id = attr->id,
		.path = path_of(walk),
	};

	/* A deleted file of no length has nothing that could be looked at. */
	if (entry.size == 0 && (flags & DISK_DELETED))
		return;
	if (!(flags & DISK_DELETED) && lies_plain(walk, attr))
		work_slack_note(walk->work, walk->volume, attr, walk->system->block_size);
	if (walk->work->quiet)
		return;
	walk->run_count = 0;
	if (entry.size == 0 || (lies_plain(walk, attr) && collect_runs(walk, attr))) {
		entry.flags |= DISK_PLAIN;
		entry.run_count = (uint32_t)walk->run_count;
		if (entry.size > 0 && walk->torn)
			work_trouble(walk->work, WARD_E_FORMAT, path_of(walk),
					"where a part of it lies cannot be read: it was taken as "
					"zeroes");
	}
	disk_answer_entry(&walk->work->batch, &entry, walk->runs);
	work_flush(walk->work, false);
}

static bool is_named_stream(const TSK_FS_ATTR *attr)
{
	return attr->type == TSK_FS_ATTR_TYPE_NTFS_DATA && attr->name && attr->name[0] &&
	       strcmp(attr->name, "$Data") != 0;
}

/* A further stream of a file is "name:stream"; the path is as before afterwards. */
static void tell_stream(struct walk *walk, const TSK_FS_FILE *file, const TSK_FS_ATTR *attr,
		unsigned flags)
{
	size_t len = walk->path.len;

	if (attr->type == TSK_FS_ATTR_TYPE_HFS_RSRC)
		ward_buf_str(&walk->path, WARD_STR(":rsrc"));
	else if (is_named_stream(attr))
		ward_buf_printf(&walk->path, ":%s", attr->name);
	tell_content(walk, file, attr, flags);
	walk->path.len = len;
}

static bool is_own_stream(const TSK_FS_ATTR *attr)
{
	for (const char *const *name = ntfs_streams; *name; name++) {
		if (strcmp(attr->name, *name) == 0)
			return true;
	}
	return false;
}

/* A stream of a folder or a table that has a name, and not one of the file system's own. */
static bool is_hidden(const TSK_FS_ATTR *attr)
{
	return is_named_stream(attr) && !is_own_stream(attr);
}

static int tell_streams(struct walk *walk, const TSK_FS_FILE *file, bool deleted,
		bool (*wanted)(const TSK_FS_ATTR *attr))
{
	unsigned flags = deleted ? DISK_DELETED : 0;
	int count = tsk_fs_file_attr_getsize((TSK_FS_FILE *)(uintptr_t)file), told = 0;

	for (int i = 0; i < count && !walk->work->stopped; i++) {
		const TSK_FS_ATTR *attr =
				tsk_fs_file_attr_get_idx((TSK_FS_FILE *)(uintptr_t)file, i);

		if (!attr || !wanted(attr))
			continue;
		tell_stream(walk, file, attr, flags);
		told++;
	}
	tsk_error_reset();
	return told;
}

static void tell_file(struct walk *walk, const TSK_FS_FILE *file, bool deleted)
{
	int told = tell_streams(walk, file, deleted, is_content);

	if (work_apfs_is_packed(file))
		work_trouble(walk->work, WARD_E_UNSUPPORTED, path_of(walk),
				"it is packed in a way that is not read, or damaged");

	/* Of a deleted one, what is lost is lost; its blocks may be carved. */
	if (told == 0 && file->meta->size > 0 && !deleted)
		work_trouble(walk->work, WARD_E_FORMAT, path_of(walk),
				"where its bytes lie cannot be read: the file system is damaged");
}

/* ---- folders ---- */

static void walk_folder(struct walk *walk, TSK_INUM_T inode, bool deleted);

static bool is_folder(const TSK_FS_FILE *file)
{
	return file->meta ? TSK_FS_IS_DIR_META(file->meta->type)
			  : TSK_FS_IS_DIR_NAME(file->name->type);
}

/* The file system's own, whose sizes are the disk's: The Sleuth Kit's, and NTFS's. */
static bool is_table(const struct walk *walk, const TSK_FS_FILE *file)
{
	return file->meta->type == TSK_FS_META_TYPE_VIRT ||
	       (TSK_FS_TYPE_ISNTFS(walk->system->ftype) && file->meta->addr <= NTFS_LAST_TABLE &&
			       !is_folder(file));
}

static void set_named(struct walk *walk, uint64_t inode)
{
	if (walk->named && inode < walk->inodes)
		walk->named[inode / 8] |= (uint8_t)(1u << inode % 8);
}

static void visit(struct walk *walk, TSK_FS_FILE *file)
{
	const TSK_FS_META *meta = file->meta;
	bool deleted = file->name->flags & TSK_FS_NAME_FLAG_UNALLOC;

	if (!meta || (deleted && (meta->flags & TSK_FS_META_FLAG_ALLOC))) {
		/* A deleted name whose number now belongs to another file says nothing of it. */
		if (!deleted)
			work_trouble(walk->work, WARD_E_FORMAT, path_of(walk),
					"what it is cannot be read: the file system is damaged");
		return;
	}
	if (!deleted)
		set_named(walk, meta->addr);
	/* What somebody put beside a table or onto a folder. */
	if (is_table(walk, file) || is_folder(file))
		(void)tell_streams(walk, file, deleted, is_hidden);
	if (is_table(walk, file))
		return;
	if (is_folder(file))
		walk_folder(walk, meta->addr, deleted);
	else if (meta->type == TSK_FS_META_TYPE_REG || meta->type == TSK_FS_META_TYPE_UNDEF)
		tell_file(walk, file, deleted);
}

static void visit_named(struct walk *walk, TSK_FS_FILE *file)
{
	size_t len = walk->path.len;
	const char *name = file->name ? file->name->name : NULL;

	if (!name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	ward_buf_char(&walk->path, '/');
	ward_buf_str(&walk->path, ward_str_from(name));
	if (walk->path.failed)
		walk->no_memory = true;
	else
		visit(walk, file);
	walk->path.len = len;
}

static void walk_names(struct walk *walk, TSK_FS_DIR *folder)
{
	size_t count = tsk_fs_dir_getsize(folder);

	for (size_t i = 0; i < count && !walk->work->stopped && !walk->no_memory; i++) {
		TSK_FS_FILE *file = tsk_fs_dir_get(folder, i);

		work_alive(walk->work);
		tsk_error_reset();
		if (file)
			visit_named(walk, file);
		tsk_fs_file_close(file);
	}
}

static void walk_folder(struct walk *walk, TSK_INUM_T inode, bool deleted)
{
	ward_str path = walk->path.len ? path_of(walk) : WARD_STR("/");

	if (!see(walk, inode) || walk->no_memory)
		return;
	if (walk->depth == DEPTH_MAX) {
		work_trouble(walk->work, WARD_E_LIMIT, path, "folders lie too deep");
		return;
	}
	tsk_error_reset();
	TSK_FS_DIR *folder = tsk_fs_dir_open_meta(walk->system, inode);

	if (!folder) {
		tsk_error_reset();
		if (!deleted)
			work_trouble(walk->work, WARD_E_FORMAT, path,
					"the folder cannot be read: the file system is damaged");
		return;
	}
	walk->depth++;
	walk_names(walk, folder);
	walk->depth--;
	tsk_fs_dir_close(folder);
}

static void walk_private(struct walk *walk)
{
	if (!TSK_FS_TYPE_ISAPFS(walk->system->ftype) || walk->work->stopped || walk->no_memory)
		return;
	ward_buf_str(&walk->path, WARD_STR("/$Private"));
	walk_folder(walk, APFS_PRIVATE, false);
	walk->path.len = 0;
}

/* ---- files without a name ---- */

/*
 * In use, and in no folder: whoever unlinks an entry by hand leaves it so, and neither its name nor
 * the free blocks lead there.  FAT, exFAT and ISO 9660 have no files but by their names.
 */
static bool may_be_nameless(const TSK_FS_INFO *system)
{
	return TSK_FS_TYPE_ISEXT(system->ftype) || TSK_FS_TYPE_ISNTFS(system->ftype) ||
	       TSK_FS_TYPE_ISHFS(system->ftype) || TSK_FS_TYPE_ISFFS(system->ftype);
}

/* A bit for each, of which the kernel gives memory when one is set. */
static void look_for_nameless(struct walk *walk)
{
	const TSK_FS_INFO *system = walk->system;

	if (!may_be_nameless(system) || system->last_inum >= INODES_MAX)
		return;
	walk->inodes = system->last_inum + 1;
	walk->named = calloc((size_t)(walk->inodes / 8 + 1), 1);
	if (!walk->named)
		walk->no_memory = true;
}

/* The file system's own: those before the first of people's, and a journal that has no name. */
static bool is_reserved(const TSK_FS_INFO *system, uint64_t inode)
{
	if (TSK_FS_TYPE_ISNTFS(system->ftype))
		return inode <= NTFS_LAST_TABLE;
	if (TSK_FS_TYPE_ISEXT(system->ftype))
		return inode < EXT_FIRST_USER;
	return TSK_FS_TYPE_ISHFS(system->ftype) ? inode < HFS_FIRST_USER
						: inode <= system->root_inum;
}

static TSK_WALK_RET_ENUM meet_inode(TSK_FS_FILE *file, void *context)
{
	struct walk *walk = context;
	uint64_t inode = file->meta ? file->meta->addr : 0;

	work_alive(walk->work);
	if (!file->meta || inode >= walk->inodes || is_reserved(walk->system, inode) ||
			(walk->named[inode / 8] & 1u << inode % 8) ||
			file->meta->type != TSK_FS_META_TYPE_REG || file->meta->size <= 0)
		return TSK_WALK_CONT;
	ward_buf_clear(&walk->path);
	ward_buf_printf(&walk->path, "/$Nameless/%llu", (unsigned long long)inode);
	tell_file(walk, file, false);
	return walk->work->stopped ? TSK_WALK_STOP : TSK_WALK_CONT;
}

static void tell_nameless(struct walk *walk)
{
	if (!walk->named || walk->work->stopped || walk->no_memory)
		return;
	if (tsk_fs_meta_walk(walk->system, walk->system->first_inum, walk->system->last_inum,
			    TSK_FS_META_FLAG_ALLOC | TSK_FS_META_FLAG_USED, meet_inode,
			    walk) != 0 &&
			!walk->work->stopped)
		work_trouble(walk->work, WARD_E_FORMAT, WARD_STR("/"),
				"whether there are files without a name cannot be read: the file "
				"system is damaged");
	tsk_error_reset();
}

ward_err work_list(struct work *work, struct work_volume *volume, struct ward_error *error)
{
	struct walk walk = { .work = work, .volume = volume };

	walk.system = work_open(work, volume);
	if (!walk.system)
		return ward_fail(error, WARD_E_UNSUPPORTED, "%s",
				volume->trouble ? volume->trouble : "it is no partition");
	if (!volume->listed)
		volume->slack_count = volume->slack_size = 0;
	ward_buf_init(&walk.path, (size_t)1 << 20);
	work_apfs_tell_snapshots(work, volume);
	look_for_nameless(&walk);
	walk_folder(&walk, walk.system->root_inum, false);
	walk_private(&walk);
	tell_nameless(&walk);
	ward_buf_free(&walk.path);
	free(walk.runs);
	free(walk.seen);
	free(walk.named);
	volume->listed = volume->listed || !work->stopped;
	return walk.no_memory ? ward_fail(error, WARD_E_NOMEM, "no memory for its folders")
			      : WARD_OK;
}
