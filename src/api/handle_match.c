#include "api/ask.h"
#include "api/handlers.h"
#include "api/scanning.h"
#include "base/clock.h"
#include "scan/report_json.h"

/* ---- look-up ---- */

static void write_hit(struct json *json, const struct ward_hit *hit)
{
	const struct ward_list_info *info = ward_list_info(hit->list);
	char text[WARD_SIGNAL_TEXT_MAX];

	json_object(json);
	json_key_text(json, "list", info->name);
	json_key_text(json, "sense", ward_list_sense_name(info->sense));
	json_key_text(json, "signal", ward_signal_format(&hit->signal, text));
	json_key_uint(json, "entry", hit->entry);
	json_key_uint(json, "distance", hit->distance);
	json_key(json, "labels");
	report_json_labels(json, hit->labels);
	json_key_uint(json, "affirmed", hit->affirmed);
	json_key_uint(json, "disputed", hit->disputed);
	if (hit->excluded)
		json_key_bool(json, "excluded", true);
	json_object_end(json);
}

static void write_hits(struct json *json, const ward_signal *signal, const struct ward_hits *hits)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_object(json);
	json_key_text(json, "type", ward_signal_kind_name(signal->kind));
	json_key_text(json, "signal", ward_signal_format(signal, text));
	json_key_uint(json, "total", hits->total);
	json_key(json, "hits");
	json_array(json);
	for (size_t i = 0; i < hits->count; i++)
		write_hit(json, &hits->at[i]);
	json_array_end(json);
	json_object_end(json);
}

/* Hash look-ups go to the bank together, in pieces that need little memory; the rest one by one. */
enum { BATCH = 256 };

struct answers {
	const struct ask *ask;
	const struct ward_bank_view *view;
	struct ward_search search;
	struct ward_hits found[BATCH];
};

static ward_err look_up(struct answers *answers, size_t first, size_t count,
		struct ward_error *error)
{
	ward_signal hashes[BATCH];
	struct ward_hits found[BATCH];
	size_t place[BATCH], hash_count = 0;
	ward_err err = WARD_OK;

	for (size_t i = 0; i < count && !err; i++) {
		const ward_signal *signal = &answers->ask->signals[first + i];

		ward_hits_clear(&answers->found[i]);
		answers->found[i].max = answers->ask->hits_max;
		if (signal->kind == WARD_SIGNAL_PDQ) {
			hashes[hash_count] = *signal;
			found[hash_count] = answers->found[i];
			place[hash_count++] = i;
		} else {
			err = ward_bank_search(answers->view, signal, &answers->search,
					&answers->found[i], error);
		}
	}
	if (!err && hash_count > 0)
		err = ward_bank_search_batch(answers->view, hashes, hash_count, &answers->search,
				found, error);
	for (size_t i = 0; i < hash_count; i++)
		answers->found[place[i]] = found[i];
	return err;
}

static ward_err answer_all(struct request *request, struct answers *answers, struct json *json,
		struct ward_error *error)
{
	const struct ask *ask = answers->ask;
	ward_err err = WARD_OK;

	for (size_t first = 0; first < ask->count && !err; first += BATCH) {
		size_t count = ask->count - first < BATCH ? ask->count - first : BATCH;

		if (request_time_left(request) == 0)
			return ward_fail(error, WARD_E_LIMIT,
					"there was no time for so many signals; ask fewer at once");
		err = look_up(answers, first, count, error);
		for (size_t i = 0; i < count && !err; i++)
			write_hits(json, &ask->signals[first + i], &answers->found[i]);
	}
	return err;
}

/* Lists that were named and are not there are the asker's mistake, and no empty answer. */
static bool lists_exist(struct request *request, const struct ask *ask,
		const struct ward_bank_view *view)
{
	for (size_t i = 0; i < ask->list_count; i++) {
		if (ward_bank_find(view, ward_str_from(ask->lists[i])))
			continue;
		request_trouble(request, PROBLEM_NOT_FOUND,
				"List %zu of those named does not exist; GET /v1/lists names all.",
				i);
		return false;
	}
	return true;
}

static void answer(struct request *request, const struct ask *ask, bool one)
{
	struct ward_bank_view *view = live_view(request_live(request));
	struct answers *answers = calloc(1, sizeof(*answers));
	ward_str names[ASK_LISTS_MAX];
	struct ward_error error;
	ward_err err;

	if (!answers || !lists_exist(request, ask, view)) {
		if (!answers)
			request_trouble(request, PROBLEM_INTERNAL, "Out of memory; ask again.");
		free(answers);
		ward_bank_release(view);
		return;
	}
	for (size_t i = 0; i < ask->list_count; i++)
		names[i] = ward_str_from(ask->lists[i]);
	answers->ask = ask;
	answers->view = view;
	answers->search = ward_search_default();
	answers->search.radius = ask->radius;
	answers->search.now = clock_now();
	answers->search.lists = ask->list_count > 0 ? names : NULL;
	answers->search.list_count = ask->list_count;
	struct json json = request_json(request);

	if (!one) {
		json_object(&json);
		json_key(&json, "answers");
		json_array(&json);
	}
	err = answer_all(request, answers, &json, &error);
	if (!one) {
		json_array_end(&json);
		json_object_end(&json);
	}
	ward_buf_char(&request->answer.text, '\n');
	if (err)
		request_failure(request, &error);
	metrics_lookups(request_metrics(request), ask->count);
	for (size_t i = 0; i < BATCH; i++)
		ward_hits_free(&answers->found[i]);
	free(answers);
	ward_bank_release(view);
}

void handle_match_one(struct request *request)
{
	ward_signal signal;
	struct ask ask = { .signals = &signal, .count = 1, .radius = -1 };
	int64_t radius = -1, max = ASK_HITS_DEFAULT;
	struct ward_error error;

	if (ask_signal(request_query(request, "type"), request_query(request, "signal"), &signal,
			    &error) ||
			ask_lists(request_query(request, "lists"), &ask, &error)) {
		request_failure(request, &error);
		return;
	}
	if (!request_number(request, "radius", 0, WARD_PDQ_RADIUS_MAX, &radius) ||
			!request_number(request, "max", 1, ASK_HITS_MAX, &max))
		return;
	ask.radius = (int)radius;
	ask.hits_max = (size_t)max;
	answer(request, &ask, true);
}

void handle_match_many(struct request *request)
{
	struct ward_error error;
	struct ask ask;

	if (ask_read(ward_buf_text(&request->text), &ask, &error))
		request_failure(request, &error);
	else
		answer(request, &ask, false);
	ask_free(&ask);
}

/* ---- compare ---- */

struct side {
	bool is_file;
	ward_signal signal; /* PDQ of a picture, or what was given */
	struct ward_digests digests;
	bool has_512;
	ward_pdq dihedral512[WARD_DIHEDRAL_COUNT];
};

static bool read_file(struct request *request, const struct part *part,
		const struct ward_scan_options *options, struct side *side)
{
	const struct ward_report *report;
	struct ward_error error;

	if (scanning_file(request, part, NULL, options, &report, &error)) {
		request_failure(request, &error);
		return false;
	}
	const struct ward_item *item = &report->items[0];

	if (item->err) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "File %d cannot be read: %.*s.",
				(int)(part - request->parts), WARD_FMT(item->message));
		return false;
	}
	side->is_file = true;
	side->digests = item->digests;
	if (item->frame_count > 0) {
		const struct ward_frame_hash *frame = &item->frames[0];

		side->signal = ward_pdq_signal(frame->pdq.hash);
		side->has_512 = frame->has_512;
		memcpy(side->dihedral512, frame->dihedral512, sizeof(side->dihedral512));
	}
	return true;
}

static bool read_files(struct request *request, struct side sides[2])
{
	struct ward_scan_options options;

	if (request->part_count != 2) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"Send two files as multipart/form-data, or {\"a\":…,\"b\":…} as "
				"JSON.");
		return false;
	}
	if (!scanning_options(request, &options))
		return false;
	options.hash_only = true;
	options.archives = false;
	options.size = WARD_DECODE_FULL;
	options.both_paths = true;
	return read_file(request, &request->parts[0], &options, &sides[0]) &&
	       read_file(request, &request->parts[1], &options, &sides[1]);
}

static void write_side(struct json *json, const char *name, const struct side *side)
{
	char text[WARD_SIGNAL_TEXT_MAX];

	json_key(json, name);
	json_object(json);
	if (side->is_file) {
		ward_signal digest = ward_digests_signal(&side->digests, WARD_SIGNAL_SHA256);

		json_key_text(json, "sha256", ward_signal_format(&digest, text));
	}
	if (side->signal.kind != WARD_SIGNAL_NONE)
		json_key_text(json, ward_signal_kind_name(side->signal.kind),
				ward_signal_format(&side->signal, text));
	json_object_end(json);
}

/* How near the second is when the first picture is turned and mirrored. */
static int nearest_look(const struct side *turned, const struct side *other, ward_dihedral *look)
{
	int nearest = 257;

	for (int i = 0; i < WARD_DIHEDRAL_COUNT; i++) {
		int distance = ward_pdq_distance(turned->dihedral512[i], other->dihedral512[0]);

		if (distance < nearest) {
			nearest = distance;
			*look = (ward_dihedral)i;
		}
	}
	return nearest;
}

static void write_distance(struct json *json, const struct side *a, const struct side *b,
		int64_t radius)
{
	bool same = a->is_file ? memcmp(a->digests.sha256, b->digests.sha256, 32) == 0
			       : ward_signal_eq(&a->signal, &b->signal);
	bool similar = same;

	json_key_bool(json, "identical", same);
	if (a->signal.kind == WARD_SIGNAL_PDQ) {
		int distance = ward_pdq_distance(ward_pdq_from_signal(&a->signal),
				ward_pdq_from_signal(&b->signal));
		ward_dihedral look = WARD_ORIG;
		int nearest = a->has_512 && b->has_512 ? nearest_look(a, b, &look) : distance;

		if (nearest >= distance) {
			nearest = distance;
			look = WARD_ORIG;
		}
		json_key_int(json, "distance", distance);
		json_key_int(json, "nearest", nearest);
		json_key_text(json, "orientation", ward_dihedral_name(look));
		similar = similar || nearest <= radius;
	} else if (a->signal.kind == WARD_SIGNAL_PHOTODNA) {
		json_key_uint(json, "distance",
				ward_photodna_distance(a->signal.bytes, b->signal.bytes));
	}
	json_key_bool(json, "similar", similar);
}

void handle_compare(struct request *request)
{
	struct side sides[2] = { { 0 }, { 0 } };
	int64_t radius = WARD_PDQ_RADIUS;
	struct ward_error error;

	if (!request_number(request, "radius", 0, WARD_PDQ_RADIUS_MAX, &radius))
		return;
	if (request->multipart) {
		if (!read_files(request, sides))
			return;
	} else {
		ward_signal pair[2];

		if (ask_pair(ward_buf_text(&request->text), pair, &error)) {
			request_failure(request, &error);
			return;
		}
		sides[0].signal = pair[0];
		sides[1].signal = pair[1];
	}
	if (sides[0].signal.kind != sides[1].signal.kind) {
		request_trouble(request, PROBLEM_BAD_REQUEST,
				"The two are of different kinds and cannot be compared.");
		return;
	}
	struct json json = request_json(request);

	json_object(&json);
	write_side(&json, "a", &sides[0]);
	write_side(&json, "b", &sides[1]);
	write_distance(&json, &sides[0], &sides[1], radius);
	json_object_end(&json);
	ward_buf_char(&request->answer.text, '\n');
}
