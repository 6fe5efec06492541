/*
 * Even borders of a picture.  Why each rule is as it is, and what was measured, stands in
 * docs/decisions/0052-borders.md.
 */
#include <ward/media.h>

#include <stdlib.h>

/* Levels that noise may move a border's sample by, in any channel. */
#define TOLERANCE 16
/* Of a border's line, one sample in so many may be further off: specks, ringing. */
#define SPECKS 50
/* Of the line within, one sample in so many must be off: a thing on a plain ground begins narrow.
 */
#define STRAIGHT 4
/* A soft edge, or the ringing of one, is at most this many lines, and a hundredth of the side. */
#define SOFT_MAX 8
#define SIDE_MIN 16
/* Of a longer line not all samples are looked at. */
#define SAMPLES_MAX 1024
/* A larger picture, as a file may claim to be, would take seconds to look through. */
#define PIXELS_MAX ((uint64_t)1 << 27)
/* Words and marks on a border are at most one in so many of the side's lines. */
#define MARKS 8
/* Frames within bars, each of a colour of its own. */
#define ROUNDS 4

struct colour {
	int at[3];
};

/* One side of what is left: line 0 is the outermost, of each `length` samples are looked at. */
struct side {
	const uint8_t *first;
	ptrdiff_t next_line, next_sample;
	uint32_t lines, length, channels;
};

/* More samples of a line say no more: every n-th is looked at, so that a line costs the same. */
static void thin_out(struct side *side)
{
	uint32_t step = side->length / SAMPLES_MAX + 1;

	side->next_sample *= (ptrdiff_t)step;
	side->length = (side->length - 1) / step + 1;
}

static const uint8_t *sample_at(const struct side *side, uint32_t line, uint32_t i)
{
	return side->first + side->next_line * (ptrdiff_t)line + side->next_sample * (ptrdiff_t)i;
}

static struct colour mean_of(const struct side *side, uint32_t line)
{
	uint64_t sums[3] = { 0 };
	struct colour mean = { { 0 } };

	if (side->length == 0)
		return mean;
	for (uint32_t i = 0; i < side->length; i++) {
		const uint8_t *sample = sample_at(side, line, i);

		for (uint32_t c = 0; c < side->channels; c++)
			sums[c] += sample[c];
	}
	for (uint32_t c = 0; c < side->channels; c++)
		mean.at[c] = (int)((sums[c] + side->length / 2) / side->length);
	return mean;
}

static int largest_difference(struct colour a, struct colour b)
{
	int largest = 0;

	for (int c = 0; c < 3; c++) {
		int off = abs(a.at[c] - b.at[c]);

		largest = off > largest ? off : largest;
	}
	return largest;
}

/* How many samples of a line are not of the colour; `sum` is by how much, all together. */
static uint32_t count_off(const struct side *side, uint32_t line, struct colour colour,
		uint32_t enough, uint64_t *sum)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < side->length && count <= enough; i++) {
		const uint8_t *sample = sample_at(side, line, i);
		struct colour here = { { 0 } };

		for (uint32_t c = 0; c < side->channels; c++)
			here.at[c] = sample[c];
		int off = largest_difference(here, colour);

		count += off > TOLERANCE;
		*sum += (uint64_t)off;
	}
	return count;
}

/* A soft edge is passed over: the picture begins where half of the step is done. */
static uint32_t past_soft_edge(const struct side *side, uint32_t from, struct colour colour)
{
	uint32_t reach = side->lines / 100 < SOFT_MAX ? side->lines / 100 : SOFT_MAX;
	uint64_t sums[SOFT_MAX + 1] = { 0 };
	uint64_t most = 0;
	uint32_t i;

	for (i = 0; i <= reach && from + i < side->lines; i++) {
		count_off(side, from + i, colour, UINT32_MAX, &sums[i]);
		most = sums[i] > most ? sums[i] : most;
	}
	for (i = 0; sums[i] * 2 < most; i++)
		;
	return from + i;
}

/*
 * Lines of border on this side; 0 when there is none, or no straight edge behind it.  Words and
 * marks on it, as in a caption or on a telephone's screen, are passed over when even lines come
 * again within so many lines as `marks`.
 */
static uint32_t border_of(const struct side *side, uint32_t marks, struct colour *colour)
{
	uint32_t specks = side->length / SPECKS;
	uint64_t sum = 0;
	uint32_t line = 0, border = 0;

	*colour = mean_of(side, 0);
	/* Not past the middle: a plain picture of any size is left soon. */
	for (; line < side->lines / 2 && line <= border + (border > 0 ? marks : 0); line++) {
		if (count_off(side, line, *colour, specks, &sum) <= specks)
			border = line + 1;
	}
	if (border == 0 || border == side->lines / 2)
		return 0;
	border = past_soft_edge(side, border, *colour);
	if (count_off(side, border, *colour, UINT32_MAX, &sum) < side->length / STRAIGHT)
		return 0;
	return border;
}

/* Two opposite sides of one colour, or each for itself. */
enum pairing { PAIRS, SINGLES };

static bool cut_sides(const struct side sides[2], enum pairing pairing, uint32_t cut[2])
{
	struct colour colours[2];

	for (int i = 0; i < 2; i++) {
		/* Bars have no words: more would take a dark stripe of the picture along.  Less
		 * loses borders with the ringing of a strong JPEG: 5 of 45. */
		cut[i] = border_of(&sides[i], pairing == PAIRS ? SOFT_MAX : sides[i].lines / MARKS,
				&colours[i]);
		if (cut[i] == 0 && pairing == PAIRS)
			return false;
	}
	if (pairing == PAIRS && largest_difference(colours[0], colours[1]) > TOLERANCE)
		return false;
	return cut[0] + cut[1] > 0 && (uint64_t)cut[0] + cut[1] + SIDE_MIN <= sides[0].lines;
}

static bool cut_rows(const struct ward_image *image, enum pairing pairing,
		struct ward_rectangle *in)
{
	const uint8_t *top = image->pixels + (size_t)in->y * image->stride +
			     (size_t)in->x * image->channels;
	struct side sides[2] = {
		{ top, (ptrdiff_t)image->stride, (ptrdiff_t)image->channels, in->height, in->width,
				image->channels },
	};
	uint32_t cut[2];

	thin_out(&sides[0]);
	sides[1] = sides[0];
	sides[1].first = sample_at(&sides[0], in->height - 1, 0);
	sides[1].next_line = -sides[0].next_line;
	if (!cut_sides(sides, pairing, cut))
		return false;
	in->y += cut[0];
	in->height -= cut[0] + cut[1];
	return true;
}

static bool cut_columns(const struct ward_image *image, enum pairing pairing,
		struct ward_rectangle *in)
{
	const uint8_t *top = image->pixels + (size_t)in->y * image->stride +
			     (size_t)in->x * image->channels;
	struct side sides[2] = {
		{ top, (ptrdiff_t)image->channels, (ptrdiff_t)image->stride, in->width, in->height,
				image->channels },
	};
	uint32_t cut[2];

	thin_out(&sides[0]);
	sides[1] = sides[0];
	sides[1].first = sample_at(&sides[0], in->width - 1, 0);
	sides[1].next_line = -sides[0].next_line;
	if (!cut_sides(sides, pairing, cut))
		return false;
	in->x += cut[0];
	in->width -= cut[0] + cut[1];
	return true;
}

bool ward_image_find_inner(const struct ward_image *image, struct ward_rectangle *inner)
{
	struct ward_rectangle in = { 0, 0, image->width, image->height };

	if (image->channels != 1 && image->channels != 3)
		return false;
	if (in.width < SIDE_MIN || in.height < SIDE_MIN ||
			(uint64_t)in.width * in.height > PIXELS_MAX)
		return false;
	for (int round = 0; round < ROUNDS; round++) {
		bool rows = cut_rows(image, PAIRS, &in);

		if (!cut_columns(image, PAIRS, &in) && !rows)
			break;
	}
	/* A bar on one side alone, above all with words; not within a frame, where it is the
	 * picture's. */
	if (in.width == image->width && in.height == image->height &&
			!cut_rows(image, SINGLES, &in))
		(void)cut_columns(image, SINGLES, &in);
	/* What takes less than a fiftieth away, PDQ sees as the same picture. */
	if ((uint64_t)in.width * in.height * 50 > (uint64_t)image->width * image->height * 49)
		return false;
	*inner = in;
	return true;
}
