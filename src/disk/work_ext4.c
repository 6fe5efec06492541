/*
 * Places of an ext4 file in many pieces.  libtsk 4.11.1 gives up on a file, or a folder, whose tree
 * of extents has more than one leaf (its pull request 2842): of 340 pieces in blocks of 4 KiB, 84
 * in blocks of 1 KiB.  Such are videos on a full disk, and large folders.
 *
 * So what loads a file's places is asked first, and when it fails the tree is read here and put
 * into the struct that it left.  Tree: fs/ext4/ext4_extents.h of Linux, and its documentation
 * ("ext4 Data Structures and Algorithms", Extent Tree).
 */
#include "disk/work.h"

enum {
	MAGIC = 0xf30a,
	HEAD = 12,
	ENTRY = 12,
	ROOT = 60,          /* within the inode */
	DEPTH_MAX = 5,      /* what 2^32 blocks take, in blocks of 1 KiB */
	LEN_MAX = 32768,    /* of an extent; above it, so much less, and never written */
	RUNS_MAX = 1 << 22, /* of one file */
	NODES_MAX = 1 << 20,
	BLOCK_MAX = 64 << 10,
};

/* What libtsk does; the same function for each file system that it opened as ext. */
static uint8_t (*load_first)(TSK_FS_FILE *file);

struct tree {
	TSK_FS_INFO *system;
	uint64_t next; /* block of the file */
	size_t runs, nodes;
	TSK_FS_ATTR_RUN *first, *last;
};

static bool add_run(struct tree *tree, uint64_t at, uint64_t len, TSK_FS_ATTR_RUN_FLAG_ENUM flags)
{
	TSK_FS_ATTR_RUN *run = len && tree->runs < RUNS_MAX ? calloc(1, sizeof(*run)) : NULL;

	if (!run)
		return len == 0;
	run->offset = tree->next;
	run->addr = flags ? 0 : at;
	run->len = len;
	run->flags = flags;
	if (tree->last)
		tree->last->next = run;
	else
		tree->first = run;
	tree->last = run;
	tree->next += len;
	tree->runs++;
	return true;
}

/* What is between two extents is a hole. */
static bool add_extent(struct tree *tree, ward_bytes entry)
{
	struct ward_reader reader = ward_reader_from(entry);
	uint64_t block = ward_read_u32le(&reader), len = ward_read_u16le(&reader);
	uint64_t at = (uint64_t)ward_read_u16le(&reader) << 32;
	bool written = len <= LEN_MAX;

	at |= ward_read_u32le(&reader);
	if (!written)
		len -= LEN_MAX;
	if (block < tree->next || at > tree->system->last_block ||
			len > tree->system->last_block - at + 1)
		return false;
	return add_run(tree, 0, block - tree->next, TSK_FS_ATTR_RUN_FLAG_SPARSE) &&
	       add_run(tree, at, len,
			       written ? TSK_FS_ATTR_RUN_FLAG_NONE : TSK_FS_ATTR_RUN_FLAG_SPARSE);
}

static bool read_node(struct tree *tree, ward_bytes node, unsigned depth);

static bool read_child(struct tree *tree, ward_bytes entry, unsigned depth)
{
	struct ward_reader reader = ward_reader_from(entry);
	size_t len = tree->system->block_size;

	(void)ward_read_u32le(&reader);
	uint64_t at = ward_read_u32le(&reader);

	at |= (uint64_t)ward_read_u16le(&reader) << 32;
	uint8_t *block = len <= BLOCK_MAX && ++tree->nodes < NODES_MAX ? malloc(len) : NULL;
	bool good = block && at <= tree->system->last_block &&
		    tsk_fs_read_block(tree->system, at, (char *)block, len) == (ssize_t)len &&
		    read_node(tree, (ward_bytes){ block, len }, depth);

	free(block);
	return good;
}

/* Each level is one lower than that above it, so it comes to an end. */
static bool read_node(struct tree *tree, ward_bytes node, unsigned depth)
{
	struct ward_reader reader = ward_reader_from(node);
	unsigned magic = ward_read_u16le(&reader);
	size_t count = ward_read_u16le(&reader);
	bool good;

	(void)ward_read_u16le(&reader);
	good = ward_read_u16le(&reader) == depth && magic == MAGIC && depth <= DEPTH_MAX &&
	       node.len >= HEAD && count <= (node.len - HEAD) / ENTRY;
	for (size_t i = 0; good && i < count; i++) {
		ward_bytes entry = { node.ptr + HEAD + i * ENTRY, ENTRY };

		good = depth == 0 ? add_extent(tree, entry) : read_child(tree, entry, depth - 1);
	}
	return good;
}

static bool read_tree(struct tree *tree, const TSK_FS_META *meta)
{
	ward_bytes root = { meta->content_ptr, ROOT };
	uint64_t block = tree->system->block_size;

	if (!meta->content_ptr || meta->content_len < ROOT || meta->size < 0)
		return false;
	struct ward_reader reader = ward_reader_from((ward_bytes){ root.ptr + 6, 2 });
	uint64_t wanted = ((uint64_t)meta->size + block - 1) / block;

	if (!read_node(tree, root, ward_read_u16le(&reader)))
		return false;
	return tree->next >= wanted ||
	       add_run(tree, 0, wanted - tree->next, TSK_FS_ATTR_RUN_FLAG_SPARSE);
}

/* Into the file's first attribute, which is its content; the other was of the tree's own blocks. */
static void put_runs(TSK_FS_META *meta, const struct tree *tree)
{
	TSK_FS_ATTR *content = meta->attr->head;

	tsk_fs_attr_run_free(content->nrd.run);
	content->nrd.run = tree->first;
	content->nrd.run_end = tree->last;
	for (TSK_FS_ATTR *other = content->next; other; other = other->next)
		other->flags = TSK_FS_ATTR_FLAG_NONE;
	meta->attr_state = TSK_FS_META_ATTR_STUDIED;
}

static uint8_t load(TSK_FS_FILE *file)
{
	uint8_t failed = load_first(file);
	TSK_FS_META *meta = file->meta;
	struct tree tree = { .system = file->fs_info };

	if (!failed || !meta || meta->content_type != TSK_FS_META_CONTENT_TYPE_EXT4_EXTENTS ||
			!meta->attr || !meta->attr->head ||
			!(meta->attr->head->flags & TSK_FS_ATTR_NONRES))
		return failed;
	if (!read_tree(&tree, meta)) {
		tsk_fs_attr_run_free(tree.first);
		/* That frees all of the row, which is not seen from here. */
		return failed; /* NOLINT(clang-analyzer-unix.Malloc) */
	}
	tsk_error_reset();
	put_runs(meta, &tree);
	return 0;
}

void work_mend_ext4(TSK_FS_INFO *system)
{
	if (!TSK_FS_TYPE_ISEXT(system->ftype) || system->load_attrs == load ||
			system->endian != TSK_LIT_ENDIAN)
		return;
	load_first = system->load_attrs;
	system->load_attrs = load;
}
