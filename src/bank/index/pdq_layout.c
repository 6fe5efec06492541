#include "bank/index/pdq_layout.h"

struct pdq_layout pdq_layout_of(uint32_t count, uint32_t postings, uint32_t copies)
{
	struct pdq_layout layout = { 0 };

	layout.hashes = sizeof(struct pdq_head);
	layout.copied = layout.hashes + pdq_padded((uint64_t)count * sizeof(ward_pdq));
	layout.tables = layout.copied + pdq_padded((uint64_t)copies * 2 * sizeof(uint32_t));
	layout.following = pdq_padded((PDQ_BUCKETS + 1) * sizeof(uint32_t));
	layout.ids = layout.following + pdq_padded((uint64_t)postings * sizeof(uint16_t));
	/* An id is read as four bytes, so a byte more than three for the last one. */
	layout.table_size = layout.ids + pdq_padded((uint64_t)postings * pdq_id_bytes(count) + 1);
	layout.size = layout.tables + (postings ? PDQ_INDEX_CHUNKS * layout.table_size : 0);
	return layout;
}
