/*
 * What stands aside of a picture in a HEIF or AVIF: thumbnails, and companions
 * such as depth and brightness.  Each is coded like a picture, and so has no
 * file of its own: its pixels go out as one, PNM.  And the thumbnail of the EXIF
 * block, a JPEG.
 */
#include "decode/heif_inner.h"

#include <stdlib.h>

/* A phone's photo has one thumbnail and one or two companions. */
#define ASIDE_MAX 16

struct aside {
	const char *name;
	unsigned tried, told;
	int (*list)(const struct heif_image_handle *of, heif_item_id *ids, int count);
	struct heif_error (*get)(const struct heif_image_handle *of, heif_item_id id,
			struct heif_image_handle **handle);
};

/* All but alpha, which is a part of the picture's own pixels. */
static int list_companions(const struct heif_image_handle *of, heif_item_id *ids, int count)
{
	return heif_image_handle_get_list_of_auxiliary_image_IDs(of,
			LIBHEIF_AUX_IMAGE_FILTER_OMIT_ALPHA, ids, count);
}

static ward_err tell_part(struct heif *heif, struct aside *aside, const struct heif_planes *planes)
{
	struct decode_job *job = heif->job;
	const struct decode_sink *sink = job->sink;
	uint8_t *rgb = decode_memory(job, planes->width, planes->height, 3);
	char name[48], head[48];

	if (!rgb)
		return job->error->code;
	for (int i = 0; i < 3; i++)
		heif_spread_plane(planes, i, rgb + i, 3);
	/* The first has the name that a thumbnail has in other formats. */
	if (++aside->told == 1)
		snprintf(name, sizeof(name), "%s", aside->name);
	else
		snprintf(name, sizeof(name), "%s %u", aside->name, aside->told);
	int len = snprintf(head, sizeof(head), "P6\n%u %u\n255\n", planes->width, planes->height);
	ward_err err = sink->part(sink->context, ward_str_from(name), false);

	if (!err)
		err = sink->data(sink->context, (ward_bytes){ (const uint8_t *)head, (size_t)len });
	if (!err)
		err = sink->data(sink->context,
				(ward_bytes){ rgb, (size_t)planes->width * planes->height * 3 });
	free(rgb);
	return err ? ward_fail(job->error, err, "the %s was not taken", name) : WARD_OK;
}

/* As paint_item: what keeps this one from being told is noted. */
static ward_err tell_one_aside(struct heif *heif, struct aside *aside,
		const struct heif_image_handle *handle)
{
	struct heif_image *image = NULL;
	struct heif_planes planes;
	ward_err err = WARD_OK, trouble = heif_decode_item(heif, handle, &image);

	if (!trouble)
		trouble = heif_find_planes(heif, image, &planes);
	heif_note_trouble(heif, trouble);
	if (!trouble) {
		err = tell_part(heif, aside, &planes);
		heif_note_trouble(heif, err ? WARD_OK : heif_check_told(heif, handle, &planes));
	}
	heif_image_release(image);
	return err;
}

static ward_err tell_aside(struct heif *heif, struct aside *aside,
		const struct heif_image_handle *of)
{
	heif_item_id ids[ASIDE_MAX + 1];
	int count = aside->list(of, ids, ASIDE_MAX + 1);
	ward_err err = WARD_OK;

	for (int i = 0; !err && i < count && i <= ASIDE_MAX; i++) {
		struct heif_image_handle *handle = NULL;

		if (aside->tried++ >= ASIDE_MAX) {
			heif_note_trouble(heif,
					ward_fail(heif->job->error, WARD_E_LIMIT,
							"the %s picture has more thumbnails or "
							"companions than 16 of a kind",
							heif_name_of(heif->job)));
			break;
		}
		struct heif_error error = aside->get(of, ids[i], &handle);

		if (error.code)
			heif_note_trouble(heif, heif_fail_with(heif, error));
		else
			err = tell_one_aside(heif, aside, handle);
		heif_image_handle_release(handle);
	}
	return err;
}

/* The thumbnail that a camera wrote into the picture's EXIF block, as it does into a JPEG's. */
static ward_err tell_exif(struct heif *heif, const struct heif_image_handle *of)
{
	const struct decode_sink *sink = heif->job->sink;
	heif_item_id id;

	if (heif_image_handle_get_list_of_metadata_block_IDs(of, "Exif", &id, 1) < 1)
		return WARD_OK;
	size_t len = heif_image_handle_get_metadata_size(of, id);

	/* ISO 23008-12: four bytes say how far behind them the block begins. */
	if (len < 4 || len > heif->job->file.len)
		return WARD_OK;
	uint8_t *block = decode_memory(heif->job, (uint32_t)len, 1, 1);
	ward_err err = WARD_OK;

	if (!block)
		return heif->job->error->code;
	struct heif_error error = heif_image_handle_get_metadata(of, id, block);
	size_t at = (size_t)block[0] << 24 | (size_t)block[1] << 16 | (size_t)block[2] << 8 |
		    block[3];
	ward_bytes thumbnail = { NULL, 0 };

	if (!error.code && at <= len - 4)
		thumbnail = exif_thumbnail((ward_bytes){ block + 4 + at, len - 4 - at });
	if (thumbnail.len > 0)
		err = sink->part(sink->context, WARD_STR("EXIF thumbnail"), false);
	if (thumbnail.len > 0 && !err)
		err = sink->data(sink->context, thumbnail);
	free(block);
	return err ? ward_fail(heif->job->error, err, "the thumbnail was not taken") : WARD_OK;
}

/* Of each picture that is a frame. */
ward_err heif_tell_asides(struct heif *heif)
{
	struct aside kinds[] = {
		{ "thumbnail", 0, 0, heif_image_handle_get_list_of_thumbnail_IDs,
				heif_image_handle_get_thumbnail },
		{ "companion", 0, 0, list_companions,
				heif_image_handle_get_auxiliary_image_handle },
	};
	struct decode_job *job = heif->job;
	uint32_t count = job->facts.frames;
	heif_item_id *ids = decode_memory(job, count, 1, sizeof(*ids));
	ward_err err = ids ? WARD_OK : job->error->code;

	if (!err)
		count = (uint32_t)heif_context_get_list_of_top_level_image_IDs(heif->context, ids,
				(int)count);
	for (uint32_t i = 0; !err && i < count; i++) {
		struct heif_image_handle *handle = NULL;
		struct heif_error error =
				heif_context_get_image_handle(heif->context, ids[i], &handle);

		for (size_t k = 0; !error.code && !err && k < sizeof(kinds) / sizeof(*kinds); k++)
			err = tell_aside(heif, &kinds[k], handle);
		if (!error.code && !err)
			err = tell_exif(heif, handle);
		heif_image_handle_release(handle);
	}
	free(ids);
	return err;
}
