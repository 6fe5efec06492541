/*
 * The heap that a node holds, and the properties in it, [MS-PST] 2.3: a tree
 * of tags, whose values are in place, elsewhere in the heap, or in a node
 * beneath.
 */
#include "decode/pst.h"

#include <stdlib.h>

#include "decode/ole.h"

/* 2.3.2: levels of the tree of properties; one is of a message that has hundreds. */
#define TREE_LEVELS_MAX 8

/* ---- the heap ---- */

/* A value is where the last five bits of its number are 0; else in a node beneath (2.3.3.2). */
static bool is_in_heap(uint32_t where)
{
	return PST_TYPE(where) == 0;
}

/* 2.3.1.5: the page map of each block tells where its values begin. */
static bool heap_item(const struct pst_props *props, uint32_t where, ward_bytes *item)
{
	bool is_4k = props->pst->shape == PST_UNICODE_4K;
	uint32_t index = where >> 5 & (is_4k ? 0x3fff : 0x7ff), block = where >> (is_4k ? 19 : 16);

	if (!is_in_heap(where) || index == 0 || block >= props->block_count)
		return false;
	ward_bytes bytes = { (const uint8_t *)props->bytes.ptr + props->starts[block],
		props->starts[block + 1] - props->starts[block] };
	struct ward_reader reader = ward_reader_from(bytes);
	uint16_t map = ward_read_u16le(&reader);

	reader = ward_reader_from(bytes);
	(void)ward_read_bytes(&reader, map);
	uint16_t count = ward_read_u16le(&reader);

	(void)ward_read_bytes(&reader, 2 + (size_t)(index - 1) * 2);
	uint16_t from = ward_read_u16le(&reader), to = ward_read_u16le(&reader);

	if (reader.failed || index > count || from > to || to > bytes.len)
		return false;
	*item = (ward_bytes){ bytes.ptr + from, (size_t)to - from };
	return true;
}

static ward_err add_block(void *context, ward_bytes bytes)
{
	struct pst_props *props = context;

	/* Room is a power of two. */
	if ((props->block_count & (props->block_count - 1)) == 0) {
		size_t room = props->block_count ? props->block_count * 2 : 1;
		size_t *grown = realloc(props->starts, (room + 1) * sizeof(*grown));

		if (!grown)
			return WARD_E_NOMEM;
		props->starts = grown;
	}
	props->starts[props->block_count++] = props->bytes.len;
	ward_buf_add(&props->bytes, bytes.ptr, bytes.len);
	props->starts[props->block_count] = props->bytes.len;
	return props->bytes.failed ? WARD_E_NOMEM : WARD_OK;
}

/* ---- the tree in it ---- */

/* 2.3.1.2 and 2.3.2.1: HNHDR, whose root is a tree of keys of 2 bytes and values of 6. */
static bool find_tree(struct pst_props *props)
{
	struct ward_reader reader = ward_reader_from(
			(ward_bytes){ (const uint8_t *)props->bytes.ptr, props->bytes.len });
	ward_bytes head;

	(void)ward_read_u16le(&reader);
	bool is = ward_read_u8(&reader) == 0xec && ward_read_u8(&reader) == 0xbc;
	uint32_t root = ward_read_u32le(&reader);

	if (reader.failed || !is || !heap_item(props, root, &head))
		return false;
	reader = ward_reader_from(head);
	is = ward_read_u8(&reader) == 0xb5 && ward_read_u8(&reader) == 2 &&
	     ward_read_u8(&reader) == 6;
	props->levels = ward_read_u8(&reader);
	props->root = ward_read_u32le(&reader);
	return is && !reader.failed && props->levels <= TREE_LEVELS_MAX;
}

bool pst_props_open(struct pst *pst, const struct pst_node *node, struct pst_props *props)
{
	bool whole;

	*props = (struct pst_props){ .pst = pst };
	/* A heap's numbers have 16 bits for its blocks. */
	ward_buf_init(&props->bytes, (size_t)PST_BLOCK_MAX << 13);
	(void)pst_subnodes(pst, node->sub, &props->subs, &props->sub_count);
	if (pst_read(pst, node->data, add_block, props, &whole) || !find_tree(props)) {
		pst->is_damaged = true;
		return false;
	}
	return true;
}

void pst_props_close(struct pst_props *props)
{
	ward_buf_free(&props->bytes);
	free(props->starts);
	free(props->subs);
}

bool pst_props_get(const struct pst_props *props, uint16_t tag, struct pst_value *value)
{
	uint32_t where = props->root;
	ward_bytes item;

	for (unsigned level = props->levels; level > 0; level--) {
		uint32_t next = 0;

		if (!heap_item(props, where, &item))
			return false;
		struct ward_reader reader = ward_reader_from(item);

		/* The last whose first tag is no larger. */
		while (ward_reader_left(&reader) >= 6) {
			uint16_t first = ward_read_u16le(&reader);
			uint32_t below = ward_read_u32le(&reader);

			if (first <= tag)
				next = below;
		}
		where = next;
	}
	if (!heap_item(props, where, &item))
		return false;
	struct ward_reader reader = ward_reader_from(item);

	while (ward_reader_left(&reader) >= 8) {
		uint16_t it = ward_read_u16le(&reader);

		value->type = ward_read_u16le(&reader);
		value->value = ward_read_u32le(&reader);
		if (it == tag)
			return true;
	}
	return false;
}

/* ---- values ---- */

const struct pst_node *pst_props_sub(const struct pst_props *props, uint32_t nid)
{
	for (size_t i = 0; i < props->sub_count; i++) {
		if (props->subs[i].nid == nid)
			return &props->subs[i];
	}
	return NULL;
}

const struct pst_node *pst_props_object(const struct pst_props *props,
		const struct pst_value *value)
{
	ward_bytes item;

	if (value->type != 0x000d || !heap_item(props, value->value, &item))
		return NULL;
	struct ward_reader reader = ward_reader_from(item);

	return pst_props_sub(props, ward_read_u32le(&reader));
}

ward_err pst_props_read(const struct pst_props *props, const struct pst_value *value,
		pst_block_visit *visit, void *context, bool *whole)
{
	const struct pst_node *node;
	ward_bytes item;

	*whole = true;
	if (value->value == 0)
		return WARD_OK;
	if (is_in_heap(value->value)) {
		*whole = heap_item(props, value->value, &item);
		return *whole ? visit(context, item) : WARD_OK;
	}
	node = pst_props_sub(props, value->value);
	*whole = node != NULL;
	return node ? pst_read(props->pst, node->data, visit, context, whole) : WARD_OK;
}

static ward_err add_bytes(void *context, ward_bytes bytes)
{
	struct ward_buf *out = context;

	ward_buf_add(out, bytes.ptr, bytes.len);
	return out->failed ? WARD_E_NOMEM : WARD_OK;
}

bool pst_props_text(const struct pst_props *props, uint16_t tag, struct ward_buf *out)
{
	size_t before = out->len;
	struct pst_value value;
	struct ward_buf bytes;
	bool whole;

	if (!pst_props_get(props, tag, &value) || (value.type != 0x001f && value.type != 0x001e))
		return false;
	ward_buf_init(&bytes, SIZE_MAX);
	ward_err err = pst_props_read(props, &value, add_bytes, &bytes, &whole);
	ward_bytes all = { (const uint8_t *)bytes.ptr, bytes.len };

	if (!err && value.type == 0x001f)
		ole_text(all, out);
	else if (!err)
		ole_narrow_text(all, out);
	if (err || !whole)
		props->pst->is_damaged = true;
	ward_buf_free(&bytes);
	return out->len > before;
}
