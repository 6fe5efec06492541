#include "filing/tree.h"

static struct filing_node *new_node(struct ward_arena *arena, const struct filing_type *type)
{
	struct filing_node *node = ward_new(arena, struct filing_node, 1);

	if (!node)
		return NULL;
	node->type = type;
	node->attributes = ward_new(arena, ward_str, type->attribute_count + 1);
	node->slots = ward_new(arena, struct filing_list, type->part_count + 1);
	return node->attributes && node->slots ? node : NULL;
}

struct filing_node *filing_tree_new(struct ward_arena *arena, const struct filing_type *type)
{
	return new_node(arena, type);
}

/* The number of a part; part_count when there is none. */
static unsigned slot_of(const struct filing_type *type, ward_str name)
{
	unsigned i = 0;

	while (i < type->part_count && !ward_str_eq(ward_str_from(type->parts[i].name), name))
		i++;
	return i;
}

static unsigned attribute_slot(const struct filing_type *type, const char *name)
{
	unsigned i = 0;

	while (i < type->attribute_count && strcmp(type->attributes[i].name, name) != 0)
		i++;
	return i;
}

ward_err filing_add(struct ward_arena *arena, struct filing_node *node, const char *name,
		struct filing_node **added, struct ward_error *error)
{
	unsigned slot = slot_of(node->type, ward_str_from(name));

	if (slot == node->type->part_count)
		return ward_fail(error, WARD_E_NOT_FOUND, "%s has no field of this name",
				node->type->name ? node->type->name : "a value");
	struct filing_list *list = &node->slots[slot];
	struct filing_node *child = new_node(arena, node->type->parts[slot].type);

	if (!child)
		return ward_fail(error, WARD_E_NOMEM, "the report is too large");
	child->part = &node->type->parts[slot];
	child->parent = node;
	child->index = list->count++;
	if (list->last)
		list->last->next = child;
	else
		list->first = child;
	list->last = child;
	*added = child;
	return WARD_OK;
}

static ward_err copy(struct ward_arena *arena, ward_str text, ward_str *out,
		struct ward_error *error)
{
	if (!ward_utf8_valid(text))
		return ward_fail(error, WARD_E_FORMAT, "a value is not UTF-8");
	ward_str kept = ward_arena_str(arena, text);

	if (!kept.ptr)
		return ward_fail(error, WARD_E_NOMEM, "the report is too large");
	*out = kept;
	return WARD_OK;
}

ward_err filing_set_text(struct ward_arena *arena, struct filing_node *node, ward_str text,
		struct ward_error *error)
{
	if (node->type->value == FILING_PARTS)
		return ward_fail(error, WARD_E_ARGUMENT, "%s is a group of fields, not a text",
				node->type->name);
	return copy(arena, text, &node->text, error);
}

ward_err filing_set_attribute(struct ward_arena *arena, struct filing_node *node, const char *name,
		ward_str text, struct ward_error *error)
{
	unsigned slot = attribute_slot(node->type, name);

	if (slot == node->type->attribute_count)
		return ward_fail(error, WARD_E_NOT_FOUND, "%s has no attribute of this name",
				node->type->name ? node->type->name : "a value");
	return copy(arena, text, &node->attributes[slot], error);
}

ward_err filing_add_text(struct ward_arena *arena, struct filing_node *node, const char *name,
		ward_str text, struct ward_error *error)
{
	struct filing_node *child;
	ward_err err = filing_add(arena, node, name, &child, error);

	return err ? err : filing_set_text(arena, child, text, error);
}

void filing_remove(struct filing_node *node, const char *name)
{
	unsigned slot = slot_of(node->type, ward_str_from(name));

	if (slot < node->type->part_count)
		node->slots[slot] = (struct filing_list){ NULL, NULL, 0 };
}

const struct filing_node *filing_find(const struct filing_node *node, const char *path)
{
	ward_str rest = ward_str_from(path);

	while (node && rest.len > 0) {
		unsigned slot = slot_of(node->type, ward_str_cut(&rest, '/'));

		node = slot < node->type->part_count ? node->slots[slot].first : NULL;
	}
	return node;
}

const struct filing_type *filing_find_type(const struct filing_type *type, const char *path)
{
	ward_str rest = ward_str_from(path);

	while (type && rest.len > 0) {
		unsigned slot = slot_of(type, ward_str_cut(&rest, '/'));

		type = slot < type->part_count ? type->parts[slot].type : NULL;
	}
	return type;
}

ward_str filing_attribute_of(const struct filing_node *node, const char *name)
{
	unsigned slot = attribute_slot(node->type, name);

	return slot < node->type->attribute_count ? node->attributes[slot] : (ward_str){ NULL, 0 };
}

/* ---- characters ---- */

bool filing_xml_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
	       (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

uint32_t filing_next_char(ward_str *text)
{
	const uint8_t *at = (const uint8_t *)text->ptr;
	size_t len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t c = len == 1 ? at[0] : at[0] & (0x7fu >> len);

	if (len > text->len)
		len = text->len;
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (at[i] & 0x3fu);
	text->ptr += len;
	text->len -= len;
	return c;
}

/* ---- XML ---- */

static void write_text(struct ward_buf *out, ward_str text, bool attribute)
{
	while (text.len > 0) {
		const char *from = text.ptr;
		uint32_t c = filing_next_char(&text);

		if (c == '&')
			ward_buf_str(out, WARD_STR("&amp;"));
		else if (c == '<')
			ward_buf_str(out, WARD_STR("&lt;"));
		else if (c == '>')
			ward_buf_str(out, WARD_STR("&gt;"));
		else if (c == '"' && attribute)
			ward_buf_str(out, WARD_STR("&quot;"));
		/* A reader would make line feeds of bare carriage returns, and blanks of either. */
		else if (c == '\r' || (attribute && (c == '\n' || c == '\t')))
			ward_buf_printf(out, "&#%u;", (unsigned)c);
		else if (filing_xml_char(c))
			ward_buf_add(out, from, (size_t)(text.ptr - from));
	}
}

static void write_indent(struct ward_buf *out, int depth)
{
	ward_buf_char(out, '\n');
	for (int i = 0; i < depth; i++)
		ward_buf_str(out, WARD_STR("  "));
}

static bool has_parts(const struct filing_node *node)
{
	for (unsigned i = 0; i < node->type->part_count; i++) {
		if (node->slots[i].count > 0)
			return true;
	}
	return false;
}

/* Types are not recursive, so this is as deep as the schema. */
static void write_node(const struct filing_node *node, const char *name,
		struct ward_buf *out, // NOLINT(misc-no-recursion)
		int depth)
{
	ward_buf_printf(out, "<%s", name);
	if (depth == 0)
		ward_buf_str(out,
				WARD_STR(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
					 " xsi:noNamespaceSchemaLocation=\"https://"
					 "report.cybertip.org/ispws/xsd\""));
	for (unsigned i = 0; i < node->type->attribute_count; i++) {
		if (!node->attributes[i].ptr)
			continue;
		ward_buf_printf(out, " %s=\"", node->type->attributes[i].name);
		write_text(out, node->attributes[i], true);
		ward_buf_char(out, '"');
	}
	ward_buf_char(out, '>');
	write_text(out, node->text, false);
	for (unsigned i = 0; i < node->type->part_count; i++) {
		for (const struct filing_node *child = node->slots[i].first; child;
				child = child->next) {
			write_indent(out, depth + 1);
			write_node(child, child->part->name, out, depth + 1);
		}
	}
	if (has_parts(node))
		write_indent(out, depth);
	ward_buf_printf(out, "</%s>", name);
}

void filing_write(const struct filing_node *root, struct ward_buf *out)
{
	ward_buf_str(out, WARD_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
	write_node(root, root->type == filing_type_report ? "report" : "fileDetails", out, 0);
	ward_buf_char(out, '\n');
}
