/*
 * pst.h - [MS-PST] Outlook's mailbox in one file: nodes, the blocks they are in, what they say of
 * themselves
 *
 * A file has two trees of pages: nodes by their number (a folder, a message),
 * and blocks by theirs, with where they lie.  What a node holds is a block, or
 * a tree of blocks; beneath it may be nodes of its own (an attachment).  In
 * its blocks is a heap, and in the heap a list of properties, by tags of MAPI.
 * Files of before 2003 have numbers of 32 bits (ANSI); copies of a server's
 * mailbox (OST) since 2013 have pages of 4096 bytes, and blocks by zlib.
 *
 * Bytes are hostile.  A tree is gone down by levels that must fall, and no
 * more pages are seen than the file has; all blocks that are read together
 * are no more than PST_READINGS times the file, in a sound file about once.
 *
 * A struct pst borrows the file, and belongs to one thread.
 */
#ifndef DECODE_PST_H
#define DECODE_PST_H

#include <ward/base.h>

/* Levels of a tree of pages: each level has at least 15 times the next one's; a file of 4 PB has 8.
 */
#define PST_LEVELS_MAX 8
#define PST_BLOCK_MAX  65536 /* a block's length has 16 bits */
#define PST_READINGS   4     /* folders are read for their names, messages twice, once to spare */

/* 2.2.2.1: the five lowest bits of a node's number. */
enum { PST_FOLDER = 2, PST_MESSAGE = 4, PST_ATTACHMENT = 5, PST_ASSOCIATED = 8 };
#define PST_TYPE(nid) ((nid)&0x1fu)

enum pst_shape { PST_ANSI, PST_UNICODE, PST_UNICODE_4K };

struct pst {
	ward_bytes file;
	enum pst_shape shape;
	uint8_t method;          /* 2.2.2.6, bCryptMethod; 0, 1 and 2 are read */
	uint64_t nodes, blocks;  /* where the pages are that the trees begin with */
	uint64_t left;           /* bytes of blocks that may still be read */
	bool is_damaged;         /* something was not as it should be; what was read stands */
	uint8_t permute[3][256]; /* 5.1 and 5.2: R, S, and I, which undoes R */
	uint8_t room[3][PST_BLOCK_MAX];
};

struct pst_node {
	uint32_t nid;
	uint64_t data, sub; /* of blocks; 0 is none */
	uint32_t parent;    /* of those that are in the file's tree */
};

/* FORMAT when it is none, UNSUPPORTED when its version is not known. */
ward_err pst_open(struct pst *pst, ward_bytes file, struct ward_error *error) WARD_MUST_USE;

/* pst_permute.c */
void pst_permute_fill(uint8_t permute[3][256]);

/* ---- nodes, in order of their numbers ---- */

struct pst_walk {
	struct {
		uint64_t page;
		unsigned next;
	} steps[PST_LEVELS_MAX];
	unsigned depth;      /* of those in use */
	uint64_t pages_left; /* no more than the file has */
};

void pst_walk_begin(struct pst *pst, struct pst_walk *walk);
/* False at the end. */
bool pst_walk_next(struct pst *pst, struct pst_walk *walk, struct pst_node *node);

/* The nodes beneath one, by its `sub`; false when some are missing.  The array is from malloc. */
bool pst_subnodes(struct pst *pst, uint64_t sub, struct pst_node **nodes, size_t *count);

/* ---- what a node holds ---- */

/* The next block's bytes, borrowed until it returns; what it returns ends the reading. */
typedef ward_err pst_block_visit(void *context, ward_bytes bytes);

/* Sets `*whole` false when a block is missing, and goes on behind it.  Returns what `visit` did. */
ward_err pst_read(struct pst *pst, uint64_t data, pst_block_visit *visit, void *context,
		bool *whole) WARD_MUST_USE;

/* ---- its properties ---- */

struct pst_props {
	struct pst *pst;
	struct ward_buf bytes; /* the heap: its blocks, one behind the other */
	size_t *starts;        /* of blocks in it, and the end */
	size_t block_count;
	struct pst_node *subs; /* beneath the node */
	size_t sub_count;
	uint32_t root; /* of the tree of properties */
	unsigned levels;
};

/* False when it has no readable list.  In any case end with pst_props_close. */
bool pst_props_open(struct pst *pst, const struct pst_node *node, struct pst_props *props);
void pst_props_close(struct pst_props *props);

struct pst_value {
	uint16_t type;  /* 2.11.1 of [MS-OXCDATA]: 0x001f is text, 0x0102 bytes, ... */
	uint32_t value; /* itself, or where it is */
};

bool pst_props_get(const struct pst_props *props, uint16_t tag, struct pst_value *value);
/* The bytes of what is longer than its place, piece by piece; as pst_read. */
ward_err pst_props_read(const struct pst_props *props, const struct pst_value *value,
		pst_block_visit *visit, void *context, bool *whole) WARD_MUST_USE;
/* Text of either width, as UTF-8 appended to `out`; false when there is none. */
bool pst_props_text(const struct pst_props *props, uint16_t tag, struct ward_buf *out);
/* The node beneath, by its number; NULL when there is none. */
const struct pst_node *pst_props_sub(const struct pst_props *props, uint32_t nid);
/* The node that an object (0x000d) is. */
const struct pst_node *pst_props_object(const struct pst_props *props,
		const struct pst_value *value);

#endif
