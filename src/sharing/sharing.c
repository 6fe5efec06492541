/*
 * ed2k, aich and tth are librhash's; the tree of BitTorrent v2 is not in it.
 *
 * That tree (BEP 52): leaves are SHA-256 of 16 KiB each, the last one as short
 * as it comes, and zeros stand in for leaves up to the next power of two.  Built
 * as it goes: a stack with one finished tree of each height, as one counts in
 * binary; at the end each gap is filled by the tree of that height over zeros.
 */
#include <ward/sharing.h>

#include <rhash.h>

#define LEAF   16384
#define LEVELS 50 /* 2^50 leaves are more than a file has bytes */

struct tree {
	uint8_t node[LEVELS][32]; /* where bit k of `leaves` is set, the tree of 2^k leaves */
	uint64_t leaves;
};

struct ward_sharing_hasher {
	rhash rhash;
	struct tree tree;
	uint8_t leaf[LEAF];
	size_t leaf_len;
	uint64_t bytes;
};

#define KINDS (RHASH_ED2K | RHASH_AICH | RHASH_TTH)

struct ward_sharing_hasher *ward_sharing_hasher_new(void)
{
	struct ward_sharing_hasher *hasher = calloc(1, sizeof(*hasher));

	if (hasher)
		hasher->rhash = rhash_init(KINDS);
	if (hasher && !hasher->rhash) {
		free(hasher);
		hasher = NULL;
	}
	return hasher;
}

void ward_sharing_hasher_free(struct ward_sharing_hasher *hasher)
{
	if (!hasher)
		return;
	rhash_free(hasher->rhash);
	free(hasher);
}

/* ---- BitTorrent v2 ---- */

static void join(uint8_t left_to[32], const uint8_t left[32], const uint8_t right[32])
{
	const ward_bytes both[2] = { { left, 32 }, { right, 32 } };
	uint8_t digest[32];

	ward_sha256(both, 2, digest);
	memcpy(left_to, digest, sizeof(digest));
}

static void add_leaf(struct tree *tree, ward_bytes bytes)
{
	uint8_t node[32];
	unsigned level = 0;

	ward_sha256(&bytes, 1, node);
	for (; tree->leaves >> level & 1; level++)
		join(node, tree->node[level], node);
	memcpy(tree->node[level], node, sizeof(node));
	tree->leaves++;
}

static void add_bytes(struct ward_sharing_hasher *hasher, ward_bytes bytes)
{
	while (bytes.len > 0) {
		size_t room = LEAF - hasher->leaf_len, some = bytes.len < room ? bytes.len : room;

		if (hasher->leaf_len == 0 && some == LEAF) {
			add_leaf(&hasher->tree, (ward_bytes){ bytes.ptr, LEAF });
		} else {
			memcpy(hasher->leaf + hasher->leaf_len, bytes.ptr, some);
			hasher->leaf_len += some;
			if (hasher->leaf_len == LEAF) {
				add_leaf(&hasher->tree, (ward_bytes){ hasher->leaf, LEAF });
				hasher->leaf_len = 0;
			}
		}
		bytes.ptr += some;
		bytes.len -= some;
	}
}

static void root_of(const struct tree *tree, uint8_t root[32])
{
	uint8_t zeros[32] = { 0 };
	bool begun = false;

	for (unsigned level = 0; level < LEVELS && tree->leaves >> level > 0; level++) {
		bool whole = tree->leaves >> level & 1;

		/* Alone at the top: it is the root. */
		if (whole && !begun && tree->leaves >> level == 1) {
			memcpy(root, tree->node[level], 32);
			return;
		}
		if (whole && begun)
			join(root, tree->node[level], root);
		else if (whole)
			join(root, tree->node[level], zeros);
		else if (begun)
			join(root, root, zeros);
		begun = begun || whole;
		join(zeros, zeros, zeros);
	}
}

/* ---- all of them ---- */

void ward_sharing_hasher_update(struct ward_sharing_hasher *hasher, ward_bytes bytes)
{
	if (bytes.len == 0)
		return;
	rhash_update(hasher->rhash, bytes.ptr, bytes.len);
	add_bytes(hasher, bytes);
	hasher->bytes += bytes.len;
}

void ward_sharing_hasher_finish(struct ward_sharing_hasher *hasher,
		struct ward_sharing_hashes *hashes)
{
	*hashes = (struct ward_sharing_hashes){ .bytes = hasher->bytes };
	rhash_final(hasher->rhash, NULL);
	rhash_print((char *)hashes->ed2k, hasher->rhash, RHASH_ED2K, RHPR_RAW);
	rhash_print((char *)hashes->aich, hasher->rhash, RHASH_AICH, RHPR_RAW);
	rhash_print((char *)hashes->tth, hasher->rhash, RHASH_TTH, RHPR_RAW);
	rhash_reset(hasher->rhash);
	if (hasher->leaf_len > 0)
		add_leaf(&hasher->tree, (ward_bytes){ hasher->leaf, hasher->leaf_len });
	root_of(&hasher->tree, hashes->btroot);
	hasher->tree.leaves = 0;
	hasher->leaf_len = 0;
	hasher->bytes = 0;
}

ward_signal_kind ward_sharing_kind(unsigned at)
{
	static const ward_signal_kind kinds[WARD_SHARING_KINDS] = { WARD_SIGNAL_ED2K,
		WARD_SIGNAL_AICH, WARD_SIGNAL_TTH, WARD_SIGNAL_BTROOT };

	return at < WARD_SHARING_KINDS ? kinds[at] : WARD_SIGNAL_NONE;
}

bool ward_sharing_signal(const struct ward_sharing_hashes *hashes, ward_signal_kind kind,
		ward_signal *signal)
{
	const uint8_t *from = kind == WARD_SIGNAL_ED2K     ? hashes->ed2k
			      : kind == WARD_SIGNAL_AICH   ? hashes->aich
			      : kind == WARD_SIGNAL_TTH    ? hashes->tth
			      : kind == WARD_SIGNAL_BTROOT ? hashes->btroot
							   : NULL;

	*signal = (ward_signal){ .kind = kind };
	if (!from || (kind == WARD_SIGNAL_BTROOT && hashes->bytes == 0))
		return false;
	memcpy(signal->bytes, from, ward_signal_size(kind));
	return true;
}
