/* What a segment has of videos: frames and TMK features, each of an entry. */
#include "bank/segment.h"
#include "base/checksum.h"

#include <math.h>

static ward_err read_frames(struct segment *segment, struct ward_error *error)
{
	struct segment_videos *videos = &segment->videos;
	ward_err err;

	videos->count = segment->head.signals[SEGMENT_FRAMES];
	if (videos->count == 0)
		return WARD_OK;
	videos->owners = segment_part(segment, segment_part_at(SEGMENT_FRAMES, SEGMENT_OWNERS),
			videos->count, sizeof(*videos->owners), error);
	if (!videos->owners)
		return WARD_E_CORRUPT;
	err = video_index_open(segment_part_bytes(segment,
					       segment_part_at(SEGMENT_FRAMES, SEGMENT_SIGNALS)),
			&videos->index, error);
	if (!err && videos->index.videos != videos->count)
		err = ward_fail(error, WARD_E_CORRUPT, "its index holds %u videos, not %u",
				videos->index.videos, videos->count);
	return err;
}

static ward_err read_tmks(struct segment *segment, struct ward_error *error)
{
	struct segment_tmks *tmks = &segment->tmks;

	tmks->count = segment->head.signals[SEGMENT_TMK];
	if (tmks->count == 0)
		return WARD_OK;
	tmks->owners = segment_part(segment, segment_part_at(SEGMENT_TMK, SEGMENT_OWNERS),
			tmks->count, sizeof(*tmks->owners), error);
	tmks->averages = segment_part(segment, segment_part_at(SEGMENT_TMK, SEGMENT_SIGNALS),
			tmks->count, WARD_TMK_VALUES * sizeof(float), error);
	tmks->files = segment_part(segment, segment_part_at(SEGMENT_TMK, SEGMENT_ORDER),
			tmks->count, WARD_TMK_BYTES, error);
	return tmks->owners && tmks->averages && tmks->files ? WARD_OK : WARD_E_CORRUPT;
}

ward_err segment_read_videos(struct segment *segment, struct ward_error *error)
{
	ward_err err = read_frames(segment, error);

	return err ? err : read_tmks(segment, error);
}

/* ---- by entry ---- */

static bool find_owner(const uint32_t *owners, uint32_t count, uint32_t index, uint32_t *place)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (owners[middle] < index)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return low < count && owners[low] == index;
}

bool segment_has_frames(const struct segment *segment, uint32_t index, uint32_t *place)
{
	return find_owner(segment->videos.owners, segment->videos.count, index, place);
}

bool segment_has_tmk(const struct segment *segment, uint32_t index, uint32_t *place)
{
	return find_owner(segment->tmks.owners, segment->tmks.count, index, place);
}

/* Not 0, which is none. */
static uint64_t number_of(const void *bytes, size_t len)
{
	return checksum_of(bytes, len) | 1;
}

uint64_t segment_frames_number(const struct segment *segment, uint32_t index)
{
	uint32_t place, from, to;

	if (!segment_has_frames(segment, index, &place))
		return 0;
	video_index_range(&segment->videos.index, place, &from, &to);
	return number_of(segment->videos.index.hashes + from, (to - from) * sizeof(ward_pdq));
}

uint64_t segment_tmk_number(const struct segment *segment, uint32_t index)
{
	uint32_t place;

	if (!segment_has_tmk(segment, index, &place))
		return 0;
	return number_of(segment->tmks.averages + (size_t)place * WARD_TMK_VALUES,
			WARD_TMK_VALUES * sizeof(float));
}

uint64_t segment_video_number(const struct segment *segment, uint32_t index)
{
	const uint64_t numbers[] = { segment_frames_number(segment, index),
		segment_tmk_number(segment, index) };

	return numbers[0] || numbers[1] ? number_of(numbers, sizeof(numbers)) : 0;
}

ward_err segment_tmk(const struct segment *segment, uint32_t place, struct ward_tmk *tmk,
		struct ward_error *error)
{
	const uint8_t *file = segment->tmks.files + (size_t)place * WARD_TMK_BYTES;

	return ward_tmk_read((ward_bytes){ file, WARD_TMK_BYTES }, tmk, error);
}

void segment_tmk_unit(const struct ward_tmk *tmk, float average[WARD_TMK_VALUES])
{
	double sum = 0;

	for (int i = 0; i < WARD_TMK_VALUES; i++)
		sum += (double)tmk->average[i] * (double)tmk->average[i];
	for (int i = 0; i < WARD_TMK_VALUES; i++)
		average[i] = sum > 0 ? (float)((double)tmk->average[i] / sqrt(sum)) : 0;
}

/* ---- verifying ---- */

static ward_err check_owners(const struct segment *segment, unsigned slot, const uint32_t *owners,
		uint32_t count, struct ward_error *error)
{
	char name[32];

	for (uint32_t i = 0; i < count; i++) {
		if (owners[i] >= segment->head.entries || (i > 0 && owners[i] <= owners[i - 1]))
			return ward_fail(error, WARD_E_CORRUPT, "its part %s is wrong at %u",
					segment_part_name(segment_part_at(slot, SEGMENT_OWNERS),
							name),
					i);
	}
	return WARD_OK;
}

ward_err segment_verify_videos(const struct segment *segment, struct ward_error *error)
{
	const struct segment_videos *videos = &segment->videos;
	const struct segment_tmks *tmks = &segment->tmks;
	struct ward_tmk *tmk = malloc(sizeof(*tmk));
	ward_err err = check_owners(segment, SEGMENT_FRAMES, videos->owners, videos->count, error);

	if (!err && videos->count > 0)
		err = video_index_check(&videos->index, error);
	if (!err)
		err = check_owners(segment, SEGMENT_TMK, tmks->owners, tmks->count, error);
	if (!err && tmks->count > 0 && !tmk)
		err = ward_fail(error, WARD_E_NOMEM, "no memory to verify TMK features");
	for (uint32_t i = 0; i < tmks->count && !err; i++)
		err = segment_tmk(segment, i, tmk, error);
	free(tmk);
	return err;
}
