#include "api/scanning.h"

#include "api/server.h"
#include "base/clock.h"
#include "base/log.h"
#include "desk/exposure.h"
#include "intake/intake.h"

bool scanning_options(struct request *request, struct ward_scan_options *options)
{
	const struct settings *settings = request_settings(request);
	bool exact = settings->exact;
	int64_t radius = settings->radius;
	uint32_t left = request_time_left(request);

	*options = ward_scan_options_default();
	options->limits = settings->limits;
	options->all_orientations = settings->all_orientations;
	options->borders = settings->borders;
	options->archives = settings->archives;
	options->videos = settings->videos;
	options->now = clock_now();
	if (options->limits.time_ms > left)
		options->limits.time_ms = left;
	if (!request_flag(request, "exact", &exact) ||
			!request_flag(request, "any_orientation", &options->all_orientations) ||
			!request_flag(request, "borders", &options->borders) ||
			!request_flag(request, "archives", &options->archives) ||
			!request_flag(request, "videos", &options->videos) ||
			!request_number(request, "radius", 0, WARD_PDQ_RADIUS_MAX, &radius))
		return false;
	options->size = exact ? WARD_DECODE_FULL : WARD_DECODE_FAST;
	options->radius = (int)radius;
	return true;
}

bool scanning_has_files(struct request *request)
{
	if (request->part_count > 0)
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST,
			"The body is empty: send a file's bytes, or files as multipart/form-data.");
	return false;
}

static void hash_part(struct request *request, struct part *part,
		const struct ward_scan_options *options)
{
	const struct ward_report *report;
	struct ward_error error;

	if (scanning_file(request, part, NULL, options, &report, &error) != WARD_OK ||
			report->item_count == 0)
		return;
	if (report->items[0].facts.kind == WARD_MEDIA_VIDEO)
		part->facts = report->items[0].facts;
	if (report->items[0].frame_count == 0)
		return;
	part->pdq = report->items[0].frames[0].pdq;
	part->has_pdq = true;
}

void scanning_hash_parts(struct request *request)
{
	const struct settings *settings = request_settings(request);
	struct ward_scan_options options = ward_scan_options_default();

	options.limits = settings->limits;
	options.hash_only = true;
	options.archives = false;
	options.size = settings->exact ? WARD_DECODE_FULL : WARD_DECODE_FAST;
	options.now = clock_now();
	/* Half of the time is for keeping what came. */
	for (size_t i = 0; i < request->part_count; i++) {
		uint32_t left = request_time_left(request), half = settings->request_ms / 2;

		if (left <= half)
			return;
		if (options.limits.time_ms > left - half)
			options.limits.time_ms = left - half;
		if (request->parts[i].is_file && request->parts[i].spill.size > 0)
			hash_part(request, &request->parts[i], &options);
	}
}

ward_err scanning_file(struct request *request, const struct part *part,
		const struct ward_bank_view *view, const struct ward_scan_options *options,
		const struct ward_report **report, struct ward_error *error)
{
	struct gate_live *gate = request_network(request)->gate;
	struct ward_scan_options all = *options;

	if (!request->scanner)
		return ward_fail(error, WARD_E_NOMEM, "there is no scanner");
	const struct gate_state *state = gate && view && request_settings(request)->texts
							 ? gate_live_acquire(gate)
							 : NULL;

	if (state)
		workspace_scan_words(state, &all);
	ward_err err = ward_scan_fd(request->scanner, part->spill.fd, part->spill.size, view,
			request->snapshot->policy, &all, report, error);

	if (state)
		gate_live_release(gate, state);
	return err;
}

struct knowing {
	const char *report;
	const struct ward_picture_facts *facts;
	size_t count;
};

static ward_err know_items(const struct knowing *knowing, struct store_tx *tx,
		struct ward_arena *arena, struct ward_error *error)
{
	struct intake_item_list items;
	ward_err err = intake_items(tx, ward_str_from(knowing->report), arena, &items, error);

	for (size_t i = 0; !err && i < items.count; i++) {
		const struct intake_item *item = &items.at[i];
		size_t place = (size_t)item->place;

		if (place < knowing->count && item->payload.len > 0 &&
				knowing->facts[place].kind == WARD_MEDIA_VIDEO)
			err = exposure_know(tx, item->payload, &knowing->facts[place], error);
	}
	return err;
}

static ward_err know_work(void *context, struct store_tx *tx, struct ward_error *error)
{
	struct ward_arena arena;

	ward_arena_init(&arena, (size_t)1 << 20);
	ward_err err = know_items(context, tx, &arena, error);

	ward_arena_free(&arena);
	return err;
}

void scanning_know(struct request *request, const char *report,
		const struct ward_picture_facts *facts, size_t count)
{
	struct knowing knowing = { report, facts, count };
	struct ward_error error;
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any = any || facts[i].kind == WARD_MEDIA_VIDEO;
	if (any && store_write(request_store(request), know_work, &knowing, &error) != WARD_OK)
		log_warn("facts_not_kept", "request=%s code=%s", request->id,
				ward_err_name(error.code));
}
