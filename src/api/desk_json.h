/*
 * desk_json.h - how the desk's nouns look in answers
 */
#ifndef API_DESK_JSON_H
#define API_DESK_JSON_H

#include <ward/media.h>

#include "base/json.h"
#include "desk/actions.h"
#include "desk/appeals.h"
#include "desk/decide.h"
#include "desk/jobs.h"
#include "desk/policies.h"
#include "desk/queues.h"
#include "desk/route.h"

void desk_json_queue(struct json *json, const struct desk_queue *queue);
/* The members of a job, in an object that is begun. */
void desk_json_job(struct json *json, const struct desk_job *job);
void desk_json_decision(struct json *json, const struct desk_decision *decision);
void desk_json_action(struct json *json, const struct desk_action *action);
void desk_json_kind(struct json *json, const struct desk_action_kind *kind);
void desk_json_route(struct json *json, const struct desk_route *route);
void desk_json_policy(struct json *json, const struct desk_policy *policy);
void desk_json_appeal(struct json *json, const struct desk_appeal *appeal);
void desk_json_comment(struct json *json, const struct desk_comment *comment);
/* What the worker has seen of a file. */
void desk_json_picture(struct json *json, const struct ward_picture_facts *picture);
/* "a,b" as ["a","b"]. */
void desk_json_words(struct json *json, const char *name, ward_str words);

/* What the work of a judgement is given: {"NAME": true, "reason": "…"}. */
struct desk_judgement {
	struct request *request;
	bool yes;
	ward_str reason;
};
/* Reads it, does the work, and says that it is done. */
void desk_json_judge(struct request *request, const char *name, store_work *work);

#endif
