/*
 * First the index says which listed videos have any frame near an asked one, then each of those is
 * compared frame by frame, so what a hit says is exact whatever the index missed.
 */
#include "bank/video_search.h"
#include "bank/index/pdq_kernel.h"
#include "bank/video_align.h"

#include <math.h>

/*
 * A frame that lies near those of more than 32 videos and one in a hundred is everybody's: a
 * title, a test card.  Of one frame so many hits are enough to know.
 */
#define COMMON_MIN   32
#define COMMON_SHARE 100
#define FRAME_HITS   65536
/* So many videos of a segment are compared, those that share most frames. */
#define CANDIDATES_MAX 1000
/* Of one asked frame; a still picture is like every frame of itself. */
#define PAIRS_MAX 64
/* Of all of them: enough to see a line by, and few enough to look at it at every speed. */
#define ALL_PAIRS_MAX 16384
/* Frames times frames that one question may compare, some seconds; most promising videos first. */
#define WORK_MAX ((uint64_t)4 << 30)

struct candidate {
	uint32_t index;  /* the entry's */
	uint32_t video;  /* its place among those with frames; UINT32_MAX: found by TMK alone */
	uint32_t frames; /* asked ones that count and are near */
	float level1;    /* of TMK; 0 when it is not near */
	bool common;     /* by frames alone that many videos have */
};

struct candidates {
	struct candidate *at;
	size_t count;
	size_t room;
};

struct look {
	const struct ward_list *list;
	const struct segment *segment;
	size_t at; /* the segment's place in the list */
	const struct video_asked *asked;
	int radius;
	struct candidates candidates;
	bool common; /* frames that many videos have count, for want of others */
	uint64_t *work;
	/* For comparing one video. */
	uint32_t *near;
	size_t near_room;
	struct video_pair *pairs;
	size_t pair_count, pair_room;
};

static bool grow(void *array, size_t *room, size_t want, size_t size)
{
	void **at = array, *grown;
	size_t more = *room, bytes;

	while (more < want)
		more = more ? more * 2 : 256;
	if (more == *room)
		return true;
	if (ckd_mul(&bytes, more, size) || !(grown = realloc(*at, bytes)))
		return false;
	*at = grown;
	*room = more;
	return true;
}

static ward_err no_memory(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "no memory to look for a video");
}

static ward_err add_candidate(struct look *look, const struct candidate *candidate,
		struct ward_error *error)
{
	struct candidates *all = &look->candidates;
	uint64_t number = segment_number(look->segment, candidate->index);

	if (candidate->index >= look->segment->head.entries ||
			list_removed(look->list, look->at, number))
		return WARD_OK;
	if (!grow(&all->at, &all->room, all->count + 1, sizeof(*all->at)))
		return no_memory(error);
	all->at[all->count++] = *candidate;
	return WARD_OK;
}

/* ---- by frames ---- */

static int by_frame(const void *left, const void *right)
{
	const struct pdq_match *a = left, *b = right;

	return a->id != b->id ? (a->id > b->id ? 1 : -1)
			      : (a->query > b->query) - (a->query < b->query);
}

/* Of each asked frame, in how many videos it was found. */
struct spread {
	uint32_t videos;
	uint32_t last; /* one more than the last of them */
};

/* Calls for each video with what was found in it: `found` is sorted by frame. */
static ward_err each_video(struct look *look, const struct pdq_found *found, struct spread *spread,
		ward_err (*visit)(struct look *look, uint32_t video, const struct pdq_match *at,
				size_t count, struct spread *spread, struct ward_error *error),
		struct ward_error *error)
{
	const struct video_index *index = &look->segment->videos.index;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < found->count && !err;) {
		uint32_t video = video_index_of(index, found->at[i].id), from, to;
		size_t end = i + 1;

		video_index_range(index, video, &from, &to);
		while (end < found->count && found->at[end].id < to)
			end++;
		err = visit(look, video, &found->at[i], end - i, spread, error);
		i = end;
	}
	return err;
}

static ward_err count_spread(struct look *look, uint32_t video, const struct pdq_match *at,
		size_t count, struct spread *spread, struct ward_error *error)
{
	(void)look;
	(void)error;
	for (size_t i = 0; i < count; i++) {
		struct spread *one = &spread[at[i].query];

		one->videos += one->last != video + 1;
		one->last = video + 1;
	}
	return WARD_OK;
}

static bool is_common(const struct look *look, const struct spread *spread)
{
	return spread->videos > COMMON_MIN &&
	       spread->videos > look->segment->videos.count / COMMON_SHARE;
}

/* The videos with a frame that counts; each asked frame counts once. */
static ward_err choose(struct look *look, uint32_t video, const struct pdq_match *at, size_t count,
		struct spread *spread, struct ward_error *error)
{
	struct candidate candidate = { look->segment->videos.owners[video], video, 0, 0,
		look->common };

	for (size_t i = 0; i < count; i++) {
		struct spread *one = &spread[at[i].query];

		if ((!look->common && is_common(look, one)) || one->last == video + 1)
			continue;
		one->last = video + 1;
		candidate.frames++;
	}
	return candidate.frames > 0 ? add_candidate(look, &candidate, error) : WARD_OK;
}

static ward_err ask_frames(struct look *look, struct ward_error *error)
{
	const struct video_asked *asked = look->asked;
	const struct video_question question = { asked->hashes, asked->hash_count, look->radius,
		asked->question->exhaustive, FRAME_HITS };
	struct spread *spread = calloc(asked->hash_count + 1, sizeof(*spread));
	struct pdq_found found = { 0 };
	ward_err err = spread ? video_index_search(&look->segment->videos.index, &question, &found,
						error)
			      : no_memory(error);

	if (!err && found.count > 0) {
		qsort(found.at, found.count, sizeof(*found.at), by_frame);
		err = each_video(look, &found, spread, count_spread, error);
		for (size_t i = 0; i < asked->hash_count; i++)
			spread[i].last = 0;
	}
	if (!err)
		err = each_video(look, &found, spread, choose, error);
	/* A list may hold many copies of one video, and then all its frames are common. */
	if (!err && look->candidates.count == 0 && found.count > 0) {
		for (size_t i = 0; i < asked->hash_count; i++)
			spread[i].last = 0;
		look->common = true;
		err = each_video(look, &found, spread, choose, error);
		look->common = false;
	}
	pdq_found_free(&found);
	free(spread);
	return err;
}

/* ---- by TMK ---- */

static float inner_product(const float *a, const float *b)
{
	float lanes[16] = { 0 }, sum = 0;

	for (int i = 0; i < WARD_TMK_VALUES; i += 16) {
		for (int lane = 0; lane < 16; lane++)
			lanes[lane] += a[i + lane] * b[i + lane];
	}
	for (int lane = 0; lane < 16; lane++)
		sum += lanes[lane];
	return sum;
}

static ward_err ask_tmks(struct look *look, struct ward_error *error)
{
	const struct segment_tmks *tmks = &look->segment->tmks;
	float average[WARD_TMK_VALUES];
	ward_err err = WARD_OK;

	segment_tmk_unit(look->asked->question->tmk, average);
	for (uint32_t i = 0; i < tmks->count && !err; i++) {
		struct candidate candidate = { tmks->owners[i], UINT32_MAX, 0,
			inner_product(average, tmks->averages + (size_t)i * WARD_TMK_VALUES),
			false };

		/* What rounding may take: the level itself is computed for those that are kept. */
		if (candidate.level1 >= (float)WARD_TMK_ALIKE - 1e-4f)
			err = add_candidate(look, &candidate, error);
	}
	return err;
}

/* ---- one entry each ---- */

static int by_entry(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	return (a->index > b->index) - (a->index < b->index);
}

static int by_promise(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->frames != b->frames)
		return a->frames < b->frames ? 1 : -1;
	return a->level1 < b->level1 ? 1 : a->level1 > b->level1 ? -1 : by_entry(left, right);
}

/* An entry that was found both ways is one candidate; the most promising come first. */
static void merge(struct candidates *all)
{
	size_t kept = 0;

	if (all->count == 0)
		return;
	qsort(all->at, all->count, sizeof(*all->at), by_entry);
	for (size_t i = 0; i < all->count; i++) {
		struct candidate *last = kept > 0 ? &all->at[kept - 1] : NULL;

		if (last && last->index == all->at[i].index) {
			last->frames += all->at[i].frames;
			last->level1 = fmaxf(last->level1, all->at[i].level1);
			last->common |= all->at[i].common;
			if (last->video == UINT32_MAX)
				last->video = all->at[i].video;
		} else {
			all->at[kept++] = all->at[i];
		}
	}
	all->count = kept;
	qsort(all->at, all->count, sizeof(*all->at), by_promise);
	if (all->count > CANDIDATES_MAX)
		all->count = CANDIDATES_MAX;
}

/* ---- comparing ---- */

/* Pairs of like frames of the asked video and one listed, and the least distance. */
static ward_err find_pairs(struct look *look, uint32_t video, const struct ward_vpdq *listed,
		struct ward_video_hit *hit, struct ward_error *error)
{
	const struct video_index *index = &look->segment->videos.index;
	const struct ward_vpdq *asked = look->asked->frames;
	const struct pdq_kernel *kernel = pdq_kernel();
	uint32_t from, to;

	size_t step = asked->count / ALL_PAIRS_MAX + 1;
	size_t most = ALL_PAIRS_MAX / (asked->count / step + 1) + 1;

	most = most < PAIRS_MAX ? most : PAIRS_MAX;
	video_index_range(index, video, &from, &to);
	if (!grow(&look->near, &look->near_room, to - from, sizeof(*look->near)))
		return no_memory(error);
	look->pair_count = 0;
	hit->distance = UINT32_MAX;
	for (size_t i = 0; i < asked->count; i += step) {
		const struct ward_vpdq_frame *frame = &asked->frames[i];
		size_t count = kernel->within(index->hashes + from, to - from, &frame->hash,
				(unsigned)look->radius, look->near);

		if (!grow(&look->pairs, &look->pair_room, look->pair_count + PAIRS_MAX,
				    sizeof(*look->pairs)))
			return no_memory(error);
		for (size_t j = 0; j < count; j += count / most + 1) {
			uint32_t at = look->near[j];
			unsigned distance =
					kernel->distance(&index->hashes[from + at], &frame->hash);

			if (listed->frames[at].quality < WARD_PDQ_QUALITY_MIN)
				continue;
			look->pairs[look->pair_count++] = (struct video_pair){ frame->time_s,
				listed->frames[at].time_s };
			hit->distance = distance < hit->distance ? distance : hit->distance;
		}
	}
	return WARD_OK;
}

/* Whether so many of the asked video's frames that differ from each other are in the listed one. */
static bool has_pictures(const struct look *look, const struct ward_vpdq *listed)
{
	const struct video_asked *asked = look->asked;
	ward_pdq kept[WARD_VIDEO_PICTURES];
	size_t count = 0;

	for (size_t i = 0; i < asked->hash_count && count < WARD_VIDEO_PICTURES; i++) {
		bool is_new = true, is_there = false;

		for (size_t j = 0; j < count; j++)
			is_new &= ward_pdq_distance(kept[j], asked->hashes[i]) > look->radius;
		for (size_t j = 0; is_new && j < listed->count && !is_there; j++)
			is_there = listed->frames[j].quality >= WARD_PDQ_QUALITY_MIN &&
				   ward_pdq_distance(listed->frames[j].hash, asked->hashes[i]) <=
						   look->radius;
		if (is_there)
			kept[count++] = asked->hashes[i];
	}
	return count == WARD_VIDEO_PICTURES;
}

static ward_err compare_frames(struct look *look, uint32_t video, bool common,
		struct ward_video_hit *hit, bool *alike, struct ward_error *error)
{
	struct ward_vpdq_rule rule = ward_vpdq_rule_default();
	struct ward_vpdq listed = { 0 };
	ward_err err = video_index_frames(&look->segment->videos.index, video, &listed, error);

	rule.distance = look->radius;
	if (!err)
		err = find_pairs(look, video, &listed, hit, error);
	if (!err && look->pair_count > 0) {
		err = ward_vpdq_compare(look->asked->frames, &listed, &rule, &hit->match, error);
		*alike = ward_video_hit_percent(hit) >= WARD_VIDEO_PERCENT ||
			 (!common && has_pictures(look, &listed));
		*look->work += 2 * (uint64_t)look->asked->frames->count * listed.count;
		if (!err && *alike)
			err = video_align(look->pairs, look->pair_count, hit->spans,
					&hit->span_count, error);
	}
	ward_vpdq_free(&listed);
	return err;
}

static ward_err compare_tmk(const struct look *look, uint32_t index, struct ward_video_hit *hit,
		bool *alike, struct ward_error *error)
{
	const struct ward_tmk *asked = look->asked->question->tmk;
	struct ward_tmk *listed;
	uint32_t place;

	if (!segment_has_tmk(look->segment, index, &place))
		return WARD_OK;
	listed = malloc(sizeof(*listed));
	if (!listed)
		return no_memory(error);
	/* A damaged feature is like nothing; verify tells. */
	if (!segment_tmk(look->segment, place, listed, NULL)) {
		hit->has_tmk = true;
		hit->level1 = ward_tmk_level1(asked, listed);
		if (hit->level1 >= WARD_TMK_ALIKE)
			hit->level2 = ward_tmk_level2(asked, listed);
		*alike |= hit->level1 >= WARD_TMK_ALIKE && hit->level2 >= WARD_TMK_ALIKE;
	}
	free(listed);
	return WARD_OK;
}

static ward_err compare(struct look *look, const struct candidate *candidate, video_found *found,
		void *context, struct ward_error *error)
{
	struct ward_video_hit hit = {
		.list = look->list,
		.entry = segment_number(look->segment, candidate->index),
		.labels = segment_labels(look->segment, candidate->index),
	};
	bool alike = false;
	ward_err err = WARD_OK;

	if (hit.labels.len == 0)
		hit.labels = ward_str_from(look->list->manifest.info.default_label);
	if (candidate->video != UINT32_MAX)
		err = compare_frames(look, candidate->video, candidate->common, &hit, &alike,
				error);
	if (!err && candidate->level1 > 0)
		err = compare_tmk(look, candidate->index, &hit, &alike, error);
	return err || !alike ? err : found(context, &hit, look->segment, candidate->index, error);
}

static ward_err search_segment(struct look *look, video_found *found, void *context,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	look->candidates.count = 0;
	if (look->asked->hash_count > 0 && look->segment->videos.count > 0)
		err = ask_frames(look, error);
	if (!err && look->asked->question->tmk)
		err = ask_tmks(look, error);
	merge(&look->candidates);
	for (size_t i = 0; i < look->candidates.count && !err && *look->work < WORK_MAX; i++)
		err = compare(look, &look->candidates.at[i], found, context, error);
	return err;
}

ward_err video_search_list(const struct ward_list *list, const struct video_asked *asked,
		int radius, video_found *found, void *context, struct ward_error *error)
{
	uint64_t work = 0;
	struct look look = { .list = list, .asked = asked, .radius = radius, .work = &work };
	ward_err err = WARD_OK;

	for (size_t i = 0; i < list->manifest.segment_count && !err; i++) {
		look.segment = &list->segments[i];
		look.at = i;
		err = search_segment(&look, found, context, error);
	}
	free(look.candidates.at);
	free(look.near);
	free(look.pairs);
	return err;
}
