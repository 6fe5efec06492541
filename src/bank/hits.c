#include "bank/hits.h"

void ward_hits_free(struct ward_hits *hits)
{
	free(hits->at);
	*hits = (struct ward_hits){ .max = hits->max };
}

void ward_hits_clear(struct ward_hits *hits)
{
	hits->count = 0;
	hits->total = 0;
}

static int by_nearness(const void *left, const void *right)
{
	const struct ward_hit *a = left, *b = right;

	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	if (a->list != b->list)
		return strcmp(ward_list_info(a->list)->name, ward_list_info(b->list)->name);
	if (a->entry != b->entry)
		return a->entry < b->entry ? -1 : 1;
	return memcmp(a->signal.bytes, b->signal.bytes, sizeof(a->signal.bytes));
}

struct hit_sink hit_sink_to(struct ward_hits *hits)
{
	return (struct hit_sink){ .hits = hits };
}

static bool grow(struct ward_hits *hits)
{
	size_t room = hits->room ? hits->room * 2 : 8, size;
	struct ward_hit *at;

	if (hits->max && room > hits->max)
		room = hits->max;
	if (ckd_mul(&size, room, sizeof(*at)) || !(at = realloc(hits->at, size)))
		return false;
	hits->at = at;
	hits->room = room;
	return true;
}

static void sift_down(struct ward_hits *hits, size_t at)
{
	struct ward_hit hit = hits->at[at];
	size_t child;

	while ((child = 2 * at + 1) < hits->count) {
		if (child + 1 < hits->count &&
				by_nearness(&hits->at[child], &hits->at[child + 1]) < 0)
			child++;
		if (by_nearness(&hit, &hits->at[child]) >= 0)
			break;
		hits->at[at] = hits->at[child];
		at = child;
	}
	hits->at[at] = hit;
}

static void replace_farthest(struct hit_sink *sink, const struct ward_hit *hit)
{
	struct ward_hits *hits = sink->hits;

	if (!sink->heaped) {
		for (size_t at = hits->count / 2; at-- > 0;)
			sift_down(hits, at);
		sink->heaped = true;
	}
	if (by_nearness(hit, &hits->at[0]) < 0) {
		hits->at[0] = *hit;
		sift_down(hits, 0);
	}
}

ward_err hit_sink_add(struct hit_sink *sink, const struct ward_hit *hit, struct ward_error *error)
{
	struct ward_hits *hits = sink->hits;

	if (hits->max && hits->count >= hits->max) {
		replace_farthest(sink, hit);
	} else {
		if (hits->count == hits->room && !grow(hits))
			return ward_fail(error, WARD_E_NOMEM, "no memory for %zu hits",
					hits->count);
		hits->at[hits->count++] = *hit;
	}
	hits->total++;
	return WARD_OK;
}

void hit_sink_end(struct hit_sink *sink)
{
	struct ward_hits *hits = sink->hits;

	if (hits->count > 1)
		qsort(hits->at, hits->count, sizeof(*hits->at), by_nearness);
	sink->heaped = false;
}
