#include "api/door.h"
#include "api/handlers.h"
#include "api/site_counts.h"
#include "base/clock.h"
#include "gate/gate_json.h"
#include "gate/gate_live.h"
#include "measure/sites.h"

enum {
	LINKS_MAX = 1000,
	LINK_ROOM = WARD_LINK_MEMORY_MAX,
	DAY_S = 86400,
	DAYS = 30,
	DAYS_MAX = 400
};

static const struct gate_state *gate_of(struct request *request)
{
	return gate_live_acquire(request_network(request)->gate);
}

static void gate_end(struct request *request, const struct gate_state *state)
{
	gate_live_release(request_network(request)->gate, state);
}

/* ---- GET /v1/sites ---- */

static void write_list(struct json *json, const struct ward_site_list *list, int64_t now)
{
	const struct ward_site_info *info = ward_site_list_info(list);

	json_object(json);
	json_key_text(json, "name", info->name);
	json_key_text(json, "source", info->source);
	json_key_text(json, "sense", ward_site_sense_name(info->sense));
	json_key_text(json, "category", info->category);
	json_key_bool(json, "mandatory", info->mandatory);
	json_key_bool(json, "hidden", info->hidden);
	json_key_bool(json, "enabled", info->enabled);
	json_key_uint(json, "entries", ward_site_list_entries(list));
	json_key_uint(json, "bytes", ward_site_list_bytes(list));
	json_key_text(json, "version", ward_site_list_version(list));
	json_key_uint(json, "sequence", info->sequence);
	door_key_time(json, "issued", info->issued);
	door_key_time(json, "changed", info->changed);
	door_key_time(json, "expires", info->expires);
	json_key_int(json, "age_s", ward_site_info_age(info, now));
	json_key_bool(json, "stale", ward_site_info_is_stale(info, now));
	json_object_end(json);
}

void handle_sites(struct request *request)
{
	const struct gate_state *state = gate_of(request);
	int64_t now = clock_now();
	struct json json;

	json = request_json(request);
	json_object(&json);
	json_key(&json, "lists");
	json_array(&json);
	for (size_t i = 0; i < ward_site_view_lists(state->sites); i++)
		write_list(&json, ward_site_view_list(state->sites, i), now);
	json_array_end(&json);
	json_object_end(&json);
	gate_end(request, state);
}

/* ---- POST /v1/sites/check ---- */

struct checking {
	const struct gate_state *state;
	const struct json_t *links;
	size_t group;
	int64_t now;
	struct ward_buf memory;
};

static bool read_group(struct request *request, const struct json_t *object,
		struct checking *checking)
{
	const struct gate_rules *rules = checking->state->rules;
	struct gate_client client = { 0 };
	ward_str group = { "", 0 }, address = { "", 0 };
	struct ward_network network;

	if (!door_text(request, object, "group", &group) ||
			!door_text(request, object, "client", &address) ||
			!door_text(request, object, "user", &client.user))
		return false;
	if (address.len > 0 && !ward_network_read(address, &network)) {
		request_trouble(request, PROBLEM_BAD_REQUEST, "\"client\" is an address.");
		return false;
	}
	if (address.len > 0) {
		client.kind = network.kind;
		memcpy(client.address, network.address, sizeof(client.address));
	}
	checking->group = gate_group_of(rules, &client);
	for (size_t i = 0; group.len > 0; i++) {
		if (i == rules->group_count) {
			request_trouble(request, PROBLEM_BAD_REQUEST,
					"ward.conf has no group of this name.");
			return false;
		}
		if (ward_str_eq(group, ward_str_from(rules->groups[i].name))) {
			checking->group = i;
			break;
		}
	}
	return true;
}

static bool read_links(struct request *request, const struct json_t *object,
		struct checking *checking)
{
	checking->links = tree_member(object, "links");
	if (tree_is_array(checking->links) && tree_count(checking->links) > 0 &&
			tree_count(checking->links) <= LINKS_MAX)
		return true;
	request_trouble(request, PROBLEM_BAD_REQUEST, "\"links\" is an array of 1 to %d texts.",
			LINKS_MAX);
	return false;
}

static ward_err check_one(struct checking *checking, ward_str text, struct json *json,
		struct ward_error *error)
{
	struct ward_link link;
	struct ward_site_hits hits;
	struct gate_answer answer;
	ward_err err = ward_link_read(text, WARD_LINK_LOOKUP, &checking->memory, &link, error);

	if (err)
		return err;
	ward_site_ask(checking->state->sites, &link, checking->now, &hits);
	answer = gate_judge(checking->state->rules, &hits, checking->group,
			gate_time_of(checking->now));
	gate_json_answer(json, &(struct gate_told){ checking->state->rules, checking->group, text,
					       &link, &hits, &answer, false });
	return WARD_OK;
}

static void check_all(struct request *request, struct checking *checking)
{
	struct json json = request_json(request);
	struct ward_error error;

	json_object(&json);
	json_key(&json, "answers");
	json_array(&json);
	for (size_t i = 0; i < tree_count(checking->links); i++) {
		ward_str text = tree_text(tree_at(checking->links, i));

		if (check_one(checking, text, &json, &error) != WARD_OK) {
			request_trouble(request, PROBLEM_BAD_REQUEST,
					"Link %zu (counted from 0): %s.", i, error.message);
			return;
		}
	}
	json_array_end(&json);
	json_object_end(&json);
}

void handle_sites_check(struct request *request)
{
	struct json_t *object = door_object(request);
	struct checking checking = { .now = clock_now() };

	if (!object)
		return;
	checking.state = gate_of(request);
	if (read_links(request, object, &checking) && read_group(request, object, &checking)) {
		ward_buf_init(&checking.memory, LINK_ROOM);
		check_all(request, &checking);
		ward_buf_free(&checking.memory);
	}
	gate_end(request, checking.state);
	tree_free(object);
}

/* ---- what was counted ---- */

static bool read_days(struct request *request, int64_t *from, int64_t *to)
{
	int64_t days = DAYS;

	if (!request_number(request, "days", 1, DAYS_MAX, &days))
		return false;
	*to = clock_now() / DAY_S;
	*from = *to - days + 1;
	return true;
}

static void write_count(struct request *request, struct json *json, const void *row)
{
	const struct measure_site_count *count = row;

	(void)request;
	json_object(json);
	door_key_time(json, "day", count->day * DAY_S);
	json_key_str(json, "list", count->list);
	json_key_str(json, "cause", count->cause);
	json_key_str(json, "answer", count->act);
	json_key_int(json, "count", count->count);
	json_object_end(json);
}

void handle_site_counts(struct request *request)
{
	const struct measure_site_count *rows = NULL;
	struct door_look look;
	size_t count = 0;
	int64_t from, to;
	ward_err err;

	if (!read_days(request, &from, &to) || !door_look(request, &look))
		return;
	err = measure_sites_counts(look.tx, from, to, &look.arena, &rows, &count, &look.error);
	if (!err)
		door_rows(request, "counts", rows, count, sizeof(*rows), write_count);
	door_look_end(request, &look, err);
}

static void write_host(struct request *request, struct json *json, const void *row)
{
	const struct measure_site_host *host = row;

	(void)request;
	json_object(json);
	json_key_str(json, "host", host->host);
	json_key_str(json, "list", host->list);
	json_key_int(json, "count", host->count);
	json_object_end(json);
}

void handle_site_hosts(struct request *request)
{
	const struct measure_site_host *rows = NULL;
	struct door_look look;
	unsigned limit = 0;
	size_t count = 0;
	int64_t from, to;
	ward_err err;

	if (!read_days(request, &from, &to) || !door_limit(request, &limit) ||
			!door_look(request, &look))
		return;
	err = measure_sites_hosts(look.tx, from, to, limit, &look.arena, &rows, &count,
			&look.error);
	if (!err)
		door_rows(request, "hosts", rows, count, sizeof(*rows), write_host);
	door_look_end(request, &look, err);
}
