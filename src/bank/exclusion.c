#include "bank/exclusion.h"

static bool holds_place(const struct ward_list *list, size_t at, ward_signal_kind kind,
		uint32_t place)
{
	const struct segment *segment = &list->segments[at];
	uint32_t index = segment_owner(segment, kind, place);

	return index < segment->head.entries &&
	       !list_removed(list, at, segment_number(segment, index));
}

static bool holds_digest(const struct ward_list *list, size_t at, const ward_signal *signal)
{
	const struct digest_table *table = &list->segments[at].signals[signal->kind].digests;
	uint32_t row = digest_table_find(table, signal->bytes);

	for (; digest_table_is(table, row, signal->bytes); row++) {
		if (holds_place(list, at, signal->kind, table->order[row].place))
			return true;
	}
	return false;
}

static bool holds_photodna(const struct ward_list *list, size_t at, const ward_signal *signal)
{
	const struct segment_signals *rows = &list->segments[at].signals[WARD_SIGNAL_PHOTODNA];
	size_t size = ward_signal_size(WARD_SIGNAL_PHOTODNA);

	for (uint32_t place = 0; place < rows->count; place++) {
		if (memcmp(rows->bytes + place * size, signal->bytes, size) == 0 &&
				holds_place(list, at, WARD_SIGNAL_PHOTODNA, place))
			return true;
	}
	return false;
}

static ward_err holds_pdq(const struct ward_list *list, size_t at, const ward_signal *signal,
		bool *holds, struct ward_error *error)
{
	struct pdq_found found = { 0 };
	ward_err err = pdq_index_search(&list->segments[at].pdq, ward_pdq_from_signal(signal), 0,
			&found, error);

	for (size_t i = 0; i < found.count && !err; i++)
		*holds |= holds_place(list, at, WARD_SIGNAL_PDQ, found.at[i].id);
	pdq_found_free(&found);
	return err;
}

static ward_err list_holds(const struct ward_list *list, const ward_signal *signal, bool *holds,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < list->manifest.segment_count && !*holds && !err; i++) {
		if (list->segments[i].signals[signal->kind].count == 0)
			continue;
		if (signal->kind == WARD_SIGNAL_PDQ)
			err = holds_pdq(list, i, signal, holds, error);
		else if (signal->kind == WARD_SIGNAL_PHOTODNA)
			*holds = holds_photodna(list, i, signal);
		else
			*holds = holds_digest(list, i, signal);
	}
	return err;
}

/* ---- marking ---- */

static ward_err any_holds(const struct exclusion *exclusion, const ward_signal *signal, bool *holds,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < exclusion->list_count && !*holds && !err; i++)
		err = list_holds(exclusion->lists[i], signal, holds, error);
	return err;
}

static ward_err ask_all(struct exclusion *exclusion, struct ward_error *error)
{
	bool holds = false;
	ward_err err = any_holds(exclusion, exclusion->asked, &holds, error);

	for (size_t i = 0; i < exclusion->look_count && !holds && !err; i++) {
		ward_signal look = ward_pdq_signal(exclusion->looks[i]);

		err = any_holds(exclusion, &look, &holds, error);
	}
	if (!err)
		exclusion->all = holds ? EXCLUSION_YES : EXCLUSION_NO;
	return err;
}

ward_err exclusion_mark(struct exclusion *exclusion, struct ward_hit *hit, struct ward_error *error)
{
	bool holds = false;
	ward_err err = WARD_OK;

	if (exclusion->all == EXCLUSION_UNKNOWN)
		err = ask_all(exclusion, error);
	if (!err && exclusion->all == EXCLUSION_NO)
		err = any_holds(exclusion, &hit->signal, &holds, error);
	if (!err)
		hit->excluded = holds || exclusion->all == EXCLUSION_YES;
	return err;
}
