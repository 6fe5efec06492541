#include "bank/video_align.h"

#include <math.h>

/* Half the width of what counts as one line: frames are a second apart as a rule. */
#define WIDTH_S 1.0
/* A line that shows nothing for so long has ended, and may go on as another. */
#define PAUSE_S 6.0
/* Memory for votes; longer videos get wider lines. */
#define WINDOWS_MAX ((size_t)1 << 16)
#define SPEEDS_MAX  200

struct vote {
	uint32_t count; /* of different asked times */
	double last;    /* the last of them */
};

struct line {
	double speed;
	double from, to; /* of what `listed - speed * asked` is */
	uint32_t votes;
};

struct plane {
	struct video_pair *pairs;
	size_t count;
	double asked_length, listed_length;
	struct vote *votes;
	size_t windows;
	double width;
};

/* Where the line through this pair meets the axis, from the lowest that there can be. */
static double height(const struct plane *plane, const struct video_pair *pair, double speed)
{
	return pair->listed - speed * pair->asked + VIDEO_SPEED_MAX * plane->asked_length;
}

static void vote(struct plane *plane, size_t window, double asked)
{
	struct vote *at = &plane->votes[window];

	if (window >= plane->windows || (at->count > 0 && at->last >= asked))
		return;
	at->count++;
	at->last = asked;
}

/* Each pair votes for the two windows it is in, which overlap by half. */
static void try_speed(struct plane *plane, double speed, struct line *best)
{
	memset(plane->votes, 0, plane->windows * sizeof(*plane->votes));
	for (size_t i = 0; i < plane->count; i++) {
		double at = height(plane, &plane->pairs[i], speed) / plane->width;
		size_t window = (size_t)at + 1;

		vote(plane, window - 1, plane->pairs[i].asked);
		vote(plane, window, plane->pairs[i].asked);
	}
	for (size_t i = 0; i < plane->windows; i++) {
		double from = ((double)i - 1) * plane->width;

		if (plane->votes[i].count > best->votes)
			*best = (struct line){ speed, from, from + 2 * plane->width,
				plane->votes[i].count };
	}
}

/* Of lines with as many votes the one whose speed is nearest to 1, which is tried first. */
static struct line best_line(struct plane *plane)
{
	struct line best = { 1, 0, 0, 0 };
	/* Over the length of the shorter one, neighbours then drift apart by half a width. */
	double length = fmin(plane->asked_length, plane->listed_length);
	double step = fmax(fmin(0.02, WIDTH_S / 2 / fmax(length, 1)),
			(VIDEO_SPEED_MAX - 1) / SPEEDS_MAX);

	try_speed(plane, 1, &best);
	for (int i = 1; 1 + i * step <= VIDEO_SPEED_MAX; i++) {
		double off = i * step;

		try_speed(plane, 1 + off, &best);
		try_speed(plane, 1 / (1 + off), &best);
	}
	return best;
}

static bool is_on(const struct plane *plane, const struct line *line, const struct video_pair *pair)
{
	double at = height(plane, pair, line->speed);

	return at >= line->from && at < line->to;
}

static bool longer(const struct ward_video_span *a, const struct ward_video_span *b)
{
	return a->frames != b->frames ? a->frames > b->frames : a->asked_from < b->asked_from;
}

static void add_span(const struct ward_video_span *span,
		struct ward_video_span spans[WARD_VIDEO_SPANS_MAX], size_t *count)
{
	size_t at = *count;

	while (at > 0 && longer(span, &spans[at - 1]))
		at--;
	if (at == WARD_VIDEO_SPANS_MAX)
		return;
	*count += *count < WARD_VIDEO_SPANS_MAX;
	memmove(&spans[at + 1], &spans[at], (*count - at - 1) * sizeof(*spans));
	spans[at] = *span;
}

/* The line's pairs become spans, one for each run without a pause. */
static void take_spans(const struct plane *plane, const struct line *line,
		struct ward_video_span spans[WARD_VIDEO_SPANS_MAX], size_t *count)
{
	struct ward_video_span span = { .frames = 0 };

	for (size_t i = 0; i < plane->count; i++) {
		const struct video_pair *pair = &plane->pairs[i];

		if (!is_on(plane, line, pair))
			continue;
		if (span.frames > 0 && pair->asked - span.asked_to > PAUSE_S) {
			add_span(&span, spans, count);
			span.frames = 0;
		}
		if (span.frames == 0)
			span = (struct ward_video_span){ pair->asked, pair->asked, pair->listed,
				pair->listed, 1 };
		span.frames += pair->asked > span.asked_to;
		span.asked_to = pair->asked;
		span.listed_from = fmin(span.listed_from, pair->listed);
		span.listed_to = fmax(span.listed_to, pair->listed);
	}
	if (span.frames > 0)
		add_span(&span, spans, count);
}

/* Keeps the pairs of those asked frames that the line does not explain. */
static void drop_explained(struct plane *plane, const struct line *line)
{
	size_t kept = 0;

	for (size_t i = 0; i < plane->count;) {
		size_t end = i;
		bool explained = false;

		for (; end < plane->count && plane->pairs[end].asked <= plane->pairs[i].asked;
				end++)
			explained |= is_on(plane, line, &plane->pairs[end]);
		for (; i < end; i++) {
			if (!explained)
				plane->pairs[kept++] = plane->pairs[i];
		}
	}
	plane->count = kept;
}

ward_err video_align(struct video_pair *pairs, size_t count,
		struct ward_video_span spans[WARD_VIDEO_SPANS_MAX], size_t *span_count,
		struct ward_error *error)
{
	struct plane plane = { .pairs = pairs, .count = count };
	double range;

	*span_count = 0;
	for (size_t i = 0; i < count; i++) {
		plane.asked_length = fmax(plane.asked_length, pairs[i].asked);
		plane.listed_length = fmax(plane.listed_length, pairs[i].listed);
	}
	range = VIDEO_SPEED_MAX * plane.asked_length + plane.listed_length;
	plane.width = fmax(WIDTH_S, range / (double)(WINDOWS_MAX - 3));
	plane.windows = (size_t)(range / plane.width) + 3;
	plane.votes = calloc(plane.windows, sizeof(*plane.votes));
	if (!plane.votes)
		return ward_fail(error, WARD_E_NOMEM, "no memory to lay two videos side by side");
	while (plane.count > 0 && *span_count < WARD_VIDEO_SPANS_MAX) {
		struct line line = best_line(&plane);

		/* A single frame is where something is when there is nothing more. */
		if (line.votes == 0 || (line.votes < 2 && *span_count > 0))
			break;
		take_spans(&plane, &line, spans, span_count);
		drop_explained(&plane, &line);
	}
	free(plane.votes);
	return WARD_OK;
}
