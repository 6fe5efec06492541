#include "bank/ref_table.h"
#include "base/checksum.h"

/* Entries share a slot, eight or so: a small table that stays in the cache is made faster. */
#define PER_SLOT 8

static size_t slot_of(const struct ref_table *table, ward_str ref)
{
	return checksum_of(ref.ptr, ref.len) & table->mask;
}

static void add_segment(struct ref_table *table, const struct segment *segment, uint32_t *ordinal)
{
	for (uint32_t i = 0; i < segment->head.entries; i++, ++*ordinal) {
		ward_str ref = segment_ref(segment, i);
		size_t slot;

		if (ref.len == 0)
			continue;
		slot = slot_of(table, ref);
		table->next[*ordinal] = table->first[slot];
		table->first[slot] = *ordinal + 1;
	}
}

ward_err ref_table_make(struct ref_table *table, const struct ward_list *list,
		struct ward_error *error)
{
	uint64_t entries = 0;
	uint32_t ordinal = 0;
	size_t slots = 64;

	for (size_t i = 0; i < list->manifest.segment_count; i++)
		entries += list->segments[i].head.entries;
	if (entries >= UINT32_MAX)
		return ward_fail(error, WARD_E_LIMIT,
				"the list is too large to look for ids: compact it, or remove by "
				"signal");
	while (slots < entries / PER_SLOT)
		slots *= 2;
	*table = (struct ref_table){ .list = list, .mask = slots - 1 };
	table->first = calloc(slots, sizeof(*table->first));
	table->next = calloc(entries + 1, sizeof(*table->next));
	if (!table->first || !table->next) {
		ref_table_free(table);
		return ward_fail(error, WARD_E_NOMEM, "no memory to look for ids in a list");
	}
	for (size_t i = 0; i < list->manifest.segment_count; i++) {
		if (list->segments[i].ref_starts)
			add_segment(table, &list->segments[i], &ordinal);
		else
			ordinal += list->segments[i].head.entries;
	}
	return WARD_OK;
}

void ref_table_free(struct ref_table *table)
{
	free(table->first);
	free(table->next);
	*table = (struct ref_table){ 0 };
}

/* Which segment an entry of all is in, and where there. */
static size_t segment_of(const struct ward_list *list, uint32_t *ordinal)
{
	size_t at = 0;

	while (*ordinal >= list->segments[at].head.entries)
		*ordinal -= list->segments[at++].head.entries;
	return at;
}

bool ref_table_next(const struct ref_table *table, ward_str ref, uint32_t *cursor, size_t *segment,
		uint64_t *number)
{
	uint32_t at = *cursor ? table->next[*cursor - 1] : table->first[slot_of(table, ref)];

	for (; at != 0; at = table->next[at - 1]) {
		uint32_t index = at - 1;
		size_t which = segment_of(table->list, &index);

		if (!ward_str_eq(segment_ref(&table->list->segments[which], index), ref))
			continue;
		*cursor = at;
		*segment = which;
		*number = segment_number(&table->list->segments[which], index);
		return true;
	}
	*cursor = 0;
	return false;
}
