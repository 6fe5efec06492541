#include "gate/gate_json.h"

#include <stdlib.h>

#include "base/clock.h"

enum { ENTRY_ROOM = 4 * WARD_LINK_MAX };

void gate_write_entry(const struct ward_site_hit *hit, bool hidden, struct ward_buf *out)
{
	struct ward_site_cursor *cursor;
	struct ward_site_entry entry;

	if (ward_site_list_info(hit->list)->hidden && !hidden) {
		ward_buf_str(out, WARD_STR("(hidden)"));
		return;
	}
	cursor = calloc(1, sizeof(*cursor));
	if (!cursor) {
		out->failed = true;
		return;
	}
	ward_site_hit_entry(hit, cursor, &entry);
	ward_site_entry_write(&entry, out);
	free(cursor);
}

static void write_hit(struct json *json, const struct ward_site_hit *hit, bool hidden)
{
	const struct ward_site_info *info = ward_site_list_info(hit->list);
	struct ward_buf entry;
	char until[CLOCK_TEXT_MAX];

	ward_buf_init(&entry, ENTRY_ROOM);
	gate_write_entry(hit, hidden, &entry);
	json_object(json);
	json_key_text(json, "list", info->name);
	json_key_text(json, "sense", ward_site_sense_name(info->sense));
	json_key_bool(json, "mandatory", info->mandatory);
	json_key_text(json, "kind", ward_site_kind_name(hit->kind));
	json_key_str(json, "entry", ward_buf_text(&entry));
	json_key_str(json, "category", hit->category);
	json_key_str(json, "class", hit->class_code);
	json_key_str(json, "reason", hit->reason);
	json_key_text(json, "expires", hit->expires ? clock_format(hit->expires, until) : NULL);
	json_key_bool(json, "certain", hit->certain);
	json_object_end(json);
	ward_buf_free(&entry);
}

void gate_json_answer(struct json *json, const struct gate_told *told)
{
	const struct gate_rules *rules = told->rules;
	const struct gate_answer *answer = told->answer;
	bool grouped = told->group < rules->group_count;

	json_object(json);
	json_key_str(json, "link", told->text);
	json_key_str(json, "asked", told->link->url);
	json_key_text(json, "answer", gate_act_name(answer->act));
	json_key_text(json, "cause", gate_cause_name(answer->cause));
	json_key_text(json, "rule",
			answer->rule != SIZE_MAX ? rules->rules[answer->rule].name : NULL);
	json_key_text(json, "list",
			answer->hit != SIZE_MAX
					? ward_site_list_info(told->hits->at[answer->hit].list)
							  ->name
					: NULL);
	json_key_text(json, "group", grouped ? rules->groups[told->group].name : NULL);
	json_key_text(json, "profile", gate_profile_of(rules, told->group)->name);
	json_key_uint(json, "total", told->hits->total);
	json_key(json, "hits");
	json_array(json);
	for (size_t i = 0; i < told->hits->count; i++)
		write_hit(json, &told->hits->at[i], told->hidden);
	json_array_end(json);
	json_object_end(json);
}
