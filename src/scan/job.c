#include "scan/job.h"

#include "base/clock.h"

uint32_t scan_time_left(const struct scan_job *job)
{
	uint64_t spent = (clock_ticks_us() - job->started_us) / 1000;
	uint32_t whole = job->options->limits.time_ms;

	return spent < whole ? whole - (uint32_t)spent : 0;
}

/* Doubles an array in the arena; what it leaves behind goes back with the rest. */
static void *grow(struct ward_arena *arena, void *at, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : 8;
	void *grown = ward_arena_alloc(arena, wanted, size);

	if (!grown)
		return NULL;
	if (*room)
		memcpy(grown, at, *room * size);
	*room = wanted;
	return grown;
}

static ward_err no_room(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM,
			"the report needs more memory than allowed; lower parts_max or frames_max");
}

ward_err scan_add_item(struct scan_job *job, ward_str path, size_t *index, struct ward_error *error)
{
	struct scan_items *items = &job->items;

	if (items->count == items->room) {
		void *grown = grow(job->arena, items->at, &items->room, sizeof(*items->at));

		if (!grown)
			return no_room(error);
		items->at = grown;
	}
	ward_str copy = ward_arena_str(job->arena, path);

	if (!copy.ptr)
		return no_room(error);
	items->at[items->count] = (struct ward_item){ .path = copy };
	*index = items->count++;
	return WARD_OK;
}

struct ward_finding *scan_add_finding(struct scan_job *job, size_t item, ward_finding_kind kind,
		struct ward_error *error)
{
	struct scan_findings *findings = &job->findings;

	if (findings->count == findings->room) {
		void *grown = grow(job->arena, findings->at, &findings->room,
				sizeof(*findings->at));

		if (!grown) {
			(void)no_room(error);
			return NULL;
		}
		findings->at = grown;
	}
	struct ward_finding *finding = &findings->at[findings->count++];

	*finding = (struct ward_finding){
		.kind = kind,
		.path = job->items.at[item].path,
	};
	return finding;
}

ward_err scan_add_trouble(struct scan_job *job, size_t item, ward_err why, const char *message,
		struct ward_error *error)
{
	bool too_large = why == WARD_E_LIMIT || why == WARD_E_NOMEM;
	ward_finding_kind kind = too_large ? WARD_FINDING_LIMIT : WARD_FINDING_UNREADABLE;
	ward_str copy = ward_arena_str(job->arena, ward_str_from(message));
	struct ward_finding *finding;

	if (!copy.ptr)
		return no_room(error);
	finding = scan_add_finding(job, item, kind, error);
	if (!finding)
		return WARD_E_NOMEM;
	finding->err = why;
	finding->message = copy;
	job->items.at[item].err = why;
	job->items.at[item].message = copy;
	return WARD_OK;
}

/* Which finding a person, or a rule, should meet first. */
static int gravity(const struct ward_finding *finding)
{
	static const int order[WARD_FINDING_KIND_COUNT] = {
		[WARD_FINDING_KNOWN] = 0,
		[WARD_FINDING_NEAR] = 1,
		[WARD_FINDING_LINK] = 2,
		[WARD_FINDING_SCORE] = 2,
		[WARD_FINDING_UNREADABLE] = 3,
		[WARD_FINDING_LIMIT] = 3,
		[WARD_FINDING_ENCRYPTED] = 3,
		[WARD_FINDING_EXCLUDED] = 4,
		[WARD_FINDING_ALLOWED] = 5,
	};

	return order[finding->kind];
}

static bool before(const struct ward_finding *a, const struct ward_finding *b)
{
	int by_gravity = gravity(a) - gravity(b);

	return by_gravity < 0 || (by_gravity == 0 && a->distance < b->distance);
}

/* A merge sort keeps equals in the order they were found, and never goes quadratic. */
static void merge_sort(struct ward_finding *at, struct ward_finding *spare, size_t count)
{
	size_t half = count / 2;
	size_t left = 0;
	size_t right = half;

	if (count < 2)
		return;
	merge_sort(at, spare, half);
	merge_sort(at + half, spare, count - half);
	for (size_t i = 0; i < count; i++) {
		if (right == count || (left < half && !before(&at[right], &at[left])))
			spare[i] = at[left++];
		else
			spare[i] = at[right++];
	}
	memcpy(at, spare, count * sizeof(*at));
}

void scan_sort_findings(struct scan_findings *findings)
{
	struct ward_finding *spare = calloc(findings->count + 1, sizeof(*spare));

	/* Without memory they stay in the order of finding, which is true as well. */
	if (spare)
		merge_sort(findings->at, spare, findings->count);
	free(spare);
}
