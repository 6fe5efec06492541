/* vPDQ: frames hashed and compared.  include/ward/vpdq.h says what equals what. */
#include <ward/vpdq.h>

#include "hash/pdq_code.h"

ward_err ward_vpdq_add(struct ward_vpdq *list, const struct ward_vpdq_frame *frame,
		struct ward_error *error)
{
	if (list->count >= WARD_VPDQ_FRAMES_MAX)
		return ward_fail(error, WARD_E_LIMIT, "more than %zu frames are not kept",
				(size_t)WARD_VPDQ_FRAMES_MAX);
	if (list->count == list->room) {
		size_t room = list->room > 0 ? list->room * 2 : 64;
		struct ward_vpdq_frame *frames =
				realloc(list->frames, room * sizeof(*list->frames));

		if (!frames)
			return ward_fail(error, WARD_E_NOMEM, "no memory for %zu frames", room);
		list->frames = frames;
		list->room = room;
	}
	list->frames[list->count++] = *frame;
	return WARD_OK;
}

void ward_vpdq_free(struct ward_vpdq *list)
{
	free(list->frames);
	*list = (struct ward_vpdq){ 0 };
}

/* ---- hashing ---- */

uint32_t ward_vpdq_step(float seconds_per_hash, double frames_per_second)
{
	double step = (double)seconds_per_hash * frames_per_second;

	/* Not a number is below 1, too. */
	if (!(step >= 1))
		return 1;
	return step < INT32_MAX ? (uint32_t)step : INT32_MAX;
}

static double time_of(uint32_t number, double frames_per_second)
{
	float rate = (float)frames_per_second;

	return rate > 0 ? (double)((float)number / rate) : 0;
}

ward_err ward_vpdq_hash(struct ward_pdq_hasher *hasher, const struct ward_image *image,
		uint32_t number, double frames_per_second, struct ward_vpdq_frame *frame,
		struct ward_error *error)
{
	struct ward_pdq_result result = { 0 };

	if (image->width < WARD_VPDQ_SIDE_MIN || image->height < WARD_VPDQ_SIDE_MIN)
		return ward_fail(error, WARD_E_FORMAT, "a frame of %ux%u is too small to hash",
				(unsigned)image->width, (unsigned)image->height);
	ward_err err = ward_pdq_hash_colours(hasher, image, &result, NULL, error);

	if (err)
		return err;
	*frame = (struct ward_vpdq_frame){
		.hash = result.hash,
		.quality = result.quality,
		.number = number,
		.time_s = time_of(number, frames_per_second),
	};
	return WARD_OK;
}

/* ---- comparing ---- */

struct ward_vpdq_rule ward_vpdq_rule_default(void)
{
	return (struct ward_vpdq_rule){
		.distance = WARD_PDQ_RADIUS,
		.quality_min = WARD_PDQ_QUALITY_MIN,
	};
}

/* By hash, then in the order they came. */
static int by_hash(const void *a, const void *b)
{
	const struct ward_vpdq_frame *x = a, *y = b;
	int order = memcmp(&x->hash, &y->hash, sizeof(x->hash));

	return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

/* Of frames with one hash the first that came, whatever its quality. */
static size_t drop_repetitions(struct ward_vpdq_frame *frames, size_t count)
{
	size_t kept = 0;

	qsort(frames, count, sizeof(*frames), by_hash);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || memcmp(&frames[i].hash, &frames[kept - 1].hash,
					      sizeof(frames[i].hash)) != 0)
			frames[kept++] = frames[i];
	}
	return kept;
}

/* What is compared of a list, as a copy; `count` is how many. */
static struct ward_vpdq_frame *choose(const struct ward_vpdq *list,
		const struct ward_vpdq_rule *rule, size_t *count)
{
	/* One more, so that an empty list is no failure. */
	struct ward_vpdq_frame *frames = calloc(list->count + 1, sizeof(*frames));
	size_t left = list->count, kept = 0;

	if (!frames)
		return NULL;
	for (size_t i = 0; i < left; i++) {
		frames[i] = list->frames[i];
		/* Who came first is where it lies, not what it says. */
		frames[i].number = (uint32_t)i;
	}
	if (!rule->repetitions)
		left = drop_repetitions(frames, left);
	for (size_t i = 0; i < left; i++) {
		if (frames[i].quality >= rule->quality_min)
			frames[kept++] = frames[i];
	}
	*count = kept;
	return frames;
}

static size_t count_found(const struct ward_vpdq_frame *asked, size_t asked_count,
		const struct ward_vpdq_frame *among, size_t among_count, int most)
{
	size_t found = 0;

	for (size_t i = 0; i < asked_count; i++) {
		size_t j = 0;

		while (j < among_count && ward_pdq_distance(asked[i].hash, among[j].hash) > most)
			j++;
		found += j < among_count;
	}
	return found;
}

ward_err ward_vpdq_compare(const struct ward_vpdq *a, const struct ward_vpdq *b,
		const struct ward_vpdq_rule *rule, struct ward_vpdq_match *match,
		struct ward_error *error)
{
	int most = rule->below ? rule->distance - 1 : rule->distance;
	size_t count[2] = { 0, 0 };
	struct ward_vpdq_frame *x = choose(a, rule, &count[0]);
	struct ward_vpdq_frame *y = choose(b, rule, &count[1]);

	if (x && y)
		*match = (struct ward_vpdq_match){
			.frames = { count[0], count[1] },
			.found = { count_found(x, count[0], y, count[1], most),
					count_found(y, count[1], x, count[0], most) },
		};
	free(x);
	free(y);
	return x && y ? WARD_OK : ward_fail(error, WARD_E_NOMEM, "no memory to compare two videos");
}

double ward_vpdq_percent(const struct ward_vpdq_match *match, int side)
{
	if (match->frames[side] == 0)
		return 0;
	return 100.0 * (double)match->found[side] / (double)match->frames[side];
}
