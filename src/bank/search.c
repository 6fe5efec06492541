#include "bank/search.h"
#include "bank/exclusion.h"

ward_err search_radius(const struct ward_list *list, int radius, int *own, struct ward_error *error)
{
	if (radius > WARD_PDQ_RADIUS_MAX)
		return ward_fail(error, WARD_E_ARGUMENT, "a PDQ radius is 0 to %d, not %d",
				WARD_PDQ_RADIUS_MAX, radius);
	*own = radius < 0 ? list->manifest.info.radius : radius;
	return WARD_OK;
}

/* Adds the entry that the signal at `place` belongs to, unless it was removed. */
static ward_err add_place(const struct ward_list *list, size_t at, ward_signal_kind kind,
		uint32_t place, uint32_t distance, struct hit_sink *sink, struct ward_error *error)
{
	const struct segment *segment = &list->segments[at];
	uint32_t index = segment_owner(segment, kind, place);
	struct ward_hit hit = { .list = list, .distance = distance };
	const struct opinion_count *said;

	if (index >= segment->head.entries)
		return WARD_OK; /* a damaged file; verify tells */
	hit.entry = segment_number(segment, index);
	if (list_removed(list, at, hit.entry))
		return WARD_OK;
	hit.signal = segment_signal(segment, kind, place);
	hit.labels = segment_labels(segment, index);
	if (hit.labels.len == 0)
		hit.labels = ward_str_from(list->manifest.info.default_label);
	said = opinions_find(&list->opinions, &hit.signal);
	if (said) {
		hit.affirmed = said->affirmed;
		hit.disputed = said->disputed;
	}
	if (sink->exclusion) {
		ward_err err = exclusion_mark(sink->exclusion, &hit, error);

		if (err)
			return err;
	}
	if (sink->heeds_remarks && list->remarks.count > 0) {
		struct ward_remark remark = ward_list_remark_on(list, hit.entry);

		hit.off = ward_remark_is_off(&remark, sink->now);
		hit.excluded |= hit.off;
	}
	return hit_sink_add(sink, &hit, error);
}

static ward_err search_digests(const struct ward_list *list, size_t at, const ward_signal *signal,
		struct hit_sink *sink, struct ward_error *error)
{
	const struct digest_table *table = &list->segments[at].signals[signal->kind].digests;
	ward_err err = WARD_OK;

	for (uint32_t row = digest_table_find(table, signal->bytes);
			!err && digest_table_is(table, row, signal->bytes); row++)
		err = add_place(list, at, signal->kind, table->order[row].place, 0, sink, error);
	return err;
}

static ward_err search_photodna(const struct ward_list *list, size_t at, const ward_signal *signal,
		uint32_t distance_max, struct hit_sink *sink, struct ward_error *error)
{
	const struct segment_signals *rows = &list->segments[at].signals[WARD_SIGNAL_PHOTODNA];
	size_t size = ward_signal_size(WARD_SIGNAL_PHOTODNA);
	ward_err err = WARD_OK;

	for (uint32_t place = 0; place < rows->count && !err; place++) {
		uint32_t distance =
				ward_photodna_distance(signal->bytes, rows->bytes + place * size);

		if (distance <= distance_max)
			err = add_place(list, at, WARD_SIGNAL_PHOTODNA, place, distance, sink,
					error);
	}
	return err;
}

ward_err search_exact(const struct ward_list *list, const ward_signal *signal,
		struct hit_sink *sink, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < list->manifest.segment_count && !err; i++) {
		if (list->segments[i].signals[signal->kind].count == 0)
			continue;
		if (signal->kind == WARD_SIGNAL_PHOTODNA)
			err = search_photodna(list, i, signal,
					list->manifest.info.photodna_distance_max, sink, error);
		else
			err = search_digests(list, i, signal, sink, error);
	}
	return err;
}

/* ---- PDQ ---- */

static int by_question(const void *left, const void *right)
{
	const struct pdq_match *a = left, *b = right;

	if (a->query != b->query)
		return a->query < b->query ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->distance < b->distance ? -1 : a->distance > b->distance;
}

/* What several looks of one question found: each once, the nearest look counts. */
static void merge_looks(struct pdq_found *found, size_t looks)
{
	size_t kept = 0;

	for (size_t i = 0; i < found->count; i++)
		found->at[i].query /= (uint32_t)looks;
	if (found->count > 1)
		qsort(found->at, found->count, sizeof(*found->at), by_question);
	for (size_t i = 0; i < found->count; i++) {
		if (kept == 0 || found->at[i].query != found->at[kept - 1].query ||
				found->at[i].id != found->at[kept - 1].id)
			found->at[kept++] = found->at[i];
	}
	found->count = kept;
}

ward_err search_pdq(const struct ward_list *list, const ward_pdq *hashes, size_t count,
		size_t looks, int radius, struct hit_sink *sinks, struct ward_error *error)
{
	struct pdq_found found = { 0 };
	ward_err err = WARD_OK;

	for (size_t i = 0; i < list->manifest.segment_count && !err; i++) {
		const struct segment *segment = &list->segments[i];

		if (segment->signals[WARD_SIGNAL_PDQ].count == 0)
			continue;
		found.count = 0;
		if (count * looks == 1)
			err = pdq_index_search(&segment->pdq, hashes[0], radius, &found, error);
		else
			err = pdq_index_search_batch(&segment->pdq, hashes, count * looks, radius,
					&found, error);
		if (!err && looks > 1)
			merge_looks(&found, looks);
		for (size_t j = 0; j < found.count && !err; j++)
			err = add_place(list, i, WARD_SIGNAL_PDQ, found.at[j].id,
					found.at[j].distance, &sinks[found.at[j].query], error);
	}
	pdq_found_free(&found);
	return err;
}

/* ---- one list ---- */

ward_err ward_list_search(const struct ward_list *list, const ward_signal *signal, int radius,
		struct ward_hits *hits, struct ward_error *error)
{
	struct hit_sink sink = hit_sink_to(hits);
	int own = 0;
	ward_err err = search_radius(list, radius, &own, error);

	if (err)
		return err;
	if (signal->kind <= WARD_SIGNAL_NONE || signal->kind >= WARD_SIGNAL_KIND_COUNT)
		return ward_fail(error, WARD_E_ARGUMENT, "a search needs a signal");
	if (signal->kind == WARD_SIGNAL_PDQ) {
		ward_pdq hash = ward_pdq_from_signal(signal);

		err = search_pdq(list, &hash, 1, 1, own, &sink, error);
	} else {
		err = search_exact(list, signal, &sink, error);
	}
	hit_sink_end(&sink);
	return err;
}
