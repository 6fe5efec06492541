/* All lists of a view asked for videos that are alike. */
#include "bank/exclusion.h"
#include "bank/search.h"
#include "bank/video_search.h"
#include "base/checksum.h"

void ward_video_hits_free(struct ward_video_hits *hits)
{
	free(hits->at);
	*hits = (struct ward_video_hits){ .max = hits->max };
}

double ward_video_hit_percent(const struct ward_video_hit *hit)
{
	double asked = ward_vpdq_percent(&hit->match, 0),
	       listed = ward_vpdq_percent(&hit->match, 1);

	return asked > listed ? asked : listed;
}

/* Different frames that are looked for: four hours of a frame a second. */
#define ASKED_MAX 14400

/* A search under way, with what exclusion lists say. */
struct videos {
	const struct ward_search *search;
	struct video_asked asked;
	struct ward_vpdq frames;
	const struct ward_list **excluding;
	size_t excluding_count;
	uint64_t *excluded; /* numbers of videos on exclusion lists that are alike */
	size_t excluded_count, excluded_room;
	struct ward_video_hits *hits;
};

static ward_err no_memory(struct ward_error *error)
{
	return ward_fail(error, WARD_E_NOMEM, "no memory to look for a video");
}

/* ---- what is asked ---- */

static ward_err is_excluded_frame(const struct videos *videos, ward_pdq hash, bool *excluded,
		struct ward_error *error)
{
	ward_signal signal = ward_pdq_signal(hash);
	struct exclusion exclusion = { .lists = videos->excluding,
		.list_count = videos->excluding_count,
		.asked = &signal };
	struct ward_hit hit = { .signal = signal };
	ward_err err = videos->excluding_count > 0 ? exclusion_mark(&exclusion, &hit, error)
						   : WARD_OK;

	*excluded = hit.excluded;
	return err;
}

static int by_hash(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(ward_pdq));
}

/* Of the longest videos not every second is asked for; all of them are compared with what is found.
 */
static void thin(struct video_asked *asked)
{
	size_t step = (asked->hash_count + ASKED_MAX - 1) / ASKED_MAX, kept = 0;

	for (size_t i = 0; step > 1 && i < asked->hash_count; i += step)
		asked->hashes[kept++] = asked->hashes[i];
	asked->hash_count = step > 1 ? kept : asked->hash_count;
}

/* The frames that count, and each hash of theirs once. */
static ward_err choose_frames(struct videos *videos, const struct ward_vpdq *all,
		struct ward_error *error)
{
	struct video_asked *asked = &videos->asked;
	ward_err err = WARD_OK;

	asked->hashes = calloc(all->count + 1, sizeof(*asked->hashes));
	if (!asked->hashes)
		return no_memory(error);
	for (size_t i = 0; i < all->count && !err; i++) {
		const struct ward_vpdq_frame *frame = &all->frames[i];
		bool excluded = false;

		if (frame->quality < WARD_PDQ_QUALITY_MIN || ward_pdq_is_degenerate(frame->hash))
			continue;
		err = is_excluded_frame(videos, frame->hash, &excluded, error);
		if (!err && !excluded) {
			err = ward_vpdq_add(&videos->frames, frame, error);
			asked->hashes[asked->hash_count++] = frame->hash;
		}
	}
	qsort(asked->hashes, asked->hash_count, sizeof(*asked->hashes), by_hash);

	size_t kept = 0;

	for (size_t i = 0; i < asked->hash_count; i++) {
		if (kept == 0 || by_hash(&asked->hashes[i], &asked->hashes[kept - 1]) != 0)
			asked->hashes[kept++] = asked->hashes[i];
	}
	asked->hash_count = kept;
	thin(asked);
	return err;
}

/* ---- exclusion ---- */

static ward_err keep_excluded(void *context, struct ward_video_hit *hit,
		const struct segment *segment, uint32_t index, struct ward_error *error)
{
	struct videos *videos = context;
	const uint64_t numbers[] = { segment_frames_number(segment, index),
		segment_tmk_number(segment, index) };

	(void)hit;
	for (size_t i = 0; i < 2; i++) {
		if (numbers[i] == 0)
			continue;
		if (videos->excluded_count == videos->excluded_room) {
			size_t room = videos->excluded_room * 2 + 16;
			uint64_t *grown = realloc(videos->excluded, room * sizeof(*grown));

			if (!grown)
				return no_memory(error);
			videos->excluded = grown;
			videos->excluded_room = room;
		}
		videos->excluded[videos->excluded_count++] = numbers[i];
	}
	return WARD_OK;
}

static bool is_excluded(const struct videos *videos, uint64_t number)
{
	for (size_t i = 0; number != 0 && i < videos->excluded_count; i++) {
		if (videos->excluded[i] == number)
			return true;
	}
	return false;
}

static ward_err ask_list(struct videos *videos, const struct ward_list *list, video_found *found,
		struct ward_error *error)
{
	int radius = 0;
	ward_err err = search_radius(list, videos->search->radius, &radius, error);

	return err ? err : video_search_list(list, &videos->asked, radius, found, videos, error);
}

/* ---- hits ---- */

static double likeness(const struct ward_video_hit *hit)
{
	double frames = ward_video_hit_percent(hit), tmk = hit->has_tmk ? 100 * hit->level2 : 0;

	return frames > tmk ? frames : tmk;
}

static int by_likeness(const void *left, const void *right)
{
	const struct ward_video_hit *a = left, *b = right;
	double difference = likeness(b) - likeness(a);

	if (difference != 0)
		return difference > 0 ? 1 : -1;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

/* Twice what is kept is gathered before the less alike half goes. */
static void keep_best(struct ward_video_hits *hits)
{
	if (hits->count > 1)
		qsort(hits->at, hits->count, sizeof(*hits->at), by_likeness);
	if (hits->max > 0 && hits->count > hits->max)
		hits->count = hits->max;
}

static ward_err keep_hit(void *context, struct ward_video_hit *hit, const struct segment *segment,
		uint32_t index, struct ward_error *error)
{
	struct videos *videos = context;
	struct ward_video_hits *hits = videos->hits;
	struct ward_remark remark = ward_list_remark_on(hit->list, hit->entry);

	hit->off = ward_remark_is_off(&remark, videos->search->now);
	hit->excluded = hit->off || is_excluded(videos, segment_frames_number(segment, index)) ||
			is_excluded(videos, segment_tmk_number(segment, index));
	if (hits->max > 0 && hits->count >= 2 * hits->max)
		keep_best(hits);
	if (hits->count == hits->room) {
		size_t room = hits->room * 2 + 8, size;
		struct ward_video_hit *grown;

		if (ckd_mul(&size, room, sizeof(*grown)) || !(grown = realloc(hits->at, size)))
			return no_memory(error);
		hits->at = grown;
		hits->room = room;
	}
	hits->at[hits->count++] = *hit;
	hits->total++;
	return WARD_OK;
}

/* An exclusion list that holds the asked video itself excludes every hit. */
static uint64_t number_of(const struct ward_vpdq *frames)
{
	struct checksum sum = checksum_begin();

	for (size_t i = 0; i < frames->count; i++)
		checksum_add(&sum, &frames->frames[i].hash, sizeof(ward_pdq));
	return checksum_end(&sum) | 1;
}

static ward_err search_all(struct videos *videos, const struct ward_bank_view *view,
		struct ward_error *error)
{
	const struct ward_vpdq *frames = videos->asked.question->frames;
	size_t from = videos->hits->count;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < videos->excluding_count && !err; i++)
		err = ask_list(videos, videos->excluding[i], keep_excluded, error);
	for (size_t i = 0; i < ward_bank_list_count(view) && !err; i++) {
		if (search_asks(ward_bank_list(view, i), videos->search))
			err = ask_list(videos, ward_bank_list(view, i), keep_hit, error);
	}
	if (!err && frames && is_excluded(videos, number_of(frames))) {
		for (size_t i = from; i < videos->hits->count; i++)
			videos->hits->at[i].excluded = true;
	}
	keep_best(videos->hits);
	return err;
}

ward_err ward_bank_search_video(const struct ward_bank_view *view,
		const struct ward_video_question *question, const struct ward_search *search,
		struct ward_video_hits *hits, struct ward_error *error)
{
	struct videos videos = { .search = search, .hits = hits };
	ward_err err = search_check_names(view, search, error);

	videos.asked.question = question;
	videos.asked.frames = &videos.frames;
	videos.excluding = calloc(ward_bank_list_count(view) + 1, sizeof(*videos.excluding));
	if (!err && !videos.excluding)
		err = no_memory(error);
	if (!err) {
		videos.excluding_count = search_excluding(view, search, videos.excluding);
		if (question->frames)
			err = choose_frames(&videos, question->frames, error);
	}
	if (!err)
		err = search_all(&videos, view, error);
	ward_vpdq_free(&videos.frames);
	free(videos.asked.hashes);
	free(videos.excluding);
	free(videos.excluded);
	return err;
}
