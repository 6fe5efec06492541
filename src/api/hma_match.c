#include "api/handlers.h"
#include "api/hma.h"
#include "api/hma_coin.h"
#include "base/clock.h"
#include "base/tree.h"

#include <inttypes.h>

enum { HITS_MAX = 100000 };

void handle_hma_hash(struct request *request)
{
	struct hma_hashes hashes;

	if (!hma_hash_file(request, &hashes))
		return;
	struct json json = request_json(request);

	hma_write_hashes(&json, &hashes);
}

/* ---- look-up ---- */

static bool read_signal(struct request *request, ward_signal *signal)
{
	ward_str type = request_query(request, "signal_type");
	ward_str text = request_query(request, "signal");
	ward_signal_kind kind = hma_kind(type);

	if (type.len == 0 || text.len == 0) {
		hma_refuse(request, "Either url or both signal and signal_type are required");
		return false;
	}
	if (kind == WARD_SIGNAL_NONE) {
		hma_refuse(request, "No such SignalType");
		return false;
	}
	if (!ward_signal_parse(kind, text, signal)) {
		hma_refuse(request, "invalid signal");
		return false;
	}
	return true;
}

/* "banks" names the only ones; without it every one is asked. */
static bool is_asked(struct request *request, const struct ward_list *list)
{
	ward_str banks = request_query(request, "banks");

	if (banks.len == 0)
		return true;
	while (banks.len > 0) {
		if (ward_str_eq(ward_str_cut(&banks, ','),
				    ward_str_from(ward_list_info(list)->name)))
			return true;
	}
	return false;
}

/* Every bank that is asked, in use or not. */
static ward_err search_all(struct request *request, const struct ward_bank_view *view,
		const ward_signal *signal, struct ward_hits *hits, struct ward_error *error)
{
	ward_err err = WARD_OK;

	for (size_t i = 0; i < ward_bank_list_count(view) && !err; i++) {
		const struct ward_list *list = ward_bank_list(view, i);

		if (hma_is_bank(list) && is_asked(request, list))
			err = ward_list_search(list, signal, -1, hits, error);
	}
	return err;
}

/*
 * The coin of a look-up: a bank takes part whose ratio is not below it.  One
 * that is off takes no part but when the coin is bypassed, as if it fell on 0.
 */
static double flip(struct request *request, bool bypass)
{
	ward_str seed = request_query(request, "seed");

	if (bypass)
		return 0;
	return seed.len > 0 ? hma_coin_of(seed) : hma_coin();
}

static bool takes_part(struct request *request, const struct ward_list *list, double coin,
		bool bypass)
{
	const struct ward_list_info *info = ward_list_info(list);

	return hma_is_bank(list) && is_asked(request, list) && (info->enabled || bypass) &&
	       hma_ratio(info) >= coin;
}

/* The banks that take part; without what is switched off, expired or excluded. */
static ward_err search_banks(struct request *request, const struct ward_bank_view *view,
		const ward_signal *signal, bool bypass, struct ward_hits *hits,
		struct ward_error *error)
{
	struct ward_search search = ward_search_default();
	ward_str *names = calloc(ward_bank_list_count(view) + 1, sizeof(*names));
	double coin = flip(request, bypass);
	ward_err err = WARD_OK;

	if (!names)
		return ward_fail(error, WARD_E_NOMEM, "no memory for the banks");
	search.now = clock_now();
	search.lists = names;
	for (size_t i = 0; i < ward_bank_list_count(view); i++) {
		const struct ward_list *list = ward_bank_list(view, i);

		if (takes_part(request, list, coin, bypass))
			names[search.list_count++] = ward_str_from(ward_list_info(list)->name);
	}
	if (search.list_count > 0)
		err = ward_bank_search(view, signal, &search, hits, error);
	free(names);
	return err;
}

static void write_match(struct json *json, const struct ward_hit *hit)
{
	char text[16] = "-";

	json_object(json);
	json_key_uint(json, "bank_content_id", hma_id(hit->list, hit->entry));
	/* A text, as HMA has it, and this sign for digests, which have no distance. */
	if (hit->signal.kind == WARD_SIGNAL_PDQ || hit->signal.kind == WARD_SIGNAL_PHOTODNA)
		snprintf(text, sizeof(text), "%" PRIu32, hit->distance);
	json_key_text(json, "distance", text);
	json_object_end(json);
}

void handle_hma_raw_lookup(struct request *request)
{
	struct ward_hits hits = { .max = HITS_MAX };
	bool with_distance = false;
	struct ward_error error;
	ward_signal signal;

	if (!read_signal(request, &signal) ||
			!request_flag(request, "include_distance", &with_distance))
		return;
	struct ward_bank_view *view = live_view(request_live(request));

	if (search_all(request, view, &signal, &hits, &error)) {
		request_failure(request, &error);
	} else {
		struct json json = request_json(request);

		json_object(&json);
		json_key(&json, "matches");
		json_array(&json);
		for (size_t i = 0; i < hits.count; i++) {
			if (with_distance)
				write_match(&json, &hits.at[i]);
			else
				json_uint(&json, hma_id(hits.at[i].list, hits.at[i].entry));
		}
		json_array_end(&json);
		json_object_end(&json);
	}
	metrics_lookups(request_metrics(request), 1);
	ward_hits_free(&hits);
	ward_bank_release(view);
}

/* {"BANK": [match, …], …}: the hits of one bank together. */
static void write_by_bank(struct request *request, struct json *json,
		const struct ward_bank_view *view, const struct ward_hits *hits)
{
	json_object(json);
	for (size_t i = 0; i < ward_bank_list_count(view); i++) {
		const struct ward_list *list = ward_bank_list(view, i);
		bool begun = false;

		if (!hma_is_bank(list) || !is_asked(request, list))
			continue;
		for (size_t k = 0; k < hits->count; k++) {
			if (hits->at[k].list != list || hits->at[k].excluded)
				continue;
			if (!begun) {
				json_key(json, ward_list_info(list)->name);
				json_array(json);
				begun = true;
			}
			write_match(json, &hits->at[k]);
		}
		if (begun)
			json_array_end(json);
	}
	json_object_end(json);
}

static bool look_up(struct request *request, struct json *json, const struct ward_bank_view *view,
		const ward_signal *signal, bool bypass)
{
	struct ward_hits hits = { .max = HITS_MAX };
	struct ward_error error;
	ward_err err = search_banks(request, view, signal, bypass, &hits, &error);

	if (err)
		request_failure(request, &error);
	else
		write_by_bank(request, json, view, &hits);
	metrics_lookups(request_metrics(request), 1);
	ward_hits_free(&hits);
	return err == WARD_OK;
}

static void look_up_file(struct request *request, bool bypass)
{
	struct hma_hashes hashes;

	if (!hma_hash_file(request, &hashes))
		return;
	if (hashes.at[0].signal.kind == WARD_SIGNAL_NONE) {
		hma_refuse(request, "invalid signal: the photo is too plain to have a hash "
				    "(quality below 50)");
		return;
	}
	struct ward_bank_view *view = live_view(request_live(request));
	/* Who names the one type gets what is of it, not under its name. */
	ward_signal_kind only = hma_kind(request_query(request, "signal_type"));
	struct json json = request_json(request);

	if (only == hashes.at[0].kind) {
		(void)!look_up(request, &json, view, &hashes.at[0].signal, bypass);
	} else if (only != WARD_SIGNAL_NONE) {
		json_object(&json);
		json_object_end(&json);
	} else {
		json_object(&json);
		json_key(&json, hma_type(hashes.at[0].kind));
		if (look_up(request, &json, view, &hashes.at[0].signal, bypass))
			json_object_end(&json);
	}
	ward_bank_release(view);
}

void handle_hma_lookup(struct request *request)
{
	bool bypass = false;
	ward_signal signal;

	if (!request_flag(request, "bypass_coinflip", &bypass))
		return;
	if (request->part_count > 0 || strcmp(request->route->method, "POST") == 0) {
		look_up_file(request, bypass);
		return;
	}
	if (!read_signal(request, &signal))
		return;
	struct ward_bank_view *view = live_view(request_live(request));
	struct json json = request_json(request);

	(void)!look_up(request, &json, view, &signal, bypass);
	ward_bank_release(view);
}

void handle_hma_index_status(struct request *request)
{
	static const ward_signal_kind kinds[] = { WARD_SIGNAL_PDQ, WARD_SIGNAL_MD5 };
	ward_str only = request_query(request, "signal_type");
	struct ward_bank_view *view;

	if (only.len > 0 && !ward_str_eq(only, WARD_STR("pdq")) &&
			!ward_str_eq(only, WARD_STR("video_md5"))) {
		hma_refuse(request, "No such signal type");
		return;
	}
	view = live_view(request_live(request));
	struct json json = request_json(request);

	json_object(&json);
	for (size_t i = 0; i < 2; i++) {
		uint64_t size = 0;
		int64_t built = -1;

		if (only.len > 0 && !ward_str_eq(only, ward_str_from(hma_type(kinds[i]))))
			continue;
		for (size_t k = 0; k < ward_bank_list_count(view); k++) {
			const struct ward_list *list = ward_bank_list(view, k);

			size += ward_list_signals(list, kinds[i]);
			if (ward_list_info(list)->changed > built)
				built = ward_list_info(list)->changed;
		}
		json_key(&json, hma_type(kinds[i]));
		json_object(&json);
		json_key_bool(&json, "present", size > 0);
		json_key_int(&json, "built_to", size > 0 ? built : -1);
		json_key_uint(&json, "size", size);
		json_object_end(&json);
	}
	json_object_end(&json);
	ward_bank_release(view);
}

/* ---- compare ---- */

/* One member: a type, and two hashes of it. */
static bool compare(struct request *request, struct json *json, const char *type,
		const struct json_t *pair)
{
	ward_signal_kind kind = hma_kind(ward_str_from(type));
	ward_signal a, b;

	if (kind == WARD_SIGNAL_NONE) {
		hma_refuse(request, "No such SignalType");
		return false;
	}
	if (!tree_is_array(pair) || tree_count(pair) != 2) {
		hma_refuse(request, "Comparison hash list length must be exactly 2");
		return false;
	}
	if (!ward_signal_parse(kind, tree_text(tree_at(pair, 0)), &a) ||
			!ward_signal_parse(kind, tree_text(tree_at(pair, 1)), &b)) {
		hma_refuse(request, "Invalid %s hash", hma_type(kind));
		return false;
	}
	json_key(json, type);
	json_array(json);
	if (kind == WARD_SIGNAL_PDQ) {
		int distance = ward_pdq_distance(ward_pdq_from_signal(&a),
				ward_pdq_from_signal(&b));

		json_bool(json, distance <= WARD_PDQ_RADIUS);
		json_object(json);
		json_key_int(json, "distance", distance);
		json_object_end(json);
	} else {
		json_bool(json, ward_signal_eq(&a, &b));
		json_object(json);
		json_object_end(json);
	}
	json_array_end(json);
	return true;
}

void handle_hma_compare(struct request *request)
{
	struct ward_error error;
	struct json_t *root = tree_read(ward_buf_text(&request->text), &error);
	const struct json_t *pair;
	const char *type;
	void *at = NULL;
	bool fine = true;

	if (!root) {
		hma_refuse(request, "Request input was not a dict");
		return;
	}
	struct json json = request_json(request);

	json_object(&json);
	while (fine && tree_next(root, &at, &type, &pair))
		fine = compare(request, &json, type, pair);
	if (fine)
		json_object_end(&json);
	tree_free(root);
}
