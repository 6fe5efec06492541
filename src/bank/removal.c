#include "bank/removal.h"
#include "bank/writer.h"

#define SLOTS_FIRST 64

void removal_free(struct removal *removal)
{
	free(removal->slots);
	ref_table_free(&removal->refs);
	*removal = (struct removal){ 0 };
}

static size_t slot_for(const uint64_t *slots, size_t count, uint64_t number)
{
	size_t at = (number * 0x9e3779b97f4a7c15u >> 20) & (count - 1);

	while (slots[at] != 0 && slots[at] != number + 1)
		at = (at + 1) & (count - 1);
	return at;
}

/* At most half of the slots are used. */
static bool make_room(struct removal *removal)
{
	size_t count = removal->slot_count ? removal->slot_count * 2 : SLOTS_FIRST;
	uint64_t *slots;

	if (removal->count < removal->slot_count / 2)
		return true;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < removal->slot_count; i++) {
		uint64_t number = removal->slots[i];

		if (number != 0)
			slots[slot_for(slots, count, number - 1)] = number;
	}
	free(removal->slots);
	removal->slots = slots;
	removal->slot_count = count;
	return true;
}

ward_err removal_add(struct removal *removal, uint64_t number, bool *added,
		struct ward_error *error)
{
	size_t at;

	if (!make_room(removal))
		return ward_fail(error, WARD_E_NOMEM, "no memory to remove more entries");
	at = slot_for(removal->slots, removal->slot_count, number);
	*added = removal->slots[at] == 0;
	if (*added) {
		removal->slots[at] = number + 1;
		removal->count++;
	}
	return WARD_OK;
}

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

uint64_t *removal_sorted(const struct removal *removal)
{
	uint64_t *numbers = malloc((removal->count + 1) * sizeof(*numbers));
	size_t count = 0;

	if (!numbers)
		return NULL;
	for (size_t i = 0; i < removal->slot_count; i++) {
		if (removal->slots[i] != 0)
			numbers[count++] = removal->slots[i] - 1;
	}
	qsort(numbers, count, sizeof(*numbers), by_value);
	return numbers;
}

/* ---- what a writer is told to remove ---- */

ward_err ward_list_writer_drop(struct ward_list_writer *writer, uint64_t number,
		struct ward_error *error)
{
	bool added;

	if (writer->done)
		return ward_fail(error, WARD_E_ARGUMENT, "nothing can be dropped after the commit");
	return removal_add(&writer->dropped, number, &added, error);
}

static ward_err check_delta(const struct ward_list_writer *writer, struct ward_error *error)
{
	if (!writer->base)
		return ward_fail(error, WARD_E_ARGUMENT,
				"a new version has nothing to remove: only a delta does");
	if (writer->done)
		return ward_fail(error, WARD_E_ARGUMENT, "nothing can be removed after the commit");
	return WARD_OK;
}

ward_err ward_list_writer_remove_ref(struct ward_list_writer *writer, ward_str ref,
		uint64_t *removed, struct ward_error *error)
{
	struct ref_table *refs = &writer->removal.refs;
	ward_err err = check_delta(writer, error);
	uint64_t count = 0, number = 0;
	uint32_t cursor = 0;
	size_t segment = 0;

	if (!err && ref.len == 0)
		return ward_fail(error, WARD_E_ARGUMENT, "an id to remove is not empty");
	if (!err && !refs->list)
		err = ref_table_make(refs, writer->base, error);
	while (!err && ref_table_next(refs, ref, &cursor, &segment, &number)) {
		bool added = false;

		if (list_removed(writer->base, segment, number))
			continue;
		err = removal_add(&writer->removal, number, &added, error);
		count += added;
	}
	if (!err)
		*removed = count;
	return err;
}

ward_err ward_list_writer_remove_signal(struct ward_list_writer *writer, const ward_signal *signal,
		uint64_t *removed, struct ward_error *error)
{
	struct ward_hits hits = { 0 };
	ward_err err = check_delta(writer, error);
	uint64_t count = 0;

	if (!err)
		err = ward_list_search(writer->base, signal, 0, &hits, error);
	for (size_t i = 0; i < hits.count && !err; i++) {
		bool added = false;

		/* PhotoDNA has its list's own distance; equal is 0. */
		if (hits.at[i].distance > 0)
			break;
		err = removal_add(&writer->removal, hits.at[i].entry, &added, error);
		count += added;
	}
	ward_hits_free(&hits);
	if (!err)
		*removed = count;
	return err;
}
