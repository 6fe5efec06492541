/*
 * Pages, blocks and trees of Outlook's mailbox, [MS-PST] 2.2.  Numbers of
 * sections are of that; what it does not tell, of pages of 4096 bytes, is as
 * libpst (readpst) reads it.
 */
#include "decode/pst.h"

#include <stdlib.h>
#include <zlib.h>

/* ---- what differs by the shape ---- */

static bool is_wide(const struct pst *pst)
{
	return pst->shape != PST_ANSI;
}

static bool is_4k(const struct pst *pst)
{
	return pst->shape == PST_UNICODE_4K;
}

static size_t page_bytes(const struct pst *pst)
{
	return is_4k(pst) ? 4096 : 512;
}

static uint64_t read_number(const struct pst *pst, struct ward_reader *reader)
{
	return is_wide(pst) ? ward_read_u64le(reader) : ward_read_u32le(reader);
}

static struct ward_reader reader_at(ward_bytes bytes, size_t at)
{
	struct ward_reader reader = ward_reader_from(bytes);

	(void)ward_read_bytes(&reader, at);
	return reader;
}

/* ---- opening ---- */

/* 2.2.2.6: wVer. */
static bool shape_of(uint16_t version, enum pst_shape *shape)
{
	if (version == 14 || version == 15)
		*shape = PST_ANSI;
	else if (version >= 36)
		*shape = PST_UNICODE_4K;
	else if (version >= 21)
		*shape = PST_UNICODE;
	else
		return false;
	return true;
}

ward_err pst_open(struct pst *pst, ward_bytes file, struct ward_error *error)
{
	struct ward_reader reader = reader_at(file, 10);

	pst->file = file;
	pst->is_damaged = false;
	if (ckd_mul(&pst->left, (uint64_t)file.len, PST_READINGS))
		pst->left = UINT64_MAX;
	uint16_t version = ward_read_u16le(&reader);

	if (reader.failed)
		return ward_fail(error, WARD_E_FORMAT, "the pst file breaks off in its head");
	if (!shape_of(version, &pst->shape))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the pst file is of a version that is not known");
	/* 2.2.2.6 and 2.2.2.5: BREFNBT and BREFBBT, each a number and a place. */
	reader = reader_at(file, is_wide(pst) ? 216 : 184);
	(void)read_number(pst, &reader);
	pst->nodes = read_number(pst, &reader);
	(void)read_number(pst, &reader);
	pst->blocks = read_number(pst, &reader);
	struct ward_reader method = reader_at(file, is_wide(pst) ? 513 : 461);

	pst->method = ward_read_u8(&method);
	if (reader.failed || method.failed)
		return ward_fail(error, WARD_E_FORMAT, "the pst file breaks off in its head");
	pst_permute_fill(pst->permute);
	return WARD_OK;
}

/* ---- pages ---- */

/* 2.2.2.7.7.1: BTPAGE. */
struct page {
	ward_bytes entries;
	unsigned count, size, level;
};

enum { PAGE_OF_BLOCKS = 0x80, PAGE_OF_NODES = 0x81 };

/* False when there is no such page; that is damage. */
static bool page_at(struct pst *pst, uint64_t at, uint8_t type, struct page *page)
{
	size_t bytes = page_bytes(pst);
	size_t trailer = is_4k(pst) ? 24 : is_wide(pst) ? 16 : 12;

	pst->is_damaged = pst->is_damaged || at > pst->file.len || pst->file.len - at < bytes;
	if (at > pst->file.len || pst->file.len - at < bytes)
		return false;
	ward_bytes all = { pst->file.ptr + at, bytes };
	size_t facts = is_4k(pst) ? 4056 : is_wide(pst) ? 488 : 496;
	struct ward_reader reader = reader_at(all, facts);

	page->count = is_4k(pst) ? ward_read_u16le(&reader) : ward_read_u8(&reader);
	(void)ward_read_bytes(&reader, is_4k(pst) ? 2 : 1);
	page->size = ward_read_u8(&reader);
	page->level = ward_read_u8(&reader);
	page->entries = (ward_bytes){ all.ptr, (size_t)page->count * page->size };
	/* A step down is a number and a place behind its key; a leaf of blocks is no shorter. */
	bool is = all.ptr[bytes - trailer] == type && page->level < PST_LEVELS_MAX &&
		  page->entries.len <= facts && page->size >= (is_wide(pst) ? 24 : 12);

	pst->is_damaged = pst->is_damaged || !is;
	return is;
}

static struct ward_reader entry_of(const struct page *page, unsigned index)
{
	return ward_reader_from(
			(ward_bytes){ page->entries.ptr + (size_t)index * page->size, page->size });
}

/* Where the page beneath an entry lies. */
static uint64_t beneath(const struct pst *pst, const struct page *page, unsigned index)
{
	struct ward_reader reader = entry_of(page, index);

	(void)read_number(pst, &reader);
	(void)read_number(pst, &reader);
	return read_number(pst, &reader);
}

/* How many entries have a key that is no larger, by halves. */
static unsigned count_up_to(const struct pst *pst, const struct page *page, uint64_t key)
{
	unsigned from = 0, to = page->count;

	while (from < to) {
		unsigned middle = (from + to) / 2;
		struct ward_reader reader = entry_of(page, middle);

		/* The lowest bit of a block's number is of no meaning (2.2.2.2). */
		if ((read_number(pst, &reader) & ~(uint64_t)1) <= key)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* ---- nodes ---- */

void pst_walk_begin(struct pst *pst, struct pst_walk *walk)
{
	walk->depth = 1;
	walk->steps[0].page = pst->nodes;
	walk->steps[0].next = 0;
	walk->pages_left = pst->file.len / page_bytes(pst) * PST_READINGS + PST_LEVELS_MAX;
}

/* One step: down, up, or a node (true). */
static bool walk_step(struct pst *pst, struct pst_walk *walk, struct pst_node *node)
{
	unsigned depth = walk->depth;
	struct page page, below;

	if (!page_at(pst, walk->steps[depth - 1].page, PAGE_OF_NODES, &page) ||
			walk->steps[depth - 1].next >= page.count) {
		walk->depth--;
		return false;
	}
	unsigned index = walk->steps[depth - 1].next++;

	if (page.level > 0) {
		uint64_t at = beneath(pst, &page, index);

		if (walk->pages_left == 0 || depth == PST_LEVELS_MAX ||
				!page_at(pst, at, PAGE_OF_NODES, &below) ||
				below.level != page.level - 1) {
			pst->is_damaged = true;
			return false;
		}
		walk->pages_left--;
		walk->steps[depth].page = at;
		walk->steps[depth].next = 0;
		walk->depth++;
		return false;
	}
	struct ward_reader reader = entry_of(&page, index);

	node->nid = (uint32_t)read_number(pst, &reader);
	node->data = read_number(pst, &reader);
	node->sub = read_number(pst, &reader);
	node->parent = ward_read_u32le(&reader);
	pst->is_damaged = pst->is_damaged || reader.failed;
	return !reader.failed;
}

bool pst_walk_next(struct pst *pst, struct pst_walk *walk, struct pst_node *node)
{
	while (walk->depth > 0) {
		if (walk_step(pst, walk, node))
			return true;
	}
	return false;
}

/* ---- blocks ---- */

struct block {
	uint64_t bid, at;
	size_t len, inflated; /* as stored, and as meant */
};

/* 2.2.2.7.7.3: BBTENTRY. */
static bool find_block(struct pst *pst, uint64_t bid, struct block *block)
{
	uint64_t at = pst->blocks;
	unsigned level = PST_LEVELS_MAX;
	struct page page;

	bid &= ~(uint64_t)1;
	for (;;) {
		if (!page_at(pst, at, PAGE_OF_BLOCKS, &page) || page.level >= level)
			return false;
		unsigned behind = count_up_to(pst, &page, bid);

		if (behind == 0)
			return false;
		level = page.level;
		struct ward_reader reader = entry_of(&page, behind - 1);

		if (level > 0) {
			at = beneath(pst, &page, behind - 1);
			continue;
		}
		block->bid = read_number(pst, &reader);
		block->at = read_number(pst, &reader);
		block->len = ward_read_u16le(&reader);
		block->inflated = is_4k(pst) ? ward_read_u16le(&reader) : block->len;
		return !reader.failed && (block->bid & ~(uint64_t)1) == bid;
	}
}

/* 2.2.2.8.1: the block's number stands behind it as well, and a sum. */
static bool is_sound(const struct pst *pst, const struct block *block)
{
	size_t trailer = is_4k(pst) ? 24 : is_wide(pst) ? 16 : 12, unit = is_4k(pst) ? 512 : 64;
	size_t end = (block->len + trailer + unit - 1) / unit * unit;

	if (pst->file.len - block->at < end)
		return false;
	ward_bytes all = { pst->file.ptr + block->at, end };
	struct ward_reader reader = reader_at(all, end - trailer + 4);
	uint64_t bid = is_wide(pst) ? 0 : read_number(pst, &reader);
	uint32_t sum = ward_read_u32le(&reader);

	if (is_wide(pst))
		bid = read_number(pst, &reader);
	if ((bid | 1) != (block->bid | 1))
		return false;
	/* 5.3: begins with 0, and is not turned at its end; as zlib has it, both is turned. */
	return is_4k(pst) || ~(uint32_t)crc32(UINT32_MAX, all.ptr, (uInt)block->len) == sum;
}

static void undo_cyclic(const struct pst *pst, uint32_t key, uint8_t *bytes, size_t len)
{
	uint16_t turn = (uint16_t)(key ^ key >> 16);

	for (size_t i = 0; i < len; i++, turn++) {
		uint8_t low = (uint8_t)turn, high = (uint8_t)(turn >> 8);
		uint8_t byte = pst->permute[0][(uint8_t)(bytes[i] + low)];

		byte = pst->permute[1][(uint8_t)(byte + high)];
		bytes[i] = (uint8_t)(pst->permute[2][(uint8_t)(byte - high)] - low);
	}
}

/* What is not the file's own is written in a way that no eye reads (2.2.2.6). */
static void undo_method(const struct pst *pst, uint64_t bid, uint8_t *bytes, size_t len)
{
	if (bid & 2)
		return;
	if (pst->method == 2)
		undo_cyclic(pst, (uint32_t)bid, bytes, len);
	for (size_t i = 0; pst->method == 1 && i < len; i++)
		bytes[i] = pst->permute[2][bytes[i]];
}

/* A block into one of the rooms; false when it is missing. */
static bool read_block(struct pst *pst, uint64_t bid, unsigned room, ward_bytes *bytes)
{
	struct block block;
	bool there = find_block(pst, bid, &block) && block.at <= pst->file.len &&
		     pst->file.len - block.at >= block.len && pst->left >= block.len + 64u;

	if (!there) {
		pst->is_damaged = true;
		return false;
	}
	pst->left -= block.len + 64u;
	pst->is_damaged = pst->is_damaged || !is_sound(pst, &block);
	uLongf len = block.inflated;

	if (block.inflated == block.len)
		memcpy(pst->room[room], pst->file.ptr + block.at, block.len);
	else if (uncompress(pst->room[room], &len, pst->file.ptr + block.at, block.len) != Z_OK)
		pst->is_damaged = true;
	undo_method(pst, block.bid, pst->room[room], (size_t)len);
	*bytes = (ward_bytes){ pst->room[room], (size_t)len };
	return true;
}

/* ---- trees of blocks ---- */

/* 2.2.2.8.3.2: XBLOCK and XXBLOCK, by `level` 1 and 2. */
static ward_err read_tree(struct pst *pst, uint64_t bid, unsigned level, pst_block_visit *visit,
		void *context, bool *whole)
{
	ward_err err = WARD_OK;
	ward_bytes bytes;

	if (!read_block(pst, bid, level, &bytes)) {
		*whole = false;
		return WARD_OK;
	}
	if (!(bid & 2))
		return visit(context, bytes);
	struct ward_reader reader = ward_reader_from(bytes);
	uint8_t type = ward_read_u8(&reader), said = ward_read_u8(&reader);
	uint16_t count = ward_read_u16le(&reader);

	(void)ward_read_u32le(&reader);
	if (reader.failed || type != 1 || said == 0 || said > level) {
		pst->is_damaged = true;
		*whole = false;
		return WARD_OK;
	}
	for (unsigned i = 0; i < count && !err; i++) {
		uint64_t next = read_number(pst, &reader);

		if (reader.failed) {
			pst->is_damaged = true;
			*whole = false;
			return WARD_OK;
		}
		err = read_tree(pst, next, said - 1u, visit, context, whole);
	}
	return err;
}

ward_err pst_read(struct pst *pst, uint64_t data, pst_block_visit *visit, void *context,
		bool *whole)
{
	*whole = true;
	return data == 0 ? WARD_OK : read_tree(pst, data, 2, visit, context, whole);
}

/* ---- nodes beneath a node ---- */

struct subnodes {
	struct pst *pst;
	struct pst_node *at;
	size_t count, room;
};

static bool add_subnode(struct subnodes *all, const struct pst_node *node)
{
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 16;
		struct pst_node *grown = realloc(all->at, room * sizeof(*grown));

		if (!grown)
			return false;
		all->at = grown;
		all->room = room;
	}
	all->at[all->count++] = *node;
	return true;
}

/* 2.2.2.8.3.3: SLBLOCK and SIBLOCK. */
static bool read_subnodes(struct subnodes *all, uint64_t bid, unsigned level)
{
	struct pst *pst = all->pst;
	ward_bytes bytes;

	if (!read_block(pst, bid, level, &bytes))
		return false;
	struct ward_reader reader = ward_reader_from(bytes);
	uint8_t type = ward_read_u8(&reader), said = ward_read_u8(&reader);
	uint16_t count = ward_read_u16le(&reader);
	bool whole = !reader.failed && type == 2 && said <= level;

	(void)ward_read_bytes(&reader, is_wide(pst) ? 4 : 0);
	for (unsigned i = 0; i < count && whole; i++) {
		struct pst_node node = { .nid = (uint32_t)read_number(pst, &reader) };

		node.data = read_number(pst, &reader);
		if (said == 0)
			node.sub = read_number(pst, &reader);
		whole = !reader.failed && (said > 0 ? read_subnodes(all, node.data, said - 1u)
						    : add_subnode(all, &node));
	}
	return whole;
}

bool pst_subnodes(struct pst *pst, uint64_t sub, struct pst_node **nodes, size_t *count)
{
	struct subnodes all = { .pst = pst };
	bool whole = sub == 0 || read_subnodes(&all, sub, 1);

	pst->is_damaged = pst->is_damaged || !whole;
	*nodes = all.at;
	*count = all.count;
	return whole;
}
