#include "api/desk_json.h"

#include "api/door.h"

void desk_json_words(struct json *json, const char *name, ward_str words)
{
	json_key(json, name);
	json_array(json);
	while (words.len > 0) {
		ward_str word = ward_str_trim(ward_str_cut(&words, ','));

		if (word.len > 0)
			json_str(json, word);
	}
	json_array_end(json);
}

void desk_json_picture(struct json *json, const struct ward_picture_facts *picture)
{
	json_object(json);
	json_key_text(json, "kind", ward_media_name(picture->kind));
	json_key_uint(json, "width", picture->width);
	json_key_uint(json, "height", picture->height);
	json_key_uint(json, "frames", picture->frames);
	json_key_uint(json, "duration_ms", picture->duration_ms);
	json_key_bool(json, "sound", picture->has_sound);
	json_object_end(json);
}

void desk_json_queue(struct json *json, const struct desk_queue *queue)
{
	json_object(json);
	json_key_str(json, "id", queue->id);
	json_key_str(json, "title", queue->title);
	json_key_int(json, "place", queue->place);
	json_key_bool(json, "active", queue->active);
	json_key_int(json, "lease_seconds", queue->lease_seconds);
	json_key_int(json, "double_percent", queue->double_percent);
	json_key_bool(json, "everyone", queue->everyone);
	desk_json_words(json, "hidden_actions", queue->hidden_actions);
	json_key_int(json, "open", queue->open);
	json_key_bool(json, "mine", queue->mine);
	json_key_bool(json, "starred", queue->starred);
	door_key_time(json, "oldest_at", queue->oldest_at);
	json_object_end(json);
}

void desk_json_job(struct json *json, const struct desk_job *job)
{
	json_key_str(json, "id", job->id);
	json_key_str(json, "queue", job->queue);
	json_key_text(json, "state", desk_job_state_name(job->state));
	json_key_str(json, "waits", job->waits);
	json_key_int(json, "priority", job->priority);
	json_key_bool(json, "urgent", job->urgent);
	door_key_time(json, "created_at", job->created_at);
	door_key_time(json, "changed_at", job->changed_at);
	json_key_str(json, "subject", job->subject);
	json_key(json, "facts");
	json_raw(json, job->facts);
	json_key_int(json, "reports", job->reports);
	door_key_text(json, "known_decision", job->known_decision);
	door_key_text(json, "lease_person", job->lease_person);
	door_key_time(json, "lease_until", job->lease_person.len > 0 ? job->lease_until : 0);
	json_key_bool(json, "starred", job->starred);
}

void desk_json_decision(struct json *json, const struct desk_decision *decision)
{
	json_object(json);
	json_key_str(json, "id", decision->id);
	json_key_str(json, "job", decision->job);
	json_key_int(json, "pass", decision->pass);
	json_key_str(json, "person", decision->person);
	json_key_str(json, "role", decision->role);
	door_key_time(json, "at", decision->at);
	json_key_text(json, "outcome", desk_outcome_name(decision->outcome));
	door_key_text(json, "policy", decision->policy);
	desk_json_words(json, "labels", decision->labels);
	json_key_str(json, "reason", decision->reason);
	json_key_str(json, "exposure", decision->exposure);
	json_key_int(json, "seconds", decision->seconds);
	door_key_time(json, "undone_at", decision->undone_at);
	door_key_text(json, "undone_by", decision->undone_by);
	json_object_end(json);
}

void desk_json_action(struct json *json, const struct desk_action *action)
{
	json_object(json);
	json_key_str(json, "id", action->id);
	json_key_str(json, "decision", action->decision);
	json_key_str(json, "job", action->job);
	json_key_str(json, "kind", action->kind);
	json_key(json, "parameters");
	json_raw(json, action->parameters);
	json_key_text(json, "state", desk_action_state_name(action->state));
	door_key_time(json, "made_at", action->made_at);
	door_key_time(json, "due_at", action->due_at);
	json_key_int(json, "tries", action->tries);
	json_key_str(json, "answer", action->answer);
	json_key_str(json, "person", action->person);
	door_key_text(json, "second_person", action->second_person);
	json_object_end(json);
}

void desk_json_kind(struct json *json, const struct desk_action_kind *kind)
{
	json_object(json);
	json_key_str(json, "name", kind->name);
	json_key_str(json, "title", kind->title);
	json_key_bool(json, "builtin", kind->builtin);
	json_key(json, "parameters");
	json_raw(json, kind->parameters);
	door_key_text(json, "url", kind->url);
	json_key_bool(json, "two_persons", kind->two_persons);
	json_key_bool(json, "active", kind->active);
	json_object_end(json);
}

void desk_json_route(struct json *json, const struct desk_route *route)
{
	json_object(json);
	json_key_str(json, "id", route->id);
	json_key_int(json, "place", route->place);
	json_key_text(json, "mode", desk_route_mode_name(route->mode));
	json_key(json, "conditions");
	json_raw(json, route->conditions);
	json_key_str(json, "queue", route->queue);
	json_key(json, "priority");
	if (route->priority < 0)
		json_null(json);
	else
		json_int(json, route->priority);
	json_key_int(json, "matched", route->matched);
	json_object_end(json);
}

void desk_json_policy(struct json *json, const struct desk_policy *policy)
{
	json_object(json);
	json_key_str(json, "code", policy->code);
	door_key_text(json, "parent", policy->parent);
	json_key_int(json, "place", policy->place);
	json_key_str(json, "title", policy->title);
	json_key_str(json, "help", policy->help);
	desk_json_words(json, "labels", policy->labels);
	json_key_bool(json, "severe", policy->severe);
	json_key_int(json, "weight", policy->weight);
	json_key_bool(json, "active", policy->active);
	json_object_end(json);
}

void desk_json_appeal(struct json *json, const struct desk_appeal *appeal)
{
	json_object(json);
	json_key_str(json, "id", appeal->id);
	json_key_str(json, "decision", appeal->decision);
	json_key_str(json, "job", appeal->job);
	door_key_time(json, "at", appeal->at);
	door_key_text(json, "item", appeal->item);
	json_key_text(json, "state", desk_appeal_state_name(appeal->state));
	door_key_text(json, "person", appeal->person);
	door_key_time(json, "settled_at", appeal->settled_at);
	json_object_end(json);
}

void desk_json_comment(struct json *json, const struct desk_comment *comment)
{
	json_object(json);
	json_key_str(json, "id", comment->id);
	json_key_str(json, "person", comment->person);
	door_key_time(json, "at", comment->at);
	json_key_str(json, "words", comment->words);
	json_object_end(json);
}

/* ---- what is asked ---- */

void desk_json_judge(struct request *request, const char *name, store_work *work)
{
	struct desk_judgement judgement = { .request = request, .reason = WARD_STR("") };
	struct json_t *body = door_object(request);

	if (body && tree_is_null(tree_member(body, name)))
		request_trouble(request, PROBLEM_BAD_REQUEST, "Say \"%s\": true or false.", name);
	else if (body && door_flag(request, body, name, &judgement.yes) &&
			door_text(request, body, "reason", &judgement.reason) &&
			door_write(request, work, &judgement))
		door_done(request);
	tree_free(body);
}
