/*
 * tree.h - a document that is to be sent, built in any order and written in the schema's
 *
 * A node has one slot a part of its type, in the schema's order, and what is
 * added to it goes to the slot of its name.  So the order in which a document
 * was put together is not kept, and a wrong one cannot be expressed.  How
 * often a part may stand and what its value may be is asked by check.h: a tree
 * can hold a document that is not right yet.
 *
 * Text is UTF-8.  What XML cannot carry (control characters, U+FFFE and
 * U+FFFF) is left out when the document is written.
 *
 * Everything lives in the caller's arena and belongs to one thread.
 */
#ifndef FILING_TREE_H
#define FILING_TREE_H

#include "filing/schema.h"

struct filing_node {
	const struct filing_type *type;
	const struct filing_part *part; /* NULL for the root */
	ward_str text;                  /* ptr is NULL where none was set */
	ward_str *attributes; /* one a attribute of the type; ptr is NULL where none was set */
	struct filing_list {
		struct filing_node *first, *last;
		unsigned count;
	} * slots;                /* one a part of the type */
	struct filing_node *next; /* of the same part */
	struct filing_node *parent;
	unsigned index; /* among those of the same part, from 0 */
};

/* The root of a document.  NULL when the arena has no room. */
struct filing_node *filing_tree_new(struct ward_arena *arena,
		const struct filing_type *type) WARD_MUST_USE;

/* NOT_FOUND when the type has no such part; NOMEM. */
ward_err filing_add(struct ward_arena *arena, struct filing_node *node, const char *name,
		struct filing_node **added, struct ward_error *error) WARD_MUST_USE;
/* A copy is kept.  FORMAT when it is no UTF-8, ARGUMENT when the type holds parts, no text. */
ward_err filing_set_text(struct ward_arena *arena, struct filing_node *node, ward_str text,
		struct ward_error *error) WARD_MUST_USE;
/* NOT_FOUND when the type has no such attribute. */
ward_err filing_set_attribute(struct ward_arena *arena, struct filing_node *node, const char *name,
		ward_str text, struct ward_error *error) WARD_MUST_USE;
/* filing_add and filing_set_text in one. */
ward_err filing_add_text(struct ward_arena *arena, struct filing_node *node, const char *name,
		ward_str text, struct ward_error *error) WARD_MUST_USE;
/* Takes out whatever stands under this name. */
void filing_remove(struct filing_node *node, const char *name);

/* The first of this name, or NULL; "a/b" descends by the first each. */
const struct filing_node *filing_find(const struct filing_node *node, const char *path);
/* What stands at a path of the schema, whether a document has it or not; NULL for no such path. */
const struct filing_type *filing_find_type(const struct filing_type *type, const char *path);
/* The attribute's text; ptr is NULL when it is not set, or there is none of this name. */
ward_str filing_attribute_of(const struct filing_node *node, const char *name);

/* The whole document as XML with its declaration; the buffer's cap is the bound. */
void filing_write(const struct filing_node *root, struct ward_buf *out);

/* True for a character that XML 1.0 can carry. */
bool filing_xml_char(uint32_t c);
/* Takes one character off the front; the text is UTF-8 and not empty. */
uint32_t filing_next_char(ward_str *text);

#endif
