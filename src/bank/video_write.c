#include "bank/video_write.h"
#include "bank/writer.h"

#include <math.h>

/* What a gap of 16 bits can tell, in milliseconds. */
#define GAP_MAX 65535

void videos_init(struct video_spools *videos, const char *folder)
{
	struct spool *const spools[] = { &videos->hashes, &videos->gaps, &videos->qualities,
		&videos->rows, &videos->details, &videos->owners, &videos->averages, &videos->files,
		&videos->tmk_owners };

	*videos = (struct video_spools){ .frames = 0 };
	for (size_t i = 0; i < sizeof(spools) / sizeof(*spools); i++)
		spool_init(spools[i], folder);
}

void videos_free(struct video_spools *videos)
{
	struct spool *const spools[] = { &videos->hashes, &videos->gaps, &videos->qualities,
		&videos->rows, &videos->details, &videos->owners, &videos->averages, &videos->files,
		&videos->tmk_owners };

	for (size_t i = 0; i < sizeof(spools) / sizeof(*spools); i++)
		spool_free(spools[i]);
}

/* ---- adding ---- */

static bool is_time(double time_s)
{
	return time_s >= 0 && time_s <= UINT32_MAX / 1000.0;
}

static uint32_t ms_of(const struct ward_vpdq_frame *frame)
{
	return (uint32_t)llround(frame->time_s * 1000);
}

ward_err videos_check(const struct video_spools *videos, const struct ward_record *record,
		struct ward_error *error)
{
	const struct ward_vpdq *frames = record->frames;

	if (frames && (frames->count == 0 || frames->count > WARD_VPDQ_FRAMES_MAX))
		return ward_fail(error, WARD_E_ARGUMENT,
				"record %llu: a video has 1 to %zu frames, not %zu",
				(unsigned long long)record->number, WARD_VPDQ_FRAMES_MAX,
				frames->count);
	for (size_t i = 0; frames && i < frames->count; i++) {
		if (!is_time(frames->frames[i].time_s) || frames->frames[i].quality < 0 ||
				frames->frames[i].quality > 100)
			return ward_fail(error, WARD_E_ARGUMENT,
					"record %llu: frame %zu of its video has an impossible "
					"time or quality",
					(unsigned long long)record->number, i);
	}
	if (frames && frames->count > UINT32_MAX - videos->frames)
		return ward_fail(error, WARD_E_LIMIT, "one version of a list has at most %u frames",
				UINT32_MAX);
	return WARD_OK;
}

/* Numbers at one step, and times that ascend by less than a minute: then a row tells them all. */
static bool is_regular(const struct ward_vpdq *frames)
{
	uint32_t step = frames->count > 1 ? frames->frames[1].number - frames->frames[0].number : 0;
	uint32_t before = 0;

	for (size_t i = 0; i < frames->count; i++) {
		uint32_t time_ms = ms_of(&frames->frames[i]);

		if (frames->frames[i].number != frames->frames[0].number + (uint32_t)i * step ||
				time_ms < before || time_ms - before > GAP_MAX)
			return false;
		before = time_ms;
	}
	return true;
}

static ward_err add_frame(struct video_spools *videos, const struct ward_vpdq_frame *frame,
		uint32_t *time_ms, bool regular, struct ward_error *error)
{
	const struct video_detail detail = { frame->number, ms_of(frame) };
	uint16_t gap = regular ? (uint16_t)(detail.time_ms - *time_ms) : 0;
	uint8_t quality = (uint8_t)frame->quality;
	ward_err err = spool_add(&videos->hashes, &frame->hash, sizeof(frame->hash), error);

	if (!err)
		err = spool_add(&videos->gaps, &gap, sizeof(gap), error);
	if (!err)
		err = spool_add(&videos->qualities, &quality, 1, error);
	if (!err && !regular)
		err = spool_add(&videos->details, &detail, sizeof(detail), error);
	*time_ms = detail.time_ms;
	videos->detail_count += !regular;
	videos->frames++;
	return err;
}

static ward_err add_frames(struct video_spools *videos, uint32_t entry,
		const struct ward_vpdq *frames, struct ward_error *error)
{
	bool regular = is_regular(frames);
	const struct video_row row = {
		.first = videos->frames,
		.number = frames->frames[0].number,
		.step = frames->count > 1 ? frames->frames[1].number - frames->frames[0].number : 0,
		.detail = regular ? 0 : videos->detail_count + 1,
	};
	uint32_t time_ms = 0;
	ward_err err = spool_add(&videos->rows, &row, sizeof(row), error);

	if (!err)
		err = spool_add(&videos->owners, &entry, sizeof(entry), error);
	for (size_t i = 0; i < frames->count && !err; i++)
		err = add_frame(videos, &frames->frames[i], &time_ms, regular, error);
	videos->videos++;
	return err;
}

static ward_err add_tmk(struct video_spools *videos, uint32_t entry, const struct ward_tmk *tmk,
		struct ward_error *error)
{
	float average[WARD_TMK_VALUES];
	struct ward_buf file;
	ward_err err;

	ward_buf_init(&file, WARD_TMK_BYTES);
	ward_tmk_write(tmk, &file);
	segment_tmk_unit(tmk, average);
	err = file.len == WARD_TMK_BYTES
			      ? spool_add(&videos->files, file.ptr, file.len, error)
			      : ward_fail(error, WARD_E_NOMEM, "no memory for a TMK feature");
	ward_buf_free(&file);
	if (!err)
		err = spool_add(&videos->averages, average, sizeof(average), error);
	if (!err)
		err = spool_add(&videos->tmk_owners, &entry, sizeof(entry), error);
	videos->tmks++;
	return err;
}

ward_err videos_add(struct video_spools *videos, uint32_t entry, const struct ward_record *record,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	if (record->frames)
		err = add_frames(videos, entry, record->frames, error);
	if (!err && record->tmk)
		err = add_tmk(videos, entry, record->tmk, error);
	return err;
}

/* ---- compiling ---- */

static ward_err read_spools(struct video_spools *videos, struct video_index_build *build,
		struct ward_error *error)
{
	ward_bytes all[5];
	struct spool *const spools[] = { &videos->hashes, &videos->gaps, &videos->qualities,
		&videos->rows, &videos->details };
	ward_err err = WARD_OK;

	for (size_t i = 0; i < sizeof(spools) / sizeof(*spools) && !err; i++)
		err = spool_read(spools[i], &all[i], error);
	if (err)
		return err;
	build->hashes = (const void *)all[0].ptr;
	build->gaps = (const void *)all[1].ptr;
	build->qualities = all[2].ptr;
	build->rows = (const void *)all[3].ptr;
	build->details = (const void *)all[4].ptr;
	build->frames = videos->frames;
	build->videos = videos->videos;
	build->detail_count = videos->detail_count;
	return WARD_OK;
}

static ward_err compile_frames(struct video_spools *videos, struct segment_writer *out,
		struct ward_error *error)
{
	struct video_index_build build = { .write = compile_index, .write_context = out };
	unsigned part = segment_part_at(SEGMENT_FRAMES, SEGMENT_SIGNALS);
	ward_err err = read_spools(videos, &build, error);

	if (!err)
		err = segment_write_part(out, part, error);
	if (!err)
		err = video_index_build(&build, error);
	segment_write_part_end(out, part);
	if (!err)
		err = compile_spool(out, segment_part_at(SEGMENT_FRAMES, SEGMENT_OWNERS),
				&videos->owners, error);
	return err;
}

static ward_err compile_tmks(struct video_spools *videos, struct segment_writer *out,
		struct ward_error *error)
{
	ward_err err = compile_spool(out, segment_part_at(SEGMENT_TMK, SEGMENT_SIGNALS),
			&videos->averages, error);

	if (!err)
		err = compile_spool(out, segment_part_at(SEGMENT_TMK, SEGMENT_OWNERS),
				&videos->tmk_owners, error);
	if (!err)
		err = compile_spool(out, segment_part_at(SEGMENT_TMK, SEGMENT_ORDER),
				&videos->files, error);
	return err;
}

ward_err videos_compile(struct video_spools *videos, struct segment_writer *out,
		struct ward_error *error)
{
	ward_err err = WARD_OK;

	out->head.signals[SEGMENT_FRAMES] = videos->videos;
	out->head.signals[SEGMENT_TMK] = videos->tmks;
	if (videos->videos > 0)
		err = compile_frames(videos, out, error);
	if (!err && videos->tmks > 0)
		err = compile_tmks(videos, out, error);
	return err;
}
